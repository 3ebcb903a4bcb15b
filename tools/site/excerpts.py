"""Parts of the example files, taken from them when the site is built, so that what is shown is what the tests run."""

from __future__ import annotations

import ast

from tools.site.markdown import code
from tools.site.transcripts import EXAMPLES

#: The part's name: the file, the words with which the line begins where it starts, and the language.
EXCERPTS = {
    "code_first_loss": ("first_loss.py", "import", "python"),
    "code_second_loss": ("second_loss.py", "import", "python"),
    "code_conventions": ("conventions.py", "import", "python"),
    "code_first_gradient": ("first_gradient.py", "import", "python"),
    "code_torch_gradient": ("torch_gradient.py", "import", "python"),
    "code_jax_gradient": ("jax_gradient.py", "import", "python"),
    "code_tests": ("test_my_losses.py", "import", "python"),
    "code_ci": ("ci.yml", "", "yaml"),
    "code_torch": ("torch_losses.py", "def softmax_cross_entropy_labels_gradient", "python"),
    "code_jax": ("jax_losses.py", "import", "python"),
    "code_c": ("adapters/losses.c", "static const char *softmax_cross_entropy_labels", "c"),
    "code_cpp": ("adapters/losses.cpp", "Tensor softmax_cross_entropy_labels", "cpp"),
    "code_rust": ("adapters/losses.rs", "fn softmax_cross_entropy_labels", "rust"),
    "code_javascript": ("adapters/losses.mjs", "function softmax_cross_entropy_labels", "js"),
}
#: The functions of `examples/few_lines.py` that the course shows.
FEW_LINES = tuple(
    node.name
    for node in ast.parse((EXAMPLES / "few_lines.py").read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef)
)


def excerpts() -> dict[str, str]:
    """Each part as a block of code."""
    found = {name: excerpt(*words) + "\n" for name, words in EXCERPTS.items()}
    return found | {f"few_lines_{name}": few_lines(name) + "\n" for name in FEW_LINES}


def few_lines(name: str) -> str:
    """The function of that name in `examples/few_lines.py`, and those of the same file that it calls, as a block of code; empty if there is none."""
    text = (EXAMPLES / "few_lines.py").read_text("utf-8")
    functions = {each.name: each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)}
    if name not in functions:
        return ""
    return code(ast.get_source_segment(text, functions[name]) or "", "python")


def excerpt(file: str, begins: str, language: str) -> str:
    """From the line that begins so to the end of the file; in a language with braces, to the end of the function."""
    lines = (EXAMPLES / file).read_text("utf-8").splitlines()
    first = next((place for place, line in enumerate(lines) if line.startswith(begins)), None)
    if first is None:
        raise ValueError(f"{file} has no line that begins with {begins!r}")
    last = len(lines) if language in ("python", "yaml") else lines.index("}", first) + 1
    return code("\n".join(lines[first:last]), language)
