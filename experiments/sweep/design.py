"""Designs: from a few options to the list of variants.

A variant is a mapping from override keys to values. Designs know nothing of scenarios: whether a
variant can be run is checked when the sweep is planned.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sim.load import Parameter

__all__ = ["DESIGNS", "Variant", "ranges", "variants"]

Variant = dict[str, Any]
Options = Mapping[str, Any]
Table = Mapping[str, "Parameter"]

LARGEST = 100_000
"""Variants of a sweep at most: so many are planned in half a minute and 1.3 GB of memory."""
_NO_KEYS = {
    "seed": "seeds=N and root_seed=N, the same in all variants",
    "seeds": "seeds=N for all variants",
    "scenario": "scenario=A,B, each with all variants",
}


def variants(design: str, options: Options, table: Table, root_seed: int = 1) -> list[Variant]:
    """The variants of a design.

    Parameters
    ----------
    design
        One of `DESIGNS`.
    options
        Its options, as in ``scenarios/sweep/NAME.yaml``.
    table
        The model's parameters with their declared ranges.
    root_seed
        Seed of the design where its options have none.

    Raises
    ------
    ConfigError
        Unknown design or parameter, options that make no design, or too many variants, which is
        said before any is made.

    Examples
    --------
    >>> variants("grid", {"over": {"response": ["none", "retaliate"], "quarters": [8]}}, {})
    [{'response': 'none', 'quarters': 8}, {'response': 'retaliate', 'quarters': 8}]
    """
    if design not in DESIGNS:
        raise unknown("design", design, DESIGNS, "sweep")
    given = dict(options)
    if given.get("seed") is None:
        given["seed"] = root_seed
    made = DESIGNS[design](given, table)
    if not made:
        raise ConfigError("the design has no variants", where=f"sweep={design}")
    _check_keys(dict.fromkeys(key for one in made for key in one), f"sweep={design}")
    return made


def _check_keys(keys: Mapping[str, None], where: str) -> None:
    for key in keys:
        if key in _NO_KEYS:
            raise ConfigError(f"{key!r} cannot be swept", where=where, expected=_NO_KEYS[key])


def _check_count(count: int, where: str) -> None:
    if count > LARGEST:
        raise ConfigError(
            f"makes {count} variants",
            where=where,
            expected=f"{LARGEST} or fewer, or several sweeps with root_seed=N name=NAME",
        )


def ranges(options: Options, table: Table) -> dict[str, tuple[float, float]]:
    """Key → range, from the option `over` and, by their declarations, from `parameters`.

    Raises
    ------
    ConfigError
        An unknown parameter, or a range that is none.
    """
    over = _over(options)
    names = options.get("parameters")
    if names is not None and not names:
        raise ConfigError("nothing in it", where="sweep.parameters", expected="[name, ...] or all")
    names = names or []
    if names == "all" or (not names and not over):
        fixed = set(options.get("fixed") or ())
        names = [name for name in table if f"parameters.{name}" not in fixed]
    if not isinstance(names, str | list | tuple):
        raise ConfigError(
            f"{names!r} will not do", where="sweep.parameters", expected="[name, name, ...] or all"
        )
    if not isinstance(names, str) and len(set(map(str, names))) < len(names):
        raise ConfigError("a name comes twice", where="sweep.parameters", expected="each once")
    found: dict[str, tuple[float, float]] = {}
    for name in [names] if isinstance(names, str) else names:
        if name not in table:
            raise unknown("parameter", str(name), table, "sweep.parameters")
        found[f"parameters.{name}"] = table[name].range
    for key, values in over.items():
        where = f"sweep.over.{key}"
        if not isinstance(values, list | tuple) or len(values) != 2:
            raise ConfigError(f"{values!r} is no range", where=where, expected="[low, high]")
        low, high = (_number(value, where) for value in values)
        if not math.isfinite(low) or not math.isfinite(high):
            raise ConfigError(f"{low:g} to {high:g}", where=where, expected="two finite numbers")
        if not low < high:
            raise ConfigError(f"{low:g} is not below {high:g}", where=where, expected="[low, high]")
        found[key] = (low, high)
    return found


def _grid(options: Options, _: Table) -> list[Variant]:
    over = _over(options)
    for key, values in over.items():
        if not isinstance(values, list | tuple) or not values:
            raise ConfigError(
                f"{values!r} is no list of values",
                where=f"sweep.over.{key}",
                expected="[value, value, ...]",
            )
    _check_count(math.prod(len(values) for values in over.values()), "sweep=grid")
    for key, values in over.items():
        if len({_told_apart(value) for value in values}) < len(values):
            raise ConfigError("a value comes twice", where=f"sweep.over.{key}")
    return [dict(zip(over, values, strict=True)) for values in itertools.product(*over.values())]


def _told_apart(value: Any) -> str:
    """A value's text, 3 and 3.0 alike."""
    is_whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if is_whole else value, default=str)


