"""What a formula is: plain frozen records, which the pages fill in and everything else reads.

A page holds one formula: its mathematics, its program, its laws, its conventions and its mistakes. The records here only
name those parts; they compute nothing and know nothing of the rest of the library.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:  # a candidate's process knows the arguments of a formula, and not its mathematics
    import sympy as sp

#: What the values of an argument mean, and so which values are worth trying.
Kind = Literal[
    "real",
    "positive",
    "signs",
    "unit_interval",
    "signed_unit_interval",
    "logits",
    "class_weights",
    "probabilities",
    "targets",
    "one_hot",
    "labels",
    "targets_or_labels",
    "weights",
    "features",
    "units",
    "point",
    "function",
    "convex_function",
    "rate",
    "count",
    "floats",
    "gradients",
    "second_moment",
    "first_moment",
    "step_number",
]

Program = Callable[..., Any]


@dataclass(frozen=True)
class Input:
    """One argument of a formula.

    Attributes:
        name: The argument's name in the program's signature.
        symbol: The SymPy `IndexedBase` that stands for it in the definition; a plain symbol for a number.
        kind: What its values mean, and so which are worth trying: the name of a module in `refmath.kinds`. Of `targets_or_labels` the
            number of dimensions decides which they are.
        axes: The sizes of its axes for a batch, e.g. `("N", "K")`; a single sample lacks the N.
            `("...",)` is any shape, and the definition is then written over the flattened entries.
        classes: The axis whose places labels count.
        arrays: Whether it is a mapping from names to arrays, of any names and shapes; the definition is then written over the entries of all
            of them in a row.
        masks: Whether some of its numbers may be −∞, which masks what they belong to.
        by_name: Whether it is handed over by its name, as an option of the formula, and not by its place.
        ignored: Of labels, the one that marks a sample which does not count; it need not be a class.
        mapping: The argument that it is an entry of, if the program takes several arrays in a mapping …
        key: … and its key there; the name is then, for instance, `params['W1']`.
    """

    name: str
    symbol: sp.IndexedBase | sp.Symbol
    kind: Kind
    axes: tuple[str, ...]
    mapping: str = ""
    key: str = ""
    classes: str = "K"
    arrays: bool = False
    masks: bool = False
    by_name: bool = False
    ignored: int | None = None

    def __getitem__(self, indices: Any) -> Any:
        """The entry at some indices, in a definition."""
        if self.is_number or not self.axes:
            raise TypeError(f"{self.name} is one number: it has no indices")
        given = indices if isinstance(indices, tuple) else (indices,)
        if len(given) != len(self.axes):
            axes = f"{len(self.axes)} {'axis' if len(self.axes) == 1 else 'axes'}, {', '.join(self.axes)}"
            raise ValueError(f"{self.name} has {axes}; got the indices {', '.join(map(str, given))}")
        return self.symbol[indices]

    if TYPE_CHECKING:  # an argument without axes stands for its number

        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...

    def _sympy_(self) -> Any:
        """What stands for it in a definition: for SymPy, which asks for this."""
        if self.axes:
            raise TypeError(f"{self.name} is an array: give it an index for each of its axes {', '.join(self.axes)}")
        return self.symbol

    @property
    def is_function(self) -> bool:
        """Whether it is a function of an array."""
        return self.kind in ("function", "convex_function")

    @property
    def is_number(self) -> bool:
        """Whether it is one number, which is handed over as a plain one."""
        return self.kind == "rate" or self.is_whole_number

    @property
    def is_whole_number(self) -> bool:
        """Whether it is one whole number, which no rounding touches."""
        return self.kind in ("count", "step_number")


def _of_number(operator: str) -> Callable[..., Any]:
    """An operator of Python's for an argument without axes, which stands for its number."""
    return lambda self, *others: getattr(self._sympy_(), operator)(*others)


for _operator in (
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "pow",
    "rpow",
    "neg",
    "abs",
    "lt",
    "le",
    "gt",
    "ge",
):
    setattr(Input, f"__{_operator}__", _of_number(f"__{_operator}__"))


#: In place of a program, where there is none.
NO_PROGRAM: Any = None


