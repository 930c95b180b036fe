"""What a pricing model charges for the values of a product, for its configurator."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.money import Money
from salesmgmt.cpq.configure import ValuePrices
from salesmgmt.cpq.pricing import (
    Line,
    ListPrice,
    NoPrice,
    OptionExtras,
    PriceConflict,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)


class NoListPrice(SalesError, LookupError):
    """A product has no list price for everybody, so that nothing can be said of its configurations.

    Attributes:
        product: its id, shortened for showing.
        currency: in which a price was looked for.
        at: the instant at which it should hold.
        reason: what is missing, or which records contradict each other.
    """

    code = "no_list_price"

    def __init__(self, product: str, currency: str, at: datetime, reason: str) -> None:
        self.product = shorten(product)
        self.currency = currency
        self.at = at
        self.reason = reason
        super().__init__(
            f"{self.product} has no list price in {currency}: {reason}",
            hint=f"add a price record for everybody that holds at {at}, and no other of equal rank",
        )


def value_prices(model: PricingModel, product: str, *, currency: str, at: datetime) -> ValuePrices:
    """The list price of a product and the extras of its options, from the records that its pricer reads.

    `Configuration.price` is then what the `ListPrice` and `OptionExtras` of the procedure charge for one unit, as long as
    extras that take something off leave more than nothing: no step of a pricer goes below zero. What comes after these two
    steps, from tiers to roundings, is not in it; nor are prices for one customer or segment.

    As in the pricer, prices in another currency count where the step converts them (`ListPrice.convert_from`), extras in
    another currency never, and no extras at all where the procedure has no `OptionExtras`.

    Args:
        model: the pricing model.
        product: id of the product that is configured.
        currency: of the prices.
        at: the instant for which they are wanted.

    Raises:
        NoListPrice: the product has no price for everybody, or several of equal rank that differ.
        InvalidDefinition: the model cannot work, for instance because an option has two extras.
        InvalidInput: the currency is none, or the instant has no day in the zone of the procedure.
        NaiveInstant: the instant has no time zone.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq import value_prices
    >>> from salesmgmt.cpq.pricing import OptionRecord, PriceRecord, PricingModel
    >>> model = PricingModel(
    ...     prices=[PriceRecord(id="p-1", product="bike", price=Money(900, "EUR"))],
    ...     options=[OptionRecord(id="o-1", product="bike", attribute="frame", value="carbon", extra=Money(650, "EUR"))],
    ... )
    >>> prices = value_prices(model, "bike", currency="EUR", at=datetime(2026, 3, 2, tzinfo=UTC))
    >>> prices.of({"frame": "carbon"})
    Money('1550', 'EUR')
    """
    model.refuse_errors()
    base = _list_price(model, product, currency, at)
    extras: dict[str, dict[str, Money]] = {}
    if any(isinstance(step, OptionExtras) for step in model.procedure.steps):
        for option in model.options:
            if (option.product, option.extra.currency) == (product, currency):
                extras.setdefault(option.attribute, {})[option.value] = option.extra
    return ValuePrices(base, extras)


def _list_price(model: PricingModel, product: str, currency: str, at: datetime) -> Money:
    """What a unit costs for everybody, asked of a pricer that does nothing else."""
    step = model.procedure.steps[0]
    if not isinstance(step, ListPrice):
        reason = f"procedure {shorten(model.procedure.id)} does not begin with a ListPrice"
        raise NoListPrice(product, currency, at, reason)
    procedure = PricingProcedure(
        id="list", time_zone=model.procedure.time_zone, steps=(step, RoundLines(id=f"{step.id}-rounded"))
    )
    prices = [record for record in model.prices if record.product == product]
    pricer = PricingModel(procedure=procedure, prices=prices, rates=model.rates).compile()
    request = PricingRequest(at=at, currency=currency, lines=[Line(product, 1)])
    priced = pricer.price(request)
    if priced.unpriced:
        raise NoListPrice(product, currency, at, _reason(priced.unpriced[0]))
    return priced.lines[0].list_amount


def _reason(missing: NoPrice | PriceConflict) -> str:
    if isinstance(missing, NoPrice):
        return missing.reason or f"no record for everybody holds at {missing.at}"
    return "; ".join(f"{one.record} says {one.unit_price}" for one in missing.candidates)
