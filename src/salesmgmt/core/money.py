"""Exact amounts of money."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.exact import exact


@attrs.frozen
class Money:
    """An exact amount in one currency (being written: arithmetic, order and checks follow)."""

    amount: Decimal = attrs.field(converter=exact)
    currency: str
