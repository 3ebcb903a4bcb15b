"""What is computed from the logits of each sample, over the last axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special


def _softmax(a: Any, axis: Any = -1) -> Any:
    e = np.exp(a - np.max(a, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(a: Any, axis: int = -1) -> Any:
    d = a - np.max(a, axis=axis, keepdims=True)
    return d - np.log(np.sum(np.exp(d), axis=axis, keepdims=True))


def _naive(a: Any) -> Any:
    return np.exp(a) / np.sum(np.exp(a), axis=-1, keepdims=True)


def _sum(values: Any, **options: Any) -> Any:
    return np.sum(values, **{"axis": -1, "keepdims": True, **options})


def _samples(a: Any) -> int:
    return 1 if a.ndim == 1 else len(a)


def logsumexp_one_by_one(a: Any) -> Any:
    rows = np.atleast_2d(a)
    values = []
    for row in rows:
        total = row[0]
        for each in row[1:]:
            total = np.logaddexp(total, each)
        values.append(total)
    return np.array(values, a.dtype if a.dtype.kind == "f" else np.float64).reshape(a.shape[:-1])


def softmax_vjp_by_the_jacobian(a: Any, upstream: Any) -> Any:
    p = np.atleast_2d(_softmax(a))
    jacobian = p[:, :, None] * (np.eye(p.shape[1], dtype=p.dtype) - p[:, None, :])
    return np.einsum("ni,nij->nj", np.atleast_2d(upstream).astype(p.dtype), jacobian).reshape(a.shape)


def log_softmax_vjp_row_by_row(a: Any, upstream: Any) -> Any:
    rows = zip(np.atleast_2d(_softmax(a)), np.atleast_2d(upstream), strict=True)
    return np.array([u - p * np.sum(u, dtype=p.dtype) for p, u in rows]).reshape(a.shape)


HONEST: dict[str, tuple[Callable[..., Any], ...]] = {
    "log_softmax": (
        _log_softmax,
        lambda a: special.log_softmax(a, axis=-1),
        lambda a: a - special.logsumexp(a, axis=-1, keepdims=True),
        lambda a: a - np.logaddexp.reduce(a, axis=-1, keepdims=True),
    ),
    "logsumexp": (
        logsumexp_one_by_one,
        lambda a: special.logsumexp(a, axis=-1),
        lambda a: np.max(a, axis=-1) + np.log(np.sum(np.exp(a - np.max(a, axis=-1, keepdims=True)), axis=-1)),
        lambda a: np.take(a - _log_softmax(a), 0, axis=-1) if a.shape[-1] == 1 else np.logaddexp.reduce(a, axis=-1),
    ),
    "logsumexp_gradient": (
        _softmax,
        lambda a: special.softmax(a, axis=-1),
        lambda a: np.exp(a - special.logsumexp(a, axis=-1, keepdims=True)),
    ),
    "softmax_vjp": (
        softmax_vjp_by_the_jacobian,
        lambda a, upstream: _softmax(a) * (upstream - _sum(upstream * _softmax(a))),
        lambda a, upstream: _softmax(a) * upstream - _softmax(a) * _sum(_softmax(a) * upstream),
    ),
    "log_softmax_vjp": (
        log_softmax_vjp_row_by_row,
        lambda a, upstream: upstream - _softmax(a) * _sum(upstream),
        lambda a, upstream: upstream - np.exp(special.log_softmax(a, axis=-1)) * _sum(upstream),
    ),
}
FAULTY: dict[str, tuple[tuple[Callable[..., Any], str | None], ...]] = {
    "log_softmax": (
        (lambda a: np.log(_softmax(a)), "logarithm_of_the_softmax"),
        (lambda a: a - np.log(_sum(np.exp(a))), "no_shift"),
        (lambda a: np.log(_softmax(a) + 1e-8), "guarded_logarithm"),
        (_softmax, "log_forgotten"),
        (lambda a: _log_softmax(a, 0), "over_samples"),
        (special.log_softmax, "scipy"),
        (lambda a: (a - a.max()) - np.log(_sum(np.exp(a - a.max()))), "shift_by_batch_maximum"),
        (lambda a: a - np.log(_sum(np.exp(a - np.max(a, axis=-1, keepdims=True)))), "shift_not_added_back"),
        (lambda a: -_log_softmax(a), "opposite_sign"),
        (lambda a: _log_softmax(a) / np.log(2), "base_two"),
        (lambda a: -np.logaddexp(0, -a), "sigmoid_of_each_logit"),
        (lambda a: _log_softmax(_softmax(a)), "softmax_applied_first"),
        (lambda a: a - np.max(a, axis=-1, keepdims=True), None),
    ),
    "logsumexp": (
        (lambda a: np.log(np.sum(np.exp(a), axis=-1)), "no_shift"),
        (lambda a: np.log(np.sum(np.exp(a - np.max(a, axis=-1, keepdims=True)), axis=-1)), "shift_not_added_back"),
        (lambda a: a.max() + np.log(np.sum(np.exp(a - a.max()), axis=-1)), "shift_by_batch_maximum"),
        (lambda a: special.logsumexp(a, axis=-1) - np.log(a.shape[-1]), "mean_instead_of_sum"),
        (special.logsumexp, "over_everything"),
        (lambda a: special.logsumexp(a, axis=0), "single_samples_only"),
        (lambda a: np.max(a, axis=-1), "largest_only"),
        (lambda a: np.sum(np.exp(a), axis=-1), "log_forgotten"),
        (lambda a: special.logsumexp(a, axis=-1) / np.log(2), "base_two"),
        (lambda a: np.sum(a, axis=-1), "sum_of_the_logs"),
        (_softmax, "derivative_instead_of_value"),
    ),
    "logsumexp_gradient": (
        (lambda a: _softmax(a) / _samples(a), "mean_instead_of_sum"),
        (_naive, "no_shift"),
        (lambda a: special.logsumexp(a, axis=-1), "value_instead_of_derivative"),
        (lambda a: _softmax(a, 0), "over_samples"),
        (lambda a: _softmax(a, None), "over_everything"),
        (special.expit, "sigmoid_of_each_logit"),
        (lambda a: np.where(a == np.max(a, axis=-1, keepdims=True), 1.0, 0.0), None),
    ),
    "softmax_vjp": (
        (lambda a, upstream: _softmax(a) * upstream, "term_missing"),
        (lambda a, upstream: _softmax(a) * (1 - _softmax(a)) * upstream, "diagonal_only"),
        (lambda a, upstream: _softmax(a) * (upstream - _sum(upstream)), "unweighted_sum"),
        (lambda a, upstream: a * (upstream - _sum(upstream * a)), "softmax_forgotten"),
        (lambda a, upstream: _softmax(a) * (_sum(upstream * _softmax(a)) - upstream), "opposite_sign"),
        (lambda a, upstream: _softmax(a) * (upstream + _sum(upstream * _softmax(a))), "sign_of_a_term"),
        (lambda a, upstream: _softmax(a) * (upstream - np.sum(upstream * _softmax(a))), "over_everything"),
        (
            lambda a, upstream: _softmax(upstream) * (a - _sum(a * _softmax(upstream))),
            "arguments_swapped",
        ),
        (
            lambda a, upstream: _softmax(a) * (upstream - _sum(upstream * _softmax(a))) / _samples(a),
            "mean_instead_of_sum",
        ),
        (lambda a, upstream: upstream - _softmax(a) * _sum(upstream), "log_softmax_instead"),
        (lambda a, upstream: _naive(a) * (upstream - _sum(upstream * _naive(a))), "no_shift"),
        (lambda a, upstream: upstream - _sum(upstream * _softmax(a)), None),
    ),
    "log_softmax_vjp": (
        (lambda a, upstream: upstream - _sum(_softmax(a) * upstream), "jacobian_not_transposed"),
        (lambda a, upstream: upstream * (1 - _softmax(a)), "diagonal_only"),
        (lambda a, upstream: upstream - a * _sum(upstream), "softmax_forgotten"),
        (lambda a, upstream: upstream - _softmax(a) * np.sum(upstream), "over_everything"),
        (lambda a, upstream: _softmax(a) * _sum(upstream) - upstream, "opposite_sign"),
        (lambda a, upstream: upstream + _softmax(a) * _sum(upstream), "sign_of_a_term"),
        (lambda a, upstream: upstream - _softmax(a) * _sum(upstream) / a.shape[-1], "mean_instead_of_sum"),
        (lambda a, upstream: 1 - _softmax(a) * a.shape[-1], "argument_ignored"),
        (
            lambda a, upstream: _softmax(a) * (upstream - _sum(upstream * _softmax(a))),
            "softmax_instead",
        ),
        (lambda a, upstream: upstream - _naive(a) * _sum(upstream), "no_shift"),
        (lambda a, upstream: upstream - _softmax(a), "factor_missing"),
        (lambda a, upstream: upstream - _log_softmax(a) * _sum(upstream), None),
    ),
}
