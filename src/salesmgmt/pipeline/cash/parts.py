"""The parts that an amount is divided into, each with its date: for invoices of an order, and instalments of an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from salesmgmt.core.allocation import allocate
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.cash.due import AT_ONCE, DueRule
from salesmgmt.pipeline.cash.refusals import InvalidTerms

_ALL = Percent(100)
_NONE = Percent(0)


@attrs.frozen(kw_only=True)
class Part:
    """A part of an amount, and when it falls.

    Attributes:
        percent: its share of the whole.
        amount: a fixed amount. With neither, it is a rest: all rests share equally what the others leave.
        when: the way from the date of the whole to its own.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.cash import DueRule, Part
    >>> Part(percent=Percent(30), when=DueRule().months(1)).is_rest
    False
    """

    percent: Percent | None = None
    amount: Money | None = None
    when: DueRule = AT_ONCE

    @property
    def is_rest(self) -> bool:
        """Whether it takes what the others leave."""
        return self.percent is None and self.amount is None


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Attrs converter: the parts as a tuple."""
    return tuple(parts)


def valid_parts(_owner: object, _field: object, parts: Sequence[Part]) -> None:
    """Attrs validator: the parts can add up to a whole.

    Raises:
        InvalidTerms: they cannot; `reason` says why.
        CurrencyMismatch: fixed amounts are of two currencies.
    """
    if not parts:
        raise InvalidTerms("no_parts", "there are no parts", hint="give at least one")
    for number, part in enumerate(parts, 1):
        _check_share(number, part)
    percents, fixed = _percent(parts), [part.amount for part in parts if part.amount is not None]
    for amount in fixed:
        if amount.currency != fixed[0].currency:
            raise CurrencyMismatch(fixed[0].currency, amount.currency)
    if any(part.is_rest for part in parts):
        if percents >= _ALL:
            raise InvalidTerms(
                "nothing_left", f"{percents} leave nothing for the rest", hint="lower them, or drop the rest"
            )
    elif fixed and percents:
        raise InvalidTerms(
            "no_rest",
            "percentages and fixed amounts seldom add up to the whole",
            hint="add a part without either, which takes the rest",
        )
    elif not fixed and percents != _ALL:
        raise InvalidTerms(
            "not_100_percent",
            f"the parts add up to {percents}",
            hint="let them add up to 100%, or add a rest",
        )


def share_out(total: Money, parts: Sequence[Part]) -> tuple[Money, ...]:
    """Divide an amount into parts that add up to it exactly, by `core.allocation.allocate`.

    Args:
        total: the whole, zero or more, a whole number of minor units.
        parts: parts that `valid_parts` found good.

    Raises:
        InvalidTerms: fixed amounts exceed the whole (`exceeds_total`), or alone do not make it (`other_total`).
        CurrencyMismatch: a fixed amount is of another currency.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.cash import Part
    >>> from salesmgmt.pipeline.cash.parts import share_out
    >>> share_out(Money("100.00", "EUR"), [Part(percent=Percent(30)), Part(), Part(), Part()])
    (Money('30.00', 'EUR'), Money('23.34', 'EUR'), Money('23.33', 'EUR'), Money('23.33', 'EUR'))
    """
    shares: list[Money | None] = [part.amount for part in parts]
    places = [place for place, part in enumerate(parts) if part.percent is not None]
    if places:
        percents = [part.percent for part in parts if part.percent is not None]
        for place, share in zip(places, allocate(total, [*percents, _ALL - _percent(parts)]), strict=False):
            shares[place] = share
    left = total - Money.total((share for share in shares if share is not None), total.currency)
    if left.amount < 0:
        raise InvalidTerms(
            "exceeds_total", f"the fixed amounts are too large for {total}", hint="use another plan for it"
        )
    rests = [place for place, part in enumerate(parts) if part.is_rest]
    if rests:
        for place, share in zip(rests, allocate(left, [1] * len(rests)), strict=True):
            shares[place] = share
    elif left:
        raise InvalidTerms(
            "other_total", f"the fixed amounts leave {left} of {total}", hint="add a part that takes the rest"
        )
    return tuple(share for share in shares if share is not None)


def _check_share(number: int, part: Part) -> None:
    if part.percent is not None and part.amount is not None:
        raise InvalidTerms(
            "two_shares", f"part {number} has a percentage and an amount", hint="keep one of them"
        )
    share = part.percent if part.amount is None else part.amount
    if (part.percent is not None and part.percent <= _NONE) or (
        part.amount is not None and part.amount.amount <= 0
    ):
        raise InvalidTerms("not_positive", f"part {number} is {share}", hint="give a share above zero")


def _percent(parts: Sequence[Part]) -> Percent:
    return sum((part.percent for part in parts if part.percent is not None), _NONE)
