"""Readable names of measures, and units as text; shared by tables and figures."""

from __future__ import annotations

_ROUNDING = 1e-12  # what is left of differences of equal numbers

TITLES = {
    "world_trade": "World trade",
    "world_trade_change": "World trade, change",
    "world_welfare": "World welfare",
    "welfare_small_mid": "Welfare of small and middle states",
    "welfare_usa": "Welfare of the United States",
    "welfare_eu": "Welfare of the EU",
    "welfare_chn": "Welfare of China",
    "us_imports_change": "US imports, change",
    "mean_applied_tariff": "Mean applied tariff",
    "us_tariff": "US tariff",
    "trade_under_agreements": "Trade under agreements",
    "agreements_in_force": "Agreements in force",
    "agreements_signed": "Agreements signed",
    "items_agreed": "Items agreed",
    "items_lapsed": "Items lapsed",
    "vetoes": "Vetoes",
    "months_to_agreement": "Months to agreement",
    "accessions": "Accessions",
    "withdrawals": "Withdrawals",
    "regional_share": "Agreed in regional bodies",
    "fragmentation": "Fragmentation of agreements",
    "rule_convergence": "States under one rule, chance",
    "rule_trade": "Trade under one rule",
    "rules_taken_up": "Rules taken up from others",
    "multilateral_rules": "Rules handed to a global body in force",
    "dependence_small_mid": "Trade with the first great power",
    "gini_gains": "Inequality of gains (Gini)",
    "mean_vitality": "Mean vitality of organisations",
    "vetoes_per_item": "Blocking votes per item",
    "blocks_per_item": "Blocking votes per item",
    "blocking_share": "Votes that block",
    "months_open": "Months at the table",
    "months_to_first_agreement": "Months to the first agreement",
    "share_agreed": "Items agreed, share",
    "later_accessions": "Later accessions",
    "depth_agreed": "Depth agreed",
    "trade_cost_cut": "Trade-weighted cost cut",
    "first_movers": "States that go first",
    "years_to_accession": "Years to accession",
}
_PURE_NUMBERS = {"", "1", "-", "—", "none", "dimensionless"}


def title(measure: str) -> str:
    """Name a measure for a reader.

    Examples
    --------
    >>> title("welfare_eu"), title("some_new_measure")
    ('Welfare of the EU', 'Some new measure')
    """
    return TITLES.get(measure, measure.replace("_", " ").strip().capitalize())


def unit_text(unit: str, pure: str = "") -> str:
    """Write the unit for a reader; `pure` stands for pure numbers.

    Examples
    --------
    >>> unit_text("%"), unit_text("1", "index")
    ('%', 'index')
    """
    return pure if unit.strip().lower() in _PURE_NUMBERS else unit


def number(value: float) -> str:
    """Write a number with three significant digits and a true minus sign.

    Examples
    --------
    >>> number(-0.01234), number(12345.6), number(float("nan")), number(-9e-16)
    ('−0.0123', '12,346', 'n/a', '0')
    """
    if value != value:  # noqa: PLR0124  NaN is the only number unlike itself
        return "n/a"
    if abs(value) < _ROUNDING:
        value = 0.0
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")
