"""Figures of the CRM export: those of its reference, and laws that hold on any export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.period import Period
from salesmgmt.pipeline.analytics import (
    Movement,
    deal_ages,
    deal_velocity,
    pipeline_bridge,
    win_loss,
    win_rate,
)
from salesmgmt.pipeline.deals import Deal
from tests.cases.adapters.datasets import FILE, FOLDER, export

pytestmark = pytest.mark.skipif(not (FOLDER / FILE).exists(), reason="the CRM export is not at hand")


@pytest.fixture(name="deals", scope="module")
def _deals() -> Sequence[Deal]:
    return export()


def test_win_rate_and_won_value_are_those_of_the_reference(deals: Sequence[Deal]) -> None:
    rate = win_rate(deals, by="closed")
    assert (rate.won, rate.lost, rate.won_value.value) == (4238, 2473, Money(10_005_534, "USD"))
    assert rate.count.required().quantize(Decimal("0.000001")) == Decimal("0.631501")


def test_by_opening_the_open_deals_are_reported(deals: Sequence[Deal]) -> None:
    rate = win_rate(deals, by="created", period=Period.closed(date(2016, 1, 1), date(2017, 12, 31)))
    # Prospecting deals have no day of opening; engaging ones are open still.
    assert (rate.open, rate.undated) == (1589, 500)
    assert rate.lower.required() < rate.count.required() < rate.upper.required()


def test_groups_of_agents_add_up_to_the_whole(deals: Sequence[Deal]) -> None:
    rates = win_loss(deals, "owner", by="closed")
    assert len(rates) == 30
    assert (sum(one.won for one in rates.values()), sum(one.lost for one in rates.values())) == (4238, 2473)
    best = max(rates, key=lambda agent: rates[agent].count.required())
    assert (best, round(rates[best].count.required(), 6)) == ("Hayden Neloms", Decimal("0.703947"))


def test_quarters_add_up_and_velocity_is_that_of_the_reference(deals: Sequence[Deal]) -> None:
    quarters = [Period.quarter(2017, quarter) for quarter in range(1, 5)]
    values = [
        win_rate(deals, by="closed", period=quarter).won_value.required().amount for quarter in quarters
    ]
    assert values == [1_134_672, 3_086_111, 2_982_255, 2_802_496]
    per_day = deal_velocity(deals, by="closed", period=quarters[3]).per_day.required()
    assert abs(per_day.amount - Decimal("56546.3554")) < Decimal("0.001")


def test_every_open_deal_has_an_age_or_is_undated(deals: Sequence[Deal]) -> None:
    ages = deal_ages(deals, as_of=date(2017, 12, 31))
    assert (sum(bucket.count for bucket in ages.buckets), ages.undated) == (1589, 500)


def test_half_of_the_export_against_all_of_it_adds_up(deals: Sequence[Deal]) -> None:
    half = {deal.id: deal for deal in deals[::2]}
    bridge = pipeline_bridge(half, {deal.id: deal for deal in deals}, currency="USD")
    assert len(bridge.deals("new")) == 4400
    assert (
        bridge.parts[Movement.WON] + bridge.parts[Movement.LOST] + bridge.end - bridge.start
        == bridge.parts[Movement.NEW]
    )
