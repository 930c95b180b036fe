"""What a cycle does not do: activities left out, and commands that it refuses, with the reason."""

from __future__ import annotations

from datetime import date

import attrs

from salesmgmt.core.errors import SalesError, shorten
from salesmgmt.core.period import Period
from salesmgmt.sfe.act.action import ActionState


@attrs.frozen
class NotRecorded:
    """An activity that a cycle did not take in.

    Attributes:
        activity: its id.
        code: `no_day` (neither planned nor done on any day) or `outside_period`.
        found: the day it belongs to.
        wanted: the period of the cycle.

    >>> from salesmgmt.core.period import Period
    >>> from salesmgmt.sfe import Activity, Cycle
    >>> call = Activity(id="a-1", kind="call", owner="li.wei")
    >>> _, left_out = Cycle.open(id="c", period=Period.month(2026, 10)).record([call])
    >>> left_out[0].code
    'no_day'
    """

    activity: str
    code: str
    found: date | None
    wanted: Period


class CycleOver(SalesError, ValueError):
    """A closed cycle was to be changed."""

    code = "cycle_over"

    def __init__(self, id: str) -> None:  # noqa: A002 - an entity's `id`
        self.id = id
        super().__init__(f"the cycle {id} is closed", hint="open the next one (Cycle.open(after=...))")


class OldCheck(SalesError, ValueError):
    """A cycle was to act on a check that is older than one it has acted on."""

    code = "old_check"

    def __init__(self, found: date, last: date) -> None:
        self.found = found
        self.last = last
        super().__init__(
            f"the check of {found} is older than that of {last}",
            hint="act on checks in the order of their days",
        )


class UnknownAction(SalesError, LookupError):
    """A cycle has no action of this id."""

    code = "unknown_action"

    def __init__(self, found: str, cycle: str) -> None:
        self.found = shorten(found)
        self.cycle = cycle
        super().__init__(f"the cycle {cycle} has no action {self.found}", hint="look at its `actions`")


@attrs.frozen
class Blocker:
    """An action that keeps a cycle from being closed: it is neither verified, rejected nor carried.

    Attributes:
        action: its id.
        state: how far it is.
    """

    action: str
    state: ActionState


@attrs.frozen
class Closing:
    """The answer to "may this cycle be closed?"; true when it may.

    Attributes:
        cycle: id of the cycle.
        blockers: the actions that are not settled; empty when it may be closed.

    >>> from salesmgmt.sfe import ActionState, Blocker, Closing
    >>> bool(Closing("2026Q4", (Blocker("a-1", ActionState.DONE),)))
    False
    """

    cycle: str
    blockers: tuple[Blocker, ...] = ()

    def __bool__(self) -> bool:
        return not self.blockers


class CloseRefused(SalesError, ValueError):
    """A cycle was to be closed although actions are not settled.

    Attributes:
        closing: the answer that the question would have got.
    """

    code = "close_refused"

    def __init__(self, closing: Closing) -> None:
        self.closing = closing
        count = len(closing.blockers)
        listing = ", ".join(f"{blocker.action} ({blocker.state})" for blocker in closing.blockers[:20])
        super().__init__(
            f"the cycle {closing.cycle} has {count} action{'' if count == 1 else 's'} neither verified, rejected nor "
            f"carried: {listing}{', …' if count > 20 else ''}",
            hint="measure and verify what is done, reject or carry the rest",
        )
