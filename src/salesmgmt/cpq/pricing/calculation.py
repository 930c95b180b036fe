"""How a condition makes an amount: the calculations that steps and records may name."""

from __future__ import annotations

from enum import StrEnum


class Calculation(StrEnum):
    """What the value of a condition is applied to.

    >>> from salesmgmt.cpq.pricing import Calculation
    >>> Calculation("percent") is Calculation.PERCENT
    True
    """

    SET_PRICE = "set_price"
    """The price of a unit, or of so many units, in place of what the line is at."""
    AMOUNT_PER_UNIT = "amount_per_unit"
    """An amount for each unit, or for each so many units."""
    AMOUNT_PER_LINE = "amount_per_line"
    """One amount for the line."""
    AMOUNT_PER_DOCUMENT = "amount_per_document"
    """One amount for the document, shared exactly among its lines."""
    PERCENT = "percent"
    """Percent of a base that several conditions share: 10 % and 20 % are 30 %."""
    PERCENT_COMPOUND = "percent_compound"
    """Percent of what the conditions before it left: 10 % and 20 % are 28 %."""
    PRICE_FOR_QUANTITY = "price_for_quantity"
    """One price for the whole quantity, as a block of a scale says."""
    MARKUP_ON_COST = "markup_on_cost"
    """The cost plus so many percent of the cost."""
    TARGET_MARGIN = "target_margin"
    """The price of which so many percent are left after the cost."""
    PERCENT_OF_TOTAL = "percent_of_total"
    """Percent of what other lines come to."""
    FORMULA = "formula"
    """What a formula says."""
    FREE_QUANTITY = "free_quantity"
    """So many units are free."""
    PRORATION = "proration"
    """The part of a period that a term covers."""
    ROUNDING = "rounding"
    """What a rounding changes."""
    MANUAL = "manual"
    """What somebody set by hand."""
