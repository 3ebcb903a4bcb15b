"""What a report shows, asked directly: counterexamples, remarks, and the findings of several searches."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from made_up import DOUBLE, FLOAT32, IN_PARTS, about, double, page, probe, said, search_of, t, trial, tried, x

from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import CLASSES, Class
from refmath.oracle.candidates.arrays import LAYOUTS, Layout, dressed, handed_over
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.remote.adapter import RemoteFunction
from refmath.oracle.reporting.counterexample import counterexample, pasted_array, smallest_of, values_in_words, worst_of
from refmath.oracle.reporting.findings import ClassCount, Counterexample, Diagnosis, Evidence, Extent, LawResult
from refmath.oracle.reporting.merge import merged
from refmath.oracle.reporting.remarks import begins, beside_the_domain, warnings_given
from refmath.oracle.reporting.report import Report
from refmath.oracle.searching.declining import Declined
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import Formula, Input, setting

ONE_HOT = formula_named("cross_entropy_one_hot")


# ---- counterexamples


def outside(*values: float, class_: Class = "typical", ulps: float = 1.0, seen: Any = 9.0) -> Trial:
    return trial(about(1.0), seen, class_, ulps, x=np.array(values))


def test_the_worst_is_the_shortest_of_those_that_are_nearly_as_bad() -> None:
    """Up to half as far off a shorter one is preferred, and of as many numbers the one further off; but none better than the smallest."""
    short, middle, long = outside(1.0, ulps=40.0), outside(1.0, 2.0, ulps=50.0), outside(1.0, 2.0, 3.0, ulps=100.0)
    assert worst_of([], None) is None
    assert worst_of([short, middle, long], short) is middle
    assert worst_of([short, long], short) is long
    assert worst_of([middle, long, outside(7.0, 7.0, ulps=60.0)], short) is not middle
    assert worst_of([short, middle], long) is long
    assert worst_of([], short) is short
    assert worst_of([outside(1.0, ulps=math.inf), long], short).ulps == math.inf  # type: ignore[union-attr]
    best = outside(1.0, 2.0, ulps=70.0)
    assert worst_of([middle, long], best) is best


def test_the_smallest_is_of_the_first_class_and_no_answer_outweighs_a_wrong_one() -> None:
    """If the search has stopped, it is the one of the fewest numbers; typical before edge before extreme; troubles before the rest, if they are no side issue."""
    search = search_of(double)
    search.stopped = True
    assert smallest_of(search, []) is None
    far, edge, long = outside(1.0, class_="extreme"), outside(1.0, 2.0, class_="edge"), outside(1.0, 2.0, 3.0)
    search.trials += [far, edge, long]
    assert smallest_of(search, [far, edge]) is edge
    assert smallest_of(search, [far, edge, long]) is long
    shorter = outside(1.0, 2.0)
    assert smallest_of(search, [long, far, shorter]) is shorter
    raised = outside(1.0, 2.0, 3.0, 4.0, class_="extreme", seen="raised")
    assert smallest_of(search, [shorter, raised]) is shorter
    raised = outside(1.0, 2.0, 3.0, 4.0, seen="raised")
    assert smallest_of(search, [shorter, raised]) is raised
    assert smallest_of(search, [shorter] * 4 + [raised]) is shorter


def test_what_fails_in_everyday_arrays_is_shown_in_them() -> None:
    """Plain arrays before others, whatever class these are of; the formula's own parameters before others; few numbers before many."""
    search = search_of(double)
    search.stopped = True
    plain = outside(1.0, 2.0, 3.0, class_="extreme")
    typed = outside(1.0, class_="edge")
    typed = replace(typed, probe=replace(typed.probe, types={"x": "int64"}))
    strided = replace(typed, probe=replace(outside(1.0, class_="edge").probe, layout="strided"))
    for order in ([plain, typed, strided], [strided, typed, plain]):
        assert smallest_of(search, order) is plain
    under = outside(1.0, class_="extreme")
    under = replace(under, probe=replace(under.probe, parameters={"delta": 1e-3}))
    assert smallest_of(search, [under, plain]) is plain
    assert smallest_of(search, [under, strided]) is under


def test_what_only_a_law_asked_for_is_shrunk_as_well() -> None:
    """It is no trial of the survey, and is made smaller like one; what does not fail again is shown as the law asked it."""
    asked = outside(1.5, 2.0, 3.0)
    found = smallest_of(search_of(lambda x: 3 * x), [asked])
    assert found is not None
    assert found.inputs["x"].tolist() == [1.0]
    assert smallest_of(search_of(double), [asked]) is asked


