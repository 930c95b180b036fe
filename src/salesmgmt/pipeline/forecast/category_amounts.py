"""Amounts by forecast category, and the lines that a forecast is read by."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import attrs

from salesmgmt.core.money import Money
from salesmgmt.pipeline.deals import ForecastCategory


class ForecastLine(StrEnum):
    """A line of a forecast: a single category, or several added up."""

    CLOSED = "closed"
    COMMIT = "commit"
    MOST_LIKELY = "most_likely"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"
    CLOSED_ONLY = "closed_only"
    """What is won: as `CLOSED`, and the first of the cumulative lines."""
    COMMIT_FORECAST = "commit_forecast"
    """Closed and commit."""
    MOST_LIKELY_FORECAST = "most_likely_forecast"
    """Closed, commit and most likely."""
    BEST_CASE_FORECAST = "best_case_forecast"
    """Closed, commit, most likely and best case."""
    OPEN_PIPELINE = "open_pipeline"
    """All that is open: pipeline, best case, most likely and commit."""

    @property
    def categories(self) -> tuple[ForecastCategory, ...]:
        """The categories that it adds up."""
        return _PARTS[self]


_CLOSED, _COMMIT, _LIKELY, _BEST, _PIPELINE = (
    ForecastCategory.CLOSED,
    ForecastCategory.COMMIT,
    ForecastCategory.MOST_LIKELY,
    ForecastCategory.BEST_CASE,
    ForecastCategory.PIPELINE,
)

_PARTS: Mapping[ForecastLine, tuple[ForecastCategory, ...]] = {
    ForecastLine.CLOSED: (_CLOSED,),
    ForecastLine.COMMIT: (_COMMIT,),
    ForecastLine.MOST_LIKELY: (_LIKELY,),
    ForecastLine.BEST_CASE: (_BEST,),
    ForecastLine.PIPELINE: (_PIPELINE,),
    ForecastLine.CLOSED_ONLY: (_CLOSED,),
    ForecastLine.COMMIT_FORECAST: (_CLOSED, _COMMIT),
    ForecastLine.MOST_LIKELY_FORECAST: (_CLOSED, _COMMIT, _LIKELY),
    ForecastLine.BEST_CASE_FORECAST: (_CLOSED, _COMMIT, _LIKELY, _BEST),
    ForecastLine.OPEN_PIPELINE: (_PIPELINE, _BEST, _LIKELY, _COMMIT),
}

SINGLE_LINES = (
    ForecastLine.CLOSED,
    ForecastLine.COMMIT,
    ForecastLine.MOST_LIKELY,
    ForecastLine.BEST_CASE,
    ForecastLine.PIPELINE,
)
"""The lines of a single roll-up: each category by itself."""

CUMULATIVE_LINES = (
    ForecastLine.CLOSED_ONLY,
    ForecastLine.COMMIT_FORECAST,
    ForecastLine.MOST_LIKELY_FORECAST,
    ForecastLine.BEST_CASE_FORECAST,
    ForecastLine.OPEN_PIPELINE,
)
"""The lines of a cumulative roll-up."""


@attrs.frozen(kw_only=True)
class CategoryAmounts:
    """Amounts of one currency by forecast category; what is omitted from the forecast is in none.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.pipeline.forecast import CategoryAmounts, ForecastLine
    >>> amounts = CategoryAmounts.zero("EUR").plus(Money(50, "EUR"), "closed").plus(Money(100, "EUR"), "commit")
    >>> amounts.cumulative[ForecastLine.COMMIT_FORECAST]
    Money('150', 'EUR')
    """

    closed: Money
    commit: Money
    most_likely: Money
    best_case: Money
    pipeline: Money

    @classmethod
    def zero(cls, currency: str) -> CategoryAmounts:
        """Return nothing in every category."""
        return cls(**dict.fromkeys(_FIELDS, Money.zero(currency)))

    def __add__(self, other: CategoryAmounts) -> CategoryAmounts:
        return CategoryAmounts(**{name: getattr(self, name) + getattr(other, name) for name in _FIELDS})

    def plus(self, amount: Money, category: ForecastCategory | str) -> CategoryAmounts:
        """Return these amounts with one more; one of an omitted category is in none."""
        category = ForecastCategory(category)
        if category is ForecastCategory.OMITTED:
            return self
        return attrs.evolve(self, **{category.value: getattr(self, category.value) + amount})

    def line(self, line: ForecastLine) -> Money:
        """Return the amount of a line."""
        first, *others = line.categories
        amount: Money = getattr(self, first.value)
        for category in others:
            amount += getattr(self, category.value)
        return amount

    @property
    def single(self) -> Mapping[ForecastLine, Money]:
        """The amount of each category by itself."""
        return {line: self.line(line) for line in SINGLE_LINES}

    @property
    def cumulative(self) -> Mapping[ForecastLine, Money]:
        """The amounts of the cumulative lines."""
        return {line: self.line(line) for line in CUMULATIVE_LINES}


_FIELDS = tuple(field.name for field in attrs.fields(CategoryAmounts))
