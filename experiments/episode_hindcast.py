"""What `concord hindcast episodes` does: negotiations of the past, played and scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.episodes import Episode
from experiments.playing import Kind, Tables, beside, scores_by

if TYPE_CHECKING:
    import pandas as pd

    from experiments.plays import Play

__all__ = ["EPISODES"]


def _tables(cases: Sequence[Episode], plays: Sequence[Play], _: Sequence[Play]) -> Tables:
    """Runs, cases, parties and scores."""
    from analysis.hindcast import EVENTS, by_case, by_party
    from experiments.plays import history_of, read_parties, read_runs

    runs = read_runs(plays)
    found = by_case(runs, history_of(cases))
    named = {one.name: one.history.objectors for one in cases}
    return {
        "runs": runs,
        "cases": found,
        "parties": by_party(read_parties(plays), named),
        "scores": scores_by("use", found, list(EVENTS)),
    }


def _draw(made: Tables, folder: Path) -> list[Path]:
    """Parquet of the runs, of which nothing is told, and the figure."""
    import io

    from analysis.plots.hindcast import plot_cases
    from experiments.studies import write_figure
    from sim.atomic import write_file

    stored = io.BytesIO()
    made["runs"].to_parquet(stored, index=False)
    write_file(folder / "runs.parquet", stored.getvalue())
    return [write_figure(plot_cases(made["cases"]), folder / "cases.png")]


def _say(made: Tables, cases: Sequence[Episode], plays: Sequence[Play]) -> None:
    from experiments.console import say, show_table
    from experiments.run import vintage_of

    rows = [_row(row, made["parties"]) for row in made["cases"].to_dict("records")]
    show_table(list(rows[0]), [list(row.values()) for row in rows],
               right=("goes ahead", "all sign", "in force", "months", "lapsed"))  # fmt: skip
    say(
        "Shares of the seeds, then what happened (yes, no, ? = not known yet); months to agreement:"
    )
    say("median (10 to 90 %), then what it took; depth in % of trade costs, then the DESTA index.")
    if len(made["scores"]):
        say()
        _say_scores(made["scores"])
    _say_who(made["parties"])
    say()
    last: dict[str, Play] = {one.case.name: one for one in plays}
    for one in cases if len(cases) <= 3 else ():
        say(f"{one.name}: {vintage_of(last[one.name].scenario)}")
    if len(cases) > 3:
        say("Which years' data stand behind the cases: docs/hindcasts.md")


def _row(case: dict[str, Any], parties: pd.DataFrame) -> dict[str, str]:
    """A case in words."""
    own = parties[parties["case"] == case["case"]].head(3)
    least = ", ".join(f"{p} {share:.0%}" for p, share in zip(own["party"], own["out"], strict=True))

    months, took = case["months"], case["was_months"]
    span = f"{months:.0f} ({case['months_low']:.0f} to {case['months_high']:.0f})"
    index = case["was_depth_index"]
    return {
        "case": case["case"],
        "use": case["use"],
        "goes ahead": beside(case, "agrees"),
        "all sign": beside(case, "all_sign"),
        "in force": beside(case, "in_force"),
        "months": f"{'–' if math.isnan(months) else span}, {_or_dash(took)}",
        "depth": f"{_or_dash(case['depth'], '.1f')}, {_or_dash(index)}",
        "lapsed": f"{case['lapsed']:.0%}",
        "least willing (out or objecting)": least,
        "history": case["was_objectors"].replace(";", ", ") or "–",
    }


def _or_dash(value: float, form: str = ".0f") -> str:
    return "–" if math.isnan(value) else format(value, form)


def _say_who(parties: pd.DataFrame) -> None:
    from analysis.hindcast import who_holds_out
    from experiments.console import say

    found = who_holds_out(parties)
    if found["cases"]:
        say(
            f"Who holds out: in {found['cases']:.0f} cases the parties that history names are less "
            f"willing than the others in {found['share']:.0%} of the pairs "
            f"({found['low']:.0%} to {found['high']:.0%}; chance 50%)."
        )


def _say_scores(judged: pd.DataFrame) -> None:
    from analysis.hindcast import EVENTS
    from experiments.console import show_table

    rows = []
    for row in judged.to_dict("records"):
        if row["use"] != "all" and row["score"] != "brier":
            continue  # is in the CSV
        cells = [EVENTS[row["event"]], row["use"], row["score"], str(row["cases"])]
        cells += [f"{row[name]:.3f}" for name in ("model", "constant", "always")]
        for rival in ("constant", "always"):
            low, high = row[f"over_{rival}_low"], row[f"over_{rival}_high"]
            span = f" ({low:+.3f} to {high:+.3f})" if math.isfinite(low) else ""
            cells.append(f"{row[f'over_{rival}']:+.3f}{span}")
        rows.append(cells)
    heads = ["event", "use", "score", "cases", "model", "constant", "always"]
    show_table([*heads, "better than constant", "better than always"], rows, right=heads[3:])


EPISODES = Kind(Episode, "", _tables, _say, draw=_draw)
"""Negotiations."""