def test_the_smallest_is_shrunk_to_a_failure_of_its_kind() -> None:
    """Made smaller until nothing smaller fails; who raises somewhere is shown where he raises."""

    def raises_far_out(x: Any) -> Any:
        if np.max(np.abs(x)) > 4:
            raise ValueError("too far")
        return 3 * x

    search = search_of(raises_far_out, examples=20)
    search.survey()
    refused = [each for each in search.trials if not each.accepted]
    found = smallest_of(search, refused)
    assert found is not None
    assert found.seen.trouble == "raised"
    assert found not in search.trials
    assert found.class_ == "typical"
    assert np.size(found.inputs["x"]) == 1
    search = search_of(lambda x: 3 * x, examples=20)
    search.survey()
    refused = [each for each in search.trials if not each.accepted]
    found = smallest_of(search, refused)
    assert found is not None
    assert (found.class_, found.seen.trouble, np.size(found.inputs["x"])) == ("typical", None, 1)
    assert found not in search.trials
    # What cannot be found again is shown as it was seen.
    search.candidate = Candidate(double)
    typical = [each for each in refused if each.class_ == "typical"]
    assert smallest_of(search, refused) is min(typical, key=lambda each: np.size(each.inputs["x"]))


class Spent:
    """An adapter that is spent until it is forgiven."""

    def __init__(self) -> None:
        self.is_spent, self.forgiven, self.words = True, 0, ("program",)

    def forgive(self) -> None:
        self.is_spent, self.forgiven = False, self.forgiven + 1

    def answer(self, request: Any) -> Any:
        return [0.0] * 2


def test_a_program_elsewhere_is_forgiven_before_it_is_shrunk() -> None:
    """What a program was spent on in the search is not held against the shrinking; and what it was asked is told."""
    chosen = formula_named("softmax")
    adapter: Any = Spent()
    search = search_of(RemoteFunction(adapter, setting(chosen)), chosen)
    search.stopped = True
    given = probe("typical", **{chosen.inputs[0].name: np.array([1.0, 2.0])})
    seen = tried(chosen, given, about([0.5, 0.5]), said([0.0, 0.0])[0], 1.0)
    search.trials.append(seen)
    found = smallest_of(search, [seen])
    assert adapter.forgiven == 1
    assert not search.stopped
    assert found is not None
    shown = counterexample(seen, search, "softmax")
    assert shown.request == search.candidate.function.request(np.array([1.0, 2.0]))
    assert shown.request is not None
    assert smallest_of(search, [seen]) is not None
    assert adapter.forgiven == 1


def shown(seen: Trial, formula: Formula = DOUBLE) -> Counterexample:
    return counterexample(seen, search_of(double, formula), "f")


def test_a_counterexample_shows_the_entry_that_is_furthest_outside() -> None:
    """The entry outside its interval that is furthest off, though one inside may be further; with its interval, and its place."""
    interval = about([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [-90.0, 4.0]], [[1.0, 2.0], [90.0, 4.0]])
    seen = trial(interval, [[1.0, 5.0], [60.0, 14.0]], "edge", x=np.array([[0.5, 1.0], [1.5, 2.0]]))
    found = shown(seen)
    assert (found.class_, found.expected, found.index, found.got) == ("edge", (4.0, 4.0), (1, 1), 14.0)
    assert (found.trouble, found.ulps, found.request) == ("", 10.0, None)
    assert found.inputs is seen.inputs
    assert found.exact == 4.0
    assert found.call == "f(np.array([[0.5, 1.0], [1.5, 2.0]]))"
    assert shown(trial(about([1.0, 2.0]), [1.0, 2.5], x=[0.5, 1.0])).index == (1,)
    wide = trial(about(1.0, 0.5, 2.5), 9.0, x=0.5)
    assert (shown(wide).expected, shown(wide).index, shown(wide).got, shown(wide).ulps) == ((0.5, 2.5), (), 9.0, 8.0)


