"""What the user sees: tables on stdout, progress and remarks on stderr; plain where it is piped.

Tables come in three forms. In a terminal they fit its width: drawn, or, where columns would be cut
into pieces, one entry below the other. In a pipe a table of data has a line a row and tabs between
cells, which ``cut`` and pandas read; a table that is part of a report is aligned with spaces.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = [
    "WIDE_ENOUGH",
    "note",
    "progress",
    "say",
    "set_up_log",
    "show_json",
    "show_table",
    "spinner",
    "warn_of_few",
]

Rows = Sequence[Sequence[str]]

WIDE_ENOUGH = 64  # columns of a terminal, for a bar and times beside the count
_LONGEST_WHOLE = 24  # letters: a longer word may be folded within its column


def say(text: str = "") -> None:
    """A line on stdout."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """A remark on stderr, which does not get into what is piped on."""
    with contextlib.suppress(OSError):  # nobody listens, which is no reason to stop the work
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def set_up_log(is_quiet: bool) -> None:
    """Have log lines and warnings of this program on stderr, one line each."""
    import warnings

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            note(f"concord: {self.format(record)}")

    log = logging.getLogger("concord")
    log.handlers = [Handler()]
    log.propagate = False
    log.setLevel(logging.WARNING if is_quiet else logging.INFO)

    def show(message: Any, *_: Any, **__: Any) -> None:
        log.warning("warning: %s", message)

    warnings.showwarning = show


def show_table(
    heads: Sequence[str], rows: Rows, right: Sequence[str] = (), *, is_data: bool = False
) -> None:
    """A table on stdout.

    Parameters
    ----------
    heads
        Column heads.
    rows
        Cells as text.
    right
        Heads of the columns to align to the right.
    is_data
        Whether it is for programs to read when it is piped: tabs between cells, a line a row.
    """
    if sys.stdout.isatty():
        _draw(heads, rows, right)
        return
    if is_data:
        for row in [heads, *rows]:
            say("\t".join(" ".join(cell.split()) for cell in row))
        return
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    for row in [heads, *rows]:
        cells = [
            cell.rjust(width) if head in right else cell.ljust(width)
            for head, cell, width in zip(heads, row, widths, strict=True)
        ]
        say("  ".join(cells).rstrip())


def show_json(content: Any) -> None:
    """Plain data on stdout as JSON; in pure ASCII where the output's encoding has not all signs."""
    is_unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    say(json.dumps(content, indent=2, ensure_ascii=not is_unicode, default=str))


@contextlib.contextmanager
def progress(title: str, titles: Sequence[str], is_quiet: bool) -> Iterator[Callable[..., None]]:
    """Yield a function (position, share done) that shows how far all jobs are.

    In a terminal one bar for all; otherwise a line on stderr for each job that is done.
    """
    shares = [0.0] * len(titles)
    began = time.monotonic()
    if is_quiet or not titles:
        yield lambda position, share: None
    elif sys.stderr.isatty():
        with _bar(title, len(titles)) as move:

            def tell(position: int, share: float) -> None:
                shares[position] = share
                move(sum(shares), sum(one >= 1.0 for one in shares))

            yield tell
    else:

        def write(position: int, share: float) -> None:
            if share >= 1.0 > shares[position]:
                shares[position] = share
                count = sum(one >= 1.0 for one in shares)
                seconds = time.monotonic() - began
                note(f"{count}/{len(titles)}  {titles[position]}  {seconds:.0f} s")

        yield write


@contextlib.contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[float, int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[done]}/{task.total:.0f} runs"),
    )
    if console.width >= WIDE_ENOUGH:
        more = TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()
        columns = (columns[0], BarColumn(), columns[1], *more)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total, done=0)
        yield lambda share, done: bar.update(task, completed=share, done=done)


def warn_of_few(seeds: int) -> None:
    """Say so where there are too few seeds for intervals that can be trusted."""
    if seeds == 1:
        say("One seed has no interval: --seeds 8 or more.")
    elif seeds < 8:
        say("With fewer than about eight seeds intervals are too narrow: --seeds 8 or more.")


@contextlib.contextmanager
def spinner(title: str, is_quiet: bool = False) -> Iterator[None]:
    """Show in a terminal that something goes on that knows no share done."""
    if is_quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(title):
        yield


def _draw(heads: Sequence[str], rows: Rows, right: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    columns = [[row[n] for row in [heads, *rows]] for n in range(len(heads))]
    least = [max(map(_longest_word, cells)) for cells in columns]
    least[0] = max(map(len, (word for cell in columns[0] for word in cell.split())), default=0)
    if sum(least) + 2 * (len(heads) - 1) > console.width:
        _write_entries(heads, rows, console.width)
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for head, width in zip(heads, least, strict=True):
        side: Any = "right" if head in right else "left"
        table.add_column(head, justify=side, min_width=width, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _longest_word(cell: str) -> int:
    return min(max(map(len, cell.split()), default=0), _LONGEST_WHOLE)


def _write_entries(heads: Sequence[str], rows: Rows, width: int) -> None:
    """Rows one below the other, each cell after its head: for a terminal too narrow for columns."""
    indent = min(max(map(len, heads[1:]), default=0) + 4, width // 2)
    for row in rows:
        say(textwrap.fill(row[0], max(width, 1)))
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if cell.strip():
                first = f"  {head}".ljust(indent - 1) + " "
                say(
                    textwrap.fill(
                        " ".join(cell.split()),
                        max(width, indent + 8),
                        initial_indent=first,
                        subsequent_indent=" " * indent,
                    )
                )
        say()
