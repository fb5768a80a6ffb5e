"""Which keys a scenario may have, read off the models that will check it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from sim.charter import RuleUse
from sim.scenario import Scenario
from sim.shocks import SHOCKS, Shock

__all__ = ["is_optional", "keys_at", "one_spelling"]


def is_optional(path: str, mapping: Mapping[str, Any]) -> bool:
    """Whether a key is not set in the mapping, and the models know it all the same.

    Examples
    --------
    >>> is_optional("world.trade", {"world": {}}), is_optional("quaters", {})
    (True, False)
    """
    here: Any = mapping
    parts = path.split(".")
    for depth, key in enumerate(parts):
        if isinstance(here, Mapping) and key in here:
            here = here[key]
            continue
        models = _models_at(parts[:depth])
        if not any(key in model.model_fields or issubclass(model, RuleUse) for model in models):
            return False
        here = None
    return here is None


def keys_at(path: list[str], mapping: Any) -> list[str]:
    """Keys that there are, or may be, at a level."""
    for key in path:
        mapping = mapping.get(key, {}) if isinstance(mapping, Mapping) else {}
    there = list(mapping) if isinstance(mapping, Mapping) else []
    known = [name for model in _models_at(path) for name in model.model_fields]
    return sorted({*there, *known, *(["seed"] if not path else [])})


def one_spelling(path: str, value: Any) -> Any:
    """A switch or number as loading will take it, so that ``no``, ``0`` and ``false`` are one.

    Examples
    --------
    >>> one_spelling("switches.learning", "no"), one_spelling("quarters", 8.0)
    (False, 8)
    >>> one_spelling("quarters", "many")
    'many'
    """
    kinds = [kind for kind in _kinds_at(path.split(".")) if kind is not type(None)]
    if len(kinds) != 1 or kinds[0] not in {bool, int, float}:
        return value
    if isinstance(value, bool) and kinds[0] is not bool:
        return value
    try:
        return TypeAdapter(kinds[0]).validate_python(value)
    except ValidationError:  # loading says what is wrong
        return value


def _models_at(path: list[str]) -> list[type[BaseModel]]:
    """The models that can stand at a path; none where it is free or a plain value."""
    return [kind for kind in _kinds_at(path) if _is_model(kind)]


def _kinds_at(path: list[str]) -> list[Any]:
    """The kinds of value, models or plain, that can stand at a path."""
    here: list[Any] = [Scenario]
    for key in path:
        here = [kind for one in here for kind in _step(one, key)]
    return here


def _step(kind: Any, key: str) -> list[Any]:
    if _is_model(kind):
        field = kind.model_fields.get(key)
        return _alternatives(field.annotation) if field else []
    if get_origin(kind) is dict:
        return _alternatives(get_args(kind)[1])
    return []


def _alternatives(kind: Any) -> list[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _alternatives(get_args(kind)[0])
    if kind is Shock:  # any of its kinds
        return list(SHOCKS.values())
    if origin in {Union, types.UnionType}:
        return [one for part in get_args(kind) for one in _alternatives(part)]
    return [kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
