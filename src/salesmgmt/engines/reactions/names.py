"""The names that the formulas of a reaction may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesmgmt.core.events import Event
from salesmgmt.core.formula import Schema, Values, schema_of, values_of

PREFIX = "event."


def event_schema(events: Iterable[type[Event]]) -> Schema:
    """What all of several events have, with one type: what a reaction to any of them can ask for."""
    schemas = [{f"{PREFIX}{name}": type_ for name, type_ in schema_of(event).items()} for event in events]
    if not schemas:
        return Schema()
    first, *others = schemas
    return Schema(
        {name: type_ for name, type_ in first.items() if all(other.get(name) == type_ for other in others)}
    )


def event_values(event: Event, facts: Values) -> Values:
    """The values of an event and the facts about its subject, under the names of the schema."""
    own: Mapping[str, object] = {f"{PREFIX}{name}": value for name, value in values_of(event).items()}
    return {**facts, **own}  # type: ignore[dict-item]
