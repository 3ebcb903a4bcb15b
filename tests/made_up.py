"""Made-up pages, answers and intervals, for asking the parts of the oracle directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from refmath.balls.acceptance import Acceptance
from refmath.oracle.candidate import Observation
from refmath.oracle.drawing import Branch, Class
from refmath.oracle.search import Trial
from refmath.spec import Formula, Input, Mistake

x, t = sp.IndexedBase("x"), sp.IndexedBase("t")


def page(definition: Any, *inputs: Input, **more: Any) -> Formula:
    """A formula; by default of one real array of any shape."""
    return Formula(
        **{
            "name": "page",
            "display": "",
            "program": lambda *_: 0.0,
            "definition": sp.sympify(definition),
            "inputs": inputs or (Input("x", x, "real", ("...",)),),
            "laws": (),
            "mistakes": (),
            "reference": "",
            **more,
        }
    )


def wrong(name: str, program: Callable[..., Any] = lambda *_: 0.0, **variant: Any) -> Mistake:
    """A mistake, which no law catches, with at most one variant."""
    return Mistake(name, f"It does {name}.", program, "", (variant,) if variant else ())


def said(*values: Any) -> list[Observation]:
    """What was observed: values, or the kind of a trouble and its words."""
    return [
        Observation(trouble=each.partition(":")[0], text=each)  # type: ignore[arg-type]
        if isinstance(each, str)
        else Observation(np.asarray(each, np.float64))
        for each in values
    ]


def about(nearest: Any, low: Any = None, high: Any = None) -> Acceptance:
    """An interval, by default one that holds a number alone; the unit in the last place is 1."""
    nearest = np.asarray(nearest, np.float64)
    balls = np.array([arb(float(each)) for each in nearest.flat], object).reshape(nearest.shape)
    low, high = (nearest if end is None else np.asarray(end, np.float64) for end in (low, high))
    return Acceptance(balls, nearest, low, high, balls, np.ones(nearest.shape))


def trial(interval: Acceptance, seen: Any, class_: Class = "extreme", ulps: float = 0.0, **inputs: Any) -> Trial:
    """A trial of a candidate that answered so, or met such a trouble, on inputs that are told by name."""
    given = {name: each if callable(each) else np.asarray(each) for name, each in (inputs or {"x": 0.0}).items()}
    return Trial(Branch(class_, "", "any"), given, interval, said(seen)[0], ulps)
