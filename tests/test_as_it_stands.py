"""Code as it stands: targets of every form, arguments in another order, answers in a tuple, samples in columns, functions of numbers or lists."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import refmath
from refmath.catalogue import formula, known
from refmath.cli import app
from refmath.oracle.candidates.source_text import defined_in, definitions_of, source_of
from refmath.oracle.candidates.trajectory import trajectory
from refmath.oracle.loading.scan import in_directory
from refmath.oracle.loading.targets import parted
from refmath.oracle.loading.usual_names import meant, order_by_names
from refmath.spec import argument_names, setting

FEW = ("--examples", "4")
SOFTMAX = "e = np.exp(a - a.max(axis=-1, keepdims=True))\n{}return e / e.sum(axis=-1, keepdims=True)\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))


def write(name: str, source: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments])


def verdicts(*arguments: str) -> dict[str, str]:
    """The verdicts by target."""
    told = run(*arguments, *FEW, "--json", "-")
    return {each["target"]: each["verdict"] for each in json.loads(told.stdout)["results"]}


# ---- targets

NETWORK = f"""
import numpy as np
from .shapes import rows


class Softmax:
    def forward(self, a):
        {SOFTMAX.format("        ")}

    __call__ = forward

    @staticmethod
    def static(a):
        return Softmax().forward(a)

    @classmethod
    def of_class(cls, a):
        return cls().forward(rows(a))


class Scaled:
    def __init__(self, scale):
        self.scale = scale

    def forward(self, a):
        return self.scale * Softmax().forward(a)


class Nothing:
    def evaluate(self, a):
        return a


layer = Softmax()


def softmax(a):
    return layer.forward(a)
