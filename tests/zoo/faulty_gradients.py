"""Faulty implementations of the gradients, each wrong in one way."""

# NumPy's own annotations leave it open whether arithmetic gives an array or a number.
# mypy: disable-error-code="no-any-return"

import math
from typing import Any

import numpy as np

from . import sound
from .sound import FLOOR, difference, floored, one_hot, picked, samples
from .specimen import Array, Specimen, faulty, installed

# --------------------------------------------------------------------------------------------------------------- sigmoid_gradient


def slope_of_the_value(x: Array) -> Array:
    """x (1 - x): right if x were the sigmoid's value already."""
    return x * (1 - x)


def slope_with_the_opposite_sign(x: Array) -> Array:
    """y (y - 1)."""
    y = sound.sigmoid(x)
    return y * (y - 1)


def slope_twice(x: Array) -> Array:
    """Twice the derivative."""
    y = sound.sigmoid(x)
    return 2 * y * (1 - y)


def slope_with_a_plus(x: Array) -> Array:
    """y (1 + y)."""
    y = sound.sigmoid(x)
    return y * (1 + y)


def slope_of_tanh(x: Array) -> Array:
    """The derivative of tanh."""
    return 1 - np.tanh(x) ** 2


def slope_from_tanh(x: Array) -> Array:
    """A quarter of 1 - tanh(x / 2)^2: both tails cancel away, also the lower one."""
    return (1 - np.tanh(x / 2) ** 2) / 4


def slope_by_an_overflowing_square(x: Array) -> Array:
    """exp(-x) over (1 + exp(-x))^2: nan far down."""
    return np.exp(-x) / (1 + np.exp(-x)) ** 2


def slope_by_an_overflowing_square_upwards(x: Array) -> Array:
    """exp(x) over (1 + exp(x))^2: nan far up."""
    return np.exp(x) / (1 + np.exp(x)) ** 2


def slope_of_the_sigmoid_of_the_sigmoid(x: Array) -> Array:
    """The sigmoid taken twice before y (1 - y)."""
    y = sound.sigmoid(sound.sigmoid(x))
    return y * (1 - y)


def slope_forgotten(x: Array) -> Array:
    """The value in place of the derivative."""
    return sound.sigmoid(x)


def slope_second(x: Array) -> Array:
    """The second derivative."""
    y = sound.sigmoid(x)
    return y * (1 - y) * (1 - 2 * y)


def slope_by_a_central_difference(x: Array) -> Array:
    """A numerical derivative with the chapter's step."""
    return (sound.sigmoid(x + 1e-4) - sound.sigmoid(x - 1e-4)) / 2e-4


def slope_by_a_forward_difference(x: Array) -> Array:
    """A one-sided difference."""
    return (sound.sigmoid(x + 1e-6) - sound.sigmoid(x)) / 1e-6


def slope_of_clipped_values(x: Array) -> Array:
    """Values clipped at 1e-7: a slope where there is none."""
    y = np.clip(sound.sigmoid(x), 1e-7, 1 - 1e-7)
    return y * (1 - y)


def slope_in_float32(x: Array) -> Array:
    """Single precision inside."""
    y = sound.sigmoid(x.astype(np.float32))
    return (y * (1 - y)).astype(float)


def slope_in_its_argument(x: Array) -> Array:
    """The value is kept in the caller's array."""
    if x.dtype.kind == "f":
        x[...] = sound.sigmoid(x)
        return x * (1 - x)
    y = sound.sigmoid(x)
    return y * (1 - y)


def slope_truncated(x: Array) -> Array:
    """Filled into zeros_like(x), which truncates for integers."""
    y = sound.sigmoid(x)
    result = np.zeros_like(x)
    result[...] = y * (1 - y)
    return result


def slope_summed(x: Array) -> Any:
    """The sum over all numbers."""
    y = sound.sigmoid(x)
    return np.sum(y * (1 - y))


def slope_as_a_matrix(x: Array) -> Array:
    """The whole diagonal Jacobian."""
    y = sound.sigmoid(x).ravel()
    return np.diag(y * (1 - y))


def slope_of_tails_that_do_not_match(x: Array) -> Array:
    """y(x) y(x) in place of y(x) y(-x)."""
    return sound.sigmoid(x) * sound.sigmoid(x)


def slope_of_an_odd_exponential(x: Array) -> Array:
    """The absolute value is missing in one of two places."""
    return np.exp(-np.abs(x)) / (1 + np.exp(-x)) ** 2


def slope_in_torch_of_the_mean(x: Any) -> Any:
    """Autograd through the mean in place of the sum."""
    import torch

    x = x.detach().clone().requires_grad_()
    torch.sigmoid(x).mean().backward()
    return x.grad


# --------------------------------------------------------------------------------------------------------------- softmax_gradient


def jacobian_of(p: Array) -> Array:
    """The sound Jacobian from the shares, which the faults below spoil."""
    return p[..., :, None] * (np.eye(p.shape[-1]) - p[..., None, :])


def jacobian_diagonal_only(a: Array) -> Array:
    """p (1 - p) on the diagonal and nothing beside it."""
    p = sound.softmax(a)
    return (p * (1 - p))[..., None] * np.eye(a.shape[-1])


def jacobian_off_diagonal_only(a: Array) -> Array:
    """-p_i p_j everywhere: the Kronecker delta is missing."""
    p = sound.softmax(a)
    return -p[..., :, None] * p[..., None, :]


def jacobian_with_an_empty_diagonal(a: Array) -> Array:
    """-p_i p_j beside the diagonal, 0 on it."""
    return jacobian_of(sound.softmax(a)) * (1 - np.eye(a.shape[-1]))


def jacobian_with_a_plus(a: Array) -> Array:
    """diag(p) + p p^T."""
    p = sound.softmax(a)
    return p[..., :, None] * (np.eye(a.shape[-1]) + p[..., None, :])


def jacobian_with_the_opposite_sign(a: Array) -> Array:
    """p p^T - diag(p)."""
    return -jacobian_of(sound.softmax(a))


