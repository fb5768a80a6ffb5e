"""What the tables say of matters beside trade: security, climate, health, politics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.world.climate import COLUMNS as CLIMATE
from sim.world.climate import read_climate
from sim.world.health import HEALTH_COLUMNS, read_health
from sim.world.politics import POLITICS_COLUMNS, read_politics
from sim.world.security import COLUMNS as SECURITY
from sim.world.security_record import read_security

if TYPE_CHECKING:
    from sim.world.tables import Table
    from sim.world.world import World

__all__ = ["BESIDE_TRADE", "read_beside_trade"]

BESIDE_TRADE = {**SECURITY, **CLIMATE, **HEALTH_COLUMNS, **POLITICS_COLUMNS}
"""Columns read of each table."""


def read_beside_trade(found: Mapping[str, Table], world: World) -> dict[str, Any]:
    """What a world of states, members and treaties is to have besides, by attribute.

    Parameters
    ----------
    found
        Tables by name.

    Raises
    ------
    DataError
        A fault in a table, with its line.
    """
    start, index = world.start, world.index
    return {
        "security": read_security(
            found, index, start, lambda o: world.members(o, start), bodies=world.organisations
        ),
        "climate": read_climate(found, index, start, world.group),
        "health": read_health(found, index, start),
        "politics": read_politics(found, index, world.group),
    }
