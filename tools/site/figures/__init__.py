"""The figures of the site's pages, each computed by refmath itself when the site is built."""

from __future__ import annotations

from collections.abc import Callable

from tools.site.figures.accuracy_curve import accuracy_curve
from tools.site.figures.activations import activations
from tools.site.figures.backpropagation import backpropagation
from tools.site.figures.batch_size import batch_size
from tools.site.figures.decision import decision
from tools.site.figures.descent_surface import descent_surface
from tools.site.figures.digit_reader import digit_reader
from tools.site.figures.digits import digits
from tools.site.figures.gradient_field import gradient_field
from tools.site.figures.guards import guard_delta, guard_near_one, guards
from tools.site.figures.learning_rates import learning_rate, learning_rates
from tools.site.figures.logit import logit_loss, logit_programs
from tools.site.figures.mini_batch import mini_batch
from tools.site.figures.network_diagram import network_diagram
from tools.site.figures.normalisation import normalisation
from tools.site.figures.optimisers import optimisers
from tools.site.figures.overfitting import overfitting
from tools.site.figures.secant import secant
from tools.site.figures.softmax_knob import softmax_knob
from tools.site.figures.squared_and_cross import squared_and_cross
from tools.site.figures.squared_error import squared_error
from tools.site.figures.step_and_sigmoid import step_and_sigmoid
from tools.site.figures.step_sizes import step_sizes
from tools.site.figures.steps_and_slopes import steps_and_slopes
from tools.site.figures.vanishing import vanishing

#: Each by its name, under which a page includes it: `figure_NAME.md`.
FIGURES: dict[str, Callable[[], str]] = {
    "accuracy_curve": accuracy_curve,
    "activations": activations,
    "backpropagation": backpropagation,
    "batch_size": batch_size,
    "decision": decision,
    "descent_surface": descent_surface,
    "digit_reader": digit_reader,
    "digits": digits,
    "gradient_field": gradient_field,
    "guard_delta": guard_delta,
    "guard_near_one": guard_near_one,
    "guards": guards,
    "learning_rate": learning_rate,
    "learning_rates": learning_rates,
    "logit_loss": logit_loss,
    "logit_programs": logit_programs,
    "mini_batch": mini_batch,
    "network_diagram": network_diagram,
    "normalisation": normalisation,
    "optimisers": optimisers,
    "overfitting": overfitting,
    "secant": secant,
    "softmax_knob": softmax_knob,
    "squared_and_cross": squared_and_cross,
    "squared_error": squared_error,
    "step_and_sigmoid": step_and_sigmoid,
    "step_sizes": step_sizes,
    "steps_and_slopes": steps_and_slopes,
    "vanishing": vanishing,
}


def figures() -> dict[str, str]:
    """Every figure as a block of HTML, by the name of its file."""
    return {f"figure_{name}": make() for name, make in FIGURES.items()}
