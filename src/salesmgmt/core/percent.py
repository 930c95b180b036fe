"""A percentage: a rate that is not mixed up with a plain number."""

from __future__ import annotations

from decimal import Decimal

import attrs

from salesmgmt.core.errors import FloatRefused
from salesmgmt.core.exact import Number, add, exact, multiply, subtract

_HUNDRED = Decimal("1E+2")
_HUNDREDTH = Decimal("1E-2")


def _points(value: Number) -> Decimal:
    return exact(value, "a percentage")


@attrs.frozen(order=True, repr=False)
class Percent:
    """A rate in percent: `Percent("10")` is 10 %, a tenth.

    Percentages are added to and subtracted from percentages, and multiplied with plain numbers. A percentage of an
    amount is `money * percent`; of a plain number it is `number * percent.ratio`.

    Attributes:
        points: the figure before the percent sign, exact.

    Raises:
        FloatRefused, NotANumber: the figure is no exact number.

    >>> from salesmgmt.core.percent import Percent
    >>> Percent("12.5").ratio
    Decimal('0.125')
    >>> Percent(100) - Percent("12.5")
    Percent('87.5')
    """

    points: Decimal = attrs.field(converter=_points)

    @property
    def ratio(self) -> Decimal:
        """The rate as a plain number: 0.1 for 10 %; raises `OutOfRange` below 10^-99."""
        return multiply(self.points, _HUNDREDTH)

    @classmethod
    def of_ratio(cls, ratio: Number) -> Percent:
        """Make the percentage of a plain ratio; raises `OutOfRange` for one beyond 10^97.

        >>> from salesmgmt.core.percent import Percent
        >>> Percent.of_ratio("0.1")
        Percent('10')
        """
        return cls(multiply(exact(ratio, "the ratio of a percentage"), _HUNDRED))

    def __add__(self, other: Percent) -> Percent:
        if not _is(other, Percent):
            return NotImplemented
        return Percent(add(self.points, other.points))

    def __sub__(self, other: Percent) -> Percent:
        if not _is(other, Percent):
            return NotImplemented
        return Percent(subtract(self.points, other.points))

    def __mul__(self, factor: Decimal | int) -> Percent:
        if not _is(factor, Decimal, int):
            return NotImplemented
        return Percent(multiply(self.points, exact(factor)))

    __rmul__ = __mul__

    def __neg__(self) -> Percent:
        return Percent(self.points.copy_negate())

    def __bool__(self) -> bool:
        return bool(self.points)

    def __repr__(self) -> str:
        return f"Percent('{self.points:f}')"

    def __str__(self) -> str:
        return f"{self.points:f}%"


def _is(operand: object, *kinds: type) -> bool:
    if isinstance(operand, float):
        raise FloatRefused(operand, "a percentage or a factor of it")
    return isinstance(operand, kinds)
