"""Kinds about what counts beside what: `exclusion`, `exclusive_price`, `choose_discount`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing.exclusion import (
    Candidate,
    ExclusionGroup,
    ExclusionProcedure,
    decide,
    exclude_by_price,
)
from salesmgmt.cpq.pricing.line_amount import line_amount
from tests.cases.case import Adapter, Case, Keys, Unsupported, number

CURRENCY = "EUR"
PROCEDURES = {"least_favourable_in_group": ExclusionProcedure.LEAST_IN_GROUP} | {
    procedure.value: procedure for procedure in ExclusionProcedure
}


def _candidate(values: dict[str, Any], place: int) -> Candidate:
    keys = Keys(values, f"given.conditions[{place}]")
    one = Candidate(
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
    off = line_amount(
        Money(rebate.number("amount_per"), CURRENCY), quantity / rebate.number("per_quantity")
    ).net
    discount = Candidate(id=rebate.take("id"), type="discount", amount=(-off).amount)
    unit_price = Money(number(record["amount"]), CURRENCY)
    excludes = {"discount"} if record.get("excludes_discounts", False) else set()
    decided = exclude_by_price(record["customer"], excludes, [discount])
    return {
        "unit_price": unit_price.amount,
        "net": decided.applied_to(line_amount(unit_price, quantity).net.amount),
        "inactive": frozenset(one.candidate.id for one in decided.inactive),
    }


def choose_discount(case: Case) -> dict[str, Any]:
    case.given.choice("choose", {"best": "best"})
    case.given.choice("per", {"lane": "lane"})
    candidates = [
        Candidate(id=id_, type="lane", amount=Decimal(number(amount)))
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
