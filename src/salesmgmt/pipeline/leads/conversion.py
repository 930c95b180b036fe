"""Conversion: a qualified lead becomes an account, a contact and perhaps a deal, and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, DealId, Ref
from salesmgmt.core.errors import SalesError, option
from salesmgmt.core.events import Event
from salesmgmt.core.formula import Value
from salesmgmt.core.money import Money
from salesmgmt.pipeline.leads.events import AccountDraft, ContactDraft, DealDraft, LeadConverted
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus, require_move


class FieldHome(StrEnum):
    """What a custom field of a lead belongs to after the conversion."""

    ACCOUNT = "account"
    CONTACT = "contact"
    DEAL = "deal"


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


def convert(
    lead: Lead,
    *,
    account_id: AccountId,
    contact_id: ContactId,
    deal_id: DealId | None = None,
    deal_name: str = "",
    product: str | None = None,
    amount: Money | None = None,
    expected_close: date | None = None,
    homes: Mapping[str, FieldHome] | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Lead, tuple[Event, ...]]:
    """Convert a qualified lead; what it becomes is in the drafts of the event.

    Every custom field goes to exactly one draft, so that none is lost.

    Args:
        lead: the lead; it stays, as converted, and names what it became.
        account_id: of the account, a new one or one that exists.
        contact_id: of the contact, a new one or one that exists.
        deal_id: of the deal; without one there is none.
        deal_name: of the deal; the company (or the person) when it is empty.
        product: key of the main product of the deal.
        amount: what the deal may bring.
        expected_close: when it may be won.
        homes: where each custom field goes; those that are not named go to the deal, or without a deal to the contact.
        at: when.
        by: who.

    Raises:
        MoveRefused: the lead is not qualified, or was converted or merged before; the error carries the decision.
        NoDealForField: a field is meant for a deal, and there is none.
        UnknownOption: a home is none of those.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import FieldHome, Lead, LeadStatus, convert
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana Berg", company="Belcor GmbH", status=LeadStatus.QUALIFIED, created_at=now,
    ...             fields={"employees": Decimal(40), "lift": "2t"})
    >>> lead, (converted,) = convert(lead, account_id="a1", contact_id="c1", deal_id="d1",
    ...                              homes={"employees": FieldHome.ACCOUNT}, at=now, by=Actor("li.wei"))
    >>> converted.account.name, converted.account.fields, converted.deal.fields
    ('Belcor GmbH', {'employees': Decimal('40')}, {'lift': '2t'})
    >>> convert(lead, account_id="a1", contact_id="c1", at=now, by=Actor("li.wei"))
    Traceback (most recent call last):
    salesmgmt.engines.lifecycle.decision.MoveRefused: the move converted -> converted is refused: ...
    """
    require_move(lead, LeadStatus.CONVERTED, by=by)
    fields = _shared_out(lead, homes or {}, has_deal=deal_id is not None)
    company = lead.company.strip() or lead.name
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
            owner=lead.owner,
            fields=fields[FieldHome.ACCOUNT],
        ),
        contact=ContactDraft(
            id=contact_id,
            account=account_id,
            name=lead.name,
            title=lead.title,
            email=lead.email,
            phone=lead.phone,
            fields=fields[FieldHome.CONTACT],
        ),
        deal=None
        if deal_id is None
        else DealDraft(
            id=deal_id,
            name=deal_name or company,
            account=account_id,
            contact=contact_id,
            owner=lead.owner,
            source=lead.source,
            campaign=lead.campaign,
            product=product,
            amount=amount,
            expected_close=expected_close,
            fields=fields[FieldHome.DEAL],
        ),
    )
    converted = attrs.evolve(
        lead, status=LeadStatus.CONVERTED, reason="", account=account_id, contact=contact_id, deal=deal_id
    )
    return converted, (event,)


def _shared_out(
    lead: Lead, homes: Mapping[str, FieldHome], *, has_deal: bool
) -> dict[FieldHome, dict[str, Value]]:
    rest = FieldHome.DEAL if has_deal else FieldHome.CONTACT
    shared: dict[FieldHome, dict[str, Value]] = {home: {} for home in FieldHome}
    for name, value in lead.fields.items():
        shared[option(FieldHome, homes.get(name, rest), f"the home of {name}")][name] = value
    if shared[FieldHome.DEAL] and not has_deal:
        raise NoDealForField(lead.id, tuple(shared[FieldHome.DEAL]))
    return shared
