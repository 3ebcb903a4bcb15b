"""What an answer must not be: a place that a later call writes into, a part of an argument, another one when asked again."""

from __future__ import annotations

import numpy as np

from refmath.oracle.candidates.candidate import Observation
from refmath.oracle.reporting.findings import ANOTHER_EACH_TIME, Diagnosis
from refmath.oracle.searching.search import Search, is_accepted

_OVERWRITTEN = "an earlier answer changed when it was called again: it hands out the same array every time"
_NOW_AND_THEN = "it works in place, or hands back what it was given, for some inputs only: who keeps an argument cannot rely on either"
_SHARED = "its answer lies in the memory of its argument: who changes one changes the other"
#: What such a remark is called as a mistake, and what to do about it.
_CALLED = {
    _OVERWRITTEN: ("hands_out_one_array", "Make the array of the answer anew in each call, or return a copy of it."),
    _NOW_AND_THEN: ("in_place_now_and_then", "Renew the arguments always, or never: then start from copies of them."),
    _SHARED: ("hands_back_its_argument", "Return a copy, where nothing is to be computed as well: np.array(x)."),
}


def not_its_own(search: Search) -> str:
    """Why an answer does not belong to its caller alone; empty if it does.

    Every answer of the survey has been held until now, so that one which any later call has overwritten is found.
    """
    sharing = next((place for place, trial in enumerate(search.trials) if trial.seen.shares_memory), None)
    kept = [
        (trial.seen, trial.inputs)
        for trial in search.trials[:sharing]
        if trial.seen.trouble is None and not trial.seen.in_place and trial.seen.answer is not None
    ]
    if search.candidate.has_changed(kept):
        return _OVERWRITTEN
    if sharing is None and _works_in_place_now_and_then(search):
        return _NOW_AND_THEN
    return "" if sharing is None else _SHARED


def of_the_callers(changed: str) -> Diagnosis:
    """As a mistake, what `not_its_own` has found."""
    name, repair = _CALLED[changed]
    return Diagnosis("mistake", name, f"{changed[0].upper()}{changed[1:]}.", repair=repair)


def _works_in_place_now_and_then(search: Search) -> bool:
    """Whether a step renews its arguments in place on some plain inputs, and gives new arrays on others."""
    plain = [trial.seen.in_place for trial in search.trials if trial.probe.is_plain and trial.seen.trouble is None]
    return any(plain) and not all(plain)


#: Sums in another order differ by less, relative to the largest entry.
_ORDER = 1e-3


def _is_another(again: Observation, before: Observation) -> bool:
    """Whether two answers to the same input, both of them wrong, differ by more than a sum in another order."""
    if again.trouble is not None or before.trouble is not None or again.value.shape != before.value.shape:
        return False
    both = np.isfinite(again.value) & np.isfinite(before.value)
    with np.errstate(over="ignore"):
        room = _ORDER * np.max(np.abs(before.value[both]), initial=0.0)
        return bool(np.any(np.abs(again.value[both] - before.value[both]) > room))


#: That the answer to the same question is another one each time, as a mistake.
AT_RANDOM = Diagnosis(
    "mistake",
    ANOTHER_EACH_TIME,
    "It answers differently when it is asked the same again, as what draws random numbers does, or keeps a state.",
    repair="Judge it without chance: in evaluation mode, without dropout or noise, or with a generator made anew in each call from a fixed seed.",
)


def asked_again(search: Search) -> str:
    """Asks once more, in reverse order: a function that remembers or draws at random is no function of its inputs."""
    if search.stopped:
        return ""
    for trial in reversed(search.trials[:: max(1, len(search.trials) // 40)]):
        again = search.candidate(trial.inputs, trial.probe.layout, trial.probe.parameters)
        if again.trouble == "spent":
            return ""
        changed = is_accepted(again, trial.interval) != trial.accepted or again.trouble != trial.seen.trouble
        if changed or (not trial.accepted and _is_another(again, trial.seen)):
            return "it answered differently when asked the same again: the answer depends on something besides its arguments"
    return ""
