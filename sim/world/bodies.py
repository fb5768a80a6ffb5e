"""Bodies of a scenario's own: those whose charters name their members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import ConfigError, unknown
from sim.world.treaties import Membership

if TYPE_CHECKING:
    from sim.charter import Charter, Member
    from sim.world.record import World

__all__ = ["own_bodies"]


def own_bodies(charters: Mapping[str, Charter], world: World) -> dict[str, tuple[Membership, ...]]:
    """Members of the bodies whose charters name them.

    Parameters
    ----------
    charters
        Charters by code.
    world
        The world at the start, with the members of the table.

    Returns
    -------
    dict
        Code of each such body → spells of membership.

    Raises
    ------
    ConfigError
        A body that has its members in the table, is founded after the start, or names an unknown
        state or organisation.
    """
    found = {}
    for code, charter in charters.items():
        where = f"organisation.{code}.members"
        if not charter.members:
            continue
        if code in world.spells:
            raise ConfigError(
                "its members are in the table of memberships",
                where=where,
                expected="no members here, or a code of your own, such as " + repr(f"MY_{code}"),
            )
        if charter.founded > world.start:
            raise ConfigError(
                f"the body is founded on {charter.founded}, after the start",
                where=where,
                expected=f"a start no earlier, or founded: {world.start}",
            )
        found[code] = tuple(
            spell for one in charter.members for spell in _spells(code, one, world, where)
        )
    return found


def _spells(code: str, given: Member, world: World, where: str) -> Iterator[Membership]:
    """Spells of a state, or of all members of an organisation."""
    rows: Iterable[int]
    if given.state.startswith("@"):
        if given.state[1:] not in world.spells:
            raise unknown("organisation", given.state[1:], world.spells, where)
        rows = np.flatnonzero(world.members(given.state[1:], world.start))
    elif given.state in world.index:
        rows = [world.index[given.state]]
    else:
        raise unknown("state", given.state, world.index, where)
    for row in rows:
        yield Membership(code, int(row), given.joined, given.left)
