"""Hypotheses: each file can be tried, verdicts follow their rule, runs are kept and found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim.engine
from analysis.errors import AnalysisError
from analysis.items import ITEM_MEASURES, items, joiners
from analysis.outcomes import Outcome, values_of
from analysis.verdicts import SHARE, contrasts, doses, judge, noise_share, overall
from experiments.cli import cli
from experiments.designs import _doses, arms_of
from experiments.hypotheses import Measure, hypotheses, prepare
from experiments.library import Library
from experiments.points import Side, evaluate
from sim.errors import ConfigError, ConvergenceError
from sim.load import parameter_table

FILES = sorted((Path(__file__).parents[2] / "scenarios" / "hypothesis").glob("*.yaml"))
NAMES = [file.stem for file in FILES]

# ------------------------------------------------------------------ every hypothesis on file


def test_the_hypotheses_that_the_model_supports_are_there():
    assert {"H1", "H1a", "H3", "H3a", "H4", "H4a"} <= set(NAMES)
    order = sorted(NAMES, key=lambda n: (int(n[1:].rstrip("a")), n))
    assert [one.id for one in hypotheses()] == order


def test_what_follows_by_construction_says_so_and_has_a_contrast_that_can_fail_beside_it():
    found = {one.id: one for one in hypotheses()}
    for name in ("H1", "H3", "H4"):
        assert found[f"{name}a"].by_construction
        assert not found[name].by_construction


@pytest.mark.parametrize("name", NAMES)
def test_a_hypothesis_can_be_tried(name, tmp_path):
    (one,) = hypotheses([name])
    study = prepare(one, range(1, 3), 3, 1, tmp_path)
    assert len(study.design) == 3
    for point in study.design:
        for parameter, value in point.items():
            low, high = parameter_table()[parameter].range
            assert low <= value <= high
    assert any(measure.sign != "none" for measure in one.measures)
    # Two seeds at the defaults, one at each of three points; beside the claim only the former.
    arms = arms_of(one)
    claim = sum(arm.contrast == "claim" for arm in arms)
    assert len(study.points) == claim * (2 + 3) + (len(arms) - claim) * 2
    # No run stands for two, but for those that two contrasts share.
    scenarios = {(arm.label, arm.overrides) for arm in arms}
    assert len({point.file for _, _, point in study.points}) == len(scenarios) * 2 + claim * 3


def sides_of(one) -> dict[str, list]:
    """Scenarios of each contrast."""
    found: dict[str, list] = {}
    for arm in arms_of(one):
        side = Side.of(arm.label, arm.overrides, one.organisations)
        found.setdefault(arm.contrast, []).append(side.scenario)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_sides_differ_and_share_what_is_not_claimed(name):
    (one,) = hypotheses([name])
    for kind, scenarios in sides_of(one).items():
        first, *others = scenarios
        known = {c: v for c, v in first.organisation.items() if not v.members}
        for other in others:
            moved = {k for k, v in other.parameters.items() if v != first.parameters[k]}
            differ = ("organisation", "shocks", "response", "responses")
            is_other = any(getattr(other, key) != getattr(first, key) for key in differ)
            turned = {k for k, v in other.switches.items() if v != first.switches[k]}
            # A mechanism on and off is a claim as well: then it is that alone; and a dose may be of
            # a parameter.
            assert len(turned) + is_other + len(moved) == 1
            assert not moved or kind == "dose"
            # Bodies whose members are drawn are there on one side only, and have no other effect.
            kept = {c: v for c, v in other.organisation.items() if not v.members}
            assert kept.keys() == known.keys()
    # The two of a pair share their shocks: a difference in differences has them between the pairs.
    claim = sides_of(one)["claim"]
    for treatment, control in zip(claim[::2], claim[1::2], strict=True):
        assert treatment.shocks.keys() == control.shocks.keys()
        if treatment.organisation != control.organisation:
            assert treatment.shocks == control.shocks


def _on_trade(charter):
    return {name: item for name, item in charter.docket.items() if item.area == "trade"}


def test_h1_draws_bodies_as_large_as_the_regional_ones(setting_of):
    (one,) = hypotheses(["H1"])
    regional, drawn = sides_of(one)["claim"]
    world = setting_of("common_item_random", 1, "quarters=4").world
    bodies = [code for code, charter in regional.organisation.items() if _on_trade(charter)]
    assert len(bodies) == 9
    for code in bodies:
        assert not _on_trade(drawn.organisation[code])
        twin = drawn.organisation[f"{code}_SIZED"]
        assert twin.docket == _on_trade(regional.organisation[code])
        for part in ("decision", "agenda", "form", "protects_red_lines", "open_accession"):
            ours = getattr(regional.organisation[code], part)
            if part == "decision":
                ours, theirs = ours["trade"], twin.decision["trade"]
            else:
                theirs = getattr(twin, part)
            assert part == "open_accession" or ours == theirs
        assert world.members(f"{code}_SIZED", world.start).sum() == (
            world.members(code, world.start).sum()
        )


def test_a_difference_in_differences_is_nothing_before_the_cause(tmp_path):
    """All four sides of H3 share the first year, in every world."""
    (one,) = hypotheses(["H3"])
    short = one.model_copy(
        update={
            "overrides": ("quarters=6",),
            "measures": tuple(
                measure.model_copy(update={"at": ("2024-01-01", "2025-03-31")})
                for measure in one.measures
            ),
        }
    )
    study = prepare(short, [1], 0, 1, tmp_path)
    for point in {point.file: point for _, _, point in study.points}.values():
        evaluate(point)
    found = contrasts(study.runs()).set_index(["contrast", "measure"])
    assert len(found.loc["placebo"]) == len(one.measures)
    assert (found.loc["placebo", "difference"] == 0).all()


def test_h1a_differs_in_who_has_the_item_and_in_nothing_else():
    (one,) = hypotheses(["H1a"])
    regional, world = (
        Side.of(label, one.overrides, one.organisations).scenario.organisation
        for label in (one.treatment, one.control)
    )
    bodies = [code for code in regional if _on_trade(regional[code])]
    assert [code for code in world if _on_trade(world[code])] == ["WTO"]
    assert len(bodies) == 9
    assert "WTO" not in bodies
    item = world["WTO"].docket["common_item"]
    for code in bodies:
        ours, theirs = regional[code], world["WTO"]
        assert _on_trade(ours) == {"common_item": item}
        for part in ("agenda", "form", "protects_red_lines"):
            assert getattr(ours, part) == getattr(theirs, part)
        assert ours.decision["trade"] == theirs.decision["trade"]
        assert ours.secretariat.meetings_per_year == theirs.secretariat.meetings_per_year
        assert ours.secretariat.capacity == theirs.secretariat.capacity


# ------------------------------------------------------------------ verdicts


def runs_of(defaults: list[float], samples: list[float]) -> pd.DataFrame:
    """Runs whose control is always 1 and whose effects are as given."""
    rows = []
    for sample, effects in enumerate([defaults, *([one] for one in samples)]):
        for seed, effect in enumerate(effects, 1):
            for side, value in (("control", 1.0), ("treatment", 1.0 + effect)):
                rows.append(("H0", "x", sample, seed, side, value))
    return pd.DataFrame(rows, columns=["hypothesis", "measure", "sample", "seed", "side", "value"])


def verdict(defaults: list[float], samples: list[float], sign: str = "+") -> pd.Series:
    claims = pd.DataFrame([{"hypothesis": "H0", "measure": "x", "sign": sign, "unit": ""}])
    return judge(runs_of(defaults, samples), claims).iloc[0]


CLEAR, MIXED = [1.0, 2.0, 3.0, 2.0, 1.5, 2.5, 1.0, 2.0], [1.0, -1.0] * 4
NEGATIVE = [-value for value in CLEAR]


@pytest.mark.parametrize(
    ("defaults", "samples", "sign", "expected"),
    [
        (CLEAR, [1.0] * 12 + [-1.0] * 4, "+", "supported"),
        (CLEAR, [1.0] * 11 + [-1.0] * 5, "+", "undecided"),
        (CLEAR, [1.0] * 11 + [0.0] * 5, "+", "undecided"),
        (CLEAR, [1.0] * 11 + [np.nan] * 5, "+", "undecided"),
        (MIXED, [1.0] * 16, "+", "undecided"),
        (NEGATIVE, [-1.0] * 16, "+", "opposed"),
        (NEGATIVE, [-1.0] * 16, "-", "supported"),
        (NEGATIVE, [1.0] * 16, "+", "undecided"),
        (CLEAR, [1.0] * 16, "-", "opposed"),
        (CLEAR, [], "+", "undecided"),
        ([0.0] * 8, [0.0] * 16, "+", "undecided"),
        (CLEAR, [1.0] * 16, "none", ""),
        ([1.0], [1.0] * 16, "+", "undecided"),
        ([np.nan] * 8, [np.nan] * 16, "+", "undecided"),
        ([*CLEAR[:6], np.nan, np.nan], [1.0] * 16, "+", "supported"),
        ([*CLEAR[:5], np.nan, np.nan, np.nan], [1.0] * 16, "+", "undecided"),
        ([2.0] * 8, [2.0] * 16, "+", "supported"),
    ],
)
def test_a_verdict_needs_the_interval_and_the_space(defaults, samples, sign, expected):
    assert SHARE == 0.75
    assert verdict(defaults, samples, sign)["verdict"] == expected


def test_shares_tell_what_is_opposite_undefined_and_no_difference():
    row = verdict(CLEAR, [1.0, 1.0, -1.0, 0.0, np.nan])
    assert row["n_samples"] == 5
    assert row["share_holds"] == pytest.approx(0.4)
    assert row["share_opposite"] == row["share_undefined"] == pytest.approx(0.2)


def test_a_verdict_does_not_depend_on_the_order_of_the_runs():
    claims = pd.DataFrame([{"hypothesis": "H0", "measure": "x", "sign": "+", "unit": ""}])
    runs = runs_of(CLEAR, [1.0, -1.0, np.nan])
    pd.testing.assert_frame_equal(
        judge(runs, claims), judge(runs.sample(frac=1, random_state=1), claims)
    )


def test_a_pair_with_a_side_undefined_is_counted_and_left_out():
    row = verdict([1.0, 1.0, np.nan], [1.0])
    assert (row["n_seeds"], row["n_undefined"], row["difference"]) == (2, 1, 1.0)


def test_a_placebo_that_shows_the_same_takes_the_verdict_away():
    both = pd.concat(
        [runs_of(CLEAR, [1.0] * 4), runs_of(CLEAR, []).assign(contrast="placebo")]
    ).fillna({"contrast": "claim"})
    row = {"hypothesis": "H0", "measure": "x", "unit": ""}
    claims = pd.DataFrame(
        [row | {"contrast": "claim", "sign": "+"}, row | {"contrast": "placebo", "sign": "none"}]
    )
    assert judge(both, claims)["verdict"].tolist() == ["undecided", ""]
    calm = both["contrast"].eq("placebo") & both["side"].eq("treatment")
    without = both.assign(value=both["value"].where(~calm, 1.0))
    assert judge(without, claims)["verdict"].tolist() == ["supported", ""]


def test_the_null_models_share_and_the_share_of_noise_are_told():
    null = runs_of([0.5 * x for x in CLEAR], []).assign(contrast="null")
    runs = pd.concat([runs_of(CLEAR, []), null]).fillna({"contrast": "claim"})
    row = {"hypothesis": "H0", "measure": "x", "unit": "", "sign": "+"}
    claims = pd.DataFrame([row | {"contrast": c} for c in ("claim", "null")])
    assert judge(runs, claims)["share_null"].iloc[0] == pytest.approx(0.5)
    rng = np.random.default_rng(1)
    points = np.repeat(np.arange(1, 401), 4)
    made = rng.normal(0, 3, 400)[points - 1] + rng.normal(0, 1, points.size)
    pairs = pd.DataFrame({"sample": points, "difference": made})
    assert noise_share(pairs) == pytest.approx(0.1, abs=0.02)


def test_a_dose_is_told_per_doubling_and_by_level():
    levels = {2.0: "a", 4.0: "b", 8.0: "c"}
    rows = [
        {"hypothesis": "H0", "contrast": "dose", "measure": "x", "sample": 0, "seed": seed}
        | {"side": arm.side, "weight": arm.weight, "level": arm.level}
        | {"value": 5.0 + 3.0 * np.log2(arm.level) + seed}
        for seed in (1, 2)
        for arm in _doses(levels, ())
    ]
    runs = pd.DataFrame(rows)
    assert contrasts(runs)["difference"].tolist() == pytest.approx([3.0, 3.0])
    assert doses(runs)["mean"].tolist() == pytest.approx([9.5, 12.5, 15.5])


def test_a_side_with_a_run_undefined_is_undefined():
    base = {"hypothesis": "H0", "measure": "x", "sample": 0, "seed": 1, "weight": 1.0}
    sides = [("treatment", 1.0), ("treatment", np.nan), ("control", 1.0)]
    runs = pd.DataFrame([base | {"side": side, "value": value} for side, value in sides])
    assert np.isnan(contrasts(runs)["difference"].item())


def test_pairs_keep_the_order_of_hypotheses_and_measures():
    runs = pd.concat([runs_of([1.0], []).assign(measure=name) for name in ("z", "a")])
    assert contrasts(runs)["measure"].tolist() == ["z", "a"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "undecided"], "undecided"),
        (["opposed", ""], "opposed"),
        (["opposed", "supported"], "undecided"),
        ([""], "undecided"),
    ],
)
def test_a_claim_is_supported_when_all_its_measures_are(verdicts, expected):
    assert overall(verdicts) == expected


# ------------------------------------------------------------------ items


@pytest.fixture
def negotiated() -> dict[str, pd.DataFrame]:
    """Three items over a year: one agreed after half of it, one given up, one still open."""
    run = {"scenario": "a", "seed": 1, "organisation": "WTO"}
    codes = ["WTO/x/0", "WTO/y/0", "WTO/z/0"]
    opened = [run | {"kind": "item_opened", "item": c, "date": "2024-01-01"} for c in codes]
    ends = [
        run | {"kind": "agreed", "item": codes[0], "date": "2024-07-01"},
        run | {"kind": "item_lapsed", "item": codes[1], "date": "2024-10-01"},
    ]
    came = run | {"kind": "acceded", "item": "", "date": "2025-07-01", "agreement": codes[0]}
    ends += [came | {"actor": "CHL"}, came | {"actor": "PER", "date": "2027-07-01"}]
    events = pd.DataFrame(opened + ends)
    rounds = [
        run | {"item": codes[0], "blockers": "IND;USA", "n_parties": 10},
        run | {"item": codes[0], "blockers": "", "n_parties": 10},
        run | {"item": codes[1], "blockers": "IND", "n_parties": 10},
    ]
    agreement = run | {"agreement": codes[0], "in_force": pd.NaT, "ended": None, "depth": 5.0}
    agreement |= {"agreed": pd.Timestamp("2024-07-01"), "signatories": "CHL;NZL;PER"}
    return {
        "events": events.assign(date=pd.to_datetime(events["date"])),
        "rounds": pd.DataFrame(rounds),
        "agreements": pd.DataFrame([agreement | {"acceded": "CHL;PER"}]),
        "summary": pd.DataFrame([run | {"date": pd.Timestamp("2024-10-01")}]),
    }


def test_an_item_without_agreement_counts_with_the_time_it_was_open(negotiated):
    table = items(negotiated).set_index("item")
    assert table["is_settled"].tolist() == [True, True, False]
    assert table.loc["z", "left"] == pd.Timestamp("2025-01-01")
    found = {name: one.function(table) for name, one in ITEM_MEASURES.items()}
    assert found["months_to_agreement"] == pytest.approx(6.0, abs=0.1)
    assert found["months_open"] == pytest.approx((6 + 9 + 12) / 3, abs=0.1)
    assert found["months_to_first_agreement"] == pytest.approx(6.0, abs=0.1)
    assert found["blocks_per_item"] == 1.0
    assert found["blocking_share"] == pytest.approx(10.0)
    assert found["share_agreed"] == 50.0
    assert (found["later_accessions"], found["agreements_in_force"]) == (2.0, 0.0)
    assert found["first_movers"] == 1.0
    assert found["years_to_accession"] == pytest.approx(2.0, abs=0.01)


def test_who_goes_first_and_how_much_later_the_others_come(negotiated):
    table = joiners(negotiated).set_index("state")
    assert table.index[0] == "NZL"
    assert table["share_first"].to_dict() == {"NZL": 100.0, "CHL": 0.0, "PER": 0.0}
    assert table.loc["PER", "years_to_accession"] == pytest.approx(3.0, abs=0.01)
    assert np.isnan(table.loc["NZL", "years_to_accession"])


def test_a_measure_of_a_group_is_weighted_and_leaves_members_out():
    frame = pd.DataFrame(
        {"scenario": "a", "seed": 1, "date": pd.Timestamp("2024-01-01")}
        | {"state": ["CHL", "IND", "USA"], "welfare": [9.0, 1.0, 4.0], "income": [1.0, 2.0, 1.0]}
    )
    one = Outcome(
        *("welfare", "states", None, ("2024-01-01", "2024-12-31"), "mean", "income"),
        drop={"state": ["CHL"]},
        label="outside CPTPP",
    )
    found = values_of([one], lambda name: frame)
    assert found == {"welfare (outside CPTPP, 2024-01-01–2024-12-31)": 2.0}


def test_without_any_agreement_the_first_takes_to_the_end(negotiated):
    negotiated["events"] = negotiated["events"].query("kind != 'agreed'")
    negotiated["agreements"] = negotiated["agreements"].iloc[:0]
    table = items(negotiated)
    assert ITEM_MEASURES["months_to_first_agreement"].function(table) == pytest.approx(12, abs=0.1)
    assert np.isnan(ITEM_MEASURES["months_to_agreement"].function(table))


def test_outcomes_are_read_where_they_are_asked_for(negotiated):
    here = Outcome("items_agreed", "items", {"organisation": ["WTO"]})
    there = Outcome("items_agreed", "items", {"organisation": ["ASEAN"]})
    found = values_of([here, there], negotiated.__getitem__)
    assert found == {"items_agreed (WTO)": 1.0, "items_agreed (ASEAN)": 0.0}
    with pytest.raises(AnalysisError, match="unknown column 'state'"):
        values_of([Outcome("items_agreed", "items", {"state": ["WTO"]})], negotiated.__getitem__)


def test_items_of_a_run_agree_with_its_summary(run_of, only):
    from analysis.results import frame_of

    tables = run_of("fitp_partial_adoption", 1, "quarters=16", *only("FITP"))
    found = values_of(
        [Outcome("items_agreed", "items"), Outcome("items_agreed"), Outcome("vetoes")],
        lambda name: frame_of(tables[name], "a", 1),
    )
    table = items({name: frame_of(tables[name], "a", 1) for name in tables})
    assert table["is_agreed"].sum() == found["items_agreed"] > 0
    assert table["n_blocks"].sum() == found["vetoes"]


# ------------------------------------------------------------------ a file of one's own


@pytest.fixture
def own(tmp_path) -> Path:
    """A folder with one hypothesis in it: one file, nothing else."""
    folder = tmp_path / "mine"
    (folder / "hypothesis").mkdir(parents=True)
    content = {
        "id": "H99",
        "claim": "Partial adoption finds agreements sooner.",
        "treatment": "fitp_partial_adoption",
        "control": "fitp_all_or_nothing",
        "organisations": ["FITP"],
        "overrides": ["quarters=10"],
        "parameters": ["noise_scale", "trade_elasticity"],
        "measures": [
            {"name": "items_agreed", "sign": "+", "table": "items", "where": {"item": "x"}},
            {"name": "world_welfare", "sign": "+", "at": ["2026-01-01", "2026-06-30"]},
        ],
        "note": "Made for a test of the machinery.",
    }
    (folder / "hypothesis" / "H99.yaml").write_text(yaml.safe_dump(content))
    return folder


def call(own: Path, results: Path, *more: str):
    sizes = ["--seeds", "2", "--samples", "1", "--seeds-per-sample", "1", "--jobs", "1"]
    places = ["--config-dir", str(own), "--results", str(results)]
    return CliRunner().invoke(cli, ["hypotheses", "H99", *sizes, *places, *more])


def test_adding_a_hypothesis_is_adding_a_file_and_runs_are_not_repeated(own, tmp_path):
    results = tmp_path / "results"
    first = call(own, results)
    assert first.exit_code == 0, first.output
    assert "H99 UNDECIDED: Partial adoption" in first.output  # the item x does not exist
    folder = results / "hypotheses"
    table = (folder / "H99-verdicts.csv").read_bytes()
    assert pd.read_csv(folder / "H99-space.csv").columns.tolist() == [
        *("sample", "noise_scale", "trade_elasticity"),
        *("items_agreed (x)", "world_welfare (2026-01-01–2026-06-30)"),
    ]
    assert (folder / "H99-verdicts.png").stat().st_size > 5000
    kept = {file: file.stat().st_mtime_ns for file in (folder / "runs").iterdir()}
    assert len(kept) == 2 * (2 + 1)
    gone = min(kept)
    gone.unlink()
    assert call(own, results, "-q").exit_code == 0
    now = {file: file.stat().st_mtime_ns for file in (folder / "runs").iterdir()}
    assert now.keys() == kept.keys()
    assert [file for file in kept if now[file] != kept[file]] == [gone]
    assert (folder / "H99-verdicts.csv").read_bytes() == table
    other = call(own, results, "--first-seed", "2", "--samples", "0")
    assert "seeds 2 to 3" in other.output
    assert "Without sampled points" in other.output
    assert set(pd.read_csv(folder / "H99-runs.csv")["seed"]) == {2, 3}
    assert len(list((folder / "runs").iterdir())) == len(kept) + 2, "seed 2 was there"


def test_a_run_that_fails_is_shown_and_counts_as_undefined(own, tmp_path, monkeypatch):
    real = sim.engine.simulate

    def simulate(scenario, seed, **more):
        if seed == 2:
            raise ConvergenceError("no equilibrium in the third quarter")
        return real(scenario, seed, **more)

    monkeypatch.setattr(sim.engine, "simulate", simulate)
    result = call(own, tmp_path / "results")
    assert result.exit_code == 0, result.output
    assert "failed: H99 point 0, seed 2, control: no equilibrium" in result.output
    verdicts = pd.read_csv(tmp_path / "results" / "hypotheses" / "H99-verdicts.csv")
    assert verdicts["n_undefined"].tolist() == [1, 1]
    left = [json.loads(f.read_text()) for f in (tmp_path / "results").rglob("runs/*.json")]
    assert sum("error" in one for one in left) >= 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "H98"}, "its id is 'H98'"),
        ({"measures": [{"name": "vetos", "sign": "+"}]}, "'vetoes' (nearest)"),
        ({"measures": [{"name": "vetoes", "sign": "up"}]}, "sign"),
        ({"measures": [{"name": "vetoes", "sign": "+", "table": "sumary"}]}, "'summary' (nearest)"),
        ({"treatmnt": "x"}, "unknown key 'treatmnt'. Expected 'treatment' (nearest)"),
        ({"measures": [{"name": "vetoes", "sign": "+", "at": ["soon", "late"]}]}, "YYYY-MM-DD"),
        ({"measures": [{"name": "vetoes", "sign": "+", "at": "2024-01-01"}]}, "[since, until]"),
        ({"measures": [{"name": "vetoes", "sign": "+", "over": "least"}]}, "it needs at"),
        ({"measures": [{"name": "vetoes", "sign": "+", "outside": ["EU"]}]}, "'states'"),
        ({"placebo": {"why": "nothing differs"}}, "other sides or another span"),
        ({"dose": {"of": "members", "levels": {2: "baseline"}}}, "dose"),
    ],
)
def test_a_fault_in_a_file_is_said_before_anything_runs(own, change, said):
    file = own / "hypothesis" / "H99.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | change))
    with pytest.raises(ConfigError) as caught:
        hypotheses(["H99"], own)
    assert said in str(caught.value)
    assert "H99.yaml" in str(caught.value)


def test_an_unknown_parameter_or_organisation_is_refused(own, tmp_path):
    (one,) = hypotheses(["H99"], own)
    wrong = one.model_copy(update={"parameters": ("noise_scal",)})
    with pytest.raises(ConfigError, match="'noise_scale' \\(nearest\\)"):
        prepare(wrong, [1], 1, 1, tmp_path, own)
    wrong = one.model_copy(update={"organisations": ("FITB",)})
    with pytest.raises(ConfigError, match="'FITP' \\(nearest\\)"):
        prepare(wrong, [1], 1, 1, tmp_path, own)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"treatment": "fitp_all_or_nothing"}, "H99: treatment and control are the same"),
        ({"treatment": "fitp_partial_adoptin"}, "H99, override .*unknown scenario"),
        ({"overrides": ("quaters=6",)}, "H99, override 'quaters': unknown key"),
        (
            {"measures": (Measure(name="vetoes", sign="+", at=("2040-01-01", "2041-01-01")),)},
            "no quarter of the run begins",
        ),
        (
            {"measures": (Measure(name="items_agreed", table="items", sign="+",
                                  where={"organisation": ("FTIP",)}),)},
            "measure 'items_agreed': unknown organisation 'FTIP'",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused_before_anything_runs(own, tmp_path, change, said):
    (one,) = hypotheses(["H99"], own)
    with pytest.raises(ConfigError, match=said):
        prepare(one.model_copy(update=change), [1], 1, 1, tmp_path, own)


def test_an_unknown_hypothesis_is_answered_with_those_there_are(own):
    with pytest.raises(ConfigError, match="H99"):
        hypotheses(["H999"], own)
    assert own.resolve() in Library.of(own).roots
