"""Every gradient of the catalogue is the derivative of its formula, for general sizes and under every convention that has one.

Shown three times: symbolically for general N and K; symbolically for small sizes, with every sum written out before it is
differentiated; and by certified values on inputs of the survey. The kinks are left out: where a probability lies exactly on a guard
or on the end of a clip there is no derivative, and the pages say which side they take. The probabilities of a target sum to
one, as the pages ask for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import surveyed
import sympy as sp
from hypothesis import settings
from surveyed import SAMPLES

from refmath import FORMULAS
from refmath.balls.evaluate import RANGES, evaluate, read
from refmath.catalogue import formula as formula_named
from refmath.conventions import in_format
from refmath.kinds.draws import Draws
from refmath.spec import Formula, Setting, setting
from refmath.symbols import K, N, k
from tools.site.derivative import collapsed, derivative_of, variable

pytestmark = pytest.mark.long

PRECISION = 512

#: Those by an array of their own. The network's, by each of its parameters, is compared in `test_networks_in_balls`.
GRADIENTS = [each for each in FORMULAS if each.derivative_of and each.takes_samples]


def settings_of(gradient: Formula) -> Iterator[dict[str, Any]]:
    """The default, every choice of a parameter, and every convention."""
    yield {}
    for name, definitions in gradient.choices.items():
        yield from ({name: each} for each in definitions if each != gradient.parameters[name])
    # Of the value of the formula in place of its argument the gradient is no derivative.
    yield from ({"convention": each.name} for each in gradient.conventions if not each.inputs)


def pair(gradient: Formula, chosen: dict[str, Any]) -> tuple[Setting, Setting]:
    """A formula and its gradient under the same setting."""
    return surveyed.setting_of_value(gradient, **chosen), setting(gradient, **chosen)


def has_joints(each: Setting) -> bool:
    return bool(each.definition.has(sp.Max, sp.Min, sp.Piecewise))


CASES = [(gradient, chosen) for gradient in GRADIENTS for chosen in settings_of(gradient)]


def is_smooth(value: Setting, slope: Setting) -> bool:
    """Whether SymPy's derivative is the gradient everywhere: at the kink of an absolute value a convention may have another slope."""
    return not has_joints(value) and not (value.definition.has(sp.Abs) and has_joints(slope))


SMOOTH = [(gradient, chosen) for gradient, chosen in CASES if is_smooth(*pair(gradient, chosen))]
FLOORED = [
    (gradient, chosen)
    for gradient, chosen in CASES
    if "guard" in gradient.parameters and pair(gradient, chosen)[0].definition.has(sp.Max) and not chosen
]


def name_of(value: Any) -> str:
    return getattr(value, "name", None) or "-".join(map(str, value.values())) or "default"


every_case = pytest.mark.parametrize(("gradient", "chosen"), CASES, ids=name_of)
every_smooth_case = pytest.mark.parametrize(("gradient", "chosen"), SMOOTH, ids=name_of)
every_floor = pytest.mark.parametrize(("gradient", "chosen"), FLOORED, ids=name_of)


# ---- the catalogue


def test_every_gradient_says_whose_derivative_it_is() -> None:
    """`NAME_gradient` is the derivative of NAME, by its first argument, with the same inputs, parameters and guards."""
    expected = [(each.name.removesuffix("_gradient"),) for each in SAMPLES if each.name.endswith("_gradient")]
    assert expected == [(each.derivative_of,) for each in GRADIENTS]
    for gradient in GRADIENTS:
        value = formula_named(gradient.derivative_of or "")
        assert (value.inputs, dict(value.parameters)) == (gradient.inputs, dict(gradient.parameters))
        assert {name: list(each) for name, each in value.choices.items()} == {
            name: list(each) for name, each in gradient.choices.items()
        }


def test_every_formula_has_a_gradient_under_each_of_its_conventions() -> None:
    """A convention of a formula is one of its gradient too: whoever follows it can follow it all the way."""
    for gradient in (each for each in GRADIENTS if each.name != "softmax_gradient"):
        conventions = {each.name for each in gradient.conventions}
        assert {each.name for each in formula_named(str(gradient.derivative_of)).conventions} <= conventions


# ---- symbolically, for general N and K


@every_smooth_case
def test_for_general_sizes_the_gradient_is_sympys_derivative(gradient: Formula, chosen: dict[str, Any]) -> None:
    """For general N and K, SymPy's derivative of the definition is the gradient's definition, and neither −1 nor 2 times it."""
    value, slope = pair(gradient, chosen)
    here = {variable(gradient): sp.Symbol("y", positive=True)} if gradient.inputs[0].kind == "probabilities" else {}
    expected, actual = derivative_of(value, gradient).subs(here), collapsed(slope.definition).subs(here)
    assert sp.simplify(expected - actual) == 0
    assert sp.simplify(expected + actual) != 0
    assert sp.simplify(expected - 2 * actual) != 0


