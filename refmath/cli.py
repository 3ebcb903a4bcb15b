"""The command line: `refmath list`, `refmath show NAME`, `refmath check TARGET`, `refmath vectors DIR`, `refmath train`."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import shutil
import signal
import sys
import textwrap
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from refmath.ended import Ears, ears
from refmath.foreign_text import harmless
from refmath.streams import ERRORS, occupy_what_is_closed

if TYPE_CHECKING:
    from refmath.oracle.reporting.report import Report
    from refmath.spec import Formula

# Imports of NumPy and SymPy stand inside the commands, so that `refmath --help` answers at once.

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The mathematics of how a neural network learns, and an oracle for implementations of it.",
    pretty_exceptions_enable=False,
)


class Dtype(StrEnum):
    float64 = "float64"
    float32 = "float32"


class Format(StrEnum):
    float64 = "float64"
    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


class Gradient(StrEnum):
    backprop = "backprop"
    numerical = "numerical"


class Array(StrEnum):
    numpy = "numpy"
    torch = "torch"
    jax = "jax"
    array_api_strict = "array_api_strict"


class Output(StrEnum):
    text = "text"
    github = "github"


class Differentiable(StrEnum):
    numpy = "numpy"
    torch = "torch"
    jax = "jax"


class Samples(StrEnum):
    rows = "rows"
    columns = "columns"
    classes_first = "classes_first"
    classes_last = "classes_last"


#: So many functions that look like formulas are listed of a directory.
_MOST_LISTED = 12


def main() -> None:
    """The entry point of the command `refmath`."""
    occupy_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        _takes_any_text(stream, ERRORS)
    try:
        app()
    except OSError as error:
        # What goes wrong with a file is told by its command; what is left has no name: it is the terminal, the pipe or the file behind the standard output.
        if error.filename is not None:
            raise
        _tell_of(error)
        raise SystemExit(2) from None


def _version(wanted: bool) -> None:
    if wanted:
        from refmath import __version__

        typer.echo(f"refmath {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


#: Files with formulas of one's own.
Pages = Annotated[
    list[str] | None,
    typer.Option(
        "--page", metavar="FILE", help="Python file with formulas of your own; may be given again.", show_default=False
    ),
]


def _add_pages(files: list[str] | None) -> tuple[Formula, ...]:
    """Makes the formulas of some files known; refuses a file that holds none."""
    from refmath.pages import add_from

    try:
        return add_from(files or ())
    except ValueError as error:
        _refuse(f"--page: {error}")


#: The families of formulas, by the package that their pages stand in; whatever stands elsewhere is somebody's own.
_FAMILIES = {
    "activations": "Activations",
    "losses": "Losses",
    "layers": "Layers",
    "calculus": "Derivatives",
    "descent": "Descents and steps",
    "networks": "The two-layer network",
}


@app.command("list")
def list_formulas(page: Pages = None) -> None:
    """The catalogue by families: every formula with its arguments, its derivatives and its conventions."""
    from rich import box
    from rich.table import Table

    from refmath.catalogue import known
    from refmath.spec import argument_names, shown

    _add_pages(page)
    formulas = {each.name: each for each in known()}
    # A derivative stands beside what it is the derivative of.
    of = {name: name.removesuffix("_gradient").removesuffix("_vjp") for name in formulas}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("formula", "and", "conventions"):
        table.add_column(column, no_wrap=column != "conventions")
    last = ""
    for name, each in formulas.items():
        if of[name] != name and of[name] in formulas:
            continue
        package = (each.program.__module__ if each.has_program else "").removeprefix("refmath.").partition(".")[0]
        family = _FAMILIES.get(package, "Your own")
        if family != last:
            table.add_row(f"[bold]{family}[/bold]")
            last = family
        beside = [one for one, value in of.items() if value == name and one != name]
        conventions = dict.fromkeys(one.name for part in (name, *beside) for one in formulas[part].conventions)
        called = f"  {name}({', '.join(argument_names(each))})"
        table.add_row(called, " ".join(one.removeprefix(name) for one in beside), ", ".join(map(shown, conventions)))
    _console().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name in the catalogue.")], page: Pages = None
) -> None:
    """A formula's page in the terminal: display, code, laws, conventions, mistakes."""
    from refmath.catalogue import formula
    from refmath.page_text import page_text

    _add_pages(page)
    try:
        found = formula(name)
    except ValueError as error:
        _refuse(str(error))
    console = _console()
    console.print(page_text(found, console.encoding))


