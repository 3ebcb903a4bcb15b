"""Hostile values by the kind of argument: how each is refused, or that it is taken for what a plain array of the same numbers is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from refmath import NotJudged


@dataclass(frozen=True)
class Row:
    """Something done to one sound argument.

    Attributes:
        name: What it is, as a word of the test's id.
        spoil: Makes the hostile value from the sound one.
        error: How it is refused; None if it is taken.
        came: What the message says of what came, as a regular expression.
        named: What the message calls the argument, if not by its name.
    """

    name: str
    spoil: Callable[[Any], Any]
    error: type[Exception] | None = None
    came: str = ""
    named: str = ""


def replaced(number: float) -> Callable[[Any], Any]:
    """Puts a number in the place of the last entry."""

    def spoil(sound: Any) -> Any:
        spoilt = sound.astype(float)
        spoilt.flat[-1] = number
        return spoilt

    return spoil


def always(value: Any) -> Callable[[Any], Any]:
    return lambda _sound: value


def refused(error: type[Exception], values: dict[str, tuple[Any, str]], named: str = "") -> list[Row]:
    """Rows of values that are no variation of the sound one."""
    return [Row(name, always(value), error, came, named) for name, (value, came) in values.items()]


class Subclass(np.ndarray):
    """An array of a class of somebody's own, which insists on being asked."""

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("the subclass was computed with")


class Offering:
    """Something of another library that can be asked for an array."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.array, dtype)


class Unwilling(Offering):
    """Something that refuses to be made an array of."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise ValueError("not now")


class Attached(Offering):
    """A tensor with a gradient to keep, which PyTorch does not let NumPy see."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("detach it first")


class Elsewhere(Offering):
    """A tensor on a device that NumPy does not see."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("move it first")


def read_only(v: Any) -> Any:
    v = v.copy()
    v.flags.writeable = False
    return v


def apart(v: Any) -> Any:
    """The same numbers with others between them."""
    wide = np.full([2 * size for size in v.shape], 77).astype(v.dtype)
    wide[tuple(slice(None, None, 2) for _ in v.shape)] = v
    return wide[tuple(slice(None, None, 2) for _ in v.shape)]


def backwards(v: Any) -> Any:
    """The same numbers, which lie in memory the other way round."""
    every = tuple(slice(None, None, -1) for _ in v.shape)
    return v[every].copy()[every]


def unaligned(v: Any) -> Any:
    """The same numbers at an odd address."""
    memory = np.zeros(v.nbytes + 1, np.uint8)[1:]
    moved = memory.view(v.dtype).reshape(v.shape)
    moved[...] = v
    return moved


