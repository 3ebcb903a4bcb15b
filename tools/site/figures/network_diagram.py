"""The network of the chapter as a diagram, and how many weights each part has."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from refmath.training.mnist import embedded
from tools.site.figures.block import still_svg
from tools.site.figures.plain import drawing, pixels, words

SIZES = (784, 100, 10)
ACROSS = (130.0, 245.0, 360.0)
#: How many units of each column are drawn above and below the dots.
SHOWN = ((4, 4), (4, 4), (10, 0))
TOP, BOTTOM = 34.0, 214.0


def weights() -> tuple[int, int]:
    """Weights and biases of the two layers."""
    first, second = (below * above + above for below, above in pairwise(SIZES))
    return first, second


def network_diagram() -> str:
    """The figure."""
    known = embedded()
    five = known.x_train[np.flatnonzero(known.t_train == 5)[0]].reshape(28, 28) / 255
    first, second = weights()
    body = [f'<g transform="translate(0 82) scale(3)">{pixels(five, 0, 0)}</g>', words(42, 186, "28 × 28 pixels")]
    columns = [_heights(*shown) for shown in SHOWN]
    for layer in (0, 1):
        lines = "".join(
            f"M{ACROSS[layer]:g} {low:.4g}L{ACROSS[layer + 1]:g} {high:.4g}"
            for low in columns[layer]
            for high in columns[layer + 1]
        )
        body.append(f'<path fill="none" stroke="var(--refmath-grid)" stroke-width="0.8" d="{lines}"/>')
    for column, (across, heights) in enumerate(zip(ACROSS, columns, strict=True)):
        body += [
            f'<circle cx="{across:g}" cy="{height:.4g}" r="6.5" fill="var(--md-default-bg-color)" stroke="currentColor" stroke-width="1.2"/>'
            for height in heights
        ]
        if SHOWN[column][1]:
            body.append(words(across, (TOP + BOTTOM) / 2 + 4, "⋮", size=16))
        body.append(words(across, 16, f"{SIZES[column]} {('inputs', 'hidden units', 'classes')[column]}"))
    body += [words(ACROSS[2] + 16, height + 4, str(label)) for label, height in enumerate(columns[2])]
    for layer, (name, count) in enumerate(zip(("W₁, b₁", "W₂, b₂"), (first, second), strict=True)):
        middle = (ACROSS[layer] + ACROSS[layer + 1]) / 2
        body += [words(middle, BOTTOM + 26, name), words(middle, BOTTOM + 41, f"{count:,} numbers")]
    body += [words(ACROSS[1], BOTTOM + 58, "sigmoid"), words(ACROSS[2], BOTTOM + 58, "softmax")]
    svg = drawing(
        "network-diagram",
        "The network 784-100-10",
        f"A digit of 28 by 28 pixels, {SIZES[0]} inputs, {SIZES[1]} hidden units and {SIZES[2]} classes. Each unit is joined to all of the next column: {first:,} and {second:,} numbers.",
        (390, BOTTOM + 64),
        "".join(body),
    )
    return still_svg(
        svg,
        f"""The network of the chapter. Every pixel goes to every hidden unit, and every hidden unit to every class; only some are drawn. The lines are the weights:
        784 · 100 + 100 = {first:,} numbers in the first layer and 100 · 10 + 10 = {second:,} in the second, {first + second:,} in all.""",
    )


def _heights(above: int, below: int) -> list[float]:
    """Where the units of a column stand; with a gap for the dots."""
    if not below:
        return [float(each) for each in np.linspace(TOP, BOTTOM, above)]
    places = np.linspace(TOP, BOTTOM, above + below + 2)
    return [float(each) for each in (*places[:above], *places[-below:])]
