"""Which runs a claim takes: the sides of its contrast, and of those that are shown beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import unknown

if TYPE_CHECKING:
    from analysis.outcomes import Outcome
    from experiments.claims import Hypothesis, Measure
    from sim.scenario import Scenario

__all__ = ["Arm", "arms_of", "outcome_of", "outcomes_of"]


@dataclass(frozen=True)
class Arm:
    """A scenario in a contrast.

    Attributes
    ----------
    contrast
        ``claim``, ``placebo``, ``null`` or ``dose``.
    side
        ``treatment`` or ``control``.
    label, overrides
        What is run.
    weight
        What its value counts; a side is the weighted sum of its arms.
    level
        Of a dose.
    """

    contrast: str
    side: str
    label: str
    overrides: tuple[str, ...] = ()
    weight: float = 1.0
    level: float = float("nan")


def arms_of(hypothesis: Hypothesis) -> tuple[Arm, ...]:
    """The scenarios of all contrasts of a hypothesis, those of the claim first.

    In a difference in differences each side is a difference itself: the treatment's is what the
    cause does where the claim says that it works, the control's what it does elsewhere.

    Examples
    --------
    >>> from experiments.claims import hypotheses
    >>> (one,) = hypotheses(["H3"])
    >>> [(arm.side, arm.weight) for arm in arms_of(one) if arm.contrast == "claim"]
    [('treatment', 1.0), ('treatment', -1.0), ('control', 1.0), ('control', -1.0)]
    """
    sides, minus = (hypothesis.treatment, hypothesis.control), hypothesis.minus
    less = (minus.treatment, minus.control) if minus else None
    arms = _pair("claim", sides, less, hypothesis.overrides)
    if hypothesis.placebo:
        other = hypothesis.placebo
        ours = (other.treatment, other.control) if other.treatment else sides
        its_less = None if other.treatment else less
        arms += _pair("placebo", ours, its_less, hypothesis.overrides)
    if hypothesis.null_model:
        changed = (*hypothesis.overrides, *hypothesis.null_model.overrides)
        arms += _pair("null", sides, less, changed)
    if hypothesis.dose:
        arms += _doses(hypothesis.dose.levels, hypothesis.overrides)
    return tuple(arms)


def _pair(
    contrast: str,
    sides: tuple[str, str],
    less: tuple[str, str] | None,
    overrides: tuple[str, ...],
) -> list[Arm]:
    if less is None:
        both = zip(("treatment", "control"), sides, strict=True)
        return [Arm(contrast, side, label, overrides) for side, label in both]
    return [
        Arm(contrast, side, label, overrides, weight)
        for side, pair in (("treatment", sides), ("control", less))
        for label, weight in zip(pair, (1.0, -1.0), strict=True)
    ]


def _doses(levels: dict[float, str], overrides: tuple[str, ...]) -> list[Arm]:
    """Arms whose weighted sum is the least-squares slope on the binary logarithm of the level.

    Those below the mean are the control, so that the difference of the sides is the slope.
    """
    x = np.log2(np.array(list(levels)))
    weight = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    return [
        Arm("dose", "treatment" if w > 0 else "control", label, overrides, abs(float(w)), level)
        for (level, label), w in zip(levels.items(), weight, strict=True)
    ]


def outcomes_of(hypothesis: Hypothesis, scenario: Scenario | None = None) -> tuple[Outcome, ...]:
    """What a hypothesis reads off each run, in the order of its measures.

    Parameters
    ----------
    scenario
        Says who belongs to the organisations that a measure leaves out; without it they are not
        left out.
    """
    return tuple(outcome_of(hypothesis, one, "claim", scenario) for one in hypothesis.measures)


def outcome_of(
    hypothesis: Hypothesis, measure: Measure, contrast: str, scenario: Scenario | None
) -> Outcome:
    """What a measure reads off the runs of a contrast: a placebo may have another span."""
    from analysis.outcomes import Outcome

    at = measure.at
    if contrast == "placebo" and hypothesis.placebo and hypothesis.placebo.at:
        at = hypothesis.placebo.at if measure.at != "final" else at
    inside = _members(scenario, measure.outside) if scenario and measure.outside else ()
    label = f"outside {', '.join(measure.outside)}" if measure.outside else ""
    return Outcome(
        measure.name,
        measure.table,
        measure.where,
        at,
        measure.over,
        measure.weight,
        {"state": inside} if inside else None,
        label,
    )


def _members(scenario: Scenario, codes: Sequence[str]) -> tuple[str, ...]:
    """States that belong to some of the organisations, on the first day or by a dated shock."""
    from sim.load import setting_for

    setting = setting_for(scenario, 0)
    found: set[str] = set()
    for code in codes:
        if code not in scenario.organisation:
            raise unknown("organisation", code, scenario.organisation, "measures.outside")
        found.update(setting.axes.names(setting.world.members(code, scenario.start)))
        joins = [shock for _, shock in scenario.dated if shock.kind == "join"]
        found.update(*(shock.states for shock in joins if shock.organisation == code))
    return tuple(sorted(found))
