"""The way of a quote through its approvals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Values
from salesmgmt.core.money import Money
from salesmgmt.core.nearest import nearest
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
from salesmgmt.cpq.quotes._given import require_command, require_kind, require_text
from salesmgmt.cpq.quotes._moves import moved, next_step, require_move, waits_for
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
_COMPARED, _SEARCHED = 100, 1_000
"""Characters of an id that is not known, and how many ids it is held against."""


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
        InvalidInput, NotAnActor, NotAnInstant: something is of another kind than it must be.
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
    require_command(quote, at=at, by=by)
    require_kind("policy", policy, ApprovalPolicy, "an ApprovalPolicy", "ApprovalPolicy.load reads a file")
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
    rule: str | ApprovalNeed,
    *,
    reason: str = "",
    delegations: Delegations = _NOBODY_AWAY,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Give one of the approvals that a quote waits for; the last one makes it approved.

    Args:
        quote: a quote in approval.
        rule: id of the rule, or the need itself, as `Quote.needs` says.
        reason: why, or any comment; some rules demand one.
        delegations: who stands in for whom.
        at: when.
        by: who approves.

    Raises:
        ApprovalRefused: he may not, a lower level of the chain comes first, a reason is missing, he has spoken already, or
            the quote does not wait for this approval.
        InvalidInput, NotAnActor, NotAnInstant: something is of another kind than it must be.

    With the quote of `submit`:

    >>> manager = Actor("chen", roles={"manager"})
    >>> approved, events = approve(waiting, "deep", at=now, by=manager)
    >>> approved.status.value, approved.approvals[0].by.id
    ('approved', 'chen')
    """
    require_command(quote, at=at, by=by)
    require_text(reason=reason)
    need = need_of(quote, rule)
    given = _give(
        need,
        quote.needs,
        quote.approvals,
        quote.asked_by,
        reason=reason,
        delegations=delegations,
        at=at,
        by=by,
    )
    is_open = agreed(need, (*quote.approvals, given), quote.asked_by) < need.voices
    needs = [other for other in quote.needs if is_open or other is not need]
    return _with_approvals(quote, (given,), needs, at=at, by=by)


def approve_all(
    quote: Quote,
    *,
    reason: str = "",
    delegations: Delegations = _NOBODY_AWAY,
    at: datetime,
    by: Actor,
) -> tuple[Quote, tuple[Event, ...]]:
    """Give every approval that a quote waits for and that one person may give, in the order of `Quote.needs`.

    Higher levels of a chain are among them where he completes the lower ones.

    Args:
        quote: a quote in approval.
        reason: why; it is that of each approval.
        delegations: who stands in for whom.
        at: when.
        by: who approves.

    Raises:
        ApprovalRefused: there is none that he may give, or one of them lacks a reason.
        InvalidInput, NotAnActor, NotAnInstant: something is of another kind than it must be.

    With the quote of `submit`:

    >>> from salesmgmt.cpq.quotes import approve_all
    >>> approved, events = approve_all(waiting, reason="first order", at=now, by=Actor("chen", roles={"manager"}))
    >>> [type(event).__name__ for event in events]
    ['ApprovalGiven', 'QuoteMoved']
    """
    require_command(quote, at=at, by=by)
    require_text(reason=reason)
    if not quote.needs:
        raise _not_needed(quote, "any rule")
    by_rule: dict[str, list[Approval]] = {}
    for one in quote.approvals:
        by_rule.setdefault(one.rule, []).append(one)
    waiting = dict(enumerate(quote.needs))
    given: list[Approval] = []
    refused: list[ApprovalRefusal] = []
    for position, need in enumerate(quote.needs):
        known = by_rule.setdefault(need.rule, [])
        try:
            approval = _give(
                need,
                waiting.values(),
                known,
                quote.asked_by,
                reason=reason,
                delegations=delegations,
                at=at,
                by=by,
            )
        except ApprovalRefused as error:
            if error.refusal.code == "reason":  # he may give it, and would not know that it was left out
                raise
            refused.append(error.refusal)
            continue
        given.append(approval)
        known.append(approval)
        if agreed(need, known, quote.asked_by) >= need.voices:
            del waiting[position]
    if not given:
        raise ApprovalRefused(refused[0], hint=waits_for(quote.needs))
    return _with_approvals(quote, given, waiting.values(), at=at, by=by)


