"""Recency, frequency, monetary value: how a customer has bought (Hughes 1994)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.entity import AccountId
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.period import require_date
from salesmgmt.customers.purchases import Purchase


class MonetaryBasis(StrEnum):
    """What the monetary value of a customer is.

    >>> from salesmgmt.customers import MonetaryBasis
    >>> MonetaryBasis("total").name
    'TOTAL'
    """

    MEAN_PER_DAY = "mean_per_day"
    """What a day with a purchase brings on average; independent of the frequency."""
    TOTAL = "total"
    """All that was bought."""


@attrs.frozen(kw_only=True)
class RfmSummary:
    """How a customer has bought up to a day.

    Attributes:
        customer: who.
        as_of: the last day that counts.
        recency_days: days since the last purchase, 0 for one on `as_of`.
        frequency: days with a purchase.
        monetary: what they brought, see `MonetaryBasis`; exact to 34 digits, never rounded.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.customers import RfmSummary
    >>> day = date(2026, 1, 31)
    >>> RfmSummary(customer="acme", as_of=day, recency_days=3, frequency=7, monetary=Money(50, "EUR")).frequency
    7
    """

    customer: AccountId
    as_of: date
    recency_days: int
    frequency: int
    monetary: Money


def summarise_rfm(
    purchases: Iterable[Purchase],
    *,
    as_of: date,
    monetary: MonetaryBasis | str = MonetaryBasis.MEAN_PER_DAY,
) -> tuple[RfmSummary, ...]:
    """Sum up purchases by customer, in the order of the customers' ids.

    Several purchases on one day are one. A return lowers the value and is no purchase. Purchases after `as_of` have not
    happened yet; a customer without a purchase up to then has no summary.

    Args:
        purchases: in any order, all of one currency.
        as_of: the last day that counts.
        monetary: what the monetary value is.

    Raises:
        CurrencyMismatch: amounts of two currencies; convert them first.
        NotADate: `as_of` is no date.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.customers import Purchase, summarise_rfm
    >>> bought = [Purchase("acme", date(2026, 1, 5), Money(100, "EUR")), Purchase("acme", date(2026, 2, 9), Money(50, "EUR"))]
    >>> (acme,) = summarise_rfm(bought, as_of=date(2026, 2, 28))
    >>> acme.recency_days, acme.frequency, acme.monetary
    (19, 2, Money('75', 'EUR'))
    """
    until, basis = require_date(as_of, "as_of"), MonetaryBasis(monetary)
    days: dict[AccountId, set[date]] = {}
    totals: dict[AccountId, Money] = {}
    currency = None
    for purchase in purchases:
        currency = currency or purchase.amount.currency
        if purchase.amount.currency != currency:
            raise CurrencyMismatch(currency, purchase.amount.currency)
        if purchase.on > until:
            continue
        if not purchase.is_return:
            days.setdefault(purchase.customer, set()).add(purchase.on)
        before = totals.get(purchase.customer)
        totals[purchase.customer] = purchase.amount if before is None else before + purchase.amount
    return tuple(
        RfmSummary(
            customer=customer,
            as_of=until,
            recency_days=(until - max(its)).days,
            frequency=len(its),
            monetary=totals[customer] if basis is MonetaryBasis.TOTAL else totals[customer] / len(its),
        )
        for customer, its in sorted(days.items())
    )


@attrs.frozen(kw_only=True)
class RfmScores:
    """The three scores of a customer; the highest is the best of each.

    Attributes:
        customer: who.
        as_of: the day of the summary.
        recency: score of the days since the last purchase: the fewer, the higher.
        frequency: score of the number of purchases.
        monetary: score of their value.

    >>> from datetime import date
    >>> from salesmgmt.customers import RfmScores
    >>> scores = RfmScores(customer="acme", as_of=date(2026, 2, 28), recency=5, frequency=4, monetary=1)
    >>> scores.code, scores.total
    ('541', 10)
    """

    customer: AccountId
    as_of: date
    recency: int
    frequency: int
    monetary: int

    @property
    def code(self) -> str:
        """The scores side by side; with dashes between them where one has two digits."""
        parts = (str(self.recency), str(self.frequency), str(self.monetary))
        return ("-" if max(map(len, parts)) > 1 else "").join(parts)

    @property
    def total(self) -> int:
        """The sum of the scores."""
        return self.recency + self.frequency + self.monetary


def measures(summary: RfmSummary) -> dict[str, Decimal]:
    """Return the three plain numbers of a summary that are scored, by name.

    >>> from datetime import date
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.customers.rfm import RfmSummary, measures
    >>> measures(RfmSummary(customer="a", as_of=date(2026, 1, 1), recency_days=3, frequency=2, monetary=Money(5, "EUR")))
    {'recency': Decimal('3'), 'frequency': Decimal('2'), 'monetary': Decimal('5')}
    """
    return {
        "recency": Decimal(summary.recency_days),
        "frequency": Decimal(summary.frequency),
        "monetary": summary.monetary.amount,
    }
