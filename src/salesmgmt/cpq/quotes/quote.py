"""A quote: what is offered to a customer, in versions of which one is current."""

from __future__ import annotations

from datetime import date

import attrs

from salesmgmt.core.entity import AccountId, DealId, Entity, QuoteId, Ref
from salesmgmt.core.errors import SalesError
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals import Approval, ApprovalNeed
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.cpq.quotes.version import QuoteVersion


class BrokenQuote(SalesError, ValueError):
    """A quote does not agree with its versions.

    Attributes:
        quote: id of the quote.
        reason: what does not agree.
    """

    code = "broken_quote"

    def __init__(self, quote: str, reason: str) -> None:
        self.quote = quote
        self.reason = reason
        super().__init__(f"quote {quote}: {reason}", hint="change quotes by the commands of cpq.quotes alone")


@attrs.frozen(kw_only=True)
class Quote(Entity):
    """An offer to a customer. It is made by `quote_from` and changed by the commands beside it.

    Attributes:
        number: what people call it; all versions share it.
        account: whom it is for.
        deal: the deal it belongs to.
        currency: of all its versions.
        status: how far it is.
        versions: everything that was ever offered, number 1 first; versions never change.
        current_version: number of the version that counts.
        total: what the current version comes to; `None` while a line has no price.
        valid_until: the last day on which the current version can be accepted.
        needs: the approvals it waits for.
        approvals: the approvals that were given, for all versions.
        asked_by: ids of those whose request the approvals are: who submitted it, and who made the version.
        reason: why it was rejected or sent back.
        closed_on: the day on which it was accepted, rejected or expired, in the time zone of the command.

    Raises:
        BrokenQuote: its fields do not agree with its versions.
    """

    number: str
    account: AccountId | None = None
    deal: DealId | None = None
    currency: str
    status: QuoteStatus = QuoteStatus.DRAFT
    versions: tuple[QuoteVersion, ...]
    current_version: int
    total: Money | None
    valid_until: date
    needs: tuple[ApprovalNeed, ...] = ()
    approvals: tuple[Approval, ...] = ()
    asked_by: tuple[str, ...] = ()
    reason: str = ""
    closed_on: date | None = None

    def __attrs_post_init__(self) -> None:
        numbers = [version.number for version in self.versions]
        if numbers != list(range(1, len(numbers) + 1)) or self.current_version not in numbers:
            raise BrokenQuote(
                self.id, f"the versions are {numbers}, and the current one is {self.current_version}"
            )
        if any(version.currency != self.currency for version in self.versions):
            raise BrokenQuote(self.id, f"a version is not in {self.currency}")
        if (self.total, self.valid_until) != (self.current.total, self.current.valid_until):
            raise BrokenQuote(self.id, "total or last day are not those of the current version")

    @property
    def key(self) -> QuoteId:
        """The id of this quote, typed."""
        return QuoteId(self.id)

    @property
    def current(self) -> QuoteVersion:
        """The version that counts."""
        return self.versions[self.current_version - 1]

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that its events name: the quote, its account and its deal."""
        others = (("Account", self.account), ("Deal", self.deal))
        return (self.ref, *(Ref(kind, known) for kind, known in others if known is not None))
