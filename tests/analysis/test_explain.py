"""What explains votes: shares add up, objections have reasons, guards are counted."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.errors import AnalysisError
from analysis.explain import (
    SOURCES,
    WHY,
    guards,
    objections,
    parts_of,
    select,
    sources,
)
from analysis.plots.explain import figure_explain
from analysis.results import frame_of
from analysis.words import in_words
from experiments.cli import cli
from sim.schema import PARTS

NAMES = ("votes", "events", "rounds", "agreements", "summary")


@pytest.fixture(scope="module")
def frames(run_of):
    tables = run_of("baseline", 1, "quarters=6")
    return {name: frame_of(tables[name], "baseline", 1) for name in NAMES}


def test_the_sources_are_the_parts_that_runs_record():
    assert set(SOURCES) == {*PARTS, "aspiration"}


def test_shares_of_the_variance_add_up_and_so_do_the_means(frames):
    table = sources(frames["votes"])
    assert table["share"].sum() == pytest.approx(100)
    votes = frames["votes"].loc[parts_of(frames["votes"]).index]
    assert table["mean"].sum() == pytest.approx(votes["margin"].mean())


def test_a_source_that_alone_varies_has_all_of_the_variance(frames):
    votes = frames["votes"].copy()
    others = [f"part_{name}" for name in PARTS if name != "gain"]
    votes[[*others, "aspiration"]] = 0.0
    share = sources(votes).set_index("source")["share"]
    assert share["gain"] == pytest.approx(100)
    assert share.drop("gain").abs().max() == pytest.approx(0)


@pytest.mark.parametrize("by", ["party", "body", "item"])
def test_objections_are_those_of_the_votes(frames, by):
    votes = frames["votes"]
    table = objections(votes, by)
    blocks = votes["is_blocking"].astype(bool)
    assert table["objections"].sum() == (blocks & votes.index.isin(parts_of(votes).index)).sum() > 0
    assert (table["share"].between(0, 100)).all()
    why = table[[WHY + name for name in SOURCES]]
    assert (why.idxmin(axis=1) == WHY + table["reason"]).all()
    # Beside the mean vote: what an objector lacks in all is its shortfall and the mean margin.
    mean = parts_of(votes).sum(axis=1).mean()
    np.testing.assert_allclose(why.sum(axis=1), -table["shortfall"] - mean, atol=1e-9)


def test_who_lacks_gains_objects_for_gains(frames):
    votes = frames["votes"].copy()
    party = votes["party"].mode()[0]
    own = votes["party"] == party
    votes.loc[own, "part_gain"] -= 50
    votes.loc[own, "margin"] -= 50
    votes.loc[own, "is_blocking"] = True
    row = objections(votes).set_index("party").loc[party]
    assert (row["reason"], row["known"], row["share"]) == ("gain", "gain", 100)


def test_guards_count_what_events_say(frames):
    table = guards(frames).set_index("organisation")
    assert table["agreed"].sum() == (frames["rounds"]["outcome"] == "agreed").sum()
    assert (table["deepest"] <= table["agreed"]).all()
    more = pd.DataFrame(
        {"scenario": "baseline", "seed": 1, "kind": "ceiling_reached", "organisation": ["EU"] * 2}
    )
    events = pd.concat([frames["events"], more])
    found = guards({**frames, "events": events}).set_index("organisation")
    before = frames["events"].query("kind == 'ceiling_reached' and organisation == 'EU'")
    assert found.loc["EU", "ceiling"] == len(before) + 2


def test_words_name_the_first_objector_and_its_reason(frames):
    said = in_words(frames)
    first = objections(frames["votes"]).iloc[0]
    told = next(line for line in said if line.startswith(str(first["party"])))
    assert SOURCES[first["reason"]] in told
    assert "variance of margins" in said[0]


def test_only_who_is_there_can_be_selected(frames):
    assert set(select(frames["votes"], ["WTO"])["organisation"]) == {"WTO"}
    with pytest.raises(AnalysisError, match="unknown organisation 'WTU'"):
        select(frames["votes"], ["WTU"])


def test_votes_of_another_version_are_refused(frames):
    with pytest.raises(AnalysisError, match="part_gain"):
        sources(frames["votes"].drop(columns="part_gain"))


def test_the_figure_shows_the_shares_and_the_objectors(frames):
    figure = figure_explain(frames["votes"])
    left, right = figure.axes[:2]
    shown = [bar.get_width() for bar in left.patches]
    table = sources(frames["votes"])
    assert shown == pytest.approx(sorted(table.loc[table["sd"] > 1e-9, "share"]))
    first = right.get_yticklabels()[0].get_text()
    assert first.startswith(objections(frames["votes"])["party"][0])


def test_the_command_says_it_in_words_csv_and_json(tmp_path):
    results = tmp_path / "results"
    run = CliRunner()
    assert run.invoke(cli, ["run", "quarters=4", "--results", str(results), "-q"]).exit_code == 0
    folder = str(results / "baseline+quarters-4")
    figure = tmp_path / "why.png"
    told = run.invoke(cli, ["explain", folder, "--figure", str(figure)])
    assert told.exit_code == 0, told.output
    assert "variance of margins" in told.output
    assert figure.stat().st_size > 5000
    rows = run.invoke(cli, ["explain", folder, "--format", "csv", "--table", "sources"])
    assert rows.output.splitlines()[0] == "source,meaning,mean,sd,share"
    data = json.loads(run.invoke(cli, ["explain", folder, "--format", "json"]).output)
    assert {row["source"] for row in data["sources"]} == set(SOURCES)
    body = run.invoke(cli, ["explain", folder, "--organisation", "XXX"])
    assert body.exit_code == 2
    assert "unknown organisation 'XXX'" in body.output
