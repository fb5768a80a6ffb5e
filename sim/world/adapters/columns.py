"""Which column of a user's trade file is what."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from sim.errors import ConfigError, DataError, nearest
from sim.world.adapters import layouts
from sim.world.adapters.layouts import LAYOUTS, Columns, Layout

__all__ = ["ROLES", "recognise", "unit_in", "year_in"]

ROLES = ("exporter", "importer", "value", "year", "product", "flow")
"""What a user can name a column for."""

_YEAR_COLUMN = re.compile(r"[xXyY_]?((?:19|20)\d\d)(?:[-_ ]?([MQ])?(\d{1,2}))?(?: ?\[.*\])?")

_ENDINGS = {
    "billion usd": ("busd", "bnusd", "billionusd", "usdbillion", "usdbn", "billion", "bn",
                    "billionusdollars", "usbillion", "usdollarbillion"),
    "million usd": ("musd", "mnusd", "millionusd", "usdmillion", "usdmn", "million", "mn", "mln",
                    "musdollars", "millionusdollars", "millionusdollar", "usmillion", "millions",
                    "usdmillions", "millionsusd", "millionsofusdollars", "usdollarmillion",
                    "usdmio"),
    "thousand usd": ("kusd", "thousandusd", "usdthousand", "1000usd", "usd1000", "thousand",
                     "thusd",
                     "usthousand", "usthousands", "thousands", "usdthousands", "000usd", "usd000",
                     "1000us", "us1000", "us000", "thousandusdollars", "thousandsusd"),
    "usd": ("usd", "dollars", "usdollar", "valueus"),
}  # fmt: skip

_FOREIGN = re.compile(r"(eur|euros?|gbp|pounds?|yuan|cny|jpy|yen)$")


def recognise(header: Sequence[str], where: str, named: Mapping[str, str] | None = None) -> Columns:
    """Find the columns of a file by their names.

    Parameters
    ----------
    header
        Column names as in the file.
    where
        The file, for messages.
    named
        Columns that the user names for `ROLES`; "none" for a role that no column has.

    Raises
    ------
    DataError
        If exporter, importer or value cannot be found, or a name stands twice.
    ConfigError
        A column named by the user is not in the file.

    Examples
    --------
    >>> recognise(["t", "i", "j", "k", "v", "q"], "baci.csv").layout.name
    'BACI'
    >>> recognise(["Exporter", "Importer", "value_musd"], "mine.csv").unit
    'million usd'
    >>> recognise(["A", "B", "C"], "x", {"exporter": "A", "importer": "B", "value": "C"}).exporter
    ('A',)
    """
    named = dict(named or {})
    for role, column in named.items():
        if column not in header and (column != "none" or role in ROLES[:3]):
            raise ConfigError(f"the file has no column {column!r}", where=f"world.columns.{role}",
                              expected=nearest(column, header))  # fmt: skip
    plain: dict[str, str] = {}
    for name in header:
        if name and name in plain.values() and not named:
            raise DataError(f"a column name stands twice in {', '.join(header)}",
                            where=f"{where} line 1",
                            expected="one column for each name")  # fmt: skip
        if name:
            plain.setdefault(_squeeze(name), name)
    for layout in LAYOUTS:
        if (found := _fitted(layout, plain, named)) is not None:
            return _checked(found, plain, where)
    raise _missing(plain, where, named)


def _fitted(layout: Layout, plain: Mapping[str, str], named: Mapping[str, str]) -> Columns | None:
    """The columns in one layout, None where a needed one is missing."""

    def told(role: str, found: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(c for c in (named[role],) if c != "none") if role in named else found

    def one(names: Sequence[str]) -> str:
        return next(iter(_all(names, plain)), "")

    exporter = told("exporter", _all(layout.exporter, plain))
    importer = told("importer", _all(layout.importer, plain))
    values = told("value", _all(layout.value, plain) or _with_unit(layout, plain))
    by_year = () if values else tuple(c for c in plain.values() if year_in(c))
    if not exporter or not importer or not (values or by_year):
        return None
    value = values[0] if values else ""
    year = told("year", _all(layout.year, plain)[:1])
    flow = tuple(c for c in told("flow", _all(layout.flow, plain)) if c != value)
    unit = unit_in(value) or ("" if "value" in named else layout.unit)
    period = one(layouts.PERIOD)
    return Columns(
        layout, exporter, importer, value, "".join(year),
        "".join(told("product", _all(layout.product, plain)[:1])), flow,
        tuple(plain[n] for n in layout.breakdowns if n in plain),
        one(layouts.FREQUENCY), one(layouts.SECTOR), one(layouts.MULTIPLIER),
        one(layouts.CURRENCY), one(layouts.ATTRIBUTE), period if period != value else "",
        unit, by_year, (), values[1:],
    )  # fmt: skip


def _checked(found: Columns, plain: Mapping[str, str], where: str) -> Columns:
    """The columns, with what speaks against taking them as US dollars of trade refused."""
    if _FOREIGN.search(_squeeze(found.value)) or (
        "sourcetf" in plain or "xptoto" in plain  # CEPII TRADHIST
    ):
        raise DataError("the values are not in US dollars", where=f"{where} line 1",
                        expected="values converted to US dollars")  # fmt: skip
    return found


def year_in(name: str) -> re.Match[str] | None:
    """Year, and month or quarter, in a column's name.

    Examples
    --------
    >>> year_in("2019M03").groups(), year_in("x2019").group(1), year_in("v")
    (('2019', 'M', '03'), '2019', None)
    """
    return _YEAR_COLUMN.fullmatch(name.strip())


def unit_in(name: str) -> str:
    """Unit that a column name ends with, case and punctuation aside.

    Examples
    --------
    >>> unit_in("Value (US$ Thousand)"), unit_in("weight")
    ('thousand usd', '')
    """
    squeezed = _squeeze(name)
    return next((unit for unit, tails in _ENDINGS.items() if squeezed.endswith(tails)), "")


def _squeeze(name: str) -> str:
    """Drop case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _all(wanted: Sequence[str], plain: Mapping[str, str]) -> tuple[str, ...]:
    """The wanted names that the file has, as the file spells them."""
    return tuple(plain[name] for name in wanted if name in plain)


def _with_unit(layout: Layout, plain: Mapping[str, str]) -> tuple[str, ...]:
    """Value columns whose name carries its unit, such as ``value_musd``."""
    return tuple(
        original for name, original in plain.items()
        if (unit_in(name) or _FOREIGN.search(name))
        and name.startswith(tuple(v for v in layout.value if len(v) > 2))
    )  # fmt: skip


def _missing(plain: Mapping[str, str], where: str, named: Mapping[str, str]) -> DataError:
    """Say which of the three columns the nearest layout lacks."""
    layout = max(
        reversed(LAYOUTS),  # of equally near layouts the plain one
        key=lambda x: sum(bool(_all(n, plain)) for n in (x.exporter, x.importer, x.value)),
    )
    roles = {"exporter": layout.exporter, "importer": layout.importer, "value": layout.value}
    role = next((r for r, n in roles.items() if r not in named and not _all(n, plain)), "value")
    have = textwrap.shorten(", ".join(plain.values()), 300, placeholder=" …")
    return DataError(
        f"no column says the {role}; the columns are: {have}",
        where=f"{where} line 1",
        expected=f"a column called {', '.join(roles[role][:3])} ({layout.name} layout), the names "
        "of BACI, Comtrade, WITS, ITPD, IMF, OECD or CEPII Gravity, plain ones (exporter, "
        f"importer, value), or world.columns.{role}=NAME",
    )
