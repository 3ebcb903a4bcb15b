"""The two-layer network in ball matrices: against the pages' definitions, against SymPy's derivatives, against mpmath, and at full size."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace
from typing import Any

import learning_by_mpmath
import numpy as np
import pytest
import surveyed
import sympy as sp
from flint import arb, ctx
from mpmath import mp

from refmath import FORMULAS, exact
from refmath.balls.evaluate import by_definition, evaluate, read
from refmath.catalogue import formula as formula_named
from refmath.kinds.kind import CLASSES, Class
from refmath.networks.two_layer_net_predict import ACTIVATIONS, OUTPUTS, W1, W2, b1, b2
from refmath.spec import Formula, Part, Setting, setting
from refmath.symbols import D, H, K, N, p, q

pytestmark = pytest.mark.long

NETWORKS = [each for each in FORMULAS if each.by_layers]
CASES = [(each, name) for each in NETWORKS for name in (None, *(known.name for known in each.conventions))]
#: (N, D, H, K), each of them once the largest and once a single one.
SIZES = [(1, 1, 1, 1), (3, 2, 1, 2), (1, 3, 2, 4), (2, 1, 3, 2)]
PRECISION = 256

#: A page under a convention, or with other functions than its defaults.
Choice = dict[str, Any]
CHOICES: list[tuple[Formula, Choice]] = [
    *((each, {"convention": name} if name else {}) for each, name in CASES),
    *(
        (each, {"activation": activation, "output": output})
        for each in NETWORKS
        for activation, output in itertools.product(ACTIVATIONS, OUTPUTS)
        if (activation, output) != ("sigmoid", "softmax") and each.parameters
    ),
]

every_network = pytest.mark.parametrize(
    ("formula", "choice"),
    CHOICES,
    ids=[f"{each.name}-{'-'.join(choice.values()) or 'default'}" for each, choice in CHOICES],
)
every_size = pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: "x".join(map(str, sizes)))
every_class = pytest.mark.parametrize("class_", CLASSES)
#: The choices of the gradient, which are those of the loss too.
OF_BOTH = [choice for each, choice in CHOICES if each.name == "two_layer_net_gradient"]
every_choice = pytest.mark.parametrize("choice", OF_BOTH, ids=lambda choice: "-".join(choice.values()) or "default")


def drawn(under: Setting, sizes: tuple[int, ...], class_: Class = "typical", seed: int = 0) -> tuple[Any, ...]:
    return surveyed.of_sizes(under.formula, dict(zip("NDHK", sizes, strict=True)), class_, seed, domain=under.domain)


def is_narrow(balls: Any, bits: int = 150) -> bool:
    """Whether balls are known to so many bits, relative to the value; behind the point, if that is small."""
    return all(ball.is_finite() and ball.rad() <= (abs(ball.mid()) + 1) * arb(2) ** -bits for ball in balls.flat)


def agree(left: Any, right: Any) -> bool:
    """Whether two arrays of balls are narrow enough to tell, and overlap in every entry."""
    assert is_narrow(left)
    assert is_narrow(right)
    return left.shape == right.shape and all(a.overlaps(b) for a, b in zip(left.flat, right.flat, strict=True))


# ---- against the definition


@every_network
@every_size
@every_class
def test_matrices_have_the_values_of_the_definition(
    formula: Formula, choice: Choice, sizes: tuple[int, ...], class_: Class
) -> None:
    """For several N, D, H and K and inputs of each class, the product of ball matrices and the nested sums are one value."""
    under = setting(formula, **choice)
    named = read(under, *drawn(under, sizes, class_))
    assert agree(evaluate(under, named, 8 * PRECISION), by_definition(under, named, 8 * PRECISION))


@pytest.mark.parametrize("fault", [("W2", 0), ("b1", 1), ("x", 2)], ids=str)
@pytest.mark.parametrize("formula", NETWORKS, ids=lambda formula: formula.name)
def test_another_number_is_another_value(formula: Formula, fault: tuple[str, int]) -> None:
    """The comparison bites: one entry of an argument larger by 2⁻⁴⁰ is seen."""
    under, (name, place) = setting(formula), fault
    arguments = drawn(under, (2, 2, 2, 3))
    named = read(under, *arguments)
    other = {key: value.copy() for key, value in named.items()}
    other[name if name == "x" else f"params['{name}']"].flat[place % 2] += 2.0**-40
    assert agree(evaluate(under, named, PRECISION), by_definition(under, named, PRECISION))
    assert not agree(evaluate(under, named, PRECISION), by_definition(under, other, PRECISION))


# ---- the gradient's definition is the derivative of the loss's

VARIABLES = {"W1": W1[p, q], "b1": b1[q], "W2": W2[p, q], "b2": b2[q]}


def gradient_and_loss(choice: Choice) -> tuple[Setting, Setting]:
    return (setting(formula_named(name), **choice) for name in ("two_layer_net_gradient", "two_layer_net_loss"))  # type: ignore[return-value]


def differentiated(choice: Choice) -> tuple[Part, ...]:
    """SymPy's derivatives of the loss's definition by an entry of each parameter, for general sizes."""
    return _differentiated(*choice.items())


@functools.cache
def _differentiated(*items: tuple[str, Any]) -> tuple[Part, ...]:
    slope, loss = gradient_and_loss(dict(items))
    return tuple(Part(part.key, loss.definition.diff(VARIABLES[part.key]), part.output) for part in slope.parts)


@every_choice
@every_size
def test_the_gradient_has_the_values_of_sympys_derivative(choice: Choice, sizes: tuple[int, ...]) -> None:
    """For several sizes each part of the gradient has the certified value of SymPy's derivative of the loss."""
    slope, _ = gradient_and_loss(choice)
    derivative = replace(slope, parts=differentiated(choice))
    named = read(slope, *drawn(slope, sizes, seed=3))
    assert agree(by_definition(slope, named, PRECISION), by_definition(derivative, named, PRECISION))


