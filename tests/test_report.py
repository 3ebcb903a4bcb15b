"""The report: as JSON for programs, and as text for people."""

from __future__ import annotations

import ast
import dataclasses
import html
import io
import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import refmath
from refmath.foreign_text import harmless
from refmath.oracle.candidates.arrays import LAYOUTS
from refmath.oracle.remote.tensors import number, tensor
from refmath.oracle.reporting.findings import ClassCount, Counterexample, Diagnosis
from refmath.oracle.reporting.github import commands
from refmath.oracle.reporting.text import as_html, as_text, evidence, notes, place, printed, sentence, ulps, why

Shape = dict[str, Any]

number_or_name = (int, float, "nan", "inf", "-inf")
TENSOR: Shape = {"dtype": (str,), "shape": [(int,)], "data": [(*number_or_name, bool)]}
FUNCTION: Shape = {"function": (str,)}
MAPPING: Shape = {"*": TENSOR}
COUNTEREXAMPLE: Shape = {
    "class": ("typical", "edge", "extreme"),
    "inputs": {"*": (TENSOR, FUNCTION, MAPPING)},
    "call": (str,),
    "expected": (None, [number_or_name]),
    "index": [(int, str)],
    "got": (None, *number_or_name),
    "trouble": (None, str),
    "ulps": number_or_name,
    "exact": (None, *number_or_name),
}
REPORT: Shape = {
    "target": (str,),
    "formula": (str,),
    "convention": (None, str),
    "verdict": ("conforms", "unstable", "differs", "failed"),
    "classes": {name: {"tried": (int,), "accepted": (int,)} for name in ("typical", "edge", "extreme")},
    "laws": [{"name": (str,), "holds": (None, True, False)}],
    "diagnosis": (
        None,
        {"kind": ("mistake", "convention"), "name": (str,), "text": (str,), "repair": (None, str)},
    ),
    "smallest": (None, COUNTEREXAMPLE),
    "worst": (None, COUNTEREXAMPLE),
    "worst_ulps": number_or_name,
    "seconds": (float,),
    # Beyond what design.md asks for:
    "dtype": ("float64", "float32", "float16", "bfloat16"),
    "strict": (True, False),
    "begins": (None, str),
    "breaks": (None, str),
    "file": (None, str),
    "line": (None, int),
    "remarks": [(str,)],
    "declined": [(str,)],
    "undeclared": [(str,)],
    "in_place": (True, False),
    "extent": {"*": (int,)},
    "types": [(str,)],
    "layouts": [LAYOUTS[1:]],
    "parameters": {"*": [(int, float, str)]},
    "order": [(str,)],
    "dropped": dict.fromkeys(("typical", "edge", "extreme"), (int,)),
    "not_defined": [(str,)],
    "left_out": [(str,)],
    "own_parameters": [(str,)],
    "certified": (None, {"entries": (int,), "of": (int,)}),
    "evidence": {
        "seed": (int,),
        "mistakes_rejected": [(str,)],
        "mistakes_missed": [(str,)],
        "law_inputs": (int,),
        "versions": dict.fromkeys(("refmath", "numpy", "python-flint", "sympy"), (str,)),
    },
}


