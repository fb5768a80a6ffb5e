"""What a scenario is: frozen models that refuse what they do not know.

YAML becomes a plain mapping, the mapping becomes a `Scenario`. Types, ranges and spelling are
checked here; names of states, organisations, matters and rules are checked in `sim.load`, which
knows the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, SerializeAsAny, field_validator
from pydantic_core import PydanticCustomError

from sim.config import Charter, Model
from sim.shocks import SHOCKS, Shock

__all__ = ["UNKNOWN_KIND", "AnyShock", "Scenario", "WorldOptions"]

UNKNOWN_KIND = "unknown_kind"
"""Type of the fault that pydantic reports for a shock of no known kind."""


def _of_its_kind(given: Any) -> Shock:
    """A shock from its data, checked by the class of its kind."""
    if isinstance(given, Shock):
        return given
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if not isinstance(kind, str) or kind not in SHOCKS:
        raise PydanticCustomError(UNKNOWN_KIND, "no shock of a known kind")
    return SHOCKS[kind].model_validate(given)


AnyShock: TypeAlias = Annotated[SerializeAsAny[Shock], PlainValidator(_of_its_kind)]


class WorldOptions(Model):
    """Which world: the embedded one, or a user's trade matrix.

    Attributes
    ----------
    trade, trade_year, trade_unit
        The user's file; which year of it to take; the unit of its values.
    complete
        What pairs without trade in the user's file trade: nothing, or what they trade in the
        embedded world.
    deficits
        Whether trade deficits are removed before the start, or held fixed as shares of world
        output throughout.
    """

    trade: str | None = None
    trade_year: int | None = None
    trade_unit: str | None = None
    complete: Literal["zero", "estimate"] = "zero"
    deficits: Literal["balanced", "fixed"] = "balanced"


class Scenario(Model):
    """Everything a run needs but its seed.

    Attributes
    ----------
    start, quarters
        First quarter (its first day) and how many to simulate.
    shocks
        Dated events by name; a scenario that inherits adds or replaces by name.
    tariff_variants
        Which tariffs may be charged: name → shocks that it adds, or puts in the place of others.
    tariffs
        The tariffs chosen; ``announced`` leaves the shocks as they are.
    responses
        How others may respond: name of the response → shocks that it adds.
    response
        The response chosen; ``none`` adds nothing.
    parameters
        Model parameters, values only (units, ranges and references are in the parameter files).
    organisation
        Charters by code.
    switches
        Mechanisms that can be turned off to measure their effect.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    description: str = ""
    start: date
    quarters: int = Field(ge=1, le=400)
    shocks: dict[str, AnyShock] = Field(default_factory=dict)
    tariff_variants: dict[str, dict[str, AnyShock]] = Field(default_factory=dict)
    tariffs: str = "announced"
    responses: dict[str, dict[str, AnyShock]] = Field(default_factory=dict)
    response: str = "none"
    switches: dict[str, bool] = Field(default_factory=dict)
    world: WorldOptions = WorldOptions()
    parameters: dict[str, float]
    organisation: dict[str, Charter]

    @field_validator("start")
    @classmethod
    def _is_start_of_a_quarter(cls, start: date) -> date:
        if start.day != 1 or start.month not in {1, 4, 7, 10}:
            raise ValueError(f"{start} is not the first day of a quarter, such as 2024-01-01")
        return start

    @property
    def choices(self) -> dict[str, tuple[str, dict[str, dict[str, Shock]], str]]:
        """Choice → where its options stand, the options, and the one that changes nothing."""
        return {
            "tariffs": ("tariff_variants", self.tariff_variants, "announced"),
            "response": ("responses", self.responses, "none"),
        }

    @property
    def placed(self) -> dict[str, tuple[str, Shock]]:
        """Name → (where it is written, shock) of all in force; what is chosen goes first."""
        found = {name: (f"shocks.{name}", shock) for name, shock in self.shocks.items()}
        for choice, (place, options, _) in self.choices.items():
            chosen = getattr(self, choice)
            for name, shock in options.get(chosen, {}).items():
                found[name] = (f"{place}.{chosen}.{name}", shock)
        return found

    @property
    def dated(self) -> tuple[tuple[str, Shock], ...]:
        """All shocks in force, those of the chosen options included, by date and name."""
        pairs = [(name, shock) for name, (_, shock) in self.placed.items()]
        return tuple(sorted(pairs, key=lambda pair: (pair[1].date, pair[0])))
