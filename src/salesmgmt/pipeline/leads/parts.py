"""What a lead is made of: consents, touches, and the pieces of time that its clocks are made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import attrs

from salesmgmt.core.entity import personal
from salesmgmt.core.events import aware


class ConsentBasis(StrEnum):
    """On what ground a person may be contacted: the six of GDPR, article 6 (1).

    >>> from salesmgmt.pipeline.leads import ConsentBasis
    >>> ConsentBasis("legitimate_interests").name
    'LEGITIMATE_INTERESTS'
    """

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


@attrs.frozen(kw_only=True)
class Consent:
    """That a person may be contacted for one purpose.

    Attributes:
        purpose: what for, in the host's words (`newsletter`, `phone`).
        basis: on what ground.
        given_at: since when.
        source: where it comes from: a form, a fair, a call. It may name a person.
        expires_at: when it ends of itself; `None` when it does not.
        withdrawn_at: when it was withdrawn or objected to; `None` when it was not.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Consent
    >>> Consent(purpose="newsletter", given_at=datetime(2026, 3, 2, 9, tzinfo=UTC), source="web form").basis.value
    'consent'
    """

    purpose: str
    basis: ConsentBasis = ConsentBasis.CONSENT
    given_at: datetime = attrs.field(validator=aware)
    source: str = personal(blank="", default="")
    expires_at: datetime | None = attrs.field(default=None, validator=aware)
    withdrawn_at: datetime | None = attrs.field(default=None, validator=aware)


@attrs.frozen(kw_only=True)
class Touch:
    """One contact of marketing with a lead.

    Attributes:
        at: when.
        channel: on which way (`web`, `mail`, `fair`).
        campaign: the campaign it belongs to, if to one.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Touch
    >>> Touch(at=datetime(2026, 3, 2, 9, tzinfo=UTC), channel="fair", campaign="spring").campaign
    'spring'
    """

    at: datetime = attrs.field(validator=aware)
    channel: str = ""
    campaign: str | None = None


def _names(value: Iterable[str]) -> frozenset[str]:
    return frozenset({value}) if isinstance(value, str) else frozenset(value)


@attrs.frozen(kw_only=True)
class Nurture:
    """Until when a lead is left in peace, and what wakes it before.

    Attributes:
        since: when it was put off.
        until: when it is taken up again at the latest; `None` when nobody knows.
        wakes_on: names of what the host may see happen that takes it up before (`opened_mail`, `asked_for_price`).

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import Nurture
    >>> Nurture(since=datetime(2026, 3, 2, 9, tzinfo=UTC), wakes_on={"opened_mail"}).until is None
    True
    """

    since: datetime = attrs.field(validator=aware)
    until: datetime | None = attrs.field(default=None, validator=aware)
    wakes_on: frozenset[str] = attrs.field(default=frozenset(), converter=_names)


@attrs.frozen(kw_only=True)
class Pause:
    """A time in which the clock of the responses stood still, since the answer was with the customer.

    Attributes:
        since: when it was stopped.
        until: when it went on; `None` while it stands.
        reason: why; it may speak of a person, so it counts as personal data.
    """

    since: datetime = attrs.field(validator=aware)
    until: datetime | None = attrs.field(default=None, validator=aware)
    reason: str = personal(blank="", default="")


@attrs.frozen(kw_only=True)
class Response:
    """A later message of the customer, and its answer.

    Attributes:
        asked_at: when the customer wrote.
        due: when it must be answered at the latest; `None` without a deadline.
        answered_at: when it was answered; `None` while it is not.
    """

    asked_at: datetime = attrs.field(validator=aware)
    due: datetime | None = attrs.field(default=None, validator=aware)
    answered_at: datetime | None = attrs.field(default=None, validator=aware)
