"""What can be run and set, and what the model is made of, as tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.library import Library

__all__ = ["KINDS", "entries"]

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


def _scenarios(library: Library) -> list[Entry]:
    found = []
    for name in sorted(library.scenarios()):
        chain = library.chain(name)
        own = chain[name]
        parents = [one for one in chain if one in own.get("defaults", [])]
        # What a scenario does not say it has from the one that it inherits.
        shocks = {key for content in chain.values() for key in content.get("shocks") or {}}
        responses = {key for content in chain.values() for key in content.get("responses") or {}}
        found.append(
            {
                "scenario": name,
                "title": str(own.get("title", "")),
                "inherits": ", ".join(parents),
                "shocks": len(shocks),
                "responses": ", ".join(["none", *sorted(responses)] if responses else []),
            }
        )
    return found


def _organisations(library: Library) -> list[Entry]:
    return [
        {
            "code": code,
            "name": charter.get("name", ""),
            "level": charter.get("level", ""),
            "form": charter.get("form", "binding"),
            "decides by": "; ".join(
                f"{area}: {use.get('rule', '')}"
                for area, use in charter.get("decision", {}).items()
            ),
            "docket": ", ".join(charter.get("docket", {})),
        }
        for code, charter in library.charters().items()
    ]


def _rules_of(charter: Entry) -> str:
    """One rule for all areas by itself, several with their areas."""
    rules = {area: str(use.get("rule", "")) for area, use in charter.get("decision", {}).items()}
    if len(set(rules.values())) == 1:
        return next(iter(rules.values()))
    return "; ".join(f"{area}: {rule}" for area, rule in rules.items())


def _rules(library: Library) -> list[Entry]:
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
    from sim.switches import SWITCHES

    return [
        {"switch": name, "default": "on" if one.default else "off", "when on": one.meaning}
        for name, one in SWITCHES.items()
    ]


def _shocks(_: Library) -> list[Entry]:
    from sim.shocks import SHOCKS

    common = {"kind", "date", "text", "reference"}
    return [
        {
            "kind": name,
            "effect": (model.__doc__ or "").split("\n", 1)[0],
            "keys": ", ".join(key for key in model.model_fields if key not in common),
        }
        for name, model in SHOCKS.items()
    ]


def _events(_: Library) -> list[Entry]:
    from sim.events import EVENTS

    return [
        {"kind": name, "actor": one.actor, "what happened": one.meaning, "value": one.value}
        for name, one in EVENTS.items()
    ]


KINDS: dict[str, Callable[[Library], list[Entry]]] = {
    "scenarios": _scenarios,
    "organisations": _organisations,
    "rules": _rules,
    "parameters": _parameters,
    "mechanisms": _mechanisms,
    "switches": _switches,
    "events": _events,
    "shocks": _shocks,
}
