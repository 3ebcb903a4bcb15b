"""The command: `python -m benchmarks`, or `nox -s benchmark`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

#: One thread, and before NumPy is imported: a comparison of libraries is not one of how many cores they take.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
HERE = Path(__file__).parent
SECTIONS = ("gradient", "training", "certified", "growth", "oracle", "executors")


def main(words: list[str]) -> None:
    """Measures what was asked for, and writes it beside what was measured before."""
    os.environ.update(ONE_THREAD)
    from benchmarks import digits, results

    options = _options(words)
    digits.PLACE[0] = options.mnist
    if options.one_core and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    file, page = options.output / "results.json", options.page
    for name in [] if options.render else [*options.only, *(["whole_training"] if options.whole_training else [])]:
        print(f"{name} …", end=" ", flush=True)
        begun = time.perf_counter()
        results.measure(name, options.quick, file)
        print(f"{time.perf_counter() - begun:.0f} s", flush=True)
    results.render(file, page)
    print(f"{file}, {page}")


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures, and renders the page from what was measured."
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="small sizes and few rounds: to see that it works; its figures mean nothing",
    )
    parser.add_argument(
        "--whole-training", action="store_true", help="also the 10,000 iterations with the numerical gradient: minutes"
    )
    parser.add_argument(
        "--only",
        nargs="*",
        default=SECTIONS,
        choices=SECTIONS,
        metavar="SECTION",
        help=f"some of {', '.join(SECTIONS)}; the others stay as they were",
    )
    parser.add_argument(
        "--render", action="store_true", help="measure nothing: the page from the figures that are there"
    )
    parser.add_argument(
        "--mnist",
        type=Path,
        help="a directory with the four files of MNIST; without it the cache, or the embedded digits",
    )
    parser.add_argument("--one-core", action="store_true", help="stay on one core of the machine")
    parser.add_argument("--output", type=Path, default=HERE / "results", help="where results.json is")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "benchmarks.md", help="the page to write")
    options = parser.parse_args(words)
    if options.quick and options.output == HERE / "results":
        parser.error("--quick needs an --output and a --page of its own: its figures mean nothing")
    return options


if __name__ == "__main__":
    main(sys.argv[1:])
