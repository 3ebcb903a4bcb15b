"""The commands on every system: `nox -s every_system` runs them as this one is, and on a Unix system as on Windows, where nothing of POSIX is and consoles know 256 characters.

What is started finds what tests/without_posix takes away from Python, as this process does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import refmath
from refmath.oracle.processes.command_line import joined
from refmath.training.saved_run import load

pytestmark = pytest.mark.systems

ROOT = Path(refmath.__file__).parents[1]
SIMULATED = "REFMATH_WITHOUT_POSIX" in os.environ
LOOP = "def relu(x):\n    while True: pass\n"
#: With a name and a text that are not in ASCII, as a file has them.
RIGHT = 'import numpy as np\ndef relu(x):\n    """ReLU: 0 für x ≤ 0."""\n    return np.maximum(x, 0)\n'
WRONG = "import os\nimport numpy as np\ndef sigmoid(x):\n    print('σ ✓')\n    return 1 / (1 + np.exp(x))\ndef softmax(a): os._exit(3)\n"
FEW = ("--examples", "1")


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


def run(*words: str, code: str = "") -> Ended:
    """A command of refmath in a process of its own, in the encoding of its console."""
    command = [
        sys.executable,
        *(["-c", f"{code}\nfrom refmath.cli import main; main()"] if code else ["-m", "refmath"]),
    ]
    told = subprocess.run([*command, *words], capture_output=True, timeout=120, check=False)
    encoding = os.environ.get("PYTHONIOENCODING") or "utf-8"
    out, err = (each.decode(encoding).replace("\r\n", "\n") for each in (told.stdout, told.stderr))
    assert "Traceback" not in err
    return Ended(told.returncode, out, err)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFMATH_CACHE", str(tmp_path / "cache"))
    path = [str(ROOT / "tests" / "without_posix")] if SIMULATED else []
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([*path, str(ROOT)]))
    for name, text in (("right", RIGHT), ("wrong", WRONG), ("loop", LOOP)):
        Path(f"{name}.py").write_text(text, encoding="utf-8")


def verdicts(file: str) -> dict[str, str]:
    return {each["formula"]: each["verdict"] for each in json.loads(Path(file).read_text("utf-8"))["results"]}


@pytest.mark.skipif(not SIMULATED, reason="nothing is taken away here")
def test_nothing_of_posix_is_there() -> None:
    """Neither here nor in a process that is started."""
    code = "import os, signal, sys; print(hasattr(os, 'fork'), hasattr(signal, 'SIGKILL'), open('x', 'w').encoding)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert told.stdout.split() == [b"False", b"False", b"cp1252"]
    assert not hasattr(os, "killpg")
    assert "SIGHUP" not in signal.Signals.__members__


def test_check() -> None:
    """Right and wrong functions have their verdicts; one that ends its process costs no other; what is printed goes elsewhere."""
    told = run("check", "right.py", "wrong.py", *FEW, "--json", "report.json", "--verbose")
    assert told.status == 1
    assert verdicts("report.json") == {"relu": "conforms", "sigmoid": "differs", "softmax": "failed"}
    assert "1 of 3 conform." in told.out
    assert ("✓ relu" in told.out) or ("+ relu" in told.out)


def test_check_side_by_side_within_a_time() -> None:
    """A loop that cannot be interrupted ends after `--timeout`, in a process beside others too."""
    told = run("check", "loop.py", "wrong.py", *FEW, "--jobs", "2", "--timeout", "2", "--json", "report.json")
    assert told.status == 1
    assert "did not answer within 2 s" in told.out
    assert verdicts("report.json").keys() == {"relu", "sigmoid", "softmax"}
    assert set(verdicts("report.json").values()) <= {"failed", "differs"}


def test_check_a_program() -> None:
    """A command line is split as this system does it: the program stands in a folder with a blank in its name."""
    Path("my programs").mkdir()
    program = Path("my programs", "adapter.py")
    program.write_text((ROOT / "tests" / "adapter.py").read_text("utf-8"), encoding="utf-8")
    told = run("check", "--exec", joined([sys.executable, str(program), "right"]), "--against", "softmax", *FEW)
    assert "1 of 1 conform." in told.out
    assert told.status == 0
    silent = run("check", "--exec", joined([sys.executable, str(program), "hangs"]), "--against", "softmax", *FEW, "--timeout", "2", "--save-failure", "asked.jsonl")  # fmt: skip
    assert silent.status == 1
    assert "did not answer within 2 s" in silent.out
    assert Path("asked.jsonl").read_bytes().endswith(b"}\n")


def test_train() -> None:
    """A training is saved, goes on, and writes its curves; the text is whole in whatever the console knows."""
    told = run("train", "--iterations", "20", "--hidden", "4", "--save", "run.npz", "--json", "curves.json")
    assert (told.status, told.err) == (0, "")
    assert "–" in told.out or " - " in told.out  # no loss before the first iteration
    assert run("train", "--resume", "run.npz", "--iterations", "40", "--save", "run.npz").status == 0
    assert load(Path("run.npz")).state.iteration == 40
    assert len(json.loads(Path("curves.json").read_text("utf-8"))["loss"]) == 20


def test_vectors() -> None:
    """A set is written whole, with \\n at the ends of lines, again over itself, and never over a file of the user's."""
    few = "import refmath.vectors.formulas as f, refmath.vectors.files; f.NAMES = ('sgd_step',)"
    assert run("vectors", "set", code=few).status == 0
    before = {each.name: each.read_bytes() for each in Path("set").iterdir()}
    assert "sgd_step.json" in before
    assert not any(b"\r" in content for content in before.values())
    assert run("vectors", "set", code=few).status == 0
    Path("set", "README.md").write_text("mine", encoding="utf-8")
    refused = run("vectors", "set", code=few)
    assert refused.status == 2
    assert "it is not as refmath wrote it" in refused.err
    assert {each.name: each.read_bytes() for each in Path("set").iterdir()} == before | {"README.md": b"mine"}


@pytest.mark.parametrize(
    ("words", "encoding"),
    [(("list",), "ascii"), (("show", "adam_step"), "cp1252"), (("check", "--help"), "cp1252")],
    ids=str,
)
def test_what_is_shown_in_few_characters(
    words: tuple[str, ...], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console of 256 or 128 characters gets words for the others, and no escapes."""
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    monkeypatch.setenv("PYTHONUTF8", "0")
    told = run(*words)
    assert told.status == 0
    assert len(told.out) > 200
    assert "\\u" not in told.out


def test_a_reader_that_goes() -> None:
    """The report is written all the same, and nothing is said of what Python could not write at its end."""
    words = [sys.executable, "-m", "refmath", "check", "right.py", *FEW, "--json", "report.json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        complaints = process.stderr.read()
    assert b"Traceback" not in complaints
    assert verdicts("report.json") == {"relu": "conforms"}
