"""What a line is measured against: its price for everybody, frozen when it was first priced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import aware
from salesmgmt.core.exact import divide
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy

_MONTHS = ProrationPolicy()


@attrs.frozen(kw_only=True)
class LineReference:
    """The price for everybody, as it was when a line was first priced. Later versions take it over unchanged.

    It is kept as the amount of a whole line, since the price of a unit may have endless decimals.

    Attributes:
        amount: what so many units cost for everybody, options included, for the whole term; in the currency of the house
            where one was named.
        quantity: how many units.
        starts: first day of the term; `None` for goods without one.
        ends: first day after it.
        terms: how many of the terms that a price is for make that term, by the pricing procedure; `None` where it did not
            say: then months are counted.
        at: the instant for which it was priced.
        rate: units of its currency for one unit of the quote's at that instant; `None` when that is not known.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import LineReference
    >>> reference = LineReference(amount=Money(20, "EUR"), quantity=Decimal(3), at=datetime(2026, 3, 2, tzinfo=UTC))
    >>> reference.unit_price, reference.amount_of(Decimal(6), "EUR")
    (Money('6.666666666666666666666666666666667', 'EUR'), Money('40', 'EUR'))
    """

    amount: Money
    quantity: Decimal
    starts: date | None = None
    ends: date | None = None
    terms: Decimal | None = None
    at: datetime = attrs.field(validator=aware)
    rate: Decimal | None = Decimal(1)

    @property
    def unit_price(self) -> Money:
        """The price of a unit, to 34 digits."""
        return self.amount / self.quantity

    def amount_of(
        self,
        quantity: Decimal,
        currency: str,
        *,
        starts: date | None = None,
        ends: date | None = None,
        terms: Decimal | None = None,
    ) -> Money | None:
        """What another quantity for another term would cost at this price; `None` when its currency or term is not known.

        Args:
            quantity: how many units are delivered, free ones included.
            currency: of the quote; the frozen rate converts.
            starts: first day of the term that is delivered, free months included.
            ends: first day after it.
            terms: that term in the measure of the pricing procedure, where it says so.
        """
        longer = self._times(starts, ends, terms)
        if longer is None or (self.rate is None and self.amount.currency != currency):
            return None
        rate = Fraction(1) if self.rate is None or self.amount.currency == currency else Fraction(self.rate)
        amount = Fraction(self.amount.amount) * Fraction(quantity) / Fraction(self.quantity) * longer / rate
        return Money(divide(Decimal(amount.numerator), Decimal(amount.denominator)), currency)

    def per_unit(self) -> Fraction:
        """The price of a unit and month, to compare references of the same goods."""
        months = _months(self.starts, self.ends)
        return Fraction(self.amount.amount) / Fraction(self.quantity) / (months or 1)

    def _times(self, starts: date | None, ends: date | None, terms: Decimal | None) -> Fraction | None:
        """How many times as long the other term is."""
        mine, other = _months(self.starts, self.ends), _months(starts, ends)
        if mine is None or other is None:
            return Fraction(1) if mine is other else None
        if terms is not None and self.terms:
            return Fraction(terms) / Fraction(self.terms)
        return other / mine


def _months(starts: date | None, ends: date | None) -> Fraction | None:
    """The length of a term in months, exactly; `None` without one."""
    if starts is None or ends is None or ends <= starts:
        return None
    return _MONTHS.length(Period(starts, ends))


def _prices(given: Mapping[str, Money]) -> Mapping[str, Money]:
    return dict(given)


@attrs.frozen(kw_only=True)
class ReferenceBasis:
    """What the house knows of prices for everybody, beside what the pricing of a quote says itself.

    Attributes:
        unit_prices: the list price of a unit by product, in its own unit of measure and of one currency. They are what units
            are measured against that rules add, lines that have no price but one set by hand, lines of a quote in another
            currency, and those that a cheaper price list was chosen for.
        rates: what converts the currency of the quote, by the day on which a line is first priced.

    Raises:
        InvalidInput: a price is negative, or they are of several currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.quotes import ReferenceBasis
    >>> ReferenceBasis(unit_prices={"bag": Money(30, "EUR")}).currency
    'EUR'
    """

    unit_prices: Mapping[str, Money] = attrs.field(factory=dict, converter=_prices, hash=False)
    rates: ExchangeRates | None = None

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(f"unit_prices.{product}", code, shorten(str(price)), wanted)
            for product, price in self.unit_prices.items()
            for code, wanted, is_wrong in (
                ("negative", "zero or more", price.amount < 0),
                ("currency", f"an amount in {self.currency}", price.currency != self.currency),
            )
            if is_wrong
        ]
        if problems:
            raise InvalidInput("reference basis", problems)

    @property
    def currency(self) -> str | None:
        """The currency of the prices; `None` when there are none."""
        return next((price.currency for price in self.unit_prices.values()), None)
