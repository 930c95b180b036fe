"""The metrics of customers, over purchases and over what they amount to by customer."""

from __future__ import annotations

from operator import attrgetter

from salesmgmt.core.formula import BOOL
from salesmgmt.customers.purchases import Purchase
from salesmgmt.customers.rfm import RfmSummary
from salesmgmt.engines.metrics import (
    Count,
    Direction,
    Distinct,
    FactKind,
    Mean,
    Median,
    Metric,
    Ratio,
    Sum,
    Unit,
)

PURCHASE_FACTS = FactKind.of("purchase", Purchase, {"is_return": (BOOL, attrgetter("is_return"))})
"""Purchases as rows: their fields, and `is_return`."""

CUSTOMER_FACTS = FactKind.of("customer", RfmSummary)
"""Customers as rows: their summaries (see `summarise_rfm`)."""

_BOUGHT = "not is_return"

METRICS = (
    Metric(
        id="revenue",
        facts="purchase",
        unit=Unit.MONEY,
        aggregate=Sum("amount"),
        undefined="no_purchases",
        source="purchases less returns",
    ),
    Metric(
        id="customers_buying",
        facts="purchase",
        unit=Unit.COUNT,
        aggregate=Distinct("customer", where=_BOUGHT),
    ),
    Metric(
        id="purchase_value",
        facts="purchase",
        unit=Unit.MONEY,
        aggregate=Mean("amount", where=_BOUGHT),
        undefined="no_purchases",
        source="average order value, without returns",
    ),
    Metric(
        id="revenue_per_customer",
        facts="purchase",
        unit=Unit.MONEY,
        aggregate=Ratio(Sum("amount"), Distinct("customer", where=_BOUGHT)),
        undefined="no_purchases",
        source="purchases less returns / customers who bought",
    ),
    Metric(
        id="repeat_rate",
        facts="customer",
        unit=Unit.RATIO,
        aggregate=Ratio(Count("frequency > 1"), Count()),
        undefined="no_customers",
        source="customers with more than one purchase day / customers",
    ),
    Metric(
        id="purchase_days",
        facts="customer",
        unit=Unit.NUMBER,
        aggregate=Mean("frequency"),
        undefined="no_customers",
    ),
    Metric(
        id="recency_days",
        facts="customer",
        unit=Unit.DAYS,
        direction=Direction.LOWER_IS_BETTER,
        aggregate=Median("recency_days"),
        undefined="no_customers",
    ),
)
"""The metrics over `PURCHASE_FACTS` and `CUSTOMER_FACTS`."""
