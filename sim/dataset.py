"""A run on disk: Parquet tables and a manifest, complete or not there at all.

Everything is written into a hidden folder beside the run's own and put in place by one rename; an
older run in that place is exchanged for the new one. Whatever happens in between (Ctrl-C, a full
disk, a second process that writes the same run), a reader finds the old run or the new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.atomic import draft_folder, flush_file, put_in_place, recover
from sim.provenance import is_sealed, sealed, sha256_of

__all__ = ["FINGERPRINT", "FORMAT", "damage", "parquet_bytes", "read_manifest", "write_run"]

FORMAT = 1
"""Version of the layout of folder, tables and manifest."""

FINGERPRINT = "concord:fingerprint"
"""Key of the run's fingerprint in each file's metadata."""

_MANIFEST = "manifest.json"


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


def write_run(
    folder: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """Write all tables of a run and its manifest, or nothing.

    Parameters
    ----------
    folder
        The run's own, `results/<label>/seed=<n>`; a run that is there is replaced when the new
        one is complete.
    tables
        Name → table; each becomes `<name>.parquet`.
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
    described: dict[str, Any] = {}
    complete = {"format": FORMAT, **manifest, "tables": described}
    with draft_folder(folder) as draft:
        for name in sorted(tables):
            data = parquet_bytes(tables[name], metadata)
            checksum = hashlib.sha256(data).hexdigest()
            described[name] = {"rows": tables[name].num_rows, "sha256": checksum}
            flush_file(draft / f"{name}.parquet", data)
        complete = sealed(complete)
        text = json.dumps(complete, indent=2, ensure_ascii=False, allow_nan=False)
        flush_file(draft / _MANIFEST, f"{text}\n".encode())
        put_in_place(draft, folder)
    return complete


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a complete run, or None when there is none in the folder.

    A run is complete when its manifest can be read and every table that it lists is there.
    """
    recover(folder)
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        names = list(manifest["tables"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    is_complete = all((folder / f"{name}.parquet").is_file() for name in names)
    return dict(manifest) if is_complete else None


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
        file = folder / f"{name}.parquet"
        if sha256_of(file) != described["sha256"]:
            return file.name
    return ""
