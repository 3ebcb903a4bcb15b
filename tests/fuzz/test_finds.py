"""The seeds of the fuzzer, and whatever it has found: each is taken, or refused in clean words."""

from __future__ import annotations

from pathlib import Path

import pytest

from .targets import TARGETS, Target, seeds

FINDS = Path(__file__).parent / "finds"

every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)


@every_target
def test_a_seed_is_taken(target: Target) -> None:
    """What the fuzzer begins with is no fault."""
    begun = list(seeds(target))
    assert begun
    for seed in begun:
        target(seed)


@pytest.mark.parametrize("find", sorted(FINDS.glob("*/*")), ids=lambda find: f"{find.parent.name}-{find.name}")
def test_what_was_found_stays_mended(find: Path) -> None:
    """An input that once brought a fault to light is refused in clean words now."""
    target = next(each for each in TARGETS if each.__name__ == find.parent.name)
    target(find.read_bytes())
