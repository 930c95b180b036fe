"""Scales at their edges: bounds, zero, overage, shares, and what a refusal says. Amounts are worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.errors import FloatRefused, InvalidInput, Problem
from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales.charge import Charge, OutOfScale
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

D = Decimal


def charged(scale: Scale, quantity: Any, **more: Any) -> Charge:
    charge = scale.charge(quantity, **more)
    assert isinstance(charge, Charge), charge
    return charge


def amount(scale: Scale, quantity: Any, **more: Any) -> Decimal:
    return charged(scale, quantity, **more).amount


def refused(scale: Scale, quantity: Any, **more: Any) -> OutOfScale:
    refusal = scale.charge(quantity, **more)
    assert isinstance(refusal, OutOfScale), refusal
    return refusal


def bounds(**conventions: Any) -> list[Any]:
    """Of each band: lower, upper, and between which points a graduated scale cuts."""
    return [(band.lower, band.upper, band.start, band.end) for band in Scale(**conventions).bands]


def parts_of(charge: Charge) -> list[Any]:
    """Of each part: the tier, the units, what they cost, and how many things were charged."""
    return [(part.tier, part.quantity, part.amount, part.charged_quantity) for part in charge.parts]


NINE_AND_MORE = (Tier(unit_amount=10), Tier(lower=10, unit_amount=7))
NINE = (Tier(lower=1, upper=9, unit_amount=10), Tier(lower=10, upper=19, unit_amount=8))


@pytest.mark.parametrize(
    ("conventions", "expected"),
    [
        ({}, [(1, 9, 1, 9), (10, 19, 10, 19)]),
        ({"boundary": "upper_inclusive"}, [(1, 9, 1, 9), (10, 19, 10, 19)]),
        ({"boundary": "upper_inclusive", "counting": "units"}, [(1, 9, 1, 9), (10, 19, 10, 19)]),
        # unit 1 lies between the points 0 and 1; below 9 means up to the end of unit 8
        ({"counting": "units"}, [(1, 9, 0, 8), (10, 19, 9, 18)]),
        ({"boundary": "both_inclusive"}, [(1, 9, 0, 9), (10, 19, 9, 19)]),
        ({"boundary": "both_inclusive", "counting": "units"}, [(1, 9, 0, 9), (10, 19, 9, 19)]),
        ({"counting": "units", "beyond_last": "last_tier"}, [(1, 9, 0, 8), (10, None, 9, None)]),
    ],
)
def test_bounds_become_points_of_the_axis(conventions: dict[str, Any], expected: list[Any]) -> None:
    assert bounds(tiers=NINE, **conventions) == expected


def test_bounds_left_out_are_filled_from_both_sides() -> None:
    lowers = (Tier(unit_amount=3), Tier(lower=5, unit_amount=2), Tier(lower=8, unit_amount=1))
    uppers = (Tier(upper=4, unit_amount=3), Tier(upper=7, unit_amount=2), Tier(unit_amount=1))

    assert bounds(tiers=lowers) == [(0, 5, 0, 5), (5, 8, 5, 8), (8, None, 8, None)]
    assert bounds(tiers=uppers) == [(0, 4, 0, 4), (4, 7, 4, 7), (7, None, 7, None)]
    whole = {"boundary": "both_inclusive"}
    assert bounds(tiers=lowers, **whole) == [(0, 4, 0, 4), (5, 7, 4, 7), (8, None, 7, None)]
    assert bounds(tiers=uppers, **whole) == [(0, 4, 0, 4), (5, 7, 4, 7), (8, None, 7, None)]
    assert bounds(tiers=lowers, counting="units") == [(0, 5, 0, 4), (5, 8, 4, 7), (8, None, 7, None)]


def test_numbered_units_begin_at_zero_at_the_earliest() -> None:
    tiers = [Tier(lower=0, upper="0.5", unit_amount=3), Tier(lower="0.5", unit_amount=2)]

    assert bounds(tiers=tiers, counting="units") == [(0, D("0.5"), 0, 0), (D("0.5"), None, 0, None)]


def test_a_band_knows_what_a_percentage_leaves_and_when_a_price_alone_decides() -> None:
    scale = Scale(
        tiers=[
            Tier(unit_amount=3),
            Tier(lower=5, unit_amount=2, flat_amount=9),
            Tier(lower=8, percent=Percent("12.5")),
        ]
    )

    assert [(band.index, band.factor, band.simple) for band in scale.bands] == [
        (0, 1, 3),
        (1, 1, None),
        (2, D("0.875"), None),
    ]


def test_bounds_are_told_in_words() -> None:
    def words(boundary: str) -> list[str]:
        scale = Scale(boundary=boundary, tiers=[*NINE, Tier(lower=20, unit_amount=1)])
        return [scale.bounds(band) for band in scale.bands]

    assert words("lower_inclusive") == ["from 1 to below 9", "from 10 to below 19", "from 20"]
    assert words("upper_inclusive") == ["more than 1 up to 9", "more than 10 up to 19", "more than 20"]
    assert words("both_inclusive") == ["from 1 up to 9", "from 10 up to 19", "from 20"]


def test_a_refusal_names_the_nearest_tier_on_each_side_only() -> None:
    tiers = [Tier(lower=low, upper=low + 1, unit_amount=1) for low in (1, 3, 7, 9)]
    whole = Scale(boundary="both_inclusive", tiers=tiers)
    upper = Scale(boundary="upper_inclusive", tiers=[Tier(lower=5, upper=10, unit_amount=1)])

    assert refused(whole, "5.5").wanted == "from 3 up to 4 or from 7 up to 8"
    assert refused(whole, "0.5").wanted == "from 1 up to 2"
    assert refused(whole, 11).wanted == "from 9 up to 10"
    assert refused(upper, 5).wanted == "more than 5 up to 10"
    assert str(refused(upper, -1)) == "no price for -1; wanted: zero or more"


def test_the_tier_of_a_quantity() -> None:
    scale = Scale(boundary="upper_inclusive", tiers=[Tier(upper=5, unit_amount=7), Tier(unit_amount=6)])

    assert [scale.tier(quantity) for quantity in (0, 5, "5.01")] == [None, scale.tiers[0], scale.tiers[1]]


def test_zero_costs_nothing_at_the_price_of_the_first_tier() -> None:
    charge = charged(Scale(tiers=[Tier(unit_amount=7), Tier(lower=5, unit_amount=6)]), 0)

    assert charge == Charge(D(0), D(0), D(7), None, None, D(0), ())


def test_zero_that_enters_the_first_tier_is_charged_there() -> None:
    scale = Scale(zero_quantity="first_tier", tiers=[Tier(lower=1, percent=Percent(10), flat_amount=3)])

    charge = charged(scale, 0, list_price=100)

    assert charge == Charge(D(3), D(0), None, 0, Percent(10), D(0))


def test_units_on_a_basis_of_zero_are_charged_in_the_tier_of_zero_or_outside() -> None:
    percent = Scale(basis="weight", tiers=[Tier(percent=Percent(10))])
    outside = Scale(
        basis="weight", boundary="upper_inclusive", uncovered="list_price", tiers=[Tier(percent=Percent(10))]
    )

    assert amount(percent, 3, basis=0, list_price=100) == 270
    assert charged(outside, 3, basis=0, list_price=5) == Charge(D(15), D(3), D(5), None, Percent(0), D(3))


def test_a_block_charges_overage_from_where_it_begins_unless_the_scale_does_beyond_its_end() -> None:
    tiers = [
        Tier(lower=2, upper=10, flat_amount=50, overage_unit=2),
        Tier(lower=10, upper=20, flat_amount=100, overage_unit=3),
    ]
    within = Scale(scale_type="block", tiers=tiers)
    beyond = Scale(scale_type="block", tiers=tiers, beyond_last="overage")

    # 50 + 4 x 2 and 100 + 5 x 3; beyond: the first block as before, the last one only from 20 on
    assert [amount(within, quantity) for quantity in (6, 15)] == [58, 115]
    assert [amount(beyond, quantity) for quantity in (6, 15, 20, 22)] == [58, 100, 100, 106]
    assert isinstance(within.charge(20), OutOfScale)


def test_a_block_of_no_amount_charges_its_overage() -> None:
    scale = Scale(scale_type="block", tiers=[Tier(flat_amount=0, overage_unit=3, overage_from=4)])

    assert [charged(scale, quantity).unit_amount for quantity in (4, 6)] == [0, 1]  # 2 x 3 for 6 units


def test_overage_beyond_a_percentage_off_the_list_price() -> None:
    scale = Scale(beyond_last="overage", tiers=[Tier(upper=10, percent=Percent(10), overage_unit=5)])

    assert amount(scale, 10, list_price=100) == 900
    charge = charged(scale, 12, list_price=100)
    assert (charge.amount, charge.quantity, charge.tier) == (D(910), D(12), 0)  # 10 x 90 + 2 x 5
    assert charge.charged_quantity == 12
    assert parts_of(charge) == [
        (0, 10, 900, 10),
        (0, 2, 10, 2),
    ]


def test_what_is_in_no_tier_stays_without_a_price_although_a_list_price_is_known() -> None:
    scale = Scale(tiers=[Tier(lower=5, percent=Percent(10))])

    assert refused(scale, 4, list_price=100).wanted == "from 5"


def test_units_at_the_list_price_have_no_percentage_where_the_tiers_have_none() -> None:
    scale = Scale(uncovered="list_price", tiers=[Tier(lower=5, unit_amount=3)])

    assert charged(scale, 4, list_price=10) == Charge(D(40), D(4), D(10), None, None, D(4))
    assert isinstance(scale.charge(4), OutOfScale)


def test_a_graduated_gap_is_charged_at_the_list_price_or_refused() -> None:
    tiers = [Tier(upper=5, unit_amount=3), Tier(lower=8, upper=10, unit_amount=2)]
    at_list = Scale(scale_type="graduated", uncovered="list_price", tiers=tiers)
    strict = Scale(scale_type="graduated", tiers=tiers)

    # 5 x 3 + 3 x 10 + 2 x 2 + 2 x 10
    charge = charged(at_list, 12, list_price=10)
    assert parts_of(charge) == [(0, 5, 15, 5), (None, 3, 30, 3), (1, 2, 4, 2), (None, 2, 20, 2)]
    assert (charge.amount, charge.tier, charge.percent_off) == (D(69), None, None)
    assert refused(strict, 7, list_price=10).wanted == "from 0 to below 5 or from 8 to below 10"
    assert isinstance(at_list.charge(7), OutOfScale)
    assert amount(strict, 5) == 15


def test_parts_of_a_line_are_its_share_of_the_parts_of_all() -> None:
    scale = Scale(
        scale_type="graduated",
        tiers=[Tier(unit_amount=10, flat_amount=4), Tier(lower=10, unit_amount=7, flat_amount=6)],
    )

    charge = charged(scale, 4, reached=16)

    # a quarter of 10 x 10 + 4 and of 6 x 7 + 6
    assert parts_of(charge) == [
        (0, D("2.5"), 26, D("2.5")),
        (1, D("1.5"), 12, D("1.5")),
    ]
    assert (charge.quantity, charge.charged_quantity, charge.unit_amount) == (D(4), D(4), D("9.5"))


def test_units_and_what_is_charged_once_are_shared_by_their_own_measures() -> None:
    # 3 pieces weigh 6 of 24 kg. 10 kg at 2 + 5 and 14 kg at 1 + 8; a piece counts as a third of the line's 6 kg.
    tiers = [Tier(unit_amount=2, flat_amount=5), Tier(lower=10, unit_amount=1, flat_amount=8)]
    mixed = Scale(scale_type="graduated", basis="weight", tiers=tiers)
    on_top = Scale(scale_type="graduated", basis="weight", standing="on_top", tiers=tiers)

    # 3/24 of 20 and of 14, 6/24 of 5 and of 8
    assert [part.amount for part in charged(mixed, 3, basis=6, reached=24).parts] == [
        D("3.75"),
        D("3.75"),
    ]
    # kg 9 to 15: 1 x 2, then 5 x 1 and 8 on entering; 3 pieces bear half of what 6 kg cost, and the 8 whole
    assert [part.amount for part in charged(on_top, 3, basis=6, reached=15).parts] == [1, D("10.5")]


def test_a_line_on_top_must_be_a_part_of_what_is_reached() -> None:
    scale = Scale(scale_type="graduated", standing="on_top", tiers=[Tier(unit_amount=10)])

    assert amount(scale, 4, reached=4) == 40
    assert refused(scale, 5, reached=4) == OutOfScale(D(4), "a line of more than zero and at most 4")
    assert refused(scale, 0, reached=4).wanted == "a line of more than zero and at most 4"
    assert refused(scale, -1, reached=4).found == 4


def test_started_packages_of_a_line_on_top_are_those_that_it_adds() -> None:
    scale = Scale(
        scale_type="graduated",
        standing="on_top",
        tiers=[Tier(package_size=10, package_amount=100, flat_amount=7)],
    )

    # 12 units are 2 packages, 25 are 3: the last 13 add one
    charge = charged(scale, 13, reached=25)
    assert (charge.amount, charge.charged_quantity) == (D(100), D(1))
    assert amount(scale, 12) == 207


def test_percentages_of_several_tiers_are_weighted_with_their_units() -> None:
    scale = Scale(
        scale_type="graduated", tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(20))]
    )

    # 10 x 100 + 30 x 80 = 3400, which is 15 % off 4000
    charge = charged(scale, 40, list_price=100)
    assert (charge.amount, charge.percent_off, charge.unit_amount) == (D(3400), Percent(15), D(85))
    one = charged(scale, 5, list_price=100)
    assert (one.percent_off, one.unit_amount, one.tier) == (Percent(0), D(100), 0)


def test_a_single_part_has_the_rate_of_its_tier_unless_something_is_charged_once() -> None:
    scale = Scale(
        scale_type="graduated", tiers=[Tier(upper=10, amount_off=1), Tier(unit_amount=4, flat_amount=6)]
    )

    assert charged(scale, 3, list_price=10).unit_amount == 9
    assert charged(scale, 12, list_price=10).unit_amount == D(
        "8.666666666666666666666666666666667"
    )  # 104 / 12
    flat = Scale(scale_type="graduated", tiers=[Tier(unit_amount=4, flat_amount=6)])
    assert charged(flat, 3).unit_amount == 6  # (3 x 4 + 6) / 3
    assert (charged(flat, 3).percent_off, charged(flat, 3).quantity) == (None, D(3))


def test_percentages_mixed_with_amounts_give_no_average() -> None:
    scale = Scale(scale_type="graduated", tiers=[Tier(upper=10, percent=Percent(10)), Tier(unit_amount=4)])

    charge = charged(scale, 12, list_price=10)
    assert (charge.amount, charge.percent_off) == (D(98), None)
    assert charged(scale, 5, list_price=10).percent_off == Percent(10)


def test_without_a_list_price_what_takes_off_from_it_is_refused_with_the_reason() -> None:
    for tier in (Tier(percent=Percent(5)), Tier(amount_off=5)):
        with pytest.raises(InvalidInput) as caught:
            Scale(tiers=[tier]).charge(3)
        wanted = "the list price of a unit, which the tier takes off from"
        assert caught.value.problems == (Problem("list_price", "missing", None, wanted),)
        assert str(caught.value).startswith("charge of a scale")


def test_packages_taken_back_are_counted_as_those_sold() -> None:
    def packages(partial: str, quantity: int) -> Decimal:
        tiers = [Tier(package_size=10, package_amount=100)]
        scale = Scale(scale_type="package", partial_package=partial, tiers=tiers)
        return charged(scale, quantity, reached=50).charged_quantity

    assert [packages("full", quantity) for quantity in (-11, -10, 10, 11)] == [-2, -1, 1, 2]
    assert [packages("none", quantity) for quantity in (-19, 19)] == [-1, 1]


def test_packages_are_counted_exactly_and_never_beyond_34_digits() -> None:
    tier = Tier(package_size="0.1", package_amount=1)
    scale = Scale(scale_type="package", tiers=[tier])

    assert amount(scale, "0.3") == 3
    assert amount(scale, "0.3000000000000000000000000000000001") == 4
    with pytest.raises(OutOfRange):
        scale.charge(D("9e33"))


@pytest.mark.parametrize(
    ("conventions", "step", "expected"),
    [
        # the smallest multiples that reach 1 and 10
        ({}, "1", [1, 10]),
        ({}, "4", [4, 12]),
        ({}, "2.5", ["2.5", 10]),
        ({"boundary": "upper_inclusive"}, "1", [2, 11]),
        ({"boundary": "upper_inclusive"}, "5", [5, 15]),
        ({"scale_type": "graduated"}, "1", [2, 11]),
        ({"scale_type": "graduated", "counting": "units"}, "1", [1, 10]),
        ({"scale_type": "graduated", "counting": "units"}, "4", [4, 12]),
        # 20 is beyond both tiers
        ({}, "20", []),
        ({"scale_type": "graduated"}, "20", [20, 20]),
    ],
)
def test_the_first_multiple_of_a_step_in_each_tier(
    conventions: dict[str, Any], step: str, expected: list[Any]
) -> None:
    scale = Scale(tiers=NINE, **conventions)

    assert [first for _, first in scale.firsts(D(step))] == [D(one) for one in expected]


def test_a_tier_that_holds_nothing_is_reached_by_no_step() -> None:
    empty = [
        Tier(upper=5, unit_amount=3),
        Tier(lower=5, upper=5, unit_amount=2),
        Tier(lower=5, unit_amount=1),
    ]
    scale = Scale(scale_type="graduated", tiers=empty)

    assert [band.index for band, _ in scale.firsts(D(1))] == [0, 2]


def test_the_next_break_takes_what_is_counted_together_and_the_list_price() -> None:
    percent = Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(10))])
    hint = percent.next_break(4, reached=7, list_price=100)
    assert hint is not None
    assert hint.charge is not None
    # 7 x 90 - 4 x 100
    assert (hint.tier, hint.reached, hint.more, hint.charge.amount, hint.change) == (
        1,
        D(10),
        D(3),
        D(630),
        D(230),
    )

    flat = Scale(tiers=[Tier(unit_amount=10, flat_amount=7), Tier(lower=10, unit_amount=8, flat_amount=20)])
    hint = flat.next_break(2, basis=4, reached=8)
    assert hint is not None
    assert hint.charge is not None
    # 4 x 8 + 20 x 6/10 = 44, less 2 x 10 + 7 x 4/8 = 23.5
    assert (hint.charge.amount, hint.change) == (D(44), D("20.5"))
    assert str(hint) == "2 more reach tier 1 at 10: 44"


def test_the_next_break_on_another_basis_says_only_what_must_be_reached() -> None:
    scale = Scale(basis="weight", tiers=[Tier(unit_amount=3), Tier(lower=10, unit_amount=2)])

    hint = scale.next_break(2, basis=4)

    assert hint is not None
    assert (hint.charge, hint.change, str(hint)) == (None, None, "6 more reach tier 1 at 10")
    assert scale.next_break(2, basis=10) is None


def test_the_next_break_beyond_a_gap_has_no_charge() -> None:
    scale = Scale(scale_type="graduated", tiers=[Tier(upper=5, unit_amount=3), Tier(lower=8, unit_amount=2)])

    hint = scale.next_break(3)

    assert hint is not None
    assert (hint.reached, hint.more, hint.charge, hint.change) == (D(9), D(6), None, None)


def test_the_next_break_from_where_there_is_no_price_has_no_change() -> None:
    hint = Scale(tiers=[Tier(lower=5, unit_amount=3)]).next_break(2, step="2.5")

    assert hint is not None
    assert hint.charge is not None
    assert (hint.reached, hint.more, hint.charge.amount, hint.change) == (D(5), D(3), D(15), None)


def test_cliffs_are_told_with_both_sides_and_only_where_the_total_falls() -> None:
    tiers = [Tier(unit_amount=10), Tier(lower=5, unit_amount=8), Tier(lower=6, percent=Percent(25))]
    scale = Scale(tiers=[*tiers, Tier(lower=20, percent=Percent(50))])

    # 4 x 10 and 5 x 8 are the same; 5 x 8 to 6 x 7.50 rises; 19 x 7.50 = 142.50 falls to 20 x 5
    assert [str(one) for one in scale.cliffs(list_price=10)] == ["19 cost 142.50, 20 cost 100.00"]
    # in fives: 15 x 7.50 = 112.50 and 20 x 5
    assert [str(one) for one in scale.cliffs(list_price=10, step=5)] == ["15 cost 112.50, 20 cost 100.00"]
    assert Scale(tiers=[Tier(unit_amount=3), Tier(lower=1, unit_amount=1)]).cliffs() == ()


def test_a_cliff_needs_a_price_on_both_sides() -> None:
    gap = Scale(
        tiers=[Tier(upper=5, unit_amount=9), Tier(lower=8, unit_amount=1), Tier(lower=9, unit_amount="0.5")]
    )

    assert [str(one) for one in gap.cliffs()] == ["8 cost 8, 9 cost 4.5"]


@pytest.mark.parametrize("step", [0, -1])
def test_a_step_that_leads_nowhere_is_refused(step: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        Scale(tiers=[Tier(unit_amount=1)]).cliffs(step=step)

    assert caught.value.problems == (Problem("step", "not_positive", str(step), "more than zero"),)
    assert str(caught.value).startswith("step of a scale")


_RATE = "a unit amount, a percentage, an amount off, a package or a flat amount"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, Problem("unit_amount", "missing", None, _RATE)),
        ({"unit_amount": 1, "lower": -1}, Problem("lower", "negative", "-1", "zero or more")),
        ({"unit_amount": 1, "upper": "-0.5"}, Problem("upper", "negative", "-0.5", "zero or more")),
        (
            {"unit_amount": 1, "overage_unit": 1, "overage_from": -2},
            Problem("overage_from", "negative", "-2", "zero or more"),
        ),
        ({"unit_amount": 1, "lower": 5, "upper": 4}, Problem("upper", "reversed", "4", "at least 5")),
        (
            {"unit_amount": 1, "percent": Percent(1)},
            Problem("percent", "one_of", "unit_amount and percent", "one of them"),
        ),
        (
            {"amount_off": 1, "package_size": 1, "package_amount": 1},
            Problem("package_amount", "one_of", "amount_off and package_amount", "one of them"),
        ),
        (
            {"package_size": 1, "flat_amount": 1},
            Problem("package_amount", "missing", None, "both the size and the amount of a package"),
        ),
        (
            {"package_amount": 1},
            Problem("package_size", "missing", None, "both the size and the amount of a package"),
        ),
        (
            {"package_size": 0, "package_amount": 1},
            Problem("package_size", "not_positive", "0", "more than zero"),
        ),
        (
            {"flat_amount": 1, "overage_from": 5},
            Problem("overage_unit", "missing", None, "what a unit beyond overage_from costs"),
        ),
    ],
)
def test_a_tier_says_what_is_wrong_with_it(fields: dict[str, Any], problem: Problem) -> None:
    with pytest.raises(InvalidInput) as caught:
        Tier(**fields)

    assert caught.value.problems == (problem,)
    assert str(caught.value).startswith("tier")


@pytest.mark.parametrize(
    "fields",
    [
        {"unit_amount": 0},
        {"flat_amount": 0},
        {"unit_amount": 1, "lower": 0, "upper": 0},
        {"unit_amount": 1, "lower": 5, "upper": 5},
        {"unit_amount": 1, "flat_amount": 2, "overage_unit": 3},
        {"unit_amount": 1, "overage_unit": 3, "overage_from": 0},
        {"package_size": "0.5", "package_amount": 1, "flat_amount": 3},
    ],
)
def test_what_a_tier_may_be(fields: dict[str, Any]) -> None:
    tier = Tier(**fields)

    assert {name: getattr(tier, name) for name in fields} == {name: D(fields[name]) for name in fields}


GAP = (Tier(upper=5, unit_amount=3), Tier(lower=8, unit_amount=2))


def test_a_line_on_top_has_parts_only_where_it_lies() -> None:
    on_top: dict[str, Any] = {"scale_type": "graduated", "standing": "on_top"}

    # the last 4 of 14 begin at the bound; the last 2 of 10 begin behind the gap
    assert [part.tier for part in charged(Scale(tiers=NINE_AND_MORE, **on_top), 4, reached=14).parts] == [1]
    assert amount(Scale(tiers=GAP, **on_top), 2, reached=10) == 4
    percent = Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(10))], **on_top)
    assert amount(percent, 4, reached=16, list_price=10) == 36


def test_a_tier_that_holds_nothing_charges_nothing() -> None:
    tiers = [
        Tier(upper=5, unit_amount=3),
        Tier(lower=5, upper=5, flat_amount=9),
        Tier(lower=5, unit_amount=1),
    ]

    assert amount(Scale(scale_type="graduated", tiers=tiers), 6) == 16


def test_no_units_of_what_others_reached_have_the_rate_of_the_tier_and_no_percentage() -> None:
    flat = Scale(scale_type="graduated", tiers=[Tier(unit_amount=3)])
    percent = Scale(
        scale_type="graduated", tiers=[Tier(percent=Percent(10)), Tier(lower=10, percent=Percent(20))]
    )

    assert charged(flat, 0, reached=5).unit_amount == 3
    assert charged(percent, 0, reached=40, list_price=100).percent_off == Percent(0)
    assert refused(Scale(scale_type="graduated", tiers=GAP), 7).found == 7


@pytest.mark.parametrize(
    ("conventions", "quantity", "points"),
    [
        ({}, 9, 5),
        ({}, 10, 8),
        ({"boundary": "upper_inclusive"}, 10, 5),
        # where more than the percentage of its tier decides, the way is that of every scale
        ({"scale_type": "graduated"}, 9, None),
        ({"basis": "value"}, 9, None),
        ({"aggregate_over": "document"}, 9, None),
        ({"currency": "EUR"}, 9, None),
        ({"tiers": [Tier(percent=Percent(5)), Tier(lower=10, percent=Percent(8), flat_amount=1)]}, 9, None),
        ({"tiers": [Tier(percent=Percent(5)), Tier(lower=10, unit_amount=8)]}, 9, None),
        ({"tiers": [Tier(amount_off=5), Tier(lower=10, percent=Percent(8))]}, 10, None),
        # and where no tier holds the quantity, there is none
        ({"tiers": [Tier(lower=3, percent=Percent(5))]}, 2, None),
    ],
)
def test_the_percentage_that_a_quantity_takes_off_by_its_tier_alone(
    conventions: dict[str, Any], quantity: int, points: int | None
) -> None:
    tiers = [Tier(percent=Percent(5)), Tier(lower=10, percent=Percent(8))]
    scale = Scale(**{"tiers": tiers, **conventions})

    assert scale.percent_off(D(quantity)) == (None if points is None else Percent(points))


def test_a_charge_in_one_tier_has_one_part_with_all_of_it() -> None:
    charge = charged(Scale(tiers=NINE_AND_MORE), 12)

    assert charge == Charge(D(84), D(12), D(7), 1, None, D(12))
    assert parts_of(charge) == [(1, 12, 84, 12)]


def test_no_units_of_what_others_reached_have_the_rate_of_their_tier() -> None:
    scale = Scale(tiers=[Tier(percent=Percent(0)), Tier(lower=5, percent=Percent(10))])

    charge = charged(scale, 0, reached=5, list_price=100)
    assert (charge.amount, charge.unit_amount, charge.tier) == (D(0), D(90), 1)


def test_what_is_charged_once_keeps_all_its_digits() -> None:
    once = D("8.537642368802707571772692370755295")  # of it times 7, the last digit is lost

    for scale_type in ("all_units", "graduated", "block"):
        scale = Scale(scale_type=scale_type, tiers=[Tier(flat_amount=once)])
        assert amount(scale, 7) == once
        assert amount(scale, 3, basis=7, reached=7) == once


def test_a_float_is_refused_with_the_place_where_it_stands() -> None:
    with pytest.raises(FloatRefused, match=r"^a number of a tier cannot be made from the float 0\.1"):
        Tier(unit_amount=0.1)  # type: ignore[arg-type]
    with pytest.raises(FloatRefused, match=r"^the free units of a scale cannot be made from the float 0\.1"):
        Scale(tiers=[Tier(unit_amount=1)], free_units=0.1)  # type: ignore[arg-type]


def test_a_refused_scale_is_called_so() -> None:
    with pytest.raises(InvalidInput, match=r"^scale has 1 problem"):
        Scale(tiers=[])


def test_an_overage_of_a_graduated_scale_is_a_part_without_anything_once() -> None:
    scale = Scale(
        scale_type="graduated",
        beyond_last="overage",
        tiers=[Tier(upper=10, unit_amount=2, flat_amount=5, overage_unit=3)],
    )

    # 10 x 2 and 5 once, then 4 x 3
    assert parts_of(charged(scale, 14)) == [(0, 10, 25, 10), (0, 4, 12, 4)]
    # half of all that is counted
    assert parts_of(charged(scale, 7, reached=14)) == [(0, 5, D("12.5"), 5), (0, 2, 6, 2)]
