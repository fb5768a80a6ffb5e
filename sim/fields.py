"""What each array of the state is: dimensions, unit, meaning, type, bounds, first value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import ConfigError
from sim.mechanism import Collected, Mechanism, unique
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.setting import Setting

__all__ = ["FIELDS", "Field"]


@dataclass(frozen=True)
class Field:
    """One named array.

    Attributes
    ----------
    name
        Its name in its block of the state.
    dims
        Axes in order: S states, O organisations.
    low, high
        Inclusive bounds that hold after every phase.
    initial
        Its value on the first day of the run: a number, or a function of the setting that returns
        the array.
    total
        How a field that several contribute to follows from its parts: ``np.add`` (their sum),
        ``np.maximum`` or ``np.logical_or``. Nobody writes it; whoever contributes writes a part of
        its own, so that nobody wipes what another has settled.
    part_of
        Name of the total that this field contributes to.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    meaning: str
    dtype: type = np.float64
    low: float = -np.inf
    high: float = np.inf
    initial: float | Callable[[Setting], NDArray[Any]] = 0
    total: np.ufunc | None = None
    part_of: str = ""

    def first(self, setting: Setting) -> NDArray[Any] | float:
        """Its value on the first day of the run."""
        return self.initial(setting) if callable(self.initial) else self.initial


def _members(setting: Setting) -> Bools:
    codes = setting.axes.organisations
    return np.array([setting.world.members(code, setting.scenario.start) for code in codes])


def _civil_conflict(setting: Setting) -> Ints:
    facts = setting.world.security.facts
    level = facts.has_conflict.astype(np.int64) + facts.at_war.astype(np.int64)
    return level if setting.is_on("civil_conflict") else 0 * level


def _dispute_stage(setting: Setting) -> Ints:
    stage = np.zeros((len(setting.axes.states),) * 2, dtype=np.int64)
    for one in setting.world.security.open if setting.is_on("disputes") else ():
        stage[one.i, one.j] = stage[one.j, one.i] = one.level
    return stage


def _capacity(setting: Setting) -> Floats:
    codes = setting.axes.organisations
    return np.array([setting.charter(code).secretariat.capacity for code in codes])


