"""What states and territories are called in trade statistics, besides their ISO names.

ISO 3166 codes and names come from the package `iso3166`. Here are the spellings of UN Comtrade,
CEPII BACI, the World Bank, the IMF and everyday English that differ from them (own compilation).
Word order, articles, accents, case and usual abbreviations (``Rep.``, ``Isds``) do not matter.
"""

from __future__ import annotations

import functools
import re
import unicodedata

import iso3166

__all__ = ["code_of_name", "name_key"]

_STATES = """
BHS Bahamas, The|BIH Bosnia Herzegovina|BIH Bosnia|BOL Bolivia|BRN Brunei|CAF Central Africa
CPV Cape Verde|CIV Ivory Coast|CIV C?te d'Ivoire|CIV Cote dIvoire|COG Congo, Republic of the
COG Congo Brazzaville|COD Congo Kinshasa|COD DR Congo|COD D.R. Congo|COD Zaire|COD Congo DR
CZE Czech Republic|CZE Czech Rep|SWZ Swaziland|FSM FS Micronesia|FSM Micronesia
FSM Fed. Sts. Micronesia|GMB The Gambia|GBR United Kingdom|GBR Great Britain|GBR Britain
GBR England|DNK Denmark and Faroe|DNK Denmark, Faroe Islands and Greenland
HKG China, Hong Kong SAR|HKG China, Hong Kong Special Administrative Region|HKG Hong Kong SAR
HKG China, P.R.: Hong Kong|HKG Hong Kong, China|IRN Iran|KOR South Korea|KOR Korea South|KOR Korea
PRK North Korea|PRK Korea North|PRK Dem. People's Rep. of Korea|PRK Korea, Dem. Rep.|PRK DPR Korea
PRK DPRK|LAO Laos|LAO Lao PDR|LAO Lao|MKD Macedonia|MKD TFYR of Macedonia
MKD The former Yugoslav Republic of Macedonia|MKD FYR Macedonia|MKD Macedonia, FYR|MDA Moldova
MMR Burma|NRU Nauru|NLD Netherlands, The|NLD Holland|RUS Russia|KNA St. Kitts Nevis
KGZ Kyrgyz Republic|KGZ Kyrgyz|SVK Slovak Republic|SVK Slovak|STP Sao Tome
STP S?o Tom? and Pr?ncipe|SRB Serbia and Montenegro|SRB Yugoslavia, FR|SYR Syria|TWN Taiwan
TWN Other Asia, nes|TWN Asia not elsewhere specified other|TWN Chinese Taipei
TWN Taiwan Province of China|TWN Republic of China|TWN Taiwan, China
TWN Separate Customs Territory of Taiwan, Penghu, Kinmen and Matsu|TZA Tanzania|TLS East Timor
TLS Timor|TUR Turkey|TUR T?rkiye|ARE UAE|USA United States|USA America
USA USA, Puerto Rico and US Virgin Islands|USA US|VEN Venezuela|VEN Venezuela, RB
VEN Venezuela, R.B.|VNM Vietnam|VNM Viet-Nam|CHN China, P.R.: Mainland|LBY Libyan Arab Jamahiriya
USA USA|CHN China, mainland|CHN Mainland China|CHN People's Republic of China
YEM Yemen Arab Republic|YEM Yemen, North|BEL Belgium-Luxembourg
BEL Belgium Luxembourg Economic Union|VCT Saint Vincent|VCT St. Vincent Grenadines|ATG Antigua
TTO Trinidad|XKX Kosovo, UNMIK|XKX Kosovo, Republic of|WSM Western Samoa|BLR Byelorussia
LKA Ceylon|BFA Upper Volta|BEN Dahomey|KHM Kampuchea|DEU Former Federal Republic of Germany
DEU West Germany|FRA France and Monaco|FRA France, Monaco|FRA France, Metropolitan
CHE Switzerland, Liechtenstein|ITA Italy, San Marino|NOR Norway, Svalbard and Jan Mayen
NOR Norway excluding Svalbard and Jan Mayen|SDN Former Sudan|ZAF Southern African Customs Union
ZAF So. African Customs Union|ZAF South Africa Customs Union|PNG Papua N. Guinea|GNQ Eq. Guinea
SLB Solomons|MHL Marshall|PLW Belau|LCA St. Lucia|IRL Eire|IRL Republic of Ireland
ETH Ethiopia including Eritrea|DOM Dominican Rep|SLV Salvador|VUT New Hebrides|ARM Armenia, Rep
PAN Panama, excluding Canal Zone|MYS Malaysia, total|AZE Azerbaijan, Rep. of|NRU Naoero
"""

