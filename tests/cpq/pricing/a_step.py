"""What tests of whole pricing steps have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Calculation,
    NoPrice,
    PriceConflict,
    Priced,
    PriceStep,
    PricingModel,
    PricingRequest,
    StepKind,
)


class Both:
    """A pricer whose short answer must agree with the long one."""

    def __init__(self, model: PricingModel) -> None:
        self.pricer = model.compile()

    def price(self, request: PricingRequest) -> Priced:
        priced = self.pricer.price(request)
        found: dict[int, Money | NoPrice | PriceConflict] = {
            line.position: line.net_amount for line in priced.lines
        }
        found |= {one.position: one for one in priced.unpriced}
        assert self.pricer.net_amounts(request) == tuple(found[place] for place in range(len(request.lines)))
        return priced


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
