"""What an adversary with full knowledge of the code gets past the oracle: few plausible faults, few confined ones, and nothing honest is refused.

Each is judged at default effort, as a user would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from . import confined, honest_hunted, honest_more, honest_shipped, hunted, plausible, regional, shipped
from .judged import judged
from .specimen import Specimen

pytestmark = [pytest.mark.long, pytest.mark.zoo]

#: Another seed draws other regions.
SEEDS = (regional.SEED, 7)
#: What adversaries wrote, each before the oracle was asked about it.
PLAUSIBLE_FAULTS = (*plausible.SPECIMENS, *shipped.SPECIMENS, *hunted.SPECIMENS)
HONEST = (*honest_more.SPECIMENS, *honest_shipped.SPECIMENS, *honest_hunted.SPECIMENS)
#: So many in a hundred may conform.
PLAUSIBLE, REGIONAL = 3, 20

#: Plausible faults that conform, and why the oracle does not see them.
KNOWN_MISSES = {
    "sigmoid_into_what_exp_gives": "an error for arrays without axes is declining, and told as that",
    "labels_in_a_flat_index_of_16_bits": "no array of more than 20,000 entries is tried, as docs/verdict.md says",
    "logits_entropy_of_the_runner_up": "hardly a lead is between 27 and 35, where the loss is still told from zero, and the target's",
    "softmax_online_from_a_masked_block": "a nan for some masks is told as declined, as that of honest programs which go through the classes in blocks",
    "quotients_at_large_numbers": "far from zero only polynomials of degree three are differentiated",
    "step_into_arrays_like_the_parameters": "no parameters of integers are tried, though the page takes them",
}


def conforming(specimens: Iterable[Specimen]) -> list[Specimen]:
    """Those of some specimens that conform."""
    return [each for each in specimens if judged(each, timeout=120).verdict == "conforms"]


@pytest.mark.parametrize("specimen", PLAUSIBLE_FAULTS, ids=str)
def test_a_plausible_fault_does_not_conform_unless_it_is_a_known_miss(specimen: Specimen) -> None:
    """A plausible fault does not conform; one that does is listed, and why."""
    report = judged(specimen, timeout=120)
    assert (report.verdict == "conforms") == (specimen.function.__name__ in KNOWN_MISSES), report.smallest


def test_at_most_three_in_a_hundred_plausible_faults_are_missed() -> None:
    """The known misses are few, and all exist."""
    names = {specimen.function.__name__ for specimen in PLAUSIBLE_FAULTS}
    missed = sorted(names.intersection(KNOWN_MISSES))
    assert len(missed) <= PLAUSIBLE / 100 * len(names), missed


@pytest.mark.parametrize("drawn_by", [regional, confined], ids=["regional", "confined"])
@pytest.mark.parametrize("seed", SEEDS)
def test_at_most_twenty_in_a_hundred_confined_faults_conform(seed: int, drawn_by: Any) -> None:
    """Of the faults that are confined to a region a fifth at most conforms, whatever the seed."""
    drawn = [specimen for _, specimen in drawn_by.specimens(seed)]
    missed = conforming(drawn)
    assert len(missed) <= REGIONAL / 100 * len(drawn), [f"{each.formula}: {each.note}" for each in missed]


@pytest.mark.parametrize("specimen", HONEST, ids=str)
def test_no_more_honest_specimen_is_refused(specimen: Specimen) -> None:
    """An honest implementation conforms, whatever its style."""
    report = judged(specimen, timeout=120)
    assert report.verdict == "conforms", report.smallest


def print_counts(seed: int = regional.SEED) -> None:
    """Prints the three counts, and what was judged wrongly."""
    drawn = [*regional.specimens(seed), *confined.specimens(seed)]
    missed = conforming(PLAUSIBLE_FAULTS)
    missed_there = {each.name for each in conforming(specimen for _, specimen in drawn)}
    kinds = Counter(region.kind for region, specimen in drawn if specimen.name in missed_there)
    taken = {each.name for each in conforming(HONEST)}
    refused = [each.name for each in HONEST if each.name not in taken]
    print(f"plausible: {len(missed)} of {len(PLAUSIBLE_FAULTS)} conform: {', '.join(each.name for each in missed)}")
    print(f"confined to a region: {len(missed_there)} of {len(drawn)} conform: {dict(kinds)}")
    print(f"honest: {len(refused)} of {len(HONEST)} are refused: {', '.join(refused)}")


if __name__ == "__main__":
    print_counts()
