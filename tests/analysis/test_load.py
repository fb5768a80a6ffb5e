from __future__ import annotations

import shutil
import warnings

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.errors import AnalysisError, AnalysisWarning
from analysis.load import load, load_run, runs, units


def test_all_runs_in_one_tidy_frame(results):
    frame = load(results)
    assert list(frame.columns[:2]) == ["scenario", "seed"]
    assert frame.groupby(["scenario", "seed"]).size().eq(64).all()
    assert set(frame["scenario"]) == {"baseline", "us_withdrawal"}
    assert set(frame["seed"]) == set(range(1, 9))
    assert frame["date"].dtype == "datetime64[ns]"
    assert frame["date"].min() == pd.Timestamp("2024-01-01")


def test_units_meanings_and_timeline_travel_with_the_frame(results):
    frame = load(results)
    assert units(frame, "world_trade") == "bn USD 2023"
    assert frame.attrs["meanings"]["vetoes"] == "meaning of vetoes"
    assert frame.attrs["timeline"]["baseline"] == []
    assert frame.attrs["timeline"]["us_withdrawal"][3]["text"] == "Liberation Day tariffs"
    assert units(frame[frame["seed"] == 1], "us_tariff") == "%"


@pytest.mark.parametrize(
    "table", ["summary", "events", "rounds", "votes", "states", "organisations", "agreements"]
)
def test_every_table_of_the_contract_loads(results, table):
    frame = load(results, table, scenarios="baseline", seeds=[1, 2])
    assert set(frame["seed"]) == {1, 2}
    assert set(frame["scenario"]) == {"baseline"}


def test_dates_and_missing_dates_of_agreements(results):
    frame = load(results, "agreements", "baseline", 1).set_index("organisation")
    assert frame.loc["WTO", "in_force"] == pd.Timestamp("2027-01-01")
    assert pd.isna(frame.loc["FITP", "in_force"])


def test_scenarios_in_the_order_asked_for(results):
    frame = load(results, scenarios=["us_withdrawal", "baseline"], seeds=3)
    assert list(frame["scenario"].unique()) == ["us_withdrawal", "baseline"]


def test_paths_runs_and_roots_mix(results):
    one = load_run(results / "baseline" / "seed=1")
    frame = load([one, results / "us_withdrawal", str(results / "baseline" / "seed=2")])
    assert frame.groupby("scenario")["seed"].nunique().to_dict() == {
        "baseline": 2,
        "us_withdrawal": 8,
    }


def test_a_run_reads_its_own_tables(results):
    run = load_run(results / "us_withdrawal" / "seed=4")
    assert (run.label, run.seed) == ("us_withdrawal", 4)
    assert len(run.table("summary")) == 64
    with pytest.raises(AnalysisError, match=r"unknown table 'sumary'.*'summary' \(nearest\)"):
        run.table("sumary")


def test_listing(results):
    listed = runs(results)
    assert len(listed) == 16
    assert listed["scenario"].tolist() == ["baseline"] * 8 + ["us_withdrawal"] * 8
    assert listed["seed"].tolist() == [*range(1, 9), *range(1, 9)]


def test_unfinished_folder_is_left_out_with_a_warning(tmp_path, make_run):
    make_run(tmp_path, "baseline", 1)
    folder = make_run(tmp_path, "baseline", 2)
    (folder / "manifest.json").unlink()
    with pytest.warns(AnalysisWarning, match=r"seed=2.*did not finish"):
        frame = load(tmp_path)
    assert set(frame["seed"]) == {1}


def test_hidden_temporary_folder_is_ignored(tmp_path, make_run):
    folder = make_run(tmp_path, "baseline", 1)
    shutil.copytree(folder, tmp_path / "baseline" / ".seed=2.partial")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(runs(tmp_path)) == 1


