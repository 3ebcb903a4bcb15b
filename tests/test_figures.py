"""The figures of the site: whole blocks of HTML with a name and a description, colours left to the page, and numbers that hold."""

from __future__ import annotations

import doctest
import html
import importlib
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import refmath
from refmath.training.mnist import embedded
from tools import digit_weights
from tools.site import figures
from tools.site.figures import svg
from tools.site.figures.numbers import number

pytestmark = pytest.mark.long

DOCS = Path(__file__).parents[1] / "docs"
#: Those that train a network; `nox -s zoo` looks at them.
TRAINED = {"decision", "mini_batch", "overfitting"}
KNOBS = {
    "backpropagation",
    "batch_size",
    "guard_delta",
    "learning_rate",
    "logit_loss",
    "normalisation",
    "optimisers",
    "secant",
    "softmax_knob",
}
CHEAP = [
    "accuracy_curve",
    "activations",
    "descent_surface",
    "digit_reader",
    "digits",
    "gradient_field",
    "guard_near_one",
    "guards",
    "learning_rates",
    "logit_programs",
    "network_diagram",
    "squared_and_cross",
    "squared_error",
    "step_and_sigmoid",
    "steps_and_slopes",
    "vanishing",
]
CHEAP += ["step_sizes", *sorted(KNOBS)]
ALL = [*CHEAP, *(pytest.param(name, marks=pytest.mark.zoo) for name in sorted(TRAINED))]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!-)|rgba?\(|hsla?\(|(?:fill|stroke): (?!none|currentColor|var\()[a-z]")


@pytest.fixture(scope="module")
def made() -> Any:
    """Makes a figure, once."""
    known: dict[str, str] = {}

    def make(name: str) -> str:
        if name not in known:
            known[name] = figures.FIGURES[name]()
        return known[name]

    return make


def module(name: str) -> Any:
    """A figure's module; the package has its function by the same name."""
    return importlib.import_module(f"tools.site.figures.{name}")


def test_every_figure_is_tried() -> None:
    """None is left out of the tests below."""
    assert {*CHEAP, *TRAINED} == set(figures.FIGURES)


@pytest.mark.parametrize("name", ALL)
def test_a_figure_is_one_block_that_is_whole(made: Any, name: str) -> None:
    """There is no blank line, at which Markdown would end it; it is one element of well-formed XML, with a caption and nothing undefined."""
    text = made(name)
    assert not re.search(r"\n[ \t]*\n", text)
    root = ET.fromstring(text)
    assert root.tag == "figure"
    assert "refmath-figure" in root.attrib["class"].split()
    (caption,) = root.findall("figcaption")
    said = "".join(caption.itertext())
    assert len(said) > 100
    assert not re.search(r"\b(nan|inf|None|\d+e[+-]?\d+)\b|np\.", html.unescape(text))


@pytest.mark.parametrize("name", ALL)
def test_every_drawing_has_a_name_and_a_description(made: Any, name: str) -> None:
    """Whoever does not see it is told what is seen, with numbers."""
    drawings = list(ET.fromstring(made(name)).iter("svg"))
    assert drawings
    for drawing in drawings:
        if "aria-label" in drawing.attrib:  # an empty one, in which a script draws
            continue
        assert drawing.attrib["role"] == "img"
        title, description = drawing[0], drawing[1]
        assert (title.tag, description.tag) == ("title", "desc")
        assert drawing.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
        assert title.text
        assert description.text
        assert name == "gradient_field" or re.search(r"\d", description.text)


@pytest.mark.parametrize("name", ALL)
def test_colours_are_the_pages(made: Any, name: str) -> None:
    """No colour is written into a drawing, nor a font, nor a rule of style that would hold for the page."""
    text = made(name)
    assert not COLOUR.search(re.sub(r'(url\(#[^)]*\)|href="#[^"]*")', "", text))
    assert "font-family" not in text
    assert "<style" not in text
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    defined = set(re.findall(r"(--refmath-[\w-]+):", (DOCS / "stylesheets/figures.css").read_text("utf-8")))
    assert used <= defined | {"--md-default-bg-color"}


@pytest.mark.parametrize("name", ALL)
def test_no_link_of_a_drawing_is_a_links(made: Any, name: str) -> None:
    """Material's instant navigation sets every href anew, which it cannot with that of a drawing."""
    assert not re.search(r'(?<!xlink:)href="', made(name))


def test_ids_are_unique_over_all_figures(made: Any) -> None:
    """All figures may stand on one page; and whatever is referred to is there."""
    text = "".join(made(name) for name in CHEAP)
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([\w-]+)', text)) <= set(ids)


def test_a_figure_is_the_same_each_time(made: Any) -> None:
    """Two runs give the same bytes."""
    assert figures.FIGURES["guard_near_one"]() == made("guard_near_one")


@pytest.mark.parametrize("name", [*sorted(KNOBS), pytest.param("decision", marks=pytest.mark.zoo)])
def test_without_a_script_the_default_position_is_seen(made: Any, name: str) -> None:
    """One frame is not hidden, and the output tells it; the knob, which would do nothing, is hidden."""
    root = ET.fromstring(made(name))
    frames = root.findall("div[@class='refmath-frame']")
    (seen,) = (place for place, each in enumerate(frames) if "hidden" not in each.attrib)
    (control,), (told,), (label,) = root.iter("input"), root.iter("output"), root.iter("label")
    assert 10 <= len(frames) <= 17
    assert "hidden" in control.attrib
    assert "hidden" in label.attrib
    assert (control.attrib["max"], control.attrib["value"]) == (str(len(frames) - 1), str(seen))
    assert control.attrib["aria-valuetext"] == frames[seen].attrib["data-value"]
    assert told.text == f"{frames[seen].attrib['data-value']}: {frames[seen].attrib['data-says']}"
    assert label.attrib["for"] == told.attrib["for"] == control.attrib["id"]
    assert len(made(name).encode()) < 250_000


def test_a_long_text_breaks_no_block() -> None:
    """What a title says is text, whatever is in it."""
    text = svg.picture("tried", "a < b & c", 'a "line"\n\nand another', lambda figure: None)
    title, description = ET.fromstring(text)[:2]
    assert (title.text, description.text) == ("a < b & c", 'a "line" and another')


def test_the_examples_of_numbers_hold() -> None:
    """What the docstrings show is what is printed."""
    tried = doctest.testmod(module("numbers"))
    assert tried.attempted >= 4
    assert tried.failed == 0


def luminance(colour: str) -> float:
    """How light a colour is, as WCAG 2 defines it."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return float([0.2126, 0.7152, 0.0722] @ np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4))


@pytest.mark.parametrize(("scheme", "page"), [("default", "#ffffff"), ("slate", "#1e2129")])
def test_series_stand_out_from_the_page(scheme: str, page: str) -> None:
    """Each colour has the contrast that WCAG asks of text, 4.5, for labels are written in them."""
    css = (DOCS / "stylesheets/figures.css").read_text("utf-8")
    (block,) = re.findall(rf'\[data-md-color-scheme="{scheme}"\] {{(.*?)}}', css, flags=re.DOTALL)
    colours = re.findall(r"--refmath-\d: (#\w{6})", block)
    assert len(colours) == len(svg.SERIES)
    for colour in colours:
        light, dark = sorted([luminance(colour), luminance(page)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_best_step_is_near_the_root_of_epsilon() -> None:
    """The V's lowest point is near ∛ε for the central difference and near √ε for the forward one, and float32 spoils a step of 10⁻⁴."""
    it = module("step_sizes")
    off = it.errors()
    assert it.best(off["central"]) == pytest.approx(2 ** (-52 / 3), rel=1)
    assert it.best(off["forward"]) == pytest.approx(2**-26, rel=1)
    here = int(np.argmin(abs(np.log(it.STEPS / 1e-4))))
    assert off["central"][here] == pytest.approx(1e-8 / 6 * math.cos(1), rel=0.05)
    assert off["forward"][here] == pytest.approx(1e-4 / 2 * math.sin(1), rel=0.05)
    assert off["central in float32"][here] > 1e-5


def test_the_rung_that_is_ringed_is_the_estimate() -> None:
    """The smooth function's slope is known there as well as is said; the staircase stands still on short steps, and rises as the function does on long ones."""
    it = module("steps_and_slopes")
    one, other = it.climb(it.smooth), it.climb(it.stairs)
    column, rung = one.chosen
    assert one.columns[column][rung] == one.slope.value
    assert abs(one.slope.value - it.TRUE) <= one.slope.uncertainty < 1e-9
    # All the shorter steps agree with it within their bars, and the plain slope of this one does not.
    assert (abs(one.columns[column][:rung] - it.TRUE) <= one.bar[:rung]).all()
    assert abs(one.columns[0][rung] - it.TRUE) > one.bar[rung]
    assert other.slope.value == 0
    assert abs(other.slope.rival.value - it.TRUE) <= other.slope.rival.uncertainty


def test_the_guards_are_what_their_formulas_say(made: Any) -> None:
    """ln max(p, δ) and ln(p + δ), also where the difference of the two is all there is."""
    it = module("guards")
    for p in (0.0, 1e-9, 1e-8, 1e-7, 0.3):
        assert it.loss("floor", p) == pytest.approx(-math.log(max(p, 1e-8)), rel=1e-14)
        assert it.loss("offset 10⁻⁸", p) == pytest.approx(-math.log(p + 1e-8), rel=1e-14)
        assert it.loss("offset 10⁻⁷", p) == pytest.approx(-math.log(p + 1e-7), rel=1e-14)
    assert it.loss("none", 1e-9) == pytest.approx(-math.log(1e-9))
    assert it.exact_of_perfection("offset 10⁻⁸") == pytest.approx(-math.log1p(1e-8), rel=1e-14)
    assert it.exact_of_perfection("floor") == 0
    assert "it lies 0.693 (that is ln 2)" in made("guards")
    for exponent, frame in zip(it.KNOB, ET.fromstring(made("guard_delta")), strict=False):
        most, least = -math.log(10.0**exponent), -math.log1p(10.0**exponent)
        said = f"a certain mistake costs {number(most)}, a perfect answer {number(least)} with the offset and 0 with the floor"
        assert frame.attrib["data-says"] == said


def test_the_knob_of_the_softmax_tells_the_exact_values(made: Any) -> None:
    """Probability and loss of class 3 at each position."""
    z = range(-4, 9)
    for at, frame in zip(z, ET.fromstring(made("softmax_knob")).findall("div[@data-value]"), strict=True):
        p = math.exp(at) / (math.e + math.e**2 + math.exp(at))
        assert frame.attrib["data-says"] == f"class 3 is given {number(p)}, which costs {number(-math.log(p))}"


def test_the_secants_are_the_sines() -> None:
    """The central slope is sin h / h times the tangent's, and the forward one the quotient itself."""
    it = module("secant")
    for h in it.KNOB:
        assert it.central(h) == pytest.approx(math.cos(1) * math.sin(h) / h, rel=1e-12)
        assert it.forward(h) == pytest.approx((math.sin(1 + h) - math.sin(1)) / h, rel=1e-12)


def test_descents_end_as_they_are_said_to() -> None:
    """A step multiplies each coordinate by 1 − ηλ; the words follow from that."""
    it = module("learning_rates")
    words = []
    for lr in it.KNOB:
        points = it.path(lr)
        assert points == pytest.approx(
            it.START * (1 - lr * np.array([0.5, 2.0])) ** np.arange(21)[:, np.newaxis], rel=1e-6, abs=1e-6
        )
        words.append(it.outcome(points))
    assert [a for a, b in pairwise([*words, ""]) if a != b] == ["creeps", "arrives", "swings", "diverges"]
    assert all((word == "diverges") == (lr > 1) for word, lr in zip(words, it.KNOB, strict=True))
    assert [it.outcome(it.path(lr)) for lr in it.THREE_RATES] == ["creeps", "arrives", "diverges"]


def test_four_optimisers_go_as_their_recurrences_say() -> None:
    """Plain descent by its closed form, the others by loops of plain numbers, coordinate by coordinate."""
    it = module("optimisers")
    steps = np.arange(it.KNOB[-1] + 1)[:, np.newaxis]
    assert it.path("SGD") == pytest.approx(it.START * (1 - 0.95 * it.CURVATURES) ** steps, rel=1e-9, abs=1e-12)
    for place in (0, 1):
        curvature, rolled = it.CURVATURES[place], [it.START[place]] * 2
        walked, m, v = [it.START[place]], 0.0, 0.0
        for t in range(1, len(steps)):
            # The ball's step without a velocity: 0.9 of the last way, less 0.1 of the slope.
            rolled.append(rolled[-1] + 0.9 * (rolled[-1] - rolled[-2]) - 0.1 * curvature * rolled[-1])
            g = curvature * walked[-1]
            m, v = m + (g - m) / 10, v + (g * g - v) / 1000
            walked.append(walked[-1] - 0.5 * m / (1 - 0.9**t) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8))
        assert it.path("momentum")[:, place] == pytest.approx(rolled[1:], rel=1e-9, abs=1e-12)
        assert it.path("Adam")[:, place] == pytest.approx(walked, rel=1e-9, abs=1e-9)


def test_the_sizes_of_signals_and_gradients_are_what_theory_says() -> None:
    """Twice the weights make a signal twice as large in each layer, and leave a normalised one as it is, up to ε."""
    it = module("normalisation")
    small, large = (it.sizes(spread, normalised=False) for spread in (0.75, 1.5))
    assert large == pytest.approx(small * 2.0 ** np.arange(it.DEPTH + 1), rel=1e-9)
    small, large = (it.sizes(spread, normalised=True) for spread in (0.75, 1.5))
    assert large == pytest.approx(small, rel=1e-3)
    assert (large[1:] < 1).all()
    # A slope of a quarter at most, and a random matrix, which stretches nothing by more than about two.
    assert all(before < after / 2 for before, after in pairwise(module("vanishing").sizes("sigmoid")))


def test_the_way_back_is_the_gradient(made: Any) -> None:
    """What is written out step by step is the page's own gradient, and what the words tell is it too."""
    it = module("backpropagation")
    p, x = it.through(), it.X[np.newaxis]
    exact = refmath.two_layer_net_gradient(it.PARAMS, x, [it.LABEL])
    for name, slope in exact.items():
        assert p.gradient[name] == pytest.approx(slope, rel=1e-12)
    assert p.loss == pytest.approx(refmath.two_layer_net_loss(it.PARAMS, x, [it.LABEL]), rel=1e-12)
    assert p.after < p.loss
    last = [frame.attrib["data-says"] for frame in ET.fromstring(made("backpropagation")).findall("div[@data-value]")][
        -2
    ]
    assert last.endswith(f"= {it.fixed(exact['W1'][0, 0], 3)}")


def test_batches_of_all_sizes_look_at_as_many_samples() -> None:
    """The first step of a batch is against the mean gradient of its samples, typed here; all positions use up the same number of samples."""
    it = module("batch_size")
    x, t = it.data()
    assert all((len(it.path(size)) - 1) * size == it.BUDGET for size in it.KNOB[-3:])
    some, known = refmath.mini_batch(x, t, it.KNOB[-1], np.random.default_rng(0))
    slope = np.mean((some @ it.START - known)[:, np.newaxis] * some, axis=0)
    assert it.path(it.KNOB[-1])[1] == pytest.approx(it.START - it.RATE * slope, rel=1e-12)


def test_the_surface_is_what_its_formula_says() -> None:
    """Height, slope and curvature agree with the formula of the caption, the ground is level at the stops, and descents end in either valley."""
    it = module("descent_surface")

    def typed(x: Any) -> Any:
        return (x[0] ** 2 - 4) ** 2 / 16 + x[0] / 4 + 2 * x[1] ** 2 - x[0] * x[1] / 2

    for x in ((0.5, -1.25), (-3.0, 2.0), (0.0, 0.0)):
        assert it.f(x) == pytest.approx(typed(x), rel=1e-12)
        assert refmath.check_gradient(typed, it.slope, x)
        assert it.curvatures(x)[0] == pytest.approx(refmath.numerical_gradient(lambda y: it.slope(y)[0], x), abs=1e-6)
    for *stop, _ in it.stops():
        assert it.slope(stop) == pytest.approx([0, 0], abs=1e-12)
    walked = refmath.gradient_descent(typed, it.START, lr=0.1, step_num=20)
    assert it.path(0.1, 20, it.START)[-1] == pytest.approx(walked, abs=1e-6)
    assert it.says(0.2, 60, (2.0, 1.0)).endswith("at rest in the shallower valley")
    assert it.says(0.2, 60, (-2.0, 1.0)).endswith("at rest in the deeper valley")
    assert it.says(0.6, 60, (2.0, 1.0)).endswith("diverges")


def test_the_network_that_reads_digits_reads_them(made: Any) -> None:
    """The file is as small as is said, and its network reads more than nine of ten test digits; its training took steps against the right gradient."""
    digits = embedded()
    params, examples = digit_weights.stored()
    assert digit_weights.FILE.stat().st_size <= 400_000
    assert (examples == digits.x_test[: len(examples)]).all()
    y = refmath.two_layer_net_predict(params, digits.x_test / 255)
    accuracy = np.mean(np.argmax(y, axis=1) == digits.t_test)
    assert accuracy > 0.9
    assert f"It reads {100 * accuracy:.1f} % of the 1,000" in " ".join(made("digit_reader").split())
    some = digits.x_train[:5] / 255, digits.t_train[:5]
    for name, slope in digit_weights.gradient(params, *some).items():
        assert slope == pytest.approx(refmath.two_layer_net_gradient(params, *some)[name], rel=1e-9, abs=1e-15)


def test_a_step_is_flat_and_a_sigmoid_is_not() -> None:
    """The slope of the staircase is 0; that of the smooth valley is the sum over the samples, typed here."""
    it = module("step_and_sigmoid")
    s = 1 / (1 + np.exp(-it.STEEPNESS * (it.X - it.AT)))
    assert it.slope(it.by_step) == 0
    assert it.slope(it.by_sigmoid) == pytest.approx(np.mean((s - it.T) * s * (1 - s) * -it.STEEPNESS), rel=1e-6)


def test_the_programs_for_a_logit_break_where_it_is_said(made: Any) -> None:
    """1 − σ(37) is 0 in float64, and a probability that is cut off at 10⁻⁷ costs no more than 7 ln 10."""
    assert module("logit").breaks_at() == 37
    assert f"it stays at {number(7 * math.log(10))}" in made("logit_programs")
    for a, frame in zip(module("logit").KNOB, ET.fromstring(made("logit_loss")), strict=False):
        one, zero = math.log1p(math.exp(-a)), math.log1p(math.exp(a))
        assert f"the loss is {number(one)} and" in frame.attrib["data-says"]
        assert f"if it is 0, {number(zero)} and" in frame.attrib["data-says"]


def test_the_curves_are_those_of_the_whole_run() -> None:
    """The chapter's figure shows what was recorded: 16 epochs on all of MNIST, no two accuracies a hundredth apart."""
    curves = module("accuracy_curve").recorded()
    assert curves["epochs"][:17] == list(range(17))
    assert curves["test_accuracy"][16] > 0.94
    assert np.allclose(curves["train_accuracy"], curves["test_accuracy"], atol=0.01)


@pytest.mark.zoo
def test_the_spread_of_batches_falls_as_the_root() -> None:
    """A hundred times as many digits make the spread ten times smaller, up to the luck of 200 draws."""
    whole, found = module("mini_batch").surveys()
    small, middle, large = (np.sqrt(np.mean((each - whole) ** 2)) for each in found.values())
    assert small / large == pytest.approx(10, rel=0.25)
    assert small / middle == pytest.approx(math.sqrt(10), rel=0.25)


@pytest.mark.zoo
def test_the_network_learns_by_heart() -> None:
    """It knows all that it learns, little of the rest, and its test loss rises from its lowest."""
    moments = module("overfitting").by_heart()
    assert moments[-1].accuracy[0] == 1
    assert moments[-1].accuracy[1] < 0.8
    assert moments[-1].loss[1] > 1.1 * min(each.loss[1] for each in moments)


@pytest.mark.zoo
def test_the_border_is_learnt(made: Any) -> None:
    """The loss falls from each position of the knob to the next."""
    frames = ET.fromstring(made("decision")).findall("div[@data-value]")
    losses = [float(re.findall(r"loss ([\d.]+)", frame.attrib["data-says"])[0]) for frame in frames]
    assert all(later < earlier for earlier, later in pairwise(losses))
    assert losses[-1] < 0.1 * losses[0]
