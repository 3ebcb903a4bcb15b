"""What a candidate declines: a kind of input that it always refuses by an error, while it is right about its counterparts.

An input has *factors*: whether it is a single sample or a batch, how targets are encoded, number types, layout, whether there is one class or
one sample only, whether logits are −∞, whether arrays of any shape have axes. A value of a factor is declined if at least four inputs of it were tried, all raised an error that says so, and inputs that differ
in this factor alone were accepted. The smallest set of such values that explains every such error is what is declined. Logits of −∞ are declined by nan, too:
programs that do not know masks make ∞ − ∞ or 0 · ∞ of some of them, which nobody takes for an answer; a wrong number is never declining.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from refmath.catalogue import known
from refmath.kinds import KINDS
from refmath.oracle.candidates.arrays import LAYOUTS
from refmath.oracle.searching.probe import Inputs, Probe
from refmath.spec import Formula, Input, are_labels, is_single, options_in_words

Factors = Mapping[str, str]

#: So many inputs must have been refused.
_FEWEST = 4
#: What everybody must take, by factor; of the encodings one must be left.
_NEVER: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("type", "classes", "samples", "axes", "masks"), ("",)),
    "arity": ("batches",),
    "layout": ("plain",),
    "beside": ("", "large logits"),
}
#: Logits beside those of −∞ are larger than everyday ones from here on.
_EVERYDAY = 16.0
#: Who declines integers altogether is handed none where real numbers are meant, so that they are not judged either.
INTEGERS = "integers"
#: What some logits are, in words.
MASKED = "logits of −∞"
#: What can be declined, but for number types and layouts; arrays by who takes numbers or lists in their place.
_NAMES = (
    INTEGERS,
    "single samples",
    "one-hot targets",
    "soft targets",
    "labels",
    "batches of one sample",
    "one class",
    "zero-dimensional arrays",
    MASKED,
    "arrays",
)
#: Number types of which an array is called: all integers together, or one type.
_TYPES = {"integer", *(dtype for kind in KINDS.values() for dtype in kind.types)}
#: More values than that are not combined with each other.
_COMBINED = 12


class _Tried(Protocol):
    """What is looked at of a trial."""

    @property
    def factors(self) -> Factors: ...
    @property
    def accepted(self) -> bool: ...
    @property
    def seen(self) -> Any: ...
    @property
    def interval(self) -> Any: ...


def factors(formula: Formula, probe: Probe) -> Factors:
    """The factors of an input, by name."""
    told: dict[str, str] = {}
    single, sizes = is_single(formula, probe.inputs), dict[str, int]()
    for each in formula.inputs:
        shape = () if each.is_function else np.shape(probe.inputs[each.name])
        sizes.update(zip(each.axes[len(each.axes) - len(shape) :], shape, strict=False))
        if each.kind in ("targets", "targets_or_labels"):
            told["encoding"] = _encoding(formula, probe.inputs, each)
    first = formula.inputs[0]
    if formula.single_samples and first.axes[:1] == ("N",):
        told["arity"] = "single samples" if single else "batches"
        told["samples"] = "batches of one sample" if sizes.get("N") == 1 and not single else ""
        # Along a second axis there are classes, or what counts like them.
        told["classes"] = "one class" if len(first.axes) > 1 and np.shape(probe.inputs[first.name])[-1] == 1 else ""
    if any(each.masks for each in formula.inputs):
        told["masks"] = MASKED if masks(formula, probe.inputs) else ""
        told["beside"] = "large logits" if told["masks"] and _are_large(formula, probe.inputs) else ""
    if any(each.axes == ("...",) or each.arrays for each in formula.inputs):
        told["axes"] = "zero-dimensional arrays" if _has_no_axes(formula, probe.inputs) else ""
    told["type"] = _type(formula, probe)
    told["layout"] = probe.layout
    return told


def masks(formula: Formula, inputs: Inputs) -> bool:
    """Whether some logits are −∞."""
    return any(
        each.masks and bool(np.isneginf(np.asarray(inputs[each.name], np.float64)).any()) for each in formula.inputs
    )


def _are_large(formula: Formula, inputs: Inputs) -> bool:
    """Whether some logits beside those of −∞ are larger than everyday ones."""
    logits = (np.abs(np.asarray(inputs[each.name], np.float64)) for each in formula.inputs if each.masks)
    return any(bool(((each > _EVERYDAY) & (each < np.inf)).any()) for each in logits)


def _has_no_axes(formula: Formula, inputs: Inputs) -> bool:
    """Whether an array of any shape, or one in a mapping of those, is zero-dimensional."""
    arrays = (inputs[each.name] for each in formula.inputs if each.axes == ("...",) or each.arrays)
    return any(
        np.ndim(each) == 0 for value in arrays for each in (value.values() if isinstance(value, dict) else [value])
    )


def _encoding(formula: Formula, inputs: Inputs, each: Input) -> str:
    if are_labels(formula, inputs, each):
        return "labels"
    return "one-hot targets" if np.isin(np.asarray(inputs[each.name], np.float64), (0, 1)).all() else "soft targets"


def _type(formula: Formula, probe: Probe) -> str:
    """The number type that is not the format asked for, and of which argument, if others have the format still."""
    if not probe.types:
        return ""
    arrays = [each for each in formula.inputs if not each.is_function and not each.is_number]
    dtype = next(iter(probe.types.values()))
    # An argument in either encoding is called by the one that it has.
    called = {each.name: each.name for each in formula.inputs}
    for each in arrays:
        if each.kind == "targets_or_labels":
            called[each.name] = "labels" if are_labels(formula, probe.inputs, each) else "targets"
    if len(arrays) == len(probe.types):
        return f"{dtype} arrays" + (" and labels" if "labels" in called.values() and "labels" not in called else "")
    return f"{dtype} {' and '.join(called[name] for name in probe.types)}"


@dataclass(frozen=True)
class Declined:
    """The values that are declined, by factor and value.

    Attributes:
        values: The values.
        tried: The integer types that were tried, of which arguments.
    """

    values: tuple[tuple[str, str], ...] = ()
    tried: frozenset[str] = frozenset()

    def covers(self, told: Factors) -> bool:
        """Whether an input of some factors is declined."""
        return any(told.get(factor) == value for factor, value in self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """What is declined, in words."""
        told = [value if factor != "layout" else f"{value} arrays" for factor, value in self.values]
        # All integer types of the same arguments are called integers.
        for of in dict.fromkeys(value.partition(" ")[2] for factor, value in self.values if factor == "type"):
            types = [name for name in told if name.partition(" ")[2] == of and "int" in name.partition(" ")[0]]
            if len(types) > 1 and set(types) == {name for name in self.tried if name.partition(" ")[2] == of}:
                told[told.index(types[0])] = f"integer {of}"
                told = [name for name in told if name not in types]
        return tuple(told)

    def adapted(self, formula: Formula, inputs: Inputs) -> tuple[Inputs | None, Callable[[Any], Any]]:
        """Inputs that say the same and are taken, and how the answer becomes that of the former; None if there are none.

        A single sample is taken as a batch of one, labels as one-hot targets and the other way round.
        """
        if not self.values:
            return inputs, lambda value: value
        taken, back = dict(inputs), _as_it_is
        declined = {value for _, value in self.values}
        for each in formula.inputs:
            if each.kind not in ("targets", "targets_or_labels"):
                continue
            encoding = _encoding(formula, inputs, each)
            if encoding in declined:
                if encoding == "soft targets" or each.kind == "targets" or {"labels", "one-hot targets"} <= declined:
                    return None, back
                taken[each.name] = _in_other_encoding(inputs[each.name], encoding, _classes(formula, inputs, each))
        if is_single(formula, inputs) and "single samples" in declined:
            of_samples = {each.name for each in formula.inputs if each.axes[:1] == ("N",)}
            taken = {name: np.asarray(value)[None] if name in of_samples else value for name, value in taken.items()}
            back = _first_of_batch if formula.output[:1] and formula.output[0][1] == "N" else _as_it_is
        return taken, back


def require_kinds(names: Iterable[str], formula: Formula) -> None:
    """Refuses what cannot be declined, so that a slip in a name is not taken for a kind that nobody declines.

    Raises:
        ValueError: For a name that stands for no kind of input; it says which there are.
    """
    layouts = [f"{layout} arrays" for layout in LAYOUTS if layout != "plain"]
    # An argument in either encoding is called by the one that it has; whoever tries several formulas may name arguments of all.
    arguments = {each.name for page in (formula, *known()) for each in page.inputs} | {"arrays", "targets", "labels"}
    arguments |= set(formula.options.defaults) if formula.options else set()
    pages = [page for page in known() if formula.options and page.name in formula.options.encodings] or [formula]
    tried = [chosen for page in pages if page.options for chosen in page.options.tried]
    options = {options_in_words(chosen) for chosen in tried}
    single = [options_in_words(chosen) for chosen in tried if len(chosen) == 1]
    for name in names:
        kind, _, under = str(name).partition(" under ")
        kind = kind.removesuffix(" with labels").removesuffix(" with one-hot targets")
        if under in options | {""} and kind in options:
            continue
        dtype, _, of = kind.partition(" ")
        is_type = dtype in _TYPES and set(of.split(" and ")) <= arguments
        if (kind not in (*_NAMES, *layouts) and not is_type) or (under and under not in options):
            kinds = ", ".join(dict.fromkeys((*_NAMES, *layouts, *single)))
            raise ValueError(
                f"declines names {name!r}, which is no kind of input; the kinds are: {kinds}, and a number type with what has "
                f"it, such as 'integer arrays' or 'uint8 {formula.inputs[-1].name}'"
            )


def _classes(formula: Formula, inputs: Inputs, targets: Input) -> int:
    """The size that another argument has along the targets' last axis."""
    axis = targets.axes[-1]
    other = next(each for each in formula.inputs if each is not targets and axis in each.axes)
    return int(np.shape(inputs[other.name])[other.axes.index(axis) - len(other.axes)])


