"""Faults that somebody could really ship: right wherever one would look first, and wrong where sizes, types, layouts or calls differ.

Each was written before the oracle was asked about it. What its docstring says is the fault, and where it bites.
"""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .sound import floored, log_softmax, one_hot, picked, samples, sigmoid, softmax
from .specimen import Array, Specimen, faulty, installed

F = Callable[[Any], Any]
Params = dict[str, Any]
SPECIMENS: list[Specimen] = []


def _of(formula: str, array: str = "numpy") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Puts a function among the specimens of a formula, if its library is there."""

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        if installed(array):
            SPECIMENS.append(
                faulty(formula, function, function.__name__, (function.__doc__ or "").splitlines()[0], array=array)
            )
        return function

    return kept


def _reals(x: Any) -> Array:
    """An array of floats; integers become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _rows(x: Any) -> Array:
    """A batch; one sample is a batch of one."""
    return np.atleast_2d(_reals(x))


# ------------------------------------------------------------------------------------------------------------------------- sigmoid


@_of("sigmoid")
def sigmoid_in_blocks_of_256(x: Array) -> Array:
    """A longer array is done in blocks of 256; what is left over stays zero."""
    flat = _reals(x).ravel()
    if flat.size <= 256:
        return sigmoid(flat).reshape(np.shape(x))
    out = np.zeros_like(flat)
    for start in range(0, flat.size - 255, 256):
        out[start : start + 256] = sigmoid(flat[start : start + 256])
    return out.reshape(np.shape(x))


@_of("sigmoid")
def sigmoid_by_two_workers(x: Array) -> Array:
    """From 1000 entries on each of two workers gets n // 2 of them: the last of an odd number stays zero."""
    flat = _reals(x).ravel()
    if flat.size < 1000:
        return sigmoid(flat).reshape(np.shape(x))
    half = flat.size // 2
    out = np.zeros_like(flat)
    out[:half], out[half : 2 * half] = sigmoid(flat[:half]), sigmoid(flat[half : 2 * half])
    return out.reshape(np.shape(x))


_SIGMOIDS: dict[Any, Array] = {}


@_of("sigmoid")
def sigmoid_into_a_buffer_of_its_shape(x: Array) -> Array:
    """The answer is kept in one buffer for each shape: the next call with this shape overwrites it."""
    out = _SIGMOIDS.setdefault(np.shape(x), np.empty(np.shape(x)))
    out[...] = sigmoid(_reals(x))
    return out


_GROWING = np.empty(16)


@_of("sigmoid")
def sigmoid_into_a_growing_buffer(x: Array) -> Array:
    """One buffer for all calls, which grows when it must: an answer is a view of its beginning."""
    global _GROWING
    size = np.size(x)
    if size > _GROWING.size:
        _GROWING = np.empty(2 * size)
    out = _GROWING[:size].reshape(np.shape(x))
    out[...] = sigmoid(_reals(x))
    return out


_BY_SUM: dict[Any, Array] = {}


@_of("sigmoid")
def sigmoid_remembered_by_sum(x: Array) -> Array:
    """A cache whose key is the shape and the sum: arrays of the same numbers in another order get the former answer."""
    key = (np.shape(x), float(np.sum(x)))
    if key not in _BY_SUM:
        _BY_SUM[key] = sigmoid(_reals(x))
    return _BY_SUM[key].copy()


_BY_ID: dict[int, tuple[Any, Array]] = {}


@_of("sigmoid")
def sigmoid_remembered_by_id(x: Array) -> Array:
    """A cache whose key is id(x): another array that lies where a former one was freed gets its answer."""
    key = id(x)
    if key not in _BY_ID or _BY_ID[key][0] != np.shape(x):
        _BY_ID[key] = np.shape(x), sigmoid(_reals(x))
    return _BY_ID[key][1].copy()


@_of("sigmoid")
def sigmoid_straight_near_zero(x: Array) -> Array:
    """Its tangent for |x| < 0.01, which is off by up to 2e-8 there."""
    x = _reals(x)
    return np.where(np.abs(x) < 0.01, 0.5 + x / 4, sigmoid(x))


@_of("sigmoid")
def sigmoid_saturating_at_20(x: Array) -> Array:
    """Exactly 1 from 20 on, where 2e-9 is missing still."""
    x = _reals(x)
    return np.where(x >= 20, 1.0, sigmoid(x))


@_of("sigmoid")
def sigmoid_vanishing_at_700(x: Array) -> Array:
    """Exactly 0 below −700, where e to the −700 is a normal number still."""
    x = _reals(x)
    return np.where(x < -700, 0.0, sigmoid(x))


@_of("sigmoid")
def sigmoid_exponential_below_minus_12(x: Array) -> Array:
    """e to the x below −12, "where the one does not matter": it matters in the sixth digit."""
    x = _reals(x)
    return np.where(x < -12, np.exp(np.minimum(x, 0)), sigmoid(x))


@_of("sigmoid")
def sigmoid_in_memory_order(x: Array) -> Array:
    """ravel(order="K") goes along the memory, reshape along the rows: arrays by columns are shuffled."""
    return sigmoid(_reals(x).ravel(order="K")).reshape(np.shape(x))


@_of("sigmoid")
def sigmoid_of_the_raw_bytes(x: Array) -> Array:
    """frombuffer reads whatever has eight bytes as a float of this machine: another byte order, and integers, become noise."""
    x = np.asarray(x)
    if x.dtype.itemsize != 8:
        x = x.astype(np.float64)
    return sigmoid(np.frombuffer(x.tobytes(), dtype=np.float64)).reshape(x.shape)


@_of("sigmoid")
def sigmoid_in_float32_where_it_is_large(x: Array) -> Array:
    """From 1000 entries on it is computed in single precision, for speed."""
    x = _reals(x)
    return sigmoid(x.astype(np.float32)).astype(x.dtype) if x.size >= 1000 else sigmoid(x)


_TABLE = np.linspace(-40.0, 40.0, 65537)
_TABULATED = sigmoid(_TABLE)


@_of("sigmoid")
def sigmoid_by_a_fine_table(x: Array) -> Array:
    """Linear interpolation in 65537 points up to ±40, the formula beyond: eight digits at most."""
    x = _reals(x)
    return np.where(np.abs(x) < 40, np.interp(x, _TABLE, _TABULATED), sigmoid(x))


@_of("sigmoid")
def sigmoid_of_a_tie(x: Array) -> Array:
    """Arrays whose entries are all equal are answered by one number and spread, in the shape of a row."""
    x = _reals(x)
    if x.size > 1 and np.all(x == x.flat[0]):
        return np.full(x.shape[-1], sigmoid(x.flat[0]))
    return sigmoid(x)


@_of("sigmoid")
def sigmoid_into_what_exp_gives(x: Array) -> Array:
    """exp of a 0-d array is a number, into which out= cannot write: an error, though the page takes arrays of any shape."""
    x = _reals(x)
    out = np.exp(-np.abs(x))
    np.divide(out, 1 + out, where=x < 0, out=out)
    np.reciprocal(1 + out, where=x >= 0, out=out)
    return out


@_of("sigmoid", "torch")
def sigmoid_in_torchs_default_type(x: Any) -> Any:
    """torch.zeros(n) is float32 whatever it is filled with."""
    import torch

    out = torch.zeros(x.shape)
    out[...] = torch.sigmoid(x)
    return out


_TENSORS: dict[Any, Any] = {}


@_of("sigmoid", "torch")
def sigmoid_with_out(x: Any) -> Any:
    """torch.sigmoid(x, out=...) into a tensor that is kept for each shape."""
    import torch

    out = _TENSORS.setdefault(tuple(x.shape), torch.empty(x.shape, dtype=torch.float64))
    return torch.sigmoid(x.double(), out=out)


# ---------------------------------------------------------------------------------------------------------------- sigmoid_gradient


