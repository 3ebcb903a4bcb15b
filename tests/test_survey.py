"""What a candidate is tried on: every way, every axis, every number type and layout, the same for the same seed."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest
import surveyed

from refmath.balls.acceptance import acceptance
from refmath.balls.evaluate import read
from refmath.balls.formats import FORMATS, Format
from refmath.catalogue import FORMULAS, formula
from refmath.kinds import kinds_of
from refmath.kinds.kind import CLASSES
from refmath.oracle.candidates.arrays import LAYOUTS, Handed
from refmath.oracle.check import EXAMPLES
from refmath.oracle.searching.probe import Probe, is_typical
from refmath.oracle.searching.representations import is_rounded_alone
from refmath.oracle.searching.search import numbers_in
from refmath.oracle.searching.survey import Survey
from refmath.spec import Formula, Input, are_labels, is_single, packed, setting

pytestmark = pytest.mark.long

FLOAT64 = FORMATS["float64"]
#: No array that is made has more entries than that.
LARGEST = 20_000

every_formula = pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
#: What a survey makes follows from the kinds and axes of the arguments: one formula of each signature is asked, all of them in the session `zoo`.
every_signature = pytest.mark.parametrize("page", surveyed.by_signature(FORMULAS))


@functools.cache
def probes(
    page: Formula, examples: int = EXAMPLES, seed: int = 0, array: Handed = "numpy", format_: Format = FLOAT64
) -> tuple[Probe, ...]:
    return tuple(Survey(page, format_, seed, examples, array))


def arrays(probe: Probe) -> list[Any]:
    """All arrays among the inputs, those of mappings too."""
    values = [value for _, value in sorted(probe.inputs.items()) if not callable(value)]
    return [each for value in values for each in (value.values() if isinstance(value, dict) else [value])]


def bits(probe: Probe) -> Any:
    """What tells an input from another."""
    functions = [str(value) for value in probe.inputs.values() if callable(value)]
    return functions, [
        (each.dtype.str, each.shape, np.asarray(each).tobytes()) for each in map(np.asarray, arrays(probe))
    ]


def longest(probe: Probe) -> int:
    """The size of the longest axis of all arrays."""
    return max((size for each in arrays(probe) for size in np.shape(each)), default=0)


def kind_name(page: Formula, probe: Probe, each: Input) -> str:
    """The kind of which an argument is, where it may be of two."""
    if each.kind != "targets_or_labels":
        return each.kind
    return "labels" if are_labels(page, probe.inputs, each) else "targets"


# ---- every way


@every_signature
@pytest.mark.parametrize("examples", [1, EXAMPLES])
def test_every_way_of_every_argument_has_its_turn(page: Formula, examples: int) -> None:
    """In each class, twice at least, however few inputs are asked for; where targets come in two encodings, in both."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for probe in probes(page, examples):
        if probe.is_plain and numbers_in(probe.inputs) <= 200:
            for each in page.inputs:
                kind = kind_name(page, probe, each)
                counted[each.name, kind, probe.class_, probe.ways[each.name]] += 1
    for each in page.inputs:
        for known in kinds_of(each):
            for class_ in CLASSES:
                for way in known.ways[class_]:
                    assert counted[each.name, known.name, class_, way.name] >= 2, (known.name, class_, way.name)


@every_signature
def test_inputs_are_inputs_of_the_formula(page: Formula) -> None:
    """In every format each of them is read as one, and its real arrays are of the format or of a type that is told."""
    chosen = setting(page)
    for format_ in FORMATS.values():
        for probe in probes(page, 1, format_=format_):
            read(chosen, *packed(page, probe.inputs))
            assert set(probe.inputs) == {each.name for each in page.inputs}
            for each in page.inputs:
                value = probe.inputs[each.name]
                dtypes = {
                    np.asarray(one).dtype.name for one in (value.values() if isinstance(value, dict) else [value])
                }
                if each.name in probe.types:
                    assert dtypes == {probe.types[each.name]}
                elif not each.is_function and not each.is_number:
                    assert dtypes == {"int64" if kind_name(page, probe, each) == "labels" else format_.name}


@every_formula
def test_small_typical_inputs_are_typical(page: Formula) -> None:
    """Any honest algorithm is accurate on them: a verdict of *differs* rests on that."""
    for format_ in FORMATS.values():
        for probe in probes(page, 10, format_=format_):
            if probe.class_ == "typical" and numbers_in(probe.inputs) <= 200:
                assert is_typical(page, probe.inputs), probe.ways


