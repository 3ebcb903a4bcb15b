"""The tests of the laws: every mistake of a page is caught by the law it names, every law catches something."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import surveyed
from scipy import special

from refmath import FORMULAS, softmax_gradient, two_layer_net_predict
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import CLASSES
from refmath.losses.softmax_cross_entropy_one_hot_gradient import samples
from refmath.mistakes.programs import evaluating, program_of
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.diagnosing.made import made
from refmath.oracle.searching.laws import Broken, holds
from refmath.oracle.searching.probe import Inputs, Probe
from refmath.oracle.searching.search import numbers_in, trouble
from refmath.oracle.searching.survey import Survey
from refmath.spec import Convention, Formula, Law, Mistake, Program, packed, setting

pytestmark = pytest.mark.long

FORMAT = FORMATS["float64"]
#: Inputs drawn in each class, and at least two of every way.
EXAMPLES = 24
#: Laws are held against inputs of at most so many numbers.
ENTRIES = 64

every_formula = pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
every_mistake = pytest.mark.parametrize(
    ("formula", "mistake"),
    [
        pytest.param(formula, mistake, id=f"{formula.name}-{mistake.name}")
        for formula in FORMULAS
        for mistake in formula.mistakes
    ],
)
every_convention = pytest.mark.parametrize(
    ("formula", "convention"),
    [
        pytest.param(formula, convention, id=f"{formula.name}-{convention.name}")
        for formula in FORMULAS
        for convention in formula.conventions
    ],
)

#: Variants that another law catches than the one their mistake names, and why.
BY_ANOTHER_LAW = {
    # 1 − 1e-15 is 1 up to a few roundings, so that a perfect output costs as good as nothing; what is left is a floor that is not δ.
    (page, "both_sides_clipped", margin): "is_minus_ln_delta_for_a_certain_error"
    for page in ("cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error")
    for margin in (2.0**-52, 1e-15)
}


#: Pages on which one law says all that the formula says.
ONE_LAW_SAYS_ALL = {"sgd_step", "two_layer_net_predict"}


@functools.cache
def probes_of(formula: Formula) -> list[Probe]:
    """The small inputs of a survey, the same each time; of the three classes in turn, so that whatever only one class shows is found soon."""
    probes = [
        probe
        for probe in Survey(formula, FORMAT, 0, EXAMPLES)
        if probe.layout in ("plain", "by columns")
        and set(probe.types.values()) <= {"int64"}
        and numbers_in(probe.inputs) <= ENTRIES
    ]
    of_class = [[probe for probe in probes if probe.class_ == class_] for class_ in CLASSES]
    return [probe for turn in itertools.zip_longest(*of_class) for probe in turn if probe is not None]


@functools.cache
def intervals_of(formula: Formula) -> dict[Any, Acceptance | None]:
    return {}


def interval(formula: Formula, inputs: Inputs) -> Acceptance | None:
    """The acceptance interval of the formula's default, computed once."""
    known = intervals_of(formula)
    key = surveyed.key(inputs)
    if key not in known:
        under = setting(formula)
        known[key] = acceptance(under, read(under, *packed(formula, inputs)), FORMAT)
    return known[key]


def refuses(formula: Formula, laws: Law | Sequence[Law], *programs: Program) -> bool:
    """Whether the law, or one of several, is broken by a program, or by one of several, on some of the inputs."""
    laws = [laws] if isinstance(laws, Law) else laws
    candidates, under = [Candidate(program, formula=formula) for program in programs], setting(formula)

    for probe in probes_of(formula):
        for candidate in candidates:

            def call(inputs: Inputs, candidate: Candidate = candidate, layout: Any = probe.layout) -> Any:
                seen, expected = candidate(inputs, layout), interval(formula, inputs)
                if expected is None or trouble(seen, expected):
                    raise Broken
                return seen.value

            for law in laws:
                if holds(law, under, probe.inputs, FORMAT, call, lambda given: interval(formula, given)) is False:
                    return True
    return False


def law_named(formula: Formula, name: str) -> Law:
    return next(law for law in formula.laws if law.name == name)


