"""`refmath.exact` for networks, steps and functions: mappings in and out, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import by_mpmath
import numpy as np
import pytest
import surveyed
from by_fractions import DTYPES, rounded
from flint import ctx
from mpmath import mp

from refmath import FORMULAS, exact
from refmath.calculus.functions import CUBES, SQUARES, function
from refmath.spec import Formula, Input, argument_names, packed, unpacked

pytestmark = pytest.mark.long

OTHERS = [each for each in FORMULAS if each not in surveyed.SAMPLES]
#: Those that take mappings: of certain keys, and of any names.
KEYED = [each for each in OTHERS if any(one.mapping for one in each.inputs)]
NAMED = [each for each in OTHERS if any(one.arrays for one in each.inputs)]
KEYS = ("W1", "b1", "W2", "b2")

every_formula = pytest.mark.parametrize("formula", OTHERS, ids=lambda formula: formula.name)
every_mapped = pytest.mark.parametrize("formula", KEYED + NAMED, ids=lambda formula: formula.name)
every_keyed = pytest.mark.parametrize("formula", KEYED, ids=lambda formula: formula.name)
every_named = pytest.mark.parametrize("formula", NAMED, ids=lambda formula: formula.name)


def flat(answer: Any) -> list[float]:
    """The entries of an answer in a row, those of a mapping one after the other."""
    values = answer.values() if isinstance(answer, dict) else [answer]
    return [float(entry) for value in values for entry in np.ravel(value)]


def drawn(formula: Formula, seed: int = 0) -> tuple[Any, ...]:
    (arguments,) = surveyed.everyday(formula, 1, seed)
    return arguments


# ---- values


@every_formula
def test_the_value_is_that_of_mpmath(formula: Formula) -> None:
    """At points of all sorts the bounds enclose mpmath's value, no further apart than neighbours, rounded rightly to four formats."""
    for arguments in surveyed.all_sorts(formula, 6):
        actual = exact(formula.name, *arguments)
        with mp.workdps(500):
            fractions = [as_fraction(value) for value in by_mpmath.value(formula.name, *arguments, digits=500).flat]
        for low, value, high in zip(flat(actual.lower), fractions, flat(actual.upper), strict=True):
            assert Fraction(low) <= value <= Fraction(high), arguments
            assert high <= np.nextafter(np.nextafter(low, np.inf), np.inf)
        for name in DTYPES:
            nearest = actual.nearest(name)
            assert [float(rounded(value, name)) for value in fractions] == flat(nearest), arguments


def as_fraction(value: Any) -> Fraction:
    """A number of mpmath as a fraction; one far below every format as a power of two that is."""
    significand, exponent = map(int, value.man_exp)
    if significand and significand.bit_length() + exponent < -5000:
        return Fraction(1 if value > 0 else -1, 2**5000)
    return (-1 if value < 0 else 1) * significand * Fraction(2) ** exponent


def test_a_step_is_found_to_the_last_bit() -> None:
    """W − ηG is rational: each entry is the rounding of its fraction, with the very float that η is."""
    params, grads, lr = drawn(next(each for each in OTHERS if each.name == "sgd_step"))
    nearest = exact("sgd_step", params, grads, lr).nearest()
    assert list(nearest) == list(params)
    for key in params:
        for got, w, g in zip(nearest[key].flat, params[key].flat, grads[key].flat, strict=True):
            assert got == float(rounded(Fraction(w) - Fraction(lr) * Fraction(g), "float64"))


def test_a_descent_is_followed_exactly() -> None:
    """On Σ x² with η = ¼ every step halves x, and none leaves it where it is; the gradient of Σ x³ is 3x²."""
    squares = function(SQUARES, 1.0, 1.0)
    assert exact("gradient_descent", squares, [3.0, -8.0], 0.25, 3).nearest().tolist() == [0.375, -1.0]
    assert exact("gradient_descent", squares, [3.0, -8.0], 0.25, 0).nearest().tolist() == [3.0, -8.0]
    assert exact("numerical_gradient", function(CUBES, 1.0, 1.0), [[1.0, 3.0]]).nearest().tolist() == [[3.0, 27.0]]


