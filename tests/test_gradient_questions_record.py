"""The record of how tools answered the questions about gradients: it is of these questions, and its figures add up."""

from __future__ import annotations

import json

import pytest
from gradient_questions import QUESTIONS

from tools.gradient_questions import COUNTS, FILE, READINGS, TOOLS, counted, row, table

RECORD = json.loads(FILE.read_text("utf-8"))


def test_an_answer_is_counted_by_what_is_true() -> None:
    assert counted("right", "right") == counted("wrong", "wrong") == "answered_rightly"
    assert counted("wrong", "right") == "passed_though_wrong"
    assert counted("right", "wrong") == "refused_though_right"
    assert counted("right", "cannot be told") == counted("wrong", "cannot be told") == "no_answer"


def test_every_tool_has_a_reading() -> None:
    assert TOOLS.keys() == READINGS.keys() >= RECORD["all"]["tools"].keys()


def test_who_always_says_right_passes_all_that_is_wrong() -> None:
    asked = [each for each in QUESTIONS if each.family == "kinks"]
    answers = {"optimist": {each.name: "right" for each in asked}}
    wrong = sum(each.truth == "wrong" for each in asked)
    expected = dict(zip(COUNTS, (len(asked) - wrong, wrong, 0, 0), strict=True))
    assert row(asked, answers) == {"questions": len(asked), "tools": {"optimist": expected}}


def test_what_is_written_names_the_confidently_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [each for each in QUESTIONS if each.family == "kinks"]
    monkeypatch.setitem(READINGS, "pessimist", "It says wrong.")
    written = table(asked, {"pessimist": {each.name: "wrong" for each in asked}}, {"pessimist": {}})
    assert written["confidently_wrong"] == {"pessimist": [each.name for each in asked if each.truth == "right"]}
    assert written.keys() == RECORD.keys()


def test_the_record_is_of_these_questions() -> None:
    families = {family: found["questions"] for family, found in RECORD["families"].items()}
    assert families == {family: sum(each.family == family for each in QUESTIONS) for family in families}
    assert RECORD["all"]["questions"] == sum(families.values()) == len(QUESTIONS)
    assert RECORD["hard"]["questions"] == sum(each.hard for each in QUESTIONS)


@pytest.mark.parametrize("tool", RECORD["all"]["tools"])
def test_its_figures_add_up(tool: str) -> None:
    rows = RECORD["families"].values()
    for found in (*rows, RECORD["all"], RECORD["hard"]):
        assert sum(found["tools"][tool].values()) == found["questions"]
    for count in COUNTS:
        assert sum(found["tools"][tool][count] for found in rows) == RECORD["all"]["tools"][tool][count]
    known = {each.name for each in QUESTIONS}
    wrong = RECORD["confidently_wrong"][tool]
    assert known.issuperset(wrong)
    assert len(wrong) == sum(RECORD["all"]["tools"][tool][count] for count in COUNTS[1:3])
