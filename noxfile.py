#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.4"]
# ///
"""The workshop's sessions: `nox --list` shows them, `nox` runs those that are starred."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2026.4"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
# A Python that is not on this machine is reported as skipped, in CI too; it never counts as passed.
nox.options.error_on_missing_interpreters = False

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
TORCH = "torch==2.13.0"
AXE = "axe-core@4.14.1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: What may follow the generator of the site: the package, the command that builds, and the theme.
SUCCESSORS = {
    "zensical": ("zensical", ["zensical", "build", "--strict"], "material"),
    "properdocs": ("properdocs", ["properdocs", "build", "--strict", "--config-file", "mkdocs.yml"], "material"),
    "materialx": ("mkdocs-materialx", ["mkdocs", "build", "--strict"], "materialx"),
}
#: The minor versions of NumPy from the oldest allowed to the newest.
NUMPYS = ("2.0", "2.1", "2.2", "2.3", "2.4")
#: What has to be covered whole: every formula's page, and what is certified.
PAGES_AND_BALLS = ",".join(
    f"refmath/{part}/*" for part in ("activations", "balls", "calculus", "descent", "losses", "networks")
)
#: On GitHub nothing is skipped: what is missing there is a fault of the workflow.
STRICT = "GITHUB_ACTIONS" in os.environ
#: .ci/run has run the long tests on one Python already: arithmetic, pages and what follows from them are the same on each. What is asked of every
#: Python is what can depend on it: doctests, processes and signals, the command line, files, candidates and how they are called, the public names.
SELECTED = ["-m", os.environ["REFMATH_SELECTED"]] if "REFMATH_SELECTED" in os.environ else []


def skip(session: nox.Session, reason: str) -> None:
    """Say what was not done, and why."""
    (session.error if STRICT else session.skip)(reason)


def group(name: str) -> tuple[str, ...]:
    """The requirements of one of the dependency groups in pyproject.toml."""
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session
def lint(session: nox.Session) -> None:
    """Look for mistakes and for code that is not formatted."""
    session.install(*group("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def repo_review(session: nox.Session) -> None:
    """Look at the repository with the eyes of the Scientific Python community's guide, and at its Markdown."""
    session.install(*group("review"))
    session.run("repo-review", ".")
    session.run("rumdl", "check", ".")
    session.run("cffconvert", "--validate")


@nox.session(default=False)
def api(session: nox.Session) -> None:
    """Compare the public names and signatures with those of the last release: what breaks a user belongs into the changelog."""
    tag = session.run("git", "describe", "--tags", "--abbrev=0", external=True, silent=True, success_codes=[0, 128])
    if not tag or tag.startswith("fatal"):
        session.skip("there is no tag of a release yet: nothing was compared")
    session.install(*group("review"))
    session.run("griffe", "check", "refmath", "--against", tag.strip(), "--verbose")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types, strictly."""
    session.install("-e.[testing]", *group("typing"))
    session.run("mypy", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on every supported Python that is found."""
    session.install("-e.[testing]", *group("test"))
    session.run("pytest", *(session.posargs or SELECTED))


@nox.session(python=PYTHONS[0], venv_backend="uv")
def tests_lowest(session: nox.Session) -> None:
    """Run the tests on the oldest Python with the oldest versions that pyproject.toml allows."""
    session.install("--resolution=lowest-direct", "-e.[testing]", *group("test"))
    session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS[0], default=False, venv_backend="uv")
def tests_newest(session: nox.Session) -> None:
    """Run the tests with the newest pre-releases of everything; it may fail, and then says early what is to come."""
    session.install("--prerelease=allow", "--upgrade", "-e.[testing]", *group("test"))
    session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS[0], default=False, venv_backend="uv")
@nox.parametrize("numpy", NUMPYS)
def tests_numpy(session: nox.Session, numpy: str) -> None:
    """Run the tests with each minor version of NumPy that is supported."""
    session.install(f"numpy=={numpy}.*", "-e.[testing]", *group("test"))
    session.run("pytest", *(session.posargs or SELECTED))


@nox.session(python=PYTHONS[0], default=False)
def coverage(session: nox.Session) -> None:
    """Run the tests, count the branches that they take, subprocesses and pools included, and refuse too few."""
    session.install("-e.[testing]", *group("test"))
    session.run("pytest", "--cov", "--cov-report=", *session.posargs)
    session.run("coverage", "report", "--fail-under=95")
    session.run("coverage", "report", "--fail-under=100", f"--include={PAGES_AND_BALLS}")


