"""One call of a candidate, observed from all sides: what it is handed, what it does to it, what it gives back."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from refmath.calculus.functions import SQUARES, function
from refmath.catalogue import formula
from refmath.oracle.candidates.arrays import LAYOUTS, Layout, Library
from refmath.oracle.candidates.candidate import Candidate, Observation, as_numpy
from refmath.spec import Formula, packed


def ask(function: Callable[..., Any], *values: Any, array: Library = "numpy", timeout: float = 10.0) -> Observation:
    inputs = {name: np.asarray(value) for name, value in zip("abc", values, strict=False)}
    return Candidate(function, array, timeout)(inputs)


# ---- what it is handed


def test_inputs_are_private_copies() -> None:
    """A candidate gets arrays of its own, equal to the inputs and writable: what it does to them does not reach the inputs."""
    inputs = {"a": np.array([1.0, 2.0]), "b": np.array([3, 4])}
    inputs["a"].setflags(write=False)

    def writes(a: Any, b: Any) -> float:
        assert a.tolist() == [1.0, 2.0]
        assert b.dtype == np.int64
        a[:] = 7
        b += 1
        return 0.0

    seen = Candidate(writes)(inputs)
    assert seen.trouble == "wrote"
    assert inputs["a"].tolist() == [1.0, 2.0]
    assert inputs["b"].tolist() == [3, 4]


def test_every_call_gets_new_copies() -> None:
    """An array that a candidate keeps is not handed out again."""
    kept: list[Any] = []

    def keeps(a: Any) -> float:
        kept.append(a)
        return 0.0

    candidate = Candidate(keeps)
    inputs = {"a": np.array([1.0])}
    candidate(inputs)
    kept[0][:] = 5
    candidate(inputs)
    assert kept[1].tolist() == [1.0]


def test_one_array_for_two_inputs_becomes_two() -> None:
    """If two inputs are one array, the candidate gets two."""
    same = np.array([1.0])
    seen: list[bool] = []

    def looks(a: Any, b: Any) -> float:
        seen.append(np.shares_memory(a, b))
        return 0.0

    Candidate(looks)({"a": same, "b": same})
    assert seen == [False]


def test_a_single_label_is_an_integer() -> None:
    """The label of a single sample is handed over as a NumPy integer, with which one can index; a 0-d array of real numbers stays one."""
    types: list[type] = []

    def looks(*arguments: Any) -> float:
        types.extend(map(type, arguments))
        return 0.0

    Candidate(looks, formula=formula("cross_entropy_labels"))({"y": np.ones(4) / 4, "labels": np.array(3, np.uint8)})
    ask(looks, np.array(3), np.array(0.5))
    assert types == [np.ndarray, np.uint8, np.ndarray, np.ndarray]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_lie_in_memory_as_they_are_asked_to(layout: Layout) -> None:
    """The numbers are the same; only how they lie there is not."""
    told: list[Any] = []
    inputs = {"a": np.arange(6.0).reshape(2, 3), "b": np.arange(3)}

    def looks(a: Any, b: Any) -> float:
        told.append(
            (a.flags.c_contiguous, a.flags.f_contiguous, a.strides[-1] < 0, a.flags.writeable, a.dtype.str, b.dtype.str)
        )
        assert a.tolist() == inputs["a"].tolist()
        assert b.tolist() == [0, 1, 2]
        return 0.0

    seen = Candidate(looks)(inputs, layout)
    assert (seen.trouble, seen.text) == (None, "")
    plain = (True, False, False, True, "<f8", "<i8")
    assert told == [
        {
            "plain": plain,
            "by columns": (False, True, *plain[2:]),
            "sliced": (False, *plain[1:]),
            "strided": (False, *plain[1:]),
            "reversed": (False, False, True, *plain[3:]),
            "read-only": (*plain[:3], False, *plain[4:]),
            "big-endian": (*plain[:4], ">f8", ">i8"),
            "strided by rows": (False, *plain[1:]),
            "reversed by rows": (False, *plain[1:]),
            "mixed": plain,
        }[layout]
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_writing_is_noticed_in_any_layout(layout: Layout) -> None:
    """However the argument lies in memory; where it cannot be written into, trying to raises."""

    def writes(a: Any) -> float:
        a[0, 1] = 7
        return 0.0

    seen = Candidate(writes)({"a": np.arange(6.0).reshape(2, 3)}, layout)
    assert seen.trouble == ("raised" if layout == "read-only" else "wrote")


def test_parameters_are_given_by_name() -> None:
    """What is to be set is set in that call."""
    seen = Candidate(lambda a, *, scale=1.0: scale * a)({"a": np.array([1.0, 2.0])}, parameters={"scale": 3.0})
    assert seen.value.tolist() == [3.0, 6.0]


# ---- what it does


@pytest.mark.parametrize(
    "write",
    [
        lambda a: a.__isub__(1),
        lambda a: a.fill(2.0),
        lambda a: np.exp(a, out=a),
        lambda a: a.sort(),
        lambda a: a.resize((3, 1), refcheck=False),
        lambda a: np.negative(a, out=a, where=a == 0),
    ],
    ids=["subtracts", "fills", "out", "sorts", "reshapes", "turns the sign of a zero"],
)
def test_writing_is_noticed(write: Callable[[Any], Any]) -> None:
    """Any change of an argument is noticed: of a value, of the shape, of the sign of a zero; the argument is named."""
    seen = ask(lambda a, b: (write(b), 0.0)[1], np.array([0.5]), np.array([3.0, 1.0, 0.0]))
    assert seen.trouble == "wrote"
    assert seen.text == "wrote into its argument b"
    assert seen.value is None


def test_writing_the_same_again_is_no_writing() -> None:
    """An argument that holds the same as before counts as untouched."""
    assert ask(lambda a: (a.__iadd__(0.0), 1.0)[1], np.array([3.0])).trouble is None


def test_raising_outweighs_writing() -> None:
    """A candidate that writes and then raises is reported to have raised."""

    def candidate(a: Any) -> None:
        a[:] = 0
        raise ValueError("a" * 300)

    seen = ask(candidate, np.array([3.0]))
    assert seen.trouble == "raised"
    assert seen.text.startswith("raised ValueError: aaa")
    assert seen.text.endswith("...")
    assert len(seen.text) < 230


def test_what_it_prints_does_not_reach_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    """A candidate's prints appear neither on standard output nor on standard error, and stdout is put back afterwards."""

    def talks(a: Any) -> float:
        print("noise")
        return 1.0

    before = sys.stdout
    assert ask(talks, 0.0).value == 1.0
    assert sys.stdout is before
    assert capsys.readouterr() == ("", "")


