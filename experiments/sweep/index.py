"""The table of a sweep's runs: which number has which scenario, seed and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["RUNS", "index_of"]

RUNS = "runs.parquet"


def index_of(manifest: Mapping[str, Any]) -> bytes:
    """The file that readers of the chunks join to them by `run`.

    Parameters
    ----------
    manifest
        The sweep's manifest.

    Returns
    -------
    bytes
        Parquet: the columns of `analysis.sweeps.run_index`, days as dates; of a swept key with
        values of several kinds, their text.
    """
    import pandas as pd
    import pyarrow as pa

    from analysis.sweeps import FIRST_DAY, run_index
    from sim.dataset import parquet_bytes

    frame = run_index(manifest)
    for name in frame:
        if pd.api.types.is_object_dtype(frame[name]):
            frame[name] = [None if value is None else str(value) for value in frame[name]]
    table = pa.Table.from_pandas(frame, preserve_index=False)
    place = table.column_names.index(FIRST_DAY)
    days = table.column(place).cast(pa.date32())
    return parquet_bytes(table.set_column(place, FIRST_DAY, days))
