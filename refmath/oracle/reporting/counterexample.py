"""Counterexamples: which of the refused trials are shown, the line to paste, and the entry of the answer that is furthest off."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.kinds.kind import CLASSES
from refmath.oracle.candidates.arrays import LIBRARIES, Layout, layout_at
from refmath.oracle.candidates.calling import Calling
from refmath.oracle.candidates.candidate import answer_shapes, is_numpys
from refmath.oracle.candidates.several_axes import place_in
from refmath.oracle.remote.adapter import Adapter, RemoteFunction
from refmath.oracle.remote.child import Child, HostedFunction
from refmath.oracle.reporting.findings import LONGEST, Counterexample
from refmath.oracle.searching.probe import Inputs
from refmath.oracle.searching.search import Search, Trial, numbers_in, trouble
from refmath.spec import Formula, call_of, packed

#: Inputs in a sentence are cut after so many characters.
_LONGEST_LINE = 160
#: Of so few numbers it counts how long they are.
_FEW = 8
#: From this part of the refused inputs on, those without an answer are shown.
_SHARE = 0.25


def smallest_of(search: Search, refused: list[Trial]) -> Trial | None:
    """The smallest input that is refused, found by shrinking; None if none was."""
    if not refused:
        return None
    # What fails in everyday arrays is shown in them, though in others the class is another.
    plain = [trial for trial in refused if trial.probe.is_plain] or refused
    class_ = next(each for each in CLASSES if any(trial.class_ == each for trial in plain))
    of_class = [trial for trial in plain if trial.class_ == class_]
    # No answer at all outweighs a wrong one, but not on few inputs where on most of them it is wrong.
    troubled = [trial for trial in of_class if trouble(trial.seen, trial.interval)]
    is_trouble = len(troubled) >= _SHARE * len(of_class)
    of_kind = troubled if is_trouble else [trial for trial in of_class if trial not in troubled]
    # Of several troubles that which is met most often.
    often = Counter(trial.seen.trouble for trial in of_kind).most_common(1)[0][0]
    seen = min((trial for trial in of_kind if trial.seen.trouble == often), key=_plain_and_small)
    keeper = _keeper(search.candidate.function)
    if keeper is not None and keeper.is_spent and not search.budget.exceeded:
        keeper.forgive()
        search.stopped = False
    if search.stopped:
        return seen
    return search.shrink(
        seen, lambda trial: not trial.accepted and is_trouble == bool(trouble(trial.seen, trial.interval))
    )


def _keeper(function: Any) -> Adapter | Child | None:
    """Who starts the process of a function that has one of its own."""
    if isinstance(function, RemoteFunction):
        return function.adapter
    return function.child if isinstance(function, HostedFunction) else None


def _plain_and_small(trial: Trial) -> tuple[bool, int, int]:
    """Under the defaults, of few numbers, and of those with few digits: in shrinking a long number may stay long."""
    count = numbers_in(trial.inputs)
    return bool(trial.probe.parameters), count, _digits(trial.inputs) if count <= _FEW else 0


def _digits(inputs: Inputs) -> int:
    """How many characters the numbers of some inputs take."""
    arrays = (
        np.ravel(each)
        for value in inputs.values()
        for each in ([*value.values()] if isinstance(value, dict) else [value])
        if not callable(each)
    )
    return sum(len(repr(number)) for array in arrays for number in array.tolist())


def worst_of(refused: list[Trial], smallest: Trial | None) -> Trial | None:
    """The trial furthest off; of those as bad up to a factor of two, the one with the fewest numbers to read."""
    if smallest is None:
        return None
    known = [*refused, smallest]
    enough = max(smallest.ulps, max(trial.ulps for trial in known) / 2)
    return min(
        (trial for trial in known if trial.ulps >= enough), key=lambda trial: (numbers_in(trial.inputs), -trial.ulps)
    )


def counterexample(trial: Trial, search: Search, called: str) -> Counterexample:
    """A trial that was refused, as the report shows it; `called` is the function's name there."""
    formula, remote = search.setting.formula, search.candidate.function
    request = remote.request(*packed(formula, trial.inputs)) if isinstance(remote, RemoteFunction) else None
    array = search.array if search.array in LIBRARIES else "numpy"
    return replace(_bare_counterexample(trial, formula, called, array, search.always, search.calling), request=request)


