"""Names of states and territories as trade statistics and everyday English have them."""

# ruff: noqa: E501 - one line for each state

from __future__ import annotations

import pytest

from sim.world.codes import CodeBook
from sim.world.tables import read_table

_ROWS = list(read_table("states.csv", ["iso3", "numeric", "comtrade", "name"]))
BOOK = CodeBook(
    [row.text("iso3") for row in _ROWS],
    *([row.text(c) for row in _ROWS] for c in ("numeric", "comtrade", "name")),
)

# UN Comtrade and CEPII BACI (abbreviated), UN M49, World Bank, IMF, WTO, everyday names.
STATES = """
AFG Afghanistan; Afghanistan, Islamic Rep. of
AGO Angola
ALB Albania
AND Andorra; Andorra, Principality of
ARE United Arab Emirates; UAE
ARG Argentina
ARM Armenia; Armenia, Rep. of
ATG Antigua and Barbuda; Antigua & Barbuda
AUS Australia
AUT Austria
AZE Azerbaijan; Azerbaijan, Rep. of
BDI Burundi
BEL Belgium; Belgium-Luxembourg (...1998); Belgium-Luxembourg
BEN Benin
BFA Burkina Faso
BGD Bangladesh
BGR Bulgaria
BHR Bahrain; Bahrain, Kingdom of; Kingdom of Bahrain
BHS Bahamas; Bahamas, The; The Bahamas
BIH Bosnia Herzegovina; Bosnia and Herzegovina; Bosnia & Herzegovina
BLR Belarus; Belarus, Rep. of
BLZ Belize
BOL Bolivia (Plurinational State of); Bolivia; Bolivia, Plurinational State of
BRA Brazil
BRB Barbados
BRN Brunei Darussalam; Brunei
BTN Bhutan
BWA Botswana
CAF Central African Rep.; Central African Republic
CAN Canada
CHE Switzerland; Switzerland, Liechtenstein
CHL Chile
CHN China; China, People's Rep. of; China, P.R.: Mainland; People's Republic of China; Mainland China
CIV Côte d'Ivoire; Cote d'Ivoire; Ivory Coast; Côte d’Ivoire; C?te d'Ivoire
CMR Cameroon
COD Dem. Rep. of the Congo; Democratic Republic of the Congo; Congo, Dem. Rep.; Congo, Democratic Republic of the; Congo, Dem. Rep. of the; DR Congo
COG Congo; Congo, Rep.; Congo, Republic of; Republic of the Congo; Congo, Rep. of
COL Colombia
COM Comoros; Comoros, Union of the
CPV Cabo Verde; Cape Verde
CRI Costa Rica
CUB Cuba
CYP Cyprus
CZE Czechia; Czech Republic; Czech Rep.
DEU Germany; Fmr Fed. Rep. of Germany (...1990); Germany, Federal Republic of
DJI Djibouti
DMA Dominica
DNK Denmark
DOM Dominican Rep.; Dominican Republic
DZA Algeria
ECU Ecuador
EGY Egypt; Egypt, Arab Rep.; Egypt, Arab Rep. of
ERI Eritrea; Eritrea, The State of
ESP Spain
EST Estonia; Estonia, Rep. of
ETH Ethiopia; Ethiopia (...1992); Ethiopia, The Federal Dem. Rep. of
FIN Finland
FJI Fiji; Fiji, Rep. of
FRA France; France, Monaco
FSM FS Micronesia; Micronesia (Federated States of); Micronesia, Fed. Sts.; Micronesia, Federated States of
GAB Gabon
GBR United Kingdom; United Kingdom of Great Britain and Northern Ireland; UK; Great Britain
GEO Georgia
GHA Ghana
GIN Guinea
GMB Gambia; Gambia, The; The Gambia
GNB Guinea-Bissau
GNQ Equatorial Guinea; Equatorial Guinea, Rep. of
GRC Greece
GRD Grenada
GTM Guatemala
GUY Guyana
HKG China, Hong Kong SAR; Hong Kong; Hong Kong SAR, China; Hong Kong, China; China, Hong Kong Special Administrative Region; China, P.R.: Hong Kong
HND Honduras
HRV Croatia; Croatia, Rep. of
HTI Haiti
HUN Hungary
IDN Indonesia
IND India; India (...1974)
IRL Ireland
IRN Iran; Iran (Islamic Republic of); Iran, Islamic Rep.; Iran, Islamic Rep. of
IRQ Iraq
ISL Iceland
ISR Israel
ITA Italy
JAM Jamaica
JOR Jordan
JPN Japan
KAZ Kazakhstan; Kazakhstan, Rep. of
KEN Kenya
KGZ Kyrgyzstan; Kyrgyz Republic; Kyrgyz Rep.
KHM Cambodia
KIR Kiribati
KNA Saint Kitts and Nevis; St. Kitts and Nevis
KOR Rep. of Korea; Republic of Korea; Korea, Rep.; Korea, Republic of; South Korea; Korea, Rep. of; Korea, South
KWT Kuwait
LAO Lao People's Dem. Rep.; Lao People's Democratic Republic; Lao PDR; Laos
LBN Lebanon
LBR Liberia
LBY Libya; Libyan Arab Jamahiriya
LCA Saint Lucia; St. Lucia
LIE Liechtenstein
LKA Sri Lanka
LSO Lesotho; Lesotho, Kingdom of
LTU Lithuania
LUX Luxembourg
LVA Latvia
MAR Morocco
MCO Monaco
MDA Rep. of Moldova; Republic of Moldova; Moldova; Moldova, Rep. of
MDG Madagascar; Madagascar, Rep. of
MDV Maldives
MEX Mexico
MHL Marshall Isds; Marshall Islands; Marshall Islands, Rep. of the
MKD TFYR of Macedonia; North Macedonia; Macedonia, FYR; North Macedonia, Republic of; The former Yugoslav Republic of Macedonia
MLI Mali
MLT Malta
MMR Myanmar; Burma
MNE Montenegro
MNG Mongolia
MOZ Mozambique; Mozambique, Rep. of
MRT Mauritania; Mauritania, Islamic Rep. of
MUS Mauritius
MWI Malawi
MYS Malaysia
NAM Namibia
NER Niger
NGA Nigeria
NIC Nicaragua
NLD Netherlands; Netherlands, The; The Netherlands; Netherlands (Kingdom of the)
NOR Norway; Norway, Svalbard and Jan Mayen
NPL Nepal
NRU Nauru; Nauru, Rep. of
NZL New Zealand
OMN Oman
PAK Pakistan; Pakistan (...1971)
PAN Panama
PER Peru
PHL Philippines
PLW Palau; Palau, Rep. of
PNG Papua New Guinea
POL Poland; Poland, Rep. of
PRK Dem. People's Rep. of Korea; Democratic People's Republic of Korea; Korea, Dem. People's Rep.; Korea, Dem. People's Rep. of; North Korea
PRT Portugal
PRY Paraguay
QAT Qatar
ROU Romania
RUS Russian Federation; Russia
RWA Rwanda
SAU Saudi Arabia; Saudi Arabia, Kingdom of
SDN Sudan; Sudan (...2011); Fmr Sudan
SEN Senegal
SGP Singapore
SLB Solomon Isds; Solomon Islands
SLE Sierra Leone
SLV El Salvador
SMR San Marino; San Marino, Rep. of
SOM Somalia
SRB Serbia; Serbia and Montenegro (...2005); Serbia, Rep. of
SSD South Sudan; South Sudan, Rep. of
STP Sao Tome and Principe; São Tomé and Príncipe; Sao Tome & Principe
SUR Suriname
SVK Slovakia; Slovak Republic; Slovak Rep.
SVN Slovenia; Slovenia, Rep. of
SWE Sweden
SWZ Eswatini; Swaziland; Eswatini, Kingdom of
SYC Seychelles
SYR Syria; Syrian Arab Republic; Syrian Arab Rep.
TCD Chad
TGO Togo
THA Thailand
TJK Tajikistan; Tajikistan, Rep. of
TKM Turkmenistan
TLS Timor-Leste; East Timor; Timor-Leste, Dem. Rep. of
TON Tonga
TTO Trinidad and Tobago; Trinidad & Tobago
TUN Tunisia
TUR Türkiye; Turkey; Turkiye; Türkiye, Rep of
TUV Tuvalu
TWN Other Asia, nes; Taiwan; Chinese Taipei; Taiwan, China; Taiwan Province of China; Other Asia, not elsewhere specified; Taiwan, Province of China
TZA United Rep. of Tanzania; United Republic of Tanzania; Tanzania; Tanzania, United Rep. of
UGA Uganda
UKR Ukraine
URY Uruguay
USA USA; United States; United States of America; USA, Puerto Rico and US Virgin Islands; USA (...1981)
UZB Uzbekistan; Uzbekistan, Rep. of
VCT Saint Vincent and the Grenadines; St. Vincent and the Grenadines
VEN Venezuela; Venezuela (Bolivarian Republic of); Venezuela, RB; Venezuela, Rep. Bolivariana de
VNM Viet Nam; Vietnam
VUT Vanuatu
WSM Samoa
XKX Kosovo; Kosovo, Rep. of
YEM Yemen; Yemen, Rep.; Arab Rep. of Yemen (...1990); Yemen, Rep. of
ZAF South Africa; So. African Customs Union; Southern African Customs Union (...1999)
ZMB Zambia
ZWE Zimbabwe
"""

