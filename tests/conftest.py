"""Scenarios, settings and short runs that tests share; each is made once a session.

A run of the whole world costs about 0.1 s a quarter and the first one reads the world, so tests
ask for few quarters and share what they only read.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pyarrow as pa
import pytest
import yaml
from threadpoolctl import threadpool_limits

from experiments.compose import compose
from sim import issues
from sim.agreements import Agreement, Proposal, Status
from sim.engine import simulate
from sim.issues import areas
from sim.issues.base import IssueArea
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.model import initial_state
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from sim.scenario import Scenario
from sim.setting import Setting
from sim.state import State


def cut(depth: float, tariff_cut: float, **given: object) -> Proposal:
    """A proposal in trade."""
    return areas()["trade"].propose({"depth": depth, "tariff_cut": tariff_cut}, **given)


# A machine that is busy elsewhere is no fault of what is tested.
hypothesis.settings.register_profile("concord", deadline=None)
hypothesis.settings.load_profile("concord")

Composed = Callable[..., dict[str, Any]]
ScenarioOf = Callable[..., Scenario]
SettingOf = Callable[..., Setting]
AgreementOf = Callable[..., Agreement]
RunOf = Callable[..., dict[str, pa.Table]]
Only = Callable[..., tuple[str, ...]]

CHARTERS = Path(__file__).parents[1] / "scenarios" / "organisation"


@cache
def _composed(name: str) -> dict[str, Any]:
    return compose([f"scenario={name}"]).mapping


def _merge(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = copy.deepcopy(value)
    return base


def _mapping(name: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    """The mapping of a scenario with ``dotted.key=yaml value`` set (``~dotted.key`` drops)."""
    mapping = copy.deepcopy(_composed(name))
    for override in overrides:
        path, _, text = override.partition("=")
        *parents, last = path.removeprefix("~").removeprefix("+").split(".")
        node = mapping
        for key in parents:
            node = node.setdefault(key, {})
        if path.startswith("~"):
            del node[last]
        else:
            node[last] = yaml.safe_load(text)
    return mapping


@cache
def _scenario(name: str, overrides: tuple[str, ...]) -> Scenario:
    return scenario_from(_mapping(name, overrides))


@cache
def _setting(name: str, seed: int, overrides: tuple[str, ...]) -> Setting:
    return setting_for(_scenario(name, overrides), seed)


@cache
def _run(name: str, seed: int, overrides: tuple[str, ...]) -> dict[str, pa.Table]:
    return simulate(_scenario(name, overrides), seed).tables()


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Any:
    """Tests run beside each other; more threads would only make them wait for one another."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def composed() -> Composed:
    """``composed(name, **changes)``: a scenario's plain mapping, changes merged in deeply."""

    def make(name: str = "baseline", **changes: Any) -> dict[str, Any]:
        return _merge(copy.deepcopy(_composed(name)), changes)

    return make


@pytest.fixture(scope="session")
def scenario_of() -> ScenarioOf:
    """``scenario_of(name, "quarters=8", "switches.learning=false")``: a checked scenario."""
    return lambda name="baseline", *overrides: _scenario(name, overrides)


@pytest.fixture(scope="session")
def setting() -> Setting:
    """The baseline's setting, seed 1. For reading only."""
    return _setting("baseline", 1, ())


@pytest.fixture(scope="session")
def setting_of() -> SettingOf:
    """``setting_of(name, seed, "quarters=8")``: a setting. For reading only."""
    return lambda name="baseline", seed=1, *overrides: _setting(name, seed, overrides)


@pytest.fixture
def start(setting: Setting) -> State:
    """A baseline's state of one's own in its first quarter, treaties and terms in place."""
    state, log = initial_state(setting), Log(setting)
    state.step = 0
    MEMBERSHIP(setting, state, log)
    ECONOMY(setting, state, log)
    return state


@pytest.fixture(scope="session")
def agreement_of(setting: Setting) -> AgreementOf:
    """``agreement_of("CPTPP", ("CHL", "NZL"), status=…)``: signed on the first day by default."""

    def make(organisation: str, states: Sequence[str], **given: Any) -> Agreement:
        signed = setting.axes.mask(states)
        nobody = np.zeros_like(signed)
        base = {
            "code": f"{organisation}/x/0",
            "organisation": organisation,
            "item": "x",
            "area": "trade",
            "kind": "preferential",
            "scale": 1.0,
            "opened": setting.scenario.start,
            "agreed": setting.scenario.start,
            "signed": setting.scenario.start,
            "signatories": signed,
            "ratified": nobody,
            "acceded": nobody,
            "bound_at": np.where(signed, -1, -1),
            "status": Status.SIGNED,
        }
        found = {"proposal": cut(0.05, 0.4), **base, **given}
        area = areas()[found["area"]]
        parts = found["kind"], found["proposal"], found["scale"]
        return Agreement(**{"effects": area.effects(setting, None, *parts), **found})

    return make


@pytest.fixture(scope="session")
def run_of() -> RunOf:
    """``run_of(name, seed, *overrides)``: the tables of a run. For reading only."""
    return lambda name="baseline", seed=1, *overrides: _run(name, seed, overrides)


@pytest.fixture(scope="module")
def more_areas() -> Iterator[dict[str, IssueArea]]:
    """Issue areas with those of `tests/areas` among them, found as any other module is."""
    folder = str(Path(__file__).parent / "areas")
    issues.__path__.append(folder)
    areas.cache_clear()
    yield areas()
    issues.__path__.remove(folder)
    areas.cache_clear()


@pytest.fixture(scope="session")
def only() -> Only:
    """``only("FITP")``: overrides that drop all other organisations; runs are far quicker then."""

    def drop(*kept: str) -> tuple[str, ...]:
        codes = sorted(file.stem for file in CHARTERS.glob("*.yaml"))
        assert set(kept) <= set(codes), f"no charter for {set(kept) - set(codes)}"
        return tuple(f"~organisation.{code}" for code in codes if code not in kept)

    return drop
