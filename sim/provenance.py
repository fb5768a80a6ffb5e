"""What ran: a fingerprint of everything that decides the outcome, and the versions in use.

Two runs with one fingerprint have the same tables. When and how long a run took, where it is
stored, and the versions of libraries are told in the manifest but are not part of it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "canonical",
    "code_hash",
    "fingerprint",
    "is_sealed",
    "is_whole",
    "sealed",
    "sha256_of",
    "version",
    "versions",
]

_LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow", "mesa", "networkx", "pydantic")


def canonical(value: Any) -> str:
    """JSON with one spelling per value: sorted keys, no spaces, whole numbers without a point.

    Raises
    ------
    ValueError
        A number that JSON does not have (NaN, infinite).
    TypeError
        A value that is neither plain data nor has an ISO date.

    Examples
    --------
    >>> canonical({"b": 4.0, "a": [1, None]}) == canonical({"a": (1, None), "b": 4})
    True
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def fingerprint(
    config: Mapping[str, Any], seed: int, data: Mapping[str, str], code: str | None = None
) -> str:
    """SHA-256 of configuration, seed, checksums of the data, and the model's code.

    Parameters
    ----------
    config
        The resolved configuration, as plain data.
    seed
        The run's seed.
    data
        Name of each table in use → its checksum.
    code
        Hash of the model's code; None takes `code_hash()`.

    Examples
    --------
    >>> one = fingerprint({"quarters": 4}, 1, {}, "code")
    >>> one == fingerprint({"quarters": 4.0}, 1, {}, "code")
    True
    >>> one == fingerprint({"quarters": 4}, 2, {}, "code")
    False
    """
    parts = {"config": config, "seed": seed, "data": data, "code": code or code_hash()}
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data with a checksum of itself, so that what was changed on the disk is found.

    Examples
    --------
    >>> there = sealed({"seed": 1})
    >>> is_sealed(there), is_sealed({**there, "seed": 2}), is_sealed({"seed": 1})
    (True, False, False)
    """
    rest = {key: value for key, value in content.items() if key != "checksum"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**rest, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def is_sealed(content: Any) -> bool:
    """Whether data read from a file are as `sealed` gave them."""
    is_whole = isinstance(content, Mapping) and "checksum" in content
    return is_whole and content["checksum"] == sealed(content)["checksum"]


def is_whole(file: Path) -> bool:
    """Whether a file is there and holds what `sealed` gave, as JSON."""
    try:
        return is_sealed(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, RecursionError):
        return False


@functools.cache
def code_hash() -> str:
    """SHA-256 over the version and the source files of the model, by path."""
    root = Path(__file__).parent
    digest = hashlib.sha256(version().encode())
    for file in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        digest.update(file.relative_to(root).as_posix().encode())
        # Line ends may differ between a checkout and a wheel; the program does not.
        digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def version() -> str:
    """The version of Concord that is installed, or "0" in a bare checkout."""
    try:
        return importlib.metadata.version("concord-sim")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def versions() -> dict[str, str]:
    """Versions of Concord, Python and the libraries that compute."""
    found = {"concord": version(), "python": platform.python_version()}
    for name in _LIBRARIES:
        found[name] = importlib.metadata.version(name)
    return found
