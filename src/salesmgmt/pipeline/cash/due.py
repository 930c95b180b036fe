"""When something falls due: steps from a date to a date, as data."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import attrs

from salesmgmt.core.errors import shorten
from salesmgmt.core.period import (
    DateOutOfRange,
    add_months,
    day_of_month,
    end_of_month,
    next_day_of_month,
    require_date,
    require_part,
)
from salesmgmt.pipeline.cash.refusals import InvalidTerms


class DueMove(StrEnum):
    """One way to go from a date to a date.

    >>> from salesmgmt.pipeline.cash import DueMove
    >>> DueMove("month_end").name
    'MONTH_END'
    """

    DAYS = "days"
    """So many days on."""
    MONTHS = "months"
    """So many months on, the same day or the last of a shorter month (31 January + 1 = 28 February)."""
    MONTH_END = "month_end"
    """To the last day of the month."""
    DAY_OF_MONTH = "day_of_month"
    """To this day of the same month, at most its last, even when that is earlier."""
    NEXT_DAY_OF_MONTH = "next_day_of_month"
    """On to the first such day that is not earlier, in this month or the next."""


def is_day(_owner: object, field: attrs.Attribute[Any], value: date) -> None:
    """Attrs validator: the value is a date and no instant; raises `NotADate`."""
    require_date(value, field.name)


@attrs.frozen
class DueStep:
    """A step of a rule.

    Attributes:
        move: which way to go.
        number: how many days or months, zero or more, or which day of the month, 1 to 31; `None` for `month_end`.

    Raises:
        InvalidTerms: the number does not go with the move.
        NoSuchPart: no month has such a day.

    >>> from datetime import date
    >>> from salesmgmt.pipeline.cash import DueMove, DueStep
    >>> DueStep(DueMove.DAYS, 30).after(date(2026, 1, 31))
    datetime.date(2026, 3, 2)
    """

    move: DueMove
    number: int | None = attrs.field(default=None)

    @number.validator
    def _fits(self, _field: attrs.Attribute[Any], number: int | None) -> None:
        match self.move:
            case DueMove.MONTH_END:
                if number is not None:
                    raise InvalidTerms(
                        "bad_number", f"month_end has the number {shorten(number)}", hint="leave it out"
                    )
            case DueMove.DAYS | DueMove.MONTHS:
                if type(number) is not int or number < 0:
                    raise InvalidTerms(
                        "bad_number",
                        f"{self.move} has the number {shorten(number)}",
                        hint="give a whole number of zero or more",
                    )
            case DueMove.DAY_OF_MONTH | DueMove.NEXT_DAY_OF_MONTH:
                require_part(number, "day of the month", 31)

    def after(self, day: date) -> date:
        """Return the date that this step leads to; raises `DateOutOfRange`."""
        number = self.number or 0
        match self.move:
            case DueMove.DAYS:
                try:
                    return require_date(day, "day") + timedelta(days=number)
                except OverflowError:
                    raise DateOutOfRange(f"{day} and {shorten(number)} days") from None
            case DueMove.MONTHS:
                return add_months(day, number)
            case DueMove.MONTH_END:
                return end_of_month(day)
            case DueMove.DAY_OF_MONTH:
                return day_of_month(day, number)
            case DueMove.NEXT_DAY_OF_MONTH:
                return next_day_of_month(day, number)


@attrs.frozen
class DueRule:
    """Steps from one date to another, taken in order; without steps it is the same day.

    "45 days, end of month" and "end of month, 45 days" are different rules, so the order is the writer's. Rules are made by
    adding steps to the empty one, or stand in TOML as `steps = [{ move = "month_end" }, { move = "days", number = 45 }]`.

    Attributes:
        steps: the steps.

    >>> from datetime import date
    >>> from salesmgmt.pipeline.cash import DueRule
    >>> DueRule().month_end().days(45).due(date(2019, 1, 15))
    datetime.date(2019, 3, 17)
    >>> DueRule().days(45).month_end().due(date(2019, 1, 15))
    datetime.date(2019, 3, 31)
    """

    steps: tuple[DueStep, ...] = ()

    def days(self, number: int) -> DueRule:
        """Add: so many days on."""
        return self._then(DueMove.DAYS, number)

    def months(self, number: int) -> DueRule:
        """Add: so many months on."""
        return self._then(DueMove.MONTHS, number)

    def month_end(self) -> DueRule:
        """Add: to the end of the month."""
        return self._then(DueMove.MONTH_END)

    def day_of_month(self, number: int) -> DueRule:
        """Add: to this day of the month, at most its last."""
        return self._then(DueMove.DAY_OF_MONTH, number)

    def next_day_of_month(self, number: int) -> DueRule:
        """Add: on to the next such day of a month, the date itself included."""
        return self._then(DueMove.NEXT_DAY_OF_MONTH, number)

    def _then(self, move: DueMove, number: int | None = None) -> DueRule:
        return DueRule((*self.steps, DueStep(move, number)))

    def due(self, day: date) -> date:
        """Return the date it leads to from `day`.

        Raises:
            NotADate: `day` is no date, or is an instant.
            DateOutOfRange: it leads beyond the year 9999.
        """
        require_date(day, "day")
        for step in self.steps:
            day = step.after(day)
        return day


AT_ONCE = DueRule()
"""The rule without steps: the same day."""
