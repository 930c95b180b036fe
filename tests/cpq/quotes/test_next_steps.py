"""What a refused command of a quote says to do, and what it says of things of the wrong kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, SalesError
from salesmgmt.core.events import NotAnActor, NotAnInstant
from salesmgmt.core.percent import Percent
from salesmgmt.core.period import NotADate
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRefused, ApprovalRule
from salesmgmt.cpq.quotes import (
    ApprovalGiven,
    Outline,
    Quote,
    QuoteAccepted,
    QuoteGroup,
    QuoteMoved,
    QuoteStatus,
    accept,
    approve,
    approve_all,
    contract_from,
    expire,
    extend,
    present,
    quote_from,
    reject,
    revise,
    send_back,
    submit,
    void,
)
from salesmgmt.engines.lifecycle import MoveRefused

from .conftest import AFTER, LAST_DAY, MANAGER, NOW, REP, draft, offer
from .offers import line

NO_LIMITS = ApprovalPolicy(id="no limits")
HEAD = Actor("ito", roles={"manager", "director"})


def _at(status: str, policy: ApprovalPolicy) -> Quote:
    """A quote that got as far as a status."""
    if status == "draft":
        return draft(offer(25))
    if status == "in_approval":
        return submit(draft(offer(25)), policy, at=NOW, by=REP)[0]
    approved, _ = submit(draft(offer(25)), NO_LIMITS, at=NOW, by=REP)
    if status == "approved":
        return approved
    if status == "voided":
        return void(approved, reason="a mistake", at=NOW, by=REP)[0]
    shown, _ = present(approved, at=NOW, by=REP)
    match status:
        case "accepted":
            return accept(shown, at=NOW, by=REP)[0]
        case "rejected":
            return reject(shown, reason="too dear", at=NOW, by=REP)[0]
        case "expired":
            return expire(shown, at=AFTER, by=REP)[0]
        case "superseded":
            return attrs.evolve(shown, status=QuoteStatus.SUPERSEDED, superseded_by="q-8")
    return shown


@pytest.mark.parametrize(
    ("status", "command", "hint"),
    [
        ("draft", present, "submit it first"),
        ("draft", accept, "submit it first"),
        ("in_approval", present, "it waits for: deep (manager may approve)"),
        ("in_approval", accept, "it waits for: deep (manager may approve)"),
        ("approved", accept, "present it first"),
        ("approved", present, None),
        ("presented", present, "the customer has it: accept or reject it, or revise it"),
        ("rejected", accept, "it is rejected: revise it to take it up again"),
        ("expired", present, "it is expired: revise it to take it up again"),
        ("superseded", accept, "q-8 was accepted in its place: go on with that, or make a new quote"),
        ("voided", present, "it was taken back and stays so: make a new quote"),
        (
            "accepted",
            present,
            "it is accepted and stays so: make a new quote, or amend the contract that began with it",
        ),
        ("draft", expire, "it can be accepted until 2026-04-01: void it to close it before"),
    ],
)
def test_a_refused_move_says_what_comes_first(
    status: str, command: Callable[..., object], hint: str | None, policy: ApprovalPolicy
) -> None:
    quote = _at(status, policy)
    if hint is None:
        command(quote, at=NOW, by=REP)
        return
    with pytest.raises(MoveRefused) as refused:
        command(quote, at=NOW, by=REP)

    assert refused.value.hint == hint
    assert str(refused.value).endswith(f"; {hint}")
    assert "override" not in str(refused.value)
    assert refused.value.decision.source == status


def test_a_quote_that_is_over_is_revised_with_a_later_day(policy: ApprovalPolicy) -> None:
    with pytest.raises(MoveRefused, match="its last day was 2026-04-01: revise it with a later valid_until"):
        accept(_at("presented", policy), at=AFTER, by=REP)


def test_a_hint_names_five_approvals_and_counts_the_others() -> None:
    rules = tuple(
        ApprovalRule(
            id=f"r-{number}",
            metric="line_count",
            operator=">",
            threshold=0,
            roles=("cfo", "ceo"),
            quorum="all_of",
        )
        for number in range(7)
    )
    waiting, _ = submit(draft(offer(1)), ApprovalPolicy(id="seven", rules=rules), at=NOW, by=REP)
    with pytest.raises(MoveRefused) as refused:
        present(waiting, at=NOW, by=REP)

    assert refused.value.hint.startswith("it waits for: r-0 (cfo and ceo must approve), r-1 (")
    assert refused.value.hint.endswith("r-4 (cfo and ceo must approve) and 2 more")


# --- approvals


def test_an_approval_is_named_by_its_need_as_well(policy: ApprovalPolicy) -> None:
    waiting, _ = submit(draft(offer(25)), policy, at=NOW, by=REP)

    assert approve(waiting, waiting.needs[0], at=NOW, by=MANAGER) == approve(
        waiting, "deep", at=NOW, by=MANAGER
    )


def test_a_need_is_told_from_another_of_its_rule() -> None:
    rule = ApprovalRule(id="r", metric="line_count", operator=">", threshold=0, roles=("manager",))
    waiting, _ = submit(draft(offer(1)), ApprovalPolicy(id="one", rules=(rule,)), at=NOW, by=REP)
    other = attrs.evolve(waiting.needs[0], metric="floor_price of dock")
    both = attrs.evolve(waiting, needs=(*waiting.needs, other))

    left, _ = approve(both, other, at=NOW, by=MANAGER)
    assert [need.metric for need in left.needs] == ["line_count"]


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("in_approval", "did you mean 'deep'? it waits for: deep (manager may approve)"),
        ("draft", "submit it first"),
        ("approved", "it is approved: present it, or revise it"),
    ],
)
def test_an_unknown_rule_is_told_what_the_quote_waits_for(
    status: str, hint: str, policy: ApprovalPolicy
) -> None:
    with pytest.raises(ApprovalRefused) as refused:
        approve(_at(status, policy), "deap", at=NOW, by=MANAGER)

    assert (refused.value.hint, refused.value.refusal.code) == (hint, "not_needed")


def _chain(**more: Any) -> ApprovalPolicy:
    """Manager, then director, above 20 %; and legal beside them."""
    common: dict[str, Any] = {
        "metric": "effective_discount_percent",
        "operator": ">",
        "threshold": Percent(20),
    }
    return ApprovalPolicy(
        id="chain",
        rules=(
            ApprovalRule(id="lead", roles=("manager",), chain="sales", **common, **more),
            ApprovalRule(id="head", roles=("director",), chain="sales", level=2, **common),
            ApprovalRule(id="law", roles=("legal",), **common),
        ),
    )


def test_one_command_gives_all_that_a_person_may_give() -> None:
    waiting, _ = submit(draft(offer(25)), _chain(), at=NOW, by=REP)

    left, events = approve_all(waiting, reason="first order", at=NOW, by=HEAD)
    step_by_step, _ = approve(waiting, "lead", reason="first order", at=NOW, by=HEAD)
    step_by_step, _ = approve(step_by_step, "head", reason="first order", at=NOW, by=HEAD)
    assert left == step_by_step
    assert [event.approval.rule for event in events if isinstance(event, ApprovalGiven)] == ["lead", "head"]
    assert [need.rule for need in left.needs] == ["law"]

    approved, events = approve_all(left, at=NOW, by=Actor("lu", roles={"legal"}))
    assert [type(event) for event in events] == [ApprovalGiven, QuoteMoved]
    assert approved.status is QuoteStatus.APPROVED


def test_a_level_whose_turn_has_not_come_is_not_given_with_the_others() -> None:
    waiting, _ = submit(draft(offer(25)), _chain(), at=NOW, by=REP)
    left, events = approve_all(waiting, at=NOW, by=Actor("lu", roles={"legal", "director"}))

    assert [need.rule for need in left.needs] == ["lead", "head"]
    assert len(events) == 1


def test_one_person_has_one_voice_in_a_quorum() -> None:
    rule = ApprovalRule(
        id="two",
        metric="line_count",
        operator=">",
        threshold=0,
        roles=("manager", "director"),
        quorum="all_of",
    )
    waiting, _ = submit(draft(offer(1)), ApprovalPolicy(id="two", rules=(rule,)), at=NOW, by=REP)
    left, events = approve_all(waiting, at=NOW, by=HEAD)

    assert (left.status, len(left.needs), len(events)) == (QuoteStatus.IN_APPROVAL, 1, 1)
    with pytest.raises(ApprovalRefused) as refused:
        approve_all(left, at=NOW, by=HEAD)
    assert refused.value.refusal.code == "twice"


@pytest.mark.parametrize(
    ("status", "by", "code"),
    [
        ("in_approval", REP, "role"),
        ("in_approval", Actor("li.wei", roles={"manager"}), "own_request"),
        ("draft", MANAGER, "not_needed"),
    ],
)
def test_who_may_give_none_of_the_approvals_is_refused(
    status: str, by: Actor, code: str, policy: ApprovalPolicy
) -> None:
    with pytest.raises(ApprovalRefused) as refused:
        approve_all(_at(status, policy), at=NOW, by=by)

    assert refused.value.refusal.code == code


def test_an_approval_that_lacks_a_reason_alone_is_not_left_out_in_silence() -> None:
    waiting, _ = submit(draft(offer(25)), _chain(reason_required=True), at=NOW, by=REP)
    with pytest.raises(ApprovalRefused, match="say why"):
        approve_all(waiting, at=NOW, by=HEAD)


# --- things of the wrong kind

COMMANDS: list[Callable[..., object]] = [
    lambda quote, **given: submit(quote, NO_LIMITS, **given),
    lambda quote, **given: approve(quote, "deep", **given),
    approve_all,
    lambda quote, **given: send_back(quote, reason="no", **given),
    present,
    accept,
    lambda quote, **given: reject(quote, reason="no", **given),
    lambda quote, **given: void(quote, reason="no", **given),
    expire,
    lambda quote, **given: revise(quote, offer(10), valid_until=LAST_DAY, **given),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_refuses_what_is_no_quote_actor_or_instant(command: Callable[..., object]) -> None:
    quote = draft(offer(10))

    with pytest.raises(NotAnActor, match=r"'me' is no actor"):
        command(quote, at=NOW, by="me")
    with pytest.raises(NotAnInstant, match=r"at = datetime.date\(2026, 3, 2\) is not an instant"):
        command(quote, at=date(2026, 3, 2), by=REP)
    with pytest.raises(InvalidInput, match="quote, events = submit") as refused:
        command((quote, ()), at=NOW, by=REP)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code, problem.wanted) == ("quote", "wrong_type", "a Quote")


@pytest.mark.parametrize(
    ("given", "kind", "path"),
    [
        ({"valid_until": "2026-12-01"}, NotADate, "valid_until"),
        ({"valid_until": datetime(2026, 12, 1, tzinfo=UTC)}, NotADate, "valid_until"),
        ({"by": "me"}, NotAnActor, "me"),
        ({"at": "today"}, NotAnInstant, "at"),
        ({"id": 7}, InvalidInput, "id: found 7, wanted a text"),
        ({"number": None}, InvalidInput, "number: found None, wanted a text"),
        ({"account": 7}, InvalidInput, "account: found 7, wanted a text"),
        ({"deal": 7}, InvalidInput, "deal: found 7, wanted a text"),
        ({"priced": "100 EUR"}, InvalidInput, "priced: found '100 EUR'"),
    ],
)
def test_a_quote_is_not_made_of_things_of_the_wrong_kind(
    given: dict[str, Any], kind: type[SalesError], path: str
) -> None:
    whole = {"priced": offer(10), "id": "q-1", "number": "Q-1", "valid_until": LAST_DAY, "at": NOW, "by": REP}
    with pytest.raises(kind, match=path):
        quote_from(**{**whole, **given})


def test_other_arguments_are_checked_where_they_are_given(policy: ApprovalPolicy) -> None:
    quote, waiting = _at("draft", policy), _at("in_approval", policy)
    with pytest.raises(NotADate, match="valid_until"):
        revise(quote, offer(10), valid_until="2026-12-01", at=NOW, by=REP)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="policy: found 'discounts', wanted an ApprovalPolicy"):
        submit(quote, "discounts", at=NOW, by=REP)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"rule: found 5, wanted the id of a rule, or one of Quote.needs"):
        approve(waiting, 5, at=NOW, by=MANAGER)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="reason: found 5, wanted a text"):
        reject(_at("presented", policy), reason=5, at=NOW, by=REP)  # type: ignore[arg-type]


def test_a_contract_is_made_of_the_event(policy: ApprovalPolicy) -> None:
    quote, events = accept(_at("presented", policy), at=NOW, by=REP)

    for given in (quote, events):
        with pytest.raises(InvalidInput, match=r"quote, \(move, accepted\) = accept") as refused:
            contract_from(given, id="c-1")  # type: ignore[arg-type]
        (problem,) = refused.value.problems
        assert (problem.path, problem.wanted) == ("accepted", "the QuoteAccepted event")
    (_, accepted) = events
    assert isinstance(accepted, QuoteAccepted)
    with pytest.raises(InvalidInput, match="contract: found"):
        extend(quote, accepted, accepted)  # type: ignore[arg-type]


# --- ids of an outline


@pytest.mark.parametrize(
    ("place", "found", "hint"),
    [
        ("parent", "bkie", "did you mean 'bike'?"),
        ("alternative_of", "bkie", "did you mean 'bike'?"),
        ("group", "hardwear", "did you mean 'hardware'?"),
        ("parent", "zzz", "known are 'bike', 'n-1', 'n-2', 'n-3', 'n-4' and 2 more"),
        ("group", "zzz", "known are 'hardware'"),
    ],
)
def test_an_unknown_id_is_answered_with_those_that_there_are(place: str, found: str, hint: str) -> None:
    lines = [line("bike", "bag"), *(line(f"n-{number}", "bag") for number in range(1, 6))]
    with pytest.raises(InvalidInput) as refused:
        Outline([*lines, line("x", "bag", 1, **{place: found})], [QuoteGroup("hardware")])

    (problem,) = refused.value.problems
    assert (problem.path, problem.hint) == (f"lines[6].{place}", hint)


def test_the_ids_that_were_meant_are_looked_for_a_few_times_only() -> None:
    lines = [line(f"line-{number}", "bag", parent=f"lime-{number}") for number in range(500)]
    with pytest.raises(InvalidInput) as refused:
        Outline(lines)

    hints = [problem.hint for problem in refused.value.problems]
    assert (len(hints), sum(map(bool, hints))) == (500, 10)
