"""The reference: a page for each formula of the catalogue, and for each family a table of its formulas."""

from __future__ import annotations

import functools
import inspect
import json
from pathlib import Path
from typing import Any

from refmath.catalogue import FORMULAS
from refmath.oracle.diagnosing.made import made
from refmath.spec import Formula
from refmath.vectors import formulas as vectors
from tools.site.excerpts import few_lines
from tools.site.markdown import details, name, prose, table
from tools.site.parts import conventions, derivative, laws, made_by_operators, mistakes, options, steps
from tools.site.rounding import rounding
from tools.site.tex import displays
from tools.who_conforms.page import of_formula

_CONFORMING = Path(__file__).parents[2] / "docs" / "who_conforms.json"
#: What a formula is called where its name, with spaces, would not do.
_TITLES = {
    "adagrad_step": "AdaGrad step",
    "adam_step": "Adam step",
    "adamw_step": "AdamW step",
    "affine": "Affine layer",
    "binary_cross_entropy_with_logits": "Binary cross-entropy with logits",
    "binary_cross_entropy": "Binary cross-entropy",
    "cross_entropy_error": "Cross-entropy with targets of either encoding",
    "cross_entropy_labels": "Cross-entropy with labels",
    "cross_entropy_one_hot": "Cross-entropy with one-hot targets",
    "elu": "ELU",
    "gelu": "GELU",
    "hinge": "Hinge loss",
    "huber": "Huber loss",
    "kl_divergence": "Kullback–Leibler divergence",
    "l2_penalty": "L2 penalty",
    "layer_norm": "Layer normalisation",
    "leaky_relu": "Leaky ReLU",
    "log_softmax": "Log-softmax",
    "logsumexp": "Log-sum-exp",
    "momentum_step": "Momentum step",
    "nesterov_step": "Nesterov step",
    "relu": "ReLU",
    "rms_norm": "Root mean square normalisation",
    "rmsprop_step": "RMSProp step",
    "sgd_step": "Step of stochastic gradient descent",
    "silu": "SiLU",
    "softmax_cross_entropy_labels": "Softmax cross-entropy with labels",
    "softmax_cross_entropy_one_hot": "Softmax cross-entropy with one-hot targets",
    "tanh": "Hyperbolic tangent",
    "two_layer_net_gradient": "Two-layer network: gradient",
    "two_layer_net_loss": "Two-layer network: loss",
    "two_layer_net_predict": "Two-layer network: outputs",
}
#: Words of titles that keep their capital.
_PEOPLE = {"Huber", "Kullback–Leibler"}
#: Other words for a formula, under which the search finds its page.
_ALSO = {
    "adam_step": ("Adam", "optimiser"),
    "gradient_descent": ("梯度下降法",),
    "hinge": ("SVM",),
    "kl_divergence": ("KL", "relative entropy"),
    "logsumexp": ("logsumexp", "LSE"),
    "mean_squared_error": ("MSE", "均方误差"),
    "numerical_gradient": ("数值微分", "finite differences"),
    "sgd_step": ("SGD", "随机梯度下降法"),
    "sigmoid": ("logistic", "expit"),
}


def title(formula: Formula) -> str:
    """What people call a formula."""
    if formula.name in _TITLES:
        return _TITLES[formula.name]
    for ending, before in (("_gradient", "Gradient of the"), ("_vjp", "Backward form of the")):
        if formula.name.endswith(ending) and (of := formula.name.removesuffix(ending)) in _NAMED:
            known = title(_NAMED[of])
            word = known.partition(" ")[0]
            plain = word[1:].islower() and word not in _PEOPLE
            return f"{before} {known[0].lower() + known[1:] if plain else known}"
    return formula.name.replace("_", " ").capitalize()


_NAMED = {each.name: each for each in FORMULAS}


def pages() -> dict[str, str]:
    """The page of each formula, by its name."""
    return {each.name: page(each) for each in FORMULAS}


