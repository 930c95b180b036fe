"""Approvals that are taken back, come too late, or are talked about."""

from __future__ import annotations

from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.events import Event
from salesmgmt.cpq.approvals import ApprovalRefusal, ApprovalRefused, Overdue, overdue
from salesmgmt.cpq.quotes._moves import business_date, moved
from salesmgmt.cpq.quotes.approval_events import ApprovalCommented, ApprovalEscalated, ApprovalWithdrawn
from salesmgmt.cpq.quotes.approving import UnexplainedRejection, need_of
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import QuoteStatus

LONGEST_COMMENT = 10_000
"""Characters."""


class WrongComment(SalesError, ValueError):
    """A comment says nothing, or too much.

    Attributes:
        found: what was said, shortened for showing.
    """

    code = "wrong_comment"

    def __init__(self, found: str) -> None:
        self.found = shorten(found)
        super().__init__(
            f"{self.found} is no comment", hint=f"write something, and at most {LONGEST_COMMENT} characters"
        )


def recall(quote: Quote, *, reason: str = "", at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Take a request for approvals back: the quote becomes a draft again. Approvals that were given stay on record.

    Args:
        quote: a quote in approval.
        reason: why.
        at: when.
        by: one of those whose request it is.

    Raises:
        ApprovalRefused: it is not in approval, or the request of others.

    >>> from datetime import UTC, date, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import quote_from, recall, submit
    >>> now, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei", roles={"rep"})
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="",
    ...     lines=(PricedLine(position=0, line=Line("dock", 25), list_amount=Money(2500, "EUR"),
    ...                       net_amount=Money(1875, "EUR"), waterfall=()),),
    ... )
    >>> draft, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=rep)
    >>> deep = ApprovalRule(id="deep", metric="effective_discount_percent", operator=">", threshold=Percent(20),
    ...                     roles=("manager",), due_hours=Decimal(8), escalates_to=("director",))
    >>> waiting, _ = submit(draft, ApprovalPolicy(id="discounts", rules=(deep,)), at=now, by=rep)
    >>> recall(waiting, at=now, by=rep)[0].status.value
    'draft'
    """
    rules = ", ".join(need.rule for need in quote.needs) or "no rule"
    _require(quote, rules, QuoteStatus.IN_APPROVAL)
    if by.id not in quote.asked_by:
        wanted = f"one of those who asked: {', '.join(quote.asked_by)}"
        raise ApprovalRefused(ApprovalRefusal("role", rules, wanted=wanted, found=by.id))
    changed, move = moved(quote, QuoteStatus.DRAFT, at=at, by=by, reason=reason, needs=(), asked_by=())
    return changed, (move,)


def withdraw(
    quote: Quote, rule: str, *, reason: str, at: datetime, by: Actor
) -> tuple[Quote, tuple[Event, ...]]:
    """Take an approval back that one gave, before the customer sees the quote: it becomes a draft again.

    Args:
        quote: a quote in approval, or approved.
        rule: id of the rule.
        reason: why.
        at: when.
        by: who gave it.

    Raises:
        ApprovalRefused: he gave no such approval, or the quote is neither in approval nor approved.
        UnexplainedRejection: there is no reason.

    With the quote of `recall`:

    >>> from salesmgmt.cpq.quotes import approve, withdraw
    >>> manager = Actor("chen", roles={"manager"})
    >>> approved, _ = approve(waiting, "deep", at=now, by=manager)
    >>> back, _ = withdraw(approved, "deep", reason="the customer is insolvent", at=now, by=manager)
    >>> back.status.value, back.approvals
    ('draft', ())
    """
    _require(quote, rule, QuoteStatus.IN_APPROVAL, QuoteStatus.APPROVED)
    own = [one for one in quote.approvals if one.rule == rule and by.id in one.people]
    if not own:
        givers = ", ".join(sorted(one.by.id for one in quote.approvals if one.rule == rule))
        wanted = f"who gave it: {givers}" if givers else "an approval that was given"
        raise ApprovalRefused(ApprovalRefusal("role", rule, wanted=wanted, found=by.id))
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    kept = tuple(one for one in quote.approvals if one not in own)
    changed, move = moved(
        quote, QuoteStatus.DRAFT, at=at, by=by, reason=reason, needs=(), asked_by=(), approvals=kept
    )
    events = [
        ApprovalWithdrawn(
            at=at,
            by=by,
            subjects=quote.subjects,
            quote=quote.key,
            version=quote.current_version,
            approval=approval,
            reason=reason,
        )
        for approval in own
    ]
    return changed, (*events, move)


def overdue_approvals(
    quote: Quote, *, at: datetime, calendar: BusinessCalendar | None = None
) -> tuple[Overdue, ...]:
    """The approvals that a quote waits for longer than their rules allow; see `approvals.overdue`.

    With the quote of `recall`:

    >>> from salesmgmt.cpq.quotes import overdue_approvals
    >>> [(late.need.rule, late.due.hour) for late in overdue_approvals(waiting, at=datetime(2026, 3, 3, tzinfo=UTC))]
    [('deep', 17)]
    """
    return overdue(quote.needs, at=at, calendar=calendar)


def escalate(
    quote: Quote, *, calendar: BusinessCalendar | None = None, at: datetime, by: Actor
) -> tuple[Quote, tuple[ApprovalEscalated, ...]]:
    """Let the roles of the next level give the approvals that are overdue, once for each; the others still may.

    Args:
        quote: a quote in approval; one with nothing overdue stays as it is.
        calendar: in whose working time deadlines are counted; without one in hours of the clock.
        at: when.
        by: who or what looks after deadlines; he decides nothing.

    With the quote of `recall`:

    >>> from salesmgmt.cpq.quotes import escalate
    >>> late, (event,) = escalate(waiting, at=datetime(2026, 3, 3, tzinfo=UTC), by=Actor("nightly"))
    >>> event.roles, escalate(late, at=datetime(2026, 3, 4, tzinfo=UTC), by=Actor("nightly"))[1]
    (('manager', 'director'), ())
    """
    business_date(at)
    late = [one.need for one in overdue(quote.needs, at=at, calendar=calendar) if one.need.escalates_to]
    needs = tuple(attrs.evolve(need, escalated_at=at) if need in late else need for need in quote.needs)
    events = tuple(
        ApprovalEscalated(
            at=at,
            by=by,
            subjects=quote.subjects,
            quote=quote.key,
            version=quote.current_version,
            rule=need.rule,
            roles=need.who_may,
        )
        for before, need in zip(quote.needs, needs, strict=True)
        if need is not before
    )
    return attrs.evolve(quote, needs=needs), events


def comment(quote: Quote, text: str, *, rule: str = "", at: datetime, by: Actor) -> ApprovalCommented:
    """Say something about the approvals that a quote waits for; a comment is an event and changes nothing.

    Args:
        quote: a quote in approval.
        text: what is said, at most `LONGEST_COMMENT` characters.
        rule: id of the rule that it is about; empty for all.
        at: when.
        by: who says it.

    Raises:
        ApprovalRefused: the quote does not wait for the approval.
        WrongComment: it is blank or too long.

    With the quote of `recall`:

    >>> from salesmgmt.cpq.quotes import comment
    >>> comment(waiting, "they have an offer at 70 EUR", rule="deep", at=now, by=rep).text
    'they have an offer at 70 EUR'
    """
    if rule:
        need_of(quote, rule)
    if not text.strip() or len(text) > LONGEST_COMMENT:
        raise WrongComment(text)
    return ApprovalCommented(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        version=quote.current_version,
        rule=rule,
        text=text,
    )


def _require(quote: Quote, rule: str, *statuses: QuoteStatus) -> None:
    """Refuse a quote of another status."""
    if quote.status not in statuses:
        wanted = f"a quote that is {' or '.join(statuses)}"
        raise ApprovalRefused(ApprovalRefusal("not_needed", rule, wanted=wanted, found=quote.status))