@pytest.mark.parametrize(
    "page",
    [page for page in FORMULAS if page.single_samples and page.inputs[0].axes[:1] == ("N",)],
    ids=lambda p: p.name,
)
def test_single_samples_and_batches_come_in_turn(page: Formula) -> None:
    """Both are among the first four inputs, and each is about half of the small typical ones."""
    for seed in range(4):
        small = [each for each in probes(page, 20, seed) if each.class_ == "typical" and longest(each) < 6]
        arities = [is_single(page, each.inputs) for each in small]
        assert set(arities[:4]) == {False, True}
        assert 0.25 < sum(arities) / len(arities) < 0.75


# ---- sizes


def largest_sizes(page: Formula, class_: str, **options: Any) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for probe in probes(page, **options):
        if probe.class_ != class_:
            continue
        for each in page.inputs:
            value = probe.inputs[each.name]
            if each.is_function or each.is_number:
                continue
            if each.axes == ("...",):
                entries = sum(map(np.size, value.values())) if isinstance(value, dict) else np.size(value)
                sizes["..."] = max(sizes.get("...", 0), entries)
            else:
                for axis, size in zip(reversed(each.axes), reversed(np.shape(value)), strict=False):
                    if np.ndim(value) == len(each.axes):
                        sizes[axis] = max(sizes.get(axis, 0), size)
    return sizes


@every_signature
@pytest.mark.parametrize("class_", ["typical", "extreme"])
def test_each_axis_is_large_once(page: Formula, class_: str) -> None:
    """Beyond 1024 in typical inputs, and beyond 500 in extreme ones, with the usual effort, unless the answer would have too many entries; beyond 30 in any case."""
    many, few = largest_sizes(page, class_), largest_sizes(page, class_, examples=1)
    assert many.keys() == {axis for each in page.inputs for axis in each.axes}
    squares = {axis for axis in many if [name for _, name in page.output].count(axis) == 2}
    least = 1024 if class_ == "typical" else 500
    for axis, size in many.items():
        assert size > (least if axis not in squares else 60), axis
        assert few[axis] > 30


@pytest.mark.parametrize("page", surveyed.by_signature([page for page in FORMULAS if not page.inputs[0].arrays]))
def test_each_everyday_size_is_tried_on_each_axis(page: Formula) -> None:
    """From 6 to 30, in typical inputs; of a Jacobian, whose entries are many, every other one. Each size from 2 to 5, too, but where arrays may have any shape."""
    tried: dict[str, set[int]] = {}
    for probe in probes(page):
        for each in page.inputs if probe.class_ == "typical" else ():
            value = probe.inputs[each.name]
            if each.axes == ("...",):
                tried.setdefault("...", set()).add(np.size(value))
            elif np.ndim(value) == len(each.axes) > 0 and not each.is_function:
                for axis, size in zip(each.axes, np.shape(value), strict=True):
                    tried.setdefault(axis, set()).add(size)
    assert tried
    for axis, sizes in tried.items():
        assert axis == "..." or sizes >= {2, 3, 4, 5}
        assert len(sizes & set(range(6, 31))) >= (12 if page.name == "softmax_gradient" else 25)


@every_signature
def test_sizes_lie_on_either_side_of_those_at_which_programs_change(page: Formula) -> None:
    """Somewhat above or below 32 or 64, 128 or 256, and above 1024; no array has more entries than can be certified soon."""
    sizes = {size for probe in probes(page) for each in arrays(probe) for size in np.shape(each) if size > 16}
    if any(each.axes == ("...",) for each in page.inputs):
        # Of arrays of any shape it is the number of entries.
        sizes = {np.size(each) for probe in probes(page) for each in arrays(probe)}
    if page.name != "softmax_gradient":
        assert any(120 < size < 270 for size in sizes)
        assert any(size > 1024 for size in sizes)
    assert any(30 < size < 70 for size in sizes)
    assert all(np.asarray(each).size <= LARGEST for probe in probes(page) for each in arrays(probe))


@pytest.mark.parametrize(
    "page", [each for each in FORMULAS if ("...",) not in {one.axes for one in each.inputs}], ids=lambda page: page.name
)
def test_small_axes_side_by_side_differ(page: Formula) -> None:
    """So no axis is taken for the one beside it; and each is of a power of two in some input, and of none in another."""
    axes = list(dict.fromkeys(axis for each in page.inputs for axis in each.axes))
    for seed in range(4):
        found: dict[str, set[int]] = {axis: set() for axis in axes}
        for probe in probes(page, 20, seed):
            sizes: dict[str, int] = {}
            for each in page.inputs:
                shape = np.shape(probe.inputs[each.name])
                sizes.update(zip(each.axes, shape, strict=True) if len(shape) == len(each.axes) else ())
            if probe.class_ == "typical" and len(sizes) == len(axes) and max(sizes.values()) < 16:
                for axis in axes:
                    found[axis].add(sizes[axis])
                assert all(sizes[one] != sizes[other] for one, other in itertools.pairwise(axes))
        for axis, tried in found.items():
            assert {size & (size - 1) == 0 for size in tried} == {True, False}, axis


