"""Opening a user's file: packed or not, in any usual encoding; text, Parquet or Stata."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from sim.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

CELLS_AT_A_TIME = 2_400_000
"""Cells held in memory as text at a time, some hundreds of megabytes."""

_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True)
class Source:
    """A file that can be read in pieces.

    Attributes
    ----------
    path
        The file.
    header
        Its column names, each different.
    separator
        Character between cells; empty for a binary table.
    encoding
        Of the text.
    first
        Line of the first row of data.
    """

    path: Path
    header: tuple[str, ...]
    separator: str = ""
    encoding: str = "utf-8"
    first: int = 2

    def pieces(self, used: list[str]) -> Iterator[pd.DataFrame]:
        """Pieces of the used columns as text, indexed by line number, without blank lines."""
        for piece in self._csv() if self.separator else _binary(self.path, used):
            kept = piece[used].fillna("")
            yield kept[~piece.isin(["", np.nan]).all(axis=1)]

    def _csv(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        try:
            with (
                open_bytes(self.path) as file,
                pd.read_csv(
                    file, sep=self.separator, dtype=str, encoding=self.encoding,
                    chunksize=max(1, CELLS_AT_A_TIME // len(self.header)), keep_default_na=False,
                    skip_blank_lines=False, skiprows=self.first - 2,
                ) as reader,
            ):  # fmt: skip
                line = self.first
                for raw in reader:
                    piece = self._aligned(raw, line)
                    line += len(piece)
                    yield piece
        except (pd.errors.ParserError, EOFError, OSError, zipfile.BadZipFile) as fault:
            text = " ".join(str(fault).split())
            raise DataError(f"the rows cannot be split into cells ({text})",
                            where=f"{self.path}{_place(text)}",
                            expected="the same number of cells in every line"
                            ) from None  # fmt: skip

    def _aligned(self, piece: pd.DataFrame, line: int) -> pd.DataFrame:
        """Number the lines; undo the shift of columns when every line ends with a separator."""
        import pandas as pd

        width = len(self.header)
        if not isinstance(piece.index, pd.RangeIndex):  # one cell more than the header has
            piece = piece.reset_index()
            if len(piece.columns) > width + 1 or piece.iloc[:, -1].fillna("").ne("").any():
                raise DataError(f"{len(piece.columns)} cells", where=f"{self.path} line {line}",
                                expected=f"{width} cells, as in the header")  # fmt: skip
            piece = piece.iloc[:, :-1]
        return piece.set_axis(list(self.header), axis=1).set_axis(
            range(line, line + len(piece)), axis=0
        )


def open_source(path: Path) -> Source:
    """Look at a file's first line and its encoding.

    Raises
    ------
    DataError
        If there is no such file, it is empty, or it is no table that can be read.
    """
    where = str(path)
    if not path.is_file():
        raise DataError("there is no such file", where=where, expected="a CSV file with trade")
    try:
        if path.suffix.casefold() in {".parquet", ".dta"}:
            return Source(path, _names(path))
        encoding = _encoding(path)
        with open_bytes(path) as file, io.TextIOWrapper(file, encoding, newline="") as text:
            first, line = 2, text.readline().strip("\r\n")
            if re.fullmatch(r"\"?sep=.\"?", line.strip(), re.IGNORECASE):  # written by Excel
                first, line = 3, text.readline().strip("\r\n")
    except PermissionError:
        raise DataError("the file cannot be opened", where=where,
                        expected="a file that you may read") from None  # fmt: skip
    except (OSError, EOFError, UnicodeError, zipfile.BadZipFile):
        raise _not_text(where) from None
    if not line.strip():
        raise DataError("the file is empty, or its first line is", where=where,
                        expected="a header line and rows of exporter, importer, value")  # fmt: skip
    bare = re.sub(r'"[^"]*"', "", line)
    separator = max(",;\t|", key=bare.count)
    cells = next(csv.reader([line], delimiter=separator))
    return Source(path, _different(cells), separator, encoding, first)


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacking gzip, or zip with one table in it."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if magic == b"PK\x03\x04":
        return _unzipped(path)
    return path.open("rb")


def _unzipped(path: Path) -> IO[bytes]:
    """Open the one table in an archive."""
    archive = zipfile.ZipFile(path)
    names = [n for n in archive.namelist() if not n.endswith("/") and "__MACOSX" not in n]
    if "[Content_Types].xml" in names:
        raise DataError("this is an Excel workbook", where=str(path),
                        expected="its sheet saved as CSV")  # fmt: skip
    tables = [n for n in names if n.casefold().endswith((".csv", ".txt", ".tsv", ".tab"))]
    if len(tables) != 1:
        raise DataError(f"the archive has {len(tables)} tables ({', '.join(names[:8])})",
                        where=str(path),
                        expected="one CSV file in it, unpacked or alone")  # fmt: skip
    return archive.open(tables[0])


def _encoding(path: Path) -> str:
    """UTF-8 or UTF-16 if the bytes are that, else the Western European one of Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_cp1252, is_first = True, True, True
    with open_bytes(path) as file:
        while block := file.read(1 << 20):
            if is_first and block[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
                return "utf-16"
            is_first = False
            if b"\0" in block:
                raise _not_text(str(path))
            try:
                if is_utf8:
                    decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
            is_cp1252 = is_cp1252 and not _NOT_IN_CP1252.search(block)
    if is_utf8:
        return "utf-8-sig"
    return "cp1252" if is_cp1252 else "latin-1"


def _different(cells: list[str]) -> tuple[str, ...]:
    """Column names, with empty ones numbered and repeated ones told apart only when empty."""
    return tuple(cell.strip() or f"column {n}" for n, cell in enumerate(cells, start=1))


def _not_text(where: str) -> DataError:
    wanted = "a CSV file (or .csv.gz, .zip with one CSV, .parquet, .dta)"
    return DataError("this is no text", where=where, expected=wanted)


def _place(text: str) -> str:
    """Place a complaint of the CSV reader, which counts lines from one and rows from zero."""
    line, row = re.search(r"line (\d+)", text), re.search(r"row (\d+)", text)
    if line:
        return f" line {line[1]}"
    return f" line {int(row[1]) + 1}" if row else ""


def _names(path: Path) -> tuple[str, ...]:
    """Column names of a binary table."""
    with _as_table(path):
        if path.suffix.casefold() == ".dta":
            import pandas as pd

            with pd.read_stata(path, chunksize=1) as reader:
                return tuple(next(iter(reader)).columns)
        import pyarrow.parquet as pq

        return tuple(pq.read_schema(path).names)


@contextmanager
def _as_table(path: Path) -> Iterator[None]:
    """Say that a binary table cannot be read, for whatever reason its reader gives."""
    try:
        yield
    except Exception as fault:  # a damaged file makes readers fail in many ways
        text = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise DataError(f"the table cannot be read ({text})", where=str(path),
                        expected="a Parquet or Stata file, or CSV") from None  # fmt: skip


def _binary(path: Path, used: list[str]) -> Iterator[pd.DataFrame]:
    """Pieces of a Parquet or Stata table as text; rows are numbered as lines of a CSV would be."""
    line, frames = 2, _frames(path, used, max(1, CELLS_AT_A_TIME // len(used)))
    while True:
        with _as_table(path):
            piece = next(frames, None)
        if piece is None:
            return
        text = piece.astype(object).where(piece.notna(), "").astype(str)
        yield text.set_axis(range(line, line + len(text)), axis=0)
        line += len(text)


def _frames(path: Path, used: list[str], rows: int) -> Iterator[Any]:
    if path.suffix.casefold() == ".dta":
        import pandas as pd

        with pd.read_stata(path, chunksize=rows, columns=used) as reader:
            yield from reader
        return
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(rows, columns=used):
            yield batch.to_pandas()