def jacobian_twice(a: Array) -> Array:
    """Twice the Jacobian."""
    return 2 * jacobian_of(sound.softmax(a))


def jacobian_as_for_the_sigmoid(a: Array) -> Array:
    """p (1 - p) elementwise: the shape of the input."""
    p = sound.softmax(a)
    return p * (1 - p)


def jacobian_of_the_value(a: Array) -> Array:
    """The logits taken for the shares: softmax is left out."""
    return jacobian_of(np.asarray(a, dtype=float))


def jacobian_of_log_softmax(a: Array) -> Array:
    """The identity less the shares."""
    return np.eye(a.shape[-1]) - sound.softmax(a)[..., None, :] * np.ones((a.shape[-1], 1))


def jacobian_summed_over_samples(a: Array) -> Array:
    """One Jacobian for the batch."""
    jacobian = jacobian_of(sound.softmax(a))
    return jacobian.sum(axis=0) if a.ndim == 2 else jacobian


def jacobian_averaged_over_samples(a: Array) -> Array:
    """Each sample's Jacobian divided by N."""
    return jacobian_of(sound.softmax(a)) / samples(a)


def jacobian_of_the_first_sample(a: Array) -> Array:
    """The first sample's Jacobian for all."""
    jacobian = jacobian_of(sound.softmax(a))
    return np.broadcast_to(jacobian[0], jacobian.shape) if a.ndim == 2 else jacobian


def jacobian_of_the_whole_batch(a: Array) -> Array:
    """diagflat and outer flatten the batch: (N K, N K)."""
    p = sound.softmax(a)
    return np.diagflat(p) - np.outer(p, p)


def jacobian_over_the_samples(a: Array) -> Array:
    """softmax over axis 0."""
    raised = np.exp(a - np.max(a, axis=0))
    return jacobian_of(raised / raised.sum(axis=0))


def jacobian_without_shift(a: Array) -> Array:
    """exp overflows from 710 on."""
    return jacobian_of(np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True))


def jacobian_with_the_batch_last(a: Array) -> Array:
    """(K, K, N) in place of (N, K, K)."""
    return np.moveaxis(jacobian_of(sound.softmax(a)), 0, -1) if a.ndim == 2 else jacobian_of(sound.softmax(a))


def jacobian_by_central_differences(a: Array) -> Array:
    """A numerical Jacobian with the chapter's step."""
    columns = []
    for k in range(a.shape[-1]):
        step = 1e-4 * np.eye(a.shape[-1])[k]
        columns.append((sound.softmax(a + step) - sound.softmax(a - step)) / 2e-4)
    return np.stack(columns, axis=-1)


def jacobian_in_float32(a: Array) -> Array:
    """Single precision inside."""
    return jacobian_of(sound.softmax(a.astype(np.float32))).astype(float)


def jacobian_shifting_in_place(a: Array) -> Array:
    """a -= max(a), in the caller's array."""
    a -= a.max(axis=-1, keepdims=True)
    return jacobian_of(sound.softmax(a))


def jacobian_squeezed(a: Array) -> Array:
    """Batches of one and single classes lose axes."""
    return jacobian_of(sound.softmax(a)).squeeze()


def jacobian_always_of_a_batch(a: Array) -> Array:
    """One sample comes back as a batch of one."""
    return jacobian_of(sound.softmax(np.atleast_2d(a)))


def jacobian_by_a_square_that_is_not_outer(a: Array) -> Array:
    """p * p in place of the outer product: every column is the same."""
    p = sound.softmax(a)
    return p[..., :, None] * np.eye(a.shape[-1]) - (p * p)[..., :, None]


def jacobian_by_loops_over_the_upper_triangle(a: Array) -> Array:
    """Only j >= i is filled in; the symmetry is forgotten."""
    return np.triu(jacobian_of(sound.softmax(a)))


def jacobian_in_torch_of_the_batch(a: Any) -> Any:
    """torch's jacobian of the whole batch: (N, K, N, K)."""
    import torch

    return torch.autograd.functional.jacobian(lambda v: torch.softmax(v, dim=-1), a)


# ---------------------------------------------------------------------------------------------------- mean_squared_error_gradient


def difference_without_the_mean(y: Array, t: Array) -> Array:
    """y - t: the division by N is missing."""
    return difference(y, t)


def difference_without_the_mean_by_loops(y: Array, t: Array) -> Array:
    """Plain Python, the same."""
    return np.array([u - v for u, v in zip(y.ravel().tolist(), t.ravel().tolist(), strict=True)]).reshape(y.shape)


def difference_over_all_entries(y: Array, t: Array) -> Array:
    """Divided by y.size."""
    return difference(y, t) / y.size


def difference_with_the_opposite_sign(y: Array, t: Array) -> Array:
    """t - y."""
    return difference(t, y) / samples(y)


def difference_twice(y: Array, t: Array) -> Array:
    """The half of the loss is forgotten."""
    return 2 * difference(y, t) / samples(y)


def difference_twice_over_all_entries(y: Array, t: Array) -> Array:
    """The gradient of the libraries' mean over everything."""
    return 2 * difference(y, t) / y.size


def difference_halved(y: Array, t: Array) -> Array:
    """The half of the loss is kept, the square is derived without its 2."""
    return 0.5 * difference(y, t) / samples(y)


def difference_over_len(y: Array, t: Array) -> Array:
    """len(y) is the number of classes for one sample."""
    return difference(y, t) / len(y)


def difference_with_a_plus(y: Array, t: Array) -> Array:
    """y + t."""
    return np.add(y, t, dtype=float) / samples(y)


def difference_without_the_target(y: Array, t: Array) -> Array:
    """y alone."""
    return np.asarray(y, dtype=float) / samples(t)


def difference_after_the_sigmoid(y: Array, t: Array) -> Array:
    """Times y (1 - y): the gradient one layer further down."""
    return difference(y, t) * y * (1 - y) / samples(y)


def difference_of_the_absolute_error(y: Array, t: Array) -> Array:
    """The sign of the difference."""
    return np.sign(difference(y, t)) / samples(y)


