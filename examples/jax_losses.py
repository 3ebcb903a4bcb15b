"""JAX's functions behind catalogue signatures.

refmath check --array jax --dtype float32 examples/jax_losses.py
"""

import jax
import jax.numpy as jnp


def softmax(a):
    return jax.nn.softmax(a, axis=-1)


def softmax_cross_entropy_one_hot(a, t):
    return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(a, axis=-1), axis=-1))


def softmax_cross_entropy_one_hot_gradient(a, t):
    return jax.grad(softmax_cross_entropy_one_hot)(a, t)