def page(formula: Formula) -> str:
    """All that is known of a formula."""
    of = _related(formula)
    sections = [
        ("In a few lines", few_lines(formula.name)),
        ("The definition, as SymPy holds it", displays(formula)),
        ("The program, step by step", details("refmath's own program, with its reasons", steps(formula.program))),
        ("The derivative", _derivative(formula)),
        ("Options", "" if formula.options is None else options(formula)),
        ("Laws", laws(formula)),
        ("Conventions", conventions(formula) if formula.conventions else "Nobody is known who means something else by this name."),
        ("Common mistakes", mistakes(formula) if formula.mistakes else ""),
        ("Mistakes with the definition", details("What operators make of the definition", made_by_operators(formula)) if made(formula) else ""),
        ("Accuracy", _accuracy(formula)),
        ("Test vectors", _vectors(formula)),
        ("Who conforms", of_formula(_conforming(), formula.name)),
    ]  # fmt: skip
    called = title(formula)
    program = f"::: {formula.program.__module__}\n    options:\n      members: [{formula.name}]\n      heading_level: 2"
    tags = f"tags: [{', '.join(_ALSO[formula.name])}]\n" if formula.name in _ALSO else ""
    head = (
        f"---\ntitle: {json.dumps(called, ensure_ascii=False)}\ndescription: {json.dumps(_description(called), ensure_ascii=False)}\n"
        f"{tags}---\n\n# {called}\n\n{of}{program}\n"
    )
    return head + "".join(f"\n## {heading}\n\n{body.strip()}\n" for heading, body in sections if body)


def family(module: str) -> str:
    """A table of the formulas of a family, each with its page."""
    rows = [
        (f"[{title(each)}](reference/{each.name}.md)", name(each.name), prose(_summary(each)))
        for each in FORMULAS
        if each.program.__module__.split(".")[1] == module
    ]
    return table(("formula", "name", "what it computes"), rows) + "\n"


def family_tables() -> dict[str, str]:
    """The tables of all families, by the names under which pages include them."""
    modules = dict.fromkeys(each.program.__module__.split(".")[1] for each in FORMULAS)
    return {f"family_{each}": family(each) for each in modules}


def _summary(formula: Formula) -> str:
    return (inspect.getdoc(formula.program) or "").partition("\n\n")[0].replace("\n", " ")


def _description(called: str) -> str:
    return f"{called}: definition, NumPy program, derivative, laws, conventions of the libraries, common mistakes, accuracy and test vectors."


def _related(formula: Formula) -> str:
    """The formula that this is the derivative or the backward form of, and those that are so of this."""
    of = formula.name.removesuffix("_gradient").removesuffix("_vjp")
    others = [_NAMED[each] for each in (of, f"{of}_gradient", f"{of}_vjp") if each in _NAMED and each != formula.name]
    return "See also: " + ", ".join(f"[{title(each)}]({each.name}.md)" for each in others) + ".\n\n" if others else ""


def _derivative(formula: Formula) -> str:
    if formula.derivative_of and formula.takes_samples:
        return derivative(formula)
    gradient = _NAMED.get(f"{formula.name}_gradient")
    return (
        f"By each entry of the first argument: [{title(gradient)}]({gradient.name}.md).\n\n{displays(gradient)}"
        if gradient
        else ""
    )


def _accuracy(formula: Formula) -> str:
    """How far off refmath's own program may be, and how far an honest one."""
    own = (
        f"refmath's program is off by at most {formula.ulps:g} units in the last place of float64, as far as has been measured against 50-digit arithmetic."
        if formula.ulps
        else "refmath's program rounds nothing: its answers are exact."
        if formula.ulps == 0
        else ""
    )
    return "\n\n".join(filter(None, [own, rounding(formula)]))


def _vectors(formula: Formula) -> str:
    if formula not in vectors.WITH_VECTORS:
        return "None: it takes a function, which cannot be written into a file."
    return (
        f"`{formula.name}.json` in [refmath-vectors.zip](../downloads/refmath-vectors.zip), or `refmath vectors DIR`. [How to read them](../vectors.md). "
        f"A program in another language is asked by `refmath check --exec COMMAND --against {formula.name}`: [how](../other_languages.md)."
    )


@functools.cache
def _conforming() -> Any:
    return json.loads(_CONFORMING.read_text("utf-8"))
