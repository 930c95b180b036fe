"""What a deal is about, and whether its amount follows that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import DealId, ProductId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.part_events import DealProductsSet
from salesmgmt.pipeline.deals.product import AmountOrigin, DealProduct, checked_products, total_of


def set_products(
    deal: Deal, products: Iterable[DealProduct], *, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealProductsSet, ...]]:
    """Say what a deal is about.

    An amount that somebody stated stays. Where there is none, or it follows the products already, the amount becomes their
    sum as soon as the amount of each is known, and follows them from then on; amending the amount ends that, and
    `follow_products` begins it again. The main product stays when it is among them; else the first becomes it.

    Args:
        deal: the deal, open or closed.
        products: all of them, in the order in which they are to be shown; an empty list takes them away, and with them an
            amount that followed them.
        at: when.
        by: who.

    Raises:
        InvalidInput: a quantity is not above zero, an amount is in another currency than the others or the stated one, or,
            where the amount follows the products, one is not known; all problems are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import (
    ...     Deal, DealProduct, Estimate, ForecastCategory, StageKind, amend, amount_gap, follow_products, set_products,
    ... )
    >>> at, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=at, stage_since=at,
    ... )
    >>> lines = [DealProduct("laptop", 20, Money(18_000, "EUR")), DealProduct("dock", 20, Money(2_000, "EUR"))]
    >>> deal, _ = set_products(deal, lines, at=at, by=rep)
    >>> str(deal.amount), deal.product, deal.amount_origin.value
    ('20000 EUR', 'laptop', 'products')
    """  # fmt: skip
    faults: list[Problem] = []
    follows = deal.amount_origin is AmountOrigin.PRODUCTS
    checked = checked_products(products, None if follows else deal.amount, faults)
    if follows:
        faults += _unknown_amounts(checked)
    if faults:
        raise InvalidInput(f"the products of deal {deal.id}", faults)
    total = total_of(checked)
    if follows or (deal.amount is None and total is not None):
        origin = AmountOrigin.PRODUCTS if checked else AmountOrigin.STATED
        return _set(deal, checked, total, origin, at=at, by=by)
    return _set(deal, checked, deal.amount, AmountOrigin.STATED, at=at, by=by)


def follow_products(deal: Deal, *, at: datetime, by: Actor) -> tuple[Deal, tuple[DealProductsSet, ...]]:
    """Let the amount of a deal be the sum of its products again, and follow them.

    Raises:
        InvalidInput: there are no products, or the amount of one is not known.

    >>> deal, _ = amend(deal, {"amount": Money(19_500, "EUR")}, at=at, by=rep)
    >>> str(amount_gap(deal))
    '-500 EUR'
    >>> deal, _ = follow_products(deal, at=at, by=rep)
    >>> str(deal.amount)
    '20000 EUR'
    """
    faults = _unknown_amounts(deal.products)
    if not deal.products:
        faults.append(Problem("products", "required", None, "products with their amounts"))
    if faults:
        raise InvalidInput(f"the products of deal {deal.id}", faults)
    return _set(deal, deal.products, total_of(deal.products), AmountOrigin.PRODUCTS, at=at, by=by)


def amount_gap(deal: Deal) -> Money | None:
    """The amount of a deal less what its products come to; `None` when one of the two is not known.

    >>> str(amount_gap(deal))
    '0 EUR'
    """
    total = total_of(deal.products)
    return None if total is None or deal.amount is None else deal.amount - total


def _unknown_amounts(products: Sequence[DealProduct]) -> list[Problem]:
    wanted, hint = (
        "an amount, as the amount of the deal is their sum",
        "or amend the amount of the deal first",
    )
    return [
        Problem(f"products[{index}].amount", "required", None, wanted, hint)
        for index, line in enumerate(products)
        if line.amount is None
    ]


def _set(
    deal: Deal,
    products: tuple[DealProduct, ...],
    amount: Money | None,
    origin: AmountOrigin,
    *,
    at: datetime,
    by: Actor,
) -> tuple[Deal, tuple[DealProductsSet, ...]]:
    if (products, amount, origin) == (deal.products, deal.amount, deal.amount_origin):
        return deal, ()
    event = DealProductsSet(
        at=at,
        by=by,
        subjects=deal.subjects,
        deal=DealId(deal.id),
        before=deal.products,
        after=products,
        product=main_product(products, deal.product),
        amount_before=deal.amount,
        amount=amount,
        amount_origin=origin,
    )
    return after(deal, event), (event,)


def main_product(products: Sequence[DealProduct], main: ProductId | None) -> ProductId | None:
    """The main product: as before when it is among them or there are none, else the first."""
    is_among = any(line.product == main for line in products)
    return products[0].product if products and not is_among else main
