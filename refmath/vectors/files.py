"""The files: one of JSON for each formula, one for a hundred steps of each optimiser with a state and one for a whole training, their schema, a README, and the list of their checksums; all of them or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from refmath.catalogue import formula
from refmath.conventions import described
from refmath.spec import Formula, argument_names
from refmath.vectors import formulas, quadratics, steps, trajectory
from refmath.vectors.cases import Case
from refmath.whole_set import refuse_place, write_set

#: Rises whenever a program that reads the files would have to change.
FORMAT = 1
SCHEMA, README = "schema.json", "README.md"


def document(name: str | Formula, version: str, tick: Callable[[str], None] = lambda _what: None) -> bytes:
    """The file of a formula, of some steps in a row, or of the training: a line for each case.

    Args:
        name: One of `formulas.NAMES`, or a formula of one's own.
        version: The version of refmath, which is written into it.
        tick: Called with a word on what is being done.
    """
    if isinstance(name, str) and name == trajectory.NAME:
        return _as_bytes(_head(name, version, trajectory.CALL, {"typical": trajectory.TEXT}, {}, [trajectory.case()]))
    if isinstance(name, str) and name in formulas.STEPS:
        page = formulas.STEPS[name]
        conventions = {each.name: described(each) for each in page.conventions}
        return _as_bytes(
            _head(name, version, steps.call(page), {"typical": steps.TEXT}, conventions, steps.cases(page))
        )
    page = formula(name)
    conventions = {each.name: described(each) for each in page.conventions}
    reasons, cases = formulas.reasons(page), formulas.cases(page, tick)
    return _as_bytes(_head(page.name, version, _call(page), reasons, conventions, cases))


def fixed_files() -> dict[str, bytes]:
    """The schema and the README, by their names."""
    here = resources.files("refmath.vectors")
    return {name: here.joinpath(name).read_bytes() for name in (SCHEMA, README)}


def write(directory: Path, documents: Mapping[str, bytes]) -> None:
    """Writes a set of files and the list of their checksums into a directory, whole or not at all; other files in it stay.

    Raises:
        OSError: If it cannot be written, or would take the place of a file that is none of refmath's; then all is as it was before.
    """
    write_set(directory, documents)


def prepare(directory: Path, names: Iterable[str] = formulas.NAMES) -> None:
    """Finds out now whether the files could be written into a directory later; it is made then.

    Args:
        directory: The directory.
        names: Of the formulas.

    Raises:
        OSError: If they could not.
    """
    refuse_place(directory, (*(f"{each}.json" for each in names), SCHEMA, README), fixed_files())


def _head(
    name: str,
    version: str,
    call: str,
    reasons: Mapping[str, str],
    conventions: Mapping[str, str],
    cases: Iterable[Case],
) -> dict[str, Any]:
    written = [case.as_json() for case in cases]
    used = {case["why"] for case in written}
    return {
        "format": FORMAT,
        "generator": f"refmath {version}",
        "formula": name,
        "call": call,
        "conventions": dict(conventions),
        "reasons": {why: text for why, text in reasons.items() if why in used},
        "cases": written,
    }


def _call(page: Formula) -> str:
    """How the inputs are handed over, and what a function among them is."""
    call = f"{page.name}({', '.join(argument_names(page))})"
    return f"{call} with {quadratics.CALL}" if any(each.is_function for each in page.inputs) else call


def _as_bytes(contents: dict[str, Any]) -> bytes:
    """JSON with a line for each case, which a line-based tool can read and a comparison of two versions can show."""
    cases = contents.pop("cases")
    head = json.dumps(contents, indent=1, ensure_ascii=False, allow_nan=False).removesuffix("\n}")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, allow_nan=False) for case in cases)
    return f'{head},\n "cases": [\n{lines}\n ]\n}}\n'.encode()
