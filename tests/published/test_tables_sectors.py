"""The table of sectors against what is published, and against what governments protect."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from sim.kernels.sectors import Protected, revealed_weight
from sim.setting import Setting


def read(table: str) -> pd.DataFrame:
    with files("sim.world").joinpath("tables", f"{table}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


FIGURES = [c for c in read("sectors").columns if c not in ("iso3", "estimated")]


@pytest.fixture(scope="module")
def sectors() -> pd.DataFrame:
    frame = read("sectors").set_index("iso3")
    return frame.assign(**{name: frame[name].astype(float) for name in FIGURES})


def test_rows_are_those_of_the_states(sectors: pd.DataFrame) -> None:
    assert sectors.index.tolist() == read("states").iso3.tolist()


def test_shares_leave_the_rest_to_manufactures(sectors: pd.DataFrame) -> None:
    for side in ("export", "import"):
        both = sectors[[f"{side}_agriculture", f"{side}_fuels"]]
        assert (both >= 0).all(axis=None)
        assert (both.sum(axis=1) <= 1).all()


def test_estimates_name_columns_or_what_they_begin_with(sectors: pd.DataFrame) -> None:
    named = {one.split(":")[0] for cell in sectors.estimated if cell for one in cell.split(";")}
    assert named <= {*FIGURES, "export", "import", "home"}


def test_world_trade_has_the_published_composition(sectors: pd.DataFrame) -> None:
    """WTO, 2022 (recalled): farm goods 10 %, fuels and mining 22 %, manufactures 63 %, rest 5 %.

    Food and wood as industries make them are wider than farm goods; what is not an industry's
    (returned goods, gold between banks) is in none of ours.
    """
    exports = read("states").set_index("iso3").exports.astype(float)
    world = sectors[["export_agriculture", "export_fuels"]].mul(exports, axis=0).sum()
    world = world / exports.sum()
    assert world["export_agriculture"] == pytest.approx(0.11, abs=0.025)
    assert world["export_fuels"] == pytest.approx(0.20, abs=0.05)


@pytest.mark.parametrize(
    ("code", "column", "low", "high"),
    [
        ("NZL", "export_agriculture", 0.6, 0.8),  # WDI: food and agricultural materials .75
        ("BRA", "export_agriculture", 0.35, 0.5),
        ("ARG", "export_agriculture", 0.55, 0.7),
        ("SAU", "export_fuels", 0.7, 0.95),
        ("CHL", "export_fuels", 0.45, 0.6),  # ores and metals above all
        ("AUS", "export_fuels", 0.6, 0.8),
        ("JPN", "export_agriculture", 0.0, 0.04),
        ("DEU", "export_fuels", 0.02, 0.08),
        ("JPN", "import_fuels", 0.25, 0.4),
        ("IND", "import_fuels", 0.3, 0.45),
    ],
)
def test_what_states_are_known_to_trade(
    sectors: pd.DataFrame, code: str, column: str, low: float, high: float
) -> None:
    assert low < sectors.loc[code, column] < high


@pytest.mark.parametrize(
    ("code", "published"),
    [  # WTO, ITC & UNCTAD, World Tariff Profiles 2019, means on farm goods, recalled
        ("KOR", 56.9),
        ("NOR", 42.2),
        ("TUR", 42.1),
        ("CHE", 35.2),
        ("IND", 32.8),
        ("JPN", 15.7),
        ("CHN", 15.6),
        ("EGY", 61.3),
        ("MEX", 14.6),
        ("BRA", 10.1),
        ("CAN", 15.9),
        ("DEU", 12.0),
        ("USA", 5.3),
    ],
)
def test_tariffs_on_farm_goods_follow_from_those_on_primary_products(
    sectors: pd.DataFrame, code: str, published: float
) -> None:
    """Within 3 points or a quarter, whichever is more."""
    assert sectors.loc[code, "tariff_agriculture"] == pytest.approx(published, rel=0.25, abs=3)


def test_unions_have_one_tariff(setting: Setting) -> None:
    members = setting.world.members("EU", setting.world.start)
    assert (np.ptp(setting.world.sectors.tariff[:, members], axis=1) == 0).all()


def test_what_tariffs_reveal_tells_who_holds_a_red_line_on_farms(setting: Setting) -> None:
    """The weight of farms over manufactures, from tariffs, against lines on record.

    Neither was made from the other. The chance that a holder ranks above another state is .81;
    the mean tariff alone has .21, the tariff on farm goods .52.
    """
    world = setting.world
    flows = world.sectors.shares(world.flows) * world.flows
    rows = np.arange(len(flows[0]))
    flows[:, rows, rows] = world.sectors.home * world.gdp
    tariffs = np.repeat(world.sectors.tariff[:, None, :], rows.size, axis=1)
    tariffs[:, rows, rows] = 0.0
    home = Protected(flows, tariffs, world.sectors.tariff, 4.0).home
    weight = revealed_weight(world.sectors.tariff, np.maximum(home, 0.05), 4.0)
    held = np.zeros(rows.size, dtype=bool)
    for line in world.red_lines:
        if line.matter == "agriculture":
            held[list(line.states)] = True
    assert _ranks(weight[0] - weight[2], held) > 0.75
    assert _ranks(world.tariff, held) < 0.5


def _ranks(score: np.ndarray, held: np.ndarray) -> float:
    high, low = score[held][:, None], score[~held][None, :]
    return float(((high > low) + 0.5 * (high == low)).mean())
