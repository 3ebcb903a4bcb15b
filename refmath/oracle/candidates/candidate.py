"""A candidate: somebody else's function, and what was observed when it was called."""

from __future__ import annotations

import contextlib
import functools
import io
import math
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from numbers import Real
from typing import Any, Literal

import numpy as np

from refmath.oracle.candidates.arrays import (
    Layout,
    Library,
    dressed,
    from_torch,
    handed_over,
    layout_at,
    share_memory,
    unchanged,
)
from refmath.oracle.candidates.guard import LONGEST, guarded, name_of, one_line
from refmath.oracle.candidates.process_state import ProcessState
from refmath.spec import Formula, Input, argument_names, call_of, packed, shapes_of_parts

Trouble = Literal["raised", "hung", "type", "wrote", "unsupported", "absent", "gone", "spent"]


#: By raising one of these a function says that it does not take such an argument. Of PyTorch's tensors it is a RuntimeError, for a kernel that is missing.
_DECLINING = (TypeError, ValueError, IndexError, NotImplementedError)
#: No answer that is meant has more entries than that, or than so many for each entry of a right one.
_MOST_ENTRIES, _MOST_FOR_EACH = 1 << 22, 16
#: So many different warnings are kept.
_MOST_WARNINGS = 20


class CallFailed(Exception):
    """A call of a candidate elsewhere that gave no answer: what went wrong, and of which kind that is."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        super().__init__(text)
        self.trouble: Trouble = trouble


def seconds(timeout: Any, called: str = "timeout") -> float:
    """A limit that a call can be given.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is not positive, or longer than can be waited.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, Real):
        raise TypeError(f"{called} must be a number of seconds; got {type(timeout).__name__}")
    limit = float(timeout)
    if not 0 < limit <= threading.TIMEOUT_MAX:
        most = f"{threading.TIMEOUT_MAX:.3g}"
        raise ValueError(f"{called} must be a positive number of seconds, at most {most}; got {timeout!r}")
    return limit


@dataclass(frozen=True)
class Observation:
    """What came of one call.

    Attributes:
        value: The answer in float64, if it was an array of real numbers.
        trouble: What went wrong instead.
        text: The trouble in words; without one, what is to be said if the value is refused.
        warnings: The warnings it gave, each once.
        answer: The answer as it came, to be looked at again later.
        dtype: The number type of the answer; empty if it is not one array.
        declines: Whether it raised what says that it does not take such an argument.
        shares_memory: Whether the answer lies in the memory of an argument.
        in_place: Whether the answer is what became of the arguments that a step renews.
    """

    value: Any = None
    trouble: Trouble | None = None
    text: str = ""
    warnings: tuple[str, ...] = ()
    answer: Any = field(default=None, repr=False, compare=False)
    declines: bool = False
    shares_memory: bool = False
    in_place: bool = False
    dtype: str = ""


