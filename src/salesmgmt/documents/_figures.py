"""Amounts and percentages as people read them in a document."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.currency import currency
from salesmgmt.core.exact import WIDE
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.core.wording import Wording

_POINTS = Rounding("half_up", "0.01")
_SIX = Rounding("half_up", "0.000001")


def fine_amount(wording: Wording, amount: Money) -> str:
    """An amount that need not be whole cents: with more decimals than its currency has where it has them, up to six.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.wording import Wording
    >>> from salesmgmt.documents._figures import fine_amount
    >>> [fine_amount(Wording("en"), Money(amount, "EUR")) for amount in ("2", "1.995", "0.33333333")]
    ['€2.00', '€1.995', '€0.333333']
    """
    rounded = _SIX.apply(amount.amount).normalize(WIDE)
    decimals = max(-int(rounded.as_tuple().exponent), currency(amount.currency).decimals or 0)
    finest = Rounding("half_up", Decimal(1).scaleb(-decimals))
    return wording.money(Money(rounded, amount.currency), rounding=finest)


def part_of(wording: Wording, part: Money, whole: Money) -> str:
    """What a part is of a whole, in percent; nothing where the whole is not above zero, or it would read as zero.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.wording import Wording
    >>> from salesmgmt.documents._figures import part_of
    >>> [part_of(Wording("en"), Money(part, "EUR"), Money(300, "EUR")) for part in ("50", "0.01", "0")]
    ['16.67%', '', '']
    """
    if whole.amount <= 0:
        return ""
    percent = Percent.of_ratio(part / whole)
    return percentage(wording, percent) if _POINTS.apply(percent.points) else ""


def percentage(wording: Wording, value: Percent) -> str:
    """A percentage with at most two decimals of a point.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.wording import Wording
    >>> from salesmgmt.documents._figures import percentage
    >>> percentage(Wording("en"), Percent("10")), percentage(Wording("en"), Percent("33.3333"))
    ('10%', '33.33%')
    """
    return wording.percent(Percent(_POINTS.apply(value.points)))
