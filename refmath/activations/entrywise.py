"""What activations that work entry by entry share: their argument, and how a page says what becomes of infinities and nan."""

from __future__ import annotations

import numpy as np

from refmath.declarations import argument
from refmath.spec import Special

x = argument("x", "logits", ...)


def at_infinity(right: float, left: float) -> tuple[Special, ...]:
    """The values at ∞ and at −∞; that at nan is nan."""
    return (Special("infinity", {"x": [np.inf, -np.inf]}, [right, left]), Special("nan", {"x": [np.nan]}, [np.nan]))
