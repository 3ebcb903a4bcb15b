"""Where a candidate breaks, in words: what is true of every input on which it was wrong, and of none on which it was right.

That is asked of all inputs tried, those on the way to a smaller counterexample among them. A bound is not believed because it fits: ordinary inputs are taken just beyond
it, far beyond it, and by halves between what is right and what is wrong, and the candidate is asked there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

import numpy as np

from refmath.oracle.candidates.arrays import LAYOUTS
from refmath.oracle.searching.declining import MASKED
from refmath.oracle.searching.probe import Inputs
from refmath.oracle.searching.search import Trial, numbers_in
from refmath.spec import Formula, Input, are_labels

#: From so few wrong answers on nothing is told.
_FEWEST = 3
#: Significant digits of a bound; one more where the first is 1.
_DIGITS = 3
#: Nearer to a bound than this, relative to it, is at it: first this is tried, then that.
_NEAR = (0.01, 0.1)
#: So many ordinary inputs are moved across a bound, of at most so many numbers; and so often the way to it is halved.
_MOVED, _SMALL, _HALVED = 3, 64, 12
#: What is said of all inputs that are wrong, and holds for more of those that are right, explains nothing.
_RARE = 0.25
#: A size is told from which on answers are wrong if one is known that is right, and not less than that part of it.
_NEXT = 2
#: Kinds whose numbers have no size.
_UNSIZED = ("labels", "targets", "targets_or_labels", "one_hot", "signs", "count")
#: What the places along an axis are called.
_PLACES = {"N": "samples", "K": "classes", "D": "features", "H": "hidden units", "entries": "entries"}
_ONE = {
    "samples": "sample",
    "classes": "class",
    "features": "feature",
    "hidden units": "hidden unit",
    "entries": "entry",
}
#: How arrays may lie in memory, in words; all that is not plain comes last.
_LAYOUTS = {
    "stored by columns": ("by columns",),
    "read-only": ("read-only",),
    "of the other byte order": ("big-endian",),
    "a view of another one": ("sliced", "strided", "reversed", "strided by rows", "reversed by rows"),
    "stored by columns, another by rows": ("mixed",),
    "not laid out plainly in memory": tuple(layout for layout in LAYOUTS if layout != "plain"),
}
_FACTORS = {
    ("arity", "batches"): "the input is a batch",
    ("arity", "single samples"): "the input is a single sample",
    ("samples", "batches of one sample"): "there is one sample only",
    ("classes", "one class"): "there is one class only",
    ("axes", "zero-dimensional arrays"): "an array has no axis",
    ("masks", MASKED): "a logit is −∞",
}
_ENCODINGS = ("labels", "one-hot targets", "soft targets")

#: How it begins where inputs of that kind may be right as well, and where it is told of ordinary inputs alone.
ONLY, ORDINARY = "only when ", "on ordinary inputs when "
#: What comes of other inputs represented as those of a trial; None if they are none, or nothing more is asked.
Ask = Callable[[Trial, Inputs], Trial | None]


@dataclass(frozen=True)
class Measure:
    """A number that an input has, and what it means that this is large.

    Attributes:
        text: That it is `{bound}` or more, in words.
        of: The number; None where there is none.
        moved: Inputs like those of a trial for which the number is what is given; None if it cannot be moved.
        turned: Whether what is told is minus the number.
        right: Up to where it is right, in words; empty where that is not told.
    """

    text: str
    of: Callable[[Trial], float | None]
    moved: Callable[[Trial, float], list[Inputs]] | None = None
    turned: bool = False
    right: str = ""


def breaks(formula: Formula, tried: Sequence[Trial], besides: Sequence[Trial], ask: Ask) -> str:
    """On which inputs answers are wrong, as a sentence that begins with "Breaks" goes on; empty if nothing simple is true.

    Args:
        formula: The formula.
        tried: What was tried.
        besides: What was tried besides, for a law or to find a smaller counterexample.
        ask: Asks the candidate.
    """
    pool = _Pool([*tried, *besides], ask)
    if len(pool.wrong) < _FEWEST or not pool.right:
        return ""
    kind = next((text for text, of in _kinds(formula) if all(map(of, pool.wrong)) and not any(map(of, pool.right))), "")
    if kind:
        return f"when {kind}"
    measures = list(_measures(formula))
    for near in _NEAR:
        if told := _beyond_bounds(measures, pool, near):
            return told
    rare = (text for text, of in _kinds(formula) if all(map(of, pool.wrong)) and _is_rare(of, pool.right))
    return (
        next((f"{ONLY}{text}" for text in rare), "")
        or _only_beyond(measures, pool)
        or _on_ordinary_inputs(formula, measures, _ordinary(tried), _ordinary(besides))
    )


def _ordinary(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.class_ == "typical"]


def _on_ordinary_inputs(
    formula: Formula, measures: Sequence[Measure], ordinary: list[Trial], besides: list[Trial]
) -> str:
    """On which of the ordinary inputs alone answers are wrong, where elsewhere there is something else besides.

    It must hold for those too that were wrong on the way to a smaller counterexample, or that counterexample would contradict it.
    """
    pool = _Pool(ordinary, lambda _trial, _inputs: None)
    wrong, right = pool.wrong, pool.right
    if len(wrong) < _FEWEST or len(right) < _FEWEST:
        return ""
    all_wrong = [*wrong, *(trial for trial in besides if not trial.accepted)]
    kinds = (text for text, of in _kinds(formula) if all(map(of, all_wrong)) and not any(map(of, right)))
    sizes = [found for each in measures if each.moved is None and (found := _covering([each], pool, _NEAR[0]))]
    bounds = (
        bound.in_words()
        for (bound,) in sizes
        if len(bound.beyond) == len(wrong) and all(bound.holds_for(trial) for trial in all_wrong)
    )
    return next((f"{ORDINARY}{text}" for text in (*kinds, *bounds)), "")


def _is_rare(of: Callable[[Trial], bool], right: Sequence[Trial]) -> bool:
    """Whether few inputs that are right are of a kind."""
    return sum(map(of, right)) < _RARE * len(right)


# ---- kinds of input


def _kinds(formula: Formula) -> Iterator[tuple[str, Callable[[Trial], bool]]]:
    """What an input may be, the narrower before the wider."""
    yield from ((f"an array is {text}", _lies(*layouts)) for text, layouts in _LAYOUTS.items())
    for each in formula.inputs:
        if each.is_number:
            yield f"{each.name} is one of NumPy's integers", _is_of(each.name, "int")
            continue
        yield f"{each.name} holds integers of 8 or 16 bits", _is_of(each.name, "int8", "int16", "uint8", "uint16")
        yield f"{each.name} holds integers", _is_of(each.name, "int")
        yield f"{each.name} is of another number type", _is_of(each.name, "")
    yield "an array is of another number type", lambda trial: bool(trial.probe.types)
    yield from ((f"{name} has another value than its default", _has(name)) for name in formula.parameters)
    yield from ((text, _is(factor, value)) for (factor, value), text in _FACTORS.items())
    for each in formula.inputs:
        if each.kind in ("targets", "targets_or_labels"):
            yield from ((f"{each.name} holds {kind}", _is("encoding", kind)) for kind in _ENCODINGS)


def _lies(*layouts: str) -> Callable[[Trial], bool]:
    return lambda trial: trial.probe.layout in layouts


def _has(parameter: str) -> Callable[[Trial], bool]:
    return lambda trial: parameter in trial.probe.parameters


def _is(factor: str, value: str) -> Callable[[Trial], bool]:
    return lambda trial: trial.factors.get(factor) == value


def _is_of(name: str, *types: str) -> Callable[[Trial], bool]:
    """Whether an argument comes in another number type, one of these; `int` is any of integers, and nothing any at all."""

    def of(trial: Trial) -> bool:
        told = trial.probe.types.get(name)
        return told is not None and (told in types or (types in (("int",), ("",)) and types[0] in told))

    return of


# ---- how large an input is


def _measures(formula: Formula) -> Iterator[Measure]:
    """What may be too large, that which is said most simply first."""
    for each in formula.inputs:
        if each.is_function or each.kind in _UNSIZED:
            continue
        yield from _of_entries(each)
        if each.kind == "logits" and each.axes[-1:] != ("...",):
            yield from _of_samples(each)
            other = next(
                (one for one in formula.inputs if "target" in one.kind or one.kind in ("labels", "one_hot")), None
            )
            if other is not None:
                text = "the target's logit is {bound} or more below the largest"
                of, moved = _behind(formula, each, other), _moved_behind(formula, each, other)
                yield Measure(text, of, moved, right="up to {bound}")
    for axis, places in _PLACES.items():
        yield Measure(f"there are {{bound}} {places} or more", _size(formula, axis), right=f"up to {{bound}} {places}")


def _of_entries(each: Input) -> Iterator[Measure]:
    name = each.name
    one, every = (
        (name, name) if each.is_number or each.axes == ("...",) else (f"an entry of {name}", f"every entry of {name}")
    )
    one = {"logits": "a logit", "probabilities": "a probability"}.get(each.kind, one) if each.axes != ("...",) else one

    def of(measure: Callable[[Any], Any]) -> Callable[[Trial], float | None]:
        def number(trial: Trial) -> float | None:
            entries = _finite_entries(trial.inputs[name])
            return float(measure(entries)) if entries.size else None

        return number

    def set_to(*signs: float) -> Callable[[Trial, float], list[Inputs]]:
        set_one = _one_share if each.kind == "probabilities" else _one_entry
        return lambda trial, bound: [_with(trial, name, lambda a, s=s: set_one(a, s * bound)) for s in signs]  # type: ignore[misc]

    def all_set_to(trial: Trial, bound: float) -> list[Inputs]:
        return [_with(trial, name, lambda a: np.where(a < 0, bound, -bound))]

    yield Measure(f"{one} is {{bound}} or more", of(np.max), set_to(1), right="up to {bound}")
    yield Measure(
        f"{one} is {{bound}} or less", of(lambda a: -np.min(a)), set_to(-1), turned=True, right="down to {bound}"
    )
    if each.kind != "probabilities":
        yield Measure(
            f"{one} is ±{{bound}} or beyond", of(lambda a: np.max(np.abs(a))), set_to(1, -1), right="up to ±{bound}"
        )
        nearer = f"{every} is ±{{bound}} or nearer to 0"
        yield Measure(nearer, of(lambda a: -np.max(np.abs(a))), all_set_to, turned=True)


def _of_samples(each: Input) -> Iterator[Measure]:
    name = each.name

    def of(measure: Callable[[Any], Any]) -> Callable[[Trial], float | None]:
        return lambda trial: float(measure(_rows(trial.inputs[name])))

    def moved(change: Callable[[Any, float], Any]) -> Callable[[Trial, float], list[Inputs]]:
        def inputs(trial: Trial, bound: float) -> list[Inputs]:
            shape = np.shape(trial.inputs[name])
            changed = change(_rows(trial.inputs[name]).copy(), bound)
            return [] if changed is None else [_with(trial, name, lambda _: changed.reshape(shape))]

        return inputs

    yield Measure(
        "all logits of a sample are {bound} or less",
        of(lambda a: -np.min(np.max(a, axis=-1))),
        moved(_low),
        turned=True,
    )
    text = "two logits of a sample are {bound} or more apart"
    yield Measure(text, of(lambda a: np.max(np.max(a, axis=-1) - _least(a))), moved(_far_apart), right="up to {bound}")
    text = "the largest logits of two samples are {bound} or more apart"
    yield Measure(text, of(lambda a: np.ptp(np.max(a, axis=-1))), moved(_samples_far_apart), right="up to {bound}")


def _finite_entries(value: Any) -> Any:
    """The finite entries of an argument in a row."""
    parts = value.values() if isinstance(value, dict) else [value]
    entries = np.concatenate([np.ravel(np.asarray(part, np.float64)) for part in parts])
    return entries[np.isfinite(entries)]


def _with(trial: Trial, name: str, change: Callable[[Any], Any]) -> Inputs:
    """The inputs of a trial with another array for one of them, of the same number type; in a mapping for the first that has entries."""
    value = trial.inputs[name]
    if isinstance(value, dict):
        key = next(key for key, each in value.items() if np.size(each))
        return {**trial.inputs, name: {**value, key: _changed(value[key], change)}}
    return {**trial.inputs, name: _changed(value, change)}


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:
    with np.errstate(over="ignore"):
        return np.asarray(change(np.array(value, np.float64))).astype(np.asarray(value).dtype)


def _one_entry(value: Any, bound: float) -> Any:
    value.flat[value.size // 2] = bound
    return value


def _one_share(value: Any, bound: float) -> Any:
    """One probability of a sample is set, and the others are scaled so that all add up to 1."""
    rows = value.reshape(-1, value.shape[-1])
    row = rows[len(rows) // 2]
    rest = row[1:].sum()
    if rest > 0:
        row[1:] *= (1 - bound) / rest
        row[0] = bound
    return value


def _rows(value: Any) -> Any:
    value = np.atleast_2d(np.asarray(value, np.float64))
    return value.reshape(-1, value.shape[-1])


def _least(rows: Any) -> Any:
    """The least finite logit of each sample."""
    return np.min(np.where(np.isfinite(rows), rows, np.inf), axis=-1)


def _low(rows: Any, bound: float) -> Any:
    rows[-1] += -bound - rows[-1].max()
    return rows


def _far_apart(rows: Any, bound: float) -> Any:
    if rows.shape[-1] < 2:
        return None
    rows[-1, rows[-1].argmin()] = rows[-1].max() - bound
    return rows


def _samples_far_apart(rows: Any, bound: float) -> Any:
    if len(rows) < 2:
        return None
    rows[-1] += rows[:-1].max() - bound - rows[-1].max()
    return rows


def _targets(formula: Formula, inputs: Inputs, logits: Input, other: Input) -> Any:
    """Which classes each sample may have, as booleans; None where there is no class for some."""
    a, t = _rows(inputs[logits.name]), np.asarray(inputs[other.name])
    if other.kind == "labels" or are_labels(formula, inputs, other):
        t = np.arange(a.shape[-1]) == np.ravel(t)[:, None]
    t = np.reshape(t, (-1, np.shape(t)[-1])) > 0
    return t if t.shape == a.shape else None


def _behind(formula: Formula, logits: Input, other: Input) -> Callable[[Trial], float | None]:
    """How far the logit of a class that a sample may have is below the sample's largest, at most."""

    def of(trial: Trial) -> float | None:
        a, t = _rows(trial.inputs[logits.name]), _targets(formula, trial.inputs, logits, other)
        if t is None or not t.any():
            return None
        below = np.max(a, axis=-1, keepdims=True) - a
        return float(np.max(below[t & np.isfinite(below)], initial=0.0))

    return of


