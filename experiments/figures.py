"""The command `concord plot`: figures of runs that are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.ending import Cli

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.load import Run

__all__ = ["plot"]

_folder = click.Path(path_type=Path)
_run = click.argument("run", metavar="RUN", type=_folder)
_seed = click.option(
    "--seed", type=click.IntRange(0), help="Which of the scenario's runs.  [default: the first]"
)
_quiet = click.option("--quiet", "-q", is_flag=True, help="Say nothing.")
_output = click.option(
    "--output",
    metavar="FILE",
    type=_folder,
    help="Figure (.png, .pdf, .svg); its numbers go to a CSV of the same name.  [default: a PNG in "
    "the folder figures beside RUN]",
)


@click.group(cls=Cli)
def plot() -> None:
    """Draw runs that are there; RUN is a scenario's folder of results, or a run's."""


@plot.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=_folder)
@click.option("--by", type=click.Choice(["level", "region"]), default="level", show_default=True,
              help="What tells the streams apart.")  # fmt: skip
@click.option("--kind", "kinds", multiple=True,
              type=click.Choice(["memberships", "items", "cases", "agreements"]),
              help="Only these kinds of work.")  # fmt: skip
@click.option("--share", is_flag=True, help="In % of all work instead of numbers.")
@_output
@_quiet
def streams(
    runs: Sequence[Path], by: str, kinds: Sequence[str], share: bool, **options: Any
) -> None:
    """Where cooperation goes on: members, items, conflicts, agreements by level or region.

    A column for each scenario, means over its seeds.

    \b
      concord plot streams results/baseline results/us_withdrawal
      concord plot streams results/baseline results/us_withdrawal --share --kind items --kind cases
      concord plot streams results/baseline --by region --output where.pdf
    """  # noqa: D301  click reads the mark
    from analysis.forums import TABLES, work
    from analysis.load import find, load
    from analysis.plots.streams import figure_streams

    target = _target(options["output"], runs[0], "streams", *(run.name for run in runs))
    chosen = [one for run in runs for one in find(run)]
    found = work({name: load(chosen, name) for name in TABLES})
    figure = figure_streams(found, by=by, kinds=kinds or None, is_share=share)
    _write(figure, found, target, options["quiet"])


@plot.command()
@_run
@click.argument("code", metavar="ORGANISATION")
@_seed
@_output
@_quiet
def life(run: Path, code: str, seed: int | None, **options: Any) -> None:
    """The life of an organisation: members, vitality and its parts, what happened to it.

    \b
      concord plot life results/baseline AU
      concord plot life results/unasur_collapse UNASUR --seed 2 --output unasur.svg
    """  # noqa: D301  click reads the mark
    from analysis.life import TABLES
    from analysis.life import life as told
    from analysis.plots.life import figure_life

    one = _one(run, seed)
    target = _target(options["output"], run, "life", code, one.label, f"seed-{one.seed}")
    frames = {name: one.table(name) for name in TABLES}
    _write(figure_life(frames, code), told(frames, code), target, options["quiet"])


@plot.command()
@_run
@click.option("--years", metavar="YEAR,YEAR,...", help="Which.  [default: six, evenly spread]")
@_seed
@_output
@_quiet
def network(run: Path, years: str | None, seed: int | None, **options: Any) -> None:
    """Organisations as a network of shared members, with agreements, in some years.

    \b
      concord plot network results/us_withdrawal
      concord plot network results/us_withdrawal --years 2024,2029,2039
    """  # noqa: D301  click reads the mark
    from analysis.network import TABLES, table_of, years_of
    from analysis.plots.network import figure_network

    one = _one(run, seed)
    target = _target(options["output"], run, "network", one.label, f"seed-{one.seed}")
    frames = {name: one.table(name) for name in TABLES}
    chosen = _years(years, frames["organisations"]) if years else years_of(frames["organisations"])
    figure = figure_network(frames, chosen)
    _write(figure, table_of(frames, chosen), target, options["quiet"])


@plot.command()
@_run
@click.argument("state")
@click.argument("against")
@_seed
@_output
@_quiet
def dispute(run: Path, state: str, against: str, seed: int | None, **options: Any) -> None:
    """The course of the disputes of two states, and the bodies that were asked to act.

    \b
      concord plot dispute results/baseline KHM THA
    """  # noqa: D301  click reads the mark
    from analysis.plots.dispute import TABLES, figure_dispute

    one = _one(run, seed)
    target = _target(
        options["output"], run, "dispute", state, against, one.label, f"seed-{one.seed}"
    )
    frames = {name: one.table(name) for name in TABLES}
    figure = figure_dispute(frames, (state, against))
    pair = sorted((state, against))
    asked = frames["third_parties"]
    rows = asked[(asked["state"] == pair[0]) & (asked["against"] == pair[1])]
    _write(figure, rows, target, options["quiet"])


def _one(run: Path, seed: int | None) -> Run:
    """The run of a folder that is asked for.

    Raises
    ------
    AnalysisError
        No such run, or runs of several scenarios.
    """
    from analysis.errors import AnalysisError, seed_list
    from analysis.load import find

    found = find(run)
    labels = sorted({one.label for one in found})
    if len(labels) > 1:
        raise AnalysisError(
            f"runs of {len(labels)} scenarios",
            where=str(run),
            expected=f"the folder of one, such as {run / labels[0]}",
        )
    chosen = [one for one in found if seed in (None, one.seed)]
    if not chosen:
        there = seed_list(one.seed for one in found)
        raise AnalysisError(
            f"no run with seed {seed}", where=str(run), expected=f"a seed among {there}"
        )
    return min(chosen, key=lambda one: one.seed)


def _years(text: str, organisations: pd.DataFrame) -> list[int]:
    from analysis.errors import AnalysisError

    there = sorted(organisations["date"].dt.year.unique())
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if not word.isdecimal() or int(word) not in there:
            raise AnalysisError(
                f"{word!r} is no year of the run",
                where="--years",
                expected=f"years from {there[0]} to {there[-1]}, separated by commas",
            )
    return sorted({int(word) for word in words})


def _target(output: Path | None, run: Path, *words: str) -> Path:
    """Where the figure goes; a file of another kind is refused before anything is read."""
    from analysis.plots.style import FORMATS
    from sim.errors import ConfigError

    if output is None:
        is_run, is_scenario = run.name.startswith("seed="), any(run.glob("seed=*"))
        beside = run.parent.parent if is_run else run.parent if is_scenario else run
        return beside / "figures" / f"{'-'.join(words)}.png"
    if output.suffix not in FORMATS:
        raise ConfigError(
            f"no figure ends in {output.suffix!r}",
            where=f"--output {output}",
            expected=f"a file ending in {', '.join(FORMATS)}",
        )
    return output


def _write(figure: Figure, table: pd.DataFrame, target: Path, is_quiet: bool) -> None:
    """Figure and numbers, and where they are."""
    from experiments.console import set_up_log
    from experiments.studies import say_files, write_figure, write_table

    set_up_log(is_quiet)
    files = [write_table(table, target.with_suffix(".csv")), write_figure(figure, target)]
    if not is_quiet:
        say_files(files)
