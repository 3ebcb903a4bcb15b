"""The formulas of refmath, in reading order: adding a page adds a line here."""

from __future__ import annotations

import difflib
import functools
import importlib.metadata
import warnings
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from refmath.activations.elu import ELU
from refmath.activations.elu_gradient import ELU_GRADIENT
from refmath.activations.gelu import GELU
from refmath.activations.gelu_gradient import GELU_GRADIENT
from refmath.activations.leaky_relu import LEAKY_RELU
from refmath.activations.leaky_relu_gradient import LEAKY_RELU_GRADIENT
from refmath.activations.log_softmax import LOG_SOFTMAX_PAGE
from refmath.activations.log_softmax_vjp import LOG_SOFTMAX_VJP
from refmath.activations.logsumexp import LOGSUMEXP
from refmath.activations.logsumexp_gradient import LOGSUMEXP_GRADIENT
from refmath.activations.relu import RELU
from refmath.activations.relu_gradient import RELU_GRADIENT
from refmath.activations.sigmoid import SIGMOID
from refmath.activations.sigmoid_gradient import SIGMOID_GRADIENT
from refmath.activations.silu import SILU
from refmath.activations.silu_gradient import SILU_GRADIENT
from refmath.activations.softmax import SOFTMAX
from refmath.activations.softmax_gradient import SOFTMAX_GRADIENT
from refmath.activations.softmax_vjp import SOFTMAX_VJP
from refmath.activations.softplus import SOFTPLUS
from refmath.activations.softplus_gradient import SOFTPLUS_GRADIENT
from refmath.activations.tanh import TANH
from refmath.activations.tanh_gradient import TANH_GRADIENT
from refmath.calculus.numerical_gradient import NUMERICAL_GRADIENT
from refmath.derivation import gradient_of
from refmath.descent.adagrad_step import ADAGRAD_STEP
from refmath.descent.adam_step import ADAM_STEP
from refmath.descent.adamw_step import ADAMW_STEP
from refmath.descent.gradient_descent import GRADIENT_DESCENT
from refmath.descent.momentum_step import MOMENTUM_STEP
from refmath.descent.nesterov_step import NESTEROV_STEP
from refmath.descent.rmsprop_step import RMSPROP_STEP
from refmath.descent.stochastic_gradient_descent import SGD_STEP
from refmath.layers.affine import AFFINE
from refmath.layers.affine_vjp import AFFINE_VJP
from refmath.layers.layer_norm import LAYER_NORM
from refmath.layers.layer_norm_vjp import LAYER_NORM_VJP
from refmath.layers.rms_norm import RMS_NORM
from refmath.layers.rms_norm_vjp import RMS_NORM_VJP
from refmath.losses.binary_cross_entropy import BINARY_CROSS_ENTROPY
from refmath.losses.binary_cross_entropy_gradient import BINARY_CROSS_ENTROPY_GRADIENT
from refmath.losses.binary_cross_entropy_with_logits import BINARY_CROSS_ENTROPY_WITH_LOGITS
from refmath.losses.binary_cross_entropy_with_logits_gradient import BINARY_CROSS_ENTROPY_WITH_LOGITS_GRADIENT
from refmath.losses.cross_entropy_error import CROSS_ENTROPY_ERROR
from refmath.losses.cross_entropy_error_gradient import CROSS_ENTROPY_ERROR_GRADIENT
from refmath.losses.cross_entropy_labels import CROSS_ENTROPY_LABELS
from refmath.losses.cross_entropy_labels_gradient import CROSS_ENTROPY_LABELS_GRADIENT
from refmath.losses.cross_entropy_one_hot import CROSS_ENTROPY_ONE_HOT
from refmath.losses.cross_entropy_one_hot_gradient import CROSS_ENTROPY_ONE_HOT_GRADIENT
from refmath.losses.hinge import HINGE
from refmath.losses.hinge_gradient import HINGE_GRADIENT
from refmath.losses.huber import HUBER
from refmath.losses.huber_gradient import HUBER_GRADIENT
from refmath.losses.kl_divergence import KL_DIVERGENCE
from refmath.losses.kl_divergence_gradient import KL_DIVERGENCE_GRADIENT
from refmath.losses.l2_penalty import L2_PENALTY
from refmath.losses.l2_penalty_gradient import L2_PENALTY_GRADIENT
from refmath.losses.mean_absolute_error import MEAN_ABSOLUTE_ERROR
from refmath.losses.mean_absolute_error_gradient import MEAN_ABSOLUTE_ERROR_GRADIENT
from refmath.losses.mean_squared_error import MEAN_SQUARED_ERROR
from refmath.losses.mean_squared_error_gradient import MEAN_SQUARED_ERROR_GRADIENT
from refmath.losses.softmax_cross_entropy_labels import SOFTMAX_CROSS_ENTROPY_LABELS
from refmath.losses.softmax_cross_entropy_labels_gradient import SOFTMAX_CROSS_ENTROPY_LABELS_GRADIENT
from refmath.losses.softmax_cross_entropy_one_hot import SOFTMAX_CROSS_ENTROPY_ONE_HOT
from refmath.losses.softmax_cross_entropy_one_hot_gradient import SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT
from refmath.networks.two_layer_net_gradient import TWO_LAYER_NET_GRADIENT
from refmath.networks.two_layer_net_loss import TWO_LAYER_NET_LOSS
from refmath.networks.two_layer_net_predict import TWO_LAYER_NET_PREDICT
from refmath.spec import Formula