@dataclass(frozen=True)
class Equal:
    """Two sides that a law claims to be equal."""

    left: Any
    right: Any


@dataclass(frozen=True)
class AtLeast:
    """Two sides of which a law claims that the left is at least the right."""

    left: Any
    right: Any


Relation = Equal | AtLeast
#: What a law yields.
Claims: TypeAlias = Iterable[Relation]


@dataclass(frozen=True)
class Law:
    """A sentence that every right implementation obeys.

    Attributes:
        name: A clause, e.g. `is_never_negative`.
        text: The sentence in plain language.
        relations: Called with an implementation and the formula's inputs; yields what must hold between their values. The
            inputs arrive as arrays of balls (exact numbers), the values come back as balls as wide as the
            acceptance interval, so a law is written without any tolerance.
        defining: Whether it is one of the laws that no mistake of the page obeys all of.
    """

    name: str
    text: str
    relations: Callable[..., Iterable[Relation]]
    defining: bool = False


@dataclass(frozen=True)
class Mistake:
    """A wrong program that people really write, and the law that catches it.

    Attributes:
        name: A noun or clause, e.g. `mean_over_entries`.
        text: What is wrong, in a sentence for whoever wrote it.
        program: The wrong program …
        caught_by: The name of a law that it breaks.
        variants: Settings of the program's keyword-only parameters: the same mistake with other constants.
        definition: … or, where nothing else is wrong than the mathematics, these, in the symbols of the page's definition …
        operator: … or what makes these of the page's definition: the name of a change in `refmath/mistakes/`; `× N/K`, a factor of the whole, in
            the sizes of the axes; `t → 1 - t`, what is taken for the entries of an argument. ` in batches` or
            ` in single samples` behind it: nothing is wrong with the others.
    """

    name: str
    text: str
    program: Program
    caught_by: str
    variants: tuple[Mapping[str, Any], ...] = ()
    definition: sp.Expr | None = None
    operator: str = ""


@dataclass(frozen=True)
class Part:
    """One entry of an answer that is a mapping: its key, its definition, and the definition's free indices with their axes."""

    key: str
    definition: sp.Expr
    output: tuple[tuple[sp.Symbol, str], ...]


@dataclass(frozen=True)
class Meaning:
    """What a formula means where several of its parameters choose together.

    Attributes:
        definition: The mathematics; of an answer in parts that of the first …
        parts: … and these are all.
        inputs: The arguments, where one of them is of another kind than usual.
    """

    definition: sp.Expr
    parts: tuple[Part, ...] = ()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Form:
    """How honest programs evaluate a formula where they do not follow the definition as it is written.

    It equals the definition for all numbers, but is rounded elsewhere: how far an honest answer may be off is told from the forms.

    Attributes:
        name: A noun, e.g. `shifted by the largest logit`.
        definition: The mathematics, in the symbols of the page's definition. Of an answer of several arrays a mapping by their names; those it does not name are as
            they are defined.
        source: A published program that evaluates it.
    """

    name: str
    definition: sp.Expr | Mapping[str, sp.Expr]
    source: str


@dataclass(frozen=True)
class ByFormat:
    """A number that every number format has its own value of, such as the machine epsilon.

    Attributes:
        values: The value by the name of the format: float64, float32, float16 and bfloat16. Any other number type counts as float64.
    """

    values: Mapping[str, float]


#: A number that stands for a symbol of a definition.
Constant: TypeAlias = "float | sp.Rational | ByFormat"


@dataclass(frozen=True)
class Domain:
    """What a convention is defined on, if that is less than its page is defined on.

    Attributes:
        fewest_classes: The fewest classes, which are the places of the axis K.
        targets: `any` for all distributions, `one-hot` for those that are certain of one class. Labels are always certain.
        certain: The arguments between 0 and 1, by name, whose entries are 0 or 1 only.
    """

    fewest_classes: int = 1
    targets: Literal["any", "one-hot"] = "any"
    certain: tuple[str, ...] = ()


#: The domain of a page itself.
WHOLE = Domain()


#: What people read, and may type, for the name of a convention that JSON, vectors and old command lines have.
_SHOWN = {"seed": "chapter"}


