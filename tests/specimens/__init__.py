"""Programs that people write: honest ones in several forms, and faulty ones with the name that the diagnosis gives.

Each module holds two tables by the name of the formula: HONEST, a row of programs, and FAULTY, pairs of a program and the name that it is
given, or None for one that needs no name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specimens import activations, binary_losses, over_last_axis

Program = Callable[..., Any]

HONEST: dict[str, tuple[Program, ...]] = {**activations.HONEST, **over_last_axis.HONEST, **binary_losses.HONEST}
FAULTY: dict[str, tuple[tuple[Program, str | None], ...]] = {
    **activations.FAULTY,
    **over_last_axis.FAULTY,
    **binary_losses.FAULTY,
}
