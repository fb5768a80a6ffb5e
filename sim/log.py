"""What a run records, by column, and the tables it becomes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sim.calendar import months_between
from sim.errors import StateError, nearest
from sim.events import EVENTS, Event
from sim.issues import areas
from sim.schema import TABLES, arrow_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sim.agreements import Agreement, Proposal
    from sim.behaviour.bargaining import Round, Table
    from sim.setting import Setting

__all__ = ["Log"]

_MANY = (list, np.ndarray)  # values of a column, one a row
_VOTES = {1: "accept", 0: "abstain", -1: "reject"}


class Log:
    """Everything a run leaves behind. Phases write to it and never read it.

    Parameters
    ----------
    setting
        What is run.

    Attributes
    ----------
    events
        What happened, in the order in which it was logged.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.events: list[Event] = []
        self.agreements: tuple[Agreement, ...] = ()
        self.timeline: list[dict[str, Any]] = []
        self._columns: dict[str, dict[str, list[Any]]] = {
            name: {column.name: [] for column in columns} for name, columns in TABLES.items()
        }

    def recorded(self) -> dict[str, Any]:
        """A copy of all that is recorded so far, for checkpoints: plain lists and events."""
        columns = {
            table: {name: list(values) for name, values in by_name.items()}
            for table, by_name in self._columns.items()
        }
        return {"events": list(self.events), "columns": columns}

    @classmethod
    def continuing(cls, setting: Setting, recorded: Mapping[str, Any]) -> Log:
        """A log that goes on where `recorded` ended; what it is made from stays as it is."""
        log = cls(setting)
        log.events = list(recorded["events"])
        for table, by_name in recorded["columns"].items():
            for name, values in by_name.items():
                log._columns[table][name] = list(values)
        return log

    def event(self, step: int, day: date, kind: str, **details: Any) -> None:
        """Record an event; `details` are the other fields of `Event`.

        Raises
        ------
        StateError
            A kind that nothing declares (`sim.events.EVENTS`).
        """
        if kind not in EVENTS:
            raise StateError(f"unknown kind of event {kind!r}", expected=nearest(kind, EVENTS))
        self.events.append(Event(step, day, kind, **details))

    def append(self, table: str, columns: Mapping[str, Any]) -> None:
        """Append rows given by column; scalars are repeated to the length of the longest."""
        many = {name: len(v) for name, v in columns.items() if isinstance(v, _MANY)}
        length = max(many.values(), default=1)
        target = self._columns[table]
        for name, values in columns.items():
            if name not in many:
                target[name].extend([values] * length)
            else:
                target[name].extend(values.tolist() if isinstance(values, np.ndarray) else values)

    def round(
        self,
        step: int,
        day: date,
        table: Table,
        outcome: Round,
        references: tuple[Proposal | None, float, float],
        meeting: int,
    ) -> None:
        """Record a round: what was tabled, who voted how, who blocked and by how much."""
        common = {"step": step, "date": day, "organisation": table.forum.code}
        common |= {"item": table.item.code, "round": table.item.round}
        self.append(
            "rounds",
            {
                **common,
                "area": table.forum.area,
                "meeting": meeting,
                "rule": table.forum.decision.rule if table.forum.decision else "",
                **_counted(table, outcome),
                **_references(table.forum.area, references),
            },
        )
        self.append(
            "votes",
            {
                **common,
                "party": list(table.parties.codes),
                "vote": [_VOTES[int(v)] for v in outcome.vote],
                "is_blocking": outcome.decision.blockers,
                "gain": outcome.gain,
                "utility": outcome.utility,
                "aspiration": outcome.aspiration,
                "margin": outcome.margin,
                **{f"part_{name}": part for name, part in outcome.parts.items()},
            },
        )

    def tables(self) -> dict[str, pa.Table]:
        """All tables, with units and meanings in the field metadata.

        Returns
        -------
        dict
            Table name → `pyarrow.Table`, in the order of `sim.schema.TABLES`.
        """
        return {name: self.table(name) for name in TABLES}

    def table(self, name: str) -> pa.Table:
        """One table, a name of `sim.schema.TABLES`, of what is recorded so far."""
        columns = self._columns[name]
        if name == "events":
            order = sorted(range(len(self.events)), key=lambda n: (self.events[n].date, n))
            events = [self.events[n] for n in order]
            columns = {c.name: [getattr(e, c.name) for e in events] for c in TABLES[name]}
        if name == "agreements":
            rows = [self._agreement(a) for a in self.agreements]
            columns = {c.name: [row[c.name] for row in rows] for c in TABLES[name]}
        return pa.table(
            [_array(columns[c.name], c.type, where=f"{name}.{c.name}") for c in TABLES[name]],
            schema=arrow_schema(name),
        )

    def _agreement(self, a: Agreement) -> dict[str, Any]:
        names = self.setting.axes.names
        return {
            "agreement": a.code,
            "organisation": a.organisation,
            "item": a.item,
            "area": a.area,
            **_tabled(a.proposal),
            "scale": a.scale,
            "effects": "; ".join(map(str, a.effects)),
            "is_initial": not a.is_of_the_run,
            "status": str(a.status),
            "opened": a.opened,
            "agreed": a.agreed,
            "signed": a.signed,
            "in_force": a.in_force,
            "ended": a.ended,
            "n_signatories": int(a.signatories.sum()),
            "n_ratified": int(a.ratified.sum()),
            "signatories": ";".join(names(a.signatories)),
            "ratified": ";".join(names(a.ratified)),
            "acceded": ";".join(names(a.acceded)),
            "months_to_agreement": months_between(a.opened, a.agreed) if a.agreed else math.nan,
            "months_to_force": months_between(a.signed, a.in_force)
            if a.signed and a.in_force
            else math.nan,
        }


