"""What presets with tiers and promotions make of documents, through `Pricer.price`.

Expected values are those of the documentation and tests of each system (the comment names the acceptance case, or the
page), or are reckoned by hand from the documented rule; the arithmetic stands beside them.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Line,
    PriceList,
    PriceRule,
)
from salesmgmt.cpq.pricing.presets import preset
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    BuyGet,
    LineFilter,
    PercentOff,
    PromotionCondition,
    Trigger,
)
from salesmgmt.cpq.pricing.scales.tier import Tier
from tests.cpq.pricing.a_preset import amounts, listed, price, promotion, record, tiered, usd

SEATS = [Tier(upper=5, unit_amount=7), Tier(upper=10, unit_amount="6.5"), Tier(unit_amount=6)]


@pytest.mark.parametrize(
    ("scale_type", "tiers", "quantity", "expected"),
    [
        # stripe-vol-002, -003, -006.
        ("all_units", SEATS, 5, "35.00"),
        ("all_units", SEATS, 6, "39.00"),
        ("all_units", SEATS, 10, "65.00"),
        # stripe-grad-004: 5 x 7 + 5 x 6.50 + 10 x 6.
        ("graduated", SEATS, 20, "127.50"),
        # lago-grad-006: 100 + 2, 50 + 3, 5 + 3.
        (
            "graduated",
            [
                Tier(upper=10, unit_amount=10, flat_amount=2),
                Tier(upper=20, unit_amount=5, flat_amount=3),
                Tier(unit_amount=5, flat_amount=3),
            ],
            21,
            "163.00",
        ),
        # lago-vol-009, autumn-001: a unit has more decimals than a cent, the line is rounded.
        (
            "all_units",
            [
                Tier(upper=10000, unit_amount="0.0010", flat_amount=10),
                Tier(upper=100000, unit_amount="0.0006", flat_amount=10),
                Tier(unit_amount="0.0004", flat_amount=10),
            ],
            65000,
            "49.00",
        ),
        (
            "graduated",
            [
                Tier(upper=1000, unit_amount="0.01"),
                Tier(upper=10000, unit_amount="0.008"),
                Tier(unit_amount="0.005"),
            ],
            15000,
            "107.00",
        ),
        # 0.125 a unit, three of them: 0.375, rounded half up once.
        ("all_units", [Tier(unit_amount="0.125")], 3, "0.38"),
    ],
)
def test_stripe_tiers(scale_type: str, tiers: list[Tier], quantity: int, expected: str) -> None:
    conditions = [tiered("stripe", tiers, scale_type, "price")]

    assert price("stripe", [Line("p", quantity)], conditions=conditions).total == usd(expected)


def test_stripe_a_quantity_of_zero_enters_the_first_tier() -> None:
    # lago-grad-001: the flat amount of 2 is charged. A request has no lines of zero, so the scale itself is asked.
    tiers = [Tier(upper=10, unit_amount=10, flat_amount=2), Tier(unit_amount=5)]
    charges = {
        name: getattr(
            preset(name).scales.scale(tiers=tiers, scale_type="graduated").charge(0), "amount", None
        )
        for name in ("stripe", "salesforce")
    }

    assert charges == {"stripe": Decimal(2), "salesforce": Decimal(0)}


def test_stripe_discounts_apply_in_their_order_to_what_is_left() -> None:
    # 100 - 20 % - 5 = 75; in the other order 100 - 5 - 19 = 76.
    fifth, five = promotion("20%", PercentOff(percent=Percent(20))), promotion("5", AmountOff(amount=usd(5)))
    flat = record("price", key={"line.product": "p"}, amount=usd(100))

    assert price("stripe", [Line("p", 1)], conditions=[flat], promotions=[fifth, five]).total == usd(75)
    assert price("stripe", [Line("p", 1)], conditions=[flat], promotions=[five, fifth]).total == usd(76)


SHOPS = ("medusa", "oscar", "saleor", "solidus", "vendure")


@pytest.mark.parametrize("name", SHOPS)
def test_shops_test_minimums_on_the_undiscounted_document(name: str) -> None:
    # 165 reaches 100 for both codes; the second takes the 65 that are left, and no more.
    codes = [
        promotion(
            code,
            AmountOff(amount=usd(100)),
            trigger=Trigger.CODE,
            codes=(code,),
            condition=PromotionCondition(min_amount=usd(100)),
        )
        for code in ("first", "second")
    ]
    handed_in = {"codes": ["first", "second"]}

    priced = price(name, [Line("p", 10)], handed_in, prices=listed(p="16.50"), promotions=codes)

    assert priced.total == usd(0)
    assert priced.not_applied == ()


@pytest.mark.parametrize("name", SHOPS)
def test_shops_never_take_more_than_is_left(name: str) -> None:
    # vendure-promo-008: 100 % and 15 % of the first amount.
    both = [promotion(str(off), PercentOff(percent=Percent(off))) for off in (100, 15)]

    assert price(name, [Line("p", 1)], prices=listed(p="50.00"), promotions=both).total == usd(0)


@pytest.mark.parametrize("name", SHOPS)
def test_shops_share_an_amount_by_value(name: str) -> None:
    # medusa-promo-005: 400 on 200 and 600.
    promotions = [promotion("p", AmountOff(amount=usd(400)))]

    priced = price(name, [Line("a", 2), Line("b", 2)], prices=listed(a="100", b="300"), promotions=promotions)

    assert amounts(priced) == ["100.00", "300.00"]


@pytest.mark.parametrize(("wanted", "expected"), [(4, "100.00"), (5, "140.00")])
@pytest.mark.parametrize("name", SHOPS)
def test_shops_give_the_whole_quantity_or_nothing(name: str, wanted: int, expected: str) -> None:
    # As medusa-promo-015, -016: four of 10 are there; a sweater of 100 earns them.
    gift = BuyGet(
        buy=LineFilter(products=("sweater",)),
        get=LineFilter(products=("shirt",)),
        get_quantity=Decimal(wanted),
    )

    priced = price(
        name,
        [Line("shirt", 4), Line("sweater", 1)],
        prices=listed(shirt="10.00", sweater="100.00"),
        promotions=[promotion("gift", gift)],
    )

    assert priced.total == usd(expected)


@pytest.mark.parametrize(
    ("name", "expected"), [(name, "41.67" if name == "vendure" else "41.66") for name in SHOPS]
)
def test_shops_round_the_discount_or_what_is_left_to_pay(name: str, expected: str) -> None:
    # vendure-promo-001: half of 83.33 is 41.665; halves go up, of the price there and of the discount elsewhere.
    half = [promotion("half", PercentOff(percent=Percent(50)))]

    assert price(name, [Line("p", 1)], prices=listed(p="83.33"), promotions=half).total == usd(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # alloc-005: the largest fraction, of equal ones the first.
        *((name, ["3.66", "3.67", "3.67"]) for name in ("medusa", "vendure")),
        # The first line.
        ("solidus", ["3.66", "3.67", "3.67"]),
        # alloc-013, -022: the last line.
        *((name, ["3.67", "3.67", "3.66"]) for name in ("oscar", "saleor")),
    ],
)
def test_shops_give_the_last_cent_to_the_first_or_the_last_line(name: str, expected: list[str]) -> None:
    ten = [promotion("ten", AmountOff(amount=usd(10)))]

    assert amounts(price(name, [Line("p", 1)] * 3, prices=listed(p="7.00"), promotions=ten)) == expected


@pytest.mark.parametrize(
    ("name", "product", "quantity", "unit_price"),
    [
        # The list has 90 for mugs, and is based on one with 80 from ten on; shirts are 70 there.
        ("odoo", "mug", 1, "90"),
        ("odoo", "mug", 10, "90"),
        ("odoo", "shirt", 10, "70"),
        ("lowest_own_or_inherited", "mug", 1, "90"),
        ("lowest_own_or_inherited", "mug", 9, "90"),
        ("lowest_own_or_inherited", "mug", 10, "80"),
        ("lowest_own_or_inherited", "mug", 11, "80"),
        ("lowest_own_or_inherited", "shirt", 1, "70"),
        ("lowest_own_or_inherited", "cap", 3, "100"),
    ],
)
def test_an_inherited_break_survives_an_own_rule_or_not(
    name: str, product: str, quantity: int, unit_price: str
) -> None:
    # odoo/odoo issue 105505, refused there as it would change prices.
    base = [
        PriceRule.for_product("mug", id="ten", min_quantity=10, price=80),
        PriceRule.for_product("shirt", id="shirt", price=70),
    ]
    own = [PriceRule.for_product("mug", id="own", price=90)]

    priced = price(
        name,
        [Line(product, quantity)],
        {"price_list": "own"},
        prices=listed(mug="100", shirt="100", cap="100"),
        price_lists=[
            PriceList(id="base", currency="USD", rules=base),
            PriceList(id="own", currency="USD", rules=own, based_on="base"),
        ],
    )

    assert priced.total == usd(unit_price) * quantity
