"""A deal in its first stage."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind


@pytest.fixture
def deal() -> Deal:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return Deal(
        id="d-1",
        name="Acme laptops",
        pipeline="enterprise",
        pipeline_version=1,
        pipeline_digest="",
        stage="new",
        status=StageKind.OPEN,
        category=ForecastCategory.PIPELINE,
        probability=Estimate(Percent(10)),
        opened_at=start,
        stage_since=start,
    )
