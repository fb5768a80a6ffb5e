"""From a base configuration and a variant's overrides to a checked scenario, without hydra.

A variant that only changes parameters costs a range check and a copy of the base scenario; any
other is validated in full, once per combination of its other keys.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.faults import unknown_key
from experiments.schema import is_optional
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    from sim.load import Parameter
    from sim.scenario import Scenario

__all__ = ["Variants", "changed", "placed", "split"]

_PARAMETER = "parameters."
_REMEMBERED = 64  # scenarios kept, so that memory does not grow with the number of variants


def split(variant: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A variant's parameters (by bare name) and its other overrides.

    Examples
    --------
    >>> split({"parameters.trade_elasticity": 5, "response": "none"})
    ({'trade_elasticity': 5}, {'response': 'none'})
    """
    parameters, others = {}, {}
    for key, value in variant.items():
        if key.startswith(_PARAMETER):
            parameters[key.removeprefix(_PARAMETER)] = value
        else:
            others[key] = value
    return parameters, others


def changed(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a plain mapping with overrides: ``key: value``, ``+key: value``, ``~key: any``.

    Raises
    ------
    ConfigError
        A key that is not there (nor may be), or that is there and was to be added.

    Examples
    --------
    >>> changed({"a": {"b": 1, "c": 2}}, {"a.b": 3, "~a.c": None})
    {'a': {'b': 3}}
    """
    result = copy.deepcopy(dict(base))
    for key, value in overrides.items():
        path = key.lstrip("~+")
        *parents, last = path.split(".")
        here: Any = result
        for part in parents:
            if isinstance(here, dict) and here.get(part) is None and is_optional(path, result):
                here[part] = {}
            here = here.get(part) if isinstance(here, dict) else None
        if not isinstance(here, dict):
            raise unknown_key(path, base)
        is_there = last in here
        if key.startswith("+"):
            if is_there:
                raise ConfigError(f"{path!r} is there already", where="sweep", expected=path)
        elif not is_there and (key.startswith("~") or not is_optional(path, result)):
            raise unknown_key(path, base)
        if key.startswith("~"):
            del here[last]
        else:
            here[last] = copy.deepcopy(value)
    return result


def placed(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration or variant whose trade file is named in full.

    Runs are done elsewhere and later: a path from this folder would mean another file there.

    Examples
    --------
    >>> placed({"world.trade": "/data/a.csv", "quarters": 8})
    {'world.trade': '/data/a.csv', 'quarters': 8}
    """
    result = dict(config)
    for key, value in config.items():
        bare = key.lstrip("+")
        if bare == "world" and isinstance(value, Mapping) and isinstance(value.get("trade"), str):
            result[key] = {**value, "trade": str(Path(value["trade"]).absolute())}
        elif bare == "world.trade" and isinstance(value, str):
            result[key] = str(Path(value).absolute())
    return result


class Variants:
    """Scenarios of a base configuration under overrides.

    Parameters
    ----------
    base
        The resolved configuration, plain data.
    table
        What parameters may be.
    """

    def __init__(self, base: Mapping[str, Any], table: Mapping[str, Parameter]) -> None:
        self.base = base
        self.table = table
        self._others = lru_cache(_REMEMBERED)(self._build)

    def scenario(self, variant: Mapping[str, Any]) -> Scenario:
        """The checked scenario of one variant.

        Raises
        ------
        ConfigError
            A fault in it.
        """
        parameters, others = split(variant)
        scenario = self.without_parameters(others)
        if not parameters:
            return scenario
        self.check(parameters)
        values = {name: float(value) for name, value in parameters.items()}
        return scenario.model_copy(update={"parameters": {**scenario.parameters, **values}})

    def without_parameters(self, others: Mapping[str, Any]) -> Scenario:
        """The checked scenario of a variant's other overrides, remembered for a while."""
        from sim.provenance import canonical

        # Overrides are applied in their order, which JSON with sorted keys would lose.
        return self._others(canonical(list(others.items())))

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Refuse a parameter that the model has not, or a value out of its range.

        Raises
        ------
        ConfigError
            The first fault.
        """
        for name, value in parameters.items():
            if name not in self.table:
                raise unknown("parameter", name, self.table, f"{_PARAMETER}{name}")
            entry = self.table[name]
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not math.isfinite(value):
                raise ConfigError(
                    f"{value!r} will not do", where=f"parameters.{name}", expected="a number"
                )
            low, high = entry.range
            if not low <= value <= high:
                raise ConfigError(
                    f"{value:g} is out of range",
                    where=f"parameters.{name}",
                    expected=f"{low:g} to {high:g} {entry.unit} ({entry.reference})",
                )

    def _build(self, others: str) -> Scenario:
        import json

        from pydantic import ValidationError

        from experiments.refit import refit_rules
        from sim.load import scenario_from

        overrides = dict(json.loads(others))
        mapping = changed(self.base, overrides)
        if any(key.startswith("organisation.") for key in overrides):
            charters = self.base["organisation"]
            mapping = refit_rules(mapping, charters, self.base, set(overrides))
        try:
            return scenario_from(mapping, self.table)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigError(str(first["msg"]), where=where) from None
