"""From a plain mapping to a scenario that can be run, and from a scenario to its setting.

All faults of a scenario are found here, before the first quarter, with the place, what was found
and the nearest that would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sim.charter import Charter
from sim.checks import check_charters, check_shocks
from sim.errors import ConfigError, in_words, nearest, unknown
from sim.mechanism import mechanisms, parameter_files
from sim.scenario import UNKNOWN_KIND, Scenario, TradeColumns, WorldOptions
from sim.setting import Setting
from sim.shocks import SHOCKS
from sim.switches import SWITCHES
from sim.world.adapters import Wishes
from sim.world.bodies import own_bodies
from sim.world.loader import World, load_world

__all__ = [
    "Parameter",
    "fields_along",
    "parameter_table",
    "parameters_from",
    "scenario_from",
    "setting_for",
    "world_for",
]

LARGEST_SEED = 2**63 - 1
"""Tables have seeds in columns of 64 bits."""


class Parameter(BaseModel):
    """A model parameter: value, unit, plausible range, reference, meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    value: float
    unit: str
    range: tuple[float, float]
    reference: str = Field(min_length=3)
    meaning: str = Field(min_length=3)

    @model_validator(mode="after")
    def _value_in_range(self) -> Parameter:
        if not self.range[0] <= self.value <= self.range[1]:
            raise ValueError(f"value {self.value} is outside its range {list(self.range)}")
        return self


@lru_cache(maxsize=1)
def parameter_table() -> Mapping[str, Parameter]:
    """The embedded parameters by name.

    Examples
    --------
    >>> parameter_table()["trade_elasticity"].range
    (2.5, 7.5)
    """
    table = {}
    folder = resources.files("scenarios") / "parameters"
    files = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    for file in (*sorted(files, key=lambda file: file.name), *parameter_files()):
        for name, entry in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            if name in table:
                raise ConfigError(f"parameter {name!r} is given twice", where=str(file))
            table[name] = Parameter(**entry)
    return MappingProxyType(dict(sorted(table.items())))


