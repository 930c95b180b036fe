"""The rules of an assignment that name nobody: who is next, which lead comes first, and what a capacity means."""

from __future__ import annotations

from enum import StrEnum

import attrs

from salesmgmt.core.rounding import RoundingMode


class AssignmentMethod(StrEnum):
    """Who of those who can take a lead gets it; whoever has waited longest wins every tie."""

    LONGEST_IDLE = "longest_idle"
    """Whose last lead lies furthest back; who never had one comes first."""
    ROUND_ROBIN = "round_robin"
    """The next in the order of the team after the last owner; who cannot take a lead loses this turn."""
    LEAST_BUSY = "least_busy"
    """Who has the fewest open leads."""
    CAPACITY_WEIGHTED = "capacity_weighted"
    """Who is furthest behind a share in proportion to capacity: the smallest (taken + 1/2) / capacity (Webster 1832)."""
    MOST_ROOM = "most_room"
    """First round: who may take most leads today; then the members take turns."""


class LeadOrder(StrEnum):
    """Which lead is given out first; of equal ones the oldest, then the smallest id."""

    OLDEST = "oldest"
    NEWEST = "newest"
    HIGHEST_SCORE = "highest_score"
    """Most points first; a lead without a score counts as 0."""
    HIGHEST_PRIORITY = "highest_priority"
    """Highest priority first, then most points."""


class CapacityLimit(StrEnum):
    """What the capacity of a member, in leads a period, limits."""

    PERIOD = "period"
    """The leads of the last `period_days` days."""
    DAY = "day"
    """The leads of the last 24 hours: `daily_quota` of the capacity."""
    NONE = "none"
    """Nothing: a capacity is only a weight."""


class SameLead(StrEnum):
    """What two leads have in common when they count as one."""

    CONTACT = "contact"
    EMAIL = "email"
    """The mail address, normalised."""
    PHONE = "phone"
    """The phone number, normalised."""


MAX_DAYS = 366
"""The longest period that a capacity can be for."""


@attrs.frozen(kw_only=True)
class AssignmentRules:
    """How leads are shared out, whoever takes them.

    Attributes:
        method: who is next.
        order: which lead comes first.
        limit: what a capacity limits.
        period_days: the days that a capacity is for, 1 to 366; the last ones, counted back from the batch.
        quota_rounding: how capacity / days becomes whole leads a day.
        deduplicate: what makes two leads one; only the first of them is given out. Empty for no such question.
        overflow: whether a lead that nobody of its team has room for goes to another team whose filter holds.
        time_zone: the clock by which an absence begins and ends.

    >>> from salesmgmt.pipeline.leads import AssignmentRules
    >>> AssignmentRules().method.value, AssignmentRules().limit.value, AssignmentRules().period_days
    ('longest_idle', 'period', 30)
    """

    method: AssignmentMethod = AssignmentMethod.LONGEST_IDLE
    order: LeadOrder = LeadOrder.OLDEST
    limit: CapacityLimit = CapacityLimit.PERIOD
    period_days: int = 30
    quota_rounding: RoundingMode = RoundingMode.HALF_UP
    deduplicate: tuple[SameLead, ...] = ()
    overflow: bool = True
    time_zone: str = "UTC"
