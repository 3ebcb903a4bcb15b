"""How far a search went: the largest sizes, the number types, layouts and parameters that it tried."""

from __future__ import annotations

import math

import numpy as np

from refmath.conventions import not_defined
from refmath.kinds.kind import CLASSES
from refmath.oracle.reporting.findings import Extent
from refmath.oracle.searching.search import Search
from refmath.spec import argument_names


def extent(search: Search) -> Extent:
    """How far a search went, in all that the candidate does not decline."""
    formula, probes = search.formula, [trial.probe for trial in search.taken]
    sizes: dict[str, int] = {}
    for probe in probes:
        for each in formula.inputs:
            value = probe.inputs[each.name]
            if each.is_function or each.is_number:
                continue
            shape = (sum(map(np.size, value.values())),) if isinstance(value, dict) else np.shape(value)
            names = ("entries",) if each.axes == ("...",) else each.axes
            if names == ("entries",):
                shape = (int(np.prod(shape, dtype=int)),)
            for axis, size in zip(names[len(names) - len(shape) :], shape, strict=False):
                if not (each.kind == "targets_or_labels" and len(shape) < len(names)):
                    sizes[axis] = max(size, sizes.get(axis, 0))
    parameters = {
        name: tuple(dict.fromkeys([default, *(p.parameters[name] for p in probes if name in p.parameters)]))
        for name, default in search.parameters.items()
    } | {name: (value,) for name, value in search.set_to.items()}
    return Extent(
        sizes=sizes,
        types=tuple(dict.fromkeys(dtype for probe in probes for dtype in probe.types.values())),
        layouts=tuple(dict.fromkeys(probe.layout for probe in probes if probe.layout != "plain")),
        parameters=parameters,
        defaults=tuple(name for name in formula.parameters if name not in parameters),
        order=_order(search),
        certified=_certified(search),
        set_to=dict(search.set_to),
        dropped={class_: search.dropped[class_] for class_ in CLASSES},
        not_defined=not_defined(search.setting.domain),
    )


def _order(search: Search) -> tuple[str, ...]:
    """The arguments in the order in which the candidate takes them."""
    names, order = argument_names(search.formula), search.calling.order
    return (*(names[place] for place in order), *names[len(order) :])


def _certified(search: Search) -> tuple[int, int] | None:
    """How many entries of the largest answer of which only some were certified, and how many it has."""
    some = [trial.interval for trial in search.taken if trial.interval.entries is not None]
    counts = [(len(each.exact), math.prod(each.shape)) for each in some]
    return max(counts, key=lambda count: count[1], default=None)
