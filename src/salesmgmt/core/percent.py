"""A percentage: a rate that is not mixed up with a plain number."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.exact import CONTEXT, Number, exact


def _points(value: Number) -> Decimal:
    return exact(value, "a percentage")


@attrs.frozen(order=True)
class Percent:
    """A rate in percent: `Percent("10")` is 10 %, a tenth.

    Attributes:
        points: the figure before the percent sign, exact.

    >>> Percent("12.5").ratio
    Decimal('0.125')
    """

    points: Decimal = attrs.field(converter=_points)

    @property
    def ratio(self) -> Decimal:
        """The rate as a plain number: 0.1 for 10 %."""
        return self.points.scaleb(-2, CONTEXT)

    @classmethod
    def of_ratio(cls, ratio: Number) -> Percent:
        """Make the percentage of a plain ratio: `Percent.of_ratio("0.1")` is 10 %."""
        return cls(exact(ratio).scaleb(2, CONTEXT))

    def __str__(self) -> str:
        return f"{self.points:f}%"
