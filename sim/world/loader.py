"""Loading the world: embedded tables and parameters in, a `World` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.kernels.gravity import great_circle
from sim.world import trade
from sim.world.adapters import read_flows
from sim.world.codes import CodeBook
from sim.world.matters import read_matters, read_red_lines
from sim.world.record import World
from sim.world.tables import Row, Table, read_table
from sim.world.tariffs import baseline_tariffs, common_external_tariff
from sim.world.treaties import Membership, is_current, read_memberships, read_treaties

__all__ = ["FACTS_DATE", "World", "load_world"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FACTS_DATE = date(2023, 12, 31)
"""The day the tables describe: trade and output are of 2023, with the members of that year."""

SCHEDULES = ("us_tariffs_2025",)
"""Tables of additional tariffs that scenarios can call by name."""

_COLUMNS = {
    "states": "iso3 numeric comtrade name region lat lon gdp population exports imports tariff cinc"
    " milex polyarchy ideal_point hurdle major_power official_languages colonizer",
    "pairs": "iso1 iso2 contiguity defence_pact pact_since rivalry rivalry_since shared_igos",
    "memberships": "organisation state joined left",
    "treaties": "id name kind side_a side_b signed in_force until organisation source",
    "red_lines": "state matter since until strength source",
    "matters": "id name from_depth trade_share trade_share_low trade_share_high applies_to source",
    **{name: "iso3 additional_pp" for name in SCHEDULES},
}


def load_world(
    start: date,
    trade_file: Path | None = None,
    parameters: Mapping[str, float] | None = None,
    *,
    year: int | None = None,
    unit: str | None = None,
) -> World:
    """x."""
    raise NotImplementedError
