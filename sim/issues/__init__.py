"""Issue areas, one module or package each, found by themselves.

A module of this package that defines ``AREA: IssueArea`` adds its area; the rest of the model asks
`areas` and never names one.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.issues.base import IssueArea

__all__ = ["areas"]


@cache
def areas() -> dict[str, IssueArea]:
    """Issue areas by name.

    Examples
    --------
    >>> "trade" in areas()
    True
    """
    found = {}
    for module in pkgutil.iter_modules(__path__):
        area = getattr(importlib.import_module(f"{__name__}.{module.name}"), "AREA", None)
        if area is not None:
            found[area.name] = area
    return found
