"""Distribution: how an amount of the whole document comes onto its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from operator import gt
from typing import Literal

import attrs

from salesmgmt.core.allocation import InvalidAllocation, Remainder, allocate_known, checked_weights
from salesmgmt.core.exact import STRICT, WIDE, OutOfRange, exact
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.rounding import InvalidRounding, RoundingMode

_ZERO = Decimal(0)
_DIGITS = 30
"""Significant digits to which an amount is shared when no unit is named; the parts add up all the same."""


class AllocationBase(StrEnum):
    """By what the lines share.

    >>> from salesmgmt.cpq.pricing.sharing.distribution import AllocationBase
    >>> AllocationBase("net").value
    'net'
    """

    NET = "net"
    """The amount that is left of the line when it shares."""
    GROSS = "gross"
    """The amount with tax."""
    LIST = "list"
    """The amount at list price."""
    QUANTITY = "quantity"
    """The quantity in base units."""
    WEIGHT = "weight"
    """The physical weight."""
    EQUAL = "equal"
    """Every line alike."""


class RemainderTo(StrEnum):
    """Who gets what is left after each share was rounded."""

    LARGEST_FRACTION = "largest_fraction"
    """One unit each to those who lost the largest fractions (Hamilton, 1792)."""
    FIRST = "first"
    """All of it to the first line."""
    LAST = "last"
    """All of it to the last line."""
    LARGEST_PART = "largest_part"
    """All of it to the line with the largest share."""


class TieTo(StrEnum):
    """Who comes first of lines with equal claims, by position."""

    FIRST = "first"
    """The first line."""
    LAST = "last"
    """The last line."""


@attrs.frozen(kw_only=True)
class AllocationPolicy:
    """How an amount is shared by lines.

    Attributes:
        base: by what; who calls `distribute` reads it and gives the weights.
        rounding: how each share is rounded before the remainder is placed.
        remainder: who gets the remainder.
        tie: who comes first where claims are equal.

    Raises:
        InvalidRounding: the rounding has no mirror image (`ceiling`, `floor`), so a discount and its return would differ.

    >>> from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy
    >>> AllocationPolicy(remainder="last").base.value
    'net'
    """

    base: AllocationBase = attrs.field(default=AllocationBase.NET, converter=AllocationBase)
    rounding: RoundingMode = attrs.field(default=RoundingMode.DOWN, converter=RoundingMode)
    remainder: RemainderTo = attrs.field(default=RemainderTo.LARGEST_FRACTION, converter=RemainderTo)
    tie: TieTo = attrs.field(default=TieTo.FIRST, converter=TieTo)

    def __attrs_post_init__(self) -> None:
        if self.rounding in (RoundingMode.CEILING, RoundingMode.FLOOR):
            raise InvalidRounding(
                "the rounding of shares", self.rounding, "one of down, up, half_up, half_even, half_down"
            )


DEFAULT_ALLOCATION = AllocationPolicy()
"""By net amounts, rounded down, the remainder to the largest fractions, the first line where claims are equal."""


def distribute(
    amount: Decimal,
    weights: Sequence[Decimal | int],
    *,
    room: Sequence[Decimal | int] | None = None,
    policy: AllocationPolicy = DEFAULT_ALLOCATION,
    unit: Decimal | None = None,
) -> tuple[Decimal, ...]:
    """Share an amount by weights, no part beyond the room of its line; the parts add up to the amount exactly.

    What a full line cannot take goes to the lines with room, in proportion to their weights; lines of weight zero take a
    part only when all others are full. Every part has the sign of the amount. An amount as large as all room together leaves
    nothing anywhere.

    Args:
        amount: what is shared; a discount may be given as a negative or a positive number.
        weights: one for each line, none negative; all zero is the same as all equal.
        room: how much each line can take, by size, none negative; `None` for no limit.
        policy: how shares are rounded and who gets the remainder.
        unit: smallest step of a part; `None` to share unrounded, to 30 digits.

    Raises:
        InvalidAllocation: no weights, a negative weight or room, or (`no_room`) the amount is larger than all room together.

    >>> from salesmgmt.cpq.pricing.sharing.distribution import distribute
    >>> distribute(Decimal("-10.00"), [Decimal(1)] * 3, unit=Decimal("0.01"))
    (Decimal('-3.34'), Decimal('-3.33'), Decimal('-3.33'))
    >>> distribute(Decimal("-10.00"), [Decimal(1)] * 3, room=[Decimal(2), Decimal(9), Decimal(9)], unit=Decimal("0.01"))
    (Decimal('-2.00'), Decimal('-4.00'), Decimal('-4.00'))
    """
    whole = exact(amount, "the amount to share out")
    step = _finest(whole) if unit is None else exact(unit, "the unit of a distribution")
    if step <= 0:
        raise InvalidAllocation("no_unit", f"the unit is {step:f}", hint="name a unit above zero")
    claims = checked_weights(weights)
    rooms = None if room is None else [exact(most, "the room of a line") for most in room]
    parts = distribute_known(whole, claims, room=rooms, policy=policy, unit=step)
    return tuple([_plain(part, whole) for part in parts]) if unit is None else parts


def distribute_known(
    whole: Decimal,
    weights: Sequence[Decimal],
    *,
    room: Sequence[Decimal] | None = None,
    policy: AllocationPolicy = DEFAULT_ALLOCATION,
    unit: Decimal,
) -> tuple[Decimal, ...]:
    """Share an amount as `distribute` does, among weights that are known to be good, without checking them again.

    For numbers that the library has reckoned itself, at least one weight and none negative, and a unit above zero.

    >>> from salesmgmt.cpq.pricing.sharing.distribution import distribute_known
    >>> distribute_known(Decimal("0.05"), [Decimal(7), Decimal(3)], unit=Decimal("0.01"))
    (Decimal('0.04'), Decimal('0.01'))
    """
    size = whole.copy_abs()
    parts = _allocated(size, weights, policy, unit)
    if room is not None and (len(room) != len(parts) or any(map(gt, parts, room))):
        _check_room(room, size, len(parts))
        filled = _filled(size, weights, room, policy, unit)
        zero = _ZERO.scaleb(int(unit.as_tuple().exponent), WIDE)  # gives a part the decimals of the unit
        parts = tuple([_sum((part, zero)) for part in _within(filled, size, weights, room, policy)])
    elif _may_overshoot(policy) and min(parts) < 0:
        parts = tuple(_within(parts, size, weights, room, policy))
    return tuple([part.copy_negate() if part else part for part in parts]) if whole < 0 else parts


def place_difference(
    parts: Sequence[Decimal], difference: Decimal, weights: Sequence[Decimal], *, policy: AllocationPolicy
) -> tuple[Decimal, ...]:
    """Add a rounding difference to one part: the first, the last, or the one with the largest weight.

    A part never changes its sign by it; what it cannot bear goes to the next one, backwards for the last.

    Args:
        parts: the amounts as they are.
        difference: what is to be added in all; may be negative.
        weights: one for each part.
        policy: `remainder` says to which part; for `largest_fraction` as for `largest_part`.

    >>> from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, place_difference
    >>> largest = AllocationPolicy(remainder="largest_part", tie="last")
    >>> place_difference([Decimal("0.84"), Decimal("0.84")], Decimal("-0.01"), [Decimal(1), Decimal(1)], policy=largest)
    (Decimal('0.84'), Decimal('0.83'))
    """
    placed = list(parts)
    left = difference
    for place in _order(weights, policy):
        bound = placed[place].copy_negate()
        change = min(left, bound) if bound > 0 else max(left, bound)
        placed[place], left = _sum((placed[place], change)), _less(left, change)
    if left:
        raise InvalidAllocation(
            "no_room",
            f"{left:f} cannot be taken from parts of zero",
            hint="take no more than all parts together",
        )
    return tuple(placed)


def common_currency(lines: Sequence[Money]) -> str:
    """The currency of the lines that share; raises `InvalidAllocation` when there are none, `CurrencyMismatch`.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.sharing.distribution import common_currency
    >>> common_currency([Money(1, "EUR"), Money(2, "EUR")])
    'EUR'
    """
    if not lines:
        raise InvalidAllocation("no_weights", "there are no lines", hint="give those that take part")
    for line in lines:
        if line.currency != lines[0].currency:
            raise CurrencyMismatch(lines[0].currency, line.currency)
    return lines[0].currency


_REMAINDERS: Mapping[RemainderTo, Remainder] = {
    RemainderTo.LARGEST_FRACTION: "largest_fraction",
    RemainderTo.FIRST: "first",
    RemainderTo.LAST: "last",
    RemainderTo.LARGEST_PART: "largest_part",
}
_TIES: Mapping[TieTo, Literal["first", "last"]] = {TieTo.FIRST: "first", TieTo.LAST: "last"}


def _allocated(
    size: Decimal, weights: Sequence[Decimal], policy: AllocationPolicy, step: Decimal
) -> tuple[Decimal, ...]:
    return allocate_known(
        size,
        weights,
        step,
        rounding=policy.rounding,
        remainder=_REMAINDERS[policy.remainder],
        tie=_TIES[policy.tie],
    )


def _may_overshoot(policy: AllocationPolicy) -> bool:
    """Whether the shares may come to more than the amount before the remainder is placed."""
    return policy.rounding is not RoundingMode.DOWN and policy.remainder is not RemainderTo.LARGEST_FRACTION


def _check_room(rooms: Sequence[Decimal], size: Decimal, count: int) -> None:
    if len(rooms) != count:
        raise InvalidAllocation(
            "no_room", f"{count} weights and {len(rooms)} rooms", hint="give the room of each line"
        )
    for index, most in enumerate(rooms):
        if most < 0:
            raise InvalidAllocation(
                "negative_room",
                f"the room at position {index} is {most:f}",
                hint="a line has room for zero or more",
                index=index,
            )
    total = _sum(rooms)
    if total < size:
        raise InvalidAllocation(
            "no_room", f"the lines can take {total:f} of {size:f}", hint="cap the amount at that first"
        )


def _filled(
    size: Decimal,
    weights: Sequence[Decimal],
    rooms: Sequence[Decimal],
    policy: AllocationPolicy,
    step: Decimal,
) -> list[Decimal]:
    """Fill each line whose share exceeds its room, and share the rest among the others."""
    claims = list(weights) if any(weights) else [Decimal(1)] * len(weights)
    parts = [_ZERO] * len(claims)
    open_ = sorted(
        (place for place, claim in enumerate(claims) if claim),
        key=lambda place: Fraction(rooms[place]) / Fraction(claims[place]),
    )
    left, claimed = size, _sum(claims)
    while open_ and Fraction(rooms[open_[0]]) * Fraction(claimed) <= Fraction(left) * Fraction(
        claims[open_[0]]
    ):
        place = open_.pop(0)
        parts[place] = rooms[place]
        left, claimed = _less(left, rooms[place]), _less(claimed, claims[place])
    if not open_:  # only lines of weight zero can take the rest
        open_ = [place for place, claim in enumerate(claims) if not claim]
        claims = list(rooms)
    if left:
        places = sorted(open_)
        rest = _allocated(left, [claims[place] for place in places], policy, step)
        for place, part in zip(places, rest, strict=True):
            parts[place] = part
    return parts


def _within(
    parts: Sequence[Decimal],
    size: Decimal,
    weights: Sequence[Decimal],
    rooms: Sequence[Decimal] | None,
    policy: AllocationPolicy,
) -> list[Decimal]:
    """Hold each part between zero and its room; the units that this moves go to the next that can bear them."""
    kept = [max(part, _ZERO) for part in parts]
    if rooms is not None:
        kept = [min(part, most) for part, most in zip(kept, rooms, strict=True)]
    left = _less(size, _sum(kept))
    for place in _order(weights, policy) if left else ():
        if left < 0:
            change = max(left, kept[place].copy_negate())
        else:
            change = left if rooms is None else min(left, _less(rooms[place], kept[place]))
        kept[place], left = _sum((kept[place], change)), _less(left, change)
    return kept


def _order(weights: Sequence[Decimal], policy: AllocationPolicy) -> list[int]:
    """The lines in the order in which they get a difference; those of weight zero last."""
    places = range(len(weights))
    match policy.remainder:
        case RemainderTo.FIRST:
            return sorted(places, key=lambda place: not weights[place])
        case RemainderTo.LAST:
            return sorted(places, key=lambda place: (not weights[place], -place))
        case _:
            tied = reversed(places) if policy.tie is TieTo.LAST else places
            return sorted(tied, key=lambda place: weights[place].copy_negate())


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = _ZERO
    for number in numbers:
        total = WIDE.add(total, number)
    try:
        return STRICT.plus(total)
    except ArithmeticError:
        raise OutOfRange from None


def _less(number: Decimal, other: Decimal) -> Decimal:
    return _sum((number, other.copy_negate()))


def _finest(size: Decimal) -> Decimal:
    """The unit in which an amount has 30 digits."""
    return Decimal(1).scaleb(size.adjusted() - _DIGITS + 1, WIDE) if size else Decimal(1)


def _plain(part: Decimal, like: Decimal) -> Decimal:
    """The same number without the zeros that only the fineness of the sharing left behind."""
    shortest = part.normalize(WIDE)
    exponent = min(int(shortest.as_tuple().exponent), int(like.as_tuple().exponent))
    return part.quantize(Decimal(1).scaleb(exponent, WIDE), context=WIDE)
