"""Fields of trade and income: terms between states, flows, welfare."""

from __future__ import annotations

import numpy as np

from sim.fields.field import Field

__all__ = ["TRADE"]


TRADE = (
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
"""Terms of trade, and what follows from them."""
