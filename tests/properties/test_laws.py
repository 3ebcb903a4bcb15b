"""The laws of every page hold for its program on inputs of every branch, say something there, and change nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, given, settings

from refmath import FORMULAS
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import as_balls, read
from refmath.balls.formats import FORMATS, Format
from refmath.oracle.drawing import CLASSES, Branch, Class, Inputs
from refmath.oracle.inputs import branches, strategy
from refmath.oracle.laws import holds
from refmath.spec import Formula, Law, Program, setting

every_formula = pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
every_format = pytest.mark.parametrize("format_", [FORMATS["float64"], FORMATS["float32"]], ids=lambda each: each.name)

#: So many inputs of each small branch: a formula's branches together have a little more than the profile's number.
EXAMPLES = max(2, settings().max_examples // 16)


def judge(formula: Formula, format_: Format, program: Program) -> Callable[[Law, Inputs], bool | None]:
    """Whether a law of the page holds for a program at some inputs; the program may not warn."""
    under = setting(formula)
    known: dict[Any, Acceptance | None] = {}

    def interval(inputs: Inputs) -> Acceptance | None:
        key = tuple((value.shape, value.dtype.str, value.tobytes()) for value in map(np.asarray, inputs.values()))
        if key not in known:
            known[key] = acceptance(under, read(under, *inputs.values()), format_)
        return known[key]

    def verdict(law: Law, inputs: Inputs) -> bool | None:
        return holds(law, under, inputs, format_, lambda given: program(*given.values()), interval)

    return verdict


def on_inputs_of(formula: Formula, branch: Branch, format_: Format, visit: Callable[[Inputs], None]) -> None:
    """Visits some inputs of a branch; Hypothesis shrinks one that fails."""

    @settings(max_examples=max(2, math.ceil(branch.share * EXAMPLES)), suppress_health_check=list(HealthCheck))
    @given(strategy(formula, branch, format_, True))
    def run(inputs: Inputs) -> None:
        visit(inputs)

    run()


@every_formula
@every_format
def test_every_law_holds_for_the_program_on_every_branch(formula: Formula, format_: Format) -> None:
    """On inputs of every branch each law holds for the page's own program, and none is silent on all typical ones."""
    verdict = judge(formula, format_, formula.program)
    spoke: set[tuple[str, Class]] = set()
    for class_ in CLASSES:
        for branch in branches(formula, class_):

            def every_law_holds(inputs: Inputs, branch: Branch = branch) -> None:
                for law in formula.laws:
                    held = verdict(law, inputs)
                    assert held is not False, f"{law.name} is broken ({branch.class_}, {branch.way}, {branch.layout})"
                    if held:
                        spoke.add((law.name, branch.class_))

            on_inputs_of(formula, branch, format_, every_law_holds)
    assert {law.name for law in formula.laws} == {name for name, class_ in spoke if class_ == "typical"}


#: A batch for each kind of argument, of numbers that a law may move, double or divide by K without leaving the format.
BATCHES = {
    "real": [np.array([[0.125, -2.0, 3.5, 1.0], [4.0, 0.25, -1.5, -0.125]]), np.array([[1.0, 0.5, 3.0, -8.0]] * 2)],
    "logits": [np.array([[0.5, -1.0, 2.25, 0.0], [-3.0, 1.5, 0.125, 1.0]])],
    "probabilities": [np.array([[0.5, 0.25, 0.125, 0.125], [0.0625, 0.5, 0.1875, 0.25]])],
    "one_hot": [np.eye(4)[[2, 1]]],
    "labels": [np.array([2, 1])],
    "one_hot_or_labels": [np.eye(4)[[2, 1]], np.array([2, 1])],
}


def plain_inputs(formula: Formula) -> list[Inputs]:
    """All batches of these, and the first sample of each."""
    batches = [
        dict(zip([each.name for each in formula.inputs], values, strict=True))
        for values in itertools.product(*(BATCHES[each.kind] for each in formula.inputs))
    ]
    return [*batches, *({name: value[0] for name, value in batch.items()} for batch in batches)]


@every_formula
def test_no_law_holds_for_a_program_that_answers_nan(formula: Formula) -> None:
    """Each law asks the implementation that it is given, and no comparison lets nan pass."""

    def answers_nan(*inputs: Any) -> Any:
        return formula.program(*inputs) * np.nan

    verdict = judge(formula, FORMATS["float64"], answers_nan)
    for law in formula.laws:
        assert {verdict(law, inputs) for inputs in plain_inputs(formula)} == {False}, law.name


def answers_in_balls(formula: Formula, asked: list[Any]) -> Program:
    """The page's program for arrays of balls, which are rounded to float64 first; what it is asked is kept."""

    def rounded(value: Any) -> Any:
        value = np.asarray(value)
        if value.dtype.kind in "iu":
            return value[()]
        return np.array([float(arb(ball).mid()) for ball in value.flat], np.float64).reshape(value.shape)

    def implementation(*arguments: Any) -> Any:
        asked.append(arguments)
        return as_balls(formula.program(*map(rounded, arguments)))[()]

    return implementation


@every_formula
def test_no_law_writes_into_what_it_is_given(formula: Formula) -> None:
    """Each law leaves the balls and labels as they are, asks the implementation, and takes read-only arrays."""
    for inputs in plain_inputs(formula):
        for law in formula.laws:
            arguments = [np.array(value) if value.dtype.kind == "i" else as_balls(value) for value in inputs.values()]
            before = [each.copy() for each in arguments]
            for each in arguments:
                each.setflags(write=False)
            asked: list[Any] = []
            with ctx.workprec(256):
                assert list(law.relations(answers_in_balls(formula, asked), *(each[()] for each in arguments)))
            assert asked, law.name
            for earlier, later in zip(before, arguments, strict=True):
                assert all(old == new for old, new in zip(earlier.flat, later.flat, strict=True)), law.name
