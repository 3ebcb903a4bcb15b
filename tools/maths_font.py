"""The font of the site's formulas, in docs/fonts/, which git ignores: `python -m tools.maths_font`.

STIX Two Math, under the SIL Open Font License, comes from npm. Where it cannot be had, the style sheet is empty, and formulas are shown in
what font for mathematics the reader has.
"""

from __future__ import annotations

from pathlib import Path

from refmath.whole_file import whole_file
from tools.npm_file import Unavailable, fetch

FOLDER = Path(__file__).parents[1] / "docs" / "fonts"
PACKAGE = "@fontsource/stix-two-math@5.3.0"
FONT = "stix-two-math-latin-400-normal.woff2"
STYLE = f"""@font-face {{
  font-family: "STIX Two Math";
  font-display: swap;
  src: url("{FONT}") format("woff2");
}}
"""


def main() -> None:
    """Fetch the font unless it is there, and write the style sheet that names it if it is."""
    if not (FOLDER / FONT).exists():
        try:
            fetch(PACKAGE, [f"files/{FONT}", "LICENSE"], FOLDER)
        except Unavailable as error:
            print(f"The site is built without a font of its own for formulas: {error}")
    FOLDER.mkdir(exist_ok=True)
    with whole_file(FOLDER / "maths.css") as out:
        out.write(STYLE.encode() if (FOLDER / FONT).exists() else b"/* The font could not be fetched. */\n")


if __name__ == "__main__":
    main()
