"""Columns against a small oracle in fractions, and against the row path; NumPy may be missing, then there is nothing to test."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from random import Random
from subprocess import run
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.exact import OutOfRange
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.cpq.pricing import (
    AmountPer,
    DiscountRule,
    Discounts,
    HeaderDiscounts,
    Line,
    ListPrice,
    PriceRecord,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    QuantityTiers,
    RoundedPart,
    RoundLines,
    ScaleType,
    SharesOfTotal,
    Stacking,
    TierRecord,
)
from salesmgmt.cpq.products import Catalogue, Product

np = pytest.importorskip("numpy")

from salesmgmt.cpq.pricing.columnar import (  # noqa: E402 - only where NumPy is
    Coded,
    Columnar,
    ColumnarResult,
    ColumnPlan,
    Inexpressible,
    Scaled,
    plan_of,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = date(2026, 1, 1)
PRODUCTS = ("a", "b", "c", "d")
SEGMENTS = ("gold", "silver")
CUSTOMERS = ("acme", "bolt")
FAMILIES = {"a": "f", "b": "f", "c": "g"}


def model_of(
    *steps: Any,
    prices: Sequence[PriceRecord] = (),
    tiers: Iterable[TierRecord] = (),
    facts: Mapping[str, Any] | None = None,
    last: Any = None,
) -> PricingModel:
    return PricingModel(
        procedure=PricingProcedure(
            id="p",
            facts=facts or {},
            steps=(ListPrice(id="list"), *steps, last or RoundLines(id="cents")),
        ),
        prices=prices,
        tiers=tiers,
        catalogue=Catalogue(
            [
                Product(id=product, family=FAMILIES.get(product, ""))
                for product in dict.fromkeys([*PRODUCTS, *(record.product for record in prices)])
            ]
        ),
    )


def price(amount: str, product: str = "a", **more: Any) -> PriceRecord:
    identifier = "-".join(["p", product, amount, *map(str, more.values())])
    return PriceRecord(id=identifier, product=product, price=Money(amount, "EUR"), **more)


def by_rows(model: PricingModel, lines: Sequence[Mapping[str, Any]]) -> list[Money | str]:
    """What the row path says: an amount, or the code of why there is none."""
    pricer = model.compile()
    found: list[Money | str] = []
    for line in lines:
        request = PricingRequest(
            at=datetime.combine(line["order.date"], datetime.min.time(), UTC),
            currency="EUR",
            customer={
                name.removeprefix("customer."): value
                for name, value in line.items()
                if name.startswith("customer.")
            },
            lines=[
                Line(
                    line["line.product"],
                    line["line.quantity"],
                    fields={"pallets": line["line.pallets"]} if "line.pallets" in line else {},
                )
            ],
        )
        answer = pricer.price(request)
        found.append(answer.unpriced[0].code if answer.unpriced else answer.lines[0].net_amount)
    return found


def by_columns(model: PricingModel, lines: Sequence[Mapping[str, Any]]) -> list[Money | str]:
    result = priced(model, lines)
    assert result.reason is None, result.reason
    return told(result)


def priced(model: PricingModel, lines: Sequence[Mapping[str, Any]]) -> ColumnarResult:
    names = lines[0]
    return Columnar(model).net_amounts(
        {name: [line[name] for line in lines] for name in names}, currency="EUR"
    )


def told(result: ColumnarResult) -> list[Money | str]:
    return [
        result.why_unpriced(place) if money is None else money for place, money in enumerate(result.monies())
    ]


def line(
    product: str = "a",
    quantity: Any = 1,
    *,
    day: date = FIRST,
    customer: str | None = None,
    segment: str | None = None,
) -> dict[str, Any]:
    return {
        "line.product": product,
        "line.quantity": quantity,
        "order.date": day,
        "customer.id": customer,
        "customer.segment": segment,
    }


# The oracle: rounding as `decimal` documents it, and the simplest procedure, in fractions.

ROUNDINGS: dict[RoundingMode, Callable[[Fraction], int]] = {
    RoundingMode.HALF_UP: lambda x: floor(x + Fraction(1, 2)),
    RoundingMode.HALF_DOWN: lambda x: ceil(x - Fraction(1, 2)),
    RoundingMode.HALF_EVEN: round,
    RoundingMode.UP: ceil,
    RoundingMode.CEILING: ceil,
    RoundingMode.DOWN: floor,
    RoundingMode.FLOOR: floor,
}


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize("increment", ["0.01", "0.05", "0.03", "10"])
@given(
    st.lists(
        st.tuples(st.decimals(0, 10**5, places=3), st.decimals("0.01", 1000, places=2)),
        min_size=1,
        max_size=6,
    ),
    st.decimals(-100, 100, places=1),
)
@settings(max_examples=6, deadline=None)
def test_every_rounding_is_that_of_fractions(
    mode: RoundingMode, increment: str, drawn: list[tuple[Decimal, Decimal]], percent: Decimal
) -> None:
    model = model_of(
        Discounts(id="d", rules=(DiscountRule(id="r", percent=Percent(percent)),)),
        prices=[price(f"{amount:f}", f"p{place}") for place, (amount, _) in enumerate(drawn)],
        last=RoundLines(id="end", mode=mode, increment=Decimal(increment)),
    )
    lines = [line(f"p{place}", quantity) for place, (_, quantity) in enumerate(drawn)]
    wanted = []
    for amount, quantity in drawn:
        exact = Fraction(amount) * Fraction(quantity) * (1 - Fraction(percent) / 100)
        steps = ROUNDINGS[mode](exact / Fraction(increment))
        wanted.append(Fraction(increment) * steps)
    found = by_columns(model, lines)
    assert [Fraction(money.amount) for money in found if isinstance(money, Money)] == wanted


@pytest.mark.parametrize("mode", RoundingMode)
def test_price_points_are_those_of_the_row_path(mode: RoundingMode) -> None:
    model = model_of(
        prices=[price("0.01")],
        last=RoundLines(id="end", mode=mode, increment=Decimal(1), ending=Decimal("0.95")),
    )
    lines = [line("a", quantity) for quantity in (*range(1, 310), "47.5", "145.5", "95", "195")]
    assert by_columns(model, lines) == by_rows(model, lines)


# Any procedure that tables express, against the row path.

_days = st.one_of(st.none(), st.integers(0, 6).map(lambda days: FIRST + timedelta(days)))


def _span(draw: st.DrawFn) -> dict[str, Any]:
    start, end = draw(_days), draw(_days)
    if start is not None and end is not None and end <= start:
        end = start + timedelta(1)
    return {"valid_from": start, "valid_to": end}


_CONDITIONS = (
    "",
    "customer.segment == 'gold'",
    "customer.segment != 'gold'",
    "customer.segment in {'gold', 'silver'} and line.quantity >= 5",
    "customer.segment not in {'gold'}",
    "customer.segment is missing",
    "not customer.segment == 'gold'",
    "customer.id is not missing and line.product != 'a'",
    "line.family == 'f'",
    "not (line.family == 'f' or line.family == 'g')",
    "line.quantity > 2 and line.quantity <= 7.5",
    "line.quantity == 5 or line.quantity > 9.99",
    "order.date == 2026-01-03 or order.date > 2026-01-05",
    "order.date < 2026-01-02 and customer.id == 'acme' and line.family != 'g'",
    "order.currency == 'EUR'",
    "order.currency == 'USD'",
    "line.pallets >= 2",
    "line.pallets is missing or line.pallets < 0.5",
    "not line.pallets > 1 and customer.segment == 'silver'",
)


@st.composite
def _models(draw: st.DrawFn) -> PricingModel:
    amounts = st.decimals(0, 1000, places=2).map(lambda one: f"{one:f}")
    prices = [
        PriceRecord(
            id=f"p-{number}",
            product=draw(st.sampled_from(PRODUCTS[:3])),
            price=Money(draw(amounts), draw(st.sampled_from(["EUR", "EUR", "USD"]))),
            customer=draw(st.sampled_from(["", "", *CUSTOMERS])),
            segment=draw(st.sampled_from(["", "", *SEGMENTS])),
            **_span(draw),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    tiers = []
    for owner in draw(st.sets(st.sampled_from(["a", "b", "f", "g"]))):
        lowers = sorted(
            draw(st.sets(st.sampled_from([Decimal(one) for one in ("0", "2", "5", "7.5", "10")]), max_size=3))
        )
        for number, lower in enumerate(lowers):
            later = lowers[number + 1 :]
            kind = draw(st.booleans())
            tiers.append(
                TierRecord(
                    id=f"t-{owner}-{lower}",
                    product=owner if owner in PRODUCTS else "",
                    family="" if owner in PRODUCTS else owner,
                    lower=lower,
                    upper=None if bool(later) or draw(st.booleans()) else lower + 3,
                    percent=Percent(draw(st.decimals(-30, 100, places=1))) if kind else None,
                    unit_price=None if kind else Money(draw(amounts), draw(st.sampled_from(["EUR", "USD"]))),
                )
            )
    steps: list[Any] = [QuantityTiers(id="tiers")]
    for name in ("one", "two")[: draw(st.integers(0, 2))]:
        only_percents = draw(st.booleans())
        rules = []
        for number in range(draw(st.integers(0, 5))):
            is_percent = only_percents or draw(st.booleans())
            rules.append(
                DiscountRule(
                    id=f"{name}-{number}",
                    percent=Percent(draw(st.decimals(-150, 100, places=1))) if is_percent else None,
                    amount=None
                    if is_percent
                    else Money(
                        f"{draw(st.decimals(-50, 500, places=2)):f}", draw(st.sampled_from(["EUR", "USD"]))
                    ),
                    per=draw(st.sampled_from(AmountPer)),
                    stacking=draw(st.sampled_from(Stacking)) if only_percents else Stacking.COMPOUND,
                    condition=draw(st.sampled_from(_CONDITIONS)),
                    **_span(draw),
                )
            )
        steps.insert(draw(st.integers(0, len(steps))), Discounts(id=name, rules=tuple(rules)))
    if draw(st.booleans()):
        middle = RoundLines(id="middle", mode=draw(st.sampled_from(RoundingMode)), increment=Decimal("0.1"))
        steps.insert(draw(st.integers(0, len(steps))), middle)
    last = RoundLines(id="end", mode=draw(st.sampled_from(RoundingMode)))
    return model_of(*steps, prices=prices, tiers=tiers, facts={"line.pallets": "number"}, last=last)


_lines = st.lists(
    st.builds(
        lambda pallets, **rest: line(**rest) | {"line.pallets": pallets},
        product=st.sampled_from([*PRODUCTS, "unknown"]),
        quantity=st.sampled_from([1, 2, 3, 5, Decimal("7.5"), Decimal("9.99"), 10, 1000]),
        day=st.integers(-1, 7).map(lambda days: FIRST + timedelta(days)),
        customer=st.sampled_from([None, *CUSTOMERS, "other", ""]),
        segment=st.sampled_from([None, *SEGMENTS, "other"]),
        pallets=st.sampled_from([None, Decimal(0), Decimal("0.5"), Decimal(1), Decimal(2)]),
    ),
    min_size=1,
    max_size=12,
)


@given(_models(), _lines)
@settings(max_examples=100, deadline=None)
def test_columns_say_what_rows_say(model: PricingModel, lines: list[dict[str, Any]]) -> None:
    if any(finding.severity == "error" for finding in model.lint()):
        return
    assert by_columns(model, lines) == by_rows(model, lines)


# The edges of 64 bits.


@pytest.mark.parametrize(
    ("amount", "quantity"),
    [
        ("92233720368547758.07", 1),  # 2^63 - 1 cents
        ("92233720368547758.08", 1),
        ("92233720368547758.07", 2),
        ("46116860184273879.04", 2),
        ("3037000499.97", 3037000499),
        ("9223372036854775807", 100),
        ("0.01", 9223372036854775807),
        ("0.01", 9223372036854775808),
        ("1", 10**33),
        ("9999999999999999999999999999.99", 1),
        ("0", 10**33),
    ],
)
@pytest.mark.parametrize("percent", ["0", "7.5", "-50", "100"])
def test_amounts_beyond_64_bits_are_exact(amount: str, quantity: int, percent: str) -> None:
    model = model_of(
        Discounts(id="d", rules=(DiscountRule(id="r", percent=Percent(percent)),)),
        prices=[price(amount), price("1.00", "b")],
    )
    exact = Fraction(amount) * quantity * (1 - Fraction(percent) / 100) * 100
    result = priced(model, [line("a", quantity), line("b", 3)])
    other = Fraction(300) * (1 - Fraction(percent) / 100)
    assert result.net.tolist() == [floor(exact + Fraction(1, 2)), floor(other + Fraction(1, 2))]


def test_a_chunk_that_needs_more_than_64_bits_leaves_the_others_alone() -> None:
    count = 100_000
    quantity = np.full(count, 3)
    quantity[70_000] = 2**62
    model = model_of(prices=[price("0.07")])
    result = Columnar(model).net_amounts(
        {"line.product": "a", "line.quantity": quantity}, currency="EUR", at=NOW
    )
    assert result.net.dtype == object
    assert result.net[70_000] == 7 * 2**62
    assert set(result.net[:70_000].tolist()) | set(result.net[70_001:].tolist()) == {21}
    assert result.by_rows == 0


@given(
    st.integers(2**60, 2**66),
    st.integers(1, 10**6),
    st.decimals(-100, 100, places=2),
    st.decimals(0, 50, places=4),
)
@settings(max_examples=25, deadline=None)
def test_huge_numbers_round_as_fractions_do(
    cents: int, quantity: int, percent: Decimal, unit: Decimal
) -> None:
    model = model_of(
        Discounts(
            id="d",
            rules=(
                DiscountRule(id="r", percent=Percent(percent)),
                DiscountRule(id="u", amount=Money(unit, "EUR"), per=AmountPer.UNIT),
            ),
        ),
        prices=[price(f"{Decimal(cents).scaleb(-2):f}")],
    )
    exact = Fraction(cents * quantity) * (1 - Fraction(percent) / 100) - Fraction(unit) * 100 * quantity
    assert priced(model, [line("a", quantity)]).net.tolist() == [
        floor(max(exact, Fraction(0)) + Fraction(1, 2))
    ]


def test_a_line_of_more_than_34_digits_is_left_to_the_row_path() -> None:
    rules = tuple(DiscountRule(id=f"r{number}", percent=Percent("0.0000001")) for number in range(3))
    model = model_of(Discounts(id="d", rules=rules), prices=[price("1.00"), price("12345.67", "b")])
    lines = [line("a", 2), line("b", "7.0001"), line("a", 3)]
    result = priced(model, lines)
    assert result.by_rows == 1
    assert result.reason is None
    assert told(result) == by_rows(model, lines)
    assert result.winners("list").codes[1] == -1


def test_a_line_that_no_path_can_price_is_named() -> None:
    model = model_of(
        Discounts(id="d", rules=(DiscountRule(id="r", percent=Percent("7.5")),)),
        prices=[price("99999999999999999999999999999999.99", "b"), price("1.00")],
    )
    with pytest.raises(OutOfRange) as caught:
        priced(model, [line("a", 1), line("b", 1)])
    assert caught.value.__notes__ == ["in line 1 of the columns"]


# What columns may be.


def _same(columns: Mapping[str, Any], model: PricingModel | None = None) -> list[int]:
    known = model or model_of(
        Discounts(
            id="d", rules=(DiscountRule(id="r", percent=Percent(10), condition="customer.segment == 'gold'"),)
        ),
        prices=[price("10.00"), price("20.00", "b", valid_from=date(2026, 2, 1))],
    )
    at = None if "order.date" in columns else NOW
    return list(Columnar(known).net_amounts(columns, currency="EUR", at=at).net.tolist())


@pytest.mark.parametrize(
    "products",
    [
        ["a", "b", "a"],
        ("a", "b", "a"),
        np.array(["a", "b", "a"]),
        np.array(["a", "b", "a"], object),
        Coded(np.array([1, 0, 1], np.int8), ["b", "a"]),
        Coded(np.array([2, 0, 1], np.uint64), ["b", "a", "a"]),
    ],
)
@pytest.mark.parametrize(
    "quantities",
    [
        [1, 2, 3],
        ["1", Decimal("2.0"), 3],
        np.array([1, 2, 3], np.int16),
        np.array([1, 2, 3], np.uint64),
        np.array([Decimal(1), 2, 3], object),
        Scaled(np.array([1000, 2000, 3000]), 3),
        Coded(np.array([0, 1, 2]), [1, "2", Decimal(3)]),
    ],
)
@pytest.mark.parametrize("segments", ["gold", ["gold"] * 3, Coded(np.array([0, 0, 0]), ["gold"])])
def test_a_column_may_come_in_any_form(products: Any, quantities: Any, segments: Any) -> None:
    assert _same({"line.product": products, "line.quantity": quantities, "customer.segment": segments}) == [
        900,
        3600,
        2700,
    ]


@pytest.mark.parametrize(
    "days",
    [
        [date(2026, 2, 1), date(2026, 1, 31)],
        np.array(["2026-02-01", "2026-01-31"], "datetime64[D]"),
        Coded(np.array([1, 0]), [date(2026, 1, 31), date(2026, 2, 1)]),
    ],
)
def test_days_may_come_in_any_form(days: Any) -> None:
    assert _same({"line.product": "b", "line.quantity": 1, "order.date": days}) == [2000, 0]


def test_no_line_is_a_result() -> None:
    result = Columnar(model_of(prices=[price("1")])).net_amounts(
        {"line.product": [], "line.quantity": []}, currency="EUR", at=NOW
    )
    assert (len(result), result.monies(), result.by_rows) == (0, [], 0)
    assert len(result.winners("list").codes) == 0


def test_a_currency_without_prices_prices_nothing() -> None:
    result = Columnar(model_of(prices=[price("1")])).net_amounts(
        {"line.product": ["a", "b"], "line.quantity": 1}, currency="USD", at=NOW
    )
    assert [result.why_unpriced(0), result.money(1), result.unpriced.all()] == ["no_price", None, True]


def test_rivals_are_a_conflict_and_not_a_price() -> None:
    model = model_of(prices=[price("1.00"), price("2.00"), price("3.00", segment="gold")])
    lines = [line("a"), line("a", segment="gold")]
    assert by_columns(model, lines) == ["conflict", "conflict"] == by_rows(model, lines)


def test_winners_name_the_records_and_rules() -> None:
    model = model_of(
        QuantityTiers(id="tiers"),
        Discounts(
            id="d",
            rules=(
                DiscountRule(id="ten", percent=Percent(10), condition="customer.segment == 'gold'"),
                DiscountRule(id="five", amount=Money(5, "EUR"), condition="line.quantity > 1"),
                DiscountRule(id="one", percent=Percent(1)),
            ),
        ),
        prices=[price("10"), price("9", segment="gold")],
        tiers=[TierRecord(id="t", family="f", lower=Decimal(5), percent=Percent(2))],
    )
    result = priced(model, [line("a", 5, segment="gold"), line("a", 1), line("unknown", 2)])
    found = {}
    for step in ("list", "tiers", "d"):
        winners = result.winners(step)
        found[step] = [winners.values[code] for code in winners.codes]
    assert found == {
        "list": [("p-a-9-gold",), ("p-a-10",), ()],
        "tiers": [("t",), (), ()],
        "d": [("ten", "five", "one"), ("one",), ("five", "one")],
    }
    with pytest.raises(UnknownOption):
        result.winners("cents")


# What tables do not express.


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ((QuantityTiers(id="x", scale=ScaleType.GRADUATED),), "a graduated scale"),
        ((RoundLines(id="x", at=RoundedPart.UNIT),), "a rounding of units or of the document"),
        ((RoundLines(id="r"), SharesOfTotal(id="x", rules=())), "a step SharesOfTotal"),
        (
            (
                RoundLines(id="r"),
                HeaderDiscounts(id="x", rules=(DiscountRule(id="h", percent=Percent(10)),)),
            ),
            "discounts on the document",
        ),
    ],
)
def test_steps_that_are_no_table_go_row_by_row(steps: tuple[Any, ...], found: str) -> None:
    model = model_of(
        *steps, prices=[price("9.99")], tiers=[TierRecord(id="t", product="a", lower=2, percent=Percent(50))]
    )
    lines = [line("a", 3), line("b", 1)]
    result = priced(model, lines)
    assert result.reason is not None
    assert (result.reason.step, result.reason.found, result.by_rows) == ("x", found, 2)
    assert told(result) == by_rows(model, lines)
    assert result.winners("list").codes.tolist() == [-1, -1]


@pytest.mark.parametrize(
    "condition",
    [
        "line.amount > 5 EUR",
        "order.lines == 1",
        "line.quantity * 2 > 5",
        "customer.segment == 'gold' or line.quantity > 2",
        "customer.segment == customer.id",
        "lower(customer.segment) == 'gold'",
        "order.quantity > 1",
        "order.at > 2026-01-01T00:00:00Z",
    ],
)
def test_conditions_that_are_no_table_go_row_by_row(condition: str) -> None:
    model = model_of(
        Discounts(id="d", rules=(DiscountRule(id="r", percent=Percent(10), condition=condition),)),
        prices=[price("9.99")],
    )
    lines = [line("a", 3, segment="gold"), line("a", 1, customer="gold", segment="gold"), line("b")]
    result = priced(model, lines)
    assert result.reason is not None
    assert result.reason.step == "r"
    assert told(result) == by_rows(model, lines)


def test_percentages_of_the_start_beside_amounts_go_row_by_row() -> None:
    rules = (
        DiscountRule(id="r", percent=Percent(10), stacking=Stacking.ADDITIVE),
        DiscountRule(id="s", amount=Money(5, "EUR")),
    )
    found = plan_of(model_of(Discounts(id="d", rules=rules), prices=[price("1")]), "EUR")
    assert isinstance(found, Inexpressible)
    assert str(found).startswith("d: found amounts beside percentages")


def test_rules_on_too_many_facts_together_are_taken_apart() -> None:
    names = [f"line.f{number}" for number in range(14)]
    rules = [
        DiscountRule(id=f"{name}-{value}", percent=Percent(10), condition=f"{name} == '{value}'")
        for name in names
        for value in ("x", "y", "z")
    ]
    model = model_of(
        Discounts(id="d", rules=tuple(rules)), prices=[price("100")], facts=dict.fromkeys(names, "text")
    )
    columns: dict[str, Any] = {"line.product": "a", "line.quantity": 1}
    columns |= {name: ["x", "other"] for name in names[:3]}
    result = Columnar(model).net_amounts(columns, currency="EUR", at=NOW)
    assert (result.net.tolist(), result.reason) == ([7290, 10000], None)


def test_a_table_that_would_be_too_large_is_refused_with_its_size() -> None:
    names = [f"line.f{number}" for number in range(14)]
    condition = " and ".join(f"{name} in {{'x', 'y', 'z'}}" for name in names)
    model = model_of(
        Discounts(id="d", rules=(DiscountRule(id="r", percent=Percent(10), condition=condition),)),
        prices=[price("100")],
        facts=dict.fromkeys(names, "text"),
    )
    columnar = Columnar(model)
    assert isinstance(plan_of(model, "EUR"), ColumnPlan)
    found = columnar.plan("EUR")
    assert isinstance(found, Inexpressible)
    assert found.found == f"a table of {5**14} cells"
    facts = dict.fromkeys(names, "x")
    result = columnar.net_amounts(
        {"line.product": "a", "line.quantity": [2], **facts}, currency="EUR", at=NOW
    )
    assert (result.net.tolist(), result.by_rows) == ([18000], 1)


# Hostile columns.


@pytest.mark.parametrize(
    ("columns", "code", "path"),
    [
        ({"line.product": ["a"]}, "missing", "columns.line.quantity"),
        ({"line.quantity": [1]}, "missing", "columns.line.product"),
        ({"line.product": ["a", None], "line.quantity": 1}, "missing", "columns.line.product[1]"),
        ({"line.product": ["a", 7], "line.quantity": 1}, "wrong_type", "columns.line.product"),
        ({"line.product": ["a", ["b"]], "line.quantity": 1}, "wrong_type", "columns.line.product"),
        ({"line.product": "a", "line.quantity": [1, 0]}, "not_positive", "columns.line.quantity[1]"),
        ({"line.product": "a", "line.quantity": [None, 1]}, "not_positive", "columns.line.quantity[0]"),
        ({"line.product": "a", "line.quantity": [1, "x"]}, "not_a_number", "columns.line.quantity[1]"),
        ({"line.product": "a", "line.quantity": [1, True]}, "not_a_number", "columns.line.quantity[1]"),
        ({"line.product": "a", "line.quantity": [1, 0.5]}, "float_refused", "columns.line.quantity[1]"),
        ({"line.product": "a", "line.quantity": np.array([0.5])}, "float_refused", "columns.line.quantity"),
        ({"line.product": "a", "line.quantity": np.array([True])}, "wrong_type", "columns.line.quantity"),
        ({"line.product": "a", "line.quantity": np.ones((2, 2), int)}, "wrong_type", "columns.line.quantity"),
        ({"line.product": "a", "line.quantity": Scaled(np.array([1]), -1)}, "out_of_range", "columns.line.quantity.decimals"),
        ({"line.product": "a", "line.quantity": [1, 2], "customer.id": ["x"]}, "wrong_length", "columns.customer.id"),
        ({"line.product": "a", "line.quantity": 1, "customer.name": "x"}, "unknown_fact", "columns.customer.name"),
        ({"line.product": "a", "line.quantity": 1, "line.family": "f"}, "unknown_fact", "columns.line.family"),
        ({"line.product": Coded(np.array([2]), ["a"]), "line.quantity": 1}, "out_of_range", "columns.line.product"),
        ({"line.product": Coded(np.array([-2]), ["a"]), "line.quantity": 1}, "out_of_range", "columns.line.product"),
        ({"line.product": Coded(np.array([0]), [None]), "line.quantity": 1}, "wrong_type", "columns.line.product"),
        ({"line.product": Coded(np.array([0.0]), ["a"]), "line.quantity": 1}, "wrong_type", "columns.line.product"),
        ({"line.product": Scaled(np.array([0]), 1), "line.quantity": 1}, "wrong_type", "columns.line.product"),
        ({"line.product": "a", "line.quantity": 1, "order.date": "2026-01-01"}, "wrong_type", "columns.order.date[0]"),
        ({"line.product": "a", "line.quantity": 1, "order.date": NOW}, "wrong_type", "columns.order.date[0]"),
        ({"line.product": "a", "line.quantity": 1, "order.date": [None]}, "missing", "columns.order.date[0]"),
        (
            {"line.product": "a", "line.quantity": 1, "order.date": np.array(["NaT"], "datetime64[D]")},
            "missing",
            "columns.order.date[0]",
        ),
        (
            {"line.product": "a", "line.quantity": 1, "order.date": np.array([10**8], "datetime64[D]")},
            "out_of_range",
            "columns.order.date",
        ),
        (
            {"line.product": "a", "line.quantity": 1, "order.date": np.array(["2026-01-01"], "datetime64[s]")},
            "wrong_type",
            "columns.order.date",
        ),
    ],
)  # fmt: skip
def test_faults_are_listed_with_their_place(columns: dict[str, Any], code: str, path: str) -> None:
    at = None if "order.date" in columns else NOW
    with pytest.raises(InvalidInput) as caught:
        Columnar(model_of(prices=[price("1")])).net_amounts(columns, currency="EUR", at=at)
    assert (code, path) in [(problem.code, problem.path) for problem in caught.value.problems]


def test_all_faults_are_listed_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        Columnar(model_of(prices=[price("1")])).net_amounts(
            {"line.product": [None] * 1000, "line.quantity": [0] * 1000, "x" * 1000: "y"}, currency="XAU"
        )
    paths = {problem.path[:40] for problem in caught.value.problems}
    assert {"currency", "at", "columns.line.product[0]", "columns.line.quantity[19]"} <= paths
    assert len(caught.value.problems) < 100


def test_an_instant_and_days_are_one_too_many() -> None:
    columnar = Columnar(model_of(prices=[price("1")]))
    columns: dict[str, Any] = {"line.product": "a", "line.quantity": 1}
    with pytest.raises(InvalidInput, match="either an instant or a column"):
        columnar.net_amounts(columns | {"order.date": FIRST}, currency="EUR", at=NOW)
    with pytest.raises(NaiveInstant):
        columnar.net_amounts(columns, currency="EUR", at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_day_is_that_of_the_zone_of_the_procedure() -> None:
    model = PricingModel(
        procedure=PricingProcedure(
            id="p", time_zone="Asia/Shanghai", steps=(ListPrice(id="list"), RoundLines(id="cents"))
        ),
        prices=[price("1"), price("2", valid_from=date(2026, 3, 3))],
    )
    for hour, net in ((15, 100), (16, 200)):
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        found = Columnar(model).net_amounts({"line.product": "a", "line.quantity": 1}, currency="EUR", at=at)
        assert found.net.tolist() == [net]


def test_many_lines_are_those_of_a_plain_loop() -> None:
    random = Random(5)
    count = 70_000
    rates = {(segment, family): random.randrange(-200, 1000) for segment in range(20) for family in range(50)}
    rules = tuple(
        DiscountRule(
            id=f"{segment}-{family}",
            percent=Percent(Decimal(rate) / 10),
            condition=f"customer.segment == 's{segment}' and line.shelf == 'f{family}' and line.quantity >= 10",
        )
        for (segment, family), rate in rates.items()
    )
    cents = [random.randrange(1, 10**6) for _ in range(300)]
    model = PricingModel(
        procedure=PricingProcedure(
            id="p",
            facts={"line.shelf": "text"},
            steps=(ListPrice(id="list"), Discounts(id="d", rules=rules), RoundLines(id="cents")),
        ),
        prices=[price(f"{Decimal(one) / 100}", f"p{place}") for place, one in enumerate(cents)],
    )
    drawn = [[random.randrange(most) for _ in range(count)] for most in (300, 20, 50)]
    quantity = [random.randrange(1, 100) for _ in range(count)]
    result = Columnar(model).net_amounts(
        {
            "line.product": Coded(np.array(drawn[0], np.int32), [f"p{number}" for number in range(300)]),
            "customer.segment": Coded(np.array(drawn[1], np.int16), [f"s{number}" for number in range(20)]),
            "line.shelf": [f"f{number}" for number in drawn[2]],
            "line.quantity": quantity,
        },
        currency="EUR",
        at=NOW,
    )
    wanted = []
    for product, segment, family, units in zip(*drawn, quantity, strict=True):
        kept = 1000 - (rates[segment, family] if units >= 10 else 0)
        wanted.append((cents[product] * units * kept * 2 + 1000) // 2000)
    assert result.net.tolist() == wanted


def test_without_numpy_the_extra_is_named() -> None:
    program = "import sys; sys.modules['numpy'] = None; import salesmgmt.cpq.pricing.columnar"
    done = run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "salesmgmt[fast]" in done.stderr
