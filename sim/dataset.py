"""A run on disk: Parquet tables and a manifest, complete or not there at all.

Everything is written into a temporary folder beside the run's own, flushed to the disk, and put in
place by one rename; an older run in the same place is exchanged for the new one. Whatever happens
in between (Ctrl-C, a full disk, a second process that writes the same run), a reader finds the old
run or the new one, never half of either. What a killed process leaves behind is hidden (its name
starts with a dot) and removed by the next write.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import StorageError

__all__ = [
    "FORMAT",
    "check_writable",
    "parquet_bytes",
    "read_manifest",
    "recover",
    "write_file",
    "write_run",
]

FORMAT = 1
"""Version of the layout of folder, tables and manifest."""

MANIFEST = "manifest.json"
_ABANDONED_SECONDS = (
    24 * 3600
)  # after that, what another machine left is not being written any more
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_ACTIVE: set[Path] = set()


def parquet_bytes(table: pa.Table, metadata: Mapping[str, str] | None = None) -> bytes:
    """A table as the bytes of a Parquet file, the same bytes for the same content.

    Parameters
    ----------
    table
        Columns with `unit` and `meaning` in their field metadata, which is kept.
    metadata
        Entries for the file's own metadata.

    Examples
    --------
    >>> table = pa.table({"welfare": [1.0, 2.0]})
    >>> parquet_bytes(table) == parquet_bytes(table.slice(0))
    True
    """
    own = {key.encode(): value.encode() for key, value in sorted((metadata or {}).items())}
    schema_metadata = {**(table.schema.metadata or {}), **own}
    sink = pa.BufferOutputStream()
    # Chunks follow from how the table was built and would show in the pages: they are merged.
    pq.write_table(
        table.replace_schema_metadata(schema_metadata).combine_chunks(),
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
    """Write all tables and the manifest of a run, or nothing.

    Parameters
    ----------
    folder
        The run's own folder, `results/<label>/seed=<n>`; a run that is there is replaced when the
        new one is complete.
    tables
        Name → table; each becomes `<name>.parquet`.
    manifest
        What ran; `format` and `tables` (rows and SHA-256 of each file) are added.

    Returns
    -------
    dict
        The manifest as written.

    Raises
    ------
    StorageError
        The folder cannot be written, its path is a file, or the disk is full; nothing is left.
    """
    metadata = {"concord:fingerprint": str(manifest.get("fingerprint", ""))}
    described: dict[str, Any] = {}
    with _storage_errors(folder):
        _refuse_file(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
        with _temporary_folder(folder) as draft:
            for name in sorted(tables):
                data = parquet_bytes(tables[name], metadata)
                described[name] = {
                    "rows": tables[name].num_rows,
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
                write_file(draft / f"{name}.parquet", data)
            complete = {"format": FORMAT, **manifest, "tables": described}
            text = json.dumps(complete, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            write_file(draft / MANIFEST, text.encode())
            _sync_folder(draft)
            _put_in_place(draft, folder)
    return complete


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a complete run, or None when there is no such run in the folder.

    A run is complete when its manifest can be read and every table that it lists is there.
    """
    recover(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = list(manifest["tables"])
        seed = int(manifest["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_complete = all((folder / f"{name}.parquet").is_file() for name in names) and seed >= 0
    return dict(manifest) if is_complete else None


def write_file(path: Path, data: bytes) -> None:
    """Write one file so that it is there completely or, as before, not at all.

    Raises
    ------
    StorageError
        The file cannot be written; an older file of that name is unharmed.
    """
    with _storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft_of(path)
        try:
            with draft.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        finally:
            _ACTIVE.discard(draft)
            draft.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Make sure, before a run is computed, that its folder could be made; leave no trace.

    Raises
    ------
    StorageError
        It could not: the path is a file or leads through one, or nothing can be written there.
    """
    with _storage_errors(folder):
        _refuse_file(folder)
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        Path(tempfile.mkdtemp(prefix=".concord-", dir=there)).rmdir()


def recover(folder: Path) -> None:
    """Remove what dead processes left beside `folder`, and put back a run cut off while replaced.

    Nothing is done, and nothing raised, where the folder cannot be changed.
    """
    with contextlib.suppress(OSError):
        leftovers = sorted(folder.parent.glob(f".{folder.name}.*"))
        for left in leftovers:
            if not _is_abandoned(left):
                continue
            if left.suffix == ".old" and not folder.exists():
                left.rename(folder)
            elif left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


@contextlib.contextmanager
def _temporary_folder(folder: Path) -> Iterator[Path]:
    draft = _draft_of(folder)
    try:
        draft.mkdir()
        yield draft
    finally:
        # Gone already when it was put in place; an exchanged older run lies here then.
        shutil.rmtree(draft, ignore_errors=True)
        _ACTIVE.discard(draft)


def _draft_of(path: Path, suffix: str = ".tmp") -> Path:
    """A hidden name beside `path` that tells who writes it: machine, process, and a random part."""
    owner = f"{socket.gethostname().replace('.', '-')}.{os.getpid()}.{secrets.token_hex(4)}"
    draft = path.with_name(f".{path.name}.{owner}{suffix}")
    _ACTIVE.add(draft)
    return draft


def _is_abandoned(left: Path) -> bool:
    """Whether the process that wrote a temporary file or folder is dead."""
    parts = left.name.rsplit(".", 4)
    if left in _ACTIVE or len(parts) != 5 or left.suffix not in {".tmp", ".old"}:
        return False
    _, host, pid, _, _ = parts
    if host != socket.gethostname().replace(".", "-") or not pid.isdecimal():
        return time.time() - left.stat().st_mtime > _ABANDONED_SECONDS
    if int(pid) == os.getpid():
        return True  # an earlier process with our number: we know our own
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False


def _put_in_place(draft: Path, folder: Path) -> None:
    """Rename the finished folder into place; an older run ends up where `draft` was, or goes."""
    for _ in range(100):
        try:
            draft.rename(folder)  # nothing there, or an empty folder
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
        else:
            break
        if _exchange(draft, folder):
            break
        aside = _draft_of(folder, ".old")
        try:
            # A crash between this rename and the next leaves the run aside; `recover` returns it.
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                folder.rename(aside)
            with contextlib.suppress(OSError):
                draft.rename(folder)
                break
        finally:
            shutil.rmtree(aside, ignore_errors=True)
            _ACTIVE.discard(aside)
    else:
        raise StorageError("other processes keep writing this run", where=str(folder))
    _sync_folder(folder.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step where the system can (Linux), or say that it cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)


def _sync_folder(folder: Path) -> None:
    """Have the folder's entries on the disk, where the system lets one ask for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise StorageError("is a file", where=str(folder), expected="a folder or a new name")


@contextlib.contextmanager
def _storage_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` into a message that says what to do."""
    advice = {
        errno.ENOSPC: ("the disk is full", "free space or another folder (--results DIR)"),
        errno.EDQUOT: (
            "your disk quota is used up",
            "free space or another folder (--results DIR)",
        ),
        errno.EACCES: ("no permission to write here", "a folder of your own (--results DIR)"),
        errno.EPERM: ("no permission to write here", "a folder of your own (--results DIR)"),
        errno.EROFS: ("the file system is read-only", "a folder of your own (--results DIR)"),
        errno.ENOTDIR: ("the path leads through a file", "a folder (--results DIR)"),
        errno.ENAMETOOLONG: ("the name is too long", "a shorter one (--results DIR)"),
    }
    try:
        yield
    except OSError as error:
        text = error.strerror or str(error)
        found, expected = advice.get(
            error.errno or 0, (f"cannot be written ({text})", "another folder (--results DIR)")
        )
        raise StorageError(
            f"{found}; nothing was written", where=str(path), expected=expected
        ) from error
