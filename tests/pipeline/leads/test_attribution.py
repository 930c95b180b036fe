from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
from salesmgmt.pipeline.leads import (
    FIRST_TOUCH,
    LAST_TOUCH,
    LINEAR,
    POSITION_BASED,
    TIME_DECAY,
    Campaign,
    CampaignTwice,
    InvalidAttribution,
    Lead,
    LeadStatus,
    PositionBased,
    TimeDecay,
    Touch,
    attribute,
    campaign_returns,
)
from salesmgmt.pipeline.leads.attribution import AttributionModel

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
WON = date(2026, 3, 31)


def touch(day: int, channel: str = "", campaign: str | None = None) -> Touch:
    return Touch(at=START + timedelta(days=day), channel=channel or f"day {day}", campaign=campaign)


def shares(model: AttributionModel, *days: int, amount: str = "100.00") -> list[str]:
    shared = attribute(Money(amount, "EUR"), [touch(day) for day in days], model, won_on=WON)
    return [str(credit.amount.amount) for credit in shared.credits]


@pytest.mark.parametrize(
    ("model", "days", "wanted"),
    [  # by hand
        (FIRST_TOUCH, (0, 7, 14), ["100.00", "0.00", "0.00"]),
        (LAST_TOUCH, (0, 7, 14), ["0.00", "0.00", "100.00"]),
        (FIRST_TOUCH, (0, 7), ["100.00", "0.00"]),
        (LAST_TOUCH, (3,), ["100.00"]),
        (LINEAR, (0, 7, 14), ["33.34", "33.33", "33.33"]),
        (POSITION_BASED, (0, 7, 14, 21), ["40.00", "10.00", "10.00", "40.00"]),
        (POSITION_BASED, (0, 7), ["50.00", "50.00"]),
        (PositionBased(first=Percent(0), last=Percent(0)), (0, 7), ["50.00", "50.00"]),
        (PositionBased(first=Percent(60), last=Percent(20)), (0, 7), ["75.00", "25.00"]),
        (TIME_DECAY, (0, 7, 14), ["14.29", "28.57", "57.14"]),  # 1/7, 2/7, 4/7
        (TIME_DECAY, (14, 14), ["50.00", "50.00"]),
        (TimeDecay(half_life=timedelta(hours=1)), (0, 80), ["0.00", "100.00"]),
    ],
)
def test_each_model_shares_out_as_it_says(
    model: AttributionModel, days: tuple[int, ...], wanted: list[str]
) -> None:
    assert shares(model, *days) == wanted


def test_touches_count_from_the_lookback_until_the_day_of_the_win() -> None:
    days = [0, 30, 89, 90]  # the 31st of March is day 89

    shared = attribute(
        Money(90, "EUR"), [touch(day) for day in days], won_on=WON, lookback=timedelta(days=59)
    )

    assert [credit.touch.channel for credit in shared.credits] == ["day 30", "day 89"]


def test_without_a_touch_nothing_is_credited() -> None:
    shared = attribute(Money(90, "EUR"), [touch(90)], won_on=WON)

    assert (shared.credits, shared.unattributed) == ((), Money(90, "EUR"))


MODELS = st.sampled_from([FIRST_TOUCH, LAST_TOUCH, LINEAR, POSITION_BASED, TIME_DECAY])


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 120), max_size=12),
    MODELS | st.builds(TimeDecay, half_life=st.timedeltas(timedelta(seconds=1), timedelta(days=900))),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_credits_add_up_exactly(minor: int, days: list[int], model: AttributionModel, code: str) -> None:
    amount = Money.from_minor(minor, code)

    shared = attribute(amount, [touch(day) for day in days], model, won_on=WON)

    assert Money.total((credit.amount for credit in shared.credits), code) + shared.unattributed == amount
    assert len(shared.credits) == sum(day <= 89 for day in days)
    assert all(credit.amount.minor_units() * minor >= 0 for credit in shared.credits)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 89), min_size=1, max_size=12), st.randoms())
def test_linear_parts_are_within_a_cent_of_equal_whatever_the_order(
    minor: int, days: list[int], chance: object
) -> None:
    touches = [touch(day, channel=str(index)) for index, day in enumerate(days)]
    mixed = list(touches)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    shared = attribute(Money.from_minor(minor, "EUR"), touches, won_on=WON)

    assert attribute(Money.from_minor(minor, "EUR"), mixed, won_on=WON) == shared
    for credit in shared.credits:
        assert abs(credit.amount.minor_units() - Fraction(minor, len(days))) < 1


@pytest.mark.parametrize(
    ("first", "last"), [(Percent(-1), Percent(0)), (Percent(0), Percent(-1)), (Percent(60), Percent(41))]
)
def test_shares_of_more_than_all_are_refused(first: Percent, last: Percent) -> None:
    with pytest.raises(InvalidAttribution):
        PositionBased(first=first, last=last)


def test_times_below_zero_are_refused() -> None:
    with pytest.raises(InvalidAttribution):
        TimeDecay(half_life=timedelta(0))
    with pytest.raises(InvalidAttribution):
        attribute(Money(1, "EUR"), [], won_on=WON, lookback=timedelta(days=-1))


def test_a_touch_of_long_ago_costs_no_time() -> None:
    ages = [Touch(at=datetime(1, 1, 2, tzinfo=UTC)), touch(0)]

    shared = attribute(Money(1, "EUR"), ages, TimeDecay(half_life=timedelta.resolution), won_on=WON)

    assert [credit.amount for credit in shared.credits] == [Money("0.00", "EUR"), Money("1.00", "EUR")]


