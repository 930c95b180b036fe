"""Dated exchange rates: look one up, convert money, and show which quotes were used."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import WIDE, Number, divide, exact
from salesmgmt.core.money import Money
from salesmgmt.core.period import require_date
from salesmgmt.core.rounding import Rounding

_Pair: TypeAlias = tuple[str, str]


class InvalidExchangeRate(SalesError, ValueError):
    """A quote of an exchange rate makes no sense.

    Attributes:
        found: the quote as it was given.
    """

    code = "invalid_exchange_rate"

    def __init__(self, found: ExchangeRate, reason: str, *, hint: str) -> None:
        self.found = str(found)
        super().__init__(f"{self.found}: {reason}", hint=hint)


class ConflictingRates(SalesError, ValueError):
    """Two quotes give different rates for the same currencies on the same day.

    Attributes:
        first: the one quote.
        second: the other.
    """

    code = "conflicting_rates"

    def __init__(self, first: ExchangeRate, second: ExchangeRate) -> None:
        self.first = first
        self.second = second
        super().__init__(f"{first} and {second} contradict each other", hint="keep one of them")


class NoExchangeRate(SalesError, LookupError):
    """No quote leads from one currency to the other on a day.

    Attributes:
        base: the currency to convert from.
        quote: the currency to convert to.
        on: the day.
        nearest: the nearest day with a quote between the two, which is too late or too old; `None` if there is none.
    """

    code = "no_exchange_rate"

    def __init__(self, base: str, quote: str, *, on: date, nearest: date | None) -> None:
        self.base = base
        self.quote = quote
        self.on = on
        self.nearest = nearest
        known = f"the nearest quote is of {nearest}" if nearest else "there is no quote on any day"
        super().__init__(
            f"there is no rate from {base} to {quote} on {on} ({known})",
            hint="add a quote, name a pivot currency, or allow older quotes",
        )


def _code(value: str) -> str:
    return currency(value).code


def _rate(value: Number) -> Decimal:
    return exact(value, "an exchange rate")


def _day(value: date) -> date:
    return require_date(value, "on")


@attrs.frozen
class ExchangeRate:
    """A quote: from a day on, one unit of `base` costs `rate` units of `quote`.

    Attributes:
        base: the currency that is priced, `EUR`.
        quote: the currency of the price, `CNY`.
        rate: above zero.
        on: the business day from which it holds, until a newer quote.

    Raises:
        InvalidExchangeRate: the rate is not above zero, or the currencies are the same.
        UnknownCurrency, FloatRefused, NotANumber: as for `Money`.
        NotADate: `on` is no date, or has a time.

    >>> from datetime import date
    >>> from salesmgmt.core.exchange import ExchangeRate
    >>> str(ExchangeRate("EUR", "CNY", "7.85", date(2026, 1, 5)))
    '1 EUR = 7.85 CNY (2026-01-05)'
    """

    base: str = attrs.field(converter=_code)
    quote: str = attrs.field(converter=_code)
    rate: Decimal = attrs.field(converter=_rate)
    on: date = attrs.field(converter=_day)

    def __attrs_post_init__(self) -> None:
        if self.base == self.quote:
            raise InvalidExchangeRate(self, f"{self.base} is quoted in itself", hint="name two currencies")
        if self.rate <= 0:
            raise InvalidExchangeRate(self, "the rate is not above zero", hint="give a rate above zero")

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate:f} {self.quote} ({self.on})"


@attrs.frozen
class Conversion:
    """An amount in another currency, and how it came about.

    Attributes:
        money: the result.
        rate: units of the result's currency for one unit of the original, to 34 digits.
        path: the quotes that were used, in order; empty when the currency is the same.
    """

    money: Money
    rate: Decimal
    path: tuple[ExchangeRate, ...]


def _quotes(quotes: Iterable[ExchangeRate]) -> tuple[ExchangeRate, ...]:
    return tuple(quotes)


@attrs.frozen
class ExchangeRates:
    """A table of quotes, asked by day.

    Of each pair the newest quote on or before the day counts. A quote in the wanted direction is preferred to one in
    the other direction, whose inverse is taken, and that to the way through `pivot`. Nothing is rounded but to 34
    digits, unless a rounding is named.

    Attributes:
        quotes: in any order; the same quote may stand there twice.
        pivot: currency through which two others are connected, such as the one a central bank quotes.
        max_age_days: quotes older than so many days do not count; `None` lets a quote hold until the next one.

    Raises:
        ConflictingRates: two quotes of a pair and day differ.

    >>> from datetime import date
    >>> from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.rounding import Rounding
    >>> rates = ExchangeRates(
    ...     [
    ...         ExchangeRate("EUR", "CNY", "8", date(2026, 1, 5)),
    ...         ExchangeRate("EUR", "USD", "1.25", date(2026, 1, 6)),
    ...     ],
    ...     pivot="EUR",
    ... )
    >>> rates.rate("CNY", "USD", on=date(2026, 2, 1))
    Decimal('0.15625')
    >>> rates.convert(Money(99, "CNY"), "USD", on=date(2026, 2, 1), rounding=Rounding("half_up", "0.01"))
    Money('15.47', 'USD')
    """

    quotes: tuple[ExchangeRate, ...] = attrs.field(converter=_quotes)
    pivot: str | None = attrs.field(default=None, converter=attrs.converters.optional(_code))
    max_age_days: int | None = None
    _by_pair: Mapping[_Pair, tuple[ExchangeRate, ...]] = attrs.field(init=False, repr=False, eq=False)

    @_by_pair.default
    def _sort(self) -> Mapping[_Pair, tuple[ExchangeRate, ...]]:
        by_day: dict[_Pair, dict[date, ExchangeRate]] = {}
        for quote in self.quotes:
            known = by_day.setdefault((quote.base, quote.quote), {}).setdefault(quote.on, quote)
            if known.rate != quote.rate:
                raise ConflictingRates(known, quote)
        return {pair: tuple(days[day] for day in sorted(days)) for pair, days in by_day.items()}

    def rate(self, base: str, quote: str, *, on: date) -> Decimal:
        """Units of `quote` for one unit of `base`, to 34 digits.

        Raises:
            NoExchangeRate: no quotes lead from one to the other.

        >>> from datetime import date
        >>> from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
        >>> rates = ExchangeRates([ExchangeRate("EUR", "CNY", "8", date(2026, 1, 5))])
        >>> rates.rate("CNY", "EUR", on=date(2026, 1, 31))
        Decimal('0.125')
        """
        return self.conversion(Money(1, base), quote, on=on).rate

    def convert(self, money: Money, to: str, *, on: date, rounding: Rounding | None = None) -> Money:
        """Convert an amount; unrounded unless a rounding is named.

        Raises:
            NoExchangeRate: no quotes lead from one currency to the other.
        """
        return self.conversion(money, to, on=on, rounding=rounding).money

    def conversion(self, money: Money, to: str, *, on: date, rounding: Rounding | None = None) -> Conversion:
        """Convert an amount and show the way.

        The amount is multiplied with the rates of the direct quotes and divided by those of the inverse ones, with
        one rounding to 34 digits at the end; so 300 CNY at 1 EUR = 3 CNY are exactly 100 EUR.

        Raises:
            NoExchangeRate: no quotes lead from one currency to the other.

        >>> from datetime import date
        >>> from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
        >>> from salesmgmt.core.money import Money
        >>> rates = ExchangeRates([ExchangeRate("EUR", "CNY", 3, date(2026, 1, 5))])
        >>> done = rates.conversion(Money(300, "CNY"), "EUR", on=date(2026, 1, 31))
        >>> done.money, [str(quote) for quote in done.path]
        (Money('100', 'EUR'), ['1 EUR = 3 CNY (2026-01-05)'])
        """
        path = self._path(money.currency, _code(to), require_date(on, "on"))
        multiplier = divisor = Decimal(1)
        here = money.currency
        for quote in path:
            if quote.base == here:
                multiplier, here = WIDE.multiply(multiplier, quote.rate), quote.quote
            else:
                divisor, here = WIDE.multiply(divisor, quote.rate), quote.base
        converted = Money(divide(WIDE.multiply(money.amount, multiplier), divisor), here)
        return Conversion(
            converted if rounding is None else converted.rounded(rounding), divide(multiplier, divisor), path
        )

    def _path(self, base: str, to: str, on: date) -> tuple[ExchangeRate, ...]:
        if base == to:
            return ()
        quote = self._quote(base, to, on)
        if quote is not None:
            return (quote,)
        if self.pivot is not None and self.pivot not in (base, to):
            legs = self._quote(base, self.pivot, on), self._quote(self.pivot, to, on)
            if legs[0] is not None and legs[1] is not None:
                return legs[0], legs[1]
        raise NoExchangeRate(base, to, on=on, nearest=self._nearest_day(base, to, on))

    def _quote(self, base: str, to: str, on: date) -> ExchangeRate | None:
        """The newest direct quote that counts on this day, or else the newest inverse one."""
        for pair in ((base, to), (to, base)):
            quotes = self._by_pair.get(pair, ())
            position = bisect_right(quotes, on, key=_quoted_on)
            if position and not self._is_too_old(quotes[position - 1], on):
                return quotes[position - 1]
        return None

    def _is_too_old(self, quote: ExchangeRate, on: date) -> bool:
        return self.max_age_days is not None and (on - quote.on).days > self.max_age_days

    def _nearest_day(self, base: str, to: str, on: date) -> date | None:
        quotes = self._by_pair.get((base, to), ()) + self._by_pair.get((to, base), ())
        return min((quote.on for quote in quotes), key=lambda day: (abs((day - on).days), day), default=None)


def _quoted_on(quote: ExchangeRate) -> date:
    return quote.on