def _bare_counterexample(
    trial: Trial, formula: Formula, called: str, array: Any, always: Mapping[str, Any], calling: Calling
) -> Counterexample:
    text = trouble(trial.seen, trial.interval)
    numbers = {each.name for each in formula.inputs if each.is_number}
    names = [each.name for each in formula.inputs if not each.by_name]
    inputs, layout = calling.as_handed(names, trial.inputs), "plain" if calling.classes else trial.probe.layout
    pasted = {
        name: _pasted_number(value)
        if name in numbers
        else repr(value.item())
        if calling.handing == "numbers" and value.size == 1
        else repr(value.tolist())
        if calling.handing != "arrays"
        else pasted_array(value, array, layout if isinstance(value, dict) else layout_at(layout, place))
        for place, (name, value) in enumerate(inputs.items())
    }
    given, _ = call_of(formula, pasted)
    keywords = [f"{each.name}={pasted[each.name]}" for each in formula.inputs if each.by_name]
    keywords += [f"{name}={value!r}" for name, value in {**always, **formula.settled, **trial.probe.parameters}.items()]
    call = calling.line(called, [_paste_mapping(each) for each in given], keywords)
    if text:
        low, high = trial.interval.low, trial.interval.high
        expected = (float(low), float(high)) if low.ndim == 0 else None
        exact = float(trial.interval.nearest) if low.ndim == 0 else None
        return Counterexample(trial.class_, trial.inputs, call, expected, (), None, text, math.inf, exact=exact)
    ulps = trial.interval.ulps(trial.seen.value)
    outside = np.where(trial.interval.accepts(trial.seen.value), -1.0, ulps)
    place = int(np.argmax(outside))
    return Counterexample(
        trial.class_,
        trial.inputs,
        call,
        (float(trial.interval.low.flat[place]), float(trial.interval.high.flat[place])),
        _place(trial.inputs, formula, trial.interval.index(place), calling),
        float(trial.seen.value[trial.interval.index(place)]),
        "",
        float(ulps.flat[place]),
        exact=float(trial.interval.nearest.flat[place]),
    )


def _place(inputs: Inputs, formula: Formula, index: tuple[int, ...], calling: Calling) -> tuple[int | str, ...]:
    """Which entry of the answer an index counts; in a mapping, whose entries are counted one after the other, its key comes first."""
    shapes = answer_shapes(formula, inputs)
    if not shapes:
        shape = np.shape(inputs[formula.inputs[0].name])
        return place_in(index, shape, calling.behind, last=calling.last) if calling.classes else index
    rest = index[0]
    for key, shape in shapes.items():
        size = math.prod(shape)
        if rest < size:
            return key, *map(int, np.unravel_index(rest, shape))
        rest -= size
    raise IndexError(index)


def _pasted_number(value: Any) -> str:
    """A number as it was handed over: a plain one, or one of NumPy's."""
    return f"np.{value.dtype.name}({value.item()!r})" if is_numpys(value) else repr(value.item())


def _paste_mapping(value: str | dict[str, str]) -> str:
    if isinstance(value, str):
        return value
    return "{" + ", ".join(f"{key!r}: {entry}" for key, entry in value.items()) + "}"


def values_in_words(inputs: Inputs) -> str:
    """Some inputs in a line, cut where it gets long."""
    line = ", ".join(f"{name} = {pasted_array(value)}" for name, value in inputs.items())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …"


def pasted_array(value: Any, library: Any = "numpy", layout: Layout = "plain") -> Any:
    """An argument as Python source that gives exactly this array of a library, or this function; by key for a mapping.

    An array of more than `LONGEST` numbers is only described.
    """
    if isinstance(value, dict):
        return {
            key: pasted_array(each, library, layout_at(layout, place))
            for place, (key, each) in enumerate(value.items())
        }
    if callable(value):
        return str(value)
    value = np.asarray(value)
    if value.size > LONGEST:
        first = ", ".join(map(repr, value.ravel()[:3].tolist()))
        return f"<{' x '.join(map(str, value.shape))} numbers of {value.dtype.name}: {first}, ...>"
    if value.ndim == 0 and value.dtype.kind in "iu" and value.dtype == np.int64 and library == "numpy":
        return repr(value.item())
    if library != "numpy":
        home = {"torch": "torch", "jax": "jnp", "array_api_strict": "array_api_strict"}[library]
        name = {"bool": "bool" if library != "jax" else "bool_"}.get(value.dtype.name, value.dtype.name)
        return f"{home}.{'tensor' if library == 'torch' else 'asarray'}({_numbers_in(value)}, dtype={home}.{name})"
    plain = value if value.dtype.isnative else value.astype(value.dtype.newbyteorder("="))
    home = "ml_dtypes" if plain.dtype.name == "bfloat16" else "np"
    name = {"bool": "bool_"}.get(plain.dtype.name, plain.dtype.name)
    dtype = "" if plain.dtype.name in ("float64", "int64") else f", dtype={home}.{name}"
    source = f"np.array({_numbers_in(plain)}{dtype})"
    return _laid_out(source, value, layout)


def _numbers_in(value: Any) -> str:
    return repr(value.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")


def _laid_out(source: str, value: Any, layout: Layout) -> str:
    """The source of an array that lies in memory in a certain way."""
    match layout:
        case "by columns" if value.ndim > 1:
            return f"np.asfortranarray({source})"
        case "sliced" if value.ndim:
            return f"np.pad({source}, {[(0, 0)] * (value.ndim - 1) + [(0, 3)]})[..., :-3]"
        case "strided" if value.ndim:
            return f"np.repeat({source}, 2, axis=-1)[..., ::2]"
        case "reversed" if value.ndim:
            return f"np.flip({source}, -1).copy()[..., ::-1]"
        case "strided by rows" if value.ndim > 1:
            return f"np.repeat({source}, 2, axis=0)[::2]"
        case "reversed by rows" if value.ndim > 1:
            return f"np.flip({source}, 0).copy()[::-1]"
        case "read-only" if value.ndim:
            return f"np.broadcast_to({source}, {value.shape})"
        case "big-endian" if value.dtype.kind in "iuf":
            return f"{source}.astype({'>' + value.dtype.str[1:]!r})"
    return source
