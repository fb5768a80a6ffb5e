"""Lists of what is a YAML file each: claims, cases of the past, and options of sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.library import Library, read_yaml

__all__ = ["climate_cases", "designs", "episodes", "hypotheses", "launchers", "security_cases"]

Entry = dict[str, Any]


def hypotheses(library: Library) -> list[Entry]:
    """Claims of the essay, each a contrast of two scenarios."""
    return [
        {
            "hypothesis": str(claim.get("id", file.stem)),
            "claim": " ".join(str(claim.get("claim", "")).split()),
            "treatment": str(claim.get("treatment", "")),
            "control": str(claim.get("control", "")),
        }
        for file, claim in _files(library, "hypothesis")
    ]


def episodes(library: Library) -> list[Entry]:
    """Negotiations of the past that can be played (concord hindcast episodes)."""
    return [
        {
            "episode": file.stem,
            "title": str(case.get("title", "")),
            "use": str(case.get("use", "")),
            "opened": str(case.get("opened", "")),
            "agreed": str((case.get("history") or {}).get("agreed", "")),
        }
        for file, case in _files(library, "episode")
    ]


def security_cases(library: Library) -> list[Entry]:
    """Conflicts of the past that can be played (concord hindcast security)."""
    return [
        {
            "case": file.stem,
            "title": str(case.get("title", "")),
            "kind": str(case.get("kind", "")),
            "opened": str(case.get("opened", "")),
            "history": str((case.get("history") or {}).get("how", "")),
        }
        for file, case in _files(library, "security_case")
    ]


def climate_cases(library: Library) -> list[Entry]:
    """Talks on climate of the past that can be played (concord hindcast climate)."""
    return [
        {
            "case": file.stem,
            "title": str(case.get("title", "")),
            "opened": str(case.get("opened", "")),
            "agreed": str((case.get("history") or {}).get("agreed", "")),
            "confidence": str(case.get("confidence", "")),
        }
        for file, case in _files(library, "climate_case")
    ]


def designs(library: Library) -> list[Entry]:
    """How the variants of a sweep are chosen (sweep=DESIGN)."""
    return _option_files(library, "sweep", "design")


def launchers(library: Library) -> list[Entry]:
    """Who does the runs of a sweep (launcher=LAUNCHER)."""
    return _option_files(library, "launcher", "launcher")


def _option_files(library: Library, folder: str, head: str) -> list[Entry]:
    """Files of options: the first comment says what each is, its keys what can be set."""
    found = {}
    for file, content in _files(library, folder):
        first = file.read_text(encoding="utf-8-sig").split("\n", 1)[0]
        own = content.keys() - {"name", "design", "engine"}
        found[file.stem] = {
            head: file.stem,
            "what": first.lstrip("# ").rstrip(".") if first.startswith("#") else "",
            "options": ", ".join(key for key in content if key in own),
        }
    return list(found.values())


def _files(library: Library, folder: str) -> list[tuple[Path, Entry]]:
    """YAML files of a folder in the package and the user's own, with their content."""
    files = [file for root in library.roots for file in sorted((root / folder).glob("*.yaml"))]
    return [(file, read_yaml(file)) for file in files]
