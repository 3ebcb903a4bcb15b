"""What operators yield: one change of a definition, or of an argument, with its name and its sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair

from refmath.spec import Formula, Setting
from refmath.symbols import Joint

Output = tuple[tuple[sp.Symbol, str], ...]

#: A parameter that is smaller is a guard.
SMALL = 0.01
#: How rare it is that a whole function is another one: the rarest of all, and nobody multiplies it by a number besides.
ANOTHER = 6
#: A constant that a change brings in, and that is fitted to the candidate's answers.
FITTED = sp.Symbol("fitted_constant", positive=True)


@dataclass(frozen=True)
class Change:
    """A definition with one mistake in it.

    Attributes:
        name: A noun or clause, e.g. `base_two`.
        text: What is wrong, in a sentence; `{value}` stands for the constant.
        definition: The wrong definition.
        output: Its free indices.
        rank: How rare it is: 0 for what people do every day.
        constant: The name of the number in it that is fitted; empty for none.
        tried: The numbers that are tried for it.
    """

    name: str
    text: str
    definition: sp.Expr
    output: Output
    rank: int = 1
    constant: str = ""
    tried: tuple[float, ...] = ()


@dataclass(frozen=True)
class Applied:
    """A change of arguments before the formula is evaluated: what an entry becomes, by the name of the argument's symbol."""

    name: str
    text: str
    entries: Mapping[str, Callable[[sp.Indexed], sp.Expr]] = field(default_factory=dict)
    rank: int = 1

    def to(self, definition: sp.Expr) -> sp.Expr:
        """The definition with the changed arguments."""
        entries = {each: self.entries.get(str(each.base.label)) for each in definition.atoms(sp.Indexed)}
        return substituted(definition, {each: entry(each) for each, entry in entries.items() if entry})