def fits(value: Any, shape: Any) -> bool:
    """Whether JSON has a shape: a type, a value, a list of one shape, a dict with exactly these keys, or any of several."""
    if isinstance(shape, tuple):
        return any(fits(value, each) for each in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return False
        keys = dict.fromkeys(value, shape["*"]) if "*" in shape else shape
        return value.keys() == keys.keys() and all(fits(value[name], keys[name]) for name in keys)
    if isinstance(shape, type):
        return type(value) is shape
    return type(value) is type(shape) and bool(value == shape)


def right(y: Any, t: Any) -> Any:
    return refmath.mean_squared_error(y, t)


def overflows(y: Any, t: Any) -> Any:
    """nan for large inputs."""
    return math.nan if np.abs(y).max() > 1e3 else right(y, t)


def talkative(y: Any, t: Any) -> Any:
    """Warns, and is wrong."""
    with np.errstate(all="warn"):
        return 2 * right(y, t) + 0 * np.log(np.zeros(1))[0]


def explodes(y: Any, t: Any) -> Any:
    raise RuntimeError("[bold]no[/bold]")


def in_place(params: Any, grads: Any, lr: Any) -> None:
    """A step that works on the parameters it is given."""
    for key in params:
        params[key] -= lr * grads[key]


def batches(y: Any, t: Any) -> Any:
    """Right for batches; a single sample has no second axis."""
    return 0.5 * np.mean(np.sum((np.asarray(y, np.float64) - t) ** 2, axis=1))


CANDIDATES: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
    "conforms": (right, "mean_squared_error", {}),
    "unstable": (overflows, "mean_squared_error", {}),
    "differs": (lambda y, t: 2 * right(y, t), "mean_squared_error", {}),
    "failed": (explodes, "mean_squared_error", {}),
    "remarks": (talkative, "mean_squared_error", {}),
    "infinite": (lambda y, t: -math.inf, "mean_squared_error", {}),
    "convention": (lambda y, t: np.mean((y - t) ** 2), "mean_squared_error", {"convention": "seed"}),
    "array": (lambda y, t: y - t, "mean_squared_error_gradient", {"dtype": "float32", "strict": True, "seed": 4}),
    "labels": (
        lambda a, labels: 2 * refmath.softmax_cross_entropy_labels(a, labels),
        "softmax_cross_entropy_labels",
        {},
    ),
    "mapping": (lambda params, grads, lr: {key: params[key] + lr * grads[key] for key in params}, "sgd_step", {}),
    "network": (
        lambda params, x, t: 2 * refmath.two_layer_net_loss(params, x, t),
        "two_layer_net_loss",
        {"dtype": "float32"},
    ),
    "function": (lambda f, x: -refmath.numerical_gradient(f, x), "numerical_gradient", {}),
    "descent": (lambda f, x, lr, steps: refmath.gradient_descent(f, x, lr, steps + 1), "gradient_descent", {}),
    "keys": (lambda params, grads, lr: {"W1": np.zeros(2)}, "sgd_step", {}),
    "in place": (in_place, "sgd_step", {}),
    "declines": (lambda y, t: batches(y, t), "mean_squared_error", {}),
    "parameters": (
        lambda y, t, *, delta=1e-8: refmath.cross_entropy_one_hot(y, t, delta=delta),
        "cross_entropy_one_hot",
        {},
    ),
}


@pytest.fixture(scope="module")
def reports() -> dict[str, refmath.Report]:
    """One report of every kind."""
    return {
        name: refmath.check(candidate, against, target=f"losses.py:{name}", examples=5, **options)
        for name, (candidate, against, options) in CANDIDATES.items()
    }


every_kind = pytest.mark.parametrize("name", CANDIDATES)


# ---- as JSON


@every_kind
def test_the_report_has_exactly_its_keys(reports: dict[str, refmath.Report], name: str) -> None:
    """Every report, however it ends, has exactly the keys and types of the schema."""
    assert fits(reports[name].as_json(), REPORT)


@every_kind
def test_the_report_survives_json(reports: dict[str, refmath.Report], name: str) -> None:
    """A report written as strict JSON and read again is the same; no NaN or Infinity stands in it."""

    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is no JSON")

    told = reports[name].as_json()
    assert json.loads(json.dumps(told, allow_nan=False), parse_constant=refuse) == told


def test_the_schema_bites() -> None:
    """The schema of this module refuses another type, another word, a missing key and one too many."""
    good = {"kind": "mistake", "name": "missing_half", "text": "No half.", "repair": None}
    shape = REPORT["diagnosis"]
    assert fits(good, shape)
    assert fits(None, shape)
    bad: Any
    for bad in (
        dict(good, kind="error"),
        dict(good, name=3),
        {"kind": "mistake", "name": "a"},
        dict(good, more=1),
        [],
        "mistake",
    ):
        assert not fits(bad, shape)
    assert not fits(True, (int,))
    assert not fits(math.nan, ("nan",))
    assert not fits(1, (True,))


