"""A loss by the gradient that PyTorch or JAX gives of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from typer.testing import CliRunner

import refmath
from refmath.cli import app

LIBRARIES = ("torch", "jax")
N, K = refmath.sizes("N K")
n = refmath.indices("n")
y, t = refmath.argument("y", "weights", N), refmath.argument("t", "weights", N)
QUARTIC = refmath.Formula("quartic", sp.Sum((y[n] - t[n]) ** 4, (n, 0, N - 1)) / N, inputs=(y, t))


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Any:
    pytest.importorskip(request.param)
    return request.param


def half_squares(library: str) -> Any:
    def loss(y: Any, t: Any) -> Any:
        return ((y - t) ** 2).sum() / 2 / (y.shape[0] if y.ndim == 2 else 1)

    return loss


@pytest.mark.interop
def test_the_gradient_of_a_right_loss_conforms(library: Any) -> None:
    """Autograd of a right loss is right; integers, by which nothing is differentiated, are declined; and it is said what was judged."""
    dtype = "float64" if library == "torch" else "float32"
    report = refmath.check(
        half_squares(library), "mean_squared_error", array=library, dtype=dtype, backward=True, examples=20
    )
    assert (report.verdict, report.formula) == ("conforms", "mean_squared_error_gradient")
    assert f"what is judged is the gradient that {library} gives of the function" in report.remarks


@pytest.mark.interop
def test_a_loss_that_is_right_may_have_a_wrong_gradient() -> None:
    """A value that is detached on the way is right itself; its gradient is not."""
    torch = pytest.importorskip("torch")

    def loss(a: Any, labels: Any) -> Any:
        rows, right = torch.atleast_2d(a), torch.atleast_1d(labels).long()
        largest = rows.max(dim=-1).values.detach()
        logs = torch.logsumexp(rows, -1)
        half_detached = (logs + logs.detach()) / 2
        return (half_detached - rows[torch.arange(len(right)), right]).mean() + 0 * largest.sum()

    options: Any = {"array": "torch", "examples": 20}
    assert refmath.check(loss, "softmax_cross_entropy_labels", **options).conforms
    assert not refmath.check(loss, "softmax_cross_entropy_labels", backward=True, **options).conforms


@pytest.mark.interop
def test_a_formula_of_ones_own_is_differentiated(library: str) -> None:
    """Without a page for the gradient it is derived."""
    dtype = "float64" if library == "torch" else "float32"
    options: Any = {"array": library, "dtype": dtype, "backward": True, "examples": 20}
    assert refmath.check(lambda y, t: ((y - t) ** 4).mean(), QUARTIC, **options).conforms
    assert not refmath.check(lambda y, t: (abs(y - t) ** 3).mean(), QUARTIC, **options).conforms


@pytest.mark.interop
@pytest.mark.parametrize("where", [(), ("--in-process",)])
def test_the_command_judges_gradients(tmp_path: Path, where: tuple[str, ...]) -> None:
    """In a process of its own and in this one."""
    pytest.importorskip("torch")
    file = tmp_path / "losses.py"
    file.write_text(
        "def mean_squared_error(y, t):\n    return ((y - t) ** 2).sum() / 2 / (len(y) if y.ndim == 2 else 1)\n", "utf-8"
    )
    told = CliRunner().invoke(app, ["check", str(file), "--array", "torch", "--backward", "--examples", "16", *where])
    assert told.exit_code == 0, told.output
    assert "mean_squared_error_gradient" in told.output


def test_what_does_not_differentiate_is_refused() -> None:
    """NumPy does not differentiate, and neither does a program in another process."""
    with pytest.raises(ValueError, match="backward=True needs a library that differentiates"):
        refmath.check(np.square, "mean_squared_error", backward=True)
    with pytest.raises(TypeError, match="backward must be"):
        refmath.check(np.square, "mean_squared_error", backward=1)  # type: ignore[arg-type]
    told = CliRunner().invoke(app, ["check", "losses.py", "--backward"])
    assert (told.exit_code, "--backward needs a library" in told.stderr) == (2, True)