def shown(convention: str) -> str:
    """The name of a convention as people read it.

    Examples:
        >>> shown("seed"), shown("pytorch")
        ('chapter', 'pytorch')
    """
    return _SHOWN.get(convention, convention)


def stored(convention: str) -> str:
    """The name of a convention as data have it, of one as people may type it.

    Examples:
        >>> stored("chapter"), stored("seed")
        ('seed', 'seed')
    """
    return next((name for name, read in _SHOWN.items() if read == convention), convention)


@dataclass(frozen=True)
class Convention:
    """Another meaning that the same name has somewhere.

    Attributes:
        name: Where it comes from: `seed`, `book`, `pytorch`, `keras`, `sklearn`, `scipy`.
        text: What differs, in plain language.
        source: Where that can be read.
        parameters: The settings of the page's own keyword-only parameters, if these express it.
        definition: Otherwise, the mathematics of its own …
        parts: … for an answer that is a mapping, entry by entry …
        program: … and the program of its own.
        forms: How honest programs evaluate that definition, where they do not follow it.
        constants: The numbers that stand for symbols of its own definition, by the name of the symbol; they may depend on the format.
        domain: What it is defined on.
        inputs: The arguments, where one of them is of another kind than usual.
    """

    name: str
    text: str
    source: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    definition: sp.Expr | None = None
    parts: tuple[Part, ...] = ()
    program: Program | None = None
    forms: tuple[Form, ...] = ()
    constants: Mapping[str, Constant] = field(default_factory=dict)
    domain: Domain = WHOLE
    inputs: tuple[Input, ...] = ()


#: Why an input has no ordinary value, in a sentence.
SPECIAL = {
    "nan": "nan in the input gives nan.",
    "infinity": "An infinite number in the input: the limit, where there is one.",
    "infinity_by_infinity": "∞/∞, 0/0 or ∞ − ∞: nan.",
    "impossible_target": "A target of probability zero costs infinity.",
    "beyond_range": "The value is beyond the range of the format.",
}


@dataclass(frozen=True)
class Special:
    """An input with nan or infinities, or with a value beyond the format, and what the page says becomes of it.

    Attributes:
        why: Why it has no ordinary value: a key of `SPECIAL`.
        inputs: The arguments of a call, by name.
        expected: The value, with exactly these numbers; nan in every entry, or in none.
    """

    why: str
    inputs: Mapping[str, Any]
    expected: Any


@dataclass(frozen=True)
class Options:
    """Keyword-only parameters that change what a formula is given, or gives: an array beside its arguments, the axes of its answer.

    Under other options than the defaults a formula is another formula, with arguments, a definition and a program of its own: a version of it.

    Attributes:
        defaults: The default of each option by name; None for an array that is not given.
        version: A formula under options, each of them valid. Of an array it is told the name with `GIVEN` as its value.
        read: Refuses what is no value of an option, by a `TypeError` or a `ValueError`; gives the options that are not at their defaults.
        tried: Options under which a candidate that takes them by name is tried, besides the defaults.
        texts: What each option means, in a sentence or two.
        encodings: Of a formula that takes its targets in either encoding, the names of what it is with labels and with arrays: versions are theirs.
    """

    defaults: Mapping[str, Any]
    version: Callable[[Formula, Mapping[str, Any]], Formula]
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    tried: tuple[Mapping[str, Any], ...]
    texts: Mapping[str, str]
    encodings: tuple[str, ...] = ()


#: In place of an array that is an option: it is given, whatever its numbers.
GIVEN = "given"


def options_in_words(chosen: Mapping[str, Any]) -> str:
    """Options in a few words, such as `reduction=none and class_weights`."""
    return " and ".join(name if value == GIVEN else f"{name}={value}" for name, value in chosen.items())


