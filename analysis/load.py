"""From results folders to tidy frames.

What is read here carries two columns beside those of the table, `scenario` (the run's label) and
`seed`, and in `frame.attrs`:

`units`, `meanings`
    unit and meaning of each column, as the run wrote them.
`timeline`
    label → list of `{date, kind, text}`, the dated shocks of each scenario.
`made_by`
    the version of Concord and the fingerprint of each run, in words.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.errors import AnalysisError, AnalysisWarning, seed_list, unknown
from analysis.results import Run, find, frame_of, load_run

_READERS = 4  # a file is small: most of the time goes into opening it

__all__ = ["Run", "find", "load", "load_run", "runs", "units"]


def runs(root: str | os.PathLike[str]) -> pd.DataFrame:
    """List what is there: one row per finished run.

    Returns
    -------
    pandas.DataFrame
        `scenario` (label), `seed`, `created`, `seconds`, `fingerprint`, `path`.
    """
    return pd.DataFrame(
        [
            {
                "scenario": run.label,
                "seed": run.seed,
                "created": run.manifest.get("created", ""),
                "seconds": run.manifest.get("seconds", float("nan")),
                "fingerprint": str(run.manifest.get("fingerprint", ""))[:12],
                "path": str(run.path),
            }
            for run in find(root)
        ]
    )


def load(
    paths_or_root: str | os.PathLike[str] | Run | Iterable[str | os.PathLike[str] | Run],
    table: str = "summary",
    scenarios: str | Iterable[str] | None = None,
    seeds: int | Iterable[int] | None = None,
) -> pd.DataFrame:
    """Read one table of one or many runs as a tidy frame.

    Parameters
    ----------
    paths_or_root
        A results folder, a run's folder, a `Run`, or several of these.
    table
        Which table (`docs/outputs.md` lists them).
    scenarios
        Labels to keep, in this order; None keeps all, by name.
    seeds
        Seeds to keep; None keeps all.

    Returns
    -------
    pandas.DataFrame
        The rows of all runs with `scenario` and `seed` in front, dates as datetime64, and `units`,
        `meanings`, `timeline`, `made_by` in `attrs`.

    Raises
    ------
    AnalysisError
        Unknown table, scenario or seed, or two different runs with one label and seed.

    Warns
    -----
    AnalysisWarning
        Unfinished folders, and runs made by different versions or from different data.
    """
    chosen = _select(_unique(_gather(paths_or_root)), scenarios, seeds)
    _warn_if_mixed(chosen)
    with ThreadPoolExecutor(_READERS) as pool:
        tables = list(pool.map(lambda run: run.arrow(table), chosen))
    frame = frame_of(pa.concat_tables(tables, promote_options="permissive"))
    frame.attrs["timeline"] = {run.label: run.timeline for run in chosen}
    frame.attrs["made_by"] = sorted({run.made_by for run in chosen})
    return frame


def _gather(source: Any) -> list[Run]:
    if isinstance(source, Run):
        return [source]
    if isinstance(source, str | os.PathLike):
        return find(source)
    return [run for one in source for run in _gather(one)]


def _unique(found: list[Run]) -> list[Run]:
    """Keep each label and seed once; the same run at two places is the same run."""
    kept: dict[tuple[str, int], Run] = {}
    for run in found:
        first = kept.setdefault((run.label, run.seed), run)
        if first.manifest.get("fingerprint") != run.manifest.get("fingerprint"):
            raise AnalysisError(
                f"{run.label}, seed {run.seed} is there twice with different fingerprints "
                f"({first.path} and {run.path})",
                expected="one run per label and seed",
            )
    return list(kept.values())


def _select(
    found: list[Run],
    scenarios: str | Iterable[str] | None,
    seeds: int | Iterable[int] | None,
) -> list[Run]:
    """Keep the runs with these labels (in that order) and seeds."""
    labels = list(dict.fromkeys(run.label for run in found))
    wanted = [scenarios] if isinstance(scenarios, str) else list(scenarios or labels)
    for label in wanted:
        if label not in labels:
            raise unknown("scenario", label, labels)
    chosen = [run for label in wanted for run in found if run.label == label]
    if seeds is None:
        return chosen
    keep = {int(seeds)} if isinstance(seeds, int | Integral) else {int(s) for s in seeds}
    there = {run.seed for run in chosen}
    if missing := keep - there:
        raise AnalysisError(
            f"no run with seed {seed_list(missing)}", expected=f"seeds among {seed_list(there)}"
        )
    return [run for run in chosen if run.seed in keep]


def _warn_if_mixed(chosen: list[Run]) -> None:
    """Say so when runs of different code or data differ by more than their scenario."""
    for key in ("versions", "data"):
        if len({json.dumps(r.manifest.get(key), sort_keys=True) for r in chosen}) > 1:
            warnings.warn(
                f"the runs were made with different {key}; a comparison mixes the scenario's "
                "effect with that difference. Run them anew with one version",
                AnalysisWarning,
                stacklevel=3,
            )


def units(df: pd.DataFrame, column: str) -> str:
    """Look up the unit of a column, empty where the run gave none.

    Raises
    ------
    AnalysisError
        No such column.

    Examples
    --------
    >>> frame = pd.DataFrame({"world_trade": [1.0]})
    >>> frame.attrs["units"] = {"world_trade": "bn USD 2023"}
    >>> units(frame, "world_trade")
    'bn USD 2023'
    """
    if column not in df.columns:
        raise unknown("measure", column, map(str, df.columns))
    return str(df.attrs.get("units", {}).get(column, ""))
