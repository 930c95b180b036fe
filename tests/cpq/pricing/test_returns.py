from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.rounding import Rounding
from salesmgmt.cpq.pricing.sharing.document_discount import DocumentDiscount, discount_document
from salesmgmt.cpq.pricing.sharing.returns import FrozenLine, ReturnPolicy, return_line

CENTS = Rounding("half_up", "0.01")


def euro(text: str | int) -> Money:
    return Money(text, "EUR")


def line(id_: str, amount: str, share: str = "0", quantity: int = 1) -> FrozenLine:
    return FrozenLine(id=id_, amount=euro(amount), share=euro(share), quantity=quantity)


def fifty_off(lines: Sequence[FrozenLine]) -> list[FrozenLine]:
    if not lines:
        return []
    done = discount_document([one.amount for one in lines], DocumentDiscount(amount=euro(50)), rounding=CENTS)
    return [attrs.evolve(one, share=part) for one, part in zip(lines, done.parts, strict=True)]


def test_a_line_takes_its_frozen_share_with_it() -> None:
    # 50 off 100 and 300 is 12.50 and 37.50
    sold = fifty_off([line("a", "100"), line("b", "300")])

    back = return_line(sold, "a")

    assert (back.refund, back.discount_back) == (euro("87.50"), euro("12.50"))
    assert (back.remaining, back.discount_left) == (euro("262.50"), euro("37.50"))
    assert back.lines[0].returned == 1
    assert back.lines[1] == sold[1]


def test_or_what_remains_is_discounted_anew() -> None:
    # 350 was paid; 300 less 50 is 250
    sold = fifty_off([line("a", "100"), line("b", "300")])

    back = return_line(sold, "a", policy=ReturnPolicy.RECOMPUTED, reprice=fifty_off)

    assert (back.refund, back.remaining, back.discount_left) == (euro(100), euro(250), euro(50))
    assert [one.id for one in back.lines] == ["b"]


def test_a_recomputed_return_may_cost_more_than_it_brings() -> None:
    def only_large(lines: Sequence[FrozenLine]) -> Sequence[FrozenLine]:
        return lines if len(lines) < 2 else fifty_off(lines)

    # 60 was paid for 100 and 10; the 100 alone cost 100
    sold = only_large([line("a", "100"), line("b", "10")])
    back = return_line(
        sold,
        "b",
        policy=ReturnPolicy.RECOMPUTED,
        reprice=lambda rest: [attrs.evolve(one, share=euro(0)) for one in only_large(rest)],
    )

    assert (back.refund, back.remaining) == (euro(-40), euro(100))


def test_some_of_a_line_takes_its_part_of_the_share() -> None:
    # 100.00 less 10.00 for three: 66.67 less 6.67 goes first, 33.33 less 3.33 after it
    sold = [line("a", "100.00", "10.00", 3), line("b", "1")]

    first = return_line(sold, "a", 2, rounding=CENTS)
    rest = return_line(first.lines, "a", rounding=CENTS)

    assert (first.refund, first.discount_back, first.discount_left) == (
        euro("60"),
        euro("6.67"),
        euro("3.33"),
    )
    assert (rest.refund, rest.discount_back, rest.discount_left) == (euro("30"), euro("3.33"), euro("0"))
    assert rest.remaining == euro(1)


def test_a_whole_line_that_is_not_round_goes_back_as_it_was() -> None:
    back = return_line([line("a", "10.0051", "1.001", 2)], "a", rounding=CENTS)

    assert (back.refund, back.remaining, back.discount_left) == (euro("9.0041"), euro(0), euro(0))


def test_a_recomputed_part_prices_the_units_that_are_left() -> None:
    seen: list[tuple[str, Money, Decimal]] = []

    def watch(lines: Sequence[FrozenLine]) -> Sequence[FrozenLine]:
        seen.extend((one.id, one.amount, one.quantity) for one in lines)
        return fifty_off(lines)

    sold = fifty_off([line("a", "300", quantity=3), line("b", "100")])
    back = return_line(sold, "a", 1, policy=ReturnPolicy.RECOMPUTED, reprice=watch)

    assert seen == [("a", euro(200), Decimal(2)), ("b", euro(100), Decimal(1))]
    assert (back.refund, back.remaining) == (euro(100), euro(250))


@given(
    st.integers(1, 10**6),
    st.integers(0, 10**6),
    st.lists(st.integers(1, 5), min_size=1, max_size=6),
    st.sampled_from(["half_up", "down", "half_even", "up"]),
)
def test_returns_of_parts_add_up_to_the_line(cents: int, share: int, parts: list[int], mode: str) -> None:
    rounding = Rounding(mode, "0.01")
    amount, off = Money.from_minor(cents, "EUR"), Money.from_minor(min(share, cents), "EUR")
    lines: tuple[FrozenLine, ...] = (
        FrozenLine(id="a", amount=amount, share=off, quantity=sum(parts)),
        line("b", "5", "1"),
    )
    refund, discount = Fraction(0), Fraction(0)
    for part in parts:
        back = return_line(lines, "a", part, rounding=rounding)
        lines = back.lines
        refund += Fraction(back.refund.amount)
        discount += Fraction(back.discount_back.amount)

    assert (refund, discount) == (Fraction(amount.amount) - Fraction(off.amount), Fraction(off.amount))
    assert (back.remaining, back.discount_left) == (euro(4), euro(1))


@given(st.lists(st.integers(1, 10**5), min_size=1, max_size=6), st.data())
def test_cancelling_every_line_pays_everything_back(cents: list[int], data: st.DataObject) -> None:
    plain = [line(str(place), str(Decimal(count).scaleb(-2))) for place, count in enumerate(cents)]
    lines: Sequence[FrozenLine] = fifty_off(plain)
    paid = sum(Fraction(one.net.amount) for one in lines)
    refunds = Fraction(0)
    for id_ in data.draw(st.permutations([one.id for one in lines])):
        back = return_line(lines, id_, rounding=CENTS)
        refunds += Fraction(back.refund.amount)
        lines = back.lines

    assert refunds == paid
    assert (back.remaining, back.discount_left) == (euro(0), euro(0))


@pytest.mark.parametrize(
    ("line_id", "quantity", "path"),
    [("c", None, "line_id"), ("a", 4, "quantity"), ("a", 0, "quantity"), ("a", -1, "quantity")],
)
def test_what_cannot_go_back_is_refused(line_id: str, quantity: int | None, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        return_line([line("a", "9", quantity=3), line("b", "1")], line_id, quantity)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_line_goes_back_once() -> None:
    back = return_line([line("a", "9")], "a")

    with pytest.raises(InvalidInput, match="at most the 0 that are left"):
        return_line(back.lines, "a")


def test_recomputing_needs_a_way_to_do_it() -> None:
    with pytest.raises(InvalidInput, match="how the rest is discounted"):
        return_line([line("a", "9")], "a", policy=ReturnPolicy.RECOMPUTED)


@pytest.mark.parametrize(("quantity", "returned"), [(0, 0), (-1, 0), (1, 2), (1, -1)])
def test_lines_have_sensible_quantities(quantity: int, returned: int) -> None:
    with pytest.raises(InvalidInput):
        FrozenLine(id="a", amount=euro(1), share=euro(0), quantity=quantity, returned=returned)
