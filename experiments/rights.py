"""Votes on human rights in states: roll calls of the past beside the model, and rates of runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from sim.setting import Setting
    from sim.world.tables import Row

__all__ = ["OBSERVED", "area", "check_rights", "kept_until", "roll_calls", "simulated"]

BODY = "UNHRC"
SHUFFLES = 200
"""Draws of who is who among the members, for what chance alone would score."""
UNTIL = date(2026, 1, 1)
OBSERVED = {
    "mandates without consent of the first day still there at the end of 2025": 1.0,
    "share of votes for in renewals of 2024 and 2025": 0.5,
    "share of votes against in renewals of 2024 and 2025": 0.17,
    "drafts voted down a year": 0.125,
    "states newly under a mandate a year": 1.8,
}
"""What was counted: all 15 renewed (recalled); six renewals of 2024 known by their totals (Belarus
24-6-17, Iran 24-8-15, Russia 20-8-19, Sudan 23-12-12, Syria 27-5-15, Venezuela 23-6-18); two drafts
on states lost in the first sixteen years; 24 states in 13 years (recalled, on which the chance of a
draft rests)."""

_COLUMNS = ("resolution", "date", "state", "level", "for", "against", "abstained", "in_favour",
            "opposed", "others", "source")  # fmt: skip


@dataclass(frozen=True, eq=False)
class _RollCall:
    """One roll call: rows of who voted for, against, and not for, without the target."""

    target: int
    level: int
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    rest: NDArray[np.int64]
    sits: NDArray[np.bool_]


def area(yes: Any, no: Any) -> float:
    """Chance that one who voted for had the higher score than one who voted against.

    Examples
    --------
    >>> area([1.0, 2.0], [0.0, 1.0])
    0.875
    """
    above = np.asarray(yes)[:, None] - np.asarray(no)[None, :]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def roll_calls(setting: Setting) -> pd.DataFrame:
    """Roll calls of the Human Rights Council beside the model, with no coefficient fitted on them.

    Returns
    -------
    DataFrame
        A row a vote: what was counted and is expected; `auc`, those for against those opposed;
        `auc_others`, those for against all others; `by_distance`, `by_democracy`,
        `by_solidarity`, with one term alone; `by_chance`, the 95 % point when places and regimes
        are shuffled among the members; `agrees`, the outcome.
    """
    import pandas as pd

    from sim.world.tables import read_table

    return pd.DataFrame([_scored(setting, row) for row in read_table("rights_votes.csv", _COLUMNS)])


def _read(setting: Setting, row: Row) -> _RollCall:
    rows = {
        name: [setting.world.index[code] for code in row.items(name)]
        for name in ("in_favour", "opposed", "others")
    }
    target = row.state("state", setting.world.index)
    sits = np.zeros(len(setting.axes.states), dtype=bool)
    sits[[one for some in rows.values() for one in some]] = True
    yes, no, others = (
        np.array([one for one in rows[name] if one != target], dtype=np.int64)
        for name in ("in_favour", "opposed", "others")
    )
    rest = np.concatenate([no, others])
    return _RollCall(target, int(row.number("level")), yes, no, rest, sits)


def _scored(setting: Setting, row: Row) -> dict[str, Any]:
    from sim.kernels.country_votes import expected_votes, margins
    from sim.mechanisms.scrutiny.phase import country_vote, situation

    call, world, model = _read(setting, row), setting.world, country_vote(setting)
    what = situation(setting, BODY, call.target, call.level, 0)

    def scores(ideal: Any, polyarchy: Any, terms: Any) -> Any:
        return margins(ideal, polyarchy, call.sits, what, terms)

    def auc(found: Any) -> float:
        return area(found[call.yes], found[call.no])

    own = scores(world.ideal_point, world.polyarchy, model)
    none = replace(model, distance=0.0, democracy=0.0, solidarity=0.0)
    alone = {
        f"by_{name}": auc(scores(world.ideal_point, world.polyarchy, one))
        for name in ("distance", "democracy", "solidarity")
        for one in [replace(none, **{name: getattr(model, name)})]
    }
    rng, others = np.random.default_rng(1), np.concatenate([call.yes, call.no])
    chance = []
    for _ in range(SHUFFLES):
        mixed = np.arange(own.size)
        mixed[others] = rng.permutation(others)
        chance.append(auc(scores(world.ideal_point[mixed], world.polyarchy[mixed], model)))
    for_, against = expected_votes(own[call.sits], model.abstention)
    counted = {name: int(row.number(name)) for name in ("for", "against", "abstained")}
    return {
        **{name: row.text(name) for name in ("resolution", "date", "state")}, **counted,
        "expected_for": for_, "expected_against": against, "auc": auc(own),
        "auc_others": area(own[call.yes], own[call.rest]), **alone,
        "by_chance": float(np.quantile(chance, 0.95)),
        "agrees": (for_ > against) == (counted["for"] > counted["against"]),
    }  # fmt: skip


def kept_until(setting: Setting, resolutions: pd.DataFrame, day: date) -> float:
    """Share of the first mandates without consent that no vote and no lapse had ended by a day.

    Parameters
    ----------
    resolutions
        Events of the kinds ``resolution_refused`` and ``resolution_lapsed`` of a run.
    """
    from sim.mechanisms.scrutiny.records import first_mandates

    codes = [
        setting.axes.states[one.state]
        for one in first_mandates(setting)
        if one.body == BODY and not one.has_consent
    ]
    over = resolutions[
        (resolutions["organisation"] == BODY)
        & (resolutions["kind"] != "resolution_adopted")
        & (resolutions["date"].astype("datetime64[ns]") < np.datetime64(day))
    ]
    return float(np.mean([code not in set(over["actor"]) for code in codes]))


def simulated(seeds: Sequence[int], overrides: tuple[str, ...], quiet: bool) -> pd.DataFrame:
    """`OBSERVED` in runs of the baseline without its dockets, a row a seed."""
    import pandas as pd

    from experiments.compose import compose
    from experiments.console import progress
    from sim.engine import simulate
    from sim.load import scenario_from, setting_for

    mapping = compose(["scenario=baseline", *overrides]).mapping
    for charter in mapping["organisation"].values():
        charter["docket"] = {}
    scenario = scenario_from(mapping)
    setting, found = setting_for(scenario, 0), []
    with progress("rights", [f"seed {seed}" for seed in seeds], quiet) as tell:
        for n, seed in enumerate(seeds):
            log = simulate(scenario, seed)
            votes, events = (log.table(name).to_pandas() for name in ("resolutions", "events"))
            found.append(_rates(setting, votes, events, scenario.quarters / 4))
            tell(n, 1.0)
    return pd.DataFrame(found)


def _rates(
    setting: Setting, votes: pd.DataFrame, events: pd.DataFrame, years: float
) -> dict[str, float]:
    own = votes[votes["organisation"] == BODY]
    events = events[events["kind"].str.startswith("resolution_")]
    again = own[own["is_renewal"] & ~own["has_consent"]]
    early = again[again["day"].astype("datetime64[ns]") < np.datetime64(UNTIL)]
    cast = early[["n_accept", "n_abstain", "n_reject"]].sum()
    new = own[~own["is_renewal"] & (own["outcome"] == "accepted")]
    values = (
        kept_until(setting, events, UNTIL),
        cast["n_accept"] / cast.sum(),
        cast["n_reject"] / cast.sum(),
        (own["outcome"] == "refused").sum() / years,
        len(new) / years,
    )
    return dict(zip(OBSERVED, map(float, values), strict=True))


def check_rights(
    *, seeds: int, first_seed: int, overrides: tuple[str, ...], output: Path, quiet: bool
) -> None:
    """`concord validate rights`."""
    from experiments.compose import compose
    from experiments.console import say, set_up_log
    from experiments.studies import write_table
    from sim.load import scenario_from, setting_for

    set_up_log(quiet)
    setting = setting_for(scenario_from(compose(["scenario=baseline", *overrides]).mapping), 0)
    votes = roll_calls(setting)
    runs = simulated(range(first_seed, first_seed + seeds), overrides, quiet)
    written = write_table(votes, output / "roll_calls.csv")
    rates = runs.quantile([0.025, 0.5, 0.975]).T.set_axis(["low", "simulated", "high"], axis=1)
    rates = rates.assign(measure=rates.index, counted=[OBSERVED[name] for name in rates.index])
    also = write_table(
        rates[["measure", "counted", "simulated", "low", "high"]], output / "rights.csv"
    )
    if not quiet:
        _say_votes(votes)
        _say_rates(rates)
        say(f"Mean area {votes['auc'].mean():.2f}, of all {votes['auc_others'].mean():.2f}; "
            f"{int(votes['agrees'].sum())} of {len(votes)} outcomes as they were. "
            f"Tables: {written}, {also}")  # fmt: skip


def _say_votes(votes: pd.DataFrame) -> None:
    from experiments.console import show_table

    areas = {
        "auc": "auc",
        "of all": "auc_others",
        "distance": "by_distance",
        "democracy": "by_democracy",
        "group": "by_solidarity",
        "chance": "by_chance",
    }
    heads = ["resolution", "on", "counted", "expected", *areas, "outcome"]
    rows = [
        [one["resolution"], one["state"], f"{one['for']}-{one['against']}-{one['abstained']}",
         f"{one['expected_for']:.0f}-{one['expected_against']:.0f}",
         *(f"{one[name]:.2f}" for name in areas.values()),
         "as it was" if one["agrees"] else "other"]
        for one in votes.to_dict("records")
    ]  # fmt: skip
    show_table(heads, rows, right=("counted", "expected", "auc", "of all"))


def _say_rates(rates: pd.DataFrame) -> None:
    from experiments.console import show_table

    lines = [
        [name, f"{one['counted']:.3g}", f"{one['simulated']:.3g}",
         f"{one['low']:.3g} - {one['high']:.3g}"]
        for name, one in rates.iterrows()
    ]  # fmt: skip
    show_table(["measure", "counted", "simulated", "middle 95 %"], lines,
               right=("counted", "simulated"))  # fmt: skip
