"""Delegation: who approves in the place of somebody who is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import aware

MOST_HOPS = 5
"""How often an approval may be passed on; a house that needs more has nobody left who knows the matter."""

MOST_DELEGATIONS = 1_000


@attrs.frozen(kw_only=True)
class Delegation:
    """For a while, one person approves in the place of another.

    Attributes:
        approver: who is away, with the roles that are passed on; nothing is passed on beyond them.
        delegate: id of who approves instead.
        starts: the first instant at which he may.
        ends: the first at which he no longer may.

    Raises:
        NaiveInstant: an instant has no time zone.
        InvalidInput: a person is blank or delegates to himself, there are no roles, or the period ends before it starts.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.cpq.approvals import Delegation
    >>> leave = Delegation(approver=Actor("chen", roles={"manager"}), delegate="ann",
    ...                    starts=datetime(2026, 3, 2, tzinfo=UTC), ends=datetime(2026, 3, 9, tzinfo=UTC))
    >>> leave.holds(datetime(2026, 3, 8, 23, tzinfo=UTC)), leave.holds(datetime(2026, 3, 9, tzinfo=UTC))
    (True, False)
    """

    approver: Actor
    delegate: str
    starts: datetime = attrs.field(validator=aware)
    ends: datetime = attrs.field(validator=aware)

    def __attrs_post_init__(self) -> None:
        problems = []
        if not self.approver.id.strip():
            problems.append(Problem("approver", "blank", shorten(self.approver.id), "the id of a person"))
        if not self.approver.roles or not all(role.strip() for role in self.approver.roles):
            found = ", ".join(sorted(self.approver.roles)) or None
            problems.append(Problem("approver.roles", "blank", found, "the roles that are passed on"))
        if not self.delegate.strip():
            problems.append(Problem("delegate", "blank", shorten(self.delegate), "the id of a person"))
        elif self.delegate == self.approver.id:
            problems.append(
                Problem("delegate", "self", shorten(self.delegate), "another person than the approver")
            )
        if self.ends <= self.starts:
            wanted = f"an instant after {self.starts.isoformat()}"
            problems.append(Problem("ends", "reversed", self.ends.isoformat(), wanted))
        if problems:
            raise InvalidInput("delegation", problems)

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at an instant."""
        return self.starts <= at < self.ends


def _tuple(given: Iterable[Delegation]) -> tuple[Delegation, ...]:
    return tuple(given)


@attrs.frozen
class Delegations:
    """All delegations of a house, without a ring.

    Attributes:
        every: the delegations, in the order given.

    Raises:
        InvalidInput: at some instant, people delegate to each other in a ring, or one delegates to two for one role; all
            such faults are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.cpq.approvals import Delegation, Delegations
    >>> week = {"starts": datetime(2026, 3, 2, tzinfo=UTC), "ends": datetime(2026, 3, 9, tzinfo=UTC)}
    >>> chen, ann = Actor("chen", roles={"manager"}), Actor("ann", roles={"manager"})
    >>> Delegations([Delegation(approver=chen, delegate="ann", **week), Delegation(approver=ann, delegate="chen", **week)])
    Traceback (most recent call last):
    salesmgmt.core.errors.InvalidInput: delegations has 1 problem:
      delegations[1].delegate: found ann -> chen -> ann, wanted no ring; ...
    """

    every: tuple[Delegation, ...] = attrs.field(default=(), converter=_tuple)

    def __attrs_post_init__(self) -> None:
        if len(self.every) > MOST_DELEGATIONS:
            found, wanted = str(len(self.every)), f"at most {MOST_DELEGATIONS}"
            raise InvalidInput("delegations", [Problem("delegations", "too_many", found, wanted)])
        problems = tuple(_faults(self.every))
        if problems:
            raise InvalidInput("delegations", problems)

    def behind(self, delegate: str, at: datetime) -> Iterator[tuple[Actor, tuple[str, ...]]]:
        """In whose place somebody may act at an instant, the nearest first.

        Yields each with the roles that all hops pass on, and the ids from him to the delegate, both included.

        >>> from datetime import UTC, datetime
        >>> from salesmgmt.core.actor import Actor
        >>> from salesmgmt.cpq.approvals import Delegation, Delegations
        >>> week = {"starts": datetime(2026, 3, 2, tzinfo=UTC), "ends": datetime(2026, 3, 9, tzinfo=UTC)}
        >>> leave = Delegations([Delegation(approver=Actor("chen", roles={"manager"}), delegate="ann", **week)])
        >>> [(approver.id, path) for approver, path in leave.behind("ann", datetime(2026, 3, 3, tzinfo=UTC))]
        [('chen', ('chen', 'ann'))]
        """
        to: dict[str, list[Delegation]] = {}
        for one in self.every:
            if one.holds(at):
                to.setdefault(one.delegate, []).append(one)
        # What the next person passes on: with the first hop that is all of the delegator's roles, and after it
        # what he was given himself.
        here: list[tuple[str, tuple[str, ...], frozenset[str] | None]] = [(delegate, (delegate,), None)]
        for _ in range(MOST_HOPS):
            further: list[tuple[str, tuple[str, ...], frozenset[str] | None]] = []
            for person, path, kept in here:
                for one in to.get(person, ()):
                    roles = one.approver.roles if kept is None else one.approver.roles & kept
                    if roles and one.approver.id not in path:
                        path_there = (one.approver.id, *path)
                        yield Actor(one.approver.id, roles=roles), path_there
                        further.append((one.approver.id, path_there, roles))
            here = further


def _faults(every: tuple[Delegation, ...]) -> Iterator[Problem]:
    by_approver: dict[str, list[Delegation]] = {}
    for position, one in enumerate(every):
        for other in by_approver.get(one.approver.id, ()):
            if _overlap(one, other) and one.approver.roles & other.approver.roles:
                role = min(one.approver.roles & other.approver.roles)
                found = f"{one.approver.id} passes {role} on to {other.delegate} and {one.delegate}"
                yield Problem(
                    f"delegations[{position}].delegate",
                    "twice",
                    shorten(found),
                    "one delegate for a role at a time",
                )
        ring = _ring(one, by_approver)
        if ring:
            yield Problem(
                f"delegations[{position}].delegate",
                "ring",
                shorten(" -> ".join(ring)).strip("'"),
                "no ring",
                "let one of them delegate to somebody else, or at another time",
            )
        by_approver.setdefault(one.approver.id, []).append(one)


def _ring(new: Delegation, known: dict[str, list[Delegation]]) -> tuple[str, ...]:
    """The people of a ring that a delegation closes at an instant at which all of it hold; empty for none."""
    ahead: list[tuple[str, tuple[str, ...], datetime, datetime]]
    ahead = [(new.delegate, (new.approver.id, new.delegate), new.starts, new.ends)]
    seen = set[tuple[str, datetime, datetime]]()
    while ahead:
        person, path, starts, ends = ahead.pop()
        for one in known.get(person, ()):
            begin, end = max(starts, one.starts), min(ends, one.ends)
            if begin >= end:
                continue
            if one.delegate == new.approver.id:
                return (*path, one.delegate)
            if (one.delegate, begin, end) not in seen:
                seen.add((one.delegate, begin, end))
                ahead.append((one.delegate, (*path, one.delegate), begin, end))
    return ()


def _overlap(one: Delegation, other: Delegation) -> bool:
    return one.starts < other.ends and other.starts < one.ends


NOBODY_AWAY = Delegations()
"""Everybody approves himself."""
