"""The metrics of the pipeline, worked out by hand for a few deals and leads."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.engines.metrics import MetricSet
from salesmgmt.pipeline.deals import Deal, Estimate, ForecastCategory, StageKind
from salesmgmt.pipeline.leads import Lead, LeadStatus
from salesmgmt.pipeline.metrics import DEAL_FACTS, LEAD_FACTS, METRICS, cycle_days

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def deal(status: StageKind, amount: str | None, days: int | None = None, percent: int = 10) -> Deal:
    return Deal(
        id="d",
        name="d",
        pipeline="p",
        pipeline_version=1,
        pipeline_digest="",
        stage="s",
        status=status,
        category=ForecastCategory.PIPELINE,
        probability=Estimate(Percent(percent)),
        amount=None if amount is None else Money(amount, "EUR"),
        opened_at=NINE,
        stage_since=NINE,
        closed_on=None if days is None else NINE.date() + timedelta(days=days),
    )


DEALS = [
    deal(StageKind.OPEN, "1000.10", percent=25),
    deal(StageKind.OPEN, None),
    deal(StageKind.WON, "10.00", 10),
    deal(StageKind.WON, "20.01", 31),
    deal(StageKind.WON, "0", 2),
    deal(StageKind.LOST, "70", 90),
]


def test_the_figures_of_a_few_deals() -> None:
    found = MetricSet(METRICS).compile(DEAL_FACTS).measure(DEALS)
    assert {id_: figure.value for id_, figure in found.items()} == {
        "deals_open": Decimal(2),
        "deals_won": Decimal(3),
        "deals_lost": Decimal(1),
        "win_rate": Decimal("0.75"),
        "value_win_rate": Decimal("0.3000699930006999300069993000699930"),  # 30.01 / 100.01
        "open_value": Money("1000.10", "EUR"),
        "weighted_open_value": Money("250.025", "EUR"),
        "won_value": Money("30.01", "EUR"),
        "lost_value": Money("70", "EUR"),
        "won_deal_size": Money("10.00333333333333333333333333333333", "EUR"),
        "won_cycle_days": Decimal(10),
        "sales_velocity": Money("2.093720930232558139534883720930233", "EUR"),  # 30.01 / (43 / 3)
    }
    assert found["open_value"].coverage == Decimal("0.5")


def test_without_a_closed_deal_there_is_no_win_rate() -> None:
    found = MetricSet(METRICS).compile(DEAL_FACTS).measure(DEALS[:2])
    assert (found["win_rate"].value, found["win_rate"].flag) == (None, "no_closed_deals")
    assert found["won_cycle_days"].flag == "no_won_deals"


def test_a_deal_that_is_open_or_was_opened_nobody_knows_when_has_no_cycle() -> None:
    assert cycle_days(attrs.evolve(DEALS[2], opened_at=None)) is None
    assert cycle_days(DEALS[0]) is None
    assert cycle_days(attrs.evolve(DEALS[2], closed_on=date(2026, 3, 2))) == 0


def test_the_figures_of_a_few_leads() -> None:
    new = Lead(id="l", name="Ana", created_at=NINE, first_response_due=NINE + timedelta(hours=4))
    leads = [
        new,
        attrs.evolve(
            new, status=LeadStatus.CONVERTED, first_response_at=NINE + timedelta(hours=1, minutes=30)
        ),
        attrs.evolve(new, status=LeadStatus.QUALIFIED, first_response_at=NINE + timedelta(hours=6)),
        attrs.evolve(new, status=LeadStatus.MERGED),
        attrs.evolve(new, status=LeadStatus.UNQUALIFIED),
    ]
    found = MetricSet(METRICS).compile(LEAD_FACTS).measure(leads)
    assert {id_: figure.value for id_, figure in found.items()} == {
        "leads": Decimal(4),
        "leads_converted": Decimal(1),
        "lead_conversion_rate": Decimal("0.25"),
        "first_response_hours": Decimal("3.75"),
        "answered_in_time_rate": Decimal("0.5"),
    }


def test_the_compiled_metrics_survive_pickling() -> None:
    known = MetricSet(METRICS).compile(DEAL_FACTS)
    assert pickle.loads(pickle.dumps(known)).measure(DEALS) == known.measure(DEALS)
