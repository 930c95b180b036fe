"""Which fields of a deal people may amend, and what each holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent

_TEXT = "a text"

AMENDABLE: Mapping[str, tuple[type, str, bool]] = {
    "name": (str, _TEXT, True),
    "account": (str, _TEXT, False),
    "contact": (str, _TEXT, False),
    "owner": (str, _TEXT, False),
    "amount": (Money, "an amount of money", False),
    "product": (str, _TEXT, False),
    "source": (str, _TEXT, True),
    "campaign": (str, _TEXT, False),
    "expected_close": (date, "a date", False),
}
"""What each field holds, what that is called, and whether it must not be missing."""

_OWN_KINDS = (bool, Decimal, int, str, date, Money, Percent)


def holds(name: str, value: object) -> bool:
    """Whether a field may hold a value; `name` is one of `AMENDABLE`."""
    kind, _, needed = AMENDABLE[name]
    if value is None:
        return not needed
    return isinstance(value, kind) and not isinstance(value, datetime)


def own_holds(value: object) -> bool:
    """Whether a host's own field may hold a value: one of the formula language that can be stored."""
    if isinstance(value, frozenset):
        return all(not isinstance(member, frozenset) and own_holds(member) for member in value)
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, datetime):
        return value.utcoffset() is not None
    return isinstance(value, _OWN_KINDS)
