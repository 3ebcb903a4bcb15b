"""Arrays in mappings and sequences as one row of numbers and back; what is refused, by name."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmath.gradients.containers import Container, is_module, is_sequence, real, require


class Pair(NamedTuple):
    """Two arrays by name."""

    weights: Any
    bias: Any


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list | tuple) else [value]


arrays = st.lists(st.floats(-9, 9), min_size=1, max_size=4).map(np.array)
wholes = st.recursive(
    arrays,
    lambda inner: (
        st.dictionaries(st.text("ab", min_size=1, max_size=3), inner, min_size=1, max_size=3)
        | st.lists(inner, min_size=1, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=6,
)


@given(wholes)
def test_a_whole_is_put_together_again(value: Any) -> None:
    """Whatever it is made of, each array in its place, with its numbers; and each is a fresh one."""
    container = Container("x", value)
    again = container.at(container.row)
    assert type(again) is type(value)
    for one, other in zip(leaves(value), leaves(again), strict=True):
        assert np.array_equal(one, other)
        assert not np.shares_memory(one, other)
    assert container.row.tolist() == [entry for each in leaves(value) for entry in each.tolist()]
    assert np.array_equal(container.read("gradient", value)[0], container.row)


def test_each_entry_has_a_place() -> None:
    """The array by its path, and the index in it."""
    value = {"W": np.arange(6.0).reshape(2, 3), "b": [np.array([6.0]), np.array(7.0)]}
    container = Container("x", value)
    found = [(part.name, index) for part, index in map(container.place, range(8))]
    assert found[4] == ("['W']", (1, 1))
    assert found[6:] == [("['b'][0]", (0,)), ("['b'][1]", ())]


@pytest.mark.parametrize(
    ("value", "sequence"),
    [
        ([0.5, 2.0], False),
        ([[1.0, 2.0], [3.0, 4.0]], False),
        ([np.float64(1), np.float64(2)], False),
        ([np.ones(2), np.ones(2)], True),
        ((np.ones((2, 3)), 1.0), True),
        ([{"a": np.ones(2)}], True),
        ([[np.ones(2)], [np.ones(3)]], True),
        (np.ones(3), False),
    ],
)
def test_lists_of_numbers_are_one_array(value: Any, sequence: bool) -> None:
    """Lists of arrays are several."""
    assert is_sequence(value) is sequence
    assert len(Container("x", value).parts) == (len(leaves(value)) if sequence else 1)


def test_kinds_of_containers_are_kept() -> None:
    """A mapping comes as a dict, a sequence as what it was."""
    for value in (Pair(np.ones(2), np.zeros(1)), (np.ones(2),), [np.ones(2)]):
        container = Container("x", value)
        assert type(container.at(container.row)) is type(value)
    ordered = Container("x", OrderedDict(b=np.ones(2), a=np.zeros(1)))
    assert list(ordered.at(ordered.row)) == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({}, ValueError, r"^x must hold at least one array$"),
        ({"W": "steep"}, TypeError, r"^x\['W'\] must be an array of real numbers"),
        ({"W": None}, TypeError, r"^x\['W'\] must be an array of real numbers; got NoneType$"),
        ({"W": np.ones(0)}, ValueError, r"^x\['W'\] must not be empty"),
        (
            {"W": [np.array([1.0, math.nan])]},
            ValueError,
            r"^x\['W'\]\[0\] must be finite; got x\['W'\]\[0\]\[1\] = nan",
        ),
        (
            np.array([1j]),
            TypeError,
            r"^x must be an array of real numbers; got dtype complex128: a gradient by complex numbers is one by their real and imaginary parts, which can be given as two arrays$",
        ),
        ([1j, 2.0], TypeError, r"^x must be an array of real numbers; got dtype complex128"),
        (math.sin, TypeError, r"^x must be an array of real numbers; got builtin_function_or_method$"),
    ],
)
def test_what_holds_no_real_numbers_is_refused(value: Any, error: type[Exception], message: str) -> None:
    """With the path to it."""
    with pytest.raises(error, match=message):
        Container("x", value)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({"W": np.ones(2)}, TypeError, r"^gradient must hold an array at 'b', as x does; got the keys 'W'$"),
        ([np.ones(2)], TypeError, r"^gradient must hold an array at 'W', as x does; got list$"),
        (
            {"W": np.ones(3), "b": np.ones(1)},
            ValueError,
            r"^x\['W'\] and gradient\['W'\] must have the same shape; got \(2,\) and \(3,\)",
        ),
        (
            {"W": np.ones(2), "b": np.ones(1), "c": 0},
            TypeError,
            r"^gradient holds 'c', and x does not: it has 'W', 'b'$",
        ),
        ({"W": np.ones(2), "b": None}, TypeError, r"^gradient\['b'\] must be an array of real numbers; got NoneType"),
    ],
)
def test_a_gradient_must_have_the_same_arrays(value: Any, error: type[Exception], message: str) -> None:
    """By the same keys, of the same shapes."""
    with pytest.raises(error, match=message):
        Container("x", {"W": np.ones(2), "b": np.ones(1)}).read("gradient", value)


def test_each_entry_of_a_gradient_has_the_spacing_of_its_dtype() -> None:
    """That of the array it is in; integers are as fine as float64."""
    container = Container("x", {"a": np.ones(2), "b": np.ones(1), "c": np.ones(1)})
    _, spacing = container.read("g", {"a": np.ones(2, np.float32), "b": np.ones(1, np.float16), "c": [1]})
    assert spacing.tolist() == [2.0**-23, 2.0**-23, 2.0**-10, 2.0**-52]


def test_points_are_in_float64() -> None:
    """Or wider, if they are."""
    container = Container("x", {"a": np.ones(2, np.float32), "b": np.ones(1, np.int8)})
    assert {each.dtype for each in container.at(container.row).values()} == {np.dtype(np.float64)}
    wide = Container("x", np.ones(1, np.longdouble))
    assert wide.at(wide.row).dtype == np.longdouble


def test_a_library_is_known_and_there() -> None:
    """Or it is said what is missing."""
    assert require("numpy") == "numpy"
    with pytest.raises(ValueError, match=r"^array must be one of numpy, torch, jax; got 'cupy'$"):
        require("cupy")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ImportError, match=r"^arrays of torch need the package torch: pip install torch$"):
        require("torch")


class Module:
    """What looks like a module of PyTorch."""

    def named_parameters(self) -> list[Any]:
        return []

    def forward(self) -> None:
        return None


def test_a_module_needs_its_library() -> None:
    """It is known by its parameters and its forward; NumPy has no use for it."""
    half = type("Half", (), {"named_parameters": None})
    other = type("Other", (), {"forward": None})
    assert is_module(Module())
    assert not is_module(half())
    assert not is_module(other())
    with pytest.raises(TypeError, match=r"^x is a module of PyTorch: say array='torch'$"):
        Container("x", Module())


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ((1.0, np.ones(2)), "float, ndarray"),
        ((np.ones(2), [[1.0]], 3), "ndarray, list, int"),
        ((np.ones(2), np.ones((2, 1))), "ndarray, ndarray"),
    ],
)
def test_several_results_are_no_array(value: Any, kinds: str) -> None:
    """A tuple of arrays of several shapes is what a function with two results returns."""
    with pytest.raises(TypeError) as raised:
        real("gradient", value)
    assert str(raised.value) == (
        f"gradient must be one array of real numbers; got a tuple of {kinds}: say which it is, as lambda x: f(x)[1]"
    )


@pytest.mark.parametrize("value", [(1.0, 2), ([1.0, 2.0], (3.0, 4.0)), [1.0, 2.0], (np.float32(1.5),)])
def test_a_tuple_of_numbers_is_an_array(value: Any) -> None:
    """As a list is, with rows or without."""
    assert np.array_equal(real("gradient", value), np.array(value))


def test_what_is_no_array_is_refused_by_its_kind() -> None:
    """A mapping where an array is meant; in text NumPy sees no number either."""
    with pytest.raises(TypeError, match=r"^gradient must be an array of real numbers; got dict$"):
        real("gradient", {"W": 1.0})
    with pytest.raises(TypeError, match=r"^gradient must be an array of real numbers; got [^:]*$"):
        real("gradient", "steep")


def test_what_f_returns_is_one_thing() -> None:
    """Not a loss with something beside it."""
    container = Container("x", [1.0])
    assert container.returned(2.5) == 2.5
    for found, kind in (((1.0, "state"), "tuple of float, str"), ([1.0, 2], "list of float, int")):
        with pytest.raises(TypeError) as raised:
            container.returned(found)
        assert str(raised.value) == (
            f"f must return a number; got a {kind}: if the first is the loss, give lambda x: f(x)[0]"
        )


def test_other_arrays_have_their_own_name() -> None:
    """What f returns is read as x is."""
    other = Container("x", [1.0]).another("what f returns", [2.0, 3.0])
    assert (other.name, other.row.tolist()) == ("what f returns", [2.0, 3.0])
    assert other.unsteady == ""


def test_the_parts_follow_each_other() -> None:
    """Each with its path, its shape, its dtype and where it begins."""
    container = Container("x", {"W": np.ones((2, 3), np.float32), "b": (np.ones(1), np.array(2, np.int8))})
    assert [(part.path, part.shape, part.dtype.name, part.start, part.size) for part in container.parts] == [
        (("W",), (2, 3), "float64", 0, 6),
        (("b", 0), (1,), "float64", 6, 1),
        (("b", 1), (), "float64", 7, 1),
    ]
    assert [container.part_of(entry).path for entry in (0, 5, 6, 7)] == [("W",), ("W",), ("b", 0), ("b", 1)]


def test_nothing_is_to_be_put_back_for_arrays() -> None:
    """What was changed within stays."""
    container = Container("x", [1.0])
    with container.kept():
        container.row[0] = 2.0
    assert container.at(container.row).tolist() == [2.0]


def test_a_gradient_without_keys_is_said_to_have_none() -> None:
    """And what is missing deeper inside is told by its path."""
    container = Container("x", {"W": [np.ones(2), np.ones(1)]})
    with pytest.raises(TypeError, match=r"^gradient must hold an array at 'W', as x does; got the keys none$"):
        container.read("gradient", {})
    with pytest.raises(TypeError, match=r"^gradient must hold an array at 'W', as x does; got the keys 'a', 'b'$"):
        container.read("gradient", {"a": 1, "b": 2})
    with pytest.raises(TypeError, match=r"^gradient\['W'\] must hold an array at 1, as x does; got list$"):
        container.read("gradient", {"W": [np.ones(2)]})


def test_numbers_are_read_in_float64() -> None:
    """Whatever they are written in; none is as fine as less than float64 or the point make it."""
    container = Container("x", np.ones((1, 2)))
    row, spacing = container.read("gradient", np.array([[3, 4]], np.int8))
    assert (row.dtype.name, row.tolist(), spacing.tolist()) == ("float64", [3.0, 4.0], [2.0**-52] * 2)
    row, spacing = container.read("gradient", np.array([[3, 4]], np.longdouble))
    assert (row.dtype.name, spacing.tolist()) == ("float64", [2.0**-52] * 2)
