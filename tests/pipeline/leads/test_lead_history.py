from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.codec import Codec
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event
from salesmgmt.pipeline.leads import (
    ENTITIES,
    EVENTS,
    BrokenLeadHistory,
    Consent,
    Contribution,
    FieldChange,
    FieldHome,
    Lead,
    LeadAmended,
    LeadMoved,
    LeadsMerged,
    LeadStatus,
    Score,
    Touch,
    amend,
    answer,
    assign,
    capture,
    convert,
    customer_wrote,
    disqualify,
    give_consent,
    merge,
    nurture,
    pause_response,
    plan_merge,
    qualify,
    record_score,
    record_touch,
    recycle,
    replay,
    resume_response,
    set_response_deadline,
    unmerge,
    wake,
    withdraw_consent,
    work,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("li.wei", roles={"rep"})
OFFICE = BusinessCalendar.weekly("mon-fri")
SCORE = Score(points=5, band="cold", contributions=(Contribution(rule="web", points=5),), card="b2b")
CODEC = Codec(kinds=(*ENTITIES, *EVENTS))

COMMANDS: dict[str, Any] = {
    "amend": lambda lead, at: amend(
        lead, {"city": f"town {at.hour}", "priority": at.hour, "tags": frozenset({"a"})}, at=at, by=REP
    ),
    "amend own": lambda lead, at: amend(lead, {"fields.x": str(at.hour), "fields.y": None}, at=at, by=REP),
    "answer": lambda lead, at: answer(lead, at=at, by=REP),
    "assign": lambda lead, at: assign(lead, f"rep {at.hour}", at=at, by=REP),
    "consent": lambda lead, at: give_consent(lead, Consent(purpose="mail", given_at=at), at=at, by=REP),
    "withdraw": lambda lead, at: withdraw_consent(lead, "mail", at=at, by=REP),
    "convert": lambda lead, at: convert(
        lead,
        account_id="a",
        contact_id="c",
        owner="new",
        teams={"new": "south"},
        homes={"x": FieldHome.LEAD},
        at=at,
        by=REP,
    ),
    "deadline": lambda lead, at: set_response_deadline(lead, timedelta(hours=9), OFFICE, at=at, by=REP),
    "disqualify": lambda lead, at: disqualify(lead, reason="no", note="n", at=at, by=REP),
    "message": lambda lead, at: customer_wrote(lead, OFFICE, within=timedelta(hours=2), at=at, by=REP),
    "nurture": lambda lead, at: nurture(
        lead, reason="later", until=at + timedelta(days=9), wakes_on=["call"], at=at, by=REP
    ),
    "pause": lambda lead, at: pause_response(lead, at=at, by=REP),
    "qualify": lambda lead, at: qualify(lead, at=at, by=REP),
    "recycle": lambda lead, at: recycle(lead, reason="silent", at=at, by=REP),
    "resume": lambda lead, at: resume_response(lead, OFFICE, at=at, by=REP),
    "score": lambda lead, at: record_score(lead, SCORE, at=at, by=REP),
    "touch": lambda lead, at: record_touch(
        lead, Touch(at=at - timedelta(days=1), channel="mail"), at=at, by=REP
    ),
    "wake": lambda lead, at: wake(lead, reason="called", at=at, by=REP),
    "work": lambda lead, at: work(lead, at=at, by=REP),
}


@given(st.lists(st.sampled_from(sorted(COMMANDS)), max_size=25))
def test_the_events_of_a_lead_make_the_lead(names: list[str]) -> None:
    lead, captured = capture(
        id="l1", name="Ana", source="fair", tags=["new"], fields={"y": "1"}, team="north", at=NOW, by=REP
    )
    events: list[Event] = [*captured]
    for hour, name in enumerate(names):
        try:
            lead, told = COMMANDS[name](lead, NOW + timedelta(hours=hour))
        except SalesError:
            continue
        events += told

    assert replay(events) == lead
    assert replay([CODEC.read_json(CODEC.to_json(event)) for event in events]) == lead
    assert CODEC.read_json(CODEC.to_json(lead)) == lead


def test_a_merge_and_its_end_are_part_of_the_history_of_each_lead() -> None:
    one, first = capture(id="l1", name="Ana", tags=["a"], at=NOW, by=REP)
    two, second = capture(id="l2", name="Ana B.", phone="030 1", tags=["b"], at=NOW, by=REP)

    both, merged = merge(plan_merge(one, two), at=NOW, by=REP)
    assert [replay([*first, *merged]), replay([*second, *merged])] == list(both)
    assert isinstance(merged[0], LeadsMerged)
    apart, parted = unmerge(merged[0], both, at=NOW, by=REP)
    assert {lead.id: lead for lead in apart} == {
        "l1": replay([*first, *merged, *parted]),
        "l2": replay([*second, *merged, *parted]),
    }


def _moved(source: LeadStatus, lead: str = "l1") -> LeadMoved:
    subject = Lead(id=lead, created_at=NOW).ref
    return LeadMoved(at=NOW, by=REP, subjects=(subject,), lead=lead, source=source, target=LeadStatus.WORKING)


def test_events_that_do_not_tell_one_life_are_refused() -> None:
    _, captured = capture(id="l1", name="Ana", at=NOW, by=REP)
    _, other = capture(id="l2", name="Bo", at=NOW, by=REP)
    broken: list[list[Event]] = [
        [],
        [_moved(LeadStatus.NEW), *captured],
        [*captured, *other],
        [*captured, _moved(LeadStatus.NEW, "l2")],
        [*captured, _moved(LeadStatus.QUALIFIED)],
    ]

    for events in broken:
        with pytest.raises(BrokenLeadHistory):
            replay(events)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "converted"),
        ("id", "l9"),
        ("tenant", "other"),
        ("owner", "bo"),
        ("fields", "x"),
        ("no such field", "x"),
        ("priority", None),
        ("priority", "high"),
        ("priority", Decimal("NaN")),
        ("tags", "hot"),
    ],
)
def test_an_amendment_that_no_command_makes_is_refused(field: str, value: Any) -> None:
    lead, captured = capture(id="l1", name="Ana", at=NOW, by=REP)
    change = FieldChange(field, None, value)
    forged = LeadAmended(at=NOW, by=REP, subjects=(lead.ref,), lead="l1", changes=(change,))

    with pytest.raises(BrokenLeadHistory):
        replay([*captured, forged])


def test_an_event_about_another_lead_or_nobody_and_an_answer_to_nothing_are_refused() -> None:
    lead, captured = capture(id="l1", name="Ana", at=NOW, by=REP)
    assigned: Any = assign(lead, "ada", at=NOW, by=REP)[1][0]
    answered: Any = answer(lead, at=NOW, by=REP)[1][0]

    for event in (
        attrs.evolve(assigned, lead="l9"),
        attrs.evolve(assigned, subjects=()),
        attrs.evolve(answered, first=False),
    ):
        with pytest.raises(BrokenLeadHistory):
            replay([*captured, event])


def test_touches_stand_in_their_order_whenever_they_are_noted() -> None:
    days = (3, 1, 2, 2)
    lead, captured = capture(id="l1", name="Ana", at=NOW, by=REP)
    events: list[Event] = [*captured]
    for place, number in enumerate(days):
        touch = Touch(at=NOW + timedelta(days=number), channel=f"{place}")
        lead, noted = record_touch(lead, touch, at=NOW, by=REP)
        events += noted

    assert [touch.channel for touch in lead.touches] == ["1", "2", "3", "0"]
    assert replay(events) == lead
