"""Programs that people write, judged as they would be: no honest one is refused, no faulty one conforms, and nearly all are named."""

from __future__ import annotations

import numpy as np
import pytest
import specimens

import refmath
from refmath import FORMULAS

#: Of the faulty programs of a formula so many are to be named.
NAMED = 0.8

HONEST = [
    pytest.param(name, program, id=f"{name}-{place}")
    for name, programs in specimens.HONEST.items()
    for place, program in enumerate(programs)
]
FAULTY = [
    pytest.param(name, program, told, id=f"{name}-{place}")
    for name, programs in specimens.FAULTY.items()
    for place, (program, told) in enumerate(programs)
]


@pytest.mark.zoo
@pytest.mark.parametrize(("name", "program"), HONEST)
def test_no_honest_program_is_refused(name: str, program: specimens.Program) -> None:
    """What evaluates a formula in another form conforms in both usual formats."""
    with np.errstate(all="ignore"):  # what a program warns of is not asked here: its numbers are
        for dtype in ("float64", "float32"):
            report = refmath.check(program, name, dtype=dtype)
            assert report.verdict == "conforms", report


@pytest.mark.zoo
@pytest.mark.parametrize(("name", "program", "told"), FAULTY)
def test_no_faulty_program_conforms(name: str, program: specimens.Program, told: str | None) -> None:
    """A faulty program is refused, and called by its name."""
    with np.errstate(all="ignore"):  # as above
        report = refmath.check(program, name)
    assert report.verdict in ("differs", "unstable", "failed"), report
    assert told is None or (report.diagnosis is not None and report.diagnosis.name == told), report.diagnosis


def test_each_formula_has_enough_of_them() -> None:
    """At least three honest programs and five faulty ones, eight of ten of which have a name, of each formula that has any."""
    assert specimens.HONEST.keys() == specimens.FAULTY.keys() <= {page.name for page in FORMULAS}
    for name, programs in specimens.FAULTY.items():
        assert len(specimens.HONEST[name]) >= 3
        assert len(programs) >= 5
        assert sum(told is not None for _, told in programs) >= NAMED * len(programs), name
