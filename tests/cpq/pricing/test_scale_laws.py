"""Laws of scales, against an oracle in fractions that prices unit by unit."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing.scales.charge import Charge
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier

RATES = st.decimals(0, 1000, places=2)
BOUNDS = st.lists(st.integers(1, 30), min_size=1, max_size=4, unique=True).map(sorted)
QUANTITIES = st.decimals(0, 60, places=2)
UNITS = st.integers(1, 60)
BOUNDARIES = st.sampled_from(["lower_inclusive", "upper_inclusive", "both_inclusive"])


@st.composite
def scales(draw: st.DrawFn, scale_type: str, *, boundaries: st.SearchStrategy[str] = BOUNDARIES,
           flat: bool = False) -> Scale:  # fmt: skip
    """Scales without gaps, whose last tier never ends."""
    bounds = draw(BOUNDS)
    boundary = draw(boundaries)
    rates = [draw(RATES) for _ in range(len(bounds) + 1)]
    flats = [draw(RATES) if flat else None for _ in rates]
    uppers: list[int | None] = [*bounds, None]
    return Scale(
        scale_type=scale_type,
        boundary=boundary,
        counting="units",
        tiers=[
            Tier(upper=upper, unit_amount=rate, flat_amount=once)
            for upper, rate, once in zip(uppers, rates, flats, strict=True)
        ],
    )


def charge(scale: Scale, quantity: Decimal | int, **more: Decimal | int) -> Charge:
    found = scale.charge(quantity, **more)
    assert isinstance(found, Charge)
    return found


def rate_of(scale: Scale, unit: Fraction | int) -> Fraction:
    """The rate of the tier that holds a number, by the words of the boundary."""
    lower = Fraction(0)
    for tier in scale.tiers:
        upper = None if tier.upper is None else Fraction(tier.upper)
        if upper is None or (unit < upper if scale.boundary == "lower_inclusive" else unit <= upper):
            assert tier.unit_amount is not None
            return Fraction(tier.unit_amount)
        lower = upper
    raise AssertionError(lower)


@given(scales("graduated"), UNITS)
def test_a_graduated_amount_is_that_of_its_units_one_by_one(scale: Scale, units: int) -> None:
    expected = sum(rate_of(scale, unit) for unit in range(1, units + 1))

    assert Fraction(charge(scale, units).amount) == expected


@given(scales("all_units"), UNITS)
def test_an_all_units_amount_is_the_quantity_at_the_rate_of_its_tier(scale: Scale, units: int) -> None:
    assert Fraction(charge(scale, units).amount) == units * rate_of(scale, units)


@given(scales("all_units", boundaries=st.sampled_from(["lower_inclusive", "upper_inclusive"])), QUANTITIES)
def test_any_quantity_is_in_the_tier_that_its_boundary_names(scale: Scale, quantity: Decimal) -> None:
    assert Fraction(charge(scale, quantity).amount) == Fraction(quantity) * rate_of(scale, Fraction(quantity))


@given(scales("graduated", flat=True), QUANTITIES)
def test_parts_add_up_to_amount_and_quantity(scale: Scale, quantity: Decimal) -> None:
    found = charge(scale, quantity)

    assert sum(Fraction(part.amount) for part in found.parts) == Fraction(found.amount)
    assert sum(Fraction(part.quantity) for part in found.parts) == Fraction(quantity)
    tiers = [part.tier for part in found.parts if part.tier is not None]
    assert len(tiers) == len(found.parts) == len(set(tiers))
    assert tiers == sorted(tiers)


@given(scales("graduated"), QUANTITIES, st.decimals(0, 5, places=2))
def test_a_graduated_total_rises_steadily(scale: Scale, quantity: Decimal, more: Decimal) -> None:
    rise = charge(scale, quantity + more).amount - charge(scale, quantity).amount

    rates = [tier.unit_amount or 0 for tier in scale.tiers]
    assert more * min(rates) <= rise <= more * max(rates)


@given(scales("graduated", flat=True), st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_splitting_a_quantity_never_changes_the_total_of_what_comes_on_top(
    scale: Scale, pieces: list[int]
) -> None:
    on_top = Scale(
        scale_type=scale.scale_type,
        boundary=scale.boundary,
        counting=scale.counting,
        standing="on_top",
        tiers=scale.tiers,
    )
    total, so_far = Fraction(0), 0
    for piece in pieces:
        so_far += piece
        total += Fraction(charge(on_top, piece, reached=so_far).amount)

    assert total == Fraction(charge(scale, so_far).amount)


@given(scales("graduated"), st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_shares_of_an_aggregate_add_up_to_its_amount(scale: Scale, pieces: list[int]) -> None:
    total = sum(pieces)

    shares = sum(Fraction(charge(scale, piece, reached=total).amount) for piece in pieces)

    whole = Fraction(charge(scale, total).amount)
    assert abs(shares - whole) <= whole / 10**30


@given(scales("graduated"))
def test_a_graduated_scale_has_no_cliffs_and_no_quantity_in_two_tiers(scale: Scale) -> None:
    assert scale.cliffs() == ()
    for one, other in pairwise(scale.bands):
        assert one.end == other.start


@given(BOUNDS, st.lists(st.integers(0, 100), min_size=5, max_size=5), RATES, UNITS)
def test_percentages_of_a_graduated_scale_average_to_what_is_taken_off(
    bounds: list[int], points: list[int], price: Decimal, units: int
) -> None:
    scale = Scale(
        scale_type="graduated",
        boundary="upper_inclusive",
        tiers=[
            Tier(upper=upper, percent=Percent(percent))
            for upper, percent in zip([*bounds, None], points, strict=False)
        ],
    )
    uppers = [*bounds, 10**9]
    off = [
        next(p for p, upper in zip(points, uppers, strict=False) if unit <= upper)
        for unit in range(1, units + 1)
    ]

    found = charge(scale, units, list_price=price)

    assert Fraction(found.amount) == sum(Fraction(price) * (100 - p) / 100 for p in off)
    assert found.percent_off is not None
    assert abs(Fraction(found.percent_off.points) - Fraction(sum(off), units)) < Fraction(1, 10**30)


@given(st.integers(1, 20), st.integers(0, 30), QUANTITIES)
def test_started_packages_are_the_smallest_number_that_holds_the_units(
    size: int, free: int, quantity: Decimal
) -> None:
    scale = Scale(
        scale_type="package",
        free_units=free,
        tiers=[Tier(package_size=size, package_amount=3)],
    )

    packages = charge(scale, quantity).amount / 3

    assert packages * size >= quantity - free
    assert packages == 0 or (packages - 1) * size < quantity - free


@given(scales("all_units"), st.decimals("0.01", 60, places=2))
def test_the_short_way_to_a_percentage_is_that_of_the_charge(scale: Scale, quantity: Decimal) -> None:
    percents = attrs.evolve(
        scale,
        tiers=[
            Tier(upper=tier.upper, percent=Percent(place)) for place, tier in enumerate(scale.tiers, start=1)
        ],
    )
    found = percents.charge(quantity, list_price=100)
    assert percents.percent_off(quantity) == (found.percent_off if isinstance(found, Charge) else None)
    if isinstance(found, Charge):
        assert found.percent_off is not None
        assert found.amount == quantity * (100 - found.percent_off.points)


@pytest.mark.parametrize(
    "more",
    [
        {"scale_type": "graduated"},
        {"basis": "value"},
        {"aggregate_over": "document"},
        {"currency": "EUR"},
        {"tiers": [Tier(percent=Percent(5), flat_amount=1)]},
        {"tiers": [Tier(unit_amount=5)]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_more_than_the_percentage_of_the_own_tier_decides_has_no_short_way(more: dict[str, Any]) -> None:
    scale = Scale(**{"tiers": [Tier(percent=Percent(5))], **more})
    assert Scale(tiers=[Tier(percent=Percent(5))]).percent_off(Decimal(2)) == Percent(5)
    assert scale.percent_off(Decimal(2)) is None
