"""Which way a metric should go."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class Direction(StrEnum):
    """Whether more of a metric is good news.

    >>> from salesmgmt.engines.metrics import Direction
    >>> Direction("lower_is_better").favours(3, than=5)
    True
    """

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"
    """A ceiling: days sales outstanding, churn, complaints."""

    def favours(self, number: Decimal | int, *, than: Decimal | int) -> bool:
        """Whether `number` is better than `than`."""
        return number > than if self is Direction.HIGHER_IS_BETTER else number < than