def test_the_json_tells_how_far_the_search_went(reports: dict[str, refmath.Report]) -> None:
    """Sizes by axis, number types, layouts, parameters by name, the order of the arguments, and what was dropped."""
    told = reports["conforms"].as_json()
    assert told["extent"].keys() == {"N", "K"}
    assert told["extent"]["N"] >= 90
    assert told["types"] == ["int64", "int32", "int16", "int8", "uint8"]
    assert told["layouts"] == list(LAYOUTS[1:])
    assert (told["parameters"], told["order"], told["declined"], told["in_place"]) == ({}, ["y", "t"], [], False)
    assert told["dropped"] == dict.fromkeys(("typical", "edge", "extreme"), 0)
    assert reports["function"].as_json()["extent"]["entries"] > 30
    assert reports["mapping"].as_json()["order"] == ["params", "grads", "lr"]


def test_what_is_declined_taken_in_place_or_by_name_is_told(reports: dict[str, refmath.Report]) -> None:
    """In the JSON and in the text; what is declined in the summary, too."""
    declining, working = reports["declines"], reports["in place"]
    assert (declining.verdict, declining.as_json()["declined"]) == ("conforms", ["single samples"])
    assert "declines single samples; the verdict is that of the rest" in words(declining)
    assert "conforms declines single samples" in " ".join(shown([declining, working]).split())
    assert (working.verdict, working.as_json()["in_place"]) == ("conforms", True)
    assert "note It works in place" in words(working)
    for name in ("conforms", "parameters"):
        assert "in place" not in words(reports[name])
        assert "declines" not in words(reports[name])
    by_name = reports["parameters"]
    assert by_name.as_json()["parameters"]["delta"][0] == 1e-8
    assert len(by_name.as_json()["parameters"]["delta"]) > 2
    assert "values delta: 1e-08, " in words(by_name, verbose=True)
    assert "not tried other values of guard" in words(by_name)


def test_the_text_tells_how_far_the_search_went(reports: dict[str, refmath.Report]) -> None:
    """The largest sizes, number types and layouts if everything is told; what was dropped, where something was."""
    sizes = reports["conforms"].extent.sizes
    text = words(reports["conforms"], verbose=True)
    assert f"sizes N up to {sizes['N']}, K up to {sizes['K']} types float64, int64, " in text
    assert "layouts plain, by columns, " in text
    assert "dropped" not in text
    assert "sizes" not in words(reports["conforms"])
    less = dataclasses.replace(reports["conforms"].extent, dropped={"edge": 2, "extreme": 3})
    dropped = "dropped 5 inputs, on which an honest evaluation may lose everything"
    assert dropped in words(dataclasses.replace(reports["conforms"], extent=less))


def test_the_json_tells_what_the_report_does(reports: dict[str, refmath.Report]) -> None:
    """The JSON holds the report's own words and counts."""
    report = reports["array"]
    told = report.as_json()
    assert told["target"] == "losses.py:array"
    assert told["formula"] == "mean_squared_error_gradient"
    assert told["verdict"] == "differs"
    assert told["diagnosis"]["name"] == "seed"
    assert told["dtype"] == "float32"
    assert told["strict"] is True
    assert told["evidence"]["seed"] == 4
    assert told["classes"]["typical"] == dataclasses.asdict(report.classes["typical"])
    assert {law["name"]: law["holds"] for law in told["laws"]} == {law.name: law.holds for law in report.laws}
    assert told["smallest"]["inputs"]["y"]["dtype"] == "float32"
    assert reports["convention"].as_json()["convention"] == "seed"


def in_pairs(own: Any, told: Any) -> list[tuple[Any, Any]]:
    """Arrays beside what JSON says of them; of a mapping those of each key, in its order."""
    if not isinstance(own, dict):
        return [(np.asarray(own), told)]
    assert list(own) == list(told)
    return [(np.asarray(own[key]), told[key]) for key in own]


def test_a_counterexample_can_be_rebuilt_from_json(reports: dict[str, refmath.Report]) -> None:
    """The tensors of a counterexample rebuild exactly the inputs that were tried; a single label is a tensor without axes."""
    shapes = set()
    for name in ("differs", "array", "labels", "unstable", "mapping", "network"):
        for example in (reports[name].smallest, reports[name].worst):
            assert example is not None
            for key, told in json.loads(json.dumps(example.as_json()))["inputs"].items():
                for own, one in in_pairs(example.inputs[key], told):
                    again = np.array(one["data"], one["dtype"]).reshape(one["shape"])
                    assert again.dtype == own.dtype
                    assert again.shape == own.shape
                    assert again.tobytes() == own.tobytes()
                    shapes.add((name, len(one["shape"])))
    assert ("labels", 0) in shapes


