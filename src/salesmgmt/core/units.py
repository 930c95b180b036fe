"""Units of measure, and tables that convert quantities between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from math import gcd
from typing import Final

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.exact import WIDE, Number, divide, exact
from salesmgmt.core.nearest import nearest
from salesmgmt.core.quantity import InvalidUnit, Quantity, unit_code


class UnknownUnit(SalesError, LookupError):
    """A table has no such unit.

    Attributes:
        found: the code that was asked for, shortened for showing.
        nearest: the known code that is most like it; `None` when none is.
    """

    code = "unknown_unit"

    def __init__(self, found: object, known: Iterable[str]) -> None:
        self.found = shorten(found)
        self.nearest = nearest(found, known) if isinstance(found, str) else None
        meant = f"did you mean {self.nearest}? " if self.nearest else ""
        super().__init__(
            f"{self.found} is not a unit of this table",
            hint=f"{meant}add it (UnitTable.with_unit, with_conversion)",
        )


class IncompatibleUnits(SalesError, ValueError):
    """Two units measure different things, and the table does not say how they relate.

    Attributes:
        left: the one unit.
        right: the other.
    """

    code = "incompatible_units"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(
            f"{left} cannot be converted to {right}",
            hint="if they relate for this product, say how (UnitTable.with_conversion)",
        )
        self.left = left
        self.right = right


def _figure(value: Number) -> Decimal:
    return exact(value, "a figure of a unit")


_ONE: Final = Decimal(1)


@attrs.frozen
class Unit:
    """A unit of measure in terms of a base unit: `per` of it are `factor` of the base.

    Two numbers instead of one keep it exact where one would not: 60 minutes are 1 hour.

    Attributes:
        code: as quantities name it, `dozen`.
        base: code of the unit that the others of its kind are counted in, `piece`; its own code for such a unit.
        factor: above zero.
        per: above zero.

    Raises:
        InvalidUnit: a figure is not above zero, or a base unit is not one of itself.

    >>> from salesmgmt.core.units import Unit
    >>> str(Unit("minute", "hour", 1, per=60))
    '60 minute = 1 hour'
    """

    code: str = attrs.field(converter=unit_code)
    base: str = attrs.field(converter=unit_code)
    factor: Decimal = attrs.field(default=_ONE, converter=_figure)
    per: Decimal = attrs.field(default=_ONE, converter=_figure)

    def __attrs_post_init__(self) -> None:
        if self.factor <= 0 or self.per <= 0:
            raise InvalidUnit(
                str(self), "has a figure that is not above zero", hint="give figures above zero"
            )
        if self.code == self.base and self.factor != self.per:
            raise InvalidUnit(str(self), "contradicts itself", hint="a base unit is exactly one of itself")

    def __str__(self) -> str:
        return f"{self.per:f} {self.code} = {self.factor:f} {self.base}"


def _units(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(units)


@attrs.frozen
class UnitTable:
    """The units that a company or a product knows; it converts quantities between those with the same base.

    A month has no fixed length, so the standard table does not relate it to a day.

    Attributes:
        units: each code once, and every base among them.

    Raises:
        InvalidUnit: a code stands there twice, or a base is missing or has a base of its own.

    >>> from salesmgmt.core.quantity import Quantity
    >>> from salesmgmt.core.units import UnitTable
    >>> wine = UnitTable.standard().with_conversion("box", "piece", 6).with_conversion("piece", "l", "0.75")
    >>> wine.convert(Quantity(2, "box"), "l")
    Quantity('9', 'l')
    """

    units: tuple[Unit, ...] = attrs.field(converter=_units)
    _by_code: Mapping[str, Unit] = attrs.field(init=False, repr=False, eq=False)

    @_by_code.default
    def _index(self) -> Mapping[str, Unit]:
        by_code: dict[str, Unit] = {}
        for unit in self.units:
            if by_code.setdefault(unit.code, unit) is not unit:
                raise InvalidUnit(unit.code, "is defined twice", hint="keep one of them")
        for unit in self.units:
            if unit.base not in by_code or by_code[unit.base].base != unit.base:
                raise InvalidUnit(
                    str(unit),
                    f"refers to {unit.base}, which is no base unit",
                    hint=f"add Unit({unit.base!r}, {unit.base!r}) to the table",
                )
        return by_code

    @classmethod
    def standard(cls) -> UnitTable:
        """Count, mass, length, area, volume and time in common units.

        Pound, ounce, inch, foot, yard and mile are those of 1959 (NIST SP 811).

        >>> from salesmgmt.core.quantity import Quantity
        >>> from salesmgmt.core.units import UnitTable
        >>> UnitTable.standard().convert(Quantity(10, "lb"), "kg")
        Quantity('4.53592370', 'kg')
        """
        return _standard()

    def unit(self, code: str) -> Unit:
        """Look a unit up.

        Raises:
            UnknownUnit: the table has none of this code.

        >>> from salesmgmt.core.units import UnitTable
        >>> UnitTable.standard().unit("dozen").base
        'piece'
        """
        try:
            return self._by_code[code]
        except (KeyError, TypeError):
            raise UnknownUnit(code, self._by_code) from None

    def with_unit(self, unit: Unit) -> UnitTable:
        """The table with one more unit.

        Raises:
            InvalidUnit: the code is taken, or the base unknown.

        >>> from salesmgmt.core.units import Unit, UnitTable
        >>> UnitTable.standard().with_unit(Unit("seat", "seat")).unit("seat").base
        'seat'
        """
        return UnitTable((*self.units, unit))

    def with_conversion(self, unit: str, of: str, factor: Number, *, per: Number = _ONE) -> UnitTable:
        """The table in which `per` of `unit` are `factor` of `of`, for one product or for all.

        A new `unit` is added. If both are known and measure different things, the two kinds are joined: with
        `with_conversion("piece", "kg", "0.75")` all that is counted in pieces gets `kg` as its base.

        Raises:
            UnknownUnit: `of` is not in the table.
            InvalidUnit: the table says otherwise already, or a figure is not above zero.

        >>> from salesmgmt.core.quantity import Quantity
        >>> from salesmgmt.core.units import UnitTable
        >>> screws = UnitTable.standard().with_conversion("box", "piece", 12)
        >>> screws.in_base(Quantity(3, "box"))
        Quantity('36', 'piece')
        """
        target = self.unit(of)
        said = Unit(unit, of, factor, per)
        known = self._by_code.get(unit)
        if known is None:
            return self.with_unit(_unit(unit, target.base, (said, target)))
        if known.base != target.base:
            joined = [
                _unit(each.code, target.base, (each, said, target), known)
                if each.base == known.base
                else each
                for each in self.units
            ]
            return UnitTable(joined)
        if _ratio((said, target)) != _ratio((known,)):
            raise InvalidUnit(str(said), f"contradicts {known}", hint="start from a table without the unit")
        return self

    def convert(self, quantity: Quantity, to: str) -> Quantity:
        """The same quantity in another unit, exact if 34 digits can hold it.

        Raises:
            UnknownUnit: the table lacks one of the units.
            IncompatibleUnits: they have different bases.

        >>> from salesmgmt.core.quantity import Quantity
        >>> from salesmgmt.core.units import UnitTable
        >>> UnitTable.standard().convert(Quantity(90, "minute"), "hour")
        Quantity('1.5', 'hour')
        """
        source, target = self.unit(quantity.unit), self.unit(to)
        if source.base != target.base:
            raise IncompatibleUnits(source.code, target.code)
        if source is target:
            return quantity
        dividend = WIDE.multiply(WIDE.multiply(quantity.amount, source.factor), target.per)
        return Quantity(divide(dividend, WIDE.multiply(source.per, target.factor)), target.code)

    def in_base(self, quantity: Quantity) -> Quantity:
        """The quantity in the base unit of its kind, in which thresholds are compared.

        Raises:
            UnknownUnit: the table lacks the unit.

        >>> from salesmgmt.core.quantity import Quantity
        >>> from salesmgmt.core.units import UnitTable
        >>> UnitTable.standard().in_base(Quantity(2, "dozen"))
        Quantity('24', 'piece')
        """
        return self.convert(quantity, self.unit(quantity.unit).base)


def _ratio(units: Iterable[Unit]) -> tuple[int, int]:
    """How many of the last base one of the first unit is, as a fraction in lowest terms."""
    top = bottom = 1
    for unit in units:
        factor, per = unit.factor.as_integer_ratio(), unit.per.as_integer_ratio()
        top, bottom = top * factor[0] * per[1], bottom * factor[1] * per[0]
    common = gcd(top, bottom)
    return top // common, bottom // common


def _unit(code: str, base: str, chain: Iterable[Unit], inverse: Unit | None = None) -> Unit:
    """The unit that a chain of conversions leads to, divided by `inverse`."""
    top, bottom = _ratio(chain)
    if inverse is not None:
        over, under = _ratio((inverse,))
        common = gcd(top * under, bottom * over)
        top, bottom = top * under // common, bottom * over // common
    return Unit(code, base, top, bottom)


@cache
def _standard() -> UnitTable:
    return UnitTable([Unit(*row) for row in _STANDARD])


_STANDARD: Final = (
    ("piece", "piece"),
    ("pair", "piece", 2),
    ("dozen", "piece", 12),
    ("gross", "piece", 144),
    ("kg", "kg"),
    ("mg", "kg", "0.000001"),
    ("g", "kg", "0.001"),
    ("t", "kg", 1000),
    ("lb", "kg", "0.45359237"),
    ("oz", "kg", "0.028349523125"),
    ("m", "m"),
    ("mm", "m", "0.001"),
    ("cm", "m", "0.01"),
    ("km", "m", 1000),
    ("in", "m", "0.0254"),
    ("ft", "m", "0.3048"),
    ("yd", "m", "0.9144"),
    ("mi", "m", "1609.344"),
    ("m2", "m2"),
    ("l", "l"),
    ("ml", "l", "0.001"),
    ("m3", "l", 1000),
    ("hour", "hour"),
    ("second", "hour", 1, 3600),
    ("minute", "hour", 1, 60),
    ("day", "hour", 24),
    ("week", "hour", 168),
    ("month", "month"),
    ("quarter", "month", 3),
    ("year", "month", 12),
)