def _moved_behind(formula: Formula, logits: Input, other: Input) -> Callable[[Trial, float], list[Inputs]]:
    def moved(trial: Trial, bound: float) -> list[Inputs]:
        a, t = _rows(trial.inputs[logits.name]).copy(), _targets(formula, trial.inputs, logits, other)
        if t is None or a.shape[-1] < 2 or not t[-1].any():
            return []
        own = int(t[-1].argmax())
        a[-1, own] = np.delete(a[-1], own).max() - bound
        return [_with(trial, logits.name, lambda value: a.reshape(value.shape))]

    return moved


def _size(formula: Formula, axis: str) -> Callable[[Trial], float | None]:
    """How many places an axis has."""

    def of(trial: Trial) -> float | None:
        sizes = []
        for each in formula.inputs:
            if each.is_function or each.is_number or isinstance(trial.inputs[each.name], dict):
                continue
            shape = np.shape(trial.inputs[each.name])
            if axis == "entries" and each.axes == ("...",):
                sizes.append(math.prod(shape))
            elif axis in each.axes and not are_labels(formula, trial.inputs, each):
                place = each.axes.index(axis) - len(each.axes)
                sizes.append(shape[place] if -place <= len(shape) else 1)
        return float(max(sizes)) if sizes else None

    return of


