"""What a training shows and says where its streams, its files or its bar are not the usual ones; piece by piece, in this process."""

from __future__ import annotations

import errno
import io
import os
import re
import struct
import sys
from pathlib import Path
from typing import Any, Self, cast

import pytest
from digits import digits
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from refmath.ended import Ears
from refmath.training import command, mnist
from refmath.training.command import Wanted
from refmath.training.download import _plainly
from refmath.training.figure import figure, save_figure
from refmath.training.history import curves
from refmath.training.loop import Settings, Training
from refmath.training.output import Output, console
from refmath.training.saved_run import load


@pytest.fixture
def training(tmp_path: Path) -> Training:
    """A small one at its end."""
    made = Training(Settings(iterations=12, batch_size=8, hidden=2), digits(tmp_path / "mnist"))
    for _ in made.iterate():
        pass
    return made


def broken(trouble: str = "Broken pipe") -> Output:
    """A stream that nobody reads any more."""
    out = Output(io.StringIO())
    out.trouble = trouble
    return out


WITHOUT = {
    "at its end": ({"save": "run.npz"}, 12, "standard output: Broken pipe; the training went on to its end without it"),
    "before, with a file": (
        {"plot": "run.png"},
        13_000,
        "standard output: Broken pipe; the training went on without it, up to iteration 12 of 13,000",
    ),
    "before, without": (
        {},
        13_000,
        "standard output: Broken pipe; no file was asked for, so the training stopped after 12 of 13,000 iterations",
    ),
    "the table beside JSON": (
        {"json": "-"},
        12,
        "standard error: Broken pipe; the training went on to its end without it",
    ),
}