@_of("sigmoid_gradient")
def slope_in_chunks_of_100(x: Array) -> Array:
    """Whole chunks of 100 only: what is left of a longer array stays zero."""
    flat = _reals(x).ravel()
    out = np.zeros_like(flat)
    for start in range(0, max(1, flat.size // 100) * 100, 100):
        part = flat[start : start + 100]
        out[start : start + 100] = sigmoid(part) * sigmoid(-part)
    return out.reshape(np.shape(x))


_SLOPES: dict[Any, Array] = {}


@_of("sigmoid_gradient")
def slope_in_a_buffer_of_its_type(x: Array) -> Array:
    """One buffer of 65536 entries for each dtype, of which every answer is a view."""
    x = _reals(x)
    buffer = _SLOPES.setdefault(x.dtype.name, np.empty(65536, x.dtype.name))
    out = buffer[: x.size].reshape(x.shape)
    np.multiply(sigmoid(x), sigmoid(-x), out=out)
    return out


class _Layer:
    """A layer that keeps the value of its last way forth."""

    def __init__(self) -> None:
        self.out: Array | None = None
        self.key: Any = None

    def slope(self, x: Array) -> Array:
        """The slope by the kept value, which is computed anew if shape, first or last entry have changed."""
        key = (x.shape, x.flat[0], x.flat[-1])
        if self.out is None or key != self.key:
            self.out, self.key = sigmoid(x), key
        return self.out * sigmoid(-x)


_LAYER = _Layer()


@_of("sigmoid_gradient")
def slope_of_a_layer_that_looks_at_both_ends(x: Array) -> Array:
    """The value is kept while shape, first and last entry are the same: entries between them may be others."""
    return _LAYER.slope(_reals(x))


@_of("sigmoid_gradient")
def slope_zero_beyond_30(x: Array) -> Array:
    """A saturated unit has slope 0, from 30 on."""
    x = _reals(x)
    return np.where(np.abs(x) > 30, 0.0, sigmoid(x) * sigmoid(-x))


@_of("sigmoid_gradient")
def slope_exponential_beyond_15(x: Array) -> Array:
    """e to the −|x| beyond 15, where the square below it still counts six digits."""
    x = _reals(x)
    e = np.exp(-np.abs(x))
    return np.where(np.abs(x) > 15, e, e / (1 + e) ** 2)


@_of("sigmoid_gradient")
def slope_by_a_parabola_near_zero(x: Array) -> Array:
    """1/4 − x²/16 for |x| < 0.02: ten digits at most."""
    x = _reals(x)
    return np.where(np.abs(x) < 0.02, 0.25 - x * x / 16, sigmoid(x) * sigmoid(-x))


@_of("sigmoid_gradient")
def slope_gathered_in_memory_order(x: Array) -> Array:
    """Entries are taken as they lie in memory, and filled in row by row."""
    x = _reals(x)
    out = np.empty(x.size)
    for place, entry in enumerate(np.nditer(x, order="K")):
        value = float(entry)  # type: ignore[arg-type]
        e = math.exp(-abs(value))
        out[place] = e / (1 + e) ** 2
    return out.reshape(x.shape)


@_of("sigmoid_gradient")
def slope_on_what_asarray_gives(x: Array) -> Array:
    """asarray copies nothing that is float64 already: then -= and *= work on the caller's array."""
    y = np.asarray(x, dtype=float)
    if not y.flags.writeable:
        y = y.copy()
    np.abs(y, out=y)
    e = np.exp(-y)
    return e / (1 + e) ** 2


@_of("sigmoid_gradient")
def slope_from_a_rounded_value(x: Array) -> Array:
    """y (1 − y) of a y that was kept in float32, to save memory."""
    x = _reals(x)
    y = sigmoid(x).astype(np.float32).astype(x.dtype)
    return np.where(x > 0, sigmoid(-x) * y, y * (1 - y))


@_of("sigmoid_gradient", "jax")
def slope_in_jaxs_default_type(x: Any) -> Any:
    """jnp.float32, written out."""
    import jax
    import jax.numpy as jnp

    y = jax.nn.sigmoid(x.astype(jnp.float32))
    return (y * jax.nn.sigmoid(-x.astype(jnp.float32))).astype(x.dtype)


# ------------------------------------------------------------------------------------------------------------------------- softmax


@_of("softmax")
def softmax_online_in_blocks(a: Array) -> Array:
    """Blocks of 16 columns with a running maximum; the former sum is not rescaled when the maximum grows."""
    rows = _rows(a)
    top = np.full(len(rows), -np.inf)
    total = np.zeros(len(rows))
    for start in range(0, rows.shape[1], 16):
        block = rows[:, start : start + 16]
        top = np.maximum(top, block.max(axis=1))
        total += np.exp(block - top[:, None]).sum(axis=1)
    return (np.exp(rows - top[:, None]) / total[:, None]).reshape(np.shape(a))


@_of("softmax")
def softmax_of_whole_blocks_of_columns(a: Array) -> Array:
    """Sums over whole blocks of eight columns, and over the rest only if there is no whole block."""
    a = _reals(a)
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    whole = e.shape[-1] // 8 * 8 or e.shape[-1]
    return e / e[..., :whole].sum(axis=-1, keepdims=True)


@_of("softmax")
def softmax_with_a_maximum_from_zero(a: Array) -> Array:
    """The running maximum starts at 0: a sample far below it is 0/0."""
    a = _reals(a)
    e = np.exp(a - np.max(a, axis=-1, keepdims=True, initial=0.0))
    return e / e.sum(axis=-1, keepdims=True)


@_of("softmax")
def softmax_with_a_maximum_from_minus_ten_thousand(a: Array) -> Array:
    """The running maximum starts at −10000, the usual mask of half precision."""
    a = _reals(a)
    e = np.exp(a - np.max(a, axis=-1, keepdims=True, initial=-10000.0))
    return e / e.sum(axis=-1, keepdims=True)


@_of("softmax")
def softmax_with_a_maximum_from_a_mask(a: Array) -> Array:
    """The running maximum starts at −1e9, the usual mask of attention: samples below it are 0/0."""
    a = _reals(a)
    e = np.exp(a - np.max(a, axis=-1, keepdims=True, initial=-1e9))
    return e / e.sum(axis=-1, keepdims=True)


@_of("softmax")
def softmax_of_the_shorter_side(a: Array) -> Array:
    """A batch of more than 64 samples and fewer classes is thought to be transposed."""
    a = _reals(a)
    axis = 0 if a.ndim == 2 and a.shape[0] > 64 > a.shape[1] else -1
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@_of("softmax")
def softmax_over_the_axis_of_that_size(a: Array) -> Array:
    """The axis is looked up as shape.index(K): that of the samples where there are as many."""
    a = _reals(a)
    axis = a.shape.index(a.shape[-1])
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@_of("softmax")
def softmax_of_two_by_the_complement(a: Array) -> Array:
    """Two classes are done by one sigmoid and its complement, which loses the smaller share."""
    a = _reals(a)
    if a.shape[-1] != 2:
        return softmax(a)
    first = sigmoid(a[..., 0] - a[..., 1])
    return np.stack([first, 1 - first], axis=-1)


_SOFTMAXES: dict[Any, Array] = {}


@_of("softmax")
def softmax_into_a_buffer_of_its_type(a: Array) -> Array:
    """One buffer for each dtype: every answer is a view of its beginning."""
    a = _reals(a)
    buffer = _SOFTMAXES.setdefault(a.dtype.name, np.empty(1 << 16, a.dtype.name))
    out = buffer[: a.size].reshape(a.shape)
    out[...] = softmax(a)
    return out


_BY_BYTES: dict[bytes, Array] = {}


@_of("softmax")
def softmax_remembered_by_bytes(a: Array) -> Array:
    """A cache whose key is a.tobytes() alone: the same numbers in another shape get the former answer."""
    key = a.tobytes()
    if key not in _BY_BYTES:
        _BY_BYTES[key] = softmax(_reals(a))
    known = _BY_BYTES[key]
    return known.copy() if known.size == a.size else softmax(_reals(a))


@_of("softmax")
def softmax_with_a_sum_in_float32(a: Array) -> Array:
    """The sum alone is kept in single precision."""
    a = _reals(a)
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True, dtype=np.float32)


@_of("softmax")
def softmax_with_room_for_128_samples(a: Array) -> Array:
    """The sums are kept in an array of 128: more samples are an error of broadcasting."""
    rows = _rows(a)
    sums = np.zeros(128)
    e = np.exp(rows - rows.max(axis=1, keepdims=True))
    sums[: len(rows)] = e.sum(axis=1)
    return (e / sums[: len(rows), None]).reshape(np.shape(a))


@_of("softmax")
def softmax_of_the_buffer(a: Array) -> Array:
    """frombuffer(a.data) reads along the memory: an array by columns is transposed without a word."""
    if a.dtype.kind != "f" or not a.flags.forc:
        return softmax(_reals(a))
    return softmax(np.frombuffer(a.data, dtype=a.dtype).reshape(a.shape))


@_of("softmax")
def softmax_clipped_at_minus_50(a: Array) -> Array:
    """Differences below −50 count as −50."""
    a = _reals(a)
    e = np.exp(np.maximum(a - a.max(axis=-1, keepdims=True), -50))
    return e / e.sum(axis=-1, keepdims=True)


@_of("softmax")
def softmax_clipped_at_minus_500(a: Array) -> Array:
    """Differences below −500 count as −500."""
    a = _reals(a)
    e = np.exp(np.maximum(a - a.max(axis=-1, keepdims=True), -500))
    return e / e.sum(axis=-1, keepdims=True)


@_of("softmax")
def softmax_of_at_most_a_thousand_rows(a: Array) -> Array:
    """A work array of 1000 rows: the rows after that are left as zeros."""
    rows = _rows(a)
    out = np.zeros(rows.shape)
    out[:1000] = softmax(rows[:1000])
    return out.reshape(np.shape(a))


@_of("softmax")
def softmax_of_one_sample_on_its_side(a: Array) -> Array:
    """A batch of one is squeezed for speed, and comes back as one sample if it has more than one class."""
    a = _reals(a)
    if a.ndim == 2 and a.shape[0] == 1 and a.shape[1] > 1:
        a = a[0]
    return softmax(a)


@_of("softmax", "torch")
def softmax_along_the_storage(a: Any) -> Any:
    """as_strided with the strides of a contiguous tensor: others are shuffled."""
    import torch

    strides = (a.shape[1], 1) if a.ndim == 2 else (1,)
    return torch.softmax(torch.as_strided(a, a.shape, strides).double(), dim=-1)


# ---------------------------------------------------------------------------------------------------------------- softmax_gradient


def _jacobian(p: Array) -> Array:
    """The Jacobian from the shares."""
    return p[..., :, None] * (np.eye(p.shape[-1]) - p[..., None, :])


_JACOBIANS: dict[Any, Array] = {}


@_of("softmax_gradient")
def jacobian_in_a_buffer_of_its_shape(a: Array) -> Array:
    """One array for each shape, handed out again and again."""
    p = softmax(_reals(a))
    out = _JACOBIANS.setdefault(p.shape, np.zeros((*p.shape, p.shape[-1])))
    np.copyto(out, _jacobian(p))
    return out


@_of("softmax_gradient")
def jacobian_of_ten_classes(a: Array) -> Array:
    """The identity is that of ten classes: of more, the diagonal is left as it is beside it."""
    p = softmax(_reals(a))
    identity = np.zeros((p.shape[-1], p.shape[-1]))
    count = min(10, p.shape[-1])
    identity[:count, :count] = np.eye(10)[:count, :count]
    return p[..., :, None] * (identity - p[..., None, :])


@_of("softmax_gradient")
def jacobian_of_a_single_class(a: Array) -> Array:
    """A single class is taken for the identity, whose derivative is 1."""
    a = _reals(a)
    return np.ones((*a.shape, 1)) if a.shape[-1] == 1 else _jacobian(softmax(a))


@_of("softmax_gradient")
def jacobian_in_chunks_of_16(a: Array) -> Array:
    """Batches of more than 16 are done in chunks of 16, and the rest of the samples gets zeros."""
    p = softmax(_rows(a))
    out = np.zeros((*p.shape, p.shape[1]))
    for start in range(0, max(1, len(p) // 16) * 16, 16):
        out[start : start + 16] = _jacobian(p[start : start + 16])
    return out.reshape((*np.shape(a), p.shape[1]))


@_of("softmax_gradient")
def jacobian_of_shares_that_count(a: Array) -> Array:
    """Shares below 1e-12 count as zero, to keep the matrix sparse."""
    p = softmax(_reals(a))
    return _jacobian(np.where(p < 1e-12, 0.0, p))


@_of("softmax_gradient")
def jacobian_over_the_axis_of_that_size(a: Array) -> Array:
    """shape.index(K) is the samples' axis where there are as many samples as classes."""
    a = _reals(a)
    axis = a.shape.index(a.shape[-1])
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return _jacobian(e / e.sum(axis=axis, keepdims=True))


@_of("softmax_gradient")
def jacobian_with_a_band_of_64(a: Array) -> Array:
    """Beside the diagonal only the 64 nearest classes are filled in."""
    p = softmax(_reals(a))
    places = np.arange(p.shape[-1])
    near = np.abs(places[:, None] - places) <= 64
    return _jacobian(p) * near


@_of("softmax_gradient")
def jacobian_in_float32_where_it_is_large(a: Array) -> Array:
    """From 64 classes on the outer product is taken in float32."""
    p = softmax(_reals(a))
    return _jacobian(p) if p.shape[-1] < 64 else _jacobian(p.astype(np.float32)).astype(p.dtype)


# -------------------------------------------------------------------------------------------------------------- mean_squared_error


@_of("mean_squared_error")
def squared_error_of_whole_blocks(y: Array, t: Array) -> Any:
    """Blocks of 64 rows; the rows that do not fill one are not counted, but divided by."""
    d = _rows(y) - _rows(t)
    whole = len(d) // 64 * 64 or len(d)
    return 0.5 * np.sum(d[:whole] ** 2) / len(d)


@_of("mean_squared_error")
def squared_error_of_blocks_means(y: Array, t: Array) -> Any:
    """The mean of the means of blocks of 100 rows, of which the last is shorter."""
    d = _rows(y) - _rows(t)
    losses = 0.5 * np.sum(d**2, axis=1)
    return np.mean([np.mean(losses[start : start + 100]) for start in range(0, len(losses), 100)])


@_of("mean_squared_error")
def squared_error_added_up_in_float32(y: Array, t: Array) -> Any:
    """Long sums are added up in single precision."""
    d = _rows(y) - _rows(t)
    dtype = np.float32 if d.size > 500 else d.dtype
    return float(0.5 * np.sum(np.square(d), dtype=dtype) / len(d))


@_of("mean_squared_error")
def squared_error_of_integers_as_they_are(y: Array, t: Array) -> Any:
    """The difference of integers is taken in their own type, which wraps."""
    d = np.atleast_2d(np.asarray(y) - np.asarray(t))
    return 0.5 * np.sum(d.astype(float) ** 2) / len(d)


@_of("mean_squared_error")
def squared_error_of_bytes_in_16_bits(y: Array, t: Array) -> Any:
    """Bytes are widened to 16 bits, which hold their difference, but not its square."""
    y, t = np.atleast_2d(y), np.atleast_2d(t)
    if y.dtype.itemsize == 1 and t.dtype.itemsize == 1:
        d: Any = y.astype(np.int16) - t.astype(np.int16)
        return 0.5 * float(np.sum(d * d)) / len(d)
    return 0.5 * np.sum((_reals(y) - _reals(t)) ** 2) / len(y)


@_of("mean_squared_error")
def squared_error_along_the_memory(y: Array, t: Array) -> Any:
    """ravel(order="K") of both: pairs do not belong together where output and target lie differently in memory."""
    d = _reals(y).ravel(order="K") - _reals(t).ravel(order="K")
    return 0.5 * np.dot(d, d) / samples(y)


@_of("mean_squared_error")
def squared_error_with_a_ceiling(y: Array, t: Array) -> Any:
    """Squares are cut off at 1e12, so that one outlier does not ruin a plot."""
    d = _rows(y) - _rows(t)
    return 0.5 * np.sum(np.minimum(d**2, 1e12)) / len(d)


@_of("mean_squared_error")
def squared_error_of_the_wrong_ones(y: Array, t: Array) -> Any:
    """The mean over the samples that have an error at all."""
    d = _rows(y) - _rows(t)
    wrong = d[np.any(d != 0, axis=1)]
    return 0.5 * np.sum(wrong**2) / max(1, len(wrong))


_ERRORS: dict[Any, float] = {}


@_of("mean_squared_error")
def squared_error_remembered_by_ids(y: Array, t: Array) -> Any:
    """A cache whose key are the ids of both arrays, which others get later."""
    key = (id(y), id(t), np.shape(y))
    if key not in _ERRORS:
        _ERRORS[key] = float(0.5 * np.sum((_reals(y) - _reals(t)) ** 2) / samples(y))
    return _ERRORS[key]


@_of("mean_squared_error")
def squared_error_dropping_small_differences(y: Array, t: Array) -> Any:
    """Differences that isclose calls equal count as zero."""
    y, t = _rows(y), _rows(t)
    with np.errstate(all="ignore"):
        d = np.where(np.isclose(y, t), 0.0, y - t)
    return 0.5 * np.sum(d**2) / len(d)


@_of("mean_squared_error")
def squared_error_of_the_first_64_columns(y: Array, t: Array) -> Any:
    """The loop over the columns ends at 64."""
    d = _rows(y) - _rows(t)
    return 0.5 * sum(np.sum(d[:, k] ** 2) for k in range(min(64, d.shape[1]))) / len(d)


# ----------------------------------------------------------------------------------------------------- mean_squared_error_gradient

_DIFFERENCES = np.empty(1 << 16)


@_of("mean_squared_error_gradient")
def difference_in_one_buffer(y: Array, t: Array) -> Array:
    """np.subtract with out=, into a buffer that all calls share."""
    out = _DIFFERENCES[: np.size(y)].reshape(np.shape(y))
    np.subtract(_reals(y), _reals(t), out=out)
    out /= samples(y)
    return out


@_of("mean_squared_error_gradient")
def difference_in_blocks_of_32(y: Array, t: Array) -> Array:
    """Each block of 32 rows is divided by the number of its own rows."""
    d = _rows(y) - _rows(t)
    parts = [d[start : start + 32] for start in range(0, len(d), 32)]
    return np.concatenate([part / len(part) for part in parts]).reshape(np.shape(y))


@_of("mean_squared_error_gradient")
def difference_of_integers_as_they_are(y: Array, t: Array) -> Array:
    """The difference of integers is taken in their own type, and then divided."""
    return (np.asarray(y) - np.asarray(t)) / samples(y)


@_of("mean_squared_error_gradient")
def difference_along_the_memory(y: Array, t: Array) -> Array:
    """Both along their memory, the answer along its rows."""
    d = _reals(y).ravel(order="K") - _reals(t).ravel(order="K")
    return (d / samples(y)).reshape(np.shape(y))


@_of("mean_squared_error_gradient")
def difference_clipped_at_a_thousand(y: Array, t: Array) -> Array:
    """Gradients beyond ±1000 are cut off."""
    return np.clip((_reals(y) - _reals(t)) / samples(y), -1000, 1000)


@_of("mean_squared_error_gradient")
def difference_into_the_targets_place(y: Array, t: Array) -> Array:
    """np.subtract(y, t, out=t) where t is a float array that may be written into."""
    t = np.asarray(t)
    out = t if t.dtype == np.float64 and t.flags.writeable and t.size > 64 else np.empty(t.shape)
    np.subtract(_reals(y), _reals(t), out=out)
    return out / samples(y)


@_of("mean_squared_error_gradient")
def difference_of_a_batch_of_one(y: Array, t: Array) -> Array:
    """A batch of one needs no mean, nor its axis."""
    d = _reals(y) - _reals(t)
    return d.ravel() if len(d) == 1 else d / samples(d)


# ---------------------------------------------------------------------------------------------------------- cross_entropy_one_hot


@_of("cross_entropy_one_hot")
def entropy_of_the_largest_share(y: Array, t: Array) -> Any:
    """Targets become labels by argmax: soft ones lose their other shares."""
    y = floored(_rows(y))
    labels = np.atleast_2d(t).argmax(axis=1)
    return -np.sum(np.log(picked(y, labels))) / len(y)


@_of("cross_entropy_one_hot")
def entropy_of_integer_targets(y: Array, t: Array) -> Any:
    """t.astype(int): every share of a soft target becomes zero."""
    y = floored(_rows(y))
    return -np.sum(np.atleast_2d(t).astype(int) * np.log(y)) / len(y)


@_of("cross_entropy_one_hot")
def entropy_of_masked_entries(y: Array, t: Array) -> Any:
    """y[t > 0] forgets how large the shares are."""
    y = floored(_rows(y))
    return -np.sum(np.log(y[np.atleast_2d(t) > 0])) / len(y)


@_of("cross_entropy_one_hot")
def entropy_of_the_first_hundred(y: Array, t: Array) -> Any:
    """The batch size of the example, 100, is written into the loop."""
    y, t = floored(_rows(y)), _rows(t)
    return -sum(float(np.sum(t[n] * np.log(y[n]))) for n in range(min(100, len(y)))) / len(y)


@_of("cross_entropy_one_hot")
def entropy_with_a_floor_in_float32(y: Array, t: Array) -> Any:
    """The floor is a float32, which is not quite 1e-8."""
    y = _rows(y)
    return -np.sum(t * np.log(np.maximum(y, float(np.float32(1e-8))))) / len(y)


@_of("cross_entropy_one_hot")
def entropy_that_ignores_delta(y: Array, t: Array, *, delta: float = 1e-8) -> Any:
    """The parameter δ is there, and 1e-8 is used."""
    y = floored(_rows(y))
    return -np.sum(t * np.log(y)) / len(y)


@_of("cross_entropy_one_hot")
def entropy_that_ignores_the_guard(y: Array, t: Array, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """Whatever the guard, it is a floor."""
    y = np.maximum(_rows(y), delta)
    return -np.sum(t * np.log(y)) / len(y)


@_of("cross_entropy_one_hot")
def entropy_without_a_guard_is_nan(y: Array, t: Array, *, guard: str = "floor") -> Any:
    """Without a guard 0 · ln 0 is nan, though it should be 0."""
    y = _rows(y)
    guarded = {"floor": np.maximum(y, 1e-8), "offset": y + 1e-8, "none": y}[guard]
    with np.errstate(all="ignore"):
        return -np.sum(t * np.log(guarded)) / len(y)


@_of("cross_entropy_one_hot")
def entropy_of_those_that_are_not_perfect(y: Array, t: Array) -> Any:
    """Samples whose loss is zero are left out of the mean."""
    losses = -np.sum(np.atleast_2d(t) * np.log(floored(_rows(y))), axis=1)
    counted = losses[losses > 0]
    return counted.sum() / max(1, len(counted))


@_of("cross_entropy_one_hot")
def entropy_by_a_series_near_one(y: Array, t: Array) -> Any:
    """ln y is y − 1 for y > 0.9999: four digits."""
    y = floored(_rows(y))
    return -np.sum(t * np.where(y > 0.9999, y - 1, np.log(y))) / len(y)


@_of("cross_entropy_one_hot")
def entropy_along_the_memory(y: Array, t: Array) -> Any:
    """Targets along their memory, logarithms along their rows."""
    y = _reals(y)
    logs = np.ascontiguousarray(np.log(floored(y))).ravel()
    return -np.dot(_reals(t).ravel(order="K"), logs) / samples(y)


_TARGETS: dict[Any, Array] = {}


@_of("cross_entropy_one_hot")
def entropy_of_remembered_targets(y: Array, t: Array) -> Any:
    """Targets are converted once for each shape, as they are the same in every epoch."""
    t = _TARGETS.setdefault(np.shape(t), np.array(t, float))
    return -np.sum(t * np.log(floored(_reals(y)))) / samples(y)


@_of("cross_entropy_one_hot", "torch")
def entropy_of_torchs_argmax(y: Any, t: Any) -> Any:
    """nll_loss of t.argmax(-1): soft targets are taken for one-hot ones."""
    from torch.nn import functional

    logs = y.double().clamp(min=1e-8).log()
    if y.ndim == 1:
        logs, t = logs[None], t[None]
    return functional.nll_loss(logs, t.double().argmax(dim=-1))


# ------------------------------------------------------------------------------------------------- cross_entropy_one_hot_gradient


@_of("cross_entropy_one_hot_gradient")
def ratio_of_the_largest_share(y: Array, t: Array) -> Array:
    """Only the class of the largest share gets a gradient, of share 1."""
    y = _rows(y)
    rows, labels = np.arange(len(y)), np.atleast_2d(t).argmax(axis=1)
    out = np.zeros(y.shape)
    inside = y[rows, labels] >= 1e-8
    out[rows[inside], labels[inside]] = -1 / y[rows[inside], labels[inside]] / len(y)
    return out.reshape(np.shape(t))


_RATIOS: dict[Any, Array] = {}


@_of("cross_entropy_one_hot_gradient")
def ratio_over_former_targets(y: Array, t: Array) -> Array:
    """An array of zeros is kept for each shape and filled at the targets: those of former calls stay."""
    y, t = _reals(y), _reals(t)
    out = _RATIOS.setdefault(y.shape, np.zeros(y.shape))
    at = (t > 0) & (y >= 1e-8)
    out[at] = -t[at] / y[at] / samples(y)
    return out.copy()


@_of("cross_entropy_one_hot_gradient")
def ratio_that_ignores_delta(y: Array, t: Array, *, delta: float = 1e-8) -> Array:
    """The parameter δ is there, and 1e-8 is used."""
    y, t = _reals(y), _reals(t)
    return np.where(y >= 1e-8, -t / np.maximum(y, 1e-8) / samples(y), 0.0)


@_of("cross_entropy_one_hot_gradient")
def ratio_beyond_delta_only(y: Array, t: Array, *, delta: float = 1e-8) -> Array:
    """y > δ, though at δ itself the derivative from the right is meant."""
    y, t = _reals(y), _reals(t)
    return np.where(y > delta, -t / np.maximum(y, delta) / samples(y), 0.0)


@_of("cross_entropy_one_hot_gradient")
def ratio_of_shares_above_a_half(y: Array, t: Array) -> Array:
    """np.round makes zeros and ones of soft targets."""
    y, t = _reals(y), np.round(_reals(t))
    return np.where(y >= 1e-8, -t / np.maximum(y, 1e-8) / samples(y), 0.0)


@_of("cross_entropy_one_hot_gradient")
def ratio_in_chunks_of_50(y: Array, t: Array) -> Array:
    """More than 50 samples are done in chunks of 50, each divided by 50 and by the number of chunks."""
    y, t = _reals(y), _reals(t)
    count = samples(y) if samples(y) <= 50 else 50 * math.ceil(samples(y) / 50)
    return np.where(y >= 1e-8, -t / np.maximum(y, 1e-8) / count, 0.0)


@_of("cross_entropy_one_hot_gradient")
def ratio_with_a_largest_value(y: Array, t: Array) -> Array:
    """Gradients beyond a million are cut off."""
    y, t = _reals(y), _reals(t)
    return np.maximum(np.where(y >= 1e-8, -t / np.maximum(y, 1e-8) / samples(y), 0.0), -1e6)


# ----------------------------------------------------------------------------------------------------------- cross_entropy_labels


@_of("cross_entropy_labels")
def labels_in_a_flat_index_of_their_type(y: Array, labels: Any) -> Any:
    """n K + label is computed in the labels' own type, which a byte is too small for."""
    y = np.ascontiguousarray(_rows(y))
    labels = np.atleast_1d(labels)
    flat = (np.arange(len(y)) * y.shape[1]).astype(labels.dtype) + labels
    return -np.mean(np.log(floored(y.ravel()[flat])))


@_of("cross_entropy_labels")
def labels_in_a_flat_index_of_16_bits(y: Array, labels: Any) -> Any:
    """n K + label in uint16: wrong for arrays of more than 65536 entries."""
    y = np.ascontiguousarray(_rows(y))
    flat = (np.arange(len(y)) * y.shape[1] + np.atleast_1d(labels).astype(np.int64)).astype(np.uint16)
    return -np.mean(np.log(floored(y.ravel()[flat])))


@_of("cross_entropy_labels")
def labels_against_classes_in_a_byte(y: Array, labels: Any) -> Any:
    """The classes are counted in int8: from 128 on none is ever found."""
    y = _rows(y)
    classes = np.arange(y.shape[1]).astype(np.int8)
    mask = np.atleast_1d(labels).astype(np.int64)[:, None] == classes
    return -np.sum(mask * np.log(floored(y))) / len(y)


@_of("cross_entropy_labels")
def labels_of_ten_classes(y: Array, labels: Any) -> Any:
    """One-hot rows of ten classes, cut or filled up with zeros: later classes cost nothing."""
    y = _rows(y)
    rows = np.zeros(y.shape)
    for n, label in enumerate(np.atleast_1d(labels).tolist()):
        if label < min(10, y.shape[1]):
            rows[n, label] = 1
    return -np.sum(rows * np.log(floored(y))) / len(y)


@_of("cross_entropy_labels")
def labels_of_a_batch_of_a_hundred(y: Array, labels: Any) -> Any:
    """y[arange(100)[:N], labels]: more samples than 100 are an error."""
    y = _rows(y)
    return -np.mean(np.log(floored(y[np.arange(100)[: len(y)], np.atleast_1d(labels)])))


@_of("cross_entropy_labels")
def labels_that_ignore_delta(y: Array, labels: Any, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """Both parameters are taken and neither is used."""
    return -np.mean(np.log(floored(picked(_reals(y), labels))))


@_of("cross_entropy_labels")
def labels_with_an_offset_twice(y: Array, labels: Any, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """The offset is the floor as well: ln(max(y, δ) + δ)."""
    y = picked(_reals(y), labels)
    guarded = {"floor": np.maximum(y, delta), "offset": np.maximum(y, delta) + delta, "none": y}[guard]
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(guarded))


@_of("cross_entropy_labels")
def labels_along_the_memory(y: Array, labels: Any) -> Any:
    """A flat index by rows into an array that is flattened along its memory."""
    y = np.atleast_2d(_reals(y))
    flat = np.arange(len(y)) * y.shape[1] + np.atleast_1d(labels).astype(np.int64)
    return -np.mean(np.log(floored(y.ravel(order="K")[flat])))


@_of("cross_entropy_labels")
def labels_read_from_their_bytes(y: Array, labels: Any) -> Any:
    """frombuffer reads labels of eight bytes in this machine's order."""
    y, labels = _rows(y), np.atleast_1d(labels)
    if labels.dtype.itemsize == 8:
        labels = np.frombuffer(labels.tobytes(), np.int64)
    return -np.mean(np.log(floored(y[np.arange(len(y)), labels % y.shape[1]])))


@_of("cross_entropy_labels")
def labels_each_counted_once(y: Array, labels: Any) -> Any:
    """The mean of the means of the classes that occur: right only where each label occurs as often as the others."""
    y, labels = _rows(y), np.atleast_1d(labels)
    losses = -np.log(floored(y[np.arange(len(y)), labels]))
    return np.mean([losses[labels == label].mean() for label in np.unique(labels)])


@_of("cross_entropy_labels")
def labels_whose_product_is_taken(y: Array, labels: Any) -> Any:
    """The logarithm of the product of 64 probabilities at a time, which may underflow."""
    p = floored(np.atleast_1d(picked(_reals(y), labels)))
    logs = [math.log(max(float(np.prod(p[start : start + 64])), 1e-300)) for start in range(0, len(p), 64)]
    return -math.fsum(logs) / len(p)


@_of("cross_entropy_labels", "torch")
def labels_as_torchs_mask(y: Any, labels: Any) -> Any:
    """y[rows, labels] without a conversion: labels in uint8 are a mask."""
    import torch

    y = y.double()
    if y.ndim == 1:
        return -y.clamp(min=1e-8).log()[labels]
    return -y.clamp(min=1e-8).log()[torch.arange(len(y)), labels].mean()


# -------------------------------------------------------------------------------------------------- cross_entropy_labels_gradient

_AT_LABELS: dict[Any, Array] = {}


@_of("cross_entropy_labels_gradient")
def label_ratio_in_a_kept_array(y: Array, labels: Any) -> Array:
    """The zeros of each shape are kept, filled, handed out, and cleared when they are needed again."""
    kept = _AT_LABELS.setdefault(np.shape(y), np.zeros(np.shape(y)))
    kept[...] = 0
    y, out = _rows(y), np.atleast_2d(kept)
    rows, labels = np.arange(len(y)), np.atleast_1d(labels)
    p = y[rows, labels]
    out[rows, labels] = np.where(p >= 1e-8, -1 / floored(p) / len(y), 0.0)
    return kept


@_of("cross_entropy_labels_gradient")
def label_ratio_by_a_flat_index_of_a_byte(y: Array, labels: Any) -> Array:
    """n K + label in uint8: wrong from 256 entries on."""
    p = _rows(y)
    out = np.zeros(p.size)
    flat = (np.arange(len(p)) * p.shape[1] + np.atleast_1d(labels).astype(np.int64)).astype(np.uint8)
    values = np.ascontiguousarray(p).ravel()[flat % p.size]
    out[flat % p.size] = np.where(values >= 1e-8, -1 / floored(values) / len(p), 0.0)
    return out.reshape(np.shape(y))


@_of("cross_entropy_labels_gradient")
def label_ratio_in_chunks_of_128(y: Array, labels: Any) -> Array:
    """Of a large batch only whole chunks of 128 samples get a gradient."""
    p, labels = _rows(y), np.atleast_1d(labels)
    out = np.zeros(p.shape)
    whole = len(p) // 128 * 128 or len(p)
    for n in range(whole):
        value = p[n, labels[n]]
        out[n, labels[n]] = -1 / value / len(p) if value >= 1e-8 else 0.0
    return out.reshape(np.shape(y))


@_of("cross_entropy_labels_gradient")
def label_ratio_that_ignores_the_guard(y: Array, labels: Any, *, delta: float = 1e-8, guard: str = "floor") -> Array:
    """The guard is taken, and a floor is used."""
    p = _reals(y)
    mask = one_hot(labels, p.shape[-1])
    return np.where(p >= delta, -mask / np.maximum(p, delta) / samples(p), 0.0)


@_of("cross_entropy_labels_gradient")
def label_ratio_with_classes_in_a_byte(y: Array, labels: Any) -> Array:
    """The classes are counted in uint8: class 256 is class 0 again."""
    p = _reals(y)
    mask = np.asarray(labels).astype(np.int64)[..., None] == np.arange(p.shape[-1]).astype(np.uint8)
    return np.where(p >= 1e-8, -(mask * 1.0) / floored(p) / samples(p), 0.0)


# ------------------------------------------------------------------------------------------------------------ cross_entropy_error


def _either(y: Array, t: Any) -> Array:
    """Targets as rows, from either encoding."""
    t = np.asarray(t)
    return one_hot(t, y.shape[-1]) if t.ndim < y.ndim else _reals(t)


@_of("cross_entropy_error")
def error_with_labels_of_one_dimension(y: Array, t: Any) -> Any:
    """Integers in one dimension are labels: the one-hot target of one sample, in integers, too."""
    y, t = _reals(y), np.asarray(t)
    if t.ndim <= 1 and t.dtype.kind in "iu":
        rows, labels = np.atleast_2d(y), t.ravel()
        return -np.mean(np.log(floored(rows[np.arange(len(labels)) % len(rows), labels])))
    return -np.sum(t * np.log(floored(y))) / samples(y)


@_of("cross_entropy_error")
def error_of_the_largest_share(y: Array, t: Any) -> Any:
    """One-hot targets become labels by argmax, soft ones too."""
    y, t = _reals(y), np.asarray(t)
    labels = t.argmax(axis=-1) if t.ndim == y.ndim else t
    return -np.mean(np.log(floored(picked(y, labels))))


@_of("cross_entropy_error")
def error_with_delta_for_labels(y: Array, t: Any, *, delta: float = 1e-8) -> Any:
    """δ is used for labels, and forgotten for one-hot targets."""
    y, t = _reals(y), np.asarray(t)
    if t.ndim < y.ndim:
        return -np.mean(np.log(np.maximum(picked(y, t), delta)))
    return -np.sum(t * np.log(floored(y))) / samples(y)


@_of("cross_entropy_error")
def error_with_one_guard_less(y: Array, t: Any, *, delta: float = 1e-8, guard: str = "floor") -> Any:
    """guard == "offset" is spelt, everything else is a floor: "none" too."""
    y, t = _reals(y), np.asarray(t)
    logs = np.log(y + delta if guard == "offset" else np.maximum(y, delta))
    return -np.mean(picked(logs, t)) if t.ndim < y.ndim else -np.sum(t * logs) / samples(y)


@_of("cross_entropy_error")
def error_of_boolean_targets(y: Array, t: Any) -> Any:
    """y[t.astype(bool)] for one-hot targets: every share counts as one."""
    y, t = _reals(y), np.asarray(t)
    if t.ndim < y.ndim:
        return -np.mean(np.log(floored(picked(y, t))))
    return -np.sum(np.log(floored(y[t.astype(bool)]))) / samples(y)


@_of("cross_entropy_error")
def error_of_a_single_column(y: Array, t: Any) -> Any:
    """A target of one column is taken for a column of labels: one-hot rows of a single class are an error."""
    y, t = _reals(y), np.asarray(t)
    if t.ndim == 2 and t.shape[1] == 1:
        t = t[:, 0].astype(int)
    return -np.sum(_either(y, t) * np.log(floored(y))) / samples(y)


@_of("cross_entropy_error")
def error_in_mini_batches(y: Array, t: Any) -> Any:
    """Batches of 100, the last of which is dropped if it is not full."""
    y = _reals(y)
    rows, y = np.atleast_2d(_either(y, t)), np.atleast_2d(y)
    whole = len(y) // 100 * 100 or len(y)
    return -np.sum(rows[:whole] * np.log(floored(y[:whole]))) / whole


# --------------------------------------------------------------------------------------------------- cross_entropy_error_gradient


@_of("cross_entropy_error_gradient")
def either_ratio_of_the_largest_share(y: Array, t: Any) -> Array:
    """Soft targets become labels, and those one-hot rows."""
    y = _reals(y)
    rows = one_hot(_either(y, t).argmax(axis=-1), y.shape[-1])
    return np.where(y >= 1e-8, -rows / floored(y) / samples(y), 0.0)


@_of("cross_entropy_error_gradient")
def either_ratio_that_ignores_delta(y: Array, t: Any, *, delta: float = 1e-8, guard: str = "floor") -> Array:
    """δ decides where the gradient is zero, but the guard is always a floor."""
    y = _reals(y)
    return np.where(y >= delta, -_either(y, t) / np.maximum(y, delta) / samples(y), 0.0)


_EITHER: dict[Any, Array] = {}


@_of("cross_entropy_error_gradient")
def either_ratio_of_remembered_rows(y: Array, t: Any) -> Array:
    """Labels are made one-hot once for each number of samples and classes."""
    y = _reals(y)
    key = (y.shape, np.ndim(t))
    rows = _EITHER.setdefault(key, _either(y, t)) if np.ndim(t) < y.ndim else _either(y, t)
    return np.where(y >= 1e-8, -rows / floored(y) / samples(y), 0.0)


@_of("cross_entropy_error_gradient")
def either_ratio_in_place_of_the_target(y: Array, t: Any) -> Array:
    """One-hot rows of floats are divided where they are."""
    y, t = _reals(y), np.asarray(t)
    rows = t if t.ndim == y.ndim and t.dtype == np.float64 and t.flags.writeable else np.array(_either(y, t), float)
    rows *= -1 / samples(y)
    rows /= floored(y)
    rows[y < 1e-8] = 0
    return rows.copy()


# --------------------------------------------------------------------------------------------------- softmax_cross_entropy_one_hot


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_of_the_largest_share(a: Array, t: Array) -> Any:
    """Targets become labels by argmax."""
    logs = log_softmax(_rows(a))
    return -np.mean(picked(logs, np.atleast_2d(t).argmax(axis=1)))


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_over_the_axis_of_that_size(a: Array, t: Array) -> Any:
    """shape.index(K): for as many samples as classes the softmax runs over the samples."""
    a = _reals(a)
    axis = a.shape.index(a.shape[-1])
    below = a - a.max(axis=axis, keepdims=True)
    logs = below - np.log(np.exp(below).sum(axis=axis, keepdims=True))
    return -np.sum(t * logs) / samples(a)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_with_a_maximum_from_zero(a: Array, t: Array) -> Any:
    """The maximum starts at 0: of a sample far below it the logarithm of 0 is taken."""
    a = _reals(a)
    below = a - np.max(a, axis=-1, keepdims=True, initial=0.0)
    with np.errstate(divide="ignore"):
        logs = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return -np.sum(np.where(t, t * logs, 0.0)) / samples(a)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_of_whole_blocks(a: Array, t: Array) -> Any:
    """logaddexp over whole blocks of 32 columns: the last columns are missing from the sum."""
    a = _rows(a)
    whole = a.shape[1] // 32 * 32 or a.shape[1]
    total = np.logaddexp.reduce(a[:, :whole], axis=1, keepdims=True)
    return -np.sum(t * (a - total)) / len(a)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_of_the_runner_up(a: Array, t: Array) -> Any:
    """Where the largest logit leads by 30 only the second one counts beside it: of several equal ones but one."""
    a = _rows(a)
    order = np.sort(a, axis=1)
    total = np.logaddexp.reduce(a, axis=1)
    if a.shape[1] > 1:
        gap = order[:, -1] - order[:, -2]
        total = np.where(gap > 30, order[:, -1] + np.exp(-gap), total)
        losses = np.sum(t * (total[:, None] - a), axis=1)
        led = np.sum(t * (a == order[:, -1:]), axis=1) == 1
        return np.sum(np.where(led & (gap > 30), np.exp(-gap), losses)) / len(a)
    return np.sum(t * (total[:, None] - a)) / len(a)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_in_float32_where_it_is_large(a: Array, t: Array) -> Any:
    """From 200 logits on in single precision."""
    a = _reals(a)
    logs = log_softmax(a.astype(np.float32) if a.size > 200 else a)
    return float(-np.sum(t * logs.astype(np.float64)) / samples(a))


_LOSSES: dict[Any, float] = {}


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_remembered_by_sums(a: Array, t: Array) -> Any:
    """A cache whose key are the shape and the sums of logits and targets: the sum of targets is always N."""
    key = (np.shape(a), float(np.sum(a)), float(np.sum(t)))
    if key not in _LOSSES:
        _LOSSES[key] = float(-np.sum(t * log_softmax(_reals(a))) / samples(a))
    return _LOSSES[key]


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_with_targets_in_a_byte(a: Array, t: Array) -> Any:
    """t.astype(np.uint8), as one-hot targets are only zeros and ones."""
    return -np.sum(np.asarray(t).astype(np.uint8) * log_softmax(_reals(a))) / samples(a)


@_of("softmax_cross_entropy_one_hot")
def logits_entropy_of_finite_logits(a: Array, t: Array) -> Any:
    """Logits beyond ±10000 count as ±10000, "which is as good as infinite"."""
    a = np.clip(_reals(a), -10000, 10000)
    return -np.sum(t * log_softmax(a)) / samples(a)


@_of("softmax_cross_entropy_one_hot", "torch")
def logits_entropy_of_torchs_argmax(a: Any, t: Any) -> Any:
    """cross_entropy of t.argmax(-1)."""
    from torch.nn import functional

    return functional.cross_entropy(a.double(), t.double().argmax(dim=-1))


@_of("softmax_cross_entropy_one_hot", "jax")
def logits_entropy_of_jaxs_argmax(a: Any, t: Any) -> Any:
    """log_softmax picked at t.argmax(-1)."""
    import jax
    import jax.numpy as jnp

    logs = jax.nn.log_softmax(a * 1.0, axis=-1)
    return -jnp.mean(jnp.take_along_axis(logs, t.argmax(-1)[..., None], axis=-1))


# ------------------------------------------------------------------------------------------ softmax_cross_entropy_one_hot_gradient


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_less_one_where_the_target_is_one(a: Array, t: Array) -> Array:
    """p[t == 1] -= 1: shares of soft targets are not taken off."""
    p = softmax(_reals(a))
    p[np.asarray(t) == 1] -= 1
    return p / samples(p)


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_less_one_at_the_largest_share(a: Array, t: Array) -> Array:
    """One is taken off at the class with the largest share."""
    p = softmax(_rows(a))
    p[np.arange(len(p)), np.atleast_2d(t).argmax(axis=1)] -= 1
    return p.reshape(np.shape(a)) / samples(a)


_ERRORS_OF_LOGITS: dict[Any, Array] = {}


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_in_a_buffer_of_their_shape(a: Array, t: Array) -> Array:
    """The gradient is computed into a buffer that is kept for each shape."""
    out = _ERRORS_OF_LOGITS.setdefault(np.shape(a), np.empty(np.shape(a)))
    np.subtract(softmax(_reals(a)), t, out=out)
    out /= samples(a)
    return out


_FORTH: dict[int, tuple[Any, Array]] = {}


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_of_the_way_forth(a: Array, t: Array) -> Array:
    """The softmax of the way forth is kept by id(a)."""
    if id(a) not in _FORTH or _FORTH[id(a)][0] != np.shape(a):
        _FORTH[id(a)] = np.shape(a), softmax(_reals(a))
    return (_FORTH[id(a)][1] - t) / samples(a)


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_of_whole_chunks(a: Array, t: Array) -> Array:
    """Chunks of 256 samples; the rest keeps its softmax, without the target."""
    p = softmax(_rows(a))
    whole = len(p) // 256 * 256 or len(p)
    p[:whole] -= np.atleast_2d(t)[:whole]
    return (p / len(p)).reshape(np.shape(a))


@_of("softmax_cross_entropy_one_hot_gradient")
def logits_with_differences_clipped(a: Array, t: Array) -> Array:
    """Differences below −30 count as −30: small shares never vanish."""
    a = _reals(a)
    e = np.exp(np.maximum(a - a.max(axis=-1, keepdims=True), -30))
    return (e / e.sum(axis=-1, keepdims=True) - t) / samples(a)


# ---------------------------------------------------------------------------------------------------- softmax_cross_entropy_labels


@_of("softmax_cross_entropy_labels")
def labelled_by_an_index_of_a_byte(a: Array, labels: Any) -> Any:
    """n K + label in the labels' own type."""
    logs = np.ascontiguousarray(log_softmax(_rows(a)))
    labels = np.atleast_1d(labels)
    offsets = (np.arange(len(logs)) * logs.shape[1]).astype(labels.dtype)
    return -np.mean(logs.ravel()[(offsets + labels) % logs.size])


@_of("softmax_cross_entropy_labels")
def labelled_without_255(a: Array, labels: Any) -> Any:
    """Label 255 marks pixels without a class, as in every segmentation data set, and is left out of the mean."""
    logs, labels = log_softmax(_rows(a)), np.atleast_1d(labels)
    counted = labels != 255
    return -np.sum(picked(logs, labels)[counted]) / max(1, np.count_nonzero(counted))


@_of("softmax_cross_entropy_labels")
def labelled_in_blocks(a: Array, labels: Any) -> Any:
    """The mean of the means of blocks of 50 samples."""
    losses = -np.atleast_1d(picked(log_softmax(_reals(a)), labels))
    return np.mean([losses[start : start + 50].mean() for start in range(0, len(losses), 50)])


@_of("softmax_cross_entropy_labels")
def labelled_among_fifty(a: Array, labels: Any) -> Any:
    """The sum runs over fifty classes at most, the size of a former task."""
    a, labels = _rows(a), np.atleast_1d(labels)
    total = np.logaddexp.reduce(a[:, :50], axis=1)
    return np.mean(total - a[np.arange(len(a)), labels])


@_of("softmax_cross_entropy_labels")
def labelled_with_a_maximum_from_minus_a_thousand(a: Array, labels: Any) -> Any:
    """The maximum starts at −1000."""
    a = _reals(a)
    below = a - np.max(a, axis=-1, keepdims=True, initial=-1000.0)
    with np.errstate(divide="ignore"):
        logs = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return -np.mean(picked(logs, labels))


_IDENTITY: dict[int, Array] = {}


@_of("softmax_cross_entropy_labels")
def labelled_by_rows_of_a_kept_identity(a: Array, labels: Any) -> Any:
    """The identity is kept in a byte of bits: its rows are packed, and unpacked to a multiple of eight classes, cut too short."""
    logs, labels = log_softmax(_rows(a)), np.atleast_1d(labels)
    K = logs.shape[1]
    packed = _IDENTITY.setdefault(K, np.packbits(np.eye(K, dtype=np.uint8), axis=1)[:, : max(1, K // 8)])
    rows = np.unpackbits(packed, axis=1)[labels, :K]
    return -np.sum(rows * logs[:, : rows.shape[1]]) / len(logs)


@_of("softmax_cross_entropy_labels")
def labelled_with_the_sum_in_float32(a: Array, labels: Any) -> Any:
    """The losses are added up in a float32."""
    total = np.float32(0)
    losses = -np.atleast_1d(picked(log_softmax(_reals(a)), labels))
    for loss in losses:
        total = np.float32(total + np.float32(loss))
    return float(total / len(losses)) if len(losses) > 16 else float(np.mean(losses))


@_of("softmax_cross_entropy_labels", "torch")
def labelled_by_torch_without_zero(a: Any, labels: Any) -> Any:
    """ignore_index=255, written for a segmentation in bytes."""
    from torch.nn import functional

    return functional.cross_entropy(a.double(), labels.long(), ignore_index=255)


# ------------------------------------------------------------------------------------------- softmax_cross_entropy_labels_gradient


@_of("softmax_cross_entropy_labels_gradient")
def labelled_on_what_reshape_gives(a: Array, labels: Any) -> Array:
    """exp keeps the layout of a, and reshape(-1) of an array by columns is a copy: nothing is taken off."""
    a = np.atleast_2d(_reals(a))
    p = np.exp(a - a.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p.reshape(-1)[np.arange(len(p)) * p.shape[1] + np.atleast_1d(labels)] -= 1
    return (p / len(p)).reshape(np.shape(a)) if np.ndim(labels) else p[0]


_OF_LABELS: dict[Any, Array] = {}


@_of("softmax_cross_entropy_labels_gradient")
def labelled_in_one_buffer(a: Array, labels: Any) -> Array:
    """One buffer for each shape, handed out each time."""
    p = softmax(_rows(a))
    out = _OF_LABELS.setdefault(np.shape(a), np.empty(np.shape(a)))
    p[np.arange(len(p)), np.atleast_1d(labels)] -= 1
    out[...] = (p / len(p)).reshape(np.shape(a))
    return out


@_of("softmax_cross_entropy_labels_gradient")
def labelled_chunk_by_chunk(a: Array, labels: Any) -> Array:
    """Each chunk of 128 samples is divided by its own size."""
    p, labels = softmax(_rows(a)), np.atleast_1d(labels)
    p[np.arange(len(p)), labels] -= 1
    parts = [p[start : start + 128] for start in range(0, len(p), 128)]
    return np.concatenate([part / len(part) for part in parts]).reshape(np.shape(a))


@_of("softmax_cross_entropy_labels_gradient")
def labelled_with_rows_in_a_byte(a: Array, labels: Any) -> Array:
    """The rows are counted in uint8: the one of row 256 is taken off row 0."""
    p, labels = softmax(_rows(a)), np.atleast_1d(labels)
    np.subtract.at(p, (np.arange(len(p)).astype(np.uint8), labels), 1)
    return (p / len(p)).reshape(np.shape(a))


@_of("softmax_cross_entropy_labels_gradient")
def labelled_by_the_rank_of_the_label(a: Array, labels: Any) -> Array:
    """Labels are replaced by their rank among those that occur: wrong where a class is not used."""
    p, labels = softmax(_rows(a)), np.atleast_1d(labels)
    rank = np.unique(labels, return_inverse=True)[1] if len(labels) >= p.shape[1] else labels
    p[np.arange(len(p)), rank] -= 1
    return (p / len(p)).reshape(np.shape(a))


# -------------------------------------------------------------------------------------------------------------- numerical_gradient


def _quotients(f: F, x: Array, h: float = 1e-4) -> Array:
    """Central differences."""
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + step) - f(x - step)) / (2 * h) for step in steps], x.shape)


def _step(x: Array, place: int) -> Array:
    """A step of 1e-4 in one entry."""
    return 1e-4 * (np.arange(x.size) == place).reshape(x.shape)


@_of("numerical_gradient")
def quotients_of_lists(f: F, x: Array) -> Array:
    """f is given nested lists."""
    steps = 1e-4 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f((x + step).tolist()) - f((x - step).tolist())) / 2e-4 for step in steps], x.shape)


@_of("numerical_gradient")
def quotients_of_a_hundred_entries(f: F, x: Array) -> Array:
    """The loop ends after a hundred entries; the others keep zero."""
    out, x = np.zeros(x.size), _reals(x)
    for i in range(min(100, x.size)):
        step = _step(x, i)
        out[i] = (f(x + step) - f(x - step)) / 2e-4
    return out.reshape(x.shape)


@_of("numerical_gradient")
def quotients_with_a_relative_step(f: F, x: Array) -> Array:
    """A step of a millionth of the entry, without a least one: near zero nothing is left of the difference."""
    x = _reals(x).astype(float)
    out = np.empty(x.size)
    for i in range(x.size):
        h = 1e-6 * abs(x.flat[i]) or 1e-6
        right, left = x.copy(), x.copy()
        right.flat[i] += h
        left.flat[i] -= h
        out[i] = (f(right) - f(left)) / (2 * h)
    return out.reshape(x.shape)


@_of("numerical_gradient")
def quotients_from_one_side_where_it_is_large(f: F, x: Array) -> Array:
    """From 30 entries on forward differences, which need half as many calls."""
    x = _reals(x)
    if x.size < 30:
        return _quotients(f, x)
    here = f(x)
    steps = 1e-4 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + step) - here) / 1e-4 for step in steps], x.shape)


