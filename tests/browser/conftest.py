"""The built site as its readers get it: published under a subpath, in a directory of its version, and shown by Chromium."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser.pages import SITE, VERSION
from tools.versions import add

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: A container's shared memory is small; the others keep the browser from calling home.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


class _Silent(SimpleHTTPRequestHandler):
    """Serves files, and says nothing about it."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address under which the versions of the site are published: with a path, as a project's pages have it."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no site: run `nox -s docs`")
    folder = tmp_path_factory.mktemp("published")
    for version in ("dev", VERSION):
        add(SITE, version, folder / "project")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/project/"
        server.shutdown()


@pytest.fixture(scope="session")
def site(root: str) -> str:
    """The address of the site of one version."""
    return f"{root}{VERSION}/"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; without one, nothing is looked at."""
    playwright = pytest.importorskip("playwright.sync_api")
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("no Chromium is installed: no page was looked at")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> Path:
    """The script of axe-core, which looks for what shuts readers out; the session `browser` fetches it."""
    path = Path(os.environ.get("REFMATH_AXE", "axe.min.js"))
    if not path.exists():
        pytest.skip("axe-core is not there (REFMATH_AXE): accessibility was not checked")
    return path
