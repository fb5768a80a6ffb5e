"""The scenario that plays an episode: its body, its item and the customs unions that sit there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.errors import ConcordError, ConfigError, unknown

if TYPE_CHECKING:
    from experiments.compose import Composed
    from experiments.episodes import Episode
    from sim.scenario import Scenario

__all__ = ["scenario_of_episode"]


def scenario_of_episode(episode: Episode, composed: Composed) -> Scenario:
    """The scenario that plays a case: its body, and the customs unions that sit there as one.

    Parameters
    ----------
    composed
        Where parameters, switches and charters come from.

    Raises
    ------
    ConfigError
        Something in it that the model does not have, with the case's name.
    """
    from experiments.run import scenario_of

    charters = composed.mapping["organisation"]
    where = f"episode {episode.name}"
    if episode.organisation and episode.organisation not in charters:
        raise unknown("organisation", episode.organisation, charters, f"{where}, organisation")
    mapping = {
        **composed.mapping,
        "name": episode.name,
        "title": episode.title,
        "start": episode.start.isoformat(),
        "quarters": episode.quarters,
        "shocks": _shocks(episode),
        "responses": {},
        "response": "none",
        # Leaders of a case are those that it names.
        "switches": {**composed.mapping["switches"], "leaders": False},
        "organisation": _bodies(episode, charters),
        "world": {**composed.mapping["world"], "without": list(episode.replaces)},
    }
    try:
        scenario = scenario_of(replace(composed, mapping=mapping))
        _check(episode, scenario)
    except ConcordError as error:
        place = error.where.replace(f"organisation.{episode.body}.", "")
        place = place.replace("members", "parties").replace("docket.agreement", "item")
        place = place.replace("world.without", "replaces")
        raise type(error)(error.found, where=f"{where}, {place}", expected=error.expected) from None
    return scenario


def _bodies(episode: Episode, charters: dict[str, Any]) -> dict[str, Any]:
    """The body that negotiates, and those that act in it or are named by its clauses, idle."""
    body = _charter(episode, charters.get(episode.organisation))
    groups = (body.get("entry_into_force") or {}).get("groups") or ()
    # What is no list of groups is refused with the rest of the charter.
    named = [one for one in groups if isinstance(one, Mapping)] if isinstance(groups, list) else []
    kept = {one["members_of"] for one in named if one.get("members_of") in [*charters]}
    kept |= {code for code, charter in charters.items() if charter.get("votes_as_bloc")}
    idle = {code: {**charters[code], "docket": {}} for code in sorted(kept)}
    return {**idle, episode.body: body}


def _check(episode: Episode, scenario: Scenario) -> None:
    """Whether the world has what the case names."""
    from sim.load import setting_for

    world = setting_for(scenario, 0).world
    known = [*world.iso3, *scenario.organisation]
    for key in ("objectors", "stayed_out"):
        for code in getattr(episode.history, key):
            if code not in known:
                raise unknown("party", code, known, f"history.{key}")
    _check_replaced(episode, scenario)
    if world.members(episode.body, scenario.start).sum() < 2:
        raise ConfigError(
            f"fewer than two members on {scenario.start}",
            where="organisation" if episode.organisation else "parties",
            expected="two parties at least, or a later opening",
        )


def _check_replaced(episode: Episode, scenario: Scenario) -> None:
    """Whether the treaties whose place the text would take are in force when talks open."""
    from sim.load import world_for

    if not episode.replaces:
        return
    options = scenario.world.model_copy(update={"without": ()})
    table = world_for(scenario.model_copy(update={"world": options})).treaties
    known = {one.id: one for one in table}
    for name in episode.replaces:
        if not known[name].is_in_force(episode.opened):
            spell = f"{known[name].in_force or 'never'} to {known[name].until or 'this day'}"
            raise ConfigError(
                f"{name} is not in force on {episode.opened}",
                where="replaces",
                expected=f"a treaty that is; it was from {spell}",
            )


def _charter(episode: Episode, own: dict[str, Any] | None) -> dict[str, Any]:
    """The charter of the talks, as plain data."""
    area = str(episode.item.get("area", "trade"))
    charter: dict[str, Any] = dict(own or {
        "name": episode.title,
        "founded": episode.start.isoformat(),
        "level": episode.level,
        "mandate": [area],
        "members": list(episode.parties),
        "agenda": {"rule": "widest"},
        "exit_notice_months": 6,
        # Talks have no secretariat whose capacity counts; meetings are what is given.
        "secretariat": {"capacity": 1.0, "meetings_per_year": 4},
        "references": list(episode.sources),
    })  # fmt: skip
    if episode.decision:
        charter["decision"] = {**charter.get("decision", {}), area: episode.decision}
    if episode.agenda:
        charter["agenda"] = episode.agenda
    if episode.entry_into_force:
        charter["entry_into_force"] = episode.entry_into_force
    if episode.meetings_per_year is not None:
        meetings = {"meetings_per_year": episode.meetings_per_year}
        charter["secretariat"] = {**charter["secretariat"], **meetings}
    charter["docket"] = {"agreement": {**episode.item, "opens": episode.start.isoformat()}}
    return charter


def _shocks(episode: Episode) -> dict[str, dict[str, Any]]:
    return {
        f"leader_{n}": {
            "kind": "leader_change",
            "state": leader.state,
            "date": leader.date.isoformat(),
            "orientation": leader.orientation,
            "text": leader.text,
            "reference": leader.reference,
        }
        for n, leader in enumerate(episode.leaders)
    }
