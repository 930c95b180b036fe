"""Rounds lines."""

from __future__ import annotations

from decimal import Decimal

from salesmgmt.core.currency import currency
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.exact import WIDE, divide, multiply, subtract
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing._draft import Draft, DraftLine, total
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import RoundedPart, RoundLines
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, RemainderTo, place_difference
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)
_ONE = Decimal(1)


class RoundStage:
    """Rounds each line."""

    names = NOTHING

    def __init__(self, step: RoundLines) -> None:
        self._step = step
        self._made: dict[str, Rounding] = {}

    def run(self, draft: Draft) -> None:
        """Round what is not round yet; raises `InvalidInput` for a currency without such fine decimals."""
        rounding = self._made.get(draft.currency)
        if rounding is None:
            rounding = self._made[draft.currency] = self._fitting(draft.currency)
        match self._step.at:
            case RoundedPart.LINE:
                for one in draft.lines:
                    self._set(one, rounding.apply(one.running), rounding)
            case RoundedPart.UNIT:
                for one in draft.lines:
                    unit = rounding.apply(divide(one.running, one.quantity))
                    self._set(one, multiply(unit, one.quantity), rounding)
            case RoundedPart.DOCUMENT:
                self._round_total(draft, rounding)

    def _fitting(self, code: str) -> Rounding:
        rounding = self._step.rounding(code)
        digits = currency(code).minor_digits
        for number in (rounding.increment, rounding.ending):
            is_fine = number is not None and WIDE.remainder(number.scaleb(digits, WIDE), _ONE)
            if is_fine and self._step.at is not RoundedPart.UNIT:
                wanted = f"a currency in which step {self._step.id} can round to {number:f}"
                raise InvalidInput("pricing request", [Problem("currency", "too_fine", code, wanted)])
        return rounding

    def _set(self, one: DraftLine, rounded: Decimal, rounding: Rounding) -> None:
        running = one.running
        if rounded != running:
            detail = f"{rounding.mode} to {rounding.increment:f}" if one.steps is not None else ""
            if rounding.ending is not None and detail:
                detail += f", ending {rounding.ending:f}"
            if self._step.at is not RoundedPart.LINE and detail:
                detail += f" of the {self._step.at}"
            one.change(
                self._step.id,
                StepKind.ROUNDING,
                "",
                Calculation.ROUNDING,
                _ZERO,
                detail=detail,
                rounded=subtract(rounded, running),
            )
        one.running = rounded  # the same amount, with the decimals of the rounding

    def _round_total(self, draft: Draft, rounding: Rounding) -> None:
        """Round the total; the difference goes to the largest line, and what it cannot bear to the next one."""
        lines = [one for one in draft.lines if one.gross is not None]
        if not lines:
            return
        amounts = [one.running for one in lines]
        whole = total(amounts)
        placed = place_difference(
            amounts, subtract(rounding.apply(whole), whole), amounts, policy=_TO_THE_LARGEST
        )
        for one, amount in zip(lines, placed, strict=True):
            self._set(one, amount, rounding)


_TO_THE_LARGEST = AllocationPolicy(remainder=RemainderTo.LARGEST_PART)
