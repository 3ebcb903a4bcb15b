"""Which tools answer the questions about gradients, and how: `python -m tools.gradient_questions` writes docs/gradient_questions.json.

Each tool that is installed is asked the same questions, those of `tests/gradient_questions`, at its defaults, with the function as a program in NumPy. A process
of its own asks, so that a question that takes too long, or ends the process, is one without an answer.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

import refmath
from refmath.whole_file import whole_file
from tools.who_conforms.judging import today, versions

FILE = Path(__file__).parents[1] / "docs" / "gradient_questions.json"
PACKAGES = ("refmath", "numpy", "torch", "jax", "scipy")
#: So many seconds a tool has for a question, and so many a process to begin.
LIMIT, START = 20.0, 120.0
RIGHT, WRONG, UNTOLD = "right", "wrong", "cannot be told"
COUNTS = ("answered_rightly", "passed_though_wrong", "refused_though_right", "no_answer")


def of_refmath(question: Any) -> str:
    """Its own verdict."""
    found = refmath.check_gradient(question.f, question.gradient, question.x)
    return str(import_module("tests.gradient_questions.verdict").verdict(found))


def of_torch(question: Any) -> str:
    """A function whose forward is f and whose backward is the claim; `GradcheckError` says wrong."""
    import torch
    from torch.autograd.gradcheck import GradcheckError

    class Claimed(torch.autograd.Function):  # type: ignore[misc]  # PyTorch has none here
        """f with the claimed gradient."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.as_tensor(np.asarray(question.f(x.detach().numpy().copy())))

        @staticmethod
        def backward(ctx: Any, *above: Any) -> Any:
            (x,) = ctx.saved_tensors
            claim = np.asarray(question.gradient(x.detach().numpy().copy()), question.x.dtype)
            return torch.as_tensor(claim.copy()) * above[0]

    x = torch.tensor(question.x, requires_grad=True)
    try:
        return RIGHT if torch.autograd.gradcheck(Claimed.apply, (x,)) else WRONG
    except GradcheckError:
        return WRONG


def of_jax(question: Any) -> str:
    """A function with a rule of its own, both by `pure_callback`, in reverse mode; `AssertionError` says wrong."""
    import jax
    import jax.test_util

    jax.config.update("jax_enable_x64", True)
    result = np.asarray(question.f(question.x.copy())).dtype
    x = question.x

    def value(a: Any) -> Any:
        return np.asarray(question.f(np.array(a)), result)

    def claim(a: Any) -> Any:
        return np.asarray(question.gradient(np.array(a)), x.dtype)

    def called(a: Any) -> Any:
        return jax.pure_callback(value, jax.ShapeDtypeStruct((), result), a)

    def backward(a: Any, above: Any) -> Any:
        g = jax.pure_callback(claim, jax.ShapeDtypeStruct(x.shape, x.dtype), a)
        return ((g * above).astype(x.dtype),)

    f = jax.custom_vjp(called)
    f.defvjp(lambda a: (called(a), a), backward)
    # An assertion of f itself would look the same: none has one.
    try:
        jax.test_util.check_grads(f, (jax.numpy.asarray(x),), order=1, modes=["rev"])
    except AssertionError:
        return WRONG
    return RIGHT


def of_scipy(question: Any) -> str:
    """It returns a distance, in doubles and without a verdict; READINGS says how that is read."""
    from scipy.optimize import check_grad

    shape, dtype = question.x.shape, question.x.dtype

    def f(v: Any) -> float:
        return float(question.f(v.reshape(shape).astype(dtype)))

    def gradient(v: Any) -> Any:
        return np.asarray(question.gradient(v.reshape(shape).astype(dtype)), np.float64).reshape(-1)

    x = question.x.astype(np.float64).reshape(-1)
    distance, size = float(check_grad(f, gradient, x)), float(np.linalg.norm(gradient(x)))
    if not np.isfinite(distance):
        return UNTOLD
    return RIGHT if distance <= 1e-6 * max(1.0, size) else WRONG