@every_floor
@pytest.mark.parametrize("side", [1, -1], ids=["above", "below"])
def test_for_general_sizes_the_floor_is_flat_below_and_a_logarithm_above(
    gradient: Formula, chosen: dict[str, Any], side: int
) -> None:
    """With the floor, for general N and K, the gradient is SymPy's derivative where y = δ + p, and where δ = y + p, for every p > 0."""
    value, slope = pair(gradient, chosen)
    delta = next(each for each in value.definition.free_symbols if each.name == "delta")
    p, q = sp.symbols("p q", positive=True)
    probability, floor = (q + p, q) if side > 0 else (q, q + p)
    for here in at_each_logarithm(gradient, probability):
        expected, actual = (
            each.subs(here).subs(delta, floor) for each in (derivative_of(value, gradient), slope.definition)
        )
        assert sp.simplify(expected - actual) == 0
        assert (side > 0) == (sp.simplify(expected) != 0)


def at_each_logarithm(gradient: Formula, probability: sp.Expr) -> list[dict[sp.Expr, sp.Expr]]:
    """What makes a probability that of the only logarithm that counts: of two answers each in turn."""
    entry = variable(gradient)
    if gradient.inputs[0].kind != "unit_interval":
        return [{entry: probability}]
    target = gradient.inputs[1].symbol[entry.indices]
    return [{target: sp.Integer(1), entry: probability}, {target: sp.Integer(0), entry: 1 - probability}]


def test_a_sum_over_a_delta_is_its_one_term() -> None:
    """The helper of these tests does what it says: sums collapse where a delta stands, and nowhere else."""
    a = sp.IndexedBase("a")
    n, i, j = sp.symbols("n i j", integer=True)
    sum_ = sp.Sum(a[n, k] * sp.KroneckerDelta(n, i) * sp.KroneckerDelta(k, j), (k, 0, K - 1), (n, 0, N - 1))
    assert a[i, j] == collapsed(sum_)
    assert sp.Sum(a[i, k], (k, 0, K - 1)) == collapsed(
        sp.Sum(a[n, k] * sp.KroneckerDelta(n, i), (k, 0, K - 1), (n, 0, N - 1))
    )
    assert sp.Sum(a[i, k], (k, 0, K - 1)) == collapsed(sp.Sum(a[i, k], (k, 0, K - 1)))
    assert j * sp.Sum(a[i, k], (k, 0, K - 1)) + a[i, j] == collapsed(
        sp.Sum(j * a[i, k] + a[i, k] * sp.KroneckerDelta(k, j), (k, 0, K - 1))
    )


# ---- symbolically, for small sizes


def is_zero(difference: sp.Expr) -> bool:
    """Whether an expression is zero: most often the numerator over a common denominator shows it at once."""
    numerator, _ = sp.fraction(sp.together(difference))
    return bool(sp.expand(numerator) == 0 or sp.simplify(difference) == 0)


SIZES = [(1, 1), (1, 3), (2, 2), (3, 1), (2, 3)]


def written_out(expression: sp.Expr, gradient: Formula, rows: int, columns: int, place: tuple[int, ...]) -> sp.Expr:
    """The expression for N = rows and K = columns, without any sum: sample n has label 2n mod K, and targets sum to one."""
    indices = dict(zip([index for index, _ in gradient.output], place, strict=True))
    explicit = expression.subs({N: rows, K: columns, **indices}).doit()
    bases = {each.symbol.name: each.kind for each in gradient.inputs}
    labels = {
        term: 2 * int(term.indices[0]) % columns
        for term in explicit.atoms(sp.Indexed)
        if bases[str(term.base)] == "labels"
    }
    explicit = explicit.subs(labels).doit()
    return explicit.subs({term: _plain(term, bases[str(term.base)], columns) for term in explicit.atoms(sp.Indexed)})


def _plain(term: sp.Indexed, kind: str, columns: int) -> sp.Expr:
    """A symbol for an entry of known place; the last one of a target is what the others leave of one."""
    if kind in ("targets", "targets_or_labels") and term.indices[-1] == columns - 1:
        return 1 - sum(sp.Symbol(f"{term.base}_{term.indices[0]}_{column}", real=True) for column in range(columns - 1))
    name = "_".join(map(str, (term.base, *term.indices)))
    return sp.Symbol(name, positive=True) if kind == "probabilities" else sp.Symbol(name, real=True)


