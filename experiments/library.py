"""What is there to run: scenarios, charters and parameters, found in their folders.

Adding one is adding a file. A folder of the user's own (``--config-dir``) has the same shape as the
package `scenarios` and adds to it: ``scenario/``, ``organisation/``, ``parameters/``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scenarios
from experiments.reading import read_yaml, shown
from sim.errors import ConfigError, unknown
from sim.mechanism import parameter_files

__all__ = ["Library"]

_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IS_GLOBAL = re.compile(r"^#\s*@package\s+_global_\s*$", re.MULTILINE)
_log = logging.getLogger("concord")
_told: set[Path] = set()  # files that were left out, and said to be
_FOLDERS = (
    *("scenario", "organisation", "parameters", "hypothesis", "episode", "security_case"),
    *("climate_case", "sweep", "launcher"),
)


@dataclass(frozen=True)
class Library:
    """The folders in which scenarios, charters and parameters lie, the package's own first."""

    roots: tuple[Path, ...]

    @classmethod
    def of(cls, config_dir: Path | None = None) -> Library:
        """The package's folder and, when given, the user's own.

        Raises
        ------
        ConfigError
            The user's folder is not there, or has none of the folders that are looked for.
        """
        own = Path(scenarios.__file__).parent
        if config_dir is None:
            return cls((own,))
        folder = config_dir.expanduser().resolve()
        if not any((folder / name).is_dir() for name in _FOLDERS):
            found = "nothing to run here" if folder.is_dir() else "there is no such folder"
            raise ConfigError(
                found,
                where=f"--config-dir {config_dir}",
                expected=f"a folder with {', '.join(f'{name}/' for name in _FOLDERS)} in it",
            )
        return cls((own, folder))

    def scenarios(self) -> dict[str, Path]:
        """Scenario names with their files; a file whose name cannot be one is left out, and said.

        Raises
        ------
        ConfigError
            A user's scenario has the name of one of the package's.
        """
        found: dict[str, Path] = {}
        for file in self._files("scenario"):
            if not _has_name(file, _NAME, "small letters, digits and _"):
                continue
            if file.stem in found:
                raise ConfigError(
                    f"there is a scenario {file.stem!r} already",
                    where=shown(file),
                    expected=f"another name, such as {f'my_{file.stem}'!r}",
                )
            found[file.stem] = file
        return found

    def charters(self) -> dict[str, dict[str, Any]]:
        """Organisation codes with their charters; a user's file replaces the package's."""
        found = {}
        for file in self._files("organisation"):
            if not _has_name(file, _CODE, "the organisation's code, in capitals"):
                continue
            found[file.stem] = read_yaml(file)
        return dict(sorted(found.items()))

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Parameters with value, unit, range, reference and meaning, and the `file` they are in.

        Raises
        ------
        ConfigError
            A parameter without a value, or one that two files of a folder give.
        """
        found: dict[str, dict[str, Any]] = {}
        for file in (*parameter_files(), *self._files("parameters")):
            for name, entry in read_yaml(file).items():
                if not isinstance(entry, dict) or "value" not in entry:
                    raise ConfigError(
                        f"parameter {name!r} has no value",
                        where=shown(file),
                        expected="value, unit, range, reference and meaning",
                    )
                other = found.get(name, {}).get("file")
                if other is not None and other.parent == file.parent:
                    where = f"{shown(other)} and {shown(file)}"
                    raise ConfigError(f"both give parameter {name!r}", where=where)
                found[str(name)] = {**entry, "file": file}
        return dict(sorted(found.items()))

    def chain(self, name: str, where: str = "") -> dict[str, dict[str, Any]]:
        """A scenario's content and that of those it inherits, by name, itself first.

        Raises
        ------
        ConfigError
            An unknown name, a file that cannot be read, or one whose keys would not be global.
        """
        known = self.scenarios()
        found: dict[str, dict[str, Any]] = {}
        todo: list[tuple[str, str, tuple[str, ...]]] = [(name, where, ())]
        while todo:
            name, where, heirs = todo.pop(0)
            if name not in known:
                raise unknown("scenario", name, known, where)
            if name in heirs:
                circle = " → ".join([*heirs[heirs.index(name) :], name])
                raise ConfigError(f"goes round in a circle: {circle}", where=where)
            if name in found:
                continue
            file = known[name]
            found[name] = _scenario_in(file)
            parents = _parents(found[name], file)
            todo += [(one, f"{shown(file)}, defaults", (*heirs, name)) for one in parents]
        return found

    def check_empty(self, name: str, full: Mapping[str, Any]) -> None:
        """Refuse an empty mapping in a scenario's file, which would change nothing.

        Raises
        ------
        ConfigError
            What stands there in full all the same, because mappings are merged.
        """
        file = self.scenarios()[name]
        for path in _empty(read_yaml(file)):
            here: Any = full
            for key in path:
                here = here.get(key) if isinstance(here, Mapping) else None
            if here:
                raise ConfigError(
                    f"{'.'.join(path)}: {{}} changes nothing: what is inherited stays in it",
                    where=shown(file),
                    expected=f"other values in it, or the override '~{'.'.join(path)}'",
                )

    def _files(self, folder: str) -> Iterator[Path]:
        for root in self.roots:
            yield from sorted((root / folder).glob("*.yaml"))


def _has_name(file: Path, pattern: re.Pattern[str], meaning: str) -> bool:
    """Whether a file can be used under its name; one that cannot must not stop all else."""
    if pattern.fullmatch(file.stem):
        return True
    if file not in _told:
        _told.add(file)
        _log.warning(
            "warning: %s is left out: its name should be %s, before .yaml", shown(file), meaning
        )
    return False


def _scenario_in(file: Path) -> dict[str, Any]:
    """A scenario's content, its first line and name checked."""
    content = read_yaml(file)
    text = file.read_text(encoding="utf-8")
    if text.startswith("\ufeff"):
        raise ConfigError(
            "begins with a byte-order mark, which hides its first line",
            where=shown(file),
            expected="UTF-8 without one ('UTF-8', not 'UTF-8 with BOM', where an editor asks)",
        )
    if not _IS_GLOBAL.search(text):
        raise ConfigError(
            "its keys would not be at the top level",
            where=shown(file),
            expected="'# @package _global_' as its first line",
        )
    if content.get("name", file.stem) != file.stem:
        raise ConfigError(
            f"the name {content['name']!r} is not the file's",
            where=shown(file),
            expected=f"name: {file.stem}, or none",
        )
    return content


def _parents(content: Mapping[str, Any], file: Path) -> list[str]:
    """The scenarios that one inherits."""
    defaults = content.get("defaults", [])
    if not isinstance(defaults, list) or not all(isinstance(one, str) for one in defaults):
        raise ConfigError(
            f"{str(defaults)[:60]} will not do",
            where=f"{shown(file)}, defaults",
            expected="a list of scenarios, such as [baseline, _self_]",
        )
    return [one for one in defaults if one != "_self_"]


def _empty(content: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Paths of the empty mappings in a mapping."""
    for key, value in content.items():
        if value == {}:
            yield (str(key),)
        elif isinstance(value, Mapping):
            for path in _empty(value):
                yield (str(key), *path)
