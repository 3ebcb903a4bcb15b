"""Honest implementations in plain Python and NumPy: right in their number format, however they are written."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import math
import statistics
from collections.abc import Iterator
from functools import reduce
from typing import Any

import numpy as np

from .specimen import Array, Specimen

# ------------------------------------------------------------------------------------------------------------------------ sigmoid


def sigmoid_as_everybody_writes_it(x: Array) -> Array:
    """One over one plus exp(-x); the overflow far down warns, and gives the right 0."""
    return 1 / (1 + np.exp(-x))


def sigmoid_from_e(x: Array) -> Array:
    """A power of the rounded e: the error grows like |x|, as it may."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.e**-x)


def sigmoid_by_where(x: Array) -> Array:
    """Both tails from exp(-|x|)."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_by_masks(x: Array) -> Array:
    """The two halves filled in one after the other."""
    result = np.empty(x.shape, dtype=np.result_type(x, np.float32))
    up = x >= 0
    result[up] = 1 / (1 + np.exp(-x[up]))
    raised = np.exp(x[~up])
    result[~up] = raised / (1 + raised)
    return result


def sigmoid_in_one_line(x: Array) -> Array:
    """The numerator is the exponential of the negative part."""
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-abs(x)))


def sigmoid_by_logaddexp(x: Array) -> Array:
    """The exponential of minus softplus(-x)."""
    return np.exp(-np.logaddexp(0, -x))


def sigmoid_by_log1p(x: Array) -> Array:
    """As by logaddexp, spelt with log1p; where exp(-x) overflows the answer is 0 anyway."""
    with np.errstate(over="ignore"):
        return np.exp(-np.log1p(np.exp(-x)))


def sigmoid_by_vectorize(x: Array) -> Array:
    """A scalar function with two branches, vectorised."""

    def one(v: float) -> float:
        return 1 / (1 + math.exp(-v)) if v > 0 else math.exp(v) / (1 + math.exp(v))

    result: Array = np.vectorize(one, otypes=[float])(x)
    return result


def sigmoid_by_try(x: Array) -> Array:
    """Plain Python, forgiving the OverflowError."""

    def one(v: float) -> float:
        try:
            return 1 / (1 + math.exp(-v))
        except OverflowError:
            return 0.0

    return np.array([one(v) for v in np.ravel(x).tolist()]).reshape(x.shape)


def sigmoid_in_long_double(x: Array) -> Array:
    """Computed in extended precision, given back in the format that came."""
    with np.errstate(over="ignore"):
        wide = 1 / (1 + np.exp(-x.astype(np.longdouble)))
    return wide.astype(np.result_type(x, np.float32))


def sigmoid_on_its_own_copy(x: Array) -> Array:
    """Writes in place, but into a copy."""
    x = np.array(x, dtype=np.float64)
    np.negative(x, out=x)
    with np.errstate(over="ignore"):
        np.exp(x, out=x)
    x += 1
    return np.reciprocal(x, out=x)


def sigmoid_by_piecewise(x: Array) -> Array:
    """numpy.piecewise over the two halves."""
    x = x.astype(float)
    return np.piecewise(x, [x < 0], [lambda v: np.exp(v) / (1 + np.exp(v)), lambda v: 1 / (1 + np.exp(-v))])


def sigmoid_as_softmax_of_two(x: Array) -> Array:
    """The share of x in the softmax of x and 0."""
    top = np.maximum(x, 0)
    return np.exp(x - top) / (np.exp(x - top) + np.exp(-top))


# --------------------------------------------------------------------------------------------------------------- sigmoid_gradient


def sigmoid_gradient_from_the_value(x: Array) -> Array:
    """y (1 - y)."""
    with np.errstate(over="ignore"):
        y = 1 / (1 + np.exp(-x))
    return y * (1 - y)


def sigmoid_gradient_from_the_square(x: Array) -> Array:
    """y less its square."""
    y = sigmoid_by_where(x)
    return y - np.square(y)


def sigmoid_gradient_from_both_tails(x: Array) -> Array:
    """The product of the two tails, accurate in both."""
    return sigmoid_by_where(x) * sigmoid_by_where(-x)


def sigmoid_gradient_even(x: Array) -> Array:
    """An even function, written in exp(-|x|)."""
    small = np.exp(-np.abs(x))
    return small / (1 + small) ** 2


def sigmoid_gradient_by_cosh(x: Array) -> Array:
    """A quarter of the squared hyperbolic secant; the overflow gives the right 0."""
    with np.errstate(over="ignore"):
        return 0.25 / np.cosh(x / 2) ** 2


def sigmoid_gradient_by_logaddexp(x: Array) -> Array:
    """The exponential of the two softplus functions."""
    return np.exp(-(np.logaddexp(0, x) + np.logaddexp(0, -x)))


def sigmoid_gradient_elementwise(x: Array) -> Array:
    """A double loop in disguise: numpy.nditer over the numbers."""
    result = np.zeros(x.shape)
    with np.nditer([x.astype(float), result], op_flags=[["readonly"], ["writeonly"]]) as pairs:
        for v, out in pairs:
            small = math.exp(-abs(v))
            out[...] = small / (1 + small) ** 2
    return result


# ------------------------------------------------------------------------------------------------------------------------ softmax


def softmax_shifted(a: Array) -> Array:
    """Shifted by each row's maximum."""
    raised = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_of_the_book(a: Array) -> Array:
    """Transposed for two dimensions, and transposed back."""
    if a.ndim == 2:
        a = a.T
        a = a - np.max(a, axis=0)
        y: Array = np.exp(a) / np.sum(np.exp(a), axis=0)
        return y.T
    a = a - np.max(a)
    return np.exp(a) / np.sum(np.exp(a))


def softmax_by_loops(a: Array) -> Array:
    """math.exp and math.fsum, row by row."""

    def row(values: list[float]) -> list[float]:
        top = max(values)
        raised = [math.exp(v - top) for v in values]
        total = math.fsum(raised)
        return [v / total for v in raised]

    return np.array(row(a.tolist()) if a.ndim == 1 else [row(values) for values in a.tolist()])


def softmax_from_the_logarithm(a: Array) -> Array:
    """The exponential of a - log-sum-exp, without a shift of its own."""
    return np.exp(a - np.logaddexp.reduce(a, axis=-1, keepdims=True, dtype=float))