@app.command()
def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="file.py, notebook.ipynb, package.module or a directory; of one file also file.py:function, file.py:Class.method, file.py:Class or "
            "'file.py:EXPRESSION'. Without it: what \\[tool.refmath] in pyproject.toml lists.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The formula to hold it against; by default the one of the function's own name.",
            show_default=False,
        ),
    ] = None,
    convention: Annotated[
        str | None, typer.Option(metavar="NAME", help="Judge by this convention of the page.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Judge under this value of a parameter of the formula, as activation=relu; may be given again.",
            show_default=False,
        ),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            metavar="t,y",
            help="The formula's arguments in the order in which the function takes them; by default as the names of its parameters say.",
            show_default=False,
        ),
    ] = None,
    take: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Judge entry N of the tuple that the function returns; 0 is the first.",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[Samples, typer.Option(help="Where the samples of a batch are in its arrays.")] = Samples.rows,
    steps: Annotated[
        int,
        typer.Option(
            min=0,
            max=5,
            metavar="N",
            help="Judge an optimiser that keeps its state by N steps in a row: file.py:Adam.update or 'file.py:Adam(lr=0.001).update'; or torch.optim:Adam, with --array torch.",
            show_default=False,
        ),
    ] = 0,
    definitions_only: Annotated[
        bool,
        typer.Option(
            "--definitions-only",
            help="Run nothing of a file but its imports, functions, classes and constants: for one that trains on import.",
        ),
    ] = False,
    dtype: Annotated[Format, typer.Option(help="The number format of the inputs.")] = Format.float64,
    array: Annotated[Array, typer.Option(help="Whose arrays the functions take.")] = Array.numpy,
    strict: Annotated[
        bool, typer.Option("--strict", help="No last-place uncertainty of the inputs is allowed for.")
    ] = False,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="It may decline nothing: single samples, integers and all else must be taken."),
    ] = False,
    declines: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="What it may refuse by an error, such as 'single samples'; may be given again. Of integers it is handed none.",
            show_default=False,
        ),
    ] = None,
    backward: Annotated[
        bool,
        typer.Option(
            "--backward", help="Judge the gradients that PyTorch or JAX gives of the functions; with --array."
        ),
    ] = False,
    examples: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Inputs to draw of each class; 80 by default.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed tries the same inputs.")] = 0,
    shape: Annotated[
        str | None,
        typer.Option(
            metavar="N=4096,K=1000",
            help="Try this size too; entries=1000x1000 for arrays of any shape. Axes that are not named stay small.",
        ),
    ] = None,
    page: Pages = None,
    jobs: Annotated[int, typer.Option(min=1, metavar="N", help="Functions judged side by side.")] = 1,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the report as JSON; - is standard output.")
    ] = None,
    exec_: Annotated[
        str | None,
        typer.Option(
            "--exec", metavar="COMMAND", help="Judge a program in any language, started by this; no TARGET then."
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="A call that takes longer counts as hung.")] = 10.0,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="A function is judged by what was tried until then; 30 times --timeout by default.",
            show_default=False,
        ),
    ] = None,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="Judge in this process, for debuggers and coverage: a crash ends all.")
    ] = False,
    save_failure: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the requests that COMMAND failed on: COMMAND < FILE asks them again."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A report that --json has written: what does not conform there is accepted, and nothing new.",
            show_default=False,
        ),
    ] = None,
    list_all: Annotated[
        bool, typer.Option("--list-all", help="List every function of a directory that looks like a formula.")
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="End with status 0 even if something does not conform.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop after the first function that does not conform.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", help="Tell everything: the worst case, distances in ULP, laws by name, sources."),
    ] = False,
    format_: Annotated[
        Output, typer.Option("--format", help="text, or annotations at the functions' lines for GitHub Actions.")
    ] = Output.text,
) -> None:
    """Judge implementations: which are right, which are not, where, and what the mistake is called.

    Exit status: 0 all conform, 1 something does not, 2 something could not be judged.
    """
    from refmath.balls.formats import format_named
    from refmath.oracle import command
    from refmath.oracle.candidates.arrays import require
    from refmath.oracle.candidates.candidate import seconds
    from refmath.oracle.candidates.not_judged import NotJudged
    from refmath.oracle.check import EXAMPLES
    from refmath.oracle.loading.load import asked_of, passed_over
    from refmath.oracle.loading.project import Wanted, wanted
    from refmath.oracle.processes import interruptions
    from refmath.oracle.searching.shape import parsed

    options: dict[str, Any] = {
        "convention": convention,
        "dtype": dtype.value,
        "array": array.value,
        "strict": strict,
        "complete": complete,
        "declines": tuple(declines or ()),
        "backward": backward,
        "examples": EXAMPLES if examples is None else examples,
        "seed": seed,
        "timeout": timeout,
        "budget": budget,
        "in_process": in_process,
        "order": tuple(name.strip() for name in order.split(",")) if order else (),
        "take": take,
        "layout": layout.value,
        "steps": steps,
        "definitions_only": definitions_only,
    }
    if targets and exec_ is not None:
        _refuse("give either a TARGET or --exec COMMAND; got both")
    asked = [Wanted(each, against) for each in targets or []]
    if not asked and exec_ is None:
        if against is not None:
            _refuse("--against needs a TARGET")
        try:
            asked, own_pages, folder = wanted(Path.cwd())
        except ValueError as error:
            _refuse(str(error))
        sys.path.insert(0, str(folder))  # its modules are meant as seen from there
        page = [*own_pages, *(page or [])]
    options["pages"] = page or []
    _add_pages(page)
    if exec_ is not None and (order or take is not None or layout is not Samples.rows or definitions_only or steps):
        _refuse(
            "--order, --take, --layout, --steps and --definitions-only are about Python; a program in another process is sent JSON"
        )
    if exec_ is None and save_failure is not None:
        _refuse("--save-failure writes what a program was asked; it belongs to --exec")
    if exec_ is not None and array is not Array.numpy:
        _refuse("--array is about Python functions; a program in another process is sent JSON")
    if backward and array is not Array.torch and array is not Array.jax:
        _refuse("--backward needs a library that differentiates: --array torch or --array jax")
    try:
        require(array.value, format_named(dtype.value))
    except (ImportError, ValueError) as error:
        _refuse(str(error))
    try:
        seconds(timeout)
        if budget is not None:
            seconds(budget, "budget")
        options["shape"] = None if shape is None else parsed(shape)
        options["parameters"] = command.parameters_in(param or [])
    except ValueError as error:
        _refuse(f"--{error}")
    try:
        known = command.baseline(baseline) if baseline is not None else set()
    except ValueError as error:
        _refuse(f"--baseline: {error}")
    # The candidate may change the working directory.
    places = {
        option: _place(option, file) for option, file in (("--json", json_file), ("--save-failure", save_failure))
    }
    if None is not places["--json"] == places["--save-failure"]:
        _refuse(f"--json and --save-failure name the same file, {json_file}")
    to_be_ended = exec_ is not None or jobs > 1 or not options["in_process"]
    leave_out = exec_ is not None and against is None
    with (
        command.standard_output_kept(),
        interruptions.told_by_signals_to_end(to_be_ended),
        command.Processes() as processes,
    ):
        unread: list[tuple[str, str]] = []
        looking: list[str] = []
        try:
            if exec_ is not None:
                found = asked_of(exec_, against, options["dtype"], options["timeout"])
            else:
                all_found = command.found_in(asked, options, processes)
                found, unread = all_found.functions, all_found.not_judged
                looking = command.looking_in_words(all_found.looking, sys.maxsize if list_all else _MOST_LISTED)
            command.require_convention(found, convention)
            command.require_tables(found)
            command.require_calling(found, options)
        except (ImportError, NotJudged, ValueError) as error:
            _refuse(str(error))
        try:
            command.require_shape(found, options["shape"] or {})
            command.require_declines(found, options["declines"])
            command.require_parameters(found, options["parameters"], convention)
        except ValueError as error:
            _refuse(f"--{error}")
        fails = functools.partial(command.is_new, among=known)
        reports, not_judged, left = command.judge_all(
            found, options, jobs, leave_out=leave_out, fails=fails if fail_fast else None
        )
        not_judged = [*unread, *not_judged]
    if not reports and not not_judged and exec_ is not None:
        _refuse(f"{exec_} supports no formula of the catalogue")
    # What cannot be written must not cost the verdicts, so they are told first; and an output that nobody takes must not cost the files.
    as_json = command.as_json(reports, not_judged)
    failures = [each.smallest.request for each in reports if each.smallest and each.smallest.request]
    asked_again = command.as_requests(failures) if failures else None
    _takes_any_text(sys.stdout)
    with _files_written(
        (places["--json"], "--json", as_json), (places["--save-failure"], "--save-failure", asked_again)
    ) as written:
        if json_file == "-":
            typer.echo(as_json, nl=False)
        else:
            if format_ is Output.github:
                _annotate([report for report in reports if fails(report)], reports, not_judged, left)
            elif reports or not_judged:
                _print(reports, not_judged, left, verbose)
            typer.echo(harmless("\n".join(looking)), nl=bool(looking))
    for name, why in not_judged:
        _say(f"{name}: {why}")
    for one in dict.fromkeys(passed_over([each]) for each in found if each.beside):
        if one:
            _say(one)
    accepted = [report for report in reports if command.is_known(report, known) and not report.conforms]
    if accepted:
        names = ", ".join(report.target for report in accepted)
        _say(f"known from {baseline}, and accepted: {names}")
    if not_judged or not all(written):
        raise typer.Exit(2)
    if any(map(fails, reports)) and not exit_zero:
        raise typer.Exit(1)
    if not reports:
        _refuse("nothing was judged")


