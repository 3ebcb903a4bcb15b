"""The test vectors: that they are what they say, that they accept refmath's programs, and refuse every mistake of every page."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import ml_dtypes
import mpmath
import numpy as np
import pytest
from plain_consumer import accepts, array, failures, parts
from typer.testing import CliRunner, Result

import refmath
from refmath.balls.formats import FORMATS
from refmath.catalogue import FORMULAS, formula
from refmath.cli import app
from refmath.spec import Formula, Mistake, setting
from refmath.vectors import files, formulas, mistakes, special
from refmath.vectors.formulas import NAMES, WITH_VECTORS
from refmath.vectors.stream import Stream, rounded

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
CONSUMERS = ROOT / "examples" / "consumers"

every_file = pytest.mark.parametrize("name", NAMES)
every_formula = pytest.mark.parametrize("page", WITH_VECTORS, ids=lambda page: page.name)


@functools.cache
def content(name: str) -> bytes:
    """A file, as it is written; its version is 0, so that no release changes it."""
    return files.document(name, "0")


@functools.cache
def vectors(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(content(name))
    return read


def cases(name: str, convention: str | None = None, *dtypes: str) -> list[Any]:
    """The cases of a formula under a convention, in some formats (in all that NumPy has)."""
    wanted = dtypes or ("float64", "float32", "float16")
    return [each for each in vectors(name)["cases"] if each["convention"] == convention and each["dtype"] in wanted]


def with_value(found: list[Any]) -> list[Any]:
    """Those in which something is computed: a program must not be refused only for what it does not refuse itself."""
    return [each for each in found if each["class"] not in ("reject", "special")]


# ---- the files


@every_file
def test_a_file_obeys_the_schema(name: str) -> None:
    """Every file is valid under the schema beside it, which is a valid schema of draft 2020-12 itself."""
    schema = json.loads(files.fixed_files()[files.SCHEMA])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(vectors(name))
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
    ways = [way.name for way in formulas.ways(page)]
    names = [*ways, *special.TEXTS, *mistakes.reasons(page)]
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
                assert np.array_equal(rounded(finite, FORMATS[given["dtype"]]), finite), case["id"]
        if "low" in case:
            expected, low, high = (parts(array(widened(case[role]))) for role in ("expected", "low", "high"))
            assert all(np.all((low[key] <= expected[key]) & (expected[key] <= high[key])) for key in expected)


def tensors(given: Any) -> list[Any]:
    """All arrays in a mapping of arrays, or of mappings of arrays."""
    if "data" in given:
        return [given]
    return [each for value in given.values() for each in tensors(value)]


def widened(given: Any) -> Any:
    """The same with every number in float64."""
    return {**given, "dtype": "float64"} if "data" in given else {key: widened(each) for key, each in given.items()}


def test_every_formula_of_data_has_its_file() -> None:
    """All formulas but the one that takes any function have vectors, and the training has; the README names the one that has none."""
    assert [page.name for page in FORMULAS if page not in WITH_VECTORS] == ["numerical_gradient"]
    assert {*NAMES} == {page.name for page in WITH_VECTORS} | {"training"}
    assert b"numerical_gradient" in files.fixed_files()[files.README]


def test_the_files_are_small() -> None:
    """All of them together take at most 5 MB."""
    assert sum(len(content(name)) for name in NAMES) <= 5_000_000


@every_formula
def test_every_kind_of_case_is_there(page: Formula) -> None:
    """Typical, edge and extreme inputs in both usual formats, inputs to be rejected, and every convention; small formats for samples."""
    found = vectors(page.name)["cases"]
    for dtype in ("float64", "float32"):
        kinds = {each["class"] for each in found if each["dtype"] == dtype and each["convention"] is None}
        assert {"typical", "edge", "extreme"} <= kinds
    assert "reject" in {each["class"] for each in found}
    assert {each["convention"] for each in found} == {None, *(each.name for each in page.conventions)}
    dtypes = {each["dtype"] for each in found}
    assert ({"float16", "bfloat16"} <= dtypes) == (page.domain == "samples")


@every_formula
def test_parameters_are_those_of_the_page(page: Formula) -> None:
    """A case says which settings of the page's parameters it was computed with."""
    for case in vectors(page.name)["cases"]:
        under = setting(page, case["convention"])
        numbers = {key: value for key, value in case["params"].items() if key not in page.choices}
        assert numbers == dict(under.parameters)


