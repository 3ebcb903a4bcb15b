r"""The cross-entropy of the softmax of logits with one-hot targets, averaged over the samples of a batch.

$$E = -\frac{1}{N} \sum_{n} \sum_{k} t_{nk} \ln \frac{\exp a_{nk}}{\sum_{m} \exp a_{nm}}$$

**Conventions.** Natural logarithm; the mean runs over the N samples, and a single sample (K,) counts as a batch of one. Targets may be
any distributions. There is no guard, because none is needed when the logits are at hand: the loss is never negative, and infinite only
where its value is beyond the dtype. PyTorch (`cross_entropy`), Keras (`CategoricalCrossentropy(from_logits=True)`) and SciPy
(`log_softmax`, weighed with −t and averaged) agree with it as long as their `reduction` is the mean over samples, which is their default.

**Options.** With the costs $L_{nk} = -\ln p_{nk}$ a sample's loss is $E_n = \sum_k w_k \big((1 - \varepsilon) t_{nk} + \frac{\varepsilon}{K}\big) L_{nk}$: the
`class_weights` w are 1 unless they are given, and `label_smoothing` is ε. `reduction="mean"` divides the sum by N, whatever the weights; `"sum"` divides by
nothing, and `"none"` gives one loss a sample. This is what PyTorch computes of class probabilities.

**Infinities.** The quotient decides, as in the softmax. A logit of −∞ is a mask: it counts for nothing, but as a target costs ∞. A sample that
holds +∞ or nan, or nothing but −∞, has no quotient: it is nan, and so is its batch. There is no warning.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, equations (5.24) and (5.25), divided by N. For the form
computed here: P. Blanchard, D. J. Higham and N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*, IMA Journal of
Numerical Analysis 41, 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from refmath import arguments
from refmath.activations.plain_softmax import softmax, unshifted_log_softmax, unshifted_softmax
from refmath.activations.softmax import SHIFTED, SHIFTED_IN
from refmath.activations.special_logits import masked_target
from refmath.arguments import Array
from refmath.laws import is_never_negative, is_the_mean_of_its_samples, unmoved_by_common_shifts
from refmath.losses.cross_entropy_laws import is_unmoved_by_renaming_the_classes
from refmath.losses.options import Reduction, of_targets, weighed
from refmath.losses.versions import Written, options_of
from refmath.made import made
from refmath.spec import (
    WHOLE,
    AtLeast,
    Claims,
    Convention,
    Domain,
    Equal,
    Form,
    Formula,
    Input,
    defining,
    law,
    mistake,
)
from refmath.symbols import K, Largest, N, k, m, n

a, t = sp.IndexedBase("a", shape=(N, K), real=True), sp.IndexedBase("t", shape=(N, K), real=True)
delta = sp.Symbol("delta", positive=True)


def softmax_of(sample: Any, entry: Any) -> sp.Expr:
    """The probability of an entry of a sample."""
    return sp.exp(a[sample, entry]) / sp.Sum(sp.exp(a[sample, m]), (m, 0, K - 1))


def shifted_logit(sample: Any, entry: Any) -> sp.Expr:
    """A logit less the largest of its sample."""
    return a[sample, entry] - Largest(a[sample, m], (m, 0, K - 1))


def shifted_softmax_of(sample: Any, entry: Any) -> sp.Expr:
    """The same probability, from shifted logits."""
    return sp.exp(shifted_logit(sample, entry)) / sp.Sum(sp.exp(shifted_logit(sample, m)), (m, 0, K - 1))


def log_softmax_of(sample: Any, entry: Any) -> sp.Expr:
    """Its logarithm, from shifted logits."""
    total = sp.log(sp.Sum(sp.exp(shifted_logit(sample, m)), (m, 0, K - 1)))
    return sp.UnevaluatedExpr(shifted_logit(sample, entry)) - total


def logsumexp_of(sample: Any) -> sp.Expr:
    """The logarithm of the sum of a sample's exponentials, the largest taken out of it; it is rounded before anything is added."""
    total = sp.log(sp.Sum(sp.exp(shifted_logit(sample, m)), (m, 0, K - 1)))
    return sp.UnevaluatedExpr(Largest(a[sample, m], (m, 0, K - 1)) + total)