def softmax_from_differences(a: Array) -> Array:
    """One over the sum of exp(a_j - a_i); where that overflows the share is 0."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(a[..., None, :] - a[..., :, None]).sum(axis=-1)


def softmax_along_the_axis(a: Array) -> Array:
    """numpy.apply_along_axis of the one-dimensional function."""

    def one(row: Array) -> Array:
        raised = np.exp(row - row.max())
        return raised / raised.sum()

    return np.apply_along_axis(one, -1, a)


def softmax_by_signature(a: Array) -> Array:
    """numpy.vectorize with a signature."""
    one = np.vectorize(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum(), signature="(k)->(k)")
    result: Array = one(a)
    return result


def softmax_by_einsum(a: Array) -> Array:
    """The normalisation as an einsum."""
    raised = np.exp(a - a.max(-1, keepdims=True))
    return np.einsum("...k,...->...k", raised, 1 / np.einsum("...k->...", raised))


def softmax_in_place_on_its_own_array(a: Array) -> Array:
    """Subtracts into a new array and goes on in it."""
    result = np.subtract(a, np.amax(a, axis=-1, keepdims=True), dtype=np.result_type(a, np.float32))
    np.exp(result, out=result)
    result /= np.add.reduce(result, axis=-1, keepdims=True)
    return result


def softmax_in_long_double(a: Array) -> Array:
    """Extended precision throughout; the long doubles are given back."""
    raised = np.exp(a.astype(np.longdouble) - a.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_twice_normalised(a: Array) -> Array:
    """Normalised again, to make the sum come out; harmless."""
    p = softmax_shifted(a)
    return p / np.sum(p, axis=-1, keepdims=True)


def softmax_online(a: Array) -> Array:
    """One pass over the classes with a running maximum, as flash attention does it."""
    top = np.full(a.shape[:-1], -np.inf)
    total = np.zeros(a.shape[:-1])
    for k in range(a.shape[-1]):
        higher = np.maximum(top, a[..., k])
        total = total * np.exp(top - higher) + np.exp(a[..., k] - higher)
        top = higher
    return np.exp(a - top[..., None]) / total[..., None]


def softmax_over_the_whole_array(a: Array) -> Array:
    """SciPy's default: one distribution over the whole array."""
    raised = np.exp(a - np.max(a))
    return raised / np.sum(raised)


# --------------------------------------------------------------------------------------------------------------- softmax_gradient


def softmax_gradient_one_by_one(a: Array) -> Array:
    """diag(p) - p p^T for each sample."""
    if a.ndim == 2:
        return np.stack([softmax_gradient_one_by_one(row) for row in a])
    p = softmax_shifted(a)
    return np.diag(p) - np.outer(p, p)


def softmax_gradient_by_broadcasting(a: Array) -> Array:
    """p_i (delta_ij - p_j)."""
    p = softmax_shifted(a)
    return p[..., :, None] * (np.eye(a.shape[-1]) - p[..., None, :])


def softmax_gradient_by_einsum(a: Array) -> Array:
    """The two terms as einsums."""
    p = softmax_of_the_book(a)
    return np.einsum("...i,ij->...ij", p, np.identity(a.shape[-1])) - np.einsum("...i,...j->...ij", p, p)


def softmax_gradient_by_loops(a: Array) -> Array:
    """Four nested loops over samples and classes, with the two cases apart."""
    p = np.atleast_2d(softmax_by_loops(a))
    count, classes = p.shape
    result = np.zeros((count, classes, classes))
    for n in range(count):
        for i in range(classes):
            for j in range(classes):
                result[n, i, j] = p[n, i] * (1 - p[n, i]) if i == j else -p[n, i] * p[n, j]
    return result[0] if a.ndim == 1 else result


def softmax_gradient_by_matmul(a: Array) -> Array:
    """The outer products as a batched matrix product, the diagonal written over."""
    p = softmax_shifted(a)
    result = -np.matmul(p[..., :, None], p[..., None, :])
    k = np.arange(a.shape[-1])
    result[..., k, k] = p * (1 - p)
    return result


def softmax_gradient_without_cancellation(a: Array) -> Array:
    """Each diagonal entry as minus the sum of the others in its row."""
    p = softmax_shifted(a)
    result = -p[..., :, None] * p[..., None, :]
    k = np.arange(a.shape[-1])
    result[..., k, k] = 0.0
    result[..., k, k] = -result.sum(axis=-1)
    return result


# ------------------------------------------------------------------------------------------------------------- mean_squared_error


def mean_squared_error_by_the_last_axis(y: Array, t: Array) -> Any:
    """Half the sum over the classes, mean over the samples."""
    y, t = np.asarray(y, float), np.asarray(t, float)
    return 0.5 * np.mean(np.sum((y - t) ** 2, axis=-1))


def mean_squared_error_by_cases(y: Array, t: Array) -> Any:
    """One sample made a batch of one first."""
    if y.ndim == 1:
        y = y.reshape(1, y.size)
        t = t.reshape(1, t.size)
    d = y.astype(float) - t
    return np.sum(d**2) / (2 * y.shape[0])


def mean_squared_error_by_loops(y: Array, t: Array) -> float:
    """Plain Python; a product of floats becomes infinite where a power raises an error."""
    rows = list(zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True))
    return sum((u - v) * (u - v) for p, q in rows for u, v in zip(p, q, strict=True)) / 2 / len(rows)


def mean_squared_error_by_vdot(y: Array, t: Array) -> Any:
    """The difference times itself."""
    d = np.ravel(np.subtract(y, t, dtype=float))
    return np.dot(d, d) / 2 * (y.shape[-1] / y.size)


def mean_squared_error_by_einsum(y: Array, t: Array) -> Array:
    """An einsum; the answer is a 0-d array."""
    d = np.atleast_2d(y).astype(float) - np.atleast_2d(t)
    return np.asarray(np.einsum("nk,nk->", d, d) / (2.0 * len(d)))


def mean_squared_error_by_norm(y: Array, t: Array) -> Any:
    """The squared Euclidean length of each difference."""
    return np.mean(np.linalg.norm(np.subtract(y, t, dtype=np.float64), axis=-1) ** 2) / 2


def mean_squared_error_by_dist(y: Array, t: Array) -> float:
    """math.dist for each sample; its square by a product, which does not raise."""
    lengths = [math.dist(p, q) for p, q in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True)]
    return sum(d * d / 2 for d in lengths) / len(lengths)


