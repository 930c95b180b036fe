"""Holding two versions of a quote against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from salesmgmt.core.currency import currency as currency_of
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exchange import ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.cpq.quotes._effects import Side, effects_of, in_steps
from salesmgmt.cpq.quotes.comparison import Comparison, GroupDifference, LineDifference, PriceEffects
from salesmgmt.cpq.quotes.line import QuoteLine, UnpricedLine
from salesmgmt.cpq.quotes.version import QuoteVersion

_Rate: TypeAlias = Callable[[str, date], Fraction]

_WITHOUT_MINOR_UNIT = 6
"""Decimals to which amounts of a currency are rounded for which ISO 4217 names no minor unit."""

_FIELDS = (
    "product",
    "quantity",
    "uom",
    "configuration",
    "starts",
    "ends",
    "parent",
    "group",
    "optional",
    "alternative_of",
    "manual",
    "fields",
    "list_amount",
    "share",
    "net_amount",
)


def compare(
    old: QuoteVersion,
    new: QuoteVersion,
    *,
    currency: str | None = None,
    rates: ExchangeRates | None = None,
) -> Comparison:
    """Say line by line what differs between two versions, or between the current versions of two alternatives, and why.

    Lines are recognised by id. The difference of each line that counts in the total is split by chain substitution: in
    `quantity x list price x terms x what discounts leave`, one factor after another is replaced by its new value, in the
    order of `PriceEffect`. That is the price-volume-mix analysis of management accounting (Shank and Churchill, 1977,
    Variance Analysis: A Management-Oriented Approach) carried on to terms and discounts; the quantity of a line is valued at
    its old net price. Mix is what came and went: laptops and hours have no sum from which shares in it could be reckoned.
    The amounts between two substitutions are rounded to the minor unit, so that the effects of each line, each group and the
    whole add up exactly to the difference of amounts, subtotals and totals, shares of header discounts and roundings included.

    Versions in another currency are converted line by line, each to the minor unit, half to even: each version at the rate
    of the day for which it is priced. What the old one comes to otherwise at the rate of the new day is the effect `currency`.

    Args:
        old: the version that was.
        new: the version that is.
        currency: in which the amounts are wanted; by default that of the new version.
        rates: exchange rates; needed when a version is in another currency.

    Raises:
        InvalidInput: a line that counts has no price, or rates are needed and there are none.
        UnknownCurrency: there is no such currency.
        NoExchangeRate: the rates lead from one currency to the other on neither of the two days.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import compare, quote_from, revise
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> def priced(quantity, net):
    ...     line = PricedLine(position=0, line=Line("dock", quantity), list_amount=Money(100, "EUR") * quantity,
    ...                       net_amount=Money(net, "EUR"), waterfall=())
    ...     return Priced(request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1,
    ...                   model_digest="", lines=(line,))
    >>> quote, _ = quote_from(priced(10, 900), id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=Actor("li"))
    >>> quote, _ = revise(quote, priced(12, 960), valid_until=date(2026, 4, 1), at=now, by=Actor("li"))
    >>> print(compare(quote.versions[0], quote.current))
    900 EUR -> 960 EUR: +60 EUR
      quantity +180.00 EUR
      discount -120.00 EUR
      line 1 (dock) changed, quantity 10 -> 12: 900 EUR -> 960 EUR (quantity +180.00 EUR, discount -120.00 EUR)
    """
    shown = new.currency if currency is None else currency
    _refuse_unpriced(old, new)
    convert = _conversion((old, new), shown, rates)
    first, second = old.priced_at.date(), new.priced_at.date()
    before = _counted(old, shown, convert(old.currency, first))
    restated = _counted(old, shown, convert(old.currency, second))
    after = _counted(new, shown, convert(new.currency, second))
    unit = _minor_unit(shown)
    olds = {line.id: line for line in old.every_line}
    news = {line.id: line for line in new.every_line}
    zero = Money.zero(shown)
    lines = []
    for name in (*news, *(name for name in olds if name not in news)):
        was, again, now = before.get(name), restated.get(name), after.get(name)
        was_amount = zero if was is None else was.amount
        effects = effects_of(
            None if was is None or again is None else Side(was.line, was.amount, again.rate),
            zero if again is None else again.amount,
            now,
            unit,
        )
        lines.append(
            LineDifference(
                id=name,
                old=olds.get(name),
                new=news.get(name),
                before=was_amount,
                after=zero if now is None else now.amount,
                fields=_fields(olds.get(name), news.get(name)),
                effects=effects,
            )
        )
    return Comparison(
        currency=shown,
        before=Money.total((line.before for line in lines), shown),
        after=Money.total((line.after for line in lines), shown),
        lines=tuple(lines),
        groups=_groups(lines, shown),
        effects=PriceEffects.sum((line.effects for line in lines), shown),
    )


def _refuse_unpriced(old: QuoteVersion, new: QuoteVersion) -> None:
    problems = [
        Problem(f"{side}.lines[{line.position}]", "no_price", shorten(line.id), "a price for each line that counts")
        for side, version in (("old", old), ("new", new))
        for line in version.required_unpriced
    ]  # fmt: skip
    if problems:
        raise InvalidInput("comparison", problems)


def _conversion(
    versions: tuple[QuoteVersion, QuoteVersion], shown: str, rates: ExchangeRates | None
) -> _Rate:
    currency_of(shown)
    if rates is None:
        lacking = [
            Problem("rates", "missing", None, f"exchange rates from {version.currency} to {shown}")
            for version in versions
            if version.currency != shown
        ]
        if lacking:
            raise InvalidInput("comparison", lacking)

    def rate(code: str, day: date) -> Fraction:
        return Fraction(1) if rates is None or code == shown else Fraction(rates.rate(code, shown, on=day))

    return rate


def _counted(version: QuoteVersion, shown: str, rate: Fraction) -> dict[str, Side]:
    """The lines that count in the total, by id."""
    found = {}
    for line in version.required_lines:
        amount = line.net_amount
        if version.currency != shown:
            amount = Money(in_steps(Fraction(amount.amount) * rate, _minor_unit(shown)), shown)
        found[line.id] = Side(line, amount, rate)
    return found


def _minor_unit(shown: str) -> Decimal:
    digits = currency_of(shown).decimals
    return Decimal(1).scaleb(-_WITHOUT_MINOR_UNIT if digits is None else -digits)


def _fields(old: QuoteLine | UnpricedLine | None, new: QuoteLine | UnpricedLine | None) -> tuple[str, ...]:
    if old is None or new is None:
        return ()
    return tuple(name for name in _FIELDS if getattr(old, name, None) != getattr(new, name, None))


def _groups(lines: Sequence[LineDifference], shown: str) -> tuple[GroupDifference, ...]:
    """The effects of a line belong to the group that it is in now; what it came to moves there with it."""
    zero = Money.zero(shown)
    before: dict[str, Money] = {}
    after: dict[str, Money] = {}
    moved: dict[str, Money] = {}
    effects: dict[str, list[PriceEffects]] = {}

    def put(amounts: dict[str, Money], group: str, amount: Money) -> None:
        amounts[group] = amounts.get(group, zero) + amount

    for line in lines:
        there = line.new or line.old
        here = "" if there is None else there.group
        was = here if line.old is None else line.old.group
        put(before, was, line.before)
        put(after, here, line.after)
        if was != here:
            put(moved, was, -line.before)
            put(moved, here, line.before)
        effects.setdefault(was, [])
        effects.setdefault(here, []).append(line.effects)
    return tuple(
        GroupDifference(
            id=group,
            before=_of(before, group, zero),
            after=_of(after, group, zero),
            moved=_of(moved, group, zero),
            effects=PriceEffects.sum(parts, shown),
        )
        for group, parts in effects.items()
    )


def _of(amounts: Mapping[str, Money], group: str, zero: Money) -> Money:
    return amounts.get(group, zero)
