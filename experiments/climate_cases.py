"""Talks on climate of the past as files.

One YAML file in ``scenarios/climate_case/`` (or in ``climate_case/`` of a user's own folder) is one
case. It has the keys of an episode (`experiments.episodes`) and says how sure its facts are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from experiments.episodes import Episode

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Composed
    from sim.scenario import Scenario

__all__ = ["ClimateCase"]


class ClimateCase(Episode):
    """Talks on cuts of emissions.

    Attributes
    ----------
    confidence
        How sure the facts are: ``high``, ``medium``, or ``recalled`` from memory.
    charter
        Keys of the charter of its `organisation` that were otherwise in this case.
    """

    folder: ClassVar[str] = "climate_case"

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
