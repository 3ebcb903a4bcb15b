"""The profiles of Hypothesis: which of them look further each time."""

from __future__ import annotations

import pytest
from hypothesis import settings


@pytest.mark.parametrize(
    ("profile", "same_each_time"), [("dev", False), ("nightly", False), ("ci", True), ("mut", True)]
)
def test_what_looks_further_does_so_in_ci_too(profile: str, same_each_time: bool) -> None:
    """Where the variable CI is set, Hypothesis draws the same each time unless it is told otherwise."""
    assert settings.get_profile(profile).derandomize is same_each_time
