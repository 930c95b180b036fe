"""Conversion: a lead becomes an account, a contact and perhaps a deal, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, DealId, PersonId, Ref
from salesmgmt.core.errors import InvalidInput, Problem, SalesError, option, shorten
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.pipeline.leads.events import AccountDraft, ContactDraft, DealDraft, LeadConverted
from salesmgmt.pipeline.leads.history import applied
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus, require_move
from salesmgmt.pipeline.leads.qualification import moved
from salesmgmt.pipeline.own_fields import OWN


class FieldHome(StrEnum):
    """What a custom field of a lead belongs to after the conversion."""

    ACCOUNT = "account"
    CONTACT = "contact"
    DEAL = "deal"
    LEAD = "lead"
    """It stays with the lead alone."""


class NoDealForField(SalesError, ValueError):
    """A custom field is meant for the deal, and the lead is converted without one.

    Attributes:
        lead: id of the lead.
        fields: names of the fields.
    """

    code = "no_deal_for_field"

    def __init__(self, lead: str, fields: tuple[str, ...]) -> None:
        super().__init__(
            f"lead {lead} is converted without a deal, where {', '.join(fields)} should go",
            hint="give a deal_id, or another home for these fields",
        )
        self.lead = lead
        self.fields = fields


@attrs.frozen(kw_only=True)
class KnownContact:
    """What the host knows of the contact that exists already; where it knows nothing, the lead's word holds.

    Attributes:
        name: of the person.
        title: what the person does there.
        email: mail address.
        phone: phone number.

    >>> from salesmgmt.pipeline.leads import KnownContact
    >>> KnownContact(email="ana@shop.test").phone
    ''
    """

    name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""


def _statuses(value: Iterable[LeadStatus]) -> frozenset[LeadStatus]:
    return frozenset(LeadStatus(status) for status in value)


@attrs.frozen(kw_only=True)
class ConversionPolicy:
    """Which leads may be converted.

    Attributes:
        id: its name.
        statuses: those from which a lead may be converted. One that is not qualified yet is qualified by it.

    >>> from salesmgmt.pipeline.leads import QUALIFIED_ONLY
    >>> "new" in QUALIFIED_ONLY.statuses, "qualified" in QUALIFIED_ONLY.statuses
    (False, True)
    """

    id: str
    statuses: frozenset[LeadStatus] = attrs.field(converter=_statuses)


QUALIFIED_ONLY = ConversionPolicy(id="qualified only", statuses=[LeadStatus.QUALIFIED])
"""A lead is qualified first, and converted then."""


def convert(
    lead: Lead,
    *,
    account_id: AccountId,
    contact_id: ContactId,
    known_contact: KnownContact | None = None,
    deal_id: DealId | None = None,
    deal_name: str = "",
    product: str | None = None,
    amount: Money | None = None,
    expected_close: date | None = None,
    owner: PersonId | None = None,
    teams: Mapping[PersonId, str] | None = None,
    homes: Mapping[str, FieldHome] | None = None,
    policy: ConversionPolicy = QUALIFIED_ONLY,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[Event, ...]]:
    """Convert a lead; what it becomes is in the drafts of the event.

    Every custom field goes to exactly one draft, or stays with the lead and is named in `kept`. The address goes to the
    account, the tags and the description go to the deal (or, without one, to the contact), each as a field of its own
    name; a custom field of the same name comes first, and then they stay. Consents and touches always stay: a copy
    could be withdrawn in one place and not in the other.

    Args:
        lead: the lead; it stays, as converted, and names what it became.
        account_id: of the account, a new one or one that exists.
        contact_id: of the contact, a new one or one that exists.
        known_contact: what is known of the contact, if it exists: that holds where the lead says something else.
        deal_id: of the deal; without one there is none.
        deal_name: of the deal; the company (or the person) when it is empty.
        product: key of the main product of the deal.
        amount: what the deal may bring.
        expected_close: when it may be won.
        owner: who looks after it from now on; `None` for who does already.
        teams: the team of each person: a new owner brings it along.
        homes: where each custom field goes; those that are not named go to the deal, or without a deal to the contact.
        policy: which leads may be converted.
        at: when.
        by: who.

    Raises:
        MoveRefused: its status does not allow it; the error carries the decision.
        NoDealForField: a field, or a product, amount or day, is meant for a deal, and there is none.
        UnknownOption: a home is none of those.
        InvalidInput: the amount is no money, or the day no date.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import FieldHome, Lead, LeadStatus, convert
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana Berg", company="Belcor GmbH", city="Bonn", status=LeadStatus.QUALIFIED,
    ...             created_at=now, fields={"employees": Decimal(40), "lift": "2t"})
    >>> lead, (converted,) = convert(lead, account_id="a1", contact_id="c1", deal_id="d1",
    ...                              homes={"employees": FieldHome.ACCOUNT}, at=now, by=Actor("li.wei"))
    >>> converted.account.name, dict(converted.account.fields), dict(converted.deal.fields)
    ('Belcor GmbH', {'employees': Decimal('40'), 'city': 'Bonn'}, {'lift': '2t'})
    >>> convert(lead, account_id="a1", contact_id="c1", at=now, by=Actor("li.wei"))
    Traceback (most recent call last):
    salesmgmt.engines.lifecycle.decision.MoveRefused: the move converted -> converted is refused: ...
    """
    _check_deal(lead, deal_id, {"product": product, "amount": amount, "expected_close": expected_close})
    events: tuple[Event, ...] = ()
    if lead.status in policy.statuses and lead.status is not LeadStatus.QUALIFIED:
        lead, events = moved(lead, LeadStatus.QUALIFIED, at=at, by=by)
    require_move(lead, LeadStatus.CONVERTED, by=by)
    fields, kept = _shared_out(lead, homes or {}, has_deal=deal_id is not None)
    company = lead.company.strip() or lead.name
    known = known_contact or KnownContact()
    owner = owner or lead.owner
    team = lead.team if owner == lead.owner else (teams or {}).get(owner or "", lead.team)
    event = LeadConverted(
        at=at,
        by=by,
        subjects=(
            lead.ref,
            Ref("Account", account_id),
            Ref("Contact", contact_id),
            *([] if deal_id is None else [Ref("Deal", deal_id)]),
        ),
        lead=lead.key,
        account=AccountDraft(
            id=account_id,
            name=company,
            country=lead.country,
            owner=owner,
            fields=fields[FieldHome.ACCOUNT],
        ),
        contact=ContactDraft(
            id=contact_id,
            account=account_id,
            name=known.name or lead.name,
            title=known.title or lead.title,
            email=known.email or lead.email,
            phone=known.phone or lead.phone,
            fields=fields[FieldHome.CONTACT],
        ),
        deal=None
        if deal_id is None
        else DealDraft(
            id=deal_id,
            name=deal_name or company,
            account=account_id,
            contact=contact_id,
            owner=owner,
            source=lead.source,
            campaign=lead.campaign,
            product=product,
            amount=amount,
            expected_close=expected_close,
            fields=fields[FieldHome.DEAL],
        ),
        owner=owner,
        team=team,
        kept=kept,
    )
    return applied(lead, event), (*events, event)


def _check_deal(lead: Lead, deal_id: DealId | None, said: Mapping[str, object]) -> None:
    problems = []
    amount, day = said["amount"], said["expected_close"]
    if amount is not None and not isinstance(amount, Money):
        problems.append(Problem("amount", "wrong_type", shorten(amount), "an amount of money"))
    if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
        problems.append(Problem("expected_close", "wrong_type", shorten(day), "a date"))
    if problems:
        raise InvalidInput(f"the deal of lead {lead.id}", problems)
    if deal_id is None and (lost := tuple(name for name, value in said.items() if value is not None)):
        raise NoDealForField(lead.id, lost)


_ADDRESS = ("street", "city", "region", "postal_code")
_WISHES = ("tags", "description")


def _shared_out(
    lead: Lead, homes: Mapping[str, FieldHome], *, has_deal: bool
) -> tuple[dict[FieldHome, dict[str, Value]], tuple[str, ...]]:
    rest = FieldHome.DEAL if has_deal else FieldHome.CONTACT
    shared: dict[FieldHome, dict[str, Value]] = {home: {} for home in FieldHome}
    for name, value in lead.fields.items():
        shared[option(FieldHome, homes.get(name, rest), f"the home of {name}")][name] = value
    if shared[FieldHome.DEAL] and not has_deal:
        raise NoDealForField(lead.id, tuple(shared[FieldHome.DEAL]))
    kept = [f"{OWN}{name}" for name in shared[FieldHome.LEAD]]
    carried = {**dict.fromkeys(_ADDRESS, FieldHome.ACCOUNT), **dict.fromkeys(_WISHES, rest)}
    for name, home in carried.items():
        if not (value := getattr(lead, name)):
            continue
        if name in shared[home]:
            kept.append(name)
        else:
            shared[home][name] = value
    kept += [name for name in ("consents", "touches") if getattr(lead, name)]
    return shared, tuple(kept)
