"""Designs make the variants that they promise, and refuse what makes none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.sweep.design import variants
from experiments.sweep.request import request_of
from sim.errors import ConfigError
from sim.load import parameter_table

TABLE = parameter_table()


def test_a_grid_has_every_combination_once() -> None:
    made = variants("grid", {"over": {"a": [1, 2, 3], "b": ["x", "y"]}}, TABLE)
    assert len(made) == 6
    assert {(one["a"], one["b"]) for one in made} == {(a, b) for a in (1, 2, 3) for b in "xy"}


def test_a_grid_over_nothing_is_the_scenario_itself() -> None:
    assert variants("grid", {"over": {}}, TABLE) == [{}]


@settings(max_examples=20, deadline=None)
@given(samples=st.integers(1, 40), seed=st.integers(0, 5))
def test_a_latin_hypercube_uses_each_slice_of_each_range_once(samples: int, seed: int) -> None:
    options = {"samples": samples, "over": {"a": [2.0, 4.0], "b": [-1.0, 0.0]}, "seed": seed}
    made = variants("lhs", options, TABLE)
    for key, low, width in (("a", 2.0, 2.0), ("b", -1.0, 1.0)):
        slices = np.floor([(one[key] - low) / width * samples for one in made])
        assert sorted(slices) == list(range(samples))


@pytest.mark.parametrize(("design", "count"), [("lhs", 50), ("sobol", 64)])
def test_designs_fill_all_declared_ranges_by_default(design: str, count: int) -> None:
    made = variants(design, {"samples": count}, TABLE)
    assert len(made) == count
    assert set(made[0]) == {f"parameters.{name}" for name in TABLE}
    for name, entry in TABLE.items():
        low, high = entry.range
        values = [one[f"parameters.{name}"] for one in made]
        assert low <= min(values) < max(values) <= high
        assert max(values) - min(values) > 0.9 * (high - low)


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_a_design_follows_from_its_seed(design: str) -> None:
    def made(root: int, **more: int) -> list[dict[str, float]]:
        return variants(design, {"samples": 8, "over": {"a": [0, 1]}, **more}, TABLE, root)

    assert made(1) == made(1)
    assert made(1) != made(2)
    assert made(1, seed=7) == made(2, seed=7)


def test_one_at_a_time_changes_one_at_a_time() -> None:
    options = {"points": 3, "parameters": ["trade_elasticity"], "over": {"b": [0, 1]}}
    made = variants("oat", options, TABLE)
    assert made[0] == {}
    assert all(len(one) == 1 for one in made[1:])
    low, high = TABLE["trade_elasticity"].range
    values = [one["parameters.trade_elasticity"] for one in made[1:4]]
    assert values == [low, (low + high) / 2, high]
    assert [one["b"] for one in made[4:]] == [0, 0.5, 1]


def test_a_table_gives_one_variant_per_line(tmp_path: Path) -> None:
    file = tmp_path / "v.csv"
    file.write_text(
        "parameters.trade_elasticity,response,shocks.x.date,switches.learning\n"
        "5,none,2025-01-20,false\n\n,retaliate,,\n"
    )
    assert variants("csv", {"file": str(file)}, TABLE) == [
        {
            "parameters.trade_elasticity": 5.0,
            "response": "none",
            "shocks.x.date": "2025-01-20",
            "switches.learning": False,
        },
        {"response": "retaliate"},
    ]


@pytest.mark.parametrize(
    ("design", "options", "said"),
    [
        ("grid", {"over": {"a": 3}}, "no list of values"),
        ("grid", {"over": {"a": [1, 1]}}, "twice"),
        ("list", {"variants": []}, "no variants"),
        ("list", {"variants": [3]}, "not a list of variants"),
        ("lhs", {"samples": 0}, "sweep.samples"),
        ("lhs", {"samples": 4, "over": {"a": [2, 1]}}, "not below"),
        ("lhs", {"samples": 4, "parameters": ["trade_elastcity"]}, "Expected 'trade_elasticity'"),
        ("sobol", {"samples": 100}, "Expected 64 or 128"),
        ("oat", {"points": 1}, "sweep.points"),
        ("csv", {"file": None}, "sweep.file=variants.csv"),
        ("csv", {"file": "/nowhere.csv"}, "cannot be read"),
        ("morphological", {}, "unknown design"),
        ("lhs", {"samples": 10**9}, "Expected 100000 or fewer"),
        ("sobol", {"samples": 2**30}, "Expected 100000 or fewer"),
        ("oat", {"points": 10**8}, "Expected 100000 or fewer"),
        ("grid", {"over": {key: list(range(100)) for key in "abcd"}}, "makes 100000000 variants"),
        ("lhs", {"samples": 4, "over": {"a": [0, float("inf")]}}, "two finite numbers"),
        ("lhs", {"samples": 4, "parameters": 3}, "sweep.parameters: 3 will not do"),
        ("list", {"variants": [{"a": 1}, {"b": 1}, {"a": 1}]}, "number 3: the same as"),
        ("grid", {"over": {"seed": [1, 2]}}, "'seed' cannot be swept. Expected seeds=N"),
        ("list", {"variants": [{"scenario": "baseline"}]}, "Expected scenario=A,B"),
    ],
)
def test_what_makes_no_design_is_refused(
    design: str, options: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said.replace("(", r"\(").replace(")", r"\)")):
        variants(design, options, TABLE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n\n3\n", "line 4: 1 cells"),
        (b"a;b\n1;2\n", "line 1: columns parted by semicolons"),
        (b"a,b,a\n1,2,3\n", "line 1: 'a' comes twice"),
        (b"a,\n1,\n", "column 2 has no head"),
        (b"a,b\n1,2\n2,2\n1,2\n", "line 4: the same as .*line 2"),
        (b"a\n5\xe9\n", "UTF-8"),
        (b"\n\n", "is empty"),
        (b"a\n", "no variants"),
        (b"seed\n3\n", "'seed' cannot be swept"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_the_line(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "v.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        variants("csv", {"file": str(file)}, TABLE)


def test_a_table_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "v.csv"
    file.write_bytes(b'\xef\xbb\xbf"a","b"\r\n"5","x"\r\n')
    assert variants("csv", {"file": str(file)}, TABLE) == [{"a": 5.0, "b": "x"}]


def test_what_is_fixed_is_not_among_all_parameters() -> None:
    options = {"samples": 2, "fixed": ["parameters.trade_elasticity", "quarters"]}
    made = variants("lhs", options, TABLE)
    assert len(made[0]) == len(TABLE) - 1
    assert "parameters.trade_elasticity" not in made[0]


def test_the_command_line_is_sorted_into_sweep_and_scenario() -> None:
    request = request_of(
        [
            "scenario=us_withdrawal,'baseline+switches.learning=false'",
            "sweep=lhs",
            "sweep.samples=8",
            "parameters.trade_elasticity=interval(3,5)",
            "quarters=8",
            "seeds=3",
            "root_seed=5",
            "launcher.jobs=1",
            "name=mine",
        ]
    )
    assert request.scenarios == ["us_withdrawal", "baseline+switches.learning=false"]
    assert request.fixed == ["quarters=8"]
    assert request.design["samples"] == 8
    assert request.design["over"] == {"parameters.trade_elasticity": [3.0, 5.0]}
    assert (request.seeds, request.root_seed, request.name) == (3, 5, "mine")
    assert request.launcher["engine"] == "local"
    assert request.launcher["jobs"] == 1


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("sweep=gird", "'grid' \\(nearest\\)"),
        ("sweep.smaples=3", "unknown option"),
        ("launcher=slrum", "'slurm' \\(nearest\\)"),
        ("seed=3", "seeds=N"),
        ("seeds=0", "whole number, 1 to"),
        ("seeds=many", "whole number"),
        ("name=../up", "cannot be a name"),
        ("quarters", "no '='"),
        ("seeds=1,2", "several values"),
        ("launcher.chunk=many", "launcher.chunk: 'many' will not do"),
        ("launcher.jobs=0", "from 1 to 1024"),
        ("launcher.memory_gb=little", "a number above 0"),
        ("parameters.noise_scale=interval(0,1)", "sweep=lhs, sobol or oat"),
    ],
)
def test_a_misspelt_command_is_refused_with_what_would_be_right(override: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        request_of([override])


def test_values_and_ranges_are_not_taken_for_each_other() -> None:
    with pytest.raises(ConfigError, match="interval\\(LOW,HIGH\\), or sweep=grid"):
        request_of(["sweep=lhs", "parameters.noise_scale=0.1,0.2"])
    with pytest.raises(ConfigError, match="swept twice"):
        request_of(["quarters=2,3", "quarters=4,5"])


@pytest.mark.parametrize(
    ("group", "content", "said"),
    [
        ("sweep", "desing: list", "unknown design 'mine'"),
        ("sweep", "design: lsit", "mine.yaml: unknown design 'lsit'. Expected 'list'"),
        ("sweep", "design: lhs\nsampels: 3", "mine.yaml: unknown option 'sampels'"),
        ("sweep", "design: [", "mine.yaml, line 2: broken YAML"),
        ("launcher", "engine: locla", "mine.yaml: unknown engine 'locla'. Expected 'local'"),
        ("launcher", "engine: local\nchunk: 0", "launcher.chunk: 0 will not do"),
    ],
)
def test_a_file_of_ones_own_with_a_fault_is_named(
    tmp_path: Path, group: str, content: str, said: str
) -> None:
    (tmp_path / group).mkdir()
    (tmp_path / group / "mine.yaml").write_text(content)
    with pytest.raises(ConfigError, match=said):
        request_of([f"{group}=mine"], tmp_path)


def test_a_file_of_ones_own_needs_only_what_differs(tmp_path: Path) -> None:
    for group, content in (("sweep", "design: lhs\nsamples: 3"), ("launcher", "engine: slurm")):
        (tmp_path / group).mkdir()
        (tmp_path / group / "mine.yaml").write_text(content)
    request = request_of(["sweep=mine", "launcher=mine", "launcher.mem_gb=4"], tmp_path)
    assert (request.design["samples"], request.design["over"]) == (3, {})
    assert request.launcher == {
        **request_of(["launcher=slurm"]).launcher, "mem_gb": 4
    }  # fmt: skip
