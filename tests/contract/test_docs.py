"""The documentation says what the program does: links, names, order, tables, commands, examples."""

from __future__ import annotations

import functools
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import matplotlib as mpl
import numpy as np
import pyarrow as pa
import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from experiments import cli
from experiments.case_files import read_cases
from experiments.compose import compose, split_label
from experiments.episodes import Episode
from experiments.figures import plot
from experiments.hindcast import hindcast
from experiments.hypotheses import hypotheses
from experiments.library import Library
from experiments.listing import KINDS
from experiments.reference import BLOCKS, refresh
from experiments.run import plan, scenario_of
from experiments.sensitivity import target_of
from experiments.sweep.drive import engine_of
from experiments.sweep.planning import plan_of
from experiments.sweep.request import request_of
from experiments.sweep.store import publish
from sim.events import EVENTS
from sim.issues.base import IssueArea
from sim.phases import PHASES
from sim.rules.agenda import AGENDA_RULES
from sim.rules.decision import DECISION_RULES
from sim.schema import TABLES
from sim.setting import Setting
from sim.shocks import SHOCKS
from sim.switches import SWITCHES

ROOT = Path(__file__).parents[2]
PAGES = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for file in (*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md")
}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CURRENT = {page: text for page, text in PAGES.items() if page != "CHANGELOG.md"}
"""Pages that speak of what there is; a changelog names what is gone as well."""
every_page = pytest.mark.parametrize("page", PAGES)


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", text)


def fenced(page: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(PAGES[page]) if kind == language]


def words(text: str) -> list[str]:
    """What stands in backquotes, in one line."""
    return re.findall(r"`([^`\n]+)`", prose(text))


# ------------------------------------------------------------------ links and files


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get on the web."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()).replace(" ", "-") for head in heads
    }


@every_page
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(PAGES[page])):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page} links to {target}, which is not there"
        if anchor:
            there = anchors(file.read_text(encoding="utf-8"))
            assert anchor in there, f"{page} links to {target}; anchors there: {sorted(there)}"


def test_every_page_is_linked_from_the_index() -> None:
    linked = set(re.findall(r"\]\(([^)#]+\.md)", PAGES["docs/index.md"]))
    pages = {name.removeprefix("docs/") for name in PAGES if name.startswith("docs/")}
    assert pages - {"index.md"} <= linked


@pytest.mark.parametrize("page", CURRENT)
def test_files_that_are_named_are_there(page: str) -> None:
    for word in words(PAGES[page]):
        is_ours = word.startswith(("sim/", "tests/", "scenarios/", "experiments/", "analysis/"))
        if is_ours and re.fullmatch(r"[\w./-]+\.(py|yaml|csv|ipynb|json|md)", word):
            is_pattern = "NAME" in word or "CODE" in word
            assert is_pattern or (ROOT / word).exists(), f"{page} names {word}"


# ------------------------------------------------------------------ tables written from the code


@every_page
def test_generated_tables_are_in_step(page: str) -> None:
    hint = f"{page} differs from the code: run python -m experiments.reference"
    assert refresh(PAGES[page]) == PAGES[page], hint


def test_every_generated_table_is_used_once() -> None:
    used = re.findall(r"<!-- generated: (\w+) -->", "".join(PAGES.values()))
    assert sorted(used) == sorted(BLOCKS)


def test_a_column_that_changes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    shorter = {**TABLES, "summary": TABLES["summary"][:-1]}
    monkeypatch.setattr("sim.schema.TABLES", shorter)
    page = PAGES["docs/outputs.md"]
    assert refresh(page) != page


def test_outputs_list_every_table_and_kind_of_event(run_of) -> None:
    page = PAGES["docs/outputs.md"]
    shown = re.findall(r"^### `(\w+)`$", page, re.MULTILINE)
    assert shown == list(TABLES)
    listed = page.split("## Kinds of event")[1].split("\n## ")[0]
    tables = run_of("us_withdrawal", 1, "quarters=8", "response=retaliate")
    seen = set(tables["events"]["kind"].to_pylist())
    assert seen <= set(words(listed))
    moves = set(tables["rounds"]["move"].to_pylist())
    assert moves <= set(words(page))


