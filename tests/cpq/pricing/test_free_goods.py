from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.definition import parse_definition
from salesmgmt.core.errors import FloatRefused, InvalidInput, UnknownOption
from salesmgmt.core.exact import NotANumber, OutOfRange
from salesmgmt.cpq.pricing.free_goods import (
    AboveMaximum,
    FreeGoods,
    FreeGoodsCalculation,
    FreeGoodsMode,
    Grant,
    NoFreeGoods,
)

_steps = st.decimals("0.1", 100, places=1)
_quantities = st.decimals(0, 10_000, places=2)


@st.composite
def _agreements(draw: st.DrawFn) -> FreeGoods:
    mode = draw(st.sampled_from(FreeGoodsMode))
    per = draw(_steps)
    free = draw(st.decimals("0.1", per, places=1)) if mode is FreeGoodsMode.INCLUSIVE else draw(_steps)
    minimum = draw(_quantities)
    return FreeGoods(
        minimum_quantity=minimum,
        maximum_quantity=draw(st.none() | st.decimals(minimum, 20_000, places=2)),
        above_maximum=draw(st.sampled_from(AboveMaximum)),
        per_quantity=per,
        free_quantity=free,
        uncounted=draw(st.sampled_from([Decimal(0), Decimal(3)])),
        calculation=draw(st.sampled_from(FreeGoodsCalculation)),
        mode=mode,
        rounding=draw(
            st.sampled_from(["half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"])
        ),
        unit=draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.001")])),
    )


# 1 free of 5, with the quantities of the SAP blog of 2013-09-23; 3 per 100, with those of SAP's data element KNRRR.
@pytest.mark.parametrize(
    ("per", "free", "quantity", "calculation", "expected"),
    [
        (5, 1, 128, "pro_rata", 26),
        (5, 1, 128, "unit_reference", 25),
        (5, 1, 128, "whole_units", 0),
        (5, 1, 130, "whole_units", 26),
        (5, 1, 128, "once", 1),
        (100, 3, 280, "pro_rata", 8),
        (100, 3, 280, "unit_reference", 6),
        (100, 3, 280, "whole_units", 0),
        (100, 3, 300, "whole_units", 9),
    ],
)
def test_the_calculations_grant_what_their_source_says(
    per: int, free: int, quantity: int, calculation: FreeGoodsCalculation, expected: int
) -> None:
    agreement = FreeGoods(per_quantity=per, free_quantity=free, calculation=calculation)

    assert agreement.grant(quantity).free_quantity == expected


def _quantities_of(grant: Grant) -> list[Decimal]:
    return [grant.free_quantity, grant.charged_quantity, grant.delivered_quantity]


def test_inclusive_units_are_part_of_the_order_and_exclusive_ones_come_on_top() -> None:
    inclusive = FreeGoods(per_quantity=5, free_quantity=1, mode="inclusive").grant(128)
    exclusive = FreeGoods(per_quantity=5, free_quantity=1, mode="exclusive", product="cap").grant(128)

    assert _quantities_of(inclusive) == [25, 103, 128]
    assert _quantities_of(exclusive) == [25, 128, 153]
    assert exclusive.product == "cap"


# frappe/erpnext pull request 41288: one free for each twenty.
@pytest.mark.parametrize(("quantity", "expected"), [(0, 0), (19, 0), (20, 1), (39, 1), (40, 2), (59, 2)])
def test_units_beyond_a_full_multiple_earn_nothing(quantity: int, expected: int) -> None:
    agreement = FreeGoods(minimum_quantity=20, per_quantity=20, free_quantity=1)

    assert agreement.grant(quantity).free_quantity == expected


