"""One driver at a time on a sweep's folder; a second one waits its turn.

The lock is advisory and belongs to the process: however that ends, the system lets go of it, and no
clock is asked. Where a file system knows no locks, two drivers at once do no harm but double work:
the same chunk goes to the same file, and runs are counted once.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sim.atomic import storage_errors

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["only_driver"]

LOCK = ".driver"
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
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if fcntl is not None:
            _wait(handle, on_wait)
        with contextlib.suppress(OSError):  # for the message to others only
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"host {socket.gethostname()}, process {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, on_wait: Callable[[str], None]) -> None:
    has_told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not has_told:
                has_told = True
                on_wait(os.pread(handle, 200, 0).decode(errors="replace") or "unknown")
            time.sleep(_SECONDS_BETWEEN_TRIES)
        except OSError:
            return  # a file system without locks
        else:
            return
