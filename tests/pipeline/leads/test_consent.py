from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.events import NaiveInstant
from salesmgmt.core.personal import blanked
from salesmgmt.pipeline.leads import (
    Consent,
    ConsentBasis,
    ConsentWithdrawn,
    ContactReason,
    Lead,
    give_consent,
    may_contact,
    withdraw_consent,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei")
LEAD = Lead(id="l1", name="Ana Berg", created_at=NOW)


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def lead(*consents: Consent) -> Lead:
    return attrs.evolve(LEAD, consents=consents)


@pytest.mark.parametrize(
    ("consent", "at", "code"),
    [
        (Consent(purpose="mail", given_at=day(2)), day(1), ContactReason.NOT_YET),
        (Consent(purpose="mail", given_at=day(2)), day(2), ContactReason.CONSENTED),
        (Consent(purpose="mail", given_at=day(0), expires_at=day(3)), day(2), ContactReason.CONSENTED),
        (Consent(purpose="mail", given_at=day(0), expires_at=day(3)), day(3), ContactReason.EXPIRED),
        (Consent(purpose="mail", given_at=day(0), withdrawn_at=day(3)), day(2), ContactReason.CONSENTED),
        (Consent(purpose="mail", given_at=day(0), withdrawn_at=day(3)), day(3), ContactReason.WITHDRAWN),
        (Consent(purpose="phone", given_at=day(0)), day(3), ContactReason.NO_CONSENT),
    ],
)
def test_a_consent_holds_from_when_it_is_given_until_it_ends(
    consent: Consent, at: datetime, code: ContactReason
) -> None:
    found = may_contact(lead(consent), "mail", at)

    assert (found.code, bool(found)) == (code, code is ContactReason.CONSENTED)
    assert found.wanted == "a consent for mail in force at that instant"


def test_a_withdrawal_is_told_and_leaves_the_proof_of_what_was_allowed() -> None:
    given_, _ = give_consent(LEAD, Consent(purpose="mail", given_at=day(0)), at=day(0), by=REP)

    after, (event,) = withdraw_consent(given_, "mail", source="link", at=day(5), by=REP)

    assert event == ConsentWithdrawn(
        at=day(5), by=REP, subjects=(LEAD.ref,), lead=LEAD.key, purpose="mail", source="link"
    )
    assert may_contact(after, "mail", day(4))
    assert not may_contact(after, "mail", day(5))
    assert withdraw_consent(after, "mail", at=day(6), by=REP) == (after, ())


def test_an_objection_ends_every_ground_and_each_purpose_stands_alone() -> None:
    grounds = [Consent(purpose="mail", basis=basis, given_at=day(0)) for basis in ConsentBasis]

    after, _ = withdraw_consent(
        lead(*grounds, Consent(purpose="phone", given_at=day(0))), "mail", at=day(1), by=REP
    )

    assert not may_contact(after, "mail", day(2))
    assert may_contact(after, "phone", day(2))


def test_what_was_withdrawn_can_be_given_anew() -> None:
    after = lead(
        Consent(purpose="mail", given_at=day(0), withdrawn_at=day(1)),
        Consent(purpose="mail", given_at=day(2)),
    )

    assert may_contact(after, "mail", day(2)).consent == after.consents[1]


def test_a_no_said_to_one_of_two_merged_leads_holds_for_both() -> None:
    both = (
        Consent(purpose="mail", given_at=day(0)),
        Consent(purpose="mail", given_at=day(1), withdrawn_at=day(5)),
    )

    assert may_contact(lead(*both), "mail", day(4))
    assert may_contact(lead(*both), "mail", day(6)).code is ContactReason.WITHDRAWN


def test_a_forgotten_person_may_not_be_contacted() -> None:
    before = lead(Consent(purpose="mail", given_at=day(0), source="Ana's form"))

    after = blanked(before, frozenset({Ref("Lead", "l1")}))

    assert after.consents == ()
    assert may_contact(after, "mail", day(1)).code is ContactReason.NO_CONSENT


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        may_contact(LEAD, "mail", datetime(2026, 3, 2))  # noqa: DTZ001 - the mistake meant


CONSENTS = st.builds(
    Consent,
    purpose=st.sampled_from(["mail", "phone"]),
    basis=st.sampled_from(ConsentBasis),
    given_at=st.integers(0, 9).map(day),
    expires_at=st.none() | st.integers(0, 9).map(day),
    withdrawn_at=st.none() | st.integers(0, 9).map(day),
)


@given(st.lists(CONSENTS, max_size=6), st.integers(0, 9), st.data())
def test_the_order_of_consents_does_not_matter_and_nothing_is_allowed_after_a_no(
    consents: list[Consent], now: int, data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(consents))
    found = may_contact(lead(*consents), "mail", day(now))

    assert may_contact(lead(*mixed), "mail", day(now)).code is found.code
    after, _ = withdraw_consent(lead(*consents), "mail", at=day(now), by=REP)
    for later in range(now, 10):
        assert not may_contact(after, "mail", day(later))


def test_a_no_without_a_yes_holds_against_one_that_is_found_later() -> None:
    after, (event,) = withdraw_consent(LEAD, "mail", source="call", at=day(3), by=REP)
    after, _ = give_consent(after, Consent(purpose="mail", given_at=day(1)), at=day(4), by=REP)

    assert isinstance(event, ConsentWithdrawn)
    assert may_contact(after, "mail", day(5)).code is ContactReason.WITHDRAWN
    anew, _ = give_consent(after, Consent(purpose="mail", given_at=day(6)), at=day(6), by=REP)
    assert may_contact(anew, "mail", day(6))


def test_what_is_no_consent_is_refused() -> None:
    with pytest.raises(InvalidInput, match="consent"):
        give_consent(LEAD, None, at=NOW, by=REP)  # type: ignore[arg-type]
    for purpose in ("", " ", None, 5):
        with pytest.raises(InvalidInput, match="purpose"):
            give_consent(LEAD, Consent(purpose=purpose, given_at=NOW), at=NOW, by=REP)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match="purpose"):
            withdraw_consent(LEAD, purpose, at=NOW, by=REP)  # type: ignore[arg-type]


def test_a_withdrawal_has_an_instant_with_a_time_zone() -> None:
    withdrawn, _ = withdraw_consent(LEAD, "mail", at=NOW, by=REP)
    with pytest.raises(NaiveInstant):
        withdraw_consent(withdrawn, "mail", at=datetime(2026, 3, 2), by=REP)  # noqa: DTZ001 - what is refused
