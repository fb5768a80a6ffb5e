"""Negotiation ladder: round by round, what was tabled, who agreed, who blocked."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.errors import AnalysisError, unknown
from analysis.frames import split
from analysis.plots.style import NOTE, source, style

VOTES = {"accept": "#0072B2", "abstain": "#C9C9C9", "reject": "#D55E00"}
MAX_PARTIES = 20
# Columns of the left-hand side: heading and left edge, in widths of a square.
_COLUMNS = (("round", 0.0), ("date", 1.6), ("move", 4.6), ("tabled", 7.4), ("exempted", 14.0))
_LEFT = 20.2
_RIGHT = 5.2
_SQUARE = 0.29  # inches


@dataclass(frozen=True)
class _Ladder:
    """The rounds and votes of one item of one run, and the parties shown."""

    rounds: pd.DataFrame
    votes: pd.DataFrame
    parties: list[str]


def plot_ladder(
    rounds: pd.DataFrame, votes: pd.DataFrame, item: str, *, ax: Axes | None = None
) -> Axes:
    """Draw one negotiation: rounds down the page, votes of the most contested parties across it.

    Parameters
    ----------
    rounds, votes
        The tables `rounds` and `votes` of one run (or more: then only one run and organisation may
        have the item).
    item
        The item negotiated.
    ax
        Axes to draw into; None makes a figure of the size that the rounds and parties need.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    AnalysisError
        Unknown item, or the item of several runs or organisations.

    Notes
    -----
    At most 20 parties are shown: those with most blocking votes, then most rejections, most
    abstentions and the smallest margin. The counts at the right are of all parties.
    """
    ladder = _one(rounds, votes, item)
    n_rounds, n_parties = len(ladder.rounds), len(ladder.parties)
    with style():
        if ax is None:
            width = (_LEFT + max(n_parties, 6) + _RIGHT) * _SQUARE
            ax = plt.subplots(figsize=(width, 2.7 + 0.36 * n_rounds))[1]
        _prepare(ax, ladder, item)
        for row, entry in enumerate(ladder.rounds.to_dict("records")):
            _write_proposal(ax, row, entry)
            ballot = ladder.votes[ladder.votes["round"] == entry["round"]]
            _draw_votes(ax, row, ballot, ladder.parties)
            ax.text(_LEFT + n_parties + 0.5, row, _count(entry), va="center_baseline", fontsize=9.5)
        _write_foot(ax, ladder)
    return ax


def contested(votes: pd.DataFrame, limit: int = MAX_PARTIES) -> list[str]:
    """Choose the most contested parties, in that order.

    Examples
    --------
    >>> votes = pd.DataFrame({"party": ["A", "B", "C"], "vote": ["accept", "reject", "reject"],
    ...                       "is_blocking": [False, False, True], "margin": [1.0, -3.0, -1.0]})
    >>> contested(votes, 2)
    ['C', 'B']
    """
    frame = votes.assign(
        blocks=votes["is_blocking"].astype(bool),
        rejects=votes["vote"] == "reject",
        abstains=votes["vote"] == "abstain",
    )
    table = frame.groupby("party").agg(
        blocks=("blocks", "sum"),
        rejects=("rejects", "sum"),
        abstains=("abstains", "sum"),
        margin=("margin", "min"),
    )
    keys = ["blocks", "rejects", "abstains", "margin", "party"]
    order = table.reset_index().sort_values(keys, ascending=[False, False, False, True, True])
    return [str(party) for party in order["party"].head(limit)]


def _one(rounds: pd.DataFrame, votes: pd.DataFrame, item: str) -> _Ladder:
    """Take the one negotiation of this item."""
    mine = rounds[rounds["item"] == item]
    if mine.empty:
        raise unknown("item", item, map(str, rounds["item"].unique()), "plot_ladder")
    keys = [k for k in ("scenario", "seed", "organisation") if k in rounds and k in votes]
    for key in keys:
        if mine[key].nunique() > 1:
            several = ", ".join(map(str, sorted(mine[key].unique())))
            raise AnalysisError(
                f"{item!r} was negotiated in more than one {key} ({several})",
                where="plot_ladder",
                expected=f"rounds of one, such as rounds[rounds.{key} == {mine[key].iloc[0]!r}]",
            )
    chosen = votes[votes["item"] == item]
    for key in keys:
        chosen = chosen[chosen[key] == mine[key].iloc[0]]
    return _Ladder(mine.sort_values("round"), chosen, contested(chosen))


def _prepare(ax: Axes, ladder: _Ladder, item: str) -> None:
    """Set limits, title, headings and the names of the parties."""
    n_rounds, n_parties = len(ladder.rounds), len(ladder.parties)
    ax.set_xlim(-0.3, _LEFT + max(n_parties, 6) + _RIGHT)
    ax.set_ylim(n_rounds + 3.3, -1.75)
    ax.set_axis_off()
    first = ladder.rounds.iloc[0]
    name = item.replace("_", " ").replace("/", " / ")
    if "organisation" in first and not item.startswith(str(first["organisation"])):
        name = f"{first['organisation']} / {name}"
    ax.set_title(f"{name}, decided by {str(first['rule']).replace('_', ' ')}", loc="left")
    heads = {"tabled": "cost cut, tariff cut, form"}
    for head, x in _COLUMNS:
        ax.text(x, -0.85, heads.get(head, head), fontsize=8.5, color=NOTE, va="bottom")
    for column, party in enumerate(ladder.parties):
        ax.text(
            _LEFT + column + 0.5,
            -0.65,
            party,
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=8.5,
            family="monospace",
            gid="party",
        )
    ax.text(_LEFT + n_parties + 0.5, -0.85, "yes/abst./no", fontsize=8.5, color=NOTE, va="bottom")


def _write_proposal(ax: Axes, row: int, entry: dict[str, object]) -> None:
    """Write what was tabled in a round."""
    matters = ", ".join(split(entry["exemptions"])).replace("_", " ") or "–"
    wrapped = textwrap.wrap(matters, 27, max_lines=3, placeholder=" …")
    if pd.isna(entry["depth"]):  # another area than trade
        tabled = f"{entry['level']:.3g} {entry['level_unit']}, {entry['form']}"
    else:
        tabled = f"{entry['depth']:.3g} %, {entry['tariff_cut']:.3g} %, {entry['form']}"
    date = pd.Timestamp(entry["date"])  # type: ignore[arg-type]
    cells = (f"{entry['round']}", f"{date:%b %Y}", f"{entry['move']}", tabled, "\n".join(wrapped))
    for (head, x), text in zip(_COLUMNS, cells, strict=True):
        size = 8 if head == "exempted" else 9.5
        ax.text(x, row, text, va="center_baseline", fontsize=size, linespacing=1.05)


def _draw_votes(ax: Axes, row: int, ballot: pd.DataFrame, parties: list[str]) -> None:
    """Draw a square per party; a cross on those that block."""
    of_party = ballot.set_index("party")
    for column, party in enumerate(parties):
        if party not in of_party.index:
            continue  # had no vote in this round: left the talks or not yet in
        vote = str(of_party.at[party, "vote"])
        corner = (_LEFT + column + 0.07, row - 0.42)
        color = VOTES.get(vote, "white")
        ax.add_patch(Rectangle(corner, 0.86, 0.84, facecolor=color, linewidth=0, gid=vote))
        if of_party.at[party, "is_blocking"]:
            x = _LEFT + column + 0.5
            ink = "#222222" if vote == "abstain" else "white"
            ax.plot(x, row, "x", color=ink, markersize=7, markeredgewidth=2, gid="block")


def _count(entry: dict[str, object]) -> str:
    return f"{entry['n_accept']} / {entry['n_abstain']} / {entry['n_reject']}"


def _write_foot(ax: Axes, ladder: _Ladder) -> None:
    """Write the outcome, the key to the colours, how many parties are not shown, the source."""
    bottom = len(ladder.rounds) - 0.2
    ax.plot([0, _LEFT + len(ladder.parties)], [bottom - 0.2] * 2, color="#999999", linewidth=0.8)
    outcome = _outcome(ladder.rounds.iloc[-1].to_dict(), len(ladder.rounds))
    ax.text(0, bottom + 0.35, outcome, fontsize=10, fontweight="bold", va="center", gid="outcome")
    for k, (word, color) in enumerate((VOTES | {"blocks": VOTES["reject"]}).items()):
        x = 4.2 * k
        ax.add_patch(Rectangle((x, bottom + 0.9), 0.7, 0.65, facecolor=color, gid="key"))
        ax.text(x + 0.95, bottom + 1.25, word, fontsize=9, va="center")
        if word == "blocks":
            ax.plot(x + 0.35, bottom + 1.23, "x", color="white", markersize=6, markeredgewidth=1.8)
    ax.text(0, bottom + 1.9, _notes(ladder), fontsize=8.5, color=NOTE, va="top", gid="footnote")


def _outcome(last: dict[str, object], n_rounds: int) -> str:
    """Say how it ended.

    Examples
    --------
    >>> _outcome({"outcome": "agreed", "adopters": "CHL;NZL", "blockers": ""}, 5)
    'Agreed after 5 rounds; 2 parties adopt'
    >>> _outcome({"outcome": "failed", "adopters": "", "blockers": "IND"}, 1)
    'Not agreed after 1 round; last blocked by IND'
    """
    outcome = str(last["outcome"])
    word = "Not agreed" if outcome == "failed" else outcome.capitalize()
    text = f"{word} after {n_rounds} round{'s' * (n_rounds > 1)}"
    blockers, adopters = split(last["blockers"]), split(last["adopters"])
    if blockers:
        more = f" and {len(blockers) - 4} more" if len(blockers) > 4 else ""
        text += f"; last blocked by {', '.join(blockers[:4])}{more}"
    elif adopters:
        text += f"; {len(adopters)} parties adopt" if len(adopters) > 1 else "; 1 party adopts"
    return text


def _notes(ladder: _Ladder) -> str:
    total, shown = ladder.votes["party"].nunique(), len(ladder.parties)
    note = "Cost cut: trade costs among participants; tariff cut: share of the applied tariff. "
    if shown < total:
        note += f"The {shown} most contested of {total} parties are shown; counts are of all."
    if ((ladder.votes["vote"] == "accept") & ladder.votes["is_blocking"].astype(bool)).any():
        note += "\nA cross on an accepting square: would take the whole, blocks a part of it."
    if {"scenario", "seed"} <= set(ladder.rounds.columns):
        first = ladder.rounds.iloc[0]
        note += "\n" + source([str(first["scenario"])], [int(first["seed"])])
    return note
