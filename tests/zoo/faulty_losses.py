"""Faulty implementations of the losses, each wrong in one way."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import math
from typing import Any

import numpy as np

from . import sound
from .sound import FLOOR, difference, floored, one_hot, picked, samples
from .specimen import Array, Specimen, faulty, installed

# ------------------------------------------------------------------------------------------------------------- mean_squared_error


def squared_error_summed_over_the_batch(y: Array, t: Array) -> Any:
    """The book's line for one sample, given a batch."""
    return 0.5 * np.sum(difference(y, t) ** 2)


def squared_error_summed_by_loops(y: Array, t: Array) -> float:
    """Plain Python; the division by N is missing."""
    return sum((u - v) * (u - v) for u, v in zip(y.ravel().tolist(), t.ravel().tolist(), strict=True)) / 2


def squared_error_averaged_over_entries(y: Array, t: Array) -> Any:
    """Half the mean over all N K entries."""
    return 0.5 * np.mean(difference(y, t) ** 2)


def squared_error_averaged_by_size(y: Array, t: Array) -> Any:
    """Half the sum over y.size."""
    d = difference(y, t).ravel()
    return d @ d / (2 * y.size)


def squared_error_without_half(y: Array, t: Array) -> Any:
    """The half is missing."""
    return np.sum(difference(y, t) ** 2) / samples(y)


def squared_error_without_half_by_norm(y: Array, t: Array) -> Any:
    """The squared length, without the half."""
    return np.mean(np.linalg.norm(difference(y, t), axis=-1) ** 2)


def squared_error_of_the_libraries(y: Array, t: Array) -> Any:
    """numpy.mean of the squares: neither half nor sum over the classes."""
    return (difference(y, t) ** 2).mean()


def root_of_the_squared_error(y: Array, t: Array) -> Any:
    """The root of the loss."""
    return np.sqrt(0.5 * np.mean(np.sum(difference(y, t) ** 2, axis=-1)))


def root_mean_square(y: Array, t: Array) -> Any:
    """RMSE as in competitions: the root of the mean over everything."""
    return np.sqrt(np.mean(difference(y, t) ** 2))


def absolute_error(y: Array, t: Array) -> Any:
    """Half the sum of absolute values."""
    return 0.5 * np.mean(np.sum(np.abs(difference(y, t)), axis=-1))


def mean_absolute_error(y: Array, t: Array) -> Any:
    """MAE as in libraries: the mean of absolute values."""
    return np.mean(np.abs(difference(y, t)))


def squared_error_multiplied_out(y: Array, t: Array) -> Any:
    """y^2 - 2 y t + t^2: what is left after cancellation."""
    y, t = y.astype(float), t.astype(float)
    return 0.5 * np.sum(y**2 - 2 * y * t + t**2) / samples(y)


def squared_error_by_three_dot_products(y: Array, t: Array) -> Any:
    """The same expansion, as distance matrices are computed."""
    u, v = y.ravel().astype(float), t.ravel().astype(float)
    return (u @ u - 2 * (u @ v) + v @ v) / 2 / samples(y)


def squared_error_with_the_sign_of_a_score(y: Array, t: Array) -> Any:
    """Negative, for a maximiser (scikit-learn's neg_mean_squared_error)."""
    return -0.5 * np.mean(np.sum(difference(y, t) ** 2, axis=-1))


def squared_error_per_sample(y: Array, t: Array) -> Any:
    """One loss a sample."""
    return 0.5 * np.sum(difference(y, t) ** 2, axis=-1)


def squared_error_per_class(y: Array, t: Array) -> Any:
    """One loss a class: the mean runs over axis 0 only."""
    return 0.5 * np.mean(difference(y, t) ** 2, axis=0)


def squared_error_of_the_first_sample(y: Array, t: Array) -> Any:
    """An index that was there for debugging."""
    return 0.5 * np.sum(np.atleast_2d(difference(y, t))[0] ** 2)


def squared_error_without_the_last_sample(y: Array, t: Array) -> Any:
    """A loop to N - 1, divided by N."""
    d = np.atleast_2d(difference(y, t))
    return sum(0.5 * np.sum(d[n] ** 2) for n in range(max(len(d) - 1, 1))) / len(d)


def squared_error_after_softmax(y: Array, t: Array) -> Any:
    """The outputs taken for logits."""
    return 0.5 * np.mean(np.sum((sound.softmax(y) - t) ** 2, axis=-1))


def squared_error_with_bessels_correction(y: Array, t: Array) -> Any:
    """Divided by N - 1, as a variance."""
    return 0.5 * np.sum(difference(y, t) ** 2) / max(samples(y) - 1, 1)


def squared_error_over_len(y: Array, t: Array) -> Any:
    """len(y) is the number of classes for one sample."""
    return 0.5 * np.sum(difference(y, t) ** 2) / len(y)


def squared_error_with_half_inside(y: Array, t: Array) -> Any:
    """The half is squared too."""
    return np.sum((0.5 * difference(y, t)) ** 2) / samples(y)


def square_of_the_summed_error(y: Array, t: Array) -> Any:
    """The square of the sum in place of the sum of squares."""
    return 0.5 * np.mean(np.sum(difference(y, t), axis=-1) ** 2)


def squared_error_of_huber(y: Array, t: Array) -> Any:
    """Linear beyond 1, so right for probabilities."""
    d = np.abs(difference(y, t))
    return np.mean(np.sum(np.where(d <= 1, 0.5 * d**2, d - 0.5), axis=-1))


def squared_error_by_broadcasting(y: Array, t: Array) -> Any:
    """(N, K, 1) against (N, 1, K): every output with every target."""
    return 0.5 * np.sum(difference(y[..., :, None], t[..., None, :]) ** 2) / samples(y) / y.shape[-1]


def squared_error_of_flattened_against_column(y: Array, t: Array) -> Any:
    """(NK,) against (NK, 1) broadcasts to every pair."""
    return 0.5 * np.mean(difference(y.ravel(), t.reshape(-1, 1)) ** 2) * y.shape[-1]


def squared_error_halved_as_integers(y: Array, t: Array) -> Any:
    """Floor division for the half."""
    return np.sum(difference(y, t) ** 2) // 2 / samples(y)


def squared_error_filled_into_integers(y: Array, t: Array) -> Any:
    """zeros_like(t), which truncates where the targets are integers."""
    d = np.zeros_like(t)
    d[...] = difference(y, t)
    return 0.5 * np.sum(d * d) / samples(y)


def squared_error_at_the_target_only(y: Array, t: Array) -> Any:
    """Only the entries where the target is not 0."""
    return 0.5 * np.sum(np.where(t != 0, difference(y, t), 0) ** 2) / samples(y)


def squared_error_of_the_median(y: Array, t: Array) -> Any:
    """The median over the samples."""
    return 0.5 * np.median(np.sum(difference(y, t) ** 2, axis=-1))


def squared_error_of_the_worst(y: Array, t: Array) -> Any:
    """The maximum over the samples."""
    return 0.5 * np.max(np.sum(difference(y, t) ** 2, axis=-1))


def squared_error_rounded(y: Array, t: Array) -> Any:
    """Rounded to six decimals."""
    return round(float(0.5 * np.sum(difference(y, t) ** 2) / samples(y)), 6)


def squared_error_off_by_a_millionth(y: Array, t: Array) -> Any:
    """A constant typed in as 0.5000005."""
    return 0.5000005 * np.sum(difference(y, t) ** 2) / samples(y)


def squared_error_in_float32(y: Array, t: Array) -> Any:
    """Single precision inside."""
    d = y.astype(np.float32) - t.astype(np.float32)
    return float(0.5 * np.mean(np.sum(d * d, axis=-1)))


def squared_error_written_into_y(y: Array, t: Array) -> Any:
    """y -= t, in the caller's array."""
    if y.dtype.kind == "f":
        y -= t
        return 0.5 * np.sum(y * y) / samples(y)
    return 0.5 * np.sum(difference(y, t) ** 2) / samples(y)


def squared_error_written_into_t(y: Array, t: Array) -> Any:
    """The difference goes into the targets."""
    if t.dtype.kind == "f":
        np.subtract(y, t, out=t)
        return 0.5 * np.sum(t * t) / samples(y)
    return 0.5 * np.sum(difference(y, t) ** 2) / samples(y)


def squared_error_in_a_vector(y: Array, t: Array) -> Array:
    """An array of one element in place of a scalar."""
    return np.array([0.5 * np.sum(difference(y, t) ** 2) / samples(y)])


def squared_error_mean_of_chunk_means(y: Array, t: Array) -> Any:
    """Chunks of four, whose means are averaged although the last is shorter."""
    losses = 0.5 * np.sum(np.atleast_2d(difference(y, t)) ** 2, axis=-1)
    return np.mean([losses[start : start + 4].mean() for start in range(0, len(losses), 4)])


def squared_error_regularised(y: Array, t: Array) -> Any:
    """A weight decay that was left in."""
    return 0.5 * np.sum(difference(y, t) ** 2) / samples(y) + 1e-4 * np.sum(y.astype(float) ** 2)


_LARGEST_BATCH = [1]
_LOSSES: list[float] = []


def squared_error_with_the_largest_batch_size(y: Array, t: Array) -> Any:
    """Divides by the size of the largest batch it ever saw."""
    _LARGEST_BATCH[0] = max(_LARGEST_BATCH[0], samples(y))
    return 0.5 * np.sum(difference(y, t) ** 2) / _LARGEST_BATCH[0]