def test_warnings_are_kept_once_and_in_one_line() -> None:
    """Each warning is kept once, with its category and in one line, with a wrong answer as well."""

    def candidate(a: Any) -> Any:
        for _ in range(3):
            warnings.warn("line one\nline two", DeprecationWarning, stacklevel=1)
        warnings.warn("another", stacklevel=1)

    seen = ask(candidate, 0.0)
    assert seen.trouble == "type"
    assert seen.warnings == ("DeprecationWarning: line one line two", "UserWarning: another")


def test_filters_of_warnings_are_put_back() -> None:
    """What a candidate does to the filters of warnings is undone."""

    def silences(a: Any) -> float:
        warnings.simplefilter("ignore")
        return 1.0

    before = list(warnings.filters)
    assert ask(silences, 0.0).value == 1.0
    assert list(warnings.filters) == before


@pytest.fixture
def _handler() -> Iterator[None]:
    """Restores what a test does to the alarm."""
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="calls cannot be interrupted there")
@pytest.mark.usefixtures("_handler")
def test_a_call_is_cut_short() -> None:
    """A call that takes too long is cut short; the alarm is then as it was before."""

    def mine(_signal: int, _frame: Any) -> None:
        raise AssertionError("the alarm of somebody else")

    signal.signal(signal.SIGALRM, mine)
    begun = time.monotonic()
    seen = ask(lambda a: time.sleep(30), 0.0, timeout=0.1)
    assert (seen.trouble, seen.text) == ("hung", "did not answer within 0.1 s")
    assert time.monotonic() - begun < 10
    assert signal.getsignal(signal.SIGALRM) is mine
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="calls cannot be interrupted there")
def test_an_answer_in_time_is_no_hanging() -> None:
    """The alarm does not ring after the answer."""
    assert ask(lambda a: 1.0, 0.0, timeout=0.05).value == 1.0
    time.sleep(0.1)


