"""Names of folders: safe on any disk, and read by nobody as `key=value` of a partition."""

from __future__ import annotations

import hashlib

__all__ = ["folder_name"]


def folder_name(label: str) -> str:
    """The folder of a label: `-` for the `=` of each change, one folder per label.

    Readers of Hive partitions (DuckDB, polars, Arrow) take a folder with `=` for a column. What
    could be mistaken for another label has a hash at its end.

    Examples
    --------
    >>> folder_name("baseline"), folder_name("us_withdrawal+response=retaliate")
    ('baseline', 'us_withdrawal+response-retaliate')
    >>> folder_name("a+x-1") == folder_name("a+x=1")
    False
    """
    name, *changes = label.split("+")
    # The first hyphen of a change is where the sign of equality was, unless there was none.
    is_plain = "=" not in name and all(map(_is_told_by_its_hyphen, changes))
    safe = label.replace("=", "-")
    return safe if is_plain else f"{safe}+{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def _is_told_by_its_hyphen(change: str) -> bool:
    key, sign, value = change.partition("=")
    return "-" not in key and "=" not in value if sign else "-" not in change
