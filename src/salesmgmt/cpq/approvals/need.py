"""What approval is needed, why, and who may give it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.cpq.approvals.delegation import NOBODY_AWAY, Delegations
from salesmgmt.cpq.approvals.figures import shown
from salesmgmt.cpq.approvals.refusals import ApprovalRefusal
from salesmgmt.cpq.approvals.rule import Operator, voices
from salesmgmt.engines.metrics import Figure

_HOUR = 3_600_000_000
"""Microseconds."""


@attrs.frozen
class Authority:
    """On whose authority somebody approves.

    Attributes:
        approver: who has the role, with his roles: the actor himself, or the one in whose place he acts.
        path: ids from him to the actor, both included; one id when the actor acts for himself.
    """

    approver: Actor
    path: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ApprovalNeed:
    """An approval that is needed, and why.

    Attributes:
        rule: id of the rule.
        metric: the figure it is about.
        operator: how the rule compares it.
        found: the figure; `None` when it is not known.
        wanted: what would need no approval.
        terms: what exactly is to be approved where the figure is not known, such as the digest of a version; an approval holds
            for the same alone.
        roles: who may approve.
        level: how high in the house that is.
        chain: the chain in which its level must be reached first; empty when it is asked at once.
        quorum: how many of the roles must agree: `any_of`, `all_of`, or a number.
        reason_required: whether the approval must say why.
        own_request: whether people may approve what they asked for themselves.
        delegable: whether somebody may stand in for one who has the role.
        delegates: roles of which such a person must have one; empty for anybody.
        due_hours: hours in which it is due, from when it was asked; `None` for ever.
        escalates_to: further roles that may give it once it is overdue.
        asked_at: when it was asked; `None` while its chain has not come so far.
        escalated_at: when it was found overdue and went to `escalates_to`; `None` when it did not.
        code: (class) `approval`.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import ApprovalNeed
    >>> print(ApprovalNeed(
    ...     rule="deep", metric="effective_discount_percent", operator=">", found=Percent(25),
    ...     wanted="effective_discount_percent <= 20%", roles=("manager",),
    ... ))
    deep: wanted effective_discount_percent <= 20%, found 25%; manager may approve
    """

    code: ClassVar[str] = "approval"

    rule: str
    metric: str
    operator: Operator = attrs.field(converter=Operator)
    found: Figure | None
    wanted: str
    terms: str = ""
    roles: tuple[str, ...]
    level: int = 1
    chain: str = ""
    quorum: str = "any_of"
    reason_required: bool = False
    own_request: bool = False
    delegable: bool = True
    delegates: tuple[str, ...] = ()
    due_hours: Decimal | None = None
    escalates_to: tuple[str, ...] = ()
    asked_at: datetime | None = None
    escalated_at: datetime | None = None

    def __str__(self) -> str:
        found = "nothing" if self.found is None else shown(self.found, self.wanted)
        return f"{self.rule}: wanted {self.wanted}, found {found}; {self.who} approve"

    @property
    def who(self) -> str:
        """Who may, or must, approve, in words."""
        names, count = " or ".join(self.who_may), voices(self.quorum, self.roles)
        if count == 1:
            return f"{names} may"
        if count == len(set(self.roles)) and self.escalated_at is None:
            return f"{' and '.join(self.roles)} must"
        return f"{count} of {', '.join(self.who_may)} must"

    @property
    def who_may(self) -> tuple[str, ...]:
        """The roles that may give it now; after an escalation there are more."""
        more = self.escalates_to if self.escalated_at is not None else ()
        return tuple(dict.fromkeys((*self.roles, *more)))

    @property
    def voices(self) -> int:
        """How many people must agree, each for a role of his own."""
        return voices(self.quorum, self.roles)

    def due(self, calendar: BusinessCalendar | None = None) -> datetime | None:
        """When it is due; `None` while nobody was asked, or when it may take for ever.

        Args:
            calendar: in whose working time the hours are counted; without one they are hours of the clock.

        >>> from datetime import UTC, datetime
        >>> from decimal import Decimal
        >>> from salesmgmt.core.calendar import BusinessCalendar
        >>> from salesmgmt.cpq.approvals import ApprovalNeed
        >>> friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
        >>> need = ApprovalNeed(rule="thin", metric="margin_percent", operator="<", found=None, wanted="margin_percent >= 5%",
        ...                     roles=("manager",), due_hours=Decimal(4), asked_at=friday)
        >>> need.due().isoformat(), need.due(BusinessCalendar.weekly("mon-fri")).isoformat()
        ('2026-03-06T20:00:00+00:00', '2026-03-09T12:00:00+00:00')
        """
        if self.asked_at is None or self.due_hours is None:
            return None
        time = timedelta(microseconds=int(self.due_hours * _HOUR))
        return self.asked_at + time if calendar is None else calendar.deadline(self.asked_at, time)

    def is_overdue(self, at: datetime, calendar: BusinessCalendar | None = None) -> bool:
        """Whether it is still waited for after it was due."""
        due = self.due(calendar)
        return due is not None and at > due

    def refusal(
        self,
        by: Actor,
        asked_by: Iterable[str],
        reason: str = "",
        *,
        at: datetime | None = None,
        delegations: Delegations = NOBODY_AWAY,
    ) -> ApprovalRefusal | None:
        """Why an actor may not give the approval; `None` when he may.

        Args:
            by: who would approve.
            asked_by: ids of those whose request it is.
            reason: why he approves.
            at: when; without it nobody stands in for another.
            delegations: who stands in for whom.
        """
        found = self.authority(by, asked_by, reason, at=at, delegations=delegations)
        return found if isinstance(found, ApprovalRefusal) else None

    def authority(
        self,
        by: Actor,
        asked_by: Iterable[str],
        reason: str = "",
        *,
        at: datetime | None = None,
        delegations: Delegations = NOBODY_AWAY,
    ) -> Authority | ApprovalRefusal:
        """On whose authority an actor gives the approval, or why he may not; arguments as for `refusal`."""
        askers = frozenset(asked_by)
        if self.reason_required and not reason.strip():
            needed: ApprovalRefusal | None = ApprovalRefusal(
                "reason", self.rule, wanted="a reason", found=None
            )
        else:
            needed = None
        if by.has_any(self.who_may):
            return self._refusal_of((by.id,), askers) or needed or Authority(by, (by.id,))
        refusal = None
        if self.delegable and at is not None:
            for approver, path in delegations.behind(by.id, at):
                if approver.has_any(self.who_may):
                    refusal = self.refusal_in_place(by, path, askers)
                    if refusal is None:
                        return needed or Authority(approver, path)
        found = ", ".join(sorted(by.roles)) or None
        return refusal or ApprovalRefusal("role", self.rule, wanted=" or ".join(self.who_may), found=found)

    def refusal_in_place(
        self, by: Actor, path: tuple[str, ...], askers: frozenset[str]
    ) -> ApprovalRefusal | None:
        """Why an actor may not give it in the place of another, who may; `None` when he may.

        Neither he nor anybody on the way may have asked: a request is not approved in its author's own name.
        """
        if not self.delegable:
            return ApprovalRefusal("delegate", self.rule, wanted="nobody in another's place", found=by.id)
        if self.delegates and not by.has_any(self.delegates):
            found = ", ".join(sorted(by.roles)) or None
            return ApprovalRefusal("delegate", self.rule, wanted=" or ".join(self.delegates), found=found)
        return self._refusal_of(path, askers)

    def _refusal_of(self, people: Iterable[str], askers: frozenset[str]) -> ApprovalRefusal | None:
        own = [] if self.own_request else [person for person in people if person in askers]
        if not own:
            return None
        wanted = f"somebody else than {own[0]}, who asked for it"
        return ApprovalRefusal("own_request", self.rule, wanted=wanted, found=own[0])
