from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.clock import UnknownTimeZone
from salesmgmt.core.codec import Codec
from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.money import Money
from salesmgmt.core.period import EmptyPeriod, Period
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.terms.billing_periods import Anchor, BillingPeriods, PartialPeriod
from salesmgmt.cpq.pricing.terms.proration import Precision, Proration, ProrationPolicy, Span, prorate

DAY = timedelta(days=1)
_days = st.dates(date(2015, 1, 1), date(2040, 1, 1))
_lengths = st.integers(1, 1500)
_zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
)
_policies = st.builds(
    ProrationPolicy,
    precision=st.sampled_from(Precision),
    default_term=st.none() | st.decimals("0.01", 10_000, places=2),
    periods=st.builds(
        BillingPeriods, anchor=st.sampled_from(["anniversary", "day_of_period"]), day=st.integers(1, 31)
    ),
    time_zone=_zones,
)


# Salesforce CPQ, "Subscription Prorate Precision": 830 days of 365, 35 months of 12, 24 months of 12.
@pytest.mark.parametrize(
    ("precision", "term", "expected"),
    [("day", 830, Fraction(830, 365)), ("month", 35, Fraction(35, 12)), ("month", 24, Fraction(2))],
)
def test_a_plain_length_is_divided_by_the_default_term(
    precision: Precision, term: int, expected: Fraction
) -> None:
    found = ProrationPolicy(precision=precision).of(term)

    assert found.fraction == expected
    assert found.term == term


def test_a_started_month_counts_wholly_when_the_policy_says_so() -> None:
    # The same page: 1 January 2017 to 10 January 2018 is rounded up to 13 months.
    policy = ProrationPolicy(partial_period="whole", end_inclusive=True)
    term = policy.term(date(2017, 1, 1), date(2018, 1, 10))

    assert policy.of(term).term == 13
    assert policy.of("12.1").term == 13
    assert ProrationPolicy(partial_period="none").of("12.9").term == 12


# 15 January to 10 April 2019, both included; two months and 27 days of 31 are from Oracle's "Bill Partial Periods".
@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        (Precision.DAY, Fraction(86)),
        (Precision.MONTH, 2 + Fraction(27, 31)),
        (Precision.MONTH_AND_DAY, 2 + Fraction(27 * 12, 365)),
        (Precision.CALENDAR_MONTH, Fraction(17, 31) + 2 + Fraction(10, 30)),
        (Precision.SECOND, Fraction(86 * 86_400)),
    ],
)
def test_each_precision_measures_in_its_own_way(precision: Precision, expected: Fraction) -> None:
    policy = ProrationPolicy(precision=precision, end_inclusive=True)

    assert policy.length(policy.term(date(2019, 1, 15), date(2019, 4, 10))) == expected


@pytest.mark.parametrize("precision", [Precision.MONTH, Precision.MONTH_AND_DAY, Precision.CALENDAR_MONTH])
def test_a_calendar_year_is_one_in_every_measure_of_months(precision: Precision) -> None:
    assert ProrationPolicy(precision=precision).of(Period.year(2024)).multiplier == 1


def test_a_leap_year_is_longer_than_a_default_term_of_days() -> None:
    assert ProrationPolicy(precision="day").of(Period.year(2024)).numerator == 366


@pytest.mark.parametrize(("months", "expected"), [(1, 12), (3, 4), (12, 1)])
def test_the_default_term_is_a_year_of_periods(months: int, expected: int) -> None:
    policy = ProrationPolicy(periods=BillingPeriods(months=months))

    assert policy.of(expected).multiplier == 1
    assert policy.of(Period.year(2026)).multiplier == 1


def test_a_day_with_a_change_of_the_clock_has_23_or_25_hours() -> None:
    policy = ProrationPolicy(precision="second", time_zone="Europe/Berlin")

    hours = [policy.length(Period(day, day + DAY)) / 3600 for day in (date(2026, 3, 29), date(2026, 10, 25))]
    assert hours == [23, 25]


def test_two_readings_of_one_clock_are_compared_by_what_really_passed() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    span = Span(datetime(2026, 3, 29, tzinfo=berlin), datetime(2026, 3, 30, tzinfo=berlin))

    assert span.seconds == 23 * 3600


def test_a_price_is_multiplied_first_and_divided_last() -> None:
    third = ProrationPolicy(default_term=3).of(1)

    assert third.apply(Money(90, "EUR")) == Money(30, "EUR")
    assert third.apply(Decimal("0.03")) == Decimal("0.01")
    assert Fraction(third.multiplier) * 90 != 30


