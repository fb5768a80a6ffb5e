"""Synthetic results folders in the schema of docs/outputs.md, with effects known in advance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.schema import PARTS

mpl.use("Agg")

SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
SHOCK = pd.Timestamp("2025-04-01")
# Effects of the synthetic us_withdrawal on the last quarter, by construction exact over SEEDS.
EFFECT = {"world_trade_change": -2.0, "welfare_usa": -0.75, "us_tariff": 12.0, "vetoes": 3.0}
TIMELINE = [
    {"date": "2025-01-20", "kind": "exit", "text": "USA announces exit from the Paris Agreement"},
    {"date": "2025-01-20", "kind": "exit", "text": "USA announces exit from the WHO"},
    {"date": "2025-02-04", "kind": "exit", "text": "USA leaves the Human Rights Council"},
    {"date": "2025-04-02", "kind": "tariff", "text": "Liberation Day tariffs"},
    {"date": "2026-01-22", "kind": "exit", "text": "USA leaves the WHO"},
    {"date": "2026-01-27", "kind": "exit", "text": "USA leaves the Paris Agreement"},
    {"date": "2029-01-20", "kind": "leader", "text": "New administration"},
]
UNITS = {
    "world_trade": "bn USD 2023",
    "world_trade_change": "%",
    "world_welfare": "%",
    "welfare_small_mid": "%",
    "welfare_usa": "%",
    "welfare_eu": "%",
    "welfare_chn": "%",
    "mean_applied_tariff": "%",
    "us_tariff": "%",
    "trade_under_agreements": "% of world trade",
    "agreements_in_force": "agreements",
    "agreements_signed": "agreements",
    "items_agreed": "items",
    "items_lapsed": "items",
    "vetoes": "votes",
    "months_to_agreement": "months",
    "withdrawals": "withdrawals",
    "regional_share": "% of agreed items",
    "fragmentation": "1",
    "gini_gains": "1",
    "depth": "%",
    "tariff_cut": "%",
    "margin": "logits",
    "gain": "% of annual income",
    "largest_shortfall": "logits",
    "welfare": "%",
}
_CODES = """ARG AUS AUT BEL BOL BRA CAN CHE CHL CHN COL CRI DEU ECU EGY ESP FRA GBR IDN IND ITA JPN
KEN KOR MAR MEX MYS NGA NLD NOR NZL PAK PER POL RUS SAU SGP SWE THA TUR USA VNM ZAF"""
PARTIES = tuple(_CODES.split())


def _quarters(n: int) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=n, freq="QS")


def _summary(is_shocked: bool, seed: int, n: int) -> pd.DataFrame:
    """World noise shared by both scenarios of a seed; the effect's own noise sums to zero."""
    dates, t = _quarters(n), np.arange(n)
    rng = np.random.default_rng(seed)
    own = (SEEDS.index(seed) - (len(SEEDS) - 1) / 2) / len(SEEDS) if seed in SEEDS else 0.0
    after = np.clip((dates >= SHOCK) * (t - 4) / 12, 0.0, 1.0)
    after[-1] = 1.0 if dates[-1] >= SHOCK else after[-1]
    frame = pd.DataFrame({"step": t, "date": dates})
    for k, name in enumerate(c for c in UNITS if c not in _OTHER):
        noise = np.cumsum(rng.normal(0.02 * (k % 3 - 0.5), 0.12, n)) + rng.normal(0, 0.4)
        level = 20000.0 if name == "world_trade" else 0.0
        shift = EFFECT.get(name, 0.0) * (1 + own) if is_shocked else 0.0
        frame[name] = level * (1 + 0.01 * t) + noise + shift * after
    for name in ("agreements_in_force", "items_agreed", "vetoes", "withdrawals"):
        extra = EFFECT.get(name, 0.0) * after if is_shocked else 0.0
        frame[name] = np.floor(np.arange(n) * (0.3 + 0.05 * (seed % 3)) + extra + 1e-9)
    months = rng.uniform(20, 40)
    frame["months_to_agreement"] = np.where(t < 8, np.nan, months)
    return frame


_OTHER = ("depth", "tariff_cut", "margin", "gain", "largest_shortfall", "welfare")


