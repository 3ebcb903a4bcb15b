"""Targets in either encoding: rows, one-hot as a rule, and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.arguments import Array
from refmath.spec import Claims, Formula, Mistake


def certain(y: Any, labels: Any) -> Any:
    """The outputs that are certain of the given classes, of the shape of y."""
    return 0 * y + np.eye(np.shape(y)[-1], dtype=int)[labels]


def one_hot(y: Any, t: Any) -> Any:
    """The targets as one-hot rows."""
    return t if np.ndim(t) == np.ndim(y) else certain(y, t)


def other_encoding(y: Any, t: Any) -> Any:
    """One-hot rows as labels, labels as one-hot rows."""
    return np.argmax(t == 1, axis=-1) if np.ndim(t) == np.ndim(y) else certain(y, t)


def are_one_hot(t: Any) -> bool:
    """Whether targets are certain: zeros and ones only."""
    return all(each == 0 or each == 1 for each in np.ravel(t))


# ---- mistakes


def as_rows(like: Array, t: Array) -> Any:
    """Targets in either encoding as rows of floats, as programs need them."""
    return t if t.ndim == like.ndim else np.eye(like.shape[-1])[t]


def twin(one_hot: Formula, name: str, text: str = "", *, caught_by: Callable[..., Claims]) -> Mistake:
    """A mistake of the page for one-hot targets, made of targets in another encoding, which become rows first.

    Args:
        one_hot: The page for one-hot targets.
        name: The name of the mistake.
        text: What is wrong, in a sentence, if it is another one.
        caught_by: The law of this page that it breaks.
    """
    known = next(each for each in one_hot.mistakes if each.name == name)

    def program(first: Array, t: Array, **constants: Any) -> Any:
        return known.program(first, as_rows(first, t), **constants)

    made = known.program if known.operator else program
    return replace(known, text=text or known.text, program=made, caught_by=caught_by.__name__)


def twins(one_hot: Formula, *names: str) -> Iterator[Mistake]:
    """Several of them in a row, of which nothing else is to be said: each breaks the law that it breaks there."""
    laws = {each.name: each.relations for each in one_hot.laws}
    for known in (each for name in names for each in one_hot.mistakes if each.name == name):
        yield twin(one_hot, known.name, caught_by=laws[known.caught_by])
