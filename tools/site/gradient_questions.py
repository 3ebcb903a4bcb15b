"""How four tools answer the questions about gradients, from the file that `python -m tools.gradient_questions` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.site.markdown import cell, details, name, table, wrapped

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
    """How often each tool is right, and in which way it is wrong; then how its answers are read."""
    tools = record["all"]["tools"]
    rows = [(_broken(tool), *(str(counts[each]) for each in COUNTS)) for tool, counts in tools.items()]
    readings = "\n".join(f"- `{tool}`: {cell(record['readings'][tool])}" for tool in tools)
    return f"{wrapped('answers', table(('tool', *COUNTS.values()), rows))}\n\nHow the answers are read:\n\n{readings}"


def _broken(tool: str) -> str:
    """A name as code that may be broken at its dots."""
    return name(tool).replace(".", ".<wbr>")


def _by_family(record: Mapping[str, Any]) -> str:
    """What each tool answers in each family."""
    tools = list(record["all"]["tools"])
    named = [
        *((family, found) for family, found in record["families"].items()),
        ("**in all**", record["all"]),
        ("*hard ones among them*", record["hard"]),
    ]
    rows = [
        (f"{family} ({found['questions']})", *(_answers(found["tools"][tool], found["questions"]) for tool in tools))
        for family, found in named
    ]
    head = ("family (questions)", *(NAMES[tool.partition(".")[0]] for tool in tools))
    said = "By family: how many questions a tool answers rightly, how many wrongly, and how many not."
    return f"{said}\n\n{wrapped('answers', table(head, rows))}"


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
