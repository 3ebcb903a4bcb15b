"""What is done to a call on its way, piece by piece and in this process; whole calls are in test_candidate.py and test_child.py."""

from __future__ import annotations

import functools
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from refmath.catalogue import formula
from refmath.oracle.candidates.arrays import handed_over
from refmath.oracle.candidates.backward import backward
from refmath.oracle.candidates.calling import Calling, _Steps, _taken, _transposed, calling_of
from refmath.oracle.candidates.candidate import CallFailed, _listed, as_numpy, most_entries
from refmath.oracle.candidates.importing import hint, imported, is_file
from refmath.oracle.candidates.process_state import ProcessState, _limits
from refmath.oracle.candidates.signature import signature
from refmath.oracle.processes.marked import _NAME, _having, marked
from refmath.oracle.processes.started import Warded, _children, has_warden
from refmath.oracle.remote import process
from refmath.oracle.remote.child import Child, Hosted, HostedFunction
from refmath.oracle.remote.host import Functions, Host
from refmath.oracle.remote.process import RunningProgram
from refmath.oracle.remote.protocol import Refusal, output_in


@pytest.fixture
def jax(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of that name: its arrays are NumPy's, and its gradient is that of a sum of squares."""
    made, numpy = ModuleType("jax"), ModuleType("jax.numpy")
    made.numpy, made.grad = numpy, lambda f: lambda point: (f(point), 2 * point)  # type: ignore[attr-defined]
    numpy.asarray, numpy.sum = lambda value: ("of jax", value), np.sum  # type: ignore[attr-defined]
    numpy.issubdtype, numpy.floating = np.issubdtype, np.floating  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jax", made)
    monkeypatch.setitem(sys.modules, "jax.numpy", numpy)
    return made


def test_jax_gets_the_same_numbers(jax: Any) -> None:
    """As one of its own arrays."""
    array = np.array([1.0, 2.0])
    assert handed_over(array, "jax") == ("of jax", array)
    assert handed_over(array, "numpy") is array


def test_jax_differentiates_by_the_first_argument(jax: Any) -> None:
    """The sum of what the loss returns, which gets the other arguments and the parameters as they are; whole numbers are refused."""
    gradient = backward(lambda x, t, *, scale: scale * (x - t) ** 2, "jax")
    value, slope = gradient(np.array([1.0, 3.0]), np.array([0.0, 1.0]), scale=2.0)
    assert (value, slope.tolist()) == (10.0, [2.0, 6.0])
    with pytest.raises(TypeError, match=r"^JAX differentiates by floating-point arrays only; got int64$"):
        gradient(np.array([1]), np.array([1]), scale=1.0)


def test_a_step_in_place_goes_on_with_what_it_has_written() -> None:
    """One that returns nothing has renewed its argument; the array that was handed in is not touched."""

    def step(w: Any, g: Any) -> None:
        w -= 0.5 * g

    steps = _Steps(lambda: step, Calling((0, 1)), step)
    w = np.array([1.0, 2.0])
    assert steps(w, np.array([2.0, 2.0]), np.array([0.0, 2.0])).tolist() == [0.0, 0.0]
    assert w.tolist() == [1.0, 2.0]


def test_only_a_batch_is_turned() -> None:
    """A single sample, and what is no array, stays as it is."""
    batch, sample = np.arange(6).reshape(2, 3), np.arange(3)
    assert np.array_equal(_transposed(batch), batch.T)
    assert _transposed(sample) is sample
    assert _transposed(2.5) == 2.5


def test_an_entry_that_is_not_there() -> None:
    """What was returned instead is told."""
    assert _taken((1, 2), 1) == 2
    assert _taken(1.5, None) == 1.5
    with pytest.raises(CallFailed) as told:
        _taken(1.5, 1)
    assert (told.value.trouble, str(told.value)) == ("type", "returned float where entry 1 of a tuple is to be taken")
    with pytest.raises(CallFailed) as few:
        _taken((1, 2), 2)
    assert str(few.value) == "returned 2 values, which have no entry 2"


def test_masked_entries_and_names_in_a_row() -> None:
    """A masked array is one, if nothing is masked."""
    assert as_numpy(np.ma.masked_array([1.0, 2.0], [False, False])).tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match=r"^returned a masked array, some of whose entries are masked$"):
        as_numpy(np.ma.masked_array([1.0, 2.0], [False, True]))
    assert [_listed(names) for names in (["w"], ["w", "m"], ["w", "m", "v"])] == ["w", "w and m", "w, m and v"]


def test_a_hosted_function_has_a_process_of_its_own_elsewhere() -> None:
    """Of the same file, under the same limits; it starts when it is first asked."""
    child = Child("numpy", 3.5, True)
    child.place = "theirs.py"
    sent = pickle.loads(pickle.dumps(HostedFunction(child, "softmax")))
    assert sent.child is not child
    assert (sent.child.place, sent.name) == ("theirs.py", "softmax")
    assert (sent.child.array, sent.child.timeout, sent.child.definitions_only) == ("numpy", 3.5, True)


