"""What a candidate declines: kinds of input that it always refuses by an error, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import probe, said, search_of

import refmath
from refmath.balls.acceptance import acceptance
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.searching.declining import Declined, declined, factors, require_kinds
from refmath.oracle.searching.probe import Probe
from refmath.spec import setting

REFUSED = Observation(trouble="raised", text="raised ValueError: no", declines=True)
RIGHT = said(1.0)[0]
#: The factors of an input and their values: the first is what everybody must take, or one of the encodings.
FACTORS = {
    "encoding": ("one-hot targets", "labels", "soft targets"),
    "arity": ("batches", "single samples"),
    "type": ("", "int32 arrays", "uint8 arrays"),
    "layout": ("plain", "strided"),
    "classes": ("", "one class"),
    "samples": ("", "batches of one sample"),
    "axes": ("", "zero-dimensional arrays"),
}
USUAL = {factor: values[0] for factor, values in FACTORS.items()}


@dataclass(frozen=True)
class Tried:
    """A trial of which only the factors and what came of it are known."""

    factors: Mapping[str, str]
    accepted: bool
    seen: Observation
    interval: Any = None


def tried(told: Mapping[str, str], seen: Observation | None = None) -> Tried:
    """A trial that was accepted, unless something else was seen."""
    return Tried({**USUAL, **told}, seen is None, seen or RIGHT)


def refused(count: int = 4, seen: Observation = REFUSED, **told: str) -> list[Tried]:
    return [tried(told, seen)] * count


# ---- the rule


refusable = st.sets(
    st.sampled_from([(factor, value) for factor, values in FACTORS.items() for value in values[1:]]), max_size=5
)


@given(refusable)
def test_what_is_always_refused_is_what_is_declined(values: set[tuple[str, str]]) -> None:
    """Of a candidate that is tried on every combination four times, exactly what it refuses is found, however much that is."""
    trials = []
    for combination in itertools.product(*FACTORS.values()):
        told = dict(zip(FACTORS, combination, strict=True))
        seen = REFUSED if any(told[factor] == value for factor, value in values) else None
        trials += [tried(told, seen)] * 4
    found = declined(trials)
    assert set(found.values) == values
    assert all(found.covers(trial.factors) is not trial.accepted for trial in trials)


def test_the_number_type_is_told_with_whose_it_is() -> None:
    """All arrays together, with the labels that an argument in either encoding has; or each by itself, by what it holds."""
    loss, apart = formula("cross_entropy_error"), formula("cross_entropy_labels")
    y, one_hot, labels = np.ones((2, 3)), np.eye(3)[:2], np.array([0, 2])
    both = {"y": "int8", "t": "int8"}
    for of, t, types, told in (
        (loss, labels, both, "int8 arrays and labels"),
        (loss, one_hot, both, "int8 arrays"),
        (loss, labels, {"t": "int8"}, "int8 labels"),
        (loss, one_hot, {"t": "uint8"}, "uint8 targets"),
        (loss, one_hot, {"y": "int8"}, "int8 y"),
        (loss, labels, {}, ""),
        (apart, labels, {"y": "int8", "labels": "int8"}, "int8 arrays"),
        (apart, labels, {"labels": "int16"}, "int16 labels"),
    ):
        assert factors(of, replace(probe(y=y, t=t, labels=t), types=types))["type"] == told


def test_four_inputs_must_have_been_refused() -> None:
    """Three are no proof."""
    for count in range(6):
        found = declined([tried({}), *refused(count, arity="single samples")])
        assert found.values == ((("arity", "single samples"),) if count >= 4 else ())


@pytest.mark.parametrize(
    "seen",
    [
        None,
        replace(REFUSED, declines=False, text="raised ZeroDivisionError: no"),
        said("hung")[0],
        said("type: returned None")[0],
        said("wrote")[0],
        said(7.0)[0],
    ],
    ids=["right", "another error", "hung", "None", "wrote", "wrong"],
)
@pytest.mark.parametrize("count", [4, 40])
def test_a_single_input_that_is_not_refused_is_enough(seen: Observation | None, count: int) -> None:
    """Who answers once, or fails otherwise, does not decline, however often an error has said so."""
    trials = [tried({}), *refused(count, arity="single samples")]
    assert declined(trials).values
    other = [tried({"arity": "single samples"}, seen)] if seen is not None else [tried({"arity": "single samples"})]
    assert not declined([*trials, *other]).values


def test_counterparts_must_be_accepted() -> None:
    """What differs in this alone must be right: otherwise the error may have another reason."""
    single = {"arity": "single samples", "encoding": "labels"}
    trials = refused(8, REFUSED, **single)
    assert not declined(trials).values
    # Accepted is only what differs in the encoding as well.
    assert not declined([*trials, tried({"encoding": "one-hot targets"})]).values
    assert not declined([*trials, *refused(4, said(7.0)[0], encoding="labels")]).values
    found = declined([*trials, tried({"encoding": "labels"})])
    assert found.values == (("arity", "single samples"),)


@pytest.mark.parametrize("factor", ["arity", "type", "layout", "classes", "samples", "axes"])
def test_what_everybody_must_take_is_never_declined(factor: str) -> None:
    """Batches, the format asked for, plain arrays, several classes, several samples and axes."""
    other = {factor: FACTORS[factor][1]}
    trials = [*refused(40), tried(other), tried(other)]
    assert not declined(trials).covers({**USUAL})


def test_one_encoding_is_left() -> None:
    """Two of the three may be declined; if none is right, nothing is."""
    two = [*refused(4, encoding="labels"), *refused(4, encoding="soft targets")]
    assert set(declined([*two, tried({})]).values) == {("encoding", "labels"), ("encoding", "soft targets")}
    assert not declined([*two, *refused(4, encoding="one-hot targets")]).values
    # Each has an accepted counterpart, of which the other one is refused.
    assert not declined([*refused(4, encoding="labels"), *refused(4)]).values


def test_the_smallest_set_that_explains_every_error_is_taken() -> None:
    """A value that is refused only because another one is, is not declined itself."""
    # Labels were tried in single samples only, but for one batch, which differs in the type as well.
    trials = [
        tried({}),
        tried({"arity": "single samples", "encoding": "soft targets"}, REFUSED),
        *refused(4, arity="single samples", encoding="labels"),
        *refused(4, arity="single samples"),
    ]
    assert declined(trials).values == (("arity", "single samples"),)
    everything = [*trials, tried({"encoding": "labels"}), *refused(4, layout="strided")]
    assert set(declined(everything).values) == {("arity", "single samples"), ("layout", "strided")}


def test_what_is_not_explained_remains() -> None:
    """An error that comes of something else makes a candidate fail; what it declines besides is told nevertheless."""
    trials = [tried({}), *refused(4, arity="single samples"), tried({}, REFUSED)]
    found = declined(trials)
    assert found.values == (("arity", "single samples"),)
    assert not found.covers(trials[-1].factors)
    # But who takes vectors alone refuses a number as it refuses a matrix.
    assert declined([tried({}), *refused(4, axes="zero-dimensional arrays"), tried({}, REFUSED)]).values == ()


def test_nothing_refused_is_nothing_declined() -> None:
    """With wrong answers, with right ones, and without trials."""
    assert declined([]).values == ()
    assert declined([tried({}), tried({"arity": "single samples"}, said(7.0)[0])]).values == ()


# ---- its words, and what is asked instead


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([("arity", "single samples")], ("single samples",)),
        ([("layout", "read-only")], ("read-only arrays",)),
        ([("classes", "one class"), ("samples", "batches of one sample")], ("one class", "batches of one sample")),
        ([("type", "uint8 arrays")], ("uint8 arrays",)),
        ([("type", "uint8 arrays"), ("type", "int32 arrays")], ("integer arrays",)),
        ([("type", "bool t")], ("bool t",)),
        ([("type", "uint8 t"), ("type", "int32 t")], ("uint8 t", "int32 t")),
    ],
    ids=str,
)
def test_it_is_told_in_words(values: list[tuple[str, str]], words: tuple[str, ...]) -> None:
    """Layouts are those of arrays; all integer types of the same arguments together are integers."""
    types = frozenset({"uint8 arrays", "int32 arrays", "uint8 t", "int32 t", "int8 t"})
    assert Declined(tuple(values), types).names == words


EITHER = formula("cross_entropy_error")
Y, T = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0])


def adapted(*values: tuple[str, str], y: Any = Y, t: Any = T) -> Any:
    return Declined(values).adapted(EITHER, {"y": y, "t": t})


def test_a_single_sample_is_taken_as_a_batch_of_one() -> None:
    """With its label; where the answer is one of each sample, the first is taken of it."""
    taken, back = adapted(("arity", "single samples"), y=Y[0], t=T[0])
    assert taken["y"].tolist() == [[0.25, 0.75]]
    assert taken["t"].tolist() == [1]
    assert back(0.5) == 0.5
    softmax = formula("softmax")
    taken, back = Declined((("arity", "single samples"),)).adapted(softmax, {"a": Y[0]})
    assert taken is not None
    assert taken["a"].shape == (1, 2)
    assert back(np.array([[0.5, 0.5]])).tolist() == [0.5, 0.5]
    # A batch stays what it is.
    taken, back = adapted(("arity", "single samples"))
    assert (taken["y"] is Y, taken["t"] is T, back([1.0])) == (True, True, [1.0])


def test_targets_are_taken_in_the_other_encoding() -> None:
    """Labels as one-hot targets and the other way round, if that is not declined too; soft targets have no other encoding."""
    taken, _ = adapted(("encoding", "labels"))
    assert taken["t"].tolist() == [[0.0, 1.0], [1.0, 0.0]]
    taken, _ = adapted(("encoding", "one-hot targets"), t=np.eye(2)[T])
    assert taken["t"].tolist() == T.tolist()
    both = (("encoding", "labels"), ("encoding", "one-hot targets"))
    assert adapted(*both)[0] is None
    assert adapted(("encoding", "soft targets"), t=Y)[0] is None
    taken, _ = adapted(("encoding", "labels"), ("arity", "single samples"), y=Y[0], t=T[0])
    assert taken["t"].tolist() == [[0.0, 1.0]]
    one_hot = formula("cross_entropy_one_hot")
    assert Declined((("encoding", "one-hot targets"),)).adapted(one_hot, {"y": Y, "t": np.eye(2)})[0] is None


def test_the_factors_of_an_input() -> None:
    """Single sample or batch, encoding, types, layout, one class, one sample."""

    def told(y: Any, t: Any, **more: Any) -> Any:
        return factors(EITHER, replace(probe(y=np.asarray(y), t=np.asarray(t)), **more))

    usual = {"encoding": "labels", "arity": "batches", "samples": "", "classes": "", "type": "", "layout": "plain"}
    assert told(Y, T) == usual
    assert told(Y, np.eye(2)) == {**usual, "encoding": "one-hot targets"}
    assert told(Y, np.eye(2, dtype=int), types={"t": "int64"}) == {
        **usual,
        "encoding": "one-hot targets",
        "type": "int64 targets",
    }
    assert told(Y, Y) == {**usual, "encoding": "soft targets"}
    assert told(Y[0], 1) == {**usual, "arity": "single samples"}
    assert told(Y[:1], [1]) == {**usual, "samples": "batches of one sample"}
    assert told(np.ones((2, 1)), [0, 0]) == {**usual, "classes": "one class"}
    assert told(Y, T, layout="strided") == {**usual, "layout": "strided"}
    assert told(Y, np.eye(2), types={"y": "uint8", "t": "uint8"})["type"] == "uint8 arrays"
    plain = factors(formula("sigmoid"), Probe("typical", {"x": np.ones((2, 3))}, {}))
    assert plain == {"axes": "", "type": "", "layout": "plain"}
    number = factors(formula("sigmoid"), Probe("edge", {"x": np.array(1.0)}, {}))
    assert number == {**plain, "axes": "zero-dimensional arrays"}
    mapping = {
        "params": {"W": np.ones(2), "gain": np.array(1.0)},
        "grads": {"W": np.ones(2), "gain": np.array(1.0)},
        "lr": 0.1,
    }
    assert factors(formula("sgd_step"), Probe("edge", mapping, {}))["axes"] == "zero-dimensional arrays"


def test_logits_of_minus_infinity_are_a_factor_where_they_are_allowed() -> None:
    """Of the softmax, for one; not of one-hot cross-entropies."""
    masked = np.array([[0.0, -np.inf], [1.0, 2.0]])
    assert factors(formula("softmax"), Probe("edge", {"a": masked}, {}))["masks"] == "logits of −∞"
    assert factors(formula("softmax"), Probe("edge", {"a": np.ones((2, 2))}, {}))["masks"] == ""
    assert "masks" not in factors(formula("sigmoid"), Probe("edge", {"x": np.ones((2, 2))}, {}))


# ---- judged


def floats(values: Any) -> Any:
    values = np.asarray(values)
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def right(y: Any, t: Any) -> Any:
    d = floats(y) - floats(t)
    return 0.5 * np.sum(d * d) / (len(d) if d.ndim == 2 else 1)


def refusing(where: Callable[..., bool], error: Any = ValueError) -> Callable[..., Any]:
    """The squared error, which raises on some inputs."""

    def candidate(y: Any, t: Any) -> Any:
        if where(y, t):
            raise error("not that")
        return right(y, t)

    return candidate


def judge(candidate: Callable[..., Any], against: str = "mean_squared_error", **options: Any) -> refmath.Report:
    return refmath.check(candidate, against, **{"examples": 6, **options})


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (lambda y, t: np.ndim(y) == 1, ("single samples",)),
        (lambda y, t: np.ndim(y) == 2 and len(y) == 1, ("batches of one sample",)),
        (lambda y, t: np.shape(y)[-1] == 1, ("one class",)),
        (lambda y, t: y.dtype.kind in "iu" and t.dtype.kind in "iu", ("integer arrays",)),
        (lambda y, t: t.dtype.kind in "iu", ("integer arrays", "integer t")),
        (lambda y, t: t.dtype == np.uint8, ("uint8 arrays", "uint8 t")),
        (lambda y, t: not y.flags.writeable, ("read-only arrays",)),
        (lambda y, t: not y.dtype.isnative, ("big-endian arrays",)),
        (lambda y, t: np.ndim(y) == 1 or not y.flags.writeable, ("single samples", "read-only arrays")),
    ],
    ids=lambda each: " and ".join(each) if isinstance(each, tuple) else "",
)
def test_the_verdict_is_that_of_the_rest(where: Callable[..., bool], names: tuple[str, ...]) -> None:
    """Who always refuses a kind of input by an error, and is right about its counterparts, conforms; the report names the kind."""
    # As many as four batches of one sample are among some tens of inputs only.
    report = judge(refusing(where), examples=30)
    assert report.verdict == "conforms"
    assert set(report.declined) == set(names)


@pytest.mark.parametrize("error", [TypeError, NotImplementedError])
def test_what_is_wrong_besides_is_found_in_the_rest(error: Any) -> None:
    """Declining is no way out: the rest is judged as ever; and if everything must be taken, it has failed."""
    candidate = refusing(lambda y, t: np.ndim(y) == 1, error)
    assert judge(lambda y, t: 1.5 * candidate(y, t)).verdict == "differs"
    complete = judge(candidate, complete=True)
    assert (complete.verdict, complete.declined) == ("failed", ())
    assert complete.smallest is not None
    assert np.ndim(complete.smallest.inputs["y"]) == 1


@pytest.mark.parametrize(
    "candidate",
    [
        refusing(lambda y, t: np.ndim(y) == 1, AssertionError),
        refusing(lambda y, t: np.ndim(y) == 1, ZeroDivisionError),
        refusing(lambda y, t: np.ndim(y) == 1, RuntimeError),
        refusing(lambda y, t: np.ndim(y) == 2),
        refusing(lambda y, t: bool(np.max(y) < 0.1)),
        refusing(lambda y, t: np.ndim(y) == 1 and bool(y[0] < 0)),
        lambda y, t: None if np.ndim(y) == 1 else right(y, t),
        lambda y, t: [right(y, t)] if np.ndim(y) == 1 else right(y, t),
    ],
    ids=[
        "AssertionError",
        "ZeroDivisionError",
        "RuntimeError",
        "batches",
        "values",
        "values of single samples",
        "None",
        "another shape",
    ],
)
def test_everything_else_has_failed(candidate: Callable[..., Any]) -> None:
    """Another error, no answer, batches or the format asked for, and errors that come of the numbers."""
    report = judge(candidate)
    assert (report.verdict, report.declined) == ("failed", ())


@pytest.mark.parametrize(
    ("encodings", "verdict"),
    [
        ({"labels"}, "conforms"),
        ({"one-hot targets"}, "conforms"),
        ({"soft targets"}, "conforms"),
        ({"one-hot targets", "soft targets"}, "conforms"),
        ({"labels", "soft targets"}, "conforms"),
        ({"labels", "one-hot targets", "soft targets"}, "failed"),
    ],
    ids=lambda each: each if isinstance(each, str) else " and ".join(sorted(each)),
)
def test_encodings_may_be_declined_but_for_one(encodings: set[str], verdict: str) -> None:
    """What takes labels only, one-hot targets only, or distributions of any other form conforms to the rest."""

    def candidate(y: Any, t: Any) -> Any:
        labels = np.ndim(t) < np.ndim(y)
        encoding = "labels" if labels else "one-hot targets" if np.isin(t, (0, 1)).all() else "soft targets"
        if encoding in encodings:
            raise IndexError
        return refmath.cross_entropy_error(y, t)

    report = judge(candidate, "cross_entropy_error", examples=20)
    assert report.verdict == verdict
    assert set(report.declined) == (encodings if verdict == "conforms" else set())


@pytest.mark.parametrize(
    ("where", "speaks"),
    [
        (lambda y, t: np.ndim(y) == 1, "is_half_the_squared_distance_of_one_sample"),
        (lambda y, t: np.ndim(y) == 2 and len(y) == 1, "is_the_mean_of_its_samples"),
        (lambda y, t: np.ndim(y) == 1 or len(y) == 1, "is_symmetric"),
        (lambda y, t: np.shape(y)[-1] == 1, "is_the_mean_of_its_samples"),
    ],
    ids=["single samples", "batches of one", "both", "one class"],
)
def test_laws_ask_for_what_is_taken(where: Callable[..., bool], speaks: str) -> None:
    """A law that speaks of single samples asks for batches of one, if these are taken; nothing that is declined is asked, and nothing is broken by that."""
    raised: list[bool] = []

    def candidate(y: Any, t: Any) -> Any:
        raised.append(where(y, t))
        return refusing(where)(y, t)

    search = search_of(candidate, formula("mean_squared_error"), examples=20)
    search.survey()
    search.declined = declined(search.trials)
    assert search.declined.values
    raised.clear()
    results = {law.name: search.law(law)[0] for law in search.formula.laws}
    assert raised
    assert not any(raised)
    assert all(held is not False for by_class in results.values() for held in by_class.values())
    assert results[speaks]["typical"] is True
    assert search.refused_in_laws == []


def test_of_a_batch_of_one_only_samples_are_rows() -> None:
    """Weights and biases stay as they are."""
    report = refmath.check(lambda x, W, b: np.einsum("nd,dh->nh", x, W) + b, "affine", examples=8)
    assert (report.verdict, report.declined) == ("conforms", ("single samples",))


def test_what_a_law_asks_for_is_judged_as_it_was_taken() -> None:
    """A batch of one that stands for a single sample has a batch's answer: a wrong one differs, and is of no wrong shape."""

    def candidate(a: Any) -> Any:
        if np.ndim(a) == 1:
            raise ValueError
        a = floats(a)
        return refmath.softmax(a) * (1 + 1e-6 * (len(a) == 1 and heard[-1] not in ("typical", "edge", "extreme")))

    heard = ["typical"]
    report = judge(candidate, "softmax", tick=heard.append)
    assert (report.verdict, report.declined) == ("differs", ("single samples",))