# ------------------------------------------------------------------ the ODD


def test_phases_of_the_odd_are_those_of_the_step_in_their_order() -> None:
    section = PAGES["docs/odd.md"].split("## 3. ")[1].split("\n## ")[0]
    shown = re.findall(r"^\| \d+ \| `(\w+)` \|", section, re.MULTILINE)
    assert shown == [phase.name for phase in PHASES]


def test_the_odd_has_the_size_of_the_world(setting) -> None:
    page = PAGES["docs/odd.md"]
    assert f"S = {len(setting.axes.states)}" in page
    assert f"O = {len(setting.axes.organisations)}" in page
    assert f"{setting.calendar.quarters} from January {setting.calendar.start:%Y}" in page


FAMILIES = (
    *("acceptance_re_", "dispute_onset_", "dispute_force_", "dispute_negotiated_"),
    *(
        "dispute_duration_",
        "dispute_imposed_",
        "dispute_crisis_",
        "conflict_trade_fall_",
        "conflict_income_loss_",
    ),
    *("civil_onset_", "civil_end_", "civil_recurrence_", "civil_war_level_", "civil_income_loss_"),
    *(
        "coup_",
        "crisis_mediated_",
        "crisis_agreement_",
        "mediation_",
        "council_",
        "arbitration_",
        "nuclear_",
        "arms_",
    ),
    *("mission_", "withdrawal_", "accession_to_bodies_", "admission_", "death_rate_"),
)


@pytest.mark.parametrize("name", sorted(Library.of().parameters()))
def test_every_parameter_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGES["docs/parameters.md"]
    # Those of the start are in the page about it, those of a family by what they have in common.
    family = next((one for one in FAMILIES if name.startswith(one)), name)
    said = "".join(text for page, text in PAGES.items() if page != "docs/parameters.md")
    is_gravity = name in {"distance_elasticity", "distance_floor", "contiguity", "agreement"}
    assert family in said or is_gravity or name in {"common_language", "colonial_link"}


def test_every_switch_is_in_the_odd() -> None:
    section = PAGES["docs/odd.md"].split("### 7.10 ")[1].split("\n## ")[0]
    assert set(SWITCHES) <= set(words(section)) <= set(SWITCHES)


def test_every_rule_is_documented() -> None:
    decisions, others = PAGES["docs/decision-rules.md"], PAGES["docs/odd.md"]
    assert {rule for rule in DECISION_RULES if f"| `{rule}` |" not in decisions} == set()
    assert {rule for rule in AGENDA_RULES if f"`{rule}`" not in others} == set()


def test_layers_of_the_architecture_are_those_of_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    section = PAGES["docs/architecture.md"].split("## Layers")[1].split("\n## ")[0]
    shown = re.findall(r"^    (\S.*)$", section, re.MULTILINE)
    assert shown == [layer.replace(" :", ",") for layer in layers]


# ------------------------------------------------------------------ names in the text


def dotted_names() -> Iterator[tuple[str, str]]:
    """Keys as overrides write them, in backquotes or commands."""
    for page, text in PAGES.items():
        for name in re.findall(r"(?:parameters|switches|organisation)\.\w[\w.]*", text):
            yield page, name


def test_keys_that_are_named_exist() -> None:
    full = compose([]).mapping
    for page, name in dotted_names():
        kind, *rest = name.rstrip(".").split(".")
        if rest[0] in {"NAME", "CODE", "py", "md", "csv", "yaml"}:
            continue
        assert rest[0] in full[kind], f"{page} names {name}"


