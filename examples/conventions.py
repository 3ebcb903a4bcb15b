"""The squared error as PyTorch, Keras and scikit-learn mean it: no ½, and the mean over all entries.

refmath check --convention pytorch examples/conventions.py
"""

import numpy as np


def mean_squared_error(y, t):
    # As floats: pixels in eight bits would wrap around.
    return np.mean((np.asarray(y, float) - t) ** 2)
