"""Mistakes that operators make of a page's definition: a page says which, by the public name, and which law catches it.

What an operator does is written in `refmath/mistakes/`, and the program that makes the mistake evaluates what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from refmath.spec import NO_PROGRAM, Mistake, Relation

#: What makes them, as `Mistake.operator` has it, where that is not an operator of their own name.
_BY: Mapping[str, str] = {
    "opposite_sign": "× -1",
    "factor_two": "× 2",
    "missing_half": "× 2",
    "missing_mean": "× N",
    "sum_over_samples": "× N",
    "mean_over_entries": "× 1/K",
    "single_sample_divided_by_classes": "× 1/K in single samples",
    "softmax_twice": "softmax_applied_first",
    "softmax_over_samples": "over_samples in batches",
    "over_samples": "over_samples in batches",
    "softmax_over_everything": "over_everything",
}
#: What is said of them, where a page says nothing else.
_TEXTS: Mapping[str, str] = {
    "opposite_sign": "The sign is wrong: the minus before the sum is missing.",
    "missing_half": "The factor ½ is missing.",
    "missing_mean": "The 1/N of the mean over the samples is missing.",
    "sum_over_samples": "The batch's losses are added up, not averaged: the 1/N is missing.",
    "mean_over_entries": "Divided by all N·K entries instead of the N samples.",
    "single_sample_divided_by_classes": "A single sample (K,) is divided by K: its first axis is taken for the batch's.",
    "one_loss_a_sample": "One loss for each sample: the mean over the batch is not taken.",
    "first_sample_only": "Only the first sample of the batch is counted.",
    "base_two": "The logarithm is taken to base 2: bits instead of nats.",
    "base_ten": "The logarithm is taken to base 10.",
    "no_guard": "Nothing guards the logarithm: a probability of 0 gives ln 0, and 0 · ln 0 is nan.",
    "log_forgotten": "The logarithm is missing: only the targets' probabilities are averaged.",
    "one_added_inside_the_log": "ln(1 + y) instead of ln y, against ln 0: it is bounded, and no likelihood.",
    "guard_outside_log": "δ is added to the logarithm instead of inside it: ln 0 is still infinite.",
    "softmax_applied_first": "A softmax is applied first, though the output already holds probabilities.",
    "softmax_twice": "The softmax is applied twice: what is taken for logits are already probabilities.",
    "softmax_over_samples": "The softmax runs over the samples of the batch (axis 0), not over the classes.",
    "softmax_over_everything": "One softmax over the whole batch instead of one for each sample.",
    "arguments_swapped": "Logits and targets have changed places.",
}


def made(name: str, text: str = "", *, by: str = "", caught_by: Callable[..., Iterable[Relation]]) -> Mistake:
    """A mistake that an operator makes of the page's definition.

    Args:
        name: A noun or clause, by which people know it.
        text: What is wrong, in a sentence, if more is to be said than of every such mistake.
        by: What makes it, as `Mistake.operator` has it; by default what makes every such mistake.
        caught_by: A law that it breaks.
    """
    return Mistake(name, text or _TEXTS[name], NO_PROGRAM, caught_by.__name__, operator=by or _BY.get(name, name))
