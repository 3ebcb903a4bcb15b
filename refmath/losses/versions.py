"""The mathematics of the cross-entropies under their options, which `refmath.losses.options` describes: each choice of options is a version of the page."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import sympy as sp

from refmath.losses.options import OF_LABELS, OF_TARGETS, TEXTS, read
from refmath.spec import GIVEN, NO_PROGRAM, Form, Formula, Input, Mistake, Options
from refmath.symbols import K, N, i, j, k, n

w = sp.IndexedBase("class_weights", shape=(K,), real=True)
epsilon = sp.Symbol("label_smoothing", positive=True)

#: The probability of a class of a sample, in the symbols of a page.
OfClass = Callable[[Any, Any], sp.Expr]
#: What a class of a sample costs, as often as it counts: the count comes first.
Cost = Callable[[sp.Expr, Any, Any], sp.Expr]
#: The slope of the loss by an entry, from how much the entry's class counts and what that is divided by.
Slope = Callable[[Any, Any, sp.Expr, sp.Expr], sp.Expr]


@dataclass(frozen=True)
class Terms:
    """The parts of a cross-entropy's mathematics under some options.

    Attributes:
        chosen: The options, as `Options.version` is told them.
        labels: The symbol of the labels; None where there are targets …
        targets: … and theirs.
        divided_by: What the sum is divided by instead, in a mistake.
        spread: What smoothing does otherwise, in a mistake: it spreads over the `others` but the label, or by the weight of the `label`.
    """

    chosen: Mapping[str, Any]
    labels: Any = None
    targets: Any = None
    divided_by: sp.Expr | None = None
    spread: Literal["evenly", "others", "label"] = "evenly"

    @property
    def is_mean(self) -> bool:
        """Whether the samples' losses are averaged."""
        return bool(self.chosen.get("reduction", "mean") == "mean")

    @property
    def is_scalar(self) -> bool:
        """Whether they are averaged or added up."""
        return bool(self.chosen.get("reduction", "mean") != "none")

    def loss(self, cost: Cost) -> sp.Expr:
        """The loss, from what each class of a sample costs."""
        if self.targets is not None:
            row = cost(self.share(n, k), n, k)
            if not self.is_scalar:
                return sp.Sum(row, (k, 0, K - 1))
            return sp.Sum(row, (k, 0, K - 1), (n, 0, N - 1)) / self.divisor()
        label = self.labels[n]
        row = cost(self._weight(label), n, label)
        if self.smooths:
            weight = self._weight(label if self.spread == "label" else k)
            over_all = sp.Sum(cost(weight, n, k), (k, 0, K - 1))
            others = epsilon * (over_all - row) / (K - 1)
            row = (1 - epsilon) * row + (others if self.spread == "others" else epsilon / K * over_all)
        row = self._counted(row, n)
        return sp.Sum(row, (n, 0, N - 1)) / self.divisor() if self.is_scalar else row

    def gradient(self, slope: Slope) -> sp.Expr:
        """The gradient by the probabilities."""
        return self._counted(slope(i, j, self.share(i, j), self.divisor()), i)

    def softmax_gradient(self, probability: OfClass) -> sp.Expr:
        """The gradient by the logits: the probability of each class, as often as its sample counts, less how much the class counts."""
        sums_up = self.targets is not None or (self.smooths and self._weighs)
        count = sp.Sum(self.share(i, k), (k, 0, K - 1)) if sums_up else self._weight(self.labels[i])
        divisor = self.divisor()
        return self._counted(probability(i, j) * count / divisor - self.share(i, j) / divisor, i)

    def share(self, sample: Any, entry: Any) -> sp.Expr:
        """How much a class of a sample counts."""
        target = sp.KroneckerDelta(entry, self.labels[sample]) if self.targets is None else self.targets[sample, entry]
        if self.smooths:
            over_others = epsilon * (1 - target) / (K - 1)
            target = (1 - epsilon) * target + (over_others if self.spread == "others" else epsilon / K)
        return self._weight(self.labels[sample] if self.spread == "label" else entry) * target

    def divisor(self) -> sp.Expr:
        """What the sum over the samples is divided by."""
        if not self.is_mean:
            return sp.Integer(1)
        if self.divided_by is not None:
            return self.divided_by
        if self.targets is not None or not (self._weighs or "ignore_index" in self.chosen):
            return N
        return sp.Sum(self._counted(self._weight(self.labels[n]), n), (n, 0, N - 1))

    @property
    def smooths(self) -> bool:
        """Whether targets are smoothed."""
        return "label_smoothing" in self.chosen

    @property
    def _weighs(self) -> bool:
        return "class_weights" in self.chosen

    def _weight(self, entry: Any) -> sp.Expr:
        return w[entry] if self._weighs else sp.Integer(1)

    def _counted(self, expr: sp.Expr, sample: Any) -> sp.Expr:
        """0 for a sample that is ignored."""
        if "ignore_index" not in self.chosen:
            return expr
        return sp.Piecewise((0, sp.Eq(self.labels[sample], int(self.chosen["ignore_index"]))), (expr, True))


