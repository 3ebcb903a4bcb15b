"""Certified values of the softmax cross-entropy, beside what computes it in floating point or in many digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.machine import installed
from benchmarks.tables import Table, against, missing, row, table
from benchmarks.timing import Row, by_turns, processor_time, summary
from refmath.balls.exact import enclosure
from refmath.catalogue import formula
from refmath.certified import exact
from refmath.fast.certified_cross_entropy import certified_softmax_cross_entropy
from refmath.losses.softmax_cross_entropy_labels import softmax_cross_entropy_labels
from refmath.spec import setting

NAME = "softmax_cross_entropy_labels"
BASE = "NumPy, log-sum-exp"
COLUMNS = [
    ("what", "program", "text"),
    ("seconds", "one loss", "seconds"),
    ("seconds", "quartiles", "span"),
    ("ratio", "against NumPy", "ratio"),
    ("ulps", "units in the last place off", "number"),
]
TEXT = """Processor time for the softmax cross-entropy with labels of {N} samples and {K} classes, {kind}. The error is the distance from the
correctly rounded exact value, in units in the last place of float64. `refmath.exact`, the balls and the double-double arithmetic of `certified_softmax_cross_entropy` return it with proof; mpmath computes in 50 digits,
without one."""
KINDS = {"logits drawn from a normal distribution": 1.0, "near certainty": 40.0}


def tables(quick: bool) -> list[Table]:
    """Two sizes, and two kinds of logits."""
    sizes = ((5, 4),) if quick else ((100, 10), (1000, 1000))
    return [_table(N, K, kind, quick) for N, K in sizes for kind in KINDS]


def _table(N: int, K: int, kind: str, quick: bool) -> Table:
    rng = np.random.default_rng(0)
    a, labels = rng.standard_normal((N, K)), rng.integers(0, K, N)
    if KINDS[kind] > 1:
        a[np.arange(N), labels] += KINDS[kind]
    programs: dict[str, Callable[[], Any] | None] = {
        BASE: lambda: _log_sum_exp(a, labels),
        "refmath, softmax_cross_entropy_labels": lambda: softmax_cross_entropy_labels(a, labels),
        "SciPy, logsumexp": _scipy(a, labels) if installed("scipy") else None,
        "refmath, certified_softmax_cross_entropy, correctly rounded": lambda: certified_softmax_cross_entropy(
            a, labels
        ),
        "refmath.exact, correctly rounded": lambda: exact(NAME, a, labels).nearest(),
        "refmath's ball arithmetic, correctly rounded": lambda: enclosure(
            setting(formula(NAME), None), a, labels
        ).nearest(),
        "mpmath, 50 digits": _mpmath(a, labels) if installed("mpmath") else None,
    }
    right = exact(NAME, a, labels).nearest()
    quickly = {what: case for what, case in programs.items() if case is not None}
    # What takes seconds is run once: its spread would cost minutes, and its ratio is not in doubt.
    once = {what: processor_time(case) for what, case in quickly.items() if N * K > 10_000 and not _is_fast(what)}
    timed = by_turns({what: case for what, case in quickly.items() if what not in once}, 2 if quick else 7)
    rows: list[Row] = []
    for what, case in programs.items():
        if case is None:
            rows.append(missing(what, what.split(",")[0]))
        else:
            seconds = summary([once[what]]) if what in once else timed[what]
            # The value of what is run once is known to be right, or is asked for at the smaller size.
            rows.append(row(what, seconds, ulps=None if what in once else _ulps(case(), right)))
    title = f"Certified values: {N} × {K}, {kind}"
    return table(
        f"certified-{N}-{K}-{list(KINDS).index(kind)}",
        title,
        TEXT.format(N=N, K=K, kind=kind),
        COLUMNS,
        against(rows, BASE),
    )


def _is_fast(what: str) -> bool:
    return what.startswith((BASE, "SciPy", "refmath, "))


def _ulps(got: Any, right: Any) -> float:
    return float(abs(float(got) - float(right)) / np.spacing(abs(float(right))))


def _log_sum_exp(a: Any, labels: Any) -> Any:
    largest = np.max(a, axis=1)
    sums = np.sum(np.exp(a - largest[:, np.newaxis]), axis=1)
    return np.mean(np.log(sums) + largest - a[np.arange(len(a)), labels])


def _scipy(a: Any, labels: Any) -> Callable[[], Any]:
    from scipy.special import logsumexp

    return lambda: np.mean(logsumexp(a, axis=1) - a[np.arange(len(a)), labels])


def _mpmath(a: Any, labels: Any) -> Callable[[], Any]:
    import mpmath

    def loss() -> Any:
        with mpmath.workdps(50):
            total = mpmath.mpf(0)
            for row_of_a, label in zip(a.tolist(), labels.tolist(), strict=True):
                total += mpmath.log(mpmath.fsum(mpmath.exp(each) for each in row_of_a)) - row_of_a[label]
            return total / len(a)

    return loss
