"""The oracle against the zoo: nothing faulty conforms, nothing honest is refused, and classical faults get their name."""

import pytest

from . import faulty_activations, faulty_gradients, faulty_losses, honest_libraries, honest_numpy, honest_scipy
from .judged import is_named, judged
from .specimen import Specimen

HONEST = honest_numpy.SPECIMENS + honest_scipy.SPECIMENS + honest_libraries.SPECIMENS
FAULTY = faulty_activations.SPECIMENS + faulty_losses.SPECIMENS + faulty_gradients.SPECIMENS
CLASSICAL = [specimen for specimen in FAULTY if specimen.classical]

#: Classical faults that the diagnosis does not name, or names otherwise; the last test keeps them few.
UNNAMED: frozenset[str] = frozenset()

EXAMPLES = 40


@pytest.mark.parametrize("specimen", HONEST, ids=lambda specimen: specimen.name)
def test_no_honest_specimen_is_refused(specimen: Specimen) -> None:
    """An honest implementation conforms, whatever form it has."""
    report = judged(specimen, examples=EXAMPLES)
    assert report.verdict == "conforms", report.smallest


@pytest.mark.parametrize("specimen", FAULTY, ids=lambda specimen: specimen.name)
def test_no_faulty_specimen_conforms(specimen: Specimen) -> None:
    """A faulty implementation does not conform; a classical fault is called by its name."""
    report = judged(specimen, examples=EXAMPLES)
    assert report.verdict != "conforms"
    assert report.smallest is not None or report.remarks
    assert is_named(specimen, report) == (specimen.classical and specimen.name not in UNNAMED) or not specimen.classical


def test_nine_in_ten_classical_faults_are_named() -> None:
    """At most one in ten classical faults is listed as unnamed, and all that are listed exist."""
    assert UNNAMED <= {specimen.name for specimen in CLASSICAL}
    assert len(UNNAMED) <= len(CLASSICAL) / 10
