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
_STEP_KIND, _CALCULATION = StepKind.ROUNDING, Calculation.ROUNDING


class RoundStage:
    """Rounds each line."""

    names = NOTHING

    def __init__(self, step: RoundLines) -> None:
        self._step = step
        self._made: dict[str, tuple[Rounding, str]] = {}

    def run(self, draft: Draft) -> None:
        """Round what is not round yet; raises `InvalidInput` for a currency without such fine decimals."""
        made = self._made.get(draft.currency)
        if made is None:
            rounding = self._fitting(draft.currency)
            made = self._made[draft.currency] = rounding, self._words(rounding)
        rounding, words = made
        match self._step.at:
            case RoundedPart.LINE:
                for one in draft.lines:
                    self._set(one, rounding.apply(one.running), words)
            case RoundedPart.UNIT:
                for one in draft.lines:
                    unit = rounding.apply(divide(one.running, one.quantity))
                    self._set(one, multiply(unit, one.quantity), words)
            case RoundedPart.DOCUMENT:
                self._round_total(draft, rounding, words)

    def _fitting(self, code: str) -> Rounding:
        rounding = self._step.rounding(code)
        digits = currency(code).minor_digits
        for number in (rounding.increment, rounding.ending):
            is_fine = number is not None and WIDE.remainder(number.scaleb(digits, WIDE), _ONE)
            if is_fine and self._step.at is not RoundedPart.UNIT:
                wanted = f"a currency in which step {self._step.id} can round to {number:f}"
                raise InvalidInput("pricing request", [Problem("currency", "too_fine", code, wanted)])
        return rounding

    def _words(self, rounding: Rounding) -> str:
        words = f"{rounding.mode} to {rounding.increment:f}"
        if rounding.ending is not None:
            words += f", ending {rounding.ending:f}"
        return words if self._step.at is RoundedPart.LINE else f"{words} of the {self._step.at}"

    def _set(self, one: DraftLine, rounded: Decimal, words: str) -> None:
        running = one.running
        if rounded != running:
            change = subtract(rounded, running)
            one.change(
                self._step.id,
                _STEP_KIND,
                "",
                _CALCULATION,
                _ZERO,
                detail=words,
                rounded=change,
            )
        one.running = rounded  # the same amount, with the decimals of the rounding

    def _round_total(self, draft: Draft, rounding: Rounding, words: str) -> None:
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
            self._set(one, amount, words)


_TO_THE_LARGEST = AllocationPolicy(remainder=RemainderTo.LARGEST_PART)