# ---- the form of the answer


@every_mapped
def test_a_mapping_comes_back_as_one(formula: Formula) -> None:
    """Where the program returns a mapping of arrays, bounds and rounding are such mappings, of its shapes, in the format asked for."""
    arguments = drawn(formula)
    program, certified = formula.program(*arguments), exact(formula.name, *arguments)
    assert f"Enclosure(lower={certified.lower!r}, upper={certified.upper!r})" == repr(certified)
    forms = {name: certified.nearest(name) for name in DTYPES}
    for dtype, answer in [("float64", certified.lower), ("float64", certified.upper), *forms.items()]:
        assert isinstance(answer, dict) == isinstance(program, dict)
        if isinstance(program, dict):
            assert {key: value.shape for key, value in answer.items()} == {
                key: value.shape for key, value in program.items()
            }
            assert list(answer) == list(program)
            assert {value.dtype for value in answer.values()} == {DTYPES[dtype]}
        else:
            assert np.shape(answer) == np.shape(program)


@every_formula
def test_lists_and_arrays_are_the_same_numbers(formula: Formula) -> None:
    """Nested lists are taken as arrays are, in a mapping too, and so are NumPy's numbers for Python's."""
    arguments = drawn(formula, 1)
    expected = flat(exact(formula.name, *arguments).nearest())
    lists = [surveyed.in_each_array(lambda value: value.tolist(), each) for each in arguments]
    numbers = [np.asarray(each)[()] if isinstance(each, int | float) else each for each in arguments]
    assert flat(exact(formula.name, *lists).nearest()) == expected
    assert flat(exact(formula.name, *numbers).nearest()) == expected


@every_mapped
def test_the_order_of_the_keys_does_not_matter(formula: Formula) -> None:
    """A mapping whose keys come in another order is the same mapping."""
    arguments = drawn(formula, 2)
    turned = [dict(reversed(each.items())) if isinstance(each, dict) else each for each in arguments]
    expected, got = (exact(formula.name, *each).nearest() for each in (arguments, turned))
    assert type(got) is type(expected)
    if isinstance(got, dict):
        expected, got = (dict(sorted(each.items())) for each in (expected, got))
    assert flat(got) == flat(expected)


@every_formula
def test_the_arguments_are_only_read(formula: Formula) -> None:
    """Arrays may be read-only, and they and the mappings around them are as they were afterwards."""
    (arguments,) = surveyed.all_sorts(formula, 1)
    arrays = surveyed.arrays_in(arguments)
    before = [value.tobytes() for value in arrays]
    for value in arrays:
        value.flags.writeable = False
    exact(formula.name, *arguments).nearest("float16")
    assert before == [value.tobytes() for value in arrays]
    assert all(a is b for a, b in zip(arrays, surveyed.arrays_in(arguments), strict=True))


@every_formula
@pytest.mark.parametrize("precision", [2, 1000])
def test_the_precision_of_the_ball_library_is_the_callers(formula: Formula, precision: int) -> None:
    """Whatever precision flint is set to, the value is the same, and the setting is found as it was left."""
    arguments = drawn(formula, 5)
    expected = flat(exact(formula.name, *arguments).nearest())
    with ctx.workprec(precision):
        assert flat(exact(formula.name, *arguments).nearest()) == expected
        assert ctx.prec == precision


# ---- refusals


@every_formula
@pytest.mark.parametrize("change", [-1, 1])
def test_too_few_or_too_many_inputs_are_refused(formula: Formula, change: int) -> None:
    """Another number of inputs is refused with the names of the program's arguments."""
    arguments = drawn(formula)
    given = arguments[:change] if change < 0 else (*arguments, arguments[-1])
    names = ", ".join(argument_names(formula))
    with pytest.raises(TypeError) as refused:
        exact(formula.name, *given)
    assert str(refused.value) == f"{formula.name} takes {len(arguments)} inputs ({names}); got {len(given)}"


