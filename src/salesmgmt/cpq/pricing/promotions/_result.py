"""The answer of a run: discounts in the basis of the lines, totals with and without tax, and what was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from salesmgmt.core.exact import subtract
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.promotions._document import ZERO, Document, added, plain
from salesmgmt.cpq.pricing.promotions._sharing import share
from salesmgmt.cpq.pricing.promotions.coupon import Coupon
from salesmgmt.cpq.pricing.promotions.line import PromotionLine
from salesmgmt.cpq.pricing.promotions.policy import PromotionPolicy
from salesmgmt.cpq.pricing.promotions.promoted import (
    GivenUnits,
    LineAfter,
    Promoted,
    PromotionDiscount,
    PromotionUse,
)
from salesmgmt.cpq.pricing.promotions.promotion import Promotion
from salesmgmt.cpq.pricing.promotions.refusals import Refused
from salesmgmt.cpq.pricing.tax_basis import TaxBasis, TaxRounding


@attrs.frozen
class Taken:
    """A promotion that applies, and what it takes of each line in the basis of the document."""

    promotion: Promotion
    coupon: Coupon | None
    amounts: dict[int, Decimal]
    applications: int
    free_product: tuple[str, Decimal] | None


@attrs.frozen
class _Rate:
    """Totals of the lines of one tax rate."""

    net: Decimal
    gross: Decimal


def result(
    document: Document,
    lines: Sequence[PromotionLine],
    every: Sequence[Taken],
    refused: Sequence[Refused],
    *,
    policy: PromotionPolicy,
    rounding: Rounding | None,
) -> Promoted:
    """Put the answer together."""
    currency = document.currency
    groups = _tax_groups(document, policy)
    touched = {line for taken in every for line in taken.amounts}
    steps = document.finest if rounding is None else rounding
    rates = [_rate(document, group, touched, steps) for group in groups]
    amounts = [taken.amounts for taken in every]
    if document.basis != document.line_basis:
        amounts = _in_line_basis(document, amounts, groups, rates, steps)
        if rounding is None:
            amounts = [{line: plain(amount) for line, amount in taken.items()} for taken in amounts]
    after = [line.amount.amount for line in document.lines]
    for taken in amounts:
        for line, amount in taken.items():
            after[line] = subtract(after[line], amount)
    net, gross = added(rate.net for rate in rates), added(rate.gross for rate in rates)
    if rounding is None:
        net, gross = plain(net), plain(gross)
    positions = sorted(range(len(lines)), key=lambda line: document.positions[line])
    return Promoted(
        currency=currency,
        lines=tuple(_line_after(document.lines[line], after[line]) for line in positions),
        discounts=tuple(
            PromotionDiscount(
                promotion=taken.promotion.id,
                line=document.lines[line].id,
                amount=Money(of_lines[line], currency),
            )
            for taken, of_lines in zip(every, amounts, strict=True)
            for line in sorted(of_lines, key=lambda line: document.positions[line])
            if of_lines[line]
        ),
        free=tuple(
            GivenUnits(
                promotion=taken.promotion.id, product=taken.free_product[0], quantity=taken.free_product[1]
            )
            for taken in every
            if taken.free_product is not None
        ),
        applied=tuple(taken.promotion.id for taken in every),
        refused=tuple(refused),
        applications={taken.promotion.id: taken.applications for taken in every},
        used={
            taken.promotion.id: PromotionUse(
                amount=Money(added(taken.amounts.values()), currency), uses=1, uses_of_customer=1
            )
            for taken in every
        },
        coupons_used={
            taken.coupon.code: PromotionUse(
                amount=Money(added(taken.amounts.values()), currency), uses=1, uses_of_customer=1
            )
            for taken in every
            if taken.coupon is not None
        },
        net_total=Money(net, currency),
        tax_total=Money(subtract(gross, net), currency),
    )


def _line_after(line: PromotionLine, after: Decimal) -> LineAfter:
    return LineAfter(
        id=line.id,
        quantity=line.quantity,
        before=line.amount,
        after=Money(after, line.amount.currency),
        tax_group=line.tax_group,
    )


def _tax_groups(document: Document, policy: PromotionPolicy) -> list[list[int]]:
    """Lines whose tax is rounded together."""
    if policy.tax_rounding == TaxRounding.LINE:
        return [[line] for line in range(len(document.lines))]
    found: dict[Decimal, list[int]] = {}
    for index, line in enumerate(document.lines):
        found.setdefault(line.tax_percent.points, []).append(index)
    return list(found.values())


def _rate(document: Document, group: Sequence[int], touched: set[int], rounding: Rounding) -> _Rate:
    """Net and gross of lines of one rate: the one in the basis of the document leads, the other is rounded from it."""
    first = group[0]
    own, leading = added(document.left[line] for line in group), document.basis
    if touched.isdisjoint(group):
        # Nothing was taken: then the lines lead, as they stand.
        leading = document.line_basis
        own = added(document.lines[line].amount.amount for line in group)
        other = document.amount_from(leading, first, own)
    else:
        if leading != document.line_basis:
            own = rounding.apply(own)
        other = document.amount_from(leading, first, own)
    other = rounding.apply(other)
    return _Rate(own, other) if leading == TaxBasis.NET else _Rate(other, own)


def _in_line_basis(
    document: Document,
    amounts: Sequence[dict[int, Decimal]],
    groups: Sequence[Sequence[int]],
    rates: Sequence[_Rate],
    rounding: Rounding,
) -> list[dict[int, Decimal]]:
    """The same amounts with or without tax, so that the lines add up to the totals of their rate."""
    found: list[dict[int, Decimal]] = [{} for _ in amounts]
    takers: dict[int, list[int]] = {}
    for index, taken in enumerate(amounts):
        for line in taken:
            takers.setdefault(line, []).append(index)
    for group, rate in zip(groups, rates, strict=True):
        after = rate.net if document.line_basis == TaxBasis.NET else rate.gross
        lost = subtract(added(document.lines[line].amount.amount for line in group), after)
        taken_off = {
            line: added(amounts[index][line] for index in takers[line]) for line in group if line in takers
        }
        for line, part in _by_line(document, lost, taken_off, rounding).items():
            weights = [amounts[index][line] for index in takers[line]]
            shares = share(part, weights, [part] * len(weights), rounding=rounding)
            for index, amount in zip(takers[line], shares, strict=True):
                found[index][line] = amount
    return found


def _by_line(
    document: Document, lost: Decimal, taken_off: Mapping[int, Decimal], rounding: Rounding
) -> dict[int, Decimal]:
    """What each line loses; one of which nothing is left loses all of it."""
    parts = {line: document.lines[line].amount.amount for line in taken_off if not document.left[line]}
    rest = [line for line in taken_off if line not in parts]
    if rest:
        weights = [taken_off[line] for line in rest]
        rooms = [document.lines[line].amount.amount for line in rest]
        missing = min(added(rooms), max(ZERO, subtract(lost, added(parts.values()))))
        parts |= dict(zip(rest, share(missing, weights, rooms, rounding=rounding), strict=True))
    return parts
