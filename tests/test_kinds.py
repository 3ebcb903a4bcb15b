"""What an argument may be: every way of every kind gives numbers of the format that mean what the kind says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest

from refmath import spec
from refmath.balls.formats import FORMATS, Format
from refmath.kinds import KINDS
from refmath.kinds.draws import Draws
from refmath.kinds.kind import CLASSES, Class, Kind, Way, holds, simpler_numbers

pytestmark = pytest.mark.long

SHAPES: list[tuple[int, ...]] = [(3,), (2, 3), (5, 4), (1,), (2, 1), (90, 2), (3, 80)]
DISTRIBUTIONS = ("targets", "one_hot", "probabilities")

every_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda each: each.name)
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda each: each.name)
every_kind_of_array = pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS.values() if not (kind.is_number or "function" in kind.name)],
    ids=lambda each: each.name,
)


def ways(kind: Kind) -> Iterator[tuple[Class, Way]]:
    for class_ in CLASSES:
        yield from ((class_, way) for way in kind.ways[class_])
        if class_ in kind.dense:
            yield class_, kind.dense[class_]


def beside(shape: tuple[int, ...]) -> dict[str, tuple[str, Any]]:
    """What has been drawn before: another array, a point of a function, a rate."""
    values = np.linspace(-2, 2, math.prod(shape)).reshape(shape)
    return {"y": ("real", values), "x": ("point", values), "lr": ("rate", np.array(0.1))}


def drawn(kind: Kind, class_: Class, way: Way, shape: tuple[int, ...], format_: Format) -> Any:
    """The numbers of one way, in the format; labels, and what is handed over as a plain number, as they are."""
    of = () if kind.is_number else shape
    value = way.draw(Draws(kind.name, class_, way.name, *shape), of, format_, beside(shape))
    return value if callable(value) or kind.is_number or value.dtype.kind in "iu" else value.astype(format_.dtype())


def means_what_it_says(kind: Kind, value: Any, shape: tuple[int, ...], format_: Format) -> None:
    """Fails unless a value is one of its kind."""
    if callable(value):
        assert np.isfinite(value(np.linspace(-2, 2, math.prod(shape)).reshape(shape)))
        return
    numbers = np.asarray(value, np.float64)
    assert np.isfinite(numbers).all()
    if kind.name == "labels":
        assert value.shape == shape[:-1]
        assert np.asarray(value).dtype.kind in "iu"
        assert ((value >= 0) & (value < shape[-1])).all()
        return
    assert value.shape == (() if kind.is_number else shape)
    if kind.name in DISTRIBUTIONS:
        assert ((numbers >= 0) & (numbers <= 1)).all()
        off = np.abs([math.fsum(row) - 1 for row in numbers.reshape(-1, shape[-1]).tolist()])
        assert (off == 0).all() if kind.name != "probabilities" else (off <= shape[-1] * format_.unit).all()
    if kind.name == "one_hot":
        assert np.isin(numbers, (0, 1)).all()
    if kind.name == "rate":
        assert numbers > 0
    if kind.name == "count":
        assert np.asarray(value).dtype.kind == "i"
        assert numbers >= 0


def test_the_kinds_are_those_that_pages_declare() -> None:
    """Each name that an argument may be declared with is a kind, but for targets in either encoding, which are drawn as one of two."""
    assert set(get_args(spec.Kind)) == {*KINDS, "targets_or_labels"}
    assert all(name == kind.name for name, kind in KINDS.items())


@every_kind
def test_every_class_has_its_ways(kind: Kind) -> None:
    """Each with a name of its own in its class, and a sentence that tells what is special about it."""
    assert set(kind.ways) == set(CLASSES)
    for class_ in CLASSES:
        found = [way.name for way in kind.ways[class_]]
        assert found
        assert len(set(found)) == len(found)
        assert all(way.text.endswith(".") for way in kind.ways[class_])


@every_kind
@every_format
def test_every_way_gives_numbers_of_the_format_that_mean_what_they_say(kind: Kind, format_: Format) -> None:
    """Finite numbers; targets that sum to 1 exactly; probabilities that do up to their rounding; labels below K; positive rates."""
    for class_, way in ways(kind):
        for shape in SHAPES:
            means_what_it_says(kind, drawn(kind, class_, way, shape, format_), shape, format_)


@every_kind
@every_format
def test_typical_ways_are_typical(kind: Kind, format_: Format) -> None:
    """What a typical way gives is still such when it is asked of its numbers, in few entries and in many."""
    for class_, way in ways(kind):
        if class_ == "typical":
            for shape in SHAPES:
                # One class is certain, and of many classes all have small shares.
                if kind.name == "probabilities" and shape[-1] in (1, 80):
                    continue
                assert kind.is_typical(drawn(kind, class_, way, shape, format_)), (way.name, shape)


@every_kind
@every_format
def test_the_same_names_give_the_same_numbers(kind: Kind, format_: Format) -> None:
    """A way has no state, and nothing but its draws in it."""
    for class_, way in ways(kind):
        one, other = (drawn(kind, class_, way, (2, 3), format_) for _ in range(2))
        assert str(one) == str(other) if callable(one) else one.tobytes() == other.tobytes()


@every_kind_of_array
@every_format
def test_number_types_hold_the_numbers_that_fill_them(kind: Kind, format_: Format) -> None:
    """Each exactly, in the format too; and they are of the kind still."""
    for dtype in kind.types if kind.fills else ():
        if dtype in FORMATS and FORMATS[dtype].bits >= format_.bits:
            continue
        for shape in SHAPES:
            assert kind.fills is not None
            value = kind.fills(Draws(kind.name, dtype, *shape), shape, format_, dtype)
            assert holds(dtype, np.asarray(value)), (dtype, shape)
            if kind.name in DISTRIBUTIONS or format_.bits >= 24:
                assert np.array_equal(value.astype(format_.dtype()).astype(np.float64), value), (dtype, shape)
            means_what_it_says(kind, value, shape, format_)


@pytest.mark.parametrize(("dtype", "largest"), [("uint8", 255), ("int8", 127), ("int16", 32767), ("int32", 2**30)])
def test_integer_types_are_filled_up_to_their_ends(dtype: str, largest: int) -> None:
    """Real numbers in an integer type reach its largest, and both signs where it has them: a difference wraps around there."""
    real = KINDS["real"]
    assert real.fills is not None
    value = real.fills(Draws(dtype), (64,), FORMATS["float64"], dtype)
    assert value.max() == largest
    assert (value.min() < -largest / 2) == (dtype != "uint8")
    assert len(np.unique(np.frexp(np.abs(value))[1])) > 4


@pytest.mark.parametrize(
    ("dtype", "value", "held"),
    [
        ("uint8", [0.0, 255.0], True),
        ("uint8", [256.0], False),
        ("uint8", [-1.0], False),
        ("int8", [-128.0, 127.0], True),
        ("int8", [128.0], False),
        ("int64", [2.0**62], True),
        ("int64", [2.0**63], False),
        ("int64", [0.5], False),
        ("int32", [math.inf], False),
        ("int32", [math.nan], False),
        ("int32", [-0.0], False),
        ("bool", [0.0, 1.0], True),
        ("bool", [2.0], False),
        ("float32", [0.5, 2.0**-126], True),
        ("float32", [0.1], False),
        ("float32", [1e300], False),
    ],
)
def test_what_a_number_type_holds(dtype: str, value: list[float], held: bool) -> None:
    """All numbers exactly: none beyond its ends, no fraction in an integer, and no sign of a zero is lost."""
    assert holds(dtype, np.array(value)) is held


@every_kind_of_array
@every_format
def test_simpler_values_are_of_the_kind(kind: Kind, format_: Format) -> None:
    """Of the same shape and number type, and in the same domain."""
    for class_, way in ways(kind):
        for shape in SHAPES[:5]:
            value = drawn(kind, class_, way, shape, format_)
            for simple in kind.simpler(value):
                assert simple.shape == value.shape
                assert simple.dtype == value.dtype
                means_what_it_says(kind, simple, shape, format_)


@every_kind_of_array
def test_simpler_values_of_a_number_type_are_of_it(kind: Kind) -> None:
    """No −1 where there are no signs, and nothing beyond the ends of a small integer type."""
    for dtype in kind.types if kind.fills else ():
        assert kind.fills is not None
        value = np.asarray(kind.fills(Draws(dtype), (2, 3), FORMATS["float64"], dtype)).astype(dtype)
        for simple in kind.simpler(value):
            assert simple.dtype == dtype
            assert simple.shape == value.shape
            means_what_it_says(kind, simple, (2, 3), FORMATS["float64"])


@every_kind
def test_simpler_values_come_to_an_end(kind: Kind) -> None:
    """Whoever takes a simpler value that he has not had yet is through soon, and nothing is changed on the way."""
    for class_, way in ways(kind):
        value = drawn(kind, class_, way, (2, 3), FORMATS["float64"])
        before = str(value)
        known = {before}
        best = value
        for _ in range(200):
            new = next((simple for simple in kind.simpler(best) if str(simple) not in known), None)
            if new is None:
                break
            known.add(str(new))
            best = new
        else:
            raise AssertionError(f"{way.name} has no end")
        assert str(value) == before


@every_kind_of_array
@every_format
def test_fewer_entries_are_of_the_kind(kind: Kind, format_: Format) -> None:
    """Without some samples, or some classes, distributions sum to 1 still; the value itself stays as it was."""
    for class_, way in ways(kind):
        value = drawn(kind, class_, way, (5, 4), format_)
        before = value.tobytes()
        means_what_it_says(kind, kind.without(value, 0, np.array([0, 2, 3])), (3, 4), format_)
        if kind.name != "labels":  # the places of classes are counted by others
            means_what_it_says(kind, kind.without(value, 1, np.array([1, 3])), (5, 2), format_)
        assert value.tobytes() == before


@pytest.mark.parametrize("dtype", KINDS["targets"].types)
def test_fewer_classes_are_one_hot_in_any_number_type(dtype: str) -> None:
    """Targets of integers or booleans, whose class is taken away, have another."""
    value = np.eye(4)[[0, 1, 2, 3]].astype(dtype)
    less = KINDS["targets"].without(value, 1, np.array([0, 1]))
    assert less.dtype == dtype
    assert less.tolist() == np.eye(2)[[0, 1, 1, 1]].astype(dtype).tolist()


def test_in_a_large_batch_every_class_has_its_turn() -> None:
    """Labels and one-hot targets of a batch run through all classes, whatever is drawn."""
    for seed in range(5):
        labels = KINDS["labels"].ways["typical"][0].draw(Draws(seed), (90, 7), FORMATS["float64"], {})
        one_hot = KINDS["one_hot"].ways["typical"][0].draw(Draws(seed), (90, 7), FORMATS["float64"], {})
        assert set(labels.tolist()) == set(one_hot.argmax(axis=-1).tolist()) == set(range(7))


def test_some_targets_are_no_labels() -> None:
    """Soft targets have more than one class in a sample, typical ones too."""
    for class_, name in (("typical", "soft"), ("edge", "halves"), ("extreme", "nearly one-hot")):
        way = next(way for way in KINDS["targets"].ways[class_] if way.name == name)  # type: ignore[index]
        value = way.draw(Draws(0), (6, 5), FORMATS["float64"], {})
        assert ((value > 0) & (value < 1)).any()


def test_descents_are_not_longer_than_they_may_be() -> None:
    """The usual hundred steps are among those of typical descents; few where a step costs much, or leads far away."""
    count = KINDS["count"]

    def largest(class_: Class, rate: float, size: int) -> int:
        given = {"x": ("point", np.ones(size)), "lr": ("rate", np.array(rate))}
        found = [
            int(way.draw(Draws(seed), (), FORMATS["float64"], given))
            for way in count.ways[class_]
            for seed in range(40)
        ]
        return max(found)

    assert largest("typical", 0.1, 3) >= 100
    assert largest("extreme", 4.0, 3) <= 8
    assert all(largest(class_, 0.1, 40) <= 2 for class_ in CLASSES)


def test_functions_are_of_the_points_shape() -> None:
    """A function is drawn for the point that it is handed over with, and insists on that shape."""
    for name in ("function", "convex_function"):
        for class_, way in ways(KINDS[name]):
            for shape in ((2, 3), (1,), (70,)):
                f = drawn(KINDS[name], class_, way, shape, FORMATS["float64"])
                assert f.shape == shape
                with pytest.raises(TypeError, match="takes an array of shape"):
                    f(np.ones((*shape, 1)))


@pytest.mark.parametrize("of", FORMATS.values(), ids=FORMATS)
def test_squares_beside_the_largest_gradients_are_numbers_of_the_format(of: Format) -> None:
    """A state that no format holds could be certified by nobody."""
    largest = {"g": ("floats", np.full(64, of.largest))}
    squares = KINDS["second_moment"].dense["extreme"].draw(Draws(of.name), (64,), of, largest)
    assert np.all((squares >= 0) & (squares <= of.largest))
    assert np.any(squares > of.largest / 64)


@pytest.mark.parametrize(
    ("number", "dtype", "low", "high", "simplest"),
    [
        (849432533809.0, "float64", 710, 1e300, 1000.0),
        (-16000.0, "float64", 710, 1e300, -1000.0),
        (713.25, "float32", 710, 1e30, 710.0),
        (0.00341, "float64", 0.0025, 0.0099, 0.003),
        (0.6249, "float32", 0.6, 0.63, 0.625),  # float32 holds neither 0.62 nor 0.6
        (3.4e-40, "float64", 1e-300, 1e-38, 1e-38),
    ],
)
def test_numbers_get_few_digits_and_few_powers_of_ten(
    number: float, dtype: str, low: float, high: float, simplest: float
) -> None:
    """As long as something still fails, here between two sizes."""
    value = np.array([number], dtype)
    for _ in range(30):
        better = (each for each in simpler_numbers(value) if low <= abs(float(each[0])) <= high)
        found = next(better, None)
        if found is None:
            break
        value = found
    assert value.tolist() == [simplest]
