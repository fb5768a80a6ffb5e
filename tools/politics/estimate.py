"""Refit the acceptance utility and print it beside the values in use (see README.md here)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from items import Floats, Year, parameters
from scipy.optimize import minimize, minimize_scalar

from sim.kernels.acceptance import mean_over_partners, side_residual
from sim.kernels.bargaining import logistic

ITEMS = Path(__file__).with_name("opened_negotiations.csv")
END_OF_STOCK = date(2020, 12, 31)
UNDATED = 2012  # year taken for negotiations that were never concluded
RIDGE = 0.05  # on standardised covariates
STOCK_HALF_GAIN = 0.003
DEPTHS = {"stock": 0.05, "opened": 0.025}


@dataclass(frozen=True)
class Sides:
    """Party rows of the opened negotiations: covariates (R, K), item of each row, outcomes (I,)."""

    names: tuple[str, ...]
    covariates: Floats
    item: np.ndarray
    in_force: Floats


def stock_utility(year: Year, values: Sequence[float], gain: Floats) -> Floats:
    """(U, U) utility of i for an agreement with j: constant, gain, democracy, pact."""
    constant, a, democracy, pact = values
    return (
        constant
        + a * np.arcsinh(gain / STOCK_HALF_GAIN)
        + democracy * np.minimum.outer(year.democracy, year.democracy)
        + pact * year.pact
    )


def fit_stock(year: Year, gain: Floats) -> tuple[Floats, float]:
    """Coefficients of `stock_utility` and the area under the curve in sample."""
    i, j = np.triu_indices(len(year.codes), 1)
    has = year.stock[i, j]

    def loss(values: Floats) -> float:
        v = stock_utility(year, values, gain)
        p = np.clip(logistic(v[i, j]) * logistic(v[j, i]), 1e-9, 1 - 1e-9)
        return -float(np.where(has, np.log(p), np.log1p(-p)).sum())

    found = minimize(loss, [-2.0, 0.5, 0.7, 2.0], method="BFGS").x
    v = stock_utility(year, found, gain)
    return found, area_under_curve(logistic(v[i, j]) * logistic(v[j, i]), has)


def area_under_curve(score: Floats, is_true: np.ndarray) -> float:
    """Probability that a true case scores above a false one, ties counted half."""
    high, low = score[is_true], np.sort(score[~is_true])
    below = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float(below.mean() / 2.0 / low.size)


def history(year: Year, values: Sequence[float], gain: Floats) -> Floats:
    """(U, U) posterior mean of i's residual towards j, given who has an agreement."""
    p = logistic(stock_utility(year, values, gain))
    return side_residual(p, p.T, year.stock)


def read_items() -> list[dict[str, str]]:
    """The opened negotiations, as in the file."""
    with ITEMS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def year_of(item: dict[str, str]) -> int:
    """The year for whose world an item is taken."""
    return int(item["signed"] or UNDATED)


def sides(values: Sequence[float], gain: Floats, half_gain: float) -> Sides:
    """Covariates of every party with a new partner."""
    years: dict[int, Year] = {}
    past: dict[int, Floats] = {}
    rows, item_of, outcome = [], [], []
    for item in read_items():
        day = date(year_of(item), 1, 1)
        if day.year not in years:
            years[day.year] = Year.of(day)
            past[day.year] = history(years[day.year], values, gain)
        year = years[day.year]
        pairs = year.new_pairs(year.rows(item["parties"].split()))
        asked = np.flatnonzero(pairs.any(axis=1))
        if asked.size == 0:
            continue
        won, displaced = year.gains(pairs, DEPTHS["opened"])
        weighed = won + year.sector_gains(pairs, DEPTHS["opened"]).sum(axis=0)
        held = year.lines(asked.tolist(), day)
        lower = mean_over_partners(np.minimum.outer(year.democracy, year.democracy), pairs)
        kept = mean_over_partners(past[day.year], pairs)
        for u in asked:
            scaled = np.arcsinh(won[u] / half_gain), np.arcsinh(displaced[u] / half_gain)
            added = np.arcsinh(weighed[u] / half_gain) - scaled[0]
            rows.append([
                scaled[0], kept[u], lower[u], -held[u], scaled[1], (day.year - 2005) / 10, added
            ])  # fmt: skip
        item_of += [len(outcome)] * asked.size
        outcome.append(float(item["in_force"]))
    names = ("gain", "history", "lower_polyarchy", "red_lines", "displacement", "decade", "sectors")
    return Sides(names, np.array(rows), np.array(item_of), np.array(outcome))


def fit_opened(data: Sides, names: Sequence[str]) -> tuple[dict[str, tuple[float, float]], float]:
    """Coefficients with standard errors by name, and the log likelihood."""
    chosen = data.covariates[:, [data.names.index(n) for n in names]]
    mean, spread = chosen.mean(axis=0), chosen.std(axis=0)
    scaled = (chosen - mean) / spread

    def likelihood(b: Floats) -> float:
        v = b[0] + scaled @ b[1:]
        all_accept = np.bincount(data.item, -np.logaddexp(0.0, -v), data.in_force.size)
        none = np.log(-np.expm1(np.minimum(all_accept, -1e-12)))
        return float(np.where(data.in_force > 0, all_accept, none).sum())

    def loss(b: Floats) -> float:
        return RIDGE * float((b[1:] ** 2).sum()) - likelihood(b)

    found = minimize(loss, np.r_[2.0, np.zeros(len(names))], method="BFGS")
    error = np.sqrt(np.diag(found.hess_inv))
    slope = found.x[1:] / spread
    result = {n: (slope[k], error[k + 1] / spread[k]) for k, n in enumerate(names)}
    result["constant"] = (float(found.x[0] - slope @ mean), float(error[0]))
    return result, likelihood(found.x)


