"""A verdict, line by line: what `refmath check` printed, and what each line means."""

from __future__ import annotations

from tools.site.markdown import table, wrapped

#: How a line begins, and what it says; in the order in which a report has them.
MEANINGS = (
    (
        "✗ softmax_cross_entropy_one_hot ",
        "The function, the verdict, and where the function stands. With `--against` and `--convention` the formula and the convention are named behind the function.",
    ),
    (
        "Right on ordinary inputs.",
        (
            "Where it is right, and where it breaks. What is said here holds for every input that was tried. A bound was also put to the test: everyday inputs were moved across it, and the function was asked "
            "on both sides. Where nothing so simple is true, it says on how many inputs of each class it was wrong."
        ),
    ),
    (
        "why ",
        "The name of the known mistake that gives the same values on all inputs tried, and what that is. It may be a convention instead: then nothing is wrong but the name.",
    ),
    ("try ", "What to do about it, where something general can be said."),
    (
        "fails on ",
        "The simplest input on which it is wrong, as a call to be pasted behind your own import. It was found by shrinking another one, and so may not be among the inputs counted below.",
    ),
    ("yours ", "What your function gave, and how far off that is. nan is never right."),
    (
        "exact ",
        "The exact value, rounded to the number format, and how far off an honest evaluation may be here: the [acceptance interval](#the-acceptance-interval).",
    ),
    ("note ", "Whatever else was noticed. A warning is no mistake, but often says where to look."),
    (
        "inputs ",
        (
            "On how many inputs of each class the answer was right. *Ordinary* inputs are those that are called typical below, *special* ones the edge cases, and *huge or tiny* numbers the extreme ones: "
            "the three [classes of inputs](#inputs)."
        ),
    ),
    (
        "tried ",
        (
            "What stands behind the verdict: how many inputs, how many [laws](#laws), how many of the formula's known mistakes this very search catches, the number format, and the seed with which it "
            "can be repeated."
        ),
    ),
    (
        "0 of 1",
        "The sum of all; the exit status is 0 if everything conforms, 1 if not. Of several functions each has a line above it.",
    ),
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