@app.command()
def gradient(
    f: Annotated[str, typer.Argument(metavar="F", help="The function: file.py:NAME or package.module:NAME.")],
    g: Annotated[
        str | None,
        typer.Argument(
            metavar="G",
            help="Its gradient, a function of x or an array; without it the library's own.",
            show_default=False,
        ),
    ] = None,
    *,
    at: Annotated[
        str,
        typer.Option(
            metavar="X",
            help="Where: FILE.npy, FILE.npz for several arrays by name, or file.py:NAME, an array or a function that returns it.",
        ),
    ],
    array: Annotated[Differentiable, typer.Option(help="Whose arrays F and G take.")] = Differentiable.numpy,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the report as JSON; - is standard output.")
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="End with status 0 even if the gradient is wrong.")
    ] = False,
) -> None:
    """Judge a gradient: is G the gradient of F at X? Neither a step nor a tolerance is to be chosen.

    Exit status: 0 it is right, 1 it is wrong, 2 it cannot be told or could not be judged.
    """
    from refmath.gradients import command
    from refmath.oracle.candidates.not_judged import NotJudged
    from refmath.oracle.command import standard_output_kept

    place = _place("--json", json_file)
    with standard_output_kept():
        try:
            found = command.judge(f, g, at, array.value)
        except NotJudged as error:
            _refuse(str(error))
    as_json = command.as_json(found)
    with _files_written((place, "--json", as_json)) as written:
        typer.echo(as_json if json_file == "-" else str(found), nl=json_file != "-")
    if not all(written):
        raise typer.Exit(2)
    if (status := command.STATUS[found.verdict]) and not (exit_zero and status == 1):
        raise typer.Exit(status)


