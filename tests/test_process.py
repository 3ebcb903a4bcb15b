"""Programs in other processes: whatever one of them does, there is a clear verdict, nothing hangs, and no child is left behind."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import refmath
from refmath.cli import app
from refmath.oracle.candidates.candidate import CallFailed
from refmath.oracle.processes.command_line import joined, split
from refmath.oracle.remote import adapter as adapters
from refmath.oracle.remote.adapter import Adapter, RemoteFunction

PROGRAM = Path(__file__).with_name("adapter.py")
ONE = np.array([0.0, 1.0])


def command(way: str = "right") -> str:
    return joined([sys.executable, str(PROGRAM), way])


def run(way: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ("check", "--exec", command(way), "--examples", "1", *arguments))


def failure(way: str, *, timeout: float = 10.0, questions: int = 8) -> CallFailed:
    """What comes of asking until something fails."""
    with Adapter(command(way), timeout=timeout) as adapter:
        softmax = adapter.function("softmax")
        with pytest.raises(CallFailed) as failed:  # noqa: PT012  # which question fails is the program's choice
            for _ in range(questions):
                softmax(ONE)
    return failed.value


#: No process can hear it; Windows has another name for it.
KILL = 9
#: Elsewhere a job ends them, which the tests cannot look at.
looked_up = pytest.mark.skipif(
    not (hasattr(os, "fork") and Path("/proc").is_dir()), reason="looks up in /proc whom a warden has ended"
)


def processes(word: str = PROGRAM.name) -> set[int]:
    """The processes in whose command line a word stands; by default those that run the program."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in entry.read_bytes():
                found.add(int(entry.parent.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


@pytest.fixture(autouse=True)
def _nobody_is_left_behind() -> Iterator[None]:
    """Whatever happens in a test, no process that it started outlives it."""
    before = children()
    yield
    assert children() <= before


def children() -> set[int]:
    """The direct children of this process that run the program."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return (
        {int(each) for each in listed.read_text(encoding="utf-8").split()} & processes() if listed.is_file() else set()
    )


def test_a_right_program_conforms() -> None:
    """A program that computes softmax in plain Python is accepted, on single samples and batches."""
    assert run("right", "--against", "softmax").exit_code == 0


def test_it_gives_what_the_program_computes() -> None:
    """An answer arrives as an array of the dtype and shape that the program has given."""
    with Adapter(command()) as adapter:
        got = adapter.function("softmax")(np.array([[0.0, 0.0], [1.0, 1.0]], np.float32))
        assert (got.dtype, got.tolist()) == (np.float32, [[0.5, 0.5], [0.5, 0.5]])
        assert adapter.name == "plain-python"


@pytest.mark.parametrize(
    ("way", "kind", "text"),
    [
        ("dies in the middle", "raised", r"ended without an answer \(exit status 101\);.*\nabout to panic"),
        ("garbage", "raised", "a line that is no JSON: 'softmax = 0.5'; standard output is for answers only"),
        ("nan unquoted", "raised", 'NaN must be written as the string "nan"'),
        ("chatters", "raised", "a line that is no JSON: 'computing …'"),
        ("answers twice", "raised", "was asked request 2 and answered request 1, which was answered before"),
        ("out of order", "raised", "was asked request 1 and answered request 2$"),
        ("shape and data disagree", "type", "data has 2 entries, and the shape .1000. has 1000"),
        ("output and error", "raised", "with output and error; it needs an output, an error, or .*one of them only"),
        ("too many digits", "raised", r"no JSON \(a number of too many digits\): '.*11\.\.\.;"),
        ("a zero byte", "raised", r"no JSON \(Extra data at character \d+\): '"),
        ("not in UTF-8", "raised", r"no JSON \(not UTF-8\): '"),
        ("nested too deep", "raised", r"no JSON \(nested too deeply\): '"),
        ("a shape without end", "type", "the shape .0, 1000000.* is too large"),
        ("unknown dtype", "type", "dtype must be one of float64, .*; got 'float80'"),
        ("another string", "type", "data must hold numbers, .*; got 'NaN'"),
        ("no tensor", "type", "0.5 is no tensor: it needs dtype, shape and data"),
        ("a list", "raised", "answered .*, which is no object"),
        ("nothing at all", "raised", "it needs an output, an error, or unsupported: true"),
        ("an error", "raised", "answered with an error: index out of range$"),
        ("floods standard error and fails", "raised", r"\(exit status 3\);.*\n.*the last words$"),
        ("floods standard output", "raised", "answered request 1, which was answered before"),
        ("a hundred megabytes", "raised", "answered a line longer than 32 MiB"),
        ("closes standard output", "raised", "ended without an answer$"),
        (
            "dies at once",
            "gone",
            r"greeting, it ended without an answer \(exit status 127\);.*\nlibfoo.so: cannot open",
        ),
        ("another protocol", "gone", "greeting, it speaks protocol 2; refmath speaks 1"),
    ],
)
def test_what_is_wrong_is_said(way: str, kind: str, text: str) -> None:
    """Whatever a program does wrong, the message says what that is, with the end of its standard error."""
    failed = failure(way)
    assert failed.trouble == kind
    assert re.search(text, str(failed), re.DOTALL)


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("no end of the line", r"did not answer within 3 s: \d+ bytes of a line came, and not its end$"),
        ("answers at the end", r"within 3 s, and answered when its standard input ended: it must flush every line$"),
        ("never answers", r"did not answer within 3 s$"),
        (
            "leaves one behind",
            r"a process that it has started keeps its standard output open \(exit status 3\);.*\ngone by itself$",
        ),
    ],
)
def test_why_no_answer_comes_is_said(way: str, text: str) -> None:
    """Of a program that is silent it is said what can be seen: a line without an end, an answer not flushed, a process gone."""
    assert re.search(text, str(failure(way, timeout=3)), re.DOTALL)


@pytest.mark.parametrize("way", ["hangs", "never answers", "reads nothing"])
def test_nothing_hangs(way: str) -> None:
    """A program that does not answer is given up after its time, also one that does not even read."""
    begun = time.monotonic()
    failed = failure(way, timeout=0.5)
    assert failed.trouble in ("hung", "gone")
    assert time.monotonic() - begun < 30


def test_a_request_that_is_not_read_does_not_block() -> None:
    """A request larger than any pipe's buffer is given up too, if the program sleeps instead of reading it."""
    with Adapter(command("hangs"), timeout=0.5) as adapter:
        with pytest.raises(CallFailed, match=r"did not answer within 0\.5 s"):
            adapter.function("softmax")(ONE)
        with pytest.raises(CallFailed, match=r"did not answer within 0\.5 s"):
            adapter.function("softmax")(np.zeros((1000, 100)))


@looked_up
@pytest.mark.parametrize(
    ("way", "text"), [("hangs with a child", "did not answer"), ("dies with a child", "exit status 3")]
)
def test_its_own_children_are_ended_with_it(way: str, text: str) -> None:
    """A program that has started another one does not leave it behind, not even if it has ended before."""
    failed = failure(way, timeout=1.0)
    assert text in str(failed)
    (child,) = re.findall(r"child (\d+)", str(failed))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and Path(f"/proc/{child}").exists() and not is_zombie(child):
        time.sleep(0.01)
    assert not Path(f"/proc/{child}").exists() or is_zombie(child)


def is_zombie(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_one_that_ignores_the_end_is_ended() -> None:
    """A program that goes on after its input has ended is ended after a moment."""
    with Adapter(command("ignores the end")) as adapter:
        adapter.function("softmax")(ONE)


#: What Python says of a fork beside threads; a program that forks has threads of ours, and forks all the same.
forks = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork:DeprecationWarning")


@looked_up
@forks
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_one_that_was_never_closed_is_ended(method: str, tmp_path: Path) -> None:
    """A program that ignores the end of its input ends with the process that has asked it, one of a pool too."""
    asked = f"{command('ignores the end')} {joined([str(tmp_path)])}"
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        assert pool.submit(Adapter(asked).function("softmax"), ONE).result().sum() == 1
        assert processes(str(tmp_path))
    assert not processes(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@forks
def test_after_a_fork_both_processes_ask() -> None:
    """A process that was forked starts a program of its own, and leaves that of its parent alone."""
    with Adapter(command(), timeout=5.0) as adapter:
        softmax = adapter.function("softmax")
        softmax(ONE)
        child = multiprocessing.get_context("fork").Process(target=_asks_and_closes, args=(softmax,))
        child.start()
        child.join()
        assert child.exitcode == 0
        with adapter._one_at_a_time:
            before = adapter._running
        assert softmax(ONE).sum() == 1
        assert adapter._running is before


def _asks_and_closes(softmax: RemoteFunction) -> None:
    assert softmax(ONE).sum() == 1
    softmax.adapter.close()


def test_threads_may_share_a_program() -> None:
    """However many threads ask at the same time, each gets the answer to its own question."""
    with Adapter(command()) as adapter, ThreadPoolExecutor(4) as pool:
        softmax = adapter.function("softmax")
        asked = [np.array([0.0, each]) for each in range(100)]
        assert [got[0] for got in pool.map(softmax, asked)] == [softmax(each)[0] for each in asked]


@pytest.mark.parametrize(
    ("command", "timeout", "kind", "text"),
    [
        (None, 1, TypeError, "command must be a line or the list of its words; got NoneType"),
        ("x", "1", TypeError, "timeout must be a number of seconds; got str"),
        ("x", True, TypeError, "timeout must be a number of seconds; got bool"),
        ("x", 1e10, ValueError, r"a positive number of seconds, at most 9\.22e\+09; got 10000000000\.0"),
        ("x | tee log", 1, ValueError, r"command has \|, and no shell reads it; write sh -c '\.\.\.' around it"),
    ],
)
def test_what_is_no_command_and_no_limit_is_refused(command: Any, timeout: Any, kind: Any, text: str) -> None:
    """A command or a limit that makes no sense is refused in a sentence, before anything is started."""
    with pytest.raises(kind, match=text):
        Adapter(command, timeout=timeout)


def test_a_word_of_its_own_may_look_like_a_shells() -> None:
    """In a list of words nothing is meant for a shell."""
    assert Adapter(["x", "|"]).words == ["x", "|"]


def test_it_is_started_again_after_it_has_died() -> None:
    """The question after the one that broke it is asked of a new process."""
    with Adapter(command("dies on batches")) as adapter:
        softmax = adapter.function("softmax")
        for _ in range(2):
            with pytest.raises(CallFailed, match=r"signal SIGABRT(.|\n)*batch!"):
                softmax(np.array([ONE]))
            assert softmax(ONE).sum() == 1


def test_it_is_not_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose breaking has cost too much is given up, and started again only when that is forgiven."""
    monkeypatch.setattr(adapters, "_PATIENCE", 0.0)
    with Adapter(command("dies on batches")) as adapter:
        softmax = adapter.function("softmax")
        with pytest.raises(CallFailed, match="SIGABRT"):
            softmax(np.array([ONE]))
        with pytest.raises(CallFailed, match="it is not started again") as failed:
            softmax(ONE)
        assert failed.value.trouble == "spent"
        adapter.forgive()
        assert softmax(ONE).sum() == 1


def test_standard_error_is_not_the_answers_business() -> None:
    """A program may write as much as it likes to standard error."""
    with Adapter(command("floods standard error")) as adapter:
        for _ in range(3):
            assert adapter.function("softmax")(ONE).sum() == 1


def test_one_that_does_not_greet_is_understood() -> None:
    """A program that answers the greeting with an error is asked all the same."""
    with Adapter(command("no greeting")) as adapter:
        assert adapter.function("softmax")(ONE).sum() == 1


def test_a_program_that_breaks_gets_the_smallest_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """The input that kills a program is shrunk like any other, as long as restarting it does not cost too much: on a busy machine it does."""
    monkeypatch.setattr("refmath.oracle.remote.adapter._PATIENCE", 60.0)
    with Adapter(command("dies on batches")) as adapter:
        report = refmath.check(adapter.function("softmax"), "softmax", examples=1)
    assert report.verdict == "failed"
    assert report.smallest is not None
    assert report.smallest.inputs["a"].tolist() == [[0.0]]
    assert "SIGABRT" in report.smallest.trouble
    assert report.diagnosis is not None
    assert report.diagnosis.name == "single_samples_only"


def test_a_program_that_is_given_up_is_judged_by_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """However soon a program is not started any more, the report tells how it broke, and not that it was given up."""
    monkeypatch.setattr(adapters, "_PATIENCE", 0.0)
    with Adapter(command("dies on batches")) as adapter:
        report = refmath.check(adapter.function("softmax"), "softmax", examples=4)
    assert report.verdict == "failed"
    assert report.smallest is not None
    assert "SIGABRT" in report.smallest.trouble
    assert not any("differently" in remark for remark in report.remarks)


def test_what_an_earlier_judgement_has_cost_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that was given up when one formula was judged is started again for the next."""
    monkeypatch.setattr(adapters, "_PATIENCE", 0.0)
    with Adapter(command("dies on batches")) as adapter:
        verdicts = [refmath.check(adapter.function("softmax"), "softmax", examples=4).verdict for _ in range(2)]
    assert verdicts == ["failed", "failed"]


def test_what_is_sent_to_another_process_shares_a_program_there() -> None:
    """However often its functions arrive in a process, a program is started once."""
    with Adapter(command()) as adapter:
        there = [pickle.loads(pickle.dumps(adapter.function("softmax"))) for _ in range(2)]
    assert there[0].adapter is there[1].adapter
    assert there[0](ONE).sum() == 1
    there[0].adapter.close()


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("wrong shape", "returned shape"),
        ("nan", "yours     nan"),
        ("dies at once", "libfoo.so"),
        ("hangs", "waiting for"),
    ],
)
def test_the_command_line_says_it(way: str, text: str) -> None:
    """The verdict in the terminal says what went wrong, and ends with status 1."""
    result = run(way, "--against", "softmax", "--timeout", "1")
    assert result.exit_code == 1
    assert text in result.output


def test_nothing_is_diagnosed_from_silence() -> None:
    """Where not one answer came, no mistake is named."""
    assert "mistake)" not in run("dies at once", "--against", "softmax").output


def test_everything_that_is_supported_is_judged() -> None:
    """Without a formula, a program is asked for each, and those it does not support are left out."""
    result = run("right", "--json", "-")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [each["formula"] for each in report["results"]] == ["softmax"]
    assert report["not_judged"] == []


def test_a_program_is_started_for_what_it_supports(tmp_path: Path) -> None:
    """Once to ask which formulas it supports, and once for each of these: its start may be dear."""
    started = tmp_path / "started"
    counting = f"import runpy, sys; open({str(started)!r}, 'a').write('x'); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    counted = joined([sys.executable, "-c", counting, str(PROGRAM), "right"])
    assert CliRunner().invoke(app, ("check", "--exec", counted, "--examples", "1")).exit_code == 0
    assert started.read_text(encoding="utf-8") == "xx"


def test_what_is_asked_for_and_not_supported_is_not_judged() -> None:
    """A formula that is named and not supported never passes."""
    result = run("right", "--against", "sigmoid")
    assert result.exit_code == 2
    assert "it does not support this formula" in result.stderr


def test_a_refusal_of_some_inputs_is_no_pass() -> None:
    """A program that supports the formula, but not every input, fails."""
    result = run("no batches", "--against", "softmax")
    assert result.exit_code == 1
    assert "single_samples_only" in result.output


def test_side_by_side_each_formula_has_its_own_program() -> None:
    """With several jobs the verdicts are the same."""
    result = run("right", "--jobs", "2", "--json", "-")
    assert [each["verdict"] for each in json.loads(result.stdout)["results"]] == ["conforms"]


def test_the_failure_can_be_asked_again(tmp_path: Path) -> None:
    """The file that is saved, piped into the program, breaks it again; and its words are those in the terminal."""
    file = tmp_path / "failure.jsonl"
    result = run("dies on batches", "--against", "softmax", "--save-failure", str(file))
    assert result.exit_code == 1
    hello, request = file.read_text("utf-8").splitlines()
    assert json.loads(hello) == {"hello": {"protocol": 1}}
    assert request.split() == result.output.partition("request ")[2].split()[: len(request.split())]
    with file.open() as lines:
        again = subprocess.run(split(command("dies on batches")), stdin=lines, capture_output=True, check=False)
    assert again.returncode == -signal.SIGABRT


def test_where_nothing_fails_nothing_is_saved(tmp_path: Path) -> None:
    """A program that conforms leaves no file of failures."""
    file = tmp_path / "failure.jsonl"
    assert run("right", "--against", "softmax", "--save-failure", str(file)).exit_code == 0
    assert not file.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ["--save-failure", "--json"])
def test_a_file_that_cannot_be_written_costs_no_verdict(option: str) -> None:
    """Where the disk is full, the verdict is told all the same, and the status is 2."""
    result = run("no batches", "--against", "softmax", option, "/dev/full")
    assert result.exit_code == 2
    assert f"refmath: {option} /dev/full: No space left on device" in result.stderr
    assert "single_samples_only" in result.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("more", [(), ("--json", "-")])
def test_a_standard_output_that_cannot_be_written_is_said(more: tuple[str, ...]) -> None:
    """Where the report itself cannot be written, the status is 2 and not that of a verdict."""
    judge = [sys.executable, "-m", "refmath", "check", "--exec", command(), "--against", "softmax", "--examples", "5"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        told = subprocess.run([*judge, *more], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert told.returncode == 2
    assert told.stderr == "refmath: standard output: No space left on device\n"


def test_two_reports_do_not_go_into_one_file(tmp_path: Path) -> None:
    """The same file for the report and for the requests is refused, lest one of them be lost."""
    file = str(tmp_path / "file")
    result = run("no batches", "--against", "softmax", "--json", file, "--save-failure", file)
    assert result.exit_code == 2
    assert "--json and --save-failure name the same file" in result.stderr


def test_what_cannot_be_written_is_written_otherwise() -> None:
    """Half a surrogate pair in a program's message does not cost the report."""
    result = run("half a surrogate pair", "--against", "softmax")
    assert result.exit_code == 1
    assert r"answered with an error: \ud800" in result.stdout
    assert "0 of 1 conform." in result.stdout


def test_the_json_report_has_the_request() -> None:
    """What was asked stands in the report, to be sent again by another program."""
    report = json.loads(run("no batches", "--against", "softmax", "--json", "-").stdout)
    request = report["results"][0]["smallest"]["request"]
    assert request["formula"] == "softmax"
    assert request["inputs"]["a"]["shape"] == [1, 1]


def test_parameters_and_mappings_are_sent() -> None:
    """A request has the parameters of its convention, and the arrays of a mapping by their keys."""
    adapter = Adapter("unused")
    asked = adapter.function("cross_entropy_labels", convention="book").request(np.array([0.5, 0.5]), 1)
    assert asked["params"] == {"delta": 1e-7, "guard": "offset"}
    # What keras computes is no choice of δ and guard: to name some would be to ask for something else.
    assert adapter.function("cross_entropy_labels", convention="keras").request(np.array([0.5, 0.5]), 1)["params"] == {}
    assert asked["inputs"]["labels"] == {"dtype": "int64", "shape": [], "data": [1]}
    params = {"W1": np.zeros((1, 1)), "b1": np.zeros(1), "W2": np.zeros((1, 1)), "b2": np.zeros(1)}
    asked = adapter.function("two_layer_net_predict").request(params, np.ones((1, 1)))
    assert asked["inputs"]["params"]["W2"] == {"dtype": "float64", "shape": [1, 1], "data": [0.0]}


def test_reals_are_sent_as_reals() -> None:
    """A program in a typed language is not asked to take integers where real numbers are meant."""
    seen: set[str] = set()

    class Spy(Adapter):
        def answer(self, request: Any) -> Any:
            seen.add(request["inputs"]["a"]["dtype"])
            return super().answer(request)

    with Spy(command()) as adapter:
        refmath.check(adapter.function("softmax"), "softmax", dtype="float32", examples=4)
        assert seen == {"float32"}
        refmath.check(adapter.function("softmax"), "softmax", examples=4)
    assert seen == {"float32", "float64"}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--exec", "./no-such-program", "--against", "softmax"), "it does not start: ./no-such-program: No such file"),
        (("--exec", "x", "--against", "gradient_descent"), "takes a function, which cannot be sent"),
        (("--exec", "x", "--against", "sofmax"), "sofmax"),
        (("--exec", "'x"), "No closing quotation"),
        (("--exec", ""), "command must be the words of a command"),
        (("--exec", "x", "losses.py"), "give either a TARGET or --exec COMMAND; got both"),
        ((), "give a TARGET, as in refmath check losses.py, or list targets in pyproject.toml"),
        (("--exec", "x", "--take", "0"), "are about Python; a program in another process is sent JSON"),
        (("--exec", "x", "--array", "torch"), "--array"),
        (("losses.py", "--save-failure", "f"), "it belongs to --exec"),
        (("--exec", "x", "--save-failure", "no/such/directory"), "there is no directory"),
        (
            ("--exec", command("an error"), "--against", "softmax", "--timeout", "0"),
            "--timeout must be a positive number",
        ),
        (("--exec", "x", "--timeout", "1e10"), "--timeout must be a positive number of seconds, at most 9.22e+09"),
    ],
)
def test_what_cannot_be_judged_is_said(arguments: tuple[str, ...], text: str) -> None:
    """A command that does not start, or options that contradict each other, end with status 2 and a sentence."""
    result = CliRunner().invoke(app, ("check", *arguments))
    assert result.exit_code == 2
    assert text in result.stderr
    assert "Traceback" not in result.output


def test_a_function_is_held_against_its_own_formula() -> None:
    """A remote softmax is not judged as a sigmoid."""
    with (
        Adapter(command()) as adapter,
        pytest.raises(ValueError, match="asked for softmax cannot be held against sigmoid"),
    ):
        refmath.check(adapter.function("softmax"), "sigmoid")


@pytest.mark.parametrize(
    ("sent", "formulas"),
    [
        pytest.param(signal.SIGTERM, ("--against", "softmax"), marks=pytest.mark.zoo),
        (signal.SIGINT, ("--against", "softmax")),
        (signal.SIGTERM, ("--jobs", "2")),
        (KILL, ("--jobs", "2")),
        pytest.param(signal.SIGINT, ("--jobs", "2"), marks=pytest.mark.zoo),
    ],
)
@looked_up
def test_being_ended_leaves_no_child_behind(sent: signal.Signals, formulas: tuple[str, ...], tmp_path: Path) -> None:
    """When refmath is interrupted or ended, the program that it started ends with it, and whoever else it is judged by."""
    side_by_side = "--jobs" in formulas
    asked = f"{command('hangs later' if side_by_side else 'hangs')} {tmp_path}"
    # Where the tests run in the background, an interruption may be ignored, and what they start would ignore it too.
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = subprocess.Popen(
        [sys.executable, "-m", "refmath", "check", "--exec", asked, *formulas, "--timeout", "60"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, kept)
    # Besides refmath's own command line, a warden's and a program's name it; before they start there are as many for what is supported.
    while len(processes(str(tmp_path))) < (5 if side_by_side else 3) and started.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    # A terminal interrupts all of its processes at once.
    (os.killpg if sent == signal.SIGINT else os.kill)(started.pid, sent)
    _, complaints = started.communicate(timeout=30)
    assert started.returncode == (-KILL if sent == KILL else 130)
    assert b"Traceback" not in complaints
    # One that was just being started ends by itself, as its standard input has ended.
    deadline = time.monotonic() + 10
    while processes(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes(str(tmp_path)) == set()


@looked_up
def test_an_interruption_while_processes_start_is_no_traceback(tmp_path: Path) -> None:
    """A process that Python is still starting leaves an interruption to the first one, too."""
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    asked = ("--exec", f"{command('hangs later')} {tmp_path}", "--jobs", "2", "--timeout", "60")
    started = subprocess.Popen(
        [sys.executable, "-m", "refmath", "check", *asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, kept)
    starting: set[int] = set()
    while len(starting) < 2 and started.poll() is None:
        with contextlib.suppress(ProcessLookupError):  # one of another test's has ended meanwhile
            starting = {each for each in processes("spawn_main") if os.getsid(each) == started.pid}
    for each in starting:
        os.kill(each, signal.SIGINT)
    while len(processes(str(tmp_path))) < 5 and started.poll() is None:  # both go on, and start their programs
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGINT)
    _, complaints = started.communicate(timeout=30)
    assert (started.returncode, complaints.decode()) == (130, "")


@looked_up
def test_being_ended_twice_leaves_no_child_behind(tmp_path: Path) -> None:
    """One that is ended again while it waits for its program to end by itself still ends it."""
    started = subprocess.Popen(
        [sys.executable, "-m", "refmath", "check", "--exec", f"{command('hangs')} {tmp_path}", "--against", "softmax"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while len(processes(str(tmp_path))) < 2 and started.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    for _ in range(10):  # within the second that the program is given
        os.kill(started.pid, signal.SIGTERM)
        time.sleep(0.05)
    # Once its program has ended, a further signal means what it always means.
    assert started.wait(30) in (130, -signal.SIGTERM)
    deadline = time.monotonic() + 10
    while processes(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes(str(tmp_path)) == set()


@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN], ids=["default", "ignored"])
def test_the_meaning_of_being_ended_is_put_back(before: Any) -> None:
    """After a command that is run inside another program, a signal means again what it meant before."""
    kept = signal.signal(signal.SIGTERM, before)
    try:
        run("right", "--against", "softmax")
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGTERM, kept)


def test_it_can_be_judged_outside_the_main_thread() -> None:
    """Where nobody may say what a signal means, a program is judged all the same."""
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(run("right", "--against", "softmax")))
    thread.start()
    thread.join()
    assert results[0].exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["a b", 'say "x"', "", "C:\\My programs\\", '\\\\"', "it's", "tab\there", '""', "\\a\\\\b"],
        ["x"],
        ["x\\", "\\y"],
    ],
    ids=repr,
)
@pytest.mark.parametrize("windows", [False, True])
def test_words_survive_a_command_line(windows: bool, words: list[str]) -> None:
    """By the rules of either system a line of joined words is split into the same ones."""
    assert split(joined(words, windows), windows) == words


def test_blanks_and_quotation_marks_on_windows() -> None:
    """As its programs read it: two marks in a quotation are one, and one that does not end goes on to the end of the line."""
    assert split('  a\t "b ""c"" d" e"f g"h  "i j', windows=True) == ["a", 'b "c" d', "ef gh", "i j"]