def in_use_values() -> dict[str, float]:
    """Values in use of what the fit estimates; red lines as with exemptions in practice."""
    values = parameters()
    found = {n: values[f"acceptance_{n}"] for n in ("gain", "history", "lower_polyarchy")}
    return {**found, "red_lines": values["red_line_penalty"] * values["exempt_red_line_share"]}


def constant_given(data: Sides, values: dict[str, float]) -> float:
    """The constant that fits best when all else is given."""
    rest = sum(data.covariates[:, data.names.index(n)] * v for n, v in values.items())

    def loss(constant: float) -> float:
        v = constant + rest
        all_accept = np.bincount(data.item, -np.logaddexp(0.0, -v), data.in_force.size)
        none = np.log(-np.expm1(np.minimum(all_accept, -1e-12)))
        return -float(np.where(data.in_force > 0, all_accept, none).sum())

    return float(minimize_scalar(loss, bounds=(-2.0, 6.0), method="bounded").x)


def fit_depth() -> tuple[Floats, Floats, float, float, int]:
    """Least squares of the depth index: coefficients, errors, R², residual sd, treaties."""
    years: dict[int, Year] = {}
    rows, depth = [], []
    for item in read_items():
        if not item["depth"] or not item["signed"]:
            continue
        day = date(int(item["signed"]), 1, 1)
        year = years.setdefault(
            day.year, Year.of(day) if day.year not in years else years[day.year]
        )
        units = year.rows(item["parties"].split())
        i, j = np.triu_indices(len(units), 1)
        one, two = np.array(units)[i], np.array(units)[j]
        heads = np.log(np.stack([year.income_per_head[one], year.income_per_head[two]]))
        rows.append([
            1.0, min(day.year, 2020) - 2005,
            float(np.minimum(year.democracy[one], year.democracy[two]).mean()),
            float(np.median(heads.min(axis=0))), float(np.median(heads.max(axis=0))),
        ])  # fmt: skip
        depth.append(float(item["depth"]))
    x, y = np.array(rows), np.array(depth)
    b, *_ = np.linalg.lstsq(x, y, rcond=None)
    rest = y - x @ b
    variance = float(rest @ rest) / (y.size - b.size)
    error = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * variance)
    return b, error, 1.0 - float(rest.var() / y.var()), float(np.sqrt(variance)), y.size


def main() -> None:
    """Print estimates beside values in use."""
    year = Year.of(END_OF_STOCK)
    gain = year.pair_gains(DEPTHS["stock"])
    found, area = fit_stock(year, gain)
    pairs = len(year.codes) * (len(year.codes) - 1) // 2
    print(f"stock of {year.day.year}: {pairs} pairs, area under the curve {area:.3f}")
    for name, value in zip(("constant", "gain", "lower_polyarchy", "pact"), found, strict=True):
        print(f"  {name:16} {value:6.2f}   in use {in_use('stock_' + name)}")
    half = parameters().get("acceptance_half_gain", 0.03)
    data = sides(found, gain, half)
    models: dict[str, Callable[[], Sequence[str]] | Sequence[str]] = {
        "recommended": data.names[:4],
        "without history": ("gain", "lower_polyarchy", "red_lines"),
        "gain alone": ("gain",),
        "with home sales displaced": data.names[:5],
        "with a trend": (*data.names[:4], "decade"),
        "with sectors": (*data.names[:4], "sectors"),
    }
    share = data.in_force.mean()
    constant = data.in_force.size * (share * np.log(share) + (1 - share) * np.log(1 - share))
    print(f"opened negotiations: {data.in_force.size}, in force {share:.3f}, "
          f"{data.item.size} sides; a constant {constant:.1f}")  # fmt: skip
    for label, names in models.items():
        estimate, likelihood = fit_opened(data, names)
        print(f"  {label}: log likelihood {likelihood:.1f}")
        for name, (value, error) in estimate.items():
            print(
                f"    {name:16} {value:6.2f} ± {error:.2f}   in use {in_use('acceptance_' + name)}"
            )
    for label, weight in (("as in use", in_use_values()["history"]), ("without history", 0.0)):
        value = constant_given(data, {**in_use_values(), "history": weight})
        print(f"  constant alone, {label}: {value:.2f}   in use {in_use('acceptance_constant')}")
    b, error, r2, sd, count = fit_depth()
    print(f"depth index: {count} treaties, R² {r2:.2f}, residual sd {sd:.2f}")
    for name, value, wide in zip(
        ("constant", "year", "democracy", "poorer", "richer"), b, error, strict=True
    ):
        print(f"  {name:16} {value:6.3f} ± {wide:.3f}")


def in_use(name: str) -> str:
    """The value that runs use, for the eye."""
    value = parameters().get(name)
    return "-" if value is None else f"{value:g}"


if __name__ == "__main__":
    main()