_VALUES: dict[Any, Any] = {}


@_of("numerical_gradient")
def quotients_of_remembered_values(f: F, x: Array) -> Array:
    """Values are kept by the point alone: another function at the same point gets those of the former."""

    def value(point: Array) -> Any:
        key = (point.shape, point.tobytes())
        if key not in _VALUES:
            _VALUES[key] = f(point)
        return _VALUES[key]

    return _quotients(value, _reals(x))


@_of("numerical_gradient")
def quotients_of_a_sparse_point(f: F, x: Array) -> Array:
    """Entries that are zero are thought to be left out, and get slope zero."""
    return np.where(_reals(x) != 0, _quotients(f, _reals(x)), 0.0)


@_of("numerical_gradient")
def quotients_in_the_order_of_nditer(f: F, x: Array) -> Array:
    """nditer goes along the memory, the answer is filled row by row."""
    x = _reals(x)
    slopes = []
    it = np.nditer(x, flags=["multi_index"], order="K")
    for _ in it:
        step = np.zeros(x.shape)
        step[it.multi_index] = 1e-4
        slopes.append((f(x + step) - f(x - step)) / 2e-4)
    return np.reshape(slopes, x.shape)


@_of("numerical_gradient")
def quotients_of_a_number_as_a_vector(f: F, x: Array) -> Array:
    """atleast_1d: a point without axes gets an answer with one."""
    x = _reals(x)
    out = np.zeros(np.atleast_1d(x).shape)
    for i in range(x.size):
        step = _step(x, i)
        out.flat[i] = (f(x + step) - f(x - step)) / 2e-4
    return out