_TERRITORIES = """
ASM Samoa, American|ATA British Antarctic Territory|BES Bonaire|BES Bonaire, Sint Eustatius, Saba
BES Caribbean Netherlands|BES Bonaire Saint Eustatius Saba|CCK Cocos Islands|CCK Keeling Islands
CUW Cura?ao|CUW Curaçao, Kingdom of the Netherlands|SXM Sint Maarten, Kingdom of the Netherlands
ABW Aruba, Kingdom of the Netherlands|FLK Falkland Islands|FLK Malvinas|FRO Faeroe Islands
ATF French South Antarctic Territory|ATF Fr. So. Ant. Tr|ATF French Southern and Antarctic Lands
IOT British Indian Ocean Territories|VGB British Virgin Islands|VIR US Virgin Islands
VIR United States Virgin Islands|MAC China, Macao SAR|MAC Macao SAR
MAC China, Macao Special Administrative Region|MAC Macau|MAC China, P.R.: Macao
MAC Macau SAR, China|MAC Macao, China|MAF Saint Martin|MAF St. Martin|SXM Saint Maarten
SXM Sint Maarten|PSE Palestine|PSE Occ. Palestinian Terr.|PSE West Bank and Gaza
PSE Occupied Palestinian Territory|PSE Palestinian Territory|PSE Palestinian Territories
PSE Palestinian Authority|PSE Gaza Strip|VAT Vatican|VAT Vatican City|VAT Vatican City State
VAT Holy See (Vatican City State)|UMI US Minor Outlying Islands|UMI US Misc. Pacific Isds
UMI Wake Island|UMI Midway Islands|UMI Johnston Island|REU R?union|REU Reunion
BLM Saint Barth?lemy|WLF Wallis and Futuna Islands|SHN Saint Helena|SHN Ascension
PCN Pitcairn Islands|SGS South Georgia|SGS South Georgia and South Sandwich Islands
HMD Heard and McDonald Islands|SJM Svalbard|TCA Turks and Caicos|ALA Aland Islands
ESH Sahrawi Arab Democratic Republic|ANT Netherlands Antilles|ANT Netherland Antilles
ANT Netherlands Antilles and Aruba|ANT Dutch Antilles|CSK Czechoslovakia|DDR East Germany
DDR German Democratic Republic|DDR Dem. Rep. of Germany|DDR Former Dem. Rep. of Germany|SUN USSR
SUN Soviet Union|SUN Former USSR|SUN U.S.S.R.|SUN Union of Soviet Socialist Republics
SFRY Yugoslavia|SFRY Yugoslavia, SFR|SFRY Former Yugoslavia|YMD Democratic Yemen
YMD Yemen, Democratic|YMD Former Democratic Yemen|YMD South Yemen
YMD Yemen, People's Democratic Republic|VDR Dem. Rep. of Vietnam|VDR Rep. of Vietnam
VDR Former Vietnam|VDR Former Dem. Rep. of Vietnam|VDR Former Rep. of Vietnam|PCI Pacific Islands
PCI Trust Territory of the Pacific Islands|NTZ Neutral Zone|PCZ Former Panama Canal Zone
PCZ Panama Canal Zone|PAKX East and West Pakistan|MYSX Peninsula Malaysia|MYSX Sabah|MYSX Sarawak
RHO Rhodesia Nyasaland|RHO Former Rhodesia Nyas|RHO Rhodesia Nyas|RYU Ryukyu Isd
TAN Former Tanganyika|TAN Tanganyika|ZAN Former Zanzibar and Pemba Isd|ZAN Zanzibar and Pemba Isd
WIN Saint Kitts and Nevis Anguilla|WIN Saint Kitts Nevis and Anguilla
WIN Saint Kitts Nevis Anguilla Aruba|ROF Former French Africa|IOT Chagos Archipelago
CHI Channel Islands|CNRY Canary Islands|CEU Ceuta|CEU Ceuta and Melilla|MEL Melilla
XNC Northern Cyprus|SOL Somaliland
"""

_SHORT = {
    "rep": "republic", "dem": "democratic", "isds": "islands", "isd": "islands",
    "is": "islands", "island": "islands", "isles": "islands", "st": "saint", "ste": "saint",
    "fmr": "former", "fm": "former", "so": "south", "neth": "netherlands", "fed": "federal",
    "terr": "territory", "br": "british", "fr": "french", "n": "northern", "s": "south",
    "herz": "herzegovina", "incl": "including", "excl": "excluding",
}  # fmt: skip

_FILLING = frozenset({"the", "of", "and", "de"})

_STYLES = frozenset(
    """
    republic islamic state kingdom federation federal federated democratic peoples arab
    bolivarian plurinational principality grand duchy commonwealth sultanate socialist
    independent cooperative co operative hashemite oriental swiss states union republica
    bolivariana del
    """.split()  # noqa: SIM905 - as readable as it gets
)
"""Words of official names that short names leave out."""


def name_key(name: str) -> str:
    """One key for all spellings of a name that differ in order, case, accents or abbreviation.

    Examples
    --------
    >>> name_key("Congo, Dem. Rep. of the") == name_key("Democratic Republic of the Congo")
    True
    >>> name_key("Côte d’Ivoire"), name_key("St. Lucia")
    ('cote divoire', 'lucia saint')
    """
    text = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(
        r"\(?\s*(\.\.\.|…|before|until|prior to)\s*\d{4}\s*\)?|\(\d{4}\s*-\s*\d{4}\)", " ", text
    )
    text = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", re.sub(r"['’‘`´]", "", text))
    words = [_SHORT.get(word, word) for word in re.findall(r"[^\W_]+", text)]
    return " ".join(sorted({w for w in words if w not in _FILLING}))


def code_of_name(name: str) -> str:
    """ISO letters (of former territories, similar ones) for an English name; empty if unknown.

    Examples
    --------
    >>> code_of_name("Rep. of Korea"), code_of_name("Korea, Dem. People's Rep."), code_of_name("X")
    ('KOR', 'PRK', '')
    """
    key = name_key(name)
    if key in _codes():
        return _codes()[key]
    plain = " ".join(word for word in key.split() if word not in _STYLES)
    return _codes().get(plain, "") if plain != key else ""


@functools.cache
def _spellings() -> tuple[tuple[str, str], ...]:
    """Pairs of code and name."""
    found = [(one.alpha3, text) for one in iso3166.countries
             for text in {one.name, one.apolitical_name}]  # fmt: skip
    entries = re.split(r"[|\n]", _STATES.strip() + "\n" + _TERRITORIES.strip())
    found += [(code, name) for code, _, name in (e.strip().partition(" ") for e in entries)]
    return tuple(found)


@functools.cache
def _codes() -> dict[str, str]:
    """Code by key of the name."""
    return {name_key(name): code for code, name in _spellings()}
