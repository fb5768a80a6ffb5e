"""Hydra's complaints in the words of Concord: where, what, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from experiments.library import Library
from experiments.reading import yaml_error
from experiments.schema import keys_at
from sim.errors import ConcordError, ConfigError, nearest

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["check_override", "refuse_override", "translated", "unknown_key"]

_KEY = re.compile(r"Could not (?:override|delete from config\.) '([^']+)'")
_FULL_KEY = re.compile(r"full_key: ([\w.]+)$", re.MULTILINE)
_EXISTS = re.compile(r"An item is already at '([^']+)'")


def translated(error: Exception, where: str, base: Mapping[str, Any] | None = None) -> ConcordError:
    """The error of Concord for one that hydra or its parts raised while composing.

    Parameters
    ----------
    error
        What was raised.
    where
        What was being composed.
    base
        The scenario before overrides.
    """
    if isinstance(error, yaml.YAMLError):
        return yaml_error(error)
    text = str(error)
    if found := _KEY.search(text):
        key, full = found[1], _FULL_KEY.search(str(error.__cause__))
        if full and full[1].startswith(f"{key}."):  # something in a mapping that is its value
            key = full[1]
        return unknown_key(key, base or {})
    if found := _EXISTS.search(text):
        key = found[1]
        return ConfigError(
            f"{key!r} is there already", where=f"override '+{key}'", expected=f"'{key}=value'"
        )
    if "Incompatible key type 'NoneType'" in f"{text} {error.__cause__}":
        return ConfigError("a key is null", where=where, expected="names as keys")
    if "Cannot merge" in text:
        file = re.search(r"In '([^']+)'", text)
        return ConfigError(
            "a list or single value stands where names and their values should",
            where=f"{file[1]}.yaml" if file else where,
            expected="lines of 'key: value' there",
        )
    cause = error.__cause__
    first = " ".join(line.strip() for line in text.splitlines() if line.strip()).rstrip(".")
    return ConfigError(f"{first} ({' '.join(str(cause).split())})" if cause else first, where=where)


def check_override(one: Override, base: Mapping[str, Any]) -> None:
    """Refuse what hydra would take in another sense than its writer, or in none.

    Parameters
    ----------
    one
        The override, none that chooses the scenario.
    base
        The scenario before overrides.

    Raises
    ------
    ConfigError
        No key, a group, hydra's own settings, the scenario's name, or a mapping that is to be
        replaced by something else.
    """
    key, where = one.key_or_group, f"override {one.input_line!r}"
    if not key:
        raise ConfigError("no key", where=where, expected="key=value, such as quarters=40")
    if key.split(".")[0].split("/")[0] == "hydra":
        expected = "--results DIR for the place of results, or --multirun for hydra's launchers"
        raise ConfigError(
            "hydra's own settings have no effect here", where=where, expected=expected
        )
    if "/" in key:
        raise ConfigError(f"{key!r} is no key", where=where, expected="keys parted by dots")
    if key == "name":
        expected = "a scenario of your own (--config-dir), named by its file"
        raise ConfigError("a scenario is named by its file", where=where, expected=expected)
    there = _mapping_at(base, key)
    if there is None or one.is_add():
        return
    inside = f"{'~' if one.is_delete() else ''}{key}.NAME{'' if one.is_delete() else '=VALUE'}"
    some = f", NAME one of: {', '.join(map(str, [*there][:8]))}{', …' * (len(there) > 8)}"
    expected = f"{inside}{some if there else ''}"
    if one.is_delete():
        if key in _WHOLE:
            raise ConfigError(f"{key!r} cannot be left out", where=where, expected=expected)
        return
    value = one.value()
    if not isinstance(value, Mapping) and key in _WHOLE:
        raise ConfigError(f"{value!r} will not do", where=where, expected=expected)
    if value == {} and there:
        also = "" if key in _WHOLE else f"'~{key}' to empty it, or "
        raise ConfigError(
            "nothing in it, so nothing would change", where=where, expected=also + expected
        )


_WHOLE = frozenset({"parameters", "organisation", "switches", "shocks", "responses", "world"})


def _mapping_at(base: Any, path: str) -> Mapping[str, Any] | None:
    for key in path.split("."):
        base = base.get(key) if isinstance(base, Mapping) else None
    return base if isinstance(base, Mapping) else None


def unknown_key(key: str, base: Mapping[str, Any]) -> ConfigError:
    """The error for a key that is not there, with the nearest on the level where it goes wrong.

    Examples
    --------
    >>> print(unknown_key("world.trad", {"world": {"trade": None}}))
    override 'world.trad': unknown key 'trad'. Expected 'trade' (nearest), or one of: columns, \
complete, deficits, trade, trade_unit, trade_year, without.
    """
    parts = key.split(".")
    for depth, part in enumerate(parts):
        known = keys_at(parts[:depth], base)
        if part not in known:
            break
    else:  # it is there as text
        expected = f"'{key}=VALUE'"
        return ConfigError(
            "a key in braces is a number", where=f"override {key!r}", expected=expected
        )
    there = nearest(part, map(str, known)) if known else "a key that is there"
    if parts[0] in {"shocks", "responses", "tariff_variants"} and depth == len(parts) - 2:
        there = f"{there}; or, to add it, '+{'.'.join(parts[: depth + 1])}={{...}}'"
    return ConfigError(f"unknown key {part!r}", where=f"override {key!r}", expected=there)


def refuse_override(text: str, library: Library) -> ConfigError:
    """The error for an override that is not written as one."""
    where = f"override {text!r}"
    if text in library.scenarios():
        return ConfigError("a name alone", where=where, expected=f"scenario={text}")
    if "=" not in text and not text.startswith("~"):
        return ConfigError("no '='", where=where, expected="key=value, such as quarters=40")
    return ConfigError(
        "the value cannot be read",
        where=where,
        expected="key=value; special characters in quotes within quotes: \"key='a value'\"",
    )
