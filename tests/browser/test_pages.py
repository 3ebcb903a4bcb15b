"""Every page of the built site, in light, in dark and as wide as a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from browser.pages import SITE, addresses, visits

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MODES: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "narrow": {"viewport": TELEPHONE, "color_scheme": "light"},
}
UNFOLD = "() => document.querySelectorAll('details').forEach(each => { each.open = true })"
#: What sticks out of the window, and of nothing that can be scrolled.
STICKING_OUT = """() => {
  const scrolls = each => ['auto', 'scroll'].includes(getComputedStyle(each).overflowX)
  const held = each => each && (scrolls(each) || held(each.parentElement))
  const width = document.documentElement.clientWidth
  return [...document.querySelectorAll('.md-content *')]
    .filter(each => each.getBoundingClientRect().right > width + 1 && each.checkVisibility() && !each.ownerSVGElement && !held(each))
    .map(each => `${each.localName}.${each.className}: ${each.textContent.trim().slice(0, 60)}`)
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: The smallest letter of a formula that has to be read.
LEGIBLE = 11
LETTERS = f"""() => [...document.querySelectorAll('.md-content :is(mi, mn, mo, mtext)')]
  .filter(each => each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < {LEGIBLE})
  .map(each => `${{each.textContent}} in ${{each.closest('math').textContent.slice(0, 60)}}`)"""
FORMULAS = """() => [...document.querySelectorAll('.md-content math')].filter(each => !each.closest('[hidden]')).map(each => {
  const {width, height} = each.getBoundingClientRect()
  return [each.textContent, width, height]
})"""
SMALL_CODE = """() => [...document.querySelectorAll('.md-content td code')]
  .filter(each => each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < 12.95)
  .map(each => each.textContent)"""
AXE = """async ([context, options]) => (await axe.run(context, {resultTypes: ['violations'], ...options})).violations
  .filter(each => ['serious', 'critical'].includes(each.impact))
  .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target} ${node.html.slice(0, 100)} ${node.failureSummary}`))"""

#: Colours do not depend on the width, nothing else depends on them; a formula in the dark has the colour of its paragraph.
AXE_ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "light": ({"include": ["html"]}, {}),
    "dark": ({"exclude": ["math"]}, {"runOnly": ["color-contrast"]}),
    "narrow": ({"include": ["html"]}, {"rules": {"color-contrast": {"enabled": False}}}),
}


class Visit(NamedTuple):
    """A page that has been opened, all that can be unfolded unfolded, and what went wrong on the way."""

    page: Page
    said: list[str]
    asked: list[str]
    unanswered: list[str]


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[dict[str, Any]]:
    """The browsers of readers with these settings, who have never been here."""
    made = {name: browser.new_context(**settings, reduced_motion="reduce") for name, settings in MODES.items()}
    yield made
    for each in made.values():
        each.close()


@pytest.fixture(scope="module", params=visits(list(MODES)), ids=lambda visit: "-".join(visit))
def visit(request: pytest.FixtureRequest, contexts: dict[str, Any], site: str) -> Iterator[Visit]:
    """One page, in one form."""
    address, mode = request.param
    page = contexts[mode].new_page()
    visit = Visit(page, [], [], [])
    page.on(
        "console", lambda message: visit.said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: visit.said.append(str(error)))
    page.on("request", lambda asked: visit.asked.append(asked.url))
    page.on("requestfailed", lambda failed: visit.unanswered.append(failed.url))
    page.on("response", lambda answer: visit.unanswered.append(answer.url) if answer.status >= 400 else None)
    page.goto(site + address, wait_until="load")
    page.evaluate(UNFOLD)
    yield visit
    page.close()


def test_every_request_is_answered(visit: Visit) -> None:
    """Nothing that the page needs is missing under a subpath."""
    assert visit.unanswered == []


def test_no_other_host_is_asked(visit: Visit, root: str, site: str) -> None:
    """All that is loaded comes from the directory of this version, or is part of the page; only the list of versions lies above."""
    known = (site, f"{root}versions.json", "data:", "blob:")
    assert [url for url in visit.asked if not url.startswith(known)] == []


def test_the_console_stays_empty(visit: Visit) -> None:
    """No script fails, and none complains."""
    assert visit.said == []


def test_nothing_is_wider_than_the_window(visit: Visit) -> None:
    """What is wide scrolls in a box of its own; nothing is cut off."""
    assert visit.page.evaluate(OVERFLOW) == 0
    assert visit.page.evaluate(STICKING_OUT) == []


def test_every_formula_is_seen(visit: Visit) -> None:
    """Each has a width and a height, and none is left as TeX."""
    formulas = visit.page.evaluate(FORMULAS)
    assert [text for text, width, height in formulas if min(width, height) < 2] == []
    assert visit.page.locator(".arithmatex").count() == 0


def test_every_formula_can_be_read(visit: Visit) -> None:
    """No index of an index is too small for the eye, and no prime has been raised twice."""
    assert visit.page.evaluate(LETTERS) == []
    assert visit.page.locator("msup > mo:last-child", has_text=re.compile("[′″‴]")).count() == 0


def test_code_in_tables_can_be_read(visit: Visit) -> None:
    """It has 13 pixels at least."""
    assert visit.page.evaluate(SMALL_CODE) == []


def test_no_reader_is_shut_out(visit: Visit, request: pytest.FixtureRequest, axe: Path) -> None:
    """axe-core finds no serious or critical violation: contrast, names of controls, what the keyboard reaches."""
    visit.page.add_script_tag(path=axe)
    assert visit.page.evaluate(AXE, AXE_ASKED[request.node.callspec.params["visit"][1]]) == []


def test_every_page_is_looked_at() -> None:
    """The built site has no page but these."""
    built = {path.relative_to(SITE).as_posix().removesuffix("index.html") for path in SITE.rglob("*.html")}
    assert built - {"404.html"} == set(addresses())
