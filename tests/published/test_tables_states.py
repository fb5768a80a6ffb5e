"""The embedded tables of states, pairs and tariffs against what is published about the world."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise

import pandas as pd
import pytest

TABLES = files("sim.world").joinpath("tables")
EU_MEMBERS = (
    "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT "
    "ROU SVK SVN SWE"
)
NATO_MEMBERS = (
    "ALB BEL BGR CAN CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN ISL ITA LTU LUX LVA MKD MNE NLD "
    "NOR POL PRT ROU SVK SVN SWE TUR USA"
)
EU = EU_MEMBERS.split()
OUTSIDE = (
    "AND", "CUB", "LIE", "MCO", "NRU", "PRK", "SMR", "STP", "TUV", "TWN", "WSM", "XKX",
)  # fmt: skip
"""States that the source of the flows does not cover."""
MAY_BE_EMPTY = {
    "states": {"colonizer", "estimated"},
    "pairs": {"pact_since", "rivalry_since", "min_distance_km", "shared_igos"},
    "us_tariffs_2025": {"note"},
    "us_tariffs_as_applied": {"until", "text", "note"},
    "answers_to_us_tariffs_2025": {"until", "text", "note"},
    "import_shares": set(),
    "sectors": {"estimated"},
    "flows": set(),
    "flows_other": set(),
    "columns": {"unit"},
}
# Cells that our source leaves empty; a figure there must be declared an estimate.
ESTIMATED = {
    "gdp": "AND CUB LIE MCO NRU PRK SMR STP TUV TWN WSM XKX VEN ERI SSD SYR YEM",
    "exports": "AND CUB LIE MCO NRU PRK SMR STP TUV TWN WSM XKX",
    "imports": "AND CUB LIE MCO NRU PRK SMR STP TUV TWN WSM XKX",
    "tariff": (
        "AFG AND ATG CUB DMA ERI FSM GNQ GRD HKG IRQ KIR KNA LBY LCA LIE MCO MDV MHL NRU PLW PRK "
        "SLB SMR SOM SSD STP TKM TON TUV UZB VCT VUT WSM XKX"
    ),
    "cinc": "HKG",
    "milex": "BTN COM HKG PRK SOM STP SWZ",
    "polyarchy": (
        "AND ATG BHS BLZ BRN DMA FSM GRD HKG KIR KNA LCA LIE MCO MHL NRU PLW SMR TON TUV VCT WSM"
    ),
    "ideal_point": "HKG TWN XKX",
    "hurdle": "AND BRN CIV HKG IRN KIR MCO MMR MNE NRU PLW PRK SLB SMR SSD TLS TUV TWN WSM XKX",
}


def read(table: str) -> pd.DataFrame:
    with TABLES.joinpath(f"{table}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    return read("states").set_index("iso3")


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return read("pairs").set_index(["iso1", "iso2"])


@pytest.fixture(scope="module")
def tariffs() -> pd.DataFrame:
    frame = read("us_tariffs_2025").set_index("iso3")
    return frame.assign(additional_pp=frame.additional_pp.astype(float))


def number(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column].astype(float)


# --- the form of the tables -------------------------------------------------------------------


@pytest.mark.parametrize("table", sorted(MAY_BE_EMPTY.keys() - {"columns"}))
def test_every_column_is_documented_with_source_year_and_licence(table: str) -> None:
    columns = read("columns")
    documented = columns[columns.table == table]
    assert documented.column.tolist() == read(table).columns.tolist()
    for field in ("meaning", "source", "year", "licence"):
        assert (documented[field].str.strip() != "").all(), field
    assert documented.year.str.fullmatch(r"\d{4}").all()


def test_columns_are_documented_once() -> None:
    assert not read("columns").duplicated(["table", "column"]).any()


@pytest.mark.parametrize("table", sorted(MAY_BE_EMPTY))
def test_no_cell_is_empty_unless_emptiness_has_a_meaning(table: str) -> None:
    frame = read(table)
    empty = {column for column in frame if (frame[column].str.strip() == "").any()}
    assert empty <= MAY_BE_EMPTY[table]
    if table != "columns":
        documented = read("columns").query("table == @table").set_index("column").meaning
        assert all("empty:" in documented[column] for column in MAY_BE_EMPTY[table])


def test_states_are_196_unique_codes_in_order(states: pd.DataFrame) -> None:
    codes = states.index.tolist()
    assert len(codes) == 196
    assert all(one < two for one, two in pairwise(codes))
    assert states.index.str.fullmatch("[A-Z]{3}").all()
    assert states.name.is_unique


def test_numeric_codes_are_unique_integers(states: pd.DataFrame) -> None:
    for column in ("numeric", "comtrade"):
        assert states[column].is_unique
        assert number(states, column).between(1, 999).all()
    differ = states.index[states.numeric != states.comtrade].tolist()
    assert differ == ["CHE", "FRA", "IND", "NOR", "TWN", "USA"]
    spots = {"AFG": "4", "CHN": "156", "USA": "840", "TWN": "158", "ZWE": "716", "SDN": "729"}
    assert states.numeric.loc[list(spots)].to_dict() == spots


@pytest.mark.parametrize("column", ["major_power", "landlocked", "is_un_member"])
def test_flags_are_zero_or_one(states: pd.DataFrame, column: str) -> None:
    assert set(states[column]) == {"0", "1"}


def test_figures_lie_in_their_ranges(states: pd.DataFrame) -> None:
    for column in ("gdp", "population", "exports", "imports"):
        assert (number(states, column) > 0).all(), column
    for column, low, high in (
        ("tariff", 0, 40),
        ("cinc", 0, 0.3),
        ("milex", 0, 1e6),
        ("polyarchy", 0, 1),
        ("ideal_point", -3, 3),
        ("hurdle", 1, 4),
        ("lat", -90, 90),
        ("lon", -180, 180),
    ):
        assert number(states, column).between(low, high).all(), column


def test_languages_and_colonizers_are_codes(states: pd.DataFrame) -> None:
    for languages in states.official_languages:
        listed = languages.split(";")
        assert len(set(listed)) == len(listed)
        assert all(re.fullmatch("[a-z]{2}", one) for one in listed)
    colonizers = states.colonizer[states.colonizer != ""]
    assert colonizers.isin(states.index).all()
    assert (colonizers != colonizers.index).all()


def test_estimates_name_columns_of_the_table(states: pd.DataFrame) -> None:
    named = {one for cell in states.estimated if cell for one in cell.split(";")}
    assert named <= set(states.columns)


@pytest.mark.parametrize("column", sorted(ESTIMATED))
def test_cells_the_source_lacks_are_declared_estimates(states: pd.DataFrame, column: str) -> None:
    declared = {k for k, cell in states.estimated.items() if column in cell.split(";")}
    assert declared == set(ESTIMATED[column].split())


# --- the world as published -------------------------------------------------------------------


def test_world_exports_equal_world_imports_within_one_percent(states: pd.DataFrame) -> None:
    exports, imports = number(states, "exports").sum(), number(states, "imports").sum()
    assert exports == pytest.approx(imports, rel=0.01)
    assert 20_000 < exports < 25_000  # world goods trade 2023 about 23-24 trillion with re-exports


def test_totals_of_the_world(states: pd.DataFrame) -> None:
    assert number(states, "gdp").sum() == pytest.approx(105_500, rel=0.01)  # World Bank 2023
    assert number(states, "population").sum() == pytest.approx(8_062, rel=0.005)  # UN 2024 revision
    assert number(states, "cinc").sum() == pytest.approx(1, abs=0.01)  # shares of the world


@pytest.mark.parametrize(
    ("iso3", "column", "published", "tolerance"),
    [
        ("USA", "gdp", 27_720, 0.01),
        ("CHN", "gdp", 17_795, 0.01),
        ("DEU", "gdp", 4_526, 0.01),
        ("TWN", "gdp", 757, 0.01),
        ("VEN", "gdp", 102, 0.05),
        ("IND", "population", 1_438, 0.005),
        ("NGA", "population", 227.9, 0.005),
        ("USA", "imports", 3_000, 0.06),
        ("CHN", "exports", 3_380, 0.03),
        ("TWN", "exports", 432, 0.01),
        ("USA", "tariff", 3.3, 0.01),
        ("IND", "tariff", 17.6, 0.01),
        ("DEU", "tariff", 5.1, 0.01),
        ("CHN", "cinc", 0.234, 0.01),
    ],
)
def test_published_spot_figures(
    states: pd.DataFrame, iso3: str, column: str, published: float, tolerance: float
) -> None:
    assert float(states.loc[iso3, column]) == pytest.approx(published, rel=tolerance)


def test_customs_unions_have_one_tariff(states: pd.DataFrame) -> None:
    tariff = number(states, "tariff")
    assert set(tariff[EU]) == {5.1}
    assert tariff["LIE"] == tariff["CHE"]
    assert tariff["HKG"] == tariff["SGP"] == 0


def test_membership_coast_and_rank(states: pd.DataFrame) -> None:
    assert states.index[states.is_un_member == "0"].tolist() == ["HKG", "TWN", "XKX"]
    # 43 landlocked members of the United Nations and Kosovo; both doubly landlocked ones among them
    assert (states.landlocked == "1").sum() == 44
    assert {"LIE", "UZB", "XKX"} <= set(states.index[states.landlocked == "1"])
    powers = states.index[states.major_power == "1"].tolist()
    assert powers == ["CHN", "DEU", "FRA", "GBR", "JPN", "RUS", "USA"]


def test_languages_shared_where_history_says_so(states: pd.DataFrame) -> None:
    spoken = {k: set(cell.split(";")) for k, cell in states.official_languages.items()}
    assert sum("en" in one for one in spoken.values()) > 50
    assert sum("es" in one for one in spoken.values()) == 20
    assert spoken["AUT"] & spoken["CHE"] == {"de"}
    assert not spoken["JPN"] & spoken["KOR"]


def test_capitals_are_where_they_are(states: pd.DataFrame) -> None:
    for iso3, lat, lon in (
        ("BRA", -15.79, -47.88),
        ("NZL", -41.29, 174.78),
        ("USA", 38.9, -77.04),
        ("KAZ", 51.13, 71.43),
        ("SWZ", -26.32, 31.13),
    ):
        assert float(states.loc[iso3, "lat"]) == pytest.approx(lat, abs=0.1)
        assert float(states.loc[iso3, "lon"]) == pytest.approx(lon, abs=0.1)


# --- pairs ------------------------------------------------------------------------------------


def test_pairs_are_unordered_unique_and_of_known_states(
    pairs: pd.DataFrame, states: pd.DataFrame
) -> None:
    assert all(one < two for one, two in pairs.index)
    assert pairs.index.is_unique
    assert {code for pair in pairs.index for code in pair} <= set(states.index)


def test_pairs_say_something_and_are_consistent(pairs: pd.DataFrame) -> None:
    contiguity = pairs.contiguity.astype(int)
    pact, rivalry = pairs.defence_pact == "1", pairs.rivalry == "1"
    assert contiguity.between(0, 5).all()
    assert set(pairs.defence_pact) == set(pairs.rivalry) == {"0", "1"}
    assert ((contiguity > 0) | pact | rivalry).all()
    assert ((pairs.rivalry_since != "") == rivalry).all()
    assert pact[pairs.pact_since != ""].all()
    assert pairs.pact_since.str.fullmatch(r"(20\d\d-\d\d-\d\d)?").all()
    years = pairs.rivalry_since[rivalry].astype(int)
    assert years.between(1816, 2020).all()


def test_land_borders(pairs: pd.DataFrame) -> None:
    touching = pairs.index[pairs.contiguity == "1"]
    assert touching.get_loc(("CAN", "USA")) >= 0
    neighbours = dict.fromkeys(("CHN", "RUS", "PRT", "LSO", "JPN"), 0)
    for one, two in touching:
        for code in neighbours:
            neighbours[code] += code in (one, two)
    assert neighbours == {"CHN": 15, "RUS": 14, "PRT": 1, "LSO": 1, "JPN": 0}


def nato_pacts(pairs: pd.DataFrame, code: str) -> list[str]:
    dated = pairs[pairs.index.map(lambda pair: code in pair) & (pairs.pact_since != "")]
    return sorted(set(dated.pact_since))


def test_finland_and_sweden_in_nato_from_their_dates(pairs: pd.DataFrame) -> None:
    for pair, since in {
        ("FIN", "USA"): "2023-04-04",
        ("FIN", "NOR"): "2023-04-04",
        ("FIN", "GBR"): "2023-04-04",
        ("SWE", "USA"): "2024-03-07",
        ("SWE", "TUR"): "2024-03-07",
        ("MKD", "USA"): "2020-03-27",
        ("FIN", "SWE"): "",
        ("DEU", "SWE"): "",
    }.items():
        assert pairs.loc[pair, "defence_pact"] == "1", pair
        assert pairs.loc[pair, "pact_since"] == since, pair
    assert nato_pacts(pairs, "SWE") == ["2024-03-07"]


def test_each_pair_of_nato_members_has_a_pact(pairs: pd.DataFrame) -> None:
    members = NATO_MEMBERS.split()
    assert len(members) == 32
    wanted = [(one, two) for n, one in enumerate(members) for two in members[n + 1 :]]
    assert (pairs.defence_pact.reindex(wanted) == "1").all()


def test_no_pact_where_there_is_none(pairs: pd.DataFrame) -> None:
    without = [("CHN", "RUS"), ("GBR", "IRL"), ("RUS", "UKR"), ("FIN", "RUS")]
    assert (pairs.defence_pact.loc[without] == "0").all()
    assert ("TWN", "USA") not in pairs.index


def test_rivalries(pairs: pd.DataFrame) -> None:
    for pair, since in {
        ("IND", "PAK"): "1947",
        ("KOR", "PRK"): "1948",
        ("CHN", "USA"): "1996",
        ("GRC", "TUR"): "1955",
    }.items():
        assert pairs.loc[pair, "rivalry"] == "1", pair
        assert pairs.loc[pair, "rivalry_since"] == since, pair


# --- the tariffs of 2 April 2025 ---------------------------------------------------------------


def test_schedule_covers_every_state_but_the_united_states(
    tariffs: pd.DataFrame, states: pd.DataFrame
) -> None:
    assert tariffs.index.tolist() == [code for code in states.index if code != "USA"]


def test_schedule_holds_the_rates_of_the_annex(tariffs: pd.DataFrame) -> None:
    annex = {
        **{"CHN": 34, "VNM": 46, "TWN": 32, "JPN": 24, "IND": 26, "KOR": 25, "THA": 36},
        **{"CHE": 31, "IDN": 32, "MYS": 24, "KHM": 49, "ZAF": 30, "BGD": 37, "ISR": 17},
        **{"LSO": 50, "MDG": 47, "LAO": 48, "LKA": 44, "MMR": 44, "MUS": 40, "SYR": 41},
        **{"GUY": 38, "LIE": 37, "NOR": 15, "CMR": 11, "VEN": 15, "NRU": 30, "PHL": 17},
    }
    assert tariffs.additional_pp.loc[list(annex)].astype(int).to_dict() == annex
    assert set(tariffs.additional_pp[EU]) == {20.0}
    assert set(tariffs.additional_pp[["GBR", "BRA", "AUS", "SGP", "SAU", "IRN", "UKR"]]) == {10.0}


def test_schedule_exempts_whom_the_order_exempts(tariffs: pd.DataFrame) -> None:
    exempt = tariffs.index[tariffs.additional_pp == 0].tolist()
    assert exempt == ["BLR", "CAN", "CUB", "MEX", "PRK", "RUS"]


def test_levels_match_the_headings_of_the_tariff_schedule(tariffs: pd.DataFrame) -> None:
    # Headings 9903.01.43 to .76, one for each rate in rising order; China's is 9903.01.63.
    levels = sorted(set(tariffs.additional_pp[tariffs.additional_pp > 10]))
    assert len(levels) == 76 - 43 + 1
    assert 43 + levels.index(34.0) == 63


def test_annex_rates_start_after_the_baseline(tariffs: pd.DataFrame) -> None:
    listed = tariffs.additional_pp > 10
    assert listed.sum() == 55 + 27 + 1  # states of Annex I, the EU's members, Hong Kong
    assert set(tariffs.date[listed]) == {"2025-04-09"}
    assert set(tariffs.date[~listed]) == {"2025-04-05"}


# --- bilateral flows --------------------------------------------------------------------------


def test_flows_are_sorted_unique_and_of_known_states(states: pd.DataFrame) -> None:
    for name in ("flows", "flows_other"):
        frame = read(name)
        pairs = list(zip(frame.exporter, frame.importer, strict=True))
        assert pairs == sorted(set(pairs))
        assert set(frame.exporter) | set(frame.importer) <= set(states.index)
        assert (frame.exporter != frame.importer).all()


def test_flows_are_at_least_the_threshold_with_three_digits() -> None:
    values = read("flows").musd
    assert len(values) == 7334
    assert (values.astype(float) >= 50).all()
    assert (values.str.rstrip("0").str.len() <= 3).all()


def test_other_flows_are_of_states_that_the_source_leaves_out() -> None:
    main, other = read("flows"), read("flows_other")
    covered = set(main.exporter) | set(main.importer)
    assert covered.isdisjoint(OUTSIDE)
    assert len(covered) == 184
    assert not (other.exporter.isin(covered) & other.importer.isin(covered)).any()


def test_flows_stay_within_the_totals_of_their_states(states: pd.DataFrame) -> None:
    frame = read("flows").astype({"musd": float})
    for side, total in (("exporter", "exports"), ("importer", "imports")):
        sums = frame.groupby(side).musd.sum() / 1e3
        assert (sums <= number(states, total)[sums.index] * 1.001).all()