@pytest.mark.parametrize(("asked", "iterations", "says"), WITHOUT.values(), ids=WITHOUT)
def test_what_became_of_a_training_that_nobody_read(
    training: Training, asked: dict[str, Any], iterations: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which stream it was, why, and how far it went."""
    object.__setattr__(training.settings, "iterations", iterations)
    assert command._without_output(broken(), training, Wanted({}, **asked)) == says


def test_where_both_sources_of_data_are_named() -> None:
    """The sentence says what each of them does."""
    with pytest.raises(ValueError, match=r"^--data and .* reads a copy that is there, the latter fetches one$"):
        command._refuse_places(Wanted({}, data=Path(), download=True))


def test_the_place_of_a_run_that_found_no_other(
    training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name tells whose it is and what it is; if it cannot be written there either, nothing is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = command._save_elsewhere(training)
    assert place is not None
    assert re.fullmatch(r"refmath-\w+\.npz", Path(place).name)
    assert load(Path(place)).state.iteration == 12
    Path(place).unlink()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(command, "save", full)
    assert command._save_elsewhere(training) is None
    assert [each for each in os.listdir(tmp_path) if each.startswith("refmath-")] == []


def test_it_is_saved_on_the_way(training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the place of the run, and again after its time; a disk that is full meanwhile does not end it."""
    made = Training(Settings(iterations=5, batch_size=8, hidden=2), training.digits)
    seen: list[tuple[Path, int]] = []

    def saved(path: Path, what: Training) -> None:
        seen.append((path, what.state.iteration))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(command, "save", saved)
    monkeypatch.setattr(command, "SAVED_EVERY", 0.0)
    shown = Output(io.StringIO())
    wanted = Wanted({}, save=str(tmp_path / "run.npz"))
    heard = Ears()
    command._train(made, command.Table(console(shown), made), wanted, heard, shown)
    assert seen == [(tmp_path / "run.npz", iteration) for iteration in range(1, 6)]
    assert heard.interrupts
    seen.clear()
    monkeypatch.setattr(command, "SAVED_EVERY", 60.0)
    made = Training(Settings(iterations=5, batch_size=8, hidden=2), training.digits)
    command._train(made, command.Table(console(shown), made), wanted, heard, shown)
    assert (seen, made.state.iteration) == ([], 5)


@pytest.mark.parametrize(("file", "iterations"), [("run.npz", 5), (None, 1)])
def test_without_a_reader_it_goes_on_for_a_file_alone(training: Training, file: str | None, iterations: int) -> None:
    """Where nobody will ever see anything of it, it stops."""
    made = Training(Settings(iterations=5, batch_size=8, hidden=2), training.digits)
    shown = broken()
    command._train(made, command.Table(console(shown), made), Wanted({}, save=file), Ears(), shown)
    assert made.state.iteration == iterations


class Bar:
    """A bar that remembers what it was told."""

    def __init__(self, *columns: Any, **settings: Any) -> None:
        self.columns, self.settings, self.told = columns, settings, list[tuple[tuple[Any, ...], dict[str, Any]]]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add_task(self, *words: Any, **named: Any) -> int:
        self.told.append((words, named))
        return 7

    update = add_task


def test_the_bar_of_a_training(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts iterations from where it begins, with the loss of the last and the accuracy of the last epoch."""
    made = Training(Settings(iterations=2, batch_size=8, hidden=2), training.digits)
    bar = Bar()
    monkeypatch.setattr(command, "_progress", lambda _out: bar)
    monkeypatch.setattr(command, "_is_watched", lambda: True)
    shown = Output(io.StringIO())
    command._train(made, command.Table(console(shown), made), Wanted({}), Ears(), shown)
    accuracy = f"test accuracy {made.accuracy[0].test:.4f}"
    assert bar.told == [
        (("",), {"total": 2, "completed": 0, "loss": "", "accuracy": ""}),
        *(
            ((7,), {"completed": done, "loss": f"loss {made.loss[done - 1]:.4f}", "accuracy": accuracy})
            for done in (1, 2)
        ),
    ]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_where_the_bar_is(is_terminal: bool) -> None:
    """On standard error; in the terminal that the table goes to, both go through one console. It leaves nothing behind."""
    out = Console(file=io.StringIO(), force_terminal=is_terminal)
    bar = command._progress(out)
    assert [type(each) for each in bar.columns] == [
        MofNCompleteColumn,
        BarColumn,
        TextColumn,
        TextColumn,
        TimeRemainingColumn,
    ]
    assert (bar.console is out) == is_terminal
    assert is_terminal or cast("Output", bar.console.file)._stream is sys.stderr
    assert bar.live.transient
    assert bar.speed_estimate_period == 3600
    assert (bar.live._redirect_stdout, bar.live._redirect_stderr) == (False, False)


def test_the_bar_of_a_download(training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One task for each file; how much is to come is said where it is known."""
    bars: list[Bar] = []

    def made(*columns: Any, **settings: Any) -> Bar:
        bars.append(Bar(*columns, **settings))
        return bars[-1]

    monkeypatch.setattr(command, "Progress", made)
    monkeypatch.setattr(command, "_is_watched", lambda: True)
    monkeypatch.setenv("REFMATH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "read_mnist", lambda *_: training.digits)

    def download(directory: Path, mirrors: Any, files: Any, watch: Any) -> None:
        assert directory == tmp_path / "cache" / "mnist"
        watch("a", 1, 0)
        watch("b", 2, 9)
        watch("a", 3, 0)

    monkeypatch.setattr(command, "download", download)
    assert command._downloaded() is training.digits
    (bar,) = bars
    assert [type(each) for each in bar.columns] == [TextColumn, BarColumn, DownloadColumn, TimeRemainingColumn]
    assert bar.settings["console"].file._stream is sys.stderr
    assert bar.settings["transient"]
    updates = [((7,), {"completed": done, "total": total}) for done, total in ((1, None), (2, 9), (3, None))]
    assert bar.told == [(("a",), {}), updates[0], (("b",), {}), *updates[1:]]


def test_reasons() -> None:
    """What the system says, else what the error says; an interruption is one."""
    assert command._reason(OSError(errno.ENOSPC, "No space left on device", "file")) == "No space left on device"
    assert command._reason(OSError("no mirror")) == "no mirror"
    assert command._reason(KeyboardInterrupt()) == "interrupted"


def test_json_that_nobody_takes(
    training: Training, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether all of it was written, and if not, the reason."""
    assert command._write_json_to_standard_output(training, curves(training))
    written, complaints = capsys.readouterr()
    assert written == command._json(training, curves(training))
    assert complaints == ""
    monkeypatch.setattr(sys, "stdout", None)
    assert not command._write_json_to_standard_output(training, curves(training))
    assert capsys.readouterr().err == "refmath: --json -: it is closed\n"


@pytest.mark.parametrize("fails", ["--json", "--plot"])
def test_one_file_that_cannot_be_written_costs_no_other(
    training: Training, fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other is written, and the whole counts as failed."""
    write, asked = command._write, []

    def some(option: str, *more: Any) -> bool:
        asked.append(option)
        return option != fails and write(option, *more)

    monkeypatch.setattr(command, "_write", some)
    wanted = Wanted({}, json=str(tmp_path / "run.json"), plot=str(tmp_path / "run.png"))
    assert not command._write_curves(training, curves(training), wanted, Ears())
    assert asked == ["--json", "--plot"]
    assert (tmp_path / "run.json").exists() == (fails != "--json")
    assert (tmp_path / "run.png").exists() == (fails != "--plot")


def test_a_stream_that_knows_ascii_only() -> None:
    """What it does not know has another form there; one without a name for its characters takes all."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    out = Output(stream)
    assert out.write("–∞ é 雪") == 6
    out.flush()
    assert stream.buffer.getvalue() == b"-inf e \\u96ea"
    text = io.StringIO()
    Output(text).write("–")
    assert text.getvalue() == "–"


def test_a_stream_that_has_no_descriptor() -> None:
    """It fails once, is not asked again, and nothing is raised."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise ValueError("I/O operation on closed file")

    out = Output(Closed())
    out.write("a")
    assert out.trouble == "it is closed"
    out.write("b")
    out.flush()
    assert Output(None).trouble == "it is closed"


def test_the_directory_of_a_part_is_not_named(tmp_path: Path) -> None:
    """It is gone by the time that the message is read."""
    assert (
        _plainly(ValueError(f"{tmp_path / 'part' / 'images.gz'} is damaged"), tmp_path / "part")
        == "images.gz is damaged"
    )


def test_the_looks_of_the_figure(training: Training, tmp_path: Path) -> None:
    """Whole epochs on the axis, the losses of the batches thin and pale behind their means, 150 dots an inch."""
    drawn = curves(training)
    left, right = figure(drawn).axes
    assert left.xaxis.get_major_locator()._integer
    assert (left.get_xlabel(), left.get_ylabel(), left.get_ylim()) == ("epochs", "accuracy", (0, 1))
    batches = right.lines[0]
    assert (batches.get_linewidth(), batches.get_alpha(), batches.get_label()) == (0.6, 0.35, "of each batch")
    save_figure(tmp_path / "run.PNG", drawn)
    assert struct.unpack(">II", (tmp_path / "run.PNG").read_bytes()[16:24]) == (1500, 600)