def test_a_function_is_told_by_its_source(reports: dict[str, refmath.Report]) -> None:
    """A function among the inputs is Python source in JSON, which evaluates to the same function; rate and steps are tensors without axes."""
    for name in ("function", "descent"):
        example = reports[name].smallest
        assert example is not None
        told = json.loads(json.dumps(example.as_json()))["inputs"]
        f, point, *numbers = example.inputs.values()
        assert eval(told["f"]["function"], {"np": np})(point) == f(point)
        assert told["f"]["function"] in example.call
        for key, own in zip(list(told)[2:], numbers, strict=True):
            assert told[key]["shape"] == []
            assert told[key]["data"] == [own.item()]


def test_what_is_no_right_mapping_is_told(reports: dict[str, refmath.Report]) -> None:
    """A mapping without some of its keys has failed, and the report says which are missing."""
    assert reports["keys"].verdict == "failed"
    example = reports["keys"].smallest
    assert example is not None
    (keys,) = {tuple(each) for each in example.inputs.values() if isinstance(each, dict)}
    assert example.trouble == f"returned a mapping with the keys W1 instead of {', '.join(keys)}"


def test_what_is_not_finite_is_a_word(reports: dict[str, refmath.Report]) -> None:
    """nan and the infinities are the strings "nan", "inf" and "-inf"."""
    assert reports["unstable"].as_json()["smallest"]["got"] == "nan"
    assert reports["infinite"].as_json()["smallest"]["got"] == "-inf"
    assert reports["infinite"].as_json()["worst_ulps"] == "inf"
    assert reports["failed"].as_json()["smallest"]["got"] is None
    assert reports["failed"].as_json()["smallest"]["trouble"] == "raised RuntimeError: [bold]no[/bold]"


@pytest.mark.parametrize(
    ("value", "told"),
    [(1.5, 1.5), (-0.0, -0.0), (math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (5e-324, 5e-324)],
    ids=str,
)
def test_number(value: float, told: Any) -> None:
    """A finite number is itself, with its sign; another is its name."""
    assert number(value) == told
    if isinstance(told, float):
        assert math.copysign(1, float(number(value))) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.array(0.5), {"dtype": "float64", "shape": [], "data": [0.5]}),
        (np.array([[1, 2, 3], [4, 5, 6]]), {"dtype": "int64", "shape": [2, 3], "data": [1, 2, 3, 4, 5, 6]}),
        (np.array([[1, 2], [3, 4]]).T, {"dtype": "int64", "shape": [2, 2], "data": [1, 3, 2, 4]}),
        (np.array([0.1], np.float32), {"dtype": "float32", "shape": [1], "data": [0.10000000149011612]}),
        (np.array([math.nan, -math.inf]), {"dtype": "float64", "shape": [2], "data": ["nan", "-inf"]}),
        (np.int64(3), {"dtype": "int64", "shape": [], "data": [3]}),
    ],
    ids=str,
)
def test_tensor(value: Any, told: Any) -> None:
    """A tensor is its dtype, its shape, and its numbers row by row, whatever lies in memory how."""
    assert tensor(value) == told
    assert json.loads(json.dumps(tensor(value), allow_nan=False)) == told


# ---- as text


def shown(told: list[refmath.Report], width: int = 80, verbose: bool = False, **options: Any) -> str:
    """What a terminal shows."""
    file = io.StringIO()
    settings = {"width": width, "color_system": None, **options}
    Console(file=file, _environ={}, **settings).print(printed(told, verbose=verbose))
    return file.getvalue()


def words(report: refmath.Report, *, verbose: bool = False) -> str:
    """The text of a report in one line."""
    return " ".join(as_text(report, verbose=verbose).split())


def pasted(text: str) -> str:
    """The lines of the smallest failing input, without their label."""
    lines = text.splitlines()
    (first,) = (place for place, line in enumerate(lines) if line.strip().startswith("fails on"))
    last = next(place for place, line in enumerate(lines) if place > first and line.strip().startswith("yours"))
    return "\n".join([lines[first].strip().removeprefix("fails on").strip(), *lines[first + 1 : last]]).strip()


