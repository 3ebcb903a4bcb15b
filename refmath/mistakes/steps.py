"""Mistakes with steps of optimisers: the old state is used, a running mean is a sum or the other way round, the step is counted wrongly."""

from __future__ import annotations

import sympy as sp

from refmath.mistakes.change import Given, replaced, shown, substituted
from refmath.mistakes.terms import Found
from refmath.symbols import Joint


def steps(given: Given) -> Found:
    """Definitions of a new state, and what is done with it, with a mistake in them."""
    yield from _counted(given)
    yield from replaced(given.definition, lambda node: _mean(node, given))
    if isinstance(given.definition, Joint):
        yield from _old(given)
        yield from _of_the_way(given)


def _counted(given: Given) -> Found:
    """The number of the step is off by one, or what makes up for the first steps is missing."""
    for each in given.formula.inputs:
        if each.kind != "step_number":
            continue
        t = each.symbol
        for shift, told in ((-1, "from 0, not from 1"), (1, "from 2, not from 1")):
            text = f"The steps are counted {told}: {t} {'+' if shift > 0 else '−'} 1 instead of {t}."
            yield "step_off_by_one", text, 1, substituted(given.definition, {t: t + shift})
        corrections = {
            node: sp.Integer(1)
            for node in sp.preorder_traversal(given.definition)
            if isinstance(node, sp.Add) and node.has(t) and not node.atoms(sp.Indexed)
        }
        for node in corrections if len(corrections) > 1 else ():
            told = f"One correction is missing, that by {shown(node)}."
            yield "one_bias_correction_missing", told, 1, substituted(given.definition, {node: sp.Integer(1)})
        if corrections:
            first = {node: node.subs(t, 1) for node in corrections}
            told = "The corrections are those of the first step, 1 − β instead of 1 − βᵗ, in every step."
            yield "corrected_as_in_the_first_step", told, 1, substituted(given.definition, first)
        if len(corrections) == 2:
            one, other = corrections
            told = "The corrections have changed places: that of the mean divides the squares, and the other way round."
            yield "bias_corrections_swapped", told, 1, substituted(given.definition, {one: other, other: one})
            for kept, lost in ((one, other), (other, one)):
                told = f"One correction stands in both places: {shown(kept)}, where {shown(lost)} is meant too."
                yield "one_bias_correction_for_both", told, 1, substituted(given.definition, {lost: kept})
        if corrections:
            told = "Nothing makes up for the means that begin at 0: the corrections are missing."
            yield "bias_correction_missing", told, 0, substituted(given.definition, corrections)


def _of_the_way(given: Given) -> Found:
    """The parameters go the other way; they decay when the step has been taken, not before."""
    first, (place, *_) = given.formula.inputs[0], given.formula.parts
    if place.key != first.name:
        return
    w = first.symbol[tuple(index for index, _ in place.output)]
    definition, *others = given.definition.args
    told = f"The step is taken uphill: it is added to {w.base.label} where it is subtracted, or the other way round."
    yield "step_of_the_wrong_sign", told, 0, Joint(sp.expand(2 * w) - definition, *others)
    for term in sp.Add.make_args(definition):
        kept = term / w
        if kept != 1 and kept != term and not kept.has(sp.Indexed):
            told = "The decay comes after the step: what the step has changed decays too."
            yield "decay_after_the_step", told, 1, Joint(kept * (definition - term + w), *others)


def _mean(node: sp.Basic, given: Given) -> Found:
    """A term without a share that is kept gets its complement, or loses it."""
    if not isinstance(node, sp.Add) or len(node.args) != 2:
        return
    for kept, other in (node.args, node.args[::-1]):
        shares = [
            each
            for each in sorted(kept.free_symbols, key=str)
            if each.name in given.parameters and 0 < dict(given.numbers)[each.name] < 1 and not (kept / each).has(each)
        ]
        for share in shares:
            if other.has(1 - share):
                told = f"The factor 1 − {share} is missing: a sum, where a running mean is meant."
                yield "sum_instead_of_running_mean", told, 0, kept + other / (1 - share)
            elif not other.has(share) and kept.atoms(sp.Indexed) and other.atoms(sp.Indexed):
                told = f"{shown(other) or 'What is new'} is multiplied by 1 − {share}: a running mean, where a sum is meant."
                yield "running_mean_instead_of_sum", told, 1, kept + other * (1 - share)


def _old(given: Given) -> Found:
    """A part of the answer that an argument is renewed by is used before it is renewed, or is kept as it was, or the gradient is used instead."""
    parts, definitions = given.formula.parts, given.definition.args
    arguments = {each.name: each for each in given.formula.inputs}
    state = [
        place
        for place, part in enumerate(parts)
        if part.key in arguments and any(one.has(part.definition) for at, one in enumerate(definitions) if at != place)
    ]

    def of(name: str, place: int) -> sp.Expr:
        return arguments[name].symbol[tuple(index for index, _ in parts[place].output)]

    def used(instead: dict[int, sp.Expr]) -> sp.Expr:
        made = {parts[place].definition: new for place, new in instead.items()}
        return Joint(*(one if at in state else substituted(one, made) for at, one in enumerate(definitions)))

    for place in state:
        key = parts[place].key
        yield f"old_{key}_used", f"The old {key} is used, not the new one.", 0, used({place: of(key, place)})
        kept = [of(key, place) if at == place else one for at, one in enumerate(definitions)]
        yield f"{key}_not_renewed", f"The old {key} is given back, not the new one.", 1, Joint(*kept)
        for other in arguments.values():
            entry = of(other.name, place) if other.axes == ("...",) and other.name != key else None
            if entry is not None and parts[place].definition.has(entry):
                told = f"{other.name} is used where the new {key} is meant."
                yield f"{other.name}_instead_of_{key}", told, 1, used({place: entry})
    if len(state) > 1:
        told = "The old state is used, not the new one."
        yield "old_state_used", told, 0, used({place: of(parts[place].key, place) for place in state})