def difference_summed_over_samples(y: Array, t: Array) -> Array:
    """One gradient for the batch: (K,)."""
    return np.mean(np.atleast_2d(difference(y, t)), axis=0)


def difference_clipped(y: Array, t: Array) -> Array:
    """Clipped to [-1, 1], as against explosions."""
    return np.clip(difference(y, t), -1, 1) / samples(y)


def difference_in_place(y: Array, t: Array) -> Array:
    """y -= t, in the caller's array."""
    if y.dtype.kind != "f":
        return difference(y, t) / samples(y)
    y -= t
    y /= samples(y)
    return y


def difference_in_integers(y: Array, t: Array) -> Array:
    """Filled into zeros_like(t), which truncates for integer targets."""
    result = np.zeros_like(t)
    result[...] = difference(y, t) / samples(y)
    return result


def difference_by_floor_division(y: Array, t: Array) -> Array:
    """// in place of /."""
    return difference(y, t) // samples(y)


def difference_in_float32(y: Array, t: Array) -> Array:
    """Single precision inside."""
    return ((y.astype(np.float32) - t.astype(np.float32)) / samples(y)).astype(float)


def difference_by_numerical_gradient(y: Array, t: Array) -> Array:
    """The chapter's numerical gradient of the whole loss: rounding leaves ten digits at best."""
    result = np.zeros(y.shape)
    for index in np.ndindex(*y.shape):
        values = []
        for h in (1e-4, -1e-4):
            moved = y.astype(float)
            moved[index] += h
            values.append(0.5 * np.sum((moved - t) ** 2) / samples(y))
        result[index] = (values[0] - values[1]) / 2e-4
    return result


def difference_of_the_norm(y: Array, t: Array) -> Array:
    """The gradient of the length, not of its square."""
    d = difference(y, t)
    return d / np.maximum(np.linalg.norm(d, axis=-1, keepdims=True), 1e-300) / samples(y)


def difference_of_torch_accumulated(y: Any, t: Any) -> Any:
    """backward() twice without zeroing the gradient."""
    y = y.detach().clone().requires_grad_()
    for _ in range(2):
        ((y - t) ** 2).sum(-1).mean().div(2).backward()
    return y.grad


# ------------------------------------------------------------------------------------------------- gradients of the cross-entropies


def inside(y: Array) -> Array:
    """Where the floor does not act."""
    return (y >= FLOOR).astype(float)


def ratio_without_the_mean(y: Array, t: Array) -> Array:
    """-t / y: the division by N is missing."""
    return -inside(y) * t / floored(y)


def ratio_over_all_entries(y: Array, t: Array) -> Array:
    """Divided by y.size."""
    return -inside(y) * t / floored(y) / y.size


def ratio_with_the_opposite_sign(y: Array, t: Array) -> Array:
    """t / y."""
    return inside(y) * t / floored(y) / samples(y)


def ratio_twice(y: Array, t: Array) -> Array:
    """Twice the gradient."""
    return -2 * inside(y) * t / floored(y) / samples(y)


def ratio_unguarded(y: Array, t: Array) -> Array:
    """-t / y wherever y may be: 0 / 0 is nan."""
    return -1.0 * t / (y * samples(y))


def ratio_unguarded_but_for_zero(y: Array, t: Array) -> Array:
    """-t / y at the ones only, whatever the floor does to the loss."""
    with np.errstate(all="ignore"):
        return np.where(t == 0, 0.0, -1.0 * t / y) / samples(y)


def ratio_over_the_floor(y: Array, t: Array) -> Array:
    """-t / max(y, 1e-8): a hundred million below the floor, where the loss is flat."""
    return -1.0 * t / floored(y) / samples(y)


def ratio_with_the_chapters_offset(y: Array, t: Array) -> Array:
    """-t / (y + 1e-8), the gradient of another loss."""
    return -1.0 * t / (y + 1e-8) / samples(y)


def ratio_with_the_books_offset(y: Array, t: Array) -> Array:
    """-t / (y + 1e-7), the gradient of another loss."""
    return -1.0 * t / (y + 1e-7) / samples(y)


def ratio_at_the_logits(y: Array, t: Array) -> Array:
    """y - t: the softmax is derived along with the loss."""
    return (y - t) / samples(y)


def ratio_at_the_logits_without_the_mean(y: Array, t: Array) -> Array:
    """y - t without the division by N."""
    return y - t


def ratio_with_arguments_swapped(y: Array, t: Array) -> Array:
    """-y / t."""
    return -inside(t) * y / floored(t) / samples(y)


def ratio_without_the_target(y: Array, t: Array) -> Array:
    """-1 / y for every class."""
    return -inside(y) / floored(y) / samples(t)


def ratio_of_the_binary_form(y: Array, t: Array) -> Array:
    """-t / y + (1 - t) / (1 - y)."""
    return (-inside(y) * t / floored(y) + inside(1 - y) * (1 - t) / floored(1 - y)) / samples(y)


def ratio_in_bits(y: Array, t: Array) -> Array:
    """The gradient of the loss in bits."""
    return -inside(y) * t / floored(y) / samples(y) / np.log(2)


def ratio_squared(y: Array, t: Array) -> Array:
    """-t / y^2: derived twice."""
    return -inside(y) * t / floored(y) ** 2 / samples(y)


def ratio_through_the_logarithm(y: Array, t: Array) -> Array:
    """-t ln y: not derived at all, only not summed."""
    return -1.0 * t * np.log(floored(y)) / samples(y)


def ratio_tangential(y: Array, t: Array) -> Array:
    """Its mean over the classes taken off, as if y had to stay on the simplex."""
    gradient = -inside(y) * t / floored(y) / samples(y)
    return gradient - gradient.mean(axis=-1, keepdims=True)


def ratio_over_len(y: Array, t: Array) -> Array:
    """len(y) is the number of classes for one sample."""
    return -inside(y) * t / floored(y) / len(y)