def settings_of(mistake: Mistake) -> list[Mapping[str, Any]]:
    """The mistake as it stands, and its variants."""
    return [{}, *mistake.variants]


# ---- what a page must have


@every_formula
def test_a_page_has_enough_mistakes_and_defining_laws(formula: Formula) -> None:
    """Mistakes of its own or of operators, two at least; two defining laws, or one that is enough; a reference."""
    assert len(formula.mistakes) + len(made(formula)) >= 2
    assert sum(law.defining for law in formula.laws) >= (1 if formula.name in ONE_LAW_SAYS_ALL else 2)
    assert formula.reference


@every_formula
def test_names_are_unique_on_a_page(formula: Formula) -> None:
    """No two laws, mistakes or conventions of a page bear the same name, and no two variants are the same."""
    for records in (formula.laws, formula.mistakes, formula.conventions):
        assert [name for name, count in Counter(each.name for each in records).items() if count > 1] == []
    for mistake in formula.mistakes:
        chosen = [tuple(sorted(variant.items())) for variant in mistake.variants]
        assert len(set(chosen)) == len(chosen), mistake.name


@every_formula
def test_every_law_referred_to_exists(formula: Formula) -> None:
    """Each mistake names a law of its own page."""
    assert {mistake.caught_by for mistake in formula.mistakes} <= {law.name for law in formula.laws}
    for mistake in formula.mistakes:
        assert [callable(mistake.program), mistake.definition is not None, bool(mistake.operator)].count(True) == 1


@every_formula
def test_every_text_is_a_sentence(formula: Formula) -> None:
    """Laws, mistakes and conventions are told in sentences with a full stop, and no sentence is told twice."""
    for records in (formula.laws, formula.mistakes):
        texts = [each.text for each in records]
        assert all(text.endswith(".") and len(text) > 10 for text in texts)
        assert len(set(texts)) == len(texts)
    for convention in formula.conventions:
        assert convention.text.endswith(".")
        assert convention.source
        # A setting of the page's own parameters, or a definition and a program of its own.
        assert bool(convention.parameters) != (convention.definition is not None)
        assert (convention.program is not None) == (convention.definition is not None)


def test_the_exceptions_exist() -> None:
    """Every variant excepted in this file is one of the page's own, and the law named for it is too."""
    for (page, name, value), law in BY_ANOTHER_LAW.items():
        mistake = next(each for each in formula_named(page).mistakes if each.name == name)
        assert any(value in variant.values() for variant in mistake.variants)
        assert law in {each.name for each in formula_named(page).laws}


# ---- mistakes


@every_mistake
def test_every_mistake_is_caught_by_the_law_it_names(formula: Formula, mistake: Mistake) -> None:
    """The law that a mistake names refuses it, and each of its variants, on some input of the oracle's own survey."""
    for chosen in settings_of(mistake):
        law = mistake.caught_by
        for value in chosen.values():
            law = BY_ANOTHER_LAW.get((formula.name, mistake.name, value), law)
        assert refuses(formula, law_named(formula, law), functools.partial(program_of(formula, mistake), **chosen)), (
            chosen,
            law,
        )


@every_mistake
def test_the_defining_laws_suffice_against_every_mistake(formula: Formula, mistake: Mistake) -> None:
    """Each mistake, and each of its variants, breaks at least one of the page's defining laws."""
    laws = [law for law in formula.laws if law.defining]
    for chosen in settings_of(mistake):
        program = functools.partial(program_of(formula, mistake), **chosen)
        assert refuses(formula, laws, program), chosen


@every_formula
def test_the_laws_refuse_what_operators_make(formula: Formula) -> None:
    """Whatever an operator makes of a definition breaks a law of the page, or is the formula itself within its interval."""
    for each in made(formula):
        program = evaluating(formula, each.definition, each.output)
        # What differs is told from the formula by a few values, and by the laws too: what does not takes as long either way.
        assert is_inside(formula, program) or refuses(formula, formula.laws, program), (each.name, each.definition)


def is_inside(formula: Formula, program: Program) -> bool:
    """Whether a program answers inside the interval, wherever that says anything."""
    candidate = Candidate(program, formula=formula)
    for probe in probes_of(formula):
        expected = interval(formula, probe.inputs)
        if expected is not None and trouble(candidate(probe.inputs, probe.layout), expected):
            return False
    return True


