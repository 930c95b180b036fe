"""Quantiles of exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from salesmgmt.core.exact import add, divide, multiply, subtract


def quantile(ascending: Sequence[Decimal], part: int, of: int) -> Decimal:
    """Return the value below which `part` of `of` equal parts of the numbers lie.

    Definition 7 of Hyndman & Fan (1996), The American Statistician 50(4): linear between neighbours, the first number for
    no part and the last one for all; as of R, NumPy and pandas.

    Args:
        ascending: at least one number, in ascending order.
        part: 0 to `of`: 1 of 4 for the first quartile, 90 of 100 for the 90th percentile.
        of: how many parts there are, at least 1.

    Raises:
        ValueError: there is no number, or no such part.

    >>> from decimal import Decimal
    >>> from salesmgmt.engines.statistics import quantile
    >>> quantile([Decimal(1), Decimal(2), Decimal(4), Decimal(8)], 1, 2)
    Decimal('3')
    """
    if not ascending or not 0 <= part <= of or not of:
        message = f"part {part} of {of} of {len(ascending)} numbers; there must be a number, and a part from 0 to {of}"
        raise ValueError(message)
    place, rest = divmod((len(ascending) - 1) * part, of)
    below = ascending[place]
    if not rest:
        return below
    # Multiplied before it is divided: a quantile that is a whole number comes out as one.
    return add(below, divide(multiply(subtract(ascending[place + 1], below), Decimal(rest)), Decimal(of)))
