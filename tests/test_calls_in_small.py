"""What is done to a call on its way, piece by piece and in this process; whole calls are in test_candidate.py and test_child.py."""

from __future__ import annotations

import pickle
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from refmath.oracle.arrays import handed_over
from refmath.oracle.backward import backward
from refmath.oracle.calling import Calling, _Steps, _taken, _transposed
from refmath.oracle.candidate import CallFailed, _listed, as_numpy
from refmath.oracle.child import Child, HostedFunction


@pytest.fixture
def jax(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of that name: its arrays are NumPy's, and its gradient is that of a sum of squares."""
    made, numpy = ModuleType("jax"), ModuleType("jax.numpy")
    made.numpy, made.grad = numpy, lambda f: lambda point: (f(point), 2 * point)  # type: ignore[attr-defined]
    numpy.asarray, numpy.sum = lambda value: ("of jax", value), np.sum  # type: ignore[attr-defined]
    numpy.issubdtype, numpy.floating = np.issubdtype, np.floating  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jax", made)
    monkeypatch.setitem(sys.modules, "jax.numpy", numpy)
    return made


def test_jax_gets_the_same_numbers(jax: Any) -> None:
    """As one of its own arrays."""
    array = np.array([1.0, 2.0])
    assert handed_over(array, "jax") == ("of jax", array)
    assert handed_over(array, "numpy") is array


def test_jax_differentiates_by_the_first_argument(jax: Any) -> None:
    """The sum of what the loss returns, which gets the other arguments and the parameters as they are; whole numbers are refused."""
    gradient = backward(lambda x, t, *, scale: scale * (x - t) ** 2, "jax")
    value, slope = gradient(np.array([1.0, 3.0]), np.array([0.0, 1.0]), scale=2.0)
    assert (value, slope.tolist()) == (10.0, [2.0, 6.0])
    with pytest.raises(TypeError, match=r"^JAX differentiates by floating-point arrays only; got int64$"):
        gradient(np.array([1]), np.array([1]), scale=1.0)


def test_a_step_in_place_goes_on_with_what_it_has_written() -> None:
    """One that returns nothing has renewed its argument; the array that was handed in is not touched."""

    def step(w: Any, g: Any) -> None:
        w -= 0.5 * g

    steps = _Steps(lambda: step, Calling((0, 1)), step)
    w = np.array([1.0, 2.0])
    assert steps(w, np.array([2.0, 2.0]), np.array([0.0, 2.0])).tolist() == [0.0, 0.0]
    assert w.tolist() == [1.0, 2.0]


def test_only_a_batch_is_turned() -> None:
    """A single sample, and what is no array, stays as it is."""
    batch, sample = np.arange(6).reshape(2, 3), np.arange(3)
    assert np.array_equal(_transposed(batch), batch.T)
    assert _transposed(sample) is sample
    assert _transposed(2.5) == 2.5


def test_an_entry_that_is_not_there() -> None:
    """What was returned instead is told."""
    assert _taken((1, 2), 1) == 2
    assert _taken(1.5, None) == 1.5
    with pytest.raises(CallFailed) as told:
        _taken(1.5, 1)
    assert (told.value.trouble, str(told.value)) == ("type", "returned float where entry 1 of a tuple is to be taken")
    with pytest.raises(CallFailed) as few:
        _taken((1, 2), 2)
    assert str(few.value) == "returned 2 values, which have no entry 2"


def test_masked_entries_and_names_in_a_row() -> None:
    """A masked array is one, if nothing is masked."""
    assert as_numpy(np.ma.masked_array([1.0, 2.0], [False, False])).tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match=r"^returned a masked array, some of whose entries are masked$"):
        as_numpy(np.ma.masked_array([1.0, 2.0], [False, True]))
    assert [_listed(names) for names in (["w"], ["w", "m"], ["w", "m", "v"])] == ["w", "w and m", "w, m and v"]


def test_a_hosted_function_has_a_process_of_its_own_elsewhere() -> None:
    """Of the same file, under the same limits; it starts when it is first asked."""
    child = Child("numpy", 3.5, True)
    child.place = "theirs.py"
    sent = pickle.loads(pickle.dumps(HostedFunction(child, "softmax")))
    assert sent.child is not child
    assert (sent.child.place, sent.name) == ("theirs.py", "softmax")
    assert (sent.child.array, sent.child.timeout, sent.child.definitions_only) == ("numpy", 3.5, True)
