"""Commands that look at what there is: lists, the model, timelines, and why votes fell.

Everything heavy is imported inside the commands, so that ``concord --help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from experiments import options
from experiments.ending import Cli

__all__ = ["explain", "list_", "show", "timeline"]


@click.command()
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
def explain(run: Path, **given: Any) -> None:
    """Say why votes fell as they did: what margins vary with, who objects and why.

    RUN is a scenario's folder of results, with one seed or many.

    \b
      concord explain results/baseline
      concord explain results/baseline --organisation WTO --by item
      concord explain results/baseline --format csv --table sources
      concord explain results/us_withdrawal --figure why.png
    """  # noqa: D301  click reads the mark
    from experiments.explain import explain as do

    do(run, **given)


@click.command(name="list")
@click.argument("kind", required=False, metavar="[KIND]")
@options.own_files
@options.json
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


@click.group(cls=Cli)
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
@options.own_files
def organisation(code: str, day: datetime, **given: Any) -> None:
    """Show an organisation on one page: its charter with articles, and what it did in a run.

    \b
      concord show organisation ASEAN
      concord show organisation EU --on 2010-01-01
      concord show organisation UNASUR --run results/unasur_collapse
    """  # noqa: D301  click reads the mark
    from experiments.organisation import organisation as do

    do(code, day.date(), **given)


@show.command()
@options.overrides
@click.option("--time", "is_timed", is_flag=True, help="Run, and tell the time that each takes.")
@options.own_files
@options.json
def phases(overrides: Sequence[str], config_dir: Path | None, **given: bool) -> None:
    """Show the phases of a quarter in their order, with what they read and write.

    \b
      concord show phases
      concord show phases scenario=us_withdrawal quarters=16 --time
    """  # noqa: D301  click reads the mark
    from experiments.show import phases as do

    do(overrides, config_dir, **given)


@click.command()
@options.overrides
@options.own_files
@options.json
def timeline(overrides: Sequence[str], config_dir: Path | None, as_json: bool) -> None:
    """Show the dated shocks of a scenario."""
    from experiments.commands import timeline as show

    show(overrides, config_dir, as_json)