def _in_other_encoding(value: Any, encoding: str, classes: int) -> Any:
    if encoding == "labels":
        return (np.asarray(value)[..., None] == np.arange(classes)).astype(np.float64)
    return np.argmax(value, axis=-1)


def _as_it_is(value: Any) -> Any:
    return value


def _first_of_batch(value: Any) -> Any:
    return value[0] if np.ndim(value) and len(value) == 1 else value


def declined(trials: Sequence[_Tried]) -> Declined:
    """The smallest set of values of factors that explains every error with which an input was refused."""
    masked = [trial for trial in trials if trial.factors.get("masks") == MASKED]
    lost = [trial for trial in masked if not trial.accepted]
    of_nan = [trial for trial in lost if _is_nan(trial)]
    # Logits that are far from zero may make nan by themselves.
    by_masks = any(not trial.factors.get("beside") for trial in of_nan)
    # Which masks make ∞ − ∞ depends on the order of the terms: who goes through the classes one by one is right about some.
    by_nan = masked if by_masks and all(trial.seen.declines or trial in of_nan for trial in lost) else []
    raised = [trial for trial in trials if trial.seen.declines or trial in by_nan]
    accepted = _different([trial.factors for trial in trials if trial.accepted])
    types = (trial.factors.get("type", "") for trial in trials)
    tried = frozenset(name for name in types if "int" in name.partition(" ")[0])
    to_explain = _different([trial.factors for trial in raised])
    possible = [
        value
        for value in dict.fromkeys(item for told in to_explain for item in told.items())
        if _may_be_declined(value, trials, raised, accepted)
    ]
    for count in range(1, min(len(possible), _COMBINED) + 1):
        for values in itertools.combinations(possible[:_COMBINED], count):
            found = Declined(values, tried)
            if all(found.covers(told) for told in to_explain):
                return found if _leaves_an_encoding(found, trials) else Declined()
    # Not every error is explained: those that are not make it fail in any case. Who takes vectors alone refuses a number as it refuses a matrix,
    # and a matrix that is strided as it refuses a plain one.
    unexplained = [told for told in to_explain if not Declined(tuple(possible)).covers(told)]
    by_shape = ("axes", "layout") if any(told.get("axes", "") == "" for told in unexplained) else ()
    return Declined(tuple(each for each in possible if each[0] not in by_shape), tried)


