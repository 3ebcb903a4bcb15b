"""A form says how far an honest answer may be off, and can be no licence: whatever is no evaluation of the definition, or is too wide, is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy import special
from surveyed import is_stepwise

import refmath
from refmath.activations.entrywise import x
from refmath.activations.sigmoid import definition as sigmoid
from refmath.activations.softmax import definition as softmax
from refmath.activations.softmax import largest, shifted
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import as_written, read
from refmath.balls.formats import FORMATS
from refmath.oracle.searching.forms import LEAST_SHARE, MOST, _sum_taken_apart, faults, figures, is_proved
from refmath.spec import Form, Formula, Setting, setting
from refmath.symbols import K, Largest, N, Smallest, i, j, k, n, xdivy, xlogy

pytestmark = pytest.mark.long

PAGES = {page.name: page for page in refmath.FORMULAS}
#: Every form of every page, and of every convention that has a definition of its own.
FORMS = [
    (page.name, convention, form)
    for page in PAGES.values()
    for convention in (None, *(each.name for each in page.conventions))
    for form in setting(page, convention).forms
]
#: Definitions that honest programs follow as they are written, and that can be printed as a program of one array.
AS_WRITTEN = [
    page.name
    for page in PAGES.values()
    if not (
        page.forms
        or page.ulps == 0
        or is_stepwise(page)
        or page.takes_function
        or page.by_layers
        or any(each.arrays for each in page.inputs)
    )
]


def kept(definition: sp.Expr) -> Form:
    return Form("made up", definition, "nowhere")


def unevaluated(*terms: Any) -> sp.Expr:
    return sp.Add(*terms, evaluate=False)


@pytest.mark.parametrize(
    ("name", "convention", "form"), FORMS, ids=[f"{name}-{of or 'default'}-{form.name}" for name, of, form in FORMS]
)
@pytest.mark.parametrize(
    "formats",
    [pytest.param(("float64",), id="float64"), pytest.param(tuple(FORMATS), id="all", marks=pytest.mark.zoo)],
)
def test_nothing_speaks_against_a_form_of_the_catalogue(
    name: str, convention: str | None, form: Form, formats: tuple[str, ...]
) -> None:
    # A guard is lost in narrow formats, where it counts as none; and 1 − 1e-8 is 1 in float32.
    guarded = convention is not None or "guard" in PAGES[name].parameters
    assert not faults(setting(PAGES[name], convention), form, ("float64",) if guarded else formats)


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_a_definition_without_forms_is_evaluated_as_it_is_written(name: str) -> None:
    assert not faults(setting(PAGES[name]), None, ("float64",))


def test_the_catalogue_has_forms() -> None:
    assert {name for name, of, _ in FORMS if of is None} >= {
        "softmax",
        "softmax_gradient",
        "softmax_vjp",
        "log_softmax",
        "log_softmax_vjp",
        "logsumexp",
        "logsumexp_gradient",
        "binary_cross_entropy",
        *(f"binary_cross_entropy_with_logits{d}" for d in ("", "_gradient")),
        *(f"softmax_cross_entropy_{of}{d}" for of in ("one_hot", "labels") for d in ("", "_gradient")),
    }
    assert all(form.source for *_, form in FORMS)
    assert len(AS_WRITTEN) >= 10


BIG = sp.Integer(10) ** 12
#: What is equal to the sigmoid, and would accept nearly anything.
LICENCES = {
    "everywhere": unevaluated(unevaluated(sigmoid, BIG), -BIG),
    "a little": unevaluated(unevaluated(sigmoid, 10**4), -(10**4)),
    "somewhere": sp.Piecewise(
        (unevaluated(unevaluated(sigmoid, BIG), -BIG), (x[i] > sp.Rational(1, 2)) & (x[i] < 3)), (sigmoid, True)
    ),
}


@pytest.mark.parametrize("licence", LICENCES.values(), ids=list(LICENCES))
def test_a_licence_is_no_form(licence: sp.Expr) -> None:
    """It equals the definition and is rounded as it says; its radius gives it away."""
    told = faults(setting(PAGES["sigmoid"]), kept(licence), ("float64",))
    assert any("times conditioning" in each for each in told)


def test_a_licence_would_accept_nearly_anything() -> None:
    """What the guard is for: with it as a form a value that is off by 10⁻⁴ would be inside the interval."""
    chosen = setting(PAGES["sigmoid"])
    named = read(chosen, np.array([0.5]))
    wide = acceptance(replace(chosen, forms=(kept(LICENCES["everywhere"]),)), named, FORMATS["float64"], strict=True)
    narrow = acceptance(chosen, named, FORMATS["float64"], strict=True)
    assert wide is not None
    assert narrow is not None
    off = refmath.sigmoid(np.array([0.5])) + 1e-4
    assert wide.accepts(off).all()
    assert not narrow.accepts(off).any()


@pytest.mark.parametrize(
    "other",
    [
        sigmoid * (1 + sp.Rational(1, 10**9)),
        sigmoid + sp.Rational(1, 10**30),
        sp.tanh(x[i] / 2),
        1 / (1 + sp.exp(x[i])),
        sp.exp(x[i]) / (2 + sp.exp(x[i])),
    ],
    ids=str,
)
def test_what_is_another_function_is_not_proved(other: sp.Expr) -> None:
    assert not is_proved(sigmoid, other)


@pytest.mark.parametrize(
    "other",
    [
        2 * shifted,
        sp.exp(sp.Symbol("c", real=True)) * shifted,
        # Shifted by the largest in the numerator alone.
        shifted * sp.exp(largest),
        # The first sample for all.
        softmax.subs(i, 0),
        softmax + sp.Rational(1, 10**30) * sp.Sum(softmax.subs(j, k), (k, 0, K - 1)),
    ],
    ids=str,
)
def test_what_is_another_softmax_is_not_proved(other: sp.Expr) -> None:
    assert is_proved(softmax, shifted)
    assert not is_proved(softmax, other)


@pytest.mark.parametrize("other", [sigmoid, sp.exp(x[i]) / (1 + sp.exp(x[i])), 1 - 1 / (1 + sp.exp(x[i]))], ids=str)
def test_what_is_the_same_function_is_proved(other: sp.Expr) -> None:
    assert is_proved(sigmoid, other)


def test_a_sum_is_taken_apart_by_its_terms() -> None:
    """What does not depend on the index stands before it, and of what is at the first place alone that place is left."""
    place, limit = sp.KroneckerDelta(n, 0), (n, 0, N - 1)
    for summand, apart in (
        (x[n], sp.Sum(x[n], limit)),
        (place, sp.Integer(1)),
        (3 * x[n] * place, 3 * x[0]),
        (2 * x[n] + 5 * place, 2 * sp.Sum(x[n], limit) + 5),
    ):
        assert _sum_taken_apart(summand, limit) == apart


def test_a_product_with_a_logarithm_is_proved_taken_apart() -> None:
    """x ln y is what it is where x is not 0, and both sides are 0 elsewhere; the smallest of several is not the largest."""
    t, a = sp.IndexedBase("t", real=True), sp.IndexedBase("a", real=True)
    total = sp.Sum(sp.exp(a[j]), (j, 0, K - 1))
    loss = -sp.Sum(xlogy(t[k], sp.exp(a[k]) / total), (k, 0, K - 1))
    apart = sp.Sum(t[k] * sp.log(total), (k, 0, K - 1)) - sp.Sum(t[k] * a[k], (k, 0, K - 1))
    assert is_proved(loss, apart)
    assert not is_proved(loss, 2 * apart)
    assert is_proved(xdivy(t[i], sp.exp(a[i])), t[i] * sp.exp(-a[i]))
    one, other = (each(a[j], (j, 0, K - 1)) for each in (Largest, Smallest))
    assert is_proved(a[i] - other, a[i] - other)
    assert not is_proved(a[i] - other, a[i] - one)


def test_what_is_clipped_is_proved_clipped_after_a_subtraction() -> None:
    """1 less the smaller of two is the larger of what both leave of 1, and the other way round; not the smaller."""
    u, low, high = sp.symbols("u low high", real=True)
    written = sp.log(1 - sp.Min(sp.Max(u, low), high))
    assert is_proved(written, sp.log(sp.Max(sp.Min(1 - u, 1 - low), 1 - high)))
    assert not is_proved(written, sp.log(sp.Min(sp.Max(1 - u, 1 - low), 1 - high)))
    assert not is_proved(written, sp.log(1 - sp.Max(u, low)))


def test_a_form_that_overflows_leaves_its_own_interval() -> None:
    """e^x / (1 + e^x) is the sigmoid, and ∞/∞ as it is written."""
    told = faults(setting(PAGES["sigmoid"]), kept(sp.exp(x[i]) / (1 + sp.exp(x[i]))), ("float64",))
    assert any("leaves its own interval" in each for each in told)


def test_a_radius_that_no_rounding_fills_is_refused() -> None:
    """Differences of numbers that floats hold exactly are wide to balls that are told nothing of it."""
    # (x + 1) − (x + 1) is 0 in floats; a ball of it, of which the two are told apart, is not.
    wide = unevaluated(sigmoid, sp.Mul(2**30, unevaluated(sp.exp(x[i]), -sp.exp(x[i])), evaluate=False))
    told = faults(setting(PAGES["sigmoid"]), kept(wide), ("float64",))
    assert any("of its radius" in each for each in told)


def test_the_largest_radius_of_several_forms_counts() -> None:
    page = PAGES["softmax"]
    named = read(setting(page), np.array([415.9857047861895, 400.5, -199.0]))

    def widths(*forms: Form) -> Any:
        found = acceptance(replace(setting(page), forms=forms), named, FORMATS["float64"], strict=True)
        assert found is not None
        return found.half_width

    own, other = kept(softmax), kept(shifted)
    assert (widths(own, other) == np.maximum(widths(own), widths(other))).all()
    assert (widths(other) > widths(own)).any()
    assert (widths() == widths(own)).all()


def test_a_page_with_forms_is_told_by_them_alone() -> None:
    """A definition that loses everything where the form does not allows nothing by itself: ln(1 − σ) as it is written."""
    naive = sp.log(1 - sigmoid)
    stable = sp.Piecewise((-x[i] - sp.log(1 + sp.exp(-x[i])), x[i] > 0), (-sp.log(1 + sp.exp(x[i])), True))
    page = Formula(
        name="log_of_the_rest",
        display="f",
        program=lambda x: -np.logaddexp(0, x),
        definition=naive,
        inputs=PAGES["sigmoid"].inputs,
        output=PAGES["sigmoid"].output,
        laws=(),
        mistakes=(),
        reference="made up",
    )
    named = read(setting(page), np.array([30.0]))
    off = np.log(1 - 1 / (1 + np.exp(-np.array([30.0]))))
    by_definition = acceptance(setting(page), named, FORMATS["float64"])
    by_form = acceptance(setting(replace(page, forms=(kept(stable),))), named, FORMATS["float64"])
    assert by_definition is not None
    assert by_form is not None
    assert by_definition.accepts(off).all()
    assert not by_form.accepts(off).any()
    assert by_form.accepts(-np.logaddexp(0, np.array([30.0]))).all()


def test_what_is_printed_is_rounded_in_the_format() -> None:
    page = PAGES["softmax"]
    form = replace(setting(page), definition=page.forms[0].definition)
    named = read(form, np.array([[1.0, 2.0, 3.0]], np.float16))
    got = as_written(form, named, np.dtype("float16"))
    d = np.array([-2.0, -1.0, 0.0], np.float16)
    e = np.exp(d)
    assert got.dtype == np.float16
    assert (got == (e / (e[0] + e[1] + e[2]))[None]).all()


def test_figures_are_what_they_say() -> None:
    """The definition of y − t, which is rounded once, has a radius of about half a unit, and fills it."""
    told = figures(setting(PAGES["mean_squared_error_gradient"], "seed"), None, FORMATS["float32"])
    assert told.outside == 0
    assert told.worst <= 2
    assert LEAST_SHARE < told.shares["typical"] <= 1.01 or told.shares["typical"] == 0
    assert MOST == 256


def strictly(function: Any, formula: str, dtype: str, **options: Any) -> refmath.Report:
    return refmath.check(function, formula, dtype=dtype, strict=True, **{"examples": 20, **options})


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_scipy_ships_conforms_strictly(dtype: str) -> None:
    def by_log_softmax(a: Any, t: Any) -> Any:
        return -np.sum(t * special.log_softmax(a, axis=-1)) / (len(a) if a.ndim > 1 else 1)

    assert strictly(lambda a: special.softmax(a, axis=-1), "softmax", dtype).conforms
    assert strictly(special.softmax, "softmax", dtype, convention="scipy").conforms
    assert strictly(by_log_softmax, "softmax_cross_entropy_one_hot", dtype).conforms


def test_what_no_form_loses_is_unstable_strictly() -> None:
    """A power of e = 2.71828…, which is rounded already: x times its last place is lost."""

    def from_the_power(x: Any) -> Any:
        with np.errstate(over="ignore"):
            return 1 / (1 + np.e**-x)

    assert refmath.check(from_the_power, "sigmoid", examples=20).conforms
    assert not strictly(from_the_power, "sigmoid", "float64").conforms


def test_a_form_that_keeps_no_digit_allows_nothing() -> None:
    """In eight bits the logarithm of a sum of large exponentials loses what shifted logits keep."""
    page = PAGES["softmax"]
    named = read(setting(page), np.array([8192.0, 64.0, -8192.0]))
    found = acceptance(setting(page), named, FORMATS["bfloat16"])
    assert found is not None
    assert found.said.all()
    assert found.half_width[0] < 0.1
    lost = acceptance(replace(setting(page), forms=page.forms[1:]), named, FORMATS["bfloat16"])
    assert lost is None or lost.half_width[0] > 1


def test_largest_is_the_largest() -> None:
    a = sp.IndexedBase("a")
    largest = Largest(a[k], (k, 0, 2))
    assert largest.doit() == sp.Max(a[0], a[1], a[2])
    assert Largest(a[k], (k, 0, K - 1)).doit() == Largest(a[k], (k, 0, K - 1))
    assert k not in largest.free_symbols


def test_a_setting_has_the_forms_of_its_own_definition() -> None:
    page: Formula = PAGES["softmax_cross_entropy_one_hot"]
    chosen: Setting = setting(page, "seed")
    assert chosen.forms != page.forms
    assert len(chosen.forms) == 1
    assert setting(page).forms == page.forms
