"""What every `concord hindcast` of cases does: read, play, score, write and say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from experiments.case_files import CaseFile
    from experiments.plays import Play

__all__ = ["Kind", "Tables", "beside", "play_and_score", "scores_by"]

Tables: TypeAlias = "dict[str, pd.DataFrame]"


@dataclass(frozen=True)
class Kind:
    """A kind of case, and what is particular to it.

    Attributes
    ----------
    case
        What a file holds.
    place
        Folder of its own in RESULTS/hindcast; empty for that folder itself.
    tables
        From the cases, their runs and the runs of the null to tables by name, `cases` and `scores`
        among them.
    say
        What is said of the tables, given the cases and their runs as well.
    null
        Overrides of the null: the runs that the others are compared with; none where there is none.
    draw
        Writes what is not a CSV into a folder; returns the files to tell.
    """

    case: type[CaseFile]
    place: str
    tables: Callable[[Sequence[Any], Sequence[Play], Sequence[Play]], Tables]
    say: Callable[[Tables, Sequence[Any], Sequence[Play]], None]
    null: tuple[str, ...] = ()
    draw: Callable[[Tables, Path], Sequence[Path]] = lambda made, folder: ()


def play_and_score(
    kind: Kind,
    asked: Sequence[str],
    *,
    output: Path | None,
    results: Path,
    config_dir: Path | None,
    quiet: bool,
    overrides: Sequence[str],
    **how: Any,
) -> None:
    """Play cases of a kind, and write and say what came of them; `how` is as of `play_cases`.

    Raises
    ------
    ConcordError
        A case that is not there or cannot be played, a file that cannot be written.
    """
    import matplotlib as mpl

    from experiments.case_files import read_cases
    from experiments.console import set_up_log
    from experiments.plays import play_cases
    from experiments.studies import say_files, write_table

    set_up_log(quiet)
    folder = results / "hindcast" / kind.place
    how |= {"config_dir": config_dir, "quiet": quiet}
    found = read_cases(kind.case, asked, config_dir)
    cases, plays = play_cases(found, folder, overrides=overrides, **how)
    null: Sequence[Play] = ()
    if kind.null:
        _, null = play_cases(found, folder, overrides=(*overrides, *kind.null), **how)
    made, place = kind.tables(cases, plays, null), output or folder
    written = [write_table(frame, place / f"{name}.csv") for name, frame in made.items()
               if len(frame.columns)]  # fmt: skip
    mpl.use("Agg")  # no window, also where a display is there
    written += kind.draw(made, place)
    if not quiet:
        kind.say(made, cases, plays)
        say_files(written)


def scores_by(column: str, cases: pd.DataFrame, events: Sequence[str]) -> pd.DataFrame:
    """Scores of events over all cases, and over those of each value of a column.

    Parameters
    ----------
    column
        Name of the column, which the result has too; ``all`` stands for all cases.
    cases
        As of `analysis.hindcast.scores`.
    events
        What can come of a case; left out where fewer than two cases of a group are known.

    Returns
    -------
    DataFrame
        Without columns where nothing can be scored.
    """
    import pandas as pd

    from analysis.hindcast import scores

    groups = {"all": cases} | dict(iter(cases.groupby(column)))
    judged = [
        scores(group, event).assign(**{column: name})
        for event in events
        for name, group in groups.items()
        if group[f"was_{event}"].notna().sum() >= 2
    ]
    return pd.concat(judged, ignore_index=True) if judged else pd.DataFrame()


def beside(case: Mapping[str, Any], event: str) -> str:
    """Share of the runs in which something happened, and whether it did in history.

    Examples
    --------
    >>> beside({"agrees": 0.25, "was_agrees": 1.0}, "agrees")
    '25% yes'
    >>> beside({"agrees": 0.25, "was_agrees": float("nan")}, "agrees")
    '25% ?'
    """
    known = {1.0: "yes", 0.0: "no"}
    return f"{case[event]:.0%} {known.get(case[f'was_{event}'], '?')}"
