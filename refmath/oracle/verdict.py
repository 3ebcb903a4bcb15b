"""The verdict on a search: what it comes to, and everything that stands behind it, in a report."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from refmath.balls.evaluate import BeyondAnAxis
from refmath.catalogue import FORMULAS
from refmath.kinds.kind import CLASSES, Class
from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.candidates.not_judged import NotJudged, NotSupported
from refmath.oracle.diagnosing.diagnosis import answers_of_mistakes, diagnose
from refmath.oracle.diagnosing.integers import in_their_own_type
from refmath.oracle.diagnosing.repetition import AT_RANDOM, asked_again, not_its_own, of_the_callers
from refmath.oracle.loading.targets import parted
from refmath.oracle.reporting.breaking import breaks
from refmath.oracle.reporting.counterexample import counterexample, smallest_of, values_in_words, worst_of
from refmath.oracle.reporting.extent import extent
from refmath.oracle.reporting.findings import ClassCount, Diagnosis, Evidence, LawResult, Verdict
from refmath.oracle.reporting.remarks import begins, beside_the_domain, warnings_given
from refmath.oracle.reporting.report import Report
from refmath.oracle.reporting.text import CLASSES as IN_WORDS
from refmath.oracle.searching.declining import declined
from refmath.oracle.searching.search import Search, Trial, is_accepted, numbers_in, trouble
from refmath.spec import Setting

#: Which mistake was made shows in inputs of so many numbers, if it is a known one; a larger input costs more than it tells.
_TELLING = 512


def judged(search: Search, target: str, *, complete: bool = False) -> Report:
    """Searches, and puts everything together that stands behind the verdict.

    Args:
        search: The search, which has not begun yet.
        target: What the report calls the candidate.
        complete: Whether it must take every kind of input: nothing that it refuses counts as declined.
    """
    chosen = search.setting
    try:
        search.survey()
    except BeyondAnAxis as error:
        raise NotJudged(str(error)) from None
    _require_values(search)
    _require_answers(search.trials)
    changed = not_its_own(search)
    search.candidate.release()
    search.declined = declined([] if complete else search.trials)
    trials = search.taken
    laws, broken, law_inputs = _laws(search)
    by_chance = "" if changed else asked_again(search)
    changed = changed or by_chance
    everything = [*trials, *search.refused_in_laws]
    verdict = _verdict(everything, broken, changed, _time_was_up(search))
    answers = _Answers(search)
    refused = [trial for trial in everything if not trial.accepted]
    smallest = smallest_of(search, refused)
    worst = worst_of(refused, smallest)
    if by_chance:
        diagnosis: Diagnosis | None = AT_RANDOM
    elif changed and not _wrote(trials):
        diagnosis = of_the_callers(changed)
    elif verdict == "conforms" or _nothing_came(trials):
        diagnosis = None
    else:
        diagnosis = answers.diagnosis() or in_their_own_type(search, refused)
    # The name under which the target has it; what has none, a lambda for one, is called like the formula.
    named = parted(target)[1] or target
    named = named.removesuffix(".step") if search.calling.holds else named  # what is made is an object of the class
    called = next(name for name in (named, chosen.formula.name) if name.isidentifier())
    return Report(
        target=target,
        formula=chosen.formula.name,
        convention=chosen.convention,
        verdict=verdict,
        classes={each: _count(trials, each) for each in CLASSES},
        laws=laws,
        diagnosis=diagnosis,
        smallest=None if smallest is None else counterexample(smallest, search, called),
        worst=None if worst is None else counterexample(worst, search, called),
        worst_ulps=max((trial.ulps for trial in [*trials, *([worst] if worst else [])]), default=math.nan),
        evidence=Evidence(search.seed, answers.rejected, answers.not_rejected, law_inputs),
        extent=extent(search),
        declined=search.declined.names,
        in_place=any(trial.seen.in_place and not trial.seen.text for trial in trials),
        remarks=tuple(_remarks(search, verdict, changed)),
        begins=_begins(search, [*refused, *([smallest] if smallest else [])]) if verdict == "unstable" else "",
        breaks="" if by_chance else _breaks(search),
        dtype=search.format_.name,
        strict=search.strict,
    )


class _Answers:
    """What the mistakes of the page answer where that tells one from another, and which of them the inputs refuse."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._telling = [trial for trial in search.taken if tells_of_mistakes(trial)]
        self._answers = answers_of_mistakes(search.formula, self._telling, search.setting.others)
        self.rejected = tuple(
            name
            for name, seen in self._answers.items()
            if any(not is_accepted(each, trial.interval) for each, trial in zip(seen, self._telling, strict=True))
        )
        self.not_rejected = tuple(name for name in self._answers if name not in self.rejected)

    def diagnosis(self) -> Diagnosis | None:
        """The name of the candidate's mistake."""
        if all(trial.accepted for trial in self._telling):
            # What is right under the defaults may be wrong under other parameters.
            return self._of_any_numbers()
        found = self._diagnosed(self._telling, self._answers)
        name = "" if found is None or found.kind != "convention" else found.name.partition("=")[0]
        if found is None or all(trial.accepted for trial in self._search.taken if name in trial.probe.parameters):
            return found
        # The formula with another number of a parameter is no setting to judge by, if the candidate takes that parameter and is wrong for others too.
        told = f"Called with another {name} it is wrong too."
        return self._of_any_numbers() or replace(found, kind="mistake", repair="").and_that(told)

    def _of_any_numbers(self) -> Diagnosis | None:
        """The mistake that explains what is answered under other parameters too; typed ones are known under the defaults alone."""
        return self._diagnosed(
            [trial for trial in self._search.taken if tells_of_mistakes(trial, of_any_numbers=True)], {}
        )

    def _diagnosed(self, telling: list[Trial], answers: dict[str, Iterable[Observation]]) -> Diagnosis | None:
        search = self._search
        return diagnose(search.candidate, search.setting, telling, search.format_, answers, search.array, search.own)