def test_names_in_backquotes_exist() -> None:
    """A word that looks like the name of a parameter, switch, rule or scenario is one."""
    library = Library.of()
    known = {*library.parameters(), *SWITCHES, *DECISION_RULES, *AGENDA_RULES}
    known |= {*library.scenarios(), *SHOCKS, *EVENTS, *(phase.name for phase in PHASES)}
    families = ("acceptance_", "noise_", "concession_", "red_line_", "ratification_", "vitality_")
    for page, text in CURRENT.items():
        for word in words(text):
            if re.fullmatch(r"[a-z]+(_[a-z]+)+", word) and word.startswith(families):
                assert word in known, f"{page} names {word}"


def test_organisations_in_backquotes_exist() -> None:
    rows = (ROOT / "sim/world/tables/memberships.csv").read_text(encoding="utf-8").splitlines()
    known = {row.split(",")[0] for row in rows} | set(Library.of().charters())
    states = (ROOT / "sim/world/tables/states.csv").read_text(encoding="utf-8")
    others = {
        "PHASES",
        "SWITCHES",
        "MECHANISM",
        "NAME",
        "AREA",
        "DESTA",
        "TEXT",
        "TOTAL",
        "FILE",
        "DIR",
    }
    for page, text in CURRENT.items():
        for word in words(text):
            if re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", word) and word not in others:
                assert word in known or f"\n{word}," in states, f"{page} names {word}"


def test_every_scenario_is_in_the_user_guide() -> None:
    for name in Library.of().scenarios():
        assert f"| `{name}` |" in PAGES["docs/user-guide.md"]


# ------------------------------------------------------------------ commands


@dataclass(frozen=True)
class Line:
    page: str
    text: str

    @property
    def arguments(self) -> list[str]:
        return shlex.split(self.text, comments=True)[1:]


@functools.cache
def check(overrides: tuple[str, ...], folder: Path | None = None) -> None:
    """Compose and load, as the commands do before anything runs."""
    scenario_of(compose(overrides, folder))


def command_lines() -> list[Line]:
    found = []
    for page, text in PAGES.items():
        code = "\n".join(body for kind, body in FENCE.findall(text) if kind in {"console", "sh"})
        indented = "\n".join(re.findall(r"^    (concord .+)$", text, re.MULTILINE))
        inline = "\n".join(w for w in words(text) if w.startswith("concord ") and "…" not in w)
        for line in "\n".join([code, indented, inline]).splitlines():
            command = line.removeprefix(".venv/bin/").strip()
            if command.startswith("concord "):
                found.append(Line(page, command))
    return sorted(set(found), key=lambda line: (line.page, line.text))


PLACEHOLDERS = {"NAME", "A", "B", "N", "VALUE"}


def is_placeholder(line: Line) -> bool:
    """Whether a line of prose shows a form (``scenario=NAME``) instead of a command."""
    return any(re.split(r"[=.]", a)[-1] in PLACEHOLDERS or ".NAME=" in a for a in line.arguments)