@every_signature
def test_shapes_are_few(page: Formula) -> None:
    """A candidate that is compiled anew for each shape is compiled some tens of times; where that is so, for few types as well."""

    def shapes(array: Handed, *, typed: bool) -> int:
        told = [
            tuple((np.shape(each), np.asarray(each).dtype.name if typed else "") for each in arrays(probe))
            for probe in probes(page, array=array)
        ]
        return len(set(told))

    assert shapes("numpy", typed=False) <= 90
    assert shapes("jax", typed=True) <= 45


# ---- other representations


@every_signature
def test_the_same_numbers_come_in_every_layout(page: Formula) -> None:
    """Four inputs or more in each that the arrays of the library have; JSON has none, and JAX hides it."""
    for array, layouts in (
        ("numpy", set(LAYOUTS)),
        ("torch", {"plain", "by columns", "sliced", "strided", "strided by rows", "mixed"}),
        ("jax", {"plain"}),
        ("json", {"plain"}),
    ):
        counted = Counter(probe.layout for probe in probes(page, array=array))
        assert set(counted) == (layouts if _may_be_mixed(page) else layouts - {"mixed"})
        assert min(counted.values()) >= 4
    for probe in probes(page):
        if probe.layout != "plain":
            assert probe.class_ == "edge"
            assert probe.origin is not None
            assert bits(probe) == bits(probe.origin)
            assert probe.origin.is_plain


def _may_be_mixed(page: Formula) -> bool:
    """Whether one array can be by columns beside another one that is not: an array of two axes, but for the first."""
    return any(len(np.shape(each)) > 1 for probe in probes(page) for each in arrays_in_order(page, probe)[1:])


def arrays_in_order(page: Formula, probe: Probe) -> list[Any]:
    first = probe.inputs[page.inputs[0].name]
    return arrays(probe) if page.inputs[0].arrays and isinstance(first, dict) else list(probe.inputs.values())


@every_signature
def test_number_types_hold_the_numbers_of_plain_inputs(page: Formula) -> None:
    """Four inputs or more in every type of every argument, each with the numbers of its plain counterpart; last, in the last argument alone, or the first."""
    wanted = {
        name
        for each in page.inputs
        if not each.arrays
        for kind in kinds_of(each)
        for name in kind.types
        if name not in FORMATS or not is_rounded_alone(page, each.name)
    }
    counted: Counter[str] = Counter()
    for probe in probes(page):
        for name, dtype in probe.types.items():
            assert probe.class_ == "edge"
            assert probe.origin is not None
            assert probe.inputs[name].dtype == dtype
            assert np.array_equal(
                probe.inputs[name].astype(np.float64), np.asarray(probe.origin.inputs[name], np.float64)
            )
            assert not probe.origin.types
        counted.update(set(probe.types.values()))
    assert set(counted) == wanted
    assert all(count >= 4 for count in counted.values())
    both = [probe for probe in probes(page) if "int64" in probe.types.values()]
    takers = [each.name for each in page.inputs if not each.arrays and "int64" in types_of(each)]
    if len(takers) > 1 and page.inputs[-1].kind != "targets_or_labels":
        told = {tuple(probe.types) for probe in both}
        assert {tuple(takers), tuple(takers[-1:])} <= told <= {tuple(takers), tuple(takers[-1:]), tuple(takers[:1])}


def types_of(each: Input) -> set[str]:
    return {name for kind in kinds_of(each) for name in kind.types}


def test_a_type_is_left_out_where_it_says_nothing() -> None:
    """JSON has no types; a narrow format is no stranger to a wider one's floats; eleven bits hold no large integers."""
    page = formula("cross_entropy_one_hot")
    told = {
        (array, format_): {
            dtype for probe in probes(page, 1, 0, array, FORMATS[format_]) for dtype in probe.types.values()
        }
        for array, format_ in (("numpy", "float64"), ("numpy", "float32"), ("numpy", "float16"), ("json", "float64"))
    }
    assert "float32" in told["numpy", "float64"]
    assert "float32" not in told["numpy", "float32"]
    assert "float32" not in told["numpy", "float16"]
    assert told["json", "float64"] == set()
    squares = [
        probe for probe in probes(formula("mean_squared_error"), 1, 0, "numpy", FORMATS["float16"]) if probe.types
    ]
    assert squares == []


def test_labels_of_many_samples_come_in_every_type() -> None:
    """A place that is counted in the type of the labels runs beyond what a small one holds."""
    for dtype in ("int8", "uint8"):
        batches = [probe for probe in probes(formula("cross_entropy_labels")) if dtype in probe.types.values()]
        assert any(np.size(probe.inputs["y"]) > np.iinfo(dtype).max for probe in batches)


