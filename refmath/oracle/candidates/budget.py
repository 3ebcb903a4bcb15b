"""The time that a whole judgement may take, besides the limit of a call: a candidate that is always a little slow is not waited for without end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from refmath.oracle.candidates.arrays import Layout
from refmath.oracle.candidates.calling import USUAL, Calling
from refmath.oracle.candidates.candidate import Observation

#: A judgement may take so many times the limit of a call, unless its budget is told.
CALLS = 30


class Asked(Protocol):
    """Who is asked: a candidate in this process, or one in a process of its own."""

    @property
    def function(self) -> Any: ...

    def __call__(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> Observation: ...

    def expect(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> None:
        """Says what is most likely asked next."""

    def has_changed(self, answers: Iterable[tuple[Observation, Mapping[str, Any]]]) -> bool:
        """Whether one of some earlier answers does not hold any more what it held, or cannot be read any more."""

    def release(self) -> None:
        """Earlier answers are not asked for any more."""


@dataclass
class Budget:
    """Seconds that a judgement may take, from when it was made.

    Attributes:
        seconds: How many.
        exceeded: Whether something was left out because they were spent.
    """

    seconds: float
    exceeded: bool = False
    _begun: float = field(default_factory=time.monotonic)

    @property
    def is_spent(self) -> bool:
        """Whether they are over; whoever asks leaves something out then."""
        if time.monotonic() - self._begun > self.seconds:
            self.exceeded = True
        return self.exceeded


@dataclass
class Patient:
    """A candidate that is asked as long as there is time, and never again after a call that did not come back.

    Attributes:
        candidate: Who is asked.
        budget: The time of the whole judgement.
        hung: Whether a call did not come back in time.
        calling: How the candidate is called.
    """

    candidate: Asked
    budget: Budget
    hung: bool = False
    calling: Calling = USUAL

    @property
    def function(self) -> Any:
        return self.candidate.function

    def __call__(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> Observation:
        if self.hung:
            return Observation(trouble="spent", text="is not asked any more, as it did not answer before")
        if self.budget.is_spent:
            return Observation(trouble="spent", text=f"is not asked any more: {self.budget.seconds:g} s are over")
        seen = self.candidate(inputs, layout, parameters)
        self.hung = seen.trouble == "hung"
        return seen

    def expect(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> None:
        """Says what is most likely asked next."""
        if not self.hung and not self.budget.exceeded:
            self.candidate.expect(inputs, layout, parameters)

    def has_changed(self, answers: Iterable[tuple[Observation, Mapping[str, Any]]]) -> bool:
        """Whether an earlier answer has changed, if that is asked any more."""
        return not self.hung and not self.budget.is_spent and self.candidate.has_changed(answers)

    def release(self) -> None:
        """Earlier answers are not asked for any more."""
        self.candidate.release()