def mean_squared_error_by_average(y: Array, t: Array) -> Any:
    """The mean over everything, times half the number of classes."""
    return np.average(np.square(np.subtract(y, t, dtype=np.float64))) * y.shape[-1] / 2


def mean_squared_error_in_long_double(y: Array, t: Array) -> Any:
    """Extended precision, given back as a long double."""
    return np.mean(np.sum(np.subtract(y, t, dtype=np.longdouble) ** 2, axis=-1)) / 2


def mean_squared_error_running(y: Array, t: Array) -> float:
    """A running mean over the samples, each with its share: once infinite it stays so."""
    mean = 0.0
    for before, (p, q) in enumerate(zip(np.atleast_2d(y), np.atleast_2d(t), strict=True)):
        mean = mean * (before / (before + 1)) + float(np.sum(np.square(p - q.astype(float)))) / (2 * before + 2)
    return mean


def mean_squared_error_of_the_book(y: Array, t: Array) -> Any:
    """The book's: half the sum over everything."""
    return 0.5 * np.sum((np.asarray(y, float) - np.asarray(t, float)) ** 2)


def mean_squared_error_of_a_library(y: Array, t: Array) -> Any:
    """What libraries call mean squared error: the mean over everything, without the half."""
    return np.square(np.asarray(y, float) - t).mean()


def mean_squared_error_of_the_flattened(y: Array, t: Array) -> float:
    """The libraries' mean again, in plain Python."""
    pairs = list(zip(y.ravel().tolist(), t.ravel().tolist(), strict=True))
    return sum((u - v) * (u - v) for u, v in pairs) / len(pairs)


# ---------------------------------------------------------------------------------------------------- mean_squared_error_gradient


def mean_squared_error_gradient_by_shape(y: Array, t: Array) -> Array:
    """The difference over the number of samples."""
    return (np.asarray(y, float) - np.asarray(t, float)) / (y.shape[0] if y.ndim == 2 else 1)


def mean_squared_error_gradient_by_size(y: Array, t: Array) -> Array:
    """The number of samples counted as size over classes."""
    return np.subtract(y, t, dtype=float) * (y.shape[-1] / y.size)


def mean_squared_error_gradient_by_loops(y: Array, t: Array) -> Array:
    """One difference at a time."""
    result = np.zeros(y.shape)
    for index in np.ndindex(*y.shape):
        result[index] = (float(y[index]) - float(t[index])) / len(np.atleast_2d(y))
    return result


def mean_squared_error_gradient_term_by_term(y: Array, t: Array) -> Array:
    """Both sides divided before the subtraction."""
    count = len(np.atleast_2d(y))
    return y / count - t / count


def mean_squared_error_gradient_by_complex_step(y: Array, t: Array) -> Array:
    """The imaginary part of the loss at y + ih: exact to rounding, unlike a difference."""
    h = 2.0**-30
    result = np.zeros(y.shape)
    for index in np.ndindex(*y.shape):
        z = y.astype(complex)
        z[index] += 1j * h
        d = z[index] - t[index]
        result[index] = (d * d).imag / 2 / h / np.atleast_2d(y).shape[0]
    return result


def mean_squared_error_gradient_of_the_book(y: Array, t: Array) -> Array:
    """The gradient of the book's sum over everything."""
    return y.astype(float) - t


def mean_squared_error_gradient_of_a_library(y: Array, t: Array) -> Array:
    """The gradient of the libraries' mean over everything."""
    return 2 * (np.asarray(y, float) - t) / y.size


# ---------------------------------------------------------------------------------------------------------- cross_entropy_one_hot


def cross_entropy_one_hot_by_maximum(y: Array, t: Array) -> Any:
    """The floor by numpy.maximum."""
    return -np.sum(t * np.log(np.maximum(y, 1e-8))) / (len(y) if y.ndim == 2 else 1)


def cross_entropy_one_hot_by_clip(y: Array, t: Array) -> Any:
    """The floor by numpy.clip, with an upper bound that probabilities never pass."""
    return -np.mean((t * np.log(np.clip(y, 1e-8, 1.0))).sum(axis=-1))


def cross_entropy_one_hot_by_where(y: Array, t: Array) -> Any:
    """The floor by numpy.where."""
    safe = np.where(y < 1e-8, 1e-8, y)
    return np.average(-(t * np.log(safe)).sum(-1))


def cross_entropy_one_hot_by_mask(y: Array, t: Array) -> Any:
    """Only the entries that the target weighs, in row order."""
    seen = t != 0
    return -np.vdot(t[seen], np.log(np.maximum(y[seen], 1e-8))) / (y.size // y.shape[-1])


def cross_entropy_one_hot_by_loops(y: Array, t: Array) -> float:
    """Plain Python, skipping the zeros of the target."""
    total, count = [], 0
    for p, q in zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True):
        count += 1
        total += [-w * math.log(max(v, 1e-8)) for v, w in zip(p, q, strict=True) if w != 0]
    return math.fsum(total) / count


def cross_entropy_one_hot_by_einsum(y: Array, t: Array) -> Any:
    """A full contraction."""
    y, t = np.atleast_2d(y), np.atleast_2d(t)
    return -np.einsum("nk,nk->", t.astype(float), np.log(np.maximum(y, 1e-8))) / y.shape[0]


def cross_entropy_one_hot_by_trace(y: Array, t: Array) -> Any:
    """The trace of t ln(y) transposed."""
    y, t = np.atleast_2d(y), np.atleast_2d(t)
    return -np.trace(t @ np.log(np.maximum(y, 1e-8)).T) / y.shape[0]


def cross_entropy_one_hot_by_tensordot(y: Array, t: Array) -> float:
    """A tensordot over all axes, given back as a Python float."""
    logs = np.log(np.maximum(y, 1e-8))
    return -float(np.tensordot(t, logs, axes=y.ndim)) * y.shape[-1] / y.size


def cross_entropy_one_hot_near_certainty(y: Array, t: Array) -> Any:
    """log1p(y - 1) above one half, log(y) below."""
    safe = np.maximum(y, 1e-8)
    logs = np.where(safe > 0.5, np.log1p(safe - 1.0), np.log(safe))
    return -np.mean(np.sum(np.where(t > 0, t * logs, 0.0), axis=-1))


