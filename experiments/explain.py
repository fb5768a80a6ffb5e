"""`concord explain`: why the votes of runs fell as they did, in words, tables and a figure."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.console import say, show_json, show_table
from experiments.studies import say_files, write_figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TABLES", "explain"]

TABLES = ("sources", "objections", "guards", "joiners")
"""What ``--format csv`` can write."""
_ROWS = 12  # of a table on a screen; all are in the CSV


def explain(
    run: Path,
    *,
    by: str,
    organisations: Sequence[str],
    parties: Sequence[str],
    form: str,
    table: str,
    figure: Path | None,
) -> None:
    """`concord explain`."""
    import matplotlib as mpl

    from analysis.explain import guards, objections, select, sources
    from analysis.items import joiners
    from analysis.plots.explain import figure_explain

    mpl.use("Agg")  # no window, also where a display is there
    frames = _frames(run, organisations)
    votes = select(frames["votes"], organisations, parties)
    found = {
        "sources": sources(votes),
        "objections": objections(votes, by),
        "guards": guards(frames),
        "joiners": joiners(frames),
    }
    if form == "json":
        show_json({name: _plain(one) for name, one in found.items()})
    elif form == "csv":
        sys.stdout.write(found[table].to_csv(index=False, lineterminator="\n"))
    else:
        _say({**frames, "votes": votes}, found)
    if figure is not None:
        write_figure(figure_explain(votes, by), figure)
        if form == "text":
            say_files([figure])


def _frames(run: Path, organisations: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Tables of a run, those of what organisations do for some of them alone; all votes."""
    from analysis.load import load

    names = ("votes", "events", "rounds", "agreements", "summary")
    frames = {name: load(run, name) for name in names}
    _one_scenario(run, frames["summary"])
    for name in ("events", "rounds", "agreements") if organisations else ():
        frames[name] = frames[name][frames[name]["organisation"].isin(list(organisations))]
    return frames


def _say(frames: Mapping[str, pd.DataFrame], found: Mapping[str, pd.DataFrame]) -> None:
    """The findings in words, then all tables."""
    from analysis.words import in_words

    for line in in_words(frames):
        say(line)
    for name in TABLES:
        _show(name, found[name])


def _one_scenario(run: Path, summary: pd.DataFrame) -> None:
    from analysis.errors import AnalysisError

    labels = sorted(set(summary["scenario"]))
    if len(labels) > 1:
        raise AnalysisError(
            f"{len(labels)} scenarios", where=str(run), expected=f"one, such as {run / labels[0]}"
        )


def _show(name: str, frame: pd.DataFrame) -> None:
    """The first rows of a table, without what repeats."""
    from analysis.names import number

    columns = [c for c in frame.columns if c != "scenario" and not c.startswith("why_")]
    cells = [
        [number(value) if isinstance(value, float) else str(value) for value in row]
        for row in frame[columns].head(_ROWS if name in {"objections", "joiners"} else None).values
    ]
    say()
    say(f"{name.capitalize()} (--format csv --table {name} has all)")
    kinds = frame.dtypes
    show_table(columns, cells, right=tuple(c for c in columns if kinds[c].kind == "f"))


def _plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