# ---- refmath's own programs


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
        wide = (each.astype(np.float64) if each.dtype == ml_dtypes.bfloat16 else each for each in arguments)
        return np.asarray(page.program(*wide)).astype(ml_dtypes.bfloat16)

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
        assert any(failures(meant, functools.partial(mistake.program, **variant))), variant


@pytest.mark.filterwarnings("ignore")
def test_a_mistake_that_no_vector_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is right, listed as a mistake, stops the generator: no file pretends to catch what it does not."""
    page = formula("mean_squared_error")
    right = Mistake("right", "It is right.", page.program, "is_symmetric")
    monkeypatch.setattr(mistakes, "_ROUNDS", {"typical": 1, "edge": 1, "extreme": 1})
    chosen = setting(page)
    object.__setattr__(chosen, "formula", with_mistakes(page, right))
    with pytest.raises(mistakes.NotRefused, match="no vector of mean_squared_error refuses right"):
        list(mistakes.cases(chosen, formulas.ways(page), lambda _what: None))


def with_mistakes(page: Formula, *wrong: Mistake) -> Formula:
    values = {name: getattr(page, name) for name in page.__dataclass_fields__}
    return Formula(**{**values, "mistakes": wrong})


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


# ---- the training


def training(params: Any, x: Any, t: Any, lr: float, *, step: Any = None, after: bool = True) -> dict[str, Any]:
    """The training that the vectors describe, by refmath's functions; one thing may be wrong."""
    step = step or refmath.sgd_step
    told: dict[str, list[Any]] = {key: [] for key in ("loss", *params)}
    for x_k, t_k in zip(x, t, strict=True):
        before = params
        params = step(params, refmath.two_layer_net_gradient(params, x_k, t_k), lr)
        told["loss"].append(refmath.two_layer_net_loss(params if after else before, x_k, t_k))
        for key, value in params.items():
            told[key].append(value)
    return {key: np.array(values) for key, values in told.items()}


def test_refmaths_training_passes() -> None:
    """A hundred steps with refmath's functions stay inside the intervals, which are narrow up to the last step."""
    (case,) = cases("training")
    assert accepts(case, training)
    low, high = parts(array(case["low"])), parts(array(case["high"]))
    assert all(0 < np.max(high[key] - low[key]) < 2e-10 for key in low)
    assert array(case["expected"])["W1"].shape == (100, 4, 3)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mistake", formula("sgd_step").mistakes, ids=lambda each: each.name)
def test_a_wrong_step_does_not_pass_for_a_training(mistake: Mistake) -> None:
    """A training whose steps are wrong in one of the ways of their page is refused, and so is a loss of before the step."""
    (case,) = cases("training")
    # An unusually large gradient is cut off at 1 or 5, and there is none in this training.
    variants = [each for each in ({}, *mistake.variants) if mistake.name != "clipped_gradient" or each == {"at": 0.1}]
    for variant in variants:
        step = functools.partial(mistake.program, **variant)
        assert not accepts(case, functools.partial(training, step=step)), variant
    assert not accepts(case, functools.partial(training, after=False))


# ---- the values, by other means


def test_the_training_is_that_of_mpmath() -> None:
    """All losses and parameters of the training are those of mpmath with 60 digits, correctly rounded."""
    (case,) = cases("training")
    params, x, t, lr = (array(each) for each in case["inputs"].values())
    expected = array(case["expected"])
    with mpmath.workdps(60):
        exact = {key: np.vectorize(mpmath.mpf, otypes=[object])(value) for key, value in params.items()}
        for k, (x_k, t_k) in enumerate(zip(x, t, strict=True)):
            y, z = forward(exact, x_k)
            errors = (y - np.eye(3)[t_k]) / len(x_k)
            back = (errors @ exact["W2"].T) * z * (1 - z)
            slopes = {"W1": x_k.T @ back, "b1": back.sum(axis=0), "W2": z.T @ errors, "b2": errors.sum(axis=0)}
            exact = {key: value - mpmath.mpf(float(lr)) * slopes[key] for key, value in exact.items()}
            y, _ = forward(exact, x_k)
            loss = -mpmath.fsum(mpmath.log(y[n, label]) for n, label in enumerate(t_k)) / len(t_k)
            assert float(loss) == expected["loss"][k]
            for key, value in exact.items():
                assert np.array_equal(value.astype(np.float64), expected[key][k]), (key, k)


def forward(params: dict[str, Any], x: Any) -> tuple[Any, Any]:
    """Prediction and hidden units of a network in mpmath."""
    exp = np.vectorize(mpmath.exp, otypes=[object])
    z = 1 / (1 + exp(-(x @ params["W1"] + params["b1"])))
    e = exp(z @ params["W2"] + params["b2"])
    return e / e.sum(axis=1, keepdims=True), z


