"""How families of trade files name their columns.

A layout says which columns name exporter and importer (or reporter and partner), value, year,
product, flow and so on; names are compared without case and punctuation.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import ConfigError, nearest

UNITS: dict[str, float] = {
    "usd": 1e-9,
    "thousand usd": 1e-6,
    "million usd": 1e-3,
    "billion usd": 1.0,
}
"""Units a value can be in, as billion USD."""


def unit_factor(unit: str) -> float:
    """Billion USD in one of a unit.

    Raises
    ------
    ConfigError
        If the unit is not known.

    Examples
    --------
    >>> unit_factor("million USD")
    0.001
    """
    key = " ".join(unit.casefold().replace("_", " ").split())
    if key not in UNITS:
        raise ConfigError(f"unknown unit of trade {unit!r}", expected=nearest(key, UNITS))
    return UNITS[key]


@dataclass(frozen=True)
class Layout:
    """How a family of files names its columns; names without case and punctuation.

    Attributes
    ----------
    name
        What the layout is called in messages.
    exporter, importer
        Columns with the two states; the first cell that is not empty counts. With a flow, these
        are reporter and partner.
    value
        Columns with the value, preferred ones first.
    year, product, flow
        Names of columns that may be there.
    breakdowns
        Columns that split a flow further; cells of `WHOLE` mean "not split".
    unit
        Unit of the value; empty when the layout does not say.
    is_reported
        Whether the two states are reporter and partner, so that a flow says which of them exports.
    has_gaps
        Whether an empty value is usual and means that there is no row.
    """

    name: str
    exporter: tuple[str, ...]
    importer: tuple[str, ...]
    value: tuple[str, ...]
    year: tuple[str, ...] = ("year", "t", "period", "refyear")
    product: tuple[str, ...] = ()
    flow: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    unit: str = ""
    is_reported: bool = False
    has_gaps: bool = True


WHOLE = frozenset(
    {"", "0", "000", "W00", "WLD", "C00", "TOTAL", "WORLD", "NA", "N/A", "NAN", "NONE", "NULL",
     "ALL", "_T", "_Z",
     "ALL CPCS", "ALL MOTS", "ALL MOS", "TOTAL CPC", "TOTAL MOT", "TOTAL MOS"}
)  # fmt: skip
"""Cells of a column that splits flows which mean the whole flow."""

TOTAL = frozenset(
    {"TOTAL", "AG0", "TO", "TT", "_T", "ALL", "DTOTAL", "D01T99", "TOTAL MERCHANDISE",
     "ALL COMMODITIES",
     "ALL PRODUCTS", "TOTAL TRADE", "GOODS", "MERCHANDISE", "ALL GOODS", "TOTAL - ALL PRODUCTS",
     "TOTAL TRADE IN GOODS", "TOTAL GOODS", "TOTAL - ALL COMMODITIES", "TOTAL ALL PRODUCTS"}
)  # fmt: skip
"""Product codes that mean all goods together."""

_REPORTERS = ("reporteriso", "reporteriso3", "reporterisocode", "reporteriso3code", "reportercode",
              "reporter", "reporterdesc", "reportername", "reporterm49")  # fmt: skip
_PARTNERS = ("partneriso", "partneriso3", "partnerisocode", "partneriso3code", "partnercode",
             "partner", "partnerdesc", "partnername", "partnerm49")  # fmt: skip
_FLOWS = ("flowcode", "tradeflowname", "tradeflow", "flow", "flowdesc", "flowname", "flw",
          "tradeflowcode", "indicatorcode", "indicator", "indicatorname")  # fmt: skip

FREQUENCY = ("freqcode", "freq", "frequency")
SECTOR = ("broadsector", "typecode", "goodsorservices", "tradetype")
MULTIPLIER = ("unitmult", "powercodecode", "unitmultiplier")
CURRENCY = ("unitmeasure", "unit", "currency", "unitcode", "measureunit")
ATTRIBUTE = ("attribute",)
PERIOD = ("period", "refmonth", "month", "quarter")

LAYOUTS = (
    Layout("BACI", ("i",), ("j",), ("v",), ("t",), ("k", "hs6"), unit="thousand usd"),
    Layout(
        "WITS", _REPORTERS, _PARTNERS, ("tradevaluein1000usd",), ("year",),
        ("productcode", "product"), _FLOWS, unit="thousand usd", is_reported=True,
    ),
    Layout(
        "IMF",
        ("countryid", "countryiso3code", "countryname", "country"),
        ("counterpartcountryid", "counterpartcountryname", "counterpartcountry"),
        ("value", "obsvalue"),
        ("timeperiod", "year", "period", "time"),
        flow=("indicatorid", "indicatorcode", "indicator", "indicatorname"),
        is_reported=True,
    ),
    Layout(
        "WTO",
        ("reportingeconomyiso3acode", "reportingeconomycode", "reportingeconomy"),
        ("partnereconomyiso3acode", "partnereconomycode", "partnereconomy"),
        ("value",), ("year", "timeperiod"), ("productsectorcode", "productsector"),
        ("indicator", "indicatorcode"), is_reported=True,
    ),
    Layout(
        "Comtrade", _REPORTERS, _PARTNERS,
        ("primaryvalue", "tradevalueus", "tradevalue", "tradevalueususd", "cifvalue", "fobvalue"),
        ("refyear", "year", "yr", "period"),
        ("cmdcode", "commoditycode", "cmd", "aggcode", "productcode", "hscode", "product"),
        _FLOWS,
        ("partner2code", "partner2iso", "2ndpartnercode", "2ndpartneriso", "customscode",
         "customsproccode", "motcode", "modeoftransportcode", "moscode", "modeofsupplycode"),
        unit="usd", is_reported=True,
    ),
    Layout(
        "OECD",
        ("refarea", "cou", "reporter", "reportercountry", "location", "declarant"),
        ("counterpartarea", "par", "partner", "partnercountry", "counterpart"),
        ("obsvalue", "value", "valueinusd", "indicatorvalue"),
        ("timeperiod", "time", "year", "period"),
        ("activity", "industry", "ind", "product", "productcode", "commodity", "cpa", "sitc",
         "item", "itemcode"),
        ("tradeflow", "flow", "flw", "indicatorcode", "indicator", "measure"),
        ("enduse", "end", "productcategory", "endusecategory"), is_reported=True,
    ),
    Layout(
        "ITPD", ("exporteriso3", "exportername"), ("importeriso3", "importername"), ("trade",),
        ("year",), ("industryid", "industrydescr", "industry"), unit="million usd",
    ),
    Layout(
        "CEPII Gravity",
        ("iso3o", "isoo", "countryido"), ("iso3d", "isod", "countryidd"),
        ("tradeflowbaci", "tradeflowcomtradeo", "tradeflowcomtraded", "tradeflowimfo",
         "tradeflowimfd"),
        ("year",), unit="thousand usd",
    ),
    Layout(
        "reporter and partner", _REPORTERS, _PARTNERS,
        ("value", "trade", "exports", "export", "exportvalue", "imports", "import", "importvalue",
         "tradevalue", "amount"),
        ("year", "t", "period", "time", "timeperiod", "yr"),
        ("product", "productcode", "commodity", "sector", "industry", "hs", "item"),
        (*_FLOWS, "direction"), is_reported=True,
    ),
    Layout(
        "plain",
        ("exporter", "exporteriso3", "exporteriso", "exportercode", "exporteriso2", "origin",
         "from", "iso3o", "isoo", "source", "expcode", "exportercountry", "exportername",
         "exportingcountry", "origincountry", "origincode", "iso3exp", "isoexp", "exp", "sender",
         "orig", "o", "i", "sourceiso3", "originid", "isoexporter"),
        ("importer", "importeriso3", "importeriso", "importercode", "importeriso2", "destination",
         "to", "iso3d", "isod", "target", "impcode", "importercountry", "importername",
         "importingcountry", "destinationcountry", "destinationcode", "iso3imp", "isoimp", "imp",
         "receiver", "dest", "d", "j", "targetiso3", "destinationid", "isoimporter"),
        ("value", "trade", "tradevalue", "exports", "export", "flow", "amount", "weight",
         "exportvalue", "tradeflow", "v", "x", "obsvalue", "flows", "xij"),
        ("year", "t", "period", "refyear", "time", "timeperiod", "yr"),
        ("product", "industry", "industryid", "sector", "commodity", "hs6", "k", "hs", "hs2", "hs4",
         "productcode", "hscode", "sitc", "isic", "hsproductcode"),
        has_gaps=False,
    ),
)  # fmt: skip
"""Layouts in the order in which they are tried."""


@dataclass(frozen=True)
class Columns:
    """The columns of one file; names as in the file, empty where there is none.

    Attributes
    ----------
    layout
        The layout recognised.
    exporter, importer
        Columns of the two states, preferred ones first.
    value
        The value; empty where years are columns.
    year, product, flow
        What a row is of; several columns of the flow, preferred ones first.
    breakdowns
        Columns that split flows.
    frequency, sector, multiplier, currency, attribute, period
        Year or month; goods or services; power of ten; unit cells; kind of cell; month.
    unit
        Unit that layout or column name tell; empty if neither does.
    by_year, by_partner
        Columns that hold the values of one year, or of one partner.
    others
        Further value columns of the layout, for messages.
    """

    layout: Layout
    exporter: tuple[str, ...]
    importer: tuple[str, ...]
    value: str
    year: str = ""
    product: str = ""
    flow: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    frequency: str = ""
    sector: str = ""
    multiplier: str = ""
    currency: str = ""
    attribute: str = ""
    period: str = ""
    unit: str = ""
    by_year: tuple[str, ...] = ()
    by_partner: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def only_flow(self) -> str:
        """X or M, where no column says the flow."""
        is_import = self.layout.is_reported and "import" in self.value.casefold()
        return "M" if is_import else "X"

    def used(self) -> list[str]:
        """Columns to read."""
        names = [*self.exporter, *self.importer, self.value, self.year, self.product, *self.flow]
        names += [*self.breakdowns, self.frequency, self.sector, self.multiplier, self.currency]
        names += [self.attribute, self.period, *self.by_year]
        return list(dict.fromkeys(name for name in names if name))
