"""Faulty implementations of the sigmoid and the softmax, each wrong in one way."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import math
from typing import Any

import numpy as np

from . import sound
from .specimen import Array, Specimen, faulty, installed

# ------------------------------------------------------------------------------------------------------------------------ sigmoid


def sigmoid_with_the_sign_lost(x: Array) -> Array:
    """exp(x) in place of exp(-x)."""
    return 1 / (1 + np.exp(x))


def sigmoid_as_the_survival_function(x: Array) -> Array:
    """The survival function in place of the distribution function, stable in both tails."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, small, 1.0) / (1 + small)


def sigmoid_in_the_overflowing_form(x: Array) -> Array:
    """exp(x) over 1 + exp(x): nan far up."""
    return np.exp(x) / (1 + np.exp(x))


def sigmoid_with_the_branches_swapped(x: Array) -> Array:
    """The two stable branches, each on the wrong side of 0."""
    return np.where(x < 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def sigmoid_by_tanh(x: Array) -> Array:
    """Half of 1 + tanh(x / 2): the lower tail cancels away."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def sigmoid_by_tanh_of_the_half(x: Array) -> Array:
    """The tanh form again, with the sum last."""
    return np.tanh(x / 2.0) / 2.0 + 0.5


def tanh_taken_for_sigmoid(x: Array) -> Array:
    """tanh itself."""
    return np.tanh(x)


def sigmoid_by_complement(x: Array) -> Array:
    """One minus the sigmoid of -x: the lower tail cancels away."""
    return 1 - 1 / (1 + np.exp(x))


def sigmoid_of_keras_2(x: Array) -> Array:
    """The hard sigmoid with slope one fifth."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def sigmoid_of_mobile_nets(x: Array) -> Array:
    """The hard sigmoid with slope one sixth."""
    return np.minimum(np.maximum(x + 3.0, 0.0), 6.0) / 6.0


def sigmoid_clipped_at_500(x: Array) -> Array:
    """The argument clipped at 500 against the overflow warning."""
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


def sigmoid_clipped_at_20(x: Array) -> Array:
    """The argument clipped at 20."""
    x = np.clip(x, -20, 20)
    return 1.0 / (1.0 + np.exp(-x))


def sigmoid_clipped_from_below(x: Array) -> Array:
    """Clipped on the side that would overflow, at -100."""
    x = np.maximum(x, -100)
    return 1 / (1 + np.exp(-x))


def sigmoid_clipped_in_its_value(x: Array) -> Array:
    """The value kept away from 0 and 1."""
    with np.errstate(over="ignore"):
        return np.clip(1 / (1 + np.exp(-x)), 1e-7, 1 - 1e-7)


def sigmoid_of_base_two(x: Array) -> Array:
    """Powers of two."""
    return 1 / (1 + 2.0 ** (-x))


def sigmoid_of_a_rounded_e(x: Array) -> Array:
    """e to six figures."""
    with np.errstate(over="ignore"):
        return 1 / (1 + 2.71828 ** (-x))


def sigmoid_in_float32(x: Array) -> Array:
    """Computed in single precision and widened afterwards."""
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-x.astype(np.float32)))).astype(np.float64)


def sigmoid_in_float16(x: Array) -> Array:
    """Computed in half precision."""
    return sound.sigmoid(x.astype(np.float16)).astype(x.dtype)


def sigmoid_in_its_argument(x: Array) -> Array:
    """Saves memory by computing in the array it was given."""
    if x.dtype.kind != "f":
        return sound.sigmoid(x)
    np.negative(x, out=x)
    with np.errstate(over="ignore"):
        np.exp(x, out=x)
    x += 1
    return np.reciprocal(x, out=x)


def sigmoid_that_clips_its_argument_in_place(x: Array) -> Array:
    """The value is right, but what lies beyond 750 is replaced in the caller's array."""
    np.clip(x, -750, 750, out=x)
    return sound.sigmoid(x)


