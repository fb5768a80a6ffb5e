"""Files and folders that are written completely or not at all.

A draft is written under a hidden name beside its place, flushed to the disk, and renamed. The
hidden name tells which process writes it, so that what a dead process left can be removed. A
folder whose files go to several places is renamed once when it is complete; from then on it is
finished by whoever comes by, whatever happens to the process that wrote it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sim.errors import StorageError

__all__ = [
    "Finish",
    "check_writable",
    "complete",
    "draft_folder",
    "flush_file",
    "recover",
    "remove_drafts",
    "storage_errors",
    "write_file",
]

Finish = Callable[[Path], None]
"""Moves the files of a complete draft into their places; may find some of them moved already."""

_DRAFT, _COMPLETE = ".tmp", ".new"
_ABANDONED_SECONDS = 24 * 3600  # when what another machine left is taken to be dead
_ACTIVE: set[Path] = set()

_ELSEWHERE = "a folder of your own (--results DIR or --output)"
_ROOM = "free space, or a folder on another disk (--results DIR or --output)"
_ADVICE = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the disk quota is used up", _ROOM),
    errno.EACCES: ("no permission to write here", _ELSEWHERE),
    errno.EPERM: ("no permission to write here", _ELSEWHERE),
    errno.EROFS: ("the file system is read-only", _ELSEWHERE),
    errno.ENOTDIR: ("the path leads through a file", "a folder (--results DIR or --output)"),
    errno.ENAMETOOLONG: ("the name is too long", "a shorter one (--results DIR or --output)"),
}


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` into a `StorageError` that says what to do."""
    try:
        yield
    except OSError as error:
        other = (
            f"cannot be written ({error.strerror or error})",
            "another folder (--results DIR or --output)",
        )
        found, expected = _ADVICE.get(error.errno or 0, other)
        raise StorageError(
            f"{found}; nothing was written", where=str(path), expected=expected
        ) from error


def write_file(path: Path, data: bytes) -> None:
    """Write one file; an older file of that name stays until the new one is complete.

    Raises
    ------
    StorageError
        The file cannot be written; nothing is left of it.
    """
    with storage_errors(path), _parents(path):
        draft = _draft_of(path)
        try:
            flush_file(draft, data)
            draft.replace(path)
            _sync(path.parent)
        finally:
            draft.unlink(missing_ok=True)
            _ACTIVE.discard(draft)


def flush_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextlib.contextmanager
def draft_folder(folder: Path, finish: Finish) -> Iterator[Path]:
    """Give an empty hidden folder beside `folder`, removed at the end unless `complete`.

    Raises
    ------
    StorageError
        It cannot be made, or what is done with it fails for want of room or permission.
    """
    with storage_errors(folder):
        if folder.exists() and not folder.is_dir():
            raise StorageError("this is a file", where=str(folder), expected="a folder's name")
        with _parents(folder):
            recover(folder, finish)
            draft = _draft_of(folder)
            try:
                draft.mkdir()
                yield draft
            finally:
                shutil.rmtree(draft, ignore_errors=True)
                _ACTIVE.discard(draft)


def complete(draft: Path, finish: Finish) -> None:
    """Rename a draft to say that all is in it, then move its files into their places.

    After the rename a crash loses nothing: `recover` goes on where this was cut off.
    """
    _sync(draft)
    done = draft.with_suffix(_COMPLETE)
    _ACTIVE.add(done)
    try:
        draft.rename(done)
        finish(done)
        _sync(draft.parent)
        shutil.rmtree(done, ignore_errors=True)
    finally:
        _ACTIVE.discard(done)


def recover(folder: Path, finish: Finish) -> None:
    """Finish what dead processes had complete beside `folder`, and remove what they had not.

    Where that cannot be done, nothing is raised: leftovers are hidden and harm nobody.
    """
    with contextlib.suppress(OSError):
        for left in sorted(folder.parent.glob(f".{folder.name}.*")):
            if not _is_abandoned(left):
                continue
            if left.suffix == _COMPLETE:
                finish(left)
            shutil.rmtree(left, ignore_errors=True)


def remove_drafts(folder: Path) -> None:
    """Remove the drafts of files that dead processes left in `folder`."""
    with contextlib.suppress(OSError):
        for left in folder.glob(f".*{_DRAFT}"):
            if left.is_file() and _is_abandoned(left):
                left.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Make sure, before hours of work, that `folder` could be made; leave no trace.

    Raises
    ------
    StorageError
        The path is a file or leads through one, or nothing can be written there.
    """
    with storage_errors(folder):
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        if not there.is_dir():
            raise StorageError(
                "this is a file", where=str(there), expected="a folder (--results DIR or --output)"
            )
        Path(tempfile.mkdtemp(prefix=".concord-", dir=there)).rmdir()


@contextlib.contextmanager
def _parents(path: Path) -> Iterator[None]:
    """Make the folders above `path`; take them away again when what follows fails."""
    missing = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # not empty: somebody else uses it
            for parent in missing:
                parent.rmdir()
        raise


def _draft_of(path: Path) -> Path:
    """A hidden name beside `path`: whose machine, which process, and a random part."""
    draft = path.with_name(f".{path.name}.{_host()}.{os.getpid()}.{secrets.token_hex(4)}{_DRAFT}")
    _ACTIVE.add(draft)
    return draft


def _host() -> str:
    return socket.gethostname().replace(".", "-") or "unknown"


def _is_abandoned(left: Path) -> bool:
    """Whether nobody writes this draft any more."""
    parts = left.name.rsplit(".", 4)
    if left in _ACTIVE or len(parts) != 5 or left.suffix not in {_DRAFT, _COMPLETE}:
        return False
    host, pid = parts[1], parts[2]
    # Asking for a process is a question on POSIX only; elsewhere it would end the process.
    if host != _host() or not pid.isdecimal() or os.name != "posix":
        return time.time() - left.stat().st_mtime > _ABANDONED_SECONDS
    if int(pid) == os.getpid():
        return True  # an earlier process had our number; our own drafts are known
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _sync(folder: Path) -> None:
    """Have a folder's entries on the disk, where the system lets one ask for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
