"""Hydra's complaints in the words of Concord: where, what, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from experiments.library import Library, yaml_error
from experiments.schema import keys_at
from sim.errors import ConcordError, ConfigError, nearest

__all__ = ["refuse_override", "translated", "unknown_key"]

_KEY = re.compile(r"Could not (?:override|delete from config\.) '([^']+)'")
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
        return unknown_key(found[1], base or {})
    if found := _EXISTS.search(text):
        key = found[1]
        return ConfigError(
            f"{key!r} is there already", where=f"override '+{key}'", expected=f"'{key}=value'"
        )
    cause = error.__cause__
    first = " ".join(line.strip() for line in text.splitlines() if line.strip()).rstrip(".")
    return ConfigError(f"{first} ({cause})" if cause else first, where=where)


def unknown_key(key: str, base: Mapping[str, Any]) -> ConfigError:
    """The error for a key that is not there, with the nearest on the level where it goes wrong.

    Examples
    --------
    >>> print(unknown_key("world.trad", {"world": {"trade": None}}))
    override 'world.trad': unknown key 'trad'. Expected 'trade' (nearest), or one of: trade, \
trade_unit, trade_year.
    """
    parts = key.split(".")
    for depth, part in enumerate(parts):
        known = keys_at(parts[:depth], base)
        if part not in known:
            break
    there = nearest(part, known) if known else "a key that is there"
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
