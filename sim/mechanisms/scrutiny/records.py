"""Country mandates: those on the first day, and drafts that are put to the vote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.security.verdicts import Verdict
from sim.types import Bools

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["CountryMandate", "Draft", "condemned", "first_mandates"]


@dataclass(frozen=True)
class CountryMandate:
    """A mandate to look into human rights in a state, from a resolution until it is not renewed.

    Attributes
    ----------
    body
        Code of the organisation.
    state
        Row of the state.
    since
        Day of the first resolution.
    has_consent
        Whether the state has agreed to it.
    due
        Quarter in which it is put to the vote again.
    """

    body: str
    state: int
    since: date
    has_consent: bool
    due: int


@dataclass(frozen=True)
class Draft:
    """A draft that was put to the vote.

    Attributes
    ----------
    day, state
        Day of the vote; row of the state that it names.
    level
        How grave the situation was: 0 repression, 1 armed conflict or a coup, 2 war.
    has_consent, is_renewal
        Whether the state agreed; whether there was a mandate already.
    verdict
        How the body decided.
    """

    day: date
    state: int
    level: int
    has_consent: bool
    is_renewal: bool
    verdict: Verdict


def first_mandates(setting: Setting) -> tuple[CountryMandate, ...]:
    """Mandates on the first day, each due a year or less later, in the quarter of its resolution.

    Those of bodies that are not in the run are left out.
    """
    if not setting.is_on("scrutiny"):
        return ()
    start, found = setting.scenario.start, []
    for one in setting.world.politics.country_mandates:
        since, body = one.since, one.organisation
        if since > start or body not in setting.axes.organisations:
            continue
        due = since.replace(year=start.year, day=min(since.day, 28))
        due = due if due > start else due.replace(year=start.year + 1)
        found.append(
            CountryMandate(body, one.state, since, one.has_consent, setting.calendar.step_of(due))
        )
    return tuple(found)


def condemned(mandates: Iterable[CountryMandate], size: int) -> Bools:
    """(S,) whether a state is under a mandate that it has not agreed to."""
    found = np.zeros(size, dtype=bool)
    found[[one.state for one in mandates if not one.has_consent]] = True
    return found