def test_another_thread_may_ask() -> None:
    """In another thread nothing can be interrupted, but everything else is observed as usual."""
    seen: list[Observation] = []
    thread = threading.Thread(target=lambda: seen.append(ask(lambda a: a + 1, np.array([1.0]))))
    thread.start()
    thread.join()
    assert seen[0].value.tolist() == [2.0]


# ---- what it gives back


NUMBERS: list[tuple[Any, Any]] = [
    (1.5, 1.5),
    (3, 3.0),
    (np.float32(0.1), 0.10000000149011612),
    (np.float16(0.1), 0.0999755859375),
    (np.longdouble(0.25), 0.25),
    (np.int32(-7), -7.0),
    (np.array(2.5), 2.5),
    (np.array([[1, 2]], np.uint8), [[1.0, 2.0]]),
    ([1, 2.5], [1.0, 2.5]),
    ([[1.0], [2.0]], [[1.0], [2.0]]),
    ((np.float64(1.0), 2), [1.0, 2.0]),
    (((1.0, 2.0), [3.0, 4.0]), [[1.0, 2.0], [3.0, 4.0]]),
    ([], []),
    (math.inf, math.inf),
    (np.array([1.0, 2.0]).astype(">f8"), [1.0, 2.0]),
    (ml_dtypes.bfloat16(0.1), 0.10009765625),
    (np.array([0.1, -2.0], ml_dtypes.bfloat16), [0.10009765625, -2.0]),
    (np.ma.masked_array([1.0, 2.0], [False, False]), [1.0, 2.0]),
]


@pytest.mark.parametrize(
    ("answer", "value"), NUMBERS, ids=[f"{type(answer).__name__}-{n}" for n, (answer, _) in enumerate(NUMBERS)]
)
def test_real_numbers_are_taken_exactly(answer: Any, value: Any) -> None:
    """Real numbers of any kind and format become exactly the same numbers in float64, in the same shape."""
    got = as_numpy(answer)
    assert got.dtype == np.float64
    assert got.shape == np.shape(value)
    assert got.tolist() == value


def test_nan_stays_nan() -> None:
    """nan is an answer, if not a right one."""
    assert math.isnan(as_numpy(math.nan))


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="longdouble is float64 here")
def test_what_float64_cannot_hold_becomes_infinite() -> None:
    """A number beyond float64 becomes infinite, without a warning; nobody may take it for a right one."""
    assert as_numpy(np.longdouble("1e4000")) == math.inf


def test_the_answer_is_a_private_copy() -> None:
    """A candidate that returns its own buffer cannot change its answer afterwards."""
    buffer = np.array([1.0])
    first = ask(lambda a: buffer, 0.0)
    buffer[:] = 2
    assert first.value.tolist() == [1.0]


def test_returning_the_argument_is_allowed() -> None:
    """A candidate may return its argument itself."""
    assert ask(lambda a: a, np.array([1.0, 2.0])).value.tolist() == [1.0, 2.0]


