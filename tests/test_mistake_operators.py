"""Mistakes made by operators: what they make of a definition, how it is evaluated, and that formulas nobody typed mistakes for get the names of theirs."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from brought import BROUGHT, Brought, of_rows

import refmath
from refmath.balls.formats import format_named
from refmath.catalogue import FORMULAS, formula
from refmath.mistakes.applied import arguments
from refmath.mistakes.change import Given, nodes, replaced
from refmath.mistakes.factor import Factor, Ratios, in_words
from refmath.mistakes.operators import changes, guarded, other_settings, with_constants
from refmath.mistakes.programs import made_of, program_of
from refmath.mistakes.values import NotEvaluated, Values
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.diagnosing.diagnosis import diagnose
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Search, Trial
from refmath.oracle.verdict import tells_of_mistakes
from refmath.spec import setting

pytestmark = pytest.mark.long

FLOAT64 = format_named("float64")
#: What one definition in floats can say: not what is done with functions, and no mapping.
PLAIN = [
    page
    for page in FORMULAS
    if not page.takes_function and not page.parts and not any(one.arrays for one in page.inputs)
]
each_plain = pytest.mark.parametrize("page", PLAIN, ids=lambda page: page.name)


# ---- definitions


@each_plain
def test_no_change_is_the_definition_itself(page: Any) -> None:
    """Every change is another definition, has a name and a sentence, and no two are the same."""
    given = Given.of(setting(page))
    made = [*changes(given), *guarded(given), *with_constants(given)]
    assert made
    for of in (changes(given), guarded(given)):
        assert len({(each.definition, each.output) for each in of}) == len(of)
    for each in made:
        assert (each.definition, each.output) != (given.definition, given.output)
        assert each.name.isidentifier()
        assert each.text.endswith(".")
        assert ("{value}" in each.text) == bool(each.constant)
        assert bool(each.tried) == bool(each.constant)


def test_changes_come_in_the_same_order_in_every_process() -> None:
    """Whatever the seed of its hashes, from which the order of sets of symbols follows; and so does the name of a mistake."""
    environment = {**os.environ, "PYTHONHASHSEED": "54321", "PYTHONPATH": os.pathsep.join(sys.path)}
    code = "from test_mistake_operators import told; print(told())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == told()


def told() -> str:
    """Every change of every definition, in a few letters."""
    pages = [page for page in FORMULAS if not page.takes_function and not page.by_layers]
    texts = [(each.name, each.text) for page in pages for each in changes(Given.of(setting(page)))]
    return hashlib.sha256(repr(texts).encode()).hexdigest()


def test_a_share_is_a_factor() -> None:
    """ε beneath the fraction line is none: nothing is mixed in such a proportion."""
    running = "running_mean_instead_of_sum"
    texts = [each.text for each in changes(Given.of(setting(formula("adagrad_step")))) if each.name == running]
    assert texts
    assert not any("eps" in each for each in texts)


def test_what_stands_in_two_places_is_replaced_in_both_and_in_each() -> None:
    """Wherever it stands, and in one place at a time."""
    x, y = sp.symbols("x y")
    found = [new for *_, new in replaced(x + y * sp.exp(x), lambda node: [("n", "t.", 0, 2 * x)] if node == x else [])]
    assert set(found) == {2 * x + y * sp.exp(2 * x), 2 * x + y * sp.exp(x), x + y * sp.exp(2 * x)}


def test_limits_and_indices_are_no_parts() -> None:
    """Nothing is changed in what a sum runs over, or in an index."""
    page = formula("cross_entropy_labels")
    assert not {"n", "N"} & {str(node) for node in nodes(page.definition.args[-1])}


# ---- values


@each_plain
def test_definitions_in_floats_are_the_formula(page: Any) -> None:
    """Evaluated in floats, a definition gives what its program gives."""
    search = Search(setting(page), Candidate(page.program, formula=page), FLOAT64, 0, 4, False, "numpy", lambda _: None)
    search.survey()
    from refmath.oracle.diagnosing.answers import Sample

    checked = 0
    for trial in search.trials:
        if trial.class_ == "typical" and tells_of_mistakes(trial) and trial.seen.trouble is None:
            sample = Sample(search.setting, trial)
            value = sample.values(None, {}).of(page.definition, page.output)
            assert np.allclose(value.ravel().astype(float), trial.seen.value.ravel(), rtol=1e-9, atol=1e-12)
            checked += 1
    assert checked >= 3


def test_a_constant_is_tried_with_many_values_at_once() -> None:
    """Values have a first axis for them."""
    x, c, i, N = sp.IndexedBase("x"), sp.Symbol("c"), sp.Symbol("i"), sp.Symbol("N")
    values = Values({"x": np.array([1.0, 2.0])}, {"N": 2}, {"c": np.array([1.0, 10.0, 100.0])})
    assert values.of(c * sp.Sum(x[i], (i, 0, N - 1))).tolist() == [3, 30, 300]
    assert values.of(c * x[i], ((i, "N"),)).tolist() == [[1, 2], [10, 20], [100, 200]]
    # What does not depend on it, or on an index, is added up as often as it should be.
    assert values.of(sp.Sum(sp.Integer(3), (i, 0, N - 1))) == 6


def test_what_is_unknown_is_not_evaluated() -> None:
    """A function that nobody knows is no number."""
    x, i = sp.IndexedBase("x"), sp.Symbol("i")
    values = Values({"x": np.array([1.0])}, {"N": 1}, {})
    with pytest.raises(NotEvaluated):
        values.of(sp.Function("f")(x[i]), ((i, "N"),))
    with pytest.raises(NotEvaluated):
        values.of(sp.Symbol("nowhere") * x[0])


# ---- factors


def test_a_factor_is_told_from_ratios_at_different_sizes() -> None:
    """One input leaves many factors, several leave one."""
    ratios = Ratios(("N", "K"))
    for rows, columns in ((2, 4), (3, 5), (7, 2)):
        assert ratios.take(
            np.array([[1.0, 2.0]]), np.array([-2.0, -4.0]) * rows / columns, {"N": rows, "K": columns}, 1e-9
        )
    assert list(ratios.simplest()) == [(0, Factor(-1, 1, (("N", 1), ("K", -1))))]
    assert not ratios.take(np.array([[1.0, 2.0]]), np.array([1.0, 2.0]), {"N": 5, "K": 3}, 1e-9)


@pytest.mark.parametrize(
    ("name", "factor", "called"),
    [
        ("mean_squared_error", Factor(-1), "opposite_sign"),
        ("mean_squared_error", Factor(1, 1), "missing_half"),
        ("mean_squared_error", Factor(1, -1), "factor_half"),
        ("mean_squared_error_gradient", Factor(1, 1), "factor_two"),
        ("mean_squared_error", Factor(1, 0, (("N", 1),)), "sum_over_samples"),
        ("mean_squared_error_gradient", Factor(1, 0, (("N", 1),)), "missing_mean"),
        ("mean_squared_error", Factor(1, 0, (("K", -1),)), "mean_over_entries"),
        ("mean_squared_error", Factor(1, 0, (("N", -1),)), "divided_twice"),
        ("mean_squared_error", Factor(1, 0, (("N", 1), ("K", -1))), "factor_of_sizes"),
    ],
)
def test_factors_have_the_names_of_the_pages(name: str, factor: Factor, called: str) -> None:
    """Each has the public name of what it is."""
    assert in_words(factor, Given.of(setting(formula(name))))[0] == called


# ---- what a page types, an operator calls by the same name


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("mean_squared_error", {"missing_half", "mean_over_entries", "sum_over_samples", "opposite_sign", "softmax_applied_first"}),
        ("softmax_cross_entropy_one_hot_gradient", {"missing_mean", "mean_over_entries", "opposite_sign", "factor_two", "softmax_forgotten"}),
        ("cross_entropy_labels", {"base_two", "base_ten", "log_forgotten", "labels_off_by_one", "one_added_inside_the_log"}),
    ],
)  # fmt: skip
def test_without_its_typed_mistakes_a_page_has_the_same_names(name: str, typed: set[str]) -> None:
    """Taken off the page, these mistakes are still called so."""
    page = replace(formula(name), mistakes=(), conventions=())
    survey = surveyed(page)
    names = {each.name: survey.name(program_of(page, each)) for each in formula(name).mistakes if each.name in typed}
    assert names == {each: each for each in typed}


# ---- what a page says only the name of


@pytest.mark.parametrize(
    ("page", "name", "arguments", "expected"),
    [
        ("mean_squared_error", "missing_half", ([[1.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]), 2.0),
        ("mean_squared_error", "mean_over_entries", ([[1.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]), 0.5),
        ("mean_squared_error", "first_sample_only", ([[1.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]), 2.0),
        ("mean_squared_error_gradient", "divided_by_classes", ([1.0, 2.0, 3.0], [1.0, 0.0, 0.0]), [0.0, 2 / 3, 1.0]),
        ("mean_squared_error_gradient", "plus_instead_of_minus", ([1.0, 2.0], [1.0, 0.5]), [2.0, 2.5]),
        ("softmax", "over_samples", ([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]],), [[1 / 3, 1 / 3]] * 3),
        ("softmax", "over_samples", ([0.0, 0.0],), [0.5, 0.5]),
        ("softmax", "base_two", ([1.0, 0.0],), [2 / 3, 1 / 3]),
        ("cross_entropy_labels", "labels_off_by_one", ([[0.25, 0.75]], [1]), np.log(4)),
        ("cross_entropy_labels", "log_forgotten", ([[0.25, 0.75]], [1]), -0.75),
        ("cross_entropy_labels", "single_sample_divided_by_classes", ([0.25, 0.75], 0), np.log(2)),
        ("cross_entropy_labels", "single_sample_divided_by_classes", ([[0.25, 0.75]], [0]), np.log(4)),
        ("cross_entropy_error", "opposite_sign", ([[0.25, 0.75]], [0]), -np.log(4)),
        ("cross_entropy_error", "opposite_sign", ([[0.25, 0.75]], [[1, 0]]), -np.log(4)),
        ("softmax_cross_entropy_one_hot", "arguments_swapped", ([[2.0, 0.0]], [[0.5, 0.5]]), 2 * np.log(2)),
        ("softmax_cross_entropy_labels_gradient", "factor_two", ([[0.0, 0.0]], [0]), [[-1.0, 1.0]]),
    ],
)
def test_what_an_operator_makes_answers_as_its_sentence_says(
    page: str, name: str, arguments: tuple[Any, ...], expected: Any
) -> None:
    """At inputs that can be reckoned by hand: an answer that differs from the formula's, unless a single sample has no axis to get wrong."""
    mistake = next(each for each in formula(page).mistakes if each.name == name)
    assert mistake.operator
    given = [np.array(each) for each in arguments]
    np.testing.assert_allclose(program_of(formula(page), mistake)(*given), expected, rtol=1e-15)
    harmless = (name == "over_samples", np.ndim(given[0])) == (True, 1) or (name[:6], np.ndim(given[0])) == (
        "single",
        2,
    )
    assert np.allclose(formula(page).program(*given), expected) == harmless


