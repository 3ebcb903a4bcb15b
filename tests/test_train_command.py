"""The command `refmath train`: what it prints and writes, what it refuses before it trains, and how it ends."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digits import write_mnist
from typer.testing import CliRunner, Result

import refmath
from refmath.cli import app
from refmath.fast import training_step
from refmath.fast.training_step import gradient_by_labels
from refmath.networks.two_layer_net import TwoLayerNet
from refmath.training import command, download, loop, mnist
from refmath.training.saved_run import load

QUICK = ("--iterations", "60", "--hidden", "4")
REAL = os.environ.get("REFMATH_MNIST")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(refmath.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty directory, and no copy of MNIST in the cache."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("REFMATH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a few digits, which are taken for all of MNIST."""
    monkeypatch.setattr(mnist, "FULL", write_mnist(tmp_path / "full"))
    return tmp_path / "full"


def run(*arguments: str) -> Result:
    """The command in this process."""
    return CliRunner().invoke(app, ("train", *arguments))


def rows(text: str) -> list[list[str]]:
    """The rows of the table of epochs."""
    return [line.split() for line in text.splitlines() if re.match(r" +[\d.]+ +\d+ ", line)]


def written(name: str) -> Any:
    """What is in a JSON file."""
    return json.loads(Path(name).read_text(encoding="utf-8"))


# ---- what it shows and writes


def test_a_first_run_trains_on_the_embedded_digits() -> None:
    """Without an option for data it says in one line what it trains on and how to get the rest, and touches no network."""
    told = run(*QUICK)
    assert told.exit_code == 0
    (line,) = (line for line in told.stdout.splitlines() if line.startswith("Data: "))
    assert "embedded subset of MNIST, 5,000 training and 1,000 test digits" in line
    assert "--download" in line
    assert "--data DIR" in line
    assert told.stderr == ""
    assert os.listdir() == []


def test_every_epoch_is_a_row() -> None:
    """The table has epoch, iteration, mean loss and both accuracies of every epoch, and of the end."""
    told = run(*QUICK, "--batch-size", "200", "--json", "run.json")
    curves = written("run.json")
    table = rows(told.stdout)
    assert [row[:2] for row in table] == [["0", "0"], ["1", "25"], ["2", "50"], ["2.40", "60"]]
    losses = curves["loss"]
    assert [row[2] for row in table] == [
        "–",
        *(f"{np.mean(losses[a:b]):.4f}" for a, b in ((0, 25), (25, 50), (50, 60))),
    ]
    assert [row[3] for row in table] == [f"{value:.4f}" for value in curves["train_accuracy"]]
    assert [row[4] for row in table] == [f"{value:.4f}" for value in curves["test_accuracy"]]


def test_it_ends_by_reading_the_curves() -> None:
    """The last lines say the gap between the accuracies, and whether the test accuracy has begun to fall."""
    told = run(*QUICK)
    gap, fall = told.stdout.splitlines()[-2:]
    assert re.fullmatch(
        r"Train accuracy \d\.\d{4} is \d\.\d{4} (above|below) test accuracy \d\.\d{4}: .*overfitting\.", gap
    )
    assert re.match(r"Test accuracy has (not )?begun to fall", fall)


def test_the_json_holds_the_curves_and_the_settings() -> None:
    """The keys are those of the documentation; the settings are the defaults and what was chosen."""
    assert run(*QUICK, "--seed", "3", "--dtype", "float32", "--lr", "0.5", "--json", "run.json").exit_code == 0
    told = written("run.json")
    assert set(told) == {"iterations", "loss", "epochs", "train_accuracy", "test_accuracy", "settings"}
    assert told["iterations"] == len(told["loss"]) == 60
    assert told["epochs"] == [0, 1, 1.2]
    chosen = {"iterations": 60, "batch_size": 100, "lr": 0.5, "hidden": 4, "weight_init_std": 0.01, "seed": 3}
    assert told["settings"] == {
        **chosen,
        "dtype": "float32",
        "gradient": "backprop",
        "iterations_per_epoch": 50,
        "train_size": 5000,
        "test_size": 1000,
        "data": mnist.fingerprint(mnist.EMBEDDED),
    }