def cross_entropy_one_hot_by_bits(y: Array, t: Array) -> Any:
    """In bits, brought back to nats."""
    return np.mean(np.sum(-np.asarray(t, float) * np.log2(np.maximum(y, 1e-8)), axis=-1)) * np.log(2.0)


def cross_entropy_one_hot_by_decibels(y: Array, t: Array) -> Any:
    """In powers of ten, brought back to nats."""
    return np.mean(np.sum(np.negative(t, dtype=float) * np.log10(np.maximum(y, 1e-8)), axis=-1)) * math.log(10)


def cross_entropy_one_hot_where_it_is_defined(y: Array, t: Array) -> Any:
    """ufunc arguments `where` and `out` in place of a guard."""
    logs = np.full(y.shape, math.log(1e-8))
    np.log(y, out=logs, where=y > 1e-8)
    return -np.vdot(t, logs) / (y.shape[0] if y.ndim > 1 else 1)


def cross_entropy_one_hot_in_long_double(y: Array, t: Array) -> Any:
    """Extended precision, given back as a long double."""
    logs = np.log(np.maximum(y.astype(np.longdouble), 1e-8))
    return -np.mean(np.sum(t * logs, axis=-1))


def cross_entropy_one_hot_by_reduce(y: Array, t: Array) -> float:
    """Functional Python over generators."""

    def terms() -> Iterator[float]:
        for p, q in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True):
            yield -math.log(max(float(p[list(q).index(1)]), 1e-8))

    return reduce(lambda u, v: u + v, terms(), 0.0) / np.atleast_2d(y).shape[0]


def cross_entropy_one_hot_of_the_seed(y: Array, t: Array) -> Any:
    """The offset 1e-8 inside the logarithm."""
    if y.ndim == 1:
        t, y = t.reshape(1, t.size), y.reshape(1, y.size)
    return -np.sum(t * np.log(y + 1e-8)) / y.shape[0]


def cross_entropy_one_hot_of_the_book(y: Array, t: Array) -> Any:
    """The offset 1e-7 inside the logarithm."""
    delta = 1e-7
    batch_size = 1 if y.ndim == 1 else y.shape[0]
    return -np.sum(t * np.log(y + delta)) / batch_size


def cross_entropy_one_hot_of_keras(y: Array, t: Array) -> Any:
    """Rows renormalised, clipped on both sides at 1e-7."""
    y = y / np.sum(y, axis=-1, keepdims=True)
    y = np.clip(y, 1e-7, 1 - 1e-7)
    return np.mean(-np.sum(t * np.log(y), axis=-1))


def cross_entropy_one_hot_of_sklearn(y: Array, t: Array) -> Any:
    """Clipped on both sides at the epsilon of the number format."""
    y = y.astype(np.result_type(y, np.float32))
    eps = np.finfo(y.dtype).eps
    return -(t * np.log(np.clip(y, eps, 1 - eps))).sum(axis=-1).mean()


def cross_entropy_one_hot_without_guard(y: Array, t: Array) -> Any:
    """No guard, but 0 ln 0 = 0: infinite where the target's probability is 0."""
    with np.errstate(divide="ignore"):
        return -np.sum(t[t > 0] * np.log(y[t > 0])) / (len(y) if y.ndim == 2 else 1)


def cross_entropy_one_hot_unguarded_loop(y: Array, t: Array) -> float:
    """No guard in plain Python, infinity put in by hand."""
    rows = list(zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True))
    terms = [v * (-math.log(u) if u > 0 else math.inf) for p, q in rows for u, v in zip(p, q, strict=True) if v]
    return sum(terms) / len(rows)


# ----------------------------------------------------------------------------------------------------------- cross_entropy_labels


def cross_entropy_labels_by_fancy_index(y: Array, labels: Any) -> Any:
    """y[n, labels[n]], one sample made a batch of one."""
    y, labels = np.atleast_2d(y), np.atleast_1d(labels)
    batch = y.shape[0]
    return -np.sum(np.log(np.maximum(y[np.arange(batch), labels], 1e-8))) / batch


def cross_entropy_labels_by_eye(y: Array, labels: Any) -> Any:
    """Through the one-hot rows of an identity matrix."""
    return cross_entropy_one_hot_by_maximum(y, np.eye(y.shape[-1])[labels])


def cross_entropy_labels_by_take(y: Array, labels: Any) -> Any:
    """numpy.take_along_axis."""
    p = np.take_along_axis(y, np.expand_dims(labels, -1), axis=-1)
    return np.mean(-np.log(np.where(p > 1e-8, p, 1e-8)))


def cross_entropy_labels_by_loops(y: Array, labels: Any) -> float:
    """Plain Python over rows and labels."""
    if y.ndim == 1:
        return -math.log(max(y[int(labels)], 1e-8))
    return sum(-math.log(max(row[k], 1e-8)) for row, k in zip(y.tolist(), labels.tolist(), strict=True)) / len(y)


def cross_entropy_labels_by_compress(y: Array, labels: Any) -> Any:
    """numpy.compress over the flattened array, whatever the number of classes."""
    hot = np.equal.outer(labels, np.arange(y.shape[-1]))
    return -np.log(np.maximum(np.compress(hot.ravel(), y), 1e-8)).mean()


def cross_entropy_labels_by_diagonal(y: Array, labels: Any) -> Any:
    """Every label for every sample, of which only the diagonal is kept."""
    every = np.atleast_2d(y)[:, np.atleast_1d(labels)]
    return np.mean(-np.log(np.maximum(np.diagonal(every), 1e-8)))


def cross_entropy_labels_by_flat_index(y: Array, labels: Any) -> Any:
    """Positions in the flattened array."""
    count, classes = np.atleast_2d(y).shape
    p = y.ravel()[np.arange(count) * classes + labels]
    return -np.log(np.clip(p, 1e-8, None)).sum() / count


def cross_entropy_labels_by_comparison(y: Array, labels: Any) -> Any:
    """A mask of comparisons with the class numbers."""
    mask = np.asarray(labels)[..., None] == np.arange(y.shape[-1])
    return -np.mean(np.log(np.maximum(y, 1e-8)), where=mask)


