"""`python -m refmath` is the command `refmath`."""

from refmath.cli import main

main()
