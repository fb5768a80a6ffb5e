"""A user's own trade matrix: what is understood, and what is refused on which line."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ConfigError, DataError
from sim.world.adapters import Wishes, read_flows, textfile
from sim.world.codes import CodeBook

ISO = ("CHN", "DEU", "FRA", "IND", "USA")
BOOK = CodeBook(
    ISO,
    ("156", "276", "250", "356", "840"),
    ("156", "276", "251", "699", "842"),
    ("China", "Germany", "France", "India", "United States"),
)
KNOWN = np.full((5, 5), 100.0)
C, D, F, N, U = range(5)


@pytest.fixture
def write(tmp_path):
    def _write(text, name="trade.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def _read(path, **wishes):
    return read_flows(path, BOOK, KNOWN, wishes=Wishes(**wishes))


def test_a_plain_file(write):
    flows, coverage = _read(
        write("exporter,importer,value\nUSA,CHN,100\nUSA,DEU,50\nFRA,CHN,80\n"), unit="billion usd"
    )
    assert (flows[U, C], flows[U, D], flows[F, C]) == (100.0, 50.0, 80.0)
    # Both are in the file, without a row of their own: they trade nothing.
    assert flows[F, D] == 0.0
    assert coverage.pairs_without_row == 1
    # India is not in the file, China has no exports in it: the file is silent.
    assert np.isnan(flows[N]).all()
    assert np.isnan(flows[C]).all()
    assert np.isnan(flows[:, U]).all()
    assert np.isnan(np.diag(flows)).all()
    assert coverage.exporters == ("FRA", "USA")
    assert coverage.importers == ("CHN", "DEU")
    assert coverage.estimated == ("IND",)
    assert coverage.rows_used == 3
    assert coverage.share_of_exports == pytest.approx(4 / 20)
    assert "2 exporters, 2 importers" in coverage.summary()


def test_baci_sums_products_and_is_in_thousand_dollars(write):
    flows, coverage = _read(
        write(
            "t,i,j,k,v,q\n2023,842,156,010121,60000000.5,  1\n2023,842,156,010129,40000000,NA\n"
            "2023,251,699,010121,90000000,\n"
        )
    )
    assert coverage.layout == "BACI"
    assert coverage.year == 2023
    assert flows[U, C] == pytest.approx(100.0000005)
    assert flows[F, N] == pytest.approx(90.0)


COMTRADE = "refYear,reporterISO,flowCode,partnerISO,partner2Code,cmdCode,primaryValue\n"


def test_comtrade_takes_exports_totals_and_unsplit_rows(write):
    flows, coverage = _read(
        write(
            COMTRADE + "2023,USA,X,CHN,0,TOTAL,90e9\n2023,USA,X,CHN,0,01,30e9\n"
            "2023,USA,X,CHN,156,TOTAL,20e9\n2023,USA,M,CHN,0,TOTAL,400e9\n"
            "2023,USA,RX,CHN,0,TOTAL,7e9\n2023,USA,X,W00,0,TOTAL,2000e9\n"
            "2023,USA,X,USA,0,TOTAL,3e9\n"
        )
    )
    assert flows[U, C] == pytest.approx(90.0)
    # China reports nothing: what the United States report as imports stands in.
    assert flows[C, U] == pytest.approx(400.0)
    assert np.isfinite(flows).sum() == 2
    assert coverage.mirrored == ("CHN",)
    assert coverage.mirrored_value == pytest.approx(400.0)
    assert coverage.unmatched == {"W00": 1}
    assert sum(coverage.rows_left_out.values()) == 5


def test_comtrade_with_imports_only_is_mirrored(write):
    flows, _ = _read(write(COMTRADE + "2023,USA,M,CHN,0,TOTAL,90e9\n"))
    assert flows[C, U] == pytest.approx(90.0)


def test_comtrade_levels_of_products_are_not_added(write):
    path = write(COMTRADE + "2023,USA,X,CHN,0,01,30e9\n2023,USA,X,CHN,0,0101,30e9\n")
    with pytest.raises(DataError, match=r"line 3: product codes of different length"):
        _read(path)


def test_itpd_is_in_million_dollars_and_leaves_domestic_trade_out(write):
    flows, coverage = _read(
        write(
            "exporter_iso3,importer_iso3,industry_id,year,trade\nUSA,CHN,1,2019,60000\n"
            "USA,CHN,2,2019,30000\nUSA,USA,1,2019,9000000\n"
        )
    )
    assert coverage.layout == "ITPD"
    assert flows[U, C] == pytest.approx(90.0)
    assert coverage.rows_left_out == {"of a state with itself": 1}


@pytest.mark.parametrize(
    ("factor", "unit"),
    [(1, "billion usd"), (1e3, "million usd"), (1e6, "thousand usd"), (1e9, "usd")],
)
def test_the_unit_of_a_plain_file_is_inferred_from_its_total(write, factor, unit):
    flows, coverage = _read(write(f"exporter,importer,value\nUSA,CHN,{70 * factor}\n"))
    assert flows[U, C] == pytest.approx(70.0)
    assert (coverage.unit, coverage.unit_is_inferred) == (unit, True)


def test_the_unit_in_a_column_name_is_believed_and_checked(write):
    flows, coverage = _read(write("exporter,importer,value_musd\nUSA,CHN,70000\n"))
    assert flows[U, C] == pytest.approx(70.0)
    assert not coverage.unit_is_inferred
    with pytest.raises(DataError, match=r"known to trade 100 billion.*look like thousand usd"):
        _read(write("exporter,importer,value_musd\nUSA,CHN,70000000\n"))
    with pytest.raises(ConfigError, match="unknown unit of trade 'euro'"):
        _read(write("exporter,importer,value\nUSA,CHN,70\n"), unit="euro")


def test_several_years_want_a_choice(write):
    path = write("year,exporter,importer,value\n2022,USA,CHN,70\n2023,USA,CHN,90\n")
    with pytest.raises(DataError, match=r"line 3: a second year .*2022 and 2023"):
        _read(path)
    flows, coverage = _read(path, year=2022)
    assert flows[U, C] == 70.0
    assert coverage.rows_left_out == {"of other years": 1}
    with pytest.raises(DataError, match=r"1999 is not in the file.*one of 2022, 2023"):
        _read(path, year=1999)


def test_other_spellings_of_files(write):
    bom = b"\xef\xbb\xbfExporter;Importer;Value\r\nUSA;CHN;70\r\n\r\nfrance;156;30\r\n"
    flows, coverage = _read(write(bom))
    assert flows[U, C] == 70.0
    assert flows[F, C] == 30.0
    packed, _ = _read(write(gzip.compress(b"exporter,importer,value\nUSA,CHN,70\n"), "t.csv.gz"))
    assert packed[U, C] == 70.0
    assert coverage.rows_used == 2


GOOD = "exporter,importer,value\nUSA,CHN,70\nUSA,DEU,50\n"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("FRA,CHN,-1", r"line 4: value is negative \(-1\)"),
        ("FRA,CHN,many", "line 4: value is 'many'. Expected a number"),
        ("FRA,CHN,", "line 4: value is ''"),
        ("FRA,CHN,inf", "line 4: value is 'inf'"),
        ("USA,CHN,1", "line 4: the same exporter, importer and product as line 2"),
        ("USX,CHN,1", "line 4: exporter is 'USX'.*'USA' .*nearest"),
        ("Germny,CHN,1", "line 4: exporter is 'Germny'.*'Germany'"),
        ("FRA,999,1", "line 4: importer is '999'"),
        ("FRA,,1", "line 4: importer is ''"),
        ("FRA,CHN,1,2", "line 4: the rows.*same number of cells"),
        ("FRA", "line 4: value is ''"),
        (b"FR\xc9,CHN,1", "line 4: exporter is 'FRÉ'.*'FRA' .*nearest"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(write, bad, message):
    line = bad if isinstance(bad, bytes) else bad.encode()
    path = write(GOOD.encode() + line + b"\nFRA,DEU,20\n")
    with pytest.raises(DataError, match=message) as caught:
        _read(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("x\n1\n", "line 1: no column says the exporter.*plain layout"),
        ('exporter,importer,value\n"USA,CHN,3\n', "line 2: the rows cannot be split"),
        ("exporter,importer,value\n", "no row with trade"),
        ("exporter,importer,value\nUSA,WLD,3\n", "no row with trade"),
        ("exporter,importer,value\nUSA,CHN,0\n", "add up to nothing"),
        ("exporter,importr,value\nUSA,CHN,3\n", "line 1: no column says the importer"),
        ("exporter,importer,value,value\nUSA,CHN,3,3\n", "a column name stands twice"),
        (b"PK\x03\x04\x00\x00", "this is no text"),
        (b"a,b\x00\x01,c", "this is no text"),
    ],
)
def test_a_bad_file_is_refused(write, text, message):
    with pytest.raises(DataError, match=message):
        _read(write(text))


def test_a_separator_at_the_end_of_every_line_does_not_shift_columns(write):
    flows, coverage = _read(write("exporter,importer,value\nUSA,CHN,70,\nFRA,CHN,30,\n"))
    assert (flows[U, C], flows[F, C], coverage.rows_used) == (70.0, 30.0, 2)
    with pytest.raises(DataError, match=r"line 2: 4 cells. Expected 3 cells"):
        _read(write("exporter,importer,value\nUSA,CHN,70,5\nFRA,CHN,30,7\n"))
    with pytest.raises(DataError, match="line 3: value is negative"):
        _read(write("exporter,importer,value\nUSA,CHN,70,\nFRA,CHN,-30,\n"))


def test_codes_of_customs_areas_and_old_names():
    for code, iso in {
        "842": "USA",
        "840": "USA",
        "251": "FRA",
        "699": "IND",
        "0280": "DEU",
    }.items():
        assert ISO[BOOK.row(code)] == iso
    assert BOOK.row("711") is None  # South Africa is not among these five
    assert BOOK.is_known_elsewhere("711")
    assert not BOOK.is_known_elsewhere("998")
    assert "'USA' (nearest)" in BOOK.nearest("USX")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match="there is no such file"):
            _read(path)


def test_territories_and_aggregates_are_listed_not_refused(write):
    _, coverage = _read(write(GOOD + "USA,World,900\nUSA,ABW,1\nUSA,533,1\nUSA,_X,2\nUSA,WLD,1\n"))
    assert coverage.unmatched == {"533": 1, "ABW": 1, "WLD": 1, "World": 1, "_X": 1}


LINES = [
    f"{a},{b},{10 + 3 * i + j}" for i, a in enumerate(ISO) for j, b in enumerate(ISO) if a != b
]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(st.permutations(LINES), st.integers(1, 7), st.integers(0, 20))
def test_pieces_and_order_do_not_matter_and_the_bad_line_is_found(
    tmp_path, monkeypatch, lines, piece, at
):
    monkeypatch.setattr(textfile, "CELLS_AT_A_TIME", 3 * piece)
    path = tmp_path / "t.csv"
    path.write_text("exporter,importer,value\n" + "\n".join(lines) + "\n")
    flows, coverage = _read(path, unit="billion usd")
    assert coverage.rows_used == 20
    for line in lines:
        a, b, value = line.split(",")
        assert flows[ISO.index(a), ISO.index(b)] == float(value)
    spoiled = [*lines[:at], lines[0] if at else "USA,CHN,x", *lines[at:]]
    path.write_text("exporter,importer,value\n" + "\n".join(spoiled) + "\n")
    with pytest.raises(DataError, match=re.escape(f"line {at + 2}: ")):
        _read(path, unit="billion usd")
