"""What tests of whole pricing steps have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from salesmgmt.cpq.pricing import Calculation, Priced, PriceStep, StepKind


def told(
    calculation: Calculation,
    base: Any,
    raw: Any,
    running: Any,
    *,
    kind: StepKind = StepKind.CONDITION,
    step: str = "s",
    record: str = "r",
    rounded: Any = None,
    value: Any = None,
    quantity: Any = None,
    detail: str = "",
    version: int = 1,
    is_statistical: bool = False,
) -> PriceStep:
    """A step in EUR, every field of it."""
    return PriceStep(
        step=step,
        kind=kind,
        record=record,
        calculation=calculation,
        currency="EUR",
        base_amount=Decimal(base),
        raw_amount=Decimal(raw),
        rounded_amount=Decimal(raw if rounded is None else rounded),
        running_amount=Decimal(running),
        value=None if value is None else Decimal(value),
        quantity=None if quantity is None else Decimal(quantity),
        detail=detail,
        version=version,
        is_statistical=is_statistical,
    )


def amounts(priced: Priced) -> list[Decimal]:
    """The net amounts of the lines that have a price."""
    return [line.net_amount.amount for line in priced.lines]
