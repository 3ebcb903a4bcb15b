"""How far a search went is what was tried, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_up import DOUBLE, IN_PARTS, about, double, probe, search_of, tried

from refmath.catalogue import formula
from refmath.oracle.reporting.extent import extent
from refmath.oracle.searching.search import Search


def searched(page: Any, *inputs: dict[str, Any]) -> Search:
    """A search in which such inputs were tried."""
    search = search_of(double, page)
    search.trials = [tried(page, probe(**each), about(0.0), search.candidate({})) for each in inputs]
    return search


@pytest.mark.parametrize("order", [1, -1])
def test_sizes_are_the_largest(order: int) -> None:
    """Whichever came first; of a single sample the axis of samples says nothing."""
    batch = {"a": np.zeros((7, 3)), "labels": np.zeros(7, int)}
    wide = {"a": np.zeros((2, 9)), "labels": np.zeros(2, int)}
    single = {"a": np.zeros(5), "labels": np.array(1)}
    search = searched(formula("softmax_cross_entropy_labels"), *[batch, wide, single][::order])
    assert extent(search).sizes == {"N": 7, "K": 9}


def test_arrays_of_any_shape_have_entries() -> None:
    """A number is one; a mapping has all that its arrays have together."""
    assert extent(searched(formula("sigmoid"), {"x": np.zeros((2, 3, 4))}, {"x": np.zeros(5)})).sizes == {"entries": 24}
    assert extent(searched(formula("sigmoid"), {"x": np.array(1.0)})).sizes == {"entries": 1}
    step = {"params": {"W": np.zeros((2, 3)), "b": np.zeros(4)}, "grads": {"W": np.zeros((2, 3)), "b": np.zeros(4)}}
    assert extent(searched(formula("sgd_step"), {**step, "lr": np.array(0.1)})).sizes == {"entries": 10}
    assert IN_PARTS.parts


def test_a_finished_search_tells_types_layouts_and_what_was_dropped() -> None:
    """All that the survey has tried, each once."""
    search = search_of(double)
    search.survey()
    told = extent(search)
    probes = [trial.probe for trial in search.trials]
    assert set(told.types) == {dtype for each in probes for dtype in each.types.values()}
    assert len(set(told.types)) == len(told.types) > 3
    assert set(told.layouts) == {each.layout for each in probes} - {"plain"}
    assert told.dropped == search.dropped
    assert told.certified is None
    assert told.order == ("x",)
    assert DOUBLE.parameters == told.parameters == {}
