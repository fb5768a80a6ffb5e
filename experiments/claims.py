"""Hypotheses as files: a claim, two scenarios, measures and the signs that they should have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from experiments.library import Library
from experiments.reading import model_of, read_yaml, shown
from sim.checked import Model
from sim.errors import ConfigError, as_yaml, unknown

__all__ = [
    "Contrast",
    "Dose",
    "Hypothesis",
    "Measure",
    "Null",
    "Placebo",
    "check_measure",
    "hypotheses",
]


class Measure(Model):
    """What is compared, where it is read, and the sign that the claim expects."""

    name: str
    sign: Literal["+", "-", "none"]
    table: str = "summary"
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    at: Literal["final"] | tuple[str, str] = "final"
    over: Literal["mean", "least", "most", "variance", "integral"] = "mean"
    weight: str = ""
    outside: tuple[str, ...] = ()

    @field_validator("where", mode="before")
    @classmethod
    def _one_is_a_list(cls, where: Any) -> Any:
        if not isinstance(where, Mapping):
            return where
        return {k: (v,) if isinstance(v, str) else v for k, v in where.items()}

    @field_validator("at", mode="before")
    @classmethod
    def _is_a_span(cls, at: Any) -> Any:
        if at == "final":
            return at
        try:
            since, until = (date.fromisoformat(day) for day in at)
        except (TypeError, ValueError):
            since, until = date.max, date.min
        if since > until:
            raise ValueError(f"{as_yaml(at)} will not do: final, or [since, until] as YYYY-MM-DD")
        return (since.isoformat(), until.isoformat())

    @model_validator(mode="after")
    def _fits_together(self) -> Measure:
        if self.over != "mean" and self.at == "final":
            raise ValueError(f"over: {self.over} of the last quarter; it needs at: [since, until]")
        if self.table == "items" and (self.weight or self.outside or self.at != "final"):
            raise ValueError("items have neither at, over, weight nor outside")
        if self.outside and self.table != "states":
            raise ValueError("outside is for the table 'states'")
        return self


class Contrast(Model):
    """Two sides that differ in one thing, by their labels."""

    treatment: str
    control: str


class Placebo(Model):
    """Where the claimed cause is absent, so that nothing should be seen.

    Attributes
    ----------
    treatment, control
        Other sides; those of the claim when not given.
    at
        Another span, such as one before the cause.
    why
        Why nothing should be seen.
    """

    treatment: str = ""
    control: str = ""
    at: tuple[str, str] | None = None
    why: str = Field(min_length=10)

    @model_validator(mode="after")
    def _is_another(self) -> Placebo:
        if bool(self.treatment) != bool(self.control):
            raise ValueError("give both treatment and control, or neither")
        if not self.treatment and self.at is None:
            raise ValueError("a placebo has other sides or another span")
        return self


class Null(Model):
    """The same contrast in a model without what the claim is about: what follows from the rest.

    Attributes
    ----------
    overrides
        What takes it out, on both sides.
    why
        What is left.
    """

    overrides: tuple[str, ...] = Field(min_length=1)
    why: str = Field(min_length=10)


class Dose(Model):
    """Sides that differ in how much of the cause they have.

    Attributes
    ----------
    of
        What it is, such as ``deciders``.
    levels
        Amount → label of the side; effects are told per doubling.
    """

    of: str = Field(min_length=3)
    levels: dict[Annotated[float, Field(gt=0)], str] = Field(min_length=3)


class Hypothesis(Model):
    """A claim as a contrast.

    Attributes
    ----------
    treatment, control
        Labels of the two sides: a scenario's name, changes added by ``+``.
    minus
        A contrast that is taken off: the claim is about a difference in differences.
    placebo, null_model, dose
        Further contrasts that are shown beside the claim's, at the default parameters.
    by_construction
        Why the contrast comes out as it does whatever states want; such a verdict is no finding.
    organisations
        Organisations that are there on both sides; all when empty.
    overrides
        Changes that both sides share.
    parameters
        Over whose declared ranges the claim is tried.
    measures
        What is compared; those with the sign ``none`` are shown and not judged.
    note
        What the contrast leaves out or cannot show.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9_]*$")]
    claim: str = Field(min_length=10)
    treatment: str
    control: str
    minus: Contrast | None = None
    placebo: Placebo | None = None
    null_model: Null | None = None
    dose: Dose | None = None
    by_construction: str = ""
    organisations: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    parameters: tuple[str, ...] = Field(min_length=1)
    measures: tuple[Measure, ...] = Field(min_length=1)
    note: str = Field(min_length=10)


def hypotheses(names: Sequence[str] = (), config_dir: Path | None = None) -> list[Hypothesis]:
    """Hypotheses by name, or all there are, in the order of their numbers.

    Raises
    ------
    ConfigError
        An unknown name, or a file with a fault in it.

    Examples
    --------
    >>> [one.id for one in hypotheses(["H4", "H1"])]
    ['H4', 'H1']
    """
    roots = Library.of(config_dir).roots
    files = {
        file.stem: file for root in roots for file in sorted((root / "hypothesis").glob("*.yaml"))
    }
    for name in names:
        if name not in files:
            raise unknown("hypothesis", name, files)
    chosen = list(dict.fromkeys(names)) or sorted(files, key=_number)
    return [_read(files[name]) for name in chosen]


def _number(name: str) -> tuple[int, str]:
    digits = re.match(r"[A-Z]+([0-9]*)", name)
    return (int(digits[1]) if digits and digits[1] else 0, name)


def _read(file: Path) -> Hypothesis:
    found = model_of(Hypothesis, read_yaml(file), file)
    if found.id != file.stem:
        raise ConfigError(f"its id is {found.id!r}", where=shown(file), expected=repr(file.stem))
    for measure in found.measures:
        check_measure(measure, f"{shown(file)}, measure {measure.name!r}")
    return found


def check_measure(measure: Measure, where: str) -> None:
    """Refuse, before anything runs, what runs do not write.

    Raises
    ------
    ConfigError
        An unknown table, measure or column.
    """
    from analysis.items import ITEM_MEASURES
    from sim.schema import TABLES

    if measure.table == "items":
        known, columns = set(ITEM_MEASURES), {"organisation", "item", "code"}
    elif measure.table in TABLES:
        columns = {column.name for column in TABLES[measure.table]}
        known = columns - {"step", "date"}
    else:
        raise unknown("table", measure.table, [*TABLES, "items"], where)
    if measure.name not in known:
        raise unknown("measure", measure.name, known, where)
    for column in [*measure.where, *([measure.weight] if measure.weight else [])]:
        if column not in columns:
            raise unknown("column", column, columns, where)