def test_only_samples_and_classes_can_stand_with_the_classes_first() -> None:
    """Arrays of these are handed over so, and everything else as it is; a formula of other axes is refused."""
    with pytest.raises(ValueError, match=r"^layout='classes_first' is about samples and classes; affine has other"):
        calling_of(formula("affine"), samples="classes_first")
    calling = calling_of(formula("cross_entropy_labels"), samples="classes_first")
    assert calling == Calling(classes=(0, 1))
    y, t = np.arange(6.0).reshape(3, 2), np.arange(3)
    given = calling.as_handed(["y", "t"], {"y": y, "t": t, "delta": 0.5})
    assert {name: np.shape(each) for name, each in given.items()} == {"y": (1, 2, 3), "t": (1, 3), "delta": ()}
    assert given["y"].tolist() == [y.T.tolist()]


def test_no_more_of_an_answer_is_read_than_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight bytes for each entry that can be meant."""
    page, asked = formula("softmax"), []
    hosted = Hosted(HostedFunction(Child("numpy", 3.5, True), "softmax"), page)
    monkeypatch.setattr(hosted, "_ready", lambda: None)

    def ask(request: Any, arrays: Any, most: int) -> Any:
        asked.append(most)
        raise CallFailed("gone", "as asked")

    monkeypatch.setattr(hosted._child, "_ask", ask)
    inputs = {"a": np.ones((2, 3))}
    assert hosted(inputs).trouble == "gone"
    assert asked == [8 * most_entries(page, inputs)]


# ---- the process of a candidate, asked in this one


@pytest.fixture(scope="module")
def host() -> Host:
    """One for all, as it listens to what this process does as long as that lives."""
    return Host()


def test_what_is_not_there_is_not_found(host: Host) -> None:
    """Before anything is imported too; that takes no time."""
    assert host.answer({"do": "find", "name": "softmax", "seconds": 5.0}, []) == (
        {"found": False, "error": "", "late": False},
        [],
    )


def test_an_unknown_function_is_an_error(host: Host) -> None:
    """The reply has what looking it up has raised, and nothing else."""
    calling = Calling().as_json()
    asked = {"do": "judge", "name": "nobody", "seconds": 5.0, "arguments": ["x"], "parameters": []}
    reply, arrays = host.answer({**asked, "calling": calling}, [])
    assert list(reply) == ["error"]
    assert "nobody" in reply["error"]
    assert arrays == []


def test_what_is_not_as_it_was(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that are others now, and whoever wants to hear what this process does, come after what the state tells."""
    monkeypatch.setattr(host, "_functions", Functions())
    monkeypatch.setattr(host._state, "changes", lambda: ["the locale"])
    assert host._changes() == ["the locale"]
    monkeypatch.setitem(host._functions.told, ("numpy", "sum"), 0)
    assert host._changes() == ["the locale", "functions"]
    monkeypatch.setattr(host, "_audited", True)
    assert host._changes() == ["the locale", "functions", "audits"]


def test_files_and_modules_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the end of the name, or as there is one of it."""
    monkeypatch.chdir(tmp_path)
    Path("losses").touch()
    names = ("a.py", "folder/a.ipynb", "losses", "a.py.txt", "package.module", ".")
    assert [is_file(name) for name in names] == [True, True, True, False, False, False]


def test_why_a_file_cannot_be_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That its definitions alone may be is a hint only where they were not asked for; what they leave out is told on standard error."""
    file = tmp_path / "theirs.py"
    file.write_text("import no_such_module\n\ndef f(x): return x\n", encoding="utf-8")
    why = imported(str(file), 5.0, False)
    assert isinstance(why, str)
    assert why.startswith(
        f"{file} cannot be imported: No module named 'no_such_module' in line 1, `import no_such_module`; "
    )
    assert "--definitions-only" in why
    module = imported(str(file), 5.0, True)
    assert not isinstance(module, str)
    assert module.f(2) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == f"{file}, line 1, is left out: ModuleNotFoundError: No module named 'no_such_module'\n"


