"""How the programs behave as functions: pure, of the right dtype and shape, without warnings, and equal to their counterparts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import surveyed
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from surveyed import SAMPLES

import refmath
from refmath import FORMULAS
from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import RANGES, read
from refmath.balls.formats import FORMATS
from refmath.catalogue import formula as formula_named
from refmath.oracle.candidates.candidate import Candidate
from refmath.spec import ByFormat, Formula, Setting, setting, unpacked

pytestmark = pytest.mark.long

#: Most sentences here speak of samples and batches, each an array: those of the network and of what takes functions are tested by themselves.
every_formula = pytest.mark.parametrize("formula", SAMPLES, ids=lambda formula: formula.name)
of_any_domain = pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
#: What takes no function.
OF_ARRAYS = [formula for formula in FORMULAS if not any(each.is_function for each in formula.inputs)]
every_guard = pytest.mark.parametrize("guard", ["floor", "offset", "none"])


def every_setting(formula: Formula) -> Iterator[Setting]:
    yield setting(formula)
    yield from (setting(formula, each.name) for each in formula.conventions)


def every_fixed_setting(formula: Formula) -> Iterator[Setting]:
    """Those whose constants are the same in each format."""
    return (
        each
        for each in every_setting(formula)
        if formula.inputs[0].kind == "probabilities"  # whose clips lie far from everyday shares
        or not any(isinstance(number, ByFormat) for number in each.constants.values())
    )


def with_inputs(
    settings: Iterable[Setting], draw: Callable[[Formula, int], Iterable[Any]], count: int
) -> Iterator[tuple[Setting, Any]]:
    """Each setting with so many inputs of its own."""
    return ((chosen, inputs) for chosen in settings for inputs in draw(chosen.formula, count))


def same_bits(left: Any, right: Any) -> bool:
    """The same numbers of the same dtype, with the sign of zeros, nan included, in each array of an answer."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same_bits(left[key], right[key]) for key in left)
    left, right = np.asarray(left), np.asarray(right)
    return bool(left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes())


def cast(value: Any, dtype: str) -> Any:
    return value if value.dtype.kind in "iu" else value.astype(dtype)


# ---- purity


def values_of(answer: Any) -> list[Any]:
    """The arrays of an answer, one or several."""
    return list(answer.values()) if isinstance(answer, dict) else [answer]


@of_any_domain
def test_the_same_again_and_nothing_changed(formula: Formula) -> None:
    """Under every convention a program takes read-only arrays, leaves them as they are, and answers the same twice."""
    for chosen, inputs in with_inputs(every_setting(formula), surveyed.all_sorts, 4):
        arrays = surveyed.arrays_in(inputs)
        before = [value.tobytes() for value in arrays]
        entries = [list(each.items()) for each in inputs if isinstance(each, dict)]
        for value in arrays:
            value.setflags(write=False)
        first = values_of(chosen.program(*inputs))
        assert all(map(same_bits, first, values_of(chosen.program(*inputs))))
        assert before == [value.tobytes() for value in arrays]
        for each, known in zip((each for each in inputs if isinstance(each, dict)), entries, strict=True):
            assert list(each) == [key for key, _ in known]
            assert all(each[key] is value for key, value in known)
        for result in first:
            if isinstance(result, np.ndarray) and result.ndim:
                assert not any(np.shares_memory(result, value) for value in arrays)


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "fortran": lambda value: np.array(value, order="F"),
    "every other": lambda value: np.repeat(np.asarray(value), 2, axis=-1)[..., ::2] if value.ndim else value,
    "negative strides": lambda value: np.asarray(value)[..., ::-1].copy()[..., ::-1] if value.ndim else value,
    "column of a table": lambda value: np.stack([value, value + 1], axis=-1)[..., 0],
    "big-endian": lambda value: value.astype(value.dtype.newbyteorder(">")),
    "little-endian": lambda value: value.astype(value.dtype.newbyteorder("<")),
    "nested lists": lambda value: value.tolist(),
}


@every_formula
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_the_place_in_memory_does_not_matter(formula: Formula, layout: str) -> None:
    """However an array lies in memory, and in whatever byte order, the result is the same, bit for bit, and native."""
    for inputs in surveyed.everyday(formula, 6):
        laid_out = (surveyed.in_each_array(LAYOUTS[layout], each) for each in inputs)
        assert same_bits(formula.program(*inputs), formula.program(*laid_out))


