"""From results folders to tidy frames.

A run is a folder `results/<label>/seed=<n>/` with a `manifest.json` and Parquet tables. What is
read here carries two more columns, `scenario` (the run's label) and `seed`, and in `frame.attrs`:

`units`, `meanings`
    unit and meaning of each column, as the run wrote them.
`timeline`
    label → list of `{date, kind, text}`, the dated shocks of each scenario.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import AnalysisError, AnalysisWarning, seed_list, unknown

MANIFEST = "manifest.json"
TABLES = ("summary", "events", "rounds", "votes", "states", "organisations", "agreements")
_DATES = ("date", "opened", "agreed", "signed", "in_force")
_RUN_FOLDER = re.compile(r"seed=-?\d+")


@dataclass(frozen=True)
class Run:
    """One finished run on disk; its tables are read when they are asked for.

    Parameters
    ----------
    path
        The folder that holds the manifest and the tables.
    manifest
        What ran, as `manifest.json` says.
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """The scenario's name with the overrides that change the outcome."""
        return str(self.manifest["label"])

    @property
    def seed(self) -> int:
        """The seed; runs of different scenarios with one seed share their random draws."""
        return int(self.manifest["seed"])

    @property
    def timeline(self) -> list[dict[str, str]]:
        """The dated shocks: `date` (ISO), `kind`, `text`."""
        return [
            {key: str(entry.get(key, "")) for key in ("date", "kind", "text")}
            for entry in self.manifest.get("timeline", [])
        ]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables in the folder."""
        return tuple(sorted(p.stem for p in self.path.glob("*.parquet")))

    def table(self, name: str) -> pd.DataFrame:
        """Read one table, with `scenario` and `seed` in front and units in `attrs`.

        Raises
        ------
        AnalysisError
            No such table, or a file that is not readable Parquet.
        """
        if name not in self.tables:
            raise unknown("table", name, self.tables, str(self.path))
        file = self.path / f"{name}.parquet"
        try:
            # A single file, never a data set: `seed=1` in the path is not a partition.
            with pq.ParquetFile(file) as parquet:
                table = parquet.read()
        except (pa.ArrowInvalid, OSError) as error:
            raise AnalysisError(
                f"not a readable Parquet file ({error})", where=str(file), expected="to run it anew"
            ) from error
        frame = _dated(table.to_pandas(ignore_metadata=True))
        frame.insert(0, "scenario", self.label)
        frame.insert(1, "seed", self.seed)
        frame.attrs = {
            "units": _metadata(table.schema, b"unit"),
            "meanings": _metadata(table.schema, b"meaning"),
            "timeline": {self.label: self.timeline},
        }
        return frame


def _metadata(schema: pa.Schema, key: bytes) -> dict[str, str]:
    """Read one entry of the metadata of each column."""
    return {f.name: (f.metadata or {}).get(key, b"").decode() for f in schema}


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring dates of any stored type (date, timestamp, text, all null) to datetime64[ns]."""
    for column in _DATES:
        # In `agreements`, not elsewhere, `agreed` and `in_force` are dates; counts stay counts.
        if column in frame and not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[ns]")
    return frame