# From 3 to 7 units, one free for each two (frappe/erpnext, test of the recursive product rule: 5 -> 2, 7 -> 3).
@pytest.mark.parametrize(
    ("above", "expected"),
    [(AboveMaximum.NOTHING, [0, 1, 2, 3, 0, 0]), (AboveMaximum.AS_MAXIMUM, [0, 1, 2, 3, 3, 3])],
)
def test_what_is_above_the_maximum_is_a_policy(above: AboveMaximum, expected: list[int]) -> None:
    agreement = FreeGoods(
        minimum_quantity=3, maximum_quantity=7, above_maximum=above, per_quantity=2, free_quantity=1
    )

    assert [agreement.grant(quantity).free_quantity for quantity in (2, 3, 5, 7, 8, 100)] == expected


def test_uncounted_units_earn_nothing() -> None:
    agreement = FreeGoods(per_quantity=5, free_quantity=1, uncounted=10)

    assert [agreement.grant(quantity).free_quantity for quantity in (10, 14, 15, 20)] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("rounding", "unit", "expected"),
    [
        ("half_up", "1", "26"),
        ("down", "1", "25"),
        ("up", "1", "26"),
        ("half_up", "0.1", "25.6"),
        ("down", "0.5", "25.5"),
    ],
)
def test_a_proportional_grant_is_rounded_as_the_agreement_says(
    rounding: str, unit: str, expected: str
) -> None:
    agreement = FreeGoods(
        per_quantity=5, free_quantity=1, calculation="pro_rata", rounding=rounding, unit=unit
    )

    assert agreement.grant(128).free_quantity == Decimal(expected)


def test_a_share_just_below_the_half_is_not_rounded_twice() -> None:
    # The share is 0.49999... with 33 nines: to fewer digits it would be the half.
    agreement = FreeGoods(
        per_quantity=Decimal("2." + "0" * 32 + "1"), free_quantity=1, calculation="pro_rata"
    )

    assert agreement.grant(1).free_quantity == 0


@pytest.mark.parametrize(
    ("quantity", "calculation", "refused"),
    [
        (2, "unit_reference", NoFreeGoods(reason="below_minimum", found=Decimal(2), wanted=Decimal(3))),
        (3, "unit_reference", NoFreeGoods(reason="below_one_multiple", found=Decimal(3), wanted=Decimal(5))),
        (6, "whole_units", NoFreeGoods(reason="not_a_multiple", found=Decimal(6), wanted=Decimal(10))),
        (21, "once", NoFreeGoods(reason="above_maximum", found=Decimal(21), wanted=Decimal(20))),
        (5, "unit_reference", None),
    ],
)
def test_an_order_that_earns_nothing_says_why(
    quantity: int, calculation: FreeGoodsCalculation, refused: NoFreeGoods | None
) -> None:
    agreement = FreeGoods(
        minimum_quantity=3, maximum_quantity=20, per_quantity=5, free_quantity=1, calculation=calculation
    )

    assert agreement.grant(quantity).refused == refused


def test_a_share_that_is_rounded_to_nothing_says_so() -> None:
    refused = FreeGoods(per_quantity=5, free_quantity=1, calculation="pro_rata").grant(2).refused

    assert refused == NoFreeGoods(reason="below_one_unit", found=Decimal("0.4"), wanted=Decimal(1))


@given(_agreements(), _quantities)
def test_free_and_charged_units_are_those_delivered(agreement: FreeGoods, quantity: Decimal) -> None:
    grant = agreement.grant(quantity)

    assert grant.free_quantity + grant.charged_quantity == grant.delivered_quantity
    assert grant.free_quantity >= 0
    assert (grant.refused is None) == (grant.free_quantity > 0)
    if agreement.mode is FreeGoodsMode.INCLUSIVE:
        assert grant.delivered_quantity == quantity
        assert grant.charged_quantity >= 0
    else:
        assert grant.charged_quantity == quantity


@given(_agreements(), _quantities, _quantities)
def test_more_units_never_earn_less(agreement: FreeGoods, one: Decimal, other: Decimal) -> None:
    if agreement.calculation is FreeGoodsCalculation.WHOLE_UNITS:
        return  # an exact multiple is left behind by one more unit: that is what it is for
    if agreement.maximum_quantity is not None and agreement.above_maximum is AboveMaximum.NOTHING:
        return

    few, many = sorted((one, other))

    assert agreement.grant(few).free_quantity <= agreement.grant(many).free_quantity


