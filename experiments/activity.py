"""What each organisation did in runs, or why it did nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.listing import acts_by

if TYPE_CHECKING:
    import pandas as pd

    from analysis.load import Run

__all__ = ["activity"]

_EVENTS = {
    "item_opened": ("item opened", "items opened"),
    "statement": ("statement", "statements"),
    "rule_taken_up": ("rule taken up", "rules taken up"),
    "rule_submitted": ("rule submitted to it", "rules submitted to it"),
    "mediation_accepted": ("conflict taken up", "conflicts taken up"),
    "mediation_refused": ("conflict declined", "conflicts declined"),
    "arbitration_accepted": ("dispute judged", "disputes judged"),
    "mandate_adopted": ("mission sent", "missions sent"),
    "mandate_refused": ("mission refused", "missions refused"),
    "resolution_adopted": ("resolution on rights adopted", "resolutions on rights adopted"),
    "resolution_refused": ("resolution on rights refused", "resolutions on rights refused"),
    "outbreak": ("outbreak declared", "outbreaks declared"),
    "join": ("member admitted", "members admitted"),
    "accession_refused": ("applicant kept out", "applicants kept out"),
    "suspended": ("member suspended", "members suspended"),
    "revised": ("text replaced by another", "texts replaced by others"),
    "exit": ("member gone", "members gone"),
}
"""Kinds of event that are deeds of a body → how one and several are told."""
_COUNTS = {
    "n_agreed": ("item settled", "items settled"),
    "n_lapsed": ("item lapsed", "items lapsed"),
    "n_inspected": ("state inspected each quarter", "states inspected each quarter"),
    "n_in_zone": ("state in its zone", "states in its zone"),
}
"""Columns of the last quarter → the same; what is in force works without an event."""
_MISSION = ("sent as a mission by the body it is part of", "")
_IDLE = {
    "nothing_to_negotiate": "its items offered nobody anything new",
    "not_tabled": "every proposal touched what a member protects",
}

Deeds = dict[tuple[str, str], int]


def activity(folder: Path) -> list[dict[str, Any]]:
    """What each organisation did in the runs of a scenario, or why it did nothing.

    Parameters
    ----------
    folder
        A run's folder, or a scenario's, of which all seeds are counted.

    Returns
    -------
    list of dict
        ``code``, ``members`` (mean at the end), ``condition`` at the end (with the number of runs
        where they differ), ``acted in`` (so many of the runs), ``dues paid`` (at the end, of those
        with members; all where there are none to pay), ``did`` (a run, on average), and
        ``why not`` (for most of the runs without a deed; empty where there is none).

    Raises
    ------
    AnalysisError
        There is no run, or there are runs of several scenarios.
    """
    from analysis.load import find

    found = find(folder)
    _one_scenario(folder, found)
    charters = found[0].manifest.get("config", {}).get("organisation", {})
    seen: dict[str, list[tuple[Mapping[str, Any], Deeds, str]]] = {}
    for run in found:
        table, events = run.table("organisations"), run.table("events")
        last = table[table["step"] == table["step"].max()]
        by_body = dict(list(events.groupby("organisation")))
        sent = set(events.loc[events["kind"] == "mission_began", "reason"])
        for row in last.to_dict("records"):
            code = str(row["organisation"])
            own = by_body.get(code, events.iloc[:0])
            deeds = _deeds(row, own) | ({_MISSION: 1} if code in sent else {})
            why = "" if deeds else _why_not(row, charters.get(code, {}), own)
            seen.setdefault(code, []).append((row, deeds, why))
    return [_entry(code, told) for code, told in sorted(seen.items())]


def _one_scenario(folder: Path, found: list[Run]) -> None:
    from analysis.errors import AnalysisError

    labels = sorted({run.label for run in found})
    if len(labels) > 1:
        raise AnalysisError(
            f"runs of {len(labels)} scenarios",
            where=str(folder),
            expected=f"the folder of one, such as {folder / labels[0]}",
        )


def _deeds(row: Mapping[str, Any], events: pd.DataFrame) -> Deeds:
    """What is counted of an organisation in a run, where it is not nothing."""
    kinds = events["kind"].value_counts()
    counts = {words: int(row.get(name, 0)) for name, words in _COUNTS.items()}
    counts |= {words: int(kinds.get(kind, 0)) for kind, words in _EVENTS.items()}
    return {words: number for words, number in counts.items() if number}


def _why_not(row: Mapping[str, Any], charter: Mapping[str, Any], events: pd.DataFrame) -> str:
    if row["condition"] == "dissolved":
        ends = events.loc[events["kind"] == "dissolved", "date"]
        day = f" on {ends.iloc[0]:%Y-%m-%d}" if len(ends) else ""
        return f"dissolved{day}, before it did anything"
    if not row["n_members"]:
        return "nobody belongs to it in this scenario"
    means = acts_by(charter)
    if means.startswith("nothing"):
        return means
    if " alone: " in means:
        inside, without = means.split(" alone: ")
        return f"no case came up for {inside}; {without}"
    kinds = events["kind"].value_counts()
    idle = [f"{why} ({kinds[kind]} times)" for kind, why in _IDLE.items() if kind in kinds]
    opens = sorted(str(item["opens"]) for item in (charter.get("docket") or {}).values())
    if opens and opens[0] > f"{row['date']:%Y-%m-%d}":
        idle.append(f"its first item opens on {opens[0]}, after the run")
    return "; ".join(idle) or f"no case came up for {means}"


def _entry(code: str, told: list[tuple[Mapping[str, Any], Deeds, str]]) -> dict[str, Any]:
    """One line of an organisation over all runs."""
    n_runs = len(told)
    acted = sum(bool(deeds) for _, deeds, _ in told)
    totals: Counter[tuple[str, str]] = Counter()
    for _, deeds, _ in told:
        totals.update(deeds)
    order = (*_COUNTS.values(), *_EVENTS.values(), _MISSION)
    means = {words: totals[words] / n_runs for words in order if totals[words]}
    whys = Counter(why for *_, why in told if why)
    return {
        "code": code,
        "members": round(sum(int(row["n_members"]) for row, *_ in told) / n_runs),
        "condition": _with_counts(Counter(str(row["condition"]) for row, *_ in told)),
        "acted in": f"{acted} of {n_runs}",
        "dues paid": _share([float(row["funding"]) for row, *_ in told if row["n_members"]]),
        "did": ", ".join(_told(mean, words) for words, mean in means.items()),
        "why not": whys.most_common(1)[0][0] if whys and acted < n_runs else "",
    }


def _share(paid: list[float]) -> str:
    return f"{100 * sum(paid) / len(paid):.0f} %" if paid else ""


def _with_counts(found: Counter[str]) -> str:
    """What all are, or how many are what."""
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{name} ({number})" for name, number in found.most_common())


def _told(mean: float, words: tuple[str, str]) -> str:
    one, several = words
    if not several:
        return one
    return f"{mean:.2g} {one if mean == 1 else several}" if mean < 10 else f"{mean:.0f} {several}"
