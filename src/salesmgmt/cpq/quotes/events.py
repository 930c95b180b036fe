"""What happens to a quote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import attrs

from salesmgmt.core.entity import AccountId, DealId, QuoteId
from salesmgmt.core.events import Event
from salesmgmt.core.frozen_map import FrozenMap
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals import Approval, ApprovalNeed
from salesmgmt.cpq.quotes.line import AcceptedLine
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.engines.metrics import Figure


def _frozen_choices(given: Mapping[str, str]) -> Mapping[str, str]:
    return FrozenMap(given)


def _frozen_figures(given: Mapping[str, Figure | None]) -> Mapping[str, Figure | None]:
    return FrozenMap(given)


@attrs.frozen(kw_only=True)
class QuoteDrafted(Event):
    """The first version of a quote was made.

    Attributes:
        quote: its id.
        number: what people call it.
        account: whom it is for.
        deal: the deal it belongs to.
        currency: of its amounts.
        total: what it comes to; `None` when a line has no price.
        valid_until: the last day on which it can be accepted.
        digest: SHA-256 of the version.
        alternative_of: the quote to which it is an alternative.
        alternative: what tells it from the others of its number.
    """

    quote: QuoteId
    number: str
    account: AccountId | None
    deal: DealId | None
    currency: str
    total: Money | None
    valid_until: date
    digest: str
    alternative_of: QuoteId | None = None
    alternative: str = ""


@attrs.frozen(kw_only=True)
class QuoteRevised(Event):
    """A new version of a quote was made, and counts from now on.

    Attributes:
        quote: its id.
        version: number of the new version.
        based_on: number of the version before.
        before: what that came to; `None` when a line had no price.
        total: what the new one comes to.
        valid_until: the last day on which it can be accepted.
        digest: SHA-256 of the new version.
    """

    quote: QuoteId
    version: int
    based_on: int
    before: Money | None
    total: Money | None
    valid_until: date
    digest: str


@attrs.frozen(kw_only=True)
class QuoteSubmitted(Event):
    """Somebody asked for the approvals that a quote needs.

    Attributes:
        quote: its id.
        version: number of the version.
        policy: id of the approval policy.
        policy_version: its version.
        policy_digest: its digest.
        limits: id of the discount policy; empty when there was none.
        limits_version: its version.
        limits_digest: its digest.
        metrics: the figures that were held against it; `None` for one that is not known.
        needs: the approvals that are asked for.
        reused: the rules for which an approval of before still holds.
    """

    quote: QuoteId
    version: int
    policy: str
    policy_version: int
    policy_digest: str
    limits: str = ""
    limits_version: int | None = None
    limits_digest: str = ""
    metrics: Mapping[str, Figure | None] = attrs.field(converter=_frozen_figures)
    needs: tuple[ApprovalNeed, ...]
    reused: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ApprovalGiven(Event):
    """Somebody gave one of the approvals that a quote waits for.

    Attributes:
        quote: its id.
        version: number of the version.
        approval: what was approved.
    """

    quote: QuoteId
    version: int
    approval: Approval


@attrs.frozen(kw_only=True)
class QuoteMoved(Event):
    """A quote went from one status to another.

    Attributes:
        quote: its id.
        version: number of its current version.
        source: the status it left.
        target: the status it entered.
        total: what it comes to, at this moment; `None` when a line has no price.
        reason: why, where one was given.
        superseded_by: the alternative that was accepted in its place.
    """

    quote: QuoteId
    version: int
    source: QuoteStatus
    target: QuoteStatus
    total: Money | None
    reason: str = ""
    superseded_by: QuoteId | None = None


@attrs.frozen(kw_only=True)
class QuoteAccepted(Event):
    """The customer took a quote; prices and shares are frozen here. A `QuoteMoved` comes before it.

    Attributes:
        quote: its id.
        number: what people call it.
        version: number of the version that was taken.
        digest: SHA-256 of that version.
        account: who took it.
        deal: the deal it belongs to.
        currency: of all amounts.
        lines: the lines that were taken, by position.
        options: ids of the optional lines among them.
        alternatives: by id of a line, that of the alternative that was taken in its place.
        total: what the lines come to, exactly their sum.
        accepted_on: the day, in the time zone of `at`.
    """

    quote: QuoteId
    number: str
    version: int
    digest: str
    account: AccountId | None
    deal: DealId | None
    currency: str
    lines: tuple[AcceptedLine, ...]
    options: tuple[str, ...] = ()
    alternatives: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen_choices)
    total: Money
    accepted_on: date
