"""What follows from a formula's definition and its arguments: the axes of an answer, the axis that labels count along, and whether they fit."""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from refmath.symbols import Parameter

_ANY_SHAPE = ("...",)
#: An array of any shape is taken as all its entries in a row: so many.
_ENTRIES = "N"
Output = tuple[tuple[sp.Symbol, str], ...]


def completed(formula: Any) -> dict[str, Any]:
    """What follows from a formula's definition and its arguments, by attribute; a part as its key, its definition and its output.

    Raises:
        TypeError: If something is not what it should be.
        ValueError: If the definition does not fit the arguments.
    """
    name = formula.name
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise TypeError(f"the name of a formula must be an identifier; got {name!r}")
    given = _inputs_of(formula)
    parameters, tried = _parameters_of(formula)
    definitions = {part.key: part.definition for part in formula.parts} or _definitions_of(formula)
    written = {key: _expression(name, key, value) for key, value in definitions.items()}
    inputs = tuple(_with_classes(each, written.values()) for each in given)
    if any(each.is_function for each in inputs) or formula.by_layers:
        # Their definitions are written over what only balls know; and what is written layer by layer has sizes of its own.
        return {"parameters": parameters, "output": formula.output or ()}
    _require_different(name, inputs, parameters, written)
    known = {*parameters, *(str(each.symbol) for each in inputs if not each.axes or each.is_number)}
    said = {part.key: part.output for part in formula.parts} or {"": formula.output}
    outputs = {key: _output(name, key, expression, inputs, known, said.get(key)) for key, expression in written.items()}
    found: dict[str, Any] = {"inputs": inputs, "parameters": parameters, "display": formula.display or _display(name)}
    found["tried"] = {**formula.tried, **tried}
    if "" in written:
        return {**found, "definition": written[""], "output": outputs[""]}
    found["parts"] = tuple((key, expression, outputs[key]) for key, expression in written.items())
    return {**found, "definition": next(iter(written.values())), "output": ()}


def _require_different(
    name: str, inputs: tuple[Any, ...], parameters: Mapping[str, Any], written: Mapping[str, sp.Expr]
) -> None:
    """Refuses one name for two things.

    Raises:
        ValueError: With the name, and what both are.
    """
    arguments = {str(each.symbol): each for each in inputs}
    axes = {axis for each in inputs for axis in each.axes} | (
        {_ENTRIES} if any("..." in each.axes for each in inputs) else set()
    )
    for other in parameters:
        if other in arguments or other in axes:
            raise ValueError(
                f"{other} is a parameter of {name}, and {'an argument' if other in arguments else 'the size of an axis'}: rename one"
            )
    for other in axes & set(arguments):
        raise ValueError(f"{other} is an argument of {name}, and the size of an axis: rename one")
    for expression in written.values():
        running = {limit[0] for each in expression.atoms(ExprWithLimits) for limit in each.limits}
        running |= {
            index for entry in expression.atoms(sp.Indexed) for index in entry.indices if isinstance(index, sp.Symbol)
        }
        for index in sorted(running, key=str):
            if str(index) in arguments:
                raise ValueError(f"{index} is an argument of {name}, and an index in its definition: rename one")
        for piecewise in expression.atoms(sp.Piecewise):
            conditions = set().union(*(condition.free_symbols for _, condition in piecewise.args))
            inside = {
                limit[0] for value, _ in piecewise.args for each in value.atoms(ExprWithLimits) for limit in each.limits
            }
            if conditions & inside:
                index = min(map(str, conditions & inside))
                raise ValueError(
                    f"in the definition of {name} SymPy has moved a Piecewise out of the sum over {index}, on which its condition depends: "
                    f"write the condition as a factor, such as sp.KroneckerDelta({index}, 0) or sp.Heaviside"
                )


def _definitions_of(formula: Any) -> dict[str, Any]:
    """The definition of each array of the answer, by its name; of a single one it is empty."""
    if not isinstance(formula.definition, Mapping):
        return {"": formula.definition}
    if not formula.definition:
        raise ValueError(f"{formula.name} has no definition")
    return {str(key): value for key, value in formula.definition.items()}