def ratio_with_nan_hidden(y: Array, t: Array) -> Array:
    """nan_to_num over -t / y: 0 / 0 is well hidden, -1 / 0 becomes -1.8e308."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(-1.0 * t / y / samples(y))


def ratio_in_float32(y: Array, t: Array) -> Array:
    """Single precision inside."""
    y32 = y.astype(np.float32)
    return (-inside(y32) * t / floored(y32) / samples(y)).astype(np.float32).astype(float)


def ratio_writing_the_floor(y: Array, t: Array) -> Array:
    """numpy.maximum into the caller's array."""
    mask = inside(y)
    if y.dtype.kind == "f":
        np.maximum(y, FLOOR, out=y)
    return -mask * t / floored(y) / samples(y)


def ratio_by_numerical_gradient(y: Array, t: Array) -> Array:
    """A central difference of the whole loss."""
    result = np.zeros(y.shape)
    for index in np.ndindex(*y.shape):
        up, down = y.astype(float), y.astype(float)
        up[index] += 1e-4
        down[index] -= 1e-4
        difference = np.sum(t * np.log(floored(down))) - np.sum(t * np.log(floored(up)))
        result[index] = difference / 2e-4 / samples(y)
    return result


def label_ratio_without_the_mean(y: Array, labels: Any) -> Array:
    """The division by N is missing."""
    return ratio_without_the_mean(y, one_hot(labels, y.shape[-1]))


def label_ratio_over_all_entries(y: Array, labels: Any) -> Array:
    """Divided by y.size."""
    return ratio_over_all_entries(y, one_hot(labels, y.shape[-1]))


def label_ratio_with_the_opposite_sign(y: Array, labels: Any) -> Array:
    """1 / y at the labels."""
    return ratio_with_the_opposite_sign(y, one_hot(labels, y.shape[-1]))


def label_ratio_unguarded(y: Array, labels: Any) -> Array:
    """-1 / y at the labels, whatever the floor does to the loss."""
    result = np.zeros(y.shape)
    np.put_along_axis(result, np.asarray(labels)[..., None], -1 / picked(y, labels)[..., None] / samples(y), axis=-1)
    return result


def label_ratio_at_the_logits(y: Array, labels: Any) -> Array:
    """One taken off y at each label."""
    return (y - one_hot(labels, y.shape[-1])) / samples(y)


def label_ratio_of_every_label(y: Array, labels: Any) -> Array:
    """result[:, labels] fills whole columns."""
    rows, result = np.atleast_2d(y), np.zeros(np.atleast_2d(y).shape)
    columns = np.atleast_1d(labels)
    result[:, columns] = -(inside(rows) / floored(rows))[:, columns] / len(rows)
    return result.reshape(y.shape)


def label_ratio_of_the_previous_label(y: Array, labels: Any) -> Array:
    """Labels thought to start at 1."""
    hot = one_hot(np.asarray(labels) - 1, y.shape[-1])
    return -inside(y) * hot / floored(y) / samples(y)


def label_ratio_picked_only(y: Array, labels: Any) -> Array:
    """Only the entries at the labels: (N,)."""
    p = picked(y, labels)
    return -inside(p) / floored(p) / samples(y)


def label_ratio_in_its_argument(y: Array, labels: Any) -> Array:
    """y[n, label] -= 1 in the caller's array, in a line copied from the logits' gradient, then put back too late."""
    hot = one_hot(labels, y.shape[-1])
    result: Array = -inside(y) * hot / floored(y) / samples(y)
    if y.dtype.kind == "f":
        y -= hot
    return result


def either_ratio_at_the_logits(y: Array, t: Any) -> Array:
    """y - t for both encodings."""
    return (y - (t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1]))) / samples(y)


def either_ratio_unguarded(y: Array, t: Any) -> Array:
    """-t / y for both encodings: 0 / 0 is nan."""
    return -1.0 * (t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1])) / (y * samples(y))


def either_ratio_without_the_mean_for_labels(y: Array, t: Any) -> Array:
    """The division by N is missing for labels only."""
    if np.ndim(t) == y.ndim:
        return -inside(y) * t / floored(y) / samples(y)
    return -inside(y) * one_hot(t, y.shape[-1]) / floored(y)


def either_ratio_without_the_mean(y: Array, t: Any) -> Array:
    """The division by N is missing for both encodings."""
    return ratio_without_the_mean(y, t if np.ndim(t) == y.ndim else one_hot(t, y.shape[-1]))


# -------------------------------------------------------------------------------------------------- softmax_cross_entropy_gradient


def logits_without_the_mean(a: Array, t: Array) -> Array:
    """p - t: the division by N is missing."""
    return sound.softmax(a) - t


def logits_over_all_entries(a: Array, t: Array) -> Array:
    """Divided by a.size."""
    return (sound.softmax(a) - t) / a.size


def logits_with_the_opposite_sign(a: Array, t: Array) -> Array:
    """t - p."""
    return (t - sound.softmax(a)) / samples(a)


def logits_twice(a: Array, t: Array) -> Array:
    """Twice the gradient."""
    return 2 * (sound.softmax(a) - t) / samples(a)


def logits_without_the_target(a: Array, t: Array) -> Array:
    """p alone."""
    return sound.softmax(a) / samples(t)


def logits_without_softmax(a: Array, t: Array) -> Array:
    """a - t."""
    return (a - t) / samples(a)


def logits_with_arguments_swapped(a: Array, t: Array) -> Array:
    """The softmax of the target less the logits."""
    return (sound.softmax(t) - a) / samples(a)


def logits_with_a_plus(a: Array, t: Array) -> Array:
    """p + t."""
    return (sound.softmax(a) + t) / samples(a)


def logits_through_sigmoids(a: Array, t: Array) -> Array:
    """The sigmoid in place of the softmax."""
    return (sound.sigmoid(a) - t) / samples(a)


def logits_without_shift(a: Array, t: Array) -> Array:
    """exp overflows from 710 on."""
    return (np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True) - t) / samples(a)


