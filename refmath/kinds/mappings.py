"""Mappings from any names to arrays of any shapes: which names, and which shapes."""

from __future__ import annotations

from refmath.kinds.draws import Draws, Shape

#: The names of the parameters of a two-layer network, and others.
_NAMES = (
    ("W1", "b1", "W2", "b2"),
    ("weight", "bias"),
    ("layers.0.weight", "layers.0.bias", "gain"),
    ("kernel", "kernel_bias"),
    ("theta",),
)


def shapes(draws: Draws, turn: int) -> dict[str, Shape]:
    """Small shapes by name, those of a two-layer network half the time; the first array has two axes as a rule, a bias one."""
    names = _NAMES[0] if draws.below(2) else draws.one_of(_NAMES[1:])
    return {name: _shape(name, turn, place) for place, name in enumerate(names)}


def _shape(name: str, turn: int, place: int) -> Shape:
    last = 2 + (turn + place) % 3
    if name == "gain":
        return ()  # one number is an array, too
    if name == "kernel":
        return (last, 1, 2, 2)  # as of a convolution
    return (last,) if name.startswith("b") or name.endswith("bias") else (1 + (turn // 2) % 2, last)
