"""Code of others in this process: one limit for all of it, whatever it raises is an outcome, and what it does to the process is put back."""

from __future__ import annotations

import contextlib
import ctypes
import decimal
import functools
import gc
import locale
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Never

import numpy as np
import pytest

import refmath
from refmath.oracle.candidates import guard
from refmath.oracle.candidates.budget import Budget, Patient
from refmath.oracle.candidates.candidate import Candidate, Observation
from refmath.oracle.candidates.guard import guarded, no_way_out
from refmath.oracle.candidates.process_state import ProcessState

interrupts = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="calls cannot be interrupted there")


def loops(*_arguments: Any) -> Never:
    while True:
        pass


def raising(error: BaseException) -> Callable[[], Never]:
    def work() -> Never:
        raise error

    return work


class Bad(Exception):
    """An error whose message does something."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._act = act

    def __str__(self) -> Any:
        return self._act()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no\n  more"), "ValueError: no more"),
        (SystemExit(0), "SystemExit: 0"),
        (KeyboardInterrupt(), "KeyboardInterrupt: "),
        (GeneratorExit(), "GeneratorExit: "),
        (Bad(raising(SystemExit(0))), "Bad: (no message: its __str__ raises)"),
        (Bad(raising(KeyboardInterrupt())), "Bad: (no message: its __str__ raises)"),
        (Bad(lambda: 7), "Bad: (no message: its __str__ raises)"),
        (ValueError("x" * 10**6), "ValueError: " + "x" * 197 + "..."),
    ],
    ids=range(8),
)
def test_whatever_is_raised_is_an_outcome(error: BaseException, text: str) -> None:
    """Its class, and its message in one line, whatever making that message does."""
    outcome = guarded(raising(error))
    assert (outcome.value, outcome.error, outcome.text, outcome.late) == (None, type(error), text, False)


def test_the_name_of_a_class_is_its_own() -> None:
    """A metaclass has no say in it."""

    class Lies(type):
        __name__ = property(loops)

    class Error(Exception, metaclass=Lies):
        pass

    assert guarded(raising(Error())).text == "Error: "


@interrupts
@pytest.mark.parametrize("work", [loops, raising(Bad(loops)), lambda: str(Bad(loops))], ids=["call", "message", "text"])
def test_one_limit_is_for_all_of_it(work: Callable[[], Any]) -> None:
    """The message of an error counts as well; the alarm is then as it was."""
    before = signal.getsignal(signal.SIGALRM)
    outcome = guarded(work, 0.1)
    assert (outcome.value, outcome.late) == (None, True)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@interrupts
def test_an_alarm_never_finds_the_handler_of_others() -> None:
    """However the end of a call and its alarm meet, nothing is raised outside."""

    def work() -> None:
        time.sleep(0.00099)

    lates = [guarded(work, 0.001).late for _ in range(300)]
    assert all(isinstance(late, bool) for late in lates)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize(
    "end", [lambda: None, raising(SystemExit(3)), raising(ValueError())], ids=["returns", "exits", "raises"]
)
def test_a_copy_of_this_process_ends_in_silence(end: Callable[[], Any]) -> None:
    """However the forked copy leaves the call, it does not go on as the judge."""

    def work() -> int:
        child = os.fork()
        return child or end()

    child = guarded(work).value
    assert child
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_an_interruption_of_the_user_ends_everything() -> None:
    """Even where it is caught, or seen in the making of a message."""

    def catches() -> None:
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGINT)

    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for work in (catches, lambda: signal.raise_signal(signal.SIGINT), raising(Bad(catches))):
            with pytest.raises(KeyboardInterrupt):
                guarded(work)
    finally:
        signal.signal(signal.SIGINT, kept)


def test_in_another_thread_it_is_waited_for() -> None:
    """There nothing can be interrupted, but it is said that it was late."""
    outcomes: list[Any] = []
    thread = threading.Thread(target=lambda: outcomes.append(guarded(lambda: time.sleep(0.05), 0.01)))
    thread.start()
    thread.join()
    assert outcomes[0].late


def test_no_way_out_is_one_block_long() -> None:
    """`os._exit` raises in it, and means again what it meant."""
    leave = os._exit
    with no_way_out():
        outcome = guarded(lambda: os._exit(7))
    assert (outcome.error, os._exit) == (SystemExit, leave)


# ---- the state of the process

CHANGES: dict[str, Callable[[], Any]] = {
    "NumPy's functions": lambda: setattr(np, "exp", None),
    "math's functions": lambda: delattr(sys.modules["math"], "exp"),
    "NumPy's error state": lambda: np.seterr(all="raise"),
    "the rounding mode": lambda: ctypes.CDLL(None).fesetround(0x800),
    "the recursion limit": lambda: sys.setrecursionlimit(999),
    "the environment": lambda: os.environ.update(REFMATH_TEST="1"),
    "the working directory": lambda: os.chdir("/"),
    "signal handlers": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "sys.excepthook": lambda: setattr(sys, "excepthook", None),
    "the locale": lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"),
    "NumPy's printing": lambda: np.set_printoptions(precision=3),
    "the context of decimals": lambda: setattr(decimal.getcontext(), "prec", 5),
    "the interpreter's settings": lambda: sys.setswitchinterval(0.25),
    "the mask of new files": lambda: os.umask(0o123),
    "the garbage collector": gc.disable,
    "traces": lambda: threading.setprofile(lambda *_: None),
    "threading.excepthook": lambda: setattr(threading, "excepthook", None),
    "limits": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2}),
    "timers": lambda: signal.setitimer(signal.ITIMER_VIRTUAL, 1000.0),
    "sys.displayhook": lambda: setattr(sys, "displayhook", None),
    "sys.unraisablehook": lambda: setattr(sys, "unraisablehook", None),
    "sys.breakpointhook": lambda: setattr(sys, "breakpointhook", None),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the rounding mode is told otherwise there")
@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_is_told_and_put_back(name: str) -> None:
    """Once it is put back, nothing is changed any more."""
    before = ProcessState()
    assert before.changes() == []
    try:
        CHANGES[name]()
        told = before.changes()
    finally:
        before.restore()
    assert told == [name] or (name == "the locale" and told in ([name], []))
    assert before.changes() == []
    assert "REFMATH_TEST" not in os.environ


def test_who_is_ready_at_the_last_moment_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late is who needed longer than that."""
    for needed, late in ((1.0, False), (1.0 + 2**-20, True)):
        times = iter([5.0, 5.0 + needed])
        monkeypatch.setattr(guard, "time", SimpleNamespace(monotonic=functools.partial(next, times)))
        assert guarded(int, 1.0).late == late