def squared_error_as_a_running_mean(y: Array, t: Array) -> Any:
    """Averaged over the calls, as a progress bar shows it."""
    _LOSSES.append(float(0.5 * np.sum(difference(y, t) ** 2) / samples(y)))
    return sum(_LOSSES) / len(_LOSSES)


def squared_error_of_torch(y: Any, t: Any) -> Any:
    """mse_loss as it comes."""
    from torch.nn import functional

    return functional.mse_loss(y, t)


def squared_error_of_torch_halved(y: Any, t: Any) -> Any:
    """Half of mse_loss: still over all entries."""
    from torch.nn import functional

    return 0.5 * functional.mse_loss(y, t)


def squared_error_of_torch_summed(y: Any, t: Any) -> Any:
    """Half of mse_loss with reduction="sum"."""
    from torch.nn import functional

    return 0.5 * functional.mse_loss(y, t, reduction="sum")


def squared_error_of_torch_unreduced(y: Any, t: Any) -> Any:
    """reduction="none", summed over the classes only."""
    from torch.nn import functional

    return 0.5 * functional.mse_loss(y, t, reduction="none").sum(dim=-1)


def squared_error_of_torch_smoothed(y: Any, t: Any) -> Any:
    """smooth_l1_loss: quadratic up to 1 only."""
    from torch.nn import functional

    return functional.smooth_l1_loss(y, t, reduction="sum") / (y.shape[0] if y.ndim == 2 else 1)


# ---------------------------------------------------------------------------------------------------------- cross_entropy_one_hot


def cross_entropy_summed(y: Array, t: Array) -> Any:
    """The formula for one sample, given a batch."""
    return -np.sum(t * np.log(floored(y)))


def cross_entropy_averaged_over_entries(y: Array, t: Array) -> Any:
    """numpy.mean over all N K entries."""
    return -np.mean(t * np.log(floored(y)))


def cross_entropy_averaged_over_classes(y: Array, t: Array) -> Any:
    """The sum over the samples, the mean over the classes."""
    return np.sum(-np.mean(t * np.log(floored(y)), axis=-1))


def cross_entropy_without_its_sign(y: Array, t: Array) -> Any:
    """The minus is missing."""
    return np.sum(t * np.log(floored(y))) / samples(y)


def cross_entropy_in_bits(y: Array, t: Array) -> Any:
    """The logarithm of base two."""
    return -np.sum(t * np.log2(floored(y))) / samples(y)


def cross_entropy_in_bits_by_loops(y: Array, t: Array) -> float:
    """math.log2, in plain Python."""
    rows = list(zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True))
    return -sum(w * math.log2(max(v, FLOOR)) for p, q in rows for v, w in zip(p, q, strict=True)) / len(rows)


def cross_entropy_in_powers_of_ten(y: Array, t: Array) -> Any:
    """The logarithm of base ten."""
    return -np.sum(t * np.log10(floored(y))) / samples(y)


def cross_entropy_with_a_rounded_constant(y: Array, t: Array) -> Any:
    """log10 times 2.302585."""
    return -2.302585 * np.sum(t * np.log10(floored(y))) / samples(y)


def cross_entropy_unguarded(y: Array, t: Array) -> Any:
    """0 times the logarithm of 0 is nan."""
    return -np.sum(t * np.log(y)) / samples(y)


def cross_entropy_unguarded_by_einsum(y: Array, t: Array) -> Any:
    """No guard, contracted."""
    return -np.einsum("nk,nk->", np.atleast_2d(t), np.log(np.atleast_2d(y))) / samples(y)


def cross_entropy_unguarded_by_loops(y: Array, t: Array) -> float:
    """math.log of 0 raises ValueError."""
    rows = list(zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True))
    return -sum(w * math.log(v) for p, q in rows for v, w in zip(p, q, strict=True)) / len(rows)


def cross_entropy_with_the_chapters_offset(y: Array, t: Array) -> Any:
    """1e-8 added inside the logarithm: negative for a perfect prediction."""
    return -np.sum(t * np.log(y + 1e-8)) / samples(y)


def cross_entropy_with_the_books_offset(y: Array, t: Array) -> Any:
    """1e-7 added inside the logarithm."""
    return -np.sum(t * np.log(y + 1e-7)) / samples(y)


def cross_entropy_with_a_smaller_offset(y: Array, t: Array) -> Any:
    """1e-12 added inside the logarithm."""
    return -np.sum(t * np.log(y + 1e-12)) / samples(y)


def cross_entropy_with_an_offset_of_epsilon(y: Array, t: Array) -> Any:
    """The format's epsilon added inside the logarithm: only the extremes show it."""
    return -np.mean(np.sum(t * np.log(y + np.finfo(float).eps), axis=-1))


def cross_entropy_clipped_on_both_sides(y: Array, t: Array) -> Any:
    """Clipped to [1e-8, 1 - 1e-8]: a perfect prediction costs something."""
    return -np.sum(t * np.log(np.clip(y, 1e-8, 1 - 1e-8))) / samples(y)


def cross_entropy_clipped_at_keras_epsilon(y: Array, t: Array) -> Any:
    """Clipped to [1e-7, 1 - 1e-7]."""
    return -np.mean(np.sum(t * np.log(np.clip(y, 1e-7, 1 - 1e-7)), axis=-1))


def cross_entropy_clipped_as_on_kaggle(y: Array, t: Array) -> Any:
    """Clipped to [1e-15, 1 - 1e-15], the competitions' log loss."""
    return -np.mean(np.sum(t * np.log(np.clip(y, 1e-15, 1 - 1e-15)), axis=-1))


def cross_entropy_with_a_higher_floor(y: Array, t: Array) -> Any:
    """A floor of 1e-7."""
    return -np.sum(t * np.log(np.maximum(y, 1e-7))) / samples(y)


def cross_entropy_with_a_lower_floor(y: Array, t: Array) -> Any:
    """A floor of 1e-12."""
    return -np.sum(t * np.log(np.maximum(y, 1e-12))) / samples(y)


def cross_entropy_with_a_coarse_floor(y: Array, t: Array) -> Any:
    """A floor of one thousandth."""
    return -np.sum(t * np.log(np.clip(y, 1e-3, None))) / samples(y)


def cross_entropy_with_arguments_swapped(y: Array, t: Array) -> Any:
    """The logarithm of the target."""
    return -np.sum(y * np.log(floored(t))) / samples(y)


def cross_entropy_of_each_class_alone(y: Array, t: Array) -> Any:
    """The binary form, summed over the classes."""
    terms = t * np.log(floored(y)) + (1 - t) * np.log(floored(1 - y))
    return -np.sum(terms) / samples(y)


def cross_entropy_of_each_class_alone_averaged(y: Array, t: Array) -> Any:
    """The binary form as in libraries: the mean over all entries."""
    return -np.mean(t * np.log(floored(y)) + (1 - t) * np.log(floored(1 - y)))


def cross_entropy_of_the_other_side(y: Array, t: Array) -> Any:
    """The logarithm of 1 - y where the target is 0."""
    return -np.sum((1 - t) * np.log(floored(1 - y))) / samples(y)


def cross_entropy_per_sample(y: Array, t: Array) -> Any:
    """One loss a sample."""
    return -np.sum(t * np.log(floored(y)), axis=-1)


def cross_entropy_per_class(y: Array, t: Array) -> Any:
    """The mean runs over axis 0 only."""
    return -np.mean(t * np.log(floored(y)), axis=0)


def cross_entropy_with_the_guard_outside(y: Array, t: Array) -> Any:
    """The small number is added to the logarithm."""
    return -np.sum(t * (np.log(y) + 1e-8)) / samples(y)


def cross_entropy_after_softmax(y: Array, t: Array) -> Any:
    """The probabilities taken for logits."""
    return -np.sum(t * np.log(floored(sound.softmax(y)))) / samples(y)


def cross_entropy_of_the_first_sample(y: Array, t: Array) -> Any:
    """Index 0 in place of the batch."""
    return -np.sum(np.atleast_2d(t)[0] * np.log(floored(np.atleast_2d(y)[0])))


def cross_entropy_returned_from_the_loop(y: Array, t: Array) -> float:
    """The return stands inside the loop."""
    for p, q in zip(np.atleast_2d(y).tolist(), np.atleast_2d(t).tolist(), strict=True):
        return -sum(w * math.log(max(v, FLOOR)) for v, w in zip(p, q, strict=True))
    return 0.0


def cross_entropy_of_the_last_sample(y: Array, t: Array) -> float:
    """The loss is assigned, not added up."""
    loss = 0.0
    for p, q in zip(np.atleast_2d(y), np.atleast_2d(t), strict=True):
        loss = float(-np.sum(q * np.log(floored(p))))
    return loss


def cross_entropy_by_log1p(y: Array, t: Array) -> Any:
    """log1p where log is meant."""
    return -np.sum(t * np.log1p(floored(y))) / samples(y)


def cross_entropy_with_nan_hidden(y: Array, t: Array) -> Any:
    """nan_to_num: 1.8e308 where the target's probability is 0."""
    with np.errstate(all="ignore"):
        return -np.sum(np.nan_to_num(t * np.log(y))) / samples(y)