# ---- bounds


@dataclass
class _Pool:
    """What was tried, and what is asked besides.

    Attributes:
        trials: What was tried at first.
        ask: Asks the candidate.
        refuted: Measures of which it turned out that they decide nothing.
        known: What was measured.
        wrong: All trials whose answers were not accepted.
        right: All others.
    """

    trials: list[Trial]
    ask: Ask
    refuted: list[Measure] = field(default_factory=list)
    known: dict[tuple[int, int], float | None] = field(default_factory=dict)

    def value(self, measure: Measure, trial: Trial) -> float | None:
        """What an input measures, computed once."""
        key = id(measure), id(trial)
        if key not in self.known:
            self.known[key] = measure.of(trial)
        return self.known[key]

    def __post_init__(self) -> None:
        self.wrong, self.right = list[Trial](), list[Trial]()
        self.add(self.trials)

    def add(self, trials: Sequence[Trial]) -> None:
        """Takes more trials in."""
        for trial in trials:
            (self.right if trial.accepted else self.wrong).append(trial)

    def are_wrong(self, measure: Measure, value: float) -> bool | None:
        """Whether all of some ordinary inputs are answered wrongly after they were moved; None if none can be."""
        assert measure.moved is not None
        ordinary = [
            trial
            for trial in self.right
            if trial.class_ == "typical"
            and trial.probe.is_plain
            and not trial.probe.parameters
            and numbers_in(trial.inputs) <= _SMALL
        ]
        asked = []
        for like in ordinary:
            found = [self.ask(like, inputs) for inputs in measure.moved(like, value)]
            asked += [found] if found and all(found) else []
            if len(asked) == _MOVED:
                break
        moved = [trial for found in asked for trial in found if trial is not None]
        self.add(moved)
        return not any(trial.accepted for trial in moved) if moved else None


