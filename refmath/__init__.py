"""refmath: the mathematics of how a neural network learns, and an oracle for implementations of it."""

import lazy_loader

__version__ = "0.1.0"

# The public names stand in __init__.pyi, beside this file.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
