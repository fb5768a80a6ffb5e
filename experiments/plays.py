"""Runs of episodes: which are missing, doing one of them, and the tables that come of all."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from experiments.options import check_set
from sim.errors import ConcordError, ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Composed
    from experiments.episodes import Episode
    from sim.scenario import Scenario

__all__ = [
    "Case",
    "Play",
    "history_of",
    "play_all",
    "play_cases",
    "plays_of",
    "read_parties",
    "read_play",
    "read_runs",
]

_LAYOUT = 1  # of what a run leaves; another one makes the run again


class Case(Protocol):
    """A case of history that can be played: a negotiation, a conflict."""

    @property
    def name(self) -> str:
        """Of its file."""

    @property
    def read_from(self) -> tuple[str, ...]:
        """Tables of a run that `read` looks at."""

    def scenario(self, composed: Composed) -> Scenario:
        """What is run."""

    def read(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        """What came of a run, as plain data."""


@dataclass(frozen=True)
class Play:
    """One run of a case.

    Attributes
    ----------
    case
        What is played.
    scenario, seed
        What is run.
    file
        Where what came of it is kept; its name follows from all that decides its content.
    """

    case: Case
    scenario: Scenario
    seed: int
    file: Path

    @property
    def is_done(self) -> bool:
        """Whether what came of it is there, as it was written."""
        from sim.provenance import is_whole

        return is_whole(self.file)


def plays_of(
    cases: Sequence[Case],
    seeds: Iterable[int],
    folder: Path,
    overrides: Sequence[str] = (),
    config_dir: Path | None = None,
) -> list[Play]:
    """Lay out the runs, all of a case after each other, so that they share its world.

    Parameters
    ----------
    overrides
        Changes of parameters and switches in hydra's notation, for all cases.

    Raises
    ------
    ConfigError
        A case or an override that cannot be played; nothing has run yet.
    """
    from experiments.compose import compose
    from sim import provenance
    from sim.engine import data_checksums

    check_set(overrides, ("parameters", "switches", "world"))
    composed = compose(overrides, config_dir)
    plays = []
    numbers = list(seeds)
    for case in cases:
        scenario = case.scenario(composed)
        config, data = scenario.model_dump(mode="json"), data_checksums(scenario)
        for seed in numbers:
            identity = provenance.fingerprint({**config, "layout": _LAYOUT}, seed, data)
            file = folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:24]}.json"
            plays.append(Play(case, scenario, seed, file))
    return plays


def play(one: Play, on_step: Callable[[int, int], None] | None = None) -> Path:
    """Run a case once and keep what came of it.

    Raises
    ------
    ConcordError
        It could not be run or stored; nothing is kept then.
    """
    from sim.atomic import write_file
    from sim.engine import simulate
    from sim.provenance import sealed

    try:
        tables = simulate(one.scenario, one.seed, on_step=on_step).tables()
    except ConcordError as error:
        where = f"{one.case.name}, seed {one.seed}, {error.where}".rstrip(", ")
        raise type(error)(error.found, where=where, expected=error.expected) from None
    frames = {name: tables[name].to_pandas() for name in one.case.read_from}
    content = {"case": one.case.name, "seed": one.seed, **one.case.read(frames)}
    write_file(one.file, json.dumps(sealed(content), sort_keys=True).encode())
    gc.collect()  # a run's arrays hang in cycles of few objects, which are left for long otherwise
    return one.file


def play_all(plays: Sequence[Play], jobs: int, is_quiet: bool, force: bool = False) -> None:
    """Make the runs that are missing."""
    from experiments.pool import run_all
    from experiments.sweep.progress import sweep_progress

    missing = [one for one in plays if force or not one.is_done]
    over: set[int] = set()
    with sweep_progress(len(plays), len(plays) - len(missing), is_quiet) as tell:

        def count(position: int, share: float) -> None:
            if share >= 1.0 and position not in over:
                over.add(position)
                tell(position)

        run_all(play, missing, jobs, count)


def play_cases(
    found: Sequence[Any],
    folder: Path,
    *,
    seeds: int,
    first_seed: int,
    use: str | None,
    overrides: Sequence[str],
    config_dir: Path | None,
    force: bool,
    quiet: bool,
    jobs: int,
) -> tuple[list[Any], list[Play]]:
    """Make the runs of cases that are missing; the cases of that use, and all of their runs.

    Raises
    ------
    ConfigError
        None of the cases is for that use, or one cannot be played.
    """
    from sim.atomic import check_writable

    cases = [one for one in found if use in {None, one.use}]
    if not cases:
        raise ConfigError(f"none of the cases is for {use!r}", where="--use")
    check_writable(folder)
    numbers = range(first_seed, first_seed + seeds)
    plays = plays_of(cases, numbers, folder / "runs", overrides, config_dir)
    play_all(plays, jobs, quiet, force)
    return cases, plays


def read_runs(plays: Sequence[Play]) -> pd.DataFrame:
    """A row per run, as `analysis.hindcast.by_case` takes them."""
    import pandas as pd

    rows = [{k: v for k, v in read_play(one).items() if k != "parties"} for one in plays]
    order = ["case", "seed", "agrees", "all_sign", "in_force", "months", "depth", "tariff_cut"]
    return pd.DataFrame(rows)[[*order, "status"]]


def read_parties(plays: Sequence[Play]) -> pd.DataFrame:
    """A row per run and party of its last vote, as `analysis.hindcast.by_party` takes them."""
    import pandas as pd

    rows = [
        {"case": one.case.name, "seed": one.seed, "party": code, "is_out": out, "margin": margin}
        for one in plays
        for code, (out, margin) in read_play(one)["parties"].items()
    ]
    return pd.DataFrame(rows, columns=["case", "seed", "party", "is_out", "margin"])


def read_play(one: Play) -> dict[str, Any]:
    """What came of a run, from its file."""
    content: dict[str, Any] = json.loads(one.file.read_text("utf-8"))
    return content


def history_of(episodes: Sequence[Episode]) -> pd.DataFrame:
    """A row per case: what happened, as `analysis.hindcast.by_case` takes it."""
    import pandas as pd

    from sim.calendar import months_between

    rows = []
    for one in episodes:
        told = one.history
        months = months_between(one.opened, told.agreed) if told.agreed else None
        rows.append(
            {"case": one.name, "title": one.title, "use": one.use, "in_estimate": one.in_estimate}
            | {"opened": one.opened.isoformat(), "deadline": one.deadline.isoformat()}
            | {f"was_{event}": value for event, value in one.outcome().items()}
            | {"was_months": months, "was_depth_index": told.depth_index}
            | {"was_objectors": ";".join(told.objectors)}
            | {"was_stayed_out": ";".join(told.stayed_out)}
        )
    frame = pd.DataFrame(rows)
    return frame.astype({"was_months": float, "was_depth_index": float})
