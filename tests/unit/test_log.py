"""What a run leaves behind: tables that agree with themselves and with each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from sim.log import Log
from sim.schema import TABLES, arrow_schema
from sim.setting import Setting

RunOf = Callable[..., dict[str, pa.Table]]


@pytest.fixture(scope="module")
def tables(run_of: RunOf) -> dict[str, pa.Table]:
    return run_of("us_withdrawal", 1, "quarters=10")


@pytest.fixture(scope="module")
def chosen(run_of: RunOf) -> dict[str, pa.Table]:
    """A run in which states choose forums, where all tables have rows."""
    outbreak = "+shocks.ebola={kind: outbreak, date: 2024-01-01, state: GIN, severity: 0.001}"
    return run_of("us_withdrawal", 1, "quarters=8", "switches.forum_choice=true", outbreak)


@pytest.mark.parametrize("name", TABLES)
class TestEveryTable:
    def test_it_has_the_columns_that_are_documented(
        self, chosen: dict[str, pa.Table], name: str
    ) -> None:
        assert chosen[name].schema.equals(arrow_schema(name), check_metadata=True)
        assert chosen[name].num_rows > 0
        chosen[name].validate(full=True)

    def test_every_column_says_what_it_is(self, tables: dict[str, pa.Table], name: str) -> None:
        for field in tables[name].schema:
            assert field.metadata[b"meaning"]
            numeric = pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
            if numeric:
                assert field.metadata[b"unit"], field.name


def test_events_are_in_the_order_of_their_dates(tables: dict[str, pa.Table]) -> None:
    days = tables["events"]["date"].to_pylist()
    assert days == sorted(days)
    assert days[0] >= date(2024, 1, 1)


def test_votes_are_those_of_the_rounds(tables: dict[str, pa.Table]) -> None:
    rounds, votes = (tables[t].to_pandas() for t in ("rounds", "votes"))
    key = ["item", "round"]
    counted = votes.groupby(key, observed=True)["vote"].value_counts().unstack(fill_value=0)
    rounds = rounds.set_index(key)
    assert set(counted.index) == set(rounds.index)
    for vote, column in (("accept", "n_accept"), ("abstain", "n_abstain"), ("reject", "n_reject")):
        if vote in counted:
            assert (counted[vote].reindex(rounds.index) == rounds[column]).all(), vote
    total = rounds[["n_accept", "n_abstain", "n_reject"]].sum(axis=1)
    assert (total == rounds["n_parties"]).all()
    agreed = rounds["outcome"] == "agreed"
    assert (rounds.loc[agreed, "blockers"] == "").all()
    assert (rounds.loc[agreed, "adopters"] != "").all()
    assert (rounds.loc[~agreed, "adopters"] == "").all()
    named = votes[votes["is_blocking"]].groupby(key, observed=True)["party"].apply(";".join)
    for at, row in rounds[~agreed].iterrows():
        assert row["blockers"] == named.get(at, "")
        shortfalls = votes[
            votes["is_blocking"] & (votes["item"] == at[0]) & (votes["round"] == at[1])
        ]
        assert row["largest_shortfall"] == pytest.approx(-shortfalls["margin"].min())


def test_a_vote_follows_from_its_margin(tables: dict[str, pa.Table]) -> None:
    votes = tables["votes"].to_pandas()
    assert ((votes["vote"] == "accept") == (votes["margin"] >= 0)).all()
    assert ((votes["vote"] == "reject") == (votes["margin"] < 0)).all()


def test_rows_of_a_quarter_are_those_of_the_axes(
    tables: dict[str, pa.Table], setting: Setting
) -> None:
    for name, key, axis in (
        ("states", "state", setting.axes.states),
        ("organisations", "organisation", setting.axes.organisations),
    ):
        frame = tables[name].to_pandas()
        assert len(frame) == 10 * len(axis)
        for step in (0, 9):
            assert frame.loc[frame["step"] == step, key].tolist() == list(axis)
    assert tables["summary"]["step"].to_pylist() == list(range(10))
    assert tables["summary"]["date"].to_pylist()[:3] == [
        date(2024, 1, 1),
        date(2024, 4, 1),
        date(2024, 7, 1),
    ]


def test_the_summary_adds_up_what_the_others_say(tables: dict[str, pa.Table]) -> None:
    summary, states, organisations, events, agreements = (
        tables[t].to_pandas()
        for t in ("summary", "states", "organisations", "events", "agreements")
    )
    agreements = agreements[~agreements["is_initial"]]  # those of the run
    trade = states.groupby("step")["exports"].sum()
    assert summary["world_trade"].to_numpy() == pytest.approx(trade.to_numpy())
    assert states.groupby("step")["imports"].sum().to_numpy() == pytest.approx(trade.to_numpy())
    usa = states[states["state"] == "USA"]["welfare"].to_numpy()
    assert summary["welfare_usa"].to_numpy() == pytest.approx(usa)
    settled = organisations.groupby("step")["n_agreed"].sum()
    assert summary["items_agreed"].tolist() == settled.tolist()
    blocks = organisations.groupby("step")["n_blocks"].sum().cumsum()
    assert summary["vetoes"].tolist() == blocks.tolist()
    exits = events[events["kind"] == "exit"].groupby("step").size()
    assert summary["withdrawals"].iloc[-1] == exits.sum() > 0
    in_force = (agreements["status"] == "in_force").sum()
    assert summary["agreements_in_force"].iloc[-1] == in_force
    assert summary["agreements_signed"].iloc[-1] == len(agreements)
    months = agreements["months_to_agreement"].mean()
    assert summary["months_to_agreement"].iloc[-1] == pytest.approx(months)


def test_agreements_have_the_dates_of_their_stages(tables: dict[str, pa.Table]) -> None:
    frame = tables["agreements"].to_pandas()
    assert frame.loc[frame["is_initial"], "agreed"].isna().all()
    frame = frame[~frame["is_initial"]]
    assert (frame["opened"] <= frame["agreed"]).all()
    assert (frame["agreed"] == frame["signed"]).all()
    in_force = frame[frame["status"] == "in_force"]
    assert (in_force["signed"] <= in_force["in_force"]).all()  # some need no ratification
    assert (in_force["months_to_force"] >= 0).all()
    assert frame.loc[frame["status"] == "signed", "months_to_force"].isna().all()
    assert (frame["n_ratified"] <= frame["n_signatories"]).all()
    for _, row in frame.iterrows():
        assert len(row["signatories"].split(";")) == row["n_signatories"]


class TestAppending:
    def test_scalars_are_repeated(self, setting: Setting) -> None:
        log = Log(setting)
        columns = {c.name: "" if c.type == pa.string() else 1 for c in TABLES["states"]}
        columns |= {"n_partners": [1, 2], "n_organisations": 3, "state": ["CHL", "NZL"]}
        log.append("states", {"step": 0, "date": date(2024, 1, 1), **columns})
        frame = log.tables()["states"].to_pandas()
        assert frame["state"].tolist() == ["CHL", "NZL"]
        assert frame["n_organisations"].tolist() == [3, 3]

    def test_a_wrong_type_is_named_with_its_column(self, setting: Setting) -> None:
        log = Log(setting)
        log.event(0, date(2024, 1, 1), "exit", value="much")
        with pytest.raises(TypeError, match=r"events\.value"):
            log.tables()

    def test_an_empty_log_has_empty_tables(self, setting: Setting) -> None:
        for name, table in Log(setting).tables().items():
            assert table.num_rows == 0
            assert table.schema.equals(arrow_schema(name), check_metadata=True)