# ---- dtypes


@every_formula
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "longdouble"])
def test_floats_keep_their_dtype(formula: Formula, dtype: str) -> None:
    """Under every convention the result has the dtype of the first argument, and is near the one in float64."""
    for chosen, inputs in with_inputs(every_fixed_setting(formula), surveyed.everyday, 3):
        narrow = [cast(value, dtype) for value in inputs]
        got = chosen.program(*narrow)
        assert got.dtype == np.dtype(dtype)
        wide = chosen.program(*(cast(value, "float64") for value in narrow))
        room = 64 * max(float(np.finfo(dtype).eps), 2.0**-52)
        np.testing.assert_allclose(np.asarray(got, np.float64), wide, rtol=room, atol=room)


@pytest.mark.parametrize("formula", OF_ARRAYS, ids=lambda formula: formula.name)
def test_float16_is_rounded_once(formula: Formula) -> None:
    """Under every convention the result in float16 is the one in float64, rounded: everything else is computed in a wider format."""
    for chosen, inputs in with_inputs(every_fixed_setting(formula), surveyed.everyday, 6):
        narrow = [surveyed.in_each_array(lambda each: cast(each, "float16"), given) for given in inputs]
        wide = [surveyed.in_each_array(lambda each: cast(each, "float64"), given) for given in narrow]
        for got, exact in zip(values_of(chosen.program(*narrow)), values_of(chosen.program(*wide)), strict=True):
            assert got.dtype == np.float16
            assert (np.abs(got - exact) <= 0.51 * np.spacing(np.abs(exact).astype(np.float16)).astype(float)).all()


@pytest.mark.parametrize(
    "formula", [each for each in SAMPLES if each.inputs[0].kind == "probabilities"], ids=lambda formula: formula.name
)
@pytest.mark.parametrize("dtype", ["float32", "float16", "longdouble"])
def test_targets_count_in_the_dtype_of_the_outputs(formula: Formula, dtype: str) -> None:
    """Targets in another dtype than the probabilities are rounded to theirs before anything is computed, under every convention."""
    rng = np.random.default_rng(11)
    for chosen in every_setting(formula):
        for shape in ((3,), (2, 3), (5, 4)):
            weights = rng.integers(1, 60, (2, *shape)).astype(np.longdouble)
            y, t = weights / weights.sum(axis=-1, keepdims=True)
            if formula.inputs[1].kind == "labels":
                t = np.argmax(t, axis=-1).astype(np.uint8)
            given = np.int64 if t.dtype.kind == "u" else np.dtype(dtype)
            expected = chosen.program(y.astype(dtype), t.astype(given))
            np.testing.assert_array_equal(chosen.program(y.astype(dtype), t), expected, strict=True)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_squared_error_gradient"])
@pytest.mark.parametrize("dtypes", [("float16", "float64"), ("float64", "float32"), ("float32", "float16")])
def test_where_both_arguments_are_real_the_wider_dtype_counts(name: str, dtypes: tuple[str, str]) -> None:
    """Under every convention the result of two dtypes is that of both arguments in the wider one."""
    for chosen in every_setting(formula_named(name)):
        for inputs in surveyed.everyday(chosen.formula, 4):
            y, t = (each.astype(dtype) for each, dtype in zip(inputs, dtypes, strict=True))
            wider = np.result_type(y, t)
            assert same_bits(chosen.program(y, t), chosen.program(y.astype(wider), t.astype(wider)))


def test_a_mean_over_all_entries_overflows_only_where_it_is_beyond_the_range() -> None:
    """The gradient that is twice the difference by the number of entries may be finite where twice the difference is not."""
    y, t = np.array([1.5e308, 0.0, 0.0, 0.0]), np.zeros(4)
    np.testing.assert_array_equal(
        setting(formula_named("mean_squared_error_gradient"), "pytorch").program(y, t), [7.5e307, 0, 0, 0]
    )


