"""How rows of facts become one figure, as data.

`of`, `by` and `where` are formulas over the names of one row. A row for which `where` does not hold is left out, and so is one
whose `of` is missing; how many had a value is the `coverage` of the figure.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs


@attrs.frozen
class Count:
    """How many rows there are.

    >>> from salesmgmt.engines.metrics import Count
    >>> Count("status == 'won'")
    Count(where="status == 'won'")
    """

    where: str | None = None


@attrs.frozen
class Sum:
    """The total of a number, percent or amount; nothing at all is zero.

    >>> from salesmgmt.engines.metrics import Sum
    >>> Sum("amount * probability.value", where="status == 'open'").of
    'amount * probability.value'
    """

    of: str
    where: str | None = None


@attrs.frozen
class Mean:
    """The arithmetic mean, to 34 digits.

    >>> from salesmgmt.engines.metrics import Mean
    >>> Mean("amount").where is None
    True
    """

    of: str
    where: str | None = None


@attrs.frozen
class Median:
    """The value in the middle; of an even number of values the mean of the two in the middle, not rounded.

    >>> from salesmgmt.engines.metrics import Median
    >>> Median("cycle_days", where="status == 'won'").of
    'cycle_days'
    """

    of: str
    where: str | None = None


@attrs.frozen
class Distinct:
    """How many different values there are, of any type.

    >>> from salesmgmt.engines.metrics import Distinct
    >>> Distinct("account").of
    'account'
    """

    of: str
    where: str | None = None


@attrs.frozen
class Last:
    """The value of the row that is last by a number, date or instant; of two equally late ones the one read last.

    >>> from salesmgmt.engines.metrics import Last
    >>> Last("balance", by="counted_on").by
    'counted_on'
    """

    of: str
    by: str
    where: str | None = None


@attrs.frozen
class Ratio:
    """One figure divided by another, both over the same rows: never a mean of ratios.

    >>> from salesmgmt.engines.metrics import Count, Ratio
    >>> Ratio(Count("status == 'won'"), Count("status in {'won', 'lost'}")).numerator
    Count(where="status == 'won'")
    """

    numerator: Aggregate
    denominator: Aggregate


Leaf: TypeAlias = Count | Sum | Mean | Median | Distinct | Last
"""An aggregate that reads rows itself."""

Aggregate: TypeAlias = Leaf | Ratio
"""What a metric does with rows."""