TERRITORIES = """
American Samoa; Anguilla; Antarctica; Aruba; Bermuda; Bonaire; Bouvet Island; Br. Antarctic Terr.;
Br. Indian Ocean Terr.; Br. Virgin Isds; British Virgin Islands; Virgin Islands, British; Cayman Isds;
Cayman Islands; Christmas Isds; Christmas Island; Cocos Isds; Cocos (Keeling) Islands; Cook Isds;
Curaçao; Curacao; Falkland Isds (Malvinas); Falkland Islands (Malvinas); Faroe Isds; Faroe Islands;
Faeroe Islands; Fr. South Antarctic Terr.; French Southern Territories; French Guiana;
French Polynesia; Gibraltar; Greenland; Guadeloupe; Guam; Guernsey; Heard Island and McDonald Islands;
Holy See; Holy See (Vatican City State); Isle of Man; Jersey; China, Macao SAR; Macao; Macau;
Macao SAR, China; Martinique; Mayotte; Montserrat; N. Mariana Isds; Northern Mariana Islands;
Neth. Antilles; Netherlands Antilles (...2010); Neutral Zone; New Caledonia; Niue; Norfolk Isds;
Norfolk Island; State of Palestine; Palestine; West Bank and Gaza; Pitcairn; Puerto Rico; Réunion;
Reunion; Saint Barthélemy; Saint Helena; Saint Maarten; Sint Maarten (Dutch part);
St. Martin (French part); Saint Pierre and Miquelon; South Georgia and the South Sandwich Islands;
Svalbard and Jan Mayen; Tokelau; Turks and Caicos Isds; Turks and Caicos Islands; US Misc. Pacific Isds;
US Virgin Isds; Virgin Islands (U.S.); United States Minor Outlying Islands; Wallis and Futuna Isds;
Wallis and Futuna; Western Sahara; Czechoslovakia (...1992); Fmr Dem. Rep. of Germany (...1990);
USSR (...1990); Fmr USSR; Fmr Yugoslavia (...1991); Dem. Yemen (...1990); Dem. Rep. of Vietnam (...1974);
Rep. of Vietnam (...1974); East and West Pakistan (...1971); Fmr Panama-Canal-Zone; Peninsula Malaysia;
Sabah; Sarawak; Rhodesia Nyas; Ryukyu Isd; Fmr Tanganyika; Fmr Zanzibar and Pemba Isd;
Aland Islands; Kingdom of the Netherlands - Aruba
"""

