"""Where a deal stands, in the words that every pipeline shares."""

from __future__ import annotations

from enum import StrEnum


class StageKind(StrEnum):
    """What a stage means; the status of a deal is the kind of its stage, and comes from nowhere else.

    >>> from salesmgmt.pipeline.deals import StageKind
    >>> StageKind.WON.is_closed
    True
    """

    OPEN = "open"
    WON = "won"
    LOST = "lost"

    @property
    def is_closed(self) -> bool:
        """Whether the deal is decided."""
        return self is not StageKind.OPEN


class ForecastCategory(StrEnum):
    """Where a deal counts in a forecast; a pipeline gives each stage one.

    >>> from salesmgmt.pipeline.deals import ForecastCategory
    >>> ForecastCategory("best_case").name
    'BEST_CASE'
    """

    PIPELINE = "pipeline"
    """It may come."""
    BEST_CASE = "best_case"
    """It comes if all goes well."""
    COMMIT = "commit"
    """Its owner stands for it."""
    CLOSED = "closed"
    """It is won."""
    OMITTED = "omitted"
    """It is not counted."""
