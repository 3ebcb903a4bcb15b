"""The names that people give to functions and to their arguments: which formula, and which argument, is meant by one."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence

from refmath.catalogue import known
from refmath.spec import Formula, Input, argument_names

#: What an argument is, by the names that it usually has, without underscores and in small letters. `y` is missing: it may be either side of a loss.
_ROLES: Mapping[str, frozenset[str]] = {
    role: frozenset(names.split())
    for role, names in {
        "truth": "t target targets label labels ytrue true truth actual actuals groundtruth gt expected desired correct yreal real tgt reference "
        "truelabels ylabels ylabel onehot truevalues ytarget ytargets goal observed ytest ytrain classes",
        "prediction": "p ypred yhat pred preds prediction predictions predicted output outputs out yp logit logits prob probs proba "
        "probabilities probability a al score scores estimate estimates h hypothesis ypredicted ypredict net z input yout estimated",
        "weights": "w weight weights param params parameter parameters theta",
        "gradient": "g grad grads gradient gradients dw dtheta dparams",
        "upstream": "upstream dout dy grad gradoutput outgrad dvalues outputgradient gradout delta",
    }.items()
}

#: What a function may be called that is meant to be a formula, besides the formula's own name, without underscores and in small letters.
_FUNCTIONS: dict[str, str] = {
    name: formula
    for formula, names in {
        "sigmoid": "logistic sig expit logsig",
        "softmax": "stablesoftmax",
        "softmax_gradient": "softmaxjacobian",
        "logsumexp": "lse",
        "relu": "rectifiedlinear rectifier rectifiedlinearunit",
        "leaky_relu": "lrelu leaky",
        "tanh": "hyperbolictangent",
        "elu": "exponentiallinear exponentiallinearunit",
        "gelu": "gaussianerrorlinearunit",
        "silu": "swish",
        "mean_squared_error": "mse meansquare meansquared squarederror squaredloss squarederrorloss quadraticloss quadraticcost l2loss sse sumsquarederror "
        "sumofsquarederrors sumofsquares",
        "mean_absolute_error": "mae l1loss absoluteerror absoluteloss meanabsolute",
        "huber": "smoothl1",
        "hinge": "svm",
        "l2_penalty": "l2 l2reg l2regularization l2regularisation ridgepenalty weightdecay",
        "kl_divergence": "kl kldiv kullbackleibler kullbackleiblerdivergence relativeentropy",
        "cross_entropy_one_hot": "categoricalcrossentropy cce ce",
        "cross_entropy_labels": "sparsecategoricalcrossentropy nll negativeloglikelihood sparsecrossentropy logloss",
        "cross_entropy_error": "crossentropy xent",
        "softmax_cross_entropy_labels": "softmaxloss softmaxcrossentropy softmaxcrossentropywithlogits crossentropywithlogits softmaxwithloss",
        "binary_cross_entropy": "bce binarylogloss logisticloss",
        "binary_cross_entropy_with_logits": "bcewithlogits sigmoidcrossentropywithlogits binarycrossentropylogits sigmoidcrossentropy",
        "affine": "linear dense fullyconnected fc",
        "layer_norm": "layernormalization",
        "rms_norm": "rmsnormalization",
        "numerical_gradient": "numericalgrad numgrad evalnumericalgradient finitedifference gradientnumerical numericalgradients approxgradient "
        "gradientapproximation approxfprime",
        "gradient_descent": "steepestdescent graddescent batchgradientdescent",
        "sgd_step": "sgd updateparameters updateparams stochasticgradientdescent gradientdescentstep",
        "momentum_step": "momentum sgdmomentum sgdwithmomentum updateparameterswithmomentum",
        "nesterov_step": "nesterov nag nesterovmomentum",
        "adagrad_step": "adagrad",
        "rmsprop_step": "rmsprop",
        "adam_step": "adam updateparameterswithadam",
        "adamw_step": "adamw",
    }.items()
    for name in names.split()
}
#: What stands before and after a name and says nothing of the formula.
_BEFORE = ("calculate", "compute", "calc", "get", "numpy", "np", "my", "naive", "stable", "vectorized")
_AFTER = (
    "function",
    "func",
    "fn",
    "activation",
    "forward",
    "numpy",
    "np",
    "naive",
    "vectorized",
    "loss",
    "cost",
    "layer",
    "error",
    "step",
    "update",
    "optimizer",
    "v2",
)
#: What stands before and after a name and says that the derivative is meant.
_DERIVATIVE_BEFORE = ("derivativeof", "derivative", "derivof", "deriv", "gradientof", "gradient", "gradof", "grad", "d")
_DERIVATIVE_AFTER = ("prime", "gradient", "grad", "derivative", "derivate", "deriv", "backward", "dx", "jacobian")
#: Methods of a class that bears a formula's name: for the formula itself, and for its derivative.
_OF_FORMULA = frozenset(
    [
        "forward",
        "__call__",
        "call",
        "activate",
        "activation",
        "loss",
        "cost",
        "calc",
        "compute",
        "calculate",
        "f",
        "fn",
        "func",
        "function",
        "value",
        "step",
        "update",
    ]
)
_OF_DERIVATIVE = frozenset(["derivative", "deriv", "prime", "gradient", "grad", "derivate", "df", "dfn", "backward"])


def plain(name: str) -> str:
    """A name in small letters, without underscores.

    Examples:
        >>> plain("Y_True"), plain("crossEntropy_loss")
        ('ytrue', 'crossentropyloss')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def meant(path: str) -> str:
    """The formula that is probably meant by the name of a function, or of a method with its class; empty if none is.

    Examples:
        >>> meant("mse_loss"), meant("sigmoid_prime"), meant("Softmax.forward"), meant("ReLU.derivative"), meant("load_data")
        ('mean_squared_error', 'sigmoid_gradient', 'softmax', 'relu_gradient', '')
    """
    *classes, name = path.split(".")
    if not classes or name not in _OF_FORMULA | _OF_DERIVATIVE:
        return _of_function(plain(name))
    base = _of_function(plain(classes[-1]))
    return base if name in _OF_FORMULA else _derivative_of(base, name == "backward")