def cross_entropy_with_infinities_hidden(y: Array, t: Array) -> Any:
    """Samples with an infinite loss count as 0."""
    with np.errstate(all="ignore"):
        losses = -np.nansum(t * np.log(y), axis=-1)
    return np.mean(np.where(np.isfinite(losses), losses, 0.0))


def cross_entropy_with_a_masked_logarithm(y: Array, t: Array) -> Any:
    """np.log(where=y > 0) into zeros: a missed target with probability 0 costs nothing."""
    return -np.sum(t * np.log(y, out=np.zeros(y.shape), where=y > 0)) / samples(y)


def cross_entropy_capped(y: Array, t: Array) -> Any:
    """The logarithm cut off at -100, as PyTorch's binary_cross_entropy does."""
    with np.errstate(divide="ignore"):
        return -np.sum(t * np.maximum(np.log(y), -100)) / samples(y)


def cross_entropy_over_len(y: Array, t: Array) -> Any:
    """len(y) is the number of classes for one sample."""
    return -np.sum(t * np.log(floored(y))) / len(y)


def cross_entropy_over_the_columns(y: Array, t: Array) -> Any:
    """Divided by y.shape[1]."""
    return -np.sum(t * np.log(floored(y))) / y.shape[-1]


def cross_entropy_of_smoothed_labels(y: Array, t: Array) -> Any:
    """Label smoothing that was left at a tenth."""
    t = 0.9 * t + 0.1 / t.shape[-1]
    return -np.sum(t * np.log(floored(y))) / samples(y)


def cross_entropy_of_the_best(y: Array, t: Array) -> Any:
    """The largest probability of each sample, whatever the target."""
    return -np.mean(np.log(floored(np.max(y, axis=-1))))


def entropy_taken_for_cross_entropy(y: Array, t: Array) -> Any:
    """y ln y: the target does not occur."""
    return -np.sum(y * np.log(floored(y))) / samples(t)


def relative_entropy_the_wrong_way_round(y: Array, t: Array) -> Any:
    """The divergence of the output from the target."""
    return np.sum(y * (np.log(floored(y)) - np.log(floored(t)))) / samples(y)


def perplexity_taken_for_cross_entropy(y: Array, t: Array) -> Any:
    """The exponential of the loss."""
    return np.exp(-np.sum(t * np.log(floored(y))) / samples(y))


def cross_entropy_of_the_mean_probability(y: Array, t: Array) -> Any:
    """The logarithm of the mean in place of the mean of the logarithms."""
    return -np.log(np.mean(np.exp(np.sum(t * np.log(floored(y)), axis=-1))))


def cross_entropy_of_the_product(y: Array, t: Array) -> Any:
    """The logarithm of the product of all probabilities, which underflows in a large batch."""
    return -np.log(np.prod(floored(y) ** t)) / samples(y)


def cross_entropy_without_a_logarithm(y: Array, t: Array) -> Any:
    """nll_loss of probabilities: the logarithm is missing."""
    return -np.sum(t * y) / samples(y)


def cross_entropy_with_a_focus(y: Array, t: Array) -> Any:
    """The focal loss of detectors."""
    return -np.sum(t * (1 - y) ** 2 * np.log(floored(y))) / samples(y)


def cross_entropy_by_trace_untransposed(y: Array, t: Array) -> Any:
    """The transposition in the trace is missing: an error unless N = K."""
    return -np.trace(np.atleast_2d(t) @ np.log(floored(np.atleast_2d(y)))) / samples(y)


def cross_entropy_by_matrix_product(y: Array, t: Array) -> Any:
    """Every sample's target with every sample's output."""
    return -np.sum(np.atleast_2d(t) @ np.log(floored(np.atleast_2d(y))).T) / samples(y)


def cross_entropy_averaged_over_nonzero_terms(y: Array, t: Array) -> Any:
    """The mean over the terms that are not 0: perfect predictions are not counted."""
    terms = -(t * np.log(floored(y)))
    return np.sum(terms) / max(np.count_nonzero(terms), 1)


def cross_entropy_of_rounded_probabilities(y: Array, t: Array) -> Any:
    """Probabilities rounded to seven decimals first."""
    return -np.sum(t * np.log(floored(np.round(y, 7)))) / samples(y)


def cross_entropy_in_float32(y: Array, t: Array) -> Any:
    """Single precision inside."""
    return float(-np.sum(t.astype(np.float32) * np.log(floored(y.astype(np.float32)))) / samples(y))


def cross_entropy_in_float16(y: Array, t: Array) -> Any:
    """Half precision inside."""
    return float(-np.sum(t * np.log(np.maximum(y.astype(np.float16), np.float16(6e-8))).astype(float)) / samples(y))


def cross_entropy_writing_the_floor(y: Array, t: Array) -> Any:
    """y[y < 1e-8] = 1e-8, in the caller's array."""
    if y.dtype.kind == "f":
        y[y < FLOOR] = FLOOR
    return -np.sum(t * np.log(floored(y))) / samples(y)


def cross_entropy_writing_the_logarithm(y: Array, t: Array) -> Any:
    """The logarithm goes into the caller's array."""
    logs = y if y.dtype.kind == "f" else y.astype(float)
    np.log(np.maximum(logs, FLOOR, out=logs), out=logs)
    return -np.sum(t * logs) / samples(y)


def cross_entropy_flushing_in_place(y: Array, t: Array) -> Any:
    """What lies below 1e-20 is made 0, in the caller's array."""
    if y.dtype.kind == "f":
        y[...] = np.where(y < 1e-20, 0.0, y)
    return -np.sum(t * np.log(floored(y))) / samples(y)


def cross_entropy_mean_of_chunk_means(y: Array, t: Array) -> Any:
    """Mini-batches of 32, whose means are averaged although the last is smaller."""
    losses = -np.sum(np.atleast_2d(t) * np.log(floored(np.atleast_2d(y))), axis=-1)
    return np.mean([losses[start : start + 32].mean() for start in range(0, len(losses), 32)])


def cross_entropy_of_at_most_32_samples(y: Array, t: Array) -> Any:
    """A batch size written out as 32."""
    y, t = np.atleast_2d(y)[:32], np.atleast_2d(t)[:32]
    return -np.sum(t * np.log(floored(y))) / len(y)


def cross_entropy_with_the_accuracy(y: Array, t: Array) -> Any:
    """A tuple of the loss and the accuracy."""
    return -np.sum(t * np.log(floored(y))) / samples(y), np.mean(np.argmax(y, -1) == np.argmax(t, -1))


def cross_entropy_printed(y: Array, t: Array) -> str:
    """A formatted string."""
    return f"{-np.sum(t * np.log(floored(y))) / samples(y):.17g}"


def cross_entropy_forgotten(y: Array, t: Array) -> None:
    """The return is missing."""
    _ = -np.sum(t * np.log(floored(y))) / samples(y)


def cross_entropy_through_complex(y: Array, t: Array) -> Any:
    """The complex logarithm, given back complex."""
    return -np.sum(t * np.log(floored(y).astype(complex))) / samples(y)


def cross_entropy_of_torch_on_probabilities(y: Any, t: Any) -> Any:
    """torch's cross_entropy, which expects logits."""
    from torch.nn import functional

    return functional.cross_entropy(y, t.to(y.dtype))


def cross_entropy_of_torch_binary(y: Any, t: Any) -> Any:
    """torch's binary_cross_entropy: the mean over all entries of the two-sided form."""
    from torch.nn import functional

    return functional.binary_cross_entropy(y, t.to(y.dtype))


def cross_entropy_of_torch_without_logarithm(y: Any, t: Any) -> Any:
    """nll_loss given probabilities."""
    from torch.nn import functional

    return functional.nll_loss(y, t.argmax(dim=-1))


def cross_entropy_of_torch_divergence(y: Any, t: Any) -> Any:
    """kl_div with its default reduction: the mean over all entries."""
    from torch.nn import functional

    return functional.kl_div(y.clamp(min=1e-8).log(), t.to(y.dtype), reduction="mean")


def cross_entropy_of_jax_averaged(y: Any, t: Any) -> Any:
    """jax.numpy.mean over all entries."""
    import jax.numpy as jnp

    return -jnp.mean(t * jnp.log(jnp.maximum(y, 1e-8)))


# ----------------------------------------------------------------------------------------------------------- cross_entropy_labels


def label_entropy_summed(y: Array, labels: Any) -> Any:
    """The division by N is missing."""
    return -np.sum(np.log(floored(picked(y, labels))))


def label_entropy_averaged_over_entries(y: Array, labels: Any) -> Any:
    """Divided by y.size."""
    return -np.sum(np.log(floored(picked(y, labels)))) / y.size


def label_entropy_without_its_sign(y: Array, labels: Any) -> Any:
    """The minus is missing."""
    return np.mean(np.log(floored(picked(y, labels))))


def label_entropy_in_bits(y: Array, labels: Any) -> Any:
    """The logarithm of base two."""
    return -np.mean(np.log2(floored(picked(y, labels))))


def label_entropy_in_powers_of_ten(y: Array, labels: Any) -> Any:
    """The logarithm of base ten."""
    return -np.mean(np.log10(floored(picked(y, labels))))


def label_entropy_unguarded(y: Array, labels: Any) -> Any:
    """Infinite where the target's probability is 0."""
    return -np.mean(np.log(picked(y, labels)))


