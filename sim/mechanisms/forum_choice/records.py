"""What is remembered of forums and of the talks that states have brought to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["Brought", "Place", "Record", "Terms", "Watched"]


@dataclass(frozen=True)
class Place:
    """A kind of forum in which an item can be negotiated.

    Attributes
    ----------
    form
        ``bilateral``, ``party`` (a body negotiates with an outsider) or ``body`` (among members).
    body
        Code of the organisation; empty where two units meet by themselves.
    area
        Issue area.
    """

    form: str
    body: str = ""
    area: str = "trade"


@dataclass(frozen=True, eq=False)
class Record:
    """What a place has delivered so far, and what states therefore expect of it.

    Attributes
    ----------
    place
        Which.
    level
        Of the body; ``bilateral`` without one.
    prior, parties
        Chance of success by its rule and size, and how many must agree, as at the beginning of the
        year.
    settled, failed
        Items that were settled there, and that came to nothing.
    seen
        (3,) the same, where an item counts as settled as far as those who took part have signed;
        and years that this took, added up.
    own
        (3, S) the same of those in which a state took part.
    chance, delay
        (S,) chance of success as each believes, and years until then (infinite where nobody meets).
    n_open
        Items that share its meetings.
    n_brought
        Items brought there so far.
    """

    place: Place
    level: str
    prior: float
    seen: Floats
    own: Floats
    chance: Floats
    delay: Floats
    parties: int = 0
    settled: int = 0
    failed: int = 0
    n_open: int = 0
    n_brought: int = 0


@dataclass(frozen=True, eq=False)
class Watched:
    """An item before a place that is not over yet.

    Attributes
    ----------
    place, code
        Where, and which (`sim.agreements.Item.code`).
    since
        Quarter in which it was opened; -1 while it waits.
    inside
        (S,) who takes part.
    is_brought
        Whether a state brought it, and it is not on a docket by charter.
    """

    place: Place
    code: str
    since: int
    inside: Bools
    is_brought: bool


@dataclass(frozen=True)
class Brought:
    """A need, and what became of it.

    Attributes
    ----------
    demandeur, partner
        Codes of the units: a state, or a customs union. No partner where the need is of all who
        belong to a body.
    area
        Issue area.
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
    area: str
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

    rate: dict[str, float]
    consent: float
    strength: float
    others: float
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
            rate={
                "trade": setting["need_rate"],
                "digital": setting["need_digital"],
                "health": setting["need_health"],
                "climate": setting["need_climate"],
            },
            consent=setting["forum_consent"],
            strength=setting["belief_strength"],
            others=setting["belief_others"],
            meetings=setting["forum_meetings"],
            discount=setting["forum_discount"],
            years_two=setting["talks_years_two"],
            years_doubling=setting["talks_years_doubling"],
            cost={kind: setting[f"forum_cost_{kind}"] for kind in kinds},
        )
