"""What `concord sensitivity` does, apart from how it is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import note, say, set_up_log, show_table
from experiments.studies import say_files, write_figure, write_table
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.discovery import Discovery

__all__ = ["METHODS", "Request", "sensitivity"]

METHODS = ("morris", "sobol", "given", "prim")
DEFAULT_SIZE = {"morris": 10, "sobol": 64}
"""Trajectories (Campolongo, Cariboni & Saltelli 2007 take 10), and base points, unless asked."""
_DOUBTFUL = 0.05  # quasi-p of a restriction, as in Bryant & Lempert 2010
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line, as `concord sensitivity --help` has it."""

    method: str
    target: str | None
    against: str | None
    measures: str | None
    parameters: str | None
    size: int | None
    seeds: int
    table: Path | None
    above: float | None
    below: float | None
    results: Path
    config_dir: Path | None
    force: bool
    quiet: bool
    jobs: int

    @property
    def is_own_design(self) -> bool:
        """Whether runs are to be made, rather than a table to be looked at."""
        return self.table is None


@dataclass
class _Points:
    """Points and outcomes: a table, which columns are what, units, and how files are called."""

    frame: pd.DataFrame
    ranges: dict[str, tuple[float, float]]
    measures: list[str]
    stem: str
    units: dict[str, str] = field(default_factory=dict)
    about: str = ""


def sensitivity(**options: Any) -> None:
    """`concord sensitivity`."""
    import matplotlib as mpl

    mpl.use("Agg")  # no window, also where a display is there
    asked = Request(**options)
    set_up_log(asked.quiet)
    folder = asked.results / "sensitivity"
    if asked.is_own_design:
        points = _run_design(asked, folder)
        written = [write_table(points.frame, folder / f"{points.stem}-points.csv")]
    else:
        points, written = _read(asked), []
    for name in points.measures:
        if name not in points.frame:
            columns = [c for c in map(str, points.frame.columns) if c not in points.ranges]
            raise unknown("measure", name, columns, str(asked.table))
    written += (_discover if asked.method == "prim" else _rank)(asked, points, folder)
    if not asked.quiet:
        say_files(written)


def _listed(text: str | None) -> list[str]:
    names = [one.strip() for one in (text or "").split(",") if one.strip()]
    if text is not None and not names:
        raise ConfigError(f"{text!r} names nothing", where="a list", expected="A,B, or no option")
    return names


def _stem(name: str, method: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._=~,+-]", "-", name)
    if len(safe) > _LONGEST_NAME:  # what is cut off may be all that differs
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        safe = f"{safe[:_LONGEST_NAME]}+{digest}"
    return f"{safe}-{method}"


def _read(asked: Request) -> _Points:
    from experiments.library import Library
    from experiments.sensitivity import read_table

    if asked.method in DEFAULT_SIZE:
        raise ConfigError(
            f"{asked.method} needs a design of its own",
            where=f"--table {asked.table}",
            expected="no table, or the method given or prim",
        )
    table = Path(asked.table or "")
    frame, names = read_table(
        table, _listed(asked.parameters), asked.target, asked.against, asked.config_dir
    )
    declared = Library.of(asked.config_dir).parameters()
    ranges = {
        name: tuple(declared[name]["range"])
        if name in declared
        else (float(frame[name].min()), float(frame[name].max()))
        for name in names
    }
    measures = _listed(asked.measures)
    if not measures:
        raise ConfigError("no measures", where=str(asked.table), expected="--measures A,B")
    units = dict(frame.attrs.get("units", {}))
    return _Points(frame, ranges, measures, _stem(table.stem, asked.method), units, table.name)


def _run_design(asked: Request, folder: Path) -> _Points:
    from analysis.indices import sample
    from analysis.outcomes import unit_of
    from experiments.points import run_points
    from experiments.sensitivity import design_points, target_of
    from sim.schema import TABLES

    if asked.method not in DEFAULT_SIZE:
        raise ConfigError(
            "no table", where=asked.method, expected="--table FILE (or a sweep's folder)"
        )
    target = target_of(
        asked.target or "baseline",
        asked.against,
        _listed(asked.measures),
        _listed(asked.parameters),
        asked.config_dir,
    )
    design = sample(asked.method, target.ranges, asked.size or DEFAULT_SIZE[asked.method])
    made = design_points(target, design, range(1, asked.seeds + 1), folder / "runs")
    run_points(made.runs, asked.jobs, asked.quiet, asked.force)
    for text in made.failures():
        note(f"failed: {text}")
    units = {
        one.key: unit_of(one, {c.name: c.unit for c in TABLES.get(one.table, ())})
        for one in target.outcomes
    }
    measures = [one.key for one in target.outcomes]
    stem = _stem(target.name, asked.method)
    name = target.name if len(target.name) <= _LONGEST_NAME else stem
    about = f"{name}, {asked.seeds} {'seed' if asked.seeds == 1 else 'seeds'}"
    return _Points(made.table(), target.ranges, measures, stem, units, about)


