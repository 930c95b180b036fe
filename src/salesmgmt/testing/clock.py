"""A clock that stands still until it is told to move on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Gives instants to commands in tests.

    Args:
        start: the first instant; midnight UTC on 2026-01-01 when not given.

    >>> from datetime import timedelta
    >>> from salesmgmt.testing import FixedClock
    >>> clock = FixedClock()
    >>> clock.advance(timedelta(hours=9))
    >>> clock.now().isoformat()
    '2026-01-01T09:00:00+00:00'
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present instant; it is the same until `advance` is called."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock on."""
        self._now += by
