"""Who refuses in named negotiations that the estimate has not seen: ranks by rival utilities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from estimate import DEPTHS, END_OF_STOCK, area_under_curve, fit_stock, history
from items import EU, Floats, Year

from sim.kernels.acceptance import mean_over_partners
from sim.kernels.bargaining import logistic

ASEAN = "BRN KHM IDN LAO MYS MMR PHL SGP THA VNM"
CPTPP = "AUS BRN CAN CHL JPN MYS MEX NZL PER SGP VNM"
AMERICAS = (
    "ATG ARG BHS BRB BLZ BOL BRA CAN CHL COL CRI DMA DOM ECU SLV GRD GTM GUY HTI HND JAM MEX NIC"
    " PAN PRY PER KNA LCA VCT SUR TTO USA URY VEN"
)


@dataclass(frozen=True)
class Case:
    """A negotiation: opening, day on which lines are looked up, parties, who refused."""

    name: str
    opened: date
    lines: date
    parties: str
    refused: str = ""


CASES = (
    Case("RCEP", date(2012, 10, 1), date(2015, 1, 1), f"{ASEAN} AUS CHN IND JPN KOR NZL", "IND"),
    Case("TPP", date(2010, 1, 1), date(2013, 1, 1), f"{CPTPP} USA", "USA"),
    Case("FTAA", date(1995, 1, 1), date(1995, 1, 1), AMERICAS, "ARG BRA PRY URY VEN"),
    Case("TTIP", date(2013, 7, 1), date(2013, 7, 1), f"{EU} USA", "USA"),
    Case("CPTPP-11", date(2017, 4, 1), date(2017, 4, 1), CPTPP),
    Case("EU-Japan", date(2013, 4, 1), date(2013, 4, 1), f"{EU} JPN"),
    Case("CETA", date(2009, 4, 1), date(2009, 4, 1), f"{EU} CAN"),
    Case("SAFTA", date(2004, 1, 1), date(2004, 1, 1), "BGD BTN IND MDV NPL PAK LKA"),
    Case("NAFTA", date(1991, 4, 1), date(1991, 4, 1), "CAN MEX USA"),
    Case("AFTA", date(1991, 10, 1), date(1991, 10, 1), "BRN IDN MYS PHL SGP THA"),
)
"""Outcomes as on the public record; TTIP counts as refused by the United States."""

CALIBRATION = ("RCEP", "FTAA")


def main() -> None:
    """Print who is least willing in each case, and how well each utility ranks refusers."""
    last = Year.of(END_OF_STOCK)
    stock, _ = fit_stock(last, last.pair_gains(DEPTHS["stock"]))
    rows, scores, refused = [], [], []
    for case in CASES:
        year = Year.of(case.opened)
        gain = year.pair_gains(DEPTHS["stock"])
        pairs = year.new_pairs(year.rows(case.parties.split()))
        asked = np.flatnonzero(pairs.any(axis=1))
        won, displaced = year.gains(pairs, DEPTHS["opened"])
        lower = mean_over_partners(np.minimum.outer(year.democracy, year.democracy), pairs)
        kept = mean_over_partners(history(year, stock, gain), pairs)
        held = year.lines(asked.tolist(), case.lines)
        sectors = year.sector_gains(pairs, DEPTHS["opened"])
        score = _rivals((won, displaced, sectors), lower, kept, held)
        order = asked[np.argsort(score[0, asked])]
        said = ", ".join(f"{year.codes[u]} {1 / (1 + np.exp(-score[0, u])):.2f}" for u in order[:6])
        rows.append(
            f"  {case.name:10} refused: {case.refused or 'nobody':20} least willing: {said}"
        )
        scores.append(score[:, asked])
        refused.append(np.isin([year.codes[u] for u in asked], case.refused.split()))
    print("\n".join(rows))
    every, truth = np.concatenate(scores, axis=1), np.concatenate(refused)
    chosen = np.repeat([case.name in CALIBRATION for case in CASES], [s.shape[1] for s in scores])
    print(f"{truth.size} decisions, {truth.sum()} refusals, {truth[chosen].sum()} of them in")
    print(f"{' and '.join(CALIBRATION)}; area under the curve of all and of those; Brier score")
    for name, score in zip(RIVALS, every, strict=True):
        areas = (
            area_under_curve(-score[part], truth[part]) for part in (np.ones_like(truth), chosen)
        )
        brier = float(np.mean((logistic(-score) - truth) ** 2))
        print(f"  {name:32} {next(areas):.2f} {next(areas):.2f} {brier:.3f}")


RIVALS = (
    "as recommended",
    "without history",
    "full penalty for red lines (1.0)",
    "gain alone",
    "gain per displaced home sales",
    "recommended less displacement",
    "recommended and gain per sales",
    "recommended with sectors",
    "gain with sectors alone",
    "agriculture left out",
    "sectors apart",
    "sectors alone",
)


def _rivals(
    gains: tuple[Floats, Floats, Floats], lower: Floats, kept: Floats, held: Floats
) -> Floats:
    """(K, U) utilities in the order of `RIVALS`; gains, home sales displaced, sectors (K, U)."""
    won, displaced, by_sector = gains
    sectors, spared = by_sector.sum(axis=0), by_sector[1:].sum(axis=0)
    gain, lost = np.arcsinh(won / 0.03), np.arcsinh(displaced / 0.03)
    ratio = np.arcsinh(won / 0.003) - np.arcsinh(displaced / 0.003)
    both = np.arcsinh((won + sectors) / 0.03)
    rest = 2.12 + 0.42 * gain + 1.6 * lower
    recommended = rest + kept - 0.55 * held
    return np.stack([
        recommended, rest - 0.55 * held, rest + kept - held, gain, ratio,
        recommended - 0.5 * lost, recommended + ratio,
        recommended + 0.42 * (both - gain), both,
        recommended + 0.42 * (np.arcsinh((won + spared) / 0.03) - gain),
        recommended + 0.42 * np.arcsinh(sectors / 0.03), sectors,
    ])  # fmt: skip


if __name__ == "__main__":
    main()