@nox.session(python=PYTHONS[0], default=False)
def cost(session: nox.Session) -> None:
    """Run the tests and print their processor time, by formula, and the ten test functions that take most of it."""
    session.install("-e.[testing]", *group("test"))
    session.run(
        "python", "-m", "pytest", "-q", "-p", "tools.suite_cost", *session.posargs, env={"HYPOTHESIS_PROFILE": "ci"}
    )


@nox.session(python=PYTHONS[0], default=False)
def repeat(session: nox.Session) -> None:
    """Run the tests twenty times in a row, each time from another seed: `nox -s repeat -- 5` for five times."""
    session.install("-e.[testing]", *group("test"))
    times, *options = session.posargs or ["20"]
    for seed in range(int(times)):
        command = ("pytest", "-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", *(options or SELECTED))
        session.run(*command, env={"HYPOTHESIS_PROFILE": "dev"})  # the profile `ci` would draw the same each time


@nox.session(python=PYTHONS[0], default=False)
def search(session: nox.Session) -> None:
    """Look for counterexamples to the properties among a thousand examples of each: an hour or two."""
    session.install("-e.[testing]", *group("test"))
    options = session.posargs or ["tests/properties"]
    session.run("pytest", *options, env={"HYPOTHESIS_PROFILE": "nightly"})


@nox.session(default=False, venv_backend="virtualenv")
def interop(session: nox.Session) -> None:
    """Compare with PyTorch, JAX, Optax, Keras and scikit-learn (a large download, so not run by default)."""
    try:
        session.install(TORCH)
    except CommandFailed:
        skip(
            session,
            f"{TORCH} cannot be installed here: nothing was compared with PyTorch, JAX, Optax, Keras or scikit-learn",
        )
    session.install("-e.[testing]", *group("interop"))
    session.run("pytest", "-m", "interop", *session.posargs)


@nox.session(python=PYTHONS[0])
def distributed(session: nox.Session) -> None:
    """Spread a gradient over a Dask cluster of two processes on this machine."""
    session.install("-e.[distributed,testing]", *group("test"))
    session.run("pytest", "-m", "distributed", "-n0", "tests", *session.posargs)


@nox.session(python=PYTHONS[0], venv_backend="virtualenv")
def zoo(session: nox.Session) -> None:
    """Judge every specimen of the zoo, check with mpmath alone that each is what its label says, and run what else takes minutes."""
    try:
        session.install(TORCH)
        session.install("-e.[testing]", *group("interop"))
    except CommandFailed:
        (session.error if STRICT else session.warn)(
            "PyTorch, JAX or scikit-learn cannot be installed here: their specimens are left out"
        )
        session.install("-e.[testing]", *group("test"))
    session.run("pytest", "-m", "zoo", *session.posargs)


@nox.session(python=PYTHONS[0], default=False)
def abuse_files(session: nox.Session) -> None:
    """Send signals, close pipes, fill disks and kill processes in every way that the table knows: four minutes."""
    session.install("-e.[testing]", *group("test"))
    session.run("pytest", "-m", "", "tests/test_abuse_files.py", *session.posargs)


@nox.session(default=False, venv_backend="virtualenv")
def records(session: nox.Session) -> None:
    """Write what the site shows of whole runs: docs/zoo.json, who_conforms and laws.json; half an hour, before a release."""
    session.install(TORCH)
    session.install("-e.[testing]", *group("interop"))
    session.run("python", "-m", "tests.zoo", "docs/zoo.json")
    session.run("python", "-m", "tools.who_conforms")
    session.run("python", "-m", "tools.law_matrix")


@nox.session(python=PYTHONS[0], default=False)
def mutation(session: nox.Session) -> None:
    """Change refmath in small ways and count which changes the tests notice: hours; `nox -s mutation -- losses/softmax` for some modules."""
    session.install("-e.", *group("mutation"))
    session.run("python", "-m", "tools.mutation", *session.posargs)


@nox.session(python=PYTHONS[0], default=False)
def abuse(session: nox.Session) -> None:
    """Judge more than seven hundred candidates, modules and adapters that crash, hang, fork, lie and write escapes: half an hour."""
    session.install("-e.[testing]", *group("test"))
    session.run("pytest", "-m", "abuse", "-n2", "tests/abuse", *session.posargs)


