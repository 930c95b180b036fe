from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    InvariantBroken,
    Line,
    ListPrice,
    Priced,
    Pricer,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    QuantityTiers,
    RoundLines,
    ScaleType,
    Stacking,
    TierRecord,
    require_invariants,
)

CODEC = Codec()
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PRODUCTS = ("a", "b", "c")

_prices = st.decimals(0, 10**6, places=3)
_quantities = st.decimals("0.001", 10**4, places=3)
_percents = st.decimals(-50, 100, places=2).map(Percent)
_lines = st.lists(st.builds(Line, st.sampled_from(PRODUCTS), _quantities), max_size=6)
_values = st.one_of(_percents, st.decimals(-500, 5000, places=2).map(lambda amount: Money(amount, "CNY")))
_stackings = st.sampled_from(Stacking)
_of_document = st.sampled_from(["", "order.amount > 1000 CNY"])
_of_line = st.sampled_from(["", "line.product != 'a'", "order.amount > 1000 CNY", "line.quantity >= 5"])
_rules = st.lists(st.tuples(_values, _stackings, _of_line), max_size=3)
_discounts = st.one_of(
    st.decimals(0, 100, places=2).map(Percent),
    st.decimals(0, 5000, places=2).map(lambda amount: Money(amount, "CNY")),
)
_discounts_for_all = st.lists(st.tuples(_discounts, _stackings, _of_document), max_size=3)
_Drawn = list[tuple[Percent | Money, Stacking, str]]


def _made(drawn: _Drawn, prefix: str) -> tuple[DiscountRule, ...]:
    return tuple(
        DiscountRule(
            id=f"{prefix}{number}",
            percent=value if isinstance(value, Percent) else None,
            amount=value if isinstance(value, Money) else None,
            stacking=stacking,
            condition=condition,
        )
        for number, (value, stacking, condition) in enumerate(drawn)
    )


def _pricer(prices: Sequence[Decimal], line_rules: _Drawn, header_rules: _Drawn) -> Pricer:
    procedure = PricingProcedure(
        id="laws",
        steps=(
            ListPrice(id="list"),
            QuantityTiers(id="tiers", scale=ScaleType.GRADUATED),
            Discounts(id="line", rules=_made(line_rules, "l")),
            RoundLines(id="cents"),
            HeaderDiscounts(id="header", rules=_made(header_rules, "h")),
        ),
    )
    return PricingModel(
        procedure=procedure,
        prices=[
            PriceRecord(id=product, product=product, price=Money(price, "CNY"))
            for product, price in zip(PRODUCTS, prices, strict=True)
        ],
        tiers=[TierRecord(id="t", product="b", lower=Decimal(10), percent=Percent("12.5"))],
    ).compile()


def _price(pricer: Pricer, lines: Sequence[Line]) -> Priced:
    return pricer.price(PricingRequest(at=NOW, currency="CNY", lines=lines))


_three = st.tuples(_prices, _prices, _prices)


@given(_three, _rules, _rules, _lines)
def test_steps_and_shares_add_up_and_nothing_is_below_zero(
    prices: tuple[Decimal, ...], line_rules: _Drawn, header_rules: _Drawn, lines: list[Line]
) -> None:
    priced = _price(_pricer(prices, line_rules, header_rules), lines)

    for line in priced.lines:
        steps = [Fraction(step.rounded.amount) for step in line.waterfall]
        assert sum(steps) == Fraction(line.net_amount.amount)
        assert min(Fraction(step.running.amount) for step in line.waterfall) >= 0
    for header in priced.header:
        assert sum(Fraction(share.amount) for share in header.shares) == Fraction(header.rounded.amount)
    assert sum(Fraction(line.net_amount.amount) for line in priced.lines) == Fraction(priced.total.amount)
    assert Fraction(priced.total.amount) * 100 % 1 == 0


@given(_three, _rules, _lines)
def test_a_discount_of_everything_leaves_exactly_zero_on_each_line(
    prices: tuple[Decimal, ...], line_rules: _Drawn, lines: list[Line]
) -> None:
    everything: _Drawn = [(Percent(100), Stacking.COMPOUND, "")]

    off_each = _price(_pricer(prices, [*line_rules, *everything], []), lines)
    off_document = _price(_pricer(prices, line_rules, everything), lines)

    assert {line.net_amount.amount for line in (*off_each.lines, *off_document.lines)} <= {Decimal(0)}


