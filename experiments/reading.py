"""YAML files of a user, read within bounds: what is broken or blows up is said, with its line."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import yaml

from sim.errors import ConcordError, ConfigError, in_words, unknown

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["model_of", "read_yaml", "shown", "yaml_error"]

M = TypeVar("M", bound="BaseModel")

_LARGEST_FILE = 4_000_000  # bytes; all charters of the package have a twentieth of it
_MOST_NODES, _DEEPEST = 200_000, 50


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


def model_of(model: type[M], content: Mapping[Any, Any], file: Path) -> M:
    """What a file holds, its keys, types and ranges checked.

    Parameters
    ----------
    model
        What it should be.
    content
        Its keys and values.
    file
        Where they are from, for the message.

    Raises
    ------
    ConfigError
        The first fault, with its place and what would be right.
    """
    from pydantic import ValidationError

    from sim.load import fields_along

    try:
        return model.model_validate({str(key): value for key, value in content.items()})
    except ValidationError as error:
        faults = error.errors()
        # A misspelt key is also a missing one: the spelling says more.
        first = next((one for one in faults if one["type"] == "extra_forbidden"), faults[0])
        place = [str(part) for part in first["loc"]]
        where = ", ".join([shown(file), *([".".join(place)] if place else [])])
        if first["type"] == "extra_forbidden":
            known = fields_along(model, place[:-1])
            where = ", ".join([shown(file), *([".".join(place[:-1])] if place[:-1] else [])])
            raise unknown("key", place[-1], known, where) from None
        found, expected = in_words(first)
        raise ConfigError(found, where=where, expected=expected) from None


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
