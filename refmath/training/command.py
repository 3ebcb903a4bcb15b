"""`refmath train` at the terminal: what it refuses before it begins, what it shows, and what it leaves behind."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from refmath.ended import CTRL_C, Ears, ears
from refmath.foreign_text import harmless
from refmath.streams import occupy_what_is_closed
from refmath.training import mnist
from refmath.training.download import MIRRORS, download
from refmath.training.figure import FORMATS, save_figure
from refmath.training.history import Curves, as_json, curves, epoch_text, in_words, read
from refmath.training.loop import Settings, Training
from refmath.training.mnist import Digits
from refmath.training.output import Output, console, output
from refmath.training.saved_run import SavedRun, load, resume, save
from refmath.whole_file import is_plain, refuse_unwritable, whole_file

#: Seconds after which a training that goes on is saved meanwhile.
SAVED_EVERY = 60.0


class Wanted(NamedTuple):
    """What the user asked for.

    Attributes:
        settings: The settings that he chose, by name.
        data: Where MNIST's files are; None for those of the cache, or the embedded ones.
        download: Whether to fetch MNIST if it is not in the cache.
        plot: Where to draw the curves.
        json: Where to write them; `-` is standard output.
        save: Where to save the training.
        resume: Which saved training to go on with.
    """

    settings: dict[str, Any]
    data: Path | None = None
    download: bool = False
    plot: str | None = None
    json: str | None = None
    save: str | None = None
    resume: str | None = None


def prepare(wanted: Wanted) -> Training:
    """Everything that can go wrong before the first iteration.

    Raises:
        ModuleNotFoundError: If an extra is missing.
        OSError: If a file cannot be read, or could not be written later, or MNIST cannot be fetched.
        ValueError: If an option has no meaning, or a file is not what it should be.
    """
    _refuse_places(wanted)
    saved = load(Path(wanted.resume)) if wanted.resume is not None else None
    if saved is None:
        return Training(Settings(**wanted.settings), _digits(wanted, None))
    _refuse_contradictions(wanted, saved)
    try:
        return resume(saved, _digits(wanted, saved), wanted.settings.get("iterations"))
    except ValueError as error:
        raise ValueError(f"--resume {wanted.resume}: {error}") from None


def perform(training: Training, wanted: Wanted) -> int:
    """Trains, shows how it goes, and writes what was asked for; the files first, whatever becomes of the terminal.

    Returns:
        The exit status: 0, 1 if the training diverged, 2 if something could not be written, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    """
    occupy_what_is_closed()
    shown = output(stderr=wanted.json == "-")
    out = console(shown)
    table = Table(out, training)
    status, failure = 0, None
    with ears() as heard:
        try:
            try:
                heard.interrupts = True
                _train(training, table, wanted, heard, shown)
            finally:
                heard.interrupts = False
        except KeyboardInterrupt:
            status = heard.status
        except FloatingPointError as error:
            _complain(f"{error}; the iterations before it are kept")
            status = 1
        except Exception as error:  # noqa: BLE001  # a fault of refmath, or no memory: raised again when the run is saved
            failure = error
        # Saved first, and whatever is pressed: it takes a moment, and may have taken hours.
        saved = wanted.save is None or _write("--save", wanted.save, lambda path: save(path, training), heard)
        if not saved and (elsewhere := _save_elsewhere(training)) is not None:
            _complain(f"it is saved as {elsewhere} instead: `refmath train --resume {elsewhere}` goes on from there")
        if failure is not None:
            raise failure
        drawn = curves(training)
        written = saved & _write_curves(training, drawn, wanted, heard)
    try:
        table.finish(drawn)
        _tell_the_end(out, training, drawn, status)
        if wanted.save is not None and saved:
            out.print(f"`refmath train --resume {wanted.save}` goes on from here.", markup=False, soft_wrap=True)
        if wanted.json == "-":
            written &= _write_json_to_standard_output(training, drawn)
    except KeyboardInterrupt:  # all that is lost now is what was to be shown
        status = status or CTRL_C
    if shown.trouble is not None:
        _complain(_without_output(shown, training, wanted))
        written = False
    return status if written else 2


# ---- before the first iteration


def _refuse_places(wanted: Wanted) -> None:
    """Finds out now what could not be written later."""
    if wanted.data is not None and wanted.download:
        raise ValueError(
            "--data and --download exclude each other: the former reads a copy that is there, the latter fetches one"
        )
    if wanted.plot is not None:
        if Path(wanted.plot).suffix.lower() not in FORMATS:
            raise ValueError(f"--plot {wanted.plot}: the name must end in {', '.join(FORMATS)}")
        _require("matplotlib", "--plot", "plot")
    if wanted.json == "-" and sys.stdout is None:
        raise ValueError("--json -: standard output is closed")
    places = {"--plot": wanted.plot, "--json": wanted.json if wanted.json != "-" else None, "--save": wanted.save}
    taken: dict[str, str] = {}
    for option, file in places.items():
        if file is None:
            continue
        try:
            refuse_unwritable(Path(file))
        except OSError as error:
            raise ValueError(f"{option} {file}: {error.strerror}") from None
        if (other := taken.setdefault(os.path.realpath(file), option)) != option:
            raise ValueError(f"{other} and {option} name the same file, {file}")


def _require(module: str, option: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(f"{option} needs {module}, which is not installed: pip install 'refmath[{extra}]'")


def _refuse_contradictions(wanted: Wanted, saved: SavedRun) -> None:
    """Only the number of iterations may be another one than the saved run's."""
    for name, value in wanted.settings.items():
        if name != "iterations" and value != getattr(saved.settings, name):
            option = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"{option} {value} contradicts --resume {wanted.resume}, which was begun with {option} {getattr(saved.settings, name)}"
            )


