"""A model with one condition type and the documents that it prices, for tests of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from salesmgmt.core.entity import ProductId
from salesmgmt.core.exchange import ExchangeRate, ExchangeRates
from salesmgmt.core.money import Money
from salesmgmt.cpq.pricing import (
    Access,
    ConditionRecord,
    ConditionType,
    Line,
    Priced,
    PricingModel,
    PricingProcedure,
    PricingRequest,
    PricingStep,
    RoundLines,
)
from salesmgmt.cpq.pricing.procedure import Step
from salesmgmt.cpq.products import Catalogue, Product
from tests.cpq.pricing import a_step
from tests.cpq.pricing.a_step import Both

D = Decimal
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VERSION = 3  # of the record that each test is about
told = partial(a_step.told, version=VERSION)
CATALOGUE = Catalogue(
    [
        Product(id=ProductId("dock"), family="ports", cost=Money("60", "EUR"), weight=D(2), volume=D(5)),
        Product(id=ProductId("hub"), family="ports"),
        Product(id=ProductId("laptop"), weight=D(3)),
        Product(id=ProductId("lamp")),
    ]
)
PRICE = ConditionType(
    id="price", kind="price", calculation="set_price", accesses=(Access(fields=("line.product",)),)
)
PRICES = tuple(
    ConditionRecord(id=name, type="price", key={"line.product": name}, amount=Money(amount, "EUR"))
    for name, amount in (("dock", 100), ("hub", 50), ("laptop", 1000), ("lamp", 30))
)
FIRST = PricingStep(id="price", type_id="price", mandatory=True)
CENTS = RoundLines(id="cents")
RATES = ExchangeRates([ExchangeRate("USD", "EUR", "0.8", date(2026, 3, 1))])


def pricer_of(
    types: Sequence[ConditionType], records: Sequence[ConditionRecord], *steps: Step, **more: Any
) -> Both:
    groups = more.pop("exclusion_groups", ())
    whole = RoundLines(id="whole")  # what is shared is in whole cents
    ready = [
        one
        for step in steps
        for one in ((whole, step) if getattr(step, "scope", "line") != "line" else (step,))
    ]
    procedure = PricingProcedure(
        id="own",
        condition_types=(PRICE, *types),
        exclusion_groups=groups,
        steps=(FIRST, *ready, CENTS),
        facts={"line.length": "number", "line.tag": "text"},
    )
    conditions = (*PRICES, *records)
    return Both(PricingModel(procedure=procedure, conditions=conditions, catalogue=CATALOGUE, **more))


def asked(*lines: Line, **more: Any) -> PricingRequest:
    return PricingRequest(at=NOW, currency="EUR", lines=lines, **more)


def price(
    type_: dict[str, Any],
    record: dict[str, Any],
    *lines: Line,
    step: dict[str, Any] | None = None,
    **more: Any,
) -> Priced:
    """Price with one condition `x` after the price, by one record `r`."""
    request = more.pop("request", {})
    pricer = pricer_of(
        [ConditionType(id="x", **type_)],
        [ConditionRecord(id="r", type="x", version=VERSION, **record)],
        *more.pop("before", ()),
        PricingStep(id="s", type_id="x", **(step or {})),
        **more,
    )
    return pricer.price(asked(*lines, **request))


def two(first: dict[str, Any], second: dict[str, Any], **more: Any) -> Both:
    """Records `a` and `b` of equal rank."""
    return pricer_of(
        [ConditionType(id="x", kind="discount", calculation=more.pop("calculation", "amount_per_line"))],
        [ConditionRecord(id="a", type="x", **first), ConditionRecord(id="b", type="x", **second)],
        PricingStep(id="s", type_id="x", **more),
    )
