"""Where a deal stands: its stage under one definition, with all that follows from it."""

from __future__ import annotations

import attrs

from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.probability import Estimate
from salesmgmt.pipeline.deals.status import CategoryOrigin, ForecastCategory, StageKind


@attrs.frozen(kw_only=True)
class Placement:
    """Where a deal stands, as its fields of the same names say.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, Placement, StageKind
    >>> start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> deal = Deal(
    ...     id="d-1", name="Laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=start, stage_since=start,
    ... )  # fmt: skip
    >>> Placement.of(deal).stage
    'new'
    """

    pipeline: str
    pipeline_version: int
    pipeline_digest: str
    stage: str
    status: StageKind
    category: ForecastCategory
    category_origin: CategoryOrigin
    probability: Estimate
    done: frozenset[str] = frozenset()

    @classmethod
    def of(cls, deal: Deal) -> Placement:
        """Return where a deal stands."""
        return cls(**{name: getattr(deal, name) for name in _NAMES})

    def place(self, deal: Deal) -> Deal:
        """Return the deal as it stands here, all else as it was."""
        return attrs.evolve(deal, **{name: getattr(self, name) for name in _NAMES})


_NAMES = tuple(field.name for field in attrs.fields(Placement))
