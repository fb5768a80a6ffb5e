"""What explains the votes of a run, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.explain import SOURCES, TASTES, WHY, Frames, guards, objections, sources


def in_words(frames: Frames, top: int = 6) -> list[str]:
    """Say in sentences what the tables show, for one scenario.

    Parameters
    ----------
    frames
        The tables `votes`, `events`, `rounds` and `summary`.
    top
        How many parties are named.
    """
    votes = frames["votes"]
    shares = sources(votes).set_index("source")["share"]
    drawn = shares[list(TASTES)].sum()
    known = shares.drop(list(TASTES)).sort_values(ascending=False)
    first = ", ".join(f"{SOURCES[name]} {share:.0f} %" for name, share in known.head(3).items())
    said = [
        f"Of the variance of margins {drawn:.0f} % is taste that is drawn ("
        + ", ".join(f"{SOURCES[name]} {shares[name]:.0f} %" for name in TASTES)
        + f"); of what is known most is {first}."
    ]
    table = objections(votes)
    gaining = votes[votes["is_blocking"].astype(bool)]["gain"] > 0
    if len(gaining):
        said.append(f"{100 * gaining.mean():.0f} % of objections come from parties that gain.")
    if len(table):
        said.append("Who objects most, and what they lack (logits beside the mean vote):")
    said += [_objector(row) for row in table.head(top).to_dict("records")]
    return said + _guards_in_words(guards(frames))


def _objector(row: Mapping[str, object]) -> str:
    reasons = dict.fromkeys(str(row[name]) for name in ("reason", "known"))
    lacking = {name: float(str(row[WHY + name])) for name in reasons}
    why = " and ".join(f"{SOURCES[n]} ({x:+.1f})" for n, x in lacking.items() if x < 0)
    gain = float(str(row["gain"]))
    return (
        f"{row['party']} objects {float(str(row['objections'])):.1f} times a run "
        f"({float(str(row['share'])):.0f} % of its votes): {why}; it "
        f"{'gains' if gain >= 0 else 'loses'} {abs(gain):.2g} % of income on average."
    ).replace("-", "−")


def _guards_in_words(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return []
    total = table.drop(columns=["scenario", "organisation"]).sum()
    said = [
        f"{total['agreed']:.1f} items are agreed a run, {total['deepest']:.1f} of them at the "
        f"greatest level offered; {total['lapsed']:.1f} lapse."
    ]
    for column, what in (
        ("ceiling", "agreements a run reach the ceiling of trade-cost cuts"),
        ("nothing_left", "items a run close because nothing is left to negotiate"),
        ("not_tabled", "meetings a run pass because each proposal touches a protected matter"),
    ):
        if total[column]:
            most = table.sort_values(column, ascending=False).head(3)
            where = ", ".join(most.loc[most[column] > 0, "organisation"])
            said.append(f"{total[column]:.1f} {what} (most: {where}).")
    return said
