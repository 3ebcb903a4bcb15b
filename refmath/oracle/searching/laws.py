"""Whether a law holds for an implementation: both sides are computed in balls as wide as the acceptance interval."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, ctx

from refmath.balls.acceptance import Acceptance
from refmath.balls.evaluate import as_balls, in_parts
from refmath.balls.formats import Format
from refmath.spec import AtLeast, Input, Law, Relation, Setting, are_labels, packed, unpacked

_PRECISION = 256

#: Calls the implementation; raises `NoAnswer` if it does not answer with an array of the right shape.
Call = Callable[[dict[str, Any]], Any]
#: The acceptance interval at some inputs; None where nothing can be said.
Interval = Callable[[dict[str, Any]], Acceptance | None]


class Broken(Exception):
    """The implementation's answer is no number that the law could be held against."""


class NoAnswer(Exception):
    """The implementation raised, or gave nothing of the right shape: that says nothing about the law."""


class _OutsideDomain(Exception):
    """The law asks for an input that the format cannot hold, or one where nothing can be said."""


def holds(
    law: Law,
    setting: Setting,
    inputs: dict[str, Any],
    format_: Format,
    call: Call,
    interval: Interval,
) -> bool | None:
    """Whether the law holds at the inputs; None if it says nothing about them, or the implementation gave no answer.

    Args:
        law: The law.
        setting: The formula and its conventions.
        inputs: The formula's inputs by name.
        format_: The number format of the implementation.
        call: The implementation, as it is to be called for the inputs that the law makes from these.
        interval: The acceptance interval at such inputs.
    """
    formula = setting.formula
    exactly = {
        each.name: _exactly(inputs[each.name], each, labels=are_labels(formula, inputs, each))
        for each in formula.inputs
    }

    def array(name: str, argument: Any) -> Any:
        # What a law leaves alone comes as it was drawn: integers as integers, a rate in float64.
        if argument is exactly[name]:
            return inputs[name]
        if callable(argument):
            return argument
        if isinstance(argument, dict):
            return {key: _floats(each, format_) for key, each in argument.items()}
        return np.asarray(argument) if _is_labels(argument) else _floats(argument, format_)

    def implementation(*arguments: Any) -> Any:
        given = {name: array(name, argument) for name, argument in unpacked(formula, arguments).items()}
        accepted = interval(given)
        if accepted is None or not np.all(accepted.said):
            raise _OutsideDomain
        got = np.asarray(call(given), np.float64)
        balls = np.empty(got.shape, object)
        for index in np.ndindex(got.shape):
            if not np.isfinite(got[index]):
                if not accepted.accepts(got)[index]:
                    raise Broken
                balls[index] = _infinite(float(got[index]), float(accepted.low[index]), float(accepted.high[index]))
            else:
                balls[index] = arb(float(got[index]), accepted.allowance.item(index))
        return in_parts(setting, given, balls[()])

    arguments = packed(formula, exactly)
    decided = None
    with ctx.workprec(_PRECISION), contextlib.suppress(_OutsideDomain):
        try:
            for relation in law.relations(implementation, *arguments):
                decided = True
                if not _possible(relation):
                    return False
        except Broken:
            return False
        except NoAnswer:
            return None
    return decided


def _infinite(got: float, low: float, high: float) -> Any:
    """An accepted infinity as a ball: where the exact value is finite and only beyond the format's range, any number."""
    if low == high == got:
        return arb.pos_inf() if got > 0 else arb.neg_inf()
    return arb(0, math.inf)


def _possible(relation: Relation) -> bool:
    """Whether some points of the two sides' balls satisfy the relation."""
    left, right = np.asarray(relation.left, object), np.asarray(relation.right, object)
    if left.shape != right.shape and right.shape != ():
        return False
    for a, b in zip(left.flat, np.broadcast_to(right, left.shape).flat, strict=True):
        if a is None or b is None:  # which would be zero for flint
            raise TypeError("the sides of a relation must be numbers; got None")
        a, b = arb(a), arb(b)
        if a.is_nan() or b.is_nan():
            return False
        if isinstance(relation, AtLeast):
            if a < b:
                return False
        elif not a.overlaps(b):
            return False
    return True


def _is_labels(argument: Any) -> bool:
    return isinstance(argument, int | np.integer) or (isinstance(argument, np.ndarray) and argument.dtype.kind in "iu")


def _exactly(values: Any, meant: Input, *, labels: bool) -> Any:
    """Real inputs become exact balls, integer arrays that stand for them too; labels stay integers."""
    if meant.is_function or meant.is_whole_number:
        return values
    if isinstance(values, dict):
        return {key: as_balls(value)[()] for key, value in values.items()}
    return values[()] if labels else as_balls(values)[()]


def _floats(balls: Any, format_: Format) -> Any:
    """The numbers that exact balls hold, if the format can hold each of them."""
    balls = np.asarray(balls, object)
    values = np.array([float(arb(ball).mid()) for ball in balls.flat], np.float64).reshape(balls.shape)
    for ball, value in zip(balls.flat, values.flat, strict=True):
        exact = np.isfinite(value) and arb(value) == arb(ball) and arb(ball).is_exact()
        if not exact or format_.nearest(*map(int, arb(value).man_exp())) != value:
            raise _OutsideDomain
    return values.astype(format_.dtype())
