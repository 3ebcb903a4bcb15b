"""Which laws each mistake breaks, all of them and not only the one that its page names: `python -m tools.law_matrix [NAME …]` writes docs/laws.json.

With names, what is known of the other formulas stays.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import refmath
from refmath.catalogue import FORMULAS, formula
from refmath.mistakes.programs import program_of
from refmath.whole_file import whole_file

FILE = Path(__file__).parents[1] / "docs" / "laws.json"


def broken(page: str, mistake: str) -> list[str]:
    """The laws of a page that one of its mistakes breaks in the oracle's own search, at default effort, the one that it names among them."""
    known = next(each for each in formula(page).mistakes if each.name == mistake)
    report = refmath.check(program_of(formula(page), known), page)
    # What a program does not answer breaks no law there; that the law named refuses it is tested in tests/properties/test_mistakes.py.
    return [law.name for law in report.laws if law.holds is False or law.name == known.caught_by]


def main(names: list[str]) -> None:
    """All of them, or those of some formulas, side by side."""
    kept = json.loads(FILE.read_text("utf-8"))["formulas"] if names else {}
    wanted = [page for page in (map(formula, names) if names else FORMULAS) if page.mistakes]
    pairs = [(page.name, mistake.name) for page in wanted for mistake in page.mistakes]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = list(pool.map(broken, *zip(*pairs, strict=True), chunksize=4))
    new: dict[str, dict[str, list[str]]] = {page.name: {} for page in wanted}
    for (page, mistake), laws in zip(pairs, found, strict=True):
        new[page][mistake] = laws
    known = {name: mistakes for name, mistakes in kept.items() if name not in names} | new
    pages = {page.name: known[page.name] for page in FORMULAS if page.name in known}
    with whole_file(FILE) as out:
        out.write((json.dumps({"version": refmath.__version__, "formulas": pages}, indent=1) + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1:])