@nox.session(python=PYTHONS[0], default=False)
def fuzz(session: nox.Session) -> None:
    """Feed refmath's readers more than a million inputs, chosen by what they reach: `nox -s fuzz -- idx_file -runs=5000` for one of them."""
    session.install("-e.", *group("fuzz"))
    runs = {
        "adapters_answer": 800_000,
        "idx_file": 200_000,
        "saved_run": 40_000,
        "part_of_a_saved_run": 10_000,
        "text_of_a_saved_run": 10_000,
    }
    asked = [session.posargs] if session.posargs else [[target, f"-runs={count}"] for target, count in runs.items()]
    for options in asked:
        session.run("python", "-m", "tests.fuzz", *options)


@nox.session(default=False, venv_backend="virtualenv")
def benchmark(session: nox.Session) -> None:
    """Measure, and write docs/benchmarks.md from the figures: `nox -s benchmark -- --mnist DIR --whole-training`, about twenty minutes."""
    try:
        session.install(TORCH)
    except CommandFailed:
        session.warn(f"{TORCH} cannot be installed here: its rows will say so")
    session.install("-e.[testing]", *group("benchmark"))
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into site/; `nox -s docs -- serve` shows it while you write."""
    session.install("-e.", *group("docs"))
    session.run("python", "-m", "tools.maths_font")  # first: the pages' cards are set in them
    session.run("python", "-m", "tools.site")  # what the site shows of the records, and of running refmath
    arguments = session.posargs or ["build", "--strict"]
    session.run("mkdocs", *arguments, env={"PYTHONPATH": "docs/ext", "NO_MKDOCS_2_WARNING": "1"})


@nox.session(default=False)
@nox.parametrize("successor", list(SUCCESSORS))
def docs_next(session: nox.Session, successor: str) -> None:
    """Build the site with what is to follow MkDocs and Material for MkDocs, into site_next/; each may fail, nothing depends on it yet."""
    package, command, theme = SUCCESSORS[successor]
    session.install("-e.", *group("docs"), package)
    session.run("python", "-m", "tools.maths_font")
    session.run("python", "-m", "tools.site")
    told = {"PYTHONPATH": "docs/ext", "SITE_DIR": "site_next", "SITE_THEME": theme, "NO_MKDOCS_2_WARNING": "1"}
    session.run(*command, env=told)


@nox.session(requires=["docs"])
def browser(session: nox.Session) -> None:
    """Look at every page of the site in Chromium: width, requests, formulas, search, sliders, accessibility."""
    if not any(map(shutil.which, BROWSERS)):
        skip(session, f"none of {', '.join(BROWSERS)} is installed: no page was looked at")
    session.install("-e.", *group("browser"))
    axe = Path(session.create_tmp(), "axe.min.js")
    if not axe.exists():
        session.run("python", "-m", "tools.npm_file", AXE, axe.name, str(axe.parent), success_codes=[0, 1])
    session.run("pytest", "-m", "browser", "-n0", "tests/browser", *session.posargs, env={"REFMATH_AXE": str(axe)})
    if not axe.exists():
        skip(session, f"{AXE} could not be fetched: all but accessibility was checked")


@nox.session
def build(session: nox.Session) -> None:
    """Build sdist and wheel into dist/, use the wheel in an empty environment outside the checkout, and archive its test vectors in dist_vectors/."""
    session.install("build", "twine")
    vectors = Path("dist_vectors").resolve()  # a package index takes nothing but distributions from dist/
    for folder in ("dist", vectors):
        shutil.rmtree(folder, ignore_errors=True)
    vectors.mkdir()
    session.run("python", "-m", "build")  # the wheel is built from the sdist, which proves that one too
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    (wheel,) = Path("dist").resolve().glob("*.whl")
    version = wheel.name.split("-")[1]
    example, archiver = (Path(each).resolve() for each in ("examples/chapter.py", "tools/vectors_archive.py"))
    with tempfile.TemporaryDirectory() as outside:
        shutil.copy(example, outside)
        with session.chdir(outside):
            session.run("python", "-m", "venv", "empty")
            session.run("empty/bin/python", "-m", "pip", "install", "--quiet", str(wheel), external=True)
            session.run("empty/bin/refmath", "--help", external=True)
            session.run("empty/bin/refmath", "check", "--exit-zero", "chapter.py", external=True)
            session.run("empty/bin/refmath", "train", "--iterations", "50", external=True)
            session.run("empty/bin/refmath", "vectors", "vectors", external=True)
            session.run("python", archiver, "vectors", vectors / f"refmath-vectors-{version}.zip")


if __name__ == "__main__":
    nox.main()