def cross_entropy_labels_of_the_seed(y: Array, labels: Any) -> Any:
    """The offset 1e-8 inside the logarithm."""
    y = y.reshape(-1, y.shape[-1])
    return -np.sum(np.log(y[np.arange(len(y)), labels] + 1e-8)) / len(y)


def cross_entropy_labels_of_the_book(y: Array, labels: Any) -> Any:
    """The offset 1e-7 inside the logarithm."""
    if y.ndim == 1:
        return -np.log(y[labels] + 1e-7)
    return -np.mean([np.log(y[n, k] + 1e-7) for n, k in enumerate(labels)])


def cross_entropy_labels_of_keras(y: Array, labels: Any) -> Any:
    """Renormalised and clipped, then picked."""
    y = np.atleast_2d(y)
    q = np.clip(y / y.sum(axis=1, keepdims=True), 1e-7, 1.0 - 1e-7)
    return -np.log(q[range(len(q)), labels]).mean()


def cross_entropy_labels_without_guard(y: Array, labels: Any) -> Any:
    """What most course notes show."""
    y = np.atleast_2d(y)
    with np.errstate(divide="ignore"):
        return -np.log(y[np.arange(len(y)), labels]).mean()


# ------------------------------------------------------------------------------------------------------------ cross_entropy_error


def cross_entropy_error_by_dimension(y: Array, t: Any) -> Any:
    """The chapter's program, deciding by the number of dimensions."""
    t = np.asarray(t)
    logs = np.log(np.maximum(y, 1e-8)).reshape(-1, y.shape[-1])
    if t.ndim == y.ndim:
        return -np.sum(t.reshape(logs.shape) * logs) / len(logs)
    return -np.sum(logs[np.arange(len(logs)), t.reshape(-1)]) / len(logs)


def cross_entropy_error_by_widening(y: Array, t: Any) -> Any:
    """Labels are made one-hot, then one formula for both."""
    target = t if np.ndim(t) == np.ndim(y) else np.identity(y.shape[-1])[t]
    return -(target * np.log(y.clip(1e-8))).sum() * (y.shape[-1] / y.size)


def cross_entropy_error_by_loops(y: Array, t: Any) -> float:
    """Plain Python lists; a row of the target that is itself a list is one-hot."""
    rows = y.tolist() if y.ndim == 2 else [y.tolist()]
    targets = np.asarray(t).tolist() if y.ndim == 2 else [np.asarray(t).tolist()]
    losses = [
        -math.log(max(p[q.index(1) if isinstance(q, list) else q], 1e-8)) for p, q in zip(rows, targets, strict=True)
    ]
    return math.fsum(losses) / len(losses)


def cross_entropy_error_of_the_seed(y: Array, t: Any) -> Any:
    """The chapter's own offset, for both encodings."""
    if np.ndim(t) == y.ndim:
        return -np.sum(t * np.log(y + 1e-8)) / len(np.atleast_2d(y))
    return -np.mean(np.log(np.take_along_axis(y, np.asarray(t)[..., np.newaxis], -1) + 1e-8))


def cross_entropy_error_of_the_book(y: Array, t: Any) -> Any:
    """The book's offset, for both encodings."""
    weights = np.asarray(t)[..., None] == np.arange(y.shape[-1]) if np.ndim(t) < y.ndim else np.asarray(t)
    return -np.sum(weights * np.log(y + 1e-7)) * (y.shape[-1] / y.size)


# ------------------------------------------------------------------------------------------------- gradients of the cross-entropies


def cross_entropy_one_hot_gradient_by_where(y: Array, t: Array) -> Array:
    """-t / y where the floor does not act, 0 where it does."""
    count = y.shape[0] if y.ndim == 2 else 1
    return np.where(y >= 1e-8, -np.asarray(t, float) / np.maximum(y, 1e-8), 0.0) / count


def cross_entropy_one_hot_gradient_by_mask(y: Array, t: Array) -> Array:
    """Zeros, filled where there is something to fill in."""
    result = np.zeros(y.shape)
    mask = (y >= 1e-8) & (t != 0)
    result[mask] = -t[mask].astype(float) / y[mask]
    result /= np.atleast_2d(y).shape[0]
    return result


def cross_entropy_one_hot_gradient_by_divide(y: Array, t: Array) -> Array:
    """numpy.divide with `where` and `out`."""
    return np.divide(np.negative(t, dtype=float), y * len(np.atleast_2d(y)), out=np.zeros(y.shape), where=y >= 1e-8)


def cross_entropy_one_hot_gradient_of_the_seed(y: Array, t: Array) -> Array:
    """The gradient of the offset form, with its own offset."""
    return -np.asarray(t, float) / (y + 1e-8) / (len(y) if y.ndim == 2 else 1)


def cross_entropy_one_hot_gradient_of_keras(y: Array, t: Array) -> Array:
    """The gradient through clipping and renormalising."""
    total = np.sum(y, axis=-1, keepdims=True)
    share = y / total
    slope = np.where((share >= 1e-7) & (share <= 1 - 1e-7), t / np.clip(share, 1e-7, 1 - 1e-7), 0)
    result: Array = (np.sum(slope * share, axis=-1, keepdims=True) - slope) / total
    return result / (len(y) if y.ndim == 2 else 1)


def cross_entropy_one_hot_gradient_without_guard(y: Array, t: Array) -> Array:
    """-t / y, with 0 / 0 = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(t == 0, 0.0, -t.astype(float) / y) / np.atleast_2d(y).shape[0]


def cross_entropy_labels_gradient_by_fancy_index(y: Array, labels: Any) -> Array:
    """One entry a row is not zero."""
    result = np.zeros((y.size // y.shape[-1], y.shape[-1]))
    rows, p = np.arange(len(result)), y.reshape(result.shape)
    chosen = p[rows, labels]
    result[rows, labels] = np.where(chosen >= 1e-8, -1 / np.maximum(chosen, 1e-8), 0) / len(result)
    return result.reshape(y.shape)


def cross_entropy_labels_gradient_by_loops(y: Array, labels: Any) -> Array:
    """Plain Python over the samples."""
    result = np.zeros(y.shape)
    if y.ndim == 1:
        result[labels] = -1 / y[labels] if y[labels] >= 1e-8 else 0.0
        return result
    for n, k in enumerate(labels):
        if y[n, k] >= 1e-8:
            result[n, k] -= 1 / (y[n, k] * len(y))
    return result


def cross_entropy_labels_gradient_by_eye(y: Array, labels: Any) -> Array:
    """Through the one-hot rows."""
    return cross_entropy_one_hot_gradient_by_where(y, np.eye(y.shape[-1], dtype=int)[labels])


def cross_entropy_error_gradient_by_dimension(y: Array, t: Any) -> Array:
    """Both encodings, the label one by put_along_axis."""
    target = np.asarray(t)
    if target.ndim < y.ndim:
        target = np.zeros(y.shape)
        np.put_along_axis(target, np.asarray(t)[..., None], 1.0, axis=-1)
    return cross_entropy_one_hot_gradient_by_mask(y, target)


def cross_entropy_error_gradient_of_the_seed(y: Array, t: Any) -> Array:
    """The offset form's gradient for both encodings."""
    if np.ndim(t) != y.ndim:
        t = np.eye(y.shape[-1])[t]
    return np.divide(-np.asarray(t, float), y + 1e-8) * (y.shape[-1] / y.size)


