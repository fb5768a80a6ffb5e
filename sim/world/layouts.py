"""Which column of a user's trade file is what.

Four layouts are understood by their column names: CEPII BACI (``t,i,j,k,v,q``), UN Comtrade
(``reporterISO, partnerISO, flowCode, primaryValue`` and relatives), USITC ITPD-E
(``exporter_iso3, importer_iso3, trade``) and plain names (``exporter, importer, value``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.errors import ConfigError, DataError, nearest

UNITS: dict[str, float] = {
    "usd": 1e-9,
    "thousand usd": 1e-6,
    "million usd": 1e-3,
    "billion usd": 1.0,
}
"""Units a value can be in, as billion USD."""


@dataclass(frozen=True)
class Layout:
    """How a family of files names its columns; names without case and punctuation.

    Attributes
    ----------
    name
        What the layout is called in messages.
    exporter, importer, value
        Names that mean these columns, preferred ones first.
    year, product, flow
        Names of columns that may be there.
    breakdowns
        Columns that split a flow further, with the cells that mean "not split"; other rows are
        left out, since the unsplit row has their sum.
    unit
        Unit of the value; empty when the layout does not say.
    keeps_own_trade
        Whether trade of a state with itself is part of the layout (and left out), not a mistake.
    """

    name: str
    exporter: tuple[str, ...]
    importer: tuple[str, ...]
    value: tuple[str, ...]
    year: tuple[str, ...] = ("year", "t", "period", "refyear")
    product: tuple[str, ...] = ()
    flow: tuple[str, ...] = ()
    breakdowns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unit: str = ""
    keeps_own_trade: bool = False


_WHOLE_WORLD = frozenset({"", "0", "000", "W00", "C00", "TOTAL", "WORLD"})

LAYOUTS = (
    Layout("BACI", ("i",), ("j",), ("v",), ("t",), ("k",), unit="thousand usd"),
    Layout(
        "Comtrade",
        ("reporteriso", "reporteriso3", "reportercode", "reporter"),
        ("partneriso", "partneriso3", "partnercode", "partner"),
        ("primaryvalue", "tradevalueus", "tradevalue", "fobvalue"),
        ("refyear", "year", "period"),
        ("cmdcode", "commoditycode"),
        ("flowcode", "tradeflow", "flow", "flowdesc", "tradeflowcode"),
        dict.fromkeys(
            ("partner2code", "partner2iso", "2ndpartnercode", "customscode", "motcode", "moscode"),
            _WHOLE_WORLD,
        ),
        unit="usd",
        keeps_own_trade=True,
    ),
    Layout(
        "ITPD",
        ("exporteriso3",),
        ("importeriso3",),
        ("trade",),
        ("year",),
        ("industryid", "industry"),
        unit="million usd",
        keeps_own_trade=True,
    ),
    Layout(
        "plain",
        ("exporter", "exporteriso3", "exporteriso", "exportercode", "origin", "from", "iso3o"),
        ("importer", "importeriso3", "importeriso", "importercode", "destination", "to", "iso3d"),
        ("value", "trade", "tradevalue", "exports", "flow", "amount"),
        ("year", "t", "period"),
        ("product", "industry", "industryid", "sector", "commodity", "hs6"),
    ),
)


@dataclass(frozen=True)
class Columns:
    """The columns of one file.

    Attributes
    ----------
    layout
        The layout recognised.
    exporter, importer, value, year, product, flow
        Column names as in the file; empty where there is none.
    breakdowns
        Columns that split flows, with the cells to keep.
    unit
        Unit that layout or column name tell; empty if neither does.
    width
        Number of columns of the file.
    """

    layout: Layout
    exporter: str
    importer: str
    value: str
    year: str
    product: str
    flow: str
    breakdowns: Mapping[str, frozenset[str]]
    unit: str
    width: int

    def used(self) -> list[str]:
        """Columns to read."""
        names = [self.exporter, self.importer, self.value, self.year, self.product, self.flow]
        return [n for n in [*names, *self.breakdowns] if n]


def recognise(header: Sequence[str], where: str) -> Columns:
    """Find the columns of a file by their names.

    Parameters
    ----------
    header
        Column names as in the file.
    where
        The file, for messages.

    Raises
    ------
    DataError
        If exporter, importer or value cannot be found, or a name stands twice.

    Examples
    --------
    >>> recognise(["t", "i", "j", "k", "v", "q"], "baci.csv").layout.name
    'BACI'
    >>> recognise(["Exporter", "Importer", "value_musd"], "mine.csv").unit
    'million usd'
    """
    plain = {_squeeze(name): name for name in header}
    if len(plain) < len(header):
        raise DataError(f"a column name stands twice in {', '.join(header)}", where=where,
                        expected="one column for each name")  # fmt: skip
    units = {name: _unit_in(name) for name in plain}
    for layout in LAYOUTS:
        exporter, importer = _first(layout.exporter, plain), _first(layout.importer, plain)
        value = _first(layout.value, plain) or _with_unit(layout, plain)
        if exporter and importer and value:
            return Columns(
                layout, exporter, importer, value,
                _first(layout.year, plain), _first(layout.product, plain),
                _first(layout.flow, plain) if _first(layout.flow, plain) != value else "",
                {plain[n]: keep for n, keep in layout.breakdowns.items() if n in plain},
                layout.unit or units[_squeeze(value)],
                len(header),
            )  # fmt: skip
    raise _missing(plain, where)


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


def _squeeze(name: str) -> str:
    """Drop case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _first(wanted: Sequence[str], plain: Mapping[str, str]) -> str:
    """First of the wanted names that the file has, as the file spells it."""
    return next((plain[name] for name in wanted if name in plain), "")


def _with_unit(layout: Layout, plain: Mapping[str, str]) -> str:
    """A value column whose name carries its unit, such as ``value_musd``."""
    for name, original in plain.items():
        if _unit_in(name) and name.startswith(tuple(layout.value)):
            return original
    return ""


def _unit_in(name: str) -> str:
    """Unit that a squeezed column name ends with."""
    endings = {
        "billion usd": ("busd", "bnusd", "billionusd", "usdbillion", "usdbn", "billion", "bn"),
        "million usd": ("musd", "mnusd", "millionusd", "usdmillion", "usdmn", "million", "mn"),
        "thousand usd": ("kusd", "thousandusd", "usdthousand", "1000usd", "usd1000", "thousand"),
        "usd": ("usd", "dollars"),
    }
    return next((unit for unit, tails in endings.items() if name.endswith(tails)), "")


def _missing(plain: Mapping[str, str], where: str) -> DataError:
    """Say which of the three columns the nearest layout lacks."""
    layout = max(
        reversed(LAYOUTS),  # of equally near layouts the plain one
        key=lambda x: sum(bool(_first(n, plain)) for n in (x.exporter, x.importer, x.value)),
    )
    roles = {"exporter": layout.exporter, "importer": layout.importer, "value": layout.value}
    role = next(r for r, names in roles.items() if not _first(names, plain))
    have = ", ".join(plain.values())
    return DataError(
        f"no column says the {role}; the columns are: {have}",
        where=f"{where} line 1",
        expected=f"a column called {', '.join(roles[role][:3])} ({layout.name} layout), or the "
        "names of BACI, Comtrade, ITPD or a plain file: exporter, importer, value",
    )
