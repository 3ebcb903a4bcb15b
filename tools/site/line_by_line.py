"""A verdict, line by line: what `refmath check` printed, and what each line means."""

from __future__ import annotations

from tools.site.markdown import table, wrapped

#: How a line begins, and what it says; in the order in which a report has them.
MEANINGS = (
    ("function ", "The head of the table. *Typical*, *edge* and *extreme* are the three [classes of inputs](#inputs)."),
    (
        "softmax_cross_entropy_one_hot ",
        (
            "The verdict, and on how many inputs of each class the answer lay in the acceptance interval. Here all typical inputs are right, and most of the "
            "extreme ones are not. The worst ULP is the largest distance from the exact value, in units in the last place; it is infinite for nan, and wherever the exact value is 0 and the answer is not. Last, the name of the mistake."
        ),
    ),
    (
        "first_loss.py:",
        "What was judged, by which formula, and the verdict once more. With `--convention` it is named here.",
    ),
    (
        "  no_shift (mistake)",
        "The known mistake that gives the same values on all inputs tried, in a sentence. It may be a convention instead: then nothing is wrong but the name.",
    ),
    (
        "  Right on typical",
        "Only for *unstable*: what all inputs have in common on which it was wrong, and no typical one has. Not every input there need be wrong.",
    ),
    (
        "  smallest counterexample",
        "The simplest input on which it is wrong, and its class. It was found by shrinking another one, and so may be of another class, and not among the inputs counted above.",
    ),
    ("    >>> ", "The call, to be pasted behind your own import."),
    (
        "    expected",
        "The [acceptance interval](#the-acceptance-interval): the exact value lies inside, and every honest evaluation too.",
    ),
    ("    got", "What your function gave, and how far from the exact value that is. nan is never inside."),
    ("  law broken", "A [law](#laws) that it breaks, and the sentence that this law is."),
    ("  broken too", "The other laws that it breaks, by name."),
    ("  remark", "Whatever else was noticed. A warning is no mistake, but often says where to look."),
    (
        "  evidence",
        (
            "What stands behind the verdict: how many inputs of each class, how many laws, how many of the formula's known mistakes this very search rejects, the number format, and the seed with which it "
            "can be repeated."
        ),
    ),
    ("0 of 1", "The sum of all; the exit status is 0 if everything conforms, 1 if not."),
)


def line_by_line(printed: str) -> str:
    """A table of the lines of a report with their meanings.

    Raises:
        ValueError: If one of the meanings has no line any more.
    """
    lines = printed.splitlines()
    rows = []
    for begins, meaning in MEANINGS:
        line = next((each for each in lines if each.startswith(begins) or each.lstrip().startswith(begins)), None)
        if line is None:
            raise ValueError(f"no line of the report begins with {begins!r}")
        rows.append((f"`{' '.join(line.split())}`", meaning))
    return wrapped("line-by-line", table(("line", "what it says"), rows)) + "\n"
