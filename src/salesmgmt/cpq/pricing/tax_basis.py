"""What amounts say about tax: whether they hold it, and where it is rounded."""

from __future__ import annotations

from enum import StrEnum


class TaxBasis(StrEnum):
    """Whether amounts are without or with tax.

    >>> from salesmgmt.cpq.pricing import TaxBasis
    >>> TaxBasis("gross").name
    'GROSS'
    """

    NET = "net"
    """Without tax; it comes on top."""
    GROSS = "gross"
    """With tax; it is taken out."""


class TaxRounding(StrEnum):
    """Where tax is rounded to the minor unit."""

    LINE = "line"
    """On each line."""
    RATE = "rate"
    """On the sum of all lines of one rate; the lines then share it exactly."""
