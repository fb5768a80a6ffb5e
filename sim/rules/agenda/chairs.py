"""Chairs in turn, a secretariat, a hegemon, a seeker of support."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from sim.kernels.choice import best
from sim.rules.agenda.common import AGENDA_RULES, Agenda, Chair

__all__ = ["hegemon", "rotating_chair", "secretariat", "widest"]


@AGENDA_RULES.register
def rotating_chair(
    agenda: Agenda, *, chair_quarters: Annotated[int, Field(ge=1, le=400)] = 4
) -> Chair:
    """Members chair in turn, by code; the chair tables what it likes best.

    Notes
    -----
    Tallberg (2010), The Power of the Chair, International Studies Quarterly 54: 241–265.

    Examples
    --------
    >>> two = Agenda(("CHL", "NZL"), np.ones(2), np.array([[1.0, 0.0], [0.0, 1.0]]), np.ones(2), 4)
    >>> rotating_chair(two).code
    'NZL'
    """
    party = (agenda.turn // chair_quarters) % len(agenda.codes)
    return Chair(agenda.codes[party], agenda.utility[:, party])


@AGENDA_RULES.register
def secretariat(agenda: Agenda) -> Chair:
    """The secretariat tables what members like best on average, each counted alike.

    Examples
    --------
    >>> one = Agenda(("CHL", "NZL"), np.ones(2), np.array([[1.0, 0.0], [0.0, 3.0]]), np.ones(2), 0)
    >>> secretariat(one).score.tolist()
    [0.5, 1.5]
    """
    return Chair("secretariat", agenda.utility.mean(axis=1))


@AGENDA_RULES.register
def hegemon(agenda: Agenda, *, state: str) -> Chair:
    """One member always sets the agenda; when it is not a party, the one with the largest income.

    Notes
    -----
    Agenda setting by the pre-eminent member: Romer & Rosenthal (1978), Public Choice 33: 27–43.
    """
    codes = agenda.codes
    party = codes.index(state) if state in codes else int(best(agenda.income))
    return Chair(codes[party], agenda.utility[:, party])


@AGENDA_RULES.register
def widest(agenda: Agenda) -> Chair:
    """The chair seeks the widest support, and among equals what is liked best on average.

    Examples
    --------
    >>> one = Agenda(("A", "B"), np.ones(2), np.eye(2), np.array([2.0, 1.0]), 0)
    >>> int(np.argmax(widest(one).score))
    0
    """
    mean = agenda.utility.mean(axis=1)
    spread = float(np.abs(mean).max(initial=0.0)) or 1.0
    # from -0.25 to 0.25: how much it is liked never outweighs a head
    return Chair("chair", agenda.n_accepting + 0.25 * mean / spread)
