"""Bodies of a scenario's own: those whose charters name their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import ConfigError, unknown
from sim.types import Bools

if TYPE_CHECKING:
    from sim.charter import Charter
    from sim.world.record import World

__all__ = ["own_bodies"]


def own_bodies(charters: Mapping[str, Charter], world: World) -> dict[str, Bools]:
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
        Code of each such body → its members, shape (S,).

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
        found[code] = _members(charter.members, world, where)
    return found


def _members(codes: tuple[str, ...], world: World, where: str) -> Bools:
    """States and members of organisations as a mask, shape (S,)."""
    mask = np.zeros(len(world.iso3), dtype=bool)
    for code in codes:
        if code.startswith("@"):
            if code[1:] not in world.spells:
                raise unknown("organisation", code[1:], world.spells, where)
            mask |= world.members(code[1:], world.start)
        elif code in world.index:
            mask[world.index[code]] = True
        else:
            raise unknown("state", code, world.index, where)
    return mask