class Stubborn:
    """An array-like whose conversion fails in its own way."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("not now")


NO_NUMBERS: list[tuple[Any, str]] = [
    (None, "returned None: is a return statement missing?"),
    ("1.0", "returned str of dtype <U3"),
    (b"1", "returned bytes"),
    (1j, "returned complex of dtype complex128"),
    (True, "returned bool of dtype bool"),
    (object(), "returned object of dtype object"),
    ({"loss": 1.0}, "returned dict of dtype object"),
    ([1.0, None], "returned list of dtype object"),
    ([[1.0], [1.0, 2.0]], "returned list that is no rectangular array"),
    (10**400, "returned int of dtype object"),
    (np.datetime64("2020"), "returned datetime64"),
    (np.ma.masked_array([1.0, 2.0], [False, True]), "masked"),
    (Stubborn(), "returned Stubborn that is no rectangular array: not now"),
    ((x for x in [1.0]), "returned generator"),
    ((0.5, np.ones(2)), "returned a tuple of 2 (float, ndarray) instead of one array"),
    ((np.ones(2), np.ones(2)), "returned a tuple of 2 (ndarray, ndarray) instead of one array"),
    ((0.5, {"W1": 1.0}), "returned a tuple of 2 (float, dict) instead of one array"),
]


@pytest.mark.parametrize(
    ("answer", "said"), NO_NUMBERS, ids=[f"{type(answer).__name__}-{n}" for n, (answer, _) in enumerate(NO_NUMBERS)]
)
def test_what_is_no_real_number_is_refused(answer: Any, said: str) -> None:
    """Anything that does not consist of real numbers is refused in words, with its type."""
    with pytest.raises(TypeError) as raised:
        as_numpy(answer)
    assert said in str(raised.value)
    seen = ask(lambda a: answer, 0.0)
    assert (seen.trouble, seen.value) == ("type", None)
    assert said in seen.text


# ---- mappings, functions and plain numbers

STEP, GRADIENT, DESCENT = (formula(name) for name in ("sgd_step", "two_layer_net_gradient", "gradient_descent"))
SHAPES = {"W1": (2, 3), "b1": (3,), "W2": (3, 4), "b2": (4,)}


def inputs_of(page: Formula) -> dict[str, Any]:
    """Inputs by name, whose arrays are read-only and count up."""
    sizes = {"N": 5, "D": 2, "H": 3, "K": 4, "...": 1}
    drawn: dict[str, Any] = {}
    for each in page.inputs:
        if each.arrays:
            drawn[each.name] = {
                key: np.arange(float(math.prod(shape))).reshape(shape) / 8 for key, shape in SHAPES.items()
            }
            continue
        shape = tuple(sizes[axis] for axis in each.axes)
        drawn[each.name] = np.arange(float(math.prod(shape))).reshape(shape) / 8
        drawn[each.name].setflags(write=False)
    return {**drawn, **({"lr": np.array(0.5)} if "lr" in drawn else {})}


def ask_for(page: Formula, function: Callable[..., Any], **changed: Any) -> Observation:
    return Candidate(function, formula=page)({**inputs_of(page), **changed})


def minus(params: Any, grads: Any, lr: Any) -> Any:
    return {key: params[key] - lr * grads[key] for key in params}


def test_entries_are_handed_over_in_mappings() -> None:
    """What is an entry of a mapping comes in a dictionary, under its key, as a private and writable array; a rate as a plain number."""
    inputs, seen = inputs_of(STEP), []

    def looks(params: Any, grads: Any, lr: Any) -> Any:
        seen.append((params, grads, lr))
        return minus(params, grads, lr)

    Candidate(looks, formula=STEP)(inputs)
    Candidate(looks, formula=STEP)(inputs)
    for params, grads, lr in seen:
        assert type(params) is type(grads) is dict
        assert list(params) == list(grads) == list(SHAPES)
        assert type(lr) is float
        for key, shape in SHAPES.items():
            assert params[key].shape == shape
            assert params[key].flags.writeable
            assert np.array_equal(params[key], inputs["params"][key])
            assert not np.shares_memory(params[key], inputs["params"][key])
            assert not np.shares_memory(params[key], grads[key])
    assert seen[0][0] is not seen[1][0]
    assert not np.shares_memory(seen[0][0]["W1"], seen[1][0]["W1"])


def test_functions_and_counts_are_handed_over_as_they_are() -> None:
    """A function is the very function, the number of steps an integer, the rate a float, also from float32."""
    f, seen = function(SQUARES, 1.0), []

    def looks(f: Any, init_x: Any, lr: Any, step_num: Any) -> Any:
        seen.append((f, type(lr), type(step_num)))
        return init_x

    for lr in (np.array(0.5), np.array(1.0), np.float32(0.5)):
        ask_for(DESCENT, looks, f=f, init_x=np.ones(1), lr=lr, step_num=np.array(2))
    assert seen == [(f, float, int)] * 3


def test_an_answer_that_is_a_mapping_comes_flat() -> None:
    """The entries stand one after the other in the page's order, whatever theirs, in float64, from lists and numbers of any kind."""
    expected = np.concatenate([np.ravel(value) for value in minus(*packed(STEP, inputs_of(STEP))).values()])
    for change in (
        dict,
        lambda answer: dict(reversed(answer.items())),
        lambda answer: {key: value.tolist() for key, value in answer.items()},
        lambda answer: {key: np.asfortranarray(value) for key, value in answer.items()},
        types.MappingProxyType,
    ):
        seen = ask_for(STEP, lambda *arguments, change=change: change(minus(*arguments)))
        assert seen.trouble is None, seen.text
        assert seen.value.dtype == np.float64
        np.testing.assert_array_equal(seen.value, expected)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda answer: {key: answer[key] for key in ("W1", "b1", "W2")},
            "returned a mapping with the keys W1, b1, W2 instead of W1, b1, W2, b2",
        ),
        (
            lambda answer: {**answer, "b3": 0.0},
            "returned a mapping with the keys W1, b1, W2, b2, b3 instead of W1, b1, W2, b2",
        ),
        (lambda answer: {}, "returned a mapping with the keys none instead of W1, b1, W2, b2"),
        (lambda answer: list(answer.values()), "returned list instead of a mapping with the keys W1, b1, W2, b2"),
        (lambda answer: answer["W1"], "returned ndarray instead of a mapping"),
        (lambda answer: {**answer, "W2": answer["W2"].T}, "returned W2 of shape (4, 3) instead of (3, 4)"),
        (lambda answer: {**answer, "b1": answer["b1"][None]}, "returned b1 of shape (1, 3) instead of (3,)"),
        (lambda answer: {**answer, "b2": 0.0}, "returned b2 of shape () instead of (4,)"),
        (lambda answer: {**answer, "b2": "0.0"}, "returned str of dtype <U3"),
        (lambda answer: {**answer, "b2": None}, "returned None: is a return statement missing?"),
        (lambda answer: {**answer, "W1": answer["W1"] + 0j}, "returned ndarray of dtype complex128"),
    ],
)
@pytest.mark.parametrize("page", [STEP, GRADIENT], ids=lambda page: page.name)
def test_a_mapping_of_another_form_is_refused(page: Formula, change: Callable[[Any], Any], said: str) -> None:
    """A missing or unknown key, an entry of another shape, or one that holds no real numbers is told in words."""
    seen = ask_for(page, lambda params, *others: change(params))
    assert (seen.trouble, seen.value) == ("type", None)
    assert said in seen.text


