"""The training: what an iteration does, what is recorded, that it goes on bit for bit from a file, and how the curves are read."""

from __future__ import annotations

import io
import json
import math
import os
import tracemalloc
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digits import digits
from hypothesis import given
from hypothesis import strategies as st

from refmath.fast import training_step
from refmath.networks.two_layer_net import TwoLayerNet
from refmath.training import loop
from refmath.training.figure import figure, save_figure
from refmath.training.history import Curves, as_json, curves, in_words, read
from refmath.training.loop import Settings, Training
from refmath.training.mnist import Digits, embedded, scaled
from refmath.training.saved_run import SavedRun, load, resume, save

SMALL = Settings(iterations=25, batch_size=8, hidden=6)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Digits:
    """40 training and 20 test digits: five batches of 8 are an epoch."""
    return digits(tmp_path_factory.mktemp("mnist"))


def trained(settings: Settings, data: Digits) -> Training:
    """A training at its end."""
    training = Training(settings, data)
    for _ in training.iterate():
        pass
    return training


def saved(training: Training, path: Path) -> bytes:
    """What a training is in a file."""
    save(path, training)
    return path.read_bytes()


def stopped(settings: Settings, data: Digits, iterations: int) -> Training:
    """A training that was left after some iterations."""
    training = Training(settings, data)
    for _ in training.iterate():
        if training.state.iteration == iterations:
            break
    return training


# ---- the loop


