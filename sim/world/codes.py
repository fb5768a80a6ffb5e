"""Which state a code in a user's trade file means.

Trade statistics name partners by ISO 3166 codes, by numbers of their own where a customs area is
larger than a state, and by aggregates. A code here means a state of the world, or something known
that is no state of the world (`OUTSIDE`, `AGGREGATES`), or it is a mistake.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from sim.errors import nearest

_TERRITORIES = """
ABW:533 AIA:660 ALA:248 ASM:16 ATA:10 ATF:260 BES:535 BLM:652 BMU:60 BVT:74 CCK:166 COK:184
CUW:531 CXR:162 CYM:136 ESH:732 FLK:238 FRO:234 GGY:831 GIB:292 GLP:312 GRL:304 GUF:254 GUM:316
HMD:334 IMN:833 IOT:86 JEY:832 MAC:446 MAF:663 MNP:580 MSR:500 MTQ:474 MYT:175 NCL:540 NFK:574
NIU:570 PCN:612 PRI:630 PSE:275 PYF:258 REU:638 SGS:239 SHN:654 SJM:744 SPM:666 SXM:534 TCA:796
TKL:772 UMI:581 VAT:336 VGB:92 VIR:850 WLF:876
ANT:530 CSK:200 DDR:278 NTZ:536 PCI:582 PUS:849 SUN:810 YMD:720
"""
# ISO 3166-1 codes that are no rows of the world, then withdrawn ones (ISO 3166-3).

OUTSIDE: dict[str, str] = dict(pair.split(":") for pair in _TERRITORIES.split())
"""Codes of territories and former states that are known and not part of the world, with numbers."""

SYNONYMS: dict[str, str] = {
    "ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "BUR": "MMR", "SCG": "SRB", "YUG": "SRB",
    "KSV": "XKX", "UNK": "XKX", "KOS": "XKX", "S19": "TWN", "FXX": "FRA",
    # Customs areas of the UN Comtrade and BACI numbering that a state of the world stands for.
    "58": "BEL", "230": "ETH", "251": "FRA", "280": "DEU", "381": "ITA", "412": "XKX", "490": "TWN",
    "579": "NOR", "699": "IND", "711": "ZAF", "736": "SDN", "757": "CHE", "841": "USA",
    "842": "USA", "886": "YEM", "891": "SRB",
}  # fmt: skip
"""Old codes, and customs areas that count for their largest member (490 is "Other Asia")."""

_AGGREGATES = """
0 97 129 221 290 471 472 473 492 527 568 577 636 637 697 837 838 839 879 899
WLD WORLD EU EU27 EU28 EUN EUR ROW ALL TOTAL UNS BUN XX ZA1 FRE SPE NES
"""

AGGREGATES = frozenset(_AGGREGATES.split())
"""Partners that are sums of states or no place at all: the world, unions, bunkers, not elsewhere
specified (UN Comtrade partner areas)."""

_AGGREGATE_FORM = re.compile(r"_X|[A-Z]{1,2}\d{1,3}|.*\bNES\b.*")


class CodeBook:
    """Finds the row of a state from any of its codes.

    Parameters
    ----------
    iso3
        ISO 3166 letters of the N states, in order.
    others
        Further codes of the same states in the same order: numbers, customs areas, names.

    Examples
    --------
    >>> book = CodeBook(["FRA", "USA"], ["250", "840"], ["France", "United States"])
    >>> [book.row(c) for c in ("USA", "840", "842", "0251", "france")]
    [1, 1, 1, 0, 0]
    >>> book.row("WLD") is None, book.is_known_elsewhere("WLD"), book.is_known_elsewhere("USX")
    (True, True, False)
    """

    def __init__(self, iso3: Sequence[str], *others: Sequence[str]) -> None:
        self.iso3, self.size = tuple(iso3), len(iso3)
        self._rows: dict[str, int] = {}
        for i, keys in enumerate(zip(iso3, *others, strict=True)):
            self._rows.update((_canonical(k), i) for k in keys)
        self._rows.update(
            (code, self._rows[meant])
            for code, meant in SYNONYMS.items()
            if meant in self._rows and code not in self._rows
        )
        self._elsewhere = set(OUTSIDE) | set(OUTSIDE.values()) | AGGREGATES | set(SYNONYMS)
        self._known = tuple(itertools.chain(iso3, *others))

    def row(self, code: str) -> int | None:
        """Row of the state a code means, None where it means none."""
        return self._rows.get(_canonical(code))

    def nearest(self, code: str) -> str:
        """Codes of the same kind (letters, numbers, names) like one that is not known."""
        if code.isdigit():
            alike = [c for c in self._known if c.isdigit()]
        else:
            alike = [c for c in self._known if not c.isdigit() and (len(c) == 3) == (len(code) < 5)]
        return nearest(code, alike)

    def is_known_elsewhere(self, code: str) -> bool:
        """Whether a code is a known territory, former state or aggregate outside the world."""
        key = _canonical(code)
        return key in self._elsewhere or _AGGREGATE_FORM.fullmatch(key) is not None


def _canonical(code: str) -> str:
    """One spelling per code: upper case, no leading zeros, no spreadsheet decimals."""
    text = code.strip().upper()
    number = text.removesuffix(".0")
    return str(int(number)) if number.isascii() and number.isdigit() else text
