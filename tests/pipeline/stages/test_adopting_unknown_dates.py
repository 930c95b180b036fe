"""Deals of an export that does not know when they began."""

from __future__ import annotations

from datetime import UTC, date, datetime

from salesmgmt.core.actor import Actor
from salesmgmt.pipeline.deals import Deal, StageKind, replay
from salesmgmt.pipeline.stages import Pipeline, PipelineDefinition, Stage, Transition

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Actor("import")


def _pipeline() -> Pipeline:
    return PipelineDefinition(
        id="walk-in",
        version=1,
        initial="talk",
        stages=(
            Stage("talk", rot_after_days=7),
            Stage("won", kind=StageKind.WON),
            Stage("lost", kind=StageKind.LOST),
        ),
        transitions=(Transition("talk", "won"), Transition("talk", "lost")),
    ).compile()


def _adopted(stage: str, closed_on: date | None = None) -> Deal:
    deal, _ = _pipeline().adopt(
        id="d", name="a deal", stage=stage, opened_at=None, closed_on=closed_on, at=NOW, by=BY
    )
    return deal


def test_a_deal_without_a_beginning_never_counts_as_rotting() -> None:
    rotting = _pipeline().rotting(_adopted("talk"), NOW)

    assert (rotting.days, rotting.is_rotting, rotting.overdue_days) == (None, False, 0)


def test_a_deal_without_a_beginning_can_move_on() -> None:
    pipeline = _pipeline()

    deal, (event,) = pipeline.move(_adopted("talk"), "won", at=NOW, by=BY)

    assert event.days_in_stage is None  # type: ignore[union-attr]
    assert (deal.stage_since, deal.closed_on) == (NOW, NOW.date())


def test_a_closed_deal_keeps_the_day_that_is_known() -> None:
    assert _adopted("won", date(2026, 1, 5)).closed_on == date(2026, 1, 5)
    assert _adopted("won").closed_on is None


def test_its_history_makes_it_again() -> None:
    deal, events = _pipeline().adopt(id="d", name="a deal", stage="talk", opened_at=None, at=NOW, by=BY)

    assert replay(events) == deal
