"""What is remembered of forums and of the talks that states have brought to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["Brought", "Place", "Record", "Terms"]


@dataclass(frozen=True)
class Place:
    """A kind of forum in which an item can be negotiated.

    Attributes
    ----------
    form
        ``bilateral``, ``party`` (a body negotiates with an outsider) or ``body`` (among members).
    body
        Code of the organisation; empty where two units meet by themselves.
    """

    form: str
    body: str = ""


@dataclass(frozen=True)
class Record:
    """What a place has delivered so far, and what is therefore expected of it.

    Attributes
    ----------
    place
        Which.
    level
        Of the body; ``bilateral`` without one.
    prior
        Chance of success by its rule and size.
    settled, failed
        Items that were settled there, and that came to nothing.
    years
        That the settled ones took, added up.
    chance, delay
        Believed chance of success, and years until then (infinite where nobody meets).
    n_open
        Items that share its meetings.
    n_brought
        Items brought there so far.
    """

    place: Place
    level: str
    prior: float
    settled: int = 0
    failed: int = 0
    years: float = 0.0
    chance: float = 0.0
    delay: float = 0.0
    n_open: int = 0
    n_brought: int = 0


@dataclass(frozen=True)
class Brought:
    """A need of a pair, and what became of it.

    Attributes
    ----------
    demandeur, partner
        Codes of the units: a state, or a customs union.
    place
        Where it was brought; form ``none`` when nothing was worth its cost.
    sides
        Codes of the two sides of the talks: of the pair, or of a body and the other.
    forum, item
        Code and item under which it is negotiated.
    step
        Quarter.
    chance, delay, gain, value
        Believed chance, years, gain a year in percent of income, present value (million USD).
    n_options
        Forums that were open to it.
    next_place, next_value
        The second best.
    """

    demandeur: str
    partner: str
    place: Place
    sides: tuple[str, str]
    forum: str
    item: str
    step: int
    chance: float
    delay: float
    gain: float
    value: float
    n_options: int
    next_place: Place
    next_value: float


@dataclass(frozen=True, eq=False)
class Terms:
    """Parameters of the choice: see ``parameters.yaml`` beside this module."""

    need_rate: float
    consent: float
    strength: float
    meetings: float
    discount: float
    years_two: float
    years_doubling: float
    cost: dict[str, float]

    @classmethod
    def of(cls, setting: Setting) -> Terms:
        """Read once a quarter."""
        kinds = ("bilateral", "party", "regional", "global")
        return cls(
            need_rate=setting["need_rate"],
            consent=setting["forum_consent"],
            strength=setting["belief_strength"],
            meetings=setting["forum_meetings"],
            discount=setting["forum_discount"],
            years_two=setting["talks_years_two"],
            years_doubling=setting["talks_years_doubling"],
            cost={kind: setting[f"forum_cost_{kind}"] for kind in kinds},
        )
