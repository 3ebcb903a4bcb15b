"""Questions about gradients, with the true answers: is this the gradient of that function, here?

**What is asked.** Layers and losses, each right and wrong in ways in which gradients are wrong; many entries; sizes over many orders of magnitude; kinks and
places beside them; cusps and jumps; stairs, noise and oscillation; ends of a domain; narrow formats.

**What is true** is what mathematics says about the function that the author meant, and not what a computer can see of it. Rounding, jitter and the tolerance of
a solver are no part of that function; a rounding to integers, to levels or to decimals that the program asks for is. At a kink every element of Clarke's
subdifferential is right; at a jump or a cusp nothing is.

**How the answers are known.** `tests/test_gradient_questions.py` evaluates every function, as it was meant, in numbers of 400 decimal digits (mpmath; see
`precise`), on steps of 1e-40 of x, on both sides: where it is smooth both slopes agree, and the claim agrees with them or does not. Of more than 500 entries it
takes complex steps in double precision instead. At a kink it looks at the gradients at places nearby, and whether the claim lies in their convex hull; at a
jump or a cusp the quotients of differences do not settle. Nothing of refmath takes part.

**Hard** questions are those of which no program that sees only values of f in double precision could be sure; "cannot be told" is the best answer to them.
"""

from __future__ import annotations

from . import domains, formats, kinks, large, layers, losses, noise, sizes, stairs
from .question import Question

__all__ = ["QUESTIONS", "Question"]

QUESTIONS: tuple[Question, ...] = tuple(
    question
    for family in (layers, losses, large, sizes, kinks, stairs, noise, domains, formats)
    for question in family.questions()
)
