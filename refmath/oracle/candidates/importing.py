"""A target as a module, imported by its path or by its name; what its code raises is told in a sentence."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from refmath.oracle.candidates.guard import described, guarded
from refmath.oracle.candidates.holding import holding
from refmath.oracle.candidates.source_text import definitions_of, source_of

#: What is said of a file that cannot be imported.
_ONLY_DEFINITIONS = (
    "--definitions-only runs its imports, functions, classes and constants alone, and leaves out what fails"
)

#: Of a line of the file so many characters are shown.
_LONGEST_LINE = 60


class NotThere(LookupError):
    """Nothing stands under a name."""


def imported(place: str, seconds: float, definitions_only: bool = False) -> ModuleType | str:
    """The module, or why it cannot be imported.

    Args:
        place: `file.py`, `notebook.ipynb` or `package.module`.
        seconds: How long it may take.
        definitions_only: Whether nothing is run of a file but its imports, functions, classes and constants.
    """
    outcome = guarded(lambda: _module(place, definitions_only), seconds)
    if outcome.late:
        return f"{place} cannot be imported: it does not end within {seconds:g} s{hint(place, definitions_only)}"
    return outcome.value or f"{place} cannot be imported: {outcome.text}{hint(place, definitions_only)}"


def hint(place: str, definitions_only: bool) -> str:
    """What may help where a target cannot be imported, as a sentence goes on."""
    return "" if definitions_only or not is_file(place) else f"; {_ONLY_DEFINITIONS}"


def _module(place: str, definitions_only: bool) -> ModuleType | str:
    # What it prints meanwhile must not mix with the report.
    with contextlib.redirect_stdout(sys.stderr):
        if is_file(place):
            return _from_file(Path(place), definitions_only)
        return _imported(place, lambda: importlib.import_module(place))


def is_file(place: str) -> bool:
    """Whether a target is a file, and not the name of a module."""
    return place.endswith((".py", ".ipynb")) or Path(place).is_file()


def looked_up(module: ModuleType, name: str) -> Any:
    """What a name, a dotted name or an expression stands for in a module.

    A class stands for an object of it, made without arguments, and so does the class of a method that needs an object; one that is made for the
    parameters which its objects change stands for a function of these and their gradients.

    Raises:
        NotThere: If nothing stands under the name.
        TypeError: If an object cannot be made without arguments, or cannot be called.
        Exception: Whatever looking it up raises.
    """
    if not all(part.isidentifier() for part in name.split(".")):
        return _called(eval(name, vars(module)), name)  # what the user has typed, in his own module
    value: Any = module
    parts = name.split(".")
    for place, part in enumerate(parts):
        if parts[place:] == ["step"] and (held := holding(value)) is not None:
            return held
        if inspect.isclass(value) and not isinstance(
            inspect.getattr_static(value, part, None), staticmethod | classmethod | type
        ):
            value = _made(value, ".".join(["", *parts[place:]]))
        try:
            value = getattr(value, part)
        except AttributeError:
            raise NotThere(f"there is no {part}") from None
    return _called(value, name)


def _called(value: Any, name: str) -> Any:
    if not inspect.isclass(value):
        return value
    if (held := holding(value)) is not None:
        return held
    made = _made(value)
    if not callable(made):
        methods = [each for each in vars(value) if not each.startswith("_") and callable(getattr(made, each, None))]
        told = f"; say which method: {', '.join(f'{name}.{each}' for each in methods)}" if methods else ""
        raise TypeError(f"objects of {name} cannot be called{told}")
    return made


def _made(value: type, wanted: str = "") -> Any:
    """An object of a class, of which something is wanted."""
    try:
        inspect.signature(value).bind()
    except TypeError:
        arguments = ", ".join(str(each) for each in inspect.signature(value).parameters.values())
        raise TypeError(
            f"{value.__name__} needs arguments to be made, {value.__name__}({arguments}); give them in the target, as in "
            f"'FILE:{value.__name__}(...){wanted}'"
        ) from None
    except ValueError:  # without a signature, as some compiled classes
        pass
    return value()


def is_there(module: ModuleType, name: str) -> bool:
    """Whether something that can be called stands under a name."""
    try:
        return callable(looked_up(module, name))
    except NotThere:
        return False


def functions_in(module: ModuleType | None) -> list[str]:
    """The names of the functions in a module, and of the methods of the classes that it defines, as `Class.method`."""
    found, methods = [], []
    for name, value in vars(module).items():
        if name.startswith("_") or not callable(value):
            continue
        if not isinstance(value, type):
            found.append(name)
        elif value.__module__ == vars(module)["__name__"]:
            methods += [f"{name}.{each}" for each in _methods_of(value)]
    return [*found, *methods]


def _methods_of(value: type) -> list[str]:
    kept = [
        name for name, each in vars(value).items() if callable(each) or isinstance(each, staticmethod | classmethod)
    ]
    return [name for name in kept if not name.startswith("_")]


def _from_file(path: Path, definitions_only: bool) -> ModuleType | str:
    folder = str(path.resolve().parent)
    root, name = _in_package(path)
    own = [folder] if root is None else [str(root), folder]
    sys.path[:0] = own
    try:
        if root is not None and not definitions_only:
            found = _imported(str(path), lambda: importlib.import_module(name))
            if isinstance(found, ModuleType) and _is_of(found, path):
                return found
            # A package that cannot be imported whole, or one of the name of another.
            alone = _imported(str(path), lambda: _alone(path))
            return alone if isinstance(alone, ModuleType) or isinstance(found, ModuleType) else found
        if definitions_only or path.suffix == ".ipynb":
            package = name.rpartition(".")[0] if root is not None else ""
            return _imported(str(path), lambda: _run(path, definitions_only, package), definitions_only)
        return _imported(str(path), lambda: _alone(path))
    finally:
        # The modules beside it can still be imported when its functions are called, but no longer hide others.
        for each in own:
            with contextlib.suppress(ValueError):
                sys.path.remove(each)
        sys.path += own


def _in_package(path: Path) -> tuple[Path | None, str]:
    """The folder in which the package of a file is, and the file's name as a module of it; None for a file that belongs to no package."""
    resolved = path.resolve()
    folder, names = resolved.parent, [] if resolved.name == "__init__.py" else [resolved.stem]
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        names.insert(0, folder.name)
        folder = folder.parent
    is_part = folder != resolved.parent and all(name.isidentifier() for name in names) and path.suffix == ".py"
    return (folder if is_part else None), ".".join(names)


