"""A candidate that was refused because it cannot be called as its formula is: what it takes in place of arrays, and which entry of a tuple is its answer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from refmath.catalogue import known
from refmath.oracle.candidates.calling import Calling, Handing
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.candidates.several_axes import MOST_BEHIND, dealt, has_classes
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.reporting.report import Report
from refmath.oracle.searching.search import Search, Trial, is_accepted
from refmath.spec import Formula, argument_names

#: What a candidate takes is known from so many inputs.
_ASKED = 6
#: No tuple that holds an answer has more entries.
_MOST = 8
#: What is said of a candidate that takes no arrays.
TOLD = {
    "numbers": "it takes no arrays: it was called with one number at a time",
    "lists": "it takes no arrays: it was called with lists",
}
#: The observations of a candidate that is called in another way.
Otherwise = Callable[[Calling], Callable[[dict[str, object]], Observation]]


def what_it_takes(search: Search, ask: Otherwise) -> Handing:
    """What a candidate takes in place of arrays, if it has refused every one of them by an error.

    Args:
        search: The search in which it was asked.
        ask: The candidate, called in another way.
    """
    calling = search.calling
    of_arrays = [trial for trial in search.trials if _holds_arrays(trial)]
    if not of_arrays or calling.handing != "arrays" or not all(trial.seen.declines for trial in of_arrays):
        return "arrays"
    plain = [trial for trial in of_arrays if trial.class_ == "typical" and trial.probe.is_plain][:_ASKED]
    others: tuple[Handing, ...] = ("numbers", "lists") if are_entry_by_entry(search.formula) else ("lists",)
    for handing in others:
        asked = ask(replace(calling, handing=handing))
        if plain and all(asked(trial.inputs).trouble is None for trial in plain):
            return handing
    return "arrays"


def are_entry_by_entry(formula: Formula) -> bool:
    """Whether each number of a formula's answer depends on nothing but the numbers in its place."""
    if len(formula.output) != 1 or formula.parts or any(each.axes != ("...",) for each in formula.inputs):
        return False
    # The shape of an array is among the symbols of its entries.
    entries = {each: sp.Dummy() for each in formula.definition.atoms(sp.Indexed)}
    rest = formula.definition.xreplace(entries)
    return not rest.has(sp.Sum) and formula.output[0][1] not in {each.name for each in rest.free_symbols}


def _holds_arrays(trial: Trial) -> bool:
    """Whether an input holds more than one number in one of its arrays."""
    return any(isinstance(value, np.ndarray) and value.size > 1 for value in trial.inputs.values())


def entry_of_a_tuple(report: Report, search: Search, ask: Otherwise) -> Diagnosis | None:
    """Which entry of the tuple that a candidate returns is right, if it returns one each time and an entry of it is.

    Args:
        report: What it was refused with.
        search: The search in which it was asked.
        ask: The candidate, called in another way.
    """
    answered = [trial for trial in search.trials if trial.seen.trouble == "type" and trial.seen.text.startswith(_TUPLE)]
    if report.conforms or search.calling.take is not None or len(answered) < len(search.trials) / 2:
        return None
    plain = [trial for trial in answered if trial.class_ == "typical" and trial.probe.is_plain][:_ASKED]
    for entry in range(_MOST):
        asked = ask(replace(search.calling, take=entry))
        seen = [(trial, asked(trial.inputs)) for trial in plain]
        if plain and all(is_accepted(each, trial.interval) for trial, each in seen):
            text = f"It returns a tuple, of which entry {entry} is right."
            return Diagnosis("mistake", "returns_a_tuple", text, repair=_repair(search.formula, entry))
        if any(each.trouble is not None and each.text.startswith(_TOO_SHORT) for _, each in seen):
            break
    return None


_TUPLE, _TOO_SHORT = (
    ("returned a tuple", "returned a list"),
    tuple(f"returned {n} values" for n in range(_MOST)),
)


def of_several_axes(search: Search, ask: Otherwise) -> Diagnosis | None:
    """That a candidate which is wrong on rows is right where samples are on several axes, and the classes on axis 1 or on the last one.

    Args:
        search: The search in which it was asked.
        ask: The candidate, called in another way.
    """
    if not has_classes(search.formula) or search.calling.columns or search.calling.classes:
        return None
    # So many samples that arrays of several of them have several places behind the classes, and not as many as there are classes.
    plain = [trial for trial in _plain_batches(search) if min(dealt(len(_first(trial)), 1)) > 1]
    plain = [trial for trial in plain if _first(trial).shape[1] not in (1, *dealt(len(_first(trial)), 1))][:_ASKED]
    if not plain or any(trial.accepted for trial in plain):
        return None
    places = tuple(range(len([each for each in search.formula.inputs if not each.by_name])))
    for last, behind in itertools.product((False, True), range(1, MOST_BEHIND + 1)):
        calling = replace(search.calling, classes=places, behind=behind, last=last)
        asked = ask(calling)
        if all(is_accepted(asked(trial.inputs), trial.interval) for trial in plain):
            name = "classes_last" if last else "classes_first"
            where = "samples on several axes" if last else "the classes on axis 1, as PyTorch does"
            text = f"It takes {where}: {_shape(calling)}. Such arrays are right."
            return Diagnosis("mistake", name, text, repair=f"If that is meant: --layout {name}.")
    return None


