"""What comes of sharing leads out: who gets which lead and why, and which leads go to nobody."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.entity import LeadId, PersonId
from salesmgmt.pipeline.leads.assignment.load import Load


class AssignmentReason(StrEnum):
    """Why a lead goes to this member and no other of those who could take it."""

    NEVER_ASSIGNED = "never_assigned"
    """Was never given a lead; of several, the first in the list."""
    LONGEST_IDLE = "longest_idle"
    """The last lead of this one lies furthest back."""
    NEXT_IN_TURN = "next_in_turn"
    """Comes next in the order of the team."""
    LEAST_BUSY = "least_busy"
    """Has the fewest open leads."""
    FURTHEST_BEHIND = "furthest_behind"
    """Is furthest behind a share in proportion to capacity."""
    MOST_ROOM = "most_room"
    """May take most leads, or has waited longest since the first round."""
    PREFERRED = "preferred"
    """Prefers such leads, and was next of those who do."""


class PassedOverReason(StrEnum):
    """Why a member cannot take a lead."""

    UNAVAILABLE = "unavailable"
    OPTED_OUT = "opted_out"
    ABSENT = "absent"
    NO_CAPACITY = "no_capacity"
    """The capacity is 0, or rounds to no lead a day."""
    FULL = "full"
    FILTER = "filter"
    UNDECIDED = "undecided"
    """The filter has no answer: a value of the lead is of another type, or of another currency."""


@attrs.frozen(kw_only=True)
class PassedOver:
    """Members of a team who could not take a lead, for one and the same reason.

    `Assigner.why_not` says what the lead had instead of what a filter wanted.

    Attributes:
        people: who, in the order of the team.
        code: why.
        wanted: what would have been needed: the filter, or room.
    """

    people: tuple[PersonId, ...]
    code: PassedOverReason
    wanted: str = ""


@attrs.frozen(kw_only=True)
class Assignment:
    """A lead and who it goes to.

    Attributes:
        lead: the lead.
        owner: who it goes to.
        team: through which team; empty in a policy of one team.
        reason: why.
        turn: the place in the batch.
        passed_over: the others of the team who could not take it; those who could were not next.
    """

    lead: LeadId
    owner: PersonId
    team: str = ""
    reason: AssignmentReason
    turn: int
    passed_over: tuple[PassedOver, ...] = ()


class LeftReason(StrEnum):
    """Why a lead goes to nobody."""

    OWNED = "owned"
    """It has an owner."""
    CLOSED = "closed"
    """It was given up, converted or merged."""
    DUPLICATE = "duplicate"
    """It is the same as another lead of the batch; merge them."""
    NO_TERRITORY = "no_territory"
    """It lies in none of the territories."""
    NO_TEAM = "no_team"
    """The filter of no team holds."""
    UNKNOWN_TEAM = "unknown_team"
    """It belongs to a team of which the policy knows nothing."""
    UNDECIDED = "undecided"
    """The condition of a territory has no answer for it: a value is of another type, or of another currency."""
    NO_TAKER = "no_taker"
    """Nobody of its team could take it; it waits there."""


@attrs.frozen(kw_only=True)
class Left:
    """A lead that goes to nobody.

    Attributes:
        lead: the lead.
        code: why.
        team: the team that it waits in; empty when there is none.
        same_as: the lead that stands for it, of a duplicate.
        passed_over: why not to each member of the team, when nobody could take it.
    """

    lead: LeadId
    code: LeftReason
    team: str = ""
    same_as: LeadId | None = None
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
