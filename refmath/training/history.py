"""What a training has recorded: the curves, as JSON, and how they are read."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, NamedTuple

from refmath.training.loop import Training


class Curves(NamedTuple):
    """The curves of a training.

    Attributes:
        loss: The loss of every iteration.
        iterations_per_epoch: How many iterations make an epoch.
        epochs: Where the accuracies were measured: at 0, 1, 2, …, and at the end, which may be amid an epoch.
        train_accuracy: The accuracy on the training digits at each of them.
        test_accuracy: The accuracy on the test digits.
        train_size: The number of training digits.
        test_size: The number of test digits.
    """

    loss: list[float]
    iterations_per_epoch: int
    epochs: list[float]
    train_accuracy: list[float]
    test_accuracy: list[float]
    train_size: int
    test_size: int


def curves(training: Training) -> Curves:
    """The curves up to where the training stands."""
    per_epoch, iteration = training.iterations_per_epoch, training.state.iteration
    accuracy = training.accuracy
    epochs: list[float] = list(range(len(accuracy)))
    if iteration > (len(accuracy) - 1) * per_epoch:  # it ended amid an epoch, or was interrupted while it measured
        epochs.append(iteration // per_epoch if iteration % per_epoch == 0 else iteration / per_epoch)
        accuracy.append(training.measure())
    return Curves(
        loss=training.loss,
        iterations_per_epoch=per_epoch,
        epochs=epochs,
        train_accuracy=[each.train for each in accuracy],
        test_accuracy=[each.test for each in accuracy],
        train_size=len(training.digits.x_train),
        test_size=len(training.digits.x_test),
    )


def as_json(training: Training, drawn: Curves) -> dict[str, Any]:
    """The curves and the settings, ready to be written as JSON."""
    return {
        "iterations": len(drawn.loss),
        "loss": drawn.loss,
        "epochs": drawn.epochs,
        "train_accuracy": drawn.train_accuracy,
        "test_accuracy": drawn.test_accuracy,
        "settings": {
            **asdict(training.settings),
            "iterations_per_epoch": drawn.iterations_per_epoch,
            "train_size": drawn.train_size,
            "test_size": drawn.test_size,
            "data": training.digits.fingerprint,
        },
    }


class Reading(NamedTuple):
    """What the accuracies say at the end.

    Attributes:
        train: The last accuracy on the training digits.
        test: The last accuracy on the test digits.
        gap: By how much the former is above the latter.
        gap_by_chance: Two standard errors of a gap between samples of these sizes.
        best: The best accuracy on the test digits.
        best_epoch: The first epoch at which it was reached.
        fall: By how much the last is below the best.
        fall_by_chance: Two standard errors of an accuracy on so many test digits.
        train_at_best: The accuracy on the training digits at that epoch.
    """

    train: float
    test: float
    gap: float
    gap_by_chance: float
    best: float
    best_epoch: float
    fall: float
    fall_by_chance: float
    train_at_best: float

    @property
    def overfits(self) -> bool:
        """Whether the gap is wider than chance explains."""
        return self.gap > self.gap_by_chance

    @property
    def falls(self) -> bool:
        """Whether the test accuracy has fallen by more than chance explains."""
        return self.fall > self.fall_by_chance


def read(drawn: Curves) -> Reading:
    """Reads the curves: the gap between the accuracies, and whether the one on the test digits has begun to fall.

    Examples:
        >>> drawn = Curves([2.0, 1.0], 1, [0, 1, 2], [0.1, 0.9, 1.0], [0.1, 0.9, 0.8], 5000, 1000)
        >>> reading = read(drawn)
        >>> reading.overfits, reading.falls, reading.best_epoch
        (True, True, 1)
    """
    train, test = drawn.train_accuracy[-1], drawn.test_accuracy[-1]
    best = max(drawn.test_accuracy)
    at = drawn.test_accuracy.index(best)
    return Reading(
        train=train,
        test=test,
        gap=train - test,
        gap_by_chance=2 * math.sqrt(_variance(train, drawn.train_size) + _variance(test, drawn.test_size)),
        best=best,
        best_epoch=drawn.epochs[at],
        fall=best - test,
        fall_by_chance=2 * math.sqrt(_variance(best, drawn.test_size)),
        train_at_best=drawn.train_accuracy[at],
    )


def _variance(share: float, size: int) -> float:
    """The variance of a share that was counted on a sample."""
    return share * (1 - share) / size


def in_words(reading: Reading) -> list[str]:
    """A sentence on the gap, and one on the test accuracy."""
    side = "above" if reading.gap >= 0 else "below"
    gap = f"Train accuracy {reading.train:.4f} is {abs(reading.gap):.4f} {side} test accuracy {reading.test:.4f}: " + (
        f"more than chance explains ({reading.gap_by_chance:.4f}), so the network fits its training data better than others: overfitting."
        if reading.overfits
        else f"the curves nearly coincide (chance alone explains {reading.gap_by_chance:.4f}): no overfitting."
    )
    best = f"its best, {reading.best:.4f} at epoch {epoch_text(reading.best_epoch)}"
    if reading.fall == 0:
        fall = "Test accuracy has not begun to fall: the last is its best."
    elif reading.falls:
        fall = f"Test accuracy has begun to fall: it is {reading.fall:.4f} below {best}, more than chance explains ({reading.fall_by_chance:.4f})."
    else:
        fall = f"Test accuracy has not begun to fall: {best}, is {reading.fall:.4f} above the last, within chance ({reading.fall_by_chance:.4f})."
    if reading.falls and reading.train < reading.train_at_best:
        fall += " Train accuracy has fallen too: the learning is unsteady, which is not overfitting."
    return [gap, fall]


def epoch_text(epoch: float) -> str:
    """An epoch as it is printed: whole ones without decimals."""
    return f"{epoch}" if isinstance(epoch, int) else f"{epoch:.2f}"
