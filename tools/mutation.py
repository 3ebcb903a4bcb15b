"""Mutation testing: `nox -s mutation` changes refmath in small ways, one at a time, and counts which changes the tests notice.

mutmut makes the mutants; the tests are collected once for a module, and each mutant is tried in a fork of that process (tools/mutation_session.py), with
the tests that pass through the changed function, also in a process that they start (tools/mutation_started.py), the likeliest and quickest first; a mutant of what is called while modules are imported in a fork of
a process without them (tools/mutation_anew.py). What survives is written to mutants/survivors/, as a difference to read, and the
count to mutation.json.

Not mutated are the programs under a page's `mistakes`: a mistake with another fault is a mistake as well, and nothing says it shall not be. mutmut
itself leaves out what stands outside functions, as the SymPy definitions do, and functions with a decorator.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"
EQUIVALENT = ROOT / "tools" / "mutation_equivalent.toml"
#: For each group of modules the tests that should notice a change in it.
PROPERTIES = "tests/properties"
OF_SAMPLES = [
    "tests/test_bad_input.py",
    *(f"{PROPERTIES}/test_{name}.py" for name in ("programs", "laws", "derivatives", "accuracy", "mistakes")),
    "-k=not check- and not assert_conforms-",  # what these ask of a page, the others have asked
]
LAWS = [f"{PROPERTIES}/test_laws.py", f"{PROPERTIES}/test_mistakes.py"]
#: The same for the parts of the oracle: how candidates are called, what is named by the command line, what is tried.
OF_THE_ORACLE = {
    (
        *("adapter", "arrays", "backward", "calling", "candidate", "child", "command_line", "frames", "guard", "host"),
        *("importing", "interruptions", "marked", "order", "process", "process_state", "protocol", "replies"),
        *("signature", "started", "tensors"),
    ): ("calls_in_small", "candidate", "child", "guard", "interruptions", "limits", "order", "process", "steps"),
    (
        *("command", "in_a_row", "load", "progress", "project", "scan", "source_text", "targets"),
        *("trajectory", "usual_names"),
    ): ("as_it_stands", "cli", "command", "order", "shape", "steps"),
    ("extent",): ("extent", "check"),
    ("check", "integers", "judgement", "made", "request", "sample", "under_options"): (
        *("as_it_stands", "check", "guard", "judgement", "options", "shape", "verdict"),
    ),
    # What is asked of by itself, by tests that take seconds.
    ("as_it_stands", "several_axes"): ("called_otherwise", "calls_in_small"),
    ("breaking", "findings", "github", "report", "text"): ("breaking", "report", "told_wrongly"),
    (
        *("answers", "any_program", "comparison", "confirmation", "diagnosis", "explanations", "fitting", "guesses"),
        *("some_inputs", "wording"),
    ): ("naming",),
    ("counterexample", "merge", "remarks"): ("showing",),
    ("repetition", "search"): ("searching",),
    ("budget",): ("guard",),
    ("holding",): ("holding",),
    ("declining",): ("declining",),
    ("forms",): ("forms",),
    ("laws",): ("held_laws",),
    ("parametrized",): ("parametrized",),
    ("reducer",): ("reducer",),
    ("shape",): ("shape",),
    ("probe", "representations", "sizes", "survey"): ("survey",),
    ("verdict",): ("verdict",),
}
#: A program that is run without what is installed, and so without what chooses a mutant; and what Windows alone runs.
NOT_MUTATED = {"refmath/oracle/processes/warden.py", "refmath/oracle/processes/job.py"}
TESTS: dict[str, list[str]] = {
    "refmath/activations/*.py": OF_SAMPLES,
    "refmath/losses/*.py": OF_SAMPLES,
    "refmath/laws.py": OF_SAMPLES,
    "refmath/calculus/*.py": [
        f"{PROPERTIES}/test_calculus.py",
        f"{PROPERTIES}/test_check_gradient.py",
        "tests/test_functions.py",
        "tests/test_bad_input.py",
        *LAWS,
        # The names of these files, and in the others those of the functions that use what is in these modules.
        (
            "-k=test_calculus or test_check_gradient or test_functions"
            " or numerical_gradient or check_gradient or central_difference"
        ),
    ],
    "refmath/gradients/slope_estimate.py": ["tests/test_slope_estimate.py"],
    "refmath/gradients/surroundings.py": ["tests/test_surroundings.py"],
    "refmath/gradients/containers.py": ["tests/test_containers.py"],
    "refmath/gradients/kinks.py": ["tests/test_kinks.py"],
    "refmath/gradients/words.py": ["tests/test_gradient_words.py"],
    "refmath/gradients/report.py": ["tests/test_gradient_report.py"],
    "refmath/gradients/command.py": ["tests/test_gradient_command.py"],
    "refmath/gradients/check_gradient.py": [
        "tests/test_gradient_judgement.py",
        "tests/test_bad_input.py",
        "-k=test_gradient_judgement or check_gradient or check_vjp or check_jvp",
    ],
    "refmath/descent/*.py": [
        f"{PROPERTIES}/test_descent.py",
        "tests/test_bad_input.py",
        f"{PROPERTIES}/test_programs.py",
        *LAWS,
    ],
    "refmath/networks/*.py": [
        f"{PROPERTIES}/test_networks.py",
        "tests/test_networks_in_balls.py",
        "tests/test_bad_input.py",
        "tests/test_network_differences.py",
        f"{PROPERTIES}/test_programs.py",
        f"{PROPERTIES}/test_accuracy.py",
        *LAWS,
    ],
    "refmath/arguments.py": ["tests/test_arguments.py", "tests/test_bad_input.py", "-k=not check- and not conforms-"],
    "refmath/spec.py": ["tests/test_spec.py", "tests/test_public_names.py"],
    "refmath/certified.py": ["tests/test_exact.py", "-k=settings or tie or unknown or rational"],
    # What asks the certified arithmetic and the oracle for whole pages takes minutes, and notices nothing that these do not.
    "refmath/balls/*.py": ["tests/test_balls.py"],
    "refmath/balls/compile.py": ["tests/test_balls.py", "tests/test_compile.py"],
    **{
        f"refmath/balls/{name}.py": ["tests/test_compile.py", f"{PROPERTIES}/test_balls_of_functions.py"]
        for name in ("functions", "roundings")
    },
    "refmath/balls/formats.py": ["tests/test_balls.py", "tests/test_formats.py"],
    "refmath/whole_*.py": ["tests/test_whole_file.py", "tests/test_whole_set.py", "tests/test_vectors_command.py"],
    "refmath/fast/*.py": [
        "tests/test_certified_cross_entropy.py",
        "tests/test_certified_squared_error.py",
        "tests/test_double_double.py",
        "tests/test_network_differences.py",
        "tests/test_training_step.py",
    ],
    "refmath/training/*.py": [
        f"tests/test_{name}.py"
        for name in ("training", "training_streams", "train_command", "mnist", "limits", "ended", "abuse_files")
    ],
    "refmath/vectors/*.py": [f"tests/test_{name}.py" for name in ("vectors_command", "vectors")],
    **{
        f"refmath/oracle/**/{module}.py": [f"tests/test_{name}.py" for name in names]
        for modules, names in OF_THE_ORACLE.items()
        for module in modules
    },
}
#: The marks of tests that are for other sessions.
UNMARKED = (
    "not zoo and not interop and not distributed and not browser and not abuse and not abuse_files and not systems"
)
#: What counts as caught: a mutant that never ends is noticed too.
KILLED = {"killed", "timeout"}


class Change(NamedTuple):
    """What a mutant is, whatever its number: the lines it takes out of a function and those it puts in."""

    module: str
    function: str
    was: str
    now: str


def known_modules() -> dict[str, list[str]]:
    """The modules that are mutated, as paths, and the tests of each."""
    return {
        path.relative_to(ROOT).as_posix(): tests
        for pattern, tests in TESTS.items()
        for path in sorted(ROOT.glob(pattern))
        if path.name != "__init__.py" and path.relative_to(ROOT).as_posix() not in NOT_MUTATED
    }


def of_mistakes(source: str) -> set[str]:
    """The functions of a page that stand under the heading of its mistakes."""
    lines, found, within = source.splitlines(), set(), False
    starts = {node.lineno: node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    for number, line in enumerate(lines, 1):
        if line.startswith("# ----"):
            within = line.startswith("# ---- mistakes")
        if within and number in starts:
            found.add(starts[number])
    return found


def function_of(mutant: str) -> str:
    """`refmath.spec.x_law__mutmut_3` is a mutant of `law`, and one with ǁ in it of a method."""
    name = mutant.rpartition(".")[2].partition("__mutmut_")[0]
    return name.removeprefix("x_") if name.startswith("x_") else ".".join(name.split("ǁ")[1:])


def generated(module: str) -> dict[str, Change]:
    """Writes the mutants of a module into the copy of refmath, and says what they are."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    source = (ROOT / module).read_text(encoding="utf-8")
    mutated = mutate_file_contents(module, source)
    (MUTANTS / module).write_text(mutated.code, encoding="utf-8")
    lines, spans = mutated.code.splitlines(), mutated.line_span_by_function_name

    def text(name: str) -> list[str]:
        return [re.sub(r"__mutmut_\w+?\b", "", line) for line in lines[spans[name].start - 1 : spans[name].end]]

    mistakes, package = of_mistakes(source), module.removesuffix(".py").replace("/", ".")
    found = {}
    for name in mutated.mutant_names:
        if function_of(name) not in mistakes:
            original = text(f"{name.partition('__mutmut_')[0]}__mutmut_orig")
            found[f"{package}.{name}"] = Change(module, function_of(name), *differing(original, text(name)))
    return found


