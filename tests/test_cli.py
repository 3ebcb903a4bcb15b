"""The command `refmath`: what it prints, with which status it ends, and that it never ends in a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import sympy as sp
from typer.testing import CliRunner, Result

import refmath
from refmath.catalogue import FORMULAS
from refmath.cli import Array, Dtype, Format, Gradient, Output, app
from refmath.spec import Formula, argument_names, shown

LOSSES = '''
"""Losses of somebody else."""

import numpy as np


def _floats(values):
    values = np.asarray(values)
    return values if values.dtype.kind == "f" else values.astype(float)


def mean_squared_error(y, t):
    d = _floats(y) - _floats(t)
    return 0.5 * np.sum(d * d) / (len(d) if d.ndim == 2 else 1)


def mean_squared_error_gradient(y, t):
    return _floats(y) - _floats(t)


def mse(y, t):
    return np.mean((_floats(y) - _floats(t)) ** 2)


def of_batches(y, t):
    return 0.5 * np.mean(np.sum((_floats(y) - _floats(t)) ** 2, axis=1))


def nudged(y, t):
    return mean_squared_error(np.nextafter(y, np.inf), t)


def no_loss(y):
    return 0.0


number = 3
'''
#: The same with the first of these functions alone.
LOSS = LOSSES.partition("def mean_squared_error_gradient")[0]
FEW = ("--examples", "4")
#: What is said of the third.
OVERLOOKED = "not looked at: mse (did you mean mean_squared_error?); say so: refmath check losses.py:mse --against mean_squared_error\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty directory with somebody's losses in it; what is imported from there is found in this test only."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    write("losses.py", LOSSES)


def write(name: str, source: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")


def run(*arguments: str) -> Result:
    """The command in this process."""
    return CliRunner().invoke(app, arguments)


def start(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a user starts it."""
    environment = {**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "refmath", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(command, text=True, encoding="utf-8", env=environment, timeout=120, check=False, **streams)


def results(*arguments: str) -> list[dict[str, Any]]:
    """What a check writes as JSON."""
    told: list[dict[str, Any]] = json.loads(run("check", *arguments, *FEW, "--json", "-").stdout)["results"]
    return told


# ---- list and show


def test_list_names_every_formula() -> None:
    """`refmath list` has each formula in its family, with its arguments, its derivatives beside it and their conventions, on one screen."""
    told = run("list")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert len(lines) <= 56
    for page in FORMULAS:
        value = page.name.removesuffix("_gradient").removesuffix("_vjp")
        name = value if any(each.name == value for each in FORMULAS) else page.name
        (line,) = (line for line in lines if line.strip().startswith(f"{name}("))
        assert page.name.removeprefix(name) in line
        assert {shown(each.name) for each in page.conventions} <= {word.rstrip(",") for word in line.split()}
        if name == page.name:
            assert f"{name}({', '.join(argument_names(page))})" in line
    for family in ("Activations", "Losses", "Layers", "Derivatives", "Descents and steps", "The two-layer network"):
        assert lines.count(family) == 1 or sum(line.strip() == family for line in lines) == 1


@pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
def test_show_tells_the_whole_page(page: Formula) -> None:
    """`refmath show` prints display, code, source, every law, every convention and every mistake of a page."""
    told = run("show", page.name)
    assert told.exit_code == 0
    words = "".join(told.stdout.split())
    for part in (
        f"{page.name}(",
        f"{page.display}{'' if page.display.endswith(('approx', 'leftarrow')) else ' ='} {sp.latex(page.definition)}",
        *(sp.latex(part.definition) for part in page.parts),
        f"Reference: {page.reference}",
        f"def {page.program.__name__}(",
        *(law.name for law in page.laws),
        *(mistake.name for mistake in page.mistakes),
        *(f"Caught by {mistake.caught_by}." for mistake in page.mistakes),
        *(shown(convention.name) for convention in page.conventions),
    ):
        assert "".join(part.split()) in words
    assert '"""' not in told.stdout  # the docstring stands above, and the code without it


@pytest.mark.parametrize(
    "command", [("show", "sofmax"), ("check", "losses.py:mse", "--against", "sofmax")], ids=["show", "check"]
)
def test_an_unknown_formula_gives_the_nearest_names(command: tuple[str, ...]) -> None:
    """A name that is not in the catalogue is refused with the nearest ones."""
    told = run(*command)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr.startswith("refmath: there is no formula 'sofmax' in the catalogue; did you mean softmax")


def test_a_name_like_no_other_gives_the_way_to_all() -> None:
    """Where no name is near, the sentence says how to see them all."""
    assert "`refmath list` shows all names" in run("show", "zzz").stderr


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GELU", "did you mean gelu?"),
        ("gelu_tanh", "did you mean gelu with its convention tanh?"),
        ("pytorch_softplus", "did you mean softplus with its convention pytorch?"),
    ],
)
def test_other_letters_or_a_convention_in_the_name_are_told(name: str, meant: str) -> None:
    """What differs in capitals alone is meant by it; what has a convention's name in it is that formula under the convention."""
    told = run("show", name)
    assert told.exit_code == 2
    assert told.stderr.rstrip().endswith(meant)


