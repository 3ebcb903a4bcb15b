"""What an argument may be: one small module a kind, and the only place that says which numbers are tried, and in which number types."""

from refmath.kinds import functions, labels, logits, points, probabilities, real, steps, targets, weights
from refmath.kinds.kind import Kind

__all__ = ["KINDS"]

#: The kinds of an argument, by the name that a page declares it with. Targets in either encoding are drawn in one of the two.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        logits.KIND,
        real.KIND,
        probabilities.KIND,
        targets.KIND,
        targets.ONE_HOT,
        labels.KIND,
        weights.WEIGHTS,
        weights.FEATURES,
        points.KIND,
        functions.FUNCTION,
        functions.CONVEX,
        steps.RATE,
        steps.COUNT,
    )
}
