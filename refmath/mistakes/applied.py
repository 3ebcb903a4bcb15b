"""Mistakes with arguments: something is applied to one first, two have changed places, one is ignored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import sympy as sp

from refmath.mistakes.change import Applied, Given
from refmath.mistakes.functions import sigmoid
from refmath.spec import Input

_inside = sp.Symbol("inside", integer=True, nonnegative=True)
#: Kinds of real numbers.
_NUMBERS = (
    "real",
    "floats",
    "gradients",
    "signs",
    "logits",
    "probabilities",
    "unit_interval",
    "signed_unit_interval",
    "one_hot",
    "targets",
    "targets_or_labels",
    "weights",
    "units",
    "features",
)


def _entries(entry: sp.Indexed) -> sp.Expr:
    """The entries of the sample that an entry belongs to, by an index of their own."""
    return entry.base[(*entry.indices[:-1], _inside)]


def arguments(given: Given) -> Iterator[Applied]:
    """What people do to arguments that are meant to be taken as they are."""
    arrays = [each for each in given.formula.inputs if each.axes and each.kind in _NUMBERS and not each.arrays]
    for one, other in itertools.combinations(arrays, 2):
        if one.axes == other.axes:
            names = str(one.symbol), str(other.symbol)
            entries = {names[0]: _taken_from(other), names[1]: _taken_from(one)}
            yield Applied("arguments_swapped", f"{one.name} and {other.name} have changed places.", entries, 0)
    for place, each in enumerate(arrays):
        yield from _of_numbers(each, given, place)
    for each in given.formula.inputs:
        if each.kind == "labels":
            yield from _of_labels(each, given)


def _taken_from(other: Input) -> Callable[[sp.Indexed], sp.Expr]:
    """The entry of another argument at the same place."""
    return lambda entry: other.symbol[entry.indices]


def _of_numbers(each: Input, given: Given, place: int) -> Iterator[Applied]:
    name, symbol = each.name, str(each.symbol)

    def one(called: str, text: str, entry: Callable[[sp.Indexed], sp.Expr], rank: int = 1) -> Applied:
        return Applied(called, text, {symbol: entry}, rank)

    size = given.sizes.get(each.axes[-1] if each.axes[-1] != "..." else "N")
    if size is not None and place == 0:
        limits = (_inside, 0, size - 1)
        yield one(
            "softmax_applied_first",
            f"A softmax is applied to {name} first.",
            lambda entry: sp.exp(entry) / sp.Sum(sp.exp(_entries(entry)), limits),
            0,
        )
        yield one(
            "normalised_first",
            f"{name} is divided by its sum first.",
            lambda entry: entry / sp.Sum(_entries(entry), limits),
            2,
        )
        yield one(
            "normalised_first",
            f"{name} is divided by its length first.",
            lambda entry: entry / sp.sqrt(sp.Sum(_entries(entry) ** 2, limits)),
            2,
        )
    if place == 0:
        yield one("sigmoid_applied_first", f"A sigmoid is applied to {name} first.", sigmoid, 0)
        yield one("exp_applied_first", f"The exponential of {name} is taken first.", sp.exp)
        yield one("log_applied_first", f"The logarithm of {name} is taken first.", sp.log)
        yield one("tanh_applied_first", f"The hyperbolic tangent of {name} is taken first.", sp.tanh, 2)
        yield one("scaled_argument", f"{name} is multiplied by 2 first.", lambda entry: 2 * entry)
    yield one("sign_of_an_argument", f"The sign of {name} is wrong.", lambda entry: -entry)
    yield one("absolute_value_first", f"The absolute value of {name} is taken first.", sp.Abs, 2)
    if each.kind in ("probabilities", "unit_interval", "targets", "one_hot", "real"):
        yield one("complement_first", f"1 − {name} is taken for {name}.", lambda entry: 1 - entry)
    if place > 0:
        yield one("argument_ignored", f"{name} is ignored, as if it were 0.", lambda _: sp.Integer(0))
        yield one("argument_ignored", f"{name} is ignored, as if it were 1.", lambda _: sp.Integer(1))
    if each.kind in ("real", "signs") and place > 0:
        yield one("signs_from_zeros_and_ones", f"2 {name} − 1 is taken for {name}.", lambda entry: 2 * entry - 1, 2)
        yield one("zeros_and_ones_from_signs", f"({name} + 1)/2 is taken for {name}.", lambda entry: (entry + 1) / 2, 2)


def _of_labels(each: Input, given: Given) -> Iterator[Applied]:
    size = given.sizes.get(each.classes)
    if size is not None:
        for step, told in (
            (-1, "from 1: the class before its own is taken"),
            (1, "one too low: the class after its own is taken"),
        ):
            text = f"The {each.name} are counted {told}."
            yield Applied("labels_off_by_one", text, {str(each.symbol): _shifted(step, size)}, 0)


def _shifted(step: int, size: sp.Symbol) -> Callable[[sp.Indexed], sp.Expr]:
    """The label that is so many classes further, counted around."""
    return lambda entry: sp.Mod(entry + step, size)
