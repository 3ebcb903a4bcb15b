"""Mistakes with sums: over another axis, over everything, over the first entry only; a mean instead of a sum, a function before it instead of after."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from refmath.mistakes.change import Change, Given, maximum, nodes, replaced, shown, substituted
from refmath.mistakes.factor import scale
from refmath.mistakes.terms import Found
from refmath.symbols import Intermediate, Joint, Largest

_others = (
    sp.Symbol("other_row", integer=True, nonnegative=True),
    sp.Symbol("other_column", integer=True, nonnegative=True),
)


def sums(given: Given) -> Found:
    """Definitions with a mistake in a sum over an axis."""
    yield from replaced(given.definition, lambda node: _sums(node, given))
    yield from _over_everything(given)
    yield from _over_samples(given)
    for name, size in given.sizes.items():
        told = f"Divided by {name} − 1 instead of {name}."

        def other(node: sp.Basic, size: sp.Symbol = size, told: str = told) -> Found:
            if node == 1 / size:
                yield "divided_by_one_less", told, 1, 1 / (size - 1)
            elif isinstance(node, Intermediate) and any(each == 1 / size for each in sp.Mul.make_args(node.args[0])):
                of = f"It is not divided by {size}: a sum, where a mean is meant."
                yield "sum_instead_of_mean", of, 1, Intermediate(node.args[0] * size)

        yield from replaced(given.definition, other)


def one_a_sample(given: Given) -> Iterator[Change]:
    """Definitions in which the outermost sum is not taken over an axis, which the answer then has."""
    if given.output or isinstance(given.definition, Joint):
        return
    for node in dict.fromkeys(nodes(given.definition)):
        if not isinstance(node, sp.Sum) or node.free_symbols - given.definition.free_symbols:
            continue
        axes = [(limit, given.axis_of(limit)) for limit in node.limits]
        for limit, axis in axes:
            if axis:
                new = _without(node.function, [each for each in node.limits if each != limit])
                is_mean = scale(given)[1].get(axis) == -1
                if axis == given.samples and not is_mean and given.of_any_shape:
                    name, text = "sum_not_taken", "One value for each entry: the sum is not taken."
                elif axis == given.samples:
                    name, text = "one_loss_a_sample", "One loss for each sample: the mean over the batch is not taken."
                else:
                    name, text = (
                        "sum_not_taken",
                        f"One value for each place of the axis {axis}: the sum over it is not taken.",
                    )
                once = limit[2] + 1 if is_mean else 1
                yield Change(name, text, once * substituted(given.definition, {node: new}), ((limit[0], axis),), 1)
        if len(axes) == 2 and all(axis for _, axis in axes):
            output = tuple(
                sorted(((limit[0], axis) for limit, axis in axes), key=lambda each: each[1] != given.samples)
            )
            text = "One value for each entry: no sum is taken."
            powers = scale(given)[1]
            once = sp.Mul(*(limit[2] + 1 for limit, axis in axes if powers.get(axis) == -1))
            yield Change(
                "one_loss_an_entry", text, once * substituted(given.definition, {node: node.function}), output, 1
            )


def _without(function: sp.Expr, limits: list[sp.Tuple]) -> sp.Expr:
    return sp.Sum(function, *limits) if limits else function


def _sums(node: sp.Basic, given: Given) -> Found:
    if isinstance(node, sp.Sum):
        for limit in node.limits:
            index, first, last = limit
            others = [each for each in node.limits if each != limit]
            axis = given.axis_of(limit)
            if axis == given.samples:
                first_one = _without(node.function.subs(index, 0), others)
                told = "Only the first sample of the batch is counted."
                yield "first_sample_only", told, 1, first_one * (last + 1)
                yield "first_sample_only", told, 1, first_one
            else:
                yield (
                    "first_entry_only",
                    "Only the first entry of each sample is counted.",
                    2,
                    _without(node.function.subs(index, 0), others),
                )
            of = "sample" if axis == given.samples else "entry"
            if not others:
                yield (
                    f"last_{of}_left_out",
                    f"The last {of} is left out of a sum.",
                    2,
                    sp.Sum(node.function, (index, first, last - 1)),
                )
                yield (
                    f"first_{of}_left_out",
                    f"The first {of} is left out of a sum.",
                    2,
                    sp.Sum(node.function, (index, first + 1, last)),
                )
            if axis and not others:
                once = last + 1 if scale(given)[1].get(axis) == -1 else 1
                what = "a sum" if once == 1 else "the mean"
                told = f"The largest is taken instead of {what}."
                yield "largest_only", told, 1, once * Largest(node.function, limit)
            if axis:
                yield "mean_instead_of_sum", f"Divided by {axis}: a mean, where a sum is meant.", 1, node / (last + 1)
            if axis and axis == given.samples:
                for other in node.free_symbols - given.definition.free_symbols | {each for each, _ in given.output}:
                    if getattr(other, "is_integer", False) and other in node.function.free_symbols:
                        yield (
                            "own_term_left_out",
                            "The sample's own term is left out of the sum.",
                            2,
                            node - node.function.subs(index, other),
                        )
        yield from _function_after(node)
    else:
        yield from _function_before(node)


def _function_after(node: sp.Sum) -> Found:
    """A function of what is added up becomes one of the sum."""
    for limits in ([node.limits[0]], list(node.limits)):
        others = [each for each in node.limits if each not in limits]
        fixed, rest = node.function.as_independent(*(limit[0] for limit in limits), as_Add=False)
        size = sp.Mul(*(limit[2] + 1 - limit[1] for limit in limits))
        if isinstance(rest, sp.Pow) and rest.exp == 2:
            yield (
                "square_of_the_sum",
                "Added up before they are squared, not after: errors of opposite sign cancel.",
                1,
                _without(fixed * sp.Sum(rest.base, *limits) ** 2, others),
            )
            root = sp.sqrt(sp.Sum(rest, *limits))
            yield "root_taken", "The square root of the sum of squares is taken.", 1, _without(fixed * root, others)
            yield (
                "root_taken",
                "The square root of the mean of squares is taken.",
                1,
                _without(fixed * root / sp.sqrt(size), others),
            )
            yield (
                "root_taken",
                "The square root is taken of everything.",
                1,
                _without(sp.sqrt(sp.Sum(node.function, *limits)), others),
            )
        elif isinstance(rest, sp.Abs):
            squares = sp.Sum(rest.args[0] ** 2, *limits)
            for of, root in (("sum", sp.sqrt(squares)), ("mean", size * sp.sqrt(squares / size))):
                told = f"The root of the {of} of squares is taken instead of absolute values."
                yield "root_taken", told, 1, _without(fixed * root, others)
        if isinstance(rest, sp.log | sp.Abs):
            word = "logarithm" if isinstance(rest, sp.log) else "absolute value"
            inner = sp.Sum(rest.args[0], *limits)
            name = "log_of_the_mean" if isinstance(rest, sp.log) else "absolute_value_of_the_sum"
            yield (
                name,
                f"The mean is taken before the {word}, not after.",
                1,
                _without(size * fixed * rest.func(inner / size), others),
            )
            yield (
                name.replace("mean", "sum"),
                f"The sum is taken before the {word}, not after.",
                1,
                _without(fixed * rest.func(inner), others),
            )
        if isinstance(rest, sp.Max) and 0 in rest.args and len(rest.args) == 2:
            inner = next(each for each in rest.args if each != 0)
            yield (
                "maximum_of_the_sum",
                "The sum is taken before the maximum, not after.",
                2,
                _without(fixed * maximum(0, sp.Sum(inner, *limits)), others),
            )


def _function_before(node: sp.Basic) -> Found:
    """A function of a sum becomes the sum of the function."""
    if isinstance(node, sp.Pow) and isinstance(node.base, sp.Sum) and node.exp != -1:
        root = abs(node.exp) == sp.Rational(1, 2)
        name, word = ("sum_of_the_roots", "square root") if root else ("sum_of_the_powers", "power")
        told = f"The {word} is taken of each term, not of the sum."
        exponent = abs(node.exp)
        squares = isinstance(node.base.function, sp.Pow) and node.base.function.exp == 2
        if root and squares:
            told = "The sum of absolute values instead of the root of the sum of squares."
            yield (
                "sum_of_absolute_values",
                told,
                1,
                sp.Sum(sp.Abs(node.base.function.base), *node.base.limits) ** (2 * node.exp),
            )
        elif root:
            yield name, told, 1, sp.Sum(node.base.function**exponent, *node.base.limits) ** (2 * node.exp)
        else:
            yield name, told, 1, sp.Sum(node.base.function**node.exp, *node.base.limits)
    elif isinstance(node, sp.log) and isinstance(node.args[0], sp.Sum):
        inner = node.args[0]
        yield (
            "sum_of_the_logs",
            "The logarithm is taken of each term, not of the sum.",
            1,
            sp.Sum(sp.log(inner.function), *inner.limits),
        )
    elif isinstance(node, sp.Mul):
        above = [each for each in node.args if isinstance(each, sp.Sum)]
        below = [
            each for each in node.args if isinstance(each, sp.Pow) and each.exp == -1 and isinstance(each.base, sp.Sum)
        ]
        for one in above:
            for other in below:
                if len(one.limits) == len(other.base.limits) == 1 and one.limits[0][1:] == other.base.limits[0][1:]:
                    inside = other.base.function.subs(other.base.limits[0][0], one.limits[0][0])
                    told = "The quotient is taken of each term, not of the sums."
                    yield (
                        "sum_of_the_quotients",
                        told,
                        2,
                        node / one / other * sp.Sum(one.function / inside, *one.limits),
                    )


def _inner(given: Given) -> dict[sp.Sum, sp.Symbol]:
    """The sums over one axis inside a sum, or for an entry, and the index of the sample that they belong to."""
    rows = {index for index, axis in given.output if axis == given.samples}
    for node in nodes(given.definition):
        if isinstance(node, sp.Sum):
            rows |= {limit[0] for limit in node.limits if given.axis_of(limit) == given.samples}
    found = {}
    for node in nodes(given.definition):
        if (
            isinstance(node, sp.Sum)
            and len(node.limits) == 1
            and given.axis_of(node.limits[0]) not in ("", given.samples)
        ):
            row = next((each for each in rows if each in node.function.free_symbols), None)
            if row is not None:
                found[node] = row
    return found


def _over_everything(given: Given) -> Found:
    """Sums for a sample become sums over the batch: all of them, and each alone."""
    size = given.sizes.get(given.samples)
    inner = _inner(given)
    if size is None or not inner:
        return

    def over_all(node: sp.Sum) -> sp.Expr:
        return sp.Sum(node.function.subs(inner[node], _others[0]), *node.limits, (_others[0], 0, size - 1))

    told = "Summed over the whole batch instead of each sample."
    yield "over_everything", told, 0, substituted(given.definition, {node: over_all(node) for node in inner})
    if len(inner) > 1:
        for node in inner:
            yield (
                "over_everything",
                f"{shown(node) or 'One sum'} runs over the whole batch instead of each sample.",
                2,
                substituted(given.definition, {node: over_all(node)}),
            )
    if len(inner) > 2:
        for node in inner:
            others = {each: over_all(each) for each in inner if each != node}
            yield (
                "over_everything",
                f"Summed over the whole batch instead of each sample, but for {shown(node) or 'one sum'}.",
                1,
                substituted(given.definition, others),
            )


def _over_samples(given: Given) -> Found:
    """Sums for a sample become sums over the samples, for each place of the other axis."""
    size = given.sizes.get(given.samples)
    if size is None:
        return
    for node, row in _inner(given).items():
        index = node.limits[0][0]
        entries = [each for each in node.function.atoms(sp.Indexed) if each.indices == (row, index)]
        bases = {each.base for each in entries}
        columns = {
            each.indices[1]
            for each in given.definition.atoms(sp.Indexed)
            if each.base in bases and len(each.indices) == 2 and each.indices[0] == row and each.indices[1] != index
        }
        for column in columns:
            new = sp.Sum(
                substituted(node.function, {each: each.base[_others[0], column] for each in entries}),
                (_others[0], 0, size - 1),
            )
            told = "A sum runs over the samples of the batch (axis 0), not over the entries of each sample."
            yield "over_samples", told, 0, substituted(given.definition, {node: new})