@pytest.mark.parametrize("gradient", ["backprop", "numerical"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_iteration_is_the_chapters(few: Digits, dtype: str, gradient: str) -> None:
    """Draw with replacement, compute the gradient, move against it, record the loss: the chapter's lines with one-hot targets."""
    settings = Settings(iterations=3, batch_size=5, lr=0.5, hidden=2, weight_init_std=0.3, seed=7, dtype=dtype)
    small = few._replace(x_train=few.x_train[:, 300:310], x_test=few.x_test[:, 300:310])
    got = trained(replace(settings, gradient=gradient), small)

    rng = np.random.default_rng(7)
    net = TwoLayerNet(10, 2, 10, 0.3, rng=rng)
    net.params = {name: value.astype(dtype) for name, value in net.params.items()}
    losses = []
    for _ in range(3):
        chosen = rng.choice(40, 5)
        x, t = (small.x_train[chosen] / 255).astype(dtype), np.eye(10)[small.t_train[chosen]]
        for name, value in net.gradient(x, t).items():
            net.params[name] = (net.params[name] - 0.5 * value).astype(dtype)
        losses.append(net.loss(x, t))

    tolerance = (
        {"float64": 1e-12, "float32": 1e-5}[dtype] if gradient == "backprop" else 1e-2 if dtype == "float32" else 1e-7
    )
    np.testing.assert_allclose(got.loss, losses, rtol=tolerance)
    for name, value in net.params.items():
        assert got.state.params[name].dtype == dtype
        np.testing.assert_allclose(got.state.params[name], value, rtol=tolerance, atol=tolerance)


def test_the_accuracy_is_the_networks(few: Digits) -> None:
    """The accuracies are those that TwoLayerNet gives for the same parameters, on all digits, however many."""
    training = trained(SMALL, few)
    net = TwoLayerNet(784, 6, 10, rng=0)
    net.params = training.state.params
    got = training.measure()
    assert got.train == net.accuracy(few.x_train / 255, few.t_train)
    assert got.test == net.accuracy(few.x_test / 255, few.t_test)
    many = few._replace(x_train=np.tile(few.x_train, (55, 1)), t_train=np.tile(few.t_train, 55))
    assert Training(SMALL, many).measure() == Training(SMALL, few).measure()


def test_similar_digits_lie_together(few: Digits) -> None:
    """Every digit has its place in the order, classes follow each other, and so do the places where ink begins."""
    order = loop.similar_together(few.x_train, few.t_train)
    assert sorted(order) == list(range(40))
    keys = [(few.t_train[place], np.flatnonzero(few.x_train[place])[0]) for place in order]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("batch_size", "per_epoch", "epochs"),
    [(7, 5, 6), (8, 5, 6), (9, 4, 7), (40, 1, 26), (41, 1, 26), (1000, 1, 26), (39, 1, 26)],
)
def test_an_epoch_is_a_whole_number_of_iterations(few: Digits, batch_size: int, per_epoch: int, epochs: int) -> None:
    """40 digits in batches of 9 are an epoch of 4 iterations; with more than 40 in a batch it is one. The accuracies are those of each."""
    training = Training(replace(SMALL, batch_size=batch_size), few)
    measured = [training.measure() for _ in training.iterate() if training.state.iteration % per_epoch == 0]
    assert training.iterations_per_epoch == per_epoch
    assert len(training.loss) == 25
    assert len(training.accuracy) == epochs
    assert training.accuracy[1:] == measured
    assert training.accuracy[0] == Training(SMALL, few).measure()


def test_the_network_learns() -> None:
    """500 iterations on the embedded digits bring the loss down by half and the test accuracy above 0.6, in both number formats."""
    for dtype in ("float64", "float32"):
        training = trained(Settings(iterations=500, lr=0.3, hidden=30, dtype=dtype), embedded())
        assert training.loss[0] == pytest.approx(math.log(10), abs=0.1)
        assert np.mean(training.loss[-20:]) < math.log(10) / 2
        assert training.measure().test > 0.6


def test_nothing_is_written_into(few: Digits) -> None:
    """Training changes neither the digits nor a state that it has left behind."""
    kept = [each.copy() for each in (few.x_train, few.t_train, few.x_test, few.t_test)]
    training = Training(SMALL, few)
    first = training.state
    before = {name: value.copy() for name, value in first.params.items()}
    for _ in training.iterate():
        pass
    assert first.iteration == 0
    assert all((first.params[name] == value).all() for name, value in before.items())
    for array, copy in zip((few.x_train, few.t_train, few.x_test, few.t_test), kept, strict=True):
        assert (array == copy).all()


def test_memory_does_not_grow(few: Digits) -> None:
    """Nothing but the numbers that are recorded is left of an iteration: what 300 of them hold is less than one more array of weights."""
    training = Training(replace(SMALL, iterations=400, hidden=10), few)
    iterations = training.iterate()
    tracemalloc.start()
    try:
        held = []
        for number in range(400):
            next(iterations)
            if number in (99, 399):
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[1] - held[0] < training.state.params["W1"].nbytes


def test_a_divergence_is_told_and_not_kept(few: Digits, tmp_path: Path) -> None:
    """A loss that is no longer finite ends the training with a sentence; the state before it can be saved and read."""
    training = Training(replace(SMALL, lr=1e308), few)
    with pytest.raises(FloatingPointError, match=r"the loss of iteration \d+ is (nan|inf): the training diverges"):
        for _ in training.iterate():
            pass
    assert len(training.loss) == training.state.iteration < 25
    save(tmp_path / "run.npz", training)
    assert load(tmp_path / "run.npz").state.iteration == training.state.iteration


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("iterations", 0, ValueError),
        ("batch_size", 2.5, TypeError),
        ("hidden", -1, ValueError),
        ("seed", -1, ValueError),
        ("lr", 0.0, ValueError),
        ("lr", math.nan, ValueError),
        ("weight_init_std", -0.1, ValueError),
        ("weight_init_std", math.inf, ValueError),
        ("dtype", "float16", ValueError),
        ("gradient", "newton", ValueError),
    ],
)
def test_a_setting_without_meaning_is_refused(name: str, value: object, error: type[Exception]) -> None:
    """Each setting out of its range is refused by name."""
    with pytest.raises(error, match=f"^{name} must "):
        Settings(**{name: value})  # type: ignore[arg-type]  # that is the point


# ---- going on