def of_logits(formula: str, parameters: Sequence[str]) -> str:
    """The cross-entropy of logits, in place of that of probabilities, where a parameter is called so.

    Examples:
        >>> of_logits("cross_entropy_error", ["logits", "y"]), of_logits("binary_cross_entropy", ["y_true", "y_pred"])
        ('softmax_cross_entropy_labels', 'binary_cross_entropy')
    """
    logits = {
        "cross_entropy_error": "softmax_cross_entropy_labels",
        "cross_entropy_labels": "softmax_cross_entropy_labels",
        "cross_entropy_one_hot": "softmax_cross_entropy_one_hot",
        "binary_cross_entropy": "binary_cross_entropy_with_logits",
    }
    said = any(plain(name) in ("logits", "logit", "scores") for name in parameters)
    base, ending = formula.removesuffix("_gradient"), "_gradient" if formula.endswith("_gradient") else ""
    return logits.get(base, base) + ending if said else formula


def _of_function(name: str) -> str:
    by_plain = _by_plain_name(known())
    if found := next((by_plain[each] for each in _shortened(name) if each in by_plain), ""):
        return found
    for each in _shortened(name):
        for left in _without(each, _DERIVATIVE_BEFORE, _DERIVATIVE_AFTER):
            base = next((by_plain[one] for one in _shortened(left) if one in by_plain), "")
            if found := _derivative_of(base, each.endswith("backward")):
                return found
    return ""


@functools.lru_cache(maxsize=4)
def _by_plain_name(formulas: tuple[Formula, ...]) -> dict[str, str]:
    return {plain(each.name): each.name for each in formulas} | _FUNCTIONS


def _shortened(name: str) -> list[str]:
    """A name, and what is left of it without words that say nothing of the formula."""
    found = [name]
    for each in found:
        found += _without(each, _BEFORE, _AFTER)
    return found


