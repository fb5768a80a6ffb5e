"""Swapping a rule takes its parameters along, so that it is one override."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.registry import Registry

__all__ = ["without_foreign_parameters"]

_log = logging.getLogger("concord")


def without_foreign_parameters(
    mapping: Mapping[str, Any],
    charters: Mapping[str, Any],
    base: Mapping[str, Any],
    given: set[str],
) -> dict[str, Any]:
    """Drop the parameters of a replaced rule that the rule in its place does not have.

    Parameters
    ----------
    mapping
        The configuration as composed.
    charters
        Charters as their files have them.
    base
        The configuration before the command line's overrides.
    given
        Keys that the command line names; what is asked for is never dropped.

    Returns
    -------
    dict
        A copy in which a rule that is not the charter's own keeps the parameters it knows, and
        those that no rule has (misspelt ones, which loading refuses).
    """
    result = copy.deepcopy(dict(mapping))
    for path, use in _rule_uses(result):
        before = _at(base, path)
        swapped = [
            old for old in (_at(charters, path[1:]), before) if old and old["rule"] != use["rule"]
        ]
        parameters = _parameters_by_rule("decision" in path)
        if not swapped or use["rule"] not in parameters:  # loading says that there is no such rule
            continue
        droppable = {key for old in swapped for key in old}.union(*parameters.values())
        for key in sorted(droppable & set(use) - parameters[use["rule"]] - {"rule"}):
            if ".".join([*path, key]) not in given:
                del use[key]
                # A scenario's swap was written once and is no news; the command line's is.
                level = logging.INFO if before in swapped else logging.DEBUG
                _log.log(level, "%s: %s has no %r; dropped", ".".join(path), use["rule"], key)
    return result


def _rule_uses(mapping: Mapping[str, Any]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    organisations = mapping.get("organisation")
    for code, charter in organisations.items() if isinstance(organisations, dict) else ():
        if not isinstance(charter, dict):
            continue
        if _is_use(charter.get("agenda")):
            yield ["organisation", code, "agenda"], charter["agenda"]
        decision = charter.get("decision")
        for area, use in decision.items() if isinstance(decision, dict) else ():
            if _is_use(use):
                yield ["organisation", code, "decision", area], use


def _at(mapping: Any, path: list[str]) -> dict[str, Any] | None:
    for key in path:
        mapping = mapping.get(key) if isinstance(mapping, Mapping) else None
    return mapping if _is_use(mapping) else None


def _is_use(value: Any) -> bool:
    """Whether it names a rule; what does not is for loading to refuse."""
    return isinstance(value, dict) and isinstance(value.get("rule"), str)


def _parameters_by_rule(is_decision: bool) -> dict[str, set[str]]:
    from sim.rules.agenda import AGENDA_RULES
    from sim.rules.decision import DECISION_RULES

    registry: Registry[Any] = DECISION_RULES if is_decision else AGENDA_RULES
    return {name: set(registry[name].parameters) for name in registry}