def test_the_price_is_rounded_only_by_a_named_rounding() -> None:
    policy = ProrationPolicy(default_term=3)

    assert prorate(Money(100, "EUR"), 1, policy).amount == Decimal("33." + "3" * 32)
    assert prorate(Money(100, "EUR"), 1, policy, rounding=Rounding("up", "0.01")) == Money("33.34", "EUR")


@given(
    _days,
    _lengths,
    _lengths,
    st.sampled_from([Precision.DAY, Precision.CALENDAR_MONTH, Precision.SECOND]),
    _zones,
)
def test_terms_that_join_add_up_to_the_whole(
    start: date, one: int, other: int, precision: Precision, time_zone: str
) -> None:
    policy = ProrationPolicy(precision=precision, time_zone=time_zone)
    middle, end = start + one * DAY, start + (one + other) * DAY

    parts = policy.length(Period(start, middle)) + policy.length(Period(middle, end))
    assert parts == policy.length(Period(start, end))


@given(_days, _lengths, _policies, st.sampled_from(PartialPeriod))
def test_a_day_more_never_makes_a_term_shorter(
    start: date, days: int, policy: ProrationPolicy, partial: PartialPeriod
) -> None:
    policy = ProrationPolicy(
        precision=policy.precision, periods=policy.periods, partial_period=partial, time_zone=policy.time_zone
    )

    shorter, longer = (policy.length(Period(start, start + count * DAY)) for count in (days, days + 1))
    assert shorter <= longer


@given(_days, _lengths, _policies, st.decimals(-(10**6), 10**6, places=3))
def test_a_prorated_price_equals_the_fraction(
    start: date, days: int, policy: ProrationPolicy, price: Decimal
) -> None:
    term = Period(start, start + days * DAY)
    found = policy.of(term)

    expected = Fraction(price) * found.fraction
    assert abs(Fraction(found.apply(price)) - expected) <= abs(expected) * Fraction(1, 10**33)


@given(_lengths, _policies)
def test_a_whole_number_of_units_needs_no_policy_for_partial_ones(
    length: int, policy: ProrationPolicy
) -> None:
    lengths = {
        ProrationPolicy(precision=policy.precision, partial_period=partial).length(length)
        for partial in PartialPeriod
    }

    assert lengths == {length}


def test_the_last_day_that_people_name_is_in_the_term_or_not() -> None:
    start, end = date(2024, 1, 1), date(2024, 12, 31)

    assert ProrationPolicy(end_inclusive=True).term(start, end) == Period.year(2024)
    assert ProrationPolicy(end_inclusive=False).term(start, end).days == 365
    with pytest.raises(EmptyPeriod):
        ProrationPolicy().term(end, start)


def test_what_cannot_be_measured_is_refused() -> None:
    hour = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC))

    with pytest.raises(InvalidInput, match="a span of time"):
        ProrationPolicy(precision="day").of(hour)
    with pytest.raises(InvalidInput, match="zero or more"):
        ProrationPolicy().of(-1)
    with pytest.raises(NotANumber):
        ProrationPolicy().of("a year")
    with pytest.raises(InvalidInput, match="an instant after"):
        Span(hour.end, hour.start)
    with pytest.raises(NaiveInstant):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize("term", ["0", "-1"])
def test_a_default_term_of_nothing_is_refused(term: str) -> None:
    with pytest.raises(InvalidInput, match="default_term"):
        ProrationPolicy(default_term=term)


def test_an_unknown_time_zone_is_refused_when_the_policy_is_made() -> None:
    with pytest.raises(UnknownTimeZone):
        ProrationPolicy(time_zone="Mars/Olympus")


def test_a_proration_keeps_its_fraction_in_json() -> None:
    found = ProrationPolicy(precision="calendar_month", default_term="12.5").of(
        Period(date(2026, 1, 9), date(2026, 4, 4))
    )

    assert Codec().from_dict(Proration, Codec().to_dict(found)) == found


def test_a_policy_is_read_from_toml() -> None:
    text = 'precision = "month"\ndefault_term = 1\nperiods = { anchor = "day_of_period", day = 5 }'

    policy = parse_definition(text, ProrationPolicy, what="policy")

    assert policy.periods == BillingPeriods(anchor=Anchor.DAY_OF_PERIOD, day=5)
    assert policy.default_term == 1


def test_the_lint_names_what_is_not_used() -> None:
    def codes(policy: ProrationPolicy) -> list[str]:
        return [finding.code for finding in policy.findings("proration")]

    assert codes(ProrationPolicy()) == []
    assert codes(ProrationPolicy(precision="day", periods=BillingPeriods(months=3))) == ["periods_unused"]
    assert codes(ProrationPolicy(periods=BillingPeriods(day=5))) == ["day_unused"]
