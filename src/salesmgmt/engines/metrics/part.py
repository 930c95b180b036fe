"""What other engines hand in: rows that a data frame or a database has counted and summed itself."""

from __future__ import annotations

from decimal import Decimal

import attrs


@attrs.frozen(kw_only=True)
class Part:
    """What an engine that reads rows in its own way (a data frame, a database) found for one leaf of a metric.

    Attributes:
        n: rows for which the condition held and that had a value.
        missing: rows for which it held, without a value.
        total: the sum of the values; zero where the leaf only counts.
        currency: of the values; empty for plain numbers.

    >>> from decimal import Decimal
    >>> from salesmgmt.engines.metrics import Part
    >>> Part(n=2, total=Decimal("12.50"), currency="EUR").missing
    0
    """

    n: int
    missing: int = 0
    total: Decimal = Decimal(0)
    currency: str = ""