def logits_shifted_by_the_batch_maximum(a: Array, t: Array) -> Array:
    """One maximum for all rows: 0 / 0 for a row far below it."""
    raised = np.exp(a - a.max())
    return (raised / raised.sum(axis=-1, keepdims=True) - t) / samples(a)


def logits_over_the_samples(a: Array, t: Array) -> Array:
    """softmax over axis 0."""
    raised = np.exp(a - a.max(axis=0))
    return (raised / raised.sum(axis=0) - t) / samples(a)


def logits_by_the_chain_rule(a: Array, t: Array) -> Array:
    """-t / p times the Jacobian: 0 / 0 once a share has underflowed."""
    p = sound.softmax(a)
    return np.einsum("...i,...ij->...j", -1.0 * t / p, jacobian_of(p)) / samples(a)


def logits_by_the_diagonal_chain_rule(a: Array, t: Array) -> Array:
    """-t / p times p (1 - p): the Jacobian's diagonal only."""
    return -1.0 * t * (1 - sound.softmax(a)) / samples(a)


def logits_twice_softmaxed(a: Array, t: Array) -> Array:
    """The softmax of the softmax."""
    return (sound.softmax(sound.softmax(a)) - t) / samples(a)


def logits_of_the_chapters_loss(a: Array, t: Array) -> Array:
    """The exact gradient of the loss with the offset 1e-8."""
    p = sound.softmax(a)
    share = t * p / (p + 1e-8)
    return (p * share.sum(axis=-1, keepdims=True) - share) / samples(a)


def logits_times_the_slope(a: Array, t: Array) -> Array:
    """(p - t) p (1 - p): the squared error's gradient through a sigmoid."""
    p = sound.softmax(a)
    return (p - t) * p * (1 - p) / samples(a)


def logits_rounded_off(a: Array, t: Array) -> Array:
    """The shares rounded to seven decimals first."""
    return (np.round(sound.softmax(a), 7) - t) / samples(a)


def logits_of_kept_shares(a: Array, t: Array) -> Array:
    """Gradients below 1e-12 are made 0."""
    gradient = (sound.softmax(a) - t) / samples(a)
    return np.where(np.abs(gradient) < 1e-12, 0.0, gradient)


def logits_over_len(a: Array, t: Array) -> Array:
    """len(a) is the number of classes for one sample."""
    return (sound.softmax(a) - t) / len(a)


def logits_averaged_over_the_batch(a: Array, t: Array) -> Array:
    """One gradient for the batch: (K,)."""
    return np.mean(np.atleast_2d(sound.softmax(a) - t), axis=0)


def logits_as_if_target_were_certain(a: Array, t: Array) -> Array:
    """Written in place into a copy, but only the first sample's target is taken off."""
    gradient = np.atleast_2d(sound.softmax(a)).copy()
    gradient[0] -= np.atleast_2d(t)[0]
    return (gradient / samples(a)).reshape(a.shape)


def logits_in_float32(a: Array, t: Array) -> Array:
    """Single precision inside."""
    return ((sound.softmax(a.astype(np.float32)) - t.astype(np.float32)) / samples(a)).astype(float)


def logits_shifting_in_place(a: Array, t: Array) -> Array:
    """a -= max(a), in the caller's array."""
    a -= a.max(axis=-1, keepdims=True)
    return (sound.softmax(a) - t) / samples(a)


def logits_taken_off_the_target(a: Array, t: Array) -> Array:
    """The answer is written into the target."""
    gradient = (sound.softmax(a) - t) / samples(a)
    if t.dtype.kind == "f":
        t[...] = gradient
    return gradient


def logits_by_numerical_gradient(a: Array, t: Array) -> Array:
    """A central difference of the whole loss, in double precision."""
    result = np.zeros(a.shape)
    for index in np.ndindex(*a.shape):
        values = []
        for h in (1e-4, -1e-4):
            moved = a.astype(float)
            moved[index] += h
            values.append(-np.sum(t * sound.log_softmax(moved)) / samples(a))
        result[index] = (values[0] - values[1]) / 2e-4
    return result


def logits_off_by_a_millionth(a: Array, t: Array) -> Array:
    """Label smoothing that was left at a millionth."""
    return (sound.softmax(a) - (1 - 1e-6) * t - 1e-6 / a.shape[-1]) / samples(a)


_PREVIOUS: list[Array] = []


def logits_with_momentum(a: Array, t: Array) -> Array:
    """A tenth of the previous call's gradient is mixed in, if the shapes agree."""
    gradient = (sound.softmax(a) - t) / samples(a)
    mixed = gradient + 0.1 * _PREVIOUS[0] if _PREVIOUS and _PREVIOUS[0].shape == gradient.shape else gradient
    _PREVIOUS[:] = [mixed]
    return mixed


def logits_by_loops_with_a_fixed_batch(a: Array, t: Array) -> Array:
    """Divided by the book's batch size of 100."""
    rows = np.atleast_2d(a).tolist()
    targets = np.atleast_2d(t).tolist()
    result = []
    for row, target in zip(rows, targets, strict=True):
        total = math.fsum(math.exp(v - max(row)) for v in row)
        result.append(
            [
                (math.exp(v - max(row)) / total - w) / (100 if len(rows) > 1 else 1)
                for v, w in zip(row, target, strict=True)
            ]
        )
    return np.array(result).reshape(a.shape)


def logits_of_torch_summed(a: Any, t: Any) -> Any:
    """Autograd through reduction="sum"."""
    from torch.nn import functional

    a = a.detach().clone().requires_grad_()
    functional.cross_entropy(a, t.to(a.dtype), reduction="sum").backward()
    return a.grad


def logits_of_jax_negated(a: Any, t: Any) -> Any:
    """jax.grad of the log-likelihood."""
    import jax

    return jax.grad(lambda v: (t * jax.nn.log_softmax(v)).sum(axis=-1).mean())(a)


def labelled_without_the_mean(a: Array, labels: Any) -> Array:
    """The division by N is missing."""
    return sound.softmax(a) - one_hot(labels, a.shape[-1])


