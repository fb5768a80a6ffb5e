"""What each array of the state is: dimensions, unit, meaning, type, bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["FIELDS", "RECORDS", "Field"]


@dataclass(frozen=True)
class Field:
    """One named array.

    Attributes
    ----------
    dims
        Axes in order: S states, O organisations.
    low, high
        Inclusive bounds that hold after every phase.
    adds_to
        What the economy adds the field to: ``tariff`` or ``trade_cost`` ((S, S), fractions) or
        ``income`` ((S,), percent of annual income); empty for fields that it does not read.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    meaning: str
    dtype: type = np.float64
    low: float = -np.inf
    high: float = np.inf
    adds_to: str = ""


FIELDS: tuple[Field, ...] = (
    Field("orientation", ("S",), "sd", "leader's orientation towards nationalism", low=-5, high=5),
    Field("is_member", ("O", "S"), "1", "whether the state is a member", np.bool_),
    Field(
        "leaves_at", ("O", "S"), "step", "quarter of an announced exit, -1 if none", np.int64, -1
    ),
    Field("arrears", ("O", "S"), "share", "share of its dues a member withholds", low=0, high=1),
    Field("is_vacant", ("O",), "1", "whether the secretariat has no head", np.bool_),
    Field("funding", ("O",), "share", "dues paid, as a share of the budget", low=0, high=1),
    Field("capacity", ("O",), "share", "what the secretariat can work on", low=0, high=1),
    Field("vitality", ("O",), "share", "vitality of the organisation", low=0, high=1),
    Field("meetings_due", ("O",), "meetings", "meetings earned and not yet held", low=0),
    Field("n_agreed", ("O",), "items", "items settled so far", np.int64, 0),
    Field("n_lapsed", ("O",), "items", "items that died at their deadline so far", np.int64, 0),
    Field("n_blocks", ("O",), "votes", "blocking votes in the quarter", np.int64, 0),
    Field("n_vetoes", ("O",), "votes", "blocking votes so far", np.int64, 0),
    Field("n_exits", ("O",), "exits", "members that left so far", np.int64, 0),
    Field(
        "extra_tariff",
        ("S", "S"),
        "fraction",
        "tariffs added outside agreements",
        low=-1,
        adds_to="tariff",
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
    ),
    Field("tariff", ("S", "S"), "fraction", "tariff of importer j on exporter i", low=-1),
    Field("trade_cost", ("S", "S"), "ratio", "trade cost relative to the baseline", low=0),
    Field("flows", ("S", "S"), "bn USD 2023", "sales of i to j at producer prices", low=0),
    Field("welfare", ("S",), "ratio", "real expenditure relative to the baseline", low=0),
    Field("welfare_trade", ("S",), "ratio", "the part of it that follows from trade", low=0),
    Field("income_effect", ("S",), "%", "income that agreements and the like add", low=-100),
    Field("revenue", ("S",), "share", "tariff revenue as a share of expenditure", low=-1, high=1),
)
"""All arrays of the state, in the order in which they are shown."""

RECORDS: tuple[str, ...] = ("agreements", "docket")
"""Tuples of frozen records that stand beside the arrays and obey the same rule of writing."""