def matrix(v: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy discourages it
        return np.asmatrix(v.copy())


# ---- arrays

#: What any array of numbers may be: the result is that of a plain copy, bit for bit.
TAKEN = [
    Row("read-only", read_only),
    Row("in-the-order-of-Fortran", np.asfortranarray),
    Row("with-gaps", apart),
    Row("backwards", backwards),
    Row("unaligned", unaligned),
    Row("big-endian", lambda v: v.astype(v.dtype.newbyteorder(">"))),
    Row("little-endian", lambda v: v.astype(v.dtype.newbyteorder("<"))),
    Row("subclass", lambda v: v.view(Subclass)),
    Row("list", lambda v: v.tolist()),
    Row("array-of-another-library", Offering),
]
#: In 2-D only: no matrix has another number of dimensions.
MATRIX = [Row("matrix", matrix)]
FLOATS = [
    Row("float16", lambda v: v.astype(np.float16)),
    Row("float32", lambda v: v.astype(np.float32)),
    Row("longdouble", lambda v: v.astype(np.longdouble)),
]
#: What no array of numbers is.
NO_NUMBERS = [
    Row("objects", lambda v: v.astype(object), TypeError, "object"),
    Row("strings", lambda v: v.astype(str), TypeError, "<U"),
    Row("bytes", lambda v: v.astype(bytes), TypeError, r"\|S"),
    Row("complex", lambda v: v + 0j, TypeError, "complex128"),
    Row("dates", lambda v: v.astype("datetime64[s]"), TypeError, "datetime64"),
    Row("durations", lambda v: v.astype("timedelta64[s]"), TypeError, "timedelta64"),
    Row("records", lambda v: np.zeros(v.shape, "f8, f8"), TypeError, "f1"),
    Row("None", always(None), TypeError, "object|NoneType"),
    Row("mapping", lambda v: {"x": v}, TypeError, "object|dict"),
    Row("generator", lambda v: (each for each in v), TypeError, "object|generator"),
    Row("ragged", always([[0.5, 0.5], [1.0]]), ValueError, "list"),
    Row("unwilling", Unwilling, ValueError, "Unwilling"),
    Row("attached", Attached, TypeError, "Attached: detach it first"),
    Row("elsewhere", Elsewhere, TypeError, "Elsewhere: move it first"),
    Row("masked", lambda v: np.ma.masked_array(v, np.arange(v.size).reshape(v.shape) == 0), TypeError, "masked array"),
    Row("nothing-masked", np.ma.masked_array, TypeError, "masked array"),
    Row("empty", lambda v: v[:0], ValueError, r"\(0,"),
]
NO_BOOLEANS = [Row("booleans", lambda v: v > 0, TypeError, "bool")]
EMPTY_LIST = [Row("empty-list", always([]), ValueError, r"\(0,\)")]
#: Infinities and nan go through as the page says, without a warning: they are held against a plain copy too.
NOT_FINITE = {"nan": np.nan, "infinite": np.inf, "minus-infinite": -np.inf}
UNBOUNDED = [Row(name, replaced(value)) for name, value in NOT_FINITE.items()]
FINITE = [Row(name, replaced(value), ValueError, str(value)) for name, value in NOT_FINITE.items()]

NO_ENTRIES = [Row("no-entries", lambda v: v[:, :0], ValueError, r"\(2, 0\)")]
BATCHES = [
    *NO_ENTRIES,
    Row("a-number", always(1.0), ValueError, r"\(\)|0 dimensions"),
    Row("three-axes", lambda v: v[None], ValueError, r"\(1, 2, 3\)"),
    Row("four-axes", lambda v: v[None, None], ValueError, r"\(1, 1, 2, 3\)"),
]
SHARES = [
    Row("above-one", replaced(1.5), ValueError, "1.5"),
    Row("just-above-one", replaced(1 + 2.0**-40), ValueError, "1.0000000000009"),
    Row("below-zero", replaced(-0.25), ValueError, "-0.25"),
    Row("just-below-zero", replaced(-5e-324), ValueError, "-5e-324"),
    *FINITE,
]
TARGETS = [
    Row("sum-above-one", replaced(0.25), ValueError, "1.25"),
    Row("sum-below-one", lambda v: v * 0.75, ValueError, "0.75"),
    Row("sum-of-zero", lambda v: v * 0, ValueError, "0.0"),
    Row("sum-a-little-off", lambda v: v * (1 - 2.0**-40), ValueError, "0.9999999999990"),
    Row("one-hot-booleans", lambda v: v > 0),
    Row("one-hot-integers", lambda v: v.astype(np.uint8)),
]
LABELS = [
    Row("label-too-large", always(np.array([0, 3])), ValueError, "got 3"),
    Row("label-much-too-large", always(np.array([0, 2**64 - 1], np.uint64)), ValueError, "got 18446744073709551615"),
    Row("label-negative", always(np.array([-1, 0])), ValueError, "got -1"),
    Row("labels-floats", always(np.array([2.0, 0.0])), TypeError, "float64"),
    Row("labels-booleans", always(np.array([True, False])), TypeError, "bool"),
    Row("labels-strings", always(np.array(["2", "0"])), TypeError, "<U"),
    Row("labels-nan", always(np.array([np.nan, 0])), TypeError, "float64"),
    Row("too-many-labels", always(np.array([0, 1, 2])), ValueError, r"\(3,\)"),
    Row("too-few-labels", always(np.array([0])), ValueError, r"\(1,\)"),
    Row("one-label-for-all", always(1), ValueError, r"\(\)"),
    Row("labels-in-a-column", always(np.array([[2], [0]])), ValueError, r"\(2, 1\)"),
]
NARROW_LABELS = [Row("small-labels", lambda v: v.astype(np.uint8)), Row("signed-labels", lambda v: v.astype(np.int8))]
ONE_HOT_LABELS = [Row("one-hot-for-labels", always(np.eye(3, dtype=int)[[2, 0]]), ValueError, r"\(2, 3\)")]

REAL = [*TAKEN, *FLOATS, *NO_NUMBERS, *NO_BOOLEANS, *EMPTY_LIST]
DISTRIBUTIONS = [*TAKEN, *MATRIX, *FLOATS, *NO_NUMBERS, *BATCHES, *SHARES, *TARGETS]

# ---- numbers, names, functions and what else is no array

NO_NUMBER = refused(
    TypeError,
    {
        "string": ("0.1", r"str|'0\.1'"),
        "None": (None, "None"),
        "bool": (True, "True|bool"),
        "bool-of-NumPy": (np.True_, "bool|True"),
        "complex": (0.1j, "complex|0.1j"),
        "array": (np.array([0.1]), r"ndarray|array\(\[0.1\]\)"),
        "list": ([0.1], r"list|\[0.1\]"),
    },
)
NOT_FINITE_NUMBERS = refused(ValueError, {"nan": (np.nan, "nan"), "infinite": (np.inf, "inf")})
SCALARS = [Row("float32", np.float32), Row("float64", np.float64)]
RATE = [
    *NO_NUMBER,
    *NOT_FINITE_NUMBERS,
    *refused(ValueError, {"zero": (0.0, "0"), "negative": (-0.1, "-0.1"), "huge": (10**400, "1000")}),
    Row("float64", np.float64),
]
NO_WHOLE_NUMBER = refused(
    TypeError,
    {
        "float": (2.0, "2.0"),
        "half": (2.5, "2.5"),
        "nan": (np.nan, "nan"),
        "string": ("3", "str|'3'"),
        "None": (None, "None"),
        "bool": (True, "True"),
        "bool-of-NumPy": (np.True_, "True"),
        "array": (np.array([3]), r"ndarray|array\(\[3\]\)"),
    },
)
NEGATIVE = refused(ValueError, {"negative": (-1, "-1")})
ZERO = refused(ValueError, {"zero": (0, "0")})
COUNT = [*NO_WHOLE_NUMBER, *NEGATIVE, Row("integer-of-NumPy", np.int16)]
FUNCTION = refused(TypeError, {"None": (None, "NoneType"), "number": (3.0, "float"), "name": ("square", "str")})
SWITCH = refused(
    TypeError, {"string": ("no", "'no'"), "None": (None, "None"), "number": (1, "1"), "list": ([], r"\[\]")}
)
MAPPING = [
    Row("list", lambda v: list(v.values()), TypeError, "list"),
    Row("None", always(None), TypeError, "NoneType"),
    Row("array", always(np.ones(4)), TypeError, "ndarray"),
    Row("name-missing", lambda v: {key: value for key, value in v.items() if key != "b1"}, ValueError, "W1, W2, b2"),
    Row("name-unknown", lambda v: {**v, "b3": np.zeros(3)}, ValueError, "b3"),
    Row("no-entries", always({}), ValueError, "none"),
]
GUARDS = {
    "unknown": "ceiling",
    "capital": "Floor",
    "None": None,
    "no-letters": "",
    "bool": True,
    "bytes": b"floor",
    "number": 0,
    "list": ["floor"],
}


def wrong_names(values: dict[str, Any], named: str = "") -> list[Row]:
    """What is none of the names there are: the message shows it as it came."""
    return [Row(name, always(value), ValueError, _quoted(value), named) for name, value in values.items()]


def _quoted(value: Any) -> str:
    return repr(value).replace("[", r"\[").replace("]", r"\]")


DELTA = [
    *NO_NUMBER,
    *NOT_FINITE_NUMBERS,
    *refused(ValueError, {"zero": (0.0, "0.0"), "one": (1.0, "1.0"), "integer-one": (1, "1"), "two": (2.0, "2.0")}),
    *refused(ValueError, {"minus-zero": (-0.0, "-0.0"), "negative": (-1e-8, "-1e-08"), "huge": (10**400, "1000")}),
    *SCALARS,
    Row("float16", lambda _sound: np.float16(0.25)),
]
GENERATOR = refused(
    TypeError,
    {
        "module": (np.random, "module"),
        "bool": (True, "bool"),
        "float": (1.0, "float"),
        "old-generator": (np.random.RandomState(0), "RandomState"),
    },
)
NO_FORMULA = [
    *wrong_names({"unknown": "mean", "capitals": "Softmax", "no-letters": ""}, "formula"),
    *refused(TypeError, {"None": (None, "NoneType"), "number": (3, "int"), "list": (["x"], "list")}, "formula"),
]

#: Seconds that something may take.
LIMIT = [
    *[row for row in NO_NUMBER if row.name != "array"],
    *NOT_FINITE_NUMBERS,
    *refused(ValueError, {"zero": (0, "0"), "negative": (-1.0, "-1.0"), "years": (1e10, "10000000000.0")}),
]

#: The hostile values of each kind of argument.
ROWS: dict[str, list[Row]] = {
    # arrays of the formulas of samples: two samples of three entries, or any shape
    "any": [
        *REAL,
        *MATRIX,
        *UNBOUNDED,
        Row("a-number", lambda v: float(v[0, 0])),
        Row("three-axes", lambda v: v[None]),
    ],
    # several of any shape, which must be alike
    "alike": [
        *REAL,
        *MATRIX,
        *UNBOUNDED,
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("three-axes", lambda v: v[None], ValueError, r"\(1, 2, 3\)"),
    ],
    "matrix": [*REAL, *MATRIX, *UNBOUNDED],
    "row": [*FLOATS, *NO_NUMBERS, *NO_BOOLEANS],
    "second_moment": [
        *(row for row in (*REAL, *MATRIX, *UNBOUNDED) if row.name != "minus-infinite"),
        Row("negative", lambda v: -1 - v, ValueError, r"-2\.0"),
    ],
    "shares": [
        *TAKEN,
        *MATRIX,
        *FLOATS,
        *NO_NUMBERS,
        *SHARES,
        *EMPTY_LIST,
        Row("booleans", lambda v: v > 0),
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("three-axes", lambda v: v[None], ValueError, r"\(1, 2, 3\)"),
    ],
    "signs": [
        *TAKEN,
        *FLOATS,
        *NO_NUMBERS,
        *NO_BOOLEANS,
        *EMPTY_LIST,
        *MATRIX,
        *FINITE,
        Row("no-sign", replaced(0.5), ValueError, "0.5"),
        Row("zero", replaced(0.0), ValueError, "0.0"),
        Row("small-integers", lambda v: v.astype(np.int8)),
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("three-axes", lambda v: v[None], ValueError, r"\(1, 2, 3\)"),
    ],
    "real": [*REAL, *MATRIX, *UNBOUNDED, *BATCHES],
    "logits": [*REAL, *MATRIX, *UNBOUNDED, *BATCHES],
    "probabilities": [*REAL, *MATRIX, *BATCHES, *SHARES],
    "targets": [*DISTRIBUTIONS, *EMPTY_LIST],
    "targets_or_labels": [*DISTRIBUTIONS, *LABELS],
    "labels": [*TAKEN, *NO_NUMBERS, *NO_BOOLEANS, *LABELS, *NARROW_LABELS, *ONE_HOT_LABELS],
    # options of cross-entropies
    "reduction": wrong_names(
        {"unknown": "average", "capital": "Mean", "None": None, "bytes": b"sum", "number": 1, "list": ["mean"]}
    ),
    "class_weights": [
        *FLOATS,
        *(row for row in NO_NUMBERS if row.name != "None"),
        *NO_BOOLEANS,
        *FINITE,
        Row("negative", replaced(-0.25), ValueError, "-0.25"),
        Row("too-long", lambda v: np.append(v, 1.0), ValueError, "each of the 3 classes; got 4"),
        Row("too-short", lambda v: v[:2], ValueError, "each of the 3 classes; got 2"),
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("two-axes", lambda v: v[None], ValueError, r"\(1, 3\)"),
    ],
    "ignore_index": [
        *(row for row in NO_WHOLE_NUMBER if row.name != "None"),
        *refused(ValueError, {"beyond-64-bits": (2**63, "9223372036854775808"), "far-below": (-(2**70), "-11805")}),
        Row("integer-of-NumPy", np.int16),
        Row("a-class", always(1)),
    ],
    "label_smoothing": [
        *NO_NUMBER,
        *NOT_FINITE_NUMBERS,
        *refused(
            ValueError, {"one": (1.0, "1.0"), "two": (2, "2"), "negative": (-0.1, "-0.1"), "huge": (10**400, "1000")}
        ),
        *SCALARS,
        Row("none-at-all", always(0.0)),
    ],
    # of networks, steps and differences
    "entry": [*REAL, *UNBOUNDED],
    "features": [
        *REAL,
        *MATRIX,
        *UNBOUNDED,
        *NO_ENTRIES,
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("one-sample", lambda v: v[0], ValueError, r"\(2,\)"),
        Row("three-axes", lambda v: v[None], ValueError, r"\(1, 2, 2\)"),
        Row("too-wide", lambda v: np.hstack([v, v]), ValueError, r"\(2, 4\)"),
        Row("too-narrow", lambda v: v[:, :1], ValueError, r"\(2, 1\)"),
    ],
    "point": [*REAL, *FINITE, Row("far-out", replaced(1e300), ValueError, "1e\\+300")],
    "parameters": [row for row in [*REAL, *FINITE] if row.name != "mapping"],  # which holds several arrays
    "gradient": [
        *TAKEN,
        *[row for row in NO_NUMBERS[:-1] if row.name != "None"],
        Row("None", always(None), ValueError, "NumPy has none of its own"),
        *NO_BOOLEANS,
        Row("too-long", lambda v: np.append(v, 0.0), ValueError, r"\(3,\)"),
        Row("a-number", always(2.0), ValueError, r"\(\)"),
        Row("a-row", lambda v: v[None], ValueError, r"\(1, 2\)"),
        *UNBOUNDED,
    ],
    "rows": [
        *TAKEN,
        *FLOATS,
        *NO_NUMBERS,
        *EMPTY_LIST,
        *UNBOUNDED,
        Row("booleans", lambda v: v > 0),
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("one-more", lambda v: np.concatenate([v, v[:1]]), ValueError, r"\(4"),
        Row("one-alone", lambda v: v[:1], ValueError, r"\(1"),
    ],
    # numbers
    "rate": RATE,
    "count": COUNT,
    "step_number": [*COUNT, *ZERO],
    "size": [*COUNT, *ZERO],
    "step": [
        *NO_NUMBER,
        *NOT_FINITE_NUMBERS,
        *refused(ValueError, {"zero": (0.0, "0.0"), "tiny": (1e-17, "1e-17"), "huge": (10**400, "1000")}),
        *SCALARS,
    ],
    "step-of-any-size": [
        *NO_NUMBER,
        *NOT_FINITE_NUMBERS,
        *refused(ValueError, {"zero": (0.0, "0.0"), "huge": (10**400, "1000")}),
        *SCALARS,
        Row("tiny", always(1e-17)),
    ],
    "deviation": [*NO_NUMBER, *NOT_FINITE_NUMBERS, *refused(ValueError, {"negative": (-0.1, "-0.1")}), *SCALARS],
    "delta": DELTA,
    "share": [
        *NO_NUMBER,
        *NOT_FINITE_NUMBERS,
        *refused(ValueError, {"negative": (-0.1, "-0.1"), "one": (1.0, "1.0")}),
        *SCALARS,
    ],
    "number": [*NO_NUMBER, *NOT_FINITE_NUMBERS, *SCALARS],
    "nonnegative": [*NO_NUMBER, *NOT_FINITE_NUMBERS, *refused(ValueError, {"negative": (-0.1, "-0.1")}), *SCALARS],
    "positive": [
        *NO_NUMBER,
        *NOT_FINITE_NUMBERS,
        *refused(ValueError, {"negative": (-0.1, "-0.1"), "zero": (0.0, "0.0")}),
        *SCALARS,
    ],
    "workers": [*NO_WHOLE_NUMBER, *ZERO, *refused(ValueError, {"minus-two": (-2, "-2")})],
    "timeout": LIMIT,
    "budget": [row for row in LIMIT if row.name != "None"],
    # choices, functions, mappings, generators
    "guard": wrong_names(GUARDS),
    "activation": wrong_names({"unknown": "softsign", "None": None, "list": ["relu"], "capital": "ReLU"}),
    "output": wrong_names({"unknown": "identity", "None": None, "list": ["linear"], "capital": "Linear"}),
    "settings": [
        *refused(TypeError, {"number": (3, "int 3"), "text": ("delta=1", "'delta=1'"), "numbered": ({3: 1.0}, "3")}),
        *refused(TypeError, {"none-of-it": ({"delta": 1.0}, "'delta'")}, "parameter"),
    ],
    "switch": SWITCH,
    "method": wrong_names({"unknown": "fast", "None": None, "list": ["plain"], "capital": "Plain"}),
    "convention": wrong_names({"unknown": "no such", "number": 3, "list": [], "capital": "Book"}),
    "dtype": wrong_names({"unknown": "float8", "integers": "int64", "complex": "complex128", "None": None, "list": []}),
    "array": wrong_names({"unknown": "cupy", "None": None, "list": ["numpy"], "capital": "NumPy"}),
    "differentiable": wrong_names({"unknown": "array_api_strict", "None": None, "list": ["numpy"], "capital": "NumPy"}),
    "formula": NO_FORMULA,
    "function": FUNCTION,
    "mapping": MAPPING,
    "generator-or-seed": [*GENERATOR, *NEGATIVE],
    "candidate": refused(NotJudged, {"None": (None, "None"), "number": (3, "3"), "list": ([len], "len")}, "function"),
    "names-in-order": [
        *refused(
            TypeError, {"text": ("x", "'x'"), "numbers": ([0], r"\[0\]"), "number": (3, "3"), "None": (None, "None")}
        ),
        *refused(ValueError, {"unknown": (["z"], "z"), "twice": (["x", "x"], "x, x")}),
    ],
    "entry-of-a-tuple": [row for row in NO_WHOLE_NUMBER if row.name != "None"],
    "samples": wrong_names({"unknown": "diagonals", "None": None, "list": ["rows"], "none-of-it": "columns"}),
    "steps": [*NO_WHOLE_NUMBER, *NEGATIVE, *refused(ValueError, {"of-no-step": (2, "sigmoid")})],
    "sizes": [
        *refused(TypeError, {"number": (3, "3"), "list": ([3], r"\[3\]"), "text": ({"entries": "many"}, "'many'")}),
        *refused(TypeError, {"float": ({"entries": 2.5}, "2.5"), "boolean": ({"entries": True}, "True")}),
        *refused(ValueError, {"zero": ({"entries": 0}, "0"), "negative": ({"entries": -2}, "-2")}),
        *refused(ValueError, {"no-axis-of-it": ({"K": 3}, "the axis K"), "huge": ({"entries": 10**12}, "too large")}),
    ],
    "text": refused(TypeError, {"number": (3, "int"), "bytes": (b"mine", "bytes"), "list": (["mine"], "list")}),
    "names": refused(TypeError, {"string": ("single samples", "'single samples'")}),
    "executor": refused(TypeError, {"number": (3, "3"), "name": ("threads", "'threads'")}),
    "tick": FUNCTION,
    "command": [
        *refused(TypeError, {"None": (None, "NoneType"), "number": (3, "int"), "bytes": (b"node", "bytes")}),
        *refused(ValueError, {"no-words": ([], r"\[\]"), "blank": ("  ", "'  '"), "mixed": (["node", 3], "3")}),
        *refused(ValueError, {"for-a-shell": ("a | b", r"\|"), "open-quote": ("node 'a", "node 'a")}),
    ],
    # of `exact`, which takes the numbers as they are, and what has a domain only if it is a real number
    "exact": [
        *TAKEN,
        *FLOATS,
        *MATRIX,
        *[row for row in NO_NUMBERS if row.name != "objects"],
        Row("some-object", lambda v: np.full(v.shape, None), TypeError, "object"),
        *NO_BOOLEANS,
        *[Row(row.name, row.spoil, ValueError, "nan or inf") for row in FINITE],
        Row("no-entries", lambda v: v[:, :0], ValueError, r"\(2, 0\)"),
        Row("a-number", always(1.0), ValueError, r"\(\)"),
        Row("three-axes", lambda v: v[None], ValueError, r"\(1, 2, 3\)"),
        Row("one-sample", lambda v: v[0], ValueError, r"\(3,\)"),
    ],
    "exact-labels": [
        *TAKEN,
        *[row for row in NO_NUMBERS if row.name != "objects"],
        *NO_BOOLEANS,
        Row("label-too-large", always([0, 3]), ValueError, "3"),
        Row("label-negative", always([-1, 0]), ValueError, "-1"),
        Row("labels-floats", always([2.0, 0.0]), TypeError, "float64"),
        Row("too-many-labels", always([0, 1, 2]), ValueError, r"\(3,\)"),
        Row("labels-in-a-column", always([[2], [0]]), ValueError, r"\(2, 1\)"),
    ],
    "exact-delta": [
        *NO_NUMBER,
        *NOT_FINITE_NUMBERS,
        *refused(ValueError, {"zero": (0.0, "0.0"), "negative": (-1.0, "-1.0")}),
    ],
}

ROWS["finite-features"] = [row for row in ROWS["features"] if row not in UNBOUNDED] + FINITE


def rows_of(kind: str, sound: Any) -> Iterator[Row]:
    """The rows that can be made of a sound value: what needs two axes only where there are two."""
    for row in ROWS[kind]:
        if row in MATRIX and np.ndim(sound) != 2:
            continue
        yield row