# ---- check: what is judged


def test_functions_with_almost_a_name_are_told() -> None:
    """What bears almost a formula's name is not looked at: one line says so, and how to ask; nothing else changes."""
    almost = "def sofmax(a): ...\n\n\ndef GELU(x): ...\n\n\ndef adam_step_in_place(w): ...\n\n\ndef helper(x): ...\n"
    write("almost.py", LOSSES + "\n\n" + almost)
    told = run("check", "almost.py", *FEW, "--json", "almost.json")
    assert "1 of 2 conform." in told.stdout
    assert told.exit_code == 1
    assert told.stderr == (
        "not looked at: mse (did you mean mean_squared_error?), sofmax (did you mean softmax?), GELU (did you mean gelu?), "
        "adam_step_in_place (did you mean adam_step?); say so: refmath check almost.py:mse --against mean_squared_error\n"
    )
    # Who names a function has chosen.
    assert run("check", "almost.py:mse", "--against", "mean_squared_error", *FEW).stderr == ""
    write("almost.py", "def helper(x): ...\n\n\ndef sofmax(a): ...\n")
    assert run("check", "almost.py").stderr.endswith("refmath check almost.py:sofmax --against softmax\n")
    write("almost.py", LOSSES + "".join(f"\n\ndef softmax_{n}(a): ...\n" for n in range(9)))
    assert "softmax_3 (did you mean softmax?), and 5 more; say" in run("check", "almost.py", *FEW).stderr


def test_a_file_is_judged_function_by_function() -> None:
    """Of a file, every function that bears a catalogue name is judged: what there is to say of each, and a line on each at the end."""
    told = run("check", "losses.py", *FEW)
    assert told.exit_code == 1
    assert told.stderr == OVERLOOKED
    lines = told.stdout.splitlines()
    begins = LOSSES.splitlines()
    assert f"✓ mean_squared_error  conforms  losses.py:{begins.index('def mean_squared_error(y, t):') + 1}" in lines
    line = begins.index("def mean_squared_error_gradient(y, t):") + 1
    assert f"✗ mean_squared_error_gradient  differs  losses.py:{line}" in lines
    assert not any("mse" in line for line in lines)
    assert lines[-4:] == [
        "✓ mean_squared_error           conforms",
        "✗ mean_squared_error_gradient  differs     convention chapter",
        "",
        "1 of 2 conform.",
    ]
    assert max(map(len, lines)) <= 80
    assert any(
        line.strip().startswith("try       If that is meant, judge it by that: --convention chapter") for line in lines
    )


def test_one_function_of_a_file_is_judged() -> None:
    """`file.py:function` judges that function alone, and shows what stands behind a verdict that is good, too."""
    told = run("check", "losses.py:mean_squared_error", *FEW)
    assert told.exit_code == 0
    assert told.stdout.startswith("✓ mean_squared_error  conforms  losses.py:")
    assert "  tried     " in told.stdout
    assert "1 of 1 conform." in told.stdout


