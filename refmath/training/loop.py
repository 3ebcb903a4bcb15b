r"""The chapter's training: draw a mini-batch, compute the gradient, update, repeat.

$$W \leftarrow W - \eta \frac{\partial L_{\mathcal B}}{\partial W}, \qquad \mathcal B \text{ of size } B \text{ drawn anew in every iteration}$$

**Conventions.** A batch is drawn *with* replacement, as in the chapter, so an "epoch" is a count of iterations, ⌊training size / batch size⌋ and at
least one, and not a pass over the data: it leaves out about 37 % of them. The loss recorded for an iteration is that of its batch *after* the update. The
accuracies are measured before the first iteration and whenever a whole epoch is full. Targets are labels and not the chapter's one-hot rows:
the loss and its gradient are the same, and cheaper.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refmath import arguments
from refmath.arguments import Array
from refmath.descent.mini_batch import mini_batch
from refmath.descent.stochastic_gradient_descent import sgd_step
from refmath.fast.training_step import TrainingStep
from refmath.networks.two_layer_net import TwoLayerNet
from refmath.networks.two_layer_net_loss import two_layer_net_loss
from refmath.training.idx import Bytes
from refmath.training.mnist import CLASSES, WHITE, Digits, scaled

DTYPES, GRADIENTS = ("float64", "float32"), ("backprop", "numerical")
#: So many digits are looked at at once when the accuracy is measured: all of them as floats would fill the memory.
AT_ONCE = 200


@dataclass(frozen=True)
class Settings:
    """How a network is trained; the defaults are the chapter's.

    Attributes:
        iterations: How many iterations in all.
        batch_size: The number of samples drawn in each.
        lr: The learning rate.
        hidden: The number of hidden units.
        weight_init_std: The standard deviation of the initial weights.
        seed: What the weights and then the batches are drawn from.
        dtype: The number format of parameters and pixels, `float64` or `float32`.
        gradient: `backprop`, or `numerical`, which takes some minutes.

    Raises:
        TypeError: If one of them is of another type.
        ValueError: If one of them is out of its range.
    """

    iterations: int = 10_000
    batch_size: int = 100
    lr: float = 0.1
    hidden: int = 100
    weight_init_std: float = 0.01
    seed: int = 0
    dtype: str = "float64"
    gradient: str = "backprop"

    def __post_init__(self) -> None:
        for name in ("iterations", "batch_size", "hidden"):
            arguments.whole(name, getattr(self, name), at_least=1)
        arguments.whole("seed", self.seed, at_least=0)
        arguments.positive("lr", self.lr)
        if arguments.number("weight_init_std", self.weight_init_std) < 0:
            raise ValueError(f"weight_init_std must not be negative; got {self.weight_init_std}")
        for name, choice in (("dtype", DTYPES), ("gradient", GRADIENTS)):
            if getattr(self, name) not in choice:
                raise ValueError(f"{name} must be {' or '.join(choice)}; got {getattr(self, name)!r}")


class State(NamedTuple):
    """All that the next iteration depends on, beside settings and data.

    Attributes:
        iteration: The number of iterations made.
        params: The network's parameters by name.
        rng: The state of the generator of the batches, as NumPy describes it.
    """

    iteration: int
    params: dict[str, Array]
    rng: dict[str, Any]


class Accuracy(NamedTuple):
    """The shares of digits that the network reads correctly.

    Attributes:
        train: Of the training digits.
        test: Of the test digits.
    """

    train: float
    test: float


class Training:
    """A network in training; it may be stopped at any moment, and keeps to its last whole iteration.

    Args:
        settings: How to train.
        digits: What to learn, and what to test on.

    Attributes:
        state: Where the training stands.

    Examples:
        >>> from refmath.training.mnist import embedded
        >>> training = Training(Settings(iterations=3, hidden=5), embedded())
        >>> for _ in training.iterate():
        ...     print(training.state.iteration, len(training.loss), len(training.accuracy))
        1 1 1
        2 2 1
        3 3 1
    """

    def __init__(self, settings: Settings, digits: Digits) -> None:
        self.settings = settings
        self.digits = digits
        self.state = _begin(settings, digits)
        shape = digits.x_train.shape[1], settings.hidden
        self._network = TrainingStep(max(settings.batch_size, AT_ONCE), shape, settings.dtype, scale=WHITE)
        self._orders = (
            similar_together(digits.x_train, digits.t_train),
            similar_together(digits.x_test, digits.t_test),
        )
        self._rng = np.random.default_rng(0)  # set to the state's before every use
        self._update = self._network if settings.gradient == "backprop" else _by_differences
        self._loss: list[float] = []
        self._accuracy: list[Accuracy] = []

    @property
    def iterations_per_epoch(self) -> int:
        """How many iterations make an epoch: a whole number, and at least one."""
        return max(len(self.digits.x_train) // self.settings.batch_size, 1)

    @property
    def loss(self) -> list[float]:
        """The loss of every iteration made."""
        return self._loss[: self.state.iteration]

    @property
    def accuracy(self) -> list[Accuracy]:
        """The accuracies at epochs 0, 1, 2, …"""
        return list(self._accuracy)

    def go_on_from(self, state: State, loss: list[float], accuracy: list[Accuracy]) -> None:
        """Takes up the training where another one of the same settings and data stood."""
        self.state, self._loss, self._accuracy = state, list(loss), list(accuracy)

    def iterate(self) -> Iterator[float]:
        """Trains, and hands out the loss after every iteration.

        Raises:
            FloatingPointError: If the loss is no longer finite; the state is the one before that.
        """
        self.measure_if_due()
        while self.state.iteration < self.settings.iterations:
            loss, state = _step(self.state, self.settings, self.digits, self._update, self._rng)
            # In this order: whoever interrupts in between finds a loss too many, which `loss` leaves out, and never one too few.
            self._loss[self.state.iteration :] = [loss]
            self.state = state
            self.measure_if_due()
            yield loss

    def measure_if_due(self) -> None:
        """Records the accuracies if an epoch is full and they are not known yet."""
        epoch, rest = divmod(self.state.iteration, self.iterations_per_epoch)
        if rest == 0 and len(self._accuracy) == epoch:
            self._accuracy.append(self.measure())

    def measure(self) -> Accuracy:
        """The accuracies as the network stands."""
        d = self.digits
        train, test = self._orders
        return Accuracy(self._accuracy_on(d.x_train, d.t_train, train), self._accuracy_on(d.x_test, d.t_test, test))

    def _accuracy_on(self, images: Bytes, labels: NDArray[np.intp], order: NDArray[np.intp]) -> float:
        right = 0
        for start in range(0, len(images), AT_ONCE):
            part = order[start : start + AT_ONCE]
            right += int(np.sum(self._network.likeliest(self.state.params, images[part]) == labels[part]))
        return right / len(images)


def similar_together(images: Bytes, labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """An order in which digits follow each other that have ink in the same places: by class, and by where their ink begins.

    So many of them at once leave more pixels black than as many at random, and what is black in all of them is not computed.
    """
    # Some at a time: whether each of all pixels is ink would take as much memory as the images.
    begins = [(images[at : at + AT_ONCE] > 0).argmax(axis=1) for at in range(0, len(images), AT_ONCE)]
    return np.lexsort((np.concatenate(begins), labels))


def _begin(settings: Settings, digits: Digits) -> State:
    """The untrained network; the batches are drawn from where its weights left the generator."""
    rng = np.random.default_rng(settings.seed)
    net = TwoLayerNet(digits.x_train.shape[1], settings.hidden, CLASSES, settings.weight_init_std, rng=rng)
    params = {name: value.astype(settings.dtype) for name, value in net.params.items()}
    return State(0, params, dict(rng.bit_generator.state))


def generator_in(state: dict[str, Any]) -> np.random.Generator:
    """A generator in a state that NumPy described.

    Raises:
        TypeError, ValueError, KeyError: If it is not the state of a generator like `default_rng`'s.
    """
    rng = np.random.default_rng(0)
    rng.bit_generator.state = state
    return rng


#: What makes new parameters of old ones by a batch, and a function that tells the loss of that batch at the new ones.
_Update = Callable[[dict[str, Array], Bytes, NDArray[np.intp], float], tuple[dict[str, Array], Callable[[], Any]]]


def _step(
    state: State, settings: Settings, digits: Digits, update: _Update, rng: np.random.Generator
) -> tuple[float, State]:
    """One iteration; it touches nothing of the state that it starts from, and leaves nothing in the generator."""
    rng.bit_generator.state = state.rng
    images, labels = mini_batch(digits.x_train, digits.t_train, settings.batch_size, rng)
    params, loss_there = update(state.params, images, labels, settings.lr)
    loss = loss_there()
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"the loss of iteration {state.iteration + 1} is {loss}: the training diverges, and a learning rate below {settings.lr} may help"
        )
    return float(loss), State(state.iteration + 1, params, dict(rng.bit_generator.state))


def _by_differences(
    params: dict[str, Array], images: Bytes, labels: NDArray[np.intp], lr: float
) -> tuple[dict[str, Array], Callable[[], Any]]:
    """A step against the numerical gradient."""
    x = scaled(images, params["W1"].dtype.name)
    pixels, hidden = params["W1"].shape
    net = TwoLayerNet(pixels, hidden, CLASSES, rng=0)
    net.params = params
    params = sgd_step(params, net.numerical_gradient(x, labels), lr)
    return params, functools.partial(two_layer_net_loss, params, x, labels)
