"""What is asked of a judgement: the formula as it is set, and every option, read and found to make sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from refmath import arguments, catalogue
from refmath.balls.formats import FORMATS, Format, format_named
from refmath.oracle.candidates.arrays import Library, require
from refmath.oracle.candidates.backward import DIFFERENTIATING
from refmath.oracle.candidates.budget import CALLS
from refmath.oracle.candidates.calling import Calling, Samples, calling_of, one_of
from refmath.oracle.candidates.candidate import seconds
from refmath.oracle.candidates.trajectory import trajectory
from refmath.oracle.searching.declining import require_kinds
from refmath.oracle.searching.shape import fitted
from refmath.oracle.searching.survey import Survey
from refmath.spec import Formula, Setting, packed, setting


@dataclass(frozen=True)
class Request:
    """What is asked of a judgement; each option is that of `check`.

    Attributes:
        page: The formula.
        chosen: The same as it is set; of an optimiser that keeps its state, some steps in a row.
        parameters: The values of the formula's parameters that are set.
        options: The values of its options that are set.
        fixed: Those of them that are not the defaults, as whole numbers and floats of Python's own.
        convention: The convention.
        format_: The number format.
        array: Whose arrays the candidate takes.
        strict: Whether the inputs are not widened.
        complete: Whether it may decline nothing.
        examples: About how many inputs are drawn in each class.
        seed: Decides every number.
        timeout: The seconds of a call.
        budget: The seconds of the judgement.
        backward: Whether the gradient of the candidate is judged.
        sizes: Sizes to be tried besides the usual ones, by axis.
        order: The arguments in the order in which it takes them; empty where their names decide.
        take: Which entry of a tuple is the answer.
        layout: Where the samples of a batch are.
        steps: How many steps in a row are judged.
        may: What it may decline.
    """

    page: Formula
    chosen: Setting
    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    fixed: Mapping[str, Any]
    convention: str | None
    format_: Format
    array: Library
    strict: bool
    complete: bool
    examples: int
    seed: int
    timeout: float
    budget: float
    backward: bool
    sizes: Mapping[str, tuple[int, ...]]
    order: tuple[str, ...]
    take: int | None
    layout: Samples
    steps: int
    may: frozenset[str]

    def calling(self, order: tuple[str, ...]) -> Calling:
        """How a candidate is called that takes its arguments in some order."""
        return calling_of(self.chosen.formula, order, self.take, self.layout, self.steps)


def read(
    against: str | Formula,
    *,
    convention: str | None,
    parameters: Mapping[str, Any] | None,
    dtype: str,
    array: Library,
    strict: bool,
    complete: bool,
    examples: int,
    seed: int,
    timeout: float,
    budget: float | None,
    backward: bool,
    shape: Mapping[str, Any] | None,
    order: Sequence[str],
    take: int | None,
    layout: Samples,
    steps: int,
    declines: Iterable[str],
) -> Request:
    """The request that the options of `check` make.

    Raises:
        ValueError: As of `check`.
        ImportError: As of `check`.
        TypeError: As of `check`.
    """
    page = catalogue.gradient(against) if backward is True else catalogue.formula(against)
    set_to = arguments.by_name("parameters", {} if parameters is None else parameters)
    chosen = setting(page, convention, **set_to)
    if set_to:
        _require_known(chosen)
    if chosen.arrays:
        raise ValueError(
            f"{', '.join(chosen.arrays)} cannot be set: a function that takes it by name is tried with several arrays"
        )
    unset = page.options.defaults if page.options else {}
    fixed = page.options.read({name: value for name, value in set_to.items() if name in unset}) if page.options else {}
    steps = arguments.whole("steps", steps, at_least=0)
    if steps:
        chosen = replace(setting(trajectory(chosen, steps)), convention=chosen.convention)
    if layout not in get_args(Samples):
        raise ValueError(f"layout must be {one_of(get_args(Samples))}; got {layout!r}")
    request = Request(
        page=page,
        chosen=chosen,
        parameters={name: value for name, value in set_to.items() if name not in unset},
        options={name: fixed.get(name, unset[name]) for name in set_to if name in unset},
        fixed=fixed,
        convention=convention,
        format_=format_named(dtype),
        array=array,
        strict=arguments.switch("strict", strict),
        complete=arguments.switch("complete", complete),
        examples=arguments.whole("examples", examples, at_least=1),
        seed=arguments.whole("seed", seed, at_least=0),
        timeout=seconds(timeout),
        budget=CALLS * timeout if budget is None else seconds(budget, "budget"),
        backward=arguments.switch("backward", backward),
        sizes=fitted(chosen.formula, {} if shape is None else shape),
        order=_order(order),
        take=None if take is None else arguments.integer("take", take),
        layout=layout,
        steps=steps,
        may=may_decline(declines, page),
    )
    request.calling(request.order)  # refuses what this formula cannot be called with
    require(array, request.format_)
    if backward and array not in DIFFERENTIATING:
        raise ValueError(f"backward=True needs a library that differentiates: array='torch' or 'jax'; got {array!r}")
    return request


def may_decline(declines: Iterable[str], against: str | Formula) -> frozenset[str]:
    """What a test-suite says that a candidate may decline.

    Raises:
        TypeError: If it is one string.
        ValueError: If it names what is no kind of input.
    """
    if isinstance(declines, str):
        raise TypeError(f"declines must be a list of names, such as [{declines!r}]; got the string {declines!r}")
    said = frozenset(declines)
    require_kinds(said, catalogue.formula(against))
    return said


def _require_known(chosen: Setting) -> None:
    """Refuses values of parameters that the formula's own program refuses.

    Raises:
        ValueError: With what it says.
    """
    probe = next(iter(Survey(chosen.formula, FORMATS["float64"], 0, 1)))
    try:
        # Whether it refuses is asked, not what it warns of.
        with np.errstate(all="ignore"):
            chosen.program(*packed(chosen.formula, probe.inputs))
    except ValueError as error:
        raise ValueError(f"parameters: {error}") from None


def _order(order: Any) -> tuple[str, ...]:
    """The order of arguments, as names."""
    is_row = isinstance(order, Iterable) and not isinstance(order, str)
    if not is_row or not all(isinstance(name, str) for name in order):
        raise TypeError(f"order must be names of arguments, such as ['t', 'y']; got {order!r}")
    return tuple(order)
