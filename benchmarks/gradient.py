"""The numerical gradient of the chapter's network, by everything that computes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import plain
from benchmarks.digits import Batch, digits
from benchmarks.machine import installed
from benchmarks.tables import Table, against, missing, row, table
from benchmarks.timing import Row, by_turns, times
from refmath.networks.two_layer_net import TwoLayerNet
from refmath.networks.two_layer_net_gradient import two_layer_net_gradient

LOOP = "plain loop, two passes for each parameter"
COLUMNS = [
    ("what", "method", "text"),
    ("seconds", "one gradient", "seconds"),
    ("seconds", "quartiles", "span"),
    ("ratio", "against the plain loop", "ratio"),
    ("sample", "parameters timed", "number"),
    ("error", "largest error against the exact derivative", "number"),
]
TEXT = """Seconds of processor time for all {all:,} derivatives of the loss of {D}-{H}-{K} at batch {N}, h = 1e-4. Where the column "parameters
timed" holds a number, so many parameters, drawn at random, were differentiated, and the time is **extrapolated** to all of them in proportion. SciPy,
numdifftools and PyTorch differentiate a function of these parameters alone; at full size they would copy the whole vector each time as well. The errors are
those at the parameters timed, or at all of them; the exact derivative is that of backpropagation. The plain loop,
SciPy and numdifftools differentiate the chapter's loss, whose δ = 1e-8 alone makes up to 1e-8 of the error. {inputs}"""


def tables(quick: bool) -> list[Table]:
    """The gradient on digits, whose pixels are mostly black, on inputs without a zero and without two equal ones, and on a network that numdifftools can bear."""
    sizes = (20, 8, 10) if quick else (784, 100, 10)
    dense = "The inputs are dense: no zero among them, and no two equal ones, so that nothing is spared."
    out = [_table("dense", "dense inputs", dense, _dense(10 if quick else 100, *sizes), quick)]
    if not quick:
        out.append(
            _table(
                "digits", "digits", "The inputs are digits of MNIST, as in the training.", digits().batch(100), quick
            )
        )
    small = "A network small enough for every method to be run whole, numdifftools too; dense inputs."
    out.append(
        _table(
            "small", "a small network", small, _dense(5, 4, 3, 2) if quick else _dense(10, 20, 10, 5), quick, whole=True
        )
    )
    return out


def _dense(N: int, D: int, H: int, K: int) -> Batch:
    rng = np.random.default_rng(0)
    return Batch(0.01 + 0.98 * rng.random((N, D)), rng.integers(0, K, N), plain.network(D, H, K, 0.1, rng))


def _table(name: str, title: str, inputs: str, batch: Batch, quick: bool, whole: bool = False) -> Table:
    x, labels, params = batch
    (D, H), (_, K) = params["W1"].shape, params["W2"].shape
    size = sum(value.size for value in params.values())
    exact = two_layer_net_gradient(params, x, labels)
    count = size if whole else min(10 if quick else 100, size)
    chosen = _all(params) if whole else list(plain.places(params, count, np.random.default_rng(1)))
    expected = np.array([exact[name][index] for name, index in chosen])
    methods = _by_sample(batch, chosen, whole)
    net = TwoLayerNet(D, H, K, rng=0)
    net.params = params
    complete: dict[str, Callable[[], Any]] = {
        "refmath, TwoLayerNet.numerical_gradient": lambda: net.numerical_gradient(x, labels),
        "backpropagation, two_layer_net_gradient (the floor)": lambda: two_layer_net_gradient(params, x, labels),
    }
    timed = by_turns({what: case for what, case in (methods | complete).items() if case}, 2 if quick else 5)
    rows: list[Row] = []
    for what, case in (methods | complete).items():
        if case is None:
            rows.append(missing(what, what.split(",")[0]))
        elif what in methods:
            got = case()
            error = float(np.max(np.abs(np.asarray(got) - expected))) if got is not None else None
            rows.append(row(what, times(timed[what], size / count), sample=None if whole else count, error=error))
        else:
            got = case()
            rows.append(row(what, timed[what], error=max(float(np.max(np.abs(got[k] - exact[k]))) for k in exact)))
    rows[-1].pop("error")
    text = TEXT.format(all=size, D=D, H=H, K=K, N=len(x), inputs=inputs)
    return table(f"gradient-{name}", f"Numerical gradient: {title}", text, COLUMNS, against(rows, LOOP))


def _all(params: plain.Params) -> list[Any]:
    return [(name, index) for name, value in params.items() for index in np.ndindex(value.shape)]


def _by_sample(batch: Batch, chosen: list[Any], whole: bool) -> dict[str, Callable[[], Any] | None]:
    """The methods that know of nothing but values, each for the chosen parameters; None for those that are not installed."""
    x, labels, given = batch
    params = {name: value.copy() for name, value in given.items()}
    t = np.eye(params["W2"].shape[1])[labels]
    start = np.array([params[name][index] for name, index in chosen])

    def loss(values: Any) -> Any:
        for (name, index), value in zip(chosen, values, strict=True):
            params[name][index] = value
        return plain.loss(params, x, t)

    # A copy for itself: SciPy leaves the last parameter moved.
    own = {name: value.copy() for name, value in given.items()}
    methods: dict[str, Callable[[], Any] | None] = {
        LOOP: lambda: [plain.difference(own, place, x, t) for place in chosen],
        "SciPy, three points": _scipy(loss, start) if installed("scipy") else None,
        "PyTorch, gradcheck in slow mode": _torch(batch, chosen) if installed("torch") else None,
    }
    if whole:
        methods["numdifftools, Gradient"] = _numdifftools(loss, start) if installed("numdifftools") else None
    return methods


def _scipy(loss: Callable[[Any], Any], start: Any) -> Callable[[], Any]:
    from scipy.optimize._numdiff import (
        approx_derivative,
    )  # what its optimisers call; approx_fprime has no central differences

    return lambda: approx_derivative(loss, start, method="3-point", abs_step=1e-4)


def _numdifftools(loss: Callable[[Any], Any], start: Any) -> Callable[[], Any]:
    import numdifftools

    return lambda: numdifftools.Gradient(loss)(start)


def _torch(batch: Batch, chosen: list[Any]) -> Callable[[], Any]:
    """PyTorch's check of its own gradient by central differences; it returns no gradient."""
    import torch

    torch.set_num_threads(1)
    x, labels = torch.from_numpy(batch.x), torch.from_numpy(batch.labels)
    params = {name: torch.tensor(value) for name, value in batch.params.items()}
    values = torch.tensor([float(batch.params[name][index]) for name, index in chosen], dtype=torch.float64)
    by_name = {name: [(at, index) for at, (of, index) in enumerate(chosen) if of == name] for name in params}

    def put(name: str, of_chosen: Any) -> Any:
        places = by_name[name]
        if not places:
            return params[name]
        where = tuple(torch.tensor(axis) for axis in zip(*(index for _, index in places), strict=True))
        return params[name].index_put(where, of_chosen[[at for at, _ in places]])

    def loss(of_chosen: Any) -> Any:
        net = {name: put(name, of_chosen) for name in params}
        z = torch.sigmoid(x @ net["W1"] + net["b1"])
        return torch.nn.functional.cross_entropy(z @ net["W2"] + net["b2"], labels)

    def check() -> None:
        torch.autograd.gradcheck(loss, values.clone().requires_grad_(), eps=1e-4, atol=1e-4, rtol=1e-2)

    return check
