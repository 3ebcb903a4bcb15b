"""The inputs on which the zoo's numerical gradients, descents, steps and networks are tried."""

from typing import Any

import numpy as np

from .functions import (
    BOWL,
    CUBES,
    EXPONENTIALS,
    FRACTION,
    LINEAR,
    LOG_SUM_EXP,
    MIXED,
    OFFSET,
    SINES,
    SQUARED_SUM,
    SQUARES,
    VALLEY,
    of_shape,
)
from .specimen import Array
from .trials import Trial, softened

Params = dict[str, Array]


def gradients() -> list[Trial]:
    """Functions and points."""
    rng = np.random.default_rng(6)
    smooth = (SQUARES, CUBES, SQUARED_SUM, MIXED, EXPONENTIALS, LOG_SUM_EXP, SINES, FRACTION)
    shapes = ((2,), (3,), (2, 2), (2, 3), (3,), (2, 2), (4,), (3, 2))
    whole = np.array([[1, -2], [3, 0]])
    return [
        *(Trial("ordinary", f"shape {s}", (f, rng.uniform(-2, 2, s))) for f, s in zip(smooth, shapes, strict=True)),
        *(Trial("edge", f"shape {s}", (MIXED, rng.uniform(-2, 2, s))) for s in ((1,), (1, 1), (2, 1), (2, 1, 2))),
        Trial("edge", "zeros", (SQUARES, np.zeros(3))),
        Trial("edge", "zeros, a slope and no constant", (FRACTION, np.zeros(2))),
        Trial("edge", "zeros, a slope", (LINEAR, np.zeros((2, 2)))),
        *(Trial("edge", "integers", (f, whole)) for f in (SQUARES, CUBES, SQUARED_SUM)),
        Trial("edge", "a function of matrices alone", (of_shape(CUBES, (2, 3)), rng.uniform(-2, 2, (2, 3)))),
        Trial("edge", "by columns", (SQUARED_SUM, np.asfortranarray(rng.uniform(-2, 2, (2, 3))))),
        Trial("extreme", "far out", (SQUARES, np.array([900.5, -700.25]))),
        Trial("extreme", "beside a large constant", (OFFSET, np.array([0.5, -0.25, 2.0]))),
        Trial("extreme", "close to zero", (CUBES, np.array([1e-3, -2e-3]))),
    ]


def descents() -> list[Trial]:
    """Functions, starts, rates and numbers of steps."""
    rng = np.random.default_rng(7)
    return [
        Trial("ordinary", "parabolas", (SQUARES, rng.uniform(-3, 3, 3), 0.1, 5)),
        Trial("ordinary", "a matrix", (SQUARES, rng.uniform(-3, 3, (2, 2)), 0.25, 6)),
        Trial("ordinary", "a valley", (VALLEY, rng.uniform(-3, 3, 2), 0.1, 6)),
        Trial("ordinary", "a bowl", (BOWL, rng.uniform(-2, 2, (2, 2)), 0.5, 4)),
        Trial("edge", "no step", (VALLEY, np.array([1.0, -2.0]), 0.1, 0)),
        Trial("edge", "one step", (VALLEY, np.array([1.0, -2.0]), 0.01, 1)),
        Trial("edge", "a function of matrices alone", (of_shape(BOWL, (2, 2)), rng.uniform(-2, 2, (2, 2)), 0.1, 3)),
        Trial("edge", "two steps, one entry", (SQUARES, np.array([[1.5]]), 1.0, 2)),
        Trial("edge", "integers", (SQUARES, np.array([3, -4]), 0.1, 3)),
        Trial("edge", "at the minimum", (SQUARES, np.zeros(2), 0.1, 3)),
        Trial("extreme", "many steps", (SQUARES, np.array([2.0, -1.0]), 0.1, 40)),
        Trial("extreme", "into the minimum", (SQUARES, np.array([2.0, -1.0]), 0.5, 30)),
        Trial("extreme", "far out", (SQUARES, np.array([900.5, -700.25]), 0.5, 5)),
        Trial("extreme", "diverging", (SQUARES, np.array([1.0, -0.5]), 4.5, 7)),
    ]


def _params(rng: np.random.Generator, D: int, H: int, K: int, scale: float = 1.0) -> Params:
    shapes = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
    return {key: scale * rng.normal(size=shape) for key, shape in shapes.items()}


def _renamed(params: Params) -> Params:
    """The same arrays by the names that another library gives them."""
    return dict(zip(("first.weight", "first.bias", "theta", "gain"), params.values(), strict=True))