def _inputs_of(formula: Any) -> tuple[Any, ...]:
    inputs = (formula.inputs,) if hasattr(formula.inputs, "axes") else tuple(formula.inputs)
    if not inputs:
        raise ValueError(f"{formula.name} has no arguments: give inputs=(…,)")
    for each in inputs:
        if not hasattr(each, "axes"):
            raise TypeError(
                f"the inputs of {formula.name} must be arguments, as refmath.argument gives them; got {each!r}"
            )
    twice = _twice(each.name for each in inputs)
    if twice:
        raise ValueError(f"{formula.name} has two arguments called {twice}")
    arrays = {each.axes for each in inputs if each.axes and not each.is_function}
    if _ANY_SHAPE in arrays and len(arrays) > 1:
        others = ", ".join(each.name for each in inputs if each.axes and each.axes != _ANY_SHAPE)
        raise ValueError(
            f"in {formula.name} arrays of any shape stand beside arrays whose axes have names, {others}: give all of them names"
        )
    return inputs


def _parameters_of(formula: Any) -> tuple[Mapping[str, Any], dict[str, tuple[float, ...]]]:
    """The defaults of the parameters, and the other numbers that are tried."""
    if isinstance(formula.parameters, Mapping):
        return formula.parameters, {}
    given = (formula.parameters,) if isinstance(formula.parameters, Parameter) else tuple(formula.parameters)
    for each in given:
        if not isinstance(each, Parameter):
            raise TypeError(
                f"the parameters of {formula.name} must be as refmath.parameter gives them, or a mapping from names to defaults; got {each!r}"
            )
    twice = _twice(str(each) for each in given)
    if twice:
        raise ValueError(f"{formula.name} has two parameters called {twice}")
    return {str(each): each.default for each in given}, {str(each): each.others or _others(each) for each in given}


def _others(each: Parameter) -> tuple[float, ...]:
    """Numbers beside the default: of a guard, which is tiny, the usual ones; of a share near 1 others below 1; of any other, half, twice, and one at the edge.

    If it is declared that 0 may be among them, it is.
    """
    if each.default == 0:
        return (0.5, 2.0, 0.125)
    numbers: tuple[float, ...] = (each.default / 2, 2 * each.default, 1.0)
    if 0 < abs(each.default) <= 1e-3:
        numbers = (1e-12, 1e-3, 1e-5)
    elif 0.5 < each.default < 1:
        numbers = (each.default / 2, (1 + each.default) / 2)
    if each.is_nonnegative and not each.is_positive:
        numbers = (0.0, *numbers)
    return tuple(number for number in numbers if number != each.default)


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), "")  # type: ignore[func-returns-value]


def _expression(name: str, key: str, value: Any) -> sp.Expr:
    of = f"the definition of {name}" + (f", {key}," if key else "")
    if hasattr(value, "_sympy_") or isinstance(value, int | float):
        value = sp.sympify(value)
    if not isinstance(value, sp.Expr):
        raise TypeError(f"{of} must be a SymPy expression; got {type(value).__name__} {value!r}")
    rounded = next(iter(sorted(value.atoms(sp.Float), key=str)), None)
    if rounded is not None:
        raise ValueError(
            f"{of} holds the rounded number {rounded:.6g}: write it as a fraction, sp.Rational(1, 10), or as a parameter"
        )
    return value


def _with_classes(each: Any, definitions: Iterable[sp.Expr]) -> Any:
    """Labels, with the axis whose places they count."""
    if each.kind != "labels" or each.classes:
        return each
    found: dict[str, None] = {}
    for definition in definitions:
        for entry in definition.atoms(sp.Indexed):
            for place, index in enumerate(entry.indices):
                if isinstance(index, sp.Indexed) and index.base == each.symbol:
                    found[str(entry.base.shape[place])] = None
    if len(found) == 1:
        return replace(each, classes=next(iter(found)))
    said = f"they index {' and '.join(found)}" if found else "they index no axis of the definition"
    raise ValueError(f"{each.name}: say which axis the labels count along, classes=K: {said}")


