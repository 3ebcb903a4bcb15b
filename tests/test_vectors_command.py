"""The command `refmath vectors`: the same bytes each time, files written whole, an archive, and readers in other languages."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result
from vector_files import content, vectors

import refmath
from refmath.cli import app
from refmath.kinds.draws import Draws
from refmath.spec import Formula
from refmath.vectors import files, formulas, special
from refmath.vectors.formulas import NAMES

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
CONSUMERS = ROOT / "examples" / "consumers"

every_file = pytest.mark.parametrize("name", NAMES)


# ---- the same bytes each time


def golden() -> Any:
    return json.loads((GOLDEN / "vectors.json").read_text(encoding="utf-8"))


@every_file
def test_output_changes_only_on_purpose(name: str) -> None:
    """A file is the one it was; if it is meant to change, `python tools/golden_vectors.py` writes down the new ones."""
    assert hashlib.sha256(content(name)).hexdigest() == golden()[f"{name}.json"]


def test_the_fixed_files_change_only_on_purpose() -> None:
    """Schema, README and one file that can be read as a whole are as they were, and every file is written down."""
    fixed = files.fixed_files()
    assert set(golden()) == {*(f"{name}.json" for name in NAMES), *fixed}
    for name, written in fixed.items():
        assert hashlib.sha256(written).hexdigest() == golden()[name]
    assert (GOLDEN / "softmax.json").read_bytes() == content("softmax")


def test_the_same_bytes_come_in_another_process() -> None:
    """A file depends neither on what was computed before it nor on how Python hashes strings."""
    code = "import sys; from refmath.vectors.files import document; sys.stdout.buffer.write(document('sgd_step', '0'))"
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        assert told.stdout == content("sgd_step")


def test_the_draws_are_the_same_for_ever() -> None:
    """The numbers that everything is made of are these, on every machine and under every Python."""
    draws = Draws("one", "two")
    assert draws.between(0, 1, (3,)).tolist() == [0.8370652086879387, 0.7363988368768378, 0.6021466932560633]
    assert draws.below(10, (8,)).tolist() == [0, 5, 2, 8, 5, 3, 8, 2]
    assert draws.eighths(2, (4,)).tolist() == [-1.875, 1.25, -1.375, 0.875]
    assert draws.magnitudes(-3, 5, (3,)).tolist() == [30.372015547462503, 0.14671495264244017, 26.789555723480863]
    assert draws.ladder(0, 4, 4).tolist() == [
        2.1855933684871083,
        6.489736374477065,
        1.2052774754914581,
        8.16139316586052,
    ]


# ---- the command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["vectors", *arguments])


NAMES_OF_FEW = ("sigmoid", "sgd_step")


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only two of the files."""
    monkeypatch.setattr(formulas, "NAMES", NAMES_OF_FEW)


@pytest.mark.usefixtures("_few")
def test_the_command_writes_the_files(tmp_path: Path) -> None:
    """Files, schema and README are written into a new directory; they bear refmath's version, and nothing is left over."""
    target = tmp_path / "new" / "vectors"
    told = run(str(target))
    assert told.exit_code == 0, told.output
    assert sorted(each.name for each in target.iterdir()) == [
        "README.md",
        "SHA256SUMS",
        "schema.json",
        "sgd_step.json",
        "sigmoid.json",
    ]
    written = json.loads((target / "sigmoid.json").read_text(encoding="utf-8"))
    assert written["generator"] == f"refmath {refmath.__version__}"
    assert {**written, "generator": "refmath 0"} == vectors("sigmoid")
    assert "4 files" in told.output


@pytest.mark.usefixtures("_few")
def test_other_files_stay(tmp_path: Path) -> None:
    """What else is in the directory is left alone, also when the set is written again."""
    (tmp_path / "mine.json").write_text("{}", encoding="utf-8")
    for _ in range(2):
        assert run(str(tmp_path)).exit_code == 0
        assert (tmp_path / "mine.json").read_text(encoding="utf-8") == "{}"
        assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.usefixtures("_few")
def test_a_users_file_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the user's with the name of one of the set, or one that he has changed, is named before anything is computed."""
    assert run(str(tmp_path)).exit_code == 0
    monkeypatch.setattr(files, "document", lambda *_: pytest.fail("it computes"))
    for name in ("sigmoid.json", "README.md"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    told = run(str(tmp_path))
    assert told.exit_code == 2
    assert told.output == (
        f"refmath: {tmp_path / 'sigmoid.json'}: it is not as refmath wrote it, and neither is README.md; "
        "move it away, or choose another directory\n"
    )
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
@pytest.mark.usefixtures("_few")
def test_the_list_of_checksums_is_one_that_others_read(tmp_path: Path) -> None:
    """`sha256sum` knows the files by it, and says so of one that is not whole."""
    assert run(str(tmp_path)).exit_code == 0
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "sigmoid.json").write_bytes((tmp_path / "sigmoid.json").read_bytes()[:-1])
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