@every_kind
def test_the_text_tells_everything(reports: dict[str, refmath.Report], name: str) -> None:
    """Name, formula, verdict, where it breaks, why, what to do, the failing input, remarks and evidence; with all of it the laws by name."""
    report = reports[name]
    text = words(report)
    heading, *_ = as_text(report).splitlines()
    assert heading.startswith(f"{'✓' if report.conforms else '✗'} {name} as {report.formula}")
    assert f" {report.verdict} {place(report)} " in text
    assert sentence(report) in text
    if report.diagnosis is not None:
        assert f"why {why(report)}" in text
        assert " ".join(report.diagnosis.repair.split()) in text
    if report.smallest is not None:
        assert "fails on " in text
        assert f"yours {report.smallest.trouble}" in text
    for note in notes(report):
        assert f"note {note}" in text
    for broken in (law for law in report.laws if law.holds is False):
        assert broken.name in words(report, verbose=True)
    assert f"tried {evidence(report)}" in text
    assert words(report, verbose=True).startswith(text)


@pytest.mark.parametrize("verbose", [False, True])
@given(width=st.integers(40, 200), name=st.sampled_from(sorted(CANDIDATES)))
def test_no_line_is_too_long_and_no_name_is_cut(
    reports: dict[str, refmath.Report], width: int, name: str, verbose: bool
) -> None:
    """However wide the terminal is, no line is longer than that and than eighty columns; the verdict and the name of the mistake stand there whole."""
    report = reports[name]
    text = shown([report, reports["conforms"]], width, verbose)
    assert max(cell_len(line) for line in text.splitlines()) <= min(width, 80)
    assert text.count(report.verdict) >= 2
    if report.diagnosis is not None:
        called = "chapter" if report.diagnosis.name == "seed" else report.diagnosis.name
        assert text.count(called) >= 2
    assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize("width", [40, 59, 80, 200])
@every_kind
def test_the_failing_input_can_be_pasted(reports: dict[str, refmath.Report], name: str, width: int) -> None:
    """In however many lines it stands, it is the call of the counterexample."""
    report = reports[name]
    if report.smallest is not None:
        lines = pasted(shown([report], width))
        assert ast.dump(ast.parse(lines)) == ast.dump(ast.parse(report.smallest.call))


ANY_TEXT = st.text(st.characters(), max_size=300) | st.sampled_from(
    ["\x1b[2J", "[bold]x[/bold]", "::error::x", "\u202e x", "界" * 100, "x" * 200, "a\r\nb", "\ud800", "e\u0301" * 90]
)


@given(
    target=ANY_TEXT,
    file=ANY_TEXT,
    remark=ANY_TEXT,
    trouble=ANY_TEXT,
    call=ANY_TEXT,
    text=ANY_TEXT,
    width=st.integers(40, 200),
    verbose=st.booleans(),
)
def test_text_from_outside_is_harmless_and_fits(
    reports: dict[str, refmath.Report],
    target: str,
    file: str,
    remark: str,
    trouble: str,
    call: str,
    text: str,
    width: int,
    verbose: bool,
) -> None:
    """Whatever others wrote, no terminal obeys it, nothing in it is markup, and it fits into the lines."""
    told = reports["failed"]
    assert told.smallest is not None
    report = dataclasses.replace(
        told,
        target=f"a.py:{target}",
        file=file,
        line=3,
        remarks=(remark,),
        smallest=dataclasses.replace(told.smallest, trouble=trouble, call=call),
        diagnosis=Diagnosis("mistake", "fixed_names", text),
    )
    out = shown([report, told], width, verbose)
    assert harmless(out) == out
    assert max(map(cell_len, out.split("\n"))) <= min(width, 80)
    page = as_html(report)
    assert harmless(page) == page
    assert set(re.findall(r"<[^>]*>", page)) <= {
        tag for tag in re.findall(r"<[^>]*>", page) if re.match(r"</?(pre|span)\b", tag)
    }
    assert "fixed_names" in out
    for line in commands([report], [(target, text)]):
        assert line.startswith("::error ")
        assert not set(line) & set("\r\n")