@app.command()
def vectors(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them; made if it is not there.")],
    page: Pages = None,
) -> None:
    """Test vectors for programs in any language: JSON files, their schema, a README, and their checksums.

    All are written or none, and again over those of an earlier version; never over a file that is yours. Exit status: 0, or 2 if they could
    not be written.
    """
    from refmath import __version__
    from refmath.oracle.reporting.progress import Progress
    from refmath.vectors import files
    from refmath.vectors.formulas import NAMES

    names = [*NAMES, *(each.name for each in _add_pages(page))]
    written: dict[str, bytes] = {}
    try:
        files.prepare(directory, names)
        with Progress(len(names)) as progress:
            for name in names:
                written[f"{name}.json"] = files.document(name, __version__, progress.tick)
                progress.done(name)
        written |= files.fixed_files()
        files.write(directory, written)
    except OSError as error:
        _refuse(f"{error.filename or directory}: {error.strerror or error}")
    size = sum(map(len, written.values()))
    with _files_written():
        typer.echo(f"{directory}: {len(written)} files and their checksums, {size / 1e6:.1f} MB")


@app.command()
def train(
    iterations: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Iterations in all; 10,000 by default.", show_default=False)
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Samples drawn in each of them; 100 by default.", show_default=False),
    ] = None,
    lr: Annotated[
        float | None, typer.Option(metavar="X", help="The learning rate; 0.1 by default.", show_default=False)
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Hidden units; 100 by default.", show_default=False)
    ] = None,
    weight_init_std: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="Standard deviation of the initial weights; 0.01 by default.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="S", help="What weights and batches are drawn from; 0 by default.", show_default=False
        ),
    ] = None,
    dtype: Annotated[
        Dtype | None, typer.Option(help="The number format; float64 by default.", show_default=False)
    ] = None,
    gradient: Annotated[
        Gradient | None,
        typer.Option(
            help="How the gradient is computed: backprop by default; numerical takes some fifteen times as long.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="MNIST's four IDX files are here, gzipped or not.")
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch all of MNIST into the cache, unless it is there.")
    ] = False,
    plot: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw the curves: FILE.png, FILE.svg or FILE.pdf.")
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the curves as JSON; - is standard output.")
    ] = None,
    save: Annotated[
        str | None,
        typer.Option(metavar="FILE.npz", help="Save the training once a minute and at its end, however that comes."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.npz", help="Go on with a saved training, bit for bit; --iterations is the new total."
        ),
    ] = None,
) -> None:
    """The chapter's training program: a two-layer network learns the digits of MNIST.

    Ctrl-C, SIGTERM or a closed terminal stops it, and it still writes the files that were asked for; it needs no reader for them. Exit status:
    0, 1 if the training diverged, 2 if something could not be read or written, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    """
    _one_thread()
    from refmath.training.command import Wanted, perform, prepare

    chosen = {
        "iterations": iterations,
        "batch_size": batch_size,
        "lr": lr,
        "hidden": hidden,
        "weight_init_std": weight_init_std,
        "seed": seed,
        "dtype": dtype and dtype.value,
        "gradient": gradient and gradient.value,
    }
    settings = {name: value for name, value in chosen.items() if value is not None}
    wanted = Wanted(settings, data, download, plot, json_file, save, resume)
    try:
        training = prepare(wanted)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        _refuse(str(error))
    raise typer.Exit(perform(training, wanted))


