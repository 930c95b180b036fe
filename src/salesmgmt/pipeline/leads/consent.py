"""Consent: what a person may be contacted for, on what ground, and since when no more."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import Event, require_aware
from salesmgmt.pipeline.leads.details import read_parts, read_text
from salesmgmt.pipeline.leads.events import ConsentGiven, ConsentWithdrawn
from salesmgmt.pipeline.leads.history import applied
from salesmgmt.pipeline.leads.lead import Lead
from salesmgmt.pipeline.leads.parts import Consent


class ContactReason(StrEnum):
    """Why a person may be contacted, or may not."""

    CONSENTED = "consented"
    """There is a consent, or another ground, and it is in force."""
    NO_CONSENT = "no_consent"
    """There never was one for this purpose."""
    NOT_YET = "not_yet"
    """There is one, and it begins later."""
    EXPIRED = "expired"
    """It has ended of itself."""
    WITHDRAWN = "withdrawn"
    """It was withdrawn, or objected to."""


@attrs.frozen(kw_only=True)
class ContactPermission:
    """Whether a person may be contacted for a purpose; true in an `if` when so.

    Attributes:
        allowed: whether.
        code: why.
        purpose: what for.
        consent: the consent that decides, if there is one: the one in force, or the last that was.
    """

    allowed: bool
    code: ContactReason
    purpose: str
    consent: Consent | None = None

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def found(self) -> str:
        """What there is."""
        if self.consent is None:
            return f"nothing for {self.purpose}"
        return f"{self.consent.basis} since {self.consent.given_at.isoformat()}: {self.code.value}"

    @property
    def wanted(self) -> str:
        """What there must be."""
        return f"a consent for {self.purpose} in force at that instant"


def give_consent(
    lead: Lead, consent: Consent, *, at: datetime, by: Actor
) -> tuple[Lead, tuple[ConsentGiven, ...]]:
    """Note that a person may be contacted for a purpose; one that is noted already changes nothing.

    Args:
        lead: the lead, of any status.
        consent: for what, on what ground, since when.
        at: when it is noted.
        by: who notes it.

    Raises:
        InvalidInput: it is no consent, or has no purpose.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Consent, Lead, give_consent, may_contact
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> lead, _ = give_consent(Lead(id="l1", name="Ana", created_at=now), Consent(purpose="newsletter", given_at=now),
    ...                        at=now, by=Actor("web form"))
    >>> bool(may_contact(lead, "newsletter", now)), may_contact(lead, "phone", now).code.value
    (True, 'no_consent')
    """
    what = f"the consent of lead {lead.id}"
    read_parts(what, "consent", (consent,), Consent)
    read_text(what, "purpose", consent.purpose)
    if consent in lead.consents:
        return lead, ()
    event = ConsentGiven(at=at, by=by, subjects=(lead.ref,), lead=lead.key, consent=consent)
    return applied(lead, event), (event,)


def withdraw_consent(
    lead: Lead, purpose: str, *, source: str = "", at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Note that a person may no longer be contacted for a purpose, on whatever ground.

    The consents stay, as withdrawn: they are the proof of what was allowed before. A "no" without any "yes" before it is
    kept as a consent that ended at once, so that it holds against one that is found later. It can be given anew.

    Args:
        lead: the lead, of any status.
        purpose: for what; each purpose is withdrawn on its own.
        source: how it was withdrawn.
        at: since when.
        by: who notes it.

    Returns:
        The lead and the event; no event when it was withdrawn already.

    Raises:
        NaiveInstant, NotAnInstant: `at` has no time zone, or is no instant.
        InvalidInput: there is no purpose.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Consent, Lead, may_contact, withdraw_consent
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana", created_at=now, consents=[Consent(purpose="newsletter", given_at=now)])
    >>> lead, (withdrawn,) = withdraw_consent(lead, "newsletter", source="link in the mail", at=now, by=Actor("site"))
    >>> may_contact(lead, "newsletter", now).code.value, withdrawn.purpose
    ('withdrawn', 'newsletter')
    """
    require_aware(at, "at")
    read_text(f"the consent of lead {lead.id}", "purpose", purpose)
    known = [consent for consent in lead.consents if consent.purpose == purpose]
    if known and all(consent.withdrawn_at is not None and consent.withdrawn_at <= at for consent in known):
        return lead, ()
    event = ConsentWithdrawn(
        at=at, by=by, subjects=(lead.ref,), lead=lead.key, purpose=purpose, source=source
    )
    return applied(lead, event), (event,)


def may_contact(lead: Lead, purpose: str, at: datetime) -> ContactPermission:
    """Return whether a person may be contacted for a purpose at an instant, and why.

    A withdrawal ends every consent for that purpose that was given until then, wherever it stands in the list: when
    leads are merged, a "no" that was said to one of them holds for all. A person who was forgotten has no consent.

    Raises:
        NaiveInstant, NotAnInstant: `at` has no time zone, or is no instant.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Consent, Lead, may_contact
    >>> day = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> lead = Lead(id="l1", name="Ana", created_at=day,
    ...             consents=[Consent(purpose="phone", given_at=day, expires_at=day.replace(year=2028))])
    >>> may_contact(lead, "phone", day.replace(year=2029)).found
    'consent since 2026-03-02T09:00:00+00:00: expired'
    """
    require_aware(at, "at")
    known = [consent for consent in lead.consents if consent.purpose == purpose]
    withdrawals = [
        one.withdrawn_at for one in known if one.withdrawn_at is not None and one.withdrawn_at <= at
    ]
    ended = max(withdrawals, default=None)
    judged = [(_state(consent, at, ended), consent) for consent in known]
    for wanted in _DECIDING:
        found = [consent for state, consent in judged if state is wanted]
        if found:
            return ContactPermission(
                allowed=wanted is ContactReason.CONSENTED,
                code=wanted,
                purpose=purpose,
                consent=max(found, key=lambda consent: consent.given_at),
            )
    return ContactPermission(allowed=False, code=ContactReason.NO_CONSENT, purpose=purpose)


_DECIDING = (
    ContactReason.CONSENTED,
    ContactReason.WITHDRAWN,
    ContactReason.EXPIRED,
    ContactReason.NOT_YET,
)
"""Which of several consents for one purpose decides: the first of these that one of them is."""


def _state(consent: Consent, at: datetime, ended: datetime | None) -> ContactReason:
    if consent.given_at > at:
        return ContactReason.NOT_YET
    own = consent.withdrawn_at
    if (own is not None and own <= at) or (ended is not None and consent.given_at <= ended):
        return ContactReason.WITHDRAWN
    if consent.expires_at is not None and consent.expires_at <= at:
        return ContactReason.EXPIRED
    return ContactReason.CONSENTED