definition = -sp.Sum(t[n, k] * sp.log(softmax_of(n, k)), (k, 0, K - 1), (n, 0, N - 1)) / N
#: Under options: the definition, and the two forms.
WRITTEN = Written(
    lambda terms: terms.loss(lambda share, *place: -share * sp.log(softmax_of(*place))),
    (
        lambda terms: terms.loss(lambda share, *place: -share * log_softmax_of(*place)),
        lambda terms: terms.loss(lambda share, sample, entry: share * (logsumexp_of(sample) - a[sample, entry])),
    ),
)
LOG_SOFTMAX = "from the log-softmax of shifted logits"
#: How the derivative comes out of the log-softmax: each target and each probability is divided by N by itself.
BACKWARD = "from the exponential of the log-softmax, and each target divided by N"
BACKWARD_IN = "PyTorch 2.13 and JAX 0.10, the derivatives of torch.nn.functional.cross_entropy and jax.nn.log_softmax"
LOGSUMEXP = "the logarithm of the sum of exponentials less the logit"
LOGSUMEXP_IN = "scikit-learn 1.9, sklearn._loss.HalfMultinomialLoss"
LOG_SOFTMAX_IN = "SciPy 1.17, scipy.special.log_softmax; PyTorch 2.13, torch.nn.functional.cross_entropy"


def softmax_cross_entropy_one_hot(
    a: Any, t: Any, *, reduction: Reduction = "mean", class_weights: Any = None, label_smoothing: float = 0.0
) -> Any:
    r"""The cross-entropy of the softmax of each sample with its target, averaged over the samples.

    Args:
        a: Logits, shape (K,) for one sample or (N, K) for a batch. A logit of −∞ has probability 0; a sample with +∞ or nan, or with
            nothing but −∞, makes the loss nan.
        t: Targets, of the same shape; each sample a distribution, one-hot as a rule.
        reduction: `mean` over the samples, `sum`, or `none` for one loss a sample.
        class_weights: How much each class counts, shape (K,); all the same if there are none.
        label_smoothing: The share of each target that is spread evenly over all classes, from 0 to below 1.

    Returns:
        The loss in the dtype of the logits (float64 for integers): a scalar, or with `none` an array of shape (N,), a scalar of one sample.

    Raises:
        TypeError: If an argument is not an array of real numbers.
        ValueError: If the shapes differ, an argument is empty or has other than one or two dimensions, or a target is not a distribution.
            So are options that make no sense: another reduction, weights that are negative, not finite or of another number, a share of 1 or more.

    Examples:
        >>> print(softmax_cross_entropy_one_hot([0.0, 0.0], [0, 1]))
        0.6931471805599453
        >>> print(softmax_cross_entropy_one_hot([[1000.0, 0.0], [-1000.0, 0.0]], [[0, 1], [0, 1]]))
        500.0
        >>> softmax_cross_entropy_one_hot([[1000.0, 0.0], [0.0, 5.0]], [[0, 1], [0, 1]], reduction="sum", class_weights=[1.0, 0.5])
        np.float64(500.0033576...)
    """
    a, t = operands(a, t)
    if chosen := of_targets(reduction, class_weights, label_smoothing):
        return weighed(t, a, chosen, are_labels=False).loss(costs(a), a.dtype)
    r = odds(a)
    with np.errstate(under="ignore"):
        #| $\sum_k t_{nk} (\max_m a_{nm} - a_{nk})$; a masked class that is no target counts for nothing, where 0 · ∞ would be nan.
        gap = np.sum(t * np.where(t > 0, r.gap, 0), axis=-1)
        #| $\sum_k t_{nk} \ln \sum_m \exp(a_{nm} - \max_m a_{nm})$, where the largest logit's own exponential is the 1 of log1p.
        rest = np.sum(t * np.log1p(r.others)[..., np.newaxis], axis=-1)
    return mean_of(gap, rest, a.dtype)


