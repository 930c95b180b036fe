"""What scales charge. Amounts are worked out by hand beside each example, or come from the named public source."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from salesmgmt.core.definition import load_definition, parse_definition
from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.exact import NotANumber
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales.charge import Charge, OutOfScale
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

D = Decimal


def charged(scale: Scale, quantity: Any, **more: Any) -> Charge:
    charge = scale.charge(quantity, **more)
    assert isinstance(charge, Charge), charge
    return charge


def amount(scale: Scale, quantity: Any, **more: Any) -> Decimal | None:
    charge = scale.charge(quantity, **more)
    return charge.amount if isinstance(charge, Charge) else None


def up_to(*bounds_and_rates: tuple[Any, Any], **more: Any) -> Scale:
    tiers = [Tier(upper=bound, unit_amount=rate) for bound, rate in bounds_and_rates]
    return Scale(tiers=tiers, **{"boundary": "upper_inclusive", **more})


# The example of Stripe's page on tiered pricing: 1-5 at 7, 6-10 at 6.50, 11 and more at 6.
STRIPE = ((5, 7), (10, "6.5"), (None, 6))


@pytest.mark.parametrize(
    ("quantity", "volume", "graduated"),
    [(1, 7, 7), (5, 35, 35), (6, 39, "41.5"), (10, 65, "67.5"), (20, 120, "127.5"), (25, 150, "157.5")],
)
def test_volume_and_graduated_prices_of_the_same_tiers(quantity: int, volume: Any, graduated: Any) -> None:
    assert amount(up_to(*STRIPE), quantity) == D(volume)
    assert amount(up_to(*STRIPE, scale_type="graduated"), quantity) == D(graduated)


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        # tiers 0..10 at 3 and 10..20 at 2, asked at 9.5, 10 and 20
        ("lower_inclusive", ["28.5", "20", None]),
        ("upper_inclusive", ["28.5", "30", "40"]),
    ],
)
def test_the_boundary_decides_to_which_tier_a_bound_belongs(
    boundary: str, expected: list[str | None]
) -> None:
    scale = Scale(boundary=boundary, tiers=[Tier(upper=10, unit_amount=3), Tier(upper=20, unit_amount=2)])

    assert [amount(scale, q) for q in ("9.5", 10, 20)] == [None if e is None else D(e) for e in expected]


def test_tiers_that_name_whole_units_hold_both_bounds_and_nothing_between() -> None:
    scale = Scale(
        boundary="both_inclusive",
        tiers=[Tier(lower=1, upper=9, unit_amount=10), Tier(lower=10, upper=19, unit_amount=8)],
    )

    assert [amount(scale, q) for q in (1, 9, "9.5", 10, 19, 20)] == [10, 90, None, 80, 152, None]


def test_bounds_that_are_left_out_are_those_of_the_neighbours() -> None:
    by_lower = Scale(tiers=[Tier(unit_amount=3), Tier(lower=10, unit_amount=2)])
    by_upper = Scale(tiers=[Tier(upper=10, unit_amount=3), Tier(unit_amount=2)])
    whole_units = Scale(boundary="both_inclusive", tiers=[Tier(upper=9, unit_amount=3), Tier(unit_amount=2)])

    for quantity in (1, 9, 10, 500):
        assert amount(by_lower, quantity) == amount(by_upper, quantity) == amount(whole_units, quantity)


@pytest.mark.parametrize(
    ("policy", "quantity", "volume", "graduated"),
    [
        ("nothing", 0, 0, 0),
        ("first_tier", 0, 2, 2),
        # 10 x 10 + 2 = 102; 11 x 5 + 3 = 58 and 102 + (5 + 3) = 110
        ("nothing", 10, 102, 102),
        ("first_tier", 11, 58, 110),
    ],
)
def test_a_flat_amount_is_charged_once_a_tier_is_entered(
    policy: str, quantity: int, volume: int, graduated: int
) -> None:
    tiers = [Tier(upper=10, unit_amount=10, flat_amount=2), Tier(unit_amount=5, flat_amount=3)]
    conventions: dict[str, Any] = {"boundary": "upper_inclusive", "zero_quantity": policy, "tiers": tiers}

    assert amount(Scale(**conventions), quantity) == volume
    assert amount(Scale(scale_type="graduated", **conventions), quantity) == graduated


def test_zero_that_enters_no_tier_has_no_parts() -> None:
    charge = charged(up_to((10, 7)), 0)

    assert (charge.amount, charge.charged_quantity) == (D(0), D(0))
    assert (charge.tier, charge.parts) == (None, ())


@pytest.mark.parametrize(
    ("policy", "volume", "graduated"),
    [("no_price", None, None), ("last_tier", 24, 34), ("overage", 29, 39)],
)
def test_beyond_the_last_tier(policy: str, volume: int | None, graduated: int | None) -> None:
    tiers = [Tier(upper=10, unit_amount=3), Tier(upper=11, unit_amount=2, overage_unit=7)]
    conventions: dict[str, Any] = {"boundary": "upper_inclusive", "beyond_last": policy, "tiers": tiers}

    # 12 units. Last tier: 12 x 2 = 24; 30 + 2 x 2 = 34. Overage: 11 x 2 + 7 = 29; 30 + 2 + 7 = 39.
    assert amount(Scale(**conventions), 12) == volume
    assert amount(Scale(scale_type="graduated", **conventions), 12) == graduated


def test_overage_is_a_part_of_the_last_tier() -> None:
    scale = Scale(
        boundary="upper_inclusive",
        beyond_last="overage",
        tiers=[Tier(upper=10, unit_amount=3, flat_amount=1, overage_unit=5)],
    )

    charge = charged(scale, 12)

    assert [(part.tier, part.quantity, part.amount) for part in charge.parts] == [
        (0, D(10), D(31)),
        (0, D(2), D(10)),
    ]
    assert charge.amount == 41


def test_no_overage_is_charged_at_the_end_itself() -> None:
    scale = Scale(beyond_last="overage", tiers=[Tier(upper=10, unit_amount=3, overage_unit=5)])

    assert len(charged(scale, 10).parts) == 1
    assert [amount(scale, q) for q in (9, 10, 11)] == [27, 30, 35]


def test_lines_that_go_beyond_the_last_tier_together_share_the_overage() -> None:
    # 12 units: 10 x 3 + 2 x 6 = 42; the line of 4 bears a third
    for scale_type in ("all_units", "graduated"):
        scale = Scale(
            scale_type=scale_type,
            beyond_last="overage",
            boundary="upper_inclusive",
            tiers=[Tier(upper=10, unit_amount=3, overage_unit=6)],
        )
        found = amount(scale, 4, reached=12)
        assert found is not None
        assert abs(found - 14) < D("1e-30")


def test_what_no_tier_holds_has_no_price_and_says_where_there_is_one() -> None:
    scale = Scale(tiers=[Tier(lower=5, upper=10, unit_amount=3), Tier(lower=20, upper=30, unit_amount=2)])

    assert [amount(scale, q) for q in (4, 5, 10, 15, 20, 30, -1)] == [None, 15, None, None, 40, None, None]
    refusal = scale.charge(15)
    assert isinstance(refusal, OutOfScale)
    assert (refusal.code, refusal.found) == ("no_price", D(15))
    assert refusal.wanted == "from 5 to below 10 or from 20 to below 30"


def test_a_schedule_of_discounts_gives_none_outside_its_tiers() -> None:
    tiers = [Tier(lower=10, upper=20, percent=Percent(10))]
    ranged = Scale(uncovered="list_price", tiers=tiers)
    slab = Scale(uncovered="list_price", scale_type="graduated", counting="units", tiers=tiers)

    assert [amount(ranged, q, list_price=2) for q in (9, 10, 20)] == [18, 18, 40]
    # units 10 to 19 at 1.80: 9 x 2 + 10 x 1.8 + 6 x 2
    charge = charged(slab, 25, list_price=2)
    assert charge.amount == 48
    assert [(part.tier, part.quantity) for part in charge.parts] == [(None, D(9)), (0, D(10)), (None, D(6))]
    below = [charged(scale, 5, list_price=2) for scale in (ranged, slab)]
    assert [(one.amount, one.unit_amount, one.percent_off) for one in below] == [
        (D(10), D(2), Percent(0))
    ] * 2


def test_a_percentage_and_an_amount_come_off_the_list_price() -> None:
    scale = Scale(
        tiers=[Tier(percent=Percent(0)), Tier(lower=10, percent=Percent(5)), Tier(lower=50, amount_off="7.5")]
    )

    assert amount(scale, 9, list_price="99.99") == D("899.91")
    assert amount(scale, 10, list_price="99.99") == D("949.9050")
    assert amount(scale, 50, list_price="99.99") == D("4624.5")
    assert charged(scale, 10, list_price=100).percent_off == Percent(5)
    assert charged(scale, 50, list_price=100).percent_off is None
    assert charged(scale, 50, list_price=100).unit_amount == D("92.5")


def test_a_graduated_percentage_is_reported_as_its_average() -> None:
    # Salesforce's slab: units 1-10 at list, 11-20 less 5 %. 20 x 100 less 10 x 5 = 1950, which is 2.5 % off.
    scale = Scale(
        scale_type="graduated",
        counting="units",
        tiers=[Tier(lower=1, upper=11, percent=Percent(0)), Tier(lower=11, percent=Percent(5))],
    )

    charge = charged(scale, 20, list_price=100)

    assert (charge.amount, charge.percent_off, charge.unit_amount) == (D(1950), Percent("2.5"), D("97.5"))


@pytest.mark.parametrize(
    ("counting", "lower", "expected"),
    [("units", 1, [9, 16]), ("measure", 0, [10, 15])],
)
def test_a_lower_bound_is_the_number_of_a_unit_or_a_point_of_a_measure(
    counting: str, lower: int, expected: list[int]
) -> None:
    tiers = [Tier(lower=lower, unit_amount=1), Tier(lower=10, unit_amount=1)]
    scale = Scale(scale_type="graduated", counting=counting, tiers=tiers)

    assert [part.quantity for part in charged(scale, 25).parts] == expected


@pytest.mark.parametrize(
    ("quantity", "total"),
    # SteelBrick's block pricing: price of the block plus (quantity - minimum of the block) x overage rate.
    [(1, 100), (4, 100), (5, 130), (10, 130), (11, 200), (14, 221)],
)
def test_a_block_is_one_price_for_the_line(quantity: int, total: int) -> None:
    scale = Scale(
        scale_type="block",
        tiers=[
            Tier(lower=1, upper=5, flat_amount=100),
            Tier(lower=5, upper=11, flat_amount=130),
            Tier(lower=11, flat_amount=200, overage_unit=7),
        ],
    )

    charge = charged(scale, quantity)

    assert [charge.amount, charge.charged_quantity, charge.parts[0].quantity] == [total, 1, quantity]


def test_overage_of_a_block_begins_where_it_is_said_to_or_at_its_end() -> None:
    named = Scale(scale_type="block", tiers=[Tier(lower=1, flat_amount=50, overage_unit=2, overage_from=20)])
    at_end = Scale(
        scale_type="block",
        boundary="upper_inclusive",
        beyond_last="overage",
        tiers=[Tier(upper=20, flat_amount=50, overage_unit=2)],
    )

    for scale in (named, at_end):
        assert [amount(scale, q) for q in (1, 20, 21, 25)] == [50, 50, 52, 60]


@pytest.mark.parametrize(
    ("partial", "expected"),
    # packages of 10 at 100, quantities 0, 1, 10, 11, 121
    [
        ("full", [0, 100, 100, 200, 1300]),
        ("prorated", [0, 10, 100, 110, 1210]),
        ("none", [0, 0, 100, 100, 1200]),
    ],
)
def test_packages(partial: str, expected: list[int]) -> None:
    scale = Scale(
        scale_type="package", partial_package=partial, tiers=[Tier(package_size=10, package_amount=100)]
    )

    assert [amount(scale, q) for q in (0, 1, 10, 11, 121)] == expected


def test_free_units_come_off_before_packages_are_counted() -> None:
    scale = Scale(scale_type="package", free_units=10, tiers=[Tier(package_size=10, package_amount=100)])

    assert [amount(scale, q) for q in (9, 10, 11, 20, 21)] == [0, 0, 100, 100, 200]
    assert charged(scale, 21).charged_quantity == 2


def test_started_packages_are_counted_in_each_graduated_tier() -> None:
    # Kill Bill's test of tiered consumable usage: 1000 / 100 = 10 blocks, then 4325 / 1000 = 5 started ones.
    scale = Scale(
        scale_type="graduated",
        boundary="upper_inclusive",
        tiers=[
            Tier(upper=1000, package_size=100, package_amount=1),
            Tier(upper=101000, package_size=1000, package_amount=1),
        ],
    )

    assert [part.amount for part in charged(scale, 5325).parts] == [10, 5]


def test_the_tier_is_that_of_all_that_is_counted_together() -> None:
    scale = Scale(tiers=[Tier(unit_amount=10), Tier(lower=10, unit_amount=8, flat_amount=6)])

    # three lines of 2, 4 and 6 units are 12: all at 8, and the flat amount once
    shares = [amount(scale, q, reached=12) for q in (2, 4, 6)]
    assert shares == [17, 34, 51]
    assert sum(share or 0 for share in shares) == amount(scale, 12)


def test_units_of_a_graduated_aggregate_are_mixed_or_come_last() -> None:
    tiers = [Tier(unit_amount=10, flat_amount=4), Tier(lower=10, unit_amount=7, flat_amount=6)]
    mixed = Scale(scale_type="graduated", tiers=tiers)
    on_top = Scale(scale_type="graduated", standing="on_top", tiers=tiers)

    # 16 units are 104 + 48 = 152; a quarter is 38. The last 4 of 16 are at 7; the last 8 take in the bound at 10.
    assert amount(mixed, 4, reached=16) == 38
    assert amount(on_top, 4, reached=16) == 28
    assert amount(on_top, 8, reached=16) == 2 * 10 + 6 * 7 + 6
    assert isinstance(on_top.charge(5, reached=4), OutOfScale)


def test_another_basis_decides_the_tier_and_units_are_charged() -> None:
    # Weight decides what a piece costs: up to 100 kg 5, above 4.
    scale = Scale(
        basis="weight",
        boundary="upper_inclusive",
        tiers=[Tier(upper=100, unit_amount=5), Tier(unit_amount=4)],
    )

    assert amount(scale, 3, basis=90) == 15
    assert amount(scale, 3, basis=90, reached=120) == 12


def test_a_basis_of_zero_does_not_make_units_free() -> None:
    tiers = [Tier(unit_amount=5), Tier(lower=10, unit_amount=4)]

    assert amount(Scale(basis="weight", tiers=tiers), 3, basis=0) == 15
    assert amount(Scale(basis="weight", boundary="upper_inclusive", tiers=tiers), 3, basis=0) is None


def test_a_return_is_charged_back_at_the_tier_of_the_whole() -> None:
    scale = up_to((5, 7), (None, 6))

    assert amount(scale, -2, reached=8) == -12


def test_a_price_that_rises_with_the_quantity_is_legal() -> None:
    assert [amount(up_to((5, 10), (None, 12)), q) for q in (5, 6)] == [50, 72]


def test_digits_are_kept() -> None:
    charge = charged(up_to((None, "0.000123456789")), "98765.4321")

    assert charge.amount == D("98765.4321") * D("0.000123456789")


def test_a_unit_costs_the_average_when_more_than_a_rate_decides() -> None:
    assert charged(up_to(*STRIPE), 6).unit_amount == D("6.5")
    assert charged(up_to(*STRIPE, scale_type="graduated"), 20).unit_amount == D("6.375")
    flat = Scale(tiers=[Tier(unit_amount=2, flat_amount=10)])
    # Lago's test of volume charges: 1 unit costs 12, 100 units 2.10 each
    assert [charged(flat, q).unit_amount for q in (1, 100)] == [12, D("2.1")]
    assert charged(Scale(zero_quantity="first_tier", tiers=flat.tiers), 0).unit_amount is None


def test_a_scale_is_read_from_toml_and_refused_with_paths(tmp_path: Path) -> None:
    file = tmp_path / "scale.toml"
    file.write_text(
        """
