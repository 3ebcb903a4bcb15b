"""Faulty steps of the parameters and faulty two-layer networks, each wrong in one way."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from typing import Any

import numpy as np

from .sound import log_softmax, one_hot, sigmoid, softmax
from .specimen import Array, Specimen, faulty, installed

Params = dict[str, Any]

# ------------------------------------------------------------------------------------------------------------------------ sgd_step


def step_scaling_the_gradients(params: Params, grads: Params, lr: float) -> Params:
    """The gradients are multiplied in place first."""
    stepped = {}
    for key, slope in grads.items():
        slope *= lr
        stepped[key] = params[key] - slope
    return stepped


def step_uphill(params: Params, grads: Params, lr: float) -> Params:
    """Plus instead of minus."""
    return {key: np.add(value, np.multiply(lr, grads[key])) for key, value in params.items()}


def step_without_rate(params: Params, grads: Params, lr: float) -> Params:
    """The whole gradient is taken off."""
    return {key: params[key] - grads[key] for key in params}


def step_at_the_default_rate(params: Params, grads: Params, lr: float) -> Params:
    """The rate of the book's example is written into the loop."""
    return {key: params[key] - 0.1 * grads[key] for key in params}


def step_with_the_rate_twice(params: Params, grads: Params, lr: float) -> Params:
    """The step is multiplied by the rate, and again where it is taken off."""
    steps = {key: lr * grads[key] for key in grads}
    return {key: params[key] - lr * steps[key] for key in params}


def step_lost_in_the_loop(params: Params, grads: Params, lr: float) -> Params:
    """`value = ...` moves the loop's name and not the parameter."""
    copies = {key: value.copy() for key, value in params.items()}
    for key, value in copies.items():
        value = value - lr * grads[key]
    return copies


def step_of_the_weights(params: Params, grads: Params, lr: float) -> Params:
    """Only what begins with a W is moved: the biases are forgotten."""
    return {key: value - lr * grads[key] if key.startswith("W") else value.copy() for key, value in params.items()}


def step_without_biases_at_all(params: Params, grads: Params, lr: float) -> Params:
    """The biases are forgotten, and not returned."""
    return {key: params[key] - lr * grads[key] for key in ("W1", "W2")}


def step_of_the_second_layer(params: Params, grads: Params, lr: float) -> Params:
    """Only the output layer learns, by its number."""
    return {key: value - lr * (grads[key] if key.endswith("2") else 0 * value) for key, value in params.items()}


def step_times_the_difference(params: Params, grads: Params, lr: float) -> Params:
    """A bracket too many: the rate shrinks the parameters too."""
    return {key: lr * (params[key] - grads[key]) for key in params}


def step_alone(params: Params, grads: Params, lr: float) -> Params:
    """What is to be added to the parameters."""
    return {key: -(lr * grads[key]) for key in params}


def step_with_decay(params: Params, grads: Params, lr: float) -> Params:
    """Decay of weights and biases, of a ten-thousandth."""
    return {key: value - lr * (grads[key] + 1e-4 * value) for key, value in params.items()}


def step_with_strong_decay_of_weights(params: Params, grads: Params, lr: float) -> Params:
    """Decay of the weights, of a tenth."""
    return {
        key: value - lr * grads[key] - (lr * 0.1 * value if key.startswith("W") else 0) for key, value in params.items()
    }


def step_with_decoupled_decay(params: Params, grads: Params, lr: float) -> Params:
    """The parameters shrink by a thousandth whatever the rate."""
    return {key: 0.999 * value - lr * grads[key] for key, value in params.items()}


def step_of_length_one(params: Params, grads: Params, lr: float) -> Params:
    """Each gradient is divided by its length."""
    lengths = {key: float(np.linalg.norm(slope)) or 1.0 for key, slope in grads.items()}
    return {key: params[key] - lr / lengths[key] * grads[key] for key in params}


def step_by_sign(params: Params, grads: Params, lr: float) -> Params:
    """Every entry moves by the rate."""
    return {key: params[key] - lr * np.sign(grads[key]) for key in params}


def step_with_clipping(params: Params, grads: Params, lr: float) -> Params:
    """Gradients beyond one are cut off."""
    return {key: params[key] - lr * np.minimum(np.maximum(grads[key], -1), 1) for key in params}


def step_with_nesterov(params: Params, grads: Params, lr: float) -> Params:
    """The first step of Nesterov's momentum: 1.9 times as far."""
    v = {key: -lr * grads[key] for key in grads}
    return {key: params[key] + 0.9 * v[key] - lr * grads[key] for key in params}


def step_in_single_precision(params: Params, grads: Params, lr: float) -> Params:
    """Everything in float32."""
    return {key: params[key].astype(np.float32) - np.float32(lr) * grads[key].astype(np.float32) for key in params}


_VELOCITY: dict[Any, Any] = {}


def step_with_a_memory(params: Params, grads: Params, lr: float) -> Params:
    """Momentum, whose velocities stay from one call to the next."""
    for key, slope in grads.items():
        before = _VELOCITY.get((key, slope.shape), 0.0)
        _VELOCITY[key, slope.shape] = 0.9 * before - lr * slope
    return {key: value + _VELOCITY[key, value.shape] for key, value in params.items()}