@pytest.mark.parametrize(
    ("target", "files"),
    [
        ("losses_of_a", ["losses_of_a.py"]),
        ("package_b.losses", ["package_b/__init__.py", "package_b/losses.py"]),
        ("package_c", ["package_c/__init__.py"]),
        ("space_d.losses", ["space_d/losses.py"]),
        ("folder/losses of e.py", ["folder/losses of e.py"]),
        ("losses-f", ["losses-f"]),
    ],
    ids=str,
)
def test_what_can_be_a_target(target: str, files: list[str]) -> None:
    """A module, a module in a package, a package, and a file of whatever name are targets, with and without a function; a directory is looked through."""
    for name in files:
        write(name, LOSS)
    (found,) = results(target)
    place = Path(files[0]) if Path(target).is_dir() else target
    assert found["target"] == f"{place}:mean_squared_error"
    (one,) = results(f"{target}:mean_squared_error")
    assert (one["target"], one["verdict"]) == (f"{target}:mean_squared_error", "conforms")


def test_a_file_may_import_what_stands_beside_it() -> None:
    """A module beside the file is found, when the file is imported and when a function is called."""
    write("lib/helper_g.py", "def halved(value):\n    return value / 2\n")
    write("lib/late_g.py", "from helper_g import halved\n")
    write(
        "lib/losses.py",
        LOSSES
        + "\nimport helper_g\n\ndef late(y, t):\n    import late_g\n    return late_g.halved(2 * mean_squared_error(y, t))\n",
    )
    (one,) = results("lib/losses.py:late", "--against", "mean_squared_error")
    assert one["verdict"] == "conforms"


def test_against_names_the_formula() -> None:
    """`--against` says which formula a function of another name is meant to be; without a function, the one of that name."""
    told = run("check", "losses.py:mse", "--against", "mean_squared_error", *FEW)
    assert told.exit_code == 1
    assert "mse as mean_squared_error" in told.stdout
    assert "convention pytorch" in told.stdout
    (one,) = results("losses.py", "--against", "mean_squared_error")
    assert one["target"] == "losses.py:mean_squared_error"


def test_convention_judges_by_another_definition() -> None:
    """Under `--convention` a function of that convention conforms, and the report says so."""
    arguments = ("losses.py:mse", "--against", "mean_squared_error", "--convention", "pytorch")
    assert run("check", *arguments, *FEW).exit_code == 0
    (one,) = results(*arguments)
    assert (one["convention"], one["verdict"]) == ("pytorch", "conforms")
    (other,) = results("losses.py:mean_squared_error", "--convention", "pytorch")
    assert (other["verdict"], other["diagnosis"]["name"]) == ("differs", "default")


def test_dtype_and_strict_are_passed_on() -> None:
    """`--dtype float32` hands over no float64; `--strict` refuses a function that moves its input by a last place."""
    source = (
        LOSSES
        + "\ndef single(y, t):\n    assert y.dtype != np.float64 != t.dtype\n    return mean_squared_error(y, t)\n"
    )
    write("single.py", source)
    (one,) = results("single.py:single", "--against", "mean_squared_error", "--dtype", "float32")
    assert (one["dtype"], one["verdict"], one["strict"]) == ("float32", "conforms", False)
    assert results("single.py:single", "--against", "mean_squared_error")[0]["verdict"] == "failed"
    nudged = ("losses.py:nudged", "--against", "mean_squared_error")
    assert run("check", *nudged, *FEW).exit_code == 0
    assert run("check", *nudged, *FEW, "--strict").exit_code == 1
    assert results(*nudged, "--strict")[0]["strict"] is True


def test_complete_is_passed_on() -> None:
    """What is declined is told, and forgiven; under `--complete` it is not."""
    arguments = ("losses.py:of_batches", "--against", "mean_squared_error")
    told = run("check", *arguments, *FEW)
    assert told.exit_code == 0
    assert "declines  single samples; the verdict is that of the rest" in told.stdout
    (one,) = results(*arguments)
    assert (one["verdict"], one["declined"]) == ("conforms", ["single samples"])
    assert run("check", *arguments, *FEW, "--complete").exit_code == 1
    (one,) = results(*arguments, "--complete")
    assert (one["verdict"], one["declined"]) == ("failed", [])


