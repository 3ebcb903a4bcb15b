"""Abuses of files, signals and disks: nothing that was written is lost, nothing half-written stays, every run goes on bit for bit.

Each is a line of a table: what happens to a process of its own, with which status it has to end, and what it has to say. What has to hold after all of
them stands in three tests. A few quick ones are tried by default; `nox -s abuse_files` tries all.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

import refmath
from refmath.cli import app
from refmath.training.saved_run import load
from refmath.vectors import formulas
from refmath.vectors.files import fixed_files
from refmath.whole_file import MARK
from refmath.whole_set import SUMS, in_sums, sums, write_set

if not hasattr(signal, "SIGXCPU"):
    pytest.skip("these signals, devices and limits are not there", allow_module_level=True)

ROOT = str(Path(refmath.__file__).parents[1])
SETTINGS = ("--hidden", "4")
ITERATIONS = 120
WHOLE = ("--iterations", str(ITERATIONS))
FEW = ("sgd_step", "sigmoid")

#: What every child runs first. `at(place, count, do)` does something just before a function is called for the count-th time.
BEFORE = """
import contextlib, os, pkgutil, runpy, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.alarm(60)

def at(place, count, do, times=1):
    module, name = place.rsplit(".", 1)
    module = pkgutil.resolve_name(module)
    original, calls = getattr(module, name), iter(range(1, 10**9))
    def changed(*arguments, **named):
        if count <= next(calls) < count + times:
            do()
        return original(*arguments, **named)
    setattr(module, name, changed)

def send(*numbers):
    def do():
        for number in numbers:
            os.kill(os.getpid(), number)
    return do

def fail(number):
    def do():
        raise OSError(number, os.strerror(number))
    return do

STEP, MADE, ARRAY, SYNC = ("refmath.training.loop._step", "refmath.whole_file._begun", "numpy.lib.format.write_array", "os.fsync")
DIE = send(signal.SIGKILL)
"""
AFTER = "\nrunpy.run_module('refmath', run_name='__main__')\n"
OFTEN = "import refmath.training.command as c; c.SAVED_EVERY = 0.0\n"
SMALL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"
TWO = "import refmath.vectors.formulas as f, refmath.vectors.files; f.NAMES = ('sgd_step', 'sigmoid')\n"


class Ended(NamedTuple):
    """How a child ended."""

    status: int
    out: str
    err: str


def child(code: str, *arguments: str, shell: str = '"$@"', environment: dict[str, str] | None = None) -> Ended:
    """Runs a command of refmath after some code, in a process of its own; `shell` says what it is connected with."""
    command = [sys.executable, "-c", BEFORE + code + AFTER, *arguments]
    told = subprocess.run(
        ["bash", "-c", f"{shell}; exit ${{PIPESTATUS[0]}}", "bash", *command],
        text=True,
        encoding="utf-8",
        errors="replace",
        capture_output=True,
        env={**os.environ, **(environment or {})},
        timeout=120,
        check=False,
    )
    return Ended(told.returncode, told.stdout, told.stderr)


def run(*arguments: str) -> Any:
    """A command of refmath that nothing happens to, in this process."""
    return CliRunner().invoke(app, arguments)


def table(rows: Sequence[Abuse | Reports | Vectors]) -> pytest.MarkDecorator:
    """The rows as parameters; those that are not quick wait for `nox -s abuse_files`."""
    marks = {True: [], False: [pytest.mark.abuse_files]}
    return pytest.mark.parametrize("abuse", [pytest.param(row, id=row.name, marks=marks[row.quick]) for row in rows])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "temporary").mkdir()
    variables = {"REFMATH_CACHE": tmp_path / "cache", "TMPDIR": tmp_path / "temporary", "PYTHONPATH": ROOT}
    for name, value in {**variables, "OMP_NUM_THREADS": 1}.items():
        monkeypatch.setenv(name, str(value))


@pytest.fixture(scope="session")
def through(tmp_path_factory: pytest.TempPathFactory) -> dict[int, bytes]:
    """The saved run that nothing has happened to, and one of a third of its length."""
    files = {}
    for iterations in (ITERATIONS, ITERATIONS // 3):
        path = tmp_path_factory.mktemp("through") / "run.npz"
        assert run("train", *SETTINGS, "--iterations", str(iterations), "--save", str(path)).exit_code == 0
        files[iterations] = path.read_bytes()
    return files


# ---- trainings


class Abuse(NamedTuple):
    """What happens to a training.

    Attributes:
        name: What it is called.
        code: What the child runs first.
        status: How it has to end.
        says: What it has to say of it.
        options: More options.
        shell: What its streams are.
        saved: After how many iterations the saved run stands; None where that depends on the moment.
        begun: Whether there is an earlier save of the same run, on which it goes on.
        quick: Whether it is tried by default.
        environment: More variables.
    """

    name: str
    code: str = ""
    status: int = 0
    says: str = ""
    options: tuple[str, ...] = ()
    shell: str = '"$@"'
    saved: int | None = ITERATIONS
    begun: bool = False
    quick: bool = False
    environment: dict[str, str] | None = None


#: Waits until the reader has gone, if nothing has noticed that yet.
GONE = """
import select, stat
def wait():
    watched = select.poll()
    watched.register(1, 0)
    if stat.S_ISFIFO(os.fstat(1).st_mode):
        watched.poll(20_000)