def _list(options: Options, _: Table) -> list[Variant]:
    given = options.get("variants") or []
    if not isinstance(given, Sequence) or not all(isinstance(one, Mapping) for one in given):
        raise ConfigError(
            "not a list of variants", where="sweep.variants", expected="[{key: value, ...}, ...]"
        )
    made = [{str(key): value for key, value in one.items()} for one in given]
    _check_twice(made, [f"sweep.variants, number {n}" for n in range(1, len(made) + 1)])
    return made


def _check_twice(made: Sequence[Variant], places: Sequence[str]) -> None:
    """Refuse a variant that comes again: its runs would count twice in every mean."""
    first: dict[str, str] = {}
    for variant, place in zip(made, places, strict=True):
        text = json.dumps(variant, default=str)
        if text in first:
            raise ConfigError(f"the same as {first[text]}", where=place, expected="each once")
        first[text] = place


def _lhs(options: Options, table: Table) -> list[Variant]:
    from scipy.stats import qmc

    spans, samples = ranges(options, table), _whole(options, "samples", 1)
    _check_count(samples, "sweep.samples")
    sampler = qmc.LatinHypercube(len(spans), rng=_whole(options, "seed", 0))
    return _scaled(sampler.random(samples), spans)


def _sobol(options: Options, table: Table) -> list[Variant]:
    from scipy.stats import qmc

    samples = _whole(options, "samples", 1)
    _check_count(samples, "sweep.samples")
    power = samples.bit_length() - 1
    if samples != 2**power:
        raise ConfigError(
            f"{samples} is no power of two, without which the sequence is not balanced",
            where="sweep.samples",
            expected=f"{2**power} or {2 ** (power + 1)}",
        )
    spans = ranges(options, table)
    sampler = qmc.Sobol(len(spans), rng=_whole(options, "seed", 0))
    return _scaled(sampler.random_base2(power), spans)


def _scaled(unit: NDArray[np.float64], spans: Mapping[str, tuple[float, float]]) -> list[Variant]:
    """Points of the unit cube as values within the ranges, whatever rounding does."""
    return [
        {
            key: min(max(low + float(share) * (high - low), low), high)
            for share, (key, (low, high)) in zip(point, spans.items(), strict=True)
        }
        for point in unit
    ]


def _oat(options: Options, table: Table) -> list[Variant]:
    points, spans = _whole(options, "points", 2), ranges(options, table)
    _check_count(1 + points * len(spans), "sweep.points")
    made: list[Variant] = [{}]
    for key, (low, high) in spans.items():
        steps = [low + (high - low) * n / (points - 1) for n in range(points - 1)]
        made += [{key: value} for value in [*steps, high]]
    return made


def _csv(options: Options, _: Table) -> list[Variant]:
    from experiments.sweep.table import read_variants

    if not options.get("file"):
        raise ConfigError("no file", where="sweep.file", expected="sweep.file=variants.csv")
    made, places = read_variants(Path(str(options["file"])))
    _check_twice(made, places)
    return made


def _over(options: Options) -> dict[str, Any]:
    over = options.get("over") or {}
    if not isinstance(over, Mapping):
        raise ConfigError(f"{over!r} will not do", where="sweep.over", expected="{key: values}")
    return {str(key): value for key, value in over.items()}


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{value!r} is no number", where=where, expected="[low, high]")
    return float(value)


def _whole(options: Options, name: str, least: int) -> int:
    value = options.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(
            f"{value!r} will not do",
            where=f"sweep.{name}",
            expected=f"a whole number, {least} or more",
        )
    return value


DESIGNS: dict[str, Callable[[Options, Table], list[Variant]]] = {
    "grid": _grid,
    "list": _list,
    "lhs": _lhs,
    "sobol": _sobol,
    "oat": _oat,
    "csv": _csv,
}
"""Name of a design → what makes its variants."""