#: The entry points under which packages offer formulas.
ENTRY_POINTS = "refmath.pages"

FORMULAS: tuple[Formula, ...] = (
    SIGMOID,
    SIGMOID_GRADIENT,
    SOFTMAX,
    SOFTMAX_GRADIENT,
    SOFTMAX_VJP,
    LOG_SOFTMAX_PAGE,
    LOG_SOFTMAX_VJP,
    LOGSUMEXP,
    LOGSUMEXP_GRADIENT,
    RELU,
    RELU_GRADIENT,
    LEAKY_RELU,
    LEAKY_RELU_GRADIENT,
    TANH,
    TANH_GRADIENT,
    SOFTPLUS,
    SOFTPLUS_GRADIENT,
    ELU,
    ELU_GRADIENT,
    GELU,
    GELU_GRADIENT,
    SILU,
    SILU_GRADIENT,
    MEAN_SQUARED_ERROR,
    MEAN_SQUARED_ERROR_GRADIENT,
    MEAN_ABSOLUTE_ERROR,
    MEAN_ABSOLUTE_ERROR_GRADIENT,
    HUBER,
    HUBER_GRADIENT,
    HINGE,
    HINGE_GRADIENT,
    L2_PENALTY,
    L2_PENALTY_GRADIENT,
    KL_DIVERGENCE,
    KL_DIVERGENCE_GRADIENT,
    CROSS_ENTROPY_ONE_HOT,
    CROSS_ENTROPY_ONE_HOT_GRADIENT,
    CROSS_ENTROPY_LABELS,
    CROSS_ENTROPY_LABELS_GRADIENT,
    CROSS_ENTROPY_ERROR,
    CROSS_ENTROPY_ERROR_GRADIENT,
    SOFTMAX_CROSS_ENTROPY_ONE_HOT,
    SOFTMAX_CROSS_ENTROPY_ONE_HOT_GRADIENT,
    SOFTMAX_CROSS_ENTROPY_LABELS,
    SOFTMAX_CROSS_ENTROPY_LABELS_GRADIENT,
    BINARY_CROSS_ENTROPY,
    BINARY_CROSS_ENTROPY_GRADIENT,
    BINARY_CROSS_ENTROPY_WITH_LOGITS,
    BINARY_CROSS_ENTROPY_WITH_LOGITS_GRADIENT,
    AFFINE,
    AFFINE_VJP,
    LAYER_NORM,
    LAYER_NORM_VJP,
    RMS_NORM,
    RMS_NORM_VJP,
    NUMERICAL_GRADIENT,
    GRADIENT_DESCENT,
    SGD_STEP,
    MOMENTUM_STEP,
    NESTEROV_STEP,
    ADAGRAD_STEP,
    RMSPROP_STEP,
    ADAM_STEP,
    ADAMW_STEP,
    TWO_LAYER_NET_PREDICT,
    TWO_LAYER_NET_LOSS,
    TWO_LAYER_NET_GRADIENT,
)


#: So like a formula's name, as `difflib` counts it, is one that breaks off, one that goes on, and one with a slip, if it has so many letters: a CELU is no ELU.
_CUT, _LONGER, _SLIP, _LETTERS = 0.7, 0.6, 0.85, 6
#: Formulas that somebody has brought along, by name.
_ADDED: dict[str, Formula] = {}


def add(formulas: Iterable[Formula]) -> None:
    """Makes formulas known by their names, as long as this process lasts.

    Raises:
        ValueError: If a name is taken already, by another formula.
    """
    for each in formulas:
        if any(known.name == each.name for known in FORMULAS):
            raise ValueError(f"there is a formula {each.name!r} in the catalogue already: give yours another name")
        if _ADDED.get(each.name, each) is not each:
            raise ValueError(f"there are two formulas called {each.name!r}")
        _ADDED[each.name] = each


def known() -> tuple[Formula, ...]:
    """The formulas of the catalogue, those that installed packages offer, and those that were added."""
    return *FORMULAS, *offered(), *_ADDED.values()


@functools.cache
def offered() -> tuple[Formula, ...]:
    """The formulas that installed packages offer under the entry points `refmath.pages`: each a formula, several, or a module that holds some.

    What cannot be loaded, is no formula, or has a name that is taken, is left out with a warning: one package must not cost the others.
    """
    found: dict[str, Formula] = {each.name: each for each in FORMULAS}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        package = f"the package {entry.dist.name}" if entry.dist else "an installed package"
        try:
            formulas = formulas_in(entry.load())
        except Exception as error:  # noqa: BLE001  # whatever importing it may raise
            warnings.warn(
                f"{package} offers {entry.value}, which cannot be loaded: {type(error).__name__}: {error}", stacklevel=2
            )
            continue
        for each in formulas:
            if found.setdefault(each.name, each) is not each:
                warnings.warn(f"{package} offers a formula {each.name!r}, but there is one already", stacklevel=2)
    return tuple(found.values())[len(FORMULAS) :]


