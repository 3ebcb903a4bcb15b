"""A candidate in a process of its own: what is observed there is what would be observed here, and whatever becomes of the process is an observation."""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import refmath
from refmath.calculus.functions import CUBES, SQUARES, function
from refmath.catalogue import formula
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.loading.load import load
from refmath.oracle.remote.child import Child, Hosted
from refmath.oracle.remote.frames import Channel, NoFrame
from refmath.oracle.remote.replies import NoReply, read

SOURCE = """
import os, signal, sys, time, warnings
import numpy as np

kept = []

def same(a): return a
def double(a): return 2 * a
def half_precise(a): return np.asarray(a, np.float16)
def shape(a): return np.array([*a.shape, a.flags.c_contiguous, a.flags.f_contiguous, a.flags.writeable, a.dtype.itemsize])
def writes(a):
    a[...] = 7
    return a.sum()
def warns(a):
    warnings.warn("look out")
    return np.log(-a)
def raises(a): raise ValueError("not [red]this[/] one")
def declines(a): raise NotImplementedError("never")
def nothing(a): return None
def text(a): return "text"
def listed(a): return a.tolist()
def keeps(a):
    kept[:] = kept or [np.zeros(a.shape)]
    kept[0][...] = a.sum()
    return kept[0]
def crashes(a): os.abort()
def leaves(a): os._exit(7)
def hangs(a):
    while True:
        try:
            time.sleep(10)
        except BaseException:
            pass
def slow(a): time.sleep(30)
def patches(a):
    np.sum = None
    return a
def step(params, grads, lr):
    for key in params:
        params[key] -= lr * grads[key]
def other_step(params, grads, lr): return {key: params[key] - lr * grads[key] for key in params}
def derivative(f, x): return np.array([f(x), f(2 * x)]) if x.ndim else f(x)
def asked_with(a, *, delta=1.0): return delta * a
def dies_of_two(a):
    if a.size == 2: os._exit(0)
    return a
def hangs_of_two(a):
    while a.size == 2:
        try:
            time.sleep(10)
        except BaseException:
            pass
    return a
def ends_later(a):
    import threading
    threading.Timer(0.2, os._exit, [5]).start()
    return a
def enormous(a): return np.zeros(1 << 28)
def directory(a): return float(len(os.getcwd()))
"""


