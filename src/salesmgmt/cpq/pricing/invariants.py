"""What must be true of every answer, whatever the rules; the pricer checks each answer before it gives it."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import WIDE
from salesmgmt.cpq.pricing.priced import Priced, PricedLine
from salesmgmt.cpq.pricing.trace import PriceStep, StepKind

_ZERO = Decimal(0)
_ONE = Decimal(1)
_add = WIDE.add


class InvariantBroken(SalesError, AssertionError):
    """An answer contradicts itself: a fault of the library, or a stored answer that was changed.

    Attributes:
        where: the line or the discount.
        wanted: what should have been true there.
    """

    code = "invariant_broken"

    def __init__(self, where: str, wanted: str) -> None:
        super().__init__(
            f"the priced document is wrong at {where}: {wanted} does not hold",
            hint="do not use this price; price the request again, and report the case if it happens again",
        )
        self.where = where
        self.wanted = wanted


def require_invariants(priced: Priced) -> None:
    """Check an answer, new or stored.

    Steps add up to the net amount of each line, exactly; no step goes below zero; the shares of each discount on the
    document add up to it and are those of the lines; every amount is in the currency of the document, and net amounts
    have no more decimals than it.

    Raises:
        InvariantBroken: one of these does not hold.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.cpq.pricing import Priced, PricingRequest, require_invariants
    >>> request = PricingRequest(at=datetime(2026, 3, 2, tzinfo=UTC), currency="CNY", lines=[])
    >>> require_invariants(Priced(request=request, lines=(), model="plain", model_version=1, model_digest=""))
    """
    digits = currency(priced.currency).minor_digits
    taken = [_check_line(line, priced.currency, digits) for line in priced.lines]
    told: list[_Shares] = [{} for _ in priced.lines]
    for header in priced.header:
        where = f"header {header.rule}"
        _require(len(header.shares) == len(priced.lines), where, "one share for each line")
        whole, key = _ZERO, (header.step, header.rule)
        for share, shares in zip(header.shares, told, strict=True):
            whole = WIDE.add(whole, share.amount)
            # One record may be shared by several groups of lines, each time for itself.
            shares[key] = WIDE.add(shares.get(key, _ZERO), share.amount)
        _require(whole == header.rounded.amount, where, "the shares add up")
    for found, shares in zip(taken, told, strict=True):
        for (step, rule), share_amount in shares.items():
            if found.pop((step, rule), _ZERO) != share_amount:
                raise InvariantBroken(f"header {rule}", "each line takes its share")
    _require(not any(taken), "header", "every share has a discount")


_Shares: TypeAlias = dict[tuple[str, str], Decimal]
"""What a line took of amounts on the document, by step and rule."""


def _check_line(line: PricedLine, code: str, digits: int) -> _Shares:
    """Check a line by itself, and add up its shares."""
    running = _ZERO
    shares: _Shares = {}
    for step in line.waterfall:
        after = step.running_amount
        if (running if step.is_statistical else _add(running, step.rounded_amount)) != after:
            raise InvariantBroken(_place(line), f"the steps up to {step.step} add up")
        running = after
        if running < _ZERO:
            raise InvariantBroken(_place(line), f"{step.step} does not go below zero")
        if step.raw_amount != step.rounded_amount and not _may_differ(step):
            raise InvariantBroken(_place(line), f"{step.step} changes what it was reckoned to change")
        if step.currency != code:
            raise InvariantBroken(_place(line), f"{step.step} is in {code}")
        if step.kind is StepKind.HEADER:
            key = step.step, step.record
            shares[key] = WIDE.add(shares.get(key, _ZERO), step.rounded_amount)
    net = line.net_amount
    if running != net.amount:
        raise InvariantBroken(_place(line), "the steps add up to the net amount")
    if not net.currency == line.list_amount.currency == code:
        raise InvariantBroken(_place(line), f"amounts are in {code}")
    exponent = net.amount.as_tuple().exponent
    if not isinstance(exponent, int) or (exponent < -digits and not _is_whole(net.amount, digits)):
        raise InvariantBroken(_place(line), f"at most {digits} decimals")
    return shares


def _place(line: PricedLine) -> str:
    return f"lines[{line.position}]"


def _is_whole(amount: Decimal, digits: int) -> bool:
    """Whether an amount has no more decimals than that, but for zeros."""
    return not WIDE.remainder(amount.scaleb(digits, WIDE), _ONE)


_ROUNDED = frozenset({StepKind.HEADER, StepKind.PROMOTION, StepKind.ROUNDING})
_FINEST = Decimal("1e-19")


def _may_differ(step: PriceStep) -> bool:
    """Whether the change that counts may be another than the exact one: rounded, held at zero, or out of digits."""
    if step.kind in _ROUNDED or not step.running_amount:
        return True
    return WIDE.subtract(step.raw_amount, step.rounded_amount).copy_abs() < _FINEST


def _require(holds: bool, where: str, wanted: str) -> None:
    if not holds:
        raise InvariantBroken(where, wanted)
