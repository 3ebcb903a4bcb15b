"""How the cost of the numerical gradient grows with the sizes of batch and network."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import plain
from benchmarks.tables import Table, row, table
from benchmarks.timing import Row, by_turns, times
from refmath.fast.network_differences import network_differences

#: The sizes from which one at a time is changed.
FROM = {"N": 20, "K": 10, "D": 50, "H": 10}
NAMES = {"N": "samples", "K": "classes", "D": "inputs", "H": "hidden units"}
TEXT = """Processor time of the numerical gradient by all parameters, on dense inputs, while one size grows over two decades and the others stay
({sizes}). The plain loop's is **extrapolated** from {sample} parameters drawn at random to all of them. The exponent is the slope of a straight line through
the logarithms: over all points, and over those of the upper decade, where what does not grow counts less. In N the structural gradient and the plain
loop grow alike; in D, H and K the plain loop has more parameters *and* longer passes. The figure shows the points."""


def tables(quick: bool) -> list[Table]:
    """One size after the other."""
    values = (4, 40) if quick else (10, 22, 46, 100, 220, 460, 1000)
    sample = 3 if quick else 20
    points = {name: [_point(FROM | {name: value}, sample, 1 if quick else 3) for value in values] for name in FROM}
    rows: list[Row] = []
    for name, of_size in points.items():
        for method in ("structural", "plain"):
            y = np.log([point[method]["median"] for point in of_size])
            x = np.log(values)
            upper = x >= np.log(values[-1] / 10) - 1e-9
            rows.append(
                row(
                    f"{name}, {NAMES[name]}: {'refmath, structural' if method == 'structural' else 'plain loop'}",
                    exponent=float(np.polyfit(x, y, 1)[0]),
                    upper=float(np.polyfit(x[upper], y[upper], 1)[0]),
                    first=of_size[0][method]["median"],
                    last=of_size[-1][method]["median"],
                )
            )
    columns = [
        ("what", "what grows", "text"),
        ("exponent", "exponent, two decades", "number"),
        ("upper", "exponent, upper decade", "number"),
        ("first", f"seconds at {values[0]}", "number"),
        ("last", f"seconds at {values[-1]}", "number"),
    ]
    sizes = ", ".join(f"{name} = {value}" for name, value in FROM.items())
    text = TEXT.format(sizes=sizes, sample=sample)
    return [table("growth", "Growth", text, columns, rows, points=points, values=list(values))]


def _point(sizes: dict[str, int], sample: int, rounds: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    x, labels = 0.01 + 0.98 * rng.random((sizes["N"], sizes["D"])), rng.integers(0, sizes["K"], sizes["N"])
    params = plain.network(sizes["D"], sizes["H"], sizes["K"], 0.1, rng)
    t = np.eye(sizes["K"])[labels]
    chosen = list(plain.places(params, sample, rng))
    timed = by_turns(
        {
            "structural": lambda: network_differences(params, x, labels),
            "plain": lambda: [plain.difference(params, place, x, t) for place in chosen],
        },
        rounds,
    )
    size = sum(value.size for value in params.values())
    return {"structural": timed["structural"], "plain": times(timed["plain"], size / sample), "parameters": size}
