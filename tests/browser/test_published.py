"""What is published: files that load nothing from elsewhere, versions side by side, formulas without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser.pages import SITE, VERSION, addresses

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
IN_A_STYLE = re.compile(r"""(?:@import\s*|url\(\s*)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
#: A link of these kinds is followed by the browser itself, a canonical one or a licence is not.
FETCHED = {"stylesheet", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "icon", "manifest"}


class Loads(HTMLParser):
    """Collects the addresses that a browser asks for when it shows a page: all but what a reader may click."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = IN_A_STYLE.findall(text)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        followed = tag == "link" and FETCHED & set((named.get("rel") or "").split())
        for name in ("src", "srcset", "data", "poster", "action", "xlink:href", *(["href"] if followed else [])):
            if named.get(name) and not (tag == "a" or str(named[name]).startswith("data:")):
                self.found.append(str(named[name]))


def loads() -> Iterator[tuple[str, str]]:
    """Each address that something in the site loads, with the file that does."""
    for path in SITE.rglob("*.html"):
        yield from ((path.relative_to(SITE).as_posix(), url) for url in Loads(path.read_text("utf-8")).found)
    for path in [*SITE.rglob("*.css"), *SITE.rglob("*.svg")]:
        yield from ((path.relative_to(SITE).as_posix(), url) for url in IN_A_STYLE.findall(path.read_text("utf-8")))


def test_nothing_is_loaded_from_another_host() -> None:
    """In no page, style sheet or picture; scripts are watched by the tests of the pages."""
    found = list(loads())
    assert len(found) > len(addresses())
    assert [(path, url) for path, url in found if ELSEWHERE.match(url)] == []


def test_every_address_is_relative() -> None:
    """The site works in any directory."""
    assert [(path, url) for path, url in loads() if url.startswith("/")] == []


def test_the_search_for_other_hosts_bites() -> None:
    """A script, a style sheet, a font and a picture are found, a link to click is not."""
    page = """<link rel="stylesheet" href="//a/a.css"><script src="https://b/b.js"></script><a href="https://c/">c</a>
    <style>@import "https://d/d.css"; p { background: url(https://e/e.png) }</style><link rel="canonical" href="https://f/">"""
    assert sorted(Loads(page).found) == ["//a/a.css", "https://b/b.js", "https://d/d.css", "https://e/e.png"]


def test_the_root_leads_to_the_latest_version(browser: Browser, root: str) -> None:
    """And that is the home page."""
    page = browser.new_page()
    page.goto(root)
    page.wait_for_url(f"{root}latest/")
    assert page.title() == "refmath"
    page.close()


def test_a_version_can_be_chosen(browser: Browser, root: str) -> None:
    """The theme's menu reads the list of versions, and leads to another one."""

    def switched_on(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('"provider": ""', '"provider": "mike"'))

    page = browser.new_page()
    page.route(re.compile(r"/losses/$"), switched_on)
    page.goto(f"{root}latest/losses/")
    menu = page.locator(".md-version")
    menu.wait_for()
    assert menu.locator("button").inner_text().strip() == VERSION
    assert [text.strip() for text in menu.locator(".md-version__link").all_inner_texts()] == [VERSION, "dev"]
    menu.hover()
    menu.get_by_text("dev").click()
    page.wait_for_url(f"{root}dev/**")
    page.close()


def test_formulas_are_seen_without_scripts(browser: Browser, site: str) -> None:
    """They are MathML when the site is built."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site}reference/softmax/")
    formula = page.locator(".md-content .display math").first
    assert formula.is_visible()
    page.close()


def test_formulas_have_the_font_that_the_site_brings(browser: Browser, site: str) -> None:
    """If it could be fetched when the site was built; otherwise nothing asks for it."""
    brought = any(Path(SITE, "fonts").rglob("stix-two-math*.woff2"))
    page = browser.new_page()
    page.goto(f"{site}reference/softmax/", wait_until="networkidle")
    loaded = page.evaluate(
        "() => [...document.fonts].filter(each => each.status === 'loaded').map(each => each.family)"
    )
    page.close()
    assert ("STIX Two Math" in loaded) == brought
