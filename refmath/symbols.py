"""The letters every definition is written in: sizes N and K, and the indices that run over them."""

import sympy as sp

N, K = sp.symbols("N K", integer=True, positive=True)
n, i = sp.symbols("n i", integer=True, nonnegative=True)
k, j, m = sp.symbols("k j m", integer=True, nonnegative=True)

SIZES = {"N": N, "K": K}