def test_examples_and_seed_are_passed_on() -> None:
    """More `--examples` try more inputs; the same `--seed` gives the same report, but for the seconds, another one another."""

    def told(*arguments: str) -> dict[str, Any]:
        given = ("losses.py:mean_squared_error_gradient", "--json", "-", *arguments)
        (one,) = json.loads(run("check", *given).stdout)["results"]
        del one["seconds"]
        return dict(one)

    few, many = told("--examples", "5"), told("--examples", "20")
    assert few["classes"]["typical"]["tried"] < many["classes"]["typical"]["tried"]
    assert told("--examples", "5", "--seed", "0") == few
    others = [told("--examples", "5", "--seed", seed) for seed in ("9", "10")]
    assert [other["evidence"]["seed"] for other in others] == [9, 10]
    assert any(other["worst"] != few["worst"] for other in others)


@pytest.mark.interop
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_array_hands_over_another_librarys_arrays(library: str) -> None:
    """Under `--array` a function gets that library's arrays."""
    pytest.importorskip(library)
    kind = {"torch": "torch.Tensor", "jax": "jax.Array"}[library]
    write(
        f"losses_in_{library}.py",
        f"import {library}\n\n\ndef mean_squared_error(y, t):\n    assert isinstance(y, {kind})\n"
        "    return ((y - t) ** 2).sum() / 2 / (len(y) if y.ndim == 2 else 1)\n",
    )
    (one,) = results(f"losses_in_{library}.py", "--array", library, "--dtype", "float32")
    assert one["verdict"] == "conforms"


# ---- check: the exit status and the JSON


def test_exit_zero_forgives_a_verdict() -> None:
    """With `--exit-zero` a function that does not conform ends with status 0; the report is the same."""
    assert run("check", "losses.py", *FEW, "--exit-zero").exit_code == 0
    assert run("check", "losses.py", *FEW).exit_code == 1


def test_chapter_may_be_typed_for_seed() -> None:
    """What people read is understood; JSON keeps the old name, which is understood as well."""
    gradient = ("losses.py:mean_squared_error_gradient",)
    for typed in ("chapter", "seed"):
        told = run("check", *gradient, *FEW, "--convention", typed)
        assert told.exit_code == 0
        assert "✓ mean_squared_error_gradient, convention chapter  conforms" in told.stdout
        assert results(*gradient, "--convention", typed)[0]["convention"] == "seed"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_fail_fast_stops_after_the_first_that_does_not_conform(jobs: str) -> None:
    """What comes behind it is not judged, and the last line counts it."""
    wrong = "\n\ndef softmax(a):\n    return 2 * a\n\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    write("three.py", LOSSES + wrong)
    names = ["--examples", "2", "--jobs", jobs]
    judged = [each["target"] for each in json.loads(run("check", "three.py", *names, "--json", "-").stdout)["results"]]
    told = start("check", "three.py", *names, "--fail-fast", "--json", "three.json")
    reports = json.loads(Path("three.json").read_text(encoding="utf-8"))["results"]
    verdicts = [each["verdict"] == "conforms" for each in reports]
    assert verdicts == [True] * (len(reports) - 1) + [False]
    left = len(judged) - len(reports)
    assert left > 0
    assert told.stdout.rstrip().endswith(
        f"{len(reports) - 1} of {len(reports)} conform. {left} function{'s' * (left > 1)} after that "
        f"{'were' if left > 1 else 'was'} not looked at."
    )
    assert told.returncode == 1


def test_annotations_for_github() -> None:
    """With `--format github` each function that does not conform is annotated at its line, and what cannot be judged as well."""
    write("losses.py", LOSSES.replace("def mse(y, t)", "def softmax(a, *, t)"))
    told = run("check", "losses.py", *FEW, "--format", "github")
    line = LOSSES.splitlines().index("def mean_squared_error_gradient(y, t):") + 1
    first, second, last = told.stdout.splitlines()
    assert first.startswith(f"::error file=losses.py,line={line},title=mean_squared_error_gradient differs::Wrong on ")
    assert second.startswith("::error title=softmax not judged::")
    assert last == "1 of 3 conform."
    assert told.exit_code == 2


def test_verbose_tells_everything() -> None:
    """The laws by name, and how far the search went, if that is asked for."""
    told = run("check", "losses.py:mean_squared_error_gradient", *FEW, "--verbose").stdout
    assert "  sizes     N up to" in told
    assert "  laws      is_" in told
    assert max(map(len, told.splitlines())) <= 80
    assert "sizes" not in run("check", "losses.py:mean_squared_error_gradient", *FEW).stdout


