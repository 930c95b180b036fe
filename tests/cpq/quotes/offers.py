"""Outlines with prices to try quotes on: 4 laptops at 900 EUR, docks, and 100 EUR off from 1,000 EUR on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from salesmgmt.core.entity import AccountId
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals import ApprovalPolicy
from salesmgmt.cpq.pricing import (
    DiscountRule,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    ListPrice,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    RoundLines,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods, FreeGoodsMode
from salesmgmt.cpq.quotes import (
    Offer,
    Outline,
    OutlineLine,
    Quote,
    QuoteGroup,
    present,
    price_offer,
    quote_from,
    submit,
)

from .conftest import LAST_DAY, NOW, REP

PRICES = {
    "laptop": "900.00",
    "dock": "150.00",
    "dock-pro": "200.00",
    "bag": "25.00",
    "strap": "5.00",
    "warranty": "99.99",
}
NO_RULES = ApprovalPolicy(id="none")


@cache
def pricer(*, gifts: bool = False) -> Pricer:
    """List prices, and 100 EUR off from 1,000 EUR on; with gifts, a strap on top for every 4 bags."""
    off = DiscountRule(id="big", amount=Money(100, "EUR"), condition="order.amount >= 1000 EUR")
    strap = FreeGoods(per_quantity=4, free_quantity=1, mode=FreeGoodsMode.EXCLUSIVE, product="strap")
    steps = (
        ListPrice(id="list"),
        *(
            (FreeUnits(id="gifts", rules=(FreeUnitsRule(id="4+1", product="bag", goods=strap),)),)
            if gifts
            else ()
        ),
        RoundLines(id="cents"),
        HeaderDiscounts(id="header", rules=(off,)),
    )
    return PricingModel(
        procedure=PricingProcedure(id="catalogue", steps=steps),
        prices=[
            PriceRecord(id=f"p-{product}", product=product, price=Money(amount, "EUR"))
            for product, amount in PRICES.items()
        ],
    ).compile()


REQUEST = PricingRequest(at=NOW, currency="EUR", lines=[])


def line(id: str, product: str, quantity: int = 1, **place: object) -> OutlineLine:  # noqa: A002 - as in the library
    return OutlineLine(id, Line(product, quantity), **place)  # type: ignore[arg-type]


def offer_of(
    lines: Iterable[OutlineLine], groups: Sequence[QuoteGroup] = (), *, gifts: bool = False
) -> Offer:
    return price_offer(Outline(lines, groups), REQUEST, pricer(gifts=gifts))


def drafted(offer: Offer, *, id: str = "q-1") -> Quote:  # noqa: A002 - as in the library
    quote, _ = quote_from(
        offer, id=id, number="Q-1", valid_until=LAST_DAY, account=AccountId("acme"), at=NOW, by=REP
    )
    return quote


def shown(quote: Quote) -> Quote:
    """The quote approved and presented."""
    return present(submit(quote, NO_RULES, at=NOW, by=REP)[0], at=NOW, by=REP)[0]
