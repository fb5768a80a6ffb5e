"""Who sits on a council of a few: permanent members, those elected of record, and those drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import ConfigError, nearest
from sim.memo import remembered
from sim.shocks.membership import ExitShock
from sim.streams import stream

if TYPE_CHECKING:
    from sim.charter import Charter
    from sim.mandates import Council
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools, Ints

__all__ = ["check_councils", "groups_of", "seated"]


def seated(
    setting: Setting, state: State, body: str, elasticity: float, area: str = "security"
) -> Bools | None:
    """(S,) who decides for a body now; None where all of its members do.

    Parameters
    ----------
    body
        Code of an organisation.
    elasticity
        By how many percent a state with one percent more people is likelier to be drawn.
    area
        ``security`` or ``rights``, whose council is asked for.
    """
    step = max(state.step, 0)
    council = _council(setting.charter(body, step), area)
    if council is None:
        return None
    day = setting.calendar.first_day(step)
    versions = setting.scenario.organisation[body].versions_on(day)
    elected = _elections(setting, None, (body, versions, area), elasticity)
    sits = setting.axes.mask(council.permanent)
    for year in range(day.year - council.term + 1, day.year + 1):
        sits = sits | elected[year - _first(setting, council)]
    whole = setting.charter(body, step).part_of
    if whole not in setting.axes.organisations:
        return np.asarray(
            sits if whole else sits & state.is_member[setting.axes.organisation(body)]
        )
    return np.asarray(sits & state.is_member[setting.axes.organisation(whole)])


def groups_of(setting: Setting, body: str, step: int, area: str) -> Ints | None:
    """(S,) number of each state's group on a body's council, -1 for none; None without one."""
    day = setting.calendar.first_day(step)
    versions = setting.scenario.organisation[body].versions_on(day)
    return _numbers(setting, None, body, versions, area)


@remembered(keep=8)
def _numbers(
    setting: Setting, _: None, body: str, versions: tuple[str, ...], area: str
) -> Ints | None:
    council = _council(setting.scenario.organisation[body].with_versions(versions), area)
    return None if council is None else _groups(setting, council)


def _council(charter: Charter, area: str) -> Council | None:
    mandate = charter.rights if area == "rights" else charter.security
    return mandate.council if mandate else None


def _memory(council: Council) -> int:
    """Years before an election that it may depend on."""
    return (council.terms + 1) * council.term - 1


def _first(setting: Setting, council: Council) -> int:
    """The first year of whose elections anything can be asked."""
    return setting.calendar.start.year - _memory(council)


@remembered(keep=8)
def _elections(
    setting: Setting, _: None, what: tuple[str, tuple[str, ...], str], elasticity: float
) -> Bools:
    """(years, S) whose term begins in each year, from some years before the run to its end.

    Those of record; in other years each group draws, among its members that do not sit, have not
    used up their terms, and are not known to be elected soon; of two states the one with more
    people is likelier to come first.
    """
    body, versions, area = what
    council = _council(setting.scenario.organisation[body].with_versions(versions), area)
    if council is None:  # asked of bodies that have one
        raise ConfigError("no council", where=f"organisation.{body}.{area}")
    groups, record = _groups(setting, council), _record(setting, body, council)
    weight = setting.world.population**elasticity
    first = _first(setting, council)
    found = np.zeros((setting.calendar.end.year - first + 1, groups.size), dtype=bool)
    for row in range(len(found)):
        year = first + row
        if year in record:
            found[row] = record[year]
            continue
        barred = _barred(found[:row], council)
        for soon in range(year + 1, year + 2 * council.term):
            barred = barred | record.get(soon, False)
        pool = _pool(setting, body, council, year) & ~barred
        wait = stream(setting.seed, f"council_seats/{body}", year).exponential(size=pool.size)
        order = np.argsort(wait / weight, kind="stable")
        for number, group in enumerate(council.groups.values()):
            ready = order[(pool & (groups == number))[order]]
            found[row, ready[: group.seats[year % council.term]]] = True
    return found


def _barred(before: Bools, council: Council) -> Bools:
    """(S,) who sits, or has used up its terms and left a term ago or less."""
    term, n_years = council.term, len(before)
    barred = before[max(n_years - term + 1, 0) :].any(axis=0)
    for back in range(term, 2 * term):
        terms = [n_years - back - term * k for k in range(council.terms)]
        if terms[-1] >= 0:
            barred = barred | before[terms].all(axis=0)
    return np.asarray(barred)


def _record(setting: Setting, body: str, council: Council) -> dict[int, Bools]:
    """Year → (S,) whose term began in it, of the charter or of the table of memberships."""
    found = {year: setting.axes.mask(names) for year, names in council.elected.items()}
    for spell in setting.world.spells.get(body, ()):
        joined, left = spell.joined, spell.left
        if not joined or not left or left.year - joined.year != council.term:
            continue
        if joined.year not in council.elected:
            found.setdefault(joined.year, np.zeros(len(setting.axes.states), dtype=bool))
            found[joined.year][spell.state] = True
    return found


def _pool(setting: Setting, body: str, council: Council, year: int) -> Bools:
    """(S,) who may be elected: members, but for those that have left the body by then."""
    whole = setting.scenario.organisation[body].part_of or body
    pool = setting.world.members(whole, setting.scenario.start)
    pool = pool & ~setting.axes.mask(council.permanent)
    for _, shock in setting.scenario.dated:
        if isinstance(shock, ExitShock) and shock.organisation == body and shock.date.year < year:
            pool[setting.axes.state(shock.state)] = False
    return np.asarray(pool)


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
        for area in ("security", "rights"):
            council, where = _council(charter, area), f"organisation.{code}.{area}.council"
            for place, names, known in _named(council, states, regions) if council else ():
                for name in names:
                    if name not in known:
                        raise ConfigError(
                            f"unknown name {name!r}",
                            where=where + place,
                            expected=nearest(name, known),
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