@every_keyed
@pytest.mark.parametrize("fault", ["missing", "unknown", "empty", "list", "None", "array"])
def test_a_mapping_that_is_none_is_refused(formula: Formula, fault: str) -> None:
    """Missing and unknown keys are refused with those that came, and what is no mapping with its type."""
    params, *others = drawn(formula)
    wrong, error, came = {
        "missing": ({key: params[key] for key in KEYS[:3]}, ValueError, "W1, b1, W2"),
        "unknown": ({**params, "W3": params["W1"]}, ValueError, "W1, b1, W2, b2, W3"),
        "empty": ({}, ValueError, "none"),
        "list": ([params["W1"]], TypeError, "list"),
        "None": (None, TypeError, "NoneType"),
        "array": (params["W1"], TypeError, "ndarray"),
    }[fault]
    with pytest.raises(error, match=f"^params must .* the keys W1, b1, W2, b2; got {came}$"):
        exact(formula.name, wrong, *others)


@every_named
@pytest.mark.parametrize("wrong", [[np.ones(2)], None, np.ones(2)], ids=["list", "None", "array"])
def test_what_is_no_mapping_of_arrays_is_refused(formula: Formula, wrong: Any) -> None:
    """What is no mapping is refused in the place of each mapping of arrays."""
    arguments = drawn(formula)
    for place, given in enumerate(arguments):
        if isinstance(given, dict):
            with pytest.raises(
                TypeError, match=f"^{argument_names(formula)[place]} must be a mapping from names to arrays"
            ):
                exact(formula.name, *arguments[:place], wrong, *arguments[place + 1 :])


@every_named
def test_mappings_of_arrays_have_the_same_names_and_shapes(formula: Formula) -> None:
    """A name that only one of two mappings has is refused with the names of both, and another shape with both shapes."""
    first, second, *others = drawn(formula)
    for wrong in ({**second, "other": np.ones(2)}, dict(list(second.items())[1:])):
        with pytest.raises((ValueError, TypeError), match=r"must have the same names; got |must be a mapping"):
            exact(formula.name, first, wrong, *others)
    for name, value in second.items():
        message = re.escape(f"[{name!r}]: {value.shape}; got {(*value.shape, 1)}")
        with pytest.raises(ValueError, match=f"{message}$"):
            exact(formula.name, first, {**second, name: value[..., None]}, *others)


def leaves(
    formula: Formula, arguments: tuple[Any, ...]
) -> Iterator[tuple[Input, str, Any, Callable[[Any], list[Any]]]]:
    """Every array and number: the input that it belongs to, its name in messages, its value, and the arguments with another in its place."""
    inputs = unpacked(formula, arguments)
    for each in formula.inputs:
        if not each.arrays:
            yield each, each.name, inputs[each.name], partial(replaced, formula, inputs, each)
        else:
            for key, value in inputs[each.name].items():
                yield each, f"{each.name}[{key!r}]", value, partial(replaced, formula, inputs, each, key=key)


def replaced(formula: Formula, inputs: dict[str, Any], each: Input, other: Any, key: str = "") -> list[Any]:
    return packed(formula, {**inputs, each.name: {**inputs[each.name], key: other} if each.arrays else other})


@every_formula
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_in_every_place(formula: Formula, wrong: float) -> None:
    """nan and the infinities are refused in each array and number, which is named, also inside a mapping."""
    for each, name, value, with_another in leaves(formula, drawn(formula)):
        if not each.is_function and np.asarray(value).dtype.kind == "f":
            spoilt = np.array(value)
            spoilt.flat[-1] = wrong
            with pytest.raises(ValueError, match=f"^{re.escape(name)} must be finite"):
                exact(formula.name, *with_another(spoilt))


@every_formula
@pytest.mark.parametrize("wrong", [np.array([1j]), np.array(["a"]), np.array([None]), np.array([True])], ids=repr)
def test_what_is_no_real_number_is_refused_in_every_place(formula: Formula, wrong: Any) -> None:
    """Complex numbers, strings, objects, and booleans but for targets are refused with the name of their place and the dtype."""
    for each, name, _, with_another in leaves(formula, drawn(formula)):
        if not each.is_function and not surveyed.takes(formula, each.name, wrong.dtype.name):
            with pytest.raises(TypeError, match=f"^{re.escape(name)} must be an array of .*; got dtype "):
                exact(formula.name, *with_another(wrong))


