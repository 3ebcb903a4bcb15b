"""The programs that train, each run as a process of its own: `python -m benchmarks.trainers NAME ITERATIONS`.

In one process they would share an allocator, which hands out large arrays faster or slower by what was there before, and the threads of the libraries.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import digits as data
from benchmarks import plain
from benchmarks.timing import processor_time
from refmath.fast.training_step import TrainingStep
from refmath.networks.two_layer_net import TwoLayerNet
from refmath.training.loop import AT_ONCE, Settings, Training, similar_together
from refmath.training.mnist import WHITE, Digits, scaled

BATCH, LR = 100, 0.1
#: Makes the iterations from one number to another.
Block = Callable[[int, int], None]
#: A block, and a look at the parameters, if there are any that mean something.
Made = tuple[Block, Callable[[], plain.Params | None]]


def made(name: str, iterations: int) -> Made:
    """One of the programs, ready to run: all begin with the same weights and draw the same batches."""
    digits = data.digits().digits
    kind, _, dtype = name.partition(" ")
    if kind == "refmath":
        return _refmath(Settings(iterations=iterations, dtype=dtype), digits)
    rng = np.random.default_rng(0)
    begin = TwoLayerNet(digits.x_train.shape[1], 100, 10, rng=rng).params
    batches = np.array([rng.choice(len(digits.x_train), BATCH) for _ in range(iterations)])
    if kind in ("steps", "products"):
        made_of = {"steps": _steps, "products": _products}[kind]
        return made_of({name: value.astype(dtype) for name, value in begin.items()}, digits, batches)
    x = scaled(digits.x_train, dtype)
    if kind in ("torch", "jax"):
        return {"torch": _torch, "jax": _jax}[kind](begin, x, digits.t_train, batches)
    return _numpy(begin, x, digits.t_train, batches, digits if kind == "chapter" else None)


def _numpy(begin: plain.Params, x: Any, labels: Any, batches: Any, recorded: Digits | None) -> Made:
    """The chapter's loop; with the digits, it records what the chapter records."""
    params = {name: value.astype(x.dtype) for name, value in begin.items()}
    t = np.eye(10, dtype=x.dtype)[labels]
    lr = x.dtype.type(LR)
    x_test = scaled(recorded.x_test, x.dtype.name) if recorded else None
    losses, accuracies = [], []

    def block(start: int, stop: int) -> None:
        for i in range(start, stop):
            if recorded and i % (len(x) // BATCH) == 0:
                accuracies.append((plain.accuracy(params, x, labels), plain.accuracy(params, x_test, recorded.t_test)))
            x_batch, t_batch = x[batches[i]], t[batches[i]]
            plain.step(params, x_batch, t_batch, lr)
            if recorded:
                losses.append(plain.loss(params, x_batch, t_batch))

    return block, lambda: params


def _refmath(settings: Settings, digits: Digits) -> Made:
    training = Training(settings, digits)
    iterations = training.iterate()

    def block(start: int, stop: int) -> None:
        for _ in range(start, stop):
            next(iterations)

    return block, lambda: training.state.params


def _steps(params: plain.Params, digits: Digits, batches: Any) -> Made:
    """The steps of `refmath train` alone: neither a loss nor an accuracy is asked for, and the batches are drawn already, as for the other loops."""
    step = TrainingStep(BATCH, params["W1"].shape, params["W1"].dtype.name, scale=WHITE)
    reached = [params]

    def block(start: int, stop: int) -> None:
        for rows in batches[start:stop]:
            reached[0], _ = step(reached[0], digits.x_train[rows], digits.t_train[rows], LR)

    return block, lambda: reached[0]


def _products(params: plain.Params, digits: Digits, batches: Any) -> Made:
    """The floor of `refmath train`: nothing but its matrix products, for steps, losses and accuracies, with as many pixels as it uses in each."""
    rng, dtype = np.random.default_rng(0), params["W1"].dtype
    W1, W2 = params["W1"], params["W2"]
    x = rng.random((W1.shape[0], AT_ONCE)).astype(dtype).T
    z, of_logits = rng.random((AT_ONCE, W1.shape[1])).astype(dtype), rng.random((BATCH, W2.shape[1])).astype(dtype)
    used = [np.count_nonzero(digits.x_train[rows].any(axis=0)) for rows in batches]
    looked_at = [
        np.count_nonzero(images[order[at : at + AT_ONCE]].any(axis=0))
        for images, order in (
            (digits.x_train, similar_together(digits.x_train, digits.t_train)),
            (digits.x_test, similar_together(digits.x_test, digits.t_test)),
        )
        for at in range(0, len(images), AT_ONCE)
    ]

    def block(start: int, stop: int) -> None:
        for i in range(start, stop):
            for pixels in looked_at if i % (len(digits.x_train) // BATCH) == 0 else ():
                x[:, :pixels] @ W1[:pixels]
                z @ W2
            batch, weights = x[:BATCH, : used[i]], W1[: used[i]]
            hidden = batch @ weights
            z[:BATCH] @ W2, z[:BATCH].T @ of_logits, of_logits @ W2.T
            batch.T @ hidden
            batch @ weights
            z[:BATCH] @ W2

    return block, lambda: None


def _torch(begin: plain.Params, x: Any, labels: Any, batches: Any) -> Made:
    import torch

    torch.set_num_threads(1)
    samples, targets, chosen = torch.from_numpy(x), torch.from_numpy(labels), torch.from_numpy(batches)
    params = {name: torch.tensor(value.astype(x.dtype), requires_grad=True) for name, value in begin.items()}
    optimizer = torch.optim.SGD(params.values(), lr=LR)

    def block(start: int, stop: int) -> None:
        for rows in chosen[start:stop]:
            z = torch.sigmoid(samples[rows] @ params["W1"] + params["b1"])
            loss = torch.nn.functional.cross_entropy(z @ params["W2"] + params["b2"], targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return block, lambda: {name: value.detach().numpy() for name, value in params.items()}


def _jax(begin: plain.Params, x: Any, labels: Any, batches: Any) -> Made:
    import jax

    jax.config.update("jax_enable_x64", True)
    samples, targets = jax.numpy.asarray(x), jax.numpy.asarray(labels)
    state = [{name: jax.numpy.asarray(value.astype(x.dtype)) for name, value in begin.items()}]

    def loss(params: Any, x_batch: Any, t_batch: Any) -> Any:
        a = jax.nn.sigmoid(x_batch @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
        return -jax.numpy.mean(jax.numpy.take_along_axis(jax.nn.log_softmax(a), t_batch[:, None], 1))

    def descend(params: Any, rows: Any) -> Any:
        grads = jax.grad(loss)(params, samples[rows], targets[rows])
        return {name: value - x.dtype.type(LR) * grads[name] for name, value in params.items()}

    step = jax.jit(descend)
    jax.block_until_ready(step(state[0], batches[0]))  # compiled before the first turn

    def block(start: int, stop: int) -> None:
        for rows in batches[start:stop]:
            state[0] = step(state[0], rows)
        jax.block_until_ready(state[0])

    return block, lambda: {name: np.asarray(value) for name, value in state[0].items()}


def main(name: str, iterations: str, mnist: str) -> None:
    """Answers each line "begin end" with the processor time of these iterations, and the line "end" with the test accuracy."""
    data.PLACE[0] = Path(mnist) if mnist else None
    block, params = made(name, int(iterations))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            digits, reached = data.digits().digits, params()
            answer = reached and plain.accuracy(reached, scaled(digits.x_test, "float64"), digits.t_test)
        else:
            start, stop = (int(word) for word in line.split())
            answer = processor_time(lambda start=start, stop=stop: block(start, stop))  # type: ignore[misc]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
