"""From a name in YAML to a function, with its parameters checked when the scenario loads.

A registered function takes one positional argument (what it works on) and keyword-only parameters
with annotations; ``Annotated[float, Field(gt=0, le=1)]`` states a range. Binding checks names,
types and ranges, so that a misspelt rule stops the load and not quarter 17.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from sim.errors import ConfigError, in_words, nearest, unknown

__all__ = ["Entry", "Registry", "import_modules"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry(Generic[F]):
    """One registered function: its YAML name, the function, what its parameters may be."""

    name: str
    function: F
    schema: type[BaseModel]

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def parameters(self) -> dict[str, str]:
        """Parameter names with type and default, as text.

        Examples
        --------
        >>> rules = Registry("rule")
        >>> @rules.register
        ... def quota(ballot: object, *, share: float = 0.5) -> bool:
        ...     '''At least a share.'''
        >>> rules["quota"].parameters
        {'share': 'float = 0.5'}
        """
        shown = {}
        for key, value in self.schema.model_fields.items():
            kind = getattr(value.annotation, "__name__", str(value.annotation))
            default = "" if value.is_required() else f" = {value.default}"
            limits = ", ".join(
                f"{text}{getattr(m, attr)}"
                for m in value.metadata
                for attr, text in (("gt", "> "), ("ge", "≥ "), ("lt", "< "), ("le", "≤ "))
                if getattr(m, attr, None) is not None
            )
            shown[key] = f"{kind}{default}" + (f" ({limits})" if limits else "")
        return shown


class Registry(Generic[F]):
    """The closed set of functions of one kind that YAML may name.

    Parameters
    ----------
    kind
        What the functions are, in the words of an error message ("decision rule").

    Examples
    --------
    >>> rules = Registry("rule")
    >>> @rules.register
    ... def quota(ballot: float, *, share: float = 0.5) -> bool:
    ...     '''At least a share.'''
    ...     return ballot >= share
    >>> rules.bind("quota", {"share": 0.7})(0.6)
    False
    >>> rules.bind("quota", {"shre": 0.7})
    Traceback (most recent call last):
    sim.errors.ConfigError: rule 'quota' has no parameter 'shre'. Expected 'share' (nearest), or \
one of: share.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry[F]] = {}

    def register(self, function: F) -> F:
        """Register a function under its own name (decorator)."""
        name: str = function.__name__
        if name in self._entries:
            raise ConfigError(f"{self.kind} {name!r} is registered twice")
        self._entries[name] = Entry(name, function, _schema(name, function))
        return function

    def __getitem__(self, name: str) -> Entry[F]:
        if name not in self._entries:
            raise unknown(self.kind, name, self._entries)
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def bind(self, name: str, parameters: Mapping[str, Any], where: str = "") -> F:
        """The function with its parameters fixed, after checking them.

        Raises
        ------
        ConfigError
            Unknown name, unknown or missing parameter, wrong type, value out of range.
        """
        if name not in self._entries:
            raise unknown(self.kind, name, self._entries, where)
        entry = self._entries[name]
        for key in parameters:
            if key not in entry.schema.model_fields:
                raise ConfigError(
                    f"{self.kind} {name!r} has no parameter {key!r}",
                    where=where,
                    expected=nearest(key, entry.schema.model_fields)
                    if entry.schema.model_fields
                    else "no parameters",
                )
        try:
            values = entry.schema(**parameters)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            found, expected = in_words(first)
            told = f"{key} is missing" if first["type"] == "missing" else f"{key} = {found}"
            found = f"{self.kind} {name!r}: {told}"
            raise ConfigError(found, where=where, expected=expected) from None
        bound = {key: getattr(values, key) for key in entry.schema.model_fields}
        return functools.partial(entry.function, **bound)  # type: ignore[return-value]


def _schema(name: str, function: Callable[..., Any]) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for key, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[key] = (hints[key], default)
    return create_model(
        name, __config__=ConfigDict(extra="forbid", strict=False, allow_inf_nan=False), **fields
    )


def import_modules(package: str, path: Iterable[str]) -> list[Any]:
    """Import all modules of a package, so that what they register is there; those and no others.

    Parameters
    ----------
    package, path
        ``__name__`` and ``__path__`` of the package.

    Returns
    -------
    list of modules, by name.

    Examples
    --------
    >>> import sim.rules.decision as rules
    >>> names = [one.__name__ for one in import_modules(rules.__name__, rules.__path__)]
    >>> "sim.rules.decision.consensus" in names, names == sorted(names)
    (True, True)
    """
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    return [importlib.import_module(f"{package}.{name}") for name in names]
