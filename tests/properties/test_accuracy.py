"""How far the programs are from the exact value: in units in the last place, and inside their own acceptance intervals."""

from __future__ import annotations

import math
from typing import Any

import by_mpmath
import numpy as np
import pytest
import surveyed
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from refmath import FORMULAS, layer_norm, softmax_cross_entropy_labels, softmax_cross_entropy_one_hot
from refmath.balls.acceptance import Acceptance, acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import formula as formula_named
from refmath.conventions import in_format
from refmath.oracle.candidates.candidate import Candidate
from refmath.oracle.searching.probe import Inputs, Probe
from refmath.spec import WHOLE, Domain, Formula, Setting, packed, setting

pytestmark = pytest.mark.long

every_formula = pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
every_format = pytest.mark.parametrize("format_", [FORMATS["float64"], FORMATS["float32"]], ids=lambda each: each.name)
_PAIRS = [(formula, convention.name) for formula in FORMULAS for convention in formula.conventions]
#: In one of two formats, the next convention in the other, and in both in the session `zoo`.
every_convention = pytest.mark.parametrize(
    ("formula", "convention", "format_"),
    [
        pytest.param(
            formula,
            convention,
            FORMATS[name],
            id=f"{name}-{formula.name}-{convention}",
            marks=[] if turn == place % 2 else [pytest.mark.zoo],
        )
        for place, (formula, convention) in enumerate(_PAIRS)
        for turn, name in enumerate(("float64", "float32"))
    ],
)

#: About so many inputs of each class.
EXAMPLES = settings().max_examples // 2


def has_bound(formula: Formula, inputs: Inputs) -> bool:
    """Whether the program has a bound at some inputs: with a target that hesitates, p − t cancels as far as it will."""
    if formula.name == "softmax_cross_entropy_one_hot_gradient":
        return bool(np.isin(inputs["t"], (0, 1)).all())
    return formula.ulps is not None


def probes_of(formula: Formula, format_: Format, domain: Domain = WHOLE) -> tuple[Probe, ...]:
    """Inputs of every class, small and large, in every number type."""
    return surveyed.probes(formula, format_, examples=EXAMPLES, domain=domain)


def interval(under: Setting, format_: Format, inputs: tuple[Any, ...], *, strict: bool = False) -> Acceptance | None:
    # Integers have the convention's numbers of float64, in which they are computed.
    under = in_format(under, np.asarray(inputs[0]).dtype.name)
    return acceptance(under, read(under, *inputs), format_, strict=strict)


def at(formula: Formula, format_: Format, *inputs: Any) -> tuple[Any, Acceptance]:
    """What the program says at some inputs, and what is exact."""
    exact = interval(setting(formula), format_, inputs)
    assert exact is not None
    got = np.asarray(formula.program(*inputs))
    assert got.dtype == format_.dtype()
    return got, exact


def is_inside(under: Setting, format_: Format, inputs: Inputs) -> Acceptance | None:
    """Whether the setting's program is inside the interval, and inside the strict one; returns the wider one, if there is one."""
    given, seen = tuple(packed(under.formula, inputs)), Candidate(under.program, formula=under.formula)(inputs)
    assert (seen.trouble, seen.warnings) == (None, ()), (seen.text, inputs)
    got, wide = seen.value, interval(under, format_, given)
    if wide is None:
        # Where even an honest evaluation may lose everything.
        return None
    for strict, found in ((False, wide), (True, interval(under, format_, given, strict=True))):
        assert found is not None, inputs
        assert found.exact.shape == got.shape
        assert np.all(found.accepts(got)), f"{'strict, ' if strict else ''}{found.ulps(got)} ULP off: {got} at {inputs}"
    return wide


# ---- on inputs of all classes


@pytest.mark.parametrize(("formula", "format_"), surveyed.in_turn(FORMULAS, [FORMATS["float32"], FORMATS["float64"]]))
def test_the_program_is_inside_its_interval_and_its_bound(formula: Formula, format_: Format) -> None:
    """On inputs of every class the program is accepted, strictly too, and no further from the exact value than its bound."""
    for probe in probes_of(formula, format_):
        exact = is_inside(setting(formula), format_, probe.inputs)
        assert exact is not None or probe.class_ != "typical", probe
        if exact is not None and has_bound(formula, probe.inputs):
            ulps = exact.ulps(formula.program(*probe.inputs.values()))
            assert np.all(ulps <= formula.ulps), f"{ulps} ULP off at {probe.inputs}"


