"""Renews what the tests compare the test vectors with: `python tools/golden_vectors.py`.

tests/golden/vectors.json holds a SHA-256 for each file, and beside it stands one of the files whole, so that a change can be read as well.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from refmath.vectors.files import document, fixed_files
from refmath.vectors.formulas import NAMES

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
#: Instead of refmath's own version, so that a release changes nothing here.
VERSION = "0"
WHOLE = "softmax"


def digests() -> dict[str, str]:
    """The SHA-256 of every file."""
    files = {**{f"{name}.json": document(name, VERSION) for name in NAMES}, **fixed_files()}
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / "vectors.json").write_text(json.dumps(digests(), indent=1) + "\n", encoding="utf-8")
    (GOLDEN / f"{WHOLE}.json").write_bytes(document(WHOLE, VERSION))
