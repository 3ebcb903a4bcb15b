"""Every lesson of the course ends with a summary and three exercises, whose answers are judged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

COURSE = Path(__file__).parents[1] / "docs" / "learn"
LESSONS = [
    "activations",
    "binary_cross_entropy",
    "cross_entropy",
    "descent",
    "differentiation",
    "gradient",
    "index",
    "mini_batch",
    "network",
    "normalisation",
    "optimisers",
    "softmax",
    "squared_error",
    "training",
]


def section(page: str, title: str) -> str:
    """What stands under a heading, to the next one."""
    text = (COURSE / f"{page}.md").read_text("utf-8")
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |^\[Check your own|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("page", LESSONS)
def test_a_lesson_ends_with_a_summary_and_three_exercises(page: str) -> None:
    """Each exercise has its answer behind a fold, and refmath judges one at least, but for the first page, which has no formula; `test_site_examples.py` runs them."""
    points = re.findall(r"^- ", section(page, "Summary"), flags=re.MULTILINE)
    assert 3 <= len(points) <= 6
    exercises = re.split(r"^\d\. ", section(page, "Exercises"), flags=re.MULTILINE)[1:]
    assert len(exercises) == 3
    assert all(each.count('??? success "Answer"') == 1 for each in exercises)
    assert ("refmath.check(" in section(page, "Exercises")) == (page != "index")
