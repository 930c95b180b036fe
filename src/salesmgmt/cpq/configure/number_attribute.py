"""Numbers that can be chosen about a product: a range, cut into steps."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import attrs

from salesmgmt.core.exact import WIDE, exact
from salesmgmt.cpq.configure.attribute import canonical, canonical_number, preferred


def _maybe_exact(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else exact(value)


@attrs.frozen
class WholeNumber:
    """A whole number from `low` to `high`.

    Attributes:
        id: its name in rules and choices.
        low: the least.
        high: the largest; when the steps do not end on it, the last step below it.
        step: from one value to the next.
        default: what `Configuration.complete` tries first; the least when it is `None`.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import WholeNumber
    >>> seats = WholeNumber("seats", 2, 7, default=5)
    >>> seats.values, seats.text_of(5), seats.text_of("05")
    (('2', '3', '4', '5', '6', '7'), '5', '5')
    """

    id: str
    low: int
    high: int
    step: int = 1
    default: int | None = None
    name: str = ""

    @property
    def size(self) -> int:
        """How many values there are."""
        return max(0, (self.high - self.low) // self.step + 1)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The values as texts, from the least."""
        return tuple(str(value) for value in range(self.low, self.high + 1, self.step))

    @property
    def preferred(self) -> tuple[str, ...]:
        """The values in the order in which they are tried: the default first."""
        return preferred(self.values, self.initial)

    @property
    def initial(self) -> str | None:
        """The default as a text."""
        return canonical(self.default)

    def text_of(self, value: object) -> str | None:
        """The text of a value; `None` for what is none. Raises `FloatRefused`."""
        return canonical_number(value)


@attrs.frozen
class DecimalNumber:
    """An exact decimal number from `low` to `high`.

    Attributes:
        id: its name in rules and choices.
        low: the least.
        high: the largest; when the steps do not end on it, the last step below it.
        step: from one value to the next.
        default: what `Configuration.complete` tries first; the least when it is `None`.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import DecimalNumber
    >>> DecimalNumber("bore", "2.0", "3.25", step="0.5").values
    ('2', '2.5', '3')
    """

    id: str
    low: Decimal = attrs.field(converter=exact)
    high: Decimal = attrs.field(converter=exact)
    step: Decimal = attrs.field(converter=exact)
    default: Decimal | None = attrs.field(default=None, converter=_maybe_exact)
    name: str = ""

    @property
    def size(self) -> int:
        """How many values there are."""
        return max(0, int(WIDE.divide_int(WIDE.subtract(self.high, self.low), self.step)) + 1)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The values as texts, from the least, without trailing zeros."""
        numbers = (WIDE.fma(self.step, Decimal(number), self.low) for number in range(self.size))
        return tuple(text for number in numbers if (text := canonical(number)) is not None)

    @property
    def preferred(self) -> tuple[str, ...]:
        """The values in the order in which they are tried: the default first."""
        return preferred(self.values, self.initial)

    @property
    def initial(self) -> str | None:
        """The default as a text."""
        return canonical(self.default)

    def text_of(self, value: object) -> str | None:
        """The text of a value; `None` for what is none. Raises `FloatRefused`."""
        return canonical_number(value)