def divided_by_arrays(search: Search) -> Diagnosis | None:
    """That a mean over all places behind the classes is a sum over these, divided by the number of arrays alone."""
    calling, plain = search.calling, _plain_batches(search)
    if not calling.classes or search.formula.output or not plain:
        return None
    places = [math.prod(dealt(len(_first(trial)), calling.behind)[1:]) for trial in plain]
    counted = zip(plain, places, strict=True)
    right = [
        is_accepted(replace(each.seen, value=each.seen.value / many), each.interval)
        for each, many in counted
        if each.seen.trouble is None
    ]
    if len(right) < len(plain) or not all(right) or all(trial.accepted for trial in plain):
        return None
    text = f"The sum over all places of {_shape(calling)} is divided by N, not by the number of places."
    repair = "Divide by the number of places too: of losses (N, d) take losses.mean()."
    return Diagnosis("mistake", "divided_by_arrays", text, repair=repair)


def axes_behind(search: Search, ask: Otherwise) -> int:
    """How many axes there must be behind the classes, if a candidate has refused every batch with fewer; else 0.

    Args:
        search: The search in which it was asked.
        ask: The candidate, called in another way.
    """
    calling, plain = search.calling, _plain_batches(search)[:_ASKED]
    if not calling.classes or not plain or not all(trial.seen.trouble == "raised" for trial in plain):
        return 0
    more = range(calling.behind + 1, MOST_BEHIND + 1)
    asked = ((behind, ask(replace(calling, behind=behind))) for behind in more)
    # An axis of one place may be another matter.
    return next(
        (n for n, seen in asked if 2 * sum(seen(trial.inputs).trouble is None for trial in plain) > len(plain)), 0
    )


def of_axes(calling: Calling) -> str:
    """What shapes a candidate was handed, as a remark."""
    return f"it takes no other arrays than those of {calling.behind + 2} axes: it was called with {_shape(calling)}"


def _shape(calling: Calling) -> str:
    """The shape of the arrays whose samples are on several axes."""
    others = ("d", "e")[: calling.behind]
    return f"({', '.join(('N', *others, 'K') if calling.last else ('N', 'K', *others))})"


def _plain_batches(search: Search) -> list[Trial]:
    typical = [trial for trial in search.trials if trial.class_ == "typical" and trial.probe.is_plain]
    return [trial for trial in typical if np.ndim(_first(trial)) == 2 and not trial.probe.parameters]


def _first(trial: Trial) -> Any:
    return next(iter(trial.inputs.values()))


def raises_on_overflow(search: Search) -> Diagnosis | None:
    """That a function is right but where it raises an OverflowError, as Python's own `math.exp` and powers of floats do."""
    refused = [trial for trial in search.taken if not trial.accepted]
    if not refused or not all(trial.seen.text.startswith("raised OverflowError") for trial in refused):
        return None
    if search.calling.handing == "numbers":
        text = "It raises an OverflowError where an exponential is too large for a float, as math.exp does; NumPy gives ∞ there."
        repair = "Branch on the sign of x, so that nothing is exponentiated but negative numbers; or use np.exp."
    else:
        text = "It raises an OverflowError where a number is too large for a float, as Python's own floats do; NumPy gives ∞ there."
        repair = "Compute with NumPy's numbers instead of Python's; or take exponentials of negative numbers alone."
    return Diagnosis("mistake", "raises_on_overflow", text, repair=repair)


def _repair(formula: Formula, entry: int) -> str:
    told, gradient = f"Judge that entry: --take {entry}.", f"{formula.name}_gradient"
    if not formula.output and gradient in {each.name for each in known()}:
        told += f" If another one is the gradient: --against {gradient} --take {1 - entry if entry < 2 else 0}."
    return told


def as_parameter(name: str, called: str, value: float | None = None) -> str:
    """That a number of a function's own is taken for a parameter of the formula, or may be it."""
    if value is None:
        return f"its {called} is taken for the formula's {name}, and tried under other values"
    what = (
        f"its own {name} is {value:g}"
        if called == name
        else f"its {called} = {value:g} seems to be the formula's {name}"
    )
    return f"{what}; --param {name}={value:g} judges it by that"


def in_order(formula: Formula, order: Sequence[str], names: Sequence[str]) -> str:
    """That the names of a function's parameters say in which order it takes its arguments."""
    count = len(order)
    return (
        f"it takes {', '.join(order)} in this order, as the names of its parameters say ({', '.join(names[:count])}); "
        f"the formula's order is {', '.join(argument_names(formula))}"
    )