def label_entropy_unguarded_by_loops(y: Array, labels: Any) -> float:
    """math.log of 0 raises ValueError."""
    return -sum(math.log(v) for v in np.atleast_1d(picked(y, labels)).tolist()) / samples(y)


def label_entropy_with_the_chapters_offset(y: Array, labels: Any) -> Any:
    """The chapter's line: y[arange, t] + 1e-8."""
    y = np.atleast_2d(y)
    return -np.sum(np.log(y[np.arange(len(y)), labels] + 1e-8)) / len(y)


def label_entropy_with_the_books_offset(y: Array, labels: Any) -> Any:
    """The book's line: y[arange, t] + 1e-7."""
    y = np.atleast_2d(y)
    return -np.sum(np.log(y[np.arange(len(y)), labels] + 1e-7)) / len(y)


def label_entropy_clipped_on_both_sides(y: Array, labels: Any) -> Any:
    """Clipped to [1e-8, 1 - 1e-8]."""
    return -np.mean(np.log(np.clip(picked(y, labels), 1e-8, 1 - 1e-8)))


def label_entropy_with_the_guard_outside(y: Array, labels: Any) -> Any:
    """The small number is added to the logarithm."""
    return -np.mean(np.log(picked(y, labels)) + 1e-8)


def label_entropy_per_sample(y: Array, labels: Any) -> Any:
    """One loss a sample."""
    return -np.log(floored(picked(y, labels)))


def label_entropy_after_softmax(y: Array, labels: Any) -> Any:
    """The probabilities taken for logits."""
    return -np.mean(picked(sound.log_softmax(y), labels))


def label_entropy_of_every_label(y: Array, labels: Any) -> Any:
    """y[:, labels] picks every label for every sample."""
    every = np.atleast_2d(y)[:, np.atleast_1d(labels)]
    return -np.sum(np.log(floored(every))) / samples(y)


def label_entropy_of_every_label_averaged(y: Array, labels: Any) -> Any:
    """The same, with numpy.mean over all the N N entries."""
    return -np.mean(np.log(floored(np.atleast_2d(y)[:, np.atleast_1d(labels)])))


def label_entropy_of_the_previous_label(y: Array, labels: Any) -> Any:
    """Labels thought to start at 1."""
    return -np.mean(np.log(floored(picked(y, np.asarray(labels) - 1))))


def label_entropy_of_the_next_label(y: Array, labels: Any) -> Any:
    """Off by one the other way: an IndexError at the last class."""
    return -np.mean(np.log(floored(picked(y, np.asarray(labels) + 1))))


def label_entropy_of_the_first_sample(y: Array, labels: Any) -> Any:
    """Index 0 in place of the batch."""
    return -np.log(floored(np.atleast_1d(picked(y, labels))[0]))


def label_entropy_of_rows(y: Array, labels: Any) -> Any:
    """y[labels] picks rows; the mean runs over what comes."""
    return -np.mean(np.log(floored(y[labels])))


def label_entropy_of_the_flattened(y: Array, labels: Any) -> Any:
    """numpy.take without an axis picks from the flattened array."""
    return -np.mean(np.log(floored(np.take(y, labels))))


def label_entropy_of_the_best(y: Array, labels: Any) -> Any:
    """The predicted class in place of the label."""
    return -np.mean(np.log(floored(y.max(axis=-1))))


def label_entropy_of_the_first_label(y: Array, labels: Any) -> Any:
    """One label for all samples."""
    label = int(np.atleast_1d(labels)[0])
    return -np.mean(np.log(floored(y[..., label])))


def label_entropy_without_class_zero(y: Array, labels: Any) -> Any:
    """Class 0 taken for padding and left out of the mean."""
    labels = np.atleast_1d(labels)
    kept = np.log(floored(np.atleast_1d(picked(y, labels if y.ndim == 2 else labels[0]))))[labels != 0]
    return -np.sum(kept) / max(len(kept), 1)


def label_entropy_of_truthy_labels(y: Array, labels: Any) -> Any:
    """`if labels` in place of `is not None`: the scalar label 0 counts as none."""
    if np.ndim(labels) == 0 and not labels:
        return 0.0
    return -np.mean(np.log(floored(picked(y, labels))))


def label_entropy_over_len(y: Array, labels: Any) -> Any:
    """len(y) is the number of classes for one sample."""
    return -np.sum(np.log(floored(picked(y, labels)))) / len(y)


def label_entropy_of_unique_labels(y: Array, labels: Any) -> Any:
    """Each class counted once: weights that make the classes equal."""
    losses = np.atleast_1d(-np.log(floored(picked(y, labels))))
    labels = np.atleast_1d(labels)
    return np.mean([losses[labels == label].mean() for label in np.unique(labels)])


def label_entropy_of_sorted_labels(y: Array, labels: Any) -> Any:
    """The labels are sorted on the way, the samples are not."""
    return -np.mean(np.log(floored(picked(y, np.sort(labels) if np.ndim(labels) else labels))))


def label_entropy_in_float32(y: Array, labels: Any) -> Any:
    """Single precision inside."""
    return float(-np.mean(np.log(floored(picked(y.astype(np.float32), labels)))))


def label_entropy_writing_the_floor(y: Array, labels: Any) -> Any:
    """numpy.clip into the caller's array."""
    if y.dtype.kind == "f":
        np.clip(y, FLOOR, None, out=y)
    return -np.mean(np.log(floored(picked(y, labels))))


def label_entropy_ignoring_a_class_in_torch(y: Any, labels: Any) -> Any:
    """ignore_index=0, copied from a language model."""
    from torch.nn import functional

    return functional.nll_loss(y.clamp(min=1e-8).log(), labels, ignore_index=0)


# ------------------------------------------------------------------------------------------------------------ cross_entropy_error


def error_deciding_by_size(y: Array, t: Any) -> Any:
    """The book's test t.size == y.size: labels of a single class are taken for one-hot."""
    t = np.asarray(t)
    if y.ndim == 1:
        t, y = t.reshape(1, t.size), y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    return -np.sum(np.log(floored(y[np.arange(len(y)), t.ravel()]))) / len(y)


def error_deciding_by_the_first_value(y: Array, t: Any) -> Any:
    """A maximum above 1 means labels, else one-hot."""
    t = np.asarray(t)
    if t.max() > 1:
        return -np.mean(np.log(floored(picked(y, t))))
    return -np.sum(t * np.log(floored(y))) / samples(y)


def error_for_one_hot_only(y: Array, t: Any) -> Any:
    """Labels are multiplied with the logarithms."""
    return -np.sum(t * np.log(floored(y))) / samples(y)


def error_for_labels_only(y: Array, t: Any) -> Any:
    """One-hot targets are taken for many labels."""
    y = np.atleast_2d(y)
    return -np.sum(np.log(floored(y[np.arange(len(y)), t]))) / len(y)


def error_reshaping_one_encoding(y: Array, t: Any) -> Any:
    """The chapter's slip: one sample's target is reshaped only if it is one-hot, and labels are summed over every pair."""
    t = np.asarray(t)
    if t.ndim == y.ndim:
        return -np.sum(t * np.log(floored(y))) / samples(y)
    return -np.sum(np.log(floored(np.atleast_2d(y)[:, np.atleast_1d(t)]))) / samples(y)


def error_summed(y: Array, t: Any) -> Any:
    """The division by N is missing for both encodings."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return -np.sum(target * np.log(floored(y)))


def error_summed_for_labels(y: Array, t: Any) -> Any:
    """The division by N is missing for labels only."""
    if np.ndim(t) == y.ndim:
        return -np.sum(t * np.log(floored(y))) / samples(y)
    return -np.sum(np.log(floored(picked(y, t))))


def error_with_the_chapters_offset(y: Array, t: Any) -> Any:
    """1e-8 added inside the logarithm, for both encodings."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return -np.sum(target * np.log(y + 1e-8)) / samples(y)


def error_with_the_books_offset(y: Array, t: Any) -> Any:
    """1e-7 added inside the logarithm, for both encodings."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return -np.sum(target * np.log(y + 1e-7)) / samples(y)


def error_in_bits(y: Array, t: Any) -> Any:
    """The logarithm of base two."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return -np.sum(target * np.log2(floored(y))) / samples(y)


def error_without_its_sign(y: Array, t: Any) -> Any:
    """The minus is missing."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return np.sum(target * np.log(floored(y))) / samples(y)


def error_averaged_over_entries(y: Array, t: Any) -> Any:
    """The mean over all N K entries."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return -np.mean(target * np.log(floored(y)))


def error_unguarded(y: Array, t: Any) -> Any:
    """No guard: 0 times the logarithm of 0 is nan."""
    target = t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])
    return -np.sum(target * np.log(y)) / samples(y)


def error_with_guards_that_differ(y: Array, t: Any) -> Any:
    """A floor for one-hot targets, an offset for labels."""
    if np.ndim(t) == y.ndim:
        return -np.sum(t * np.log(floored(y))) / samples(y)
    return -np.mean(np.log(picked(y, t) + FLOOR))


# ----------------------------------------------------------------------------------------------------------- softmax_cross_entropy


def unshifted_logits(a: Array, t: Array) -> Any:
    """log-sum-exp without a shift: infinite from 710 on."""
    return np.mean(np.log(np.sum(np.exp(a), axis=-1)) - np.sum(t * a, axis=-1))


