"""Write the golden files anew: ``python -m tests.golden.refresh``.

Do so only when results are meant to change, in a commit of its own that says why, with a line in
CHANGELOG.md. Everything else that changes a golden file is a fault.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SCENARIO, SEED, QUARTERS = "us_withdrawal", 1, 12


def tables() -> dict[str, Any]:
    """The tables of the golden run."""
    from experiments.compose import compose
    from experiments.run import scenario_of
    from sim.engine import simulate

    composed = compose([f"scenario={SCENARIO}", f"quarters={QUARTERS}"])
    return simulate(scenario_of(composed), SEED).tables()


def rendered(found: dict[str, Any]) -> dict[str, str]:
    """File name → text: outcome measures by quarter, events by quarter and kind, agreements."""
    summary = found["summary"].to_pylist()
    events = Counter((e["step"], e["kind"]) for e in found["events"].to_pylist())
    life = (
        "agreement",
        "form",
        "depth",
        "tariff_cut",
        "exemptions",
        "status",
        "agreed",
        "in_force",
    )
    return {
        "summary.csv": _text(list(summary[0]), [list(row.values()) for row in summary]),
        "events.csv": _text(["step", "kind", "count"], [[*k, events[k]] for k in sorted(events)]),
        "agreements.csv": _text(
            list(life), [[row[key] for key in life] for row in found["agreements"].to_pylist()]
        ),
    }


def _text(header: list[str], rows: list[list[Any]]) -> str:
    """CSV with every digit of every number, so that nothing is lost by writing it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[repr(v) if isinstance(v, float) else v for v in row] for row in rows])
    return out.getvalue()


if __name__ == "__main__":
    for name, text in rendered(tables()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"written: {FOLDER / name}")