def test_the_softmax_is_that_of_mpmath() -> None:
    """Every value that is expected of the softmax is the one of mpmath, correctly rounded to float64 or float32."""
    for case in with_value(cases("softmax", None, "float64", "float32")):
        # Far below the smallest number mpmath rounds otherwise than the format; and its digits must reach the smallest difference.
        with mpmath.workdps(700):
            a = np.atleast_2d(array(case["inputs"]["a"])).astype(np.float64)
            e = np.vectorize(mpmath.exp, otypes=[object])(np.vectorize(mpmath.mpf, otypes=[object])(a))
            y = (e / e.sum(axis=1, keepdims=True)).ravel()
        format_ = FORMATS[case["dtype"]]
        rounded_ = [format_.nearest(int(value.man_exp[0]), int(value.man_exp[1])) for value in y]
        assert rounded_ == case["expected"]["data"], case["id"]


def test_descents_are_those_of_fractions() -> None:
    """Every point that a descent is expected to lead to is the exact one, correctly rounded."""
    for case in with_value(cases("gradient_descent", None, "float64")):
        A, b, start, lr, steps = (array(each) for each in case["inputs"].values())
        assert np.array_equal(A, A.T)
        assert int(steps) <= 100
        point = [Fraction(float(each)) for each in start]
        for _ in range(int(steps)):
            slopes = [
                sum((Fraction(entry) * each for entry, each in zip(row, point, strict=True)), Fraction(float(b_i)))
                for row, b_i in zip(A.tolist(), b, strict=True)
            ]
            point = [each - Fraction(float(lr)) * slope for each, slope in zip(point, slopes, strict=True)]
        assert [float(each) for each in point] == case["expected"]["data"], case["id"]


def test_a_descent_with_the_gradient_itself_passes() -> None:
    """Who goes down by Ax + b, and not by a numerical gradient, is accepted too."""
    for case in with_value(cases("gradient_descent")):
        A, b, x, lr, steps = (array(each) for each in case["inputs"].values())
        x = x.astype(np.float64)
        for _ in range(int(steps)):
            x = x - lr * (A @ x + b)
        assert accepts(case, lambda f, start, lr, steps, x=x: x), case["id"]


# ---- the same bytes each time


def golden() -> Any:
    return json.loads((GOLDEN / "vectors.json").read_text(encoding="utf-8"))


@every_file
def test_output_changes_only_on_purpose(name: str) -> None:
    """A file is the one it was; if it is meant to change, `python tools/golden_vectors.py` writes down the new ones."""
    assert hashlib.sha256(content(name)).hexdigest() == golden()[f"{name}.json"]


def test_the_fixed_files_change_only_on_purpose() -> None:
    """Schema, README and one file that can be read as a whole are as they were, and every file is written down."""
    fixed = files.fixed_files()
    assert set(golden()) == {*(f"{name}.json" for name in NAMES), *fixed}
    for name, written in fixed.items():
        assert hashlib.sha256(written).hexdigest() == golden()[name]
    assert (GOLDEN / "softmax.json").read_bytes() == content("softmax")


def test_the_same_bytes_come_in_another_process() -> None:
    """A file depends neither on what was computed before it nor on how Python hashes strings."""
    code = "import sys; from refmath.vectors.files import document; sys.stdout.buffer.write(document('sgd_step', '0'))"
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        assert told.stdout == content("sgd_step")


def test_the_stream_is_the_same_for_ever() -> None:
    """The numbers that everything is made of are these, on every machine and under every Python."""
    stream = Stream("one", "two")
    assert [stream.between(0, 1) for _ in range(3)] == [0.39443923142427706, 0.024687122658235028, 0.0927952742222734]
    assert [stream.below(10) for _ in range(8)] == [9, 6, 8, 0, 1, 3, 4, 2]
    assert [stream.eighths(2) for _ in range(4)] == [-0.375, 1.125, -0.5, -0.125]


# ---- the command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["vectors", *arguments])


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only two of the files."""
    monkeypatch.setattr(formulas, "NAMES", ("sigmoid", "sgd_step"))


@pytest.mark.usefixtures("_few")
def test_the_command_writes_the_files(tmp_path: Path) -> None:
    """Files, schema and README are written into a new directory; they bear refmath's version, and nothing is left over."""
    target = tmp_path / "new" / "vectors"
    told = run(str(target))
    assert told.exit_code == 0, told.output
    assert sorted(each.name for each in target.iterdir()) == [
        "README.md",
        "schema.json",
        "sgd_step.json",
        "sigmoid.json",
    ]
    written = json.loads((target / "sigmoid.json").read_text(encoding="utf-8"))
    assert written["generator"] == f"refmath {refmath.__version__}"
    assert {**written, "generator": "refmath 0"} == vectors("sigmoid")
    assert "4 files" in told.output