@every_keyed
def test_shapes_that_do_not_fit_are_refused_in_every_place(formula: Formula) -> None:
    """An array with one entry too many along its last axis, or with one axis more, is refused with the axes it should have."""
    sizes = {"N": 3, "D": 2, "H": 4, "K": 5}
    shapes = {each.name: tuple(sizes[axis] for axis in each.axes) for each in formula.inputs}
    inputs = {name: np.ones(shape) for name, shape in shapes.items()}
    if "t" in inputs:
        inputs["t"] /= sizes["K"]
    exact(formula.name, *packed(formula, inputs))
    for name, shape in shapes.items():
        for wrong in ((*shape[:-1], shape[-1] + 1), (*shape, 1)):
            with pytest.raises(ValueError, match=r"must have the axes \("):
                exact(formula.name, *packed(formula, {**inputs, name: np.ones(wrong)}))


@pytest.mark.parametrize("name", ["numerical_gradient", "gradient_descent"])
@pytest.mark.parametrize(
    "f", [lambda x: x, np.sum, None, "np.sum", 3.0], ids=["lambda", "NumPy", "None", "name", "number"]
)
def test_a_function_without_known_derivatives_is_refused(name: str, f: Any) -> None:
    """A value can be certified for a function whose derivatives are known, and the message says where those are."""
    others = [np.ones(2), 0.1, 3][: 1 if name == "numerical_gradient" else 3]
    with pytest.raises(
        TypeError, match=r"^f must be a function whose derivatives are known, of refmath\.calculus\.functions; got "
    ):
        exact(name, f, *others)


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], 1.0])
def test_a_function_of_other_entries_is_refused(x: Any) -> None:
    """A function of two entries has no gradient at a point of one or three."""
    with pytest.raises(ValueError, match=r"^f must have one coefficient for each of the \d entries; got lambda x: "):
        exact("numerical_gradient", function(SQUARES, 1.0, 2.0), x)


@pytest.mark.parametrize("name", ["two_layer_net_loss", "two_layer_net_gradient"])
def test_labels_out_of_range_are_refused(name: str) -> None:
    """Labels are those of the network's classes."""
    params, x, _ = surveyed.of_sizes(
        next(each for each in OTHERS if each.name == name), {"N": 2, "D": 1, "H": 1, "K": 3}
    )
    exact(name, params, x, [0, 2])
    for wrong in ([0, 3], [-1, 0]):
        with pytest.raises(ValueError, match=r"labels in t must lie in 0 \.\. 2; got "):
            exact(name, params, x, wrong)


@pytest.mark.parametrize(
    ("lr", "step_num", "error", "message"),
    [
        (0.0, 3, ValueError, "lr must be positive; got 0.0"),
        (-0.5, 3, ValueError, "lr must be positive; got -0.5"),
        ([0.5], 3, ValueError, "lr must be one number; got shape (1,)"),
        (0.5, -1, ValueError, "step_num must not be negative; got -1"),
        (0.5, 2.5, TypeError, "step_num must be a whole number; got 2.5"),
        (0.5, 2.0, TypeError, "step_num must be a whole number; got 2.0"),
        (0.5, [1, 2], ValueError, "step_num must be one number; got shape (2,)"),
    ],
)
def test_rates_and_counts_without_meaning_are_refused(
    lr: Any, step_num: Any, error: type[Exception], message: str
) -> None:
    """A learning rate is positive, a number of steps whole and not negative; each is one number."""
    with pytest.raises(error) as refused:
        exact("gradient_descent", function(SQUARES, 1.0), [1.0], lr, step_num)
    assert str(refused.value) == message


@pytest.mark.parametrize("lr", [0.0, -0.1, [0.1]])
def test_a_step_takes_a_positive_rate(lr: Any) -> None:
    """The rate of a step is one positive number as well."""
    params = {"W1": [[1.0]], "b1": [1.0], "W2": [[1.0]], "b2": [1.0]}
    with pytest.raises(ValueError, match=r"^lr must be (positive|one number); got "):
        exact("sgd_step", params, params, lr)