def deal(id_: str, status: StageKind, amount: str | None = None, closed: date | None = WON) -> Deal:
    return Deal(
        id=id_, name=id_, pipeline="p", pipeline_version=1, pipeline_digest="", stage="s", status=status,
        category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)), opened_at=START, stage_since=START,
        amount=None if amount is None else Money(amount, "EUR"),
        closed_on=None if status is StageKind.OPEN else closed,
    )  # fmt: skip


def lead(id_: str, campaign: str | None, deal_: str | None = None, *touches: Touch) -> Lead:
    return Lead(
        id=id_,
        name=id_,
        campaign=campaign,
        created_at=START,
        deal=deal_,
        touches=touches,
        status=LeadStatus.NEW if deal_ is None else LeadStatus.CONVERTED,
    )


SPRING, MAIL, FREE = (
    Campaign(id="spring", cost=Money(400, "EUR")),
    Campaign(id="mail", cost=Money(100, "EUR")),
    Campaign(id="free", cost=Money(0, "EUR")),
)
LEADS = [
    lead("l1", "spring", "d1", touch(0, campaign="spring"), touch(10, campaign="mail")),
    lead("l2", "spring", "d2", touch(0, campaign="spring")),
    lead("l3", "spring"),
    lead("l4", "mail", "d3", touch(5, campaign="mail"), touch(95, campaign="free")),
    lead("l5", None, "d4", touch(5)),
    attrs.evolve(lead("l6", "spring"), status=LeadStatus.MERGED),
]
DEALS = [
    deal("d1", StageKind.WON, "1000.01"),
    deal("d2", StageKind.OPEN, "9999"),
    deal("d3", StageKind.LOST, "50"),
    deal("d4", StageKind.WON, "70"),
    deal("d5", StageKind.WON, "30"),
    deal("d6", StageKind.WON),
]


def test_what_came_back_from_campaigns() -> None:
    returns = campaign_returns([SPRING, MAIL, FREE], LEADS, DEALS, currency="EUR")
    spring, mail, free = returns.rows

    assert (spring.leads, spring.deals, spring.won, spring.open) == (3, 2, 1, 1)
    assert spring.cost_per_lead.value == Money("133.33", "EUR")
    assert spring.revenue == Money("500.01", "EUR")
    assert (spring.return_on_spend.value, spring.return_on_spend.flag) == (Percent("25.0025"), "open_deals")
    assert (spring.roas.value, spring.roas.coverage) == (Decimal("1.250025"), Decimal("0.5"))
    assert (mail.leads, mail.deals, mail.won, mail.open) == (1, 2, 1, 0)
    assert (mail.revenue, mail.return_on_spend.value) == (Money("500.00", "EUR"), Percent(400))
    assert (mail.roas.value, mail.roas.flag, mail.roas.n) == (Decimal(5), None, 1)
    assert (free.deals, free.revenue) == (0, Money(0, "EUR"))  # it touched the deal after its end
    assert (free.roas.flag, free.return_on_spend.flag, free.cost_per_lead.flag) == (
        "no_cost",
        "no_cost",
        "no_leads",
    )
    assert (returns.won, returns.elsewhere) == (Money("1100.01", "EUR"), Money(70, "EUR"))
    assert (returns.unattributed, returns.left_out) == (Money(30, "EUR"), ("d6",))


@given(st.permutations(LEADS), st.permutations(DEALS), MODELS)
def test_revenues_add_up_to_what_was_won_in_any_order(
    leads: list[Lead], deals: list[Deal], model: AttributionModel
) -> None:
    returns = campaign_returns([SPRING, MAIL, FREE], leads, deals, currency="EUR", model=model)

    credited = Money.total((row.revenue for row in returns.rows), "EUR")
    assert credited + returns.elsewhere + returns.unattributed == returns.won == Money("1100.01", "EUR")


def test_several_leads_of_one_deal_share_it() -> None:
    two = [
        lead("l1", "spring", "d1", touch(0, campaign="spring")),
        lead("l2", "mail", "d1", touch(9, campaign="mail")),
    ]

    spring, mail = campaign_returns([SPRING, MAIL], two, DEALS[:1], currency="EUR", model=LAST_TOUCH).rows

    assert (spring.revenue, mail.revenue) == (Money(0, "EUR"), Money("1000.01", "EUR"))
    assert (spring.won, mail.won) == (1, 1)


def test_campaigns_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(CampaignTwice):
        campaign_returns([SPRING, SPRING], [], [], currency="EUR")
    with pytest.raises(CurrencyMismatch):
        campaign_returns([SPRING], [], [], currency="USD")
    with pytest.raises(CurrencyMismatch):
        campaign_returns([], [], DEALS, currency="USD")


def test_settings_of_another_kind_are_refused() -> None:
    wrong: list[Any] = [
        lambda: TimeDecay(half_life=7),  # type: ignore[arg-type]
        lambda: PositionBased(first=40, last=Percent(40)),  # type: ignore[arg-type]
        lambda: attribute(Money(1, "EUR"), [touch(0)], won_on=WON, lookback=30),  # type: ignore[arg-type]
        lambda: attribute(Money(1, "EUR"), [touch(0)], won_on=START),
        lambda: attribute(Money(1, "EUR"), [touch(0)], won_on=None),  # type: ignore[arg-type]
    ]
    for call in wrong:
        with pytest.raises(InvalidAttribution):
            call()
