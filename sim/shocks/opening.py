"""Something is put on a table: of an organisation, or of a forum that no charter has set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sim.agreements import convene, open_item
from sim.clauses import AdHocForum, Specification
from sim.errors import unknown
from sim.shocks.base import Shock

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["OpenItemShock"]


class OpenItemShock(Shock):
    """An item is opened, in an organisation or in a forum of its own.

    `specification` has the keys of a docket item but `opens`; `forum` says who negotiates and how.
    """

    kind: Literal["open_item"]
    item: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    organisation: str | None = None
    forum: AdHocForum | None = None
    specification: Specification

    reads: ClassVar[tuple[str, ...]] = ("docket", "forums")
    writes: ClassVar[tuple[str, ...]] = ("docket", "forums")

    @model_validator(mode="after")
    def _has_one_place(self) -> OpenItemShock:
        if (self.organisation is None) == (self.forum is None):
            raise ValueError("give either 'organisation' (a code) or 'forum' (its rules)")
        return self

    @property
    def code(self) -> str:
        """Code of the organisation or forum."""
        return self.forum.code if self.forum else str(self.organisation)

    @property
    def bodies(self) -> frozenset[str]:
        """The organisation, or those that take part in the forum or whose members do."""
        seats = (*self.forum.members_of, *self.forum.parties) if self.forum else ()
        return super().bodies | frozenset(seats)

    def check(self, setting: Setting, where: str) -> None:
        """Those who negotiate exist."""
        if self.organisation is not None:
            setting.axes.organisation(self.organisation, f"{where}.organisation")
        else:
            self._check_seats(setting, f"{where}.forum")

    def _check_seats(self, setting: Setting, where: str) -> None:
        if self.forum is None:
            return
        for code in self.forum.members_of:
            setting.axes.organisation(code, f"{where}.members_of")
        known = (*setting.axes.organisations, *setting.axes.states)
        for code in self.forum.parties:
            if code not in known:
                raise unknown("party", code, known, f"{where}.parties")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It is put before those who negotiate, who take it up in the same quarter."""
        if self.forum is not None and convene(state, self.forum):
            self.tell(
                state, log, "convened", actor=";".join(self.forum.parties), organisation=self.code
            )
        open_item(state, self.code, self.item, self.specification)
