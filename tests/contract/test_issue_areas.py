"""Every issue area values its proposals in the shapes and units that the rest counts on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.agreements import EFFECTS
from sim.behaviour.parties import seat_parties
from sim.behaviour.utility import systematic_utility
from sim.engine import open_model
from sim.forum import body
from sim.issues import areas
from sim.issues.menu import Menu
from sim.kernels.acceptance import gain_utility
from sim.load import scenario_from
from sim.phases import PHASES

ADDED = Path(__file__).parents[1] / "areas"
AREAS = sorted({*areas(), *(file.stem for file in ADDED.glob("*.py"))})
ORGANISATIONS = (
    "ASEAN",
    "ANDEAN",
    "CPTPP",
    "EU",
    "MERCOSUR",
    "RCEP",
    "WTO",
    "DEPA",
    "WHO",
    "OAS",
    "PACIFIC_ALLIANCE",
    "NORDIC",
    "PARIS",
)
ALIKE = {"opens": "2024-01-01", "deadline_quarters": 8}
# The areas of the tests, security and packages have no charter that negotiates them by default.
NEW = {
    "OAS": {
        "docket": {"new": {"area": "security", "kind": "non_use_of_force", "levels": [50, 100],
                           **ALIKE}},
        "decision": {"security": {"rule": "partial_adoption"}, "rights": {"rule": "consensus"}},
        "secretariat": {"capacity": 0.2, "meetings_per_year": 12},
    },
    "PACIFIC_ALLIANCE": {
        "mandate": ["trade", "package"],
        "docket": {"new": {"area": "package", "kind": "non_use_of_force", "levels": [0, 5],
                           "tariff_cuts": [50], "terms": {"strictness": [100]}, **ALIKE}},
        "decision": {"package": {"rule": "partial_adoption"}},
        "secretariat": {"capacity": 0.2, "meetings_per_year": 12},
    },
    "NORDIC": {
        "docket": {"new": {"area": "climate", "kind": "common_cut", "levels": [20, 40], **ALIKE}},
        "decision": {"climate": {"rule": "partial_adoption"}},
        "mandate": ["climate"],
        "secretariat": {"capacity": 0.35, "meetings_per_year": 12},
    },
    "DEPA": {
        "mandate": ["data_flows"],
        "agreements": {},
        "docket": {"new": {"area": "data_flows", "kind": "partnership", "levels": [1, 3],
                           "terms": {"paperless": [0, 1]}, **ALIKE}},
        "decision": {"data_flows": {"rule": "partial_adoption"}},
        "form": "binding",
        "secretariat": {"capacity": 0.2, "meetings_per_year": 12},
    },
    "WHO": {
        "mandate": ["health", "surveillance"],
        "docket": {"new": {"area": "surveillance", "kind": "early_warning", "levels": [0.01, 0.05],
                           **ALIKE},
                   "pool": {"area": "health", "kind": "procurement", "levels": [50, 100], **ALIKE},
                   "prepared": {"area": "health", "kind": "preparedness", "levels": [25, 50],
                                **ALIKE}},
        "decision": {area: {"rule": "partial_adoption"} for area in ("health", "surveillance")},
        "secretariat": {"capacity": 0.9, "meetings_per_year": 12},
    },
}  # fmt: skip


def _on_offer(name):
    """An item of an area that no charter here negotiates: all of it, or a tenth."""
    first, *others = areas()[name].terms
    terms = {term.name: [0, term.high] for term in others}
    kind = areas()[name].kinds[0]
    levels = [first.high / 10, first.high]
    return {"area": name, "kind": kind, "levels": levels, "terms": terms, **ALIKE}


def _with_new_areas(charters):
    """Charters, and AFCFTA with an item of each area that none of them has."""
    items = (item for one in charters.values() for item in one["docket"].values())
    new = sorted(set(AREAS) - {item.get("area", "trade") for item in items})
    if not new:
        return charters
    own = {
        "mandate": new,
        "docket": {name: _on_offer(name) for name in new},
        "decision": {name: {"rule": "partial_adoption"} for name in new},
        "secretariat": {"capacity": 0.5, "meetings_per_year": 12},
    }
    return {**charters, "AFCFTA": own}


@pytest.fixture(scope="module")
def model(composed, more_areas):
    """A world in its third quarter, when first agreements are signed."""
    mapping = composed("baseline", quarters=4)
    mapping["switches"]["security_talks"] = True
    charters = mapping["organisation"]
    kept = {code: {**charters[code], **NEW.get(code, {})} for code in ORGANISATIONS}
    added = _with_new_areas(kept)
    mapping["organisation"] = {code: {**charters[code], **own} for code, own in added.items()}
    found = open_model(scenario_from(mapping), seed=1)
    for _ in range(3):
        found.step()
    assert set(AREAS) == set(more_areas)
    return found


def _items(model, area):
    """(organisation, docket item, members) of every item of an area."""
    for code in model.setting.axes.organisations:
        members = model.state.is_member[model.setting.axes.organisation(code)].copy()
        for spec in model.setting.charter(code).docket.values():
            if spec.area == area:
                yield code, spec, members


@pytest.fixture(scope="module")
def menus(model):
    """Area → [(organisation, spec, members, menu)]."""
    return {
        name: [
            (
                code,
                spec,
                members,
                areas()[name].menu(
                    model.setting, model.state, body(model.setting, code, name), spec, members
                ),
            )
            for code, spec, members in _items(model, name)
        ]
        for name in AREAS
    }


def _filled(menus, area):
    found = [case for case in menus[area] if not case[3].is_empty]
    assert found, f"no organisation here has anything to negotiate in {area}"
    return found


def test_areas_are_found_under_their_own_names(more_areas):
    assert all(more_areas[name].name == name for name in AREAS)


@pytest.mark.parametrize("area", AREAS)
def test_an_area_says_what_it_is(area, more_areas):
    found = more_areas[area]
    assert found.kinds
    assert found.claims.is_club_good <= set(found.kinds)
    assert found.claims.forms
    assert len({term.name for term in found.terms}) == len(found.terms) >= 1
    for term in found.terms:
        assert term.unit
        assert term.meaning
        assert term.low < term.high


@pytest.mark.parametrize("area", AREAS)
def test_what_a_proposal_does_is_made_of_registered_effects(area, menus):
    for _, _, _, menu in _filled(menus, area):
        assert len(menu.effects) == len(menu.proposals)
        for effects in menu.effects:
            assert effects
            assert all(EFFECTS[type(e).__name__] is type(e) for e in effects)


def test_every_docket_item_of_the_charters_has_its_area(setting):
    asked = {d.area for c in setting.scenario.organisation.values() for d in c.docket.values()}
    assert asked <= set(AREAS)


@pytest.mark.parametrize("area", AREAS)
def test_menus_have_their_shapes(area, menus, model):
    size = len(model.setting.axes.states)
    for _, _, _, menu in menus[area]:
        count = len(menu.proposals)
        assert isinstance(menu, Menu)
        assert menu.scale.shape == (count,)
        assert menu.value.gain.shape == menu.value.red_lines.shape == (count, size)
        assert menu.has_obligation.shape == (size,)
        assert all(part.shape[-1] == size for part in menu.value.parts.values())


@pytest.mark.parametrize("area", AREAS)
def test_gains_are_finite_percents_and_scales_are_shares(area, menus):
    for _, _, _, menu in _filled(menus, area):
        assert np.isfinite(menu.value.gain).all()
        assert np.abs(menu.value.gain).max() < 50.0
        assert (menu.scale > 0).all()
        assert (menu.scale <= 1).all()
        assert (menu.value.red_lines >= 0).all()


@pytest.mark.parametrize("area", AREAS)
def test_only_members_are_asked_for_anything(area, menus):
    for _, _, members, menu in menus[area]:
        assert not (menu.has_obligation & ~members).any()


@pytest.mark.parametrize("area", AREAS)
def test_who_is_asked_for_nothing_has_nothing_to_refuse(area, menus, model):
    for _, _, _, menu in _filled(menus, area):
        utility = systematic_utility(model.setting, model.state, menu)
        assert (utility[:, ~menu.has_obligation] == 0).all()
        assert (utility[:, menu.has_obligation] != 0).any()


@pytest.mark.parametrize("area", AREAS)
def test_exemptions_never_add_to_a_proposal_and_take_red_lines_away(area, menus):
    for _, _, _, menu in _filled(menus, area):
        plain = {(p.terms, p.is_soft): n for n, p in enumerate(menu.proposals) if not p.exemptions}
        for n, p in enumerate(menu.proposals):
            whole = plain.get((p.terms, p.is_soft))
            if whole is None:  # nobody wants it whole
                continue
            assert menu.scale[n] <= menu.scale[whole]
            assert (menu.value.red_lines[n] <= menu.value.red_lines[whole] + 1e-12).all()


@pytest.mark.parametrize("area", AREAS)
def test_a_soft_form_does_less_and_crosses_less(area, menus, more_areas):
    pairs = 0
    forms = {p.form for _, _, _, menu in menus[area] for p in menu.proposals}
    assert forms == set(more_areas[area].claims.forms)
    for _, _, _, menu in _filled(menus, area):
        hard = {(p.terms, p.exemptions): n for n, p in enumerate(menu.proposals) if not p.is_soft}
        for n, p in enumerate(menu.proposals):
            whole = hard.get((p.terms, p.exemptions)) if p.is_soft else None
            if whole is not None:
                pairs += 1
                assert menu.scale[n] < menu.scale[whole]
                assert (menu.value.red_lines[n] <= menu.value.red_lines[whole]).all()
    assert (pairs > 0) == (len(forms) > 1)


@pytest.mark.parametrize("area", AREAS)
def test_outsiders_bring_no_soft_item_a_binding_text(area, menus, model):
    for code, _, _, menu in menus[area]:
        if model.setting.charter(code).form == "soft":
            assert all(p.is_soft for p in menu.proposals)


@pytest.mark.parametrize("area", AREAS)
def test_a_coalition_is_valued_inside_and_nowhere_else(area, menus, model):
    code, _, members, menu = _filled(menus, area)[0]
    parties = seat_parties(model.setting, model.state, body(model.setting, code, area), members)
    some = members.copy()
    some[np.flatnonzero(members)[0]] = False
    value = menu.value_in(len(menu.proposals) - 1, some, parties.states)
    assert value.shape == members.shape
    assert np.isfinite(value[some]).all()
    assert np.isnan(value[~some]).all()


@pytest.mark.parametrize("area", AREAS)
def test_a_coalition_of_one_gains_nothing_from_a_club_good(area, menus, model, more_areas):
    for code, spec, members, menu in _filled(menus, area):
        if spec.kind in more_areas[area].claims.is_club_good:
            parties = seat_parties(
                model.setting, model.state, body(model.setting, code, area), members
            )
            alone = parties.states[int(np.argmax(parties.states.sum(axis=1) == 1))]
            if alone.sum() == 1:
                assert abs(menu.value_in(0, alone, parties.states)[alone][0]) < 1e-9


@pytest.mark.parametrize("area", AREAS)
def test_the_menu_agrees_with_the_exact_value_of_all_together(area, menus, model):
    """Menus may be interpolated; what counts is the error in logits, beside noise of scale one."""

    def logits(gain):
        setting = model.setting
        return gain_utility(gain, setting["acceptance_gain"], setting["acceptance_half_gain"])

    for code, _, members, menu in _filled(menus, area):
        parties = seat_parties(model.setting, model.state, body(model.setting, code, area), members)
        everybody = parties.to_states(np.ones(len(parties.codes), dtype=bool))
        for n in (0, len(menu.proposals) // 2, len(menu.proposals) - 1):
            # They leave together or not at all: being in is then worth the gain over nothing.
            exact = menu.value_in(n, everybody, everybody[None, :])[everybody]
            error = np.abs(logits(menu.value.gain[n, everybody]) - logits(exact))
            assert error.max() < 0.1


@pytest.mark.parametrize("area", AREAS)
def test_nothing_is_offered_where_nothing_is_left_to_give(area, model):
    for code, spec, members in _items(model, area):
        nobody = np.zeros_like(members)
        assert (
            areas()[area]
            .menu(model.setting, model.state, body(model.setting, code, area), spec, nobody)
            .is_empty
        )
        one = nobody.copy()
        one[np.flatnonzero(members)[0]] = True
        if spec.kind in areas()[area].claims.is_club_good:
            assert (
                areas()[area]
                .menu(model.setting, model.state, body(model.setting, code, area), spec, one)
                .is_empty
            )


@pytest.mark.parametrize("area", AREAS)
def test_a_signed_agreement_is_worth_something_to_its_signatories(area, model):
    signed = [a for a in model.state.agreements if a.area == area and a.is_committed.any()]
    assert signed
    for agreement in signed:
        gain = areas()[area].standing(model.setting, model.state, agreement).gain
        assert gain.shape == agreement.signatories.shape
        assert np.isfinite(gain).all()
        income = model.setting.income
        joint = (gain * income)[agreement.signatories].sum() / income[agreement.signatories].sum()
        assert joint > 0 or areas()[area].claims.may_lose
        assert joint != 0


@pytest.mark.parametrize("area", AREAS)
def test_valuing_changes_nothing(area, model):
    before = model.state.copy()
    for code, spec, members in _items(model, area):
        areas()[area].menu(
            model.setting, model.state, body(model.setting, code, area), spec, members
        )
    for name in {name for phase in PHASES for name in phase.writes} - {"agreements", "docket"}:
        np.testing.assert_array_equal(before[name], model.state[name])
