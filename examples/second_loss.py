"""The same loss, with the largest logit subtracted first: nothing overflows, and nothing is ever the logarithm of zero.

refmath check examples/second_loss.py
"""

import numpy as np


def softmax_cross_entropy_one_hot(a, t):
    a = a - np.max(a, axis=-1, keepdims=True)
    log_p = a - np.log(np.sum(np.exp(a), axis=-1, keepdims=True))
    return np.mean(-np.sum(t * log_p, axis=-1))
