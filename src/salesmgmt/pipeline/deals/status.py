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
    MOST_LIKELY = "most_likely"
    """It is expected to come, though its owner does not stand for it yet."""
    COMMIT = "commit"
    """Its owner stands for it."""
    CLOSED = "closed"
    """It is won."""
    OMITTED = "omitted"
    """It is not counted."""


class CategoryOrigin(StrEnum):
    """Who put a deal into its forecast category; a move to another stage replaces only what a stage said.

    >>> from salesmgmt.pipeline.deals import CategoryOrigin
    >>> CategoryOrigin.USER.value
    'user'
    """

    STAGE = "stage"
    """The definition of the pipeline, for the stage."""
    USER = "user"
    """A person's judgement."""
