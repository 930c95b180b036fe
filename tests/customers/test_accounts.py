"""Accounts and contacts: opening, handing over, personal data, the codec."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.codec import Codec
from salesmgmt.core.entity import AccountId, ContactId, Ref
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.personal import blanked
from salesmgmt.customers import ENTITIES, EVENTS, Account, Contact, add_contact, hand_over, open_account

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LI = Actor("li.wei")


def acme() -> tuple[Account, object]:
    account, (opened,) = open_account(
        AccountId("acme"),
        name="Acme GmbH",
        country="DE",
        identifiers={"vat": "DE123456789"},
        fields={"employees": "40"},
        at=NOW,
        by=LI,
    )
    return account, opened


def test_entities_and_events_come_back_from_documents_unchanged() -> None:
    account, opened = acme()
    contact, (added,) = add_contact(ContactId("c1"), account=account.key, name="Ana Berg", at=NOW, by=LI)
    _, (handed,) = hand_over(account, None if account.owner else "m.chen", at=NOW, by=LI)
    codec = Codec()
    for thing in (account, contact, opened, added, handed):
        assert type(thing) in (*ENTITIES, *EVENTS)
        assert codec.from_dict(type(thing), codec.to_dict(thing)) == thing


def test_handing_over_to_the_same_owner_is_no_event() -> None:
    account, _ = acme()
    assert hand_over(account, None, at=NOW, by=LI) == (account, ())


def test_who_is_forgotten_is_blank_in_entities_and_events() -> None:
    contact, (added,) = add_contact(
        ContactId("c1"), account=AccountId("acme"), name="Ana Berg", email="ana@acme.example", at=NOW, by=LI
    )
    gone = frozenset({Ref("Contact", "c1")})
    assert blanked(contact, gone) == Contact(id="c1", account=AccountId("acme"), name="", added_at=NOW)
    assert "ana" not in repr(blanked(added, gone)).lower()


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        open_account(AccountId("acme"), name="Acme", at=NOW.replace(tzinfo=None), by=LI)
