from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.allocation import InvalidAllocation
from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import CurrencyMismatch, Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.sharing.bundle import (
    Bundle,
    BundlePrice,
    Component,
    NoComponentPrice,
    PriceFrom,
    bundle_price,
    compound,
)

CENTS = Rounding("half_up", "0.01")


def euro(text: str | int) -> Money:
    return Money(text, "EUR")


def priced(
    bundle: Bundle, rates: dict[str, Money], quantity: int = 1, rounding: Rounding | None = CENTS
) -> BundlePrice:
    price = bundle_price(bundle, rates, quantity, rounding=rounding)
    assert isinstance(price, BundlePrice)
    return price


@pytest.mark.parametrize(
    ("discounts", "expected"),
    [
        ([], "0"),
        ([10], "10"),
        ([10, 20], "28"),
        ([20, 10], "28"),
        ([10, 0], "10"),
        ([100, 50], "100"),
        ([-10, 10], "1"),
    ],
)
def test_discounts_compound(discounts: list[int], expected: str) -> None:
    assert compound(*map(Percent, discounts)) == Percent(expected)


def test_a_kit_costs_its_components_by_their_quantities() -> None:
    # frappe/erpnext #33039: 2 x 50 + 3 x 10 is 130 a kit
    kit = Bundle(
        id="kit", components=(Component(product="a", quantity=2), Component(product="b", quantity=3))
    )

    price = priced(kit, {"a": euro(50), "b": euro(10)}, 4)

    assert (price.amount, price.alone) == (euro(520), euro(520))
    assert [(part.quantity, part.amount) for part in price.parts] == [
        (Decimal(8), euro(400)),
        (Decimal(12), euro(120)),
    ]


def test_discounts_of_component_and_kit_compound() -> None:
    kit = Bundle(
        id="kit",
        components=(Component(product="a", percent_off=Percent(20)), Component(product="b")),
        percent_off=Percent(10),
    )

    price = priced(kit, {"a": euro(100), "b": euro(50)})

    # 100 less 28 % is 72, 50 less 10 % is 45
    assert [(part.amount, part.percent_off) for part in price.parts] == [
        (euro(72), Percent(28)),
        (euro(45), Percent(10)),
    ]
    assert (price.amount, price.alone) == (euro(117), euro(150))


def test_a_kit_with_a_price_of_its_own_is_shared_by_what_components_cost_alone() -> None:
    kit = Bundle(
        id="kit",
        components=(Component(product="a"), Component(product="b", quantity=2)),
        price_from=PriceFrom.BUNDLE,
        price=euro("100"),
    )

    # 60 against 2 x 15: two thirds and one third
    price = priced(kit, {"a": euro(60), "b": euro(15)})

    assert price.amount == euro(100)
    assert [part.amount for part in price.parts] == [euro("66.67"), euro("33.33")]
    assert [part.percent_off for part in price.parts] == [None, None]


def test_a_discount_on_a_component_lowers_its_part_of_a_kit_with_its_own_price() -> None:
    kit = Bundle(
        id="kit",
        components=(Component(product="a", percent_off=Percent(50)), Component(product="b")),
        price_from=PriceFrom.BUNDLE,
        price=euro(80),
    )

    assert [part.amount for part in priced(kit, {"a": euro(100), "b": euro(50)}).parts] == [
        euro(40),
        euro(40),
    ]


def test_a_component_without_a_price_is_no_component_for_nothing() -> None:
    kit = Bundle(
        id="kit", components=(Component(product="a"), Component(product="b"), Component(product="c"))
    )

    price = bundle_price(kit, {"b": euro(1)})

    assert price == NoComponentPrice(found=("b",), wanted=("a", "c"))
    assert NoComponentPrice.code == "no_price"


def test_free_components_take_no_part() -> None:
    kit = Bundle(
        id="kit",
        components=(Component(product="a"), Component(product="gift")),
        price_from=PriceFrom.BUNDLE,
        price=euro("9.99"),
    )

    price = priced(kit, {"a": euro(10), "gift": euro(0)})

    assert [part.amount for part in price.parts] == [euro("9.99"), euro(0)]


_prices = st.integers(0, 10**6).map(lambda count: Money(Decimal(count).scaleb(-4), "EUR"))
_offs = st.decimals(0, 100, places=1).map(Percent)


@given(
    st.lists(st.tuples(_prices, st.integers(1, 9), _offs), min_size=1, max_size=6),
    _offs,
    st.integers(1, 20),
    st.none() | _prices,
)
def test_the_parts_of_components_are_the_price_of_the_kits(
    drawn: list[tuple[Money, int, Percent]], pack: Percent, quantity: int, own: Money | None
) -> None:
    kit = Bundle(
        id="kit",
        components=tuple(
            Component(product=str(place), quantity=count, percent_off=off)
            for place, (_, count, off) in enumerate(drawn)
        ),
        price_from=PriceFrom.COMPONENTS if own is None else PriceFrom.BUNDLE,
        price=own,
        percent_off=pack,
    )
    rates = {str(place): rate for place, (rate, _, _) in enumerate(drawn)}

    for rounding in (CENTS, None):
        price = priced(kit, rates, quantity, rounding)
        assert sum(Fraction(part.amount.amount) for part in price.parts) == Fraction(price.amount.amount)

    kept = 1 - Fraction(pack.points) / 100
    exact = (
        sum(
            Fraction(rate.amount) * count * (1 - Fraction(off.points) / 100) * kept
            for rate, count, off in drawn
        )
        if own is None
        else Fraction(own.amount) * kept
    ) * quantity
    assert Fraction(price.amount.amount) == exact


def test_a_kit_is_read_from_toml() -> None:
    text = """
id = "starter"
percent_off = "10%"
[[components]]
product = "dock"
[[components]]
product = "cable"
quantity = 2
percent_off = "5%"
"""
    kit = parse_definition(text, Bundle, what="a kit")

    assert kit.components[1] == Component(product="cable", quantity=2, percent_off=Percent(5))


def test_every_fault_of_a_kit_is_told() -> None:
    with pytest.raises(InvalidInput) as caught:
        Bundle(
            id="kit",
            components=(Component(product="a", quantity=0), Component(product="a")),
            price_from=PriceFrom.BUNDLE,
        )
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("components[0].quantity", "range"),
        ("components[1].product", "duplicate"),
        ("price", "one_of"),
    ]
    with pytest.raises(InvalidInput, match="at least one component"):
        Bundle(id="kit", components=())
    with pytest.raises(InvalidInput, match="comes from the components"):
        Bundle(id="kit", components=(Component(product="a"),), price=euro(1))


def test_prices_are_checked() -> None:
    kit = Bundle(id="kit", components=(Component(product="a"), Component(product="b")))

    with pytest.raises(CurrencyMismatch):
        bundle_price(kit, {"a": euro(1), "b": Money(1, "CNY")})
    with pytest.raises(InvalidAllocation):
        bundle_price(kit, {"a": euro(2), "b": euro(-1)}, rounding=CENTS)
