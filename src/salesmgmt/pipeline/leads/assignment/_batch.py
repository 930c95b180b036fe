"""One batch: the leads go to teams, and in each team to members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.errors import InvalidInput, Problem
from salesmgmt.core.formula import Values
from salesmgmt.pipeline.leads.assignment._filters import Answer
from salesmgmt.pipeline.leads.assignment._line import Line, Pointer, Seat
from salesmgmt.pipeline.leads.assignment._plan import AssignmentPlan
from salesmgmt.pipeline.leads.assignment._routing import Route, Router
from salesmgmt.pipeline.leads.assignment._same import duplicates
from salesmgmt.pipeline.leads.assignment._seating import reason, seat_key, seated
from salesmgmt.pipeline.leads.assignment.load import Given, Load
from salesmgmt.pipeline.leads.assignment.outcome import (
    Assignment,
    AssignmentReason,
    Distribution,
    Left,
    LeftReason,
    PassedOverReason,
)
from salesmgmt.pipeline.leads.assignment.rules import AssignmentMethod, LeadOrder
from salesmgmt.pipeline.leads.lead import Lead

_Waiting: TypeAlias = tuple[Lead, Answer, Route]


class Batch:
    """The state while the leads of one batch are given out."""

    def __init__(
        self,
        plan: AssignmentPlan,
        loads: Iterable[Load],
        *,
        facts: Mapping[LeadId, Values],
        at: datetime,
        forced: bool,
    ) -> None:
        self._plan = plan
        self._facts = facts
        self._at = at
        self._known = _by_seat(loads)
        self._seats = seated(plan, self._known, at=at, forced=forced)
        self._assignments: list[Assignment] = []
        self._left: list[Left] = []
        self._pointers = [self._pointer(seats) for seats in self._seats]

    def share(self, leads: Sequence[Lead]) -> Distribution:
        """Give the leads out; each of them has another id."""
        ordered = sorted(leads, key=_order(self._plan.rules.order))
        waiting: list[list[_Waiting]] = [[] for _ in self._seats]
        for lead, answer, route in self._routed(ordered):
            waiting[route.team].append((lead, answer, route))
        lines: list[Line] = []
        over: list[_Waiting] = []
        for team, ready in enumerate(waiting):
            rest = self._to_those_who_prefer(team, ready)
            line = Line(self._seats[team], self._plan.takes[team], self._pointers[team])
            lines.append(line)
            over.extend(self._through(line, rest))
        self._overflow(lines, over)
        return Distribution(
            assignments=tuple(self._assignments), left=tuple(self._left), loads=tuple(self._loads())
        )

    def _routed(self, leads: Sequence[Lead]) -> Iterator[_Waiting]:
        """Yield the leads that go to a team; the others are left."""
        plan = self._plan
        same_as = duplicates(leads, plan.rules.deduplicate)
        asker = plan.conditions.asker()
        router = Router(plan.routes, self._weights(), self._counts())
        for lead in leads:
            if not lead.is_open or lead.owner is not None:
                self._left.append(
                    Left(lead=lead.key, code=LeftReason.OWNED if lead.is_open else LeftReason.CLOSED)
                )
                continue
            if lead.key in same_as:
                self._left.append(Left(lead=lead.key, code=LeftReason.DUPLICATE, same_as=same_as[lead.key]))
                continue
            answer = asker.ask(lead, self._facts.get(lead.key))
            route = router.route(lead, answer)
            if isinstance(route, LeftReason):
                self._left.append(Left(lead=lead.key, code=route))
            else:
                yield lead, answer, route

    def _to_those_who_prefer(self, team: int, ready: list[_Waiting]) -> list[_Waiting]:
        """Give leads to those who prefer them, and return the rest."""
        needs = self._plan.prefers[team]
        if not needs:
            return ready
        line = Line(self._seats[team], needs, self._pointers[team])
        return list(self._through(line, ready, AssignmentReason.PREFERRED))

    def _through(
        self, line: Line, ready: Iterable[_Waiting], why: AssignmentReason | None = None
    ) -> Iterator[_Waiting]:
        """Give leads to the members of a line; yield those that nobody takes."""
        for waiting in ready:
            if not self._give(line, waiting, why):
                yield waiting

    def _give(self, line: Line, waiting: _Waiting, why: AssignmentReason | None) -> bool:
        lead, answer, _ = waiting
        seat = line.next(answer)
        if seat is None:
            return False
        turn = len(self._assignments) + 1
        self._assignments.append(
            Assignment(
                lead=lead.key,
                owner=seat.member.person,
                team=seat.team,
                reason=why or reason(self._plan.rules.method, seat),
                turn=turn,
                passed_over=line.passed_over(answer),
            )
        )
        seat.given += 1
        seat.taken += 1
        seat.turn = turn
        seat.key = seat_key(self._plan.rules.method, seat, 1, turn)
        if seat.room is not None:
            seat.room -= 1
            if seat.room == 0:
                seat.obstacle = (PassedOverReason.FULL, seat.limit)
        pointer = self._pointers[self._plan.routes.numbers[seat.team]]
        if pointer is not None:
            pointer.place = seat.place
        line.moved(seat)
        return True

    def _overflow(self, lines: Sequence[Line], over: Iterable[_Waiting]) -> None:
        for waiting in over:
            lead, answer, route = waiting
            others = route.others if self._plan.rules.overflow else ()
            if any(self._give(lines[team], waiting, None) for team in others if team != route.team):
                continue
            self._left.append(
                Left(
                    lead=lead.key,
                    code=LeftReason.NO_TAKER,
                    team=self._plan.teams[route.team].id,
                    passed_over=lines[route.team].passed_over(answer),
                )
            )

    def _pointer(self, seats: Sequence[Seat]) -> Pointer | None:
        if self._plan.rules.method is not AssignmentMethod.ROUND_ROBIN:
            return None
        last = max(seats, key=lambda seat: seat.load.idle_since, default=None)
        return Pointer(-1 if last is None or last.load.last_at is None else last.place)

    def _weights(self) -> list[int]:
        """The capacities of those who take leads; where one has no limit, their number."""
        takers = [[seat.member for seat in seats if seat.may_take] for seats in self._seats]
        if any(member.capacity is None for members in takers for member in members):
            return [len(members) for members in takers]
        return [sum(member.capacity or 0 for member in members) for members in takers]

    def _counts(self) -> list[int]:
        return [sum(seat.taken for seat in seats) for seats in self._seats]

    def _loads(self) -> Iterator[Load]:
        """Yield what each has been given now; what is known of others goes on as it is."""
        since = self._at - timedelta(days=self._plan.rules.period_days)
        known = dict(self._known)
        for seats in self._seats:
            for seat in seats:
                known.pop((seat.team, seat.member.person), None)
                yield _load(seat, self._at, since)
        yield from (known[key] for key in sorted(known))


def _by_seat(loads: Iterable[Load]) -> dict[tuple[str, PersonId], Load]:
    found: dict[tuple[str, PersonId], Load] = {}
    problems: list[Problem] = []
    for load in loads:
        path = f"{load.team}.{load.person}" if load.team else load.person
        if found.setdefault((load.team, load.person), load) != load:
            problems.append(
                Problem(path, "twice", "two different loads", "one load of each member in a team")
            )
        if least := min((each.leads for each in load.given if each.leads < 0), default=0):
            problems.append(
                Problem(f"{path}.given", "out_of_range", f"{least} leads", "a number not below 0")
            )
    if problems:
        raise InvalidInput("the loads", problems)
    return found


def _load(seat: Seat, at: datetime, since: datetime) -> Load:
    load = seat.load
    given = {each.at: each.leads for each in load.given if each.at > since}
    if seat.given:
        given[at] = given.get(at, 0) + seat.given
    kept = tuple(Given(at=moment, leads=leads) for moment, leads in sorted(given.items()))
    if not seat.given:
        return attrs.evolve(load, given=kept)
    last_at, turn = max((load.last_at or at, load.turn), (at, seat.turn))
    return attrs.evolve(load, given=kept, last_at=last_at, turn=turn, open_leads=load.open_leads + seat.given)


_ORDERS: Mapping[LeadOrder, Callable[[Lead], tuple[float, ...]]] = {
    LeadOrder.OLDEST: lambda lead: (lead.created_at.timestamp(),),
    LeadOrder.NEWEST: lambda lead: (-lead.created_at.timestamp(),),
    LeadOrder.HIGHEST_SCORE: lambda lead: (-_points(lead), lead.created_at.timestamp()),
    LeadOrder.HIGHEST_PRIORITY: lambda lead: (-lead.priority, -_points(lead), lead.created_at.timestamp()),
}


def _order(order: LeadOrder) -> Callable[[Lead], tuple[tuple[float, ...], str]]:
    """The key that the leads of a batch are sorted by."""
    first = _ORDERS[order]
    return lambda lead: (first(lead), lead.id)


def _points(lead: Lead) -> int:
    return 0 if lead.score is None else lead.score.points
