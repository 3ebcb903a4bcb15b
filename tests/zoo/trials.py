"""The inputs on which the zoo is tried: ordinary ones, edges, and extremes; none stands on a kink."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .sound import one_hot, softmax
from .specimen import Array

Kind = Literal["ordinary", "edge", "extreme"]


@dataclass(frozen=True)
class Trial:
    """One set of inputs, of one kind, and why it is tried."""

    kind: Kind
    why: str
    arguments: tuple[Any, ...]


SHAPES: tuple[tuple[int, ...], ...] = ((3,), (7,), (4, 3), (3, 3), (2, 7), (6, 2))
EDGES: tuple[tuple[int, ...], ...] = ((1,), (1, 5), (5, 1), (1, 1))


def trials(formula: str) -> tuple[Trial, ...]:
    """The trials of one formula."""
    name = formula.removesuffix("_gradient")
    made: dict[str, Callable[[], list[Trial]]] = {
        "sigmoid": _numbers,
        "softmax": _logits,
        "mean_squared_error": _outputs_and_targets,
        "cross_entropy_one_hot": lambda: _coded(_probabilities(), "one_hot"),
        "cross_entropy_labels": lambda: _coded(_probabilities(), "labels"),
        "cross_entropy_error": lambda: _coded(_probabilities(), "one_hot") + _coded(_probabilities(), "labels"),
        "softmax_cross_entropy_one_hot": lambda: _coded(_labelled_logits(), "one_hot"),
        "softmax_cross_entropy_labels": lambda: _coded(_labelled_logits(), "labels"),
    }
    return tuple(made[name]())


def _numbers() -> list[Trial]:
    rng = np.random.default_rng(1)
    far = np.array([-1e4, -800, -745, -710, -700, -100, -40, -37, -20, 20, 36.5, 37, 40, 100, 700, 710, 745, 800, 1e4])
    return [
        *(
            Trial("ordinary", f"shape {shape}", (3 * rng.normal(size=shape),))
            for shape in ((5,), (3, 4), (3, 3), (2, 3, 2), (3, 4))
        ),
        Trial("edge", "a 0-d array", (np.array(0.75),)),
        Trial("edge", "zeros of both signs", (np.array([0.0, -0.0]),)),
        Trial("edge", "integers", (np.arange(-3, 4),)),
        Trial("edge", "one element", (np.array([[1.5]]),)),
        Trial("edge", "close to 0", (np.array([1e-300, -1e-17, 1e-9, 0.0]),)),
        Trial("extreme", "far out", (far,)),
        Trial("extreme", "far out, a matrix", (far[:18].reshape(6, 3),)),
    ]


def _logits() -> list[Trial]:
    rng = np.random.default_rng(2)
    made = [Trial("ordinary", f"shape {shape}", (2 * rng.normal(size=shape),)) for shape in SHAPES]
    made += [Trial("edge", f"shape {shape}", (2 * rng.normal(size=shape),)) for shape in EDGES]
    made += [
        Trial("edge", "integers", (np.array([[1, 2, 3], [3, -1, 0]]),)),
        Trial("edge", "ties", (np.array([[2.0, 2.0, 1.0], [0.0, 0.0, 0.0]]),)),
        Trial("edge", "a large batch", (rng.normal(size=(60, 3)),)),
    ]
    return made + [Trial("extreme", why, (a,)) for why, a in _extreme_logits()]


def _extreme_logits() -> list[tuple[str, Array]]:
    return [
        ("far apart", np.array([1e4, -1e4, 0.0])),
        ("far out together", np.array([[1e4, 9999.0, 9998.0], [-1e4, -9999.0, -9997.0]])),
        ("all far down", np.array([-1e4, -1e4 - 2, -1e4 + 1])),
        ("rows far from each other", np.array([[1e4, 9999.0], [0.5, 1.0], [-1e4, -9999.0]])),
        ("gaps of 30 to 40", np.array([[30.0, 0.0, -2.0], [0.0, 37.0, 1.0], [40.0, 3.0, 0.0]])),
        ("gaps of 600 to 800", np.array([[800.0, 0.0, 10.0], [0.0, 650.0, -50.0], [700.0, 0.0, 699.0]])),
    ]


def _outputs_and_targets() -> list[Trial]:
    rng = np.random.default_rng(3)

    def pair(shape: tuple[int, ...]) -> tuple[Array, Array]:
        return softmax(rng.normal(size=shape)), one_hot(rng.integers(shape[-1], size=shape[:-1]), shape[-1])

    made = [Trial("ordinary", f"shape {shape}", pair(shape)) for shape in SHAPES]
    made += [
        Trial("ordinary", f"any reals, {shape}", (rng.normal(size=shape), rng.normal(size=shape))) for shape in SHAPES
    ]
    made += [Trial("edge", f"shape {shape}", pair(shape)) for shape in EDGES]
    whole = {
        np.uint8: ([[3, 250, 0], [7, 2, 255]], [[200, 1, 0], [8, 2, 1]]),
        np.int8: ([[-127, 2, 0], [7, -5, 127]], [[127, 1, 0], [100, 2, -128]]),
        np.int16: ([[-32767, 2, 300], [7, -5, 127]], [[32767, 1, 0], [-400, 2, -128]]),
        np.int32: ([[-(2**31), 2, 91813], [7, -5, 3]], [[2**31 - 1, 1, 0], [2**20, 2, 9]]),
    }
    close = one_hot([0, 2], 3) + np.array([[1e-9, -2e-10, 3e-9], [0.0, 1e-12, 1e-9]])
    return [
        *made,
        Trial("edge", "integers", (np.array([[3, 1, 0], [2, 2, 5]]), np.array([[1, 0, 0], [0, 1, 0]]))),
        Trial("edge", "integers, one sample", (np.array([3, 0]), np.array([0, 1]))),
        Trial("edge", "integer targets", (softmax(rng.normal(size=(4, 3))), np.eye(3, dtype=np.int64)[[0, 2, 1, 1]])),
        *(
            Trial("edge", f"integers as {dtype.__name__}", (np.array(y, dtype), np.array(t, dtype)))
            for dtype, (y, t) in whole.items()
        ),
        Trial("edge", "exactly right", (one_hot([0, 2], 3), one_hot([0, 2], 3))),
        Trial("edge", "exactly wrong", (one_hot([1, 2], 3), one_hot([0, 1], 3))),
        Trial("edge", "a large batch", (rng.normal(size=(60, 3)), rng.normal(size=(60, 3)))),
        Trial("extreme", "close to the target", (close, one_hot([0, 2], 3))),
        Trial("extreme", "large", (1e8 + np.array([0.25, 0.5, 7.0]), np.full(3, 1e8))),
        Trial("extreme", "squares out of range", (np.array([[1e200, 2.0], [0.5, -0.25]]), one_hot([0, 1], 2))),
        Trial("extreme", "of many sizes", (np.array([[1e6, 1e-6, 1.0], [1e-9, -1e6, 0.0]]), one_hot([0, 2], 3))),
    ]


Labelled = tuple[Kind, str, Array, Any]


def _coded(made: list[Labelled], encoding: Literal["one_hot", "labels"]) -> list[Trial]:
    """The same inputs with their targets in one encoding or the other; a scalar label in its three guises.

    Targets come in other forms as well: as integers, and soft ones, which share a half of each sample out in eighths.
    """
    coded = []
    for kind, why, first, labels in made:
        if encoding == "one_hot":
            target = one_hot(labels, first.shape[-1])
            coded.append(Trial(kind, why, (first, target)))
            if "shape" in why:
                coded += [
                    Trial("edge", f"{why}, integer targets", (first, target.astype(np.int64))),
                    Trial("edge", f"{why}, integer targets of eight bits", (first, target.astype(np.uint8))),
                    Trial(kind, f"{why}, soft targets", (first, softened(target))),
                ]
        elif first.ndim == 2:
            coded.append(Trial(kind, why, (first, np.asarray(labels))))
        else:
            guises = (int(labels), np.int64(labels), np.array(labels))
            coded += [Trial(kind, f"{why}, a label as {type(guise).__name__}", (first, guise)) for guise in guises]
    return coded


def softened(target: Array) -> Array:
    """Half of each target, and the other half in four parts for the classes from the first on, in turn."""
    shares = np.bincount(np.arange(4) % target.shape[-1], minlength=target.shape[-1]) / 8
    return target / 2 + shares


def _labels(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Labels that are neither all equal nor in order; the last class for one sample."""
    return (rng.permutation(shape[0]) * 2 + 1) % shape[-1] if len(shape) == 2 else shape[-1] - 1