"""


@pytest.fixture
def _network() -> None:
    write("made/__init__.py", "")
    write("made/nn/__init__.py", "")
    write("made/nn/shapes.py", "def rows(a):\n    return a\n")
    write("made/nn/layers.py", NETWORK)
    # What another test has imported from another directory.
    for name in [name for name in sys.modules if name.partition(".")[0] == "made"]:
        del sys.modules[name]


@pytest.mark.usefixtures("_network")
@pytest.mark.parametrize("place", ["made/nn/layers.py", "made.nn.layers"])
@pytest.mark.parametrize("process", [(), ("--in-process",)], ids=["isolated", "here"])
def test_what_a_target_may_be(place: str, process: tuple[str, ...]) -> None:
    """Functions, methods of every kind, classes that can be called, objects and expressions, of a file that belongs to a package, or of its module."""
    for what in (
        "softmax",
        "Softmax",
        "Softmax.forward",
        "Softmax.static",
        "Softmax.of_class",
        "layer.forward",
        "Scaled(1.0).forward",
        "lambda a: Scaled(2.0).forward(a) / 2",
    ):
        target = f"{place}:{what}"
        assert verdicts(target, "--against", "softmax", *process) == {target: "conforms"}, target
    told = verdicts(f"{place}:Scaled(2.0).forward", "--against", "softmax", *process)
    assert told == {f"{place}:Scaled(2.0).forward": "differs"}


@pytest.mark.usefixtures("_network")
@pytest.mark.parametrize(
    ("what", "text"),
    [
        (
            "Scaled.forward",
            "Scaled needs arguments to be made, Scaled(scale); give them in the target, as in 'FILE:Scaled(...).forward'",
        ),
        ("Scaled", "Scaled needs arguments to be made"),
        ("Nothing", "objects of Nothing cannot be called; say which method: Nothing.evaluate"),
        ("Softmax.backward", "there is no function 'Softmax.backward'"),
        ("nobody.forward", "there is no function 'nobody.forward'"),
        ("1 / 0", "raised ZeroDivisionError"),
        ("softmax(", "raised SyntaxError"),
    ],
)
def test_what_no_target_is(what: str, text: str) -> None:
    """One sentence says what is missing, and what can be typed in its place."""
    told = run(f"made/nn/layers.py:{what}", "--against", "softmax", "--in-process")
    assert told.exit_code == 2
    assert text in told.stderr
    assert told.stderr.count("\n") == 1


def test_where_the_place_of_a_target_ends() -> None:
    """A drive of Windows, a folder with blanks, and colons in an expression."""
    assert parted(r"C:\x\y.py") == (r"C:\x\y.py", "")
    assert parted("C:/x/y.py:f") == ("C:/x/y.py", "f")
    assert parted("a b/x.py:lambda y, t: g(y)[0]") == ("a b/x.py", "lambda y, t: g(y)[0]")
    assert parted("x.ipynb:A.b") == ("x.ipynb", "A.b")
    assert parted("f.py:") == ("f.py:", "")


def test_several_targets_are_judged_together() -> None:
    """Each in its own process; what one cannot be judged for costs the others nothing."""
    write("one.py", "import numpy as np\n\n\ndef softmax(a):\n    " + SOFTMAX.format("    "))
    write("two.py", "def relu(x):\n    return x\n")
    write("three.py", "raise RuntimeError('not today')\n")
    told = run("one.py", "two.py:relu", "three.py", *FEW, "--json", "all.json")
    assert told.exit_code == 2
    written = json.loads(Path("all.json").read_text(encoding="utf-8"))
    assert [(each["target"], each["verdict"]) for each in written["results"]] == [
        ("one.py:softmax", "conforms"),
        ("two.py:relu", "differs"),
    ]
    assert [each["target"] for each in written["not_judged"]] == ["three.py"]
    assert (
        "RuntimeError in line 1, `raise RuntimeError('not today')`: not today; --definitions-only runs"
        in written["not_judged"][0]["reason"]
    )
    assert verdicts("one.py", "two.py:relu", "--jobs", "2") == {"one.py:softmax": "conforms", "two.py:relu": "differs"}


SCRIPT = """
import a_module_that_nobody_has
import numpy as np
LIMIT = 500.0
rng = np.random.default_rng(0)
print("training")
for step in range(10):
    raise SystemExit("trained")


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -np.asarray(x, dtype=float)))
"""


def test_definitions_alone() -> None:
    """Of a script that trains, imports, functions, classes and constants are run, and nothing else; without that it says so."""
    write("script.py", SCRIPT)
    told = run("script.py", *FEW)
    assert told.exit_code == 2
    assert "--definitions-only runs its imports, functions, classes and constants alone" in told.stderr
    assert verdicts("script.py", "--definitions-only") == {"script.py:sigmoid": "conforms"}
    assert verdicts("script.py", "--definitions-only", "--in-process") == {"script.py:sigmoid": "conforms"}


def test_notebooks() -> None:
    """A notebook is judged like a file; IPython's own commands are left out."""
    cells = [
        "%matplotlib inline\n!pip list\nimport numpy as np",
        "def relu(x):\n    return np.maximum(x, 0)\n",
        "%%bash\nls",
        "relu?",
    ]
    notebook = {
        "nbformat": 4,
        "cells": [
            {"cell_type": "markdown", "source": ["# title"]},
            *({"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells),
        ],
    }
    write("notes.ipynb", json.dumps(notebook))
    assert verdicts("notes.ipynb") == {"notes.ipynb:relu": "conforms"}
    assert "notes.ipynb, code cell 2, line 1" in " ".join(run("notes.ipynb", *FEW).stdout.split())
    assert verdicts("notes.ipynb:relu", "--definitions-only") == {"notes.ipynb:relu": "conforms"}
    write("none.ipynb", "{}")
    assert "it is no notebook of format 4" in run("none.ipynb").stderr
    assert "it is no notebook of format 4" in run("none.ipynb", "--definitions-only").stderr


def test_what_a_notebook_has_of_its_own() -> None:
    """Code that ends in a question mark, or goes on with a percent sign, is no command; a command may have its output named."""
    cells = {
        "x = 1  # is this right?": "x = 1  # is this right?",
        "x = (7\n     % 4)": "x = (7\n     % 4)",
        "files = !ls\ny = 2": "pass  # files = !ls\ny = 2",
        "x = %time f()": "pass  # x = %time f()",
        "  %matplotlib inline\nnp.sum?": "  pass  # %matplotlib inline\npass  # np.sum?",
        "%%timeit\nx": "# %%timeit\n# x",
    }
    for cell, expected in cells.items():
        notebook = {"cells": [{"cell_type": "code", "source": cell}]}
        write("one.ipynb", json.dumps(notebook))
        assert source_of(Path("one.ipynb")) == expected + "\n"


def test_what_counts_as_a_definition() -> None:
    """Constants may be computed from constants; what calls something is no constant."""
    source = "'doc'\nA = -2 * 3\nB: int = A\nC = f()\nD, E = (1, [A])\nA += 1\nif A: X = 1\ntry:\n    import n\nexcept ImportError:\n    n = None\nG = lambda: f()\nH = np.pi\n"
    import ast

    kept = [ast.unparse(each).splitlines()[0] for each in definitions_of(ast.parse(source)).body]
    more = "try:\n    m = open('x')\nexcept OSError:\n    m = None\ntry:\n    import n\nexcept ImportError:\n    f()\ng = lambda x=f(): x\npass\n"
    assert [ast.unparse(each) for each in definitions_of(ast.parse(more)).body] == ["pass"]
    assert kept == ["'doc'", "A = -2 * 3", "B: int = A", "D, E = (1, [A])", "try:", "G = lambda: f()", "H = np.pi"]


# ---- directories


def test_a_directory_is_looked_through() -> None:
    """What bears a formula's name is judged; what looks like one is listed with the command that judges it; nothing else is run."""
    write(
        "pkg/losses.py",
        "def relu(x):\n    return x * (x > 0)\n\n\ndef mse(y_true, y_pred):\n    return ((y_pred - y_true) ** 2).mean()\n",
    )
    write(
        "pkg/layers.py",
        "class Sigmoid:\n    def forward(self, x): ...\n    def derivative(self, x): ...\n    def sigmoid_prime(): ...\n",
    )
    write("pkg/.hidden/x.py", "def softmax(a): ...\n")
    write("pkg/own/pyvenv.cfg", "")
    write("pkg/own/x.py", "def softmax(a): ...\n")
    write("pkg/broken.py", "def (:\n")
    write("pkg/trains.py", "raise SystemExit\n\n\ndef helper(): ...\n")
    told = run("pkg", *FEW, "--json", "all.json")
    written = json.loads(Path("all.json").read_text(encoding="utf-8"))
    place = Path("pkg")
    assert [each["target"] for each in written["results"]] == [f"{place / 'losses.py'}:relu"]
    assert [each["target"] for each in written["not_judged"]] == [str(place / "broken.py")]
    assert told.exit_code == 2
    lines = told.stdout.splitlines()
    start = lines.index("3 functions look like formulas of the catalogue, by their names. To judge one:")
    assert sorted(lines[start + 1 :]) == sorted(
        [
            f"  refmath check {place / 'layers.py'}:Sigmoid.forward --against sigmoid",
            f"  refmath check {place / 'layers.py'}:Sigmoid.derivative --against sigmoid_gradient",
            f"  refmath check {place / 'losses.py'}:mse --against mean_squared_error",
        ]
    )
    write(
        "many/x.py",
        "".join(f"class Sigmoid{n}: ...\n\n\nclass ReLU:\n    def forward(self, x): ...\n\n\n" for n in range(15)),
    )
    assert "... and 3 more: --list-all" in run("many").stdout
    assert run("many", "--list-all").stdout.count("refmath check") == 15
    write("logits.py", "def cross_entropy(logits, labels): ...\n")
    assert "logits.py:cross_entropy --against softmax_cross_entropy_labels" in run("logits.py").stderr
    assert run("pkg", "--against", "nosuch").exit_code == 2
    write("deep/x.py", "x = " + "1 + " * 20000 + "1\n")
    assert "could not be read" in run("deep").stderr
    write("odd/x.ipynb", "[" * 100000)
    write("odd/y.py", "def relu(x): return x * (x > 0)\n")
    if hasattr(os, "mkfifo"):
        os.mkfifo("odd/z.py")
    assert [each.path for each in in_directory(Path("odd"))[0]] == ["relu"]
    write("layers/x.py", "class Relu:\n    def forward(self, x): ...\n    def backward(self, dout): ...\n")
    assert (
        "'layers/x.py:lambda x: [it := Relu(), it.forward(x), it.backward(1 + 0 * x)][-1]' --against relu_gradient"
        in run("layers").stdout.replace(os.sep, "/")
    )
    found, unread = in_directory(place)
    assert [each.line for each in found if each.path == "mse"] == [5]
    assert len(unread) == 1


def test_what_a_file_defines() -> None:
    """Functions and methods with their lines, and with how many arguments they can be called."""
    found = {
        each.path: each
        for each in defined_in(
            "def f(a, b=1, *, c): ...\nclass C:\n    def m(self, x): ...\n    @staticmethod\n    def s(x, *more): ...\n"
        )
    }
    assert {name: (each.line, each.parameters, each.required) for name, each in found.items()} == {
        "f": (1, ("a", "b"), 1),
        "C.m": (3, ("x",), 1),
        "C.s": (5, ("x",), 1),
    }
    assert [found["f"].takes(n) for n in (0, 1, 2, 3)] == [False, True, True, False]
    assert found["C.s"].takes(5)
    Path("latin.py").write_bytes("# -*- coding: latin-1 -*-\nA = 'é'\n".encode("latin-1"))
    assert "é" in source_of(Path("latin.py"))


# ---- names

MEANT = {
    "mse": "mean_squared_error",
    "MSELoss.forward": "mean_squared_error",
    "mse_prime": "mean_squared_error_gradient",
    "sigmoid_derivative": "sigmoid_gradient",
    "d_relu": "relu_gradient",
    "ReLU.derivative": "relu_gradient",
    "Sigmoid.backward": "sigmoid_gradient",
    "softmax_backward": "softmax_vjp",
    "Dense.backward": "affine_vjp",
    "CrossEntropyLoss.__call__": "cross_entropy_error",
    "categorical_crossentropy": "cross_entropy_one_hot",
    "bce_loss": "binary_cross_entropy",
    "Adam.update": "adam_step",
    "update_parameters": "sgd_step",
    "compute_numerical_gradient": "numerical_gradient",
    "crossEntropy": "cross_entropy_error",
    "swish": "silu",
    "log": "",
    "forward": "",
    "load_data": "",
    "Loss.forward": "",
    "data": "",
}


@pytest.mark.parametrize("name", MEANT)
def test_names_that_people_use(name: str) -> None:
    """The usual names of functions and methods mean the formula; other names none."""
    assert meant(name) == MEANT[name]


def test_every_formula_is_meant_by_its_own_name() -> None:
    """Also in capitals, or without underscores."""
    for each in known():
        assert meant(each.name) == meant(each.name.upper()) == meant(each.name.replace("_", "")) == each.name


@pytest.mark.parametrize(
    ("names", "against", "order"),
    [
        (("actual", "predicted"), "cross_entropy_one_hot", ("t", "y")),
        (("y_true", "y_pred"), "mean_squared_error", ("t", "y")),
        (("y", "y_hat"), "binary_cross_entropy", ("t", "p")),
        (("labels", "logits"), "softmax_cross_entropy_labels", ("labels", "a")),
        (("dout", "a"), "softmax_vjp", ("upstream", "a")),
        (("w", "g", "v", "m", "t"), "adam_step", ("w", "g", "v", "m", "t")),
        (("AL", "Y"), "binary_cross_entropy", ()),
        (("y", "t"), "mean_squared_error", ()),
        (("X", "y"), "softmax_cross_entropy_labels", ()),
        (("x", "y"), "huber", ()),
        (("a", "b"), "mean_squared_error", ()),
        (("target",), "mean_squared_error", ()),
        (("target", "label"), "mean_squared_error", ()),
        ((), "mean_squared_error", ()),
        (("x",), "sigmoid", ()),
    ],
)
def test_the_order_by_names(names: tuple[str, ...], against: str, order: tuple[str, ...]) -> None:
    """Where the names of parameters say that the order is another one, it is that; where they do not, it is the formula's."""
    assert order_by_names(names, formula(against)) == order


def test_the_names_of_a_formula_mean_its_own_order() -> None:
    """No formula's own arguments are taken for another order, and each of two exchanged ones is known again."""
    for each in known():
        names = argument_names(each)
        assert order_by_names(names, each) == ()
        if len(names) > 1:
            turned = [names[1], names[0], *names[2:]]
            assert order_by_names(turned, each) == tuple(turned)


# ---- how it is called


def by_hand(actual: Any, predicted: Any) -> Any:
    return -np.sum(actual * np.log(np.maximum(predicted, 1e-7))) / len(np.atleast_2d(actual))


def test_an_order_that_names_say_is_told() -> None:
    """It conforms, and the report says in which order it takes its arguments."""
    report = refmath.check(
        lambda y_true, y_pred: refmath.mean_absolute_error(y_pred, y_true), "mean_absolute_error", examples=10
    )
    assert report.verdict == "conforms"
    assert report.extent.order == ("t", "y")
    assert report.remarks[0] == (
        "it takes t, y in this order, as the names of its parameters say (y_true, y_pred); the formula's order is y, t"
    )
    report = refmath.check(lambda t, y: refmath.cross_entropy_one_hot(y, t), "cross_entropy_one_hot", examples=10)
    assert (report.verdict, report.as_json()["order"]) == ("conforms", ["t", "y"])


def test_an_order_that_is_told() -> None:
    """What is told counts more than the names; an answer in parts keeps its own order."""
    report = refmath.check(
        lambda y, t: refmath.cross_entropy_labels(t, y), "cross_entropy_labels", order=["labels", "y"], examples=10
    )
    assert (report.verdict, report.extent.order, report.remarks) == ("conforms", ("labels", "y"), ())
    report = refmath.check(lambda b, W, x: refmath.affine(x, W, b), "affine", order=("b", "W", "x"), examples=10)
    assert report.verdict == "conforms"
    report = refmath.check(lambda b, W, x: 2 * refmath.affine(x, W, b), "affine", order=("b", "W", "x"), examples=10)
    assert report.smallest is not None
    assert report.verdict == "differs"
    # The line to paste is in the order in which it is called.
    given = {"x": "x", "W": "W", "b": "b"}
    sizes = {name: report.smallest.inputs[name] for name in given}
    arrays = eval(
        report.smallest.call.replace("<lambda>", "list_of"),
        {"np": np, "list_of": lambda *each: each, "affine": lambda *each: each},
    )
    for array, name in zip(arrays, ("b", "W", "x"), strict=True):
        np.testing.assert_array_equal(array, sizes[name])


def test_another_order_than_the_names_say() -> None:
    """Where the names mislead, the order that is right is told, and not the one that it was called in."""
    told = refmath.check(lambda t, y: refmath.cross_entropy_one_hot(t, y), "cross_entropy_one_hot", examples=20)
    assert told.diagnosis is not None
    assert told.verdict != "conforms"
    assert "--order y,t" in told.diagnosis.repair


def test_what_cannot_be_called_so_is_no_error_of_refmath() -> None:
    """One sentence before anything is judged; of several functions, those that it does not suit are not judged."""
    write("two.py", "def relu(x):\n    return x\n\n\ndef huber(y, t):\n    return y\n")
    for options, text in (
        (("two.py:relu", "--order", "a,b"), "order must name the arguments of relu, x, each once; got a, b"),
        (("two.py:relu", "--layout", "columns"), "no argument of relu has samples in rows"),
        (("two.py:relu", "--steps", "3"), "relu is none"),
    ):
        told = run(*options)
        assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
        assert text in told.stderr
        assert "please report it" not in told.stderr
    told = run("two.py", "--order", "t,y", *FEW)
    assert "huber" in told.stdout
    assert "order must name the arguments of relu" in told.stderr


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"order": "t,y"}, TypeError, "order must be names of arguments"),
        ({"order": ["t"]}, ValueError, "order must name the arguments of mean_squared_error, y, t, each once; got t"),
        ({"order": ["t", "z"]}, ValueError, "order must name the arguments"),
        ({"take": 0.5}, TypeError, "take must be"),
        (
            {"layout": "diagonals"},
            ValueError,
            "layout must be rows, columns, classes_first or classes_last; got 'diagonals'",
        ),
    ],
)
def test_calls_that_cannot_be(options: dict[str, Any], error: type[Exception], text: str) -> None:
    """Each is refused with what can be said."""
    with pytest.raises(error, match=text):
        refmath.check(refmath.mean_squared_error, "mean_squared_error", **options)


