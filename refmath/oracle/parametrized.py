"""One judgement as many tests of pytest: one for each class of inputs, one for each law, one for the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from refmath import arguments, catalogue
from refmath.oracle.check import check, not_said
from refmath.oracle.reporting.report import Report
from refmath.oracle.reporting.text import sentence
from refmath.oracle.request import may_decline
from refmath.spec import Formula, setting

#: The tests of the classes of inputs, by the class.
_IDS = {"typical": "ordinary_inputs", "edge": "special_inputs", "extreme": "huge_or_tiny_inputs"}
_REST = "everything_else"


def parametrize_with_checks(
    candidate: Callable[..., Any] | str, against: str | Formula, *, declines: Iterable[str] = (), **options: Any
) -> Any:
    """A decorator for a test of pytest: one test for each class of inputs and for each law, and one for everything else.

    The function is judged once, when the first of them runs. The tests that are collected depend on the formula alone, and on whether it is judged under its
    defaults: under a convention it has no laws. All of them together ask what `assert_conforms` asks.

    Args:
        candidate: The function to be judged.
        against: The formula: its name in the catalogue, or a `refmath.Formula` of your own.
        declines: What it may decline, in the words of the report: `["single samples"]`.
        **options: As in `check`.

    Returns:
        The decorator. What it decorates takes `check`, and calls that without arguments.

    Raises:
        ImportError: If pytest is not installed.
        ValueError: If `declines` names what is no kind of input, and as of `check`.

    Examples:
        >>> import refmath
        >>> @refmath.parametrize_with_checks(refmath.relu, "relu", examples=20)
        ... def test_my_relu(check):
        ...     check()
    """
    import pytest

    said = may_decline(declines, against)
    page = catalogue.gradient(against) if options.get("backward") else catalogue.formula(against)
    set_to = {} if options.get("parameters") is None else arguments.by_name("parameters", options["parameters"])
    chosen = setting(page, options.get("convention"), **set_to)
    laws = [law.name for law in chosen.formula.laws] if chosen.is_default else []
    judged = functools.cache(lambda: check(candidate, against, declines=said, **options))

    def test(name: str) -> Callable[[], None]:
        def asked() -> None:
            __tracebackhide__ = True
            report = judged()
            if any(law.name == name and law.holds is None for law in report.laws):
                pytest.skip("no input that was tried is one of which this law speaks")
            if wrong := _wrong(report, name, said):
                raise AssertionError(f"{wrong}\n{report}")

        return asked

    checks = [*_IDS.values(), *laws, _REST]
    return pytest.mark.parametrize("check", [pytest.param(test(name), id=name) for name in checks])


def _wrong(report: Report, name: str, declines: frozenset[str]) -> str:
    """What is wrong of that which a test asks, in a sentence; empty if nothing is."""
    refused = {_IDS[class_]: (count.tried - count.accepted, count.tried) for class_, count in report.classes.items()}
    broken = {law.name: f"This does not hold: {law.text}" for law in report.laws if law.holds is False}
    if name in refused:
        wrong, tried = refused[name]
        return f"{wrong} of {tried} {name.replace('_', ' ')} are answered wrongly." if wrong else ""
    if name != _REST:
        return broken.get(name, "")
    told = not_said(report, declines)
    if told or report.conforms or broken or any(wrong for wrong, _ in refused.values()):
        return told
    return sentence(report)
