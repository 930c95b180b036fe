"""The members of a team in line: who is next of those who can take a lead, without asking each of them."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Protocol, TypeAlias

from salesmgmt.pipeline.leads.assignment._filters import Answer
from salesmgmt.pipeline.leads.assignment.load import Load
from salesmgmt.pipeline.leads.assignment.member import Member
from salesmgmt.pipeline.leads.assignment.outcome import PassedOver, PassedOverReason

_REMEMBERED = 2_000
"""Answers for which it is remembered who may take such a lead; then remembering begins anew."""

Key: TypeAlias = tuple[float, int, int]
"""What the members of a line are ordered by: a figure of the method, the round, the place in the round."""


class Seat:
    """A member in a team during one batch.

    Attributes:
        member: who.
        team: id of the team.
        place: in the order of the team.
        load: what the member was given before the batch.
        room: leads that the member may still take; `None` for no limit.
        limit: that limit in words.
        may_take: whether the member is here to take leads at all.
        obstacle: why the member cannot take any lead, and what would have been needed.
        taken: leads of the period, those of this batch included.
        given: leads of this batch.
        turn: of the last of them.
        key: the place in line.
    """

    __slots__ = (
        "given",
        "key",
        "limit",
        "load",
        "may_take",
        "member",
        "obstacle",
        "place",
        "room",
        "taken",
        "team",
        "turn",
    )

    def __init__(self, member: Member, team: str, place: int, load: Load) -> None:
        self.member = member
        self.team = team
        self.place = place
        self.load = load
        self.room: int | None = None
        self.limit = ""
        self.may_take = True
        self.taken = 0
        self.obstacle: tuple[PassedOverReason, str] | None = None
        self.given = 0
        self.turn = 0
        self.key: Key = (0.0, 0, place)


class Lane(Protocol):
    """The members in line whose conditions are the same."""

    people: tuple[Seat, ...]

    def first(self) -> tuple[Key, Seat] | None:
        """Return who is next in this lane; `None` when nobody has room."""

    def put_back(self, seat: Seat) -> None:
        """Put somebody back whose key has changed."""

    def remove(self, seat: Seat) -> None:
        """Take somebody out who has no more room."""


class KeyLane:
    """A lane in the order of the keys."""

    __slots__ = ("_heap", "people")

    def __init__(self, people: Sequence[Seat]) -> None:
        self.people = tuple(people)
        self._heap = [(seat.key, seat.place, seat) for seat in people]
        heapify(self._heap)

    def first(self) -> tuple[Key, Seat] | None:
        while self._heap:
            key, _, seat = self._heap[0]
            if seat.obstacle is None and seat.key == key:
                return key, seat
            heappop(self._heap)
        return None

    def put_back(self, seat: Seat) -> None:
        heappush(self._heap, (seat.key, seat.place, seat))

    def remove(self, seat: Seat) -> None:
        """Nothing to do: `first` passes by whoever has an obstacle."""


class Pointer:
    """The place in the order of a team of whoever was given the last lead; -1 for nobody."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place


class RingLane:
    """A lane in the order of the team, beginning behind the last owner."""

    __slots__ = ("_places", "_pointer", "_seats", "people")

    def __init__(self, people: Sequence[Seat], pointer: Pointer) -> None:
        self.people = tuple(people)
        self._seats = {seat.place: seat for seat in people}
        self._places: list[int] = []
        for place in self._seats:
            insort(self._places, place)
        self._pointer = pointer

    def first(self) -> tuple[Key, Seat] | None:
        if not self._places:
            return None
        behind = bisect_right(self._places, self._pointer.place)
        is_next_round = behind == len(self._places)
        place = self._places[0 if is_next_round else behind]
        return (float(is_next_round), 0, place), self._seats[place]

    def put_back(self, seat: Seat) -> None:
        """Nothing to do: the pointer has moved."""

    def remove(self, seat: Seat) -> None:
        self._places.remove(seat.place)


