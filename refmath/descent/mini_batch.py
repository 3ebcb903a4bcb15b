r"""A mini-batch: some of the samples, drawn at random to stand for all of them.

$$x_{\mathcal B} = (x_n)_{n \in \mathcal B}, \qquad t_{\mathcal B} = (t_n)_{n \in \mathcal B}, \qquad \mathcal B \text{ of size } B \text{ from } \{0, \dots, N - 1\}$$

**Conventions.** Drawn *with* replacement unless told otherwise, as in the chapter: the same sample can come twice, and N / B draws are not a pass over the
data (they leave out about 37 % of it). A generator draws on: the same one in the same state gives the same batches.

**Reference.** C. M. Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.2.4.
"""

from __future__ import annotations

from typing import Any

from refmath import arguments
from refmath.arguments import Array


def mini_batch(x: Any, t: Any, batch_size: int, rng: Any = None, replace: bool = True) -> tuple[Array, Array]:
    """Samples drawn at random, and their targets with them.

    Args:
        x: The samples, shape (N, …): an array of numbers whose first axis counts them.
        t: Their targets, shape (N, …): one-hot rows, or labels (N,).
        batch_size: B, how many to draw.
        rng: The generator to draw with; without it another batch is drawn each time. A seed draws the same batch every time.
        replace: Whether the same sample may be drawn again.

    Returns:
        The batch `(x_batch, t_batch)`, shapes (B, …), new arrays in the dtypes of x and t.

    Raises:
        TypeError: If x or t holds no numbers, `batch_size` is not a whole number, `rng` no generator and no seed, or `replace` not a boolean.
        ValueError: If x is empty or has another length than t, `batch_size` is smaller than 1, or larger than N without replacement.

    Examples:
        >>> import numpy as np
        >>> x, t = mini_batch([[1.0], [2.0], [3.0]], [1, 2, 3], 2, np.random.default_rng(0))
        >>> x.shape, [int(label) for label in t] == list(x[:, 0])
        ((2, 1), True)
    """
    x, t = arguments.rows("x", x), arguments.rows("t", t)
    if len(x) != len(t):
        raise ValueError(f"x and t must have the same length; got shapes {x.shape} and {t.shape}")
    B = arguments.whole("batch_size", batch_size, at_least=1)
    generator = arguments.generator("rng", rng)
    replace = arguments.switch("replace", replace)
    if len(x) < B and not replace:
        raise ValueError(f"batch_size must be at most {len(x)}, the number of samples, without replacement; got {B}")
    #| $\mathcal B$: one draw for both, so that every target stays with its sample.
    rows = generator.choice(len(x), B, replace=replace)
    return x[rows], t[rows]
