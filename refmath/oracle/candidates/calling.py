"""How a candidate is called where that is not how its formula is called, and what of its answer is meant."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from refmath.oracle.candidates.candidate import CallFailed
from refmath.oracle.candidates.holding import Holding
from refmath.oracle.candidates.several_axes import arranged, handed, has_classes, in_rows
from refmath.spec import Formula, argument_names

#: Where the samples of a batch are: in the rows of its arrays, in their columns, or on several axes, with the classes on axis 1 or on the last one.
Samples = Literal["rows", "columns", "classes_first", "classes_last"]
#: What a candidate is handed in place of arrays, where it takes none: their numbers one by one, or lists.
Handing = Literal["arrays", "numbers", "lists"]


@dataclass(frozen=True)
class Calling:
    """How a candidate is called.

    Attributes:
        order: For each of its arguments the place of that among the formula's arguments; empty if they come in the formula's order.
        take: Which entry of the tuple that it returns is its answer; None if it returns the answer itself.
        columns: The places of the arguments whose samples it takes in columns …
        answers_columns: … and whether those of its answer are in columns, too.
        classes: The places of the arguments that it takes with samples on several axes …
        behind: … on how many, besides the first: behind the classes on axis 1 …
        last: … or before the classes on the last one.
        handing: What it is handed in place of arrays.
        keywords: The formula's parameters that it takes by another name, each with that name.
        steps: For how many steps in a row it is called, each time with what came of the last one and with the next gradient; 0 if it is called once.
        holds: Whether it is made for the parameters that it changes.
    """

    order: tuple[int, ...] = ()
    take: int | None = None
    columns: tuple[int, ...] = ()
    answers_columns: bool = False
    classes: tuple[int, ...] = ()
    behind: int = 1
    last: bool = False
    handing: Handing = "arrays"
    keywords: tuple[tuple[str, str], ...] = ()
    steps: int = 0
    holds: bool = False

    def as_json(self) -> dict[str, Any]:
        """What a candidate's process is told."""
        return asdict(self)

    def as_handed(self, names: Sequence[str], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Inputs by name as the candidate is handed them, so far as their classes are on another axis.

        Args:
            names: The names of those that are handed over by their places.
            inputs: The inputs as the formula has them.
        """
        if not self.classes:
            return inputs
        single = np.ndim(inputs[names[0]]) == 1
        arrays = {names[place]: inputs[names[place]] for place in self.classes}
        return {
            **inputs,
            **{name: arranged(each, self.behind, single=single, last=self.last) for name, each in arrays.items()},
        }

    def line(self, function: str, arguments: Sequence[str], keywords: Sequence[str]) -> str:
        """A call of a candidate as a line of Python, from the formula's arguments as they are written."""
        own = dict(self.keywords)
        parted = (each.partition("=") for each in keywords)
        keywords = [f"{own.get(name, name)}={value}" for name, _, value in parted]
        given = [f"{each}.T" if place in self.columns else each for place, each in enumerate(arguments)]
        given = given if self.steps else [given[place] for place in self.order] or given
        taken = "" if self.take is None else f"[{self.take}]"
        if self.holds:
            return self._held_line(function, given, keywords)
        if self.steps:
            turned = "g, w" if self.order else "w, g"
            step = f"lambda w, g: {function}({', '.join([turned, *keywords])}){taken}"
            return f"functools.reduce({step if self.order or taken or keywords else function}, [{', '.join(given[1:])}], {given[0]})"
        if self.handing == "numbers" and any(each.startswith("[") for each in given):
            one = (
                f"lambda *each: {function}({', '.join(['*each', *keywords])}){taken}" if taken or keywords else function
            )
            return f"np.vectorize({one})({', '.join(given)})"
        return f"{function}({', '.join([*given, *keywords])}){taken}{'.T' * self.answers_columns}"

    def _held_line(self, function: str, arguments: Sequence[str], keywords: Sequence[str]) -> str:
        """The same of an optimiser that is made for its parameters, and finds the gradients there."""
        w, *rest = arguments
        if self.steps:
            made = ", ".join(["[w]", *keywords])
            steps = "".join(f"w.grad = {g}\no.step()\n" for g in rest)
            return f"w = {w}\no = {function}({made})\n{steps}w"
        g, *more = rest
        are_named = w.startswith("{")
        made = ", ".join(["list(w.values())" if are_named else "[w]", *more, *keywords])
        handed_over = "for k in w: w[k].grad = g[k]" if are_named else "w.grad = g"
        return f"w = {w}\ng = {g}\no = {function}({made})\n{handed_over}\n\no.step()\nw"


#: As the formula is called.
USUAL = Calling()


def calling_from(told: Mapping[str, Any]) -> Calling:
    """What `Calling.as_json` told."""
    places = {name: tuple(told[name]) for name in ("order", "columns", "classes")}
    return Calling(**{**told, **places, "keywords": tuple((name, own) for name, own in told["keywords"])})


def calling_of(
    formula: Formula, order: Sequence[str] = (), take: int | None = None, samples: Samples = "rows", steps: int = 0
) -> Calling:
    """How a candidate is called that takes the formula's arguments in some order.

    Args:
        formula: The formula.
        order: The names of the formula's arguments in the order in which the candidate takes them; empty for the formula's.
        take: Which entry of a tuple is the answer.
        samples: Where the samples of a batch are.
        steps: For how many steps in a row an optimiser is called, of whose arguments the order is: its parameters, and a gradient.

    Raises:
        ValueError: If the order does not consist of the formula's arguments, or if a formula has no samples that could be columns.
    """
    names = argument_names(formula)
    by_place = [each.name for each in formula.inputs if not each.by_name]
    if steps:
        names = by_place = called_with(formula, Calling(steps=steps))
    placed = [name for name in names if name in by_place or name not in {each.name for each in formula.inputs}]
    if order and sorted(order) != sorted(placed):
        raise ValueError(
            f"order must name the arguments of {formula.name}, {', '.join(placed)}, each once; got {', '.join(order)}"
        )
    places = tuple(placed.index(name) for name in order)
    if places == tuple(range(len(places))):
        places = ()
    if samples == "rows":
        return Calling(places, take, steps=steps)
    if any(each.mapping or each.arrays for each in formula.inputs):
        raise ValueError(f"layout={samples!r} is about arrays of samples; {formula.name} takes mappings of arrays")
    if samples in ("classes_first", "classes_last"):
        if not has_classes(formula):
            raise ValueError(f"layout={samples!r} is about samples and classes; {formula.name} has other axes, or none")
        return Calling(places, take, classes=tuple(range(len(placed))), last=samples == "classes_last")
    columns = tuple(placed.index(each.name) for each in formula.inputs if _are_samples(each.axes) and not each.by_name)
    if not columns:
        raise ValueError(f"layout='columns' means nothing here: no argument of {formula.name} has samples in rows")
    return Calling(places, take, columns, _are_samples([axis for _, axis in formula.output]))


def one_of(names: Sequence[str]) -> str:
    """Names of which one is meant, in words.

    Examples:
        >>> one_of(["rows", "columns", "lists"])
        'rows, columns or lists'
    """
    return " or ".join([", ".join(names[:-1]), names[-1]])


def _are_samples(axes: Sequence[str]) -> bool:
    return len(axes) == 2 and axes[0] == "N"


def called_with(formula: Formula, calling: Calling) -> list[str]:
    """The names of the arguments that a candidate is called with, in the formula's order."""
    names = argument_names(formula)
    return [names[0], names[1].rstrip("0123456789")] if calling.steps else names


def as_called(look_up: Callable[[], Callable[..., Any]], calling: Calling) -> Callable[..., Any]:
    """A function that is called as the formula is, and calls a candidate as that is called.

    Args:
        look_up: Gives the candidate; one that keeps a state anew each time.
        calling: How it is called.
    """
    function = look_up()
    if calling == USUAL:
        return function
    if calling.steps:
        return _Steps(look_up, calling, function)

    keywords = dict(calling.keywords)

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        named = {keywords.get(name, name): value for name, value in named.items()}
        if calling.classes:
            with handed(arguments, calling.classes, calling.behind, last=calling.last) as laid_out:
                laid_out = [laid_out[place] for place in calling.order] or laid_out
                answer = _taken(function(*laid_out, **named), calling.take)
            return in_rows(answer, calling.behind, single=np.ndim(arguments[0]) == 1, last=calling.last)
        given = [_transposed(each) if place in calling.columns else each for place, each in enumerate(arguments)]
        given = [given[place] for place in calling.order] or given
        match calling.handing:
            case "numbers":
                answer = _number_by_number(function, given, named, calling.take)
            case "lists":
                answer = _taken(function(*map(_as_list, given), **named), calling.take)
            case _:
                answer = _taken(function(*given, **named), calling.take)
        return _transposed(answer) if calling.answers_columns else answer

    return called


def _transposed(array: Any) -> Any:
    """A batch with its samples on the other axis; a single sample has no other."""
    return array.T if getattr(array, "ndim", 0) == 2 else array


def _as_list(array: Any) -> Any:
    return array.tolist() if hasattr(array, "tolist") else array


def _taken(answer: Any, take: int | None) -> Any:
    if take is None:
        return answer
    if not isinstance(answer, tuple | list):
        raise CallFailed("type", f"returned {type(answer).__name__} where entry {take} of a tuple is to be taken")
    try:
        return answer[take]
    except IndexError:
        raise CallFailed("type", f"returned {len(answer)} values, which have no entry {take}") from None


def _number_by_number(
    function: Callable[..., Any], arguments: Sequence[Any], named: Mapping[str, Any], take: int | None
) -> Any:
    """The answers to each of the numbers that some arrays hold, in the arrays' shape."""
    arrays = np.broadcast_arrays(*map(np.asarray, arguments))
    answers = [
        _taken(function(*numbers, **named), take)
        for numbers in zip(*(each.ravel().tolist() for each in arrays), strict=True)
    ]
    if any(np.ndim(answer) for answer in answers):
        raise CallFailed("type", "returned an array for a number")
    return np.array(answers, dtype=None if answers else float).reshape(arrays[0].shape)


class _Steps:
    """An optimiser that keeps its state, as a function of the parameters and of the gradient of each step."""

    def __init__(
        self, look_up: Callable[[], Callable[..., Any]], calling: Calling, function: Callable[..., Any]
    ) -> None:
        self._look_up, self._calling = look_up, calling
        self._packing: int | None = None
        functools.update_wrapper(self, function)

    def __call__(self, w: Any, *gradients: Any, **named: Any) -> Any:
        if self._packing is not None:
            return self._stepped(_PACKINGS[self._packing], w, gradients, named)
        answers: list[Any] = []
        first: BaseException | None = None
        for number, packing in enumerate(_PACKINGS):
            try:
                answer = self._stepped(packing, w, gradients, named)
            except Exception as error:  # noqa: BLE001  # whatever it raises of what it does not take
                first = first or error
            else:
                # What goes through an array number by number changes none of it: lists are meant.
                if not np.array_equal(np.asarray(answer), np.asarray(w)):
                    self._packing = number
                    return answer
                answers.append(answer)
        if answers:
            return answers[0]
        assert first is not None
        raise first

    def _stepped(
        self, packing: Callable[[Any], Any], w: Any, gradients: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        step = self._look_up()
        step = step.keeping() if isinstance(step, Holding) else step
        for gradient in gradients:
            given = [packing(_copy(w)), packing(_copy(gradient))]
            arguments = [given[place] for place in self._calling.order] or given
            answer = _taken(step(*arguments, **named), self._calling.take)
            w = _unpacked(given[0] if answer is None else answer)
        return w


#: How an optimiser may be handed an array.
_PACKINGS: tuple[Callable[[Any], Any], ...] = (lambda array: array, lambda array: {"w": array}, lambda array: [array])


def _copy(array: Any) -> Any:
    return array.clone() if hasattr(array, "clone") else array.copy()


def _unpacked(answer: Any) -> Any:
    if isinstance(answer, Mapping) and len(answer) == 1:
        return next(iter(answer.values()))
    return answer[0] if isinstance(answer, tuple | list) and len(answer) == 1 else answer
