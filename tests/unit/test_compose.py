"""Scenarios compose from files and overrides, and every fault has its place and its remedy."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import sim.mechanisms
from experiments.compose import compose, split_label
from experiments.library import Library
from experiments.reading import read_yaml
from sim.errors import ConfigError

GLOBAL = "# @package _global_\n"
PARENT = """
defaults: [baseline, _self_]
title: Mine
shocks:
  who: {kind: exit, state: USA, organisation: WHO, date: 2025-01-20}
"""


ALL_CHARTERS = Library.charters


@pytest.fixture(autouse=True)
def few_charters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose with a handful of charters: copying all of them takes hydra most of its time."""

    def charters(self: Library) -> dict[str, dict]:
        few = {"ASEAN", "WTO", "NEWCLUB"}
        return {code: charter for code, charter in ALL_CHARTERS(self).items() if code in few}

    monkeypatch.setattr(Library, "charters", charters)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's folder with one scenario, `mine`."""
    for name in ("scenario", "organisation", "parameters"):
        (tmp_path / name).mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text(GLOBAL + PARENT)
    return tmp_path


def add(own: Path, name: str, text: str) -> None:
    (own / "scenario" / f"{name}.yaml").write_text(text)


class TestComposing:
    def test_the_default_is_the_baseline(self) -> None:
        composed = compose([])
        assert (composed.label, composed.seed, composed.overrides) == ("baseline", 1, ())
        assert composed.mapping["name"] == "baseline"
        assert "seed" not in composed.mapping
        assert {"ASEAN", "WTO"} <= set(composed.mapping["organisation"])
        assert composed.mapping["parameters"]["trade_elasticity"] == 4

    def test_every_charter_and_parameter_is_composed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Library, "charters", ALL_CHARTERS)
        home = Library.of().roots[0]
        mapping = compose([]).mapping
        assert set(mapping["organisation"]) == {p.stem for p in (home / "organisation").iterdir()}
        own = (Path(sim.mechanisms.__file__).parent).glob("*/parameters.yaml")
        files = [*(home / "parameters").iterdir(), *own]
        names = {name for p in files for name in read_yaml(p)}
        assert set(mapping["parameters"]) == names

    def test_a_users_scenario_inherits_and_is_named_after_its_file(self, own: Path) -> None:
        composed = compose(["scenario=mine"], own)
        assert composed.mapping["name"] == composed.label == "mine"
        assert composed.mapping["quarters"] == compose([]).mapping["quarters"]
        assert composed.mapping["shocks"]["who"]["date"] == "2025-01-20"  # plain text, no date

    def test_a_scenario_overrides_charters_and_parameters_and_the_shell_both(
        self, own: Path
    ) -> None:
        add(
            own,
            "deep",
            GLOBAL + "defaults: [mine, _self_]\nparameters: {trade_elasticity: 5}\n"
            "organisation: {ASEAN: {exit_notice_months: 7}}\n",
        )
        deep = compose(["scenario=deep"], own).mapping
        assert deep["parameters"]["trade_elasticity"] == 5
        assert deep["organisation"]["ASEAN"]["exit_notice_months"] == 7
        assert "who" in deep["shocks"]
        last = compose(["scenario=deep", "parameters.trade_elasticity=6"], own).mapping
        assert last["parameters"]["trade_elasticity"] == 6

    def test_an_organisation_is_one_file(self, own: Path) -> None:
        charter = Library.of().roots[0] / "organisation" / "ASEAN.yaml"
        (own / "organisation" / "NEWCLUB.yaml").write_text(charter.read_text())
        assert "NEWCLUB" in compose([], own).mapping["organisation"]

    @pytest.mark.parametrize(
        ("override", "path", "value"),
        [
            ("organisation.ASEAN.form=soft", ["organisation", "ASEAN", "form"], "soft"),
            ("shocks.who.date=2026-01-01", ["shocks", "who", "date"], "2026-01-01"),
            ("shocks.who.notice_months=0", ["shocks", "who", "notice_months"], 0),
            ("world.trade='/my data/a.csv'", ["world", "trade"], "/my data/a.csv"),
            ("world.trade_unit=usd", ["world", "trade_unit"], "usd"),
            ("quarters=40", ["quarters"], 40),
            ("response=retaliate", ["response"], "retaliate"),
        ],
    )
    def test_the_shell_reaches_everything(
        self, own: Path, override: str, path: list[str], value: object
    ) -> None:
        found: object = compose(["scenario=mine", override], own).mapping
        for key in path:
            found = found[key]  # type: ignore[index]
        assert found == value

    def test_shocks_are_left_out_and_added(self, own: Path) -> None:
        added = "+shocks.un={kind: exit, state: USA, organisation: UN, date: 2026-01-01}"
        shocks = compose(["scenario=mine", "~shocks.who", added], own).mapping["shocks"]
        assert list(shocks) == ["un"]

    def test_composing_leaves_no_global_state(self, own: Path) -> None:
        from hydra.core.global_hydra import GlobalHydra

        before = compose([]).mapping
        compose(["scenario=mine", "quarters=3"], own)
        assert compose([]).mapping == before
        assert not GlobalHydra.instance().is_initialized()