def test_the_format_asked_for_must_be_taken() -> None:
    """Who refuses arrays of floats has failed, whatever else is declined."""
    assert judge(refusing(lambda y, t: y.dtype.kind == "f")).verdict == "failed"


def test_assert_conforms_wants_it_said() -> None:
    """What is declined must be said, in the report's words; who says more than is declined is not refused."""
    candidate = refusing(lambda y, t: np.ndim(y) == 1)
    refmath.assert_conforms(candidate, "mean_squared_error", declines=["single samples"], examples=6)
    refmath.assert_conforms(candidate, "mean_squared_error", declines=("labels", "single samples"), examples=6)
    refmath.assert_conforms(right, "mean_squared_error", declines=["single samples"], examples=6)
    with pytest.raises(AssertionError, match=r"^it declines single samples; if that is meant, say declines=\['single"):
        refmath.assert_conforms(candidate, "mean_squared_error", examples=6)
    with pytest.raises(AssertionError, match="single samples"):
        refmath.assert_conforms(candidate, "mean_squared_error", declines=["labels"], examples=6)
    with pytest.raises(AssertionError, match="failed"):
        refmath.assert_conforms(candidate, "mean_squared_error", declines=["single samples"], complete=True, examples=6)
    with pytest.raises(
        TypeError, match=r"declines must be a list of names, such as \['single samples'\]; got the string"
    ):
        refmath.assert_conforms(candidate, "mean_squared_error", declines="single samples", examples=6)


