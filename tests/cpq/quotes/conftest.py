from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule
from salesmgmt.cpq.pricing import (
    Calculation,
    Line,
    NoPrice,
    Priced,
    PricedLine,
    PriceStep,
    PricingRequest,
    StepKind,
)
from salesmgmt.cpq.quotes import Quote, quote_from

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST_DAY = date(2026, 4, 1)
AFTER = datetime(2026, 4, 2, 0, 0, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
MANAGER = Actor("chen", roles={"manager"})


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


def _step(kind: StepKind, change: str, running: str) -> PriceStep:
    return PriceStep(
        step=kind.value,
        kind=kind,
        record="r-1",
        calculation=Calculation.MANUAL,
        detail="as agreed",
        currency="EUR",
        base_amount=Decimal(running),
        raw_amount=Decimal(change),
        rounded_amount=Decimal(change),
        running_amount=Decimal(running),
    )


def priced_line(
    position: int, amounts: tuple[str, str], *, share: str = "0", cost: str | None = None
) -> PricedLine:
    listed, net = amounts
    return PricedLine(
        position=position,
        line=Line(f"p-{position}", 4, configuration={"frame": "carbon"} if position == 0 else {}),
        list_amount=eur(listed),
        net_amount=eur(net),
        cost=None if cost is None else eur(cost),
        waterfall=(_step(StepKind.LIST, listed, listed), _step(StepKind.HEADER, share, net)),
    )


def priced(lines: Sequence[PricedLine], *, unpriced: Sequence[int] = (), currency: str = "EUR") -> Priced:
    return Priced(
        request=PricingRequest(at=NOW, currency=currency, lines=[one.line for one in lines]),
        lines=tuple(lines),
        unpriced=tuple(
            NoPrice(position=position, line=Line(f"p-{position}", 1), at=NOW, currency=currency)
            for position in unpriced
        ),
        model="catalogue",
        model_version=3,
        model_digest="m",
    )


def offer(discount_points: int) -> Priced:
    """1,000 EUR at list, in two lines, with a discount of so many percent on the whole and a cost of 600 EUR."""
    share = eur("6") * discount_points, eur("4") * discount_points
    return priced([
        priced_line(0, ("600", str((eur("600") - share[0]).amount)), share=str(-share[0].amount), cost="360"),
        priced_line(1, ("400", str((eur("400") - share[1]).amount)), share=str(-share[1].amount), cost="240"),
    ])  # fmt: skip


def draft(answer: Priced, **more: object) -> Quote:
    quote, _ = quote_from(
        answer,
        id="q-1",
        number="Q-2026-17",
        valid_until=LAST_DAY,
        account=AccountId("acme"),
        deal=DealId("d-1"),
        at=NOW,
        by=REP,
        **more,  # type: ignore[arg-type]
    )
    return quote


@pytest.fixture
def policy() -> ApprovalPolicy:
    """Above 20 % a manager, above 30 % a director; below a margin of 10 % a manager."""
    discount = "effective_discount_percent"
    return ApprovalPolicy(
        id="discounts",
        version=2,
        rules=(
            ApprovalRule(id="deep", metric=discount, operator=">", threshold=Percent(20), roles=("manager",)),
            ApprovalRule(
                id="very-deep",
                metric=discount,
                operator=">",
                threshold=Percent(30),
                roles=("director",),
                level=2,
            ),
            ApprovalRule(
                id="thin", metric="margin_percent", operator="<", threshold=Percent(10), roles=("manager",)
            ),
        ),
    )