def with_cache(x: Any) -> Any:
    return 1 / (1 + np.exp(-x)), x


def test_an_entry_of_a_tuple() -> None:
    """Without `take` the tuple is named, with the entry that is right; with it that entry is judged, from either end."""
    told = refmath.check(with_cache, "sigmoid", examples=10)
    assert told.diagnosis is not None
    assert (told.verdict, told.diagnosis.name) == ("failed", "returns_a_tuple")
    assert told.diagnosis.text == "It returns a tuple, of which entry 0 is right."
    assert told.diagnosis.repair == "Judge that entry: --take 0."
    for take in (0, -2):
        assert refmath.check(with_cache, "sigmoid", take=take, examples=10).verdict == "conforms"
    assert refmath.check(with_cache, "sigmoid", take=1, examples=10).verdict == "differs"
    missing = refmath.check(with_cache, "sigmoid", take=2, examples=4)
    assert missing.smallest is not None
    assert missing.smallest.trouble == "returned 2 values, which have no entry 2"
    none = refmath.check(refmath.sigmoid, "sigmoid", take=0, examples=4)
    assert none.smallest is not None
    assert none.smallest.trouble == "returned ndarray where entry 0 of a tuple is to be taken"


def test_a_pair_of_loss_and_gradient() -> None:
    """Which entry is the loss, and how the gradient is judged."""

    def both(y: Any, t: Any) -> Any:
        return refmath.mean_squared_error_gradient(y, t), refmath.mean_squared_error(y, t)

    told = refmath.check(both, "mean_squared_error", examples=10)
    assert told.diagnosis is not None
    assert told.diagnosis.text == "It returns a tuple, of which entry 1 is right."
    assert told.diagnosis.repair == (
        "Judge that entry: --take 1. If another one is the gradient: --against mean_squared_error_gradient --take 0."
    )
    assert refmath.check(both, "mean_squared_error_gradient", take=0, examples=10).verdict == "conforms"
    half = refmath.check(lambda y, t: (refmath.mean_squared_error(y, t) / 3, y), "mean_squared_error", examples=10)
    assert half.diagnosis is None or half.diagnosis.name != "returns_a_tuple"


