"""The same question asked twice: a function that remembers or draws at random is no function of its inputs."""

from __future__ import annotations

import contextlib
import io

import numpy as np

from refmath.oracle.search import Search, is_accepted, trouble


def asked_again(search: Search) -> str:
    """Asks once more, in reverse order: a function that remembers or draws at random is no function of its inputs."""
    if search.stopped:
        return ""
    if _answers_share_memory(search):
        return "an earlier answer changed when it was called again: it hands out the same array every time"
    for trial in reversed(search.trials[:: max(1, len(search.trials) // 40)]):
        again = search.candidate(trial.inputs)
        if again.trouble == "spent":
            return ""
        if is_accepted(again, trial.interval) != trial.accepted or (again.trouble != trial.seen.trouble):
            return "it answered differently when asked the same again: the answer depends on something besides its arguments"
    return ""


def _answers_share_memory(search: Search) -> bool:
    """Whether an answer that the caller still holds is overwritten by a later call."""
    first = search.trials[0] if search.trials else None
    troubled = any(trouble(each.seen, each.interval) for each in search.trials)
    if first is None or troubled or search.candidate.array != "numpy":
        return False
    alike = [
        each for each in search.trials if all(np.shape(each.inputs[n]) == np.shape(v) for n, v in first.inputs.items())
    ]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            # Each of these calls has gone well before.
            held = search.candidate.ask(first.inputs)
            before = search.candidate.value_of(held, first.inputs)
            for each in alike[:: max(1, len(alike) // 8)]:
                search.candidate.ask(each.inputs)
            return not np.array_equal(before, search.candidate.value_of(held, first.inputs), equal_nan=True)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # then it answers differently, which the questions below find
        return False
