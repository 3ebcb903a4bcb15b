"""Whatever a candidate, a module or a program does: the command ends with 0, 1 or 2, in time, alone, and the neighbours keep their verdicts."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import refmath

from . import abuses
from .abuses import NEIGHBOURS, NOT, Abuse
from .downloaded import DOWNLOADED
from .further import FURTHER

ABUSES = [*abuses.ABUSES, *FURTHER, *DOWNLOADED]

#: These few are tried with all other tests, the rest by `nox -s abuse`.
ALWAYS = (
    "text-colours",
    "ends-SIGSEGV",
    "hangs-swallows",
    "others-a daemon",
    "state-np.exp",
)
#: These are tried with several jobs too.
SIDE_BY_SIDE = (
    "raises-KeyboardInterrupt",
    "ends-SIGSEGV",
    "ends-kills its group",
    "hangs-swallows",
    "others-a daemon",
    "state-np.exp",
    "import stays-a daemon",
    "connection-a shape without end",
    "connection-hands it to a child",
    "warden-a daemon, and its parent killed",
    "warden-its parent stopped, and hangs",
    "reaches-subnormals",
    "looked up-a getattr that exits for all",
)
#: Control characters and marks of direction, but the tab and the end of a line.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
#: In seconds: nothing takes longer, though the machine has other things to do.
LONGEST = 60.0
_GIB = 1 << 30

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").is_file(), reason="looks processes up in /proc")


def limited() -> None:
    """In the command's own process: an abuse that is not contained must not hurt this machine."""
    import resource  # only where there is such a module

    resource.setrlimit(resource.RLIMIT_AS, (6 * _GIB, 6 * _GIB))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_GIB // 16, _GIB // 16))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.fixture(autouse=True, scope="module")
def _orphans_are_ours() -> None:
    """Whoever outlives the command becomes a child of this process, whatever it has done to its environment, session and directory."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def left_behind(token: str) -> list[str]:
    """The processes that are there two seconds later, of those that `others` finds; they are ended here."""
    deadline = time.monotonic() + 2
    while (found := others(token)) and time.monotonic() < deadline:
        time.sleep(0.05)  # Python's own tracker of resources ends a moment after who has started it
    for each in found:
        with contextlib.suppress(OSError):
            os.kill(each, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return list(found.values())


def others(token: str) -> dict[int, str]:
    """The processes that were started by the one with this token in its environment, or run in its directory, or have become ours; their command lines."""
    found = {}
    ours = {each for task in Path("/proc/self/task").iterdir() for each in (task / "children").read_text().split()}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            marks = (entry / "environ").read_bytes() + os.readlink(entry / "cwd").encode()
            if state != "Z" and (token.encode() in marks or entry.name in ours):
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\x00", " ")
        except OSError:
            continue
    return found


def told_by(written: Any) -> dict[str, str]:
    """The verdict on each function, by its name."""
    verdicts = {each["target"].rpartition(":")[2]: each["verdict"] for each in written["results"]}
    return verdicts | {each["target"].rpartition(":")[2]: "not judged" for each in written["not_judged"]}


def run(abuse: Abuse, folder: Path, *more: str) -> tuple[subprocess.CompletedProcess[bytes], float]:
    """The command on an abuse, in a folder of its own, and how long it took."""
    source = abuse.source if abuse.exec_ else NEIGHBOURS + abuse.source
    (folder / "abuse.py").write_bytes(source.encode("utf-8", "surrogatepass"))
    (folder / "tmp").mkdir()
    adapter = shlex.join([sys.executable, str(folder / "abuse.py")])
    target = ["--exec", adapter, "--against", "softmax"] if abuse.exec_ else ["abuse.py"]
    command = [sys.executable, "-m", "refmath", "check", *target, *more]
    options = ["--examples", "2", "--timeout", "1", "--budget", "4", "--json", "report.json"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(refmath.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder / "tmp"),
        "OMP_NUM_THREADS": "1",
    }
    begun = time.monotonic()
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        ended = subprocess.run(
            [*command, *options],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            timeout=LONGEST,
            preexec_fn=limited,
            start_new_session=True,
            check=False,
        )
    return ended, time.monotonic() - begun


def name_of(abuse: Abuse) -> Any:
    return pytest.param(abuse, id=abuse.id, marks=() if abuse.id in ALWAYS else pytest.mark.abuse)


@pytest.mark.parametrize("abuse", [name_of(each) for each in ABUSES])
def test_an_abuse(abuse: Abuse, tmp_path: Path) -> None:
    """It is answered: by a verdict, or by the reason why there is none."""
    require_an_answer(abuse, tmp_path)


@pytest.mark.abuse
@pytest.mark.parametrize("name", SIDE_BY_SIDE)
def test_an_abuse_beside_others(name: str, tmp_path: Path) -> None:
    """With `--jobs 2` each function is judged by a process of a pool, with one of its own: nothing else changes."""
    require_an_answer(next(each for each in ABUSES if each.id == name), tmp_path, "--jobs", "2")


def require_an_answer(abuse: Abuse, tmp_path: Path, *more: str) -> None:
    folder = tmp_path / f"abuse{secrets.token_hex(8)}"
    folder.mkdir()
    ended, _ = run(abuse, folder, *more)
    out, err = ((folder / name).read_bytes().decode("utf-8", "replace") for name in ("out", "err"))
    assert ended.returncode in abuse.status, out + err
    assert not RAW.findall(out + err)
    assert "error of refmath itself" not in err
    assert len(out + err) < 200_000
    assert left_behind(folder.name) == []
    assert list((folder / "tmp").iterdir()) == []
    assert {each.name for each in folder.iterdir()} <= {"abuse.py", "tmp", "out", "err", "report.json"}
    if not abuse.verdicts:
        assert "refmath: " in err
        return
    text = (folder / "report.json").read_text("utf-8")
    assert not RAW.findall(text)
    verdicts = told_by(json.loads(text))
    assert verdicts.pop("softmax") in abuse.verdicts, out + err
    if abuse.neighbours:
        assert verdicts == {"sigmoid": "conforms", "mean_squared_error": "differs"} | dict(abuse.others)
    assert "not judged" not in verdicts.values() or abuse.verdicts & NOT


def test_there_are_so_many() -> None:
    """Each has a name and a source of its own."""
    assert len({abuse.id for abuse in ABUSES}) == len({abuse.source for abuse in ABUSES}) == len(ABUSES) > 250
    assert set(ALWAYS) <= {abuse.id for abuse in ABUSES}