def test_text_from_outside_is_not_taken_for_markup(reports: dict[str, refmath.Report]) -> None:
    """Square brackets in a message or a name are printed as they are."""
    assert "[bold]no[/bold]" in shown([reports["failed"]])
    assert "f[/bold]" in shown([dataclasses.replace(reports["failed"], target="a.py:f[/bold]")])


def test_where_a_terminal_has_few_characters_marks_are_plain(reports: dict[str, refmath.Report]) -> None:
    """Marks become plain ones, and other signs their codes; the lines still fit."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(file=out, width=80, color_system=None, _environ={}).print(
        printed([reports["differs"], reports["convention"]])
    )
    out.flush()
    text = out.buffer.getvalue().decode("ascii")
    assert "x differs as mean_squared_error  differs" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_text_of_a_wrong_number_tells_by_how_much(reports: dict[str, refmath.Report]) -> None:
    """The number, the exact one, how far they are apart, and how far they may be; the entry too, where there are several."""
    example = reports["array"].smallest
    assert example is not None
    assert example.got is not None
    assert example.exact is not None
    assert example.expected is not None
    told = (
        f"yours {np.float32(example.got)} in entry {list(example.index)}, off by {abs(example.got - example.exact):.2g}"
    )
    text = words(reports["array"])
    assert told in text
    low, high = example.expected
    assert (
        f"exact {np.float32(example.exact)}; up to {max(high - example.exact, example.exact - low):.2g} off is accepted"
        in text
    )
    assert low <= example.exact <= high


def test_distances_in_units_in_the_last_place_are_for_those_who_ask(reports: dict[str, refmath.Report]) -> None:
    """ULP and the worst case stand there if everything is told; an infinite distance is none."""
    assert "ULP" not in words(reports["differs"])
    assert f"is {ulps(reports['differs'].worst_ulps)} ULP" in words(reports["differs"], verbose=True)
    assert "ULP" not in words(reports["infinite"], verbose=True)


def test_the_text_tells_where_it_breaks(reports: dict[str, refmath.Report]) -> None:
    """One plain sentence, which the counts bear out."""
    assert sentence(reports["unstable"]).startswith(
        "Right on ordinary inputs. Breaks when an entry of y is ±1001 or beyond"
    )
    tried = sum(each.tried for each in reports["conforms"].classes.values())
    assert sentence(reports["conforms"]) == f"Right on all {tried} inputs."
    assert sentence(reports["declines"]).endswith("inputs that it takes.")
    assert re.match(r"Wrong on all \d+ inputs\.", sentence(reports["infinite"]))
    counts = {"typical": ClassCount(9, 9), "edge": ClassCount(8, 7), "extreme": ClassCount(6, 0)}
    report = dataclasses.replace(reports["unstable"], classes=counts, breaks="")
    assert sentence(report) == (
        "Right on ordinary inputs. Breaks on 1 of 8 special inputs and on all 6 inputs with huge or tiny numbers."
    )
    only = dataclasses.replace(report, breaks="only when x holds integers")
    assert sentence(only).endswith("numbers; in all of them x holds integers.")
    some = {**counts, "typical": ClassCount(9, 4)}
    part = dataclasses.replace(report, classes=some, breaks="on ordinary inputs when the input is a batch")
    assert sentence(part) == "Wrong on 5 of 9 ordinary inputs: when the input is a batch."
    assert sentence(dataclasses.replace(part, breaks="when x is 3 or more")) == (
        "Wrong on 5 of 9 ordinary inputs. Breaks when x is 3 or more."
    )
    assert sentence(dataclasses.replace(part, breaks="")) == (
        "Wrong on 5 of 9 ordinary inputs, on 1 of 8 special inputs and on all 6 inputs with huge or tiny numbers."
    )


def test_a_law_alone_may_be_broken(reports: dict[str, refmath.Report]) -> None:
    """Where every value is right, the sentence is that of the law which does not hold; where a law asked for other inputs, that one of them is wrong."""
    right = reports["conforms"]
    law = dataclasses.replace(right.laws[0], holds=False)
    broken = dataclasses.replace(right, verdict="differs", laws=(law,))
    assert sentence(broken).endswith(f"by themselves, but this does not hold: {law.text}")
    other = dataclasses.replace(broken, smallest=reports["differs"].smallest)
    assert sentence(other).endswith("but wrong on another one.")
    assert f"law This does not hold: {law.text}" in words(broken)
    assert law.name not in words(broken)


def test_the_text_admits_that_there_is_no_name(reports: dict[str, refmath.Report]) -> None:
    """A candidate that is refused without a name is told that none is known; one that conforms is not."""
    told = "No mistake or convention that is known gives these answers."
    assert told in words(reports["infinite"])
    assert told not in words(reports["failed"])  # what it raised is told
    assert told not in words(reports["conforms"])
    assert told not in words(reports["differs"])


def test_the_worst_is_told_only_if_it_says_more(reports: dict[str, refmath.Report]) -> None:
    """The worst counterexample is left out if it is the smallest one, or failed in the same words."""
    assert "worst" not in words(reports["failed"], verbose=True)
    smallest = reports["differs"].smallest
    assert smallest is not None
    same = dataclasses.replace(reports["differs"], worst=smallest)
    other = dataclasses.replace(
        reports["differs"], worst=dataclasses.replace(smallest, call="mean_squared_error(1, 2)")
    )
    assert "worst" not in words(same, verbose=True)
    assert "worst mean_squared_error(1, 2) yours " in words(other, verbose=True)
    assert "worst" not in words(other)


def test_a_mistake_has_what_to_do_about_it(reports: dict[str, refmath.Report]) -> None:
    """Where a repair is known; where a convention is followed, how to say so; in the JSON too."""
    assert "try Multiply by 1/2." in words(reports["differs"])
    assert reports["differs"].as_json()["diagnosis"]["repair"] == "Multiply by 1/2."
    assert "why convention chapter: " in words(reports["array"])
    assert "judge it by that: --convention chapter" in words(reports["array"])
    assert "source" not in words(reports["array"])
    assert "source: the chapter" in words(reports["array"], verbose=True)


def test_the_evidence_tells_what_was_tried_and_what_was_missed(reports: dict[str, refmath.Report]) -> None:
    """One line counts inputs, laws and mistakes, and has the dtype, `strict` and the seed; mistakes that were missed are named if everything is told."""
    report = reports["array"]
    text = evidence(report)
    tried = sum(count.tried for count in report.classes.values())
    rejected, missed = (len(each) for each in (report.evidence.mistakes_rejected, report.evidence.mistakes_missed))
    laws = sum(law.holds is not None for law in report.laws)
    assert (
        text
        == f"{tried} inputs, {laws} laws; {rejected} of {rejected + missed} known mistakes caught; float32, strict; seed 4"
    )
    assert "missed" not in words(report, verbose=True)
    less = dataclasses.replace(report.evidence, mistakes_missed=("sign_only",))
    assert "missed sign_only" in words(dataclasses.replace(report, evidence=less), verbose=True)


def test_warnings_are_one_note(reports: dict[str, refmath.Report]) -> None:
    """All that it warned of stands in one line, whether it conforms or not."""
    report = dataclasses.replace(
        reports["conforms"], remarks=("it warned: RuntimeWarning: a", "something", "it warned: UserWarning: b")
    )
    assert notes(report) == ["something", "it warns: a; UserWarning: b"]
    assert "note something note it warns: a; UserWarning: b" in words(report)


def test_colours_are_for_terminals(reports: dict[str, refmath.Report], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file, nor a failure message, nor a terminal under NO_COLOR gets a colour; a terminal does."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    report = reports["differs"]
    coloured = "\x1b[1;31m"  # bold red

    def to(**options: Any) -> str:
        file = io.StringIO()
        Console(file=file, **options).print(printed([report]))
        return file.getvalue()

    assert "\x1b" not in as_text(report)
    assert "\x1b" not in to()
    assert coloured in to(force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert ";31m" not in to(force_terminal=True)


def test_the_summary_has_a_line_for_each(reports: dict[str, refmath.Report]) -> None:
    """It comes last: a mark, the function, the verdict and the name of its mistake; what was not judged, and how many were not looked at."""
    console = Console(width=80, file=io.StringIO(), color_system=None, _environ={})
    with console.capture() as captured:
        console.print(printed(list(reports.values()), [("losses.py:nothing", "why")], left=2))
    lines = captured.get().splitlines()
    conforming = sum(report.conforms for report in reports.values())
    assert lines[-1] == f"{conforming} of {len(reports) + 1} conform. 2 functions after that were not looked at."
    summary = lines[-len(reports) - 3 : -2]
    for line, (name, report) in zip(summary, reports.items(), strict=False):
        assert re.match(rf"[✓✗] {name} as {report.formula} +{report.verdict}", line)
        if report.diagnosis is not None:
            assert line.endswith("chapter" if report.diagnosis.name == "seed" else report.diagnosis.name)
        elif not report.conforms:
            assert line.endswith("no known name")
    assert re.match(r"✗ nothing +not judged$", summary[-1])
    assert shown([reports["conforms"]]).endswith("\n\n1 of 1 conform.\n")


def test_a_report_shows_itself(reports: dict[str, refmath.Report]) -> None:
    """Printed it is its text, in a notebook the same with colours, and nothing in it is taken for HTML."""
    report = dataclasses.replace(reports["failed"], remarks=("<b>&</b>",))
    assert str(report) == as_text(report)
    page = report._repr_html_()
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "<b>" not in page
    told = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert [line.rstrip() for line in told.splitlines()] == as_text(report).splitlines()


def test_the_function_has_its_line() -> None:
    """The file and the line of a function in this process; nothing for what stands in no file."""
    report = refmath.check(right, "mean_squared_error", examples=2)
    assert report.file == __file__
    assert report.line == right.__code__.co_firstlineno
    assert place(report).endswith(f"test_report.py:{report.line}")
    assert (report.as_json()["file"], report.as_json()["line"]) == (report.file, report.line)
    nowhere = eval("lambda y, t: refmath.mean_squared_error(y, t)", {"refmath": refmath})
    other = refmath.check(nowhere, "mean_squared_error", examples=2, target="f")
    assert (other.file, other.line) == ("", None)
    assert as_text(other).startswith("✓ f as mean_squared_error  conforms\n")


def test_annotations_are_workflow_commands(
    reports: dict[str, refmath.Report], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One for each function that does not conform, at its line, escaped as GitHub asks."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    file = tmp_path / "a,b" / "c:d.py"
    report = dataclasses.replace(reports["differs"], file=str(file), line=7, target="x.py:f")
    (line,) = commands([report, reports["conforms"]], [])
    told = sentence(report).replace("%", "%25")
    assert line.startswith(f"::error file=a%2Cb/c%3Ad.py,line=7,title=f differs::{told}%0Amissing_half: ")
    assert "%0ATry: Multiply by 1/2.%0AFails on: " in line
    (line,) = commands([], [("x.py:g", "50 % of\r\nit")])
    assert line == "::error title=g not judged::50 %25 of%0D%0Ait"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.50"), (99.0, "99.00"), (1234.5, "1.23e+03"), (math.inf, "inf"), (math.nan, "nan")],
    ids=str,
)
def test_ulps(value: float, text: str) -> None:
    """A distance is short: two digits behind the point, or three digits in all."""
    assert ulps(value) == text


def test_a_failure_without_interval_has_no_expectation() -> None:
    """A counterexample without a number got, and without an interval, is told without them."""
    example = Counterexample("edge", {"y": np.array([1.0])}, "f(1)", None, (), None, "raised", math.inf)
    assert fits(example.as_json(), COUNTEREXAMPLE)


def test_every_key_is_documented() -> None:
    """The page on the verdict has each key of a report, and of a counterexample, and no key that there is not."""
    page = Path(__file__).parents[1].joinpath("docs/verdict.md").read_text("utf-8").partition("## The JSON report")[2]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row)} == set(REPORT)
    assert set(COUNTEREXAMPLE) <= set(re.findall(r"`(\w+)`", page))


def test_a_program_in_another_process_has_no_line() -> None:
    """What was judged stands for it, and what it was asked is told beside the call."""
    command = [sys.executable, str(Path(__file__).with_name("adapter.py")), "garbage"]
    with refmath.Adapter(command) as adapter:
        report = refmath.check(adapter.function("softmax"), "softmax", examples=2)
    assert (report.file, report.line) == ("", None)
    assert report.smallest is not None
    assert report.smallest.request is not None
    assert 'request {"id": 1, "formula": "softmax"' in words(report)
