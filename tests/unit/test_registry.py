"""Names in YAML become functions whose parameters were checked."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from sim.errors import ConfigError
from sim.registry import Registry


@pytest.fixture
def rules() -> Registry:
    registry: Registry = Registry("rule")

    @registry.register
    def quota(
        ballot: float,
        *,
        share: Annotated[float, Field(gt=0, le=1)] = 0.5,
        of: Literal["members", "voting"] = "members",
    ) -> tuple[float, float, str]:
        """At least a share.

        More about it.
        """
        return ballot, share, of

    @registry.register
    def asks(ballot: float, *, state: str) -> str:
        return f"{ballot}{state}"

    return registry


def test_a_bound_rule_has_its_parameters_and_its_defaults(rules: Registry) -> None:
    assert rules.bind("quota", {"share": 0.75})(3.0) == (3.0, 0.75, "members")
    assert rules.bind("asks", {"state": "CHL"})(1) == "1CHL"


def test_numbers_are_made_of_what_yaml_gives(rules: Registry) -> None:
    assert rules.bind("quota", {"share": 1})(0.0)[1] == 1.0
    assert isinstance(rules.bind("quota", {"share": 1})(0.0)[1], float)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("quoat", {}, ["unknown rule 'quoat'", "'quota' (nearest)"]),
        ("quota", {"shre": 1}, ["no parameter 'shre'", "'share' (nearest)"]),
        ("quota", {"share": 0}, ["share = 0", "above 0"]),
        ("quota", {"share": 1.01}, ["share = 1.01"]),
        ("quota", {"share": "half"}, ["share = 'half'"]),
        ("quota", {"of": "peers"}, ["of = 'peers'", "'members' or 'voting'"]),
        ("asks", {}, ["state"]),
    ],
)
def test_faults_have_their_place(
    rules: Registry, name: str, given: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        rules.bind(name, given, "organisation.X.decision.trade")
    assert caught.value.where == "organisation.X.decision.trade"
    for word in words:
        assert word in str(caught.value)


def test_a_rule_without_parameters_says_so() -> None:
    registry: Registry = Registry("rule")
    registry.register(lambda_rule)
    with pytest.raises(ConfigError, match="Expected no parameters"):
        registry.bind("lambda_rule", {"x": 1})


def lambda_rule(ballot: float) -> bool:
    """A rule without parameters."""
    return ballot > 0


def test_a_name_is_taken_once(rules: Registry) -> None:
    rules.register(lambda_rule)
    with pytest.raises(ConfigError, match="'lambda_rule' is registered twice"):
        rules.register(lambda_rule)


def test_it_is_listed_by_name_with_summary_and_parameters(rules: Registry) -> None:
    assert list(rules) == ["asks", "quota"]
    assert len(rules) == 2
    assert rules["quota"].summary == "At least a share."
    assert rules["asks"].summary == ""
    assert rules["quota"].parameters["share"] == "float = 0.5 (> 0, ≤ 1)"
    with pytest.raises(ConfigError, match="'quota' \\(nearest\\)"):
        rules["quotas"]
