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


def numerical_gradient(f, x):
    # The multi-index version. Integers truncate in silence: the gradient, and x + h itself, have the dtype of x.
    h = 1e-4
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        it.iternext()
    return grad


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    # `x = init_x` is no copy: the start point is destroyed.
    x = init_x
    for _ in range(step_num):
        x -= lr * numerical_gradient(f, x)
    return x


def sgd_step(params, grads, lr):
    # From the loop of the training program, which changes the network's own parameters: there it is meant.
    for key in ("W1", "b1", "W2", "b2"):
        params[key] -= lr * grads[key]
    return params


def two_layer_net_predict(params, x):
    # TwoLayerNet.predict
    z1 = sigmoid(np.dot(x, params["W1"]) + params["b1"])
    return softmax(np.dot(z1, params["W2"]) + params["b2"])


def two_layer_net_loss(params, x, t):
    # TwoLayerNet.loss
    return cross_entropy_error(two_layer_net_predict(params, x), t)


def two_layer_net_gradient(params, x, t):
    # TwoLayerNet.gradient, for one-hot targets: (y - t) / N is not the gradient of the loss above, but of the one without the offset.
    W1, b1, W2, b2 = (params[key] for key in ("W1", "b1", "W2", "b2"))
    if t.ndim == 1:
        t = np.eye(W2.shape[1])[t]
    batch_num = x.shape[0]
    a1 = np.dot(x, W1) + b1
    z1 = sigmoid(a1)
    y = softmax(np.dot(z1, W2) + b2)
    dy = (y - t) / batch_num
    da1 = sigmoid_gradient(a1) * np.dot(dy, W2.T)
    return {"W1": np.dot(x.T, da1), "b1": np.sum(da1, axis=0), "W2": np.dot(z1.T, dy), "b2": np.sum(dy, axis=0)}