def operands(a: Any, t: Any) -> tuple[Array, Array]:
    """Logits and targets as real arrays of one shape; each target is a distribution."""
    a = arguments.samples("a", a)
    return a, arguments.distributions("t", t, a, "a")


#: Gaps between logits are counted in this unit: a power of two, exact, and so large that no batch of them overflows before its mean.
UNIT = 2.0**64


class Odds(NamedTuple):
    r"""The odds of each class against the likeliest one of its sample.

    Attributes:
        top: Where the likeliest class is: one entry a sample, the first if there are several.
        gap: How far each logit lies below the largest, in `UNIT`s.
        odds: $\exp(-\text{gap})$, exactly 1 at the top.
        others: The sum of the odds over all classes but the top, one a sample.
    """

    top: Array
    gap: Array
    odds: Array
    others: Array


def odds(a: Array) -> Odds:
    r"""The odds $\exp(a_k - \max_m a_m)$, good to the last place however far apart the logits are.

    Computed in float64 at least, so that narrower dtypes lose nothing but the final rounding.
    """
    # Underflow is meant; a gap beyond the range is ∞, and its odds 0 all the same; ∞ − ∞ is the nan that the page promises.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        a = a.astype(np.promote_types(a.dtype, np.float64)) / UNIT
        largest = a.max(axis=-1, keepdims=True)
        top = np.arange(a.shape[-1]) == a.argmax(axis=-1, keepdims=True)
        gap = largest - a
        # What that subtraction rounded away (Knuth's two-sum): half a unit in the last place of a gap of 700 is 256 of its exponential.
        back = gap - largest
        lost = (largest - (gap - back)) - (a + back)
        r = np.exp(-UNIT * gap)
        r = r - r * np.where(np.isfinite(lost), UNIT * lost, 0)
        #| $\sum_{m \ne \text{top}} \exp(a_{nm} - \max_m a_{nm})$
        return Odds(top, gap, r, np.sum(r - top, axis=-1))


def costs(a: Array) -> dict[float, Array]:
    r"""What each class of each sample costs, $-\ln p_{nk}$, as a sum of parts, by their units."""
    r = odds(a)
    # Near certainty the others' odds are below the range: the cost is 0.
    with np.errstate(under="ignore"):
        return {UNIT: r.gap, 1.0: np.log1p(r.others)[..., np.newaxis]}


def mean_of(gap: Array, rest: Array, dtype: Any) -> np.floating[Any]:
    r"""The mean over the samples of $\text{gap} \cdot \text{UNIT} + \text{rest}$."""
    # The mean itself, or its value in the narrower dtype of the logits, may be beyond the range: then it is inf.
    with np.errstate(over="ignore", under="ignore"):
        #| $E = \frac{1}{N} \sum_n E_n$
        loss: np.floating[Any] = (UNIT * (np.sum(gap) / gap.size) + np.sum(rest) / rest.size).astype(dtype)
    return loss


# ---- laws


def is_the_log_of_the_sum_minus_the_logit(loss: Any, a: Any, t: Any) -> Claims:
    """One sample costs the logarithm of the sum of its exponentials, minus the target's logit."""
    for a_n, t_n in zip(np.atleast_2d(a), np.atleast_2d(t), strict=True):
        yield Equal(loss(a_n, t_n), np.sum(t_n * (np.log(np.sum(np.exp(a_n))) - a_n)))


is_unmoved_by_a_common_shift = unmoved_by_common_shifts(1024, -1024, 2**20)


def is_ln_k_for_equal_logits(loss: Any, a: Any, t: Any) -> Claims:
    """Equal logits cost ln K, whatever the target."""
    samples = np.atleast_2d(t)
    yield Equal(loss(0 * a, t), np.sum(samples) * np.log(np.sum(np.exp(0 * samples[0]))) / len(samples))


def lies_within_ln_k_above_the_gap(loss: Any, a: Any, t: Any) -> Claims:
    """The loss is at least the gap between the largest logit and the target's, and at most ln K more."""
    for a_n, t_n in zip(np.atleast_2d(a), np.atleast_2d(t), strict=True):
        gap = np.sum(t_n * (np.max(a_n) - a_n))
        yield AtLeast(loss(a_n, t_n), gap)
        yield AtLeast(gap + np.sum(t_n) * np.log(np.sum(np.exp(0 * a_n))), loss(a_n, t_n))


