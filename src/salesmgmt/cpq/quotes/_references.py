"""Fixes what the lines of a version are measured against."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

import attrs

from salesmgmt.core.exact import multiply
from salesmgmt.core.exchange import NoExchangeRate
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import StepKind
from salesmgmt.cpq.quotes.line import QuoteLine
from salesmgmt.cpq.quotes.reference import LineReference, ReferenceBasis
from salesmgmt.cpq.quotes.version import QuoteVersion

Goods: TypeAlias = tuple[str, frozenset[tuple[str, str]], str, bool]
"""Product, configuration, unit of measure, and whether it has a term."""


def goods_of(line: QuoteLine) -> Goods:
    """What a line delivers: lines of the same goods are one, however they are split."""
    has_term = line.starts is not None and line.ends is not None
    return line.product, frozenset(line.configuration.items()), line.uom, has_term


def terms_of(line: QuoteLine) -> Decimal | None:
    """How many of the terms that a price is for make the term of a line, by its waterfall; `None` where it does not say."""
    found = [step.value for step in line.waterfall if step.kind is StepKind.TERM and step.value is not None]
    return found[-1] if found else None


def has_list_price(line: QuoteLine) -> bool:
    """Whether a line has a price beside the one that was set by hand, or that a rule gave it."""
    is_by_hand = bool(line.waterfall) and line.waterfall[0].kind is StepKind.MANUAL
    return not line.added_by and not is_by_hand


def with_references(
    version: QuoteVersion, earlier: Iterable[QuoteVersion] = (), basis: ReferenceBasis | None = None
) -> QuoteVersion:
    """Fix what each line of a new version is measured against.

    A line takes over its reference from the first version in which it had the same goods; a new line takes over that of
    the same goods in another line; and only goods that the quote never had are measured against their price now.

    Args:
        version: the new version, before anybody saw it.
        earlier: the versions before it, the first one first.
        basis: what the house knows of prices for everybody.
    """
    by_line: dict[tuple[str, Goods], LineReference] = {}
    by_goods: dict[Goods, LineReference] = {}
    for before in earlier:
        here: dict[Goods, LineReference] = {}
        for line in before.lines:
            if line.reference is not None:
                goods = goods_of(line)
                by_line.setdefault((line.id, goods), line.reference)
                highest = here.setdefault(goods, line.reference)
                if line.reference.per_unit() > highest.per_unit():
                    here[goods] = line.reference
        for goods, reference in here.items():
            by_goods.setdefault(goods, reference)
    fixed: dict[str, QuoteLine] = {}
    asked_for = [line for line in version.lines if not line.added_by]
    known: LineReference | None
    for line in (*asked_for, *(line for line in version.lines if line.added_by)):
        goods = goods_of(line)
        known = by_line.get((line.id, goods), by_goods.get(goods))
        if known is None:
            others = [one for one in fixed.values() if one.product == line.product]
            known = (
                _of_added(line, fixed.get(line.parent), others, version, basis)
                if line.added_by
                else _fresh(line, version, basis)
            )
        fixed[line.id] = attrs.evolve(line, reference=known)
    return attrs.evolve(version, lines=tuple(fixed[line.id] for line in version.lines))


def _fresh(line: QuoteLine, version: QuoteVersion, basis: ReferenceBasis | None) -> LineReference | None:
    """The price for everybody of a line that is new, now."""
    currency = None if basis is None else basis.currency
    abroad = currency is not None and currency != version.currency and not line.configuration
    has_list = has_list_price(line)
    stated = _stated(line, version, basis)
    if stated is not None and (abroad or not has_list or not line.list_amount):
        return stated
    if not has_list:
        return None  # the price set by hand would be measured against itself
    terms = terms_of(line)
    amount = line.list_amount if terms is None else line.list_amount * terms
    rate: Decimal | None = Decimal(1)
    if currency is not None and currency != version.currency:
        rate = _rate(version, currency, basis)
        if rate is not None:
            amount = Money(multiply(amount.amount, rate), currency)
    found = LineReference(
        amount=amount,
        quantity=line.quantity,
        starts=line.starts,
        ends=line.ends,
        terms=terms,
        at=version.priced_at,
        rate=rate if amount.currency != version.currency else Decimal(1),
    )
    # A cheap price list that somebody chose is no price for everybody.
    is_higher = (
        stated is not None
        and stated.amount.currency == found.amount.currency
        and stated.per_unit() > found.per_unit()
    )
    return stated if is_higher else found


def _of_added(
    line: QuoteLine,
    parent: QuoteLine | None,
    others: list[QuoteLine],
    version: QuoteVersion,
    basis: ReferenceBasis | None,
) -> LineReference | None:
    """That of the line that units come with, or of another line of the product; else what the house says."""
    if parent is not None and parent.product == line.product and not _has_term(parent):
        return parent.reference
    known = [one.reference for one in others if one.reference is not None and not _has_term(one)]
    if known:
        return max(known, key=LineReference.per_unit)
    return _stated(line, version, basis)


def _has_term(line: QuoteLine) -> bool:
    return line.starts is not None and line.ends is not None


def _stated(line: QuoteLine, version: QuoteVersion, basis: ReferenceBasis | None) -> LineReference | None:
    """What the house says that a unit costs."""
    price = None if basis is None else basis.unit_prices.get(line.product)
    if price is None or line.uom:  # it is for the unit of the product
        return None
    rate = Decimal(1) if price.currency == version.currency else _rate(version, price.currency, basis)
    terms = terms_of(line)
    return LineReference(
        amount=price if terms is None else price * terms,
        quantity=Decimal(1),
        starts=line.starts,
        ends=line.ends,
        terms=terms,
        at=version.priced_at,
        rate=rate,
    )


def _rate(version: QuoteVersion, currency: str, basis: ReferenceBasis | None) -> Decimal | None:
    if basis is None or basis.rates is None:
        return None
    try:
        return basis.rates.rate(version.currency, currency, on=version.priced_at.date())
    except NoExchangeRate:
        return None
