"""Which forecast to believe: laws of hindsight, and a pipeline whose truth is known."""

from __future__ import annotations

from datetime import date, datetime
from random import Random
from typing import Any

import attrs
import pytest

from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import NotADate, Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.engines.series import RunRate, Verdict
from salesmgmt.pipeline.deals import StageKind
from salesmgmt.pipeline.forecast import DealLife, DealState, ForecastChoice, WinHazard, choose_forecast
from tests.pipeline.forecast.lives import at, day, euros, known, lived, state, told

MONTHS = [Period.month(2026 + place // 12, place % 12 + 1) for place in range(14)]
DECEMBER = date(2026, 12, 31)


def chosen(lives: list[DealLife], periods: list[Period] = MONTHS[:13], **changes: Any) -> ForecastChoice:
    arguments: dict[str, Any] = {"as_of": DECEMBER, "currency": "EUR"}
    return choose_forecast(lives, periods, **(arguments | changes))


def generated(seed: int, *, opened_a_day: float = 1.5, days: int = 420) -> list[DealLife]:
    """Deals that talk for ten days on average and then offer; half of those who talk are lost, those who offer are won at 2 % a day
    and lost at 2 % a day, but from the thirtieth day of offering on none is won. The host believes in 40 % and 80 %."""  # noqa: D205, D209 - one thought
    random = Random(seed)
    lives = []
    for number in range(int(days * opened_a_day)):
        now = opened = random.randrange(days)
        expected = day(opened + random.randrange(20, 60))
        amount = random.randrange(50, 150)

        def stood(
            since: int, stage: str, percent: int, amount: int = amount, expected: date = expected
        ) -> DealState:
            return state(since, stage, amount, probability=Percent(percent), expected_close=expected)

        states = [stood(now, "talk", 40)]
        now += 1 + int(random.expovariate(0.1))
        if random.random() < 0.5:
            states.append(stood(now, "lost", 0))
        else:
            states.append(stood(now, "offer", 80))
            for age in range(1, 400):
                drawn = random.random()
                if age < 30 and drawn < 0.02:
                    states.append(stood(now + age, "won", 100))
                    break
                if drawn > 0.98:
                    states.append(stood(now + age, "lost", 0))
                    break
        lives.append(DealLife(deal=DealId(f"d{number}"), states=tuple(states), opened_on=day(opened)))
    return lives


def test_the_hazard_is_near_the_known_truth_and_weighting_is_not() -> None:
    lives = generated(5, opened_a_day=12)
    hazard = WinHazard.fit(lives, as_of=day(400), horizon=30)

    def truth(age: int, within: int) -> float:
        return sum(0.02 * 0.96**ahead for ahead in range(max(0, min(within, 29 - age))))

    for age in (0, 7, 14, 28, 35, 70):
        found = hazard.probability("offer", age, within=30)
        assert found == pytest.approx(truth(age, 30), abs=0.035)
    report = {row["method"]: row for row in chosen(lives).tournament.rows}
    assert report["hazard, create and close"]["mae"] < 0.2 * report["weighted"]["mae"]  # type: ignore[operator]
    assert report["weighted"]["bias"] > 0  # type: ignore[operator]


def test_all_kinds_of_methods_take_part_and_each_period_has_its_interval() -> None:
    found = chosen(generated(1), MONTHS, season=3, first=4)
    names = {standing.name for standing in found.tournament.standings} | {
        unranked.name for unranked in found.tournament.unranked
    }
    assert names >= {"weighted", "hazard, open deals", "hazard, create and close", "run rate", "naive",
                     "seasonal naive", "simple smoothing", "Theta"}  # fmt: skip
    assert [period.period for period in found.periods] == MONTHS[12:]
    for period in found.periods:
        band = period.interval.required()
        assert euros(0) <= band.low <= period.value <= band.high
    assert found.verdict in Verdict
    assert len(found.history) == 12


def forecasts(found: ForecastChoice, until: int) -> dict[tuple[str, int], tuple[float, ...]]:
    return {
        (standing.name, window.origin): window.forecast
        for standing in found.tournament.standings
        for window in standing.backtest.windows
        if window.origin <= until
    }


def test_what_happens_later_never_changes_what_was_forecast_earlier() -> None:
    lives = generated(2)
    lives += [lived(f"again{number}", (20 + number, "talk"), (60, "won"), (250, "talk"), (300, "lost"))
              for number in range(5)]  # fmt: skip
    cut = 8
    until = MONTHS[cut - 1].last
    changed = [
        life if life.states[-1].since <= until else attrs.evolve(
            life, states=(*life.states[:-1], attrs.evolve(life.states[-1], amount=euros(9), status=StageKind.LOST))
        )
        for life in lives
    ]  # fmt: skip
    before = forecasts(chosen(lives), cut)
    assert before
    assert forecasts(chosen(changed), cut) == before
    assert forecasts(chosen(known(lives, until)), cut) == before


def test_a_win_that_is_taken_back_is_taken_off_when_that_happens() -> None:
    _, events = told("d", [(10, "won"), (45, "talk"), (70, "won")], amount=100)
    life = DealLife.from_events(events)
    assert life is not None
    found = chosen([life], MONTHS[:5], as_of=date(2026, 4, 30))
    assert [amount for _, amount in found.history] == [euros(100), euros(-100), euros(100), euros(0)]


def test_weighting_puts_deals_where_they_are_expected_as_was_known_then() -> None:
    deal, events = told("d", [], amount=1000, expected_close=date(2026, 5, 20))
    life = DealLife.from_events(events)
    assert life is not None
    late = attrs.evolve(life.states[0], since=date(2026, 4, 10), expected_close=date(2026, 7, 1))
    moved = attrs.evolve(life, states=(*life.states, late))
    share = float(deal.probability.value.ratio) or 0.5
    moved = attrs.evolve(
        moved, states=tuple(attrs.evolve(one, probability=Percent(50)) for one in moved.states)
    )
    report = forecasts(chosen([moved], MONTHS[:9], as_of=date(2026, 7, 31), first=2), 9)
    assert share
    assert report["weighted", 2] == (0.0, 0.0)  # at the end of February, due in May: beyond two months
    assert report["weighted", 3] == (0.0, 500.0)
    assert report["weighted", 4] == (0.0, 0.0)  # moved in April to July
    assert report["weighted", 5] == (0.0, 500.0)


def test_money_comes_back_by_the_rounding_that_is_named() -> None:
    lives = [lived(f"d{number}", (number * 30, "won"), amount=number) for number in range(12)]
    cents = chosen(lives, methods=[RunRate()], rounding=Rounding("half_up", "0.01"))
    assert cents.periods[0].value.amount.as_tuple().exponent == -2
    thousands = chosen(lives, rounding=Rounding("down", 1000))
    assert thousands.periods[0].value == euros(0)


def test_what_does_not_fit_is_refused_with_all_that_is_wrong() -> None:
    dollars = DealLife(
        deal=DealId("d"), states=(attrs.evolve(state(0, "talk"), amount=Money(1, "USD")),), opened_on=None
    )
    with pytest.raises(InvalidInput) as refused:
        chosen([dollars, dollars], [MONTHS[0], MONTHS[2]], as_of=date(2026, 12, 31))
    assert {problem.code for problem in refused.value.problems} == {
        "gap",
        "no_future",
        "duplicate",
        "currency",
    }
    with pytest.raises(InvalidInput, match="none that has ended"):
        chosen([], MONTHS, as_of=date(2025, 1, 1))
    with pytest.raises(InvalidInput):
        chosen([], [], as_of=date(2025, 1, 1))
    with pytest.raises(NotADate):
        chosen([], as_of=at(3))
    with pytest.raises(NotADate):
        chosen([], as_of=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused


def test_without_deals_nothing_is_forecast() -> None:
    found = chosen([])
    assert (found.verdict, found.periods[0].value) == (Verdict.BASELINE_IS_BEST, euros(0))


def test_a_deal_without_a_life_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInput, match=r"lives\[0\]: found None, wanted the life of a deal"):
        chosen([None])  # type: ignore[list-item]
