"""What must be true of every answer, whatever the rules; the pricer checks each answer before it gives it."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import TypeAlias

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import SalesError
from salesmgmt.core.exact import WIDE
from salesmgmt.cpq.pricing.priced import Priced, PricedLine
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)
_ONE = Decimal(1)
_add = WIDE.add
_HEADER = StepKind.HEADER  # bound once: to look a member up takes longer than to compare it


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
    minor_unit = _ONE.scaleb(-currency(priced.currency).minor_digits, WIDE)
    taken = [_check_line(line, priced.currency, minor_unit) for line in priced.lines]
    told: dict[tuple[str, str], list[Decimal]] = {}
    for header in priced.header:
        where = f"header {header.rule}"
        _require(len(header.shares) == len(priced.lines), where, "one share for each line")
        amounts = [share.amount for share in header.shares]
        _require(reduce(_add, amounts, _ZERO) == header.rounded.amount, where, "the shares add up")
        before = told.get((header.step, header.rule))
        # One record may be shared by several groups of lines, each time for itself.
        told[header.step, header.rule] = amounts if before is None else list(map(_add, before, amounts))
    for key, amounts in told.items():
        for shares, amount in zip(taken, amounts, strict=True):
            if shares.pop(key, _ZERO) != amount:
                raise InvariantBroken(f"header {key[1]}", "each line takes its share")
    _require(not any(taken), "header", "every share has a discount")


_Shares: TypeAlias = dict[tuple[str, str], Decimal]
"""What a line took of amounts on the document, by step and rule."""


def _check_line(line: PricedLine, code: str, minor_unit: Decimal) -> _Shares:
    """Check a line by itself, and add up its shares."""
    running = _ZERO
    shares: _Shares = {}
    for step, kind, record, _, unit, _, raw, counted, after, _, _, _, _, is_statistical in line.step_rows:
        if (running if is_statistical else _add(running, counted)) != after:
            raise InvariantBroken(_place(line), f"the steps up to {step} add up")
        running = after
        if running < _ZERO:
            raise InvariantBroken(_place(line), f"{step} does not go below zero")
        # Most changes count as they are; one number is then had by a look.
        if raw is not counted and raw != counted and not _may_differ(kind, raw, counted, after):
            raise InvariantBroken(_place(line), f"{step} changes what it was reckoned to change")
        if unit != code:
            raise InvariantBroken(_place(line), f"{step} is in {code}")
        if kind is _HEADER:
            shares[step, record] = _add(shares.get((step, record), _ZERO), counted)
    net = line.net_amount
    if running != net.amount:
        raise InvariantBroken(_place(line), "the steps add up to the net amount")
    if not net.currency == line.list_amount.currency == code:
        raise InvariantBroken(_place(line), f"amounts are in {code}")
    if not (net.amount.same_quantum(minor_unit) or _is_multiple(net.amount, minor_unit)):
        raise InvariantBroken(_place(line), f"at most {-int(minor_unit.adjusted())} decimals")
    return shares


def _place(line: PricedLine) -> str:
    return f"lines[{line.position}]"


def _is_multiple(amount: Decimal, minor_unit: Decimal) -> bool:
    """Whether an amount has no finer decimals than the minor unit, but for zeros."""
    return amount.is_finite() and not WIDE.remainder(amount, minor_unit)


_ROUNDED = frozenset({StepKind.HEADER, StepKind.PROMOTION, StepKind.ROUNDING})
_FINEST = Decimal("1e-19")


def _may_differ(kind: StepKind, raw: Decimal, counted: Decimal, after: Decimal) -> bool:
    """Whether the change that counts may be another than the exact one: rounded, held at zero, or out of digits."""
    if kind in _ROUNDED or not after:
        return True
    return WIDE.subtract(raw, counted).copy_abs() < _FINEST


def _require(holds: bool, where: str, wanted: str) -> None:
    if not holds:
        raise InvariantBroken(where, wanted)
