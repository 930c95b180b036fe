"""The order in which needs are asked, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.cpq.approvals.need import ApprovalNeed


def is_asked(need: ApprovalNeed, needs: Iterable[ApprovalNeed]) -> bool:
    """Whether no open need of the same chain has a lower level.

    >>> from salesmgmt.cpq.approvals import ApprovalNeed, is_asked
    >>> first, second = (
    ...     ApprovalNeed(rule=rule, metric="total", operator=">", found=None, wanted="total <= 1 EUR", roles=("x",),
    ...                  chain="sales", level=level)
    ...     for level, rule in enumerate(("lead", "head"), 1)
    ... )
    >>> is_asked(second, (first, second)), is_asked(second, (second,))
    (False, True)
    """
    return not need.chain or all(other.level >= need.level for other in needs if other.chain == need.chain)


def ask(needs: Iterable[ApprovalNeed], at: datetime) -> tuple[ApprovalNeed, ...]:
    """Ask, at an instant, each open need whose turn has come and that was not asked before."""
    every = tuple(needs)
    return tuple(
        attrs.evolve(need, asked_at=at) if need.asked_at is None and is_asked(need, every) else need
        for need in every
    )


@attrs.frozen
class Overdue:
    """A need that nobody answered in time.

    Attributes:
        need: the need.
        due: when it was due.
    """

    need: ApprovalNeed
    due: datetime


def overdue(
    needs: Iterable[ApprovalNeed], *, at: datetime, calendar: BusinessCalendar | None = None
) -> tuple[Overdue, ...]:
    """What is overdue at an instant, the longest overdue first; what was escalated already is told no more.

    Args:
        needs: the open needs of a quote.
        at: the instant.
        calendar: in whose working time deadlines are counted; without one in hours of the clock.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from salesmgmt.cpq.approvals import ApprovalNeed, overdue
    >>> need = ApprovalNeed(rule="deep", metric="total", operator=">", found=None, wanted="total <= 1 EUR",
    ...                     roles=("manager",), due_hours=Decimal(8), asked_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    >>> [len(overdue([need], at=datetime(2026, 3, 2, hour, tzinfo=UTC))) for hour in (17, 18)]
    [0, 1]
    """
    late = []
    for need in needs:
        due = None if need.escalated_at is not None else need.due(calendar)
        if due is not None and at > due:
            late.append(Overdue(need, due))
    return tuple(sorted(late, key=lambda one: one.due))
