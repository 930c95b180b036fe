from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import attrs
import pytest

from salesmgmt.pipeline.leads import (
    OPEN_OR_LOST,
    DuplicateRecord,
    Lead,
    LeadStatus,
    OfferPolicy,
    RecordKind,
    RecordState,
    conversion_duplicates,
    lead_preset,
)

LEAD = Lead(id="l1", name="Ana", created_at=datetime(2026, 1, 1, tzinfo=UTC))
ALL = [
    DuplicateRecord(id=f"{state}_{kind}", kind=kind, state=state)
    for kind, state in product(RecordKind, RecordState)
]


@pytest.mark.parametrize(
    ("policy", "include_lost", "offered"),
    [
        (OPEN_OR_LOST, False, {"open_lead", "open_deal"}),
        (OPEN_OR_LOST, True, {"open_lead", "open_deal", "lost_lead", "lost_deal"}),
        (lead_preset("odoo").offers, False, {"open_lead", "open_deal"}),
        # odoo addons/crm/tests/test_crm_lead_convert.py: lost and archived opportunities, but no such leads
        (lead_preset("odoo").offers, True, {"open_lead", "open_deal", "lost_deal", "archived_deal"}),
    ],
)
def test_which_duplicates_are_offered(policy: OfferPolicy, include_lost: bool, offered: set[str]) -> None:
    offer = conversion_duplicates(LEAD, ALL, include_lost=include_lost, policy=policy)

    assert {record.id for record in offer.offered} == offered
    assert {one.code for one in offer.excluded} == {record.id for record in ALL} - offered
    assert offer.count == len(offered) + 1


def test_a_lost_one_that_is_not_offered_says_how_it_would_be() -> None:
    offer = conversion_duplicates(LEAD, ALL)

    assert {one.code for one in offer.excluded if one.only_with_lost} == {"lost_lead", "lost_deal"}


def test_the_lead_is_no_duplicate_of_itself() -> None:
    found = [DuplicateRecord.of(LEAD), attrs.evolve(DuplicateRecord.of(LEAD), kind=RecordKind.DEAL)]

    offer = conversion_duplicates(LEAD, found)

    assert (offer.count, [record.kind for record in offer.offered]) == (2, [RecordKind.DEAL])


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (LeadStatus.NEW, RecordState.OPEN),
        (LeadStatus.NURTURING, RecordState.OPEN),
        (LeadStatus.UNQUALIFIED, RecordState.LOST),
        (LeadStatus.CONVERTED, RecordState.WON),
        (LeadStatus.MERGED, RecordState.ARCHIVED),
    ],
)
def test_how_it_stands_with_a_lead(status: LeadStatus, state: RecordState) -> None:
    assert DuplicateRecord.of(attrs.evolve(LEAD, status=status)).state is state