# ---- laws


def rows_that_do_not_sum_to_zero_in_a_batch(a: Any) -> Any:
    """Right for single samples, where the second axis is the last one; in a batch, the columns add up to zero alone."""
    if a.ndim == 1:
        return softmax_gradient(a)
    return special.softmax(a, axis=-1)[..., None, :] * (np.eye(a.shape[-1]) - 1 / a.shape[-1])


def half_of_certainty(a: Any, _: Any) -> Any:
    """Every entry is half of what it is at most: at the target it is positive."""
    return np.full(a.shape, 0.5 / samples(a))


def more_than_certain_in_a_batch(a: Any, t: Any) -> Any:
    """Right for single samples and at the targets; elsewhere in a batch, half as much again as an entry is at most."""
    t = t if np.ndim(t) == a.ndim else np.eye(a.shape[-1])[t]
    right = (special.softmax(a, axis=-1) - t) / samples(a)
    return right if samples(a) == 1 else np.where(t > 0, right, 1.5 / samples(a))


def sums_to_zero_over_the_batch(a: Any, _: Any) -> Any:
    """What is too little in the first samples is too much in the last: no sample's entries add up to zero, but all together do."""
    answer = np.zeros(a.shape)
    answer[..., 0] = np.arange(samples(a)) - (samples(a) - 1) / 2
    return answer


#: For a law that the page's own mistakes break only by not answering, or not at all, a program that is wrong in its very sense.
WRONG_ON_PURPOSE: dict[tuple[str, str], Program | tuple[Program, ...]] = {
    ("softmax_cross_entropy_one_hot_gradient", "lies_between_the_ends_of_certainty"): (
        half_of_certainty,
        more_than_certain_in_a_batch,
    ),
    ("softmax_cross_entropy_labels_gradient", "pulls_the_label_up_and_the_others_down"): (
        half_of_certainty,
        more_than_certain_in_a_batch,
    ),
    ("softmax_cross_entropy_labels_gradient", "sums_to_zero_over_each_sample"): sums_to_zero_over_the_batch,
    ("sigmoid", "never_falls"): lambda x: special.expit(x) * (1 - (np.floor(x) % 2 == 0) / 2),
    ("sigmoid", "is_one_half_at_zero"): lambda x: np.where(x == 0, 0.5 + 1e-9, special.expit(x)),
    ("sigmoid", "works_entry_by_entry"): lambda x: special.expit(x - (x.size > 1) / 1024),
    ("sigmoid_gradient", "works_entry_by_entry"): lambda x: special.expit(x) * special.expit(-x) / x.size,
    ("sigmoid_gradient", "falls_away_from_zero"): lambda x: np.minimum(np.abs(x) / 1024, 0.25),
    ("softmax", "lies_between_zero_and_one"): lambda a: 2 * special.softmax(a, axis=-1) - 1 / a.shape[-1],
    ("softmax", "is_unmoved_by_a_common_shift"): lambda a: special.softmax(a * np.abs(a), axis=-1),
    ("softmax", "keeps_the_order_of_the_logits"): lambda a: special.softmax(np.sin(a), axis=-1),
    ("softmax", "moves_with_its_logits"): lambda a: special.softmax(a + np.arange(a.shape[-1]), axis=-1),
    ("softmax_gradient", "has_rows_that_sum_to_zero"): rows_that_do_not_sum_to_zero_in_a_batch,
    ("softmax_gradient", "is_symmetric"): rows_that_do_not_sum_to_zero_in_a_batch,
    ("softmax_gradient", "has_columns_that_sum_to_zero"): lambda a: (
        special.softmax(a, axis=-1)[..., None] * (np.eye(a.shape[-1]) - 1 / a.shape[-1])
    ),
    ("two_layer_net_predict", "lies_between_zero_and_one"): lambda *inputs: 1.5 * two_layer_net_predict(*inputs),
    ("mean_squared_error", "is_symmetric"): lambda y, t: np.sum((y - t) ** 2 * (1 + (y > t))) / 2,
    ("mean_squared_error", "is_unmoved_by_a_common_shift"): lambda y, t: (
        np.sum((y - t) ** 2) * np.exp2(-abs(y.flat[0]))
    ),
    ("mean_squared_error_gradient", "changes_sign_when_y_and_t_change_places"): lambda y, t: np.maximum(y - t, 0.0),
    **{
        (f"cross_entropy_{form}_gradient", "is_never_positive"): lambda y, _: y / 2
        for form in ("one_hot", "labels", "error")
    },
    ("cross_entropy_one_hot", "never_rises_on_the_way_to_the_target"): lambda y, t: np.sum(t * y),
    ("cross_entropy_one_hot", "is_unmoved_by_renaming_the_classes"): lambda y, t: np.mean(
        -np.log(np.maximum(y[..., 0], 1e-8))
    ),
    ("cross_entropy_labels", "is_unmoved_by_renaming_the_classes"): lambda y, labels: np.mean(
        -np.log(np.maximum(y[..., 0], 1e-8))
    ),
    ("softmax_cross_entropy_one_hot", "is_unmoved_by_renaming_the_classes"): lambda a, t: np.mean(
        special.logsumexp(a, axis=-1) - a[..., 0]
    ),
    ("softmax_cross_entropy_labels", "is_unmoved_by_renaming_the_classes"): lambda a, labels: np.mean(
        special.logsumexp(a, axis=-1) - a[..., 0]
    ),
}