def sigmoid_by_softsign(x: Array) -> Array:
    """A cheap look-alike without an exponential."""
    return 0.5 * (x / (1 + np.abs(x)) + 1)


def sigmoid_with_the_halves_filled_in(x: Array) -> Array:
    """The halves filled into zeros_like(x), which truncates for integers."""
    result = np.zeros_like(x)
    up = x >= 0
    result[up] = 1 / (1 + np.exp(-x[up]))
    result[~up] = np.exp(x[~up]) / (1 + np.exp(x[~up]))
    return result


def sigmoid_undefined_at_zero(x: Array) -> Array:
    """Strict inequalities on both sides leave 0 at 0."""
    result = np.zeros(x.shape)
    result[x > 0] = 1 / (1 + np.exp(-x[x > 0]))
    result[x < 0] = np.exp(x[x < 0]) / (1 + np.exp(x[x < 0]))
    return result


def sigmoid_with_nan_hidden(x: Array) -> Array:
    """The overflowing form, its nan turned to 0."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.exp(x) / (1 + np.exp(x)))


def sigmoid_rounded(x: Array) -> Array:
    """Rounded to eight decimals."""
    return np.round(sound.sigmoid(x), 8)


def sigmoid_flattened(x: Array) -> Array:
    """The answer has lost its shape."""
    return sound.sigmoid(x).ravel()


def sigmoid_squeezed(x: Array) -> Array:
    """Axes of length one are dropped."""
    return np.squeeze(sound.sigmoid(x))


def sigmoid_always_a_vector(x: Array) -> Array:
    """A 0-d array comes back as a vector."""
    return np.atleast_1d(sound.sigmoid(x))


_SEEN: dict[tuple[int, ...], Array] = {}


def sigmoid_remembered_by_shape(x: Array) -> Array:
    """A cache whose key is the shape alone."""
    if x.shape not in _SEEN:
        _SEEN[x.shape] = sound.sigmoid(x)
    return _SEEN[x.shape]


def sigmoid_with_noise(x: Array) -> Array:
    """A dropout that was left in: one answer in a million is off, and never the same."""
    return sound.sigmoid(x) * (1 + 1e-6 * np.random.default_rng().normal(size=x.shape))


def sigmoid_of_a_scalar(x: Any) -> float:
    """Written for one number; refuses arrays."""
    return 1 / (1 + math.exp(-x))


def sigmoid_by_a_table(x: Array) -> Array:
    """Linear interpolation in a table of 4096 points, as word2vec has it."""
    grid = np.linspace(-30, 30, 4096)
    return np.interp(x, grid, sound.sigmoid(grid))


def sigmoid_by_a_series(x: Array) -> Array:
    """exp by the first 30 terms of its series."""
    total, term = np.ones(x.shape), np.ones(x.shape)
    for n in range(1, 30):
        term = term * -x / n
        total = total + term
    return 1 / (1 + total)


def sigmoid_with_an_epsilon(x: Array) -> Array:
    """An epsilon in the denominator that nothing needs."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x) + 1e-8)


def sigmoid_by_the_normal_distribution(x: Array) -> Array:
    """The probit with the customary scale."""
    return np.vectorize(lambda v: 0.5 * math.erfc(-1.702 * v / math.sqrt(2)), otypes=[float])(x)


def relu_taken_for_sigmoid(x: Array) -> Array:
    """Another activation."""
    return np.maximum(x, 0)


def swish_taken_for_sigmoid(x: Array) -> Array:
    """x times its sigmoid."""
    return x * sound.sigmoid(x)


def sigmoid_by_half_arguments(x: Array) -> Array:
    """exp(x/2) over exp(x/2) + exp(-x/2): nan beyond 1420 on both sides."""
    return np.exp(x / 2) / (np.exp(x / 2) + np.exp(-x / 2))


def sigmoid_through_torch_in_single_precision(x: Array) -> Array:
    """torch.Tensor(...) makes single precision of anything."""
    import torch

    return torch.Tensor(np.atleast_1d(x)).sigmoid().double().numpy().reshape(x.shape)