def test_a_counterexample_without_an_answer_says_what_happened() -> None:
    """The trouble in words; what would have been accepted, if that is one number."""
    found = shown(trial(about(1.0, 0.5, 1.5), "raised: it", x=0.5))
    assert (found.expected, found.index, found.got, found.trouble, found.ulps) == (
        (0.5, 1.5),
        (),
        None,
        "raised: it",
        math.inf,
    )
    found = shown(trial(about([1.0, 2.0]), [[1.0]], x=[0.5, 1.0]))
    assert (found.expected, found.got) == (None, None)
    assert found.trouble == "returned shape (1, 1) instead of (2,)"
    assert found.class_ == "extreme"
    assert found.inputs["x"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("value", "pasted"),
    [
        (np.array([0.1, 2.0]), "np.array([0.1, 2.0])"),
        (np.array(0.5), "np.array(0.5)"),
        (np.array(3), "3"),
        (np.array(3, np.uint8), "np.array(3, dtype=np.uint8)"),
        (np.array([True, False]), "np.array([True, False], dtype=np.bool_)"),
        (np.array([3, 4]), "np.array([3, 4])"),
        (np.array([3, 4], np.uint8), "np.array([3, 4], dtype=np.uint8)"),
        (np.array([0.5], np.float32), "np.array([0.5], dtype=np.float32)"),
        (np.array(0.5, np.float16), "np.array(0.5, dtype=np.float16)"),
        (np.array([0.5], ml_dtypes.bfloat16), "np.array([0.5], dtype=ml_dtypes.bfloat16)"),
        (np.array([1.0, 2.0, 3.0, 4.0])[::2], "np.array([1.0, 3.0])"),
        (np.array([[1.0], [2.0]]), "np.array([[1.0], [2.0]])"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.dtype.name,
)
def test_arguments_can_be_pasted(value: Any, pasted: str) -> None:
    """Each array is written so that it comes back with its dtype."""
    assert shown(trial(about(1.0), 9.0, "edge", x=value)).call == f"f({pasted})"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8"])
def test_a_layout_can_be_pasted(layout: Layout, shape: tuple[int, ...], dtype: str) -> None:
    """What is pasted lies in memory as what was handed over: by columns, strided, reversed, read-only, or with its bytes the other way round."""
    value = np.arange(math.prod(shape), dtype=dtype).reshape(shape)
    handed = np.asarray(handed_over(dressed(value, layout), "numpy"))
    again = np.asarray(eval(pasted_array(value, "numpy", layout), {"np": np}))
    assert again.tolist() == handed.tolist() == value.tolist()
    # A label alone is a plain integer.
    assert again.dtype == handed.dtype or (dtype, shape) == ("int64", ())
    strides = [
        [step for step, size in zip(each.strides, each.shape, strict=True) if size > 1] for each in (again, handed)
    ]
    assert strides[0] == strides[1]
    if value.ndim:
        assert again.flags.writeable == handed.flags.writeable


def test_a_counterexample_is_pasted_in_the_layout_in_which_it_fails() -> None:
    """By columns, where it was handed over so."""
    seen = trial(about([[1.0, 2.0]]), [[1.0, 9.0]], x=[[0.5, 1.0]])
    by_columns = replace(seen, probe=replace(seen.probe, layout="by columns"))
    assert shown(by_columns).call == f"f({pasted_array(seen.inputs['x'], 'numpy', 'by columns')})" != shown(seen).call


def test_parameters_are_pasted_by_name() -> None:
    """What was given by name stands behind the arrays."""
    seen = trial(about(1.0), 9.0, x=0.5)
    seen = replace(seen, probe=replace(seen.probe, parameters={"delta": 1e-12, "guard": "floor"}))
    assert shown(seen).call == "f(np.array(0.5), delta=1e-12, guard='floor')"


@pytest.mark.parametrize(
    ("library", "dtype", "pasted"),
    [
        ("torch", "float32", "torch.tensor([1.0, 0.0], dtype=torch.float32)"),
        ("torch", "bool", "torch.tensor([True, False], dtype=torch.bool)"),
        ("jax", "float64", "jnp.asarray([1.0, 0.0], dtype=jnp.float64)"),
        ("jax", "bool", "jnp.asarray([True, False], dtype=jnp.bool_)"),
        ("array_api_strict", "int64", "array_api_strict.asarray([1, 0], dtype=array_api_strict.int64)"),
    ],
)
def test_arrays_of_a_library_are_pasted_as_such(library: str, dtype: str, pasted: str) -> None:
    """By the name under which everybody imports it, with the number type always."""
    assert pasted_array(np.array([1, 0], dtype), library) == pasted


def test_functions_numbers_and_mappings_can_be_pasted() -> None:
    """A function is its source, a rate and a count are plain numbers, and entries of a mapping are in it."""
    descent = formula_named("gradient_descent")
    f = function(SQUARES, 1.0)
    given: dict[str, Any] = dict(zip([each.name for each in descent.inputs], (f, [0.5], 0.25, 3), strict=True))
    found = shown(trial(about([1.0]), [9.0], **given), descent)
    assert found.call == f"f({f}, np.array([0.5]), 0.25, 3)"
    entries: dict[str, Any] = {"params['W']": [1.0], "params['b']": [2], "y": 0.5}
    found = shown(trial(about([1.0]), "raised", **entries), IN_PARTS)
    assert found.call == "f({'W': np.array([1.0]), 'b': np.array([2])}, np.array(0.5))"


@pytest.mark.parametrize(
    ("place", "index"),
    [(0, ("W", 0, 0)), (2, ("W", 0, 2)), (3, ("W", 1, 0)), (5, ("W", 1, 2)), (6, ("b", 0)), (8, ("b", 2))],
)
def test_the_place_in_a_mapping_begins_with_the_key(place: int, index: tuple[Any, ...]) -> None:
    """The entries are counted one array after the other; the place tells the key, and where it is in that array."""
    answer = np.arange(9.0)
    answer[place] += 7
    given: dict[str, Any] = {"params['W']": np.zeros((2, 3)), "params['b']": np.zeros(3), "y": 0.5}
    assert shown(trial(about(np.arange(9.0)), answer, **given), IN_PARTS).index == index


# ---- remarks


def test_warnings_are_told_once() -> None:
    """Each warning that was given anywhere, once, in the order in which they came."""
    first, second = outside(1.0), outside(2.0)
    trials = [
        replace(first, seen=replace(first.seen, warnings=("A: a", "B: b"))),
        replace(second, seen=replace(second.seen, warnings=("C: c", "A: a"))),
    ]
    assert warnings_given(trials) == ["it warned: A: a", "it warned: B: b", "it warned: C: c"]
    assert warnings_given([first]) == []
    for count, more in ((8, []), (9, ["1 more warnings"])):
        given = [replace(first, seen=replace(first.seen, warnings=tuple(map(str, range(count)))))]
        assert warnings_given(given) == [*(f"it warned: {each}" for each in range(8)), *more]


def test_what_lies_beside_the_domain_is_told() -> None:
    """Outputs that do not sum to 1 are tried where probabilities are arguments: with one-hot targets, or with a label."""
    outputs = "it is right for outputs that sum to 1 only: [0.5, 0.125, 0.125] is refused, or normalised first"

    def normalises(y: Any, t: Any) -> Any:
        return -np.sum(t * np.log(y / y.sum(axis=-1, keepdims=True)))

    right = ONE_HOT.program
    assert beside_the_domain(search_of(right, ONE_HOT)) == []
    assert beside_the_domain(search_of(normalises, ONE_HOT)) == [outputs]
    assert beside_the_domain(search_of(lambda y, t: 1 / 0, ONE_HOT)) == [outputs]
    either = formula_named("cross_entropy_error")
    assert beside_the_domain(search_of(either.program, either)) == []
    assert beside_the_domain(search_of(normalises, either)) == [outputs]
    labels = formula_named("cross_entropy_labels")
    assert beside_the_domain(search_of(labels.program, labels)) == []
    asked = []

    def by_label(y: Any, t: Any) -> Any:
        asked.append((y, t))
        return -np.log((y / y.sum())[int(t)])

    assert beside_the_domain(search_of(by_label, labels)) == [outputs]
    ((y, label),) = asked
    assert (y.tolist(), label.tolist(), label.dtype.kind) == ([0.5, 0.125, 0.125], 0, "i")


def test_what_lies_beside_the_domain_is_asked_as_it_is_taken() -> None:
    """Who declines single samples is asked for a batch of one; who declines one encoding, in the other."""
    either = formula_named("cross_entropy_error")

    def batches_of_labels(y: Any, t: Any) -> Any:
        assert np.shape(y) == (1, 3)
        assert t.tolist() == [0]
        return either.program(y, t)

    search = search_of(batches_of_labels, either)
    search.declined = Declined((("arity", "single samples"), ("encoding", "one-hot targets")))
    assert beside_the_domain(search) == []


def test_what_lies_beside_the_domain_may_have_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked then, nor of what takes no such array, nor where a single sample or other axes are none of the formula's."""

    def never(*_: Any) -> Any:
        raise AssertionError("nothing is to be asked")

    search = search_of(never, ONE_HOT)
    monkeypatch.setattr(search, "interval", lambda _inputs: None)
    assert beside_the_domain(search) == []
    monkeypatch.setattr(search, "interval", never)
    monkeypatch.setattr(search, "declined", SimpleNamespace(adapted=lambda _formula, _inputs: (None, "refused")))
    assert beside_the_domain(search) == []
    for axes, first, single in ((("N", "K"), x[0, 0], False), (("N",), x[0], True)):
        formula = page(first, Input("y", x, "probabilities", axes), single_samples=single)
        assert beside_the_domain(search_of(never, formula)) == []


def test_what_lies_beside_the_domain_is_asked_in_the_format() -> None:
    """The numbers that are tried are of the candidate's format; nothing is asked of other formulas, or of networks."""
    seen = []

    def notes(y: Any, t: Any) -> Any:
        seen.append((y.dtype, t.dtype, y.tolist(), t.tolist()))
        return ONE_HOT.program(y, t)

    assert beside_the_domain(search_of(notes, ONE_HOT, format_=FLOAT32)) == []
    single = np.dtype(np.float32)
    assert seen == [
        (single, single, [0.5, 0.125, 0.125], [1.0, 0.0, 0.0]),
    ]

    def never(*_: Any) -> Any:
        raise AssertionError("nothing is to be asked")

    for name in ("sigmoid", "softmax", "mean_squared_error", "two_layer_net_loss", "gradient_descent"):
        assert beside_the_domain(search_of(never, formula_named(name))) == []


def lost(*arrays: Any, name: str = "x", formula: Formula = DOUBLE, dressed: Any = None, **others: Any) -> list[Trial]:
    """Trials on which answers were lost, perhaps in other number types or in another layout."""
    given = [probe("extreme", **{name: np.asanyarray(each), **others}) for each in arrays]
    return [tried(formula, replace(each, **(dressed or {})), about(1.0), said(9.0)[0], 1.0) for each in given]


def test_where_the_answers_begin_to_be_lost() -> None:
    """From which magnitude on, if no typical input is as large; by the smallest largest entry among those that are lost."""
    usual = lost([1.0, -8.0], [2.0])
    assert begins(DOUBLE, lost([10.0, -3.0], [-20.0]), usual) == "where max |x| ≥ 10"
    assert begins(DOUBLE, lost([1.0, -1234.5678]), usual) == "where max |x| ≥ 1.23e+03"
    assert begins(DOUBLE, lost([10.0], [7.0]), usual) == ""
    assert begins(DOUBLE, lost([10.0], [8.0]), usual) == ""
    assert begins(DOUBLE, [], usual) == ""


def test_probabilities_are_lost_where_they_are_small() -> None:
    """For probabilities it is the largest least entry of those that are lost, if no typical one is as small."""
    targets = {"t": np.array([1.0, 0.0])}
    usual = lost([0.25, 0.75], [0.5, 0.5], name="y", formula=ONE_HOT, **targets)
    assert (
        begins(ONE_HOT, lost([1e-9, 1.0], [1.0, 1e-5], name="y", formula=ONE_HOT, **targets), usual)
        == "where min y ≤ 1e-05"
    )
    assert begins(ONE_HOT, lost([1e-9, 1.0], [0.3, 0.7], name="y", formula=ONE_HOT, **targets), usual) == ""
    assert begins(ONE_HOT, lost([0.25, 0.75], name="y", formula=ONE_HOT, **targets), usual) == ""


def test_the_kind_of_the_arrays_is_told_before_their_size() -> None:
    """Another layout or number type, if all that are lost are such, in the words that the extent has for it."""
    usual = lost([1.0, -8.0])
    integers = lost(np.array([100]), np.array([300, 4]), dressed={"types": {"x": "int64"}})
    assert begins(DOUBLE, integers, usual) == "where x holds int64"
    assert begins(DOUBLE, [*integers, *lost([300.0])], usual) == "where max |x| ≥ 100"
    small = lost(np.array([7], np.int8), dressed={"types": {"x": "int8"}})
    assert begins(DOUBLE, [*integers, *small], usual) == "where x holds int64 or int8"
    columns = lost([[100.0, 200.0], [3.0, 4.0]], dressed={"layout": "by columns"})
    assert begins(DOUBLE, columns, usual) == "where arrays are by columns"
    assert begins(DOUBLE, [*columns, *lost([1.0], dressed={"layout": "reversed"})], usual) == (
        "where arrays are by columns or reversed"
    )
    assert begins(DOUBLE, [*columns, *lost([300.0])], usual) == "where max |x| ≥ 200"
    both = page(x[0] + t[0], Input("x", x, "real", ("...",)), Input("t", t, "real", ("...",)))
    first, second = (
        lost([1.0], formula=both, t=np.array([1.0]), dressed={"types": {name: "uint8"}}) for name in ("x", "t")
    )
    assert begins(both, first, usual) == "where x holds uint8"
    assert begins(both, [*first, *second], usual) == "where arrays are of uint8"
    narrow = lost([1.0], formula=both, t=np.array([1.0]), dressed={"types": {"t": "int8"}})
    assert begins(both, [*first, *narrow], usual) == "where arrays are of uint8 or int8"
    third = lost([1.0], formula=both, t=np.array([500.0]))
    assert begins(both, third, lost([2.0], formula=both, t=np.array([3.0]))) == "where max |t| ≥ 500"


def test_what_the_inputs_are_together_is_told_before_their_size() -> None:
    """Single samples, labels, one class or batches of one sample, if all that are lost are such, and no typical input is."""
    either = formula_named("cross_entropy_error")
    half, batch = np.array([0.5, 0.5]), np.array([[0.5, 0.5], [0.25, 0.75]])

    def on(y: Any, t: Any) -> list[Trial]:
        return lost(y, name="y", formula=either, t=np.asarray(t))

    labels, one_hot, soft = on(batch, [0, 1]), on(batch, np.eye(2)), on(batch, batch)
    assert begins(either, labels, one_hot) == "for labels"
    assert begins(either, soft, [*one_hot, *labels]) == "for soft targets"
    assert begins(either, on(half, 0), labels) == "for single samples"
    assert begins(either, on(batch[:1], [0]), labels) == "for batches of one sample"
    assert begins(either, on(np.ones((2, 1)), [0, 0]), labels) == "for one class"
    assert begins(either, [*labels, *one_hot], one_hot) == ""
    assert begins(either, labels, [*labels, *one_hot]) == ""


def test_targets_and_labels_are_not_large() -> None:
    """Where their entries lie is no matter of size: the outputs beside them tell where it begins."""
    either = formula_named("cross_entropy_error")
    usual = lost([0.25, 0.75], name="y", formula=either, t=np.array(1))
    assert begins(either, lost([1e-5, 1.0], name="y", formula=either, t=np.array(1)), usual) == "where min y ≤ 1e-05"
    assert begins(either, lost([0.3, 0.7], name="y", formula=either, t=np.array(0)), usual) == ""
    large = {"t": np.array([5.0, 0.0])}
    for formula in (ONE_HOT, either):
        assert (
            begins(
                formula,
                lost([0.3, 0.7], name="y", formula=formula, **large),
                lost([0.25, 0.75], name="y", formula=formula, t=np.array([0.5, 0.5])),
            )
            == ""
        )


def test_no_size_is_told_of_labels_targets_and_one_hot_rows() -> None:
    """Whatever they hold is no matter of magnitude."""
    for kind in ("labels", "targets", "targets_or_labels", "one_hot"):
        formula = page(x[0] + t[0], Input("x", x, "real", ("...",)), Input("t", t, kind, ("...",)))
        usual = lost([1.0], formula=DOUBLE, t=np.array([3.0]))
        assert begins(formula, lost([1.0], formula=DOUBLE, t=np.array([500.0])), usual) == ""
        assert begins(formula, lost([9.0], formula=DOUBLE, t=np.array([500.0])), usual) == "where max |x| ≥ 9"


def test_what_the_inputs_are_by_themselves_is_told() -> None:
    """Nothing that counts, logits of −∞, arrays without axes; and arrays in a mapping have a size too."""
    usual = lost([1.0, -8.0])
    nothing = [replace(each, interval=replace(each.interval, is_nan=True)) for each in lost([1.0], [20.0])]
    assert begins(DOUBLE, nothing, usual) == "where nothing counts: of nothing the mean is 0/0, nan"
    assert begins(DOUBLE, [*nothing, *lost([30.0])], usual) == ""
    softmax = formula_named("softmax")
    masked, large, plain = (lost([each, 0.0], name="a", formula=softmax) for each in (-np.inf, 30.0, 1.0))
    assert begins(softmax, masked, plain) == "where logits are −∞"
    assert begins(softmax, [*masked, *large], plain) == "where max |a| ≥ 30"
    bare = [replace(each, factors={"axes": "zero-dimensional arrays"}) for each in lost(1.0)]
    assert begins(DOUBLE, bare, usual) == "for zero-dimensional arrays"
    mapping = page(x[0], Input("w", x, "real", ("...",), arrays=True))
    parts = {"W": np.array([[1.0, 7.0]]), "b": np.array([-9.0])}
    small = {name: each / 8 for name, each in parts.items()}
    assert begins(mapping, in_a_mapping(parts), in_a_mapping(small)) == "where max |w| ≥ 9"


def in_a_mapping(arrays: Any) -> list[Trial]:
    return [Trial(probe("extreme", w=arrays), about(1.0), said(9.0)[0], 1.0, {})]


def test_what_overflows_on_the_way_is_told() -> None:
    """Where every answer has entries of no finite value, and these alone are wrong, though the exact ones are numbers."""
    on_the_way = "where a sum or a power on the way overflows: the answer is infinite, the exact value is not"
    usual = [trial(about([1.0, 2.0]), [1.0, 2.0], x=[8.0, 9.0])]

    def begun(exact: Any, *answers: Any) -> str:
        return begins(DOUBLE, [trial(about(exact), each, x=[1.0, 2.0]) for each in answers], usual)

    assert begun([1.0, 2.0], [1.0, np.inf], [np.nan, 2.0], [-np.inf, np.inf]) == on_the_way
    assert begun([1.0, 2.0], [1.0, np.inf], [1.0, 3.0]) == ""
    assert begun([1.0, 2.0], [5.0, np.inf]) == ""
    assert begun([1.0, np.inf], [1.0, np.nan]) == ""
    assert begun([1.0, 2.0], [[1.0, np.inf]]) == ""
    assert begun([1.0, 2.0], np.inf) == ""
    assert begun([1.0, 2.0], "raised") == ""


def test_numbers_and_functions_are_no_arrays_that_could_be_large() -> None:
    """Of a descent only the point is looked at: its function, rate and count are passed over."""
    descent = formula_named("gradient_descent")
    names = [each.name for each in descent.inputs]

    def at(start: float, rate: float, steps: int) -> list[Trial]:
        given = dict(
            zip(names, (function(SQUARES, 1.0), np.array([start]), np.array(rate), np.array(steps)), strict=True)
        )
        return [tried(descent, probe("extreme", **given), about([1.0]), said([9.0])[0], 1.0)]

    assert begins(descent, at(7.0, 99.0, 99), at(2.0, 0.1, 3)) == f"where max |{names[1]}| ≥ 7"
    assert begins(descent, at(1.0, 99.0, 99), at(2.0, 0.1, 3)) == ""


# ---- several searches


def reported(verdict: Any = "conforms", **changes: Any) -> Report:
    """A report in which little was found."""
    plain = Report(
        target="f",
        formula="double",
        convention=None,
        verdict=verdict,
        classes={class_: ClassCount(place + 2, place + 1) for place, class_ in enumerate(CLASSES)},
        laws=(LawResult("one", True, "One."), LawResult("two", None, "Two.")),
        diagnosis=None,
        smallest=None,
        worst=None,
        worst_ulps=1.0,
        evidence=Evidence(4, ("a",), ("b", "c"), 10),
        seconds=2.0,
        extent=Extent(dropped=dict.fromkeys(CLASSES, 0)),
    )
    return replace(plain, **changes)


def example(class_: Class = "typical", numbers: int = 2, ulps: float = 5.0, call: str = "f(x)") -> Counterexample:
    return Counterexample(class_, {"x": np.zeros(numbers), "y": np.zeros(1)}, call, None, (), None, "", ulps)


def test_counts_are_added_and_evidence_is_joined() -> None:
    """Inputs, seconds and laws' inputs are added up; a mistake is rejected if any search rejects it; the first seed stands."""
    first = reported(worst_ulps=3.0, remarks=("x", "y"))
    second = reported(
        classes={class_: ClassCount(10, 7) for class_ in CLASSES},
        evidence=Evidence(5, ("c",), ("a", "b"), 20),
        remarks=("y", "z"),
        worst_ulps=8.0,
        seconds=0.5,
    )
    whole = merged([first, second])
    assert whole.verdict == "conforms"
    assert whole.classes == {"typical": ClassCount(12, 8), "edge": ClassCount(13, 9), "extreme": ClassCount(14, 10)}
    assert whole.evidence == Evidence(4, ("a", "c"), ("b",), 30)
    assert whole.remarks == ("searched in 2 parts, with the seeds 4 to 5", "x", "y", "z")
    assert (whole.worst_ulps, whole.seconds, whole.begins) == (8.0, 2.5, "")
    assert (whole.smallest, whole.worst, whole.diagnosis) == (None, None, None)
    assert (whole.target, whole.formula) == ("f", "double")


@pytest.mark.parametrize("worst", ["unstable", "differs", "failed"])
def test_the_worst_verdict_is_that_of_the_whole(worst: Any) -> None:
    """Whichever search found it."""
    order = ["conforms", "unstable", "differs", "failed"]
    milder = order[order.index(worst) - 1]
    for verdicts in ([worst, milder, "conforms"], ["conforms", milder, worst], [milder, worst, milder]):
        assert merged([reported(each) for each in verdicts]).verdict == worst


def test_a_law_that_was_broken_anywhere_is_broken() -> None:
    """It holds if it held wherever it spoke, and says nothing if it spoke nowhere."""

    def laws(*held_: bool | None) -> Report:
        return reported(laws=tuple(LawResult(str(place), each, "So.") for place, each in enumerate(held_)))

    whole = merged([laws(True, None, None, False, True), laws(True, True, None, None, False)])
    assert [each.holds for each in whole.laws] == [True, True, None, False, False]
    assert [each.name for each in whole.laws] == ["0", "1", "2", "3", "4"]
    assert whole.laws[0].text == "So."


def test_a_single_search_is_the_whole() -> None:
    """One report merged is that report, and says so; of several seeds the first and the last are told."""
    alone = merged([reported(remarks=("x",))])
    assert alone == replace(reported(), remarks=("searched in 1 parts, with the seeds 4 to 4", "x"))
    seeds = [reported(evidence=Evidence(seed, (), (), 0)) for seed in (7, 8, 9)]
    assert merged(seeds).remarks == ("searched in 3 parts, with the seeds 7 to 9",)


def test_the_smallest_counterexample_is_of_those_that_are_as_bad() -> None:
    """The smallest by class, numbers and length of the line, among searches of the worst verdict; the worst of all searches."""
    tiny = example(numbers=1, ulps=1.0)
    mild = reported("unstable", smallest=tiny, worst=example(numbers=9, ulps=70.0))
    candidates = [
        example("extreme", 1, 9.0),
        example("typical", 3, 6.0),
        example("typical", 2, 6.0, "f(xx)"),
        example("typical", 2, 6.0, "f(x)"),
        example("edge", 1, 9.0),
    ]
    whole = merged(
        [mild, *(reported("differs", smallest=each, worst=each) for each in candidates), reported("differs")]
    )
    assert whole.smallest is candidates[3]
    assert whole.worst is mild.worst
    alike = [example(numbers=5), example(numbers=3), example(numbers=4)]
    assert merged([reported("differs", worst=each, smallest=each) for each in alike]).worst is alike[1]


def test_the_name_that_most_have_given_is_that_of_the_whole() -> None:
    """Of searches with the worst verdict; of names given as often, the first. Where it begins is told by the first that knows."""
    a, b = Diagnosis("mistake", "a", "A."), Diagnosis("mistake", "b", "B.")
    assert merged([reported("differs", diagnosis=each) for each in (a, b, b)]).diagnosis == b
    assert merged([reported("differs", diagnosis=each) for each in (b, a)]).diagnosis == b
    assert merged([reported("differs", diagnosis=each) for each in (None, None, a)]).diagnosis == a
    mild = [reported("unstable", diagnosis=b)] * 3
    assert merged([*mild, reported("differs", diagnosis=a)]).diagnosis == a
    parts = [reported("unstable", begins=each) for each in ("", "where x", "where y")]
    assert merged(parts).begins == "where x"
    assert merged([reported("differs"), *parts]).begins == ""


def test_what_was_tried_is_joined() -> None:
    """The largest size of each axis, every number type, layout and parameter that any search has tried, and all that was dropped."""
    first = Extent(
        {"N": 5, "K": 70}, ("int64", "int8"), ("strided",), {"delta": (1e-8, 1e-3)}, ("guard",), ("y", "t"), {"edge": 1}
    )
    second = Extent(
        {"N": 1100, "K": 3, "D": 2},
        ("uint8",),
        ("strided", "reversed"),
        {"delta": (1e-8, 1e-5)},
        ("guard",),
        ("y", "t"),
    )
    whole = merged([reported(extent=each) for each in (first, second)]).extent
    assert whole == Extent(
        {"N": 1100, "K": 70, "D": 2},
        ("int64", "int8", "uint8"),
        ("strided", "reversed"),
        {"delta": (1e-8, 1e-3, 1e-5)},
        ("guard",),
        ("y", "t"),
        {"typical": 0, "edge": 1, "extreme": 0},
    )


def test_an_axis_of_no_place_is_as_short_as_that() -> None:
    """Where no search has tried a longer one."""
    assert merged([reported(extent=Extent({"N": 0}))] * 2).extent.sizes == {"N": 0}


def test_the_largest_answer_of_which_some_entries_are_certified() -> None:
    """That of all searches is told, by its own size."""
    parts = [reported(extent=Extent({}, certified=each)) for each in ((900, 1000), None, (100, 5000))]
    assert merged(parts).extent.certified == (100, 5000)


def test_what_any_search_says_of_how_it_is_called_is_so() -> None:
    """Declined is what one of them found to be; in place it is if it was once."""
    parts = [reported(declined=each) for each in (("labels",), (), ("single samples", "labels"))]
    assert merged(parts).declined == ("labels", "single samples")
    assert merged([reported(), reported(in_place=True)]).in_place
    assert not merged([reported(), reported()]).in_place


def test_an_answer_is_accepted_in_every_entry_or_not_at_all() -> None:
    """With a trouble, another shape, or one entry outside, it is refused."""
    interval = about([1.0, 2.0], [0.0, 2.0], [1.0, 3.0])
    for value, accepted in (
        ([0.5, 2.5], True),
        ([1.0, 2.0], True),
        ([1.5, 2.0], False),
        ([1.0, 3.5], False),
        ("raised", False),
        ([[1.0, 2.0]], False),
        (1.0, False),
    ):
        assert is_accepted(said(value)[0], interval) is accepted


def test_inputs_in_a_sentence_are_cut() -> None:
    """Each argument by its name; a long line ends in dots after 160 characters."""
    assert values_in_words({"x": np.array([1.0, 2.0]), "n": np.array(3)}) == "x = np.array([1.0, 2.0]), n = 3"
    exactly = values_in_words({"x" * (160 - len(" = np.array([1.0])")): np.array([1.0])})
    assert len(exactly) == 160
    assert exactly.endswith("[1.0])")
    long = values_in_words({"y" + "x" * (160 - len(" = np.array([1.0])")): np.array([1.0])})
    assert long == f"{'y' + 'x' * (160 - len(' = np.array([1.0])'))} = np.array([1.0] …"
