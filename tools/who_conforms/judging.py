"""Judging the counterparts: one row of the table for each function and number format."""

from __future__ import annotations

import importlib
import math
import os
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import numpy as np

import refmath
from refmath.balls.formats import FORMATS
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.reporting.report import Report
from tools.who_conforms.counterpart import Counterpart

#: For each module of counterparts, the modules of the libraries that it needs.
MODULES = {
    "of_torch": ("torch",),
    "of_torch_activations": ("torch",),
    "of_torch_losses": ("torch",),
    "of_torch_steps": ("torch",),
    "of_jax": ("jax",),
    "of_jax_activations": ("jax",),
    "of_optax": ("jax", "optax"),
    "of_keras": ("jax", "keras"),
    "of_scipy": ("scipy",),
    "of_sklearn": ("sklearn",),
}
PACKAGES = ("refmath", "numpy", "torch", "jax", "optax", "keras", "scipy", "scikit-learn", "ml_dtypes")
EXAMPLES, SEED = 40, 0


def counterparts() -> list[Counterpart]:
    """The counterparts of all libraries that are installed, library after library."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("KERAS_BACKEND", "jax")
    there = [name for name, needed in MODULES.items() if all(find_spec(each) for each in needed)]
    return [each for name in there for each in importlib.import_module(f"tools.who_conforms.{name}").COUNTERPARTS]


def versions() -> dict[str, str]:
    """The versions of what is installed, without what follows a plus sign."""
    found = {}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package).partition("+")[0]
    # The code that is judged with, which need not be what is installed.
    return {**found, "refmath": refmath.__version__}


def today() -> str:
    """The date of the run, in UTC."""
    return datetime.now(UTC).date().isoformat()


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


def judged(counterpart: Counterpart, dtype: str, *, strict: bool, examples: int) -> Report:
    """The report on one counterpart in one number format."""
    return refmath.check(
        counterpart.call,
        counterpart.formula,
        convention=counterpart.convention,
        dtype=dtype,
        array=counterpart.array,
        strict=strict,
        examples=examples,
        seed=SEED,
        target=counterpart.function,
        timeout=60.0,
    )


def row(counterpart: Counterpart, dtype: str, *, examples: int = EXAMPLES) -> dict[str, Any]:
    """The verdicts on one counterpart in one number format: the usual one, and that of `--strict`."""
    if counterpart.array == "jax":
        import jax

        jax.config.update("jax_enable_x64", counterpart.x64)
    told = judged(counterpart, dtype, strict=False, examples=examples).as_json()
    strict = judged(counterpart, dtype, strict=True, examples=examples).as_json()
    return {
        "date": today(),
        "library": counterpart.library,
        "function": counterpart.function,
        "formula": counterpart.formula,
        "convention": counterpart.convention,
        "dtype": dtype,
        "verdict": told["verdict"],
        "classes": told["classes"],
        "worst_ulps": told["worst_ulps"],
        "begins": told["begins"],
        "declined": told["declined"],
        "lost_near_certainty": lost_near_certainty(counterpart, dtype),
        "diagnosis": told["diagnosis"] and told["diagnosis"]["name"],
        "laws_broken": _broken(told),
        "counterexample": _counterexample(told),
        "strict": strict["verdict"],
        "strict_classes": strict["classes"],
        "strict_laws_broken": _broken(strict),
        "strict_counterexample": _counterexample(strict),
    }


def _broken(told: dict[str, Any]) -> list[str]:
    return [each["name"] for each in told["laws"] if each["holds"] is False]


def _counterexample(told: dict[str, Any]) -> dict[str, Any] | None:
    smallest = told["smallest"]
    return smallest and {key: smallest[key] for key in ("call", "expected", "index", "got", "ulps", "trouble")}
