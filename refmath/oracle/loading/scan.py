"""Which functions of a file, or of the files in a directory, look like formulas of the catalogue: told from their names, without running anything."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from refmath.catalogue import almost, formula, known
from refmath.oracle.candidates.source_text import UNREADABLE, Defined, defined_in, source_of
from refmath.oracle.loading.usual_names import meant, of_logits
from refmath.oracle.processes.command_line import joined
from refmath.spec import Formula, argument_names

#: Directories in which nobody has code of his own.
_NOT_OWN = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist"})


@dataclass(frozen=True)
class Looking:
    """A function that looks like a formula.

    Attributes:
        place: The file or module it stands in.
        path: Its name there, with that of its class.
        meant: The formula.
        line: Where it is defined; 0 where that is not known.
        is_exact: Whether it bears the very name of the formula.
        call: What judges it, after the colon of a target: its name, or an expression.
    """

    place: str
    path: str
    meant: str
    line: int = 0
    is_exact: bool = False
    call: str = ""

    @property
    def target(self) -> str:
        """The target that names it, as it is typed in a shell."""
        return joined([f"{self.place}:{self.call or self.path}"])


def looks_like(place: str, names: Iterable[str]) -> list[Looking]:
    """The functions and methods of some names that look like formulas, but for those that bear the very name of one.

    Args:
        place: Where they stand. Of a file it is looked up how many arguments they take.
        names: Their names.
    """
    defined: dict[str, Defined] = {}
    if Path(place).is_file():
        # Whoever imports it says what is wrong with it.
        with contextlib.suppress(*UNREADABLE):
            defined = {each.path: each for each in defined_in(source_of(Path(place)))}
    exact = {each.name for each in known()}
    found = [_looking(place, name, defined.get(name)) for name in names if name not in exact]
    return [each for each in found if each is not None]


def _looking(place: str, name: str, defined: Defined | None) -> Looking | None:
    if not (found := almost(name)):
        found = meant(name)
        is_backward = name.endswith(".backward")
        if not found or (
            defined is not None and not is_backward and not defined.takes(len(argument_names(formula(found))))
        ):
            return None
    found = found if defined is None else of_logits(found, defined.parameters)
    call = "" if defined is None else _after_forward(name, formula(found), defined)
    return Looking(place, name, found, 0 if defined is None else defined.line, call=call)


def _after_forward(name: str, meant: Formula, defined: Defined) -> str:
    """The backward pass of a layer, which needs a forward pass first, as an expression."""
    owner, _, method = name.rpartition(".")
    if method != "backward" or not owner:
        return ""
    names = argument_names(meant)
    upstream = names[-1] if meant.name.endswith("_vjp") else f"1 + 0 * {names[0]}"
    first = names[:-1] if meant.name.endswith("_vjp") else names
    given = upstream if defined.parameters else ""
    return f"lambda {', '.join(names)}: [it := {owner}(), it.forward({', '.join(first)}), it.backward({given})][-1]"


def in_directory(directory: Path) -> tuple[list[Looking], list[tuple[str, str]]]:
    """The functions in the Python files and notebooks of a directory, and below it, that look like formulas or bear the name of one.

    Returns:
        Them, file by file, and what could not be read, each with the reason.
    """
    found: list[Looking] = []
    unread: list[tuple[str, str]] = []
    exact = {each.name for each in known()}
    for path in _files(directory):
        try:
            defined = defined_in(source_of(path))
        except UNREADABLE as error:
            unread.append((str(path), f"{type(error).__name__}: {error}"))
            continue
        for each in defined:
            if each.path in exact:
                found.append(Looking(str(path), each.path, each.path, each.line, is_exact=True))
            elif looking := _looking(str(path), each.path, each):
                found.append(looking)
    return found, unread


def _files(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _NOT_OWN and not (Path(folder, name) / "pyvenv.cfg").exists()
        )
        yield from (Path(folder, name) for name in sorted(names) if name.endswith((".py", ".ipynb")))
