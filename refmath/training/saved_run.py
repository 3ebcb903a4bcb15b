"""A training in a file: NumPy's .npz without pickle, from which it goes on bit for bit as if it had never stopped."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from refmath.arguments import Array
from refmath.training.loop import Accuracy, Settings, State, Training, generator_in
from refmath.training.mnist import CLASSES, Digits
from refmath.whole_file import whole_file

FORMAT = "refmath training run, format 1"
_NAMES = {"format", "settings", "data", "iteration", "rng", "loss", "accuracy", "W1", "b1", "W2", "b2"}


class SavedRun(NamedTuple):
    """What is in a file.

    Attributes:
        settings: How the network was trained.
        data: The fingerprint of the digits.
        state: Where the training stood.
        loss: The loss of every iteration.
        accuracy: The accuracies at epochs 0, 1, 2, …
    """

    settings: Settings
    data: str
    state: State
    loss: list[float]
    accuracy: list[Accuracy]


def save(path: Path, training: Training) -> None:
    """Writes a training to a file, whole or not at all.

    Raises:
        OSError: If it cannot be written.
    """
    state = training.state
    with whole_file(path) as file:
        np.savez(
            file,
            format=np.array(FORMAT),
            settings=np.array(json.dumps(asdict(training.settings))),
            data=np.array(training.digits.fingerprint),
            iteration=np.array(state.iteration, np.int64),
            rng=np.array(json.dumps(state.rng)),
            loss=np.array(training.loss, np.float64),
            accuracy=np.array(training.accuracy, np.float64).reshape(-1, 2),
            **state.params,  # type: ignore[arg-type]  # NumPy's stub takes them for its own options
        )


def load(path: Path) -> SavedRun:
    """Reads a file that `save` has written, and checks all of it.

    Raises:
        OSError: If it cannot be opened.
        ValueError: If it is another file, damaged, or does not agree with itself; the message says in what.
    """
    try:
        arrays = _arrays(path)
        if str(arrays.get("format")) != FORMAT:
            raise ValueError(f"it is not a saved run of refmath ({FORMAT!r} is not in it)")
        if arrays.keys() != _NAMES:
            raise ValueError(f"it should hold {', '.join(sorted(_NAMES))}; it holds {', '.join(sorted(arrays))}")
        return _saved_run(arrays)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: {error.args[0] if error.args else error}") from None


def resume(run: SavedRun, digits: Digits, iterations: int | None) -> Training:
    """The training of a saved run, ready to go on up to `iterations` in all; None means as many as it was to make.

    Raises:
        ValueError: If it was trained on other digits, is further than that already, or does not fit the digits.
    """
    if digits.fingerprint != run.data:
        raise ValueError("it was trained on other data")
    settings = run.settings if iterations is None else replace(run.settings, iterations=iterations)
    if run.state.iteration > settings.iterations:
        raise ValueError(
            f"it has made {run.state.iteration:,} iterations already; got iterations = {settings.iterations:,}"
        )
    training = Training(settings, digits)
    for name, value in training.state.params.items():
        if run.state.params[name].shape != value.shape:
            raise ValueError(f"{name} should have the shape {value.shape}; it has {run.state.params[name].shape}")
    full_epochs = run.state.iteration // training.iterations_per_epoch
    # One fewer where it was interrupted while it measured.
    if len(run.accuracy) - full_epochs not in (
        (0, 1) if run.state.iteration % training.iterations_per_epoch == 0 else (1,)
    ):
        raise ValueError(f"it should hold the accuracies at {full_epochs + 1} epochs; it holds {len(run.accuracy)}")
    training.go_on_from(run.state, run.loss, run.accuracy)
    return training


def _arrays(path: Path) -> Mapping[str, Array]:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # NumPy's, on a header as Python 2 wrote it: what is wrong with a file is said below
        try:
            archive = np.load(file, allow_pickle=False)
            arrays = dict(archive) if isinstance(archive, np.lib.npyio.NpzFile) else {}
        except Exception as error:  # noqa: BLE001  # zipfile's, zlib's, and whatever Python's tokenizer raises at an array's header
            if "pickle" in str(error):  # NumPy's message says how to unpickle it, which might run anything
                raise ValueError("it is no .npz file") from None
            raise ValueError(f"it is no .npz file that can be read, or it is damaged ({error})") from None
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # NumPy hands out an entry that is no array as the bytes that it is
            raise ValueError(f"it is not a saved run of refmath, or it is damaged ({name} in it is no array)")  # noqa: TRY004  # not the wrong type of an argument, but a wrong file
    return arrays


def _saved_run(arrays: Mapping[str, Array]) -> SavedRun:
    settings = _settings(_text(arrays, "settings"))
    iteration = int(_numbers(arrays, "iteration", "int64", 0))
    loss = _numbers(arrays, "loss", "float64", 1)
    accuracy = _numbers(arrays, "accuracy", "float64", 2)
    if not 0 <= iteration == len(loss):
        raise ValueError(f"it should hold one loss for each of its {iteration} iterations; it holds {len(loss)}")
    if accuracy.shape[1] != 2 or not ((accuracy >= 0) & (accuracy <= 1)).all():
        raise ValueError("its accuracies should be pairs of numbers from 0 to 1")
    params = {
        name: _numbers(arrays, name, settings.dtype, 2 if name[0] == "W" else 1) for name in ("W1", "b1", "W2", "b2")
    }
    if params["W2"].shape != (settings.hidden, CLASSES):
        raise ValueError(f"W2 should have the shape {(settings.hidden, CLASSES)}; it has {params['W2'].shape}")
    state = State(iteration, params, _rng(_text(arrays, "rng")))
    return SavedRun(
        settings, _text(arrays, "data"), state, loss.tolist(), [Accuracy(*pair) for pair in accuracy.tolist()]
    )


def _text(arrays: Mapping[str, Array], name: str) -> str:
    if arrays[name].dtype.kind != "U" or arrays[name].ndim:
        raise ValueError(f"{name} should be a text")
    return str(arrays[name])


def _numbers(arrays: Mapping[str, Array], name: str, dtype: str, dimensions: int) -> Array:
    array = arrays[name]
    if array.dtype != np.dtype(dtype) or array.ndim != dimensions:
        raise ValueError(f"{name} should be {dimensions}-D in {dtype}; it is {array.ndim}-D in {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a number that is not finite")
    return array


def _settings(text: str) -> Settings:
    try:
        return Settings(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise ValueError(f"its settings cannot be used ({error})") from None


def _rng(text: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(text)
        generator_in(state)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ValueError(f"the state of its random generator cannot be used ({error})") from None
    return state
