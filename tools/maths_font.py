"""The fonts of the site, in docs/fonts/, which git ignores: `python -m tools.maths_font`.

STIX Two for mathematics and headings, Source Sans 3 for text, IBM Plex Mono for code, all under the SIL Open Font License, come from npm. Where one
cannot be had, the style sheet leaves it out, and the page is shown in what font the reader has.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from refmath.whole_file import whole_file
from tools.npm_file import Unavailable, fetch

FOLDER = Path(__file__).parents[1] / "docs" / "fonts"


class Font(NamedTuple):
    """A font of an npm package.

    Attributes:
        family: What style sheets call it.
        package: The package with its version.
        file: The file in the package's folder `files`.
        weights: The weights that it has.
    """

    family: str
    package: str
    file: str
    weights: str

    @property
    def folder(self) -> str:
        """The name of its folder, which holds the licence too."""
        return self.family.lower().replace(" ", "-")


FONTS = (
    Font("STIX Two Math", "@fontsource/stix-two-math@5.3.0", "stix-two-math-latin-400-normal.woff2", "400"),
    Font(
        "STIX Two Text", "@fontsource-variable/stix-two-text@5.3.0", "stix-two-text-latin-wght-normal.woff2", "400 700"
    ),
    Font(
        "Source Sans 3", "@fontsource-variable/source-sans-3@5.3.1", "source-sans-3-latin-wght-normal.woff2", "200 900"
    ),
    Font("IBM Plex Mono", "@fontsource/ibm-plex-mono@5.3.0", "ibm-plex-mono-latin-400-normal.woff2", "400"),
)


def style(fonts: Sequence[Font]) -> str:
    """The style sheet that names the fonts."""
    faces = (
        f'@font-face {{\n  font-family: "{each.family}";\n  font-weight: {each.weights};\n  font-display: swap;\n  src: url("{each.folder}/{each.file}") format("woff2");\n}}\n'
        for each in fonts
    )
    return "\n".join(faces) or "/* No font could be fetched. */\n"


def main() -> None:
    """Fetch the fonts unless they are there, and write the style sheet that names those that are."""
    FOLDER.mkdir(exist_ok=True)
    for font in FONTS:
        if (FOLDER / font.folder / font.file).exists():
            continue
        try:
            fetch(font.package, [f"files/{font.file}", "LICENSE"], FOLDER / font.folder)
        except Unavailable as error:
            print(f"The site is built without {font.family}: {error}")
    with whole_file(FOLDER / "maths.css") as out:
        out.write(style([each for each in FONTS if (FOLDER / each.folder / each.file).exists()]).encode())


if __name__ == "__main__":
    main()