def test_a_judgement_leaves_nothing_behind() -> None:
    """Neither NumPy's functions nor the random numbers to come are others after it."""

    def disturbs(y: Any, t: Any) -> Any:
        random.random()
        np.random.rand()  # noqa: NPY002
        for name in ("sum", "asarray", "exp"):
            setattr(np, name, None)
        return 0.5 * ((y - t) ** 2).sum() / (len(y) if y.ndim > 1 else 1)

    was, states = np.sum, (random.getstate(), np.random.get_state()[1].tolist())  # type: ignore[index]  # noqa: NPY002
    report = refmath.check(disturbs, "mean_squared_error", examples=4)
    assert report.verdict in ("conforms", "unstable", "failed", "differs")
    assert np.sum is was
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states  # type: ignore[index]  # noqa: NPY002


# ---- a whole judgement


def test_a_slow_candidate_is_not_waited_for_without_end() -> None:
    """What was tried until then is judged; if it was right, that is no verdict."""

    def slow(y: Any, t: Any) -> Any:
        time.sleep(0.02)
        return refmath.mean_squared_error(y, t)

    begun = time.monotonic()
    with pytest.raises(
        refmath.NotJudged, match=r"the 0\.5 s of the judgement were over after \d+ inputs; all .* right"
    ):
        refmath.check(slow, "mean_squared_error", budget=0.5)
    report = refmath.check(lambda y, t: slow(y, t) + 1, "mean_squared_error", budget=0.5)
    assert report.verdict == "differs"
    assert any("the verdict is that of what was tried until then" in remark for remark in report.remarks)
    assert time.monotonic() - begun < 30


def test_whoever_is_asked_is_asked_as_it_was_said() -> None:
    """With the layout and the parameters, ahead too; not once the time is over."""
    told: list[Any] = []
    seen = Observation(np.array(1.0))

    class Asked:
        function = "f"

        def expect(self, *given: Any) -> None:
            told.append(given)

        def release(self) -> None:
            told.append("released")

        def __call__(self, *given: Any) -> Observation:
            told.append(given)
            return seen

        def has_changed(self, answers: Any) -> bool:
            told.append(answers)
            return True

    patient = Patient(Asked(), Budget(100.0))  # type: ignore[arg-type]
    question: Any = ({"x": np.array(1.0)}, "strided", {"delta": 0.5})
    assert patient(*question) is seen
    patient.expect(*question)
    assert (patient.has_changed([]), patient.function) == (True, "f")
    patient.release()
    assert told == [question, question, [], "released"]
    spent = Patient(Asked(), Budget(-1.0))  # type: ignore[arg-type]
    assert spent(*question).text == "is not asked any more: -1 s are over"
    spent.expect(*question)
    assert not spent.has_changed([])
    assert len(told) == 4


def test_who_hung_is_not_asked_again() -> None:
    """Not for a diagnosis either."""
    asked = Patient(Candidate(lambda a: time.sleep(10), timeout=0.05), Budget(100.0))
    assert [asked({"a": np.ones(1)}).trouble for _ in range(3)] == ["hung", "spent", "spent"]
    assert not asked.has_changed([(Observation(), {})])


def test_a_fork_in_a_script_gives_one_report(tmp_path: Path) -> None:
    """The copy of the judge prints nothing."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, sys, refmath
            def sigmoid(x):
                if os.fork() == 0: sys.exit(0)
                return 0.5
            print(refmath.check(sigmoid, "sigmoid", examples=1).verdict)
            """
        )
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1])}
    told = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=100, check=True
    )
    assert told.stdout == "failed\n" or told.stdout == "differs\n"