@dataclass(frozen=True)
class Written:
    """How a page's mathematics is written from the terms.

    Attributes:
        definition: The mathematics …
        forms: … and how honest programs evaluate it, in the order of the page's own forms.
        guards: The mathematics by the value of the guard, on pages that have one.
    """

    definition: Callable[[Terms], sp.Expr]
    forms: tuple[Callable[[Terms], sp.Expr], ...] = ()
    guards: Mapping[str, Callable[[Terms], sp.Expr]] | None = None


def options_of(second: Any, written: Written, *, are_labels: bool) -> Options:
    """The options of a cross-entropy.

    Args:
        second: The symbol of its labels, or of its targets.
        written: How its mathematics is written.
        are_labels: Which of the two it has.
    """
    defaults = OF_LABELS if are_labels else OF_TARGETS

    @functools.lru_cache(maxsize=128)
    def version(page: Formula, chosen: tuple[tuple[str, Any], ...]) -> Formula:
        return _version(page, dict(chosen), second, written, are_labels=are_labels)

    return Options(
        defaults,
        lambda page, chosen: version(page, tuple(sorted(chosen.items()))),
        functools.partial(read, defaults),
        tuple(_tried(defaults)),
        {name: TEXTS[name] for name in defaults},
    )


def options_of_either(labels: str, targets: str) -> Options:
    """The options of a cross-entropy that takes targets in either encoding, from the names of what it is in each."""

    def no_version(page: Formula, _chosen: Mapping[str, Any]) -> Formula:
        raise LookupError(f"the versions of {page.name} are those of {labels} and of {targets}")

    return Options(OF_LABELS, no_version, functools.partial(read, OF_LABELS), (), TEXTS, (labels, targets))


def _version(page: Formula, chosen: Mapping[str, Any], second: Any, written: Written, *, are_labels: bool) -> Formula:
    terms = Terms(chosen, **{"labels" if are_labels else "targets": second})
    # What is spread over all classes is infinite if one has no probability.
    masks = not terms.smooths
    inputs = [replace(each, masks=each.masks and masks) for each in page.inputs]
    inputs = [replace(each, ignored=chosen.get("ignore_index")) if each.kind == "labels" else each for each in inputs]
    arrays = [name for name, value in chosen.items() if value == GIVEN]
    inputs += [Input(name, w, "class_weights", ("K",), by_name=True) for name in arrays]
    settled = {name: value for name, value in chosen.items() if value != GIVEN}
    smoothing = {"label_smoothing": chosen["label_smoothing"]} if "label_smoothing" in chosen else {}

    def program(*given: Any, **parameters: Any) -> Any:
        count = len(given) - len(arrays)
        return page.program(
            *given[:count], **{**settled, **dict(zip(arrays, given[count:], strict=True)), **parameters}
        )

    guards = {} if written.guards is None else {name: of(terms) for name, of in written.guards.items()}
    definition = guards.get(page.parameters.get("guard", ""), written.definition(terms))
    is_loss = not page.output
    defaults = OF_LABELS if are_labels else OF_TARGETS
    mistakes = tuple(
        Mistake(
            f"{name}_ignored", f"Nothing becomes of {name}.", functools.partial(program, **{name: defaults[name]}), ""
        )
        for name in chosen
    )
    mistakes += tuple(_mistakes(terms, definition, written.definition))
    ignored = chosen.get("ignore_index", 0)
    if ignored < 0:
        rest = {name: value for name, value in settled.items() if name != "ignore_index"}

        def counted(*given: Any, **parameters: Any) -> Any:
            options = {**rest, **dict(zip(arrays, given[2:], strict=True)), **parameters}
            return page.program(given[0], np.where(given[1] == ignored, 0, given[1]), **options)

        text = "Samples that are to be ignored are counted as samples of the first class."
        mistakes += (Mistake("ignored_as_the_first_class", text, counted, ""),)
    return replace(
        page,
        definition=definition,
        inputs=tuple(inputs),
        parameters={**page.parameters, **smoothing},
        output=((n, "N"),) if is_loss and not terms.is_scalar else page.output,
        program=program,
        choices={"guard": guards} if guards else {},
        forms=tuple(
            Form(form.name, of(terms), form.source) for form, of in zip(page.forms, written.forms, strict=True)
        ),
        laws=(),
        mistakes=mistakes,
        conventions=(),
        specials=(),
        derivative_of=None,
        options=None,
        is_version=True,
        settled=settled,
    )


