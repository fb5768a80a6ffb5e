"""An organisation on one page: its charter, with articles, and its record in a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.library import Library
from experiments.listing import acts_by

if TYPE_CHECKING:
    import pandas as pd

    from sim.charter import Charter
    from sim.clauses import RuleUse

__all__ = ["organisation", "page", "record"]


def organisation(code: str, day: date, run: Path | None, config_dir: Path | None) -> None:
    """`concord show organisation`."""
    from experiments.console import say, set_up_log

    set_up_log(False)
    parts = [page(code, day, config_dir)]
    if run is not None:
        parts.append(record(run, code))
    say("\n\n".join(parts))


def page(code: str, day: date = date(2024, 1, 1), config_dir: Path | None = None) -> str:
    """The charter of an organisation as Markdown, each entry with article or document.

    Parameters
    ----------
    code
        As in `concord list organisations`.
    day
        The charter and the members of this day.
    config_dir
        A folder of the user's own.

    Raises
    ------
    ConfigError
        There is no such organisation; with the nearest.

    Examples
    --------
    >>> print(page("ABACC").splitlines()[0])
    # ABACC: Brazilian-Argentine Agency for Accounting and Control of Nuclear Materials
    """
    from sim.charter import Charter
    from sim.errors import unknown

    charters = Library.of(config_dir).charters()
    if code not in charters:
        raise unknown("organisation", code, charters)
    whole = Charter.model_validate(charters[code])
    charter = whole.on(day)
    members = _members(code, whole, day)
    lines = [
        f"# {code}: {charter.name}",
        "",
        f"{charter.level.capitalize()}, founded {charter.founded.isoformat()}"
        + (f", part of {charter.part_of}" if charter.part_of else "")
        + f". On {day.isoformat()} {len(members)} members"
        + (f": {', '.join(members)}." if 0 < len(members) <= 60 else "."),
        f"What it does in the model: {acts_by(charters[code])}.",
        *_rules(charter),
        *_belonging(charter),
        *_office(charter),
        *_work(charter),
        *_section("Participation, interference, enforcement", charter.provisions),
        *_section(
            "Talks with outsiders as one",
            {"trade": charter.treaty_making} if charter.treaty_making else {},
        ),
        *_section("Links", charter.links),
        *_section("At other times", _versions(whole)),
        "",
        "## Sources",
        "",
        *(f"- {one}" for one in charter.references),
    ]
    return "\n".join(lines)


def _section(title: str, entries: Mapping[str, str]) -> list[str]:
    """A heading and its entries; nothing where there are none."""
    if not entries:
        return []
    return ["", f"## {title}", "", *(f"- {key}: {text}" for key, text in entries.items())]


def _use(use: RuleUse) -> str:
    values = ", ".join(
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in use.parameters.items()
    )
    return f"{use.rule} ({values})" if values else use.rule


def _rules(charter: Charter) -> list[str]:
    by_rule: dict[str, list[str]] = {}
    for area, use in charter.decision.items():
        by_rule.setdefault(_use(use), []).append(area)
    force = charter.entry_into_force
    return _section(
        "How it decides",
        {
            **{", ".join(areas): rule for rule, areas in by_rule.items()},
            "agenda": _use(charter.agenda),
            "form": charter.form
            + (", open to members that stayed out" if charter.open_accession else "")
            + (", nothing tabled that a member protects" if charter.protects_red_lines else ""),
            **({"votes as one": ", ".join(charter.votes_as_bloc)} if charter.votes_as_bloc else {}),
            **({"vetoes": ", ".join(charter.vetoes)} if charter.vetoes else {}),
            "entry into force": force.reference,
        },
    )


def _belonging(charter: Charter) -> list[str]:
    entries = {}
    if charter.admission:
        rule = _use(charter.admission.rule) if charter.admission.rule else "deposit"
        entries["admission"] = (
            f"{', '.join(charter.admission.eligible)}; by {rule}, after "
            f"{charter.admission.years:g} years on average. {charter.admission.reference}"
        )
        for one in charter.admission.applicants:
            known = f", accedes {one.accedes.isoformat()}" if one.accedes else ""
            entries[f"applicant {one.state}"] = f"{one.applied.isoformat()}{known}. {one.reference}"
    else:
        entries["admission"] = "closed" + (
            f", as {charter.part_of} decides" * bool(charter.part_of)
        )
    entries["exit"] = f"{charter.exit_notice_months:g} months. {charter.exit_reference}"
    for known in charter.withdrawals:
        entries[f"withdrawal of {known.state}"] = (
            f"announced {known.announced.isoformat()}, out on {known.leaves.isoformat()}"
            f"{', treated as before in trade' if known.keeps_trade else ''}. "
            f"{known.reference}"
        )
    if charter.suspension:
        entries["suspension after coups"] = charter.suspension.reference
        for spell in charter.suspension.spells:
            until = spell.until.isoformat() if spell.until else "today"
            key = f"suspended {spell.state} ({spell.since.isoformat()})"
            entries[key] = f"until {until}"
    if charter.vote_loss:
        entries["vote lost by arrears"] = (
            f"{charter.vote_loss.years:g} years. {charter.vote_loss.reference}"
        )
    return _section("Who belongs", entries)


def _office(charter: Charter) -> list[str]:
    office, budget = charter.secretariat, charter.budget
    shares = ", ".join(f"{state} {100 * part:.3g} %" for state, part in budget.shares.items())
    money = f"{budget.total:g} million USD a year" if budget.total else "none of its own"
    return _section(
        "Secretariat and money",
        {
            "secretariat": f"capacity {office.capacity:g}, {office.meetings_per_year:g} meetings "
            f"a year. {office.reference}",
            "budget": f"{money}{f'; {shares}, the rest even' if shares else ''}. "
            f"{budget.reference}",
        },
    )


def _work(charter: Charter) -> list[str]:
    entries = {
        f"item {name}": f"{item.area}, from {item.opens.isoformat()}, {item.deadline_quarters} "
        f"quarters. {item.reference}"
        for name, item in charter.docket.items()
    }
    entries |= {
        f"agreement {name}": f"{one.area}, signed {one.signed.isoformat()}, "
        f"{len(one.parties)} parties. {one.reference}"
        for name, one in charter.agreements.items()
    }
    if charter.security:
        does = ", ".join(charter.security.instruments)
        how = f"{does}, by {charter.security.style}" if does else "nothing"
        entries["conflict"] = f"{how}. {charter.security.reference}"
    if charter.rights:
        against = "also" if charter.rights.interferes else "not"
        entries["human rights in states"] = (
            f"resolutions, {against} against the will of the state. {charter.rights.reference}"
        )
        if charter.rights.council:
            entries["council for them"] = charter.rights.council.reference
    return _section("Work", entries)


def _versions(charter: Charter) -> dict[str, str]:
    return {
        name: f"{one.since or 'earlier'} to {one.until or 'today'}: {', '.join(one.changes)}. "
        f"{one.reference}"
        for name, one in charter.versions.items()
    }


def _members(code: str, charter: Charter, day: date) -> list[str]:
    """Codes of the members on a day, by the table of memberships or by the charter."""
    from sim.world.tables import read_table
    from sim.world.treaties import is_current

    table = read_table("memberships.csv", ["organisation", "state", "joined", "left"])
    found = [
        row.text("state")
        for row in table
        if row.text("organisation") == code and is_current(day, row.day("joined"), row.day("left"))
    ]
    if not found and isinstance(charter.members, tuple):
        found = [m.state for m in charter.members if is_current(day, m.joined, m.left)]
    return sorted(found)


def record(run: Path, code: str) -> str:
    """What an organisation did and what happened to it in a run, as Markdown.

    Parameters
    ----------
    run
        A run's folder, or a scenario's, of which the first seed is shown.
    code
        Of the organisation.

    Raises
    ------
    AnalysisError
        There is no run, or it has no such organisation.
    """
    from analysis.errors import AnalysisError

    yearly, events = _of_first_seed(run, "organisations"), _of_first_seed(run, "events")
    own = yearly[yearly["organisation"] == code]
    if own.empty:
        known = ", ".join(sorted(set(yearly["organisation"])))
        raise AnalysisError(f"no organisation {code!r}", where=str(run), expected=f"one of {known}")
    last = own.groupby(own["date"].dt.year).tail(1)
    names = ("n_members", "n_without_vote", "n_applicants", "capacity", "vitality", "condition")
    heads = ["year", "members", "without vote", "applicants", "capacity", "vitality", "condition"]
    rows = [
        [str(row["date"].year), *(_cell(row[name]) for name in names)]
        for row in last.to_dict("records")
    ]
    scenario, seed = own["scenario"].iloc[0], own["seed"].iloc[0]
    told = events[(events["organisation"] == code) & ~events["kind"].isin(["ratified"])]
    return "\n".join(
        [
            f"## Record in {scenario}, seed {seed}",
            "",
            *_markdown(heads, rows),
            "",
            *(_line(event) for event in told.to_dict("records")),
        ]
    )


def _of_first_seed(run: Path, table: str) -> pd.DataFrame:
    from analysis.load import load

    frame = load(run, table)
    return frame if frame.empty else frame[frame["seed"] == frame["seed"].min()]


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table, aligned, so that they can be read as they are."""
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    rule = ["-" * width for width in widths]
    return [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in [heads, rule, *rows]
    ]


def _line(event: Mapping[str, Any]) -> str:
    """An event in words."""
    kind = str(event["kind"]).replace("_", " ")
    who = ", ".join(str(event[key]) for key in ("actor", "target") if event[key])
    what = str(event["item"] or event["agreement"] or "")
    text = " ".join(part for part in (kind, who, what) if part)
    reason = f" ({event['reason']})" if event["reason"] else ""
    return f"- {event['date']:%Y-%m-%d} {text}{reason}"
