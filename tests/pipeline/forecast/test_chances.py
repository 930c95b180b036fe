"""What chances bring, against all outcomes enumerated in fractions, and by simulation."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import prod
from statistics import NormalDist, fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.pipeline.forecast import Chance, distribution, simulate
from tests.pipeline.forecast.lives import euros

CHANCES = st.lists(
    st.builds(Chance, st.integers(0, 1000).map(euros), st.integers(0, 100).map(Percent)), max_size=7
)


def outcomes(chances: list[Chance]) -> list[tuple[Fraction, Fraction]]:
    """Each total that may come, and how likely."""
    found = []
    for came in product((True, False), repeat=len(chances)):
        shares = [Fraction(chance.probability.ratio) for chance in chances]
        likely = prod((p if yes else 1 - p for p, yes in zip(shares, came, strict=True)), start=Fraction(1))
        total = sum(
            (Fraction(chance.amount.amount) for chance, yes in zip(chances, came, strict=True) if yes),
            Fraction(0),
        )
        found.append((total, likely))
    return found


@given(CHANCES)
def test_mean_and_variance_are_those_of_all_outcomes(chances: list[Chance]) -> None:
    found = distribution(chances, currency="EUR")
    every = outcomes(chances)
    mean = sum(total * likely for total, likely in every)
    assert Fraction(found.mean.amount) == mean
    assert Fraction(found.variance) == sum((total - mean) ** 2 * likely for total, likely in every)
    assert float(found.sd.amount) ** 2 == pytest.approx(float(found.variance))
    assert Fraction(found.all_come) == every[0][1]
    assert Fraction(found.none_comes) == every[-1][1]


def drawn(chances: list[Chance], **changes: Any) -> Any:
    return simulate(chances, currency="EUR", **({"seed": 7, "draws": 4000} | changes))


HUNDRED = [Chance(euros(10), Percent(30)) for _ in range(100)]


@pytest.mark.parametrize("correlation", [0, 10, 60])
def test_the_mean_is_near_what_is_expected_however_chances_depend(correlation: int) -> None:
    found = drawn(HUNDRED, correlation=Percent(correlation))
    sd = (fmean((float(total.amount) - 300) ** 2 for total in found.totals)) ** 0.5
    assert abs(float(found.mean.amount) - 300) < 4 * sd / 4000**0.5


def test_the_joint_chance_of_two_is_that_of_the_gaussian_copula() -> None:
    # Two medians with correlation r exceed together with probability 1/4 + arcsin(r) / (2 pi) (Sheppard 1899): 1/3 for r = 1/2.
    pair = [Chance(euros(1), Percent(50)), Chance(euros(2), Percent(50))]
    both = drawn(pair, correlation=Percent(50), draws=20_000).probability_of(euros(3))
    assert abs(float(both) - 1 / 3) < 4 * (2 / 9 / 20_000) ** 0.5


def test_without_correlation_the_spread_is_that_of_independent_chances() -> None:
    found = drawn(HUNDRED, correlation=Percent(0))
    sd = float(distribution(HUNDRED, currency="EUR").sd.amount)
    reach = float(found.quantile(Percent(90)).amount - found.quantile(Percent(10)).amount)
    assert reach == pytest.approx(2 * NormalDist().inv_cdf(0.9) * sd, rel=0.1)


def test_correlation_widens_the_spread() -> None:
    reaches = []
    for correlation in (0, 10, 30, 60):
        found = drawn(HUNDRED, correlation=Percent(correlation))
        reaches.append(found.quantile(Percent(90)) - found.quantile(Percent(10)))
    assert reaches == sorted(reaches)
    assert reaches[1] > 2 * reaches[0]


def test_the_same_seed_draws_the_same() -> None:
    assert drawn(HUNDRED) == drawn(HUNDRED)
    assert drawn(HUNDRED) != drawn(HUNDRED, seed=8)


def test_totals_are_exact_amounts() -> None:
    chances = [Chance(Money("0.1", "EUR"), Percent(50)), Chance(Money("0.22", "EUR"), Percent(50))]
    assert set(drawn(chances, draws=200).totals) == {Money(a, "EUR") for a in ("0", "0.10", "0.22", "0.32")}
    large = [Chance(Money(10**30, "EUR"), Percent(100)), Chance(Money("0.01", "EUR"), Percent(100))]
    assert drawn(large, draws=3).mean == Money("1000000000000000000000000000000.01", "EUR")


def test_what_is_sure_comes_in_every_draw_and_what_is_impossible_in_none() -> None:
    found = drawn([Chance(euros(5), Percent(100)), Chance(euros(9), Percent(0))], draws=50)
    assert set(found.totals) == {euros(5)}
    nothing = drawn([], draws=1)
    assert (nothing.mean, nothing.quantile(Percent(50))) == (euros(0), euros(0))


def test_quantiles_are_the_smallest_total_that_the_share_does_not_exceed() -> None:
    found = drawn(HUNDRED, draws=10)
    assert [found.quantile(Percent(p)) for p in (0, 10, 11, 95, 100)] == [
        found.totals[place] for place in (0, 0, 1, 9, 9)
    ]
    assert found.probability_of(found.totals[0]) == Decimal(1)
    assert found.probability_of(found.totals[-1] + euros(1)) == Decimal(0)
    with pytest.raises(InvalidInput):
        found.quantile(Percent(101))


@pytest.mark.parametrize(
    "changes",
    [{"draws": 0}, {"draws": -1}, {"draws": 1.5}, {"draws": 10**9}, {"correlation": Percent(100)},
     {"correlation": Percent(-1)}],
)  # fmt: skip
def test_settings_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        drawn(HUNDRED, **changes)


def test_all_chances_that_are_wrong_are_listed() -> None:
    wrong = [
        Chance(Money(1, "USD"), Percent(50)),
        Chance(euros(1), Percent(101)),
        Chance(euros(1), Percent(-1)),
    ]
    for ask in (lambda: distribution(wrong, currency="EUR"), lambda: drawn(wrong)):
        with pytest.raises(InvalidInput) as refused:
            ask()
        assert [problem.path for problem in refused.value.problems] == [
            "chances[0].amount",
            "chances[1].probability",
            "chances[2].probability",
        ]
