"""What stays fixed during a run: scenario, world, bound rules, parameters, the economy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.axes import Axes
from sim.calendar import Calendar
from sim.kernels.armington import Economy
from sim.memo import Memo
from sim.rules.agenda import AGENDA_RULES
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES
from sim.types import Bools, Floats
from sim.world.effects import state_effects

if TYPE_CHECKING:
    from sim.charter import Charter
    from sim.rules.agenda import AgendaRule
    from sim.rules.ballot import Decision
    from sim.scenario import Scenario
    from sim.world.record import World

__all__ = ["Setting"]


@dataclass(frozen=True)
class Setting:
    """Everything the phases read and never write.

    Attributes
    ----------
    scenario, seed, world
        What is run.
    memo
        What functions of it have worked out; forgetting it changes nothing but time.
    """

    scenario: Scenario
    seed: int
    world: World
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    @cached_property
    def axes(self) -> Axes:
        """The fixed order of states and organisations."""
        return Axes(self.world.iso3, tuple(sorted(self.scenario.organisation)))

    @cached_property
    def calendar(self) -> Calendar:
        """Quarters of the run."""
        return Calendar(self.scenario.start, self.scenario.quarters)

    @cached_property
    def economy(self) -> Economy:
        """The trade economy of the baseline world, its deficits as the scenario has them."""
        return Economy(
            self.world.flows,
            self.world.tariffs,
            elasticity=self["trade_elasticity"],
            deficits=self.scenario.world.deficits,
        )

    @cached_property
    def decisions(self) -> dict[tuple[str, str], Callable[[Ballot], Decision]]:
        """(organisation, area) → its decision rule with parameters bound."""
        return {
            (code, area): DECISION_RULES.bind(
                use.rule, use.parameters, f"organisation.{code}.decision.{area}"
            )
            for code, charter in self.scenario.organisation.items()
            for area, use in charter.decision.items()
        }

    @cached_property
    def soft_bodies(self) -> frozenset[tuple[str, str]]:
        """(organisation, area) in which nothing binding can come about, by form or by rule."""
        return frozenset(
            (code, area)
            for (code, area), rule in self.decisions.items()
            if self.charter(code).form == "soft" or rule(Ballot.of([1, 1])).is_soft
        )

    @cached_property
    def opt_in_bodies(self) -> frozenset[tuple[str, str]]:
        """(organisation, area) in which those who refuse are left out while the others go ahead."""
        votes = Ballot.of([1] * 99 + [-1])
        return frozenset(at for at, rule in self.decisions.items() if _leaves_out(rule(votes)))

    def fallback(self, code: str, area: str) -> str:
        """What a body does when an item passes its deadline: "" or "statement"."""
        return self.decisions[code, area](Ballot.of([-1, -1])).fallback

    @cached_property
    def agendas(self) -> dict[str, AgendaRule]:
        """Organisation → its agenda rule with parameters bound."""
        return {
            code: AGENDA_RULES.bind(
                charter.agenda.rule, charter.agenda.parameters, f"organisation.{code}.agenda"
            )
            for code, charter in self.scenario.organisation.items()
        }

    @cached_property
    def income(self) -> Floats:
        """(S,) annual expenditure of the baseline economy, bn USD 2023."""
        return np.asarray(self.economy.expenditure, dtype=float)

    @cached_property
    def dues(self) -> dict[str, Floats]:
        """Organisation → (S,) shares of its budget: named ones, the rest even among members."""
        assessed = {}
        for code, charter in self.scenario.organisation.items():
            members = self.world.members(code, self.scenario.start)
            share = np.zeros(members.size)
            for state, part in charter.budget.shares.items():
                share[self.axes.state(state)] = part
            others = members & (share == 0)
            share[others] = max(1.0 - share[members].sum(), 0.0) / max(int(others.sum()), 1)
            assessed[code] = np.where(members, share, 0.0)
        return assessed

    @cached_property
    def estimated_state_effects(self) -> tuple[Floats, Floats]:
        """(S,) means and (S,) standard deviations of state effects in trade, logits."""
        members = {"EU": self.world.members("EU", self.scenario.start)}
        return state_effects(self.world.index, members, self["state_effect_sd"])

    def unions(self, area: str) -> dict[str, Bools]:
        """Bloc → (S,) its members on the first day; none when members vote for themselves."""
        found = {}
        for code, charter in sorted(self.scenario.organisation.items()):
            if area in charter.votes_as_bloc and self.is_on("blocs_vote_as_one"):
                members = self.world.members(code, self.scenario.start)
                if members.sum() > 1:
                    found[code] = members
        return found

    @cached_property
    def is_small_or_mid(self) -> Bools:
        """(S,) small and middle states: no major power, below a share of world GDP."""
        share = self.world.gdp / self.world.gdp.sum()
        small: Bools = ~self.world.is_major_power & (share < self["small_mid_gdp_share"])
        return small

    def __getitem__(self, parameter: str) -> float:
        """Value of a model parameter."""
        return self.scenario.parameters[parameter]

    def is_on(self, switch: str) -> bool:
        """Whether a mechanism is on."""
        return self.scenario.switches[switch]

    def charter(self, code: str) -> Charter:
        """Charter of an organisation."""
        return self.scenario.organisation[code]


def _leaves_out(decision: Decision) -> bool:
    """Whether a decision is adopted without the last of those who voted."""
    return decision.is_adopted and not bool(decision.adopters[-1])
