"""The search of the built site, as a reader types into it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def type_into_the_search(page: Page, site: str, words: str) -> None:
    """Calls the search by its key, once the page listens to keys, and types."""
    page.goto(site)
    page.wait_for_load_state("networkidle")  # the scripts have run
    page.keyboard.press("/")
    page.locator(".md-search__input:focus").wait_for(timeout=10_000)
    page.keyboard.type(words)
    # The search looks when a key is let go; Chinese is typed here without keys, as no reader does.
    page.keyboard.press("End")


#: What readers type, and the page that should come first.
FIRST = {
    "crossentropy": "learn/cross_entropy/",
    "cross entropy": "learn/cross_entropy/",
    "logsumexp": "reference/logsumexp/",
    "mse": "reference/mean_squared_error/",
    "overflow": "learn/softmax/",
    "numerical stability": "learn/softmax/",
    "learning rate": "learn/descent/",
    "step size": "learn/descent/",
    "小批量": "learn/mini_batch/",
    "交叉熵": "learn/cross_entropy/",
    "交叉熵误差": "learn/cross_entropy/",
    "梯度": "learn/gradient/",
    "神经网络": "learn/network/",
    "过拟合": "learn/",
}
RESULT = "() => document.querySelector('.md-search-result__item a')?.href.replace(/[?#].*/, '')"


def test_the_right_page_comes_first(browser: Browser, site: str) -> None:
    """English and Chinese, whole terms and parts of them."""
    page = browser.new_page()
    type_into_the_search(page, site, "")
    for words, address in FIRST.items():
        page.locator(".md-search__input").fill("")
        page.keyboard.type(words)
        page.keyboard.press("End")
        page.wait_for_function(f"address => ({RESULT})() === address", arg=site + address, timeout=10_000)
    page.close()


def test_the_index_is_loaded_when_somebody_searches(browser: Browser, site: str) -> None:
    """Before that the home page and all that it needs are less than 300 KB, as a server that compresses sends them."""
    page, asked = browser.new_page(), dict[str, bytes]()
    page.on("response", lambda answer: asked.update({answer.url: answer.body()}) if answer.ok else None)
    page.goto(site)
    page.wait_for_load_state("networkidle")
    assert not any(url.endswith("search_index.json") for url in asked)
    assert sum(len(body if url.endswith(".woff2") else gzip.compress(body)) for url, body in asked.items()) < 300_000
    with page.expect_response("**/search_index.json"):
        page.keyboard.press("/")
    page.close()


def test_nonsense_is_not_found(browser: Browser, site: str) -> None:
    """The search does not simply show everything."""
    page = browser.new_page()
    type_into_the_search(page, site, "量子色动力学 quark")
    page.get_by_text("No matching documents").wait_for(timeout=10_000)
    assert page.locator(".md-search-result__item a").count() == 0
    page.close()
