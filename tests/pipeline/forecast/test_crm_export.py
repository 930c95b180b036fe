"""The figures on the CRM export: what five quarters brought, what was forecast, and which forecast is chosen."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from statistics import fmean

import attrs
import pytest

from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import Period
from salesmgmt.engines.series import Verdict, conformal_margin
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.forecast import (
    Chance,
    DealLife,
    NewBusiness,
    Simulation,
    WinHazard,
    choose_forecast,
    simulate,
)
from tests.cases.adapters.datasets import FILE, FOLDER, export

pytestmark = pytest.mark.skipif(not (FOLDER / FILE).exists(), reason="the data set is not at hand")

WINDOWS = [
    Period(date(2017, month + 1, 1), date(2017 + (month + 3) // 12, (month + 3) % 12 + 1, 1))
    for month in range(5, 10)
]


@cache
def lives() -> tuple[DealLife, ...]:
    """The deals; while one is open, it is worth the list price of its product."""
    with (FOLDER / "products.csv").open(encoding="utf-8") as file:
        prices = {row["product"]: Money(row["sales_price"], "USD") for row in csv.DictReader(file)}
    prices["GTXPro"] = prices["GTX Pro"]
    found = []
    for deal in export():
        life = DealLife.from_deal(deal)
        if life is not None and deal.product is not None:
            states = tuple(
                attrs.evolve(one, amount=prices[deal.product]) if one.status is StageKind.OPEN else one
                for one in life.states
            )
            found.append(attrs.evolve(life, states=states))
    return tuple(found)


def won_in(period: Period, *, open_before: bool) -> float:
    """What was won in a period, in millions; of all deals, or of those that were opened before it."""
    amounts = [
        float(life.states[-1].amount.amount)
        for life in lives()
        if life.is_won and life.closed_on is not None
        and life.closed_on in period and life.states[-1].amount is not None
        and not (open_before and life.states[0].since >= period.start)
    ]  # fmt: skip
    return sum(amounts) / 1e6


@attrs.frozen(kw_only=True)
class Quarter:
    weighted: float
    hazard: float
    new: float
    chances: list[Chance]


@cache
def quarter(period: Period) -> Quarter:
    """What was forecast on the eve of a period."""
    eve = date.fromordinal(period.start.toordinal() - 1)
    hazard = WinHazard.fit(lives(), as_of=eve, horizon=period.days)
    states = [state for life in lives() if (state := life.on(eve)) is not None]
    ends = [state.status for state in states]
    won, lost = ends.count(StageKind.WON), ends.count(StageKind.LOST)
    chances, weighted = [], 0.0
    for state in states:
        if state.status is StageKind.OPEN and state.amount is not None:
            share = hazard.probability(state.stage, (eve - state.stage_since).days, within=period.days)
            assert share is not None
            chances.append(Chance(state.amount, Percent.of_ratio(f"{share:.9f}")))
            weighted += float(state.amount.amount) * won / (won + lost)
    open_ones = sum(float((chance.amount * chance.probability).amount) for chance in chances)
    new = NewBusiness.fit(lives(), hazard).expected(period.days)
    assert new is not None
    return Quarter(weighted=weighted / 1e6, hazard=open_ones / 1e6, new=new / 1e6, chances=chances)


def test_weighting_promises_far_more_than_the_open_deals_bring_and_the_hazard_less_so() -> None:
    actual = [won_in(window, open_before=True) for window in WINDOWS]
    assert [round(amount, 2) for amount in actual] == [1.55, 1.44, 1.72, 1.3, 1.25]
    weighted = [quarter(window).weighted for window in WINDOWS]
    assert [round(amount, 2) for amount in weighted] == [2.37, 2.81, 3.48, 3.34, 3.71]
    over = [forecast / came - 1 for forecast, came in zip(weighted, actual, strict=True)]
    assert (round(min(over), 2), round(max(over), 2)) == (0.54, 1.96)
    hazard = [quarter(window).hazard for window in WINDOWS]
    for forecast, plain, came in zip(hazard, weighted, actual, strict=True):
        assert abs(forecast - came) < 0.65 * abs(plain - came)


def inside(simulations: list[Simulation], actual: list[float]) -> int:
    return sum(
        drawn.quantile(Percent(10)).amount <= int(came * 1e6) <= drawn.quantile(Percent(90)).amount
        for drawn, came in zip(simulations, actual, strict=True)
    )


def test_intervals_from_draws_miss_the_truth_and_those_from_errors_of_the_past_do_not() -> None:
    actual = [won_in(window, open_before=True) for window in WINDOWS]
    drawn = {
        correlation: [
            simulate(
                quarter(window).chances, currency="USD", correlation=Percent(correlation), draws=500, seed=1
            )
            for window in WINDOWS
        ]
        for correlation in (0, 10)
    }
    assert inside(drawn[0], actual) == 0
    assert inside(drawn[10], actual) == 4
    # The errors of the other four windows, each time: wide, and around the right place.
    errors = [came - quarter(window).hazard for window, came in zip(WINDOWS, actual, strict=True)]
    covered = 0
    for place, (window, came) in enumerate(zip(WINDOWS, actual, strict=True)):
        others = errors[:place] + errors[place + 1 :]
        band = conformal_margin(others, Percent(80)).required().around(quarter(window).hazard)
        covered += band.low <= came <= band.high
    assert covered == 4


def test_the_chosen_forecast_beats_weighting_and_the_run_rate_is_said_to_be_best() -> None:
    months = [Period.month(2017, month) for month in range(3, 13)] + [Period.month(2018, 1)]
    found = choose_forecast(lives(), months, as_of=date(2017, 12, 31), currency="USD")
    rows = {row["method"]: row for row in found.tournament.rows}
    best = found.tournament.standings[0]
    assert best.mae.required() < 0.1 * float(rows["weighted"]["mae"] or 0)
    assert best.mae.required() < float(rows["naive"]["mae"] or 0)
    assert best.mae.required() <= float(rows["run rate"]["mae"] or 0)
    assert (found.chosen, found.verdict) == ("run rate", Verdict.BASELINE_IS_BEST)
    assert best.coverage.required() == 1.0
    assert best.coverage.n == 1  # one of five windows has four errors before it
    assert fmean(float(amount.amount) for _, amount in found.history) == pytest.approx(1_000_553, abs=1)
    band = found.periods[0].interval.required()
    assert band.low < found.periods[0].value < band.high
