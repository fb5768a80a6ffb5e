"""Slow, readable twins of the kernels of conflict: one pair or state at a time, `math` only."""

from __future__ import annotations

import math


def logit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def quarter_of(year: float) -> float:
    """Four equal chances that together miss as often as the yearly one."""
    return 1 - math.sqrt(math.sqrt(1 - year))


def dispute(values, pair, years_since):
    """Chance of a dispute in a quarter, written out as in the documentation."""
    memory = 0.0 if math.isinf(years_since) else 1 / math.sqrt(max(years_since, 1.0))
    x = values["dispute_onset_constant"]
    x += values["dispute_onset_land"] * (pair["contiguity"] == 1)
    x += values["dispute_onset_sea"] * (pair["contiguity"] in (2, 3, 4, 5))
    x += values["dispute_onset_major_power"] * pair["major"]
    x += values["dispute_onset_rivalry"] * pair["rival"]
    x += values["dispute_onset_pact"] * pair["pact"]
    x += values["dispute_onset_lower_polyarchy"] * min(pair["polyarchy"])
    strong, weak = max(pair["capability"]), min(pair["capability"])
    x += values["dispute_onset_capability_ratio"] * math.log(strong / weak)
    x += values["dispute_onset_memory"] * memory
    return quarter_of(logit(x))


def climb(highest, stages):
    """Stages of a dispute, step by step, until it has been at its highest."""
    seen, stage = [], 0
    while stage < highest:
        for _ in range(stages):
            if stage < highest:
                stage += 1
        seen.append(stage)
    return seen


def nuclear_year(rates, rival, proficiency, umbrella, zone, inspection):
    """Hazards per year out of each status, as a dictionary of (from, to)."""
    hold = math.exp(rates.zone * zone + rates.inspection * inspection)
    under, skill = math.exp(rates.umbrella * umbrella), math.exp(rates.proficiency * proficiency)
    return {
        (0, 1): (rates.start_rival if rival else rates.start) * hold * under,
        (1, 2): rates.pursue * hold * under * skill,
        (2, 3): rates.acquire * hold * skill,
        (1, 0): rates.drop,
        (2, 1): rates.step_back,
        (2, 0): rates.abandon,
        (3, 0): rates.disarm,
    }


def nuclear_row(hazards, status, quarters=1):
    """Chances of each next status: leave or stay, then where to."""
    out = {to: h for (came, to), h in hazards.items() if came == status}
    total = sum(out.values())
    stay = math.exp(-total * quarters / 4)
    row = [0.0] * 4
    row[status] = stay
    for to, h in out.items():
        row[to] = (1 - stay) * h / total if total else 0.0
    return row
