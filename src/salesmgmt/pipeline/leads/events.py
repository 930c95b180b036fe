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
from salesmgmt.pipeline.leads.parts import Consent, Nurture, Touch
from salesmgmt.pipeline.leads.score import Score
from salesmgmt.pipeline.own_fields import NO_FIELDS, frozen_fields


@attrs.frozen(kw_only=True)
class LeadCaptured(Event):
    """A lead came in.

    Attributes:
        lead: its id; the other fields are those of `Lead`.
    """

    lead: LeadId
    name: str = personal(blank="", default="")
    company: str = ""
    title: str = personal(blank="", default="")
    email: str = personal(blank="", default="")
    phone: str = personal(blank="", default="")
    street: str = personal(blank="", default="")
    city: str = ""
    region: str = ""
    postal_code: str = personal(blank="", default="")
    country: str = ""
    description: str = personal(blank="", default="")
    source: str = ""
    campaign: str | None = None
    tags: frozenset[str] = frozenset()
    priority: int = 0
    owner: PersonId | None = None
    team: str = ""
    consents: tuple[Consent, ...] = personal(blank=(), default=())
    touches: tuple[Touch, ...] = ()
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, default=NO_FIELDS, converter=frozen_fields)


@attrs.frozen
class FieldChange:
    """One changed field of a lead.

    Attributes:
        field: its name; `fields.x` for the host's own field `x`.
        before: what stood there; `None` when nothing did.
        after: what stands there; `None` when nothing does.

    >>> from salesmgmt.pipeline.leads.events import FieldChange
    >>> FieldChange("source", "web", "fair").after
    'fair'
    """

    field: str
    before: Value | None
    after: Value | None


@attrs.frozen(kw_only=True)
class LeadAmended(Event):
    """What is known about a lead changed.

    Attributes:
        lead: the lead.
        changes: the fields that changed, but for those in `private`.
        private: changes of what is about the person: name, addresses, numbers, the host's own fields.
    """

    lead: LeadId
    changes: tuple[FieldChange, ...]
    private: tuple[FieldChange, ...] = personal(blank=(), default=())


@attrs.frozen(kw_only=True)
class LeadMoved(Event):
    """A lead moved to another status.

    Attributes:
        lead: the lead.
        source: the status it left.
        target: the status it has now.
        reason: why, where the command asked for a reason.
        note: what more there is to say about it.
        nurture: until when it is left in peace, when it is put off.
    """

    lead: LeadId
    source: LeadStatus
    target: LeadStatus
    reason: str = ""
    note: str = personal(blank="", default="")
    nurture: Nurture | None = None


@attrs.frozen(kw_only=True)
class LeadRecycled(Event):
    """A lead went back to the pool: it is new again, and nobody's.

    Attributes:
        lead: the lead.
        source: the status it left.
        previous: who looked after it.
        times: how often it went back, this time included.
        reason: why.
        note: what more there is to say about it.
    """

    lead: LeadId
    source: LeadStatus
    previous: PersonId | None
    times: int
    reason: str
    note: str = personal(blank="", default="")


@attrs.frozen(kw_only=True)
class LeadTouched(Event):
    """Marketing was in contact with a lead.

    Attributes:
        lead: the lead.
        touch: when, on which way, for which campaign.
    """

    lead: LeadId
    touch: Touch


@attrs.frozen(kw_only=True)
class ConsentGiven(Event):
    """A person may be contacted for a purpose.

    Attributes:
        lead: the lead.
        consent: for what, on what ground, since when.
    """

    lead: LeadId
    consent: Consent


@attrs.frozen(kw_only=True)
class ConsentWithdrawn(Event):
    """A person may no longer be contacted for a purpose; `at` says since when.

    Attributes:
        lead: the lead.
        purpose: for what.
        source: how it was withdrawn: a link, a call. It may name a person.
    """

    lead: LeadId
    purpose: str
    source: str = personal(blank="", default="")


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
        team: the team of the owner that it was given through; empty when no team was named.
    """

    lead: LeadId
    owner: PersonId
    previous: PersonId | None = None
    reason: str = ""
    turn: int = 0
    team: str = ""


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
class CustomerWrote(Event):
    """The customer wrote again after an answer, and waits for the next one.

    Attributes:
        lead: the lead.
        due: when it must be answered at the latest; `None` without a deadline.
    """

    lead: LeadId
    due: datetime | None = None


@attrs.frozen(kw_only=True)
class ResponsePaused(Event):
    """The clock of the responses stands still: the next word is the customer's.

    Attributes:
        lead: the lead.
        reason: why; it may speak of a person, so it counts as personal data.
    """

    lead: LeadId
    reason: str = personal(blank="", default="")


@attrs.frozen(kw_only=True)
class ResponseResumed(Event):
    """The clock of the responses goes on, with the working time that was left.

    Attributes:
        lead: the lead.
        due: when what is unanswered must be answered at the latest, now; `None` without a deadline.
    """

    lead: LeadId
    due: datetime | None = None


@attrs.frozen(kw_only=True)
class LeadAnswered(Event):
    """Somebody answered a lead.

    Attributes:
        lead: the lead.
        due: when it had to be done at the latest; `None` without a deadline.
        in_time: whether it was; `None` without a deadline.
        first: whether it is the first answer, and not that to a later message.
    """

    lead: LeadId
    due: datetime | None
    in_time: bool | None
    first: bool = True


@attrs.frozen(kw_only=True)
class AccountDraft:
    """The account that a lead becomes.

    Attributes:
        id: of the account; an account that exists already keeps what it has.
        name: of the company; of the person when no company is known.
        country: as the lead had it.
        owner: who looks after it.
        fields: the custom fields of the lead that go to the account, and its address.
    """

    id: AccountId
    name: str = personal(blank="")
    country: str = ""
    owner: PersonId | None = None
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, default=NO_FIELDS, converter=frozen_fields)


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
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, default=NO_FIELDS, converter=frozen_fields)


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
        fields: the custom fields of the lead that go to the deal, its tags and its description.
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
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, default=NO_FIELDS, converter=frozen_fields)


@attrs.frozen(kw_only=True)
class LeadConverted(Event):
    """A lead became an account, a contact and perhaps a deal; what each becomes is in its draft.

    Attributes:
        lead: the lead.
        account: the account.
        contact: the contact.
        deal: the deal; `None` when there is none yet.
        owner: who looks after the lead now.
        team: the team that it belongs to now.
        kept: names of what stays with the lead alone: `consents`, `touches`, `fields.x`.
    """

    lead: LeadId
    account: AccountDraft
    contact: ContactDraft
    deal: DealDraft | None = None
    owner: PersonId | None = None
    team: str = ""
    kept: tuple[str, ...] = ()


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
        after: all of them as they are now, the survivor first.
    """

    survivor: LeadId
    restored: tuple[LeadId, ...]
    after: tuple[Lead, ...] = ()