def _give(
    need: ApprovalNeed,
    needs: Iterable[ApprovalNeed],
    approvals: Sequence[Approval],
    asked_by: tuple[str, ...],
    *,
    reason: str,
    delegations: Delegations,
    at: datetime,
    by: Actor,
) -> Approval:
    """Give the approval of an open need among others, beside what was given for it; raises `ApprovalRefused`."""
    if not is_asked(need, needs):
        first = min((one for one in needs if one.chain == need.chain), key=lambda one: one.level)
        found = f"level {need.level}"
        raise ApprovalRefused(
            ApprovalRefusal("not_yet", need.rule, wanted=f"{first.rule} first", found=found)
        )
    given = give_approval(need, asked_by=asked_by, at=at, by=by, reason=reason, delegations=delegations)
    if agreed(need, (*approvals, given), asked_by) == agreed(need, approvals, asked_by):
        wanted = "another person, for a role that is lacking"
        raise ApprovalRefused(ApprovalRefusal("twice", need.rule, wanted=wanted, found=by.id))
    return given


def _with_approvals(
    quote: Quote, given: Sequence[Approval], waiting: Iterable[ApprovalNeed], *, at: datetime, by: Actor
) -> tuple[Quote, tuple[Event, ...]]:
    """The quote with further approvals and what it waits for still; without that it is approved."""
    needs, approvals = ask(waiting, at), (*quote.approvals, *given)
    events = tuple(
        ApprovalGiven(
            at=at,
            by=by,
            subjects=quote.subjects,
            quote=quote.key,
            version=quote.current_version,
            approval=approval,
        )
        for approval in given
    )
    if needs:
        return attrs.evolve(quote, needs=needs, approvals=approvals), events
    changed, move = moved(quote, QuoteStatus.APPROVED, at=at, by=by, needs=needs, approvals=approvals)
    return changed, (*events, move)


def need_of(quote: Quote, rule: str | ApprovalNeed) -> ApprovalNeed:
    """The open need of a rule, or of a rule and figure; raises `ApprovalRefused` when the quote does not wait for it."""
    require_kind("rule", rule, (str, ApprovalNeed), "the id of a rule, or one of Quote.needs")
    name, metric = (rule.rule, rule.metric) if isinstance(rule, ApprovalNeed) else (rule, None)
    for need in quote.needs:
        if need.rule == name and metric in (None, need.metric):
            return need
    raise _not_needed(quote, name)


def _not_needed(quote: Quote, rule: str) -> ApprovalRefused:
    """The answer to an approval that a quote does not wait for."""
    rules = [need.rule for need in quote.needs]
    refusal = ApprovalRefusal("not_needed", rule, wanted=", ".join(rules) or "no approval at all", found=rule)
    if not rules:
        return ApprovalRefused(refusal, hint=next_step(quote, QuoteStatus.APPROVED))
    close = nearest(rule, rules) if len(rule) <= _COMPARED and len(rules) <= _SEARCHED else None
    meant = f"did you mean {close!r}? " if close else ""
    return ApprovalRefused(refusal, hint=f"{meant}{waits_for(quote.needs)}")


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
    require_command(quote, at=at, by=by)
    require_text(reason=reason)
    roles = dict.fromkeys(role for need in quote.needs for role in need.who_may)
    if not by.has_any(roles) and not any(
        approver.has_any(need.who_may) and need.refusal_in_place(by, path, frozenset()) is None
        for approver, path in delegations.behind(by.id, at)
        for need in quote.needs
    ):
        rules = ", ".join(need.rule for need in quote.needs) or "no rule"
        wanted = " or ".join(roles) or "a quote that waits for an approval"
        found = ", ".join(sorted(by.roles)) or None
        hint = "" if quote.needs else next_step(quote, QuoteStatus.DRAFT)
        raise ApprovalRefused(ApprovalRefusal("role", rules, wanted=wanted, found=found), hint=hint)
    if not reason.strip():
        raise UnexplainedRejection(quote.id)
    changed, move = moved(quote, QuoteStatus.DRAFT, at=at, by=by, reason=reason, needs=(), asked_by=())
    return changed, (move,)
