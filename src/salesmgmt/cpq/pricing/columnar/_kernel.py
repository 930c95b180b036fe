"""Runs a plan over columns in whole numbers: 64-bit ones where bounds prove that they suffice, and otherwise Python's.

An amount is a whole number over a denominator that is the same for all lines, and never below zero. Each operation
first proves that no line can leave 64 bits, from the greatest amount and the greatest number of its table; when that
fails, from those of the chunk; when that fails too, the chunk is computed again with Python's integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd, lcm
from typing import Any, Protocol, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from salesmgmt.core.exact import DIGITS
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing.columnar._lookup import Chunk, Lookup
from salesmgmt.cpq.pricing.columnar._table import Table
from salesmgmt.cpq.pricing.columnar.plan import CONFLICT, Layer, RoundAmount

LARGEST = (1 << 63) - 1
_LONGEST = 10**DIGITS
ABSENT, RIVALS = -1, -2

Numbers: TypeAlias = NDArray[Any]
"""Integers: 64-bit, or Python's in an array of objects."""


class TooLarge(Exception):
    """64 bits may not suffice for a chunk."""


def scale_of(denominator: int) -> int:
    """What a denominator is multiplied with to become a power of ten; it divides one, since all numbers are decimals."""
    power = 1
    while power % denominator:
        power *= 10
    return power // denominator


class Work:
    """The lines of a chunk on their way.

    Attributes:
        amount: numerators.
        most: none of them is greater.
        price: numerators of the price of a unit, for those who replace it.
        quantity: in whole units.
        most_quantity: none of them is greater.
        signs: negative where a line has no price; `None` when all have one.
        too_long: lines that may need more than 34 digits, which the row path cuts; found with Python's integers only.
        undecided: lines that only the row path can tell; `None` for none.
    """

    __slots__ = (
        "amount",
        "chunk",
        "is_exact",
        "most",
        "most_quantity",
        "price",
        "quantity",
        "signs",
        "too_long",
        "undecided",
    )

    def __init__(self, chunk: Chunk, units: Numbers, most_quantity: int, *, is_exact: bool = False) -> None:
        fits = is_exact or most_quantity <= LARGEST
        quantity = units.astype(object if is_exact else np.int64, copy=False) if fits else units
        self.chunk = chunk
        self.is_exact = is_exact
        self.quantity = quantity
        self.most_quantity = most_quantity
        self.amount: Numbers = quantity
        self.price: Numbers = quantity
        self.most = 0
        self.signs: NDArray[np.int8] | None = None
        self.undecided: NDArray[np.bool_] | None = None
        self.too_long = np.zeros(len(quantity), bool) if is_exact else np.zeros(0, bool)

    def tighten(self) -> int:
        """The greatest amount there is."""
        self.most = int(self.amount.max())
        return self.most

    def check_digits(self, numerators: Numbers, most: int, scale: int) -> None:
        """See that 34 digits hold every number, as they do on the row path."""
        if most * scale < _LONGEST:
            return
        if not self.is_exact:
            raise TooLarge
        self.too_long |= np.asarray(numerators * scale >= _LONGEST, bool)


class Values:
    """A number for each cell of a table, made ready for lines."""

    __slots__ = ("_exact", "_lookup", "_values", "least", "most")

    def __init__(self, lookup: Lookup, values: Numbers) -> None:
        self._lookup = lookup
        self._values = values[lookup.numbers] if lookup.alone else values
        self.most = max(int(self._values.max()), 0)
        self.least = int(self._values.min())
        self._exact: Numbers | None = None

    def take(self, work: Work, name: str) -> Numbers:
        """The number of each line; in 64 bits, the array belongs to `name`."""
        values = self._values
        if work.is_exact:
            if self._exact is None:
                self._exact = values.astype(object)
            values = self._exact
        elif values.dtype == object:
            raise TooLarge
        if self._lookup.alone:
            cells: Numbers | None = work.chunk.codes(self._lookup.alone)
        else:
            cells = self._lookup.cells(work.chunk)
        if work.is_exact:
            places = np.full(len(work.quantity), self._lookup.base) if cells is None else cells
            return np.take(values, places, mode="wrap")
        out = work.chunk.room(name)
        if cells is None:
            out.fill(values[self._lookup.base])
        else:
            np.take(values, cells, out=out, mode="wrap")
        return out


