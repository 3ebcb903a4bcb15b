"""refmath: the mathematics of how a neural network learns, and an oracle for implementations of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refmath.activations.sigmoid import sigmoid as sigmoid
    from refmath.activations.sigmoid_gradient import sigmoid_gradient as sigmoid_gradient
    from refmath.activations.softmax import softmax as softmax
    from refmath.activations.softmax_gradient import softmax_gradient as softmax_gradient
    from refmath.balls.exact import Enclosure as Enclosure
    from refmath.calculus.central_difference import central_difference as central_difference
    from refmath.calculus.numerical_gradient import numerical_gradient as numerical_gradient
    from refmath.catalogue import FORMULAS as FORMULAS
    from refmath.certified import exact as exact
    from refmath.declarations import argument as argument
    from refmath.declarations import indices as indices
    from refmath.declarations import parameter as parameter
    from refmath.declarations import sizes as sizes
    from refmath.derivation import gradient_of as gradient_of
    from refmath.derivation import vjp_of as vjp_of
    from refmath.descent.gradient_descent import gradient_descent as gradient_descent
    from refmath.descent.mini_batch import mini_batch as mini_batch
    from refmath.descent.stochastic_gradient_descent import sgd_step as sgd_step
    from refmath.gradients.check_gradient import check_gradient as check_gradient
    from refmath.gradients.check_gradient import check_jvp as check_jvp
    from refmath.gradients.check_gradient import check_vjp as check_vjp
    from refmath.gradients.report import GradientCheck as GradientCheck
    from refmath.losses.cross_entropy_error import cross_entropy_error as cross_entropy_error
    from refmath.losses.cross_entropy_error_gradient import cross_entropy_error_gradient as cross_entropy_error_gradient
    from refmath.losses.cross_entropy_labels import cross_entropy_labels as cross_entropy_labels
    from refmath.losses.cross_entropy_labels_gradient import (
        cross_entropy_labels_gradient as cross_entropy_labels_gradient,
    )
    from refmath.losses.cross_entropy_one_hot import cross_entropy_one_hot as cross_entropy_one_hot
    from refmath.losses.cross_entropy_one_hot_gradient import (
        cross_entropy_one_hot_gradient as cross_entropy_one_hot_gradient,
    )
    from refmath.losses.mean_squared_error import mean_squared_error as mean_squared_error
    from refmath.losses.mean_squared_error_gradient import mean_squared_error_gradient as mean_squared_error_gradient
    from refmath.losses.softmax_cross_entropy_labels import softmax_cross_entropy_labels as softmax_cross_entropy_labels
    from refmath.losses.softmax_cross_entropy_labels_gradient import (
        softmax_cross_entropy_labels_gradient as softmax_cross_entropy_labels_gradient,
    )
    from refmath.losses.softmax_cross_entropy_one_hot import (
        softmax_cross_entropy_one_hot as softmax_cross_entropy_one_hot,
    )
    from refmath.losses.softmax_cross_entropy_one_hot_gradient import (
        softmax_cross_entropy_one_hot_gradient as softmax_cross_entropy_one_hot_gradient,
    )
    from refmath.networks.two_layer_net import TwoLayerNet as TwoLayerNet
    from refmath.networks.two_layer_net_gradient import two_layer_net_gradient as two_layer_net_gradient
    from refmath.networks.two_layer_net_loss import two_layer_net_loss as two_layer_net_loss
    from refmath.networks.two_layer_net_predict import two_layer_net_predict as two_layer_net_predict
    from refmath.oracle.adapter import Adapter as Adapter
    from refmath.oracle.check import assert_conforms as assert_conforms
    from refmath.oracle.check import check as check
    from refmath.oracle.not_judged import NotJudged as NotJudged
    from refmath.oracle.report import Report as Report
    from refmath.spec import AtLeast as AtLeast
    from refmath.spec import Convention as Convention
    from refmath.spec import Equal as Equal
    from refmath.spec import Form as Form
    from refmath.spec import Formula as Formula
    from refmath.spec import defining as defining
    from refmath.spec import law as law
    from refmath.spec import mistake as mistake
    from refmath.symbols import Largest as Largest
    from refmath.symbols import xdivy as xdivy
    from refmath.symbols import xlogy as xlogy

__version__ = "0.1.0"

__all__ = [
    "FORMULAS",
    "Adapter",
    "AtLeast",
    "Convention",
    "Enclosure",
    "Equal",
    "Form",
    "Formula",
    "GradientCheck",
    "Largest",
    "NotJudged",
    "Report",
    "TwoLayerNet",
    "argument",
    "assert_conforms",
    "central_difference",
    "check",
    "check_gradient",
    "check_jvp",
    "check_vjp",
    "cross_entropy_error",
    "cross_entropy_error_gradient",
    "cross_entropy_labels",
    "cross_entropy_labels_gradient",
    "cross_entropy_one_hot",
    "cross_entropy_one_hot_gradient",
    "defining",
    "exact",
    "gradient_descent",
    "gradient_of",
    "indices",
    "law",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "mini_batch",
    "mistake",
    "numerical_gradient",
    "parameter",
    "sgd_step",
    "sigmoid",
    "sigmoid_gradient",
    "sizes",
    "softmax",
    "softmax_cross_entropy_labels",
    "softmax_cross_entropy_labels_gradient",
    "softmax_cross_entropy_one_hot",
    "softmax_cross_entropy_one_hot_gradient",
    "softmax_gradient",
    "two_layer_net_gradient",
    "two_layer_net_loss",
    "two_layer_net_predict",
    "vjp_of",
    "xdivy",
    "xlogy",
]

#: Where each public name lives; it is imported when it is first asked for, so that the command line starts at once.
_HOME = {
    "Adapter": "refmath.oracle.adapter",
    "AtLeast": "refmath.spec",
    "Convention": "refmath.spec",
    "Enclosure": "refmath.balls.exact",
    "Equal": "refmath.spec",
    "FORMULAS": "refmath.catalogue",
    "Form": "refmath.spec",
    "Formula": "refmath.spec",
    "GradientCheck": "refmath.gradients.report",
    "Largest": "refmath.symbols",
    "NotJudged": "refmath.oracle.not_judged",
    "Report": "refmath.oracle.report",
    "TwoLayerNet": "refmath.networks.two_layer_net",
    "argument": "refmath.declarations",
    "assert_conforms": "refmath.oracle.check",
    "central_difference": "refmath.calculus.central_difference",
    "check": "refmath.oracle.check",
    "check_gradient": "refmath.gradients.check_gradient",
    "check_jvp": "refmath.gradients.check_gradient",
    "check_vjp": "refmath.gradients.check_gradient",
    "cross_entropy_error": "refmath.losses.cross_entropy_error",
    "cross_entropy_error_gradient": "refmath.losses.cross_entropy_error_gradient",
    "cross_entropy_labels": "refmath.losses.cross_entropy_labels",
    "cross_entropy_labels_gradient": "refmath.losses.cross_entropy_labels_gradient",
    "cross_entropy_one_hot": "refmath.losses.cross_entropy_one_hot",
    "cross_entropy_one_hot_gradient": "refmath.losses.cross_entropy_one_hot_gradient",
    "defining": "refmath.spec",
    "exact": "refmath.certified",
    "gradient_descent": "refmath.descent.gradient_descent",
    "gradient_of": "refmath.derivation",
    "indices": "refmath.declarations",
    "law": "refmath.spec",
    "mean_squared_error": "refmath.losses.mean_squared_error",
    "mean_squared_error_gradient": "refmath.losses.mean_squared_error_gradient",
    "mini_batch": "refmath.descent.mini_batch",
    "mistake": "refmath.spec",
    "numerical_gradient": "refmath.calculus.numerical_gradient",
    "parameter": "refmath.declarations",
    "sgd_step": "refmath.descent.stochastic_gradient_descent",
    "sigmoid": "refmath.activations.sigmoid",
    "sigmoid_gradient": "refmath.activations.sigmoid_gradient",
    "sizes": "refmath.declarations",
    "softmax": "refmath.activations.softmax",
    "softmax_cross_entropy_labels": "refmath.losses.softmax_cross_entropy_labels",
    "softmax_cross_entropy_labels_gradient": "refmath.losses.softmax_cross_entropy_labels_gradient",
    "softmax_cross_entropy_one_hot": "refmath.losses.softmax_cross_entropy_one_hot",
    "softmax_cross_entropy_one_hot_gradient": "refmath.losses.softmax_cross_entropy_one_hot_gradient",
    "softmax_gradient": "refmath.activations.softmax_gradient",
    "two_layer_net_gradient": "refmath.networks.two_layer_net_gradient",
    "two_layer_net_loss": "refmath.networks.two_layer_net_loss",
    "two_layer_net_predict": "refmath.networks.two_layer_net_predict",
    "vjp_of": "refmath.derivation",
    "xdivy": "refmath.symbols",
    "xlogy": "refmath.symbols",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'refmath' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
