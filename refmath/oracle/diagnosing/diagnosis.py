"""The name of the mistake: which wrong program, or which other convention, answers as the candidate does."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import Format
from refmath.conventions import described, in_format, outside
from refmath.mistakes.change import Given
from refmath.mistakes.operators import of_one_part
from refmath.mistakes.programs import program_under
from refmath.mistakes.repairs import repair
from refmath.oracle.candidates.budget import Asked
from refmath.oracle.candidates.candidate import Candidate, Observation, answer_shapes
from refmath.oracle.diagnosing.any_program import is_right_in_columns, of_any_program
from refmath.oracle.diagnosing.comparison import likeness, same
from refmath.oracle.diagnosing.explanations import Explainer
from refmath.oracle.diagnosing.guesses import Explanation
from refmath.oracle.diagnosing.in_a_row import mistaken_steps
from refmath.oracle.diagnosing.order import in_another_order
from refmath.oracle.diagnosing.some_inputs import KINDS, are_lost, right_for_some
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Trial, is_accepted, numbers_of, trouble
from refmath.spec import (
    Formula,
    Mistake,
    Program,
    Setting,
    are_labels,
    by_place,
    packed,
    places_of_parts,
    setting,
    shown,
    varied,
)

_T = TypeVar("_T")
#: From here on, a mistake is lost on the same inputs as the candidate.
_ALIKE = 0.6
#: Of another formula the candidate may be, if it is refused on so many inputs.
_REFUSED = 4
#: Mistakes with which a single sample is right, as it has no other beside it.
_ALONG_SAMPLES = ("over_samples", "over_everything")


def diagnose(
    candidate: Asked,
    chosen: Setting,
    trials: list[Trial],
    format_: Format,
    answers: dict[str, Iterable[Observation]],
    library: str = "numpy",
    own: Mapping[str, float] | None = None,
) -> Diagnosis | None:
    """The convention or mistake that reproduces the candidate, if one does.

    Args:
        candidate: The candidate, for further questions.
        chosen: The formula and the convention that the candidate was held against.
        trials: What was tried.
        format_: The number format.
        answers: For each mistake of the page, what it answers on the inputs tried.
        library: Whose arrays the candidate computes with.
        own: Numbers of the candidate's own, by the formula's parameters that they seem to be.

    Returns:
        The first explanation that fits everywhere, conventions before mistakes; else one that fits the wrong answers on
        typical inputs; else, for a candidate that is right there, a mistake that is lost on the same inputs.
    """
    # What lies inside the intervals is evidence for nothing.
    if all(trial.accepted for trial in trials):
        return None
    found = _diagnosed(candidate, chosen, [_without_answer(trial) for trial in trials], format_, answers, own or {})
    if found is None or found.repair or found.kind == "convention":
        return found
    return replace(found, repair=repair(found.name, library))


def _diagnosed(
    candidate: Asked,
    chosen: Setting,
    trials: list[Trial],
    format_: Format,
    answers: dict[str, Iterable[Observation]],
    own: Mapping[str, float],
) -> Diagnosis | None:
    """What explains the answers, without what is to be done about it."""
    if all(trial.seen.trouble == "raised" for trial in trials):  # there is no answer that could tell what else it does
        return in_another_order(candidate, chosen.formula, trials)
    found = _found(candidate, chosen, trials, format_, answers, own)
    if not is_right_in_columns(candidate, chosen.formula, trials):
        return found
    told = "With samples in columns ordinary inputs are right: --layout columns judges it so."
    return Diagnosis("mistake", "samples_in_columns", told) if found is None else found.and_that(told)


def _without_answer(trial: Trial) -> Trial:
    """A trial in which nothing was returned and nothing written as one without a value: what the arguments were says of no computation."""
    if trial.seen.trouble is not None or not trial.seen.text or trial.accepted:
        return trial
    return replace(trial, seen=replace(trial.seen, value=None, trouble="type"))


def _found(
    candidate: Asked,
    chosen: Setting,
    trials: list[Trial],
    format_: Format,
    answers: dict[str, Iterable[Observation]],
    own: Mapping[str, float],
) -> Diagnosis | None:
    every_answer = _Lazily(_all_answers(chosen, trials, answers))
    part, explained, of_part = _wrong_part(chosen, trials)
    others = [each.definition for each in chosen.parts if part and each.key != part]
    settled = frozenset(str(symbol) for each in others for symbol in each.free_symbols)
    explainer = Explainer(explained, of_part, format_, same, of=part, settled=settled)
    # Mistakes are wrong under the page's defaults; under a convention half of the right value may be what is a mean there.
    factor = _told(explainer.multiple(), chosen) if not chosen.is_default else None
    everywhere = (
        factor
        or _explained(chosen, trials, trials, format_, every_answer, lambda: _told(explainer.other_setting(), chosen))
        or _with_its_own_numbers(chosen, trials, format_, own)
        or of_any_program(candidate, chosen, trials, format_)
        or mistaken_steps(chosen.formula, trials, format_, same, own)
    )
    if everywhere:
        return everywhere
    made = explainer.found()
    if made is not None and made.everywhere and (made.is_simple or not right_for_some(chosen.formula, trials)):
        return _told(made, chosen)
    ordered = in_another_order(candidate, chosen.formula, trials)
    if ordered:
        return ordered
    is_known = made is not None and made.is_simple and not right_for_some(chosen.formula, trials)
    if not is_known:
        some = _for_some_inputs_only(candidate, chosen, trials, format_, every_answer, explainer)
        if some:
            return some
    typical = [trial for trial in trials if trial.class_ == "typical"]
    if not all(trial.accepted for trial in typical):
        found = _explained(chosen, typical, trials, format_, every_answer)
        if found or made:
            return _on_typical_inputs(found) if found else _told(made, chosen)
    return _alike(chosen.formula, trials, trials, format_, every_answer)


def _wrong_part(chosen: Setting, trials: list[Trial]) -> tuple[str, Setting, list[Trial]]:
    """If one part of an answer alone is ever refused, its key, the setting that has no other part, and the trials of it; else all as it is."""
    whole = "", chosen, trials
    if len(chosen.parts) < 2 or any(trial.interval.entries is not None or not _has_value(trial) for trial in trials):
        return whole
    places = [_places(chosen.formula, trial) for trial in trials]
    wrong = {
        key
        for trial, of in zip(trials, places, strict=True)
        for key, (place, _) in of.items()
        if not np.all(trial.interval.accepts(trial.seen.value)[place])
    }
    part = next((each for each in chosen.parts if {each.key} == wrong), None)
    if part is None:
        return whole
    alone = {"definition": part.definition, "parts": ()}
    known = tuple(
        Mistake(each.name, each.text, chosen.program, "", definition=each.definition)
        for each in of_one_part(Given.of(chosen), chosen.parts.index(part))
    )
    formula = replace(chosen.formula, output=part.output, mistakes=known, laws=(), **alone)
    return (
        part.key,
        replace(chosen, formula=formula, **alone),
        [_of_part(trial, *of[part.key]) for trial, of in zip(trials, places, strict=True)],
    )


def _has_value(trial: Trial) -> bool:
    return trial.seen.trouble is None and trial.seen.value.shape == trial.interval.shape


def _places(formula: Formula, trial: Trial) -> dict[str, tuple[slice, tuple[int, ...]]]:
    """Where the entries of each part are in a flat answer, and the shape that they have as a part."""
    shapes = answer_shapes(formula, trial.inputs)
    return {key: (place, shapes[key]) for key, place in places_of_parts(shapes).items()}


def _of_part(trial: Trial, place: slice, shape: tuple[int, ...]) -> Trial:
    """What a trial says of one part of the answer."""
    interval = trial.interval
    fields = ("exact", "nearest", "low", "high", "half_width", "ulp", "said")
    alone: dict[str, Any] = {name: np.asarray(getattr(interval, name))[place].reshape(shape) for name in fields}
    seen = replace(trial.seen, value=trial.seen.value[place].reshape(shape))
    return replace(trial, seen=seen, interval=Acceptance(**alone, shape=shape))


def _told(found: Explanation | None, chosen: Setting) -> Diagnosis | None:
    """An explanation by operators as a diagnosis."""
    if found is None:
        return None
    told = Diagnosis("convention" if found.is_setting else "mistake", found.name, found.text)
    ignored = next((each for each, value in chosen.parameters.items() if found.name == f"{each}={value:g}"), None)
    if found.is_setting and ignored is not None and ignored in chosen.formula.parameters:
        text = f"It takes {ignored} and makes no use of it: whatever that is, the answer is that for {found.name}."
        told = Diagnosis("mistake", f"{ignored}_ignored", text, repair=f"Use {ignored} in what is computed.")
    elif found.is_setting and " or " not in found.name:
        told = replace(told, repair=f"If that is meant, judge it by that: {_asked_for(found.name, chosen.formula)}")
    return told if found.everywhere else _on_typical_inputs(told)


def _asked_for(name: str, formula: Formula) -> str:
    """The options of the command line that ask for a setting by its name, such as `offset with delta=1e-07`."""
    choice, _, number = name.rpartition(" with ")
    chooses = [each for each, of in formula.choices.items() if choice in of and choice != formula.parameters[each]]
    return " ".join([*(f"--param {each}={choice}" for each in chooses), f"--param {number}"])


def _on_typical_inputs(found: Diagnosis) -> Diagnosis:
    return found.and_that("That explains the ordinary inputs; elsewhere there is something else besides.")


def _alike(
    formula: Formula,
    part: list[Trial],
    trials: list[Trial],
    format_: Format,
    every_answer: Iterable[tuple[str, Iterable[Observation]]],
) -> Diagnosis | None:
    """The mistake that is lost on the same inputs as the candidate, of a part of the trials."""
    wanted = set(map(id, part))

    def of_part(seen: Iterable[Observation]) -> Iterator[Observation]:
        return (answer for trial, answer in zip(trials, seen, strict=True) if id(trial) in wanted)

    alike = [(likeness(of_part(seen), part, format_), name) for name, seen in every_answer]
    most, name = max(alike, key=lambda each: each[0], default=(0.0, ""))
    if most < _ALIKE:
        return None
    told = "Or something like it: it fails on the same inputs in the same way, with other values."
    return _mistake(formula, name).and_that(told)


def answers_of_mistakes(
    formula: Formula, trials: list[Trial], others: Mapping[str, Any] | None = None
) -> dict[str, Iterable[Observation]]:
    """What each mistake of the page answers on the inputs tried; under other parameters only of those that know them."""
    programs = ((each.name, program_under(formula, each, others or {})) for each in formula.mistakes)
    return {name: _answers(formula, made, trials) for name, made in programs if made is not None}


def _answers(formula: Formula, program: Program, trials: list[Trial]) -> Iterable[Observation]:
    """One answer after the other, as far as they are asked for: most programs differ from the candidate at once."""
    candidate = Candidate(program, formula=by_place(formula))
    return _Lazily(candidate(trial.inputs, trial.probe.layout) for trial in trials)


def _all_answers(
    chosen: Setting, trials: list[Trial], answers: dict[str, Iterable[Observation]]
) -> Iterable[tuple[str, Iterable[Observation]]]:
    """The answers of every mistake, and of its variants with other constants."""
    for each in (each for each in chosen.formula.mistakes if each.name in answers):
        yield each.name, answers[each.name]
        made = program_under(chosen.formula, each, chosen.others)
        if made is not None:
            for variant in each.variants:
                yield each.name, _answers(chosen.formula, functools.partial(made, **variant), trials)


class _Lazily(Iterable[_T]):
    """Values that are costly to come by: each is asked for when it is first needed, and remembered."""

    def __init__(self, values: Iterable[_T]) -> None:
        self._rest, self._known = iter(values), list[_T]()

    def __iter__(self) -> Iterator[_T]:
        for place in itertools.count():
            if place == len(self._known):
                try:
                    self._known.append(next(self._rest))
                except StopIteration:
                    return
            yield self._known[place]


def _explained(
    chosen: Setting,
    part: list[Trial],
    trials: list[Trial],
    format_: Format,
    every_answer: Iterable[tuple[str, Iterable[Observation]]],
    other_parameters: Callable[[], Diagnosis | None] = lambda: None,
) -> Diagnosis | None:
    """The convention, or else other parameters, or else the mistake, that answers as the candidate does on a part of the trials."""
    formula = chosen.formula
    conventions = [name for name in _other_conventions(formula, chosen) if _follows(formula, name, part, format_)]
    wanted = set(map(id, part))

    def reproduces(seen: Iterable[Observation]) -> bool:
        refused = False
        for trial, answer in zip(trials, seen, strict=True):
            if id(trial) in wanted:
                if not same(trial.seen, answer, trial.interval, format_):
                    return False
                refused = refused or (not trial.accepted and not is_accepted(answer, trial.interval))
        return refused

    reproduced = next((name for name, seen in every_answer if reproduces(seen)), None)
    if conventions:
        return _convention(chosen, conventions, reproduced)
    meant = _other_meaning(chosen, part, format_)
    if meant and reproduced:
        known = _mistake(formula, reproduced)
        return known.and_that(f"With {_in_words(meant)} it is the formula.")
    if meant:
        name = " and ".join(map(str, meant.values()))
        asked = " ".join(f"--param {one}={value}" for one, value in meant.items())
        text = f"It is {formula.name} with {_in_words(meant)}."
        return Diagnosis("convention", name, text, repair=f"If that is meant, judge it by that: {asked}")
    return other_parameters() or (_mistake(formula, reproduced) if reproduced else None)


def _other_meaning(chosen: Setting, part: list[Trial], format_: Format) -> dict[str, Any]:
    """Other values of parameters that choose together, under which a candidate is right on a part of the trials; empty if there are none."""
    formula = chosen.formula
    if formula.meaning is None or any(trial.probe.parameters for trial in part):
        return {}
    for values in itertools.product(*formula.choices.values()):
        others = dict(zip(formula.choices, values, strict=True))
        if others == chosen.chosen or others == {name: formula.parameters[name] for name in others}:
            continue
        other = setting(formula, **others)
        # Numbers may stand where the other formula has targets of another kind, but no labels where it has none.
        fitting = [trial for trial in part if not _has_labels(formula, trial) or _has_labels(other.formula, trial)]
        telling = sum(not trial.accepted for trial in fitting) >= _REFUSED
        if telling and _conforms(replace(other, formula=formula), fitting, format_):
            return {
                name: value
                for name, value in others.items()
                if value != chosen.chosen.get(name, formula.parameters[name])
            }
    return {}


def _with_its_own_numbers(
    chosen: Setting, trials: list[Trial], format_: Format, own: Mapping[str, float]
) -> Diagnosis | None:
    """That it is the formula with those numbers that it has itself, under whatever names."""
    others = {name: value for name, value in own.items() if chosen.parameters.get(name, value) != value}
    plain = [trial for trial in trials if not trial.probe.parameters]
    if not others or chosen.convention is not None or len(plain) < len(trials):
        return None
    try:
        under = varied(chosen, **others)
    except (TypeError, ValueError):
        return None
    if not _conforms(under, plain, format_):
        return None
    name = " and ".join(f"{one}={value:g}" for one, value in others.items())
    asked = " ".join(f"--param {one}={value:g}" for one, value in others.items())
    text = f"It is the formula with {name.replace('=', ' = ')}, which are its own numbers."
    text = text if len(others) > 1 else text.replace("which are its own numbers", "its own number")
    return Diagnosis("convention", name, text, repair=f"If that is meant, judge it by that: {asked}")


def _has_labels(formula: Formula, trial: Trial) -> bool:
    return any(are_labels(formula, trial.inputs, each) for each in formula.inputs)


def _in_words(settings: Mapping[str, Any]) -> str:
    return " and ".join(f"{name}={value!r}" for name, value in settings.items())


def _mistake(formula: Formula, name: str) -> Diagnosis:
    return Diagnosis("mistake", name, next(each.text for each in formula.mistakes if each.name == name))


def _convention(chosen: Setting, names: list[str | None], mistake: str | None) -> Diagnosis:
    formula, asked_for = chosen.formula, "parameters" if chosen.convention is None else "convention"
    if names[0] is None:
        text = f"It follows the defaults of {formula.name}, not the {asked_for} asked for."
        return Diagnosis("convention", "default", text, repair=f"If that is meant, leave the {asked_for} out.")
    first = next(each for each in formula.conventions if each.name == names[0])
    others = f" (also: {', '.join(map(str, names[1:]))})" if len(names) > 1 else ""
    as_mistake = f" As a mistake: {mistake}." if mistake else ""
    text = described(first) if described(first).endswith(".") else described(first) + "."
    return Diagnosis(
        "convention",
        first.name,
        f"{text} Convention {first.name}{others}; source: {first.source}.{as_mistake}",
        text,
        f"If that is meant, judge it by that: --convention {shown(first.name)}",
    )


def _other_conventions(formula: Formula, chosen: Setting) -> Iterable[str | None]:
    default = [] if chosen.is_default else [None]
    return [*default, *(each.name for each in formula.conventions if each.name != chosen.convention)]


def _follows(formula: Formula, convention: str | None, trials: list[Trial], format_: Format) -> bool:
    """Whether the candidate is accepted under a convention; what its arguments cannot be under that, it may refuse by an error."""
    other = setting(formula, convention)
    if other.formula is formula:
        return _conforms(other, trials, format_)
    answered = [trial for trial in trials if trial.seen.trouble != "raised"]
    return _conforms(replace(other, formula=formula), answered, format_)


def _conforms(other: Setting, trials: list[Trial], format_: Format) -> bool:
    """Whether the candidate is accepted under another setting on every input that it is defined on, and where that says anything."""
    said = False
    for trial in trials:
        if outside(other, trial.inputs):
            continue
        numbers = numbers_of(other.formula, trial.probe, trial.seen) or format_.name
        inputs = read(other, *packed(other.formula, trial.inputs))
        interval = acceptance(in_format(other, numbers), inputs, format_)
        if interval is not None:
            said = True
            if not is_accepted(trial.seen, interval):
                return False
    return said


def _for_some_inputs_only(
    candidate: Asked,
    chosen: Setting,
    trials: list[Trial],
    format_: Format,
    every_answer: Iterable[tuple[str, Iterable[Observation]]],
    explainer: Explainer,
) -> Diagnosis | None:
    """What a candidate is that does not know one encoding of the targets, or takes either batches or single samples only."""
    # A single sample always counts: it does not tell what becomes of those that are ignored.
    ignores = any(each.ignored is not None for each in chosen.formula.inputs)
    for name, takes, lost_on, is_taken in KINDS:
        if ignores and name == "single_samples_only":
            continue
        part = [trial for trial in trials if is_taken(trial.factors)]
        rest = [trial for trial in trials if not is_taken(trial.factors)]
        # A loss of zero is right by chance.
        telling = [trial for trial in rest if np.any(trial.interval.nearest != 0)]
        if not any(np.any(trial.interval.nearest != 0) for trial in part) or not are_lost(chosen.formula, telling):
            continue
        if all(trial.accepted for trial in part):
            told = f"It is right for {takes}, but not for {lost_on}."
            # Along a wrong axis a single sample is right by chance, as it has no other.
            others = name == "single_samples_only" and not any(trouble(each.seen, each.interval) for each in telling)
            made = Explainer(chosen, rest, format_, same, deadline=explainer.deadline).found() if others else None
            if made is not None and made.name in _ALONG_SAMPLES:
                return Diagnosis("mistake", made.name, f"{made.text} {told}")
            return Diagnosis("mistake", name, told)
        # Whether it does not understand the others is known only where it gives no answer to them; a wrong one may be another mistake.
        none = all(trouble(trial.seen, trial.interval) for trial in telling)
        beside = f"{lost_on} it does not understand" if none else f"for {lost_on} it is wrong in another way"
        found = (
            _explained(chosen, part, trials, format_, every_answer)
            or of_any_program(candidate, chosen, part, format_)
            # Where the others are answered, some other change may explain them all.
            or (
                _told(Explainer(chosen, part, format_, same, deadline=explainer.deadline).found(), chosen)
                if none
                else None
            )
            or _alike(chosen.formula, part, trials, format_, every_answer)
        )
        if found is None:
            typical = [trial for trial in trials if trial.class_ == "typical"]
            if _explained(chosen, typical, trials, format_, every_answer):
                return None  # what explains all typical inputs is no matter of some of them
            typical = [trial for trial in typical if is_taken(trial.factors)]
            found = _explained(chosen, typical, trials, format_, every_answer) if typical else None
            beside = f"elsewhere there is something else besides, and {beside}"
        if found:
            return found.and_that(f"That is so for {takes}; {beside}.")
    return None
