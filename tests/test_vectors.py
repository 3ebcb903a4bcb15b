"""The test vectors: that they are what they say, that they accept refmath's programs, and refuse every mistake of every page."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import ml_dtypes
import numpy as np
import pytest
from plain_consumer import accepts, array, failures, parts
from vector_files import cases, content, vectors, with_value

import refmath
from refmath.balls.formats import FORMATS
from refmath.catalogue import FORMULAS, formula
from refmath.conventions import outside
from refmath.kinds import kinds_of
from refmath.kinds.kind import CLASSES
from refmath.mistakes.programs import program_of
from refmath.spec import SPECIAL, Formula, Mistake, setting, unpacked
from refmath.symbols import COUNTED, SIZES
from refmath.vectors import files, formulas, mistakes, special
from refmath.vectors.cases import interval
from refmath.vectors.formulas import NAMES, STEPS, WITH_VECTORS
from refmath.vectors.reasons import reasons_to_try

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]

#: The tests of one file come one after the other, so that one process of pytest-xdist computes it and not each.
every_file = pytest.mark.parametrize("name", NAMES, scope="module")
every_formula = pytest.mark.parametrize("page", WITH_VECTORS, ids=lambda page: page.name)


# ---- the files


def sorts(found: list[Any]) -> list[Any]:
    """Of all cases the first of each class, format, convention and outcome."""
    kinds = {(each["class"], each["dtype"], each["convention"], each["outcome"]): each for each in reversed(found)}
    return list(kinds.values())


@every_file
@pytest.mark.parametrize("chosen", [sorts, pytest.param(list, marks=pytest.mark.zoo)], ids=["sorts", "all"])
def test_a_file_obeys_the_schema(name: str, chosen: Callable[[list[Any]], list[Any]]) -> None:
    """Every file is valid under the schema beside it, which is a valid schema of draft 2020-12 itself."""
    schema = json.loads(files.fixed_files()[files.SCHEMA])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate({**vectors(name), "cases": chosen(vectors(name)["cases"])})
    assert vectors(name)["formula"] == name


BROKEN: dict[str, Callable[[Any], Any]] = {
    "no why": lambda case: case.pop("why"),
    "no low end": lambda case: case.pop("low"),
    "an interval where it is rejected": lambda case: case.update(outcome="reject"),
    "an interval for nan": lambda case: case.update(outcome="nan"),
    "an unknown format": lambda case: case.update(dtype="float8"),
    "a key more": lambda case: case.update(remark="none"),
    "no hex": lambda case: case["expected"].pop("hex"),
    "integers expected": lambda case: case["expected"].update(dtype="int64"),
    "another infinity": lambda case: case["expected"]["data"].append("infinity"),
    "a decimal for hex": lambda case: case["expected"]["hex"].append("1.5"),
    "no shape": lambda case: case["inputs"]["a"].pop("shape"),
    "hex in an input": lambda case: case["inputs"]["a"].update(hex=[]),
    "a bare number": lambda case: case["inputs"].update(a=3.0),
}


@pytest.mark.parametrize("change", list(BROKEN.values()), ids=list(BROKEN))
def test_the_schema_bites(change: Callable[[Any], Any]) -> None:
    """A case that lacks something, has something more, or holds something else is not valid."""
    broken = json.loads(content("softmax"))
    case = broken["cases"][0]
    validator = jsonschema.Draft202012Validator(json.loads(files.fixed_files()[files.SCHEMA]))
    assert validator.is_valid(broken)
    change(case)
    assert not validator.is_valid(broken)


@every_file
def test_cases_are_told_apart_and_give_their_reasons(name: str) -> None:
    """Every id is there once, every reason is explained in a sentence, and no explanation is left over."""
    read = vectors(name)
    ids = [each["id"] for each in read["cases"]]
    assert len(set(ids)) == len(ids)
    assert {each["why"] for each in read["cases"]} == set(read["reasons"])
    assert {each["convention"] for each in read["cases"]} - {None} == set(read["conventions"])


@every_formula
def test_no_reason_has_two_meanings(page: Formula) -> None:
    """A way of making inputs, a special case and a mistake of a formula never bear the same name."""
    ways = [reason.name for reason in reasons_to_try(page)]
    names = [*ways, *special.texts(page), *mistakes.reasons(page)]
    assert len(set(names)) == len(names)


@every_file
def test_numbers_read_back_exactly(name: str) -> None:
    """Decimal and hexadecimal numbers are the same, those of a format are numbers of it, and the interval holds what is expected."""
    for case in vectors(name)["cases"]:
        for given in (each for role in ("expected", "low", "high") for each in tensors(case.get(role, {}))):
            decimal = [float(each) for each in given["data"]]
            assert np.array_equal(decimal, [float.fromhex(each) for each in given["hex"]], equal_nan=True)
            assert len(decimal) == np.prod(given["shape"], dtype=int)
        for given in (*tensors(case["inputs"]), *tensors(case.get("expected", {}))):
            if given["dtype"] != "int64":
                values = np.array([float(each) for each in given["data"]])
                finite = values[np.isfinite(values)]
                assert np.array_equal(FORMATS[given["dtype"]].rounded(finite), finite), case["id"]
        infinite = "expected" in case and all(each["data"] == ["inf"] for each in tensors(case["expected"]))
        assert infinite == (case["outcome"] == "+inf"), case["id"]
        if "low" in case:
            expected, low, high = (parts(array(widened(case[role]))) for role in ("expected", "low", "high"))
            assert all(np.all((low[key] <= expected[key]) & (expected[key] <= high[key])) for key in expected)


def test_a_value_whose_rounding_is_not_settled_has_no_case() -> None:
    """A mean of two losses that is a tie plus about exp(−20000) is left out: no file guesses on which side it lies."""
    logits = {far: np.array([[1e4, -1e4], [1e4, -1e4 + far]]) for far in (2.0**-38, 2.0**-37)}
    under = setting(formula("softmax_cross_entropy_labels"))
    found = {
        far: interval(under, {"a": a, "labels": np.array([1, 1])}, FORMATS["float64"]) for far, a in logits.items()
    }
    assert found[2.0**-38] is None
    assert found[2.0**-37] is not None


def tensors(given: Any) -> list[Any]:
    """All arrays in a mapping of arrays, or of mappings of arrays."""
    if "data" in given:
        return [given]
    return [each for value in given.values() for each in tensors(value)]


def widened(given: Any) -> Any:
    """The same with every number in float64."""
    return {**given, "dtype": "float64"} if "data" in given else {key: widened(each) for key, each in given.items()}


def test_the_page_shows_a_case_that_is_there() -> None:
    """The case in the documentation is one of the files', number by number."""
    page = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("```json")[2].partition("```")[0])
    assert shown in vectors("softmax_cross_entropy_labels")["cases"]