def labelled_over_all_entries(a: Array, labels: Any) -> Array:
    """Divided by a.size."""
    return (sound.softmax(a) - one_hot(labels, a.shape[-1])) / a.size


def labelled_with_the_opposite_sign(a: Array, labels: Any) -> Array:
    """The descent direction in place of the gradient."""
    return (one_hot(labels, a.shape[-1]) - sound.softmax(a)) / samples(a)


def labelled_without_the_target(a: Array, labels: Any) -> Array:
    """The one is not taken off."""
    return sound.softmax(a) / np.size(labels)


def labelled_without_softmax(a: Array, labels: Any) -> Array:
    """One taken off the logits."""
    return (a - one_hot(labels, a.shape[-1])) / samples(a)


def labelled_taking_off_every_label(a: Array, labels: Any) -> Array:
    """p[:, labels] -= 1 takes one off in whole columns."""
    p = np.array(np.atleast_2d(sound.softmax(a)))
    p[:, np.atleast_1d(labels)] -= 1
    return (p / len(p)).reshape(a.shape)


def labelled_after_the_division(a: Array, labels: Any) -> Array:
    """p / N first, then the whole one is taken off."""
    return sound.softmax(a) / samples(a) - one_hot(labels, a.shape[-1])


def labelled_at_the_previous_label(a: Array, labels: Any) -> Array:
    """Labels thought to start at 1."""
    return (sound.softmax(a) - one_hot(np.asarray(labels) - 1, a.shape[-1])) / samples(a)


def labelled_without_shift(a: Array, labels: Any) -> Array:
    """exp overflows from 710 on."""
    return (np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True) - one_hot(labels, a.shape[-1])) / samples(a)


def labelled_with_integer_targets(a: Array, labels: Any) -> Array:
    """The label itself is taken off, not its one-hot row."""
    return (sound.softmax(a) - np.asarray(labels)[..., None]) / samples(a)


def labelled_in_its_argument(a: Array, labels: Any) -> Array:
    """The shares are written over the logits."""
    if a.dtype.kind != "f":
        return (sound.softmax(a) - one_hot(labels, a.shape[-1])) / samples(a)
    a[...] = sound.softmax(a)
    a -= one_hot(labels, a.shape[-1])
    a /= samples(a)
    return a


def labelled_in_float32(a: Array, labels: Any) -> Array:
    """Single precision inside."""
    return (
        ((sound.softmax(a.astype(np.float32)) - one_hot(labels, a.shape[-1])) / samples(a))
        .astype(np.float32)
        .astype(float)
    )


def labelled_of_torch_weighted(a: Any, labels: Any) -> Any:
    """Class weights that were left in: torch's mean is then a weighted one."""
    import torch
    from torch.nn import functional

    a = a.detach().clone().requires_grad_()
    weight = torch.linspace(1, 2, a.shape[-1], dtype=a.dtype)
    functional.cross_entropy(a, labels, weight=weight).backward()
    return a.grad


_SLOPE = "sigmoid_gradient"
_JACOBIAN = "softmax_gradient"
_SQUARED = "mean_squared_error_gradient"
_ONE_HOT = "cross_entropy_one_hot_gradient"
_LABELS = "cross_entropy_labels_gradient"
_ERROR = "cross_entropy_error_gradient"
_LOGITS = "softmax_cross_entropy_one_hot_gradient"
_LABELLED = "softmax_cross_entropy_labels_gradient"