@dataclass(frozen=True)
class Given:
    """What operators work on.

    Attributes:
        formula: The formula, for its arguments and sizes.
        definition: The definition; of an answer in parts all of them, as one.
        output: Its free indices; empty for an answer in parts.
        numbers: The parameters, by name.
        related: The formula that it is the derivative of, and those that are its derivatives.
    """

    formula: Formula
    definition: sp.Expr
    output: Output
    numbers: tuple[tuple[str, float], ...]
    related: tuple[Formula, ...] = ()

    @staticmethod
    def of(chosen: Setting, related: tuple[Formula, ...] = ()) -> Given:
        """The definition of a setting, whose numbers are those of a format."""
        numbers: dict[str, Any] = {**chosen.parameters, **chosen.constants}
        return Given(
            chosen.formula,
            Joint(*(part.definition for part in chosen.parts)) if chosen.parts else chosen.definition,
            () if chosen.parts else chosen.formula.output,
            tuple(sorted((name, float(value)) for name, value in numbers.items())),
            related,
        )

    @functools.cached_property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters."""
        return frozenset(name for name, _ in self.numbers)

    @functools.cached_property
    def guards(self) -> frozenset[str]:
        """The parameters that are so small that they can only be guards."""
        return frozenset(name for name, value in self.numbers if abs(value) < SMALL)

    @functools.cached_property
    def sizes(self) -> dict[str, sp.Symbol]:
        """The sizes that the definition may hold, by name."""
        names = {axis for each in self.formula.inputs for axis in each.axes if axis != "..."} or {"N"}
        known = {each.name: each for each in self.definition.free_symbols if each.name in names}
        return {name: known.get(name, sp.Symbol(name, integer=True, positive=True)) for name in sorted(names)}

    def axis_of(self, limit: sp.Tuple) -> str:
        """The axis that a limit `(index, 0, size − 1)` runs over; empty if it is another range."""
        size = limit[2] + 1
        return size.name if limit[1] == 0 and size.is_Symbol and size.name in self.sizes else ""

    @property
    def of_any_shape(self) -> bool:
        """Whether the arguments have any shape, and the definition takes their entries in a row."""
        return any(each.axes == ("...",) for each in self.formula.inputs)

    @property
    def samples(self) -> str:
        """The axis of the samples: the first of the first argument."""
        first = self.formula.inputs[0].axes
        return first[0] if first and first[0] != "..." else "N"


def maximum(*values: Any) -> sp.Expr:
    """The larger of two expressions, of which SymPy need not know that they are real."""
    return _of(sp.Max, values)


def minimum(*values: Any) -> sp.Expr:
    """The smaller of two expressions, of which SymPy need not know that they are real."""
    return _of(sp.Min, values)


def _of(function: Any, values: tuple[Any, ...]) -> sp.Expr:
    try:
        return function(*values)
    except ValueError:
        return function(*values, evaluate=False)


def nodes(expression: sp.Basic) -> Iterator[sp.Basic]:
    """The parts of an expression from the outside in, but for limits, conditions and indices."""
    yield expression
    if isinstance(expression, sp.Sum):
        yield from nodes(expression.function)
    elif isinstance(expression, sp.Piecewise):
        for branch, _ in expression.args:
            yield from nodes(branch)
    elif isinstance(expression, sp.Expr) and not isinstance(expression, sp.Indexed | sp.KroneckerDelta):
        for each in expression.args:
            yield from nodes(each)


def substituted(expression: sp.Basic, new: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
    """An expression with some of its parts replaced; the largest of several is not looked for among symbols, which takes SymPy long."""
    if expression in new:
        return new[expression]
    args = [substituted(each, new) for each in expression.args]
    if all(one is other for one, other in zip(args, expression.args, strict=True)):
        return expression
    return rebuilt(expression, args)


def rebuilt(expression: sp.Basic, args: list[sp.Basic]) -> sp.Basic:
    """An expression of the same kind with other parts."""
    if isinstance(expression, sp.Max | sp.Min):
        return expression.func(*args, evaluate=False)
    return expression.func(*args)


def replaced(
    definition: sp.Expr, make: Callable[[sp.Basic], Iterable[tuple[str, str, int, sp.Expr]]]
) -> Iterator[tuple[str, str, int, sp.Expr]]:
    """Definitions in which one part is replaced wherever it stands, and, if it stands in two or three places, in each of them alone.

    What is said alike of several parts is done to all of them together, too.
    """
    count: dict[sp.Basic, int] = {}
    for node in nodes(definition):
        count[node] = count.get(node, 0) + 1
    conditional = definition.has(sp.Piecewise)
    alike: dict[tuple[str, str], dict[sp.Basic, sp.Expr]] = {}
    ranks: dict[tuple[str, str], int] = {}
    for node, times in count.items():
        for name, text, rank, new in make(node):
            if new == node:
                continue
            if not any(other.has(node) for other in alike.setdefault((name, text), {})):
                alike[name, text].setdefault(node, new)
                ranks[name, text] = rank
            yield name, text, rank, substituted(definition, {node: new})
            # A condition is no part, but goes by what stands in it.
            if 1 < times <= 3 or conditional:
                for place in range(times):
                    yield name, text, rank + 1, _at(definition, node, new, iter([place]))[0]
    for (name, text), parts in alike.items():
        if len(parts) > 1:
            yield name, text, ranks[name, text], substituted(definition, parts)


def _at(expression: sp.Basic, node: sp.Basic, new: sp.Basic, place: Iterator[int]) -> tuple[sp.Basic, int]:
    """An expression with one of its parts replaced in one place, which are counted as `nodes` does."""
    wanted = next(place)

    def walk(each: sp.Basic, seen: int) -> tuple[sp.Basic, int]:
        if each == node:
            return (new if seen == wanted else each), seen + 1
        if isinstance(each, sp.Indexed | sp.KroneckerDelta) or not each.args:
            return each, seen
        if not isinstance(each, sp.Expr | ExprCondPair):
            return each, seen
        args = list(each.args)
        last = 1 if isinstance(each, sp.Sum | ExprCondPair) else len(args)
        for at in range(last):
            args[at], seen = walk(args[at], seen)
        return (rebuilt(each, args) if args != list(each.args) else each), seen

    return walk(expression, 0)


def shown(expression: sp.Basic) -> str:
    """An expression as a reader would write it, if it is short enough."""
    text = str(sp.sstr(expression)).replace("**", "^").replace("*", " ")
    return text if len(text) <= 40 else ""
