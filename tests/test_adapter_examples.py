"""The adapters in `examples/adapters`: built and run by the README's own commands, they speak the protocol and answer rightly.

A language whose compiler or interpreter is not on this machine is skipped, with the reason; nothing is installed for it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from refmath.catalogue import formula
from refmath.cli import app
from refmath.mistakes.programs import program_of
from refmath.oracle.processes.command_line import joined, split

ADAPTERS = Path(__file__).parents[1] / "examples" / "adapters"
ROW = re.compile(
    r"^\| (?P<language>\S+) \| (?:`(?P<build>.+?)`)? ?\| `(?P<run>.+?)` \| `(?P<wrong>\w+)` \((?P<verdict>\w+): (?P<mistake>\w+)\) \|$",
    re.MULTILINE,
)
LANGUAGES = {row["language"]: row for row in ROW.finditer((ADAPTERS / "README.md").read_text("utf-8"))}

Answer = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """An adapter that was built: the command that starts it, the function it has wrong, and what the table says of that."""

    command: list[str]
    wrong: str
    verdict: str
    mistake: str

    def answers(self, *lines: str) -> list[Answer]:
        """What it answers to some lines; it must end well and silently once there are no more."""
        given = "".join(line + "\n" for line in lines)
        ended = subprocess.run(  # noqa: PLW1510  # its status is looked at below
            self.command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=60
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return [json.loads(line, parse_constant=no_such_constant) for line in ended.stdout.splitlines()]

    def values(self, name: str, *inputs: tuple[Any, ...]) -> list[Any]:
        """The values of a formula at each of some inputs, as arrays of the dtype and shape that the answers tell."""
        answers = self.answers(*(request(name, *each, id=number) for number, each in enumerate(inputs)))
        assert [answer["id"] for answer in answers] == list(range(len(inputs)))
        return [array(answer["output"]) for answer in answers]


def no_such_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def request(name: str, *inputs: Any, id: int = 7) -> str:
    """A line that asks for a formula."""
    names = [each.name for each in formula(name).inputs]
    tensors = {key: tensor(np.asarray(value)) for key, value in zip(names, inputs, strict=True)}
    return json.dumps({"id": id, "formula": name, "params": {}, "inputs": tensors})


def tensor(value: Any) -> dict[str, Any]:
    data = [entry if np.isfinite(entry) else str(entry) for entry in value.ravel().tolist()]
    return {"dtype": value.dtype.name, "shape": list(value.shape), "data": data}


def array(output: dict[str, Any]) -> Any:
    assert list(output) == ["dtype", "shape", "data"]
    assert all(type(entry) in (int, float) or entry in ("nan", "inf", "-inf") for entry in output["data"])
    exact = np.array([float(entry) for entry in output["data"]], np.float64).reshape(output["shape"])
    value = exact.astype(output["dtype"])
    np.testing.assert_array_equal(value, exact, "the answer has more digits than its dtype")
    return value


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Example]:
    """Builds the adapter of a language, once, with the README's command in a folder of its own."""
    done: dict[str, Example] = {}

    def build(language: str) -> Example:
        row = LANGUAGES[language]
        tool = (row["build"] or row["run"]).split()[0]
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on this machine: the adapter in {language} was not tried")
        if language not in done:
            folder = shutil.copytree(ADAPTERS, tmp_path_factory.mktemp("adapters") / language)
            if row["build"]:
                subprocess.run(split(row["build"]), cwd=folder, check=True, timeout=120)
            command = [str(folder / word) if (folder / word).is_file() else word for word in split(row["run"])]
            done[language] = Example(command, row["wrong"], row["verdict"], row["mistake"])
        return done[language]

    return build


@pytest.fixture(params=list(LANGUAGES))
def example(request: pytest.FixtureRequest, built: Callable[[str], Example]) -> Example:
    return built(request.param)


def test_the_table_names_every_adapter_in_the_folder() -> None:
    """Every source in the folder has its row, and tells in its head how it is built or run, in the table's words."""
    sources = {path.name: path.read_text("utf-8") for path in ADAPTERS.glob("losses.*")}
    commands = [row["build"] or row["run"] for row in LANGUAGES.values()]
    assert len(sources) == len(commands) == 4
    assert all(any(command in source for source in sources.values()) for command in commands)
    assert all(any(name in command for command in commands) for name in sources)


# ---- the protocol


def test_the_conversation_in_the_readme_is_what_the_adapter_in_c_says(built: Callable[[str], Example]) -> None:
    """The requests there get the answers there."""
    lines = re.findall("^[→←] (.+)$", (ADAPTERS / "README.md").read_text("utf-8"), re.MULTILINE)
    requests, answers = lines[::2], lines[1::2]
    assert len(answers) == 4
    assert built("C").answers(*requests) == [json.loads(answer) for answer in answers]


def test_it_says_hello(example: Example) -> None:
    """The greeting is answered with the protocol's number and a name."""
    (answer,) = example.answers('{"hello": {"protocol": 1}}')
    assert list(answer) == ["hello"]
    assert answer["hello"]["protocol"] == 1
    assert "losses" in answer["hello"]["name"]


