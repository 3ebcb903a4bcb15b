"""How four tools answer the questions about gradients, from the file that `python -m tools.gradient_questions` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.site.markdown import cell, details, table

FILE = Path(__file__).parents[2] / "docs" / "gradient_questions.json"
#: A package under its own name.
NAMES = {"refmath": "refmath", "numpy": "NumPy", "torch": "PyTorch", "jax": "JAX", "scipy": "SciPy"}
COUNTS = {
    "answered_rightly": "answered rightly",
    "passed_though_wrong": "wrong, but passed",
    "refused_though_right": "right, but refused",
    "no_answer": "no answer",
}
OWN = "refmath.check_gradient"


def gradient_questions() -> str:
    """When and with what they were asked; the answers in all, and by family; and where refmath itself is wrong."""
    record = json.loads(FILE.read_text("utf-8"))
    versions = [f"{NAMES.get(package, package)} {version}" for package, version in record["versions"].items()]
    told = f"Asked on {record['date']}, with {', '.join(versions[:-1])} and {versions[-1]}: {record['all']['questions']} questions, {record['hard']['questions']} of them hard."
    return "\n\n".join([told, _in_all(record), _by_family(record), _own_mistakes(record)]) + "\n"


def _in_all(record: Mapping[str, Any]) -> str:
    rows = [
        (f"`{tool}`", *(str(counts[each]) for each in COUNTS), cell(record["readings"][tool]))
        for tool, counts in record["all"]["tools"].items()
    ]
    return table(("tool", *COUNTS.values(), "how its answer is read"), rows)


def _by_family(record: Mapping[str, Any]) -> str:
    tools = list(record["all"]["tools"])
    named = [
        *((family, found) for family, found in record["families"].items()),
        ("**in all**", record["all"]),
        ("*hard ones among them*", record["hard"]),
    ]
    rows = [
        (name, str(found["questions"]), *(_answers(found["tools"][tool], found["questions"]) for tool in tools))
        for name, found in named
    ]
    return table(("family", "questions", *(NAMES[tool.partition(".")[0]] for tool in tools)), rows)


def _answers(counts: Mapping[str, int], questions: int) -> str:
    """The counts of a tool in a few words: how many it answered rightly, how many wrongly, how many not."""
    right, wrongly = counts["answered_rightly"], counts["passed_though_wrong"] + counts["refused_though_right"]
    if right == questions:
        return "all"
    others = [f"{count} {word}" for count, word in ((wrongly, "wrongly"), (counts["no_answer"], "not")) if count]
    return ", ".join([str(right), *others])


def _own_mistakes(record: Mapping[str, Any]) -> str:
    """Each question that refmath answers wrongly, by name."""
    names = record["confidently_wrong"][OWN]
    if not names:
        return "`check_gradient` answers no question wrongly; where it cannot tell, it says so."
    title = f"The {len(names)} questions" if len(names) > 1 else "The question"
    return details(f"{title} that check_gradient answers wrongly", "\n".join(f"- {cell(each)}" for each in names))
