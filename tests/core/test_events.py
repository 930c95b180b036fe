"""Events."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import attrs
import pytest

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import Ref
from salesmgmt.core.events import Event, NaiveInstant, NotAnActor, NotAnInstant, aware

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
BY = Actor("li.wei")


class Nowhere(tzinfo):
    """A time zone that does not say its offset."""

    def utcoffset(self, at: datetime | None) -> None:
        pass

    dst = tzname = utcoffset


@attrs.frozen(kw_only=True)
class Called(Event):
    minutes: int
    until: datetime | None = attrs.field(default=None, validator=aware)


def test_an_event_says_when_by_whom_and_about_what() -> None:
    called = Called(at=AT, by=BY, subjects=(Ref("Deal", "d-1"), Ref("Contact", "c-1")), minutes=5)
    assert (called.at, called.by, called.subjects[0]) == (AT, BY, Ref("Deal", "d-1"))
    assert called.schema_version == 1


def test_an_event_without_a_time_zone_is_refused() -> None:
    with pytest.raises(
        NaiveInstant, match=r"at = 2026-01-01T00:00:00 has no time zone; pass an aware"
    ) as caught:
        Called(at=datetime(2026, 1, 1), by=BY, subjects=(), minutes=5)  # noqa: DTZ001
    assert caught.value.name == "at"
    assert isinstance(caught.value, ValueError)
    assert pickle.loads(pickle.dumps(caught.value)).found == datetime(2026, 1, 1)  # noqa: DTZ001


def test_a_time_zone_without_an_offset_is_none() -> None:
    with pytest.raises(NaiveInstant):
        Called(at=datetime(2026, 1, 1, tzinfo=Nowhere()), by=BY, subjects=(), minutes=5)


def test_a_further_instant_may_be_missing_but_not_naive() -> None:
    assert Called(at=AT, by=BY, subjects=(), minutes=5).until is None
    later = AT.astimezone(timezone(timedelta(hours=8)))
    assert Called(at=AT, by=BY, subjects=(), minutes=5, until=later).until == AT
    with pytest.raises(NaiveInstant, match="until"):
        Called(at=AT, by=BY, subjects=(), minutes=5, until=datetime(2026, 1, 1))  # noqa: DTZ001


def test_events_are_frozen_and_equal_by_value() -> None:
    one = Called(at=AT, by=BY, subjects=(), minutes=5)
    assert one == Called(at=AT, by=BY, subjects=(), minutes=5)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.minutes = 6  # type: ignore[misc]


def test_the_subjects_of_an_event_are_its_own() -> None:
    subjects = [Ref("Deal", "d-1")]
    called = Called(at=AT, by=BY, subjects=subjects, minutes=5)
    subjects.append(Ref("Deal", "d-2"))
    assert called.subjects == (Ref("Deal", "d-1"),)
    assert hash(called) == hash(Called(at=AT, by=BY, subjects=(Ref("Deal", "d-1"),), minutes=5))


def test_a_date_or_a_text_is_no_instant() -> None:
    for found in (AT.date(), "2026-01-01"):
        with pytest.raises(NotAnInstant, match=r"at = .* is not an instant; pass an aware datetime"):
            Called(at=found, by=BY, subjects=(), minutes=5)  # type: ignore[arg-type]


def test_a_name_is_no_actor() -> None:
    with pytest.raises(NotAnActor, match=r"'li\.wei' is no actor; write Actor"):
        Event(at=datetime(2026, 1, 1, tzinfo=UTC), by="li.wei", subjects=())  # type: ignore[arg-type]
