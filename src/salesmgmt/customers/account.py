"""Accounts: the organisations and people that a seller deals with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, Entity, PersonId, personal
from salesmgmt.core.events import Event, aware
from salesmgmt.core.formula import Value


class AccountKind(StrEnum):
    """What an account is.

    >>> from salesmgmt.customers import AccountKind
    >>> AccountKind("person").name
    'PERSON'
    """

    ORGANISATION = "organisation"
    PERSON = "person"


@attrs.frozen(kw_only=True)
class Account(Entity):
    """Somebody who buys, or may.

    Attributes:
        name: of the company or person. It counts as personal data: a sole trader bears it.
        kind: organisation or person.
        country: as the host writes countries.
        owner: the person of the sales force who looks after it.
        parent: the account it belongs to, such as the group of a subsidiary.
        identifiers: what others know it by, by scheme: `{"vat": "DE123456789"}`.
        opened_at: when it was opened.
        fields: the host's own fields, by name.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.customers import Account
    >>> account = Account(id="acme", name="Acme GmbH", opened_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    >>> account.kind.value, str(account.ref)
    ('organisation', 'Account:acme')
    """

    name: str = personal(blank="")
    kind: AccountKind = AccountKind.ORGANISATION
    country: str = ""
    owner: PersonId | None = None
    parent: AccountId | None = None
    identifiers: Mapping[str, str] = personal(blank={}, factory=dict)
    opened_at: datetime = attrs.field(validator=aware)
    fields: Mapping[str, Value] = personal(blank={}, factory=dict)

    @property
    def key(self) -> AccountId:
        """The id of this account, typed."""
        return AccountId(self.id)


@attrs.frozen(kw_only=True)
class AccountOpened(Event):
    """An account was opened."""

    name: str = personal(blank="")
    kind: AccountKind
    country: str
    owner: PersonId | None


@attrs.frozen(kw_only=True)
class AccountHandedOver(Event):
    """Somebody else looks after an account."""

    previous: PersonId | None
    owner: PersonId | None


def open_account(
    id: AccountId,  # noqa: A002 - an entity's `id`
    *,
    name: str,
    kind: AccountKind = AccountKind.ORGANISATION,
    country: str = "",
    owner: PersonId | None = None,
    parent: AccountId | None = None,
    identifiers: Mapping[str, str] | None = None,
    fields: Mapping[str, Value] | None = None,
    at: datetime,
    by: Actor,
) -> tuple[Account, tuple[AccountOpened, ...]]:
    """Open an account; see `Account` for the arguments.

    Raises:
        NaiveInstant: `at` has no time zone.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.customers import open_account
    >>> account, (opened,) = open_account(
    ...     "acme", name="Acme GmbH", country="DE", at=datetime(2026, 3, 2, 9, tzinfo=UTC), by=Actor("li.wei")
    ... )
    >>> str(opened.subjects[0]), opened.country
    ('Account:acme', 'DE')
    """
    account = Account(
        id=id,
        name=name,
        kind=kind,
        country=country,
        owner=owner,
        parent=parent,
        identifiers=dict(identifiers or {}),
        opened_at=at,
        fields=dict(fields or {}),
    )
    opened = AccountOpened(
        at=at, by=by, subjects=(account.ref,), name=name, kind=kind, country=country, owner=owner
    )
    return account, (opened,)


def hand_over(
    account: Account, owner: PersonId | None, *, at: datetime, by: Actor
) -> tuple[Account, tuple[AccountHandedOver, ...]]:
    """Give an account to somebody else, or to nobody; no event when they look after it already.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.customers import Account, hand_over
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> account, events = hand_over(Account(id="acme", name="Acme", opened_at=now), "li.wei", at=now, by=Actor("m.chen"))
    >>> account.owner, len(events)
    ('li.wei', 1)
    """
    if owner == account.owner:
        return account, ()
    event = AccountHandedOver(at=at, by=by, subjects=(account.ref,), previous=account.owner, owner=owner)
    return attrs.evolve(account, owner=owner), (event,)
