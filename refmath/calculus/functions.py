r"""Functions of an array whose derivatives are known: what programs are tried on that take a function.

Each is given twice, as a NumPy program, which is what a program under test is handed, and as a SymPy expression for any number N of entries, from which its
derivatives follow: `refmath.calculus.definitions` has these, as a candidate's process needs none. They can be added and multiplied by numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from refmath.arguments import Array
from refmath.narrow import is_float

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True, eq=False)
class Family:
    """A function of x with coefficients c, one for each entry of x.

    Attributes:
        name: The name it has in this module.
        source: The program, as Python source over x and c in a row.
        program: The same, to be called.
        quadratic: Whether its second derivatives are constant.
        separable: Whether it is a sum of functions of one entry each, so that its mixed derivatives are zero.
        own: Its definition, if it is not one of this module.
    """

    name: str
    source: str
    program: Callable[[Array, Array], Any]
    quadratic: bool = False
    separable: bool = False
    own: sp.Expr | None = None

    @property
    def definition(self) -> sp.Expr:
        """The mathematics, over the entries of x in a row."""
        if self.own is not None:
            return self.own
        from refmath.calculus.definitions import DEFINITIONS

        return DEFINITIONS[self.name]

    def __reduce__(self) -> str:
        # Another process, which a report is sent from, has the same families under the same names.
        return self.name


SQUARES = Family("SQUARES", "np.sum({c} * {x}**2)", lambda c, x: np.sum(c * x**2), quadratic=True, separable=True)
CUBES = Family("CUBES", "np.sum({c} * {x}**3)", lambda c, x: np.sum(c * x**3), separable=True)
SQUARED_SUM = Family("SQUARED_SUM", "np.sum({c} * {x})**2", lambda c, x: np.sum(c * x) ** 2, quadratic=True)
PRODUCT = Family("PRODUCT", "np.sum({x}**2) * np.sum({c} * {x})", lambda c, x: np.sum(x**2) * np.sum(c * x))
EXPONENTIALS = Family("EXPONENTIALS", "np.sum(np.exp({c} * {x}))", lambda c, x: np.sum(np.exp(c * x)), separable=True)
BELL = Family("BELL", "np.exp(-np.sum(({c} * {x})**2) / 8)", lambda c, x: np.exp(-np.sum((c * x) ** 2) / 8))
LOG_SUM_EXP = Family("LOG_SUM_EXP", "np.log(np.sum(np.exp({c} * {x})))", lambda c, x: np.log(np.sum(np.exp(c * x))))
FRACTION = Family(
    "FRACTION", "np.sum({c} * {x}) / (1 + np.sum({x}**2))", lambda c, x: np.sum(c * x) / (1 + np.sum(x**2))
)

POLYNOMIALS = (SQUARES, CUBES, SQUARED_SUM, PRODUCT)
FAMILIES = (*POLYNOMIALS, EXPONENTIALS, BELL, LOG_SUM_EXP, FRACTION)


@dataclass(frozen=True)
class Function:
    """A sum of multiples of functions, which can be called with an array.

    Attributes:
        terms: The factor, the family, and its coefficients, one for each entry of the arrays it is called with.
        shape: The shape of these arrays, if it insists on one, as most functions do; by default it takes any shape, and lists and numbers too.
    """

    terms: tuple[tuple[float, Family, tuple[float, ...]], ...]
    shape: tuple[int, ...] | None = None

    def __call__(self, x: Any) -> Any:
        """The value at x, in the dtype of x (float64 for integers); at complex numbers too, for derivatives by a complex step.

        Raises:
            TypeError: If it insists on a shape, and x is no array of that shape.
        """
        if self.shape is not None:
            self._require_shape(x)
        given = np.ravel(np.asarray(x))
        entries = given if given.dtype.kind == "c" or is_float(given.dtype) else given.astype(np.float64)
        one = entries.dtype.type
        return sum(
            one(factor) * family.program(coefficients, entries)
            for (factor, family, _), coefficients in zip(self.terms, self._coefficients(entries.dtype), strict=True)
        )

    def _coefficients(self, dtype: Any) -> list[Array]:
        """The coefficients of each term as an array, made once."""
        if dtype not in self._known:
            self._known[dtype] = [np.array(coefficients, dtype) for _, _, coefficients in self.terms]
        return self._known[dtype]

    @functools.cached_property
    def _known(self) -> dict[Any, list[Array]]:
        return {}

    def without(self, kept: Array, axis: int) -> Function:
        """The same function of the places that stay along an axis of its arrays."""
        if self.shape is None:
            raise ValueError("a function of arrays of any shape has no axes")
        shape = list(self.shape)
        shape[axis] = len(kept)
        taken = [np.take(np.reshape(own, self.shape), kept, axis=axis).ravel().tolist() for _, _, own in self.terms]
        terms = tuple((factor, family, tuple(own)) for (factor, family, _), own in zip(self.terms, taken, strict=True))
        return Function(terms, tuple(shape))

    def _require_shape(self, x: Any) -> None:
        wanted = f"f takes an array of shape {self.shape}"
        if not hasattr(x, "shape") and not hasattr(x, "__array__"):
            kind = type(x).__name__
            raise TypeError(f"{wanted}; got {'an' if kind[0] in 'aeiou' else 'a'} {kind}")
        shape = tuple(x.shape if hasattr(x, "shape") else np.asarray(x).shape)
        if shape != self.shape:
            raise TypeError(f"{wanted}; got shape {shape}")

    @property
    def is_quadratic(self) -> bool:
        """Whether all its second derivatives are constant."""
        return all(family.quadratic for _, family, _ in self.terms)

    @property
    def is_separable(self) -> bool:
        """Whether it is a sum of functions of one entry each."""
        return all(family.separable for _, family, _ in self.terms)

    def __add__(self, other: Function) -> Function:
        if None not in (self.shape, other.shape) and self.shape != other.shape:
            raise ValueError(f"functions of arrays of shapes {self.shape} and {other.shape} have no sum")
        return Function(self.terms + other.terms, other.shape if self.shape is None else self.shape)

    def __rmul__(self, factor: float) -> Function:
        return Function(
            tuple((factor * own, family, coefficients) for own, family, coefficients in self.terms), self.shape
        )

    def __str__(self) -> str:
        terms = []
        for factor, family, coefficients in self.terms:
            source = family.source.format(c=f"np.array({list(coefficients)})", x="np.ravel(x)")
            # In brackets, as a product is to be multiplied as a whole: otherwise it would be rounded in another order.
            terms.append(source if factor == 1 else f"{factor!r} * ({source})")
        return f"lambda x: {' + '.join(terms)}"


def function(family: Family, *coefficients: float, shape: tuple[int, ...] | None = None) -> Function:
    """One function of a family, which may insist on a shape."""
    return Function(((1.0, family, coefficients),), shape)
