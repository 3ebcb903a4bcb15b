"""Optimisers that are made for their parameters are judged as functions of these and of their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refmath
from refmath.oracle.candidates.calling import Calling, as_called
from refmath.oracle.candidates.candidate import CallFailed
from refmath.oracle.candidates.holding import Holding, holding
from refmath.oracle.candidates.importing import looked_up
from refmath.oracle.candidates.not_judged import NotJudged


class Tensor:
    """As much of PyTorch's as is asked here."""

    def __init__(self, values: Any) -> None:
        self.values, self.grad, self.asked = np.array(values), None, False

    def clone(self) -> Tensor:
        return Tensor(self.values)

    detach = clone

    def is_floating_point(self) -> bool:
        return bool(self.values.dtype.kind == "f")

    def requires_grad_(self) -> Tensor:
        self.asked = True
        return self

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values


class Descent:
    """With momentum, and the state that this needs; it sets the gradients to zero."""

    def __init__(self, params: Any, lr: float = 0.5, momentum: float = 0.5) -> None:
        self.params, self.lr, self.momentum = list(params), lr, momentum
        self.moved = [np.zeros_like(each.values) for each in self.params]

    def step(self, closure: Any = None) -> None:
        for place, each in enumerate(self.params):
            self.moved[place] = self.momentum * self.moved[place] + each.grad.values
            each.values = each.values - self.lr * self.moved[place]
            each.grad.values[...] = 0


class OfOneNumber:
    def __init__(self, number: float) -> None:
        self.number = number

    def step(self, more: float) -> float:
        return self.number + more


class NeedsTwo:
    def __init__(self, parameters: Any, lr: float) -> None:
        self.parameters, self.lr = parameters, lr

    def step(self) -> None:
        self.parameters[0].values = self.parameters[0].values - self.lr * self.parameters[0].grad.values


def test_which_classes_are_meant() -> None:
    """They need their parameters and nothing else, or call them so; and a step needs nothing."""
    assert isinstance(holding(Descent), Holding)
    assert isinstance(holding(NeedsTwo), Holding)
    for other in (OfOneNumber, Descent.step, Tensor, 3, Descent([Tensor(1.0)]), type("Bare", (), {})):
        assert holding(other) is None


def test_a_call_makes_one_of_its_own() -> None:
    """Neither the parameters nor the gradients that were given change."""
    step, w, g = Holding(Descent), Tensor([1.0, 2.0]), Tensor([2.0, 4.0])
    for _ in range(2):
        assert step(w, g).values.tolist() == [0.0, 0.0]
    assert (w.values.tolist(), g.values.tolist()) == ([1.0, 2.0], [2.0, 4.0])
    assert step(w, g, 0.25).values.tolist() == [0.5, 1.0]
    assert step(w, g, lr=0.25).values.tolist() == [0.5, 1.0]


def test_mappings_are_matched_by_name() -> None:
    step = Holding(Descent)
    told = step({"W": Tensor([1.0]), "b": Tensor([[2.0]])}, {"b": Tensor([[4.0]]), "W": Tensor([2.0])})
    assert {name: each.values.tolist() for name, each in told.items()} == {"W": [0.0], "b": [[0.0]]}


def test_one_object_makes_all_steps_in_a_row() -> None:
    """Anew for each input; integers are no parameters that gradients are asked of."""
    step: Any = as_called(lambda: Holding(Descent), Calling(steps=2, holds=True))
    for _ in range(2):
        assert step(Tensor([1.0]), Tensor([2.0]), Tensor([0.0])).values.tolist() == [-0.5]
    kept = Holding(Descent).keeping()
    kept(Tensor(np.array([3])), Tensor(np.array([1])))
    assert [each.asked for each in kept._parameters] == [False]
    kept = Holding(Descent).keeping()
    kept(Tensor([3.0]), Tensor([1.0]))
    assert [each.asked for each in kept._parameters] == [True]