TOOLS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "refmath.check_gradient": ("refmath", of_refmath),
    "torch.autograd.gradcheck": ("torch", of_torch),
    "jax.test_util.check_grads": ("jax", of_jax),
    "scipy.optimize.check_grad": ("scipy", of_scipy),
}
READINGS = {
    "refmath.check_gradient": "Its verdict.",
    "torch.autograd.gradcheck": "At its defaults; GradcheckError says wrong.",
    "jax.test_util.check_grads": "At its default tolerances in 64 bits, order 1, reverse mode; AssertionError says wrong.",
    "scipy.optimize.check_grad": "It returns the norm of the difference, and its documentation names no limit; read as right up to 1e-6 max(1, |g|).",
}


def questions() -> Any:
    """The questions; they belong to the tests."""
    return import_module("tests.gradient_questions").QUESTIONS


def answering(tool: str, requests: Connection) -> None:
    """The process that asks a tool: it receives numbers of questions and sends answers; an error is none."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    asked, ask = questions(), TOOLS[tool][1]
    requests.send("ready")
    while True:
        question = asked[requests.recv()]
        try:
            requests.send((ask(question), ""))
        except Exception as error:  # noqa: BLE001  # whatever a tool raises is no answer
            requests.send((UNTOLD, type(error).__name__))


class Asker:
    """Asks a tool in another process, which is replaced when it does not answer in time."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self.start()

    def start(self) -> None:
        context = get_context("spawn")
        self.here, there = context.Pipe()
        self.process: Any = context.Process(target=answering, args=(self.tool, there), daemon=True)
        self.process.start()
        there.close()
        if not self.here.poll(START) or self.here.recv() != "ready":
            raise RuntimeError(f"{self.tool}: the process did not begin")

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.here.close()

    def answer(self, number: int) -> tuple[str, str]:
        """The answer to a question, and the name of the error if there was one instead."""
        self.here.send(number)
        try:
            if self.here.poll(LIMIT):
                answer, error = self.here.recv()
                return str(answer), str(error)
            reason = "time"
        except EOFError:
            reason = "end of the process"
        self.stop()
        self.start()
        return UNTOLD, reason


def counted(truth: str, answer: str) -> str:
    """Which of COUNTS an answer is."""
    if answer == truth:
        return COUNTS[0]
    if answer == UNTOLD:
        return COUNTS[3]
    return COUNTS[1] if answer == RIGHT else COUNTS[2]


def row(asked: list[Any], answers: dict[str, dict[str, str]]) -> dict[str, Any]:
    """How many questions, and for each tool how it answered them."""
    found = {tool: Counter(counted(each.truth, given[each.name]) for each in asked) for tool, given in answers.items()}
    tools = {tool: {count: counts[count] for count in COUNTS} for tool, counts in found.items()}
    return {"questions": len(asked), "tools": tools}


def table(asked: list[Any], answers: dict[str, dict[str, str]], errors: dict[str, dict[str, int]]) -> dict[str, Any]:
    """What is written."""
    there = versions()
    families = dict.fromkeys(each.family for each in asked)
    confidently_wrong = {
        tool: [each.name for each in asked if counted(each.truth, given[each.name]) in COUNTS[1:3]]
        for tool, given in answers.items()
    }
    return {
        "date": today(),
        "versions": {package: there[package] for package in PACKAGES if package in there},
        "limit_in_seconds": LIMIT,
        "readings": {tool: READINGS[tool] for tool in answers},
        "all": row(asked, answers),
        "hard": row([each for each in asked if each.hard], answers),
        "families": {family: row([each for each in asked if each.family == family], answers) for family in families},
        "instead_of_an_answer": errors,
        "confidently_wrong": confidently_wrong,
    }


def main() -> None:
    """Some minutes."""
    asked = list(questions())
    answers: dict[str, dict[str, str]] = {}
    errors: dict[str, dict[str, int]] = {}
    for tool, (module, _) in TOOLS.items():
        if find_spec(module) is None:
            continue
        asker = Asker(tool)
        given = {each.name: asker.answer(number) for number, each in enumerate(asked)}
        asker.stop()
        answers[tool] = {name: answer for name, (answer, _) in given.items()}
        errors[tool] = dict(Counter(error for _, error in given.values() if error))
        print(tool, row(asked, answers)["tools"][tool], errors[tool], file=sys.stderr, flush=True)
    with whole_file(FILE) as out:
        text = json.dumps(table(asked, answers, errors), indent=1, ensure_ascii=False, allow_nan=False)
        out.write((text + "\n").encode())


if __name__ == "__main__":
    main()