#: What spoils the answers of any program, from its answer and its first argument.
SPOILT: tuple[Callable[[Any, Any], Any], ...] = (
    lambda answer, _: -answer,
    lambda answer, _: 2 * answer,
    lambda answer, _: answer + 1,
    lambda answer, first: answer * (1 + (np.size(first) > 1) / 1024),
    lambda answer, _: answer * (1 + np.arange(np.size(answer)).reshape(np.shape(answer)) / 1024),
    lambda answer, first: answer * (1 + (np.asarray(first).flat[0] > 0) / 1024),
)


def spoilt(program: Program, how: Callable[[Any, Any], Any]) -> Program:
    """A program whose answers are spoilt."""

    def wrong(*arguments: Any) -> Any:
        answer, first = program(*arguments), arguments[0]
        if isinstance(answer, Mapping):
            return {key: how(np.asarray(each), 0.0) for key, each in answer.items()}
        first = np.zeros(1) if callable(first) or isinstance(first, Mapping) else first
        return np.asarray(how(np.asarray(answer), first)).astype(np.asarray(answer).dtype)[()]

    return wrong


@every_formula
def test_every_law_bites(formula: Formula) -> None:
    """Each law is named by a mistake of its page, or refuses one all the same, or else a program of this file."""
    named = {mistake.caught_by for mistake in formula.mistakes}
    # Those first that are quick and break most laws: any one will do.
    programs = [spoilt(formula.program, how) for how in SPOILT]
    programs += [program_of(formula, mistake) for mistake in formula.mistakes]
    programs += [evaluating(formula, each.definition, each.output) for each in made(formula)]
    for law in formula.laws:
        if law.name not in named and (formula.name, law.name) not in WRONG_ON_PURPOSE:
            assert refuses(formula, law, *programs), law.name


@pytest.mark.parametrize(
    ("page", "law"), list(WRONG_ON_PURPOSE), ids=[f"{page}-{law}" for page, law in WRONG_ON_PURPOSE]
)
def test_a_law_refuses_what_is_wrong_in_its_own_sense(page: str, law: str) -> None:
    """A program that answers everywhere with plausible numbers, but against what the law says, is refused by it."""
    formula, programs = formula_named(page), WRONG_ON_PURPOSE[page, law]
    for program in programs if isinstance(programs, tuple) else (programs,):
        assert refuses(formula, law_named(formula, law), program)


# ---- conventions


@every_convention
def test_every_convention_is_told_apart(formula: Formula, convention: Convention) -> None:
    """Some law of the page fails for the program of a convention: the two do not mean the same."""
    assert refuses(formula, formula.laws, setting(formula, convention.name).program)