def test_arrays_of_another_library_have_no_gradients() -> None:
    with pytest.raises(CallFailed, match="Descent is made for the parameters that it changes"):
        Holding(Descent)(np.zeros(2), np.zeros(2))
    with pytest.raises(NotJudged, match=r"that is judged with --array torch"):
        refmath.check(Descent, "momentum_step", steps=2, examples=2)
    with pytest.raises(
        NotJudged, match=r"keeps its state to itself, and momentum_step renews w, velocity: say --steps 3"
    ):
        refmath.check(Descent, "momentum_step", examples=2)


def test_what_a_target_names() -> None:
    """The class, or its step."""
    module: Any = type("module", (), {"Descent": Descent, "OfOneNumber": OfOneNumber})
    for name in ("Descent", "Descent.step"):
        found = looked_up(module, name)
        assert (type(found), found.__qualname__) == (Holding, "Descent.step")
    with pytest.raises(TypeError, match="needs arguments to be made"):
        looked_up(module, "OfOneNumber.step")


@pytest.mark.parametrize(
    ("calling", "arguments"),
    [
        (Calling(steps=2, holds=True), ["Tensor([1.0])", "Tensor([2.0])", "Tensor([4.0])"]),
        (Calling(holds=True), ["Tensor([1.0])", "Tensor([2.0])"]),
        (Calling(holds=True), ["{'W': Tensor([1.0])}", "{'W': Tensor([2.0])}", "0.5"]),
    ],
)
def test_lines_to_paste_do_the_same(calling: Calling, arguments: list[str]) -> None:
    """They are run here as they would be in a file."""
    called = calling.line("Descent", arguments, ["momentum=0.25"])
    *lines, last = called.splitlines()
    known: dict[str, Any] = {"Tensor": Tensor, "Descent": Descent}
    exec("\n".join(lines), known)  # noqa: S102  # these lines
    pasted = eval(last, known)
    step: Any = as_called(lambda: Holding(Descent), calling)
    same = step(*(eval(each, known) for each in arguments), momentum=0.25)
    for one, other in zip(
        *(each.values() if isinstance(each, dict) else [each] for each in (pasted, same)), strict=True
    ):
        assert one.values.tolist() == other.values.tolist()


class Adam:
    """PyTorch's manner, with one fault or none."""

    def __init__(self, params: Any, lr: float = 1e-3, eps: float = 1e-8, *, corrects: bool = True) -> None:
        self.params, self.lr, self.eps, self.corrects = list(params), lr, eps, corrects
        self.t, self.m, self.v = 0, [0.0] * len(self.params), [0.0] * len(self.params)

    def step(self) -> None:
        self.t += 1
        for place, each in enumerate(self.params):
            self.m[place] = 0.9 * self.m[place] + (1 - 0.9) * each.grad
            self.v[place] = 0.999 * self.v[place] + (1 - 0.999) * each.grad**2
            by = (1 - 0.9**self.t, 1 - 0.999**self.t) if self.corrects else (1, 1)
            each.data = each.data - self.lr * (self.m[place] / by[0]) / ((self.v[place] / by[1]) ** 0.5 + self.eps)


class Uncorrected(Adam):
    def __init__(self, params: Any, lr: float = 1e-3) -> None:
        super().__init__(params, lr, corrects=False)


@pytest.mark.interop
def test_those_of_pytorch_are_judged_as_they_stand() -> None:
    """One's own and the library's, right and wrong."""
    torch = pytest.importorskip("torch")
    options: dict[str, Any] = {"array": "torch", "steps": 2, "examples": 4}
    for right in (Adam, torch.optim.Adam):
        assert refmath.check(right, "adam_step", **options).verdict == "conforms"
    wrong = refmath.check(Uncorrected, "adam_step", **options)
    assert wrong.diagnosis is not None
    assert (wrong.verdict, wrong.diagnosis.name) == ("differs", "bias_correction_missing")
    assert wrong.smallest is not None
    assert wrong.smallest.call.count("o.step()") == 2
    assert "o = Uncorrected([w])" in wrong.smallest.call
    assert refmath.check(torch.optim.SGD, "sgd_step", array="torch", examples=4).conforms
    other = refmath.check(torch.optim.RMSprop, "rmsprop_step", **options)
    assert other.diagnosis is not None
    assert other.diagnosis.repair == "If that is meant, judge it by that: --param eps=1e-08"
