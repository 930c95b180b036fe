"""Durations in days."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from salesmgmt.core.exact import divide

_MICROSECOND = timedelta(microseconds=1)
_DAY = Decimal(timedelta(days=1) // _MICROSECOND)


def days_between(start: datetime, end: datetime) -> Decimal:
    """Return the days of 24 hours from one instant to another, with their fraction; below zero when `end` is earlier."""
    return divide(Decimal((end - start) // _MICROSECOND), _DAY)
