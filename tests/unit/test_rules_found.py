"""A rule in a new file of its package is known, and no other file is touched."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from experiments.listing import entries
from sim.forum import body
from sim.load import scenario_from, setting_for
from sim.registry import import_modules
from sim.rules import agenda, decision
from sim.rules.ballot import Ballot

DECISION = '''
from sim.rules.ballot import Ballot, Decision
from sim.rules.decision.common import DECISION_RULES, outcome


@DECISION_RULES.register
def any_two(ballot: Ballot, *, number: int = 2) -> Decision:
    """Passes when two accept."""
    return outcome(ballot, ballot.accepts.sum() >= number, ballot.objects)
'''
AGENDA = '''
from sim.rules.agenda.common import AGENDA_RULES, Agenda, Chair


@AGENDA_RULES.register
def smallest(agenda: Agenda) -> Chair:
    """The smallest economy chairs."""
    party = int(agenda.income.argmin())
    return Chair(agenda.codes[party], agenda.gain[:, party])
'''


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Put a module on the path of a package of rules and look for modules again."""

    def put(package, registry, text: str) -> None:
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        (tmp_path / "of_mine.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        import_modules(package.__name__, package.__path__)

    yield put
    for name in [one for one in sys.modules if one.endswith(".of_mine")]:
        del sys.modules[name]


def test_a_decision_rule(beside, composed) -> None:
    beside(decision, decision.DECISION_RULES, DECISION)
    mapping = composed("baseline")
    mapping["organisation"]["ANDEAN"]["decision"]["trade"] = {"rule": "any_two", "number": 3}
    mapping["organisation"] = {"ANDEAN": mapping["organisation"]["ANDEAN"]}
    rule = body(setting_for(scenario_from(mapping), 1), "ANDEAN", "trade").decide
    assert rule(Ballot.of([1, 1, 1, -1])).is_adopted
    assert not rule(Ballot.of([1, 1, 0, 0])).is_adopted
    assert "any_two" in [one["rule"] for one in entries("rules")]


def test_an_agenda_rule(beside, composed) -> None:
    beside(agenda, agenda.AGENDA_RULES, AGENDA)
    mapping = composed("baseline")
    mapping["organisation"]["ANDEAN"]["agenda"] = {"rule": "smallest"}
    mapping["organisation"] = {"ANDEAN": mapping["organisation"]["ANDEAN"]}
    assert body(setting_for(scenario_from(mapping), 1), "ANDEAN", "trade").chair
    assert "smallest" in [one["rule"] for one in entries("rules")]
