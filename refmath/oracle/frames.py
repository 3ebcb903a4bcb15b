"""What the judge and a candidate's process say to each other: frames of a header in JSON and the bytes of arrays, of which each side believes nothing.

A frame is the lengths of its header and of its bytes, then these. An array stands in the header as its number type and shape; its entries follow in the bytes, in
the order of the header.
"""

from __future__ import annotations

import functools
import json
import math
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np

_LENGTHS = struct.Struct("<IQ")
#: In bytes: no header is longer, and no more is read at once.
_LONGEST_HEADER, _AT_ONCE = 1 << 24, 1 << 20
#: In milliseconds: nobody can wait longer at once.
_LONGEST_WAIT = (1 << 31) - 1


class Broken(Exception):
    """The other side has gone, or has said what is no frame."""


class TimeIsUp(Exception):
    """The other side did not say enough in time."""


class Channel:
    """A connected socket that frames go through, in both directions."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._rest = bytearray()
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(connection, select.POLLIN)
        self._writable.register(connection, select.POLLOUT)

    def send(self, header: dict[str, Any], arrays: list[Any], seconds: float | None = None) -> None:
        """Sends a frame.

        Raises:
            TimeIsUp: If the other side does not take it in time.
            Broken: If there is no other side.
        """
        text = json.dumps({**header, "arrays": [(_name(each.dtype), each.shape) for each in arrays]}).encode()
        parts = [np.ascontiguousarray(each).tobytes() for each in arrays]
        rest = memoryview(b"".join([_LENGTHS.pack(len(text), sum(map(len, parts))), text, *parts]))
        deadline = None if seconds is None else time.monotonic() + seconds
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                _wait(self._writable, deadline)
            except OSError as error:
                raise Broken(str(error)) from None

    def receive(self, seconds: float | None = None, most: int | None = None) -> tuple[dict[str, Any], list[Any]]:
        """The next frame: its header, and its arrays, which are read-only.

        Args:
            seconds: How long the whole frame may take.
            most: The most bytes that its arrays may have.

        Raises:
            TimeIsUp: If it did not come in time.
            Broken: If there is no other side, or this is no frame.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        header_size, size = _LENGTHS.unpack(self._take(_LENGTHS.size, deadline))
        if header_size > _LONGEST_HEADER or (most is not None and size > most):
            raise Broken("a frame is too long")
        text, data = self._take(header_size, deadline), self._take(size, deadline)
        try:
            header = json.loads(text.decode())
            return header, _arrays(header.pop("arrays"), data)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, SyntaxError, ImportError) as error:
            raise Broken(f"this is no frame: {type(error).__name__}") from None

    def close(self) -> None:
        """Ends the conversation."""
        self._socket.close()

    def _take(self, count: int, deadline: float | None) -> bytes:
        while len(self._rest) < count:
            _wait(self._readable, deadline)
            try:
                part = self._socket.recv(max(1 << 16, min(count - len(self._rest), _AT_ONCE)))
            except OSError as error:
                raise Broken(str(error)) from None
            if not part:
                raise Broken("the other side has gone")
            self._rest += part
        taken = bytes(self._rest[:count])
        del self._rest[:count]
        return taken


def _wait(until: select.poll, deadline: float | None) -> None:
    """Waits for the other side.

    Raises:
        TimeIsUp: If that takes too long.
    """
    left = None if deadline is None else min(max(0, math.ceil(1000 * (deadline - time.monotonic()))), _LONGEST_WAIT)
    if left == 0 or not until.poll(left):
        raise TimeIsUp


def _arrays(told: list[Any], data: bytes) -> list[Any]:
    found, place = [], 0
    for name, shape in told:
        dtype = _dtype(name)
        size = math.prod(shape) * dtype.itemsize
        if any(type(each) is not int or each < 0 for each in shape) or place + size > len(data):
            raise ValueError("an array is longer than its bytes")
        found.append(np.frombuffer(data, dtype, math.prod(shape), place).reshape(shape))
        place += size
    return found


@functools.cache
def _name(dtype: Any) -> str:
    return str(dtype.name)


@functools.lru_cache(64)
def _dtype(name: str) -> Any:
    if name == "bfloat16":
        import ml_dtypes  # what NumPy knows under this name only from here

        return np.dtype(ml_dtypes.bfloat16)
    dtype = np.dtype(name)
    if dtype.kind not in "biuf":
        raise ValueError("only numbers are sent")
    return dtype


def flat(value: Any, arrays: list[Any]) -> Any:
    """An argument as JSON in which arrays are places in a list, to which they are added.

    A mapping is told by its entries, a function of `refmath.calculus.functions` by its terms.
    """
    if isinstance(value, dict):
        return {"entries": [[key, flat(each, arrays)] for key, each in value.items()]}
    if callable(value):
        terms = [[factor, family.name, list(coefficients)] for factor, family, coefficients in value.terms]
        return {"terms": terms, "shape": value.shape}
    arrays.append(np.asarray(value))
    return len(arrays) - 1


def unflat(told: Any, arrays: list[Any]) -> Any:
    """The argument that such JSON tells."""
    if isinstance(told, int):
        return arrays[told]
    if "entries" in told:
        return {key: unflat(each, arrays) for key, each in told["entries"]}
    return _function(told)


def _function(told: dict[str, Any]) -> Callable[..., Any]:
    from refmath.calculus import functions  # only who is handed one waits for SymPy

    terms = tuple(
        (factor, getattr(functions, name), tuple(coefficients)) for factor, name, coefficients in told["terms"]
    )
    return functions.Function(terms, None if told["shape"] is None else tuple(told["shape"]))
