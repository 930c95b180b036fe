"""What the numbers and dates of a definition may be."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from salesmgmt.core.clock import is_before
from salesmgmt.core.errors import Problem


def check_number(
    problems: list[Problem], path: str, value: Decimal | None, *, above_zero: bool = False
) -> None:
    """Note a number that is negative, or zero where it may not be."""
    if value is not None and (value < 0 or (above_zero and not value)):
        wanted = "a number above zero" if above_zero else "zero or more"
        problems.append(Problem(path, "out_of_bounds", f"{value:f}", wanted))


def check_validity(problems: list[Problem], start: datetime | None, end: datetime | None) -> None:
    """Note a validity without time zone, or one that ends before it begins."""
    for name, instant in (("valid_from", start), ("valid_to", end)):
        if instant is not None and instant.utcoffset() is None:
            problems.append(
                Problem(name, "no_time_zone", instant.isoformat(), "an instant with its time zone")
            )
            return
    if start is not None and end is not None and not is_before(start, end):
        problems.append(Problem("valid_to", "reversed_dates", end.isoformat(), "an instant after valid_from"))
