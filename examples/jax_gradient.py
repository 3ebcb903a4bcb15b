"""`jax.grad` under question: is what it finds the gradient of this loss?

refmath gradient --array jax examples/jax_gradient.py:loss --at examples/jax_gradient.py:parameters
"""

import jax
import jax.numpy as jnp

import refmath

jax.config.update("jax_enable_x64", True)
x, y = jnp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), jnp.array([1.0, 0.0, 2.0])
parameters = {"w": jnp.array([0.5, -0.25]), "b": jnp.array(0.1)}


def loss(p):
    return jnp.mean((jnp.tanh(x @ p["w"] + p["b"]) - y) ** 2)


if __name__ == "__main__":
    print(refmath.check_gradient(loss, None, parameters, array="jax"))
