"""The oracle against the zoo: nothing faulty conforms, nothing honest is refused, and classical faults get their name.

Every run judges a classical fault and an honest one of each signature; the marker `zoo` the rest.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from surveyed import signature

from refmath.catalogue import formula

from . import faulty_networks
from .judged import is_named, judged
from .specimen import Specimen
from .specimens import FAULTY_ONES, HONEST_ONES

pytestmark = pytest.mark.long

CLASSICAL = [specimen for specimen in FAULTY_ONES if specimen.classical]

#: Classical faults that the diagnosis does not name, or names otherwise; the last test keeps them few.
UNNAMED: frozenset[str] = frozenset()

EXAMPLES = 20


def cages(specimens: Iterable[Specimen], always: int) -> Iterator[Any]:
    """The specimens as parameters: so many of each signature, of different faults, in every run, the others under the marker."""
    seen: dict[Any, set[str | None]] = {}
    for specimen in specimens:
        known = seen.setdefault(signature(formula(specimen.formula)), set())
        is_one_more = specimen.honest or (specimen.classical and specimen.fault not in known)
        is_sample = is_one_more and len(known) < always and specimen.array == "numpy"
        if is_sample:
            known.add(specimen.fault)
        yield pytest.param(specimen, id=specimen.name, marks=() if is_sample else pytest.mark.zoo)


@pytest.mark.parametrize("specimen", list(cages(HONEST_ONES, always=1)))
def test_no_honest_specimen_is_refused(specimen: Specimen) -> None:
    """An honest implementation conforms, whatever form it has; what it declines, and that it works in place, is told."""
    report = judged(specimen, examples=EXAMPLES)
    assert report.verdict == "conforms", report.smallest
    assert set(specimen.declines) <= set(report.declined)
    assert specimen.in_place == report.in_place


@pytest.mark.parametrize("specimen", list(cages(FAULTY_ONES, always=1)))
def test_no_faulty_specimen_conforms(specimen: Specimen) -> None:
    """A faulty implementation does not conform; a classical fault is called by its name."""
    report = judged(specimen, examples=EXAMPLES)
    assert report.verdict != "conforms"
    assert report.smallest is not None or report.remarks
    if specimen.classical:
        assert is_named(specimen, report) == (specimen.name not in UNNAMED), report.diagnosis


@pytest.mark.parametrize("form", [faulty_networks.gradient_as_a_tuple, faulty_networks.gradient_with_strange_names])
def test_an_answer_of_a_wrong_form_is_not_taken_for_another_mistake(form: Any) -> None:
    """No mapping, or one with other keys, is no reason to name a mistake that gives a mapping of wrong shapes."""
    specimen = next(each for each in FAULTY_ONES if each.function is form)
    assert judged(specimen, examples=10).diagnosis is None


def test_nine_in_ten_classical_faults_are_named() -> None:
    """At most one in ten classical faults is listed as unnamed, and all that are listed exist."""
    names = {specimen.name for specimen in CLASSICAL}
    assert names >= UNNAMED
    assert len(UNNAMED) <= len(CLASSICAL) / 10
