"""From a scenario's name and overrides to one plain mapping; hydra's part begins and ends here.

Charters and parameters are collected from their folders and handed to hydra as two nodes that come
before the scenario, so that a scenario, and after it the command line, can override any of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.faults import check_override, refuse_override, translated
from experiments.library import Library
from experiments.rule_parameters import without_foreign_parameters
from experiments.schema import is_optional, one_spelling
from sim.errors import ConfigError

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["Composed", "compose", "label_of", "split_label", "stored_nodes"]

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
    found = _base_of(library, name)
    base = full = found.resolved
    for one in values:
        check_override(one, base)
    if values:
        lines = [_line(one, base) for one in values]
        where = " ".join([f"scenario={name}", *lines])
        full = _resolved(found.unresolved, where, _parse(lines, library), base)
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


@dataclass(frozen=True)
class _Base:
    """A scenario before overrides, interpolations as written and resolved, and where it is from."""

    contents: tuple[Any, ...]
    unresolved: dict[str, Any]
    resolved: dict[str, Any]


_bases: dict[tuple[Library, str], _Base] = {}
"""Composing is slow and gives the same as long as the contents of the files are the same."""


def _base_of(library: Library, name: str) -> _Base:
    """A scenario without overrides; not to be changed."""
    contents = (*_nodes(library).values(), library.chain(name))
    known = _bases.get((library, name))
    if known is None or known.contents != contents:
        unresolved = _composed_by_hydra(library, name)
        known = _Base(contents, unresolved, _resolved(unresolved, f"scenario={name}"))
        _bases[library, name] = known
    return known


def _composed_by_hydra(library: Library, name: str) -> dict[str, Any]:
    """Have hydra compose a scenario; its global state ends with it."""
    import hydra
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    line = f"scenario={name}"
    search = stored_nodes(library)
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(library.roots[0]), job_name="concord", version_base="1.3"):
        try:
            config = hydra.compose("run", overrides=[*search, line])
            return OmegaConf.to_container(config)  # type: ignore[return-value]
        except Exception as error:  # hydra lets errors of many kinds through from below
            raise translated(error, line) from None


def _resolved(
    unresolved: Mapping[str, Any],
    where: str,
    values: Sequence[Override] = (),
    base: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A scenario with overrides on top, as hydra puts them there, and interpolations resolved."""
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from omegaconf import OmegaConf

    seen, apart = _taken_apart(unresolved, values)
    try:
        config = OmegaConf.create(seen)
        OmegaConf.set_struct(config, True)  # a key that is not there is none
        ConfigLoaderImpl._apply_overrides_to_config(list(values), config)
        plain: Any = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except Exception as error:  # hydra lets errors of many kinds through from below
        raise translated(error, where, base) from None
    if apart:
        both = {**apart, **plain["organisation"]}
        kept = {code: both.pop(code) for code in unresolved["organisation"] if code in both}
        plain["organisation"] = {**kept, **both}  # in their order, and what was added after them
    return plain  # type: ignore[no-any-return]


def _taken_apart(
    unresolved: Mapping[str, Any], values: Sequence[Override]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What hydra has to see of a scenario, and the charters that no override touches.

    They are most of it, and it takes long to make hydra's nodes of them.
    """
    whole = dict(unresolved)
    charters = unresolved.get("organisation")
    keys = [one.key_or_group.split(".") for one in values]
    lines = [one.input_line for one in values]
    if not isinstance(charters, dict) or ["organisation"] in keys or "${" in repr((whole, lines)):
        return whole, {}
    touched = {key[1] for key in keys if key[0] == "organisation"}
    apart = {code: one for code, one in charters.items() if code not in touched}
    rest = {code: one for code, one in charters.items() if code in touched}
    return {**whole, "organisation": rest}, apart


def _nodes(library: Library) -> dict[str, dict[str, Any]]:
    """What the charters and parameters are, under the names by which `run.yaml` asks for them.

    Switches stand beside the parameters, so that one is set, and misspelt, like any other key.
    """
    from sim.switches import SWITCHES

    parameters = {name: entry["value"] for name, entry in library.parameters().items()}
    switches = {name: one.default for name, one in SWITCHES.items()}
    return {
        "charters": {"organisation": library.charters()},
        "parameters": {"parameters": parameters, "switches": switches},
    }


def stored_nodes(library: Library) -> list[str]:
    """Hand charters and parameters to hydra; the overrides by which it finds the user's own files.

    Raises
    ------
    ConfigError
        A file that cannot be read.
    """
    from hydra.core.config_store import ConfigStore

    for name, node in _nodes(library).items():
        ConfigStore.instance().store(name, node)
    quoted = [str(path).replace("\\", "\\\\").replace("'", "\\'") for path in library.roots[1:]]
    return [f"hydra.searchpath=['file://{path}']" for path in quoted]


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