def _output(name: str, key: str, definition: sp.Expr, inputs: tuple[Any, ...], known: set[str], given: Any) -> Output:
    """The free indices of a definition, each with its axis.

    Raises:
        ValueError: If a symbol is nowhere declared, or an argument has other axes.
    """
    of = f"the definition of {name}" + (f", {key}," if key else "")
    arrays = {each.name: each for each in inputs if each.axes and not each.is_number}
    # Entries of a mapping have names that are no identifiers.
    by_label = {str(each.symbol): each for each in arrays.values()}
    axes = list(dict.fromkeys(_ENTRIES if axis == "..." else axis for each in arrays.values() for axis in each.axes))
    counted = [each.classes for each in inputs if each.kind == "labels"]
    allowed = {*axes, *counted}
    along: dict[sp.Symbol, str] = {}
    for entry in sorted(definition.atoms(sp.Indexed), key=str):
        label = str(entry.base.label)
        if label not in by_label:
            raise ValueError(f"{label} in {of} is no argument; {_has(inputs)}")
        own = by_label[label].axes
        if len(own) != len(entry.indices):
            raise ValueError(
                f"{label} has {len(own)} {'axis' if len(own) == 1 else 'axes'} ({', '.join(own)}); {of} gives it {len(entry.indices)} "
                f"{'index' if len(entry.indices) == 1 else 'indices'}: {entry}"
            )
        for axis, index in zip(own, entry.indices, strict=True):
            if isinstance(index, sp.Symbol):
                along.setdefault(index, _ENTRIES if axis == "..." else axis)
    for base in sorted(definition.atoms(sp.IndexedBase), key=str):
        if str(base.label) not in by_label | dict.fromkeys(known):
            raise ValueError(f"{base.label} in {of} is no argument; {_has(inputs)}")
    labels = {str(each.symbol) for each in arrays.values()}
    free = [
        each
        for each in definition.free_symbols
        if isinstance(each, sp.Symbol) and str(each) not in labels | known | allowed
    ]
    chosen = None if given is None else tuple(_of_output(name, each, along, [*axes, *counted]) for each in given)
    for each in sorted(free, key=str):
        if each not in (along if chosen is None else dict(chosen)):
            raise ValueError(_undeclared(each, of, inputs, known))
    if chosen is not None:
        return chosen
    return tuple((index, along[index]) for index in sorted(free, key=lambda one: (axes.index(along[one]), str(one))))


def _of_output(name: str, each: Any, along: Mapping[sp.Symbol, str], axes: list[str]) -> tuple[sp.Symbol, str]:
    """A free index with its axis, from the index alone or from both."""
    if isinstance(each, sp.Symbol):
        if each not in along:
            raise ValueError(
                f"the output of {name}: which axis {each} runs over is not known; give it with the size, as in ({each}, {axes[-1]})"
            )
        return each, along[each]
    if not isinstance(each, tuple) or len(each) != 2 or not isinstance(each[0], sp.Symbol):
        raise TypeError(f"the output of {name} must be its free indices, or pairs of an index and a size; got {each!r}")
    if str(each[1]) not in axes:
        raise ValueError(f"the output of {name}: {each[1]} is the size of no axis; there are: {', '.join(axes)}")
    return each[0], str(each[1])


def _undeclared(symbol: sp.Symbol, of: str, inputs: tuple[Any, ...], known: set[str]) -> str:
    names = [*(each.name for each in inputs), *known]
    near = difflib.get_close_matches(str(symbol), [each for each in names if each != str(symbol)], n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    if symbol.is_integer and symbol.is_positive:
        return f"{symbol} in {of} is the size of no axis; {_has(inputs)}"
    if str(symbol) in names:
        return f"{symbol} in {of} is not the one that is declared: its assumptions differ; use what refmath.argument or refmath.parameter gave"
    return f"{symbol} in {of} is nowhere declared: it is no argument, no parameter, no size of an axis, and the index of none{hint}"


def _has(inputs: tuple[Any, ...]) -> str:
    return "its arguments: " + ", ".join(
        f"{each.name}[{_axes_of(each)}]" if each.axes else each.name for each in inputs
    )


def _display(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}"


def _axes_of(each: Any) -> str:
    return f"..., {_ENTRIES} entries in all" if each.axes == _ANY_SHAPE else ", ".join(each.axes)