def _digits(wanted: Wanted, saved: SavedRun | None) -> Digits:
    """The digits to learn: those asked for, those of the saved run, those of the cache, or the embedded ones."""
    if wanted.data is not None:
        return mnist.read_mnist(wanted.data, mnist.FULL)
    if wanted.download:
        return _downloaded()
    if saved is not None and saved.data == mnist.fingerprint(mnist.EMBEDDED):
        return mnist.embedded()
    try:
        found = mnist.cached(mnist.FULL)
    except (OSError, ValueError) as error:
        raise ValueError(f"the cached copy of MNIST cannot be used: {error}; --download fetches it anew") from None
    if found is None and saved is not None and saved.data == mnist.fingerprint(mnist.FULL):
        raise ValueError("it was trained on all of MNIST, which is not in the cache: add --data DIR or --download")
    return mnist.embedded() if found is None else found


def _downloaded() -> Digits:
    """The copy in the cache, fetched if it is not there or damaged."""
    with contextlib.suppress(OSError, ValueError):
        if (found := mnist.cached(mnist.FULL)) is not None:
            return found
    _require("pooch", "--download", "download")
    directory = mnist.cache_directory()
    assert directory is not None
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console(output(stderr=True)),
        transient=True,
    )
    with bar if _is_watched() else contextlib.nullcontext():
        tasks: dict[str, Any] = {}

        def watch(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name)
            bar.update(tasks[name], completed=done, total=total or None)

        download(directory, MIRRORS, mnist.FULL, watch)
    return mnist.read_mnist(directory, mnist.FULL)


# ---- while it trains


class Table:
    """The table of epochs, which grows while the training goes on."""

    def __init__(self, out: Console, training: Training) -> None:
        self.out = out
        self._training = training
        self._shown = 0

    def begin(self) -> None:
        """Says what is trained on what, and names the columns."""
        s, d = self._training.settings, self._training.digits
        self._print(f"Data: {_data_text(d)}")
        self._print(
            f"Network: {d.x_train.shape[1]}-{s.hidden}-{mnist.CLASSES}, {s.dtype}, seed {s.seed}; {s.iterations:,} iterations, batch {s.batch_size}, "
            f"lr {s.lr}, {s.gradient}; an epoch is {self._training.iterations_per_epoch:,} iterations\n"
        )
        self._print(
            f"{'epoch':>8}  {'iteration':>10}  {'mean loss':>10}  {'train accuracy':>14}  {'test accuracy':>13}",
            style="bold",
        )

    def grow(self) -> None:
        """Shows the epochs that are new."""
        accuracy, per_epoch = self._training.accuracy, self._training.iterations_per_epoch
        for epoch in range(self._shown, len(accuracy)):
            self._row(epoch, epoch * per_epoch, *accuracy[epoch])
        self._shown = len(accuracy)

    def finish(self, drawn: Curves) -> None:
        """Shows the end, if it lies amid an epoch."""
        self.grow()
        if len(drawn.epochs) > self._shown:
            self._row(drawn.epochs[-1], len(drawn.loss), drawn.train_accuracy[-1], drawn.test_accuracy[-1])

    def _row(self, epoch: float, iteration: int, train: float, test: float) -> None:
        # The mean over the iterations since the row above; before the first one there is no loss.
        begun = (iteration - 1) // self._training.iterations_per_epoch * self._training.iterations_per_epoch
        losses = self._training.loss[max(begun, 0) : iteration]
        mean = f"{sum(losses) / len(losses):.4f}" if losses else "–"
        self._print(f"{epoch_text(epoch):>8}  {iteration:>10}  {mean:>10}  {train:>14.4f}  {test:>13.4f}")

    def _print(self, text: str, style: str | None = None) -> None:
        self.out.print(text, style=style, markup=False, soft_wrap=True)


def _train(training: Training, table: Table, wanted: Wanted, heard: Ears, shown: Output) -> None:
    table.begin()
    training.measure_if_due()
    table.grow()
    bar = _progress(table.out)
    saved = time.monotonic()
    with bar if _is_watched() else contextlib.nullcontext():
        task = bar.add_task(
            "", total=training.settings.iterations, completed=training.state.iteration, loss="", accuracy=""
        )
        for loss in training.iterate():
            table.grow()
            accuracy = f"test accuracy {training.accuracy[-1].test:.4f}"
            bar.update(task, completed=training.state.iteration, loss=f"loss {loss:.4f}", accuracy=accuracy)
            if wanted.save is not None and time.monotonic() - saved >= SAVED_EVERY:
                _save_meanwhile(Path(wanted.save), training, heard)
                saved = time.monotonic()
            if (
                heard.number is not None
            ):  # it came in a callback, as of the garbage collector, from which Python lets nothing through
                raise KeyboardInterrupt
            if shown.trouble is not None and not _writes_files(wanted):
                break  # nobody will ever see it


