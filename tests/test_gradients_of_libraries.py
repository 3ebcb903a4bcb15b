"""Gradients of functions of PyTorch's and JAX's arrays: the libraries' own, and those that are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from refmath import check_gradient, check_jvp, check_vjp

pytestmark = pytest.mark.interop
RNG = np.random.default_rng(0)


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture
def jax() -> Any:
    return pytest.importorskip("jax")


def network(torch: Any, dtype: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).to(dtype)


def loss(torch: Any, dtype: Any) -> Any:
    x, labels = torch.from_numpy(RNG.standard_normal((8, 4))).to(dtype), torch.arange(8) % 3
    return lambda model: torch.nn.functional.cross_entropy(model(x), labels)


def test_autograd_is_right_for_a_module(torch: Any) -> None:
    """In float64 every digit; its parameters are what they were, and no gradient is left behind."""
    model = network(torch, torch.float64)
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    check = check_gradient(loss(torch, torch.float64), None, model, array="torch")
    assert check, str(check)
    assert check.size == 4 * 5 + 5 + 5 * 3 + 3
    assert check.known < 1e-6
    for name, each in model.named_parameters():
        assert torch.equal(each, before[name])
        assert each.grad is None


def test_autograd_is_right_in_float32_as_far_as_that_tells(torch: Any) -> None:
    """A few digits, and the report says how few."""
    check = check_gradient(loss(torch, torch.float32), None, network(torch, torch.float32), array="torch")
    assert check, str(check)
    assert check.known > 1e-5
    assert "digit" in str(check) or "can be seen" in str(check)


def test_what_backward_left_in_a_module_is_judged_too(torch: Any) -> None:
    """Given a module as the gradient, the `.grad` of its parameters counts; twice backward without zero_grad is found."""
    model, f = network(torch, torch.float64), loss(torch, torch.float64)
    f(model).backward()
    assert check_gradient(f, model, model, array="torch")
    f(model).backward()
    check = check_gradient(f, model, model, array="torch")
    assert check.hints == ("Every entry is 2 times too large: a factor ½ is missing.",)


def test_a_wrong_backward_of_a_module_is_found_by_its_array(torch: Any) -> None:
    """Here the bias of the last layer."""

    class Wrong(torch.autograd.Function):  # type: ignore[misc]  # PyTorch has none here
        @staticmethod
        def forward(_ctx: Any, x: Any, bias: Any) -> Any:
            return x + bias

        @staticmethod
        def backward(_ctx: Any, *upstream: Any) -> Any:
            return upstream[0], upstream[0].mean(0)

    x = torch.from_numpy(RNG.standard_normal((8, 3)))

    def f(p: dict[str, Any]) -> Any:
        return (Wrong.apply(x @ p["W"], p["b"]) ** 2).sum()

    parameters = {"W": torch.from_numpy(RNG.standard_normal((3, 2))), "b": torch.zeros(2, dtype=torch.float64)}
    check = check_gradient(f, None, parameters, array="torch")
    assert check.verdict == "wrong"
    assert check.hints[0] == "Only ['b'] is wrong; the other arrays are right."
    assert "8 times too small" in check.hints[1]


def test_what_a_function_does_not_depend_on_has_the_gradient_zero(torch: Any) -> None:
    """autograd gives None for it."""
    parameters = [torch.ones(2, dtype=torch.float64), torch.ones(3, dtype=torch.float64)]
    assert check_gradient(lambda p: (p[0] ** 2).sum(), None, parameters, array="torch")


def test_dropout_in_training_is_refused_with_a_word_of_help(torch: Any) -> None:
    """The function has two values at one point."""
    model = torch.nn.Sequential(torch.nn.Linear(4, 50), torch.nn.Dropout(0.5), torch.nn.Linear(50, 1)).double()
    x = torch.from_numpy(RNG.standard_normal((8, 4)))
    f = lambda m: m(x).sum()
    with pytest.raises(ValueError, match=r"f must have one value at x; got .*eval\(\)"):
        check_gradient(f, None, model, array="torch")
    assert check_gradient(f, None, model.eval(), array="torch")


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_a_tensor_keeps_its_dtype(torch: Any, dtype: str) -> None:
    """f is given what it was written for."""
    seen = set()

    def f(x: Any) -> Any:
        seen.add(x.dtype)
        return (x.sin()).sum()

    x = torch.tensor([0.5, 1.5], dtype=getattr(torch, dtype))
    check = check_gradient(f, lambda x: x.cos(), x, array="torch")
    assert check.verdict != "wrong"
    assert seen == {getattr(torch, dtype)}
    assert check_gradient(f, lambda x: -x.cos(), x, array="torch").verdict != "right"


def test_vjp_and_jvp_of_torch(torch: Any) -> None:
    """Against the one of torch.func, and by hand."""
    W, x = torch.from_numpy(RNG.standard_normal((3, 3))), torch.from_numpy(RNG.standard_normal((2, 3)))
    f = lambda x: torch.tanh(x) @ W
    assert check_vjp(f, lambda x, u: torch.func.vjp(f, x)[1](u)[0], x, array="torch")
    assert check_jvp(f, lambda x, v: ((1 - torch.tanh(x) ** 2) * v) @ W, x, array="torch")
    assert check_vjp(f, lambda x, u: u @ W.T, x, array="torch").verdict == "wrong"


def test_jax_grad_is_right(jax: Any) -> None:
    """Of a sequence of arrays, in the precision that JAX has."""
    jnp = jax.numpy

    f = lambda p: jnp.sum(jnp.tanh(p[0] @ jnp.ones(3)) ** 2) + p[1] ** 2
    point = [jnp.ones((2, 3)) * 0.3, jnp.array(2.0)]
    check = check_gradient(f, None, point, array="jax")
    assert check, str(check)
    assert check_gradient(f, lambda p: [2 * each for each in jax.grad(f)(p)], point, array="jax").verdict == "wrong"
    assert check_gradient(f, None, [np.full((2, 3), 0.3), np.array(2.0)], array="jax")
