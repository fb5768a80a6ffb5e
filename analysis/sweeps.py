"""From a sweep's folder to one tidy frame, quickly, also while the sweep is still under way.

A sweep is a folder with a `manifest.json`, in which scenarios, variants and seeds are written down,
and Parquet files of whole runs in `chunks/`. Each file's footer names the plan that it belongs to;
files of another plan, and files that are not complete, are left out with a warning.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from analysis.errors import AnalysisError, AnalysisWarning, unknown
from analysis.integrity import is_as_written

__all__ = ["load_sweep"]

_KEY = b"concord"
_MEND = "the file as it was; the same 'concord sweep' writes it anew"
_TRIES = 10
_READERS = 4  # a file is a few hundred kB: most of the time goes into opening it
_PARAMETER = "parameters."
FIRST_DAY = "first_day"

Chunk = tuple[tuple[int, ...], pa.Table]


def load_sweep(
    folder: str | os.PathLike[str],
    measures: str | Iterable[str] | None = None,
    at: str | None = "final",
) -> pd.DataFrame:
    """Read a sweep as a tidy frame, one row per run, or per run and quarter.

    Parameters
    ----------
    folder
        The sweep's folder.
    measures
        Which measures; None reads all.
    at
        ``"final"`` for the last quarter of each run, None for all quarters.

    Returns
    -------
    pandas.DataFrame
        `run`, `scenario` (label), `variant` and `replicate` (numbers), `seed`, one column for each
        key that is swept (parameters by their bare names, with the scenario's own value where a
        variant leaves it alone), `step`, `date`, and the measures in single precision. Sorted by
        run and step, and the same whoever did the runs in whatever chunks. In `attrs`: `units` and
        `meanings` of measures, `swept` (the names of the swept columns), `runs` (planned).

    Raises
    ------
    AnalysisError
        No sweep there, or an unknown measure.

    Warns
    -----
    AnalysisWarning
        Files that do not count, and runs that are not there.
    """
    if at not in {"final", None}:
        raise AnalysisError(f"at={at!r} is not known", expected="'final' or None")
    top = Path(folder)
    manifest = _manifest(top)
    names = _measures(manifest, measures)
    chunks = _chunks(top, manifest, ["run", "step", *names])
    table = _ordered(chunks, manifest, names)
    runs = table["run"].to_numpy()
    if at == "final":
        table = table.take(
            pa.array(np.flatnonzero(np.append(runs[1:] != runs[:-1], runs.size > 0)))
        )
    frame = _labelled(table, manifest, names)
    planned = _count(manifest)
    there = len(np.unique(runs))
    if there < planned:
        warnings.warn(f"{planned - there} of {planned} runs are not there", AnalysisWarning, 2)
    return frame


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / "manifest.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AnalysisError(
            "no sweep here", where=str(folder), expected="a folder made by 'concord sweep'"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise AnalysisError(f"cannot be read ({error})", where=str(file), expected=_MEND) from None
    if not isinstance(content, dict) or "variants" not in content:
        raise AnalysisError("not the manifest of a sweep", where=str(file), expected="a sweep's")
    if not is_as_written(content):
        raise AnalysisError("was changed after it was written", where=str(file), expected=_MEND)
    return content


def _count(manifest: Mapping[str, Any]) -> int:
    return len(manifest["variants"]) * len(manifest["scenarios"]) * int(manifest["replicates"])


def _measures(manifest: Mapping[str, Any], asked: str | Iterable[str] | None) -> list[str]:
    known = list(manifest["measures"])
    if asked is None:
        return known
    names = [asked] if isinstance(asked, str) else list(asked)
    for name in names:
        if name not in known:
            raise unknown("measure", name, known)
    return names


def _chunks(folder: Path, manifest: Mapping[str, Any], columns: list[str]) -> list[Chunk]:
    """Runs and rows of all files that count."""
    for _ in range(_TRIES):
        # Files that go away meanwhile were packed: what was in them is in another by now.
        with contextlib.suppress(FileNotFoundError):
            return _chunks_now(folder, manifest, columns)
    return _chunks_now(folder, manifest, columns)


def _chunks_now(folder: Path, manifest: Mapping[str, Any], columns: list[str]) -> list[Chunk]:
    """The same, in the order of the files' names, as long as none goes away."""
    files = sorted((folder / "chunks").glob("[!.]*.parquet"))

    def one(file: Path) -> Chunk | None:
        try:
            with pq.ParquetFile(file) as parquet:
                about = json.loads((parquet.metadata.metadata or {}).get(_KEY, b"{}"))
                if about.get("plan") != manifest["fingerprint"]:
                    return None
                table = parquet.read(columns, use_threads=False)
                return (tuple(about["runs"]), table) if _is_as_written(table, about) else None
        except FileNotFoundError:
            raise
        except (pa.ArrowException, OSError, ValueError, AttributeError, KeyError, TypeError):
            return None

    with ThreadPoolExecutor(_READERS) as pool:
        found = list(pool.map(one, files))
    left_out = [file.name for file, chunk in zip(files, found, strict=True) if chunk is None]
    if left_out:
        warnings.warn(
            f"left out, not complete, changed or of another sweep: {', '.join(left_out[:5])}"
            + (f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""),
            AnalysisWarning,
            stacklevel=3,
        )
    return [chunk for chunk in found if chunk is not None]


