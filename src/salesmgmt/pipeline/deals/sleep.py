"""A deal put to sleep: the buyer will decide later, and until then nobody need look at it."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from salesmgmt.core.entity import personal
from salesmgmt.core.events import aware


@attrs.frozen
class Rest:
    """A time for which a deal slept.

    Attributes:
        since: when it fell asleep.
        until: when it woke.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.deals import Rest
    >>> Rest(datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC)).until.day
    5
    """

    since: datetime = attrs.field(validator=aware)
    until: datetime = attrs.field(validator=aware)


@attrs.frozen(kw_only=True)
class Snooze:
    """Why a deal sleeps, and until when; it wakes by itself.

    Attributes:
        since: when it fell asleep.
        until: when it wakes.
        reason: why; it may speak of a person, so it counts as personal data.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.pipeline.deals import Snooze
    >>> nap = Snooze(
    ...     since=datetime(2026, 3, 2, 9, tzinfo=UTC), until=datetime(2026, 4, 1, 9, tzinfo=UTC), reason="budget in April"
    ... )  # fmt: skip
    >>> nap.lasts_at(datetime(2026, 3, 31, 9, tzinfo=UTC)), nap.lasts_at(datetime(2026, 4, 1, 9, tzinfo=UTC))
    (True, False)
    """

    since: datetime = attrs.field(validator=aware)
    until: datetime = attrs.field(validator=aware)
    reason: str = personal(blank="")

    def lasts_at(self, at: datetime) -> bool:
        """Whether the deal sleeps at an instant; at `until` it is awake."""
        # Two instants of one zone are compared by what its clocks show, which is not enough when they are put back.
        return self.since.astimezone(UTC) <= at.astimezone(UTC) < self.until.astimezone(UTC)

    def rest_until(self, at: datetime) -> Rest:
        """The time slept up to an instant; in UTC, so that clocks put forward and back do no harm."""
        since, until = self.since.astimezone(UTC), self.until.astimezone(UTC)
        return Rest(since, min(until, max(at.astimezone(UTC), since)))
