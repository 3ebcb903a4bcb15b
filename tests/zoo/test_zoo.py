"""The zoo itself, judged by mpmath alone: the honest ones are right, the faulty ones are wrong, and the labels on the cages are true.

An honest specimen stays within HONEST units times epsilon (see `truth`) everywhere, in float64 and in float32; nothing smaller than a
normal number is asked of it. A faulty one misbehaves somewhere: it raises, answers in the wrong shape, with complex numbers or
not at all, writes into its input, answers differently when asked again, or is off by more than VISIBLE units times epsilon.
"""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import copy
from functools import cache
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from . import honest_numpy
from .specimen import CLASSICAL_FAULTS, Array, Specimen, family
from .specimens import FAULTY_ONES, HONEST_ONES
from .trials import Trial, trials
from .trials_of_learning import TRIALS
from .truth import DIGITS, EPSILON, Truth, truth

pytestmark = pytest.mark.zoo

HONEST, VISIBLE = 8, 80
LARGEST = {dtype: mpf(float(np.finfo(dtype).max)) for dtype in EPSILON}
SMALLEST = {dtype: mpf(float(np.finfo(dtype).smallest_normal)) for dtype in EPSILON}
# JAX compiles anew for every shape and format, so it is asked for one format only; steps along a function are taken in float64.
JUDGED = [
    (one, dtype)
    for one in HONEST_ONES
    for dtype in EPSILON
    if dtype == "float64" or (one.array != "jax" and one.formula not in {"numerical_gradient", "gradient_descent"})
]
#: By one of these errors an input is declined.
DECLINING = (TypeError, ValueError, IndexError, NotImplementedError)
#: Faults that show in inputs of one form only, and how the trials call it.
FORMS = {
    "integer_overflow": "integers? ",
    "one_hot_targets_only": "soft targets",
    "overflow_raised": "out of range",
    "infinity_minus_infinity": "out of range",
    "square_overflows": "out of range",
    "step_underflows": "nearly nothing",
    "few_classes_only": "seventy classes",
    "names_written_out": "other names",
    "flat_argument": "matrices alone",
}
#: The formulas whose answers are mappings, of the names and shapes of the first argument.
MAPPINGS = {"sgd_step", "two_layer_net_gradient"}
CONVENTIONS = {
    "softmax": ("scipy",),
    "mean_squared_error": ("seed", "pytorch"),
    "softmax_cross_entropy": ("seed", "book"),
    "cross_entropy": ("seed", "book", "keras", "sklearn", "pytorch"),
    "two_layer_net": ("seed", "book"),
    "two_layer_net_loss": ("seed", "book"),
}


@cache
def trials_of(formula: str, dtype: str) -> tuple[Trial, ...]:
    """The trials of a formula, real inputs in the given format."""

    def converted(array: Array) -> Array:
        return array.astype(dtype) if array.dtype.kind == "f" else array

    made = TRIALS[formula]() if formula in TRIALS else trials(formula)
    with np.errstate(over="ignore"):
        all_of_them = [
            Trial(trial.kind, trial.why, tuple(each_array(converted, argument) for argument in trial.arguments))
            for trial in made
        ]
    return tuple(trial for trial in all_of_them if all(map(is_finite, trial.arguments)))


def is_finite(argument: Any) -> bool:
    """Whether a format has all numbers of an argument."""
    values = argument.values() if isinstance(argument, dict) else [argument]
    return all(callable(value) or np.isfinite(value).all() for value in values)


def each_array(function: Callable[[Array], Any], argument: Any) -> Any:
    """An argument with a function applied to it if it is an array, or to the arrays of a mapping; anything else is as it was."""
    if isinstance(argument, dict):
        return {key: function(value) for key, value in argument.items()}
    return function(argument) if isinstance(argument, np.ndarray) else copy(argument)


@cache
def truths(formula: str, convention: str | None, dtype: str) -> tuple[Truth, ...]:
    """The truth about every trial."""
    return tuple(truth(formula, convention, trial.arguments, dtype) for trial in trials_of(formula, dtype))


def as_tensors(tensor: Callable[[Any], Any], argument: Any) -> Any:
    """An argument in another library's arrays; a label is one too, a rate is not."""
    return tensor(argument) if isinstance(argument, int | np.integer) else each_array(tensor, argument)


def handed_over(specimen: Specimen, trial: Trial, *, read_only: bool = False) -> tuple[Any, ...]:
    """Fresh copies of a trial's arguments, as arrays of the specimen's library."""
    if specimen.array == "torch":
        import torch

        return tuple(as_tensors(torch.tensor, argument) for argument in trial.arguments)
    if specimen.array == "jax":
        import jax

        with jax.enable_x64(True):
            return tuple(as_tensors(jax.numpy.asarray, argument) for argument in trial.arguments)

    def copied(array: Array) -> Array:
        array = np.array(array, order="K")
        array.flags.writeable = not read_only
        return array

    return tuple(each_array(copied, argument) for argument in trial.arguments)


