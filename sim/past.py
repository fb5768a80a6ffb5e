"""The past of a scenario: what its first quarters follow from, and where two scenarios part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.calendar import Calendar
from sim.errors import ConfigError

if TYPE_CHECKING:
    from sim.scenario import Scenario

__all__ = ["check_past", "difference", "first_difference", "past_of"]

_LASTING = {"start", "world", "parameters", "switches", "organisation"}
_ABSENT = object()


def past_of(scenario: Scenario, steps: int) -> dict[str, Any]:
    """What the first quarters of a scenario follow from, as plain data.

    Parameters
    ----------
    scenario
        Any scenario.
    steps
        How many quarters.

    Returns
    -------
    dict
        Start, world, parameters, switches, charters, and the shocks that fall in those quarters.
        A shock that ends later than that has no end in it, since nobody knows of it yet.
    """
    calendar = Calendar(scenario.start, scenario.quarters)
    past: dict[str, Any] = scenario.model_dump(mode="json", include=_LASTING)
    past["shocks"] = {}
    for name, shock in scenario.dated:
        if calendar.step_of(shock.date) < steps:
            until = getattr(shock, "until", None)
            is_open = until is not None and calendar.step_of(until) >= steps
            past["shocks"][name] = shock.model_dump(mode="json") | (
                {"until": None} if is_open else {}
            )
    return past


def first_difference(one: Scenario, other: Scenario) -> int | None:
    """The first quarter in which two scenarios may differ.

    Returns
    -------
    int or None
        0 when they differ from the start, None when they never do.
    """
    steps = {0}
    for scenario in (one, other):
        calendar = Calendar(scenario.start, scenario.quarters)
        for _, shock in scenario.dated:
            days = [shock.date, getattr(shock, "until", None)]
            steps |= {calendar.step_of(day) for day in days if day is not None}
    for step in sorted(steps):
        if past_of(one, step + 1) != past_of(other, step + 1):
            return step
    return None


def check_past(
    past: Mapping[str, Any],
    scenario: Scenario,
    steps: int,
    names: tuple[str, str] = ("the scenario", "the past that it continues"),
) -> None:
    """Make sure that the first quarters of a scenario follow from a past.

    Parameters
    ----------
    past
        From `past_of`, for as many quarters.
    scenario, steps
        What is to have that past, and of how many quarters.
    names
        What the message calls the scenario and the past.

    Raises
    ------
    ConfigError
        They do not; with the first difference.
    """
    found = difference(past, past_of(scenario, steps))
    if found is not None:
        where, before, now = found
        day = Calendar(scenario.start, scenario.quarters).first_day(steps)
        raise ConfigError(
            f"{_said(now)} in {names[0]}, {_said(before)} in {names[1]}",
            where=where,
            expected=f"no difference before {day}",
        )


def difference(one: Any, other: Any, where: str = "") -> tuple[str, Any, Any] | None:
    """The first place where two plain values differ, with both values; None when they are alike.

    Examples
    --------
    >>> difference({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 4})
    ('a.b', 1, 3)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            place = f"{where}.{key}" if where else str(key)
            found = difference(one.get(key, _ABSENT), other.get(key, _ABSENT), place)
            if found is not None:
                return found
        return None
    return None if one == other else (where, one, other)


def _said(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = "there" if isinstance(value, Mapping) else repr(value)
    return text if len(text) < 60 else f"{text[:57]}…"