def test_json_on_standard_output_is_alone_there() -> None:
    """With `--json -` standard output is JSON, and the table is on standard error."""
    told = run(*QUICK, "--json", "-")
    assert json.loads(told.stdout)["iterations"] == 60
    assert len(rows(told.stderr)) == 3
    assert os.listdir() == []


def test_everything_that_was_asked_for_is_written() -> None:
    """Figure, JSON and saved training are there together, and nothing beside them."""
    told = run(*QUICK, "--plot", "run.png", "--json", "run.json", "--save", "run.npz")
    assert told.exit_code == 0
    assert set(os.listdir()) == {"run.png", "run.json", "run.npz"}
    assert Path("run.png").read_bytes().startswith(b"\x89PNG")
    assert load(Path("run.npz")).loss == written("run.json")["loss"]
    assert "`refmath train --resume run.npz` goes on from here." in told.stdout


@pytest.mark.parametrize("gradient", ["backprop", "numerical"])
def test_the_gradient_is_the_one_asked_for(full: Path, monkeypatch: pytest.MonkeyPatch, gradient: str) -> None:
    """`--gradient numerical` computes it by differences, and comes to the same as backpropagation."""
    monkeypatch.setattr(mnist, "FULL", write_mnist(full, 12, 3))
    calls = []
    original = TwoLayerNet.numerical_gradient

    def counted(net: TwoLayerNet, x: Any, t: Any) -> Any:
        calls.append(len(x))
        return original(net, x, t)

    monkeypatch.setattr(TwoLayerNet, "numerical_gradient", counted)
    options = ("--data", str(full), "--iterations", "1", "--hidden", "1", "--batch-size", "2")
    assert run(*options, "--gradient", gradient, "--save", "run.npz").exit_code == 0
    assert calls == ([2] if gradient == "numerical" else [])
    assert run(*options, "--save", "other.npz").exit_code == 0
    ours, other = load(Path("run.npz")), load(Path("other.npz"))
    assert ours.settings.gradient == gradient
    for name, value in ours.state.params.items():
        np.testing.assert_allclose(value, other.state.params[name], atol=1e-8)


# ---- which data


def test_a_directory_with_mnist_is_read(full: Path) -> None:
    """`--data DIR` trains on what is there, and the line on the data says so."""
    told = run(*QUICK, "--data", str(full))
    assert told.exit_code == 0
    assert "Data: MNIST, 40 training and 20 test digits\n" in told.stdout


