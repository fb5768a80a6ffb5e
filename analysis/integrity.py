"""Whether files are as they were written: checksums of a run's manifest and tables.

Manifests carry the checksum of their own content and those of the tables. What has none was made
by hand or by an older version, and is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError

__all__ = ["check_manifest", "check_table", "is_as_written"]

ANEW = "the run as it was written; 'concord run' with the same settings makes it anew"
_KINDS = {
    "label": (str, "a text"),
    "seed": (int, "a whole number"),
    "timeline": (list, "a list"),
    "tables": (dict, "tables with their checksums"),
}


def is_as_written(content: Mapping[str, Any]) -> bool:
    """Whether a mapping has the checksum that it was written with, or none at all.

    The checksum is that of `sim.provenance.sealed`, which the analysis does not import.

    Examples
    --------
    >>> is_as_written({"seed": 1}), is_as_written({"seed": 1, "checksum": "0"})
    (True, False)
    """
    if "checksum" not in content:
        return True
    rest = {key: value for key, value in content.items() if key != "checksum"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return bool(content["checksum"] == hashlib.sha256(text.encode()).hexdigest())


def check_manifest(manifest: Any, file: Path) -> None:
    """Refuse a manifest that is not a run's, or not as it was written.

    Raises
    ------
    AnalysisError
        The first fault.
    """
    if not isinstance(manifest, dict) or not {"label", "seed"} <= manifest.keys():
        raise AnalysisError(
            "no label and seed, so not the manifest of a run", where=str(file), expected="a run's"
        )
    for key, (kind, meaning) in _KINDS.items():
        if key in manifest and not isinstance(manifest[key], kind):
            found = f"{key} is {str(manifest[key])[:40]!r}"
            raise AnalysisError(found, where=str(file), expected=f"{meaning}: {ANEW}")
    parts = [*manifest.get("timeline", []), *manifest.get("tables", {}).values()]
    if not all(isinstance(part, dict) for part in parts) or not is_as_written(manifest):
        raise AnalysisError("was changed after it was written", where=str(file), expected=ANEW)
    name = file.parent.name
    if name.startswith("seed=") and name != f"seed={manifest['seed']}":
        raise AnalysisError(f"of seed {manifest['seed']}", where=str(file), expected=ANEW)


def check_table(data: bytes, described: Any, file: Path) -> None:
    """Refuse a table's bytes that are not those that its manifest has the checksum of.

    Raises
    ------
    AnalysisError
        They are others.
    """
    wanted = described.get("sha256") if isinstance(described, dict) else None
    if wanted is not None and hashlib.sha256(data).hexdigest() != wanted:
        raise AnalysisError("was changed after it was written", where=str(file), expected=ANEW)
