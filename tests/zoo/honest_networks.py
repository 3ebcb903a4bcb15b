"""Honest steps of the parameters, and honest two-layer networks: in NumPy, SciPy, PyTorch and JAX."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .specimen import Array, Specimen, installed

Params = dict[str, Any]

# ------------------------------------------------------------------------------------------------------------------------ sgd_step


def step_by_a_comprehension(params: Params, grads: Params, lr: float) -> Params:
    """One dictionary from another."""
    return {key: params[key] - lr * grads[key] for key in params}


def step_on_a_copy(params: Params, grads: Params, lr: float) -> Params:
    """The chapter's loop, on a deep copy, over whatever names there are."""
    params = copy.deepcopy(params)
    for key in list(params):
        params[key] -= lr * grads[key]
    return params


def step_by_zip(params: Params, grads: Params, lr: float) -> Params:
    """Names, values and gradients side by side, in the order of the names."""
    names = sorted(params)
    pairs = zip([params[name] for name in names], [grads[name] for name in names], strict=True)
    moved = (np.subtract(w, np.multiply(lr, g)) for w, g in pairs)
    return dict(zip(names, moved, strict=True))


def step_entry_by_entry(params: Params, grads: Params, lr: float) -> Params:
    """Loops over all entries."""
    stepped = {}
    for key, value in params.items():
        stepped[key] = np.empty_like(value)
        for index in np.ndindex(value.shape):
            stepped[key][index] = value[index] - value.dtype.type(lr) * grads[key][index]
    return stepped


def step_in_one_row(params: Params, grads: Params, lr: float) -> Params:
    """All parameters in one row, one subtraction, and back."""
    row = np.concatenate([value.ravel() for value in params.values()])
    row = row + -lr * np.concatenate([grads[key].ravel() for key in params])
    ends = np.cumsum([value.size for value in params.values()])[:-1]
    return {key: part.reshape(params[key].shape) for key, part in zip(params, np.split(row, ends), strict=True)}


class SGD:
    """An optimiser without a memory."""

    def __init__(self, lr: float) -> None:
        self.lr = lr

    def update(self, params: Params, grads: Params) -> None:
        """Moves every parameter to a new array."""
        for key in params.keys() & grads.keys():
            params[key] = params[key] - self.lr * grads[key]


def step_by_a_class(params: Params, grads: Params, lr: float) -> Params:
    """An optimiser that updates a shallow copy."""
    params = dict(params)
    SGD(lr).update(params, grads)
    return params


def step_in_long_double(params: Params, grads: Params, lr: float) -> Params:
    """In the widest floats, rounded once."""
    return {
        key: (value.astype(np.longdouble) - np.longdouble(lr) * grads[key]).astype(value.dtype)
        for key, value in params.items()
    }


# ----------------------------------------------------------------------------------------------------------- two_layer_net_predict


def _sigmoid(a: Array) -> Array:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-a))


def _chapters_softmax(x: Array) -> Array:
    if x.ndim == 2:
        x = x.T
        x = x - np.max(x, axis=0)
        y = np.exp(x) / np.sum(np.exp(x), axis=0)
        return y.T
    x = x - np.max(x)
    return np.exp(x) / np.sum(np.exp(x))


def predict_of_the_chapter(params: Params, x: Array) -> Array:
    """Line by line as in the chapter."""
    W1, W2 = params["W1"], params["W2"]
    b1, b2 = params["b1"], params["b2"]
    a1 = np.dot(x, W1) + b1
    z1 = _sigmoid(a1)
    a2 = np.dot(z1, W2) + b2
    return _chapters_softmax(a2)


def predict_by_einsum(params: Params, x: Array) -> Array:
    """The products as sums over named indices."""
    z = _sigmoid(np.einsum("nd,dh->nh", x, params["W1"]) + params["b1"])
    a = np.einsum("nh,hk->nk", z, params["W2"]) + params["b2"]
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / np.einsum("nk->n", e)[:, np.newaxis]


