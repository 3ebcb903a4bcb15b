"""Numbers as a reader of mathematics writes them: −1.2·10⁻⁸."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.ticker import NullLocator

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """A power of ten.

    Examples:
        >>> power(-8)
        '10⁻⁸'
    """
    return f"10{str(exponent).translate(_RAISED)}"


def number(value: Any, digits: int = 3) -> str:
    """A number in so many digits at most, beyond a thousand and below a thousandth by a power of ten.

    Examples:
        >>> number(-0.25), number(-1.2e-8), number(1e-4), number(18.42068), number(153, 2)
        ('−0.25', '−1.2·10⁻⁸', '10⁻⁴', '18.4', '150')
    """
    value = float(value)
    if value == 0 or not math.isfinite(value) or 1e-3 <= abs(value) < 1e4:
        return f"{float(f'{value:.{digits}g}'):g}".replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    times = {"1": "", "−1": "−"}.get(mantissa, f"{mantissa}·")
    return times + power(int(exponent))


def fixed(value: float, places: int = 4) -> str:
    """A number with so many decimal places, to be compared with its neighbours.

    Examples:
        >>> fixed(-0.35)
        '−0.3500'
    """
    return f"{value:.{places}f}".replace("-", "−")


def percent(share: float, digits: int = 0) -> str:
    """A share in hundredths.

    Examples:
        >>> percent(0.9456, 1)
        '94.6 %'
    """
    return f"{100 * share:.{digits}f} %"


def decades(axis: Any, exponents: Any) -> None:
    """Marks an axis in logarithms at powers of ten, which are written as letters can."""
    axis.set_ticks([10.0**e for e in exponents], [power(e) for e in exponents])
    axis.set_minor_locator(NullLocator())
