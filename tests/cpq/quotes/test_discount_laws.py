"""The effective discount: the same money for the same goods is the same discount, however it is entered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product as every
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    AddedLine,
    Coupon,
    DiscountRule,
    Discounts,
    FreeGoods,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    OptionExtras,
    OptionRecord,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    Promotion,
    Promotions,
    RoundLines,
    Terms,
)
from salesmgmt.cpq.pricing.procedure import Step
from salesmgmt.cpq.pricing.promotions import AmountOff, Trigger
from salesmgmt.cpq.quotes import (
    LineReference,
    Outline,
    OutlineLine,
    Quote,
    QuoteLine,
    QuoteVersion,
    ReferenceBasis,
    clone_as_alternative,
    deepest_discount,
    effective_discount,
    line_discounts,
    price_offer,
    quote_from,
    quote_metrics,
    revise,
    thinnest_margin,
)
from salesmgmt.engines.metrics import Figure

from .conftest import LAST_DAY, NOW, REP

CENTS = RoundLines(id="cents")


def _model(
    price: int | str, *more: Step, currency: str = "EUR", promotion: Promotion | None = None, **rest: object
) -> PricingModel:
    """One product, `dock`, at a price; `more` steps stand between the list price and the rounding."""
    late = tuple(step for step in more if isinstance(step, HeaderDiscounts | Promotions))
    early = tuple(step for step in more if step not in late)
    return PricingModel(
        procedure=PricingProcedure(id="p", steps=(ListPrice(id="list"), *early, CENTS, *late)),
        prices=(PriceRecord(id="dock", product="dock", price=Money(price, currency)),),
        promotions=() if promotion is None else (promotion,),
        **rest,  # type: ignore[arg-type]
    )


def _quote(
    model: PricingModel,
    lines: Sequence[Line],
    *,
    currency: str = "EUR",
    codes: tuple[str, ...] = (),
    basis: ReferenceBasis | None = None,
) -> Quote:
    request = PricingRequest(at=NOW, currency=currency, codes=codes, lines=lines)
    answer = model.compile().price(request)
    quote, _ = quote_from(answer, id="q-1", number="Q-1", valid_until=LAST_DAY, basis=basis, at=NOW, by=REP)
    return quote


def _by_hand(**what: object) -> ManualPrice:
    return ManualPrice(reason="agreed", by="li.wei", at=NOW, **what)  # type: ignore[arg-type]


def _percent(quote: Quote) -> Figure | None:
    return quote_metrics(quote.current)["effective_discount_percent"]


MANUAL = ManualPrices(id="manual")

Way = Callable[[int, int, int], Quote]
"""Gives away so many percent on so many docks at so many EUR."""


def _rule(count: int, price: int, points: int) -> Quote:
    rules = (DiscountRule(id="d", percent=Percent(points)),)
    return _quote(_model(price, Discounts(id="d", rules=rules)), [Line("dock", count)])


def _percent_by_hand(count: int, price: int, points: int) -> Quote:
    return _quote(_model(price, MANUAL), [Line("dock", count, manual=_by_hand(percent_off=Percent(points)))])


def _given(count: int, price: int, points: int) -> Money:
    return Money(Decimal(count * price * points) / 100, "EUR")


def _amount_by_hand(count: int, price: int, points: int) -> Quote:
    manual = _by_hand(amount_off=_given(count, price, points))
    return _quote(_model(price, MANUAL), [Line("dock", count, manual=manual)])


def _unit_price_by_hand(count: int, price: int, points: int) -> Quote:
    unit = Money(Decimal(price * (100 - points)) / 100, "EUR")
    return _quote(_model(price, MANUAL), [Line("dock", count, manual=_by_hand(unit_price=unit))])


def _split(count: int, price: int, points: int) -> Quote:
    """All on as few single units as bear it, each of which is a line of its own."""
    left, lines = _given(count, price, points), []
    for _ in range(count):
        off = min(left, Money(price, "EUR"))
        lines.append(Line("dock", 1, manual=_by_hand(amount_off=off)))
        left -= off
    return _quote(_model(price, MANUAL), lines)


def _header(count: int, price: int, points: int) -> Quote:
    rules = (DiscountRule(id="h", amount=_given(count, price, points)),)
    model = _model(price, HeaderDiscounts(id="header", rules=rules))
    return _quote(model, [Line("dock", 1)] * count)


def _coupon(count: int, price: int, points: int) -> Quote:
    off = Promotion(id="c", trigger=Trigger.CODE, benefit=AmountOff(amount=_given(count, price, points)))
    model = _model(
        price, Promotions(id="promotions"), promotion=off, coupons=(Coupon(code="CODE", promotion="c"),)
    )
    return _quote(model, [Line("dock", count)], codes=("CODE",))


def _free(count: int, price: int, points: int, mode: str) -> Quote:
    free, rest = divmod(count * points, 100)
    if rest or not 0 < free < count:
        return _rule(count, price, points)  # not so many whole units
    ordered = count if mode == "inclusive" else count - free
    goods = FreeGoods(per_quantity=ordered, free_quantity=free, mode=mode)
    step = FreeUnits(id="free", rules=(FreeUnitsRule(id="f", product="dock", goods=goods),))
    quote = _quote(_model(price, step), [Line("dock", ordered)])
    assert sum(line.quantity for line in quote.current.lines) == count
    return quote


def _inclusive(count: int, price: int, points: int) -> Quote:
    return _free(count, price, points, "inclusive")


def _exclusive(count: int, price: int, points: int) -> Quote:
    return _free(count, price, points, "exclusive")


RATES = ExchangeRates([ExchangeRate("EUR", "USD", 2, date(2026, 1, 5))])


def _cheap_currency(count: int, price: int, points: int) -> Quote:
    """The list in dollars is one of the salesman's friends; what is paid is worth half as many euros."""
    paid = Money(Decimal(price * (100 - points)) / 50, "USD")
    basis = ReferenceBasis(unit_prices={"dock": Money(price, "EUR")}, rates=RATES)
    model = _model(str(paid.amount), currency="USD")
    return _quote(model, [Line("dock", count)], currency="USD", basis=basis)