# ----------------------------------------------------------------------------------------------------------- softmax_cross_entropy


def log_softmax(a: Array) -> Array:
    """Each row less its log-sum-exp, shifted by the maximum."""
    shifted = a - a.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax_cross_entropy_one_hot_shifted(a: Array, t: Array) -> Any:
    """Minus the target times the log-softmax."""
    return -np.mean(np.sum(t * log_softmax(a), axis=-1))


def softmax_cross_entropy_one_hot_by_logaddexp(a: Array, t: Array) -> Any:
    """Log-sum-exp by the ufunc's own reduction, less the target's logit."""
    return np.mean(np.logaddexp.reduce(a, axis=-1, dtype=float) - np.sum(a * t, axis=-1))


def softmax_cross_entropy_one_hot_by_gaps(a: Array, t: Array) -> Any:
    """Each class's loss from its gaps to the others, weighed by the target; exact near certainty."""
    a = np.atleast_2d(a).astype(float)
    losses = [np.logaddexp.reduce(a - a[:, [k]], axis=1) for k in range(a.shape[1])]
    return np.mean(np.sum(np.atleast_2d(t) * np.transpose(losses), axis=1))


def softmax_cross_entropy_one_hot_by_loops(a: Array, t: Array) -> float:
    """Plain Python, one sample after another."""
    losses = []
    for row, target in zip(np.atleast_2d(a).tolist(), np.atleast_2d(t).tolist(), strict=True):
        top = max(row)
        total = top + math.log(math.fsum(math.exp(v - top) for v in row))
        losses.append(math.fsum(w * (total - v) for v, w in zip(row, target, strict=True)))
    return statistics.fmean(losses)


def softmax_cross_entropy_one_hot_by_einsum(a: Array, t: Array) -> Any:
    """A full contraction with the log-softmax."""
    return -np.einsum("...k,...k->...", log_softmax(a), t.astype(float)).mean()


def softmax_cross_entropy_one_hot_in_long_double(a: Array, t: Array) -> float:
    """Extended precision, given back as a Python float."""
    return float(-np.mean(np.sum(t * log_softmax(a.astype(np.longdouble)), axis=-1)))


def softmax_cross_entropy_one_hot_sorted(a: Array, t: Array) -> float:
    """Log-sum-exp added up from the smallest logit."""
    total = 0.0
    for row, target in zip(np.atleast_2d(a), np.atleast_2d(t), strict=True):
        *lower, top = sorted(float(v) for v in row)
        log_total = top + math.log1p(sum(math.exp(v - top) for v in lower))
        total += sum(float(w) * (log_total - float(v)) for v, w in zip(row, target, strict=True))
    return total / len(np.atleast_2d(a))


def softmax_cross_entropy_one_hot_of_the_seed(a: Array, t: Array) -> Any:
    """The chapter's path: softmax, then the offset cross-entropy."""
    return -np.mean(np.sum(t * np.log(softmax_shifted(a) + 1e-8), axis=-1))


def softmax_cross_entropy_one_hot_of_the_book(a: Array, t: Array) -> Any:
    """The book's path, with its larger offset."""
    return cross_entropy_one_hot_of_the_book(softmax_of_the_book(a), t)


def softmax_cross_entropy_labels_by_fancy_index(a: Array, labels: Any) -> Any:
    """The log-softmax at the labels."""
    logs = log_softmax(np.atleast_2d(a))
    return -logs[np.arange(len(logs)), labels].mean()


def softmax_cross_entropy_labels_by_take(a: Array, labels: Any) -> Any:
    """Log-sum-exp less the logit that was taken."""
    top = a.max(axis=-1, keepdims=True)
    total = np.log(np.sum(np.exp(a - top), axis=-1, keepdims=True)) + top
    return np.mean(total - np.take_along_axis(a, np.asarray(labels)[..., None], axis=-1))


def softmax_cross_entropy_labels_by_gaps(a: Array, labels: Any) -> Any:
    """Log-sum-exp of the gaps to the label's logit."""
    a = np.atleast_2d(a)
    gaps = np.subtract(a, a[np.arange(len(a)), np.atleast_1d(labels)][:, None], dtype=float)
    return np.logaddexp.reduce(gaps, axis=1).mean()


def softmax_cross_entropy_labels_by_loops(a: Array, labels: Any) -> float:
    """Plain Python."""
    if a.ndim == 1:
        top = max(a.tolist())
        return top - float(a[labels]) + math.log(sum(math.exp(v - top) for v in a.tolist()))
    return sum(softmax_cross_entropy_labels_by_loops(row, k) for row, k in zip(a, labels, strict=True)) / a.shape[0]


def softmax_cross_entropy_labels_by_softplus(a: Array, labels: Any) -> Any:
    """Each sample's loss as softplus of the others' log-sum-exp over the label's logit."""
    a, labels = np.atleast_2d(a).astype(float), np.atleast_1d(labels)
    rows = np.arange(len(a))
    others = a.copy()
    others[rows, labels] = -np.inf
    return np.mean(np.logaddexp(0, np.logaddexp.reduce(others, axis=1) - a[rows, labels]))


def softmax_cross_entropy_labels_by_accident(a: Array, labels: Any) -> Any:
    """(N, 1) less (N,) broadcasts to (N, N), whose mean is right all the same."""
    a, labels = np.atleast_2d(a), np.atleast_1d(labels)
    return np.mean(np.logaddexp.reduce(a, axis=1, keepdims=True, dtype=float) - a[np.arange(len(a)), labels])


