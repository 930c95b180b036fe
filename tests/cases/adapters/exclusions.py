"""Kinds about what counts beside what: `exclusion`, `exclusive_price`, `choose_discount`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    ConditionRecord,
    ConditionType,
    Line,
    ListPrice,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
    StoodAside,
)
from salesmgmt.cpq.pricing.exclusion import (
    ExclusionGroup,
    ExclusionProcedure,
    FoundCondition,
    decide,
)
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

CURRENCY = "EUR"
AT = datetime(2026, 3, 2, tzinfo=UTC)
PROCEDURES = {"least_favourable_in_group": ExclusionProcedure.LEAST_IN_GROUP} | {
    procedure.value: procedure for procedure in ExclusionProcedure
}


def _candidate(values: dict[str, Any], place: int) -> FoundCondition:
    keys = Keys(values, f"given.conditions[{place}]")
    one = FoundCondition(
        id=keys.take("id"),
        type=keys.take("type"),
        amount=keys.number("amount"),
        priority=None if "priority" not in keys else int(keys.number("priority")),
        combinable=bool(keys.take("combinable", False)),
    )
    unread = list(keys.unread())
    if unread:
        raise Unsupported(", ".join(unread))
    return one


def exclusion(case: Case) -> dict[str, Any]:
    given = case.given
    start = given.number("start", 0)
    candidates = [_candidate(values, place) for place, values in enumerate(given.take("conditions"))]
    how = given.inner("exclusion")
    groups = how.take("groups") if "groups" in how else [[how.take("type")]]
    procedure = how.choice("procedure", PROCEDURES)
    if len(groups) != (2 if procedure.compares_groups else 1):
        raise Unsupported(f"{len(groups)} groups for {procedure}")
    group = ExclusionGroup(
        id="group",
        procedure=procedure,
        members=tuple(groups[0]),
        second_members=tuple(groups[1]) if len(groups) == 2 else (),
        zero_takes_part=how.take("zero_takes_part", False),
    )
    decided = decide(group, candidates)
    return {
        "active": frozenset(one.id for one in decided.active),
        "inactive": frozenset(one.candidate.id for one in decided.inactive),
        "net": decided.applied_to(start),
    }


def exclusive_price(case: Case) -> dict[str, Any]:
    customer, quantity = case.when.take("customer"), case.when.number("quantity")
    every = case.given.take("price_records")
    records = [record for record in every if record["customer"] == customer]
    known = {"customer", "amount", "excludes_discounts"}
    if len(records) != 1 or any(set(record) - known for record in every):
        raise Unsupported("given.price_records")
    (record,) = records
    rebate = case.given.inner("discount")
    id_ = rebate.take("id")
    switched_off = ("discount",) if record.get("excludes_discounts", False) else ()
    price = ConditionType(id="price", kind="price", calculation="set_price")
    discount = ConditionType(id=id_, kind="discount", calculation="amount_per_unit")
    model = PricingModel(
        procedure=PricingProcedure(
            id="exclusive price",
            condition_types=(price, discount),
            steps=(
                ListPrice(id="list", required=False),
                PricingStep(id="price", type_id="price"),
                PricingStep(id="discount", type_id=id_),
                RoundLines(id="cents"),
            ),
        ),
        conditions=(
            ConditionRecord(
                id="price",
                type="price",
                amount=Money(number(record["amount"]), CURRENCY),
                excludes=switched_off,
            ),
            ConditionRecord(
                id="rebate",
                type=id_,
                amount=Money(rebate.number("amount_per"), CURRENCY),
                per_quantity=rebate.number("per_quantity"),
            ),
        ),
    )
    (line,) = (
        model.compile().price(PricingRequest(at=AT, currency=CURRENCY, lines=[Line("p", quantity)])).lines
    )
    return {
        "unit_price": line.waterfall[0].value,
        "net": line.net_amount.amount,
        "inactive": frozenset(one.rule for one in line.not_applied if isinstance(one.why_not, StoodAside)),
    }


def choose_discount(case: Case) -> dict[str, Any]:
    case.given.choice("choose", {"best": "best"})
    case.given.choice("per", {"lane": "lane"})
    candidates = [
        FoundCondition(id=id_, type="lane", amount=Decimal(number(amount)))
        for id_, amount in case.when.take("discounts").items()
    ]
    lane = ExclusionGroup(
        id="lane", procedure=ExclusionProcedure.BEST_RECORD_OF_TYPE, members=("lane",), zero_takes_part=True
    )
    return {"kept": frozenset(one.id for one in decide(lane, candidates).active)}


ADAPTERS: dict[str, Adapter] = {
    "exclusion": exclusion,
    "exclusive_price": exclusive_price,
    "choose_discount": choose_discount,
}
