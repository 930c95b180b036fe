"""Adds the extras of chosen options."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from salesmgmt.core.exact import add, multiply
from salesmgmt.cpq.pricing._draft import Draft
from salesmgmt.cpq.pricing._stages import NOTHING
from salesmgmt.cpq.pricing.calculation import Calculation
from salesmgmt.cpq.pricing.procedure import OptionExtras
from salesmgmt.cpq.pricing.records import OptionRecord
from salesmgmt.cpq.pricing.trace import StepKind

_ZERO = Decimal(0)

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
                record = self._options.get((line.product, draft.currency, attribute, value))
                if record is not None:
                    extra = record.extra.amount
                    raw = multiply(extra, one.quantity)
                    one.change(
                        self._id,
                        StepKind.OPTION,
                        record.id,
                        Calculation.AMOUNT_PER_UNIT,
                        raw,
                        value=extra,
                        quantity=one.quantity,
                        detail=f"{attribute} = {value}",
                    )
                    one.list_amount = max(add(one.list_amount, raw), _ZERO)