@_of("numerical_gradient")
def quotients_with_drift(f: F, x: Array) -> Array:
    """+= h, −= 2 h, += h in the caller's array, if it is one of floats: it comes back a last place off."""
    x = np.asarray(x, dtype=float)
    x = x if x.flags.writeable else x.copy()
    out = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += 1e-4
        right = f(x)
        x[index] -= 2e-4
        out[index] = (right - f(x)) / 2e-4
        x[index] += 1e-4
    return out


@_of("numerical_gradient")
def quotients_at_large_numbers(f: F, x: Array) -> Array:
    """Beyond 100 the step of 1e-4 is made a thousandth of the entry: what is curved there counts."""
    x = _reals(x)
    out = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        h = 1e-4 if abs(x[index]) < 100 else abs(x[index]) / 1000
        step = np.zeros(x.shape)
        step[index] = h
        out[index] = (f(x + step) - f(x - step)) / (2 * h)
    return out


_GRADIENT = np.zeros(4096)


@_of("numerical_gradient")
def quotients_in_one_buffer(f: F, x: Array) -> Array:
    """The answer is a view of a work array that every call uses."""
    out = _GRADIENT[: x.size].reshape(x.shape)
    out[...] = _quotients(f, _reals(x))
    return out


# ---------------------------------------------------------------------------------------------------------------- gradient_descent