def step_with_adagrad(params: Params, grads: Params, lr: float) -> Params:
    """The first step of AdaGrad."""
    return {key: params[key] - lr * grads[key] / (np.sqrt(grads[key] ** 2) + 1e-7) for key in params}


def step_of_a_batch(params: Params, grads: Params, lr: float) -> Params:
    """The gradient is divided by the number of rows, as if it were a batch."""
    return {key: params[key] - lr * grads[key] / len(grads[key]) for key in params}


def step_as_a_tuple(params: Params, grads: Params, lr: float) -> Any:
    """The parameters in a row, without their names."""
    return tuple(params[key] - lr * grads[key] for key in params)


# ----------------------------------------------------------------------------------------------------------- two_layer_net_predict


def _hidden(params: Params, x: Array) -> Array:
    return sigmoid(x @ params["W1"] + params["b1"])


def _logits(params: Params, x: Array) -> Array:
    return _hidden(params, x) @ params["W2"] + params["b2"]


def predict_linearly(params: Params, x: Array) -> Array:
    """The sigmoid is forgotten."""
    h = x @ params["W1"] + params["b1"]
    return softmax(h @ params["W2"] + params["b2"])


def predict_by_relu(params: Params, x: Array) -> Array:
    """A rectifier in the hidden layer."""
    h = x @ params["W1"] + params["b1"]
    return softmax(h * (h > 0) @ params["W2"] + params["b2"])


