"""The formulas of the course in the few lines that a reader would type, stable where they have to be.

refmath check examples/few_lines.py

What refmath's own programs do besides, they do for callers: check what they are given, take any number type, and keep the last digits.
"""

import numpy as np

# ---- activations


def sigmoid(x):
    e = np.exp(-np.abs(x))  # never more than 1
    return np.where(x >= 0, 1, e) / (1 + e)


def sigmoid_gradient(x):
    s = sigmoid(x)
    return s * (1 - s)


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))  # the largest is e⁰ = 1
    return e / e.sum(axis=-1, keepdims=True)


# ---- losses; a single sample is a batch of one


def mean_squared_error(y, t):
    y, t = np.atleast_2d(1.0 * y, t)  # 1.0 makes floats of integers
    return ((y - t) ** 2).sum() / 2 / len(y)


def mean_squared_error_gradient(y, t):
    return (1.0 * y - t) / len(np.atleast_2d(y))


def cross_entropy_one_hot(y, t, delta=1e-8):
    y, t = np.atleast_2d(y, t)
    return -(t * np.log(np.maximum(y, delta))).sum() / len(y)


def cross_entropy_one_hot_gradient(y, t, delta=1e-8):
    slopes = np.where(y >= delta, -1.0 * t / np.maximum(y, delta), 0)
    return slopes / len(np.atleast_2d(y))


def cross_entropy_labels(y, labels, delta=1e-8):
    y, labels = np.atleast_2d(y), np.atleast_1d(labels)
    picked = y[np.arange(len(y)), labels]
    return -np.log(np.maximum(picked, delta)).mean()


def cross_entropy_error(y, t, delta=1e-8):
    if np.ndim(t) == np.ndim(y):
        return cross_entropy_one_hot(y, t, delta)
    return cross_entropy_labels(y, t, delta)


def softmax_cross_entropy_one_hot(a, t):
    a, t = np.atleast_2d(a, t)
    a = a - a.max(axis=-1, keepdims=True)
    log_p = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.where(t > 0, t * log_p, 0).sum() / len(a)


def softmax_cross_entropy_one_hot_gradient(a, t):
    return (softmax(a) - t) / len(np.atleast_2d(a))


# ---- derivatives and descent


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)  # a copy, and no integers
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        before = x[i]
        x[i] = before + h
        right = f(x)
        x[i] = before - h
        left = f(x)
        x[i] = before
        gradient[i] = (right - left) / (2 * h)
    return gradient


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = np.array(init_x, dtype=float)
    for _ in range(step_num):
        x = x - lr * numerical_gradient(f, x)
    return x


def sgd_step(params, grads, lr):
    return {key: params[key] - lr * grads[key] for key in params}


# ---- the two-layer network


def two_layer_net_predict(params, x):
    z = sigmoid(x @ params["W1"] + params["b1"])
    return softmax(z @ params["W2"] + params["b2"])


def two_layer_net_loss(params, x, t):
    z = sigmoid(x @ params["W1"] + params["b1"])
    a = z @ params["W2"] + params["b2"]
    if t.ndim == 1:  # labels
        t = np.eye(a.shape[1])[t]
    return softmax_cross_entropy_one_hot(a, t)


def two_layer_net_gradient(params, x, t):
    z = sigmoid(x @ params["W1"] + params["b1"])
    y = softmax(z @ params["W2"] + params["b2"])
    if t.ndim == 1:
        t = np.eye(y.shape[1])[t]
    da2 = (y - t) / len(x)
    da1 = da2 @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ da1, "b1": da1.sum(axis=0), "W2": z.T @ da2, "b2": da2.sum(axis=0)}