def test_no_exponential_of_a_softmax_overflows_in_what_an_operator_makes() -> None:
    """A mistake is wrong in one way: far logits are no other."""
    page = formula("softmax_cross_entropy_labels")
    double = next(each for each in page.mistakes if each.name == "base_two")
    far = np.array([[0.0, 1e6], [1e6, 0.0]]), np.array([0, 0])
    np.testing.assert_allclose(program_of(page, double)(*far), 1e6 / np.log(2) / 2, rtol=1e-15)


def test_what_no_operator_makes_is_said() -> None:
    """A name that no change of the definition has is a slip on the page."""
    with pytest.raises(ValueError, match="no operator makes base_twelve of the definition of softmax"):
        made_of(formula("softmax"), "base_twelve")


# ---- formulas as users bring them


@dataclass(frozen=True)
class Survey:
    """The inputs that are tried for a formula."""

    page: Any
    trials: list[Trial]

    def told(self, program: Any) -> Diagnosis | None:
        """What a program is told; it must be refused."""
        observed = Candidate(program, formula=self.page)
        seen = [replace(trial, seen=observed(trial.inputs)) for trial in self.trials]
        assert not all(trial.accepted for trial in seen)
        return diagnose(observed, setting(self.page), seen, FLOAT64, {})

    def name(self, program: Any) -> str | None:
        found = self.told(program)
        return None if found is None else found.name


