"""The laws of every page hold for its program on inputs of every class, say something there, and change nothing."""

from __future__ import annotations

import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import surveyed
from flint import arb, ctx
from hypothesis import settings

from refmath import FORMULAS
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import as_balls, read
from refmath.balls.formats import FORMATS, Format
from refmath.calculus.functions import CUBES, SQUARES, function
from refmath.kinds.kind import CLASSES, Class
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.searching.laws import holds
from refmath.oracle.searching.probe import Inputs, Probe
from refmath.spec import AtLeast, Equal, Formula, Law, Program, packed, setting

pytestmark = pytest.mark.long

every_formula = pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
in_a_format = pytest.mark.parametrize(
    ("formula", "format_"), surveyed.in_turn(FORMULAS, [FORMATS["float64"], FORMATS["float32"]])
)

#: So many small inputs of each class, and large ones; that many in the session `zoo`.
EXAMPLES, LARGE = settings().max_examples // 2, 100
every_effort = pytest.mark.parametrize(
    ("examples", "large"),
    [pytest.param(4, 1, id="few"), pytest.param(EXAMPLES, LARGE, id="many", marks=pytest.mark.zoo)],
)


def judge(formula: Formula, format_: Format, program: Program) -> Callable[[Law, Inputs], bool | None]:
    """Whether a law of the page holds for a program at some inputs; the program may not warn."""
    under, candidate = setting(formula), Candidate(program, formula=formula)
    known: dict[Any, Acceptance | None] = {}

    def interval(inputs: Inputs) -> Acceptance | None:
        key = surveyed.key(inputs)
        if key not in known:
            known[key] = acceptance(under, read(under, *packed(formula, inputs)), format_)
        return known[key]

    def call(given: Inputs) -> Any:
        seen = candidate(given)
        assert (seen.trouble, seen.warnings) == (None, ()), (seen.text, given)
        return seen.value

    def verdict(law: Law, inputs: Inputs) -> bool | None:
        return holds(law, under, inputs, format_, call, interval)

    return verdict


def probes_of(formula: Formula, format_: Format, examples: int, large: int) -> Iterator[Probe]:
    """Inputs of every class; integers of a narrow type are a matter of the type, not of the laws."""
    found = [
        probe
        for probe in surveyed.probes(formula, format_, examples=2 * examples)
        if {*probe.types.values()} <= {"int64"}
    ]
    for class_ in CLASSES:
        small = [probe for probe in found if probe.class_ == class_ and surveyed.is_small(probe)]
        yield from surveyed.spread(small, 2 * examples if class_ == "typical" else examples)
    beyond = [probe for probe in found if probe.class_ == "typical" and not surveyed.is_small(probe)]
    yield from surveyed.spread(beyond, large)


@in_a_format
@every_effort
def test_every_law_holds_for_the_program_on_every_class(
    formula: Formula, format_: Format, examples: int, large: int
) -> None:
    """On inputs of every class, small and large, each law holds for the page's own program, and none is silent on all typical ones; of few inputs, on all of them."""
    verdict = judge(formula, format_, formula.program)
    spoke: set[tuple[str, Class]] = set()
    for probe in probes_of(formula, format_, examples, large):
        for law in formula.laws:
            held = verdict(law, probe.inputs)
            assert held is not False, f"{law.name} is broken ({probe.class_}, {probe.ways}, {probe.types})"
            if held:
                spoke.add((law.name, probe.class_))
    heard = {name for name, class_ in spoke if class_ == "typical" or large == 1}
    assert {law.name for law in formula.laws} == heard


#: A batch for each kind of argument, of numbers that a law may move, double or divide by K without leaving the format.
BATCHES = {
    "real": [np.array([[0.125, -2.0, 3.5, 1.0], [4.0, 0.25, -1.5, -0.125]]), np.array([[1.0, 0.5, 3.0, -8.0]] * 2)],
    "logits": [
        np.array([[0.5, -1.0, 2.25, 0.0], [-3.0, 1.5, 0.125, 1.0]]),
        np.array([[8.0, -1.0, 2.5, 0.0], [0.5, 1.5, 9.0, 1.0]]),
    ],
    "signs": [np.array([[1.0, -1.0, 1.0, 1.0], [-1.0, -1.0, 1.0, -1.0]])],
    # The guard's δ, from which on the loss has a slope, and a zero among them.
    "probabilities": [np.array([[0.5, 0.25, 0.125, 0.125], [0.0625, 1e-8, 0.5, 0.0]])],
    "unit_interval": [np.array([[1.0, 0.25, 0.0, 0.625], [0.125, 0.5, 1.0, 0.0]])],
    "targets": [np.eye(4)[[2, 1]]],
    "floats": [np.array([[0.5, -2.0, 4.0, 1.0], [8.0, 0.25, -1.5, -0.5]])],
    "first_moment": [np.array([[0.5, -1.0, 0.25, 0.0], [2.0, 0.25, -1.5, -0.5]])],
    "second_moment": [np.array([[0.25, 4.0, 1.0, 0.5], [16.0, 0.25, 2.25, 1.0]])],
    "step_number": [np.array(3)],
    "labels": [np.array([2, 1])],
    "targets_or_labels": [np.eye(4)[[2, 1]], np.array([2, 1])],
}


