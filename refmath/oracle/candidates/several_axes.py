"""Samples on several axes: batches (N, K) as arrays (N, K, d), or (N, K, d, e), as PyTorch has them, and the answers as rows again.

Samples are dealt out to the places behind the classes: of N·d samples in rows each N-th part stands in one array (K, d). Or the classes stay on the last
axis, arrays (N, d, K), as language models have them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from refmath.spec import Formula

#: So many axes may stand behind the classes: one, as in a sequence, or two, as in an image.
MOST_BEHIND = 2


def has_classes(formula: Formula) -> bool:
    """Whether a formula is one of samples and classes, and of nothing else that has axes."""
    if formula.parts or not formula.single_samples or formula.inputs[0].axes != ("N", "K"):
        return False
    samples = all(each.axes in (("N", "K"), ("N",)) for each in formula.inputs if not each.by_name)
    return samples and [axis for _, axis in formula.output] in ([], ["N"], ["N", "K"])


def dealt(samples: int, behind: int) -> tuple[int, ...]:
    """How many arrays so many samples become, and how long the axes behind the classes are.

    Examples:
        >>> dealt(6, 1), dealt(7, 1), dealt(5, 1), dealt(12, 2)
        ((3, 2), (1, 7), (5, 1), (2, 2, 3))
    """
    divisor = next((each for each in range(int(samples**0.5), 1, -1) if samples % each == 0), None)
    # Of a prime number of samples all stand behind the classes, or none.
    first, rest = (samples // divisor, divisor) if divisor else (1, samples) if samples % 4 == 3 else (samples, 1)
    if behind == 1:
        return first, rest
    inner = dealt(first, 1) if divisor and first > rest else (first, 1)
    return (inner[0], inner[1], rest) if inner[1] > 1 else (first, rest, 1)


def arranged(array: Any, behind: int, *, single: bool, last: bool = False) -> Any:
    """A batch of rows with its classes on axis 1, or on the last one, or the labels of one; a single sample as a batch of one."""
    if single:
        array = _reshaped(array if hasattr(array, "dtype") else np.asarray(array), (1, *np.shape(array)))
    shape = tuple(array.shape)
    lead = dealt(shape[0], behind)
    if len(shape) == 1:
        return _reshaped(array, lead)
    whole = _reshaped(array, (*lead, shape[1]))
    return whole if last else _permuted(whole, (0, behind + 1, *range(1, behind + 1)))


def in_rows(answer: Any, behind: int, *, single: bool, last: bool = False) -> Any:
    """An answer whose classes are on axis 1, or on the last one, or which has a number for each sample, as rows; any other one as it is."""
    axes = getattr(answer, "ndim", 0)
    if axes == behind + 1:
        rows = _reshaped(answer, (-1,))
    elif axes == behind + 2:
        whole = answer if last else _permuted(answer, (0, *range(2, behind + 2), 1))
        rows = _reshaped(whole, (-1, tuple(whole.shape)[-1]))
    else:
        return answer
    return rows[0] if single and len(rows) == 1 else rows


def place_in(index: Sequence[int], shape: Sequence[int], behind: int, *, last: bool = False) -> tuple[int, ...]:
    """Where the entry of an answer in rows is in the answer as it came, to an input of a shape."""
    if not index:
        return ()
    samples, (row, *rest) = (1, (0, *index)) if len(shape) == 1 else (shape[0], index)
    first, *behind_it = (int(each) for each in np.unravel_index(row, dealt(samples, behind)))
    return (first, *behind_it, *rest) if last else (first, *rest, *behind_it)


@contextlib.contextmanager
def handed(arrays: Sequence[Any], places: Sequence[int], behind: int, *, last: bool = False) -> Iterator[list[Any]]:
    """The arguments of a call with samples on several axes, each in one piece of memory; what the call writes into them is written into the originals."""
    single = np.ndim(arrays[0]) == 1
    views = [
        arranged(each, behind, single=single, last=last) if place in places else each
        for place, each in enumerate(arrays)
    ]
    copies = [_in_one_piece(each) if place in places else each for place, each in enumerate(views)]
    before = [_bytes(each) for each in copies]
    yield copies
    for view, copy, were in zip(views, copies, before, strict=True):
        if copy is not view and _bytes(copy) != were:
            view[...] = copy


def _in_one_piece(array: Any) -> Any:
    if isinstance(array, np.ndarray):
        whole = np.ascontiguousarray(array)
        if whole is not array:
            whole.flags.writeable = array.flags.writeable
        return whole
    return array.contiguous() if hasattr(array, "contiguous") else array


def _bytes(array: Any) -> Any:
    """What tells whether an array was written into; of a library whose arrays nobody can write into nothing does."""
    if isinstance(array, np.ndarray):
        return array.tobytes()
    return array.detach().clone().numpy(force=True).tobytes() if _is_narrow_of_torch(array) else None


def _is_narrow_of_torch(array: Any) -> bool:
    return hasattr(array, "detach") and str(array.dtype) != "torch.bfloat16"


def _reshaped(array: Any, shape: tuple[int, ...]) -> Any:
    return array.reshape(shape) if hasattr(array, "reshape") else array.__array_namespace__().reshape(array, shape)


def _permuted(array: Any, axes: tuple[int, ...]) -> Any:
    move: Callable[..., Any] | None = getattr(array, "permute", None) or getattr(array, "transpose", None)
    return move(axes) if move is not None else array.__array_namespace__().permute_dims(array, axes)