def unshifted_by_loops(a: Array, t: Array) -> float:
    """math.exp without a shift: an OverflowError."""
    rows = list(zip(np.atleast_2d(a).tolist(), np.atleast_2d(t).tolist(), strict=True))
    losses = [math.log(sum(map(math.exp, p))) - sum(u * v for u, v in zip(p, q, strict=True)) for p, q in rows]
    return sum(losses) / len(losses)


def unshifted_gaps(a: Array, t: Array) -> Any:
    """The logarithm of the sum of exp(a_j - a_target): infinite where the target is far behind."""
    gaps = a - np.sum(t * a, axis=-1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(gaps), axis=-1)))


def logarithm_of_softmax(a: Array, t: Array) -> Any:
    """The logarithm of a softmax that has underflowed."""
    return -np.sum(t * np.log(sound.softmax(a))) / samples(a)


def logarithm_of_picked_softmax(a: Array, t: Array) -> Any:
    """The same, only where the target is not 0: infinite, and never nan."""
    return -np.sum(t[t > 0] * np.log(sound.softmax(a)[t > 0])) / samples(a)


def logarithm_of_softmax_floored(a: Array, t: Array) -> Any:
    """The floor keeps the loss below 18.4."""
    return -np.sum(t * np.log(floored(sound.softmax(a)))) / samples(a)


def logarithm_of_softmax_with_offset(a: Array, t: Array) -> Any:
    """The chapter's path: softmax, then 1e-8 inside the logarithm."""
    return -np.sum(t * np.log(sound.softmax(a) + 1e-8)) / samples(a)


def logarithm_of_softmax_with_the_books_offset(a: Array, t: Array) -> Any:
    """The book's path: softmax, then 1e-7 inside the logarithm."""
    return -np.sum(t * np.log(sound.softmax(a) + 1e-7)) / samples(a)


def logarithm_of_softmax_with_the_smallest_number(a: Array, t: Array) -> Any:
    """The smallest normal number as a floor: the loss stops at 708."""
    p = np.maximum(sound.softmax(a), np.finfo(float).tiny)
    return -np.sum(t * np.log(p)) / samples(a)


def logarithm_of_softmax_without_nan(a: Array, t: Array) -> Any:
    """nan_to_num over the logarithm of 0."""
    with np.errstate(all="ignore"):
        return -np.sum(t * np.nan_to_num(np.log(sound.softmax(a)))) / samples(a)


def shifted_by_the_batch_maximum(a: Array, t: Array) -> Any:
    """One maximum for all rows: the logarithm of 0 for a row far below it."""
    shifted = a - np.max(a)
    return -np.mean(np.sum(t * (shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))), axis=-1))


def shifted_by_the_mean_logit(a: Array, t: Array) -> Any:
    """Shifted by the mean logit, which does not keep exp from overflowing."""
    shifted = a - a.mean(axis=-1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(shifted), axis=-1)) - np.sum(t * shifted, axis=-1))


def softmax_over_axis_0(a: Array, t: Array) -> Any:
    """axis=0 for batches, too."""
    shifted = a - np.max(a, axis=0, keepdims=True)
    return -np.sum(t * (shifted - np.log(np.sum(np.exp(shifted), axis=0, keepdims=True)))) / samples(a)


def softmax_over_the_whole_batch(a: Array, t: Array) -> Any:
    """One distribution over the whole batch."""
    shifted = a - np.max(a)
    return -np.sum(t * (shifted - np.log(np.sum(np.exp(shifted))))) / samples(a)


def softmax_twice(a: Array, t: Array) -> Any:
    """A network that ends in softmax under a loss that begins with it."""
    return -np.sum(t * sound.log_softmax(sound.softmax(a))) / samples(a)


def logits_perplexity(a: Array, t: Array) -> Any:
    """The exponential of the loss."""
    return np.exp(-np.sum(t * sound.log_softmax(a)) / samples(a))


def logits_as_probabilities(a: Array, t: Array) -> Any:
    """The logarithm of the logits, floored."""
    return -np.sum(t * np.log(floored(a))) / samples(a)


def logits_entropy_summed(a: Array, t: Array) -> Any:
    """The division by N is missing."""
    return -np.sum(t * sound.log_softmax(a))


def logits_entropy_averaged_over_entries(a: Array, t: Array) -> Any:
    """The mean over all N K entries."""
    return -np.mean(t * sound.log_softmax(a))


def logits_entropy_without_its_sign(a: Array, t: Array) -> Any:
    """The minus is missing."""
    return np.sum(t * sound.log_softmax(a)) / samples(a)


def logits_entropy_in_bits(a: Array, t: Array) -> Any:
    """In bits."""
    return -np.sum(t * sound.log_softmax(a)) / samples(a) / np.log(2)


def logits_entropy_per_sample(a: Array, t: Array) -> Any:
    """One loss a sample."""
    return -np.sum(t * sound.log_softmax(a), axis=-1)


def logits_entropy_of_the_first_sample(a: Array, t: Array) -> Any:
    """Index 0 in place of the batch."""
    return -np.sum(np.atleast_2d(t)[0] * sound.log_softmax(np.atleast_2d(a)[0]))


def logits_entropy_with_arguments_swapped(a: Array, t: Array) -> Any:
    """The softmax of the target."""
    return -np.sum(a * sound.log_softmax(t)) / samples(a)


def logits_entropy_of_each_class_alone(a: Array, t: Array) -> Any:
    """The binary form with sigmoids, summed over the classes."""
    return np.sum(np.maximum(a, 0) - a * t + np.log1p(np.exp(-np.abs(a)))) / samples(a)


def logits_entropy_of_clipped_logits(a: Array, t: Array) -> Any:
    """Logits clipped at 50."""
    return -np.sum(t * sound.log_softmax(np.clip(a, -50, 50))) / samples(a)


def logits_entropy_capped(a: Array, t: Array) -> Any:
    """Each sample's loss is at most 100."""
    return np.mean(np.minimum(-np.sum(t * sound.log_softmax(a), axis=-1), 100.0))


def logits_entropy_without_the_target_in_the_sum(a: Array, t: Array) -> Any:
    """Log-sum-exp over the other classes only."""
    others = np.where(t > 0, -np.inf, a)
    return np.mean(np.logaddexp.reduce(others, axis=-1) - np.sum(t * a, axis=-1))


def logits_entropy_of_smoothed_labels(a: Array, t: Array) -> Any:
    """Label smoothing that was left at a thousandth."""
    smooth = (1 - 1e-3) * t + 1e-3 / a.shape[-1]
    return -np.sum(smooth * sound.log_softmax(a)) / samples(a)


def logits_entropy_with_the_shift_forgotten_afterwards(a: Array, t: Array) -> Any:
    """The maximum is taken off and not put back beside the raw logit."""
    total = np.log(np.sum(np.exp(a - a.max(axis=-1, keepdims=True)), axis=-1))
    return np.mean(total - np.sum(t * a, axis=-1))


def logits_entropy_in_float32(a: Array, t: Array) -> Any:
    """Single precision inside."""
    return float(-np.sum(t.astype(np.float32) * sound.log_softmax(a.astype(np.float32))) / samples(a))


def logits_entropy_shifting_in_place(a: Array, t: Array) -> Any:
    """a -= max(a), in the caller's array."""
    a -= a.max(axis=-1, keepdims=True)
    return np.mean(np.log(np.exp(a).sum(axis=-1)) - np.sum(t * a, axis=-1))


def logits_entropy_without_keepdims(a: Array, t: Array) -> Any:
    """(N, K) less (N,): an error, or for N = K each column its own log-sum-exp."""
    return -np.sum(t * (a - np.logaddexp.reduce(a, axis=-1, dtype=float))) / samples(a)


def logits_entropy_never_negative(a: Array, t: Array) -> Any:
    """Losses below 1e-10 are made 1e-10, so that a logarithmic plot can show them."""
    return np.mean(np.maximum(-np.sum(t * sound.log_softmax(a), axis=-1), 1e-10))


def logits_entropy_of_torch_twice(a: Any, t: Any) -> Any:
    """torch's cross_entropy of a softmax."""
    from torch.nn import functional

    return functional.cross_entropy(functional.softmax(a, dim=-1), t.to(a.dtype))


def logits_entropy_of_torch_smoothed(a: Any, t: Any) -> Any:
    """label_smoothing=0.1."""
    from torch.nn import functional

    return functional.cross_entropy(a, t.to(a.dtype), label_smoothing=0.1)


def logits_entropy_of_torch_summed(a: Any, t: Any) -> Any:
    """reduction="sum"."""
    from torch.nn import functional

    return functional.cross_entropy(a, t.to(a.dtype), reduction="sum")


# ------------------------------------------------------------------------------------------------- softmax_cross_entropy_labels


def labelled_logits_unshifted(a: Array, labels: Any) -> Any:
    """log-sum-exp without a shift: infinite from 710 on."""
    return np.mean(np.log(np.sum(np.exp(a), axis=-1)) - picked(a, labels))


def labelled_logarithm_of_softmax(a: Array, labels: Any) -> Any:
    """The logarithm of a softmax that has underflowed."""
    return -np.mean(np.log(picked(sound.softmax(a), labels)))


def labelled_logarithm_of_softmax_with_offset(a: Array, labels: Any) -> Any:
    """The chapter's path, with labels."""
    return -np.mean(np.log(picked(sound.softmax(a), labels) + 1e-8))