class Line:
    """The members of a team who may take leads, in lanes of equal conditions.

    Args:
        seats: all members of the team.
        needs: by place: the bits of the conditions that must hold, and these in words; who has none is not in line.
        pointer: for turns in the order of the team; `None` for the order of the keys.
    """

    __slots__ = (
        "_accepting",
        "_blocked",
        "_groups",
        "_lane_of",
        "_lanes",
        "_mask",
        "_passed_over",
        "_refused",
    )

    def __init__(
        self,
        seats: Sequence[Seat],
        needs: Mapping[int, tuple[int, str]],
        pointer: Pointer | None,
    ) -> None:
        groups: dict[int, list[Seat]] = {}
        wanted: dict[int, str] = {}
        for seat in seats:
            if seat.obstacle is None and seat.place in needs:
                need, text = needs[seat.place]
                groups.setdefault(need, []).append(seat)
                wanted[need] = text
        self._groups: dict[tuple[PassedOverReason, str], list[tuple[int, str]]] = {}
        for seat in seats:
            if seat.obstacle is not None and seat.place in needs:
                self._groups.setdefault(seat.obstacle, []).append((seat.place, seat.member.person))
        self._lanes: tuple[tuple[int, str, Lane], ...] = tuple(
            (need, wanted[need], KeyLane(people) if pointer is None else RingLane(people, pointer))
            for need, people in groups.items()
        )
        self._lane_of = {seat.place: (need, lane) for need, _, lane in self._lanes for seat in lane.people}
        self._mask = 0
        for need in groups:
            self._mask |= need
        self._accepting: dict[int, tuple[Lane, ...]] = {}
        self._passed_over: dict[tuple[int, int], tuple[PassedOver, ...]] = {}
        self._refused: dict[tuple[int, PassedOverReason], PassedOver] = {}
        self._blocked: tuple[PassedOver, ...] | None = None

    def next(self, answer: Answer) -> Seat | None:
        """Return who is next of those whose conditions hold; `None` when there is nobody."""
        holds = answer.holds & self._mask
        lanes = self._accepting.get(holds)
        if lanes is None:
            lanes = tuple(lane for need, _, lane in self._lanes if holds & need == need)
            if len(self._accepting) >= _REMEMBERED:
                self._accepting.clear()
            self._accepting[holds] = lanes
        best: tuple[Key, Seat] | None = None
        for lane in lanes:
            found = lane.first()
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return None if best is None else best[1]

    def moved(self, seat: Seat) -> None:
        """Take note that a member was given a lead: the key has changed, or the room is used up."""
        need, lane = self._lane_of[seat.place]
        if seat.obstacle is None:
            lane.put_back(seat)
        else:
            lane.remove(seat)
            insort(self._groups.setdefault(seat.obstacle, []), (seat.place, seat.member.person))
            self._passed_over.clear()
            self._refused.pop((need, PassedOverReason.FILTER), None)
            self._refused.pop((need, PassedOverReason.UNDECIDED), None)
            self._blocked = None

    def passed_over(self, answer: Answer) -> tuple[PassedOver, ...]:
        """Return who cannot take a lead with this answer, and why; equal answers share one tuple."""
        key = (answer.holds & self._mask, answer.undecided & self._mask)
        found = self._passed_over.get(key)
        if found is None:
            found = tuple(self._refusing(*key))
            if len(self._passed_over) >= _REMEMBERED:
                self._passed_over.clear()
            self._passed_over[key] = found
        return found

    def _refusing(self, holds: int, undecided: int) -> Iterable[PassedOver]:
        if self._blocked is None:
            self._blocked = tuple(
                PassedOver(people=tuple([person for _, person in people]), code=code, wanted=wanted)
                for (code, wanted), people in self._groups.items()
            )
        yield from self._blocked
        for need, text, lane in self._lanes:
            if holds & need != need:
                code = PassedOverReason.UNDECIDED if need & undecided else PassedOverReason.FILTER
                group = self._refused.get((need, code))
                if group is None:
                    people = tuple(seat.member.person for seat in lane.people if seat.obstacle is None)
                    group = self._refused[need, code] = PassedOver(people=people, code=code, wanted=text)
                if group.people:
                    yield group