def _save_meanwhile(path: Path, training: Training, heard: Ears) -> None:
    """Saves what there is, so that not even a power cut costs more than the time since; if it fails, that is told at the end."""
    if not is_plain(path):
        return
    heard.interrupts = False
    with contextlib.suppress(OSError):
        save(path, training)
    heard.interrupts = True


def _save_elsewhere(training: Training) -> str | None:
    """Where the training is saved among the system's temporary files; None if that is impossible too."""
    name = None
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix="refmath-", suffix=".npz")
        os.close(descriptor)
        save(Path(name), training)
        return name
    if name is not None:
        with contextlib.suppress(OSError):
            os.unlink(name)
    return None


def _writes_files(wanted: Wanted) -> bool:
    return wanted.save is not None or wanted.json is not None or wanted.plot is not None


def _progress(out: Console) -> Progress:
    """A bar on standard error; where the table goes to the same terminal, both must go through one console."""
    return Progress(
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
        TextColumn("{task.fields[accuracy]}"),
        TimeRemainingColumn(),
        console=out if out.is_terminal else console(output(stderr=True)),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        speed_estimate_period=3600,  # an iteration with the numerical gradient takes longer than the usual thirty seconds
    )


def _is_watched() -> bool:
    """Whether somebody sees the bar; older versions of rich print an empty line even for one that is switched off."""
    return console(output(stderr=True)).is_terminal


def _data_text(digits: Digits) -> str:
    sizes = f"{len(digits.x_train):,} training and {len(digits.x_test):,} test digits"
    if digits.fingerprint == mnist.fingerprint(mnist.EMBEDDED):
        return f"the embedded subset of MNIST, {sizes}; --download fetches all 70,000, --data DIR reads a copy of yours"
    return f"MNIST, {sizes}"


# ---- after the last iteration


def _tell_the_end(out: Console, training: Training, drawn: Curves, status: int) -> None:
    lines = ["", *in_words(read(drawn))]
    if status > 128:
        lines.append(f"Interrupted after {training.state.iteration:,} of {training.settings.iterations:,} iterations.")
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


def _write_curves(training: Training, drawn: Curves, wanted: Wanted, heard: Ears) -> bool:
    """Whether the curves could be written into every file that was asked for."""

    def write_json(path: Path) -> None:
        with whole_file(path) as file:
            file.write(_json(training, drawn).encode())

    written = True
    if wanted.json is not None and wanted.json != "-":
        written &= _write("--json", wanted.json, write_json, heard)
    if wanted.plot is not None:
        written &= _write("--plot", wanted.plot, lambda path: save_figure(path, drawn), heard)
    return written


def _write(option: str, file: str, write: Callable[[Path], None], heard: Ears) -> bool:
    """Whether it could be written; if not, says why, so that the other files are still written."""
    path = Path(file)
    heard.interrupts = not is_plain(path)  # whoever is to read a pipe may never come
    try:
        write(path)
    except (OSError, KeyboardInterrupt) as error:
        _complain(f"{option} {file}: {_reason(error)}")
        return False
    finally:
        heard.interrupts = False
    return True


def _write_json_to_standard_output(training: Training, drawn: Curves) -> bool:
    """Whether all of it could be written; if not, says why."""
    out = output()
    try:
        out.write(_json(training, drawn))
        out.flush()
    except KeyboardInterrupt as error:
        out.trouble = _reason(error)
    if out.trouble is not None:
        _complain(f"--json -: {out.trouble}")
    return out.trouble is None


def _json(training: Training, drawn: Curves) -> str:
    return json.dumps(as_json(training, drawn), allow_nan=False) + "\n"


def _reason(error: OSError | KeyboardInterrupt) -> str:
    return "interrupted" if isinstance(error, KeyboardInterrupt) else error.strerror or str(error)


def _without_output(shown: Output, training: Training, wanted: Wanted) -> str:
    """What went wrong with what was to be shown, and what became of the training."""
    where = "standard error" if wanted.json == "-" else "standard output"
    made, asked = training.state.iteration, training.settings.iterations
    if made == asked:
        rest = "the training went on to its end without it"
    elif _writes_files(wanted):
        rest = f"the training went on without it, up to iteration {made:,} of {asked:,}"
    else:
        rest = f"no file was asked for, so the training stopped after {made:,} of {asked:,} iterations"
    return f"{where}: {shown.trouble}; {rest}"


def _complain(message: str) -> None:
    err = output(stderr=True)
    err.write(f"refmath: {harmless(message)}\n")
    err.flush()
