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
from typing import Any, Literal

import numpy as np

_LENGTHS = struct.Struct("<IQ")
#: In bytes: no header is longer, and no more is read at once.
_LONGEST_HEADER, _AT_ONCE = 1 << 24, 1 << 20
#: In seconds: nobody can wait longer at once.
_LONGEST_WAIT = 1e6
#: An array has no more dimensions, which are no longer; and a frame no more arrays.
_MOST_DIMENSIONS, _LONGEST_DIMENSION, _MOST_ARRAYS = 64, 1 << 40, 1 << 12
#: The number types that arrays have.
_DTYPES = {
    name: np.dtype(name)
    for name in (
        "bool",
        *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
        "float16",
        "float32",
        "float64",
    )
}


class Broken(Exception):
    """The other side has gone."""


class NoFrame(Broken):
    """The other side has said what is no frame."""


class TimeIsUp(Exception):
    """The other side did not say enough in time."""


class Channel:
    """A connected socket that frames go through, in both directions."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._rest = bytearray()
        self._readable, self._writable = _waiter(connection, "r"), _waiter(connection, "w")

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
            Broken: If there is no other side.
            NoFrame: If this is none.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        header_size, size = _LENGTHS.unpack(self._take(_LENGTHS.size, deadline))
        if header_size > _LONGEST_HEADER or (most is not None and size > most):
            raise NoFrame("a frame is too long")
        text, data = self._take(header_size, deadline), self._take(size, deadline)
        try:
            header = json.loads(text.decode())
        except (ValueError, RecursionError) as error:
            raise NoFrame(f"this is no frame: {type(error).__name__}") from None
        if not isinstance(header, dict):
            raise NoFrame("this is no frame: its header is no object")
        return header, _arrays(header.pop("arrays", None), data)

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


#: Waits for so many seconds, at most, until a socket is ready.
_Waiter = Callable[[float | None], bool]


def _waiter(connection: socket.socket, way: Literal["r", "w"]) -> _Waiter:
    """Waits until there is something to read, or room to write."""
    if hasattr(select, "poll"):  # unlike the other, for descriptors of any number
        until = select.poll()
        until.register(connection, select.POLLIN if way == "r" else select.POLLOUT)
        return lambda seconds: bool(until.poll(None if seconds is None else math.ceil(1000 * seconds)))
    ready = [connection]
    reading, writing = (ready, []) if way == "r" else ([], ready)
    return lambda seconds: any(select.select(reading, writing, [], seconds))


def _wait(until: _Waiter, deadline: float | None) -> None:
    """Waits for the other side.

    Raises:
        TimeIsUp: If that takes too long.
        Broken: If there is no connection any more.
    """
    left = None if deadline is None else min(max(0.0, deadline - time.monotonic()), _LONGEST_WAIT)
    try:
        is_ready = left != 0 and until(left)
    except (OSError, ValueError) as error:
        raise Broken(str(error)) from None
    if not is_ready:
        raise TimeIsUp


def _arrays(told: Any, data: bytes) -> list[Any]:
    if not isinstance(told, list) or len(told) > _MOST_ARRAYS:
        raise NoFrame("this is no frame: its arrays are no list")
    found, place = [], 0
    for each in told:
        name, shape = each if isinstance(each, list) and len(each) == 2 else (None, None)
        dtype = _dtype(name) if isinstance(name, str) else None
        if dtype is None or shape is None or not _is_shape(shape):
            raise NoFrame("this is no frame: an array of no known number type, or of no shape")
        count = math.prod(shape)
        if place + count * dtype.itemsize > len(data):
            raise NoFrame("this is no frame: an array is longer than its bytes")
        try:
            found.append(np.frombuffer(data, dtype, count, place).reshape(shape))
        except ValueError:  # no entries, and dimensions that NumPy does not know
            raise NoFrame("this is no frame: an array of no known shape") from None
        place += count * dtype.itemsize
    return found


def _is_shape(told: Any) -> bool:
    return (
        isinstance(told, list)
        and len(told) <= _MOST_DIMENSIONS
        and all(type(each) is int and 0 <= each < _LONGEST_DIMENSION for each in told)
    )


@functools.cache
def _name(dtype: Any) -> str:
    return str(dtype.name)


def _dtype(name: str) -> Any:
    """The number type of that name, if arrays are sent in it."""
    if name == "bfloat16":
        import ml_dtypes  # what NumPy knows under this name only from here

        return np.dtype(ml_dtypes.bfloat16)
    return _DTYPES.get(name)


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
