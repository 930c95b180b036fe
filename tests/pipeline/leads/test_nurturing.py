from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput
from salesmgmt.core.findings import InvalidDefinition
from salesmgmt.engines.lifecycle import MoveRefused
from salesmgmt.pipeline.leads import (
    Lead,
    LeadPolicy,
    LeadReason,
    LeadRecycled,
    LeadStatus,
    NoteRequired,
    PutOffIntoThePast,
    ReasonRequired,
    UnknownReason,
    disqualify,
    due_for_waking,
    nurture,
    recycle,
    wake,
    work,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei")
LEAD = Lead(id="l1", name="Ana Berg", created_at=NOW)
POLICY = LeadPolicy(
    disqualify=(LeadReason(id="no_budget"), LeadReason(id="other", note_required=True)),
    recycle=(LeadReason(id="silent"),),
)


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def put_off(id_: str, until: int | None, *wakes_on: str) -> Lead:
    lead = attrs.evolve(LEAD, id=id_)
    return nurture(
        lead,
        reason="later",
        until=None if until is None else day(until),
        wakes_on=wakes_on,
        at=NOW,
        by=REP,
    )[0]


def test_leads_wake_on_their_day_or_when_something_happens() -> None:
    leads = [
        put_off("never", None),
        put_off("late", 5),
        put_off("early", 3),
        put_off("call", 90, "call", "visit"),
        put_off("other", 90, "visit"),
        LEAD,
    ]

    woken = due_for_waking(leads, day(5), seen={"call": ["call", "mail"], "other": ["mail"], "l1": ["call"]})

    assert [(one.lead, one.due, one.seen) for one in woken] == [
        ("early", day(3), ()),
        ("call", None, ("call",)),
        ("late", day(5), ()),
    ]
    assert due_for_waking(reversed(leads), day(2)) == ()


def test_a_woken_lead_is_in_work_and_no_longer_due() -> None:
    lead, (moved,) = wake(put_off("l1", 5), reason="called", at=day(6), by=REP)

    assert (lead.status, lead.nurture, moved.reason) == (LeadStatus.WORKING, None, "called")  # type: ignore[attr-defined]
    assert due_for_waking([lead], day(9)) == ()
    assert wake(lead, at=day(9), by=REP) == (lead, ())
    assert wake(LEAD, at=day(9), by=REP) == (LEAD, ())


@pytest.mark.parametrize("until", [NOW, day(-1)])
def test_nobody_is_put_off_into_the_past(until: datetime) -> None:
    with pytest.raises(PutOffIntoThePast):
        nurture(LEAD, reason="later", until=until, at=NOW, by=REP)


def test_a_recycled_lead_is_new_and_nobodys_and_each_time_counts() -> None:
    lead = attrs.evolve(LEAD, owner="ada", team="north", status=LeadStatus.QUALIFIED)

    lead, (first,) = recycle(lead, reason="silent", at=day(1), by=REP)
    lead, _ = work(lead, at=day(2), by=REP)
    lead, _ = disqualify(lead, reason="no budget", at=day(3), by=REP)
    lead, (second,) = recycle(lead, reason="new budget", note="says Ana", at=day(4), by=REP)

    assert isinstance(first, LeadRecycled)
    assert isinstance(second, LeadRecycled)
    assert (first.previous, first.source, first.times) == ("ada", LeadStatus.QUALIFIED, 1)
    assert (second.source, second.times) == (LeadStatus.UNQUALIFIED, 2)
    assert (lead.status, lead.owner, lead.team, lead.recycled) == (LeadStatus.NEW, None, "north", 2)
    assert (lead.reason, lead.note) == ("new budget", "says Ana")


@pytest.mark.parametrize("status", [LeadStatus.NEW, LeadStatus.CONVERTED, LeadStatus.MERGED])
def test_what_is_new_or_gone_is_not_recycled(status: LeadStatus) -> None:
    with pytest.raises(MoveRefused):
        recycle(attrs.evolve(LEAD, status=status), reason="silent", at=NOW, by=REP)


def test_only_declared_reasons_are_taken() -> None:
    with pytest.raises(UnknownReason, match="did you mean 'no_budget'") as caught:
        disqualify(LEAD, reason="no_budgt", policy=POLICY, at=NOW, by=REP)
    assert caught.value.known == ("no_budget", "other")
    with pytest.raises(NoteRequired):
        disqualify(LEAD, reason="other", note="  ", policy=POLICY, at=NOW, by=REP)
    with pytest.raises(ReasonRequired):
        recycle(attrs.evolve(LEAD, status=LeadStatus.WORKING), reason="", policy=POLICY, at=NOW, by=REP)

    lead, _ = disqualify(LEAD, reason=" other ", note=" moved ", policy=POLICY, at=NOW, by=REP)
    assert (lead.reason, lead.note) == ("other", "moved")
    assert nurture(LEAD, reason="any", policy=POLICY, at=NOW, by=REP)[0].reason == "any"


def test_a_policy_is_data(tmp_path: Path) -> None:
    file = tmp_path / "leads.toml"
    file.write_text(
        'disqualify = [{ id = "no_budget" }, { id = "other", note_required = true }]\n'
        'recycle = [{ id = "silent" }]\n',
        encoding="utf-8",
    )

    assert LeadPolicy.load(file) == POLICY


@pytest.mark.parametrize(
    "text",
    [
        'disqualify = [{ id = "a" }, { id = "a" }]',
        'recycle = [{ id = " " }]',
        "reasons = []",
        "disqualify = 5",
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "leads.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises((InvalidInput, InvalidDefinition)):
        LeadPolicy.load(file)


@pytest.mark.parametrize(
    ("reason", "note", "path"), [(None, "", "reason"), ("x", 5, "note"), ("x" * 100_001, "", "reason")]
)
def test_a_reason_and_a_note_are_texts(reason: Any, note: Any, path: str) -> None:
    lead = Lead(id="l1", name="Ana", created_at=datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(InvalidInput, match=path):
        nurture(lead, reason=reason, note=note, at=lead.created_at, by=Actor("li.wei"))