def load_run(path: str | os.PathLike[str]) -> Run:
    """Open one run's folder.

    Parameters
    ----------
    path
        The folder that holds `manifest.json`.

    Raises
    ------
    AnalysisError
        No such folder, no manifest (the run did not finish), or one that cannot be read.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise AnalysisError("no such folder", where=str(folder), expected="a run's folder")
    file = folder / MANIFEST
    if not file.is_file():
        raise AnalysisError(
            f"no {MANIFEST}: the run did not finish", where=str(folder), expected="to run it anew"
        )
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise AnalysisError(
            f"not readable ({error})", where=str(file), expected="to run it anew"
        ) from error
    if not isinstance(manifest, dict) or not {"label", "seed"} <= manifest.keys():
        raise AnalysisError(
            "no label and seed, so not the manifest of a run", where=str(file), expected="a run's"
        )
    return Run(folder, manifest)


def find(root: str | os.PathLike[str]) -> list[Run]:
    """Find all finished runs at or below a folder, by label, then seed.

    Folders of runs that did not finish are left out with an `AnalysisWarning`.

    Raises
    ------
    AnalysisError
        No such folder, or no finished run in it.
    """
    top = Path(root)
    if not top.is_dir():
        near = [p.name for p in top.parent.glob("*/")] if top.parent.is_dir() else []
        raise unknown("folder", top.name, near, str(top.parent))
    found = sorted(_walk(top), key=lambda run: (run.label, run.seed))
    if not found:
        raise AnalysisError(
            "no finished run here",
            where=str(top),
            expected="folders <label>/seed=<n>/ written by `concord run scenario=NAME seed=N`",
        )
    return found


def _walk(top: Path) -> Iterator[Run]:
    """Yield the runs below `top`, not looking inside runs nor into hidden (temporary) folders."""
    for name, folders, files in os.walk(top):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        is_run = MANIFEST in files
        if is_run:
            folders.clear()
        elif not _RUN_FOLDER.fullmatch(Path(name).name):
            continue
        try:
            yield load_run(name)
        except AnalysisError as error:
            warnings.warn(f"left out: {error}", AnalysisWarning, stacklevel=4)


def runs(root: str | os.PathLike[str]) -> pd.DataFrame:
    """List what is there: one row per finished run.

    Returns
    -------
    pandas.DataFrame
        `scenario` (label), `seed`, `created`, `seconds`, `fingerprint`, `path`.
    """
    return pd.DataFrame(
        [
            {
                "scenario": run.label,
                "seed": run.seed,
                "created": run.manifest.get("created", ""),
                "seconds": run.manifest.get("seconds", float("nan")),
                "fingerprint": str(run.manifest.get("fingerprint", ""))[:12],
                "path": str(run.path),
            }
            for run in find(root)
        ]
    )


def load(
    paths_or_root: str | os.PathLike[str] | Run | Iterable[str | os.PathLike[str] | Run],
    table: str = "summary",
    scenarios: str | Iterable[str] | None = None,
    seeds: int | Iterable[int] | None = None,
) -> pd.DataFrame:
    """Read one table of one or many runs as a tidy frame.

    Parameters
    ----------
    paths_or_root
        A results folder, a run's folder, a `Run`, or several of these.
    table
        Which table (`docs/outputs.md` lists them).
    scenarios
        Labels to keep, in this order; None keeps all, by name.
    seeds
        Seeds to keep; None keeps all.

    Returns
    -------
    pandas.DataFrame
        The rows of all runs with `scenario` and `seed` in front, dates as datetime64, and `units`,
        `meanings`, `timeline` in `attrs`.

    Raises
    ------
    AnalysisError
        Unknown table, scenario or seed, or two different runs with one label and seed.

    Warns
    -----
    AnalysisWarning
        Unfinished folders, and runs made by different versions or from different data.
    """
    chosen = _select(_unique(_gather(paths_or_root)), scenarios, seeds)
    _warn_if_mixed(chosen)
    frames = [run.table(table) for run in chosen]
    # A column without a single value has no type of its own and must not decide the others'.
    frame = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    frame.attrs = {
        "units": dict(frames[0].attrs["units"]),
        "meanings": dict(frames[0].attrs["meanings"]),
        "timeline": {run.label: run.timeline for run in chosen},
    }
    return frame


def _gather(source: Any) -> list[Run]:
    if isinstance(source, Run):
        return [source]
    if isinstance(source, str | os.PathLike):
        return find(source)
    return [run for one in source for run in _gather(one)]


def _unique(found: list[Run]) -> list[Run]:
    """Keep each label and seed once; the same run at two places is the same run."""
    kept: dict[tuple[str, int], Run] = {}
    for run in found:
        first = kept.setdefault((run.label, run.seed), run)
        if first.manifest.get("fingerprint") != run.manifest.get("fingerprint"):
            raise AnalysisError(
                f"{run.label}, seed {run.seed} is there twice with different fingerprints "
                f"({first.path} and {run.path})",
                expected="one run per label and seed",
            )
    return list(kept.values())


def _select(
    found: list[Run],
    scenarios: str | Iterable[str] | None,
    seeds: int | Iterable[int] | None,
) -> list[Run]:
    """Keep the runs with these labels (in that order) and seeds."""
    labels = list(dict.fromkeys(run.label for run in found))
    wanted = [scenarios] if isinstance(scenarios, str) else list(scenarios or labels)
    for label in wanted:
        if label not in labels:
            raise unknown("scenario", label, labels)
    chosen = [run for label in wanted for run in found if run.label == label]
    if seeds is None:
        return chosen
    keep = {seeds} if isinstance(seeds, int) else {int(s) for s in seeds}
    there = {run.seed for run in chosen}
    if missing := keep - there:
        raise AnalysisError(
            f"no run with seed {seed_list(missing)}", expected=f"seeds among {seed_list(there)}"
        )
    return [run for run in chosen if run.seed in keep]


def _warn_if_mixed(chosen: list[Run]) -> None:
    """Say so when runs of different code or data differ by more than their scenario."""
    for key in ("versions", "data"):
        if len({json.dumps(r.manifest.get(key), sort_keys=True) for r in chosen}) > 1:
            warnings.warn(
                f"the runs were made with different {key}; a comparison mixes the scenario's "
                "effect with that difference. Run them anew with one version",
                AnalysisWarning,
                stacklevel=3,
            )


def units(df: pd.DataFrame, column: str) -> str:
    """Look up the unit of a column, empty where the run gave none.

    Raises
    ------
    AnalysisError
        No such column.

    Examples
    --------
    >>> frame = pd.DataFrame({"world_trade": [1.0]})
    >>> frame.attrs["units"] = {"world_trade": "bn USD 2023"}
    >>> units(frame, "world_trade")
    'bn USD 2023'
    """
    if column not in df.columns:
        raise unknown("measure", column, map(str, df.columns))
    return str(df.attrs.get("units", {}).get(column, ""))
