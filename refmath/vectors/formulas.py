"""All cases of a formula: under its default in every format, under each convention, for each mistake, and the special ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import FORMULAS
from refmath.spec import Formula, setting
from refmath.vectors import mistakes, networks, quadratics, samples, special, trajectory
from refmath.vectors.cases import Case, case_of, interval, name_of
from refmath.vectors.drawing import Way
from refmath.vectors.stream import Stream

#: Formulas that have vectors. A numerical gradient takes a function, which is no data.
WITH_VECTORS = tuple(each for each in FORMULAS if each.domain != "function")
NAMES = (*(each.name for each in WITH_VECTORS), trajectory.NAME)

_FLOAT64 = FORMATS["float64"]


def ways(formula: Formula) -> list[Way]:
    """Every way of making inputs for a formula."""
    tables: dict[str, Callable[[Formula], list[Way]]] = {
        "samples": samples.ways,
        "network": networks.ways,
        "step": networks.ways,
        "descent": quadratics.ways,
    }
    return tables[formula.domain](formula)


def cases(formula: Formula, tick: Callable[[str], None] = lambda _what: None) -> Iterator[Case]:
    """All cases of a formula.

    Args:
        formula: One of `WITH_VECTORS`.
        tick: Called with a word on what is being done.
    """
    table, default = ways(formula), setting(formula)
    for format_ in FORMATS.values():
        tick(format_.name)
        yield from _standing(formula, None, table, format_)
    for convention in formula.conventions:
        for format_ in (_FLOAT64, FORMATS["float32"]):
            tick(convention.name)
            yield from _standing(formula, convention.name, table, format_)
        yield from mistakes.against_conventions(setting(formula, convention.name), table, tick)
    yield from mistakes.against_conventions(default, table, tick)
    yield from mistakes.cases(default, table, tick)
    yield from special.cases(formula)


def _standing(formula: Formula, convention: str | None, table: list[Way], format_: Format) -> Iterator[Case]:
    under = setting(formula, convention)
    for way in table:
        if format_.name in way.formats:
            # The same inputs under every convention: what differs is the value.
            stream = Stream(formula.name, format_.name, way.name)
            for place in range(1, 1 + _count(way, convention, format_)):
                inputs = way.draw(formula, stream, format_, place - 1)
                expected = interval(under, inputs, format_)
                if expected is not None:
                    name = name_of(convention, format_, way.name, place)
                    yield case_of(under, name, way.class_, way.name, inputs, format_, expected)


def _count(way: Way, convention: str | None, format_: Format) -> int:
    """How many inputs of a way: all of them in the two usual formats, a few in the small ones and under conventions."""
    if convention is None:
        return way.count if format_.bits >= FORMATS["float32"].bits else min(way.count, 1 + (way.class_ == "typical"))
    if format_ is _FLOAT64 and not way.is_a_shape:
        return min(way.count, 1 + (way.class_ == "typical"))
    return int(way.class_ == "typical")


def reasons(formula: Formula) -> dict[str, str]:
    """What each reason for a case means, in a sentence."""
    return {
        **{way.name: way.text for way in ways(formula)},
        **special.TEXTS,
        **mistakes.reasons(formula),
    }