@given(st.data())
def test_it_goes_on_bit_for_bit(few: Digits, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Stopped after any iteration, saved, loaded and resumed, a training ends in the very file of one that never stopped."""
    settings = replace(
        SMALL,
        batch_size=data.draw(st.sampled_from([7, 8, 50])),
        dtype=data.draw(st.sampled_from(["float64", "float32"])),
    )
    at = data.draw(st.integers(1, 24))
    path = tmp_path_factory.mktemp("run") / "run.npz"
    save(path, stopped(settings, few, at))
    on = resume(load(path), few, None)
    assert on.state.iteration == at
    for _ in on.iterate():
        pass
    through = trained(settings, few)
    assert as_json(on, curves(on)) == as_json(through, curves(through))
    assert saved(on, path) == saved(through, path)


def test_more_iterations_are_the_same_as_more_at_once(few: Digits, tmp_path: Path) -> None:
    """A finished training with a higher total goes on as if that had been the total from the start."""
    path = tmp_path / "run.npz"
    save(path, trained(replace(SMALL, iterations=13), few))
    on = resume(load(path), few, 25)
    for _ in on.iterate():
        pass
    assert saved(on, path) == saved(trained(SMALL, few), path)


def interrupted(settings: Settings, few: Digits, monkeypatch: pytest.MonkeyPatch, where: str, call: int) -> Training:
    """A training in which Ctrl-C is pressed at a certain call of one of the functions of its modules, when its work is done."""
    module = loop if hasattr(loop, where) else training_step
    original, calls = getattr(module, where), 0

    def pressed(*arguments: Any) -> Any:
        nonlocal calls
        result = original(*arguments)
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return result

    training = Training(settings, few)
    with monkeypatch.context() as patch:
        patch.setattr(module, where, pressed)
        with pytest.raises(KeyboardInterrupt):
            for _ in training.iterate():
                pass
    return training


@pytest.mark.parametrize(
    ("gradient", "where"),
    [
        ("backprop", "mini_batch"),
        ("backprop", "gradient_by_labels"),
        ("backprop", "step_against"),
        ("backprop", "loss_by_labels"),
        ("backprop", "_sigmoid_and_slope"),
        ("backprop", "_step"),
        ("numerical", "sgd_step"),
        ("numerical", "two_layer_net_loss"),
    ],
)
@pytest.mark.parametrize("call", [1, 4, 5])
def test_ctrl_c_at_any_place_leaves_a_whole_iteration(
    few: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gradient: str, where: str, call: int
) -> None:
    """Wherever Ctrl-C comes, in an iteration or while the accuracies are measured, what is kept goes on bit for bit."""
    settings = replace(SMALL, gradient=gradient, iterations=7 if gradient == "numerical" else 25)
    training = interrupted(settings, few, monkeypatch, where, call)
    assert len(training.loss) == training.state.iteration < settings.iterations
    path = tmp_path / "run.npz"
    save(path, training)
    on = resume(load(path), few, None)
    for _ in on.iterate():
        pass
    assert saved(on, path) == saved(trained(settings, few), path)
    # The very object that was interrupted goes on as well: whatever is half written in its arrays is filled anew.
    for _ in training.iterate():
        pass
    assert saved(training, path) == saved(on, path)


class Unlucky(Training):
    """A training in which Ctrl-C comes once, just when the fourth loss is recorded and the state not yet."""

    pressed = False

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "state" and value.iteration == 4 and not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt
        super().__setattr__(name, value)


def test_ctrl_c_between_loss_and_state_loses_nothing(few: Digits) -> None:
    """A loss without its state does not count, and going on replaces it."""
    training = Unlucky(SMALL, few)
    with pytest.raises(KeyboardInterrupt):
        list(training.iterate())
    assert len(training.loss) == training.state.iteration == 3
    assert list(training.iterate()) == training.loss[3:]
    assert training.loss == trained(SMALL, few).loss


# ---- what a file is refused for


@pytest.fixture
def run(few: Digits, tmp_path: Path) -> Path:
    """A saved training."""
    path = tmp_path / "run.npz"
    save(
        path,
        trained(
            replace(SMALL, iterations=3, hidden=2), few._replace(x_train=few.x_train[:, :4], x_test=few.x_test[:, :4])
        ),
    )
    return path


def change(path: Path, **new: Any) -> None:
    """Puts other arrays into a saved training; None takes one out."""
    with np.load(path) as archive:
        arrays = {**archive, **new}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def test_a_file_says_what_was_saved(few: Digits, run: Path) -> None:
    """Settings, data, state and records are read as they were written."""
    read_back = load(run)
    assert read_back.settings == replace(SMALL, iterations=3, hidden=2)
    assert read_back.data == few.fingerprint
    assert (read_back.state.iteration, len(read_back.loss), len(read_back.accuracy)) == (3, 3, 1)
    assert read_back.state.params["W1"].shape == (4, 2)


@given(st.data())
def test_a_damaged_file_is_one_sentence(
    few: Digits, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A file cut off anywhere, or with any byte changed, is refused in a sentence that names it, or means what it meant."""
    path = tmp_path_factory.mktemp("run") / "run.npz"
    pixels = few._replace(x_train=few.x_train[:, :2], x_test=few.x_test[:, :2])
    whole = saved(Training(replace(SMALL, hidden=1), pixels), path)
    before = load(path)
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    path.write_bytes(
        whole[:at] if cut else whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    )
    try:
        after = load(path)
    except ValueError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017  # some bytes mean nothing
    else:
        assert not cut
        assert as_text(after) == as_text(before)


def as_text(read_back: SavedRun) -> str:
    """A saved training, comparable."""
    params = {name: value.tolist() for name, value in read_back.state.params.items()}
    return repr((read_back._replace(state=read_back.state._replace(params={})), params))


def other_rng() -> str:
    return json.dumps({"bit_generator": "MT19937", "state": {}})


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ({"format": np.array("refmath training run, format 99")}, "it is not a saved run of refmath"),
        ({"format": None}, "it is not a saved run of refmath"),
        ({"loss": None}, "it should hold W1, W2, accuracy"),
        ({"other": np.zeros(1)}, "it should hold W1, W2, accuracy"),
        ({"loss": np.zeros(2)}, "one loss for each of its 3 iterations; it holds 2"),
        ({"loss": np.zeros(3, np.float32)}, "loss should be 1-D in float64; it is 1-D in float32"),
        ({"loss": np.array([1, np.nan, 1])}, "loss holds a number that is not finite"),
        ({"iteration": np.array(-1)}, "one loss for each of its -1 iterations"),
        ({"iteration": np.array([3])}, "iteration should be 0-D in int64; it is 1-D in int64"),
        ({"accuracy": np.array([[0.1, 1.5]])}, "its accuracies should be pairs of numbers from 0 to 1"),
        ({"accuracy": np.array([[0.1]])}, "its accuracies should be pairs of numbers from 0 to 1"),
        ({"W1": np.full((4, 2), np.inf)}, "W1 holds a number that is not finite"),
        ({"W1": np.zeros((4, 2), np.float32)}, "W1 should be 2-D in float64; it is 2-D in float32"),
        ({"W2": np.zeros((3, 10))}, r"W2 should have the shape \(2, 10\); it has \(3, 10\)"),
        ({"settings": np.array("{")}, "its settings cannot be used"),
        ({"settings": np.array('{"momentum": 0.9}')}, "its settings cannot be used .*momentum"),
        ({"settings": np.array('{"lr": -1}')}, "its settings cannot be used .lr must be positive"),
        ({"settings": np.array(3)}, "settings should be a text"),
        ({"rng": np.array(other_rng())}, "the state of its random generator cannot be used"),
        ({"rng": np.array("[]")}, "the state of its random generator cannot be used"),
    ],
)
def test_a_file_that_does_not_agree_with_itself_is_refused(run: Path, new: dict[str, Any], message: str) -> None:
    """Another format, a missing array, other shapes, types and values: each is refused with the name of what is wrong."""
    change(run, **new)
    with pytest.raises(ValueError, match=message) as caught:
        load(run)
    assert str(caught.value).startswith(f"{run}: ")


