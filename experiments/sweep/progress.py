"""How far a sweep is: a bar in a terminal, else a line now and then, with rate and time left."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from experiments.console import WIDE_ENOUGH, note

__all__ = ["duration", "planning", "sweep_progress"]

_SECONDS_BETWEEN_LINES = 15.0
_SECONDS_BETWEEN_COUNTS = 0.2


def duration(seconds: float) -> str:
    """A span of time for a reader.

    Examples
    --------
    >>> duration(8.4), duration(100), duration(7300), duration(200_000)
    ('8 s', '1 min 40 s', '2 h 1 min', '2 d 7 h')
    """
    whole = max(round(seconds), 0)
    for name, size, smaller, part in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


@contextlib.contextmanager
def sweep_progress(total: int, done: int, is_quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function to be called with each run that is over.

    Parameters
    ----------
    total, done
        Runs of the sweep, and those of them that were there before.
    is_quiet
        Show nothing.
    """
    if is_quiet or done >= total:
        yield lambda run: None
    elif sys.stderr.isatty():
        with _bar(total, done) as move:
            yield move
    else:
        yield _lines(total, done)


@contextlib.contextmanager
def planning(is_quiet: bool) -> Iterator[Callable[[], None]]:
    """Yield a function to be called with each variant that was checked.

    In a terminal the count is shown, elsewhere a line now and then; most plans take no second.
    """
    if is_quiet:
        yield lambda: None
    elif sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("planning") as status:
            yield _counter(_SECONDS_BETWEEN_COUNTS, status.update)
    else:
        yield _counter(_SECONDS_BETWEEN_LINES, note)


def _counter(pause: float, show: Callable[[str], None]) -> Callable[[], None]:
    count, last = 0, time.monotonic()

    def tell() -> None:
        nonlocal count, last
        count += 1
        now = time.monotonic()
        if now - last >= pause:
            last = now
            show(f"planning: {count} variants checked")

    return tell


def _lines(total: int, before: int) -> Callable[[int], None]:
    began = last = time.monotonic()
    count = 0

    def tell(_: int) -> None:
        nonlocal last, count
        count += 1
        now = time.monotonic()
        if now - last < _SECONDS_BETWEEN_LINES and before + count < total:
            return
        last = now
        rate = count / max(now - began, 1e-9)
        left = (total - before - count) / rate
        share = 100 * (before + count) / total
        note(f"{before + count}/{total} runs  {share:.0f} %  {_rate(rate)}  {duration(left)} left")

    return tell


def _rate(per_second: float) -> str:
    if per_second >= 1:
        return f"{per_second:.1f} runs/s"
    return f"{60 * per_second:.1f} runs/min"


@contextlib.contextmanager
def _bar(total: int, before: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    columns: tuple[Any, ...] = (
        BarColumn(bar_width=20),  # so that rate and time left find room in 80 columns
        MofNCompleteColumn(),
        TextColumn("runs  {task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    if console.width < WIDE_ENOUGH:
        columns = (columns[1], columns[-1])
    began = time.monotonic()
    count = 0
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("runs", total=total, completed=before, rate="", left="")

        def move(_: int) -> None:
            nonlocal count
            count += 1
            rate = count / max(time.monotonic() - began, 1e-9)
            left = f"{duration((total - before - count) / rate)} left"
            bar.update(task, completed=before + count, rate=_rate(rate), left=left)

        yield move
