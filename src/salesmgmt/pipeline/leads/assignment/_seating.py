"""Who sits where at the beginning of a batch: obstacles, room, and the place in line by each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from salesmgmt.core.entity import PersonId
from salesmgmt.pipeline.leads.assignment._line import Key, Seat
from salesmgmt.pipeline.leads.assignment._plan import AssignmentPlan
from salesmgmt.pipeline.leads.assignment.load import Load
from salesmgmt.pipeline.leads.assignment.member import Member
from salesmgmt.pipeline.leads.assignment.outcome import AssignmentReason, PassedOverReason
from salesmgmt.pipeline.leads.assignment.quota import daily_quota
from salesmgmt.pipeline.leads.assignment.rules import AssignmentMethod, AssignmentRules, CapacityLimit

_DAY = timedelta(days=1)
_REASONS = {
    AssignmentMethod.LONGEST_IDLE: AssignmentReason.LONGEST_IDLE,
    AssignmentMethod.ROUND_ROBIN: AssignmentReason.NEXT_IN_TURN,
    AssignmentMethod.LEAST_BUSY: AssignmentReason.LEAST_BUSY,
    AssignmentMethod.CAPACITY_WEIGHTED: AssignmentReason.FURTHEST_BEHIND,
    AssignmentMethod.MOST_ROOM: AssignmentReason.MOST_ROOM,
}


def seated(
    plan: AssignmentPlan, known: Mapping[tuple[str, PersonId], Load], *, at: datetime, forced: bool
) -> tuple[tuple[Seat, ...], ...]:
    """Return the members of each team as they sit at the beginning of a batch."""
    today = at.astimezone(plan.clock).date()
    every = []
    for team in plan.teams:
        seats = tuple(
            Seat(member, team.id, place, known.get((team.id, member.person), _none(member, team.id)))
            for place, member in enumerate(team.members)
        )
        for seat in seats:
            _prepare(seat, plan.rules, at=at, today=today, forced=forced)
        _put_in_line(seats, plan.rules.method)
        every.append(seats)
    return tuple(every)


def seat_key(method: AssignmentMethod, seat: Seat, round_: int, place: int) -> Key:
    """Return what a member is ordered by; the smallest is next.

    Args:
        method: the rule.
        seat: the member.
        round_: 0 before the member's first lead of the batch, then 1.
        place: in the round: by idle time before, then by the turns of the batch.
    """
    match method:
        case AssignmentMethod.LEAST_BUSY:
            return float(seat.load.open_leads + seat.given), round_, place
        case AssignmentMethod.CAPACITY_WEIGHTED:
            # Both are whole numbers far below 2^53, so that the quotients of equal shares are equal.
            return (2 * seat.taken + 1) / (seat.member.capacity or 1), round_, place
    return 0.0, round_, place


def reason(method: AssignmentMethod, seat: Seat) -> AssignmentReason:
    """Return why a member is next."""
    if method is AssignmentMethod.LONGEST_IDLE and seat.load.last_at is None and not seat.given:
        return AssignmentReason.NEVER_ASSIGNED
    return _REASONS[method]


def _none(member: Member, team: str) -> Load:
    return Load(person=member.person, team=team)


def _prepare(seat: Seat, rules: AssignmentRules, *, at: datetime, today: date, forced: bool) -> None:
    """Count what the member has taken, and find what stands in the way of taking more."""
    member = seat.member
    period = timedelta(days=rules.period_days)
    seat.taken = seat.load.taken(period, at=at)
    most = _most(member, rules)
    if most is not None:
        within, window = (
            (_DAY, "the last 24 hours")
            if rules.limit is CapacityLimit.DAY
            else (period, f"the last {rules.period_days} days")
        )
        seat.limit = f"fewer than {most} leads in {window}"
        seat.room = most - (0 if forced else seat.load.taken(within, at=at))
    absence = next((each for each in member.absences if each.first <= today <= each.last), None)
    if not member.available:
        seat.obstacle = (PassedOverReason.UNAVAILABLE, "")
    elif member.opted_out:
        seat.obstacle = (PassedOverReason.OPTED_OUT, "")
    elif absence is not None:
        seat.obstacle = (PassedOverReason.ABSENT, f"back after {absence.last}")
    elif member.capacity == 0:
        seat.obstacle = (PassedOverReason.NO_CAPACITY, "a capacity above 0")
    seat.may_take = seat.obstacle is None
    if seat.may_take and most == 0:
        seat.obstacle = (PassedOverReason.NO_CAPACITY, "a capacity of at least one lead a day")
    elif seat.may_take and seat.room is not None and seat.room <= 0:
        seat.obstacle = (PassedOverReason.FULL, seat.limit)


def _most(member: Member, rules: AssignmentRules) -> int | None:
    """The leads that a member may take in a day or a period."""
    if member.capacity is None or rules.limit is CapacityLimit.NONE:
        return None
    if rules.limit is CapacityLimit.DAY:
        return int(daily_quota(member.capacity, days=rules.period_days, rounding=rules.quota_rounding))
    return member.capacity


def _put_in_line(seats: Sequence[Seat], method: AssignmentMethod) -> None:
    by_room = method is AssignmentMethod.MOST_ROOM

    def place(seat: Seat) -> tuple[float, tuple[bool, float, int], int]:
        room = float("inf") if seat.room is None else seat.room
        return -room if by_room else 0.0, seat.load.idle_since, seat.place

    for rank, seat in enumerate(sorted(seats, key=place)):
        seat.key = seat_key(method, seat, 0, rank)