def _is_as_written(table: pa.Table, about: Mapping[str, Any]) -> bool:
    """Whether the columns that were read have the checksums of the footer."""
    return all(
        hashlib.sha256(table[name].to_numpy().tobytes()).hexdigest()[:16] == about["sums"][name]
        for name in table.column_names
    )


def _ordered(chunks: list[Chunk], manifest: Mapping[str, Any], names: list[str]) -> pa.Table:
    """All rows, each run once, by run and step."""
    is_taken = np.zeros(_count(manifest), dtype=bool)
    parts = []
    for runs, rows in chunks:
        numbers = np.array(runs)
        new = rows
        if is_taken[numbers].any():
            new = rows.filter(pa.array(~is_taken[rows["run"].to_numpy()]))
        is_taken[numbers] = True
        parts.append(new.replace_schema_metadata(None))
    if not parts:
        kinds = {"run": pa.int32(), "step": pa.int16()}
        fields = [pa.field(n, kinds.get(n, pa.float32())) for n in ["run", "step", *names]]
        return pa.schema(fields).empty_table()
    table = pa.concat_tables(parts)
    key = table["run"].to_numpy().astype(np.int64) * 2**16 + table["step"].to_numpy()
    if (np.diff(key) < 0).any():
        table = table.take(pa.array(np.argsort(key, kind="stable")))
    return table.combine_chunks()


def _labelled(table: pa.Table, manifest: Mapping[str, Any], names: list[str]) -> pd.DataFrame:
    """Rows with what their runs are."""
    run, step = table["run"].to_numpy(), table["step"].to_numpy()
    index = run_index(manifest)
    columns: dict[str, Any] = {
        name: index[name].array.take(run) for name in index if name != FIRST_DAY
    }
    starts = index[FIRST_DAY].to_numpy().astype("datetime64[M]")[run]
    columns["step"] = step
    columns["date"] = (starts + 3 * step.astype("timedelta64[M]")).astype("datetime64[ns]")
    for name in names:
        columns[name] = table[name].to_numpy()
    frame = pd.DataFrame(columns, copy=False)
    about = manifest.get("columns", {})
    frame.attrs = {
        "units": {name: about.get(name, {}).get("unit", "") for name in names},
        "meanings": {name: about.get(name, {}).get("meaning", "") for name in names},
        "swept": index.attrs["swept"],
        "runs": _count(manifest),
    }
    return frame


def run_index(manifest: Mapping[str, Any]) -> pd.DataFrame:
    """List the runs of a sweep's manifest: what each number stands for, one row per run.

    Returns
    -------
    pandas.DataFrame
        `run`, `scenario`, `variant`, `replicate`, `seed`, a column for each key that is swept, and
        `first_day`, on which the run begins; in `attrs`, `swept` names the swept columns.
    """
    scenarios = manifest["scenarios"]
    run = np.arange(_count(manifest))
    rest, replicate = np.divmod(run, int(manifest["replicates"]))
    variant, scenario = np.divmod(rest, len(scenarios))
    swept = _swept(manifest)
    frame = pd.DataFrame(
        {
            "run": run.astype(np.int32),
            "scenario": pd.array([one["label"] for one in scenarios], dtype="str").take(scenario),
            "variant": variant,
            "replicate": replicate,
            "seed": np.array(manifest["seeds"], dtype=np.int64)[replicate],
            **{key: values[rest] for key, values in swept.items()},
            FIRST_DAY: np.array(_starts(manifest), dtype="datetime64[M]")[rest].astype("M8[ns]"),
        }
    )
    frame.attrs["swept"] = list(swept)
    return frame


def _swept(manifest: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Swept column → value by variant and scenario (variant first)."""
    keys = list(dict.fromkeys(key for variant in manifest["variants"] for key in variant))
    found = {}
    for key in keys:
        own = [_at(one["config"], key) for one in manifest["scenarios"]]
        values = [
            _cell(variant.get(key, there)) for variant in manifest["variants"] for there in own
        ]
        kind: Any = object
        if all(isinstance(value, bool) for value in values):
            kind = bool
        elif all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            kind = float
        found[key.removeprefix(_PARAMETER)] = np.array(values, dtype=kind)
    return found


def _starts(manifest: Mapping[str, Any]) -> list[str]:
    return [
        str(variant.get("start", one["config"]["start"]))[:7]
        for variant in manifest["variants"]
        for one in manifest["scenarios"]
    ]


def _at(config: Any, key: str) -> Any:
    for part in key.lstrip("+~").split("."):
        config = config.get(part) if isinstance(config, Mapping) else None
    return config


def _cell(value: Any) -> Any:
    """Plain values as they are, others as text, so that frames can be grouped by them."""
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value)
