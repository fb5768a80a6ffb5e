"""Cases of conflict from history as files, and the scenario that plays one.

One YAML file in ``scenarios/security_case/`` (or in ``security_case/`` of a user's own folder) is
one case; `docs/security.md` says what its keys mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.calendar import months_between
from sim.checked import Day, Model
from sim.errors import ConcordError, as_yaml, unknown

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Composed
    from sim.scenario import Scenario

__all__ = ["Outcome", "SecurityCase", "scenario_of_case"]

YEARS = 10
"""In which something must come of a case: one limit for all, so that none is judged by its end."""
YEARS_OF_QUIET = 5
"""For which it must stay quiet afterwards (ICB: no new crisis within five years)."""

_LEVELS = {"interstate": ("threat", "display", "force", "war"), "civil": ("minor", "war")}


class Outcome(Model):
    """What happened.

    Attributes
    ----------
    ended
        Day on which it was over, one way or another; empty = it was not.
    how
        ``settled`` (the matter was agreed on or judged), ``ceasefire`` (violence stopped, the
        matter is open), ``partial`` (some agreed), ``frozen`` or ``failed``.
    recurred
        Whether there was violence or a crisis again within five years of the end.
    by
        Who brought it about: codes of the model's bodies, or words for who is not in it.
    blocked_by
        States that history names as those in the way.
    text
        In a sentence.
    recorded_until
        Day up to which this is known.
    """

    ended: Day | None = None
    how: Literal["settled", "ceasefire", "partial", "frozen", "failed"]
    recurred: bool
    by: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    text: str = Field(min_length=10)
    recorded_until: Day = date(2025, 12, 31)


class SecurityCase(Model):
    """A conflict of the past and those who could take it up.

    Attributes
    ----------
    name
        The file's.
    kind
        ``interstate`` (a dispute of two states) or ``civil`` (within one).
    use
        ``calibrate``: may be looked at when a model is fitted; ``test``: may not.
    opened
        Day on which it began or a third party took it up first; the run begins with its quarter.
    parties
        The two states, or the one.
    since
        Day on which a civil conflict that was under way when it was opened began, as UCDP counts;
        the longer one has lasted, the more rarely it ends.
    level
        Highest stage of the dispute (threat, display, force, war), or minor or war of a civil
        conflict. It is given: whether a dispute escalates can hardly be predicted.
    bodies
        Code → what of a body was otherwise in this case, by keys of a charter; or a body that the
        model does not have, by members, decision and security.
    offered
        Whether a third party offered itself when it began, as in nearly all that are known by a
        case of their own. Who, and whether it was accepted, is for the model to say.
    rules_then
        How the forums of the day decided, in a sentence.
    history
        What happened.
    sources
        Where all this is documented.
    """

    folder: ClassVar[str] = "security_case"

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str = Field(min_length=3)
    kind: Literal["interstate", "civil"]
    use: Literal["calibrate", "test"]
    opened: Day
    since: Day | None = None
    parties: tuple[str, ...]
    level: Literal["minor", "threat", "display", "force", "war"]
    offered: bool = True
    bodies: dict[str, dict[str, Any]] = Field(default_factory=dict)
    rules_then: str = Field(min_length=10)
    history: Outcome
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_played(self) -> SecurityCase:
        wanted = 2 if self.kind == "interstate" else 1
        if len(self.parties) != wanted or len(set(self.parties)) != wanted:
            raise ValueError(
                f"parties: {', '.join(self.parties) or 'none'}; a case of the kind {self.kind!r}"
                f" has {'two states' if wanted == 2 else 'one state'}"
            )
        if self.level not in _LEVELS[self.kind]:
            raise ValueError(
                f"level: {self.level!r} is none of a case of the kind {self.kind!r}; it should be "
                f"one of {', '.join(_LEVELS[self.kind])}"
            )
        for code, given in self.bodies.items():
            rules = given.get("decision", {})
            if not isinstance(rules, Mapping):
                raise ValueError(
                    f"bodies.{code}.decision: {as_yaml(rules)} will not do, where lines of 'area: "
                    "{rule: NAME}' should be"
                )
        if self.since is not None and (self.kind != "civil" or self.since > self.opened):
            raise ValueError(
                f"since: {self.since}; it should be the day, up to {self.opened}, on which a civil "
                "conflict began"
            )
        for name in ("ended", "recorded_until"):
            day = getattr(self.history, name)
            if day is not None and day < self.opened:
                raise ValueError(f"opened on {self.opened}, after {name} ({day})")
        return self

    @property
    def start(self) -> date:
        """First day of the quarter in which it began."""
        return date(self.opened.year, (self.opened.month - 1) // 3 * 3 + 1, 1)

    @property
    def quarters(self) -> int:
        """Length of the run: the years in which it may end, and those of quiet after it."""
        return 4 * (YEARS + YEARS_OF_QUIET)

    @property
    def deadline(self) -> date:
        """The day by which it must be over."""
        return date(self.start.year + YEARS, self.start.month, 1)

    def outcome(self) -> dict[str, float]:
        """What happened as events of a run: 1, 0, or NaN where it is not known yet."""
        told = self.history
        in_time = told.ended is not None and told.ended < self.deadline
        is_known = told.recorded_until >= self.deadline
        settled = float(in_time and told.how == "settled")
        quiet = float(in_time and not told.recurred)
        nothing = float("nan")
        # A settlement by the deadline stays one; that nothing comes is known at the deadline only.
        return {
            "settled": settled if settled or is_known else nothing,
            "quiet": quiet if is_known or told.recurred or quiet else nothing,
        }

    def months(self) -> float | None:
        """Months from the first day to the end, if there was one."""
        ended = self.history.ended
        return months_between(self.opened, ended) if ended else None

    @property
    def read_from(self) -> tuple[str, ...]:
        """Tables of a run that `read` looks at."""
        return "events", "disputes", "third_parties"

    def scenario(self, composed: Composed) -> Scenario:
        """What is run: the bodies of the day, idle but for conflict, and the event."""
        return scenario_of_case(self, composed)

    def read(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        """What came of a run (`analysis.security_cases.read_case`)."""
        from analysis.security_cases import read_case

        return read_case(tables, self.parties, self.opened, self.deadline)


def scenario_of_case(case: SecurityCase, composed: Composed) -> Scenario:
    """The scenario that plays a case: the bodies of the day, idle but for conflict, and the event.

    Raises
    ------
    ConfigError
        Something in it that the model does not have, with the case's name.
    """
    from experiments.run import scenario_of
    from sim.load import setting_for

    where = f"security case {case.name}"
    mapping = {
        **composed.mapping,
        "name": case.name,
        "title": case.title,
        "start": case.start.isoformat(),
        "quarters": case.quarters,
        "shocks": {"case": _shock(case)},
        "responses": {},
        "response": "none",
        "organisation": _bodies(case, composed.mapping["organisation"]),
    }
    try:
        scenario = scenario_of(replace(composed, mapping=mapping))
        known = setting_for(scenario, 0).world.iso3
    except ConcordError as error:
        place = error.where.replace("shocks.case.", "").replace("organisation.", "bodies.")
        raise type(error)(error.found, where=f"{where}, {place}", expected=error.expected) from None
    for code in case.history.blocked_by:
        if code not in known:
            raise unknown("state", code, known, f"{where}, history.blocked_by")
    return scenario


def _shock(case: SecurityCase) -> dict[str, Any]:
    shock = {
        "date": case.opened.isoformat(),
        "state": case.parties[0],
        "level": case.level,
        "text": case.title,
        "reference": case.sources[0],
        "offered": case.offered,
    }
    if case.kind == "civil":
        years = (case.opened - case.since).days / 365.25 if case.since else 0.0
        return {"kind": "civil_conflict", "years": round(years, 2), **shock}
    return {"kind": "dispute", "against": case.parties[1], **shock}


def _bodies(case: SecurityCase, charters: dict[str, Any]) -> dict[str, Any]:
    """Bodies that may act in conflict, with what the case changes; their dockets are empty."""
    found = {
        code: {**charter, "docket": {}}
        for code, charter in charters.items()
        if charter.get("security")
    }
    for code, given in case.bodies.items():
        base = found.get(code) or charters.get(code) or _body(case, code)
        rules = {**base.get("decision", {}), **given.get("decision", {})}
        # What the case says of a body holds throughout: versions of the charter do not undo it.
        own = {key: value for key, value in given.items() if key != "decision"}
        versions = {} if given.get("decision") else base.get("versions", {})
        found[code] = {**base, "versions": versions, **own, "decision": rules, "docket": {}}
    return found


def _body(case: SecurityCase, code: str) -> dict[str, Any]:
    """What is left open of a body that the model does not have."""
    return {
        "name": code,
        "founded": case.start.isoformat(),
        "level": "regional",
        "mandate": ["security"],
        "agenda": {"rule": "widest"},
        "exit_notice_months": 6,
        "secretariat": {"capacity": 1.0, "meetings_per_year": 4},
        "references": list(case.sources),
    }