@dataclass(frozen=True)
class Candidate:
    """A function to be judged, with the kind of arrays it takes.

    Attributes:
        function: Called with the formula's inputs, positionally.
        array: The library whose arrays it is handed.
        timeout: Seconds after which one call counts as hung, and is interrupted where the platform can do that; None for a
            function that knows its own limit.
        formula: The formula it is held against, if its arguments or its answers are mappings or numbers.
        state: What the process is to be like after a call, if others than the candidate live in it.
        always: Keyword arguments of every call, unless a call has others of the names.
    """

    function: Callable[..., Any]
    array: Library = "numpy"
    timeout: float | None = 10.0
    formula: Formula | None = None
    state: ProcessState | None = None
    always: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> Observation:
        """Calls the function on private copies of the inputs and observes it from all sides.

        Args:
            inputs: The arguments by name.
            layout: How the arrays that are handed over lie in memory.
            parameters: Keyword arguments of the call.
        """
        handed = self._handed_over(inputs, layout)
        told: dict[str, None] = {}
        # The candidate finds NumPy's own error state, whatever was set when its file was loaded.
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(_Nowhere()),
            contextlib.redirect_stderr(sys.stderr),  # which is put back thereby
            np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
        ):
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, category, *_more: _keep(told, message, category)
            outcome = guarded(
                lambda: self._observed(inputs, handed, {**self.always, **(parameters or {})}), self.timeout
            )
        if self.state is not None:
            self.state.restore()
        if outcome.late:
            return Observation(trouble="hung", text=f"did not answer within {self.timeout:g} s", warnings=tuple(told))
        if outcome.error is not None:
            declining = (*_DECLINING, *((RuntimeError,) if self.array == "torch" else ()))
            return Observation(
                trouble="raised",
                text=f"raised {outcome.text}",
                warnings=tuple(told),
                declines=issubclass(outcome.error, declining),
            )
        assert outcome.value is not None
        return replace(outcome.value, warnings=tuple(told))

    def _observed(self, inputs: dict[str, Any], handed: dict[str, Any], parameters: Mapping[str, Any]) -> Observation:
        """The call and all that touches what comes of it, which is as much the candidate's as the function."""
        arguments, named = (list(handed.values()), {}) if self.formula is None else call_of(self.formula, handed)
        originals = {name: dict(value) if isinstance(value, dict) else value for name, value in handed.items()}
        try:
            answer = self.function(*arguments, **{**named, **parameters})
        except CallFailed as failed:
            return Observation(trouble=failed.trouble, text=str(failed))
        renewed = self._renewed(answer, handed)
        value, trouble, text = None, None, self._nothing_written(answer, inputs, handed, renewed)
        if renewed and (answer is None or answer is handed[renewed[0]]):
            answer = handed[renewed[0]] if self._is_mapping else {name: handed[name] for name in renewed}
        elif renewed and self.formula is not None and self._is_first_part(answer, handed):
            answer = {renewed_by(self.formula)[0]: answer, **{name: handed[name] for name in renewed}}
        try:
            value = self.value_of(answer, inputs)
        except TypeError as error:
            trouble, text = "type", one_line(error)
        for name, before in inputs.items():
            if name not in renewed and (written := _written(name, before, handed[name])):
                return Observation(trouble="wrote", text=f"wrote into its argument {written}")
        for given, (name, before) in zip(
            arguments,
            zip(argument_names(self.formula), packed(self.formula, originals), strict=True) if self.formula else (),
            strict=False,
        ):
            if name not in renewed and isinstance(before, dict) and not _same_entries(before, given):
                return Observation(trouble="wrote", text="replaced entries of a mapping it was given")
        in_place = bool(renewed)
        shares = not in_place and share_memory(answer, list(handed.values()))
        return Observation(
            value,
            "type" if trouble else None,
            text,
            answer=answer,
            shares_memory=shares,
            in_place=in_place,
            dtype=str(getattr(answer, "dtype", "")).rpartition(".")[2][:LONGEST],
        )

    def has_changed(self, answers: Iterable[tuple[Observation, Mapping[str, Any]]]) -> bool:
        """Whether one of some earlier answers does not hold any more what it held, or cannot be read any more."""
        for seen, inputs in answers:
            held = guarded(functools.partial(self.value_of, seen.answer, inputs), self.timeout).value
            if held is None or not np.array_equal(held, seen.value, equal_nan=True):
                return True
        return False

    def expect(
        self, inputs: dict[str, Any], layout: Layout = "plain", parameters: Mapping[str, Any] | None = None
    ) -> None:
        """What is asked next; it is begun with when it is asked."""

    def release(self) -> None:
        """Earlier answers are not asked for any more."""

    @property
    def _is_mapping(self) -> bool:
        """Whether the formula takes mappings of arrays of any names, and gives one."""
        return self.formula is not None and self.formula.inputs[0].arrays

    def _renewed(self, answer: Any, handed: Mapping[str, Any]) -> tuple[str, ...]:
        """The arguments that a step has changed in place: it returns nothing, or the first of them, and then all; some of them in its answer; or all but the first, which is its answer."""
        if self.formula is None:
            return ()
        steps = (self.formula.inputs[0].name,) if self._is_mapping else renewed_by(self.formula)
        if not steps:
            return ()
        if answer is None or answer is handed[steps[0]]:
            return steps
        if self._is_first_part(answer, handed):
            return steps[1:]
        parts = answer if isinstance(answer, Mapping) else _in_order(answer, steps)
        return () if self._is_mapping else tuple(name for name in steps if parts.get(name) is handed[name])

    def _is_first_part(self, answer: Any, handed: Mapping[str, Any]) -> bool:
        """Whether a step with a state answers with one array, as its parameters are: the state is renewed in place then."""
        steps = () if self.formula is None or self._is_mapping else renewed_by(self.formula)
        if len(steps) < 2 or answer is None or isinstance(answer, Mapping | tuple | list):
            return False
        return answer is not handed[steps[0]] and np.shape(answer) == np.shape(handed[steps[0]])

    def _nothing_written(
        self, answer: Any, inputs: Mapping[str, Any], handed: Mapping[str, Any], renewed: Sequence[str]
    ) -> str:
        """That a step has not written into what it would renew in place: of a state at rest that is right, of any other it is not."""
        if not renewed or self.formula is None or any(_written(name, inputs[name], handed[name]) for name in renewed):
            return ""
        if answer is None or answer is handed[renewed[0]]:
            told = "nothing" if answer is None else f"{renewed[0]} as it was given"
        elif self._is_first_part(answer, handed):
            told = "one array"
        else:
            return ""
        return f"returned {told} and wrote nothing into {_listed(renewed)}; {_expected(self.formula)}"

    def _handed_over(self, inputs: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
        """Private copies of the inputs by name, as arrays of the candidate's library; functions and plain numbers as they are."""
        known = {each.name: each for each in self.formula.inputs} if self.formula else {}
        return {
            name: _handed_over(
                value, known.get(name), self.array, layout if isinstance(value, dict) else layout_at(layout, place)
            )
            for place, (name, value) in enumerate(inputs.items())
        }

    def value_of(self, answer: Any, inputs: Mapping[str, Any]) -> Any:
        """An answer as a private float64 array; one that is a mapping as a flat array of its entries, one after the other.

        Raises:
            TypeError: If it does not consist of real numbers, or an entry is missing, unknown, or of another shape.
        """
        most = most_entries(self.formula, inputs)
        shapes = {} if self.formula is None else answer_shapes(self.formula, inputs)
        if not shapes:
            return as_numpy(answer, most)
        keys = list(shapes)
        if self.formula is not None and not any(each.mapping or each.arrays for each in self.formula.inputs):
            answer = _in_order(answer, keys) or answer
        if not isinstance(answer, Mapping):
            in_a_row = self.formula is not None and not any(each.mapping or each.arrays for each in self.formula.inputs)
            if self.formula is not None and in_a_row and len(keys) > 1:
                raise TypeError(f"returned {_kind(answer)} instead of {len(keys)} arrays; {_expected(self.formula)}")
            raise TypeError(f"returned {_kind(answer)} instead of a mapping with the keys {', '.join(keys)}")
        if set(answer) != set(keys):
            got = ", ".join(map(str, answer)) or "none"
            raise TypeError(f"returned a mapping with the keys {got} instead of {', '.join(keys)}")
        values = {}
        for key in keys:
            values[key] = as_numpy(answer[key], most)
            if values[key].shape != shapes[key]:
                raise TypeError(f"returned {key} of shape {values[key].shape} instead of {shapes[key]}")
        return np.concatenate([value.ravel() for value in values.values()])


def renewed_by(formula: Formula) -> tuple[str, ...]:
    """The arguments that a step of an optimiser renews: all parts of its answer are called like arguments, the first of which are floats."""
    names = {each.name for each in formula.inputs}
    keys = tuple(part.key for part in formula.parts)
    return keys if formula.inputs[0].kind == "floats" and set(keys) <= names else ()


def _expected(formula: Formula) -> str:
    """In which ways an answer of several arrays may come."""
    keys = [part.key for part in formula.parts]
    if len(keys) < 2:
        names = [each.name for each in formula.inputs if each.arrays][:1]
        return f"expected a mapping, or {_listed(names)} renewed in place"
    told = f"expected a tuple ({', '.join(keys)}) in this order, or a mapping with these keys"
    return f"{told}, or {_listed(keys)} renewed in place" if renewed_by(formula) else told


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _in_order(answer: Any, keys: Sequence[str]) -> dict[str, Any]:
    """An answer of several arrays in a row by their keys; empty if it is none."""
    is_row = isinstance(answer, tuple | list) and len(answer) == len(keys) > 1
    return dict(zip(keys, answer, strict=True)) if is_row else {}


def answer_shapes(formula: Formula, inputs: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays of an answer by key, in order; empty for one that is a plain array.

    Args:
        formula: The formula.
        inputs: The inputs by name.
    """
    first = inputs[formula.inputs[0].name]
    if formula.inputs[0].arrays:
        return {key: np.shape(value) for key, value in first.items()}
    return shapes_of_parts(formula, inputs, formula.parts)


def answer_size(formula: Formula, inputs: Mapping[str, Any]) -> int:
    """How many entries the answer to some inputs has."""
    return math.prod(answer_shape(formula, inputs))


def answer_shape(formula: Formula, inputs: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of the answer to some inputs as a batch; a mapping is flat, and so is what has entries of any shape."""
    shapes = answer_shapes(formula, inputs)
    if shapes:
        return (sum(math.prod(shape) for shape in shapes.values()),)
    sizes: dict[str, int] = {}
    for each in formula.inputs:
        shape = np.shape(inputs[each.name]) if not each.is_function else ()
        if each.axes == ("...",):
            sizes["N"] = math.prod(shape)
        elif len(shape) == len(each.axes):
            sizes.update(zip(each.axes, shape, strict=True))
        elif len(shape) == len(each.axes) - 1:
            sizes.update({"N": 1, **dict(zip(each.axes[1:], shape, strict=True))})
    return tuple(sizes.get(axis, 1) for _, axis in formula.output)


def _kind(answer: Any) -> str:
    if isinstance(answer, tuple):
        return f"a tuple of {len(answer)} ({', '.join(type(each).__name__ for each in answer[:4])})"
    return "None (is a return statement missing?)" if answer is None else type(answer).__name__


def most_entries(formula: Formula | None, inputs: Mapping[str, Any]) -> int:
    """How many entries an answer can have that is meant: more are not copied."""
    return _MOST_ENTRIES if formula is None else max(_MOST_ENTRIES, _MOST_FOR_EACH * answer_size(formula, inputs))


def as_numpy(answer: Any, most: int = _MOST_ENTRIES) -> Any:
    """An answer as a private float64 array: from floats, nested lists, NumPy, PyTorch (with a gradient too, from any device), JAX and others.

    Raises:
        TypeError: If it does not consist of real numbers.
    """
    if answer is None:
        raise TypeError("returned None: is a return statement missing?")
    if isinstance(answer, tuple) and not _holds_numbers(answer):
        raise TypeError(f"returned {_kind(answer)} instead of one array")
    if isinstance(answer, np.ma.MaskedArray) and np.ma.is_masked(answer):
        raise TypeError("returned a masked array, some of whose entries are masked")
    try:
        array = np.asarray(from_torch(answer) if type(answer).__module__.partition(".")[0] == "torch" else answer)
    except TypeError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever an array's own conversion may raise
        raise TypeError(f"returned {type(answer).__name__} that is no rectangular array: {error}") from None
    if array.size > most:
        raise TypeError(f"returned shape {array.shape}, which are more than {most:,} entries")
    if array.dtype.name == "bfloat16":
        return array.astype(np.float64)
    if array.dtype == object and all(isinstance(entry, Real | Decimal) for entry in array.flat):
        with contextlib.suppress(OverflowError):  # one beyond every float is refused below
            return np.array([float(entry) for entry in array.flat]).reshape(array.shape)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"returned {type(answer).__name__} of dtype {array.dtype} where real numbers are meant")
    with np.errstate(over="ignore"):
        return array.astype(np.float64)


def _holds_numbers(answer: Any) -> bool:
    """Whether a tuple is an array written out: numbers, or rows of them; of several arrays it is unknown which is meant."""
    if isinstance(answer, tuple | list):
        return all(map(_holds_numbers, answer))
    return isinstance(answer, Real)


def _handed_over(value: Any, meant: Input | None, library: Library, layout: Layout) -> Any:
    if isinstance(value, dict):
        return {
            key: handed_over(dressed(each, layout_at(layout, place)), library)
            for place, (key, each) in enumerate(value.items())
        }
    if callable(value):
        return value
    if meant is not None and meant.is_number:
        return np.asarray(value)[()] if is_numpys(value) else np.asarray(value).item()
    if (
        library == "numpy"
        and meant is not None
        and meant.kind in ("labels", "targets_or_labels")
        and np.ndim(value) == 0
    ):
        return np.asarray(value)[()]  # the label of a single sample is a number
    return handed_over(dressed(value, layout), library)


def is_numpys(number: Any) -> bool:
    """Whether a number is handed over as one of NumPy's integers: those of 64 bits stand for plain ones."""
    dtype = np.asarray(number).dtype
    return dtype.kind in "iu" and dtype != np.int64


def _same_entries(before: dict[str, Any], after: Mapping[str, Any]) -> bool:
    return before.keys() == after.keys() and all(after[key] is value for key, value in before.items())


def _written(name: str, before: Any, handed: Any) -> str:
    """The name of an argument, or of an entry of it, that does not hold any more what it held; empty if it does."""
    if isinstance(before, dict):
        kept = [key for key in before if key in handed]
        return next((f"{name}[{key!r}]" for key in kept if _written(key, before[key], handed[key])), "")
    return "" if callable(before) or isinstance(handed, int | float) or unchanged(before, handed) else name


def _keep(told: dict[str, None], message: Any, category: type[Warning]) -> None:
    """Keeps a warning, if there are not too many of them."""
    if len(told) < _MOST_WARNINGS:
        told[f"{name_of(category)}: {one_line(message)}"] = None


class _Nowhere(io.TextIOBase):
    """Takes whatever is printed, and keeps nothing of it."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)