@given(_steps, _steps, _quantities)
def test_full_multiples_are_counted_as_fractions_count_them(
    per: Decimal, free: Decimal, quantity: Decimal
) -> None:
    granted = FreeGoods(per_quantity=per, free_quantity=free).grant(quantity).free_quantity

    assert Fraction(granted) == Fraction(quantity) // Fraction(per) * Fraction(free)


def test_nonsense_is_refused_with_every_fault() -> None:
    with pytest.raises(InvalidInput) as refused:
        FreeGoods(
            minimum_quantity=5, maximum_quantity=4, per_quantity=0, free_quantity=-1, uncounted=-1, unit=0
        )

    assert [problem.path for problem in refused.value.problems] == [
        "per_quantity", "free_quantity", "unit", "uncounted", "maximum_quantity"
    ]  # fmt: skip


def test_a_part_of_the_order_cannot_be_more_than_it_or_another_product() -> None:
    with pytest.raises(InvalidInput) as refused:
        FreeGoods(per_quantity=2, free_quantity=3, mode="inclusive", product="cap")

    assert [problem.code for problem in refused.value.problems] == ["too_large", "other_product"]


@pytest.mark.parametrize("quantity", [-1, "-0.01"])
def test_a_negative_order_is_refused(quantity: int | str) -> None:
    with pytest.raises(InvalidInput):
        FreeGoods(per_quantity=2, free_quantity=1).grant(quantity)


@pytest.mark.parametrize("calculation", FreeGoodsCalculation)
@pytest.mark.parametrize("number", [Decimal("1E-99"), Decimal("9" * 34), Decimal("9E+99")])
def test_the_largest_and_smallest_numbers_are_granted_or_refused(
    calculation: FreeGoodsCalculation, number: Decimal
) -> None:
    for per, quantity in ((number, Decimal(7)), (Decimal(7), number), (number, number)):
        agreement = FreeGoods(per_quantity=per, free_quantity=1, calculation=calculation)
        try:
            grant = agreement.grant(quantity)
        except OutOfRange:
            continue
        assert grant.free_quantity >= 0


def test_what_is_no_number_or_no_option_is_refused() -> None:
    with pytest.raises(FloatRefused):
        FreeGoods(per_quantity=2.5, free_quantity=1)  # type: ignore[arg-type]
    with pytest.raises(NotANumber):
        FreeGoods(per_quantity=2, free_quantity=1).grant("1e3")
    with pytest.raises(UnknownOption):
        FreeGoods(per_quantity=2, free_quantity=1, mode="both")


def test_an_agreement_is_read_from_toml() -> None:
    text = 'minimum_quantity = 3\nper_quantity = 2\nfree_quantity = 1\ncalculation = "whole_units"'

    assert parse_definition(text, FreeGoods, what="offer") == FreeGoods(
        minimum_quantity=3, per_quantity=2, free_quantity=1, calculation=FreeGoodsCalculation.WHOLE_UNITS
    )


def test_the_lint_names_what_is_probably_not_meant() -> None:
    def codes(agreement: FreeGoods) -> list[str]:
        return [finding.code for finding in agreement.findings("offers.spring")]

    assert codes(FreeGoods(minimum_quantity=10, per_quantity=10, free_quantity=1)) == []
    assert codes(FreeGoods(minimum_quantity=5, per_quantity=10, free_quantity="0.5")) == [
        "minimum_earns_nothing", "part_of_a_unit_free"
    ]  # fmt: skip
    assert codes(FreeGoods(per_quantity=10, free_quantity=1, calculation="whole_units")) == [
        "more_earns_less"
    ]
    assert codes(FreeGoods(per_quantity=10, free_quantity="0.5", calculation="pro_rata")) == []