def test_each_answer_comes_before_the_next_request(example: Example) -> None:
    """An answer does not wait in a buffer, and the process ends well when its input ends."""
    with subprocess.Popen(example.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for id in (1, 2):
            os.write(process.stdin.fileno(), (request("sigmoid", 0.0, id=id) + "\n").encode())
            late = threading.Timer(30, process.kill)  # then it has answered nothing
            late.start()
            assert json.loads(process.stdout.readline())["id"] == id
            late.cancel()
        process.stdin.close()
        assert process.wait(30) == 0


NESTED = {"params": {"W1": tensor(np.ones((2, 2))), "b1": tensor(np.ones(2))}, "x": tensor(np.ones((1, 2)))}


UNSUPPORTED = {
    "unknown": json.dumps({"id": 7, "formula": "no_such_formula", "params": {}, "inputs": {"x": tensor(np.ones(2))}}),
    "longer name": json.dumps(
        {"id": 7, "formula": "sigmoid_gradient", "params": {}, "inputs": {"x": tensor(np.ones(2))}}
    ),
    "a word of the language": json.dumps({"id": 7, "formula": "constructor", "params": {}, "inputs": {}}),
    "nested inputs": json.dumps({"id": 7, "formula": "two_layer_net_predict", "params": {"a": 1}, "inputs": NESTED}),
    "half precision": request("sigmoid", np.float16(1)),
}


def test_what_it_does_not_have_is_unsupported(example: Example) -> None:
    """A formula or a number format that the adapter lacks is answered so, under the request's own number."""
    for what, answer in zip(UNSUPPORTED, example.answers(*UNSUPPORTED.values()), strict=True):
        assert answer == {"id": 7, "unsupported": True}, what


INPUTS_OF_NO_USE = {
    "label too large": request("softmax_cross_entropy_labels", [0.0, 1.0], 2),
    "negative label": request("softmax_cross_entropy_labels", [0.0, 1.0], -1),
    "fractional label": request("softmax_cross_entropy_labels", [0.0, 1.0], 0.5),
    "nan as a label": request("softmax_cross_entropy_labels", [0.0, 1.0], np.nan),
    "too few labels": request("softmax_cross_entropy_labels", [[0.0, 1.0], [2.0, 3.0]], [1]),
    "labels of another shape": request("softmax_cross_entropy_labels", [[0.0, 1.0]], 1),
    "single logit": request("softmax_cross_entropy_labels", 1.0, 0),
    "three axes": request("softmax_cross_entropy_labels", [[[0.0, 1.0]]], [[1]]),
    "empty": request("sigmoid", np.ones(0)),
    "missing input": json.dumps({"id": 7, "formula": "sigmoid", "params": {}, "inputs": {}}),
    "more numbers than the shape": request("sigmoid", [1.0, 2.0]).replace('"shape": [2]', '"shape": [1]'),
    "fewer numbers than the shape": request("sigmoid", [1.0, 2.0]).replace('"shape": [2]', '"shape": [3]'),
    "huge shape": request("sigmoid", [1.0, 2.0]).replace('"shape": [2]', '"shape": [4294967296, 4294967296]'),
    "something else in the data": request("sigmoid", [1.0, 2.0]).replace("2.0", "{}"),
}


def test_inputs_that_make_no_sense_are_an_error(example: Example) -> None:
    """The adapter refuses each of them in words, under the request's own number, and lives to answer the next request."""
    *refused, answered = example.answers(*INPUTS_OF_NO_USE.values(), request("sigmoid", 0.0, id=8))
    for what, answer in zip(INPUTS_OF_NO_USE, refused, strict=True):
        assert answer.keys() == {"id", "error"}, what
        assert answer["id"] == 7, what
        assert answer["error"], what
    assert (answered["id"], answered["output"]["data"]) == (8, [0.5])


LINES_THAT_ARE_NO_REQUEST = [
    "",
    "not json",
    "null",
    "7",
    "[1, 2",
    '"id"',
    "{}",
    "[" * 100_000,
    '{"id": ',
    "\x00\ufffd",
    "√ \\u00",
]


def test_lines_that_are_no_request_are_an_error(example: Example) -> None:
    """Whatever the line is, there is one answer to it, and the next request is answered."""
    *refused, answered = example.answers(*LINES_THAT_ARE_NO_REQUEST, request("sigmoid", 0.0))
    assert len(refused) == len(LINES_THAT_ARE_NO_REQUEST)
    assert all(answer.keys() == {"id", "error"} and answer["id"] is None for answer in refused)
    assert answered["output"]["data"] == [0.5]


def test_a_request_cut_short_anywhere_is_no_crash(example: Example) -> None:
    """Each beginning of a request gets one answer."""
    line = request("softmax_cross_entropy_labels", [[0.0, np.inf], [1.5, -1e300]], [0, 1])
    answers = example.answers(*(line[:length] for length in range(len(line))))
    assert len(answers) == len(line)
    assert all(answer.keys() & {"error", "unsupported", "output"} for answer in answers)


# ---- the values

EIGHTHS = np.random.default_rng(1).integers(-64, 64, (40, 10)) / 8
RIGHT: dict[str, list[tuple[Any, ...]]] = {
    "sigmoid": [
        (EIGHTHS,),
        (EIGHTHS.reshape(2, 4, 5, 10),),
        (np.arange(-705.0, 750, 15),),
        (0.0,),
        (3,),
        (np.arange(-3, 4),),
        (np.float32(-0.1),),
        (EIGHTHS.astype(np.float32),),
    ],
    "softmax_cross_entropy_labels": [
        (EIGHTHS, np.arange(40) % 10),
        (EIGHTHS, (np.arange(40) % 10).astype(np.uint8)),
        (EIGHTHS[0], 0),
        (EIGHTHS[0], 9),
        (EIGHTHS[:1], [4]),
        ([0.0, 40.0, 3.0], 1),  # near certainty: 1 + exp(-37) would lose all but a few digits
        ([0.0, 700.0], 1),
        ([1000.0, -1000.0], 1),
        ([[1e300, 0.0], [-1e300, 0.0]], [0, 1]),
        ([5.0], 0),
        ([1, 2, 3], 0),
        ([2.0, 2.0, 2.0], 2),
        (EIGHTHS.astype(np.float32), np.arange(40) % 10),
    ],
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_functions_give_the_values_of_the_reference(example: Example, name: str) -> None:
    """Single samples and batches, all the way to the tails, in the dtype and shape of the reference."""
    for inputs, value in zip(RIGHT[name], example.values(name, *RIGHT[name]), strict=True):
        expected = formula(name).program(*inputs)
        assert value.shape == expected.shape
        # NumPy's exponential, the C library's and JavaScript's may each be a unit off.
        np.testing.assert_array_max_ulp(value, expected, 3, dtype=None)


def test_infinities_and_nan_are_read_and_written(example: Example) -> None:
    """They are strings in both directions, and mean what the pages say."""
    (values,) = example.values("sigmoid", ([np.inf, -np.inf, np.nan],))
    np.testing.assert_array_equal(values, [1, 0, np.nan])
    samples = [([0.0, np.inf], 0), ([0.0, np.inf], 1), ([0.0, -np.inf], 1), ([0.0, -np.inf], 0), ([np.nan, 0.0], 1)]
    costs = example.values("softmax_cross_entropy_labels", *samples)
    np.testing.assert_array_equal(costs, [np.nan, np.nan, np.inf, 0, np.nan])


def test_every_digit_of_a_double_survives(example: Example) -> None:
    """Where the sigmoid is exp(x), too small for 1 to matter, 200 values differ as their arguments do."""
    x = -40 - np.arange(200) * 2.0**-47
    (values,) = example.values("sigmoid", (x,))
    np.testing.assert_array_max_ulp(values, formula("sigmoid").program(x), 2)


def test_a_long_line_is_read_to_its_end(example: Example) -> None:
    """A request of 100,000 numbers, some two million characters."""
    x = np.linspace(-30, 30, 100_000)
    (values,) = example.values("sigmoid", (x,))
    np.testing.assert_array_max_ulp(values, formula("sigmoid").program(x), 3)


def test_the_wrong_function_makes_the_mistake_that_its_comment_tells(example: Example) -> None:
    """On a batch it gives the values of the page's mistake, which are not the right ones."""
    page = formula(example.wrong)
    inputs = {
        "softmax": (np.array([[0.0, 710.0, 1.0], [1.0, 2.0, 3.0]]),),
        "mean_squared_error": (EIGHTHS, EIGHTHS[::-1]),
    }[example.wrong]
    (mistake,) = [each for each in page.mistakes if each.name == example.mistake]
    (value,) = example.values(page.name, inputs)
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_allclose(value, program_of(page, mistake)(*inputs), rtol=1e-14)
    assert not np.allclose(value, page.program(*inputs))


# ---- through the oracle


def judged(example: Example, name: str) -> tuple[int, dict[str, Any]]:
    """The exit status of `refmath check --exec` for a function of an adapter, and its result."""
    options = ["--exec", joined(example.command), "--against", name, "--examples", "4", "--json", "-"]
    ended = CliRunner().invoke(app, ["check", *options])
    (result,) = json.loads(ended.stdout)["results"]
    return ended.exit_code, result


def test_the_oracle_finds_the_right_loss_right(example: Example) -> None:
    """The cross-entropy, the harder of the right functions, conforms, and the command ends with status 0."""
    status, result = judged(example, "softmax_cross_entropy_labels")
    assert (status, result["verdict"], result["diagnosis"]) == (0, "conforms", None)


def test_the_oracle_names_the_mistake_of_the_wrong_function(example: Example) -> None:
    """The verdict and the mistake are those in the README's table, and the command ends with status 1."""
    status, result = judged(example, example.wrong)
    assert (status, result["verdict"], result["diagnosis"]["name"]) == (1, example.verdict, example.mistake)