def call(specimen: Specimen, arguments: tuple[Any, ...]) -> Array:
    """The answer as a NumPy array, with warnings unheard: that an overflow is harmless shows in the value."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), ExitStack() as stack:
        warnings.simplefilter("ignore")
        if specimen.array == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
        answer = specimen.function(*arguments)
        answer = arguments[0] if specimen.in_place and answer is None else answer
        return entries(answer, arguments[0]) if specimen.formula in MAPPINGS else as_numpy(answer)


def entries(answer: Any, like: dict[str, Any]) -> Array:
    """The entries of an answer that is a mapping, in one row."""
    if not isinstance(answer, dict) or answer.keys() != like.keys():
        raise TypeError(f"no mapping like the first argument: {answer!r}")
    arrays = [as_numpy(answer[key]) for key in like]
    if [array.shape for array in arrays] != [tuple(value.shape) for value in like.values()]:
        raise TypeError("arrays of other shapes than those of the first argument")
    return np.concatenate([array.ravel() for array in arrays])


def attempted(specimen: Specimen, arguments: tuple[Any, ...]) -> Array | Exception:
    """The answer, or what was raised instead: it is the specimen's misbehaviour, but for a name that is misspelt here."""
    try:
        return call(specimen, arguments)
    except (AttributeError, NameError):
        raise
    except Exception as error:  # noqa: BLE001
        return error


def as_numpy(answer: Any) -> Array:
    """An array of any library as a NumPy array."""
    return np.asarray(answer.detach() if hasattr(answer, "detach") else answer)


def units_off(answer: Array, true: Truth, dtype: str) -> mpf:
    """By how many units times epsilon the worst entry is off, once the smallest normal number is forgiven."""
    if answer.shape != true.values.shape or answer.dtype.kind not in "fiu":
        return mp.inf
    worst = mpf(0)
    for got, value, unit in zip(answer.ravel(), true.values.ravel(), true.units.ravel(), strict=True):
        exact = mpf(str(got)) if answer.dtype == np.longdouble else mpf(float(got))
        if mp.isnan(exact):
            return mp.inf
        if exact == value or (mp.isinf(exact) and abs(value) > LARGEST[dtype] and exact * value > 0):
            continue
        error = abs(exact - value) - SMALLEST[dtype]
        if error > 0:
            worst = max(worst, error / (unit * EPSILON[dtype]) if unit and not mp.isinf(error) else mp.inf)
    return worst


def cases(specimen: Specimen, convention: str | None, dtype: str) -> Iterator[tuple[Trial, Truth]]:
    """The trials that a specimen can be put to: a tensor of integers is not real, unless that is its fault, and a label's guises are one."""
    for trial, true in zip(
        trials_of(specimen.formula, dtype), truths(specimen.formula, convention, dtype), strict=True
    ):
        if (
            specimen.array == "numpy"
            or specimen.fault == "integer_overflow"
            or not re.search("integers|as int64|as ndarray", trial.why)
        ):
            yield trial, true


def misbehaviour(specimen: Specimen, trial: Trial, true: Truth) -> str | None:
    """What a specimen does wrong on one trial, if anything."""
    given = handed_over(specimen, trial)
    answer, again = attempted(specimen, given), attempted(specimen, handed_over(specimen, trial))
    if isinstance(answer, Exception) or isinstance(again, Exception):
        return f"raised {answer!r}"
    with mp.workdps(DIGITS):
        if any(changed(one, other) for one, other in zip(given, trial.arguments, strict=True)):
            return "wrote into its input"
        off = units_off(answer, true, "float64")
        if off > VISIBLE:
            return f"off by {mp.nstr(off, 3)} units"
        return None if np.array_equal(answer, again) else "answered differently when asked again"


def changed(given: Any, before: Any) -> bool:
    """Whether an argument is not what it was before the call."""
    if isinstance(before, dict):
        return given.keys() != before.keys() or any(changed(given[key], value) for key, value in before.items())
    return not callable(before) and bool(np.any(as_numpy(given) != np.asarray(before)))


def misbehaves(specimen: Specimen, convention: str | None = None) -> bool:
    """Whether a specimen does anything wrong on any trial."""
    return any(misbehaviour(specimen, trial, true) for trial, true in cases(specimen, convention, "float64"))


def kinds_of_input(formula: str, trial: Trial) -> set[str]:
    """Which kinds of input, of those that can be declined, a trial is one of."""
    first, *others = trial.arguments
    if isinstance(first, dict):
        return {"labels"} if others and np.ndim(others[-1]) == 1 else set()
    kinds = {"single samples"} if np.ndim(first) == 1 and not formula.startswith("sigmoid") else set()
    if "one_hot" in formula or (formula.startswith("cross_entropy_error") and np.ndim(others[0]) == np.ndim(first)):
        is_soft = bool(np.any((others[0] != 0) & (others[0] != 1)))
        kinds |= {"soft targets"} if is_soft else set()
        kinds |= {"integer targets"} if others[0].dtype.kind in "iu" else set()
    return kinds


