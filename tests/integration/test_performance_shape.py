"""How work and memory grow with a run; no timings here (those are in `experiments.benchmarks`)."""

from __future__ import annotations

from collections import Counter

import pytest

from sim.engine import open_model
from sim.kernels.armington import Economy


@pytest.fixture
def solved(monkeypatch):
    """Counts of the calls into the trade economy, and of the counterfactuals they asked for."""
    count: Counter[str] = Counter()
    plain, build = Economy.solve, Economy.__init__

    def solve(self, *args, **kwargs):
        count["solve"] += 1
        return plain(self, *args, **kwargs)

    def counting(batch):
        def solve_many(self, *args, **kwargs):
            count["batches"] += 1
            many = batch(self, *args, **kwargs)
            count["counterfactuals"] += len(many.welfare)
            return many

        return solve_many

    def init(self, *args, **kwargs):
        count["economies"] += 1
        build(self, *args, **kwargs)

    monkeypatch.setattr(Economy, "solve", solve)
    for name in ("solve_batch", "solve_changes"):
        monkeypatch.setattr(Economy, name, counting(getattr(Economy, name)))
    monkeypatch.setattr(Economy, "__init__", init)
    return count


def _advance(model, quarters):
    for _ in range(quarters):
        model.step()


def test_a_quarter_in_which_nothing_changes_solves_nothing(scenario_of, only, solved):
    bodies = only("WHO", "PARIS", "UNHRC", "UNESCO", "UN")
    idle = ("~organisation.WHO.docket", "~organisation.PARIS.docket")
    # what moves trade and income by itself
    moving = (
        "dispute_costs",
        "civil_costs",
        "sanctions",
        "scrutiny",
        "climate_pledges",
        "digital_rules",
        "epidemics",
    )
    calm = (*(f"switches.{name}=false" for name in moving), *idle)
    model = open_model(scenario_of("us_withdrawal", "quarters=12", *bodies, *calm), seed=1)
    _advance(model, 5)
    solved.clear()
    _advance(model, 1)  # the tariffs of April 2025
    assert solved["solve"] == 1
    solved.clear()
    _advance(model, 6)
    assert not +solved


def test_menus_are_valued_in_batches_and_remembered(scenario_of, only, solved):
    model = open_model(scenario_of("baseline", "quarters=8", *only("ASEAN", "CPTPP")), seed=1)
    _advance(model, 4)
    assert solved["counterfactuals"] > 4 * solved["batches"]
    held = model.log.tables()["rounds"]["item"].to_pylist()
    assert solved["batches"] < len(held) + len(set(held))  # opening an item and each round use one


def test_what_is_remembered_stays_bounded(scenario_of, only):
    """Memory follows the world and not the length of the run."""
    kept = only("ANDEAN", "ASEAN", "FITP", "MERCOSUR", "PACIFIC_ALLIANCE")
    model = open_model(scenario_of("fitp_partial_adoption", "quarters=32", *kept), seed=1)
    for _ in range(32):
        model.step()
    kept = model.setting.memo.counts()
    assert {"sim.economy.outlook._outlook", "sim.issues.builder._menu"} <= set(kept)
    assert max(kept.values()) <= 128
    assert kept["sim.economy.outlook._outlook"] <= 24


def test_a_longer_run_begins_like_a_shorter_one(run_of, only):
    short, long = (run_of("baseline", 1, f"quarters={q}", *only("ANDEAN")) for q in (4, 8))
    for name in ("states", "organisations", "summary"):
        assert long[name].num_rows == 2 * short[name].num_rows
        head = long[name].slice(0, short[name].num_rows).to_pandas()
        assert head.equals(short[name].to_pandas())
