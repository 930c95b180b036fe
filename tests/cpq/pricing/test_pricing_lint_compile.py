"""A model compiles, or its lint says why not: no other exception ever leaves `lint` or `compile`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.entity import ProductId
from salesmgmt.core.findings import InvalidDefinition, Severity
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
    ListPrice,
    PriceList,
    PriceListRules,
    PriceLists,
    PriceRecord,
    PriceRule,
    PricingModel,
    PricingProcedure,
    PricingStep,
    RoundLines,
    SharesOfTotal,
    Terms,
)
from salesmgmt.cpq.pricing.free_goods import FreeGoods
from salesmgmt.cpq.pricing.price_lists.policy import PriceListPolicy
from salesmgmt.cpq.pricing.procedure import Promotions
from salesmgmt.cpq.pricing.promotions import Coupon, PercentOff, Promotion, PromotionCondition
from salesmgmt.cpq.pricing.selection.order import Criterion, SelectionOrder
from salesmgmt.cpq.pricing.terms.percent_of_total import PercentOfTotal
from salesmgmt.cpq.products import Catalogue, Product

OFF = ConditionType(
    id="off", kind="discount", calculation="percent", accesses=(Access(fields=("line.product",)),)
)
PRICES = (PriceRecord(id="p", product="dock", price=Money(100, "EUR")),)
CATALOGUE = Catalogue([Product(id=ProductId("dock"), family="docks", unit="piece")])
THREE = Percent(3)
GOODS = FreeGoods(per_quantity=5, free_quantity=1)


def of_steps(*steps: Any, **more: Any) -> PricingModel:
    """A model with steps between the list price and the rounding."""
    own = {
        name: more.pop(name)
        for name in ("facts", "condition_types", "exclusion_groups", "time_zone")
        if name in more
    }
    procedure = PricingProcedure(id="x", steps=(ListPrice(id="list"), *steps, RoundLines(id="cents")), **own)
    return PricingModel(procedure=procedure, prices=PRICES, **more)


def of_records(*records: ConditionRecord, type_: ConditionType = OFF, **more: Any) -> PricingModel:
    step = PricingStep(id="off", type_id=type_.id)
    return of_steps(step, condition_types=(type_,), conditions=records, **more)


def of_rules(*rules: PriceRule, policy: PriceListPolicy | None = None, **more: Any) -> PricingModel:
    lists = PriceLists(
        lists=[PriceList(id="retail", currency="EUR", rules=rules)], policy=policy or PriceListPolicy()
    )
    return of_steps(PriceListRules(id="by list"), price_lists=lists, **more)


def record(id_: str = "r", **more: Any) -> ConditionRecord:
    return ConditionRecord(
        **{"id": id_, "type": "off", "key": {"line.product": "dock"}, "percent": THREE, **more}
    )


def rule(id_: str = "r", **more: Any) -> PriceRule:
    return PriceRule(**{"id": id_, "key": {"line.product": "dock"}, "percent_off": 5, **more})


FAR_EAST = "Asia/Shanghai"
EASTER = date(2026, 4, 5)

WRONG: dict[str, tuple[str, Callable[[], PricingModel]]] = {
    "a step of no type": ("unknown_condition_type", lambda: of_steps(PricingStep(id="s", type_id="nothing"))),
    "records of no type": ("unknown_condition_type", lambda: of_records(record(type="nothing"))),
    "one id for two types": (
        "duplicate_id",
        lambda: of_steps(PricingStep(id="s", type_id="off"), condition_types=(OFF, OFF)),
    ),
    "one id for two records": ("duplicate_id", lambda: of_records(record(), record())),
    "a blank id": ("duplicate_id", lambda: of_records(record(" "))),
    "a key without an access": ("no_access", lambda: of_records(record(key={"customer.id": "acme"}))),
    "no key without an access": ("no_access", lambda: of_records(record(key={}))),
    "an unknown fact in a key": (
        "unknown_fact",
        lambda: of_records(record(key={"line.colour": "red"}), type_=ConditionType(id="off", kind="discount", calculation="percent")),
    ),
    "an unknown fact in an access": (
        "unknown_fact",
        lambda: of_records(type_=ConditionType(id="off", kind="discount", calculation="percent", accesses=(Access(fields=("line.colour",)),))),
    ),
    "a condition of an access": (
        "formula",
        lambda: of_records(type_=ConditionType(id="off", kind="discount", calculation="percent", accesses=(Access(fields=(), condition="1 +"),))),
    ),
    "a key that is no text": ("key_value", lambda: of_records(record(key={"line.product": ["dock"]}))),
    "a key on a number": (
        "key_type",
        lambda: of_records(record(key={"line.quantity": "5"}), type_=ConditionType(id="off", kind="discount", calculation="percent")),
    ),
    "a condition of a record": ("formula", lambda: of_records(record(condition="line.qty > 5"))),
    "a condition that is no condition": ("formula", lambda: of_records(record(condition="line.quantity"))),
    "a condition against its key": (
        "contradictory_condition",
        lambda: of_records(record(condition="line.product == 'lamp'")),
    ),
    "a requirement": ("formula", lambda: of_steps(PricingStep(id="s", type_id="off", requirement="and"), condition_types=(OFF,))),
    "a formula without a formula": (
        "formula",
        lambda: of_steps(PricingStep(id="s", type_id="f"), condition_types=(ConditionType(id="f", kind="discount", calculation="formula"),)),
    ),
    "a formula that is no amount": (
        "formula",
        lambda: of_steps(PricingStep(id="s", type_id="f"), condition_types=(ConditionType(id="f", kind="discount", calculation="formula", formula="line.quantity"),)),
    ),
    "the best price of records": (
        "best_price",
        lambda: of_records(record(), type_=ConditionType(id="off", kind="discount", calculation="percent", order=SelectionOrder(criteria=(Criterion.BEST_PRICE,)))),
    ),
    "a calculation of another step": (
        "calculation",
        lambda: of_records(type_=ConditionType(id="off", kind="discount", calculation="rounding")),
    ),
    "a start before the calendar": (
        "out_of_range",
        lambda: of_records(record(valid_from=date.min), time_zone=FAR_EAST),
    ),
    "an end after the calendar": (
        "out_of_range",
        lambda: of_records(record(valid_to=datetime.fromisoformat("9999-12-31T23:00:00-05:00"))),
    ),
    "a price rule that starts before the calendar": (
        "out_of_range",
        lambda: of_rules(rule(valid_from=date.min), time_zone=FAR_EAST),
    ),
    "an instant before the calendar": (
        "out_of_range",
        lambda: of_records(record(valid_from=datetime.fromisoformat("0001-01-01T00:00:00+08:00"))),
    ),
    "an end before the start": (
        "reversed_validity",
        lambda: of_records(record(valid_from=datetime(2026, 4, 5, 12, tzinfo=UTC), valid_to=datetime(2026, 4, 5, 12, tzinfo=UTC).replace(microsecond=1)), record("s", valid_from=EASTER, valid_to=datetime(2026, 4, 5, tzinfo=UTC))),
    ),
    "an unknown time zone": ("time_zone", lambda: of_records(record(), time_zone="Mars/Base")),
    "an unknown product in a key": ("unknown_product", lambda: of_records(record(key={"line.product": "lamp"}), catalogue=CATALOGUE)),
    "an unknown unit": ("unknown_unit", lambda: of_records(record(uom="crate"), catalogue=CATALOGUE)),
    "a unit that does not fit": ("incompatible_unit", lambda: of_records(record(uom="kg"), catalogue=CATALOGUE)),
    "an amount for a percentage": (
        "record_value",
        lambda: of_records(record(percent=None, amount=Money(3, "EUR"))),
    ),
    "no value": ("record_value", lambda: of_records(record(percent=None))),
    "an unknown step to switch off": ("unknown_step", lambda: of_records(record(excludes=("nothing",)))),
    "an unknown subtotal": ("unknown_subtotal", lambda: of_steps(PricingStep(id="s", type_id="off", base="net"), condition_types=(OFF,))),
    "an unknown type in a group": (
        "unknown_condition_type",
        lambda: of_records(record(), exclusion_groups=(ExclusionGroup(id="g", members=("off", "nothing")),)),
    ),
    "a type in two groups": (
        "in_two_groups",
        lambda: of_records(record(), exclusion_groups=(ExclusionGroup(id="g", members=("off",)), ExclusionGroup(id="h", members=("off",)))),
    ),
    "one id for two rules of a list": ("duplicate_id", lambda: of_rules(rule(), rule())),
    "an unknown fact of a rule": ("unknown_fact", lambda: of_rules(rule(key={"order.channel": "web"}))),
    "an unknown fact of other lines": ("unknown_fact", lambda: of_rules(rule(apply_to={"line.colour": "red"}))),
    "a condition of a rule": ("formula", lambda: of_rules(rule(condition="'"))),
    "an unknown base": ("unknown_price_list", lambda: of_rules(rule(base="price_list", base_price_list="nothing"))),
    "a list based on itself": ("cycle", lambda: of_rules(rule(base="price_list", base_price_list="retail"))),
    "a rule that does nothing": ("invalid_rule", lambda: of_rules(rule(percent_off=None))),
    "an unknown default list": ("unknown_price_list", lambda: of_steps(PriceListRules(id="s", default="nothing"))),
    "a condition of a promotion": (
        "formula",
        lambda: of_promotions(Promotion(id="p", benefit=PercentOff(percent=THREE), condition=PromotionCondition(formula="customer.age > 5"))),
    ),
    "one id for two promotions": (
        "duplicate_id",
        lambda: of_promotions(*[Promotion(id="p", benefit=PercentOff(percent=THREE))] * 2),
    ),
    "a coupon for no promotion": (
        "unknown_promotion",
        lambda: of_promotions(coupons=[Coupon(code="C", promotion="nothing")]),
    ),
    "a condition of free units": (
        "formula",
        lambda: of_steps(FreeUnits(id="s", rules=(FreeUnitsRule(id="f", goods=GOODS, condition="and"),))),
    ),
    "one id for two rules of free units": (
        "rule_id",
        lambda: of_steps(FreeUnits(id="s", rules=(FreeUnitsRule(id="f", goods=GOODS),) * 2)),
    ),
    "a condition of terms": ("formula", lambda: of_steps(Terms(id="s", condition="1"))),
    "a ring of shares": (
        "cycle",
        lambda: of_steps(SharesOfTotal(id="s", rules=(PercentOfTotal(product="a", percent=THREE, covers=["a"]),))),
    ),
    "a condition of a discount": (
        "formula",
        lambda: of_steps(Discounts(id="s", rules=(DiscountRule(id="d", percent=THREE, condition="1 ="),))),
    ),
}  # fmt: skip


def of_promotions(*promotions: Promotion, coupons: Any = ()) -> PricingModel:
    procedure = PricingProcedure(
        id="x", steps=(ListPrice(id="list"), RoundLines(id="cents"), Promotions(id="promotions"))
    )
    return PricingModel(procedure=procedure, prices=PRICES, promotions=promotions, coupons=coupons)


@pytest.mark.parametrize(("code", "make"), list(WRONG.values()), ids=list(WRONG))
def test_what_is_wrong_is_an_error_of_the_lint_and_no_other_exception(
    code: str, make: Callable[[], PricingModel]
) -> None:
    model = make()

    errors = {one.code for one in model.lint() if one.severity is Severity.ERROR}
    assert code in errors
    with pytest.raises(InvalidDefinition):
        model.compile()


def test_what_is_right_compiles_without_a_finding() -> None:
    assert of_records(record()).lint() == ()
    assert of_rules(rule(), rule("s", key={})).lint() == ()
    assert of_promotions(Promotion(id="p", benefit=PercentOff(percent=THREE))).lint() == ()
    of_records(record(), catalogue=CATALOGUE, time_zone=FAR_EAST).compile()


_FIELDS = st.sampled_from(
    [
        "line.product",
        "customer.segment",
        "line.categories",
        "line.quantity",
        "line.colour",
        "order.currency",
        "",
    ]
)
_CONDITIONS = st.sampled_from(
    [
        "",
        "",
        "line.quantity > 5",
        "customer.segment == 'gold'",
        "line.quantity > 5 and line.quantity < 2",
        "and",
        "1",
    ]
)
_VALUES = st.sampled_from(["dock", "gold", "EUR", "", "O'Brien", 5, None])
_DAYS = st.sampled_from(
    [
        None,
        None,
        date.min,
        date.max,
        EASTER,
        datetime(2026, 4, 5, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ]
)
_COMMON: dict[str, Any] = {
    "id": st.sampled_from(["a", "b", "c", ""]),
    "key": st.dictionaries(_FIELDS, _VALUES, max_size=2),
    "condition": _CONDITIONS,
    "uom": st.sampled_from(["", "", "kg", "crate", "piece"]),
    "priority": st.sampled_from([None, 1, 2]),
    "min_quantity": st.sampled_from([None, 1, 5]),
    "max_quantity": st.sampled_from([None, 5, 10]),
}


@st.composite
def validities(draw: st.DrawFn) -> dict[str, Any]:
    """A validity that a record takes: the constructors refuse a reversed one."""
    start = draw(_DAYS)
    return {"valid_from": start} if draw(st.booleans()) else {"valid_to": start}


_RECORDS = st.builds(
    lambda validity, **fields: ConditionRecord(**fields, **validity),
    validity=validities(),
    type=st.sampled_from(["off", "off", "nothing"]),
    percent=st.sampled_from([None, THREE, Percent(-5)]),
    excludes=st.sampled_from([(), ("off",), ("nothing",)]),
    **_COMMON,
)
_RULES = st.builds(
    lambda validity, id, **fields: PriceRule(id=id or "d", **fields, **validity),  # noqa: A006 - the name of the field
    validity=validities(),
    percent_off=st.sampled_from([None, 5, 200]),
    price=st.sampled_from([None, 5]),
    floor=st.sampled_from([None, 50]),
    base_price_list=st.sampled_from(["", "", "retail", "nothing"]),
    free_product=st.sampled_from(["", "", "dock"]),
    apply_to=st.sampled_from([{}, {}, {"line.product": "dock"}, {"line.colour": "red"}]),
    **_COMMON,
)
_ORDERS = st.builds(
    SelectionOrder,
    criteria=st.lists(st.sampled_from(list(Criterion)), unique=True).map(tuple),
    ties=st.sampled_from(["conflict", "first", "by_id"]),
)


@given(
    records=st.lists(_RECORDS, max_size=5),
    rules=st.lists(_RULES, max_size=5),
    order=_ORDERS,
    accesses=st.lists(
        st.builds(Access, fields=st.lists(_FIELDS, max_size=2).map(tuple), condition=_CONDITIONS, exclusive=st.booleans()),
        max_size=3,
    ),
    zone=st.sampled_from(["UTC", FAR_EAST, "America/New_York", "nowhere"]),
    catalogue=st.sampled_from([Catalogue(), CATALOGUE]),
)  # fmt: skip
def test_any_model_compiles_or_its_lint_has_an_error(  # noqa: PLR0917 - one argument for each part of a model
    records: list[ConditionRecord],
    rules: list[PriceRule],
    order: SelectionOrder,
    accesses: list[Access],
    zone: str,
    catalogue: Catalogue,
) -> None:
    type_ = ConditionType(
        id="off", kind="discount", calculation="percent", accesses=tuple(accesses), order=order
    )
    model = of_steps(
        PricingStep(id="off", type_id="off"),
        PriceListRules(id="by list"),
        condition_types=(type_,),
        conditions=records,
        price_lists=PriceLists(
            lists=[PriceList(id="retail", currency="EUR", rules=rules)], policy=PriceListPolicy(order=order)
        ),
        catalogue=catalogue,
        time_zone=zone,
    )

    has_errors = any(one.severity is Severity.ERROR for one in model.lint())

    if has_errors:
        with pytest.raises(InvalidDefinition):
            model.compile()
    else:
        model.compile()
