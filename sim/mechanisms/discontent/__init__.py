"""Discontent at home: imports and inequality raise it, redistribution eases it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pydantic

from sim.checked import distinct
from sim.columns import NUMBER, Measure
from sim.events import EventKind
from sim.fields import Field
from sim.kernels.discontent import discontent, import_share
from sim.mechanism import Mechanism
from sim.phase import Phase
from sim.shocks import Lasting
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["DISCONTENT", "MECHANISM", "InequalityShock"]


class InequalityShock(Lasting):
    """Inequality changes: Gini points before taxes, and points that are redistributed."""

    kind: Literal["inequality"]
    states: Annotated[tuple[str, ...] | Literal["all"], pydantic.AfterValidator(distinct)] = "all"
    points: float = pydantic.Field(ge=-30, le=30)
    redistribution: float = pydantic.Field(default=0.0, ge=-30, le=30)
    years: float = pydantic.Field(default=0.0, ge=0, le=50)

    holds: ClassVar[tuple[str, ...]] = ("discontent.inequality", "discontent.redistribution")

    def check(self, setting: Setting, where: str) -> None:
        """The states exist."""
        if isinstance(self.states, tuple):
            setting.axes.mask(self.states, f"{where}.states")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It is told once."""
        self.tell(state, log, "inequality_changes", value=self.points)

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """Both change evenly over the years, and stay."""
        steps = state.step - setting.calendar.step_of(self.date) + 1
        share = min(steps / (4.0 * self.years), 1.0) if self.years else 1.0
        named = isinstance(self.states, tuple)
        where = setting.axes.mask(self.states) if named else slice(None)
        state.discontent.inequality[where] += share * self.points
        state.discontent.redistribution[where] += share * self.redistribution


def run(setting: Setting, state: State, log: Log) -> None:
    """Discontent of the quarter, from imports as they were in the last."""
    block = state.discontent
    block.imports[:] = import_share(state.flows) - import_share(setting.economy.flows)
    names = ("imports", "inequality", "redistribution")
    by_imports, by_inequality, by_redistribution = (setting[f"discontent_{n}"] for n in names)
    if not setting.is_on("discontent"):
        state.public_discontent[:] = 0.0
        return
    state.public_discontent[:] = discontent(
        (block.imports, block.inequality, block.redistribution),
        (by_imports, by_inequality, by_redistribution),
    )


DISCONTENT = Phase(
    name="discontent",
    meaning="imports and inequality raise discontent, redistribution eases it",
    source="assumption: within states nothing is identified (docs/institutions.md)",
    reads=("flows", "discontent.inequality", "discontent.redistribution"),
    writes=("public_discontent", "discontent.imports"),
    run=run,
)

MECHANISM = Mechanism(
    name="discontent",
    meaning="imports and inequality raise discontent, redistribution eases it",
    source="assumption, with ranges that include zero; SWIID 9.92, V-Party 2",
    fields=(
        Field("imports", ("S",), "points", "import share relative to the first day"),
        Field("inequality", ("S",), "Gini points", "inequality before taxes, from the first day"),
        Field("redistribution", ("S",), "Gini points", "redistribution, from the first day"),
    ),
    switches=(
        Switch("discontent", "imports and inequality raise discontent", default=False),
    ),
    parameters=("discontent_imports", "discontent_inequality", "discontent_redistribution"),
    columns={
        "states": (
            Measure("discontent", NUMBER, "sd", "discontent, in orientation of successors",
                    lambda _, s: s.public_discontent),
            Measure("import_share_change", NUMBER, "points",
                    "share of purchases from abroad, relative to the first day",
                    lambda _, s: s.discontent.imports),
        ),
        "summary": (
            Measure("mean_discontent", NUMBER, "sd", "mean discontent, by income",
                    lambda setting, s: float(
                        np.average(s.public_discontent, weights=setting.income))),
        ),
    },
    events=(
        EventKind("inequality_changes", "", "a scenario moves inequality", "Gini points"),
    ),
    shocks=(InequalityShock,),
    phases=(DISCONTENT,),
)  # fmt: skip
