"""A quote: what is offered to a customer, in versions of which one is current."""

from __future__ import annotations

from datetime import date

import attrs

from salesmgmt.core.entity import AccountId, DealId, Entity, QuoteId, Ref
from salesmgmt.core.errors import SalesError
from salesmgmt.core.money import Money
from salesmgmt.cpq.approvals import Approval, ApprovalNeed
from salesmgmt.cpq.quotes.line import QuoteLine
from salesmgmt.cpq.quotes.status import QuoteStatus
from salesmgmt.cpq.quotes.unknown_id import UnknownId
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
        total: what the required lines of the current version come to, or those that were taken once it is accepted; `None`
            while a line has no price.
        valid_until: the last day on which the current version can be accepted.
        needs: the approvals it waits for.
        approvals: the approvals that were given, for all versions.
        asked_by: ids of those whose request the approvals are: who submitted it, and who made the version.
        reason: why it was rejected, sent back or voided.
        closed_on: the day on which it was closed, in the time zone of the command.
        alternative_of: the quote to which it is an alternative; all alternatives name the first one.
        alternative: what tells it from the others of its number, such as "leasing"; empty for the first one.
        taken: ids of the lines that the customer took, in their order; empty until it is accepted.
        superseded_by: the alternative that was accepted in its place.

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
    alternative_of: QuoteId | None = None
    alternative: str = ""
    taken: tuple[str, ...] = ()
    superseded_by: QuoteId | None = None

    def __attrs_post_init__(self) -> None:
        numbers = [version.number for version in self.versions]
        if numbers != list(range(1, len(numbers) + 1)) or self.current_version not in numbers:
            raise BrokenQuote(
                self.id, f"the versions are {numbers}, and the current one is {self.current_version}"
            )
        if any(version.currency != self.currency for version in self.versions):
            raise BrokenQuote(self.id, f"a version is not in {self.currency}")
        if self.alternative_of == self.id:
            raise BrokenQuote(self.id, "it is an alternative to itself")
        if self.taken and self.status is not QuoteStatus.ACCEPTED:
            raise BrokenQuote(self.id, f"lines were taken, and it is {self.status}")
        lines = {line.id for line in self.current.lines}
        if not lines.issuperset(self.taken):
            raise BrokenQuote(self.id, "a line was taken that the current version does not have")
        total = self.current.total
        if self.taken:
            total = Money.total((line.net_amount for line in self.counted_lines), self.currency)
        if (self.total, self.valid_until) != (total, self.current.valid_until):
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
    def counted_lines(self) -> tuple[QuoteLine, ...]:
        """The lines that its total counts: those that were taken once it is accepted, the required ones before."""
        if not self.taken:
            return self.current.required_lines
        taken = set(self.taken)
        return tuple(line for line in self.current.lines if line.id in taken)

    @property
    def list_total(self) -> Money | None:
        """What the counted lines come to at list; `None` while a line has no price."""
        if not self.taken:
            return self.current.list_total
        return Money.total((line.list_amount for line in self.counted_lines), self.currency)

    @property
    def family(self) -> QuoteId:
        """The id that it shares with its alternatives: that of the first one."""
        return self.key if self.alternative_of is None else self.alternative_of

    def status_of(self, number: int) -> QuoteStatus:
        """The status of one of its versions: that of the quote for the current one, superseded for all before it.

        Raises:
            UnknownId: there is no such version.
        """
        if not 1 <= number <= len(self.versions):
            raise UnknownId("version", str(number), (str(version.number) for version in self.versions))
        return self.status if number == self.current_version else QuoteStatus.SUPERSEDED

    @property
    def subjects(self) -> tuple[Ref, ...]:
        """The references that its events name: the quote, its account and its deal."""
        others = (("Account", self.account), ("Deal", self.deal))
        return (self.ref, *(Ref(kind, known) for kind, known in others if known is not None))
