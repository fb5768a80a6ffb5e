"""Talks on climate of the past as files.

One YAML file in ``scenarios/climate_case/`` (or in ``climate_case/`` of a user's own folder) is one
case. It has the keys of an episode (`experiments.episodes`) and says how sure its facts are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from experiments.case_files import read_cases
from experiments.episodes import Episode

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Composed
    from sim.scenario import Scenario

__all__ = ["ClimateCase", "climate_cases"]


class ClimateCase(Episode):
    """Talks on cuts of emissions.

    Attributes
    ----------
    confidence
        How sure the facts are: ``high``, ``medium``, or ``recalled`` from memory.
    charter
        Keys of the charter of its `organisation` that were otherwise in this case.
    """

    confidence: Literal["high", "medium", "recalled"]
    charter: dict[str, Any] = Field(default_factory=dict)

    def scenario(self, composed: Composed) -> Scenario:
        """What is run: as of an episode, with the charter as it was."""
        charters = composed.mapping["organisation"]
        if self.charter and self.organisation in charters:
            own = {**charters[self.organisation], **self.charter}
            mapping = {**composed.mapping, "organisation": {**charters, self.organisation: own}}
            composed = replace(composed, mapping=mapping)
        return super().scenario(composed)

    def read(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        """What came of a run, and how willing each party is but for what was drawn."""
        from analysis.climate_cases import known_margins

        return {**super().read(tables), "known": known_margins(tables["votes"], self.body)}


def climate_cases(asked: Sequence[str] = (), config_dir: Path | None = None) -> list[ClimateCase]:
    """Cases by name, file or folder; all of the package and of the user's folder when none.

    Raises
    ------
    ConfigError
        An unknown name, a folder without cases, a file with a fault in it, a name given twice.

    Examples
    --------
    >>> [one.use for one in climate_cases(["kyoto", "paris"])]
    ['test', 'test']
    """
    return read_cases(ClimateCase, "climate_case", asked, config_dir)