@pytest.mark.usefixtures("_few")
def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A file instead of a directory, or a directory where a file should be, ends with status 2 and a sentence."""
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    (tmp_path / "taken" / "sigmoid.json").mkdir(parents=True)
    for target, word in ((file, "exists"), (file / "below", "ot a directory"), (tmp_path / "taken", "is a directory")):
        told = run(str(target))
        assert told.exit_code == 2
        assert told.output.startswith("refmath: ")
        assert word in told.output
        assert str(target) in told.output
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is allowed to root")
@pytest.mark.usefixtures("_few")
def test_a_directory_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    """Where writing is not allowed, it ends with status 2 before anything is computed."""
    tmp_path.chmod(0o500)
    told = run(str(tmp_path))
    tmp_path.chmod(0o700)
    assert told.exit_code == 2
    assert str(tmp_path) in told.output


@pytest.mark.usefixtures("_few")
def test_nothing_is_written_unless_all_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If computing the last file is interrupted, the first is not written either."""

    def fails(page: Formula) -> Any:
        if page.name == NAMES_OF_FEW[-1]:
            raise KeyboardInterrupt
        return ()

    monkeypatch.setattr(special, "cases", fails)
    run(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


# ---- the archive


def test_the_archive_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    """Files of another time, in another order, with other permissions, make the same archive, in a folder of its name."""
    archives = []
    for turn, names in enumerate((("a.json", "README.md"), ("README.md", "a.json"))):
        source = tmp_path / f"files{turn}"
        source.mkdir()
        for name in names:
            (source / name).write_text(name, encoding="utf-8")
            os.utime(source / name, (10**9 * (turn + 1),) * 2)
            (source / name).chmod(0o600 + 0o40 * turn)
        archive = tmp_path / str(turn) / "refmath-vectors-1.zip"
        archive.parent.mkdir()
        subprocess.run([sys.executable, ROOT / "tools" / "vectors_archive.py", source, archive], check=True)
        archives.append(archive)
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as read:
        assert read.namelist() == ["refmath-vectors-1/README.md", "refmath-vectors-1/a.json"]
        assert read.read("refmath-vectors-1/a.json") == b"a.json"


# ---- consumers in other languages


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the two files that the examples read."""
    target = tmp_path_factory.mktemp("vectors")
    files.write(target, {f"{name}.json": content(name) for name in ("softmax", "softmax_cross_entropy_labels")})
    return target


def judged(command: list[str]) -> dict[str, subprocess.CompletedProcess[str]]:
    """What a consumer says of its right function and of its wrong one."""
    return {
        which: subprocess.run([*command, which], text=True, capture_output=True, check=False, timeout=60)
        for which in ("right", "wrong")
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_consumer_in_javascript(written: Path) -> None:
    """The example in JavaScript passes a right softmax and refuses one that overflows."""
    told = judged(["node", str(CONSUMERS / "softmax.mjs"), str(written / "softmax.json")])
    assert [told[which].returncode for which in told] == [0, 1], told
    assert "float64.no_shift.1: no_shift" in told["wrong"].stdout


def refused(command: list[str], file: Path, damaged: dict[str, bytes]) -> dict[str, int]:
    """With which status a consumer ends on files that are damaged."""
    ended = {}
    for what, content_of in damaged.items():
        file.write_bytes(content_of)
        ended[what] = subprocess.run(
            [*command, str(file), "right"], capture_output=True, check=False, timeout=60
        ).returncode
    return ended


def damages(whole: bytes) -> dict[str, bytes]:
    return {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "cut between two lines": whole[: whole.rindex(b"\n", 0, len(whole) // 2) + 1],
        "another format": whole.replace(b'"format": 1', b'"format": 2'),
        "another formula": content("sigmoid"),
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_consumer_in_javascript_refuses_what_is_damaged(written: Path, tmp_path: Path) -> None:
    """A file that is not whole, or of another kind, passes nobody: the status is 2."""
    whole = (written / "softmax.json").read_bytes()
    damaged = {**damages(whole), "no numbers": re.sub(rb'"data": \[[^]]*\]', b'"data": []', whole)}
    ended = refused(["node", str(CONSUMERS / "softmax.mjs")], tmp_path / "file", damaged)
    assert set(ended.values()) == {2}, ended


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_consumer_in_c_refuses_what_is_damaged(written: Path, tmp_path: Path) -> None:
    """A file that is not whole is refused; numbers that are missing, too many, or no labels fail their cases, and nothing beyond is read."""
    source, program = str(CONSUMERS / "softmax_cross_entropy_labels.c"), str(tmp_path / "consumer")
    subprocess.run(["cc", "-std=c99", "-O1", "-o", program, source, "-lm"], check=True)
    whole = (written / "softmax_cross_entropy_labels.json").read_bytes()
    on_one_line = json.dumps(json.loads(whole)).encode()
    ended = refused([program], tmp_path / "file", {**damages(whole), "on one line": on_one_line})
    assert set(ended.values()) == {2}, ended
    wrong = {
        "no numbers": re.sub(rb'"data": \[[^]]*\]', b'"data": []', whole),
        "too many numbers": whole.replace(b'"data": [', b'"data": [' + b"1.0, " * 300),
        "too many ends": whole.replace(b'"hex": [', b'"hex": [' + b'"0x1p0", ' * 300),
        "no data": whole.replace(b'"data"', b'"date"'),
        "no low": whole.replace(b'"low"', b'"lo"'),
        "labels of no class": re.sub(rb'("int64", "shape": \[\d*\], "data": )\[[^]]*\]', rb"\1[99999999]", whole),
    }
    ended = refused([program], tmp_path / "file", wrong)
    assert set(ended.values()) == {1}, ended
    unknown = subprocess.run([program, str(written / "softmax_cross_entropy_labels.json"), "rihgt"], check=False)
    assert unknown.returncode == 2


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_consumer_in_c(written: Path, tmp_path: Path) -> None:
    """The example in C passes a right loss and refuses one that takes the logarithm of zero; the compiler has nothing to say."""
    source, program = str(CONSUMERS / "softmax_cross_entropy_labels.c"), str(tmp_path / "consumer")
    subprocess.run(
        ["cc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-o", program, source, "-lm"], check=True
    )
    told = judged([program, str(written / "softmax_cross_entropy_labels.json")])
    assert [told[which].returncode for which in told] == [0, 1], told
    assert "float64.no_shift.1" in told["wrong"].stdout