def softmax_cross_entropy_labels_of_the_seed(a: Array, labels: Any) -> Any:
    """Softmax, picked, offset, logarithm."""
    p = np.atleast_2d(softmax_shifted(a))
    return -np.sum(np.log(p[np.arange(len(p)), labels] + 1e-8)) / len(p)


# -------------------------------------------------------------------------------------------------- softmax_cross_entropy_gradient


def softmax_cross_entropy_one_hot_gradient_by_difference(a: Array, t: Array) -> Array:
    """Softmax less target, over the number of samples."""
    return (softmax_shifted(a) - t) / (a.shape[0] if a.ndim == 2 else 1)


def softmax_cross_entropy_one_hot_gradient_without_cancellation(a: Array, t: Array) -> Array:
    """Where the target is 1, minus the sum of the other shares; the difference elsewhere."""
    p = softmax_shifted(a)
    others = np.where(t == 1, 0.0, p).sum(axis=-1, keepdims=True)
    return np.where(t == 1, -others, p - t) / np.atleast_2d(a).shape[0]


def softmax_cross_entropy_one_hot_gradient_by_loops(a: Array, t: Array) -> Array:
    """Plain Python over the rows."""
    rows = np.atleast_2d(a).tolist()
    result = []
    for row, target in zip(rows, np.atleast_2d(t).tolist(), strict=True):
        top = max(row)
        total = sum(math.exp(v - top) for v in row)
        result.append([(math.exp(v - top) / total - w) / len(rows) for v, w in zip(row, target, strict=True)])
    return np.array(result).reshape(a.shape)


def softmax_cross_entropy_one_hot_gradient_by_complex_step(a: Array, t: Array) -> Array:
    """The imaginary part of the loss at a + ih."""
    h = 2.0**-30
    shifted = np.subtract(a, a.max(axis=-1, keepdims=True), dtype=float)
    result = np.zeros(a.shape)
    for k in range(a.shape[-1]):
        z = shifted.astype(complex)
        z[..., k] += 1j * h
        loss = np.log(np.exp(z).sum(axis=-1)) - (t * z).sum(axis=-1)
        result[..., k] = loss.imag / h
    return result / (len(a) if a.ndim == 2 else 1)


def softmax_cross_entropy_one_hot_gradient_of_the_seed(a: Array, t: Array) -> Array:
    """The gradient of the offset form: y - t, each sample weighted by y / (y + delta) at its target."""
    p = softmax_shifted(a)
    share = t * p / (p + 1e-8)
    result: Array = p * share.sum(axis=-1, keepdims=True) - share
    return result / (len(a) if a.ndim == 2 else 1)


def softmax_cross_entropy_labels_gradient_on_a_copy(a: Array, labels: Any) -> Array:
    """One taken off at each label."""
    p = np.array(softmax_shifted(a), ndmin=2)
    p[np.arange(len(p)), labels] -= 1
    return (p / len(p)).reshape(a.shape)


def softmax_cross_entropy_labels_gradient_by_eye(a: Array, labels: Any) -> Array:
    """Through the one-hot rows."""
    return softmax_cross_entropy_one_hot_gradient_by_difference(a, np.eye(a.shape[-1])[np.asarray(labels)])


def softmax_cross_entropy_labels_gradient_by_loops(a: Array, labels: Any) -> Array:
    """Plain Python over the samples."""
    result = np.empty(a.shape)
    if a.ndim == 1:
        result[:] = softmax_shifted(a)
        result[labels] -= 1.0
        return result
    for n in range(len(a)):
        result[n] = softmax_cross_entropy_labels_gradient_by_loops(a[n], int(labels[n])) / len(a)
    return result


def _all(formula: str, *functions: Any, **options: Any) -> tuple[Specimen, ...]:
    return tuple(Specimen(formula, function, honest=True, **options) for function in functions)


