"""Trade files as they come from the usual sources: each is read to the right value or refused."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ConcordError, ConfigError, DataError
from sim.load import parameter_table
from sim.world.adapters import Wishes, read_flows
from sim.world.codes import CodeBook
from sim.world.loader import load_world
from sim.world.tables import read_table

WORLD = load_world(date(2024, 1, 1), None, {k: p.value for k, p in parameter_table().items()})
_ROWS = list(read_table("states.csv", ["iso3", "numeric", "comtrade", "name"]))
BOOK = CodeBook(
    WORLD.iso3, *([row.text(c) for row in _ROWS] for c in ("numeric", "comtrade", "name"))
)


@pytest.fixture
def write(tmp_path):
    def _write(content, name="trade.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


def _read(path, **wishes):
    return read_flows(
        path,
        BOOK,
        WORLD.flows,
        wishes=Wishes(**wishes),
        totals=(WORLD.exports, WORLD.imports),
    )


def _flow(flows, pair):
    i, j = (WORLD.index[code] for code in pair.split("-"))
    return flows[i, j]


API = (
    "typeCode,freqCode,refYear,refMonth,period,reporterCode,reporterISO,flowCode,partnerCode,"
    "partnerISO,partner2Code,cmdCode,customsCode,motCode,cifvalue,fobvalue,primaryValue\n"
)
LEGACY = (
    '"Classification","Year","Period","Period Desc.","Aggregate Level","Is Leaf Code",'
    '"Trade Flow Code","Trade Flow","Reporter Code","Reporter","Reporter ISO","Partner Code",'
    '"Partner","Partner ISO","Commodity Code","Commodity","Qty","Trade Value (US$)","Flag"\n'
)
WITS = (
    "Nomenclature,ReporterISO3,ProductCode,ReporterName,PartnerISO3,PartnerName,Year,"
    "TradeFlowName,TradeFlowCode,TradeValue in 1000 USD\n"
)
DOTS = (
    '"Country Name","Country Code","Indicator Name","Indicator Code","Counterpart Country Name",'
    '"Counterpart Country Code","Attribute","2018","2019",\n'
)
EXPORTS_FOB = '"Goods, Value of Exports, Free on board (FOB), US Dollars","TXG_FOB_USD"'
IMPORTS_CIF = '"Goods, Value of Imports, Cost, Insurance, Freight (CIF), US Dollars","TMG_CIF_USD"'

# What the file is, its text, options, and flows in billion USD that it must be read to.
RIGHT = {
    "BACI": ("t,i,j,k,v,q\n2019,842,251,10121,2e7,  1.5\n2019,842,251,270900,1.7e7,NA\n", {},
             {"USA-FRA": 37}),
    "BACI, old": ("t,hs6,i,j,v,q\n2016,010121,842,251,20000000,1\n2016,010129,842,251,10000000,1\n"
                  "2016,010121,251,842,40000000,1\n", {}, {"USA-FRA": 30, "FRA-USA": 40}),
    "BACI, Taiwan and India": ("t,i,j,k,v,q\n2023,490,156,854231,8e7,1\n2023,490,156,854232,2e7,1\n"
                               "2023,699,842,300490,8e7,1\n", {}, {"TWN-CHN": 100, "IND-USA": 80}),
    "Comtrade, codes alone": (API + "C,A,2019,52,2019,842,,X,251,,0,TOTAL,C00,0,,,3.7e10\n", {},
                              {"USA-FRA": 37}),
    "Comtrade, floats": ("refYear,reporterCode,partnerCode,partner2Code,motCode,flowCode,cmdCode,"
                         "primaryValue\n2019,842,251,0.0,NA,X,TOTAL,37e9\n2019.0,251.0,842.0,0.0,"
                         "0.0,X,TOTAL,57e9\n", {}, {"USA-FRA": 37, "FRA-USA": 57}),
    "Comtrade, months": (API + "".join(
        f"C,M,2019,{m},2019{m:02d},842,USA,X,251,FRA,0,TOTAL,C00,0,,,{3e9 + m * 1e6}\n"
        for m in range(1, 13)), {}, {"USA-FRA": 36.078}),
    "Comtrade, months and year": (API + "C,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C00,0,,,37e9\n"
        "C,M,2019,1,201901,842,USA,X,251,FRA,0,TOTAL,C00,0,,,3e9\n", {}, {"USA-FRA": 37}),
    "Comtrade, all levels and procedures": (API
        + "C,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C00,0,,,37e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,84,C00,0,,,20e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,8411,C00,0,,,9e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,276,TOTAL,C00,0,,,5e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C01,0,,,31e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C00,1000,,,11e9\n"
        "C,A,2019,52,2019,842,USA,RX,251,FRA,0,TOTAL,C00,0,,,4e9\n"
        "C,A,2019,52,2019,842,USA,X,0,W00,0,TOTAL,C00,0,,,37.5e9\n"
        "S,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C00,0,,,21e9\n", {}, {"USA-FRA": 37}),
    "Comtrade, only split by transport": (API
        + "C,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C00,1000,,,30e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,TOTAL,C00,2100,,,7e9\n", {}, {"USA-FRA": 37}),
    "Comtrade, chapters": (API + "C,A,2019,52,2019,842,USA,X,251,FRA,0,1,C00,0,,,30e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,84,C00,0,,,7e9\n", {}, {"USA-FRA": 37}),
    "Comtrade, one silent state": (API
        + "C,A,2022,52,2022,156,CHN,M,842,USA,0,TOTAL,C00,0,,,178e9\n"
        "C,A,2022,52,2022,156,CHN,M,643,RUS,0,TOTAL,C00,0,,,114e9\n"
        "C,A,2022,52,2022,842,USA,X,156,CHN,0,TOTAL,C00,0,,,154e9\n"
        "C,A,2022,52,2022,156,CHN,X,842,USA,0,TOTAL,C00,0,,,583e9\n", {},
        {"USA-CHN": 154, "RUS-CHN": 114, "CHN-USA": 583}),
    "Comtrade, a state that reports zeros alone": (API
        + "C,A,2022,52,2022,156,CHN,M,643,RUS,0,TOTAL,C00,0,,,114e9\n"
        "C,A,2022,52,2022,643,RUS,X,156,CHN,0,TOTAL,C00,0,,,0\n", {}, {"RUS-CHN": 114}),
    "Comtrade, legacy": (LEGACY + '"HS",2019,2019,"2019",0,0,2,"Export",842,"USA","USA",251,'
        '"France","FRA","TOTAL","All Commodities",,37000000000,0\n'
        '"HS",2019,2019,"2019",0,0,1,"Import",842,"USA","USA",490,"Other Asia, nes","","TOTAL",'
        '"All Commodities",,56000000000,0\n'
        '"HS",2019,2019,"2019",0,0,2,"Export",842,"USA","USA",0,"World","WLD","TOTAL",'
        '"All Commodities",,1640000000000,0\n', {}, {"USA-FRA": 37, "TWN-USA": 56}),
    "Comtrade, Latin-1": ("refYear,reporterISO,partnerISO,partnerDesc,flowCode,cmdCode,primaryValue"
        "\n2022,USA,CIV,Côte d'Ivoire,X,TOTAL,2000000000\n".encode("latin-1"), {}, {"USA-CIV": 2}),
    "WITS": (WITS + "H5,USA,Total,United States,FRA,France,2019,Export,6,37000000\n"
             "H5,FRA,Total,France,USA,United States,2019,Export,6,57000000\n"
             "H5,USA,Total,United States,FRA,France,2019,Import,5,58000000\n"
             "H5,USA,Total,United States,OAS,Other Asia,2019,Export,6,31000000\n"
             "H5,USA,Total,United States,WLD,World,2019,Export,6,1643000000\n", {},
             {"USA-FRA": 37, "FRA-USA": 57, "USA-TWN": 31}),
    "ITPD-E": ("exporter_iso3,exporter_dynamic_code,importer_iso3,importer_dynamic_code,year,"
        "industry_id,industry_descr,broad_sector,trade,flag_mirror,flag_zero\n"
        "USA,USA,FRA,FRA,2019,36,Meat,Manufacturing,37000,0,p\n"
        "USA,USA,FRA,FRA,2019,154,Travel,Services,21000,0,p\n"
        "USA,USA,USA,USA,2019,36,Meat,Manufacturing,9000000,0,p\n", {}, {"USA-FRA": 37}),
    "ITPD-E, numbers of industries": ("exporter_iso3,importer_iso3,year,industry_id,trade\n"
        "USA,FRA,2019,36,20000\nUSA,FRA,2019,37,17000\nUSA,FRA,2019,160,21000\n", {},
        {"USA-FRA": 37}),
    "IMF DOTS, wide": (DOTS
        + f'"United States","111",{EXPORTS_FOB},"France","132","Value","36e9","37e9",\n'
        f'"United States","111",{EXPORTS_FOB},"France","132","Status","E","E",\n'
        f'"United States","111",{EXPORTS_FOB},"World","001","Value","","1643e9",\n'
        f'"United States","111",{EXPORTS_FOB},"Export earnings: fuel","080","Value","","3e9",\n'
        f'"China, P.R.: Mainland","924",{EXPORTS_FOB},"France","132","Value","","57e9",\n',
        {"year": 2019}, {"USA-FRA": 37, "CHN-FRA": 57}),
    "IMF IMTS, long": ("COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,TIME_PERIOD,OBS_VALUE,"
        "UNIT,SCALE\nUnited States,XG_FOB_USD,France,A,2019,37000,US dollar,Millions\n"
        "United States,XG_FOB_USD,France,Q,2019-Q1,9000,US dollar,Millions\n"
        "United States,MG_CIF_USD,Germany,A,2019,130000,US dollar,Millions\n"
        "United States,MG_FOB_USD,Germany,A,2019,127000,US dollar,Millions\n"
        "United States,TBG_USD,France,A,2019,-20000,US dollar,Millions\n", {},
        {"USA-FRA": 37, "DEU-USA": 127}),
    "CEPII Gravity": ("year,iso3_o,iso3_d,dist,tradeflow_comtrade_o,tradeflow_comtrade_d,"
        "tradeflow_baci\n2019,USA,FRA,6000,37000000,36000000,36500000\n2019,USA,USA,1800,,,\n"
        "2019,USA,PRK,1800,,,\n", {}, {"USA-FRA": 36.5}),
    "CEPII Gravity, another column": ("year,iso3_o,iso3_d,tradeflow_comtrade_o,tradeflow_baci\n"
        "2019,USA,FRA,37000000,36500000\n", {"columns": {"value": "tradeflow_comtrade_o"},
        "unit": "thousand usd"}, {"USA-FRA": 37}),
    "OECD": ("COU,Reporter,PAR,Partner,FLOW,END_USE,IND,TIME,Unit,PowerCode Code,Value\n"
        "USA,United States,FRA,France,EXPO,TOTAL,DTOTAL,2019,US Dollar,3,37000000\n"
        "USA,United States,FRA,France,EXPO,INT,DTOTAL,2019,US Dollar,3,17000000\n"
        "USA,United States,FRA,France,EXPO,TOTAL,D10T12,2019,US Dollar,3,2000000\n"
        "USA,United States,FRA,France,IMPO,TOTAL,DTOTAL,2019,US Dollar,3,57000000\n"
        "USA,United States,WLD,World,EXPO,TOTAL,DTOTAL,2019,US Dollar,3,1643000000\n", {},
        {"USA-FRA": 37, "FRA-USA": 57}),
    "OECD, codes and labels": ("REF_AREA,Reference area,COUNTERPART_AREA,Counterpart area,"
        "TRADE_FLOW,Trade flow,ACTIVITY,END_USE,TIME_PERIOD,Time period,UNIT_MEASURE,OBS_VALUE,"
        "UNIT_MULT\nUSA,United States,FRA,France,X,Exports,_T,_T,2019,,USD,37000,6\n"
        "USA,United States,EU27_2020,European Union,X,Exports,_T,_T,2019,,USD,250000,6\n"
        "USA,United States,W,World,X,Exports,_T,_T,2019,,USD,1640000,6\n", {}, {"USA-FRA": 37}),
    "WTO": ('"Indicator","Reporting Economy Code","Reporting Economy ISO3A Code",'
        '"Partner Economy ISO3A Code","Partner Economy","Product/Sector Code","Unit","Year",'
        '"Value"\n'
        '"Merchandise exports by product group and destination","C840","USA","FRA","France","TO",'
        '"Million US dollar",2019,37000\n'
        '"Merchandise exports by product group and destination","C840","USA","FRA","France","AG",'
        '"Million US dollar",2019,3000\n', {}, {"USA-FRA": 37}),
    "SDMX": ("REF_AREA,COUNTERPART_AREA,TRADE_FLOW,FREQ,TIME_PERIOD,UNIT_MEASURE,UNIT_MULT,"
        "OBS_VALUE\nUSA,FRA,X,A,2019,USD,6,37000\nUSA,FRA,X,A,2019,EUR,6,33000\n", {},
        {"USA-FRA": 37}),
    "reporter's imports": ("Reporter,Partner,Year,Import (US$ Thousand)\n"
        "United States,France,2019,57000000\n", {}, {"FRA-USA": 57}),
    "columns of the World Integrated Trade Solution": ("Reporter Name,Partner Name,Year,"
        "Export (US$ Thousand)\nUnited States,France,2019,37000000\n", {}, {"USA-FRA": 37}),
    "zeros of states without reports": ("exporter,importer,value_musd\nUSA,FRA,37000\n"
        "USA,TUV,0\nTUV,USA,0\nTUV,FRA,0\n", {}, {"USA-FRA": 37}),
    "edges": ("Source,Target,Weight\nUSA,FRA,37000\nFRA,USA,57000\n", {},
              {"USA-FRA": 37, "FRA-USA": 57}),
    "ISO2": ("exporter,importer,value_musd\nUS,FR,37000\nFR,US,57000\nUS,NA,100\nUK,EL,1300\n", {},
             {"USA-FRA": 37, "FRA-USA": 57, "USA-NAM": 0.1, "GBR-GRC": 1.3}),
    "names": ("exporter,importer,value_musd\nUnited States of America,Viet Nam,10000\n"
              "Russian Federation,Türkiye,20000\nUSA,Rep. of Korea,60000\n", {},
              {"USA-VNM": 10, "RUS-TUR": 20, "USA-KOR": 60}),
    "semicolons, decimal commas": ("\ufeffexporter;importer;value_busd\r\nUSA;FRA;37,25\r\n"
        "FRA;USA;57\r\n", {}, {"USA-FRA": 37.25, "FRA-USA": 57}),
    "European numbers": ("exporter;importer;value_usd\nUSA;FRA;37.000.000.000,50\n", {},
                         {"USA-FRA": 37.0000000005}),
    "thousands in quotes": ('exporter,importer,value_usd\nUSA,FRA,"37,000,000,000"\n', {},
                            {"USA-FRA": 37}),
    "thousands as spaces": ("exporter\timporter\tvalue_musd\nUSA\tFRA\t37\u00a0000\n", {},
                            {"USA-FRA": 37}),
    "index column": (",exporter,importer,value_musd\n0,USA,FRA,37000\n1,FRA,USA,57000\n", {},
                     {"USA-FRA": 37, "FRA-USA": 57}),
    "sep= line": ("sep=;\nexporter;importer;value_musd\nUSA;FRA;37000\n", {}, {"USA-FRA": 37}),
    "UTF-16": ("exporter\timporter\tvalue_musd\nUSA\tFRA\t37000\n".encode("utf-16"), {},
               {"USA-FRA": 37}),
    "matrix": ("exporter,USA,FRA,ROW\nUSA,0,37000,1\nFRA,57000,0,1\n", {},
               {"USA-FRA": 37, "FRA-USA": 57}),
    "years as columns": ("exporter,importer,2018,2019\nUSA,FRA,36000,37000\n", {"year": 2019},
                         {"USA-FRA": 37}),
    "dates": ("date_,exporter,importer,value_musd\nx,USA,FRA,37000\n", {}, {"USA-FRA": 37}),
    "named columns": ("von,nach,wert\nUSA,FRA,37\n", {"columns": {"exporter": "von",
        "importer": "nach", "value": "wert"}}, {"USA-FRA": 37}),
    "no product after all": ("exporter,importer,product,value_musd\nUSA,FRA,x,37000\n",
                             {"columns": {"product": "none"}}, {"USA-FRA": 37}),
    "domestic sales": ("exporter,importer,value_musd\nUSA,FRA,37000\nUSA,USA,9e6\n", {},
                       {"USA-FRA": 37}),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_is_read_to_the_right_value(write, name):
    content, wishes, expected = RIGHT[name]
    flows, coverage = _read(write(content), **wishes)
    for pair, value in expected.items():
        assert _flow(flows, pair) == pytest.approx(value, rel=1e-9), pair
    assert coverage.total == pytest.approx(np.nansum(flows))
    # Nothing but what is expected was taken from the file.
    assert np.nansum(flows) == pytest.approx(sum(expected.values()), rel=0.6)
    assert coverage.summary()


WRONG = {
    "one product": ("refYear,reporterISO,partnerISO,flowCode,cmdCode,primaryValue\n"
        "2020,THA,CHN,M,8542,4000000000\n2020,THA,USA,M,8542,2000000000\n", {},
        r"line 2: the file has one product only \(8542\)"),
    "services alone": ("refYear,typeCode,reporterISO,partnerISO,flowCode,cmdCode,primaryValue\n"
        "2020,S,USA,FRA,X,S,20000000000\n", {}, r"no row.*1 of services"),
    "services under an item": ("reporter,partner,flow,year,item,value\n"
        "USA,FRA,Exports,2019,Services,20000\n", {}, r"no row.*1 of services"),
    "several years": (DOTS + f'"France","132",{EXPORTS_FOB},"Germany","134","Value","1","2",\n', {},
        r"line 1: several years.*world.trade_year to be one of 2018, 2019"),
    "a year that is not there": (DOTS
        + f'"France","132",{EXPORTS_FOB},"Germany","134","Value","1","2",\n', {"year": 2011},
        r"the year 2011 is not in the file.*2018, 2019"),
    "a year without a column": ("exporter,importer,value\nUSA,FRA,37\n", {"year": 2019},
        r"no column says the year, so that 2019 cannot be taken"),
    "levels of products": (API + "C,A,2019,52,2019,842,USA,X,251,FRA,0,84,C00,0,,,30e9\n"
        "C,A,2019,52,2019,842,USA,X,251,FRA,0,8411,C00,0,,,7e9\n", {},
        "line 3: product codes of different length"),
    "pounds": ("iso_o,iso_d,year,FLOW,XPTOT_o,SOURCE_TF\nUSA,FRA,2014,3e10,1,x\n", {},
               "not in US dollars"),
    "euros": ("exporter,importer,value_eur\nUSA,FRA,37\n", {}, "not in US dollars"),
    "ambiguous commas": ("exporter;importer;value\nUSA;FRA;37,000\n", {}, "commas in the values"),
    "a mistyped name": ("exporter,importer,value\nUSA,Frnce,37\n", {},
                        "line 2: importer is 'Frnce'.*'France'"),
    "two codes of one state": ("exporter,importer,value\nUSA,FRA,37\n842,251,37\n", {},
                               "line 3: the same exporter, importer and product as line 2"),
    "a column that is not there": ("a,b,c\nUSA,FRA,37\n", {"columns": {"exporter": "aa"}},
                                   r"world.columns.exporter: .*no column 'aa'.*a, b, c"),
    "no such columns": ("von,nach,wert\nUSA,FRA,37\n", {},
                        r"the columns are: von, nach, wert.*world.columns.exporter=NAME"),
    "empty preferred column": ("year,iso3_o,iso3_d,tradeflow_comtrade_o,tradeflow_baci\n"
        "1990,USA,FRA,37000000,\n", {}, r"world.columns.value=tradeflow_comtrade_o"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_file_is_refused_with_the_right_word(write, name):
    content, wishes, message = WRONG[name]
    with pytest.raises(ConcordError, match=message) as caught:
        _read(write(content), **wishes)
    assert caught.value.exit_code == 2


def test_what_is_not_the_total_trade_of_its_states_is_warned_of(write):
    _, coverage = _read(write("exporter,importer,value_busd\nUSA,CAN,20\nUSA,MEX,300\nCAN,MEX,9\n"))
    text = coverage.summary()
    assert "WARNING: " in text
    assert any("USA" in one or "CAN" in one for one in coverage.warnings)
    assert coverage.states["USA"]["exports"] == pytest.approx(320)
    assert coverage.states["USA"]["all_exports"] == WORLD.exports[WORLD.index["USA"]]
    assert coverage.record()["warnings"] == list(coverage.warnings)


def test_known_trade_that_is_zeroed_is_told_with_its_value(write):
    _, coverage = _read(
        write("exporter,importer,value_busd\nUSA,CAN,354\nMEX,CAN,30\nCAN,USA,420\n")
    )
    assert coverage.pairs_without_row == 1
    known = WORLD.flows[WORLD.index["MEX"], WORLD.index["USA"]]
    assert coverage.zeroed == pytest.approx(known)
    assert coverage.zeroed_pairs == pytest.approx({"MEX-USA": known})
    assert any("without a row" in one for one in coverage.warnings)


def test_months_that_are_missing_and_products_of_few_chapters_are_warned_of(write):
    rows = "".join(
        f"C,M,2019,{m},2019{m:02d},842,USA,X,251,FRA,0,{k},C00,0,,,{3e9}\n"
        for m in range(1, 7)
        for k in (84, 85)
    )
    _, coverage = _read(write(API + rows))
    assert any("6 months" in one for one in coverage.warnings)
    assert any("2 of 96" in one for one in coverage.warnings)


def test_partners_that_do_not_add_up_to_the_world_are_warned_of(write):
    _, coverage = _read(
        write(
            "reporter,partner,flow,year,value\nUSA,FRA,X,2019,37e9\nUSA,DEU,X,2019,60e9\n"
            "USA,World,X,2019,1643e9\n"
        )
    )
    assert any("6 % of the file's rows for the world" in one for one in coverage.warnings)


@pytest.mark.parametrize("place", ["Bermuda", "BMU", "60", "BM"])
def test_a_territory_is_left_out_and_told_whatever_it_is_called_by(write, place):
    _, coverage = _read(write(f"exporter,importer,value_musd\nUSA,FRA,37000\nUSA,{place},500\n"))
    assert coverage.unmatched == {place: 1}
    assert coverage.territories == pytest.approx(0.5)


def test_packed_and_binary_files(write, tmp_path):
    text = "exporter,importer,value_musd\nUSA,FRA,37000\n"
    paths = [write(gzip.compress(text.encode()), "t.csv.gz"), tmp_path / "t.zip"]
    with zipfile.ZipFile(paths[1], "w") as archive:
        archive.writestr("trade.csv", text)
    frame = pd.DataFrame({"exporter": ["USA"], "importer": ["FRA"], "value_musd": [37000.0]})
    paths += [tmp_path / "t.parquet", tmp_path / "t.dta"]
    frame.to_parquet(paths[2])
    frame.to_stata(paths[3], write_index=False)
    for path in paths:
        assert _flow(_read(path)[0], "USA-FRA") == pytest.approx(37), path.name
    with zipfile.ZipFile(paths[1], "w") as archive:
        archive.writestr("a.csv", text)
        archive.writestr("b.csv", text)
    with pytest.raises(DataError, match=r"2 tables \(a.csv, b.csv\)"):
        _read(paths[1])
    for name in ("bad.parquet", "bad.dta"):
        with pytest.raises(DataError, match="the table cannot be read"):
            _read(write(b"nonsense", name))
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
    with pytest.raises(DataError, match="Excel workbook"):
        _read(tmp_path / "t.xlsx")


def test_a_unit_that_does_not_exist_is_refused(write):
    with pytest.raises(ConfigError, match="unknown unit of trade 'euro'"):
        _read(write("exporter,importer,value\nUSA,FRA,37\n"), unit="euro")


CODES = {"USA": ("842", "US", "United States of America"), "FRA": ("251", "FR", "France"),
         "CHN": ("156", "CN", "China"), "TWN": ("490", "TW", "Other Asia, nes"),
         "CIV": ("384", "CI", "Côte d'Ivoire"), "KOR": ("410", "KR", "Rep. of Korea")}  # fmt: skip


def _long(matrix, head, line):
    rows = [
        line(a, b, value)
        for (a, b), value in matrix.items()
    ]  # fmt: skip
    return head + "".join(rows)


LAYOUTS = {
    "BACI": lambda m: _long(m, "t,i,j,k,v,q\n", lambda a, b, v: "".join(
        f"2019,{CODES[a][0]},{CODES[b][0]},{k},{v * s!r},1\n"
        for k, s in (("010121", 0.25e6), ("847130", 0.75e6)))),
    "Comtrade": lambda m: _long(m, API, lambda a, b, v:
        f"C,A,2019,52,2019,{CODES[a][0]},{a},X,{CODES[b][0]},{b},0,TOTAL,C00,0,,,{v * 1e9!r}\n"),
    "Comtrade, imports": lambda m: _long(m, API, lambda a, b, v:
        f"C,A,2019,52,2019,{CODES[b][0]},,M,{CODES[a][0]},,0,TOTAL,C00,0,,,{v * 1e9!r}\n"),
    "WITS": lambda m: _long(m, WITS, lambda a, b, v:
        f"H5,{a},Total,\"{CODES[a][2]}\",{b},\"{CODES[b][2]}\",2019,Export,6,{v * 1e6!r}\n"),
    "ITPD": lambda m: _long(m, "exporter_iso3,importer_iso3,year,industry_id,trade\n", lambda a, b,
        v: f"{a},{b},2019,30,{v * 500!r}\n{a},{b},2019,31,{v * 500!r}\n{a},{b},2019,160,7\n"),
    "IMF": lambda m: _long(m, DOTS, lambda a, b, v:
        f'"{CODES[a][2]}","1",{EXPORTS_FOB},"{CODES[b][2]}","2","Value","1","{v * 1e9!r}",\n'),
    "Gravity": lambda m: _long(m, "year,iso3_o,iso3_d,tradeflow_baci\n", lambda a, b, v:
        f"2019,{a},{b},{v * 1e6!r}\n"),
    "SDMX": lambda m: _long(m, "REF_AREA,COUNTERPART_AREA,TIME_PERIOD,UNIT_MULT,OBS_VALUE\n",
        lambda a, b, v: f"{a},{b},2019,6,{v * 1e3!r}\n"),
    "ISO2": lambda m: _long(m, "exporter;importer;value_busd\n", lambda a, b, v:
        f"{CODES[a][1]};{CODES[b][1]};{str(v).replace('.', ',')}\n"),
    "names": lambda m: _long(m, "From,To,Trade value (million USD)\n", lambda a, b, v:
        f'"{CODES[a][2]}","{CODES[b][2]}",{v * 1e3!r}\n'),
    "matrix": lambda m: "," + ",".join(CODES) + "\n" + "".join(
        a + "," + ",".join(repr(m.get((a, b), 0.0)) for b in CODES) + "\n" for a in CODES),
}  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8
)
@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
def test_a_matrix_comes_back_from_every_layout(tmp_path, layout, data):
    pairs = [(a, b) for a in CODES for b in CODES if a != b]
    # Near known trade, so that an inferred unit is the right one.
    factors = data.draw(st.lists(st.floats(0.5, 2), min_size=len(pairs), max_size=len(pairs)))
    matrix = {
        (a, b): round(float(WORLD.flows[WORLD.index[a], WORLD.index[b]] * f) + 0.011, 4)
        for (a, b), f in zip(pairs, factors, strict=True)
    }
    path = tmp_path / "trade.csv"
    path.write_text(LAYOUTS[layout](matrix), "utf-8")
    flows, coverage = _read(path, year=2019 if layout == "IMF" else None)
    for (a, b), value in matrix.items():
        assert _flow(flows, f"{a}-{b}") == pytest.approx(value, rel=1e-6), (a, b)
    assert np.isfinite(flows).sum() == len(pairs)
    assert coverage.pairs_without_row == 0