def test_every_formula_of_data_has_its_file() -> None:
    """All formulas but the one that takes any function have vectors, optimisers' steps and the training have; the README names the one that has none."""
    assert [page.name for page in FORMULAS if page not in WITH_VECTORS] == ["numerical_gradient"]
    assert {*NAMES} == {page.name for page in WITH_VECTORS} | {*STEPS} | {"training"}
    assert set(STEPS) == {f"{name}_steps" for name in ("momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")}
    assert b"numerical_gradient" in files.fixed_files()[files.README]


def test_the_files_are_small() -> None:
    """All of them together take at most 12 MB."""
    assert sum(len(content(name)) for name in NAMES) <= 12_000_000


@every_formula
def test_every_kind_of_case_is_there(page: Formula) -> None:
    """Typical, edge and extreme inputs in both usual formats, inputs to be rejected, every convention, and the small formats."""
    found = vectors(page.name)["cases"]
    for dtype in ("float64", "float32"):
        kinds = {each["class"] for each in found if each["dtype"] == dtype and each["convention"] is None}
        assert {"typical", "edge", "extreme"} <= kinds
    assert "reject" in {each["class"] for each in found}
    assert {each["convention"] for each in found} == {None, *(each.name for each in page.conventions)}
    assert {each["dtype"] for each in found} == set(FORMATS)