class TestSwappingRules:
    def test_parameters_of_the_old_rule_go_with_it(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, logger="concord"):
            composed = compose(["organisation.ASEAN.decision.trade.rule=simple_majority"])
        assert composed.mapping["organisation"]["ASEAN"]["decision"]["trade"] == {
            "rule": "simple_majority"
        }
        assert "tolerance" in caplog.text

    def test_what_the_shell_names_is_kept_for_loading_to_judge(self) -> None:
        key = "organisation.ASEAN.decision.trade"
        composed = compose([f"{key}.rule=simple_majority", f"{key}.quorum=0.5", f"{key}.tol=1"])
        assert composed.mapping["organisation"]["ASEAN"]["decision"]["trade"] == {
            "rule": "simple_majority",
            "quorum": 0.5,
            "tol": 1,
        }

    def test_misspelt_parameters_in_a_scenario_are_kept(self, own: Path) -> None:
        rule = "{ASEAN: {decision: {trade: {rule: simple_majority, qourum: 0.5}}}}"
        add(own, "typo", GLOBAL + f"defaults: [baseline, _self_]\norganisation: {rule}\n")
        trade = compose(["scenario=typo"], own).mapping["organisation"]["ASEAN"]["decision"][
            "trade"
        ]
        assert trade == {"rule": "simple_majority", "qourum": 0.5}

    def test_an_unknown_rule_is_left_as_it_is(self) -> None:
        trade = compose(["organisation.ASEAN.decision.trade.rule=nope"]).mapping["organisation"]
        assert set(trade["ASEAN"]["decision"]["trade"]) == {"rule", "tolerance"}


class TestLabels:
    def test_sorted_overrides_that_change_something(self, own: Path) -> None:
        quarters = compose([]).mapping["quarters"]
        composed = compose(
            ["response=none", "~shocks.who", "seed=9", "scenario=mine", f"quarters={quarters - 1}"],
            own,
        )
        assert composed.label == f"mine+quarters={quarters - 1}+~shocks.who"
        assert composed.seed == 9

    def test_one_value_has_one_spelling(self) -> None:
        one = compose(["parameters.trade_elasticity=5"]).label
        assert one == compose(["parameters.trade_elasticity=5.0"]).label
        assert compose(["parameters.trade_elasticity=4.0"]).label == "baseline"

    def test_a_label_composes_to_itself(self, own: Path) -> None:
        label = compose(["scenario=mine", "quarters=3", "shocks.who.date=2026-01-01"], own).label
        assert compose(split_label(label), own).label == label

    def test_names_are_safe_and_tell_apart(self) -> None:
        one, two = (compose([f"world.trade='{path}'"]).label for path in ("/a/b c", "/a/b/c"))
        assert one != two
        assert not set(one + two) & set("/ '\\:*?<>|")

    def test_long_labels_are_cut_to_a_hash(self) -> None:
        many = [f"parameters.{name}=1" for name in list(compose([]).mapping["parameters"])[:12]]
        label = compose(many).label
        assert label.startswith("baseline+")
        assert len(label) < 20
        assert label != compose(many[:-1]).label


