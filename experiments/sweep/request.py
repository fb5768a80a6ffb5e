"""What a user asks for on the command line of a sweep, and the plan that this makes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.library import Library
from experiments.reading import read_yaml, shown
from experiments.sweep.launcher import check_launcher
from experiments.sweep.plan import FORMAT, Plan, seed_of
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["Request", "plan_of", "request_of"]

_MOST_RUNS = 1_000_000  # more are a slip of the pen
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,99}")


@dataclass
class Request:
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


def request_of(overrides: Sequence[str], config_dir: Path | None = None) -> Request:
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
    from experiments.sweep.design import LARGEST

    library = Library.of(config_dir)
    own: dict[str, Any] = {}
    options: dict[str, dict[str, Any]] = {"sweep": {}, "launcher": {}}
    fixed: list[str] = []
    axes: dict[str, Any] = {}
    intervals: list[str] = []
    choices: list[str] = []
    for one in (_parsed(text, library) for text in overrides):
        key = one.key_or_group
        group, _, option = key.partition(".")
        if key in {"scenario", "scenarios"}:
            own["scenarios"] = _scenarios(one)
        elif key in {"sweep", "launcher", "seeds", "root_seed", "name"}:
            own[key] = _single(one)
        elif group in options:
            options[group][option] = _plain(one)
        elif key == "seed":
            raise ConfigError(
                "a sweep has no single seed", where="seed", expected="seeds=N and root_seed=N"
            )
        elif one.is_sweep_override():
            if key in {axis.lstrip("+") for axis in axes}:
                raise ConfigError("is swept twice", where=key, expected=f"{key}=VALUE,VALUE once")
            axes[f"+{key}" if one.is_add() else key] = _plain(one)
            (intervals if one.is_interval_sweep() else choices).append(key)
        else:
            fixed.append(str(one.input_line))
    design = _design(str(own.get("sweep", "grid")), options["sweep"], axes, library)
    _check_axes(design["design"], intervals, choices)
    launcher = _group("launcher", str(own.get("launcher", "local")), options["launcher"], library)
    check_launcher(launcher)
    scenarios = own.get("scenarios", ["baseline"])
    name = str(own.get("name") or _name(scenarios, fixed, own.get("sweep", "grid")))
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} cannot be a name", where="name", expected="letters, digits, . _ = + -"
        )
    return Request(
        scenarios,
        fixed,
        design,
        launcher,
        _whole(own.get("seeds", 1), "seeds", 1, LARGEST),
        _whole(own.get("root_seed", 1), "root_seed", 0, 2**63 - 1),
        name,
        config_dir,
    )


def plan_of(request: Request, on_variant: Callable[[], None] = lambda: None) -> Plan:
    """Compose the scenarios once each, make the variants, and check them all.

    Parameters
    ----------
    request
        From `request_of`.
    on_variant
        Called after each variant that was checked.

    Raises
    ------
    ConcordError
        Anything that cannot be run, with the place.
    """
    from experiments.compose import compose, split_label
    from experiments.run import coverage_of
    from experiments.sweep.design import variants
    from experiments.sweep.variants import placed
    from sim.load import parameters_from
    from sim.provenance import code_hash
    from sim.schema import TABLES

    scenarios, parameters, given = [], {}, list(request.fixed)
    for text in request.scenarios:
        own = split_label(text)
        composed = compose([*request.fixed, *own], request.config_dir)
        parameters = composed.parameters
        label = _label(text, own, composed.overrides)
        scenarios.append({"label": label, "config": placed(composed.mapping)})
        given += own
    labels = [one["label"] for one in scenarios]
    if len(set(labels)) < len(labels):
        raise ConfigError("a scenario comes twice", where="scenarios", expected="each once")
    table = parameters_from(parameters)
    design = request.design
    fixed = [text.partition("=")[0].lstrip("+~") for text in given]
    made = variants(design["design"], {**design, "fixed": fixed}, table, request.root_seed)
    made = [placed(variant) for variant in made]
    _check_size(made, fixed, len(labels) * request.seeds)
    columns = [c for c in TABLES["summary"] if c.name not in {"step", "date"}]
    content = {
        "format": FORMAT,
        "name": request.name,
        "design": design,
        "root_seed": request.root_seed,
        "replicates": request.seeds,
        "scenarios": scenarios,
        "variants": made,
        "parameters": parameters,
        "seeds": [seed_of(request.root_seed, k) for k in range(request.seeds)],
        "measures": [c.name for c in columns],
        "columns": {c.name: {"unit": c.unit, "meaning": c.meaning} for c in columns},
        "code": code_hash(),
    }
    plan = Plan(content)
    plan.content["data"] = plan.check(on_variant)
    told = [coverage_of(scenario) for scenario in plan.checked.values()]
    if any(told):
        records = [coverage.record() for coverage in told if coverage is not None]
        plan.content["coverage"] = [r for n, r in enumerate(records) if r not in records[:n]]
    return plan


def _check_size(made: list[dict[str, Any]], fixed: Sequence[str], runs_each: int) -> None:
    """Refuse a key that is both set and swept, and more runs than anybody means."""
    swept = dict.fromkeys(key.lstrip("+~") for one in made for key in one)
    for key in swept:
        if key in fixed:
            raise ConfigError("is both set and swept", where=key, expected="one of the two")
    if (runs := len(made) * runs_each) > _MOST_RUNS:
        raise ConfigError(f"makes {runs} runs", where="sweep", expected=f"{_MOST_RUNS} or fewer")


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


def _label(text: str, own: Sequence[str], changes: Sequence[str]) -> str:
    """The scenario and its own changes, without those that all scenarios of the sweep share."""
    from experiments.compose import label_of

    keys = {_key(one) for one in own}
    return label_of(text.partition("+")[0], [one for one in changes if _key(one) in keys])


def _key(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")


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
    from experiments.sweep.design import LARGEST

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
