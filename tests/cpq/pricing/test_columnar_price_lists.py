"""Price lists in columns, against the row path; NumPy may be missing, then there is nothing to test."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    STANDARD,
    DiscountRule,
    Discounts,
    Line,
    ListPrice,
    PriceListRules,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    QuantityTiers,
    RoundLines,
    TierRecord,
)
from salesmgmt.cpq.pricing.price_lists.policy import Combination, PriceListPolicy, WithoutRule
from salesmgmt.cpq.pricing.price_lists.price_list import PriceList, PriceLists
from salesmgmt.cpq.pricing.price_lists.price_rule import PriceRule
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder, Ties, Unlisted, UpperBound
from salesmgmt.cpq.products import Catalogue, Product

pytest.importorskip("numpy")

from salesmgmt.cpq.pricing.columnar import (
    Columnar,
    ColumnarResult,
    Inexpressible,
    plan_of,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = date(2026, 1, 1)
PRODUCTS = ("shirt", "shirt-red", "shirt-red-xl", "desk", "lamp", "bare")
CATALOGUE = Catalogue(
    [
        Product(id="shirt", family="f", category="tops", brand="Acme"),
        Product(id="shirt-red", family="f", parent="shirt"),
        Product(id="shirt-red-xl", family="g", parent="shirt-red", categories=("sale", "tops"), brand="Bolt"),
        Product(id="desk", family="g", category="office", unit="piece"),
        Product(id="lamp", category="office"),
        Product(id="bare"),
    ],
    categories={"tops": "clothes", "office": "furniture"},
)
PRICES = [
    PriceRecord(id=f"p-{product}", product=product, price=Money(amount, "EUR"))
    for product, amount in zip(PRODUCTS[:-1], ("20.00", "21.50", "22.25", "199.99", "0.35"), strict=True)
]


def model_of(
    *rules: PriceRule,
    policy: PriceListPolicy | None = None,
    steps: Sequence[Any] | None = None,
    required: bool = True,
    zone: str = "UTC",
    tiers: Sequence[TierRecord] = (),
    prices: Sequence[PriceRecord] = tuple(PRICES),
    **more: Any,
) -> PricingModel:
    return PricingModel(
        procedure=PricingProcedure(
            id="p",
            time_zone=zone,
            facts={"order.channel": "text", "line.fragile": "bool", "customer.groups": "set of text"},
            steps=(
                ListPrice(id="list", required=required),
                *([PriceListRules(id="rules", default="retail")] if steps is None else steps),
                RoundLines(id="cents"),
            ),
        ),
        prices=prices,
        tiers=tiers,
        price_lists=PriceLists(
            lists=[PriceList(id="retail", currency="EUR", rules=rules, **more)],
            policy=policy or PriceListPolicy(),
        ),
        catalogue=CATALOGUE,
    )


def line(product: str = "desk", quantity: Any = 1, *, day: date = FIRST, **facts: Any) -> dict[str, Any]:
    named = {
        "customer.id": facts.get("customer"),
        "customer.segment": facts.get("segment"),
        "order.channel": facts.get("channel"),
        "line.fragile": facts.get("fragile"),
    }
    return {"line.product": product, "line.quantity": quantity, "order.date": day, **named}


def by_rows(
    model: PricingModel,
    lines: Sequence[Mapping[str, Any]],
    at: datetime | None = None,
    zone: Any = UTC,
    **more: Any,
) -> list[Money | str]:
    """What the row path says: an amount, or the code of why there is none."""
    pricer = model.compile()
    found: list[Money | str] = []
    for one in lines:

        def facts(prefix: str, one: Mapping[str, Any] = one) -> dict[str, Any]:
            taken = {"line.product", "line.quantity", "order.date"}
            return {
                name.removeprefix(prefix): value
                for name, value in one.items()
                if name.startswith(prefix) and name not in taken
            }

        request = PricingRequest(
            at=at or datetime.combine(one["order.date"], datetime.min.time(), zone),
            currency="EUR",
            customer=facts("customer."),
            order=facts("order."),
            lines=[Line(one["line.product"], one["line.quantity"], fields=facts("line."))],
            **more,
        )
        answer = pricer.net_amounts(request)[0]
        found.append(answer if isinstance(answer, Money) else answer.code)
    return found


def priced(
    model: PricingModel, lines: Sequence[Mapping[str, Any]], at: datetime | None = None, **more: Any
) -> ColumnarResult:
    names = [name for name in lines[0] if at is None or name != "order.date"]
    columns = {name: [one[name] for one in lines] for name in names}
    return Columnar(model).net_amounts(columns, currency="EUR", at=at, **more)


def told(result: ColumnarResult) -> list[Money | str]:
    return [
        result.why_unpriced(place) if money is None else money for place, money in enumerate(result.monies())
    ]


def euros(*amounts: str) -> list[Money]:
    return [Money(amount, "EUR") for amount in amounts]


# Pinned, reckoned by hand.


def test_a_fixed_price_and_a_percentage_off() -> None:
    model = model_of(
        PriceRule(id="desk", key={"line.product": "desk"}, price="150"),
        PriceRule(id="family", key={"line.family": "f"}, percent_off="12.5"),
    )
    result = priced(model, [line("desk", 3), line("shirt", 3), line("lamp", 3), line("shirt-red", "0.5")])
    # 450; 60 - 12.5 %; no rule: the list price; 10.75 - 12.5 % = 9.40625
    assert told(result) == euros("450.00", "52.50", "1.05", "9.41")
    assert (result.by_rows, result.reason) == (0, None)


def test_the_more_specific_key_wins_and_then_the_larger_minimum() -> None:
    model = model_of(
        PriceRule(id="all", percent_off=1),
        PriceRule(id="family", key={"line.family": "g"}, percent_off=2),
        PriceRule(id="both", key={"line.family": "g", "customer.segment": "gold"}, percent_off=3),
        PriceRule(
            id="break", key={"line.family": "g", "customer.segment": "gold"}, min_quantity=10, percent_off=4
        ),
        PriceRule(
            id="product", key={"line.product": "desk"}, min_quantity=20, max_quantity=30, percent_off=5
        ),
        prices=[PriceRecord(id="p", product="desk", price=Money(100, "EUR"))],
    )
    lines = [
        line(quantity=units, segment=segment) for units in (1, 10, 20, 30, 31) for segment in ("gold", None)
    ]
    result = priced(model, lines)
    assert result.net.tolist() == [9700, 9800, 96000, 98000, 190000, 190000, 285000, 285000, 297600, 303800]
    winners = result.winners("rules")
    names = [
        "both",
        "family",
        "break",
        "family",
        "product",
        "product",
        "product",
        "product",
        "break",
        "family",
    ]
    assert [winners.values[code] for code in winners.codes] == [(name,) for name in names]


def test_a_category_holds_for_those_below_it_and_the_nearest_wins() -> None:
    model = model_of(
        PriceRule.for_category("clothes", id="clothes", percent_off=10),
        PriceRule.for_category("tops", id="tops", percent_off=20),
        PriceRule.for_product("shirt-red", id="red", percent_off=30),
    )
    result = priced(model, [line(product) for product in ("shirt", "shirt-red", "shirt-red-xl", "desk")])
    # 20 - 20 %, 21.50 - 30 %, its variant 22.25 - 30 %, none
    assert told(result) == euros("16.00", "15.05", "15.58", "199.99")
    assert result.by_rows == 0


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Sao_Paulo"])
def test_validity_is_to_the_instant(zone: str) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=2)))
    model = model_of(
        PriceRule(id="from-noon", price=1, valid_from=noon, valid_to=datetime(2026, 3, 2, 20, tzinfo=UTC)),
        PriceRule(id="day", price=2, priority=-1, valid_from=date(2026, 3, 3), valid_to=date(2026, 3, 4)),
        zone=zone,
    )
    for hours in range(-30, 60):
        at = noon + timedelta(hours=hours)
        for moment in (at - timedelta(microseconds=1), at):
            assert told(priced(model, [line()], moment)) == by_rows(model, [line()], moment)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Sao_Paulo", "Africa/Cairo"])
def test_a_column_of_days_prices_for_the_beginning_of_each_day(zone: str) -> None:

    rules = [
        PriceRule(
            id=f"r{place}",
            price=place,
            valid_from=datetime(2018, 11, 1, 21, tzinfo=UTC) + timedelta(hours=7 * place),
        )
        for place in range(1, 30)
    ]
    model = model_of(*rules, zone=zone)
    lines = [line(day=date(2018, 10, 30) + timedelta(days)) for days in range(14)]
    assert told(priced(model, lines)) == by_rows(model, lines, zone=ZoneInfo(zone))


def test_rules_of_equal_rank_are_a_conflict_where_they_disagree() -> None:
    model = model_of(
        PriceRule(id="a", percent_off=10),
        PriceRule(id="b", percent_off=20, max_quantity=5),
        PriceRule(id="c", percent_off=10, min_quantity=0, valid_from=date(2026, 2, 1)),
        PriceRule(id="d", percent_off=10, min_quantity=0, valid_from=date(2026, 2, 1)),
    )
    lines = [line(quantity=units, day=day) for units in (5, 6) for day in (FIRST, date(2026, 2, 1))]
    result = priced(model, lines)
    assert told(result) == by_rows(model, lines) == ["conflict", *euros("899.96", "1079.95", "1079.95")]
    # The row path told the conflict, and that c and d come to the same.
    assert result.by_rows == 3
    assert result.winners("rules").codes.tolist()[:2] == [-1, -1]


def test_ties_can_be_settled_by_the_policy() -> None:
    rules = (PriceRule(id="b", percent_off=10), PriceRule(id="a", percent_off=20))
    for ties, net in ((Ties.FIRST, 17999), (Ties.BY_ID, 15999)):
        policy = PriceListPolicy(order=SelectionOrder(ties=ties))
        result = priced(model_of(*rules, policy=policy), [line()])
        assert (result.net.tolist(), result.by_rows) == ([net], 0)


def test_lines_of_rules_that_are_not_simple_go_by_rows_and_the_others_do_not() -> None:
    model = model_of(
        PriceRule(id="charm", key={"line.product": "desk"}, percent_off=10, round_to=10, surcharge="-0.01"),
        PriceRule(id="box", key={"line.product": "lamp"}, price=3, per_quantity=10),
        PriceRule(
            id="lower", key={"line.family": "f"}, condition="lower(customer.segment) == 'gold'", price=7
        ),
        PriceRule(id="half", percent_off=50),
    )
    lines = [
        line("desk"),
        line("lamp", 20),
        line("shirt", segment="Gold"),
        line("shirt"),
        line("shirt-red-xl"),
    ]
    result = priced(model, lines)
    assert told(result) == by_rows(model, lines) == euros("179.99", "6.00", "7.00", "10.00", "11.13")
    assert (result.by_rows, result.reason) == (4, None)


def test_conditions_that_compare_single_facts_need_no_rows() -> None:
    model = model_of(
        PriceRule(id="web", condition="order.channel in {'web', 'app'} and line.quantity >= 3", price=5),
        PriceRule(id="fragile", key={"line.product": "lamp"}, condition="line.fragile", price=6),
        PriceRule(id="never", key={"line.product": "desk"}, condition="order.currency == 'USD'", price=1),
    )
    lines = [
        line("desk", 3, channel="web"),
        line("desk", 2, channel="web"),
        line("desk", 3, channel="app"),
        line("desk", 3, channel="shop"),
        line("lamp", 1, fragile=True),
        line("lamp", 1, fragile=False),
    ]
    result = priced(model, lines)
    assert told(result) == by_rows(model, lines)
    assert (result.net.tolist(), result.by_rows) == ([1500, 39998, 1500, 59997, 600, 35], 0)


def test_a_price_of_a_list_stands_in_for_a_missing_list_price() -> None:
    model = model_of(
        PriceRule(id="fixed", key={"line.product": "bare"}, price=3, max_quantity=5),
        PriceRule(id="off", percent_off=10),
        required=False,
    )
    lines = [line("bare", 2), line("bare", 6), line("unknown", 1), line("lamp", 1)]
    lines = lines[:2] + lines[3:]
    result = priced(model, lines)
    assert told(result) == by_rows(model, lines) == [*euros("6.00"), "no_price", *euros("0.32")]
    assert (result.net.tolist(), result.by_rows) == ([600, 0, 32], 0)
    required = priced(model_of(*model.price_lists.lists[0].rules), lines)
    assert [one for one in told(required) if isinstance(one, str)] == ["no_price", "no_price"]


def test_the_standard_procedure_asks_the_list_of_the_requests() -> None:
    retail = PriceList(id="retail", currency="EUR", rules=[PriceRule(id="r", percent_off=10)])
    model = PricingModel(procedure=STANDARD, prices=PRICES, price_lists=PriceLists(lists=[retail]))
    columns: dict[str, Any] = {"line.product": ["desk"], "line.quantity": [1]}
    columnar = Columnar(model)
    assert columnar.net_amounts(columns, currency="EUR", at=NOW).net.tolist() == [19999]
    result = columnar.net_amounts(columns, currency="EUR", at=NOW, price_list="retail")
    assert (result.net.tolist(), result.by_rows) == ([17999], 0)
    with pytest.raises(InvalidInput) as caught:
        columnar.net_amounts(columns, currency="EUR", at=NOW, price_list="retial")
    assert [(one.code, one.path) for one in caught.value.problems] == [("unknown_price_list", "price_list")]


def test_more_keys_than_a_dense_table_could_hold() -> None:
    random = Random(3)
    pairs = {(f"c{random.randrange(40_000)}", f"p{random.randrange(40_000)}") for _ in range(3_000)}
    rules = [
        PriceRule(id=f"r{place}", key={"customer.id": customer, "line.product": product}, price=place % 97)
        for place, (customer, product) in enumerate(sorted(pairs))
    ]
    model = PricingModel(
        procedure=model_of().procedure,
        prices=[PriceRecord(id=f"p{one}", product=f"p{one}", price=Money(1, "EUR")) for one in range(40_000)],
        price_lists=PriceLists(lists=[PriceList(id="retail", currency="EUR", rules=rules)]),
    )
    lines = [line(product, 2, customer=customer) for customer, product in sorted(pairs)]
    lines += [line(lines[place]["line.product"], customer=f"c{place}") for place in range(200)]
    result = priced(model, lines)
    wanted = {(rule.key["customer.id"], rule.key["line.product"]): rule.price for rule in rules}
    for one, net in zip(lines, result.net.tolist(), strict=True):
        price = wanted.get((one["customer.id"], one["line.product"]))
        assert net == (1 if price is None else int(price)) * 100 * one["line.quantity"]
    assert (result.by_rows, result.reason) == (0, None)


def test_amounts_beyond_64_bits_stay_exact() -> None:
    model = model_of(
        PriceRule(id="r", percent_off="33.333333333"), PriceRule(id="f", max_quantity=1, price=10**15)
    )
    lines = [line(quantity=units) for units in (1, 10**6, 10**13, 10**17, Decimal("0.000000001"))]
    assert told(priced(model, lines)) == by_rows(model, lines)


# What no table takes.


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (model_of(based_on="other"), "several rules, lines or lists"),
        (
            model_of(policy=PriceListPolicy(without_rule=WithoutRule.NO_PRICE)),
            "several rules, lines or lists",
        ),
        (model_of(policy=PriceListPolicy(combination=Combination.ALL_IF_COMBINABLE)), "several rules"),
        (model_of(PriceRule(id="r", min_amount=5, price=1)), "several rules, lines or lists"),
        (model_of(PriceRule(id="r", key={"customer.groups": "a"}, price=1)), "keys on customer.groups"),
    ],
)
def test_lists_that_are_no_table_are_named(model: PricingModel, found: str) -> None:
    plan = plan_of(model, "EUR")
    assert isinstance(plan, Inexpressible)
    assert found in str(plan)


def test_a_list_in_another_currency_is_no_table() -> None:
    assert str(plan_of(model_of(), "USD")) == "rules: found prices in EUR, wanted a price list in USD"


def test_a_list_whose_breaks_and_validities_do_not_fit_goes_row_by_row() -> None:
    rules = [
        PriceRule(
            id=f"r{place}",
            min_quantity=place,
            valid_from=FIRST + timedelta(place),
            price=1,
        )
        for place in range(4_100)
    ]
    found = Columnar(model_of(*rules)).plan("EUR")
    assert isinstance(found, Inexpressible)
    assert found.wanted == "at most 16777216 cells"


# Any plain price list, against the row path.

_KEYS: Mapping[str, Sequence[str]] = {
    "line.product": PRODUCTS,
    "line.lineage": (*PRODUCTS[:4], "unknown"),
    "line.categories": ("tops", "clothes", "sale", "office", "furniture"),
    "line.family": ("f", "g"),
    "line.brand": ("Acme", "Bolt"),
    "line.uom": ("piece", "box"),
    "customer.id": ("acme", "bolt", ""),
    "customer.segment": ("gold", "silver"),
    "order.channel": ("web", "shop"),
    "order.currency": ("EUR", "USD"),
    "line.group": ("x",),
}
_CONDITIONS = (
    "",
    "",
    "",
    "customer.segment == 'gold'",
    "customer.segment in {'gold', 'silver'} and line.quantity > 2",
    "customer.segment is missing",
    "line.family != 'g'",
    "line.fragile",
    "line.quantity == 5 or line.quantity > 9",
    "order.date >= 2026-01-03",
    "order.channel == customer.segment",
    "line.quantity < 0",
)


@st.composite
def _rules(draw: st.DrawFn, number: int) -> PriceRule:
    names = draw(st.sets(st.sampled_from(sorted(_KEYS)), max_size=2))
    start = draw(st.one_of(st.none(), st.integers(0, 5)))
    length = draw(st.one_of(st.none(), st.integers(1, 4)))
    end = None if length is None else FIRST + timedelta((start or 0) + length)
    begin: date | None = None if start is None else FIRST + timedelta(start)
    if begin is not None and draw(st.booleans()):
        begin = datetime.combine(begin, datetime.min.time(), UTC) + timedelta(
            hours=draw(st.integers(-20, 20))
        )
    low = draw(st.sampled_from([None, None, 1, 2, 5, Decimal("7.5")]))
    width = draw(st.sampled_from([None, None, 0, 3]))
    effect = draw(st.sampled_from(["price", "percent", "percent", "odd"]))
    figures: dict[str, Any] = {"percent_off": draw(st.decimals(-20, 100, places=2))}
    if effect == "price":
        figures = {"price": draw(st.decimals(0, 500, places=3))}
    if effect == "odd":
        figures |= {"surcharge": Decimal(1)}
    return PriceRule(
        id=f"r{number}",
        key={name: draw(st.sampled_from(_KEYS[name])) for name in sorted(names)},
        min_quantity=low,
        max_quantity=None if width is None else (low or 1) + width,
        valid_from=begin,
        valid_to=end,
        uom=draw(st.sampled_from(["", "", "", "piece"])),
        priority=draw(st.sampled_from([None, None, 1, 2])),
        condition=draw(st.sampled_from(_CONDITIONS)),
        **figures,
    )


_orders = st.builds(
    SelectionOrder,
    criteria=st.sampled_from(
        [
            SelectionOrder().criteria,
            (Criterion.SPECIFICITY, Criterion.PRIORITY),
            (Criterion.PRIORITY, Criterion.SPECIFICITY, Criterion.NEWEST),
            (Criterion.NEWEST, Criterion.BREAK),
            (Criterion.FIRST,),
            (Criterion.SPECIFICITY, Criterion.ID),
        ]
    ),
    ties=st.sampled_from(Ties),
    unlisted=st.sampled_from(Unlisted),
    precedence=st.sampled_from(
        [SelectionOrder().precedence, (("line.product", "customer.id"), ("line.family", "customer.segment"))]
    ),
    nearest_first=st.sampled_from([("line.lineage", "line.categories"), ()]),
    max_quantity=st.sampled_from(UpperBound),
)


@st.composite
def _models(draw: st.DrawFn) -> PricingModel:
    rules = [draw(_rules(number)) for number in range(draw(st.integers(1, 7)))]
    steps: list[Any] = [PriceListRules(id="rules", default="retail")]
    if draw(st.booleans()):
        steps.insert(
            draw(st.integers(0, 1)),
            Discounts(
                id="d",
                rules=(DiscountRule(id="d1", amount=Money("1.50", "EUR"), condition="line.quantity > 1"),),
            ),
        )
    tiers = []
    if draw(st.booleans()):
        steps.insert(draw(st.integers(0, len(steps))), QuantityTiers(id="tiers"))
        tiers = [
            TierRecord(id="t1", family="f", lower=3, percent=Percent(5)),
            TierRecord(id="t2", product="desk", lower=2, unit_price=Money("180", "EUR")),
        ]
    return model_of(
        *rules,
        policy=PriceListPolicy(order=draw(_orders)),
        steps=steps,
        tiers=tiers,
        required=draw(st.booleans()),
        zone=draw(st.sampled_from(["UTC", "Asia/Shanghai"])),
    )


_lines = st.lists(
    st.builds(
        line,
        product=st.sampled_from(PRODUCTS),
        quantity=st.sampled_from([1, 2, 3, 5, Decimal("7.5"), 8, 10]),
        day=st.integers(-1, 8).map(lambda days: FIRST + timedelta(days)),
        customer=st.sampled_from([None, "acme", "bolt", "other", ""]),
        segment=st.sampled_from([None, "gold", "silver", "web"]),
        channel=st.sampled_from([None, "web", "shop"]),
        fragile=st.sampled_from([None, True, False]),
    ),
    min_size=1,
    max_size=10,
)


@given(_models(), _lines, st.one_of(st.none(), st.integers(0, 200)))
@settings(max_examples=200, deadline=None)
def test_columns_say_what_rows_say(
    model: PricingModel, lines: list[dict[str, Any]], hours: int | None
) -> None:
    if any(finding.severity == "error" for finding in model.lint()):
        return
    at = None if hours is None else datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
    clock = UTC if model.procedure.time_zone == "UTC" else timezone(timedelta(hours=8))
    result = priced(model, lines, at)
    assert result.reason is None, result.reason
    assert told(result) == by_rows(model, lines, at, clock)
