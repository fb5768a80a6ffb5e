"""Output that cannot be written: closed, full, or in an encoding that lacks our signs.

Only the installed command asks for this; whoever imports the package keeps the streams as they are.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import sys
import unicodedata
from typing import Any

__all__ = ["StdoutError", "give_up_stdout", "plain", "set_up"]

_PLAIN = "concord.plain"
_SIGNS = {"−": "-", "–": "-", "—": "-", "…": "...", "→": "->", "×": "x", "≤": "<=", "≥": ">="}
_QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"', "·": "."}
_STDOUT, _STDERR = 1, 2
_FAULTS = {
    errno.EBADF: "standard output is closed",
    errno.ENOSPC: "standard output is full",
}


def plain(text: str) -> str:
    """Text in ASCII, signs by what stands for them on a typewriter.

    Examples
    --------
    >>> plain("−0.5 to 0.5 … Türkiye")
    '-0.5 to 0.5 ... Turkiye'
    """
    signs = _SIGNS | _QUOTES
    parts = (signs.get(one) or _unaccented(one) for one in text)
    return "".join(parts)


def _unaccented(sign: str) -> str:
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"


class StdoutError(OSError):
    """Standard output cannot be written. Told apart from the files that a command writes."""

    @property
    def found(self) -> str:
        """What is wrong, for the user."""
        return _FAULTS.get(self.errno or 0, f"standard output: {self.strerror}")


class _Output(io.FileIO):
    """Standard output, whose errors say that they are of it."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise StdoutError(error.errno, error.strerror) from None


def set_up() -> None:
    """Have standard output and error take all text, and be there.

    A closed stream is given back its number, lest a file of results be opened under it. Writing to
    a closed standard output still fails; what would go to a closed standard error is lost.
    """
    codecs.register_error(_PLAIN, _replaced)
    for number in (0, _STDOUT, _STDERR):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == _STDOUT else os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(_STDERR, "w", closefd=False)  # noqa: SIM115  until we end
    if sys.stdout is None or not sys.stdout.isatty():
        encoding = sys.stdout.encoding if sys.stdout else "utf-8"
        raw = io.BufferedWriter(_Output(_STDOUT, "w", closefd=False))
        sys.stdout = io.TextIOWrapper(raw, encoding)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_PLAIN)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


def give_up_stdout() -> None:
    """Lose what could not be written, so that the interpreter does not try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
        sys.stdout.flush()
