"""Shares an amount on several lines exactly among them, and freezes the shares."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from salesmgmt.core.money import Money, known_money
from salesmgmt.core.rounding import Rounding, RoundingMode
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, total
from salesmgmt.cpq.pricing._stages.portion import portion
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.sharing.distribution import AllocationBase, AllocationPolicy, distribute_known
from salesmgmt.cpq.pricing.trace import HeaderDiscount, StepKind

_ZERO = Decimal(0)
_ONE = Decimal(1)
_HEADER, _PER_DOCUMENT = StepKind.HEADER, Calculation.AMOUNT_PER_DOCUMENT


def share(
    draft: Draft,
    step: str,
    record: str,
    raw: Decimal,
    *,
    lines: Sequence[DraftLine],
    weights: Sequence[Decimal],
    policy: AllocationPolicy,
    mode: RoundingMode,
    version: int = 1,
) -> None:
    """Round an amount to the minor unit, share it among lines, and write every share down.

    A discount takes from no line more than it is at; what a line has no room for goes to those that have. A discount of
    everything leaves exactly zero on each.

    Args:
        draft: the document.
        step: id of the step in the procedure.
        record: what did it.
        raw: the exact change on all lines together.
        lines: those that share it, at least one.
        weights: one for each of them.
        policy: how they share.
        mode: how the amount is rounded before.
        version: of the record.
    """
    rounding = _rounding(draft.currency, mode)
    rounded = rounding.apply(raw)
    base = total(weights)
    room = None
    if rounded < _ZERO:
        room = [one.running for one in lines]
        rounded = max(rounded, (base if room == weights else total(room)).copy_negate())
    parts = distribute_known(rounded, weights, room=room, policy=policy, unit=rounding.increment)
    shows_raw = draft.is_traced and base
    for one, weight, part in zip(lines, weights, parts, strict=True):
        one.change(
            step,
            _HEADER,
            record,
            _PER_DOCUMENT,
            portion(rounded, weight, base) if shows_raw else part,
            rounded,
            None,
            "",
            weight,
            version,
            part,
        )
    if draft.is_traced:
        code = draft.currency
        taken = {one.position: part for one, part in zip(lines, parts, strict=True)}
        draft.header.append(
            HeaderDiscount(
                step=step,
                rule=record,
                base=Money(base, code),
                raw=Money(raw, code),
                rounded=Money(rounded, code),
                shares=tuple([known_money(taken.get(one.position, _ZERO), code) for one in draft.lines]),
            )
        )


_rounding = cache(Rounding.for_currency)


def weights_of(lines: Sequence[DraftLine], base: AllocationBase) -> list[Decimal]:
    """By what lines share; without tax in the price, gross is net."""
    match base:
        case AllocationBase.LIST:
            return [one.list_amount for one in lines]
        case AllocationBase.QUANTITY:
            return [one.quantity for one in lines]
        case AllocationBase.WEIGHT:
            return [one.weight for one in lines]
        case AllocationBase.EQUAL:
            return [_ONE] * len(lines)
        case AllocationBase.NET | AllocationBase.GROSS:
            return [one.running for one in lines]
