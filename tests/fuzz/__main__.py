"""`python -m tests.fuzz TARGET [options of libFuzzer]`: atheris looks for bytes that refmath neither takes nor refuses in clean words.

It begins with the target's seeds and with what was found before; an input that brings a fault to light is left in the working directory,
and belongs into `tests/fuzz/finds/TARGET/` once the fault is mended.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

FINDS = Path(__file__).parent / "finds"
#: What is measured for coverage: refmath's readers, and what they rest on.
INSTRUMENTED = ["refmath.training.idx", "refmath.training.saved_run", "refmath.training.loop", "refmath.oracle", "json"]


def main() -> None:
    with atheris.instrument_imports(include=INSTRUMENTED):
        from .targets import TARGETS, seeds
    target = next((each for each in TARGETS if each.__name__ == sys.argv[1]), None) if len(sys.argv) > 1 else None
    if target is None:
        raise SystemExit(f"a target is one of {', '.join(each.__name__ for each in TARGETS)}")
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as corpus:
        for place, seed in enumerate(seeds(target)):
            Path(corpus, f"seed-{place}").write_bytes(seed)
        for find in sorted(FINDS.glob(f"{target.__name__}/*")):
            Path(corpus, f"find-{find.name}").write_bytes(find.read_bytes())
        limits = ["-timeout=20", "-rss_limit_mb=3072"]
        atheris.Setup([sys.argv[0], *limits, *sys.argv[2:], corpus], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
