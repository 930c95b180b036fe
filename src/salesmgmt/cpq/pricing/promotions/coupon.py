"""Coupons: codes that call a promotion, with limits of their own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.cpq.pricing.promotions._bounds import check_number, check_validity


@attrs.frozen(kw_only=True)
class Coupon:
    """A code that calls a promotion, with limits of its own beside those of the promotion.

    Attributes:
        code: what the customer enters; it is compared exactly.
        promotion: id of the promotion.
        valid_from: first instant at which it is accepted.
        valid_to: first instant at which it is accepted no more.
        max_uses: documents in which it may be used.
        max_uses_per_customer: documents of one customer in which it may be used.

    Raises:
        InvalidInput: the validity is reversed or has no time zone, or a limit is negative.

    >>> from salesmgmt.cpq.pricing.promotions import Coupon
    >>> Coupon(code="WELCOME-17", promotion="welcome", max_uses=1).promotion
    'welcome'
    """

    code: str
    promotion: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None

    def __attrs_post_init__(self) -> None:
        problems: list[Problem] = []
        for name in ("max_uses", "max_uses_per_customer"):
            count = getattr(self, name)
            check_number(problems, name, None if count is None else Decimal(count))
        check_validity(problems, self.valid_from, self.valid_to)
        if problems:
            raise InvalidInput(f"coupon {self.code}", problems)
