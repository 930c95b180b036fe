"""Taxes that a document shows on top of its total."""

from __future__ import annotations

import attrs

from salesmgmt.core.money import Money


@attrs.frozen
class TaxAmount:
    """A tax that comes on top, as the host reckoned it (see `salesmgmt.cpq.pricing.tax_of`).

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.documents import TaxAmount
    >>> TaxAmount("USt. 19 %", Money("19.00", "EUR")).label
    'USt. 19 %'
    """

    label: str
    amount: Money
