"""What states trade and protect by sector: agriculture and food, fuels and ores, manufactures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.errors import DataError
from sim.kernels.sectors import margins, split
from sim.types import Floats
from sim.world.tables import Table

__all__ = ["SECTORS", "SECTOR_COLUMNS", "Sectors", "read_sectors"]

SECTORS = ("agriculture", "fuels", "manufactures")
"""Agriculture and food with fish and wood; fuels, ores and base metals; all other goods."""

SECTOR_COLUMNS = (
    "iso3 export_agriculture export_fuels import_agriculture import_fuels home_agriculture"
    " home_fuels home_manufactures tariff_primary tariff_agriculture tariff_fuels"
    " tariff_manufactures estimated"
)


@dataclass(frozen=True, eq=False)
class Sectors:
    """Figures of N states by K sectors, in the order of `SECTORS`.

    Attributes
    ----------
    exports, imports
        (K, N) share of the sector in what a state sells and buys abroad.
    home
        (K, N) sales at home, share of gross domestic product.
    tariff
        (K, N) mean most-favoured-nation tariff, fraction.
    """

    exports: Floats = field(default_factory=lambda: np.zeros((len(SECTORS), 0)))
    imports: Floats = field(default_factory=lambda: np.zeros((len(SECTORS), 0)))
    home: Floats = field(default_factory=lambda: np.zeros((len(SECTORS), 0)))
    tariff: Floats = field(default_factory=lambda: np.zeros((len(SECTORS), 0)))

    def __post_init__(self) -> None:
        for array in (self.exports, self.imports, self.home, self.tariff):
            array.setflags(write=False)

    def shares(self, flows: Floats) -> Floats:
        """Share of each sector in what i sells to j, (K, N, N); zero where nothing is sold.

        Parameters
        ----------
        flows
            Sales of i to j, (N, N); the diagonal is ignored.
        """
        trade = flows.copy()
        np.fill_diagonal(trade, 0.0)
        by_sector = split(trade, *margins(trade, self.exports, self.imports))
        found: Floats = np.divide(
            by_sector, trade, out=np.zeros_like(by_sector), where=(trade > 0)[None]
        )
        return found


def read_sectors(table: Table, iso3: tuple[str, ...]) -> Sectors:
    """Read the table of sectors.

    Raises
    ------
    DataError
        If its states are not those of the world in their order, or a share lies outside 0–1.
    """
    if tuple(row.text("iso3") for row in table) != iso3:
        raise DataError(
            "states are not those of states.csv", where=table.name, expected="the same, sorted"
        )
    sides = []
    for side in ("export", "import"):
        first = [[row.number(f"{side}_{name}") for row in table] for name in SECTORS[:-1]]
        shares = np.array([*first, 1.0 - np.sum(first, axis=0)])
        if (shares < -1e-9).any():
            row = int(np.argmax((shares < -1e-9).any(axis=0)))
            raise DataError(
                f"{side} shares of {iso3[row]} add up to more than one",
                where=table.name,
                expected="shares of 0 to 1 that leave the rest to manufactures",
            )
        sides.append(np.maximum(shares, 0.0))
    home = np.array([[row.number(f"home_{name}") for row in table] for name in SECTORS])
    tariff = np.array([[row.number(f"tariff_{name}") for row in table] for name in SECTORS])
    return Sectors(sides[0], sides[1], home, tariff / 100.0)
