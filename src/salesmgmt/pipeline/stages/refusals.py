"""Deals that a pipeline does not take."""

from __future__ import annotations

from datetime import datetime

from salesmgmt.core.errors import SalesError, shorten


class OtherPipeline(SalesError, ValueError):
    """A deal of another pipeline was given.

    Attributes:
        deal: id of the deal.
        found: id of its pipeline.
        wanted: id of the pipeline that was asked.
    """

    code = "other_pipeline"

    def __init__(self, deal: str, found: str, wanted: str) -> None:
        super().__init__(
            f"deal {deal} belongs to the pipeline {shorten(found)}, not to {shorten(wanted)}",
            hint="ask the pipeline whose id the deal carries",
        )
        self.deal = deal
        self.found = found
        self.wanted = wanted


class MovedBackInTime(SalesError, ValueError):
    """A move was dated before the deal entered the stage that it leaves.

    Attributes:
        deal: id of the deal.
        found: the instant of the move.
        since: when the deal entered its stage.
    """

    code = "moved_back_in_time"

    def __init__(self, deal: str, found: datetime, since: datetime) -> None:
        super().__init__(
            f"deal {deal} entered its stage at {since.isoformat()}, and would leave it at {found.isoformat()}",
            hint="give `at` the instant of the move; take deals with their history over by `adopt`",
        )
        self.deal = deal
        self.found = found
        self.since = since
