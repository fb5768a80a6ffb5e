"""Swapping a rule takes its parameters along, so that it is one override."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.registry import Registry

__all__ = ["refit_rules"]

_log = logging.getLogger("concord")


def refit_rules(
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
        rule = use.get("rule")
        earlier = [_at(charters, path[1:]), _at(base, path)]
        if all(old is None or old.get("rule") == rule for old in earlier):
            continue
        inherited = {key for old in earlier if old and old.get("rule") != rule for key in old}
        known, of_others = _parameters_of(str(rule), "decision" in path)
        for key in sorted((set(use) - known - {"rule"}) & (inherited | of_others)):
            if ".".join([*path, key]) not in given:
                del use[key]
                # A scenario's swap was written once and is no news; the command line's is.
                level = (
                    logging.DEBUG if earlier[1] and earlier[1].get("rule") == rule else logging.INFO
                )
                _log.log(level, "%s: rule %s has no %r; dropped", ".".join(path), rule, key)
    return result


def _rule_uses(mapping: Mapping[str, Any]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    organisations = mapping.get("organisation")
    for code, charter in organisations.items() if isinstance(organisations, dict) else ():
        if not isinstance(charter, dict):
            continue
        if isinstance(charter.get("agenda"), dict):
            yield ["organisation", code, "agenda"], charter["agenda"]
        decision = charter.get("decision")
        for area, use in decision.items() if isinstance(decision, dict) else ():
            if isinstance(use, dict):
                yield ["organisation", code, "decision", area], use


def _at(mapping: Any, path: list[str]) -> dict[str, Any] | None:
    for key in path:
        mapping = mapping.get(key) if isinstance(mapping, Mapping) else None
    return mapping if isinstance(mapping, dict) else None


def _parameters_of(rule: str, is_decision: bool) -> tuple[set[str], set[str]]:
    """Parameters of the rule, and those that any rule of its kind has."""
    from sim.rules.agenda import AGENDA_RULES
    from sim.rules.decision import DECISION_RULES

    registry: Registry[Any] = DECISION_RULES if is_decision else AGENDA_RULES
    every = {key for name in registry for key in registry[name].parameters}
    if rule not in set(registry):
        return set(), set()  # loading says that there is no such rule
    return set(registry[rule].parameters), every
