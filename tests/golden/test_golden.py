"""The golden run: what the model gave when somebody last looked at it and found it right."""

from __future__ import annotations

import csv
import importlib.util
import io
import math
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
FILES = ("summary.csv", "events.csv", "agreements.csv")
ADVICE = (
    "results have changed. If they were meant to: python -m tests.golden.refresh, look at the "
    "difference, and commit the files alone with the reason (and a line in CHANGELOG.md)"
)
RELATIVE, ABSOLUTE = 1e-9, 1e-9  # percent and shares near zero are rounding below the latter


def _refresh():
    spec = importlib.util.spec_from_file_location("refresh", FOLDER / "refresh.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def now(run_of):
    refresh = _refresh()
    tables = run_of(refresh.SCENARIO, refresh.SEED, f"quarters={refresh.QUARTERS}")
    return refresh.rendered(tables)


def _rows(text):
    return list(csv.reader(io.StringIO(text)))


def _same(first, second):
    try:
        one, other = float(first), float(second)
    except ValueError:
        return first == second
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


@pytest.mark.parametrize("name", FILES)
def test_the_golden_run_gives_what_it_gave(name, now):
    stored = _rows((FOLDER / name).read_text(encoding="utf-8"))
    found = _rows(now[name])
    assert found[0] == stored[0], f"{name}: other columns; {ADVICE}"
    different = [
        f"{name} row {n} {column}: {old} → {new}"
        for n, (before, after) in enumerate(zip(stored[1:], found[1:], strict=False), 1)
        for column, old, new in zip(stored[0], before, after, strict=True)
        if not _same(old, new)
    ]
    assert not different, "\n".join([*different[:8], f"{len(different)} cells; {ADVICE}"])
    assert len(found) == len(stored), f"{name}: other rows; {ADVICE}"


def test_the_comparison_sees_a_change_in_the_ninth_digit():
    assert _same("1.0", "1.0000000001")
    assert not _same("1.0", "1.00000001")
    assert not _same("nan", "0.0")
    assert not _same("agreed", "signed")


def test_a_reader_is_told_how_to_refresh():
    assert "python -m tests.golden.refresh" in ADVICE
    assert "python -m tests.golden.refresh" in (_refresh().__doc__ or "")
    assert sorted(file.name for file in FOLDER.glob("*.csv")) == sorted(FILES)
