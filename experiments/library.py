"""What is there to run: scenarios, charters and parameters, found in their folders.

Adding one is adding a file. A folder of the user's own (``--config-dir``) has the same shape as the
package `scenarios` and adds to it: ``scenario/``, ``organisation/``, ``parameters/``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

import scenarios
from sim.errors import ConcordError, ConfigError, unknown

__all__ = ["Library", "read_yaml", "shown", "yaml_error"]

_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IS_GLOBAL = re.compile(r"^#\s*@package\s+_global_\s*$", re.MULTILINE)
_FOLDERS = ("scenario", "organisation", "parameters", "hypothesis", "episode", "sweep", "launcher")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain YAML as hydra reads it: dates stay text, ``1e-3`` is a number, a key comes once."""

    yaml_implicit_resolvers: ClassVar = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float"}
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that is given twice, of which YAML would silently take the last."""
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
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
        """Scenario names with their files.

        Raises
        ------
        ConfigError
            A user's scenario has the name of one of the package's, or a name that cannot be one.
        """
        found: dict[str, Path] = {}
        for file in self._files("scenario"):
            _check_name(file, _NAME, "small letters, digits and _")
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
            _check_name(file, _CODE, "the organisation's code, in capitals")
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
        for file in self._files("parameters"):
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
        known, found = self.scenarios(), {}
        todo = [(name, where)]
        while todo:
            name, where = todo.pop(0)
            if name not in known:
                raise unknown("scenario", name, known, where)
            if name in found:
                continue
            file = known[name]
            found[name] = read_yaml(file)
            if not _IS_GLOBAL.search(file.read_text(encoding="utf-8")):
                raise ConfigError(
                    "its keys would not be at the top level",
                    where=shown(file),
                    expected="'# @package _global_' as its first line",
                )
            defaults = found[name].get("defaults", [])
            parents = [one for one in defaults if isinstance(one, str) and one != "_self_"]
            todo += [(parent, f"{shown(file)}, defaults") for parent in parents]
        return found

    def _files(self, folder: str) -> Iterator[Path]:
        for root in self.roots:
            yield from sorted((root / folder).glob("*.yaml"))


def read_yaml(file: Path) -> dict[str, Any]:
    """A YAML file as a mapping of plain values, read once unless it changes; not to be changed.

    Raises
    ------
    ConfigError
        Not readable, not YAML (with the line), or not a mapping.
    """
    try:
        return _read(file, file.stat().st_mtime_ns)
    except yaml.YAMLError as error:
        raise yaml_error(error, file) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read ({error})", where=shown(file)) from None


@functools.lru_cache(maxsize=256)
def _read(file: Path, _changed: int) -> dict[str, Any]:
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(
            f"holds a {type(content).__name__}", where=shown(file), expected="lines of 'key: value'"
        )
    return content


def yaml_error(error: yaml.YAMLError, file: Path | None = None) -> ConcordError:
    """The error for broken YAML: file, line, and what the parser stumbled over."""
    mark = getattr(error, "problem_mark", None)
    name = shown(file) if file else shown(Path(mark.name)) if mark else "YAML"
    where = f"{name}, line {mark.line + 1}" if mark else name
    problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
    return ConfigError(f"broken YAML ({problem})", where=where, expected="'key: value' lines")


def shown(path: Path) -> str:
    """A path as the user would type it: from here where it lies below, else in full."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _check_name(file: Path, pattern: re.Pattern[str], meaning: str) -> None:
    if not pattern.fullmatch(file.stem):
        raise ConfigError(
            f"{file.stem!r} cannot be a name",
            where=shown(file),
            expected=f"{meaning}, before .yaml",
        )
