"""Options and arguments that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

__all__ = [
    "COUNT",
    "JOBS",
    "SEED",
    "check_set",
    "force",
    "jobs",
    "json",
    "overrides",
    "own_files",
    "places",
    "print_version",
    "quiet",
    "set_of",
    "writable",
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


def check_set(texts: Sequence[str], kinds: Sequence[str]) -> None:
    """Refuse overrides of anything but what a command lets one change.

    Raises
    ------
    ConfigError
        One that changes something else.
    """
    from sim.errors import ConfigError

    for text in texts:
        key = text.split("=")[0].lstrip("+~")
        if not any(key == kind or key.startswith(f"{kind}.") for kind in kinds):
            raise ConfigError(
                f"{text!r} changes more than {_listed(kinds, 'and')}",
                where="--set",
                expected=_listed([_EXAMPLES[kind] for kind in kinds], "or"),
            )


_EXAMPLES = {
    "parameters": "parameters.NAME=VALUE",
    "switches": "switches.NAME=false",
    "world": "world.NAME=VALUE",
    "quarters": "quarters=N",
}


def _listed(words: Sequence[str], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def set_of(*kinds: str) -> Callable[[Any], Any]:
    """Give a command ``--set``, for these kinds of keys."""

    def checked(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
        check_set(given, kinds)
        return given

    examples = _listed([_EXAMPLES[kind].split("=")[0] for kind in kinds], "or")
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        callback=checked,
        help=f"Change {examples}.",
    )


def writable(_: click.Context, __: click.Parameter, folder: Path | None) -> Path | None:
    """Refuse, before hours of work, a folder that cannot be written."""
    if folder is not None:
        from sim.atomic import check_writable

        check_writable(folder)
    return folder


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
