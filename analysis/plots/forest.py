"""Effect forest: what a scenario changes, with intervals over paired seeds."""

from __future__ import annotations

import textwrap
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from analysis import names
from analysis.errors import AnalysisError
from analysis.plots.style import INK, footnote, source, style

_COLUMNS = ("measure", "difference", "low", "high", "d_z", "n_seeds", "unit")


def plot_forest(
    effects: pd.DataFrame,
    *,
    ax: Axes | None = None,
    scale: Literal["standardised", "natural"] = "standardised",
) -> Axes:
    """Draw one row per measure: mean paired difference and its interval.

    Parameters
    ----------
    effects
        What `analysis.compare.effects` returns.
    ax
        Axes to draw into; None makes a figure.
    scale
        `"standardised"` divides by the standard deviation of the paired differences (Cohen's d_z),
        so that measures of different units share an axis; beyond ±3 the axis is logarithmic.
        `"natural"` keeps the unit, which all rows then have to share. The figures at the right
        are in natural units in both cases.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    AnalysisError
        Not a table of effects, an unknown scale, or several units on the natural scale.

    Notes
    -----
    A measure that moved equally in all seeds is infinitely many standard deviations from zero: an
    arrowhead at the edge. With one seed there is no scale: no mark, the figures stand at the right.
    """
    table = _check(effects, scale)
    with style():
        if ax is None:
            ax = plt.subplots(figsize=(8.5, 1.9 + 0.36 * len(table)))[1]
        divisor = _spread(table) if scale == "standardised" else np.ones(len(table))
        _draw_rows(ax, table, divisor)
        _write_numbers(ax, table)
        _axes(ax, table, scale)
        footnote(ax, _caption(table))
    return ax


def _check(effects: pd.DataFrame, scale: str) -> pd.DataFrame:
    if missing := [column for column in _COLUMNS if column not in effects]:
        raise AnalysisError(
            f"no column {missing[0]!r}",
            where="plot_forest",
            expected="the table that analysis.compare.effects returns",
        )
    if scale not in ("standardised", "natural"):
        raise AnalysisError(f"scale={scale!r}", expected="'standardised' or 'natural'")
    if effects.empty:
        raise AnalysisError("no effects", where="plot_forest", expected="at least one measure")
    kinds = sorted(set(effects["unit"]))
    if scale == "natural" and len(kinds) > 1:
        raise AnalysisError(
            f"measures in different units ({', '.join(map(repr, kinds))})",
            where="plot_forest, natural scale",
            expected="rows of one unit, or scale='standardised'",
        )
    return effects.reset_index(drop=True)


def _spread(table: pd.DataFrame) -> np.ndarray:
    """Recover the spread of the differences; 1 for an exact zero, NaN where there is no scale."""
    d_z = table["d_z"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(np.isfinite(d_z), table["difference"] / d_z, np.nan)
    return np.where(d_z == 0.0, 1.0, spread)


def _draw_rows(ax: Axes, table: pd.DataFrame, divisor: np.ndarray) -> None:
    for row, (point, low, high) in enumerate(
        zip(*(table[c].to_numpy() / divisor for c in ("difference", "low", "high")), strict=True)
    ):
        if np.isinf(table["d_z"][row]) and np.isnan(divisor[row]):
            _draw_edge(ax, row, float(table["difference"][row]))
            continue
        # Full where the interval leaves out zero, hollow where it does not.
        is_clear = low > 0 or high < 0
        ax.plot([low, high], [row, row], color=INK, linewidth=2.2, gid="interval")
        face = INK if is_clear else "white"
        ax.plot(point, row, "o", color=INK, markerfacecolor=face, markersize=7, gid="effect")
    ax.axvline(0, color="#777777", linewidth=1.0, zorder=1)


def _draw_edge(ax: Axes, row: int, difference: float) -> None:
    """Mark an effect equal in all seeds, off the scale, by an arrowhead inside the edge."""
    place, head = (0.985, ">") if difference > 0 else (0.015, "<")
    ax.plot(place, row, head, color=INK, transform=ax.get_yaxis_transform(), gid="edge")


def _write_numbers(ax: Axes, table: pd.DataFrame) -> None:
    """Write effect, interval and unit at the right, in natural units."""
    for row, effect in table.iterrows():
        figures = f"{_signed(effect['difference'])}{_range(effect['low'], effect['high'])}"
        ax.annotate(
            f"{figures} {names.unit_text(effect['unit'])}".rstrip(),
            (1.0, row),
            (10, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            annotation_clip=False,
            gid="numbers",
        )


def _signed(value: float) -> str:
    return f"+{names.number(value)}" if value > 0 else names.number(value)


def _range(low: float, high: float) -> str:
    return f"  [{_signed(low)}, {_signed(high)}]" if np.isfinite([low, high]).all() else ""


def _axes(ax: Axes, table: pd.DataFrame, scale: str) -> None:
    ax.set_yticks(range(len(table)), [names.title(m) for m in table["measure"]])
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(False, axis="y")
    ax.grid(True, axis="x")
    ax.spines["left"].set_visible(False)
    treatment, control = (table.attrs.get(k, k) for k in ("treatment", "control"))
    ax.set_title(textwrap.fill(f"Effect of {treatment} against {control}", 90), loc="left")
    if scale == "natural":
        ax.set_xlabel(f"Mean paired difference ({names.unit_text(table['unit'][0], 'index')})")
        return
    ax.set_xlabel("Effect in standard deviations over seeds (Cohen's d_z)")
    _symmetric(ax)


def _symmetric(ax: Axes) -> None:
    """Make the axis logarithmic outside ±3 when effects are many standard deviations."""
    drawn = np.concatenate(
        [np.atleast_1d(line.get_xdata()) for line in ax.lines if line.get_gid() != "edge"]
    )
    reach = np.abs(drawn[np.isfinite(drawn)]).max(initial=1.0)
    if reach <= 6:
        return
    ax.set_xlabel(f"{ax.get_xlabel()}; logarithmic beyond ±3")
    ax.set_xscale("symlog", linthresh=3.0, linscale=1.2)
    # A third of a decade beyond the outermost mark, so that no mark is cut at the edge.
    low, high = (2.0 * drawn[np.isfinite(drawn)].min(), 2.0 * drawn[np.isfinite(drawn)].max())
    low, high = min(low, -1.0), max(high, 1.0)
    ax.set_xlim(low, high)
    decades = [10.0**k for k in range(1, int(np.log10(2.0 * reach)) + 1)]
    ticks = [0.0, *(s * x for x in (3.0, *decades) for s in (-1, 1))]
    ax.xaxis.set_major_locator(FixedLocator(sorted(x for x in ticks if low <= x <= high)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: names.number(x)))
    ax.xaxis.set_minor_locator(FixedLocator([]))


def _caption(table: pd.DataFrame) -> str:
    level = table.attrs.get("level", 0.95)
    at = table.attrs.get("at", "")
    text = (
        f"Bars: {100 * level:g} % bootstrap intervals over paired seeds.\n"
        f"Hollow: the interval holds zero; arrowhead: equal in all seeds.\n"
        f"Values: {at or 'as given'}."
    )
    seeds = table.attrs.get("seeds")
    if not seeds:
        return text
    labels = [table.attrs["control"], table.attrs["treatment"]]
    return f"{text}\n{source(labels, seeds)}"
