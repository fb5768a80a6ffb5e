"""The command `concord validate`: what runs come to, beside what was counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments import options
from experiments.ending import Cli

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_institutions", "of_runs", "show_rates", "validate"]

_folder = click.Path(path_type=Path)
_ENOUGH = 20  # of fewer runs the middle 95 % lies within the outermost two
_TABLES = ("disputes", "third_parties", "missions", "states")


def of_runs(folder: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options of a command that sets counts beside runs; its table goes to a folder of results."""
    all_of_them = (
        click.option("--seeds", default=8, show_default=True, type=click.IntRange(2, 1000),
                     help="Runs."),
        click.option("--first-seed", default=1, show_default=True, type=options.SEED),
        options.set_of("parameters", "switches", "quarters"),
        click.option("--output", default=Path("results") / folder, show_default=True,
                     type=_folder, callback=options.writable, help="Folder for the table."),
        click.option("--quiet", "-q", is_flag=True, help="No progress and no table on the screen."),
    )  # fmt: skip

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(all_of_them):
            command = option(command)
        return command

    return add


@click.group(cls=Cli)
def validate() -> None:
    """Set rates of runs beside those counted in the world."""


@validate.command(name="security")
@of_runs("validate")
def _security(**given: Any) -> None:
    """Conflict: disputes, mediation, missions, states in civil conflict, coups, by class.

    Runs of the baseline without its dockets, of which conflict is independent. Disputes were
    counted 1946-2000, civil conflict and coups 1990-2010: differences also show how the world has
    changed.
    Intervals hold the middle 95 % of the runs.

    \b
      concord validate security --seeds 24
      concord validate security --set switches.missions=false
    """  # noqa: D301  click reads the mark
    check_security(**given)


@validate.command(name="institutions")
@of_runs("validate")
def _institutions(**given: Any) -> None:
    """Institutions: leaders, withdrawals, accessions, zombies, by counts that were kept back.

    No parameter rests on these counts: they are of later years than the estimates, or of another
    measure (concord calibrate shows the others). Runs of the baseline. "Along the record" is what
    the estimated logit expects of those who were members in those years. Intervals hold the
    middle 95 % of the runs, and for counts what chance allows them: a count is outside where the
    two do not meet.

    \b
      concord validate institutions --seeds 24
      concord validate institutions --set parameters.withdrawal_contagion=0.56
    """  # noqa: D301  click reads the mark
    check_institutions("kept back", "institutions.csv", **given)


@validate.command(name="rights")
@of_runs("validate")
def _rights(**given: Any) -> None:
    """Votes on human rights in states: roll calls of 2021 and 2022, and how mandates fare.

    No coefficient is fitted on the roll calls. "auc" is the chance that the model has a member who
    voted for above one who voted against, "of all" above one who did not vote for; then with one
    term alone; "chance" what members
    shuffled among each other come to in 95 % of draws. Then runs of the baseline without its
    dockets, beside what was counted.

    \b
      concord validate rights --seeds 8
      concord validate rights --set parameters.scrutiny_distance=0.1
    """  # noqa: D301  click reads the mark
    from experiments.rights import check_rights

    check_rights(**given)


def check_security(
    *, seeds: int, first_seed: int, overrides: tuple[str, ...], output: Path, quiet: bool
) -> None:
    """`concord validate security`."""
    from analysis.security import compared
    from experiments.console import set_up_log

    set_up_log(quiet)
    found = compared(_runs(range(first_seed, first_seed + seeds), overrides, quiet), _counted())
    show_rates(found, output / "security.csv", seeds, quiet)


def check_institutions(use: str, file: str, **given: Any) -> None:
    """Base rates of institutions: those that parameters rest on, or those kept back.

    Parameters
    ----------
    use
        ``calibrated`` or ``kept back``.
    file
        Name of the table.
    """
    from experiments.base_rates import compare, simulated
    from experiments.compose import compose
    from experiments.console import set_up_log
    from sim.load import scenario_from, setting_for

    quiet, first = given["quiet"], given["first_seed"]
    set_up_log(quiet)
    overrides = given["overrides"]
    setting = setting_for(scenario_from(compose(["scenario=baseline", *overrides]).mapping), 0)
    runs = simulated(range(first, first + given["seeds"]), overrides, quiet)
    show_rates(compare(setting, runs, use), given["output"] / file, given["seeds"], quiet)


def show_rates(found: pd.DataFrame, file: Path, seeds: int, quiet: bool) -> None:
    """Write a table of counts beside so many runs, and show it."""
    import numpy as np

    from experiments.console import say, show_table
    from experiments.studies import write_table

    written = write_table(found, file)
    if quiet:
        return
    heads = ["measure", "of", "years", "counted", "simulated", "middle 95 %", "count"]
    rows = [
        [one["measure"], one["group"], one["years"], f"{one['observed']:.3g}",
         f"{one['simulated']:.3g}", f"{one['low']:.3g} - {one['high']:.3g}",
         "" if one["is_within"] else "outside"]
        for one in found.to_dict("records")
    ]  # fmt: skip
    if "from" in found.columns:
        heads.insert(4, "its 95 %")
        spans = zip(found["from"], found["to"], strict=True)
        for row, (low, high) in zip(rows, spans, strict=True):
            row.insert(4, f"{low:.3g} - {high:.3g}" if np.isfinite(low) else "not known")
    show_table(heads, rows, right=("counted", "simulated"))
    if seeds < _ENOUGH:
        say(f"Of {seeds} runs the middle 95 % is too narrow: --seeds 24 or more.")
    strictly = found["observed"].between(found["low"], found["high"])
    say(f"{int(strictly.sum())} of {len(found)} counts lie within the middle 95 % of the runs.")
    if "from" in found.columns:
        meet = int(found["is_within"].sum())
        say(f"With what chance allows the counts themselves, {meet} of {len(found)} agree.")
    say(f"Table: {written}")


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