def network(D: int, H: int, K: int) -> Inputs:
    """Parameters of a network, multiples of 1/8 without a pattern; the last bias is zero."""
    shapes = {"W1": (D, H), "b1": (H,), "W2": (H, K), "b2": (K,)}
    rng = np.random.default_rng(D)
    params = {f"params['{key}']": rng.integers(-12, 13, shape) / 8 for key, shape in shapes.items()}
    params["params['b2']"][-1] = 0
    return params


def with_gradients(params: Inputs) -> Inputs:
    """The arguments of a step, in two mappings."""
    arrays = {name.split("'")[1]: value for name, value in params.items()}
    return {"params": arrays, "grads": {key: value[..., ::-1] for key, value in arrays.items()}}


#: The same for formulas whose arguments are no batch: two networks, one of them with as many samples as inputs, hidden units and classes.
NETWORKS = [network(2, 2, 2), network(3, 4, 2)]
X = [np.array([[1.0, -0.5], [0.25, 2.0]]), np.arange(-7, 8).reshape(5, 3) / 4]
LABELS = [np.array([1, 0]), np.array([1, 0, 0, 1, 1])]
NO_BATCH: dict[str, list[Inputs]] = {
    "numerical_gradient": [
        {"f": function(CUBES, 1.0, 0.5), "x": np.array([2.0, -1.0])},
        {"f": function(CUBES, *np.arange(1, 7) / 4), "x": np.arange(-2, 4).reshape(2, 3) / 2},
    ],
    "gradient_descent": [
        {
            "f": function(SQUARES, *np.arange(1, start.size + 1) / 4),
            "init_x": start,
            "lr": np.array(0.25),
            "step_num": np.array(3),
        }
        for start in (np.array([2.0, -1.0]), np.arange(-2, 4).reshape(2, 3) / 2)
    ],
    "sgd_step": [{**with_gradients(each), "lr": np.array(0.25)} for each in NETWORKS],
    "two_layer_net_predict": [{**each, "x": x} for each, x in zip(NETWORKS, X, strict=True)],
    "two_layer_net_loss": [
        {**each, "x": x, "t": t}
        for each, x, labels in zip(NETWORKS, X, LABELS, strict=True)
        for t in (labels, np.eye(2)[labels])
    ],
}
NO_BATCH["two_layer_net_gradient"] = NO_BATCH["two_layer_net_loss"]


#: The sizes of layers.
LAYERS = ({"N": 2, "K": 4, "D": 4, "H": 3}, {"N": 3, "K": 2, "D": 2, "H": 2})


def layer(formula: Formula, *, single: bool, **sizes: int) -> Inputs:
    """The arguments of a layer, multiples of 1/8 without a pattern."""
    rng = np.random.default_rng(sizes["N"])
    shapes = {each.name: [sizes[axis] for axis in each.axes if not (single and axis == "N")] for each in formula.inputs}
    return {name: rng.integers(-12, 13, shape) / 8 for name, shape in shapes.items()}


def plain_inputs(formula: Formula) -> list[Inputs]:
    """All batches of these, also in two classes, and the first sample of each; of a formula with other arguments, two sets of inputs or four."""
    if formula.name in NO_BATCH:
        return NO_BATCH[formula.name]
    if any(each.kind in ("weights", "units") for each in formula.inputs):
        return [
            layer(formula, single=single, **sizes)
            for sizes in LAYERS
            for single in (False, True)[: 1 + formula.single_samples]
        ]
    batches = [
        dict(zip([each.name for each in formula.inputs], values, strict=True))
        for values in itertools.product(*(BATCHES[each.kind] for each in formula.inputs))
    ]
    batches += [in_two_classes(batch) for batch in batches]
    return [
        *batches,
        *({name: value[0] if value.ndim else value for name, value in batch.items()} for batch in batches),
    ]


def in_two_classes(batch: Inputs) -> Inputs:
    """The same batch with its first two entries only: of one-hot rows and labels, some that fit."""
    one_hot = np.eye(2)[[1, 0]]
    return {
        name: value
        if value.ndim == 0
        else np.array([1, 0])
        if value.ndim == 1
        else one_hot
        if (value.sum(axis=-1) == 1).all() and value.max() == 1
        else value[:, :2]
        for name, value in batch.items()
    }