@every_convention
def test_the_program_of_a_convention_is_inside_its_interval(formula: Formula, convention: str, format_: Format) -> None:
    """On some inputs of every class the program of a convention is accepted under that convention, strictly too."""
    under = setting(formula, convention)
    for probe in probes_of(under.formula, format_, under.domain)[::3]:
        exact = is_inside(under, format_, probe.inputs)
        assert exact is not None or probe.class_ != "typical", probe


@pytest.mark.parametrize(
    "formula", [each for each in FORMULAS if each.inputs[0].kind == "probabilities"], ids=lambda f: f.name
)
def test_where_the_outputs_do_not_sum_to_one_keras_divides_by_their_sum(formula: Formula) -> None:
    """The program of Keras's convention is that of its definition at outputs that are no distributions, too."""
    y = np.array([[0.25, 0.25, 0.125], [0.875, 0.75, 0.5]])
    t = np.array([2, 0]) if formula.inputs[1].kind == "labels" else np.eye(3)[[2, 0]]
    inputs = dict(zip(("y", formula.inputs[1].name), (y, t), strict=True))
    assert is_inside(setting(formula, "keras"), FORMATS["float64"], inputs) is not None


#: Where squares, sums or products leave the range on the way, though the answer does not.
FAR = [
    pytest.param("rms_norm", ([1e200, 1e200], [1, 1]), id="rms_norm"),
    pytest.param("rms_norm", ([[1.7e308] * 5, [3, 1, 4, 1, 5]], [1, 2, 3, 4, 5]), id="rms_norm-edge"),
    pytest.param("rms_norm_vjp", ([[1e200, -1e200]], [1, 1], [[1e200, 1]]), id="rms_norm_vjp"),
    pytest.param("layer_norm", ([1e200, -1e200], [1, 1], [0, 0]), id="layer_norm"),
    pytest.param(
        "layer_norm", ([[1.7e308, -1.7e308, -1.7e308], [1, 2, 4]], [1, 2, 3], [0, 0, 1]), id="layer_norm-edge"
    ),
    pytest.param(
        "layer_norm_vjp", ([[1e200, 3e200, -4e200]], [1, 2, 1], [0, 0, 0], [[1e200, 1, 0]]), id="layer_norm_vjp"
    ),
    pytest.param("binary_cross_entropy_with_logits", ([-700], [1e-305]), id="binary_cross_entropy-tiny"),
    pytest.param("binary_cross_entropy_with_logits", ([-700, 3e-300], [1e-300, 0.5]), id="binary_cross_entropy-small"),
    pytest.param(
        "binary_cross_entropy_with_logits", ([1.7e308, 1.7e308, 1], [0, 0, 1]), id="binary_cross_entropy-edge"
    ),
]


@pytest.mark.parametrize(("name", "inputs"), FAR)
def test_nothing_is_lost_at_the_ends_of_the_range(name: str, inputs: tuple[Any, ...]) -> None:
    """The program is inside its interval, strictly too, and within its bound, without a warning, at numbers that nobody tries."""
    formula = formula_named(name)
    given = {each.name: np.array(value, float) for each, value in zip(formula.inputs, inputs, strict=True)}
    exact = is_inside(setting(formula), FORMATS["float64"], given)
    assert exact is not None
    if formula.ulps is not None:
        assert np.all(exact.ulps(formula.program(*given.values())) <= formula.ulps)


def test_samples_that_are_all_alike_have_only_their_biases_however_large_they_are() -> None:
    """The root of ε does not become zero, whatever the numbers are divided by."""
    np.testing.assert_array_equal(layer_norm([1e308, 1e308], [1.0, 1.0], [3.0, 0.0], eps=5e-324), [3.0, 0.0])


# ---- the widest format

#: What takes no function; a difference quotient is as good as its step.
OF_ARRAYS = [formula for formula in FORMULAS if not any(each.is_function for each in formula.inputs)]


where_it_is_wider = pytest.mark.skipif(
    bool(np.finfo(np.longdouble).eps >= 2.0**-53), reason="longdouble is no wider than float64 here"
)


def exactly(number: Any) -> Any:
    """A longdouble as an mpmath number."""
    return mpf(float(number)) + mpf(float(number - np.longdouble(float(number))))


