"""Quotes on their way through approvals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRefused, ApprovalRule
from salesmgmt.cpq.quotes import (
    QuoteStatus,
    QuoteSubmitted,
    UnexplainedRejection,
    approve,
    present,
    revise,
    send_back,
    submit,
)
from salesmgmt.engines.lifecycle import MoveRefused
from salesmgmt.engines.metrics import Figure

from .conftest import LAST_DAY, MANAGER, NOW, REP, draft, eur, offer, priced, priced_line

DIRECTOR = Actor("ito", roles={"director"})


def test_a_quote_within_all_limits_is_approved_at_once(policy: ApprovalPolicy) -> None:
    quote, events = submit(draft(offer(20)), policy, at=NOW, by=REP)

    assert (quote.status, quote.needs) == (QuoteStatus.APPROVED, ())
    submitted, move = events
    assert isinstance(submitted, QuoteSubmitted)
    assert (submitted.policy, submitted.policy_version, submitted.needs) == ("discounts", 2, ())
    assert submitted.metrics == {"effective_discount_percent": Percent(20), "margin_percent": Percent(25)}
    assert (move.source, move.target) == (QuoteStatus.DRAFT, QuoteStatus.APPROVED)  # type: ignore[attr-defined]


def test_a_quote_waits_until_the_last_approval_is_given(policy: ApprovalPolicy) -> None:
    quote, _ = submit(draft(offer(35)), policy, at=NOW, by=REP)

    assert quote.status is QuoteStatus.IN_APPROVAL
    assert [(need.rule, need.level) for need in quote.needs] == [("deep", 1), ("thin", 1), ("very-deep", 2)]
    quote, events = approve(quote, "deep", at=NOW, by=MANAGER)
    assert (quote.status, len(events)) == (QuoteStatus.IN_APPROVAL, 1)
    quote, _ = approve(quote, "very-deep", reason="strategic", at=NOW, by=DIRECTOR)
    quote, events = approve(quote, "thin", at=NOW, by=MANAGER)
    assert (quote.status, quote.needs, len(events)) == (QuoteStatus.APPROVED, (), 2)
    assert [(one.rule, one.found, one.by.id) for one in quote.approvals] == [
        ("deep", Percent(35), "chen"),
        ("very-deep", Percent(35), "ito"),
        ("thin", quote.approvals[2].found, "chen"),
    ]
    assert present(quote, at=NOW, by=REP)[0].status is QuoteStatus.PRESENTED


def test_nobody_without_the_role_approves(policy: ApprovalPolicy) -> None:
    quote, _ = submit(draft(offer(25)), policy, at=NOW, by=REP)

    with pytest.raises(ApprovalRefused) as refused:
        approve(quote, "deep", at=NOW, by=REP)
    refusal = refused.value.refusal
    assert (refusal.code, refusal.rule, refusal.wanted, refusal.found) == ("role", "deep", "manager", "rep")


def test_nobody_approves_what_he_submitted_or_made_himself(policy: ApprovalPolicy) -> None:
    submitted_by_manager, _ = submit(draft(offer(25)), policy, at=NOW, by=MANAGER)
    revised, _ = revise(draft(offer(10)), offer(25), valid_until=LAST_DAY, at=NOW, by=MANAGER)
    made_by_manager, _ = submit(revised, policy, at=NOW, by=REP)

    for quote in (submitted_by_manager, made_by_manager):
        with pytest.raises(ApprovalRefused) as refused:
            approve(quote, "deep", at=NOW, by=MANAGER)
        assert refused.value.refusal.code == "own_request"
        assert (
            approve(quote, "deep", at=NOW, by=Actor("ann", roles={"manager"}))[0].status
            is QuoteStatus.APPROVED
        )


def test_what_nobody_asked_for_is_not_approved(policy: ApprovalPolicy) -> None:
    waiting, _ = submit(draft(offer(25)), policy, at=NOW, by=REP)

    for quote, wanted in ((waiting, "deep"), (draft(offer(25)), "no approval at all")):
        with pytest.raises(ApprovalRefused) as refused:
            approve(quote, "very-deep", at=NOW, by=DIRECTOR)
        assert (refused.value.refusal.code, refused.value.refusal.wanted) == ("not_needed", wanted)


def test_approvals_hold_for_a_better_revision_and_are_asked_again_for_a_worse_one(
    policy: ApprovalPolicy,
) -> None:
    quote, _ = submit(draft(offer(28)), policy, at=NOW, by=REP)
    quote, _ = approve(quote, "deep", at=NOW, by=MANAGER)

    better, _ = revise(quote, offer(25), valid_until=LAST_DAY, at=NOW, by=REP)
    better, events = submit(better, policy, at=NOW, by=REP)
    assert better.status is QuoteStatus.APPROVED
    assert events[0].reused == ("deep",)  # type: ignore[attr-defined]

    worse, _ = revise(better, offer(29), valid_until=LAST_DAY, at=NOW, by=REP)
    assert worse.status is QuoteStatus.DRAFT
    worse, _ = submit(worse, policy, at=NOW, by=REP)
    assert worse.status is QuoteStatus.IN_APPROVAL
    assert [(need.rule, need.found) for need in worse.needs] == [("deep", Percent(29))]


def test_a_revision_ends_the_waiting(policy: ApprovalPolicy) -> None:
    quote, _ = submit(draft(offer(25)), policy, at=NOW, by=REP)

    revised, _ = revise(quote, offer(10), valid_until=LAST_DAY, at=NOW, by=REP)

    assert (revised.status, revised.needs, revised.asked_by) == (QuoteStatus.DRAFT, (), ())
    with pytest.raises(ApprovalRefused):
        approve(revised, "deep", at=NOW, by=MANAGER)


def test_an_approver_sends_a_quote_back_with_a_reason(policy: ApprovalPolicy) -> None:
    quote, _ = submit(draft(offer(25)), policy, at=NOW, by=REP)

    back, (move,) = send_back(quote, reason="offer 15 %", at=NOW, by=MANAGER)

    assert (back.status, back.needs, back.reason) == (QuoteStatus.DRAFT, (), "offer 15 %")
    assert move.reason == "offer 15 %"  # type: ignore[attr-defined]
    with pytest.raises(UnexplainedRejection):
        send_back(quote, reason="", at=NOW, by=MANAGER)
    with pytest.raises(ApprovalRefused):
        send_back(quote, reason="no", at=NOW, by=REP)
    with pytest.raises(ApprovalRefused):
        send_back(draft(offer(25)), reason="no", at=NOW, by=MANAGER)


def test_only_a_draft_is_submitted(policy: ApprovalPolicy) -> None:
    quote, _ = submit(draft(offer(25)), policy, at=NOW, by=REP)

    with pytest.raises(MoveRefused):
        submit(quote, policy, at=NOW, by=REP)


def test_figures_of_the_host_are_asked_and_do_not_replace_ours(policy: ApprovalPolicy) -> None:
    credit = ApprovalRule(id="credit", metric="credit_score", operator="<", threshold=50, roles=("manager",))
    strict = ApprovalPolicy(id="strict", figures=("credit_score",), rules=(*policy.rules, credit))
    told: dict[str, Figure | None] = {"credit_score": Decimal(70), "effective_discount_percent": Percent(0)}

    quote, _ = submit(draft(offer(25)), strict, metrics=told, at=NOW, by=REP)
    assert [need.rule for need in quote.needs] == ["deep"]
    quote, _ = submit(draft(offer(10)), strict, at=NOW, by=REP)
    assert [(need.rule, need.found) for need in quote.needs] == [("credit", None)]


def test_an_unknown_cost_does_not_pass_the_limit_of_the_margin(policy: ApprovalPolicy) -> None:
    unknown = draft(priced([priced_line(0, ("100", "100"))]))

    quote, _ = submit(unknown, policy, at=NOW, by=REP)
    assert [(need.rule, need.found) for need in quote.needs] == [("thin", None)]
    quote, _ = submit(unknown, policy, costs={"p-0": eur("15")}, at=NOW, by=REP)
    assert quote.status is QuoteStatus.APPROVED


def test_an_approval_does_not_become_that_of_the_approvers_own_version(policy: ApprovalPolicy) -> None:
    approved, _ = approve(submit(draft(offer(25)), policy, at=NOW, by=REP)[0], "deep", at=NOW, by=MANAGER)

    by_manager, _ = revise(approved, offer(25), valid_until=LAST_DAY, at=NOW, by=MANAGER)
    by_rep, _ = revise(approved, offer(25), valid_until=LAST_DAY, at=NOW, by=REP)
    for quote, sender in ((by_manager, MANAGER), (by_manager, REP), (by_rep, MANAGER)):
        waiting, events = submit(quote, policy, at=NOW, by=sender)
        assert [need.rule for need in waiting.needs] == ["deep"]
        assert events[0].reused == ()  # type: ignore[attr-defined]
    assert submit(by_rep, policy, at=NOW, by=REP)[0].status is QuoteStatus.APPROVED


def test_a_product_that_is_not_in_the_quote_has_the_quantity_zero() -> None:
    many = ApprovalRule(id="many", metric="quantity:p-9", operator=">", threshold=10, roles=("manager",))
    few = ApprovalRule(id="few", metric="quantity:p-9", operator="<", threshold=1, roles=("manager",))

    quote, _ = submit(
        draft(offer(5)),
        ApprovalPolicy(id="stock", rules=(many, few)),
        metrics={"quantity:p-9": Decimal(5)},
        at=NOW,
        by=REP,
    )
    assert [(need.rule, need.found) for need in quote.needs] == [("few", Decimal(0))]
