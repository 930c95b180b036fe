"""What the lint says about the parts of a model: steps, records, scales, units, currencies, promotions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from salesmgmt.core.entity import ProductId
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.findings import Severity
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.pricing import (
    Access,
    ConditionRecord,
    ConditionType,
    DiscountRule,
    Discounts,
    ExclusionGroup,
    FreeUnits,
    FreeUnitsRule,
    HeaderDiscounts,
    ListPrice,
    OptionExtras,
    OptionRecord,
    PriceList,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingStep,
    QuantityTiers,
    RoundLines,
    Scope,
    SharesOfTotal,
    Stacking,
    Subtotal,
    Terms,
    TierRecord,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.procedure import Promotions, RoundedPart
from salesmgmt.cpq.pricing.promotions import (
    AmountOff,
    BuyGet,
    FreeProduct,
    LineFilter,
    PercentOff,
    Promotion,
)
from salesmgmt.cpq.pricing.scales.policies import ScaleType
from salesmgmt.cpq.pricing.scales.scale import Scale
from salesmgmt.cpq.pricing.scales.tier import Tier
from salesmgmt.cpq.pricing.terms.billing_periods import Anchor, BillingPeriods
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.pricing.terms.proration import ProrationPolicy
from salesmgmt.cpq.products import Catalogue, Product

LIST, CENTS = ListPrice(id="list"), RoundLines(id="cents")
DOCK = PriceRecord(id="p", product="dock", price=Money(100, "EUR"))
YUAN = PriceRecord(id="y", product="dock", price=Money(800, "CNY"))
OFF = ConditionType(id="off", kind="discount", calculation="percent")
FIVE = Percent(5)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("dock"), family="docks", brand="acme", category="office"),
        Product(id=ProductId("lamp"), parent="light"),
        Product(id=ProductId("old"), active=False),
    ],
    categories={"office": "furniture"},
)


def record(id_: str = "r", **more: Any) -> ConditionRecord:
    return ConditionRecord(**{"id": id_, "type": "off", "percent": FIVE, **more})


def lint(*steps: Any, **more: Any) -> list[tuple[str, str]]:
    """The codes and places of what the lint finds; `steps` stand between list price and rounding."""
    own = {name: more.pop(name) for name in ("condition_types", "exclusion_groups") if name in more}
    end = more.pop("end", ())
    procedure = PricingProcedure(id="x", steps=(LIST, *steps, CENTS, *end), **own)
    return [
        (one.code, one.where)
        for one in PricingModel(procedure=procedure, **{"prices": (DOCK,), **more}).lint()
    ]


def lint_type(calculation: str, *values: dict[str, Any], kind: str = "discount", **step: Any) -> list[str]:
    """The codes that records with these values get."""
    type_ = ConditionType(id="t", kind=kind, calculation=calculation)
    records = [
        ConditionRecord(id=str(number), type="t", min_quantity=number + 1, **each)
        for number, each in enumerate(values)
    ]
    found = lint(PricingStep(id="s", type_id="t", **step), condition_types=(type_,), conditions=records)
    return [code for code, _ in found]


EURO, TEN = {"amount": Money(5, "EUR")}, {"percent": Percent(10)}
PER_UNIT = {"scale": Scale(tiers=[Tier(unit_amount=9)])}
OFF_LIST = {"scale": Scale(tiers=[Tier(percent=FIVE)])}


@pytest.mark.parametrize(
    ("calculation", "values", "expected"),
    [
        ("percent", (TEN, OFF_LIST), []),
        ("percent", (EURO, {**TEN, **OFF_LIST}, {}), ["record_value"] * 3),
        ("amount_per_unit", (EURO, PER_UNIT), []),
        ("amount_per_unit", (TEN, OFF_LIST, {}), ["record_value"] * 3),
        ("percent_of_total", (TEN, OFF_LIST), ["record_value"]),
        ("target_margin", (TEN, {"percent": Percent(100)}), ["record_value"]),
        ("markup_on_cost", ({"percent": Percent(150)},), []),
        ("percent", ({"percent": Percent(-5)}, {"percent": Percent(120)}), ["negative_discount", "discounts_above_price"]),
        ("amount_per_line", ({"amount": Money(-5, "EUR")},), ["negative_discount"]),
    ],
)  # fmt: skip
def test_the_value_of_a_record_fits_the_calculation_of_its_type(
    calculation: str, values: tuple[dict[str, Any], ...], expected: list[str]
) -> None:
    assert lint_type(calculation, *values) == expected


def test_a_formula_needs_no_value_and_a_price_is_not_negative() -> None:
    type_ = ConditionType(id="off", kind="surcharge", calculation="formula", formula="line.amount / 10")
    steps = (PricingStep(id="s", type_id="off"),)

    assert lint(*steps, condition_types=(type_,), conditions=[record(percent=None)]) == []
    assert lint(*steps, condition_types=(type_,), conditions=[record()]) == [("unused_value", "r")]
    assert lint_type("set_price", {"amount": Money(-5, "EUR")}, kind="price") == ["negative_price"]


@pytest.mark.parametrize(
    ("calculation", "scope", "is_fine"),
    [
        ("amount_per_document", Scope.LINE, False),
        ("amount_per_document", Scope.DOCUMENT, True),
        ("amount_per_unit", Scope.GROUP, True),
        ("set_price", Scope.DOCUMENT, False),
    ],
)
def test_a_calculation_is_for_some_scopes_only(calculation: str, scope: Scope, is_fine: bool) -> None:
    codes = [code for code in lint_type(calculation, EURO, scope=scope) if code != "unrounded"]

    assert codes == ([] if is_fine else ["scope"])


def test_records_for_several_lines_together_ask_for_nothing_of_one_line() -> None:
    step = PricingStep(id="s", type_id="off", scope=Scope.DOCUMENT)
    keyed = record("keyed", key={"line.product": "dock"})

    assert lint(
        end=(step,), condition_types=(OFF,), conditions=[keyed, record("weighed", uom="kg"), record("fine")], catalogue=CATALOGUE
    ) == [("never_found", "keyed"), ("never_found", "weighed"), ("no_price", "products.csv")]  # fmt: skip


def test_types_and_steps_without_each_other_are_warned_of() -> None:
    found = lint(
        PricingStep(id="s", type_id="off"),
        condition_types=(OFF, ConditionType(id="b", kind="tax", calculation="percent")),
    )

    assert found == [("no_records", "steps[1]"), ("unused_type", "condition_types.b")]  # fmt: skip


def test_a_formula_that_nobody_reads_and_an_access_asked_twice_are_warned_of() -> None:
    accesses = (Access(fields=("line.product",)), Access(fields=("line.product",)))
    type_ = ConditionType(
        id="off", kind="discount", calculation="percent", formula="line.amount", accesses=accesses
    )

    found = lint(
        PricingStep(id="s", type_id="off"),
        condition_types=(type_,),
        conditions=[record(key={"line.product": "dock"})],
    )

    assert found == [
        ("unused_formula", "condition_types.off"),
        ("duplicate_access", "condition_types.off.accesses[1]"),
    ]


def test_bases_and_subtotals_are_named_before_and_once() -> None:
    steps = (
        Subtotal(id="gross"),
        PricingStep(id="one", type_id="off", base="gross", subtotal="net"),
        PricingStep(id="two", type_id="off", base="later", subtotal="net"),
        Subtotal(id="later"),
    )

    assert lint(*steps, condition_types=(OFF,), conditions=[record()]) == [
        ("unknown_subtotal", "steps[3]"),
        ("subtotal_twice", "steps[3]"),
    ]


def test_a_mandatory_step_comes_before_amounts_are_shared() -> None:
    sharing = HeaderDiscounts(id="h", rules=(DiscountRule(id="d", percent=FIVE),))
    late = PricingStep(id="late", type_id="off", mandatory=True)

    found = lint(condition_types=(OFF,), conditions=[record()], end=(sharing, late, RoundLines(id="again")))

    assert found == [("late_mandatory", "steps[3]")]


def test_roundings_stand_where_they_have_an_effect() -> None:
    unit, document = RoundLines(id="u", at=RoundedPart.UNIT), RoundLines(id="d", at=RoundedPart.DOCUMENT)
    fine = RoundLines(id="f", at=RoundedPart.UNIT, increment=Decimal("0.0001"))

    assert lint(unit) == lint(fine) == lint(end=(document,)) == []
    assert lint(end=(unit,)) == [("unrounded", "steps[2]")]
    assert lint(document) == [("unrounded", "steps[1]")]


def test_a_step_that_only_tells_leaves_lines_rounded() -> None:
    rebate = ConditionType(id="off", kind="rebate", calculation="percent")

    assert (
        lint(end=(PricingStep(id="s", type_id="off"),), condition_types=(rebate,), conditions=[record()])
        == []
    )


def test_the_members_of_a_group_stand_together_and_compete() -> None:
    other = ConditionType(id="b", kind="discount", calculation="percent")
    idle = ConditionType(id="c", kind="discount", calculation="percent")
    group = ExclusionGroup(id="g", members=("off", "b", "c"))
    records = [record(), record("q", type="b")]
    first, second = PricingStep(id="a", type_id="off"), PricingStep(id="b", type_id="b", statistical=True)
    between = HeaderDiscounts(id="h", rules=(DiscountRule(id="d", percent=FIVE),))

    found = lint(
        first, CENTS, between, second,
        condition_types=(OFF, other, idle), exclusion_groups=(group,), conditions=records,
    )  # fmt: skip

    assert ("does_not_compete", "exclusion_groups.g") in found
    assert ("unused_member", "exclusion_groups.g") in found
    assert ("interleaved_group", "exclusion_groups.g") in found


def test_scales_of_records_are_looked_at_where_they_stand() -> None:
    gap = Scale(tiers=[Tier(upper=5, unit_amount=9), Tier(lower=8, unit_amount=8)])
    cliff = Scale(tiers=[Tier(unit_amount=10), Tier(lower=20, unit_amount=9)])
    type_ = ConditionType(id="off", kind="price", calculation="set_price")
    records = [
        record("gap", percent=None, scale=gap, row=2, key={"line.product": "a"}),
        record("cliff", percent=None, scale=cliff, row=3, key={"line.product": "b"}),
        record("again", percent=None, scale=cliff, row=4, key={"line.product": "c"}),
    ]

    assert lint(PricingStep(id="s", type_id="off"), condition_types=(type_,), conditions=records) == [
        ("tier_gap", "conditions.csv row 2 scale.tiers[1]"),
        ("falling_total", "conditions.csv row 3 scale"),
        ("falling_total", "conditions.csv row 4 scale"),
    ]


def test_a_scale_in_an_unnamed_currency_or_on_an_unknown_basis_is_found() -> None:
    weighed = Scale(tiers=[Tier(unit_amount=1)], basis="attribute", attribute="line.crates")
    type_ = ConditionType(id="off", kind="surcharge", calculation="amount_per_unit")

    found = lint(
        PricingStep(id="s", type_id="off"),
        condition_types=(type_,),
        conditions=[record(percent=None, scale=weighed)],
        prices=(DOCK, YUAN),
    )

    assert found == [("unknown_fact", "r"), ("scale_currency", "r")]


def _tier(id_: str, lower: int, price: int | None = None, **more: Any) -> TierRecord:
    value = {"percent": Percent(more.pop("off"))} if price is None else {"unit_price": Money(price, "EUR")}
    return TierRecord(id=id_, lower=lower, **{"product": "dock", **value, **more})


def test_a_total_that_falls_as_the_quantity_rises_is_shown_with_both_sides() -> None:
    # 19 x 10 = 190 and 20 x 9 = 180; 4 x 100 = 400 at list and 5 x 70 = 350 with 30 % off.
    steps = (LIST, QuantityTiers(id="volume"), CENTS)
    model = PricingModel(
        procedure=PricingProcedure(id="x", steps=steps),
        prices=(DOCK,),
        tiers=[_tier("a", 1, 10), _tier("b", 20, 9), _tier("c", 5, off=30, product="", family="docks")],
    )

    assert [one.message for one in model.lint()] == [
        "the total falls: 19 cost 190, 20 cost 180",
        "the total falls at a price of 100: 4 cost 400, 5 cost 350",
    ]
    graduated = QuantityTiers(id="volume", scale=ScaleType.GRADUATED)
    assert lint(graduated, tiers=model.tiers) == []


def test_a_unit_price_that_rises_is_warned_of() -> None:
    found = lint(QuantityTiers(id="volume"), tiers=[_tier("a", 1, 9), _tier("b", 20, 10)])

    assert found == [("rising_price", "a and b")]


def test_a_price_that_its_own_limits_move_and_limits_that_cross_are_found() -> None:
    rules = [
        PriceRule(id="high", key={"line.product": "a"}, price=90, ceiling=80),
        PriceRule(id="low", key={"line.product": "b"}, price=90, floor=95),
        PriceRule(id="crossed", key={"line.product": "c"}, percent_off=5, floor=9, ceiling=8),
    ]

    found = lint(
        PriceListRules(id="l"), price_lists=PriceLists(lists=[PriceList(id="x", currency="EUR", rules=rules)])
    )

    assert [code for code, _ in found] == ["invalid_rule", "price_outside_limits", "price_outside_limits"]
    assert [where for _, where in found[1:]] == ["price_lists.x.rules.high", "price_lists.x.rules.low"]


def test_every_reference_to_the_catalogue_is_looked_up() -> None:
    keys: list[dict[str, str]] = [
        {"line.product": "dokc"}, {"line.lineage": "lihgt"}, {"line.family": "dcoks"},
        {"line.brand": "amce"}, {"line.categories": "offcie"}, {"order.currency": "EURO"}, {"order.price_list": "x"},
    ]  # fmt: skip
    fine: list[dict[str, str]] = [
        {"line.lineage": "light"}, {"line.categories": "furniture"}, {"order.currency": "EUR"}, {"line.brand": "acme"},
    ]  # fmt: skip
    records = [record(str(number), key=key) for number, key in enumerate([*keys, *fine])]

    found = lint(
        PricingStep(id="s", type_id="off"), condition_types=(OFF,), conditions=records, catalogue=CATALOGUE
    )

    assert found == [
        ("unknown_product", "0"), ("unknown_product", "1"), ("unknown_family", "2"), ("unknown_brand", "3"),
        ("unknown_category", "4"), ("unknown_currency", "5"), ("unknown_price_list", "6"), ("no_price", "products.csv"),
    ]  # fmt: skip


def test_units_need_a_catalogue_and_a_conversion() -> None:
    step = PricingStep(id="s", type_id="off")
    box = record(key={"line.product": "dock"}, uom="dozen")

    assert lint(step, condition_types=(OFF,), conditions=[box]) == [("unit_without_catalogue", "r")]
    assert lint(step, condition_types=(OFF,), conditions=[box], catalogue=CATALOGUE) == [
        ("no_price", "products.csv")
    ]


def test_active_products_without_a_price_are_counted_and_named() -> None:
    def message(**more: Any) -> list[str]:
        model = PricingModel(prices=(DOCK,), catalogue=CATALOGUE, **more)
        return [one.message for one in model.lint()]

    def lists(**rule: Any) -> PriceLists:
        return PriceLists(lists=[PriceList(id="x", currency="EUR", rules=[PriceRule(id="r", **rule)])])

    assert message() == ["1 products have no price: 'lamp'"]
    assert message(price_lists=lists(key={"line.lineage": "light"}, price=9)) == []
    assert message(price_lists=lists(key={"line.lineage": "light"}, percent_off=9)) == [
        "1 products have no price: 'lamp'"
    ]
    assert message(price_lists=lists(price=9)) == []


def test_amounts_that_no_rate_brings_to_the_prices_are_warned_of() -> None:
    fee = ConditionType(id="off", kind="surcharge", calculation="amount_per_line")
    yen = record(percent=None, amount=Money(500, "JPY"))
    guarded = record("g", percent=None, amount=Money(500, "JPY"), key={"order.currency": "JPY"})
    rates = ExchangeRates(
        [
            ExchangeRate("USD", "JPY", 150, date(2026, 1, 1)),
            ExchangeRate("EUR", "USD", "1.1", date(2026, 1, 1)),
        ],
        pivot="USD",
    )
    parts: dict[str, Any] = {"condition_types": (fee,), "conditions": [yen, guarded]}

    assert lint(PricingStep(id="s", type_id="off"), **parts) == [("missing_rate", "r")]
    assert lint(PricingStep(id="s", type_id="off"), rates=rates, **parts) == []


def test_lists_need_rates_to_the_prices_and_to_their_bases() -> None:
    dollars = PriceList(id="us", currency="USD", based_on="eu")
    lists = PriceLists(
        lists=[PriceList(id="eu", currency="EUR", rules=[PriceRule(id="r", price=9)]), dollars]
    )

    assert lint(PriceListRules(id="l"), price_lists=lists) == [("missing_rate", "price_lists.us")]
    assert lint(PriceListRules(id="l"), price_lists=lists, rates=ExchangeRates([ExchangeRate("EUR", "USD", 1, date(2026, 1, 1))])) == []  # fmt: skip


def test_amounts_for_requests_that_get_no_price_are_warned_of() -> None:
    off = DiscountRule(id="d", amount=Money(5, "USD"))
    extra = OptionRecord(id="o", product="dock", attribute="a", value="b", extra=Money(1, "USD"))

    found = lint(Discounts(id="d", rules=(off,)), OptionExtras(id="o"), options=[extra])

    assert found == [("unpriced_currency", "o")]


def test_additive_percentages_that_come_to_more_than_all_are_warned_of() -> None:
    rules = [
        DiscountRule(id=str(points), percent=Percent(points), stacking=Stacking.ADDITIVE)
        for points in (60, 50)
    ]

    assert lint(Discounts(id="d", rules=tuple(rules))) == [("discounts_above_price", "steps[1]")]
    assert lint(Discounts(id="d", rules=(rules[0],))) == []


def test_free_units_terms_and_shares_tell_what_their_own_lints_find() -> None:
    goods = FreeGoods(minimum_quantity=5, per_quantity=10, free_quantity=1, product="lapm")
    policy = ProrationPolicy(precision="day", periods=BillingPeriods(anchor=Anchor.CALENDAR))
    share = PercentOfTotal(product="dock", percent=FIVE, subtotal="gross")

    found = lint(
        FreeUnits(id="f", rules=(FreeUnitsRule(id="r", family="dcoks", goods=goods),)),
        Terms(id="t", policy=policy),
        SharesOfTotal(id="s", rules=(share,)),
        catalogue=CATALOGUE,
    )

    assert found == [
        ("minimum_earns_nothing", "steps[1].rules[0]"),
        ("unknown_family", "steps[1].rules[0]"),
        ("unknown_product", "steps[1].rules[0]"),
        ("periods_unused", "steps[2].policy"),
        ("unknown_subtotal", "steps[3].rules[0]"),
        ("no_price", "products.csv"),
    ]


def test_promotions_are_looked_at_with_the_rest_of_the_model() -> None:
    promotions = [
        Promotion(id="alone", benefit=PercentOff(percent=FIVE), exclusive=True, group="g", on=LineFilter(products=("dokc",))),
        Promotion(id="yen", benefit=AmountOff(amount=Money(5, "JPY")), on=LineFilter(categories=("offcie",))),
        Promotion(id="gift", benefit=FreeProduct(product="lapm")),
        Promotion(id="pair", benefit=BuyGet(buy=LineFilter(products=("dock",)), get=LineFilter(products=("dokc",)))),
    ]  # fmt: skip

    found = lint(end=(Promotions(id="p"),), promotions=promotions, catalogue=CATALOGUE)

    assert [one for one in found if one[0] != "no_price"] == [
        ("unknown_product", "promotions.alone"),
        ("exclusive_in_group", "promotions.alone"),
        ("unknown_category", "promotions.yen"),
        ("unpriced_currency", "promotions.yen"),
        ("unknown_product", "promotions.gift"),
        ("unknown_product", "promotions.pair"),
    ]


def test_records_and_steps_that_do_not_meet_are_warned_of() -> None:
    lists = PriceLists(lists=[PriceList(id="x", currency="EUR")])
    promotion = Promotion(id="p", benefit=PercentOff(percent=FIVE))

    assert lint(price_lists=lists, promotions=[promotion]) == [
        ("unused_records", "price_lists"),
        ("unused_records", "promotions"),
    ]
    assert lint(end=(Promotions(id="p"),)) == [("idle_step", "promotions")]


def test_the_ready_made_procedure_has_nothing_to_say_about_what_is_not_used() -> None:
    assert PricingModel(prices=(DOCK,)).lint() == ()


def test_every_finding_of_a_thoroughly_wrong_model_says_what_to_do() -> None:
    model = PricingModel(
        procedure=PricingProcedure(
            id=" ",
            time_zone="x",
            facts={"a": "date"},
            condition_types=(OFF, OFF),
            exclusion_groups=(ExclusionGroup(id="g", members=()),),
            steps=(PricingStep(id="s", type_id="nothing", base="b", requirement="and"),),
        ),
        prices=(DOCK, DOCK),
        conditions=[record(key={"line.x": "y"}, uom="z", condition="1"), record(type="t", percent=None)],
    )

    findings = model.lint()

    assert len(findings) > 12
    assert all(one.code and one.where and one.message and one.hint for one in findings)
    assert {one.severity for one in findings} == {Severity.ERROR, Severity.WARNING}