# ---- mistakes


def _samples(a: Array) -> int:
    return 1 if a.ndim == 1 else int(a.shape[0])


#: Where people keep what they take for a probability away from 0.
FLOORS = {"floor": (1e-7, 1e-8, 1e-12, 1e-15)}


def no_shift(a: Array, t: Array) -> Any:
    """The exponentials are taken without subtracting the largest logit: they overflow from 710 on."""
    return -np.sum(t * np.log(unshifted_softmax(a))) / _samples(a)


def log_of_softmax(a: Array, t: Array) -> Any:
    """The softmax is computed first and its logarithm then: a probability that has underflowed gives ln 0."""
    return -np.sum(t * np.log(softmax(a))) / _samples(a)


def shift_by_batch_maximum(a: Array, t: Array) -> Any:
    """The largest logit of the whole batch is subtracted, not each sample's own: samples far below it underflow."""
    return -np.sum(t * unshifted_log_softmax(a - np.max(a))) / _samples(a)


def logits_taken_for_probabilities(a: Array, t: Array, *, floor: float | None = None) -> Any:
    """The softmax is missing: the logarithm of the logits themselves."""
    return -np.sum(t * np.log(a if floor is None else np.maximum(a, floor))) / _samples(a)


def binary_cross_entropy(a: Array, t: Array) -> Any:
    """A sigmoid of each logit and the binary cross-entropy of each class, instead of one softmax over them."""
    return np.sum(np.maximum(a, 0) - a * t + np.log1p(np.exp(-np.abs(a)))) / _samples(a)


# ---- conventions

#: For each convention with a guard, the digits of its δ = 10⁻ᵈ, and where it stands.
DIGITS = {"seed": 8, "book": 7}
SOURCES = {
    "seed": "the chapter, sections on the cross-entropy error and on the two-layer network, whose output is a softmax",
    "book": "K. Saitoh, Deep Learning from Scratch, section 4.2.4 (cross_entropy_error) on the softmax of section 3.5.2",
}


def offset(convention: str) -> tuple[str, sp.Rational]:
    """What a convention with a guard says, and its δ."""
    digits = DIGITS[convention]
    text = f"the softmax first, then ln(p + δ) with δ = 1e-{digits}: never above −ln δ, negative for a perfect output."
    return text, sp.Rational(1, 10**digits)


#: What a convention is defined on: the book takes the class of a one-hot target.
DOMAINS = {"book": Domain(targets="one-hot")}


def guard_in(delta: sp.Rational, dtype: Any) -> Any:
    """δ as a float, or with the digits of a longdouble beside numbers of that format."""
    return np.longdouble(delta.p) / np.longdouble(delta.q) if dtype == np.longdouble else float(delta)


def log_of_guarded(r: Odds, delta: Any) -> Array:
    r"""$\ln(p + \delta)$, at the top as $\ln(1 + (\delta - (1 - p)))$, so that a probability close to 1 loses nothing."""
    others = r.others[..., np.newaxis]
    with np.errstate(under="ignore"):
        logarithm: Array = np.where(
            r.top, np.log1p(delta - others / (1 + others)), np.log(r.odds / (1 + others) + delta)
        )
    return logarithm


def guarded_conventions(
    expression: Callable[[Callable[[Any, Any], sp.Expr]], sp.Expr],
    of: Callable[[Array, Array, Any], Any],
    operands: Callable[[Any, Any], tuple[Array, Array]],
    domains: Mapping[str, Domain],
    text: Callable[[str], str] = lambda convention: offset(convention)[0],
) -> tuple[Convention, ...]:
    """The conventions with a guard.

    Args:
        expression: Their mathematics, in the probabilities and δ.
        of: Their program, from logits, targets as rows, and δ.
        operands: Reads the arguments of a call as logits and rows.
        domains: What they are defined on, where that is not everything.
        text: What they say.
    """

    def made(convention: str) -> Convention:
        _, guard = offset(convention)

        def program(a: Any, t: Any) -> Any:
            a, t = operands(a, t)
            with np.errstate(under="ignore"):
                return of(a, t, guard_in(guard, a.dtype))

        return Convention(
            convention,
            text(convention),
            SOURCES[convention],
            definition=expression(softmax_of),
            program=program,
            constants={"delta": guard},
            domain=domains.get(convention, WHOLE),
            forms=(Form(SHIFTED, expression(shifted_softmax_of), SHIFTED_IN),),
        )

    return tuple(map(made, DIGITS))


