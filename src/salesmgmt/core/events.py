"""Events: what happened, as plain values that cross from one room to another."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import Ref
from salesmgmt.core.errors import SalesError


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


def aware(instance: object, attribute: attrs.Attribute[Any], value: datetime | None) -> None:  # noqa: ARG001
    """Attrs validator: the instant carries a time zone (`None` passes)."""
    if value is not None and value.utcoffset() is None:
        raise NaiveInstant(attribute.name, value)


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
    by: Actor
    subjects: tuple[Ref, ...]