@dataclass(frozen=True)
class _Bound:
    """From where on answers are wrong, by one measure.

    Attributes:
        measure: The measure.
        right: The largest number of an input that is right.
        wrong: The least of one that is wrong, of all that are larger.
        beyond: The places of the trials that are wrong and that are beyond, or at it.
    """

    measure: Measure
    right: float
    wrong: float
    beyond: frozenset[int]

    @property
    def gap(self) -> float:
        """How far the bound is from what is right, relative to it."""
        return (self.wrong - self.right) / max(abs(self.wrong), abs(self.right))

    def holds_for(self, trial: Trial) -> bool:
        """Whether an input is beyond the bound, or at it."""
        value = self.measure.of(trial)
        return value is not None and value >= self.wrong

    def in_words(self, *, up: bool = True) -> str:
        return self.measure.text.format(bound=_rounded(self.wrong, self.measure.turned, up=up))


def _beyond_bounds(measures: Sequence[Measure], pool: _Pool, near: float) -> str:
    """One measure that is larger on every input that is wrong than on any that is right; else two, one of which is."""
    for _ in range(2 * len(measures)):
        found = _fitting([each for each in measures if each not in pool.refuted], pool, near)
        if not found:
            return ""
        if not all(_stands(each, pool) for each in found):
            continue
        # What was asked on the way may have moved the bounds, or refuted one of them.
        if again := _covering([each.measure for each in found], pool, near):
            return _told(sorted(again, key=lambda each: measures.index(each.measure)))
    return ""


