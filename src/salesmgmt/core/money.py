"""Exact amounts of money in one currency."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, final, overload

import attrs

from salesmgmt.core.errors import FloatRefused, SalesError
from salesmgmt.core.exact import CONTEXT, WIDE, NotANumber, Number, OutOfRange, divide, exact, multiply
from salesmgmt.core.percent import Percent

if TYPE_CHECKING:
    from salesmgmt.core.currency import Currency
    from salesmgmt.core.rounding import Rounding, RoundingMode

Factor: TypeAlias = Decimal | int | Percent
"""What an amount of money is multiplied with or divided by."""


class CurrencyMismatch(SalesError, ValueError):
    """Amounts of different currencies were added, compared or divided.

    Attributes:
        left: the one currency.
        right: the other.
    """

    code = "currency_mismatch"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(
            f"{left} and {right} do not go together", hint="convert one of them first (ExchangeRates.convert)"
        )
        self.left = left
        self.right = right


class TooFine(SalesError, ValueError):
    """An amount is no whole number of minor units.

    Attributes:
        money: the amount.
        decimals: digits of the minor unit of its currency.
    """

    code = "too_fine"

    def __init__(self, money: Money, decimals: int) -> None:
        super().__init__(
            f"{money} has more decimals than the {decimals} of {money.currency}",
            hint="round it first (Money.rounded)",
        )
        self.money = money
        self.decimals = decimals


def _amount(value: Number) -> Decimal:
    return exact(value, "an amount of money")


# The modules of currencies and roundings are loaded when the first amount needs them, so that `Money` itself is
# imported in no time.


def _currency(code: str) -> Currency:
    from salesmgmt.core.currency import currency  # noqa: PLC0415 - the reason stands above

    return currency(code)


@cache
def _codes() -> dict[str, str]:
    from salesmgmt.core.currency import currencies  # noqa: PLC0415 - the reason stands above

    return {known.code: known.code for known in currencies()}


@cache
def _rounding(code: str, mode: RoundingMode | str) -> Rounding:
    from salesmgmt.core.rounding import Rounding  # noqa: PLC0415 - the reason stands above

    return Rounding.for_currency(code, mode)


def _code(value: str) -> str:
    try:
        return _codes()[value]
    except (KeyError, TypeError):
        return _currency(value).code


@final
@attrs.frozen(repr=False, weakref_slot=False)
class Money:
    """An exact amount in one currency, at any scale.

    Equality goes by value (`1.0` is `1.00`). Amounts of different currencies are unequal; adding, ordering or
    dividing them raises `CurrencyMismatch`. Results are kept to 34 significant digits and are never rounded to the
    currency: `rounded` does that, by name. The decimal context of the host is neither read nor changed.

    Attributes:
        amount: from a `Decimal`, an `int` or plain digits as text; never from a float.
        currency: an ISO 4217 code; withdrawn ones are accepted, for history.

    Raises:
        FloatRefused, NotANumber: the amount is no exact number.
        UnknownCurrency: no currency has this code.

    >>> from salesmgmt.core.money import Money
    >>> Money("1250.00", "EUR") * 3 + Money(1, "EUR")
    Money('3751.00', 'EUR')
    """

    amount: Decimal = attrs.field(converter=_amount)
    currency: str = attrs.field(converter=_code)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in a currency.

        >>> from salesmgmt.core.money import Money
        >>> Money.zero("EUR")
        Money('0', 'EUR')
        """
        return cls(0, currency)

    @classmethod
    def total(cls, monies: Iterable[Money], currency: str) -> Money:
        """Add amounts up; nothing at all is zero of `currency`.

        Raises:
            CurrencyMismatch: an amount is of another currency.

        >>> from salesmgmt.core.money import Money
        >>> Money.total([Money("1.50", "EUR"), Money("2.25", "EUR")], "EUR")
        Money('3.75', 'EUR')
        """
        return sum(monies, cls.zero(currency))

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """Make an amount from whole minor units, as payment services count.

        Raises:
            NoMinorUnit: ISO 4217 names none for this currency.

        >>> from salesmgmt.core.money import Money
        >>> Money.from_minor(1999, "EUR"), Money.from_minor(1999, "JPY")
        (Money('19.99', 'EUR'), Money('1999', 'JPY'))
        """
        count = exact(units, "a count of minor units")
        if not isinstance(units, int):
            raise NotANumber(units, "minor units are counted by whole numbers")
        known = _currency(currency)
        return known_money(count.scaleb(-known.minor_digits, CONTEXT), known.code)

    def minor_units(self) -> int:
        """The amount in whole minor units.

        Raises:
            TooFine: it is no whole number of them.
            NoMinorUnit: ISO 4217 names none for this currency.

        >>> from salesmgmt.core.money import Money
        >>> Money("19.99", "EUR").minor_units()
        1999
        """
        digits = _currency(self.currency).minor_digits
        units = self.amount.scaleb(digits, WIDE)
        if units != units.to_integral_value(context=WIDE):
            raise TooFine(self, digits)
        return int(units)

    def rounded(self, rounding: Rounding) -> Money:
        """Round the amount.

        >>> from salesmgmt.core.money import Money
        >>> from salesmgmt.core.rounding import Rounding
        >>> Money("9.985", "CHF").rounded(Rounding("half_up", "0.05"))
        Money('10.00', 'CHF')
        """
        return known_money(rounding.apply(self.amount), self.currency)

    def to_currency_decimals(self, mode: RoundingMode | str) -> Money:
        """Round to the minor unit of the currency.

        Raises:
            NoMinorUnit: ISO 4217 names none for this currency.

        >>> from salesmgmt.core.money import Money
        >>> Money("99.5", "JPY").to_currency_decimals("half_even")
        Money('100', 'JPY')
        """
        return self.rounded(_rounding(self.currency, mode))

    def __add__(self, other: Money) -> Money:
        if _kind(other) is not Money:
            _refuse_float(other)
            return NotImplemented
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        try:
            amount = _add(self.amount, other.amount)
        except ArithmeticError:
            raise OutOfRange from None
        return known_money(amount, self.currency)

    def __radd__(self, other: int) -> Money:
        """`0 + money` is the money, so that `sum` works on amounts; nothing else is added from the left."""
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    def __sub__(self, other: Money) -> Money:
        if _kind(other) is not Money:
            _refuse_float(other)
            return NotImplemented
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        try:
            return known_money(_subtract(self.amount, other.amount), self.currency)
        except ArithmeticError:
            raise OutOfRange from None

    def __mul__(self, factor: Factor) -> Money:
        number = _number(factor)
        if number is None:
            _refuse_float(factor)
            return NotImplemented
        return known_money(multiply(self.amount, number), self.currency)

    __rmul__ = __mul__

    @overload
    def __truediv__(self, divisor: Factor) -> Money: ...
    @overload
    def __truediv__(self, divisor: Money) -> Decimal: ...
    def __truediv__(self, divisor: Factor | Money) -> Money | Decimal:
        if isinstance(divisor, Money):
            if self.currency != divisor.currency:
                raise CurrencyMismatch(self.currency, divisor.currency)
            return divide(self.amount, divisor.amount)
        number = _number(divisor)
        if number is None:
            _refuse_float(divisor)
            return NotImplemented
        return known_money(divide(self.amount, number), self.currency)

    def __neg__(self) -> Money:
        return known_money(self.amount.copy_negate(), self.currency) if self.amount else self

    def __pos__(self) -> Money:
        return self

    def __abs__(self) -> Money:
        return known_money(self.amount.copy_abs(), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Money) -> bool:
        if _kind(other) is not Money:
            _refuse_float(other)
            return NotImplemented
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        if _kind(other) is not Money:
            _refuse_float(other)
            return NotImplemented
        return not other < self

    def __gt__(self, other: Money) -> bool:
        if _kind(other) is not Money:
            _refuse_float(other)
            return NotImplemented
        return other < self

    def __ge__(self, other: Money) -> bool:
        if _kind(other) is not Money:
            _refuse_float(other)
            return NotImplemented
        return not self < other

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', '{self.currency}')"

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