def predict_by_loops(params: Params, x: Array) -> Any:
    """Plain Python, unit by unit; the answer is a list."""
    W1, b1, W2, b2 = (params[key].tolist() for key in ("W1", "b1", "W2", "b2"))
    rows = []
    for sample in x.tolist():
        z = []
        for unit, bias in enumerate(b1):
            a = bias + sum(v * W1[d][unit] for d, v in enumerate(sample))
            z.append(1 / (1 + math.exp(-a)) if a > -700 else math.exp(a))
        logits = [bias + math.fsum(v * W2[unit][k] for unit, v in enumerate(z)) for k, bias in enumerate(b2)]
        raised = [math.exp(a - max(logits)) for a in logits]
        rows.append([e / math.fsum(raised) for e in raised])
    return np.array(rows, dtype=params["W1"].dtype)


def predict_with_augmented_inputs(params: Params, x: Array) -> Array:
    """The biases are one more row of the weights, and each layer gets a column of ones."""
    out = x
    for layer, activation in (("1", _sigmoid), ("2", _chapters_softmax)):
        weights = np.vstack([params["W" + layer], params["b" + layer]])
        out = activation(np.hstack([out, np.ones((len(out), 1), weights.dtype)]) @ weights)
    return out


def predict_with_columns_as_samples(params: Params, x: Array) -> Array:
    """The transposed network, as textbooks write it."""
    z = _sigmoid(params["W1"].T @ x.T + params["b1"][:, None])
    a = params["W2"].T @ z + params["b2"][:, None]
    e = np.exp(a - np.max(a, axis=0))
    return (e / e.sum(axis=0)).T


def predict_from_logarithms(params: Params, x: Array) -> Array:
    """The exponential of a - logaddexp."""
    z = np.exp(-np.logaddexp(0, -(x @ params["W1"] + params["b1"])))
    a = z @ params["W2"] + params["b2"]
    return np.exp(a - np.logaddexp.reduce(a, axis=1, keepdims=True))


def predict_by_tanh(params: Params, x: Array) -> Array:
    """The sigmoid as half a tanh: what its lower tail loses is nothing beside the logits."""
    z = 0.5 + 0.5 * np.tanh((x @ params["W1"] + params["b1"]) / 2)
    return _chapters_softmax(z @ params["W2"] + params["b2"])


class Layer:
    """A layer with its weights."""

    def __init__(self, weights: Array, bias: Array, activation: Callable[[Array], Array]) -> None:
        self.weights, self.bias, self.activation = weights, bias, activation

    def __call__(self, x: Array) -> Array:
        """What comes out for x."""
        return self.activation(x @ self.weights + self.bias)


def predict_by_layers(params: Params, x: Array) -> Array:
    """A list of objects, one after the other."""
    for layer in (Layer(params["W1"], params["b1"], _sigmoid), Layer(params["W2"], params["b2"], _chapters_softmax)):
        x = layer(x)
    return x


def predict_sample_by_sample(params: Params, x: Array) -> Array:
    """One sample after the other."""
    return np.stack([predict_of_the_chapter(params, row) for row in x])


# -------------------------------------------------------------------------------------------------------------- two_layer_net_loss


def _logits(params: Params, x: Array) -> Array:
    return _sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def _rows(t: Array, like: Array) -> Array:
    return t if t.ndim == 2 else np.eye(like.shape[1], dtype=like.dtype)[t]


def loss_from_log_softmax(params: Params, x: Array, t: Array) -> Any:
    """Minus the mean of the targets' logarithms, from the logits."""
    a = _logits(params, x)
    a = a - a.max(axis=1, keepdims=True)
    logs = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
    return -(_rows(t, a) * logs).sum() / len(x)


def loss_of_labels(params: Params, x: Array, t: Array) -> Any:
    """The right entries are picked by labels, and weighed by targets."""
    a = _logits(params, x)
    chosen = a[np.arange(len(a)), t] if t.ndim == 1 else np.einsum("nk,nk->n", a, t.astype(a.dtype))
    return np.mean(np.logaddexp.reduce(a, axis=1) - chosen)