def _is_of(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and Path(file).resolve() == path.resolve()


def _alone(path: Path) -> ModuleType:
    """A file as a module that belongs to no package."""
    name = f"_refmath_candidate_{path.stem}"
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a module up by its name
    loader.exec_module(module)
    return module


def _run(path: Path, definitions_only: bool, package: str) -> ModuleType:
    """A notebook, or what a file defines: a definition that fails costs no other one."""
    module = ModuleType(f"_refmath_candidate_{path.stem}")
    module.__file__, module.__package__ = str(path), package
    sys.modules[module.__name__] = module
    tree = ast.parse(source_of(path), str(path))
    if not definitions_only:
        exec(compile(tree, str(path), "exec"), vars(module))  # noqa: S102  # the user's own code, as an import runs it
        return module
    for statement in definitions_of(tree).body:
        try:
            exec(compile(ast.Module([statement], []), str(path), "exec"), vars(module))  # noqa: S102  # likewise
        except Exception as error:  # noqa: BLE001  # whatever it raises, the others may do without it
            print(f"{path}, line {statement.lineno}, is left out: {described(error)}", file=sys.stderr)
    return module


def _imported(place: str, load_it: Callable[[], ModuleType], definitions_only: bool = False) -> ModuleType | str:
    if not is_file(place) and "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return load_it()
    except ModuleNotFoundError as error:
        return f"{place} cannot be imported: {error}{_line(place, error)}{hint(place, definitions_only)}"
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the module raises
        name, _, message = described(error).partition(": ")
        if isinstance(error, SyntaxError):
            message, told = message.removesuffix(f" ({Path(place).name}, line {error.lineno})"), ""
        else:
            told = hint(place, definitions_only)
        return f"{place} cannot be imported: {name}{_line(place, error)}: {message}{told}"


def _line(place: str, error: BaseException) -> str:
    """The line of the file itself where importing it went wrong, if that can be told."""
    if isinstance(error, SyntaxError):
        return _told(error.lineno, error.text)
    files = {place, str(Path(place).resolve())}
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return _told(own[-1].lineno, own[-1].line) if own else ""


def _told(line: int | None, text: str | None) -> str:
    """A line by its number, with what stands there."""
    shown = " ".join((text or "").split())
    shown = shown if len(shown) <= _LONGEST_LINE else shown[: _LONGEST_LINE - 3] + "..."
    return f" in line {line}" + (f", `{shown}`" if shown else "")
