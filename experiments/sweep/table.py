"""Variants from a CSV file: heads are keys, a line is a variant, an empty cell changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from sim.errors import ConfigError

__all__ = ["read_variants"]


def read_variants(file: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Variants of a file, and the place of each in it, for messages.

    Raises
    ------
    ConfigError
        It cannot be read, or its heads or lines are not those of variants.
    """
    rows = _rows(file)
    if not rows:
        raise ConfigError("is empty", where=str(file), expected="a line of keys, then variants")
    keys = _heads(rows[0][1], f"{file}, line {rows[0][0]}")
    made, places = [], []
    for number, line in rows[1:]:
        where = f"{file}, line {number}"
        if len(line) != len(keys):
            raise ConfigError(
                f"{len(line)} cells", where=where, expected=f"{len(keys)}, as in the first line"
            )
        cells = zip(keys, line, strict=True)
        made.append({key: _cell(text) for key, text in cells if text.strip()})
        places.append(where)
    return made, places


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    """Lines that are not blank, with their numbers in the file."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            return [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8", where=str(file), expected="a CSV in UTF-8") from None
    except (OSError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot be read ({reason})", where=str(file)) from None


def _heads(cells: Sequence[str], where: str) -> list[str]:
    keys = [cell.strip() for cell in cells]
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(keys) == 1 and sign in keys[0]:
            raise ConfigError(f"columns parted by {name}", where=where, expected="by commas")
    for number, key in enumerate(keys, 1):
        if not key or key in keys[: number - 1]:
            found = f"{key!r} comes twice" if key else f"column {number} has no head"
            raise ConfigError(found, where=where, expected="a key for each column, each once")
    return keys


def _cell(text: str) -> Any:
    """A cell as YAML reads it, dates and what YAML cannot read left as text."""
    try:
        return float(text) if any(c.isdigit() for c in text) else yaml.safe_load(text)
    except ValueError:
        pass
    except yaml.YAMLError:
        return text.strip()
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return text.strip()
    return value if isinstance(value, str | int | float | bool | list | dict) else text.strip()
