"""What happens to leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import attrs

from salesmgmt.core.entity import AccountId, ContactId, DealId, LeadId, PersonId, personal
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.engines.matching import Keep
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus
from salesmgmt.pipeline.leads.score import Score


@attrs.frozen(kw_only=True)
class LeadCaptured(Event):
    """A lead came in.

    Attributes:
        lead: the lead.
        source: where it came from.
        campaign: the campaign that brought it, if one did.
    """

    lead: LeadId
    source: str
    campaign: str | None = None


@attrs.frozen(kw_only=True)
class LeadMoved(Event):
    """A lead moved to another status.

    Attributes:
        lead: the lead.
        source: the status it left.
        target: the status it has now.
        reason: why, where the command asked for a reason.
    """

    lead: LeadId
    source: LeadStatus
    target: LeadStatus
    reason: str = ""


@attrs.frozen(kw_only=True)
class LeadScored(Event):
    """A lead was given a score.

    Attributes:
        lead: the lead.
        score: the score, with what contributed.
    """

    lead: LeadId
    score: Score


@attrs.frozen(kw_only=True)
class LeadAssigned(Event):
    """A lead was given to an owner.

    Attributes:
        lead: the lead.
        owner: who looks after it now.
        previous: who did before; `None` for a lead without an owner.
        reason: why it is this owner.
        turn: the place in the batch, so that the order of one instant is known afterwards.
    """

    lead: LeadId
    owner: PersonId
    previous: PersonId | None = None
    reason: str = ""
    turn: int = 0


@attrs.frozen(kw_only=True)
class ResponseDeadlineSet(Event):
    """It was decided when somebody must have answered a lead.

    Attributes:
        lead: the lead.
        due: the latest instant.
    """

    lead: LeadId
    due: datetime


@attrs.frozen(kw_only=True)
class LeadAnswered(Event):
    """Somebody answered a lead for the first time.

    Attributes:
        lead: the lead.
        due: when it had to be done at the latest; `None` without a deadline.
        in_time: whether it was; `None` without a deadline.
    """

    lead: LeadId
    due: datetime | None
    in_time: bool | None


@attrs.frozen(kw_only=True)
class AccountDraft:
    """The account that a lead becomes.

    Attributes:
        id: of the account; an account that exists already keeps what it has.
        name: of the company; of the person when no company is known.
        country: as the lead had it.
        owner: who looks after it.
        fields: the custom fields of the lead that go to the account.
    """

    id: AccountId
    name: str = personal(blank="")
    country: str = ""
    owner: PersonId | None = None
    fields: Mapping[str, Value] = personal(blank={}, factory=dict)


@attrs.frozen(kw_only=True)
class ContactDraft:
    """The contact that a lead becomes.

    Attributes:
        id: of the contact.
        account: where the person works.
        name: of the person.
        title: what the person does there.
        email: mail address.
        phone: phone number.
        fields: the custom fields of the lead that go to the contact.
    """

    id: ContactId
    account: AccountId
    name: str = personal(blank="")
    title: str = personal(blank="", default="")
    email: str = personal(blank="", default="")
    phone: str = personal(blank="", default="")
    fields: Mapping[str, Value] = personal(blank={}, factory=dict)


@attrs.frozen(kw_only=True)
class DealDraft:
    """The deal that a lead becomes.

    Attributes:
        id: of the deal.
        name: of the deal.
        account: who may buy.
        contact: who asks.
        owner: who looks after it.
        source: where the lead came from.
        campaign: the campaign that brought it.
        product: key of the main product, if one is known.
        amount: what it may bring, if that is known.
        expected_close: when it may be won, if that is known.
        fields: the custom fields of the lead that go to the deal.
    """

    id: DealId
    name: str = personal(blank="")
    account: AccountId
    contact: ContactId
    owner: PersonId | None = None
    source: str = ""
    campaign: str | None = None
    product: str | None = None
    amount: Money | None = None
    expected_close: date | None = None
    fields: Mapping[str, Value] = personal(blank={}, factory=dict)


@attrs.frozen(kw_only=True)
class LeadConverted(Event):
    """A lead became an account, a contact and perhaps a deal; what each becomes is in its draft.

    Attributes:
        lead: the lead.
        account: the account.
        contact: the contact.
        deal: the deal; `None` when there is none yet.
    """

    lead: LeadId
    account: AccountDraft
    contact: ContactDraft
    deal: DealDraft | None = None


@attrs.frozen(kw_only=True)
class FieldSource:
    """Which lead a field of the survivor comes from.

    Attributes:
        field: the field; a custom field is `fields.<name>`.
        lead: the lead that its value comes from.
        keep: the rule that chose it.
        left_behind: the leads whose different value did not survive; the before-images still have it.
    """

    field: str
    lead: LeadId
    keep: Keep
    left_behind: tuple[LeadId, ...] = ()


@attrs.frozen(kw_only=True)
class LeadsMerged(Event):
    """Several leads were the same and became one.

    Attributes:
        survivor: the lead that carries on.
        merged: the leads that it carries on for.
        before: all of them as they were, the survivor first.
        after: all of them as they are now, in the same order.
        provenance: where each field of the survivor comes from.
    """

    survivor: LeadId
    merged: tuple[LeadId, ...]
    before: tuple[Lead, ...]
    after: tuple[Lead, ...]
    provenance: tuple[FieldSource, ...]

    @property
    def redirects(self) -> dict[LeadId, LeadId]:
        """Where references to the merged leads lead now."""
        return dict.fromkeys(self.merged, self.survivor)


@attrs.frozen(kw_only=True)
class LeadsUnmerged(Event):
    """A merge was taken back.

    Attributes:
        survivor: the lead that had carried on.
        restored: the leads that it had carried on for.
    """

    survivor: LeadId
    restored: tuple[LeadId, ...]