def _only_beyond(measures: Sequence[Measure], pool: _Pool) -> str:
    """A measure that is larger on every input that is wrong than on any ordinary one that is right."""
    bounds = []
    for each in measures:
        usual = [
            value
            for trial in pool.right
            if trial.class_ == "typical" and (value := pool.value(each, trial)) is not None
        ]
        wrong = [pool.value(each, trial) for trial in pool.wrong]
        lost = [value for value in wrong if value is not None]
        if usual and len(lost) == len(wrong) and min(lost) > max(usual):
            bounds.append(_Bound(each, max(usual), min(lost), frozenset()))
    best = min(bounds, key=lambda each: each.gap, default=None)
    return "" if best is None else f"{ONLY}{best.in_words(up=False)}"


def _told(bounds: Sequence[_Bound]) -> str:
    if not bounds:
        return ""
    told = f"when {', or when '.join(each.in_words() for each in bounds)}"
    (best, *others) = bounds
    # Of other measures than sizes, something just below what is right may be wrong.
    if best.measure.right and best.measure.moved is None and not others and best.gap > _NEAR[-1] and best.right > 0:
        told += f"; it is right {best.measure.right.format(bound=_rounded(best.right, best.measure.turned, up=False))}"
    for several, one in _ONE.items():
        told = told.replace(f" 1 {several}", f" 1 {one}")
    return told