def in_parts(change: Callable[[Any], Any], answer: Any) -> Any:
    """An answer changed, entry by entry if it is a mapping."""
    return {key: change(value) for key, value in answer.items()} if isinstance(answer, dict) else change(answer)


@every_formula
def test_no_law_holds_for_a_program_that_answers_nan(formula: Formula) -> None:
    """Each law asks the implementation that it is given, and no comparison lets nan pass."""

    def answers_nan(*inputs: Any) -> Any:
        return in_parts(lambda value: value * np.nan, formula.program(*inputs))

    verdict = judge(formula, FORMATS["float64"], answers_nan)
    for law in formula.laws:
        assert {verdict(law, inputs) for inputs in plain_inputs(formula)} == {False}, law.name


def arrays_in(value: Any) -> list[Any]:
    """The arrays of a mapping, or the array itself."""
    return list(value.values()) if isinstance(value, dict) else [value]


def answers_in_balls(formula: Formula, asked: list[Any]) -> Program:
    """The page's program for arrays of balls, which are rounded to float64 first; what it is asked is kept."""

    def rounded(value: Any) -> Any:
        if callable(value):
            return value
        if isinstance(value, dict):
            return in_parts(rounded, value)
        value = np.asarray(value)
        if value.dtype.kind in "iu":
            return value[()]
        floats = np.array([float(arb(ball).mid()) for ball in value.flat], np.float64).reshape(value.shape)
        return float(floats) if isinstance(value[()], arb) else floats

    def implementation(*arguments: Any) -> Any:
        asked.append(arguments)
        return in_parts(lambda value: as_balls(value)[()], formula.program(*map(rounded, arguments)))

    return implementation


@every_formula
def test_no_law_writes_into_what_it_is_given(formula: Formula) -> None:
    """Each law leaves the balls and labels as they are, asks the implementation, and takes read-only arrays."""
    functions = {each.name for each in formula.inputs if each.is_function}
    for inputs in plain_inputs(formula):
        for law in formula.laws:
            drawn = {
                name: in_parts(lambda array: np.array(array) if array.dtype.kind == "i" else as_balls(array), value)
                for name, value in inputs.items()
                if name not in functions
            }
            before = {name: in_parts(np.copy, value) for name, value in drawn.items()}
            for each in drawn.values():
                in_parts(lambda array: array.setflags(write=False), each)
            scalars = {name: in_parts(lambda array: array[()], value) for name, value in drawn.items()}
            arguments = packed(formula, {**inputs, **scalars})
            keys = [list(each) for each in arguments if isinstance(each, dict)]
            asked: list[Any] = []
            with ctx.workprec(256):
                assert list(law.relations(answers_in_balls(formula, asked), *arguments))
            assert asked, law.name
            assert keys == [list(each) for each in arguments if isinstance(each, dict)]
            for name, earlier in before.items():
                for old, new in zip(arrays_in(earlier), arrays_in(drawn[name]), strict=True):
                    assert all(one == other for one, other in zip(old.flat, new.flat, strict=True)), law.name


# ---- the same laws in plain floats, where every one of their comparisons can be looked at by itself

#: Answers spoilt a little, on every call of a law or on some: none goes far beyond where the right ones are.
SPOILT: dict[str, Callable[[int, Any], Any]] = {
    "more": lambda call, v: v + 1 / 8,
    "much more": lambda call, v: v + 2,
    "less": lambda call, v: v - 1 / 8,
    "longer": lambda call, v: v * 9 / 8,
    "negative": lambda call, v: -v,
    "first call": lambda call, v: v - 2 * (call == 0),
    "later calls": lambda call, v: v - 2 * (call > 0),
    "more each call": lambda call, v: v + call / 8,
    "less each call": lambda call, v: v - call / 8,
    "first entry": lambda call, v: v + np.where(np.arange(np.size(v)).reshape(np.shape(v)) == 0, 1 / 8, 0.0),
    "first entry less": lambda call, v: v - np.where(np.arange(np.size(v)).reshape(np.shape(v)) == 0, 1 / 8, 0.0),
    "last entry": lambda call, v: (
        v + np.where(np.arange(np.size(v)).reshape(np.shape(v)) == np.size(v) - 1, 1 / 8, 0.0)
    ),
    "turned round": lambda call, v: np.flip(v) if np.ndim(v) else v + 1,
}
#: What takes so much away that a bound far below the right answers is broken too: that such a bound is one must be shown by another.
ROUGH = {"first call", "later calls"}