_SHARED = (
    Field("orientation", ("S",), "sd", "leader's orientation towards nationalism", low=-5, high=5),
    Field(
        "public_discontent",
        ("S",),
        "sd",
        "discontent at home, in what it moves the orientation of a successor",
        low=-5,
        high=5,
    ),
    Field(
        "trust",
        ("S",),
        "share",
        "how far others trust a state to keep agreements",
        low=0,
        high=1,
        initial=1,
    ),
    Field(
        "is_member",
        ("O", "S"),
        "1",
        "whether the state is a member",
        np.bool_,
        initial=_members,
    ),
    Field(
        "leaves_at",
        ("O", "S"),
        "step",
        "quarter of an announced exit, -1 if none",
        np.int64,
        -1,
        initial=-1,
    ),
    Field(
        "has_no_vote",
        ("O", "S"),
        "1",
        "whether a member may not vote: suspended, or too far in arrears",
        np.bool_,
        total=np.logical_or,
    ),
    Field("is_dissolved", ("O",), "1", "whether the organisation has come to its end", np.bool_),
    Field(
        "arrears",
        ("O", "S"),
        "share",
        "share of its dues a member withholds, the largest of those given",
        low=0,
        high=1,
        total=np.maximum,
    ),
    Field(
        "shock_arrears",
        ("O", "S"),
        "share",
        "the part of it that dated events hold in force",
        low=0,
        high=1,
        part_of="arrears",
    ),
    Field(
        "is_vacant",
        ("O",),
        "1",
        "whether the secretariat has no head",
        np.bool_,
        total=np.logical_or,
    ),
    Field(
        "shock_vacancy",
        ("O",),
        "1",
        "whether it has none by a dated event",
        np.bool_,
        part_of="is_vacant",
    ),
    Field(
        "capacity",
        ("O",),
        "share",
        "what the secretariat can work on",
        low=0,
        high=1,
        initial=_capacity,
    ),
    Field("meetings_due", ("O",), "meetings", "meetings earned and not yet held", low=0),
    Field(
        "n_done",
        ("O",),
        "deeds",
        "what it did on its mandate so far: items settled, conflicts taken up, missions sent, …",
        np.int64,
        0,
        total=np.add,
    ),
    Field(
        "n_failed",
        ("O",),
        "cases",
        "what came to nothing so far: items that ended otherwise, conflicts declined, …",
        np.int64,
        0,
        total=np.add,
    ),
    Field("n_agreed", ("O",), "items", "items settled so far", np.int64, 0, part_of="n_done"),
    Field(
        "n_lapsed",
        ("O",),
        "items",
        "items that died at their deadline so far",
        np.int64,
        0,
        part_of="n_failed",
    ),
    Field(
        "n_statements",
        ("O",),
        "items",
        "items on which a statement was all that came so far",
        np.int64,
        0,
        part_of="n_failed",
    ),
    Field("n_blocks", ("O",), "votes", "blocking votes in the quarter", np.int64, 0),
    Field("n_vetoes", ("O",), "votes", "blocking votes so far", np.int64, 0),
    Field("n_exits", ("O",), "exits", "members that left so far", np.int64, 0),
    Field(
        "extra_tariff",
        ("S", "S"),
        "fraction",
        "tariffs added outside agreements, in all",
        low=-1,
        total=np.add,
    ),
    Field(
        "extra_trade_cost",
        ("S", "S"),
        "fraction",
        "trade costs added outside agreements, in all",
        low=-1,
        total=np.add,
    ),
    Field(
        "extra_income",
        ("S",),
        "% of annual income",
        "income added outside agreements and trade, in all",
        low=-100,
        total=np.add,
    ),
    Field(
        "passing_trade_cost",
        ("S", "S"),
        "fraction",
        "trade costs added for a time, which negotiators look beyond, in all",
        low=-1,
        total=np.add,
    ),
    Field(
        "passing_income",
        ("S",),
        "% of annual income",
        "income added for a time, which negotiators look beyond, in all",
        total=np.add,
    ),
    Field(
        "dispute_stage",
        ("S", "S"),
        "stage",
        "stage of the pair's open dispute: 0 none, 1 threat, 2 display, 3 force, 4 war",
        np.int64,
        0,
        4,
        _dispute_stage,
    ),
    Field(
        "mediation",
        ("S", "S"),
        "logits",
        "what third parties add in the quarter to the chance that the pair's dispute is settled",
    ),
    Field(
        "civil_mediation",
        ("S",),
        "logits",
        "what mediators add to the yearly chance that the state's civil conflict ends",
    ),
    Field(
        "civil_conflict",
        ("S",),
        "level",
        "civil conflict: 0 none, 1 below war level, 2 at war level",
        np.int64,
        0,
        2,
        _civil_conflict,
    ),
    Field(
        "coup",
        ("S",),
        "outcome",
        "coup of the quarter: 0 none, 1 failed, 2 successful",
        np.int64,
        0,
        2,
        total=np.maximum,
    ),
    Field(
        "shock_coup",
        ("S",),
        "outcome",
        "the part of it that dated events bring",
        np.int64,
        0,
        2,
        part_of="coup",
    ),
    Field(
        "order_returns",
        ("S",),
        "1",
        "whether constitutional order, where a coup has broken it, returns in the quarter",
        np.bool_,
    ),
    Field(
        "sanction_pressure",
        ("S",),
        "logs",
        "by how much sanctions imposed in the run raise the hazard that what they answer ends",
    ),
    Field("peacekeepers", ("S",), "persons", "strength of peace missions in the state", low=0),
    Field(
        "is_condemned",
        ("S",),
        "1",
        "whether a body looks into human rights there without its consent",
        np.bool_,
        total=np.logical_or,
    ),
    Field(
        "shock_tariff",
        ("S", "S"),
        "fraction",
        "the part of them that dated events hold in force",
        low=-1,
        part_of="extra_tariff",
    ),
    Field("has_agreement", ("S", "S"), "1", "whether a trade agreement is in force", np.bool_),
    Field("has_treaty", ("S", "S"), "1", "whether an older treaty binds the pair", np.bool_),
    Field(
        "treaty_since",
        ("S", "S"),
        "step",
        "since when it does, -1 = the start",
        np.int64,
        -1,
        initial=-1,
    ),
    Field("tariff", ("S", "S"), "fraction", "tariff of importer j on exporter i", low=-1),
    Field(
        "trade_cost",
        ("S", "S"),
        "ratio",
        "trade cost relative to the baseline",
        low=0,
        initial=1,
    ),
    Field(
        "flows",
        ("S", "S"),
        "bn USD 2023",
        "sales of i to j at producer prices",
        low=0,
        initial=lambda setting: setting.economy.flows,
    ),
    Field(
        "welfare",
        ("S",),
        "ratio",
        "real expenditure relative to the baseline",
        low=0,
        initial=1,
    ),
    Field(
        "welfare_trade",
        ("S",),
        "ratio",
        "the part of it that follows from trade",
        low=0,
        initial=1,
    ),
    Field("income_effect", ("S",), "%", "income that agreements and the like add", low=-100),
    Field("revenue", ("S",), "share", "tariff revenue as a share of expenditure", low=-1, high=1),
)


def _all(found: Mapping[str, Mechanism]) -> dict[str, Field]:
    fields = unique(
        "field",
        ((one.name, one) for one in _SHARED),
        (
            (mechanism.full(one.name), replace(one, name=mechanism.full(one.name)))
            for mechanism in found.values()
            for one in mechanism.fields
        ),
    )
    for name, one in fields.items():
        whole = fields.get(one.part_of)
        if one.part_of and (whole is None or whole.total is None or whole.dims != one.dims):
            totals = [key for key, other in fields.items() if other.total is not None]
            raise ConfigError(
                f"field {name!r} is part of {one.part_of!r}",
                expected=f"a total of the same dimensions among {', '.join(totals)}",
            )
    return fields


FIELDS: Collected[Field] = Collected(_all)
"""All arrays of the state by name, those of a mechanism as ``mechanism.field``."""
