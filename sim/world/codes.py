"""Which state a code in a user's trade file means.

Trade statistics name partners by ISO 3166 codes, by numbers of their own where a customs area is
larger than a state, and by aggregates. A code here means a state of the world, or something known
that is no state of the world (a territory, a former state, `AGGREGATES`), or it is a mistake.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import iso3166

from sim.errors import nearest
from sim.world.names import code_of_name

_TERRITORIES = """
ABW AIA ALA ASM ATA ATF BES BLM BMU BVT CCK COK CUW CXR CYM ESH FLK FRO GGY GIB GLP GRL GUF GUM HMD
IMN IOT JEY MAC MAF MNP MSR MTQ MYT NCL NFK NIU PCN PRI PSE PYF REU SGS SHN SJM SPM SXM TCA TKL UMI
VAT VGB VIR WLF
"""

_WITHDRAWN = "ANT:530 CSK:200 DDR:278 NTZ:536 PCI:582 PUS:849 SUN:810 YMD:720"
# Former states and territories (ISO 3166-3) that old files name.

OUTSIDE = frozenset(_TERRITORIES.split()) | {pair[:3] for pair in _WITHDRAWN.split()}
"""ISO 3166 letters of territories and former states that are known and not part of the world."""

SYNONYMS: dict[str, str] = {
    "ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "BUR": "MMR", "SCG": "SRB", "YUG": "SRB",
    "KSV": "XKX", "UNK": "XKX", "KOS": "XKX", "S19": "TWN", "FXX": "FRA", "OAS": "TWN",
    "SER": "SRB", "MNT": "MNE", "SUD": "SDN", "BLX": "BEL", "PAL": "PSE", "DRC": "COD",
    "UK": "GBR", "EL": "GRC", "XS": "SRB", "UAE": "ARE",
    # Customs areas of the UN Comtrade and BACI numbering that a state of the world stands for.
    "58": "BEL", "230": "ETH", "251": "FRA", "280": "DEU", "381": "ITA", "412": "XKX", "490": "TWN",
    "579": "NOR", "699": "IND", "711": "ZAF", "736": "SDN", "757": "CHE", "841": "USA",
    "842": "USA", "886": "YEM", "891": "SRB",
}  # fmt: skip
"""Old codes, and customs areas that count for their largest member (490 is "Other Asia")."""

_AGGREGATES = """
0 97 129 221 290 471 472 473 527 568 577 636 637 697 837 838 839 849 879 899
WLD WORLD EU EUN EUR ROW ALL TOTAL UNS BUN XX ZA1 FRE SPE NES WXD DXD OECD NMEC NONOECD BRICS
ASEAN G20 G7 NAFTA USMCA APEC EFTA MERCOSUR _T _Z _O
"""

AGGREGATES = frozenset(_AGGREGATES.split())
"""Partners that are sums of states or no place at all: the world, unions, bunkers, not elsewhere
specified (UN Comtrade partner areas)."""

_AGGREGATE_FORM = re.compile(r"_X|[A-Z]{1,2}\d{1,3}|(EU|EA|G|OECD)\d+(_.*)?|\d[A-Z]\d*|[WR]\d\d")

_AGGREGATE_WORDS = re.compile(
    r"\b(nes|n\.?\s?e\.?\s?s|(un|not )specified|not (elsewhere|included)|unidentified|unallocated"
    r"|unknown|confidential|secret|special categor\w+|bunkers?|free zones?|world|countries"
    r"|economies|members?|excluding|extra|intra|income|total|euro(pean)? (area|zone|union)|rest of"
    r"|others?|developing|developed|emerging|areas|stores and provisions|western hemisphere"
    r"|middle east|export earnings|antarctica|antarctic)\b"
    r"|^((north|south|east|west|central|sub-?saharan|latin|middle|northern|southern|eastern|western)"
    r"[ -]*(and )?)*(africa|americas?|asia|europe|oceania|caribbean|melanesia|micronesia|polynesia)"
    r"( (and|&) (the )?(pacific|caribbean|north africa))?$",
    re.IGNORECASE,
)


class CodeBook:
    """Finds the row of a state from any of its codes or names.

    Parameters
    ----------
    iso3
        ISO 3166 letters of the N states, in order.
    others
        Further codes of the same states in the same order: numbers, customs areas, names.

    Examples
    --------
    >>> book = CodeBook(["FRA", "USA"], ["250", "840"], ["France", "United States"])
    >>> [book.row(c) for c in ("USA", "840", "842", "0251", "fr", "United States of America")]
    [1, 1, 1, 0, 0, 1]
    >>> book.row("WLD") is None, book.is_known_elsewhere("WLD"), book.is_known_elsewhere("USX")
    (True, True, False)
    >>> book.is_known_elsewhere("Bermuda"), book.is_known_elsewhere("Areas, nes")
    (True, True)
    """

    def __init__(self, iso3: Sequence[str], *others: Sequence[str]) -> None:
        self.iso3, self.size = tuple(iso3), len(iso3)
        self._rows: dict[str, int] = {}
        for i, keys in enumerate(zip(iso3, *others, strict=True)):
            self._rows.update((_canonical(k), i) for k in keys)
        self._elsewhere = set(re.split(r"[: ]", _WITHDRAWN)) | AGGREGATES
        for one in iso3166.countries:
            codes = (one.alpha3, one.alpha2, _canonical(one.numeric))
            if one.alpha3 in self._rows:
                self._rows.update((c, self._rows[one.alpha3]) for c in codes if c not in self._rows)
            else:
                self._elsewhere.update(codes)
        for code, meant in SYNONYMS.items():
            if meant in self._rows:
                self._rows.setdefault(code, self._rows[meant])
            else:
                self._elsewhere.add(code)
        self._known = tuple(itertools.chain(iso3, *others))

    def row(self, code: str) -> int | None:
        """Row of the state a code or name means, None where it means none."""
        key = _canonical(code)
        if key in self._rows:
            return self._rows[key]
        # Short texts are codes: a name is not guessed from a mistyped code.
        return self._rows.get(code_of_name(code)) if len(key) > 3 else None

    def nearest(self, code: str) -> str:
        """Codes of the same kind (letters, numbers, names) like one that is not known."""
        if code.isdigit():
            alike = [c for c in self._known if c.isdigit()]
        else:
            alike = [c for c in self._known if not c.isdigit() and (len(c) == 3) == (len(code) < 5)]
        return nearest(code, alike)

    def is_known_elsewhere(self, code: str) -> bool:
        """Whether a code or name is a territory, former state or aggregate outside the world."""
        key = _canonical(code)
        if key in self._elsewhere or _AGGREGATE_FORM.fullmatch(key):
            return True
        return len(key) > 3 and (
            bool(code_of_name(code)) or _AGGREGATE_WORDS.search(code) is not None
        )

    def is_territory(self, code: str) -> bool:
        """Whether a code or name is one of a place on the map, but none of the states."""
        key = _canonical(code)
        is_place = key in self._elsewhere and key not in AGGREGATES
        return is_place or (len(key) > 3 and bool(code_of_name(code)))


def _canonical(code: str) -> str:
    """One spelling per code: upper case, no leading zeros, no spreadsheet decimals."""
    text = code.strip().upper()
    number = re.sub(r"\.0*$", "", text)
    return str(int(number)) if number.isascii() and number.isdigit() else text
