r"""The options that all cross-entropies have: another reduction, weights of the classes, labels that are ignored, smoothed labels.

With the costs $L_{nk} = -\ln p_{nk}$ of a sample's classes and the class weights w, which are 1 unless they are given:

- **Labels.** $E_n = (1 - \varepsilon) w_{l_n} L_{n l_n} + \frac{\varepsilon}{K} \sum_k w_k L_{nk}$, and 0 where the label is the one that is ignored. The mean is
  $\sum_n E_n$ over the sum of $w_{l_n}$ of the samples that count: without weights, over their number. If none counts it is 0/0, nan.
- **Targets**, one-hot or soft. $E_n = \sum_k w_k \big((1 - \varepsilon) t_{nk} + \frac{\varepsilon}{K}\big) L_{nk}$, and the mean is over the N samples, whatever the weights.

`reduction="sum"` is the sum of the $E_n$, and `"none"` all of them, one a sample. The gradient is that of the mean or of the sum; under `"none"` that of the sum.
These are the definitions of PyTorch's `cross_entropy` (documentation of torch.nn.CrossEntropyLoss, version 2.13).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from refmath import arguments
from refmath.arguments import Array

Reduction = Literal["mean", "sum", "none"]

#: The options of a cross-entropy with labels, and of one with targets, where nothing is ignored.
OF_LABELS: Mapping[str, Any] = {
    "reduction": "mean",
    "class_weights": None,
    "ignore_index": None,
    "label_smoothing": 0.0,
}
OF_TARGETS: Mapping[str, Any] = {name: value for name, value in OF_LABELS.items() if name != "ignore_index"}

TEXTS: Mapping[str, str] = {
    "reduction": "`mean` over the samples that count, `sum`, or `none`: one loss a sample. A gradient under `none` is that of the sum.",
    "class_weights": "How much each class counts, of shape (K,). With labels the mean divides by the weights of the labels that count, with targets by N.",
    "ignore_index": "The label of samples that do not count; it need not be a class. If none counts the mean is nan.",
    "label_smoothing": "The share of each target that is spread evenly over all K classes, from 0 to below 1.",
}


# ---- what was given


def read(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are not at their defaults.

    Raises:
        TypeError: If a number is none, or the weights are no array of real numbers.
        ValueError: If the reduction is none of the three, the smoothing is not from 0 to below 1, the label to be ignored does not fit into 64 bits, or the weights are no vector of
            finite numbers that are not negative.
    """
    settled = {**defaults, **given}
    if not isinstance(settled["reduction"], str) or settled["reduction"] not in get_args(Reduction):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none'; got {settled['reduction']!r}")
    settled["label_smoothing"] = arguments.nonnegative("label_smoothing", settled["label_smoothing"])
    if settled["label_smoothing"] >= 1:
        raise ValueError(f"label_smoothing must be below 1; got {settled['label_smoothing']}")
    ignored = settled.get("ignore_index")
    if ignored is not None:
        settled["ignore_index"] = label_to_ignore(ignored)
    if settled["class_weights"] is not None:
        settled["class_weights"] = _weights(settled["class_weights"])
    return {name: value for name, value in settled.items() if np.ndim(value) or value != defaults[name]}


def label_to_ignore(value: Any) -> int:
    """The label of samples that do not count.

    Raises:
        TypeError: If it is no whole number.
        ValueError: If it does not fit into 64 bits.
    """
    ignored = arguments.integer("ignore_index", value)
    if not -(2**63) <= ignored < 2**63:
        raise ValueError(f"ignore_index must fit into 64 bits, as labels do; got {ignored}")
    return ignored


def of_labels(reduction: Any, class_weights: Any, ignore_index: Any, label_smoothing: Any) -> dict[str, Any]:
    """The options of a cross-entropy with labels that are not at their defaults; see `read`."""
    return read(OF_LABELS, dict(zip(OF_LABELS, (reduction, class_weights, ignore_index, label_smoothing), strict=True)))


def of_targets(reduction: Any, class_weights: Any, label_smoothing: Any) -> dict[str, Any]:
    """The same of one with targets."""
    return read(OF_TARGETS, dict(zip(OF_TARGETS, (reduction, class_weights, label_smoothing), strict=True)))


def _weights(value: Any) -> Array:
    weights = arguments.real("class_weights", value, dimensions=(1,))
    wide = weights.astype(np.float64)
    refused = ~((wide >= 0) & np.isfinite(wide))
    if refused.any():
        raise ValueError(f"class_weights must hold finite numbers that are not negative; got {wide[refused][0]}")
    return weights


# ---- the program


