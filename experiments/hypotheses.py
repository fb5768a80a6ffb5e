"""Hypotheses: contrasts between two scenarios, at the default parameters and over their ranges.

A hypothesis is one YAML file in ``scenarios/hypothesis/``; `docs/hypotheses.md` says what its keys
mean and by what rule a claim counts as supported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.claims import Hypothesis, Measure, check_measure, hypotheses
from experiments.designs import Arm, arms_of, outcome_of, outcomes_of
from experiments.points import Point, Side, point_at, ranges_of, read_value
from experiments.sweep.design import variants
from sim.calendar import Calendar
from sim.errors import ConcordError, ConfigError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.outcomes import Outcome
    from sim.scenario import Scenario

__all__ = [
    "Hypothesis",
    "Measure",
    "Study",
    "check_measure",
    "hypotheses",
    "outcomes_of",
    "prepare",
]


@dataclass(frozen=True)
class Study:
    """A hypothesis with the runs that it takes.

    Attributes
    ----------
    hypothesis
        What is claimed.
    design
        The sampled points, parameter → value; point 0, the default parameters, is not among them.
    points
        (sample, arm, run), the runs of one seed after each other.
    scenario
        The treatment's, at the default parameters.
    """

    hypothesis: Hypothesis
    design: tuple[dict[str, float], ...]
    points: tuple[tuple[int, Arm, Point], ...]
    scenario: Scenario

    def keys(self, contrast: str) -> dict[str, str]:
        """Key of each measure → key under which the runs of a contrast have it."""
        return {
            outcome_of(self.hypothesis, m, "claim", self.scenario).key: outcome_of(
                self.hypothesis, m, contrast, self.scenario
            ).key
            for m in self.hypothesis.measures
        }

    def claims(self) -> pd.DataFrame:
        """The measures of each contrast with sign and unit, as `analysis.verdicts.judge` takes."""
        import pandas as pd

        units: dict[str, str] = {}
        for _, _, point in self.points:
            units = read_value(point).get("units", {})
            if units:
                break
        signs = [measure.sign for measure in self.hypothesis.measures]
        rows = []
        for contrast in dict.fromkeys(arm.contrast for _, arm, _ in self.points):
            for key, sign in zip(self.keys(contrast), signs, strict=True):
                unit = units.get(key, "")
                told = f"{unit} per doubling" if contrast == "dose" else unit
                rows.append(
                    {"hypothesis": self.hypothesis.id, "contrast": contrast, "measure": key}
                    | {"sign": sign if contrast == "claim" else "none", "claimed": sign}
                    | {"unit": told}
                )
        return pd.DataFrame(rows)

    def runs(self) -> pd.DataFrame:
        """One row per run and measure: what `analysis.verdicts.contrasts` takes, and errors."""
        import pandas as pd

        rows = []
        keys = {
            contrast: self.keys(contrast) for contrast in {a.contrast for _, a, _ in self.points}
        }
        for sample, arm, point in self.points:
            left = read_value(point)
            for key, its_key in keys[arm.contrast].items():
                value = left["values"].get(its_key, float("nan"))
                rows.append(
                    {"hypothesis": self.hypothesis.id, "contrast": arm.contrast, "measure": key}
                    | {"sample": sample, "seed": point.seed, "side": arm.side, "label": arm.label}
                    | {"level": arm.level, "weight": arm.weight, "value": value}
                    | {"error": left.get("error", "")}
                )
        return pd.DataFrame(rows)

    def space(self, runs: pd.DataFrame) -> pd.DataFrame:
        """A row per sampled point: its parameters, and the mean effect on each measure.

        Parameters
        ----------
        runs
            What `runs` returned.
        """
        import pandas as pd

        from analysis.verdicts import by_sample, contrasts

        frame = pd.DataFrame(list(self.design), columns=list(self.hypothesis.parameters))
        frame.insert(0, "sample", range(1, len(frame) + 1))
        effects = by_sample(contrasts(runs[runs["contrast"] == "claim"]))
        for key in self.keys("claim"):
            own = effects[effects["measure"] == key].set_index("sample")["difference"]
            frame[key] = own.reindex(frame["sample"]).to_numpy()
        return frame


def prepare(
    hypothesis: Hypothesis,
    seeds: Sequence[int],
    samples: int,
    seeds_per_sample: int,
    folder: Path,
    config_dir: Path | None = None,
) -> Study:
    """Compose both sides and lay out the runs.

    Parameters
    ----------
    seeds
        Seeds at the default parameters. Sampled points take theirs from the same list in turn, so
        that together they see all of these worlds.
    samples
        Points of the Latin hypercube (McKay, Beckman & Conover 1979).
    seeds_per_sample
        Seeds at each of them.
    folder
        Where the numbers of runs are kept.

    Raises
    ------
    ConfigError, DataError
        A side that cannot be run, sides that do not cover the same quarters, an unknown parameter.
    """
    arms = arms_of(hypothesis)
    try:
        sides = _sides(hypothesis, arms, config_dir)
        treated = sides[arms[0].label, arms[0].overrides]
        ranges = ranges_of(hypothesis.parameters, treated.ranges)
        outcomes = _read_off(hypothesis, arms, treated.scenario)
    except ConcordError as error:
        where = f"{hypothesis.id}, {error.where}".rstrip(", ")
        raise type(error)(error.found, where=where, expected=error.expected) from None
    # The design's own seed is fixed: another design would be other runs, none of them resumed.
    options = {"over": ranges, "samples": samples, "seed": 0}
    design = variants("lhs", options, {}) if samples else []
    points = []
    for sample, parameters in enumerate([{}, *design]):
        first = (sample - 1) * seeds_per_sample
        turn = [seeds[(first + n) % len(seeds)] for n in range(min(seeds_per_sample, len(seeds)))]
        for seed in seeds if sample == 0 else turn:
            for arm in arms:
                if sample == 0 or arm.contrast == "claim":
                    side = sides[arm.label, arm.overrides]
                    point = point_at(side, parameters, seed, outcomes, folder)
                    points.append((sample, arm, point))
    return Study(hypothesis, tuple(design), tuple(points), treated.scenario)


def _read_off(
    hypothesis: Hypothesis, arms: Sequence[Arm], scenario: Scenario
) -> tuple[Outcome, ...]:
    """All that any contrast reads off its runs, so that a run that two share is made once."""
    found = [
        outcome_of(hypothesis, measure, contrast, scenario)
        for contrast in dict.fromkeys(arm.contrast for arm in arms)
        for measure in hypothesis.measures
    ]
    return tuple({outcome.key: outcome for outcome in found}.values())


def _sides(
    hypothesis: Hypothesis, arms: Sequence[Arm], config_dir: Path | None
) -> dict[tuple[str, tuple[str, ...]], Side]:
    """All scenarios as composed, fit to be compared, with all that the measures ask for."""
    sides = {
        (arm.label, arm.overrides): Side.of(
            arm.label, arm.overrides, hypothesis.organisations, config_dir
        )
        for arm in arms
    }
    spans = {(side.scenario.start, side.scenario.quarters) for side in sides.values()}
    if len(spans) > 1:
        raise ConfigError("treatment and control do not cover the same quarters")
    about = {"name", "title", "description"}
    for contrast in dict.fromkeys(arm.contrast for arm in arms):
        own = [sides[arm.label, arm.overrides] for arm in arms if arm.contrast == contrast]
        dumps = [side.scenario.model_dump(exclude=about) for side in own]
        if any(one == other for n, one in enumerate(dumps) for other in dumps[:n]):
            raise ConfigError(
                "treatment and control are the same",
                where="" if contrast == "claim" else contrast,
                expected="two that differ",
            )
    _check_measures(hypothesis, _control_of(sides, arms))
    return sides


def _control_of(sides: dict[tuple[str, tuple[str, ...]], Side], arms: Sequence[Arm]) -> Scenario:
    """The control's scenario of the claim."""
    control = next(arm for arm in arms if arm.side == "control")
    return sides[control.label, control.overrides].scenario


def _check_measures(hypothesis: Hypothesis, scenario: Scenario) -> None:
    """Organisations that measures name are there, and their spans lie in the run."""
    days = Calendar(scenario.start, scenario.quarters)
    first, last = days.first_day(0), days.first_day(scenario.quarters - 1)
    spans = [(f"measure {m.name!r}", m.at) for m in hypothesis.measures]
    if hypothesis.placebo and hypothesis.placebo.at:
        spans.append(("placebo", hypothesis.placebo.at))
    for measure in hypothesis.measures:
        for code in measure.where.get("organisation", ()):
            if code not in scenario.organisation:
                where = f"measure {measure.name!r}"
                raise unknown("organisation", code, scenario.organisation, where)
    for where, at in spans:
        if at != "final" and (at[1] < str(first) or at[0] > str(last)):
            raise ConfigError(
                f"no quarter of the run begins from {at[0]} to {at[1]}",
                where=where,
                expected=f"days from {first} to {last}",
            )