# ------------------------------------------------------------------------------------------------------------------------ softmax


def softmax_without_shift(a: Array) -> Array:
    """exp(a) over its sum: nan from 710 on."""
    return np.exp(a) / np.sum(np.exp(a), axis=-1, keepdims=True)


def softmax_without_shift_by_loops(a: Array) -> Array:
    """Plain Python without a shift: an OverflowError."""
    rows = [[math.exp(v) for v in row] for row in np.atleast_2d(a).tolist()]
    return np.array([[v / sum(row) for v in row] for row in rows]).reshape(a.shape)


def softmax_over_the_samples(a: Array) -> Array:
    """Normalised down the columns."""
    raised = np.exp(a - np.max(a, axis=0))
    return raised / np.sum(raised, axis=0)


def softmax_over_everything(a: Array) -> Array:
    """The book's first version, given a batch."""
    raised = np.exp(a - np.max(a))
    return raised / np.sum(raised)


def softmax_by_plain_normalisation(a: Array) -> Array:
    """No exponential at all."""
    return a / np.sum(a, axis=-1, keepdims=True)


def softmax_in_logarithms(a: Array) -> Array:
    """The logarithm of what was asked for."""
    return sound.log_softmax(a)


def softmax_of_minus_a(a: Array) -> Array:
    """The smallest logit gets the largest share."""
    return sound.softmax(-a)