def _one_thread() -> None:
    """Has NumPy multiply matrices in one thread, unless the user has said otherwise; it must not have been imported yet.

    A mini-batch is too small to share: on a busy machine two threads, which wait for each other, took ten times as long as one. And the
    order of a sum, hence its last bit, must not depend on how many there are.
    """
    if "numpy" not in sys.modules:
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # OpenBLAS and MKL
        os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")  # Apple's Accelerate


def _place(option: str, file: str | None) -> Path | None:
    """Where a file is to be written; None for standard output, and for no file."""
    from refmath.whole_file import refuse_unwritable

    if file is None or (file == "-" and option == "--json"):
        return None
    place = Path(file).absolute()
    try:
        refuse_unwritable(place)
    except OSError as error:
        _refuse(f"{option} {file}: {error.strerror}")
    return place


@contextlib.contextmanager
def _files_written(*files: tuple[Path | None, str, str | None]) -> Iterator[list[bool]]:
    """Writes files after the block that writes to standard output, whatever becomes of that; signals to end wait for the last file.

    Args:
        files: The place of each, its option and its content; one without a place or without a content is not written.

    Yields:
        What tells of each, after the block, whether all is well with it; why one could not be written has been said then.
    """
    written: list[bool] = []
    trouble: BaseException | None = None
    try:
        yield written
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, KeyboardInterrupt, SystemExit) as error:  # the last is rich's, where the reader has gone
        trouble = error
    with ears() as heard:
        written += [_write(*each, heard) for each in files]
    if heard.number is not None:
        signal.raise_signal(heard.number)
    if isinstance(trouble, OSError) and not isinstance(trouble, BrokenPipeError):
        _tell_of(trouble)
        raise typer.Exit(2)
    if trouble is not None:  # whoever read it has had enough
        raise trouble


