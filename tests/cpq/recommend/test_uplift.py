from decimal import Decimal
from math import sqrt
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.measured import Measured
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.recommend import OfferOutcome, acceptance_counts, offer_report
from tests.cpq.recommend.shop import eur


def outcome(order: str, value: int | str, **fields: object) -> OfferOutcome:
    made = {"product": "dock", "kind": "accessory", **fields}
    return OfferOutcome(order=order, order_value=eur(value), **made)  # type: ignore[arg-type]


def test_acceptance_is_counted_by_kind_and_product_with_its_interval() -> None:
    outcomes = [outcome(f"a-{number}", 10, accepted=number < 81) for number in range(263)]
    outcomes += [
        outcome(f"b-{number}", 10, kind=None, product="bag", accepted=number < 1) for number in range(4)
    ]

    report = offer_report(outcomes)

    assert [str(rate) for rate in report.by_kind] == ["accessory: 81 of 263", "association: 1 of 4"]
    assert [str(rate) for rate in report.by_product] == ["bag: 1 of 4", "dock: 81 of 263"]
    assert (report.acceptance.offered, report.acceptance.accepted) == (267, 82)
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263 is 0.2553 to 0.3662.
    interval = report.by_kind[0].interval.required()
    assert (f"{interval.low:.4f}", f"{interval.high:.4f}") == ("0.2553", "0.3662")
    assert report.by_kind[1].rate == Measured(Decimal("0.25"), "few_offers", n=4)


def test_the_average_order_value_of_accepted_offers_is_an_association_of_its_own() -> None:
    outcomes = [outcome(f"y{number}", value, accepted=True) for number, value in enumerate([120, 130, 150])]
    outcomes += [outcome(f"n{number}", value) for number, value in enumerate([80, 90])]

    found = offer_report(outcomes, fewest=2).by_acceptance

    assert (found.with_orders, found.without_orders) == (3, 2)
    assert found.average_without.value == eur(85)
    assert found.difference.required().amount.quantize(Decimal("0.0001")) == Decimal("48.3333")
    # scipy 1.17 ttest_ind(equal_var=False): df 2.89429, confidence_interval(0.95) from 15.392916 to 81.273750.
    interval = found.interval.required()
    assert (f"{interval.low:.2f}", f"{interval.high:.2f}") == ("15.39", "81.27")


def test_only_a_randomised_group_tells_what_offers_bring() -> None:
    offered = [
        outcome(f"t{number}", 100 + number, randomised=True, accepted=number < 3) for number in range(10)
    ]
    control = [
        outcome(f"c{number}", 95 + number, product="", kind=None, randomised=True) for number in range(10)
    ]
    observed = [outcome("o", 10**6, accepted=True), outcome("p", 1, product="", kind=None)]

    found = offer_report([*offered, *control, *observed]).by_offer

    assert (found.with_orders, found.without_orders) == (10, 10)
    assert found.difference == Measured(eur(5), "few_orders", n=20)


def test_without_a_control_group_the_effect_is_undefined() -> None:
    report = offer_report([outcome("a", 10, accepted=True), outcome("b", 20)])

    assert report.by_offer.difference == Measured(None, "no_orders")
    assert report.by_offer.average_with == Measured(None, "no_orders")
    assert report.by_acceptance.interval.flag == "too_few_orders"


def test_nothing_offered_gives_nothing_but_flags() -> None:
    report = offer_report([])

    assert (report.by_kind, report.by_product, report.acceptance.interval.flag) == ((), (), "no_offers")
    assert report.by_acceptance.difference.flag == "no_orders"


def test_an_order_with_several_offers_counts_once_and_as_accepted_when_one_was() -> None:
    outcomes = [
        outcome("a", 100),
        outcome("a", 100, product="bag", accepted=True),
        outcome("b", 60),
        outcome("b", 60, product="bag"),
    ]

    found = offer_report(outcomes).by_acceptance

    assert (found.with_orders, found.without_orders, found.difference.value) == (1, 1, eur(40))


@given(
    st.lists(st.integers(-1000, 10_000), min_size=2, max_size=12),
    st.lists(st.integers(-1000, 10_000), min_size=2, max_size=12),
)
def test_the_difference_is_that_of_the_averages_and_within_its_interval(
    first: list[int], second: list[int]
) -> None:
    outcomes = [outcome(f"y{number}", value, accepted=True) for number, value in enumerate(first)]
    outcomes += [outcome(f"n{number}", value) for number, value in enumerate(second)]

    found = offer_report(outcomes).by_acceptance

    gain = found.difference.required().amount
    assert float(gain) == pytest.approx(mean(first) - mean(second), abs=1e-6)
    interval = found.interval.required()
    assert float(interval.low) - 1e-6 <= gain <= float(interval.high) + 1e-6
    error = sqrt(variance(first) / len(first) + variance(second) / len(second))
    # Student's t reaches further than the normal distribution, and infinitely far with one degree of freedom at most 12.71.
    reach = float(interval.high - interval.low) / 2
    assert 1.9599 * error - 1e-6 <= reach <= 12.7063 * error + 1e-6


@pytest.mark.parametrize(
    ("second", "path"),
    [
        (OfferOutcome(order="a", order_value=eur(11), product="bag"), "outcomes[1].order_value"),
        (OfferOutcome(order="a", order_value=eur(10)), "outcomes[1].order"),
        (OfferOutcome(order="a", order_value=eur(10), product="bag", randomised=True), "outcomes[1].order"),
        (OfferOutcome(order="b", order_value=Money(10, "CNY"), product="bag"), "outcomes[1].order_value"),
    ],
)
def test_outcomes_that_contradict_each_other_are_refused(second: OfferOutcome, path: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        offer_report([outcome("a", 10), second])

    assert [problem.path for problem in raised.value.problems] == [path]


@pytest.mark.parametrize("fields", [{"order": " "}, {"product": "", "accepted": True}])
def test_an_outcome_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(fields))):
        OfferOutcome(**{"order": "a", "order_value": eur(1), "product": "dock", **fields})  # type: ignore[arg-type]


def test_a_confidence_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidInput, match="confidence"):
        offer_report([], confidence=Percent(100))


def test_counts_for_a_recommender_are_by_product_and_kind() -> None:
    outcomes = [
        outcome("a", 1, accepted=True),
        outcome("b", 1),
        outcome("c", 1, product="bag", kind=None, accepted=True),
        outcome("d", 1, product="", kind=None),
    ]

    assert [(one.product, one.kind, one.offered, one.accepted) for one in acceptance_counts(outcomes)] == [
        ("", None, 1, 1),
        ("", "accessory", 2, 1),
        ("bag", None, 1, 1),
        ("dock", "accessory", 2, 1),
    ]