@every_formula
def test_every_way_of_every_kind_is_there(page: Formula) -> None:
    """Numbers of each way of each kind of argument in float64, and whatever the kinds reject."""
    found = {each["why"] for each in cases(page.name, None, "float64")}
    for kind in (kind for each in page.inputs if not each.is_function for kind in kinds_of(each)):
        first = kind.ways["typical"][0].name
        names = {way.name for class_ in CLASSES for way in kind.ways[class_]} - {first}
        assert {f"{kind.name}_{name}".replace(" ", "_").replace("-", "_") for name in names} <= found
        assert {bad.name for bad in kind.rejected} <= found


@pytest.mark.parametrize(
    "page",
    [page for page in WITH_VECTORS if all("..." not in each.axes for each in page.inputs)],
    ids=lambda page: page.name,
)
def test_every_axis_is_short_and_long(page: Formula) -> None:
    """Each axis has one place in some case, and more than a vector register holds in another."""
    sizes: dict[str, set[int]] = {axis: set() for each in page.inputs for axis in each.axes}
    for case in cases(page.name, None, "float64"):
        if case["class"] == "edge":
            inputs = unpacked(page, list(map(array, case["inputs"].values())))
            for each in page.inputs:
                shape = np.shape(inputs[each.name])
                for axis, size in zip(each.axes[len(each.axes) - len(shape) :], shape, strict=True):
                    sizes[axis].add(size)
    assert all(min(of) == 1 and max(of) > 8 for of in sizes.values())


@every_formula
def test_what_the_page_says_of_infinities_is_there(page: Formula) -> None:
    """Each special input of a page has its case, and its reason is known."""
    assert {each.why for each in page.specials} <= set(SPECIAL)
    found = [each for each in cases(page.name) if each["class"] == "special"]
    assert [each["why"] for each in found] == [each.why for each in page.specials]


def test_what_an_axis_counts_has_a_word() -> None:
    """Of every size there are words for one of what it counts and for several, of which the reasons are made."""
    assert set(COUNTED) == set(SIZES)


def test_nothing_is_written_for_one_formula() -> None:
    """The vectors know kinds and axes: no formula has its name there but those that the training is made of, and no domain is asked for."""
    names = "|".join(page.name for page in FORMULAS)
    for file in Path(formulas.__file__).parent.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "domain" not in text, file.name
        assert not re.search(rf"\b({names})\b", text) or file.name == "trajectory.py", file.name


def test_a_new_formula_has_its_vectors() -> None:
    """A formula of another name, whose arguments are of known kinds, has cases of every class; its numbers are its own."""
    page = formula("softmax_cross_entropy_one_hot")
    new = with_values(page, name="new", conventions=())
    found = [each.as_json() for each in formulas.cases(new)]
    assert {each["class"] for each in found} == {*CLASSES, "mistake", "special", "reject"}
    assert list(failures([each for each in found if each["dtype"] != "bfloat16"], page.program)) == []
    assert found[0]["inputs"] != vectors(page.name)["cases"][0]["inputs"]