@pytest.mark.usefixtures("_few")
def test_other_files_stay(tmp_path: Path) -> None:
    """What else is in the directory is left alone; what has the name of one of the files is replaced."""
    (tmp_path / "mine.json").write_text("{}", encoding="utf-8")
    (tmp_path / "sigmoid.json").write_text("{}", encoding="utf-8")
    assert run(str(tmp_path)).exit_code == 0
    assert (tmp_path / "mine.json").read_text(encoding="utf-8") == "{}"
    assert len((tmp_path / "sigmoid.json").read_bytes()) > 1000


@pytest.mark.usefixtures("_few")
def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A file instead of a directory, or a directory where a file should be, ends with status 2 and a sentence."""
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    (tmp_path / "taken" / "sigmoid.json").mkdir(parents=True)
    for target, word in ((file, "exists"), (file / "below", "ot a directory"), (tmp_path / "taken", "is a directory")):
        told = run(str(target))
        assert told.exit_code == 2
        assert told.output.startswith("refmath: ")
        assert word in told.output
        assert str(target) in told.output
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is allowed to root")
@pytest.mark.usefixtures("_few")
def test_a_directory_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    """Where writing is not allowed, it ends with status 2 before anything is computed."""
    tmp_path.chmod(0o500)
    told = run(str(tmp_path))
    tmp_path.chmod(0o700)
    assert told.exit_code == 2
    assert str(tmp_path) in told.output


@pytest.mark.usefixtures("_few")
def test_nothing_is_written_unless_all_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the last file cannot be computed, the first is not written either."""

    def fails(_page: Formula) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(special, "cases", fails)
    run(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


# ---- the archive


def test_the_archive_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    """Files of another time, in another order, with other permissions, make the same archive, in a folder of its name."""
    archives = []
    for turn, names in enumerate((("a.json", "README.md"), ("README.md", "a.json"))):
        source = tmp_path / f"files{turn}"
        source.mkdir()
        for name in names:
            (source / name).write_text(name, encoding="utf-8")
            os.utime(source / name, (10**9 * (turn + 1),) * 2)
            (source / name).chmod(0o600 + 0o40 * turn)
        archive = tmp_path / str(turn) / "refmath-vectors-1.zip"
        archive.parent.mkdir()
        subprocess.run([sys.executable, ROOT / "tools" / "vectors_archive.py", source, archive], check=True)
        archives.append(archive)
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as read:
        assert read.namelist() == ["refmath-vectors-1/README.md", "refmath-vectors-1/a.json"]
        assert read.read("refmath-vectors-1/a.json") == b"a.json"


# ---- consumers in other languages


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the two files that the examples read."""
    target = tmp_path_factory.mktemp("vectors")
    files.write(target, {f"{name}.json": content(name) for name in ("softmax", "softmax_cross_entropy_labels")})
    return target


def judged(command: list[str]) -> dict[str, subprocess.CompletedProcess[str]]:
    """What a consumer says of its right function and of its wrong one."""
    return {
        which: subprocess.run([*command, which], text=True, capture_output=True, check=False, timeout=60)
        for which in ("right", "wrong")
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_consumer_in_javascript(written: Path) -> None:
    """The example in JavaScript passes a right softmax and refuses one that overflows."""
    told = judged(["node", str(CONSUMERS / "softmax.mjs"), str(written / "softmax.json")])
    assert [told[which].returncode for which in told] == [0, 1], told
    assert "float64.no_shift.1: no_shift" in told["wrong"].stdout


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_consumer_in_c(written: Path, tmp_path: Path) -> None:
    """The example in C passes a right loss and refuses one that takes the logarithm of zero; the compiler has nothing to say."""
    source, program = str(CONSUMERS / "softmax_cross_entropy_labels.c"), str(tmp_path / "consumer")
    subprocess.run(
        ["cc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-o", program, source, "-lm"], check=True
    )
    told = judged([program, str(written / "softmax_cross_entropy_labels.json")])
    assert [told[which].returncode for which in told] == [0, 1], told
    assert "float64.no_shift.1" in told["wrong"].stdout