#: What `refmath.completion` finds out, unless it is given.
_FOUND_OUT: Any = None


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula: its mathematics, and what else is known of it. A page of the catalogue has all of it, one of your own the first three.

    Attributes:
        name: The name in the catalogue, which is the name of the program.
        definition: The mathematics, as a SymPy expression of the arguments' entries, the sizes of their axes, free indices and the
            numeric parameters. For an answer of several arrays, a mapping from their names to expressions.
        inputs: The arguments, in order, as `refmath.argument` declares them.
        parameters: The keyword-only parameters: those that `refmath.parameter` declares, or a mapping from names to defaults.
        output: The free indices of the definition, each with the axis it runs over; empty for a scalar, and for an answer in parts, each of which has its own. Without it they come in the order
            of the arguments' axes. It may also be given as the indices alone.
        display: The left-hand side of the display, as TeX.
        program: The NumPy program, if there is one.
        ulps: By how many units in the last place of float64 the program is off at most; None where no such bound is known.
        parts: For an answer that is a mapping, its entries; the definition is then that of the first.
        by_layers: Whether its values in balls are computed layer by layer, through products of matrices, as the definition would take too long.
        single_samples: Whether a single sample, which lacks the axis N, counts as a batch of one.
        range: The closed range that no exact value leaves, nor any honest rounding of one; None where there is none.
        choices: For a parameter that chooses between definitions: the definition for each of its values.
        meaning: Of several such parameters what all of them together mean, from their values by name. Those that have their defaults are not told to
            programs in other languages.
        forms: How honest programs evaluate the definition, where they do not follow it as it is written.
        derivative_of: The name of the formula whose derivative by its first argument this is.
        laws: The sentences every right implementation obeys.
        mistakes: Wrong programs that people write.
        conventions: What the same name means elsewhere.
        specials: Infinities and nan, in float64, with what becomes of them.
        reference: Where the formula stands in the literature; by default what the docstring of its program's module says after `**Reference.**`.
        tried: Numbers of a parameter, by its name, under which a candidate that takes it by name is tried besides its default.
        options: Keyword-only parameters that change the arguments or the answer; None if there are none.
        is_version: Whether it is what another formula is under options.
        settled: The options that a call of a version has, by name, but for arrays.

    Raises:
        TypeError: If something is not what it should be, such as a definition that is no expression.
        ValueError: If the definition does not fit the arguments; the message says which symbol or index it is.

    Examples:
        >>> import sympy as sp, refmath
        >>> N = refmath.sizes("N")
        >>> n = refmath.indices("n")
        >>> y, t = refmath.argument("y", "real", N), refmath.argument("t", "real", N)
        >>> tau = refmath.parameter("tau", 0.5)
        >>> pinball = refmath.Formula(
        ...     "pinball_loss",
        ...     sp.Sum(sp.Max(tau * (t[n] - y[n]), (tau - 1) * (t[n] - y[n])), (n, 0, N - 1)) / N,
        ...     inputs=(y, t),
        ...     parameters=(tau,),
        ... )
        >>> print(refmath.exact(pinball, [0.0, 3.0], [1.0, 1.0]).nearest())
        0.75
    """

    name: str
    definition: sp.Expr
    _: KW_ONLY
    inputs: tuple[Input, ...]
    parameters: Any = field(default_factory=dict)
    output: tuple[tuple[sp.Symbol, str], ...] = _FOUND_OUT
    display: str = ""
    program: Program = NO_PROGRAM
    ulps: float | None = None
    laws: tuple[Law, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    reference: str = ""
    parts: tuple[Part, ...] = ()
    by_layers: bool = False
    single_samples: bool = True
    range: tuple[float, float] | None = None
    choices: Mapping[str, Mapping[str, sp.Expr]] = field(default_factory=dict)
    meaning: Callable[..., Meaning] | None = None
    conventions: tuple[Convention, ...] = ()
    specials: tuple[Special, ...] = ()
    forms: tuple[Form, ...] = ()
    derivative_of: str | None = None
    tried: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    options: Options | None = None
    is_version: bool = False
    settled: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", self.reference or _reference_on_the_page_of(self.program))
        # A candidate's process gives what it knows: it has no mathematics to look at.
        if self.definition is None and self.output is _FOUND_OUT:
            raise TypeError(f"the definition of {self.name} must be a SymPy expression; got None")
        if self.definition is not None:
            from refmath.completion import completed

            for name, value in completed(self).items():
                found = (
                    tuple(each if isinstance(each, Part) else Part(*each) for each in value)
                    if name == "parts"
                    else value
                )
                object.__setattr__(self, name, found)

    @property
    def has_program(self) -> bool:
        """Whether there is a program; a formula of one's own needs none."""
        return self.program is not None

    @property
    def takes_function(self) -> bool:
        """Whether an argument is a function of an array."""
        return any(each.is_function for each in self.inputs)

    @property
    def is_written_out(self) -> bool:
        """Whether its definition is evaluated entry by entry, as it is written: not by layers, of no function, and of no mapping."""
        return not (self.by_layers or self.takes_function or any(each.arrays for each in self.inputs))

    @property
    def takes_samples(self) -> bool:
        """Whether its arrays are a sample or a batch, or of any shape, each a matter by itself."""
        return self.single_samples and not self.takes_function and not any(each.arrays for each in self.inputs)


