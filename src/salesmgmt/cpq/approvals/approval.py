"""Approvals: what was given, and for how long it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.events import aware
from salesmgmt.cpq.approvals.delegation import NOBODY_AWAY, Delegations
from salesmgmt.cpq.approvals.need import ApprovalNeed
from salesmgmt.cpq.approvals.refusals import ApprovalRefusal, ApprovalRefused
from salesmgmt.cpq.approvals.rule import Operator
from salesmgmt.engines.metrics import Figure, number_of, unit_of


@attrs.frozen(kw_only=True)
class Approval:
    """An approval that was given; it holds while the figure stays as good as it was.

    Attributes:
        rule: id of the rule that asked for it.
        metric: the figure it is about.
        operator: how the rule compares it, and so which way is worse.
        level: how high in the house it was given.
        found: the figure that was approved; `None` when it was not known.
        by: who gave it.
        at: when.
        reason: why.
        terms: what exactly was approved where the figure was not known; empty when it was.
        escalated: whether it was overdue and had gone to further roles.
        in_place_of: whose role it is, when another acted in his place, with the roles that were passed on.
        path: ids from that one to who gave it, both included; empty when there is no such one.
    """

    rule: str
    metric: str
    operator: Operator = attrs.field(converter=Operator)
    level: int
    found: Figure | None
    by: Actor
    at: datetime = attrs.field(validator=aware)
    reason: str = ""
    terms: str = ""
    escalated: bool = False
    in_place_of: Actor | None = None
    path: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Ids of all who had a part in it."""
        own = (self.by.id,) if self.in_place_of is None else (self.by.id, self.in_place_of.id)
        return frozenset((*own, *self.path))

    @property
    def roles(self) -> frozenset[str]:
        """The roles on whose authority it was given."""
        return self.by.roles if self.in_place_of is None else self.in_place_of.roles

    def covers(self, need: ApprovalNeed, asked_by: Iterable[str] = ()) -> bool:
        """Whether it still holds for a need: the same rule, figure and level, and a figure that is not worse.

        A figure that is not known is worse than any that is, and its approval holds for the same terms alone. An amount in
        another currency is not covered. Whoever gave it must be one who may give it now: an approval does not turn into
        that of his own request.

        Args:
            need: what is needed now.
            asked_by: ids of those whose request it is now.
        """
        if self._is_refused(need, asked_by):
            return False
        same = (self.rule, self.metric, self.level) == (need.rule, need.metric, need.level)
        if not same or self.operator.higher_is_worse is not need.operator.higher_is_worse:
            return False
        if need.found is None or self.found is None:
            return need.found is self.found and need.terms == self.terms
        if unit_of(need.found) != unit_of(self.found):
            return False
        found, approved = number_of(need.found), number_of(self.found)
        return found <= approved if need.operator.higher_is_worse else found >= approved

    def _is_refused(self, need: ApprovalNeed, asked_by: Iterable[str]) -> bool:
        # What was given after an escalation stays given by the role that it had gone to.
        asked = attrs.evolve(need, escalated_at=self.at) if self.escalated else need
        if self.in_place_of is None:
            return asked.refusal(self.by, asked_by, self.reason) is not None
        if asked.refusal_in_place(self.by, tuple(self.people), frozenset(asked_by)) is not None:
            return True
        lacks_reason = need.reason_required and not self.reason.strip()
        return lacks_reason or not self.in_place_of.has_any(asked.who_may)


def agreed(need: ApprovalNeed, given: Iterable[Approval], asked_by: Iterable[str] = ()) -> int:
    """How many of the voices that a need wants approvals make up: the most roles that get a person of their own.

    A person counts once, whether he spoke for himself or in the place of another. Matching by augmenting paths (Kuhn,
    1955; Berge, 1957).

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.cpq.approvals import ApprovalNeed, agreed, give_approval
    >>> need = ApprovalNeed(rule="large", metric="total", operator=">", found=None, wanted="total <= 1000000 EUR",
    ...                     roles=("finance", "legal"), quorum="all_of")
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> both = [give_approval(need, asked_by=["li.wei"], at=now, by=Actor(name, roles=roles))
    ...         for name, roles in (("chen", {"finance", "legal"}), ("ann", {"finance"}))]
    >>> agreed(need, both[:1]), agreed(need, both)
    (1, 2)
    """
    askers = tuple(asked_by)
    voices: list[Approval] = []
    people: set[str] = set()
    for one in given:
        if one.covers(need, askers) and people.isdisjoint(one.people):
            people |= one.people
            voices.append(one)
    seated: dict[str, int] = {}

    def seat(position: int, tried: set[str]) -> bool:
        """Give a voice a role that is free, or whose holder can speak for another."""
        own = voices[position].roles
        stands_for_any = voices[position].escalated and not own.isdisjoint(need.escalates_to)
        for role in need.roles:
            if role in tried or not (role in own or stands_for_any):
                continue
            tried.add(role)
            holder = seated.get(role)
            if holder is None or seat(holder, tried):
                seated[role] = position
                return True
        return False

    return sum(seat(position, set()) for position in range(len(voices)))


def give_approval(
    need: ApprovalNeed,
    *,
    asked_by: Iterable[str],
    at: datetime,
    by: Actor,
    reason: str = "",
    delegations: Delegations = NOBODY_AWAY,
) -> Approval:
    """Give an approval.

    Args:
        need: what it is for.
        asked_by: ids of those whose request it is.
        at: when.
        by: who gives it.
        reason: why, or any comment.
        delegations: who stands in for whom.

    Raises:
        ApprovalRefused: he may not, or a reason is missing.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import ApprovalNeed, give_approval
    >>> need = ApprovalNeed(
    ...     rule="deep", metric="effective_discount_percent", operator=">", found=Percent(25),
    ...     wanted="effective_discount_percent <= 20%", roles=("manager",),
    ... )
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> give_approval(need, asked_by=["li.wei"], at=now, by=Actor("chen", roles={"manager"})).found
    Percent('25')
    >>> give_approval(need, asked_by=["chen"], at=now, by=Actor("chen", roles={"manager"}))
    Traceback (most recent call last):
    salesmgmt.cpq.approvals.refusals.ApprovalRefused: the approval is refused: deep: wanted somebody else than chen, ...
    """
    authority = need.authority(by, asked_by, reason, at=at, delegations=delegations)
    if isinstance(authority, ApprovalRefusal):
        raise ApprovalRefused(authority)
    is_own = len(authority.path) == 1
    return Approval(
        rule=need.rule,
        metric=need.metric,
        operator=need.operator,
        level=need.level,
        found=need.found,
        by=by,
        at=at,
        reason=reason,
        terms=need.terms,
        escalated=need.escalated_at is not None,
        in_place_of=None if is_own else authority.approver,
        path=() if is_own else authority.path,
    )
