"""refmath: the mathematics of how a neural network learns, and an oracle for implementations of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refmath.balls.exact import Enclosure as Enclosure
    from refmath.balls.exact import exact as exact
    from refmath.catalogue import FORMULAS as FORMULAS
    from refmath.losses.mean_squared_error import mean_squared_error as mean_squared_error
    from refmath.losses.mean_squared_error_gradient import mean_squared_error_gradient as mean_squared_error_gradient
    from refmath.oracle.check import NotJudged as NotJudged
    from refmath.oracle.check import assert_conforms as assert_conforms
    from refmath.oracle.check import check as check
    from refmath.oracle.report import Report as Report

__version__ = "0.1.0"

#: Where each public name lives; it is imported when it is first asked for, so that the command line starts at once.
_HOME = {
    "Enclosure": "refmath.balls.exact",
    "FORMULAS": "refmath.catalogue",
    "NotJudged": "refmath.oracle.check",
    "Report": "refmath.oracle.report",
    "assert_conforms": "refmath.oracle.check",
    "check": "refmath.oracle.check",
    "exact": "refmath.balls.exact",
    "mean_squared_error": "refmath.losses.mean_squared_error",
    "mean_squared_error_gradient": "refmath.losses.mean_squared_error_gradient",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'refmath' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