@dataclass(frozen=True)
class Setting:
    """A formula under one choice of its conventions and parameters: one definition, and refmath's program for it.

    The constants and the domain are those of the convention. Under options it is a version of the formula, whose last inputs are the arrays among them. `chosen` are the values of the parameters that choose between definitions.
    """

    formula: Formula
    definition: sp.Expr
    program: Program
    parameters: Mapping[str, float]
    convention: str | None = None
    parts: tuple[Part, ...] = ()
    forms: tuple[Form, ...] = ()
    constants: Mapping[str, Constant] = field(default_factory=dict)
    domain: Domain = WHOLE
    arrays: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Any]:
        """The values of all parameters, but for a convention that has a definition of its own."""
        return {**self.parameters, **self.chosen}

    @property
    def others(self) -> dict[str, Any]:
        """The values of the parameters that are not the defaults; of none under a convention."""
        if self.convention is not None:
            return {}
        return {name: value for name, value in self.given.items() if value != self.formula.parameters[name]}

    @property
    def is_default(self) -> bool:
        """Whether it is the formula as its page has it, under no convention and no other parameters."""
        return self.convention is None and not self.others

    @property
    def range(self) -> tuple[float, float] | None:
        """The closed range that no exact value leaves: that of the page, for its own definition."""
        return self.formula.range if self.definition is self.formula.definition else None


def in_form(chosen: Setting, form: Form) -> Setting:
    """The same setting with the definition that one of its forms has.

    Raises:
        ValueError: If the form is of arrays that the answer does not have.
    """
    if not isinstance(form.definition, Mapping):
        return replace(chosen, definition=form.definition)
    keys = [part.key for part in chosen.parts]
    if unknown := set(form.definition) - set(keys):
        raise ValueError(
            f"the form {form.name!r} defines {', '.join(sorted(unknown))}; {chosen.formula.name} has {', '.join(keys) or 'one array as its answer'}"
        )
    parts = tuple(replace(part, definition=form.definition.get(part.key, part.definition)) for part in chosen.parts)
    return replace(chosen, definition=parts[0].definition, parts=parts)


def keyword_arguments(chosen: Setting) -> dict[str, Any]:
    """The keyword-only arguments under which the formula has this setting; none for a convention that has a definition of its own."""
    convention = next((each for each in chosen.formula.conventions if each.name == chosen.convention), None)
    if convention is not None and convention.definition is not None:
        return {}
    own = chosen.formula
    told = {**own.parameters, **own.settled, **(convention.parameters if convention else {}), **chosen.given}
    if chosen.formula.meaning is None:
        return told
    return {name: value for name, value in told.items() if value != chosen.formula.parameters[name]}


def varied(chosen: Setting, **others: Any) -> Setting:
    """The same with other values of some parameters."""
    return setting(chosen.formula, **{**chosen.given, **others}) if others else chosen


def packed(formula: Formula, inputs: Mapping[str, Any]) -> list[Any]:
    """The arguments of a call, from the inputs by name: entries of a mapping are put into it, in the order in which they come."""
    known = {each.name: each for each in formula.inputs}
    arguments: dict[str, Any] = {name: {} for name in argument_names(formula)}
    for name in inputs:
        if name in known and known[name].mapping:
            arguments[known[name].mapping][known[name].key] = inputs[name]
        elif name in known:
            arguments[name] = inputs[name]
    return list(arguments.values())