class Step(Protocol):
    """An operation, ready to run.

    Attributes:
        denominator: of the amounts that it leaves.
    """

    denominator: int

    def run(self, work: Work) -> None:
        """Change the amounts; raises `TooLarge`."""


@attrs.frozen(eq=False)
class Painted:
    """A table with the number that stands in each cell, as a numerator.

    Attributes:
        table: what applies where.
        records: ids of the records behind each entry of `table.found`.
        numerators: of each cell.
        denominator: of all of them.
        peak: the greatest that a ratio becomes on its way; 1 for anything else.
    """

    table: Table
    records: tuple[tuple[str, ...], ...]
    numerators: Numbers
    denominator: int
    peak: int = 1


def numbered(
    table: Table, layers: Sequence[Layer], values: Sequence[Fraction | int], peak: int = 1
) -> Painted:
    """Put numbers into the cells of a table; those below zero are signs and stay as they are."""
    denominator = lcm(*(Fraction(value).denominator for value in values))
    whole = [int(value * denominator) if value >= 0 else int(value) for value in values]
    by_entry: Numbers = np.array(whole, np.int64 if max(whole) <= LARGEST else object)
    records = tuple(tuple(one for layer in found for one in layers[layer].records) for found in table.found)
    return Painted(table, records, by_entry[table.cells], denominator, peak)


def price_values(table: Table, layers: Sequence[Layer]) -> list[Fraction | int]:
    """The price of a unit for each entry, or a sign that there is none."""
    found: list[Fraction | int] = []
    for entry in table.found:
        layer = layers[entry[-1]] if entry else None
        if layer is None or layer.value is None:
            found.append(RIVALS if layer is not None and layer.reason == CONFLICT else ABSENT)
        else:
            found.append(layer.value)
    return found


def ratio_values(table: Table, layers: Sequence[Layer]) -> tuple[list[Fraction | int], int]:
    """What remains of an amount for each entry, and the most that it is on the way there."""
    found: list[Fraction | int] = []
    peak = Fraction(1)
    for entry in table.found:
        rest = Fraction(1)
        for number in entry:
            layer = layers[number]
            if layer.value is not None:
                rest = max(rest - layer.value * (1 if layer.from_start else rest), Fraction(0))
                peak = max(peak, rest)
        found.append(rest)
    return found, ceil(peak)


def amount_values(table: Table, layers: Sequence[Layer]) -> tuple[list[Fraction | int], bool]:
    """What is taken off for each entry, as a size, and whether it is put on instead."""
    totals = [
        sum((layers[number].value or Fraction(0) for number in entry), Fraction(0)) for entry in table.found
    ]
    return [abs(total) for total in totals], any(total < 0 for total in totals)