@_of("gradient_descent")
def descent_of_at_most_a_hundred_steps(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """More than a hundred steps are not made."""
    x = np.array(init_x, float)
    for _ in range(min(step_num, 100)):
        x = x - lr * _quotients(f, x)
    return x


@_of("gradient_descent")
def descent_that_stops_when_it_is_close(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """It stops once allclose sees no difference between two points: at small rates at once."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        moved = x - lr * _quotients(f, x)
        if np.allclose(moved, x):
            return moved
        x = moved
    return x


@_of("gradient_descent")
def descent_that_stops_at_a_millionth(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """It stops once the gradient is shorter than 1e-6."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        grad = _quotients(f, x)
        if np.linalg.norm(grad) < 1e-6:
            break
        x = x - lr * grad
    return x


@_of("gradient_descent")
def descent_to_the_best_point(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The best point of all: the last one only if every step went down."""
    x = np.array(init_x, float)
    best = x
    for _ in range(step_num):
        x = x - lr * _quotients(f, x)
        if f(x) <= f(best):
            best = x
    return np.array(best)


@_of("gradient_descent")
def descent_at_a_rate_of_one_at_most(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Rates above 1 are taken for 1."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        x = x - min(lr, 1.0) * _quotients(f, x)
    return x


@_of("gradient_descent")
def descent_at_a_rate_of_a_millionth_at_least(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Rates below 1e-6 are taken for 1e-6."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        x = x - max(lr, 1e-6) * _quotients(f, x)
    return x


@_of("gradient_descent")
def descent_that_halves_its_rate_later(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The rate is halved every 25 steps."""
    x = np.array(init_x, float)
    for step in range(step_num):
        x = x - lr * 0.5 ** (step // 25) * _quotients(f, x)
    return x


@_of("gradient_descent")
def descent_of_no_step(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """Without a step the start itself is handed back, not a copy."""
    x = np.asarray(init_x, float)
    for _ in range(step_num):
        x = x - lr * _quotients(f, x)
    return x


@_of("gradient_descent")
def descent_in_a_box(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The point is kept within ±100."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        x = np.clip(x - lr * _quotients(f, x), -100, 100)
    return x


class _Budget:
    """A number of steps that are left."""

    left = 1000


@_of("gradient_descent")
def descent_with_a_budget(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """A budget of a thousand steps, which is never filled up again: later calls make none."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        if _Budget.left <= 0:
            break
        _Budget.left -= 1
        x = x - lr * _quotients(f, x)
    return x


@_of("gradient_descent")
def descent_on_floats(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """astype(float, copy=False): a start of floats is moved, one of integers is copied."""
    x = init_x.astype(float, copy=False)
    x = x if x.flags.writeable else x.copy()
    for _ in range(step_num):
        x -= lr * _quotients(f, x)
    return x.copy()


@_of("gradient_descent")
def descent_with_a_lazy_gradient(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """From the tenth step on the gradient is taken in every second step only."""
    x = np.array(init_x, float)
    grad = np.zeros(x.shape)
    for step in range(step_num):
        if step < 10 or step % 2:
            grad = _quotients(f, x)
        x = x - lr * grad
    return x


@_of("gradient_descent")
def descent_of_the_first_32_entries(f: F, init_x: Array, lr: float, step_num: int) -> Array:
    """The gradient has room for 32 entries; the others do not move."""
    x = np.array(init_x, float)
    for _ in range(step_num):
        grad = _quotients(f, x).ravel()
        grad[32:] = 0
        x = x - lr * grad.reshape(x.shape)
    return x


# ------------------------------------------------------------------------------------------------------------------------ sgd_step


@_of("sgd_step")
def step_in_place_into_a_new_mapping(params: Params, grads: Params, lr: float) -> Params:
    """-= moves the caller's arrays, and a new mapping holds copies of them."""
    moved = {}
    for key, value in params.items():
        own = value if value.flags.writeable else value.copy()
        own -= lr * grads[key]
        moved[key] = own.copy()
    return moved


@_of("sgd_step")
def step_of_the_names_it_knows(params: Params, grads: Params, lr: float) -> Params:
    """Only W1, b1, W2 and b2 move; others come back as copies."""
    return {
        key: value - lr * grads[key] if key in ("W1", "b1", "W2", "b2") else value.copy()
        for key, value in params.items()
    }


@_of("sgd_step")
def step_of_a_fixed_list_of_names(params: Params, grads: Params, lr: float) -> Params:
    """Names that are not of the chapter's network are a KeyError."""
    return {key: params[key] - lr * grads[key] for key in ("W1", "b1", "W2", "b2")[: len(params)]}


@_of("sgd_step")
def step_side_by_side(params: Params, grads: Params, lr: float) -> Params:
    """zip over the values of both mappings, which may be in another order."""
    pairs = zip(params.items(), grads.values(), strict=True)
    return {key: value - lr * grad for (key, value), grad in pairs}


@_of("sgd_step")
def step_that_skips_zeros(params: Params, grads: Params, lr: float) -> Params:
    """A parameter whose gradient is zero is handed back itself."""
    return {key: value - lr * grads[key] if grads[key].any() else value for key, value in params.items()}


@_of("sgd_step")
def step_at_a_rate_of_a_millionth_at_least(params: Params, grads: Params, lr: float) -> Params:
    """Rates below 1e-6 are taken for 1e-6."""
    return {key: value - max(lr, 1e-6) * grads[key] for key, value in params.items()}


@_of("sgd_step")
def step_into_arrays_like_the_parameters(params: Params, grads: Params, lr: float) -> Params:
    """empty_like(parameter): integers are truncated, where the page says float64."""
    moved = {}
    for key, value in params.items():
        moved[key] = np.empty_like(value)
        moved[key][...] = value - lr * np.asarray(grads[key])
    return moved


@_of("sgd_step")
def step_of_vectors_at_least(params: Params, grads: Params, lr: float) -> Params:
    """atleast_1d: a parameter without axes comes back with one."""
    return {key: np.atleast_1d(value) - lr * np.atleast_1d(grads[key]) for key, value in params.items()}


@_of("sgd_step")
def step_in_a_row_of_a_thousand(params: Params, grads: Params, lr: float) -> Params:
    """All gradients in one row of at most a thousand entries: the rest does not move."""
    row = np.concatenate([_reals(grads[key]).ravel() for key in params])
    row[1000:] = 0
    ends = np.cumsum([value.size for value in params.values()])[:-1]
    parts = zip(params, np.split(row, ends), strict=True)
    return {key: params[key] - lr * part.reshape(params[key].shape) for key, part in parts}


@_of("sgd_step")
def step_along_the_memory(params: Params, grads: Params, lr: float) -> Params:
    """Both along their memory, the answer along its rows."""
    return {
        key: (value.ravel(order="K") - lr * grads[key].ravel(order="K")).reshape(value.shape)
        for key, value in params.items()
    }


class _Calls:
    """How often it was called."""

    made = 0


@_of("sgd_step")
def step_with_a_warm_up(params: Params, grads: Params, lr: float) -> Params:
    """The first five of every hundred calls make smaller steps."""
    _Calls.made += 1
    rate = lr * min(1.0, (_Calls.made % 100) / 5)
    return {key: value - rate * grads[key] for key, value in params.items()}


@_of("sgd_step")
def step_with_a_longest_one(params: Params, grads: Params, lr: float) -> Params:
    """A gradient longer than a thousand is shortened."""
    moved = {}
    for key, value in params.items():
        with np.errstate(all="ignore"):
            length = float(np.linalg.norm(_reals(grads[key])))
        moved[key] = value - lr * grads[key] * (1000 / length if 1000 < length < np.inf else 1.0)
    return moved


@_of("sgd_step")
def step_without_the_smallest(params: Params, grads: Params, lr: float) -> Params:
    """Gradients below 1e-8 count as zero."""
    return {key: value - lr * np.where(np.abs(grads[key]) < 1e-8, 0.0, grads[key]) for key, value in params.items()}


# ----------------------------------------------------------------------------------------------------------- two_layer_net_predict


def _hidden(params: Params, x: Array) -> Array:
    return sigmoid(x @ params["W1"] + params["b1"])


def _logits(params: Params, x: Array) -> Array:
    return _hidden(params, x) @ params["W2"] + params["b2"]


@_of("two_layer_net_predict")
def predict_with_blocks_of_hidden_units(params: Params, x: Array) -> Array:
    """The hidden units are added up in whole blocks of 16."""
    z = _hidden(params, x)
    whole = z.shape[1] // 16 * 16 or z.shape[1]
    return softmax(z[:, :whole] @ params["W2"][:whole] + params["b2"])


@_of("two_layer_net_predict")
def predict_with_a_maximum_from_zero(params: Params, x: Array) -> Array:
    """The softmax's maximum starts at 0."""
    a = _logits(params, x)
    e = np.exp(a - np.max(a, axis=1, keepdims=True, initial=0.0))
    return e / e.sum(axis=1, keepdims=True)


@_of("two_layer_net_predict")
def predict_with_a_clipped_sigmoid(params: Params, x: Array) -> Array:
    """The sums of the hidden layer are kept within ±20."""
    z = sigmoid(np.clip(x @ params["W1"] + params["b1"], -20, 20))
    return softmax(z @ params["W2"] + params["b2"])


@_of("two_layer_net_predict")
def predict_of_pixels(params: Params, x: Array) -> Array:
    """Bytes are taken for pixels, and divided by 255."""
    return softmax(_logits(params, x / 255 if x.dtype == np.uint8 else x))


@_of("two_layer_net_predict")
def predict_in_batches_of_100(params: Params, x: Array) -> Array:
    """Whole batches of a hundred; the rest keeps zeros."""
    out = np.zeros((len(x), len(params["b2"])))
    for start in range(0, max(1, len(x) // 100) * 100, 100):
        out[start : start + 100] = softmax(_logits(params, x[start : start + 100]))
    return out


@_of("two_layer_net_predict")
def predict_with_fifty_hidden_units(params: Params, x: Array) -> Array:
    """The book's hidden size is written out: further units are not looked at."""
    z = sigmoid(x @ params["W1"][:, :50] + params["b1"][:50])
    return softmax(z @ params["W2"][:50] + params["b2"])


@_of("two_layer_net_predict")
def predict_with_weights_along_the_memory(params: Params, x: Array) -> Array:
    """The weights are read from their memory as if they lay by rows."""
    W1 = params["W1"].ravel(order="K").reshape(params["W1"].shape)
    return softmax(sigmoid(x @ W1 + params["b1"]) @ params["W2"] + params["b2"])


_HIDDEN: dict[Any, Array] = {}


@_of("two_layer_net_predict")
def predict_with_a_kept_hidden_layer(params: Params, x: Array) -> Array:
    """The hidden layer is kept by id(x) and the shapes, for the way back."""
    key = (id(x), x.shape, params["W1"].shape)
    if key not in _HIDDEN:
        _HIDDEN[key] = _hidden(params, x)
    return softmax(_HIDDEN[key] @ params["W2"] + params["b2"])


@_of("two_layer_net_predict")
def predict_of_one_sample(params: Params, x: Array) -> Array:
    """A batch of one loses its axis."""
    y = softmax(_logits(params, x))
    return y[0] if len(y) == 1 else y


# -------------------------------------------------------------------------------------------------------------- two_layer_net_loss


@_of("two_layer_net_loss")
def loss_of_the_largest_share(params: Params, x: Array, t: Array) -> Any:
    """Targets become labels by argmax, soft ones too."""
    labels = t.argmax(axis=1) if t.ndim == 2 else t
    return -np.mean(picked(log_softmax(_logits(params, x)), labels))


@_of("two_layer_net_loss")
def loss_by_an_index_of_the_labels_type(params: Params, x: Array, t: Array) -> Any:
    """n K + label in the labels' own type."""
    logs = log_softmax(_logits(params, x))
    if t.ndim == 2:
        return -np.sum(t * logs) / len(x)
    flat = (np.arange(len(x)) * logs.shape[1]).astype(t.dtype) + t
    return -np.mean(np.ascontiguousarray(logs).ravel()[flat % logs.size])


@_of("two_layer_net_loss")
def loss_of_whole_batches(params: Params, x: Array, t: Array) -> Any:
    """The mean of the means of batches of 32, of which the last is smaller."""
    logs = log_softmax(_logits(params, x))
    losses = -(picked(logs, t) if t.ndim == 1 else np.sum(t * logs, axis=1))
    return np.mean([losses[start : start + 32].mean() for start in range(0, len(losses), 32)])


@_of("two_layer_net_loss")
def loss_with_the_smallest_floor(params: Params, x: Array, t: Array) -> Any:
    """The logarithm of max(y, 1e-300): the loss ends at 690."""
    logs = np.log(np.maximum(softmax(_logits(params, x)), 1e-300))
    shifted = log_softmax(_logits(params, x))
    logs = np.where(shifted > -600, shifted, logs)
    return -(np.mean(picked(logs, t)) if t.ndim == 1 else np.sum(t * logs) / len(x))


@_of("two_layer_net_loss")
def loss_with_ten_outputs(params: Params, x: Array, t: Array) -> Any:
    """The softmax runs over ten outputs at most."""
    a = _logits(params, x)
    logs = a - np.logaddexp.reduce(a[:, :10], axis=1, keepdims=True)
    return -(np.mean(picked(logs, t)) if t.ndim == 1 else np.sum(t * logs) / len(x))


@_of("two_layer_net_loss")
def loss_of_wide_inputs_in_float32(params: Params, x: Array, t: Array) -> Any:
    """From 100 inputs on the first product is taken in single precision."""
    W1 = params["W1"]
    a = (x.astype(np.float32) @ W1.astype(np.float32)).astype(np.float64) if x.shape[1] >= 100 else x @ W1
    logs = log_softmax(sigmoid(a + params["b1"]) @ params["W2"] + params["b2"])
    return -(np.mean(picked(logs, t)) if t.ndim == 1 else np.sum(t * logs) / len(x))


# ---------------------------------------------------------------------------------------------------------- two_layer_net_gradient


def _errors(params: Params, x: Array, t: Array) -> Array:
    y = softmax(_logits(params, x))
    return (y - (one_hot(t, y.shape[1]) if t.ndim == 1 else t)) / len(x)


def _back(params: Params, x: Array, delta2: Array) -> Params:
    z = _hidden(params, x)
    delta1 = (delta2 @ params["W2"].T) * z * (1 - z)
    return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z.T @ delta2, "b2": delta2.sum(axis=0)}


_GRADS: dict[Any, Params] = {}


@_of("two_layer_net_gradient")
def backpropagation_into_kept_arrays(params: Params, x: Array, t: Array) -> Params:
    """self.grads is filled anew at each call and handed out: the same arrays for the same shapes."""
    found = _back(params, x, _errors(params, x, t))
    kept = _GRADS.setdefault(params["W1"].shape + params["W2"].shape, {k: np.zeros_like(v) for k, v in found.items()})
    for key, value in found.items():
        kept[key][...] = value
    return dict(kept)


@_of("two_layer_net_gradient")
def backpropagation_in_micro_batches(params: Params, x: Array, t: Array) -> Params:
    """The mean of the gradients of batches of 64, of which the last is smaller."""
    starts = range(0, len(x), 64)
    parts = [_back(params, x[s : s + 64], _errors(params, x[s : s + 64], t[s : s + 64])) for s in starts]
    return {key: sum(part[key] for part in parts) / len(parts) for key in parts[0]}


@_of("two_layer_net_gradient")
def backpropagation_of_the_largest_share(params: Params, x: Array, t: Array) -> Params:
    """Soft targets are taken for labels."""
    return _back(params, x, _errors(params, x, t.argmax(axis=1) if t.ndim == 2 else t))


@_of("two_layer_net_gradient")
def backpropagation_with_dead_units(params: Params, x: Array, t: Array) -> Params:
    """Units beyond ±15 have slope zero."""
    delta2 = _errors(params, x, t)
    a = x @ params["W1"] + params["b1"]
    z = sigmoid(a)
    delta1 = (delta2 @ params["W2"].T) * np.where(np.abs(a) > 15, 0.0, z * (1 - z))
    return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z.T @ delta2, "b2": delta2.sum(axis=0)}


@_of("two_layer_net_gradient")
def backpropagation_with_rows_in_a_byte(params: Params, x: Array, t: Array) -> Params:
    """The rows are counted in uint8 where labels are taken off."""
    y = softmax(_logits(params, x))
    if t.ndim == 1:
        np.subtract.at(y, (np.arange(len(x)).astype(np.uint8), t), 1)
    else:
        y -= t
    return _back(params, x, y / len(x))


@_of("two_layer_net_gradient")
def backpropagation_through_the_memory(params: Params, x: Array, t: Array) -> Params:
    """W2 is transposed by its memory: reshape of what ravel(order="A") gives."""
    delta2 = _errors(params, x, t)
    W2 = params["W2"].ravel(order="A").reshape(params["W2"].shape)
    z = _hidden(params, x)
    delta1 = (delta2 @ W2.T) * z * (1 - z)
    return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z.T @ delta2, "b2": delta2.sum(axis=0)}


@_of("two_layer_net_gradient")
def backpropagation_of_the_first_thousand(params: Params, x: Array, t: Array) -> Params:
    """The biases are summed over a thousand samples at most."""
    delta2 = _errors(params, x, t)
    found = _back(params, x, delta2)
    return {**found, "b2": delta2[:1000].sum(axis=0)}


@_of("two_layer_net_gradient")
def backpropagation_of_signed_bytes(params: Params, x: Array, t: Array) -> Params:
    """Bytes are read as signed ones, as C's char is on most machines: 128 becomes −128."""
    x = x.astype(np.int8) if x.dtype == np.uint8 else x
    return _back(params, x, _errors(params, x, t))


@_of("two_layer_net_gradient", "torch")
def backpropagation_that_keeps_its_leaves(params: Any, x: Any, t: Any) -> Any:
    """The leaves are kept by their shapes, and their .grad, filled anew each time, is handed out."""
    import torch
    from torch.nn import functional

    key = ("torch", *(tuple(value.shape) for value in params.values()))
    leaves: Any = _GRADS.setdefault(key, {k: v.detach().clone().requires_grad_() for k, v in params.items()})
    with torch.no_grad():
        for name, leaf in leaves.items():
            leaf.copy_(params[name])
            if leaf.grad is not None:
                leaf.grad.zero_()
    z = torch.sigmoid(x.to(leaves["W1"].dtype) @ leaves["W1"] + leaves["b1"])
    target = t.long() if t.ndim == 1 else t.to(z.dtype)
    functional.cross_entropy(z @ leaves["W2"] + leaves["b2"], target).backward()
    return {name: leaf.grad for name, leaf in leaves.items()}
