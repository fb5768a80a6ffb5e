"""What hydra makes of a scenario and of overrides; its part begins and ends here.

Charters and parameters are collected from their folders and handed to hydra as two nodes that come
before the scenario, so that a scenario, and after it the command line, can override any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.faults import translated
from experiments.library import Library

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["Base", "base_of", "resolved", "stored_nodes"]


@dataclass(frozen=True)
class Base:
    """A scenario before overrides, as plain values that are not to be changed.

    Attributes
    ----------
    contents
        Of the files from which it was composed.
    unresolved, resolved
        With interpolations as they are written, and with what they stand for.
    """

    contents: tuple[Any, ...]
    unresolved: dict[str, Any]
    resolved: dict[str, Any]


_MOST = 32  # as many as there are scenarios, about
_bases: dict[tuple[Library, str], Base] = {}
"""Composing is slow and gives the same as long as the contents of the files are the same."""


def base_of(library: Library, name: str) -> Base:
    """A scenario without overrides.

    Raises
    ------
    ConfigError
        A file that cannot be read, or that hydra refuses.
    """
    nodes, chain = _nodes(library), library.chain(name)
    contents = (*nodes.values(), chain)
    known = _bases.get((library, name))
    if known is None or known.contents != contents:
        charters = nodes["charters"]["organisation"]
        named = [one.get("organisation") or {} for one in chain.values()]
        apart = _apart(charters, {code for one in named for code in one}, chain)
        nodes["charters"] = {"organisation": _without(charters, apart)}
        unresolved = _composed_by_hydra(library, name, nodes)
        unresolved["organisation"] = _joined(charters, apart, unresolved["organisation"])
        known = Base(contents, unresolved, resolved(unresolved, f"scenario={name}"))
        while len(_bases) >= _MOST:
            _bases.pop(next(iter(_bases)))
        _bases[library, name] = known
    return known


def _composed_by_hydra(
    library: Library, name: str, nodes: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Have hydra compose a scenario; its global state ends with it."""
    import hydra
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    line = f"scenario={name}"
    search = _stored(library, nodes)
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(library.roots[0]), job_name="concord", version_base="1.3"):
        try:
            config = hydra.compose("run", overrides=[*search, line])
            return OmegaConf.to_container(config)  # type: ignore[return-value]
        except Exception as error:  # hydra lets errors of many kinds through from below
            raise translated(error, line) from None


def resolved(
    unresolved: Mapping[str, Any],
    where: str,
    values: Sequence[Override] = (),
    base: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A scenario with overrides on top, as hydra puts them there, and interpolations resolved.

    Parameters
    ----------
    unresolved
        From `base_of`.
    where
        What is being composed, for errors.
    values
        Overrides, none of which chooses the scenario.
    base
        The scenario before overrides, for the names nearest to a misspelt one.

    Raises
    ------
    ConfigError
        An override that hydra refuses.
    """
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from omegaconf import OmegaConf

    charters = unresolved.get("organisation")
    keys = [one.key_or_group.split(".") for one in values]
    touched = {key[1] for key in keys if key[0] == "organisation" and len(key) > 1}
    lines = [one.input_line for one in values]
    apart = {} if ["organisation"] in keys else _apart(charters, touched, unresolved, lines)
    seen = {**unresolved, "organisation": _without(charters, apart)} if apart else dict(unresolved)
    try:
        config = OmegaConf.create(seen)
        OmegaConf.set_struct(config, True)  # a key that is not there is none
        ConfigLoaderImpl._apply_overrides_to_config(list(values), config)
        plain: Any = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except Exception as error:  # hydra lets errors of many kinds through from below
        raise translated(error, where, base) from None
    if apart:
        plain["organisation"] = _joined(charters, apart, plain["organisation"])
    return plain  # type: ignore[no-any-return]


def _apart(charters: Any, touched: Set[Any], *told: Any) -> dict[str, Any]:
    """Charters that hydra need not see: nothing touches them, and nothing that is told looks up.

    They are most of a scenario, and it takes long to make hydra's nodes of them.
    """
    if not isinstance(charters, dict) or "${" in repr((charters, told)):
        return {}
    return {code: one for code, one in charters.items() if code not in touched}


def _without(charters: Any, apart: Mapping[str, Any]) -> Any:
    return {code: one for code, one in charters.items() if code not in apart} if apart else charters


def _joined(charters: Any, apart: Mapping[str, Any], found: Any) -> Any:
    """All charters in their order, and what was added after them."""
    if not apart:
        return found
    every = {**apart, **found}
    kept = {code: every.pop(code) for code in charters if code in every}
    return {**kept, **every}


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
    return _stored(library, _nodes(library))


def _stored(library: Library, nodes: Mapping[str, dict[str, Any]]) -> list[str]:
    from hydra.core.config_store import ConfigStore

    for name, node in nodes.items():
        ConfigStore.instance().store(name, node)
    quoted = [str(path).replace("\\", "\\\\").replace("'", "\\'") for path in library.roots[1:]]
    return [f"hydra.searchpath=['file://{path}']" for path in quoted]
