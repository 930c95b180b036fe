"""Credit: who gets how much of a sales event, for quota and for pay."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import attrs

from salesmgmt.core.allocation import InvalidAllocation, allocate
from salesmgmt.core.entity import PersonId
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.core.rounding import RoundingMode
from salesmgmt.sfe.plan.target import require_whole

_WHOLE = Percent(100)


class CreditKind(StrEnum):
    """Whether a credit is part of the amount or beside it.

    Attributes:
        DIRECT: a share of the amount; the direct shares of an event are 100 % together.
        OVERLAY: a further credit for those who supported the sale (a specialist, a manager), on top.
    """

    DIRECT = "direct"
    OVERLAY = "overlay"


@attrs.frozen(kw_only=True)
class Credit:
    """What one participant is credited with for one sales event.

    Attributes:
        event: id of the sales event: an order, an invoice, a won deal.
        participant: the person.
        share: of the amount of the event.
        kind: direct or overlay.
        amount: the credited amount; below zero for a return.
        measure: what is measured (`bookings`, `cash_received`); a component of a plan pays on one measure.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.sfe.incentives import Credit
    >>> Credit(event="d-1", participant="li.wei", amount=Money(100, "EUR")).share
    Percent('100')
    """

    event: str
    participant: PersonId
    amount: Money
    share: Percent = _WHOLE
    kind: CreditKind = CreditKind.DIRECT
    measure: str = "bookings"


def credit_event(
    event: str,
    amount: Money,
    direct: Mapping[str, Percent],
    overlay: Mapping[str, Percent] | None = None,
    *,
    measure: str = "bookings",
) -> tuple[Credit, ...]:
    """Split a sales event among those who made it.

    The direct credits add up to the amount exactly, to the cent (`core.allocation.allocate`, largest fraction). Each overlay
    credit is its own share of the amount, rounded half up to the minor unit; overlays are counted on top.

    Args:
        event: id of the event.
        amount: what it is worth.
        direct: share of each participant, 100 % together.
        overlay: share of each supporter.
        measure: what is measured.

    Raises:
        NotWhole: the direct shares do not add up to 100 %.
        InvalidAllocation: a share is negative.

    >>> from salesmgmt.core.money import Money
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.sfe.incentives import credit_event
    >>> shares = {"li.wei": Percent("33.4"), "chen": Percent("66.6")}
    >>> for credit in credit_event("d-1", Money("99.99", "EUR"), shares, {"expert": Percent(20)}):
    ...     print(credit.participant, credit.amount, credit.kind.value)
    li.wei 33.40 EUR direct
    chen 66.59 EUR direct
    expert 20.00 EUR overlay
    """
    require_whole(tuple(direct.values()), f"the direct shares of {event}")
    for place, (who, share) in enumerate((overlay or {}).items()):
        if share.points < 0:
            raise InvalidAllocation(
                "negative_weight",
                f"the overlay share of {who} is {share}",
                hint="give zero or more",
                index=place,
            )
    parts = allocate(amount, direct.values())
    given = [
        Credit(event=event, participant=PersonId(who), share=share, amount=part, measure=measure)
        for (who, share), part in zip(direct.items(), parts, strict=True)
    ]
    given += [
        Credit(
            event=event,
            participant=PersonId(who),
            share=share,
            kind=CreditKind.OVERLAY,
            amount=(amount * share).to_currency_decimals(RoundingMode.HALF_UP),
            measure=measure,
        )
        for who, share in (overlay or {}).items()
    ]
    return tuple(given)
