"""Signs: the two classes of a margin loss, −1 and 1."""

from __future__ import annotations

import numpy as np

from refmath.arguments import Array
from refmath.balls.formats import Format
from refmath.kinds.draws import Draws, Shape
from refmath.kinds.kind import Beside, Kind, Rejected, simpler_numbers, spoilt_by, table


def _any(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return draws.signs(shape)


def _equal(draws: Draws, shape: Shape, format_: Format, _: Beside) -> Array:
    return np.full(shape, float(1 - 2 * draws.below(2)))


KIND = Kind(
    "signs",
    table(
        ("typical", "any", "−1 and 1.", _any),
        ("edge", "equal", "All of one class.", _equal),
        ("extreme", "any", "−1 and 1.", _any),
    ),
    types=("int64", "int32", "int8"),
    fills=lambda draws, shape, _format, _dtype: draws.signs(shape),
    simpler=lambda value: (each for each in simpler_numbers(value) if bool(np.isin(np.asarray(each), (-1, 1)).all())),
    rejected=(Rejected("no_sign", "An entry is neither −1 nor 1.", spoilt_by(0.5)),),
)
