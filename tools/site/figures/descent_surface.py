"""A surface with two valleys, on which the reader starts gradient descent: docs/javascripts/descent.js follows it."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import refmath
from refmath.arguments import Array
from tools.site.figures.block import controls, still_svg
from tools.site.figures.numbers import fixed, number
from tools.site.figures.plain import drawing, words

#: The surface as a sum of c · x₀ⁱ · x₁ʲ, each as (c, i, j).
TERMS = ((0.0625, 4, 0), (-0.5, 2, 0), (0.25, 1, 0), (1.0, 0, 0), (2.0, 0, 2), (-0.5, 1, 1))
FORMULA = "(<i>x</i>₀² − 4)²/16 + <i>x</i>₀/4 + 2<i>x</i>₁² − <i>x</i>₀<i>x</i>₁/2"
#: Half of what is seen, and how many units of the drawing one of the surface is.
REACH, SCALE = (3.4, 2.0), 60.0
LEVELS = (-0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.75, 2.5, 4, 6, 9, 13)
RATES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.45, 0.5, 0.6)
#: The position of each control when the page opens.
RATE, STEPS, START = 3, 20, (-0.4, 1.6)
MOST_STEPS = 60
#: Beyond it a descent has diverged; below it the ground is level.
FAR, LEVEL = 50.0, 0.02


def f(x: Any) -> float:
    """The height."""
    return float(sum(c * x[0] ** i * x[1] ** j for c, i, j in TERMS))


def slope(x: Any) -> Array:
    """The gradient."""
    return np.array(
        [
            sum(c * i * x[0] ** max(i - 1, 0) * x[1] ** j for c, i, j in TERMS),
            sum(c * j * x[0] ** i * x[1] ** max(j - 1, 0) for c, i, j in TERMS),
        ]
    )


def curvatures(x: Any) -> Array:
    """The second derivatives."""
    return np.array([[0.75 * x[0] ** 2 - 1, -0.5], [-0.5, 4.0]])


def stops() -> list[tuple[float, float, str]]:
    """Where the ground is level: along the line on which x₁ does not matter, x₁ = x₀/8."""
    roots = np.sort(np.roots([0.25, 0, -1.0 - 0.5 / 8, 0.25]).real)
    names = ("in the deeper valley", "on the pass between the valleys", "in the shallower valley")
    return [(float(root), float(root) / 8, name) for root, name in zip(roots, names, strict=True)]


def path(rate: float, steps: int, start: Any) -> Array:
    """The start and where each step leads, up to the first that is far away."""
    points = [np.array(start, dtype=float)]
    for _ in range(steps):
        if np.max(np.abs(points[-1])) > FAR:
            break
        points.append(refmath.sgd_step({"x": points[-1]}, {"x": slope(points[-1])}, rate)["x"])
    return np.array(points)


def says(rate: float, steps: int, start: Any) -> str:
    """What becomes of a descent; the script has the same words."""
    points = path(rate, steps, start)
    end = points[-1]
    begun = f"{steps} steps from ({fixed(start[0], 1)}, {fixed(start[1], 1)}) with η = {rate:g}: "
    if np.max(np.abs(end)) > FAR:
        return f"{begun}diverges"
    heights = f"f = {fixed(f(points[0]), 2)} becomes {fixed(f(end), 2)}"
    if np.linalg.norm(slope(end)) > LEVEL:
        return f"{begun}{heights}, still on its way"
    nearest = min(stops(), key=lambda stop: float(np.linalg.norm(end - stop[:2])))
    return f"{begun}{heights}, at rest {nearest[2]}"


def descent_surface() -> str:
    """The figure."""
    start = path(RATES[RATE], STEPS, START)
    deeper, _, shallower = stops()
    told = says(RATES[RATE], STEPS, START)
    border = 2 / float(np.max(np.linalg.eigvalsh(curvatures(deeper))))
    svg = drawing(
        "descent-surface",
        "Gradient descent on a surface with two valleys",
        f"Lines of equal height around two valleys, and a path of {STEPS} steps. {told}.",
        tuple(2 * each * SCALE for each in REACH),  # type: ignore[arg-type]  # two of them
        _contours()
        + "".join(_cross(x, y) for x, y in (deeper[:2], shallower[:2]))
        + f'<path class="refmath-path" d="{_line(start)}"/>'
        + f'<path class="refmath-points" d="{_dots(start)}"/>'
        + f'<circle class="refmath-start" cx="{_across(START[0]):.4g}" cy="{_down(START[1]):.4g}" r="9"/>'
        + words(_across(deeper[0]), _down(deeper[1]) + 26, number(f(deeper[:2])))
        + words(_across(shallower[0]), _down(shallower[1]) + 26, number(f(shallower[:2]))),
    )
    handles = controls(
        "descent-surface",
        [
            ("learning rate η", "rate", 0, len(RATES) - 1, 1, RATE),
            ("steps", "steps", 0, MOST_STEPS, 1, STEPS),
            ("start x₀", "x0", -3.2, 3.2, 0.1, START[0]),
            ("start x₁", "x1", -1.9, 1.9, 0.1, START[1]),
        ],
        told,
    )
    numbers = {
        "terms": TERMS,
        "rates": RATES,
        "reach": REACH,
        "scale": SCALE,
        "stops": stops(),
        "far": FAR,
        "level": LEVEL,
    }
    return still_svg(
        svg + handles,
        f"""The surface {FORMULA}; + marks its two lowest points, with their heights. Drag the round start, or move the sliders: which valley is found depends on where you
        begin, and on η. In the deeper valley the steps jump from side to side from η = {number(border / 2, 2)} on, and from {number(border, 2)} on they never come to rest.""",
        kind="refmath-descent",
        data=escape(json.dumps(numbers), quote=True),
    )


def _across(x: float) -> float:
    return (x + REACH[0]) * SCALE


def _down(y: float) -> float:
    return (REACH[1] - y) * SCALE


def _line(points: Array) -> str:
    return "M" + "L".join(f"{_across(x):.1f} {_down(y):.1f}" for x, y in points)


def _dots(points: Array) -> str:
    """A round dot each: a line of no length with a round end."""
    return "".join(f"M{_across(x):.1f} {_down(y):.1f}h0" for x, y in points)


def _cross(x: float, y: float) -> str:
    return f'<path stroke="currentColor" stroke-width="2" d="M{_across(x) - 7:.1f} {_down(y):.1f}h14m-7 -7v14"/>'


def _contours() -> str:
    """The lines of equal height."""
    x, y = np.linspace(-REACH[0], REACH[0], 103), np.linspace(-REACH[1], REACH[1], 61)
    heights = np.array([[f((a, b)) for a in x] for b in y])
    lines = Figure().subplots().contour(x, y, heights, levels=LEVELS)
    drawn = "".join(_line(part) for segments in lines.allsegs for part in segments)
    return f'<path class="refmath-contours" d="{drawn}"/>'
