"""What `concord hindcast climate` does: talks on climate of the past, played and scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments.climate_cases import ClimateCase
from experiments.playing import Kind, Tables, beside

if TYPE_CHECKING:
    import pandas as pd

    from experiments.plays import Play

__all__ = ["CLIMATE_TALKS"]


def _tables(cases: Sequence[ClimateCase], plays: Sequence[Play], null: Sequence[Play]) -> Tables:
    """Cases, parties, who refused, and scores of whether something was agreed."""
    import pandas as pd

    from analysis.climate_cases import refusals, refusals_of_all
    from analysis.hindcast import by_case, scores
    from experiments.plays import history_of, read_parties, read_runs

    told = history_of(cases).assign(confidence=[one.confidence for one in cases])
    found = by_case(read_runs(plays), told)
    alike = by_case(read_runs(null), told)
    found["base_agrees"] = alike["agrees"]
    named = {one.name: one.history.objectors for one in cases}
    parties = read_parties(plays)
    parties["known"] = [margin for one in plays for margin in _known(one)]
    parties["is_named"] = [party in named[case] for case, party in
                           zip(parties["case"], parties["party"], strict=True)]  # fmt: skip
    by_party = refusals(parties, _traits(plays))
    is_known = found["was_agrees"].notna().sum() >= 2
    return {
        "cases": found,
        "parties": by_party.sort_values(["case", "model", "party"], ignore_index=True),
        "refusals": refusals_of_all(by_party, [one.name for one in cases]),
        "scores": scores(found, "agrees") if is_known else pd.DataFrame(),
    }


def _known(one: Play) -> list[float]:
    """What is known of each party of the last vote, in the order of `read_parties`."""
    from experiments.plays import read_play

    found = read_play(one)
    return [found["known"][party] for party in found["parties"]]


def _traits(plays: Sequence[Play]) -> dict[str, tuple[float, float]]:
    """Party → income per head (thousand USD) and democracy; means of a bloc by population."""
    from sim.load import setting_for

    setting = setting_for(plays[-1].scenario, 0)
    world, traits = setting.world, {}
    everybody = dict(zip(setting.axes.states, range(len(setting.axes.states)), strict=True))
    groups: dict[str, Any] = {code: [row] for code, row in everybody.items()}
    groups |= dict(setting.unions("climate"))
    for code, rows in groups.items():
        people = world.population[rows]
        total = max(float(people.sum()), 1e-9)
        rich = float(setting.income[rows].sum()) / total
        traits[code] = rich, float(people @ world.polyarchy[rows]) / total
    return traits


def _say(made: Tables, _: Sequence[ClimateCase], plays: Sequence[Play]) -> None:
    from experiments.console import say, show_table

    who = made["refusals"].set_index("case")
    rows = [_row(case, who) for case in made["cases"].to_dict("records")]
    show_table(list(rows[0]), [list(row.values()) for row in rows], right=list(rows[0])[1:5])
    say("Agreed: share of the runs, then what happened; null: parties that differ by chance alone.")
    say(
        "In: share of the parties that are for it, then the share that did not refuse. Ranks: share"
    )
    say(
        "of pairs in which the one that refused is the less willing, then by income per head alone."
    )
    total = who.loc["all"]
    said = {"model": "the model", "income_per_head": "income per head", "democracy": "democracy"}
    for name, words in said.items():
        if not math.isnan(total[name]):
            span = f"{total[f'{name}_low']:.0%} to {total[f'{name}_high']:.0%}; chance 50%"
            say(f"Who refused, by {words}: {total[name]:.0%} of the pairs ({span})")
    if len(made["scores"]):
        _say_scores(made["scores"])


def _row(case: dict[str, Any], who: pd.DataFrame) -> dict[str, str]:
    """A case in words."""
    name = case["case"]
    own = who.loc[name] if name in who.index else None

    def share(value: float) -> str:
        return "–" if math.isnan(value) else f"{value:.0%}"

    return {
        "case": name,
        "agreed": beside(case, "agrees"),
        "null": f"{case['base_agrees']:.0%}",
        "in": "–" if own is None else f"{share(own['in'])}, {share(own['was_in'])}",
        "ranks": "–" if own is None else f"{share(own['model'])}, {share(own['income_per_head'])}",
        "refused": case["was_objectors"].replace(";", ", ") or "–",
        "facts": case["confidence"],
    }


def _say_scores(judged: pd.DataFrame) -> None:
    from experiments.console import say, show_table

    say()
    rows = []
    for row in judged[judged["score"] != "log"].to_dict("records"):  # a null of 0 % has no log
        cells = [row["score"], str(row["cases"])]
        cells += [f"{row[name]:.3f}" for name in ("model", "base", "half", "constant", "always")]
        low, high = row["over_base_low"], row["over_base_high"]
        rows.append([*cells, f"{row['over_base']:+.3f} ({low:+.3f} to {high:+.3f})"])
    heads = ["agreed", "cases", "model", "null", "one half", "share of others", "always"]
    show_table([*heads, "better than the null"], rows, right=heads[1:])


CLIMATE_TALKS = Kind(ClimateCase, "climate", _tables, _say, null=("switches.interests=false",))
"""Talks on cuts; the null: the same talks among parties that differ by chance alone."""