def _votes(seed: int) -> pd.DataFrame:
    """Item `tariffs-1` of the WTO, five rounds; IND blocks 1–4, USA 1–2, others waver."""
    rng = np.random.default_rng(1000 + seed)
    rows = []
    for round_ in range(1, 6):
        for party in PARTIES:
            is_blocking = (party == "IND" and round_ <= 4) or (party == "USA" and round_ <= 2)
            reject = is_blocking or (party == "BRA" and round_ == 3)
            abstain = not reject and party in ("CHE", "NOR", "TUR") and round_ <= 3
            margin = -float(6 - round_) / 2 if reject else float(rng.uniform(0.1, 2))
            vote = "reject" if reject else "abstain" if abstain else "accept"
            rows.append((round_, party, vote, is_blocking, margin))
    frame = pd.DataFrame(rows, columns=["round", "party", "vote", "is_blocking", "margin"])
    frame["organisation"], frame["item"] = "WTO", "tariffs-1"
    frame["step"] = 3 + frame["round"]
    frame["date"] = _quarters(16)[frame["step"]]
    frame["gain"], frame["utility"], frame["aspiration"] = 0.01, frame["margin"] + 0.5, 0.5
    parts = dict.fromkeys(PARTS, 0.0) | {"gain": 0.2, "passing": frame["margin"] + 0.3}
    frame = frame.assign(**{f"part_{name}": part for name, part in parts.items()})
    order = ["step", "date", "organisation", "item", "round", "party", "vote", "is_blocking"]
    told = [f"part_{name}" for name in PARTS]
    return frame[[*order, "gain", "utility", "aspiration", "margin", *told]]


def _rounds(votes: pd.DataFrame) -> pd.DataFrame:
    rows = []
    moves = ["open", "dilute", "exempt", "soften", "hold"]
    matters = ["", "", "agriculture", "agriculture;procurement", "agriculture;procurement"]
    for (item, round_), ballot in votes.groupby(["item", "round"]):
        count = ballot["vote"].value_counts()
        against = ballot.loc[ballot["is_blocking"], "party"]
        k = round_ - 1
        rows.append(
            {
                "step": ballot["step"].iloc[0],
                "date": ballot["date"].iloc[0],
                "organisation": "WTO",
                "item": item,
                "area": "trade",
                "round": round_,
                "meeting": round_,
                "rule": "consensus",
                "chair": "CHE",
                "move": moves[k],
                "depth": [10.0, 7.5, 7.5, 5.0, 5.0][k],
                "level": [10.0, 7.5, 7.5, 5.0, 5.0][k],
                "greatest_level": 10.0,
                "tariff_cut": [50.0, 40.0, 40.0, 30.0, 30.0][k],
                "form": ["binding", "binding", "binding", "soft", "soft"][k],
                "exemptions": matters[k],
                "n_parties": len(ballot),
                "n_accept": int(count.get("accept", 0)),
                "n_abstain": int(count.get("abstain", 0)),
                "n_reject": int(count.get("reject", 0)),
                "outcome": "agreed" if round_ == 5 else "failed",
                "adopters": ";".join(ballot["party"]) if round_ == 5 else "",
                "blockers": ";".join(against),
                "largest_shortfall": max(0.0, -float(ballot["margin"].min())),
                "welfare_gain": 0.2,
                "nash_depth": 6.0,
                "nash_tariff_cut": 35.0,
                "median_depth": 5.5,
                "mean_depth": 6.5,
            }
        )
    return pd.DataFrame(rows)


def _agreements(n: int) -> pd.DataFrame:
    dates = _quarters(n)
    return pd.DataFrame(
        {
            "agreement": ["WTO/tariffs-1", "FITP/digital-1"],
            "organisation": ["WTO", "FITP"],
            "item": ["tariffs-1", "digital-1"],
            "area": ["trade", "digital"],
            "form": ["soft", "binding"],
            "depth": [5.0, 10.0],
            "tariff_cut": [30.0, 0.0],
            "exemptions": ["agriculture;procurement", ""],
            "status": ["in force", "signed"],
            "opened": [dates[4], dates[6]],
            "agreed": [dates[8], dates[7]],
            "signed": [dates[8], dates[8]],
            "in_force": [dates[12], pd.NaT],
            "n_signatories": [43, 9],
            "n_ratified": [40, 2],
            "signatories": [";".join(PARTIES), "CHL;NZL"],
            "ratified": [";".join(PARTIES[:40]), "CHL"],
            "acceded": ["", ""],
            "months_to_agreement": [12.0, 3.0],
            "months_to_force": [12.0, np.nan],
        }
    )


