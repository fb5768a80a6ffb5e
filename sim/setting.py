"""What stays fixed during a run: scenario, world, bound rules, parameters, the economy."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.axes import Axes
from sim.calendar import Calendar
from sim.kernels.armington import Economy
from sim.memo import Memo, remembered
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.charter import Charter
    from sim.scenario import Scenario
    from sim.world.world import World

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
    def income(self) -> Floats:
        """(S,) annual expenditure of the baseline economy, bn USD 2023."""
        return np.asarray(self.economy.expenditure, dtype=float)

    def dues(self, code: str, step: int = 0) -> Floats:
        """(S,) shares of an organisation's budget: named ones, the rest even among members.

        By the budget of a quarter, assessed on those who were members on the first day.
        """
        return _dues(self, None, code, self.charters_since(step))

    @cached_property
    def estimated_state_effects(self) -> tuple[Floats, Floats]:
        """(S,) means and (S,) standard deviations of state effects in trade, logits."""
        known = self.world.politics
        is_unknown = np.isnan(known.effect)
        mean = np.where(is_unknown, 0.0, known.effect)
        return mean, np.where(is_unknown, self["state_effect_sd"], known.effect_spread)

    def unions(self, area: str) -> dict[str, Bools]:
        """Bloc → (S,) its members on the first day; none when members vote for themselves."""
        return _unions(self, None, area)

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

    def charter(self, code: str, step: int = 0) -> Charter:
        """Charter of an organisation, as it stands in a quarter."""
        charter = self.scenario.organisation[code]
        return charter.on(self.calendar.first_day(step)) if charter.versions else charter

    def charters_since(self, step: int) -> int:
        """The first quarter from which on all charters stand as they do in a quarter."""
        return max((turn for turn in self._turns if turn <= step), default=0)

    @cached_property
    def _turns(self) -> tuple[int, ...]:
        """Quarters in which a version of a charter begins or ends to hold."""
        days = [self.calendar.first_day(step) for step in range(self.calendar.quarters + 1)]
        dated = [one for one in self.scenario.organisation.values() if one.versions]
        held = [[charter.versions_on(day) for charter in dated] for day in days]
        return tuple(step for step in range(1, len(held)) if held[step] != held[step - 1])


@remembered(keep=256)
def _dues(setting: Setting, _: None, code: str, step: int) -> Floats:
    members = setting.world.members(code, setting.scenario.start)
    share = np.zeros(members.size)
    for state, part in setting.charter(code, step).budget.shares.items():
        share[setting.axes.state(state)] = part
    others = members & (share == 0)
    share[others] = max(1.0 - share[members].sum(), 0.0) / max(int(others.sum()), 1)
    return np.where(members, share, 0.0)


@remembered()
def _unions(setting: Setting, _: None, area: str) -> dict[str, Bools]:
    found = {}
    for code, charter in sorted(setting.scenario.organisation.items()):
        if area in charter.votes_as_bloc and setting.is_on("blocs_vote_as_one"):
            members = setting.world.members(code, setting.scenario.start)
            if members.sum() > 1:
                found[code] = members
    return found
