"""The letters every definition is written in: the sizes N (samples), K (classes), D (inputs), H (hidden units), and their indices."""

import sympy as sp

N, K, D, H = sp.symbols("N K D H", integer=True, positive=True)
n, i = sp.symbols("n i", integer=True, nonnegative=True)
k, j, m = sp.symbols("k j m", integer=True, nonnegative=True)

d, h, p, q = sp.symbols("d h p q", integer=True, nonnegative=True)

SIZES = {"N": N, "K": K, "D": D, "H": H}
#: What is counted by a size: one of them, and several.
COUNTED = {
    "N": ("sample", "samples"),
    "K": ("class", "classes"),
    "D": ("input", "inputs"),
    "H": ("hidden unit", "hidden units"),
}
