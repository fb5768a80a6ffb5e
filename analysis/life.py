"""An organisation's life in a run: what it went through, as spells and days on named rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.errors import unknown

__all__ = ["TABLES", "life"]

TABLES = ("organisations", "events", "rounds")
"""What `life` needs of a run."""

_DAYS = {
    "applied": "asks to join",
    "accession_refused": "kept out",
    "join": "joins",
    "exit_announced": "says it leaves",
    "exit": "leaves",
    "vacancy": "office falls vacant",
    "funding_cut": "stops paying",
    "nothing_to_negotiate": "nothing left to negotiate",
    "rule_taken_up": "takes up a rule",
    "rule_submitted": "is handed a rule",
    "mediation_accepted": "takes up a conflict",
    "mediation_refused": "declines a conflict",
    "arbitration_accepted": "judges a dispute",
    "mandate_adopted": "sends a mission",
    "mandate_refused": "sends no mission",
    "resolution_refused": "votes down a resolution on rights",
    "revised": "has a text replaced",
    "dissolved": "is given up",
}
_SPELLS = {
    "suspended": ("suspended", "suspension_lifted"),
    "without vote": ("vote_lost", "vote_regained"),
}
_ENDS = {"agreed": "agreed", "item_lapsed": "lapsed", "statement": "statement"}
_QUARTER = pd.DateOffset(months=3)

Frames = Mapping[str, pd.DataFrame]


def life(frames: Frames, code: str) -> pd.DataFrame:
    """Make rows of what an organisation went through.

    Parameters
    ----------
    frames
        The tables `TABLES` of one run.
    code
        Of the organisation.

    Returns
    -------
    pandas.DataFrame
        `row` (chair, item, suspended, without vote, zombie, or what happened), `since` and `until`
        (the same for what takes a day), `who` (the chair, the state, the item, the two sides of a
        dispute), `how` (items: agreed, lapsed, statement or open; otherwise empty); by row, then
        day. Suspensions and lost votes of before the run begin on its first day.

    Raises
    ------
    AnalysisError
        No such organisation in the run.

    Examples
    --------
    >>> life(_example(), "AU")[["row", "who", "how"]].values.tolist()
    [['chair', 'EGY', ''], ['item: x', 'AU/x/0', 'agreed'], ['suspended', 'MLI', '']]
    """
    whole = frames["organisations"]
    own = whole[whole["organisation"] == code].sort_values("date")
    if own.empty:
        raise unknown("organisation", code, sorted(set(whole["organisation"])))
    events = frames["events"]
    events = events[events["organisation"] == code].sort_values("date", kind="stable")
    first, last = own["date"].iloc[0], own["date"].iloc[-1] + _QUARTER
    rounds = frames["rounds"]
    found = [
        *_chairs(rounds[rounds["organisation"] == code]),
        *_items(events, last),
        *_spells(events, first, last),
        *_zombie(own),
        *_days(events),
    ]
    table = pd.DataFrame(found, columns=["row", "since", "until", "who", "how"])
    return table.astype({"since": "datetime64[ns]", "until": "datetime64[ns]"})


def _chairs(rounds: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """The party that tabled, from the first of its consecutive rounds to the last.

    Where a rule lets nobody in particular table, the chair is a word in small letters.
    """
    rounds = rounds[rounds["chair"].str.isupper()].sort_values("date", kind="stable")
    spell = (rounds["chair"] != rounds["chair"].shift()).cumsum()
    for _, one in rounds.groupby(spell):
        yield "chair", one["date"].iloc[0], one["date"].iloc[-1], one["chair"].iloc[0], ""


def _items(events: pd.DataFrame, last: pd.Timestamp) -> Iterator[tuple[object, ...]]:
    """A spell for each item at the table."""
    for item, own in events[events["item"] != ""].groupby("item", sort=False):
        opened = own.loc[own["kind"] == "item_opened", "date"]
        if opened.empty:
            continue
        ended = own[own["kind"].isin(_ENDS)]
        until = ended["date"].iloc[0] if len(ended) else last
        how = _ENDS[ended["kind"].iloc[0]] if len(ended) else "open"
        yield f"item: {str(item).split('/')[1]}", opened.iloc[0], until, str(item), how


def _spells(
    events: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp
) -> Iterator[tuple[object, ...]]:
    """From the event that begins a spell of a state to the one that ends it, or to its exit."""
    for row, (begins, ends) in _SPELLS.items():
        open_since: dict[str, pd.Timestamp] = {}
        told = events[events["kind"].isin([begins, ends, "exit"])]
        for kind, who, day in zip(told["kind"], told["actor"], told["date"], strict=True):
            if kind == begins:
                open_since[who] = day
            elif kind == ends or who in open_since:
                yield row, open_since.pop(who, first), day, who, ""
        yield from ((row, since, last, who, "") for who, since in open_since.items())


def _zombie(own: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Quarters in which the body exists without working, and in which its office is vacant."""
    for row, is_so in (("zombie", own["condition"] == "zombie"), ("vacant", own["is_vacant"])):
        spell = (is_so != is_so.shift()).cumsum()
        for _, one in own[is_so].groupby(spell[is_so]):
            yield row, one["date"].iloc[0], one["date"].iloc[-1] + _QUARTER, "", ""


def _days(events: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """What takes a day, with the state or the two sides."""
    sides = events["actor"].where(events["target"] == "", events["actor"] + "–" + events["target"])
    for kind, row in _DAYS.items():
        for day, who in zip(events.loc[events["kind"] == kind, "date"],
                            sides[events["kind"] == kind], strict=True):  # fmt: skip
            yield row, day, day, who, ""


def _example() -> dict[str, pd.DataFrame]:
    """A body with one item, one chair and one member under suspension."""
    days = pd.to_datetime(["2024-01-01", "2024-02-15", "2024-03-01"])
    quarter = {"date": days[:1], "organisation": "AU", "condition": "active", "is_vacant": False}
    kinds = ["item_opened", "agreed", "suspension_lifted"]
    event = {"date": days, "kind": kinds, "organisation": "AU", "target": ""}
    event |= {"actor": ["", "", "MLI"], "item": ["AU/x/0", "AU/x/0", ""]}
    rounds = {"date": days[1:2], "organisation": "AU", "chair": "EGY"}
    return {
        "organisations": pd.DataFrame(quarter),
        "events": pd.DataFrame(event),
        "rounds": pd.DataFrame(rounds),
    }
