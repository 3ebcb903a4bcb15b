"""Public reports about wrong or unstable code, each retyped as a minimal program, with the verdict that is right."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import refmath

REPORTS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("reports.toml").read_text("utf-8"))["report"]

CATALOGUE = {formula.name: formula for formula in refmath.FORMULAS}

#: Formulas that are foreseen; those of them that the catalogue has by now do no harm here.
FORESEEN = {
    f"{name}{suffix}"
    for names, suffixes in [
        ("relu leaky_relu tanh softplus elu gelu silu logsumexp", ("", "_gradient")),
        ("softmax log_softmax affine layer_norm rms_norm", ("", "_vjp")),
        ("binary_cross_entropy binary_cross_entropy_with_logits mean_absolute_error huber", ("", "_gradient")),
        ("hinge kl_divergence l2_penalty", ("", "_gradient")),
        ("momentum_step nesterov_step adagrad_step rmsprop_step adam_step adamw_step", ("",)),
    ]
    for name in names.split()
    for suffix in suffixes
}

#: Options of `refmath.check`; whatever else a report has among its options is a parameter of the formula.
OF_THE_CHECK = {"convention", "dtype"}

FIELDS = {"source", "told", "formula", "verdict", "mistake", "program"}
FURTHER = {"options", "named", "today", "because", "function", "at"}
VERDICTS = {"conforms", "unstable", "differs", "failed"}


def defined(report: dict[str, Any], name: str = "candidate") -> Any:
    """A function of a report's program, which may use what its function stands for, and NumPy.

    The programs are the project's own, and stand in `reports.toml`.
    """
    names: dict[str, Any] = {"np": np}
    exec(report.get("function", ""), names)  # noqa: S102
    exec(report["program"], names)  # noqa: S102
    return names[name]


def point(at: Any) -> Any:
    """Where to compare a gradient: an array, or arrays by name."""
    if isinstance(at, dict):
        return {name: np.array(values, float) for name, values in at.items()}
    return np.array(at, float)


def is_judged(report: dict[str, Any]) -> bool:
    """Whether the catalogue has the formula, with each of the parameters that the report is about."""
    if report["formula"] not in CATALOGUE:
        return False
    parameters = set(report.get("options", {})) - OF_THE_CHECK
    page = CATALOGUE[report["formula"]]
    return parameters <= {*page.parameters, *(page.options.defaults if page.options else ())}


def as_parameters(reports: list[dict[str, Any]]) -> list[Any]:
    """The reports by their sources; those that get another verdict so far are expected to fail."""
    return [
        pytest.param(
            report,
            id=report["source"],
            marks=[pytest.mark.xfail(strict=True, reason=report["because"])] if "today" in report else [],
        )
        for report in reports
    ]


@pytest.mark.parametrize("report", [pytest.param(report, id=report["source"]) for report in REPORTS])
def test_a_report_is_well_formed(report: dict[str, Any]) -> None:
    """It has its fields, a source, a verdict that there is, a formula that there is or will be, and a program if there is one."""
    assert set(report) - FURTHER == FIELDS
    assert "#" in report["source"] or report["source"].startswith("https://")
    assert report["told"].endswith(".")
    assert report["formula"] in CATALOGUE.keys() | FORESEEN | {"check_gradient", ""}
    assert report["verdict"] in VERDICTS
    assert (report["mistake"] == "") == (report["verdict"] == "conforms")
    assert report.get("today", "") in VERDICTS - {report["verdict"]} | {""}
    assert ("because" in report) == ("today" in report)
    assert (report["program"] == "") == (report["formula"] == "")
    assert {"function", "at"} & set(report) == ({"function", "at"} if report["formula"] == "check_gradient" else set())
    if report["program"]:
        assert callable(defined(report))
        assert len(report["program"].strip().splitlines()) <= 12


def test_no_report_is_told_twice() -> None:
    """There are as many sources as reports."""
    assert len({report["source"] for report in REPORTS}) == len(REPORTS)


@pytest.mark.parametrize("report", as_parameters([each for each in REPORTS if is_judged(each)]))
def test_the_verdict_is_right(report: dict[str, Any]) -> None:
    """The fault is found, what is right conforms, and a mistake that was named stays named."""
    # Arrays are no matter of setting: who takes them by name is tried with several.
    options = {name: value for name, value in report.get("options", {}).items() if not isinstance(value, list)}
    of_the_check = {name: options.pop(name) for name in OF_THE_CHECK & set(options)}
    judged = refmath.check(defined(report), report["formula"], examples=20, parameters=options, **of_the_check)
    assert judged.verdict == report["verdict"]
    if report.get("named"):
        assert judged.diagnosis is not None


@pytest.mark.parametrize("report", as_parameters([each for each in REPORTS if each["formula"] == "check_gradient"]))
def test_a_gradient_of_ones_own_is_judged_rightly(report: dict[str, Any]) -> None:
    """A wrong gradient is wrong, a right one right, and where there was a hint there is one."""
    check = refmath.check_gradient(defined(report, "function"), defined(report), point(report["at"]))
    assert check.verdict == ("right" if report["verdict"] == "conforms" else "wrong")
    if report.get("named"):
        assert check.hints
