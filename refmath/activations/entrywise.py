"""What activations that work entry by entry share: their argument."""

from __future__ import annotations

from refmath.declarations import argument

x = argument("x", "logits", ...)
