"""Tax on a priced document: the host says which rate a line has, the library reckons and adds up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import CONTEXT, WIDE
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing.priced import AddedLine, Priced, PricedLine, Unpriced
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, distribute
from salesmgmt.cpq.pricing.tax_basis import TaxBasis, TaxRounding


@attrs.frozen(kw_only=True)
class LineTax:
    """The tax of a line.

    Attributes:
        position: which line of the request it is, from 0; units that rules added at a price come after its lines.
        rate: in percent of the net amount.
        net: the amount without tax.
        tax: the tax.
        gross: the amount with tax; net and tax add up to it.
    """

    position: int
    rate: Percent
    net: Money
    tax: Money
    gross: Money


@attrs.frozen(kw_only=True)
class Taxed:
    """A priced document with its tax.

    Attributes:
        basis: what the prices were.
        lines: one for each priced line, in order, and then for all that was added at a price.
    """

    basis: TaxBasis
    lines: tuple[LineTax, ...]
    currency: str

    @property
    def net(self) -> Money:
        """The total without tax."""
        return Money.total((line.net for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        """The tax in all."""
        return Money.total((line.tax for line in self.lines), self.currency)

    @property
    def gross(self) -> Money:
        """The total with tax."""
        return Money.total((line.gross for line in self.lines), self.currency)

    @property
    def by_rate(self) -> dict[Percent, Money]:
        """The tax of each rate, as an invoice shows it."""
        sums: dict[Percent, Money] = {}
        for line in self.lines:
            sums[line.rate] = sums.get(line.rate, Money.zero(self.currency)) + line.tax
        return sums


def tax_of(
    priced: Priced,
    rate_of: Callable[[PricedLine], Percent],
    *,
    added_rate_of: Callable[[AddedLine], Percent] | None = None,
    basis: TaxBasis | str = TaxBasis.NET,
    at: TaxRounding | str = TaxRounding.LINE,
    mode: RoundingMode | str = RoundingMode.HALF_UP,
) -> Taxed:
    """Reckon the tax of a priced document.

    Args:
        priced: a document of which every line has a price.
        rate_of: gives the rate of a line; the host knows products, places and exemptions.
        added_rate_of: gives that of units that a rule added at a price; those that are free bear none.
        basis: whether prices are without or with tax.
        at: whether tax is rounded a line or a rate.
        mode: how.

    Raises:
        Unpriced: a line has no price.
        InvalidInput: a rule added units at a price, and nobody says at which rate they are taxed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing import (
    ...     Line, ListPrice, PriceRecord, PricingModel, PricingProcedure, PricingRequest, RoundLines, tax_of,
    ... )
    >>> pricer = PricingModel(
    ...     procedure=PricingProcedure(id="plain", steps=(ListPrice(id="list"), RoundLines(id="cents"))),
    ...     prices=[PriceRecord(id="p-1", product="dock", price=Money("119.00", "EUR"))],
    ... ).compile()
    >>> request = PricingRequest(at=datetime(2026, 3, 2, tzinfo=UTC), currency="EUR", lines=[Line("dock", 1)])
    >>> taxed = tax_of(pricer.price(request), lambda line: Percent(19), basis="gross")
    >>> str(taxed.net), str(taxed.tax), str(taxed.gross)
    ('100.00 EUR', '19.00 EUR', '119.00 EUR')
    """
    if priced.unpriced:
        raise Unpriced(priced.unpriced)
    basis, at = TaxBasis(basis), TaxRounding(at)
    code = priced.currency
    rounding = Rounding.for_currency(code, mode)
    added = [(number, line) for number, line in enumerate(priced.added) if line.amount]
    if added and added_rate_of is None:
        problem = Problem("added_rate_of", "missing", None, f"the rate of {shorten(added[0][1].product)}")
        raise InvalidInput("tax", [problem])
    after = len(priced.request.lines)
    positions = [line.position for line in priced.lines] + [after + number for number, _ in added]
    rates = [rate_of(line) for line in priced.lines]
    rates += [] if added_rate_of is None else [added_rate_of(line) for _, line in added]
    amounts = [line.net_amount.amount for line in priced.lines] + [line.amount.amount for _, line in added]
    exact_taxes = [_tax(amount, rate, basis) for amount, rate in zip(amounts, rates, strict=True)]
    if at is TaxRounding.LINE:
        taxes = [rounding.apply(tax) for tax in exact_taxes]
    else:
        taxes = _by_rate(exact_taxes, rates, rounding, code)
    lines = []
    for position, rate, amount, tax in zip(positions, rates, amounts, taxes, strict=True):
        net = CONTEXT.subtract(amount, tax) if basis is TaxBasis.GROSS else amount
        gross = amount if basis is TaxBasis.GROSS else CONTEXT.add(amount, tax)
        lines.append(
            LineTax(
                position=position,
                rate=rate,
                net=Money(net, code),
                tax=Money(tax, code),
                gross=Money(gross, code),
            )
        )
    return Taxed(basis=basis, lines=tuple(lines), currency=code)


def _tax(amount: Decimal, rate: Percent, basis: TaxBasis) -> Decimal:
    if basis is TaxBasis.NET:
        return CONTEXT.multiply(amount, rate.ratio)
    whole = WIDE.add(Decimal(1), rate.ratio)
    return CONTEXT.plus(WIDE.divide(WIDE.multiply(amount, rate.ratio), whole))


def _by_rate(taxes: list[Decimal], rates: list[Percent], rounding: Rounding, code: str) -> list[Decimal]:
    """Round the tax of each rate on its sum, and share that by the exact taxes."""
    unit = Decimal(1).scaleb(-currency(code).minor_digits, WIDE)
    found = [Decimal(0)] * len(taxes)
    for rate in dict.fromkeys(rates):
        places = [place for place, other in enumerate(rates) if other == rate]
        whole = Decimal(0)
        for place in places:
            whole = CONTEXT.add(whole, taxes[place])
        parts = distribute(
            rounding.apply(whole), [taxes[place] for place in places], policy=AllocationPolicy(), unit=unit
        )
        for place, part in zip(places, parts, strict=True):
            found[place] = part
    return found
