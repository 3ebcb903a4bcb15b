"""Figures with a knob: the keyboard turns it, and without scripts one picture is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from browser.pages import SITE, addresses

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

FIGURE = ".refmath-frames"


def with_knobs() -> list[str]:
    """The addresses of the pages that have such figures."""
    pages = ((address, SITE / address / "index.html") for address in addresses())
    return [address for address, page in pages if page.exists() and FIGURE[1:] in page.read_text("utf-8")]


def seen(figure: Locator) -> list[int]:
    """The places of the pictures that are seen."""
    frames = figure.locator(".refmath-frame").all()
    return [place for place, frame in enumerate(frames) if frame.is_visible()]


def figures(browser: Browser, address: str, **settings: bool) -> Iterator[Locator]:
    """Each figure of a page that has a knob."""
    page: Page = browser.new_page(**settings)
    page.goto(address)
    for figure in page.locator(FIGURE).all():
        figure.scroll_into_view_if_needed()
        yield figure
    page.close()


def test_the_keyboard_turns_every_knob(browser: Browser, site: str) -> None:
    """An arrow key shows the next picture, and says what is seen now; the other arrow leads back."""
    for address in with_knobs():
        for figure in figures(browser, site + address):
            knob, said = figure.locator("input[type=range]"), figure.locator("output")
            knob.focus()
            knob.press("Home")
            first, words = seen(figure), said.inner_text()
            knob.press("ArrowRight")
            assert (first, seen(figure)) == ([0], [1]), address
            assert said.inner_text() not in ("", words), address
            knob.press("ArrowLeft")
            assert (seen(figure), said.inner_text()) == (first, words), address


def test_without_scripts_one_picture_is_seen(browser: Browser, site: str) -> None:
    """And no knob, which would do nothing."""
    for address in with_knobs():
        for figure in figures(browser, site + address, java_script_enabled=False):
            assert len(seen(figure)) == 1, address
            assert not figure.locator("input").is_visible(), address
