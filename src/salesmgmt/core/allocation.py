"""Share an amount out so that the parts add up to it exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Literal, TypeAlias, overload

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import STRICT, WIDE, OutOfRange, exact
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import InvalidRounding, RoundingMode

_ONE = Decimal(1)

Weight: TypeAlias = Decimal | int | Money | Percent
"""How much of the whole a part gets, in relation to the other weights."""

Remainder: TypeAlias = Literal["largest_fraction", "first", "last", "largest_part"]
"""Who gets what is left after each part was rounded."""


class InvalidAllocation(SalesError, ValueError):
    """An amount cannot be shared out as was asked.

    Attributes:
        reason: `no_weights`, `mixed_weights`, `negative_weight`, `zero_weights`, `no_unit` or `unknown_option`; where the
            parts have limits also `no_room` or `negative_room`.
        index: position of the weight at fault, from 0; `None` when it is none in particular.
    """

    code = "invalid_allocation"

    def __init__(self, reason: str, message: str, *, hint: str, index: int | None = None) -> None:
        self.reason = reason
        self.index = index
        super().__init__(message, hint=hint)


@overload
def allocate(
    amount: Money,
    weights: Iterable[Weight],
    *,
    unit: Decimal | int | str | None = None,
    rounding: RoundingMode | str = RoundingMode.DOWN,
    remainder: Remainder = "largest_fraction",
    tie: Literal["first", "last"] = "first",
    zero_weights: Literal["equal", "refuse"] = "equal",
) -> tuple[Money, ...]: ...
@overload
def allocate(
    amount: Decimal | int,
    weights: Iterable[Weight],
    *,
    unit: Decimal | int | str,
    rounding: RoundingMode | str = RoundingMode.DOWN,
    remainder: Remainder = "largest_fraction",
    tie: Literal["first", "last"] = "first",
    zero_weights: Literal["equal", "refuse"] = "equal",
) -> tuple[Decimal, ...]: ...
def allocate(
    amount: Money | Decimal | int,
    weights: Iterable[Weight],
    *,
    unit: Decimal | int | str | None = None,
    rounding: RoundingMode | str = RoundingMode.DOWN,
    remainder: Remainder = "largest_fraction",
    tie: Literal["first", "last"] = "first",
    zero_weights: Literal["equal", "refuse"] = "equal",
) -> tuple[Money, ...] | tuple[Decimal, ...]:
    """Share `amount` out by `weights`; the parts add up to it exactly, and `allocate(-x)` is `-allocate(x)`.

    First each exact share `amount * weight / sum(weights)` is rounded to a multiple of `unit`. Then the difference
    between `amount` and the sum of these is placed by `remainder`:

    - `largest_fraction`: one unit each to those whose shares lost the largest fraction of a unit by rounding down
      (Hamilton, 1792). Each part is less than a unit away from its share, whatever `rounding` is. When `amount` itself
      is no multiple of `unit`, what is left below one unit goes to the next in this order.
    - `first`, `last`: all of it to the first or last part. With a rounding other than `down` it may be negative and
      larger than that part; choose `down` or `largest_fraction` where a part must keep the sign of the amount.
    - `largest_part`: all of it to the part with the largest weight.

    A part of weight zero gets nothing, not even a difference, unless all weights are zero.

    Args:
        amount: what is shared out.
        weights: one for each part, none negative; all of one kind, and amounts of money of one currency.
        unit: smallest step of a part, above zero; by default the minor unit of the currency of `amount`.
        rounding: `down`, `up`, `half_up`, `half_even` or `half_down`, by size without the sign.
        remainder: as above.
        tie: which one comes first where fractions or largest weights are equal.
        zero_weights: when all weights are zero, share equally, or refuse.

    Returns:
        The parts in the order of the weights, of the kind of `amount`.

    Raises:
        InvalidAllocation: no weights, some of another kind, a negative one, all zero (when refused), no unit, or an unknown option.
        InvalidRounding: the rounding has no mirror image (`ceiling`, `floor`), or is unknown.
        CurrencyMismatch: the weights are amounts of different currencies.
        NoMinorUnit: the currency has none and no `unit` was named.
        OutOfRange: a part needs more than 34 digits.

    >>> from salesmgmt.core.allocation import allocate
    >>> from salesmgmt.core.money import Money
    >>> allocate(Money("100.00", "EUR"), [1, 1, 1])
    (Money('33.34', 'EUR'), Money('33.33', 'EUR'), Money('33.33', 'EUR'))
    >>> allocate(Money("-0.05", "EUR"), [Money(70, "EUR"), Money(30, "EUR")], remainder="last")
    (Money('-0.03', 'EUR'), Money('-0.02', 'EUR'))
    """
    mode = _symmetric(rounding)
    _check_options(remainder, tie, zero_weights)
    if isinstance(amount, Money):
        if unit is None:
            unit = Decimal(1).scaleb(-currency(amount.currency).minor_digits, WIDE)
        whole = amount.amount
    else:
        whole = exact(amount, "the amount to share out")
    if unit is None:
        raise InvalidAllocation("no_unit", "a plain number has no smallest unit", hint="name it: unit='0.01'")
    step = exact(unit, "the unit of an allocation")
    if step <= 0:
        raise InvalidAllocation("no_unit", f"the unit is {step:f}", hint="name a unit above zero")

    numbers = checked_weights(weights)
    if zero_weights == "refuse" and whole and not any(numbers):
        raise InvalidAllocation("zero_weights", "all weights are zero", hint="or allow zero_weights='equal'")
    parts = allocate_known(whole, numbers, step, rounding=mode, remainder=remainder, tie=tie)
    return tuple([Money(part, amount.currency) for part in parts]) if isinstance(amount, Money) else parts


def allocate_known(
    whole: Decimal,
    weights: Sequence[Decimal],
    unit: Decimal,
    *,
    rounding: RoundingMode = RoundingMode.DOWN,
    remainder: Remainder = "largest_fraction",
    tie: Literal["first", "last"] = "first",
) -> tuple[Decimal, ...]:
    """Share an amount out as `allocate` does, among weights that are known to be good, without checking them again.

    For numbers that the library has reckoned itself, at least one weight and none negative, and a unit above zero.

    Raises:
        OutOfRange: a part needs more than 34 digits.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.allocation import allocate_known
    >>> allocate_known(Decimal(1), [Decimal(2), Decimal(1)], Decimal("0.01"))
    (Decimal('0.67'), Decimal('0.33'))
    """
    shares, _ = _scaled(weights)
    if not any(shares):
        shares = [1] * len(shares)
    # Without its trailing zeros, so that the parts have the decimals of the unit.
    (size, step), exponent = _scaled([whole.copy_abs().normalize(WIDE), unit])
    if remainder == "largest_fraction":
        counts = _by_largest_fraction(size, step, shares, last=tie == "last")
    else:
        counts = _rounded(size, step, shares, rounding)
        counts[_place(shares, remainder, last=tie == "last")] += size - sum(counts)
    try:
        step_unit = _ONE.scaleb(exponent, WIDE)
        parts = [STRICT.multiply(Decimal(count), step_unit) for count in counts]
    except ArithmeticError:
        raise OutOfRange from None
    return tuple([part.copy_negate() if part else part for part in parts] if whole < 0 else parts)


def _symmetric(rounding: RoundingMode | str) -> RoundingMode:
    try:
        mode = RoundingMode(rounding)
    except ValueError:
        mode = RoundingMode.CEILING
    if mode in (RoundingMode.CEILING, RoundingMode.FLOOR):
        raise InvalidRounding(
            "the rounding of an allocation", rounding, "one of down, up, half_up, half_even, half_down"
        )
    return mode


def _check_options(remainder: str, tie: str, zero_weights: str) -> None:
    for name, value, known in (
        ("remainder", remainder, ("largest_fraction", "first", "last", "largest_part")),
        ("tie", tie, ("first", "last")),
        ("zero_weights", zero_weights, ("equal", "refuse")),
    ):
        if value not in known:
            raise InvalidAllocation(
                "unknown_option", f"{name} is {value!r}", hint=f"wanted: one of {', '.join(known)}"
            )


def checked_weights(weights: Iterable[Weight]) -> list[Decimal]:
    """The weights as exact numbers; raises as `allocate` does for what can be none.

    >>> from salesmgmt.core.allocation import checked_weights
    >>> from salesmgmt.core.percent import Percent
    >>> checked_weights([Percent(70), Percent(30)])
    [Decimal('70'), Decimal('30')]
    """
    numbers = []
    seen: str | None = None
    first: type | None = None
    for index, weight in enumerate(weights):
        kind = type(weight) if isinstance(weight, Money | Percent) else Decimal
        first = first or kind
        if kind is not first:
            raise InvalidAllocation(
                "mixed_weights",
                f"the weight at position {index} is of another kind than the first",
                hint="give plain numbers, percentages or amounts of money throughout",
                index=index,
            )
        if isinstance(weight, Money):
            if seen is not None and seen != weight.currency:
                raise CurrencyMismatch(seen, weight.currency)
            seen = weight.currency
            number = weight.amount
        else:
            number = weight.points if isinstance(weight, Percent) else exact(weight, "a weight")
        if number < 0:
            raise InvalidAllocation(
                "negative_weight",
                f"the weight at position {index} is {number:f}",
                hint="share only among weights of zero or more",
                index=index,
            )
        numbers.append(number)
    if not numbers:
        raise InvalidAllocation("no_weights", "there are no weights", hint="give one for each part")
    return numbers


def _scaled(numbers: Sequence[Decimal]) -> tuple[list[int], int]:
    """The numbers as whole multiples of the power of ten that is returned with them."""
    # An exact sum has the exponent of its finest number, and is had faster than each exponent.
    exponent = int(reduce(WIDE.add, numbers).as_tuple().exponent)
    factor = _ONE.scaleb(-exponent, WIDE)
    return [int(WIDE.multiply(number, factor)) for number in numbers], exponent


def _by_largest_fraction(size: int, step: int, shares: list[int], *, last: bool) -> list[int]:
    """Round down, then give a step each to the largest lost fractions, and the rest below one step to the next."""
    divisor = step * sum(shares)
    whole_steps, fractions = zip(*(divmod(size * share, divisor) for share in shares), strict=True)
    steps, rest = divmod(size, step)
    left = steps - sum(whole_steps)
    counts = [count * step for count in whole_steps]
    places = range(len(shares))
    # Sorted backwards, equal ones stay in the order in which they came.
    order = sorted(reversed(places) if last else places, key=fractions.__getitem__, reverse=True)
    for i in order[:left]:
        counts[i] += step
    if rest:
        counts[order[left]] += rest
    return counts


def _rounded(size: int, step: int, shares: list[int], mode: RoundingMode) -> list[int]:
    divisor = step * sum(shares)
    counts = []
    for share in shares:
        count, fraction = divmod(size * share, divisor)
        twice = 2 * fraction
        if (
            (mode is RoundingMode.UP and fraction)
            or (mode is RoundingMode.HALF_UP and twice >= divisor)
            or (mode is RoundingMode.HALF_DOWN and twice > divisor)
            or (mode is RoundingMode.HALF_EVEN and twice + count % 2 > divisor)
        ):
            count += 1
        counts.append(count * step)
    return counts


def _place(shares: list[int], remainder: Remainder, *, last: bool) -> int:
    """The position that gets the whole difference."""
    candidates = [i for i, share in enumerate(shares) if share]
    if remainder == "largest_part":
        largest = max(shares)
        candidates = [i for i in candidates if shares[i] == largest]
        return candidates[-1] if last else candidates[0]
    return candidates[-1] if remainder == "last" else candidates[0]
