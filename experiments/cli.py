"""The command `concord`.

Everything heavy is imported inside the commands, so that ``concord --help`` answers at once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from experiments import options, streams
from experiments.calibrate import calibrate
from experiments.ending import Cli, told_to_end
from experiments.figures import plot
from experiments.hindcast import hindcast
from experiments.looking import explain, list_, show, timeline
from experiments.validate import validate

__all__ = ["cli", "main"]

# Results must not depend on the number of threads, and several runs share the machine.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@click.group(
    cls=Cli,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=options.print_version,
    help="Version.",
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
@options.overrides
@options.places
@options.force
@options.quiet
@options.jobs
@click.option("--seeds", default=1, type=options.COUNT, help="This many, from seed=N on.")
@click.option("--dry-run", is_flag=True, help="Print the resolved configuration and stop.")
@click.option(
    "--multirun",
    "-m",
    is_flag=True,
    help="Several values to a key, in hydra's own way and with its launchers (see also: sweep).",
)
def run(overrides: Sequence[str], dry_run: bool, multirun: bool, **given: Any) -> None:
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

        set_up_log(given["quiet"])
        places = {key: given[key] for key in ("results", "config_dir", "force", "quiet")}
        do_all(overrides, **places)
    elif dry_run:
        show(overrides, given["config_dir"])
    else:
        do(overrides, **given)


@cli.command()
@click.argument("treatment")
@click.argument("control")
@click.option("--seeds", default=8, show_default=True, type=options.COUNT, help="Pairs.")
@click.option("--first-seed", default=1, show_default=True, type=options.SEED)
@click.option("--measures", metavar="A,B,...", help="Columns of the table `summary`.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for table and figure, instead of RESULTS/compare/A-vs-B; or a file (.png, .pdf, "
    ".svg).",
)
@options.places
@options.force
@options.quiet
@options.jobs
def compare(treatment: str, control: str, **given: Any) -> None:
    """Compare two scenarios, seed by seed.

    Each side is a scenario's name, with changes added by '+':

    \b
      concord compare us_withdrawal baseline --seeds 8
      concord compare us_withdrawal+response=retaliate us_withdrawal

    Missing runs are made first. Both sides share every random draw that both make, so the
    difference within a seed is the effect of the scenario.
    """  # noqa: D301  click reads the mark
    from experiments.commands import compare as do

    do(treatment, control, **given)


@cli.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Begin the branches in the quarter of this day.  [default: the first difference]",
)
@click.option("--seeds", default=1, show_default=True, type=options.COUNT, help="Runs of each.")
@click.option("--first-seed", default=1, show_default=True, type=options.SEED)
@options.places
@options.force
@options.quiet
@options.jobs
def branch(scenarios: Sequence[str], **given: Any) -> None:
    """Run the common past of several scenarios once, and each of them from there.

    Each is a scenario's name, with changes added by '+':

    \b
      concord branch baseline us_withdrawal us_withdrawal+response=retaliate --seeds 8

    The runs are those of 'concord run', byte for byte; runs that are there are not repeated.
    """  # noqa: D301  click reads the mark
    from experiments.commands import branch as do

    do(scenarios, **given)


@cli.command()
@click.argument("names", nargs=-1, metavar="[H1]...")
@click.option("--seeds", default=8, show_default=True, type=options.COUNT, help="Pairs.")
@click.option("--first-seed", default=1, show_default=True, type=options.SEED)
@click.option(
    "--samples",
    default=16,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Points of the parameter space.",
)
@click.option(
    "--seeds-per-sample", default=2, show_default=True, type=options.COUNT, help="At each."
)
@options.places
@options.force
@options.quiet
@options.jobs
def hypotheses(names: Sequence[str], **given: Any) -> None:
    """Try the claims of the essay: whether their sign holds, and where.

    Each hypothesis is a contrast of two scenarios, paired by seed: at the default parameters, and
    at points of a Latin hypercube over the declared ranges. What was run before is not repeated.

    \b
      concord hypotheses                       all that the model supports so far
      concord hypotheses H4 --samples 64
    """  # noqa: D301  click reads the mark
    from experiments.studies import hypotheses as do

    do(names, **given)


@cli.command()
@click.argument("method", type=click.Choice(["morris", "sobol", "given", "prim"]))
@click.argument("target", required=False, metavar="[SCENARIO|HYPOTHESIS]")
@click.option("--against", metavar="SCENARIO", help="Take the difference from this one.")
@click.option("--measures", metavar="A,B,...", help="Columns of `summary`, or of the table.")
@click.option("--parameters", metavar="A,B,...", help="Which to vary or look at (default: all).")
@click.option(
    "--size", type=click.IntRange(2, 100_000), help="Trajectories (morris), base points (sobol)."
)
@click.option("--seeds", default=2, show_default=True, type=options.COUNT, help="Per point.")
@click.option("--table", metavar="FILE", type=click.Path(path_type=Path), help="Points to look at.")
@click.option("--above", type=float, metavar="X", help="prim: cases with the measure above X.")
@click.option("--below", type=float, metavar="X", help="prim: cases with the measure below X.")
@options.places
@options.force
@options.quiet
@options.jobs
def sensitivity(**given: Any) -> None:
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

    do(**given)


@cli.command()
@options.overrides
@click.option(
    "--results",
    default="sweeps",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where sweeps are kept, a folder each.",
)
@options.own_files
@options.quiet
@click.option("--json", "as_json", is_flag=True, help="With status: as JSON.")
@click.option("--jobs", type=options.JOBS, help="Runs at a time (default: all processors).")
@click.option("--chunk", type=options.COUNT, help="Runs that are stored together.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed.")
@click.option("--accept-failed", is_flag=True, help="Be done without what failed.")
@click.option("--dry-run", is_flag=True, help="Print plan, count, expected time and size.")
def sweep(overrides: Sequence[str], as_json: bool, results: Path, **given: Any) -> Any:
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
    return do(overrides, results=results, **given)


for one in (calibrate, explain, hindcast, list_, plot, show, timeline, validate):
    cli.add_command(one)


def main() -> None:
    """Entry point of the installed command."""
    streams.set_up()
    signal.signal(signal.SIGTERM, told_to_end)
    cli(prog_name="concord")


if __name__ == "__main__":
    main()
