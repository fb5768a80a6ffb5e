"""How often trade agreements are revised, and what came of demands under threat of leaving.

`revised_agreements.csv`: trade agreements between parties that had none (`first`), and later texts
of the same parties that amend or replace one (`later`), by year of signature; `before` is how many
groups of parties had an agreement when the year began. Read off DESTA's list by hand, as carried by
globalgov/manytrade (HUGGO, CC BY 4.0), without accessions, protocols on further matters (services,
cars, environment) and the United Kingdom's continuity agreements. Ends are not taken off, and
amendments without a treaty of their own are missing from the list: the rate is a lower bound.

`demands_to_revise.csv`: from public record, recalled to the day or the month; chosen because they
are known, so that shares are of these cases alone.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import chi2

from experiments.case_files import read_cases
from experiments.episodes import Episode

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def counted() -> pd.DataFrame:
    return pd.read_csv(HERE / "revised_agreements.csv").set_index("year")


@pytest.fixture(scope="module")
def demands() -> pd.DataFrame:
    return pd.read_csv(HERE / "demands_to_revise.csv", parse_dates=["demanded", "ended"])


def rate(counted: pd.DataFrame, first: int, last: int) -> tuple[float, float, float]:
    """Later texts a year and agreement, with the exact interval of 95 %."""
    n, years = counted.loc[first:last, ["later", "before"]].sum()
    low, high = chi2.ppf(0.025, 2 * n) / 2 / years, chi2.ppf(0.975, 2 * n + 2) / 2 / years
    return n / years, low, high


def test_agreements_at_risk_are_those_signed_before(counted):
    assert (counted["before"] == counted["first"].cumsum().shift(fill_value=0)).all()
    assert list(counted.index) == list(range(1948, 2020))


def test_one_agreement_in_a_hundred_is_revised_a_year(counted):
    assert rate(counted, 1990, 2019) == pytest.approx((0.0083, 0.0069, 0.0100), abs=5e-5)
    assert rate(counted, 2010, 2019)[2] < rate(counted, 1990, 2009)[1]


def test_what_came_of_demands(demands):
    assert (demands["demanded"] < demands["ended"]).all()
    trade = demands[demands["area"] == "trade"]
    assert Counter(trade["outcome"]) == {"settled": 5, "exit": 2, "refused": 1}
    assert Counter(demands["outcome"]) == {"settled": 6, "exit": 8, "refused": 1}
    months = (demands["ended"] - demands["demanded"]).dt.days / 30.44
    settled = months[demands["outcome"] == "settled"]
    assert (settled.min(), settled.median(), settled.max()) == pytest.approx((5, 11, 17), abs=0.5)


def test_demands_that_are_played_end_as_their_episodes_do(demands):
    played = demands.dropna(subset="episode").set_index("episode")
    assert set(played.index) == {"usmca", "korus"}
    for episode in read_cases(Episode, list(played.index)):
        assert episode.replaces
        assert episode.history.agreed == played.loc[episode.name, "ended"].date()
