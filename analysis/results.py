"""Finished runs on disk: opened, found, their tables read.

A run is a folder `results/<label>/seed=<n>/` with a `manifest.json` and Parquet tables.
`analysis.load` makes tidy frames of many.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import AnalysisError, AnalysisWarning, unknown
from analysis.integrity import ANEW, check_manifest, check_table

MANIFEST = "manifest.json"
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
            data = file.read_bytes()
            check_table(data, self.manifest.get("tables", {}).get(name), file)
            # A single file, never a data set: `seed=1` in the path is not a partition.
            with pq.ParquetFile(pa.BufferReader(data)) as parquet:
                table = parquet.read()
            frame = frame_of(table, self.label, self.seed)
        except (pa.ArrowException, OSError, ValueError) as error:  # or a date that pandas has not
            reason = str(error).split("\n", 1)[0]
            raise AnalysisError(
                f"not a readable table ({reason})", where=str(file), expected=ANEW
            ) from error
        frame.attrs["timeline"] = {self.label: self.timeline}
        return frame


def frame_of(table: pa.Table, label: str, seed: int) -> pd.DataFrame:
    """Turn a run's Arrow table into a tidy frame, as it is read from a file.

    Parameters
    ----------
    table
        One table of a run, with units and meanings in its field metadata.
    label, seed
        Which run it is of; the columns `scenario` and `seed`.

    Examples
    --------
    >>> frame_of(pa.table({"x": [1.0]}), "baseline", 3).values.tolist()
    [['baseline', 3, 1.0]]
    """
    frame = _dated(_plain(table).to_pandas(ignore_metadata=True))
    frame.insert(0, "scenario", label)
    frame.insert(1, "seed", seed)
    frame.attrs = {
        "units": _metadata(table.schema, b"unit"),
        "meanings": _metadata(table.schema, b"meaning"),
        "timeline": {},
    }
    return frame


def _metadata(schema: pa.Schema, key: bytes) -> dict[str, str]:
    """Read one entry of the metadata of each column."""
    return {f.name: (f.metadata or {}).get(key, b"").decode() for f in schema}


def _plain(table: pa.Table) -> pa.Table:
    """Turn dictionary columns into text: categories differ between runs and group differently."""
    for k, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            text = table.column(k).cast(column.type.value_type)
            table = table.set_column(k, column.name, text)
    return table


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
            f"no {MANIFEST}: the run did not finish", where=str(folder), expected=ANEW
        )
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise AnalysisError(f"not readable ({error})", where=str(file), expected=ANEW) from error
    check_manifest(manifest, file)
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
