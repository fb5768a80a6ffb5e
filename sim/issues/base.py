"""What an issue area declares, and how its proposals are valued.

An area says what its terms are, what a proposal does (effects), what states make of it
(acceptance) and what holds of its agreements (claims). How menus, coalitions, accessions and
standing agreements are valued follows from the effects and is the same for all areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from sim.agreements import Agreement, Commitment, Proposal, Status, TariffCut
from sim.economy import World, outlook, standing_gain
from sim.errors import ConfigError, unknown
from sim.issues.builder import menu_of
from sim.issues.menu import Acceptance, Deal, Menu, Valuation, red_lines_held
from sim.memo import Same
from sim.types import Bools, Floats, Indices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.agreements import Effect
    from sim.charter import Specification, StandingAgreement
    from sim.economy import Outlook, Terms
    from sim.forum import Forum
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Acceptance", "Claims", "Deal", "IssueArea", "Menu", "Offered", "Term", "Valuation"]

Offered: TypeAlias = "tuple[Sequence[Proposal], Sequence[Commitment]]"
"""M proposals, and what each does."""


@dataclass(frozen=True)
class Term:
    """Something that proposals of an area fix.

    Attributes
    ----------
    unit, meaning
        As in the tables.
    low, high
        Bounds of what an item may offer, in that unit.
    scale
        Value in the unit for a value of one in the model.
    """

    name: str
    unit: str
    meaning: str
    low: float = 0.0
    high: float = 100.0
    scale: float = 1.0


@dataclass(frozen=True)
class Claims:
    """What holds of an area's agreements; the contract tests hold the area to it.

    Attributes
    ----------
    is_club_good
        Kinds of item whose gains stay among the parties, so that one party alone gains nothing.
    may_lose
        Whether the parties together may lose by an agreement that they signed.
    forms
        Forms that its texts can have.
    """

    is_club_good: frozenset[str]
    may_lose: bool = False
    forms: tuple[Literal["binding", "soft"], ...] = ("binding", "soft")


class IssueArea:
    """An issue area. A subclass says at least what its terms are and what a proposal does.

    Attributes
    ----------
    name
        As in charters and tables.
    kinds
        What a docket item of the area may be (`sim.charter.Specification.kind`).
    terms
        What a proposal fixes, the level first.
    claims
        What holds of its agreements.
    reads
        Fields of the state that effects follow from, beside the committed world.
    shares_taste_of
        Area whose draws of what states make of an area it has, its own where empty.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    terms: ClassVar[tuple[Term, ...]]
    claims: ClassVar[Claims]
    reads: ClassVar[tuple[str, ...]] = ()
    shares_taste_of: ClassVar[str] = ""

    # What an area declares.

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """What a proposal does once adopted, of which a share (`scale`) takes effect.

        Of the state it sees the fields in `reads` alone.
        """
        raise NotImplementedError

    def acceptance(self, setting: Setting) -> Acceptance:
        """Coefficients of the acceptance utility: a percent of income counts as one in trade.

        What was estimated on trade agreements beyond the weight of gains stays with trade.
        """
        return Acceptance(setting["acceptance_gain"], setting["acceptance_half_gain"])

    def parts(
        self, setting: Setting, deal: Deal, offered: Offered, gain: Floats
    ) -> dict[str, Floats]:
        """Logits that utility has beside those of the gain, by name; none unless the area says so.

        (S,) each, or (M, S) for the proposals `offered`, whose gains (M, S) are in percent of
        annual income.
        """
        return {}

    def reached(self, setting: Setting, deal: Deal, changes: Sequence[Commitment]) -> Floats:
        """(M, S) or (S,) what is in place already, in units of what each proposal adds to it."""
        return np.zeros(len(deal.partners))

    def covers(self, setting: Setting, matter: str, proposal: Proposal) -> float:
        """How far (0-1) a proposal covers a matter on which red lines are held."""
        return 0.0

    def covered_already(self, setting: Setting, deal: Deal, matter: str) -> Floats:
        """(S,) how far (0-1) what is in place among those concerned covers a matter already."""
        return np.zeros(len(deal.partners))

    def most_exempt(self, setting: Setting, forum: Forum, kind: str) -> float:
        """The largest share of trade that a text may leave out."""
        return 1.0

    def forms(self, kind: str) -> tuple[str, ...]:
        """Forms that texts of a kind can have: those claimed, unless the area says otherwise."""
        return self.claims.forms

    def offered(self, item: Specification) -> dict[str, tuple[float, ...]]:
        """Values of each term that an item offers, in the term's unit."""
        cuts = {"tariff_cut": item.tariff_cuts} if "tariff_cuts" in item.model_fields_set else {}
        return {self.terms[0].name: item.levels, **item.terms, **cuts}

    def exemptions(
        self, setting: Setting, year: int, proposal: Proposal, members: Bools, most: float
    ) -> Sequence[tuple[str, ...]]:
        """Sets of matters that a text may leave out, in a year of the run, up to a share."""
        return [()]

    def gains(
        self,
        setting: Setting,
        outlook: Outlook,
        changes: Sequence[Commitment],
        most: Commitment,
    ) -> Floats:
        """(M, S) gains of M proposals of an item, percent of annual income.

        Parameters
        ----------
        changes
            What each of them does.
        most
            What the most ambitious values of all terms would do together.
        """
        return outlook.gains(changes)

    # What follows.

    def propose(
        self,
        values: Mapping[str, float],
        *,
        is_soft: bool = False,
        exemptions: Sequence[str] = (),
    ) -> Proposal:
        """A proposal of the area by the values of its terms (in the model's unit).

        Raises
        ------
        ConfigError
            The area has no such term, or one is missing.
        """
        names = [term.name for term in self.terms]
        for name in values:
            if name not in names:
                raise unknown("term", name, names, self.name)
        if missing := [name for name in names if name not in values]:
            raise ConfigError(f"no value for {missing[0]!r}", where=self.name)
        terms = tuple((name, values[name]) for name in names)
        return Proposal(self.name, terms, is_soft, tuple(sorted(exemptions)))

    def scale(self, setting: Setting, proposal: Proposal) -> float:
        """Share of the level that exemptions and form leave."""
        exempt = sum(setting.world.matters[m].trade_share for m in proposal.exemptions)
        form = setting["soft_effect"] if proposal.is_soft else 1.0
        return max(1.0 - exempt, 0.0) * form

    def red_lines(
        self,
        setting: Setting,
        year: int,
        proposals: Sequence[Proposal],
        deal: Deal | None = None,
    ) -> tuple[Floats, Floats]:
        """(M, S) strength of the red lines that M proposals cross, and of those left in.

        Less where a matter is covered in part or left out, and for a soft form; what is in place
        among those concerned by a deal is not crossed again. The second counts only matters that a
        proposal wholly covers and does not leave out.
        """
        held = red_lines_held(setting, year)
        shape = len(proposals), len(held)
        different = {p.terms: p for p in proposals}  # they cover the same, whatever is left out
        covered = {t: [self.covers(setting, x, p) for x in held] for t, p in different.items()}
        share = np.array([covered[p.terms] for p in proposals]).reshape(shape)
        out = [[x in p.exemptions for x in held] for p in proposals]
        is_exempt = np.array(out, dtype=bool).reshape(shape)
        soft = setting["soft_red_line_share"]
        form = np.array([[soft if p.is_soft else 1.0] for p in proposals]).reshape(-1, 1)
        left = form * np.where(is_exempt, setting["exempt_red_line_share"], 1.0)
        whole = form * ((share >= 1) & ~is_exempt)
        strength = np.array(list(held.values())).reshape(-1, len(setting.axes.states))
        k, states = np.nonzero(strength)  # few states hold a red line on a matter
        before = np.zeros(k.size)
        if deal and held:
            before = np.array([self.covered_already(setting, deal, x) for x in held])[k, states]
        anew = np.minimum(share[:, k], 1.0 - before)
        crossed = left[:, k] * anew * strength[k, states]
        protected = whole[:, k] * (anew > 0) * strength[k, states]
        size = len(setting.axes.states)
        return _by_state(crossed, states, size), _by_state(protected, states, size)

    def menu(
        self,
        setting: Setting,
        state: State,
        forum: Forum,
        item: Specification,
        members: Bools,
        *,
        name: str = "",
    ) -> Menu:
        """The proposals that the item allows among the members (S,), valued in today's world."""
        return menu_of(setting, state, forum, (name, item), members)

    def is_wanted(self, setting: Setting, deal: Deal, value: Valuation, asked: Bools) -> Bools:
        """(M,) proposals worth tabling among those asked (S,); all, unless the area says so."""
        return np.ones(len(value.gain), dtype=bool)

    def valued(
        self,
        setting: Setting,
        year: int,
        deal: Deal,
        offered: Offered,
        gain: Floats,
    ) -> Valuation:
        """What M proposals of a deal, and what they do, are worth in a year of the run.

        Parameters
        ----------
        gain
            (M, S) their gains in percent of annual income.
        """
        proposals, changes = offered
        crossed, protected = self.red_lines(setting, year, proposals, deal)
        return Valuation(
            acceptance=self.acceptance(setting),
            gain=gain,
            red_lines=crossed,
            parts=self.parts(setting, deal, offered, gain) if changes else {},
            reached=self.reached(setting, deal, changes) if changes else np.zeros(1),
            protected=protected,
            partners=deal.partners,
        )

    def standing_agreement(
        self, setting: Setting, state: Reading, code: tuple[str, str], given: StandingAgreement
    ) -> Agreement | None:
        """An agreement made before the run, by (organisation, name); None without two parties.

        Raises
        ------
        ConfigError
            It leaves nothing of a tariff.
        """
        axes, start = setting.axes, setting.scenario.start
        bound = {party: day for party, day in given.parties.items() if day <= start}
        if len(bound) < 2:
            return None
        inside = axes.mask(bound)
        values = {term.name: given.terms[term.name] / term.scale for term in self.terms}
        proposal = self.propose(values, is_soft=given.form == "soft", exemptions=given.exemptions)
        scale = self.scale(setting, proposal)
        effects = self.effects(setting, state, given.kind, proposal, scale)
        if any(isinstance(e, TariffCut) and e.share >= 1 for e in effects):
            raise ConfigError(
                "it cuts tariffs to zero, and nobody could tell what they were without it",
                where=f"organisation.{code[0]}.agreements.{code[1]}",
                expected="a smaller cut, or a line in the table of treaties",
            )
        return Agreement(
            code="/".join((*code, "start")),
            organisation=code[0],
            item=code[1],
            area=self.name,
            kind=given.kind,
            proposal=proposal,
            scale=scale,
            effects=effects,
            opened=given.signed,
            signatories=inside,
            ratified=inside,
            acceded=np.zeros_like(inside),
            bound_at=np.where(inside, 0, -1),
            status=Status.IN_FORCE,
            signed=given.signed,
            in_force=sorted(bound.values())[1],
            at_start=inside,
        )

    def joining(
        self, setting: Setting, state: State, agreement: Agreement, joiners: Bools
    ) -> Valuation:
        """What joining an agreement alone is worth to each joiner (S,)."""
        rows = np.flatnonzero(joiners)
        without = World.of_year(setting, state).without(setting, agreement)
        signed = agreement.signatories
        each = [signed, *(signed | (np.arange(joiners.size) == row) for row in rows)]
        gains = outlook(setting, without).gains([agreement.among(inside) for inside in each])
        gain = np.zeros(joiners.size)
        gain[rows] = gains[1:][np.arange(rows.size), rows] - gains[0, rows]
        partners = np.outer(joiners, signed)  # what others make of them is not asked
        return self._as_signed(setting, state.step // 4, agreement, without, (partners, gain))

    def standing(self, setting: Setting, state: State, agreement: Agreement) -> Valuation:
        """What a signed agreement is worth to each state in the world as last assessed."""
        year, world = state.step // 4, World.of_year(setting, state)

        def work_out() -> Valuation:
            without = world.without(setting, agreement)
            gain = standing_gain(setting, world, without, agreement)
            partners = np.outer(agreement.signatories, agreement.signatories)
            np.fill_diagonal(partners, False)
            return self._as_signed(setting, year, agreement, without, (partners, gain))

        key = Same(world.terms), agreement.code, agreement.committed().remembered_as, year
        return setting.memo.recall("standing", key, 512, work_out)

    def _as_signed(
        self,
        setting: Setting,
        year: int,
        agreement: Agreement,
        without: Terms,
        found: tuple[Bools, Floats],
    ) -> Valuation:
        """What an agreement, with some partners and gains (S,), is worth to each state.

        Parameters
        ----------
        without
            Terms without it.
        """
        partners, gain = found
        deal = Deal(
            agreement.organisation,
            agreement.item,
            agreement.kind,
            setting.calendar.first_day(4 * year).year,
            without,
            partners,
        )
        offered = [agreement.proposal], [Commitment(agreement.effects, agreement.signatories)]
        value = self.valued(setting, year, deal, offered, gain[None])
        return value.row(0)


def _by_state(values: Floats, states: Indices, size: int) -> Floats:
    """(M, S) sums of values (M, E) that belong to one state each (E,), added in their order."""
    at = size * np.arange(len(values))[:, None] + states
    found = np.bincount(at.ravel(), values.ravel(), len(values) * size)
    return np.asarray(found.reshape(-1, size), dtype=float)
