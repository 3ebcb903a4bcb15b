"""The flaws of the chapter, each shown by refmath itself when the site is built."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import refmath
from refmath.oracle.reporting.findings import Counterexample
from tools.site.markdown import code, table
from tools.site.verdict import CHAPTER, reports


def errata() -> str:
    """The page: a section for each flaw, with what it does."""
    sections = [f"## {number}. {title}\n\n{body}" for number, (title, body) in enumerate(_sections(), 1)]
    return "# Errata of the chapter\n\n" + _BEFORE + "\n\n" + "\n\n".join(sections) + "\n"


_BEFORE = """refmath hardens one chapter, *how a neural network learns* (after K. Saitoh, *Deep Learning from Scratch*, chapter 4). Where the chapter is wrong or
silent, refmath is right and says so here. No number below is typed in: each counterexample was found, and each value computed, when this page was built, from
the chapter's own functions in `examples/chapter.py`."""


def _sections() -> Iterator[tuple[str, str]]:
    yield "Two slips of the keyboard", _slips()
    yield "The loss of a perfect prediction is negative", _negative_loss()
    yield "The gradient points uphill", _uphill()
    yield (
        "Gradient descent destroys its start point",
        _found(
            "gradient_descent",
            "`x = init_x` is a second name, not a copy, and `x -= …` works on the caller's array. refmath's `gradient_descent` returns a new one.",
        ),
    )
    yield "The numerical gradient truncates integers", _integers()
    yield "One index is not enough for a matrix", _one_index()
    yield "Six hundred batches are not a pass over the data", _with_replacement()
    yield (
        "One-hot targets and labels are told apart by their size",
        _found(
            "cross_entropy_error",
            "Where `t.size == y.size`, the book's loss takes t for one-hot targets; a batch of labels of one class has that size too, and a "
            "single sample with a label cannot be told at all. refmath decides by the number of dimensions.",
        ),
    )
    yield "y − t is the gradient of another loss", _another_gradient()
    yield "An epoch that is no whole number of iterations", _epochs()


def _found(name: str, text: str) -> str:
    """A flaw that the oracle finds: its verdict, its name, and the smallest counterexample."""
    report = reports()[name]
    named = f" It is called `{report.diagnosis.name}`: {report.diagnosis.text}" if report.diagnosis else ""
    return f"{text}\n\nThe verdict on `{name}` is **{report.verdict}**.{named}\n\n{_shown(report.smallest)}"


def _shown(example: Counterexample | None) -> str:
    assert example is not None, "the flaw is gone: is the chapter's function still the chapter's?"
    lines = [f">>> {example.call}"]
    if example.trouble:
        lines += example.trouble.splitlines()
    elif example.expected is not None:
        lines += [f"{example.got!r}", f"# expected between {example.expected[0]!r} and {example.expected[1]!r}"]
    return code("\n".join(lines), "python")


def _slips() -> str:
    def error(source: str, names: dict[str, Any]) -> str:
        try:
            eval(source, {"np": np, **names})
        except Exception as raised:  # noqa: BLE001  # whichever it is, is the point
            return f">>> {source}\n{type(raised).__name__}: {raised}"
        raise AssertionError(f"{source} is no slip")

    y, t = np.array([0.1, 0.9]), np.array([0, 1])
    slips = [error("np/sum((y - t) ** 2)", {"y": y, "t": t}), error("-np.sum(t.np.log(y))", {"y": y, "t": t})]
    return "`np/sum` divides a module by a number, and `t.np.log` looks for NumPy inside an array.\n\n" + code(
        "\n".join(slips), "python"
    )


def _negative_loss() -> str:
    chapter = _chapter()
    value = chapter["cross_entropy_one_hot"](np.array([1.0]), np.array([1.0]))
    floor = refmath.cross_entropy_one_hot([1.0], [1.0])
    return (
        "ln(y + δ) keeps the logarithm finite, and makes the loss of a perfect prediction −ln(1 + δ), which is less than nothing. The promises “never "
        "negative” and “finite at ln 0” do not hold together with an offset. They do with a floor, ln max(y, δ), which is refmath's default, and with a clip at both ends, "
        "as Keras and scikit-learn have it, under which a perfect prediction costs a little. The offset is refmath's convention `chapter`.\n\n"
        + code(
            f">>> cross_entropy_one_hot(np.array([1.0]), np.array([1.0]))  # the chapter\n{value!r}\n"
            f">>> refmath.cross_entropy_one_hot([1.0], [1.0])\n{floor!r}",
            "python",
        )
    )