def test_the_cached_copy_is_taken_if_there_is_one(full: Path, tmp_path: Path) -> None:
    """With a copy in the cache, that is trained on; a damaged one is told, with the way to mend it."""
    (tmp_path / "cache").mkdir()
    full.rename(tmp_path / "cache" / "mnist")
    assert "Data: MNIST, 40 training" in run(*QUICK).stdout
    (tmp_path / "cache" / "mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    told = run(*QUICK)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert "the cached copy of MNIST cannot be used" in told.stderr
    assert "--download fetches it anew" in told.stderr


def test_download_fetches_once(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--download` fetches into the cache what is not there or damaged, and trains on it; what is there is not fetched again."""
    asked = []

    def fetched(directory: Path, mirrors: object, files: object, watch: Any) -> None:
        asked.append((mirrors, files))
        watch("file", 1, 2)
        directory.mkdir(parents=True, exist_ok=True)
        for path in full.iterdir():
            (directory / path.name).write_bytes(path.read_bytes())

    monkeypatch.setattr(command, "download", fetched)
    for _ in range(2):
        assert "Data: MNIST, 40 training" in run(*QUICK, "--download").stdout
    assert asked == [(download.MIRRORS, mnist.FULL)]
    (tmp_path / "cache" / "mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    assert run(*QUICK, "--download").exit_code == 0
    assert len(asked) == 2


def test_a_download_that_fails_is_one_sentence(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no mirror answers, the run ends before it trains, and nothing is left in the cache."""
    monkeypatch.setattr(command, "MIRRORS", ("http://127.0.0.1:9/",))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    told = run(*QUICK, "--download")
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr == (
        "refmath: MNIST could not be downloaded, and nothing of it was kept: "
        "http://127.0.0.1:9/train-images-idx3-ubyte.gz: no connection\n"
    )
    assert os.listdir(tmp_path / "cache") == []


# ---- going on


def test_it_goes_on_as_if_never_stopped() -> None:
    """60 iterations, saved, and 60 more are in table, JSON and saved file what 120 at once are."""
    assert run(*QUICK, "--save", "run.npz").exit_code == 0
    on = run("--resume", "run.npz", "--iterations", "120", "--save", "run.npz", "--json", "on.json")
    through = run(*QUICK, "--iterations", "120", "--save", "through.npz", "--json", "through.json")
    assert (on.exit_code, through.exit_code) == (0, 0)
    assert on.stdout == through.stdout.replace("through", "run")
    for one, other in (("run.npz", "through.npz"), ("on.json", "through.json")):
        assert Path(one).read_bytes() == Path(other).read_bytes()


def test_a_finished_run_can_be_drawn_again() -> None:
    """Resumed at its end, a run trains no further, and writes what is asked for."""
    run(*QUICK, "--save", "run.npz", "--json", "first.json")
    assert run("--resume", "run.npz", "--json", "again.json", "--plot", "run.svg").exit_code == 0
    assert written("again.json") == written("first.json")
    assert Path("run.svg").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hidden", "5"), "--hidden 5 contradicts --resume run.npz, which was begun with --hidden 4"),
        (("--seed", "1"), "--seed 1 contradicts --resume run.npz, which was begun with --seed 0"),
        (("--dtype", "float32"), "--dtype float32 contradicts --resume run.npz"),
        (("--batch-size", "10"), "--batch-size 10 contradicts --resume run.npz"),
        (("--lr", "1"), "--lr 1.0 contradicts --resume run.npz"),
        (("--weight-init-std", "1"), "--weight-init-std 1.0 contradicts --resume run.npz"),
        (("--gradient", "numerical"), "--gradient numerical contradicts --resume run.npz"),
        (("--iterations", "59"), "--resume run.npz: it has made 60 iterations already; got iterations = 59"),
    ],
)
def test_what_cannot_change_is_refused(options: tuple[str, ...], message: str) -> None:
    """An option that contradicts the saved run is refused; the same value as there is not."""
    run(*QUICK, "--save", "run.npz")
    told = run("--resume", "run.npz", *options)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert message in told.stderr
    same = ("--hidden", "4", "--lr", "0.1", "--seed", "0", "--dtype", "float64", "--iterations", "60")
    assert run("--resume", "run.npz", *same).exit_code == 0


def test_a_run_goes_on_with_its_own_data(full: Path, tmp_path: Path) -> None:
    """A run on the embedded digits goes on with them, whatever is cached; one on all of MNIST asks for that where it is not there."""
    run(*QUICK, "--save", "part.npz")
    run(*QUICK, "--data", str(full), "--save", "all.npz")
    told = run("--resume", "part.npz", "--data", str(full))
    assert told.exit_code == 2
    assert told.stderr == "refmath: --resume part.npz: it was trained on other data\n"
    told = run("--resume", "all.npz")
    assert told.exit_code == 2
    assert "it was trained on all of MNIST, which is not in the cache: add --data DIR or --download" in told.stderr
    assert run("--resume", "all.npz", "--data", str(full)).exit_code == 0
    (tmp_path / "cache").mkdir()
    full.rename(tmp_path / "cache" / "mnist")
    assert "40 training" in run("--resume", "all.npz").stdout
    assert "embedded" in run("--resume", "part.npz").stdout


# ---- what it refuses


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--json", "nowhere/run.json"), "--json nowhere/run.json: there is no directory "),
        (("--save", "nowhere/run.npz"), "--save nowhere/run.npz: there is no directory "),
        (("--plot", "nowhere/run.png"), "--plot nowhere/run.png: there is no directory "),
        (("--save", "."), "--save .: it is a directory"),
        (("--plot", "run.jpg"), "--plot run.jpg: the name must end in .png, .svg, .pdf"),
        (("--json", "run.png", "--plot", "./run.png"), "--plot and --json name the same file"),
        (("--data", "nowhere"), "there is no directory nowhere"),
        (("--data", "."), "train-images-idx3-ubyte"),
        (("--data", ".", "--download"), "--data and --download exclude each other"),
        (("--resume", "nowhere.npz"), "nowhere.npz"),
        (("--lr", "0"), "lr must be positive; got 0.0"),
        (("--lr", "nan"), "lr must be finite; got nan"),
        (("--weight-init-std", "-1"), "weight_init_std must not be negative"),
        (("--iterations", "0"), "--iterations"),
        (("--hidden", "many"), "--hidden"),
        (("--dtype", "float16"), "--dtype"),
        (("--gradient", "newton"), "--gradient"),
    ],
)
def test_what_cannot_go_well_is_refused_before_it_trains(
    options: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that could not be written, data that are not there, an option without meaning: one sentence, status 2, no training."""
    monkeypatch.setattr(loop, "mini_batch", lambda *_: pytest.fail("it trains"))
    told = run(*options)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert message in told.stderr.replace("\n", " ")
    assert isinstance(told.exception, SystemExit)
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("options", "module", "extra"),
    [(("--plot", "run.png"), "matplotlib", "plot"), (("--download",), "pooch", "download")],
)
def test_a_missing_extra_is_named(
    options: tuple[str, ...], module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the library that an option needs, it is said before the training how to install it."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == module else found(name, *rest))
    told = run(*QUICK, *options)
    assert told.exit_code == 2
    assert (
        told.stderr == f"refmath: {options[0]} needs {module}, which is not installed: pip install 'refmath[{extra}]'\n"
    )


def test_without_pooch_the_embedded_digits_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first run needs neither pooch nor matplotlib."""
    monkeypatch.delenv("REFMATH_CACHE")
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    told = run(*QUICK)
    assert told.exit_code == 0
    assert "embedded" in told.stdout
    told = run(*QUICK, "--download")
    assert told.exit_code == 2
    assert "--download needs pooch" in told.stderr


def test_the_help_tells_the_defaults() -> None:
    """The defaults that `--help` names are those of the settings."""
    told = CliRunner().invoke(app, ["train", "--help"], env={"COLUMNS": "200"})
    for name, value in asdict(loop.Settings()).items():
        default = f"{value:,}" if isinstance(value, int) else str(value)
        assert re.search(rf"--{name.replace('_', '-')} .*\b{default} by default", told.stdout)


# ---- how it ends


def test_a_write_that_fails_does_not_take_the_others_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """If one file cannot be written at the end after all, that is said, the others are written, and the status is 2."""

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "save", full_disk)
    told = run(*QUICK, "--save", "run.npz", "--json", "run.json")
    assert told.exit_code == 2
    assert told.stderr == "refmath: --save run.npz: No space left on device\n"
    assert "goes on from here" not in told.stdout
    assert os.listdir() == ["run.json"]


def test_a_divergence_is_one_sentence() -> None:
    """A loss that is no longer finite ends the training with status 1; what was before it is written, and holds no nan."""
    told = run(*QUICK, "--lr", "1e308", "--json", "run.json")
    assert told.exit_code == 1
    assert "the training diverges" in told.stderr
    curves = written("run.json")
    assert curves["iterations"] == len(curves["loss"]) < 60


@pytest.mark.parametrize("after", [1, 7])
def test_ctrl_c_stops_cleanly_with_what_it_has(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C everything asked for is written, the status is 130, and the run goes on as if never stopped."""
    calls = iter(range(1, 1000))

    def pressed(*arguments: Any) -> Any:
        if next(calls) > after:
            raise KeyboardInterrupt
        return gradient_by_labels(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(training_step, "gradient_by_labels", pressed)
        told = run(*QUICK, "--save", "run.npz", "--json", "run.json", "--plot", "run.pdf")
    assert told.exit_code == 130
    assert f"Interrupted after {after} of 60 iterations." in told.stdout
    assert set(os.listdir()) == {"run.npz", "run.json", "run.pdf"}
    assert written("run.json")["iterations"] == after
    assert run("--resume", "run.npz", "--json", "on.json").exit_code == 0
    assert run(*QUICK, "--json", "through.json").exit_code == 0
    assert written("on.json") == written("through.json")


@pytest.fixture
def started() -> Iterator[subprocess.Popen[str]]:
    """A long training in a process of its own, which heeds Ctrl-C even if the tests were started in the background and do not."""
    code = (
        "import runpy, signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.argv = ['refmath', 'train', '--hidden', '4', '--iterations', '1000000', '--save', 'run.npz']\n"
        "runpy.run_module('refmath', run_name='__main__')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=ENVIRONMENT,
    ) as process:
        yield process
        process.kill()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Ctrl-C is sent differently there")
def test_a_real_ctrl_c_is_the_same(started: subprocess.Popen[str]) -> None:
    """The signal that Ctrl-C sends ends a training in a process of its own in the same way, without a traceback."""
    assert started.stdout is not None
    while not started.stdout.readline().lstrip().startswith("1 "):
        assert started.poll() is None
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert err == ""
    assert "Interrupted after" in out
    assert load(Path("run.npz")).state.iteration > 0


def test_nothing_is_coloured_where_nobody_watches() -> None:
    """In a pipe there is neither a bar nor a colour, nor with NO_COLOR; NumPy multiplies in one thread."""
    code = (
        "import runpy, sys, os\nsys.argv = ['refmath', 'train', '--iterations', '60', '--hidden', '4']\n"
        "try:\n    runpy.run_module('refmath', run_name='__main__')\nexcept SystemExit as end:\n    status = end.code\n"
        "print(status, os.environ['OMP_NUM_THREADS'], file=sys.stderr)\n"
    )
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "OMP_NUM_THREADS"}
    told = subprocess.run(
        [sys.executable, "-c", code], text=True, encoding="utf-8", capture_output=True, env=environment, check=True
    )
    assert "\x1b" not in told.stdout + told.stderr
    assert told.stderr == "0 1\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no pseudo-terminals there")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_the_bar_is_on_the_terminal_and_the_table_in_the_file(no_color: str) -> None:
    """With standard error at a terminal there is a bar with loss, accuracy and time left, coloured unless NO_COLOR is set; no row is lost to it."""
    terminal, end = os.openpty()
    with Path("out.txt").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "refmath", "train", "--iterations", "200", "--hidden", "4"],
            stdout=out,
            stderr=end,
            env={
                **ENVIRONMENT,
                "TERM": "xterm-256color",
                "COLUMNS": "120",
                **({"NO_COLOR": no_color} if no_color else {}),
            },
        )
        os.close(end)
        seen = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while part := os.read(terminal, 1024):
                seen += part
        os.close(terminal)
        assert process.wait(timeout=60) == 0
    shown = seen.decode()
    assert re.search(r"200/200.*loss \d\.\d{4} test accuracy 0\.\d{4}.*\d:\d\d:\d\d", shown)
    assert ("\x1b[3" in shown) is not bool(no_color)
    told = Path("out.txt").read_text(encoding="utf-8")
    assert [row[0] for row in rows(told)] == ["0", "1", "2", "3", "4"]
    assert "\x1b" not in told


# ---- the chapter's result


def test_the_first_run_reaches_what_it_should() -> None:
    """A fifth of the default iterations on the embedded digits already ends at a test accuracy of 0.88."""
    assert run("--iterations", "2000", "--json", "run.json").exit_code == 0
    assert written("run.json")["test_accuracy"][-1] >= 0.88


@pytest.mark.skipif(REAL is None, reason="REFMATH_MNIST names no directory with the four files of MNIST")
@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_chapters_accuracy_is_reached(seed: str) -> None:
    """The default settings on all of MNIST end at a test accuracy of at least 0.94, and the curves nearly coincide."""
    told = run("--data", str(REAL), "--seed", seed, "--json", "run.json")
    assert told.exit_code == 0
    assert written("run.json")["test_accuracy"][-1] >= 0.94
    assert "no overfitting" in told.stdout
