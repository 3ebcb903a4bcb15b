r"""Whether a form may say how far an honest answer may be off: it is the same function, is rounded as it says, and is no licence.

A form is believed only under four conditions:

1. **It equals the definition**, by proof: SymPy takes both apart until nothing is left of their difference. The largest of several numbers is any
   number to it, so nothing is proved by what it happens to be.
2. **It is evaluated as it says.** In each format, printed as a program whose every operation is rounded, it stays inside the interval that its own
   radius r gives, on inputs left as they are.
3. **r is not too large for it.** Somewhere in each class of inputs that program is off by r/64 or more.
4. **r is not too large for the formula.** On typical inputs, half of all entries and more have an r of at most $2^8$ times the conditioning and one unit
   in the last place, and none has more than $2^8$ times the conditioning and one unit in the last place of the larger of the value and 1. The
   conditioning is what the exact value moves by when each input moves by one unit in its last place. The definition itself, where a page names it among the
   forms, need only keep to the second bound: what the field writes down, such as $1 - \tanh^2(x)$, is honest, and may lose the digits of small values.

So $\sigma(x) + 10^{12} - 10^{12}$, which equals $\sigma(x)$ and is rounded as it says, is no form: it would accept $\sigma(x) \pm 10^{-4}$.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from refmath.balls.acceptance import acceptance, honest_radii
from refmath.balls.evaluate import as_balls, as_written, evaluate, read
from refmath.balls.formats import FORMATS, Format
from refmath.conventions import in_format, outside
from refmath.kinds.kind import BEYOND_RANGE, CLASSES, Class
from refmath.oracle.searching.probe import Probe
from refmath.oracle.searching.search import numbers_in
from refmath.oracle.searching.survey import Survey
from refmath.spec import Form, Setting, in_form, packed
from refmath.symbols import Largest, Smallest, xdivy, xlogy

#: The printed program is off by at least this share of the radius, somewhere in each class.
LEAST_SHARE = 1 / 64
#: A radius is at most so many times what conditioning and one rounding make of an answer.
MOST = 2.0**8
#: So many inputs of each class, of at most so many numbers.
_INPUTS, _NUMBERS = 12, 60
#: Enough for the exact values and how they move.
_PRECISION = 400


@dataclass(frozen=True)
class FormFigures:
    """What is measured of a form in one format.

    Attributes:
        format: The name of the format.
        outside: How many answers of the printed program lie outside the interval of its own radius.
        shares: By class, the largest error of the printed program, as a share of the radius.
        middle: On typical inputs, the middle one of the radii, as a multiple of conditioning and one unit in the last place.
        worst: The largest of them, as a multiple of conditioning and one unit in the last place of the larger of the value and 1.
    """

    format: str
    outside: int
    shares: Mapping[Class, float]
    middle: float
    worst: float


def faults(chosen: Setting, form: Form | None = None, formats: tuple[str, ...] = tuple(FORMATS)) -> list[str]:
    """What speaks against a form of a formula, in sentences; empty if nothing does.

    Args:
        chosen: The formula and its convention.
        form: One of its forms; without one the definition itself, as it is written.
        formats: The formats in which it is tried.
    """
    found = []
    as_told = chosen if form is None else in_form(chosen, form)
    if not all(itertools.starmap(is_proved, zip(definitions_of(chosen), definitions_of(as_told), strict=True))):
        found.append("it is not proved to equal the definition")
    for name in formats:
        told = figures(chosen, form, FORMATS[name])
        if told.outside:
            found.append(f"{name}: evaluated as it is written, it leaves its own interval {told.outside} times")
        found += [
            f"{name}, {class_}: it is off by no more than {share:.2g} of its radius, not by 1/64 anywhere"
            for class_, share in told.shares.items()
            if share < LEAST_SHARE
        ]
        if told.middle > MOST and (form is None or definitions_of(as_told) != definitions_of(chosen)):
            found.append(f"{name}: its radius is {told.middle:.2g} times conditioning and rounding on typical inputs")
        if told.worst > MOST:
            found.append(f"{name}: its radius is up to {told.worst:.2g} times conditioning and a rounding near one")
    return found


def definitions_of(chosen: Setting) -> list[sp.Expr]:
    """The definition of each array of the answer."""
    return [part.definition for part in chosen.parts] or [chosen.definition]


# ---- proof


def is_proved(definition: sp.Expr, form: sp.Expr) -> bool:
    """Whether SymPy proves that two expressions are equal, for all real inputs and all sizes.

    Examples:
        >>> from refmath import FORMULAS
        >>> softmax = next(each for each in FORMULAS if each.name == "softmax")
        >>> is_proved(softmax.definition, softmax.forms[0].definition)
        True
        >>> is_proved(softmax.definition, 2 * softmax.forms[0].definition)
        False
    """
    entries = (definition - form).atoms(sp.Indexed)
    if (definition - form).has(sp.Max, sp.Min, sp.Abs, sp.Piecewise) and len(entries) == 1:
        # What goes by the sign of one number is proved for either sign, and for 0.
        u = sp.Dummy(positive=True)
        pairs = [[each.subs(dict.fromkeys(entries, sign * u)) for each in (definition, form)] for sign in (1, -1, 0)]
        return all(is_proved(*each) for each in pairs)
    return any(_are_equal(*map(put, (definition, form))) for put in (_without_largest, _without_larger))


def _are_equal(left: sp.Expr, right: sp.Expr) -> bool:
    left, right = map(_taken_apart, (left, right))
    difference = sp.expand(left - right)
    # What is left of the sums are positive numbers to it.
    sums = dict.fromkeys(each.as_dummy() for each in difference.atoms(sp.Sum))
    named = {each: sp.Dummy(positive=True) for each in sums}
    return bool(sp.simplify(difference.replace(sp.Sum, lambda *parts: named[sp.Sum(*parts).as_dummy()])) == 0)


def _without_largest(expr: sp.Expr) -> sp.Expr:
    """The same with any real number in place of each largest one, another for each sample."""

    def any_number(largest: Any) -> Any:
        bound = largest.as_dummy()
        outer = sorted((each for each in largest.free_symbols if isinstance(each, sp.Symbol)), key=str)
        name = f"{type(largest).__name__}_{sp.srepr(bound.function.func)}_{len(bound.limits)}"
        return sp.Function(name, real=True)(*outer)

    return expr.replace(lambda part: isinstance(part, Largest | Smallest), any_number)


def _without_larger(expr: sp.Expr) -> sp.Expr:
    """The same with any real number in place of the larger of two, too."""
    named: dict[sp.Expr, str] = {}

    def any_number(larger: Any) -> Any:
        name = named.setdefault(larger, f"larger_{sp.srepr(larger)}")
        return (
            sp.Symbol(name, real=True)
            if not larger.free_symbols
            else sp.Function(name, real=True)(*sorted(larger.free_symbols, key=str))
        )

    return _without_largest(expr).replace(lambda part: isinstance(part, sp.Max), any_number)


def _taken_apart(expr: sp.Expr) -> sp.Expr:
    """An expression with exponentials of sums, logarithms of products, and sums of what does not depend on their index taken apart."""
    if not expr.args or isinstance(expr, sp.Indexed):
        return expr
    if isinstance(expr, sp.UnevaluatedExpr):
        return _taken_apart(expr.args[0])
    if isinstance(expr, xlogy | xdivy):
        # Where the first argument is 0, both are.
        return _taken_apart(expr.ordinary(*expr.args))
    if isinstance(expr, sp.Sum):
        return functools.reduce(_sum_taken_apart, expr.limits, _taken_apart(expr.function))
    args = [_taken_apart(each) if isinstance(each, sp.Expr) else each for each in expr.args]
    whole = expr.func(*args)
    if isinstance(whole, sp.Add):
        return _added_within(whole)
    if isinstance(whole, sp.exp):
        return sp.Mul(*(sp.exp(term) for term in sp.Add.make_args(sp.expand(whole.args[0]))))
    if isinstance(whole, sp.erfc):
        return 1 - sp.erf(whole.args[0])
    if isinstance(whole, sp.log):
        if whole.args[0].is_Add and whole.args[0].is_positive:
            whole = sp.log(sp.factor(whole.args[0]))
        # Exponentials and their sums, of which logarithms are taken here, are positive.
        return sp.expand_log(whole, force=True)
    return whole


def _added_within(total: sp.Expr) -> sp.Expr:
    """A sum in which a larger or a smaller of two stands, or is subtracted: what is added to it is added to both of them."""
    for term in total.args:
        for sign in (1, -1):
            inner = sign * term
            if isinstance(inner, sp.Max | sp.Min) and not (total - term).has(sp.Max, sp.Min):
                other = {sp.Max: sp.Min, sp.Min: sp.Max}[type(inner)]
                kind = type(inner) if sign > 0 else other
                return kind(*(_added_within(total - term + sign * each) for each in inner.args))
    return total


def _sum_taken_apart(summand: sp.Expr, limit: Any) -> sp.Expr:
    index, first, last = limit
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(summand)):
        alone, beside = term.as_independent(index, as_Add=False)
        at_the_first = sp.KroneckerDelta(index, first)
        if at_the_first in sp.Mul.make_args(beside) and (last - first).is_nonnegative:
            total += alone * (beside / at_the_first).subs(index, first)
        else:
            total += alone * sp.Sum(beside, limit)
    return total


# ---- measurement


def figures(chosen: Setting, form: Form | None, format_: Format) -> FormFigures:
    """What is measured of a form, or of the definition itself, in a format."""
    chosen = in_format(chosen, format_.name)
    # Its own radius is that of this form alone; the exact values are those of the definition.
    judged = replace(chosen, forms=(form,) if form is not None else ())
    written = chosen if form is None else in_form(chosen, form)
    leaving, shares = 0, dict.fromkeys(CLASSES, 0.0)
    relative: list[NDArray[np.float64]] = []
    absolute: list[NDArray[np.float64]] = []
    for probe in _probes(chosen, format_):
        if outside(chosen, probe.inputs):
            continue
        inputs = read(chosen, *packed(chosen.formula, probe.inputs))
        interval = acceptance(judged, inputs, format_, strict=True)
        if interval is None:
            continue
        with np.errstate(all="ignore"):
            got = as_written(written, inputs, format_.dtype()).astype(np.float64)
        # Where products leave the format's range on the way, no answer is asked for.
        if not any(way in BEYOND_RANGE for way in probe.ways.values()):
            leaving += int((~interval.accepts(got)).sum())
        radii = honest_radii(judged, inputs, format_, True, interval.exact, None)
        with np.errstate(all="ignore"):
            share = interval.ulps(got) * interval.ulp / radii
        told = share[np.isfinite(share)]
        shares[probe.class_] = max(shares[probe.class_], float(told.max(initial=0.0)))
        if probe.class_ == "typical":
            moved = conditioning(chosen, inputs, format_)
            ulps = [np.asarray(interval.ulp), format_.ulps(np.maximum(np.abs(interval.nearest), 1.0))]
            for found, ulp in zip((relative, absolute), ulps, strict=True):
                found.append((radii / (moved + ulp)).ravel())
    return FormFigures(
        format_.name,
        leaving,
        shares,
        float(np.median(np.concatenate(relative))),
        float(np.concatenate(absolute).max()),
    )


def _probes(chosen: Setting, format_: Format) -> Iterator[Probe]:
    """Small inputs of each class, in plain arrays."""
    count = dict.fromkeys(CLASSES, 0)
    for probe in Survey(chosen.formula, format_, 0, _INPUTS):
        if probe.is_plain and count[probe.class_] < _INPUTS and numbers_in(probe.inputs) <= _NUMBERS:
            count[probe.class_] += 1
            yield probe


def conditioning(chosen: Setting, inputs: Mapping[str, Any], format_: Format) -> NDArray[np.float64]:
    """What each exact entry moves by when every real input moves by one unit in its last place, in the worst case, to first order."""
    before = evaluate(chosen, dict(inputs), _PRECISION)
    moved = np.zeros(before.shape)
    # A far smaller step than a unit in the last place: what it moves is scaled back.
    step = 2.0**-80
    for each in chosen.formula.inputs:
        if each.kind == "labels" or each.is_whole_number:
            continue
        values = np.asarray(inputs[each.name])
        for place in itertools.product(*map(range, values.shape)):
            if values[place] == 0:
                continue
            balls = as_balls(values)
            balls[place] = balls[place] * (1 + as_balls(step)[()])
            after = evaluate(chosen, {**inputs, each.name: balls}, _PRECISION)
            ways = [abs(float((one - other).mid())) for one, other in zip(after.flat, before.flat, strict=True)]
            moved += np.reshape(ways, before.shape) * (format_.unit / step)
    return moved
