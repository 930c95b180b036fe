"""Quotes in chains of approvals, with deputies, deadlines and limits."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.codec import Codec
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals import (
    ApprovalPolicy,
    ApprovalRefused,
    ApprovalRule,
    Delegation,
    Delegations,
    DiscountPolicy,
    DiscountRecord,
)
from salesmgmt.cpq.pricing import ManualPrice, Priced
from salesmgmt.cpq.products import Catalogue, Product
from salesmgmt.cpq.quotes import (
    ENTITIES,
    EVENTS,
    DiscountRefused,
    Quote,
    QuoteStatus,
    QuoteSubmitted,
    UnexplainedRejection,
    WrongComment,
    approve,
    check_discounts,
    comment,
    escalate,
    overdue_approvals,
    recall,
    revise,
    send_back,
    submit,
    withdraw,
)

from .conftest import LAST_DAY, MANAGER, NOW, REP, draft, eur, offer, priced, priced_line

DIRECTOR = Actor("ito", roles={"director"})
NIGHTLY = Actor("nightly")
DISCOUNT = "effective_discount_percent"

CHAIN = ApprovalPolicy(
    id="chain",
    facts={"deal.kind": "text"},
    rules=(
        ApprovalRule(id="lead", metric=DISCOUNT, operator=">", threshold=Percent(10), roles=("manager",),
                     chain="sales", due_hours=8),
        ApprovalRule(id="head", metric=DISCOUNT, operator=">", threshold=Percent(20), roles=("director",),
                     chain="sales", level=2, due_hours=8),
        ApprovalRule(id="board", metric=DISCOUNT, operator=">", threshold=Percent(30), roles=("board",),
                     chain="sales", level=3),
        ApprovalRule(id="money", metric="margin_percent", operator="<", threshold=Percent(30),
                     roles=("finance", "legal", "tax"), quorum="2", condition="deal.kind == 'export'"),
    ),
)  # fmt: skip


def _waiting(points: int, kind: str = "home") -> Quote:
    return submit(draft(offer(points)), CHAIN, facts={"deal.kind": kind}, at=NOW, by=REP)[0]


def _open(quote: Quote) -> list[str]:
    return [need.rule for need in quote.needs]


def _give(quote: Quote, *steps: tuple[str, Actor]) -> Quote:
    for rule, by in steps:
        quote, _ = approve(quote, rule, at=NOW, by=by)
    return quote


def test_a_chain_is_asked_level_by_level() -> None:
    quote = _waiting(25)

    assert _open(quote) == ["lead", "head"]
    assert [need.asked_at for need in quote.needs] == [NOW, None]
    with pytest.raises(ApprovalRefused) as refused:
        approve(quote, "head", at=NOW, by=DIRECTOR)
    assert (refused.value.refusal.code, refused.value.refusal.wanted) == ("not_yet", "lead first")
    later = NOW + timedelta(hours=3)
    quote, _ = approve(quote, "lead", at=later, by=MANAGER)
    assert [(need.rule, need.asked_at) for need in quote.needs] == [("head", later)]
    assert _give(quote, ("head", DIRECTOR)).status is QuoteStatus.APPROVED


def test_a_need_outside_the_chain_is_asked_at_once_and_wants_so_many_people() -> None:
    quote = _waiting(25, "export")
    ed, lu = Actor("ed", roles={"finance", "legal"}), Actor("lu", roles={"finance"})

    quote = _give(quote, ("money", ed))
    assert "money" in _open(quote)
    with pytest.raises(ApprovalRefused) as refused:
        approve(quote, "money", at=NOW, by=ed)
    assert refused.value.refusal.code == "twice"
    # ed makes room: he speaks for legal as soon as lu, who can speak for finance alone, comes
    assert "money" not in _open(_give(quote, ("money", lu)))
    with pytest.raises(ApprovalRefused, match="role that is lacking"):
        _give(_waiting(25, "export"), ("money", lu), ("money", Actor("bo", roles={"finance"})))


def test_a_condition_says_which_quotes_a_rule_is_for_and_one_that_cannot_be_told_holds() -> None:
    assert "money" not in _open(_waiting(25))
    unknown, _ = submit(draft(offer(25)), CHAIN, at=NOW, by=REP)
    assert "money" in _open(unknown)


def test_approvals_of_a_chain_hold_while_nothing_got_worse_and_only_the_rest_is_asked_again() -> None:
    approved = _give(_waiting(25), ("lead", MANAGER), ("head", DIRECTOR))

    def again(points: int) -> Quote:
        revised, _ = revise(approved, offer(points), valid_until=LAST_DAY, at=NOW, by=REP)
        return submit(revised, CHAIN, facts={"deal.kind": "home"}, at=NOW, by=REP)[0]

    assert again(22).status is QuoteStatus.APPROVED
    assert _open(again(28)) == ["lead", "head"]
    assert _open(again(35)) == ["lead", "head", "board"]


# --- deadlines


def test_what_is_overdue_is_told_for_any_instant_and_escalates_once_to_the_next_level() -> None:
    office = BusinessCalendar.weekly("mon-fri", time_zone="UTC")  # 09:00 to 17:00; NOW is a Monday at 09:00
    quote = _waiting(25)

    assert overdue_approvals(quote, at=datetime(2026, 3, 2, 17, tzinfo=UTC), calendar=office) == ()
    (late,) = overdue_approvals(quote, at=datetime(2026, 3, 3, 9, 0, 1, tzinfo=UTC), calendar=office)
    assert (late.need.rule, late.due) == ("lead", datetime(2026, 3, 2, 17, tzinfo=UTC))

    tuesday = datetime(2026, 3, 3, 10, tzinfo=UTC)
    with pytest.raises(ApprovalRefused):
        approve(quote, "lead", at=tuesday, by=DIRECTOR)
    quote, (event,) = escalate(quote, at=tuesday, by=NIGHTLY, calendar=office)
    assert (event.rule, event.roles) == ("lead", ("manager", "director"))
    assert escalate(quote, at=tuesday + timedelta(days=9), by=NIGHTLY, calendar=office)[1] == ()
    quote, _ = approve(quote, "lead", at=tuesday, by=DIRECTOR)
    assert _open(quote) == ["head"]
    # the head was asked when the lead had answered
    assert overdue_approvals(quote, at=tuesday + timedelta(hours=8)) == ()
    # what was given after an escalation holds for a better version
    approved, _ = approve(quote, "head", at=tuesday, by=DIRECTOR)
    revised, _ = revise(approved, offer(24), valid_until=LAST_DAY, at=tuesday, by=REP)
    assert (
        submit(revised, CHAIN, facts={"deal.kind": "home"}, at=tuesday, by=REP)[0].status
        is QuoteStatus.APPROVED
    )


def test_nothing_is_overdue_without_a_deadline_or_before_it_is_asked() -> None:
    assert [one.need.rule for one in overdue_approvals(_waiting(35), at=NOW + timedelta(days=99))] == ["lead"]


# --- deputies


def _away(approver: Actor, delegate: str, *, days: int = 7) -> Delegation:
    return Delegation(approver=approver, delegate=delegate, starts=NOW, ends=NOW + timedelta(days=days))


def test_a_deputy_approves_in_the_place_of_somebody_who_is_away() -> None:
    away = Delegations([_away(MANAGER, "ann")])
    ann = Actor("ann", roles={"rep"})

    given, _ = approve(_waiting(15), "lead", at=NOW, by=ann, delegations=away)
    approval = given.approvals[0]
    assert (approval.by.id, approval.in_place_of, approval.path) == ("ann", MANAGER, ("chen", "ann"))
    for late, by in ((NOW + timedelta(days=7), ann), (NOW, Actor("bob"))):
        with pytest.raises(ApprovalRefused) as refused:
            approve(_waiting(15), "lead", at=late, by=by, delegations=away)
        assert refused.value.refusal.code == "role"
    assert (
        send_back(_waiting(15), reason="no", at=NOW, by=ann, delegations=away)[0].status is QuoteStatus.DRAFT
    )


def test_nobody_approves_his_own_request_through_a_deputy_or_as_one() -> None:
    ann = Actor("ann", roles={"rep"})
    own, _ = submit(draft(offer(15)), CHAIN, facts={"deal.kind": "home"}, at=NOW, by=MANAGER)
    for quote, by, chain in (
        (own, ann, [_away(MANAGER, "ann")]),
        (_waiting(15), REP, [_away(MANAGER, REP.id)]),
        (_waiting(15), ann, [_away(MANAGER, REP.id), _away(attrs.evolve(REP, roles={"manager"}), "ann")]),
    ):
        with pytest.raises(ApprovalRefused) as refused:
            approve(quote, "lead", at=NOW, by=by, delegations=Delegations(chain))
        assert refused.value.refusal.code == "own_request"


def test_who_set_a_price_by_hand_asked_for_it() -> None:
    answer = offer(15)
    manual = ManualPrice(percent_off=Percent(15), reason="agreed", by="chen", at=NOW)
    by_manager = Priced(
        request=answer.request,
        lines=tuple(attrs.evolve(one, line=attrs.evolve(one.line, manual=manual)) for one in answer.lines),
        model="m", model_version=1, model_digest="",
    )  # fmt: skip
    quote, _ = submit(draft(by_manager), CHAIN, facts={"deal.kind": "home"}, at=NOW, by=REP)

    assert set(quote.asked_by) == {"li.wei", "chen"}
    with pytest.raises(ApprovalRefused, match="somebody else than chen"):
        approve(quote, "lead", at=NOW, by=MANAGER)


# --- taken back, talked about


def test_a_request_is_taken_back_by_who_asked() -> None:
    quote = _waiting(25)

    assert recall(quote, reason="typo", at=NOW, by=REP)[0].status is QuoteStatus.DRAFT
    for waiting, by in ((quote, MANAGER), (draft(offer(5)), REP)):
        with pytest.raises(ApprovalRefused):
            recall(waiting, at=NOW, by=by)


def test_an_approval_is_taken_back_by_who_gave_it_with_a_reason() -> None:
    quote = _give(_waiting(25), ("lead", MANAGER))

    back, events = withdraw(quote, "lead", reason="insolvent", at=NOW, by=MANAGER)
    assert (back.status, back.approvals, back.needs) == (QuoteStatus.DRAFT, (), ())
    assert [type(event).__name__ for event in events] == ["ApprovalWithdrawn", "QuoteMoved"]
    with pytest.raises(ApprovalRefused):
        withdraw(quote, "lead", reason="no", at=NOW, by=DIRECTOR)
    with pytest.raises(ApprovalRefused):
        withdraw(back, "lead", reason="no", at=NOW, by=MANAGER)
    with pytest.raises(UnexplainedRejection):
        withdraw(quote, "lead", reason=" ", at=NOW, by=MANAGER)


def test_comments_are_events_and_not_blank() -> None:
    quote = _waiting(25)

    assert comment(quote, "please", rule="lead", at=NOW, by=REP).text == "please"
    for text in ("  ", "x" * 10_001):
        with pytest.raises(WrongComment):
            comment(quote, text, at=NOW, by=REP)
    with pytest.raises(ApprovalRefused):
        comment(quote, "please", rule="nobody", at=NOW, by=REP)


def test_every_state_and_event_comes_back_from_json_and_pickle() -> None:
    codec, away = Codec([*ENTITIES, *EVENTS]), Delegations([_away(MANAGER, "ann")])
    late, told = escalate(_waiting(25), at=NOW + timedelta(days=2), by=NIGHTLY)
    given, more = approve(late, "lead", at=NOW, by=Actor("ann"), delegations=away)
    back, last = withdraw(given, "lead", reason="no", at=NOW, by=Actor("ann"))

    said = comment(late, "hm", at=NOW, by=REP)
    for document in (late, given, back, *told, *more, *last, said):
        assert codec.read_json(codec.to_json(document)) == document
        assert pickle.loads(pickle.dumps(document)) == document
    assert Codec().from_json(Delegations, Codec().to_json(away)) == away


# --- limits of discounts

NO_RULES = ApprovalPolicy(id="none")
LIMITS = DiscountPolicy(
    id="limits",
    currency="EUR",
    records=(
        DiscountRecord(id="reps", role="rep", max_percent=Percent(10), over="approval", roles=("manager",)),
        DiscountRecord(id="all", max_percent=Percent(40), min_margin_percent=Percent(-5)),
        DiscountRecord(id="p-0", product="p-0", reasons=("match", "late"), over="approval", roles=("manager",)),
    ),
)  # fmt: skip


def test_a_quote_within_its_limits_is_approved_and_one_beyond_all_is_refused() -> None:
    within, (submitted, _) = submit(draft(offer(10)), NO_RULES, discounts=LIMITS, at=NOW, by=REP)
    assert within.status is QuoteStatus.APPROVED
    assert isinstance(submitted, QuoteSubmitted)
    assert (submitted.limits, submitted.limits_version, submitted.limits_digest) == (
        "limits",
        1,
        LIMITS.digest,
    )
    with pytest.raises(DiscountRefused) as refused:
        submit(draft(offer(41)), NO_RULES, discounts=LIMITS, at=NOW, by=REP)
    assert {(one.line, one.kind.value) for one in refused.value.checks} >= {
        ("1", "max_percent"),
        ("", "max_percent"),
    }
    assert isinstance(refused.value, PermissionError)


def test_a_limit_asks_for_an_approval_that_holds_while_the_line_gets_no_worse() -> None:
    quote, _ = submit(draft(offer(15)), NO_RULES, discounts=LIMITS, at=NOW, by=REP)
    assert _open(quote) == ["reps on line 1", "reps on line 2", "reps"]
    approved = _give(quote, ("reps on line 1", MANAGER), ("reps on line 2", MANAGER), ("reps", MANAGER))

    def again(points: int) -> list[str]:
        revised, _ = revise(approved, offer(points), valid_until=LAST_DAY, at=NOW, by=REP)
        return _open(submit(revised, NO_RULES, discounts=LIMITS, at=NOW, by=REP)[0])

    assert approved.status is QuoteStatus.APPROVED
    assert (again(14), again(16)) == ([], ["reps on line 1", "reps on line 2", "reps"])


def test_a_manager_has_more_authority_and_still_nobody_has_all() -> None:
    assert (
        submit(draft(offer(25)), NO_RULES, discounts=LIMITS, at=NOW, by=MANAGER)[0].status
        is QuoteStatus.APPROVED
    )
    both = Actor("both", roles={"rep", "manager"})
    assert (
        submit(draft(offer(25)), NO_RULES, discounts=LIMITS, at=NOW, by=both)[0].status
        is QuoteStatus.IN_APPROVAL
    )


def test_reasons_and_times_of_prices_by_hand_are_demanded() -> None:
    def offered(reason: str, at: datetime | None) -> Quote:
        answer = priced([priced_line(0, ("100", "100"), cost="1")])
        manual = ManualPrice(percent_off=Percent(0), reason=reason, by="li.wei", at=at)
        line = attrs.evolve(answer.lines[0], line=attrs.evolve(answer.lines[0].line, manual=manual))
        return draft(attrs.evolve(answer, lines=(line,)))

    def outcome(reason: str, at: datetime | None = NOW) -> set[tuple[str, str]]:
        report = check_discounts(offered(reason, at).current, LIMITS, roles={"manager"})
        return {
            (one.kind.value, one.consequence.value) for one in report.checks if one.consequence.value != "ok"
        }

    assert outcome("match: offer of 3 March") == set()
    assert outcome("because") == {("reason", "approval")}
    assert outcome("match", None) == {("adjustment", "refused")}


def test_floors_categories_segments_and_deal_sizes_are_looked_up() -> None:
    policy = DiscountPolicy(
        id="l",
        currency="EUR",
        records=(
            DiscountRecord(id="floor", product="p-0", floor_price=Money(130, "EUR")),
            DiscountRecord(id="tree", category="machines", max_percent=Percent(9)),
            DiscountRecord(id="gold", category="machines", segment="gold", max_percent=Percent(12), overrides=True),
            DiscountRecord(id="large", deal_from=Money(1000, "EUR"), max_percent=Percent(8)),
            DiscountRecord(id="larger", deal_from=Money("1000.01", "EUR"), max_percent=Percent(1)),
        ),
    )  # fmt: skip
    catalogue = Catalogue(
        [Product(id="p-0", category="presses"), Product(id="p-1")], categories={"presses": "machines"}
    )
    version = draft(offer(10)).current  # 600 and 400 EUR at list, four units each

    def found(segment: str) -> dict[tuple[str, str], tuple[str, str]]:
        report = check_discounts(version, policy, roles=(), segment=segment, catalogue=catalogue)
        return {
            (one.line, one.kind.value): ("" if one.record is None else one.record.id, one.consequence.value)
            for one in report.checks
        }

    assert found("silver") == {
        ("1", "max_percent"): ("large", "refused"), ("1", "floor_price"): ("floor", "ok"),
        ("2", "max_percent"): ("large", "refused"), ("", "max_percent"): ("large", "refused"),
    }  # fmt: skip
    assert found("gold")["1", "max_percent"] == ("gold", "ok")
    dear = check_discounts(draft(offer(14)).current, policy, roles=(), segment="gold", catalogue=catalogue)
    (floor,) = (one for one in dear.checks if one.kind.value == "floor_price")
    assert (floor.found, floor.limit, floor.consequence.value) == (eur("129"), eur("130"), "refused")


def test_limits_in_another_currency_are_not_passed_by_a_quote_without_a_rate() -> None:
    dollars = DiscountPolicy(
        id="l", currency="USD", records=(DiscountRecord(id="f", product="p-0", floor_price=Money(1, "USD")),)
    )

    (check,) = check_discounts(draft(offer(0)).current, dollars, roles=()).refused
    assert (check.found, check.kind.value) == (None, "floor_price")


def test_an_approval_of_what_is_not_known_holds_for_the_same_terms_alone() -> None:
    policy = DiscountPolicy(id="l", currency="EUR", records=(
        DiscountRecord(id="m", product="p-0", min_margin_percent=Percent(10), over="approval", roles=("manager",)),
    ))  # fmt: skip

    def of(net: str) -> Priced:
        return priced([priced_line(0, ("100", net))])  # its cost is not known

    quote, _ = submit(draft(of("90")), NO_RULES, discounts=policy, at=NOW, by=REP)
    approved = _give(quote, ("m on line 1", MANAGER))
    for net, waits in (("90", []), ("20", ["m on line 1"])):
        revised, _ = revise(approved, of(net), valid_until=LAST_DAY, at=NOW, by=REP)
        assert _open(submit(revised, NO_RULES, discounts=policy, at=NOW, by=REP)[0]) == waits


def test_hours_are_exact() -> None:
    rule = ApprovalRule(
        id="r", metric="total", operator=">", threshold=eur("1"), roles=("x",), due_hours="0.5"
    )
    quote, _ = submit(draft(offer(0)), ApprovalPolicy(id="p", rules=(rule,)), at=NOW, by=REP)

    assert rule.due_hours == Decimal("0.5")
    assert quote.needs[0].due() == NOW + timedelta(minutes=30)