def test_broken_manifest_is_left_out_but_an_error_when_opened(tmp_path, make_run):
    make_run(tmp_path, "baseline", 1)
    folder = make_run(tmp_path, "baseline", 2)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.warns(AnalysisWarning, match="not readable"):
        assert len(runs(tmp_path)) == 1
    with pytest.raises(AnalysisError, match=r"manifest\.json: not readable"):
        load_run(folder)


def test_broken_table_says_which(tmp_path, make_run):
    folder = make_run(tmp_path, "baseline", 1)
    load_run(folder).file("summary").write_bytes(b"PAR1 nonsense")
    with pytest.raises(AnalysisError, match=r"seed=1\.parquet: not a readable table"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"table": "round"}, r"unknown table 'round'.*'rounds' \(nearest\)"),
        ({"scenarios": "us_withdrawl"}, r"unknown scenario.*'us_withdrawal' \(nearest\)"),
        ({"seeds": [1, 99]}, r"no run with seed 99.*1–8"),
    ],
)
def test_errors_name_what_is_there(results, arguments, message):
    with pytest.raises(AnalysisError, match=message):
        load(results, **arguments)


def test_empty_and_missing_roots(tmp_path):
    with pytest.raises(AnalysisError, match="no finished run here"):
        load(tmp_path)
    (tmp_path / "results").mkdir()
    with pytest.raises(AnalysisError, match=r"unknown folder 'result'.*'results' \(nearest\)"):
        load(tmp_path / "result")
    with pytest.raises(AnalysisError, match=r"no such folder.*concord run"):
        load(tmp_path / "results" / "us_withdrawal")


def test_unknown_measure_has_no_unit(results):
    with pytest.raises(AnalysisError, match=r"'world_trad'.*'world_trade'"):
        units(load(results, seeds=1), "world_trad")


def test_same_run_twice_counts_once_and_two_different_ones_are_refused(tmp_path, make_run):
    first = make_run(tmp_path / "a", "baseline", 1)
    same = make_run(tmp_path / "b", "baseline", 1)
    other = make_run(tmp_path / "c", "baseline", 1, fingerprint="another")
    assert len(load([first, same])) == 64
    with pytest.raises(AnalysisError, match="twice with different fingerprints"):
        load([first, other])


def test_mixed_versions_are_pointed_out(tmp_path, make_run):
    make_run(tmp_path, "baseline", 1)
    make_run(tmp_path, "us_withdrawal", 1, versions={"concord-sim": "0.2.0"})
    with pytest.warns(AnalysisWarning, match="different versions"):
        load(tmp_path)


def test_a_table_of_another_run_is_not_taken_for_its_own(tmp_path, make_run):
    one, other = (make_run(tmp_path, "baseline", seed) for seed in (1, 2))
    shutil.copy(load_run(other).file("summary"), load_run(one).file("summary"))
    with pytest.raises(AnalysisError, match=r"summary/seed=1\.parquet: of another run"):
        load(one)


def test_runs_of_another_format_are_named_and_left_out(tmp_path, make_run):
    old = make_run(tmp_path, "baseline", 1, format=1)
    with pytest.raises(AnalysisError, match=r"no finished run here: a run of format 1"):
        load(tmp_path)
    make_run(tmp_path, "baseline", 2)
    with pytest.warns(AnalysisWarning, match="run of format 1.*run it anew"):
        assert set(load(tmp_path)["seed"]) == {2}
    with pytest.raises(AnalysisError, match="format 2: run it anew, or remove"):
        load_run(old)


def test_an_empty_table_does_not_spoil_the_types(tmp_path, make_run):
    folder = make_run(tmp_path, "baseline", 1)
    make_run(tmp_path, "baseline", 2)
    file = load_run(folder).file("agreements")
    pq.write_table(pq.ParquetFile(file).read().slice(0, 0), file)
    frame = load(tmp_path, "agreements")
    assert frame["in_force"].dtype == "datetime64[ns]"
    assert np.issubdtype(frame["n_signatories"].dtype, np.integer)
