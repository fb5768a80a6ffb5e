"""States choose the forum in which they negotiate what they want."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.columns import QuarterlyTable, columns_from
from sim.events import EventKind
from sim.mechanism import Mechanism
from sim.mechanisms.forum_choice.phase import FORUM_CHOICE
from sim.mechanisms.forum_choice.records import Brought, Watched
from sim.mechanisms.forum_choice.records import Record as Seen
from sim.records import Record
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["FORUM_CHOICE", "MECHANISM"]

_OPENINGS = columns_from("""
area | word | | issue area
demandeur | word | | who brings it: a state or a customs union
partner | word | | with whom an agreement is wanted, empty when with all of a body
form | word | | bilateral, party (a body with an outsider), body (among its members), or none
body | word | | the body, empty without one
organisation | word | | code under which it is negotiated
item | word | | name of the item there
chance | number | share | chance of success there, as the demandeur believes
delay | number | years | expected until then
gain | number | % of annual income | of the demandeur, once settled
value | number | million USD | present value, less the cost of bringing it
n_options | count | forums | forums that were open to it
next_form | word | | form of the second best
next_body | word | | its body
next_value | number | million USD | what it was worth there
""")
_FORUMS = columns_from("""
area | word | | issue area
form | word | | bilateral, party (a body with an outsider) or body (among its members)
body | word | | the body, empty without one
level | word | | bilateral, regional, interregional or global
prior | number | share | chance by its rule and size, before anything was seen
settled | count | items | settled there so far
failed | count | items | that came to nothing
chance | number | share | chance of success, mean of what states believe
spread | number | share | standard deviation of that over states
delay | number | years | expected until an item is settled, mean; infinite where nobody meets
n_open | count | items | that share its meetings
n_brought | count | items | brought there by choice so far
share | number | share | of all items brought by choice so far
""")


def _openings(_: Setting, state: State) -> Mapping[str, Any]:
    those = [one for one in state.forum_choice.needs if one.step == state.step]
    plain = ("area", "demandeur", "partner", "item", "chance", "delay", "gain", "value",
             "n_options", "next_value")  # fmt: skip
    return {
        **{name: [getattr(one, name) for one in those] for name in plain},
        "form": [one.place.form for one in those],
        "body": [one.place.body for one in those],
        "organisation": [one.forum for one in those],
        "next_form": [one.next_place.form for one in those],
        "next_body": [one.next_place.body for one in those],
    }


def _forums(_: Setting, state: State) -> Mapping[str, Any]:
    those: tuple[Seen, ...] = state.forum_choice.records
    total = max(sum(one.n_brought for one in those), 1)
    plain = ("level", "prior", "settled", "failed", "n_open", "n_brought")
    return {
        **{name: [getattr(one, name) for one in those] for name in plain},
        "area": [one.place.area for one in those],
        "form": [one.place.form for one in those],
        "body": [one.place.body for one in those],
        "chance": [float(one.chance.mean()) for one in those],
        "spread": [float(one.chance.std()) for one in those],
        "delay": [float(one.delay.mean()) for one in those],
        "share": [one.n_brought / total for one in those],
    }


MECHANISM = Mechanism(
    name="forum_choice",
    meaning="states want agreements, and bring them where they are worth most",
    source="Busch 2007; Alter & Meunier 2009; Poirier 1980 for who wants one; costs assumed",
    records=(
        Record("records", Seen, "what each kind of forum has delivered, and what is expected"),
        Record("needs", Brought, "needs of the quarter, and earlier ones that are negotiated"),
        Record("watched", Watched, "items before places with a record that are not over"),
    ),
    switches=(
        Switch(
            "forum_choice", "states want agreements and choose the forum",
            default=False,
        ),
    ),
    parameters=(
        "need_rate", "need_digital", "need_health", "need_climate", "forum_consent",
        "belief_strength", "belief_others", "forum_meetings", "forum_discount",
        "talks_years_two", "talks_years_doubling",
        *(f"forum_cost_{kind}" for kind in ("bilateral", "party", "regional", "global")),
    ),
    tables=(
        QuarterlyTable("openings", "need and quarter", _OPENINGS, _openings),
        QuarterlyTable("forums", "kind of forum and quarter", _FORUMS, _forums),
    ),
    events=(EventKind("item_brought", "demandeur", "a state chose a forum", "million USD"),),
    phases=(FORUM_CHOICE,),
)  # fmt: skip
