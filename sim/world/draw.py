"""Bodies whose members are drawn at random: what numbers alone do, without neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import ConfigError, unknown
from sim.streams import stream

if TYPE_CHECKING:
    from sim.charter import MemberDraw
    from sim.world.record import World

__all__ = ["drawn_members", "pool_of"]


def pool_of(world: World, draw: MemberDraw, where: str = "members") -> NDArray[np.bool_]:
    """States that may be drawn, shape (N,).

    Parameters
    ----------
    draw
        What the charter says.
    where
        Place of it, for errors.

    Raises
    ------
    ConfigError
        An unknown organisation or state, or a pool smaller than what is to be drawn.
    """
    pool = _named(world, draw.pool, f"{where}.pool")
    for code in draw.outside:
        pool &= ~_named(world, code, f"{where}.outside")
    if pool.sum() < draw.draw:
        raise ConfigError(
            f"{draw.draw} members of a pool of {pool.sum()}",
            where=f"{where}.draw",
            expected=f"2 to {pool.sum()}",
        )
    return pool


def drawn_members(world: World, draw: MemberDraw, code: str, seed: int) -> NDArray[np.bool_]:
    """Members of a body for one seed, shape (N,): each set of the pool's states is as likely.

    Every state has a draw of its own, so that a larger body of the same code has the members of a
    smaller one and more.

    Parameters
    ----------
    draw
        How many, and of whom.
    code
        The body, which names the stream.
    seed
        Of the run.
    """
    pool = pool_of(world, draw, f"organisation.{code}.members")
    order = stream(seed, f"members/{code}/{draw.redraw}").random(pool.size)
    chosen = np.argsort(np.where(pool, order, np.inf), kind="stable")[: draw.draw]
    is_member = np.zeros(pool.size, dtype=bool)
    is_member[chosen] = True
    return is_member


def _named(world: World, name: str | tuple[str, ...], where: str) -> NDArray[np.bool_]:
    """Members of an organisation at the start, or the states of a list."""
    if isinstance(name, str):
        if name not in world.spells:
            raise unknown("organisation", name, world.spells, where)
        return world.members(name, world.start)
    found = np.zeros(len(world.iso3), dtype=bool)
    for state in name:
        if state not in world.index:
            raise unknown("state", state, world.index, where)
        found[world.index[state]] = True
    return found
