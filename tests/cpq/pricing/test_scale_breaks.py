from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales.charge import Charge
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

D = Decimal
FROM = Scale(tiers=[Tier(unit_amount=10), Tier(lower=20, unit_amount=9), Tier(lower=50, unit_amount=8)])


def hint(scale: Scale, quantity: Any, **more: Any) -> tuple[Any, ...] | None:
    found = scale.next_break(quantity, **more)
    if found is None:
        return None
    return found.tier, found.reached, found.more, found.charge and found.charge.amount, found.change


def test_two_more_units_lower_the_total() -> None:
    # 18 x 10 = 180; 20 x 9 = 180: no change. 19 x 10 = 190: ten less.
    assert hint(FROM, 18) == (1, 20, 2, 180, 0)
    assert hint(FROM, 19) == (1, 20, 1, 180, -10)
    assert hint(FROM, 20) == (2, 50, 30, 400, 220)
    assert hint(FROM, 50) is None


@pytest.mark.parametrize(
    ("boundary", "step", "expected"),
    [
        ("lower_inclusive", 1, (1, 20, 1, 180)),
        ("upper_inclusive", 1, (1, 21, 2, 189)),
        ("upper_inclusive", "0.5", (1, D("20.5"), D("1.5"), D("184.5"))),
        ("lower_inclusive", 12, (1, 24, 5, 216)),
    ],
)
def test_the_next_quantity_that_is_sold_depends_on_boundary_and_step(
    boundary: str, step: Any, expected: tuple[Any, ...]
) -> None:
    scale = Scale(boundary=boundary, tiers=[Tier(upper=20, unit_amount=10), Tier(unit_amount=9)])

    found = hint(scale, 19, step=step)

    assert found is not None
    assert found[:4] == expected


def test_the_first_tier_is_the_next_one_for_too_few() -> None:
    scale = Scale(tiers=[Tier(lower=5, unit_amount=10)])

    assert hint(scale, 3) == (0, 5, 2, 50, None)


def test_lines_counted_together_reach_the_next_tier_together() -> None:
    # this line has 4 of 18 units; with two more all are at 9: 6 x 9 = 54 after 4 x 10 = 40
    assert hint(FROM, 4, reached=18) == (1, 20, 2, 54, 14)


def test_on_another_basis_only_what_is_missing_is_known() -> None:
    scale = Scale(basis="value", tiers=[Tier(percent=Percent(0)), Tier(lower=1000, percent=Percent(5))])

    assert hint(scale, 3, basis=900, list_price=300) == (1, 1000, 100, None, None)


@pytest.mark.parametrize(
    ("counting", "lower", "expected"), [("units", 1, (1, 10, 1, 89)), ("measure", 0, (1, 11, 2, 108))]
)
def test_a_graduated_tier_is_reached_by_its_first_unit(
    counting: str, lower: int, expected: tuple[Any, ...]
) -> None:
    tiers = [Tier(lower=lower, unit_amount=9), Tier(lower=10, unit_amount=8)]
    scale = Scale(scale_type="graduated", counting=counting, tiers=tiers)

    found = hint(scale, 9)

    # units 1-9 at 9 and the 10th at 8: 81 + 8; by measure ten at 9 and the 11th at 8: 90 + 8 = 98
    assert found is not None
    assert found[:3] == expected[:3]
    assert found[3] == (89 if counting == "units" else 98)


def test_cliffs_of_a_volume_discount() -> None:
    assert [str(cliff) for cliff in FROM.cliffs()] == ["19 cost 190, 20 cost 180", "49 cost 441, 50 cost 400"]
    flat = Scale(tiers=[Tier(unit_amount=1, flat_amount=30), Tier(lower=10, unit_amount=2)])
    assert [(cliff.quantity, cliff.next_amount) for cliff in flat.cliffs()] == [(D(9), D(20))]


def test_cliffs_of_percentages_need_a_price() -> None:
    scale = Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(20))])

    (cliff,) = scale.cliffs(list_price="1.50")
    assert (cliff.amount, cliff.next_amount) == (D("13.5"), D(12))
    with pytest.raises(InvalidInput, match="list_price"):
        scale.cliffs()


def test_a_step_is_more_than_zero() -> None:
    for step in (0, -1):
        with pytest.raises(InvalidInput, match="step"):
            FROM.cliffs(step=step)
        with pytest.raises(InvalidInput, match="step"):
            FROM.next_break(1, step=step)


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=4),
    st.sampled_from(["lower_inclusive", "upper_inclusive"]),
    st.sampled_from(["all_units", "graduated"]),
)
def test_cliffs_are_exactly_where_the_total_of_whole_units_falls(
    widths: list[tuple[int, int, int]], boundary: str, scale_type: str
) -> None:
    tiers, at = [], 0
    for width, rate, flat in widths:
        at += width
        tiers.append(Tier(upper=at, unit_amount=rate, flat_amount=flat))
    scale = Scale(
        scale_type=scale_type,
        boundary=boundary,
        tiers=tiers,
        beyond_last="last_tier",
    )
    charges = [scale.charge(quantity) for quantity in range(1, at + 5)]
    totals = [Fraction(charge.amount) for charge in charges if isinstance(charge, Charge)]

    falls = [index + 1 for index in range(len(totals) - 1) if totals[index + 1] < totals[index]]

    assert [cliff.quantity for cliff in scale.cliffs()] == falls
