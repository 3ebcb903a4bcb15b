"""Which laws each mistake breaks, all of them and not only the one that its page names: `python -m tools.law_matrix` writes docs/laws.json."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import refmath
from refmath.catalogue import FORMULAS, formula
from refmath.whole_file import whole_file

FILE = Path(__file__).parents[1] / "docs" / "laws.json"


def broken(page: str, mistake: str) -> list[str]:
    """The laws of a page that one of its mistakes breaks in the oracle's own search, at default effort, the one that it names among them."""
    known = next(each for each in formula(page).mistakes if each.name == mistake)
    report = refmath.check(known.program, page)
    # What a program does not answer breaks no law there; that the law named refuses it is tested in tests/properties/test_mistakes.py.
    return [law.name for law in report.laws if law.holds is False or law.name == known.caught_by]


def main() -> None:
    """All of them, side by side."""
    pairs = [(page.name, mistake.name) for page in FORMULAS for mistake in page.mistakes]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = list(pool.map(broken, *zip(*pairs, strict=True), chunksize=4))
    pages: dict[str, dict[str, list[str]]] = {}
    for (page, mistake), laws in zip(pairs, found, strict=True):
        pages.setdefault(page, {})[mistake] = laws
    with whole_file(FILE) as out:
        out.write((json.dumps({"version": refmath.__version__, "formulas": pages}, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