def softmax_of_base_two(a: Array) -> Array:
    """Powers of two."""
    raised = np.exp2(a - np.max(a, axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_shifted_by_the_mean(a: Array) -> Array:
    """Centred, which does not keep exp from overflowing."""
    raised = np.exp(a - np.mean(a, axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_shifted_by_the_minimum(a: Array) -> Array:
    """The wrong extreme."""
    raised = np.exp(a - np.min(a, axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_shifted_by_the_batch_maximum(a: Array) -> Array:
    """One maximum for all rows: a row far below it divides 0 by 0."""
    raised = np.exp(a - np.max(a))
    return raised / np.sum(raised, axis=-1, keepdims=True)


def softmax_shifted_by_column_maxima(a: Array) -> Array:
    """Each column by its own maximum, which changes the shares."""
    raised = np.exp(a - np.max(a, axis=0))
    return raised / np.sum(raised, axis=-1, keepdims=True)


def softmax_shifted_by_the_first_rows_maximum(a: Array) -> Array:
    """The first row's maximum for every row: overflow further down."""
    raised = np.exp(a - np.max(a[0]) if a.ndim == 2 else a - np.max(a))
    return raised / np.sum(raised, axis=-1, keepdims=True)


def softmax_of_clipped_logits(a: Array) -> Array:
    """Logits clipped at 50 in place of a shift."""
    raised = np.exp(np.clip(a, -50, 50))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_with_an_epsilon(a: Array) -> Array:
    """An epsilon in the denominator that nothing needs."""
    raised = np.exp(a - a.max(axis=-1, keepdims=True))
    return raised / (raised.sum(axis=-1, keepdims=True) + 1e-8)


def softmax_without_keepdims(a: Array) -> Array:
    """(N, K) over (N,): an error, or for N = K the wrong rows' sums."""
    raised = np.exp(a - a.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1)


def softmax_left_transposed(a: Array) -> Array:
    """The book's transposition, not undone."""
    raised = np.exp(a.T - np.max(a.T, axis=0))
    return raised / np.sum(raised, axis=0)


def softmax_with_nan_hidden(a: Array) -> Array:
    """No shift, and the nan turned to 0."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True))


def softmax_elementwise(a: Array) -> Array:
    """The sigmoid of each logit."""
    return sound.sigmoid(a)


def softmax_normalised_sigmoids(a: Array) -> Array:
    """The sigmoids, made to sum to one."""
    s = sound.sigmoid(a)
    return s / s.sum(axis=-1, keepdims=True)


def softmax_hard(a: Array) -> Array:
    """One for the maximum, 0 elsewhere."""
    return (a == a.max(axis=-1, keepdims=True)).astype(float)


def softmax_by_euclidean_length(a: Array) -> Array:
    """Divided by the Euclidean length of the exponentials."""
    raised = np.exp(a - a.max(axis=-1, keepdims=True))
    return raised / np.linalg.norm(raised, axis=-1, keepdims=True)


def softmax_by_the_largest(a: Array) -> Array:
    """The largest share made 1: the division is forgotten."""
    return np.exp(a - a.max(axis=-1, keepdims=True))


def softmax_of_softmax(a: Array) -> Array:
    """Applied twice, as when a network ends in it and the caller adds another."""
    return sound.softmax(sound.softmax(a))


def softmax_at_another_temperature(a: Array) -> Array:
    """Divided by the square root of the number of classes, as attention does."""
    return sound.softmax(a / np.sqrt(a.shape[-1]))


def softmax_in_float32(a: Array) -> Array:
    """Computed in single precision."""
    return sound.softmax(a.astype(np.float32)).astype(np.float64)


def softmax_through_torch_in_single_precision(a: Array) -> Array:
    """torch.Tensor(...) makes single precision of anything."""
    import torch

    return torch.Tensor(a).softmax(dim=-1).double().numpy()


def softmax_through_torch_over_dimension_0(a: Any) -> Any:
    """dim=0, copied from an example for one sample."""
    from torch.nn import functional

    return functional.softmax(a, dim=0)


def softmax_in_its_argument(a: Array) -> Array:
    """a -= max(a), in the caller's array."""
    a -= np.max(a, axis=-1, keepdims=True)
    raised = np.exp(a)
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_truncating_integers(a: Array) -> Array:
    """Filled into empty_like(a), which truncates for integers."""
    result = np.empty_like(a)
    result[...] = sound.softmax(a)
    return result


def softmax_with_small_shares_dropped(a: Array) -> Array:
    """Shares below 1e-12 are made 0 and the rest left as it is."""
    p = sound.softmax(a)
    return np.where(p < 1e-12, 0.0, p)


def softmax_rounded(a: Array) -> Array:
    """Rounded to ten decimals."""
    return np.around(sound.softmax(a), 10)


def softmax_with_a_sum_that_goes_on(a: Array) -> Array:
    """The accumulator is not set back between samples: only the first row is right."""
    rows, total = [], 0.0
    for row in np.atleast_2d(a):
        raised = np.exp(row - row.max())
        total += raised.sum()
        rows.append(raised / total)
    return np.array(rows).reshape(a.shape)


def softmax_of_the_first_sample(a: Array) -> Array:
    """Every row gets the first row's denominator."""
    raised = np.exp(a - a.max(axis=-1, keepdims=True))
    return raised / np.atleast_2d(raised)[0].sum()


def softmax_squeezed(a: Array) -> Array:
    """Batches of one and single classes lose an axis."""
    return sound.softmax(a).squeeze()


def softmax_always_a_batch(a: Array) -> Array:
    """One sample comes back as a batch of one."""
    return sound.softmax(np.atleast_2d(a))


def softmax_without_the_last_class(a: Array) -> Array:
    """An off-by-one range leaves the last class out of the sum."""
    raised = np.exp(a - a.max(axis=-1, keepdims=True))
    total = sum(raised[..., k] for k in range(a.shape[-1] - 1))
    return raised / np.asarray(total)[..., None]


def softmax_by_differences_of_one(a: Array) -> Array:
    """expm1 in place of exp."""
    raised = np.expm1(a)
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_off_by_a_millionth(a: Array) -> Array:
    """Smoothed towards the uniform distribution by a millionth."""
    return (1 - 1e-6) * sound.softmax(a) + 1e-6 / a.shape[-1]


def softmax_with_gumbel_noise(a: Array) -> Array:
    """A sampler that was left switched on."""
    return sound.softmax(a + np.random.default_rng().gumbel(size=a.shape))


_LARGEST = [-math.inf]


def softmax_with_a_shift_that_is_remembered(a: Array) -> Array:
    """Shifted by the largest logit of all calls so far: right until something large has been seen."""
    _LARGEST[0] = max(_LARGEST[0], float(a.max()))
    raised = np.exp(a - _LARGEST[0])
    return raised / raised.sum(axis=-1, keepdims=True)


SPECIMENS: tuple[Specimen, ...] = (
    faulty("sigmoid", sigmoid_with_the_sign_lost, "sign_flipped"),
    faulty("sigmoid", sigmoid_as_the_survival_function, "sign_flipped"),
    faulty("sigmoid", sigmoid_in_the_overflowing_form, "overflowing_form"),
    faulty("sigmoid", sigmoid_with_the_branches_swapped, "branches_swapped", "nan far up"),
    faulty("sigmoid", sigmoid_by_tanh, "tanh_form"),
    faulty("sigmoid", sigmoid_by_tanh_of_the_half, "tanh_form"),
    faulty("sigmoid", tanh_taken_for_sigmoid, "tanh_itself"),
    faulty("sigmoid", sigmoid_by_complement, "complement_form", "loses the lower tail, like the tanh form"),
    faulty("sigmoid", sigmoid_of_keras_2, "hard_sigmoid"),
    faulty("sigmoid", sigmoid_of_mobile_nets, "hard_sigmoid"),
    faulty("sigmoid", sigmoid_clipped_at_500, "clipped_argument", "off by 7e-218 below -500, and nowhere else"),
    faulty("sigmoid", sigmoid_clipped_at_20, "clipped_argument"),
    faulty("sigmoid", sigmoid_clipped_from_below, "clipped_from_below", "off by 4e-44 below -100"),
    faulty("sigmoid", sigmoid_clipped_in_its_value, "clipped_value"),
    faulty("sigmoid", sigmoid_of_base_two, "base_two"),
    faulty("sigmoid", sigmoid_of_a_rounded_e, "rounded_constant"),
    faulty("sigmoid", sigmoid_in_float32, "computed_in_float32"),
    faulty("sigmoid", sigmoid_in_float16, "computed_in_float16"),
    faulty("sigmoid", sigmoid_in_its_argument, "writes_into_its_input", "integers are spared"),
    faulty("sigmoid", sigmoid_that_clips_its_argument_in_place, "writes_into_its_input", "only beyond 750"),
    faulty("sigmoid", sigmoid_by_softsign, "softsign"),
    faulty("sigmoid", sigmoid_with_the_halves_filled_in, "integers_truncated", "only for integer arrays"),
    faulty("sigmoid", sigmoid_undefined_at_zero, "zero_at_zero", "only at exactly 0"),
    faulty("sigmoid", sigmoid_with_nan_hidden, "nan_hidden", "0 beyond 709"),
    faulty("sigmoid", sigmoid_rounded, "rounded_to_decimals"),
    faulty("sigmoid", sigmoid_flattened, "flattened", "only with more than one dimension"),
    faulty("sigmoid", sigmoid_squeezed, "squeezed", "only where an axis has length one"),
    faulty("sigmoid", sigmoid_always_a_vector, "always_a_vector", "only for 0-d arrays"),
    faulty("sigmoid", sigmoid_remembered_by_shape, "stale_cache", "keeps state: right the first time a shape is seen"),
    faulty("sigmoid", sigmoid_with_noise, "nondeterministic"),
    faulty("sigmoid", sigmoid_of_a_scalar, "scalars_only"),
    faulty("sigmoid", sigmoid_by_a_table, "interpolated"),
    faulty("sigmoid", sigmoid_by_a_series, "truncated_series"),
    faulty("sigmoid", sigmoid_with_an_epsilon, "epsilon_in_the_denominator"),
    faulty("sigmoid", sigmoid_by_the_normal_distribution, "probit"),
    faulty("sigmoid", relu_taken_for_sigmoid, "relu"),
    faulty("sigmoid", swish_taken_for_sigmoid, "swish"),
    faulty("sigmoid", sigmoid_by_half_arguments, "overflowing_halves", "only beyond 1420"),
    faulty("softmax", softmax_without_shift, "no_shift"),
    faulty("softmax", softmax_without_shift_by_loops, "no_shift", "raises OverflowError"),
    faulty("softmax", softmax_over_the_samples, "over_samples"),
    faulty("softmax", softmax_over_everything, "over_everything", "also the convention scipy"),
    faulty("softmax", softmax_by_plain_normalisation, "plain_normalisation"),
    faulty("softmax", softmax_in_logarithms, "log_softmax"),
    faulty("softmax", softmax_of_minus_a, "softmin"),
    faulty("softmax", softmax_of_base_two, "base_two"),
    faulty("softmax", softmax_shifted_by_the_mean, "shifted_by_mean"),
    faulty("softmax", softmax_shifted_by_the_minimum, "shifted_by_minimum"),
    faulty(
        "softmax",
        softmax_shifted_by_the_batch_maximum,
        "shifted_by_batch_maximum",
        "only with rows far from each other",
    ),
    faulty("softmax", softmax_shifted_by_column_maxima, "shifted_by_column_maxima", "only for N > 1"),
    faulty(
        "softmax",
        softmax_shifted_by_the_first_rows_maximum,
        "shifted_by_first_row",
        "only with rows far from each other",
    ),
    faulty("softmax", softmax_of_clipped_logits, "clipped_argument"),
    faulty("softmax", softmax_with_an_epsilon, "epsilon_in_the_denominator"),
    faulty("softmax", softmax_without_keepdims, "keepdims_forgotten", "one sample and a single class are right"),
    faulty("softmax", softmax_left_transposed, "left_transposed", "one sample is right"),
    faulty("softmax", softmax_with_nan_hidden, "nan_hidden", "only from 710 on"),
    faulty("softmax", softmax_elementwise, "sigmoid_elementwise"),
    faulty("softmax", softmax_normalised_sigmoids, "normalised_sigmoids"),
    faulty("softmax", softmax_hard, "hard_maximum"),
    faulty("softmax", softmax_by_euclidean_length, "euclidean_normalisation"),
    faulty("softmax", softmax_by_the_largest, "normalisation_forgotten"),
    faulty("softmax", softmax_of_softmax, "softmax_of_softmax"),
    faulty("softmax", softmax_at_another_temperature, "temperature", "a single class is right"),
    faulty("softmax", softmax_in_float32, "computed_in_float32"),
    faulty("softmax", softmax_in_its_argument, "writes_into_its_input"),
    faulty("softmax", softmax_truncating_integers, "integers_truncated", "only for integer arrays"),
    faulty("softmax", softmax_with_small_shares_dropped, "small_shares_dropped", "only for gaps over 27"),
    faulty("softmax", softmax_rounded, "rounded_to_decimals"),
    faulty("softmax", softmax_with_a_sum_that_goes_on, "accumulator_not_reset", "only for N > 1"),
    faulty("softmax", softmax_of_the_first_sample, "first_denominator_for_all", "only for N > 1"),
    faulty("softmax", softmax_squeezed, "squeezed", "only for N = 1 or K = 1"),
    faulty("softmax", softmax_always_a_batch, "always_a_batch", "only for one sample"),
    faulty("softmax", softmax_without_the_last_class, "last_class_left_out"),
    faulty("softmax", softmax_by_differences_of_one, "expm1_for_exp"),
    faulty("softmax", softmax_off_by_a_millionth, "smoothed"),
    faulty("softmax", softmax_with_gumbel_noise, "nondeterministic"),
    faulty("softmax", softmax_with_a_shift_that_is_remembered, "stale_shift", "keeps state: only after large logits"),
)
if installed("torch"):
    SPECIMENS += (
        faulty("sigmoid", sigmoid_through_torch_in_single_precision, "computed_in_float32"),
        faulty("softmax", softmax_through_torch_in_single_precision, "computed_in_float32"),
        faulty("softmax", softmax_through_torch_over_dimension_0, "over_samples", array="torch"),
    )
