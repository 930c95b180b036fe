"""The way of a quote through its approvals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Values
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals import (
    QUANTITY,
    Approval,
    ApprovalNeed,
    ApprovalPolicy,
    ApprovalRefusal,
    ApprovalRefused,
    Delegations,
    DiscountPolicy,
    agreed,
    ask,
    give_approval,
    is_asked,
)
from salesmgmt.cpq.products import Catalogue
from salesmgmt.cpq.quotes._moves import moved, require_move
from salesmgmt.cpq.quotes.discount import reachable, reference_of
from salesmgmt.cpq.quotes.discount_control import DiscountRefused, check_discounts
from salesmgmt.cpq.quotes.events import ApprovalGiven, QuoteSubmitted
from salesmgmt.cpq.quotes.figures import quote_metrics
from salesmgmt.cpq.quotes.quote import Quote
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.cpq.quotes.version import QuoteVersion
from salesmgmt.engines.metrics import Figure

_NO_FIGURES: Mapping[str, Figure | None] = MappingProxyType({})
_NO_COSTS: Mapping[str, Money] = MappingProxyType({})
_NO_FACTS: Values = MappingProxyType({})
_NO_CATALOGUE = Catalogue()
_NOBODY_AWAY = Delegations()


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
    facts: Values = _NO_FACTS,
    costs: Mapping[str, Money] = _NO_COSTS,
    discounts: DiscountPolicy | None = None,
    segment: str = "",
    catalogue: Catalogue = _NO_CATALOGUE,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Ask for the approvals that the current version needs; without any it is approved at once.

    An approval of an earlier version still holds while its figure is not worse than it was then, and while whoever gave
    it may still give it: not for a version that he made or submits himself, or in which he set a price by hand. The approval
    of a figure that is not known holds for its version alone.

    Args:
        quote: a draft.
        policy: which figures need whose approval.
        metrics: further figures that its rules ask for; those of `quote_metrics` cannot be replaced.
        facts: what the conditions of its rules ask, by name; those that every quote has cannot be replaced.
        costs: the cost of a unit by product, for lines that have none from their price.
        discounts: how much whoever submits may give away.
        segment: of the customer, for `discounts`.
        catalogue: families and categories of products, for `discounts`.
        at: when.
        by: who asks.

    Raises:
        MoveRefused: it is no draft.
        DiscountRefused: it gives more away than anybody may approve.
        FigureMismatch, CurrencyMismatch, EvaluationError: a figure or fact cannot be compared.

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
    require_move(quote, QuoteStatus.IN_APPROVAL, at=at, by=by)
    absent = {rule.metric: Decimal(0) for rule in policy.rules if rule.metric.startswith(QUANTITY)}
    figures = {**metrics, **absent, **quote_metrics(version, costs)}
    known: Values = {
        **facts,
        "asker.roles": by.roles,
        "quote.currency": version.currency,
        "quote.line_count": Decimal(len(version.every_line)),
    }
    asked_by = tuple(dict.fromkeys((by.id, version.made_by, *_set_by_hand(version))))
    needed: dict[str, ApprovalNeed] = {}
    for size in reachable(version, version.currency, reference_of) or (None,):
        # A rule for some sizes of deals is for every one that the customer can make it.
        for need in policy.needs(figures, facts={**known, "quote.reference_total": size}):
            terms = version.digest if need.found is None else ""
            needed.setdefault(need.rule, attrs.evolve(need, terms=terms))
    every = sorted(needed.values(), key=lambda need: need.level)
    if discounts is not None:
        report = check_discounts(
            version, discounts, roles=by.roles, segment=segment, catalogue=catalogue, costs=costs
        )
        if report.refused:
            raise DiscountRefused(quote.id, report.refused)
        every = sorted((*every, *report.needs), key=lambda need: need.level)
    needs = ask(_still_open(every, quote.approvals, asked_by), at)
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
        limits="" if discounts is None else discounts.id,
        limits_version=None if discounts is None else discounts.version,
        limits_digest="" if discounts is None else discounts.digest,
        metrics={rule.metric: figures.get(rule.metric) for rule in policy.rules},
        needs=needs,
        reused=tuple(need.rule for need in every if need.rule not in waiting),
    )
    return changed, (submitted, move)


def _set_by_hand(version: QuoteVersion) -> Iterator[str]:
    """Who set prices by hand: what they gave away is their request."""
    for line in version.lines:
        if line.manual is not None:
            yield line.manual.by


def _still_open(
    needs: Iterable[ApprovalNeed], given: Iterable[Approval], asked_by: tuple[str, ...]
) -> tuple[ApprovalNeed, ...]:
    approvals = tuple(given)
    return tuple(need for need in needs if agreed(need, approvals, asked_by) < need.voices)


def approve(
    quote: Quote,
    rule: str,
    *,
    reason: str = "",
    delegations: Delegations = _NOBODY_AWAY,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Give one of the approvals that a quote waits for; the last one makes it approved.

    Args:
        quote: a quote in approval.
        rule: id of the rule, as `Quote.needs` says.
        reason: why, or any comment; some rules demand one.
        delegations: who stands in for whom.
        at: when.
        by: who approves.

    Raises:
        ApprovalRefused: he may not, a lower level of the chain comes first, a reason is missing, he has spoken already, or
            the quote does not wait for this approval.

    With the quote of `submit`:

    >>> manager = Actor("chen", roles={"manager"})
    >>> approved, events = approve(waiting, "deep", at=now, by=manager)
    >>> approved.status.value, approved.approvals[0].by.id
    ('approved', 'chen')
    """
    need = need_of(quote, rule)
    if not is_asked(need, quote.needs):
        first = min((one for one in quote.needs if one.chain == need.chain), key=lambda one: one.level)
        raise ApprovalRefused(
            ApprovalRefusal("not_yet", rule, wanted=f"{first.rule} first", found=f"level {need.level}")
        )
    approval = give_approval(
        need, asked_by=quote.asked_by, at=at, by=by, reason=reason, delegations=delegations
    )
    approvals = (*quote.approvals, approval)
    before, after = (agreed(need, some, quote.asked_by) for some in (quote.approvals, approvals))
    if after == before:
        wanted = "another person, for a role that is lacking"
        raise ApprovalRefused(ApprovalRefusal("twice", rule, wanted=wanted, found=by.id))
    is_open = after < need.voices
    needs = ask((other for other in quote.needs if is_open or other is not need), at)
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


