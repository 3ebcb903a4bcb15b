"""How a reader of the site installs the version that it describes: from a file that the site holds."""

from __future__ import annotations

from tools.site.markdown import code


def install(wheel: str) -> str:
    """The words for a page in a folder of the site, with the file's name in them."""
    command = code(f"pip install ./{wheel}", "sh")
    return f"Download [{wheel}](../downloads/{wheel}) into it, and install the file:\n\n{command}\n"