def _remarks(search: Search, verdict: Verdict, changed: str) -> list[str]:
    """What is told beside the verdict."""
    over = _time_was_up(search)
    return [
        *([changed] if changed else []),
        *([f"{over}; the verdict is that of what was tried until then"] if over else []),
        *(beside_the_domain(search) if verdict == "conforms" else []),
        *_without_value(search),
        *_by_its_author(search.setting),
        *warnings_given(search.taken),
    ]


def _begins(search: Search, refused: list[Trial]) -> str:
    """From where on the answers are lost."""
    return begins(search.formula, refused, [trial for trial in search.taken if trial.class_ == "typical"])


def _breaks(search: Search) -> str:
    """On which inputs the candidate breaks, in words."""
    smaller = [trial for trial in search.smaller if not search.declined.covers(trial.factors)]
    return breaks(search.formula, search.taken, [*search.refused_in_laws, *smaller], search.other)


def _time_was_up(search: Search) -> str:
    """That the time of the judgement is over, if it is; else empty."""
    if not search.budget.exceeded:
        return ""
    return f"the {search.budget.seconds:g} s of the judgement were over after {len(search.trials)} inputs"


def tells_of_mistakes(trial: Trial, *, of_any_numbers: bool = False) -> bool:
    """Whether a trial may tell which mistake was made: wrong programs are known for everyday arrays and parameters.

    Arrays by columns are among them, as some programs make a copy of those alone.

    Args:
        trial: The trial.
        of_any_numbers: Whether parameters that are numbers may be others than the defaults.
    """
    probe = trial.probe
    usual = all(dtype == "int64" for dtype in probe.types.values()) and probe.layout in ("plain", "by columns")
    others = [each for each in probe.parameters.values() if isinstance(each, str) or not of_any_numbers]
    return usual and not others and not trial.interval.is_nan and numbers_in(probe.inputs) <= _TELLING