def parameters_from(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Parameter]:
    """The embedded parameters with a user's own values, ranges and references.

    Parameters
    ----------
    entries
        Name → value, unit, range, reference, meaning.

    Raises
    ------
    ConfigError
        A parameter that the model does not have, or an entry that is not complete.
    """
    table = dict(parameter_table())
    for name, entry in entries.items():
        if name not in table:
            raise unknown("parameter", name, table, "parameters")
        try:
            table[name] = Parameter.model_validate(entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(["parameters", name, *map(str, first["loc"])])
            raise _explained_at(where, first) from None
    return table


def scenario_from(
    mapping: Mapping[str, Any], parameters: Mapping[str, Parameter] | None = None
) -> Scenario:
    """The scenario in a plain mapping, its types, ranges and spelling checked.

    Parameters
    ----------
    mapping
        Fields of `sim.scenario.Scenario`; switches that are not given have their default.
    parameters
        What the parameters may be; the embedded table when None.

    Raises
    ------
    ConfigError
        The first fault, with its place and what would be right.
    """
    filled = dict(mapping)
    given = filled.get("switches") or {}
    if not isinstance(given, Mapping):
        raise ConfigError(f"{given!r} will not do", where="switches", expected="switch: true|false")
    for name in given:
        if name not in SWITCHES:
            raise unknown("switch", name, SWITCHES, "switches")
    filled["switches"] = {name: one.default for name, one in SWITCHES.items()} | dict(given)
    try:
        scenario = Scenario.model_validate(filled)
    except ValidationError as error:
        raise _explained(error, filled) from None
    for choice, (_, options, default) in scenario.choices.items():
        chosen, known = getattr(scenario, choice), {default, *options}
        if chosen not in known:
            raise unknown(choice, chosen, known, choice)
    _check_parameters(scenario, parameters or parameter_table())
    return scenario


def _explained(error: ValidationError, given: Mapping[str, Any]) -> ConfigError:
    """The first fault pydantic found, in our words."""
    first = _most_telling(error.errors())
    place = [str(part) for part in first["loc"]]
    where = ".".join(_written(place))
    if first["type"] == "extra_forbidden":
        return ConfigError(
            f"unknown key {place[-1]!r}",
            where=where,
            expected=nearest(place[-1], _keys_at(place[:-1], given)),
        )
    if first["type"] == "missing":
        return ConfigError(f"the key {place[-1]!r} is missing", where=where)
    if first["type"] == UNKNOWN_KIND:
        found = first["input"].get("kind")
        if found is None:
            return ConfigError("the shock has no kind", where=where, expected=nearest("", SHOCKS))
        return unknown("kind of shock", str(found), SHOCKS, where)
    return _explained_at(where, first)


def _explained_at(where: str, fault: Any) -> ConfigError:
    found, expected = in_words(fault)
    return ConfigError(found, where=where, expected=expected)


def _most_telling(faults: Any) -> Any:
    """The first fault; where a value may be of several kinds, that of the kind it comes nearest."""
    first = faults[0]
    place = first["loc"][:-1]
    depth = len(place)
    rivals = [f for f in faults if place and len(f["loc"]) > depth and f["loc"][:depth] == place]
    is_union = len(rivals) > 1 and "[" in str(rivals[1]["loc"][depth])
    return max(rivals, key=lambda one: len(one["loc"])) if is_union else first


def _written(place: list[str]) -> list[str]:
    """The place as a user writes it: without the options of a union."""
    return [part for part in place if "[" not in part]


def _keys_at(place: list[str], given: Mapping[str, Any]) -> list[str]:
    """Keys that are known where an unknown one was found."""
    if not place:
        return list(Scenario.model_fields)
    if place[0] == "organisation":
        return fields_along(Charter, place[2:])
    here: Any = given
    for n, part in enumerate(place):
        here = here.get(part) if isinstance(here, Mapping) else None
        if isinstance(here, Mapping) and here.get("kind") in SHOCKS:
            return fields_along(SHOCKS[here["kind"]], place[n + 1 :])
    if place[0] == "world":
        model = TradeColumns if place[1:] == ["columns"] else WorldOptions
        return list(model.model_fields)
    return list(Scenario.model_fields)


def fields_along(model: Any, place: list[str]) -> list[str]:
    """Fields of the model found by going from one along the names of fields.

    Examples
    --------
    >>> fields_along(Scenario, ["world"])[0]
    'trade'
    """
    for part in place:
        kind = model.model_fields.get(part)
        annotation = getattr(kind, "annotation", None)
        options = [annotation, *get_args(annotation)]
        model = next((o for o in options if hasattr(o, "model_fields")), model)
    return list(model.model_fields)


def _check_parameters(scenario: Scenario, table: Mapping[str, Parameter]) -> None:
    for name, value in scenario.parameters.items():
        if name not in table:
            raise unknown("parameter", name, table, "parameters")
        low, high = table[name].range
        if not low <= value <= high:
            raise ConfigError(
                f"{value:g} is out of range",
                where=f"parameters.{name}",
                expected=f"{low:g} to {high:g} {table[name].unit} ({table[name].reference})",
            )
    for name in table:
        if name not in scenario.parameters:
            raise ConfigError(f"the parameter {name!r} is missing", where="parameters")


@lru_cache(maxsize=4)
def _world(start: date, options: WorldOptions, _stamped: int, parameters: Any) -> World:
    """Worlds are remembered: several runs of one process share one."""
    named = options.columns.model_dump(exclude_none=True)
    return load_world(
        start,
        Path(options.trade) if options.trade else None,
        dict(parameters),
        wishes=Wishes(options.trade_year, options.trade_unit, options.complete, named),
        without=options.without,
    )


def setting_for(scenario: Scenario, seed: int) -> Setting:
    """The world, bound rules and economy of a scenario, all names checked.

    Raises
    ------
    ConfigError, DataError
        Unknown state, organisation, rule, schedule or area; a shock before the start; a member
        that joins twice or leaves where it does not belong; a fault in the user's trade matrix.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise ConfigError(
            f"{seed} will not do", where="seed", expected=f"a number from 0 to {LARGEST_SEED}"
        )
    setting = Setting(scenario, seed, world_for(scenario, seed))
    check_charters(setting)
    check_shocks(setting)
    for mechanism in mechanisms().values():
        if mechanism.check:
            mechanism.check(setting)
    return setting


def world_for(scenario: Scenario, seed: int = 0) -> World:
    """The world of a scenario at its start, before its names and shocks are checked.

    Raises
    ------
    ConfigError, DataError
        A start that the tables cannot stand for, a fault in the user's trade matrix, or members of
        a body of the scenario's own that cannot be.
    """
    options = scenario.world
    key = tuple((name, scenario.parameters[name]) for name in _world_parameters())
    world = _world(scenario.start, options, _stamp(options.trade), key)
    return world.with_members(own_bodies(scenario.organisation, world, seed))


@lru_cache(maxsize=1)
def _world_parameters() -> tuple[str, ...]:
    """Names of the parameters that the world is built with."""
    file = resources.files("scenarios") / "parameters" / "world.yaml"
    return tuple(sorted(yaml.safe_load(file.read_text("utf-8"))))


def _stamp(path: str | None) -> int:
    """When a file was last changed, so that a changed one is read again; 0 without a file."""
    return Path(path).stat().st_mtime_ns if path and Path(path).is_file() else 0
