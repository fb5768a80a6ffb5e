"""From what was asked for to the plan of a sweep: scenarios composed, variants made and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from experiments.sweep.manifest import FORMAT
from experiments.sweep.plan import Plan, seed_of
from experiments.sweep.request import SweepRequest
from sim.errors import ConfigError

__all__ = ["plan_of"]

_MOST_RUNS = 1_000_000  # more are a slip of the pen


def plan_of(request: SweepRequest, on_variant: Callable[[], None] = lambda: None) -> Plan:
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
    from experiments.run import coverage_of
    from experiments.sweep.design import variants
    from experiments.sweep.variants import placed
    from sim.load import parameters_from
    from sim.provenance import code_hash
    from sim.schema import TABLES

    scenarios, parameters, keys = _composed(request)
    table = parameters_from(parameters)
    design = request.design
    made = variants(design["design"], {**design, "fixed": keys}, table, request.root_seed)
    made = [placed(variant) for variant in made]
    _check_size(made, keys, len(scenarios) * request.seeds)
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


def _composed(request: SweepRequest) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    """The scenarios with their labels, the table of parameters, and the keys that are set."""
    from experiments.compose import compose, split_label
    from experiments.sweep.variants import placed

    scenarios: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {}
    given = list(request.fixed)
    for text in request.scenarios:
        own = split_label(text)
        composed = compose([*request.fixed, *own], request.config_dir)
        parameters = composed.parameters
        label = _label(text, own, composed.overrides)
        scenarios.append({"label": label, "config": placed(composed.mapping)})
        given += own
    if len({one["label"] for one in scenarios}) < len(scenarios):
        raise ConfigError("a scenario comes twice", where="scenarios", expected="each once")
    return scenarios, parameters, [_key(text) for text in given]


def _check_size(made: list[dict[str, Any]], fixed: Sequence[str], runs_each: int) -> None:
    """Refuse a key that is both set and swept, and more runs than anybody means."""
    swept = dict.fromkeys(key.lstrip("+~") for one in made for key in one)
    for key in swept:
        if key in fixed:
            raise ConfigError("is both set and swept", where=key, expected="one of the two")
    if (runs := len(made) * runs_each) > _MOST_RUNS:
        raise ConfigError(f"makes {runs} runs", where="sweep", expected=f"{_MOST_RUNS} or fewer")


def _label(text: str, own: Sequence[str], changes: Sequence[str]) -> str:
    """The scenario and its own changes, without those that all scenarios of the sweep share."""
    from experiments.compose import label_of

    keys = {_key(one) for one in own}
    return label_of(text.partition("+")[0], [one for one in changes if _key(one) in keys])


def _key(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")