def test_exit_zero_does_not_forgive_what_was_not_judged() -> None:
    """With `--exit-zero` something that could not be judged still ends with status 2."""
    assert run("check", "no_such.py", "--exit-zero").exit_code == 2
    assert run("check", "losses.py:no_loss", "--against", "mean_squared_error", "--exit-zero").exit_code == 2


def test_json_is_written_to_a_file() -> None:
    """`--json FILE` writes the report beside the table, whole, with nothing else left in the directory."""
    before = set(os.listdir())
    told = run("check", "losses.py", *FEW, "--json", "report.json")
    assert told.exit_code == 1
    assert "1 of 2 conform." in told.stdout
    assert set(os.listdir()) == before | {"report.json"}
    written = json.loads(Path("report.json").read_text(encoding="utf-8"))
    assert set(written) == {"results", "not_judged"}
    assert [(each["target"], each["verdict"]) for each in written["results"]] == [
        ("losses.py:mean_squared_error", "conforms"),
        ("losses.py:mean_squared_error_gradient", "differs"),
    ]
    assert written["not_judged"] == []


def test_json_on_standard_output_is_nothing_but_json() -> None:
    """With `--json -` standard output holds the JSON and no table, and the status tells the verdict as ever."""
    told = run("check", "losses.py", *FEW, "--json", "-")
    assert told.exit_code == 1
    assert len(json.loads(told.stdout)["results"]) == 2
    assert told.stderr == OVERLOOKED


def test_what_was_not_judged_stands_beside_what_was() -> None:
    """One function that cannot be judged does not keep the others from it: status 2, a reason, and their verdicts."""
    write("partly.py", LOSSES + "\n\ndef softmax(a, axis, more):\n    return a\n")
    told = run("check", "partly.py", *FEW, "--json", "partly.json")
    assert told.exit_code == 2
    assert "1 of 3 conform." in told.stdout
    assert "not judged" in told.stdout
    reason, overlooked = told.stderr.splitlines(keepends=True)
    assert reason.startswith("partly.py:softmax: softmax(a, axis, more) cannot be called as softmax(a)")
    assert overlooked == OVERLOOKED.replace("losses.py", "partly.py")
    written = json.loads(Path("partly.json").read_text(encoding="utf-8"))
    assert [each["target"] for each in written["not_judged"]] == ["partly.py:softmax"]
    assert len(written["results"]) == 2


# ---- check: what cannot be judged

BROKEN = {
    "syntax.py": "def f(:\n",
    "raises.py": "x = 1\nraise RuntimeError('not today')\n",
    "divides.py": "def half(x):\n    return x / 0\n\n\nhalf(1)\n",
    "exits.py": "import sys\n\nsys.exit('enough')\n",
    "needs.py": "import a_module_that_nobody_has\n",
    "relative.py": "from . import losses\n",
    "binary.py": "\x00\x01",
    "empty.py": "",
    "others.py": "def loss(y, t):\n    return 0.0\n\n\nclass Net:\n    pass\n",
}

REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("no_such.py",), "there is no file no_such.py"),
    (("no/such.py:softmax",), "there is no file no/such.py"),
    (("losses.py:not-a-name",), "looking not-a-name up raised NameError: name 'a' is not defined"),
    (("losses.py:1 +",), "looking 1 + up raised SyntaxError"),
    (("losses.py:7",), "there is no function '7' in losses.py"),
    (("folder",), "no function in the files of folder has a name that looks like a formula"),
    (("no_such_module_h",), "no_such_module_h cannot be imported: No module named 'no_such_module_h'"),
    (("no_such_package_h.losses",), "cannot be imported: No module named 'no_such_package_h'"),
    (("json.no_such",), "json.no_such cannot be imported"),
    (("no such",), "there is no file no such, and it is not the name of a module either"),
    (("syntax.py",), "syntax.py cannot be imported: SyntaxError in line 1"),
    (
        ("raises.py",),
        "raises.py cannot be imported: RuntimeError in line 2, `raise RuntimeError('not today')`: not today",
    ),
    (("divides.py",), "divides.py cannot be imported: ZeroDivisionError in line 2"),
    (("exits.py",), "exits.py cannot be imported: SystemExit in line 3, `sys.exit('enough')`: enough"),
    (("needs.py",), "needs.py cannot be imported: No module named 'a_module_that_nobody_has' in line 1, `"),
    (("relative.py",), "relative.py cannot be imported: ImportError in line 1"),
    (("binary.py",), "binary.py cannot be imported: "),
    (("empty.py",), "nothing in empty.py bears a name of the catalogue (its functions: none)"),
    (("others.py",), "nothing in others.py bears a name of the catalogue (its functions: loss)"),
    (("losses.py:softmax",), "there is no function 'softmax' in losses.py; its functions: mean_squared_error, "),
    (("losses.py:number", "--against", "softmax"), "there is no function 'number' in losses.py"),
    (("losses.py:mse",), "there is no formula 'mse' in the catalogue"),
    (("losses.py:mse",), "Say which formula mse is meant to be: --against NAME."),
    (("losses.py", "--against", "mean_squared"), "did you mean mean_squared_error"),
    (("losses.py", "--json", "no/such/report.json"), "--json no/such/report.json: there is no directory"),
    (("losses.py:mean_squared_error", "--json", "folder"), "--json folder: "),
]


@pytest.mark.parametrize(
    ("arguments", "said"), REFUSED, ids=[" ".join(arguments) + str(n) for n, (arguments, _) in enumerate(REFUSED)]
)
def test_what_cannot_be_judged_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    """What cannot be judged ends with status 2, one line on standard error, nothing on standard output, and nothing written."""
    Path("folder").mkdir()
    for name, source in BROKEN.items():
        write(name, source)
    before = set(os.listdir())
    told = run("check", *arguments, *FEW)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr.count("\n") == 1
    assert told.stderr.startswith("refmath: ")
    assert said in told.stderr
    assert set(os.listdir()) == before
    assert isinstance(told.exception, SystemExit)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("losses.py:no_loss", "--against", "mean_squared_error"),
            "no_loss(y) cannot be called as mean_squared_error(y, t)",
        ),
    ],
    ids=["signature"],
)
def test_a_function_that_cannot_be_judged_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    """A function with another signature, or without that convention, is refused by name in one sentence."""
    told = run("check", *arguments, *FEW)
    assert told.exit_code == 2
    assert told.stderr.count("\n") == 1
    assert said in told.stderr
    assert "0 of 1 conform." in told.stdout


def test_a_convention_that_nobody_knows_is_refused_before_anything_is_judged() -> None:
    """A mistyped convention is one sentence with the names there are, and no table."""
    told = run("check", "losses.py:mean_squared_error", "--convention", "nobody", *FEW)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "mean_squared_error has no convention 'nobody'; it has: chapter, book, pytorch" in told.stderr


def test_a_missing_function_is_said_to_be_missing() -> None:
    """A function that is not there is told from a formula that is not, and a file without a function gets a hint."""
    assert "there is no function 'nosuch' in losses.py" in run("check", "losses.py:nosuch").stderr
    assert "losses.py:FUNCTION --against softmax" in run("check", "losses.py", "--against", "softmax").stderr


def test_the_page_shows_the_helpers_of_its_program_and_no_drawing_beyond_its_width() -> None:
    """Where a program hands on to functions beside it, these are shown too; a definition too wide to draw stands in TeX only."""
    told = run("show", "two_layer_net_gradient").stdout
    assert "def backpropagated(" in told
    assert "╲" not in told
    assert "╲" in run("show", "mean_squared_error").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dtype", "float8"),
        ("--array", "cupy"),
        ("--examples", "0"),
        ("--examples", "many"),
        ("--seed", "1.5"),
        ("--jobs", "0"),
        ("--no-such-option",),
        ("--json",),
    ],
    ids=" ".join,
)
def test_a_bad_option_is_refused(arguments: tuple[str, ...]) -> None:
    """An option that does not exist, or a value without meaning, ends with status 2, and names the option or the value."""
    told = run("check", "losses.py", *arguments)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert arguments[0] in told.stderr
    assert isinstance(told.exception, SystemExit)


