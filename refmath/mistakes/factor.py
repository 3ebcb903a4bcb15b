"""A factor of the whole answer, ±2ᵃ N^b K^c: fitted from ratios at different sizes, and put into words."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from refmath.mistakes.change import Given

#: The largest exponent of 2, and of a size.
_TWOS, _SIZES = 3, 2
#: The exponents of all sizes together are no larger than that.
_TOGETHER = 3
#: The lengths of the first and the last axis of arrays of any shape, whose entries definitions take in a row.
FIRST, LAST = "first axis", "last axis"
#: What is smaller is zero in every format.
_NOTHING = 1e-300
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Factor:
    """±2ᵃ times powers of sizes.

    Attributes:
        sign: 1 or −1.
        twos: The exponent of 2.
        powers: The exponents of the sizes, by name, without zeros.
    """

    sign: int = 1
    twos: int = 0
    powers: tuple[tuple[str, int], ...] = ()

    @property
    def is_one(self) -> bool:
        return self == Factor()

    @property
    def cost(self) -> tuple[int, float]:
        """How much there is to explain: the number of its parts, then how large the exponents are."""
        size = abs(self.twos) + sum(abs(power) for _, power in self.powers)
        return (self.sign < 0) + (self.twos != 0) + bool(self.powers), size / 16

    def value(self, sizes: Mapping[str, int]) -> float:
        """The number that it is for some sizes."""
        return self.sign * 2.0**self.twos * math.prod(float(sizes[name]) ** power for name, power in self.powers)

    def expression(self, given: Given) -> sp.Expr:
        """The same in the symbols of a definition."""
        sizes = given.sizes
        return self.sign * sp.Integer(2) ** self.twos * sp.Mul(*(sizes[name] ** power for name, power in self.powers))


class Ratios:
    """The factors that fit all ratios so far, for each of several numbers that a constant may be.

    Args:
        axes: The sizes by name.
        count: How many numbers are tried at once.
    """

    def __init__(self, axes: Sequence[str], count: int = 1) -> None:
        self._axes = tuple(axes)
        self._factors = _factors(self._axes)
        self._fits = np.ones((count, len(self._factors)), bool)
        self._signs = np.zeros(count)

    def take(self, values: Any, seen: Any, sizes: Mapping[str, int], room: float, alike: Any = False) -> bool:
        """Leaves only the factors by which the values become what was seen; whether any is left.

        Args:
            values: One row for each number that is tried.
            seen: What the candidate answered, in a row.
            sizes: The sizes there.
            room: How far a ratio may be off.
            alike: For each row whether it tells nothing, as it and what was seen are both right.
        """
        with np.errstate(all="ignore"):
            largest = np.argmax(np.abs(values), axis=1)
            at = values[np.arange(len(values)), largest]
            nothing = alike | ((np.abs(at) < _NOTHING) & ~np.any(seen))
            ratios = np.where(at == 0, 0.0, seen[largest] / at)
            near = np.all(np.abs(seen - ratios[:, None] * values) <= room * np.max(np.abs(seen)), axis=1)
            near &= np.isfinite(values).all(axis=1) & (ratios != 0)
            exponents = _exponents(self._axes, tuple(sizes[axis] for axis in self._axes))
            fits = np.abs(np.log2(np.abs(ratios))[:, None] - exponents) <= 2 * room
        sign = np.sign(ratios)
        near &= nothing | (self._signs == 0) | (self._signs == sign)
        self._signs = np.where(nothing, self._signs, sign)
        self._fits &= nothing[:, None] | (near[:, None] & fits)
        return bool(self._fits.any())

    def simplest(self) -> Iterator[tuple[int, Factor]]:
        """For each number for which factors are left, the simplest one; numbers of which nothing was said are left out."""
        for place in np.flatnonzero(self._fits.any(axis=1) & (self._signs != 0)):
            found = self._factors[int(np.argmax(self._fits[place]))]
            yield int(place), Factor(int(self._signs[place]), found.twos, found.powers)


@functools.cache
def _factors(axes: tuple[str, ...]) -> tuple[Factor, ...]:
    """All positive factors of some axes, the simplest first."""
    every = itertools.product(range(-_SIZES, _SIZES + 1), repeat=len(axes))
    powers = [each for each in every if sum(map(abs, each)) <= _TOGETHER]
    found = (
        Factor(1, twos, tuple((name, power) for name, power in zip(axes, each, strict=True) if power))
        for twos, each in itertools.product(range(-_TWOS, _TWOS + 1), powers)
    )
    return tuple(sorted(found, key=lambda each: each.cost))


@functools.lru_cache(maxsize=1024)
def _exponents(axes: tuple[str, ...], sizes: tuple[int, ...]) -> Any:
    """The logarithms to base 2 of all factors, for some sizes."""
    given = dict(zip(axes, sizes, strict=True))
    return np.array([math.log2(factor.value(given)) for factor in _factors(axes)])


def components(factor: Factor) -> list[Factor]:
    """The parts that have a name each: the sign, the power of 2, the sizes."""
    parts = [Factor(factor.sign), Factor(1, factor.twos), Factor(1, 0, factor.powers)]
    return [each for each in parts if not each.is_one]


def in_words(factor: Factor, given: Given) -> tuple[str, str]:
    """The name and the sentence of one component."""
    if factor.sign < 0:
        return "opposite_sign", "The sign is wrong."
    number, powers = scale(given)
    if factor.twos:
        if factor.twos == 1 and number.q % 2 == 0:
            return "missing_half", "The factor ½ is missing."
        named = {
            1: ("factor_two", "twice"),
            -1: ("factor_half", "half of"),
            2: ("factor_four", "four times"),
            -2: ("factor_quarter", "a quarter of"),
        }
        name, told = named.get(factor.twos, ("factor_of_two", f"2{str(factor.twos).translate(_SUPERSCRIPTS)} times"))
        return name, f"It is {told} what it should be."
    return _of_sizes(dict(factor.powers), powers, given)


def _of_sizes(found: dict[str, int], own: dict[str, int], given: Given) -> tuple[str, str]:
    samples = given.samples
    counted = "entries" if given.of_any_shape else "samples"
    others = "·".join(name for name in given.sizes if name != samples)
    if found == {samples: 1} and own.get(samples, 0) < 0:
        if given.output:
            return "missing_mean", f"The 1/{samples} of the mean over the {counted} is missing."
        what = "The losses of all entries" if given.of_any_shape else "The batch's losses"
        return "sum_over_samples", f"{what} are added up, not averaged: the 1/{samples} is missing."
    if given.of_any_shape and own.get(samples) == -1:
        if found in ({samples: 1, FIRST: -1}, {LAST: 1}):
            text = "The mean is over the samples only: over the last axis the losses are added up."
            instead = "Divided by the length of the first axis instead of the number of all entries."
            return "mean_over_samples", instead if samples in found else text
        if found in ({samples: 1, LAST: -1}, {FIRST: 1}):
            return (
                "mean_over_last_axis",
                "The mean is over the last axis only: over the samples the losses are added up.",
            )
    if found == {samples: -1}:
        if own.get(samples, 0) < 0:
            return "divided_twice", f"The 1/{samples} is there twice."
        return "mean_instead_of_sum", f"Divided by {samples}: a mean, where none is meant."
    if all(found.get(name, 0) == -1 - own.get(name, 0) for name in given.sizes) and samples in given.sizes:
        told = (
            f"Mean over all {samples}·{others} entries"
            if not given.output
            else f"Divided by all {samples}·{others} entries"
        )
        return "mean_over_entries", f"{told} instead of the {samples} samples." if own.get(
            samples
        ) == -1 else f"{told}."
    if all(power == -own.get(name, 0) for name, power in found.items()):
        return "sum_instead_of_mean", f"It is not divided by {'·'.join(found)}: a sum, where a mean is meant."
    told = "·".join(name + (str(power).translate(_SUPERSCRIPTS) if power != 1 else "") for name, power in found.items())
    return "factor_of_sizes", f"It is too large by the factor {told}."


def scale(given: Given) -> tuple[sp.Rational, dict[str, int]]:
    """The number, and the powers of sizes, that stand before all of a definition."""
    sizes = {size: name for name, size in given.sizes.items()}
    number, powers, rest = sp.Integer(1), dict[str, int](), given.definition
    while True:
        factors = list(sp.Mul.make_args(rest))
        left = []
        for each in factors:
            base, power = each.as_base_exp()
            if each.is_Rational:
                number *= each
            elif base in sizes and power.is_Integer:
                powers[sizes[base]] = powers.get(sizes[base], 0) + int(power)
            else:
                left.append(each)
        if len(left) != 1 or not isinstance(left[0], sp.Sum):
            return number, powers
        rest = left[0].function
