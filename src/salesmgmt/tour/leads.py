"""The leads of a month: in, compared, scored, given out, answered, and judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from salesmgmt.core.actor import Actor
from salesmgmt.core.period import Period
from salesmgmt.pipeline import Lead, assign, capture, disqualify, find_duplicates, merge, qualify
from salesmgmt.pipeline.leads import answer, plan_merge, rank_for_merge, record_score, set_response_deadline
from salesmgmt.tour.desk import Desk
from salesmgmt.tour.rulebook import Rules
from salesmgmt.tour.world import Enquiry

SYSTEM = Actor("crm", roles={"system"})
ANSWER_WITHIN = timedelta(hours=8)
"""Working hours in which somebody must have answered a lead."""


def morning(day: date) -> datetime:
    """Nine o'clock of a day, when the tour's people begin to work."""
    return datetime.combine(day, time(9), UTC)


def work_on_leads(desk: Desk, rules: Rules, month: Period, enquiries: Sequence[Enquiry]) -> list[Lead]:
    """Take the enquiries of a month through to a verdict, and return the leads that are worth a deal."""
    asked = {enquiry.id: enquiry for enquiry in enquiries if enquiry.on in month}
    for enquiry in asked.values():
        _take_in(desk, enquiry)
    end = morning(month.last)
    _merge_duplicates(desk, rules, asked, end)
    open_leads = [lead for lead in (desk.get(Lead, lead_id) for lead_id in asked) if lead.is_open]
    for lead in open_leads:
        desk.put(*record_score(lead, rules.scorer.score(lead), at=lead.created_at, by=SYSTEM))
    shared_out = rules.assigner.distribute([desk.get(Lead, lead.id) for lead in open_leads], at=end)
    for given in shared_out.assignments:
        lead = desk.get(Lead, given.lead)
        desk.put(
            *assign(lead, given.owner, reason=given.reason, turn=given.turn, at=lead.created_at, by=SYSTEM)
        )
    return [
        lead
        for lead in (_judge(desk, rules, desk.get(Lead, lead.id), asked[lead.id]) for lead in open_leads)
        if lead is not None
    ]


def _take_in(desk: Desk, enquiry: Enquiry) -> None:
    lead, events = capture(
        id=enquiry.id,
        name=enquiry.name,
        company=enquiry.company,
        email=enquiry.email,
        phone=enquiry.phone,
        country=enquiry.country,
        source=enquiry.source,
        fields={"employees": Decimal(enquiry.employees), "product": enquiry.product},
        at=morning(enquiry.on),
        by=Actor("web form"),
    )
    desk.put(lead, events)


def _merge_duplicates(desk: Desk, rules: Rules, asked: dict[str, Enquiry], at: datetime) -> None:
    """Merge the new leads that are the same as another one, of this month or of an earlier one."""
    known = [lead for lead in desk.all(Lead) if lead.merged_into is None and lead.account is None]
    for group in find_duplicates(known, rules.matcher).groups:
        if asked.keys().isdisjoint(group):
            continue
        leads = rank_for_merge(desk.get(Lead, lead_id) for lead_id in group)
        merged, events = merge(plan_merge(*leads), at=at, by=SYSTEM)
        for lead in merged:
            desk.put(lead)
        desk.note(events)


def _judge(desk: Desk, rules: Rules, lead: Lead, enquiry: Enquiry) -> Lead | None:
    """Answer a lead and say whether it is worth a deal; one that nobody could take stays open."""
    if lead.owner is None:
        return None
    rep = Actor(lead.owner, roles={"rep"})
    lead, deadline = set_response_deadline(lead, ANSWER_WITHIN, rules.office, at=lead.created_at, by=SYSTEM)
    answered_at = lead.created_at + enquiry.answered_after
    lead, answered = answer(lead, at=answered_at, by=rep)
    verdict_at = answered_at + timedelta(days=1)
    if enquiry.is_serious and lead.score is not None and lead.score.band != "cold":
        lead, verdict = qualify(lead, at=verdict_at, by=rep)
        return desk.put(lead, (*deadline, *answered, *verdict))
    lead, verdict = disqualify(
        lead, reason="no budget" if enquiry.is_serious else "only looking", at=verdict_at, by=rep
    )
    desk.put(lead, (*deadline, *answered, *verdict))
    return None
