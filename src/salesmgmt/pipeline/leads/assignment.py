"""Assignment: which member of the team a lead goes to, the same every time and with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.definition import load_definition
from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import Event, require_aware
from salesmgmt.core.findings import Finding, Severity, duplicate_ids, refuse_errors
from salesmgmt.core.formula import FactType, Formula, Values, declare, lint_condition
from salesmgmt.pipeline.leads.events import LeadAssigned
from salesmgmt.pipeline.leads.facts import LEAD_SCHEMA, lead_values, lint_unused
from salesmgmt.pipeline.leads.lead import Lead, LeadStatus


@attrs.frozen(kw_only=True)
class Member:
    """Somebody who takes leads.

    Attributes:
        person: who.
        capacity: leads that the member takes in one period; `None` for no limit.
        takes: a condition over `lead.*` and the declared facts; empty for every lead.
        available: whether the member takes leads at present.
    """

    person: PersonId
    capacity: int | None = None
    takes: str = ""
    available: bool = True


@attrs.frozen(kw_only=True)
class Load:
    """What a member has been given so far.

    Attributes:
        person: who.
        taken: leads taken in the present period.
        last_at: when the member was last given one, in whatever period; `None` for never.
        turn: the place within the batch of that instant.
    """

    person: PersonId
    taken: int = 0
    last_at: datetime | None = None
    turn: int = 0


class AssignmentReason(StrEnum):
    """Why a lead goes to this member and no other."""

    NEVER_ASSIGNED = "never_assigned"
    """Nobody else who could take it had waited for a first lead; of several, the first in the list."""
    LONGEST_IDLE = "longest_idle"
    """Of those who could take it, the last lead of this one lies furthest back."""


class PassedOverReason(StrEnum):
    """Why a member is not given a lead."""

    UNAVAILABLE = "unavailable"
    FULL = "full"
    FILTER = "filter"


@attrs.frozen(kw_only=True)
class PassedOver:
    """A member who could not take a lead.

    Attributes:
        person: who.
        code: why.
        wanted: what would have been needed: the part of the filter that failed, or room.
        found: what there was.
    """

    person: PersonId
    code: PassedOverReason
    wanted: str = ""
    found: object = None


@attrs.frozen(kw_only=True)
class Assignment:
    """A lead and who it goes to.

    Attributes:
        lead: the lead.
        owner: who it goes to.
        reason: why.
        turn: the place in the batch.
        passed_over: those who were next in line and could not take it.
    """

    lead: LeadId
    owner: PersonId
    reason: AssignmentReason
    turn: int
    passed_over: tuple[PassedOver, ...] = ()


class LeftReason(StrEnum):
    """Why a lead goes to nobody."""

    OWNED = "owned"
    """It has an owner."""
    CLOSED = "closed"
    """It was given up, converted or merged."""
    NO_TAKER = "no_taker"
    """Every member was passed over."""


@attrs.frozen(kw_only=True)
class Left:
    """A lead that goes to nobody.

    Attributes:
        lead: the lead.
        code: why.
        passed_over: why not to each member, when nobody could take it.
    """

    lead: LeadId
    code: LeftReason
    passed_over: tuple[PassedOver, ...] = ()


@attrs.frozen(kw_only=True)
class Distribution:
    """The answer of an assigner: every lead that it was given is in one of the two lists.

    Attributes:
        assignments: who gets which lead, in order.
        left: the leads that go to nobody, and why.
        loads: what each member has been given once this is carried out; the input of the next batch.
    """

    assignments: tuple[Assignment, ...]
    left: tuple[Left, ...]
    loads: tuple[Load, ...]


@attrs.frozen(kw_only=True)
class AssignmentPolicy:
    """A team and who takes what, as data: load it, then compile it once.

    Attributes:
        id: name of the policy.
        version: raised by its author with each change.
        facts: type of each further name that filters use; custom fields are `lead.fields.<name>`.
        members: the team; its order decides between members who have waited equally long.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.leads import AssignmentPolicy, Lead, Member
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> policy = AssignmentPolicy(id="north", members=(Member(person="ada", capacity=1), Member(person="bo")))
    >>> leads = [Lead(id=id_, name="Ana", created_at=now) for id_ in ("l1", "l2", "l3")]
    >>> shared = policy.compile().distribute(leads, at=now)
    >>> [(given.lead, given.owner, given.reason.value) for given in shared.assignments]
    [('l1', 'ada', 'never_assigned'), ('l2', 'bo', 'never_assigned'), ('l3', 'bo', 'longest_idle')]
    """

    id: str
    version: int = 1
    facts: Mapping[str, FactType] = attrs.field(factory=dict)
    members: tuple[Member, ...]

    @classmethod
    def load(cls, path: Path | str) -> AssignmentPolicy:
        """Read a policy from a TOML file.

        Raises:
            InvalidInput: the file is no such definition; all problems are listed.
            InvalidDefinition: the policy cannot work; all findings are listed.
        """
        policy = load_definition(path, cls)
        refuse_errors(f"assignment policy {policy.id}", policy.lint())
        return policy

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the lint has to say about this policy."""
        return tuple(self.lint())

    def compile(self) -> Assigner:
        """Return the assigner of this policy; raises `InvalidDefinition` when it cannot work."""
        refuse_errors(f"assignment policy {self.id}", self.lint())
        return Assigner(self)

    def lint(self) -> Iterator[Finding]:
        """Yield what is wrong or doubtful in this policy."""
        declared = declare(self.facts, LEAD_SCHEMA)
        schema = declared.schema
        yield from declared.findings
        if not self.members:
            yield Finding(
                code="no_member", where="members", message="nobody takes a lead", hint="name a member"
            )
        yield from duplicate_ids("members", (member.person for member in self.members))
        for member in self.members:
            where = f"members.{member.person}"
            if member.takes:
                yield from lint_condition(member.takes, schema, where)[1]
            if member.capacity is not None and member.capacity < 1:
                yield Finding(
                    code="no_capacity",
                    where=where,
                    message=f"a capacity of {member.capacity} takes no lead",
                    hint="set available = false if that is meant",
                    severity=Severity.WARNING if member.capacity == 0 else Severity.ERROR,
                )
        yield from lint_unused(self.facts, [member.takes for member in self.members if member.takes], schema)


