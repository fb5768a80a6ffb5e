"""What is there to run: scenarios, charters and parameters, found in their folders.

Adding one is adding a file. A folder of the user's own (``--config-dir``) has the same shape as the
package `scenarios` and adds to it: ``scenario/``, ``organisation/``, ``parameters/``.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterator, Mapping
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
_log = logging.getLogger("concord")
_told: set[Path] = set()  # files that were left out, and said to be
_LARGEST_FILE = 4_000_000  # bytes; all charters of the package have a twentieth of it
_MOST_NODES, _DEEPEST = 200_000, 50
_FOLDERS = ("scenario", "organisation", "parameters", "hypothesis", "sweep", "launcher")


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

    def get_single_node(self) -> yaml.Node | None:
        """Refuse what a few lines blow up to, by names for parts that are taken up again."""
        node = super().get_single_node()
        if node is not None:
            _measure(node)
        return node  # type: ignore[no-any-return]

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


def _measure(root: yaml.Node) -> None:
    """Refuse a document that is too large, too deep, or part of itself, when written out."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node, depth: int) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        found, sizes[id(node)] = 1, _MOST_NODES  # a part of itself never ends
        if depth > _DEEPEST:
            raise _too_much(f"nested more than {_DEEPEST} levels deep", node)
        if isinstance(node, yaml.CollectionNode):
            for part in node.value:
                parts = part if isinstance(part, tuple) else (part,)
                found += sum(size(one, depth + 1) for one in parts)
            if found >= _MOST_NODES:
                raise _too_much(f"more than {_MOST_NODES} values when its names are put in", node)
        sizes[id(node)] = found
        return found

    size(root, 0)


def _too_much(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


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
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8", where=shown(file), expected="a text in UTF-8") from None
    except OSError as error:
        reason = error.strerror or "unknown"
        raise ConfigError(
            f"cannot be read ({reason})", where=shown(file), expected="a file that can be read"
        ) from None
    except (RecursionError, ValueError):
        raise ConfigError(
            "cannot be read: nested too deeply, or a number that is none",
            where=shown(file),
            expected=f"{_DEEPEST} levels or fewer",
        ) from None


@functools.lru_cache(maxsize=256)
def _read(file: Path, _changed: int) -> dict[str, Any]:
    if file.stat().st_size > _LARGEST_FILE:
        raise ConfigError(
            f"has more than {_LARGEST_FILE // 1_000_000} MB", where=shown(file), expected="less"
        )
    content = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_Loader)
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
    except (ValueError, OSError, RuntimeError):  # elsewhere, or a link that leads to itself
        return str(path)


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
