"""Laws of price lists and procedures: the evaluator against an oracle in fractions, and requests from hostile places."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.errors import FloatRefused, InvalidInput
from salesmgmt.core.exact import NotANumber, OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    ConditionType,
    Criterion,
    DiscountRule,
    Discounts,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    Line,
    ListPrice,
    ManualPrice,
    ManualPrices,
    PercentOff,
    Priced,
    PriceList,
    PriceListPolicy,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    Promotion,
    Promotions,
    RoundLines,
    SelectionOrder,
    SharesOfTotal,
    Terms,
    require_invariants,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.procedure import Step
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from tests.cpq.pricing.answers import CODEC, few, nets, told_elsewhere
from tests.cpq.pricing.oracle import Oracle
from tests.cpq.pricing.oracle_arithmetic import is_short, near
from tests.cpq.pricing.strategies import CATALOGUE, FACTS, NOW, money, requests, standard_models


def with_steps(model: PricingModel, *steps: Step) -> PricingModel:
    return attrs.evolve(
        model, procedure=attrs.evolve(model.procedure, steps=(*model.procedure.steps, *steps))
    )


@given(standard_models(), requests(hand=True))
def test_amounts_are_those_of_fractions_and_exact_before_they_are_rounded(
    model: PricingModel, request: PricingRequest
) -> None:
    priced = model.compile().price(request)
    oracle = Oracle(model, request)

    assert {line.position: Fraction(line.net_amount.amount) for line in priced.lines} == oracle.nets
    for line, state in zip(priced.lines, oracle.lines, strict=True):
        amount, wanted = line.subtotals["exact"].amount, state.subtotals["exact"]
        assert Fraction(amount) == wanted if is_short(wanted) else near(amount, wanted)
        assert near(line.list_amount.amount, state.listed)


@few
@given(standard_models(), requests(hand=True))
def test_every_answer_adds_up_and_the_short_one_is_the_same(
    model: PricingModel, request: PricingRequest
) -> None:
    pricer = model.compile()
    priced = pricer.price(request)

    require_invariants(priced)
    for line in priced.lines:
        assert sum(Fraction(step.rounded_amount) for step in line.waterfall) == Fraction(
            line.net_amount.amount
        )
        assert all(step.running_amount >= 0 for step in line.waterfall)
    for header in priced.header:
        assert sum(Fraction(share.amount) for share in header.shares) == Fraction(header.rounded.amount)
    found = dict(enumerate(pricer.net_amounts(request)))
    assert found == {line.position: line.net_amount for line in priced.lines} | {
        missing.position: missing for missing in priced.unpriced
    }


@few
@given(standard_models(), requests(hand=True))
def test_what_is_told_beside_changes_no_amount(model: PricingModel, request: PricingRequest) -> None:
    pricer = model.compile()

    told = pricer.price(request, passed_over=True)

    assert {line.position: Fraction(line.net_amount.amount) for line in told.lines} == nets(pricer, request)


@few
@given(standard_models(), requests(hand=True), st.booleans())
def test_a_discount_of_everything_is_exactly_zero_on_every_line(
    model: PricingModel, request: PricingRequest, on_document: bool
) -> None:
    rules = (DiscountRule(id="all", percent=Percent(100)),)
    last = HeaderDiscounts(id="all", rules=rules) if on_document else Discounts(id="all", rules=rules)

    pricer = with_steps(model, last, RoundLines(id="end")).compile()

    assert set(nets(pricer, request).values()) <= {Fraction(0)}


@few
@given(standard_models(), requests(hand=True), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing_where_nothing_is_shared(
    model: PricingModel, request: PricingRequest, random: Any
) -> None:
    steps = tuple(step for step in model.procedure.steps if not isinstance(step, HeaderDiscounts))
    pricer = attrs.evolve(model, procedure=attrs.evolve(model.procedure, steps=steps)).compile()
    order = list(range(len(request.lines)))
    random.shuffle(order)
    turned = attrs.evolve(request, lines=[request.lines[place] for place in order])

    second = nets(pricer, turned)

    assert {order[place]: amount for place, amount in second.items()} == nets(pricer, request)


@few
@given(standard_models(), requests(hand=True), money)
def test_a_record_for_another_customer_or_day_changes_nothing(
    model: PricingModel, request: PricingRequest, amount: Decimal
) -> None:
    request = attrs.evolve(request, customer=dict(request.customer) | {"id": "beta"})
    price = Money(amount, "EUR")
    strange = [
        *(PriceRecord(id=f"x-{one}", product=one, price=price, customer="gamma") for one in "abcd"),
        *(PriceRecord(id=f"y-{one}", product=one, price=price, valid_to=NOW.date()) for one in "abcd"),
        *(PriceRecord(id=f"z-{one}", product=one, price=Money(amount, "USD")) for one in "abcd"),
    ]
    more = attrs.evolve(model, prices=(*model.prices, *strange))

    assert nets(more.compile(), request) == nets(model.compile(), request)


BEST = PriceListPolicy(order=SelectionOrder(criteria=(Criterion.BEST_PRICE, Criterion.ID)))


@given(st.lists(money, min_size=1, max_size=4), money, st.integers(1, 50))
def test_a_further_rule_never_raises_the_best_price(
    amounts: list[Decimal], further: Decimal, count: int
) -> None:
    def net(prices: list[Decimal]) -> Fraction:
        rules = [PriceRule(id=f"r{number}", price=price) for number, price in enumerate(prices)]
        lists = PriceLists(lists=[PriceList(id="retail", currency="EUR", rules=rules)], policy=BEST)
        steps = (ListPrice(id="list", required=False), PriceListRules(id="rules"), RoundLines(id="cents"))
        model = PricingModel(procedure=PricingProcedure(id="best", steps=steps), price_lists=lists)
        request = PricingRequest(at=NOW, currency="EUR", price_list="retail", lines=[Line("a", count)])
        return nets(model.compile(), request)[0]

    assert net(amounts) == Fraction(min(amounts)) * count
    assert net([*amounts, further]) <= net(amounts)


@few
@given(standard_models(), requests(hand=True))
def test_pricing_again_stored_pickled_in_threads_and_in_another_context_gives_the_same(
    model: PricingModel, request: PricingRequest
) -> None:
    pricer = model.compile()
    priced = pricer.price(request)
    stored = CODEC.to_json(priced)

    assert pricer.price(request) == priced
    assert told_elsewhere(pricer, request) == {stored}
    assert CODEC.to_json(CODEC.from_json(Priced, stored)) == stored


def test_the_locale_changes_nothing() -> None:
    pricer = MODELS["procedure"].compile()
    request = asked(Line("a", "3.5"), Line("b", 2))
    before, known = CODEC.to_json(pricer.price(request)), locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "ar_SA.UTF-8", "C.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert CODEC.to_json(pricer.price(request)) == before
    finally:
        locale.setlocale(locale.LC_ALL, known)


# Requests from hostile places


def models(price: str) -> dict[str, PricingModel]:
    """A procedure of many steps and one of own condition types, in which every unit costs this much."""
    free = FreeUnitsRule(id="free", goods=FreeGoods(per_quantity=7, free_quantity=1, mode="inclusive"))
    steps: tuple[Step, ...] = (
        ListPrice(id="list", required=False),
        PriceListRules(id="rules"),
        ManualPrices(id="by hand"),
        Discounts(id="line", rules=(DiscountRule(id="some", percent=Percent("3.333")),)),
        Terms(id="term"),
        FreeUnits(id="free", rules=(free,)),
        SharesOfTotal(id="care", rules=(PercentOfTotal(product="d", percent=Percent("1.7")),)),
        RoundLines(id="cents"),
        Promotions(id="promotions"),
        HeaderDiscounts(id="header", rules=(DiscountRule(id="all", percent=Percent("7.77")),)),
    )
    types = (
        ConditionType(id="price", kind="price", calculation="set_price"),
        ConditionType(id="off", kind="discount", calculation="percent_compound"),
        ConditionType(id="freight", kind="freight", calculation="amount_per_document"),
    )
    amount = Money(price, "EUR")
    return {
        "procedure": PricingModel(
            procedure=PricingProcedure(id="many", facts=FACTS, time_zone="Asia/Shanghai", steps=steps),
            prices=[PriceRecord(id=one, product=one, price=amount) for one in "abc"],
            price_lists=PriceLists(lists=[PriceList(id="retail", currency="EUR")]),
            promotions=[Promotion(id="spring", benefit=PercentOff(percent=Percent(1)))],
            catalogue=CATALOGUE,
        ),
        "conditions": PricingModel(
            procedure=PricingProcedure(
                id="own",
                facts=FACTS,
                condition_types=types,
                steps=(
                    PricingStep(id="price", type_id="price", mandatory=True),
                    PricingStep(id="off", type_id="off"),
                    RoundLines(id="cents"),
                    PricingStep(id="freight", type_id="freight", scope="document"),
                ),
            ),
            conditions=[
                *(
                    ConditionRecord(
                        id=one, type="price", key={"line.product": one}, amount=amount, per_quantity=3
                    )
                    for one in "abc"
                ),
                ConditionRecord(id="off", type="off", percent=Percent("33.333")),
                ConditionRecord(id="freight", type="freight", amount=Money(10, "EUR")),
            ],
            catalogue=CATALOGUE,
        ),
    }


MODELS = models("10.00")
COSTLY = models("9" * 32 + ".99")
TINY = models("0." + "0" * 32 + "1")


def asked(*lines: Line, **more: Any) -> PricingRequest:
    return PricingRequest(**{"at": NOW, "currency": "EUR", "lines": lines, **more})


NUMBERS = [
    10**20, "0.000000000001", 0, -1, "9" * 34, "0." + "0" * 33 + "1", "1e5", float("nan"), 1.5, None, "१२",
    Decimal("NaN"), Decimal("Infinity"), Decimal("1E+90"), Decimal("1E-90"), Decimal("-0"), True,
]  # fmt: skip
TEXTS = ["\x00", "\u202eabc", "x" * 10**6, "", " ", "a\n", "'; drop table", "%s{0}", "😀", "İ", "\ud800"]
DAYS = [
    (date.min, date.max), (date.max, date.min), (date.max, date.max), (date(9999, 12, 1), date.max),
    (None, date.max), (NOW, date.max), (date.min, NOW), ("2026-01-01", "2027-01-01"),
]  # fmt: skip
INSTANTS = [
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))),
]
FACTS_GIVEN = [
    {"size": "x"}, {"size": 1.5}, {"size": None}, {"size": True}, {"nope": 1}, {"size": [1]}, {"size": {}},
    {"size": Decimal("NaN")}, {"size": 10**1000}, {"product": "b"}, {"amount": 5}, {"quantity": 5},
]  # fmt: skip


def hostile() -> Iterator[Any]:
    """What makes a request, each with its name."""
    for number in NUMBERS:
        for product in "ad":
            yield f"quantity {number!r:.30}", lambda n=number, p=product: asked(Line(p, n), Line("b", 1))
            yield f"dozens {number!r:.30}", lambda n=number, p=product: asked(Line(p, n, uom="dozen"))
    for text in TEXTS:
        for what, make in {
            "product": lambda t: asked(Line(t, 1), Line("a", 1)),
            "unit": lambda t: asked(Line("a", 1, uom=t), Line("?", 1, uom=t)),
            "group": lambda t: asked(Line("a", 1, group=t), Line("b", 1, group=t)),
            "customer": lambda t: asked(Line("a", 1), customer={"id": t, "segment": t}),
            "customer fact": lambda t: asked(Line("a", 1), customer={t: t}),
            "order": lambda t: asked(Line("a", 1), order={"region": t}),
            "order fact": lambda t: asked(Line("a", 1), order={t: t}),
            "line fact": lambda t: asked(Line("a", 1, {}, {t: 1})),
            "configuration": lambda t: asked(Line("a", 1, {t: t})),
            "code": lambda t: asked(Line("a", 1), codes=[t]),
            "price list": lambda t: asked(Line("a", 1), price_list=t),
            "currency": lambda t: asked(Line("a", 1), currency=t),
            "bought": lambda t: asked(Line("a", 1), bought={t: 1}),
            "reason": lambda t: asked(
                Line("a", 1, manual=ManualPrice(unit_price=Money(1, "EUR"), reason=t, by=t))
            ),
        }.items():
            yield f"{what} {text!r:.12}", lambda t=text, make=make: make(t)
    for code in ("XAU", "XXX", "JPY", "KWD", "USD", "eur", "XTS"):
        yield f"currency {code}", lambda c=code: asked(Line("a", 3), Line("d", 2), currency=c)
    for at in INSTANTS:
        yield f"at {at}", lambda at=at: asked(Line("a", 1), at=at)
    for start, end in DAYS:
        yield (
            f"term {start} {end}",
            lambda s=start, e=end: asked(Line("a", 1, starts=s, ends=e), Line("d", 1, starts=s, ends=e)),
        )
    for given_ in FACTS_GIVEN:
        yield f"fields {given_!r:.20}", lambda g=given_: asked(Line("a", 1, {}, g))
        yield f"customer {given_!r:.20}", lambda g=given_: asked(Line("a", 1), customer=g)
        yield f"order {given_!r:.20}", lambda g=given_: asked(Line("a", 1), order=g)
    for manual in (
        {"unit_price": Money("9" * 34, "EUR")},
        {"amount_off": Money("-" + "9" * 34, "EUR")},
        {"percent_off": Percent("-" + "9" * 30)},
        {"unit_price": Money("0." + "0" * 30 + "1", "EUR")},
        {"unit_price": Money(-1, "EUR")},
    ):
        yield (
            f"manual {manual!r:.30}",
            lambda m=manual: asked(
                Line("a", "12.345", manual=ManualPrice(**m, reason="r", by="b")), Line("b", 3)
            ),
        )
    yield "nothing", asked


HOSTILE = dict(hostile())


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("of", [MODELS, COSTLY, TINY], ids=["usual", "costly", "tiny"])
def test_a_hostile_request_is_priced_or_refused_by_a_named_error(
    of: dict[str, PricingModel], kind: str
) -> None:
    pricer = of[kind].compile()
    refused: list[str] = []

    for name, make in HOSTILE.items():
        try:
            request = make()
            priced = pricer.price(request)
        except (InvalidInput, OutOfRange, NotANumber, FloatRefused) as error:
            refused.append(str(error))
            continue
        require_invariants(priced)
        assert len(priced.lines) + len(priced.unpriced) == len(request.lines), name
        short = [one for one in pricer.net_amounts(request) if isinstance(one, Money)]
        assert short == [line.net_amount for line in priced.lines], name

    assert len(refused) > len(HOSTILE) // 4
    assert max(map(len, refused)) < 5_000


def test_a_document_of_a_thousand_lines_is_priced_and_adds_up() -> None:
    lines = [Line("abcd"[number % 4], number + 1, group=str(number % 7)) for number in range(1000)]

    for model in MODELS.values():
        priced = model.compile().price(asked(*lines))
        assert sum(Fraction(line.net_amount.amount) for line in priced.lines) > 0
        for header in priced.header:
            assert sum(Fraction(share.amount) for share in header.shares) == Fraction(header.rounded.amount)


# What these laws have found, each as small as it gets


def test_a_line_that_lost_its_price_takes_no_share() -> None:
    steps = (
        ListPrice(id="list", required=False),
        RoundLines(id="cents"),
        HeaderDiscounts(id="header", rules=(DiscountRule(id="ten", percent=Percent(10)),)),
    )
    model = PricingModel(
        procedure=PricingProcedure(id="p", steps=steps),
        prices=[PriceRecord(id="a", product="a", price=Money(100, "EUR"))],
    )

    priced = model.compile().price(asked(Line("?", 1), Line("a", 1)))

    assert [str(line.net_amount) for line in priced.lines] == ["90.00 EUR"]
    assert [str(share) for share in priced.header[0].shares] == ["-10.00 EUR"]


@pytest.mark.parametrize(
    "line",
    [
        Line("?", 1, manual=ManualPrice(percent_off=Percent(10), reason="r", by="b")),
        Line("?", 1, manual=ManualPrice(amount_off=Money(1, "EUR"), reason="r", by="b")),
        Line("?", 1, starts=date(2026, 1, 1), ends=date(2026, 7, 1)),
        Line("?", 70),
    ],
)
def test_nothing_that_is_taken_off_makes_a_price_of_zero(line: Line) -> None:
    priced = MODELS["procedure"].compile().price(asked(line))

    assert not priced.lines
    assert [one.code for one in priced.unpriced] == ["no_price"]
    assert not priced.added


def test_each_line_of_a_share_of_the_total_has_its_price() -> None:
    # 10 % of 100; the second one for half a year.
    steps = (
        ListPrice(id="list", required=False),
        SharesOfTotal(id="care", rules=(PercentOfTotal(product="d", percent=Percent(10)),)),
        RoundLines(id="cents"),
    )
    model = PricingModel(
        procedure=PricingProcedure(id="p", steps=steps),
        prices=[PriceRecord(id="a", product="a", price=Money(100, "EUR"))],
    )
    half = Line("d", 1, starts=date(2026, 1, 1), ends=date(2026, 7, 1))

    priced = model.compile().price(asked(Line("a", 1), Line("d", 1), half))

    assert [str(line.net_amount) for line in priced.lines] == ["100.00 EUR", "10.00 EUR", "5.00 EUR"]


def test_an_amount_with_many_decimals_goes_on_with_twenty() -> None:
    # 7 months of 100 a year are 58.333...; and 100 on top.
    steps = (
        ListPrice(id="list"),
        Terms(id="term"),
        Discounts(id="fee", rules=(DiscountRule(id="fee", amount=Money(-100, "EUR")),)),
        RoundLines(id="cents"),
    )
    model = PricingModel(
        procedure=PricingProcedure(id="p", steps=steps),
        prices=[PriceRecord(id="a", product="a", price=Money(100, "EUR"))],
    )

    priced = model.compile().price(asked(Line("a", 1, starts=date(2026, 1, 1), ends=date(2026, 8, 1))))

    assert str(priced.total) == "158.33 EUR"
