"""Arguments and parts of an answer in another order: whether a candidate is right if its arguments are handed over, and its answer is read, in that order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from refmath.oracle.candidates.budget import Asked, Patient
from refmath.oracle.candidates.calling import USUAL, Calling
from refmath.oracle.candidates.candidate import Observation, answer_shape, answer_shapes
from refmath.oracle.reporting.findings import Diagnosis
from refmath.oracle.searching.search import Trial, is_accepted
from refmath.spec import Formula, argument_names, places_of_parts

#: Of more arguments not every order is tried.
_MOST = 5
#: That an order is right is known from so many inputs, of which one was refused …
_FEWEST = 4
#: … and no more than so many are asked for.
_ASKED = 12


def in_another_order(candidate: Asked, formula: Formula, trials: Sequence[Trial]) -> Diagnosis | None:
    """The order in which a candidate takes its arguments, or gives the parts of its answer, if it is right in another one than the formula's.

    Args:
        candidate: The candidate, for further questions.
        formula: The formula.
        trials: What was tried.
    """
    names = _exchangeable(formula)
    if len(names) > _MOST:
        return None
    plain = [trial for trial in trials if trial.class_ != "extreme" and trial.probe.is_plain]
    plain = [trial for trial in plain if not trial.probe.parameters and trial.interval.entries is None]
    # What was refused tells more.
    plain.sort(key=lambda trial: trial.accepted)
    for order in sorted(itertools.permutations(names), key=lambda order: _moved(names, order)):
        right = _right_parts(candidate, formula, dict(zip(names, order, strict=True)), plain)
        if right is not None:
            return _told(
                formula, names, list(order), right, candidate.calling if isinstance(candidate, Patient) else USUAL
            )
    return None


def _exchangeable(formula: Formula) -> list[str]:
    """The arguments that are arrays: those of which one may be taken for another."""
    each_alone = [each for each in formula.inputs if not (each.mapping or each.arrays)]
    return [each.name for each in each_alone if not (each.is_function or each.is_number)]


def _moved(names: Sequence[str], order: Sequence[str]) -> int:
    return sum(one != other for one, other in zip(names, order, strict=True))


def _right_parts(
    candidate: Asked, formula: Formula, taken: Mapping[str, str], trials: Sequence[Trial]
) -> tuple[str, ...] | None:
    """The order of the parts in which every answer is right if each argument is given the values of another; None if there is none."""
    keys = tuple(part.key for part in formula.parts)
    possible = list(itertools.permutations(keys))
    usual = all(name == other for name, other in taken.items())
    asked = refused = 0
    for trial in trials:
        inputs = {name: trial.inputs[taken.get(name, name)] for name in trial.inputs}
        if not _answers_alike(formula, inputs, trial.inputs):
            continue
        seen = trial.seen if usual else candidate(inputs)
        possible = [parts for parts in possible if is_accepted(_reordered(seen, formula, trial, parts), trial.interval)]
        possible = [parts for parts in possible if not (usual and parts == keys)]
        if not possible:
            return None
        asked, refused = asked + 1, refused + (not trial.accepted)
        if asked == _ASKED:
            break
    return possible[0] if asked >= _FEWEST and refused else None


def _answers_alike(formula: Formula, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether an answer to some inputs has the form of one to others, so that it is read in the same way."""
    try:
        shapes = [(answer_shapes(formula, each), answer_shape(formula, each)) for each in (one, other)]
    except (KeyError, ValueError):  # an axis without a size
        return False
    return shapes[0] == shapes[1]


def _reordered(seen: Observation, formula: Formula, trial: Trial, parts: Sequence[str]) -> Observation:
    """An answer with its parts in the formula's order, if they came in another one."""
    keys = [part.key for part in formula.parts]
    if seen.trouble is not None or list(parts) == keys:
        return seen
    shapes = answer_shapes(formula, trial.inputs)
    if any(shapes[key] != shapes[part] for key, part in zip(keys, parts, strict=True)):
        return Observation(trouble="type")
    places = places_of_parts(shapes)
    # In the place of each key stands the part that came there.
    came = dict(zip(parts, (seen.value[places[key]] for key in keys), strict=True))
    return Observation(np.concatenate([came[key] for key in keys]))


def _told(
    formula: Formula, names: Sequence[str], order: Sequence[str], parts: Sequence[str], calling: Calling
) -> Diagnosis:
    keys = [part.key for part in formula.parts]
    usual = argument_names(formula)
    taken = dict(zip(names, order, strict=True))
    # In which order they are handed over already.
    handed = [usual[place] for place in calling.order] or usual
    right = [taken.get(each, each) for each in handed]
    moved = _moved(usual, right)
    sentences = list(_sentences(usual, right)) if names != order else []
    name = "arguments_swapped" if moved == 2 else "arguments_in_another_order"
    if names != order and not moved:
        sentences = [
            f"It takes its arguments in the formula's order, {', '.join(usual)}, and not in the order {', '.join(handed)}."
        ]
    if list(parts) != keys:
        sentences.append(f"Its answer comes in the order {', '.join(parts)}; the formula's is {', '.join(keys)}.")
        name = name if names != order else "answer_in_another_order"
    said = f"If that is meant: --order {','.join(right)}." if names != order else ""
    return Diagnosis("mistake", name, " ".join(sentences), repair=said)


def _sentences(usual: Sequence[str], order: Sequence[str]) -> Iterator[str]:
    moved = [one for one, other in zip(usual, order, strict=True) if one != other]
    if len(moved) == 2:
        yield f"{moved[0]} and {moved[1]} have changed places."
    if moved:
        yield f"It takes its arguments in the order {', '.join(order)}; the formula's is {', '.join(usual)}."
