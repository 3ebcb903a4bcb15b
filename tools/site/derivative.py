"""The derivative that SymPy finds: the sums over Kronecker deltas collapsed, as one does it on paper."""

from __future__ import annotations

from typing import Any

import sympy as sp

from refmath.spec import Formula, Setting
from refmath.symbols import K, k


def derivative_of(value: Setting, gradient: Formula) -> sp.Expr:
    """SymPy's derivative of a formula's definition, for targets that sum to one."""
    return at_the_label(of_a_distribution(collapsed(value.definition.diff(variable(gradient))), gradient), gradient)


def variable(gradient: Formula) -> sp.Indexed:
    """The entry of the first argument by which a gradient is the derivative: its indices are the output's first and last."""
    indices = [index for index, _ in gradient.output]
    ends = indices if len(indices) == 1 else (indices[0], indices[-1])
    return gradient.inputs[0].symbol[tuple(ends)]


def collapsed(expression: sp.Expr) -> sp.Expr:
    """The expression with every sum over a Kronecker delta replaced by its one term, and constant factors outside their sums.

    The free indices lie in the ranges of the sums, as those of an output do.
    """
    return expression.replace(sp.Sum, lambda term, *limits: _collapsed_sum(term, list(limits)))


def of_a_distribution(expression: sp.Expr, gradient: Formula) -> sp.Expr:
    """The expression for targets that sum to one."""
    if len(gradient.inputs) < 2 or gradient.inputs[1].kind not in ("targets", "targets_or_labels"):
        return expression
    sample, t = gradient.output[0][0], gradient.inputs[1].symbol
    return expression.subs(sp.Sum(t[sample, k], (k, 0, K - 1)), 1)


def at_the_label(expression: sp.Expr, gradient: Formula) -> sp.Expr:
    """δ(j, l) f(l) = δ(j, l) f(j): where a label selects an entry, what stands beside the delta may as well be taken at j."""
    if len(gradient.inputs) < 2 or gradient.inputs[1].kind != "labels" or gradient.inputs[0].kind != "probabilities":
        return expression
    y, label = gradient.inputs[0].symbol, gradient.inputs[1].symbol
    (sample, _), (entry, _) = gradient.output
    return expression.subs(y[sample, label[sample]], y[sample, entry])


def _collapsed_sum(term: sp.Expr, limits: list[Any]) -> sp.Expr:
    total = sp.Integer(0)
    for summand in sp.Add.make_args(sp.expand_mul(term)):
        open_limits = []
        for limit in limits:
            delta = next(
                (f for f in sp.Mul.make_args(summand) if isinstance(f, sp.KroneckerDelta) and f.has(limit[0])), None
            )
            if delta is None:
                open_limits.append(limit)
            else:
                (other,) = (index for index in delta.args if index != limit[0])
                summand = (summand / delta).subs(limit[0], other)
        constant, rest = summand.as_independent(*(limit[0] for limit in open_limits), as_Add=False)
        total += constant * sp.Sum(rest, *open_limits) if open_limits else summand
    return total
