"""One limit of a record, held against what is offered."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals.discounts.check import LimitKind
from salesmgmt.cpq.approvals.discounts.question import Offered
from salesmgmt.cpq.approvals.discounts.record import DiscountRecord

LIMITS = (LimitKind.MAX_PERCENT, LimitKind.MIN_MARGIN_PERCENT, LimitKind.FLOOR_PRICE, LimitKind.REASON)
"""The kinds of limit that a record can set."""


def limit_of(kind: LimitKind, record: DiscountRecord) -> Percent | Money | tuple[str, ...] | None:
    """The limit of a kind that a record sets; `None` when it sets none."""
    match kind:
        case LimitKind.MAX_PERCENT:
            return record.max_percent
        case LimitKind.MIN_MARGIN_PERCENT:
            return record.min_margin_percent
        case LimitKind.FLOOR_PRICE:
            return record.floor_price
        case _:
            return record.reasons or None


def found_in(kind: LimitKind, record: DiscountRecord, offered: Offered) -> Percent | Money | str | None:
    """What a limit of a kind looks at; of reason codes, the first that is not allowed."""
    match kind:
        case LimitKind.MAX_PERCENT:
            return offered.discount
        case LimitKind.MIN_MARGIN_PERCENT:
            return offered.margin
        case LimitKind.FLOOR_PRICE:
            return offered.unit_price
        case _:
            codes = [one.reason_code for one in offered.adjustments]
            return next(
                (code for code in codes if code not in record.reasons), ", ".join(codes) or "no manual price"
            )


def gravity_of(kind: LimitKind, record: DiscountRecord, offered: Offered) -> int:
    """How grave the consequence of one limit is; 0 within it."""
    is_kept: bool
    match kind:
        case LimitKind.MAX_PERCENT:
            is_kept = offered.discount is not None and offered.discount.points <= _points(record.max_percent)
        case LimitKind.MIN_MARGIN_PERCENT:
            is_kept = offered.margin is not None and offered.margin.points >= _points(
                record.min_margin_percent
            )
        case LimitKind.FLOOR_PRICE:
            is_kept = (
                offered.unit_price is not None
                and record.floor_price is not None
                and (
                    offered.unit_price.currency == record.floor_price.currency
                    and offered.unit_price >= record.floor_price
                )
            )
        case _:
            is_kept = all(one.reason_code in record.reasons for one in offered.adjustments)
    return 0 if is_kept else record.over.gravity


def _points(limit: Percent | None) -> Decimal:
    return Decimal(0) if limit is None else limit.points


def tightness_of(kind: LimitKind, record: DiscountRecord) -> Decimal:
    """What sorts the tightest limit of a kind first."""
    match kind:
        case LimitKind.MAX_PERCENT:
            return _points(record.max_percent)
        case LimitKind.MIN_MARGIN_PERCENT:
            return -_points(record.min_margin_percent)
        case LimitKind.FLOOR_PRICE:
            return Decimal(0) if record.floor_price is None else -record.floor_price.amount
        case _:
            return Decimal(len(record.reasons))


def limits_of(record: DiscountRecord) -> Iterator[LimitKind]:
    """The kinds of limit that a record sets."""
    for kind in LIMITS:
        if limit_of(kind, record) is not None:
            yield kind
