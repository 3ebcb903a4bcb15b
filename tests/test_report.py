"""The report: as JSON for programs, and as text for people."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import refmath
from refmath.oracle.findings import Counterexample
from refmath.oracle.tensors import number, tensor
from refmath.oracle.text import as_table, as_text, details, evidence, reach, ulps

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
}
REPORT: Shape = {
    "target": (str,),
    "formula": (str,),
    "convention": (None, str),
    "verdict": ("conforms", "unstable", "differs", "failed"),
    "classes": {name: {"tried": (int,), "accepted": (int,)} for name in ("typical", "edge", "extreme")},
    "laws": [{"name": (str,), "holds": (None, True, False)}],
    "diagnosis": (None, {"kind": ("mistake", "convention"), "name": (str,), "text": (str,)}),
    "smallest": (None, COUNTEREXAMPLE),
    "worst": (None, COUNTEREXAMPLE),
    "worst_ulps": number_or_name,
    "seconds": (float,),
    # Beyond what design.md asks for:
    "dtype": ("float64", "float32", "float16", "bfloat16"),
    "strict": (True, False),
    "begins": (None, str),
    "remarks": [(str,)],
    "declined": [(str,)],
    "in_place": (True, False),
    "extent": {"*": (int,)},
    "types": [(str,)],
    "layouts": [("by columns", "sliced", "strided", "reversed", "read-only", "big-endian")],
    "parameters": {"*": [(int, float, str)]},
    "order": [(str,)],
    "dropped": dict.fromkeys(("typical", "edge", "extreme"), (int,)),
    "not_defined": [(str,)],
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


# ---- as a string


def test_a_report_can_be_printed(reports: dict[str, refmath.Report]) -> None:
    """A line with the verdict; below it the name of the mistake and the smallest counterexample, where there are any."""
    right, wrong, other = (str(reports[name]).splitlines() for name in ("conforms", "differs", "convention"))
    tried = sum(each.tried for each in reports["conforms"].classes.values())
    assert right == [f"losses.py:conforms: conforms (mean_squared_error; accepted on {tried} of {tried} inputs)"]
    assert re.fullmatch(r"losses\.py:differs: differs \(mean_squared_error; accepted on \d+ of \d+ inputs\)", wrong[0])
    smallest = reports["differs"].smallest
    assert smallest is not None
    assert wrong[1:] == ["  missing_half: The factor ½ is missing.", f"  smallest counterexample: {smallest.call}"]
    assert "mean_squared_error, convention seed;" in other[0]


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
    good = {"kind": "mistake", "name": "missing_half", "text": "No half."}
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
    assert told["layouts"] == ["by columns", "sliced", "strided", "reversed", "read-only", "big-endian"]
    assert (told["parameters"], told["order"], told["declined"], told["in_place"]) == ({}, ["y", "t"], [], False)
    assert told["dropped"] == dict.fromkeys(("typical", "edge", "extreme"), 0)
    assert reports["function"].as_json()["extent"]["entries"] > 30
    assert reports["mapping"].as_json()["order"] == ["params", "grads", "lr"]


def test_what_is_declined_taken_in_place_or_by_name_is_told(reports: dict[str, refmath.Report]) -> None:
    """In the JSON, in the text, and of a report that conforms in the table."""
    declining, working = reports["declines"], reports["in place"]
    assert (declining.verdict, declining.as_json()["declined"]) == ("conforms", ["single samples"])
    assert "declines: single samples; the verdict is that of the rest" in as_text(declining)
    assert "declines: single samples" in printed(as_table([declining]))
    assert (working.verdict, working.as_json()["in_place"]) == ("conforms", True)
    assert "in place: the answer is what became of the arguments that it renews" in as_text(working)
    assert "in place" in printed(as_table([working]))
    for name in ("conforms", "parameters"):
        assert "in place" not in as_text(reports[name])
        assert "declines" not in as_text(reports[name])
    by_name = reports["parameters"]
    assert by_name.as_json()["parameters"]["delta"][0] == 1e-8
    assert len(by_name.as_json()["parameters"]["delta"]) > 2
    assert "delta: 1e-08, " in as_text(by_name)
    assert "not tried: guard other than the default" in as_text(by_name)


def test_the_text_tells_how_far_the_search_went(reports: dict[str, refmath.Report]) -> None:
    """The largest sizes, number types and layouts in one line; what was dropped, where something was."""
    text = reach(reports["conforms"])
    sizes = reports["conforms"].extent.sizes
    assert text.startswith(f"sizes: N up to {sizes['N']}, K up to {sizes['K']}; number types: float64, int64, ")
    assert "layouts: plain, by columns, " in text
    assert "dropped" not in text
    assert text in as_text(reports["conforms"])
    less = dataclasses.replace(reports["conforms"].extent, dropped={"edge": 2, "extreme": 3})
    dropped = "dropped, as an honest evaluation may lose everything there: 5"
    assert dropped in reach(dataclasses.replace(reports["conforms"], extent=less))


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


@every_kind
def test_the_text_tells_everything(reports: dict[str, refmath.Report], name: str) -> None:
    """The text names target, formula, verdict, diagnosis, counterexample, remarks and evidence."""
    report = reports[name]
    text = as_text(report)
    assert f"losses.py:{name} as {report.formula}" in text
    assert f": {report.verdict}" in text
    if report.diagnosis is not None:
        assert report.diagnosis.name in text
        assert report.diagnosis.text in text
    if report.smallest is not None:
        assert f">>> {report.smallest.call}" in text
        assert report.smallest.trouble in text
    for remark in report.remarks:
        assert f"remark: {remark}" in text
    for broken in (law for law in report.laws if law.holds is False):
        assert broken.name in text
    assert evidence(report) in text


def test_the_text_of_a_wrong_number_tells_by_how_much(reports: dict[str, refmath.Report]) -> None:
    """Expected interval, number got, and distance stand below the line to paste; the entry too, where there are several."""
    example = reports["array"].smallest
    assert example is not None
    assert example.expected is not None
    text = as_text(reports["array"])
    assert f"expected [{example.expected[0]!r}, {example.expected[1]!r}] in entry {list(example.index)}" in text
    assert f"got      {example.got!r}, off by {ulps(example.ulps)} ULP" in text


def test_the_text_of_an_unstable_candidate_tells_where_it_begins(reports: dict[str, refmath.Report]) -> None:
    """Of an unstable candidate one reads from where on it is lost."""
    assert f"lost only {reports['unstable'].begins}." in as_text(reports["unstable"])
    assert "lost only" not in as_text(reports["differs"])


def test_the_text_admits_that_there_is_no_name(reports: dict[str, refmath.Report]) -> None:
    """A candidate that is refused without a name is told that the page knows none; one that conforms is not."""
    sentence = "No mistake or convention of the page reproduces it."
    assert sentence in as_text(reports["infinite"])
    assert sentence not in as_text(reports["conforms"])
    assert sentence not in as_text(reports["differs"])


def test_the_worst_is_told_only_if_it_says_more(reports: dict[str, refmath.Report]) -> None:
    """The worst counterexample is left out if it is the smallest one, or failed in the same words."""
    assert as_text(reports["failed"]).count("counterexample") == 1
    smallest = reports["differs"].smallest
    assert smallest is not None
    same = dataclasses.replace(reports["differs"], worst=smallest)
    other = dataclasses.replace(
        reports["differs"], worst=dataclasses.replace(smallest, call="mean_squared_error(1, 2)")
    )
    assert as_text(same).count("counterexample") == 1
    assert as_text(other).count("counterexample") == 2


def test_the_evidence_tells_what_was_tried_and_what_was_missed(reports: dict[str, refmath.Report]) -> None:
    """The line of evidence counts inputs, laws and mistakes, and names those that were missed, the dtype, `strict` and the seed."""
    report = reports["array"]
    text = evidence(report)
    tried = {name: count.tried for name, count in report.classes.items()}
    assert f"{tried['typical']} typical, {tried['edge']} edge, {tried['extreme']} extreme" in text
    rejected, missed = (len(each) for each in (report.evidence.mistakes_rejected, report.evidence.mistakes_missed))
    assert f"rejects {rejected} of the {rejected + missed} known mistakes" in text
    assert "float32, strict; seed 4" in text
    assert "(not:" not in text
    less = dataclasses.replace(report.evidence, mistakes_missed=("sign_only",))
    assert "(not: sign_only)" in evidence(dataclasses.replace(report, evidence=less))


def printed(thing: Any, **options: Any) -> str:
    file = io.StringIO()
    Console(file=file, width=160, **options).print(thing)
    return file.getvalue()


def test_text_from_outside_is_not_taken_for_markup(reports: dict[str, refmath.Report]) -> None:
    """Square brackets in a message or a name are printed as they are."""
    assert "[bold]no[/bold]" in printed(details(reports["failed"]))
    assert "f[/bold]" in printed(as_table([dataclasses.replace(reports["failed"], target="a.py:f[/bold]")]))
    assert "g[/x]" in printed(as_table([], [("a.py:g[/x]", "no reason")]))


def test_colours_are_for_terminals(reports: dict[str, refmath.Report], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file, nor a failure message, nor a terminal under NO_COLOR gets a colour; a terminal does."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    report = reports["differs"]
    coloured = "\x1b[1;31m"  # bold red
    assert "\x1b" not in as_text(report)
    assert "\x1b" not in printed(details(report))
    assert coloured in printed(details(report), force_terminal=True)
    assert coloured in printed(as_table([report]), force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" not in printed(details(report), force_terminal=True)
    assert ";31m" not in printed(as_table([report]), force_terminal=True)


def test_the_table_has_a_line_for_each(reports: dict[str, refmath.Report]) -> None:
    """The table has a line for every candidate, with its counts and the name of its mistake, and for each that was not judged."""
    lines = printed(as_table(list(reports.values()), [("losses.py:nothing", "why")])).splitlines()
    for name, report in reports.items():
        (line,) = (line for line in lines if line.strip().startswith(f"{name} as "))
        for count in report.classes.values():
            assert f"{count.accepted}/{count.tried}" in line
        assert report.verdict in line
        if report.diagnosis is not None:
            assert report.diagnosis.name in line
        elif not report.conforms:
            assert "(no known name)" in line
    (line,) = (line for line in lines if line.strip().startswith("nothing"))
    assert "not judged" in line
    assert "mean_squared_error " in printed(
        as_table([dataclasses.replace(reports["conforms"], target="a.py:mean_squared_error")])
    )


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
