"""What an argument may be: one small module a kind, and the only place that says which numbers are tried, and in which number types."""

from refmath.kinds import (
    class_weights,
    functions,
    labels,
    logits,
    moments,
    points,
    positive,
    probabilities,
    real,
    signed_unit_interval,
    signs,
    steps,
    targets,
    unit_interval,
    weights,
)
from refmath.kinds.kind import Kind
from refmath.spec import WHOLE, Domain, Input

__all__ = ["KINDS", "kinds_of"]

#: The kinds of an argument, by the name that a page declares it with. Targets in either encoding are drawn in one of the two.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        logits.KIND,
        real.KIND,
        positive.KIND,
        signs.KIND,
        unit_interval.KIND,
        signed_unit_interval.KIND,
        probabilities.KIND,
        targets.KIND,
        targets.ONE_HOT,
        labels.KIND,
        class_weights.KIND,
        weights.WEIGHTS,
        weights.FEATURES,
        weights.UNITS,
        points.KIND,
        functions.FUNCTION,
        functions.CONVEX,
        steps.RATE,
        steps.COUNT,
        moments.FLOATS,
        moments.GRADIENTS,
        moments.SECOND_MOMENT,
        moments.FIRST_MOMENT,
        moments.STEP_NUMBER,
    )
}


def kinds_of(each: Input, domain: Domain = WHOLE) -> tuple[Kind, ...]:
    """The kinds that an argument may be of within a domain: two, where the number of its dimensions decides which it is."""
    if each.kind == "logits" and each.masks:
        return (logits.MASKING,)
    names = ("targets", "labels") if each.kind == "targets_or_labels" else (each.kind,)
    if each.name in domain.certain:
        return (unit_interval.CERTAIN,)
    certain = {"targets": "one_hot"} if domain.targets == "one-hot" else {}
    return tuple(KINDS[certain.get(name, name)] for name in names)
