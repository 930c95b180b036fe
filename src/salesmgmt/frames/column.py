"""How a column of a frame holds exact values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs


@attrs.frozen(kw_only=True)
class Column:
    """Where a frame has the values of a name, and in which unit.

    Numbers, percents and amounts are whole numbers of 10^-scale: 12.34 EUR with scale 2 is 1234, 12.5 % with scale 1
    is 125. A frame never holds decimals or amounts as binary fractions.

    Attributes:
        name: the column; the name in the formula when it is empty.
        scale: decimals of a whole number.
        currency: the currency of every amount of the column.
        currency_column: instead, the column with the currency of each amount.

    >>> from salesmgmt.frames import Column
    >>> Column(scale=2, currency="EUR").scale
    2
    """

    name: str = ""
    scale: int = 0
    currency: str = ""
    currency_column: str = ""


Columns: TypeAlias = Mapping[str, Column]
"""Columns by the names that formulas use; a name that is not listed is a column of that name with whole numbers."""
