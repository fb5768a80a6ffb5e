"""Reading a user's own bilateral trade file: from any usual layout to a matrix and its coverage."""

from sim.world.adapters.coverage import Coverage
from sim.world.adapters.layouts import UNITS, unit_factor
from sim.world.adapters.matrix import Wishes
from sim.world.adapters.reader import read_flows

__all__ = ["UNITS", "Coverage", "Wishes", "read_flows", "unit_factor"]
