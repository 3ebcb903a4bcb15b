"""Declaring what a formula's definition is written in: the sizes, the indices, the arguments and the parameters."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

import sympy as sp

from refmath.spec import Input, Kind
from refmath.symbols import N, Parameter

_NUMBERS = ("rate", "count", "step_number")
_WITHOUT_AXES = (
    *_NUMBERS,
    "real",
    "positive",
    "signs",
    "unit_interval",
    "signed_unit_interval",
    "floats",
    "second_moment",
    "first_moment",
)
_ANY_SHAPE = ("...",)
_FUNCTIONS = ("function", "convex_function")


def sizes(names: str) -> Any:
    """The sizes of axes, as SymPy symbols for positive whole numbers.

    An axis called N is that of the samples: a single sample, which lacks it, counts as a batch of one.

    Args:
        names: The names, with spaces between them.

    Returns:
        A symbol, or a tuple of them.

    Examples:
        >>> N, K = sizes("N K")
        >>> print(N * K)
        K*N
    """
    return sp.symbols(names, integer=True, positive=True)


def indices(names: str) -> Any:
    """Indices, as SymPy symbols for whole numbers from 0 on.

    Args:
        names: The names, with spaces between them.

    Returns:
        A symbol, or a tuple of them.

    Examples:
        >>> n, k = indices("n k")
        >>> print(n.is_nonnegative)
        True
    """
    return sp.symbols(names, integer=True, nonnegative=True)


def argument(name: Any, kind: Any, *axes: Any, classes: Any = None, masks: bool = False) -> Input:
    """An argument of a formula; in the definition it is indexed like an array, and one without axes stands for its number.

    Args:
        name: Its name in the signature.
        kind: What its values mean, and so which are tried: `real`, `positive`, `signs` (−1 and 1), `unit_interval`, `signed_unit_interval` (−1 to 1), `logits`, `probabilities` (which
            sum to 1 over the last axis), `targets` (soft ones too), `one_hot`, `labels` (whole numbers), `rate`, `count`, and of the state
            of an optimiser `floats` (parameters and gradients), `gradients` (whose squares the format holds), `second_moment` (never negative), `first_moment` and `step_number` (from 1).
        *axes: The sizes of its axes, as `sizes` gives them; `...` alone for any shape, over whose entries the definition is then written in a row.
        classes: Of labels, the size of the axis whose places they count; without it, that of the axis that they index in the definition.
        masks: Of logits, whether some may be −∞, though not all of a sample: their classes have no probability.

    Raises:
        TypeError: If the name is no identifier, or an axis is no size.
        ValueError: For an unknown kind, or one that does not go with such axes.

    Examples:
        >>> N, K = sizes("N K")
        >>> n, k = indices("n k")
        >>> p = argument("p", "probabilities", N, K)
        >>> print(1 - p[n, k])
        1 - p[n, k]
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(f"the name of an argument must be an identifier; got {name!r}")
    if kind not in get_args(Kind):
        near = difflib.get_close_matches(str(kind), get_args(Kind), n=2, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(get_args(Kind))}"
        raise ValueError(f"{name}: there is no kind of argument {kind!r}{hint}")
    if kind in _FUNCTIONS:
        raise ValueError(f"{name}: an argument that is a function is known to refmath's own pages only")
    named = tuple(_axis(name, each) for each in axes)
    if "..." in named and len(named) > 1:
        raise ValueError(f"{name}: ... stands for all axes; got {', '.join(named)}")
    if kind in _NUMBERS and named:
        raise ValueError(f"{name}: a {kind} is one number, without axes; got {', '.join(named)}")
    if kind not in _WITHOUT_AXES and not named:
        raise ValueError(f"{name}: {kind} have at least one axis, over which their classes run")
    if masks not in (True, False) or (masks and kind != "logits"):
        raise ValueError(f"{name}: masks=True is for logits; got masks={masks!r} for {kind}")
    of_classes = _axis(name, classes) if classes is not None else ""
    assumed = {"integer": True} if kind in ("labels", "count", "step_number") else {"real": True}
    if kind in ("positive", "rate", "step_number"):
        assumed["positive"] = True
    if kind == "second_moment":
        assumed["nonnegative"] = True
    if not named:
        symbol: Any = sp.Symbol(name, **assumed)
    else:
        shape = (N,) if named == _ANY_SHAPE else axes
        # A Symbol as the label carries the assumptions on to the entries.
        symbol = sp.IndexedBase(name, shape=shape, **assumed)
    return Input(name, symbol, kind, named, classes=of_classes, masks=masks)


def _axis(name: str, size: Any) -> str:
    if size is ...:
        return "..."
    if isinstance(size, sp.Symbol) and size.is_integer and size.is_positive:
        return str(size)
    raise TypeError(f"{name}: an axis must be a size, as refmath.sizes gives it, or ...; got {size!r}")


def parameter(name: Any, default: Any, *, others: Iterable[float] = (), **assumptions: bool) -> Parameter:
    """A numeric parameter of a formula, keyword-only in its signature; in the definition it is a symbol like any other.

    Args:
        name: Its name.
        default: Its number, if nobody says otherwise.
        others: Numbers under which a candidate that takes it by name is tried besides; without them, half and twice the default and the like.
        **assumptions: What SymPy may assume of it besides that it is real, e.g. `positive=True`; other numbers are refused.

    Raises:
        TypeError: If the name is no identifier, or the default is no real number.
        ValueError: If the default is not what is assumed.

    Examples:
        >>> gamma = parameter("gamma", 2.0)
        >>> print((1 - gamma) ** 2, gamma.default)
        (1 - gamma)**2 2.0
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(f"the name of a parameter must be an identifier; got {name!r}")
    tried = tuple(others)
    for number in (default, *tried):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{name} must be a real number; got {number!r}")
        if (assumptions.get("positive") and not number > 0) or (assumptions.get("nonnegative") and not number >= 0):
            raise ValueError(f"{name} must be {'positive' if number == 0 else 'no less than 0'}; got {number!r}")
    return Parameter(name, default, tried, real=True, **assumptions)
