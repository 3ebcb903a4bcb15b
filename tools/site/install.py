"""How refmath is installed: the site has the very wheel of its version."""

from __future__ import annotations

from tools.site.markdown import code


def installs(wheel: str) -> dict[str, str]:
    """The words for the home page, and for a page in a folder of the site, with the file's name in them."""
    command = code(f"pip install ./{wheel}", "sh")
    return {
        "install": f"Download [{wheel}](../downloads/{wheel}) into it, and install the file:\n\n{command}\n",
        "install_home": f"**Install.** With Python 3.11 or newer, download [{wheel}](downloads/{wheel}), then:\n\n{command}\n",
    }
