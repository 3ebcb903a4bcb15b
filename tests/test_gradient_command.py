"""`refmath gradient`: the report, the exit status, and what is said where nothing can be judged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from refmath.cli import app

MODULE = """
import numpy as np

def loss(w):
    return np.mean((w @ np.array([1.0, 2.0]) - 1) ** 2)

def gradient(w):
    return 2 / len(w) * (w @ np.array([1.0, 2.0]) - 1)[:, None] * np.array([1.0, 2.0])

def not_divided(w):
    return len(w) * gradient(w)

def network(p):
    return np.sum((p["W"] @ p["x"]) ** 2)

def of_network(p):
    y = p["W"] @ p["x"]
    return {"W": 2 * np.outer(y, p["x"]), "x": 2 * p["W"].T @ y}

def start():
    return np.arange(6.0).reshape(3, 2)

def floor(x):
    return np.sum(np.floor(x))

def fails(x):
    raise KeyError("no such thing")

here = np.array([2.0])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the module and the points in files."""
    (tmp_path / "mine.py").write_text(MODULE)
    np.save(tmp_path / "w.npy", np.arange(6.0).reshape(3, 2))
    np.savez(tmp_path / "p.npz", W=np.ones((2, 3)), x=np.arange(3.0))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["gradient", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "first"),
    [
        (("mine.py:loss", "mine.py:gradient", "--at", "w.npy"), 0, "The gradient is right."),
        (("mine.py:loss", "mine.py:gradient", "--at", "mine.py:start"), 0, "The gradient is right."),
        (("mine.py:loss", "mine.py:not_divided", "--at", "w.npy"), 1, "The gradient is wrong in every entry."),
        (("mine.py:loss", "mine.py:not_divided", "--at", "w.npy", "--exit-zero"), 0, "The gradient is wrong in every entry."),
        (("mine.py:network", "mine.py:of_network", "--at", "p.npz"), 0, "The gradient is right."),
        (("mine.py:floor", "mine.py:here", "--at", "mine.py:here", "--exit-zero"), 2, "Whether the gradient is right cannot be told here."),
    ],
)  # fmt: skip
def test_the_report_and_the_status(folder: Path, arguments: tuple[str, ...], status: int, first: str) -> None:
    """0 for right, 1 for wrong, 2 for what cannot be told; `--exit-zero` forgives what is wrong."""
    code, out, _ = run(*arguments)
    assert code == status
    assert out.splitlines()[0] == first


def test_the_report_as_json(folder: Path) -> None:
    """To standard output, or to a file beside the text."""
    code, out, _ = run("mine.py:loss", "mine.py:not_divided", "--at", "w.npy", "--json", "-")
    assert code == 1
    assert json.loads(out)["hints"] == [
        "Every entry is 3 times too large, which is the size of axis 0: 1/3 is missing."
    ]
    code, out, _ = run("mine.py:loss", "mine.py:gradient", "--at", "w.npy", "--json", "report.json")
    assert code == 0
    assert out.startswith("The gradient is right.")
    assert json.loads((folder / "report.json").read_text())["verdict"] == "right"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mine.py:loss", "--at", "w.npy"), "gradient must be given: NumPy has none of its own"),
        (("mine.py:loss", "mine.py:gradient", "--at", "nothing.npy"), "--at nothing.npy cannot be read: No such file or directory"),
        (("mine.py:loss", "mine.py:gradient", "--at", "mine.py"), "--at must be FILE.npy, FILE.npz or file.py:NAME; got mine.py"),
        (("mine.py:loss", "mine.py:gradient", "--at", "p.npz"), "f or its gradient raised ValueError: matmul"),
        (("mine.py:los", "mine.py:gradient", "--at", "w.npy"), "there is no 'los' in mine.py; its functions: fails, floor"),
        (("mine.py", "mine.py:gradient", "--at", "w.npy"), "mine.py names no function: give file.py:NAME"),
        (("other.py:loss", "mine.py:gradient", "--at", "w.npy"), "there is no file other.py"),
        (("mine.py:fails", "mine.py:gradient", "--at", "w.npy"), "f or its gradient raised KeyError: 'no such thing'"),
        (("mine.py:loss", "mine.py:gradient", "--at", "mine.py:here"), "f or its gradient raised ValueError: matmul"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_said_in_one_line(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    """With status 2, and nothing on standard output."""
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err
