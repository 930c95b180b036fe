"""The category roll-up; figures are added by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.entity import PersonId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.engines.hierarchy import Hierarchy
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
from salesmgmt.pipeline.forecast import Adjustment, CategoryAmounts, ForecastLine, RollUp, roll_up

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
Q1 = Period.quarter(2026, 1)
TEAM = Hierarchy({"ada": "chen", "bo": "chen", "chen": "dora", "eve": "dora"})
LINE = ForecastLine


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


def deal(key: str, owner: str | None, amount: int | None, category: str, **changes: Any) -> Deal:
    status = {"closed": StageKind.WON, "lost": StageKind.LOST}.get(category, StageKind.OPEN)
    fields: dict[str, Any] = {
        "id": key,
        "name": key,
        "owner": owner,
        "amount": None if amount is None else euros(amount),
        "pipeline": "p",
        "pipeline_version": 1,
        "pipeline_digest": "",
        "stage": category,
        "status": status,
        "category": ForecastCategory.OMITTED if category == "lost" else ForecastCategory(category),
        "probability": Estimate(Percent(50)),
        "opened_at": NOW,
        "stage_since": NOW,
        "expected_close": date(2026, 3, 15),
        "closed_on": date(2026, 1, 20) if status.is_closed else None,
    }
    return Deal(**(fields | changes))


DEALS = [
    deal("1", "ada", 50, "closed"),
    deal("2", "ada", 100, "commit"),
    deal("3", "bo", 150, "best_case"),
    deal("4", "bo", 30, "most_likely"),
    deal("5", "chen", 200, "pipeline"),
    deal("6", "eve", 7, "commit"),
    deal("7", "ada", 1000, "lost"),
    deal("8", "bo", 1000, "omitted"),
]


def rolled(deals: list[Deal] = DEALS, *adjustments: Adjustment, **changes: Any) -> RollUp:
    arguments: dict[str, Any] = {"period": Q1, "currency": "EUR", "as_of": NOW, "adjustments": adjustments}
    return roll_up(deals, TEAM, **(arguments | changes))


def said(person: str, line: ForecastLine, amount: int | None, by: str, *, at: datetime = NOW) -> Adjustment:
    return Adjustment(
        person=PersonId(person),
        line=line,
        amount=None if amount is None else euros(amount),
        by=PersonId(by),
        at=at,
    )


def amount(found: RollUp, person: str, line: ForecastLine) -> Money:
    return found.people[PersonId(person)].lines[line].amount


def test_each_category_is_rolled_up_by_itself_and_cumulatively() -> None:
    chen = rolled().people[PersonId("chen")]
    assert chen.own == CategoryAmounts.zero("EUR").plus(euros(200), "pipeline")
    assert chen.team.single == {
        LINE.CLOSED: euros(50),
        LINE.COMMIT: euros(100),
        LINE.MOST_LIKELY: euros(30),
        LINE.BEST_CASE: euros(150),
        LINE.PIPELINE: euros(200),
    }
    assert chen.team.cumulative == {
        LINE.CLOSED_ONLY: euros(50),
        LINE.COMMIT_FORECAST: euros(150),
        LINE.MOST_LIKELY_FORECAST: euros(180),
        LINE.BEST_CASE_FORECAST: euros(330),
        LINE.OPEN_PIPELINE: euros(480),
    }
    assert rolled().people[PersonId("dora")].team.commit == euros(107)


def test_a_won_deal_counts_on_the_day_it_was_won_and_an_open_one_on_the_day_it_is_expected() -> None:
    found = rolled(
        [
            deal("1", "ada", 1, "closed", closed_on=date(2025, 12, 31), expected_close=date(2026, 1, 5)),
            deal("2", "ada", 2, "closed", closed_on=date(2026, 3, 31), expected_close=date(2026, 5, 1)),
            deal("3", "ada", 4, "commit", expected_close=date(2026, 4, 1)),
            deal("4", "ada", 8, "commit", expected_close=date(2026, 1, 1)),
        ]
    )
    assert found.people[PersonId("ada")].own.line(LINE.COMMIT_FORECAST) == euros(10)
    assert found.people[PersonId("ada")].deals == 2


def test_what_cannot_be_counted_is_named() -> None:
    found = rolled(
        [
            deal("undated", "ada", 1, "commit", expected_close=None),
            deal("unknown", "ada", None, "commit"),
            deal("nobody's", None, 5, "commit"),
            deal("stranger's", "zoe", 6, "commit"),
        ]
    )
    assert (found.undated, found.without_amount) == (("undated",), ("unknown",))
    assert found.unowned.commit == euros(5)
    assert found.people[PersonId("zoe")].team.commit == euros(6)
    assert found.people[PersonId("dora")].team.commit == euros(0)


def test_a_judgement_counts_for_those_above_and_the_raw_figure_stays_beside_it() -> None:
    found = rolled(DEALS, said("ada", LINE.COMMIT_FORECAST, 120, by="ada"))
    line = found.people[PersonId("ada")].lines[LINE.COMMIT_FORECAST]
    assert (line.raw, line.from_below, line.amount) == (euros(150), euros(150), euros(120))
    above = found.people[PersonId("dora")].lines[LINE.COMMIT_FORECAST]
    assert (above.raw, above.amount) == (euros(157), euros(127))
    assert amount(found, "dora", LINE.BEST_CASE_FORECAST) == euros(337)  # another line


def test_the_judgement_of_the_manager_goes_before_the_own_one() -> None:
    found = rolled(
        DEALS,
        said("ada", LINE.COMMIT_FORECAST, 120, by="ada"),
        said("ada", LINE.COMMIT_FORECAST, 90, by="chen"),
    )
    line = found.people[PersonId("ada")].lines[LINE.COMMIT_FORECAST]
    assert line.own is not None
    assert line.own.amount == euros(120)
    assert line.amount == euros(90)
    assert amount(found, "chen", LINE.COMMIT_FORECAST) == euros(90)


def test_the_latest_judgement_of_an_author_counts_and_can_be_taken_back() -> None:
    early, late = NOW - timedelta(days=2), NOW - timedelta(days=1)
    first = said("ada", LINE.COMMIT_FORECAST, 120, by="chen", at=early)
    second = said("ada", LINE.COMMIT_FORECAST, 80, by="chen", at=late)
    gone = said("ada", LINE.COMMIT_FORECAST, None, by="chen", at=NOW)
    later = said("ada", LINE.COMMIT_FORECAST, 1, by="chen", at=NOW + timedelta(seconds=1))
    assert amount(rolled(DEALS, second, first), "ada", LINE.COMMIT_FORECAST) == euros(80)
    assert amount(rolled(DEALS, second, first, later, as_of=early), "ada", LINE.COMMIT_FORECAST) == euros(120)
    assert amount(rolled(DEALS, gone, second, later), "ada", LINE.COMMIT_FORECAST) == euros(150)


@pytest.mark.parametrize(
    ("adjustment", "problem"),
    [
        (said("ada", LINE.CLOSED, 5, by="ada"), ("adjustments[0].line", "firm")),
        (said("ada", LINE.CLOSED_ONLY, 5, by="ada"), ("adjustments[0].line", "firm")),
        (
            Adjustment(
                person=PersonId("ada"), line=LINE.COMMIT, amount=Money(5, "USD"), by=PersonId("ada"), at=NOW
            ),
            ("adjustments[0].amount", "currency"),
        ),
    ],
)
def test_a_judgement_that_cannot_be_right_is_refused(
    adjustment: Adjustment, problem: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput) as error:
        rolled(DEALS, adjustment)
    assert [(one.path, one.code) for one in error.value.problems] == [problem]


@pytest.mark.parametrize(
    "adjustment",
    [
        said("ada", LINE.COMMIT, 5, by="bo"),
        said("ada", LINE.COMMIT, 5, by="dora"),  # two above
        said("chen", LINE.COMMIT, 5, by="ada"),
        said("gone", LINE.COMMIT, 5, by="gone"),
    ],
)
def test_a_judgement_that_is_not_for_its_author_to_make_is_disregarded_and_named(
    adjustment: Adjustment,
) -> None:
    found = rolled(DEALS, adjustment)
    assert found.disregarded == (adjustment,)
    assert found.people == rolled().people


def test_a_manager_who_has_moved_on_does_not_stop_the_forecast() -> None:
    then = said("ada", LINE.COMMIT_FORECAST, 90, by="chen")
    assert amount(rolled(DEALS, then), "ada", LINE.COMMIT_FORECAST) == euros(90)
    moved = Hierarchy({"ada": "eve", "bo": "chen", "chen": "dora", "eve": "dora"})
    found = roll_up(DEALS, moved, period=Q1, currency="EUR", as_of=NOW, adjustments=[then])
    assert amount(found, "ada", LINE.COMMIT_FORECAST) == euros(150)
    assert found.disregarded == (then,)


def test_amounts_in_other_currencies_are_all_listed() -> None:
    foreign = [
        attrs.evolve(DEALS[1], id=key, amount=Money(1, code)) for key, code in (("1", "USD"), ("2", "JPY"))
    ]
    with pytest.raises(InvalidInput) as error:
        rolled(foreign)
    assert [one.path for one in error.value.problems] == ["deals['1'].amount", "deals['2'].amount"]


def test_the_instant_has_a_time_zone() -> None:
    with pytest.raises(NaiveInstant):
        rolled(as_of=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the fault


OWNERS = st.sampled_from(["ada", "bo", "chen", "dora", "eve", None, "zoe"])
CATEGORIES = st.sampled_from([*(category.value for category in ForecastCategory), "lost"])


@given(st.lists(st.tuples(OWNERS, CATEGORIES, st.integers(0, 10**9)), max_size=30), st.randoms())
def test_nothing_is_lost_and_the_order_does_not_matter(
    rows: list[tuple[str | None, str, int]], random: Any
) -> None:
    deals = [deal(str(place), owner, value, category) for place, (owner, category, value) in enumerate(rows)]
    found = rolled(deals)
    roots = [found.people[PersonId(name)].team for name in ("dora", "zoe") if name in found.people]
    total = sum(roots, start=found.unowned)
    counted = [value for _, category, value in rows if category not in {"lost", "omitted"}]
    assert total.line(LINE.OPEN_PIPELINE) + total.closed == euros(sum(counted))
    shuffled = list(deals)
    random.shuffle(shuffled)
    assert rolled(shuffled) == found