class LookUpStep:
    """The amount becomes price times quantity."""

    def __init__(
        self, levels: Sequence[Painted], values: Sequence[Values], quantity_denominator: int
    ) -> None:
        self.denominator = lcm(*(level.denominator for level in levels))
        self._levels = [
            (value, self.denominator // level.denominator)
            for level, value in zip(levels, values, strict=True)
        ]
        self._most = max((value.most * factor for value, factor in self._levels), default=0)
        self._may_lack = not self._levels or any(value.least < 0 for value, _ in self._levels)
        self._scale = scale_of(self.denominator * quantity_denominator)

    def run(self, work: Work) -> None:
        """Find the prices."""
        if self._most > LARGEST and not work.is_exact:
            raise TooLarge
        price: Numbers | None = None
        for place, (values, factor) in enumerate(self._levels):
            found = values.take(work, "price" if place == 0 else "level")
            if factor != 1:
                # Signs stay what they are.
                np.multiply(found, factor, out=found, where=np.asarray(found > 0, bool))
            if price is None:
                price = found
            else:
                np.copyto(price, found, where=np.asarray(found != ABSENT, bool))
        if price is None:
            price = np.full(len(work.quantity), ABSENT, object if work.is_exact else np.int64)
        if self._may_lack and int(price.min()) < 0:
            work.signs = np.minimum(price, 0).astype(np.int8)
            price = np.maximum(price, 0)
        most = self._most * work.most_quantity
        if most > LARGEST and not work.is_exact:
            most = int(price.max()) * work.most_quantity
            if most > LARGEST:
                raise TooLarge
        work.price = price
        if work.is_exact:
            work.amount = price * work.quantity
        else:
            work.amount = work.chunk.room("amount")
            np.multiply(price, work.quantity, out=work.amount)
        work.most = most
        # The list price may be more than the price that counts.
        work.check_digits(
            self._most * work.quantity if work.is_exact else work.amount,
            self._most * work.most_quantity,
            self._scale,
        )


class RatioStep:
    """A part of the amount remains."""

    def __init__(self, painted: Painted, values: Values, before: int) -> None:
        self.denominator = before * painted.denominator
        self._values = values
        self._most = values.most
        self._digits = scale_of(self.denominator) * painted.denominator * painted.peak

    def run(self, work: Work) -> None:
        """Multiply."""
        work.check_digits(work.amount, work.most, self._digits)
        rest = self._values.take(work, "value")
        if not work.is_exact:
            most = self._most
            if work.most * most > LARGEST:
                most = int(rest.max())
                if work.most * most > LARGEST and work.tighten() * most > LARGEST:
                    raise TooLarge
            np.multiply(work.amount, rest, out=work.amount)
            work.most *= most
        else:
            work.amount = work.amount * rest
            work.tighten()


class AmountStep:
    """An amount is taken off or put on."""

    def __init__(
        self,
        painted: Painted,
        values: Values,
        before: int,
        quantity_denominator: int,
        *,
        per_unit: bool,
        is_plus: bool,
    ) -> None:
        own = painted.denominator * (quantity_denominator if per_unit else 1)
        self.denominator = lcm(before, own)
        self._values = values
        self._factor = self.denominator // before
        self._own = self.denominator // own
        self._per_unit = per_unit
        self._is_plus = is_plus
        self._scale = scale_of(self.denominator)

    def run(self, work: Work) -> None:
        """Add or subtract, never below zero."""
        part = self._own * self._values.most * (work.most_quantity if self._per_unit else 1)
        if not work.is_exact and max(work.most, 1) * self._factor + part > LARGEST:
            work.tighten()
            if work.most * self._factor + part > LARGEST:
                raise TooLarge
        taken = self._values.take(work, "value") * self._own
        if self._per_unit:
            taken = taken * work.quantity
        work.check_digits(taken, part, self._scale)
        amount = work.amount * self._factor
        amount = amount + taken if self._is_plus else np.maximum(amount - taken, 0)
        work.amount = amount
        work.most = work.most * self._factor + (part if self._is_plus else 0)
        if work.is_exact:
            work.tighten()
        work.check_digits(amount, work.most, self._scale)


class ReplaceStep:
    """Another price of a unit counts, and what came after the first one stays."""

    def __init__(
        self, painted: Painted, values: Values, before: int, price_denominator: int, quantity_denominator: int
    ) -> None:
        mine, first = painted.denominator * quantity_denominator, price_denominator * quantity_denominator
        self.denominator = lcm(before, mine, first)
        self._values = values
        self._factor = self.denominator // before
        self._mine = self.denominator // mine
        self._first = self.denominator // first
        self._scale = scale_of(self.denominator)

    def run(self, work: Work) -> None:
        """Exchange the price where there is another."""
        most_price = int(work.price.max())
        if not work.is_exact:
            sizes = work.most * self._factor, self._values.most * self._mine, most_price * self._first
            if sizes[0] + (sizes[1] + sizes[2]) * work.most_quantity > LARGEST:
                raise TooLarge
        other = self._values.take(work, "value")
        is_other = np.asarray(other >= 0, bool)
        gained = np.maximum(other, 0) * self._mine * work.quantity
        lost = work.price * self._first * work.quantity
        work.check_digits(gained, self._values.most * self._mine * work.most_quantity, self._scale)
        work.check_digits(lost, most_price * self._first * work.most_quantity, self._scale)
        amount = work.amount * self._factor
        work.amount = np.where(is_other, np.maximum(amount + gained - lost, 0), amount)
        work.tighten()
        work.check_digits(work.amount, work.most, self._scale)


class RoundStep:
    """The amount becomes a multiple, or ends as price points do."""

    def __init__(self, operation: RoundAmount, before: int) -> None:
        rounding = operation.rounding
        increment = Fraction(rounding.increment)
        ending = None if rounding.ending is None else Fraction(rounding.ending)
        self._mode = rounding.mode
        self.denominator = lcm(increment.denominator, 1 if ending is None else ending.denominator)
        common = lcm(before, self.denominator)
        self._factor = common // before
        self._common = common
        self._step = int(increment * common)
        self._ending = None if ending is None else int(ending * common)
        self._back = common // self.denominator
        self._digits = scale_of(common)

    def run(self, work: Work) -> None:
        """Round."""
        most = work.most * self._factor + 2 * self._step
        if not work.is_exact and most > LARGEST:
            most = work.tighten() * self._factor + 2 * self._step
            if most > LARGEST:
                raise TooLarge
        factor, step, back = self._factor, self._step, self._back
        if self._ending is None:
            # By what both have in common, for smaller numbers; the step holds whole units of the new denominator.
            shared = gcd(factor, step)
            factor, step = factor // shared, step // shared
        slack = self._step // self._factor + 1
        work.check_digits(
            work.amount + slack if work.is_exact else work.amount,
            work.most + slack,
            self._factor * self._digits,
        )
        amount = work.amount
        if factor != 1:
            amount = amount * factor
        room = amount if work.is_exact else work.chunk.room("amount")
        if self._ending is None:
            steps = rounded(amount, step, self._mode, room)
            each = self._step // back
            work.amount = steps if each == 1 else steps * each
        else:
            ending = self._ending
            low = rounded(amount.copy(), ending, self._mode, None) * ending
            high = rounded(np.maximum(amount - ending, 0), self._step, self._mode, None) * self._step + ending
            work.amount = np.where(np.asarray(amount < ending, bool), low, high) // back
        work.most = most // back + 1
        if work.is_exact:
            work.tighten()


def rounded(amount: Numbers, step: int, mode: RoundingMode, room: Numbers | None) -> Numbers:
    """How many steps an amount of zero or more comes to.

    Args:
        amount: whole numbers.
        step: whole number above zero.
        mode: which neighbour is taken.
        room: an array that may be written to; `None` when there is none.
    """
    out = room if room is not None and room.dtype != object else None
    half, odd = divmod(step, 2)
    match mode:
        case RoundingMode.HALF_UP | RoundingMode.HALF_EVEN:
            lift = half
        case RoundingMode.HALF_DOWN:
            lift = half if odd else half - 1
        case RoundingMode.UP | RoundingMode.CEILING:
            lift = step - 1
        case RoundingMode.DOWN | RoundingMode.FLOOR:
            lift = 0
    if step == 1:
        return amount
    lifted = np.add(amount, lift, out=out) if lift else amount
    if mode is RoundingMode.HALF_EVEN and not odd:
        steps = lifted // step
        is_middle = np.asarray(steps * step == lifted, bool)
        steps[is_middle] -= steps[is_middle] & 1
        return steps
    return np.floor_divide(lifted, step, out=out)
