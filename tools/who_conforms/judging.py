"""Judging the counterparts: one row of the table for each function and number format."""

from __future__ import annotations

import importlib
import math
import os
from importlib.metadata import version
from typing import Any

import numpy as np

import refmath
from refmath.balls.formats import FORMATS
from refmath.oracle.candidate import Candidate
from tools.who_conforms.counterpart import Counterpart

#: For each module of counterparts, the packages that it needs.
MODULES = {"of_torch": ("torch",), "of_jax": ("jax",), "of_scipy": ("scipy", "scikit-learn")}
PACKAGES = ("numpy", "torch", "jax", "scipy", "scikit-learn", "ml_dtypes")
EXAMPLES, SEED = 40, 0


def counterparts() -> list[Counterpart]:
    """All counterparts, library after library."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    return [each for name in MODULES for each in importlib.import_module(f"tools.who_conforms.{name}").COUNTERPARTS]


def versions() -> dict[str, str]:
    """The versions that are installed, without what follows a plus sign."""
    return {package: version(package).partition("+")[0] for package in PACKAGES}


def lost_near_certainty(counterpart: Counterpart, dtype: str) -> float | None:
    """From which lead of the target's logit on the loss, though a normal number of the format, has no digit right."""
    if counterpart.formula not in ("softmax_cross_entropy_one_hot", "softmax_cross_entropy_labels"):
        return None
    format_ = FORMATS[dtype]
    judged = Candidate(counterpart.call, counterpart.array)
    for gap in range(1, 701):
        loss = math.log1p(math.exp(-gap))
        if loss < 2 * format_.smallest_normal:
            return None
        target = np.array([1.0, 0.0], format_.dtype()) if counterpart.formula.endswith("one_hot") else np.array(0)
        seen = judged({"a": np.array([gap, 0.0]).astype(format_.dtype()), "t": target})
        if seen.trouble or not abs(float(seen.value) - loss) <= loss / 2:
            return float(gap)
    return None


def row(counterpart: Counterpart, dtype: str, *, examples: int = EXAMPLES) -> dict[str, Any]:
    """The verdict on one counterpart in one number format."""
    if counterpart.array == "jax":
        import jax

        jax.config.update("jax_enable_x64", counterpart.x64)
    report = refmath.check(
        counterpart.call,
        counterpart.formula,
        convention=counterpart.convention,
        dtype=dtype,
        array=counterpart.array,
        examples=examples,
        seed=SEED,
        target=counterpart.function,
        timeout=60.0,
    )
    told = report.as_json()
    return {
        "library": counterpart.library,
        "function": counterpart.function,
        "formula": counterpart.formula,
        "convention": counterpart.convention,
        "dtype": dtype,
        "verdict": report.verdict,
        "classes": told["classes"],
        "worst_ulps": told["worst_ulps"],
        "begins": report.begins or None,
        "lost_near_certainty": lost_near_certainty(counterpart, dtype),
        "diagnosis": told["diagnosis"] and told["diagnosis"]["name"],
        "laws_broken": [each["name"] for each in told["laws"] if each["holds"] is False],
        "counterexample": told["smallest"]
        and {key: told["smallest"][key] for key in ("call", "expected", "index", "got", "trouble")},
    }
