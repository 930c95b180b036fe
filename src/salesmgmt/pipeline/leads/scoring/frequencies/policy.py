"""How won and lost leads are counted, and how the counts become a probability."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import exact
from salesmgmt.core.percent import Percent

_MOST_DECIMALS = 12


def _names(given: Iterable[str]) -> frozenset[str]:
    # A text would fall apart into letters.
    return frozenset((given,)) if isinstance(given, str) else frozenset(given)


@attrs.frozen(kw_only=True)
class FrequencyPolicy:
    """The rules of a frequency table.

    Attributes:
        smoothing: what a new row starts with on either side, so that what never happened is not impossible (Lidstone 1920).
        min_tag_count: won and lost together from which on the row of a tag says something.
        lowest: the least that an open lead gets.
        highest: the most.
        decimals: of the percentage; half to even.
        missing_counts: fields for which having no value is a value of its own; elsewhere it is passed over.
        sticky: whether a row stays when only smoothing is left of it, taking back more than was counted leaves smoothing instead of
            an error, and rows are joined by their whole counts. Without it, a table that follows every event is the one that is
            built from the history anew.

    Raises:
        InvalidInput: a figure is out of range.

    >>> from salesmgmt.pipeline.leads import FrequencyPolicy
    >>> FrequencyPolicy(min_tag_count=20).smoothing
    Decimal('0.1')
    """

    smoothing: Decimal = attrs.field(default=Decimal("0.1"), converter=exact)
    min_tag_count: Decimal = attrs.field(default=Decimal(50), converter=exact)
    lowest: Percent = Percent("0.01")
    highest: Percent = Percent("99.99")
    decimals: int = 2
    missing_counts: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    sticky: bool = False

    def __attrs_post_init__(self) -> None:
        problems = []
        if self.smoothing <= 0:
            problems.append(Problem("smoothing", "range", str(self.smoothing), "above 0"))
        limits: tuple[object, ...] = self.lowest, self.highest
        if not all(isinstance(limit, Percent) for limit in limits):
            found = f"from {shorten(self.lowest)} to {shorten(self.highest)}"
            problems.append(Problem("lowest", "wrong_type", found, "percentages, as Percent(1)"))
        elif not Percent(0) <= self.lowest <= self.highest <= Percent(100):
            found = f"from {self.lowest} to {self.highest}"
            problems.append(Problem("lowest", "range", found, "from 0% to 100%, lowest first"))
        if type(self.decimals) is not int or not 0 <= self.decimals <= _MOST_DECIMALS:
            problems.append(
                Problem(
                    "decimals", "range", shorten(self.decimals), f"a whole number from 0 to {_MOST_DECIMALS}"
                )
            )
        if problems:
            raise InvalidInput("frequency policy", problems)


DEFAULT_FREQUENCIES = FrequencyPolicy()
"""The rules of a table that names none."""
