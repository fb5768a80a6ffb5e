"""Who sits on a council of a few: permanent members, those elected of record, and those drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import ConfigError, nearest
from sim.memo import remembered
from sim.streams import stream

if TYPE_CHECKING:
    from sim.mandates import Council
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools, Ints

__all__ = ["check_councils", "seated"]

TERM = 2
"""Years for which a member is elected, and for which it may not be elected again afterwards."""


def seated(setting: Setting, state: State, body: str, elasticity: float) -> Bools | None:
    """(S,) who decides for a body now; None where all of its members do.

    Parameters
    ----------
    body
        Code of an organisation.
    elasticity
        By how many percent a state with one percent more people is likelier to be drawn.
    """
    step = max(state.step, 0)
    mandate = setting.charter(body, step).security
    if mandate is None or mandate.council is None:
        return None
    day = setting.calendar.first_day(step)
    versions = setting.scenario.organisation[body].versions_on(day)
    elected = _elections(setting, None, body, versions, elasticity)
    sits = setting.axes.mask(mandate.council.permanent)
    for year in range(day.year - TERM + 1, day.year + 1):
        sits = sits | elected[year - _first(setting)]
    return np.asarray(sits & state.is_member[setting.axes.organisation(body)])


def _first(setting: Setting) -> int:
    """The first year of whose elections anything can be asked."""
    return setting.calendar.start.year - 2 * TERM + 1


@remembered(keep=8)
def _elections(
    setting: Setting, _: None, body: str, versions: tuple[str, ...], elasticity: float
) -> Bools:
    """(years, S) whose term begins in each year, from some years before the run to its end.

    Those of record; in other years each group draws, among its members that have sat neither in
    the term before nor the one running, and are not known to be elected soon; of two states the
    one with more people is likelier to come first.
    """
    mandate = setting.scenario.organisation[body].with_versions(versions).security
    council = mandate.council if mandate else None
    if council is None:  # asked of bodies that have one
        raise ConfigError("no council", where=f"organisation.{body}.security")
    groups = _groups(setting, council)
    pool = setting.world.members(body, setting.scenario.start)
    pool = pool & ~setting.axes.mask(council.permanent)
    weight = setting.world.population**elasticity
    first = _first(setting)
    found = np.zeros((setting.calendar.end.year - first + 1, pool.size), dtype=bool)
    for row in range(len(found)):
        year = first + row
        if year in council.elected:
            found[row] = setting.axes.mask(council.elected[year])
            continue
        barred = found[max(row - 2 * TERM + 1, 0) : row].any(axis=0)
        for soon in range(year + 1, year + 2 * TERM):
            barred = barred | setting.axes.mask(council.elected.get(soon, ()))
        wait = stream(setting.seed, f"council_seats/{body}", year).exponential(size=pool.size)
        order = np.argsort(wait / weight, kind="stable")
        for number, group in enumerate(council.groups.values()):
            ready = order[(pool & ~barred & (groups == number))[order]]
            found[row, ready[: group.seats[year % 2]]] = True
    return found


def _groups(setting: Setting, council: Council) -> Ints:
    """(S,) number of each state's group, -1 for none: by its own name before its sub-region."""
    axes, region = setting.axes, np.asarray(setting.world.region)
    found = np.full(len(axes.states), -1, dtype=np.int64)
    of = [group.of for group in council.groups.values()]
    for number, names in enumerate(of):
        found[np.isin(region, names)] = number
    for number, names in enumerate(of):
        found[[axes.state(name) for name in names if name in axes.states]] = number
    return found


def check_councils(setting: Setting) -> None:
    """Names on councils are states, or sub-regions where these can stand.

    Raises
    ------
    ConfigError
        One is neither, or a state elected is in no group.
    """
    states = setting.axes.states
    regions = sorted({str(one) for one in setting.world.region})
    for code, charter in setting.scenario.organisation.items():
        council = charter.security.council if charter.security else None
        where = f"organisation.{code}.security.council"
        for place, names, known in _named(council, states, regions) if council else ():
            for name in names:
                if name not in known:
                    raise ConfigError(
                        f"unknown name {name!r}", where=where + place, expected=nearest(name, known)
                    )


def _named(
    council: Council, states: tuple[str, ...], regions: list[str]
) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Where names stand, which, and those that are known there."""
    elected = [(f".elected.{year}", names, [*states]) for year, names in council.elected.items()]
    groups = [
        (f".groups.{name}.of", group.of, [*states, *regions])
        for name, group in council.groups.items()
    ]
    return [(".permanent", council.permanent, [*states]), *elected, *groups]