def need_of(quote: Quote, rule: str) -> ApprovalNeed:
    """The open need of a rule; raises `ApprovalRefused` when the quote does not wait for it."""
    for need in quote.needs:
        if need.rule == rule:
            return need
    waiting = ", ".join(known.rule for known in quote.needs) or "no approval at all"
    raise ApprovalRefused(ApprovalRefusal("not_needed", rule, wanted=waiting, found=rule))


def send_back(
    quote: Quote, *, reason: str, delegations: Delegations = _NOBODY_AWAY, at: datetime, by: Actor
) -> tuple[Quote, tuple[Event, ...]]:
    """Refuse an approval: the quote becomes a draft again.

    Args:
        quote: a quote in approval.
        reason: why.
        delegations: who stands in for whom.
        at: when.
        by: who refuses; he must be one of those who may approve something that it waits for.

    Raises:
        ApprovalRefused: he may not, or the quote does not wait for an approval.
        UnexplainedRejection: there is no reason.

    With the quote of `submit`:

    >>> send_back(waiting, reason="offer 15 %", at=now, by=manager)[0].status.value
    'draft'
    """
    roles = dict.fromkeys(role for need in quote.needs for role in need.who_may)
    if not by.has_any(roles) and not any(
        approver.has_any(need.who_may) and need.refusal_in_place(by, path, frozenset()) is None
        for approver, path in delegations.behind(by.id, at)
        for need in quote.needs
    ):
        rules = ", ".join(need.rule for need in quote.needs) or "no rule"
        wanted = " or ".join(roles) or "a quote that waits for an approval"
        found = ", ".join(sorted(by.roles)) or None
        raise ApprovalRefused(ApprovalRefusal("role", rules, wanted=wanted, found=found))
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    changed, move = moved(quote, QuoteStatus.DRAFT, at=at, by=by, reason=reason, needs=(), asked_by=())
    return changed, (move,)
