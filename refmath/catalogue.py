"""The formulas of refmath, in reading order: adding a page adds a line here."""

from __future__ import annotations

import difflib

from refmath.activations.sigmoid import SIGMOID
from refmath.activations.sigmoid_gradient import SIGMOID_GRADIENT
from refmath.activations.softmax import SOFTMAX
from refmath.activations.softmax_gradient import SOFTMAX_GRADIENT
from refmath.calculus.numerical_gradient import NUMERICAL_GRADIENT
from refmath.descent.gradient_descent import GRADIENT_DESCENT
from refmath.descent.stochastic_gradient_descent import SGD_STEP
from refmath.losses.cross_entropy_error import CROSS_ENTROPY_ERROR
from refmath.losses.cross_entropy_error_gradient import CROSS_ENTROPY_ERROR_GRADIENT
from refmath.losses.cross_entropy_labels import CROSS_ENTROPY_LABELS
from refmath.losses.cross_entropy_labels_gradient import CROSS_ENTROPY_LABELS_GRADIENT
from refmath.losses.cross_entropy_one_hot import CROSS_ENTROPY_ONE_HOT
from refmath.losses.cross_entropy_one_hot_gradient import CROSS_ENTROPY_ONE_HOT_GRADIENT
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

FORMULAS: tuple[Formula, ...] = (
    SIGMOID,
    SIGMOID_GRADIENT,
    SOFTMAX,
    SOFTMAX_GRADIENT,
    MEAN_SQUARED_ERROR,
    MEAN_SQUARED_ERROR_GRADIENT,
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
    NUMERICAL_GRADIENT,
    GRADIENT_DESCENT,
    SGD_STEP,
    TWO_LAYER_NET_PREDICT,
    TWO_LAYER_NET_LOSS,
    TWO_LAYER_NET_GRADIENT,
)


def formula(name: str) -> Formula:
    """The formula of that name.

    Raises:
        TypeError: If it is no name.
        ValueError: If there is none; the message gives the nearest names.

    Examples:
        >>> formula("mean_squared_error").name
        'mean_squared_error'
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a formula must be a string; got {type(name).__name__} {name!r}")
    for known in FORMULAS:
        if known.name == name:
            return known
    near = difflib.get_close_matches(name, [known.name for known in FORMULAS], n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "`refmath list` shows all names."
    raise ValueError(f"there is no formula {name!r} in the catalogue; {hint}")