def test_an_old_report_survives_a_judgement_that_failed() -> None:
    """Where nothing could be judged, a report from before is left as it was."""
    write("report.json", "old")
    assert run("check", "raises.py", "--json", "report.json").exit_code == 2
    assert Path("report.json").read_text(encoding="utf-8") == "old"


# ---- in a process of its own


def test_a_talkative_module_does_not_disturb_the_json() -> None:
    """What a module prints when imported, and a function when called, stays out of `--json -`; nothing is left lying about."""
    write("talks.py", "print('imported')\n" + LOSSES.replace("    d = ", "    print('called')\n    d = "))
    before = set(os.listdir())
    told = start("check", "talks.py:mean_squared_error", *FEW, "--json", "-")
    assert told.returncode == 0
    assert json.loads(told.stdout)["results"][0]["verdict"] == "conforms"
    assert "called" not in told.stdout
    assert set(os.listdir()) == before


def test_what_is_written_beneath_python_does_not_disturb_the_json() -> None:
    """Neither a call of the system, nor a child process, nor C's own buffer reaches standard output."""
    noise = "    import ctypes, os\n    os.write(1, b'written')\n    os.system('echo echoed')\n"
    printf = "    ctypes.CDLL(None).printf(b'printed')\n" if os.name == "posix" else ""
    write("talks.py", LOSSES.replace("    d = ", noise + printf + "    d = "))
    told = start("check", "talks.py:mean_squared_error", *FEW, "--json", "-")
    assert json.loads(told.stdout)["results"][0]["verdict"] == "conforms"
    assert told.stderr.count("written") > 1
    assert told.stderr.count("echoed") > 1


#: What ends its process is judged by each way of starting one, elsewhere in the session `zoo`.
by_jobs = pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.zoo)])


@by_jobs
def test_a_function_that_would_end_the_process_is_judged(jobs: str) -> None:
    """`os._exit(0)` is no way to a status of 0."""
    write("leaves.py", LOSS + "\n\ndef softmax(a):\n    import os\n\n    os._exit(0)\n")
    told = start("check", "leaves.py", *FEW, "--jobs", jobs, "--json", "report.json")
    assert told.returncode == 1
    verdicts = {
        each["formula"]: each["verdict"]
        for each in json.loads(Path("report.json").read_text(encoding="utf-8"))["results"]
    }
    assert verdicts["softmax"] == "failed"


def test_a_module_that_would_end_the_process_is_one_sentence() -> None:
    """The same while it is imported."""
    write("leaves.py", "import os\n\nos._exit(0)\n")
    told = start("check", "leaves.py", *FEW)
    assert told.returncode == 2
    hint = "; --definitions-only runs its imports, functions, classes and constants alone, and leaves out what fails\n"
    assert told.stderr == "refmath: leaves.py cannot be imported: it ended its process with exit status 0" + hint
    here = start("check", "leaves.py", *FEW, "--in-process")
    assert here.returncode == 2
    assert here.stderr == "refmath: leaves.py cannot be imported: SystemExit in line 3, `os._exit(0)`: 0" + hint


def test_side_by_side_is_the_same() -> None:
    """With `--jobs 2` the report is the same, in the same order, and without colours where nobody watches."""
    told = start("check", "losses.py", *FEW, "--jobs", "2", "--json", "two.json")
    assert (told.returncode, told.stderr) == (1, OVERLOOKED)
    assert "\x1b" not in told.stdout
    assert "1 of 2 conform." in told.stdout
    both = json.loads(Path("two.json").read_text(encoding="utf-8"))["results"]
    alone = results("losses.py")
    for each in both + alone:
        del each["seconds"]
    assert both == alone


@pytest.mark.zoo
def test_counterexamples_with_functions_come_from_other_processes() -> None:
    """The report of a program that takes a function is the same with `--jobs 2`."""
    forward = "import numpy as np\n\n\ndef numerical_gradient(f, x):\n    h = 1e-4\n    e = h * np.eye(x.size).reshape(-1, *x.shape)\n"
    forward += "    return np.array([(f(x + step) - f(x)) / h for step in e]).reshape(x.shape)\n"
    write(
        "learning.py",
        forward + "\n\ndef sgd_step(params, grads, lr):\n    return {k: params[k] - lr * grads[k] for k in params}\n",
    )
    told = start("check", "learning.py", *FEW, "--jobs", "2", "--json", "-")
    assert told.returncode == 1
    first, second = json.loads(told.stdout)["results"]
    assert first["diagnosis"]["name"] == "forward_difference"
    assert first["smallest"]["inputs"]["f"]["function"].startswith("lambda x: ")
    assert second["verdict"] == "conforms"


