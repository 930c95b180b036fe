from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind

MakeDeal = Callable[..., Deal]


def make_deal(
    id_: str,
    status: str = "open",
    amount: object = None,
    opened: date | None = date(2026, 1, 5),
    **more: Any,
) -> Deal:
    """A deal of which only what a test is about needs saying; an amount is in EUR."""
    since = None if opened is None else datetime(opened.year, opened.month, opened.day, 9, tzinfo=UTC)
    return Deal(
        id=id_,
        name="",
        amount=amount if amount is None or isinstance(amount, Money) else Money(amount, "EUR"),  # type: ignore[arg-type]
        pipeline="p",
        pipeline_version=1,
        pipeline_digest="",
        stage=more.pop("stage", status),
        status=StageKind(status),
        category=ForecastCategory.PIPELINE,
        probability=Estimate(Percent(10)),
        opened_at=since,
        stage_since=more.pop("stage_since", since),
        **more,
    )


@pytest.fixture(name="deal")
def _deal() -> MakeDeal:
    return make_deal
