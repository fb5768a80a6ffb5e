"""Checkpoints: the common past of several scenarios, run once.

What happens in a quarter follows from the scenario up to that quarter, the seed and the state. Two
scenarios that are alike until a quarter therefore share all that came before it. A checkpoint holds
the state and the record of those quarters, and what of the scenario they followed from, so that
only a scenario with the same past can continue it. What a run remembers to save time
(`Setting.memo`) is no part of it.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sim import provenance
from sim.atomic import write_file
from sim.axes import Axes
from sim.calendar import Calendar
from sim.errors import ConfigError, StorageError
from sim.events import Event
from sim.log import Log
from sim.records import RECORDS, classes_of
from sim.state import State

if TYPE_CHECKING:
    from pathlib import Path

    from sim.scenario import Scenario
    from sim.setting import Setting

__all__ = ["FORMAT", "Checkpoint", "check_past", "first_difference", "past_of"]

FORMAT = 2
"""Version of the layout of the file."""

_MAGIC = b"concord checkpoint\n"
_LASTING = {"start", "world", "parameters", "switches", "organisation"}
_COMPUTING = ("numpy", "scipy")  # libraries that decide the last digit
_ADVICE = "a checkpoint of this version; delete the file and make it anew"
# Only these may be built when a file is read, so that a file cannot run a program.
_PLAIN = {
    *(("numpy._core.multiarray", name) for name in ("_reconstruct", "scalar")),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("datetime", "date"),
}


def past_of(scenario: Scenario, steps: int) -> dict[str, Any]:
    """What the first quarters of a scenario follow from, as plain data.

    Parameters
    ----------
    scenario
        Any scenario.
    steps
        How many quarters.

    Returns
    -------
    dict
        Start, world, parameters, switches, charters, and the shocks that strike in those quarters.
        A shock that ends later than that has no end in it, since nobody knows of it yet.
    """
    calendar = Calendar(scenario.start, scenario.quarters)
    past: dict[str, Any] = scenario.model_dump(mode="json", include=_LASTING)
    past["shocks"] = {}
    for name, shock in scenario.dated:
        if calendar.step_of(shock.date) < steps:
            until = getattr(shock, "until", None)
            is_open = until is not None and calendar.step_of(until) >= steps
            past["shocks"][name] = shock.model_dump(mode="json") | (
                {"until": None} if is_open else {}
            )
    return past


def first_difference(one: Scenario, other: Scenario) -> int | None:
    """The first quarter in which two scenarios may differ.

    Returns
    -------
    int or None
        0 when they differ from the start, None when they never do.
    """
    steps = {0}
    for scenario in (one, other):
        calendar = Calendar(scenario.start, scenario.quarters)
        for _, shock in scenario.dated:
            days = [shock.date, getattr(shock, "until", None)]
            steps |= {calendar.step_of(day) for day in days if day is not None}
    for step in sorted(steps):
        if past_of(one, step + 1) != past_of(other, step + 1):
            return step
    return None


def check_past(
    past: Mapping[str, Any],
    scenario: Scenario,
    steps: int,
    names: tuple[str, str] = ("the scenario", "the past that it continues"),
) -> None:
    """Make sure that the first quarters of a scenario follow from a past.

    Parameters
    ----------
    past
        From `past_of`, for as many quarters.
    scenario, steps
        What is to have that past, and of how many quarters.
    names
        What the message calls the scenario and the past.

    Raises
    ------
    ConfigError
        They do not; with the first difference.
    """
    found = _difference(past, past_of(scenario, steps))
    if found is not None:
        where, before, now = found
        day = Calendar(scenario.start, scenario.quarters).first_day(steps)
        raise ConfigError(
            f"{_said(now)} in {names[0]}, {_said(before)} in {names[1]}",
            where=where,
            expected=f"no difference before {day}",
        )


@dataclass(frozen=True)
class Checkpoint:
    """A run stopped between two quarters.

    Attributes
    ----------
    past
        What its quarters followed from (`past_of`).
    data
        Table → SHA-256 of what the world was read from.
    seed
        Seed of the run.
    steps
        Quarters done.
    """

    past: Mapping[str, Any]
    data: Mapping[str, str]
    seed: int
    steps: int
    _state: State
    _recorded: Mapping[str, Any]

    @classmethod
    def of(cls, state: State, log: Log) -> Checkpoint:
        """A copy of a run as it stands between two steps; the run can go on."""
        setting, steps = log.setting, state.step + 1
        past, data = past_of(setting.scenario, steps), dict(setting.world.checksums)
        return cls(past, data, setting.seed, steps, state.copy(), log.recorded())

    @property
    def day(self) -> date:
        """First day of the quarter that comes next."""
        return Calendar(date.fromisoformat(self.past["start"]), 1).first_day(self.steps)

    def check(self, scenario: Scenario, seed: int) -> None:
        """Make sure that a run of the scenario would have come to this state.

        Raises
        ------
        ConfigError
            The seed or the past is another, with the first difference; or the run ends earlier.
        """
        if seed != self.seed:
            raise ConfigError(f"seed {seed} continues seed {self.seed}", expected="the same seed")
        if scenario.quarters < self.steps:
            raise ConfigError(
                f"{scenario.quarters} quarters end before {self.day}",
                where="quarters",
                expected=f"{self.steps} or more",
            )
        check_past(self.past, scenario, self.steps)

    def resume(self, setting: Setting) -> tuple[State, Log]:
        """State and log of one's own, to go on from.

        Raises
        ------
        ConfigError
            The tables of the world have changed since.
        """
        found = _difference(dict(self.data), dict(setting.world.checksums))
        if found is not None:
            raise ConfigError("the table has changed since the checkpoint", where=found[0])
        log = Log.continuing(setting, self._recorded)
        log.agreements = self._state.agreements
        return self._state.copy(), log

    def save(self, path: Path) -> None:
        """Write it to a file, completely or not at all.

        Raises
        ------
        StorageError
            The file cannot be written; an older one of that name is still there.
        """
        state = {name: self._state[name] for name in self._state.names}
        content = {
            "past": self.past,
            "data": self.data,
            "axes": (self._state.axes.states, self._state.axes.organisations),
            "state": state,
            "recorded": self._recorded,
        }
        plain = pickle.dumps(content, protocol=4)
        body = pa.compress(plain, codec="zstd", asbytes=True)
        head = {
            "format": FORMAT,
            **_maker(),
            "seed": self.seed,
            "steps": self.steps,
            "size": len(plain),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        write_file(path, _MAGIC + json.dumps(provenance.sealed(head)).encode() + b"\n" + body)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read it from a file.

        Raises
        ------
        StorageError
            There is no such file, it is broken, or it was made by other code or libraries.
        """
        head, body = _parts(path)
        now = _maker()
        for key, made in now.items():
            if head.get(key) != made:
                what = "code" if key == "code" else key
                raise StorageError(f"made by other {what}", where=str(path), expected=_ADVICE)
        plain = pa.decompress(body, decompressed_size=head["size"], codec="zstd", asbytes=True)
        content = _Reader(io.BytesIO(plain)).load()
        state = State(Axes(*content["axes"]))
        with state.opened(content["state"]):
            for name, value in content["state"].items():
                state[name] = value
        state.step = head["steps"] - 1
        parts = content["past"], content["data"], head["seed"], head["steps"]
        return cls(*parts, state, content["recorded"])


