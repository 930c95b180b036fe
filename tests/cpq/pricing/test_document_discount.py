from collections.abc import Sequence
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
from salesmgmt.cpq.pricing.sharing.distribution import AllocationPolicy, RemainderTo
from salesmgmt.cpq.pricing.sharing.document_discount import (
    DiscountedDocument,
    DocumentDiscount,
    Excess,
    PercentOf,
    discount_document,
)
from salesmgmt.cpq.pricing.tax_basis import TaxBasis

CENTS = Rounding("half_up", "0.01")
SALEOR = AllocationPolicy(rounding=CENTS.mode, remainder=RemainderTo.LAST)


def euros(text: str) -> list[Money]:
    return [Money(word, "EUR") for word in text.split()]


def euro(text: str) -> Money:
    return Money(text, "EUR")


def off(value: str, percent_of: PercentOf = PercentOf.TOTAL) -> DocumentDiscount:
    if value.endswith("%"):
        return DocumentDiscount(percent=Percent(value[:-1]), percent_of=percent_of)
    return DocumentDiscount(amount=euro(value))


def amounts(monies: Sequence[Money]) -> list[Decimal]:
    return [money.amount for money in monies]


# saleor/discount/tests/test_discounts.py, test_split_manual_discount: goods and shipping of one order
@pytest.mark.parametrize(
    ("value", "lines", "parts"),
    [
        ("20", "30 10", "15 5"),
        ("13.77", "30 10", "10.33 3.44"),
        ("20", "0 10", "0 10"),
        ("33.33%", "30 10", "10 3.33"),
    ],
)
def test_a_discount_on_goods_and_shipping(value: str, lines: str, parts: str) -> None:
    done = discount_document(euros(lines), off(value, PercentOf.EACH_LINE), rounding=CENTS, allocation=SALEOR)

    assert list(done.parts) == euros(parts)


# odoo, _test_taxes_l10n_in: two lines of 15.89 and a stated total of 36.64
@pytest.mark.parametrize(("percent", "gross"), [("3%", "35.54"), ("17%", "30.41"), ("18%", "30.04")])
def test_the_total_that_is_left_is_the_rounded_product(percent: str, gross: str) -> None:
    done = discount_document(
        euros("15.89 15.89"),
        off(percent, PercentOf.TOTAL_LEFT),
        rounding=CENTS,
        stated_gross=euro("36.64"),
    )

    assert done.gross_total == euro(gross)


# django-oscar, TestPercentageBenefitDiscountAccuracy: 3 % of 17.50 is 0.525
@pytest.mark.parametrize(("percent", "discount"), [("3%", "0.52"), ("5%", "0.87")])
def test_a_percentage_of_the_total_is_rounded_once(percent: str, discount: str) -> None:
    done = discount_document(euros("14.22 3.28"), off(percent), rounding=Rounding("down", "0.01"))

    assert (done.base, done.discount) == (euro("17.50"), euro(discount))


def test_the_three_places_where_a_percentage_is_rounded_differ_by_cents() -> None:
    # 10 % of 0.25 and 0.25: 0.025 each; 0.05 of the total; what is left of 0.45 is 0.45
    lines = euros("0.25 0.25")

    def taken(percent: str, percent_of: PercentOf) -> Money:
        return discount_document(lines, off(percent, percent_of), rounding=CENTS).discount

    assert taken("10%", PercentOf.EACH_LINE) == euro("0.06")
    assert taken("10%", PercentOf.TOTAL) == euro("0.05")
    # 1 % of 0.50 is 0.005: rounded up to 0.01; 0.495 that is left is rounded up to 0.50
    assert taken("1%", PercentOf.TOTAL) == euro("0.01")
    assert taken("1%", PercentOf.TOTAL_LEFT) == euro("0.00")


def test_net_lines_get_tax_on_top_and_gross_lines_contain_it() -> None:
    net = discount_document(euros("30 10"), off("10"), rounding=CENTS, tax=Percent(19))
    # 30 * 1.19 = 35.70; 30 / 1.19 = 25.2101
    assert (net.net_total, net.gross_total) == (euro("30"), euro("35.70"))

    gross = discount_document(
        euros("30 10"), off("10"), rounding=CENTS, tax=Percent(19), amounts=TaxBasis.GROSS
    )
    assert (gross.net_total, gross.gross_total) == (euro("25.21"), euro("30"))


def test_a_tax_that_is_not_known_is_not_zero() -> None:
    assert discount_document(euros("30"), off("10")).gross_total is None
    assert discount_document(euros("30"), off("10"), amounts=TaxBasis.GROSS).net_total is None


def test_gross_lines_are_corrected_to_the_stated_total() -> None:
    # the lines add up to 20.00, the document says 20.01; 10 % of that is 2.00 and 18.01 is left
    done = discount_document(
        euros("10 10"),
        off("10%"),
        rounding=CENTS,
        amounts=TaxBasis.GROSS,
        stated_gross=euro("20.01"),
    )

    assert done.gross_total == euro("18.01")
    assert Money.total(done.lines, "EUR") == euro("18.01")


