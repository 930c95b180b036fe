"""Dispersion, win rates, elasticity and suggested prices, against published results and hand computation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.insight import (
    ClosedLine,
    ElasticityMethod,
    NoSuggestion,
    PriceLimit,
    PriceSuggestion,
    WinCurve,
    WinTrend,
    closed_lines,
    fit_win_curve,
    group_lines,
    price_dispersion,
    price_elasticity,
    suggest_price,
    win_rates,
)
from salesmgmt.cpq.quotes import QuoteStatus
from tests.cpq.quotes.conftest import draft, offer

DAY = date(2026, 3, 2)
CENTS = Rounding("half_up", "0.01")
LARGEST = Decimal("9.9E+99")


def eur(amount: str | int | Decimal) -> Money:
    return Money(amount, "EUR")


def line(
    net: str | int | Decimal,
    listed: str | int | Decimal = 100,
    *,
    won: bool = True,
    quantity: str | int | Decimal = 1,
    product: str = "dock",
    quote: str = "",
) -> ClosedLine:
    return ClosedLine(
        product=product, quantity=quantity, list_amount=eur(listed), net_amount=eur(net), won=won, on=DAY, quote=quote
    )  # fmt: skip


def offers(*table: tuple[str | int, int, int]) -> list[ClosedLine]:
    """Lines of a list price of 100: for each net price how many were won and how many lost."""
    return [line(net, won=won) for net, wins, losses in table for won in [True] * wins + [False] * losses]


# At 0.8 three of four are won, at 1.0 one of four: slope -2 ln 3 / 0.2, even odds at 0.9.
LADDER = offers((80, 30, 10), (100, 10, 30))
SLOPE = -10 * math.log(3)


# Lines


def test_a_line_names_all_its_faults() -> None:
    with pytest.raises(InvalidInput) as raised:
        ClosedLine(
            product="dock", quantity=0, list_amount=eur(1), net_amount=Money(1, "USD"), cost=Money(1, "CNY"), won=True,
            on=DAY, fields={"product": "x", "region": "north"},
        )  # fmt: skip

    assert [problem.path for problem in raised.value.problems] == [
        "quantity",
        "net_amount",
        "cost",
        "fields.product",
    ]


@pytest.mark.parametrize(
    ("net", "listed"),
    [("1", "0"), ("1", "-5"), ("-1", "5"), (Decimal("1E+60"), Decimal("1E-60")), (Decimal("1E+13"), "1")],
)
def test_what_is_no_price_has_no_ratio(net: str | Decimal, listed: str | Decimal) -> None:
    assert line(net, listed).price_ratio is None


def test_lines_are_grouped_by_what_they_agree_in() -> None:
    gold = attrs.evolve(line(90), fields={"segment": "gold"})

    groups = group_lines([line(80), gold, line(70, product="bag")], by=["product", "segment"])

    assert [(dict(group.key), len(group.lines)) for group in groups] == [
        ({"product": "bag", "segment": ""}, 1),
        ({"product": "dock", "segment": ""}, 1),
        ({"product": "dock", "segment": "gold"}, 1),
    ]
    assert group_lines([], by=["anything"]) == ()
    with pytest.raises(UnknownOption):
        group_lines([gold], by=["segmnet"])


def test_closed_quotes_are_read_and_open_ones_passed_over() -> None:
    shown = draft(offer(10))
    accepted = attrs.evolve(shown, status=QuoteStatus.ACCEPTED, closed_on=DAY)
    expired = attrs.evolve(shown, id="q-2", status=QuoteStatus.EXPIRED, closed_on=DAY + timedelta(days=40))

    lines = list(closed_lines([shown, accepted, expired], fields={"acme": {"segment": "gold"}}))

    assert [(one.quote, one.product, one.won) for one in lines] == [
        ("q-1", "p-0", True),
        ("q-1", "p-1", True),
        ("q-2", "p-0", False),
        ("q-2", "p-1", False),
    ]
    assert (lines[0].list_amount, lines[0].net_amount, lines[0].cost) == (eur(600), eur(540), eur(360))
    assert (lines[0].customer, lines[0].on, lines[0].fields) == ("acme", DAY, {"segment": "gold"})
    assert [one.quote for one in closed_lines([expired], lost=[QuoteStatus.REJECTED])] == []


# Dispersion


def test_the_spread_of_prices_is_that_of_the_hand_computation() -> None:
    # Ratios 0.5, 0.8, 0.9, 0.95, 1: quantiles of definition 7; mean 0.83, squared deviations 0.158.
    found = price_dispersion([line(net) for net in (95, 50, 100, 80, 90)], rounding=CENTS, fewest=5)

    assert found.n == 5
    assert (found.p10.value, found.lower_quartile.value, found.median.value) == (
        Decimal("0.62"),
        Decimal("0.8"),
        Decimal("0.9"),
    )
    assert (found.upper_quartile.value, found.p90.value, found.spread.value) == (
        Decimal("0.95"),
        Decimal("0.98"),
        Decimal("0.36"),
    )
    assert (found.mean, found.realisation) == (Measured(Decimal("0.83"), n=5), Measured(Decimal("0.83"), n=5))
    assert float(found.variation.required()) == pytest.approx(math.sqrt(0.158 / 4) / 0.83, rel=1e-12)
    # (90 - 50) + (90 - 80).
    assert found.at_stake == Measured(eur(50), n=5)
    # Quartiles 0.8 and 0.95, so that the lower fence is 0.8 - 1.5 * 0.15.
    assert [(one.ratio, one.fence) for one in found.outliers] == [(Decimal("0.5"), Decimal("0.575"))]


def test_the_realisation_weighs_lines_by_their_list_amount_and_the_mean_does_not() -> None:
    found = price_dispersion([line(900, 1000), line(50)], rounding=CENTS)

    assert round(found.realisation.required(), 10) == Decimal("0.8636363636")
    assert found.mean.value == Decimal("0.7")
    assert found.mean.flag == "few_lines"


@pytest.mark.parametrize(
    ("lines", "figure", "flag"),
    [
        ([], "median", "no_lines"),
        ([line(90, won=False)], "median", "no_lines"),
        ([line(90, 0)], "at_stake", "no_price_ratio"),
        ([line(90)], "variation", "one_line"),
        ([line(0), line(0)], "variation", "zero_mean"),
        ([line(9), attrs.evolve(line(8), list_amount=Money(9, "USD"), net_amount=Money(9, "USD"))], "at_stake",
         "several_currencies"),
        ([*[line(LARGEST, LARGEST)] * 9, *[line(0, LARGEST)] * 8], "at_stake", "out_of_range"),
    ],
)  # fmt: skip
def test_a_dispersion_that_does_not_follow_is_flagged(
    lines: list[ClosedLine], figure: str, flag: str
) -> None:
    found = getattr(price_dispersion(lines, rounding=CENTS), figure)

    assert (found.value, found.flag) == (None, flag)


def test_lines_without_a_price_are_left_out_and_said_to_be() -> None:
    found = price_dispersion([line(90), line(80), line(5, 0), line(-5)], rounding=CENTS)

    assert (found.n, found.median.coverage) == (2, Decimal("0.5"))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=2, max_size=20))
def test_a_dispersion_is_that_of_fractions_whatever_the_order(amounts: list[tuple[int, int]]) -> None:
    lines = [line(net, listed) for net, listed in amounts]
    ratios = [Fraction(net, listed) for net, listed in amounts]
    mean = sum(ratios, Fraction(0)) / len(ratios)

    found = price_dispersion(lines, rounding=CENTS)

    assert float(found.mean.required()) == pytest.approx(float(mean))
    if mean:
        deviation = math.sqrt(sum((ratio - mean) ** 2 for ratio in ratios) / (len(ratios) - 1))
        assert float(found.variation.required()) == pytest.approx(deviation / float(mean), abs=1e-9)
    assert found.p10.required() <= found.median.required() <= found.p90.required()
    backwards = price_dispersion(lines[::-1], rounding=CENTS)
    assert attrs.evolve(backwards, outliers=found.outliers) == found
    with localcontext() as context:
        context.prec = 3
        assert price_dispersion(lines, rounding=CENTS) == found


# Win rates


def test_win_rates_have_the_intervals_of_newcombe() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, and 15 of 148.
    found = win_rates(offers((80, 81, 182), (100, 15, 133)), limits=[Percent(10)])

    limits = [
        (round(band.interval.required().low, 4), round(band.interval.required().high, 4))
        for band in found.bands
    ]
    assert limits == [
        (Decimal("0.0624"), Decimal("0.1605")),
        (Decimal("0.2553"), Decimal("0.3662")),
    ]
    assert round(found.bands[1].win_rate.required(), 10) == Decimal("0.3079847909")
    assert (found.trend, found.reversals, found.overall.n) == (WinTrend.RISING, (), 411)


def test_a_band_contains_its_lower_limit_and_not_its_upper() -> None:
    found = win_rates(
        offers((105, 1, 0), (100, 1, 0), (95, 1, 0), (90, 1, 0)), limits=[Percent(0), Percent(5), Percent(10)]
    )

    assert [str(band) for band in found.bands] == [
        "below 0%: 1 of 1", "from 0% below 5%: 1 of 1", "from 5% below 10%: 1 of 1", "from 10%: 1 of 1",
    ]  # fmt: skip
    assert found.trend is WinTrend.LEVEL
    assert str(found.overall) == "all: 4 of 4"


def test_bands_of_their_own_hold_about_equally_many_lines() -> None:
    found = win_rates([line(100 - discount) for discount in range(20)], parts=4)

    assert [band.n for band in found.bands] == [5, 5, 5, 5]
    assert [band.n for band in win_rates([line(90)] * 7, parts=4).bands] == [7]


def test_where_a_deeper_discount_is_won_less_often_is_named() -> None:
    found = win_rates(
        offers((100, 90, 10), (90, 10, 90), (80, 12, 88), (70, 11, 89)),
        limits=[Percent(5), Percent(15), Percent(25)],
    )

    assert found.trend is WinTrend.MIXED
    assert [(reversal.shallow.won, reversal.deep.won, reversal.is_clear) for reversal in found.reversals] == [
        (90, 10, True),
        (12, 11, False),
    ]
    falling = win_rates(offers((100, 9, 1), (90, 5, 5)), limits=[Percent(5)])
    assert falling.trend is WinTrend.FALLING


def test_an_empty_band_has_no_rate_and_a_small_one_a_warning() -> None:
    found = win_rates([*offers((100, 3, 0)), line(5, 0)], limits=[Percent(5)])

    assert found.bands[0].win_rate == Measured(Decimal(1), "few_lines", n=3)
    assert found.bands[1].win_rate == Measured(None, "no_lines")
    assert (found.trend, found.left_out) == (WinTrend.UNKNOWN, 1)
    assert win_rates([]).overall.win_rate.flag == "no_lines"


def test_lines_of_one_quote_do_not_count_as_independent() -> None:
    together = [line(90, quote="q-1") for _ in range(12)]
    apart = [line(90, quote=f"q-{number}") for number in range(12)]

    assert win_rates(together).overall.interval.flag == "not_independent"
    assert win_rates(apart).overall.interval.flag is None


@pytest.mark.parametrize(
    "settings",
    [
        {"limits": []},
        {"limits": [Percent(5), Percent(5)]},
        {"parts": 0},
        {"parts": 101},
        {"confidence": Percent(0)},
        {"confidence": Percent(100)},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        win_rates(LADDER, **settings)  # type: ignore[arg-type]


# Elasticity

# Gujarati & Porter, Basic Econometrics, table 3.4: coffee in the United States, 1970 to 1980: cups per person and day, and
# the price of a pound in dollars of 1967.
COFFEE = [
    ("2.57", "0.77"), ("2.50", "0.74"), ("2.35", "0.72"), ("2.30", "0.73"), ("2.25", "0.76"), ("2.20", "0.75"),
    ("2.11", "1.08"), ("1.94", "1.81"), ("1.97", "1.39"), ("2.06", "1.20"), ("2.02", "1.17"),
]  # fmt: skip


def _coffee() -> list[ClosedLine]:
    return [
        ClosedLine(
            product="coffee", quantity=cups, list_amount=Money(10, "USD"), won=True, on=DAY,
            net_amount=Money(Decimal(price) * Decimal(cups), "USD"),
        )
        for cups, price in COFFEE
    ]  # fmt: skip


def test_the_demand_for_coffee_is_as_elastic_as_in_the_textbook() -> None:
    found = price_elasticity(_coffee())

    # ln Y = 0.7774 - 0.2530 ln X, with errors 0.0152 and 0.0494; 2.262 is the 5 % point of t with 9 degrees of freedom.
    assert found.method is ElasticityMethod.DEMAND
    assert round(found.value.required(), 4) == Decimal("-0.2530")
    interval = found.interval.required()
    assert float(interval.high - interval.low) / 2 == pytest.approx(2.262 * 0.0494, abs=2e-4)
    assert (found.n, found.value.flag, found.at.flag) == (11, None, "every_price")
    # t = -5.12: beyond the 0.1 % point of the table, 4.781.
    assert Decimal("0.0005") < found.p_value.required() < Decimal("0.001")


def test_the_elasticity_of_wins_is_that_of_the_hand_computation() -> None:
    found = price_elasticity(LADDER, at=Decimal("0.9"))

    # Slope * price * (1 - P), with even odds.
    assert found.method is ElasticityMethod.WIN
    assert float(found.value.required()) == pytest.approx(SLOPE * 0.9 * 0.5, rel=1e-9)
    # Where both halves are alike, level and slope do not depend on each other: variances (1/30 + 1/10) / 2 of the level
    # and (1/30 + 1/10) * 2 / 0.2^2 of the slope.
    spread = 1 / 30 + 1 / 10
    by_level, by_slope = SLOPE * 0.9 * 0.25, 0.9 * 0.5
    error = math.sqrt(by_level**2 * spread / 2 + by_slope**2 * spread * 2 / 0.04)
    interval = found.interval.required()
    assert float(interval.high - interval.low) / 2 == pytest.approx(1.959964 * error, rel=1e-6)


def test_the_median_price_is_where_wins_are_measured_if_nobody_says() -> None:
    found = price_elasticity(offers((80, 30, 10), (95, 20, 21), (100, 10, 30)))

    assert found.at.value == Decimal("0.95")


@pytest.mark.parametrize(
    ("lines", "method", "flag"),
    [
        ([], None, "no_lines"),
        ([], "win", "no_lines"),
        ([line(1, 0)], "win", "no_price_ratio"),
        (offers((80, 5, 0), (90, 5, 0)), "win", "all_won"),
        (offers((80, 0, 5), (90, 0, 5)), None, "no_lines"),
        (offers((80, 0, 5), (90, 0, 5)), "win", "none_won"),
        (offers((80, 5, 5)), None, "one_price"),
        (offers((80, 9, 0), (90, 0, 9)), None, "separated"),
        ([line(80), line(90)], None, "too_few"),
        ([line(80), line(90), line(95)], None, "one_quantity"),
        ([line(100 * n, quantity=n) for n in (1, 2, 3)], None, "one_price"),
        ([line("33.3", quantity="0.3"), line(111), line(777, quantity=7)], None, "one_price"),
        ([line(80), line(90, product="bag"), line(95, quantity=2)], None, "several_products"),
        ([line(80), line(0, quantity=7)], None, "too_few"),
        ([*_coffee(), attrs.evolve(line(80), product="coffee")], None, "several_currencies"),
    ],
)
def test_an_elasticity_that_does_not_follow_is_flagged(
    lines: list[ClosedLine], method: str | None, flag: str
) -> None:
    found = price_elasticity(lines, method=method)

    assert (found.value.value, found.value.flag, found.interval.flag, found.p_value.flag) == (
        None,
        flag,
        flag,
        flag,
    )


def test_quantities_that_follow_a_curve_exactly_have_no_spread() -> None:
    # Quantity 1000 / price^2.
    found = price_elasticity(
        [line(price * n, quantity=n) for price, n in ((1, 1000), (2, 250), (5, 40), (10, 10))]
    )

    assert found.value == Measured(Decimal(-2), "few_lines", n=4)
    assert (found.interval.flag, found.p_value.flag) == ("no_spread", "no_spread")


def test_huge_and_tiny_amounts_are_no_trouble() -> None:
    huge = [line(Decimal(10) ** (90 + n) * (1 + n % 2), quantity=Decimal(10) ** -n) for n in range(6)]

    assert price_elasticity(huge).value.is_defined


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownOption):
        price_elasticity(LADDER, method="guess")


# Win curve


def test_a_curve_says_when_it_is_asked_beyond_what_was_offered() -> None:
    curve = fit_win_curve(LADDER).required()

    assert curve.chance(Decimal("0.8")) == Measured(Decimal("0.75"), n=80)
    assert curve.chance(Decimal("0.79")).flag == "extrapolated"
    assert curve.elasticity_interval(Decimal("1.01")).flag == "extrapolated"
    assert (curve.lowest, curve.highest, curve.median, curve.median_won) == (
        Decimal("0.8"),
        Decimal(1),
        Decimal("0.9"),
        Decimal("0.8"),
    )
    # Woolf: log odds ratio 2 ln 3 with variance 2 (1/30 + 1/10), z = 4.26; its two-sided p is 2.1e-5.
    assert curve.falls
    assert float(curve.slope.required()) == pytest.approx(SLOPE, rel=1e-9)
    assert float(curve.slope_p.required()) == pytest.approx(2.1e-5, abs=1e-6)


def test_few_of_the_rarer_outcome_are_flagged() -> None:
    assert fit_win_curve(offers((80, 5, 50), (90, 4, 60))).flag == "few_lines"
    assert fit_win_curve(offers((80, 6, 50), (90, 4, 60))).flag is None


# Suggestion


def suggested(
    lines: Iterable[ClosedLine] = tuple(LADDER),
    *,
    listed: str = "100",
    cost: str = "60",
    rounding: Rounding = CENTS,
    **limits: Any,
) -> PriceSuggestion | NoSuggestion:
    return suggest_price(
        fit_win_curve(lines),
        list_price=eur(listed),
        cost=eur(cost),
        rounding=rounding,
        **limits,
    )


def test_the_peak_of_the_expected_margin_is_that_of_the_hand_computation() -> None:
    # At even odds the peak is 2 / slope above the cost: 1 / (r - c) = -slope / 2. Even odds are at 0.9 of list.
    cost = 90 + 200 / SLOPE

    found = suggested(cost=f"{cost:.10f}")

    assert isinstance(found, PriceSuggestion)
    assert (found.price, found.ratio, found.limit) == (eur(90), Decimal("0.9"), PriceLimit.NONE)
    assert found.chance.value == Decimal("0.5")
    # Half of the distance to the cost: 100 / 10.986 = 9.10.
    assert found.expected_margin == Measured(eur("9.10"), n=80)
    # The median of the won lines is 0.8, where three of four are won.
    assert (found.current, found.current_margin.value) == (eur(80), eur(f"{(80 - cost) * 0.75:.2f}"))
    assert float(found.elasticity.required()) == pytest.approx(SLOPE * 0.45, rel=1e-9)
    assert len(found.reasons) == 5


def test_the_reasons_stand_in_words() -> None:
    found = suggested(cost="72", ceiling=eur(85), floor=eur(82))

    assert isinstance(found, PriceSuggestion)
    assert found.reasons[0] == "80 closed lines"
    assert found.reasons[3].endswith("at the median won price of 80.00 EUR it is 6.00 EUR")
    assert found.reasons[4] == "bound by: ceiling"


@given(
    st.integers(1, 99),
    st.one_of(st.none(), st.integers(70, 110)),
    st.one_of(st.none(), st.integers(70, 110)),
    st.booleans(),
)
def test_no_price_within_the_limits_promises_more(
    cost: int, floor: int | None, ceiling: int | None, beyond: bool
) -> None:
    limits: dict[str, Any] = {
        "floor": None if floor is None else eur(floor),
        "ceiling": None if ceiling is None else eur(ceiling),
    }

    found = suggested(cost=str(cost), beyond_observed=beyond, **limits)

    low = max(floor or 0, 0 if beyond else 80)
    high = min(ceiling or 999, 999 if beyond else 100)
    if low > high or high <= cost:
        assert isinstance(found, NoSuggestion)
        return
    assert isinstance(found, PriceSuggestion)
    assert low <= found.price.amount <= high
    assert (found.chance.flag == "extrapolated") == (not 80 <= found.price.amount <= 100)

    def margin(price: float) -> float:
        return (price - cost) / (1 + math.exp(-SLOPE * (price / 100 - 0.9)))

    best = max(margin(low + (high - low) * step / 5000) for step in range(5001))
    # A cent beside the peak costs next to nothing.
    assert margin(float(found.price.amount)) >= best - 1e-3


@pytest.mark.parametrize(
    ("cost", "limits", "limit", "price"),
    [
        ("1", {}, PriceLimit.LOWEST_OBSERVED, "80"),
        ("1", {"floor": eur(85)}, PriceLimit.FLOOR, "85"),
        ("98", {}, PriceLimit.HIGHEST_OBSERVED, "100"),
        ("80", {"ceiling": eur(85)}, PriceLimit.CEILING, "85"),
        # c + (1 + W(exp(slope (c - 0.9) - 1))) / -slope with Lambert's W(0.1528) = 0.1337.
        ("98", {"beyond_observed": True}, PriceLimit.NONE, "108.32"),
    ],
)
def test_the_limit_that_bound_a_price_is_named(
    cost: str, limits: dict[str, Any], limit: PriceLimit, price: str
) -> None:
    found = suggested(cost=cost, **limits)

    assert isinstance(found, PriceSuggestion)
    assert (found.limit, found.price) == (limit, eur(price))


def test_a_rounding_does_not_lead_over_a_limit() -> None:
    to_tens = Rounding("half_up", 10)

    capped = suggested(cost="80", ceiling=eur(97), floor=eur(86), rounding=to_tens)
    raised = suggested(cost="1", floor=eur(83), rounding=to_tens)

    assert isinstance(capped, PriceSuggestion)
    assert isinstance(raised, PriceSuggestion)
    assert (capped.price, raised.price) == (eur(90), eur(90))


@pytest.mark.parametrize(
    ("lines", "settings", "reason"),
    [
        ([], {}, "not_enough_data"),
        (offers((80, 20, 0), (100, 0, 20)), {}, "not_enough_data"),
        (offers((80, 7, 2), (100, 2, 7)), {}, "few_lines"),
        (offers((80, 20, 20), (100, 20, 20)), {}, "no_price_effect"),
        (offers((80, 10, 30), (100, 30, 10)), {}, "no_price_effect"),
        (offers((80, 11, 10), (100, 10, 11)), {}, "no_price_effect"),
        (LADDER, {"listed": "0"}, "no_list_price"),
        (LADDER, {"cost": "100"}, "cost_above_range"),
        (LADDER, {"ceiling": eur(79)}, "empty_range"),
        (LADDER, {"floor": eur(95), "ceiling": eur(90)}, "empty_range"),
        (
            LADDER,
            {"floor": eur(81), "ceiling": eur(89), "rounding": Rounding("half_up", 10)},
            "no_price_point",
        ),
    ],
)
def test_without_grounds_nothing_is_suggested(
    lines: list[ClosedLine], settings: dict[str, Any], reason: str
) -> None:
    found = suggested(lines, **settings)

    assert isinstance(found, NoSuggestion)
    assert (found.code, found.reason) == ("no_suggestion", reason)
    assert found.found
    assert found.wanted


def test_amounts_of_two_currencies_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        suggested(floor=Money(1, "USD"))


@given(st.permutations(range(len(LADDER))))
def test_the_order_of_the_lines_changes_nothing(order: list[int]) -> None:
    shuffled = [LADDER[place] for place in order]

    assert fit_win_curve(shuffled) == fit_win_curve(LADDER)
    assert suggested(shuffled) == suggested()
    assert win_rates(shuffled) == win_rates(LADDER)


@given(
    st.lists(
        st.builds(
            line,
            st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False, places=4),
            st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False, places=4),
            won=st.booleans(),
            quantity=st.integers(1, 10**12),
        ),
        max_size=12,
    )
)
def test_whatever_was_sold_every_figure_has_a_value_or_a_reason(lines: list[ClosedLine]) -> None:
    curve = fit_win_curve(lines, fewest=1)
    found = suggest_price(curve, list_price=eur(10), cost=eur(5), rounding=CENTS)

    assert isinstance(found, PriceSuggestion | NoSuggestion)
    assert isinstance(curve.value, WinCurve) or curve.flag
    for figure in (
        *attrs.asdict(price_dispersion(lines, rounding=CENTS), recurse=False).values(),
        *attrs.asdict(price_elasticity(lines), recurse=False).values(),
        *(band.interval for band in win_rates(lines).bands),
    ):
        if isinstance(figure, Measured):
            assert figure.is_defined or figure.flag


def test_a_field_that_a_frame_does_not_know_is_no_text() -> None:
    fields: dict[str, Any] = {"segment": math.nan, "region": "north"}

    with pytest.raises(
        InvalidInput, match=r"fields\.segment: found nan, wanted a text; leave out what is not known"
    ):
        ClosedLine(
            product="dock", quantity=1, list_amount=eur(2), net_amount=eur(1), won=True, on=DAY, fields=fields
        )
