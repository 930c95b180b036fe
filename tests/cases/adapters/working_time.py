"""Kinds about working time: `working_seconds`, `sla_deadline`, `is_working_time`."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.pipeline.leads import Lead, set_response_deadline
from tests.cases.case import Adapter, Case, as_text, day, moment


def calendar(case: Case) -> BusinessCalendar:
    keys = case.given.inner("calendar")
    return BusinessCalendar.weekly(
        keys.take("weekdays"),
        time.fromisoformat(keys.take("from")),
        time.fromisoformat(keys.take("to")),
        holidays=[day(text) for text in keys.take("holidays")],
        time_zone="UTC",
    )


def working_seconds(case: Case) -> dict[str, Any]:
    elapsed = calendar(case).elapsed(moment(case.when.take("start")), moment(case.when.take("end")))
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


ADAPTERS: dict[str, Adapter] = {
    "working_seconds": working_seconds,
    "sla_deadline": sla_deadline,
    "is_working_time": is_working_time,
}