def test_bfloat16_needs_no_package() -> None:
    """Cases in bfloat16 are made without ml_dtypes, and are the same."""
    code = (
        "import sys; sys.modules['ml_dtypes'] = None; from refmath.vectors.files import document; "
        "sys.stdout.buffer.write(document('sigmoid', '0'))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    assert told.stdout == content("sigmoid")


@every_formula
def test_parameters_are_those_of_the_page(page: Formula) -> None:
    """A case says which settings of the page's parameters it was computed with."""
    for case in vectors(page.name)["cases"]:
        under = setting(page, case["convention"])
        numbers = {key: value for key, value in case["params"].items() if key not in page.choices}
        assert numbers == dict(under.parameters)


# ---- refmath's own programs


@every_formula
def test_no_case_is_outside_of_its_convention(page: Formula) -> None:
    """Whatever a case holds under a convention is what the convention is defined on."""
    for convention in page.conventions:
        chosen, found = setting(page, convention.name), cases(page.name, convention.name)
        for case in found:
            inputs = unpacked(page, [array(each) for each in case["inputs"].values()])
            assert outside(chosen, inputs) == "", case["id"]


@every_formula
def test_refmath_passes_its_own_vectors(page: Formula) -> None:
    """The program of each formula, and of each of its conventions, is accepted in every case, in all formats of NumPy."""
    for convention in (None, *(each.name for each in page.conventions)):
        found = cases(page.name, convention)
        assert found
        assert list(failures(found, setting(page, convention).program)) == []


@every_formula
def test_an_honest_bfloat16_passes(page: Formula) -> None:
    """A program that computes in float64 and rounds to bfloat16 at the end is accepted in every case of that format."""

    def program(*arguments: Any) -> Any:
        return in_each(lambda array: array.astype(ml_dtypes.bfloat16), page.program(*map(wide, arguments)))

    def wide(argument: Any) -> Any:
        return in_each(
            lambda array: array.astype(np.float64) if array.dtype == ml_dtypes.bfloat16 else array[()], argument
        )

    def in_each(change: Callable[[Any], Any], value: Any) -> Any:
        if isinstance(value, dict):
            return {key: in_each(change, each) for key, each in value.items()}
        return value if callable(value) else change(np.asarray(value))

    assert cases(page.name, None, "bfloat16")
    assert list(failures(cases(page.name, None, "bfloat16"), program)) == []


@every_formula
def test_conventions_are_told_apart(page: Formula) -> None:
    """The default's program is refused by the cases of each convention, and that of each convention by the default's."""
    for convention in page.conventions:
        assert any(failures(with_value(cases(page.name, convention.name)), page.program)), convention.name
        other = setting(page, convention.name).program
        assert any(failures(with_value(cases(page.name, None, "float64")), other)), convention.name


# ---- mistakes


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("page", "mistake"),
    [pytest.param(page, each, id=f"{page.name}-{each.name}") for page in WITH_VECTORS for each in page.mistakes],
)
def test_every_mistake_is_refused(page: Formula, mistake: Mistake) -> None:
    """Each mistake, and each of its variants, fails a case that is there because of it, and in which something is computed."""
    meant = [each for each in with_value(cases(page.name, None, "float64")) if each["why"] == mistake.name]
    for variant in ({}, *mistake.variants):
        assert any(failures(meant, functools.partial(program_of(page, mistake), **variant))), variant


@pytest.mark.filterwarnings("ignore")
def test_a_mistake_that_no_vector_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is right, listed as a mistake, stops the generator: no file pretends to catch what it does not."""
    page = formula("mean_squared_error")
    right = Mistake("right", "It is right.", page.program, "is_symmetric")
    monkeypatch.setattr(mistakes, "_ROUNDS", {"typical": 1, "edge": 1, "extreme": 1})
    chosen = setting(page)
    object.__setattr__(chosen, "formula", with_values(page, mistakes=(right,)))
    with pytest.raises(mistakes.NotRefused, match="no vector of mean_squared_error refuses right"):
        list(mistakes.cases(chosen, reasons_to_try(page), lambda _what: None))


def with_values(page: Formula, **others: Any) -> Formula:
    values = {name: getattr(page, name) for name in page.__dataclass_fields__}
    return Formula(**{**values, **others})


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (lambda a: None, "nothing"),
        (lambda a: np.full(a.shape, np.nan), "nan"),
        (lambda a: refmath.softmax(a).tolist(), "lists are arrays to NumPy"),
        (lambda a: np.int64(1), "integers"),
        (lambda a: refmath.softmax(a)[..., np.newaxis], "one axis more"),
        (lambda a: np.random.default_rng().random(a.shape), "at random"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_plain_consumer_bites(program: Callable[..., Any], why: str) -> None:
    """What is no answer, nan, of another shape or type, or different every time, is refused; a list of the right numbers is not."""
    assert any(failures(cases("softmax", None, "float64"), program)) == (not why.startswith("lists"))


def test_the_plain_consumer_sees_what_is_changed_and_what_is_remembered() -> None:
    """A right answer is refused if the program works on the caller's array, or answers differently when asked again."""
    typical = next(each for each in cases("softmax") if each["class"] == "typical")
    asked: list[Any] = []

    def writes(a: Any) -> Any:
        found = refmath.softmax(a)
        a += 1
        return found

    def remembers(a: Any) -> Any:
        asked.append(a)
        return refmath.softmax(a) * len(asked)

    assert accepts(typical, refmath.softmax)
    assert not accepts(typical, writes)
    assert not accepts(typical, remembers)
