from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import TierRecord
from salesmgmt.cpq.pricing.scales.index import ScaleIndex, TierScale


def _tier(lower: int, upper: int | None = None, *, product: str = "dock", family: str = "") -> TierRecord:
    return TierRecord(
        id=f"{product or family} {lower}",
        product=product,
        family=family,
        lower=Decimal(lower),
        upper=None if upper is None else Decimal(upper),
        percent=Percent(lower),
    )


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("0.5", None), ("1", 1), ("9.99", 1), ("10", 10), ("49", 10), ("50", None), ("60", 60), ("1000", 60)],
)
def test_a_tier_begins_at_its_lower_limit_and_ends_before_its_upper(
    quantity: str, expected: int | None
) -> None:
    scale = TierScale.of([_tier(60), _tier(10, 50), _tier(1)])

    tier = scale.tier(Decimal(quantity))

    assert (None if tier is None else tier.lower) == expected


def test_a_quantity_is_cut_at_the_limits_counted_from_zero() -> None:
    scale = TierScale.of([_tier(0), _tier(10, 50), _tier(60)])

    parts = [(int(tier.lower), part) for tier, part in scale.parts(Decimal("65.5"))]

    # 0 to 10, 10 to 50, nothing between 50 and 60, 60 to 65.5
    assert parts == [(0, Decimal(10)), (10, Decimal(40)), (60, Decimal("5.5"))]


@given(st.sets(st.integers(1, 50), max_size=6), st.decimals(0, 60, places=2))
def test_the_parts_of_a_scale_without_gaps_add_up_to_the_quantity(
    lowers: set[int], quantity: Decimal
) -> None:
    scale = TierScale.of([_tier(lower) for lower in {0, *lowers}])

    assert sum(part for _, part in scale.parts(quantity)) == quantity


def test_the_scale_of_the_product_comes_before_that_of_its_family() -> None:
    index = ScaleIndex([_tier(1), _tier(2, product="", family="accessories")])

    def lower(product: str, family: str) -> Decimal | None:
        scale = index.find(product, family, "CNY")
        return None if scale is None else scale.tiers[0][0].lower

    assert lower("dock", "accessories") == 1
    assert lower("lamp", "accessories") == 2
    assert lower("lamp", "") is None