AGGREGATES = """
World; Areas, nes; Bunkers; Free Zones; Special Categories; Other Africa, nes; Other Europe, nes;
Africa CAMEU region, nes; CACM, nes; Caribbean, nes; Eastern Europe, nes; Europe EFTA, nes;
Europe EU, nes; LAIA, nes; North America and Central America, nes; Northern Africa, nes; Oceania, nes;
Rest of America, nes; Western Asia, nes; Unspecified; European Union; Euro Area; Sub-Saharan Africa;
Middle East & North Africa; Latin America and the Caribbean; East Asia & Pacific; Advanced Economies;
Emerging and Developing Economies; Other Countries not included elsewhere; Export earnings: fuel;
Western Hemisphere; Africa; Asia; Europe; Not Specified; Countries & Areas not specified; ASEAN;
EU27_2020; EU28; W00; _X; E19; R20; WLD; World excluding intra-EU trade; Areas not elsewhere specified
"""

_CASES = [
    (name.strip(), line[:3]) for line in STATES.strip().splitlines() for name in line[4:].split(";")
]


def _listed(text):
    return [name.strip() for name in " ".join(text.split()).split(";")]


def test_the_table_is_as_large_as_it_should_be():
    assert len(_CASES) + len(_listed(TERRITORIES)) + len(_listed(AGGREGATES)) >= 350
    assert {code for _, code in _CASES} == set(BOOK.iso3)


@pytest.mark.parametrize(("name", "code"), _CASES)
def test_a_name_means_its_state(name, code):
    for spelling in (name, name.upper(), f" {name} "):
        row = BOOK.row(spelling)
        assert row is not None, spelling
        assert BOOK.iso3[row] == code


@pytest.mark.parametrize("name", _listed(TERRITORIES))
def test_a_territory_is_known_and_is_no_state(name):
    assert BOOK.row(name) is None
    assert BOOK.is_known_elsewhere(name)
    assert BOOK.is_territory(name)


@pytest.mark.parametrize("name", _listed(AGGREGATES))
def test_an_aggregate_is_known_and_is_no_place(name):
    assert BOOK.row(name) is None
    assert BOOK.is_known_elsewhere(name)
    assert not BOOK.is_territory(name)


@pytest.mark.parametrize("name", ["Untied States", "Germny", "USX", "Chian", "99999", "Korae", "X"])
def test_a_mistake_is_neither(name):
    assert BOOK.row(name) is None
    assert not BOOK.is_known_elsewhere(name)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row.text("iso3"))
def test_all_codes_of_a_state_mean_it(row):
    at = BOOK.iso3.index(row.text("iso3"))
    number = row.text("numeric")
    for code in (
        row.text("iso3").lower(),
        number,
        number.zfill(3),
        f"{number}.0",
        row.text("name"),
    ):
        assert BOOK.row(code) == at
