"""The parts of a formula's page, each printed from its record: what it is, its program step by step, its derivative, and its tables."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from typing import Any

import sympy as sp

from refmath.catalogue import formula as formula_named
from refmath.conventions import described
from refmath.mistakes.programs import evaluating, program_of
from refmath.oracle.diagnosing.made import made
from refmath.page_text import called_by, source
from refmath.spec import GIVEN, Formula, Law, setting, shown
from tools.site.derivative import derivative_of, variable
from tools.site.examples import example
from tools.site.markdown import cell, code, name, prose, table, wrapped
from tools.site.tex import displays, in_lines, tex

#: A comment with a line of its own, in mathematics (`#|`) or in words.
_COMMENT = re.compile(r"^\s*#\|? ?(.*)$")
#: A variable with its type.
_TYPED = re.compile(r"^(\s*\w+): [^=]+ =(?!=)")


def parts(formula: Formula) -> dict[str, str]:
    """The parts that a lesson may show: the definition, the program, and of a gradient how it is derived."""
    found = {"definition": displays(formula), "steps": steps(formula.program)}
    if formula.derivative_of and formula.takes_samples:
        found["derivative"] = derivative(formula)
    return {f"{part}_{formula.name}": f"{text}\n" for part, text in found.items()}


def laws(formula: Formula) -> str:
    """The laws: those that say what the function is first."""
    ordered = sorted(formula.laws, key=lambda each: not each.defining)
    return wrapped("laws", table(("law", "what it says"), [_law(each) for each in ordered]))


def conventions(formula: Formula) -> str:
    """Who means something else by the same name."""
    settings = ", ".join(f"{key} = {value}" for key, value in formula.parameters.items())
    default = "the definition as it stands here" + (f", with {settings}" if settings else "")
    rows = [("*(default)*", cell(default), "refmath")]
    # Whoever means the same stands in one row.
    for text in dict.fromkeys(map(described, formula.conventions)):
        same = [each for each in formula.conventions if described(each) == text]
        sources = dict.fromkeys(each.source for each in same)
        rows.append((", ".join(name(shown(each.name)) for each in same), cell(text), cell("; ".join(sources))))
    return wrapped("conventions", table(("convention", "what differs", "who says so"), rows))


def options(formula: Formula) -> str:
    """What each option means, the mathematics under each by itself, and what people get wrong about them."""
    chosen = formula.options
    assert chosen is not None
    meant = [(name(each), cell(repr(value)), prose(chosen.texts[each])) for each, value in chosen.defaults.items()]
    told = table(("option", "default", "what it means"), meant)
    if chosen.encodings:
        pages = " or ".join(map(name, chosen.encodings))
        return f"{told}\n\nThe mathematics is that of {pages}, by the encoding of the targets."
    lines, wrong, told_of = [told], dict[str, str](), set[str]()
    for each in chosen.tried:
        version = chosen.version(formula, each)
        wrong.update((mistake.name, mistake.text) for mistake in version.mistakes)
        (option, value), *others = each.items()
        display = formula.display if not version.output or formula.output else f"{formula.display}_n"
        shown = "\n\n".join(in_lines(f"{display} =", _lettered(version.definition)))
        if not others and (option == "reduction" or option not in told_of) and not any(shown in line for line in lines):
            told_of.add(option)
            lines.append(f"Under {name(option if value == GIVEN else f'{option}={value}')}:\n\n{shown}")
    rows = [(name(each), cell(text)) for each, text in wrong.items()]
    return wrapped("options", "\n\n".join([*lines, table(("mistake", "what is wrong"), rows)]))


def _lettered(definition: sp.Expr) -> sp.Expr:
    """A definition with the letters of the page for the class weights and the smoothing."""
    letters = {
        base: sp.IndexedBase("w", shape=base.shape)
        for base in definition.atoms(sp.IndexedBase)
        if str(base.label) == "class_weights"
    }
    letters |= {each: sp.Symbol("varepsilon") for each in definition.free_symbols if str(each) == "label_smoothing"}
    return definition.xreplace(letters)


@functools.cache
def mistakes(formula: Formula) -> str:
    """The mistakes, each with the law that catches it and what it makes of an input."""
    head = ("mistake", "what is wrong", "law that catches it", "for example")
    rows = [
        (name(each.name), cell(each.text), name(each.caught_by), example(formula, program_of(formula, each)))
        for each in formula.mistakes
    ]
    return wrapped("mistakes", table(head, rows))


@functools.cache
def made_by_operators(formula: Formula) -> str:
    """The mistakes that operators make of the definition, each with what it makes of an input."""
    head = ("mistake", "what is wrong", "for example")
    rows = [
        (name(each.name), cell(each.text), example(formula, evaluating(formula, each.definition, each.output)))
        for each in made(formula)
    ]
    return wrapped("mistakes", table(head, rows))


def derivative(gradient: Formula) -> str:
    """What SymPy finds when it differentiates a definition, what that is when its sums are done, and what the page's program computes."""
    value = formula_named(gradient.derivative_of or "")
    by = variable(gradient)
    entry = tex(by)
    raw, done, form = value.definition.diff(by), derivative_of(setting(value), gradient), gradient.definition
    lines = [
        f"SymPy, told to differentiate the definition with respect to ${entry}$, answers",
        *in_lines("", raw),
        *_reasons(raw, gradient),
    ]
    if done.has(sp.Heaviside):
        lines += ["That leaves, with θ for the step from 0 to 1,", *in_lines("", done)]
    lines += ["The program computes it in the form", *in_lines(f"{gradient.display} =", form)]
    return "\n\n".join(lines)