COLUMNS: dict[str, Callable[..., Any]] = {
    "softmax": lambda a: refmath.softmax(a.T).T,
    "softmax_cross_entropy_labels": lambda a, labels: refmath.softmax_cross_entropy_labels(a.T, labels),
    "cross_entropy_one_hot_gradient": lambda y, t: refmath.cross_entropy_one_hot_gradient(y.T, t.T).T,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_samples_in_columns(name: str) -> None:
    """Who takes samples in columns, and answers so, conforms where that is said, and nowhere else."""
    assert refmath.check(COLUMNS[name], name, layout="columns", examples=10).verdict == "conforms"
    assert refmath.check(COLUMNS[name], name, examples=10).verdict != "conforms"
    assert refmath.check(getattr(refmath, name), name, layout="columns", examples=10).verdict != "conforms"


def softmax_of_images(x: Any) -> Any:
    n, k, height, width = x.shape
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).reshape(n, k, height, width)


def loss_of_sequences(x: Any, labels: Any, mean: Callable[..., Any] = np.mean) -> Any:
    if np.ndim(x) != 3:
        raise ValueError("sequences, please")
    shifted = x - x.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1, keepdims=True)) - shifted
    return mean(np.take_along_axis(losses, labels[:, None], axis=1))


@pytest.mark.parametrize(
    ("candidate", "name"), [(softmax_of_images, "softmax"), (loss_of_sequences, "softmax_cross_entropy_labels")]
)
def test_classes_on_axis_1(candidate: Callable[..., Any], name: str) -> None:
    """Who takes (N, K, d), or (N, K, d, e), is told so, and conforms where that is said."""
    told = refmath.check(candidate, name, examples=4)
    assert told.diagnosis is not None
    assert (told.verdict, told.diagnosis.name) == ("failed", "classes_first")
    assert told.diagnosis.repair == "If that is meant: --layout classes_first."
    right = refmath.check(candidate, name, layout="classes_first", examples=4)
    assert (right.verdict, right.declined) == ("conforms", ())
    assert right.remarks == (
        ("it takes no other arrays than those of 4 axes: it was called with (N, K, d, e)",) if name == "softmax" else ()
    )