def _uphill() -> str:
    def f(x: Any) -> Any:
        return np.sum(x**2)

    x = np.array([3.0, 4.0])
    gradient = refmath.numerical_gradient(f, x)
    after, before = f(x + 0.01 * gradient), f(x)
    assert after > before
    return (
        "The chapter says that the gradient points where the function falls fastest. It points where it *rises* fastest; the negative gradient falls.\n\n"
        + code(
            f">>> f, x = lambda x: np.sum(x**2), np.array([3.0, 4.0])\n>>> gradient = refmath.numerical_gradient(f, x)\n>>> gradient.round(6)\n{gradient.round(6)!r}\n"
            f">>> float(f(x)), float(f(x + 0.01 * gradient))\n({float(before)!r}, {float(after)!r})",
            "python",
        )
    )


def _integers() -> str:
    chapter, x = _chapter(), np.array([3, 4])
    wrong = chapter["numerical_gradient"](lambda x: np.sum(x**2), x)
    right = refmath.numerical_gradient(lambda x: np.sum(x**2), [3, 4]).round(6)
    text = (
        "`np.zeros_like(x)` has the dtype of x, and `x[idx] = tmp_val + h` is stored in it: among integers 3 + 10⁻⁴ is 3, and 3 − 10⁻⁴ is 2. In float32 the step "
        "leaves two to four digits, and an exception in f leaves x moved. refmath computes in float64, on copies."
    )
    narrow = chapter["numerical_gradient"](lambda x: np.sum(x**2), np.array([3, 4], np.float32))
    shown = code(
        f">>> numerical_gradient(lambda x: np.sum(x**2), np.array([3, 4]))  # the chapter\n{wrong!r}\n"
        f">>> numerical_gradient(lambda x: np.sum(x**2), np.array([3, 4], np.float32))\n{narrow!r}\n"
        f">>> refmath.numerical_gradient(lambda x: np.sum(x**2), [3, 4]).round(6)\n{right!r}",
        "python",
    )
    return f"{text}\n\n{shown}\n\n{_found('numerical_gradient', 'And refmath finds it by itself:')}"


def _one_index() -> str:
    x = np.zeros((2, 2))
    try:
        for index in range(x.size):
            x[index] = x[index] + 1e-4
    except IndexError as error:
        told = f"IndexError: {error}"
    return (
        "The chapter's first numerical gradient runs over `range(x.size)` with one index, which on a matrix takes rows for entries, moves whole rows, and "
        "ends beyond the last one. Only the second, with a multi-index, is general.\n\n"
        + code(
            f">>> x = np.zeros((2, 2))\n>>> for index in range(x.size):\n...     x[index] = x[index] + 1e-4\n{told}",
            "python",
        )
    )


def _with_replacement() -> str:
    rng = np.random.default_rng(0)
    images = np.arange(60_000)[:, np.newaxis]
    drawn = np.concatenate([refmath.mini_batch(images, images[:, 0], 100, rng)[1] for _ in range(600)])
    seen, expected = len(np.unique(drawn)), 1 - (1 - 1 / 60_000) ** 60_000
    return (
        "Each batch is drawn anew from all 60,000 images, so 600 batches of 100 see some twice and others not at all. An *epoch* of the chapter is a count of "
        f"iterations: in a run of 600 batches **{seen:,}** of 60,000 images were seen ({seen / 60_000:.1%}; to be expected: {expected:.1%})."
    )


def _another_gradient() -> str:
    rows = []
    for margin in (2.0, 16.0, 30.0):
        a, t = [0.0, margin], [1.0, 0.0]
        without = refmath.exact("softmax_cross_entropy_one_hot_gradient", a, t).nearest()[0]
        offset = [
            refmath.exact("softmax_cross_entropy_one_hot_gradient", a, t, convention=name).nearest()[0]
            for name in ("seed", "book")
        ]
        rows.append((f"{margin:g}", f"{without:.4g}", *(f"{each:.3g} ({without / each:.3g} ×)" for each in offset)))
    head = ("logits apart by", "y − t", "with δ = 1e-8 (the chapter)", "with δ = 1e-7 (the book)")
    return (
        "The network is trained with y − t, which is the gradient of the cross-entropy *without* δ; the loss that is printed has it. The further a sample is "
        "from its class, the less the two have to do with each other. In refmath a loss and its gradient agree exactly, under every convention.\n\n"
        + table(head, rows)
    )


def _epochs() -> str:
    per_epoch = 60_000 / 128
    hits = [i for i in range(10_000) if i % per_epoch == 0]
    return (
        "`i % iter_per_epoch` is taken with a float. It works for 60,000 / 100; with batches of 128 an “epoch” is 468.75 iterations, and the accuracy is "
        f"recorded {len(hits)} times in 10,000 iterations instead of {int(10_000 / per_epoch) + 1} times: at {', '.join(map(str, hits))}."
    )


def _chapter() -> dict[str, Callable[..., Any]]:
    return runpy.run_path(str(CHAPTER))