def guarded_loss(a: Array, t: Array, delta: Any) -> np.floating[Any]:
    """The program of the losses with a guard."""
    loss = -np.sum(t * log_of_guarded(odds(a), delta), axis=-1)
    return mean_of(0 * loss, loss, a.dtype)


def _guarded(p: Callable[[Any, Any], sp.Expr]) -> sp.Expr:
    return -sp.Sum(t[n, k] * sp.log(p(n, k) + delta), (k, 0, K - 1), (n, 0, N - 1)) / N


INPUTS = (Input("a", a, "logits", ("N", "K")), Input("t", t, "targets", ("N", "K")))
REFERENCE = "C. M. Bishop, Pattern Recognition and Machine Learning, 2006, equations (5.24) and (5.25), divided by N"

SOFTMAX_CROSS_ENTROPY_ONE_HOT = Formula(
    name="softmax_cross_entropy_one_hot",
    display="E",
    program=softmax_cross_entropy_one_hot,
    ulps=100.0,
    definition=definition,
    inputs=INPUTS,
    laws=(
        defining(is_the_log_of_the_sum_minus_the_logit),
        defining(is_the_mean_of_its_samples),
        law(is_never_negative),
        law(is_unmoved_by_a_common_shift, "Adding the same number to all logits changes nothing."),
        law(is_ln_k_for_equal_logits),
        law(lies_within_ln_k_above_the_gap),
        law(is_unmoved_by_renaming_the_classes),
    ),
    mistakes=(
        mistake(no_shift, caught_by=is_unmoved_by_a_common_shift),
        mistake(log_of_softmax, caught_by=lies_within_ln_k_above_the_gap),
        mistake(shift_by_batch_maximum, caught_by=is_the_mean_of_its_samples),
        made("sum_over_samples", caught_by=is_the_mean_of_its_samples),
        made(
            "mean_over_entries",
            "Mean over all N·K entries instead of the N samples.",
            caught_by=is_ln_k_for_equal_logits,
        ),
        made("opposite_sign", caught_by=is_never_negative),
        made("base_two", caught_by=is_ln_k_for_equal_logits),
        made("softmax_over_samples", caught_by=is_the_mean_of_its_samples),
        made("softmax_over_everything", caught_by=is_the_mean_of_its_samples),
        made("softmax_twice", caught_by=lies_within_ln_k_above_the_gap),
        mistake(logits_taken_for_probabilities, caught_by=is_unmoved_by_a_common_shift, variants=FLOORS),
        mistake(binary_cross_entropy, caught_by=is_ln_k_for_equal_logits),
        made("one_loss_a_sample", caught_by=is_the_mean_of_its_samples),
        made("first_sample_only", caught_by=is_the_mean_of_its_samples),
        made("arguments_swapped", caught_by=is_the_log_of_the_sum_minus_the_logit),
    ),
    forms=(
        Form(
            LOG_SOFTMAX,
            -sp.Sum(t[n, k] * log_softmax_of(n, k), (k, 0, K - 1), (n, 0, N - 1)) / N,
            LOG_SOFTMAX_IN,
        ),
        Form(
            LOGSUMEXP,
            sp.Sum(t[n, k] * (logsumexp_of(n) - a[n, k]), (k, 0, K - 1), (n, 0, N - 1)) / N,
            LOGSUMEXP_IN,
        ),
    ),
    conventions=guarded_conventions(_guarded, guarded_loss, operands, DOMAINS),
    options=options_of(t, WRITTEN, are_labels=False),
    specials=masked_target("t", [1.0, 0.0], [0.0, 1.0], np.inf, 0.0),
    reference=REFERENCE,
)