def test_kinds_that_nobody_declines_are_refused() -> None:
    """A slip in a kind's name is an error that lists the kinds; what a report may say is none, of whatever formula."""
    for name in ("nonsense", "single sample", "int64 nonsense", "plain arrays", "nonsense arrays"):
        with pytest.raises(
            ValueError,
            match=f"declines names '{name}'.*the kinds are: integers, single samples, .*one class,.*strided arrays",
        ):
            refmath.assert_conforms(right, "mean_squared_error", declines=["single samples", name], examples=6)
    told = [Declined(((factor, value),)).names[0] for factor, (_, *values) in FACTORS.items() for value in values]
    told += ["integer arrays and labels", "uint8 t", "bool y and t", "integer labels", "float32 targets"]
    refmath.assert_conforms(right, "mean_squared_error", declines=told, examples=6)


def test_kinds_are_declined_under_an_option_too() -> None:
    """Under one that the formula has; an option alone is a kind as well."""
    loss = formula("cross_entropy_labels")
    for name in ("reduction=sum", "single samples under reduction=sum", "int8 labels under class_weights"):
        require_kinds([name], loss)
    for name in ("reduction=max", "single samples under reduction=max", "nonsense under reduction=sum", "single samples UNDER reduction=sum"):  # fmt: skip
        with pytest.raises(ValueError, match=f"declines names '{name}', which is no kind of input"):
            require_kinds([name], loss)