@where_it_is_wider
@pytest.mark.parametrize("formula", OF_ARRAYS, ids=lambda formula: formula.name)
def test_in_longdouble_nothing_is_computed_in_less(formula: Formula) -> None:
    """Under every convention the program is good to a few units of longdouble, which are less than the half of float64's."""
    unit = float(np.finfo(np.longdouble).eps)

    def wide(array: Any) -> Any:
        return array if array.dtype.kind in "iu" else array.astype(np.longdouble)

    for convention in [None, *(each.name for each in formula.conventions)]:
        under = setting(formula, convention)
        for inputs in surveyed.everyday(under.formula, 3):
            answer = under.program(*(surveyed.in_each_array(wide, each) for each in inputs))
            got = np.concatenate(
                [np.ravel(each) for each in (answer.values() if isinstance(answer, dict) else [answer])]
            )
            expected = np.ravel(by_mpmath.value(formula.name, *inputs, convention=convention))
            assert got.dtype == np.longdouble
            # Sums of products cancel: their error is that of the terms, which are of the size of one.
            rows = max(np.shape(each)[0] if np.ndim(each) > 1 else 1 for each in inputs if not isinstance(each, dict))
            with mp.workdps(60):
                for value, exact in zip(got, expected, strict=True):
                    assert abs(exactly(value) - exact) <= unit * (32 * abs(exact) + max(2, rows)), (convention, inputs)


@where_it_is_wider
@pytest.mark.parametrize("name", ["cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error"])
@pytest.mark.parametrize("share", [1e-8, 2e-8, 1e-6])
def test_an_offset_is_added_in_longdouble(name: str, share: float) -> None:
    """Where the probability is a little larger than δ, or as large, ln(y + δ) is good to a few units of longdouble too."""
    y = np.array([share, 1 - share], np.longdouble)
    got = formula_named(name).program(y, 0 if name.endswith("labels") else np.eye(2)[0], guard="offset")
    with mp.workdps(60):
        exact = -mp.log(mpf(share) + mpf(1e-8))
        assert abs(exactly(got) - exact) <= 4 * float(np.finfo(np.longdouble).eps) * exact


# ---- sigmoid and softmax


def _wild(format_: Format, reach: float) -> st.SearchStrategy[float]:
    reach = float(format_.dtype().type(reach))
    return st.floats(-reach, reach, width=32 if format_.name == "float32" else 64)


@every_format
@given(data=st.data())
def test_the_sigmoid_is_good_to_two_units(format_: Format, data: st.DataObject) -> None:
    """The sigmoid is within 2.1 units, its derivative within 4, for any number up to ±800, far down into the lower tail."""
    x = np.array(data.draw(st.lists(_wild(format_, 800), min_size=1, max_size=12)), format_.dtype())
    for name in ("sigmoid", "sigmoid_gradient"):
        got, exact = at(formula_named(name), format_, x)
        # A narrow format is rounded once.
        assert np.all(exact.ulps(got) <= (formula_named(name).ulps if format_.name == "float64" else 0.51))


@every_format
@given(data=st.data())
def test_the_softmax_is_good_to_a_few_units_however_far_apart_the_logits_are(
    format_: Format, data: st.DataObject
) -> None:
    """For any logits up to ±1e4 or ±300 a probability is within 8 units, its derivatives within 16: no digit is lost in a − max a."""
    reach = data.draw(st.sampled_from([1.0, 300.0, 1e4]))
    a = np.array(data.draw(st.lists(_wild(format_, reach), min_size=1, max_size=6)), format_.dtype())
    for name in ("softmax", "softmax_gradient"):
        got, exact = at(formula_named(name), format_, a)
        # A narrow format is rounded once.
        assert np.all(exact.ulps(got) <= (formula_named(name).ulps if format_.name == "float64" else 0.51))


# ---- the cross-entropy of probabilities


@every_format
@given(data=st.data())
def test_the_cross_entropy_is_good_to_three_units(format_: Format, data: st.DataObject) -> None:
    """Of a single sample with any probabilities, the loss is within 3 units, with a target that hesitates too."""
    weights = data.draw(st.lists(st.integers(0, 60).map(lambda e: math.ldexp(1.0, -e)), min_size=2, max_size=5))
    y = (np.array(weights) / sum(weights)).astype(format_.dtype())
    cuts = np.array([0, *sorted(data.draw(st.integers(0, 8)) for _ in weights[1:]), 8])
    t = (np.diff(cuts) / 8).astype(format_.dtype())
    for name in ("cross_entropy_one_hot", "cross_entropy_error"):
        got, exact = at(formula_named(name), format_, y, t)
        assert np.all(exact.ulps(got) <= 3)


# ---- the cross-entropy of logits


def _losses(format_: Format, a: Any, labels: Any) -> None:
    """The loss of both forms: the same, within 100 units, and no spurious zero, infinity, nan or sign."""
    one_hot = np.eye(a.shape[-1], dtype=a.dtype)[labels]
    got, exact = at(formula_named("softmax_cross_entropy_one_hot"), format_, a, one_hot)
    assert got == softmax_cross_entropy_labels(a, labels)
    assert np.isfinite(got)
    assert not np.signbit(got)
    assert exact.ulps(got) <= 100
    smallest = math.ldexp(1.0, format_.min_exponent - format_.bits + 1)
    if exact.exact.item() > smallest:
        assert got > 0
    gradients = (
        at(formula_named("softmax_cross_entropy_one_hot_gradient"), format_, a, one_hot),
        at(formula_named("softmax_cross_entropy_labels_gradient"), format_, a, labels),
    )
    for gradient, exactly in gradients:
        assert np.all(exactly.ulps(gradient) <= 100)
    np.testing.assert_array_equal(gradients[0][0], gradients[1][0])


