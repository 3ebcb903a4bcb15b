"""Long definitions in lines on the site."""

from __future__ import annotations

import pytest

from refmath.catalogue import FORMULAS
from tools.site.shorter import LONG, shorter, size, spelt_out

pytestmark = pytest.mark.long


def test_long_definitions_are_said_in_lines_and_mean_the_same() -> None:
    """With the letters put in, each is the definition again, up to the names of what sums run over; and no line is long."""
    lines = 0
    for page in FORMULAS:
        definitions = [each.definition for each in page.parts] or [page.definition]
        found = shorter(definitions)
        lines += len(found.parts)
        for spelt, meant in zip(spelt_out(found), definitions, strict=True):
            assert spelt.as_dummy() == meant.as_dummy()
        if page.name.startswith(("two_layer_net", "layer_norm")):
            assert max(map(size, (*found.whole, *(meaning for _, meaning in found.parts)))) <= LONG
    assert lines
