"""One file of whole runs: a Parquet table whose footer names the plan and the runs in it.

A file that is not complete, of another plan, or changed after it was written says so, and does not
count (`runs_of`).
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from sim.atomic import write_file

if TYPE_CHECKING:
    import pyarrow as pa

    from experiments.sweep.plan import Plan

__all__ = ["CHANGED", "CHUNKS", "file_of", "rows_of", "runs_of", "schema", "write"]

CHANGED = "changed after it was written"
CHUNKS = "chunks"
_KEY = b"concord"


def schema(measures: Sequence[str]) -> pa.Schema:
    """Columns of a chunk: run, step (quarter from 0), measures in single precision."""
    import pyarrow as pa

    fields = [pa.field("run", pa.int32()), pa.field("step", pa.int16())]
    return pa.schema([*fields, *(pa.field(name, pa.float32()) for name in measures)])


def write(folder: Path, plan: Plan, runs: Sequence[int], table: pa.Table) -> Path:
    """Write rows of whole runs, in order, to the file that is named after the runs.

    Raises
    ------
    StorageError
        It cannot be written; nothing is left of it.
    """
    import pyarrow.parquet as pq

    file = file_of(folder, plan, runs)
    table = table.combine_chunks()
    about = json.loads(_about(plan, runs)) | {"sums": _sums(table)}
    table = table.replace_schema_metadata({_KEY: json.dumps(about).encode()})
    data = io.BytesIO()
    encoding = {"run": "DELTA_BINARY_PACKED", "step": "DELTA_BINARY_PACKED"}
    encoding |= dict.fromkeys(plan.measures, "BYTE_STREAM_SPLIT")
    pq.write_table(
        table,
        data,
        compression="zstd",
        use_dictionary=False,
        column_encoding=encoding,
    )
    write_file(file, data.getvalue())
    return file


def _sums(table: pa.Table) -> dict[str, str]:
    """Column → checksum of its values, so that a reader of some columns need not read all."""
    return {
        name: hashlib.sha256(table[name].to_numpy().tobytes()).hexdigest()[:16]
        for name in table.column_names
    }


def _about(plan: Plan, runs: Sequence[int]) -> str:
    return json.dumps({"plan": plan.fingerprint, "runs": list(runs)}, separators=(",", ":"))


def file_of(folder: Path, plan: Plan, runs: Sequence[int]) -> Path:
    """The file of some runs of a plan; the same runs always have the same."""
    digest = hashlib.sha256(_about(plan, runs).encode()).hexdigest()[:12]
    return folder / CHUNKS / f"{runs[0]:07d}-{runs[-1]:07d}.{digest}.parquet"


def rows_of(
    files: Mapping[Path, Sequence[int]],
    measures: Sequence[str],
    wanted: Set[int] | None = None,
) -> pa.Table:
    """The rows of some runs, or of all, each run once, by run and step.

    Parameters
    ----------
    files
        Chunk files → the runs in them.
    measures
        Columns beside run and step.
    wanted
        Runs; all when None.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    names = ["run", "step", *measures]
    seen: set[int] = set()
    parts = [schema(measures).empty_table()]
    for file, runs in files.items():
        new = set(runs if wanted is None else wanted & set(runs)) - seen
        if not new:
            continue
        with pq.ParquetFile(file) as parquet:
            part = parquet.read(names, use_threads=False).replace_schema_metadata(None)
        if len(new) < len(runs):
            part = part.filter(pc.is_in(part["run"], pa.array(sorted(new), pa.int32())))
        seen |= new
        parts.append(part)
    table = pa.concat_tables(parts)
    return table.sort_by([("run", "ascending"), ("step", "ascending")]).combine_chunks()


def runs_of(file: Path, plan: Plan) -> tuple[tuple[int, ...], str]:
    """Which runs of a plan a file has; without any, why it does not count.

    Raises
    ------
    FileNotFoundError
        It is not there (any more).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as parquet:
            about = json.loads((parquet.metadata.metadata or {}).get(_KEY, b"{}"))
    except FileNotFoundError:
        raise
    except (pa.ArrowInvalid, OSError, ValueError):
        return (), "not complete, or not a Parquet file"
    if not isinstance(about, dict) or about.get("plan") != plan.fingerprint:
        return (), "of another sweep"
    stat = file.stat()
    if not _is_as_written(file, stat.st_size, stat.st_mtime_ns):
        return (), CHANGED
    runs = tuple(int(run) for run in about.get("runs", ()))
    return (runs, "") if runs and 0 <= min(runs) <= max(runs) < plan.runs else ((), "has no runs")


@functools.lru_cache(maxsize=1 << 16)
def _is_as_written(file: Path, _size: int, _changed: int) -> bool:
    """Whether a chunk's values have their checksums; read once, unless size or time change."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as parquet:
            sums = json.loads((parquet.metadata.metadata or {})[_KEY])["sums"]
            return bool(_sums(parquet.read(use_threads=False)) == sums)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return False