def test_why_importing_a_file_failed(tmp_path: Path) -> None:
    """With the line, and what may help; that is told nobody who has asked for it."""
    raises, leaves = tmp_path / "raises.py", tmp_path / "leaves.py"
    raises.write_text("raise RuntimeError('no')\n", encoding="utf-8")
    leaves.write_text("import sys\ndef f(x=sys.exit('no')): return x\n", encoding="utf-8")
    told = f"{raises} cannot be imported: RuntimeError in line 1, `raise RuntimeError('no')`: no"
    assert imported(str(raises), 5.0, False) == told + hint(str(raises), False)
    told = f"{leaves} cannot be imported: SystemExit in line 2, `def f(x=sys.exit('no')): return x`: no"
    assert imported(str(leaves), 5.0, True) == told


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="importing cannot be interrupted there")
def test_a_file_whose_import_does_not_end(tmp_path: Path) -> None:
    """What may help is told unless it was asked for."""
    file = tmp_path / "endless.py"
    file.write_text("def f(x=next(each for each in iter(int, 1) if each)): return x\n", encoding="utf-8")
    told = f"{file} cannot be imported: it does not end within 0.05 s"
    assert imported(str(file), 0.05, False) == told + hint(str(file), False) != told
    assert imported(str(file), 0.05, True) == told


def test_what_a_process_is_told_by() -> None:
    """Somebody else's hook for threads is told by its name, and put back; of limits there are those of the system."""
    before, hook = ProcessState(), threading.excepthook
    threading.excepthook = print
    assert before.changes() == ["threading.excepthook"]
    before.restore()
    assert threading.excepthook is hook
    assert before.changes() == []
    assert len(_limits()) == (5 if hasattr(os, "getuid") else 0)


def test_an_answer_that_is_none() -> None:
    """An error is told in its words, and what is not supported in ours."""
    for reply, trouble, says in (
        ({"error": "no"}, "raised", "answered with an error: no"),
        ({"unsupported": True}, "unsupported", "answered that it does not support this"),
    ):
        with pytest.raises(Refusal) as told:
            output_in({"id": 3, **reply}, 3)
        assert (told.value.trouble, str(told.value)) == (trouble, says)


def test_who_watches_and_whom() -> None:
    """A warden where processes fork and can be waited for; the children of a process, where the system tells of them."""
    assert has_warden() == (hasattr(os, "fork") and hasattr(select, "poll"))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        told = Path(f"/proc/self/task/{os.getpid()}/children").is_file()
        assert (str(child.pid) in _children(str(os.getpid()))) == told


def test_what_a_program_does_not_read_is_no_error() -> None:
    """Whoever writes to it ends quietly, whether writing fails or closing does."""

    def fails(*_: Any) -> None:
        raise BrokenPipeError

    def nothing(*_: Any) -> None: ...

    for write, close, left in ((fails, nothing, ["another"]), (nothing, fails, [])):
        program: Any = RunningProgram.__new__(RunningProgram)
        program._process = SimpleNamespace(input=SimpleNamespace(write=write, flush=nothing, close=close))
        program._requests = SimpleQueue()
        for line in ("a line", "another", None):
            program._requests.put(line)
        program._write()
        assert [program._requests.get() for _ in range(program._requests.qsize())] == [*left, *([None] if left else [])]


@pytest.mark.skipif(not has_warden(), reason="a candidate's process has no warden there")
def test_the_standard_error_of_a_candidates_process() -> None:
    """It is where its standard output goes, too; standard input is the connection."""
    ours, theirs = socket.socketpair()
    code = "import sys; print(sys.stdin.read(3), flush=True); print('error', file=sys.stderr)"
    with ours, theirs:
        candidate = Warded([sys.executable, "-c", code], theirs.fileno())
        ours.sendall(b"abc")
        with candidate.errors as errors:
            told = errors.read().split()  # until the process has ended
        candidate.end()
    assert (candidate.input, candidate.output, told) == (None, None, [b"abc", b"error"])


def test_the_names_that_a_function_looks_up() -> None:
    """What `**` gives it is known by the texts in its code, in functions within it too; of what is not written in Python nothing is."""

    def loss(y: Any, t: Any, **options: Any) -> Any:
        def inner() -> Any:
            return options.get("delta", y - t)

        return inner() if options["reduction"] else 0.0

    names = ("reduction", "label_smoothing", "delta")
    assert signature(loss, ("y", "t"), names).by_name == ("y", "t", "reduction", "delta")
    assert signature(functools.partial(loss, t=1.0), ("y",), names).by_name == ("y", "t", "reduction", "delta")
    assert signature(dict, (), names).by_name == ()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="who has inherited a mark is looked up in /proc")
def test_who_has_inherited_a_mark() -> None:
    """A process that was started with it, and no other one."""
    environment = marked()
    words = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        child.stdout.readline()  # what has only been begun has no environment yet
        assert _having(f"{_NAME}={environment[_NAME]}".encode()) == [child.pid]


def test_a_program_that_is_not_asked_is_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until one line more has come than anybody is asked for at once."""
    monkeypatch.setattr(process, "_MOST_LINES", 2)
    program = RunningProgram([sys.executable, "-c", "print(*'abcdef', sep=chr(10))"])
    program._threads[1].join()
    program.end()
    lines = [program._lines.get(timeout=1.0) for _ in range(program._lines.qsize())]
    assert [isinstance(each, bytes) and each.strip() for each in lines] == [b"a", b"b", b"c"]
