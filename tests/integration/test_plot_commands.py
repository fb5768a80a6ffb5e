"""`concord plot`: each figure from the shell, with title, unit and source, and its numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.forums import TABLES, work
from analysis.load import load
from experiments.cli import cli
from experiments.library import Library

KEEP = ("ANDEAN", "EU", "WTO", "UN", "AU")


def call(*line: str):
    return CliRunner().invoke(cli, line, prog_name="concord")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A scenario of five bodies, and one without the UN."""
    folder = tmp_path_factory.mktemp("plots") / "results"
    drop = [f"~organisation.{c}" for c in Library.of().charters() if c not in KEEP]
    for more in ((), ("~organisation.UN",)):
        done = call("run", "quarters=8", *drop, *more, "--results", str(folder), "-q")
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def runs(results):
    found = load(results, "organisations")
    with_un = found.loc[found["organisation"] == "UN", "scenario"].iloc[0]
    without = next(label for label in found["scenario"].unique() if label != with_un)
    return results / with_un, results / without


LINES = {
    "streams": (["--by", "region", "--share"], ["Memberships", "% of memberships"]),
    "life": (["AU"], ["The life of AU", "Share (0 to 1)", "States"]),
    "network": (["--years", "2025"], ["2025: 5 bodies", "memberships"]),
}


@pytest.mark.parametrize("kind", LINES)
def test_a_figure_says_what_it_shows_in_which_unit_and_from_where(kind, runs, tmp_path):
    words, shown = LINES[kind]
    files = [tmp_path / f"{name}.svg" for name in ("one", "two")]
    for file in files:
        done = call("plot", kind, str(runs[0]), *words, "--output", str(file))
        assert done.exit_code == 0, done.output
        assert f"Figure: {file}" in done.stdout
    drawn = _text(files[0])
    for text in (*shown, "Source: Concord run", "seed 1", "fingerprint"):
        assert text in drawn, text
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(pd.read_csv(files[0].with_suffix(".csv")))


def _text(file) -> str:
    """Text of an SVG: Matplotlib writes it as a comment before the glyphs."""
    import html
    import re

    found = re.findall(r"<!-- (.*?) -->", file.read_text(encoding="utf-8"), re.DOTALL)
    return html.unescape(" ".join(found))


def test_scenarios_stand_side_by_side_and_files_beside_the_runs(runs):
    done = call("plot", "streams", *map(str, runs))
    assert done.exit_code == 0, done.output
    written = sorted((runs[0].parent / "figures").glob("streams-*"))
    assert [file.suffix for file in written] == [".csv", ".png"]
    table = pd.read_csv(written[0])
    assert set(table["scenario"]) == {run.name for run in runs}


@pytest.mark.parametrize("part", ["", "scenario", "seed=1"])
def test_figures_lie_in_the_folder_of_results(part, runs):
    results, scenario = runs[0].parent, runs[0]
    folder = {"": results, "scenario": scenario, "seed=1": scenario / "seed=1"}[part]
    done = call("plot", "streams", str(folder), "--kind", "memberships")
    assert done.exit_code == 0, done.output
    assert f"Figure: {results / 'figures' / f'streams-{folder.name}.png'}" in done.stdout


def test_streams_add_up_to_what_the_run_says_of_itself(runs):
    table = work({name: load(runs[0], name) for name in TABLES})
    totals = table.groupby(["kind", "date"])["value"].sum().unstack("kind")
    summary = load(runs[0], "summary").set_index("date")
    assert (totals["memberships"] == summary["memberships"]).all()
    assert (totals["agreements"] == summary["agreements_in_force"]).all()


def test_the_table_of_organisations_says_who_belongs_and_what_vitality_is_made_of(runs):
    table = load(runs[0], "organisations")
    listed = table["members"].map(lambda codes: len(codes.split(";")) if codes else 0)
    assert (listed == table["n_members"]).all()
    first = table[table["step"] == 0].set_index("organisation")
    parts = first[["delivery", "funding", "capacity", "meetings", "cohesion"]].mean(axis=1)
    assert parts.to_dict() == pytest.approx(first["vitality"].to_dict())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["life", "{run}", "ASEAN"], "unknown organisation 'ASEAN'"),
        (["life", "{run}", "AU", "--seed", "7"], "no run with seed 7"),
        (["life", "{results}", "AU"], "runs of 2 scenarios"),
        (["network", "{run}", "--years", "2030"], "'2030' is no year of the run"),
        (["streams", "{run}", "--output", "x.jpg"], "no figure ends in '.jpg'"),
        (["dispute", "{run}", "CHE", "NZL"], "CHE and NZL had no dispute in the run"),
        (["streams", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(
    line, words, runs, results, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    done = call("plot", *(word.format(run=runs[0], results=results) for word in line))
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