def _different(told: Sequence[Factors]) -> list[Factors]:
    return list({tuple(sorted(each.items())): each for each in told}.values())


def _is_nan(trial: _Tried) -> bool:
    """Whether an answer is nan in every entry that is not right."""
    if trial.seen.trouble is not None or trial.seen.value.shape != trial.interval.shape:
        return False
    refused = ~np.asarray(trial.interval.accepts(trial.seen.value))
    return bool(np.isnan(trial.interval.at(trial.seen.value)[refused]).all())


def _may_be_declined(
    value: tuple[str, str], trials: Sequence[_Tried], raised: Sequence[_Tried], accepted: list[Factors]
) -> bool:
    factor, name = value
    if name in _NEVER.get(factor, ()):
        return False
    of_it = [trial for trial in trials if trial.factors.get(factor) == name]
    if len(of_it) < _FEWEST or not all(trial in raised for trial in of_it):
        return False
    return any(_differ_in(factor, trial.factors, other) for trial in of_it for other in accepted)


def _differ_in(factor: str, one: Factors, other: Factors) -> bool:
    """Whether two inputs differ in one factor alone."""
    return one[factor] != other.get(factor) and all(one[key] == other.get(key) for key in one if key != factor)


def _leaves_an_encoding(found: Declined, trials: Sequence[_Tried]) -> bool:
    encodings = {trial.factors["encoding"] for trial in trials if "encoding" in trial.factors}
    return not encodings or bool(encodings - {value for factor, value in found.values if factor == "encoding"})
