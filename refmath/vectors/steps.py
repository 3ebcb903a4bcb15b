r"""A hundred steps of an optimiser in a row, from a state of zeros: what the parameters and the state are after each of them.

$$(w_{k+1}, s_{k+1}) = \operatorname{step}(w_k, g_k, s_k), \qquad s_0 = 0$$

**The interval.** As for a training (`trajectory`), all steps are evaluated twice in balls: once at high precision, and once at the format's own, with the parameters and the gradients
widened by one unit in the last place. Each step takes the balls of the step before, radii and all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.acceptance import around
from refmath.balls.compile import compiled
from refmath.balls.evaluate import as_balls
from refmath.balls.exact import Enclosure
from refmath.balls.formats import FORMATS, Format
from refmath.kinds.draws import Draws
from refmath.oracle.candidates.candidate import renewed_by
from refmath.spec import ByFormat, Formula, Part, Setting, keyword_arguments, setting
from refmath.vectors.cases import Answer, Case, name_of

STEPS, ENTRIES = 100, 3
ENDING = "s"
TEXT = "A hundred steps in a row, each with a gradient of its own, from a state of zeros."


def is_step(page: Formula) -> bool:
    """Whether a formula is the step of an optimiser with a state."""
    return len(renewed_by(page)) > 1


def name(page: Formula) -> str:
    """What the file is called."""
    return page.name + ENDING


def call(page: Formula) -> str:
    """How the inputs are handed over."""
    numbered = ", numbered from 1" if any(each.is_whole_number for each in page.inputs) else ""
    state = " and ".join(renewed_by(page)[1:])
    return (
        f"{name(page)}(w, g): {page.name} once for each of the {STEPS} gradients g[k]{numbered}, with {state} of zeros at first; "
        f"all that it renews, after each step"
    )


def cases(page: Formula) -> Iterator[Case]:
    """The steps under the default in both usual formats, and under each convention in float64."""
    yield from (_case(setting(page), FORMATS[name]) for name in ("float64", "float32"))
    yield from (_case(setting(page, each.name), FORMATS["float64"]) for each in page.conventions)


def _case(chosen: Setting, format_: Format) -> Case:
    inputs = _inputs(chosen.formula, format_)
    certain = Enclosure(lambda precision: _trajectory(chosen, inputs, format_, precision))
    honest = np.array(
        [ball.rad().upper() for ball in _trajectory(chosen, inputs, format_, format_.bits, format_.unit)], object
    )
    found = around(certain, honest, format_)
    if found is None:
        raise ArithmeticError(f"the balls of {chosen.formula.name} have grown beyond all bounds")
    keys = [part.key for part in _parts(chosen)]
    answer = Answer(
        *(
            dict(zip(keys, flat.reshape(len(keys), STEPS, ENTRIES), strict=True))
            for flat in (found.nearest, found.low, found.high)
        )
    )
    id_ = name_of(chosen.convention, format_, "typical", 1)
    params = keyword_arguments(chosen)
    return Case(id_, "typical", "typical", chosen.convention, params, format_, inputs, "value", answer)


def _inputs(page: Formula, format_: Format) -> dict[str, Any]:
    draws = Draws(name(page))
    # Of all sizes, and one that is always 0.
    gradients = draws.signs((STEPS, ENTRIES)) * draws.magnitudes(-12, 4, (STEPS, ENTRIES))
    gradients[:, -1] = 0
    return {"w": _of(format_, draws.between(-2, 2, (ENTRIES,))), "g": _of(format_, gradients)}


def _of(format_: Format, values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(format_.name).astype(np.float64)


def _parts(chosen: Setting) -> tuple[Part, ...]:
    return chosen.parts or chosen.formula.parts


def _trajectory(
    chosen: Setting, inputs: dict[str, Any], format_: Format, precision: int, widen: float = 0.0
) -> NDArray[Any]:
    """All that is renewed, one after the other, after each step, in balls; flat."""
    page, parts = chosen.formula, _parts(chosen)
    index = parts[0].output[0][0]
    entries = {each.symbol[index]: sp.Symbol(f"{each.name}_", real=True) for each in page.inputs if each.axes}
    counted = [each.symbol for each in page.inputs if each.is_whole_number]
    numbers = {symbol.name: symbol for part in parts for symbol in part.definition.free_symbols}
    values = {
        numbers[key]: value.values.get(format_.name, value.values["float64"]) if isinstance(value, ByFormat) else value
        for key, value in {**chosen.parameters, **chosen.constants}.items()
        if key in numbers
    }
    symbols = (*entries.values(), *counted, *values)
    steps = [compiled(part.definition.xreplace(entries), symbols) for part in parts]
    told: list[list[Any]] = [[] for _ in parts]
    with ctx.workprec(precision):
        given = [arb(float(value)) if isinstance(value, float) else as_balls(value)[()] for value in values.values()]
        w, gradients = as_balls(inputs["w"], widen), as_balls(inputs["g"], widen)
        state = [w, *(as_balls(np.zeros(ENTRIES)) for _ in parts[1:])]
        for number, gradient in enumerate(gradients, 1):
            counts = [arb(number)] * len(counted)
            rows = [
                [step(*_row(page, parts, entry, state, gradient), *counts, *given) for entry in range(ENTRIES)]
                for step in steps
            ]
            state = [np.array(row, object) for row in rows]
            for kept, row in zip(told, rows, strict=True):
                kept += row
    return np.array([arb(ball) for row in told for ball in row], object)


def _row(page: Formula, parts: tuple[Part, ...], entry: int, state: list[Any], gradient: Any) -> list[Any]:
    """One entry of each array of a step, in the order of its arguments."""
    known = {part.key: values for part, values in zip(parts, state, strict=True)} | {page.inputs[1].name: gradient}
    return [known[each.name][entry] for each in page.inputs if each.axes]
