"""Contacts: the people whom a seller speaks with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, Entity, Ref, personal
from salesmgmt.core.events import Event, aware
from salesmgmt.core.formula import Value


@attrs.frozen(kw_only=True)
class Contact(Entity):
    """A person at an account.

    Attributes:
        account: where the person works or buys.
        name: of the person.
        title: what the person does there.
        email: mail address.
        phone: phone number.
        added_at: when the person became known.
        fields: the host's own fields, by name.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.entity import personal_fields
    >>> from salesmgmt.customers import Contact
    >>> ana = Contact(id="c1", account="acme", name="Ana Berg", added_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    >>> str(ana.ref), "email" in personal_fields(Contact)
    ('Contact:c1', True)
    """

    account: AccountId
    name: str = personal(blank="")
    title: str = personal(blank="", default="")
    email: str = personal(blank="", default="")
    phone: str = personal(blank="", default="")
    added_at: datetime = attrs.field(validator=aware)
    fields: Mapping[str, Value] = personal(blank={}, factory=dict)

    @property
    def key(self) -> ContactId:
        """The id of this contact, typed."""
        return ContactId(self.id)


@attrs.frozen(kw_only=True)
class ContactAdded(Event):
    """A person became a contact of an account."""

    account: AccountId
    name: str = personal(blank="")
    title: str = personal(blank="")
    email: str = personal(blank="")
    phone: str = personal(blank="")


def add_contact(
    id: ContactId,  # noqa: A002 - an entity's `id`
    *,
    account: AccountId,
    name: str,
    title: str = "",
    email: str = "",
    phone: str = "",
    fields: Mapping[str, Value] | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Contact, tuple[ContactAdded, ...]]:
    """Add a person to an account; see `Contact` for the arguments.

    Raises:
        NaiveInstant: `at` has no time zone.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.customers import add_contact
    >>> contact, (added,) = add_contact(
    ...     "c1", account="acme", name="Ana Berg", at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=Actor("li.wei")
    ... )
    >>> [str(subject) for subject in added.subjects]
    ['Contact:c1', 'Account:acme']
    """
    contact = Contact(
        id=id,
        account=account,
        name=name,
        title=title,
        email=email,
        phone=phone,
        added_at=at,
        fields=dict(fields or {}),
    )
    added = ContactAdded(
        at=at,
        by=by,
        subjects=(contact.ref, Ref("Account", account)),
        account=account,
        name=name,
        title=title,
        email=email,
        phone=phone,
    )
    return contact, (added,)
