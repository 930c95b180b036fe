"""The way of a quote through its approvals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRefusal, ApprovalRefused, give_approval
from salesmgmt.cpq.quotes._moves import moved
from salesmgmt.cpq.quotes.events import ApprovalGiven, QuoteSubmitted
from salesmgmt.cpq.quotes.figures import QUANTITY, quote_metrics
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.engines.metrics import Figure

_NO_FIGURES: Mapping[str, Figure | None] = MappingProxyType({})
_NO_COSTS: Mapping[str, Money] = MappingProxyType({})


class UnexplainedRejection(SalesError, ValueError):
    """A quote was rejected or sent back without a reason.

    Attributes:
        quote: id of the quote.
    """

    code = "unexplained_rejection"

    def __init__(self, quote: str) -> None:
        self.quote = quote
        super().__init__(
            f"quote {quote} is turned down without a reason", hint="say why: reason='too expensive'"
        )


def submit(
    quote: Quote,
    policy: ApprovalPolicy,
    *,
    metrics: Mapping[str, Figure | None] = _NO_FIGURES,
    costs: Mapping[str, Money] = _NO_COSTS,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Ask for the approvals that the current version needs; without any it is approved at once.

    An approval of an earlier version still holds while its figure is not worse than it was then, and while whoever gave
    it may still give it: not for a version that he made or submits himself.

    Args:
        quote: a draft.
        policy: which figures need whose approval.
        metrics: further figures that its rules ask for; those of `quote_metrics` cannot be replaced.
        costs: the cost of a unit by product, for lines that have none from their price.
        at: when.
        by: who asks.

    Raises:
        MoveRefused: it is no draft.
        FigureMismatch, CurrencyMismatch: a figure cannot be compared.

    >>> from datetime import UTC, date, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.cpq.pricing import Line, Priced, PricedLine, PricingRequest
    >>> from salesmgmt.cpq.quotes import approve, quote_from, send_back, submit
    >>> now, rep = datetime(2026, 3, 2, 9, tzinfo=UTC), Actor("li.wei", roles={"rep"})
    >>> priced = Priced(
    ...     request=PricingRequest(at=now, currency="EUR", lines=[]), model="catalogue", model_version=1, model_digest="",
    ...     lines=(PricedLine(position=0, line=Line("dock", 25), list_amount=Money(2500, "EUR"),
    ...                       net_amount=Money(1875, "EUR"), waterfall=()),),
    ... )
    >>> draft, _ = quote_from(priced, id="q-1", number="Q-1", valid_until=date(2026, 4, 1), at=now, by=rep)
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import ApprovalPolicy, ApprovalRule
    >>> deep = ApprovalRule(
    ...     id="deep", metric="effective_discount_percent", operator=">", threshold=Percent(20), roles=("manager",)
    ... )
    >>> waiting, _ = submit(draft, ApprovalPolicy(id="discounts", rules=(deep,)), at=now, by=rep)
    >>> waiting.status.value, [need.found for need in waiting.needs]
    ('in_approval', [Percent('25')])
    """
    version = quote.current
    absent = {rule.metric: Decimal(0) for rule in policy.rules if rule.metric.startswith(QUANTITY)}
    figures = {**metrics, **absent, **quote_metrics(version, costs)}
    asked_by = tuple(dict.fromkeys((by.id, version.made_by)))
    every = policy.needs(figures)
    needs = policy.needs(figures, quote.approvals, asked_by)
    waiting = {need.rule for need in needs}
    target = QuoteStatus.IN_APPROVAL if needs else QuoteStatus.APPROVED
    changed, move = moved(quote, target, at=at, by=by, needs=needs, asked_by=asked_by)
    submitted = QuoteSubmitted(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        version=version.number,
        policy=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        metrics={rule.metric: figures.get(rule.metric) for rule in policy.rules},
        needs=needs,
        reused=tuple(need.rule for need in every if need.rule not in waiting),
    )
    return changed, (submitted, move)


def approve(
    quote: Quote, rule: str, *, reason: str = "", at: datetime, by: Actor
) -> tuple[Quote, tuple[Event, ...]]:
    """Give one of the approvals that a quote waits for; the last one makes it approved.

    Args:
        quote: a quote in approval.
        rule: id of the rule, as `Quote.needs` says.
        reason: why; some rules demand one.
        at: when.
        by: who approves.

    Raises:
        ApprovalRefused: he may not, a reason is missing, or the quote does not wait for this approval.

    With the quote of `submit`:

    >>> manager = Actor("chen", roles={"manager"})
    >>> approved, events = approve(waiting, "deep", at=now, by=manager)
    >>> approved.status.value, approved.approvals[0].by.id
    ('approved', 'chen')
    """
    need = next((need for need in quote.needs if need.rule == rule), None)
    if need is None:
        waiting = ", ".join(known.rule for known in quote.needs) or "no approval at all"
        raise ApprovalRefused(ApprovalRefusal("not_needed", rule, wanted=waiting, found=rule))
    approval = give_approval(need, asked_by=quote.asked_by, at=at, by=by, reason=reason)
    needs = tuple(other for other in quote.needs if other is not need)
    approvals = (*quote.approvals, approval)
    event = ApprovalGiven(
        at=at,
        by=by,
        subjects=quote.subjects,
        quote=quote.key,
        version=quote.current_version,
        approval=approval,
    )
    if needs:
        return attrs.evolve(quote, needs=needs, approvals=approvals), (event,)
    changed, move = moved(quote, QuoteStatus.APPROVED, at=at, by=by, needs=needs, approvals=approvals)
    return changed, (event, move)


def send_back(quote: Quote, *, reason: str, at: datetime, by: Actor) -> tuple[Quote, tuple[Event, ...]]:
    """Refuse an approval: the quote becomes a draft again.

    Args:
        quote: a quote in approval.
        reason: why.
        at: when.
        by: who refuses; he must be one of those who may approve something that it waits for.

    Raises:
        ApprovalRefused: he may not, or the quote does not wait for an approval.
        UnexplainedRejection: there is no reason.

    With the quote of `submit`:

    >>> send_back(waiting, reason="offer 15 %", at=now, by=manager)[0].status.value
    'draft'
    """
    roles = dict.fromkeys(role for need in quote.needs for role in need.roles)
    if not by.has_any(roles):
        rules = ", ".join(need.rule for need in quote.needs) or "no rule"
        wanted = " or ".join(roles) or "a quote that waits for an approval"
        found = ", ".join(sorted(by.roles)) or None
        raise ApprovalRefused(ApprovalRefusal("role", rules, wanted=wanted, found=found))
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    changed, move = moved(quote, QuoteStatus.DRAFT, at=at, by=by, reason=reason, needs=(), asked_by=())
    return changed, (move,)