def steps() -> list[Trial]:
    """Parameters, their gradients and rates."""
    rng = np.random.default_rng(8)
    made = [
        Trial("ordinary", f"{sizes}", (_params(rng, *sizes), _params(rng, *sizes, 3.0), lr))
        for sizes, lr in (((2, 3, 4), 0.1), ((3, 3, 3), 0.01), ((4, 2, 3), 0.5))
    ]
    zeros = {key: 0 * value for key, value in _params(rng, 2, 2, 2).items()}
    return [
        *made,
        Trial("edge", "one of each", (_params(rng, 1, 1, 1), _params(rng, 1, 1, 1), 0.1)),
        Trial("edge", "other names", (_renamed(_params(rng, 2, 3, 2)), _renamed(_params(rng, 2, 3, 2)), 0.1)),
        Trial("edge", "without a slope", (_params(rng, 2, 2, 2), zeros, 0.1)),
        Trial("edge", "from zero", (zeros, _params(rng, 2, 2, 2), 1.0)),
        Trial("extreme", "large", (_params(rng, 2, 2, 2, 1e30), _params(rng, 2, 2, 2, 1e30), 0.1)),
        Trial("extreme", "small", (_params(rng, 2, 2, 2, 1e-30), _params(rng, 2, 2, 2, 1e-30), 0.1)),
    ]


def predictions() -> list[Trial]:
    """Parameters and samples."""
    return [Trial(trial.kind, trial.why, trial.arguments[:2]) for trial in losses() if trial.why.endswith("one-hot")]


def losses() -> list[Trial]:
    """Parameters, samples and targets in either encoding; everyday ones are soft, too, and in eight bits."""
    made = []
    for kind, why, params, x, t in _networks():
        hot = np.eye(len(params["b2"]))[t]
        targets = {"one-hot": hot, "labels": t}
        if kind == "ordinary":
            targets |= {"soft targets": softened(hot), "integer targets of eight bits": hot.astype(np.uint8)}
        made += [Trial(kind, f"{why}, {encoding}", (params, x, target)) for encoding, target in targets.items()]
    return made


def _networks() -> list[tuple[Any, str, Params, Array, Array]]:
    rng = np.random.default_rng(9)

    def drawn(D: int, H: int, K: int, N: int, scale: float = 1.0) -> tuple[Params, Array, Array]:
        return _params(rng, D, H, K, scale), rng.normal(size=(N, D)), (2 * rng.permutation(N) + 1) % K

    made: list[tuple[Any, str, Params, Array, Array]] = [
        ("ordinary", str(sizes), *drawn(*sizes))
        for sizes in ((2, 3, 2, 4), (3, 3, 3, 3), (2, 4, 3, 2), (4, 2, 5, 3), (2, 2, 2, 5))
    ]
    made += [
        ("edge", str(sizes), *drawn(*sizes)) for sizes in ((2, 3, 3, 1), (1, 1, 2, 1), (1, 1, 1, 1), (5, 6, 10, 3))
    ]
    made += [("edge", "a large batch", *drawn(2, 2, 3, 60))]
    params, x, t = drawn(3, 2, 2, 4)
    made += [
        ("edge", "integers", params, np.rint(2 * x).astype(np.int64), t),
        ("edge", "integers of eight bits", params, np.abs(np.rint(2 * x)).astype(np.uint8), t),
        ("edge", "zeros", {key: 0 * value for key, value in params.items()}, x, t),
        ("edge", "by columns", {key: np.asfortranarray(value) for key, value in params.items()}, x, t),
    ]
    for why, b2 in (("logits far out", [5000.0, 4999.0, -5000.0]), ("a certain class", [0.0, 40.0, 17.0])):
        params, x, t = drawn(2, 3, 3, 6)
        made.append(("extreme", why, {**params, "b2": np.array(b2)}, x, t))
    params, x, t = drawn(2, 3, 3, 4)
    made.append(("extreme", "hidden units far out", {**params, "b1": np.array([900.0, -900.0, 0.5])}, x, t))
    made.append(("extreme", "hidden units nearly nothing", {**params, "b1": np.array([600.0, -690.0, -600.0])}, x, t))
    apart = {**params, "W2": np.array([[1500.0, 1499.0, 1501.0], [-1500.0, -1502.0, -1500.0], [0.5, 1.0, 0.0]])}
    return [*made, ("extreme", "rows far from each other", {**apart, "W1": 9 * params["W1"]}, x, t)]


TRIALS = {
    "numerical_gradient": gradients,
    "gradient_descent": descents,
    "sgd_step": steps,
    "two_layer_net_predict": predictions,
    "two_layer_net_loss": losses,
    "two_layer_net_gradient": losses,
}