def loss_of_gaps(params: Params, x: Array, t: Array) -> Any:
    """The gaps to each class's logit, whose exponentials are added up, weighed by the target."""
    a = _logits(params, x)
    losses = np.stack([np.logaddexp.reduce(a - a[:, [k]], axis=1) for k in range(a.shape[1])], axis=1)
    return np.vdot(_rows(t, a), losses) / a.shape[0]


def loss_by_loops(params: Params, x: Array, t: Array) -> Any:
    """Sample by sample in plain Python."""
    losses = []
    for a, t_n in zip(_logits(params, x), t, strict=True):
        top = max(a.tolist())
        total = top + math.log(math.fsum(math.exp(v - top) for v in a.tolist()))
        chosen = sum(float(w * v) for w, v in zip(t_n, a, strict=True)) if t.ndim == 2 else float(a[int(t_n)])
        losses.append(total - chosen)
    return a.dtype.type(math.fsum(losses) / len(losses))


def loss_of_the_chapter(params: Params, x: Array, t: Array) -> Any:
    """The logarithm of the prediction and 1e-8, for one-hot rows; labels become such."""
    y = predict_of_the_chapter(params, x)
    return -np.sum(_rows(t, y) * np.log(y + 1e-8)) / y.shape[0]


def loss_of_the_book(params: Params, x: Array, t: Array) -> Any:
    """The logarithm of the prediction and 1e-7, picked by labels and weighed by targets."""
    logs = np.log(predict_of_the_chapter(params, x) + 1e-7)
    if t.ndim == 2:
        return -np.sum(t * logs) / logs.shape[0]
    return -np.sum(logs[np.arange(logs.shape[0]), t]) / logs.shape[0]


# ---------------------------------------------------------------------------------------------------------- two_layer_net_gradient


def gradient_of_the_chapter(params: Params, x: Array, t: Array) -> Params:
    """The chapter's backpropagation, (1 - z) z for the slope; labels become rows."""
    W2 = params["W2"]
    grads = {}
    batch_num = x.shape[0]
    a1 = np.dot(x, params["W1"]) + params["b1"]
    z1 = _sigmoid(a1)
    y = _chapters_softmax(np.dot(z1, W2) + params["b2"])
    dy = (y - _rows(t, y)) / batch_num
    grads["W2"] = np.dot(z1.T, dy)
    grads["b2"] = np.sum(dy, axis=0)
    dz1 = np.dot(dy, W2.T)
    da1 = (1.0 - z1) * z1 * dz1
    grads["W1"] = np.dot(x.T, da1)
    grads["b1"] = np.sum(da1, axis=0)
    return grads


def gradient_by_einsum(params: Params, x: Array, t: Array) -> Params:
    """The products as sums over named indices; the mean is taken at the end."""
    z = _sigmoid(np.einsum("nd,dh->nh", x, params["W1"]) + params["b1"])
    e = _chapters_softmax(z @ params["W2"] + params["b2"])
    e = e - _rows(t, e)
    back = np.einsum("nk,hk,nh,nh->nh", e, params["W2"], z, 1 - z)
    N = len(x)
    return {
        "W1": np.einsum("nd,nh->dh", x, back) / N,
        "b1": np.einsum("nh->h", back) / N,
        "W2": np.einsum("nh,nk->hk", z, e) / N,
        "b2": np.einsum("nk->k", e) / N,
    }


def gradient_sample_by_sample(params: Params, x: Array, t: Array) -> Params:
    """Outer products added up over the samples."""
    total = {key: np.zeros_like(value) for key, value in params.items()}
    for x_n, t_n in zip(x, t, strict=True):
        z = _sigmoid(x_n @ params["W1"] + params["b1"])
        e = _chapters_softmax(z @ params["W2"] + params["b2"])
        e = e - t_n if t.ndim == 2 else e - (np.arange(len(e)) == t_n)
        d = params["W2"] @ e * (z - z * z)
        for key, part in (("W1", np.outer(x_n, d)), ("b1", d), ("W2", np.outer(z, e)), ("b2", e)):
            total[key] += part / len(x)
    return total