def _probabilities() -> list[Labelled]:
    rng = np.random.default_rng(4)
    made: list[Labelled] = [
        ("ordinary", f"shape {shape}", softmax(rng.normal(size=shape)), _labels(rng, shape)) for shape in SHAPES
    ]
    made += [("edge", f"shape {shape}", softmax(rng.normal(size=shape)), _labels(rng, shape)) for shape in EDGES]
    tiny = np.array([[1 - 1e-9, 1e-9, 0.0], [1e-12, 1 - 1e-12, 0.0], [1e-300, 0.25, 0.75], [3e-8, 1 - 3e-8, 0.0]])
    return [
        *made,
        ("ordinary", "one sample, first class", np.array([0.25, 0.5, 0.25]), 0),
        ("edge", "seventy classes", softmax(np.linspace(-1, 1, 210).reshape(3, 70) ** 2), [69, 0, 33]),
        ("edge", "certain and right", one_hot([1, 0, 2, 2], 3), [1, 0, 2, 2]),
        ("edge", "certain and wrong", one_hot([1, 0, 2, 2], 3), [0, 0, 1, 2]),
        ("edge", "certain and wrong, one sample", np.array([0.0, 1.0]), 0),
        ("edge", "integers", np.array([[0, 1, 0], [1, 0, 0]]), [1, 0]),
        ("edge", "ties", np.array([[0.5, 0.5], [0.5, 0.5], [0.25, 0.75]]), [1, 0, 0]),
        ("edge", "a large batch", softmax(rng.normal(size=(60, 3))), rng.integers(3, size=60)),
        ("extreme", "below the guards", tiny, [1, 0, 0, 0]),
        ("extreme", "close to certainty", tiny, [0, 1, 2, 1]),
        ("extreme", "a large batch of small ones", np.tile([1e-7 / 3, 0.5, 0.5 - 1e-7 / 3], (60, 1)), [0] * 60),
    ]