at(STEP, 31, wait)
"""
#: Fills the pipe to the brim, so that the next line has to wait; SIGTERM comes meanwhile.
FULL_PIPE = """
import threading
def fill():
    os.set_blocking(1, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(1, b'.')
    os.set_blocking(1, True)
    threading.Timer(2, send(15)).start()
at(STEP, 31, fill)
"""
INSTEAD = "instead: `refmath train --resume "
WITHOUT = "; the training went on to its end without it"
KILLED = 128 + 9
SIGNALS = [
    Abuse("SIGTERM", "at(STEP, 31, send(15))", 143, saved=30, quick=True),
    Abuse("SIGHUP", "at(STEP, 31, send(1))", 129, saved=30),
    Abuse("Ctrl-C", "at(STEP, 31, send(2))", 130, saved=30),
    Abuse("limit of processor time", "at(STEP, 31, send(signal.SIGXCPU))", 128 + signal.SIGXCPU, saved=30),
    Abuse("SIGTERM before the first iteration", "at(STEP, 1, send(15))", 143, saved=0),
    Abuse("SIGTERM in the last iteration", f"at(STEP, {ITERATIONS}, send(15))", 143, saved=ITERATIONS - 1),
    Abuse("SIGTERM while it measures", "at('refmath.training.loop.Training.measure', 2, send(15))", 143, saved=50),
    Abuse("Ctrl-C, and again at once", "at(STEP, 31, send(2, 2))", 130, saved=30),
    Abuse("SIGTERM and Ctrl-C together", "at(STEP, 31, send(15, 2))", 143, saved=30),
    Abuse("SIGTERM amid the last save", "at(SYNC, 1, send(15, 2, 1))", 0),
    Abuse("a storm of signals amid the save", "at(STEP, 31, send(15)); at(ARRAY, 1, send(15, 2, 1), 99)", 143, saved=30),
    Abuse("SIGTERM amid a save on the way", OFTEN + "at(SYNC, 31, send(15))", 143, saved=16),
    Abuse("SIGHUP under nohup", "signal.signal(1, signal.SIG_IGN); at(STEP, 31, send(1))", 0),
    Abuse("Ctrl-C in the background", "signal.signal(2, signal.SIG_IGN); at(STEP, 31, send(2))", 0),
    Abuse(
        "SIGTERM in a callback of the garbage collector",
        "import gc\ndo = [send(15)]\ngc.callbacks.append(lambda *_: do and do.pop()() or time.sleep(0))\n"
        "d, do[:] = list(do), []\nat(STEP, 31, lambda: (do.extend(d), gc.collect()))",
        143,
        saved=None,
    ),
    Abuse(
        "SIGTERM amid the figure",
        "at('refmath.training.figure.figure', 1, send(15))",
        0,
        options=("--plot", "run.png", "--json", "run.json"),
    ),
    Abuse("SIGTERM, then SIGTERM amid --json", "at(STEP, 31, send(15)); at(SYNC, 2, send(15))", 143, "", ("--json", "run.json"), saved=30),
]  # fmt: skip
STREAMS = [
    Abuse("a reader that goes", GONE, 2, "standard output: Broken pipe" + WITHOUT, (), '"$@" | head -1', quick=True),
    Abuse("a reader that was never there", GONE, 2, "standard output: Broken pipe" + WITHOUT, (), '"$@" | true'),
    Abuse("a full disk under standard output", "", 2, "standard output: No space left on device" + WITHOUT, (), '"$@" >/dev/full', quick=True),
    Abuse("a closed standard output", "", 2, "standard output: it is closed" + WITHOUT, (), '"$@" >&-'),
    Abuse("a closed standard error", "", 0, "", (), '"$@" 2>&-'),
    Abuse("all streams closed", "", 2, "", (), '"$@" <&- >&- 2>&-'),
    Abuse("both streams on a full disk", "", 2, "", (), '"$@" >/dev/full 2>/dev/full'),
    Abuse("a console that knows ASCII only", "", 0, "", environment={"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}),
    Abuse("JSON to a reader that goes", GONE, 2, "--json -: Broken pipe", ("--json", "-"), '"$@" | true'),
    Abuse("JSON to a full disk", "", 2, "--json -: No space left on device", ("--json", "-"), '"$@" >/dev/full'),
    Abuse("JSON, and the table to a full disk", "", 2, "", ("--json", "-"), '"$@" 2>/dev/full'),
    Abuse("a log that may not grow", SMALL.format(300_000) + "at(STEP, 1, lambda: os.dup2(os.open('log', os.O_WRONLY), 1))", 2, "standard output: File too large", (), 'truncate -s 300000 log; "$@" >>log'),
    Abuse("standard output closed amid the training", "at(STEP, 31, lambda: sys.stdout.close())", 2, "standard output: it is closed" + WITHOUT),
    Abuse("a reader that stops reading, and SIGTERM", FULL_PIPE, 2, "standard output: nobody reads it", (), 'mkfifo out; exec 9<>out; "$@" >out', saved=None),
]  # fmt: skip
KILLS = [
    Abuse("kill -9 amid an iteration", "at(STEP, 31, DIE)", KILLED, begun=True, saved=None),
    Abuse("kill -9 before the part is made", "at(MADE, 1, DIE)", KILLED, begun=True, saved=None),
    Abuse("kill -9 when the part is made", "at(ARRAY, 1, DIE)", KILLED, begun=True, saved=None),
    Abuse("kill -9 amid the part", "at(ARRAY, 6, DIE)", KILLED, begun=True, saved=None),
    Abuse("kill -9 before the part is on the disk", "at(SYNC, 1, DIE)", KILLED, begun=True, saved=None),
    Abuse("kill -9 before the part takes its place", "at('os.replace', 1, DIE)", KILLED, begun=True, saved=None, quick=True),
    Abuse("kill -9 when it has taken its place", "at('refmath.whole_file.written_directory', 1, DIE)", KILLED),
    Abuse("kill -9 before any part is whole", "at('os.replace', 1, DIE)", KILLED, saved=None),
    Abuse("kill -9 amid a save on the way", OFTEN + "at(ARRAY, 200, DIE)", KILLED, saved=None),
    Abuse("kill -9 between two saves", OFTEN + "at(STEP, 61, DIE)", KILLED, saved=60),
    Abuse("kill -9 amid --json", "at(SYNC, 2, DIE)", KILLED, options=("--json", "run.json")),
    Abuse("kill -9 amid --plot", "at(SYNC, 2, DIE)", KILLED, options=("--plot", "run.png")),
]  # fmt: skip
CLOSING = """
import builtins, refmath.whole_file as w
def opened(*a, **n):
    part = builtins.open(*a, **n)
    class Part:
        def __getattr__(self, name): return getattr(part, name)
        def __iter__(self): return iter(part)
        def close(self):
            part.close()
            raise OSError(28, 'No space left on device')
    return Part()
w.open = opened
"""
DISKS = [
    Abuse("a limit on the size of files", SMALL.format(8192), 2, "--save run.npz: File too large", begun=True, saved=None),
    Abuse("a limit that stops the last array", SMALL.format(26000), 2, "--save run.npz: File too large", begun=True, saved=None),
    Abuse("a full disk when the part is closed", CLOSING, 2, "--save run.npz: No space left on device", begun=True, saved=None),
    Abuse("a disk that fails when asked to write", "at(SYNC, 1, fail(5))", 2, "--save run.npz: Input/output error\nrefmath: it is saved as ", begun=True, saved=None),
    Abuse("a directory that goes away", "at(STEP, 31, lambda: os.rename('gone', 'there'))", 2, "it is saved as ", ("--save", "gone/run.npz"), 'mkdir gone; "$@"', None, True),
    Abuse("a disk that cannot be asked to write", "at(SYNC, 1, fail(22))", 0, begun=True),
    Abuse("a part that may not take its place", "at('os.replace', 1, fail(13))", 2, "--save run.npz: Permission denied", begun=True, saved=None),
    Abuse("no locks", "import fcntl; at('fcntl.flock', 1, fail(95), 99)", 0, begun=True),
    Abuse("no names left", "at(MADE, 1, fail(28))", 2, "--save run.npz: No space left on device", begun=True, saved=None),
    Abuse("a disk that is full on the way", OFTEN + "at(ARRAY, 5, fail(28), 60)", 0, begun=True),
    Abuse("a full device as the file of --json", "", 2, "--json /dev/full: No space left on device", ("--json", "/dev/full")),
    Abuse("a figure that does not fit", "at('refmath.training.command.save_figure', 1, fail(28))", 2, "--plot run.png: No space left on device", ("--plot", "run.png", "--json", "run.json")),
    Abuse("SIGTERM at a pipe that nobody opens", "import threading\nat('refmath.training.command._write_curves', 1, threading.Timer(1, send(15)).start)", 2, "--json pipe: interrupted", ("--json", "pipe"), 'mkfifo pipe; "$@"'),
    Abuse("no memory amid the training", "def do(): raise MemoryError\nat(STEP, 31, do)", 1, "MemoryError", saved=30),
]  # fmt: skip


@table([*SIGNALS, *STREAMS, *KILLS, *DISKS])
def test_a_training_loses_nothing(abuse: Abuse, through: dict[int, bytes]) -> None:
    """The status and the sentence are right, no part stays, the saved run is whole, and goes on bit for bit."""
    before = through[ITERATIONS // 3]
    if abuse.begun:
        Path("run.npz").write_bytes(before)
    start = ("--resume", "run.npz") if abuse.begun else SETTINGS
    told = child(
        abuse.code, "train", *start, *WHOLE, "--save", "run.npz", *abuse.options, shell=abuse.shell, environment=abuse.environment
    )  # fmt: skip
    assert told.status == abuse.status, told
    assert abuse.says in told.err
    assert "Exception ignored" not in told.err
    assert ("Traceback" in told.err) == (abuse.status == 1)
    if abuse.status != KILLED:
        assert not left()
    assert says_where_it_is(told.err, through)
    if abuse.saved is not None:
        assert load(Path("run.npz")).state.iteration == abuse.saved
    elif abuse.begun:
        assert Path("run.npz").read_bytes() == before
    for file in ("run.json",):
        if Path(file).exists():
            json.loads(Path(file).read_text(encoding="utf-8"))
    goes_on = ("--resume", "run.npz") if Path("run.npz").exists() else SETTINGS
    assert run("train", *goes_on, *WHOLE, "--save", "run.npz", *regular(abuse.options)).exit_code == 0
    assert Path("run.npz").read_bytes() == through[ITERATIONS]
    assert not left()


def says_where_it_is(err: str, through: dict[int, bytes]) -> bool:
    """Whether a training that could not be saved where it should be is whole in the place that is named, and nothing is left if none is."""
    there = os.listdir(os.environ["TMPDIR"])
    if INSTEAD not in err:
        return not there
    (name,) = there
    assert name in err
    place = Path(os.environ["TMPDIR"], name)
    return place.read_bytes() == through[ITERATIONS]


def left() -> list[str]:
    """The parts that lie about."""
    return [each for each in os.listdir() if MARK in each]


def regular(options: tuple[str, ...]) -> tuple[str, ...]:
    """The options whose files are ones."""
    return () if {"pipe", "-", "/dev/full", "gone/run.npz"} & {*options} else options


@pytest.mark.abuse_files
def test_a_training_on_a_disk_that_is_really_full(through: dict[int, bytes]) -> None:
    """No part stays on it, and the earlier save does; with room it is saved."""
    before = through[ITERATIONS // 3]
    Path("full").mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={len(before) * 3 // 2}", "tmpfs", "full"], check=False
    ).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        Path("full", "run.npz").write_bytes(before)
        for _ in range(2):
            told = child("", "train", "--resume", "full/run.npz", *WHOLE, "--save", "full/run.npz")
            assert told.status == 2
            assert told.err.startswith(
                "refmath: --save full/run.npz: No space left on device\nrefmath: it is saved as "
            )
            assert os.listdir("full") == ["run.npz"]
            assert Path("full", "run.npz").read_bytes() == before
            assert says_where_it_is(told.err, through)
            for each in Path(os.environ["TMPDIR"]).iterdir():
                each.unlink()
    finally:
        subprocess.run(["umount", "full"], check=True)


@pytest.mark.abuse_files
@pytest.mark.parametrize("nohup", [False, True])
def test_a_terminal_that_is_closed(through: dict[int, bytes], nohup: bool) -> None:
    """Table and bar have nowhere to go, and SIGHUP comes, unless it is ignored: then the training goes on."""
    ours, theirs = os.openpty()
    code = "import fcntl, termios; fcntl.ioctl(1, termios.TIOCSCTTY, 0); signal.signal(1, signal.{})\n{}"
    code = code.format(*(("SIG_IGN", "") if nohup else ("SIG_DFL", "at(STEP, 100, lambda: time.sleep(30))")))
    command = [sys.executable, "-c", BEFORE + code + AFTER, "train", *SETTINGS, *WHOLE, "--save", "run.npz"]
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(command, **streams, start_new_session=True) as process:  # type: ignore[call-overload]
        os.close(theirs)
        seen = b""
        while b"epoch" not in seen:
            seen += os.read(ours, 1000)
        os.close(ours)
        assert process.wait(60) == 2  # the last lines could not be shown
    assert load(Path("run.npz")).state.iteration <= ITERATIONS
    assert nohup == (Path("run.npz").read_bytes() == through[ITERATIONS])
    assert run("train", "--resume", "run.npz", "--save", "run.npz").exit_code == 0
    assert Path("run.npz").read_bytes() == through[ITERATIONS]
    assert not left()


def test_without_a_reader_and_without_a_file_it_stops() -> None:
    """Nobody would ever see what it does."""
    told = child("", "train", *SETTINGS, "--iterations", "1000000", shell='"$@" | head -1')
    assert told.status == 2
    assert "standard output: Broken pipe; no file was asked for, so the training stopped after" in told.err


# ---- reports


class Reports(NamedTuple):
    """What happens to a command that shows something, and perhaps writes it.

    Attributes:
        name: What it is called.
        shell: What its streams are.
        status: How it has to end.
        says: What it has to say of it.
        code: What the child runs first.
        words: The command.
        stays: Whether an earlier report stays as it was.
        quick: Whether it is tried by default.
    """

    name: str
    shell: str
    status: int
    says: str = ""
    code: str = ""
    words: tuple[str, ...] = ("check", "mine.py", "--examples", "1", "--json", "report.json")
    stays: bool = False
    quick: bool = False


PLAIN = '"$@"'
#: A program that answers nothing of what it is asked, so that there is a failure to save.
SILENT = ("check", "--exec", f"{sys.executable} silent.py", "--against", "sigmoid", "--examples", "1", "--timeout", "5", "--save-failure", "asked.jsonl", "--json", "report.json")  # fmt: skip
FULL, NO_SPACE = '"$@" >/dev/full', "refmath: standard output: No space left on device\n"
REPORTS = [
    Reports("a full disk under standard output", FULL, 2, NO_SPACE, quick=True),
    Reports("a reader that goes", '"$@" | head -1', 1),
    Reports("a reader that was never there", '"$@" | true', 1),
    Reports("both streams on a full disk", '"$@" >/dev/full 2>/dev/full', 2),
    Reports("all streams closed", '"$@" <&- >&- 2>&-', 1),
    Reports("annotations to a full disk", FULL, 2, NO_SPACE, words=("check", "mine.py", "--examples", "1", "--json", "report.json", "--format", "github")),
    Reports("a report and a failure, to a full disk", FULL, 2, NO_SPACE, words=SILENT),
    Reports("a console that knows ASCII only", 'PYTHONIOENCODING=ascii:strict "$@"', 1),
    Reports("SIGTERM amid the report", PLAIN, 143, code="at(SYNC, 1, send(15))"),
    Reports("SIGHUP and Ctrl-C amid the report", PLAIN, 129, code="at(SYNC, 1, send(1, 2))"),
    Reports("kill -9 amid the report", PLAIN, KILLED, code="at(SYNC, 1, DIE)", stays=True),
    Reports("kill -9 before the report takes its place", PLAIN, KILLED, code="at('os.replace', 1, DIE)", stays=True),
    Reports("a limit on the size of files", PLAIN, 2, "report.json: File too large", SMALL.format(512), stays=True),
    Reports("a full disk", PLAIN, 2, "report.json: No space left on device", "at(SYNC, 1, fail(28))", stays=True),
    Reports("a report that may not take its place", PLAIN, 2, "report.json: Permission denied", "at('os.replace', 1, fail(13))", stays=True),
    Reports("SIGTERM at a pipe that nobody opens", 'mkfifo pipe; "$@"', 143, "pipe: interrupted", "import threading\nat('refmath.cli._write', 1, threading.Timer(1, send(15)).start)", ("check", "mine.py", "--examples", "1", "--json", "pipe"), True),
    Reports("a list on a full disk", FULL, 2, NO_SPACE, words=("list",), stays=True),
    Reports("a page on a full disk", FULL, 2, NO_SPACE, words=("show", "relu"), stays=True),
    Reports("a help on a full disk", FULL, 2, NO_SPACE, words=("check", "--help"), stays=True),
    Reports("the version on a full disk", FULL, 2, NO_SPACE, words=("--version",), stays=True),
]  # fmt: skip


@table(REPORTS)
def test_what_is_shown_or_written_is_whole(abuse: Reports) -> None:
    """The status and the sentence are right, the report is the new one or the earlier one, and the next start takes away what a kill has left."""
    Path("mine.py").write_text("def relu(x):\n    return abs(x)\n", encoding="utf-8")
    Path("silent.py").write_text("input()\n", encoding="utf-8")
    Path("report.json").write_text("{}", encoding="utf-8")
    told = child(abuse.code, *abuse.words, shell=abuse.shell)
    assert told.status == abuse.status, told
    assert abuse.says in told.err
    assert "Traceback" not in told.err
    assert "Exception ignored" not in told.err
    assert (Path("report.json").read_text(encoding="utf-8") == "{}") == abuse.stays
    if abuse.words == SILENT:
        assert json.loads(Path("asked.jsonl").read_text(encoding="utf-8").splitlines()[0])
    if abuse.status == KILLED:
        assert left()
        assert run("check", "mine.py", "--examples", "1", "--json", "report.json").exit_code == 1
    if not abuse.stays:
        assert json.loads(Path("report.json").read_text(encoding="utf-8"))["results"][0]["verdict"] != "conforms"
    assert not left()


# ---- sets of vectors

#: What the files hold: quickly computed, unlike vectors.
STUB = """
import refmath.vectors.files as files, refmath.vectors.formulas as formulas
formulas.NAMES = ('sgd_step', 'sigmoid')
files.document = lambda name, version, tick=None: name.encode() * 1000
REPLACE, RENAME = 'os.replace', 'os.rename'
"""
NEW = {"sgd_step.json": b"sgd_step" * 1000, "sigmoid.json": b"sigmoid" * 1000, **fixed_files()}
EARLIER = {**dict.fromkeys(NEW, b"earlier"), "softsign.json": b"earlier"}


def nothing() -> None:
    """There is no directory."""


def empty() -> None:
    Path("set").mkdir()


def earlier() -> None:
    """An earlier set, and a file of the user's beside it."""
    empty()
    write_set(Path("set"), EARLIER)
    Path("set", "mine.json").write_bytes(b"mine")


def users(name: str, after: Callable[[], None] = empty, content: bytes = b"mine") -> Callable[[], None]:
    """A file that the user has put into the directory."""

    def prepare() -> None:
        after()
        Path("set", name).write_bytes(content)

    return prepare


def link() -> None:
    empty()
    Path("elsewhere").write_bytes(fixed_files()["README.md"])
    Path("set", "README.md").symlink_to(Path("elsewhere").absolute())


def longer_list() -> None:
    earlier()
    with Path("set", SUMS).open("a", encoding="utf-8") as file:
        file.write("0  mine.json\n")


class Vectors(NamedTuple):
    """What happens to `refmath vectors`.

    Attributes:
        name: What it is called.
        code: What the child runs first.
        before: What is there before.
        status: How it has to end.
        says: What it has to say of it.
        stays: Whether all is as it was; None if the process is killed, so that it depends on the moment.
        shell: What its streams are.
        quick: Whether it is tried by default.
    """

    name: str
    code: str
    before: Callable[[], None]
    status: int
    says: str = ""
    stays: bool | None = True
    shell: str = '"$@"'
    quick: bool = False


NOT_OURS = ": it is not as refmath wrote it"
SETS = [
    Vectors("a user's README", "", users("README.md"), 2, "set/README.md" + NOT_OURS, quick=True),
    Vectors("a user's file of vectors", "", users("sigmoid.json"), 2, "set/sigmoid.json" + NOT_OURS),
    Vectors("a README that the user has changed", "", users("README.md", earlier), 2, "set/README.md" + NOT_OURS),
    Vectors("a user's list of checksums", "", users(SUMS), 2, f"set/{SUMS}" + NOT_OURS),
    Vectors("a list to which the user has added", "", longer_list, 2, "set/sgd_step.json" + NOT_OURS),
    Vectors("a link in place of a file", "", link, 2, "set/README.md" + NOT_OURS),
    Vectors("a README that comes while it computes", "at('refmath.vectors.files.fixed_files', 2, lambda: open('set/README.md', 'w').write('mine'))", empty, 2, "set/README.md" + NOT_OURS, None),
    Vectors("a new set", "", nothing, 0, "", False),
    Vectors("a set again", "", earlier, 0, "", False),
    Vectors("a file of an earlier set that the user has changed, and this one has no more", "", users("softsign.json", earlier), 0, "", False),
    Vectors("kill -9 when the stage of a new set is there", "at('refmath.whole_set._fill', 1, DIE)", nothing, KILLED),
    Vectors("kill -9 amid a new set", "at(SYNC, 3, DIE)", nothing, KILLED),
    Vectors("kill -9 before a new set takes its place", "at(RENAME, 1, DIE)", nothing, KILLED),
    Vectors("kill -9 amid a set in an empty directory", "at(REPLACE, 3, DIE)", empty, KILLED, "", None),
    Vectors("kill -9 amid writing a set again", "at(SYNC, 3, DIE)", earlier, KILLED, "", None),
    Vectors("kill -9 before the first file takes its place", "at(REPLACE, 1, DIE)", earlier, KILLED, "", None),
    Vectors("kill -9 amid the files that take their places", "at(REPLACE, 3, DIE)", earlier, KILLED, "", None),
    Vectors("kill -9 before the list takes its place", "at(REPLACE, 5, DIE)", earlier, KILLED, "", None),
    Vectors("kill -9 when all have taken their places", "at('refmath.whole_set.written_directory', 2, DIE)", earlier, KILLED, "", None),
    Vectors("a limit on the size of files", SMALL.format(4096), earlier, 2, "File too large"),
    Vectors("a limit on the size of files of a new set", SMALL.format(4096), nothing, 2, "File too large"),
    Vectors("a full disk amid a set", "at(SYNC, 3, fail(28))", earlier, 2, "No space left on device"),
    Vectors("a file that may not take its place", "at(REPLACE, 3, fail(13))", earlier, 2, "Permission denied"),
    Vectors("the same in an empty directory", "at(REPLACE, 3, fail(13))", empty, 2, "Permission denied"),
    Vectors("the same where a file has but one name", "at('os.link', 1, fail(1), 99); at(REPLACE, 5, fail(13))", earlier, 2, "Permission denied"),
    Vectors("SIGTERM while it computes", "at('refmath.vectors.files.fixed_files', 2, send(15))", earlier, 143),
    Vectors("SIGTERM amid a set", "at(SYNC, 3, send(15, 15))", earlier, 143, "", False),
    Vectors("SIGHUP amid the files that take their places", "at(REPLACE, 3, send(1))", earlier, 129, "", False),
    Vectors("Ctrl-C amid the files that take their places", "at(REPLACE, 3, send(2))", earlier, 130, "", False),
    Vectors("a full disk under standard output", "", earlier, 2, "standard output: No space left on device", False, '"$@" >/dev/full'),
]  # fmt: skip


def there(directory: str = "set") -> dict[str, bytes]:
    """The files of a directory."""
    folder = Path(directory)
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()} if folder.exists() else {}


