"""What `concord hindcast security` does: conflicts of the past, played and scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.playing import Kind, Tables, beside, scores_by
from experiments.security_cases import SecurityCase

if TYPE_CHECKING:
    import pandas as pd

    from experiments.plays import Play

__all__ = ["CONFLICTS"]

_LISTS = ("by", "acted", "refused", "blockers")


def _tables(cases: Sequence[SecurityCase], plays: Sequence[Play], _: Sequence[Play]) -> Tables:
    """Runs, cases and scores."""
    import pandas as pd

    from analysis.security_cases import OUTCOMES, by_case
    from experiments.plays import read_play

    rows = [read_play(play) for play in plays]
    runs = pd.DataFrame([row | {name: ";".join(row[name]) for name in _LISTS} for row in rows])
    agreement = plays[0].scenario.parameters["civil_agreement"]
    found = by_case(runs, _history(cases, agreement))
    return {"runs": runs, "cases": found, "scores": scores_by("kind", found, list(OUTCOMES))}


def _history(cases: Sequence[SecurityCase], agreement: float) -> pd.DataFrame:
    """A row per case: what happened, and what base rates say."""
    import pandas as pd

    from experiments.security_base import base_rates

    rows = [
        {"case": one.name, "title": one.title, "kind": one.kind, "use": one.use}
        | {f"base_{name}": rate for name, rate in base_rates(one, agreement).items()}
        | {"opened": one.opened.isoformat(), "deadline": one.deadline.isoformat()}
        | {"was_how": one.history.how}
        | {f"was_{name}": value for name, value in one.outcome().items()}
        | {"was_months": one.months(), "was_by": ";".join(one.history.by)}
        | {"was_blocked_by": ";".join(one.history.blocked_by)}
        for one in cases
    ]
    return pd.DataFrame(rows).astype({"was_months": float})


def _draw(made: Tables, folder: Path) -> list[Path]:
    """The figure."""
    from analysis.plots.security_cases import plot_security_cases
    from experiments.studies import write_figure

    return [write_figure(plot_security_cases(made["cases"]), folder / "cases.png")]


def _say(made: Tables, _: Sequence[SecurityCase], plays: Sequence[Play]) -> None:
    from analysis.security_cases import who_acts
    from experiments.console import say, show_table

    rows = [_row(case) for case in made["cases"].to_dict("records")]
    show_table(list(rows[0]), [list(row.values()) for row in rows],
               right=("settled", "quiet", "months"))  # fmt: skip
    say(
        "Shares of the runs, then what happened (yes, no, ? = not known yet). Months: median of the"
    )
    say("runs that settled (10 to 90 %), then what it took. By: who acts most often, then history.")
    if len(made["scores"]):
        say()
        _say_scores(made["scores"])
    found = who_acts(made["cases"], sorted({o for p in plays for o in p.scenario.organisation}))
    if found["cases"]:
        say(f"Who acts: the body that acts most often did so in {found['share']:.0%} "
            f"({found['low']:.0%} to {found['high']:.0%}) of the {found['cases']:.0f} cases in "
            "which history names one that the model has.")  # fmt: skip


def _row(case: dict[str, Any]) -> dict[str, str]:
    """A case in words."""

    def named(who: str) -> str:
        return f"{case[who]} {case[f'{who}_share']:.0%}" if case[who] else "nobody"

    months, took = case["months"], case["was_months"]
    span = f"{months:.0f} ({case['months_low']:.0f} to {case['months_high']:.0f})"
    history = case["was_by"].replace(";", ", ") or "nobody"
    blocked = case["was_blocked_by"].replace(";", ", ")
    return {
        "case": case["case"],
        "settled": beside(case, "settled"),
        "quiet": beside(case, "quiet"),
        "months": f"{'–' if math.isnan(months) else span}, "
        f"{'–' if math.isnan(took) else format(took, '.0f')}",
        "by": f"{named('body')}; {history}",
        "refused": named("refuser"),
        "blocked by": f"{named('blocker')}; {blocked or '–'}",
    }


def _say_scores(judged: pd.DataFrame) -> None:
    from analysis.security_cases import OUTCOMES
    from experiments.console import show_table

    rows = []
    for row in judged[judged["score"] != "log"].to_dict("records"):
        cells = [OUTCOMES[row["event"]], row["kind"], row["score"], str(row["cases"])]
        cells += [f"{row[name]:.3f}" for name in ("model", "half", "base", "constant")]
        for rival in ("half", "base", "constant"):
            low, high = row[f"over_{rival}_low"], row[f"over_{rival}_high"]
            cells.append(f"{row[f'over_{rival}']:+.3f} ({low:+.3f} to {high:+.3f})")
        # The share of the other cases lies on the wrong side of a half whenever half of them go one
        # way: its accuracy says nothing.
        if row["score"] != "brier":
            cells[7] = cells[10] = "–"
        rows.append(cells)
    heads = ["event", "cases of", "score", "cases", "model", "one half", "base rate"]
    heads += ["share of others"]
    rivals = [f"better than {name}" for name in ("one half", "base rate", "share")]
    show_table([*heads, *rivals], rows, right=heads[3:])


CONFLICTS = Kind(SecurityCase, "security", _tables, _say, draw=_draw)
"""Disputes of states, and civil conflicts."""
