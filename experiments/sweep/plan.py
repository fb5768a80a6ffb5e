"""The frozen plan of a sweep: everything that decides what its runs are, in one file.

Runs are numbered variant by variant, within a variant scenario by scenario, within these replicate
by replicate: neighbours share their world, and pairs that are compared lie in one chunk.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.sweep.difference import difference, shortened
from experiments.sweep.index import RUNS, index_of
from experiments.sweep.manifest import MANIFEST, read_manifest
from experiments.sweep.variants import Variants, split
from sim.errors import ConcordError, ConfigError, StorageError

if TYPE_CHECKING:
    from sim.scenario import Scenario, WorldOptions

__all__ = ["Plan", "RunSpec", "seed_of"]

_log = logging.getLogger("concord")
_IDENTITY = (
    "format",
    "root_seed",
    "replicates",
    "scenarios",
    "variants",
    "parameters",
    "measures",
    "data",
    "code",
)


@dataclass(frozen=True)
class RunSpec:
    """One run of a sweep.

    Attributes
    ----------
    index
        Its number in the plan, from 0.
    scenario
        Label of its scenario.
    variant
        Number of its variant, from 0.
    replicate
        Number of its seed, from 0.
    seed
        The seed, the same for all variants and scenarios of a replicate.
    overrides
        What the variant changes.
    """

    index: int
    scenario: str
    variant: int
    replicate: int
    seed: int
    overrides: dict[str, Any]


def seed_of(root: int, replicate: int) -> int:
    """The 32-bit seed of a replicate; it depends on nothing but these two numbers.

    Examples
    --------
    >>> seed_of(1, 0) == seed_of(1, 0), seed_of(1, 0) == seed_of(1, 1)
    (True, False)
    """
    import numpy as np

    return int(np.random.SeedSequence(root, spawn_key=(replicate,)).generate_state(1)[0])


class Plan:
    """A sweep's manifest, and the runs that follow from it.

    Parameters
    ----------
    content
        The manifest as plain data.

    Attributes
    ----------
    checked
        One scenario for each world that `check` has come across.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)
        self.name: str = content["name"]
        self.root_seed: int = content["root_seed"]
        self.replicates: int = content["replicates"]
        self.variants: list[dict[str, Any]] = content["variants"]
        self.labels: list[str] = [one["label"] for one in content["scenarios"]]
        self.measures: list[str] = content["measures"]
        self.checked: dict[WorldOptions, Scenario] = {}

    @classmethod
    def read(cls, folder: Path) -> Plan:
        """The plan of a sweep's folder.

        Raises
        ------
        StorageError
            There is none, or it cannot be read.
        """
        return cls(read_manifest(folder))

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.variants) * len(self.labels) * self.replicates

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides the results."""
        from sim.provenance import canonical

        parts = {key: self.content[key] for key in _IDENTITY}
        return hashlib.sha256(canonical(parts).encode()).hexdigest()

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each replicate."""
        return tuple(seed_of(self.root_seed, k) for k in range(self.replicates))

    def run(self, index: int) -> RunSpec:
        """What run number `index` is.

        Raises
        ------
        StorageError
            There is no such run.
        """
        if not 0 <= index < self.runs:
            raise StorageError(
                f"there is no run {index}", where=self.name, expected=f"0 to {self.runs - 1}"
            )
        rest, replicate = divmod(index, self.replicates)
        variant, scenario = divmod(rest, len(self.labels))
        overrides = dict(self.variants[variant])
        return RunSpec(
            index, self.labels[scenario], variant, replicate, self.seeds[replicate], overrides
        )

    def scenario(self, index: int) -> Scenario:
        """The checked scenario of run number `index`.

        Raises
        ------
        ConfigError
            A fault in it, which planning should have found.
        """
        spec = self.run(index)
        return self.bases[spec.scenario].scenario(spec.overrides)

    @cached_property
    def bases(self) -> dict[str, Variants]:
        """Label → what makes the scenario's variants."""
        from sim.load import parameters_from

        table = parameters_from(self.content["parameters"])
        return {one["label"]: Variants(one["config"], table) for one in self.content["scenarios"]}

    def check(self, on_variant: Callable[[], None] = lambda: None) -> dict[str, str]:
        """Validate every variant of every scenario, names of states and rules included.

        Parameters
        ----------
        on_variant
            Called after each variant.

        Returns
        -------
        dict
            SHA-256 of every table that their worlds are read from.

        Raises
        ------
        ConcordError
            The first fault, with the variant's number.
        """
        from sim.engine import data_checksums

        seen: set[str] = set()
        data: dict[str, str] = {}
        for number, variant in enumerate(self.variants):
            parameters, others = split(variant)
            place = f"variant {number}"
            try:
                key = _spelt(others)
                next(iter(self.bases.values())).check(parameters)
                if key not in seen:
                    seen.add(key)
                    for label, base in self.bases.items():
                        place = f"variant {number} of {label}"
                        scenario = base.without_parameters(others)
                        self.checked.setdefault(scenario.world, scenario)
                        found = data_checksums(scenario)
                        for name, checksum in found.items():
                            # Two files of a user's own may have one name.
                            key_of = name if data.get(name, checksum) == checksum else checksum
                            data[key_of] = checksum
            except ConcordError as error:
                where = f"{place}, {error.where}".rstrip(", ")
                raise type(error)(error.found, where=where, expected=error.expected) from None
            on_variant()
        return dict(sorted(data.items()))

    def write(self, folder: Path) -> None:
        """Freeze the plan in a folder, or make sure that it is the one that is there.

        Raises
        ------
        StorageError
            The folder has another plan, or cannot be written.
        """
        from sim.atomic import write_file
        from sim.provenance import sealed

        file = folder / MANIFEST
        if not file.exists() or self._can_mend(folder):
            content = sealed({**self.content, "fingerprint": self.fingerprint})
            write_file(folder / RUNS, index_of(content))
            text = json.dumps(content, ensure_ascii=False, allow_nan=False)
            write_file(file, (text + "\n").encode())
        self.check_same(folder)

    def _can_mend(self, folder: Path) -> bool:
        """Whether a folder's manifest is damaged, and all that lies beside it is of this plan."""
        from experiments.sweep.store import inventory

        try:
            Plan.read(folder)
        except StorageError as error:
            found = inventory(self, folder)
            is_ours = bool(found.files or found.failed) and not found.ignored
            if is_ours:
                _log.info("%s; written anew, as its results are of this sweep", error.args[0])
            return is_ours
        return False

    def check_same(self, folder: Path) -> None:
        """Make sure that a folder holds this plan.

        Raises
        ------
        StorageError
            It holds another, with the first key that differs.
        """
        there = Plan.read(folder)
        if there.fingerprint != self.fingerprint:
            key, old, new = difference(there.content, self.content, ("design", *_IDENTITY))
            raise StorageError(
                f"the folder holds another sweep: {key} is {old} there and {new} here",
                where=str(folder),
                expected="the same settings, or another name=NAME",
            )


def _spelt(others: Mapping[str, Any]) -> str:
    from sim.provenance import canonical

    try:
        return canonical(list(others.items()))
    except (TypeError, ValueError):
        raise ConfigError(
            f"{shortened(dict(others))} will not do", expected="plain values, numbers finite"
        ) from None