@dataclass(frozen=True)
class Weighed:
    """What each cost of a batch counts under some options.

    Attributes:
        shares: How much each class of each sample counts, (N, K) in float64 at least; 0 in a sample that is ignored.
        counts: Which samples count.
        divisor: What the sum is divided by, a number of the type of the shares; 0 if nothing counts.
        reduction: The reduction.
    """

    shares: Array
    counts: Array
    divisor: Any
    reduction: Reduction

    def loss(self, parts: Mapping[float, Array], dtype: Any) -> Any:
        """The costs of each class, weighed and reduced.

        Args:
            parts: The costs as a sum of parts, each of the shape of the shares, by the units in which they are counted: powers of two.
            dtype: The number type of the loss.
        """
        # A value beyond the number type is infinite; of nothing that counts the mean is 0/0.
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            counting = self.shares > 0
            rows = {unit: np.sum(self.shares * np.where(counting, part, 0), axis=-1) for unit, part in parts.items()}
            if self.reduction != "none":
                rows = {unit: np.sum(row) / self.divisor for unit, row in rows.items()}
            total = functools.reduce(np.add, (unit * row for unit, row in rows.items()))
            return np.asarray(total).astype(dtype)[()]

    def slope(self, divisor: Array, dtype: Any) -> Array:
        """The gradient by the probabilities: minus how much each class counts, over a divisor of the shape of the shares, in the number type."""
        # A quotient beyond the number type is infinite, as is one by a probability of 0 without a guard.
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            quotient = np.divide(self.shares, divisor, out=np.zeros_like(self.shares), where=self.shares > 0)
            # 0 − 0 is not −0.
            return np.asarray(0 - self._divided(quotient)).astype(dtype)

    def gradient(self, minus: Callable[[Array], Array], dtype: Any) -> Array:
        """The gradient by the logits: of each sample how much it counts, times its softmax less its shares of that.

        Args:
            minus: Gives the softmax less some targets.
            dtype: The number type of the gradient.
        """
        # What lies below the range is 0; a sample with nan among its logits is nan, and if classes of no weight alone count, 0/0.
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            total = np.sum(self.shares, axis=-1, keepdims=True)
            counting = total > 0
            targets = np.divide(self.shares, total, out=np.zeros_like(self.shares), where=counting)
            gradient = np.where(counting, total * minus(targets), 0)
            return self._divided(gradient).astype(dtype)

    def _divided(self, gradient: Array) -> Array:
        """A gradient by the divisor; of what does not count it is 0, even if nothing counts."""
        counting = np.broadcast_to(self.counts[..., np.newaxis], gradient.shape)
        divided: Array = np.divide(gradient, self.divisor, out=np.zeros_like(gradient), where=counting)
        return divided


def weighed(labels_or_targets: Array, like: Array, chosen: Mapping[str, Any], *, are_labels: bool) -> Weighed:
    """How much each cost counts.

    Args:
        labels_or_targets: Labels of the samples of `like`, those that are ignored among them, or targets of its shape.
        like: An array of K classes, of one sample or a batch.
        chosen: The options that are not at their defaults.
        are_labels: Which of the two they are.
    """
    classes = like.shape[-1]
    wide = np.promote_types(like.dtype, np.float64).type
    weights = np.ones(classes, wide)
    smoothing = wide(chosen.get("label_smoothing", 0.0))
    reduction = chosen.get("reduction", "mean")
    if "class_weights" in chosen:
        weights = chosen["class_weights"].astype(wide)
        if len(weights) != classes:
            raise ValueError(
                f"class_weights must hold one number for each of the {classes} classes; got {len(weights)}"
            )
        if are_labels and reduction == "mean":
            # Only their ratios count: their sum is to stay within the range.
            weights = np.ldexp(weights, -np.frexp(weights.max())[1])
    if are_labels:
        ignored = chosen.get("ignore_index")
        counts = np.ones(like.shape[:-1], bool) if ignored is None else np.asarray(labels_or_targets != ignored)
        certain = np.where(counts, labels_or_targets, 0)
        targets = (np.arange(classes) == certain[..., np.newaxis]).astype(wide)
        divisor = np.sum(np.where(counts, weights[certain], 0))
    else:
        counts, targets = np.ones(like.shape[:-1], bool), labels_or_targets.astype(wide)
        divisor = wide(counts.size)
    if smoothing:
        targets = (1 - smoothing) * targets + smoothing / classes
    shares = weights * targets * counts[..., np.newaxis]
    return Weighed(shares, counts, divisor if reduction == "mean" else wide(1), reduction)


def labels_of(name: str, value: Any, like: Array, like_name: str, chosen: Mapping[str, Any]) -> Array:
    """Labels, one for each sample; those that are ignored need not be classes.

    Raises:
        TypeError: If they are not integers.
        ValueError: If there is another number of them, or one is no class, and not ignored.
    """
    if "ignore_index" not in chosen:
        return arguments.labels(name, value, like, like_name)
    given = arguments.integers(name, value)
    ignored = given == chosen["ignore_index"]
    found = arguments.labels(name, np.where(ignored, 0, given), like, like_name)
    return np.where(ignored, chosen["ignore_index"], found.astype(np.int64))
