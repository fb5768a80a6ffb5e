"""What a scenario is: frozen models that refuse what they do not know.

YAML becomes a plain mapping, the mapping becomes a `Scenario`. Types, ranges and spelling are
checked here; names of states, organisations, matters and rules are checked in `sim.load`, which
knows the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, SerializeAsAny, field_validator, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from sim.charter import Charter
from sim.checked import FIRST_YEAR, LAST_YEAR, Day, Model
from sim.shocks import SHOCKS, Shock

__all__ = ["UNKNOWN_KIND", "AnyShock", "Scenario", "TradeColumns", "WorldOptions"]

UNKNOWN_KIND = "unknown_kind"
"""Type of the fault that pydantic reports for a shock of no known kind."""


def _of_its_kind(given: Any) -> Shock:
    """A shock from its data, checked by the class of its kind."""
    if isinstance(given, Shock):
        return given
    if not isinstance(given, Mapping):
        raise PydanticKnownError("model_attributes_type")
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in SHOCKS:
        raise PydanticCustomError(UNKNOWN_KIND, "no shock of a known kind")
    return SHOCKS[kind].model_validate(given)


AnyShock: TypeAlias = Annotated[SerializeAsAny[Shock], PlainValidator(_of_its_kind)]


class TradeColumns(Model):
    """Names of columns of a user's trade file, where they are not to be found by themselves.

    Attributes
    ----------
    exporter, importer, value
        The two states (with a flow: reporter and partner) and the value.
    year, product, flow
        "none" says that no column has it.
    """

    exporter: str | None = None
    importer: str | None = None
    value: str | None = None
    year: str | None = None
    product: str | None = None
    flow: str | None = None


class WorldOptions(Model):
    """Which world: the embedded one, or a user's trade matrix.

    Attributes
    ----------
    trade
        The file; None is the embedded world.
    trade_year, trade_unit
        The year to take from it, and the unit of its values.
    columns
        Its columns.
    complete
        What pairs without trade in the user's file trade: nothing, or what they trade in the
        embedded world.
    deficits
        Whether trade deficits are removed before the start, or held fixed as shares of world
        output throughout.
    without
        Treaties of the table that do not exist: names of its rows.
    """

    trade: str | None = None
    trade_year: int | None = None
    trade_unit: str | None = None
    columns: TradeColumns = TradeColumns()
    complete: Literal["zero", "estimate"] = "zero"
    deficits: Literal["balanced", "fixed"] = "balanced"
    without: tuple[str, ...] = ()

    @field_validator("trade")
    @classmethod
    def _is_named(cls, trade: str | None) -> str | None:
        if trade is not None and not trade.strip():
            raise ValueError(
                "no file is named (is a variable of the shell not set?). Expected "
                "world.trade=FILE, or world.trade=null for the embedded world"
            )
        return trade

    @model_validator(mode="after")
    def _has_a_file(self) -> WorldOptions:
        told: dict[str, Any] = {"trade_year": self.trade_year, "trade_unit": self.trade_unit}
        told["complete"] = None if self.complete == "zero" else self.complete
        told |= {f"columns.{role}": name for role, name in self.columns}
        set_ = [name for name, value in told.items() if value is not None]
        if self.trade is None and set_:
            raise ValueError(
                f"{set_[0]} has no effect without a file. Expected world.trade=FILE as well"
            )
        return self


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
    start: Day
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
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise ValueError(f"{start} is out of reach, {FIRST_YEAR} to {LAST_YEAR}")
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