def test_what_is_wrong_with_classes_on_axis_1() -> None:
    """A counterexample is written as it was handed over; what is written into it is seen; a sum over the places by the number of arrays is named."""
    wrong = refmath.check(lambda x: softmax_of_images(x) ** 2, "softmax", layout="classes_first", examples=4)
    assert wrong.smallest is not None
    assert wrong.smallest.call.startswith("softmax(np.array([[[[")
    assert len(wrong.smallest.index) == 4

    def writing(x: Any) -> Any:
        x -= x.max(axis=1, keepdims=True)
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    assert "wrote into its argument a" in str(refmath.check(writing, "softmax", layout="classes_first", examples=4))
    summed = refmath.check(
        lambda x, labels: loss_of_sequences(x, labels, np.sum) / len(x),
        "softmax_cross_entropy_labels",
        layout="classes_first",
        examples=4,
    )
    assert summed.diagnosis is not None
    assert summed.diagnosis.name == "divided_by_arrays"
    with pytest.raises(
        ValueError, match="layout='classes_first' is about samples and classes; layer_norm has other axes"
    ):
        refmath.check(refmath.layer_norm, "layer_norm", layout="classes_first")


def test_columns_without_samples() -> None:
    """A formula of arrays of any shape has no columns, and neither has one of mappings."""
    with pytest.raises(ValueError, match="no argument of sigmoid has samples in rows"):
        refmath.check(refmath.sigmoid, "sigmoid", layout="columns")
    with pytest.raises(ValueError, match="takes mappings of arrays"):
        refmath.check(refmath.two_layer_net_predict, "two_layer_net_predict", layout="columns")


def stable(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def test_functions_of_numbers() -> None:
    """A function of numbers is called with one at a time, and the report says so; what it loses there is its own fault."""
    report = refmath.check(stable, "sigmoid", examples=10)
    assert (report.verdict, report.declined[0]) == ("conforms", "arrays")
    assert report.remarks[0] == "it takes no arrays: it was called with one number at a time"
    naive = refmath.check(lambda t: 1 / (1 + math.exp(-t)), "sigmoid", examples=10)
    assert naive.verdict == "failed"
    assert naive.smallest is not None
    assert naive.smallest.trouble == "raised OverflowError: math range error"
    assert naive.diagnosis is not None
    assert naive.diagnosis.name == "raises_on_overflow"
    assert "np." not in naive.smallest.call
    assert refmath.check(stable, "sigmoid", examples=10, complete=True).verdict == "failed"
    with pytest.raises(AssertionError, match="it declines arrays"):
        refmath.assert_conforms(stable, "sigmoid", examples=10)
    refmath.assert_conforms(stable, "sigmoid", examples=10, declines=["arrays"])


def test_functions_of_lists() -> None:
    """A function that refuses arrays and takes lists is called with lists."""

    def of_lists(y: Any, t: Any) -> float:
        if not isinstance(y, list):
            raise TypeError("a list, please")
        return float(refmath.cross_entropy_labels(np.array(y), np.array(t)))

    report = refmath.check(of_lists, "cross_entropy_labels", examples=10)
    assert report.declined[0] == "arrays"
    assert report.remarks[0] == "it takes no arrays: it was called with lists"
    assert report.verdict == "conforms"


def test_what_is_wrong_in_every_manner_is_told_as_it_was() -> None:
    """A function that always raises takes neither numbers nor lists."""

    def never(x: Any) -> Any:
        raise TypeError("no")

    report = refmath.check(never, "sigmoid", examples=4)
    assert (report.verdict, report.declined) == ("failed", ())


# ---- optimisers that keep their state

OPTIMISERS = """
import numpy as np


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.velocity = lr, momentum, {{}}

    def update(self, params, grads):
        for key in params:
            self.velocity[key] = self.momentum * self.velocity.get(key, 0.0) - self.lr * grads[key]
            params[key] += self.velocity[key]

    def of_lists(self, grads, params):
        self.velocity[0] = self.momentum * self.velocity.get(0, 0.0) - self.lr * grads[0]
        return [params[0] + self.velocity[0]]

    def of_arrays(self, w, g):
        self.velocity[0] = self.momentum * self.velocity.get(0, 0.0) - self.lr * g
        return w + self.velocity[0], self.velocity[0]


class Lists:
    def __init__(self):
        self.velocities = None

    def update(self, params, grads):
        if self.velocities is None:
            self.velocities = [np.zeros(np.shape(each)) for each in params]
        for velocity, parameter, gradient in zip(self.velocities, params, grads):
            velocity *= 0.9
            velocity -= 0.01 * gradient
            parameter += velocity


class Forgetful(Momentum):
    def update(self, params, grads):
        self.velocity = {{}}
        super().update(params, grads)
"""


@pytest.mark.parametrize("process", [(), ("--in-process",)], ids=["isolated", "here"])
def test_steps_in_a_row(process: tuple[str, ...]) -> None:
    """An optimiser is made anew for each input; mappings in place, lists and arrays are taken, and the gradient may come first."""
    write("optimisers.py", OPTIMISERS.format())
    place, steps = "optimisers.py:", ("--against", "momentum_step", "--steps", "3", *process)
    assert verdicts(f"{place}Momentum.update", *steps) == {f"{place}Momentum.update": "conforms"}
    assert verdicts(f"{place}Momentum.of_lists", *steps) == {f"{place}Momentum.of_lists": "conforms"}
    # An array that is gone through number by number stays as it is: lists are meant.
    assert verdicts(f"{place}Lists.update", *steps) == {f"{place}Lists.update": "conforms"}
    assert verdicts(f"{place}Momentum.of_arrays", "--take", "0", *steps) == {f"{place}Momentum.of_arrays": "conforms"}
    assert verdicts(f"{place}Momentum(0.1, 0.5).update", *steps, "--param", "lr=0.1", "--param", "momentum=0.5") == {
        f"{place}Momentum(0.1, 0.5).update": "conforms"
    }
    assert verdicts(f"{place}Momentum(0.1).update", *steps) == {f"{place}Momentum(0.1).update": "differs"}
    assert verdicts(f"{place}Forgetful.update", *steps) == {f"{place}Forgetful.update": "differs"}
    # In the first step nothing is there to be forgotten.
    first = ("--against", "momentum_step", "--steps", "1", *process)
    assert verdicts(f"{place}Forgetful.update", *first) == {f"{place}Forgetful.update": "conforms"}


class Adam:
    """As the paper has it, for arrays."""

    def __init__(self, eps: float = 1e-8, bias: bool = True) -> None:
        self.eps, self.bias = eps, bias
        self.t, self.m, self.v = 0, 0.0, 0.0

    def step(self, params: Any, grads: Any) -> Any:
        self.t += 1
        self.m = 0.9 * self.m + (1 - 0.9) * grads
        self.v = 0.999 * self.v + (1 - 0.999) * grads**2
        mean, squares = (self.m / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)) if self.bias else (self.m, self.v)
        return params - 1e-3 * mean / (np.sqrt(squares) + self.eps)


