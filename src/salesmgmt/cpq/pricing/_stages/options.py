"""Adds the extras of chosen options."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from salesmgmt.core.exact import NotANumber, add, multiply
from salesmgmt.cpq._option_keys import option_keys, units
from salesmgmt.cpq.pricing._draft import Draft, DraftLine
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import OptionExtras
from salesmgmt.cpq.pricing.records import OptionRecord
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)
_ONE = Decimal(1)

Options = Mapping[tuple[str, str, str, str], OptionRecord]
"""Extras by product, currency, attribute and value."""


class OptionStage:
    """Adds the extras of chosen options, which are list price."""

    names = NOTHING

    def __init__(self, step: OptionExtras, options: Options) -> None:
        self._id = step.id
        self._options = options

    def run(self, draft: Draft) -> None:
        """Add the extra of each option, in the order of the attributes' names."""
        for one in draft.lines:
            line = one.line
            for attribute, value in sorted(line.configuration.items()):
                for key, option, is_by_unit in option_keys(attribute, value):
                    record = self._options.get((line.product, draft.currency, key, option))
                    if record is not None:
                        self._add(one, record, attribute, value, _times(value) if is_by_unit else _ONE)

    def _add(self, one: DraftLine, record: OptionRecord, attribute: str, value: str, times: Decimal) -> None:
        """Add the extra of a record so many times for each unit of the line."""
        if not times:
            return
        extra = record.extra.amount
        quantity = multiply(one.quantity, times)
        raw = multiply(extra, quantity)
        one.change(
            self._id,
            StepKind.OPTION,
            record.id,
            Calculation.AMOUNT_PER_UNIT,
            raw,
            value=extra,
            quantity=quantity,
            detail=f"{attribute} = {value}",
        )
        one.list_amount = max(add(one.list_amount, raw), _ZERO)


def _times(value: str) -> Decimal:
    """How many units of an option are chosen; none where the value is no quantity."""
    try:
        return max(units(value), _ZERO)
    except NotANumber:
        return _ZERO
