"""A lead: somebody who may want to buy, before it is known who they are and what they need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, DealId, Entity, LeadId, PersonId, personal
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import aware
from salesmgmt.core.formula import Value
from salesmgmt.engines.lifecycle import Decision, LifecycleDefinition, State, Transition
from salesmgmt.pipeline.leads.parts import Consent, Nurture, Pause, Response, Touch
from salesmgmt.pipeline.leads.score import Score
from salesmgmt.pipeline.own_fields import NO_FIELDS, frozen_fields


class LeadStatus(StrEnum):
    """How far a lead has come."""

    NEW = "new"
    """Nobody has done anything with it."""
    WORKING = "working"
    """Somebody is in touch."""
    NURTURING = "nurturing"
    """Not now; kept warm."""
    QUALIFIED = "qualified"
    """Worth a deal."""
    UNQUALIFIED = "unqualified"
    """Given up, with a reason; it can be taken up again."""
    CONVERTED = "converted"
    """It became an account, a contact and perhaps a deal."""
    MERGED = "merged"
    """It was the same as another lead, which carries on; see `Lead.merged_into`."""


def _moves() -> tuple[Transition, ...]:
    open_to = ("working", "nurturing", "qualified", "unqualified", "merged")
    moves = [
        Transition(source, target)
        for source in ("new", "working", "nurturing", "qualified")
        for target in open_to
        if source != target
    ]
    moves.append(Transition("qualified", "converted"))
    moves.extend(Transition(source, "new") for source in ("working", "nurturing", "qualified"))
    moves.extend(
        Transition("unqualified", target, reopens=True)
        for target in ("new", "working", "nurturing", "merged")
    )
    return tuple(moves)


LEAD_LIFECYCLE = LifecycleDefinition(
    id="lead",
    states=tuple(
        State(status.value, final=status in {LeadStatus.UNQUALIFIED, LeadStatus.CONVERTED, LeadStatus.MERGED})
        for status in LeadStatus
    ),
    transitions=_moves(),
    initial=LeadStatus.NEW.value,
)
"""The moves between the statuses of a lead; a merged lead comes back by `unmerge` alone."""

_LIFECYCLE = LEAD_LIFECYCLE.compile()


@attrs.frozen(kw_only=True)
class Lead(Entity):
    """Somebody who may want to buy.

    Attributes:
        name: of the person, as it was given.
        company: name of the company, as it was given.
        title: what the person does there.
        email: mail address, as it was given.
        phone: phone number, as it was given.
        street: of the address, with the number of the house.
        city: of the address.
        region: of the address: state, province, prefecture.
        postal_code: of the address.
        country: of the address, as the host writes countries.
        description: what it wants, in its own words.
        source: where the lead came from (`web`, `fair`): the first touch.
        campaign: the campaign that brought it, if one did: of the first touch.
        tags: what the host files it under.
        priority: how urgent it is; more is more urgent.
        status: how far it has come; changed by the commands of this package only.
        reason: why it is in its status, where the command asked for one.
        note: what more there is to say about the reason.
        owner: who looks after it.
        team: the team of the sales force that it belongs to.
        score: the last score it was given.
        created_at: when it came in.
        nurture: until when it is left in peace; `None` unless it is being nurtured.
        recycled: how often it went back to the pool.
        consents: what it may be contacted for.
        touches: the contacts of marketing with it, oldest first.
        first_response_due: when somebody must have answered at the latest.
        first_response_at: when somebody first answered.
        pauses: when the clock of the responses stood still, oldest first.
        responses: the messages of the customer after the first answer, and their answers, oldest first.
        merged_into: the lead that carries on for this one.
        account: the account it was converted to.
        contact: the contact it was converted to.
        deal: the deal it was converted to.
        fields: whatever else the host keeps of a lead, by name. It counts as personal data: a lead is a person.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Lead
    >>> Lead(id="l1", name="Ana Berg", created_at=datetime(2026, 1, 1, tzinfo=UTC)).status.value
    'new'
    """

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
    status: LeadStatus = LeadStatus.NEW
    reason: str = ""
    note: str = personal(blank="", default="")
    owner: PersonId | None = None
    team: str = ""
    score: Score | None = None
    created_at: datetime = attrs.field(validator=aware)
    nurture: Nurture | None = None
    recycled: int = 0
    consents: tuple[Consent, ...] = personal(blank=(), default=())
    touches: tuple[Touch, ...] = ()
    first_response_due: datetime | None = attrs.field(default=None, validator=aware)
    first_response_at: datetime | None = attrs.field(default=None, validator=aware)
    pauses: tuple[Pause, ...] = ()
    responses: tuple[Response, ...] = ()
    merged_into: LeadId | None = None
    account: AccountId | None = None
    contact: ContactId | None = None
    deal: DealId | None = None
    fields: Mapping[str, Value] = personal(blank=NO_FIELDS, default=NO_FIELDS, converter=frozen_fields)

    @property
    def key(self) -> LeadId:
        """The id of this lead, typed."""
        return LeadId(self.id)

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on: neither given up, converted nor merged."""
        return self.status in _OPEN

    @property
    def awaits_answer(self) -> bool:
        """Whether a message of the customer is unanswered: the first one, or the last of the later ones."""
        if self.first_response_at is None:
            return True
        return bool(self.responses) and self.responses[-1].answered_at is None

    @property
    def is_paused(self) -> bool:
        """Whether the clock of the responses stands still."""
        return bool(self.pauses) and self.pauses[-1].until is None


_OPEN = frozenset({LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.NURTURING, LeadStatus.QUALIFIED})


class EmptyLead(SalesError, ValueError):
    """A lead was captured that names nobody.

    Attributes:
        lead: id of the lead.
    """

    code = "empty_lead"

    def __init__(self, lead: str) -> None:
        super().__init__(
            f"lead {lead} has neither a name nor a company, mail address or phone number",
            hint="give at least one of them",
        )
        self.lead = lead


def check_move(lead: Lead, target: LeadStatus, *, by: Actor) -> Decision:
    """Return whether `lead` may move to `target`, and if not, why.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, LeadStatus, check_move
    >>> lead = Lead(id="l1", name="Ana Berg", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> bool(check_move(lead, LeadStatus.CONVERTED, by=Actor("li.wei")))
    False
    """
    return _LIFECYCLE.check(lead.status.value, target.value, {}, by)


def require_move(lead: Lead, target: LeadStatus, *, by: Actor) -> None:
    """Raise `MoveRefused`, with the decision, unless `lead` may move to `target`."""
    _LIFECYCLE.require(lead.status.value, target.value, {}, by)
