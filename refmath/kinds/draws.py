"""Numbers that depend on their names alone: the same on every Python, every NumPy and every machine.

The integers are those of SplitMix64 (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014), counted from a key that is the
hash of the names. Floats are made from them by additions, multiplications and powers of two only, which every machine rounds alike;
no distribution, exponential or sum of NumPy's has a part in it, as these may differ from one version to the next.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from refmath.arguments import Array

Shape = tuple[int, ...]

_GOLDEN, _FIRST, _SECOND = (np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


class Draws:
    """An endless sequence of numbers, drawn a whole array at a time.

    Args:
        *names: What the numbers are for; other names are another sequence.
    """

    def __init__(self, *names: object) -> None:
        digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=8).digest()
        self._key = np.uint64(int.from_bytes(digest, "little"))
        self._drawn = 0

    def integers(self, shape: Shape) -> Array:
        """Integers of 64 bits."""
        count = math.prod(shape)
        places = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64)
        self._drawn += count
        # Arithmetic modulo 2⁶⁴ is what is meant.
        z = self._key + places * _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
        return np.asarray(z ^ (z >> np.uint64(31))).reshape(shape)

    def below(self, bound: int, shape: Shape = ()) -> Any:
        """Whole numbers from 0 to `bound` − 1, as int64; without a shape a Python integer."""
        drawn = (self.integers(shape or (1,)) % np.uint64(bound)).astype(np.int64)
        return drawn if shape else int(drawn[0])

    def whole(self, low: int, high: int, shape: Shape) -> Array:
        """Whole numbers from `low` to `high`, as float64."""
        return np.asarray(
            (self.below(high - low + 1, shape) if shape else np.array(self.below(high - low + 1))) + low, np.float64
        )

    def eighths(self, reach: float, shape: Shape) -> Array:
        """Multiples of 1/8 within ±`reach`."""
        steps = round(8 * reach)
        return self.whole(-steps, steps, shape) / 8

    def between(self, low: float, high: float, shape: Shape) -> Array:
        """Numbers from `low` to `high`."""
        return low + (high - low) * self._unit(shape)

    def among(self, values: Sequence[float], shape: Shape) -> Array:
        """Some of a few values, again and again."""
        return np.asarray(np.array(values, np.float64)[self._places(len(values), shape)])

    def one_of(self, values: Sequence[Any]) -> Any:
        """One of some values."""
        return values[self.below(len(values))]

    def signs(self, shape: Shape) -> Array:
        """1 or −1."""
        return self.among((1.0, -1.0), shape)

    def magnitudes(self, lowest: int, highest: int, shape: Shape) -> Array:
        """Positive numbers of every magnitude from 2 to the `lowest` up to 2 to the `highest`, as many in each octave."""
        exponents = self._places(max(1, highest - lowest), shape) + lowest
        return np.asarray(np.ldexp(1 + self._unit(shape), exponents))

    def ladder(self, lowest: int, highest: int, count: int) -> Array:
        """`count` positive numbers, evenly spread over the octaves from 2 to the `lowest` up to 2 to the `highest`, in random order.

        Each lies in a stratum of its own, so that no band which is wider than two strata is missed.
        """
        octaves = highest - lowest
        places = (np.arange(count) + self._unit((count,))) * octaves / count
        whole = np.minimum(np.floor(places), octaves - 1)
        # 1 + u runs through an octave, faster than 2ᵘ by 9 % at most.
        ladder: Array = np.ldexp(1 + (places - whole), whole.astype(np.int64) + lowest)
        return ladder[self.order(count)]

    def order(self, count: int) -> Array:
        """0 to `count` − 1 in random order."""
        return np.argsort(self.integers((count,)), kind="stable")

    def _places(self, count: int, shape: Shape) -> Any:
        return np.asarray(self.below(count, shape))

    def _unit(self, shape: Shape) -> Array:
        drawn = self.integers(shape or (1,)) >> np.uint64(11)
        return np.ldexp(drawn.astype(np.float64), -53).reshape(shape)
