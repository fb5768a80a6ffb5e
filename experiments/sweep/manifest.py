"""The file that makes a folder a sweep: its plan as JSON, sealed by a checksum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.errors import StorageError

__all__ = ["FORMAT", "MANIFEST", "read_manifest"]

MANIFEST = "manifest.json"
FORMAT = 2
_AS_WRITTEN = "the file as it was (the same 'concord sweep' writes it anew), or another folder"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest in a sweep's folder, as plain data.

    Raises
    ------
    StorageError
        There is none, it cannot be read, is of another version, or is not as it was written.
    """
    from sim.provenance import is_sealed

    file = Path(folder) / MANIFEST
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StorageError(
            "no sweep here", where=str(folder), expected="a folder made by 'concord sweep'"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise StorageError(
            f"cannot be read ({error})", where=str(file), expected=_AS_WRITTEN
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StorageError(
            "not a manifest that this version reads", where=str(file), expected="another folder"
        )
    if not is_sealed(content):
        raise StorageError(
            "the manifest was changed after it was written: its checksum does not fit",
            where=str(file),
            expected=_AS_WRITTEN,
        )
    del content["checksum"]
    return content
