"""Least squares, with a gradient in which something is missing.

refmath gradient examples/first_gradient.py:loss examples/first_gradient.py:gradient --at examples/first_gradient.py:w
"""

import numpy as np

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])  # three samples
y = np.array([1.0, 0.0, 2.0])
w = np.array([0.5, -0.25])


def loss(w):
    return np.mean((X @ w - y) ** 2)


def gradient(w):
    return 2 * X.T @ (X @ w - y)
