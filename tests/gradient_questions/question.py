"""One question about a gradient, and what the families of questions share."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Function = Callable[[Array], Any]
Truth = Literal["right", "wrong"]
#: What f, as it was meant, is at x: differentiable; with a kink there; or without any slope to be had, at a jump or a cusp.
Ground = Literal["smooth", "kink", "none"]


@dataclass(frozen=True, eq=False)  # a question is itself: arrays have no hash
class Question:
    """Is this the gradient of f at x?

    Attributes:
        name: What it is, unlike all others.
        family: Questions of one family are counted together.
        f: The function as a program, of an array of float64 or float32.
        gradient: What is claimed to be its gradient, a function of x.
        x: Where.
        truth: The answer that mathematics gives, about the function that the author of the program meant.
        hard: Whether no program that sees values of f alone, in double precision, could be sure.
        meant: The function that the author meant, without the rounding, the noise or the narrow format of f; None where f is as it was meant.
        ground: What that function is at x.
    """

    name: str
    family: str
    f: Function
    gradient: Function
    x: Array
    truth: Truth
    hard: bool = False
    meant: Function | None = None
    ground: Ground = "smooth"

    @property
    def mathematical(self) -> Function:
        """The function that the author meant, written so that it takes numbers of any precision."""
        return self.meant or self.f


def asked(
    family: str,
    name: str,
    f: Function,
    x: Any,
    right: Mapping[str, Function],
    wrong: Mapping[str, Function],
    *,
    hard: bool | Collection[str] = False,
    **more: Any,
) -> Iterator[Question]:
    """The questions about one function at one place: what is right, and what is wrong, each with its name; and which of them are hard."""
    point = np.asarray(x) if isinstance(x, np.ndarray) else np.array(x, np.float64)
    difficult = [*right, *wrong] if hard is True else hard or ()
    truths: tuple[tuple[Truth, Mapping[str, Function]], ...] = (("right", right), ("wrong", wrong))
    for truth, claims in truths:
        for claim, gradient in claims.items():
            yield Question(f"{name}: {claim}", family, f, gradient, point, truth, claim in difficult, **more)


def drawn(seed: int, *shape: int) -> Array:
    """Numbers of a standard normal distribution, the same each time."""
    return np.random.default_rng(seed).standard_normal(shape)


def constant(*values: float) -> Function:
    """A claim that does not depend on x."""
    return lambda x: np.array(values, np.float64).reshape(x.shape)


def erf(x: Any) -> Any:
    """The error function of an array of floats, or of numbers that know their own."""
    found = np.frompyfunc(lambda a: a.erf() if hasattr(a, "erf") else math.erf(a), 1, 1)(x)
    return found if x.dtype == object else found.astype(np.float64)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(x: Any) -> Any:
    """Along the last axis."""
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def log_softmax(x: Any) -> Any:
    """Along the last axis."""
    a = x - np.max(x, axis=-1, keepdims=True)
    return a - np.log(np.sum(np.exp(a), axis=-1, keepdims=True))


def softplus(x: Any) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
