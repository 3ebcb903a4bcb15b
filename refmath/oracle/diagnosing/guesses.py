"""What a candidate may do, and what that explains."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from refmath.mistakes.change import Applied, Change
from refmath.mistakes.factor import Factor
from refmath.spec import Mistake


@dataclass(frozen=True)
class Explanation:
    """What a candidate does, and how far that explains its answers.

    Attributes:
        parts: The name and the sentence of each part.
        everywhere: Whether it explains all answers, or those on typical inputs only.
        is_setting: Whether it is the formula itself with another parameter.
        of: The key of the part of the answer that it explains, if it is one of several.
    """

    parts: tuple[tuple[str, str], ...]
    everywhere: bool
    is_setting: bool = False
    of: str = ""

    @property
    def is_simple(self) -> bool:
        """Whether it is one mistake, and not just a number that depends on sizes."""
        return len(self.parts) == 1 and self.name != "factor_of_sizes"

    @property
    def name(self) -> str:
        return " and ".join(name for name, _ in self.parts)

    @property
    def text(self) -> str:
        told = " Besides: ".join(text for _, text in self.parts)
        return f"Of the answer only {self.of} is wrong. {told}" if self.of else told


@dataclass(frozen=True)
class Guess:
    """What a candidate may do.

    Attributes:
        applied: What is applied to the arguments first.
        change: What is changed in the definition.
        typed: Or the mistake of the page that is made.
        value: The number that the change has, if it has one.
        factor: The factor of the whole.
    """

    applied: Applied | None = None
    change: Change | None = None
    typed: Mistake | None = None
    value: float | None = None
    factor: Factor = field(default_factory=Factor)

    @property
    def number(self) -> float:
        """The number of the change; nan if it has none."""
        return math.nan if self.value is None else self.value

    @property
    def cost(self) -> tuple[int, float, float]:
        """The number of changes, then of constants, then how rare they are."""
        count = (self.applied is not None) + (self.change is not None) + (self.typed is not None) + self.factor.cost[0]
        rank = (self.applied.rank if self.applied else 0) + (self.change.rank if self.change else 0)
        rank -= count == self.factor.cost[0]  # a factor of the whole says more than one that is missing somewhere
        return count, float(self.value is not None), rank + self.factor.cost[1]
