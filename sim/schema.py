"""Tables that a run writes: columns with type, unit and meaning (`docs/outputs.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from sim.columns import Column, columns_from
from sim.errors import ConfigError
from sim.mechanism import Collected, Mechanism, unique

__all__ = ["PARTS", "QUARTERLY", "ROWS", "TABLES", "arrow_schema"]

_TIME = """
step | count | quarter | quarter counted from 0
date | day | | first day of the quarter
"""
_EVENT_TIME = """
step | count | quarter | quarter counted from 0
date | day | | day of the event
"""

PARTS: dict[str, str] = {
    "constant": "any agreement once a table is open",
    "gain": "the gain",
    "sectors": "what sectors lose in protection and gain in exports",
    "democracy": "the lower democracy score with each partner",
    "history": "that pairs could have agreed before and did not",
    "depth": "what depth costs",
    "area": "what else the issue area has",
    "leader": "the leader's orientation",
    "red_lines": "red lines crossed",
    "refusal": "objections to the item before",
    "state": "what the state makes of all items of the area",
    "lasting": "what the state makes of this item, whenever it is opened",
    "passing": "what this meeting draws",
    "bloc": "of a customs union: what its own rule makes of its members' margins",
}
"""Parts of a vote in logits: together they are margin + aspiration."""

_SHARED: dict[str, tuple[Column, ...]] = {
    "events": columns_from(
        _EVENT_TIME
        + """
kind | word | | what happened
actor | word | | who did it: states (; between several) or an organisation
target | word | | whom it is aimed at
organisation | word | | organisation concerned
agreement | word | | agreement concerned
item | word | | item concerned, <organisation>/<item>/<opening>
value | number | as the kind says | size: rate in percentage points, count, share
reason | word | | why
"""
    ),
    "rounds": columns_from(
        _EVENT_TIME
        + """
organisation | word | | organisation that meets
item | word | | item, <organisation>/<item>/<opening>
area | word | | issue area
round | count | rounds | round counted from 0
meeting | count | meetings | meeting within the quarter
rule | word | | decision rule
chair | word | | who tabled
move | word | | what the chair did since the last round
level | number | as `level_unit` says | the area's first term as tabled
level_unit | word | | unit of the level
terms | word | | all terms tabled, with their units, ; between several
depth | number | % | trade-cost cut tabled, in trade
tariff_cut | number | % of the applied tariff | tariff cut tabled, in trade
form | word | | binding or soft
exemptions | word | | matters left out, ; between several
greatest_level | number | as `level_unit` says | the greatest level that the item offers
n_parties | count | parties | parties at the table
n_accept | count | parties | votes for
n_abstain | count | parties | abstentions
n_reject | count | parties | votes against
outcome | word | | agreed or failed
adopters | word | | parties bound if agreed, ; between several
blockers | word | | parties named as blocking, ; between several
largest_shortfall | number | logits | what the furthest blocker lacked
welfare_gain | number | % of joint income | joint gain if all adopt
nash_level | number | as `level_unit` says | level of the Nash solution
median_level | number | as `level_unit` says | weighted median of the parties' ideal levels
mean_level | number | as `level_unit` says | weighted mean of the parties' ideal levels
nash_depth | number | % | the same in trade: trade-cost cut of the Nash solution
nash_tariff_cut | number | % of the applied tariff | tariff cut of the Nash solution, in trade
median_depth | number | % | weighted median of the parties' ideal depths, in trade
mean_depth | number | % | weighted mean of the parties' ideal depths, in trade
"""
    ),
    "votes": columns_from(
        _EVENT_TIME
        + """
organisation | word | | organisation that meets
item | word | | item
round | count | rounds | round counted from 0
party | word | | state or bloc
vote | word | | accept, abstain or reject
is_blocking | flag | | whether the rule names it as blocking
gain | number | % of annual income | gain over no agreement if all adopt
utility | number | logits | utility, noise included
aspiration | number | logits | what it insists on
margin | number | logits | utility less aspiration; of a bloc, of its pivotal members
"""
        + "".join(
            f"part_{name} | number | logits | part of margin + aspiration: {meaning}\n"
            for name, meaning in PARTS.items()
        )
    ),
    "states": columns_from(
        _TIME
        + """
state | word | ISO 3166-1 alpha-3 | state
region | word | | its UN M49 sub-region
welfare | number | % | change of real expenditure on the baseline world, climate aside
income | number | bn USD 2023 | expenditure a year in the baseline world, the weight of its welfare
welfare_trade | number | % | the part of it that follows from trade
income_effect | number | % of annual income | what is added to income beside trade
exports | number | bn USD 2023 | exports a year
imports | number | bn USD 2023 | imports a year, before tariffs
tariff_charged | number | % | trade-weighted tariff on its imports
tariff_faced | number | % | trade-weighted tariff on its exports
revenue | number | % of expenditure | tariff revenue
orientation | number | sd | leader's orientation towards nationalism
n_partners | count | states | states with which a trade agreement is in force
n_organisations | count | organisations | memberships
"""
    ),
    "organisations": columns_from(
        _TIME
        + """
