"""`python -m tests.zoo [FILE.json]`: the figures of the zoo, at default effort; the file is what the site shows."""

import json
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import refmath
from refmath.whole_file import whole_file

from .judged import figures
from .specimen import installed
from .specimens import FAULTY_ONES, HONEST_ONES

COUNTS = ("honest", "refused", "faulty", "conforming", "classical", "named")


def main(file: Path | None) -> None:
    """Judges all specimens, tells those that are judged or named wrongly, and counts."""
    missing = [library for library in ("jax", "sklearn", "torch") if not installed(library)]
    if file is not None and missing:
        sys.exit(
            f"{file} shall hold the specimens of every library, and {', '.join(missing)} cannot be imported: see `nox -s records`"
        )
    specimens = (*HONEST_ONES, *FAULTY_ONES)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    # JAX and PyTorch have threads of their own, which do not survive a fork.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for specimen, (verdict, is_right, name) in zip(
            specimens, pool.map(figures, specimens, chunksize=8), strict=True
        ):
            conforms = verdict == "conforms"
            row = counts[specimen.formula]
            row["honest"] += specimen.honest
            row["refused"] += specimen.honest and not conforms
            row["faulty"] += not specimen.honest
            row["conforming"] += not specimen.honest and conforms
            row["classical"] += specimen.classical
            row["named"] += is_right and specimen.classical
            if conforms != specimen.honest or (specimen.classical and not is_right):
                print(f"{specimen.name}: {verdict}, {specimen.fault or 'honest'}, called {name}", flush=True)
    for each in COUNTS:
        print(f"{each}: {sum(row[each] for row in counts.values())}")
    if file is not None:
        with whole_file(file) as out:
            out.write(json.dumps({"version": refmath.__version__, "formulas": counts}, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