@pytest.fixture(params=["warden", "loopback"])
def child(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A process with the functions above; also as it is started where there are neither forks nor `poll`."""
    if request.param == "loopback":
        without_a_warden(monkeypatch)
    (tmp_path / "theirs.py").write_text(SOURCE)
    with Child(timeout=2.0) as started:
        yield started.imported(str(tmp_path / "theirs.py"))


def without_a_warden(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    for place in ("remote.child", "processes.started"):
        monkeypatch.setattr(f"refmath.oracle.{place}.has_warden", lambda: False)
    monkeypatch.delattr(select, "poll", raising=False)


@pytest.fixture
def here(tmp_path: Path) -> dict[str, Callable[..., Any]]:
    """The same functions here."""
    place = tmp_path / "here.py"
    place.write_text(SOURCE)
    return runpy.run_path(str(place))


def hosted(child: Child, name: str, page: str = "softmax") -> Hosted:
    return Hosted(child.function(name), formula(page))


def told(seen: Observation) -> Any:
    """All that is compared of an observation."""
    value = None if seen.value is None else (seen.value.dtype, seen.value.shape, seen.value.tobytes())
    return (
        value,
        seen.trouble,
        seen.text,
        seen.warnings,
        seen.declines,
        seen.shares_memory,
        seen.in_place,
        seen.dtype,
        seen.answer is not None,
    )


ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.array([1.5, np.inf, -0.0, np.nan], np.float32),
    np.array(0.25),
    np.arange(3, dtype=np.uint8),
    np.array([True, False]),
    np.array([0.1, 2.0], ml_dtypes.bfloat16),
    np.zeros((0, 3)),
]


@pytest.mark.parametrize("name", [each for each in re.findall(r"def (\w+)\(a\)", SOURCE) if each not in ("crashes", "leaves", "hangs", "slow", "patches", "directory", "dies_of_two", "hangs_of_two", "ends_later", "enormous")])  # fmt: skip
def test_it_is_observed_there_as_here(child: Child, here: dict[str, Callable[..., Any]], name: str) -> None:
    """The value to the last bit, troubles and warnings in the same words, writing, sharing, the number type."""
    there = hosted(child, name)
    for value in ARRAYS:
        for layout in ("plain", "by columns", "strided", "read-only", "big-endian"):
            assert told(there({"a": value}, layout)) == told(
                Candidate(here[name], timeout=2.0, formula=formula("softmax"))({"a": value}, layout)
            )


def test_mappings_functions_and_parameters_arrive(child: Child, here: dict[str, Callable[..., Any]]) -> None:
    """A mapping of arrays, a step in place, a function of an array that insists on its shape, a keyword."""
    arrays = {"W": np.ones((2, 2)), "b": np.arange(2.0)}
    inputs = {"params": arrays, "grads": arrays, "lr": np.array(0.5)}
    for name in ("step", "other_step"):
        page = formula("sgd_step")
        seen = hosted(child, name, "sgd_step")(inputs)
        assert told(seen) == told(Candidate(here[name], formula=page)(inputs))
        assert seen.in_place == (name == "step")
    f = function(SQUARES, 1.0, 3.0, shape=(2,)) + 0.1 * function(CUBES, -1.0, 0.3, shape=(2,))
    for x in (np.array([0.1, 7.0]), np.array([0.1, 7.0], np.float32), np.ones(3)):
        seen = hosted(child, "derivative", "numerical_gradient")({"f": f, "x": x})
        assert told(seen) == told(
            Candidate(here["derivative"], formula=formula("numerical_gradient"))({"f": f, "x": x})
        )
    seen = hosted(child, "asked_with")({"a": np.ones(2)}, parameters={"delta": 1e-7})
    assert seen.value.tolist() == [1e-7, 1e-7]


def test_what_a_function_says_of_itself(child: Child) -> None:
    """Its name, its signature, why the arguments do not fit, and what can be given by name."""
    said = hosted(child, "asked_with").signature()
    assert (said.called, said.text, said.misfit, said.by_name) == (
        "asked_with",
        "(a, *, delta=1.0)",
        "",
        ("a", "delta"),
    )
    assert "missing a required argument" in hosted(child, "step").signature().misfit


def test_a_parameter_that_it_needs_is_given_there_too(tmp_path: Path) -> None:
    """Who has no default for a parameter of the formula gets the formula's in its own process as well."""
    (tmp_path / "needs.py").write_text(
        "import numpy as np\ndef elu(x, alpha):\n    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))\n"
    )
    assert refmath.check(f"{tmp_path}/needs.py:elu", "elu", isolate=True, examples=20).conforms


def test_an_earlier_answer_is_looked_at_again(child: Child) -> None:
    """One that a later call has overwritten is found, until it is released."""
    for name, changed in (("keeps", True), ("double", False)):
        there = hosted(child, name)
        seen = [(there({"a": np.full(2, each)}), {"a": np.full(2, each)}) for each in (1.0, 2.0)]
        assert there.has_changed(seen) is changed
        there.release()
        assert not there.has_changed(seen)


@pytest.mark.parametrize(
    ("name", "trouble", "text"),
    [
        ("crashes", "raised", r"^ended its process in line \d+, in crashes, with signal SIGABRT$"),
        ("leaves", "raised", r"^ended its process with exit status 7$"),
        ("hangs", "hung", r"^did not answer within 0\.3 s$"),
        ("slow", "hung", r"^did not answer within 0\.3 s$"),
    ],
)
def test_the_end_of_a_process_is_an_observation(child: Child, name: str, trouble: str, text: str) -> None:
    """It is said how it ended, and another process answers the next question."""
    child.timeout = 0.3
    there = hosted(child, name)
    begun = time.monotonic()
    for _ in range(2):
        seen = there({"a": np.ones(2)})
        assert seen.trouble == trouble
        assert re.search(text, seen.text), seen.text
    assert time.monotonic() - begun < 20
    assert hosted(child, "double")({"a": np.ones(2)}).value.tolist() == [2.0, 2.0]


def test_it_is_not_started_for_ever(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose breaking has cost too much is given up, until that is forgiven or another function is asked."""
    monkeypatch.setattr("refmath.oracle.remote.child._PATIENCE", 0.0)
    there = hosted(child, "leaves")
    assert [there({"a": np.ones(2)}).trouble for _ in range(3)] == ["raised", "spent", "spent"]
    child.forgive()
    assert there({"a": np.ones(2)}).trouble == "raised"
    assert hosted(child, "double")({"a": np.ones(2)}).trouble is None


def test_a_question_sent_ahead_is_the_one_that_is_answered(child: Child) -> None:
    """Whatever is asked instead, or besides, gets its own answer."""
    there, one, two = hosted(child, "double"), {"a": np.ones(1)}, {"a": np.full(1, 2.0)}
    none: dict[str, Any] = {}
    there.expect(one, "plain", none)
    assert there(one, "plain", none).value.tolist() == [2.0]
    there.expect(one, "plain", none)
    assert there(two, "plain", none).value.tolist() == [4.0]
    there.expect(one, "plain", none)
    there.expect(two, "plain", none)
    assert there(two, "plain", none).value.tolist() == [4.0]
    assert there(one).value.tolist() == [2.0]
    there.expect(one, "plain", none)
    assert not there.has_changed([])


def test_a_question_that_nobody_asks_for_costs_no_other(child: Child) -> None:
    """One that was sent ahead and dropped may end the process: the next question is asked of another."""
    child.timeout = 0.3
    for name, after in (("dies_of_two", 1), ("hangs_of_two", 3)):
        there, two, one = hosted(child, name), {"a": np.ones(2)}, {"a": np.ones(1)}
        there.expect(two)
        begun = time.monotonic()
        assert there(one).value.tolist() == [1.0]
        assert time.monotonic() - begun < 10 * after
        there.expect(two)
        there.expect(one)
        assert there(one).value.tolist() == [1.0]
        there.expect(two)
        assert not there.has_changed([])


def test_one_that_ends_between_two_questions_has_failed(child: Child) -> None:
    """The next question is told, sent ahead or not."""
    none: dict[str, Any] = {}
    for ahead in (True, False):
        there, inputs = hosted(child, "ends_later"), {"a": np.ones(1)}
        assert there(inputs).value.tolist() == [1.0]
        time.sleep(0.5)
        if ahead:
            there.expect(inputs, "plain", none)
        assert there(inputs, "plain", none).text == "ended its process with exit status 5"


def test_an_answer_that_nobody_can_mean_is_not_copied(child: Child) -> None:
    """It is told by its shape."""
    seen = hosted(child, "enormous")({"a": np.ones(2)})
    assert (seen.trouble, seen.text) == ("type", "returned shape (268435456,), which are more than 4,194,304 entries")


def test_a_changed_process_is_left(child: Child) -> None:
    """After a function that has changed what belongs to all, the next one has another process; after others the same."""
    hosted(child, "double")({"a": np.ones(2)})
    before = child._running
    child.settle()
    assert child._running is before is not None
    hosted(child, "patches")({"a": np.ones(2)})
    child.settle()
    assert child._running is None
    assert hosted(child, "writes")({"a": np.ones(2)}).text == "wrote into its argument a"


def test_from_python_a_place_is_judged(tmp_path: Path) -> None:
    """`isolate=True` needs where the function stands; the report is that of the function here."""
    place = tmp_path / "theirs.py"
    place.write_text("def mean_squared_error(y, t):\n    return ((y - t) ** 2).sum()\n")
    names = runpy.run_path(str(place))
    one = refmath.check(f"{place}:mean_squared_error", "mean_squared_error", isolate=True, examples=4)
    two = refmath.check(names["mean_squared_error"], "mean_squared_error", target=one.target, examples=4)
    assert {**one.as_json(), "seconds": 0} == {**two.as_json(), "seconds": 0}
    with pytest.raises(TypeError, match="isolate=True needs where the function stands"):
        refmath.check(names["mean_squared_error"], "mean_squared_error", isolate=True)
    with pytest.raises(refmath.NotJudged, match="there is no file"):
        refmath.check(f"{tmp_path}/none.py:softmax", "softmax", isolate=True)
    with pytest.raises(refmath.NotJudged, match="is not a function"):
        refmath.check("theirs.py:softmax", "softmax")


def test_sent_to_another_process_it_has_its_own_there(tmp_path: Path) -> None:
    """A search that is shared out starts a process beside each of the pool's."""
    place = tmp_path / "theirs.py"
    place.write_text("def mean_squared_error(y, t):\n    return ((y - t) ** 2).sum()\n")
    import multiprocessing

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        told = refmath.check(
            f"{place}:mean_squared_error", "mean_squared_error", isolate=True, examples=8, executor=pool
        )
    assert told.verdict == "differs"


def test_a_target_that_cannot_be_imported_in_time(tmp_path: Path) -> None:
    """The reason is told, whether Python can be interrupted or not."""
    for body in (
        "while True: pass",
        "while True:\n    try: import time; time.sleep(9)\n    except BaseException: pass",
    ):
        (tmp_path / "loops.py").write_text(body)
        with (
            Child(timeout=0.1) as started,
            pytest.raises(refmath.NotJudged, match=r"loops\.py cannot be imported: it did? ?n?o?t?.*within|end within"),
        ):
            load(str(tmp_path / "loops.py"), timeout=0.1, isolate=started)


# ---- where there is no warden


def test_without_a_warden_an_endless_loop_is_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also there `--timeout` holds, and what the process has started is ended with it."""
    without_a_warden(monkeypatch)
    (tmp_path / "theirs.py").write_text(
        "import subprocess\ndef sigmoid(x):\n    subprocess.Popen(['sleep', '100'])\n    while True:\n        try:\n"
        "            while True: pass\n        except BaseException: pass\n"
    )
    monkeypatch.chdir(tmp_path)
    report = refmath.check("theirs.py:sigmoid", "sigmoid", isolate=True, timeout=0.3)
    assert report.verdict == "failed"
    assert report.smallest is not None
    assert "did not answer within 0.3 s" in report.smallest.trouble


def test_only_who_was_started_is_talked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else on this machine who connects first is turned away."""
    without_a_warden(monkeypatch)
    (tmp_path / "theirs.py").write_text("def sigmoid(x): return x\n")
    create, strangers = socket.create_server, []

    def watched(place: Any) -> Any:
        server = create(place)
        strangers.append(socket.create_connection(server.getsockname()))
        strangers[-1].sendall(b"x" * 40)
        return server

    monkeypatch.setattr(socket, "create_server", watched)
    with Child() as started:
        assert started.imported(str(tmp_path / "theirs.py")).functions() == ["sigmoid"]
    with strangers[0] as stranger, contextlib.suppress(ConnectionResetError):
        assert stranger.recv(1) == b""


def test_without_a_warden_it_ends_with_who_asked(tmp_path: Path) -> None:
    """If that is killed, the end of its standard input tells the process."""
    (tmp_path / "theirs.py").write_text("open('begun', 'w').close()\nimport time\ntime.sleep(60)\n")
    code = textwrap.dedent(
        """
        import refmath.oracle.remote.child as child, refmath.oracle.processes.started as started
        child.has_warden = started.has_warden = lambda: False
        child.Child().imported("theirs.py")
        """
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1])}
    asking = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment)
    while not (tmp_path / "begun").exists() and asking.poll() is None:
        time.sleep(0.05)
    asking.kill()
    asking.wait()
    deadline = time.monotonic() + 20
    while left_in(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_in(tmp_path) == []


# ---- what is said

BAD_REPLIES: dict[str, dict[str, Any]] = {
    "import": {"functions": 7},
    "find": {"found": 1, "late": False},
    "judge": {"called": "f", "text": "", "misfit": "", "by_name": 7, "required": []},
    "call": {"trouble": "other", "text": "", "warnings": []},
    "compare": {"changed": "yes"},
    "changes": {"changes": [7]},
    "library": {"error": ["x"]},
}


@pytest.mark.parametrize("asked", BAD_REPLIES)
def test_a_reply_is_what_it_must_be_or_none(asked: str) -> None:
    """Whatever else stands there is refused, whatever its type."""
    with pytest.raises(NoReply, match="no reply: "):
        read(asked, BAD_REPLIES[asked])
    with pytest.raises(NoReply, match="no reply: error is no text"):
        read(asked, {"error": 7})


def test_texts_of_a_reply_are_cut() -> None:
    """A long one tells its beginning, and of many only the first are taken."""
    told = read("import", {"functions": ["x" * 10**6] * 10**4})
    assert len(told["functions"]) == 1000
    assert max(map(len, told["functions"])) == 2000


@pytest.mark.parametrize(
    "arrays",
    [
        7,
        [7],
        [["float64"]],
        [["float64", 3]],
        [["float64", [1.0]]],
        [["float64", [True]]],
        [["float64", [-1]]],
        [["float64", [2**63, 0]]],
        [["float64", [10**4000] * 3000]],
        [["float64", [1] * 65]],
        [["float64", [2]]],
        [["O", [1]]],
        [["f8,f8", [1]]],
        [[["float64"], [1]]],
        [["float64", [0]]] * 5000,
    ],
    ids=range(15),
)
def test_what_is_no_frame_is_refused_at_once(arrays: Any) -> None:
    """Nothing is computed from a shape, or made of a number type, before it is looked at."""
    one, two = socket.socketpair()
    with one, two:
        text = json.dumps({"id": 1, "arrays": arrays}).encode()
        thread = threading.Thread(target=one.sendall, args=(struct.pack("<IQ", len(text), 8) + text + b"12345678",))
        thread.start()
        with pytest.raises(NoFrame):
            Channel(two).receive(60.0)
        thread.join()


# ---- Ctrl-C, and what is left behind

HANGING = {
    "in a call": "def softmax(a):\n    while True: pass\n",
    "in C": "import ctypes\ndef softmax(a):\n    while True: ctypes.CDLL(None).sleep(100)\n",
    "while it is imported": "import time\nwhile True:\n    try: time.sleep(100)\n    except BaseException: pass\n",
    "with a daemon": "import os, subprocess, time\nsubprocess.Popen(['sleep', '100'], start_new_session=True)\ndef softmax(a): time.sleep(100)\n",
    "with a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(100,)).start()\ndef softmax(a): time.sleep(100)\n",
}


SENT = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGKILL") if name in signal.Signals.__members__)
#: Each way of hanging with one of the signals in turn; with the others in the session `zoo`.
INTERRUPTED = [
    pytest.param(sent, how, marks=[] if turn == place % len(SENT) else [pytest.mark.zoo])
    for place, how in enumerate(HANGING)
    for turn, sent in enumerate(SENT)
]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
@pytest.mark.parametrize(("sent", "how"), INTERRUPTED)
def test_an_interruption_ends_everything(how: str, sent: signal.Signals, tmp_path: Path) -> None:
    """The command is over, and nobody is left, even if it was killed itself: within a second, in one of three attempts on a busy machine."""
    (tmp_path / "hangs.py").write_text(f"open('begun', 'w').close()\n{HANGING[how]}")
    assert any(seconds_until_all_ends(sent, tmp_path) < 1 for _ in range(3))


def seconds_until_all_ends(sent: signal.Signals, folder: Path) -> float:
    """How long it takes from a signal until nobody is left."""
    (folder / "begun").unlink(missing_ok=True)
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = subprocess.Popen(
        [sys.executable, "-m", "refmath", "check", "hangs.py", "--timeout", "60"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1])},
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, kept)
    while not (folder / "begun").exists() and started.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    begun = time.monotonic()
    os.kill(started.pid, sent)
    _, complaints = started.communicate(timeout=30)
    assert started.returncode == (130 if sent in (signal.SIGINT, signal.SIGTERM) else -sent)
    assert b"Traceback" not in complaints
    while left_in(folder) and time.monotonic() - begun < 10:
        time.sleep(0.02)
    assert left_in(folder) == []
    return time.monotonic() - begun


def left_in(folder: Path) -> list[str]:
    """The processes that run in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(folder) and "Z" not in (entry / "stat").read_text().split(")")[1][:3]:
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_memory_stays_flat(tmp_path: Path) -> None:
    """After many judgements the command's process holds no more descriptors, threads or children than after a few."""
    code = textwrap.dedent(
        """
        import os, threading, refmath
        import refmath.oracle.remote.child
        refmath.oracle.remote.child._PATIENCE = 0.0
        from refmath.oracle.remote.child import Child
        from refmath.oracle.loading.load import load
        def told():
            return len(os.listdir("/proc/self/fd")), threading.active_count()
        for turn in range(4):
            with Child() as child:
                (named,) = load("theirs.py", isolate=child)
                refmath.check(named.function, "sigmoid", examples=1)
            if turn == 1: before = told()
        assert told() == before, (told(), before)
        """
    )
    (tmp_path / "theirs.py").write_text("import os\ndef sigmoid(x):\n    if x.ndim == 2: os._exit(0)\n    return x\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, timeout=120)
