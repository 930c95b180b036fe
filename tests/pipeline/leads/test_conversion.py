from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, ContactId, DealId, PersonId, Ref
from salesmgmt.core.errors import InvalidInput, UnknownOption
from salesmgmt.core.money import Money
from salesmgmt.engines.lifecycle import MoveRefused
from salesmgmt.pipeline.leads import (
    AccountDraft,
    Consent,
    ContactDraft,
    DealDraft,
    FieldHome,
    KnownContact,
    Lead,
    LeadConverted,
    LeadStatus,
    NoDealForField,
    Touch,
    convert,
    lead_preset,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
ACCOUNT, CONTACT, DEAL = AccountId("a1"), ContactId("c1"), DealId("d1")
LEAD = Lead(
    id="l1",
    name="Ana Berg",
    company="Belcor GmbH",
    title="Buyer",
    email="ana@shop.test",
    phone="030 1234567",
    country="DE",
    source="fair",
    campaign="spring",
    status=LeadStatus.QUALIFIED,
    owner=PersonId("ada"),
    created_at=NOW,
    fields={"employees": Decimal(40), "birthday": "1 May", "lift": "2t"},
)


def test_a_lead_becomes_an_account_a_contact_and_a_deal() -> None:
    lead, events = convert(
        LEAD,
        account_id=ACCOUNT,
        contact_id=CONTACT,
        deal_id=DEAL,
        deal_name="Two lifts",
        product="lift-2t",
        amount=Money("12000", "EUR"),
        expected_close=date(2026, 6, 1),
        homes={"employees": FieldHome.ACCOUNT, "birthday": FieldHome.CONTACT},
        at=NOW,
        by=REP,
    )

    assert (lead.status, lead.account, lead.contact, lead.deal) == (LeadStatus.CONVERTED, "a1", "c1", "d1")
    assert events == (
        LeadConverted(
            at=NOW,
            by=REP,
            subjects=(Ref("Lead", "l1"), Ref("Account", "a1"), Ref("Contact", "c1"), Ref("Deal", "d1")),
            lead=LEAD.key,
            account=AccountDraft(
                id=ACCOUNT,
                name="Belcor GmbH",
                country="DE",
                owner=PersonId("ada"),
                fields={"employees": Decimal(40)},
            ),
            contact=ContactDraft(
                id=CONTACT,
                account=ACCOUNT,
                name="Ana Berg",
                title="Buyer",
                email="ana@shop.test",
                phone="030 1234567",
                fields={"birthday": "1 May"},
            ),
            owner=PersonId("ada"),
            deal=DealDraft(
                id=DEAL,
                name="Two lifts",
                account=ACCOUNT,
                contact=CONTACT,
                owner=PersonId("ada"),
                source="fair",
                campaign="spring",
                product="lift-2t",
                amount=Money("12000", "EUR"),
                expected_close=date(2026, 6, 1),
                fields={"lift": "2t"},
            ),
        ),
    )


FIELDS = st.dictionaries(st.text(min_size=1, max_size=5), st.decimals(allow_nan=False, allow_infinity=False))


@given(FIELDS, st.dictionaries(st.text(min_size=1, max_size=5), st.sampled_from(FieldHome)), st.booleans())
def test_no_custom_field_is_lost_or_doubled(
    fields: dict[str, Decimal], homes: dict[str, FieldHome], has_deal: bool
) -> None:
    if not has_deal:
        homes = {name: home for name, home in homes.items() if home is not FieldHome.DEAL}

    lead, (converted,) = convert(
        attrs.evolve(LEAD, fields=fields),
        account_id=ACCOUNT,
        contact_id=CONTACT,
        deal_id=DEAL if has_deal else None,
        homes=homes,
        at=NOW,
        by=REP,
    )

    assert isinstance(converted, LeadConverted)
    parts = [converted.account.fields, converted.contact.fields]
    parts += [converted.deal.fields] if converted.deal else []
    kept = [name.removeprefix("fields.") for name in converted.kept]
    assert sorted([*kept, *(name for part in parts for name in part)]) == sorted(fields)
    found = {name: value for part in parts for name, value in part.items()}
    assert {**found, **{name: lead.fields[name] for name in kept}} == fields


RICH = attrs.evolve(
    LEAD,
    street="Main Street 1",
    city="Bonn",
    region="NRW",
    postal_code="53111",
    description="a lift that fits",
    tags=frozenset({"hot"}),
    consents=(Consent(purpose="phone", given_at=NOW),),
    touches=(Touch(at=NOW, channel="fair"),),
)


@pytest.mark.parametrize("deal_id", [DEAL, None])
@pytest.mark.parametrize("home", FieldHome)
@pytest.mark.parametrize("clashing", [(), ("tags", "city", "description", "street")])
def test_what_a_lead_has_is_in_one_draft_or_stays_by_name(
    deal_id: DealId | None, home: FieldHome, clashing: tuple[str, ...]
) -> None:
    if deal_id is None and home is FieldHome.DEAL:
        return
    lead = attrs.evolve(RICH, fields=dict.fromkeys(clashing, "own"))

    after, (converted,) = convert(
        lead,
        account_id=ACCOUNT,
        contact_id=CONTACT,
        deal_id=deal_id,
        homes=dict.fromkeys(clashing, home),
        at=NOW,
        by=REP,
    )

    assert isinstance(converted, LeadConverted)
    drafts = [converted.account.fields, converted.contact.fields]
    drafts += [converted.deal.fields] if converted.deal else []
    homes = [(name, value) for draft in drafts for name, value in draft.items()]
    homes += [
        (name.removeprefix("fields."), "own" if name.startswith("fields.") else getattr(after, name))
        for name in converted.kept
    ]
    wanted = ("street", "city", "region", "postal_code", "tags", "description", "consents", "touches")
    assert sorted(homes, key=str) == sorted(
        [(name, getattr(RICH, name)) for name in wanted] + [(name, "own") for name in clashing], key=str
    )
    assert (after.consents, after.touches, after.tags) == (RICH.consents, RICH.touches, RICH.tags)


def test_an_existing_contact_has_the_last_word_and_the_lead_fills_its_gaps() -> None:
    _, (converted,) = convert(
        LEAD,
        account_id=ACCOUNT,
        contact_id=CONTACT,
        known_contact=KnownContact(email="berg@office.test"),
        at=NOW,
        by=REP,
    )

    assert isinstance(converted, LeadConverted)
    assert (converted.contact.email, converted.contact.phone) == ("berg@office.test", "030 1234567")


@pytest.mark.parametrize(
    ("owner", "teams", "team"),
    [("bo", {"bo": "south"}, "south"), ("bo", {}, "north"), (None, {"ada": "south"}, "north")],
)
def test_a_new_owner_brings_the_team_along(owner: str | None, teams: dict[str, str], team: str) -> None:
    lead, (converted,) = convert(
        attrs.evolve(LEAD, team="north"),
        account_id=ACCOUNT,
        contact_id=CONTACT,
        deal_id=DEAL,
        owner=owner,
        teams=teams,
        at=NOW,
        by=REP,
    )

    assert isinstance(converted, LeadConverted)
    assert converted.deal is not None
    assert (lead.owner, lead.team) == (owner or "ada", team)
    assert converted.account.owner == converted.deal.owner == lead.owner


@pytest.mark.parametrize("status", LeadStatus)
def test_odoo_converts_what_is_open_and_nothing_else(status: LeadStatus) -> None:
    lead = attrs.evolve(LEAD, status=status, fields={"probability": Decimal(100)})
    open_ = status in {LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.NURTURING, LeadStatus.QUALIFIED}

    try:
        after, events = convert(
            lead,
            account_id=ACCOUNT,
            contact_id=CONTACT,
            deal_id=DEAL,
            policy=lead_preset("odoo").conversion,
            at=NOW,
            by=REP,
        )
    except MoveRefused:
        assert not open_
    else:
        assert open_
        assert after.status is LeadStatus.CONVERTED
        assert [type(event).__name__ for event in events][-1:] == ["LeadConverted"]


def test_without_a_deal_custom_fields_stay_with_the_contact() -> None:
    lead, (converted,) = convert(LEAD, account_id=ACCOUNT, contact_id=CONTACT, at=NOW, by=REP)

    assert isinstance(converted, LeadConverted)
    assert (converted.deal, lead.deal) == (None, None)
    assert converted.contact.fields == LEAD.fields


def test_a_field_for_a_deal_that_there_is_not_is_refused() -> None:
    with pytest.raises(NoDealForField) as caught:
        convert(
            LEAD,
            account_id=ACCOUNT,
            contact_id=CONTACT,
            homes={"lift": FieldHome.DEAL},
            at=NOW,
            by=REP,
        )

    assert caught.value.fields == ("lift",)


def test_a_person_without_a_company_is_the_account() -> None:
    _, (converted,) = convert(
        attrs.evolve(LEAD, company=" "),
        account_id=ACCOUNT,
        contact_id=CONTACT,
        deal_id=DEAL,
        at=NOW,
        by=REP,
    )

    assert isinstance(converted, LeadConverted)
    assert converted.deal is not None
    assert converted.account.name == converted.deal.name == "Ana Berg"


@pytest.mark.parametrize("status", sorted(set(LeadStatus) - {LeadStatus.QUALIFIED}))
def test_only_a_qualified_lead_is_converted_and_only_once(status: LeadStatus) -> None:
    with pytest.raises(MoveRefused) as caught:
        convert(attrs.evolve(LEAD, status=status), account_id=ACCOUNT, contact_id=CONTACT, at=NOW, by=REP)

    assert caught.value.decision.source == status.value


def test_a_home_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(UnknownOption, match="the home of lift"):
        convert(
            LEAD,
            account_id=ACCOUNT,
            contact_id=CONTACT,
            homes={"lift": "acount"},  # type: ignore[dict-item]
            at=NOW,
            by=REP,
        )


@pytest.mark.parametrize(
    "said", [{"amount": Money(5, "EUR")}, {"product": "crane"}, {"expected_close": date(2026, 5, 1)}]
)
def test_what_is_said_of_a_deal_is_not_lost_where_there_is_none(said: Any) -> None:
    with pytest.raises(NoDealForField, match=next(iter(said))):
        convert(LEAD, account_id=ACCOUNT, contact_id=CONTACT, at=NOW, by=REP, **said)


@pytest.mark.parametrize("said", [{"amount": 5}, {"expected_close": NOW}, {"expected_close": "2026-05-01"}])
def test_the_deal_has_an_amount_of_money_and_a_date(said: Any) -> None:
    with pytest.raises(InvalidInput, match=next(iter(said))):
        convert(LEAD, account_id=ACCOUNT, contact_id=CONTACT, deal_id=DEAL, at=NOW, by=REP, **said)