@functools.cache
def surveyed(page: Any) -> Survey:
    search = Search(
        setting(page), Candidate(page.program, formula=page), FLOAT64, 0, 40, False, "numpy", lambda _: None
    )
    search.survey()
    assert all(trial.accepted for trial in search.trials if trial.class_ == "typical")
    return Survey(page, [trial for trial in search.trials if tells_of_mistakes(trial)])


def faults(brought: Brought) -> Iterator[tuple[str, Any, set[str]]]:
    for fault, (program, names) in brought.faults.items():
        yield fault, of_rows(program) if brought.formula.single_samples else program, names


@pytest.mark.parametrize(
    "brought",
    [
        pytest.param(each, id=each.formula.name, marks=[] if place < 2 else [pytest.mark.zoo])
        for place, each in enumerate(BROUGHT)
    ],
)
def test_of_ten_faulty_programs_eight_are_named_and_none_wrongly(brought: Brought) -> None:
    """Each is refused; what it is called is one of the names that its fault may have."""
    survey = surveyed(brought.formula)
    told = {fault: (survey.name(program), names) for fault, program, names in faults(brought)}
    wrong = {
        fault: name
        for fault, (name, names) in told.items()
        if name is not None and not any(each in name for each in names)
    }
    assert wrong == {}
    assert len([name for name, _ in told.values() if name is not None]) >= 8


