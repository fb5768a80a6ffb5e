"""A run on disk: a file in the folder of each table, and a manifest; complete or not there at all.

    results/<scenario>/<table>/seed=<n>.parquet     one folder, one table, one schema: any reader
    results/<scenario>/seed=<n>/manifest.json       what ran; there when all tables are

All is written into a hidden folder first, which is renamed when it is complete and then emptied
into these places, the manifest last. Whatever happens in between (Ctrl-C, a full disk, a second
process that writes the same run), a reader finds the old run or the new one, or no manifest; the
next command ends what was cut off.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.atomic import complete, draft_folder, flush_file, recover
from sim.errors import StorageError
from sim.provenance import is_sealed, sealed, sha256_of

__all__ = [
    "FINGERPRINT",
    "FORMAT",
    "damage",
    "parquet_bytes",
    "read_manifest",
    "table_file",
    "write_run",
]

FORMAT = 2
"""Version of the layout of folders, tables and manifest."""

FINGERPRINT = "concord:fingerprint"
"""Key of the run's fingerprint in each file's metadata."""

_MANIFEST = "manifest.json"
_PART = ".part"  # of a table in a draft: not a name that readers of whole folders look for
_TRIES = 100


def parquet_bytes(table: pa.Table, metadata: Mapping[str, str] | None = None) -> bytes:
    """A table as the bytes of a Parquet file: the same bytes for the same content.

    Parameters
    ----------
    table
        Columns with `unit` and `meaning` in their field metadata, which is kept.
    metadata
        Entries for the file's own metadata.

    Examples
    --------
    How a table was put together does not show:

    >>> whole = pa.table({"welfare": [1.0, 2.0]})
    >>> parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 1)])
    >>> parquet_bytes(parts) == parquet_bytes(whole)
    True
    """
    entries = {key.encode(): value.encode() for key, value in sorted((metadata or {}).items())}
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata(entries or None).combine_chunks(),
        sink,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        row_group_size=1 << 20,
    )
    return bytes(sink.getvalue())


def table_file(folder: Path, name: str) -> Path:
    """Where a table of a run lies: the run's own file in the folder of that table.

    Examples
    --------
    >>> table_file(Path("results/baseline/seed=1"), "summary").as_posix()
    'results/baseline/summary/seed=1.parquet'
    """
    return folder.parent / name / f"{folder.name}.parquet"


def write_run(
    folder: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """Write all tables of a run and its manifest, or nothing.

    Parameters
    ----------
    folder
        The run's own, `results/<scenario>/seed=<n>`; a run that is there is replaced when the new
        one is complete.
    tables
        Name → table; each becomes `results/<scenario>/<name>/seed=<n>.parquet`, with the columns
        `scenario` and `seed` in front, and nothing (null) where there is no number.
    manifest
        What ran; `format`, `tables` (rows and SHA-256 of each file) and a checksum of the
        manifest itself are added.

    Returns
    -------
    dict
        The manifest as written.

    Raises
    ------
    StorageError
        The folder cannot be written, its path is a file, or the disk is full; nothing is left.
    """
    metadata = {FINGERPRINT: str(manifest.get("fingerprint", ""))}
    label, seed = str(manifest.get("label", "")), int(manifest.get("seed", 0))
    data = {
        name: parquet_bytes(_labelled(tables[name], label, seed), metadata)
        for name in sorted(tables)
    }
    described = {
        name: {"rows": tables[name].num_rows, "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in data.items()
    }
    whole = sealed({"format": FORMAT, **manifest, "tables": described})
    text = json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)
    finish = partial(_spread, folder)
    for _ in range(_TRIES):
        with draft_folder(folder, finish) as draft:
            for name, content in data.items():
                flush_file(draft / f"{name}{_PART}", content)
            flush_file(draft / _MANIFEST, f"{text}\n".encode())
            complete(draft, finish)
        if read_manifest(folder) is not None:  # no other process was at it in between
            return whole
    raise StorageError("other processes keep writing here", where=str(folder))


def _labelled(table: pa.Table, label: str, seed: int) -> pa.Table:
    """A table with what tells runs apart, and null for NaN, which SQL would count as a number."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(place)
            known = pc.if_else(pc.is_nan(column), pa.scalar(None, field.type), column)
            table = table.set_column(place, field, known)
    own = (
        ("scenario", pa.repeat(label, table.num_rows), "the scenario's name with its changes"),
        ("seed", pa.repeat(seed, table.num_rows), "root of the run's random draws"),
    )
    for place, (name, values, meaning) in enumerate(own):
        field = pa.field(name, values.type, metadata={"unit": "", "meaning": meaning})
        table = table.add_column(place, field, values)
    return table


def _spread(folder: Path, done: Path) -> None:
    """Move a complete draft's files into their places, the manifest last."""
    if not (done / _MANIFEST).exists():
        return
    parts = {part.stem: part for part in done.glob(f"*{_PART}")}
    names = json.loads((done / _MANIFEST).read_text(encoding="utf-8"))["tables"]
    folder.mkdir(exist_ok=True)
    (folder / _MANIFEST).unlink(missing_ok=True)
    for stale in folder.parent.glob(f"*/{folder.name}.parquet"):
        if stale.parent.name not in names:
            stale.unlink(missing_ok=True)
    for stale in folder.glob("*.parquet"):  # where format 1 had them
        stale.unlink(missing_ok=True)
    for name, part in sorted(parts.items()):
        place = table_file(folder, name)
        place.parent.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another process came by and finished it
            part.replace(place)
    with contextlib.suppress(FileNotFoundError):
        (done / _MANIFEST).replace(folder / _MANIFEST)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a complete run, or None when there is none in the folder.

    A run is complete when its manifest can be read, is of this format, and every table that it
    lists is there, is Parquet, and carries the run's fingerprint.
    """
    recover(folder, partial(_spread, folder))
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        is_current = manifest["format"] == FORMAT
        files = [table_file(folder, name) for name in manifest["tables"]]
        made_by = {_fingerprint_of(file) for file in files}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    is_complete = is_current and made_by <= {str(manifest.get("fingerprint", ""))}
    return dict(manifest) if is_complete else None


def _fingerprint_of(file: Path) -> str:
    """Of the run that a table's file is of; `pyarrow.ArrowInvalid`, a ValueError, if it is none."""
    metadata = pq.read_metadata(file).metadata or {}
    return str(metadata.get(FINGERPRINT.encode(), b"").decode())


def damage(folder: Path, manifest: Mapping[str, Any]) -> str:
    """The file of a run that is not as it was written; empty when all are.

    Parameters
    ----------
    folder, manifest
        The run, and what `read_manifest` found.

    Returns
    -------
    str
        Name of the first file that was changed, replaced, emptied or cut short.
    """
    if manifest.get("format") != FORMAT or not is_sealed(manifest):
        return _MANIFEST
    for name, described in manifest["tables"].items():
        file = table_file(folder, name)
        if sha256_of(file) != described["sha256"]:
            return file.name
    return ""