def differing(before: list[str], after: list[str]) -> tuple[str, str]:
    """The lines that are in one of two texts only."""
    told = [line for line in difflib.unified_diff(before, after, lineterm="", n=0) if line[:3] not in ("---", "+++")]
    gone, come = ([line[1:].strip() for line in told if line[0] == sign] for sign in "-+")
    return "\n".join(gone), "\n".join(come)


def copied() -> None:
    """A fresh copy of everything that the tests need."""
    shutil.rmtree(MUTANTS / "refmath", ignore_errors=True)
    for name in ("refmath", "tests", "tools", "examples"):
        shutil.copytree(ROOT / name, MUTANTS / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", MUTANTS)
    shutil.copy(ROOT / "tools" / "mutation_started.py", MUTANTS / "sitecustomize.py")


def tried(
    modules: Sequence[str], mutants: list[str], tests: list[str], jobs: int, until: float, is_sample: bool = False
) -> dict[str, str]:
    """What became of each mutant; those for which the time did not last are not in it."""
    asked, told = MUTANTS / "asked.json", MUTANTS / "told.json"
    page = Path(modules[0]).stem if len(modules) == 1 else ""
    request = {"mutants": mutants, "jobs": jobs, "until": until, "page": page, "is_sample": is_sample}
    asked.write_text(json.dumps(request), encoding="utf-8")
    told.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "HYPOTHESIS_PROFILE": "mut",
        "PYTHONPATH": str(MUTANTS),
    }
    # What the tests start would compile every mutant again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(MUTANTS / "refmath", quiet=2)
    options = [
        "-n0",
        "-q",
        "--tb=native",
        "-p",
        "no:cacheprovider",
        "-p",
        "tools.mutation_session",
        "-o",
        f"addopts=-m '{UNMARKED}'",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=MUTANTS,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if not told.exists():
        names = ", ".join(modules)
        raise SystemExit(f"the tests of {names} could not be run:\n{run.stdout[-4000:]}{run.stderr[-4000:]}")
    results: dict[str, str] = json.loads(told.read_text(encoding="utf-8"))
    return results


@dataclass(frozen=True)
class Equivalents:
    """The mutants that compute the same as the original, listed by hand with the reason: one by one, or of a kind.

    A mutant is of a kind if its lines agree with the original's once everything that `ignoring` matches is taken out of both.
    """

    single: set[Change]
    kinds: list[tuple[re.Pattern[str], re.Pattern[str]]]

    def __contains__(self, change: Change) -> bool:
        return change in self.single or any(
            place.search(f"{change.module}:{change.function}")
            and kind.search(change.was)
            and kind.sub("", change.was) == kind.sub("", change.now)
            for place, kind in self.kinds
        )

    def of_nothing(self, module: str, changes: Collection[Change]) -> list[Change]:
        """Those of a module that are listed, but are none of its mutants any more."""
        return sorted(each for each in self.single if each.module == module and each not in changes)


def equivalents() -> Equivalents:
    """What tools/mutation_equivalent.toml lists."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    single, kinds = listed.get("equivalent", []), listed.get("kind", [])
    assert all(each["reason"] for each in [*single, *kinds])
    return Equivalents(
        {Change(each["module"], each["function"], each["was"], each["now"]) for each in single},
        [(re.compile(each["where"]), re.compile(each["ignoring"])) for each in kinds],
    )


def remembered(module: str) -> dict[str, str]:
    """What became of the mutants of a module in the last run, unless the module has changed since."""
    path = MUTANTS / "results" / (module.replace("/", ".") + ".json")
    if not path.exists():
        return {}
    last = json.loads(path.read_text(encoding="utf-8"))
    outcomes: dict[str, str] = last["outcomes"]
    return outcomes if last["source"] == digest(module) else {}


def remember(module: str, outcomes: dict[str, str]) -> None:
    path = MUTANTS / "results" / (module.replace("/", ".") + ".json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"source": digest(module), "outcomes": outcomes}, indent=1), encoding="utf-8")


def digest(module: str) -> str:
    return hashlib.sha256((ROOT / module).read_bytes()).hexdigest()


def is_whole(count: dict[str, Any], module: str) -> bool:
    """Whether a count is that of all changes of a module as it is now."""
    return count.get("not_tried") == 0 and count.get("source") == digest(module)


def written(module: str, changes: dict[str, Change], results: dict[str, str], same: Equivalents) -> dict[str, Any]:
    """The count of one module; its survivors go into a file of their own, to be read."""
    counted = {name: outcome for name, outcome in results.items() if changes[name] not in same}
    survivors = [name for name, outcome in counted.items() if outcome not in KILLED]
    path = MUTANTS / "survivors" / (module.replace("/", ".") + ".txt")
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(told_of(name, changes[name], counted[name]) for name in survivors), encoding="utf-8")
    return {
        "killed": len(counted) - len(survivors),
        "survived": len(survivors),
        "total": len(counted),
        "equivalent": len(results) - len(counted),
        "not_tried": len(changes) - len(results),
        "source": digest(module),
    }


def told_of(name: str, change: Change, outcome: str) -> str:
    lines = [f"{name} ({outcome})", *(f"  - {line}" for line in change.was.splitlines())]
    return "\n".join([*lines, *(f"  + {line}" for line in change.now.splitlines()), ""])


def summary(by_module: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What is written to mutation.json."""
    sums = {key: sum(each[key] for each in by_module.values()) for key in ("killed", "survived", "total")}
    return {**sums, "by_module": by_module}


def begun_record(record: Path) -> dict[str, dict[str, Any]]:
    """The counts so far, here or else those that the site shows, of the modules that there are."""
    last = record if record.exists() else ROOT / "docs" / "mutation.json"
    by_module: dict[str, dict[str, Any]] = json.loads(last.read_text(encoding="utf-8"))["by_module"]
    return {module: count for module, count in by_module.items() if (ROOT / module).exists()}


def batches(modules: Sequence[str], known: dict[str, list[str]]) -> list[list[str]]:
    """The modules of which a sample is tried together: those that have the same tests."""
    by_tests: dict[tuple[str, ...], list[str]] = {}
    for module in modules:
        by_tests.setdefault(tuple(known[module]), []).append(module)
    return list(by_tests.values())


def sample(changes: dict[str, Change], most: int, lot: str = "") -> list[str]:
    """So many of the changes, in proportion to those of each module; the same each time for a lot, as long as there are these changes."""
    modules: dict[str, list[str]] = {}
    for name, change in changes.items():
        modules.setdefault(change.module, []).append(name)
    part = min(1.0, most / max(len(changes), 1))
    drawn = []
    for names in modules.values():
        by_lot = sorted(names, key=lambda name: hashlib.sha256(("\n".join(changes[name]) + lot).encode()).digest())
        drawn += by_lot[: max(1, round(part * len(names)))]
    return drawn


def changed_since(base: str) -> list[str]:
    """The modules that differ from a commit."""
    run = subprocess.run(
        ["git", "diff", "--name-only", base, "--", "refmath"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def chosen(names: list[str], base: str | None) -> Iterator[str]:
    """The modules asked for, by paths or parts of them."""
    wanted = names if base is None else changed_since(base)
    for module in known_modules():
        if not (wanted or base is not None) or any(
            module == name or (base is None and name in module) for name in wanted
        ):
            yield module


def main() -> int:
    """Tries the mutants of the modules that are asked for, and writes mutation.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="paths of modules, or parts of them; by default all")
    parser.add_argument("--changed", metavar="COMMIT", help="only modules that differ from this commit")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after so long; the rest counts as not tried"
    )
    parser.add_argument(
        "--survivors", action="store_true", help="only mutants that no test has noticed yet in a module as it is now"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--fail-under",
        type=float,
        default=0.0,
        metavar="PERCENT",
        help="end with status 1 if fewer of those tried are noticed",
    )
    parser.add_argument(
        "--record", action="store_true", help="write the counts to docs/mutation.json too, which the site shows"
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=0,
        metavar="N",
        help="only so many of all these modules together, drawn in proportion, and the same ones each time",
    )
    parser.add_argument(
        "--lot", default="", metavar="WORD", help="another sample for each word, which counts beside those before it"
    )
    parser.add_argument("--function", help="only mutants of functions with this in their name")
    asked = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    until, known, same = time.time() + asked.seconds, known_modules(), equivalents()
    record = ROOT / "mutation.json"
    by_module = begun_record(record)
    survived = total = 0
    modules = list(chosen(asked.modules, asked.changed))
    if asked.sample:  # what was tried whole, as it is now, needs none
        modules = [module for module in modules if not is_whole(by_module.get(module, {}), module)]
    for batch in batches(modules, known) if asked.sample else [[module] for module in modules]:
        if time.time() > until:
            print(f"{batch[0]} and what follows it was not tried: the time is over")
            break
        copied()
        begun = time.time()
        changes = {
            name: each
            for module in batch
            for name, each in generated(module).items()
            if (asked.function or "") in each.function
        }
        before = {
            name: each
            for module in batch
            for name, each in (remembered(module) if asked.survivors or asked.lot else {}).items()
            if name in changes and changes[name] not in same and each != "equivalent"
        }
        # A test that is added or made stricter takes back none of what was noticed.
        again = {name for name, each in before.items() if each not in KILLED and asked.survivors}
        results = {name: each for name, each in before.items() if name not in again}
        results |= {name: "equivalent" for name in changes if changes[name] in same}
        share = round(asked.sample * len(batch) / len(modules))
        countable = {name: each for name, each in changes.items() if each not in same}
        drawn = sample(countable, share, asked.lot) if share else list(changes)
        open_ones = [name for name in dict.fromkeys([*drawn, *again]) if name not in results]
        if open_ones:
            results |= tried(batch, open_ones, known[batch[0]], asked.jobs, min(until, 1e12), bool(share))
        results = dict.fromkeys(again, "survived") | results
        for module in batch:
            own = {name: each for name, each in changes.items() if each.module == module}
            ended = {name: each for name, each in results.items() if name in own}
            if not asked.function:
                for each in same.of_nothing(module, own.values()):
                    what = f"{each.function}: {each.was!r}"
                    print(f"{EQUIVALENT.name} lists what is no change of {module} any more: {what}")
                remember(module, ended)
            count = written(module, own, ended, same)
            survived, total = survived + count["survived"], total + count["total"]
            print(f"{module}: {count} in {time.time() - begun:.0f} s", flush=True)
            if not asked.function:
                by_module[module] = count
        record.write_text(json.dumps(summary(by_module), indent=1) + "\n", encoding="utf-8")
    if asked.record:
        shutil.copy(record, ROOT / "docs" / "mutation.json")
    if not total:
        print("no change was tried" if modules else "no module is concerned")
        return int(bool(modules) and asked.fail_under > 0)
    score = 100 * (total - survived) / total
    print(f"noticed {total - survived} of {total}: {score:.1f} %")
    return int(score < asked.fail_under)


if __name__ == "__main__":
    raise SystemExit(main())
