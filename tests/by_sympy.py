"""The definition of a page in many digits, as SymPy's own printer for mpmath writes it: independent of balls, and of the page's program."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from mpmath import mp, mpf

from refmath.conventions import in_format
from refmath.spec import Formula, are_labels, is_single, setting, unpacked
from refmath.symbols import xdivy

#: Values as small as this are none of any format, nor of balls of the last precision, whatever they are.
NOTHING = mpf(10) ** -9000
#: So many digits of the result are right.
DIGITS = 45
#: With so many digits it is tried, one after the other, until the result does not change any more.
WORKING = (120, 500, 2000, 10000, 25000)


def value(page: Formula, *arguments: Any, convention: str | None = None, digits: int = 0, **parameters: Any) -> Any:
    """The value of a formula as an object array of mpmath numbers, in the shape of its output; parts one after the other, in a row. At least so many digits are carried."""
    first = np.asarray(arguments[0])
    chosen = in_format(setting(page, convention, **parameters), first.dtype.name)
    numbers = {**chosen.parameters, **chosen.constants}
    inputs = unpacked(page, arguments)
    single = is_single(page, inputs)
    of_any = page.inputs[0].axes == ("...",)
    parts = [(part.definition, part.output) for part in chosen.parts or page.parts] or [
        (chosen.definition, page.output)
    ]
    found = []
    for definition, output in parts:
        values = _settled(digits, definition, output, page, inputs, numbers)
        if of_any and output:
            values = values.reshape(first.shape)
        found.append(np.asarray(values[0], object) if single and output and output[0][1] == "N" else values)
    return np.concatenate([np.ravel(each) for each in found]) if page.parts else found[0]


def _settled(
    least: int, definition: Any, output: Any, page: Formula, inputs: Mapping[str, Any], numbers: Mapping[str, Any]
) -> Any:
    known, open_ = None, None
    for digits in (each for each in WORKING if each >= least):
        with mp.workdps(digits):
            values = _values(definition, output, page, inputs, numbers, known, open_)
        if known is not None:
            # What is 0 so far may be what has cancelled.
            open_ = [
                not _agree(one, other) or (not other and digits < WORKING[-1])
                for one, other in zip(known.ravel(), values.ravel(), strict=True)
            ]
            if not any(open_):
                return values
        known = values
    raise AssertionError(f"{page.name}: {WORKING[-1]} digits are not enough at {inputs}")


def _agree(one: Any, other: Any) -> bool:
    if mp.isnan(one) or mp.isnan(other):
        return bool(mp.isnan(one) and mp.isnan(other))
    if mp.isinf(other) or abs(other) < NOTHING:
        return bool(one == other or abs(one) < NOTHING)
    return bool(abs(one - other) <= abs(other) * mpf(10) ** -DIGITS)


def _values(
    definition: Any,
    output: Any,
    page: Formula,
    inputs: Mapping[str, Any],
    numbers: Mapping[str, Any],
    known: Any,
    wanted: list[bool] | None,
) -> Any:
    """The values of all entries, or those that are known and the others."""
    arrays, sizes, given = dict[str, Any](), dict[str, int](), dict[Any, Any]()
    for each in page.inputs:
        array = np.asarray(inputs[each.name])
        labels = are_labels(page, inputs, each)
        axes = ("N",) if each.axes == ("...",) else each.axes
        if each.axes == ("...",):
            array = array.reshape(-1)
        elif is_single(page, inputs) and each.axes[:1] == ("N",):
            array = array[None]
        assert labels == (each.kind == "labels"), "labels of either encoding are typed by hand"
        exact = [int(one) if labels else _number(one) for one in array.ravel()]
        arrays[str(each.symbol)] = np.array(exact, object).reshape(array.shape) if each.axes else exact[0]
        sizes.update(zip(axes, array.shape, strict=True))
    free = sorted((each for each in definition.free_symbols if not isinstance(each, sp.Indexed)), key=str)
    bases = {str(each.label): each for each in definition.atoms(sp.IndexedBase)}
    indices = [index for index, _ in output]
    for each in free:
        name = str(each)
        if each in indices or name in bases:
            continue
        if name in sizes:
            given[each] = _Size(sizes[name])
        elif name in numbers:
            given[each] = _exact(numbers[name])
        else:
            given[each] = arrays[name]
    names = [*bases.values(), *given, *indices]
    definition = definition.replace(xdivy, sp.Function("quotient"))
    function = sp.lambdify(names, definition, modules=[_OTHERS, "mpmath"])
    taken = [*(arrays[name] for name in bases), *given.values()]
    places = [range(sizes[axis]) for _, axis in output]
    values = [
        mpf(function(*taken, *place)) if wanted is None or wanted[at] else known.flat[at]
        for at, place in enumerate(itertools.product(*places))
    ]
    return np.array([*values, None], object)[:-1].reshape([len(each) for each in places])


class _Size(int):
    """The size of an axis: a whole number for sums, but what is divided by it is no float of Python's."""

    def __rtruediv__(self, above: Any) -> Any:
        return mpf(above) / int(self)


def _number(x: Any) -> Any:
    return mpf(int(x)) if np.asarray(x).dtype.kind in "iub" else mpf(float(x))


def _exact(number: Any) -> Any:
    if isinstance(number, sp.Rational):
        return mpf(int(number.p)) / int(number.q)
    return mpf(number)


#: What mpmath has under another name, or not at all.
_OTHERS = {
    "KroneckerDelta": lambda one, other: mpf(int(one == other)),
    "Heaviside": lambda x, at=0.5: mpf(int(x > 0)) if x else mpf(at),
    "Abs": abs,
    "UnevaluatedExpr": lambda x: x,
    "quotient": lambda x, y: mpf(0) if x == 0 else x / y if y else mp.sign(x) * mp.inf,
}
