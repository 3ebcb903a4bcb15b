"""The chapter's own functions, as a reader would type them in, with the flaws that they really have.

    refmath check --exit-zero examples/chapter.py

finds the flaws and gives them their names. Comments say what the chapter means; the verdicts say what the code does.
"""

import numpy as np


def sigmoid(x):
    # Harmless: exp(-x) overflows to inf for very negative x, and 1 / inf is the right 0. It only warns.
    return 1 / (1 + np.exp(-x))


def sigmoid_gradient(x):
    return (1.0 - sigmoid(x)) * sigmoid(x)


def softmax(a):
    # The chapter subtracts the largest entry, so that exp cannot overflow.
    if a.ndim == 2:
        a = a.T
        a = a - np.max(a, axis=0)
        y = np.exp(a) / np.sum(np.exp(a), axis=0)
        return y.T
    a = a - np.max(a)
    return np.exp(a) / np.sum(np.exp(a))


def mean_squared_error(y, t):
    # Written for one sample: a batch is summed up, not averaged.
    return 0.5 * np.sum((y - t) ** 2)


def cross_entropy_one_hot(y, t):
    # The offset keeps the logarithm finite, and makes the loss of a perfect prediction negative.
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    batch_size = y.shape[0]
    return -np.sum(t * np.log(y + 1e-8)) / batch_size


def cross_entropy_labels(y, labels):
    # Only the outputs are made a batch of one: a single label happens to work, because it broadcasts.
    if y.ndim == 1:
        y = y.reshape(1, y.size)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), labels] + 1e-8)) / batch_size


def cross_entropy_error(y, t):
    # The book's version: both encodings, told apart by their size, and a larger offset.
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


def softmax_cross_entropy_one_hot(a, t):
    # What the chapter's network computes as its loss.
    return cross_entropy_one_hot(softmax(a), t)


def softmax_cross_entropy_one_hot_gradient(a, t):
    # y - t is the gradient of the loss without the offset: right here, but not the gradient of the function above.
    batch_size = 1 if a.ndim == 1 else a.shape[0]
    return (softmax(a) - t) / batch_size