def test_steps_from_python() -> None:
    """The candidate makes the optimiser; which convention it follows is told, and a state that is no such step has none."""
    right = refmath.check(lambda: Adam().step, "adam_step", steps=3)
    assert (right.verdict, right.formula) == ("conforms", "adam_step")
    assert right.remarks[0] == "judged by 3 steps in a row, from a state of zeros"
    assert refmath.check(lambda: Adam(bias=False).step, "adam_step", steps=3, examples=20).verdict == "differs"
    with pytest.raises(
        ValueError, match="steps are those of an optimiser with a state, such as momentum_step; sgd_step is none"
    ):
        refmath.check(lambda: Adam().step, "sgd_step", steps=3)
    with pytest.raises(ValueError, match="steps must be from 1 to 5; got 6"):
        refmath.check(lambda: Adam().step, "adam_step", steps=6)
    with pytest.raises(ValueError, match="steps must be at least 0"):
        refmath.check(lambda: Adam().step, "adam_step", steps=-1)
    with pytest.raises(refmath.NotJudged, match=r"cannot be called as adam_step\(w, g\)"):
        refmath.check(lambda: lambda w: w, "adam_step", steps=2)


class WrongAdam:
    """With one mistake of those that people make, or with numbers of its own."""

    def __init__(self, mistake: str = "", lr: float = 1e-3, eps: float = 1e-8, sign: float = -1.0) -> None:
        self.mistake, self.learning_rate, self.eps, self.sign = mistake, lr, eps, sign
        self.t, self.m, self.v = 0, 0.0, 0.0

    def step(self, w: Any, g: Any) -> Any:
        self.t += 1
        g = np.clip(g, -1e3, 1e3) if self.mistake == "clipped" else g
        self.m = 0.9 * self.m + (1 - 0.9) * g
        self.v = 0.999 * self.v + (1 - 0.999) * g**2
        t = 1 if self.mistake == "t" else self.t
        mean = self.m / (1 - (0.999 if self.mistake == "swapped" else 0.9) ** t)
        squares = self.v / (1 - (0.9 if self.mistake in ("swapped", "one for both") else 0.999) ** t)
        mean, squares = (self.m, self.v) if self.mistake == "both" else (mean, squares)
        return w + self.sign * self.learning_rate * mean / (np.sqrt(squares) + self.eps)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ({"mistake": "t"}, "corrected_as_in_the_first_step"),
        ({"mistake": "swapped"}, "bias_corrections_swapped"),
        ({"mistake": "one for both"}, "one_bias_correction_for_both"),
        ({"sign": 1.0}, "step_of_the_wrong_sign"),
        ({"lr": 0.01, "eps": 1e-7}, "lr=0.01 and eps=1e-07"),
        ({"mistake": "both", "lr": 0.01}, "bias_correction_missing"),
        ({"mistake": "clipped", "sign": 1.0}, "step_of_the_wrong_sign"),
    ],
)
def test_mistakes_of_steps_in_a_row(made: dict[str, Any], name: str) -> None:
    """What is wrong in each step is told by its name, under numbers of the optimiser's own too; and how to judge it by these."""
    report = refmath.check(lambda: WrongAdam(**made).step, "adam_step", steps=2, examples=4)
    assert report.diagnosis is not None
    assert (report.verdict, report.diagnosis.name) == ("differs", name)
    # What explains the ordinary inputs alone says so; numbers of its own are told where the mistake is another one.
    text = report.diagnosis.text
    assert text.endswith("elsewhere there is something else besides.") == (made.get("mistake") == "clipped")
    assert text.endswith(" Its own numbers are others too: lr = 0.01.") == (made.get("mistake") == "both")
    assert "XX" not in text
    if "lr" in made:
        assert "--param lr=0.01" in f"{report.diagnosis.repair} {report.remarks}"