def _mistakes(terms: Terms, right: sp.Expr, written: Callable[[Terms], sp.Expr]) -> Iterator[Mistake]:
    """What people get wrong about options: the sum is divided by something else, the label gets nothing of what is spread."""
    found: dict[str, tuple[str, Terms]] = {}
    if terms.is_mean:
        counted = replace(terms, chosen={name: value for name, value in terms.chosen.items() if name == "ignore_index"})
        weights = terms.divisor() if terms.targets is None else sp.Sum(terms.share(n, k), (k, 0, K - 1), (n, 0, N - 1))
        for name, what, by in (
            ("divided_by_all_samples", "the number of all samples", N),
            ("divided_by_the_samples_that_count", "the number of the samples that count", counted.divisor()),
            ("divided_by_the_weights", "the sum of the samples' weights", weights),
        ):
            found[name] = f"The sum is divided by {what}.", replace(terms, divided_by=by)
    if "label_smoothing" in terms.chosen:
        found["spread_over_the_others"] = (
            "The smoothing is spread over the K − 1 other classes, not over all K.",
            replace(terms, spread="others"),
        )
    if {"label_smoothing", "class_weights"} <= terms.chosen.keys() and terms.targets is None:
        found["spread_by_the_labels_weight"] = (
            "What the smoothing spreads is multiplied by the weight of the label, not of each class.",
            replace(terms, spread="label"),
        )
    known = {right}
    for name, (text, wrong) in found.items():
        made = written(wrong)
        if made not in known:
            known.add(made)
            yield Mistake(name, text, NO_PROGRAM, "", definition=made)


#: What is tried of each option: a reduction, the array, a label that is no class and two that are, two shares.
_VALUES: Mapping[str, tuple[Any, ...]] = {
    "reduction": ("sum", "none"),
    "class_weights": (GIVEN,),
    "ignore_index": (-100, 0, 1),
    "label_smoothing": (0.125, 0.3),
}


def _tried(defaults: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each value of each option by itself, each option with each other one, any two with every reduction, and all together, of the first values and of the last."""
    for name in defaults:
        yield from ({name: value} for value in _VALUES[name])
    others = [name for name in defaults if name != "reduction"]
    for name, reduction in itertools.product(others, _VALUES["reduction"]):
        yield {"reduction": reduction, name: _VALUES[name][0]}
    pairs = list(itertools.combinations(others, 2))
    yield from ({name: _VALUES[name][0] for name in pair} for pair in pairs)
    for pair, (place, reduction) in itertools.product(pairs, enumerate(_VALUES["reduction"])):
        yield {"reduction": reduction, **{name: _VALUES[name][-place] for name in pair}}
    if len(others) > 2:
        yield from ({name: _VALUES[name][place] for name in others} for place in (0, -1))
        yield {name: _VALUES[name][-1] for name in defaults}
