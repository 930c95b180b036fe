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
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, RemainderTo, TieTo
from salesmgmt.cpq.pricing.sharing.header_condition import HeaderCondition, HeaderMode, apply_header_condition

CENTS = Rounding("half_up", "0.01")


def euros(text: str) -> list[Money]:
    return [Money(word, "EUR") for word in text.split()]


LARGEST = AllocationPolicy(remainder=RemainderTo.LARGEST_PART, tie=TieTo.LAST)


def condition(value: str, mode: str, allocation: AllocationPolicy = LARGEST) -> HeaderCondition:
    return HeaderCondition(
        percent=Percent(value[:-1]) if value.endswith("%") else None,
        amount=None if value.endswith("%") else Money(value, "EUR"),
        mode=HeaderMode(mode),
        allocation=allocation,
    )


# SAP Help, Distribution Between Header and Items: 90 on three items is 270 or 90
# SAP KBA 3629060: 20 % of two items of 4.18 is 0.836 each, 1.672 together
@pytest.mark.parametrize(
    ("value", "mode", "items", "parts", "difference"),
    [
        ("90.00", "each_item", "100 100 100", "270 = 90 90 90", "0"),
        ("90.00", "distributed", "100 100 100", "90 = 30 30 30", "0"),
        ("20%", "each_item", "4.18 4.18", "1.68 = 0.84 0.84", "0"),
        ("20%", "group", "4.18 4.18", "1.67 = 0.84 0.83", "-0.01"),
        ("-20%", "group", "4.18 4.18", "-1.67 = -0.84 -0.83", "0.01"),
        ("20%", "distributed", "4.18 4.18", "1.67 = 0.83 0.84", "-0.01"),
        # 33.333 each, one cent is missing; the largest item gets it
        ("100", "group", "10 10 10", "100 = 33.33 33.33 33.34", "0.01"),
        ("100", "group", "7 7.01 6.99", "100 = 33.33 33.38 33.29", "0.00"),
        # a third of a cent is nothing, so the whole cent is the difference
        ("-0.01", "group", "1 1 1", "-0.01 = 0 0 -0.01", "-0.01"),
        ("10", "group", "0 0", "10 = 5 5", "0"),
        # 0.006 each is 0.01, three of them one cent too many
        ("0.02", "group", "1 1 1", "0.02 = 0.01 0.01 0", "-0.01"),
    ],
)
def test_how_a_condition_lands_on_items(
    value: str, mode: str, items: str, parts: str, difference: str
) -> None:
    total, parts = parts.split(" = ")
    shares = apply_header_condition(euros(items), condition(value, mode), rounding=CENTS)

    assert shares.total == Money(total, "EUR")
    assert list(shares.parts) == euros(parts)
    assert shares.difference == Money(difference, "EUR")


def test_by_default_the_last_of_the_largest_items_takes_the_difference() -> None:
    twenty = HeaderCondition(percent=Percent(20), mode=HeaderMode.GROUP)

    shares = apply_header_condition(euros("4.18 4.18 1"), twenty, rounding=CENTS)

    # 1.872 is 1.87; 0.84 + 0.84 + 0.20 is 1.88
    assert list(shares.parts) == euros("0.84 0.83 0.20")


def test_where_the_difference_goes_is_a_policy() -> None:
    first = AllocationPolicy(remainder=RemainderTo.FIRST)

    shares = apply_header_condition(euros("1 2 3"), condition("0.10", "group", first), rounding=CENTS)

    # 0.0167, 0.0333, 0.05: 0.02 + 0.03 + 0.05 is 0.10
    assert list(shares.parts) == euros("0.02 0.03 0.05")
    shares = apply_header_condition(euros("1 1 4"), condition("0.10", "group", first), rounding=CENTS)
    # 0.0167 twice and 0.0667: 0.02 + 0.02 + 0.07 is 0.11
    assert list(shares.parts) == euros("0.01 0.02 0.07")


def test_without_a_rounding_nothing_is_rounded() -> None:
    shares = apply_header_condition(euros("4.18 4.18"), condition("20%", "group"))

    assert (shares.total, list(shares.parts)) == (Money("1.672", "EUR"), euros("0.836 0.836"))


_items = st.lists(
    st.integers(0, 10**5).map(lambda cents: Money.from_minor(cents, "EUR")), min_size=1, max_size=8
)
_values = st.integers(-(10**5), 10**5).map(lambda number: f"{number / 100:.2f}") | st.integers(-100, 100).map(
    lambda number: f"{number}%"
)
_allocations = st.builds(AllocationPolicy, remainder=st.sampled_from(RemainderTo), tie=st.sampled_from(TieTo))


@given(_items, _values, st.sampled_from(HeaderMode), _allocations)
def test_the_parts_are_the_total_and_have_its_sign(
    items: list[Money], value: str, mode: HeaderMode, allocation: AllocationPolicy
) -> None:
    shares = apply_header_condition(items, condition(value, mode, allocation), rounding=CENTS)

    assert sum(Fraction(part.amount) for part in shares.parts) == Fraction(shares.total.amount)
    assert all(part.amount * shares.total.amount >= 0 for part in shares.parts)


@given(_items, _values, st.sampled_from([HeaderMode.DISTRIBUTED, HeaderMode.GROUP]))
def test_a_shared_condition_has_the_rounded_total(items: list[Money], value: str, mode: HeaderMode) -> None:
    shares = apply_header_condition(items, condition(value, mode), rounding=CENTS)
    number = Fraction(value.rstrip("%"))
    exact = sum(Fraction(item.amount) for item in items) * number / 100 if "%" in value else number

    assert abs(Fraction(shares.total.amount) - exact) <= Fraction(1, 200)


def test_a_condition_is_read_from_toml_and_checked() -> None:
    text = 'amount = "90 EUR"\nmode = "each_item"\n[allocation]\nremainder = "first"'
    read = parse_definition(text, HeaderCondition, what="freight")

    assert read == condition("90", "each_item", AllocationPolicy(remainder=RemainderTo.FIRST))
    with pytest.raises(InvalidInput, match="either percent or amount"):
        HeaderCondition()


def test_items_are_checked() -> None:
    with pytest.raises(InvalidAllocation, match="no lines"):
        apply_header_condition([], condition("1", "group"))
    with pytest.raises(CurrencyMismatch):
        apply_header_condition([*euros("1"), Money(1, "CNY")], condition("10%", "group"))
    with pytest.raises(InvalidAllocation):
        apply_header_condition(euros("10 -1"), condition("1", "distributed"))
