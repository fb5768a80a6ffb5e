"""One driver at a time on a sweep's folder; a second one waits its turn.

The lock belongs to the process: however that ends, the system lets go of it, and no clock is asked.
Where a file system knows no locks, two drivers at once do no harm but double work: the same chunk
goes to the same file, and runs are counted once.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from sim.atomic import storage_errors

__all__ = ["only_driver"]

LOCK = ".driver"
# Beside the lock and not in it: on Windows a file that is locked cannot be read by others.
_HOLDER = ".driver.name"
_SECONDS_BETWEEN_TRIES = 0.5


@contextlib.contextmanager
def only_driver(folder: Path, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold a folder's lock; wait for it when another driver has it.

    Parameters
    ----------
    folder
        The sweep's folder, made when it is not there.
    on_wait
        Called once, before waiting, with who has the lock ("host cluster1, process 4711").

    Raises
    ------
    StorageError
        The folder cannot be written.
    """
    folder = Path(folder).resolve()  # of the lock, filelock follows no link
    holder = folder / _HOLDER
    # Never a file that means "locked" by being there: a killed driver would leave it.
    lock = FileLock(folder / LOCK, mode=0o666, fallback_to_soft=False)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _acquire(lock, holder, on_wait)
    try:
        with contextlib.suppress(OSError):  # for the message to others only
            holder.write_text(f"host {socket.gethostname()}, process {os.getpid()}", "utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink()
        lock.release()


def _acquire(lock: FileLock, holder: Path, on_wait: Callable[[str], None]) -> None:
    with contextlib.suppress(NotImplementedError):  # a file system without locks
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_wait(_name_in(holder))
            lock.acquire(timeout=-1, poll_interval=_SECONDS_BETWEEN_TRIES)


def _name_in(holder: Path) -> str:
    with contextlib.suppress(OSError):
        return holder.read_text("utf-8", errors="replace")[:200] or "unknown"
    return "unknown"