# ---- arrays without axes


def test_zero_dimensional_arrays_may_be_declined() -> None:
    """Who indexes its arrays, as `m[:] = ...` does, is judged by arrays that have axes; who is wrong about those has failed nevertheless."""

    def step(w: Any, g: Any, velocity: Any) -> None:
        velocity[:] = 0.9 * velocity - 0.01 * g
        w[:] += velocity

    report = judge(step, "momentum_step")
    assert (report.verdict, report.in_place) == ("conforms", True)
    assert "zero-dimensional arrays" in report.declined
    assert judge(step, "momentum_step", complete=True).verdict == "failed"

    def of_all(params: Any, grads: Any, lr: float) -> None:
        for name in params:
            params[name][:] -= lr * grads[name]

    assert "zero-dimensional arrays" in judge(of_all, "sgd_step").declined

    def wrong(x: Any) -> Any:
        if np.ndim(x) == 0:
            raise IndexError("too many indices")
        return np.maximum(x, 0) + (x > 100)

    report = judge(wrong, "relu", examples=30)
    assert (report.verdict, report.declined) == ("unstable", ("zero-dimensional arrays",))

    def sometimes(x: Any) -> Any:
        if np.ndim(x) == 0 and x < 0:
            raise ValueError("no negative number")
        return np.maximum(x, 0)

    report = judge(sometimes, "relu", examples=30)
    assert (report.verdict, report.declined) == ("failed", ())


