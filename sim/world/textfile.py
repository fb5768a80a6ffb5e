"""Opening a user's CSV file, and saying where it stops being one."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path
from typing import IO, cast

from sim.errors import DataError


def read_header(path: Path) -> tuple[list[str], str]:
    """Column names of a file and the character between its cells.

    Raises
    ------
    DataError
        If there is no such file, it is empty or it is not text.
    """
    where = str(path)
    if not path.is_file():
        raise DataError("there is no such file", where=where, expected="a CSV file with trade")
    try:
        with open_bytes(path) as file:
            first = file.readline().removeprefix(codecs.BOM_UTF8)
        line = first.decode("utf-8").strip()
    except PermissionError:
        raise DataError("the file cannot be opened", where=where,
                        expected="a file that you may read") from None  # fmt: skip
    except (OSError, UnicodeDecodeError, EOFError):
        raise not_text(path) from None
    if "\0" in line or line.startswith("PK\x03\x04"):
        raise not_text(path)
    if not line:
        raise DataError("the file is empty, or its first line is", where=where,
                        expected="a header line and rows of exporter, importer, value")  # fmt: skip
    separator = max(",;\t|", key=line.count)
    return [cell.strip().strip('"') for cell in line.split(separator)], separator


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacking gzip."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def not_text(path: Path) -> DataError:
    """Say on which line a file stops being UTF-8 text."""
    line = 1
    try:
        with open_bytes(path) as file:
            for line, content in enumerate(file, start=1):  # noqa: B007 - the count is the result
                content.decode("utf-8")
                if b"\0" in content:
                    break
    except (OSError, EOFError, UnicodeDecodeError):
        pass
    return DataError("the text is not UTF-8", where=f"{path} line {line}",
                     expected="a CSV file saved as UTF-8 (unpack archives first)")  # fmt: skip