def test_an_amount_leaves_a_stated_total_in_proportion() -> None:
    # a quarter of the net amount goes, so a quarter of 48.01 goes: 36.0075
    done = discount_document(euros("30 10"), off("10"), rounding=CENTS, stated_gross=euro("48.01"))

    assert (done.net_total, done.gross_total) == (euro("30"), euro("36.01"))
    assert discount_document(euros("0"), off("10"), stated_gross=euro("1")).gross_total == euro("1")


def test_more_than_the_document_is_capped_unless_allowed() -> None:
    assert discount_document(euros("20 5"), off("249")).lines == tuple(euros("0 0"))
    assert discount_document(euros("20 5"), off("150%")).lines == tuple(euros("0 0"))
    each = discount_document(euros("20 5"), off("150%", PercentOf.EACH_LINE), stated_gross=euro("30"))
    assert (each.lines, each.gross_total) == (tuple(euros("0 0")), euro("0"))

    allowed = DocumentDiscount(amount=euro("50"), excess=Excess.ALLOW)
    assert discount_document(euros("20 5"), allowed, rounding=CENTS).lines == tuple(euros("-20 -5"))


def test_a_remainder_never_takes_more_than_a_line_has() -> None:
    # 4.01 of 9.01: 0.004, then three times 1.335; two cents are left for the first line, which has one
    first = AllocationPolicy(remainder=RemainderTo.FIRST)

    done = discount_document(euros("0.01 3 3 3"), off("4.01"), rounding=CENTS, allocation=first)

    assert list(done.parts) == euros("0.01 1.34 1.33 1.33")


def test_a_negative_discount_is_a_surcharge() -> None:
    assert discount_document(euros("20 5"), off("-5"), rounding=CENTS).lines == tuple(euros("24 6"))
    assert discount_document(euros("20 5"), off("-10%"), rounding=CENTS).lines == tuple(euros("22 5.50"))


_lines = st.lists(
    st.integers(0, 10**6).map(lambda cents: Money.from_minor(cents, "EUR")), min_size=1, max_size=8
)
_discounts = st.builds(
    DocumentDiscount,
    percent=st.decimals(0, 120, places=2).map(Percent),
    percent_of=st.sampled_from(PercentOf),
) | st.builds(
    DocumentDiscount, amount=st.integers(0, 10**6).map(lambda cents: Money.from_minor(cents, "EUR"))
)
_allocations = st.builds(
    AllocationPolicy,
    rounding=st.sampled_from(["down", "half_up", "half_even"]),
    remainder=st.sampled_from(RemainderTo),
)


@given(_lines, _discounts, _allocations)
def test_parts_add_up_and_no_line_falls_below_zero(
    lines: list[Money], discount: DocumentDiscount, allocation: AllocationPolicy
) -> None:
    done = discount_document(lines, discount, rounding=CENTS, allocation=allocation, tax=Percent(0))

    assert sum(Fraction(part.amount) for part in done.parts) == Fraction(done.discount.amount)
    assert all(0 <= part.amount <= line.amount for part, line in zip(done.parts, lines, strict=True))
    assert done.net_total == done.gross_total == Money.total(done.lines, "EUR") == done.base - done.discount


@given(_lines, st.sampled_from(PercentOf), _allocations)
def test_all_of_it_leaves_exactly_nothing(
    lines: list[Money], percent_of: PercentOf, allocation: AllocationPolicy
) -> None:
    done = discount_document(lines, off("100%", percent_of), rounding=CENTS, allocation=allocation)

    assert not any(done.lines)


@given(_lines, st.decimals(0, 100, places=2))
def test_a_percentage_is_never_more_than_half_a_cent_off(lines: list[Money], points: Decimal) -> None:
    done = discount_document(lines, DocumentDiscount(percent=Percent(points)), rounding=CENTS)
    exact = sum(Fraction(line.amount) for line in lines) * Fraction(points) / 100

    assert abs(Fraction(done.discount.amount) - exact) <= Fraction(1, 200)


def test_definitions_have_a_percentage_or_an_amount() -> None:
    with pytest.raises(InvalidInput, match="either percent or amount"):
        DocumentDiscount()
    with pytest.raises(InvalidInput, match="found both"):
        DocumentDiscount(percent=Percent(1), amount=euro("1"))
    assert parse_definition('percent = "5%"\npercent_of = "each_line"', DocumentDiscount, what="d") == off(
        "5%", PercentOf.EACH_LINE
    )
    with pytest.raises(InvalidInput):
        parse_definition('excess = "cap"', DocumentDiscount, what="d")


def test_documents_that_cannot_be_discounted_are_refused() -> None:
    with pytest.raises(InvalidAllocation, match="no lines"):
        discount_document([], off("5%"))
    with pytest.raises(CurrencyMismatch):
        discount_document([*euros("1"), Money(1, "CNY")], off("5%"))
    with pytest.raises(CurrencyMismatch):
        discount_document(euros("1"), DocumentDiscount(amount=Money(1, "CNY")))
    with pytest.raises(InvalidAllocation) as caught:
        discount_document(euros("10 -1"), off("5"))
    assert caught.value.reason == "negative_weight"


def test_a_line_that_goes_back_gives_its_own_percentage_back() -> None:
    done = discount_document(euros("10 -2"), off("10%", PercentOf.EACH_LINE), rounding=CENTS)

    assert isinstance(done, DiscountedDocument)
    assert (list(done.parts), done.discount) == (euros("1 -0.20"), euro("0.80"))
