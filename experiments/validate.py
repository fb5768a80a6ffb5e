"""The command `concord validate`: what runs come to, beside what was counted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["validate"]

_folder = click.Path(path_type=Path)
_TABLES = ("disputes", "third_parties", "missions", "states")


@click.group()
def validate() -> None:
    """Set rates of runs beside those counted in the world."""


@validate.command(name="security")
@click.option("--seeds", default=8, show_default=True, type=click.IntRange(2, 1000), help="Runs.")
@click.option("--first-seed", default=1, show_default=True, type=click.IntRange(0, 2**62))
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE",
              help="Change parameters.NAME or switches.NAME.")  # fmt: skip
@click.option("--output", default=Path("results") / "validate", show_default=True, type=_folder,
              help="Folder for the table.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="No progress and no table on the screen.")
def _security(**options: Any) -> None:
    """Conflict: disputes, mediation, missions, states in civil conflict, coups, by class.

    Runs of the baseline without its dockets, of which conflict is independent. Disputes were
    counted 1946-2000, civil conflict and coups 1990-2010: differences also show how the world has
    changed.
    Intervals hold the middle 95 % of the runs.

    \b
      concord validate security --seeds 24
      concord validate security --set switches.missions=false
    """  # noqa: D301  click reads the mark
    check_security(**options)


def check_security(
    *, seeds: int, first_seed: int, overrides: tuple[str, ...], output: Path, quiet: bool
) -> None:
    """`concord validate security`."""
    from analysis.security import compared
    from experiments.console import say, set_up_log, show_table
    from experiments.studies import write_table

    set_up_log(quiet)
    found = compared(_runs(range(first_seed, first_seed + seeds), overrides, quiet), _counted())
    written = write_table(found, output / "security.csv")
    if quiet:
        return
    rows = [
        (one["measure"], one["group"], f"{one['observed']:.3g}", f"{one['simulated']:.3g}",
         f"{one['low']:.3g} - {one['high']:.3g}", "" if one["is_within"] else "outside")
        for one in found.to_dict("records")
    ]  # fmt: skip
    heads = ("measure", "of", "counted", "simulated", "middle 95 %", "count")
    show_table(heads, rows, right=("counted", "simulated"))
    say(f"{int(found['is_within'].sum())} of {len(found)} counts lie within. Table: {written}")


def _runs(
    seeds: range, overrides: tuple[str, ...], quiet: bool
) -> list[dict[tuple[str, str, str], float]]:
    """Rates of each run."""
    from analysis.security import dispute_rates, state_rates
    from analysis.third_parties import mediation_rates, mission_rates
    from experiments.compose import compose
    from experiments.console import progress
    from experiments.pairs import classes, state_groups
    from sim.engine import simulate
    from sim.load import scenario_from, setting_for

    mapping = compose(["scenario=baseline", *overrides]).mapping
    for charter in mapping["organisation"].values():
        charter["docket"] = {}
    scenario = scenario_from(mapping)
    setting = setting_for(scenario, 0)
    pairs, groups = classes(setting), state_groups(setting)
    found = []
    with progress("security", [f"seed {seed}" for seed in seeds], quiet) as tell:
        for n, seed in enumerate(seeds):
            log = simulate(scenario, seed)
            tables = {name: log.table(name).to_pandas() for name in _TABLES}
            years = scenario.quarters / 4
            found.append(
                dispute_rates(tables["disputes"], pairs, years)
                | mediation_rates(tables["disputes"], tables["third_parties"])
                | mission_rates(tables["missions"], years)
                | state_rates(tables, groups)
            )
            tell(n, 1.0)
    return found


def _counted() -> pd.DataFrame:
    """The embedded table of counts."""
    import pandas as pd

    from sim.world.tables import read_table

    columns = ("process", "measure", "group", "years", "value")
    table = read_table("security_observed.csv", columns)
    frame = pd.DataFrame([{name: row.text(name) for name in columns} for row in table])
    return frame.assign(value=frame["value"].astype(float))
