"""`refmath gradient` behind its options: what its targets name, and the report."""

from __future__ import annotations

import json
import traceback
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from refmath.gradients.check_gradient import check_gradient
from refmath.gradients.containers import Library, require
from refmath.gradients.report import GradientCheck
from refmath.oracle.candidates.not_judged import NotJudged
from refmath.oracle.loading.load import named

#: What each verdict ends with.
STATUS = {"right": 0, "wrong": 1, "cannot be told": 2}


def point(at: str, modules: dict[str, ModuleType]) -> Any:
    """The point that `--at` names: an array or a mapping of arrays from a file, or what a name in a module stands for or returns.

    Raises:
        NotJudged: If there is none.
    """
    if Path(at).suffix in (".npy", ".npz"):
        try:
            with open(at, "rb") as file:
                found = np.load(file, allow_pickle=False)
                return {key: found[key] for key in found.files} if isinstance(found, np.lib.npyio.NpzFile) else found
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise NotJudged(f"--at {at} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if ":" not in at:
        raise NotJudged(f"--at must be FILE.npy, FILE.npz or file.py:NAME; got {at}")
    value = named(at, modules)
    return value() if callable(value) and not hasattr(value, "named_parameters") else value


def judge(f: str, gradient: str | None, at: str, array: Library) -> GradientCheck:
    """The verdict on the gradient that a target names; without one, on the library's own.

    Raises:
        NotJudged: If a target names nothing that can be judged, or f fails.
    """
    try:
        library = require(array)
        modules: dict[str, ModuleType] = {}
        function, claim = named(f, modules), None if gradient is None else named(gradient, modules)
        return check_gradient(function, claim, point(at, modules), array=library)
    except NotJudged:
        raise
    except Exception as error:  # noqa: BLE001  # whatever f raises
        own = isinstance(error, ImportError | TypeError | ValueError) and _of_refmath(error)
        raise NotJudged(str(error) if own else f"f or its gradient raised {type(error).__name__}: {error}") from None


def _of_refmath(error: BaseException) -> bool:
    """Whether an error is one of refmath's own refusals, and not one of what it called."""
    frames = traceback.extract_tb(error.__traceback__)
    return Path(frames[-1].filename).is_relative_to(Path(__file__).parents[1])


def as_json(check: GradientCheck) -> str:
    """The report as JSON."""
    return json.dumps(check.as_json(), indent=2, allow_nan=False) + "\n"