def _greatest(table: Table) -> float:
    """The greatest level that the item offers, in the unit of its area."""
    area = areas()[table.forum.area]
    return float(max(area.offered(table.item.specification)[area.terms[0].name]))


def _counted(table: Table, outcome: Round) -> dict[str, Any]:
    """Cells of a round: what was tabled by whom, and what came of the vote."""
    parties, decision = table.parties, outcome.decision
    shortfall = -outcome.margin[decision.blockers]
    income = parties.income / parties.income.sum()
    return {
        "chair": outcome.chair,
        "move": outcome.move,
        **_tabled(outcome.proposal),
        "greatest_level": _greatest(table),
        "n_parties": len(parties.codes),
        "n_accept": int((outcome.vote == 1).sum()),
        "n_abstain": int((outcome.vote == 0).sum()),
        "n_reject": int((outcome.vote == -1).sum()),
        "outcome": "agreed" if decision.is_adopted else "failed",
        "adopters": _join(parties.codes, decision.adopters),
        "blockers": _join(parties.codes, decision.blockers),
        "largest_shortfall": float(shortfall.max()) if shortfall.size else math.nan,
        "welfare_gain": float(outcome.gain @ income),
    }


def _tabled(proposal: Proposal) -> dict[str, Any]:
    """A proposal in the units of its area's terms."""
    terms = areas()[proposal.area].terms
    shown = {term.name: term.scale * proposal[term.name] for term in terms}
    return {
        "level": shown[terms[0].name],
        "level_unit": terms[0].unit,
        "terms": "; ".join(f"{term.name} {shown[term.name]:g} {term.unit}" for term in terms),
        "depth": shown.get("depth", math.nan),
        "tariff_cut": shown.get("tariff_cut", math.nan),
        "form": proposal.form,
        "exemptions": ";".join(proposal.exemptions),
    }


def _references(area: str, found: tuple[Proposal | None, float, float]) -> dict[str, float]:
    """Nash solution, median and mean of the ideal levels in the units of the area's terms."""
    nash, median, mean = found
    level = areas()[area].terms[0]
    tabled = _tabled(nash) if nash else {}
    levels = {
        "nash": tabled.get("level", math.nan),
        "median": level.scale * median,
        "mean": level.scale * mean,
    }
    is_depth = level.name == "depth"
    return {
        **{f"{name}_level": value for name, value in levels.items()},
        **{f"{name}_depth": value if is_depth else math.nan for name, value in levels.items()},
        "nash_tariff_cut": tabled.get("tariff_cut", math.nan),
    }


def _join(codes: tuple[str, ...], mask: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    return ";".join(codes[n] for n in np.flatnonzero(mask))


def _array(values: list[Any], kind: pa.DataType, where: str) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise TypeError(f"{where}: {error}") from error
