"""What can be run, set and measured, and what the model is made of, as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experiments.library import Library
from experiments.listed_files import (
    climate_cases,
    designs,
    episodes,
    hypotheses,
    launchers,
    security_cases,
)

__all__ = ["KINDS", "entries", "kinds"]

Entry = dict[str, Any]


def entries(kind: str, config_dir: Path | None = None) -> list[Entry]:
    """What there is of a kind, one mapping each, all with the same keys.

    Parameters
    ----------
    kind
        One of `KINDS`.
    config_dir
        A folder of the user's own.

    Examples
    --------
    >>> [rule["rule"] for rule in entries("rules") if rule["rule"] == "unanimity"]
    ['unanimity']
    """
    return KINDS[kind](Library.of(config_dir))


def kinds(config_dir: Path | None = None) -> list[Entry]:
    """What can be listed: each kind, how many there are of it, and what it is.

    Examples
    --------
    >>> [one["kind"] for one in kinds()] == list(KINDS)
    True
    """
    library = Library.of(config_dir)
    return [
        {"kind": kind, "count": len(find(library)), "what": (find.__doc__ or "").rstrip(".")}
        for kind, find in KINDS.items()
    ]


def _scenarios(library: Library) -> list[Entry]:
    """What is run: a world, and what happens in it."""
    found = []
    for name in sorted(library.scenarios()):
        chain = library.chain(name)
        own = chain[name]
        parents = [one for one in chain if one in own.get("defaults", [])]
        # What a scenario does not say it has from the one that it inherits.
        shocks = {key for content in chain.values() for key in content.get("shocks") or {}}
        tariffs = _options(chain, "tariff_variants", "announced")
        responses = _options(chain, "responses", "none")
        found.append(
            {
                "scenario": name,
                "title": str(own.get("title", "")),
                "inherits": ", ".join(parents),
                "shocks": len(shocks),
                "tariffs": tariffs,
                "responses": responses,
            }
        )
    return found


def _options(chain: Mapping[str, Entry], place: str, default: str) -> str:
    """What a choice of a scenario offers, the one that changes nothing first."""
    named = {key for content in chain.values() for key in content.get(place) or {}}
    return ", ".join([default, *sorted(named - {default})]) if named else ""


def _organisations(library: Library) -> list[Entry]:
    """Who negotiates: charters, with rules and dockets."""
    return [
        {
            "code": code,
            "name": charter.get("name", ""),
            "level": charter.get("level", ""),
            "form": charter.get("form", "binding"),
            "decides by": _rules_of(charter),
            "docket": ", ".join(charter.get("docket", {})),
            "acts by": acts_by(charter),
        }
        for code, charter in library.charters().items()
    ]


def acts_by(charter: Mapping[str, Any]) -> str:
    """What a body can do in the model by its charter, or why it does nothing.

    Examples
    --------
    >>> acts_by({"docket": {"tariffs": {}}, "security": {"instruments": ["mediation"]}})
    'negotiation, mediation'
    >>> acts_by({"mandate": ["health"], "admission": {"years": 1}})
    'admission alone: no docket, and no instrument in conflict (health)'
    >>> acts_by({"mandate": ["health"]})
    'nothing: no docket, and no instrument in conflict (health)'
    >>> acts_by({"rights": {"interferes": True}})
    'resolutions on rights in states'
    >>> acts_by({"treaty_making": "negotiates free-trade agreements with outsiders"})
    'talks with outsiders as one (when states choose forums)'
    """
    means = ["negotiation"] if charter.get("docket") else []
    if charter.get("treaty_making"):
        means.append("talks with outsiders as one (when states choose forums)")
    means += (charter.get("security") or {}).get("instruments", [])
    means += ["resolutions on rights in states"] if charter.get("rights") else []
    inside = [name for name in ("admission", "suspension") if charter.get(name)]
    if means:
        return ", ".join([*means, *inside])
    alone = f"{' and '.join(inside)} alone" if inside else "nothing"
    areas = ", ".join(charter.get("mandate", ()))
    return f"{alone}: no docket, and no instrument in conflict ({areas})"


def _rules_of(charter: Entry) -> str:
    """One rule for all areas by itself, several with their areas."""
    rules = {area: str(use.get("rule", "")) for area, use in charter.get("decision", {}).items()}
    if len(set(rules.values())) == 1:
        return next(iter(rules.values()))
    return "; ".join(f"{area}: {rule}" for area, rule in rules.items())


def _rules(_: Library) -> list[Entry]:
    """How organisations decide, and how chairs choose what to table."""
    from sim.rules.agenda import AGENDA_RULES
    from sim.rules.decision import DECISION_RULES

    return [
        {
            "rule": name,
            "kind": registry.kind.removesuffix(" rule"),
            "summary": registry[name].summary,
            "parameters": "; ".join(f"{k}: {v}" for k, v in registry[name].parameters.items()),
        }
        for registry in (DECISION_RULES, AGENDA_RULES)
        for name in registry
    ]


def _parameters(library: Library) -> list[Entry]:
    """Numbers of the model, with range and source."""
    return [
        {
            "parameter": name,
            "value": entry["value"],
            "unit": entry.get("unit", ""),
            "range": entry.get("range", ""),
            "meaning": " ".join(str(entry.get("meaning", "")).split()),
            "reference": " ".join(str(entry.get("reference", "")).split()),
        }
        for name, entry in library.parameters().items()
    ]


def _mechanisms(_: Library) -> list[Entry]:
    """Mechanisms with all that they add to the model."""
    from sim.mechanism import mechanisms

    return [
        {
            "mechanism": name,
            "meaning": one.meaning,
            "switches": ", ".join(switch.name for switch in one.switches),
            "parameters": ", ".join(one.parameters),
            "state": ", ".join(one.full(part.name) for part in (*one.fields, *one.records)),
            "columns": ", ".join(
                f"{table}.{column.name}"
                for table, columns in one.columns.items()
                for column in columns
            ),
            "tables": ", ".join(table.name for table in one.tables),
            "events": ", ".join(event.name for event in one.events),
            "shocks": ", ".join(shock.kind_name() for shock in one.shocks),
            "phases": ", ".join(phase.name for phase in one.phases),
            "source": one.source,
        }
        for name, one in mechanisms().items()
    ]


def _switches(_: Library) -> list[Entry]:
    """Mechanisms that can be turned off or on."""
    from sim.switches import SWITCHES

    return [
        {"switch": name, "default": "on" if one.default else "off", "when on": one.meaning}
        for name, one in SWITCHES.items()
    ]


def _shocks(_: Library) -> list[Entry]:
    """Kinds of dated events in a scenario, with their keys."""
    from experiments.reference import shock_keys
    from sim.shocks import SHOCKS

    return [
        {
            "kind": kind,
            "effect": (model.__doc__ or "").split("\n", 1)[0],
            "keys (default)": ", ".join(shock_keys(model)),
        }
        for kind, model in SHOCKS.items()
    ]


def _events(_: Library) -> list[Entry]:
    """Kinds of event that a run tells."""
    from sim.events import EVENTS

    return [
        {"kind": name, "actor": one.actor, "what happened": one.meaning, "value": one.value}
        for name, one in EVENTS.items()
    ]


def _measures(_: Library) -> list[Entry]:
    """What is written each quarter and compared: columns of the table summary."""
    from sim.schema import TABLES

    return [
        {"measure": column.name, "unit": column.unit, "meaning": column.meaning}
        for column in TABLES["summary"]
        if column.name not in {"step", "date"}
    ]


def _states(_: Library) -> list[Entry]:
    """States of the world, with GDP (billion USD) and population (million)."""
    from sim.world.tables import read_table

    table = read_table("states.csv", ["iso3", "name", "region", "gdp", "population"])
    return [
        {
            "code": row.text("iso3"),
            "name": row.text("name"),
            "region": row.text("region"),
            "GDP": row.number("gdp"),
            "population": row.number("population"),
        }
        for row in table
    ]


def _matters(_: Library) -> list[Entry]:
    """What agreements cover or exempt, and who holds a red line in it (@: all of a union)."""
    from sim.world.tables import read_table

    holders: dict[str, list[str]] = {}
    for row in read_table("red_lines.csv", ["state", "matter"]):
        holders.setdefault(row.text("matter"), []).append(row.text("state"))
    return [
        {
            "matter": row.text("id"),
            "name": row.text("name"),
            "in": ", ".join(row.items("applies_to")),
            "red lines": ", ".join(sorted(set(holders.get(row.text("id"), ())))),
        }
        for row in read_table("matters.csv", ["id", "name", "applies_to"])
    ]


KINDS: dict[str, Callable[[Library], list[Entry]]] = {
    "scenarios": _scenarios,
    "organisations": _organisations,
    "rules": _rules,
    "parameters": _parameters,
    "mechanisms": _mechanisms,
    "switches": _switches,
    "shocks": _shocks,
    "events": _events,
    "measures": _measures,
    "hypotheses": hypotheses,
    "episodes": episodes,
    "security_cases": security_cases,
    "climate_cases": climate_cases,
    "states": _states,
    "matters": _matters,
    "designs": designs,
    "launchers": launchers,
}
"""What can be listed → what finds it; its docstring says what it is."""
