"""A sample of public functions, with the answers that were expected and those that were given: the record is whole."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from refmath.catalogue import formula

FUNCTIONS = tomllib.loads(Path(__file__).with_name("public_functions.toml").read_text(encoding="utf-8"))["function"]
VERDICTS = {"conforms", "unstable", "differs", "failed", "not judged"}


def test_the_record_is_whole() -> None:
    """A hundred functions of at least twenty repositories, at most eight of each, of formulas that the catalogue has."""
    assert len(FUNCTIONS) == 100
    of_each = Counter(each["source"] for each in FUNCTIONS)
    assert len(of_each) >= 20
    assert max(of_each.values()) <= 8
    for each in FUNCTIONS:
        formula(each["formula"])
        assert {each["right"], each["today"]} <= VERDICTS
        assert all(each[key] for key in ("path", "name", "because", "glue"))