def _labelled_logits() -> list[Labelled]:
    rng = np.random.default_rng(5)
    made: list[Labelled] = [
        ("ordinary", f"shape {shape}", 2 * rng.normal(size=shape), _labels(rng, shape)) for shape in SHAPES
    ]
    made += [("edge", f"shape {shape}", 2 * rng.normal(size=shape), _labels(rng, shape)) for shape in EDGES]
    made += [
        ("ordinary", "one sample, first class", np.array([0.25, -0.5, 1.0]), 0),
        ("edge", "seventy classes", np.linspace(-3, 3, 210).reshape(3, 70), [69, 0, 33]),
        ("edge", "integers", np.array([[1, 2, 3], [3, -1, 0]]), [1, 0]),
        ("edge", "ties", np.zeros((3, 2)), [1, 0, 0]),
        ("edge", "a large batch", rng.normal(size=(60, 3)), rng.integers(3, size=60)),
    ]
    for why, a in _extreme_logits():
        last, first = (a.shape[-1] - 1, 0) if a.ndim == 1 else (np.full(len(a), a.shape[-1] - 1), np.argmax(a, axis=-1))
        made += [
            ("extreme", f"{why}, the last class", a, last),
            ("extreme", f"{why}, the first or best class", a, first),
        ]
    return made
