"""What a user's trade file contained, against what is known of the trade of the same states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

APART = 2.0
"""A file's trade of a state that is so many times more or less than known is warned of: goods trade
of most states has less than doubled from 2010 to 2023."""

NOTABLE = 1.0
"""Known trade, billion USD, from which a state is warned of by name."""

ZEROED = 0.01
"""Share of the known trade of a file's pairs which may lack a row without a warning."""


@dataclass(frozen=True)
class Coverage:
    """What a user's trade file contained.

    Attributes
    ----------
    path, checksum
        The file and its SHA-256.
    layout, unit, unit_is_inferred, year, encoding, columns
        How it was read; the year is None when the file has none; columns are by role.
    rows_used, rows_left_out, value_left_out
        Number of rows behind the flows; number left out for each reason, and their value where it
        is known, billion USD.
    exporters, importers
        Codes of states whose exports, imports the file contains.
    estimated
        Codes of states the file does not contain at all: their trade stays what it was.
    total, known
        Trade in the file between states, and what the same pairs are known to trade, billion USD.
    share_of_exports
        Share of the world's known exports that flows between these exporters and importers make
        up.
    states
        For each state of the file, billion USD: `exports` and `imports` in the file, what the same
        pairs are known to trade (`known_exports`, `known_imports`), and its known trade with all
        (`all_exports`, `all_imports`).
    pairs_without_row, zeroed, zeroed_pairs
        Pairs of these exporters and importers that the file has no row for: they trade nothing.
        Their known trade, billion USD, together and of the largest.
    mirrored, mirrored_value
        Exporters without reports of their own, for which the importers' stand in; value of all
        flows that importers reported, billion USD.
    unmatched
        Codes that are no state of the world (aggregates, territories), with their rows.
    territories
        Trade in the file with territories that are not in the world, billion USD.
    warnings
        What speaks against taking the file as total goods trade.
    beyond_ceiling
        Codes of states whose deficit in the file is above the ceiling of the baseline: entrepôts
        and ship registers, whose results are not to be read as those of an economy.
    """

    path: str
    checksum: str
    layout: str
    unit: str
    unit_is_inferred: bool
    year: int | None
    rows_used: int
    rows_left_out: Mapping[str, int]
    exporters: tuple[str, ...]
    importers: tuple[str, ...]
    estimated: tuple[str, ...]
    share_of_exports: float
    pairs_without_row: int
    unmatched: Mapping[str, int]
    total: float = 0.0
    known: float = 0.0
    states: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    zeroed: float = 0.0
    zeroed_pairs: Mapping[str, float] = field(default_factory=dict)
    mirrored: tuple[str, ...] = ()
    mirrored_value: float = 0.0
    territories: float = 0.0
    value_left_out: Mapping[str, float] = field(default_factory=dict)
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    beyond_ceiling: tuple[str, ...] = ()

    def summary(self) -> str:
        """Put the coverage in a few lines of text, warnings first."""
        return "\n".join([*self.cautions(), *self._how_read(), *self._against_known()])

    def _how_read(self) -> list[str]:
        """The file, its columns and its rows."""
        inferred = " (inferred from the total)" if self.unit_is_inferred else ""
        text = "" if self.encoding.startswith("utf") else f", text read as {self.encoding}"
        left = _listed([f"{n} {why}{self._worth(why)}" for why, n in self.rows_left_out.items()])
        codes = _listed([f"{c} ({n})" for c, n in self.unmatched.items()])
        used = ", ".join(f"{role} {name}" for role, name in self.columns.items())
        return [
            f"{self.path}: {self.layout} layout, {self.unit}{inferred}, year "
            f"{self.year or 'not given'}{text}",
            f"columns: {used}",
            f"{self.rows_used} rows used; left out: {left}",
            f"codes that are no state of the world (rows): {codes}; trade with territories among "
            f"them, left out: {_short(self.territories)} billion USD",
        ]

    def _against_known(self) -> list[str]:
        """The file's trade, and what is known of the same states."""
        zero = _listed([f"{pair} {_short(v)}" for pair, v in self.zeroed_pairs.items()])
        lines = [
            f"{len(self.exporters)} exporters, {len(self.importers)} importers, "
            f"{100 * self.share_of_exports:.1f} % of the world's exports",
            f"trade in the file {_short(self.total)} billion USD; the same pairs are known to "
            f"trade {_short(self.known)} (2023)",
            *_by_state(self.states),
            f"{self.pairs_without_row} pairs without a row, taken to trade nothing; known trade "
            f"of these: {_short(self.zeroed)} billion USD (largest: {zero})",
        ]
        if self.mirrored_value > 0:
            lines.append(
                f"importers' reports stand in for {_short(self.mirrored_value)} billion USD of "
                f"exports; exporters without reports of their own: {len(self.mirrored)} "
                f"{_listed(self.mirrored)}"
            )
        lines += [
            f"states that keep the trade they had: {len(self.estimated)} {_listed(self.estimated)}",
            f"deficits no economy of its size has: {_listed(self.beyond_ceiling)}",
        ]
        return lines

    def cautions(self) -> list[str]:
        """The warnings, as lines."""
        return [f"WARNING: {text}" for text in self.warnings]

    def record(self) -> dict[str, Any]:
        """The coverage as plain data for a manifest, numbers rounded to six digits."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    def _worth(self, why: str) -> str:
        """Value of what was left out, if it is known."""
        value = self.value_left_out.get(why, 0.0)
        return f" ({_short(value)} billion USD)" if value else ""


def warnings_of(coverage: Coverage) -> list[str]:
    """What speaks against a file's being the total goods trade of its states.

    Parameters
    ----------
    coverage
        With totals by state.
    """
    found = []
    ratio = coverage.total / coverage.known
    if not 1 / APART <= ratio <= APART:
        found.append(
            f"the file has {100 * ratio:.0f} % of what its pairs are known to trade: is it all "
            "goods trade of one year?"
        )
    for way in ("exports", "imports"):
        off = {
            code: entry[way] / entry[f"known_{way}"]
            for code, entry in coverage.states.items()
            if entry[f"known_{way}"] >= NOTABLE
            and not 1 / APART <= entry[way] / entry[f"known_{way}"] <= APART
        }
        by_size = sorted(off, key=lambda code: -coverage.states[code][f"known_{way}"])
        if by_size:
            shown = _listed([f"{code} {100 * off[code]:.0f} %" for code in by_size])
            found.append(f"{way} of {len(by_size)} states are far from what is known: {shown}")
    if coverage.zeroed > ZEROED * coverage.known:
        found.append(
            f"pairs without a row are taken to trade nothing, though they are known to trade "
            f"{_short(coverage.zeroed)} billion USD"
        )
    return found


def _by_state(states: Mapping[str, Mapping[str, float]]) -> list[str]:
    """File against known for the largest states of the file."""
    by_size = sorted(states, key=lambda code: -states[code]["exports"] - states[code]["imports"])
    shown = [
        f"{code} exports {_against(states[code], 'exports')}, imports "
        f"{_against(states[code], 'imports')}"
        for code in by_size[:12]
    ]
    more = f" … ({len(by_size)} states in all)" if len(by_size) > 12 else ""
    return [
        "file / known for the same pairs / known with all, billion USD: " + "; ".join(shown) + more
    ]


def _against(entry: Mapping[str, float], way: str) -> str:
    return f"{_short(entry[way])} / {_short(entry[f'known_{way}'])} / {_short(entry[f'all_{way}'])}"


def _short(value: float) -> str:
    """Four digits, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:,.4g}"


def _listed(items: Sequence[str]) -> str:
    """Up to twelve items, or "none"."""
    return ", ".join(items[:12]) + (f" … ({len(items)})" if len(items) > 12 else "") or "none"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