class Assigner:
    """A compiled `AssignmentPolicy`: immutable, thread-safe, and pickled as its policy.

    Made by `AssignmentPolicy.compile()`.

    Attributes:
        policy: the policy it was made from.
    """

    __slots__ = ("_filters", "policy")

    def __init__(self, policy: AssignmentPolicy) -> None:
        self.policy = policy
        schema = declare(policy.facts, LEAD_SCHEMA).schema
        self._filters = {
            member.person: Formula.parse(member.takes, schema) if member.takes else None
            for member in policy.members
        }

    def __reduce__(self) -> tuple[Any, ...]:
        return AssignmentPolicy.compile, (self.policy,)

    def distribute(
        self,
        leads: Iterable[Lead],
        loads: Iterable[Load] = (),
        *,
        facts: Mapping[LeadId, Values] | None = None,
        at: datetime,
    ) -> Distribution:
        """Say who gets which lead: the oldest lead first, to the member who has waited longest and can take it.

        Nothing is random: the same leads, in whatever order they come, and the same loads give the same answer.

        Args:
            leads: the leads; those with an owner, and those that are closed, are left alone.
            loads: what each member has been given so far; a member without one has been given nothing.
            facts: values of the declared facts by lead; what is absent counts as missing.
            at: when the leads are given out.

        Raises:
            NaiveInstant: `at` has no time zone.
        """
        require_aware(at, "at")
        known = {load.person: load for load in loads}
        state = {
            member.person: known.get(member.person, Load(person=member.person))
            for member in self.policy.members
        }
        # Whoever is given a lead goes to the end of the queue, so that one instant for the whole batch is no tie.
        queue = sorted(self.policy.members, key=lambda member: _idle_since(state[member.person]))
        assignments: list[Assignment] = []
        left: list[Left] = []
        waiting = {lead.id: lead for lead in leads}  # a lead that is given twice is one lead
        for lead in sorted(waiting.values(), key=lambda lead: (lead.created_at, lead.id)):
            if not lead.is_open or lead.owner is not None:
                code = LeftReason.OWNED if lead.is_open else LeftReason.CLOSED
                left.append(Left(lead=lead.key, code=code))
                continue
            values = lead_values(lead, (facts or {}).get(lead.key))
            passed_over: list[PassedOver] = []
            for place, member in enumerate(queue):
                load = state[member.person]
                obstacle = self._obstacle(member, load, values)
                if obstacle is None:
                    turn = len(assignments) + 1
                    assignments.append(
                        Assignment(
                            lead=lead.key,
                            owner=member.person,
                            reason=AssignmentReason.NEVER_ASSIGNED
                            if load.last_at is None
                            else AssignmentReason.LONGEST_IDLE,
                            turn=turn,
                            passed_over=tuple(passed_over),
                        )
                    )
                    state[member.person] = attrs.evolve(load, taken=load.taken + 1, last_at=at, turn=turn)
                    queue.append(queue.pop(place))
                    break
                passed_over.append(obstacle)
            else:
                left.append(Left(lead=lead.key, code=LeftReason.NO_TAKER, passed_over=tuple(passed_over)))
        return Distribution(assignments=tuple(assignments), left=tuple(left), loads=tuple(state.values()))

    def _obstacle(self, member: Member, load: Load, values: Values) -> PassedOver | None:
        person = member.person
        if not member.available:
            return PassedOver(person=person, code=PassedOverReason.UNAVAILABLE)
        if member.capacity is not None and load.taken >= member.capacity:
            return PassedOver(
                person=person,
                code=PassedOverReason.FULL,
                wanted=f"fewer than {member.capacity} leads",
                found=load.taken,
            )
        condition = self._filters[person]
        unmet = None if condition is None else condition.why_not(values)
        if unmet is None:
            return None
        return PassedOver(
            person=person, code=PassedOverReason.FILTER, wanted=unmet.condition, found=dict(unmet.found)
        )


