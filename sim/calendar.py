"""Quarters and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Calendar", "add_months", "months_between"]

_DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Calendar:
    """The run's quarters, counted from its start.

    Examples
    --------
    >>> calendar = Calendar(date(2024, 1, 1), 64)
    >>> calendar.first_day(5), calendar.step_of(date(2025, 4, 2))
    (datetime.date(2025, 4, 1), 5)
    """

    start: date
    quarters: int

    def first_day(self, step: int) -> date:
        """First day of a quarter."""
        months = self.start.year * 12 + self.start.month - 1 + 3 * step
        return date(months // 12, months % 12 + 1, 1)

    def step_of(self, day: date) -> int:
        """The quarter in which a day lies (negative before the start)."""
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        return months // 3

    def day_at(self, step: int, share: float) -> date:
        """The day that lies at a share (0–1) of a quarter."""
        first = self.first_day(step)
        length = (self.first_day(step + 1) - first).days
        return first + timedelta(days=min(int(share * length), length - 1))

    @property
    def end(self) -> date:
        """The day after the last quarter."""
        return self.first_day(self.quarters)


def add_months(day: date, months: float) -> date:
    """The same day so many months later, cut to the month's length; part months are 30.4 days.

    Examples
    --------
    >>> add_months(date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    whole = int(months)
    count = day.year * 12 + day.month - 1 + whole
    year, month = count // 12, count % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    moved = date(year, month, min(day.day, last))
    return moved + timedelta(days=round((months - whole) * _DAYS_PER_MONTH))


def months_between(first: date, second: date) -> float:
    """Months from one day to another, a month being a twelfth of 365.25 days."""
    return (second - first).days / _DAYS_PER_MONTH
