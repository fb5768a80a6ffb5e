"""What states make of an item beyond what is known of them: noise that lasts, in logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.issues import areas
from sim.memo import remembered
from sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.forum import Forum
    from sim.setting import Setting

__all__ = ["Taste", "draw_taste", "state_effect", "taste_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Taste:
    """Noise in logits: what stays with a state and a family of items, and what passes.

    Attributes
    ----------
    area
        Issue area, whose customs unions share their taste.
    lasting
        (S,) what a state makes of all items of the area, and of this one whenever it is opened.
    passing_scale
        Scale of the logistic noise that each meeting draws anew.
    state
        (S,) the part of `lasting` that all items of the area have in common.
    """

    area: str
    lasting: Floats
    passing_scale: float
    state: Floats

    @property
    def parts(self) -> dict[str, Floats]:
        """(S,) what lasts, of the state and of the item."""
        return {"state": self.state, "lasting": self.lasting - self.state}

    def at(
        self, setting: Setting, name: str, when: tuple[int, int], asked: Bools | None = None
    ) -> Floats:
        """(S,) taste at one meeting of a quarter.

        Parameters
        ----------
        name
            Code of the item, which names the stream.
        when
            Quarter, and number of the meeting in it.
        asked
            (S,) whose taste it is, 0 for others; of all states when None. What a union has in
            common is drawn only when one of its members is asked.
        """
        step, meeting = when
        passing = _shared(
            setting,
            self.area,
            f"vote/{name}/{meeting}",
            lambda s, size: stream(setting.seed, s, step).logistic(size=size),
            (name.partition("/")[0], asked),
        )
        taste = self.lasting + self.passing_scale * passing
        return taste if asked is None else np.where(asked, taste, 0.0)


def draw_taste(setting: Setting, area: str, family: str, *, is_global: bool = False) -> Taste:
    """The taste of all states for one family of items, ``<organisation>/<item>``.

    The logistic noise of the estimates is split into a lasting and a passing part that add up to
    its variance; a state effect that all items of the area share comes on top.
    """
    return _drawn(setting, None, area, family, is_global)


@remembered(keep=1024)
def _drawn(setting: Setting, _: None, area: str, family: str, is_global: bool) -> Taste:
    scale = setting["noise_scale"] * (setting["noise_global_factor"] if is_global else 1.0)
    share = setting["noise_passing_share"] if setting.is_on("persistent_taste") else 1.0
    item = _shared(
        setting,
        area,
        f"taste/{family}",
        lambda s, size: stream(setting.seed, s).logistic(size=size),
        (family.partition("/")[0], None),
    )
    effect = state_effect(setting, area)
    effect.flags.writeable = False
    lasting = effect + scale * np.sqrt(1.0 - share) * item
    return Taste(area, lasting, float(scale * np.sqrt(share)), effect)


def taste_of(setting: Setting, forum: Forum, item: str) -> Taste:
    """The taste for an item of a forum, by its name, and for what comes of it.

    A text that takes the place of another is weighed by the taste for that.
    """
    is_global = forum.rules.level == "global"
    origin = forum.revision
    family = f"{origin.organisation}/{origin.item}" if origin else f"{forum.code}/{item}"
    area = areas()[forum.area].shares_taste_of or forum.area
    return draw_taste(setting, area, family, is_global=is_global)


def state_effect(setting: Setting, area: str) -> Floats:
    """(S,) what a state makes of all items of an area beyond what is known of it, logits."""
    if not setting.is_on("state_effects"):
        return np.zeros(len(setting.axes.states))
    draws = _shared(
        setting,
        area,
        f"state effect/{area}",
        lambda s, size: stream(setting.seed, s).normal(size=size),
    )
    if area == "trade" and setting.is_on("estimated_state_effects"):
        return setting.estimated_state_effects[1] * draws
    return setting["state_effect_sd"] * draws


def _shared(
    setting: Setting,
    area: str,
    name: str,
    draw: Callable[[str, int | None], Floats],
    where: tuple[str, Bools | None] = ("", None),
) -> Floats:
    """(S,) draws by name, of which the members of a customs union have most in common.

    Not in the union's own forum, where they sit on several sides of the table.

    Parameters
    ----------
    where
        Code of the forum, and (S,) who is asked there; None for all.
    """
    forum, asked = where
    draws = draw(name, len(setting.axes.states))
    own = setting["bloc_dissent"]
    for code, members in setting.unions(area).items():
        if code == forum or (asked is not None and not (members & asked).any()):
            continue
        common = draw(f"{name}/{code}", None)
        draws[members] = np.sqrt(1.0 - own) * common + np.sqrt(own) * draws[members]
    return draws
