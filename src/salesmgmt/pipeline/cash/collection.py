"""How fast and how well receivables are collected, from the figures of a period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import Number, add, exact
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent


@attrs.frozen(kw_only=True)
class CountbackDso:
    """Days sales outstanding, counted back month by month; made by `dso_countback`.

    Attributes:
        days: the figure.
        full_months: how many months' sales are owed whole.
        remainder: what is owed of the sales of the month before those; zero when the months come out even.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import dso_countback
    >>> found = dso_countback(Money(150, "EUR"), [Money(100, "EUR"), Money(200, "EUR")], [30, 31])
    >>> str(found.days.value), found.full_months, str(found.remainder)
    ('37.75', 1, '50 EUR')
    """

    days: Measured[Decimal]
    full_months: int
    remainder: Money


def dso_countback(
    receivables: Money, monthly_sales: Sequence[Money], days_in_month: Sequence[int]
) -> CountbackDso:
    """Count days sales outstanding back from the last month: which months' sales are still owed, whole or in part.

    The exhaustion, or count-back, method: the sales of the last month are taken off the receivables, then those of the month
    before, and so on, each for all of its days; of the month whose sales are more than what is left, the share of its days that
    is left / sales. Unlike the simple formula it is not distorted by seasons (Credit Research Foundation).

    Args:
        receivables: what is outstanding at the end of the last month.
        monthly_sales: credit sales by month, the latest first.
        days_in_month: the days of each of these months.

    Returns:
        The days; undefined with the flag `insufficient_history` when the receivables are more than the sales of all the months.

    Raises:
        InvalidInput: there are not as many months as lengths, or a figure is below zero.
        CurrencyMismatch: the amounts are in two currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import dso_countback
    >>> dso_countback(Money(150, "EUR"), [Money(100, "EUR")], [30]).days.flag
    'insufficient_history'
    """
    _refuse_odd(receivables, monthly_sales, days_in_month)
    left, days = receivables, Decimal(0)
    for month, (sales, length) in enumerate(zip(monthly_sales, days_in_month, strict=True)):
        if not left or left < sales:
            whole = add(days, left * length / sales) if left else days
            return CountbackDso(
                days=Measured(whole, n=month + bool(left), metric="dso_countback"),
                full_months=month,
                remainder=left,
            )
        left, days = left - sales, days + length
    n = len(monthly_sales)
    figure: Measured[Decimal] = Measured(None, "insufficient_history", n=n, metric="dso_countback")
    if not left:
        figure = Measured(days, n=n, metric="dso_countback")
    return CountbackDso(days=figure, full_months=n, remainder=left)


def _refuse_odd(receivables: Money, sales: Sequence[Money], lengths: Sequence[int]) -> None:
    problems = []
    if receivables.amount < 0:
        problems.append(Problem("receivables", "negative", str(receivables), "an amount of 0 or more"))
    if len(sales) != len(lengths):
        found = f"{len(sales)} months, {len(lengths)} lengths"
        problems.append(Problem("days_in_month", "length", found, "a length for each month"))
    problems += [
        Problem(f"monthly_sales[{place}]", "negative", str(amount), "an amount of 0 or more")
        for place, amount in enumerate(sales)
        if amount.amount < 0
    ]
    problems += [
        Problem(f"days_in_month[{place}]", "days", shorten(days), "a whole number of days above 0")
        for place, days in enumerate(lengths)
        if type(days) is not int or days < 1
    ]
    if problems:
        raise InvalidInput("the figures of a count-back", problems)


def dso_true(open_invoices: Iterable[tuple[int, Money, Money]]) -> Measured[Decimal]:
    """Add up, over the open invoices, days since the invoice x amount / credit sales of its month.

    True, or actual, days sales outstanding: each invoice by its own age, weighted by its part in the sales of the month it is of
    (Credit Research Foundation).

    Args:
        open_invoices: for each one the days since it was written, what is open of it, and the credit sales of its month.

    Returns:
        Days; undefined with the flag `no_credit_sales` when there is an invoice of a month without sales.

    Raises:
        CurrencyMismatch: an invoice and its month are in two currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import dso_true
    >>> dso_true([(10, Money(50, "EUR"), Money(100, "EUR")), (40, Money(20, "EUR"), Money(80, "EUR"))]).value
    Decimal('15')
    """
    days, n = Decimal(0), 0
    for age, amount, sales in open_invoices:
        n += 1
        if sales.amount <= 0:
            return Measured(None, "no_credit_sales", n=n, metric="dso_true")
        days = add(days, amount * age / sales)
    return Measured(days, n=n, metric="dso_true")


def cei(
    *, beginning: Money, credit_sales: Money, ending_total: Money, ending_current: Money, months: Number = 1
) -> Measured[Percent]:
    """Work out the collection effectiveness index: which part of what could be collected was collected.

    100 x (b + s/m - total) / (b + s/m - current), of the Credit Research Foundation: b what was receivable at the beginning, s the
    credit sales of m months, total what is receivable at the end, and current what of it is not due. 100 % is everything
    that was due.

    Args:
        beginning: receivables at the beginning.
        credit_sales: of the whole period.
        ending_total: receivables at the end.
        ending_current: what of them is not due yet.
        months: how many months the period has, when sales count by their monthly mean; 1 takes them whole.

    Returns:
        A percentage; undefined with the flag `empty_base` when there was nothing to collect.

    Raises:
        InvalidInput: the months are not above 0.
        CurrencyMismatch: the amounts are in two currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.cash import cei
    >>> cei(beginning=Money(100, "EUR"), credit_sales=Money(300, "EUR"),
    ...     ending_total=Money(200, "EUR"), ending_current=Money(150, "EUR")).value
    Percent('80')
    """
    span = exact(months, "a number of months")
    if span <= 0:
        raise InvalidInput("the period", [Problem("months", "months", shorten(months), "a number above 0")])
    base = beginning + credit_sales / span
    due = base - ending_current
    if due.amount <= 0:
        return Measured(None, "empty_base", metric="cei")
    return Measured(Percent((base - ending_total) * 100 / due), metric="cei")
