"""What must be true of every answer, whatever the rules; the pricer checks each answer before it gives it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import WIDE
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.priced import Priced, PricedLine
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)


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

    Steps add up to the net amount of each line, exactly; no step goes below zero; each difference is what rounding
    changed; the shares of each discount on the document add up to it and are those of the lines; every amount is in
    the currency of the document, and net amounts have no more decimals than it.

    Raises:
        InvariantBroken: one of these does not hold.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.cpq.pricing import Priced, require_invariants
    >>> now = datetime(2026, 3, 2, tzinfo=UTC)
    >>> require_invariants(
    ...     Priced(at=now, currency="CNY", lines=(), model="plain", model_version=1, model_digest="", request_digest="")
    ... )
    """
    digits = currency(priced.currency).minor_digits
    for line in priced.lines:
        _check_line(line, priced.currency, digits)
    for header in priced.header:
        where = f"header {header.rule}"
        _require(len(header.shares) == len(priced.lines), where, "one share for each line")
        _require(_sum(header.shares) == header.rounded.amount, where, "the shares add up")
        for share, line in zip(header.shares, priced.lines, strict=True):
            taken = [
                step.rounded
                for step in line.waterfall
                if step.kind is StepKind.HEADER and step.record == header.rule
            ]
            _require(_sum(taken) == share.amount, where, "each line takes its share")
    shared = _sum([header.rounded for header in priced.header])
    _require(
        shared == _sum([line.header_share for line in priced.lines]), "header", "every share has a discount"
    )


def _check_line(line: PricedLine, code: str, digits: int) -> None:
    where = f"lines[{line.position}]"
    running = _ZERO
    for step in line.waterfall:
        running = WIDE.add(running, step.rounded.amount)
        _require(running == step.running.amount, where, f"the steps up to {step.step} add up")
        _require(running >= 0, where, f"{step.step} does not go below zero")
        gap = WIDE.subtract(step.rounded.amount, step.raw.amount)
        told = step.difference.amount
        _require(
            gap == told or _is_close(gap, told), where, f"the difference of {step.step} is rounded less raw"
        )
        _require(step.running.currency == code, where, f"{step.step} is in {code}")
    _require(running == line.net_amount.amount, where, "the steps add up to the net amount")
    _require(line.net_amount.currency == line.list_amount.currency == code, where, f"amounts are in {code}")
    exponent = line.net_amount.amount.normalize(WIDE).as_tuple().exponent
    _require(isinstance(exponent, int) and exponent >= -digits, where, f"at most {digits} decimals")


def _is_close(gap: Decimal, difference: Decimal) -> bool:
    """Whether a difference is what 34 digits can hold of a gap."""
    return WIDE.subtract(gap, difference).copy_abs() <= gap.copy_abs().scaleb(-33, WIDE)


def _sum(amounts: Sequence[Money]) -> Decimal:
    total = _ZERO
    for amount in amounts:
        total = WIDE.add(total, amount.amount)
    return total


def _require(holds: bool, where: str, wanted: str) -> None:
    if not holds:
        raise InvariantBroken(where, wanted)
