"""Versions of a rule: agreements in force, of which family they are, and who is bound by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Agreement, Status
from sim.clauses import Specification
from sim.issues import areas
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Spread", "Version", "areas_of_rules", "own_levels", "specification", "versions"]


@dataclass(frozen=True)
class Spread:
    """A rule that somebody has taken up, or that was submitted to a global body.

    Attributes
    ----------
    family
        ``<organisation>/<item>`` of the rule's origin.
    source
        Code of the agreement that was taken up.
    organisation, item
        The table on which it was put: of a body, or of a forum of its own.
    taken_by
        Body or state that took it up.
    level
        Level of the rule, in the unit of the area's first term.
    step
        Quarter.
    is_submission
        Whether it was put before a global body.
    """

    family: str
    source: str
    organisation: str
    item: str
    taken_by: str
    area: str
    level: float
    step: int
    is_submission: bool = False


@dataclass(frozen=True)
class Version:
    """An agreement in force as a rule that others may take up.

    Attributes
    ----------
    family
        Where the rule is from: ``<organisation>/<item>``.
    level
        In the unit of the area's first term.
    bound
        (S,) who is bound by it.
    """

    agreement: Agreement
    family: str
    level: float
    bound: Bools

    @property
    def organisation(self) -> str:
        """The body, or forum outside charters, in which it was made."""
        return self.agreement.organisation


def versions(state: State | Reading, area: str = "") -> list[Version]:
    """Club rules of the run in force, in the order in which they were made."""
    family = {(one.organisation, one.item): one.family for one in state.diffusion.spreads}
    found = []
    for one in state.agreements:
        kinds = areas()[one.area].claims.is_club_good
        is_rule = one.status is Status.IN_FORCE and one.is_of_the_run and one.kind in kinds
        if not is_rule or area not in ("", one.area) or one.proposal.level <= 0:
            continue
        origin = family.get((one.organisation, one.item), f"{one.organisation}/{one.item}")
        scale = areas()[one.area].terms[0].scale
        bound = one.is_bound & (one.bound_at <= state.step)
        if bound.any():
            found.append(Version(one, origin, round(one.proposal.level * scale, 6), bound))
    return found


def areas_of_rules(found: Sequence[Version]) -> list[str]:
    """Areas in which there are rules."""
    return sorted({one.agreement.area for one in found})


def own_levels(setting: Setting, found: Sequence[Version], parties: Sequence[Bools]) -> Floats:
    """(B,) level of the rule that already binds all of a body's members, 0 for none."""
    levels = np.zeros(len(parties))
    for column, members in enumerate(parties):
        held = [one.level for one in found if (one.bound | ~members).all()]
        levels[column] = max(held, default=0.0)
    return levels


def specification(version: Version, kind: str, deadline: int, reference: str) -> Specification:
    """An item that offers the version's terms and nothing else."""
    area = areas()[version.agreement.area]
    shown = {term.name: version.agreement.proposal[term.name] * term.scale for term in area.terms}
    levels = (round(shown.pop(area.terms[0].name), 6),)
    cuts = {"tariff_cuts": (round(shown.pop("tariff_cut"), 6),)} if "tariff_cut" in shown else {}
    terms = {name: (round(value, 6),) for name, value in shown.items()}
    return Specification(
        area=area.name,
        kind=kind,
        deadline_quarters=deadline,
        levels=levels,
        terms=terms,
        reference=reference,
        **cuts,
    )