def _fitting(measures: Sequence[Measure], pool: _Pool, near: float) -> Sequence[_Bound]:
    """The bound, or the two, that fit what was tried, those that are said most simply; none if there are none."""
    whole = [found for each in measures if (found := _covering([each], pool, near))]
    if not whole:
        whole = [found for pair in itertools.permutations(measures, 2) if (found := _covering(pair, pool, near))]
    return min(whole, key=lambda found: sum(measures.index(each.measure) for each in found), default=())


def _covering(measures: Sequence[Measure], pool: _Pool, near: float) -> list[_Bound]:
    """The bounds by some measures, each of what the last ones leave; none if something is left, or there is nothing to say for one of them."""
    left, bounds = list(range(len(pool.wrong))), []
    for each in measures:
        bound = _bound(each, pool, left, near)
        if bound is None or len(bound.beyond) < _FEWEST:
            return []
        bounds.append(bound)
        left = [place for place in left if place not in bound.beyond]
    return [] if left else bounds


def _stands(bound: _Bound, pool: _Pool) -> bool:
    """Whether ordinary inputs are wrong as soon as they are moved beyond a bound, and further on; on the way the bound is brought nearer to what is right."""
    measure, low, high = bound.measure, bound.right, bound.wrong
    if measure.moved is None:
        return True
    further = high + abs(high)
    if not math.isfinite(further) or not pool.are_wrong(measure, further):
        pool.refuted.append(measure)
        return False
    if not pool.are_wrong(measure, high):
        low, high = high, further
    for _ in range(_HALVED):
        if high - low <= 10.0**-_DIGITS * abs(high):
            break
        middle = _between(low, high)
        wrong = pool.are_wrong(measure, middle)
        if wrong is None:
            break
        low, high = (low, middle) if wrong else (middle, high)
    return True


def _between(low: float, high: float) -> float:
    """The middle of two numbers; of numbers of very different sizes the middle of their logarithms."""
    if 0 < 8 * low < high or low < 8 * high < 0:
        return math.copysign(math.exp((math.log(abs(low)) + math.log(abs(high))) / 2), low)
    return low + (high - low) / 2


def _bound(measure: Measure, pool: _Pool, of: Sequence[int], near: float) -> _Bound | None:
    """The bound of some of the trials that are wrong, by their places."""
    most = max((value for trial in pool.right if (value := pool.value(measure, trial)) is not None), default=math.nan)
    wrong = pool.wrong
    values = {place: value for place in of if (value := pool.value(measure, wrong[place])) is not None}
    beyond = [value for value in values.values() if value > most]
    if not beyond or not math.isfinite(most) or (measure.moved is None and min(beyond) > _NEXT * most):
        return None
    # Just below the bound some inputs are wrong and others right: other entries count there, too. Of sizes each counts by itself.
    at = most if measure.moved is None else most - near * abs(most)
    return _Bound(measure, most, min(beyond), frozenset(place for place, value in values.items() if value > at))


def _rounded(value: float, turned: bool, up: bool) -> str:
    """A number in a few digits, rounded away from what is right; what is right is rounded the other way."""
    told = Decimal(-value if turned else value)
    towards = ROUND_CEILING if up != turned else ROUND_FLOOR
    digits = _DIGITS + (told.as_tuple().digits[0] == 1)
    short = float(Context(prec=digits, rounding=towards).create_decimal(told))
    shown = f"{short:.0f}" if short == int(short) and abs(short) < 1e6 else f"{short:.{digits}g}"
    return shown.replace("-", "−", 1) if short < 0 else shown