def test_nothing_is_no_gradient() -> None:
    """What a step may leave out, as it works on its parameters, a gradient must return."""
    seen = ask_for(GRADIENT, lambda params, *others: None)
    assert (seen.trouble, seen.in_place) == ("type", False)
    assert "returned None (is a return statement missing?) instead of a mapping" in seen.text


def replaces(params: Any, grads: Any, lr: Any) -> Any:
    answer = minus(params, grads, lr)
    params["b1"] = answer["b1"]
    return answer


def removes(params: Any, grads: Any, lr: Any) -> Any:
    answer = minus(params, grads, lr)
    del grads["W2"]
    return answer


def adds(params: Any, grads: Any, lr: Any) -> Any:
    answer = minus(params, grads, lr)
    params["velocity"] = 0.0
    return answer


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (replaces, "wrote into its argument params['b1']"),
        (removes, "replaced entries of a mapping it was given"),
        (adds, "replaced entries of a mapping it was given"),
    ],
)
def test_replacing_entries_of_a_mapping_is_noticed(candidate: Callable[..., Any], said: str) -> None:
    """The caller's dictionary is as much the caller's as the arrays in it."""
    seen = ask_for(STEP, candidate)
    assert (seen.trouble, seen.text) == ("wrote", said)


@pytest.mark.parametrize("returns", [lambda params: None, lambda params: params], ids=["nothing", "the mapping"])
@pytest.mark.parametrize("how", ["in its arrays", "by others"])
def test_a_step_may_work_on_its_parameters(returns: Callable[..., Any], how: str) -> None:
    """A step that returns nothing, or the mapping itself, has left its answer there; that is no writing, and is told."""

    def candidate(params: Any, grads: Any, lr: Any) -> Any:
        for key in params:
            if how == "by others":
                params[key] = params[key] - lr * grads[key]
            else:
                params[key] -= lr * grads[key]
        return returns(params)

    inputs = inputs_of(STEP)
    before = {key: value.copy() for key, value in inputs["params"].items()}
    seen = Candidate(candidate, formula=STEP)(inputs)
    assert (seen.trouble, seen.text, seen.in_place, seen.shares_memory) == (None, "", True, False)
    np.testing.assert_array_equal(seen.value, ask_for(STEP, minus).value)
    assert all(np.array_equal(before[key], value) for key, value in inputs["params"].items())