def test_wrong_answers_to_zero_dimensional_arrays_are_told_as_those() -> None:
    """Where arrays without axes alone are lost, the report says so."""
    report = judge(lambda x: np.maximum(x, 0) + (np.ndim(x) == 0), "relu")
    assert (report.verdict, report.begins) == ("unstable", "for zero-dimensional arrays")


@pytest.mark.interop
def test_a_kernel_that_is_missing_is_declined() -> None:
    """PyTorch raises a RuntimeError where it does not take a number type."""
    torch = pytest.importorskip("torch")

    def candidate(a: Any) -> Any:
        if not a.is_floating_point():
            raise RuntimeError('"softmax_lastdim_kernel_impl" not implemented for integers')
        return torch.softmax(a, -1)

    report = judge(candidate, "softmax", array="torch")
    assert (report.verdict, report.declined) == ("conforms", ("integer arrays",))


def _shifted_by_the_sum(a: Any) -> Any:
    """Right, but where a logit is −∞: the shift is finite for finite logits alone."""
    shift = np.max(a, axis=-1, keepdims=True) + 0 * np.sum(a, axis=-1, keepdims=True)
    return np.exp(a - shift) / np.sum(np.exp(a - shift), axis=-1, keepdims=True)


def _class_by_class(a: Any) -> Any:
    """Right, but where the first logits are −∞: the running maximum is −∞ as well."""
    top, total = np.full(a.shape[:-1], -np.inf), np.zeros(a.shape[:-1])
    for k in range(a.shape[-1]):
        higher = np.maximum(top, a[..., k])
        total, top = total * np.exp(top - higher) + np.exp(a[..., k] - higher), higher
    return np.exp(a - top[..., None]) / total[..., None]