def predict_by_tanh(params: Params, x: Array) -> Array:
    """The hyperbolic tangent in the hidden layer."""
    return softmax(np.tanh(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"])


def predict_by_softmax_twice_over(params: Params, x: Array) -> Array:
    """A softmax in the hidden layer too."""
    return softmax(softmax(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"])


def predict_without_first_bias(params: Params, x: Array) -> Array:
    """b1 is forgotten."""
    return softmax(sigmoid(x @ params["W1"]) @ params["W2"] + params["b2"])


def predict_without_second_bias(params: Params, x: Array) -> Array:
    """b2 is forgotten."""
    return softmax(_hidden(params, x) @ params["W2"])


def predict_without_biases(params: Params, x: Array) -> Array:
    """Both biases are forgotten."""
    return softmax(np.dot(sigmoid(np.dot(x, params["W1"])), params["W2"]))


def predict_logits(params: Params, x: Array) -> Array:
    """The softmax is forgotten."""
    return _logits(params, x)


def predict_by_sigmoids(params: Params, x: Array) -> Array:
    """A sigmoid at the output too."""
    return sigmoid(_logits(params, x))


def predict_logarithms(params: Params, x: Array) -> Array:
    """log_softmax."""
    return log_softmax(_logits(params, x))


def predict_without_shift(params: Params, x: Array) -> Array:
    """The exponentials overflow from 710 on."""
    raised = np.exp(_logits(params, x))
    return raised / raised.sum(axis=1, keepdims=True)


def predict_over_samples(params: Params, x: Array) -> Array:
    """The softmax over axis 0."""
    a = _logits(params, x)
    raised = np.exp(a - a.max(axis=0))
    return raised / raised.sum(axis=0)


def predict_over_the_batch(params: Params, x: Array) -> Array:
    """The book's softmax of one sample, given a whole batch."""
    a = _logits(params, x)
    raised = np.exp(a - np.max(a))
    return raised / np.sum(raised)


def predict_shifted_by_the_batch(params: Params, x: Array) -> Array:
    """The maximum of the whole batch is taken off: rows far below it vanish."""
    a = _logits(params, x)
    raised = np.exp(a - np.max(a))
    return raised / raised.sum(axis=1, keepdims=True)


def predict_softmax_twice(params: Params, x: Array) -> Array:
    """The softmax of the softmax."""
    return softmax(softmax(_logits(params, x)))


def predict_with_transposed_weights(params: Params, x: Array) -> Array:
    """The weights are transposed: the shapes fit only if they are square."""
    z = sigmoid(x @ params["W1"].T + params["b1"])
    return softmax(z @ params["W2"].T + params["b2"])


def predict_transposed_where_square(params: Params, x: Array) -> Array:
    """The orientation of W2 is guessed from its shape, wrongly where it is square."""
    z, W2 = _hidden(params, x), params["W2"]
    return softmax(z @ (W2.T if W2.shape[1] == z.shape[1] else W2) + params["b2"])


def predict_in_single_precision(params: Params, x: Array) -> Array:
    """Everything in float32."""
    W1, b1, W2, b2 = (params[key].astype(np.float32) for key in ("W1", "b1", "W2", "b2"))
    return softmax(sigmoid(x.astype(np.float32) @ W1 + b1) @ W2 + b2)


def predict_shifting_the_bias(params: Params, x: Array) -> Array:
    """The largest bias is taken off all of them in place: the softmax does not mind, the caller does."""
    params["b2"] -= params["b2"].max() + 1.0
    return softmax(_logits(params, x))


def predict_classes(params: Params, x: Array) -> Array:
    """The likeliest classes."""
    return np.argmax(_logits(params, x), axis=1)


def predict_one_sample(params: Params, x: Array) -> Array:
    """Only the first sample."""
    return softmax(_logits(params, x)[0])


def predict_with_the_bias_inside(params: Params, x: Array) -> Array:
    """A misplaced bracket: the second bias is multiplied too."""
    z = _hidden(params, x)
    return softmax((z + params["b2"].mean()) @ params["W2"])


def predict_with_temperature(params: Params, x: Array) -> Array:
    """The logits are halved."""
    return softmax(_logits(params, x) / 2)


# -------------------------------------------------------------------------------------------------------------- two_layer_net_loss


def _rows(params: Params, t: Array) -> Array:
    return t if t.ndim == 2 else one_hot(t, len(params["b2"]))


def _cross_entropy(params: Params, a: Array, t: Array) -> Any:
    return -np.sum(_rows(params, t) * log_softmax(a)) / len(a)


def loss_added_up(params: Params, x: Array, t: Array) -> Any:
    """The sum over the samples."""
    return -np.sum(_rows(params, t) * log_softmax(_logits(params, x)))


def loss_over_entries(params: Params, x: Array, t: Array) -> Any:
    """np.mean over all entries."""
    return -np.mean(_rows(params, t) * log_softmax(_logits(params, x)))


def loss_negative(params: Params, x: Array, t: Array) -> Any:
    """The minus is forgotten."""
    return np.mean(np.sum(_rows(params, t) * log_softmax(_logits(params, x)), axis=1))


def loss_in_bits(params: Params, x: Array, t: Array) -> Any:
    """The logarithm to the base 2."""
    return _cross_entropy(params, _logits(params, x), t) / np.log(2)


def loss_of_vanishing_shares(params: Params, x: Array, t: Array) -> Any:
    """The logarithm of the softmax where the target is not 0: infinite once it has become 0."""
    y, rows = softmax(_logits(params, x)), _rows(params, t)
    return -np.sum(rows[rows > 0] * np.log(y[rows > 0])) / len(y)


def loss_of_the_chapter(params: Params, x: Array, t: Array) -> Any:
    """The chapter's 1e-8 inside the logarithm."""
    y = softmax(_logits(params, x))
    return -(_rows(params, t) * np.log(y + 1e-8)).sum() / len(x)


def loss_of_the_book(params: Params, x: Array, t: Array) -> Any:
    """The book's 1e-7 inside the logarithm."""
    y = softmax(_logits(params, x))
    return -np.einsum("nk,nk->", _rows(params, t), np.log(y + 1e-7)) / len(x)


def loss_clipped(params: Params, x: Array, t: Array) -> Any:
    """The prediction is kept between 1e-7 and 1 - 1e-7."""
    y = np.clip(softmax(_logits(params, x)), 1e-7, 1 - 1e-7)
    return -(_rows(params, t) * np.log(y)).sum() / len(x)


def loss_without_sigmoid(params: Params, x: Array, t: Array) -> Any:
    """The sigmoid is forgotten."""
    return _cross_entropy(params, (x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"], t)


def loss_with_relu(params: Params, x: Array, t: Array) -> Any:
    """A rectifier in the hidden layer."""
    h = np.maximum(x @ params["W1"] + params["b1"], 0.0)
    return _cross_entropy(params, h @ params["W2"] + params["b2"], t)


def loss_without_first_bias(params: Params, x: Array, t: Array) -> Any:
    """b1 is forgotten."""
    return _cross_entropy(params, sigmoid(x @ params["W1"]) @ params["W2"] + params["b2"], t)


def loss_without_second_bias(params: Params, x: Array, t: Array) -> Any:
    """b2 is forgotten."""
    return _cross_entropy(params, _hidden(params, x) @ params["W2"], t)


def loss_without_biases(params: Params, x: Array, t: Array) -> Any:
    """Both biases are forgotten."""
    return _cross_entropy(params, sigmoid(x @ params["W1"]) @ params["W2"], t)


def loss_softmaxed_twice(params: Params, x: Array, t: Array) -> Any:
    """The probabilities are handed to a loss that takes logits."""
    return _cross_entropy(params, softmax(_logits(params, x)), t)


def loss_of_squares(params: Params, x: Array, t: Array) -> Any:
    """Half the squared distance."""
    return 0.5 * np.sum((softmax(_logits(params, x)) - _rows(params, t)) ** 2) / x.shape[0]


def loss_with_penalty(params: Params, x: Array, t: Array) -> Any:
    """A penalty of a thousandth for large weights."""
    penalty = 0.5 * 1e-3 * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return _cross_entropy(params, _logits(params, x), t) + penalty


def loss_of_the_first(params: Params, x: Array, t: Array) -> Any:
    """The loop returns after its first sample."""
    for x_n, t_n in zip(x, t, strict=True):
        return _cross_entropy(params, _logits(params, x_n[None]), t_n[None])


def loss_of_all_pairs(params: Params, x: Array, t: Array) -> Any:
    """log_y[:, t] picks every label for every sample."""
    labels = t if t.ndim == 1 else t.argmax(axis=1)
    return -np.sum(log_softmax(_logits(params, x))[:, labels]) / len(x)


def loss_of_each(params: Params, x: Array, t: Array) -> Any:
    """One loss for each sample."""
    return -np.sum(_rows(params, t) * log_softmax(_logits(params, x)), axis=1)


def loss_of_broadcast_labels(params: Params, x: Array, t: Array) -> Any:
    """Labels are multiplied as if they were one-hot."""
    t = t[:, None] if t.ndim == 1 else t
    return -np.sum(t * log_softmax(_logits(params, x))) / len(x)


def loss_binary(params: Params, x: Array, t: Array) -> Any:
    """The binary cross-entropy of every output."""
    y, rows = softmax(_logits(params, x)), _rows(params, t)
    return -np.sum(rows * np.log(y + 1e-300) + (1 - rows) * np.log1p(-np.minimum(y, 1 - 1e-16))) / len(x)


def loss_in_single_precision(params: Params, x: Array, t: Array) -> Any:
    """Everything in float32."""
    low = {key: value.astype(np.float32) for key, value in params.items()}
    return _cross_entropy(low, _logits(low, x.astype(np.float32)), _rows(params, t).astype(np.float32))


def loss_normalising_its_input(params: Params, x: Array, t: Array) -> Any:
    """The samples are centred in place."""
    loss = _cross_entropy(params, _logits(params, x), t)
    x -= x.mean(axis=0).astype(x.dtype)
    return loss


def loss_smoothed(params: Params, x: Array, t: Array) -> Any:
    """The targets are smoothed by a tenth."""
    rows = 0.9 * _rows(params, t) + 0.1 / len(params["b2"])
    return -np.sum(rows * log_softmax(_logits(params, x))) / len(x)


# ---------------------------------------------------------------------------------------------------------- two_layer_net_gradient


def _back(params: Params, x: Array, delta: Array, *, slope: Array | float | None = None, **given: Any) -> Params:
    """The way back from the errors at the logits; `given` replaces a part of the answer."""
    z = _hidden(params, x)
    d = delta @ params["W2"].T * (z * (1 - z) if slope is None else slope)
    return {"W1": x.T @ d, "b1": d.sum(axis=0), "W2": z.T @ delta, "b2": delta.sum(axis=0), **given}


def _errors(params: Params, x: Array, t: Array) -> Array:
    """Probabilities minus targets, without the 1/N."""
    return softmax(_logits(params, x)) - _rows(params, t)


def gradient_of_the_sum(params: Params, x: Array, t: Array) -> Params:
    """The 1/N is forgotten."""
    return _back(params, x, _errors(params, x, t))


def gradient_over_n_twice(params: Params, x: Array, t: Array) -> Params:
    """Divided by N in the error, and again in the products."""
    given = _back(params, x, _errors(params, x, t) / len(x))
    return {key: value / len(x) for key, value in given.items()}


def gradient_over_entries(params: Params, x: Array, t: Array) -> Params:
    """Divided by N and by K."""
    return _back(params, x, _errors(params, x, t) / (len(x) * len(params["b2"])))


def gradient_negative(params: Params, x: Array, t: Array) -> Params:
    """Targets minus probabilities."""
    return _back(params, x, -_errors(params, x, t) / len(x))


def gradient_without_target(params: Params, x: Array, t: Array) -> Params:
    """The target is not taken off."""
    return _back(params, x, softmax(_logits(params, x)) / len(x))


def gradient_twice(params: Params, x: Array, t: Array) -> Params:
    """Twice the gradient."""
    return _back(params, x, 2 / len(x) * _errors(params, x, t))


def gradient_of_squares(params: Params, x: Array, t: Array) -> Params:
    """The gradient of half the squared distance, through the softmax's Jacobian."""
    y, e = softmax(_logits(params, x)), _errors(params, x, t) / len(x)
    jacobian = y[:, :, None] * (np.eye(y.shape[1]) - y[:, None, :])
    return _back(params, x, np.einsum("nij,nj->ni", jacobian, e))


def gradient_without_slope(params: Params, x: Array, t: Array) -> Params:
    """The sigmoid's slope is forgotten."""
    return _back(params, x, _errors(params, x, t) / len(x), slope=1.0)


def gradient_with_the_slope_in_a(params: Params, x: Array, t: Array) -> Params:
    """(1 - a) a, with the sum and not the sigmoid's value."""
    a = x @ params["W1"] + params["b1"]
    return _back(params, x, _errors(params, x, t) / len(x), slope=(1.0 - a) * a)


def gradient_with_the_slope_at_z(params: Params, x: Array, t: Array) -> Params:
    """The chapter's sigmoid_grad, given z where it takes a."""
    s = sigmoid(_hidden(params, x))
    return _back(params, x, _errors(params, x, t) / len(x), slope=(1.0 - s) * s)


def gradient_with_the_value_for_the_slope(params: Params, x: Array, t: Array) -> Params:
    """z where z (1 - z) belongs."""
    return _back(params, x, _errors(params, x, t) / len(x), slope=_hidden(params, x))


def gradient_with_half_of_the_slope(params: Params, x: Array, t: Array) -> Params:
    """1 - z where z (1 - z) belongs."""
    return _back(params, x, _errors(params, x, t) / len(x), slope=1 - _hidden(params, x))


def gradient_with_the_slope_of_relu(params: Params, x: Array, t: Array) -> Params:
    """The way back is a rectifier's, the way forth a sigmoid's."""
    mask = x @ params["W1"] + params["b1"] > 0
    return _back(params, x, _errors(params, x, t) / len(x), slope=mask)


def gradient_with_the_slope_of_tanh(params: Params, x: Array, t: Array) -> Params:
    """1 - z squared, the slope of a tanh."""
    return _back(params, x, _errors(params, x, t) / len(x), slope=1 - _hidden(params, x) ** 2)


def gradient_with_a_plus_in_the_slope(params: Params, x: Array, t: Array) -> Params:
    """z (1 + z)."""
    z = _hidden(params, x)
    return _back(params, x, _errors(params, x, t) / len(x), slope=z * (1 + z))


def gradient_linear(params: Params, x: Array, t: Array) -> Params:
    """A network without a sigmoid, there and back."""
    h = x @ params["W1"] + params["b1"]
    e = (softmax(h @ params["W2"] + params["b2"]) - _rows(params, t)) / len(x)
    d = e @ params["W2"].T
    return {"W1": x.T @ d, "b1": np.sum(d, axis=0), "W2": h.T @ e, "b2": np.sum(e, axis=0)}


def gradient_without_transposing(params: Params, x: Array, t: Array) -> Params:
    """np.dot(dy, W2): fits only for as many hidden units as classes."""
    e, z = _errors(params, x, t) / len(x), _hidden(params, x)
    d = np.dot(e, params["W2"]) * z * (1 - z)
    return {"W1": x.T @ d, "b1": d.sum(axis=0), "W2": z.T @ e, "b2": e.sum(axis=0)}


def gradient_reshaped_where_it_does_not_fit(params: Params, x: Array, t: Array) -> Params:
    """W2 is reshaped and not transposed: the shapes fit, the entries do not."""
    e, z = _errors(params, x, t) / len(x), _hidden(params, x)
    d = e @ params["W2"].reshape(params["W2"].shape[::-1]) * z * (1 - z)
    return {"W1": x.T @ d, "b1": d.sum(axis=0), "W2": z.T @ e, "b2": e.sum(axis=0)}


def gradient_with_mean_biases(params: Params, x: Array, t: Array) -> Params:
    """np.mean instead of np.sum for the biases."""
    e, z = _errors(params, x, t) / len(x), _hidden(params, x)
    d = e @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ d, "b1": np.mean(d, axis=0), "W2": z.T @ e, "b2": np.mean(e, axis=0)}


def gradient_with_summed_biases(params: Params, x: Array, t: Array) -> Params:
    """The weights' gradients are divided by N, the biases' are not."""
    e, z = _errors(params, x, t), _hidden(params, x)
    d = e @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ d / len(x), "b1": d.sum(axis=0), "W2": z.T @ e / len(x), "b2": e.sum(axis=0)}


def gradient_with_biases_of_each_sample(params: Params, x: Array, t: Array) -> Params:
    """The biases' gradients have a row for each sample."""
    e, z = _errors(params, x, t) / len(x), _hidden(params, x)
    d = e @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ d, "b1": d, "W2": z.T @ e, "b2": e}


def gradient_of_the_weights(params: Params, x: Array, t: Array) -> Params:
    """The biases get zeros."""
    return _back(
        params,
        x,
        _errors(params, x, t) / len(x),
        b1=np.zeros_like(params["b1"]),
        b2=np.zeros_like(params["b2"]),
    )


def gradient_of_the_second_layer(params: Params, x: Array, t: Array) -> Params:
    """The first layer gets zeros."""
    return _back(
        params,
        x,
        _errors(params, x, t) / len(x),
        W1=np.zeros_like(params["W1"]),
        b1=np.zeros_like(params["b1"]),
    )


def gradient_without_shift(params: Params, x: Array, t: Array) -> Params:
    """The exponentials overflow from 710 on."""
    raised = np.exp(_logits(params, x))
    y = raised / np.sum(raised, axis=1)[:, None]
    return _back(params, x, (y - _rows(params, t)) / len(x))


def gradient_of_the_first(params: Params, x: Array, t: Array) -> Params:
    """Only the first sample is looked at."""
    return _back(params, x[:1], _errors(params, x[:1], t[:1]))


def gradient_of_the_last(params: Params, x: Array, t: Array) -> Params:
    """The loop overwrites where it should add up."""
    grads: Params = {}
    for n in range(len(x)):
        grads = _back(params, x[n : n + 1], _errors(params, x[n : n + 1], t[n : n + 1]) / len(x))
    return grads


def gradient_with_penalty(params: Params, x: Array, t: Array) -> Params:
    """A tenth of the weights is added."""
    given = _back(params, x, _errors(params, x, t) / len(x))
    for key in ("W1", "W2"):
        given[key] = given[key] + 0.1 * params[key]
    return given


def gradient_by_differences(params: Params, x: Array, t: Array) -> Params:
    """The chapter's numerical gradient of the loss, on copies."""
    h, grads = 1e-4, {}
    for key, value in params.items():
        slopes = np.zeros(value.size)
        for i in range(value.size):
            right, left = value.copy(), value.copy()
            right.flat[i] += h
            left.flat[i] -= h
            losses = [_cross_entropy(params, _logits({**params, key: side}, x), t) for side in (right, left)]
            slopes[i] = (losses[0] - losses[1]) / (2 * h)
        grads[key] = slopes.reshape(value.shape)
    return grads


def gradient_of_the_chapters_loss(params: Params, x: Array, t: Array) -> Params:
    """Of the loss with 1e-8 in the logarithm."""
    y, rows = softmax(_logits(params, x)), _rows(params, t)
    by_y = -1.0 * rows / (y + 1e-8) / len(x)
    return _back(params, x, y * (by_y - np.sum(by_y * y, axis=1, keepdims=True)))


def gradient_of_the_books_loss(params: Params, x: Array, t: Array) -> Params:
    """Of the loss with 1e-7 in the logarithm."""
    y, rows = softmax(_logits(params, x)), _rows(params, t)
    by_y = -1.0 * rows / (y + 1e-7) / len(x)
    return _back(params, x, y * (by_y - np.sum(by_y * y, axis=1, keepdims=True)))


def gradient_of_unguarded_quotients(params: Params, x: Array, t: Array) -> Params:
    """Through -t / y, which is nan once y is 0."""
    y, rows = softmax(_logits(params, x)), _rows(params, t)
    by_y = -1.0 * rows / y / len(x)
    return _back(params, x, y * (by_y - np.sum(by_y * y, axis=1, keepdims=True)))


def gradient_of_all_labels(params: Params, x: Array, t: Array) -> Params:
    """dy[:, t] -= 1 takes one off every label's column."""
    e = softmax(_logits(params, x))
    labels = t if t.ndim == 1 else t.argmax(axis=1)
    e[:, labels] -= 1
    return _back(params, x, e / len(x))


def gradient_of_broadcast_labels(params: Params, x: Array, t: Array) -> Params:
    """y - t[:, None]: labels are taken off as numbers."""
    y = softmax(_logits(params, x))
    return _back(params, x, (y - (t[:, None] if t.ndim == 1 else t)) / len(x))


def gradient_wrong_for_labels(params: Params, x: Array, t: Array) -> Params:
    """The 1/N is missing in the branch for labels."""
    e = _errors(params, x, t)
    return _back(params, x, e / len(x) if t.ndim == 2 else e)


def gradient_with_layers_exchanged(params: Params, x: Array, t: Array) -> Params:
    """The names of the layers are exchanged."""
    g = _back(params, x, _errors(params, x, t) / len(x))
    return {"W1": g["W2"], "b1": g["b2"], "W2": g["W1"], "b2": g["b1"]}


def gradient_over_samples(params: Params, x: Array, t: Array) -> Params:
    """The softmax runs over axis 0."""
    a = _logits(params, x)
    raised = np.exp(a - np.max(a, axis=0))
    return _back(params, x, (raised / np.sum(raised, axis=0) - _rows(params, t)) / len(x))


def gradient_of_logits(params: Params, x: Array, t: Array) -> Params:
    """The softmax is forgotten: logits minus targets."""
    return _back(params, x, (_logits(params, x) - _rows(params, t)) / len(x))


def gradient_as_a_tuple(params: Params, x: Array, t: Array) -> Any:
    """The gradients in a row, without their names."""
    return tuple(_back(params, x, _errors(params, x, t) / len(x)).values())


def gradient_with_strange_names(params: Params, x: Array, t: Array) -> Params:
    """The names are dW1, db1, dW2, db2."""
    return {"d" + key: value for key, value in _back(params, x, _errors(params, x, t) / len(x)).items()}


def gradient_transposed(params: Params, x: Array, t: Array) -> Params:
    """dy.T z and da.T x: the weights' gradients are transposed."""
    given = _back(params, x, _errors(params, x, t) / len(x))
    return {key: value.T for key, value in given.items()}


def gradient_in_single_precision(params: Params, x: Array, t: Array) -> Params:
    """Everything in float32."""
    low = {key: value.astype(np.float32) for key, value in params.items()}
    x = x.astype(np.float32)
    e = softmax(_logits(low, x)) - _rows(params, t).astype(np.float32)
    return _back(low, x, e / np.float32(len(x)))


def gradient_moving_its_parameters(params: Params, x: Array, t: Array) -> Params:
    """It makes a step at once."""
    given = _back(params, x, _errors(params, x, t) / len(x))
    for key in params:
        params[key] -= 0.1 * given[key]
    return given


def gradient_leaving_a_step_behind(params: Params, x: Array, t: Array) -> Params:
    """The chapter's numerical gradient of the parameters, without putting them back."""
    given = _back(params, x, _errors(params, x, t) / len(x))
    params["W1"][0, 0] -= 1e-4
    return given


_SEEN: dict[Any, Array] = {}


def gradient_of_an_earlier_prediction(params: Params, x: Array, t: Array) -> Params:
    """The softmax of the first call with arrays of these shapes is kept for later ones."""
    key = (x.shape, params["W2"].shape)
    y = _SEEN.setdefault(key, softmax(_logits(params, x)))
    return _back(params, x, (y - _rows(params, t)) / len(x))


_STEP, _PREDICT, _LOSS = "sgd_step", "two_layer_net_predict", "two_layer_net_loss"
_GRADIENT = "two_layer_net_gradient"
SPECIMENS: tuple[Specimen, ...] = (
    faulty(_STEP, step_scaling_the_gradients, "writes_into_its_input", "into the gradients"),
    faulty(_STEP, step_uphill, "ascending"),
    faulty(_STEP, step_without_rate, "learning_rate_ignored"),
    faulty(_STEP, step_at_the_default_rate, "learning_rate_ignored"),
    faulty(_STEP, step_with_the_rate_twice, "rate_twice"),
    faulty(_STEP, step_lost_in_the_loop, "gradient_forgotten"),
    faulty(_STEP, step_of_the_weights, "weights_only"),
    faulty(_STEP, step_without_biases_at_all, "names_missing"),
    faulty(_STEP, step_of_the_second_layer, "first_layer_only", "only the second"),
    faulty(_STEP, step_times_the_difference, "shrunk_not_moved"),
    faulty(_STEP, step_alone, "only_the_step"),
    faulty(_STEP, step_with_decay, "weight_decay_unasked"),
    faulty(_STEP, step_with_strong_decay_of_weights, "weight_decay_unasked"),
    faulty(_STEP, step_with_decoupled_decay, "decoupled_decay"),
    faulty(_STEP, step_of_length_one, "normalised_gradient"),
    faulty(_STEP, step_by_sign, "sign_only"),
    faulty(_STEP, step_with_clipping, "clipped_gradient"),
    faulty(_STEP, step_with_nesterov, "remembered_step"),
    faulty(_STEP, step_in_single_precision, "computed_in_float32"),
    faulty(_STEP, step_with_a_memory, "momentum_kept", "keeps state: the first call is right"),
    faulty(_STEP, step_with_adagrad, "adagrad"),
    faulty(_STEP, step_of_a_batch, "divided_by_the_rows"),
    faulty(_STEP, step_as_a_tuple, "a_tuple"),
    faulty(_PREDICT, predict_linearly, "forgotten_sigmoid"),
    faulty(_PREDICT, predict_by_relu, "another_activation"),
    faulty(_PREDICT, predict_by_tanh, "another_activation"),
    faulty(_PREDICT, predict_by_softmax_twice_over, "another_activation"),
    faulty(_PREDICT, predict_without_first_bias, "first_bias_forgotten"),
    faulty(_PREDICT, predict_without_second_bias, "second_bias_forgotten"),
    faulty(_PREDICT, predict_without_biases, "biases_forgotten"),
    faulty(_PREDICT, predict_logits, "softmax_forgotten"),
    faulty(_PREDICT, predict_by_sigmoids, "sigmoid_at_the_output"),
    faulty(_PREDICT, predict_logarithms, "log_softmax"),
    faulty(_PREDICT, predict_without_shift, "no_shift"),
    faulty(_PREDICT, predict_over_samples, "softmax_over_samples"),
    faulty(_PREDICT, predict_over_the_batch, "softmax_over_everything"),
    faulty(_PREDICT, predict_shifted_by_the_batch, "shift_by_batch_maximum", "only with rows far from each other"),
    faulty(_PREDICT, predict_softmax_twice, "softmax_twice"),
    faulty(_PREDICT, predict_with_transposed_weights, "weights_transposed"),
    faulty(_PREDICT, predict_transposed_where_square, "transposed_where_square", "only where H = K"),
    faulty(_PREDICT, predict_in_single_precision, "computed_in_float32"),
    faulty(_PREDICT, predict_shifting_the_bias, "writes_into_its_input"),
    faulty(_PREDICT, predict_classes, "classes"),
    faulty(_PREDICT, predict_one_sample, "one_sample_returned"),
    faulty(_PREDICT, predict_with_the_bias_inside, "misplaced_bias"),
    faulty(_PREDICT, predict_with_temperature, "temperature"),
    faulty(_LOSS, loss_added_up, "sum_over_samples"),
    faulty(_LOSS, loss_over_entries, "mean_over_entries"),
    faulty(_LOSS, loss_negative, "opposite_sign"),
    faulty(_LOSS, loss_in_bits, "base_two"),
    faulty(_LOSS, loss_of_vanishing_shares, "log_of_softmax", "only where a share vanishes"),
    faulty(_LOSS, loss_of_the_chapter, "offset_guard", "convention seed"),
    faulty(_LOSS, loss_of_the_book, "offset_guard", "convention book"),
    faulty(_LOSS, loss_clipped, "guarded_logarithm"),
    faulty(_LOSS, loss_without_sigmoid, "forgotten_sigmoid"),
    faulty(_LOSS, loss_with_relu, "another_activation"),
    faulty(_LOSS, loss_without_first_bias, "first_bias_forgotten"),
    faulty(_LOSS, loss_without_second_bias, "second_bias_forgotten"),
    faulty(_LOSS, loss_without_biases, "biases_forgotten"),
    faulty(_LOSS, loss_softmaxed_twice, "softmax_twice"),
    faulty(_LOSS, loss_of_squares, "squared_error"),
    faulty(_LOSS, loss_with_penalty, "weight_decay_unasked"),
    faulty(_LOSS, loss_of_the_first, "first_sample_only", "one sample is right"),
    faulty(_LOSS, loss_of_all_pairs, "every_label_for_every_sample", "one sample is right"),
    faulty(_LOSS, loss_of_each, "one_loss_a_sample"),
    faulty(_LOSS, loss_of_broadcast_labels, "labels_multiplied", "only for labels"),
    faulty(_LOSS, loss_binary, "binary_cross_entropy"),
    faulty(_LOSS, loss_in_single_precision, "computed_in_float32"),
    faulty(_LOSS, loss_normalising_its_input, "writes_into_its_input", "into x"),
    faulty(_LOSS, loss_smoothed, "label_smoothing"),
    faulty(_GRADIENT, gradient_of_the_sum, "missing_mean"),
    faulty(_GRADIENT, gradient_over_n_twice, "divided_twice"),
    faulty(_GRADIENT, gradient_over_entries, "mean_over_entries"),
    faulty(_GRADIENT, gradient_negative, "opposite_sign"),
    faulty(_GRADIENT, gradient_without_target, "target_ignored"),
    faulty(_GRADIENT, gradient_twice, "factor_two"),
    faulty(_GRADIENT, gradient_of_squares, "squared_error_gradient"),
    faulty(_GRADIENT, gradient_without_slope, "sigmoid_slope_forgotten"),
    faulty(_GRADIENT, gradient_with_the_slope_in_a, "slope_of_the_sum"),
    faulty(_GRADIENT, gradient_with_the_slope_at_z, "slope_at_the_activation"),
    faulty(_GRADIENT, gradient_with_the_value_for_the_slope, "value_as_slope"),
    faulty(_GRADIENT, gradient_with_half_of_the_slope, "value_as_slope"),
    faulty(_GRADIENT, gradient_with_the_slope_of_relu, "slope_of_another_activation"),
    faulty(_GRADIENT, gradient_with_the_slope_of_tanh, "slope_of_another_activation"),
    faulty(_GRADIENT, gradient_with_a_plus_in_the_slope, "plus_in_the_slope"),
    faulty(_GRADIENT, gradient_linear, "forgotten_sigmoid"),
    faulty(_GRADIENT, gradient_without_transposing, "not_transposed"),
    faulty(_GRADIENT, gradient_reshaped_where_it_does_not_fit, "reshaped_for_transposed"),
    faulty(_GRADIENT, gradient_with_mean_biases, "mean_for_the_biases"),
    faulty(_GRADIENT, gradient_with_summed_biases, "biases_without_mean"),
    faulty(_GRADIENT, gradient_with_biases_of_each_sample, "biases_not_summed"),
    faulty(_GRADIENT, gradient_of_the_weights, "biases_forgotten"),
    faulty(_GRADIENT, gradient_of_the_second_layer, "first_layer_forgotten"),
    faulty(_GRADIENT, gradient_without_shift, "no_shift", "only from 710 on"),
    faulty(_GRADIENT, gradient_of_the_first, "first_sample_only"),
    faulty(_GRADIENT, gradient_of_the_last, "overwritten_not_added"),
    faulty(_GRADIENT, gradient_with_penalty, "weight_decay_unasked"),
    faulty(_GRADIENT, gradient_by_differences, "central_difference"),
    faulty(_GRADIENT, gradient_of_the_chapters_loss, "gradient_of_the_offset_loss", "convention seed"),
    faulty(_GRADIENT, gradient_of_the_books_loss, "gradient_of_the_offset_loss", "convention book"),
    faulty(_GRADIENT, gradient_of_unguarded_quotients, "chain_rule_through_ln", "nan once a share is 0"),
    faulty(_GRADIENT, gradient_of_all_labels, "every_label_for_every_sample"),
    faulty(_GRADIENT, gradient_of_broadcast_labels, "labels_subtracted", "only for labels"),
    faulty(_GRADIENT, gradient_wrong_for_labels, "missing_mean_for_labels", "only for labels"),
    faulty(_GRADIENT, gradient_with_layers_exchanged, "layers_exchanged", "the shapes fit only if D = H = K"),
    faulty(_GRADIENT, gradient_over_samples, "softmax_over_samples"),
    faulty(_GRADIENT, gradient_of_logits, "softmax_forgotten"),
    faulty(_GRADIENT, gradient_as_a_tuple, "a_tuple"),
    faulty(_GRADIENT, gradient_with_strange_names, "names_with_a_d"),
    faulty(_GRADIENT, gradient_transposed, "gradient_transposed"),
    faulty(_GRADIENT, gradient_in_single_precision, "computed_in_float32"),
    faulty(_GRADIENT, gradient_moving_its_parameters, "writes_into_its_input"),
    faulty(_GRADIENT, gradient_leaving_a_step_behind, "writes_into_its_input", "into one entry of W1"),
    faulty(_GRADIENT, gradient_of_an_earlier_prediction, "stale_softmax", "keeps state"),
)


def gradient_of_torch_accumulated(params: Params, x: Any, t: Any) -> Params:
    """backward() twice without zeroing: the gradients add up."""
    import torch
    from torch.nn import functional

    leaves = {key: value.clone().requires_grad_() for key, value in params.items()}
    for _ in range(2):
        a = torch.sigmoid(x @ leaves["W1"] + leaves["b1"]) @ leaves["W2"] + leaves["b2"]
        functional.cross_entropy(a, t.long() if t.dim() == 1 else t.to(a.dtype)).backward()
    return {key: value.grad for key, value in leaves.items()}


def loss_of_torch_softmaxed(params: Params, x: Any, t: Any) -> Any:
    """cross_entropy of probabilities."""
    import torch
    from torch.nn import functional

    y = torch.softmax(torch.sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"], dim=1)
    return functional.cross_entropy(y, t.long() if t.dim() == 1 else t.to(y.dtype))


if installed("torch"):
    SPECIMENS += (
        faulty(_GRADIENT, gradient_of_torch_accumulated, "factor_two", array="torch"),
        faulty(_LOSS, loss_of_torch_softmaxed, "softmax_twice", array="torch"),
    )
