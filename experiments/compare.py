"""Paired comparison of two scenarios: run what is missing, estimate effects, table and figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from experiments.compose import Composed, compose, split_label
from experiments.naming import folder_name
from experiments.run import Job, plan
from sim.atomic import check_writable
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MEASURES",
    "Comparison",
    "check_output",
    "compose_side",
    "effects_of",
    "interval_text",
    "measures_of",
    "prepare",
    "table_of",
    "write",
]

MEASURES = (
    "world_trade_change",
    "world_welfare",
    "welfare_usa",
    "welfare_eu",
    "welfare_chn",
    "welfare_small_mid",
    "us_tariff",
    "mean_applied_tariff",
    "trade_under_agreements",
    "agreements_in_force",
    "items_agreed",
    "months_to_agreement",
    "vetoes",
    "withdrawals",
    "regional_share",
    "fragmentation",
    "rule_convergence",
)
"""Measures that are compared unless others are asked for."""

_ENDINGS = (".csv", ".png", ".pdf", ".svg")
_OTHERS = {
    ".jpg",
    ".jpeg",
    ".eps",
    ".ps",
    ".tif",
    ".tiff",
    ".webp",
    ".gif",
    ".bmp",
    ".xlsx",
    ".parquet",
}
_OTHERS |= {".json", ".html", ".txt", ".tex"}


@dataclass(frozen=True)
class Comparison:
    """Two scenarios, the seeds that pair them, and the runs that this takes."""

    treatment: Composed
    control: Composed
    seeds: tuple[int, ...]
    jobs: tuple[Job, ...]

    @property
    def name(self) -> str:
        """Both labels, as a folder's name."""
        return f"{folder_name(self.treatment.label)}-vs-{folder_name(self.control.label)}"

    @property
    def folders(self) -> list[Path]:
        """Where the runs are."""
        return [job.folder for job in self.jobs]


def prepare(
    sides: tuple[str, str],
    seeds: Sequence[int],
    results: Path,
    config_dir: Path | None = None,
    force: bool = False,
) -> Comparison:
    """Compose both sides and see which runs are missing.

    Parameters
    ----------
    sides
        Treatment and control, each a scenario's name and overrides: ``us_withdrawal+quarters=8``.
    seeds
        Seeds that both sides run with.
    results, config_dir, force
        As for a run.

    Raises
    ------
    ConfigError
        A side that cannot be composed, or two sides that are the same.
    """
    treatment, control = (compose_side(text, config_dir) for text in sides)
    if treatment.label == control.label:
        raise ConfigError(
            f"treatment and control are the same ({treatment.label})",
            expected="two that differ, such as 'us_withdrawal' and 'baseline'",
        )
    spans = [(side.mapping["start"], side.mapping["quarters"]) for side in (treatment, control)]
    if spans[0] != spans[1]:
        raise ConfigError(
            "treatment and control do not cover the same quarters "
            f"({spans[0][1]} from {spans[0][0]}, {spans[1][1]} from {spans[1][0]})",
            expected="the same start and quarters on both sides",
        )
    jobs = [job for side in (treatment, control) for job in plan(side, seeds, results, force)]
    # Paired runs follow each other, so that an interrupted comparison has whole pairs.
    jobs.sort(key=lambda job: (job.seed, job.label != control.label))
    return Comparison(treatment, control, tuple(seeds), tuple(jobs))


def compose_side(text: str, config_dir: Path | None) -> Composed:
    """Compose a scenario's name with the changes that '+' adds to it.

    Raises
    ------
    ConfigError
        It cannot be composed, or names a seed: seeds are those of all sides.
    """
    overrides = split_label(text)
    if any(part.startswith("seed=") for part in overrides):
        raise ConfigError(
            "a side has no seed of its own", where=text, expected="--first-seed N --seeds N"
        )
    return compose(overrides, config_dir)


def measures_of(asked: str | None) -> list[str]:
    """Measures named in a text, `MEASURES` where there is none.

    Raises
    ------
    ConfigError
        A measure that runs do not write.
    """
    from sim.schema import TABLES

    if asked is None:
        return list(MEASURES)
    known = {column.name for column in TABLES["summary"]} - {"step", "date"}
    wanted = [one.strip() for one in asked.split(",")]
    for name in wanted:
        if name not in known:
            raise unknown("measure", name, known, "--measures")
    return wanted


def effects_of(
    comparison: Comparison, measures: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs' quarterly measures, and the paired effects on those asked for."""
    from analysis.compare import effects
    from analysis.load import load

    frame = load(comparison.folders)
    labels = comparison.treatment.label, comparison.control.label
    return frame, effects(frame, *labels, list(measures))


def table_of(effects: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Effects as heads and cells: measure, control, treatment, effect, interval, unit, same sign.

    Interval and share of the same sign are about several seeds; with one they are left out.
    """
    from analysis.names import number, title

    heads = ["measure", "control", "treatment", "effect", "95 % interval", "unit", "same sign"]
    rows = [
        [
            title(row.measure),
            number(row.mean_control),
            number(row.mean_treatment),
            number(row.difference),
            interval_text(row.low, row.high),
            row.unit,
            f"{100 * row.same_sign:.0f} %" if row.difference and row.same_sign >= 0 else "",
        ]
        for row in cast("Iterable[Any]", effects.itertuples())
    ]
    if (effects["n_seeds"] > 1).any():
        return heads, rows
    kept = [n for n, head in enumerate(heads) if head not in {"95 % interval", "same sign"}]
    return [heads[n] for n in kept], [[row[n] for n in kept] for row in rows]


def interval_text(low: float, high: float) -> str:
    """An interval for a reader; nothing where there is none, as with one seed.

    Examples
    --------
    >>> interval_text(-0.5, 2.0), interval_text(float("nan"), float("nan"))
    ('−0.5 to 2', '')
    """
    from analysis.names import number

    return "" if math.isnan(low) or math.isnan(high) else f"{number(low)} to {number(high)}"


def write(
    comparison: Comparison, frame: pd.DataFrame, effects: pd.DataFrame, output: Path
) -> list[Path]:
    """Write ``effects.csv`` and the figure, each completely or not at all.

    Parameters
    ----------
    output
        As `check_output` takes it; the figure is a PNG unless it asks for another format.

    Raises
    ------
    StorageError
        They cannot be written.
    """
    import matplotlib as mpl

    mpl.use("Agg")  # no window, also where a display is there

    from analysis.plots import figure_comparison
    from experiments.studies import write_figure, write_table

    figure = figure_comparison(frame, effects, list(effects["measure"]))
    ending = output.suffix.lower()
    is_file = ending in _ENDINGS
    table = output.with_suffix(".csv") if is_file else output / "effects.csv"
    picture = ending if is_file and ending != ".csv" else ".png"
    return [
        write_table(effects, table),
        write_figure(figure, table.with_suffix(picture)),
    ]


def check_output(output: Path | None) -> None:
    """Refuse, before anything is run, a file for table and figure that cannot be written.

    Parameters
    ----------
    output
        A folder; or a file, ending in .csv, .png, .pdf or .svg, whose name table and figure share.

    Raises
    ------
    ConfigError
        It ends like another kind of file.
    StorageError
        Nothing can be written there.
    """
    if output is not None and output.suffix.lower() in _OTHERS and not output.is_dir():
        raise ConfigError(
            f"no table or figure ends in {output.suffix!r}",
            where=f"--output {output}",
            expected=f"a folder, or a file ending in {', '.join(_ENDINGS)}",
        )
    if output is not None:
        check_writable(output.parent if output.suffix.lower() in _ENDINGS else output)
