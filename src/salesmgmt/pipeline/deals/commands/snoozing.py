"""Putting a deal to sleep, waking it, and the time for which it was awake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from salesmgmt.core.actor import Actor
from salesmgmt.core.calendar import BusinessCalendar
from salesmgmt.core.entity import DealId
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.events import require_aware
from salesmgmt.pipeline.deals._checks import LONGEST_TEXT, text_problems
from salesmgmt.pipeline.deals.deal import Deal
from salesmgmt.pipeline.deals.history import after
from salesmgmt.pipeline.deals.refusals import require_open
from salesmgmt.pipeline.deals.sleep import Rest, Snooze
from salesmgmt.pipeline.deals.work_events import DealSnoozed, DealWoken


def snooze(
    deal: Deal, *, until: datetime, reason: str, at: datetime, by: Actor
) -> tuple[Deal, tuple[DealSnoozed]]:
    """Put a deal to sleep; it wakes by itself, and a move to another stage wakes it as well.

    While it sleeps its stage does not age. Of one that sleeps already the new time and reason take the place of the old ones,
    and what it has slept so far is counted once.

    Args:
        deal: an open deal.
        until: when it wakes, after `at`.
        reason: why it sleeps.
        at: when it falls asleep.
        by: who puts it to sleep.

    Raises:
        ClosedDeal: the deal is won or lost.
        NotAnInstant, NaiveInstant: `at` or `until` is no instant with a time zone.
        InvalidInput: it would wake before it sleeps, there is no reason, or `at` lies before it entered its stage or before
            its last sleep; all problems are listed.

    >>> from datetime import UTC, datetime
    >>> from salesmgmt.core.actor import Actor
    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.pipeline.deals import (
    ...     Deal, Estimate, ForecastCategory, StageKind, active_time_in_stage, is_snoozed, snooze, wake,
    ... )
    >>> march = lambda day: datetime(2026, 3, day, 9, tzinfo=UTC)
    >>> rep = Actor("li.wei")
    >>> deal = Deal(
    ...     id="d-1", name="Acme laptops", pipeline="enterprise", pipeline_version=1, pipeline_digest="", stage="new",
    ...     status=StageKind.OPEN, category=ForecastCategory.PIPELINE, probability=Estimate(Percent(10)),
    ...     opened_at=march(2), stage_since=march(2),
    ... )
    >>> deal, _ = snooze(deal, until=march(20), reason="budget is decided on the 19th", at=march(5), by=rep)
    >>> is_snoozed(deal, march(19)), is_snoozed(deal, march(20))
    (True, False)
    """  # fmt: skip
    require_open(deal, "snoozed")
    require_aware(at, "at")
    require_aware(until, "until")
    problems = list(text_problems("reason", reason, LONGEST_TEXT))
    if until.astimezone(UTC) <= at.astimezone(UTC):
        problems.append(Problem("until", "reversed", until.isoformat(), f"an instant after {at.isoformat()}"))
    problems += _too_early(deal, at)
    if problems:
        raise InvalidInput(f"the sleep of deal {deal.id}", problems)
    event = DealSnoozed(
        at=at,
        by=by,
        subjects=deal.subjects,
        deal=DealId(deal.id),
        snooze=Snooze(since=at, until=until, reason=reason),
    )
    return after(deal, event), (event,)


def wake(deal: Deal, *, at: datetime, by: Actor) -> tuple[Deal, tuple[DealWoken, ...]]:
    """Wake a deal before its time; one that does not sleep at that instant stays as it is, without an event.

    Raises:
        NotAnInstant, NaiveInstant: `at` is no instant with a time zone.
        InvalidInput: `at` lies before it fell asleep.

    >>> woken, _ = wake(deal, at=march(10), by=rep)
    >>> woken.snooze is None, woken.rests[0].until.day
    (True, 10)
    """
    require_aware(at, "at")
    sleep = deal.snooze
    if sleep is None or at.astimezone(UTC) >= sleep.until.astimezone(UTC):
        return deal, ()
    if problems := _too_early(deal, at):
        raise InvalidInput(f"the waking of deal {deal.id}", problems)
    event = DealWoken(at=at, by=by, subjects=deal.subjects, deal=DealId(deal.id), snooze=sleep)
    return after(deal, event), (event,)


def is_snoozed(deal: Deal, at: datetime) -> bool:
    """Whether a deal sleeps at an instant; it wakes by itself at `snooze.until`.

    >>> is_snoozed(woken, march(11))
    False
    """
    require_aware(at, "at")
    return deal.snooze is not None and deal.snooze.lasts_at(at)


def active_time_in_stage(
    deal: Deal, at: datetime, calendar: BusinessCalendar | None = None
) -> timedelta | None:
    """How long a deal has stood in its stage without sleeping; `None` when nobody knows since when it is there.

    Args:
        deal: the deal.
        at: the instant for which to say it; before the deal came into its stage, no time has passed.
        calendar: counts the working time alone; without it, all time is counted.

    Raises:
        NotAnInstant, NaiveInstant: `at` is no instant with a time zone.

    >>> active_time_in_stage(deal, march(25)).days
    8
    >>> active_time_in_stage(woken, march(25)).days
    18
    """
    require_aware(at, "at")
    if deal.stage_since is None:
        return None
    return sum(
        (
            end - start if calendar is None else calendar.elapsed(start, end)
            for start, end in awake_in_stage(deal, at)
        ),
        timedelta(),
    )


def awake_in_stage(deal: Deal, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times for which a deal has stood in its stage without sleeping, in UTC; none when nobody knows since when."""
    if deal.stage_since is None:
        return
    start, end = deal.stage_since.astimezone(UTC), until.astimezone(UTC)
    sleeps: tuple[Rest | Snooze, ...] = deal.rests if deal.snooze is None else (*deal.rests, deal.snooze)
    for asleep, woken in sorted(
        (sleep.since.astimezone(UTC), sleep.until.astimezone(UTC)) for sleep in sleeps
    ):
        if start < min(asleep, end):
            yield start, min(asleep, end)
        start = max(start, woken)
    if start < end:
        yield start, end


def _too_early(deal: Deal, at: datetime) -> list[Problem]:
    problems = []
    moment = at.astimezone(UTC)
    if deal.stage_since is not None and moment < deal.stage_since.astimezone(UTC):
        wanted = f"not before {deal.stage_since.isoformat()}, when it entered its stage"
        problems.append(Problem("at", "too_early", at.isoformat(), wanted))
    last = deal.snooze.since if deal.snooze is not None else deal.rests[-1].until if deal.rests else None
    if last is not None and moment < last.astimezone(UTC):
        problems.append(
            Problem(
                "at", "too_early", shorten(at.isoformat()), f"not before {last.isoformat()}, its last sleep"
            )
        )
    return problems
