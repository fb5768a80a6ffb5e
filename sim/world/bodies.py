"""Bodies of a scenario's own: those whose charters name their members, or have them drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.belonging import MemberDraw
from sim.errors import ConfigError, unknown
from sim.streams import stream
from sim.types import Bools, Indices
from sim.world.treaties import Membership

if TYPE_CHECKING:
    from sim.belonging import Member
    from sim.charter import Charter
    from sim.world.world import World

__all__ = ["drawn_members", "own_bodies"]


def own_bodies(
    charters: Mapping[str, Charter], world: World, seed: int = 0
) -> dict[str, tuple[Membership, ...]]:
    """Members of the bodies whose charters name them.

    Parameters
    ----------
    charters
        Charters by code.
    world
        The world at the start, with the members of the table.
    seed
        Of the run, for members that are drawn.

    Returns
    -------
    dict
        Code of each such body → spells of membership.

    Raises
    ------
    ConfigError
        A body that has its members in the table, is founded after the start, or names an unknown
        state or organisation; a pool smaller than what is to be drawn.
    """
    found = {}
    for code, charter in charters.items():
        where = f"organisation.{code}.members"
        if not charter.members:
            continue
        if code in world.spells:
            raise ConfigError(
                "its members are in the table of memberships",
                where=where,
                expected="no members here, or a code of your own, such as " + repr(f"MY_{code}"),
            )
        if charter.founded > world.start:
            raise ConfigError(
                f"the body is founded on {charter.founded}, after the start",
                where=where,
                expected=f"a start no earlier, or founded: {world.start}",
            )
        if isinstance(charter.members, MemberDraw):
            drawn = drawn_members(charter.members, world, code, seed)
            found[code] = tuple(
                Membership(code, int(row), None, None) for row in np.flatnonzero(drawn)
            )
        else:
            found[code] = tuple(
                spell for one in charter.members for spell in _spells(code, one, world, where)
            )
    return found


def drawn_members(draw: MemberDraw, world: World, code: str, seed: int) -> Bools:
    """Members of a body for one seed, shape (S,): each set of the pool's states is as likely.

    Every state has a draw of its own, so that a larger body of the same code has the members of a
    smaller one and more.

    Parameters
    ----------
    draw
        How many, and of whom.
    code
        The body, which names the stream.

    Raises
    ------
    ConfigError
        An unknown state or organisation, or a pool smaller than what is to be drawn.
    """
    where = f"organisation.{code}.members"
    pool = _members(draw.pool, world, f"{where}.pool")
    pool &= ~_members(draw.outside, world, f"{where}.outside")
    if pool.sum() < draw.draw:
        raise ConfigError(
            f"{draw.draw} members of a pool of {pool.sum()}",
            where=f"{where}.draw",
            expected=f"2 to {pool.sum()}",
        )
    order = stream(seed, f"members/{code}/{draw.redraw}").random(pool.size)
    chosen = np.argsort(np.where(pool, order, np.inf), kind="stable")[: draw.draw]
    is_member = np.zeros(pool.size, dtype=bool)
    is_member[chosen] = True
    return is_member


def _members(codes: tuple[str, ...], world: World, where: str) -> Bools:
    """States and members of organisations at the start as a mask, shape (S,)."""
    mask = np.zeros(len(world.iso3), dtype=bool)
    for code in codes:
        mask[_rows(code, world, where)] = True
    return mask


def _spells(code: str, given: Member, world: World, where: str) -> Iterator[Membership]:
    """Spells of a state, or of all members of an organisation."""
    for row in _rows(given.state, world, where):
        yield Membership(code, int(row), given.joined, given.left)


def _rows(code: str, world: World, where: str) -> Indices:
    """Rows of a state, or of the members of an organisation at the start."""
    if code.startswith("@"):
        if code[1:] not in world.spells:
            raise unknown("organisation", code[1:], world.spells, where)
        return np.flatnonzero(world.members(code[1:], world.start))
    if code not in world.index:
        raise unknown("state", code, world.index, where)
    return np.array([world.index[code]])
