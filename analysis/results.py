"""Finished runs on disk: opened, found, their tables read.

A run is `results/<scenario>/seed=<n>/manifest.json` and a file `seed=<n>.parquet` in the folder of
each table, `results/<scenario>/<table>/`. `analysis.load` makes tidy frames of many.
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

from analysis.errors import AnalysisError, AnalysisWarning, nearest, unknown
from analysis.integrity import ANEW, check_manifest, check_table

MANIFEST = "manifest.json"
FORMAT = 2
RUNS = "runs written by `concord run scenario=NAME seed=N`"
"""Version of the layout that is read, as `manifest.json` says it."""
_FINGERPRINT = b"concord:fingerprint"
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
    def made_by(self) -> str:
        """Version of Concord and fingerprint (its first 12 digits), in words."""
        version = self.manifest.get("versions", {}).get("concord", "")
        print_ = str(self.manifest.get("fingerprint", ""))[:12]
        return f"Concord {version}, fingerprint {print_}".replace(" ,", ",")

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that the run wrote."""
        return tuple(sorted(self.manifest.get("tables", ())))

    def file(self, name: str) -> Path:
        """Where a table lies: the run's file in the folder of that table."""
        return self.path.parent / name / f"{self.path.name}.parquet"

    def arrow(self, name: str) -> pa.Table:
        """Read one table as it was stored, `scenario` and `seed` in front.

        Raises
        ------
        AnalysisError
            No such table, or a file that is missing, not readable Parquet or of another run.
        """
        if name not in self.tables:
            raise unknown("table", name, self.tables, str(self.path))
        file = self.file(name)
        try:
            data = file.read_bytes()
            check_table(data, self.manifest.get("tables", {}).get(name), file)
            # A single file, never a data set: `seed=1` in the path is not a partition.
            with pq.ParquetFile(pa.BufferReader(data)) as parquet:
                made_by = (parquet.metadata.metadata or {}).get(_FINGERPRINT, b"").decode()
                table = parquet.read(use_threads=False)
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = str(error).split("\n", 1)[0]
            raise AnalysisError(
                f"not a readable table ({reason})", where=str(file), expected=ANEW
            ) from error
        if made_by != self.manifest.get("fingerprint", ""):
            raise AnalysisError("of another run than its manifest", where=str(file), expected=ANEW)
        return table

    def table(self, name: str) -> pd.DataFrame:
        """Read one table, with `scenario` and `seed` in front and units in `attrs`.

        Raises
        ------
        AnalysisError
            As for `arrow`.
        """
        frame = frame_of(self.arrow(name), self.label, self.seed)
        frame.attrs["timeline"] = {self.label: self.timeline}
        frame.attrs["made_by"] = [self.made_by]
        return frame


def frame_of(table: pa.Table, label: str = "", seed: int = 0) -> pd.DataFrame:
    """Turn a run's Arrow table into a tidy frame, as it is read from a file.

    Parameters
    ----------
    table
        One table of a run, or of several below each other, with units and meanings in its field
        metadata.
    label, seed
        Which run it is of; the columns `scenario` and `seed` where the table has none.

    Examples
    --------
    >>> frame_of(pa.table({"x": [1.0]}), "baseline", 3).values.tolist()
    [['baseline', 3, 1.0]]
    """
    frame = _dated(table.to_pandas(ignore_metadata=True, date_as_object=False))
    if "scenario" not in frame:
        frame.insert(0, "scenario", label)
        frame.insert(1, "seed", seed)
    frame.attrs = {
        "units": _metadata(table.schema, b"unit"),
        "meanings": _metadata(table.schema, b"meaning"),
        "timeline": {},
    }
    return frame


def _metadata(schema: pa.Schema, key: bytes) -> dict[str, str]:
    """Read one entry of the metadata of each column of the table itself."""
    own = [field for field in schema if field.name not in ("scenario", "seed")]
    return {f.name: (f.metadata or {}).get(key, b"").decode() for f in own}


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
        No such folder, no manifest (the run did not finish), or one that cannot be read or is of
        another format.
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
    if isinstance(manifest, dict) and manifest.get("format", FORMAT) != FORMAT:
        raise AnalysisError(
            f"a run of format {manifest['format']}, which other versions write",
            where=str(folder),
            expected=f"format {FORMAT}: run it anew, or remove the folder",
        )
    check_manifest(manifest, file)
    return Run(folder, manifest)


def find(root: str | os.PathLike[str]) -> list[Run]:
    """Find all finished runs at or below a folder, by label, then seed.

    Runs that did not finish or are of another format are left out with an `AnalysisWarning`. A
    scenario with changes may also be named by its label, `baseline+quarters=8`.

    Raises
    ------
    AnalysisError
        No such folder, or no finished run in it.
    """
    top = Path(root)
    as_folder = top.with_name(top.name.replace("=", "-")) if top.name else top
    if not top.is_dir() and as_folder.is_dir():
        top = as_folder
    if not top.is_dir():
        if top.exists():
            raise AnalysisError("this is a file", where=str(top), expected=f"a folder of {RUNS}")
        beside = [*top.parent.glob("*/")]
        near = [p.name for p in [p for p in beside if _has_runs(p)] or beside]
        if near:
            known = f"{nearest(top.name, near)}; or {RUNS}"
            raise AnalysisError(
                f"unknown folder {top.name!r}", where=str(top.parent), expected=known
            )
        raise AnalysisError("no such folder", where=str(top), expected=RUNS)
    faults: list[AnalysisError] = []
    found = sorted(_walk(top, faults), key=lambda run: (run.label, run.seed))
    if not found and faults:
        more = f" (and {len(faults) - 1} more like it)" if len(faults) > 1 else ""
        raise AnalysisError(
            f"no finished run here: {faults[0].found}{more}",
            where=str(top),
            expected=faults[0].expected,
        )
    if not found:
        raise AnalysisError(
            "no finished run here",
            where=str(top),
            expected=RUNS,
        )
    for fault in faults:
        warnings.warn(f"left out: {fault}", AnalysisWarning, stacklevel=3)
    return found


def _has_runs(folder: Path) -> bool:
    """Whether a folder is a scenario's or holds such, and not one of figures, say."""
    return any(any(folder.glob(pattern)) for pattern in ("seed=*", "*/seed=*"))


def _walk(top: Path, faults: list[AnalysisError]) -> Iterator[Run]:
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
            faults.append(error)