def _not_shifted(a: Any) -> Any:
    powers = np.exp(a)
    return powers / powers.sum(axis=-1, keepdims=True)


def test_masks_are_declined_by_nan_or_by_an_error() -> None:
    """It is said, and with `complete` a failure; a mask that counts for something is no declining, but wrong."""
    report = refmath.check(_shifted_by_the_sum, "softmax", examples=20)
    assert (report.verdict, report.declined) == ("conforms", ("logits of −∞",))
    report = refmath.check(_shifted_by_the_sum, "softmax", examples=20, complete=True)
    assert (report.verdict, report.begins) == ("unstable", "where logits are −∞")
    assert refmath.check(_class_by_class, "softmax", examples=20).declined == ("logits of −∞",)

    # It overflows where logits are large, and does so beside −∞ too.
    assert refmath.check(_not_shifted, "softmax", examples=20).declined == ()

    def finite(a: Any) -> Any:
        if not np.isfinite(a).all():
            raise ValueError("logits must be finite")
        return refmath.softmax(a)

    assert refmath.check(finite, "softmax", examples=20).declined == ("logits of −∞",)
    counted = refmath.check(lambda a: refmath.softmax(np.maximum(a, -20.0)), "softmax", examples=20)
    assert counted.verdict != "conforms"
    assert counted.declined == ()