def _write(place: Path | None, option: str, text: str | None, heard: Ears) -> bool:
    """Writes a file, if there is a place and something to write; says so and returns False if that failed."""
    from refmath.whole_file import is_plain, whole_file

    if place is None or text is None:
        return True
    heard.interrupts = not is_plain(place)  # whoever is to read a pipe may never come
    try:
        with whole_file(place) as out:
            out.write(text.encode())
    except (OSError, KeyboardInterrupt) as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else error.strerror
        _complain(f"{option} {place}: {reason}")
        return False
    finally:
        heard.interrupts = False
    return True


def _tell_of(trouble: OSError) -> None:
    """Says that standard output cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what is still in its buffer when Python ends
    _complain(f"standard output: {trouble.strerror}")


def _print(reports: list[Report], not_judged: list[tuple[str, str]], left: int, verbose: bool) -> None:
    from refmath.oracle.reporting.text import printed

    _console().print(printed(reports, not_judged, verbose=verbose, left=left))


def _annotate(new: list[Report], reports: list[Report], not_judged: list[tuple[str, str]], left: int) -> None:
    from refmath.oracle.reporting.github import commands

    for line in commands(new, not_judged):
        typer.echo(line)
    if left:
        typer.echo(f"{left} after that {'was' if left == 1 else 'were'} not looked at.")
    typer.echo(f"{sum(report.conforms for report in reports)} of {len(reports) + len(not_judged)} conform.")


def _takes_any_text(stream: Any, errors: str = "backslashreplace") -> None:
    """Has a standard stream take every text, whatever its encoding has."""
    if isinstance(stream, io.TextIOWrapper):
        # What a candidate says may hold characters that cannot be written here, half a surrogate pair for one.
        stream.reconfigure(errors=errors)


def _console() -> Any:
    from rich.console import Console

    _takes_any_text(sys.stdout, ERRORS)
    console = Console(highlight=False)
    # Piped into a file or another program, a table is not to be cut to eighty columns.
    return console if console.is_terminal else Console(highlight=False, width=160)


def _say(message: str) -> None:
    """A message in a line of standard error; at a terminal in lines of its width, broken between words."""
    text = harmless(message)
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    with contextlib.suppress(OSError):  # where nobody reads it, the status tells
        typer.echo(text, err=True)


def _refuse(message: str) -> NoReturn:
    _complain(message)
    raise typer.Exit(2)


def _complain(message: str) -> None:
    _say(f"refmath: {message}")