@every_formula
@pytest.mark.parametrize("dtype", ["int64", "int8", "uint8", "int32"])
def test_integers_count_as_float64(formula: Formula, dtype: str) -> None:
    """Integer arrays are the numbers that they hold, in float64; nothing is cut off or wraps round."""
    found = surveyed.in_integers(formula, dtype)
    assert found
    for inputs in found:
        floats = [value if np.ndim(value) < np.ndim(inputs[0]) else value.astype(np.float64) for value in inputs]
        got = formula.program(*inputs)
        assert got.dtype == np.float64
        assert same_bits(got, formula.program(*floats))


# ---- shapes


@every_formula
def test_a_sample_is_a_batch_of_one(formula: Formula) -> None:
    """Under every convention a single sample has the loss, the probabilities and the gradient of a batch of one."""
    for chosen, inputs in with_inputs(every_setting(formula), surveyed.all_sorts, 6):
        if inputs[0].ndim == 1:
            batch = np.asarray(chosen.program(*surveyed.as_batch(formula, inputs)))
            alone = np.asarray(chosen.program(*inputs))
            assert same_bits(alone, batch[0] if batch.ndim else batch)


@every_formula
def test_the_result_has_the_shape_that_the_page_says(formula: Formula) -> None:
    """The output has its page's axes; a loss is a scalar, with no axis left."""
    for inputs in surveyed.all_sorts(formula, 8):
        got, first = formula.program(*inputs), inputs[0]
        if formula.inputs[0].axes == ("...",):
            assert got.shape == (first.shape if formula.output else ())
        else:
            sizes = {"N": first.shape[:-1]}
            for each, value in zip(formula.inputs, inputs, strict=True):
                named = each.axes[1:] if each.axes[:1] == ("N",) else each.axes
                if named and "labels" not in each.kind:
                    sizes |= {axis: (size,) for axis, size in zip(named, value.shape[-len(named) :], strict=True)}
            assert got.shape == sum((sizes[axis] for _, axis in formula.output), ())
        assert isinstance(got, np.ndarray if got.ndim else np.floating)


@given(
    shape=st.lists(st.integers(1, 4), max_size=4).map(tuple),
    data=st.data(),
    name=st.sampled_from(["sigmoid", "sigmoid_gradient"]),
)
def test_the_sigmoid_takes_any_shape(shape: tuple[int, ...], data: st.DataObject, name: str) -> None:
    """From a single number to four axes: same shape, and each entry is the value of its number alone."""
    size = int(np.prod(shape))
    x = np.array(data.draw(st.lists(st.floats(-800, 800), min_size=size, max_size=size))).reshape(shape)
    program = formula_named(name).program
    got = np.asarray(program(x))
    assert got.shape == shape
    for index in np.ndindex(shape):
        # NumPy's exponential may round an entry by its place in memory.
        np.testing.assert_array_max_ulp(got[index], program(x[index]), maxulp=2)


# ---- no warnings


@of_any_domain
def test_nothing_warns_even_where_numpy_would_raise(formula: Formula) -> None:
    """With every floating-point error raised, no program, under no convention, raises one at points of all sorts."""
    for chosen, inputs in with_inputs(every_setting(formula), surveyed.all_sorts, 20):
        expected = values_of(chosen.program(*inputs))
        with np.errstate(all="raise"):
            got = values_of(chosen.program(*inputs))
        assert all(map(same_bits, got, expected))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "longdouble"])
@pytest.mark.parametrize("formula", OF_ARRAYS, ids=lambda formula: formula.name)
def test_nothing_warns_at_the_ends_of_the_range(formula: Formula, dtype: str) -> None:
    """Neither the largest and smallest numbers of a dtype nor infinities and nan, under no convention, raise a floating-point error."""
    for chosen, inputs in with_inputs(every_setting(formula), lambda of, n: surveyed.at_the_ends(of, n, dtype), 24):
        with np.errstate(all="ignore"):
            expected = values_of(chosen.program(*inputs))
        with np.errstate(all="raise"):
            got = values_of(chosen.program(*inputs))
        # Which nan it is depends on the order in which the processor adds.
        for value, wanted in zip(got, expected, strict=True):
            assert value.dtype == wanted.dtype
            np.testing.assert_array_equal(value, wanted)