WAYS: tuple[Way, ...] = (
    _rule, _percent_by_hand, _amount_by_hand, _unit_price_by_hand, _split, _header, _coupon, _inclusive, _exclusive,
    _cheap_currency,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@settings(max_examples=12)
@given(st.integers(1, 20), st.integers(1, 500), st.integers(1, 99))
def test_the_same_money_for_the_same_goods_is_the_same_discount(
    way: Way, count: int, price: int, points: int
) -> None:
    quote = way(count, price, points)

    assert _percent(quote) == Percent(points)
    assert {found.percent for found in line_discounts(quote.current).values()} == {Percent(points)}


@settings(max_examples=15)
@given(st.integers(1, 9), st.integers(1, 24), st.integers(0, 24))
def test_free_months_are_a_discount_like_any_other(count: int, paid: int, free: int) -> None:
    model = _model(120, Terms(id="terms"), MANUAL)
    starts = date(2026, 1, 1)
    later = [date(2026 + months // 12, months % 12 + 1, 1) for months in (paid, paid + free)]
    whole = Line(
        "dock", count, starts=starts, ends=later[1], manual=_by_hand(unit_price=Money(10 * paid, "EUR"))
    )
    first = Line("dock", count, starts=starts, ends=later[0])
    gift = (
        Line("dock", count, starts=later[0], ends=later[1], manual=_by_hand(percent_off=Percent(100)))
        if free
        else None
    )

    expected = Fraction(100 * free, paid + free)
    for lines in ([whole], [first, gift] if gift else [first]):
        found = _percent(_quote(model, lines))
        assert isinstance(found, Percent)
        assert abs(Fraction(found.points) - expected) < Fraction(1, 10**30)


def test_a_shorter_term_is_no_discount() -> None:
    line = Line("dock", 3, starts=date(2026, 1, 1), ends=date(2026, 4, 1))

    assert _percent(_quote(_model(1200, Terms(id="terms")), [line])) == Percent(0)


def test_rounding_and_option_extras_count() -> None:
    model = attrs.evolve(
        _model("10.004", MANUAL),
        procedure=PricingProcedure(
            id="p", steps=(ListPrice(id="list"), OptionExtras(id="options"), MANUAL, CENTS)
        ),
        options=(
            OptionRecord(id="o", product="dock", attribute="case", value="steel", extra=Money(10, "EUR")),
        ),
    )

    rounded = _percent(_quote(model, [Line("dock", 1)]))  # 10.004 becomes 10.00
    steel = Line("dock", 1, configuration={"case": "steel"}, manual=_by_hand(unit_price=Money(15, "EUR")))
    extra = _percent(_quote(model, [steel]))
    for found, expected in ((rounded, Fraction(4, 10004)), (extra, Fraction(5004, 20004))):
        assert isinstance(found, Percent)
        assert abs(Fraction(found.points) - 100 * expected) < Fraction(1, 10**25)


# --- attempts to walk around a limit


def _revised(quote: Quote, model: PricingModel, lines: Sequence[Line]) -> Quote:
    answer = model.compile().price(PricingRequest(at=NOW, currency=quote.currency, lines=lines))
    return revise(quote, answer, valid_until=LAST_DAY, at=NOW, by=REP)[0]


def test_a_later_list_price_does_not_change_the_reference() -> None:
    quote = _quote(_model(100), [Line("dock", 10)])

    lowered = _revised(quote, _model(80), [Line("dock", 10)])
    assert (lowered.current.list_discount, _percent(lowered)) == (Percent(0), Percent(20))
    raised = _revised(
        quote, _model(125, MANUAL), [Line("dock", 10, manual=_by_hand(unit_price=Money(100, "EUR")))]
    )
    assert _percent(raised) == Percent(0)


def test_goods_that_leave_and_come_back_keep_their_reference() -> None:
    quote = _quote(_model(100), [Line("dock", 10)])
    without = _revised(quote, attrs.evolve(
        _model(80), prices=(PriceRecord(id="x", product="lamp", price=Money(5, "EUR")),)
    ), [Line("lamp", 1)])  # fmt: skip

    again = _revised(without, _model(80), [Line("dock", 3), Line("dock", 7)])
    assert _percent(again) == Percent(20)
    assert {line.reference for line in again.current.lines} == {quote.current.lines[0].reference}


def test_an_alternative_keeps_the_reference() -> None:
    quote = _revised(_quote(_model(100), [Line("dock", 10)]), _model(80), [Line("dock", 10)])

    clone, _ = clone_as_alternative(quote, id="q-2", alternative="b", at=NOW, by=REP)
    assert _percent(clone) == Percent(20)
    assert _percent(_revised(clone, _model(50), [Line("dock", 1)])) == Percent(50)


def test_a_price_by_hand_is_not_measured_against_itself() -> None:
    model = attrs.evolve(_model(100, MANUAL), prices=())
    model = attrs.evolve(
        model, procedure=PricingProcedure(id="p", steps=(ListPrice(id="list", required=False), MANUAL, CENTS))
    )
    line = Line("dock", 2, manual=_by_hand(unit_price=Money(60, "EUR")))

    assert _percent(_quote(model, [line])) is None
    basis = ReferenceBasis(unit_prices={"dock": Money(80, "EUR")})
    assert _percent(_quote(model, [line], basis=basis)) == Percent(25)


def _with_added(product: str, amount: int, basis: ReferenceBasis | None = None) -> Quote:
    """Three docks at 100 EUR, and a unit of something that a rule adds to them."""
    answer = _model(100).compile().price(PricingRequest(at=NOW, currency="EUR", lines=[Line("dock", 3)]))
    more = AddedLine(
        step="s", rule="r", product=product, quantity=Decimal(1), amount=Money(amount, "EUR"), position=0
    )
    quote, _ = quote_from(
        attrs.evolve(answer, added=(more,)),
        id="q",
        number="Q",
        valid_until=LAST_DAY,
        basis=basis,
        at=NOW,
        by=REP,
    )
    return quote


def test_a_gift_of_another_product_is_unknown_until_the_house_says_what_it_costs() -> None:
    assert _percent(_with_added("bag", 0)) is None
    basis = ReferenceBasis(unit_prices={"bag": Money(75, "EUR")})
    assert _percent(_with_added("bag", 0, basis)) == Percent(20)


def test_units_that_a_rule_adds_at_a_price_are_measured_like_their_line() -> None:
    assert _percent(_with_added("dock", 60)) == Percent(10)


def test_another_currency_without_a_rate_is_not_known() -> None:
    basis = ReferenceBasis(unit_prices={"dock": Money(100, "EUR")})

    assert (
        _percent(_quote(_model(100, currency="USD"), [Line("dock", 1)], currency="USD", basis=basis)) is None
    )


def test_a_rate_that_moves_later_does_not_count() -> None:
    basis = ReferenceBasis(unit_prices={"dock": Money(100, "EUR")}, rates=RATES)
    quote = _quote(_model(200, currency="USD"), [Line("dock", 1)], currency="USD", basis=basis)
    assert _percent(quote) == Percent(0)

    moved = ExchangeRates([ExchangeRate("EUR", "USD", 1, date(2026, 2, 1))])
    answer = (
        _model(100, currency="USD")
        .compile()
        .price(PricingRequest(at=NOW, currency="USD", lines=[Line("dock", 1)]))
    )
    now_cheap = ReferenceBasis(unit_prices={"dock": Money(100, "EUR")}, rates=moved)
    later, _ = revise(quote, answer, valid_until=LAST_DAY, basis=now_cheap, at=NOW, by=REP)
    assert _percent(later) == Percent(50)


def _line(id_: str, listed: int, net: int, **more: object) -> QuoteLine:
    return QuoteLine(
        position=int(id_) - 1, id=id_, quantity=Decimal(1), list_amount=Money(listed, "EUR"),
        net_amount=Money(net, "EUR"), share=Money(0, "EUR"),
        **{"product": f"p-{id_}", **more},  # type: ignore[arg-type]
    )  # fmt: skip


def _version(*lines: QuoteLine) -> QuoteVersion:
    return QuoteVersion(
        number=1, currency="EUR", lines=lines, priced_at=NOW, valid_until=LAST_DAY, model="m", model_version=1,
        model_digest="", request_digest="", made_at=NOW, made_by="li.wei",
    )  # fmt: skip


def test_a_discount_does_not_hide_in_an_option_or_an_alternative() -> None:
    option = _version(_line("1", 100, 100), _line("2", 300, 60, optional=True))
    alternative = _version(_line("1", 100, 100), _line("2", 100, 50, alternative_of="1"))

    assert option.list_discount == Percent(0)
    assert (deepest_discount(option), deepest_discount(alternative)) == (Percent(60), Percent(50))
    assert quote_metrics(option)["max_line_discount_percent"] == Percent(80)
    # an option at full price does not thin a deep discount out
    padded = _version(_line("1", 100, 50), _line("2", 900, 900, optional=True))
    assert deepest_discount(padded) == Percent(50)


def test_a_negative_line_counts_and_one_without_a_list_price_is_no_gift() -> None:
    assert deepest_discount(_version(_line("1", 100, 100), _line("2", 0, -40))) == Percent(40)
    found = line_discounts(_version(_line("1", 100, 100), _line("2", 0, -40), _line("3", 0, 0)))
    assert {id_: one.percent for id_, one in found.items()} == {"1": Percent(0), "2": None, "3": Percent(0)}
    assert quote_metrics(_version(_line("1", 0, -40)))["effective_discount_percent"] is None


_AMOUNTS = st.tuples(st.integers(1, 50), st.integers(0, 60))


@given(
    st.lists(_AMOUNTS, min_size=1, max_size=2),
    st.lists(_AMOUNTS, max_size=3),
    st.lists(_AMOUNTS, max_size=2),
)
def test_the_deepest_discount_is_that_of_the_worst_choice(
    required: list[tuple[int, int]], optional: list[tuple[int, int]], alternatives: list[tuple[int, int]]
) -> None:
    rows: list[tuple[tuple[int, int], dict[str, Any]]] = [(row, {}) for row in required]
    rows += [(row, {"optional": True}) for row in optional]
    rows += [(row, {"alternative_of": "1"}) for row in alternatives]
    version = _version(*(_line(str(n), *row, **more) for n, (row, more) in enumerate(rows, 1)))

    choices = []
    for first in (required[0], *alternatives):
        for takes in every((False, True), repeat=len(optional)):
            taken = [row for row, is_taken in zip(optional, takes, strict=True) if is_taken]
            chosen = [first, *required[1:], *taken]
            choices.append((sum(net for _, net in chosen), sum(listed for listed, _ in chosen)))
    found = deepest_discount(version)
    deepest = max(1 - Fraction(net, listed) for net, listed in choices)
    assert found is not None
    assert abs(Fraction(found.points) - 100 * deepest) <= abs(deepest) / 10**30
    costs = {f"p-{n}": Money(row[0], "EUR") for n, (row, _) in enumerate(rows, 1)}
    margin = thinnest_margin(version, lambda line: costs[line.product])
    if all(net for net, _ in choices):
        thinnest = min(
            1 - Fraction(listed, net) for net, listed in choices
        )  # what it costs is its list price here
        assert margin is not None
        assert abs(Fraction(margin.points) - 100 * thinnest) <= (1 + abs(thinnest)) / 10**25


def test_an_offer_with_options_is_measured_line_by_line() -> None:
    outline = Outline([
        OutlineLine("a", Line("dock", 2)),
        OutlineLine("b", Line("dock", 1, manual=_by_hand(unit_price=Money(40, "EUR"))), optional=True),
    ])  # fmt: skip
    offer = price_offer(
        outline, PricingRequest(at=NOW, currency="EUR", lines=[]), _model(100, MANUAL).compile()
    )
    quote, _ = quote_from(offer, id="q", number="Q", valid_until=LAST_DAY, at=NOW, by=REP)

    assert {id_: one.percent for id_, one in line_discounts(quote.current).items()} == {
        "a": Percent(0),
        "b": Percent(60),
    }
    assert _percent(quote) == Percent(20)
    whole = effective_discount(quote.current)
    assert whole is not None
    assert (whole.percent, whole.given) == (Percent(0), Money(0, "EUR"))


# --- references as values


def test_references_come_back_from_json_and_are_part_of_the_digest() -> None:
    quote = _quote(_model(100), [Line("dock", 10)])

    assert Codec().from_json(Quote, Codec().to_json(quote)) == quote
    bare = attrs.evolve(
        quote.current, lines=tuple(attrs.evolve(one, reference=None) for one in quote.current.lines)
    )
    assert bare.digest != quote.current.digest


def test_a_term_that_appears_or_vanishes_is_not_known() -> None:
    reference = LineReference(amount=Money(12, "EUR"), quantity=Decimal(1), starts=date(2026, 1, 1),
                              ends=date(2027, 1, 1), at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip

    assert reference.amount_of(Decimal(1), "EUR") is None
    longer = reference.amount_of(Decimal(2), "EUR", starts=date(2027, 1, 1), ends=date(2028, 4, 1))
    assert longer == Money(30, "EUR")


def test_a_basis_is_of_one_currency_and_not_negative() -> None:
    with pytest.raises(InvalidInput) as refused:
        ReferenceBasis(unit_prices={"a": Money(1, "EUR"), "b": Money(-1, "EUR"), "c": Money(1, "USD")})

    assert [(one.path, one.found) for one in refused.value.problems] == [
        ("unit_prices.b", "'-1 EUR'"), ("unit_prices.c", "'1 USD'"),
    ]  # fmt: skip
