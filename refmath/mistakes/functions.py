"""Mistakes with functions: one is forgotten, has another base or sign, or is another one."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from refmath.mistakes.change import Given, replaced, shown, substituted
from refmath.mistakes.terms import Found
from refmath.symbols import xlogy


def functions(given: Given) -> Found:
    """Definitions in which a function is forgotten, or is another one."""
    definition = given.definition
    for base, name, told in ((2, "base_two", "to base 2: bits instead of nats"), (10, "base_ten", "to base 10")):
        yield (
            name,
            f"The logarithm is taken {told}.",
            0,
            definition.replace(sp.log, lambda u, b=base: sp.log(u) / sp.log(b)).replace(
                xlogy, lambda x, u, b=base: xlogy(x, u) / sp.log(b)
            ),
        )
    yield "base_two", "Powers of two instead of e.", 1, definition.replace(sp.exp, lambda u: sp.exp(u * sp.log(2)))
    yield from replaced(definition, _functions)
    yield from replaced(definition, _powers)
    yield from replaced(definition, _choices)
    yield from replaced(definition, _clips)
    yield from replaced(definition, _normalised)


def sigmoid(u: sp.Expr) -> sp.Expr:
    """The logistic function."""
    return 1 / (1 + sp.exp(-u))


def _functions(node: sp.Basic) -> Found:
    if isinstance(node, sp.log):
        (u,) = node.args
        # Its guard may go with it.
        guarded = [each for each in u.args if each.has(sp.Indexed)] if isinstance(u, sp.Max | sp.Add) else []
        for each in (*guarded, u):
            yield "log_forgotten", "The logarithm is missing.", 0, each
        for each in (*guarded, u):
            yield "one_added_inside_the_log", "ln(1 + u) instead of ln u.", 1, sp.log(1 + each)
        yield "complement_inside_the_log", "ln(1 − u) instead of ln u.", 2, sp.log(1 - u)
    elif isinstance(node, sp.exp):
        (u,) = node.args
        yield "exp_forgotten", "The exponential is missing.", 1, u
        yield "sign_in_the_exponent", "The sign in the exponent is wrong.", 1, sp.exp(-u)
    elif isinstance(node, sp.Abs):
        (u,) = node.args
        yield "absolute_value_forgotten", "The absolute value is missing.", 1, u
        yield "absolute_value_forgotten", "The absolute value is missing.", 1, -u
        yield "square_instead_of_absolute", "Squares instead of absolute values.", 1, u**2
    elif isinstance(node, sp.sign):
        yield from _of_sign(node.args[0])
    elif isinstance(node, sp.tanh):
        yield "tanh_forgotten", "The hyperbolic tangent is missing.", 1, node.args[0]
        yield "sigmoid_instead_of_tanh", "The sigmoid instead of the hyperbolic tangent.", 1, sigmoid(node.args[0])


def _of_sign(u: sp.Expr) -> Found:
    of = shown(u) or "it"
    yield "sign_forgotten", f"{of} is taken as it is, not its sign.", 1, u
    for at_zero, last in ((1, -1), (-1, 1)):
        told = f"At {of} = 0 the sign is taken for {at_zero}, not for 0."
        condition = u < 0 if at_zero > 0 else u > 0
        yield "other_side_of_the_kink", told, 1, sp.Piecewise((last, condition), (at_zero, True))
    yield "step_instead_of_sign", f"Below {of} = 0 it is 0, not −1.", 1, sp.Piecewise((1, u > 0), (0, True))


def _powers(node: sp.Basic) -> Found:
    if not isinstance(node, sp.Pow) or node.exp == -1:
        return
    base, exponent = node.args
    of = shown(base) or "it"
    if abs(exponent) == sp.Rational(1, 2):
        yield "root_forgotten", "The square root is missing.", 0, base ** (2 * exponent)
        return
    if exponent == 2:
        yield "square_forgotten", f"{of} is not squared.", 0, base
        yield "absolute_value", "Absolute values instead of squares.", 1, sp.Abs(base)
        yield "cube_instead_of_square", f"{of} is cubed instead of squared.", 3, base**3
    elif exponent == -2:
        yield "square_forgotten", f"{of} is not squared.", 1, 1 / base
    else:
        yield "exponent_forgotten", f"The exponent {shown(exponent)} is missing.", 1, base
    if exponent.is_Integer and exponent > 2:
        yield "another_exponent", f"The exponent is {exponent - 1} instead of {exponent}.", 3, base ** (exponent - 1)
    if not exponent.is_negative:
        yield (
            "multiplied_by_the_exponent",
            f"Multiplied by {shown(exponent)} instead of raised to it.",
            2,
            base * exponent,
        )


def _choices(node: sp.Basic) -> Found:
    if isinstance(node, sp.Max | sp.Min):
        other, word = (sp.Min, "smaller") if isinstance(node, sp.Max) else (sp.Max, "larger")
        yield (
            "minimum_instead_of_maximum" if other is sp.Min else "maximum_instead_of_minimum",
            f"The {word} of two is taken.",
            1 + (0 in node.args),
            other(*node.args),
        )
        for each in node.args:
            if not each.is_number and not each.is_Symbol:
                rest = [one for one in node.args if one != each]
                told = f"There is no {'floor' if other is sp.Min else 'ceiling'}: {shown(each) or 'the value'} is taken as it is."
                yield "maximum_forgotten" if other is sp.Min else "minimum_forgotten", told, 1, each
                if rest == [0]:
                    yield "squared", f"{shown(node) or 'The part above zero'} is squared.", 1, node**2
                    yield (
                        "absolute_value_instead_of_maximum",
                        "The absolute value is taken instead of the part above zero.",
                        1,
                        sp.Abs(each),
                    )
    elif isinstance(node, sp.Piecewise):
        branches = [each for each, _ in node.args]
        for each in dict.fromkeys(branches):
            told = f": {shown(each)}" if shown(each) else ""
            # 0 everywhere is said better of the term, or the factor, that is missing.
            yield "one_branch_only", f"One branch is taken everywhere{told}.", 1 + (each == 0), each
        if len(branches) == 2:
            yield (
                "branches_exchanged",
                "The branches have changed places.",
                1,
                sp.Piecewise((branches[1], node.args[0][1]), (branches[0], True)),
            )
            yield from _at_the_kink(node)


def _clips(node: sp.Basic) -> Found:
    """Of what is clipped on both sides: it is not, or only its side is taken."""
    if not isinstance(node, sp.Max) or len(node.args) != 2:
        return
    inner = next((each for each in node.args if isinstance(each, sp.Min) and len(each.args) == 2), None)
    if inner is None or not inner.has(sp.Indexed):
        return
    (least,) = (each for each in node.args if each != inner)
    most, u = sorted(inner.args, key=lambda each: each.has(sp.Indexed))
    if least.has(sp.Indexed) or most.has(sp.Indexed):
        return
    of = shown(u) or "it"
    yield "clip_forgotten", f"{of} is not clipped.", 1, u
    if least == -most:
        yield "sign_instead_of_clip", f"The sign of {of} is taken, not the clipped number itself.", 1, most * sp.sign(u)
        upper = sp.Piecewise((u, sp.Abs(u) <= most), (most, True))
        yield "sign_forgotten", f"Where {of} is below {shown(least)}, it is {shown(most)}.", 1, upper


#: A comparison, and the one that differs from it where both sides are equal.
_OTHER_SIDE = {sp.Gt: sp.Ge, sp.Ge: sp.Gt, sp.Lt: sp.Le, sp.Le: sp.Lt}


def _at_the_kink(node: sp.Piecewise) -> Found:
    """Of two branches the other one, or their mean, where the two sides of the comparison are equal."""
    (one, condition), (other, _) = node.args
    if type(condition) in _OTHER_SIDE:
        where = f"{shown(condition.lhs) or 'the left side'} = {shown(condition.rhs) or 'the right side'}"
        opposite = sp.Piecewise((one, _OTHER_SIDE[type(condition)](*condition.args)), (other, True))
        yield "other_side_of_the_kink", f"At {where} the other branch is taken.", 1, opposite
        if condition.rhs.is_number and condition.rhs != 0:
            told = f"The branches meet at {shown(condition.lhs) or 'the left side'} = 0 instead of {condition.rhs}."
            yield "threshold_of_zero", told, 1, sp.Piecewise((one, condition.func(condition.lhs, 0)), (other, True))
        halfway = sp.Piecewise(((one + other) / 2, sp.Eq(*condition.args)), *node.args)
        yield "mean_at_the_kink", f"At {where} the mean of both branches is taken.", 1, halfway


def _normalised(node: sp.Basic) -> Found:
    """A sigmoid, or a softmax, is forgotten or taken for the other."""
    u = argument_of_sigmoid(node)
    if u is not None:
        yield "sigmoid_forgotten", "The sigmoid is missing.", 0, u
        yield "tanh_instead_of_sigmoid", "The hyperbolic tangent instead of the sigmoid.", 1, sp.tanh(u)
    for first, last in _softmaxes(node):
        u = first.args[0]
        rest = node / first / last
        yield "softmax_forgotten", "The softmax is missing.", 0, rest * u
        told = "A sigmoid of each logit instead of one softmax over them, as the binary cross-entropy has it."
        yield "sigmoid_of_each_logit", told, 0, rest * sigmoid(u)
        yield "unnormalised", "The exponentials are not divided by their sum.", 1, rest * first
        yield (
            "plain_normalisation",
            "Divided by the sum, without exponentials.",
            2,
            rest * u / substituted(1 / last, {each: each.args[0] for each in last.atoms(sp.exp)}),
        )


def argument_of_sigmoid(node: sp.Basic) -> sp.Expr | None:
    """The u of 1/(1 + exp(−u)); None for anything else."""
    if isinstance(node, sp.Pow) and node.exp == -1 and isinstance(node.base, sp.Add) and len(node.base.args) == 2:
        rest = node.base - 1
        if isinstance(rest, sp.exp):
            return -rest.args[0]
    return None


def _softmaxes(node: sp.Basic) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    if isinstance(node, sp.Mul):
        for last in node.args:
            if (
                isinstance(last, sp.Pow)
                and last.exp == -1
                and isinstance(last.base, sp.Sum)
                and isinstance(last.base.function, sp.exp)
            ):
                for first in node.args:
                    if isinstance(first, sp.exp):
                        yield first, last
