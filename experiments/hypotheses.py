"""Hypotheses: contrasts between two scenarios, at the default parameters and over their ranges.

A hypothesis is one YAML file in ``scenarios/hypothesis/``; `docs/hypotheses.md` says what its keys
mean and by what rule a claim counts as supported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from experiments.library import Library, read_yaml, shown
from experiments.points import Point, Side, point_at, ranges_of, read_value
from experiments.sweep.design import variants
from sim.errors import ConfigError, unknown

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


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Model):
    """What is compared, where it is read, and the sign that the claim expects."""

    name: str
    sign: Literal["+", "-", "none"]
    table: str = "summary"
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    at: Literal["final"] | tuple[str, str] = "final"

    @field_validator("where", mode="before")
    @classmethod
    def _one_is_a_list(cls, where: Any) -> Any:
        if not isinstance(where, Mapping):
            return where
        return {k: (v,) if isinstance(v, str) else v for k, v in where.items()}


class Hypothesis(_Model):
    """A claim as a contrast.

    Attributes
    ----------
    treatment, control
        Labels of the two sides: a scenario's name, changes added by ``+``.
    organisations
        Organisations that are there on both sides; all when empty.
    overrides
        Changes that both sides share.
    parameters
        Over whose declared ranges the claim is tried.
    measures
        What is compared; those with the sign ``none`` are shown and not judged.
    note
        What the contrast leaves out or cannot show.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9_]*$")]
    claim: str = Field(min_length=10)
    treatment: str
    control: str
    organisations: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    parameters: tuple[str, ...] = Field(min_length=1)
    measures: tuple[Measure, ...] = Field(min_length=1)
    note: str = Field(min_length=10)


def hypotheses(names: Sequence[str] = (), config_dir: Path | None = None) -> list[Hypothesis]:
    """Hypotheses by name, or all there are, in the order of their numbers.

    Raises
    ------
    ConfigError
        An unknown name, or a file with a fault in it.

    Examples
    --------
    >>> [one.id for one in hypotheses(["H4", "H1"])]
    ['H4', 'H1']
    """
    roots = Library.of(config_dir).roots
    files = {
        file.stem: file for root in roots for file in sorted((root / "hypothesis").glob("*.yaml"))
    }
    for name in names:
        if name not in files:
            raise unknown("hypothesis", name, files)
    chosen = list(dict.fromkeys(names)) or sorted(files, key=_number)
    return [_read(files[name]) for name in chosen]


def _number(name: str) -> tuple[int, str]:
    digits = "".join(c for c in name if c.isdigit())
    return (int(digits) if digits else 0, name)


def _read(file: Path) -> Hypothesis:
    try:
        found = Hypothesis(**read_yaml(file))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{place}: {first['msg']}", where=shown(file)) from None
    if found.id != file.stem:
        raise ConfigError(f"its id is {found.id!r}", where=shown(file), expected=repr(file.stem))
    for measure in found.measures:
        check_measure(measure, f"{shown(file)}, measure {measure.name!r}")
    return found


def check_measure(measure: Measure, where: str) -> None:
    """Refuse, before anything runs, what runs do not write.

    Raises
    ------
    ConfigError
        An unknown table, measure or column.
    """
    from analysis.items import ITEM_MEASURES
    from sim.schema import TABLES

    if measure.table == "items":
        known, columns = set(ITEM_MEASURES), {"organisation", "item", "code"}
    elif measure.table in TABLES:
        columns = {column.name for column in TABLES[measure.table]}
        known = columns - {"step", "date"}
    else:
        raise unknown("table", measure.table, [*TABLES, "items"], where)
    if measure.name not in known:
        raise unknown("measure", measure.name, known, where)
    for column in measure.where:
        if column not in columns:
            raise unknown("column", column, columns, where)


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
    sides = {
        side: Side.of(
            getattr(hypothesis, side), hypothesis.overrides, hypothesis.organisations, config_dir
        )
        for side in _SIDES
    }
    control, treatment = (sides[side].scenario for side in _SIDES)
    if (control.start, control.quarters) != (treatment.start, treatment.quarters):
        raise ConfigError(
            "treatment and control do not cover the same quarters", where=hypothesis.id
        )
    ranges = ranges_of(hypothesis.parameters, sides["control"].ranges)
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