@every_choice
@pytest.mark.parametrize("key", list(VARIABLES))
def test_a_wrong_part_of_the_gradient_is_noticed(choice: Choice, key: str) -> None:
    """A part larger by one in 10³⁰ is not SymPy's derivative."""
    slope, _ = gradient_and_loss(choice)
    named = read(slope, *drawn(slope, (2, 2, 2, 2), seed=4))
    more = 1 + sp.Rational(1, 10**30)
    wrong = replace(
        slope,
        parts=tuple(
            replace(part, definition=more * part.definition) if part.key == key else part for part in slope.parts
        ),
    )
    derivative = replace(slope, parts=differentiated(choice))
    assert not agree(by_definition(wrong, named, PRECISION), by_definition(derivative, named, PRECISION))


# The book's has another δ, and is the same otherwise.
@pytest.mark.parametrize("convention", [None, pytest.param("seed", marks=pytest.mark.zoo)])
@pytest.mark.parametrize("key", list(VARIABLES))
def test_written_out_the_gradient_is_sympys_derivative(convention: str | None, key: str) -> None:
    """For one sample, one input, one hidden unit and two classes, without any sum, the derivative of the loss is the gradient's part."""
    slope, loss = gradient_and_loss({"convention": convention} if convention else {})
    part = next(each for each in slope.parts if each.key == key)
    variable = VARIABLES[key].subs({p: 0, q: 0})
    difference = written_out(loss.definition).diff(plain(variable)) - written_out(part.definition.subs({p: 0, q: 0}))
    numerator, _ = sp.fraction(sp.together(difference))
    assert sp.expand(sp.powsimp(sp.expand(numerator))) == 0


def written_out(definition: sp.Expr) -> sp.Expr:
    """The definition for N = D = H = 1 and K = 2; the targets sum to one."""
    explicit = definition.subs({N: 1, D: 1, H: 1, K: 2}).doit()
    symbols = {entry: plain(entry) for entry in explicit.atoms(sp.Indexed)}
    target = sp.Symbol("t_0_0", real=True)
    return explicit.subs(symbols).subs(sp.Symbol("t_0_1", real=True), 1 - target)


def plain(entry: sp.Indexed) -> sp.Symbol:
    return sp.Symbol("_".join(map(str, (entry.base, *entry.indices))), real=True)


# ---- against mpmath


@every_network
@every_class
def test_the_value_is_that_of_mpmath(formula: Formula, choice: Choice, class_: Class) -> None:
    """On inputs of each class the certified value is mpmath's to 60 digits, rounded to float64 in the same way."""
    for seed, sizes in enumerate([(2, 3, 2, 3), (1, 2, 4, 2), (3, 1, 1, 4)]):
        under = setting(formula, **choice)
        arguments = drawn(under, sizes, class_, seed)
        with mp.workdps(400):
            expected = learning_by_mpmath.value(formula.name, *arguments, **choice)
            actual = exact(formula.name, *arguments, **choice)
            rounded = [float(entry) for entry in expected.flat]
        assert expected.shape == actual.balls.shape
        balls = evaluate(under, read(under, *arguments), 1 << 13)
        with mp.workdps(400), ctx.workprec(1 << 12):
            for ball, entry in zip(balls.flat, expected.flat, strict=True):
                middle = arb(mp.nstr(entry, 300))
                assert abs(ball - middle) <= abs(middle) * arb(10) ** -60 + arb(10) ** -300, (arguments, entry)
        assert rounded == flat(actual.nearest())


def flat(answer: Any) -> list[float]:
    """An answer's entries in a row, those of a mapping one after the other."""
    values = answer.values() if isinstance(answer, dict) else [answer]
    return [float(entry) for value in values for entry in np.ravel(value)]


# ---- at full size


def of_full_size(formula: Formula) -> tuple[Any, ...]:
    """The network of the chapter, 784-100-10 with the weights it starts from, and a batch of 100 images."""
    rng = np.random.default_rng(1)
    params = {
        "W1": 0.01 * rng.normal(size=(784, 100)),
        "b1": np.zeros(100),
        "W2": 0.01 * rng.normal(size=(100, 10)),
        "b2": np.zeros(10),
    }
    pixels = rng.integers(0, 256, (100, 784)) / 255
    return (params, pixels, rng.integers(10, size=100))[: 2 if formula.name.endswith("predict") else 3]


@pytest.mark.parametrize("formula", NETWORKS, ids=lambda formula: formula.name)
def test_the_network_of_the_chapter_is_certified(formula: Formula) -> None:
    """For 784-100-10 and a batch of 100 the rounding of every entry is settled, and the program is close to it."""
    arguments = of_full_size(formula)
    certified = exact(formula.name, *arguments)
    nearest, got = certified.nearest(), formula.program(*arguments)
    if isinstance(nearest, dict):
        assert {key: value.shape for key, value in nearest.items()} == {
            key: value.shape for key, value in arguments[0].items()
        }
    assert np.all(np.subtract(flat(certified.lower), flat(nearest)) <= 0)
    assert np.all(np.subtract(flat(certified.upper), flat(nearest)) >= 0)
    np.testing.assert_allclose(flat(got), flat(nearest), rtol=1e-10, atol=1e-15)