def test_a_refused_candidate_is_told_within_two_seconds() -> None:
    """What has no name takes longest, as everything is tried; the time is that of the processor."""
    survey = surveyed(BROUGHT[0].formula)
    begun = time.process_time()
    assert survey.name(of_rows(lambda p, t: np.mean(np.abs(p - t) ** 3))) is None
    assert time.process_time() - begun < 4  # twice that for a slow machine


@pytest.mark.parametrize("made", ["constant", "multiple", "shuffled", "noisy"])
def test_an_unknown_fault_of_a_formula_of_ones_own_has_no_name(made: str) -> None:
    """Conservative: a constant, a multiple by no number that people forget, other entries, a small error."""
    right = BROUGHT[0].formula.program
    programs: dict[str, Any] = {
        "constant": lambda p, t: 0.5,
        "multiple": lambda p, t: 0.7123 * right(p, t),
        "shuffled": lambda p, t: right(np.asarray(p)[..., ::-1], t),
        "noisy": lambda p, t: right(p, t) * (1 + 1e-9),
    }
    assert surveyed(BROUGHT[0].formula).name(programs[made]) is None


def test_what_nothing_separates_is_told_as_one_or_the_other() -> None:
    """Of distributions as much is missed as is wrong: a weight of the one is a weight of the other."""
    brought = next(each for each in BROUGHT if each.formula.name == "tversky_loss")
    program = next(program for fault, program, _ in faults(brought) if fault == "beta forgotten")
    found = surveyed(brought.formula).told(program)
    assert found is not None
    assert " or " in found.name
    assert " Or: " in found.text


def test_settings_are_told_with_their_choice() -> None:
    """A page with guards to choose from has a definition for each, with the size left open."""
    given = Given.of(setting(formula("cross_entropy_one_hot")))
    assert {each.name for each in other_settings(given)} == {"floor with delta", "offset with delta"}


def test_arguments_of_one_shape_may_have_changed_places() -> None:
    """Both entries are exchanged at once."""
    page = formula("mean_squared_error_gradient")
    swapped = next(each for each in arguments(Given.of(setting(page))) if each.name == "arguments_swapped")
    assert sp.simplify(swapped.to(page.definition) + page.definition) == 0


def test_the_report_of_a_check_says_both_names() -> None:
    """A whole check, by its public name."""
    report = refmath.check(lambda y, t: 2 * np.sum((y - t) ** 2) / 2, "mean_squared_error", examples=20)
    assert report.diagnosis is not None
    assert report.diagnosis.name == "missing_half and sum_over_samples"
