"""Sensitivity: indices and boxes that are known, designs that are run, tables that are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.discovery import prim
from analysis.errors import AnalysisError
from experiments.cli import cli
from experiments.sensitivity import read_table, target_of
from sim.errors import ConfigError

pytest.importorskip(
    "SALib", reason="SALib is not installed (pip install 'concord-sim[sensitivity]')"
)

from analysis.indices import indices, sample

PI = float(np.pi)
ISHIGAMI = dict.fromkeys(("x1", "x2", "x3"), (-PI, PI))


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami & Homma 1990 with a = 7, b = 0.1."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


# First-order and total indices in closed form (Saltelli et al. 2008, section 4.4).
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}

# ------------------------------------------------------------------ indices


def test_sobol_indices_of_the_ishigami_function():
    design = sample("sobol", ISHIGAMI, 1024)
    assert design.shape == (1024 * 5, 3)
    table = indices("sobol", ISHIGAMI, design, ishigami(design)).set_index("parameter")
    for name in ISHIGAMI:
        assert table.loc[name, "S1"] == pytest.approx(FIRST[name], abs=0.03)
        assert table.loc[name, "ST"] == pytest.approx(TOTAL[name], abs=0.03)
    assert table.index.tolist() == ["x1", "x2", "x3"]


def test_morris_finds_the_slopes_of_a_plane_and_no_interaction():
    ranges = {"a": (0.0, 1.0), "b": (-5.0, 5.0), "c": (2.0, 3.0)}
    design = sample("morris", ranges, 6)
    table = indices("morris", ranges, design, design @ [1.0, -0.5, 0.0]).set_index("parameter")
    # Effects are over the whole range, so that units do not matter: 1 × 1, −0.5 × 10, 0.
    assert table["mu"].to_dict() == pytest.approx({"b": -5.0, "a": 1.0, "c": 0.0}, abs=1e-9)
    assert table["mu_star"].tolist() == pytest.approx([5.0, 1.0, 0.0], abs=1e-9)
    assert table["sigma"].tolist() == pytest.approx([0.0] * 3, abs=1e-9)


def test_morris_sees_the_interaction_in_the_ishigami_function():
    design = sample("morris", ISHIGAMI, 40)
    table = indices("morris", ISHIGAMI, design, ishigami(design)).set_index("parameter")
    assert table.loc["x3", "sigma"] > abs(table.loc["x3", "mu"])
    assert (table["mu_star"] > 1.0).all()


def test_a_sample_made_for_something_else_gives_first_order_indices():
    design = np.random.default_rng(1).uniform(-PI, PI, (1000, 3))
    table = indices("given", ISHIGAMI, design, ishigami(design)).set_index("parameter")
    for name in ISHIGAMI:
        assert table.loc[name, "S1"] == pytest.approx(FIRST[name], abs=0.07)


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_a_design_is_the_same_every_time_and_inside_the_ranges(method):
    ranges = {"a": (0.0, 1.0), "b": (10.0, 20.0)}
    before = np.random.get_state()[1].tolist()  # noqa: NPY002  that nobody draws from it
    one, same = sample(method, ranges, 4), sample(method, ranges, 4)
    other = sample(method, ranges, 4, seed=2)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert ((one >= [0, 10]) & (one <= [1, 20])).all()
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_an_outcome_that_never_changes_depends_on_nothing():
    design = sample("sobol", ISHIGAMI, 8)
    table = indices("sobol", ISHIGAMI, design, np.full(len(design), 3.0))
    assert (table[["ST", "S1"]] == 0.0).all(axis=None)


def test_an_outcome_that_is_not_defined_is_refused():
    design = sample("morris", ISHIGAMI, 4)
    outcome = ishigami(design)
    outcome[3] = np.nan
    with pytest.raises(AnalysisError, match="not defined at 1 of 16 points"):
        indices("morris", ISHIGAMI, design, outcome)
    with pytest.raises(AnalysisError, match="power of two"):
        sample("sobol", ISHIGAMI, 6)


@pytest.mark.parametrize("n", [3, 20, 49])
def test_too_few_points_give_no_indices(n):
    design = np.random.default_rng(1).uniform(-PI, PI, (n, 3))
    with pytest.raises(AnalysisError, match=f"{n} points are too few"):
        indices("given", ISHIGAMI, design, ishigami(design))


def test_intervals_are_the_same_every_time():
    design = sample("sobol", ISHIGAMI, 64)
    one, same = (indices("sobol", ISHIGAMI, design, ishigami(design)) for _ in range(2))
    pd.testing.assert_frame_equal(one, same)
    assert (one["ST_conf"] > 0).all()


# ------------------------------------------------------------------ scenario discovery


@pytest.fixture
def space() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(3).uniform(size=(400, 5)), columns=list("abcde"))


def test_prim_finds_a_known_box_and_only_that(space):
    wanted = (space["a"] > 0.6) & (space["c"] < 0.5)
    found = prim(space, list("abcde"), wanted)
    box = found.box.set_index("parameter")
    assert set(box.index) == {"a", "c"}
    assert box.loc["a", "low"] == pytest.approx(0.6, abs=0.03)
    assert box.loc["c", "high"] == pytest.approx(0.5, abs=0.03)
    assert np.isnan([box.loc["a", "high"], box.loc["c", "low"]]).all()
    assert found.coverage > 0.95
    assert found.density > 0.95
    assert (box["quasi_p"] < 1e-6).all()


def test_prim_finds_it_behind_noise(space):
    wanted = ((space["a"] > 0.6) & (space["c"] < 0.5)).to_numpy()
    blurred = wanted ^ (np.random.default_rng(4).uniform(size=len(wanted)) < 0.05)
    found = prim(space, list("abcde"), blurred)
    assert found.box["parameter"].tolist()[:2] in (["a", "c"], ["c", "a"])
    assert (found.is_inside & wanted).sum() > 0.85 * wanted.sum()


@pytest.mark.parametrize("seed", range(5))
def test_of_boxes_that_cover_as_much_the_simplest_is_taken(seed):
    random = np.random.default_rng(seed)
    few = pd.DataFrame(random.uniform(size=(60, 8)), columns=list("abcdefgh"))
    found = prim(few, list(few.columns), (few["a"] > 0.5) & (random.uniform(size=60) < 0.7))
    dense = found.trajectory[found.trajectory["density"] >= 0.8]
    widest = dense[dense["coverage"] == dense["coverage"].max()]
    assert len(widest)
    assert found.coverage == widest["coverage"].iloc[0]
    assert len(found.box) == widest["n_restricted"].min()


def test_coverage_falls_and_the_box_shrinks_while_it_is_peeled(space):
    steps = prim(space, list("abcde"), space["b"] > 0.8).trajectory.iloc[:-1]
    assert steps.iloc[0][["coverage", "n_points", "n_restricted"]].tolist() == [1.0, 400, 0]
    assert steps["n_points"].is_monotonic_decreasing
    assert steps["coverage"].is_monotonic_decreasing
    assert steps["density"].is_monotonic_increasing


def test_prim_refuses_what_cannot_be_parted(space):
    with pytest.raises(AnalysisError, match="none of the 400 points"):
        prim(space, ["a"], space["a"] > 2)
    with pytest.raises(AnalysisError, match="unknown parameter 'z'"):
        prim(space, ["z"], space["a"] > 0.5)


# ------------------------------------------------------------------ the command


def call(results: Path, *arguments: str):
    places = ["--results", str(results), "--jobs", "1"]
    return CliRunner().invoke(cli, ["sensitivity", *arguments, *places])


def test_morris_runs_its_own_design_and_keeps_it(tmp_path, only):
    label = "+".join(["baseline", "quarters=1", *only("FITP")])
    asked = ["morris", label, "--measures", "world_trade,mean_applied_tariff", "--size", "2"]
    more = ["--parameters", "trade_elasticity,agreement", "--seeds", "1"]
    result = call(tmp_path, *asked, *more)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "sensitivity"
    (file,) = folder.glob("*-indices.csv")
    table = pd.read_csv(file)
    assert set(table["measure"]) == {"world_trade", "mean_applied_tariff"}
    assert set(table["parameter"]) == {"trade_elasticity", "agreement"}
    assert len(list((folder / "runs").iterdir())) == 2 * 3
    assert len(list(folder.glob("*.png"))) == 1


@pytest.fixture
def points(tmp_path, space) -> Path:
    table = space.rename(columns={"a": "noise_scale", "b": "trade_elasticity"})
    file = tmp_path / "points.csv"
    table.assign(effect=table["noise_scale"] ** 2).to_csv(file, index=False)
    return file


def test_given_and_prim_look_at_a_table(points, tmp_path):
    shared = ["--table", str(points), "--measures", "effect"]
    result = call(tmp_path, "given", *shared)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "sensitivity" / "points-given-indices.csv")
    assert table["parameter"].tolist() == ["noise_scale", "trade_elasticity"]
    assert table["S1"].iloc[0] > 0.9
    result = call(tmp_path, "prim", *shared, "--above", "0.49")
    assert result.exit_code == 0, result.output
    (file,) = (tmp_path / "sensitivity").glob("*-box.csv")
    assert pd.read_csv(file)["low"].item() == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["given"], "--table FILE"),
        (["morris", "baseline"], "--measures A,B"),
        (["morris", "H4", "--against", "baseline"], "control of its own"),
        (["prim", "--table", "POINTS", "--measures", "effect"], "--above X or --below X"),
        (["given", "--table", "POINTS", "--measures", "efect"], "'effect' (nearest)"),
        (["sobol", "--table", "POINTS", "--measures", "effect"], "design of its own"),
        (["given", "--table", "nothing.csv", "--measures", "effect"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(points, tmp_path, arguments, said):
    filled = [str(points) if one == "POINTS" else one for one in arguments]
    result = call(tmp_path, *filled)
    assert isinstance(result.exception, ConfigError | AnalysisError | SystemExit)
    assert said in result.output + str(result.exception)


def test_a_hypothesis_is_a_target_with_its_own_measures_and_parameters():
    target = target_of("H4a", None, [], [])
    assert len(target.sides) == 2
    assert target.weights == (1.0, -1.0)
    assert "noise_scale" in target.ranges
    assert target.outcomes[0].key == "agreements_in_force (FITP)"


def test_a_difference_in_differences_has_four_sides():
    target = target_of("H3", None, ["world_welfare"], ["noise_scale"])
    assert target.weights == (1.0, -1.0, -1.0, 1.0)
    assert len({side.label for side in target.sides}) == 4


def test_a_sweep_is_read_as_one_row_per_variant(tmp_path, only):
    design = ["name=tiny", "sweep=lhs", "sweep.samples=3", "sweep.parameters=[trade_elasticity]"]
    run = ["quarters=1", *only("FITP"), "seeds=2", "launcher=local"]
    options = ["-q", "--jobs", "1", "--results", str(tmp_path)]
    result = CliRunner().invoke(cli, ["sweep", *run, *design, *options])
    assert result.exit_code == 0, result.output
    frame, names = read_table(tmp_path / "tiny", [])
    assert names == ["trade_elasticity"]
    assert len(frame) == 3
    assert frame["world_trade"].nunique() == 3
    assert read_table(tmp_path / "tiny", [], "baseline")[0].equals(frame)  # the name alone will do


def test_long_labels_that_begin_alike_have_files_of_their_own():
    from experiments.explore import _stem

    begin = "us_withdrawal+" + "+".join(f"parameters.p{n}=1" for n in range(9))
    assert _stem(f"{begin}+a=1", "morris") != _stem(f"{begin}+a=2", "morris")
