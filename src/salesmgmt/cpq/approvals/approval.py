"""Approvals: what is needed, what was given, and for how long it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.errors import SalesError
from salesmgmt.core.events import aware
from salesmgmt.cpq.approvals.rule import Operator
from salesmgmt.engines.metrics import Figure, number_of, unit_of


@attrs.frozen(kw_only=True)
class ApprovalNeed:
    """An approval that is needed, and why.

    Attributes:
        rule: id of the rule.
        metric: the figure it is about.
        operator: how the rule compares it.
        found: the figure; `None` when it is not known.
        wanted: what would need no approval.
        roles: who may approve.
        level: how high in the house that is.
        reason_required: whether the approval must say why.
        own_request: whether people may approve what they asked for themselves.
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
    roles: tuple[str, ...]
    level: int = 1
    reason_required: bool = False
    own_request: bool = False

    def __str__(self) -> str:
        found = "nothing" if self.found is None else self.found
        return f"{self.rule}: wanted {self.wanted}, found {found}; {' or '.join(self.roles)} may approve"

    def refusal(self, by: Actor, asked_by: Iterable[str], reason: str = "") -> ApprovalRefusal | None:
        """Why an actor may not give the approval; `None` when he may.

        Args:
            by: who would approve.
            asked_by: ids of those whose request it is.
            reason: why he approves.
        """
        if not by.has_any(self.roles):
            found = ", ".join(sorted(by.roles)) or None
            return ApprovalRefusal("role", self.rule, wanted=" or ".join(self.roles), found=found)
        if not self.own_request and by.id in set(asked_by):
            wanted = f"somebody else than {by.id}, who asked for it"
            return ApprovalRefusal("own_request", self.rule, wanted=wanted, found=by.id)
        if self.reason_required and not reason.strip():
            return ApprovalRefusal("reason", self.rule, wanted="a reason", found=None)
        return None


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
    """

    rule: str
    metric: str
    operator: Operator = attrs.field(converter=Operator)
    level: int
    found: Figure | None
    by: Actor
    at: datetime = attrs.field(validator=aware)
    reason: str = ""

    def covers(self, need: ApprovalNeed, asked_by: Iterable[str] = ()) -> bool:
        """Whether it still holds for a need: the same rule, figure and level, and a figure that is not worse.

        A figure that is not known is worse than any that is. An amount in another currency is not covered. Whoever
        gave it must be one who may give it now: an approval does not turn into that of his own request.

        Args:
            need: what is needed now.
            asked_by: ids of those whose request it is now.
        """
        if need.refusal(self.by, asked_by, self.reason) is not None:
            return False
        same = (self.rule, self.metric, self.level) == (need.rule, need.metric, need.level)
        if not same or self.operator.higher_is_worse is not need.operator.higher_is_worse:
            return False
        if need.found is None or self.found is None:
            return need.found is self.found
        if unit_of(need.found) != unit_of(self.found):
            return False
        found, approved = number_of(need.found), number_of(self.found)
        return found <= approved if need.operator.higher_is_worse else found >= approved


@attrs.frozen
class ApprovalRefusal:
    """Why somebody may not give an approval.

    Attributes:
        code: `role`, `own_request`, `reason`, or `not_needed` (nobody asked for such an approval).
        rule: id of the rule.
        wanted: what would have been right.
        found: what there was; `None` when there was nothing.
    """

    code: str
    rule: str
    wanted: str = attrs.field(kw_only=True)
    found: str | None = attrs.field(kw_only=True)

    def __str__(self) -> str:
        found = "nothing" if self.found is None else self.found
        return f"{self.rule}: wanted {self.wanted}, found {found}"


class ApprovalRefused(SalesError, PermissionError):
    """An approval was given by somebody who may not, or for what nobody asked.

    Attributes:
        refusal: why.
    """

    code = "approval_refused"

    def __init__(self, refusal: ApprovalRefusal) -> None:
        self.refusal = refusal
        super().__init__(
            f"the approval is refused: {refusal}", hint="let somebody approve who may, and say why"
        )


def give_approval(
    need: ApprovalNeed, *, asked_by: Iterable[str], at: datetime, by: Actor, reason: str = ""
) -> Approval:
    """Give an approval.

    Args:
        need: what it is for.
        asked_by: ids of those whose request it is.
        at: when.
        by: who gives it.
        reason: why.

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
    salesmgmt.cpq.approvals.approval.ApprovalRefused: the approval is refused: deep: wanted somebody else than chen, ...
    """
    refusal = need.refusal(by, asked_by, reason)
    if refusal is not None:
        raise ApprovalRefused(refusal)
    return Approval(
        rule=need.rule,
        metric=need.metric,
        operator=need.operator,
        level=need.level,
        found=need.found,
        by=by,
        at=at,
        reason=reason,
    )
