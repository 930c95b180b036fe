"""Quantities with a unit of measure."""

from __future__ import annotations

from decimal import Decimal
from typing import overload

import attrs

from salesmgmt.core.errors import FloatRefused, SalesError, shorten
from salesmgmt.core.exact import Number, add, divide, exact, multiply, subtract


class UnitMismatch(SalesError, ValueError):
    """Quantities of different units were added, compared or divided.

    Attributes:
        left: the one unit.
        right: the other.
    """

    code = "unit_mismatch"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(
            f"{left} and {right} do not go together", hint="convert one of them first (UnitTable.convert)"
        )
        self.left = left
        self.right = right


class InvalidUnit(SalesError, ValueError):
    """A unit makes no sense, or contradicts what a table says.

    Attributes:
        found: the unit as it was given.
    """

    code = "invalid_unit"

    def __init__(self, found: str, reason: str, *, hint: str) -> None:
        self.found = found
        super().__init__(f"{found} {reason}", hint=hint)


def _amount(value: Number) -> Decimal:
    return exact(value, "a quantity")


def unit_code(value: str) -> str:
    """Return `value` when it can be the code of a unit; raises `InvalidUnit`.

    >>> from salesmgmt.core.quantity import unit_code
    >>> unit_code("kg")
    'kg'
    """
    if not _is_code(value):
        raise InvalidUnit(shorten(value), "is not a unit", hint="write 1 to 40 characters, such as 'kg'")
    return value


def _is_code(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 40 and value == value.strip()


@attrs.frozen(repr=False)
class Quantity:
    """How much of something, in one unit.

    Equality goes by value and unit: 12 piece and 1 dozen are different until a table converts one of them.

    Attributes:
        amount: from a `Decimal`, an `int` or plain digits as text; may be negative (a return).
        unit: code of the unit, as a `UnitTable` knows it.

    Raises:
        FloatRefused, NotANumber: the amount is no exact number.
        InvalidUnit: the unit is no short text.

    >>> from salesmgmt.core.quantity import Quantity
    >>> Quantity(3, "kg") + Quantity("0.5", "kg")
    Quantity('3.5', 'kg')
    """

    amount: Decimal = attrs.field(converter=_amount)
    unit: str = attrs.field(converter=unit_code)

    def __add__(self, other: Quantity) -> Quantity:
        if not _is(other, Quantity):
            return NotImplemented
        self._require_same_unit(other)
        return Quantity(add(self.amount, other.amount), self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        if not _is(other, Quantity):
            return NotImplemented
        self._require_same_unit(other)
        return Quantity(subtract(self.amount, other.amount), self.unit)

    def __mul__(self, factor: Decimal | int) -> Quantity:
        if not _is(factor, Decimal, int):
            return NotImplemented
        return Quantity(multiply(self.amount, exact(factor, "a factor of a quantity")), self.unit)

    __rmul__ = __mul__

    @overload
    def __truediv__(self, divisor: Decimal | int) -> Quantity: ...
    @overload
    def __truediv__(self, divisor: Quantity) -> Decimal: ...
    def __truediv__(self, divisor: Decimal | int | Quantity) -> Quantity | Decimal:
        if isinstance(divisor, Quantity):
            self._require_same_unit(divisor)
            return divide(self.amount, divisor.amount)
        if not _is(divisor, Decimal, int):
            return NotImplemented
        return Quantity(divide(self.amount, exact(divisor, "a divisor of a quantity")), self.unit)

    def __neg__(self) -> Quantity:
        return Quantity(self.amount.copy_negate(), self.unit)

    def __abs__(self) -> Quantity:
        return Quantity(self.amount.copy_abs(), self.unit)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Quantity) -> bool:
        if not _is(other, Quantity):
            return NotImplemented
        self._require_same_unit(other)
        return self.amount < other.amount

    def __le__(self, other: Quantity) -> bool:
        if not _is(other, Quantity):
            return NotImplemented
        return not other < self

    def __gt__(self, other: Quantity) -> bool:
        if not _is(other, Quantity):
            return NotImplemented
        return other < self

    def __ge__(self, other: Quantity) -> bool:
        if not _is(other, Quantity):
            return NotImplemented
        return not self < other

    def _require_same_unit(self, other: Quantity) -> None:
        if self.unit != other.unit:
            raise UnitMismatch(self.unit, other.unit)

    def __repr__(self) -> str:
        return f"Quantity('{self.amount:f}', {self.unit!r})"

    def __str__(self) -> str:
        return f"{self.amount:f} {self.unit}"


def _is(operand: object, *kinds: type) -> bool:
    if isinstance(operand, float):
        raise FloatRefused(operand, "a quantity or a factor of it")
    return isinstance(operand, kinds)
