"""What to do about a mistake: every entry belongs to a name that a diagnosis may have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import refmath
from refmath.catalogue import FORMULAS
from refmath.mistakes.repairs import REPAIRS, repair

PACKAGE = Path(refmath.__file__).parent
#: The names of pages, and those that stand in the sources of operators and diagnoses.
NAMES = {mistake.name for page in FORMULAS for mistake in page.mistakes} | {
    name
    for folder in ("mistakes", "oracle")
    for file in (PACKAGE / folder).rglob("*.py")
    if file.name != "repairs.py"
    for name in re.findall(r'"([a-z0-9_]+)"', file.read_text("utf-8"))
}


@pytest.mark.parametrize("name", REPAIRS)
def test_a_repair_belongs_to_a_mistake(name: str) -> None:
    """Its name is that of a mistake, and it is a line or two."""
    computed = name.removeprefix("computed_in_") in ("float32", "float16", "bfloat16")
    assert name in NAMES or computed
    text = repair(name)
    assert text[0].isupper()
    assert len(text) <= 160
    # The last line may be code, which ends as it must.
    assert text.endswith(".") or "\n" in text


def test_the_commonest_mistakes_have_a_repair() -> None:
    """Of the mistakes that four pages or more have in common, all but a handful have one."""
    names = [mistake.name for page in FORMULAS for mistake in page.mistakes]
    common = sorted({name for name in names if names.count(name) >= 4})
    without = [name for name in common if not repair(name)]
    assert len(common) - len(without) >= 20
    assert len(without) <= 4


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_a_repair_is_written_with_the_library_in_use(library: str) -> None:
    """No word of NumPy's is left that the other library does not have."""
    words = {"torch": r"axis=|keepdims|\.copy\(|np\.(tanh|arange)", "jax": r"(?<![a-z])np\.(?!ndindex)"}[library]
    for name in REPAIRS:
        assert not re.search(words, repair(name, library))
    assert repair("no_shift", "torch").endswith("a = a - a.amax(dim=-1, keepdim=True)")
    assert repair("no_shift", "jax") == repair("no_shift")