def conventions_of(formula: str) -> tuple[str, ...]:
    """The conventions that people know a formula under, beside the default."""
    if formula == "softmax_gradient":
        return ()
    if formula == "two_layer_net_loss":
        return CONVENTIONS[formula]
    name = formula.removesuffix("_gradient")
    for suffix in ("_one_hot", "_labels", "_error"):
        name = name.removesuffix(suffix) if name != "mean_squared_error" else name
    return CONVENTIONS.get(name, ())


@pytest.mark.parametrize(("specimen", "dtype"), JUDGED, ids=str)
def test_honest_ones_are_right(specimen: Specimen, dtype: str) -> None:
    """Within the bound everywhere, on inputs that cannot be written to; what it declines it refuses every time."""
    with mp.workdps(DIGITS):
        for trial, true in cases(specimen, specimen.convention, dtype):
            arguments = handed_over(specimen, trial, read_only=not specimen.in_place)
            if kinds_of_input(specimen.formula, trial) & set(specimen.declines):
                assert isinstance(attempted(specimen, arguments), DECLINING), f"{trial.kind}, {trial.why}: not declined"
                continue
            answer = call(specimen, arguments)
            off = units_off(answer, true, dtype)
            assert off <= HONEST, (
                f"{trial.kind}, {trial.why}: off by {mp.nstr(off, 3)} units: {answer} for {trial.arguments}"
            )


@pytest.mark.parametrize("specimen", FAULTY_ONES, ids=str)
def test_faulty_ones_are_wrong(specimen: Specimen) -> None:
    """Visibly wrong on at least one trial."""
    assert misbehaves(specimen, specimen.convention)


@pytest.mark.parametrize("specimen", [one for one in FAULTY_ONES if one.fault in FORMS], ids=str)
def test_limited_ones_are_wrong_on_one_form_of_input_only(specimen: Specimen) -> None:
    """What is told by the form of an input is right about all others."""
    is_meant = FORMS[str(specimen.fault)]
    wrong = [
        trial.why
        for trial, true in cases(specimen, specimen.convention, "float64")
        if misbehaviour(specimen, trial, true) and not (specimen.note == "declines labels" and "labels" in trial.why)
    ]
    assert wrong
    assert all(re.search(is_meant, why) for why in wrong), wrong


@pytest.mark.parametrize("specimen", FAULTY_ONES, ids=str)
def test_a_faulty_one_that_is_another_convention_says_so(specimen: Specimen) -> None:
    """The note names every convention that the specimen follows everywhere, and no other."""
    followed = {name for name in conventions_of(specimen.formula) if not misbehaves(specimen, name)}
    assert followed == {name for name in conventions_of(specimen.formula) if f"convention {name}" in specimen.note}


@pytest.mark.parametrize("specimen", HONEST_ONES + FAULTY_ONES, ids=str)
def test_the_label_is_complete(specimen: Specimen) -> None:
    """A faulty one has a fault, classical exactly if its name is; an honest one has none, and alone declines; each has a sentence."""
    assert specimen.honest == (specimen.fault is None)
    assert specimen.classical == (specimen.fault in CLASSICAL_FAULTS[family(specimen.formula)])
    assert specimen.honest or not (specimen.declines or specimen.in_place)
    assert specimen.function.__doc__
    assert len(specimen.function.__doc__.splitlines()) == 1


def test_no_two_specimens_bear_one_name() -> None:
    """A name stands for one specimen."""
    assert not [
        name for name, count in Counter(specimen.name for specimen in HONEST_ONES + FAULTY_ONES).items() if count > 1
    ]


def six_figures(answer: Array) -> tuple[Any, ...]:
    """Shape and entries, so coarse that two honest roundings of one value agree."""
    return answer.shape, *(f"{entry:.6e}" for entry in answer.ravel())


def test_no_two_classical_names_stand_for_one_behaviour() -> None:
    """Two faults that answer alike everywhere could not be told apart by anybody."""
    groups: dict[tuple[Any, ...], set[str]] = {}
    for specimen in FAULTY_ONES:
        if specimen.classical and specimen.fault != "writes_into_its_input" and specimen.array != "jax":
            answers: list[Any] = []
            for trial, _ in cases(specimen, None, "float64"):
                answer = attempted(specimen, handed_over(specimen, trial))
                answers.append(type(answer) if isinstance(answer, Exception) else six_figures(answer))
            groups.setdefault((specimen.formula, *answers), set()).add(str(specimen.fault))
    assert not [names for names in groups.values() if len(names) > 1]


def test_the_zoo_is_large_enough() -> None:
    """The numbers that were asked for, with NumPy alone."""
    assert len(honest_numpy.SPECIMENS) >= 45
    assert len(FAULTY_ONES) >= 100
    learning = [specimen for specimen in (*HONEST_ONES, *FAULTY_ONES) if specimen.formula in TRIALS]
    assert sum(specimen.honest and specimen.array == "numpy" for specimen in learning) >= 60
    assert sum(specimen.classical for specimen in learning) >= 120
    assert {specimen.formula for specimen in HONEST_ONES} == {specimen.formula for specimen in FAULTY_ONES}
