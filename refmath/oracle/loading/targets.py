"""How a target is written: a file or a module, and what is meant of it."""

from __future__ import annotations

import re

#: A file or a module, and what is meant of it. A colon after a single letter belongs to a drive of Windows.
_TARGET = re.compile(r"(?P<place>(?:[A-Za-z]:[\\/])?(?:[^:]+\.(?:py|ipynb)|[^:]+)):(?P<what>[^\\/].*)", re.DOTALL)


def parted(target: str) -> tuple[str, str]:
    """The file or module of a target, and what is meant of it: the name of a function, `Class.method`, or an expression.

    Examples:
        >>> parted("losses.py:mse"), parted("nn.activations:Softmax.forward"), parted("opt.py:SGD(lr=0.1).update"), parted("losses.py")
        (('losses.py', 'mse'), ('nn.activations', 'Softmax.forward'), ('opt.py', 'SGD(lr=0.1).update'), ('losses.py', ''))
    """
    found = _TARGET.fullmatch(target)
    return (found["place"], found["what"].strip()) if found else (target, "")
