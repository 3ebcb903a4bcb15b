"""Made-up pages, answers and intervals, for asking the parts of the oracle directly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from refmath.balls.acceptance import Acceptance
from refmath.balls.formats import FORMATS
from refmath.kinds.kind import Class
from refmath.oracle.candidates.candidate import CallFailed, Candidate, Observation
from refmath.oracle.searching.declining import factors
from refmath.oracle.searching.probe import Probe
from refmath.oracle.searching.search import Search, Trial
from refmath.spec import Convention, Equal, Formula, Input, Law, Mistake, Part, Relation, setting
from refmath.symbols import i, k, n

x, t = sp.IndexedBase("x"), sp.IndexedBase("t")


def page(definition: Any, *inputs: Input, **more: Any) -> Formula:
    """A formula; by default of one real array of any shape."""
    return Formula(
        **{
            "name": "page",
            "display": "",
            "program": lambda *_: 0.0,
            "definition": sp.sympify(definition),
            "inputs": inputs or (Input("x", x, "real", ("...",)),),
            "laws": (),
            "mistakes": (),
            "reference": "",
            **more,
        }
    )


def wrong(name: str, program: Callable[..., Any] = lambda *_: 0.0, **variant: Any) -> Mistake:
    """A mistake, which no law catches, with at most one variant."""
    return Mistake(name, f"It does {name}.", program, "", (variant,) if variant else ())


def said(*values: Any) -> list[Observation]:
    """What was observed: values, or the kind of a trouble and its words."""
    return [
        Observation(trouble=each.partition(":")[0].split()[0], text=each)  # type: ignore[arg-type]
        if isinstance(each, str)
        else Observation(np.asarray(each, np.float64))
        for each in values
    ]


def about(nearest: Any, low: Any = None, high: Any = None) -> Acceptance:
    """An interval, by default one that holds a number alone; the unit in the last place is 1."""
    nearest = np.asarray(nearest, np.float64)
    balls = np.array([arb(float(each)) for each in nearest.flat], object).reshape(nearest.shape)
    low, high = (nearest if end is None else np.asarray(end, np.float64) for end in (low, high))
    return Acceptance(balls, nearest, low, high, balls, np.ones(nearest.shape))


def trial(interval: Acceptance, seen: Any, class_: Class = "extreme", ulps: float = 0.0, **inputs: Any) -> Trial:
    """A trial of a candidate that answered so, or met such a trouble, on inputs that are told by name."""
    given = {name: each if callable(each) else np.asarray(each) for name, each in (inputs or {"x": 0.0}).items()}
    return Trial(probe(class_, **given), interval, said(seen)[0], ulps, {})


def probe(class_: Class = "typical", **inputs: Any) -> Probe:
    """An input of a class, plainly represented."""
    return Probe(class_, inputs, {})


def tried(formula: Formula, of: Probe, interval: Acceptance, seen: Observation, ulps: float = 0.0) -> Trial:
    """A trial on an input of a formula, whose factors are told."""
    return Trial(of, interval, seen, ulps, factors(formula, of))


FLOAT64, FLOAT32 = FORMATS["float64"], FORMATS["float32"]
LAW_INPUTS = {"typical": 20, "edge": 12, "extreme": 12}


def law(relations: Callable[..., Iterator[Relation]]) -> Law:
    return Law(relations.__name__, "It is so.", relations)


def is_odd(f: Any, x: Any) -> Iterator[Relation]:
    yield Equal(f(-x), -f(x))


def speaks_of_nothing(_f: Any, _x: Any) -> Iterator[Relation]:
    yield from ()


DOUBLE = page(
    2 * x[i],
    name="double",
    program=lambda x: 2.0 * np.asarray(x),
    output=((i, "N"),),
    laws=(law(is_odd), law(speaks_of_nothing)),
    mistakes=(wrong("thrice", lambda x: 3.0 * np.asarray(x)), wrong("harmless", lambda x: 1.0 * np.asarray(x) + x)),
    conventions=(Convention("four", "Four times.", "a book", definition=4 * x[i]),),
)


#: Its answer is a mapping.
IN_PARTS = page(
    x[0],
    Input("params['W']", x, "real", ("N", "K"), "params", "W"),
    Input("params['b']", t, "real", ("K",), "params", "b"),
    Input("y", sp.Symbol("y"), "real", ()),
    single_samples=False,
    parts=(Part("W", x[n, k], ((n, "N"), (k, "K"))), Part("b", t[k], ((k, "K"),))),
)


def double(x: Any) -> Any:
    """Twice x; 2.0, as twice a small integer may not be one of its type."""
    return 2.0 * x


def search_of(
    candidate: Callable[..., Any],
    formula: Formula = DOUBLE,
    *,
    examples: int = 4,
    seed: int = 0,
    strict: bool = False,
    format_: Any = FLOAT64,
    array: Any = "numpy",
    convention: str | None = None,
    tick: Callable[[str], None] = lambda _what: None,
) -> Search:
    handed: Any = "numpy" if array == "json" else array
    observed = Candidate(candidate, handed, 10.0, formula)
    return Search(setting(formula, convention), observed, format_, seed, examples, strict, array, tick)


def failing(kind: Any, after: int) -> Callable[..., Any]:
    """A program that is right so many times, and fails from then on."""
    calls = itertools.count()

    def program(x: Any) -> Any:
        if next(calls) >= after:
            raise CallFailed(kind, f"it is {kind}")
        return double(x)

    return program


def asks_for_a_third(f: Any, _x: Any) -> Iterator[Relation]:
    yield Equal(f(arb(0.375)), 0.75)