#: Of no class may the definition be without a value at more inputs than this share.
_MOST_WITHOUT_VALUE = 0.5


def _require_values(search: Search) -> None:
    """Refuses to judge by a definition that has no value at most inputs which its arguments' kinds allow."""
    for class_ in CLASSES:
        without = [probe for probe in search.without_value if probe.class_ == class_]
        tried = len(without) + sum(trial.class_ == class_ for trial in search.trials)
        if len(without) > _MOST_WITHOUT_VALUE * tried:
            raise NotJudged(
                f"the definition of {search.formula.name} has no value at {len(without)} of {tried} {IN_WORDS[class_]} inputs, such as "
                f"{values_in_words(without[0].inputs)}; are the kinds of its arguments the right ones?"
            )


def _without_value(search: Search) -> list[str]:
    """A remark on the inputs at which the definition has no value."""
    # If all that counts is ignored, or weighs nothing, there is no mean.
    without = [] if search.formula.is_version else search.without_value
    if not without:
        return []
    smallest = min(without, key=lambda probe: numbers_in(probe.inputs))
    return [
        f"{len(without)} inputs were left out, as the definition has no value there, such as {values_in_words(smallest.inputs)}"
    ]


def _by_its_author(chosen: Setting) -> list[str]:
    """A remark where how far an answer may be off follows from forms that nobody here has proved."""
    own = chosen.forms and chosen.formula not in FORMULAS and not chosen.formula.is_version
    return [f"the interval is that of the forms which the author of {chosen.formula.name} gives"] if own else []


def _require_answers(trials: list[Trial]) -> None:
    """Refuses to judge a program that did not even start, or that does not compute this formula."""
    kinds = {trial.seen.trouble for trial in trials}
    if kinds == {"absent"}:
        raise NotJudged(trials[0].seen.text)
    if kinds == {"unsupported"}:
        raise NotSupported("it does not support this formula, in the number format asked for")


def _nothing_came(trials: list[Trial]) -> bool:
    """Whether there is no answer at all that could tell which mistake was made; one that always raises may take its arguments in another order."""
    troubles = {trial.seen.trouble for trial in trials}
    return troubles <= {"raised", "hung", "gone", "unsupported"} and troubles != {"raised"}


def _wrote(trials: list[Trial]) -> bool:
    return any(trial.seen.trouble == "wrote" for trial in trials)


def _verdict(trials: list[Trial], broken: set[Class], changed: str, over: str) -> Verdict:
    if any(trouble(trial.seen, trial.interval) for trial in trials):
        return "failed"
    refused: set[Class] = {trial.class_ for trial in trials if not trial.accepted} | broken
    if changed or "typical" in refused:
        return "differs"
    if refused:
        return "unstable"
    if over:
        raise NotJudged(f"{over}; all that was tried until then was right, which is no verdict yet")
    tried = {trial.class_ for trial in trials}
    if tried != set(CLASSES):
        missing = ", ".join(IN_WORDS[each] for each in CLASSES if each not in tried)
        raise NotJudged(f"no input of the classes {missing} could be tried: there is nothing to base a verdict on")
    return "conforms"


def _laws(search: Search) -> tuple[tuple[LawResult, ...], set[Class], int]:
    results, broken, inputs = [], set[Class](), 0
    for law in search.setting.formula.laws if search.setting.is_default else ():
        by_class, tried = search.law(law)
        inputs += tried
        broken |= {class_ for class_, held in by_class.items() if held is False}
        said = [held for held in by_class.values() if held is not None]
        results.append(LawResult(law.name, all(said) if said else None, law.text))
    return tuple(results), broken, inputs


def _count(trials: list[Trial], class_: Class) -> ClassCount:
    of_class = [trial for trial in trials if trial.class_ == class_]
    return ClassCount(len(of_class), sum(trial.accepted for trial in of_class))