@pytest.fixture(scope="module")
def my_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the user guide's own scenario, made from the guide."""
    folder = tmp_path_factory.mktemp("user") / "my"
    for body in fenced("docs/user-guide.md", "yaml"):
        name = yaml.safe_load(body)["name"]
        file = folder / "scenario" / f"{name}.yaml"
        assert f"`my/scenario/{name}.yaml`" in PAGES["docs/user-guide.md"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")
    return folder


def test_there_are_commands_to_try() -> None:
    assert len(command_lines()) > 15


@pytest.mark.parametrize("line", command_lines(), ids=lambda line: f"{line.page}: {line.text}")
def test_commands_parse_and_compose(line: Line, my_folder: Path) -> None:
    name, *rest = line.arguments
    if name.startswith("-"):
        assert name in {option for param in cli.cli.params for option in param.opts} | {"--help"}
        return
    _, command, rest = cli.cli.resolve_command(click.Context(cli.cli), [name, *rest])
    given = command.make_context(name, list(rest)).params
    if is_placeholder(line):
        return
    folder = my_folder if given.get("config_dir") else None
    if name in {"run", "timeline"}:
        check(plain(given["overrides"]) if given.get("multirun") else given["overrides"], folder)
    elif name in {"compare", "branch"}:
        for side in given.get("scenarios") or (given["treatment"], given["control"]):
            check(tuple(split_label(side)), folder)
    elif name == "sweep" and given["overrides"] and given["overrides"][0] != "status":
        request = request_of(given["overrides"], folder)
        assert plan_of(request).runs > 1
        assert engine_of(request.launcher)
    elif name == "hypotheses":
        assert hypotheses(given["names"])
    elif name == "hindcast":
        check_hindcast(rest)
    elif name == "plot":
        plot.commands[rest[0]].make_context(rest[0], list(rest[1:]))
    elif name == "sensitivity":
        check_sensitivity(given)
    elif name == "list":
        assert given["kind"] is None or given["kind"] in KINDS


def check_hindcast(rest: list[str]) -> None:
    """The command below the group parses, and the cases that it names are there."""
    command = hindcast.commands[rest[0]]
    given = command.make_context(rest[0], rest[1:]).params
    if rest[0] == "episodes":
        named = [name for name in given["asked"] if not name.endswith(".yaml")]
        assert read_cases(Episode, named)


def plain(overrides: tuple[str, ...]) -> tuple[str, ...]:
    """Overrides of a multirun with the first of their values, less those that are hydra's."""
    parsed = [OverridesParser.create().parse_override(text) for text in overrides]
    return tuple(
        f"{one.key_or_group}={next(one.sweep_string_iterator())}"
        if one.is_sweep_override()
        else one.input_line
        for one in parsed
        if not one.key_or_group.startswith("hydra")
    )


def check_sensitivity(given: dict[str, Any]) -> None:
    """What is to be varied or looked at exists."""
    measures, parameters = (
        (given[key] or "").split(",") if given[key] else [] for key in ("measures", "parameters")
    )
    if given["target"]:
        assert target_of(given["target"], given["against"], measures, parameters).outcomes
    assert set(measures) <= {c.name for c in TABLES["summary"]} | {
        one.name for study in hypotheses() for one in study.measures
    }


def test_a_command_that_is_no_more_is_noticed(my_folder: Path) -> None:
    with pytest.raises(click.UsageError):
        test_commands_parse_and_compose(Line("", "concord simulate scenario=baseline"), my_folder)
    with pytest.raises(Exception, match="unknown key 'quaters'"):
        test_commands_parse_and_compose(Line("", "concord run quaters=8"), my_folder)


def test_overrides_of_the_user_guide_compose() -> None:
    table = PAGES["docs/user-guide.md"].split("## Change anything")[1].split("\n## ")[0]
    rows = re.findall(r"^\| [^|`]+(?:\([^|]*\))? \| `(.+)` \|$", table, re.MULTILINE)
    assert len(rows) == 10
    for row in rows:
        overrides = shlex.split(row)
        if not any(one.startswith("scenario=") for one in overrides):
            overrides.insert(0, "scenario=us_withdrawal")
        check(tuple(overrides))


# ------------------------------------------------------------------ examples in Python


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with short runs of the scenarios that the user guide analyses."""
    from experiments.run import execute

    folder = tmp_path_factory.mktemp("finished")
    for name in ("us_withdrawal", "baseline"):
        composed = compose([f"scenario={name}", "quarters=7"])
        for job in plan(composed, [1, 2], folder / "results"):
            execute(job)
    return folder


def test_examples_of_the_user_guide_run(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    mpl.use("Agg")
    monkeypatch.chdir(finished)
    for body in fenced("docs/user-guide.md", "python"):
        short = re.sub(r'"(us_withdrawal|baseline)"', r'"\1+quarters=7"', body)
        exec(compile(short, "docs/user-guide.md", "exec"), {})
    plt.close("all")


def test_examples_of_other_readers_run(
    finished: Path, swept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Any] = {}
    for body in fenced("docs/outputs.md", "python"):
        monkeypatch.chdir(swept if "sweeps/" in body else finished)
        short = re.sub(r"results/(us_withdrawal|baseline)/", r"results/\1+quarters-7/", body)
        exec(compile(short, "docs/outputs.md", "exec"), found)
    seven, seeds = 7, 2
    assert len(found["summary"]) == len(found["frame"]) == len(found["effect"]) == seven * seeds
    assert found["summary"].columns.is_unique
    assert set(found["summary"]["scenario"]) == {"us_withdrawal+quarters=7"}
    assert str(found["dated"]["date"].dtype) == "date32[day][pyarrow]"
    assert found["some"]["vote"].isin(["reject", "abstain", "accept"]).all()
    assert found["blocks"]["scenario"].n_unique() == 2
    assert found["effect"]["difference"].iloc[-1] > 5
    assert len(found["runs"]) == 2 * 2 * 2 * 3  # scenarios, seeds, quarters, points
    assert found["runs"]["date"].nunique() == 2
    assert found["runs"]["trade_elasticity"].nunique() > 1


def test_examples_in_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    *parts, many = fenced("docs/python.md", "python")
    scope: dict[str, Any] = {}
    for body in parts:
        exec(compile(body, "docs/python.md", "exec"), scope)
    plt.close("all")
    assert (tmp_path / "us_tariff.svg").read_bytes().startswith(b"<?xml")
    assert len(scope["measures"]) == 8
    assert set(scope["frame"]["seed"]) == {1, 2}
    (tmp_path / "many.py").write_text(many, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "many.py"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert [line.split()[0] for line in done.stdout.splitlines()[1:3]] == ["4", "6"]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sweeps that the pages read: their designs, with made-up results."""
    folder = tmp_path_factory.mktemp("swept")
    base = ["scenario=us_withdrawal,baseline", "sweep=lhs", "sweep.samples=3", "quarters=2"]
    for name in ("first", "withdrawal"):
        sweep = plan_of(request_of([*base, "seeds=2", f"name={name}"]))
        sweep.write(folder / "sweeps" / name)
        random = np.random.default_rng(1)
        made_up = {
            run: pa.table({"step": [0, 1], **{m: random.random(2) for m in sweep.measures}})
            for run in range(sweep.runs)
        }
        publish(folder / "sweeps" / name, sweep, made_up)
    return folder


@pytest.mark.parametrize("page", ["docs/sweeps.md", "docs/cluster.md"])
def test_examples_of_reading_a_sweep_run(
    page: str, swept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib import pyplot as plt

    mpl.use("Agg")
    monkeypatch.chdir(swept)
    (body,) = fenced(page, "python")
    exec(compile(body, page, "exec"), {})
    plt.close("all")
    if "savefig" in body:
        assert list(swept.glob("*.png"))


def test_the_example_of_a_rule_works(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.rules.ballot import Ballot

    (body,) = (b for b in fenced("docs/extending.md", "python") if "DECISION_RULES" in b)
    # whoever has copied it has a rule of that name already
    entries = {k: v for k, v in DECISION_RULES._entries.items() if k != "no_strong_objection"}
    monkeypatch.setattr(DECISION_RULES, "_entries", entries)
    monkeypatch.setitem(globals(), "__annotations__", {})
    scope: dict[str, object] = {"__name__": __name__}
    exec(compile(body, "docs/extending.md", "exec", dont_inherit=True), scope)
    rule = DECISION_RULES.bind("no_strong_objection", {"threshold": 0.5})
    assert rule(Ballot.of([1, 1, -1], margin=[1.0, 1.0, -0.4])).is_adopted
    assert not rule(Ballot.of([1, 1, -1], margin=[1.0, 1.0, -0.6])).is_adopted


def test_the_example_of_an_area_works(setting: Setting) -> None:
    (body,) = (b for b in fenced("docs/extending.md", "python") if "AREA" in b)
    scope: dict[str, Any] = {"__name__": __name__}
    exec(compile(body, "docs/extending.md", "exec", dont_inherit=True), scope)
    area = scope["AREA"]
    assert isinstance(area, IssueArea)
    (effect,) = area.effects(setting, None, area.kinds[0], area.propose({"ease": 0.05}), 0.5)
    assert effect.share == 0.025