def gradient_with_augmented_inputs(params: Params, x: Array, t: Array) -> Params:
    """Weights and biases in one matrix, whose gradient is taken apart at the end."""
    one = np.ones((len(x), 1), params["W1"].dtype)
    x = np.hstack([x, one])
    z = _sigmoid(x @ np.vstack([params["W1"], params["b1"]]))
    z1 = np.hstack([z, one])
    y = _chapters_softmax(z1 @ np.vstack([params["W2"], params["b2"]]))
    delta = (y - _rows(t, y)) / len(x)
    second, first = z1.T @ delta, x.T @ (delta @ params["W2"].T * z * (1 - z))
    return {"W1": first[:-1], "b1": first[-1], "W2": second[:-1], "b2": second[-1]}


def gradient_on_the_probabilities_own_array(params: Params, x: Array, t: Array) -> Params:
    """One is taken off the picked entries, as the book does it, or the whole target."""
    z = _sigmoid(x @ params["W1"] + params["b1"])
    delta = _chapters_softmax(z @ params["W2"] + params["b2"]).copy()
    if t.ndim == 2:
        delta -= t
    else:
        delta[np.arange(len(x)), t] -= 1
    delta /= len(x)
    back = delta.dot(params["W2"].T)
    back *= z
    back *= 1 - z
    return {"b2": delta.sum(0), "W2": z.T.dot(delta), "b1": back.sum(0), "W1": x.T.dot(back)}


def gradient_by_tangents(params: Params, x: Array, t: Array) -> Params:
    """Forward mode: the slope of everything along one entry of a parameter is carried along, entry after entry."""
    z = _sigmoid(x @ params["W1"] + params["b1"])
    y = _chapters_softmax(z @ params["W2"] + params["b2"])
    errors = (y - _rows(t, y)) / len(x)

    def slope(key: str, index: tuple[int, ...]) -> Any:
        along = {name: np.zeros_like(value) for name, value in params.items()}
        along[key][index] = 1
        dz = z * (1 - z) * (x @ along["W1"] + along["b1"])
        return np.sum(errors * (dz @ params["W2"] + z @ along["W2"] + along["b2"]))

    return {
        key: np.array([slope(key, index) for index in np.ndindex(value.shape)]).reshape(value.shape)
        for key, value in params.items()
    }


def gradient_by_small_jacobians(params: Params, x: Array, t: Array) -> Params:
    """The chain of whole Jacobians for each sample."""
    grads = {key: np.zeros_like(value) for key, value in params.items()}
    for x_n, t_n in zip(x, _rows(t, params["W2"]), strict=True):
        z = _sigmoid(x_n @ params["W1"] + params["b1"])
        y = _chapters_softmax(z @ params["W2"] + params["b2"])
        by_logits = y * t_n.sum() - t_n
        by_hidden = np.diag(z * (1 - z)) @ params["W2"] @ by_logits
        grads["b2"] += by_logits
        grads["W2"] += z[:, None] * by_logits[None, :]
        grads["b1"] += by_hidden
        grads["W1"] += x_n[:, None] * by_hidden[None, :]
    return {key: value / len(x) for key, value in grads.items()}


class Affine:
    """A layer that remembers what came in."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, x: Array) -> Array:
        """x W + b."""
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Array) -> Array:
        """Keeps its own gradients, and carries the rest back."""
        self.dW, self.db = self.x.T @ dout, np.sum(dout, axis=0)
        return dout @ self.W.T


def gradient_by_layers(params: Params, x: Array, t: Array) -> Params:
    """Layers with forward and backward, as in the book's next chapter."""
    first, second = Affine(params["W1"], params["b1"]), Affine(params["W2"], params["b2"])
    z = _sigmoid(first.forward(x))
    y = _chapters_softmax(second.forward(z))
    first.backward(second.backward((y - _rows(t, y)) / len(y)) * (1.0 - z) * z)
    return {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}


def gradient_of_the_chapters_loss(params: Params, x: Array, t: Array) -> Params:
    """Of the loss with its 1e-8, through the softmax's own derivative."""
    z = _sigmoid(x @ params["W1"] + params["b1"])
    y = _chapters_softmax(z @ params["W2"] + params["b2"])
    u = _rows(t, y) * y / (y + 1e-8) / len(x)
    delta = y * u.sum(axis=1, keepdims=True) - u
    back = delta @ params["W2"].T * z * (1 - z)
    return {"W1": x.T @ back, "b1": back.sum(axis=0), "W2": z.T @ delta, "b2": delta.sum(axis=0)}


