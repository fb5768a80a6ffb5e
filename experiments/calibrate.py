"""The command `concord calibrate`: targets and parameters of the life of institutions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.validate import check_institutions, of_runs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["calibrate", "rate_parameters"]

_MECHANISMS = ("leaders", "membership", "vitality", "compliance", "discontent")


@click.command()
@of_runs("calibrate")
def calibrate(**options: Any) -> None:
    """Show the counts that institutions are calibrated on, and how each parameter is known.

    Targets: the counts that parameters rest on, beside runs of the baseline, with the value of the
    parameter that would meet them (a first step, as hazards go; it changes nothing). Parameters:
    value, range, and whether it is estimated or counted, recalled, or assumed, that is, not
    identified by any data here; assumed ones are what concord hypotheses varies. Files hold units
    and references. Counts that were kept back: concord validate institutions.

    \b
      concord calibrate --seeds 24
      concord calibrate --set parameters.leader_exit_factor=1.05
    """  # noqa: D301  click reads the mark
    import pandas as pd

    from experiments.studies import write_table

    check_institutions("calibrated", "targets.csv", **options)
    folder, quiet = options["output"], options["quiet"]
    parameters = rate_parameters()
    written = write_table(parameters, folder / "parameters.csv")
    if not quiet:
        _show(pd.read_csv(folder / "targets.csv"), parameters, written)


def _show(targets: pd.DataFrame, parameters: pd.DataFrame, written: Path) -> None:
    from experiments.console import say, show_table

    say()
    met = targets.dropna(subset=["would_meet"])
    now = parameters.set_index("parameter")
    rows = []
    for one in met.to_dict("records"):
        own = now.loc[one["parameter"]]
        is_inside = own["low"] <= one["would_meet"] <= own["high"]
        rows.append(
            [f"{one['measure']}, {one['group']}", one["parameter"], f"{own['value']:.4g}",
             f"{one['would_meet']:.4g}", "" if is_inside else "outside its range"]
        )  # fmt: skip
    if rows:
        heads = ("target", "parameter", "value", "would meet it", "note")
        show_table(heads, rows, right=("value", "would meet it"))
        say()
    heads = ("parameter", "value", "range", "known", "unit")
    show_table(
        heads,
        [
            [one["parameter"], f"{one['value']:.4g}", f"{one['low']:.4g} - {one['high']:.4g}",
             one["known"], one["unit"]]
            for one in parameters.to_dict("records")
        ],
        right=("value",),
    )  # fmt: skip
    assumed = int((parameters["known"] == "assumed").sum())
    say(f"{assumed} of {len(parameters)} parameters are assumed: no data here identify them. "
        f"References: {written}")  # fmt: skip


def rate_parameters() -> pd.DataFrame:
    """Parameters of the life of institutions: value, unit, range, how each is known, reference."""
    import pandas as pd

    from sim.load import parameter_table
    from sim.mechanism import mechanisms

    names = [name for one in _MECHANISMS for name in mechanisms()[one].parameters]
    names += [name for name in parameter_table() if name.startswith(("ratification", "lapse"))]
    rows = []
    for name in dict.fromkeys([*names, "departure_cost", "acceptance_distrust"]):
        one = parameter_table()[name]
        rows.append(
            {
                "parameter": name,
                "value": one.value,
                "low": one.range[0],
                "high": one.range[1],
                "unit": one.unit,
                "known": _known_by(one.reference),
                "reference": " ".join(one.reference.split()),
            }
        )
    return pd.DataFrame(rows)


def _known_by(reference: str) -> str:
    """How a parameter is known, as its reference says.

    Examples
    --------
    >>> _known_by("assumption; no estimate"), _known_by("own logit on COW")
    ('assumed', 'estimated or counted')
    """
    if any(word in reference for word in ("assumption", "not estimated", "no estimate")):
        return "assumed"
    return "recalled" if "recalled" in reference else "estimated or counted"