class TestFaults:
    @pytest.mark.parametrize(
        ("override", "words"),
        [
            ("scenario=minee", ["unknown scenario 'minee'", "'mine' (nearest)", "baseline"]),
            ("quaters=3", ["unknown key 'quaters'", "'quarters' (nearest)"]),
            ("organisation.ASAEN.form=soft", ["'ASAEN'", "'ASEAN' (nearest)"]),
            ("organisation.ASEAN.decison.trade.rule=x", ["'decison'", "'decision'", "(nearest)"]),
            ("parameters.trade_elastisity=5", ["Expected 'trade_elasticity'"]),
            ("shocks.whu.date=2026-01-01", ["'whu'", "'who'", "+shocks.whu"]),
            ("~shocks.whu", ["'whu'", "'who'"]),
            ("quarters.x=3", ["unknown key 'x'"]),
            ("+quarters=3", ["there already", "quarters=value"]),
            ("quarters=1,2", ["several values", "--seeds"]),
            ("mine", ["scenario=mine"]),
            ("mien", ["key=value"]),
            ("quarters=[", ["cannot be read"]),
            ("scenario@here=mine", ["'@'"]),
            ("seed=-1", ["seed -1"]),
            ("seed=x", ["whole number"]),
            ("quarters=${none}", ["none"]),
            ("organisation=5", ["organisation=5"]),
        ],
    )
    def test_overrides(self, own: Path, override: str, words: list[str]) -> None:
        with pytest.raises(ConfigError) as caught:
            compose(["scenario=mine", override], own)
        for word in words:
            assert word in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (GLOBAL + "title: [x\nquarters: 3\n", ["bad.yaml, line 3", "broken YAML"]),
            (GLOBAL + "title: x\ntitle: y\n", ["bad.yaml, line 3", "given twice"]),
            (GLOBAL + "defaults: [basline, _self_]\n", ["bad.yaml, defaults", "'baseline'"]),
            ("title: x\n", ["bad.yaml", "@package _global_"]),
            (GLOBAL + "- x\n", ["bad.yaml", "holds a list"]),
            (GLOBAL + "defaults: [baseline, _self_]\ntitle: ${nothing}\n", ["nothing"]),
        ],
    )
    def test_scenario_files(self, own: Path, text: str, words: list[str]) -> None:
        add(own, "bad", text)
        with pytest.raises(ConfigError) as caught:
            compose(["scenario=bad"], own)
        for word in words:
            assert word in str(caught.value)

    def test_a_broken_file_of_another_scenario_is_nobodys_concern(self, own: Path) -> None:
        add(own, "bad", "title: [x\n")
        assert compose(["scenario=mine"], own).label == "mine"

    def test_a_users_scenario_does_not_hide_one_of_ours(self, own: Path) -> None:
        add(own, "baseline", GLOBAL)
        with pytest.raises(ConfigError, match="another name"):
            compose([], own)

    @pytest.mark.parametrize(
        ("file", "text", "words"),
        [
            ("organisation/X.yaml", "a: [", "X.yaml, line 2"),
            ("parameters/p.yaml", "speed: 3", "no value"),
            ("parameters/p.yaml", "- 3", "holds a list"),
        ],
    )
    def test_other_files(self, own: Path, file: str, text: str, words: str) -> None:
        (own / file).write_text(text)
        with pytest.raises(ConfigError, match=words):
            compose([], own)

    @pytest.mark.parametrize(
        ("file", "meaning"),
        [("scenario/My-One.yaml", "small letters"), ("organisation/Asean.yaml", "capitals")],
    )
    def test_an_odd_file_name_is_told_and_stops_nothing(
        self, own: Path, caplog: pytest.LogCaptureFixture, file: str, meaning: str
    ) -> None:
        (own / file).write_text("a: 1")
        logging.getLogger("concord").propagate = True
        assert compose([], own).mapping == compose([]).mapping
        assert f"{Path(file).name} is left out" in caplog.text
        assert meaning in caplog.text

    def test_one_parameter_in_two_files(self, own: Path) -> None:
        for name in ("p", "q"):
            (own / "parameters" / f"{name}.yaml").write_text("speed: {value: 3}")
        with pytest.raises(ConfigError, match="both give parameter 'speed'"):
            compose([], own)

    def test_folders_that_are_none(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no such folder"):
            compose([], tmp_path / "nowhere")
        with pytest.raises(ConfigError, match="nothing to run here"):
            compose([], tmp_path)


def test_yaml_is_read_as_hydra_reads_it(tmp_path: Path) -> None:
    from omegaconf import OmegaConf

    file = tmp_path / "x.yaml"
    file.write_text("a: 2024-01-01\nb: 1e-3\nc: [1.5, 1., 10, 1_000]\nd: null\ne: '1'\nf: no\n")
    assert read_yaml(file) == OmegaConf.to_container(OmegaConf.load(file))