def _maker() -> dict[str, str]:
    versions = provenance.versions()
    return {"code": provenance.code_hash(), **{name: versions[name] for name in _COMPUTING}}


def _parts(path: Path) -> tuple[dict[str, Any], bytes]:
    """Head and body of a file that is whole."""
    try:
        magic, head, body = path.read_bytes().split(b"\n", 2)
    except OSError as error:
        raise StorageError(f"cannot be read ({error.strerror})", where=str(path)) from None
    except ValueError:
        magic, head, body = b"", b"", b""
    if magic + b"\n" != _MAGIC:
        raise StorageError("this is no checkpoint", where=str(path), expected=_ADVICE)
    try:
        described = json.loads(head)
    except (ValueError, RecursionError):
        described = {}
    if not isinstance(described, dict):
        described = {}
    if described.get("format", FORMAT) != FORMAT:
        raise StorageError("another format", where=str(path), expected=_ADVICE)
    if (
        not provenance.is_sealed(described)
        or described.get("sha256") != hashlib.sha256(body).hexdigest()
    ):
        raise StorageError("the file is damaged", where=str(path), expected=_ADVICE)
    return described, body


class _Reader(pickle.Unpickler):
    """Reads arrays, dates and records of the model and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """A class by its name, if it is one of those that a checkpoint has."""
        if (module, name) not in _known():
            raise StorageError(f"a checkpoint cannot hold {module}.{name}", expected=_ADVICE)
        return super().find_class(module, name)


def _known() -> set[tuple[str, str]]:
    """Module and name of what a file may hold; the classes of records follow from their types."""
    records = {one for record in RECORDS.values() for one in classes_of(record.kind)}
    return _PLAIN | {(one.__module__, one.__qualname__) for one in (*records, Event)}


_ABSENT = object()


def _difference(one: Any, other: Any, where: str = "") -> tuple[str, Any, Any] | None:
    """The first place where two plain values differ, with both values."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            place = f"{where}.{key}" if where else str(key)
            found = _difference(one.get(key, _ABSENT), other.get(key, _ABSENT), place)
            if found is not None:
                return found
        return None
    return None if one == other else (where, one, other)


def _said(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = "there" if isinstance(value, Mapping) else repr(value)
    return text if len(text) < 60 else f"{text[:57]}…"
