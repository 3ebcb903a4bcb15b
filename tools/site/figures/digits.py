"""What a network is given to read: handwritten digits, pixel by pixel."""

from __future__ import annotations

import numpy as np

from refmath.training.mnist import embedded
from tools.site.figures.block import still_svg
from tools.site.figures.plain import drawing, pixels, words

EACH, STEP = 4, 31
#: One digit is shown large, with its pixels.
LARGE = 5


def digits() -> str:
    """The figure."""
    known = embedded()
    images = known.x_train.reshape(-1, 28, 28) / 255
    places = [np.flatnonzero(known.t_train == label)[:EACH] for label in range(10)]
    small = "".join(
        pixels(images[at], STEP * column, STEP * row)
        for column, column_of in enumerate(places)
        for row, at in enumerate(column_of)
    )
    labels = "".join(words(STEP * label + 14, STEP * EACH + 10, str(label)) for label in range(10))
    svg = drawing(
        "digits",
        "Handwritten digits of MNIST",
        f"{EACH} examples of each digit from 0 to 9, as 28 by 28 pixels, by different hands: some slant, some have loops, some are thick.",
        (10 * STEP, EACH * STEP + 16),
        small + labels,
    )
    return still_svg(
        svg,
        f"""{EACH} of the {len(images):,} training digits of each class, by many hands. A digit is 28 × 28 = 784 numbers, one for each pixel, from 0 for paper to 255
        for ink. The label below is all that is known besides. From MNIST, by Y. LeCun, C. Cortes and C. J. C. Burges.""",
    )
