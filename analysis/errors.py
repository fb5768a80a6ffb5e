"""Errors of the analysis, in the form of the model's own: where, what, and what would be right.

The analysis starts from files and does not import the model, so that it can be used (and shipped)
without it; that is why the few lines below are its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AnalysisError(Exception):
    """A fault in what was asked for or in what lies on disk, with advice for the user.

    Parameters
    ----------
    found
        What was found, as a sentence without the place.
    where
        Folder, table or function in which it was found; empty when there is no such place.
    expected
        What would be right, with the nearest alternatives where names are concerned.

    Examples
    --------
    >>> print(AnalysisError("no table 'sumary'", where="results/a/seed=1", expected="'summary'"))
    results/a/seed=1: no table 'sumary'. Expected 'summary'.
    """

    exit_code = 2

    def __init__(self, found: str, *, where: str = "", expected: str = "") -> None:
        self.found, self.where, self.expected = found, where, expected
        message = f"{where}: {found}" if where else found
        if expected:
            message = f"{message.rstrip('.')}. Expected {expected.rstrip('.')}."
        super().__init__(message)


class AnalysisWarning(UserWarning):
    """Something that was left out or that makes a comparison doubtful."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> str:
    """Find names like `name` among the `known` ones, as text for an error message.

    Examples
    --------
    >>> nearest("sumary", ["summary", "rounds"])
    "'summary' (nearest), or one of: rounds, summary"
    >>> nearest("x", [])
    'nothing: there is none'
    """
    names = sorted(set(known))
    if not names:
        return "nothing: there is none"
    folded = {n.casefold(): n for n in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=count, cutoff=0.6)
    shown = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
    if not close:
        return f"one of: {shown}"
    return f"{' or '.join(repr(folded[c]) for c in close)} (nearest), or one of: {shown}"


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> AnalysisError:
    """Make the error for a name that is not there.

    Examples
    --------
    >>> print(unknown("measure", "world_trad", ["world_trade"], "summary"))
    summary: unknown measure 'world_trad'. Expected 'world_trade' (nearest), or one of: world_trade.
    """
    return AnalysisError(f"unknown {kind} {name!r}", where=where, expected=nearest(name, known))


def seed_list(seeds: Iterable[int]) -> str:
    """Write seeds as text, runs of numbers contracted.

    Examples
    --------
    >>> seed_list([4, 1, 2, 3, 9])
    '1–4, 9'
    >>> seed_list([1, 2, 5])
    '1, 2, 5'
    """
    groups: list[list[int]] = []
    for seed in sorted({int(s) for s in seeds}):
        if groups and seed == groups[-1][-1] + 1:
            groups[-1].append(seed)
        else:
            groups.append([seed])
    parts = [f"{g[0]}–{g[-1]}" if len(g) > 2 else ", ".join(map(str, g)) for g in groups]
    return ", ".join(parts)
