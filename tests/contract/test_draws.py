"""A switch leaves the draws of all others alone: whatever both runs draw is drawn alike.

A stream is keyed by seed, name and quarter. The numbers that it gives are the same in two runs if
they ask for them in the same way, which fails as soon as somebody draws only for those concerned.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import sim
from sim.engine import open_model
from sim.streams import stream
from sim.switches import SWITCHES

Asked = dict[tuple[int, str, int], list[tuple[str, tuple[int, ...]]]]
QUARTERS = 5
# Bodies that between them do all that bodies do, few enough for a quick run.
BODIES = ("ANDEAN", "AU", "CPTPP", "DEPA", "ECOWAS", "ICJ", "MERCOSUR", "PAHO", "PARIS", "SAARC",
          "UN", "UNHRC", "WHO")  # fmt: skip


class Watched:
    """A generator that tells what it is asked for."""

    def __init__(self, generator: np.random.Generator, asked: list) -> None:
        self._generator, self._asked = generator, asked

    def __getattr__(self, name: str) -> Callable:
        draw = getattr(self._generator, name)

        def told(*given, **named):
            found = draw(*given, **named)
            self._asked.append((name, np.shape(found)))
            return found

        return told


@pytest.fixture(scope="module")
def draws(scenario_of, only) -> Iterator[Callable[..., Asked]]:
    """``draws("deaths")``: what every stream is asked for with the switch turned, or without."""
    asked: Asked = {}
    users = [
        module
        for found in pkgutil.walk_packages(sim.__path__, "sim.")
        if (module := importlib.import_module(found.name)).__dict__.get("stream") is stream
        and module.__name__ != "sim.streams"
    ]
    assert len(users) > 15

    def watched(seed: int, name: str, step: int = 0) -> Watched:
        return Watched(stream(seed, name, step), asked.setdefault((seed, name, step), []))

    def play(switch: str = "") -> Asked:
        asked.clear()
        turned = ()
        if switch:
            turned = (f"switches.{switch}={str(not SWITCHES[switch].default).lower()}",)
        model = open_model(scenario_of("baseline", *only(*BODIES), *turned), 3)
        for _ in range(QUARTERS):
            model.step()
        return {key: list(calls) for key, calls in asked.items()}

    with pytest.MonkeyPatch.context() as patch:
        for module in users:
            patch.setattr(module, "stream", watched)
        yield play


@pytest.fixture(scope="module")
def usual(draws) -> Asked:
    return draws()


def test_streams_of_every_kind_are_watched(usual):
    names = {name.partition("/")[0] for _, name, _ in usual}
    assert {"leaders", "civil", "disputes", "sanctions", "withdrawals", "vote", "deaths"} <= names


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_both_runs_draw_is_drawn_alike(switch, draws, usual):
    turned = draws(switch)
    both = usual.keys() & turned.keys()
    assert len(both) > 100
    for key in both:
        first, second = usual[key], turned[key]
        shared = min(len(first), len(second))
        assert first[:shared] == second[:shared], key
