"""refmath: the mathematics of how a neural network learns, and an oracle for implementations of it."""

import random

import lazy_loader

__version__ = "0.1.0"

# The public names stand in __init__.pyi, beside this file.
_imported, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """A public name, when it is asked for the first time: what is imported for it, as Rich, may draw a random number, but not one of the caller's."""
    before = random.getstate()
    try:
        return _imported(name)
    finally:
        random.setstate(before)
