"""What is offered when a lead is converted: the leads and deals of the same person that it could be joined with."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from salesmgmt.pipeline.deals import Deal, StageKind
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus


class RecordKind(StrEnum):
    """What a duplicate is."""

    LEAD = "lead"
    DEAL = "deal"


class RecordState(StrEnum):
    """How it stands with a duplicate."""

    OPEN = "open"
    WON = "won"
    """Won, or as a lead converted."""
    LOST = "lost"
    """Lost, or as a lead given up."""
    ARCHIVED = "archived"
    """Put away without being decided, or merged into another one."""


@attrs.frozen(kw_only=True)
class DuplicateRecord:
    """A lead or a deal that is a duplicate of a lead.

    Attributes:
        id: of the lead or deal.
        kind: which of the two.
        state: how it stands with it.
    """

    id: str
    kind: RecordKind
    state: RecordState

    @classmethod
    def of(cls, record: Lead | Deal) -> DuplicateRecord:
        """Return what counts of a lead or a deal.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.pipeline.leads import DuplicateRecord, Lead, LeadStatus
        >>> lead = Lead(id="l2", name="Ana", status=LeadStatus.UNQUALIFIED, created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> DuplicateRecord.of(lead).state.value
        'lost'
        """
        if isinstance(record, Lead):
            state = _OF_LEADS.get(record.status, RecordState.OPEN)
            return cls(id=record.id, kind=RecordKind.LEAD, state=state)
        return cls(id=record.id, kind=RecordKind.DEAL, state=_OF_DEALS[record.status])


_OF_LEADS = {
    LeadStatus.UNQUALIFIED: RecordState.LOST,
    LeadStatus.CONVERTED: RecordState.WON,
    LeadStatus.MERGED: RecordState.ARCHIVED,
}
_OF_DEALS = {
    StageKind.OPEN: RecordState.OPEN,
    StageKind.WON: RecordState.WON,
    StageKind.LOST: RecordState.LOST,
}


@attrs.frozen(kw_only=True)
class OfferPolicy:
    """Which duplicates are offered when a lead is converted.

    Attributes:
        id: its name.
        always: kind and state of those that are offered.
        with_lost: kind and state of those that are offered as well when lost ones are asked for.
    """

    id: str
    always: frozenset[tuple[RecordKind, RecordState]]
    with_lost: frozenset[tuple[RecordKind, RecordState]]


_ALL_OPEN = frozenset({(RecordKind.LEAD, RecordState.OPEN), (RecordKind.DEAL, RecordState.OPEN)})

OPEN_OR_LOST = OfferPolicy(
    id="open or lost",
    always=_ALL_OPEN,
    with_lost=frozenset({(RecordKind.LEAD, RecordState.LOST), (RecordKind.DEAL, RecordState.LOST)}),
)
"""What is open, and on demand what was lost or given up: it can be taken up again. Nothing that was won or put away."""


@attrs.frozen(kw_only=True)
class Excluded:
    """A duplicate that is not offered.

    Attributes:
        record: the duplicate.
        only_with_lost: whether it would be offered if lost ones were asked for.
    """

    record: DuplicateRecord
    only_with_lost: bool

    @property
    def code(self) -> str:
        """Why not: `won_deal`, `lost_lead`."""
        return f"{self.record.state}_{self.record.kind}"


@attrs.frozen(kw_only=True)
class DuplicateOffer:
    """The duplicates that a lead could be joined with.

    Attributes:
        offered: in the order found; the lead itself is not among them.
        excluded: the others, and why.
    """

    offered: tuple[DuplicateRecord, ...]
    excluded: tuple[Excluded, ...]

    @property
    def count(self) -> int:
        """How many records there would be to join: those offered, and the lead itself."""
        return len(self.offered) + 1


def conversion_duplicates(
    lead: Lead,
    found: Iterable[DuplicateRecord],
    *,
    include_lost: bool = False,
    policy: OfferPolicy = OPEN_OR_LOST,
) -> DuplicateOffer:
    """Return which duplicates of a lead are offered when it is converted.

    Args:
        lead: the lead.
        found: its duplicates among leads and deals; the lead itself is passed over.
        include_lost: whether lost ones are asked for.
        policy: which are offered.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import DuplicateRecord, Lead, RecordKind, RecordState, conversion_duplicates
    >>> lead = Lead(id="l1", name="Ana", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> found = [DuplicateRecord(id="d1", kind=RecordKind.DEAL, state=state) for state in (RecordState.OPEN, RecordState.WON)]
    >>> offer = conversion_duplicates(lead, found)
    >>> offer.count, [one.code for one in offer.excluded]
    (2, ['won_deal'])
    """
    wanted = policy.always | policy.with_lost if include_lost else policy.always
    offered: list[DuplicateRecord] = []
    excluded: list[Excluded] = []
    for record in found:
        what = (record.kind, record.state)
        if record.kind is RecordKind.LEAD and record.id == lead.id:
            continue
        if what in wanted:
            offered.append(record)
        else:
            excluded.append(Excluded(record=record, only_with_lost=what in policy.with_lost))
    return DuplicateOffer(offered=tuple(offered), excluded=tuple(excluded))
