"""Whether what charters say of sanctions can be carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.rules.decision import DECISION_RULES

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["check"]


def check(setting: Setting) -> None:
    """Rules by which bodies decide on sanctions bind, at any time.

    Raises
    ------
    ConfigError
        Unknown rule or parameter of a rule.
    """
    for code, charter in setting.scenario.organisation.items():
        mandates = {"": charter.security} | {
            f"versions.{name}.": one.security for name, one in charter.versions.items()
        }
        for place, mandate in mandates.items():
            rule = mandate.sanctions.rule if mandate and mandate.sanctions else None
            if rule is not None:
                where = f"organisation.{code}.{place}security.sanctions.rule"
                DECISION_RULES.bind(rule.rule, rule.parameters, where)
