"""Exact sums over many deals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import attrgetter

import attrs

from salesmgmt.core.exact import CONTEXT, WIDE, OutOfRange, divide
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals import Deal

_amount, _currency = attrgetter("amount"), attrgetter("currency")


@attrs.frozen
class ValueTotal:
    """What deals would bring, added up exactly.

    Attributes:
        deals: how many deals.
        n: how many of them have an amount.
        sums: by currency.
    """

    deals: int
    n: int
    sums: Mapping[str, Decimal]

    @classmethod
    def of(cls, deals: Sequence[Deal]) -> ValueTotal:
        """Add up the amounts of deals."""
        amounts = [amount for amount in map(_amount, deals) if amount is not None]
        currencies = set(map(_currency, amounts))
        if len(currencies) == 1:
            sums = dict.fromkeys(currencies, _sum(map(_amount, amounts)))
        else:
            sums = {
                code: _sum(amount.amount for amount in amounts if amount.currency == code)
                for code in currencies
            }
        return cls(len(deals), len(amounts), sums)

    def __add__(self, other: ValueTotal) -> ValueTotal:
        """What both have together."""
        codes = {*self.sums, *other.sums}
        nothing = Decimal(0)
        sums = {code: WIDE.add(self.sums.get(code, nothing), other.sums.get(code, nothing)) for code in codes}
        return ValueTotal(self.deals + other.deals, self.n + other.n, sums)

    def measured(self, nothing: str, metric: str = "") -> Measured[Money]:
        """Return the sum, with the number of deals that have an amount.

        Undefined with the flag `nothing` when there is no deal, `values_missing` when none has an amount, or
        `mixed_currencies`.
        """
        if not self.deals:
            return Measured(None, nothing, metric=metric)
        coverage = divide(Decimal(self.n), Decimal(self.deals))
        if len(self.sums) != 1:
            flag = "mixed_currencies" if self.sums else "values_missing"
            return Measured(None, flag, n=self.n, coverage=coverage, metric=metric)
        ((currency, total),) = self.sums.items()
        try:
            value = Money(CONTEXT.plus(total), currency)
        except ArithmeticError:
            raise OutOfRange from None
        return Measured(value, n=self.n, coverage=coverage, metric=metric)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(WIDE.add, amounts, Decimal(0))


def total_value(deals: Sequence[Deal], nothing: str, metric: str = "") -> Measured[Money]:
    """Add up what deals would bring; see `ValueTotal.measured`."""
    return ValueTotal.of(deals).measured(nothing, metric)


def mean_value(total: Measured[Money], metric: str = "") -> Measured[Money]:
    """Divide a sum by the number of deals that have an amount."""
    if total.value is None:
        return Measured(None, total.flag, n=total.n, coverage=total.coverage, metric=metric)
    return Measured(total.value / total.n, n=total.n, coverage=total.coverage, metric=metric)


def share(part: int, whole: int, nothing: str, metric: str = "") -> Measured[Decimal]:
    """Return a count as a share of another, to 34 digits; undefined with the flag `nothing` when that is zero."""
    if not whole:
        return Measured(None, nothing, metric=metric)
    return Measured(divide(Decimal(part), Decimal(whole)), n=whole, metric=metric)
