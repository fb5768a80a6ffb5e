"""The command `concord`.

Everything heavy is imported inside the commands, so that ``concord --help`` answers at once.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from experiments import streams
from experiments.calibrate import calibrate
from experiments.figures import plot
from experiments.hindcast import hindcast
from experiments.validate import validate

__all__ = ["cli", "main"]

# Results must not depend on the number of threads, and several runs share the machine.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# More is a slip of the pen, and would be found out by waiting.
_COUNT, _JOBS = click.IntRange(1, 100_000), click.IntRange(1, 1024)
_SEED = click.IntRange(0, 2**62)
_INTERRUPTED, _BROKEN_PIPE, _TERMINATED = 130, 141, 143
_NO_TEXT = "is no text in this locale. Expected a UTF-8 locale, such as LC_ALL=C.UTF-8."


class _Terminated(KeyboardInterrupt):
    """Another program wants us to end (SIGTERM): as after Ctrl-C, but for the exit code."""


class _Interrupted(Exception):  # noqa: N818  not an error
    """Ctrl-C was pressed, or we were told to end."""

    def __init__(self, cause: KeyboardInterrupt) -> None:
        super().__init__()
        self.code = _TERMINATED if isinstance(cause, _Terminated) else _INTERRUPTED
        self.args = cause.args


class _Unheard(Exception):  # noqa: N818  Click would leave with a 1 at an error of the system
    """Standard output could not be written while a command ran."""

    def __init__(self, cause: streams.StdoutError) -> None:
        super().__init__()
        self.cause = cause


class Cli(click.Group):
    """A group of commands whose errors are one message on stderr and an exit code."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which are like it."""
        known = self.list_commands(ctx)
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in known:
            near = difflib.get_close_matches(name, known, cutoff=0.5)
            said = f"{' or '.join(map(repr, near))} (nearest), or one of: " if near else "one of: "
            raise click.UsageError(f"unknown command {name!r}. Expected {said}{', '.join(known)}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C passes click as an exception of ours, which it does not know."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as cause:
            raise _Interrupted(cause) from None
        except streams.StdoutError as error:
            raise _Unheard(error) from None

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """Run, and turn what is the user's to mend into a message and an exit code."""
        if not standalone_mode:
            return self._run(*args, **kwargs)
        return sys.exit(_guarded(lambda: self._run(*args, **kwargs)))

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        return super().main(*args, **kwargs)


def _guarded(run: Callable[[], Any]) -> int:
    from sim.errors import ConcordError

    try:
        code = run()
        sys.stdout.flush()
    except (_Interrupted, KeyboardInterrupt, click.Abort) as cause:
        code = getattr(cause, "code", _INTERRUPTED)
        left = str(cause) or "what was not complete is not there"
        return _complain(f"interrupted; {left}", code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except (_Unheard, streams.StdoutError, BrokenPipeError) as raised:
        streams.give_up_stdout()
        return _unheard(raised.cause if isinstance(raised, _Unheard) else raised)
    except UnicodeEncodeError as error:
        return _complain(f"{error.object!a} {_NO_TEXT}", 2)
    except Exception as error:
        if not isinstance(error, ConcordError) and not _is_of_analysis(error):
            raise  # a fault of the program, to be shown in full
        if "--debug" in sys.argv:
            traceback.print_exc()
        return _complain(str(error), getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0


def _unheard(cause: streams.StdoutError | BrokenPipeError) -> int:
    """A reader that went away (`concord list parameters | head`) is nobody's fault."""
    if isinstance(cause, BrokenPipeError) or cause.errno == errno.EPIPE:
        return _BROKEN_PIPE
    return _complain(cause.found, 2)


def _complain(text: str, code: int) -> int:
    is_error = code not in {_INTERRUPTED, _TERMINATED}
    with contextlib.suppress(OSError):  # nobody listens; the exit code has to do
        sys.stderr.write(f"concord: {'error: ' if is_error else ''}{text}\n")
    return code


def _is_of_analysis(error: Exception) -> bool:
    """Whether it is an `AnalysisError`, asked without importing the analysis."""
    module = sys.modules.get("analysis.errors")
    return module is not None and isinstance(error, module.AnalysisError)


def _version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from sim.provenance import version

        click.echo(f"concord {version()}")
        ctx.exit()


def _jobs_option(command: Any) -> Any:
    return click.option(
        "--jobs",
        default=2,
        show_default=True,
        type=_JOBS,
        help="Runs at a time.",
    )(command)


def _places(command: Any) -> Any:
    folder = click.Path(path_type=Path)
    results = click.option(
        "--results", default="results", show_default=True, type=folder, help="Where runs are kept."
    )
    return results(_own_files(command))


def _own_files(command: Any) -> Any:
    return click.option(
        "--config-dir",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Your own scenario/, organisation/, parameters/, hypothesis/, episode/, "
        "security_case/, sweep/, launcher/.",
    )(command)


_quiet = click.option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
_force = click.option("--force", is_flag=True, help="Run again what is there already.")
_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_overrides = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")


@click.group(
    cls=Cli,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Version."
)
@click.option("--debug", is_flag=True, help="Show where in the program an error arose.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:
    """Simulate how states and blocs cooperate, and compare what-ifs.

    \b
    concord compare us_withdrawal baseline --seeds 8
    concord run scenario=us_withdrawal response=retaliate seed=1
    concord timeline scenario=us_withdrawal
    concord list
    """  # noqa: D301  click reads the mark
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    os.environ["MPLBACKEND"] = "agg"  # figures go to files; no window, whatever is set
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@_overrides
@_places
@_force
@_quiet
@_jobs_option
@click.option("--seeds", default=1, type=_COUNT, help="This many, from seed=N on.")
@click.option("--dry-run", is_flag=True, help="Print the resolved configuration and stop.")
@click.option(
    "--multirun",
    "-m",
    is_flag=True,
    help="Several values to a key, in hydra's own way and with its launchers (see also: sweep).",
)
def run(overrides: Sequence[str], dry_run: bool, multirun: bool, **options: Any) -> None:
    """Run a scenario and store its tables.

    Anything can be changed in the form key=value:

    \b
      scenario=us_withdrawal seed=3     which scenario, which random draws
      response=retaliate                a choice that the scenario offers
      tariffs=as_applied                another
      quarters=40                       how long
      parameters.trade_elasticity=5     a parameter (concord list parameters)
      organisation.ASEAN.decision.trade.rule=simple_majority
      shocks.us_leaves_paris.date=2026-01-01
      ~shocks.us_liberation_day                leave a shock out
      world.trade=FILE                  your own bilateral trade (long CSV)

    A run that is there already, made from the same configuration, data and code, is not repeated.
    """  # noqa: D301  click reads the mark
    from experiments.commands import dry_run as show
    from experiments.commands import run as do

    if multirun:
        from experiments.console import set_up_log
        from experiments.multirun import multirun as do_all

        set_up_log(options["quiet"])
        places = {key: options[key] for key in ("results", "config_dir", "force", "quiet")}
        do_all(overrides, **places)
    elif dry_run:
        show(overrides, options["config_dir"])
    else:
        do(overrides, **options)


@cli.command()
@click.argument("treatment")
@click.argument("control")
@click.option("--seeds", default=8, show_default=True, type=_COUNT, help="Pairs.")
@click.option("--first-seed", default=1, show_default=True, type=_SEED)
@click.option("--measures", metavar="A,B,...", help="Columns of the table `summary`.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for table and figure, instead of RESULTS/compare/A-vs-B; or a file (.png, .pdf, "
    ".svg).",
)
@_places
@_force
@_quiet
@_jobs_option
def compare(treatment: str, control: str, **options: Any) -> None:
    """Compare two scenarios, seed by seed.

    Each side is a scenario's name, with changes added by '+':

    \b
      concord compare us_withdrawal baseline --seeds 8
      concord compare us_withdrawal+response=retaliate us_withdrawal

    Missing runs are made first. Both sides share every random draw that both make, so the
    difference within a seed is the effect of the scenario.
    """  # noqa: D301  click reads the mark
    from experiments.commands import compare as do

    do(treatment, control, **options)


@cli.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Begin the branches in the quarter of this day.  [default: the first difference]",
)
@click.option("--seeds", default=1, show_default=True, type=_COUNT, help="Runs of each.")
@click.option("--first-seed", default=1, show_default=True, type=_SEED)
@_places
@_force
@_quiet
@_jobs_option
def branch(scenarios: Sequence[str], **options: Any) -> None:
    """Run the common past of several scenarios once, and each of them from there.

    Each is a scenario's name, with changes added by '+':

    \b
      concord branch baseline us_withdrawal us_withdrawal+response=retaliate --seeds 8

    The runs are those of 'concord run', byte for byte; runs that are there are not repeated.
    """  # noqa: D301  click reads the mark
    from experiments.commands import branch as do

    do(scenarios, **options)


@cli.command()
@click.argument("names", nargs=-1, metavar="[H1]...")
@click.option("--seeds", default=8, show_default=True, type=_COUNT, help="Pairs.")
@click.option("--first-seed", default=1, show_default=True, type=_SEED)
@click.option(
    "--samples",
    default=16,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Points of the parameter space.",
)
@click.option("--seeds-per-sample", default=2, show_default=True, type=_COUNT, help="At each.")
@_places
@_force
@_quiet
@_jobs_option
def hypotheses(names: Sequence[str], **options: Any) -> None:
    """Try the claims of the essay: whether their sign holds, and where.

    Each hypothesis is a contrast of two scenarios, paired by seed: at the default parameters, and
    at points of a Latin hypercube over the declared ranges. What was run before is not repeated.

    \b
      concord hypotheses                       all that the model supports so far
      concord hypotheses H4 --samples 64
    """  # noqa: D301  click reads the mark
    from experiments.studies import hypotheses as do

    do(names, **options)


@cli.command()
@click.argument("method", type=click.Choice(["morris", "sobol", "given", "prim"]))
@click.argument("target", required=False, metavar="[SCENARIO|HYPOTHESIS]")
@click.option("--against", metavar="SCENARIO", help="Take the difference from this one.")
@click.option("--measures", metavar="A,B,...", help="Columns of `summary`, or of the table.")
@click.option("--parameters", metavar="A,B,...", help="Which to vary or look at (default: all).")
@click.option(
    "--size", type=click.IntRange(2, 100_000), help="Trajectories (morris), base points (sobol)."
)
@click.option("--seeds", default=2, show_default=True, type=_COUNT, help="Per point.")
@click.option("--table", metavar="FILE", type=click.Path(path_type=Path), help="Points to look at.")
@click.option("--above", type=float, metavar="X", help="prim: cases with the measure above X.")
@click.option("--below", type=float, metavar="X", help="prim: cases with the measure below X.")
@_places
@_force
@_quiet
@_jobs_option
def sensitivity(**options: Any) -> None:
    """Find the parameters that matter (SALib), and where a case comes up (PRIM).

    morris and sobol make runs over the declared ranges; given and prim look at a table that is
    there: a sweep's folder, or a CSV or Parquet file with a column for each parameter.

    \b
      concord sensitivity morris H4 --size 6
      concord sensitivity sobol us_withdrawal --against baseline --measures world_welfare
      concord sensitivity given us_withdrawal --table sweeps/mine --measures world_welfare
      concord sensitivity prim --table results/hypotheses/H1-space.csv \\
              --measures months_open --above -6
    """  # noqa: D301  click reads the mark
    from experiments.explore import sensitivity as do

    do(**options)


@cli.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--by",
    type=click.Choice(["party", "body", "item"]),
    default="party",
    show_default=True,
    help="Whose objections are told.",
)
@click.option(
    "--organisation", "organisations", multiple=True, metavar="CODE", help="Only its votes."
)
@click.option("--party", "parties", multiple=True, metavar="CODE", help="Only these parties'.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
)
@click.option(
    "--table",
    type=click.Choice(["sources", "objections", "guards", "joiners"]),
    default="objections",
    show_default=True,
    help="Which one, with --format csv.",
)
@click.option("--figure", metavar="FILE", type=click.Path(path_type=Path), help="Draw it, too.")
def explain(run: Path, **options: Any) -> None:
    """Say why votes fell as they did: what margins vary with, who objects and why.

    RUN is a scenario's folder of results, with one seed or many.

    \b
      concord explain results/baseline
      concord explain results/baseline --organisation WTO --by item
      concord explain results/baseline --format csv --table sources
      concord explain results/us_withdrawal --figure why.png
    """  # noqa: D301  click reads the mark
    from experiments.explain import explain as do

    do(run, **options)


@cli.command(name="list")
@click.argument("kind", required=False, metavar="[KIND]")
@_own_files
@_json
@click.option(
    "--run",
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="With organisations: what each did in the runs of a scenario, or why nothing.",
)
def list_(kind: str | None, config_dir: Path | None, as_json: bool, run: Path | None) -> None:
    """Show what there is of a kind: scenarios, parameters, rules, states and more.

    \b
      concord list                       the kinds, and how many there are of each
      concord list organisations
      concord list organisations --run results/baseline
      concord list parameters --json

    In a pipe cells are separated by tabs, a line a row.
    """  # noqa: D301  click reads the mark
    from experiments.commands import listing

    if run is not None and kind != "organisations":
        raise click.UsageError("--run is for 'concord list organisations'")
    listing(kind, config_dir, as_json, run)


@cli.group(cls=Cli)
def show() -> None:
    """Show how the model works: the phases of a step, an organisation."""


@show.command()
@click.argument("code")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2024-01-01",
    show_default=True,
    metavar="YYYY-MM-DD",
    help="The charter and the members of this day.",
)
@click.option(
    "--run", metavar="RUN", type=click.Path(path_type=Path), help="Its record in a run, too."
)
@_own_files
def organisation(code: str, day: datetime, **options: Any) -> None:
    """Show an organisation on one page: its charter with articles, and what it did in a run.

    \b
      concord show organisation ASEAN
      concord show organisation EU --on 2010-01-01
      concord show organisation UNASUR --run results/unasur_collapse
    """  # noqa: D301  click reads the mark
    from experiments.organisation import organisation as do

    do(code, day.date(), **options)


@show.command()
@_overrides
@click.option("--time", "is_timed", is_flag=True, help="Run, and tell the time that each takes.")
@_own_files
@_json
def phases(overrides: Sequence[str], config_dir: Path | None, **options: bool) -> None:
    """Show the phases of a quarter in their order, with what they read and write.

    \b
      concord show phases
      concord show phases scenario=us_withdrawal quarters=16 --time
    """  # noqa: D301  click reads the mark
    from experiments.show import phases as do

    do(overrides, config_dir, **options)


@cli.command()
@_overrides
@_own_files
@_json
def timeline(overrides: Sequence[str], config_dir: Path | None, as_json: bool) -> None:
    """Show the dated shocks of a scenario."""
    from experiments.commands import timeline as show

    show(overrides, config_dir, as_json)


@cli.command()
@_overrides
@click.option(
    "--results",
    default="sweeps",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where sweeps are kept, a folder each.",
)
@_own_files
@_quiet
@click.option("--json", "as_json", is_flag=True, help="With status: as JSON.")
@click.option("--jobs", type=_JOBS, help="Runs at a time (default: all processors).")
@click.option("--chunk", type=_COUNT, help="Runs that are stored together.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed.")
@click.option("--accept-failed", is_flag=True, help="Be done without what failed.")
@click.option("--dry-run", is_flag=True, help="Print plan, count, expected time and size.")
def sweep(overrides: Sequence[str], as_json: bool, results: Path, **options: Any) -> Any:
    """Run many variants of scenarios, with many seeds, here or on a cluster.

    \b
      concord sweep scenario=us_withdrawal,baseline sweep=lhs sweep.samples=200 seeds=4
      concord sweep scenario=us_withdrawal response=none,retaliate quarters=40,64
      concord sweep sweep=sobol 'parameters.trade_elasticity=interval(3,6)'
      concord sweep sweep=csv sweep.file=variants.csv launcher=slurm
      concord sweep status [NAME]         of one sweep, or of all in the folder

    \b
      sweep=grid|list|lhs|sobol|oat|csv   how variants are chosen (sweep.OPTION=VALUE)
      KEY=A,B  KEY=interval(LOW,HIGH)     a key that is swept; KEY=VALUE holds for all runs
      seeds=N root_seed=N                 replicates, the same seeds in all variants
      launcher=local|slurm|dask           who does the work (launcher.OPTION=VALUE)
      name=NAME                           the sweep's folder

    The same command goes on with what is missing. Exit code 0: complete; 1: not yet, or runs
    failed; 2: something to mend; 130: interrupted, what is done is stored.
    """  # noqa: D301  click reads the mark
    from experiments.sweep.command import status
    from experiments.sweep.command import sweep as do

    if as_json and overrides[:1] != ("status",):
        raise click.UsageError("--json is for 'concord sweep status'")
    if overrides and overrides[0] == "status":
        return status(overrides[1:], results, as_json)
    return do(overrides, results=results, **options)


cli.add_command(calibrate)
cli.add_command(hindcast)
cli.add_command(plot)
cli.add_command(validate)


def _told_to_end(number: int, _: Any) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough, and tidying up takes a moment
    raise _Terminated


def main() -> None:
    """Entry point of the installed command."""
    streams.set_up()
    signal.signal(signal.SIGTERM, _told_to_end)
    cli(prog_name="concord")


if __name__ == "__main__":
    main()
