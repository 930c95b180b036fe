from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.percent import Percent
from salesmgmt.engines.series import (
    Contender,
    Criterion,
    Drift,
    ExponentialSmoothing,
    Forecaster,
    Naive,
    RunRate,
    SeasonalNaive,
    TrendLine,
    Verdict,
    backtest,
    tournament,
    usual_methods,
)

STEADY = [round(Random(f"steady {place}").gauss(50, 5), 2) for place in range(60)]
RISING = [20.0 + 2 * place + Random(f"rising {place}").uniform(-3, 3) for place in range(40)]
QUARTERS = [
    100 + 10 * (4, -2, 1, -3)[place % 4] + Random(f"quarter {place}").uniform(-2, 2) for place in range(40)
]


def test_the_baselines_always_take_part() -> None:
    assert [one.name for one in tournament([], STEADY).standings] == ["run rate", "naive"]
    seasonal = tournament([], QUARTERS, season=4)
    assert {one.name for one in seasonal.standings} == {"run rate", "naive", "seasonal naive"}
    assert all(one.is_baseline for one in seasonal.standings)


def test_ranks_follow_the_errors_of_the_backtests() -> None:
    found = tournament([Drift(), TrendLine()], RISING, horizon=2)
    alone = {
        method.name: backtest(Contender.of(method, RISING, horizon=2), RISING, horizon=2).accuracy.mae.value
        for method in (Drift(), TrendLine(), RunRate(), Naive())
    }

    assert {one.name: one.mae.value for one in found.standings} == alone
    assert [one.name for one in found.standings] == sorted(alone, key=lambda name: alone[name] or 0)


def test_a_steady_series_is_left_to_the_run_rate() -> None:
    found = tournament([Drift(), TrendLine()], STEADY)

    assert (found.chosen, found.verdict) == ("run rate", Verdict.BASELINE_IS_BEST)
    assert found.against_baseline.flag == "no_rival"
    assert found.runner_up.is_defined


def test_a_trend_is_found_to_beat_the_baselines() -> None:
    found = tournament([TrendLine()], RISING)

    assert (found.chosen, found.verdict) == ("trend line", Verdict.BETTER_THAN_BASELINES)
    assert found.against_baseline.required().difference < 0
    assert found.against_baseline.required().p < 0.05


def test_a_small_lead_is_called_one_that_chance_may_have_given() -> None:
    near = Contender(name="near", predict=lambda origin: [sum(STEADY[:origin]) / origin * (1 + 1e-4)])
    far = Contender(name="far", predict=lambda origin: [sum(STEADY[:origin]) / origin * (1 - 1e-4)])

    found = tournament([near, far], STEADY)

    assert found.chosen in {"near", "far"}
    assert found.verdict is Verdict.NOT_DISTINGUISHABLE


def test_the_forecast_is_that_of_the_winner_with_its_own_errors() -> None:
    found = tournament([TrendLine()], RISING, horizon=3)
    winner = found.standings[0]

    values = winner.contender.forecast(len(RISING), horizon=3)

    assert winner.rank == 1
    assert tuple(step.value for step in found.steps.required()) == values
    for step, margin in zip(found.steps.required(), winner.backtest.margins, strict=True):
        assert step.interval.required() == margin.required().around(step.value)


def test_a_wider_confidence_widens_the_interval() -> None:
    widths = []
    for points in (50, 80, 90):
        band = tournament([], STEADY, confidence=Percent(points)).steps.required()[0].interval.required()
        widths.append(band.high - band.low)

    assert widths == sorted(widths)


def test_a_foreign_function_takes_part_with_all_that_it_knows() -> None:
    plan = Contender(name="plan", predict=lambda origin: [20.0 + 2 * origin])

    found = tournament([plan, Drift()], RISING)

    assert found.chosen == "plan"
    assert found.steps.required()[0].value == 20.0 + 2 * len(RISING)


def test_equal_errors_go_to_the_simpler_then_by_name() -> None:
    copies = [
        Contender(name=name, predict=lambda origin: [20.0 + 2 * origin], complexity=complexity)
        for name, complexity in (("b", 2), ("c", 1), ("a", 2))
    ]

    for order in permutations(copies):
        assert [one.name for one in tournament(order, RISING).standings[:3]] == ["c", "a", "b"]


def test_the_order_of_the_contenders_changes_nothing() -> None:
    methods: list[Forecaster] = [Drift(), TrendLine(), ExponentialSmoothing()]
    rows = [tournament(order, RISING, first=30).rows for order in permutations(methods)]

    assert all(one == rows[0] for one in rows)


def test_who_leaves_an_origin_out_is_named_and_not_ranked() -> None:
    found = tournament([RunRate(last=10)], RISING[:16])

    assert [one.name for one in found.standings] == ["naive", "run rate"]
    assert (found.unranked[0].name, found.unranked[0].missing) == ("run rate of 10", 2)
    assert str(found.unranked[0].reason).startswith("no fit (too_few)")


def test_the_criterion_decides() -> None:
    # Off by 3 always, or by 8 once in four: mean errors 3 and 2, mean squares 9 and 16.
    zeros = [0.0] * 40
    even = Contender(name="even", predict=lambda _: [3.0])
    rare = Contender(name="rare", predict=lambda origin: [8.0 if origin % 4 == 0 else 0.0])
    places = {}
    for criterion in (Criterion.MAE, Criterion.RMSE):
        names = [one.name for one in tournament([even, rare], zeros, criterion=criterion).standings]
        places[criterion] = names.index("even") < names.index("rare")

    assert places == {Criterion.MAE: False, Criterion.RMSE: True}


@pytest.mark.parametrize("length", range(7))
def test_a_short_series_is_left_to_a_baseline_with_a_flag(length: int) -> None:
    found = tournament(usual_methods(), STEADY[:length], horizon=6)

    if not length:
        assert (found.chosen, found.steps.flag) == (None, "too_few")
    elif length < 7:
        assert found.verdict is Verdict.NO_BACKTEST
        assert (found.chosen, found.steps.flag) == ("run rate", "no_backtest")
        assert found.steps.required()[0].interval.flag == "too_few_residuals"


@given(st.lists(st.integers(-5, 5) | st.floats(-1e100, 1e100), min_size=1, max_size=14), st.integers(1, 3))
def test_any_series_gets_an_answer(values: list[float], horizon: int) -> None:
    methods: list[Forecaster] = [Drift(), TrendLine(), SeasonalNaive()]

    found = tournament(methods, values, horizon=horizon, season=2)

    assert found.chosen is not None
    assert len(found.steps.value or ()) in {0, horizon}
    for row in found.rows:
        assert all(value is None or value == value for value in row.values())  # noqa: PLR0124 - NaN is not itself


def test_what_is_no_contender_and_a_name_given_twice_are_refused_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        tournament([Drift(), "Theta", Drift(), Drift], STEADY)  # type: ignore[list-item]  # what it refuses

    assert [(one.path, one.code) for one in caught.value.problems] == [
        ("contenders[1]", "type"),
        ("contenders[2]", "duplicate"),
        ("contenders[3]", "type"),
    ]


def test_an_unknown_criterion_is_refused() -> None:
    with pytest.raises(UnknownOption, match="mae, rmse, pinball"):
        tournament([], STEADY, criterion="mad")  # type: ignore[arg-type]  # what it refuses