organisation | word | | code of the charter
level | word | | global, regional or interregional
n_members | count | states | members
capacity | number | share | what the secretariat can work on
is_vacant | flag | | whether the secretariat has no head
n_open | count | items | items under negotiation
n_agreed | count | items | items settled so far
n_lapsed | count | items | items that died so far
n_blocks | count | votes | blocking votes in the quarter
"""
    ),
    "agreements": columns_from(
        """
agreement | word | | code, <organisation>/<item>/<opening>
organisation | word | | organisation
item | word | | docket item
area | word | | issue area
form | word | | binding or soft
level | number | as `level_unit` says | the area's first term as agreed
level_unit | word | | unit of the level
terms | word | | all terms agreed, with their units, ; between several
depth | number | % | trade-cost cut agreed, in trade
tariff_cut | number | % of the applied tariff | tariff cut agreed, in trade
scale | number | share | what exemptions and form leave of it
effects | word | | what it does among those bound, ; between several
is_initial | flag | | whether it was in force before the first day
exemptions | word | | matters left out, ; between several
status | word | | stage at the end of the run
opened | day | | item opened
agreed | day | | agreed
signed | day | | signed
in_force | day | | entered into force
ended | day | | lapsed or withdrawn
n_signatories | count | states | signatories
n_ratified | count | states | ratifications
signatories | word | | ; between several
ratified | word | | ; between several
acceded | word | | signatories that came later, ; between several
months_to_agreement | number | months | from opening to agreement
months_to_force | number | months | from signature to force
"""
    ),
    "summary": columns_from(
        _TIME
        + """
world_trade | number | bn USD 2023 | trade between states a year, before tariffs
world_trade_change | number | % | change on the baseline world
world_welfare | number | % | income-weighted change of real expenditure
welfare_small_mid | number | % | the same over small and middle states
welfare_usa | number | % | change of real expenditure, United States
welfare_eu | number | % | the same, members of the EU
welfare_chn | number | % | the same, China
dependence_small_mid | number | % | trade of small and middle states with their first major power
us_imports_change | number | % | change of United States imports on the baseline world
mean_applied_tariff | number | % | trade-weighted applied tariff, baseline trade weights
us_tariff | number | % | tariff of the United States, baseline trade weights
trade_cost_cut | number | % | cut of trade costs by agreements, baseline trade weights
trade_cost_of_conflict | number | % | what conflict adds to trade costs, baseline trade weights
trade_under_agreements | number | % of world trade | trade between states with an agreement in force
agreements_in_force | count | agreements | agreements of the run in force
agreements_signed | count | agreements | agreements signed so far
items_agreed | count | items | items settled so far
items_lapsed | count | items | items that died so far
vetoes | count | votes | blocking votes so far
months_to_agreement | number | months | mean from opening to agreement so far
accessions | count | states | later accessions to agreements so far
withdrawals | count | exits | exits from organisations so far
regional_share | number | % of settled items | settled by regional and interregional bodies
fragmentation | number | modularity | modularity of the network of trade agreements
gini_gains | number | share | Gini coefficient of gains per head above the worst-off (0: none)
"""
    ),
}

_ROWS = {
    "events": "event, by date",
    "rounds": "round of a negotiation",
    "votes": "party and round",
    "states": "state and quarter",
    "organisations": "organisation and quarter",
    "agreements": "agreement of the run, as it stands at the end",
    "summary": "quarter",
}

QUARTERLY = ("states", "organisations", "summary")
"""Tables with rows of every quarter, to which mechanisms may add columns."""


def _with_columns(found: Mapping[str, Mechanism]) -> dict[str, tuple[Column, ...]]:
    """The shared tables with the columns of mechanisms, and the mechanisms' own."""
    tables = dict(_SHARED)
    for mechanism in found.values():
        for name, added in mechanism.columns.items():
            if name not in QUARTERLY:
                raise ConfigError(
                    f"cannot add columns to {name!r}",
                    where=f"mechanism {mechanism.name}",
                    expected=f"one of: {', '.join(QUARTERLY)}",
                )
            tables[name] = _each_once(name, (*tables[name], *added))
    time = columns_from(_TIME)
    own = [table for mechanism in found.values() for table in mechanism.tables]
    return unique(
        "table",
        tables.items(),
        ((table.name, _each_once(table.name, (*time, *table.columns))) for table in own),
    )


def _each_once(table: str, columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(unique(f"column of {table!r}", (), ((one.name, one) for one in columns)).values())


TABLES: Collected[tuple[Column, ...]] = Collected(_with_columns)
"""All tables, in the order in which they are written."""

ROWS: Collected[str] = Collected(
    lambda found: {
        **_ROWS,
        **{table.name: table.row for one in found.values() for table in one.tables},
    }
)
"""What one row of each table is for."""


def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of a table, unit and meaning in each field's metadata.

    Examples
    --------
    >>> arrow_schema("summary").field("world_trade").metadata[b"unit"]
    b'bn USD 2023'
    """
    return pa.schema(
        [
            pa.field(c.name, c.type, metadata={"unit": c.unit, "meaning": c.meaning})
            for c in TABLES[table]
        ]
    )