@table(SETS)
def test_a_set_is_whole_or_not_there(abuse: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status and the sentence are right, no stage stays, the user's files stay; after a kill, the next start writes the whole set."""
    abuse.before()
    before = there()
    told = child(STUB + abuse.code, "vectors", "set", shell=abuse.shell)
    assert told.status == abuse.status, told
    assert abuse.says in told.err
    assert "Traceback" not in told.err
    now = there()
    whole = {**{name: content for name, content in before.items() if name not in EARLIER or content == b"mine"}, **NEW, SUMS: sums(NEW)}  # fmt: skip
    if abuse.stays is not None:
        assert now == (before if abuse.stays else whole)
    else:
        for name, content in now.items():
            assert content in (before.get(name), whole.get(name), b"mine")
    if abuse.status == KILLED:
        monkeypatch.setattr(formulas, "NAMES", ("sgd_step", "sigmoid"))
        monkeypatch.setattr("refmath.vectors.files.document", lambda name, *_: name.encode() * 1000)
        # A second kill in the same place loses nothing either.
        assert child(STUB + abuse.code, "vectors", "set").status in (KILLED, 0)
        assert run("vectors", "set").exit_code == 0
        assert there() == whole
    assert not left()
    assert not Path("set").is_dir() or not [name for name in os.listdir("set") if MARK in name]


@pytest.mark.abuse_files
def test_two_sets_at_once() -> None:
    """Of two processes that write the same set neither takes away what the other is writing."""
    earlier()
    slow = STUB + "at('refmath.whole_set._move', 1, lambda: time.sleep(1.5))"
    command = [sys.executable, "-c", BEFORE + slow + AFTER, "vectors", "set"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as first:
        while not any(MARK in name for name in os.listdir("set")):
            assert first.poll() is None
            time.sleep(0.01)
        assert child(STUB, "vectors", "set").status == 0
        assert first.wait(60) == 0
    assert in_sums(there()[SUMS]).keys() == NEW.keys()
    assert set(os.listdir("set")) == {*NEW, SUMS, "mine.json"}
