"""Applies what somebody set by hand."""

from __future__ import annotations

from salesmgmt.core.exact import divide, multiply, subtract
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import ManualPrices
from salesmgmt.cpq.pricing.request import ManualPrice
from salesmgmt.cpq.pricing.trace import Aside, StepKind, StoodAside


class ManualStage:
    """Applies manual prices; one in another currency than that of the request stands aside."""

    names = NOTHING

    def __init__(self, step: ManualPrices) -> None:
        self._id = step.id

    def run(self, draft: Draft) -> None:
        """Put each line that has one at its manual price."""
        for one in draft.lines:
            manual = one.line.manual
            if manual is not None:
                self._apply(one, manual)

    def _apply(self, one: DraftLine, manual: ManualPrice) -> None:
        before, name = one.running, f"{manual.by}: {manual.reason}"
        if one.gross is None and manual.unit_price is None:
            detail = "there is no price to take it from"
            one.skip(self._id, _RECORD, StoodAside(code=Aside.REFUSED, detail=detail))
            return
        money: Money | None = manual.unit_price if manual.unit_price is not None else manual.amount_off
        if money is not None and money.currency != one.currency:
            detail = f"it is in {money.currency}, the request in {one.currency}"
            one.skip(self._id, _RECORD, StoodAside(code=Aside.REFUSED, detail=detail))
            return
        if manual.unit_price is not None:
            value = manual.unit_price.amount
            amount = multiply(value, one.line.quantity)
            raw = subtract(amount, before)
            one.unit_price = value if one.quantity == one.line.quantity else divide(amount, one.quantity)
        elif manual.amount_off is not None:
            value = raw = manual.amount_off.amount.copy_negate()
        else:
            assert manual.percent_off is not None  # noqa: S101 - it has one of the three
            value = manual.percent_off.points.copy_negate()
            raw = multiply(before, manual.percent_off.ratio).copy_negate()
        one.change(
            self._id,
            StepKind.MANUAL,
            _RECORD,
            Calculation.MANUAL,
            raw,
            value=value,
            quantity=one.line.quantity,
            detail=name,
        )
        if one.gross is None:
            one.list_amount = one.running
        one.gross = one.running


_RECORD = "manual"
