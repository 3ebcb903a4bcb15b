__version__ = "0.1.0"
from refmath.balls.exact import exact as exact
