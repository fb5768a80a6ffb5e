"""What the measures share: which columns tell series apart, and what a result carries."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.errors import AnalysisError, unknown

RUN = ["scenario", "seed"]


def split(codes: object) -> list[str]:
    """Split a ;-separated list into its parts; none of an empty or missing one.

    Examples
    --------
    >>> split("IND; USA"), split(""), split(None)
    (['IND', 'USA'], [], [])
    """
    if not isinstance(codes, str):
        return []
    return [code.strip() for code in codes.split(";") if code.strip()]


def as_list(by: str | Sequence[str]) -> list[str]:
    """Make one name a list of one.

    Examples
    --------
    >>> as_list("state"), as_list(())
    (['state'], [])
    """
    return [by] if isinstance(by, str) else list(by)


def need(frame: pd.DataFrame, columns: Sequence[str], table: str) -> None:
    """Refuse a frame without these columns: most often another table than the one meant."""
    for column in [*RUN, *columns]:
        if column not in frame:
            raise AnalysisError(
                f"no column {column!r}", where=table, expected=f"the table {table!r} as loaded"
            )


def keys_of(
    frame: pd.DataFrame, measure: str, by: str | Sequence[str], *, unique: bool = True
) -> list[str]:
    """Check the columns that tell series apart; `unique` asks for one row per series and date."""
    keys = [*RUN, *as_list(by)]
    for column in [*keys, measure]:
        if column not in frame:
            kind = "measure" if column == measure else "column"
            raise unknown(kind, column, map(str, frame.columns))
    if unique and frame.duplicated([*keys, "date"]).any():
        raise AnalysisError(
            f"several rows of {measure!r} per {', '.join(keys)} and date",
            expected="by= to name the column that tells them apart, such as by='state'",
        )
    return keys


def result_of(
    result: pd.DataFrame, source: pd.DataFrame, measure: str, unit: str | None = None
) -> pd.DataFrame:
    """Give a plain index, and the units and timeline of the frame it came from."""
    result = result.reset_index(drop=True)
    own = source.attrs.get("units", {}).get(measure, "") if unit is None else unit
    result.attrs = {"units": {measure: own}, "timeline": source.attrs.get("timeline", {})}
    return result
