"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

__all__ = [
    "COUNT",
    "JOBS",
    "SEED",
    "force",
    "jobs",
    "json",
    "overrides",
    "own_files",
    "places",
    "print_version",
    "quiet",
]

# More is a slip of the pen, and would be found out by waiting.
COUNT, JOBS = click.IntRange(1, 100_000), click.IntRange(1, 1024)
SEED = click.IntRange(0, 2**62)


def print_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    """Answer ``--version``."""
    if is_asked and not ctx.resilient_parsing:
        from sim.provenance import version

        click.echo(f"concord {version()}")
        ctx.exit()


def jobs(command: Any) -> Any:
    """Give a command ``--jobs``."""
    return click.option(
        "--jobs",
        default=2,
        show_default=True,
        type=JOBS,
        help="Runs at a time.",
    )(command)


def places(command: Any) -> Any:
    """Give a command ``--results`` and ``--config-dir``."""
    folder = click.Path(path_type=Path)
    results = click.option(
        "--results", default="results", show_default=True, type=folder, help="Where runs are kept."
    )
    return results(own_files(command))


def own_files(command: Any) -> Any:
    """Give a command ``--config-dir``."""
    return click.option(
        "--config-dir",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Your own scenario/, organisation/, parameters/, hypothesis/, episode/, "
        "security_case/, climate_case/, sweep/, launcher/.",
    )(command)


quiet = click.option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
force = click.option("--force", is_flag=True, help="Run again what is there already.")
json = click.option("--json", "as_json", is_flag=True, help="As JSON.")
overrides = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
