"""Negotiations come into force about as often as the estimate says that all accept.

The estimate knows one decision a party: P(in force) is the product of logistic(V) over the
parties. In the model they meet for ten years, insist on less and less, and ask their parliaments;
none of that may make agreement much easier or harder than what was estimated. Of opened
negotiations between two, 77 % are in force (DESTA, 419 opened since 1995).
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernels.bargaining import concession, equal_sacrifice, votes_from_margins
from sim.kernels.ratification import vote_chance
from sim.streams import stream

WORLDS, MEETINGS = 2000, 40
KNOWN, SPREAD = 2.6, 0.5  # what is known of parties' logits in named negotiations, roughly


def _played(setting, n):
    """Worlds → whether all would accept at once, whether in force, and the share of time taken."""
    draw = stream(1, f"signing/{n}")
    share, size = setting["noise_passing_share"], (WORLDS, n)
    known = KNOWN + SPREAD * draw.normal(size=size)
    effect = setting["state_effect_sd"] * draw.normal(size=size)
    lasting = effect + np.sqrt(1 - share) * draw.logistic(size=size)
    accepts = known + effect + draw.logistic(size=size) >= 0
    taken = np.full(WORLDS, np.nan)
    for meeting in range(1, MEETINGS + 1):
        elapsed = meeting / MEETINGS
        insists = concession(
            elapsed,
            initial=setting["concession_initial"],
            exponent=setting["concession_exponent"],
        )
        passing = np.sqrt(share) * draw.logistic(size=size)
        aspired = equal_sacrifice(known, insists)[:, None]
        vote = votes_from_margins(known + lasting + passing - aspired, setting["objection_cost"])
        taken[np.isnan(taken) & (vote >= 0).all(axis=1)] = elapsed
    hurdle = np.full(size, 2.0)  # most legislatures
    consent = vote_chance(known + lasting, hurdle, support=setting["ratification_support"])
    in_force = ~np.isnan(taken) & (draw.random(size) < consent).all(axis=1)
    return accepts.all(axis=1), in_force, taken


@pytest.mark.parametrize("n", [2, 4, 8, 16])
def test_as_many_are_in_force_as_the_estimate_expects(setting, n):
    at_once, in_force, _ = _played(setting, n)
    assert in_force.mean() == pytest.approx(at_once.mean(), abs=0.04)


def test_pairs_are_in_force_as_often_as_observed(setting):
    assert _played(setting, 2)[1].mean() == pytest.approx(0.77, abs=0.05)


def test_more_parties_take_longer(setting):
    """In years of ten: pairs about two (bilateral talks take some 28 months on average)."""
    years = [10 * np.nanmedian(_played(setting, n)[2]) for n in (2, 4, 8, 16)]
    assert years == sorted(years)
    assert 1.5 < years[0] < 3.0
    assert years[-1] > 7.0
