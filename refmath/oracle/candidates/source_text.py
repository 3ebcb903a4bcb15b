"""The text of a file of Python, or of a notebook, and what can be told of it without running it."""

from __future__ import annotations

import ast
import json
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Statements that bind names and do nothing else, as long as what they bind are constants.
_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: What may stand in the value of a constant: nothing that runs code of others.
_CONSTANT = (
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.UnaryOp,
    ast.unaryop,
    ast.BinOp,
    ast.operator,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.Lambda,
    ast.Subscript,
)


@dataclass(frozen=True)
class Defined:
    """A function, or a method with its class, that a file defines.

    Attributes:
        path: Its name, with that of its class.
        line: The line where it is defined.
        parameters: Its positional parameters, without the object of a method.
        required: How many of them have no default.
        is_open: Whether it takes any number of them.
    """

    path: str
    line: int
    parameters: tuple[str, ...]
    required: int
    is_open: bool

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return self.required <= count and (self.is_open or count <= len(self.parameters))


#: What reading a file, and parsing it, may raise, whatever stands in it.
UNREADABLE = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)
#: No file with code of anybody's is larger.
_LARGEST = 32 << 20


def source_of(path: Path) -> str:
    """The code of a file; of a notebook that of its cells, in which the commands of IPython are comments.

    Raises:
        ValueError: If a notebook is none, or if it is larger than 32 MiB, or no plain file at all, so that reading it might never end.
        OSError: If it cannot be read.
        RecursionError: If a notebook is nested too deeply.
    """
    if not path.is_file():
        path.stat()  # which says that it is missing, if it is
        raise ValueError("it is no plain file")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST >> 20} MiB")
    if path.suffix != ".ipynb":
        with tokenize.open(path) as file:
            return file.read()
    return _BETWEEN.join(_cells(path)) + "\n"


#: What stands between the code of two cells.
_BETWEEN = "\n\n"


def _cells(path: Path) -> list[str]:
    """The code of the cells of a notebook that have some, in order."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"it is no notebook of format 4: {type(error).__name__}: {error}") from None
    return list(map(_without_commands, codes))


def cell_and_line(path: Path, line: int) -> tuple[int, int] | None:
    """Which code cell of a notebook a line of its code is in, and which line of the cell it is, both counted from 1; None for what is no notebook."""
    if path.suffix != ".ipynb":
        return None
    try:
        cells = _cells(path)
    except (OSError, ValueError):
        return None
    for number, code in enumerate(cells, 1):
        lines = (code + _BETWEEN).count("\n")
        if line <= lines:
            return number, line
        line -= lines
    return None


def _without_commands(cell: str) -> str:
    """A cell as Python: as it is, if it is that; else without the lines that are IPython's own."""
    if cell.lstrip().startswith("%%"):
        return "\n".join(f"# {line}" for line in cell.splitlines())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in strings: only whether it parses is asked
            ast.parse(cell)
    except SyntaxError:
        return "\n".join(map(_without_command, cell.splitlines()))
    return cell


#: A command of IPython, whose output may be given a name; a question about a name.
_COMMAND = re.compile(r"\s*(?:[\w, ]+=\s*)?[%!].*|\s*\??[\w.]+\?{1,2}\s*")


def _without_command(line: str) -> str:
    if not _COMMAND.fullmatch(line):
        return line
    return f"{line[: len(line) - len(line.lstrip())]}pass  # {line.lstrip()}"


def definitions_of(tree: ast.Module) -> ast.Module:
    """A file without what it does: imports, functions, classes and constants are left."""
    return ast.Module([each for each in tree.body if _defines(each)], [])


def _defines(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign() | ast.AnnAssign():
            return statement.value is not None and all(
                isinstance(each, _CONSTANT) for each in _evaluated(statement.value)
            )
        case ast.Try():
            handled = [each for handler in statement.handlers for each in handler.body]
            return all(map(_defines, [*statement.body, *handled, *statement.orelse, *statement.finalbody]))
        case ast.Pass():
            return True
        case ast.If():
            return False
        case ast.Expr(value=ast.Constant()):
            return True
    return isinstance(statement, _DEFINING)


def _evaluated(value: ast.expr) -> Iterator[ast.AST]:
    """What is evaluated of an expression; of a lambda its defaults, and not yet what it does."""
    yield value
    inside = (
        [*value.args.defaults, *value.args.kw_defaults]
        if isinstance(value, ast.Lambda)
        else ast.iter_child_nodes(value)
    )
    for each in inside:
        if each is not None:
            yield from _evaluated(each) if isinstance(each, ast.expr) else [each]


def defined_in(source: str) -> list[Defined]:
    """The functions, and the methods of the classes, that a file defines at its top level.

    Raises:
        SyntaxError: If it is no Python.
        ValueError: If it cannot be read.
    """
    found: list[Defined] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in strings
        try:
            tree = ast.parse(source)
        except (RecursionError, MemoryError):
            raise ValueError("it is nested too deeply to be read") from None
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            found.append(_defined(statement, ""))
        elif isinstance(statement, ast.ClassDef):
            found += [_defined(each, statement.name) for each in statement.body if isinstance(each, ast.FunctionDef)]
    return found


def _defined(function: ast.FunctionDef, owner: str) -> Defined:
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    required = len(names) - len(arguments.defaults)
    if owner and not _is_static(function.decorator_list):
        names, required = names[1:], required - 1
    path = f"{owner}.{function.name}" if owner else function.name
    return Defined(path, function.lineno, tuple(names), max(0, required), arguments.vararg is not None)


def _is_static(decorators: Sequence[Any]) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)
