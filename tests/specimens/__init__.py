"""Programs that people write: honest ones in several forms, and faulty ones with the name that the diagnosis gives.

Each module holds two tables by the name of the formula: HONEST, a row of programs, and FAULTY, pairs of a program and the name that it is
given, or None for one that needs no name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specimens import activations, binary_losses, layers, losses, over_last_axis, steps

Program = Callable[..., Any]

_MODULES = activations, over_last_axis, losses, binary_losses, layers, steps
HONEST: dict[str, tuple[Program, ...]] = {name: each for module in _MODULES for name, each in module.HONEST.items()}
FAULTY: dict[str, tuple[tuple[Program, str | None], ...]] = {
    name: each for module in _MODULES for name, each in module.FAULTY.items()
}