def test_a_step_may_work_on_nothing_else() -> None:
    """Gradients are the caller's in any case, and so are parameters of which it returns others, or only some."""

    def on_gradients(params: Any, grads: Any, lr: Any) -> None:
        for key in params:
            grads[key] *= lr
            params[key] -= grads[key]

    def on_both(params: Any, grads: Any, lr: Any) -> Any:
        for key in params:
            params[key] -= lr * grads[key]
        return dict(params)

    for candidate, written in ((on_gradients, "grads['W1']"), (on_both, "params['W1']")):
        seen = ask_for(STEP, candidate)
        assert (seen.trouble, seen.text) == ("wrote", f"wrote into its argument {written}")
        assert not seen.in_place


def test_writing_into_an_entry_is_noticed_by_its_name() -> None:
    """An array changed in place is named by its mapping and its key."""

    def candidate(params: Any, grads: Any, lr: Any) -> Any:
        grads["W2"] *= lr
        return {key: params[key] - grads[key] for key in params}

    seen = ask_for(STEP, candidate)
    assert (seen.trouble, seen.text) == ("wrote", "wrote into its argument grads['W2']")


def test_an_answer_in_the_memory_of_an_argument_is_noticed() -> None:
    """Handing back the very arrays that were given is no writing, and the value is private all the same; but it is noticed."""
    seen = ask_for(STEP, lambda params, grads, lr: {**minus(params, grads, lr), "b1": grads["b1"][:]})
    assert (seen.trouble, seen.shares_memory) == (None, True)
    assert not ask_for(STEP, minus).shares_memory
    assert ask(lambda a: a, np.array([1.0, 2.0])).shares_memory
    assert ask(lambda a: [a[0], a[1]], np.array([1.0, 2.0])).shares_memory is False


@pytest.mark.parametrize(
    ("error", "declines"),
    [
        (TypeError, True),
        (ValueError, True),
        (IndexError, True),
        (NotImplementedError, True),
        (RuntimeError, False),
        (AssertionError, False),
        (ZeroDivisionError, False),
        (KeyError, False),
        (KeyboardInterrupt, False),
    ],
)
def test_some_errors_say_that_an_argument_is_not_taken(error: type[BaseException], declines: bool) -> None:
    """Those that people raise, or that NumPy does, where a shape or a number type is none that a function takes."""

    def candidate(a: Any) -> Any:
        raise error("no")

    seen = ask(candidate, 0.0)
    assert (seen.trouble, seen.declines) == ("raised", declines)
    assert not ask(lambda a: None, 0.0).declines


def test_a_function_that_is_asked_at_its_point_may_not_move_it() -> None:
    """The chapter's descent, which works on the caller's start, is told so."""

    def candidate(f: Any, init_x: Any, lr: Any, step_num: Any) -> Any:
        for _ in range(step_num):
            init_x -= lr * 2 * init_x
        return init_x

    seen = ask_for(
        DESCENT, candidate, f=function(SQUARES, 1.0), init_x=np.ones(1), lr=np.array(0.1), step_num=np.array(1)
    )
    assert (seen.trouble, seen.text) == ("wrote", "wrote into its argument init_x")


def test_the_answer_as_it_came_is_kept() -> None:
    """It is not copied: who overwrites it later is found out by that."""
    given = minus(*packed(STEP, inputs_of(STEP)))
    assert ask_for(STEP, lambda *_: given).answer is given


@pytest.mark.interop
def test_torch_candidates_get_mappings_of_tensors() -> None:
    """Under `array="torch"` the entries are tensors, which may be differentiated, and the answers' are taken as others are."""
    torch = pytest.importorskip("torch")

    def candidate(params: Any, grads: Any, lr: Any) -> Any:
        assert all(isinstance(value, torch.Tensor) for value in (*params.values(), *grads.values()))
        return {key: params[key] - lr * grads[key] for key in params}

    seen = Candidate(candidate, "torch", formula=STEP)(inputs_of(STEP))
    assert seen.text == ""
    np.testing.assert_array_equal(seen.value, ask_for(STEP, minus).value)


# ---- PyTorch and JAX


