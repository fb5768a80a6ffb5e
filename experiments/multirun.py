"""Many runs in hydra's own way, for those who want its launchers and sweepers.

Hydra has no resume of its own and numbers its folders by the place of a job in a call. Here runs
are stored as `concord run` stores them, so what is there already is not done again, and hydra's
own folders are named by a digest of the overrides.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from sim.errors import ConfigError, StateError

__all__ = ["digest", "multirun", "run_one"]

_SHOW_ERRORS = "HYDRA_FULL_ERROR"


def digest(overrides: Sequence[str]) -> str:
    """A name for a set of overrides, in whatever order they were given.

    Examples
    --------
    >>> digest(["seed=1", "quarters=8"]) == digest(["quarters=8", "seed=1"])
    True
    """
    return hashlib.sha256("\n".join(sorted(overrides)).encode()).hexdigest()[:16]


# Here and not in a function: jobs on other machines import this module before they use the name.
OmegaConf.register_new_resolver("concord_digest", digest, replace=True)


def multirun(
    overrides: Sequence[str],
    *,
    results: Path,
    config_dir: Path | None,
    force: bool,
    quiet: bool = False,
) -> None:
    """`concord run --multirun`.

    Parameters
    ----------
    overrides
        In hydra's notation, several values to a key (``seed=1,2`` or ``range(1,9)``) included, and
        hydra's own: ``hydra/launcher=submitit_slurm``, ``hydra.launcher.partition=short``.
    results
        Where runs are kept; hydra's folders are in ``multirun/`` there.
    config_dir
        The user's own files.
    force
        Do runs again that are there.
    quiet
        Leave out hydra's line for each job.

    Raises
    ------
    ConfigError
        An override that cannot be read, or a launcher that is not installed.
    """
    import hydra
    from hydra.core.global_hydra import GlobalHydra

    from experiments.bases import stored_nodes
    from experiments.library import Library

    library = Library.of(config_dir)
    given = [_settled(text, library) for text in overrides]
    place = results.resolve()
    sweep_dir = str(place / "multirun").replace("\\", "\\\\").replace("'", "\\'")
    words = ["concord", "--multirun", *stored_nodes(library), f"hydra.sweep.dir='{sweep_dir}'"]
    if quiet:
        words.append("hydra/hydra_logging=none")
    task = partial(run_one, results=place, config_dir=config_dir, force=force)
    main = hydra.main(str(library.roots[0]), config_name="multirun", version_base="1.3")
    GlobalHydra.instance().clear()
    with _launcher(given, library.roots[0], task), _arguments([*words, *given]), _own_errors(given):
        main(task)()


def run_one(config: Any, *, results: Path, config_dir: Path | None, force: bool) -> None:
    """One job of hydra's: make and store a run, unless it is there.

    Raises
    ------
    ConcordError
        It cannot be run or stored.
    """
    from hydra.core.hydra_config import HydraConfig

    from experiments.run import execute

    logging.getLogger("MESA").setLevel(logging.WARNING)  # it tells each step to hydra's log
    job = _job(list(HydraConfig.get().overrides.task), results, config_dir, force)
    if not job.is_done:
        execute(job)


def _job(overrides: Sequence[str], results: Path, config_dir: Path | None, force: bool) -> Any:
    from experiments.compose import compose
    from experiments.run import plan

    own = [text for text in overrides if not text.lstrip("~+").startswith("hydra")]
    composed = compose(own, config_dir)
    return plan(composed, [composed.seed], results, force)[0]


def _settled(text: str, library: Any) -> str:
    """The override as hydra takes it: keys that are optional and not set are additions to it."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    from experiments.compose import compose
    from experiments.faults import refuse_override
    from experiments.schema import is_optional

    try:
        one = OverridesParser.create().parse_override(text)
    except HydraException:
        raise refuse_override(text, library) from None
    is_change = not (one.is_add() or one.is_force_add() or one.is_delete())
    key = one.key_or_group
    if not is_change or key in {"scenario", "seed"} or key.startswith("hydra"):
        return text
    return f"++{text}" if is_optional(key, compose([]).mapping) else text


def _launcher(overrides: Sequence[str], home: Path, task: Any) -> Any:
    """What there is to prepare for the launcher that is asked for."""
    if not any(text.partition("=")[2].strip() == "submitit_slurm" for text in overrides):
        return contextlib.nullcontext()
    try:
        from experiments.hydra_slurm import repaired_launcher
    except ModuleNotFoundError:
        raise ConfigError(
            "hydra's launcher for Slurm is not installed",
            where="hydra/launcher=submitit_slurm",
            expected="pip install 'concord-sim[cluster]'",
        ) from None
    return repaired_launcher(home, lambda given: bool(_job(given, **task.keywords).is_done))


@contextlib.contextmanager
def _arguments(words: list[str]) -> Iterator[None]:
    """Hydra reads the command line itself, and shows errors in its own way unless told not to."""
    before, sys.argv = sys.argv, words
    shown = os.environ.get(_SHOW_ERRORS)
    os.environ[_SHOW_ERRORS] = "1"
    try:
        yield
    finally:
        sys.argv = before
        os.environ.pop(_SHOW_ERRORS)
        if shown is not None:
            os.environ[_SHOW_ERRORS] = shown


@contextlib.contextmanager
def _own_errors(overrides: Sequence[str]) -> Iterator[None]:
    """Say what hydra and submitit raise as this program says it."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from experiments.faults import translated

    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        raise translated(error, " ".join(overrides), None) from None
    except Exception as error:
        if not type(error).__module__.startswith("submitit"):
            raise
        said = [line for line in str(error).splitlines() if line.strip()]
        raise StateError(
            f"a task did not end well: {said[-1] if said else 'no word'}",
            where="hydra/launcher=submitit_slurm",
            expected="the same command again; what is done is not done again",
        ) from None
