"""The command `concord hindcast`: the past played again, beside what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from experiments import options
from experiments.ending import Cli

__all__ = ["hindcast"]

_folder = click.Path(path_type=Path)


@click.group(cls=Cli)
def hindcast() -> None:
    """Play cases of the past and score the model on them."""


_OPTIONS = (
    click.argument("asked", nargs=-1, metavar="[NAME|FILE|FOLDER]..."),
    click.option("--seeds", default=24, show_default=True, type=options.COUNT,
                 help="Runs a case."),
    click.option("--first-seed", default=1, show_default=True, type=options.SEED),
    click.option("--use", type=click.Choice(["calibrate", "test"]), help="Only these cases."),
    options.set_of("parameters", "switches", "world"),
    click.option("--output", type=_folder, callback=options.writable,
                 help="Folder for tables and figure, instead of that in RESULTS/hindcast."),
    click.option("--results", default="results", show_default=True, type=_folder,
                 help="Where runs are kept."),
    click.option("--config-dir", metavar="DIR", type=_folder,
                 help="Your own episode/, security_case/, climate_case/ and the rest."),
    click.option("--force", is_flag=True, help="Run again what is there already."),
    click.option("--quiet", "-q", is_flag=True, help="No progress and no summary."),
    click.option("--jobs", default=2, show_default=True, type=options.JOBS,
                 help="Runs at a time."),
)  # fmt: skip


def _played(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what plays cases."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@hindcast.command(name="episodes")
@_played
def _episodes(asked: Sequence[str], **given: Any) -> None:
    """Play dated negotiations many times, and score the shares of the seeds.

    Each case starts in the world of its day, as far as it is known (docs/hindcasts.md), and is
    played under the rule, the parties and the deadline of its file. What was run before is not
    repeated.

    \b
      concord hindcast episodes                      all cases of the package
      concord hindcast episodes rcep ftaa --seeds 48
      concord hindcast episodes mine/case.yaml       a case of your own: one file
      concord hindcast episodes --set parameters.red_line_penalty=1
    """  # noqa: D301  click reads the mark
    from experiments.episode_hindcast import EPISODES
    from experiments.playing import play_and_score

    play_and_score(EPISODES, asked, **given)


@hindcast.command(name="security")
@_played
def _security(asked: Sequence[str], **given: Any) -> None:
    """Play dated conflicts many times: are they settled, by whom, in how many months.

    Each case starts in the world of its day, as far as it is known, with the dispute or the civil
    conflict of its file; bodies act by the charters of the day (docs/security.md). What was run
    before is not repeated.

    \b
      concord hindcast security                      all cases of the package
      concord hindcast security cenepa --seeds 48
      concord hindcast security mine/case.yaml       a case of your own: one file
    """  # noqa: D301  click reads the mark
    from experiments.playing import play_and_score
    from experiments.security_hindcast import CONFLICTS

    play_and_score(CONFLICTS, asked, **given)


@hindcast.command(name="climate")
@_played
def _climate(asked: Sequence[str], **given: Any) -> None:
    """Play dated talks on climate many times: is a cut agreed, and who refuses.

    Each case starts in the world of its day, as far as it is known, and is played a second time
    among parties that differ by chance alone (docs/climate.md). What was run before is not
    repeated.

    \b
      concord hindcast climate --seeds 8             all cases of the package
      concord hindcast climate kyoto paris
      concord hindcast climate mine/case.yaml        a case of your own: one file
    """  # noqa: D301  click reads the mark
    from experiments.climate_hindcast import CLIMATE_TALKS
    from experiments.playing import play_and_score

    play_and_score(CLIMATE_TALKS, asked, **given)


@hindcast.command(name="disputes")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--output", default=Path("results") / "hindcast", show_default=True, type=_folder,
              callback=options.writable, help="Folder for the tables.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="Nothing on the screen.")
def _disputes(file: Path, output: Path, quiet: bool) -> None:
    """Score the chance of a dispute on pair-years of a file.

    FILE is a CSV with state, against (ISO 3166 codes), year and dispute (1 or 0), a row for each
    pair and year, and perhaps years_since (the last dispute). Traits of pairs are those of the
    first year in the file. Intervals of 95 % resample whole pairs.

    \b
      concord hindcast disputes mine/pair_years.csv
    """  # noqa: D301  click reads the mark
    from experiments.dispute_scores import score_disputes

    score_disputes(file, output, quiet)
