"""What a cell of a user's trade file says: a number, a year and month, a flow."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from sim.types import Floats

_YEAR = re.compile(r"((?:1[89]|20)\d\d)(?:\.0+)?")
_MONTH = re.compile(r"((?:1[89]|20)\d\d)[-/ ]?([MmQq])?(\d{1,2})(?:\.0+)?")
_DAY = re.compile(r"((?:1[89]|20)\d\d)[-/]?(\d\d)[-/]?(\d\d)(?:[T ].*)?")

GAPS = frozenset({"", "NA", "N/A", "NAN", "NULL", "NONE", ".", "..", "...", "-", "–", "(NULL)"})
"""Cells that mean that there is no value."""


_FLOW_CODES = {
    **dict.fromkeys(["x", "export", "exports", "expo", "2", "6", "e", "exp", "xg_fob"], "X"),
    **dict.fromkeys(["m", "import", "imports", "impo", "1", "5", "i", "imp", "mg_cif"], "M"),
    "mg_fob": "F",
}  # fmt: skip
"""Codes of UN Comtrade (1, 2), WITS (5, 6), OECD, Eurostat and the IMF."""

_OTHER_FLOWS = re.compile(
    r"re-?[ -]?(exp|imp)|domestic|balance|share|service|index|percent|%|number|tariff|growth|volume"
    r"|quantity|national currency|euros?\b|\bnet\b"
)


def year_and_part(cell: str) -> tuple[str, str] | None:
    """Year of a cell, and month ("M03"), quarter ("Q1") or day ("D0101") in it; None if neither.

    Examples
    --------
    >>> year_and_part("2019.0"), year_and_part("201903"), year_and_part("2019-Q1")
    (('2019', ''), ('2019', 'M03'), ('2019', 'Q1'))
    >>> year_and_part("2019-01-01"), year_and_part("19")
    (('2019', 'D0101'), None)
    """
    text = cell.strip()
    if found := _YEAR.fullmatch(text):
        return found[1], ""
    if found := _MONTH.fullmatch(text):
        is_quarter = (found[2] or "M").upper() == "Q"
        # Annual rows have month 52 in UN Comtrade.
        part = f"Q{int(found[3])}" if is_quarter else f"M{int(found[3]):02d}"
        return found[1], "" if found[3] == "52" else part
    if found := _DAY.fullmatch(text):
        return found[1], f"D{found[2]}{found[3]}"
    return None


def part_alone(cell: str) -> str:
    """Month or quarter of a cell that has no year, empty for annual rows.

    Examples
    --------
    >>> part_alone("3"), part_alone("52"), part_alone("201903"), part_alone("2019")
    ('M03', '', 'M03', '')
    """
    text = re.sub(r"\.0+$", "", cell.strip())
    if re.fullmatch(r"\d{1,2}", text):
        return f"M{int(text):02d}" if 1 <= int(text) <= 12 else ""
    found = year_and_part(text)
    if found and not found[1].startswith("D"):
        return found[1]
    return text.upper() if re.fullmatch(r"[QqMm]\d{1,2}", text) else ""


def flow_in(cell: str) -> str:
    """X for exports, M for imports, F for imports free on board, empty for anything else.

    Parts of flows (domestic exports), re-exports, balances and shares are left out.

    Examples
    --------
    >>> [flow_in(c) for c in ("X", "Import", "6", "Re-Export", "TXG_FOB_USD", "MG_CIF_USD", "EXPO")]
    ['X', 'M', 'X', '', 'X', 'M', 'X']
    >>> flow_in("Goods, Value of Imports, Free on board (FOB), US Dollars")
    'F'
    """
    text = " ".join(cell.casefold().replace(".0", "").split())
    if text in _FLOW_CODES:
        return _FLOW_CODES[text]
    if found := re.match(r"t?([xm]g_(?:fob|cif))_usd", text):
        return _FLOW_CODES.get(found[1], "")
    if _OTHER_FLOWS.search(text):
        return ""
    if re.search(r"\b(gross )?imp(ort)?", text):
        return "F" if "fob" in text or "free on board" in text else "M"
    return "X" if re.search(r"\b(gross )?exp(ort)?", text) else ""


def is_dollar(cell: str) -> bool:
    """Whether a unit cell can be one of US dollars.

    Examples
    --------
    >>> [is_dollar(c) for c in ("USD", "US Dollar, Millions", "", "Millions", "EUR")]
    [True, True, True, True, False]
    """
    text = re.sub(r"[^a-z]", "", cell.casefold().replace("$", "d"))
    return not text or "usd" in text or "usdollar" in text or text in {
        "dollars", "units", "thousands", "millions", "billions", "thousand", "million", "us",
    }  # fmt: skip


def numbers(cells: pd.Series[str], style: str) -> Floats:
    """Cells as numbers, NaN where they are none.

    Parameters
    ----------
    cells
        Text.
    style
        What `number_style` found: the decimal mark, and with it the one between thousands.

    Examples
    --------
    >>> numbers(pd.Series(["1.234,5", "7"]), ",").tolist(), numbers(pd.Series(["1,234.5"]), ".")
    ([1234.5, 7.0], array([1234.5]))
    """
    if style:
        cells = cells.str.replace(r"[\s\u00a0\u202f'’$]", "", regex=True)
        cells = cells.str.replace("." if style == "," else ",", "", regex=False)
        cells = cells.str.replace(",", ".", regex=False) if style == "," else cells
    return np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)


def number_style(cells: pd.Series[str], known: str = "") -> str:
    """Decimal mark of numbers: "," or "."; "?" where none of them tells it, empty if plain.

    Examples
    --------
    >>> number_style(pd.Series(["1.234,5"])), number_style(pd.Series(["1,234,567"]))
    (',', '.')
    >>> number_style(pd.Series(["1,234"])), number_style(pd.Series(["1.5"]))
    ('?', '')
    """
    found, is_open, is_spaced = {known} & {",", "."}, known == "?", False
    for cell in cells.drop_duplicates():
        text = re.sub(r"[\s\u00a0\u202f'’$]", "", cell)
        if not re.fullmatch(r"-?[\d.,]+", text):
            continue
        commas, points = text.count(","), text.count(".")
        is_spaced |= text != cell
        if commas and points:
            found.add(max(",.", key=text.rfind))
        elif commas > 1 or points > 1:
            found.add("." if commas else ",")
        elif commas and not re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", text):
            found.add(",")
        else:
            is_open |= bool(commas)
    if len(found) > 1:
        return "?"
    return next(iter(found), "?" if is_open else "." if is_spaced else "")