def leaky(x: Any, alpha: float = 0.01) -> Any:
    return np.where(np.asarray(x) > 0, x, alpha * np.asarray(x))


def huber_of_one(y: Any, t: Any, delta: float = 1.0) -> Any:
    distance = np.abs(np.subtract(y, t, dtype=float))
    return np.mean(np.where(distance <= 1, distance**2 / 2, distance - 0.5))


def test_parameters_by_other_names() -> None:
    """A parameter with the formula's default is taken for the formula's, and said; one that nothing depends on is told; another default too."""
    report = refmath.check(leaky, "leaky_relu", examples=4)
    assert report.conforms
    assert report.remarks == ("its alpha is taken for the formula's slope, and tried under other values",)
    assert report.extent.own == ()
    wrong = refmath.check(lambda x, alpha=0.01: leaky(x), "leaky_relu", examples=4)
    assert wrong.diagnosis is not None
    assert wrong.diagnosis.name == "slope_ignored"
    assert wrong.smallest is not None
    assert "alpha=" in wrong.smallest.call
    ignored = refmath.check(huber_of_one, "huber", examples=4)
    assert ignored.diagnosis is not None
    assert ignored.diagnosis.name == "delta_ignored"
    other = refmath.check(lambda x, alpha=0.35: leaky(x, alpha), "leaky_relu", examples=4)
    assert other.diagnosis is not None
    assert other.diagnosis.repair == "If that is meant, judge it by that: --param slope=0.35"


@pytest.mark.parametrize(
    "name", ["momentum_step", "nesterov_step", "adagrad_step", "rmsprop_step", "adam_step", "adamw_step"]
)
@pytest.mark.parametrize("steps", [1, 3])
def test_a_trajectory_is_one_step_after_the_other(name: str, steps: int) -> None:
    """The exact parameters after some steps are those of the program, called as often, under the default and under each convention with a definition."""
    page = formula(name)
    draws = np.random.default_rng(steps)
    w, *gradients = draws.normal(size=(steps + 1, 5))
    for convention in (None, *(each.name for each in page.conventions if each.program)):
        chosen = setting(page, convention)
        state = {each.name: np.zeros(5) for each in page.inputs[2:] if each.kind != "step_number"}
        expected = w
        for number, gradient in enumerate(gradients, 1):
            counted = [number] if page.inputs[-1].kind == "step_number" else []
            told = chosen.program(expected, gradient, *state.values(), *counted)
            expected, state = told["w"], {key: told[key] for key in state}
        found = refmath.exact(trajectory(chosen, steps), w, *gradients).nearest()
        np.testing.assert_allclose(found, expected, rtol=1e-13)


# ---- slopes in terms of the value


def of_values_only(y: Any) -> Any:
    if np.any(y < 0) or np.any(y > 1):
        raise ValueError("a value of the sigmoid, please")
    return y * (1 - y)


@pytest.mark.parametrize(
    ("slope", "name"),
    [
        (lambda y: y * (1 - y), "sigmoid_gradient"),
        (of_values_only, "sigmoid_gradient"),
        (lambda y: 1 - np.square(y, dtype=float), "tanh_gradient"),
    ],
    ids=["sigmoid", "refusing", "tanh"],
)
def test_a_slope_in_terms_of_the_value(slope: Callable[[Any], Any], name: str) -> None:
    """It is refused as a slope at x, told that it is one of the value, and right under that convention, where only values are tried."""
    report = refmath.check(slope, name, examples=4)
    assert report.diagnosis is not None
    assert (report.verdict in ("differs", "failed"), report.diagnosis.name) == (True, "of_the_value")
    assert report.diagnosis.repair.endswith("--convention of_the_value")
    assert refmath.check(slope, name, convention="of_the_value", examples=4).verdict == "conforms"
    program = formula(name).program
    of_x = refmath.check(program, name, convention="of_the_value", examples=4)
    assert of_x.diagnosis is not None
    assert of_x.diagnosis.name == "default"


# ---- pyproject.toml

PROJECT = """
[tool.refmath]
pages = ["pages/own.py"]

[[tool.refmath.check]]
target = "src/losses.py:loss"
against = "mean_squared_error"
convention = "pytorch"
order = ["t", "y"]
take = 0

[[tool.refmath.check]]
target = "src/losses.py:batches"
against = "softmax"
declines = {}

[[tool.refmath.check]]
target = "src/losses.py:double"

[[tool.refmath.check]]
target = "src/losses.py:with_floor"
against = "cross_entropy_one_hot"
parameters = {{ delta = 1e-12 }}
"""
OWN = """
import refmath
x = refmath.argument("x", "real", "...")
i = refmath.indices("i")
DOUBLE = refmath.Formula("double", 2 * x[i], inputs=(x,))
"""
LISTED = """
import numpy as np


def loss(a, b):
    return np.mean(np.subtract(b, a, dtype=float) ** 2), None


def batches(a):
    if np.ndim(a) != 2:
        raise ValueError("a batch, please")
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def double(x):
    return np.multiply(x, 2.0)


def with_floor(y, t):
    return -np.sum(t * np.log(np.maximum(y, 1e-12))) / (len(y) if np.ndim(y) == 2 else 1)
"""


TABLE = "[[tool.refmath.check]]\ntarget = 'one.py:relu'\n"