def test_a_wrong_number_beside_nan_is_not_declined() -> None:
    """Neither is a mask that single samples have alone, if single samples are declined."""

    def wrong(a: Any) -> Any:
        answer = np.array(refmath.softmax(a))
        if np.isneginf(a).any():
            answer[...] = 0.25
            answer.flat[0] = np.nan
        return answer

    report = refmath.check(wrong, "softmax", examples=20)
    assert report.verdict != "conforms"

    def of_batches(a: Any) -> Any:
        if np.ndim(a) != 2:
            raise ValueError("batches only")
        return refmath.softmax(a)

    assert refmath.check(of_batches, "softmax", examples=20).declined == ("single samples",)


def test_what_the_formula_itself_refuses_is_no_parameter() -> None:
    """A δ beyond 1, which its own program refuses."""
    with pytest.raises(ValueError, match=r"parameters: delta must lie between 0 and 1; got 2\.0"):
        refmath.check(lambda p, t: 0.0, "binary_cross_entropy", parameters={"delta": 2.0})


@pytest.mark.parametrize(("wrong", "names"), [(np.nan, ("logits of −∞",)), (0.5, ())])
def test_of_an_answer_that_is_certified_in_part_the_same_entries_are_looked_at(
    wrong: float, names: tuple[str, ...]
) -> None:
    """An entry that is not certified says nothing, whatever it is."""
    a = np.array([[0.0, 1.0, 2.0]])
    exact = acceptance(setting(formula("softmax")), {"a": a}, FORMATS["float64"], entries=[0, 2])
    answer = np.array(refmath.softmax(a))
    answer[0, 2] = wrong
    lost = Tried({**USUAL, "masks": "logits of −∞"}, False, Observation(value=answer), exact)
    right = Tried({**USUAL, "masks": ""}, True, RIGHT, exact)
    assert declined([*[lost] * 4, right]).names == names
