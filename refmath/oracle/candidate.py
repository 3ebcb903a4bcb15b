"""A candidate: somebody else's function, and what was observed when it was called."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from types import TracebackType
from typing import Any, Literal
from unittest import mock

import numpy as np

Library = Literal["numpy", "torch", "jax"]
Trouble = Literal["raised", "hung", "type", "wrote"]


@dataclass(frozen=True)
class Observation:
    """What came of one call.

    Attributes:
        value: The answer in float64, if it was an array of real numbers.
        trouble: What went wrong instead.
        text: The trouble in words.
        warnings: The warnings it gave, each once.
    """

    value: Any = None
    trouble: Trouble | None = None
    text: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A function to be judged, with the kind of arrays it takes.

    Attributes:
        function: Called with the formula's inputs, positionally.
        array: The library whose arrays it is handed.
        timeout: Seconds after which one call counts as hung, and is interrupted where the platform can do that.
    """

    function: Callable[..., Any]
    array: Library = "numpy"
    timeout: float = 10.0

    def __call__(self, inputs: dict[str, Any]) -> Observation:
        """Calls the function on private copies of the inputs and observes it from all sides."""
        own = [np.array(value) for value in inputs.values()]
        handed = [_hand_over(value, self.array) for value in own]
        value: Any = None
        trouble: Trouble | None = None
        text = ""
        limit = _Limit(self.timeout)
        # The candidate finds NumPy's own error state, whatever was set when its file was loaded.
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(io.StringIO()),
            np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
        ):
            warnings.simplefilter("always")
            try:
                with limit:
                    answer = self.function(*handed)
                    try:
                        value = as_numpy(answer)
                    except TypeError as error:
                        trouble, text = "type", _one_line(error)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # whatever a candidate raises is its verdict
                trouble, text = "raised", f"raised {type(error).__name__}: {_one_line(error)}"
        told = tuple(dict.fromkeys(f"{w.category.__name__}: {_one_line(w.message)}" for w in caught))
        if limit.passed:
            return Observation(trouble="hung", text=f"did not answer within {self.timeout:g} s", warnings=told)
        if trouble != "raised":
            for name, before, after in zip(inputs, inputs.values(), handed, strict=True):
                if not _unchanged(np.asarray(before), after):
                    return Observation(trouble="wrote", text=f"wrote into its argument {name}", warnings=told)
        return Observation(value, trouble, text, told)


@contextlib.contextmanager
def no_way_out() -> Iterator[None]:
    """A candidate cannot end the process unjudged: here `os._exit` raises `SystemExit`, in a child process it still ends that."""
    judging, leave = os.getpid(), os._exit

    def stay(status: int) -> None:
        if os.getpid() != judging:
            leave(status)
        raise SystemExit(status)

    with mock.patch.object(os, "_exit", stay):
        yield


def as_numpy(answer: Any) -> Any:
    """An answer as a private float64 array: from floats, nested lists, NumPy, PyTorch (with gradient too), JAX.

    Raises:
        TypeError: If it does not consist of real numbers.
    """
    if answer is None:
        raise TypeError("returned None: is a return statement missing?")
    if isinstance(answer, np.ma.MaskedArray) and np.ma.is_masked(answer):
        raise TypeError("returned a masked array, some of whose entries are masked")
    try:
        array = np.asarray(_from_torch(answer) if type(answer).__module__.partition(".")[0] == "torch" else answer)
    except TypeError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever an array's own conversion may raise
        raise TypeError(f"returned {type(answer).__name__} that is no rectangular array: {error}") from None
    if array.dtype.name == "bfloat16":
        return array.astype(np.float64)
    if array.dtype == object and all(isinstance(entry, Real | Decimal) for entry in array.flat):
        with contextlib.suppress(OverflowError):  # one beyond every float is refused below
            return np.array([float(entry) for entry in array.flat]).reshape(array.shape)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"returned {type(answer).__name__} of dtype {array.dtype} where real numbers are meant")
    with np.errstate(over="ignore"):
        return array.astype(np.float64)


def _from_torch(tensor: Any) -> Any:
    import torch

    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"returned {type(tensor).__name__} where real numbers are meant")
    plain = tensor.detach().resolve_conj().resolve_neg().cpu()
    # NumPy has no bfloat16; float32 holds each of its numbers.
    return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()


def _hand_over(value: Any, library: Library) -> Any:
    if library == "numpy":
        return value[()] if value.ndim == 0 and value.dtype.kind in "iu" else value
    if library == "torch":
        import torch

        return torch.from_numpy(value) if value.ndim else torch.tensor(value[()])
    import jax.numpy as jnp

    return jnp.asarray(value)


def _unchanged(before: Any, handed: Any) -> bool:
    if type(handed).__module__.partition(".")[0] in ("jax", "jaxlib"):
        return True  # JAX arrays cannot be written into
    after = handed.detach().numpy() if hasattr(handed, "detach") else np.asarray(handed)
    return bool(after.shape == before.shape and after.tobytes() == before.tobytes())


def _one_line(error: object) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # a candidate's exception may be broken itself
        text = "(no message: its __str__ raises)"
    return text if len(text) <= 200 else text[:197] + "..."


class _TooLate(BaseException):
    """Not an `Exception`, lest the candidate's own `except Exception` catch it."""


class _Limit:
    """Interrupts Python code after some seconds, and again until it gives up; tells afterwards whether time had passed.

    Interrupting needs the main thread of a platform that has interval timers; elsewhere the call is waited for. A timer
    that somebody else had set goes on afterwards.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._seconds = seconds
        self._interrupts = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        self._begun = time.monotonic()
        if self._interrupts:
            self._handler = signal.signal(signal.SIGALRM, self._too_late)
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds, self._seconds / 10)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        spent = time.monotonic() - self._begun
        if self._interrupts:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._handler)
            remaining, interval = self._timer
            if remaining:
                signal.setitimer(signal.ITIMER_REAL, max(remaining - spent, 1e-3), interval)
        self.passed = self.passed or spent > self._seconds
        return self.passed and kind is not None and issubclass(kind, _TooLate)

    def _too_late(self, _signal: int, _frame: Any) -> None:
        self.passed = True
        raise _TooLate