# Bound once: sums over many lines spend their time here.
_add = CONTEXT.add
_subtract = CONTEXT.subtract
_new = object.__new__
_kind: Callable[[object], type] = type
_set_amount: Callable[[Money, Decimal], None] = vars(Money)["amount"].__set__
_set_currency: Callable[[Money, str], None] = vars(Money)["currency"].__set__


def totals_by_currency(monies: Iterable[Money]) -> tuple[Money, ...]:
    """Return the totals of amounts, one for each of their currencies, in the order of the codes.

    >>> from salesmgmt.core.money import Money, totals_by_currency
    >>> totals_by_currency([Money(1, "USD"), Money(2, "EUR"), Money(3, "USD")])
    (Money('2', 'EUR'), Money('4', 'USD'))
    """
    totals: dict[str, Money] = {}
    for money in monies:
        code = money.currency
        totals[code] = totals[code] + money if code in totals else money
    return tuple(totals[code] for code in sorted(totals))


def known_money(amount: Decimal, currency: str) -> Money:
    """Make an amount of parts that are known to be good, without checking them again, in a third of the time.

    For amounts that the library has reckoned itself; what comes from outside goes through `Money`.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.money import known_money
    >>> known_money(Decimal("9.99"), "EUR")
    Money('9.99', 'EUR')
    """
    money = _new(Money)
    _set_amount(money, amount)
    _set_currency(money, currency)
    return money


def _number(factor: object) -> Decimal | None:
    if isinstance(factor, Percent):
        return factor.ratio
    return exact(factor) if isinstance(factor, (Decimal, int)) else None


def _refuse_float(operand: object) -> None:
    if isinstance(operand, float):
        raise FloatRefused(operand, "an amount of money or a factor of it")
