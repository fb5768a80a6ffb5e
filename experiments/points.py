"""Runs of which only a few numbers are kept, at points of the parameter space.

A contrast or a sensitivity index needs hundreds of runs and a handful of numbers of each, which may
come from any of a run's tables. Each run leaves one small file, named by a fingerprint of all that
decides its content, so that what was done is found again and nothing else is taken for it.
"""

from __future__ import annotations

import gc
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.compose import compose, split_label
from experiments.run import scenario_of
from sim.errors import ConcordError, ConfigError, unknown

if TYPE_CHECKING:
    from analysis.outcomes import Outcome
    from sim.scenario import Scenario

__all__ = ["Point", "Side", "evaluate", "point_at", "ranges_of", "read_value", "run_points"]


@dataclass(frozen=True)
class Side:
    """A scenario as composed, and what runs of it share.

    Attributes
    ----------
    label
        As it was asked for.
    scenario
        With the parameters of the scenario itself.
    config, data
        For fingerprints: the configuration as plain data, and the checksums of the data.
    ranges
        Parameter → declared range, a user's own included.
    """

    label: str
    scenario: Scenario
    config: Mapping[str, Any]
    data: Mapping[str, str]
    ranges: Mapping[str, tuple[float, float]]

    @classmethod
    def of(
        cls,
        label: str,
        overrides: Sequence[str] = (),
        organisations: Sequence[str] = (),
        config_dir: Path | None = None,
    ) -> Side:
        """Compose a label such as ``us_withdrawal+response=retaliate``.

        Parameters
        ----------
        label, overrides
            The scenario with its changes, and further ones.
        organisations
            The organisations to keep; all when empty.

        Raises
        ------
        ConfigError
            It cannot be composed or run.
        """
        from experiments.library import Library
        from sim.engine import data_checksums

        charters = Library.of(config_dir).charters()
        for code in organisations:
            if code not in charters:
                raise unknown("organisation", code, charters, "organisations")
        dropped = [
            f"~organisation.{c}" for c in charters if organisations and c not in organisations
        ]
        composed = compose([*split_label(label), *dropped, *overrides], config_dir)
        scenario = scenario_of(composed)
        ranges = {name: tuple(entry["range"]) for name, entry in composed.parameters.items()}
        config = scenario.model_dump(mode="json")
        return cls(label, scenario, config, data_checksums(scenario), ranges)


@dataclass(frozen=True)
class Point:
    """One run: a side at a point of the parameter space, with a seed, and what to read off it."""

    label: str
    scenario: Scenario
    seed: int
    outcomes: tuple[Outcome, ...]
    file: Path

    @property
    def is_done(self) -> bool:
        """Whether the numbers are there, as they were written."""
        from sim.provenance import is_whole

        return is_whole(self.file)


def ranges_of(
    names: Sequence[str], declared: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Look up the ranges of some parameters.

    Raises
    ------
    ConfigError
        A parameter that is not there, or that is named twice.

    Examples
    --------
    >>> ranges_of(["x"], {"x": (0.0, 1.0), "y": (2.0, 3.0)})
    {'x': (0.0, 1.0)}
    """
    for name in names:
        if name not in declared:
            raise unknown("parameter", name, declared, "parameters")
    if len(set(names)) < len(names):
        raise ConfigError("a parameter is named twice", where="parameters")
    return {name: declared[name] for name in names}


def point_at(
    side: Side,
    parameters: Mapping[str, float],
    seed: int,
    outcomes: Sequence[Outcome],
    folder: Path,
) -> Point:
    """The run of a side with some parameters set to other values (inside their ranges)."""
    from sim import provenance

    values = {**side.scenario.parameters, **{k: float(v) for k, v in parameters.items()}}
    scenario = side.scenario.model_copy(update={"parameters": values})
    config = {**side.config, "parameters": values}
    asked = repr(tuple(outcomes))
    identity = provenance.fingerprint(config, seed, side.data) + asked
    name = hashlib.sha256(identity.encode()).hexdigest()[:24]
    return Point(side.label, scenario, seed, tuple(outcomes), folder / f"{name}.json")


def evaluate(point: Point, on_step: Callable[[int, int], None] | None = None) -> Path:
    """Run a point and keep its numbers; a run that fails leaves its error in their place.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    from analysis.outcomes import unit_of, values_of
    from analysis.results import frame_of
    from sim.atomic import write_file
    from sim.engine import simulate
    from sim.provenance import sealed
    from sim.schema import TABLES

    content: dict[str, Any] = {"label": point.label, "seed": point.seed}
    try:
        tables = simulate(point.scenario, point.seed, on_step=on_step).tables()
        found = values_of(
            point.outcomes, lambda name: frame_of(_table(tables, name), point.label, point.seed)
        )
        content["values"] = {k: v if math.isfinite(v) else None for k, v in found.items()}
        content["units"] = {
            one.key: unit_of(one, {c.name: c.unit for c in TABLES.get(one.table, ())})
            for one in point.outcomes
        }
    except (ConcordError, ArithmeticError) as error:
        content["error"] = str(error)
    write_file(point.file, json.dumps(sealed(content), sort_keys=True).encode())
    gc.collect()  # a run's arrays hang in cycles of few objects, which are left for long otherwise
    return point.file


def _table(tables: Mapping[str, Any], name: str) -> Any:
    if name not in tables:
        raise unknown("table", name, [*tables, "items"], "measures")
    return tables[name]


def read_value(point: Point) -> dict[str, Any]:
    """What a run left: ``values`` and ``units``, or ``error``; NaN where a value is not defined."""
    content: dict[str, Any] = json.loads(point.file.read_text("utf-8"))
    values = content.get("values", {})
    content["values"] = {k: math.nan if v is None else float(v) for k, v in values.items()}
    return content


def run_points(points: Sequence[Point], jobs: int, is_quiet: bool, force: bool = False) -> None:
    """Make the runs that are missing, each once.

    Raises
    ------
    StorageError
        There is no writing where they are kept; nothing has run then.
    """
    from experiments.pool import run_all
    from experiments.sweep.progress import sweep_progress
    from sim.atomic import check_writable

    each = list({point.file: point for point in points}.values())
    missing = [point for point in each if force or not point.is_done]
    for folder in {point.file.parent for point in missing}:
        check_writable(folder)
    over: set[int] = set()
    with sweep_progress(len(each), len(each) - len(missing), is_quiet) as tell:

        def count(position: int, share: float) -> None:
            if share >= 1.0 and position not in over:
                over.add(position)
                tell(position)

        run_all(evaluate, missing, jobs, count)
