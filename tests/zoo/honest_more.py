"""More honest implementations, in the styles of people who are careful: each is right, or says by an error what it does not take."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from .specimen import Array, Specimen, installed

F = Callable[[Any], Any]
Params = dict[str, Any]
SPECIMENS: list[Specimen] = []


def _of(
    formula: str, array: Any = "numpy", needs: str = "numpy", convention: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Puts a function among the specimens of a formula, if the libraries it needs are there."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        if installed(array) and installed(needs):
            note = (function.__doc__ or "").partition("\n")[0]
            SPECIMENS.append(Specimen(formula, function, True, convention=convention, array=array, note=note))
        return function

    return kept


def _named(function: Any, name: str, text: str) -> Any:
    """An object that is called, with the name, module and docstring that a function has."""
    function.__name__, function.__module__, function.__doc__ = name, __name__, text
    return function


def in_floats(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: every array becomes one of floats, integers and lists included."""

    @functools.wraps(function)
    def called(*arguments: Any) -> Any:
        return function(*(np.array(each, dtype=float) for each in arguments))

    return called


def row_by_row(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: what is written for one sample is done for each of a batch, and the losses are averaged."""

    @functools.wraps(function)
    def called(first: Array, second: Any) -> Any:
        if np.ndim(first) == 1:
            return function(first, second)
        losses = [function(row, other) for row, other in zip(first, second, strict=True)]
        return math.fsum(losses) / len(losses)

    return called


# ------------------------------------------------------------------------------------------------------------------------- sigmoid


@_of("sigmoid")
def sigmoid_of_a_generator(x: Array) -> Array:
    """np.fromiter over plain floats, with a branch."""

    def values() -> Iterator[float]:
        for entry in np.asarray(x, float).ravel().tolist():
            e = math.exp(-abs(entry))
            yield 1 / (1 + e) if entry >= 0 else e / (1 + e)

    return np.fromiter(values(), float, count=np.size(x)).reshape(np.shape(x))


@_of("sigmoid")
def sigmoid_by_select(x: Array) -> Array:
    """np.select between two forms, each of an argument that cannot overflow."""
    x = np.asarray(x) * 1.0
    up, down = np.exp(-np.maximum(x, 0)), np.exp(np.minimum(x, 0))
    return np.select([x > 0, x <= 0], [1 / (1 + up), down / (1 + down)])


@_of("sigmoid")
def sigmoid_of_different_numbers(x: Array) -> Array:
    """Each different number is computed once: np.unique and its inverse."""
    numbers, places = np.unique(np.ravel(x), return_inverse=True)
    e = np.exp(-np.abs(numbers))
    return np.where(numbers >= 0, 1 / (1 + e), e / (1 + e))[places].reshape(np.shape(x))


@_of("sigmoid")
@in_floats
def sigmoid_divided_where_it_helps(x: Array) -> Array:
    """np.divide and np.reciprocal with where=, into an array of its own."""
    out = np.array(np.exp(-np.abs(x)))
    np.divide(out, 1 + out, where=x < 0, out=out)
    np.reciprocal(1 + out, where=x >= 0, out=out)
    return out


def _logistic(x: Array, height: float, steepness: float, middle: float) -> Array:
    z = steepness * (np.asarray(x) - middle)
    e = np.exp(-np.abs(z))
    return height * np.where(z >= 0, 1, e) / (1 + e)


_of("sigmoid")(
    _named(
        functools.partial(_logistic, height=1.0, steepness=1.0, middle=0.0),
        "sigmoid_by_partial",
        "The general logistic curve with three of its arguments given.",
    )
)


class Sigmoid:
    """An activation as an object, that grows its work array and hands out copies of it."""

    def __init__(self) -> None:
        self.work = np.empty(0)

    def __call__(self, x: Array) -> Array:
        """The value of every entry."""
        if self.work.size < x.size:
            self.work = np.empty(x.size)
        work = self.work[: x.size]
        np.exp(-np.abs(np.ravel(x)), out=work)
        work /= 1 + work
        return np.where(x >= 0, 1 - work.reshape(x.shape), work.reshape(x.shape))


_of("sigmoid")(_named(Sigmoid(), "sigmoid_as_an_object", "1 − e/(1 + e) above zero: nothing cancels there."))


@_of("sigmoid")
def sigmoid_in_blocks(x: Array) -> Array:
    """Blocks of a thousand entries, the last one shorter."""
    flat = np.ravel(x) * 1.0
    parts = [flat[start : start + 1000] for start in range(0, flat.size, 1000)]
    return np.concatenate([np.exp(-np.logaddexp(0.0, -part)) for part in parts]).reshape(np.shape(x))


@_of("sigmoid", needs="scipy")
def sigmoid_by_logsumexp(x: Array) -> Array:
    """The exponential of minus scipy's logsumexp of 0 and −x."""
    from scipy.special import logsumexp

    x = np.asarray(x) * 1.0
    return np.exp(-logsumexp(np.stack([np.zeros_like(x), -x]), axis=0))


@_of("sigmoid", "torch")
def sigmoid_by_torch_where(x: Any) -> Any:
    """torch.where between the two forms."""
    import torch

    e = torch.exp(-torch.abs(x * 1.0))
    return torch.where(x >= 0, 1 / (1 + e), e / (1 + e)).to(e.dtype)


@_of("sigmoid", "jax")
def sigmoid_by_jaxs_expit(x: Any) -> Any:
    """jax.scipy.special.expit."""
    import jax

    return jax.scipy.special.expit(x * 1.0)


# ---------------------------------------------------------------------------------------------------------------- sigmoid_gradient


@_of("sigmoid_gradient")
def slope_by_two_roots(x: Array) -> Array:
    """The reciprocal of the square of e^(x/2) + e^(−x/2), which may be infinite."""
    x = np.asarray(x) / 2
    with np.errstate(over="ignore"):
        return (1 / (np.exp(x) + np.exp(-x))) ** 2


@_of("sigmoid_gradient")
def slope_by_logarithms(x: Array) -> Array:
    """ln σ(x) + ln σ(−x), then the exponential."""
    x = np.abs(np.asarray(x, float))
    return np.exp(-x - 2 * np.log1p(np.exp(-x)))


@_of("sigmoid_gradient")
def slope_of_plain_floats(x: Array) -> Any:
    """Nested lists of plain floats, by recursion."""
    if np.ndim(x) == 0:
        e = math.exp(-abs(float(x)))
        return e / (1 + e) / (1 + e)
    return [slope_of_plain_floats(row) for row in x]


@_of("sigmoid_gradient")
@in_floats
def slope_by_sorting(x: Array) -> Array:
    """From the farthest entry to the nearest, and back into its place."""
    order = np.argsort(-np.abs(x), axis=None)
    out = np.empty(x.size)
    e = np.exp(-np.abs(x.ravel()[order]))
    out[order] = e / np.square(1 + e)
    return out.reshape(x.shape)


@_of("sigmoid_gradient", "torch")
def slope_by_torchs_logsigmoid(x: Any) -> Any:
    """logsigmoid of x and of −x."""
    from torch.nn import functional

    x = x * 1.0
    return (functional.logsigmoid(x) + functional.logsigmoid(-x)).exp()


@_of("sigmoid_gradient", "torch")
def slope_by_torchs_vmap(x: Any) -> Any:
    """torch.func.grad of the sigmoid, mapped over all entries."""
    import torch

    flat = (x * 1.0).reshape(-1)
    return torch.func.vmap(torch.func.grad(torch.sigmoid))(flat).reshape(x.shape)


# ------------------------------------------------------------------------------------------------------------------------- softmax


@_of("softmax")
def softmax_of_lists(a: Array) -> Any:
    """Lists in, lists out, with fsum."""
    if np.ndim(a) == 2:
        return [softmax_of_lists(row) for row in np.asarray(a).tolist()]
    row = [float(entry) for entry in a]
    raised = [math.exp(entry - max(row)) for entry in row]
    total = math.fsum(raised)
    return [entry / total for entry in raised]


@_of("softmax")
def softmax_of_a_matrix(a: Array) -> Array:
    """Batches only: a single sample is an error that says so."""
    if a.ndim != 2:
        raise ValueError(f"softmax takes a batch (N, K); got {a.ndim} dimensions")
    e = np.exp(a - np.amax(a, axis=1)[:, np.newaxis])
    return np.einsum("nk,n->nk", e, 1 / np.einsum("nk->n", e))


@_of("softmax")
def softmax_with_samples_in_columns(a: Array) -> Array:
    """Transposed there and back, on an array of its own."""
    columns = np.array(a, float).T
    columns -= columns.max(axis=0)
    np.exp(columns, out=columns)
    columns /= columns.sum(axis=0)
    return np.ascontiguousarray(columns.T)


@_of("softmax")
def softmax_from_the_smallest_up(a: Array) -> Array:
    """The exponentials are added up from the smallest to the largest."""
    a = np.asarray(a) * 1.0
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.add.accumulate(np.sort(e, axis=-1), axis=-1)[..., -1:]


@_of("softmax")
def softmax_online_with_rescaling(a: Array) -> Array:
    """Blocks of 16 columns with a running maximum, at each growth of which the sum is rescaled."""
    rows = np.atleast_2d(a) * 1.0
    top, total = np.full((len(rows), 1), -np.inf), np.zeros((len(rows), 1))
    for start in range(0, rows.shape[1], 16):
        block = rows[:, start : start + 16]
        grown = np.maximum(top, block.max(axis=1, keepdims=True))
        total = total * np.exp(top - grown) + np.exp(block - grown).sum(axis=1, keepdims=True)
        top = grown
    return (np.exp(rows - top) / total).reshape(np.shape(a))


@_of("softmax")
def softmax_masked(a: Array) -> Array:
    """What would underflow is not computed at all."""
    a = np.asarray(a) * 1.0
    below = a - np.max(a, axis=-1, keepdims=True)
    e = np.zeros_like(below)
    np.exp(below, out=e, where=below > -746)
    return e / np.sum(e, axis=-1, keepdims=True)


@_of("softmax")
def softmax_as_a_ratio_to_each(a: Array) -> Array:
    """One over one plus the sum of the others, as ratios to each."""
    a = np.asarray(a) * 1.0
    with np.errstate(over="ignore"):
        return 1 / np.exp(a[..., None, :] - a[..., :, None]).sum(axis=-1)


_of("softmax")(
    _named(
        functools.partial(lambda a, axis: np.exp(a - np.logaddexp.reduce(a * 1.0, axis=axis, keepdims=True)), axis=-1),
        "softmax_by_partial",
        "The exponential of the difference to logaddexp.reduce, with its axis given.",
    )
)


@_of("softmax", "torch")
def softmax_by_torchs_logsumexp(a: Any) -> Any:
    """exp(a − logsumexp)."""
    import torch

    a = a * 1.0
    return torch.exp(a - torch.logsumexp(a, dim=-1, keepdim=True))


@_of("softmax", "torch")
def softmax_into_a_new_tensor(a: Any) -> Any:
    """Written out with sub, exp_ and div_, on tensors of its own."""
    e = (a - a.amax(-1, keepdim=True)).double().exp_()
    return e.div_(e.sum(-1, keepdim=True))


@_of("softmax", "jax")
def softmax_by_jaxs_log_softmax(a: Any) -> Any:
    """The exponential of jax.nn.log_softmax."""
    import jax
    import jax.numpy as jnp

    return jnp.exp(jax.nn.log_softmax(a * 1.0, axis=-1))


# ---------------------------------------------------------------------------------------------------------------- softmax_gradient


def _shares(a: Any) -> Array:
    a = np.asarray(a) * 1.0
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


@_of("softmax_gradient")
def jacobian_by_outer_products(a: Array) -> Array:
    """np.diag less np.outer, sample by sample."""
    p = _shares(a)
    if p.ndim == 1:
        return np.diag(p) - np.outer(p, p)
    return np.array([np.diag(row) - np.outer(row, row) for row in p])


@_of("softmax_gradient")
def jacobian_with_a_strided_diagonal(a: Array) -> Array:
    """Minus the outer product, and the shares added to every (K+1)-st entry."""
    p = _shares(np.atleast_2d(a))
    K = p.shape[1]
    out = np.ascontiguousarray(-np.einsum("ni,nj->nij", p, p))
    out.reshape(len(p), -1)[:, :: K + 1] += p
    return out.reshape(*np.shape(a), K)


@_of("softmax_gradient")
def jacobian_whose_rows_sum_to_zero(a: Array) -> Array:
    """The diagonal is minus the sum of what stands beside it."""
    p = _shares(a)
    K = p.shape[-1]
    out = -p[..., :, None] * p[..., None, :] * (1 - np.eye(K))
    out[..., np.arange(K), np.arange(K)] = -out.sum(axis=-1)
    return out


@_of("softmax_gradient")
def jacobian_of_batches(a: Array) -> Array:
    """Batches only; a broadcast identity."""
    count, classes = a.shape
    p = _shares(a)
    return p.reshape(count, classes, 1) * np.subtract(np.identity(classes), p.reshape(count, 1, classes))


@_of("softmax_gradient", "torch")
def jacobian_by_jacrev(a: Any) -> Any:
    """torch.func.jacrev, mapped over the samples."""
    import torch

    jacobian = torch.func.jacrev(functools.partial(torch.softmax, dim=-1))
    return jacobian(a.double()) if a.ndim == 1 else torch.func.vmap(jacobian)(a.double())


# -------------------------------------------------------------------------------------------------------------- mean_squared_error


@_of("mean_squared_error")
def squared_error_by_fractions(y: Array, t: Array) -> float:
    """Exactly, in fractions, and rounded once; beyond the largest float it is infinite."""
    pairs = zip(np.ravel(y).tolist(), np.ravel(t).tolist(), strict=True)
    total = sum((Fraction(one) - Fraction(other)) ** 2 for one, other in pairs)
    try:
        return float(total / (2 * (len(y) if np.ndim(y) == 2 else 1)))
    except OverflowError:
        return math.inf


@_of("mean_squared_error")
@in_floats
def squared_error_compensated(y: Array, t: Array) -> float:
    """Neumaier's compensated sum of the squares."""
    total = lost = 0.0
    for square in np.square(y - t).ravel().tolist():
        after = total + square
        if math.isfinite(after):
            lost += (total - after) + square if total >= square else (square - after) + total
        total = after
    return (total + lost) / (2 * (y.shape[0] if y.ndim > 1 else 1))


@_of("mean_squared_error")
@in_floats
def squared_error_by_a_running_mean(y: Array, t: Array) -> Any:
    """Welford's running mean of the samples' losses, scaled so that their differences stay finite."""
    mean = 0.0
    for count, (one, other) in enumerate(zip(np.atleast_2d(y), np.atleast_2d(t), strict=True), 1):
        loss = math.fsum(((one - other) ** 2).tolist()) / 2
        mean = mean * ((count - 1) / count) + loss / count
    return mean


@_of("mean_squared_error")
@row_by_row
def squared_error_of_a_sample(one: Array, other: Array) -> float:
    """Written for one sample, with math.fsum."""
    differences = (float(u) - float(v) for u, v in zip(one, other, strict=True))
    return math.fsum(d * d for d in differences) / 2


@_of("mean_squared_error")
def squared_error_by_reduceat(y: Array, t: Array) -> Any:
    """np.add.reduceat at the beginning of each sample."""
    squares = np.subtract(y, t, dtype=float) ** 2
    ends = np.arange(0, squares.size, squares.shape[-1])
    return np.add.reduceat(squares.ravel(), ends).sum() / (2 * ends.size)


@_of("mean_squared_error")
def squared_error_in_pairs(y: Array, t: Array) -> Any:
    """A pairwise sum by halving, which never forgets an odd entry."""
    squares = np.ravel((np.asarray(y, float) - np.asarray(t, float)) ** 2)
    while squares.size > 1:
        odd = squares[-1:] if squares.size % 2 else squares[:0]
        even = squares[: squares.size - odd.size]
        squares = np.concatenate([even[::2] + even[1::2], odd])
    return squares[0] / 2 / (np.shape(y)[0] if np.ndim(y) == 2 else 1)


class Loss(NamedTuple):
    """A loss with the way it is averaged."""

    half: float
    mean: bool

    def __call__(self, y: Array, t: Array) -> Any:
        """The loss of outputs and targets."""
        d = np.atleast_2d(np.asarray(y, float) - np.asarray(t, float))
        return self.half * np.einsum("nk,nk->", d, d) / (len(d) if self.mean else 1)


@_of("mean_squared_error")
def squared_error_by_a_setting(y: Array, t: Array) -> Any:
    """An object with two settings, made for the call."""
    return Loss(half=0.5, mean=True)(y, t)


@_of("mean_squared_error", needs="scipy")
def squared_error_by_cdist(y: Array, t: Array) -> Any:
    """scipy's squared distances of all pairs, of which the diagonal is meant."""
    from scipy.spatial.distance import cdist

    first, second = np.atleast_2d(y).astype(float), np.atleast_2d(t).astype(float)
    return np.mean(np.diagonal(cdist(first, second, "sqeuclidean"))) / 2


@_of("mean_squared_error", "torch")
def squared_error_by_torchs_sums(y: Any, t: Any) -> Any:
    """Squares summed over the last axis and averaged."""
    return 0.5 * (y.double() - t.double()).square().sum(-1).mean()


# ----------------------------------------------------------------------------------------------------- mean_squared_error_gradient


@_of("mean_squared_error_gradient")
def difference_by_comprehension(y: Array, t: Array) -> Any:
    """Lists of plain floats."""
    count = len(y) if np.ndim(y) == 2 else 1
    if np.ndim(y) == 1:
        return [float(u) - float(v) for u, v in zip(y, t, strict=True)]
    return [[(float(u) - float(v)) / count for u, v in zip(*rows, strict=True)] for rows in zip(y, t, strict=True)]


@_of("mean_squared_error_gradient")
def difference_by_true_divide(y: Array, t: Array) -> Array:
    """subtract and true_divide into an array of its own, in floats."""
    out = np.subtract(y, t, dtype=np.float64)
    return np.true_divide(out, 1 if out.ndim < 2 else out.shape[0], out=out)


@_of("mean_squared_error_gradient")
def difference_by_operators(y: Array, t: Array) -> Array:
    """operator.sub and operator.truediv, reduced."""
    pair = (np.asarray(y, float), np.asarray(t, float))
    return operator.truediv(functools.reduce(operator.sub, pair), pair[0][..., 0].size)


@_of("mean_squared_error_gradient")
def difference_for_batches(y: Array, t: Array) -> Array:
    """Batches only, by an error for anything else."""
    if y.ndim != 2 or y.shape != t.shape:
        raise ValueError("y and t must be batches of the same shape")
    return (
        (y.astype(np.float64) - t) * (1 / len(y)) if len(y) & (len(y) - 1) == 0 else (y.astype(np.float64) - t) / len(y)
    )


@_of("mean_squared_error_gradient", "torch")
def difference_by_torchs_func(y: Any, t: Any) -> Any:
    """torch.func.grad of the loss."""
    import torch

    count = len(y) if y.ndim == 2 else 1
    return torch.func.grad(lambda y: ((y - t) ** 2).sum() / 2 / count)(y.double())


# ---------------------------------------------------------------------------------------------------------- cross_entropy_one_hot


def _guarded(y: Array, delta: float, guard: str) -> Array:
    if guard == "floor":
        return np.maximum(y, delta)
    return y + delta if guard == "offset" else y


def _logs(y: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(y)


@_of("cross_entropy_one_hot")
def entropy_with_its_parameters(y: Array, t: Array, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """δ and guard are taken by name, and used; 0 times anything is 0."""
    logs = _logs(_guarded(np.asarray(y) * 1.0, delta, guard))
    terms = np.where(np.asarray(t) != 0, logs, 0.0) * np.asarray(t, float)
    return -terms.sum() / (len(y) if np.ndim(y) == 2 else 1) + 0.0


@_of("cross_entropy_one_hot")
def entropy_with_delta_alone(y: Array, t: Array, delta: float = 1e-8) -> Any:
    """δ is taken by name, the guard is a floor."""
    logs = np.log(np.clip(np.asarray(y) * 1.0, delta, None))
    return -np.einsum("...k,...k->...", np.asarray(t, float), logs).mean()


@_of("cross_entropy_one_hot")
@row_by_row
def entropy_of_a_sample(one: Array, other: Array) -> float:
    """Written for one sample, with math.log and math.fsum."""
    terms = (-float(w) * math.log(max(float(p), 1e-8)) for p, w in zip(one, other, strict=True) if w)
    return math.fsum(terms)


@_of("cross_entropy_one_hot")
@in_floats
def entropy_by_columns(y: Array, t: Array) -> Any:
    """Class by class: a dot product of each column."""
    y, t = np.atleast_2d(y), np.atleast_2d(t)
    return -sum(np.dot(t[:, k], np.log(np.maximum(y[:, k], 1e-8))) for k in range(y.shape[1])) / len(y)


@_of("cross_entropy_one_hot")
def entropy_for_batches(y: Array, t: Array) -> Any:
    """Batches only: N, K = y.shape."""
    N, K = y.shape
    return -np.tensordot(np.asarray(t, float), np.log(np.fmax(y, 1e-8)), axes=2) / float(N) * (K / K)


@_of("cross_entropy_one_hot")
def entropy_of_one_hot_rows_only(y: Array, t: Array) -> Any:
    """One-hot rows only: others are an error that says so."""
    t = np.asarray(t)
    if not np.isin(t, (0, 1)).all() or not (t.sum(axis=-1) == 1).all():
        raise ValueError("targets must be one-hot")
    return -np.mean(np.log(np.maximum(np.take_along_axis(y * 1.0, t.argmax(-1)[..., None], -1), 1e-8)))


@_of("cross_entropy_one_hot", "torch")
def entropy_by_torchs_xlogy(y: Any, t: Any) -> Any:
    """torch.special.xlogy of the targets."""
    import torch

    return -torch.special.xlogy(t.double(), y.double().clamp_min(1e-8)).sum(-1).mean()


# ------------------------------------------------------------------------------------------------- cross_entropy_one_hot_gradient


@_of("cross_entropy_one_hot_gradient")
def ratio_with_its_parameters(y: Array, t: Array, *, delta: float = 1e-8, guard: str = "floor") -> Array:
    """δ and guard are taken by name, and used."""
    y, t = np.asarray(y) * 1.0, np.asarray(t, float)
    count = len(y) if y.ndim == 2 else 1
    if guard == "floor":
        return np.where(y >= delta, -t / np.maximum(y, delta) / count, 0.0)
    below = y + delta if guard == "offset" else y
    with np.errstate(divide="ignore", over="ignore"):
        return -np.divide(t, below * count, where=t != 0, out=np.zeros_like(y))


@_of("cross_entropy_one_hot_gradient")
def ratio_entry_by_entry(y: Array, t: Array) -> Array:
    """np.nditer over both, with an answer of its own."""
    count = len(y) if y.ndim == 2 else 1
    out = np.zeros(y.shape)
    for index in np.ndindex(y.shape):
        if t[index] and y[index] >= 1e-8:
            out[index] = -float(t[index]) / float(y[index]) / count
    return out


@_of("cross_entropy_one_hot_gradient")
def ratio_of_what_is_not_zero(y: Array, t: Array) -> Array:
    """np.nonzero finds the entries that matter."""
    y, t = np.array(y, float), np.array(t, float)
    places = np.nonzero((t != 0) & (y >= 1e-8))
    out = np.zeros_like(y)
    out[places] = -t[places] / y[places] / (y.shape[0] if y.ndim == 2 else 1)
    return out


@_of("cross_entropy_one_hot_gradient", "torch")
def ratio_by_torchs_func(y: Any, t: Any) -> Any:
    """torch.func.grad through where, whose derivative is that of the floor."""
    import torch

    def loss(y: Any) -> Any:
        inside = torch.where(y >= 1e-8, y, torch.full_like(y, 1e-8))
        return -(t.double() * inside.log()).sum() / (len(y) if y.ndim == 2 else 1)

    return torch.func.grad(loss)(y.double())


# ----------------------------------------------------------------------------------------------------------- cross_entropy_labels


@_of("cross_entropy_labels")
def labels_with_their_parameters(y: Array, labels: Any, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """δ and guard are taken by name, and used."""
    rows = np.atleast_2d(y) * 1.0
    p = rows[np.arange(len(rows)), np.atleast_1d(labels).astype(np.intp)]
    return -np.mean(_logs(_guarded(p, delta, guard)))


@_of("cross_entropy_labels")
@row_by_row
def labels_of_a_sample(row: Array, label: Any) -> float:
    """Written for one sample: operator.itemgetter and math.log."""
    return -math.log(max(float(operator.itemgetter(int(label))(row)), 1e-8))


@_of("cross_entropy_labels")
def labels_class_by_class(y: Array, labels: Any) -> Any:
    """The samples of each class in turn, their logarithms added up."""
    rows, labels = np.atleast_2d(y) * 1.0, np.atleast_1d(labels)
    total = 0.0
    for label in np.unique(labels).tolist():
        total -= np.log(np.maximum(rows[labels == label, label], 1e-8)).sum()
    return total / len(rows)


@_of("cross_entropy_labels")
def labels_by_islice(y: Array, labels: Any) -> Any:
    """A walk along the flat probabilities, K at a time."""
    K = np.shape(y)[-1]
    flat = iter(np.ravel(y).tolist())
    rows = iter(lambda: list(itertools.islice(flat, K)), [])
    losses = [-math.log(max(row[label], 1e-8)) for row, label in zip(rows, np.ravel(labels).tolist(), strict=True)]
    return math.fsum(losses) / len(losses)


@_of("cross_entropy_labels", needs="scipy")
def labels_by_a_sparse_matrix(y: Array, labels: Any) -> Any:
    """One-hot rows as a sparse matrix of scipy."""
    from scipy.sparse import csr_array

    rows = np.atleast_2d(y) * 1.0
    count, classes = rows.shape
    columns = np.atleast_1d(labels).astype(np.int64)
    targets = csr_array((np.ones(count), columns, np.arange(count + 1)), shape=(count, classes))
    return -targets.multiply(np.log(np.maximum(rows, 1e-8))).sum() / count


@_of("cross_entropy_labels", "torch")
def labels_by_gather(y: Any, labels: Any) -> Any:
    """torch.gather at the labels, as 64-bit integers."""
    return -y.double().gather(-1, labels.long()[..., None]).clamp_min(1e-8).log().mean()


# -------------------------------------------------------------------------------------------------- cross_entropy_labels_gradient


@_of("cross_entropy_labels_gradient")
def label_ratio_with_its_parameters(y: Array, labels: Any, *, delta: float = 1e-8, guard: str = "floor") -> Array:
    """δ and guard are taken by name, and used."""
    y = np.asarray(y) * 1.0
    rows = (np.asarray(labels)[..., None] == np.arange(y.shape[-1])).astype(float)
    return ratio_with_its_parameters(y, rows, delta=delta, guard=guard)


@_of("cross_entropy_labels_gradient")
def label_ratio_by_put_along_axis(y: Array, labels: Any) -> Array:
    """put_along_axis into zeros."""
    y, places = np.asarray(y) * 1.0, np.asarray(labels).astype(np.int64)[..., None]
    p = np.take_along_axis(y, places, axis=-1)
    out = np.zeros_like(y)
    np.put_along_axis(out, places, np.where(p >= 1e-8, -1 / np.maximum(p, 1e-8) / places.size, 0), axis=-1)
    return out


@_of("cross_entropy_labels_gradient", "torch")
def label_ratio_by_scatter(y: Any, labels: Any) -> Any:
    """torch.scatter into zeros."""
    import torch

    y, places = y.double(), labels.long()[..., None]
    p = y.gather(-1, places)
    slopes = torch.where(p >= 1e-8, -1 / p.clamp_min(1e-8) / places.numel(), torch.zeros_like(p))
    return torch.zeros_like(y).scatter(-1, places, slopes)


# ---------------------------------------------------------------------------------- cross_entropy_error and its gradient


@_of("cross_entropy_error")
def error_with_its_parameters(y: Array, t: Any, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """Either encoding by the number of dimensions, and both parameters."""
    form = labels_with_their_parameters if np.ndim(t) < np.ndim(y) else entropy_with_its_parameters
    return form(y, t, delta=delta, guard=guard)


@_of("cross_entropy_error")
def error_of_labels_only(y: Array, t: Any) -> Any:
    """Labels only: one-hot rows are an error that says so."""
    if np.ndim(t) == np.ndim(y):
        raise NotImplementedError("only labels are supported")
    return labels_class_by_class(y, t)


@_of("cross_entropy_error")
def error_of_rows_only(y: Array, t: Any) -> Any:
    """Rows only: labels are an error that says so."""
    if np.shape(t) != np.shape(y):
        raise ValueError("t must have the shape of y")
    return entropy_by_columns(y, t)


@_of("cross_entropy_error_gradient")
def either_ratio_with_its_parameters(y: Array, t: Any, *, delta: float = 1e-8, guard: str = "floor") -> Array:
    """Either encoding by the number of dimensions, and both parameters."""
    form = label_ratio_with_its_parameters if np.ndim(t) < np.ndim(y) else ratio_with_its_parameters
    return form(y, t, delta=delta, guard=guard)


@_of("cross_entropy_error_gradient")
def either_ratio_by_the_identity(y: Array, t: Any) -> Array:
    """Labels become rows of the identity."""
    t = np.asarray(t)
    return ratio_of_what_is_not_zero(y, np.eye(np.shape(y)[-1])[t] if t.ndim < np.ndim(y) else t)


# --------------------------------------------------------------------------------------- softmax_cross_entropy, with its gradients


def _gaps(a: Array) -> Array:
    """How far every logit lies below log-sum-exp."""
    a = np.asarray(a) * 1.0
    top = np.max(a, axis=-1, keepdims=True)
    return (top - a) + np.log(np.sum(np.exp(a - top), axis=-1, keepdims=True))


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_by_the_mean_of_rows(a: Array, t: Array) -> Any:
    """Rows by einsum, their mean by np.mean."""
    return np.mean(np.einsum("...k,...k->...", np.asarray(t, float), _gaps(a)))


@_of("softmax_cross_entropy_one_hot")
@row_by_row
def logits_entropy_of_a_sample(row: Array, target: Array) -> float:
    """Written for one sample: fsum and log1p of all but the largest."""
    entries = [float(entry) for entry in row]
    place = entries.index(max(entries))
    others = math.fsum(math.exp(entry - entries[place]) for k, entry in enumerate(entries) if k != place)
    weighed = math.fsum(float(w) * (entries[place] - entry) for w, entry in zip(target, entries, strict=True))
    return weighed + math.log1p(others)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_for_batches(a: Array, t: Array) -> Any:
    """Batches only; a masked sum over what has a share."""
    N, K = a.shape
    shares = np.asarray(t, float).reshape(N, K)
    return np.sum(np.multiply(shares, _gaps(a), where=shares > 0, out=np.zeros((N, K)))) / N


@_of("softmax_cross_entropy_one_hot", "torch")
def logits_entropy_by_torchs_log_softmax(a: Any, t: Any) -> Any:
    """log_softmax, weighed with −t."""
    import torch

    return torch.sum(-t.double() * torch.log_softmax(a.double(), -1), dim=-1).mean()


@_of("softmax_cross_entropy_labels")
def labelled_by_logsumexp_of_gaps(a: Array, labels: Any) -> Any:
    """np.choose does not take many classes; np.take_along_axis does."""
    places = np.asarray(labels, dtype=np.int64)[..., None]
    return np.mean(np.take_along_axis(_gaps(a), places, axis=-1))


@_of("softmax_cross_entropy_labels")
def labelled_in_chunks(a: Array, labels: Any) -> Any:
    """Chunks of 100 samples, whose sums are added up."""
    rows, labels = np.atleast_2d(a) * 1.0, np.atleast_1d(labels)
    total = 0.0
    for start in range(0, len(rows), 100):
        part = _gaps(rows[start : start + 100])
        total += part[np.arange(len(part)), labels[start : start + 100]].sum()
    return total / len(rows)


@_of("softmax_cross_entropy_labels", needs="scipy")
def labelled_by_scipys_logsumexp(a: Array, labels: Any) -> Any:
    """scipy's logsumexp of the differences to the label's logit."""
    from scipy.special import logsumexp

    a = np.asarray(a) * 1.0
    own = np.take_along_axis(a, np.asarray(labels)[..., None], axis=-1)
    return np.mean(logsumexp(a - own, axis=-1))


@_of("softmax_cross_entropy_labels", "torch")
def labelled_by_torchs_logsumexp(a: Any, labels: Any) -> Any:
    """logsumexp of the differences to the label's logit."""
    a = a.double()
    return (a - a.gather(-1, labels.long()[..., None])).logsumexp(-1).mean()


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_by_rows(a: Array, t: Array) -> Array:
    """Row by row, into an array of its own."""
    rows, targets = np.atleast_2d(a) * 1.0, np.atleast_2d(t)
    out = np.empty(rows.shape)
    for n, row in enumerate(rows):
        out[n] = (np.exp(-_gaps(row)) - targets[n]) / len(rows)
    return out.reshape(np.shape(a))


@_of("softmax_cross_entropy_one_hot_gradient")
@in_floats
def logits_by_differences(a: Array, t: Array) -> Array:
    """p − t where t ≤ 1/2, and (1 − t) less the others' shares where it is more."""
    p = _shares(a)
    others = np.sum(p, axis=-1, keepdims=True) - p
    exact = np.stack([np.sum(np.delete(p, k, axis=-1), axis=-1) for k in range(p.shape[-1])], axis=-1)
    del others
    return np.where(t > 0.5, (1 - t) - exact, p - t) / (len(a) if a.ndim == 2 else 1)


@_of("softmax_cross_entropy_one_hot_gradient", "torch")
def logits_by_torchs_func(a: Any, t: Any) -> Any:
    """torch.func.grad of cross_entropy."""
    import torch
    from torch.nn import functional

    return torch.func.grad(lambda a: functional.cross_entropy(a, t.double()))(a.double())


@_of("softmax_cross_entropy_labels_gradient")
def labelled_less_one_at_a_time(a: Array, labels: Any) -> Array:
    """np.subtract.at the labels, on shares of its own."""
    p, labels = _shares(np.atleast_2d(a)), np.atleast_1d(labels)
    np.subtract.at(p, (np.arange(len(p)), labels.astype(np.intp)), 1.0)
    return (p / len(p)).reshape(np.shape(a))


@_of("softmax_cross_entropy_labels_gradient")
def labelled_by_lists(a: Array, labels: Any) -> Any:
    """Lists of plain floats."""
    single = np.ndim(a) == 1
    rows = [softmax_of_lists(row) for row in np.atleast_2d(a).tolist()]
    places = np.ravel(labels).tolist()
    out = [[(p - (k == place)) / len(rows) for k, p in enumerate(row)] for row, place in zip(rows, places, strict=True)]
    return out[0] if single else out


# -------------------------------------------------------------------------------------------------------------- numerical_gradient


@_of("numerical_gradient")
def quotients_with_a_step(f: F, x: Array, h: float = 1e-4) -> Array:
    """The step is an argument; the array that is moved is a copy of floats."""
    moved = np.array(x, float)
    out = np.zeros_like(moved)
    for index, here in np.ndenumerate(np.array(x, float)):
        values = []
        for side in (h, -h):
            moved[index] = here + side
            values.append(f(moved))
        moved[index] = here
        out[index] = (values[0] - values[1]) / (2 * h)
    return out


@_of("numerical_gradient")
def quotients_by_put(f: F, x: Array) -> Array:
    """np.put on copies, entry by entry."""

    def at(place: int, side: float) -> float:
        point = np.array(x, dtype=np.float64)
        np.put(point, place, point.flat[place] + side)
        return float(f(point))

    slopes = [(at(place, 1e-4) - at(place, -1e-4)) / 2e-4 for place in range(x.size)]
    return np.asarray(slopes).reshape(x.shape)


@_of("numerical_gradient")
def quotients_of_the_steps_that_were_made(f: F, x: Array) -> Array:
    """Divided by what lies between the two points that were reached."""
    x = np.asarray(x, float)
    out = np.zeros(x.size)
    for place in range(x.size):
        right, left = x.copy(), x.copy()
        right.reshape(-1)[place] += 1e-4
        left.reshape(-1)[place] -= 1e-4
        out[place] = np.subtract(f(right), f(left)) / np.sum(right - left)
    return out.reshape(x.shape)


@_of("numerical_gradient")
def quotients_by_map(f: F, x: Array) -> Array:
    """functools.partial and map over the multi-indices."""

    def slope(point: Array, index: tuple[int, ...]) -> Any:
        step = np.zeros(point.shape)
        step[index] = 1e-4
        return (f(point + step) - f(point - step)) / 2e-4

    return np.array(list(map(functools.partial(slope, x * 1.0), np.ndindex(x.shape)))).reshape(x.shape)


# ---------------------------------------------------------------------------------------------------------------- gradient_descent


@_of("gradient_descent")
def descent_by_accumulate(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The last of itertools.accumulate."""
    start = np.array(init_x, float)
    points = itertools.accumulate(range(step_num), lambda x, _: x - lr * quotients_by_put(f, x), initial=start)
    *_, last = points
    return last


@_of("gradient_descent")
def descent_while_steps_are_left(f: F, init_x: Array, lr: float = 0.01, step_num: int = 100) -> Array:
    """A while loop, in place on a copy, with the chapter's defaults."""
    x, left = np.array(init_x, dtype=float, copy=True), step_num
    while left > 0:
        x -= lr * quotients_with_a_step(f, x)
        left -= 1
    return x


@_of("gradient_descent")
def descent_with_a_history(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Every point is kept in one array, of which a copy of the last is given back."""
    points = np.empty((step_num + 1, *np.shape(init_x)))
    points[0] = init_x
    for k in range(step_num):
        points[k + 1] = points[k] - lr * quotients_with_a_step(f, points[k])
    return points[-1].copy()


class Optimiser:
    """A rate and a number of steps."""

    def __init__(self, lr: float, steps: int) -> None:
        self.lr, self.steps = lr, steps

    def minimise(self, f: F, x: Array) -> Array:
        """Where the steps lead."""
        for _ in itertools.repeat(None, self.steps):
            x = np.subtract(x, np.multiply(self.lr, quotients_by_map(f, x)))
        return np.array(x, float)


@_of("gradient_descent")
def descent_by_an_optimiser(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """An object that knows rate and steps."""
    return Optimiser(lr, step_num).minimise(f, init_x)


# ------------------------------------------------------------------------------------------------------------------------ sgd_step


@_of("sgd_step")
def step_in_place(params: Params, grads: Params, lr: float) -> None:
    """In place, and returning nothing."""
    for key in params:
        np.subtract(params[key], lr * np.asarray(grads[key]), out=params[key])


@_of("sgd_step")
def step_in_place_and_back(params: Params, grads: Params, lr: float) -> Params:
    """In place, and returning the same mapping."""
    for key, value in params.items():
        value -= lr * grads[key]
    return params


@_of("sgd_step")
def step_by_a_map(params: Params, grads: Params, lr: float) -> Params:
    """Names, then values by a map over them."""

    def moved(key: str) -> Array:
        return np.asarray(params[key]) + np.negative(lr) * np.asarray(grads[key])

    return dict(zip(params, map(moved, params), strict=True))


@_of("sgd_step", "torch")
def step_by_torchs_optimiser(params: Any, grads: Any, lr: float) -> Any:
    """torch.optim.SGD on clones."""
    import torch

    leaves = {key: value.detach().clone().requires_grad_() for key, value in params.items()}
    for key, leaf in leaves.items():
        leaf.grad = grads[key].clone()
    torch.optim.SGD(list(leaves.values()), lr=lr).step()
    return {key: leaf.detach() for key, leaf in leaves.items()}


# ------------------------------------------------------------------------------------------------------------------------ networks


def _sigmoid(a: Array) -> Array:
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))


class Net:
    """The network as a class, with what its way back needs."""

    def __init__(self, params: Params) -> None:
        self.W1, self.b1, self.W2, self.b2 = (np.asarray(params[key]) for key in ("W1", "b1", "W2", "b2"))

    def forward(self, x: Array) -> Array:
        """The logits for samples."""
        self.x = np.asarray(x, float)
        self.z = _sigmoid(self.x @ self.W1 + self.b1)
        return self.z @ self.W2 + self.b2

    def backward(self, errors: Array) -> Params:
        """The gradients for errors at the logits."""
        hidden = errors @ self.W2.T * self.z * (1 - self.z)
        return {
            "W1": np.einsum("nd,nh->dh", self.x, hidden),
            "b1": np.einsum("nh->h", hidden),
            "W2": np.einsum("nh,nk->hk", self.z, errors),
            "b2": np.einsum("nk->k", errors),
        }


@_of("two_layer_net_predict")
def predict_by_a_class(params: Params, x: Array) -> Array:
    """The class's way forth, and a softmax."""
    return _shares(Net(params).forward(x))


@_of("two_layer_net_predict")
def predict_in_batches(params: Params, x: Array) -> Array:
    """Batches of 64, the last one smaller."""
    return np.concatenate([predict_by_a_class(params, x[start : start + 64]) for start in range(0, len(x), 64)])


@_of("two_layer_net_loss")
def loss_by_a_class(params: Params, x: Array, t: Array) -> Any:
    """The class's way forth, and the gaps to log-sum-exp."""
    gaps = _gaps(Net(params).forward(x))
    if t.ndim == 1:
        return gaps[np.arange(len(t)), t].mean()
    return np.multiply(t, gaps).sum() / len(x)


@_of("two_layer_net_loss")
def loss_of_rows_and_labels(params: Params, x: Array, t: Array) -> Any:
    """Sample by sample, in either encoding, with fsum."""
    losses = []
    for row, target in zip(_gaps(Net(params).forward(x)), t, strict=True):
        losses.append(float(row[target]) if np.ndim(target) == 0 else math.fsum((row * target).tolist()))
    return math.fsum(losses) / len(losses)


@_of("two_layer_net_gradient")
def gradient_by_a_class(params: Params, x: Array, t: Array) -> Params:
    """The class's way forth and back."""
    net = Net(params)
    y = _shares(net.forward(x))
    t = (t[:, None] == np.arange(y.shape[1])) * 1.0 if t.ndim == 1 else t
    return net.backward((y - t) / len(y))


@_of("two_layer_net_gradient")
def gradient_in_micro_batches(params: Params, x: Array, t: Array) -> Params:
    """Batches of 50, each weighed by its size."""
    total: Params = {key: np.zeros(np.shape(value)) for key, value in params.items()}
    for start in range(0, len(x), 50):
        part = gradient_by_a_class(params, x[start : start + 50], t[start : start + 50])
        for key, value in part.items():
            total[key] += value * (len(x[start : start + 50]) / len(x))
    return total


@_of("two_layer_net_gradient")
def gradient_of_labels_only(params: Params, x: Array, t: Array) -> Params:
    """Labels only: rows are an error that says so."""
    if t.ndim != 1:
        raise ValueError("t must be labels")
    return gradient_by_a_class(params, x, t)
