"""Designs: from a few options to the list of variants.

A variant is a mapping from override keys to values. Designs know nothing of scenarios: whether a
variant can be run is checked when the sweep is planned.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sim.load import Parameter

__all__ = ["DESIGNS", "Variant", "ranges", "variants"]

Variant = dict[str, Any]
Options = Mapping[str, Any]
Table = Mapping[str, "Parameter"]


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
        Unknown design or parameter, or options that make no design.

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
    return made


def ranges(options: Options, table: Table) -> dict[str, tuple[float, float]]:
    """Key → range, from the option `over` and, by their declarations, from `parameters`.

    Raises
    ------
    ConfigError
        An unknown parameter, or a range that is none.
    """
    over = _over(options)
    names = options.get("parameters") or []
    if names == "all" or (not names and not over):
        names = list(table)
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
        if any(values.count(value) > 1 for value in values):
            raise ConfigError("a value comes twice", where=f"sweep.over.{key}")
    return [dict(zip(over, values, strict=True)) for values in itertools.product(*over.values())]


def _list(options: Options, _: Table) -> list[Variant]:
    given = options.get("variants") or []
    if not isinstance(given, Sequence) or not all(isinstance(one, Mapping) for one in given):
        raise ConfigError(
            "not a list of variants", where="sweep.variants", expected="[{key: value, ...}, ...]"
        )
    return [{str(key): value for key, value in one.items()} for one in given]


def _lhs(options: Options, table: Table) -> list[Variant]:
    from scipy.stats import qmc

    spans = ranges(options, table)
    sampler = qmc.LatinHypercube(len(spans), rng=_whole(options, "seed", 0))
    return _scaled(sampler.random(_whole(options, "samples", 1)), spans)


def _sobol(options: Options, table: Table) -> list[Variant]:
    from scipy.stats import qmc

    samples = _whole(options, "samples", 1)
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
    points = _whole(options, "points", 2)
    made: list[Variant] = [{}]
    for key, (low, high) in ranges(options, table).items():
        steps = [low + (high - low) * n / (points - 1) for n in range(points - 1)]
        made += [{key: value} for value in [*steps, high]]
    return made


def _csv(options: Options, _: Table) -> list[Variant]:
    file = Path(str(options.get("file") or ""))
    if not options.get("file"):
        raise ConfigError("no file", where="sweep.file", expected="sweep.file=variants.csv")
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            heads, *lines = [row for row in csv.reader(stream) if any(map(str.strip, row))] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot be read ({error})", where=str(file)) from None
    keys = [head.strip() for head in heads]
    if not all(keys) or len(set(keys)) < len(keys):
        raise ConfigError(
            "its heads are not keys", where=str(file), expected="one key per column, each once"
        )
    made = []
    for number, line in enumerate(lines, 2):
        if len(line) != len(keys):
            raise ConfigError(
                f"{len(line)} cells", where=f"{file}, line {number}", expected=f"{len(keys)}"
            )
        cells = zip(keys, line, strict=True)
        made.append({key: _cell(text) for key, text in cells if text.strip()})
    return made


def _cell(text: str) -> Any:
    """A cell as YAML reads it, dates and what YAML cannot read left as text."""
    try:
        return float(text) if any(c.isdigit() for c in text) else yaml.safe_load(text)
    except ValueError:
        pass
    except yaml.YAMLError:
        return text.strip()
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return text.strip()
    return value if isinstance(value, str | int | float | bool | list | dict) else text.strip()


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