def call_of(formula: Formula, inputs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call from the inputs by name: those by place, and those by name, which are the options of a version."""
    arguments = packed(formula, inputs)
    named = {each.name: inputs[each.name] for each in formula.inputs if each.by_name}
    return arguments[: len(arguments) - len(named)], {**formula.settled, **named}


@functools.lru_cache(maxsize=128)
def by_place(formula: Formula) -> Formula:
    """A formula all of whose inputs are handed over by their places, and nothing besides: as programs of its mistakes are called."""
    if not formula.is_version:
        return formula
    return replace(formula, inputs=tuple(replace(each, by_name=False) for each in formula.inputs), settled={})


def settable_names(formula: Formula) -> list[str]:
    """The names of those that can be set for a judgement."""
    options = formula.options
    return [*formula.parameters, *(options.defaults if options and not options.encodings else ())]


def keyword_names(formula: Formula) -> list[str]:
    """The names of a formula's keyword-only arguments: its parameters, and its options."""
    return [*formula.parameters, *(formula.options.defaults if formula.options else ())]


def argument_names(formula: Formula) -> list[str]:
    """The names of the arguments of a call, in order."""
    return list(dict.fromkeys(each.mapping or each.name for each in formula.inputs))


def unpacked(formula: Formula, arguments: Sequence[Any]) -> dict[str, Any]:
    """The inputs by name, from the arguments of a call.

    Raises:
        TypeError: If there are too many or too few, or one is not the mapping it should be.
        ValueError: If a mapping has other keys.
    """
    names = argument_names(formula)
    if len(arguments) != len(names):
        raise TypeError(f"{formula.name} takes {len(names)} inputs ({', '.join(names)}); got {len(arguments)}")
    given = dict(zip(names, arguments, strict=True))
    for mapping in {each.mapping for each in formula.inputs if each.mapping}:
        keys = [each.key for each in formula.inputs if each.mapping == mapping]
        if not isinstance(given[mapping], Mapping):
            raise TypeError(
                f"{mapping} must be a mapping with the keys {', '.join(keys)}; got {type(given[mapping]).__name__}"
            )
        if set(given[mapping]) != set(keys):
            got = ", ".join(map(str, given[mapping])) or "none"
            raise ValueError(f"{mapping} must have the keys {', '.join(keys)}; got {got}")
    return {each.name: given[each.mapping][each.key] if each.mapping else given[each.name] for each in formula.inputs}


def is_single(formula: Formula, inputs: Mapping[str, Any]) -> bool:
    """Whether some inputs are a single sample, which lacks the axis N."""
    first = formula.inputs[0]
    return formula.single_samples and first.axes[:1] == ("N",) and np.ndim(inputs[first.name]) == len(first.axes) - 1


def shapes_of_parts(formula: Formula, inputs: Mapping[str, Any], parts: Sequence[Part]) -> dict[str, tuple[int, ...]]:
    """The shape of each entry of an answer that is a mapping, by its key; a scalar has none.

    Args:
        formula: The formula.
        inputs: The inputs by name.
        parts: The entries, which are those of the formula or of a convention.
    """
    first = formula.inputs[0]
    if first.axes == ("...",):
        return {part.key: np.shape(inputs[first.name]) if part.output else () for part in parts}
    lacking = ["N"] if is_single(formula, inputs) else []
    sizes: dict[str, int] = {}
    for each in formula.inputs:
        if not each.is_function:
            axes = [axis for axis in each.axes if axis not in lacking]
            sizes.update(zip(axes, np.shape(inputs[each.name]), strict=False))
    return {part.key: tuple(sizes[axis] for _, axis in part.output if axis not in lacking) for part in parts}


def places_of_parts(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, slice]:
    """Where the entries of each part are in a flat answer, in which the parts come one after the other.

    Args:
        shapes: The shapes of the parts by key, in order.
    """
    ends = itertools.accumulate(math.prod(shape) for shape in shapes.values())
    return {key: slice(end - math.prod(shape), end) for (key, shape), end in zip(shapes.items(), ends, strict=True)}


def are_labels(formula: Formula, inputs: Mapping[str, Any], each: Input) -> bool:
    """Whether an argument holds labels: of two encodings, those have one dimension fewer."""
    if each.kind != "targets_or_labels":
        return each.kind == "labels"
    return np.ndim(inputs[each.name]) == len(each.axes) - is_single(formula, inputs) - 1


def law(relations: Callable[..., Iterable[Relation]], text: str = "") -> Law:
    """The law that a function states: its name is the function's.

    Args:
        relations: Called with an implementation and the formula's inputs; yields `Equal` and `AtLeast` between their values.
        text: The sentence; by default the first line of the function's docstring.
    """
    return Law(relations.__name__, text or _first_line(relations), relations)


def defining(relations: Callable[..., Iterable[Relation]], text: str = "") -> Law:
    """One of the laws that say what the function is: no mistake of the page obeys all of them.

    Args:
        relations: As of `law`.
        text: As of `law`.
    """
    return Law(relations.__name__, text or _first_line(relations), relations, defining=True)


def mistake(
    program: Program,
    name: str = "",
    text: str = "",
    *,
    caught_by: Callable[..., Iterable[Relation]],
    variants: tuple[Mapping[str, Any], ...] | Mapping[str, Iterable[Any]] = (),
) -> Mistake:
    """The mistake that a function makes.

    Args:
        program: The wrong program.
        name: A noun or clause; by default the function's name.
        text: What is wrong, in a sentence; by default the first line of the function's docstring.
        caught_by: A law that it breaks.
        variants: Settings of its keyword-only parameters: the same mistake with other constants. A mapping from parameters to their other
            values sets one of them at a time: `{"h": (1e-3, 1e-5)}` is `({"h": 1e-3}, {"h": 1e-5})`.
    """
    if isinstance(variants, Mapping):
        variants = tuple({constant: value} for constant, values in variants.items() for value in values)
    return Mistake(name or program.__name__, text or _first_line(program), program, caught_by.__name__, variants)


def misdefined(name: str, text: str, definition: sp.Expr, *, caught_by: Callable[..., Iterable[Relation]]) -> Mistake:
    """The mistake of taking another definition.

    Args:
        name: A noun or clause.
        text: What is wrong, in a sentence.
        definition: The wrong definition, in the symbols of the page's own.
        caught_by: A law that it breaks.
    """
    return Mistake(name, text, NO_PROGRAM, caught_by.__name__, definition=definition)


def setting(formula: Formula, convention: str | None = None, **parameters: Any) -> Setting:
    """A formula under a named convention, or under given parameters.

    Raises:
        ValueError: For a convention or a parameter value that the page does not have.
        TypeError: For a parameter that the formula does not have, one that is not a number, or one beside a convention.
    """
    if convention is None:
        version, others, arrays = _version(formula, parameters)
        _require_parameters(formula, others)
        return replace(_with_parameters(version, None, others), arrays=arrays)
    if parameters:
        raise TypeError(
            f"the convention {convention!r} settles the parameters of {formula.name}; got {sorted(parameters)} too"
        )
    for known in formula.conventions:
        if known.name in (convention, stored(convention)):
            convention = known.name
            if known.definition is None:
                return replace(_with_parameters(formula, convention, known.parameters), domain=known.domain)
            program = known.program or formula.program
            meant = _with_inputs(formula, known.inputs or formula.inputs)
            chosen = Setting(meant, known.definition, program, {}, convention, known.parts, known.forms)
            return replace(chosen, constants=known.constants, domain=known.domain)
    names = ", ".join(shown(known.name) for known in formula.conventions) or "none"
    raise ValueError(f"{formula.name} has no convention {convention!r}; it has: {names}")


def _of(options: Options, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name in options.defaults}


def _version(formula: Formula, given: Mapping[str, Any]) -> tuple[Formula, dict[str, Any], dict[str, Any]]:
    """A formula under the options among some parameters, the other parameters, and the arrays among the options."""
    if formula.options is None:
        return formula, dict(given), {}
    chosen = formula.options.read(_of(formula.options, given))
    others = {name: value for name, value in given.items() if name not in formula.options.defaults}
    if not chosen:
        return formula, others, {}
    if formula.options.encodings:
        labels, targets = formula.options.encodings
        raise ValueError(
            f"{', '.join(chosen)} cannot be set for {formula.name}, as it depends on the encoding of the targets what that means; "
            f"set it for {labels} or {targets}"
        )
    told = {name: GIVEN if np.ndim(value) else value for name, value in chosen.items()}
    version = formula.options.version(formula, told)
    return version, others, {name: value for name, value in chosen.items() if np.ndim(value)}


def _require_parameters(formula: Formula, given: Iterable[str]) -> None:
    for name in given:
        if name not in formula.parameters:
            known = ", ".join(keyword_names(formula)) or "none"
            raise TypeError(f"{formula.name} has no parameter {name!r}; it has: {known}")


def _with_parameters(formula: Formula, convention: str | None, given: Mapping[str, Any]) -> Setting:
    settings = {**formula.parameters, **given}
    definition = formula.definition
    for name, definitions in formula.choices.items():
        if settings[name] not in list(definitions):  # a list, because what was given may not be hashable
            raise ValueError(
                f"{name} of {formula.name} must be one of {', '.join(definitions)}; got {settings[name]!r}"
            )
        definition = definitions[settings[name]]
    chosen = {name: settings[name] for name in formula.choices}
    parts = formula.parts
    if formula.meaning is not None:
        definition = formula.definition
        if any(value != formula.parameters[name] for name, value in chosen.items()):
            meant = formula.meaning(**chosen)
            definition, parts = meant.definition, meant.parts
            formula = _with_inputs(formula, meant.inputs or formula.inputs)
    numbers: dict[str, float] = {}
    for name, value in settings.items():
        if name in formula.choices:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            raise TypeError(f"{name} of {formula.name} must be a real number; got {value!r}")
        symbol = _symbol_named(name, definition, *(part.definition for part in parts))
        if reason := _no_value_of(symbol, value):
            raise ValueError(f"{name} of {formula.name} must be {reason}; got {value!r}")
        numbers[name] = value if isinstance(value, int) else float(value)
    # The forms of a page are those of its own definition.
    forms = formula.forms if definition is formula.definition else ()
    program = formula.program
    if formula.has_program and settings != dict(formula.parameters):
        program = functools.partial(program, **settings)
    return Setting(formula, definition, program, numbers, convention, parts, forms, chosen=chosen)


@functools.lru_cache(maxsize=64)
def _with_inputs(formula: Formula, inputs: tuple[Input, ...]) -> Formula:
    """The formula with arguments of other kinds; the same one each time."""
    return formula if inputs == formula.inputs else replace(formula, inputs=inputs)


@functools.lru_cache(maxsize=1024)
def _symbol_named(name: str, *definitions: sp.Expr) -> sp.Symbol | None:
    """The symbol of a parameter, if it occurs in one of some definitions."""
    symbols = (symbol for definition in definitions for symbol in getattr(definition, "free_symbols", ()))
    return next((symbol for symbol in symbols if getattr(symbol, "name", None) == name), None)


def _no_value_of(symbol: sp.Symbol | None, value: Any) -> str:
    """What a number would have to be to stand for a symbol, if it cannot: positive, unless the symbol says otherwise."""
    if symbol is None or symbol.is_positive:
        return "" if 0 < value < math.inf else "positive and finite"
    if symbol.is_nonnegative:
        return "" if 0 <= value < math.inf else "finite and not negative"
    return "" if math.isfinite(value) else "finite"


def _reference_on_the_page_of(program: Program) -> str:
    page = sys.modules.get(getattr(program, "__module__", ""))
    _, _, told = ((page and page.__doc__) or "").partition("**Reference.** ")
    return " ".join(told.split("\n\n")[0].split()).replace("*", "").rstrip(".")


def _first_line(function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function)
    if not text:
        raise ValueError(f"{function.__name__} has no docstring; its first line is the sentence that readers see")
    return text.splitlines()[0]
