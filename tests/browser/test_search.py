"""The search of the built site, as a reader types into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


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
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type(words)
    results = page.locator(".md-search-result__item a")
    results.first.wait_for(timeout=10_000)
    addresses = results.evaluate_all("links => links.map(link => link.href)")
    page.close()
    assert any(address.startswith(site + found) for address in addresses)


def test_nonsense_is_not_found(browser: Browser, site: str) -> None:
    """The search does not simply show everything."""
    page = browser.new_page()
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("量子色动力学 quark")
    page.get_by_text("No matching documents").wait_for(timeout=10_000)
    assert page.locator(".md-search-result__item a").count() == 0
    page.close()