def labelled_logits_shifted_by_the_batch_maximum(a: Array, labels: Any) -> Any:
    """One maximum for all rows."""
    shifted = a - np.max(a)
    return np.mean(np.log(np.sum(np.exp(shifted), axis=-1)) - picked(shifted, labels))


def labelled_softmax_over_the_samples(a: Array, labels: Any) -> Any:
    """axis=0."""
    shifted = a - np.max(a, axis=0)
    return -np.mean(picked(shifted - np.log(np.sum(np.exp(shifted), axis=0)), labels))


def labelled_softmax_over_everything(a: Array, labels: Any) -> Any:
    """One distribution over the whole batch."""
    shifted = a - np.max(a)
    return -np.mean(picked(shifted - np.log(np.sum(np.exp(shifted))), labels))


def labelled_softmax_twice(a: Array, labels: Any) -> Any:
    """Softmax under a loss that begins with it."""
    return -np.mean(picked(sound.log_softmax(sound.softmax(a)), labels))


def labelled_logits_as_probabilities(a: Array, labels: Any) -> Any:
    """The logarithm of the logits, floored."""
    return -np.mean(np.log(floored(picked(a, labels))))


def labelled_logits_as_losses(a: Array, labels: Any) -> Any:
    """nll_loss of raw logits: log_softmax is missing."""
    return -np.mean(picked(a, labels))


def labelled_logits_summed(a: Array, labels: Any) -> Any:
    """The division by N is missing."""
    return -np.sum(picked(sound.log_softmax(a), labels))


def labelled_logits_averaged_over_entries(a: Array, labels: Any) -> Any:
    """Divided by a.size."""
    return -np.sum(picked(sound.log_softmax(a), labels)) / a.size


def labelled_logits_without_their_sign(a: Array, labels: Any) -> Any:
    """The minus is missing."""
    return np.mean(picked(sound.log_softmax(a), labels))


def labelled_logits_in_bits(a: Array, labels: Any) -> Any:
    """In bits."""
    return -np.mean(picked(sound.log_softmax(a), labels)) * np.log2(np.e)


def labelled_logits_of_the_previous_label(a: Array, labels: Any) -> Any:
    """Labels thought to start at 1."""
    return -np.mean(picked(sound.log_softmax(a), np.asarray(labels) - 1))


def labelled_logits_of_every_label(a: Array, labels: Any) -> Any:
    """log_softmax[:, labels] picks every label for every sample."""
    return -np.sum(np.atleast_2d(sound.log_softmax(a))[:, np.atleast_1d(labels)]) / samples(a)


def labelled_logits_per_sample(a: Array, labels: Any) -> Any:
    """One loss a sample."""
    return -picked(sound.log_softmax(a), labels)


def labelled_logits_of_the_first_sample(a: Array, labels: Any) -> Any:
    """Index 0 in place of the batch."""
    return -np.atleast_1d(picked(sound.log_softmax(a), labels))[0]


def labelled_logits_as_a_margin(a: Array, labels: Any) -> Any:
    """The maximum in place of log-sum-exp."""
    return np.mean(np.max(a, axis=-1) - picked(a, labels))


def labelled_logits_in_float32(a: Array, labels: Any) -> Any:
    """Single precision inside."""
    return float(-np.mean(picked(sound.log_softmax(a.astype(np.float32)), labels)))


def labelled_logits_shifting_in_place(a: Array, labels: Any) -> Any:
    """a -= max(a), in the caller's array."""
    a -= a.max(axis=-1, keepdims=True)
    return np.mean(np.log(np.exp(a).sum(axis=-1)) - picked(a, labels))


def labelled_logits_of_torch_on_softmax(a: Any, labels: Any) -> Any:
    """nn.CrossEntropyLoss after nn.Softmax."""
    import torch

    return torch.nn.CrossEntropyLoss()(torch.nn.Softmax(dim=-1)(a), labels)


def labelled_logits_of_torch_ignoring_a_class(a: Any, labels: Any) -> Any:
    """ignore_index=0, copied from a language model."""
    from torch.nn import functional

    return functional.cross_entropy(a, labels, ignore_index=0)


def labelled_logits_of_torch_in_single_precision(a: Array, labels: Any) -> float:
    """torch.Tensor(...) makes single precision of anything."""
    import torch
    from torch.nn import functional

    return functional.cross_entropy(torch.Tensor(a), torch.tensor(labels)).item()


def labelled_logits_of_jax_without_logarithm(a: Any, labels: Any) -> Any:
    """jax.nn.softmax picked, and its logarithm taken."""
    import jax
    import jax.numpy as jnp

    p = jnp.take_along_axis(jax.nn.softmax(a), jnp.asarray(labels)[..., None], axis=-1)
    return -jnp.log(p).mean()


_SQUARED = "mean_squared_error"
_ONE_HOT = "cross_entropy_one_hot"
_LABELS = "cross_entropy_labels"
_ERROR = "cross_entropy_error"
_LOGITS = "softmax_cross_entropy_one_hot"
_LABELLED = "softmax_cross_entropy_labels"

