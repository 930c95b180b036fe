"""How many leads a member may take in a day."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import Number, divide, exact, subtract
from salesmgmt.core.rounding import Rounding, RoundingMode


class InvalidQuota(SalesError, ValueError):
    """A quota was asked of figures that give none.

    Attributes:
        what: which figure it is.
        found: what was given.
        wanted: what would have been right.
    """

    code = "invalid_quota"

    def __init__(self, what: str, found: object, wanted: str) -> None:
        self.what = what
        self.found = shorten(found)
        self.wanted = wanted
        super().__init__(f"{what} is {self.found}", hint=f"give {wanted}")


def daily_quota(
    capacity: Number,
    *,
    days: int = 30,
    rounding: RoundingMode | str | None = RoundingMode.HALF_UP,
    assigned: int = 0,
) -> Decimal:
    """Return how many leads a member may still take today: capacity / days, rounded, less what was assigned.

    Args:
        capacity: leads in `days` days, not below 0.
        days: days of the capacity, above 0.
        rounding: how the quotient becomes a whole number; `None` leaves it as it is.
        assigned: leads of the last 24 hours; 0 for a forced run, which does not ask.

    Returns:
        The leads; below zero when more were assigned than the quota allows.

    Raises:
        InvalidQuota: capacity or assigned is below 0, or there are no days.

    >>> from salesmgmt.pipeline.leads import daily_quota
    >>> daily_quota(45), daily_quota(45, assigned=30)
    (Decimal('2'), Decimal('-28'))
    """
    leads = exact(capacity, "a capacity")
    if leads < 0:
        raise InvalidQuota("the capacity", leads, "leads in a period, not below 0")
    if days < 1:
        raise InvalidQuota("the number of days", days, "at least one day")
    if assigned < 0:
        raise InvalidQuota("the number of assigned leads", assigned, "leads, not below 0")
    share = divide(leads, Decimal(days))
    whole = share if rounding is None else Rounding(rounding, 1).apply(share)
    return subtract(whole, Decimal(assigned))
