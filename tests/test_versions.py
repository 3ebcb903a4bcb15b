"""The tree of published versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.versions import add


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A tree with the branch main and three releases, the newest not the last to be added."""
    site = tmp_path / "site"
    site.mkdir()
    for version in ("dev", "0.9", "0.10", "0.2"):
        (site / "index.html").write_text(version, "utf-8")
        (site / "404.html").write_text(f"nothing here in {version}", "utf-8")
        add(site, version, tmp_path / "public")
    return tmp_path / "public"


def test_each_version_is_kept(public: Path) -> None:
    """No version replaces another one."""
    for version in ("dev", "0.2", "0.9", "0.10"):
        assert (public / version / "index.html").read_text("utf-8") == version


def test_the_latest_is_the_highest_number(public: Path) -> None:
    """0.10 is later than 0.9, and than a 0.2 that was mended after it."""
    assert (public / "latest" / "index.html").read_text("utf-8") == "0.10"
    assert (public / "404.html").read_text("utf-8") == "nothing here in 0.10"
    assert 'url=latest/"' in (public / "index.html").read_text("utf-8")


def test_the_menu_lists_the_newest_first(public: Path) -> None:
    """Releases come before the branch main, and the first is called latest."""
    menu = json.loads((public / "versions.json").read_text("utf-8"))
    assert [entry["version"] for entry in menu] == ["0.10", "0.9", "0.2", "dev"]
    assert [entry["aliases"] for entry in menu] == [["latest"], [], [], []]


def test_before_the_first_release_one_is_led_to_dev(tmp_path: Path) -> None:
    """There is no latest version then."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "404.html").touch()
    add(tmp_path / "site", "dev", tmp_path / "public")
    assert 'url=dev/"' in (tmp_path / "public" / "index.html").read_text("utf-8")
    assert not (tmp_path / "public" / "latest").exists()


def test_a_file_that_is_gone_from_the_site_is_gone_from_its_version(public: Path, tmp_path: Path) -> None:
    """A version is replaced as a whole."""
    (public / "dev" / "left_over.html").touch()
    add(tmp_path / "site", "dev", public)
    assert not (public / "dev" / "left_over.html").exists()


@pytest.mark.parametrize("version", ["latest", "..", "v1.0", "1", "1.0/../.."])
def test_what_is_no_version_is_refused(public: Path, tmp_path: Path, version: str) -> None:
    """Least of all a path that leads out of the tree."""
    with pytest.raises(ValueError, match="expected dev or a number"):
        add(tmp_path / "site", version, public)
