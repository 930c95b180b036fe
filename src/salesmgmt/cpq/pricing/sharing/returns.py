"""Returns: what is paid back when a line that had a share of a document discount is cancelled or sent back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import attrs

from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import CONTEXT, WIDE, Number, OutOfRange, exact, subtract
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding

_ONE = Decimal(1)


class ReturnPolicy(StrEnum):
    """What happens to the discounts of a document when part of it goes back.

    >>> from salesmgmt.cpq.pricing.sharing.returns import ReturnPolicy
    >>> ReturnPolicy("frozen_shares").value
    'frozen_shares'
    """

    FROZEN_SHARES = "frozen_shares"
    """The line takes its share with it; the other lines stay as they were paid."""
    RECOMPUTED = "recomputed"
    """What remains is discounted as if it had been ordered alone; the difference to what was paid is paid back."""


def _quantity(value: Number) -> Decimal:
    return exact(value, "a quantity")


@attrs.frozen(kw_only=True)
class FrozenLine:
    """A line as it was sold, its shares of document discounts written down.

    Attributes:
        id: of the line.
        amount: before document discounts, for the whole quantity.
        share: what it gave to them, above zero for a discount.
        quantity: how much was sold, above zero.
        returned: how much of it has gone back.

    Raises:
        InvalidInput: the quantity is not above zero, or more went back than was sold.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.sharing.returns import FrozenLine
    >>> FrozenLine(id="1", amount=Money(100, "EUR"), share=Money(10, "EUR")).net
    Money('90', 'EUR')
    """

    id: str
    amount: Money
    share: Money
    quantity: Decimal = attrs.field(default=_ONE, converter=_quantity)
    returned: Decimal = attrs.field(default=Decimal(0), converter=_quantity)

    def __attrs_post_init__(self) -> None:
        if self.quantity <= 0:
            problem = Problem("quantity", "range", f"{self.quantity:f}", "above zero")
            raise InvalidInput(f"line {self.id}", [problem])
        if not 0 <= self.returned <= self.quantity:
            problem = Problem("returned", "range", f"{self.returned:f}", f"from 0 to {self.quantity:f}")
            raise InvalidInput(f"line {self.id}", [problem])

    @property
    def net(self) -> Money:
        """What the whole line cost."""
        return self.amount - self.share


@attrs.frozen(kw_only=True)
class Return:
    """What a return comes to.

    Attributes:
        refund: what is paid back; below zero when what remains costs more alone than everything did together.
        discount_back: the part of the document discounts that is gone.
        lines: all lines after it.
        remaining: what the lines still cost.
        discount_left: what is left of the document discounts.
    """

    refund: Money
    discount_back: Money
    lines: tuple[FrozenLine, ...]
    remaining: Money
    discount_left: Money


Reprice: TypeAlias = Callable[[Sequence[FrozenLine]], Sequence[FrozenLine]]
"""Gives lines with the shares that they have when they are ordered alone; it gets lines of which nothing went back."""


def return_line(
    lines: Sequence[FrozenLine],
    line_id: str,
    quantity: Number | None = None,
    *,
    rounding: Rounding | None = None,
    policy: ReturnPolicy = ReturnPolicy.FROZEN_SHARES,
    reprice: Reprice | None = None,
) -> Return:
    """Take a line, or some of it, back.

    What goes back of a line in several returns adds up exactly to the line: each return is the difference between two
    rounded sums.

    Args:
        lines: the document as it was sold.
        line_id: the line that goes back.
        quantity: how much of it; `None` for all that is left.
        rounding: of the parts of a line; `None` to round nothing.
        policy: what happens to the discounts.
        reprice: how the rest is discounted; `recomputed` needs it.

    Raises:
        InvalidInput: no such line, more goes back than is left of it, or `recomputed` without `reprice`.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing.sharing.returns import FrozenLine, return_line
    >>> lines = [
    ...     FrozenLine(id="1", amount=Money(300, "EUR"), share=Money(30, "EUR"), quantity=3),
    ...     FrozenLine(id="2", amount=Money(100, "EUR"), share=Money(10, "EUR")),
    ... ]
    >>> back = return_line(lines, "1", 1)
    >>> str(back.refund), str(back.remaining), str(back.discount_left)
    ('90 EUR', '270 EUR', '30 EUR')
    """
    chosen = _find(lines, line_id)
    left = subtract(chosen.quantity, chosen.returned)
    taken = left if quantity is None else exact(quantity, "the quantity that goes back")
    if not 0 < taken <= left:
        problem = Problem("quantity", "range", f"{taken:f}", f"above 0, at most the {left:f} that are left")
        raise InvalidInput(f"the return of line {line_id}", [problem])
    after = attrs.evolve(chosen, returned=subtract(chosen.quantity, subtract(left, taken)))
    code = chosen.amount.currency
    if ReturnPolicy(policy) is ReturnPolicy.RECOMPUTED:
        if reprice is None:
            problem = Problem("reprice", "missing", None, "how the rest is discounted")
            raise InvalidInput("a recomputed return", [problem])
        sold = [_rest(after if line is chosen else line, rounding) for line in lines]
        new = tuple(reprice([line for line in sold if line is not None]))
    else:
        new = tuple(after if line is chosen else line for line in lines)
    before_net, before_share = _still(lines, rounding, code)
    net, share = _still(new, rounding, code)
    return Return(
        refund=before_net - net,
        discount_back=before_share - share,
        lines=new,
        remaining=net,
        discount_left=share,
    )


def _find(lines: Sequence[FrozenLine], line_id: str) -> FrozenLine:
    found = [line for line in lines if line.id == line_id]
    if len(found) != 1:
        problem = Problem(
            "line_id", "unknown_line", repr(line_id), f"one of: {', '.join(line.id for line in lines)}"
        )
        raise InvalidInput("a return", [problem])
    return found[0]


def _rest(line: FrozenLine, rounding: Rounding | None) -> FrozenLine | None:
    """What is left of a line, as a line of its own."""
    quantity = subtract(line.quantity, line.returned)
    if not quantity:
        return None
    amount, share = _left(line, rounding)
    return FrozenLine(id=line.id, amount=amount, share=share, quantity=quantity)


def _still(lines: Sequence[FrozenLine], rounding: Rounding | None, code: str) -> tuple[Money, Money]:
    """What lines still cost, and what is left of the discounts."""
    pairs = [_left(line, rounding) for line in lines]
    share = Money.total([part for _, part in pairs], code)
    return Money.total([amount for amount, _ in pairs], code) - share, share


def _left(line: FrozenLine, rounding: Rounding | None) -> tuple[Money, Money]:
    """Amount and share of what is left of a line."""
    if not line.returned:
        return line.amount, line.share
    return (
        line.amount - _returned(line.amount, line, rounding),
        line.share - _returned(line.share, line, rounding),
    )


def _returned(whole: Money, line: FrozenLine, rounding: Rounding | None) -> Money:
    """Which part of an amount of a line has gone back, all returns together."""
    if line.returned == line.quantity:
        return whole
    try:
        part = WIDE.divide(WIDE.multiply(whole.amount, line.returned), line.quantity)
        raw = Money(CONTEXT.plus(part), whole.currency)
    except ArithmeticError:
        raise OutOfRange from None
    return raw if rounding is None else rounding.apply(raw)