def _idle_since(load: Load) -> tuple[bool, float, int]:
    if load.last_at is None:
        return False, 0.0, 0
    return True, load.last_at.timestamp(), load.turn


def loads_from(events: Iterable[Event], *, since: datetime) -> tuple[Load, ...]:
    """Return what each person has been given, from the events of the past.

    Args:
        events: events in any order; only `LeadAssigned` counts.
        since: where the present period begins; what came before tells only how long somebody has waited.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, assign, loads_from
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> _, events = assign(Lead(id="l1", created_at=now), "ada", at=now, by=Actor("crm"))
    >>> [(load.person, load.taken) for load in loads_from(events, since=now)]
    [('ada', 1)]
    """
    loads: dict[PersonId, Load] = {}
    for event in events:
        if isinstance(event, LeadAssigned):
            load = loads.get(event.owner, Load(person=event.owner))
            last = Load(person=event.owner, last_at=event.at, turn=event.turn)
            newer = last if _idle_since(last) > _idle_since(load) else load
            loads[event.owner] = attrs.evolve(newer, taken=load.taken + (event.at >= since))
    return tuple(loads.values())


class CannotAssign(SalesError, ValueError):
    """A lead was given to somebody after it was converted or merged.

    Attributes:
        lead: id of the lead.
        status: what it is.
    """

    code = "cannot_assign"

    def __init__(self, lead: str, status: LeadStatus) -> None:
        super().__init__(
            f"lead {lead} is {status} and has no owner of its own any more",
            hint="assign what it became, or the lead that carries on",
        )
        self.lead = lead
        self.status = status


def assign(
    lead: Lead, owner: PersonId, *, reason: str = "", turn: int = 0, at: datetime, by: Actor
) -> tuple[Lead, tuple[Event, ...]]:
    """Give a lead to an owner; to the owner it has, changes nothing.

    Args:
        lead: the lead.
        owner: who looks after it from now on.
        reason: why; of an `Assignment`, its reason.
        turn: of an `Assignment`, its turn.
        at: when.
        by: who decides it.

    Raises:
        CannotAssign: the lead was converted or merged.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.pipeline.leads import Lead, assign
    >>> now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> lead, (assigned,) = assign(Lead(id="l1", created_at=now), "ada", at=now, by=Actor("crm"))
    >>> lead.owner, assigned.previous
    ('ada', None)
    """
    if lead.status in {LeadStatus.CONVERTED, LeadStatus.MERGED}:
        raise CannotAssign(lead.id, lead.status)
    if lead.owner == owner:
        return lead, ()
    event = LeadAssigned(
        at=at,
        by=by,
        subjects=(lead.ref,),
        lead=lead.key,
        owner=owner,
        previous=lead.owner,
        reason=reason,
        turn=turn,
    )
    return attrs.evolve(lead, owner=owner), (event,)