@dataclass(frozen=True)
class Place:
    """Where a law stands that has just made a comparison, or the one that it hands on to.

    Attributes:
        function: The law.
        line: The line in which it compares.
        shapes: Those of what the implementation is given.
        entry: Of a bound, the entry: each is a place of its own.
    """

    function: str
    line: int
    shapes: tuple[tuple[int, ...], ...]
    entry: tuple[int, ...] | None


def shapes_of(inputs: Inputs) -> tuple[tuple[int, ...], ...]:
    return tuple(np.shape(array) for each in inputs.values() if not callable(each) for array in arrays_in(each))


def standing(relations: Any) -> tuple[str, int]:
    while inspect.isgenerator(relations.gi_yieldfrom):
        relations = relations.gi_yieldfrom
    return relations.gi_code.co_name, relations.gi_frame.f_lineno


def compared(
    formula: Formula, law: Law, inputs: Inputs, spoil: Callable[[int, Any], Any]
) -> Iterator[tuple[Place, bool]]:
    """Each comparison of a law: where it stands, and whether it holds for the program with its answers spoilt."""
    calls = itertools.count()

    def implementation(*arguments: Any) -> Any:
        call = next(calls)
        # The laws of single entries make arrays of objects, to hold balls.
        given = [np.asarray(each, float) if getattr(each, "dtype", None) == object else each for each in arguments]
        return in_parts(lambda value: spoil(call, value), formula.program(*given))

    floats = {
        name: value.item() if isinstance(value, np.ndarray) and not value.ndim else value
        for name, value in inputs.items()
    }
    shapes = shapes_of(inputs)
    relations = law.relations(implementation, *packed(formula, floats))
    for relation in relations:
        left, right = np.asarray(relation.left, float), np.asarray(relation.right, float)
        assert right.shape in ((), left.shape)
        if isinstance(relation, AtLeast):
            for entry in np.ndindex(left.shape):
                at_least = left[entry] >= np.broadcast_to(right, left.shape)[entry] - 1e-9
                yield Place(*standing(relations), shapes, entry), bool(at_least)
        else:
            equal = (np.abs(left - right) <= 1e-6 * (1 + np.abs(right))).all()
            yield Place(*standing(relations), shapes, None), bool(equal)


@every_formula
def test_every_comparison_of_a_law_holds_and_bites(formula: Formula) -> None:
    """For the page's own program each comparison holds; for a single sample and for a batch, some answers a little spoilt break it.

    Of a bound, each entry is broken, by answers beyond it but not far below.
    """
    for law in formula.laws:
        seen, bites = set(), set()
        for inputs in plain_inputs(formula):
            for where, held in compared(formula, law, inputs, lambda _call, v: v):
                assert held, (law.name, where)
                seen.add(where)
            for way, spoil in SPOILT.items():
                with contextlib.suppress(ValueError, FloatingPointError):  # spoilt answers may be no arguments
                    for where, held in compared(formula, law, inputs, spoil):
                        if not held and (where.entry is None or way not in ROUGH):
                            bites.add(where)
        assert {where.shapes for where in seen} == {shapes_of(each) for each in plain_inputs(formula)}, law.name
        assert bites >= seen, f"{law.name}: nothing breaks {seen - bites}"


@pytest.mark.parametrize(
    "formula", [each for each in FORMULAS if each.inputs[-1].kind == "targets_or_labels"], ids=lambda each: each.name
)
def test_the_law_of_both_encodings_asks_in_both(formula: Formula) -> None:
    """Given rows or labels, the implementation is asked about rows and about labels."""
    (law,) = (each for each in formula.laws if each.name == "is_the_same_for_both_encodings")
    for inputs in plain_inputs(formula):
        asked: set[int] = set()

        def implementation(*arguments: Any, asked: set[int] = asked) -> Any:
            asked.add(np.ndim(arguments[-1]) - np.ndim(arguments[-2]))
            return formula.program(*arguments)

        assert list(law.relations(implementation, *packed(formula, inputs)))
        assert asked == {0, -1}


def test_a_law_that_compares_with_nothing_is_refused() -> None:
    """None is not taken for zero, as flint would."""
    (formula,) = (each for each in FORMULAS if each.name == "sigmoid")
    for relation in (AtLeast(None, 0), AtLeast(0, None), Equal(None, 0)):
        law = Law(
            "compares_with_nothing", "It compares with nothing.", lambda sigmoid, x, relation=relation: [relation]
        )
        with pytest.raises(TypeError, match="must be numbers; got None"):
            judge(formula, FORMATS["float64"], formula.program)(law, {"x": np.array(0.0)})