def _without(name: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What is left of a name without one of some words at its beginning, or at its end."""
    left = [name.removeprefix(word) for word in before if name.startswith(word)]
    left += [name.removesuffix(word) for word in after if name.endswith(word)]
    return [each for each in left if len(each) > 1]


def _derivative_of(base: str, is_backward: bool) -> str:
    names = {each.name for each in known()}
    endings = ("_vjp", "_gradient") if is_backward else ("_gradient", "_vjp")
    return next((base + ending for ending in endings if base and base + ending in names), "")


def order_by_names(names: Sequence[str], formula: Formula, arguments: Sequence[str] = ()) -> tuple[str, ...]:
    """The formula's arguments in the order in which a function takes them, if the names of its parameters say that it is another order than the formula's.

    Args:
        names: The function's positional parameters.
        formula: The formula.
        arguments: The arguments that it is called with, if these are not the formula's.

    Returns:
        The names of the formula's arguments; nothing where the names do not say, or say that the order is the formula's.

    Examples:
        >>> from refmath.catalogue import formula
        >>> order_by_names(["actual", "predicted"], formula("cross_entropy_one_hot"))
        ('t', 'y')
        >>> order_by_names(["y", "y_hat"], formula("mean_squared_error"))
        ('t', 'y')
        >>> order_by_names(["W", "A", "b"], formula("affine"))
        ('W', 'x', 'b')
        >>> order_by_names(["y", "t"], formula("mean_squared_error")), order_by_names(["a", "b"], formula("huber"))
        ((), ())
    """
    wanted = list(arguments) or argument_names(formula)
    names = list(names[: len(wanted)])
    if len(names) < len(wanted) or len(wanted) < 2:
        return ()
    exact = [
        name if name in wanted else next((each for each in wanted if plain(each) == plain(name)), name)
        for name in names
    ]
    if sorted(exact) == sorted(wanted):
        found = exact
    else:
        roles = {each: _role_of(each, formula) for each in wanted}
        if "" in roles.values():
            return _with_the_one_left(exact, wanted)
        if len(set(roles.values())) < len(wanted):
            return ()
        found = _matched([plain(name) for name in names], roles)
    return tuple(found) if found != wanted else ()


#: What a parameter of a formula may be called, the more usual before the rarer; without underscores and in small letters.
_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    name: (name.replace("_", ""), *others.split())
    for name, others in {
        "lr": "learningrate learnrate stepsize alpha eta rate",
        "momentum": "mu gamma rho beta beta1 momentumcoefficient",
        "beta1": "b1 betaone rho1 decay1 decayrate1",
        "beta2": "b2 betatwo rho2 decay2 decayrate2",
        "eps": "epsilon e fuzz delta smallnumber smallnum",
        "decay": "decayrate rho gamma beta alpha beta2 decayfactor d dr",
        "weight_decay": "wd lambda lambd lam l2 reg decay",
        "delta": "eps epsilon",
        "slope": "negativeslope alpha leak a",
        "alpha": "a",
        "strength": "lambda lambd lam reg l2 alpha",
        "pos_weight": "positiveweight weight",
        "label_smoothing": "smoothing smooth epsilon eps",
    }.items()
}


def parameters_of(numbers: Iterable[tuple[str, float]], parameters: Iterable[str]) -> dict[str, tuple[str, float]]:
    """Which of a function's own numbers are probably parameters of a formula: for each of these the name that the number has, and the number.

    Args:
        numbers: The function's numbers by name.
        parameters: The formula's parameters.

    Examples:
        >>> parameters_of([("learning_rate", 0.01), ("epsilon", 1e-7)], ["lr", "eps", "decay"])
        {'lr': ('learning_rate', 0.01), 'eps': ('epsilon', 1e-07)}
    """
    left = {plain(name): (name, value) for name, value in numbers}
    found = {}
    for each in parameters:
        known = next((name for name in _PARAMETERS.get(each, (plain(each),)) if name in left), None)
        if known is not None:
            found[each] = left.pop(known)
    return found


def _with_the_one_left(names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The order where all names but one are the formula's own; nothing where it is the formula's order, or more names are others."""
    left = [each for each in wanted if each not in names]
    if len(left) != 1 or len(set(names)) < len(names) or len(wanted) < 3:
        return ()
    found = tuple(each if each in wanted else left[0] for each in names)
    return found if found != tuple(wanted) else ()


def _role_of(name: str, formula: Formula) -> str:
    each: Input | None = next((each for each in formula.inputs if each.name == name), None)
    if each is not None and each.kind in ("labels", "one_hot", "targets", "targets_or_labels", "signs"):
        return "truth"
    if name == "t":
        return "truth"
    if name == "y":
        return "prediction"
    return next((role for role, names in _ROLES.items() if name in names), "")


def _matched(names: Sequence[str], roles: Mapping[str, str]) -> list[str]:
    """The arguments by the roles that names have; one name without a role is the one that is left. The usual order, where it does not say."""
    usual = list(roles)
    found: list[str] = []
    for name in names:
        told = [each for each in usual if name in _ROLES[roles[each]]]
        found.append(told[0] if len(told) == 1 else "")
    left = [each for each in usual if each not in found]
    if len({each for each in found if each}) < len([each for each in found if each]) or len(left) > 1:
        return usual
    return [each or left[0] for each in found]