def _pickled() -> bytes:
    out = io.BytesIO()
    np.savez(out, format=np.array([{"an": "object"}], dtype=object))  # what np.load would need pickle for
    return out.getvalue()


def _single_array() -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue()


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"hello", _pickled(), _single_array(), _archive()], ids=["empty", "text", "pickle", "npy", "zip"]
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty file, a text, an archive of something else, a single array are refused; nothing is ever unpickled."""
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.npz: it is (not a saved run of refmath|no \.npz file)") as refused:
        load(path)
    assert "allow_pickle" not in str(refused.value)  # NumPy's advice would run whatever the file holds


def test_a_run_must_fit_what_it_goes_on_with(few: Digits, run: Path) -> None:
    """Other data, other sizes, fewer iterations than were made, and accuracies that are too few or too many are refused."""
    pixels = few._replace(x_train=few.x_train[:, :4], x_test=few.x_test[:, :4])
    read_back = load(run)
    assert resume(read_back, pixels, 3).state.iteration == 3
    with pytest.raises(ValueError, match="other data"):
        resume(read_back, pixels._replace(fingerprint="another"), None)
    with pytest.raises(ValueError, match=r"it has made 3 iterations already; got iterations = 2"):
        resume(read_back, pixels, 2)
    with pytest.raises(ValueError, match=r"W1 should have the shape \(784, 2\); it has \(4, 2\)"):
        resume(read_back, few, None)
    for count in (0, 2):
        with pytest.raises(ValueError, match=f"accuracies at 1 epochs; it holds {count}"):
            resume(read_back._replace(accuracy=read_back.accuracy * count), pixels, None)


def test_a_failed_save_leaves_the_old_file(run: Path, few: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full amid saving, the file from before is whole, and nothing lies beside it."""
    old = run.read_bytes()

    def full_disk(file: Any, **arrays: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save(run, Training(SMALL, few))
    assert run.read_bytes() == old
    assert os.listdir(run.parent) == ["run.npz"]


# ---- the curves


def test_the_curves_end_where_the_training_ends(few: Digits) -> None:
    """The accuracies are those of the whole epochs and of the end, which lies amid one; JSON holds them with all settings."""
    training = trained(replace(SMALL, iterations=13), few)
    drawn = curves(training)
    assert drawn.epochs == [0, 1, 2, 2.6]
    assert drawn.loss == training.loss
    assert drawn.train_accuracy == [*(each.train for each in training.accuracy), training.measure().train]
    assert drawn.test_accuracy == [*(each.test for each in training.accuracy), training.measure().test]
    told = json.loads(json.dumps(as_json(training, drawn), allow_nan=False))
    assert set(told) == {"iterations", "loss", "epochs", "train_accuracy", "test_accuracy", "settings"}
    assert told["iterations"] == len(told["loss"]) == 13
    assert len(told["epochs"]) == len(told["train_accuracy"]) == len(told["test_accuracy"])
    assert asdict(training.settings).items() <= told["settings"].items()
    assert told["settings"]["data"] == few.fingerprint


def test_whole_epochs_are_whole_numbers(few: Digits) -> None:
    """Where the end is the end of an epoch, there is no further point, and every epoch is an integer."""
    assert curves(trained(SMALL, few)).epochs == [0, 1, 2, 3, 4, 5]
    assert all(isinstance(epoch, int) for epoch in curves(trained(SMALL, few)).epochs)


def flat(train: list[float], test: list[float], train_size: int = 60_000, test_size: int = 10_000) -> Curves:
    """Curves of one iteration an epoch."""
    return Curves([1.0] * (len(test) - 1), 1, list(range(len(test))), train, test, train_size, test_size)


@pytest.mark.parametrize(
    ("train", "test", "overfits", "falls"),
    [
        ([0.1, 0.947], [0.1, 0.9456], False, False),
        ([0.1, 0.9, 0.98], [0.1, 0.9, 0.926], True, False),
        ([0.1, 0.95, 1.0], [0.1, 0.95, 0.93], True, True),
        ([0.1, 0.95, 0.93], [0.1, 0.95, 0.93], False, True),
        ([0.1, 0.9500], [0.1, 0.9460], False, False),
        ([0.1, 0.9520], [0.1, 0.9460], True, False),
        ([0.1, 0.946], [0.1, 0.952], False, False),
        ([1.0], [1.0], False, False),
    ],
)
def test_the_curves_are_read(train: list[float], test: list[float], overfits: bool, falls: bool) -> None:
    """A gap, and a fall from the best test accuracy, count where they exceed two standard errors; the words say so."""
    reading = read(flat(train, test))
    assert (reading.overfits, reading.falls) == (overfits, falls)
    gap, fall = in_words(reading)
    assert ("no overfitting" in gap) is not overfits
    assert ("has begun to fall" in fall) is falls
    assert f"{train[-1]:.4f}" in gap
    assert f"{test[-1]:.4f}" in gap


def test_a_fall_of_both_is_no_overfitting() -> None:
    """Where the test accuracy falls and the train accuracy with it, the words say that this is something else."""
    both, alone = flat([0.1, 0.95, 0.93], [0.1, 0.95, 0.93]), flat([0.1, 0.95, 0.96], [0.1, 0.95, 0.93])
    assert "unsteady" in in_words(read(both))[1]
    assert "unsteady" not in in_words(read(alone))[1]


def test_fewer_digits_leave_more_to_chance() -> None:
    """The same gap and the same fall that 10,000 test digits show may be chance with 100."""
    train, test = [0.5, 0.95, 0.96], [0.5, 0.95, 0.93]
    assert read(flat(train, test)).overfits
    assert read(flat(train, test)).falls
    assert not read(flat(train, test, 500, 100)).overfits
    assert not read(flat(train, test, 500, 100)).falls
    assert read(flat(train, test)).gap_by_chance == pytest.approx(
        2 * math.sqrt(0.96 * 0.04 / 60_000 + 0.93 * 0.07 / 10_000)
    )


# ---- the figure


def test_the_figure_is_the_chapters(few: Digits) -> None:
    """Both accuracies against epochs from 0 to 1 with the legend lower right, and the loss against iterations beside them."""
    drawn = curves(trained(SMALL, few))
    made = figure(drawn)
    left, right = made.axes
    train, test = (line.get_xydata().tolist() for line in left.get_lines())
    assert train == [list(point) for point in zip(drawn.epochs, drawn.train_accuracy, strict=True)]
    assert test == [list(point) for point in zip(drawn.epochs, drawn.test_accuracy, strict=True)]
    assert left.get_ylim() == (0, 1)
    made.draw_without_rendering()
    legend, frame = left.get_legend(), left.bbox
    assert [text.get_text() for text in legend.get_texts()] == ["train accuracy", "test accuracy"]
    assert legend.get_window_extent().y1 < (frame.y0 + frame.y1) / 2
    assert legend.get_window_extent().x0 > (frame.x0 + frame.x1) / 2
    assert (left.get_xlabel(), right.get_xlabel(), right.get_ylabel()) == ("epochs", "iterations", "loss")
    losses, means = (line.get_xydata() for line in right.get_lines())
    assert losses.tolist() == [[number + 1, loss] for number, loss in enumerate(drawn.loss)]
    assert means[:, 1] == pytest.approx([np.mean(drawn.loss[at : at + 5]) for at in range(0, 25, 5)])


@pytest.mark.parametrize(
    ("suffix", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("PNG", b"\x89PNG")]
)
def test_the_figure_is_a_file_of_its_suffix(few: Digits, tmp_path: Path, suffix: str, begins: bytes) -> None:
    """A figure is written as PNG, SVG or PDF, of any length of curves, and without a window system."""
    for iterations in (1, 2, 13):
        save_figure(tmp_path / f"figure.{suffix}", curves(trained(replace(SMALL, iterations=iterations), few)))
        assert (tmp_path / f"figure.{suffix}").read_bytes().startswith(begins)
    assert os.listdir(tmp_path) == [f"figure.{suffix}"]


# ---- against PyTorch


@pytest.mark.interop
def test_pytorch_trains_to_the_same_parameters() -> None:
    """From the same weights and with the same batches, PyTorch's own network, loss and optimiser agree to 1e-10 after 1,000 steps."""
    torch = pytest.importorskip("torch")
    settings, data = Settings(iterations=1000), embedded()
    training = Training(settings, data)
    rng = loop.generator_in(training.state.rng)
    hidden, output = torch.nn.Linear(784, 100, dtype=torch.float64), torch.nn.Linear(100, 10, dtype=torch.float64)
    leaves = {"W1": hidden.weight, "b1": hidden.bias, "W2": output.weight, "b2": output.bias}
    with torch.no_grad():
        for name, leaf in leaves.items():
            leaf.copy_(torch.tensor(training.state.params[name].T))
    optimiser = torch.optim.SGD(leaves.values(), lr=0.1)
    network = torch.nn.Sequential(hidden, torch.nn.Sigmoid(), output)
    for _ in training.iterate():
        chosen = rng.choice(5000, 100)
        x, t = torch.tensor(scaled(data.x_train[chosen], "float64")), torch.tensor(data.t_train[chosen])
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x), t).backward()
        optimiser.step()
        assert training.loss[-1] == pytest.approx(torch.nn.functional.cross_entropy(network(x), t).item(), abs=1e-10)
    for name, leaf in leaves.items():
        assert np.abs(leaf.detach().numpy().T - training.state.params[name]).max() < 1e-10
