"""What the reader starts, drags and draws: by pointer and by keyboard, and what is seen without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

DESCENT, DIGIT = ("learn/descent/", ".refmath-descent"), ("learn/training/", ".refmath-digit")


@contextmanager
def figure(browser: Browser, site: str, of: tuple[str, str], **settings: bool) -> Iterator[Locator]:
    """One figure, with its page open."""
    page = browser.new_page(**settings)
    page.goto(site + of[0])
    found = page.locator(of[1])
    found.scroll_into_view_if_needed()
    yield found
    page.close()


def answer(drawn: Locator) -> str:
    """What the network reads, once it has read."""
    told = drawn.locator("output").filter(has_text="The network reads")
    told.wait_for(timeout=10_000)
    return str(re.findall(r"reads (\d)", told.inner_text())[0])


def test_a_descent_is_the_same_by_the_script_as_by_refmath(browser: Browser, site: str) -> None:
    """A slider turned and turned back leads to the words and the path that were there when the site was built; the keyboard does it."""
    with figure(browser, site, DESCENT) as surface:
        said, path = surface.locator("output"), surface.locator(".refmath-path")
        built, drawn = said.inner_text(), path.get_attribute("d")
        steps = surface.locator("input[name=steps]")
        steps.press("ArrowRight")
        assert said.inner_text().startswith("21 steps")
        steps.press("ArrowLeft")
        assert said.inner_text() == built
        assert path.get_attribute("d") == drawn
        surface.locator("input[name=rate]").press("End")
        assert said.inner_text().endswith("diverges")


def test_the_start_is_dragged(browser: Browser, site: str) -> None:
    """From one valley to the other; the sliders follow."""
    with figure(browser, site, DESCENT) as surface:
        start, where = surface.locator(".refmath-start"), surface.locator("input[name=x0]")
        before = float(where.input_value())
        start.drag_to(surface.locator("svg"), target_position={"x": 350, "y": 60})
        assert float(where.input_value()) > before + 1
        surface.locator("input[name=steps]").press("End")
        assert surface.locator("output").inner_text().endswith("in the shallower valley")


def test_a_digit_is_drawn_and_read(browser: Browser, site: str) -> None:
    """By the pointer a 7, by the keyboard a 1, and an example of the test."""
    with figure(browser, site, DIGIT) as reader:
        paper, mouse = reader.locator(".refmath-paper"), reader.page.mouse
        box = paper.bounding_box()
        assert box is not None
        for place, (x, y) in enumerate([(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]):
            mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if not place:
                mouse.down()
        mouse.up()
        assert answer(reader) == "7"
        paper.press("Delete")
        assert reader.locator("output").inner_text() == "Draw a digit."
        for key in ("Space", *["ArrowDown"] * 20):
            paper.press(key)
        assert answer(reader) == "1"
        reader.get_by_role("button", name="Show an example").click()
        reader.get_by_text("A test digit, a 1").wait_for(timeout=10_000)
        assert answer(reader) == "1"


@pytest.mark.parametrize("of", [DESCENT, DIGIT], ids=["descent", "digit"])
def test_without_scripts_a_picture_is_seen(browser: Browser, site: str, of: tuple[str, str]) -> None:
    """And nothing that would do nothing."""
    with figure(browser, site, of, java_script_enabled=False) as still:
        assert still.locator("svg").first.is_visible()
        for control in still.locator("input, button, .refmath-paper").all():
            assert not control.is_visible()
