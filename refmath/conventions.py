"""What a convention says beyond its definition: its numbers in a number format, what it is defined on, and both in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from refmath.spec import ByFormat, Constant, Convention, Domain, Formula, Setting, are_labels

#: The axis of the classes.
_CLASSES = "K"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_format(chosen: Setting, dtype: str) -> Setting:
    """A setting with the numbers that its convention has in a number format.

    Args:
        chosen: The setting.
        dtype: The name of the format; any other dtype than the four formats counts as float64.
    """
    settled = {name: value_in(value, dtype) for name, value in chosen.constants.items()}
    return replace(chosen, constants=settled) if settled else chosen


def value_in(constant: Constant, dtype: str) -> Any:
    """A convention's number in a number format: a float, or an exact fraction."""
    if not isinstance(constant, ByFormat):
        return constant
    return constant.values.get(dtype, constant.values["float64"])


# ---- what a convention is defined on


def outside(chosen: Setting, inputs: Mapping[str, Any]) -> str:
    """Why a convention is not defined on some inputs of its page, in a sentence; empty if it is.

    Args:
        chosen: The formula under the convention.
        inputs: The arguments by name, arrays of shapes that fit each other.
    """
    formula, domain = chosen.formula, chosen.domain
    under = f"under the convention {chosen.convention!r} of {formula.name}"
    name, classes = _classes(formula, inputs)
    if classes < domain.fewest_classes:
        return f"{name} must have at least {domain.fewest_classes} classes {under}, which is not defined for fewer; got {classes}"
    for argument in domain.certain:
        values = np.asarray(inputs[argument], np.float64)
        between = values[~np.isin(values, (0, 1))]
        if between.size:
            return f"{argument} must hold 0 and 1 only {under}; got {between.flat[0]}"
    if domain.targets == "any":
        return ""
    for each in formula.inputs:
        if each.kind in ("targets", "targets_or_labels") and not are_labels(formula, inputs, each):
            soft = _first_soft(np.asarray(inputs[each.name], np.float64))
            if soft is not None:
                return f"{each.name} must be one-hot {under}: a single 1 and zeros in each sample; got {soft.tolist()}"
    return ""


def _classes(formula: Formula, inputs: Mapping[str, Any]) -> tuple[str, float]:
    """The first argument that has an axis of classes, and how many there are; infinitely many if there is no such axis."""
    for each in formula.inputs:
        if _CLASSES in each.axes and not are_labels(formula, inputs, each):
            return each.name, np.shape(inputs[each.name])[each.axes.index(_CLASSES) - len(each.axes)]
    return "", math.inf


def _first_soft(targets: Any) -> Any:
    """The first sample that is not one-hot, if there is one."""
    samples = targets.reshape(-1, targets.shape[-1])
    soft = ~np.isin(samples, (0, 1)).all(axis=1) | (samples.sum(axis=1) != 1)
    return samples[np.argmax(soft)] if soft.any() else None


def not_defined(domain: Domain) -> tuple[str, ...]:
    """The kinds of input that a domain leaves out, in words."""
    one = domain.fewest_classes == 2
    fewer = ["one class" if one else f"fewer than {domain.fewest_classes} classes"] if domain.fewest_classes > 1 else []
    return (*fewer, *(["soft targets"] if domain.targets == "one-hot" or domain.certain else []))


# ---- in words


def described(convention: Convention) -> str:
    """What differs under a convention, its numbers in each format, and what it is not defined on."""
    left_out = not_defined(convention.domain)
    told = [
        convention.text,
        *(_of_formats(name, value) for name, value in convention.constants.items() if isinstance(value, ByFormat)),
        *([f"Not defined for {' or '.join(left_out)}."] if left_out else []),
    ]
    return " ".join(told)


def _of_formats(name: str, constant: ByFormat) -> str:
    """The values of a number, those formats together that have the same."""
    formats: dict[float, list[str]] = {}
    for dtype, value in constant.values.items():
        formats.setdefault(value, []).append(dtype)
    told = [f"{_short(value)} for {' and '.join(dtypes)}" for value, dtypes in formats.items()]
    return f"{_GREEK.get(name, name)} is {', '.join(told)}."


_GREEK = {"epsilon": "ε", "delta": "δ"}


def _short(value: float) -> str:
    """A number; a power of two as one."""
    significand, exponent = math.frexp(value)
    return f"2{str(exponent - 1).translate(_SUPERSCRIPTS)}" if significand == 0.5 else repr(value)