# ---- parameters


def test_parameters_that_are_taken_by_name_are_changed() -> None:
    """Every other choice, and several numbers, each on some inputs, and more of every magnitude on one; one at a time, under its own name."""
    page = formula("cross_entropy_one_hot")
    survey = Survey(page, FLOAT64, 0, EXAMPLES, "numpy", {"delta": 1e-8, "guard": "floor"})
    counted = Counter(tuple(probe.parameters.items()) for probe in survey if probe.parameters)
    assert all(len(each) == 1 for each in counted)
    guards = {value for ((name, value),) in counted if name == "guard"}
    deltas = {value for ((name, value),) in counted if name == "delta"}
    assert guards == set(page.choices["guard"]) - {"floor"}
    assert len(deltas) >= 3
    assert 1e-8 not in deltas
    often = {each for each, count in counted.items() if count >= 4}
    assert len({value for ((name, value),) in often if name == "delta"}) >= 3
    assert {value for ((name, value),) in often if name == "guard"} == guards
    assert len({math.frexp(value)[1] for value in deltas}) >= 10
    assert not any(probe.parameters for probe in probes(page))


# ---- the seed


@every_signature
def test_the_same_seed_tries_the_same(page: Formula) -> None:
    """Number by number, in the same order; another seed tries other numbers."""
    one, again, other = (list(Survey(page, FLOAT64, seed, 4)) for seed in (3, 3, 4))
    told = [[(bits(probe), probe.class_, probe.layout) for probe in each] for each in (one, again, other)]
    assert told[0] == told[1] != told[2]
    random = [place for place, (a, b) in enumerate(zip(told[0], told[2], strict=False)) if a != b]
    assert len(random) > len(one) / 2


def test_other_seeds_try_other_sizes() -> None:
    """Small and large ones."""
    page = formula("softmax")
    small = {tuple(np.shape(probes(page, 1, seed)[place].inputs["a"]) for place in range(4)) for seed in range(12)}
    large = {tuple(sorted(largest_sizes(page, "typical", seed=seed).items())) for seed in range(4)}
    assert len(small) > 2
    assert len(large) == 4


def test_another_process_tries_the_same() -> None:
    """Nothing of the process has a part in it: neither the seed of its hashes nor that of NumPy."""
    code = (
        "import hashlib, random, numpy as np; random.seed(5); np.random.seed(5)\n"
        "from test_survey import told; print(told())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "54321", "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == told()


def told() -> str:
    """The first inputs of every formula, in a few letters."""
    digest = hashlib.sha256()
    for page in FORMULAS:
        for probe in probes(page, 1):
            digest.update(repr(bits(probe)).encode())
    return digest.hexdigest()


#: The share of a class that is drawn in vain where that is more than a tenth: of numbers that are all alike eight bits leave nothing of their
#: distance from the mean, which is what is asked for.
LOST = {("layer_norm", "bfloat16"): 0.4, ("layer_norm_vjp", "bfloat16"): 0.4}


@pytest.mark.parametrize(("page", "dtype"), surveyed.in_turn(FORMULAS, list(FORMATS)))
def test_hardly_any_input_says_nothing(page: Formula, dtype: str) -> None:
    """Where an honest evaluation may lose everything nothing can be said: of each class at most a tenth is drawn in vain."""
    tried, dropped = Counter[str](), Counter[str]()
    for probe in Survey(page, FORMATS[dtype], 3, 20):
        if probe.is_plain and numbers_in(probe.inputs) <= 60:
            tried[probe.class_] += 1
            named = read(setting(page), *packed(page, probe.inputs))
            dropped[probe.class_] += acceptance(setting(page), named, FORMATS[dtype]) is None
    assert set(tried) == set(CLASSES)
    most = LOST.get((page.name, dtype), 0.1)
    assert {class_ for class_ in CLASSES if dropped[class_] > tried[class_] * most} == set(), (tried, dropped)


def test_entries_of_a_mapping_come_in_two_orders() -> None:
    """Whoever unpacks a mapping by order, and not by name, is found out."""
    page = formula("two_layer_net_predict")
    orders = {tuple(packed(page, probe.inputs)[0]) for probe in probes(page)}
    assert orders == {("W1", "b1", "W2", "b2"), ("b2", "W2", "b1", "W1")}


@every_signature
def test_a_multiple_of_every_block_is_tried(page: Formula) -> None:
    """Of each axis a power of two, where no remainder of a block is left, beside sizes that leave one."""
    if page.takes_function:
        return
    large = [size for probe in probes(page) for value in arrays(probe) for size in np.shape(value) if size > 16]
    assert any(size in (32, 64, 128, 256) for size in large)
    assert any(size % 16 for size in large)
