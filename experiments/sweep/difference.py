"""Where two manifests of sweeps differ, for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["difference", "shortened"]


def difference(
    there: Mapping[str, Any], here: Mapping[str, Any], keys: Sequence[str]
) -> tuple[str, str, str]:
    """The first of the keys in which two manifests differ, and both values as text.

    Examples
    --------
    >>> difference({"seeds": [1, 2], "name": "a"}, {"seeds": [1, 3], "name": "b"}, ["seeds"])
    ('seeds[1]', '2', '3')
    """
    for key in keys:
        found = _differs(there.get(key), here.get(key), key)
        if found:
            return found
    return "fingerprint", "another", "another"


def _differs(old: Any, new: Any, path: str) -> tuple[str, str, str] | None:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            found = _differs(old.get(key, "missing"), new.get(key, "missing"), f"{path}.{key}")
            if found:
                return found
        return None
    if _is_list(old) and _is_list(new) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return next((f for n, (a, b) in pairs if (f := _differs(a, b, f"{path}[{n}]"))), None)
    if old == new:
        return None
    if _is_list(old) and _is_list(new):
        return path, f"{len(old)} long", f"{len(new)} long"
    return path, shortened(old), shortened(new)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def shortened(value: Any) -> str:
    """A value as text for a message, cut when it is long."""
    text = repr(value)
    return text if len(text) < 40 else f"{text[:36]}…"
