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
from experiments.points import Point, Side, point_at, ranges_of, read_value
from experiments.sweep.design import variants
from sim.calendar import Calendar
from sim.errors import ConcordError, ConfigError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.outcomes import Outcome

__all__ = [
    "Hypothesis",
    "Measure",
    "Study",
    "check_measure",
    "hypotheses",
    "outcomes_of",
    "prepare",
]

_SIDES = ("control", "treatment")


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
        (sample, side, run), paired runs after each other.
    """

    hypothesis: Hypothesis
    design: tuple[dict[str, float], ...]
    points: tuple[tuple[int, str, Point], ...]

    def claims(self) -> pd.DataFrame:
        """The measures with sign and unit, as `analysis.verdicts.judge` takes them."""
        import pandas as pd

        units: dict[str, str] = {}
        for _, _, point in self.points:
            units = read_value(point).get("units", {})
            if units:
                break
        rows = [
            {
                "hypothesis": self.hypothesis.id,
                "measure": outcome.key,
                "sign": measure.sign,
                "unit": units.get(outcome.key, ""),
            }
            for measure, outcome in zip(
                self.hypothesis.measures, outcomes_of(self.hypothesis), strict=True
            )
        ]
        return pd.DataFrame(rows)

    def runs(self) -> pd.DataFrame:
        """One row per run and measure: what `analysis.verdicts.contrasts` takes, and errors."""
        import pandas as pd

        rows = []
        for sample, side, point in self.points:
            left = read_value(point)
            for outcome in point.outcomes:
                value = left["values"].get(outcome.key, float("nan"))
                rows.append(
                    {"hypothesis": self.hypothesis.id, "measure": outcome.key, "sample": sample}
                    | {"seed": point.seed, "side": side, "value": value}
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
        effects = by_sample(contrasts(runs))
        for outcome in outcomes_of(self.hypothesis):
            own = effects[effects["measure"] == outcome.key].set_index("sample")["difference"]
            frame[outcome.key] = own.reindex(frame["sample"]).to_numpy()
        return frame


def outcomes_of(hypothesis: Hypothesis) -> tuple[Outcome, ...]:
    """What a hypothesis reads off each run, in the order of its measures."""
    from analysis.outcomes import Outcome

    return tuple(Outcome(m.name, m.table, m.where, m.at) for m in hypothesis.measures)


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
    try:
        sides = _sides(hypothesis, config_dir)
        ranges = ranges_of(hypothesis.parameters, sides["control"].ranges)
    except ConcordError as error:
        where = f"{hypothesis.id}, {error.where}".rstrip(", ")
        raise type(error)(error.found, where=where, expected=error.expected) from None
    # The design's own seed is fixed: another design would be other runs, none of them resumed.
    options = {"over": ranges, "samples": samples, "seed": 0}
    design = variants("lhs", options, {}) if samples else []
    outcomes = outcomes_of(hypothesis)
    points = []
    for sample, parameters in enumerate([{}, *design]):
        first = (sample - 1) * seeds_per_sample
        turn = [seeds[(first + n) % len(seeds)] for n in range(min(seeds_per_sample, len(seeds)))]
        for seed in seeds if sample == 0 else turn:
            for side in _SIDES:
                point = point_at(sides[side], parameters, seed, outcomes, folder)
                points.append((sample, side, point))
    return Study(hypothesis, tuple(design), tuple(points))


def _sides(hypothesis: Hypothesis, config_dir: Path | None) -> dict[str, Side]:
    """Both sides as composed, fit to be compared, with all that the measures ask for."""
    sides = {
        side: Side.of(
            getattr(hypothesis, side), hypothesis.overrides, hypothesis.organisations, config_dir
        )
        for side in _SIDES
    }
    control, treatment = (sides[side].scenario for side in _SIDES)
    if (control.start, control.quarters) != (treatment.start, treatment.quarters):
        raise ConfigError("treatment and control do not cover the same quarters")
    about = {"name", "title", "description"}
    if control.model_dump(exclude=about) == treatment.model_dump(exclude=about):
        raise ConfigError("treatment and control are the same", expected="two that differ")
    days = Calendar(control.start, control.quarters)
    first, last = days.first_day(0), days.first_day(control.quarters - 1)
    for measure in hypothesis.measures:
        where = f"measure {measure.name!r}"
        for code in measure.where.get("organisation", ()):
            if code not in control.organisation:
                raise unknown("organisation", code, control.organisation, where)
        if measure.at != "final" and (measure.at[1] < str(first) or measure.at[0] > str(last)):
            raise ConfigError(
                f"no quarter of the run begins from {measure.at[0]} to {measure.at[1]}",
                where=where,
                expected=f"days from {first} to {last}",
            )
    return sides
