"""The mistakes of a formula that operators make: those that people make every day, one of each name."""

from __future__ import annotations

import functools

from refmath.catalogue import related
from refmath.mistakes.change import Change, Given
from refmath.mistakes.operators import changes
from refmath.spec import Formula, setting

#: How rare a mistake may be.
_RARE = 1


@functools.lru_cache(maxsize=128)
def made(formula: Formula) -> tuple[Change, ...]:
    """The structural mistakes with a formula's definition, those of the page first; none where the definition is not evaluated as it is written.

    Examples:
        >>> from refmath.catalogue import formula
        >>> [each.name for each in made(formula("relu"))]
        ['derivative_instead_of_value', 'maximum_forgotten', 'squared', 'absolute_value_instead_of_maximum']
    """
    if formula.takes_function or formula.by_layers:
        return ()
    found: dict[str, Change] = {}
    for each in changes(Given.of(setting(formula), related(formula))):
        if each.rank <= _RARE:
            found.setdefault(each.name, each)
    return tuple(found.values())
