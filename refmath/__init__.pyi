"""The public names of refmath, and where each lives: it is imported when it is first asked for, so that the command line starts at once."""

from .activations.elu import elu as elu
from .activations.elu_gradient import elu_gradient as elu_gradient
from .activations.gelu import gelu as gelu
from .activations.gelu_gradient import gelu_gradient as gelu_gradient
from .activations.leaky_relu import leaky_relu as leaky_relu
from .activations.leaky_relu_gradient import leaky_relu_gradient as leaky_relu_gradient
from .activations.log_softmax import log_softmax as log_softmax
from .activations.log_softmax_vjp import log_softmax_vjp as log_softmax_vjp
from .activations.logsumexp import logsumexp as logsumexp
from .activations.logsumexp_gradient import logsumexp_gradient as logsumexp_gradient
from .activations.relu import relu as relu
from .activations.relu_gradient import relu_gradient as relu_gradient
from .activations.sigmoid import sigmoid as sigmoid
from .activations.sigmoid_gradient import sigmoid_gradient as sigmoid_gradient
from .activations.silu import silu as silu
from .activations.silu_gradient import silu_gradient as silu_gradient
from .activations.softmax import softmax as softmax
from .activations.softmax_gradient import softmax_gradient as softmax_gradient
from .activations.softmax_vjp import softmax_vjp as softmax_vjp
from .activations.softplus import softplus as softplus
from .activations.softplus_gradient import softplus_gradient as softplus_gradient
from .activations.tanh import tanh as tanh
from .activations.tanh_gradient import tanh_gradient as tanh_gradient
from .balls.exact import Enclosure as Enclosure
from .calculus.central_difference import central_difference as central_difference
from .calculus.numerical_gradient import numerical_gradient as numerical_gradient
from .catalogue import FORMULAS as FORMULAS
from .certified import exact as exact
from .declarations import argument as argument
from .declarations import indices as indices
from .declarations import parameter as parameter
from .declarations import sizes as sizes
from .derivation import gradient_of as gradient_of
from .derivation import vjp_of as vjp_of
from .descent.adagrad_step import adagrad_step as adagrad_step
from .descent.adam_step import adam_step as adam_step
from .descent.adamw_step import adamw_step as adamw_step
from .descent.gradient_descent import gradient_descent as gradient_descent
from .descent.mini_batch import mini_batch as mini_batch
from .descent.momentum_step import momentum_step as momentum_step
from .descent.nesterov_step import nesterov_step as nesterov_step
from .descent.rmsprop_step import rmsprop_step as rmsprop_step
from .descent.stochastic_gradient_descent import sgd_step as sgd_step
from .gradients.check_gradient import check_gradient as check_gradient
from .gradients.check_gradient import check_jvp as check_jvp
from .gradients.check_gradient import check_vjp as check_vjp
from .gradients.report import GradientCheck as GradientCheck
from .layers.affine import affine as affine
from .layers.affine_vjp import affine_vjp as affine_vjp
from .layers.layer_norm import layer_norm as layer_norm
from .layers.layer_norm_vjp import layer_norm_vjp as layer_norm_vjp
from .layers.rms_norm import rms_norm as rms_norm
from .layers.rms_norm_vjp import rms_norm_vjp as rms_norm_vjp
from .losses.binary_cross_entropy import binary_cross_entropy as binary_cross_entropy
from .losses.binary_cross_entropy_gradient import binary_cross_entropy_gradient as binary_cross_entropy_gradient
from .losses.binary_cross_entropy_with_logits import (
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
)
from .losses.binary_cross_entropy_with_logits_gradient import (
    binary_cross_entropy_with_logits_gradient as binary_cross_entropy_with_logits_gradient,
)
from .losses.cross_entropy_error import cross_entropy_error as cross_entropy_error
from .losses.cross_entropy_error_gradient import cross_entropy_error_gradient as cross_entropy_error_gradient
from .losses.cross_entropy_labels import cross_entropy_labels as cross_entropy_labels
from .losses.cross_entropy_labels_gradient import cross_entropy_labels_gradient as cross_entropy_labels_gradient
from .losses.cross_entropy_one_hot import cross_entropy_one_hot as cross_entropy_one_hot
from .losses.cross_entropy_one_hot_gradient import cross_entropy_one_hot_gradient as cross_entropy_one_hot_gradient
from .losses.hinge import hinge as hinge
from .losses.hinge_gradient import hinge_gradient as hinge_gradient
from .losses.huber import huber as huber
from .losses.huber_gradient import huber_gradient as huber_gradient
from .losses.kl_divergence import kl_divergence as kl_divergence
from .losses.kl_divergence_gradient import kl_divergence_gradient as kl_divergence_gradient
from .losses.l2_penalty import l2_penalty as l2_penalty
from .losses.l2_penalty_gradient import l2_penalty_gradient as l2_penalty_gradient
from .losses.mean_absolute_error import mean_absolute_error as mean_absolute_error
from .losses.mean_absolute_error_gradient import mean_absolute_error_gradient as mean_absolute_error_gradient
from .losses.mean_squared_error import mean_squared_error as mean_squared_error
from .losses.mean_squared_error_gradient import mean_squared_error_gradient as mean_squared_error_gradient
from .losses.softmax_cross_entropy_labels import softmax_cross_entropy_labels as softmax_cross_entropy_labels
from .losses.softmax_cross_entropy_labels_gradient import (
    softmax_cross_entropy_labels_gradient as softmax_cross_entropy_labels_gradient,
)
from .losses.softmax_cross_entropy_one_hot import softmax_cross_entropy_one_hot as softmax_cross_entropy_one_hot
from .losses.softmax_cross_entropy_one_hot_gradient import (
    softmax_cross_entropy_one_hot_gradient as softmax_cross_entropy_one_hot_gradient,
)
from .networks.two_layer_net import TwoLayerNet as TwoLayerNet
from .networks.two_layer_net_gradient import two_layer_net_gradient as two_layer_net_gradient
from .networks.two_layer_net_loss import two_layer_net_loss as two_layer_net_loss
from .networks.two_layer_net_predict import two_layer_net_predict as two_layer_net_predict
from .oracle.candidates.not_judged import NotJudged as NotJudged
from .oracle.check import assert_conforms as assert_conforms
from .oracle.check import check as check
from .oracle.parametrized import parametrize_with_checks as parametrize_with_checks
from .oracle.remote.adapter import Adapter as Adapter
from .oracle.reporting.report import Report as Report
from .spec import AtLeast as AtLeast
from .spec import Convention as Convention
from .spec import Equal as Equal
from .spec import Form as Form
from .spec import Formula as Formula
from .spec import defining as defining
from .spec import law as law
from .spec import mistake as mistake
from .symbols import Largest as Largest
from .symbols import xdivy as xdivy
from .symbols import xlogy as xlogy

__all__: list[str]  # noqa: PYI035  # made by lazy_loader
__version__: str
