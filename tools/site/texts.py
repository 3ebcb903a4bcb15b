"""All that pages of the site include, made side by side: each share of it is some tens of seconds of arithmetic."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from refmath import central_difference, mini_batch
from refmath.catalogue import FORMULAS
from tools.site.errata import errata
from tools.site.excerpts import excerpts
from tools.site.families import families
from tools.site.figures import figures
from tools.site.gradient_questions import gradient_questions
from tools.site.line_by_line import line_by_line
from tools.site.matrix import matrix
from tools.site.mutation import mutation
from tools.site.parts import parts, steps
from tools.site.reference import family_tables, pages
from tools.site.transcripts import transcripts
from tools.site.verdict import chapter_verdict
from tools.site.worked import worked
from tools.site.zoo import zoo


def texts() -> tuple[dict[str, str], dict[str, str]]:
    """The parts that pages include, by the names under which they do; and the pages of the reference, by their formulas' names."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        whole = pool.submit(pages)
        shares = [pool.submit(each) for each in (figures, _judged, _of_formulas, _printed, excerpts)]
        return {name: text for share in shares for name, text in share.result().items()}, whole.result()


def _of_formulas() -> dict[str, str]:
    found = family_tables()
    for each in FORMULAS:
        found |= parts(each)
    found |= {f"steps_{each.__name__}": f"{steps(each)}\n" for each in (central_difference, mini_batch)}
    return found | {
        "function_families": families(),
        "gradient_questions": gradient_questions(),
        "matrix": matrix(FORMULAS),
        "mutation": mutation(),
        "zoo": zoo(),
    }


def _judged() -> dict[str, str]:
    return {"chapter_verdict": chapter_verdict(), "errata": errata(), "worked_interval": worked()}


def _printed() -> dict[str, str]:
    printed = transcripts()
    return printed | {"line_by_line": line_by_line(printed["run_first"])}
