"""How the chance of a dispute scores on pair-years of a user's file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

__all__ = ["score_disputes"]


def score_disputes(file: Path, output: Path, quiet: bool) -> None:
    """`concord hindcast disputes`.

    Raises
    ------
    DataError
        A fault in the file, with its line.
    """
    from analysis.dispute_forecasts import calibration, pair_scores
    from experiments.compose import compose
    from experiments.console import say, set_up_log, show_table
    from experiments.pairs import forecast, read_pair_years
    from experiments.studies import write_table
    from sim.errors import DataError
    from sim.load import scenario_from, setting_for
    from sim.world.loader import load_world

    set_up_log(quiet)
    scenario = scenario_from(compose(["scenario=baseline"]).mapping)
    setting = setting_for(scenario, 0)
    given = read_pair_years(file, setting)
    first = date(int(given["year"].min()), 1, 1)
    setting = replace(setting, world=load_world(first, None, scenario.parameters))
    own = forecast(setting, given)
    if own["dispute"].nunique() < 2:
        raise DataError("no politically relevant pairs with and without a dispute",
                        where=file.name, expected="neighbours, rivals or major powers")  # fmt: skip
    scores = pair_scores(own["chance"], own["dispute"], own["pair"])
    deciles = calibration(own["chance"], own["dispute"])
    written = [
        write_table(scores, output / "dispute_scores.csv"),
        write_table(deciles, output / "dispute_calibration.csv"),
    ]
    if quiet:
        return
    say(f"{len(own)} of {len(given)} pair-years are of politically relevant pairs, "
        f"{int(own['dispute'].sum())} with a dispute.")  # fmt: skip
    shown = [[f"{x:.3g}" if isinstance(x, float) else str(x) for x in row]
             for row in scores.itertuples(index=False)]  # fmt: skip
    show_table(("score", "value", "low", "high"), shown, right=("value", "low", "high"))
    shown = [[f"{x:.3g}" if isinstance(x, float) else str(x) for x in row]
             for row in deciles.itertuples(index=False)]  # fmt: skip
    heads = ("decile", "n", "expected", "happened", "low", "high")
    show_table(heads, shown, right=heads)
    say(f"Tables: {', '.join(map(str, written))}")