id = "seats"
scale_type = "graduated"
boundary = "upper_inclusive"
currency = "EUR"
tiers = [
  { upper = 5, unit_amount = 7 },
  { upper = 10, unit_amount = 6.50, flat_amount = "3" },
  { percent = "12.5%" },
]
"""
    )

    scale = load_definition(file, Scale)

    # 35 + (5 x 6.50 + 3) + 2 x 7.00
    assert amount(scale, 12, list_price=8) == D("84.5")
    assert scale == load_definition(file, Scale)
    with pytest.raises(InvalidInput) as refused:
        parse_definition('tiers = [{ uper = 5, unit_amount = "seven" }]\nboundary = "upper"', Scale, what="s")
    paths = [problem.path for problem in refused.value.problems]
    assert "boundary" in paths
    assert "tiers[0].unit_amount" in paths


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"tiers": []}, "tiers"),
        ({"tiers": [Tier(lower=9, unit_amount=1), Tier(lower=5, unit_amount=1)]}, "tiers[1].lower"),
        ({"tiers": [Tier(unit_amount=1), Tier(upper=5, unit_amount=1)]}, "tiers[1].lower"),
        ({"tiers": [Tier(upper=9, unit_amount=1), Tier(upper=5, unit_amount=1)]}, "tiers[1].upper"),
        ({"tiers": [Tier(unit_amount=1)], "scale_type": "package"}, "tiers[0].package_size"),
        ({"tiers": [Tier(unit_amount=1)], "scale_type": "block"}, "tiers[0].flat_amount"),
        ({"tiers": [Tier(upper=3, unit_amount=1)], "beyond_last": "overage"}, "tiers[0].overage_unit"),
        ({"tiers": [Tier(unit_amount=1)], "free_units": 3}, "free_units"),
        ({"tiers": [Tier(unit_amount=1)], "free_units": -3}, "free_units"),
        ({"tiers": [Tier(unit_amount=1)], "basis": "attribute"}, "attribute"),
        ({"tiers": [Tier(unit_amount=1)], "attribute": "length"}, "attribute"),
        ({"tiers": [Tier(unit_amount=1, overage_unit=1, overage_from=3)]}, "tiers[0].overage_from"),
    ],
)
def test_tiers_that_are_no_scale_are_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Scale(**fields)

    assert path in [problem.path for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "unit_amount"),
        ({"unit_amount": 1, "percent": Percent(1)}, "percent"),
        ({"amount_off": 1, "package_size": 1, "package_amount": 1}, "package_amount"),
        ({"package_size": 1, "unit_amount": 1}, "package_amount"),
        ({"package_amount": 1}, "package_size"),
        ({"package_size": 0, "package_amount": 1}, "package_size"),
        ({"unit_amount": 1, "lower": -1}, "lower"),
        ({"unit_amount": 1, "lower": 5, "upper": 4}, "upper"),
        ({"flat_amount": 1, "overage_from": 5}, "overage_unit"),
    ],
)
def test_a_tier_that_cannot_charge_is_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Tier(**fields)

    assert path in [problem.path for problem in refused.value.problems]


def test_hostile_numbers_are_refused() -> None:
    scale = up_to((None, 7))

    with pytest.raises(FloatRefused):
        scale.charge(0.1)  # type: ignore[arg-type]
    with pytest.raises(FloatRefused):
        Tier(unit_amount=0.1)  # type: ignore[arg-type]
    for wrong in ("NaN", "1e5", "", "1,5", D("Infinity")):
        with pytest.raises(NotANumber):
            scale.charge(wrong)
    with pytest.raises(InvalidInput, match="list_price"):
        Scale(tiers=[Tier(percent=Percent(5))]).charge(3)
