"""From a scenario's name and overrides to one plain mapping, with a label and a seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.bases import base_of, resolved
from experiments.faults import check_override, refuse_override
from experiments.library import Library
from experiments.rule_parameters import without_foreign_parameters
from experiments.schema import is_optional, one_spelling
from sim.errors import ConfigError

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["Composed", "compose", "label_of", "split_label"]

_LONGEST_LABEL = 100


@dataclass(frozen=True)
class Composed:
    """A scenario as composed, ready for `sim.load.scenario_from`.

    Attributes
    ----------
    mapping
        The resolved configuration, plain values, without the seed.
    seed
        The run's seed.
    label
        Scenario and the overrides that change it, as a folder's name.
    overrides
        Those overrides, as they can be given again.
    parameters
        Value, unit, range, reference and meaning of the parameters, a user's own included.
    """

    mapping: dict[str, Any]
    seed: int
    label: str
    overrides: tuple[str, ...]
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)


def compose(overrides: Sequence[str], config_dir: Path | None = None) -> Composed:
    """Compose a scenario with overrides in hydra's notation.

    Parameters
    ----------
    overrides
        ``scenario=NAME``, ``seed=N``, ``key.key=value``, ``~key`` (drop), ``+key=value`` (add).
    config_dir
        A folder of the user's own with scenarios, charters or parameters.

    Raises
    ------
    ConfigError
        Unknown scenario or key, an override or file that cannot be read, a seed that is none.

    Examples
    --------
    >>> compose(["quarters=8", "seed=3"]).label
    'baseline+quarters=8'
    """
    library = Library.of(config_dir)
    library.scenarios()  # names are checked before anything is composed
    parsed = _parse(overrides, library)
    chosen = [one for one in parsed if one.key_or_group == "scenario"]
    name = _scenario_name(chosen, library)
    values = [one for one in parsed if one not in chosen]
    found = base_of(library, name)
    base = full = found.resolved
    for one in values:
        check_override(one, base)
    if values:
        lines = [_line(one, base) for one in values]
        where = " ".join([f"scenario={name}", *lines])
        full = resolved(found.unresolved, where, _parse(lines, library), base)
    full = {**full, "name": name}
    given = {one.key_or_group for one in values}
    full = without_foreign_parameters(full, library.charters(), base, given)
    library.check_empty(name, full)
    for key in given:
        _spell(full, key)
    changes = tuple(sorted({text for one in values if (text := _change(one, base, full))}))
    seed = _seed(full.pop("seed"))
    table = {
        key: {part: value for part, value in entry.items() if part != "file"}
        for key, entry in library.parameters().items()
    }
    return Composed(full, seed, label_of(name, changes), changes, table)


def label_of(name: str, changes: Sequence[str]) -> str:
    """A folder's name for scenario and changes; a hash tells apart what it cannot spell.

    Examples
    --------
    >>> label_of("baseline", ["quarters=8"]), label_of("baseline", ["world.trade=/data/a.csv"])
    ('baseline+quarters=8', 'baseline+world.trade=-data-a.csv+de0e8f45')
    """
    label = "+".join([name, *changes])
    safe = re.sub(r"[^A-Za-z0-9._=~,+-]", "-", label)
    digest = hashlib.sha256(label.encode()).hexdigest()[:8]
    if len(safe) > _LONGEST_LABEL:
        return f"{name}+{digest}"
    return safe if safe == label else f"{safe}+{digest}"


def split_label(side: str) -> list[str]:
    """The overrides that a label such as ``us_withdrawal+response=retaliate`` stands for.

    Examples
    --------
    >>> split_label("us_withdrawal+response=retaliate+parameters.trade_elasticity=1e+1")
    ['scenario=us_withdrawal', 'response=retaliate', 'parameters.trade_elasticity=1e+1']
    >>> split_label("baseline++shocks.mine.date=2026-01-01+~shocks.theirs")
    ['scenario=baseline', '+shocks.mine.date=2026-01-01', '~shocks.theirs']
    """
    # A plus sign separates when a key follows, not when a digit does (an exponent).
    name, *parts = re.split(r"\+(?=\+?~?[A-Za-z_])(?<!\+\+)", side)
    return [f"scenario={name}", *parts]


def _parse(overrides: Sequence[str], library: Library) -> list[Override]:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    parsed = []
    for text in overrides:
        try:
            one = parser.parse_override(text)
        except (HydraException, RecursionError):
            raise refuse_override(text, library) from None
        if one.package is not None:
            raise ConfigError("moves a group", where=f"override {text!r}", expected="no '@'")
        if one.is_sweep_override():
            raise ConfigError(
                "several values at once",
                where=f"override {text!r}",
                expected="one value (for several seeds: --seeds N), a list in [brackets], or "
                "a text in quotes",
            )
        parsed.append(one)
    return parsed


def _scenario_name(chosen: list[Override], library: Library) -> str:
    if not chosen:
        return "baseline"
    name = chosen[-1].value()
    library.chain(str(name), f"override {chosen[-1].input_line!r}")
    return str(name)


def _line(one: Override, base: Mapping[str, Any]) -> str:
    """The override's text, made an addition where it names an optional key that is not set."""
    text = one.input_line or ""
    is_change = not (one.is_add() or one.is_force_add() or one.is_delete())
    return f"++{text}" if is_change and is_optional(one.key_or_group, base) else text


def _seed(value: Any) -> int:
    from sim.load import LARGEST_SEED

    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 0 <= value <= LARGEST_SEED:
        expected = f"a whole number from 0 to {LARGEST_SEED}"
        raise ConfigError(f"seed {value!r} is none", expected=expected)
    return int(value)


_ABSENT = object()


def _at(mapping: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(mapping, Mapping) or key not in mapping:
            return _ABSENT
        mapping = mapping[key]
    return mapping


def _spell(mapping: dict[str, Any], path: str) -> None:
    """Write a value that the command line gave in the spelling that all its spellings share."""
    *parents, last = path.split(".")
    here = _at(mapping, ".".join(parents)) if parents else mapping
    if isinstance(here, dict) and last in here:
        here[last] = one_spelling(path, here[last])


def _change(one: Override, base: Mapping[str, Any], full: Mapping[str, Any]) -> str:
    """The override in one spelling, or nothing where it changes nothing (or only the seed)."""
    key = one.key_or_group
    before, after = _at(base, key), _at(full, key)
    if key == "seed" or (before == after and isinstance(before, bool) == isinstance(after, bool)):
        return ""
    if after is _ABSENT:
        return f"~{key}"
    is_new = before is _ABSENT and not is_optional(key, base)
    return f"{'+' if is_new else ''}{key}={_spelt(after)}"


def _spelt(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_spelt(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_spelt, value)) + "]"
    return str(value)
