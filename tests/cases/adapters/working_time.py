"""Kinds about working time: `working_seconds`, `is_working_time`, `sla_deadline`, `sla_response`, `sla_status`, `sla_default`."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar, ReversedInterval
from salesmgmt.pipeline.leads import (
    DuplicateDefault,
    Lead,
    ResponseAgreement,
    ResponsePolicy,
    answer,
    first_response,
    set_response_deadline,
)
from tests.cases.case import Adapter, Case, Unsupported, as_text, day, moment, number


def calendar(case: Case) -> BusinessCalendar:
    keys = case.given.inner("calendar")
    return BusinessCalendar.weekly(
        keys.take("weekdays"),
        time.fromisoformat(keys.take("from")),
        time.fromisoformat(keys.take("to")),
        holidays=[day(text) for text in keys.take("holidays", ())],
        time_zone="UTC",
    )


def working_seconds(case: Case) -> dict[str, Any]:
    try:
        elapsed = calendar(case).elapsed(moment(case.when.take("start")), moment(case.when.take("end")))
    except ReversedInterval:
        return {"error": "reversed_bounds"}
    return {"seconds": int(elapsed.total_seconds())}


def sla_deadline(case: Case) -> dict[str, Any]:
    hours, when = calendar(case), case.when
    start, target = moment(when.take("start")), timedelta(seconds=int(when.number("target_seconds")))
    existing = when.take("existing_deadline", None)
    lead = Lead(
        id="lead",
        name="a lead",
        created_at=start,
        first_response_due=None if existing is None else moment(existing),
    )
    lead, _ = set_response_deadline(lead, target, hours, at=start, by=Actor("case"))
    assert lead.first_response_due is not None
    return {"deadline": as_text(lead.first_response_due)}


def is_working_time(case: Case) -> dict[str, Any]:
    hours = calendar(case)
    return {"answers": [hours.is_working(moment(text)) for text in case.when.take("moments")]}


def sla_response(case: Case) -> dict[str, Any]:
    hours = calendar(case)
    created, responded = moment(case.when.take("created")), moment(case.when.take("first_response"))
    lead, _ = answer(Lead(id="lead", name="a lead", created_at=created), at=responded, by=Actor("case"))
    found = first_response(lead, hours, as_of=responded)
    assert found.last_taken is not None
    return {
        "seconds": int(found.taken.total_seconds()),
        "last_response_seconds": int(found.last_taken.total_seconds()),
        "status": found.status.value,
    }


_ALWAYS = BusinessCalendar.weekly("mon-sun", time(0), time.max)
_NOW = datetime(2024, 1, 3, 12, tzinfo=UTC)


def sla_status(case: Case) -> dict[str, Any]:
    responded = case.when.take("responded_hours_from_now", None)
    responded_at = None if responded is None else _NOW + hours_of(responded)
    due = _NOW + hours_of(case.when.take("deadline_hours_from_now"))
    as_of = max(_NOW, responded_at or _NOW)
    created = min(_NOW, due, as_of, responded_at or _NOW) - timedelta(days=1)
    lead = Lead(
        id="lead",
        name="a lead",
        created_at=created,
        first_response_due=due,
        first_response_at=responded_at,
    )
    return {"status": first_response(lead, _ALWAYS, as_of=as_of).status.value}


def hours_of(value: object) -> timedelta:
    return timedelta(minutes=int(number(value) * 60))


def sla_default(case: Case) -> dict[str, Any]:
    added = case.when.take("add_default")
    types = [*case.given.take("defaults"), added if isinstance(added, dict) else {"record_type": added}]
    if any(set(one) != {"record_type"} or not isinstance(one["record_type"], str) for one in types):
        raise Unsupported(f"defaults {types!r}")
    agreements = tuple(
        ResponseAgreement(
            id=f"agreement {index}",
            record_type=one["record_type"],
            within=timedelta(hours=1),
            default=True,
        )
        for index, one in enumerate(types)
    )
    try:
        ResponsePolicy(agreements=agreements)
    except DuplicateDefault as error:
        return {"error": error.code}
    return {"error": None}


ADAPTERS: dict[str, Adapter] = {
    "working_seconds": working_seconds,
    "sla_deadline": sla_deadline,
    "is_working_time": is_working_time,
    "sla_response": sla_response,
    "sla_status": sla_status,
    "sla_default": sla_default,
}
