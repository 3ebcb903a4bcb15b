"""`python -m tests.zoo`: the figures of the zoo, at default effort."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from .judged import is_named, judged
from .test_verdicts import FAULTY, HONEST

ALL = (*HONEST, *FAULTY)


def figures(place: int) -> tuple[int, str, bool, str | None]:
    """The verdict on a specimen, whether it is named rightly, and the name it got."""
    report = judged(ALL[place])
    return place, report.verdict, is_named(ALL[place], report), report.diagnosis.name if report.diagnosis else None


def main() -> None:
    """Judges all specimens, tells those that are judged or named wrongly, and counts."""
    refused = accepted = named = 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for place, verdict, is_right, name in pool.map(figures, range(len(ALL)), chunksize=8):
            specimen = ALL[place]
            conforms = verdict == "conforms"
            refused += specimen.honest and not conforms
            accepted += not specimen.honest and conforms
            named += is_right and specimen.classical
            if conforms != specimen.honest or (specimen.classical and not is_right):
                print(f"{specimen.name}: {verdict}, {specimen.fault or 'honest'}, called {name}", flush=True)
    classical = sum(specimen.classical for specimen in FAULTY)
    print(f"honest: {len(HONEST)}, refused: {refused}")
    print(f"faulty: {len(FAULTY)}, conforming: {accepted}")
    print(f"classical: {classical}, named: {named}")


if __name__ == "__main__":
    main()