def _reasons(raw: Any, gradient: Formula) -> list[str]:
    """Why SymPy's answer is what the program computes, as far as it is more than algebra."""
    used = (
        ["Each bracket $[i = j]$ is 1 where it is true and 0 elsewhere, and picks its term out of its sum"]
        if raw.has(sp.KroneckerDelta)
        else []
    )
    if len(gradient.inputs) > 1 and gradient.inputs[1].kind == "targets" and "softmax" in gradient.name:
        used.append("the entries of a target add up to one")
    if not used:
        return []
    told = "; ".join(used) + "."
    return [told[0].upper() + told[1:]]


# ---- the program, step by step


def steps(program: Any) -> str:
    """The program, and the steps that it leaves to others of its page: words on one side, the lines that they are about on the other."""
    programs = [program, *(each for each in called_by(program) if "#| " in source(each))]
    rows = [row for each in programs for row in _rows(each)]
    cells = [f"{wrapped('words', words)}\n\n{wrapped('lines', code(lines, 'python'))}" for words, lines in rows]
    return wrapped("steps", "\n\n".join(cells))


def _rows(program: Any) -> list[tuple[str, str]]:
    """The lines of a function in groups, each with the words that stand above it; the first group has its docstring's first sentence."""
    summary = (inspect.getdoc(program) or "").partition("\n\n")[0].replace("\n", " ")
    groups: list[tuple[list[str], list[str]]] = [([summary], [])]
    for line in untyped(source(program)).splitlines():
        found = _COMMENT.match(line)
        if found is None:
            groups[-1][1].append(line)
        elif groups[-1][1]:
            groups.append(([found[1]], []))
        else:
            groups[-1][0].append(found[1])
    return [(prose(" ".join(words)), "\n".join(lines).rstrip()) for words, lines in groups]


def untyped(program: str) -> str:
    """The source of a function without its types, and those of functions within it: they are for checkers and not for readers."""
    lines = program.splitlines()
    functions = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda found: -found.lineno):
        first = function.body[0].lineno - 1
        # A comment before the first statement belongs to the body.
        while lines[first - 1].lstrip().startswith("#"):
            first -= 1
        for argument in ast.walk(function.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        head = ast.unparse(ast.FunctionDef(function.name, function.args, [ast.Pass()], [], lineno=1)).splitlines()[0]
        lines[function.lineno - 1 : first] = [" " * function.col_offset + head]
    return "\n".join(_TYPED.sub(r"\1 =", line) for line in lines)


# ---- the rows of the tables


def _law(law: Law) -> tuple[str, str]:
    return name(law.name), cell(law.text) + (" *(defining)*" if law.defining else "")
