"""Which parameters an outcome depends on, and where in their space it comes out in some way.

Designs of one's own (Morris, Sobol) are run here, point by point, as contrasts are; any other table
of points and outcomes, such as a sweep's, can be looked at as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.claims import Measure, check_measure, hypotheses
from experiments.designs import arms_of, outcomes_of
from experiments.library import Library
from experiments.points import Point, Side, point_at, ranges_of, read_value
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.outcomes import Outcome

__all__ = ["TableOf", "Target", "design_points", "read_table", "target_of"]


@dataclass(frozen=True)
class Target:
    """What is looked at: a scenario's outcomes, or their difference between two scenarios.

    Attributes
    ----------
    name
        As a file's name.
    sides
        One scenario; treatment and control; or the four of a difference in differences.
    outcomes
        What is read off each run.
    ranges
        Parameter → range.
    weights
        What each side counts.
    """

    name: str
    sides: tuple[Side, ...]
    outcomes: tuple[Outcome, ...]
    ranges: dict[str, tuple[float, float]]
    weights: tuple[float, ...] = (1.0,)


def target_of(
    label: str,
    against: str | None,
    measures: Sequence[str],
    parameters: Sequence[str],
    config_dir: Path | None = None,
) -> Target:
    """A hypothesis by its name, or a scenario, with another to compare it with or without.

    Parameters
    ----------
    label
        ``H4``, or a label such as ``us_withdrawal+quarters=24``.
    against
        The control; no difference is taken without.
    measures
        Columns of the table `summary`; of a hypothesis its own when empty.
    parameters
        Which to vary; all when empty, of a hypothesis its own.

    Raises
    ------
    ConfigError
        Something that is not there, or a scenario without measures.
    """
    from analysis.outcomes import Outcome

    known = [one.id for one in hypotheses((), config_dir)]
    for name in measures:
        check_measure(Measure(name=name, sign="none"), "--measures")
    given = tuple(Outcome(name) for name in measures)
    if label in known:
        if against is not None:
            raise ConfigError(f"{label} has a control of its own", where="--against")
        (found,) = hypotheses([label], config_dir)
        arms = [arm for arm in arms_of(found) if arm.contrast == "claim"]
        sides = tuple(
            Side.of(arm.label, arm.overrides, found.organisations, config_dir) for arm in arms
        )
        ranges = ranges_of(parameters or found.parameters, sides[0].ranges)
        weights = tuple(arm.weight if arm.side == "treatment" else -arm.weight for arm in arms)
        outcomes = given or outcomes_of(found, sides[0].scenario)
        return Target(label, sides, outcomes, ranges, weights)
    labels = [label] if against is None else [label, against]
    sides = tuple(Side.of(one, config_dir=config_dir) for one in labels)
    if not given:
        raise ConfigError("no measures", where=label, expected="--measures A,B or a hypothesis")
    ranges = ranges_of(parameters or list(sides[0].ranges), sides[0].ranges)
    return Target("-vs-".join(labels), sides, given, ranges, (1.0, -1.0)[: len(sides)])


@dataclass(frozen=True)
class TableOf:
    """The runs of a design, and the table that they become.

    Attributes
    ----------
    target, design
        What is looked at, and (rows, parameters) where.
    points
        Per row of the design, per seed, per side.
    """

    target: Target
    design: NDArray[np.float64]
    points: tuple[tuple[tuple[Point, ...], ...], ...]

    @property
    def runs(self) -> list[Point]:
        """All runs in order."""
        return [point for row in self.points for pair in row for point in pair]

    def table(self) -> pd.DataFrame:
        """A row per point: parameters and outcomes, averaged over seeds; NaN where one failed."""
        import pandas as pd

        frame = pd.DataFrame(self.design, columns=list(self.target.ranges))
        for outcome in self.target.outcomes:
            frame[outcome.key] = [self._value(row, outcome.key) for row in self.points]
        return frame

    def _value(self, row: tuple[tuple[Point, ...], ...], key: str) -> float:
        total = 0.0
        for runs in row:
            values = [read_value(point)["values"].get(key, float("nan")) for point in runs]
            total += sum(w * v for w, v in zip(self.target.weights, values, strict=True))
        return total / len(row)

    def failures(self) -> list[str]:
        """What the runs that failed said, each once."""
        said = [read_value(point).get("error", "") for point in self.runs]
        return sorted({text for text in said if text})


def design_points(
    target: Target, design: NDArray[np.float64], seeds: Sequence[int], folder: Path
) -> TableOf:
    """Lay out the runs of a design; all points have the same seeds, so that only parameters vary.

    Parameters
    ----------
    design
        (rows, parameters), inside the ranges.
    seeds
        Over which outcomes are averaged.
    folder
        Where the numbers of runs are kept.
    """
    rows = []
    for row in design:
        at = dict(zip(target.ranges, map(float, row), strict=True))
        rows.append(
            tuple(
                tuple(point_at(side, at, seed, target.outcomes, folder) for side in target.sides)
                for seed in seeds
            )
        )
    return TableOf(target, design, tuple(rows))


def read_table(
    path: Path,
    parameters: Sequence[str],
    scenario: str | None = None,
    against: str | None = None,
    config_dir: Path | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """A table of points and outcomes, and which of its columns are parameters.

    Parameters
    ----------
    path
        A CSV or Parquet file, or a sweep's folder.
    parameters
        The columns to take for parameters; when empty, those named like one of the model's, and of
        a sweep those that it varies.
    scenario, against
        Of a sweep: which scenario, and from which to take the difference. Its seeds are averaged.

    Raises
    ------
    ConfigError
        No such file, or no parameters in it.
    AnalysisError
        A folder that is no sweep.
    """
    import pandas as pd

    if path.is_dir():
        frame, swept = _read_sweep(path, scenario, against)
    elif path.suffix in {".csv", ".parquet"} and path.is_file():
        try:
            frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        except (ValueError, OSError) as error:  # pandas' and pyarrow's are of these kinds
            raise ConfigError(
                f"cannot be read ({str(error).splitlines()[0].rstrip('.')})",
                where=str(path),
                expected="a table with a head",
            ) from None
        known = Library.of(config_dir).parameters()
        swept = [name for name in frame.columns if name in known]
    else:
        raise ConfigError(
            "cannot be read", where=str(path), expected="a CSV or Parquet file, or a sweep's folder"
        )
    for name in parameters:
        if name not in frame:
            raise unknown("parameter", name, map(str, frame.columns), str(path))
    chosen = list(parameters) or [n for n in swept if pd.api.types.is_numeric_dtype(frame[n])]
    if not chosen:
        raise ConfigError("no column is a parameter", where=str(path), expected="--parameters A,B")
    return frame, chosen


def _read_sweep(
    path: Path, scenario: str | None, against: str | None
) -> tuple[pd.DataFrame, list[str]]:
    """A sweep as one row per variant: seeds averaged, another scenario taken off if asked for."""
    from analysis.sweeps import load_sweep

    frame = load_sweep(path)
    swept = list(frame.attrs.get("swept", []))
    there = list(dict.fromkeys(frame["scenario"].astype(str)))
    if scenario is None and len(there) > 1:
        raise ConfigError("holds several scenarios", where=str(path), expected=f"one of {there}")
    tables = []
    for asked in [scenario or there[0], *([against] if against else [])]:
        # The name alone will do where the sweep has one scenario of that name.
        named = [one for one in there if one.split("+")[0] == asked]
        label = named[0] if asked not in there and len(named) == 1 else asked
        if label not in there:
            raise unknown("scenario", label, there, str(path))
        own = frame[frame["scenario"].astype(str) == label]
        numbers = own.select_dtypes("number").drop(columns=["run", "replicate", "seed", "step"])
        tables.append(numbers.groupby("variant").mean())
    result = tables[0]
    if against:
        outcomes = result.columns.difference(swept)
        result = result.assign(**(tables[0] - tables[1])[outcomes].to_dict("series"))
    # In one piece: putting a column into one of hundreds is slow, and pandas warns of it.
    return result.copy().reset_index(), swept