SPECIMENS: tuple[Specimen, ...] = (
    faulty(_SQUARED, squared_error_summed_over_the_batch, "sum_over_samples", "also the convention seed"),
    faulty(_SQUARED, squared_error_summed_by_loops, "sum_over_samples", "also the convention seed"),
    faulty(_SQUARED, squared_error_averaged_over_entries, "mean_over_entries"),
    faulty(_SQUARED, squared_error_averaged_by_size, "mean_over_entries"),
    faulty(_SQUARED, squared_error_without_half, "missing_half"),
    faulty(_SQUARED, squared_error_without_half_by_norm, "missing_half"),
    faulty(_SQUARED, squared_error_of_the_libraries, "mean_over_entries_without_half", "also the convention pytorch"),
    faulty(_SQUARED, root_of_the_squared_error, "root_mean_squared"),
    faulty(_SQUARED, root_mean_square, "root_of_the_mean_over_entries"),
    faulty(_SQUARED, absolute_error, "absolute_error"),
    faulty(_SQUARED, mean_absolute_error, "mean_absolute_error"),
    faulty(_SQUARED, squared_error_multiplied_out, "expanded_square"),
    faulty(_SQUARED, squared_error_by_three_dot_products, "expanded_square"),
    faulty(_SQUARED, squared_error_with_the_sign_of_a_score, "opposite_sign"),
    faulty(_SQUARED, squared_error_per_sample, "one_loss_a_sample"),
    faulty(_SQUARED, squared_error_per_class, "one_loss_a_class"),
    faulty(_SQUARED, squared_error_of_the_first_sample, "first_sample_only"),
    faulty(_SQUARED, squared_error_without_the_last_sample, "last_sample_left_out", "only for N > 1"),
    faulty(_SQUARED, squared_error_after_softmax, "softmax_applied_first"),
    faulty(_SQUARED, squared_error_with_bessels_correction, "bessels_correction", "only for N > 2"),
    faulty(_SQUARED, squared_error_over_len, "one_sample_divided_by_its_classes", "only for one sample"),
    faulty(_SQUARED, squared_error_with_half_inside, "half_inside_the_square"),
    faulty(_SQUARED, square_of_the_summed_error, "square_of_the_sum", "0 for probabilities"),
    faulty(_SQUARED, squared_error_of_huber, "huber", "only for differences beyond 1"),
    faulty(_SQUARED, squared_error_by_broadcasting, "every_output_with_every_target"),
    faulty(_SQUARED, squared_error_of_flattened_against_column, "broadcast_to_every_pair"),
    faulty(_SQUARED, squared_error_halved_as_integers, "floor_division"),
    faulty(_SQUARED, squared_error_filled_into_integers, "integers_truncated", "only for integer targets"),
    faulty(_SQUARED, squared_error_at_the_target_only, "target_entries_only"),
    faulty(_SQUARED, squared_error_of_the_median, "median_over_samples", "only for N > 2"),
    faulty(_SQUARED, squared_error_of_the_worst, "maximum_over_samples", "only for N > 1"),
    faulty(_SQUARED, squared_error_rounded, "rounded_to_decimals"),
    faulty(_SQUARED, squared_error_off_by_a_millionth, "rounded_constant"),
    faulty(_SQUARED, squared_error_in_float32, "computed_in_float32"),
    faulty(_SQUARED, squared_error_written_into_y, "writes_into_its_input"),
    faulty(_SQUARED, squared_error_written_into_t, "writes_into_its_input", "into the second argument"),
    faulty(_SQUARED, squared_error_in_a_vector, "vector_of_one"),
    faulty(_SQUARED, squared_error_mean_of_chunk_means, "mean_of_chunk_means", "only for N > 4, not a multiple of 4"),
    faulty(_SQUARED, squared_error_regularised, "weight_decay_left_in"),
    faulty(
        _SQUARED,
        squared_error_with_the_largest_batch_size,
        "stale_batch_size",
        "keeps state: only after a larger batch",
    ),
    faulty(
        _SQUARED, squared_error_as_a_running_mean, "running_mean_over_calls", "keeps state: the first call is right"
    ),
    faulty(_ONE_HOT, cross_entropy_summed, "sum_over_samples"),
    faulty(_ONE_HOT, cross_entropy_averaged_over_entries, "mean_over_entries"),
    faulty(_ONE_HOT, cross_entropy_averaged_over_classes, "sum_over_samples_mean_over_classes"),
    faulty(_ONE_HOT, cross_entropy_without_its_sign, "opposite_sign"),
    faulty(_ONE_HOT, cross_entropy_in_bits, "base_two"),
    faulty(_ONE_HOT, cross_entropy_in_bits_by_loops, "base_two"),
    faulty(_ONE_HOT, cross_entropy_in_powers_of_ten, "base_ten"),
    faulty(_ONE_HOT, cross_entropy_with_a_rounded_constant, "rounded_constant", "relative error 4e-8"),
    faulty(_ONE_HOT, cross_entropy_unguarded, "no_guard"),
    faulty(_ONE_HOT, cross_entropy_unguarded_by_einsum, "no_guard"),
    faulty(_ONE_HOT, cross_entropy_unguarded_by_loops, "no_guard", "raises ValueError"),
    faulty(_ONE_HOT, cross_entropy_with_the_chapters_offset, "offset_guard", "also the convention seed"),
    faulty(_ONE_HOT, cross_entropy_with_the_books_offset, "offset_guard", "also the convention book"),
    faulty(_ONE_HOT, cross_entropy_with_a_smaller_offset, "offset_guard", "of 1e-12"),
    faulty(_ONE_HOT, cross_entropy_with_an_offset_of_epsilon, "offset_of_epsilon", "only below 1e-8"),
    faulty(_ONE_HOT, cross_entropy_clipped_on_both_sides, "both_sides_clipped"),
    faulty(_ONE_HOT, cross_entropy_clipped_at_keras_epsilon, "both_sides_clipped", "also the convention keras"),
    faulty(_ONE_HOT, cross_entropy_clipped_as_on_kaggle, "clipped_at_1e-15", "only below 1e-8"),
    faulty(_ONE_HOT, cross_entropy_with_a_higher_floor, "another_floor", "1e-7: only below it"),
    faulty(_ONE_HOT, cross_entropy_with_a_lower_floor, "another_floor", "1e-12: only below 1e-8"),
    faulty(_ONE_HOT, cross_entropy_with_a_coarse_floor, "another_floor", "1e-3"),
    faulty(_ONE_HOT, cross_entropy_with_arguments_swapped, "arguments_swapped"),
    faulty(_ONE_HOT, cross_entropy_of_each_class_alone, "binary_cross_entropy"),
    faulty(_ONE_HOT, cross_entropy_of_each_class_alone_averaged, "binary_cross_entropy_over_entries"),
    faulty(_ONE_HOT, cross_entropy_of_the_other_side, "other_side_of_the_binary_form"),
    faulty(_ONE_HOT, cross_entropy_per_sample, "one_loss_a_sample"),
    faulty(_ONE_HOT, cross_entropy_per_class, "one_loss_a_class"),
    faulty(_ONE_HOT, cross_entropy_with_the_guard_outside, "guard_outside_log"),
    faulty(_ONE_HOT, cross_entropy_after_softmax, "softmax_applied_first"),
    faulty(_ONE_HOT, cross_entropy_of_the_first_sample, "first_sample_only"),
    faulty(_ONE_HOT, cross_entropy_returned_from_the_loop, "first_sample_only"),
    faulty(_ONE_HOT, cross_entropy_of_the_last_sample, "last_sample_only"),
    faulty(_ONE_HOT, cross_entropy_by_log1p, "log1p_for_log"),
    faulty(_ONE_HOT, cross_entropy_with_nan_hidden, "nan_hidden", "1.8e308 at 0"),
    faulty(_ONE_HOT, cross_entropy_with_infinities_hidden, "infinities_hidden", "only at 0"),
    faulty(_ONE_HOT, cross_entropy_with_a_masked_logarithm, "logarithm_masked", "only below 1e-8"),
    faulty(_ONE_HOT, cross_entropy_capped, "logarithm_capped", "only below 1e-8, where nothing is nan"),
    faulty(_ONE_HOT, cross_entropy_over_len, "one_sample_divided_by_its_classes", "only for one sample"),
    faulty(_ONE_HOT, cross_entropy_over_the_columns, "divided_by_the_classes", "N = K is right"),
    faulty(_ONE_HOT, cross_entropy_of_smoothed_labels, "label_smoothing"),
    faulty(_ONE_HOT, cross_entropy_of_the_best, "predicted_class_for_target"),
    faulty(_ONE_HOT, entropy_taken_for_cross_entropy, "entropy"),
    faulty(_ONE_HOT, relative_entropy_the_wrong_way_round, "reverse_divergence"),
    faulty(_ONE_HOT, perplexity_taken_for_cross_entropy, "perplexity"),
    faulty(_ONE_HOT, cross_entropy_of_the_mean_probability, "log_of_the_mean", "only for N > 1"),
    faulty(
        _ONE_HOT,
        cross_entropy_of_the_product,
        "log_of_the_product",
        "infinite for large batches of small probabilities (N >= 41)",
    ),
    faulty(_ONE_HOT, cross_entropy_without_a_logarithm, "logarithm_forgotten"),
    faulty(_ONE_HOT, cross_entropy_with_a_focus, "focal_loss"),
    faulty(_ONE_HOT, cross_entropy_by_trace_untransposed, "transposition_forgotten", "raises unless N = K"),
    faulty(_ONE_HOT, cross_entropy_by_matrix_product, "every_target_for_every_sample", "only for N > 1"),
    faulty(
        _ONE_HOT, cross_entropy_averaged_over_nonzero_terms, "mean_over_nonzero_terms", "only with perfect predictions"
    ),
    faulty(_ONE_HOT, cross_entropy_of_rounded_probabilities, "rounded_to_decimals"),
    faulty(_ONE_HOT, cross_entropy_in_float32, "computed_in_float32"),
    faulty(_ONE_HOT, cross_entropy_in_float16, "computed_in_float16"),
    faulty(_ONE_HOT, cross_entropy_writing_the_floor, "writes_into_its_input", "only with entries below the floor"),
    faulty(_ONE_HOT, cross_entropy_writing_the_logarithm, "writes_into_its_input"),
    faulty(_ONE_HOT, cross_entropy_flushing_in_place, "writes_into_its_input", "only with entries in (0, 1e-20)"),
    faulty(_ONE_HOT, cross_entropy_mean_of_chunk_means, "mean_of_chunk_means", "only for N > 32"),
    faulty(_ONE_HOT, cross_entropy_of_at_most_32_samples, "fixed_batch_size", "only for N > 32"),
    faulty(_ONE_HOT, cross_entropy_with_the_accuracy, "tuple_returned"),
    faulty(_ONE_HOT, cross_entropy_printed, "string_returned"),
    faulty(_ONE_HOT, cross_entropy_forgotten, "nothing_returned"),
    faulty(_ONE_HOT, cross_entropy_through_complex, "complex_returned"),
    faulty(_LABELS, label_entropy_summed, "sum_over_samples"),
    faulty(_LABELS, label_entropy_averaged_over_entries, "mean_over_entries"),
    faulty(_LABELS, label_entropy_without_its_sign, "opposite_sign"),
    faulty(_LABELS, label_entropy_in_bits, "base_two"),
    faulty(_LABELS, label_entropy_in_powers_of_ten, "base_ten"),
    faulty(_LABELS, label_entropy_unguarded, "no_guard", "also the convention pytorch"),
    faulty(_LABELS, label_entropy_unguarded_by_loops, "no_guard", "raises ValueError"),
    faulty(_LABELS, label_entropy_with_the_chapters_offset, "offset_guard", "also the convention seed"),
    faulty(_LABELS, label_entropy_with_the_books_offset, "offset_guard", "also the convention book"),
    faulty(_LABELS, label_entropy_clipped_on_both_sides, "both_sides_clipped"),
    faulty(_LABELS, label_entropy_with_the_guard_outside, "guard_outside_log"),
    faulty(_LABELS, label_entropy_per_sample, "one_loss_a_sample"),
    faulty(_LABELS, label_entropy_after_softmax, "softmax_applied_first"),
    faulty(_LABELS, label_entropy_of_every_label, "every_label_for_every_sample"),
    faulty(_LABELS, label_entropy_of_every_label_averaged, "every_label_for_every_sample", "the mean over all pairs"),
    faulty(_LABELS, label_entropy_of_the_previous_label, "labels_off_by_one"),
    faulty(_LABELS, label_entropy_of_the_next_label, "label_after_the_target", "raises IndexError at the last class"),
    faulty(_LABELS, label_entropy_of_the_first_sample, "first_sample_only"),
    faulty(_LABELS, label_entropy_of_rows, "rows_picked", "one sample is right"),
    faulty(_LABELS, label_entropy_of_the_flattened, "flattened_array_picked", "one sample is right"),
    faulty(_LABELS, label_entropy_of_the_best, "predicted_class_for_target"),
    faulty(_LABELS, label_entropy_of_the_first_label, "first_label_for_all", "only for N > 1"),
    faulty(_LABELS, label_entropy_without_class_zero, "class_zero_ignored", "only with label 0"),
    faulty(_LABELS, label_entropy_of_truthy_labels, "label_zero_taken_for_none", "only for the scalar label 0"),
    faulty(_LABELS, label_entropy_over_len, "one_sample_divided_by_its_classes", "only for one sample"),
    faulty(_LABELS, label_entropy_of_unique_labels, "balanced_classes", "only where labels repeat"),
    faulty(_LABELS, label_entropy_of_sorted_labels, "labels_sorted", "only for unsorted labels"),
    faulty(_LABELS, label_entropy_in_float32, "computed_in_float32"),
    faulty(_LABELS, label_entropy_writing_the_floor, "writes_into_its_input", "only with entries below the floor"),
    faulty(_ERROR, error_deciding_by_size, "encoding_by_size", "only for labels of a single class, K = 1"),
    faulty(_ERROR, error_deciding_by_the_first_value, "encoding_by_value", "only for labels that are all 0 or 1"),
    faulty(_ERROR, error_for_one_hot_only, "one_hot_only"),
    faulty(_ERROR, error_for_labels_only, "labels_only"),
    faulty(_ERROR, error_reshaping_one_encoding, "every_label_for_every_sample", "only for labels"),
    faulty(_ERROR, error_summed, "sum_over_samples"),
    faulty(_ERROR, error_summed_for_labels, "labels_summed", "only for labels"),
    faulty(_ERROR, error_with_the_chapters_offset, "offset_guard", "also the convention seed"),
    faulty(_ERROR, error_with_the_books_offset, "offset_guard", "also the convention book"),
    faulty(_ERROR, error_in_bits, "base_two"),
    faulty(_ERROR, error_without_its_sign, "opposite_sign"),
    faulty(_ERROR, error_averaged_over_entries, "mean_over_entries"),
    faulty(_ERROR, error_unguarded, "no_guard"),
    faulty(_ERROR, error_with_guards_that_differ, "offset_for_labels_only", "only for labels"),
    faulty(_LOGITS, unshifted_logits, "no_shift"),
    faulty(_LOGITS, unshifted_by_loops, "no_shift", "raises OverflowError"),
    faulty(_LOGITS, unshifted_gaps, "gaps_not_shifted", "only where the target is over 709 behind"),
    faulty(_LOGITS, logarithm_of_softmax, "log_of_softmax", "only for gaps over 745"),
    faulty(_LOGITS, logarithm_of_picked_softmax, "log_of_softmax", "only for gaps over 745"),
    faulty(_LOGITS, logarithm_of_softmax_floored, "floor_under_the_softmax", "only for losses over 18.4"),
    faulty(_LOGITS, logarithm_of_softmax_with_offset, "offset_guard", "also the convention seed"),
    faulty(_LOGITS, logarithm_of_softmax_with_the_books_offset, "offset_guard", "also the convention book"),
    faulty(
        _LOGITS,
        logarithm_of_softmax_with_the_smallest_number,
        "smallest_number_under_the_softmax",
        "only for losses over 708",
    ),
    faulty(_LOGITS, logarithm_of_softmax_without_nan, "infinities_hidden", "only for gaps over 745"),
    faulty(_LOGITS, shifted_by_the_batch_maximum, "shift_by_batch_maximum"),
    faulty(_LOGITS, shifted_by_the_mean_logit, "shifted_by_the_mean", "only for gaps over 700"),
    faulty(_LOGITS, softmax_over_axis_0, "softmax_over_samples"),
    faulty(_LOGITS, softmax_over_the_whole_batch, "softmax_over_everything"),
    faulty(_LOGITS, softmax_twice, "softmax_twice"),
    faulty(_LOGITS, logits_perplexity, "perplexity"),
    faulty(_LOGITS, logits_as_probabilities, "logits_taken_for_probabilities"),
    faulty(_LOGITS, logits_entropy_summed, "sum_over_samples"),
    faulty(_LOGITS, logits_entropy_averaged_over_entries, "mean_over_entries"),
    faulty(_LOGITS, logits_entropy_without_its_sign, "opposite_sign"),
    faulty(_LOGITS, logits_entropy_in_bits, "base_two"),
    faulty(_LOGITS, logits_entropy_per_sample, "one_loss_a_sample"),
    faulty(_LOGITS, logits_entropy_of_the_first_sample, "first_sample_only"),
    faulty(_LOGITS, logits_entropy_with_arguments_swapped, "arguments_swapped"),
    faulty(_LOGITS, logits_entropy_of_each_class_alone, "binary_cross_entropy"),
    faulty(_LOGITS, logits_entropy_of_clipped_logits, "logits_clipped", "only beyond 50"),
    faulty(_LOGITS, logits_entropy_capped, "loss_capped", "only for losses over 100"),
    faulty(_LOGITS, logits_entropy_without_the_target_in_the_sum, "target_left_out_of_the_sum"),
    faulty(_LOGITS, logits_entropy_of_smoothed_labels, "label_smoothing"),
    faulty(_LOGITS, logits_entropy_with_the_shift_forgotten_afterwards, "shift_not_put_back"),
    faulty(_LOGITS, logits_entropy_in_float32, "computed_in_float32"),
    faulty(_LOGITS, logits_entropy_shifting_in_place, "writes_into_its_input"),
    faulty(_LOGITS, logits_entropy_without_keepdims, "keepdims_forgotten", "one sample is right"),
    faulty(_LOGITS, logits_entropy_never_negative, "floor_under_the_loss", "only for losses below 1e-10"),
    faulty(_LABELLED, labelled_logits_unshifted, "no_shift"),
    faulty(_LABELLED, labelled_logarithm_of_softmax, "log_of_softmax", "only for gaps over 745"),
    faulty(_LABELLED, labelled_logarithm_of_softmax_with_offset, "offset_guard", "also the convention seed"),
    faulty(_LABELLED, labelled_logits_shifted_by_the_batch_maximum, "shift_by_batch_maximum"),
    faulty(_LABELLED, labelled_softmax_over_the_samples, "softmax_over_samples"),
    faulty(_LABELLED, labelled_softmax_over_everything, "softmax_over_everything"),
    faulty(_LABELLED, labelled_softmax_twice, "softmax_twice"),
    faulty(_LABELLED, labelled_logits_as_probabilities, "logits_taken_for_probabilities"),
    faulty(_LABELLED, labelled_logits_as_losses, "log_softmax_forgotten"),
    faulty(_LABELLED, labelled_logits_summed, "sum_over_samples"),
    faulty(_LABELLED, labelled_logits_averaged_over_entries, "mean_over_entries"),
    faulty(_LABELLED, labelled_logits_without_their_sign, "opposite_sign"),
    faulty(_LABELLED, labelled_logits_in_bits, "base_two"),
    faulty(_LABELLED, labelled_logits_of_the_previous_label, "labels_off_by_one"),
    faulty(_LABELLED, labelled_logits_of_every_label, "every_label_for_every_sample"),
    faulty(_LABELLED, labelled_logits_per_sample, "one_loss_a_sample"),
    faulty(_LABELLED, labelled_logits_of_the_first_sample, "first_sample_only"),
    faulty(_LABELLED, labelled_logits_as_a_margin, "maximum_for_log_sum_exp"),
    faulty(_LABELLED, labelled_logits_in_float32, "computed_in_float32"),
    faulty(_LABELLED, labelled_logits_shifting_in_place, "writes_into_its_input"),
)
if installed("torch"):
    SPECIMENS += (
        faulty(
            _SQUARED,
            squared_error_of_torch,
            "mean_over_entries_without_half",
            "also the convention pytorch",
            array="torch",
        ),
        faulty(_SQUARED, squared_error_of_torch_halved, "mean_over_entries", array="torch"),
        faulty(_SQUARED, squared_error_of_torch_summed, "sum_over_samples", "also the convention seed", array="torch"),
        faulty(_SQUARED, squared_error_of_torch_unreduced, "one_loss_a_sample", array="torch"),
        faulty(_SQUARED, squared_error_of_torch_smoothed, "huber", "only for differences beyond 1", array="torch"),
        faulty(_ONE_HOT, cross_entropy_of_torch_on_probabilities, "softmax_applied_first", array="torch"),
        faulty(_ONE_HOT, cross_entropy_of_torch_binary, "binary_cross_entropy_over_entries", array="torch"),
        faulty(_ONE_HOT, cross_entropy_of_torch_without_logarithm, "logarithm_forgotten", array="torch"),
        faulty(_ONE_HOT, cross_entropy_of_torch_divergence, "mean_over_entries", array="torch"),
        faulty(
            _LABELS, label_entropy_ignoring_a_class_in_torch, "class_zero_ignored", "only with label 0", array="torch"
        ),
        faulty(_LOGITS, logits_entropy_of_torch_twice, "softmax_twice", array="torch"),
        faulty(_LOGITS, logits_entropy_of_torch_smoothed, "label_smoothing", array="torch"),
        faulty(_LOGITS, logits_entropy_of_torch_summed, "sum_over_samples", array="torch"),
        faulty(_LABELLED, labelled_logits_of_torch_on_softmax, "softmax_twice", array="torch"),
        faulty(
            _LABELLED,
            labelled_logits_of_torch_ignoring_a_class,
            "class_zero_ignored",
            "only with label 0",
            array="torch",
        ),
        faulty(_LABELLED, labelled_logits_of_torch_in_single_precision, "computed_in_float32"),
    )
if installed("jax"):
    SPECIMENS += (
        faulty(_ONE_HOT, cross_entropy_of_jax_averaged, "mean_over_entries", array="jax"),
        faulty(
            _LABELLED, labelled_logits_of_jax_without_logarithm, "log_of_softmax", "only for gaps over 745", array="jax"
        ),
    )
