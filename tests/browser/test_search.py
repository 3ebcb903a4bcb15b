"""The search of the built site, as a reader types into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def type_into_the_search(page: Page, site: str, words: str) -> None:
    """Calls the search by its key, once the page listens to keys, and types."""
    page.goto(site)
    page.wait_for_load_state("networkidle")  # the scripts have run, and the index is there
    page.keyboard.press("/")
    page.locator(".md-search__input:focus").wait_for(timeout=10_000)
    page.keyboard.type(words)
    # The search looks when a key is let go; Chinese is typed here without keys, as no reader does.
    page.keyboard.press("End")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cross entropy", "losses/"),
        ("cross-entropy", "losses/"),
        ("交叉熵", "glossary/"),
        ("交叉熵误差", "glossary/"),
        ("神经网络", "glossary/"),
        ("梯度下降", "glossary/"),
    ],
)
def test_words_are_found(browser: Browser, site: str, words: str, found: str) -> None:
    """English and Chinese, whole terms and parts of them."""
    page = browser.new_page()
    type_into_the_search(page, site, words)
    results = page.locator(".md-search-result__item a")
    results.first.wait_for(timeout=10_000)
    addresses = results.evaluate_all("links => links.map(link => link.href)")
    page.close()
    assert any(address.startswith(site + found) for address in addresses)


def test_nonsense_is_not_found(browser: Browser, site: str) -> None:
    """The search does not simply show everything."""
    page = browser.new_page()
    type_into_the_search(page, site, "量子色动力学 quark")
    page.get_by_text("No matching documents").wait_for(timeout=10_000)
    assert page.locator(".md-search-result__item a").count() == 0
    page.close()