@by_jobs
def test_a_function_that_kills_its_process_has_failed(jobs: str) -> None:
    """The report says how its process ended, and the others' verdicts are what they are without it."""
    write("dies.py", LOSS + "\n\ndef softmax(a):\n    import os\n\n    os.kill(os.getpid(), 9)\n")
    told = start("check", "dies.py", *FEW, "--jobs", jobs)
    assert told.returncode == 1
    assert "ended its process with signal SIGKILL" in told.stdout
    assert told.stderr == ""
    assert "1 of 2 conform." in told.stdout


def test_a_judging_process_that_dies_is_one_sentence() -> None:
    """A function that ends the process that judges it is not judged; the others' reports and a sentence are still there."""
    write("dies.py", LOSS + "\n\ndef softmax(a):\n    import os\n\n    os.kill(os.getpid(), 9)\n")
    told = start("check", "dies.py", *FEW, "--jobs", "2", "--in-process")
    assert told.returncode == 2
    assert "dies.py:softmax: the process that judged it" in told.stderr
    assert "Traceback" not in told.stderr
    assert "2 conform." in told.stdout


def test_help_answers_at_once() -> None:
    """`refmath --help` and `--version` load neither NumPy, nor SymPy, nor Hypothesis, nor FLINT."""
    for argument, said in (("--help", "Usage"), ("--version", refmath.__version__)):
        code = (
            f"import runpy, sys\nsys.argv = ['refmath', '{argument}']\n"
            "try:\n    runpy.run_module('refmath', run_name='__main__')\nexcept SystemExit as end:\n    status = end.code\n"
            "print(status, sorted({'numpy', 'sympy', 'hypothesis', 'flint'} & set(sys.modules)), file=sys.stderr)\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1])}
        told = subprocess.run(
            [sys.executable, "-c", code], text=True, encoding="utf-8", capture_output=True, env=environment, check=True
        )
        assert said in told.stdout
        assert told.stderr.strip() == "0 []"


@pytest.mark.parametrize(
    "arguments", [("list",), ("check", "losses.py:mean_squared_error", *FEW, "--json", "-")], ids=["list", "check"]
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="pipes break differently there")
def test_a_closed_pipe_is_no_traceback(arguments: tuple[str, ...]) -> None:
    """A reader that goes away, as in `refmath list | head -1`, is no reason for a traceback."""
    read, written = os.pipe()
    os.close(read)
    try:
        told = start(*arguments, stdout=written)
    finally:
        os.close(written)
    assert told.stderr == ""


def test_no_command_is_the_help() -> None:
    """`refmath` alone explains itself."""
    told = run()
    assert all(command in told.output for command in ("list", "show", "check"))
    assert told.exception is None or isinstance(told.exception, SystemExit)


@pytest.mark.parametrize(("name", "choices"), [("check", (Format, Array, Output)), ("train", (Dtype, Gradient))])
def test_the_page_on_the_command_line_has_every_option(name: str, choices: tuple[type[StrEnum], ...]) -> None:
    """The table of a command's options in docs/command_line.md has each of them, with each of its values, and none that there is not."""
    page = Path(__file__).parents[1].joinpath("docs", "command_line.md").read_text("utf-8")
    table = page.partition(f"The options of `refmath {name}`:\n\n")[2].partition("\n\n")[0]
    help_ = CliRunner().invoke(app, (name, "--help"), env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).output
    options = set(re.findall(r"^\W*(--[a-z-]+) ", help_, re.MULTILINE)) - {"--help"}
    assert set(re.findall(r"`(--[a-z-]+)", table.replace("`, `", "` `"))) == options
    assert {value for choice in choices for value in choice} <= set(re.findall(r"`(\w+)`", table))
