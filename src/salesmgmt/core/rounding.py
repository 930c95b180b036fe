"""Named roundings: the only way in which an amount loses digits."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, overload

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import CONTEXT, STRICT, WIDE, Number, OutOfRange, exact

if TYPE_CHECKING:
    from salesmgmt.core.money import Money


class RoundingMode(StrEnum):
    """Which neighbour an amount between two steps goes to.

    >>> [str(mode) for mode in RoundingMode][:3]
    ['half_up', 'half_even', 'half_down']
    """

    HALF_UP = "half_up"
    """The nearer one; from the middle away from zero (0.125 -> 0.13, -0.125 -> -0.13)."""
    HALF_EVEN = "half_even"
    """The nearer one; from the middle to the even multiple (0.125 -> 0.12)."""
    HALF_DOWN = "half_down"
    """The nearer one; from the middle towards zero."""
    UP = "up"
    """Away from zero."""
    DOWN = "down"
    """Towards zero."""
    CEILING = "ceiling"
    """Upwards, -0.129 to -0.12."""
    FLOOR = "floor"
    """Downwards, -0.121 to -0.13."""


class InvalidRounding(SalesError, ValueError):
    """A rounding cannot be made, or cannot be used for this purpose.

    Attributes:
        what: which figure or option it is.
        found: what was given, as text.
        wanted: what would have been right.
    """

    code = "invalid_rounding"

    def __init__(self, what: str, found: object, wanted: str) -> None:
        self.what = what
        self.found = f"{found:f}" if isinstance(found, Decimal) else shorten(found)
        self.wanted = wanted
        super().__init__(f"{what} is {self.found}", hint=f"wanted: {wanted}")


def _mode(value: RoundingMode | str) -> RoundingMode:
    try:
        return RoundingMode(value)
    except ValueError:
        raise InvalidRounding("the mode of a rounding", value, f"one of {', '.join(RoundingMode)}") from None


def _increment(value: Number) -> Decimal:
    return exact(value, "the increment of a rounding")


def _ending(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value, "the ending of a rounding")


@attrs.frozen
class Rounding:
    """To which steps amounts are rounded, and which way.

    Without `ending` the steps are the multiples of `increment`. With it they are price points: zero and every
    `k * increment + ending` for k = 0, 1, 2, ..., so `Rounding("half_up", 1, ending="0.99")` gives 0, 0.99, 1.99, ... .
    Zero stays zero, and an amount never changes its sign. Below zero the price points are mirrored.

    The result has the decimals of `increment`, or of `ending` when these are more.

    Attributes:
        mode: which neighbour is taken; its name as text does as well.
        increment: distance between two steps, above zero: 0.01, 0.05, 1, 10.
        ending: what price points end in, above zero and below `increment`; `None` for plain multiples.

    Raises:
        InvalidRounding: mode, increment or ending is none.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.rounding import Rounding
    >>> Rounding("half_up", "0.05").apply(Decimal("7.475"))
    Decimal('7.50')
    >>> Rounding("up", 1, ending="0.99").apply(Decimal("12.34"))
    Decimal('12.99')
    """

    mode: RoundingMode = attrs.field(converter=_mode)
    increment: Decimal = attrs.field(converter=_increment)
    ending: Decimal | None = attrs.field(default=None, converter=_ending)
    # Derived once, because a pricer rounds every line: the constant of `decimal`, whether it can do the work, and a
    # zero with the decimals of a result.
    _constant: str = attrs.field(init=False, repr=False, eq=False)
    _is_power_of_ten: bool = attrs.field(init=False, repr=False, eq=False)
    _zero: Decimal = attrs.field(init=False, repr=False, eq=False)

    @_constant.default
    def _constant_of_mode(self) -> str:
        return f"ROUND_{self.mode.name}"

    @_is_power_of_ten.default
    def _is_quantum(self) -> bool:
        return self.ending is None and self.increment.as_tuple().digits == (1,)

    @_zero.default
    def _zero_of_result(self) -> Decimal:
        zero = WIDE.multiply(_ZERO, self.increment)
        return zero if self.ending is None else WIDE.fma(_ZERO, self.ending, zero)

    def __attrs_post_init__(self) -> None:
        if self.increment <= 0:
            raise InvalidRounding("the increment of a rounding", self.increment, "a number above zero")
        if self.ending is not None and not 0 < self.ending < self.increment:
            raise InvalidRounding(
                "the ending of a rounding",
                self.ending,
                f"above zero and below the increment {self.increment}, which is the distance between price points",
            )

    @classmethod
    def for_currency(cls, code: str, mode: RoundingMode | str) -> Rounding:
        """The rounding to the minor unit of a currency.

        Raises:
            UnknownCurrency: no currency has this code.
            NoMinorUnit: ISO 4217 names no minor unit for it.

        >>> from salesmgmt.core.rounding import Rounding
        >>> Rounding.for_currency("JPY", "half_up").increment
        Decimal('1')
        """
        return cls(mode, Decimal(1).scaleb(-currency(code).minor_digits, CONTEXT))

    @overload
    def apply(self, value: Decimal | int) -> Decimal: ...
    @overload
    def apply(self, value: Money) -> Money: ...
    def apply(self, value: Decimal | int | Money) -> Decimal | Money:
        """Round a number or an amount of money.

        Raises:
            FloatRefused, NotANumber: the value is no exact number.
            OutOfRange: the result would need more than 34 digits.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.core.rounding import Rounding
        >>> Rounding("half_even", "0.01").apply(Money("2.345", "EUR"))
        Money('2.34', 'EUR')
        """
        if type(value) is not Decimal:
            if isinstance(value, (int, float, str, Decimal)):
                return self.apply(exact(value))
            return value.rounded(self)
        if not (self._is_power_of_ten and value.is_finite()):
            return self._to_step(exact(value))
        try:
            rounded = value.quantize(self.increment, self._constant, CONTEXT)
        except InvalidOperation:
            # No place for all digits down to the increment: the value has none that are finer.
            return exact(value)
        return rounded or rounded.copy_abs()

    def _to_step(self, value: Decimal) -> Decimal:
        """Round to multiples or price points.

        The quotient may be cut at its 300th digit. That cannot move it onto or across a middle or a step: it has at
        most 232 digits before the point, and a fraction, if any, that is 10^-35 or more away from both.
        """
        step, offset, ending = self.increment, _ZERO, self.ending
        distance = value
        if ending is not None:
            if value.copy_abs() < ending:
                step = ending
            else:
                offset = ending.copy_sign(value)
                distance = WIDE.subtract(value, offset)
        steps = WIDE.divide(distance, step).to_integral_value(self._constant)
        try:
            # What decimals the product has depends on those of the value; the zero adds the missing ones.
            return STRICT.add(STRICT.fma(steps, step, offset), self._zero)
        except ArithmeticError:
            raise OutOfRange from None


_ZERO = Decimal(0)
