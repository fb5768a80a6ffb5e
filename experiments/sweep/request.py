"""What a user asks for on the command line of a sweep."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.library import Library
from experiments.reading import read_yaml, shown
from experiments.sweep.design import LARGEST
from experiments.sweep.launcher import check_launcher
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["SweepRequest", "request_of"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,99}")


@dataclass
class SweepRequest:
    """A sweep as asked for.

    Attributes
    ----------
    scenarios
        Labels: a scenario's name, with overrides of its own added by '+'.
    fixed
        Overrides that hold for all runs.
    design
        The design's options, its name under ``design``.
    launcher
        The engine's options, its name under ``engine``.
    seeds, root_seed
        How many replicates, and what their seeds follow from.
    name
        The sweep's folder.
    """

    scenarios: list[str]
    fixed: list[str]
    design: dict[str, Any]
    launcher: dict[str, Any]
    seeds: int = 1
    root_seed: int = 1
    name: str = ""
    config_dir: Path | None = None


def request_of(overrides: Sequence[str], config_dir: Path | None = None) -> SweepRequest:
    """Sort overrides into what belongs to the sweep and what to its scenarios.

    Parameters
    ----------
    overrides
        ``scenario=A,B``, ``sweep=DESIGN``, ``sweep.option=value``, ``launcher=ENGINE``,
        ``launcher.option=value``, ``seeds=N``, ``root_seed=N``, ``name=NAME``; a key with several
        values (``KEY=A,B``) or a range (``KEY=interval(LOW,HIGH)``) is swept; any other is for all.

    Raises
    ------
    ConfigError
        An override that cannot be read, an unknown design, launcher or option.

    Examples
    --------
    >>> request = request_of(["scenario=us_withdrawal", "response=none,retaliate", "seeds=4"])
    >>> request.scenarios, request.design["over"], request.seeds
    (['us_withdrawal'], {'response': ['none', 'retaliate']}, 4)
    """
    library = Library.of(config_dir)
    asked = _sorted(_parsed(text, library) for text in overrides)
    own, kind = asked.own, str(asked.own.get("sweep", "grid"))
    design = _design(kind, asked.options["sweep"], asked.axes, library)
    _check_axes(design["design"], asked.intervals, asked.choices)
    launcher = _group(
        "launcher", str(own.get("launcher", "local")), asked.options["launcher"], library
    )
    check_launcher(launcher)
    scenarios = own.get("scenarios", ["baseline"])
    name = str(own.get("name") or _name(scenarios, asked.fixed, kind))
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} cannot be a name", where="name", expected="letters, digits, . _ = + -"
        )
    return SweepRequest(
        scenarios,
        asked.fixed,
        design,
        launcher,
        _whole(own.get("seeds", 1), "seeds", 1, LARGEST),
        _whole(own.get("root_seed", 1), "root_seed", 0, 2**63 - 1),
        name,
        config_dir,
    )


@dataclass
class _Asked:
    """Overrides by what they are for: the sweep, options of its parts, swept keys, all runs."""

    own: dict[str, Any] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"sweep": {}, "launcher": {}}
    )
    axes: dict[str, Any] = field(default_factory=dict)
    intervals: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)


def _sorted(overrides: Iterable[Override]) -> _Asked:
    asked = _Asked()
    for one in overrides:
        key = one.key_or_group
        group, _, option = key.partition(".")
        if key in {"scenario", "scenarios"}:
            asked.own["scenarios"] = _scenarios(one)
        elif key in {"sweep", "launcher", "seeds", "root_seed", "name"}:
            asked.own[key] = _single(one)
        elif group in asked.options:
            asked.options[group][option] = _plain(one)
        elif key == "seed":
            raise ConfigError(
                "a sweep has no single seed", where="seed", expected="seeds=N and root_seed=N"
            )
        elif one.is_sweep_override():
            if key in {axis.lstrip("+") for axis in asked.axes}:
                raise ConfigError("is swept twice", where=key, expected=f"{key}=VALUE,VALUE once")
            asked.axes[f"+{key}" if one.is_add() else key] = _plain(one)
            (asked.intervals if one.is_interval_sweep() else asked.choices).append(key)
        else:
            asked.fixed.append(str(one.input_line))
    return asked


def _check_axes(design: str, intervals: Sequence[str], choices: Sequence[str]) -> None:
    """Refuse a range where values are wanted, and values where a range is."""
    if design == "grid" and intervals:
        raise ConfigError(
            "a range, of which this design would take the ends alone",
            where=f"sweep={design}, {intervals[0]}",
            expected=f"values ({intervals[0]}=A,B,C), or sweep=lhs, sobol or oat",
        )
    if design in {"lhs", "sobol", "oat"} and choices:
        raise ConfigError(
            "values, where this design takes a range",
            where=f"sweep={design}, {choices[0]}",
            expected=f"{choices[0]}=interval(LOW,HIGH), or sweep=grid",
        )


def _single(one: Override) -> Any:
    if one.is_sweep_override():
        text = str(one.input_line)
        raise ConfigError("several values", where=f"override {text!r}", expected="one value")
    return one.value()


def _parsed(text: str, library: Library) -> Override:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    from experiments.faults import refuse_override

    try:
        return OverridesParser.create().parse_override(text)
    except (HydraException, RecursionError):
        if text.startswith(("scenario=", "scenarios=")):
            raise ConfigError(
                "the value cannot be read",
                where=f"override {text!r}",
                expected="scenario=A,B; a scenario with changes in quotes within quotes: "
                "\"scenario=A,'A+key=value'\"",
            ) from None
        raise refuse_override(text, library) from None


def _plain(one: Override) -> Any:
    """The value; a choice or range as its values, an interval as its ends."""
    from hydra.core.override_parser.types import Transformer

    if not one.is_sweep_override():
        return one.value()
    if one.is_interval_sweep():
        value: Any = one.value()
        return [value.start, value.end]
    # A range may be longer than the memory. A quoted value comes with its quotes' kind.
    values = itertools.islice(one.sweep_iterator(transformer=Transformer.identity), LARGEST + 1)
    return [getattr(value, "text", value) for value in values]


def _scenarios(one: Override) -> list[str]:
    value = _plain(one)
    found = value if isinstance(value, list) else [value]
    return [str(name) for name in found]


def _design(
    name: str, options: Mapping[str, Any], axes: Mapping[str, Any], library: Library
) -> dict[str, Any]:
    design = _group("sweep", name, options, library)
    if not axes:
        return design
    if "over" not in design:
        raise ConfigError(
            "this design takes no swept keys",
            where=f"sweep={name}",
            expected=f"one value for {', '.join(axes)}",
        )
    return {**design, "over": {**(design["over"] or {}), **axes}}


def _group(group: str, name: str, options: Mapping[str, Any], library: Library) -> dict[str, Any]:
    """A file of a config group with options set; what a user's own leaves out is the package's."""
    files = {f.stem: f for root in library.roots for f in sorted((root / group).glob("*.yaml"))}
    if name not in files:
        raise unknown(group, name, files, f"{group}=")
    kind = "engine" if group == "launcher" else "design"
    given = dict(read_yaml(files[name]))
    what = given.pop("name", None) or given.pop(kind, None) or name
    own = {file.stem: file for file in (library.roots[0] / group).glob("*.yaml")}
    if what not in own:
        raise unknown(kind, str(what), own, shown(files[name]))
    config = {k: v for k, v in read_yaml(own[what]).items() if k not in {"name", kind}}
    for where, settings in ((shown(files[name]), given), (f"{group}={name}", options)):
        for option, value in settings.items():
            first, *rest = option.split(".", 1)
            if first not in config:
                raise unknown("option", first, config, where)
            config[first] = {**(config[first] or {}), rest[0]: value} if rest else value
    return {**config, kind: what}


def _name(scenarios: Sequence[str], fixed: Sequence[str], design: Any) -> str:
    text = "+".join(["-".join(scenarios), *sorted(fixed), str(design)])
    return re.sub(r"[^A-Za-z0-9._=+-]", "-", text)[:100]


def _whole(value: Any, where: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ConfigError(
            f"{value!r} will not do", where=where, expected=f"a whole number, {least} to {most}"
        )
    return value
