"""Attempts to get an approval from people who may not give it, or to keep one for something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import (
    ApprovalNeed,
    Deal,
    DiscountPolicy,
    DiscountRecord,
    Offered,
    agreed,
    give_approval,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOTH = ApprovalNeed(
    rule="large", metric="total", operator=">", found=Money(2, "EUR"), wanted="", roles=("finance", "legal"),
    quorum="all_of", due_hours=Decimal(1), escalates_to=("director",), asked_at=NOW,
)  # fmt: skip


def test_a_director_does_not_speak_for_legal_before_it_was_escalated() -> None:
    people = (Actor("ed", roles={"finance", "director"}), Actor("lu", roles={"finance"}))
    given = [give_approval(BOTH, asked_by=(), at=NOW, by=by) for by in people]

    assert agreed(BOTH, given) == 1
    late = attrs.evolve(BOTH, escalated_at=NOW + timedelta(hours=2))
    given = [give_approval(late, asked_by=(), at=NOW, by=by) for by in people]
    assert agreed(late, given) == 2
    assert agreed(BOTH, given) == 2  # what was given after an escalation holds when it is asked again


def test_the_approval_of_what_is_not_known_holds_for_the_same_terms_alone() -> None:
    small = attrs.evolve(BOTH, found=None, terms="one unit")
    given = give_approval(small, asked_by=(), at=NOW, by=Actor("lu", roles={"finance"}))

    assert given.covers(small)
    assert not given.covers(attrs.evolve(small, terms="a million units"))


def test_a_deal_that_can_become_larger_keeps_the_limits_of_all_its_sizes() -> None:
    policy = DiscountPolicy(id="l", currency="EUR", records=(
        DiscountRecord(id="small", deal_below=Money(1000, "EUR"), max_percent=Percent(5)),
        DiscountRecord(id="middle", deal_from=Money(1000, "EUR"), deal_below=Money(5000, "EUR"), max_percent=Percent(9)),
        DiscountRecord(id="large", deal_from=Money(5000, "EUR"), max_percent=Percent(20), overrides=True),
    ))  # fmt: skip
    offered = Offered(product="dock", discount=Percent(15))

    def deciding(low: int, high: int | None = None) -> str:
        deal = Deal(size=Money(low, "EUR"), largest=None if high is None else Money(high, "EUR"))
        (check,) = policy.check(offered, deal)
        assert check.record is not None
        return check.record.id

    assert [deciding(999), deciding(1000), deciding(5000)] == ["small", "middle", "large"]
    assert [deciding(10, 9000), deciding(1000, 9000), deciding(6000, 9000)] == ["small", "middle", "large"]
