"""The mean squared error in balls: the same mathematics as its page's definition, without SymPy in the loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from refmath.balls.exact import Enclosure

Array = NDArray[Any]


def mean_loss(y: Array, t: Array) -> Enclosure:
    """The loss of a batch: outputs and targets (N, K), finite float64 numbers. A sum of squares is exact in the end, so a tie is settled too."""

    def at(precision: int) -> Array:
        with ctx.workprec(precision):
            squares = ((arb(one) - arb(other)) ** 2 for one, other in zip(y.flat, t.flat, strict=True))
            return np.array(sum(squares, arb(0)) / (2 * len(y)), object)

    return Enclosure(at)
