"""The price that promises most, and why."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import attrs

from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.engines.statistics.interval import Interval


class PriceLimit(StrEnum):
    """What keeps a suggested price from being higher or lower.

    >>> from salesmgmt.cpq.insight import PriceLimit
    >>> PriceLimit("floor").name
    'FLOOR'
    """

    NONE = "none"
    """Nothing: dearer and cheaper both promise less."""
    FLOOR = "floor"
    """The floor that was given; less would promise more."""
    CEILING = "ceiling"
    """The ceiling that was given; more would promise more."""
    LOWEST_OBSERVED = "lowest_observed"
    """Nothing cheaper was ever offered, so that nobody knows what it would do."""
    HIGHEST_OBSERVED = "highest_observed"
    """Nothing dearer was ever offered."""


class NoSuggestionReason(StrEnum):
    """Why no price can be suggested.

    >>> from salesmgmt.cpq.insight import NoSuggestionReason
    >>> NoSuggestionReason("few_lines").name
    'FEW_LINES'
    """

    NOT_ENOUGH_DATA = "not_enough_data"
    """No win curve follows from the lines; `found` has the flag."""
    FEW_LINES = "few_lines"
    """Too few lines were won, or too few lost."""
    NO_PRICE_EFFECT = "no_price_effect"
    """Dear offers are not won less often by more than chance explains."""
    NO_LIST_PRICE = "no_list_price"
    """The list price is not above zero, so that no price is a share of it."""
    EMPTY_RANGE = "empty_range"
    """No price lies within floor, ceiling and what was ever offered."""
    COST_ABOVE_RANGE = "cost_above_range"
    """No price that is allowed exceeds the cost."""
    NO_PRICE_POINT = "no_price_point"
    """The rounding has no step within the limits."""


@attrs.frozen(kw_only=True)
class NoSuggestion:
    """No price can be suggested: an expected answer, and no error.

    Attributes:
        reason: why.
        found: what was found.
        wanted: what would have been enough.
        n: how many lines were looked at.
        code: (class) `no_suggestion`.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.rounding import Rounding
    >>> from salesmgmt.cpq.insight import fit_win_curve, suggest_price
    >>> print(suggest_price(fit_win_curve([]), list_price=Money(100, "EUR"), cost=Money(60, "EUR"),
    ...                     rounding=Rounding("half_up", "0.01")))
    no suggestion (not_enough_data): found no_lines, wanted won and lost lines at several prices
    """

    code: ClassVar[str] = "no_suggestion"

    reason: NoSuggestionReason
    found: str
    wanted: str
    n: int = 0

    def __str__(self) -> str:
        return f"no suggestion ({self.reason}): found {self.found}, wanted {self.wanted}"


@attrs.frozen(kw_only=True)
class PriceSuggestion:
    """The price of a unit that promises the largest margin, counting the chance to win it, and why.

    Attributes:
        price: of a unit, rounded.
        ratio: the price as a share of the list price.
        limit: what kept it from being higher or lower.
        chance: to win at this price; `extrapolated` outside of what was ever offered.
        chance_interval: of the chance.
        expected_margin: price less cost, times the chance; of a unit, rounded.
        current: the median price of won lines, applied to this list price, rounded.
        current_margin: the same expected margin at that price.
        elasticity: of wins, at the suggested price.
        elasticity_interval: of the elasticity.
        n: how many lines it is drawn from.
    """

    price: Money
    ratio: Decimal
    limit: PriceLimit
    chance: Measured[Decimal]
    chance_interval: Measured[Interval]
    expected_margin: Measured[Money]
    current: Money
    current_margin: Measured[Money]
    elasticity: Measured[Decimal]
    elasticity_interval: Measured[Interval]
    n: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks for it, in words."""
        warning = f" ({self.chance.flag})" if self.chance.flag else ""
        promised, now = shown(self.expected_margin), shown(self.current_margin)
        return (
            f"{self.n} closed lines{warning}",
            f"chance to win {shown(self.chance)}, {shown(self.chance_interval)}",
            f"elasticity {shown(self.elasticity)}, {shown(self.elasticity_interval)}",
            f"expected margin {promised}; at the median won price of {self.current} it is {now}",
            f"bound by: {self.limit.value}",
        )


def shown(figure: Measured[Any]) -> str:
    """Return a figure as people read it, to four decimals.

    >>> from decimal import Decimal
    >>> from salesmgmt.core.measured import Measured
    >>> from salesmgmt.cpq.insight.suggestion import shown
    >>> shown(Measured(Decimal("0.627083152214")))
    '0.6271'
    """
    match figure.value:
        case None:
            return f"undefined ({figure.flag})"
        case Decimal() as number:
            return f"{number:.4f}"
        case Interval(low=low, high=high, confidence=confidence):
            return f"{low:.4f} to {high:.4f} ({confidence})"
        case value:
            return str(value)