SPECIMENS: tuple[Specimen, ...] = (
    faulty(_SLOPE, slope_of_the_value, "derivative_of_the_value"),
    faulty(_SLOPE, slope_with_the_opposite_sign, "opposite_sign"),
    faulty(_SLOPE, slope_twice, "factor_two"),
    faulty(_SLOPE, slope_with_a_plus, "plus_instead_of_minus"),
    faulty(_SLOPE, slope_of_tanh, "derivative_of_tanh"),
    faulty(_SLOPE, slope_from_tanh, "tanh_form_of_the_derivative", "loses the lower tail"),
    faulty(_SLOPE, slope_by_an_overflowing_square, "overflowing_square", "nan below -709"),
    faulty(_SLOPE, slope_by_an_overflowing_square_upwards, "overflowing_square", "nan above 709"),
    faulty(_SLOPE, slope_of_the_sigmoid_of_the_sigmoid, "sigmoid_twice"),
    faulty(_SLOPE, slope_forgotten, "value_in_place_of_the_derivative"),
    faulty(_SLOPE, slope_second, "second_derivative"),
    faulty(_SLOPE, slope_by_a_central_difference, "central_difference"),
    faulty(_SLOPE, slope_by_a_forward_difference, "forward_difference"),
    faulty(_SLOPE, slope_of_clipped_values, "clipped_value", "only beyond 16"),
    faulty(_SLOPE, slope_in_float32, "computed_in_float32"),
    faulty(_SLOPE, slope_in_its_argument, "writes_into_its_input"),
    faulty(_SLOPE, slope_truncated, "integers_truncated", "only for integer arrays"),
    faulty(_SLOPE, slope_summed, "summed"),
    faulty(_SLOPE, slope_as_a_matrix, "diagonal_matrix_returned"),
    faulty(_SLOPE, slope_of_tails_that_do_not_match, "square_of_the_value"),
    faulty(_SLOPE, slope_of_an_odd_exponential, "absolute_value_missing", "only below 0"),
    faulty(_JACOBIAN, jacobian_diagonal_only, "diagonal_only"),
    faulty(_JACOBIAN, jacobian_off_diagonal_only, "off_diagonal_only", "the diagonal is there, without its delta"),
    faulty(_JACOBIAN, jacobian_with_an_empty_diagonal, "empty_diagonal"),
    faulty(_JACOBIAN, jacobian_with_a_plus, "plus_instead_of_minus"),
    faulty(_JACOBIAN, jacobian_with_the_opposite_sign, "opposite_sign"),
    faulty(_JACOBIAN, jacobian_twice, "factor_two"),
    faulty(_JACOBIAN, jacobian_as_for_the_sigmoid, "elementwise_slope"),
    faulty(_JACOBIAN, jacobian_of_the_value, "derivative_of_the_value"),
    faulty(_JACOBIAN, jacobian_of_log_softmax, "jacobian_of_log_softmax"),
    faulty(_JACOBIAN, jacobian_summed_over_samples, "summed_over_samples_jacobian"),
    faulty(_JACOBIAN, jacobian_averaged_over_samples, "divided_by_the_samples", "only for N > 1"),
    faulty(_JACOBIAN, jacobian_of_the_first_sample, "first_sample_for_all", "only for N > 1"),
    faulty(_JACOBIAN, jacobian_of_the_whole_batch, "batch_flattened", "one sample is right"),
    faulty(_JACOBIAN, jacobian_over_the_samples, "softmax_over_samples_derived", "one sample is right"),
    faulty(_JACOBIAN, jacobian_without_shift, "overflowing_softmax", "only from 710 on"),
    faulty(_JACOBIAN, jacobian_with_the_batch_last, "batch_axis_last", "one sample is right"),
    faulty(_JACOBIAN, jacobian_by_central_differences, "central_difference"),
    faulty(_JACOBIAN, jacobian_in_float32, "computed_in_float32"),
    faulty(_JACOBIAN, jacobian_shifting_in_place, "writes_into_its_input"),
    faulty(_JACOBIAN, jacobian_squeezed, "squeezed", "only for N = 1 or K = 1"),
    faulty(_JACOBIAN, jacobian_always_of_a_batch, "always_a_batch", "only for one sample"),
    faulty(_JACOBIAN, jacobian_by_a_square_that_is_not_outer, "square_in_place_of_the_outer_product"),
    faulty(_JACOBIAN, jacobian_by_loops_over_the_upper_triangle, "upper_triangle_only", "only for K > 1"),
    faulty(_SQUARED, difference_without_the_mean, "missing_mean", "also the convention seed"),
    faulty(_SQUARED, difference_without_the_mean_by_loops, "missing_mean", "also the convention seed"),
    faulty(_SQUARED, difference_over_all_entries, "mean_over_entries"),
    faulty(_SQUARED, difference_with_the_opposite_sign, "opposite_sign"),
    faulty(_SQUARED, difference_twice, "factor_two"),
    faulty(_SQUARED, difference_twice_over_all_entries, "factor_two_over_entries", "also the convention pytorch"),
    faulty(_SQUARED, difference_halved, "half_kept"),
    faulty(_SQUARED, difference_over_len, "one_sample_divided_by_its_classes", "only for one sample"),
    faulty(_SQUARED, difference_with_a_plus, "plus_instead_of_minus"),
    faulty(_SQUARED, difference_without_the_target, "target_ignored"),
    faulty(_SQUARED, difference_after_the_sigmoid, "slope_of_the_sigmoid_included"),
    faulty(_SQUARED, difference_of_the_absolute_error, "sign_of_the_difference"),
    faulty(_SQUARED, difference_summed_over_samples, "mean_over_the_batch_returned"),
    faulty(_SQUARED, difference_clipped, "gradient_clipped", "only for differences beyond 1"),
    faulty(_SQUARED, difference_in_place, "writes_into_its_input"),
    faulty(_SQUARED, difference_in_integers, "integers_truncated", "only for integer targets"),
    faulty(_SQUARED, difference_by_floor_division, "floor_division"),
    faulty(_SQUARED, difference_in_float32, "computed_in_float32"),
    faulty(_SQUARED, difference_by_numerical_gradient, "central_difference"),
    faulty(_SQUARED, difference_of_the_norm, "gradient_of_the_length"),
    faulty(_ONE_HOT, ratio_without_the_mean, "missing_mean"),
    faulty(_ONE_HOT, ratio_over_all_entries, "mean_over_entries"),
    faulty(_ONE_HOT, ratio_with_the_opposite_sign, "opposite_sign"),
    faulty(_ONE_HOT, ratio_twice, "factor_two"),
    faulty(_ONE_HOT, ratio_unguarded, "guard_ignored", "nan at 0 / 0"),
    faulty(_ONE_HOT, ratio_unguarded_but_for_zero, "guard_ignored", "also the convention pytorch; only below 1e-8"),
    faulty(_ONE_HOT, ratio_over_the_floor, "floored_denominator", "only below 1e-8"),
    faulty(_ONE_HOT, ratio_with_the_chapters_offset, "offset_in_the_denominator", "also the convention seed"),
    faulty(_ONE_HOT, ratio_with_the_books_offset, "offset_in_the_denominator", "also the convention book"),
    faulty(_ONE_HOT, ratio_at_the_logits, "gradient_at_the_logits"),
    faulty(_ONE_HOT, ratio_at_the_logits_without_the_mean, "gradient_at_the_logits_without_mean"),
    faulty(_ONE_HOT, ratio_with_arguments_swapped, "arguments_swapped"),
    faulty(_ONE_HOT, ratio_without_the_target, "target_ignored"),
    faulty(_ONE_HOT, ratio_of_the_binary_form, "gradient_of_the_binary_form"),
    faulty(_ONE_HOT, ratio_in_bits, "gradient_in_bits"),
    faulty(_ONE_HOT, ratio_squared, "square_in_the_denominator"),
    faulty(_ONE_HOT, ratio_through_the_logarithm, "value_in_place_of_the_derivative"),
    faulty(_ONE_HOT, ratio_tangential, "projected_to_the_simplex"),
    faulty(_ONE_HOT, ratio_over_len, "one_sample_divided_by_its_classes", "only for one sample"),
    faulty(_ONE_HOT, ratio_with_nan_hidden, "nan_hidden", "only below 1e-8"),
    faulty(_ONE_HOT, ratio_in_float32, "computed_in_float32"),
    faulty(_ONE_HOT, ratio_writing_the_floor, "writes_into_its_input", "only with entries below the floor"),
    faulty(_ONE_HOT, ratio_by_numerical_gradient, "central_difference"),
    faulty(_LABELS, label_ratio_without_the_mean, "missing_mean"),
    faulty(_LABELS, label_ratio_over_all_entries, "mean_over_entries"),
    faulty(_LABELS, label_ratio_with_the_opposite_sign, "opposite_sign"),
    faulty(_LABELS, label_ratio_unguarded, "guard_ignored", "also the convention pytorch; only below 1e-8"),
    faulty(_LABELS, label_ratio_at_the_logits, "gradient_at_the_logits"),
    faulty(_LABELS, label_ratio_of_every_label, "columns_filled", "only for N > 1"),
    faulty(_LABELS, label_ratio_of_the_previous_label, "neighbouring_label"),
    faulty(_LABELS, label_ratio_picked_only, "picked_entries_returned"),
    faulty(_LABELS, label_ratio_in_its_argument, "writes_into_its_input"),
    faulty(_ERROR, either_ratio_at_the_logits, "gradient_at_the_logits"),
    faulty(_ERROR, either_ratio_unguarded, "guard_ignored", "nan at 0 / 0"),
    faulty(_ERROR, either_ratio_without_the_mean, "missing_mean"),
    faulty(_ERROR, either_ratio_without_the_mean_for_labels, "missing_mean_for_labels", "only for labels"),
    faulty(_LOGITS, logits_without_the_mean, "missing_mean"),
    faulty(_LOGITS, logits_over_all_entries, "mean_over_entries"),
    faulty(_LOGITS, logits_with_the_opposite_sign, "opposite_sign"),
    faulty(_LOGITS, logits_twice, "factor_two"),
    faulty(_LOGITS, logits_without_the_target, "target_ignored"),
    faulty(_LOGITS, logits_without_softmax, "softmax_forgotten"),
    faulty(_LOGITS, logits_with_arguments_swapped, "arguments_swapped"),
    faulty(_LOGITS, logits_with_a_plus, "plus_instead_of_minus"),
    faulty(_LOGITS, logits_through_sigmoids, "sigmoid_for_softmax"),
    faulty(_LOGITS, logits_without_shift, "overflowing_softmax", "only from 710 on"),
    faulty(
        _LOGITS, logits_shifted_by_the_batch_maximum, "shifted_by_batch_maximum", "only with rows far from each other"
    ),
    faulty(_LOGITS, logits_over_the_samples, "softmax_over_samples_derived", "one sample is right"),
    faulty(_LOGITS, logits_by_the_chain_rule, "chain_rule_through_ln", "nan once a share is 0"),
    faulty(_LOGITS, logits_by_the_diagonal_chain_rule, "diagonal_chain_rule"),
    faulty(_LOGITS, logits_twice_softmaxed, "softmax_of_softmax"),
    faulty(_LOGITS, logits_of_the_chapters_loss, "gradient_of_the_offset_loss", "also the convention seed"),
    faulty(_LOGITS, logits_times_the_slope, "slope_of_the_sigmoid_included"),
    faulty(_LOGITS, logits_rounded_off, "rounded_to_decimals"),
    faulty(_LOGITS, logits_of_kept_shares, "small_gradients_dropped", "only for gaps over 27"),
    faulty(_LOGITS, logits_over_len, "one_sample_divided_by_its_classes", "only for one sample"),
    faulty(_LOGITS, logits_averaged_over_the_batch, "mean_over_the_batch_returned"),
    faulty(_LOGITS, logits_as_if_target_were_certain, "first_target_only", "only for N > 1"),
    faulty(_LOGITS, logits_in_float32, "computed_in_float32"),
    faulty(_LOGITS, logits_shifting_in_place, "writes_into_its_input"),
    faulty(_LOGITS, logits_taken_off_the_target, "writes_into_its_input", "into the second argument"),
    faulty(_LOGITS, logits_by_numerical_gradient, "central_difference"),
    faulty(_LOGITS, logits_off_by_a_millionth, "label_smoothing", "by a millionth"),
    faulty(_LOGITS, logits_with_momentum, "stale_gradient", "keeps state: the first call is right"),
    faulty(_LOGITS, logits_by_loops_with_a_fixed_batch, "fixed_batch_size", "N = 1 and N = 100 are right"),
    faulty(_LABELLED, labelled_without_the_mean, "missing_mean"),
    faulty(_LABELLED, labelled_over_all_entries, "mean_over_entries"),
    faulty(_LABELLED, labelled_with_the_opposite_sign, "opposite_sign"),
    faulty(_LABELLED, labelled_without_the_target, "target_ignored"),
    faulty(_LABELLED, labelled_without_softmax, "softmax_forgotten"),
    faulty(_LABELLED, labelled_taking_off_every_label, "columns_filled", "only for N > 1"),
    faulty(_LABELLED, labelled_after_the_division, "target_not_divided", "only for N > 1"),
    faulty(_LABELLED, labelled_at_the_previous_label, "neighbouring_label"),
    faulty(_LABELLED, labelled_without_shift, "overflowing_softmax", "only from 710 on"),
    faulty(_LABELLED, labelled_with_integer_targets, "label_subtracted"),
    faulty(_LABELLED, labelled_in_its_argument, "writes_into_its_input"),
    faulty(_LABELLED, labelled_in_float32, "computed_in_float32"),
)
if installed("torch"):
    SPECIMENS += (
        faulty(_SLOPE, slope_in_torch_of_the_mean, "derivative_of_the_mean", array="torch"),
        faulty(
            _JACOBIAN, jacobian_in_torch_of_the_batch, "jacobian_of_the_batch", "one sample is right", array="torch"
        ),
        faulty(_SQUARED, difference_of_torch_accumulated, "factor_two", array="torch"),
        faulty(_LOGITS, logits_of_torch_summed, "missing_mean", array="torch"),
        faulty(_LABELLED, labelled_of_torch_weighted, "class_weights_left_in", array="torch"),
    )
if installed("jax"):
    SPECIMENS += (faulty(_LOGITS, logits_of_jax_negated, "opposite_sign", array="jax"),)
