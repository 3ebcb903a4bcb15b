"""The certified value of a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from refmath import catalogue
from refmath.balls.exact import Enclosure, enclosure
from refmath.spec import Formula, setting


def exact(formula: str | Formula, *inputs: Any, convention: str | None = None, **parameters: Any) -> Enclosure:
    """The exact value of a formula on the given numbers, certified: the page's mathematics in ball arithmetic.

    Args:
        formula: A name in the catalogue, or a `refmath.Formula` of your own.
        *inputs: The formula's inputs, in the order of its signature: scalars, nested lists or arrays of binary floats or
            integers. Each number is taken exactly as it is.
        convention: One of the page's conventions, instead of its defaults. A number of it that depends on the number format, such as the ε
            of scikit-learn, is that of the first array's dtype; lists and integers count as float64.
        **parameters: The formula's keyword-only parameters and options, e.g. `guard="offset"` or `reduction="sum"`.

    Returns:
        An enclosure of the value, tight enough that its float64 rounding is known.

    Raises:
        ValueError: For an unknown name or convention, shapes that do not fit, numbers that are not finite, inputs that the convention is not
            defined on.
        TypeError: For a wrong number of inputs, unknown parameters, arrays that are not real.

    Examples:
        >>> from refmath import exact
        >>> value = exact("mean_squared_error", [0.1, 0.2], [0.0, 0.0])
        >>> print(value.nearest(), value.nearest("float16"))
        0.025 0.025
        >>> print(value.lower, value.upper)
        0.025 0.025000000000000005

        A perfect output costs −ln(1 − ε) under the convention of scikit-learn, whose ε is that of the number format:

        >>> import numpy as np
        >>> perfect = np.array([1.0, 0.0], np.float32)
        >>> print(exact("cross_entropy_labels", perfect, 0, convention="sklearn").nearest("float32"))
        1.192093e-07
    """
    chosen = setting(_encoded(catalogue.formula(formula), inputs, parameters), convention, **parameters)
    return enclosure(chosen, *inputs, *chosen.arrays.values())


def _encoded(formula: Formula, inputs: Sequence[Any], parameters: Mapping[str, Any]) -> Formula:
    """What a formula is that takes targets in either encoding, if options are given: the formula of the encoding that the inputs have."""
    options = formula.options
    if options is None or not options.encodings or not parameters.keys() & options.defaults:
        return formula
    labels, targets = options.encodings
    are_labels = len(inputs) > 1 and np.ndim(inputs[1]) < np.ndim(inputs[0])
    return catalogue.formula(labels if are_labels else targets)