@given(_prices, _quantities, st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_a_plain_path_is_what_fractions_give(
    price: Decimal, quantity: Decimal, p: Decimal, q: Decimal
) -> None:
    rules: _Drawn = [(Percent(p), Stacking.COMPOUND, ""), (Percent(q), Stacking.COMPOUND, "")]

    line = _price(_pricer((price, price, price), rules, []), [Line("a", quantity)]).lines[0]

    exact = Fraction(price) * Fraction(quantity) * (1 - Fraction(p) / 100) * (1 - Fraction(q) / 100)
    before_rounding = next(step for step in line.waterfall if step.record == "l1").running
    assert Fraction(before_rounding.amount) == exact
    assert Fraction(line.net_amount.amount) == Fraction(int(exact * 100 + Fraction(1, 2)), 100)  # half up


@given(_three, _rules, _rules, _lines)
def test_pricing_again_gives_the_same_and_survives_being_stored(
    prices: tuple[Decimal, ...], line_rules: _Drawn, header_rules: _Drawn, lines: list[Line]
) -> None:
    pricer = _pricer(prices, line_rules, header_rules)
    priced = _price(pricer, lines)
    stored = CODEC.to_json(priced)
    again = pricer.price(
        PricingRequest(at=priced.at, currency=priced.currency, lines=[line.line for line in priced.lines])
    )

    assert CODEC.from_json(Priced, stored) == priced
    assert CODEC.to_json(again) == stored
    require_invariants(CODEC.from_json(Priced, stored))


@given(_three, _rules, _discounts_for_all, _lines)
def test_the_order_of_the_lines_moves_no_more_than_the_cents_that_cannot_be_parted(
    prices: tuple[Decimal, ...],
    line_rules: _Drawn,
    header_rules: _Drawn,
    lines: list[Line],
) -> None:
    pricer = _pricer(prices, line_rules, header_rules)
    turned = list(reversed(lines))

    first, second = _price(pricer, lines), _price(pricer, turned)

    assert first.total == second.total
    assert first.list_total == second.list_total
    assert [one.rounded for one in first.header] == [one.rounded for one in second.header]
    # Each rule has a cent to place, next to the one that an earlier rule has placed.
    cents = Money("0.02", "CNY") * len(first.header)
    for line, twin in zip(first.lines, reversed(second.lines), strict=True):
        assert abs(line.net_amount - twin.net_amount) <= cents


def test_amounts_that_fill_all_digits_go_on_with_twenty_decimals() -> None:
    thin: _Drawn = [(Percent("0.000000001"), Stacking.COMPOUND, "")] * 4

    line = _price(_pricer((Decimal("999999.999"),) * 3, thin, []), [Line("a", Decimal("9999.999"))]).lines[0]

    assert line.waterfall[-1].running == line.net_amount
    assert all(len(step.running.amount.as_tuple().digits) <= 34 for step in line.waterfall)
    assert any(step.difference for step in line.waterfall)


def test_an_amount_beyond_all_digits_is_refused() -> None:
    huge = Decimal("9" * 34)

    with pytest.raises(OutOfRange):
        _price(_pricer((huge,) * 3, [(Percent("0.01"), Stacking.COMPOUND, "")], []), [Line("a", huge)])


def _changed(priced: Priced, position: int, **changes: Any) -> Priced:
    line = priced.lines[0]
    steps = list(line.waterfall)
    steps[position] = attrs.evolve(steps[position], **changes)
    return attrs.evolve(priced, lines=(attrs.evolve(line, waterfall=tuple(steps)),))


@pytest.mark.parametrize("position", [0, -1])
@pytest.mark.parametrize("field", ["rounded_amount", "running_amount", "currency"])
def test_an_answer_that_was_changed_is_found_out(field: str, position: int) -> None:
    header: _Drawn = [(Percent(10), Stacking.COMPOUND, "")]
    priced = _price(_pricer((Decimal(10),) * 3, [], header), [Line("a", Decimal(3))])
    require_invariants(priced)

    with pytest.raises(InvariantBroken, match=r"lines\[0\]"):
        require_invariants(
            _changed(priced, position, **{field: "EUR" if field == "currency" else Decimal("0.01")})
        )


def test_an_exact_change_that_is_not_the_one_that_counts_is_found_out() -> None:
    priced = _price(_pricer((Decimal(10),) * 3, [], []), [Line("a", Decimal(3))])

    with pytest.raises(InvariantBroken, match="reckoned"):
        require_invariants(_changed(priced, 0, raw_amount=Decimal("0.01")))


def test_other_changes_of_an_answer_are_found_out_too() -> None:
    header: _Drawn = [(Percent(10), Stacking.COMPOUND, "")]
    priced = _price(_pricer((Decimal(10),) * 3, [], header), [Line("a", Decimal(3)), Line("b", Decimal(1))])
    line, discount = priced.lines[0], priced.header[0]
    swapped = attrs.evolve(discount, shares=discount.shares[::-1])
    wrong = [
        attrs.evolve(priced, request=attrs.evolve(priced.request, currency="EUR")),
        attrs.evolve(priced, header=()),
        attrs.evolve(priced, header=(swapped,)),
        attrs.evolve(priced, header=(attrs.evolve(discount, shares=discount.shares[:1]),)),
        attrs.evolve(priced, header=(attrs.evolve(discount, rounded=Money(-5, "CNY")),)),
        attrs.evolve(priced, lines=(attrs.evolve(line, net_amount=Money("26.99", "CNY")), priced.lines[1])),
        attrs.evolve(priced, lines=(attrs.evolve(line, list_amount=Money(30, "EUR")), priced.lines[1])),
    ]

    for changed in wrong:
        with pytest.raises(InvariantBroken):
            require_invariants(changed)