def test_what_pyproject_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a target each table is judged with its own options, from wherever in the project; what is declined has to be listed."""
    write("pages/own.py", OWN.replace('"..."', "N").replace("x = ", "N = refmath.sizes('N')\nx = "))
    write("src/losses.py", LISTED)
    write("pyproject.toml", PROJECT.format('["single samples"]'))
    assert set(verdicts().values()) == {"conforms"}
    assert len(verdicts()) == 4
    write("deep/er/x.py", "")
    monkeypatch.chdir("deep/er")
    assert set(verdicts().values()) == {"conforms"}
    monkeypatch.chdir("../..")
    write("pyproject.toml", PROJECT.format("[]"))
    told = run(*FEW, "--json", "all.json")
    assert told.exit_code == 1
    results = json.loads(Path("all.json").read_text(encoding="utf-8"))["results"]
    assert [each["undeclared"] for each in results] == [[], ["single samples"], [], []]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("", "give a TARGET, as in refmath check losses.py, or list targets in pyproject.toml"),
        ("[tool.refmath]\n", "lists nothing to be judged"),
        ("[tool.refmath", "cannot be read"),
        ("[[tool.refmath.check]]\nagainst = 'softmax'\n", "number 1 has no target"),
        (
            "[[tool.refmath.check]]\ntarget = 'x.py'\norders = 1\n",
            "has the unknown key 'orders'; it may have: target, against",
        ),
        ("[[tool.refmath.check]]\ntarget = 7\n", "target must be a string; got 7"),
        ("[[tool.refmath.check]]\ntarget = 'x.py'\ntake = true\n", "take must be a whole number; got True"),
        ("[tool.refmath]\ncheck = 'x.py'\n", "check must be a list; got 'x.py'"),
        (TABLE + "declines = ['nonsense']\n", "pyproject.toml, one.py:relu: declines names 'nonsense'"),
        (
            TABLE + "layout = 'diagonals'\n",
            "layout must be rows, columns, classes_first or classes_last; got 'diagonals'",
        ),
        (TABLE + "examples = 0\n", "examples must be at least 1"),
        (TABLE + "parameters = { zzz = 3 }\n", "relu has no parameter 'zzz'"),
        (TABLE + "shape = { Q = 3 }\n", "pyproject.toml, one.py:relu: "),
        (TABLE + "backward = true\n", 'backward needs array = "torch" or "jax"'),
        (TABLE + "order = 'a, b'\n", "order must name the arguments of relu, x, each once; got a, b"),
        (TABLE + "steps = 2\n", "relu is none"),
        ("[[tool.refmath.check]]\ntarget = 'x.py'\n", "there is no file x.py"),
    ],
)
def test_what_pyproject_cannot_list(written: str, text: str) -> None:
    """Each fault is one sentence that says where it stands."""
    write("pyproject.toml", written)
    write("one.py", "def relu(x):\n    return x\n")
    told = run()
    assert told.exit_code == 2
    assert text in told.stderr
    assert told.stderr.count("\n") == 1


def test_what_the_command_says_that_it_may_decline() -> None:
    """What else is declined fails, as in a table; integers are not even handed over; a slip in a name is told at once."""
    write("x.py", LISTED + "\n\ndef mse(y, t):\n    return np.mean((y - t) ** 2)\n")
    softmax = ("x.py:batches", "--against", "softmax", *FEW)
    assert run(*softmax, "--declines", "single samples").exit_code == 0
    told = run(*softmax, "--declines", "integers")
    assert (told.exit_code, "if that is meant: declines = ['single samples']" in " ".join(told.stdout.split())) == (
        1,
        True,
    )
    integers = ("x.py:mse", "--against", "mean_squared_error", "--convention", "pytorch", *FEW)
    assert "--declines integers." in run(*integers).stdout
    assert "integers, which it declines as was said" in " ".join(
        run(*integers, "--declines", "integers").stdout.split()
    )
    assert run(*integers, "--declines", "nonsense").stderr.startswith(
        "refmath: --declines names 'nonsense', which is no kind"
    )


def test_a_baseline_accepts_what_was_known() -> None:
    """What did not conform when it was written is accepted; another fault, or another function, is not."""
    write("x.py", "def relu(x):\n    return x\n")
    assert run("x.py", *FEW, "--json", "known.json").exit_code == 1
    told = run("x.py", *FEW, "--baseline", "known.json")
    assert told.exit_code == 0
    assert "known from known.json, and accepted: x.py:relu" in told.stderr
    write("x.py", "def relu(x):\n    return -x\n")
    assert run("x.py", *FEW, "--baseline", "known.json").exit_code == 1
    write("x.py", "def relu(x):\n    return x\n\n\ndef sigmoid(x):\n    return x\n")
    assert run("x.py", *FEW, "--baseline", "known.json").exit_code == 1
    assert run("x.py", "--baseline", "none.json").stderr.startswith("refmath: --baseline: none.json: No such file")
    write("string.json", '{"results": [{"target": "x", "formula": "relu", "diagnosis": "x"}]}')
    assert "string.json is not a report" in run("x.py", "--baseline", "string.json").stderr
    # One without a name is known by the input that fails.
    write("y.py", "import numpy as np\n\n\ndef relu(x):\n    return np.where(np.asarray(x) < 5, 7.0, x)\n")
    run("y.py", *FEW, "--json", "known.json")
    assert run("./y.py", *FEW, "--baseline", "known.json").exit_code == 0
    write("y.py", "import numpy as np\n\n\ndef relu(x):\n    return np.where(np.asarray(x) < 9, 3.0, x + 1)\n")
    run("y.py", *FEW, "--json", "other.json")
    first, second = (
        json.loads(Path(name).read_text(encoding="utf-8"))["results"][0] for name in ("known.json", "other.json")
    )
    assert (first["diagnosis"], second["diagnosis"]) == (None, None)
    # The same input fails, in another way.
    assert first["smallest"]["call"] == second["smallest"]["call"]
    assert run("y.py", *FEW, "--baseline", "known.json").exit_code == 1
    # Known ones do not stop a search for new ones.
    write("x.py", "def relu(x):\n    return x\n\n\ndef tanh(x):\n    return x\n")
    run("x.py:relu", *FEW, "--json", "relu.json")
    assert "tanh  differs" in run("x.py", *FEW, "--baseline", "relu.json", "--fail-fast").stdout
    write("x.py", "def relu(x):\n    return x\n")
    assert "x.py is not a report that --json has written" in run("x.py", "--baseline", "x.py").stderr
