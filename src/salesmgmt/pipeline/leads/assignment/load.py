"""What each member has been given so far: a fold of the events of leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import attrs

from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.events import Event, aware, require_aware
from salesmgmt.pipeline.leads.assignment.quota import InvalidQuota
from salesmgmt.pipeline.leads.assignment.rules import MAX_DAYS
from salesmgmt.pipeline.leads.events import (
    LeadAssigned,
    LeadCaptured,
    LeadConverted,
    LeadMoved,
    LeadRecycled,
    LeadsMerged,
    LeadsUnmerged,
)
from salesmgmt.pipeline.leads.lead import LeadStatus

_CLOSED = frozenset({LeadStatus.UNQUALIFIED, LeadStatus.CONVERTED, LeadStatus.MERGED})


@attrs.frozen(kw_only=True)
class Given:
    """Leads that a member was given at one instant.

    Attributes:
        at: when.
        leads: how many.
    """

    at: datetime = attrs.field(validator=aware)
    leads: int


@attrs.frozen(kw_only=True)
class Load:
    """What a member has been given so far in one team.

    Attributes:
        person: who.
        team: in which team; empty in a policy of one team.
        given: the leads of the last days, oldest first.
        last_at: when the member was last given one, however long ago; `None` for never.
        turn: the place within the batch of that instant.
        open_leads: leads that the member has and that are still worked on.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.pipeline.leads import Given, Load
    >>> now = datetime(2026, 1, 9, 9, tzinfo=UTC)
    >>> load = Load(person="ada", given=(Given(at=now - timedelta(days=3), leads=4), Given(at=now, leads=1)))
    >>> load.taken(timedelta(days=1), at=now), load.taken(timedelta(days=30), at=now)
    (1, 5)
    """

    person: PersonId
    team: str = ""
    given: tuple[Given, ...] = ()
    last_at: datetime | None = attrs.field(default=None, validator=aware)
    turn: int = 0
    open_leads: int = 0

    def taken(self, within: timedelta, *, at: datetime) -> int:
        """Return how many leads were given in the time `within` before `at`: after its beginning, up to `at`."""
        until = at.astimezone(
            UTC
        )  # hours of the clock on the wall are no hours when it is put forward or back
        since = until - within
        return sum(given.leads for given in self.given if since < given.at <= until)

    @property
    def idle_since(self) -> tuple[bool, float, int]:
        """What members are ordered by: never given a lead first, then the longest ago."""
        return (False, 0.0, 0) if self.last_at is None else (True, self.last_at.timestamp(), self.turn)


def loads_from(events: Iterable[Event], *, at: datetime, days: int = 30) -> tuple[Load, ...]:
    """Return what each person has been given, from the events of the past.

    Args:
        events: events of leads, those of one lead in their order; others are passed by. An owner that a lead came
            in with has one more open lead, but was given none.
        at: the instant of which the state is asked; later events do not count.
        days: how far back the numbers of leads are kept: the `period_days` of the rules, 1 to 366.

    Raises:
        NotAnInstant, NaiveInstant: `at` is no instant with a time zone.
        InvalidQuota: `days` are no such period.

    >>> from datetime import UTC, datetime, timedelta
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, assign, loads_from
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> _, events = assign(Lead(id="l1", created_at=now), "ada", at=now, by=Actor("crm"))
    >>> [(load.person, load.taken(timedelta(days=1), at=now), load.open_leads) for load in loads_from(events, at=now)]
    [('ada', 1, 1)]
    """
    require_aware(at, "at")
    if not 1 <= days <= MAX_DAYS:
        raise InvalidQuota("the number of days", days, f"1 to {MAX_DAYS} days")
    at = at.astimezone(UTC)
    since = at - timedelta(days=days)
    fold = _Fold()
    for event in events:
        if event.at <= at:
            fold.take(event)
    open_leads = fold.open_leads()
    return tuple(fold.load(key, since, open_leads[key]) for key in {**fold.last, **open_leads})


class _Fold:
    """The state while events are read; keys are (team, person)."""

    __slots__ = ("_closed", "_given", "_owners", "last")

    def __init__(self) -> None:
        self.last: dict[tuple[str, PersonId], tuple[datetime, int]] = {}
        self._given: dict[tuple[str, PersonId], dict[datetime, int]] = {}
        self._owners: dict[LeadId, tuple[str, PersonId]] = {}
        self._closed: set[LeadId] = set()

    def take(self, event: Event) -> None:
        match event:
            case LeadCaptured(owner=str(owner)):
                self._owners[event.lead] = (event.team, owner)
            case LeadAssigned():
                key = (event.team, event.owner)
                self._owners[event.lead] = key
                self.last[key] = max(self.last.get(key, (event.at, event.turn)), (event.at, event.turn))
                given = self._given.setdefault(key, {})
                given[event.at] = given.get(event.at, 0) + 1
            case LeadMoved():
                (self._closed.add if event.target in _CLOSED else self._closed.discard)(event.lead)
            case LeadRecycled():
                self._owners.pop(event.lead, None)
                self._closed.discard(event.lead)
            case LeadConverted():
                self._closed.add(event.lead)
            case LeadsMerged():
                self._closed.update(event.merged)
            case LeadsUnmerged():
                self._closed.difference_update(event.restored)

    def open_leads(self) -> Counter[tuple[str, PersonId]]:
        return Counter(key for lead, key in self._owners.items() if lead not in self._closed)

    def load(self, key: tuple[str, PersonId], since: datetime, open_leads: int) -> Load:
        last_at, turn = self.last.get(key, (None, 0))
        return Load(
            person=key[1],
            team=key[0],
            given=tuple(
                Given(at=at, leads=n) for at, n in sorted(self._given.get(key, {}).items()) if at > since
            ),
            last_at=last_at,
            turn=turn,
            open_leads=open_leads,
        )