@pytest.mark.interop
def test_torch_tensors_are_taken_exactly() -> None:
    """A tensor gives its numbers, also if it carries a gradient, is a view, is a parameter, or is bfloat16."""
    torch = pytest.importorskip("torch")
    for answer, value in [
        (torch.tensor([0.1, 2.0], dtype=torch.float64), [0.1, 2.0]),
        (torch.tensor(0.1, dtype=torch.float32), 0.10000000149011612),
        (torch.tensor(0.1, dtype=torch.float16), 0.0999755859375),
        (torch.tensor([0.1, 3.0], dtype=torch.bfloat16), [0.10009765625, 3.0]),
        (torch.tensor([1.5], dtype=torch.float64, requires_grad=True) * 2, [3.0]),
        (torch.nn.Parameter(torch.ones(2)), [1.0, 1.0]),
        (torch.arange(6).reshape(2, 3).T, [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]),
        (torch.tensor([1 + 2j]).conj().imag, [-2.0]),
        ([torch.tensor(1.0), torch.tensor(2.0)], [1.0, 2.0]),
    ]:
        got = as_numpy(answer)
        assert got.dtype == np.float64
        assert got.tolist() == value


@pytest.mark.interop
def test_torch_things_that_are_no_real_tensors_are_refused() -> None:
    """Complex and boolean tensors, modules, and lists of tensors that carry a gradient are refused in words, without a crash."""
    torch = pytest.importorskip("torch")
    for answer in (
        torch.ones(2, dtype=torch.complex64),
        torch.ones(2) > 0,
        torch.nn.Linear(1, 1),
        [torch.ones(1, requires_grad=True)],
    ):
        assert ask(lambda a, answer=answer: answer, 0.0).trouble == "type"


@pytest.mark.interop
def test_torch_candidates_get_tensors() -> None:
    """Under `array="torch"` a candidate gets tensors of the inputs' dtype and shape, a scalar included, and may differentiate."""
    torch = pytest.importorskip("torch")
    types: list[Any] = []

    def gradient(a: Any, b: Any, c: Any) -> Any:
        types.extend((type(each), each.dtype, tuple(each.shape)) for each in (a, b, c))
        a.requires_grad_()
        (a**2).sum().backward()
        return a.grad

    seen = ask(gradient, np.array([1.0, 2.0]), np.array([1], np.float32), np.array(3), array="torch")
    assert seen.text == ""
    assert seen.value.tolist() == [2.0, 4.0]
    assert types == [
        (torch.Tensor, torch.float64, (2,)),
        (torch.Tensor, torch.float32, (1,)),
        (torch.Tensor, torch.int64, ()),
    ]


@pytest.mark.interop
def test_torch_candidates_that_write_are_noticed() -> None:
    """Writing into a tensor is noticed, and does not reach the inputs."""
    torch = pytest.importorskip("torch")
    inputs = {"a": np.array([1.0, 2.0])}
    seen = Candidate(lambda a: a.sub_(a.max()).exp_(), "torch")(inputs)
    assert seen.trouble == "wrote"
    assert inputs["a"].tolist() == [1.0, 2.0]
    assert Candidate(lambda a: torch.exp(a), "torch")(inputs).trouble is None


@pytest.mark.interop
def test_a_kernel_that_is_missing_is_an_argument_that_is_not_taken() -> None:
    """Of tensors PyTorch says by a RuntimeError that it does not take some number type; of NumPy's arrays nobody does."""
    pytest.importorskip("torch")

    def candidate(a: Any) -> Any:
        raise RuntimeError("not implemented for 'Byte'")

    assert ask(candidate, np.array([1.0]), array="torch").declines
    assert not ask(candidate, np.array([1.0])).declines


@pytest.mark.interop
def test_jax_arrays_are_taken_and_given() -> None:
    """Under `array="jax"` a candidate gets JAX arrays; they, their scalars and bfloat16 are taken exactly."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    jnp = pytest.importorskip("jax.numpy")
    jax = pytest.importorskip("jax")
    types: list[bool] = []

    def exponential(a: Any) -> Any:
        types.append(isinstance(a, jax.Array))
        return jnp.exp(a)

    seen = ask(exponential, np.array([0.0], np.float32), array="jax")
    assert types == [True]
    assert seen.value.tolist() == [1.0]
    assert as_numpy(jnp.asarray([0.1, 2.0], jnp.bfloat16)).tolist() == [0.10009765625, 2.0]
    assert as_numpy(jnp.float32(0.5)).tolist() == 0.5
    assert ask(lambda a: jnp.ones(2) > 0, np.array([0.0]), array="jax").trouble == "type"