@every_smooth_case
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_for_small_sizes_the_gradient_is_the_derivative_of_the_sums_written_out(
    gradient: Formula, chosen: dict[str, Any], sizes: tuple[int, int]
) -> None:
    """With every sum written out first, as on paper, the derivative by the first and by the last entry is the gradient's."""
    rows, columns = sizes
    value, slope = pair(gradient, chosen)
    axes = {"N": rows, "K": columns}
    shape = [axes[axis] for _, axis in gradient.output]
    for place in {tuple(0 for _ in shape), tuple(size - 1 for size in shape)}:
        entry, loss, expected = (
            written_out(each, gradient, rows, columns, place)
            for each in (variable(gradient), value.definition, slope.definition)
        )
        assert is_zero(loss.diff(entry) - expected), place


# ---- by certified values


def inputs_of(under: Setting, value: Setting, count: int) -> Iterator[tuple[Any, ...]]:
    """Exact numbers for the arguments, off the kinks."""
    gradient = under.formula
    for turn, (first, *others) in enumerate(surveyed.all_sorts(gradient, count, domain=under.domain)):
        inputs = (each_alone(first, Draws(gradient.name, turn)), *others) if has_shares(gradient) else (first, *others)
        where = DERIVATIVE_WHERE.get((gradient.name, under.convention or ""), np.isfinite)
        if not surveyed.is_at_a_kink(under, value, inputs) and np.all(where(inputs[0])):
            yield inputs


#: A convention whose gradient is not the derivative of its loss everywhere: where it is one, of a probability and what is left of 1 beside it.
DERIVATIVE_WHERE: dict[tuple[str, str], Callable[[Any], Any]] = {
    # PyTorch divides by p(1 − p), kept at 1e-12, where the logarithms are not at their floor yet.
    ("binary_cross_entropy_gradient", "pytorch"): lambda p: p * (1 - p) > 1e-12,
}


def has_shares(gradient: Formula) -> bool:
    return gradient.inputs[0].kind in RANGES


def each_alone(shares: Any, draws: Draws) -> Any:
    """Positive numbers, on both sides of every guard and every clip, that need not sum to one: the derivative takes each alone."""
    positive = np.where(shares == 0, draws.magnitudes(-60, -4, shares.shape), shares)
    return positive * draws.between(0.25, 1, shares.shape)


@functools.cache
def differentiated(definition: sp.Expr, entry: sp.Indexed) -> sp.Expr:
    return definition.diff(entry)


def agree(value: Setting, slope: Setting, inputs: tuple[Any, ...]) -> bool:
    """Whether SymPy's derivative and the gradient have the same value: balls that overlap, and are known to 50 digits."""
    gradient = slope.formula
    slope = in_format(slope, np.asarray(inputs[0]).dtype.name)
    derivative = replace(slope, definition=differentiated(value.definition, variable(gradient)))
    named = read(slope, *inputs)
    found, claimed = evaluate(derivative, named, PRECISION), evaluate(slope, named, PRECISION)
    pairs = list(zip(found.flat, claimed.flat, strict=True))
    narrow = all(
        ball.is_finite() and float(ball.rad()) <= 1e-50 * max(abs(float(ball)), 1e-10)
        for both in pairs
        for ball in both
    )
    if not narrow:
        raise AssertionError(f"not certain enough to compare at {inputs}")
    return all(left.overlaps(right) for left, right in pairs)


@every_case
def test_the_gradient_has_the_value_of_the_derivative(gradient: Formula, chosen: dict[str, Any]) -> None:
    """On inputs of every class off the kinks, for several N and K, the gradient and SymPy's derivative agree to 50 digits."""
    value, slope = pair(gradient, chosen)
    for inputs in inputs_of(slope, value, settings().max_examples):
        assert agree(value, slope, inputs)


@every_case
@pytest.mark.parametrize("fault", ["twice", "opposite", "a little more"])
def test_a_wrong_gradient_is_noticed(gradient: Formula, chosen: dict[str, Any], fault: str) -> None:
    """The gradient twice as large, of the other sign, or larger by one part in 10⁴⁰ does not agree with the derivative."""
    value, slope = pair(gradient, chosen)
    factor = {"twice": sp.Integer(2), "opposite": sp.Integer(-1), "a little more": 1 + sp.Rational(1, 10**40)}[fault]
    inputs = (np.array([[0.25, 0.5, 0.125], [0.5, 0.0625, 0.375]]), np.array([[0, 1, 0], [1, 0, 0]]))[
        : len(gradient.inputs)
    ]
    if len(inputs) == 2 and gradient.inputs[1].kind == "labels":
        inputs = (inputs[0], np.array([1, 0]))
    if len(inputs) == 2 and gradient.inputs[1].kind == "signs":
        inputs = (inputs[0], 2 * inputs[1] - 1)
    assert agree(value, slope, inputs)
    assert not agree(value, replace(slope, definition=factor * slope.definition), inputs)