@pytest.mark.parametrize(("convention", "epsilon", "less"), [("keras", 1e-7, 9.9e-8), ("sklearn", 2.0**-52, 2.0**-53)])
@pytest.mark.parametrize("form", ["one_hot", "labels", "error"])
def test_the_ends_of_a_clip_are_inside_it(convention: str, epsilon: float, less: float, form: str) -> None:
    """A probability that lies exactly on an end of the clip counts as not clipped, and has a slope; one beyond it has none."""
    program = setting(formula_named(f"cross_entropy_{form}_gradient"), convention).program
    end, beyond = np.array([epsilon, 1 - epsilon]), np.array([less, 1 - less])
    for label in (0, 1):
        target = label if form == "labels" else np.eye(2)[label]
        assert program(end, target)[label] == pytest.approx(
            (1 if convention == "keras" else 0) - 1 / end[label], rel=1e-9
        )
        assert not program(beyond, target).any()


# ---- one value, several forms


FORMS = ["cross_entropy_one_hot", "cross_entropy_labels", "cross_entropy_error"]


def _probabilities(data: st.DataObject, dtype: str) -> tuple[Any, Any]:
    """A batch with zeros and certainties, up to a size at which sums are taken in pairs, and its labels."""
    rows, columns = data.draw(st.sampled_from([(1, 1), (1, 3), (2, 2), (3, 5), (9, 4), (33, 10)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    weights = rng.integers(0, 5, (rows, columns)) * 2.0 ** -rng.integers(0, 40, (rows, columns))
    weights[:, 0] += weights.sum(axis=1) == 0
    return (weights / weights.sum(axis=1, keepdims=True)).astype(dtype), rng.integers(0, columns, rows)


@every_guard
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@given(data=st.data())
def test_the_forms_of_the_cross_entropy_agree_bit_for_bit(guard: str, dtype: str, data: st.DataObject) -> None:
    """Labels, the one-hot rows they stand for, and either handed to the choosing form: one value, and one gradient."""
    y, labels = _probabilities(data, dtype)
    t = np.eye(y.shape[1], dtype=dtype)[labels]
    for suffix in ("", "_gradient"):
        one_hot, of_labels, either = (getattr(refmath, form + suffix) for form in FORMS)
        for first, label, target in ((y, labels, t), (y[0], labels[0], t[0])):
            expected = one_hot(first, target, guard=guard)
            assert same_bits(expected, of_labels(first, label, guard=guard))
            assert same_bits(expected, either(first, target, guard=guard))
            assert same_bits(expected, either(first, label, guard=guard))


@pytest.mark.parametrize("convention", ["seed", "book", "pytorch", "keras", "sklearn"])
@given(data=st.data())
def test_the_forms_agree_under_every_convention(convention: str, data: st.DataObject) -> None:
    """Under each convention the one-hot form, the one for labels and the choosing one have the same value and gradient."""
    y, labels = _probabilities(data, "float64")
    t = np.eye(y.shape[1])[labels]
    for suffix in ("", "_gradient"):
        one_hot, of_labels, either = (setting(formula_named(form + suffix), convention).program for form in FORMS)
        expected = one_hot(y, t)
        for got in (of_labels(y, labels), either(y, t), either(y, labels)):
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@given(data=st.data())
def test_the_forms_of_the_softmax_cross_entropy_agree_bit_for_bit(dtype: str, data: st.DataObject) -> None:
    """From logits too, near certainty and far apart, labels and one-hot rows have one value and one gradient."""
    rows, columns = data.draw(st.sampled_from([(1, 1), (1, 3), (2, 2), (3, 5), (9, 4), (33, 10)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    scale = data.draw(st.sampled_from([1e-3, 1.0, 40.0, 700.0, 1e4]))
    a, labels = (scale * rng.normal(size=(rows, columns))).astype(dtype), rng.integers(0, columns, rows)
    t = np.eye(columns, dtype=dtype)[labels]
    for suffix in ("", "_gradient"):
        one_hot, of_labels = (
            getattr(refmath, f"softmax_cross_entropy_{form}{suffix}") for form in ("one_hot", "labels")
        )
        assert same_bits(one_hot(a, t), of_labels(a, labels))
        assert same_bits(one_hot(a[0], t[0]), of_labels(a[0], labels[0]))


# ---- loss ≥ 0, and finite for y = 0


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@given(data=st.data())
def test_the_loss_is_never_negative_and_finite_with_zeros(dtype: str, data: st.DataObject) -> None:
    """With the default guard both hold together: 0 ≤ loss ≤ −ln δ, zeros included, and the loss is never −0."""
    y, labels = _probabilities(data, dtype)
    loss = refmath.cross_entropy_labels(y, labels)
    assert 0 <= loss <= -np.log(1e-8) * (1 + np.finfo(dtype).eps)
    assert not np.signbit(loss)
    assert np.isfinite(refmath.cross_entropy_labels_gradient(y, labels)).all() or dtype == "float16"
    certain = np.eye(y.shape[1], dtype=dtype)
    for label in range(len(certain)):
        for loss in (
            refmath.cross_entropy_labels(certain[label], label),
            refmath.cross_entropy_one_hot(certain[label], certain[label]),
            refmath.cross_entropy_one_hot(certain, certain),
        ):
            assert loss == 0
            assert not np.signbit(loss)
        if len(certain) > 1:
            np.testing.assert_allclose(
                refmath.cross_entropy_labels(certain[label - 1], label), -np.log(1e-8), rtol=float(np.finfo(dtype).eps)
            )


@pytest.mark.parametrize(("convention", "delta"), [("seed", 1e-8), ("book", 1e-7)])
@pytest.mark.parametrize("page", [*FORMS, "softmax_cross_entropy_one_hot", "softmax_cross_entropy_labels"])
@given(data=st.data())
def test_an_offset_has_the_law_it_does_obey(convention: str, delta: float, page: str, data: st.DataObject) -> None:
    """With δ inside the logarithm −ln(1 + δ) ≤ loss ≤ −ln δ, and the lower end is the loss of a perfect output."""
    y, labels = _probabilities(data, "float64")
    targets = labels if page.endswith("labels") else np.eye(y.shape[1])[labels]
    program = setting(formula_named(page), convention).program
    logits = page.startswith("softmax")
    # What is no probability but 0 or 1 stays a finite logit.
    first = np.log(np.maximum(y, 1e-300)) if logits else y
    room = 1 + 2.0**-50
    assert -np.log1p(delta) * room <= program(first, targets) <= -np.log(delta) * room
    perfect = np.eye(y.shape[1])[labels]
    got = program(1e4 * perfect if logits and y.shape[1] > 1 else perfect, targets)
    np.testing.assert_array_max_ulp(got, -np.log1p(delta), maxulp=4)


# ---- other parameters


@pytest.mark.parametrize(
    "formula", [each for each in FORMULAS if each.tried and each.is_written_out], ids=lambda formula: formula.name
)
def test_parameters_count(formula: Formula) -> None:
    """Under other numbers of a parameter the program is inside the interval of these, on inputs of all sorts."""
    for name, numbers in formula.tried.items():
        for number in numbers:
            chosen: dict[str, Any] = {name: number}
            under = setting(formula, **chosen)
            for inputs in surveyed.all_sorts(formula, 9, formats=(FORMATS["float64"],)):
                found = acceptance(under, read(under, *inputs), FORMATS["float64"])
                seen = Candidate(under.program, formula=formula)(unpacked(formula, inputs))
                assert found is None or np.all(found.accepts(seen.value)), (name, number, inputs)


# ---- a gradient is the slope of its loss


SLOPES = [each for each in SAMPLES if each.derivative_of]


@pytest.mark.parametrize("formula", SLOPES, ids=lambda formula: formula.name)
def test_the_gradient_is_the_slope_of_the_program(formula: Formula) -> None:
    """Under every convention the gradient's program has the central differences of the other program, by Richardson's rule."""
    # Of the value of the formula in place of its argument the gradient is no derivative.
    names = [None, *(each.name for each in formula.conventions if not each.inputs)]
    chosen = [(setting(formula, name), surveyed.setting_of_value(formula, name)) for name in names]
    for slope, function in chosen:
        smooth = [
            each
            for each in surveyed.everyday(formula, 24)
            if not surveyed.is_at_a_kink(slope, function, each, near=2.0**-9)
        ]
        for first, *others in smooth[:4]:
            got = slope.program(first, *others)
            for index in np.ndindex(first.shape):

                def along(h: float, index: tuple[int, ...] = index, first: Any = first, others: Any = others) -> Any:
                    ends = []
                    for side in (h, -h):
                        moved = first.copy()
                        moved[index] += side
                        ends.append(np.asarray(function.program(moved, *others)))  # noqa: B023  # called at once
                    return (ends[0] - ends[1]) / (2 * h)

                # A share may be small: its logarithm is as steep as that.
                h = 2.0**-10 * (first[index] if formula.inputs[0].kind in RANGES else 1)
                expected = (4 * along(h / 2) - along(h)) / 3
                if formula.output and len(formula.output) == 3:
                    entry = got[(*index[:-1], slice(None), index[-1])]
                    expected = expected[index[:-1]]
                elif np.shape(expected) == first.shape:
                    entry, expected = got[index], expected[index]
                else:
                    # Of several values, one a sample, the other samples' do not move.
                    entry, expected = got[index], np.sum(expected)
                np.testing.assert_allclose(entry, expected, rtol=1e-6, atol=1e-8)
        assert smooth


# ---- their counterparts elsewhere


def _of_scipy(name: str, *inputs: Any) -> Any:
    """The same, of SciPy's functions."""
    first = inputs[0]
    samples = 1 if first.ndim == 1 else len(first)
    t = inputs[1] if len(inputs) == 2 else None
    if t is not None and t.ndim < first.ndim:
        t = np.eye(first.shape[-1])[t]
    if name == "sigmoid":
        return special.expit(first)
    if name == "sigmoid_gradient":
        return special.expit(first) * special.expit(-first)
    if name == "softmax":
        return special.softmax(first, axis=-1)
    if name.startswith("cross_entropy"):
        return -np.sum(special.xlogy(t, first)) / samples
    return -np.sum(t * special.log_softmax(first, axis=-1)) / samples


@pytest.mark.parametrize(
    "name", ["sigmoid", "sigmoid_gradient", "softmax", *FORMS, *(f"softmax_{form}" for form in FORMS[:2])]
)
def test_the_programs_agree_with_scipy(name: str) -> None:
    """On everyday inputs a program and SciPy's expit, softmax, log_softmax or xlogy differ by a few units only."""
    formula = formula_named(name)
    for inputs in surveyed.everyday(formula, 40):
        got, expected = formula.program(*inputs), _of_scipy(name, *inputs)
        # Where the label leads, log_softmax is off by the rounding of the lead.
        np.testing.assert_allclose(
            got, expected, rtol=64 * 2.0**-53, atol=0 if "softmax_cross" not in name else 2.0**-49
        )


def test_the_squared_error_is_the_mean_of_exact_fractions() -> None:
    """On multiples of 1/8, where nothing is rounded, the loss is the very number that fractions give."""
    rng = np.random.default_rng(8)
    for _ in range(20):
        y, t = rng.integers(-64, 65, (2, 4, 5)) / 8
        distances = [(Fraction(a) - Fraction(b)) ** 2 for a, b in zip(y.flat, t.flat, strict=True)]
        assert Fraction(float(refmath.mean_squared_error(y, t))) == sum(distances) / 2 / 4
        gradient = refmath.mean_squared_error_gradient(y, t)
        np.testing.assert_array_equal(gradient, (y - t) / 4)


def _batch(page: str) -> Iterator[tuple[Any, Any]]:
    """Batches of a page's inputs, targets as labels."""
    rng = np.random.default_rng(9)
    for _ in range(10):
        labels = rng.integers(0, 4, 5)
        if page.startswith("softmax"):
            yield rng.normal(scale=3, size=(5, 4)), labels
        else:
            weights = rng.integers(1, 60, (5, 4))
            yield weights / weights.sum(axis=1, keepdims=True), labels


@pytest.mark.interop
def test_the_convention_of_pytorch_is_pytorchs() -> None:
    """The programs of the convention `pytorch`, and the softmax cross-entropy, agree with torch, gradients by autograd too."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional

    def agree(page: str, inputs: tuple[Any, ...], convention: str | None, loss: Callable[[Any, Any], Any]) -> None:
        leaf = torch.tensor(inputs[0], requires_grad=True)
        value = loss(leaf, torch.tensor(inputs[1]))
        value.backward()
        got = setting(formula_named(page), convention).program(*inputs)
        np.testing.assert_allclose(got, value.item(), rtol=1e-13)
        gradient = setting(formula_named(f"{page}_gradient"), convention).program(*inputs)
        np.testing.assert_allclose(gradient, leaf.grad.numpy(), rtol=1e-12, atol=1e-15)

    for y, labels in _batch("cross_entropy"):
        agree("cross_entropy_labels", (y, labels), "pytorch", lambda leaf, t: functional.nll_loss(leaf.log(), t))
        agree("mean_squared_error", (y, np.roll(y, 1, axis=0)), "pytorch", functional.mse_loss)
    for a, labels in _batch("softmax_cross_entropy"):
        agree("softmax_cross_entropy_labels", (a, labels), None, functional.cross_entropy)
        np.testing.assert_allclose(refmath.softmax(a), torch.softmax(torch.tensor(a), -1).numpy(), rtol=1e-13)
        np.testing.assert_allclose(refmath.sigmoid(a), torch.sigmoid(torch.tensor(a)).numpy(), rtol=1e-14)
        np.testing.assert_allclose(
            refmath.softmax_gradient(a[0]),
            torch.autograd.functional.jacobian(lambda v: torch.softmax(v, -1), torch.tensor(a[0])).numpy(),
            rtol=1e-11,
            atol=1e-16,
        )


@pytest.mark.interop
def test_without_a_guard_torch_and_the_convention_agree_on_infinity() -> None:
    """Where the target's probability is 0, torch's loss and its gradient are infinite as the convention's are."""
    torch = pytest.importorskip("torch")
    leaf = torch.tensor([[0.0, 1.0]], dtype=torch.float64, requires_grad=True)
    value = torch.nn.functional.nll_loss(leaf.log(), torch.tensor([0]))
    value.backward()
    y, labels = np.array([[0.0, 1.0]]), np.array([0])
    assert setting(formula_named("cross_entropy_labels"), "pytorch").program(y, labels) == value.item() == np.inf
    gradient = setting(formula_named("cross_entropy_labels_gradient"), "pytorch").program(y, labels)
    assert gradient[0, 0] == leaf.grad[0, 0] == -np.inf


@pytest.mark.interop
def test_the_convention_of_sklearn_is_sklearns() -> None:
    """The programs of the convention `sklearn` agree with its log_loss, certain errors included, and mean_squared_error."""
    metrics = pytest.importorskip("sklearn.metrics")
    certain = (np.eye(4)[[0, 1, 2, 3, 0]], np.array([0, 2, 2, 3, 1]))
    for y, labels in [*_batch("cross_entropy"), certain]:
        expected = metrics.log_loss(labels, y, labels=range(4))
        for page, target in (("cross_entropy_labels", labels), ("cross_entropy_one_hot", np.eye(4)[labels])):
            got = setting(formula_named(page), "sklearn").program(y, target)
            np.testing.assert_allclose(got, expected, rtol=1e-13)
        other = np.roll(y, 1, axis=0)
        got = setting(formula_named("mean_squared_error"), "sklearn").program(y, other)
        np.testing.assert_allclose(got, metrics.mean_squared_error(other, y), rtol=1e-13)


# ---- their definitions


@pytest.mark.parametrize("formula", OF_ARRAYS, ids=lambda formula: formula.name)
def test_the_arrays_of_a_definition_are_real_and_have_their_sizes(formula: Formula) -> None:
    """SymPy derives with what it is told: an array without `real` has a conjugate, one without a shape no range of indices."""
    definitions = [formula.definition, *(part.definition for part in formula.parts)]
    arrays = {base for definition in definitions for base in definition.atoms(sp.IndexedBase)}
    assert arrays
    for base in arrays:
        assert base.is_real
        assert base.shape is not None
        assert tuple(map(str, base.shape)) in sizes(formula, str(base))


def sizes(formula: Formula, array: str) -> set[tuple[str, ...]]:
    """What sizes an array of a definition may have: those of the argument of its name, and if it has another name there, those of any."""
    axes = {each.name.partition("['")[2].removesuffix("']") or each.name: each.axes for each in formula.inputs}
    key = array.removeprefix("grad_")  # the gradients of a step, by the names of their parameters
    found = [axes[key]] if key in axes else axes.values()
    return {("N",) if each == ("...",) else each for each in found}


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_where_there_are_parts_the_definition_is_the_first(formula: Formula) -> None:
    """A page whose answer is a mapping shows one definition for all of it; so does each of its conventions."""
    for parts, definition in [(each.parts, each.definition) for each in formula.conventions] + [
        (formula.parts, formula.definition)
    ]:
        assert not parts or definition == parts[0].definition
