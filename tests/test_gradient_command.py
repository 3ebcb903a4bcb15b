"""`refmath gradient`: the report, the exit status, and what is said where nothing can be judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from refmath.cli import app
from refmath.gradients import command
from refmath.gradients.check_gradient import check_gradient
from refmath.oracle.candidates.not_judged import NotJudged

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

def refuses(x):
    raise ValueError("not here")

class Model:
    named_parameters = None

    def __call__(self):
        raise AssertionError("a model is no function that returns one")

here = np.array([2.0])
model = Model()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the module and the points in files."""
    (tmp_path / "mine.py").write_text(MODULE)
    np.save(tmp_path / "w.npy", np.arange(6.0).reshape(3, 2))
    np.savez(tmp_path / "p.npz", W=np.ones((2, 3)), x=np.arange(3.0))
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 and no more")
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
        (("mine.py:loss", "mine.py:gradient", "--at", "empty.npy"), "--at empty.npy cannot be read: "),
        (("mine.py:loss", "mine.py:gradient", "--at", "broken.npz"), "--at broken.npz cannot be read: "),
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


def judged(f: str, gradient: str | None, at: str, array: Any = "numpy") -> str:
    """Why nothing can be judged, as a whole."""
    with pytest.raises(NotJudged) as raised:
        command.judge(f, gradient, at, array)
    return str(raised.value)


def test_refusals_of_refmath_are_told_as_they_are(folder: Path) -> None:
    """And what f raises as what it raised."""
    assert judged("mine.py:loss", None, "w.npy") == (
        "gradient must be given: NumPy has none of its own; with array='torch' or array='jax' the library's is taken"
    )
    assert judged("mine.py:loss", "mine.py:here", "w.npy") == (
        "x and gradient must have the same shape; got (3, 2) and (1,)"
    )
    assert judged("mine.py:refuses", "mine.py:here", "mine.py:here") == (
        "f or its gradient raised ValueError: not here"
    )
    assert judged("mine.py:loss", "mine.py:gradient", "w.npy", "cupy") == (
        "array must be one of numpy, torch, jax; got 'cupy'"
    )


def test_f_is_given_arrays_of_the_library_that_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the gradient, the point and the library are those that are named."""
    asked: list[Any] = []
    monkeypatch.setattr(command, "require", lambda array: array)
    monkeypatch.setattr(command, "check_gradient", lambda *given, **options: asked.append((given, options)))
    command.judge("mine.py:loss", None, "mine.py:here", "jax")
    (f, gradient, at), options = asked[0]
    assert (f.__name__, gradient, at.tolist(), options) == ("loss", None, [2.0], {"array": "jax"})


def test_objects_are_not_unpickled(folder: Path) -> None:
    """They could do anything."""
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    assert judged("mine.py:loss", "mine.py:gradient", "objects.npy") == (
        "--at objects.npy cannot be read: Object arrays cannot be loaded when allow_pickle=False"
    )


def test_a_model_is_a_point_although_it_can_be_called(folder: Path) -> None:
    """A function returns one; an array is one."""
    assert type(command.point("mine.py:model", {})).__name__ == "Model"
    assert command.point("mine.py:start", {}).tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert command.point("mine.py:here", {}).tolist() == [2.0]


def test_json_is_indented_by_two() -> None:
    """As other reports are, with a line end at the end."""
    text = command.as_json(check_gradient(lambda x: float(x[0]), [1.0], [2.0]))
    assert text.startswith('{\n  "verdict": "right",\n')
    assert text.endswith("\n}\n")


def test_functions_of_one_file_share_what_it_holds(folder: Path) -> None:
    """It is imported once: a gradient may use what the function kept, and numbers that were drawn."""
    (folder / "drawn.py").write_text("""
import numpy as np

X, y, here = np.random.randn(5, 3), np.random.randn(5), np.random.randn(3)
kept = {}

def loss(w):
    kept["rest"] = X @ w - y
    return np.mean(kept["rest"] ** 2)

def gradient(w):
    return 2 * X.T @ (X @ w - y) / len(kept["rest"])
""")
    code, out, _ = run("drawn.py:loss", "drawn.py:gradient", "--at", "drawn.py:here")
    assert (code, out.splitlines()[0]) == (0, "The gradient is right.")