SPECIMENS = (
    *_all(
        "sigmoid",
        sigmoid_as_everybody_writes_it,
        sigmoid_from_e,
        sigmoid_by_where,
        sigmoid_by_masks,
        sigmoid_in_one_line,
        sigmoid_by_logaddexp,
        sigmoid_by_log1p,
        sigmoid_by_vectorize,
        sigmoid_by_try,
        sigmoid_in_long_double,
        sigmoid_on_its_own_copy,
        sigmoid_by_piecewise,
        sigmoid_as_softmax_of_two,
    ),
    *_all(
        "sigmoid_gradient",
        sigmoid_gradient_from_the_value,
        sigmoid_gradient_from_the_square,
        sigmoid_gradient_from_both_tails,
        sigmoid_gradient_even,
        sigmoid_gradient_by_cosh,
        sigmoid_gradient_by_logaddexp,
        sigmoid_gradient_elementwise,
    ),
    *_all(
        "softmax",
        softmax_shifted,
        softmax_of_the_book,
        softmax_by_loops,
        softmax_from_the_logarithm,
        softmax_from_differences,
        softmax_along_the_axis,
        softmax_by_signature,
        softmax_by_einsum,
        softmax_in_place_on_its_own_array,
        softmax_in_long_double,
        softmax_twice_normalised,
        softmax_online,
    ),
    *_all("softmax", softmax_over_the_whole_array, convention="scipy"),
    *_all(
        "softmax_gradient",
        softmax_gradient_one_by_one,
        softmax_gradient_by_broadcasting,
        softmax_gradient_by_einsum,
        softmax_gradient_by_loops,
        softmax_gradient_by_matmul,
        softmax_gradient_without_cancellation,
    ),
    *_all(
        "mean_squared_error",
        mean_squared_error_by_the_last_axis,
        mean_squared_error_by_cases,
        mean_squared_error_by_loops,
        mean_squared_error_by_vdot,
        mean_squared_error_by_einsum,
        mean_squared_error_by_norm,
        mean_squared_error_by_dist,
        mean_squared_error_by_average,
        mean_squared_error_in_long_double,
        mean_squared_error_running,
    ),
    *_all("mean_squared_error", mean_squared_error_of_the_book, convention="book"),
    *_all("mean_squared_error", mean_squared_error_of_a_library, convention="pytorch"),
    *_all("mean_squared_error", mean_squared_error_of_the_flattened, convention="sklearn"),
    *_all(
        "mean_squared_error_gradient",
        mean_squared_error_gradient_by_shape,
        mean_squared_error_gradient_by_size,
        mean_squared_error_gradient_by_loops,
        mean_squared_error_gradient_term_by_term,
        mean_squared_error_gradient_by_complex_step,
    ),
    *_all("mean_squared_error_gradient", mean_squared_error_gradient_of_the_book, convention="seed"),
    *_all("mean_squared_error_gradient", mean_squared_error_gradient_of_a_library, convention="keras"),
    *_all(
        "cross_entropy_one_hot",
        cross_entropy_one_hot_by_maximum,
        cross_entropy_one_hot_by_clip,
        cross_entropy_one_hot_by_where,
        cross_entropy_one_hot_by_mask,
        cross_entropy_one_hot_by_loops,
        cross_entropy_one_hot_by_einsum,
        cross_entropy_one_hot_by_trace,
        cross_entropy_one_hot_by_tensordot,
        cross_entropy_one_hot_near_certainty,
        cross_entropy_one_hot_by_bits,
        cross_entropy_one_hot_by_decibels,
        cross_entropy_one_hot_where_it_is_defined,
        cross_entropy_one_hot_in_long_double,
    ),
    *_all("cross_entropy_one_hot", cross_entropy_one_hot_by_reduce, declines=("soft targets",)),
    *_all("cross_entropy_one_hot", cross_entropy_one_hot_of_the_seed, convention="seed"),
    *_all("cross_entropy_one_hot", cross_entropy_one_hot_of_the_book, convention="book"),
    *_all("cross_entropy_one_hot", cross_entropy_one_hot_of_keras, convention="keras"),
    *_all("cross_entropy_one_hot", cross_entropy_one_hot_of_sklearn, convention="sklearn"),
    *_all(
        "cross_entropy_one_hot",
        cross_entropy_one_hot_without_guard,
        cross_entropy_one_hot_unguarded_loop,
        convention="pytorch",
    ),
    *_all(
        "cross_entropy_labels",
        cross_entropy_labels_by_fancy_index,
        cross_entropy_labels_by_eye,
        cross_entropy_labels_by_take,
        cross_entropy_labels_by_loops,
        cross_entropy_labels_by_compress,
        cross_entropy_labels_by_diagonal,
        cross_entropy_labels_by_flat_index,
        cross_entropy_labels_by_comparison,
    ),
    *_all("cross_entropy_labels", cross_entropy_labels_of_the_seed, convention="seed"),
    *_all("cross_entropy_labels", cross_entropy_labels_of_the_book, convention="book"),
    *_all("cross_entropy_labels", cross_entropy_labels_of_keras, convention="keras"),
    *_all("cross_entropy_labels", cross_entropy_labels_without_guard, convention="pytorch"),
    *_all(
        "cross_entropy_error",
        cross_entropy_error_by_dimension,
        cross_entropy_error_by_widening,
    ),
    *_all("cross_entropy_error", cross_entropy_error_by_loops, declines=("soft targets",)),
    *_all("cross_entropy_error", cross_entropy_error_of_the_seed, convention="seed"),
    *_all("cross_entropy_error", cross_entropy_error_of_the_book, convention="book"),
    *_all(
        "cross_entropy_one_hot_gradient",
        cross_entropy_one_hot_gradient_by_where,
        cross_entropy_one_hot_gradient_by_mask,
        cross_entropy_one_hot_gradient_by_divide,
    ),
    *_all("cross_entropy_one_hot_gradient", cross_entropy_one_hot_gradient_of_the_seed, convention="seed"),
    *_all("cross_entropy_one_hot_gradient", cross_entropy_one_hot_gradient_of_keras, convention="keras"),
    *_all("cross_entropy_one_hot_gradient", cross_entropy_one_hot_gradient_without_guard, convention="pytorch"),
    *_all(
        "cross_entropy_labels_gradient",
        cross_entropy_labels_gradient_by_fancy_index,
        cross_entropy_labels_gradient_by_loops,
        cross_entropy_labels_gradient_by_eye,
    ),
    *_all("cross_entropy_error_gradient", cross_entropy_error_gradient_by_dimension),
    *_all("cross_entropy_error_gradient", cross_entropy_error_gradient_of_the_seed, convention="seed"),
    *_all(
        "softmax_cross_entropy_one_hot",
        softmax_cross_entropy_one_hot_shifted,
        softmax_cross_entropy_one_hot_by_logaddexp,
        softmax_cross_entropy_one_hot_by_gaps,
        softmax_cross_entropy_one_hot_by_loops,
        softmax_cross_entropy_one_hot_by_einsum,
        softmax_cross_entropy_one_hot_in_long_double,
        softmax_cross_entropy_one_hot_sorted,
    ),
    *_all("softmax_cross_entropy_one_hot", softmax_cross_entropy_one_hot_of_the_seed, convention="seed"),
    *_all("softmax_cross_entropy_one_hot", softmax_cross_entropy_one_hot_of_the_book, convention="book"),
    *_all(
        "softmax_cross_entropy_labels",
        softmax_cross_entropy_labels_by_fancy_index,
        softmax_cross_entropy_labels_by_take,
        softmax_cross_entropy_labels_by_gaps,
        softmax_cross_entropy_labels_by_loops,
        softmax_cross_entropy_labels_by_softplus,
        softmax_cross_entropy_labels_by_accident,
    ),
    *_all("softmax_cross_entropy_labels", softmax_cross_entropy_labels_of_the_seed, convention="seed"),
    *_all(
        "softmax_cross_entropy_one_hot_gradient",
        softmax_cross_entropy_one_hot_gradient_by_difference,
        softmax_cross_entropy_one_hot_gradient_without_cancellation,
        softmax_cross_entropy_one_hot_gradient_by_loops,
        softmax_cross_entropy_one_hot_gradient_by_complex_step,
    ),
    *_all(
        "softmax_cross_entropy_one_hot_gradient", softmax_cross_entropy_one_hot_gradient_of_the_seed, convention="seed"
    ),
    *_all(
        "softmax_cross_entropy_labels_gradient",
        softmax_cross_entropy_labels_gradient_on_a_copy,
        softmax_cross_entropy_labels_gradient_by_eye,
        softmax_cross_entropy_labels_gradient_by_loops,
    ),
)
