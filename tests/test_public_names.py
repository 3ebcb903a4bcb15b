"""The face of the library: every public name, where it lives, and that it can be read about."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import refmath
from refmath.catalogue import FORMULAS, formula
from refmath.spec import Formula, argument_names

every_name = pytest.mark.parametrize("name", refmath.__all__)
OTHERS = {"Adapter", "Enclosure", "FORMULAS", "NotJudged", "Report", "assert_conforms", "check", "exact"}
OTHERS |= {"parametrize_with_checks"}
#: A slope of one number, what draws at random, and the class over the network's functions: not in the catalogue.
OTHERS |= {"central_difference", "mini_batch", "TwoLayerNet"}
#: What checks a gradient, and its report.
OTHERS |= {"check_gradient", "check_jvp", "check_vjp", "GradientCheck"}
#: What a formula of one's own is written with.
OTHERS |= {"Formula", "sizes", "indices", "argument", "parameter", "xlogy", "xdivy", "Largest", "gradient_of", "vjp_of"}
OTHERS |= {"law", "defining", "mistake", "Equal", "AtLeast", "Convention", "Form"}
#: Parameters that say how something is computed, not what: the page has no definition of its own for them.
HOW = {"numerical_gradient": {"h": 1e-4, "workers": 1}}
#: Formulas that have a gradient of their own: every loss, which is one number, and every activation that works entry by entry. The others are
#: gradients, steps or backward forms themselves, or layers, which have a backward form.
DIFFERENTIATED = [
    page
    for page in FORMULAS
    if not page.derivative_of
    and not page.parts
    and not page.takes_function
    and (not page.output or (len(page.inputs) == 1 and page.inputs[0].axes == ("...",)))
]


def gradient_of(page: Formula) -> str:
    """The name of a formula's gradient; that of the network's loss is the network's."""
    return f"{page.name.removesuffix('_loss')}_gradient"


def homes() -> dict[str, str]:
    """The public names, and the modules that the stub takes them from."""
    tree = ast.parse(Path(refmath.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for each in node.names:
                assert each.asname == each.name, f"{each.name} is not re-exported by `as`"
                assert each.name not in found
                found[each.name] = f"refmath.{node.module}"
    return found


HOMES = homes()


def test_the_names_are_complete() -> None:
    """`__all__` is the program of every formula, and the oracle's few names; nothing else."""
    assert set(refmath.__all__) == {page.name for page in FORMULAS} | OTHERS


def test_type_checkers_see_what_is_there() -> None:
    """What the stub tells type checkers, what is imported when asked for, and `__all__` agree."""
    assert sorted(HOMES) == refmath.__all__


@every_name
def test_every_name_lives_where_it_is_said_to(name: str) -> None:
    """A public name is the object of that name in its home, and is documented there."""
    value = getattr(refmath, name)
    assert value is getattr(importlib.import_module(HOMES[name]), name)
    if callable(value):
        assert value.__module__ == HOMES[name]
        assert value.__name__ == name


@every_name
def test_every_name_is_documented(name: str) -> None:
    """A public name has a docstring whose first line is a sentence; a function's arguments are all in it."""
    value = getattr(refmath, name)
    if name == "FORMULAS":
        return
    text = inspect.getdoc(value)
    assert text
    assert text.splitlines()[0].endswith((".", ":"))
    if inspect.isfunction(value):
        parameters = inspect.signature(value).parameters.values()
        for each in parameters:
            assert (
                f"{'**' if each.kind is each.VAR_KEYWORD else '*' if each.kind is each.VAR_POSITIONAL else ''}{each.name}:"
                in text
            )


@pytest.mark.parametrize("page", FORMULAS, ids=lambda page: page.name)
def test_a_formula_bears_the_name_of_its_function(page: Formula) -> None:
    """The name in the catalogue is the name of the public function, its inputs are its positional arguments, its parameters the rest."""
    assert getattr(refmath, page.name) is page.program
    assert formula(page.name) is page
    parameters = inspect.signature(page.program).parameters.values()
    assert [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY] == argument_names(page)
    named = {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}
    options = page.options.defaults if page.options else {}
    assert named == {**page.parameters, **HOW.get(page.name, {}), **options}


@pytest.mark.parametrize("page", [page for page in FORMULAS if page.derivative_of], ids=lambda page: page.name)
def test_a_gradient_belongs_to_a_formula(page: Formula) -> None:
    """A gradient is named after the formula that it is the derivative of, and takes the same arguments."""
    assert page.derivative_of is not None
    of = formula(page.derivative_of)
    assert page.name == gradient_of(of)
    assert [each.name for each in page.inputs] == [each.name for each in of.inputs]
    assert dict(page.parameters) == dict(of.parameters)


def test_every_formula_has_its_gradient() -> None:
    """Each loss and each activation that works entry by entry has one."""
    names = {page.name for page in FORMULAS}
    assert {gradient_of(page) for page in DIFFERENTIATED} <= {page.name for page in FORMULAS if page.derivative_of}
    assert len(names) == len(FORMULAS)


def test_dir_shows_the_names() -> None:
    """`dir(refmath)` shows every public name, sorted and once, before any of them was asked for."""
    assert set(refmath.__all__) <= set(dir(refmath))
    assert dir(refmath) == sorted(set(dir(refmath)))
    code = "import refmath, sys; print(set(refmath.__all__) <= set(dir(refmath)), 'numpy' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(refmath.__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["True", "False"]


def test_to_ask_for_a_name_draws_no_random_number() -> None:
    """What is imported for it leaves those to come as they were."""
    code = "import random, refmath; was = random.getstate(); refmath.check; print(random.getstate() == was)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(refmath.__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["True"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that is not there is an AttributeError that names it, and `hasattr` says no."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = refmath.no_such_name  # type: ignore[attr-defined]
    assert not hasattr(refmath, "no_such_name")


def test_the_star_brings_the_public_names() -> None:
    """`from refmath import *` brings exactly the public names."""
    names: dict[str, object] = {}
    exec("from refmath import *", names)  # noqa: S102
    assert set(names) - {"__builtins__"} == set(refmath.__all__)