def _states(n: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {"step": t, "date": date, "state": state, "welfare": k + 0.1 * t}
            for t, date in enumerate(_quarters(n))
            for k, state in enumerate(PARTIES[:3])
        ]
    )
    columns = ["exports", "imports", "tariff_charged", "tariff_faced", "revenue", "orientation"]
    return frame.assign(**dict.fromkeys(columns, 1.0), n_partners=3, n_organisations=2)


def _organisations(n: int) -> pd.DataFrame:
    frame = pd.DataFrame({"step": np.arange(n), "date": _quarters(n), "organisation": "WTO"})
    counts = dict.fromkeys(["n_open", "n_agreed", "n_lapsed", "n_blocks"], 1)
    shares = {"vitality": 0.9, "capacity": 0.8, "funding": 1.0, "is_vacant": False}
    return frame.assign(n_members=43, **shares, **counts)


def _events(timeline: list[dict[str, str]]) -> pd.DataFrame:
    columns = ["kind", "actor", "target", "organisation", "agreement", "item", "reason"]
    rows = [
        {"step": 4, "date": pd.Timestamp(e["date"]), **dict.fromkeys(columns, ""), "value": np.nan}
        | {"kind": e["kind"], "actor": "USA"}
        for e in timeline
    ]
    empty = {"step": 0, "date": pd.Timestamp("2024-01-01"), "value": np.nan, "kind": "start"}
    return pd.DataFrame([dict.fromkeys(columns, "") | empty, *rows])


def _write_table(frame: pd.DataFrame, file: Path, fingerprint: str) -> None:
    file.parent.mkdir(exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for k, column in enumerate(table.column_names):
        values = table.column(k)
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.date32())
        note = {"unit": UNITS.get(column, ""), "meaning": f"meaning of {column}"}
        table = table.set_column(k, pa.field(column, values.type, metadata=note), values)
    pq.write_table(table.replace_schema_metadata({"concord:fingerprint": fingerprint}), file)


def write_run(root: Path, label: str, seed: int, n: int = 64, **manifest: Any) -> Path:
    """Write one synthetic run; labels that begin with us_withdrawal carry the shock."""
    folder = root / label / f"seed={seed}"
    folder.mkdir(parents=True)
    is_shocked = label.startswith("us_withdrawal")
    timeline = TIMELINE if is_shocked else []
    votes = _votes(seed)
    fingerprint = manifest.get("fingerprint", f"{label}-{seed}")
    tables = {
        "summary": _summary(is_shocked, seed, n),
        "votes": votes,
        "rounds": _rounds(votes),
        "agreements": _agreements(max(n, 16)),
        "states": _states(n),
        "organisations": _organisations(n),
        "events": _events(timeline),
    }
    for name, frame in tables.items():
        own = frame.copy()
        own.insert(0, "scenario", label)
        own.insert(1, "seed", seed)
        _write_table(own, root / label / name / f"seed={seed}.parquet", fingerprint)
    content = {
        "format": 2,
        "scenario": label.split("+", maxsplit=1)[0],
        "label": label,
        "seed": seed,
        "overrides": [],
        "fingerprint": fingerprint,
        "config": {},
        "timeline": timeline,
        "versions": {"concord-sim": "0.1.0"},
        "data": {"states": "0"},
        "tables": {name: {"rows": len(frame)} for name, frame in tables.items()},
        "created": "2026-01-01T00:00:00Z",
        "seconds": 1.0,
    }
    (folder / "manifest.json").write_text(json.dumps(content | manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder: baseline and us_withdrawal, eight seeds each. Read only."""
    root = tmp_path_factory.mktemp("results")
    for label in ("baseline", "us_withdrawal"):
        for seed in SEEDS:
            write_run(root, label, seed)
    return root


@pytest.fixture
def make_run() -> Callable[..., Path]:
    """The writer of one synthetic run: `make_run(root, label, seed, n=64, **manifest)`."""
    return write_run


@pytest.fixture(scope="session")
def effect() -> dict[str, float]:
    """Effects of us_withdrawal in the last quarter, exact in the mean over the seeds."""
    return dict(EFFECT)


@pytest.fixture(autouse=True)
def _close_figures() -> Any:
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
