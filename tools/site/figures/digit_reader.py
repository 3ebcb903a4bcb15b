"""A trained network reads digits: those of the test, and with docs/javascripts/digit.js what the reader draws."""

from __future__ import annotations

import json
from html import escape

import numpy as np

import refmath
from refmath.training.mnist import embedded, scaled
from tools.digit_weights import FILE, stored
from tools.site.figures.block import still_svg
from tools.site.figures.numbers import percent
from tools.site.figures.plain import drawing, pixels, words

SHOWN, ACROSS, STEP = 10, 5, 44
#: From the page that has the figure to the file.
ADDRESS = f"../../assets/{FILE.name}"
#: The side of the paper, and how thick a line is of which the digit is 20 pixels large.
PAPER, PEN = 280, 2.2

CONTROLS = f"""<div class="refmath-draw" data-search-exclude="" hidden="">
<svg class="refmath-paper" viewBox="0 0 {PAPER} {PAPER}" tabindex="0" role="application" aria-label="Paper. Draw with the pointer. Or: the arrow keys move the pen, the space bar lowers and lifts it, Delete clears.">
<path class="refmath-ink"/><circle class="refmath-pen" r="8"/></svg>
<div class="refmath-answer"><svg class="refmath-seen" viewBox="0 0 28 28" role="img" aria-label="What the network is given: 28 by 28 pixels"></svg>
<div class="refmath-bars" aria-hidden="true"></div></div>
<p class="refmath-buttons"><button type="button" class="md-button" name="clear">Clear</button> <button type="button" class="md-button" name="example">Show an example</button></p>
<output aria-live="polite">Draw a digit.</output></div>"""


def digit_reader() -> str:
    """The figure."""
    params, examples = stored()
    digits = embedded()
    accuracy = refmath.TwoLayerNet(784, 100, 10)
    accuracy.params = dict(params)
    share = float(accuracy.accuracy(scaled(digits.x_test, "float64"), digits.t_test))
    y = refmath.two_layer_net_predict(params, examples / 255)
    answers = [f"{np.argmax(row)} ({percent(np.max(row))})" for row in y]
    body = "".join(
        pixels(examples[place].reshape(28, 28) / 255, *_corner(place))
        + words(_corner(place)[0] + 14, _corner(place)[1] + 38, answers[place], size=8)
        for place in range(SHOWN)
    )
    svg = drawing(
        "digit-reader",
        "Ten digits of the test, and what the network reads",
        f"Handwritten digits, and under each the answer: {', '.join(answers[:SHOWN])}.",
        (ACROSS * STEP, 2 * STEP),
        body,
    )
    labels = [int(each) for each in digits.t_test[: len(examples)]]
    numbers = {"address": ADDRESS, "sizes": [784, 100, 10], "labels": labels, "paper": PAPER, "pen": PEN}
    return still_svg(
        f'<div class="refmath-answers">{svg}</div>{" ".join(CONTROLS.split())}',
        f"""A network 784-100-10 with sigmoid and softmax, trained on the 5,000 digits that come with refmath, each moved at random by up to two pixels. It reads {percent(share, 1)} of the 1,000
        test digits correctly. What you draw is scaled and centred as the digits of MNIST are, and stays in your browser: the {FILE.stat().st_size // 1000} kB of weights, as float16, are loaded when you begin.
        Drawings are harder than the test: the network has never seen your hand.""",
        kind="refmath-digit",
        data=escape(json.dumps(numbers), quote=True),
    )


def _corner(place: int) -> tuple[float, float]:
    return 8.0 + STEP * (place % ACROSS), STEP * float(place // ACROSS)