def _all(formula: str, *functions: Callable[..., Any], **options: Any) -> tuple[Specimen, ...]:
    return tuple(Specimen(formula, function, honest=True, **options) for function in functions)


PREDICT, LOSS, GRADIENT = "two_layer_net_predict", "two_layer_net_loss", "two_layer_net_gradient"
SPECIMENS: tuple[Specimen, ...] = (
    *_all(
        "sgd_step",
        step_by_a_comprehension,
        step_on_a_copy,
        step_by_zip,
        step_entry_by_entry,
        step_in_one_row,
        step_by_a_class,
        step_in_long_double,
    ),
    *_all(
        PREDICT,
        predict_of_the_chapter,
        predict_by_einsum,
        predict_by_loops,
        predict_with_augmented_inputs,
        predict_with_columns_as_samples,
        predict_from_logarithms,
        predict_by_tanh,
        predict_by_layers,
        predict_sample_by_sample,
    ),
    *_all(LOSS, loss_from_log_softmax, loss_of_labels, loss_of_gaps, loss_by_loops),
    *_all(LOSS, loss_of_the_chapter, convention="seed"),
    *_all(LOSS, loss_of_the_book, convention="book"),
    *_all(
        GRADIENT,
        gradient_of_the_chapter,
        gradient_by_einsum,
        gradient_sample_by_sample,
        gradient_with_augmented_inputs,
        gradient_on_the_probabilities_own_array,
        gradient_by_tangents,
        gradient_by_small_jacobians,
        gradient_by_layers,
    ),
    *_all(GRADIENT, gradient_of_the_chapters_loss, convention="seed"),
)

# --------------------------------------------------------------------------------------------------------------------------- SciPy