def _rank(asked: Request, points: _Points, folder: Path) -> list[Path]:
    """Indices of all measures: table, figure, and the first parameters on stdout."""
    from analysis.plots.indices import plot_indices

    table = _indices(asked, points)
    source = f"Source: Concord, {points.about}, {len(points.frame)} points ({asked.method})."
    if not asked.quiet:
        _say_indices(table, asked.method, len(points.frame))
    return [
        write_table(table, folder / f"{points.stem}-indices.csv"),
        write_figure(
            plot_indices(table, asked.method, source), folder / f"{points.stem}-indices.png"
        ),
    ]


def _indices(asked: Request, points: _Points) -> pd.DataFrame:
    """A row per measure and parameter; measures without indices are left out, and said."""
    import pandas as pd

    from analysis.errors import AnalysisError
    from analysis.indices import indices

    tables = []
    for name in points.measures:
        frame = points.frame
        if asked.method == "given":  # any sample will do, also what is left of one
            frame = frame.dropna(subset=[name])
        try:
            found = indices(asked.method, points.ranges, frame[list(points.ranges)], frame[name])
        except AnalysisError as error:
            if name == points.measures[-1] and not tables:
                raise
            note(f"left out: {name}: {error}")
            continue
        found.insert(0, "unit", points.units.get(name, ""))
        found.insert(0, "measure", name)
        tables.append(found)
    return pd.concat(tables, ignore_index=True)


def _say_indices(table: pd.DataFrame, method: str, size: int) -> None:
    from analysis.names import number

    columns = [c for c in table.columns if c not in {"measure", "unit", "parameter"}]
    for name, own in table.groupby("measure", sort=False):
        say(f"{method}: {name}, {size} points")
        if not own[columns[0]].any():
            say("the outcome is the same at all points")
        rows = [
            [row["parameter"], *(number(row[c]) for c in columns)]
            for row in own.head(10).to_dict("records")
        ]
        show_table(["parameter", *columns], rows, right=columns)
        say()


def _discover(asked: Request, points: _Points, folder: Path) -> list[Path]:
    """Where in the space an outcome is above or below a threshold: box, trajectory, figure."""
    from analysis.discovery import prim
    from analysis.plots.indices import plot_box
    from analysis.plots.verdicts import measure_title
    from experiments.library import Library

    if (asked.above is None) == (asked.below is None):
        raise ConfigError("no case of interest", where="prim", expected="--above X or --below X")
    limit = f"above {asked.above:g}" if asked.above is not None else f"below {asked.below:g}"
    entries = Library.of(asked.config_dir).parameters()
    declared = {name: str(entry.get("unit", "")) for name, entry in entries.items()}
    written = []
    for name in points.measures:
        frame = points.frame.dropna(subset=[name])
        values = frame[name].to_numpy(dtype=float)
        wanted = values > asked.above if asked.above is not None else values < asked.below
        found = prim(frame, list(points.ranges), wanted)
        stem = _stem(f"{points.stem}-{name}", "box")
        written += [
            write_table(found.box, folder / f"{stem}.csv"),
            write_table(found.trajectory, folder / f"{stem}-trajectory.csv"),
            write_figure(
                plot_box(
                    frame,
                    wanted,
                    found,
                    points.ranges,
                    case=f"{measure_title(name)} {limit}",
                    units=declared,
                ),
                folder / f"{stem}.png",
            ),
        ]
        if not asked.quiet:
            say(f"{name} {limit}: {int(wanted.sum())} of {len(frame)} points")
            _tell_box(found)
    return written


def _tell_box(found: Discovery) -> None:
    """How much a box holds, its sides, and which of them may be chance."""
    from analysis.names import number

    say(
        f"the box holds {100 * found.coverage:.0f} % of them; "
        f"{100 * found.density:.0f} % of its points are such cases"
    )
    rows = [
        [row["parameter"], *(number(row[c]) for c in ("low", "high", "quasi_p"))]
        for row in found.box.to_dict("records")
    ]
    show_table(["parameter", "from", "to", "quasi-p"], _unbounded(rows), right=("from", "to"))
    doubtful = int((found.box["quasi_p"] > _DOUBTFUL).sum())
    if doubtful:
        say(
            f"{doubtful} of these {len(rows)} restrictions may be chance (quasi-p above "
            f"{_DOUBTFUL:g}): more points would tell"
        )
    say()


def _unbounded(rows: Sequence[list[str]]) -> list[list[str]]:
    """Leave open sides of a box empty."""
    return [["" if cell == "n/a" else cell for cell in row] for row in rows]