@every_format
@given(data=st.data())
def test_the_loss_of_wide_logits_is_good_to_a_hundred_units(format_: Format, data: st.DataObject) -> None:
    """For any logits up to ±1e4 the loss and its gradient are within 100 units, and nothing is spurious."""
    classes, samples = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 3))
    size = classes * samples
    a = np.array(data.draw(st.lists(_wild(format_, 1e4), min_size=size, max_size=size)), format_.dtype())
    labels = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=samples, max_size=samples)))
    _losses(format_, a.reshape(samples, classes), labels)


@every_format
@given(data=st.data())
def test_the_loss_near_certainty_is_good_to_a_hundred_units(format_: Format, data: st.DataObject) -> None:
    """With the label ahead by a gap from 17 to 745, at any height, the tiny loss is within 100 units, and not 0."""
    gaps = data.draw(st.lists(st.floats(17, 745, width=32), min_size=1, max_size=4))
    height = data.draw(st.sampled_from([0.0, 1e4, -1e4, 0.1]) | _wild(format_, 1e4))
    a = np.array([0.0, *(-gap for gap in gaps)], format_.dtype()) + format_.dtype().type(height)
    label = np.array(data.draw(st.sampled_from([0, 0, 0, len(gaps)])))
    _losses(format_, a, label)


@pytest.mark.parametrize("gap", [17, 36, 36.7, 37, 40, 100, 300, 700, 708, 720, 740, 745])
def test_a_tiny_loss_is_not_zero(gap: float) -> None:
    """With two classes the loss is ln(1 + e^−gap) to a hundred units, where −ln of the rounded probability is 0 from 37 on."""
    loss = softmax_cross_entropy_one_hot([gap, 0.0], [1, 0])
    assert loss > 0
    _, exact = at(formula_named("softmax_cross_entropy_one_hot"), FORMATS["float64"], [gap, 0.0], [1, 0])
    assert exact.ulps(loss) <= 2


@pytest.mark.parametrize("gap", [17.3, 100.1, 333.3, 600.2, 699.7, 743.9])
@pytest.mark.parametrize("height", [0.1, -0.3, 0.7])
def test_a_tiny_loss_loses_nothing_in_the_difference_of_the_logits(gap: float, height: float) -> None:
    """Where the difference of two logits is rounded, in units that are many of its exponential, loss and gradient are good to four units."""
    for a in (np.array([height, height - gap]), np.array([height + gap, height])):
        for name in ("softmax_cross_entropy_one_hot", "softmax_cross_entropy_one_hot_gradient"):
            got, exact = at(formula_named(name), FORMATS["float64"], a, np.array([1.0, 0.0]))
            assert np.all(exact.ulps(got) <= 4)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_the_loss_is_infinite_only_beyond_the_range(dtype: str) -> None:
    """The largest finite logits cost what they cost; only a gap beyond the dtype is ∞."""
    largest = np.finfo(dtype).max
    a = np.array([largest, 0], dtype)
    assert softmax_cross_entropy_one_hot(a, [0, 1]) == largest
    assert softmax_cross_entropy_one_hot(a, [1, 0]) == 0
    assert softmax_cross_entropy_one_hot(np.array([largest, -largest], dtype), [0, 1]) == np.inf
    assert softmax_cross_entropy_one_hot(np.stack([a] * 4), [[0, 1]] * 4) == largest


@pytest.mark.parametrize(
    ("convention", "small"),
    [
        *(("keras", 1e-7 * factor) for factor in (0.5, 2.0)),
        *(("sklearn", 2.0**-52 * factor) for factor in (0.5, 1.0, 2.0)),
    ],
)
def test_the_definition_of_a_clipped_gradient_ends_where_its_program_does(convention: str, small: float) -> None:
    """Below the clip, above it, and at its very ends, the certified gradient of a clipped loss is what the program computes."""
    for y in ([small, 1 - small], [1 - small, small]):
        for t in ([1.0, 0.0], [0.0, 1.0]):
            under = setting(formula_named("cross_entropy_one_hot_gradient"), convention)
            assert is_inside(under, FORMATS["float64"], {"y": np.array(y), "t": np.array(t)}) is not None
