"""Document discount: one discount on several lines, a percentage or an amount, and where it is rounded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import CONTEXT, WIDE, OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.sharing.distribution import (
    DEFAULT_ALLOCATION,
    AllocationPolicy,
    common_currency,
    distribute,
)
from salesmgmt.cpq.pricing.tax_basis import TaxBasis

_HUNDRED = Percent(100)
_NO_TAX = Percent(0)


class PercentOf(StrEnum):
    """What a percentage is taken of and rounded on; systems differ, and the difference is whole cents.

    >>> from salesmgmt.cpq.pricing.sharing.document_discount import PercentOf
    >>> PercentOf("each_line").name
    'EACH_LINE'
    """

    TOTAL = "total"
    """The discount on the total is rounded once and shared by the lines."""
    EACH_LINE = "each_line"
    """The discount on each line is rounded; they add up to that on the document."""
    TOTAL_LEFT = "total_left"
    """What is left of the total is rounded once; the difference to the total is the discount, shared by the lines."""


class Excess(StrEnum):
    """What happens to a discount that is larger than what it is taken from."""

    CAP = "cap"
    """It is as large as that; nothing falls below zero."""
    ALLOW = "allow"
    """All of it counts, and the document falls below zero."""


@attrs.frozen(kw_only=True)
class DocumentDiscount:
    """A discount on a document. A negative one is a surcharge.

    Attributes:
        percent: what is taken off.
        amount: or the amount that is taken off, in the terms of the lines (net or gross).
        percent_of: what a percentage is taken of.
        excess: what happens to a discount larger than the document.

    Raises:
        InvalidInput: neither percent nor amount, or both.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.pricing.sharing.document_discount import DocumentDiscount
    >>> DocumentDiscount(percent=Percent(10)).excess.value
    'cap'
    """

    percent: Percent | None = None
    amount: Money | None = None
    percent_of: PercentOf = attrs.field(default=PercentOf.TOTAL, converter=PercentOf)
    excess: Excess = attrs.field(default=Excess.CAP, converter=Excess)

    def __attrs_post_init__(self) -> None:
        require_one("a document discount", self.percent, self.amount)


@attrs.frozen(kw_only=True)
class DiscountedDocument:
    """What a discount leaves of a document.

    Attributes:
        base: the lines before it.
        parts: what each line gives, above zero for a discount; they add up to `discount`.
        discount: on all lines.
        lines: what is left of each line.
        net_total: what is left, without tax; `None` when the tax is not known.
        gross_total: what is left, with tax; `None` when the tax is not known.
    """

    base: Money
    parts: tuple[Money, ...]
    discount: Money
    lines: tuple[Money, ...]
    net_total: Money | None
    gross_total: Money | None


def discount_document(
    lines: Sequence[Money],
    discount: DocumentDiscount,
    *,
    rounding: Rounding | None = None,
    allocation: AllocationPolicy = DEFAULT_ALLOCATION,
    amounts: TaxBasis = TaxBasis.NET,
    tax: Percent | None = None,
    stated_gross: Money | None = None,
) -> DiscountedDocument:
    """Take a discount off a document, and say what each line gives.

    An amount is shared by the amounts of the lines, and so is a percentage of the total. No line gives more than it
    has, unless the discount may exceed the document.

    Args:
        lines: the amounts of the lines that take part, of one currency; where an amount is shared, none below zero.
        discount: what is taken off.
        rounding: of the discount and of the totals; `None` to round nothing.
        allocation: how an amount is shared; its `base` is not read here.
        amounts: whether the lines are net or gross.
        tax: rate that takes the one total to the other; `None` when it is not known.
        stated_gross: the total with tax as the document states it, which may differ from the lines by roundings. Net
            lines leave it in the proportion in which they are left themselves; gross lines are corrected to match it.

    Raises:
        InvalidAllocation: no lines, or an amount is to be shared among lines below zero.
        CurrencyMismatch: amounts of different currencies.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.pricing.sharing.document_discount import DocumentDiscount, discount_document
    >>> lines = [Money(30, "EUR"), Money(10, "EUR")]
    >>> cents = Rounding("half_up", "0.01")
    >>> done = discount_document(lines, DocumentDiscount(amount=Money("13.77", "EUR")), rounding=cents, tax=Percent(19))
    >>> [str(part.amount) for part in done.parts], done.net_total, done.gross_total
    (['10.33', '3.44'], Money('26.23', 'EUR'), Money('31.21', 'EUR'))
    """
    code = common_currency(lines)
    base = Money.total(lines, code)
    document = base if stated_gross is None or amounts is TaxBasis.NET else stated_gross
    if discount.percent is not None and discount.percent_of is PercentOf.EACH_LINE and document is base:
        parts = tuple(_percent_of_line(line, discount, rounding) for line in lines)
        off = Money.total(parts, code)
    else:
        off = base - (document - _off(document, discount, rounding))
        values = [line.amount for line in lines]
        shares = distribute(
            off.amount,
            values,
            room=values if Money.zero(code) < off <= base else None,
            policy=allocation,
            unit=None if rounding is None else rounding.increment,
        )
        parts = tuple(Money(share, code) for share in shares)
    left = base - off
    net, gross = _totals(
        left, base, discount, rounding=rounding, amounts=amounts, tax=tax, stated_gross=stated_gross
    )
    return DiscountedDocument(
        base=base,
        parts=parts,
        discount=off,
        lines=tuple(line - part for line, part in zip(lines, parts, strict=True)),
        net_total=net,
        gross_total=gross,
    )


def require_one(what: str, percent: Percent | None, amount: Money | None) -> None:
    """Refuse a definition that has neither a percentage nor an amount, or both; raises `InvalidInput`.

    >>> from salesmgmt.cpq.pricing.sharing.document_discount import require_one
    >>> require_one("a discount", None, None)
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: a discount has 1 problem: ...
    """
    if (percent is None) == (amount is None):
        found = None if percent is None else "both"
        raise InvalidInput(what, [Problem("percent", "one_of", found, "either percent or amount")])


def _percent_of_line(line: Money, discount: DocumentDiscount, rounding: Rounding | None) -> Money:
    off = _rounded(line * (discount.percent or _NO_TAX), rounding)
    is_capped = discount.excess is Excess.CAP and line.amount >= 0
    return min(off, line) if is_capped else off


def _off(base: Money, discount: DocumentDiscount, rounding: Rounding | None) -> Money:
    if discount.amount is not None:
        off = _rounded(discount.amount, rounding)
    elif discount.percent_of is PercentOf.TOTAL_LEFT:
        off = base - _rounded(base * (_HUNDRED - _percent(discount)), rounding)
    else:
        off = _rounded(base * _percent(discount), rounding)
    return min(off, base) if discount.excess is Excess.CAP and base.amount >= 0 else off


def _totals(
    left: Money,
    base: Money,
    discount: DocumentDiscount,
    *,
    rounding: Rounding | None,
    amounts: TaxBasis,
    tax: Percent | None,
    stated_gross: Money | None,
) -> tuple[Money | None, Money | None]:
    """What is left, net and gross."""
    if amounts is TaxBasis.GROSS:
        return None if tax is None else _rounded(left / _with(tax), rounding), left
    if stated_gross is not None:
        return left, _stated_left(stated_gross, left, base, discount, rounding)
    return left, None if tax is None else _rounded(left * _with(tax), rounding)


def _stated_left(
    stated: Money, left: Money, base: Money, discount: DocumentDiscount, rounding: Rounding | None
) -> Money:
    if discount.percent is not None:
        exact_left = stated * (_HUNDRED - discount.percent)
        if discount.excess is Excess.CAP and stated.amount >= 0:
            exact_left = max(exact_left, Money.zero(stated.currency))
        return _rounded(exact_left, rounding)
    if not base:
        return stated
    try:
        ratio = WIDE.divide(WIDE.multiply(stated.amount, left.amount), base.amount)
        return _rounded(Money(CONTEXT.plus(ratio), stated.currency), rounding)
    except ArithmeticError:
        raise OutOfRange from None


def _percent(discount: DocumentDiscount) -> Percent:
    return discount.percent or _NO_TAX


def _with(tax: Percent) -> Decimal:
    return (_HUNDRED + tax).ratio


def _rounded(amount: Money, rounding: Rounding | None) -> Money:
    return amount if rounding is None else rounding.apply(amount)
