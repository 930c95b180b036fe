"""Stage conversion, time to convert, time in stage and ages, on journeys worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics import deal_ages, stage_conversion, time_in_stage, time_to_convert
from salesmgmt.pipeline.cash import InvalidLimits
from salesmgmt.pipeline.deals import Deal, StageKind, StageVisit

MakeDeal = Callable[..., Deal]
STAGES = ("new", "offer", "talk", "won")
KINDS = {"won": StageKind.WON, "lost": StageKind.LOST}


def march(day: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day - 1)


def journey(*stays: tuple[str, int]) -> list[StageVisit]:
    """Stays by stage and the day of March on which they begin; each ends where the next begins."""
    ends = [march(day) for _, day in stays[1:]] + [None]
    return [
        StageVisit(stage, march(day), end, KINDS.get(stage, StageKind.OPEN))
        for (stage, day), end in zip(stays, ends, strict=True)
    ]


JOURNEYS = [
    journey(("new", 1), ("offer", 3), ("talk", 7), ("won", 11)),
    journey(("new", 1), ("talk", 5), ("won", 9)),  # skips offer
    journey(("new", 2), ("offer", 8), ("lost", 12)),
    journey(("new", 2), ("offer", 6), ("new", 10), ("offer", 12)),  # steps back, is open in offer
    journey(("new", 4)),
]


def test_who_goes_past_a_stage_has_passed_it() -> None:
    new, offer, talk = stage_conversion(JOURNEYS, STAGES)
    assert (new.entered, new.converted, new.dropped, new.open, new.skipped) == (5, 4, 0, 1, 0)
    assert (offer.entered, offer.converted, offer.dropped, offer.open, offer.skipped) == (4, 2, 1, 1, 1)
    assert (talk.entered, talk.converted, talk.dropped, talk.open) == (2, 2, 0, 0)
    assert (offer.rate.value, offer.upper.value) == (Decimal("0.5"), Decimal("0.75"))
    assert str(offer.decided.value).startswith("0.6666666666")


def test_who_did_not_stand_in_a_stage_may_count_as_absent() -> None:
    new, offer, talk = stage_conversion(JOURNEYS, STAGES, skipped="absent")
    assert (new.entered, new.converted, new.dropped, new.open, new.skipped) == (5, 3, 1, 1, 0)
    assert (offer.entered, offer.converted, offer.dropped, offer.open, offer.skipped) == (3, 1, 1, 1, 1)
    assert (talk.entered, talk.converted) == (2, 2)


def test_a_cohort_is_that_of_the_first_stay() -> None:
    first = Period(date(2026, 3, 1), date(2026, 3, 2))
    assert [step.entered for step in stage_conversion(JOURNEYS, STAGES, period=first)] == [2, 2, 2]
    nobody = stage_conversion(JOURNEYS, STAGES, period=Period.month(2025, 1))
    assert {step.rate.flag for step in nobody} == {"empty_base"}


@pytest.mark.parametrize("stages", [[], ["new"], ["new", "new"], ["new", "won", "new"]])
def test_stages_without_an_order_are_refused(stages: list[str]) -> None:
    with pytest.raises(InvalidInput, match="two different stages"):
        stage_conversion([], stages)


def test_time_to_convert_keeps_those_who_are_not_there_yet() -> None:
    curve = time_to_convert(JOURNEYS, STAGES, "new", "talk", as_of=march(21))
    # Of five, one gets there after 4 days and one after 6; the rest are watched for 19, 19 and 17 days.
    assert [(step.time, step.at_risk, round(step.survival, 4)) for step in curve.steps] == [
        (4, 5, 0.8),
        (6, 4, 0.6),
    ]
    assert curve.happened_by(10).value == pytest.approx(0.4)
    censored = time_to_convert(JOURNEYS, STAGES, "new", "won", as_of=march(21), lost="censor")
    # The lost one is out of sight after 10 days: at 8 days five are at risk, at 10 days four.
    assert [(step.time, step.at_risk) for step in censored.steps] == [(8, 5), (10, 4)]
    early = time_to_convert(JOURNEYS, STAGES, "new", "won", as_of=march(10))
    assert [(step.time, step.at_risk) for step in early.steps] == [(8, 4)]


def test_a_target_before_its_source_and_unknown_stages_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a stage after talk"):
        time_to_convert([], STAGES, "talk", "offer", as_of=march(1))
    with pytest.raises(InvalidInput) as refused:
        time_to_convert([], STAGES, "nwe", "wn", as_of=march(1))
    assert [problem.path for problem in refused.value.problems] == ["source", "target"]
    with pytest.raises(NaiveInstant):
        time_to_convert([], STAGES, "new", "won", as_of=datetime(2026, 3, 1))  # noqa: DTZ001 - what is refused


def test_time_in_stage_tells_ended_and_lasting_stays_apart() -> None:
    times = time_in_stage(JOURNEYS, as_of=march(14))
    assert list(times) == ["new", "offer", "talk"]
    new = times["new"]  # ended after 2, 4, 6, 4, 2 days; one lasts for 10
    assert (new.ended, new.censored, new.unknown) == (5, 1, 0)
    assert (new.median.value, new.first_quartile.value, new.third_quartile.value, new.mean.value) == (
        Decimal(4),
        Decimal(2),
        Decimal(4),
        Decimal("3.6"),
    )
    offer = times["offer"]  # ended after 4, 4, 4; one lasts for 2
    assert (offer.median.value, offer.curve.n, offer.curve.median().value) == (Decimal(4), 4, 4.0)


def test_what_happened_later_is_not_known_yet() -> None:
    times = time_in_stage(JOURNEYS, as_of=march(2))
    assert (times["new"].ended, times["new"].censored, times["new"].median.flag) == (0, 4, "no_ended_stays")
    assert list(times) == ["new"]


def test_a_stay_of_unknown_beginning_is_counted_and_in_no_figure() -> None:
    stay = StageVisit("new", None, march(5), StageKind.OPEN)
    time = time_in_stage([[stay]], as_of=march(9))["new"]
    assert (time.ended, time.censored, time.unknown) == (0, 0, 1)
    assert time_to_convert([[stay]], STAGES, "new", "won", as_of=march(9)).n == 0


@given(st.lists(st.lists(st.sampled_from(["new", "offer", "talk"]), min_size=1, max_size=5).flatmap(
    lambda stages: st.sampled_from([[*stages], [*stages, "won"], [*stages, "lost"]]))))  # fmt: skip
def test_every_deal_that_reaches_a_stage_is_converted_dropped_or_open(paths: list[list[str]]) -> None:
    journeys = [journey(*((stage, place + 1) for place, stage in enumerate(path))) for path in paths]
    for skipped in ("passed", "absent"):
        steps = stage_conversion(journeys, STAGES, skipped=skipped)
        for step in steps:
            assert step.entered == step.converted + step.dropped + step.open
            assert min(step.converted, step.dropped, step.open) >= 0
        if skipped == "passed":
            assert all(step.converted == later.entered for step, later in pairwise(steps))


def test_open_deals_fall_into_buckets_by_age(deal: MakeDeal) -> None:
    deals = [
        deal("a", amount=10, opened=date(2026, 3, 1)),
        deal("b", amount=20, opened=date(2026, 1, 30)),
        deal("c", amount=30, opened=date(2026, 1, 29)),
        deal("d", amount=40, opened=None),
        deal("e", "won", 50, opened=date(2026, 1, 1)),
        deal("f", amount=60, opened=date(2026, 3, 2)),
    ]
    ages = deal_ages(deals, as_of=date(2026, 3, 1), limits=(30, 60))
    assert [(bucket.label, [one.id for one in bucket.deals]) for bucket in ages.buckets] == [
        ("0-30", ["a", "b"][::-1]),
        ("31-60", ["c"]),
        ("61+", []),
    ]
    assert ages.buckets[0].value.value == Money(30, "EUR")
    assert (ages.buckets[2].value.flag, ages.undated) == ("no_open_deals", 1)


def test_the_age_in_the_stage_may_be_asked_for_and_odd_limits_are_refused(deal: MakeDeal) -> None:
    moved = deal("a", opened=date(2026, 1, 1), stage_since=march(20))
    [first, *_] = deal_ages([moved], as_of=date(2026, 3, 31), since="stage").buckets
    assert first.count == 1
    with pytest.raises(InvalidLimits):
        deal_ages([], as_of=date(2026, 3, 31), limits=(30, 30))