def predict_by_scipy(params: Params, x: Array) -> Array:
    """scipy.special's expit and softmax."""
    from scipy import special

    return special.softmax(special.expit(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"], axis=1)


def loss_by_logsumexp(params: Params, x: Array, t: Array) -> Any:
    """scipy.special's logsumexp, minus the target's logit."""
    from scipy.special import expit, logsumexp

    a = expit(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return np.mean(logsumexp(a, axis=1) - np.sum(a * _rows(t, a), axis=1))


def loss_by_scipys_log_softmax(params: Params, x: Array, t: Array) -> Any:
    """scipy.special's log_softmax."""
    from scipy.special import expit, log_softmax

    logs = log_softmax(expit(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"], axis=1)
    if t.ndim == 1:
        return -logs[np.arange(len(t)), t].mean()
    return -np.vdot(t, logs) / len(t)


def gradient_by_scipy(params: Params, x: Array, t: Array) -> Params:
    """expit on both sides for the slope, which loses nothing in the tails."""
    from scipy.special import expit, softmax

    a = x @ params["W1"] + params["b1"]
    z = expit(a)
    y = softmax(z @ params["W2"] + params["b2"], axis=1)
    delta = (y - _rows(t, y)) / len(x)
    back = delta @ params["W2"].T * (z * expit(-a))
    return {"W1": x.T @ back, "b1": back.sum(0), "W2": z.T @ delta, "b2": delta.sum(0)}


if installed("scipy"):
    SPECIMENS += (
        *_all(PREDICT, predict_by_scipy),
        *_all(LOSS, loss_by_logsumexp, loss_by_scipys_log_softmax),
        *_all(GRADIENT, gradient_by_scipy),
    )

# ------------------------------------------------------------------------------------------------------------------------- PyTorch


def torch_step(params: Params, grads: Params, lr: float) -> Params:
    """torch.optim.SGD on clones."""
    import torch

    moved = {key: value.clone().requires_grad_() for key, value in params.items()}
    for key, value in moved.items():
        value.grad = grads[key].clone()
    torch.optim.SGD(moved.values(), lr=lr).step()
    return moved


def torch_step_by_add(params: Params, grads: Params, lr: float) -> Params:
    """torch.add with alpha."""
    import torch

    return {key: torch.add(value, grads[key], alpha=-lr) for key, value in params.items()}


def torch_predict(params: Params, x: Any) -> Any:
    """torch.addmm, sigmoid and softmax."""
    import torch

    z = torch.addmm(params["b1"], x, params["W1"]).sigmoid()
    return torch.addmm(params["b2"], z, params["W2"]).softmax(dim=1)


def torch_predict_by_modules(params: Params, x: Any) -> Any:
    """torch.nn.Linear, whose weights are transposed."""
    from torch import nn

    layers = nn.Sequential(nn.Linear(*params["W1"].shape), nn.Sigmoid(), nn.Linear(*params["W2"].shape), nn.Softmax(1))
    layers = layers.to(params["W1"].dtype)
    layers.load_state_dict(
        {
            "0.weight": params["W1"].T,
            "0.bias": params["b1"],
            "2.weight": params["W2"].T,
            "2.bias": params["b2"],
        }
    )
    return layers(x)


def torch_loss(params: Params, x: Any, t: Any) -> Any:
    """torch.nn.functional.cross_entropy, which takes either encoding."""
    import torch
    from torch.nn import functional

    a = torch.sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return functional.cross_entropy(a, t.to(a.dtype) if t.dim() == 2 else t.long())


def torch_gradient_by_autograd(params: Params, x: Any, t: Any) -> Params:
    """torch.autograd.grad of the loss."""
    import torch

    leaves = {key: value.clone().requires_grad_() for key, value in params.items()}
    slopes = torch.autograd.grad(torch_loss(leaves, x, t), list(leaves.values()))
    return dict(zip(leaves, slopes, strict=True))


def torch_gradient_by_func(params: Params, x: Any, t: Any) -> Params:
    """torch.func.grad over the dictionary."""
    import torch

    return torch.func.grad(torch_loss)(params, x, t)


def gradient_by_torch_from_numpy(params: Params, x: Array, t: Array) -> Params:
    """Backward on tensors made from the arrays, and arrays of the gradients."""
    import torch

    leaves = {key: torch.tensor(value, requires_grad=True) for key, value in params.items()}
    samples = torch.tensor(x).to(leaves["W1"].dtype)
    torch_loss(leaves, samples, torch.tensor(t)).backward()
    return {key: value.grad.numpy() for key, value in leaves.items()}


if installed("torch"):
    SPECIMENS += (
        *_all("sgd_step", torch_step, torch_step_by_add, array="torch"),
        *_all(PREDICT, torch_predict, torch_predict_by_modules, array="torch"),
        *_all(LOSS, torch_loss, array="torch"),
        *_all(GRADIENT, torch_gradient_by_autograd, torch_gradient_by_func, array="torch"),
        *_all(GRADIENT, gradient_by_torch_from_numpy),
    )

# ----------------------------------------------------------------------------------------------------------------------------- JAX


def jax_step(params: Params, grads: Params, lr: float) -> Params:
    """jax.tree.map."""
    import jax

    return jax.tree.map(lambda w, g: w - lr * g, params, grads)


def jax_predict(params: Params, x: Any) -> Any:
    """jax.nn's sigmoid and softmax."""
    import jax

    return jax.nn.softmax(jax.nn.sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"])


def jax_loss(params: Params, x: Any, t: Any) -> Any:
    """jax.nn's log_softmax and one_hot."""
    import jax

    a = jax.nn.sigmoid(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    rows = t if t.ndim == 2 else jax.nn.one_hot(t, a.shape[1], dtype=a.dtype)
    return -(rows * jax.nn.log_softmax(a)).sum(axis=1).mean()


def jax_gradient(params: Params, x: Any, t: Any) -> Params:
    """jax.grad of the loss."""
    import jax

    return jax.grad(jax_loss)(params, x, t)


if installed("jax"):
    SPECIMENS += (
        *_all("sgd_step", jax_step, array="jax"),
        *_all(PREDICT, jax_predict, array="jax"),
        *_all(LOSS, jax_loss, array="jax"),
        *_all(GRADIENT, jax_gradient, array="jax"),
    )