def formulas_in(found: Any) -> tuple[Formula, ...]:
    """The formulas that something holds: one itself, a module with some, or several in a row.

    Raises:
        TypeError: If it holds anything else, or none.
    """
    if isinstance(found, Formula):
        return (found,)
    if isinstance(found, ModuleType):
        own = dict.fromkeys(each for each in vars(found).values() if isinstance(each, Formula))
        formulas = tuple(each for each in own if each not in FORMULAS)
    else:
        formulas = tuple(found)
    if not formulas or not all(isinstance(each, Formula) for each in formulas):
        raise TypeError(f"it holds no refmath.Formula: {found!r}")
    return formulas


def formula(of: str | Formula) -> Formula:
    """The formula of that name, or itself.

    Raises:
        TypeError: If it is neither a name nor a formula.
        ValueError: If there is none of the name; the message gives the nearest names.

    Examples:
        >>> formula("mean_squared_error").name
        'mean_squared_error'
    """
    if isinstance(of, Formula):
        return of
    if not isinstance(of, str):
        raise TypeError(f"a formula must be given by its name, or as a refmath.Formula; got {type(of).__name__} {of!r}")
    formulas = {each.name: each for each in FORMULAS}
    if of not in formulas:
        formulas = {each.name: each for each in known()}
    if of in formulas:
        return formulas[of]
    raise ValueError(f"there is no formula {of!r} in the catalogue; {_hint(of, formulas)}")


def _hint(name: str, formulas: Mapping[str, Formula]) -> str:
    """What may be meant by a name that no formula has: the same in other letters, a formula under a convention, or the nearest names."""
    plain = name.casefold()
    if plain in formulas:
        return f"did you mean {plain}?"
    for each in formulas.values():
        for one in each.conventions:
            if plain in (f"{each.name}_{one.name}", f"{one.name}_{each.name}"):
                return f"did you mean {each.name} with its convention {one.name}?"
    near = difflib.get_close_matches(plain, formulas, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else "`refmath list` shows all names."


def almost(name: str) -> str:
    """The formula that is almost called so: in other letters, with a slip, or with something more or less at the end; empty if there is none.

    Examples:
        >>> almost("sofmax"), almost("GELU"), almost("adam_step_in_place"), almost("loss")
        ('softmax', 'gelu', 'adam_step', '')
    """
    plain = name.casefold().strip("_")
    names = [each.name for each in known()]
    if plain in names:
        return plain
    likeness = {each: _likeness(plain, each) for each in names}
    cut = [each for each in names if each.startswith(plain) and likeness[each] >= _CUT]
    longer = [each for each in names if plain.startswith(f"{each}_") and likeness[each] >= _LONGER]
    slips = [each for each in names if likeness[each] >= _SLIP]
    near = longer if len(plain) < _LETTERS else cut or longer or slips
    return max(near, key=likeness.__getitem__, default="")


def _likeness(one: str, other: str) -> float:
    """How alike two names are, as `difflib` counts it; 0 where that is less than any that matters."""
    least = min(_CUT, _LONGER, _SLIP)
    # No ratio is larger than that of the lengths.
    if 2 * min(len(one), len(other)) < least * (len(one) + len(other)):
        return 0.0
    matcher = difflib.SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.quick_ratio() >= least else 0.0


def gradient(of: str | Formula) -> Formula:
    """The gradient of a formula by its first argument: its page, if there is one, or else what follows from its definition.

    Raises:
        ValueError: If it has none.

    Examples:
        >>> gradient("softmax_cross_entropy_labels").name
        'softmax_cross_entropy_labels_gradient'
    """
    page = formula(of)
    return next((each for each in known() if each.derivative_of == page.name), None) or gradient_of(page)


def related(page: Formula) -> tuple[Formula, ...]:
    """The formula that a page is the derivative of, those that are derivatives of it, and of a function of one number the others, or their derivatives."""
    return tuple(
        each
        for each in known()
        if each.name == page.derivative_of or each.derivative_of == page.name or _are_alike(each, page)
    )


def _are_alike(one: Formula, other: Formula) -> bool:
    """Whether both work entry by entry on an array alone, and are derivatives or no derivatives."""
    each_alone = all(
        [each.kind for each in page.inputs if each.axes == ("...",)] == ["logits"] for page in (one, other)
    )
    return each_alone and one is not other and bool(one.derivative_of) == bool(other.derivative_of)


def called(of: str | Formula) -> str:
    """The name of a formula, which may be given by it."""
    return of.name if isinstance(of, Formula) else of
