"""Events: what happened, as plain values that cross from one room to another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import SalesError, shorten


class NaiveInstant(SalesError, ValueError):
    """An instant without a time zone was given."""

    code = "naive_instant"

    def __init__(self, name: str, found: datetime) -> None:
        super().__init__(
            f"{name} = {found.isoformat()} has no time zone",
            hint="pass an aware datetime, for example datetime(2026, 1, 1, 9, tzinfo=UTC)",
        )
        self.name = name
        self.found = found


class NotAnInstant(SalesError, TypeError):
    """Something else than a datetime was given for an instant."""

    code = "not_an_instant"

    def __init__(self, name: str, found: object) -> None:
        self.name = name
        self.found = shorten(found)
        super().__init__(
            f"{name} = {self.found} is not an instant",
            hint="pass an aware datetime, for example datetime(2026, 1, 1, 9, tzinfo=UTC)",
        )


def require_aware(value: object, name: str) -> datetime:
    """Return `value` when it is an instant with a time zone; raises `NotAnInstant`, `NaiveInstant`.

    >>> from datetime import date
    >>> from salesmgmt.core.events import require_aware
    >>> require_aware(date(2026, 1, 1), "at")
    Traceback (most recent call last):
    salesmgmt.core.events.NotAnInstant: at = datetime.date(2026, 1, 1) is not an instant; ...
    """
    if not isinstance(value, datetime):
        raise NotAnInstant(name, value)
    if value.utcoffset() is None:
        raise NaiveInstant(name, value)
    return value


def aware(instance: object, attribute: attrs.Attribute[Any], value: datetime | None) -> None:  # noqa: ARG001
    """Attrs validator: the instant carries a time zone (`None` passes)."""
    if value is not None:
        require_aware(value, attribute.name)


def _subjects(subjects: Iterable[Ref]) -> tuple[Ref, ...]:
    return tuple(subjects)


def _is_actor(_event: object, _field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Actor):
        raise NotAnActor(value)


class NotAnActor(SalesError, TypeError):
    """Something else was given where it is asked on whose authority a command runs.

    Attributes:
        found: what was given, shortened for showing.
    """

    code = "not_an_actor"

    def __init__(self, found: object) -> None:
        self.found = shorten(found)
        super().__init__(f"{self.found} is no actor", hint="write Actor('li.wei', roles={'rep'})")


@attrs.frozen(kw_only=True)
class Event:
    """Base of every event: who did what to which entities, and when.

    An event is a fact. It carries ids and plain values, never entities of a room, except as a before-image in
    the events of that room itself. A store gives it a position when it is published; position and tenant
    identify it for consumers (see docs/decisions).

    Attributes:
        schema_version: (class) the shape of its document; raise it with an upcaster when fields change.
        at: when it happened, an aware instant.
        by: on whose authority.
        subjects: the entities it is about, the one it happened to first.
    """

    schema_version: ClassVar[int] = 1

    at: datetime = attrs.field(validator=aware)
    by: Actor = attrs.field(validator=_is_actor)
    subjects: tuple[Ref, ...] = attrs.field(converter=_subjects)
