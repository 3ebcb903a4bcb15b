"""What activations that work entry by entry share: their argument, and the law that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from refmath.declarations import argument
from refmath.spec import Equal, Relation

x = argument("x", "logits", ...)


def works_entry_by_entry(activation: Any, x: Any) -> Iterable[Relation]:
    """The value of an entry does not depend on the other entries."""
    entries = np.asarray(x, object).reshape(-1)
    values = np.asarray(activation(x), object).reshape(-1)
    for place in range(entries.size):
        yield Equal(activation(entries[place : place + 1]), values[place : place + 1])
