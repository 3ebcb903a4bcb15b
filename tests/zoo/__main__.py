"""`python -m tests.zoo`: the figures of the zoo, at default effort."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from .judged import figures
from .specimens import FAULTY_ONES, HONEST_ONES


def main() -> None:
    """Judges all specimens, tells those that are judged or named wrongly, and counts."""
    specimens = (*HONEST_ONES, *FAULTY_ONES)
    refused = accepted = named = 0
    # JAX and PyTorch have threads of their own, which do not survive a fork.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for specimen, (verdict, is_right, name) in zip(
            specimens, pool.map(figures, specimens, chunksize=8), strict=True
        ):
            conforms = verdict == "conforms"
            refused += specimen.honest and not conforms
            accepted += not specimen.honest and conforms
            named += is_right and specimen.classical
            if conforms != specimen.honest or (specimen.classical and not is_right):
                print(f"{specimen.name}: {verdict}, {specimen.fault or 'honest'}, called {name}", flush=True)
    print(f"honest: {len(HONEST_ONES)}, refused: {refused}")
    print(f"faulty: {len(FAULTY_ONES)}, conforming: {accepted}")
    print(f"classical: {sum(specimen.classical for specimen in FAULTY_ONES)}, named: {named}")


if __name__ == "__main__":
    main()
